//! The rules of the live channel, without a socket: what a device may say, what it is answered,
//! and how a committed event becomes a frame.
//!
//! Invariant: the sequence numbers of one person are gapless and follow the order of the commits.
//! The log is the truth; sockets are only told of it.

use serde::Deserialize;

use crate::event::EventType;
use crate::time::Timestamp;

/// The subprotocol that a client must offer.
pub const PROTOCOL: &str = "delegate.v1";
/// How many frames the log keeps at least; older ones go.
pub const KEPT_FRAMES: u64 = 10_000;
/// The largest frame a device may send, in bytes.
pub const MAX_FRAME_BYTES: usize = 4 * 1024;
/// How many frames a device may send within [`WINDOW_MS`] before it is cut off.
pub const MAX_FRAMES_PER_WINDOW: u32 = 100;
/// The length of that window.
pub const WINDOW_MS: i64 = 10_000;

/// How a device asks whether the channel is alive. In exactly this form the platform answers
/// itself, without waking the hub.
pub const PING: &str = r#"{"type":"ping"}"#;
/// The answer to that.
pub const PONG: &str = r#"{"v":1,"type":"pong"}"#;

/// Close codes (RFC 6455, 7.4).
pub mod close {
    /// The device is done.
    pub const NORMAL: u16 = 1000;
    /// The device broke the rules of the channel.
    pub const POLICY_VIOLATION: u16 = 1008;
    /// The session has ended: sign in again.
    pub const SESSION_ENDED: u16 = 4401;
}

/// What a device says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ClientFrame {
    Resume { after: u64 },
    Read { seq: u64 },
    Ping,
}

/// Where the log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Log {
    /// The number of the newest frame; 0 before the first.
    pub latest: u64,
    /// The number of the oldest frame that is kept; `latest + 1` where none is.
    pub oldest: u64,
    /// Up to where the person has read, on whichever device.
    pub read: u64,
}

/// What the hub does about a frame of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reaction {
    /// Send this to the device.
    Answer(String),
    /// Send every kept frame after this number, in order.
    Replay {
        /// The last number the device has.
        after: u64,
    },
    /// Remember how far the person has read, and tell every device.
    MarkRead(u64),
    /// Close the socket with this code and reason.
    Close(u16, &'static str),
}

/// Decides about a frame of a device. It reads nothing but the frame and where the log stands.
pub fn react(frame: &str, log: Log) -> Reaction {
    if frame.len() > MAX_FRAME_BYTES {
        return Reaction::Close(close::POLICY_VIOLATION, "frame too large");
    }
    match serde_json::from_str(frame) {
        Ok(ClientFrame::Ping) => Reaction::Answer(PONG.to_owned()),
        Ok(ClientFrame::Resume { after }) => resume(after, log),
        Ok(ClientFrame::Read { seq }) if seq <= log.latest => Reaction::MarkRead(seq),
        Ok(ClientFrame::Read { .. }) => Reaction::Answer(error("unknown_seq")),
        Err(_) => Reaction::Answer(error(unreadable_code(frame))),
    }
}

/// Everything after a number can be sent if the frame behind it is still kept. A device that
/// claims to be ahead of the log knows another log (a restored deployment): it starts anew, too.
fn resume(after: u64, log: Log) -> Reaction {
    if after > log.latest || after.saturating_add(1) < log.oldest {
        Reaction::Answer(format!(r#"{{"v":1,"type":"reset","seq":{}}}"#, log.latest))
    } else {
        Reaction::Replay { after }
    }
}

fn error(code: &str) -> String {
    format!(r#"{{"v":1,"type":"error","code":"{code}"}}"#)
}

/// Tells what is wrong with a frame that can't be understood.
fn unreadable_code(frame: &str) -> &'static str {
    match serde_json::from_str::<serde_json::Value>(frame) {
        Err(_) => "not_json",
        Ok(value) => match value.get("type").and_then(serde_json::Value::as_str) {
            Some("resume" | "read" | "ping") => "invalid_frame",
            _ => "unknown_type",
        },
    }
}

/// The first frame a device gets.
pub fn hello(log: Log, session: &str) -> String {
    let session = serde_json::Value::from(session);
    format!(
        r#"{{"v":1,"type":"hello","seq":{},"oldest":{},"read":{},"session":{session}}}"#,
        log.latest, log.oldest, log.read
    )
}

/// What devices are told when the person has read up to a number.
pub fn read(seq: u64) -> String {
    format!(r#"{{"v":1,"type":"read","seq":{seq}}}"#)
}

/// A committed event as it stands in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OutboxEvent {
    /// Where in the order of the commits.
    pub position: u64,
    /// Which one.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// When it happened.
    pub occurred_at: String,
    /// Its data: JSON, as it was committed.
    pub data: String,
}

/// The sessions and keys that an event tells the end of: their sockets close with it.
pub fn ended_by(event: &OutboxEvent) -> Vec<String> {
    #[derive(Deserialize)]
    struct Ended {
        #[serde(default)]
        ids: Vec<String>,
        #[serde(default)]
        id: Option<String>,
    }
    let ends = [EventType::SessionEnded, EventType::ApiKeyRevoked].map(EventType::as_str);
    if !ends.contains(&event.event_type.as_str()) {
        return Vec::new();
    }
    let Ok(Ended { ids, id }) = serde_json::from_str(&event.data) else {
        return Vec::new();
    };
    ids.into_iter().chain(id).collect()
}

impl OutboxEvent {
    /// The frame with this number. The data is JSON already and passes through as it is.
    pub fn frame(&self, seq: u64) -> String {
        format!(
            r#"{{"v":1,"type":"{}","seq":{seq},"id":"{}","occurred_at":"{}","data":{}}}"#,
            self.event_type, self.id, self.occurred_at, self.data
        )
    }
}

/// How often one device talks: a window that starts anew when it is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rate {
    started_ms: i64,
    count: u32,
}

impl Rate {
    /// Counts a frame; false where the device talks too much.
    pub fn allow(&mut self, now: Timestamp) -> bool {
        let now_ms = now.milliseconds();
        if now_ms.saturating_sub(self.started_ms) >= WINDOW_MS {
            *self = Self {
                started_ms: now_ms,
                count: 0,
            };
        }
        self.count = self.count.saturating_add(1);
        self.count <= MAX_FRAMES_PER_WINDOW
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LOG: Log = Log {
        latest: 42,
        oldest: 10,
        read: 7,
    };

    #[test]
    fn a_device_that_missed_something_is_sent_it() {
        assert_eq!(
            react(r#"{"type":"resume","after":40}"#, LOG),
            Reaction::Replay { after: 40 }
        );
        assert_eq!(
            react(r#"{"type":"resume","after":9}"#, LOG),
            Reaction::Replay { after: 9 }
        );
        assert_eq!(
            react(r#"{"type":"resume","after":42}"#, LOG),
            Reaction::Replay { after: 42 }
        );
    }

    #[test]
    fn a_device_that_is_too_late_or_ahead_starts_anew() {
        let reset = Reaction::Answer(r#"{"v":1,"type":"reset","seq":42}"#.to_owned());
        assert_eq!(react(r#"{"type":"resume","after":8}"#, LOG), reset);
        assert_eq!(react(r#"{"type":"resume","after":43}"#, LOG), reset);
    }

    #[test]
    fn a_frame_that_cannot_be_understood_is_answered_with_its_fault() {
        let code = |frame| match react(frame, LOG) {
            Reaction::Answer(answer) => {
                let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
                answer
                    .get("code")
                    .and_then(|code| code.as_str())
                    .unwrap_or("")
                    .to_owned()
            }
            other => format!("{other:?}"),
        };
        assert_eq!(code("{"), "not_json");
        assert_eq!(code(r#"{"type":"dance"}"#), "unknown_type");
        assert_eq!(code("[]"), "unknown_type");
        assert_eq!(code(r#"{"type":"resume"}"#), "invalid_frame");
        assert_eq!(code(r#"{"type":"resume","after":-1}"#), "invalid_frame");
        assert_eq!(code(r#"{"type":"read","seq":43}"#), "unknown_seq");
    }

    #[test]
    fn a_frame_that_is_too_large_closes_the_socket() {
        let frame = format!(r#"{{"type":"ping","x":"{}"}}"#, "x".repeat(MAX_FRAME_BYTES));
        assert!(matches!(react(&frame, LOG), Reaction::Close(1008, _)));
    }

    #[test]
    fn a_frame_carries_its_event_unchanged() {
        let event = OutboxEvent {
            position: 9,
            id: "evn_1".into(),
            event_type: "task.created".into(),
            occurred_at: "2026-03-29T00:00:00.000Z".into(),
            data: r#"{"title":"\"x\""}"#.into(),
        };
        let frame: serde_json::Value = serde_json::from_str(&event.frame(3)).expect("JSON");
        assert_eq!(frame.get("seq"), Some(&3.into()));
        assert_eq!(frame.pointer("/data/title"), Some(&"\"x\"".into()));
    }

    #[test]
    fn a_device_that_talks_too_much_is_noticed_and_forgiven_later() {
        let mut rate = Rate::default();
        let at = |ms| Timestamp::from_milliseconds(1_000_000 + ms);
        assert!((0..MAX_FRAMES_PER_WINDOW).all(|_| rate.allow(at(0))));
        assert!(!rate.allow(at(1)));
        assert!(rate.allow(at(WINDOW_MS)));
    }

    proptest! {
        #[test]
        fn no_frame_panics(frame in ".{0,200}", latest: u64, oldest: u64) {
            let _ = react(&frame, Log { latest, oldest, read: 0 });
        }
    }
}
