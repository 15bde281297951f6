//! What the platform gives: clock, random bytes, database, log. The only place that asks for them.

pub(crate) mod clock;
pub(crate) mod database;
pub(crate) mod log;
pub(crate) mod random;
pub(crate) mod streaming;
pub(crate) mod text;
