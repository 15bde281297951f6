//! The person who is signed in.

mod addresses;
mod me;

pub(crate) use addresses::*;
pub(crate) use me::*;
