//! Sealing: what is stored of a provider's tokens, so that a copy of the database opens nothing.
//!
//! A sealed text is `v1.<key>.<bytes>`: the first 8 characters of the key's SHA-256, then a nonce
//! of 24 bytes and the XChaCha20-Poly1305 ciphertext in base64url. The nonce is random: with 192
//! bits of it none comes twice. What the text belongs to is authenticated with it
//! ([`Belonging`]), so a sealed text that is moved to another row, table or person does not open.
//!
//! The first configured key seals and all of them open, so a new key is put in front, what the
//! former ones sealed is sealed again when it is written or by the hourly tick, and a former key
//! goes when no row names it any more ([`id_of`]).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};

use crate::identifier::UserId;
use crate::secret::{decode_32, encode};

/// How many random bytes each sealing needs. Never the same ones twice.
pub const NONCE_BYTES: usize = 24;
/// How many characters of a key's hash name it.
const KEY_ID_LENGTH: usize = 8;
/// What the texts of this form begin with, and what their associated data does.
const VERSION: &str = "v1";
const LABEL: &str = "delegate/seal/v1";

/// Where a sealed text belongs. It opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Belonging<'a> {
    /// The table, and the column where it seals more than one.
    pub table: &'a str,
    /// The primary key of the row.
    pub row: &'a str,
    /// Whose row it is; `None` while nobody has signed in.
    pub user: Option<&'a UserId>,
}

impl Belonging<'_> {
    /// Every part with its length before it, so that no two places give the same bytes.
    fn associated_data(&self) -> Vec<u8> {
        let user = self.user.map(ToString::to_string).unwrap_or_default();
        let mut bytes = Vec::new();
        for part in [LABEL, self.table, self.row, &user] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// Why a sealed text does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Not of the form that [`SealingKeys::seal`] makes.
    Malformed,
    /// Sealed with a key that is not configured; its identifier is no secret.
    UnknownKey(String),
    /// Changed, or not of this place.
    NotAuthentic,
}

struct Key {
    id: String,
    cipher: XChaCha20Poly1305,
}

/// The keys of the deployment. Has no `Debug`, so that they can't be logged.
pub struct SealingKeys {
    current: Key,
    former: Vec<Key>,
}

impl SealingKeys {
    /// Reads the configured form: keys of 32 bytes in base64url, separated by commas, the one
    /// that seals first. `None` where one is not of that form.
    pub fn parse(keys: &str) -> Option<Self> {
        let mut keys = keys.split(',').map(|key| {
            let bytes = decode_32(key)?;
            // The hash of the bytes, not of their text: padding does not make another key.
            let mut id = encode(&Sha256::digest(bytes));
            id.truncate(KEY_ID_LENGTH);
            let cipher = XChaCha20Poly1305::new(&bytes.into());
            Some(Key { id, cipher })
        });
        let current = keys.next()??;
        let former = keys.collect::<Option<_>>()?;
        Some(Self { current, former })
    }

    /// Which key seals: what goes into `sealed_with`.
    pub fn current_id(&self) -> &str {
        &self.current.id
    }

    /// Seals a text for a place. `None` only for more bytes than the cipher takes (256 GiB).
    pub fn seal(
        &self,
        plain: &[u8],
        belonging: Belonging<'_>,
        nonce: &[u8; NONCE_BYTES],
    ) -> Option<String> {
        let payload = Payload {
            msg: plain,
            aad: &belonging.associated_data(),
        };
        let nonce = XNonce::from_slice(nonce);
        let ciphertext = self.current.cipher.encrypt(nonce, payload).ok()?;
        let bytes = [nonce.as_slice(), &ciphertext].concat();
        Some(format!("{VERSION}.{}.{}", self.current.id, encode(&bytes)))
    }

    /// Opens what was sealed for a place, with the key that sealed it.
    pub fn open(&self, sealed: &str, belonging: Belonging<'_>) -> Result<Vec<u8>, Refusal> {
        let (id, bytes) = divide(sealed).ok_or(Refusal::Malformed)?;
        let key = std::iter::once(&self.current)
            .chain(&self.former)
            .find(|key| key.id == id)
            .ok_or_else(|| Refusal::UnknownKey(id.to_owned()))?;
        let bytes = URL_SAFE_NO_PAD
            .decode(bytes)
            .map_err(|_| Refusal::Malformed)?;
        let (nonce, ciphertext) = bytes
            .split_at_checked(NONCE_BYTES)
            .ok_or(Refusal::Malformed)?;
        let payload = Payload {
            msg: ciphertext,
            aad: &belonging.associated_data(),
        };
        key.cipher
            .decrypt(XNonce::from_slice(nonce), payload)
            .map_err(|_| Refusal::NotAuthentic)
    }
}

/// Which key a text was sealed with, or `None` where it is not of our form.
pub fn id_of(sealed: &str) -> Option<&str> {
    divide(sealed).map(|(id, _)| id)
}

fn divide(sealed: &str) -> Option<(&str, &str)> {
    let (id, bytes) = sealed
        .strip_prefix(VERSION)?
        .strip_prefix('.')?
        .split_once('.')?;
    let is_ours = id.len() == KEY_ID_LENGTH
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_ours.then_some((id, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use proptest::prelude::*;

    fn keys(bytes: &[u8]) -> SealingKeys {
        let keys: Vec<_> = bytes.iter().map(|byte| encode(&[*byte; 32])).collect();
        SealingKeys::parse(&keys.join(",")).expect("keys")
    }

    fn user(seed: u8) -> UserId {
        UserId::new(Timestamp::from_milliseconds(1_774_000_000_000), [seed; 10])
    }

    fn place<'a>(row: &'a str, user: &'a UserId) -> Belonging<'a> {
        Belonging {
            table: "connections",
            row,
            user: Some(user),
        }
    }

    fn sealed(keys: &SealingKeys, plain: &str, belonging: Belonging<'_>) -> String {
        keys.seal(plain.as_bytes(), belonging, &[5; NONCE_BYTES])
            .expect("sealed")
    }

    #[test]
    fn what_a_former_key_sealed_still_opens_and_tells_which_it_was() {
        let user = user(1);
        let former = keys(&[1]);
        let text = sealed(&former, "token", place("con_1", &user));
        let now = keys(&[2, 1]);
        assert_eq!(
            now.open(&text, place("con_1", &user)),
            Ok(b"token".to_vec())
        );
        assert_eq!(id_of(&text), Some(former.current_id()));
        assert_ne!(now.current_id(), former.current_id());
    }

    #[test]
    fn what_an_unknown_key_sealed_is_refused_by_its_name() {
        let user = user(1);
        let other = keys(&[3]);
        let text = sealed(&other, "token", place("con_1", &user));
        assert_eq!(
            keys(&[2, 1]).open(&text, place("con_1", &user)),
            Err(Refusal::UnknownKey(other.current_id().to_owned()))
        );
    }

    #[test]
    fn a_text_opens_neither_in_another_row_nor_table_nor_for_another_person() {
        let (mine, yours) = (user(1), user(2));
        let keys = keys(&[1]);
        let text = sealed(&keys, "token", place("con_1", &mine));
        let elsewhere = [
            place("con_2", &mine),
            place("con_1", &yours),
            Belonging {
                user: None,
                ..place("con_1", &mine)
            },
            Belonging {
                table: "exchange_codes",
                ..place("con_1", &mine)
            },
        ];
        for belonging in elsewhere {
            assert_eq!(keys.open(&text, belonging), Err(Refusal::NotAuthentic));
        }
    }

    #[test]
    fn parts_that_read_the_same_in_a_row_are_not_the_same_place() {
        let keys = keys(&[1]);
        let one = Belonging {
            table: "ab",
            row: "c",
            user: None,
        };
        let other = Belonging {
            table: "a",
            row: "bc",
            user: None,
        };
        let text = sealed(&keys, "x", one);
        assert_eq!(keys.open(&text, other), Err(Refusal::NotAuthentic));
    }

    #[test]
    fn keys_are_named_by_eight_characters_of_their_hash_however_they_are_written() {
        let padded = format!("{}=", encode(&[1; 32]));
        let keys = SealingKeys::parse(&padded).expect("keys");
        // printf '\1%.0s' {1..32} | sha256sum, in base64url.
        assert_eq!(keys.current_id(), "cs1uhCLE");
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        for text in ["", ",", "short", &format!("{},", encode(&[1; 32]))] {
            assert!(SealingKeys::parse(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_opens_where_it_belongs_and_nowhere_else(
            plain in proptest::collection::vec(any::<u8>(), 0..200),
            nonce in any::<[u8; NONCE_BYTES]>(),
            row in "[a-z_0-9]{0,12}",
            other in "[a-z_0-9]{0,12}",
        ) {
            let user = user(1);
            let keys = keys(&[1]);
            let text = keys.seal(&plain, place(&row, &user), &nonce).expect("sealed");
            prop_assert_eq!(keys.open(&text, place(&row, &user)), Ok(plain));
            if other != row {
                prop_assert_eq!(
                    keys.open(&text, place(&other, &user)),
                    Err(Refusal::NotAuthentic)
                );
            }
        }

        #[test]
        fn a_text_that_was_changed_anywhere_does_not_open(at in 0_usize..70, to in "[A-Za-z0-9_-]") {
            let user = user(1);
            let keys = keys(&[1]);
            let text = sealed(&keys, "a refresh token", place("con_1", &user));
            let mut changed: Vec<char> = text.chars().collect();
            let at = at % changed.len();
            let to = to.chars().next().expect("one");
            prop_assume!(changed[at] != to);
            changed[at] = to;
            let changed: String = changed.into_iter().collect();
            prop_assert!(keys.open(&changed, place("con_1", &user)).is_err());
        }

        #[test]
        fn no_text_opens_by_chance_and_none_panics(text in "(v1\\.)?.{0,90}") {
            let user = user(1);
            prop_assert!(keys(&[1]).open(&text, place("con_1", &user)).is_err());
        }
    }
}
