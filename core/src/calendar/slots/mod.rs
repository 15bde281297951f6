//! Times to meet: which starts suit everybody, ranked, with the reasons.

pub mod constraints;
