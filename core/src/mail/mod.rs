//! Mail as data: taking messages apart, before anybody judges them.
//!
//! Everything here treats a message as untrusted bytes: no input may panic, recurse without a
//! bound, or cost more than time linear in its length.

pub mod body;
pub(crate) mod domain;
mod header;
mod html;
pub mod mbox;
pub mod message;
mod mime;
pub mod parse;
pub(crate) mod text;
pub mod thread;
