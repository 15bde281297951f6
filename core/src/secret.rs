//! Secrets: keys derived from the deployment's one secret, and opaque tokens.
//!
//! Each purpose has its own key, derived by HMAC-SHA-256 (RFC 2104) over the purpose's name, so
//! that what is made for one purpose means nothing for another. Opaque tokens are stored as their
//! SHA-256: they carry 256 random bits, so a fast hash is enough.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What a derived key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Successors of refresh tokens.
    RefreshToken,
    /// Tickets for WebSockets.
    Ticket,
    /// Tokens that let a password be set anew.
    PasswordReset,
    /// What lets a guest cancel what they booked.
    Booking,
    /// What attempts are counted by: addresses of people and networks, unreadable.
    Attempts,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::RefreshToken => b"delegate/refresh-token/v1",
            Self::Ticket => b"delegate/ticket/v1",
            Self::PasswordReset => b"delegate/password-reset/v1",
            Self::Booking => b"delegate/booking/v1",
            Self::Attempts => b"delegate/attempts/v1",
        }
    }
}

/// The deployment's secret. Has no `Debug`, so that it can't be logged.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Reads the configured form: base64url of 32 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        decode_32(text).map(Self)
    }

    /// A message authentication code for this purpose.
    pub fn authenticate(&self, purpose: Purpose, message: &[u8]) -> [u8; 32] {
        hmac(&hmac(&self.0, purpose.label()), message)
    }
}

/// HMAC pads a key that is shorter than its block with zeros (RFC 2104, section 2), so a block that
/// begins with the key and ends in zeros is the same key, and its length is right by its type.
fn hmac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    mac.chain_update(message).finalize().into_bytes().into()
}

/// Base64url without padding (RFC 4648, section 5).
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// 32 bytes from base64url, with or without padding.
pub fn decode_32(text: &str) -> Option<[u8; 32]> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text.trim().trim_end_matches('='))
        .ok()?;
    bytes.try_into().ok()
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// How a token is stored.
pub fn token_hash(token: &str) -> String {
    encode(&Sha256::digest(token.as_bytes()))
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_for_one_purpose_means_nothing_for_another() {
        let secret = Secret([7; 32]);
        assert_ne!(
            secret.authenticate(Purpose::Ticket, b"x"),
            secret.authenticate(Purpose::RefreshToken, b"x")
        );
    }

    #[test]
    fn the_code_is_that_of_rfc_4231() {
        // Test case 1 has a key of 20 bytes; padded with zeros it is the same key.
        let mut key = [0_u8; 32];
        key.iter_mut().take(20).for_each(|byte| *byte = 0x0b);
        let code = hmac(&key, b"Hi There");
        let head: Vec<String> = code
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(head.concat(), "b0344c61");
    }

    #[test]
    fn a_secret_of_the_wrong_length_is_refused() {
        assert!(Secret::parse(&encode(&[1; 31])).is_none());
        assert!(Secret::parse(&encode(&[1; 32])).is_some());
        assert!(Secret::parse("not base64!").is_none());
    }
}
