//! The person who is signed in.

mod addresses;
mod api_keys;
mod audit;
mod connections;
mod delegations;
mod erasure;
mod export;
mod me;
mod preferences;
mod sessions;
mod usage;

pub(crate) use addresses::*;
pub(crate) use api_keys::*;
pub(crate) use audit::*;
pub(crate) use connections::*;
pub(crate) use delegations::*;
pub(crate) use erasure::*;
pub(crate) use export::*;
pub(crate) use me::*;
pub(crate) use preferences::*;
pub(crate) use sessions::*;
pub(crate) use usage::*;
