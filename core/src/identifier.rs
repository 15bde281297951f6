//! Identifiers: a prefix that tells the kind, and a part that sorts by time.
//!
//! The form is that of `TypeID`: the 128 bits of a UUID version 7 (RFC 9562) in 26 characters of
//! Crockford's base 32, lower case. Text order is time order, so lists page by identifier.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::Timestamp;

/// Random bytes for one identifier.
pub type Entropy = [u8; 10];

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How many characters follow the prefix and its underscore.
const ENCODED_LENGTH: usize = 26;

/// The 26 characters for a moment and ten random bytes.
fn encode(at: Timestamp, random: Entropy) -> String {
    let [r0, r1, r2, r3, r4, r5, r6, r7, r8, r9] = random;
    let milliseconds = u128::from(at.milliseconds().unsigned_abs()) & 0xFFFF_FFFF_FFFF;
    let high = u128::from(u16::from_be_bytes([r0, r1]) & 0x0FFF);
    let low = u128::from(u64::from_be_bytes([r2, r3, r4, r5, r6, r7, r8, r9]) >> 2);
    let bits = (milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low;
    (0..ENCODED_LENGTH)
        .rev()
        .map(|place| {
            let digit = (bits >> (5 * place)) & 0x1F;
            let digit = usize::try_from(digit).unwrap_or_default();
            char::from(ALPHABET.get(digit).copied().unwrap_or(b'0'))
        })
        .collect()
}

/// Whether `text` is 26 characters of the alphabet, and within 128 bits.
fn is_encoded(text: &str) -> bool {
    text.len() == ENCODED_LENGTH
        && text.bytes().all(|byte| ALPHABET.contains(&byte))
        && text.as_bytes().first().is_some_and(|first| *first <= b'7')
}

/// An identifier that is not of the form its kind has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnIdentifier {
    /// The prefix that was asked for.
    pub prefix: &'static str,
}

impl fmt::Display for NotAnIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an identifier of the form `{}_…`", self.prefix)
    }
}

impl std::error::Error for NotAnIdentifier {}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// What every identifier of this kind begins with, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new identifier for this moment.
            pub fn new(at: Timestamp, random: Entropy) -> Self {
                Self(format!("{}_{}", $prefix, encode(at, random)))
            }

            /// Reads an identifier that came from outside.
            pub fn parse(text: &str) -> Result<Self, NotAnIdentifier> {
                match text.split_once('_') {
                    Some(($prefix, rest)) if is_encoded(rest) => Ok(Self(text.to_owned())),
                    _ => Err(NotAnIdentifier { prefix: $prefix }),
                }
            }

            /// The one of this kind that goes with one of another: with the same moment and the same
            /// random part.
            #[must_use]
            pub fn twin_of(other: &impl AsRef<str>) -> Self {
                let rest = other.as_ref().split_once('_').map_or("", |(_, rest)| rest);
                Self(format!("{}_{rest}", $prefix))
            }

            /// The text of the identifier.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

identifiers! {
    /// A person.
    UserId = "usr";
    /// A signed-in device.
    SessionId = "ses";
    /// An account at a provider that belongs to a person.
    ConnectionId = "con";
    /// An API key.
    ApiKeyId = "key";
    /// A delegation.
    DelegationId = "dlg";
    /// An entry of an audit trail.
    AuditId = "aud";
    /// A password that may be set anew.
    ResetId = "rst";
    /// A task.
    TaskId = "tsk";
    /// A message.
    EmailId = "eml";
    /// Something that a person taught about their mail.
    LessonId = "les";
    /// A call of a model.
    ModelCallId = "mdc";
    /// A conversation.
    ThreadId = "thr";
    /// A long piece of work that a client can watch.
    JobId = "job";
    /// One step of work, as the queue sees it.
    WorkId = "wrk";
    /// Something that happened, as devices are told of it.
    EventId = "evn";
    /// A meeting.
    MeetingId = "mtg";
    /// A calendar.
    CalendarId = "cal";
    /// An event of a calendar, or a series of them.
    CalendarEventId = "evt";
    /// A plan that puts tasks into free time.
    PlanId = "pln";
    /// A page on which people outside book a time.
    BookingLinkId = "bkl";
    /// An address under which calendars are read.
    FeedId = "fed";
    /// A time that is kept free for a while.
    HoldId = "hld";
    /// A time out of office, or somewhere else.
    AbsenceId = "abs";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn identifiers_made_later_sort_later() {
        let early = TaskId::new(Timestamp::from_milliseconds(1_000), [255; 10]);
        let late = TaskId::new(Timestamp::from_milliseconds(1_001), [0; 10]);
        assert!(early < late, "{early} {late}");
    }

    #[test]
    fn an_identifier_of_another_kind_is_refused() {
        let task = TaskId::new(Timestamp::from_milliseconds(1), [7; 10]);
        assert!(EmailId::parse(task.as_str()).is_err());
        assert!(TaskId::parse("tsk_").is_err());
        assert!(TaskId::parse("tsk_zzzzzzzzzzzzzzzzzzzzzzzzzz").is_err());
        assert!(TaskId::parse("tsk_01h455vb4pex5vsknk084sn02u").is_err());
    }

    proptest! {
        #[test]
        fn every_identifier_reads_back(at in 0_i64..(1 << 47), random: Entropy) {
            let id = UserId::new(Timestamp::from_milliseconds(at), random);
            prop_assert_eq!(UserId::parse(id.as_str()), Ok(id));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = TaskId::parse(&text);
        }
    }
}
