//! New identifiers for rows that a command inserts, in the form of `core/src/identifier.rs`.
//!
//! A copy of a dozen lines: depending on `delegate-core` would compile xtask anew after every change
//! of the product, which `cargo xtask dev` would wait for.

use std::fs::File;
use std::io::Read;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// An identifier with this prefix, made now: a UUID version 7 in Crockford's base 32.
pub(crate) fn new(prefix: &str) -> Result<String> {
    let mut random = [0_u8; 16];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut random))
        .context("the system gave no random bytes")?;
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("the clock is before 1970")?;
    Ok(format!(
        "{prefix}_{}",
        encode(since.as_millis(), u128::from_be_bytes(random))
    ))
}

fn encode(milliseconds: u128, random: u128) -> String {
    let low = random & ((1 << 62) - 1);
    let high = (random >> 64) & 0xFFF;
    let bits =
        ((milliseconds & 0xFFFF_FFFF_FFFF) << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low;
    (0..26)
        .rev()
        .filter_map(|place| ALPHABET.get(usize::try_from((bits >> (5 * place)) & 0x1F).ok()?))
        .map(|letter| char::from(*letter))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn the_form_is_that_of_the_core() {
        // 2023-01-01T00:00:00Z without randomness: 48 bits of time, version 7, variant 2.
        assert_eq!(encode(1_672_531_200_000, 0), "01gnna1j00e008000000000000");
        assert!(encode(1, u128::MAX) < encode(2, 0));
    }
}
