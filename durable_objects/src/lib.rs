//! The per-user hub.
