//! Everything a developer or an owner does with Delegate, behind `cargo xtask`.

fn main() {}
