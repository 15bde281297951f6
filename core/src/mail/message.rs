//! What Delegate keeps of one message: the shapes that storage, threading and analysis share.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One address of a header (RFC 5322 `mailbox`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Mailbox {
    /// The display name, decoded; `None` where the header has none.
    pub name: Option<String>,
    /// The address in lower case, as far as it could be read.
    pub address: String,
}

/// One attachment, without its bytes (they stay in the raw message).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attachment {
    /// The decoded file name; `None` where the part has none.
    pub filename: Option<String>,
    /// The media type in lower case, such as `application/pdf`.
    pub content_type: String,
    /// The decoded size in bytes.
    pub size_bytes: u64,
    /// Whether the part is shown inside the text (an inline image).
    pub inline: bool,
}

/// Header facts that judging a message needs and that cannot be read from its text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that hold in any combination"
)]
pub struct Signals {
    /// `List-Id` (RFC 2919) or any other mailing-list header is present.
    pub is_list: bool,
    /// `List-Unsubscribe` (RFC 2369, RFC 8058) is present.
    pub has_unsubscribe: bool,
    /// `Auto-Submitted` other than `no` (RFC 3834), or an equivalent of older systems.
    pub is_automatic: bool,
    /// `Precedence: bulk`, `junk` or `list`.
    pub is_bulk: bool,
    /// A delivery status notification or a bounce (RFC 3464, null return path).
    pub is_bounce: bool,
    /// The method of a `text/calendar` part (RFC 5546), upper case, such as `REQUEST`.
    pub calendar_method: Option<String>,
    /// The sender marked it urgent (`Importance: high`, `X-Priority: 1` or `2`, `Priority: urgent`).
    pub is_marked_urgent: bool,
    /// Text that a reader would not see (zero-width characters, hidden HTML) was removed.
    pub had_hidden_text: bool,
    /// That text gives orders to a machine that reads it.
    pub hides_orders: bool,
    /// `Reply-To` or the authentication results disagree with `From`.
    pub sender_is_doubtful: bool,
}

/// A message taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// `Message-ID` without angle brackets; `None` where it is missing or empty.
    pub message_id: Option<String>,
    /// `In-Reply-To` and `References`, oldest first, without angle brackets, without repeats,
    /// at most [`MAX_REFERENCES`] (the newest ones are kept).
    pub references: Vec<String>,
    /// The author; `None` where the header is missing or unreadable.
    pub from: Option<Mailbox>,
    /// `To`.
    pub to: Vec<Mailbox>,
    /// `Cc`.
    pub cc: Vec<Mailbox>,
    /// `Reply-To`.
    pub reply_to: Vec<Mailbox>,
    /// The decoded subject, on one line; empty where there is none.
    pub subject: String,
    /// `Date`, in the sender's offset, which deadlines are resolved in.
    pub sent_at: Option<DateTime<FixedOffset>>,
    /// The date of the topmost `Received` header.
    pub received_at: Option<DateTime<FixedOffset>>,
    /// The text a reader would see, LF line ends, quoted parts included, NUL-free, at most
    /// [`MAX_TEXT_BYTES`].
    pub text: String,
    /// Whether `text` was cut.
    pub text_truncated: bool,
    /// The attachments, at most [`MAX_ATTACHMENTS`].
    pub attachments: Vec<Attachment>,
    /// What the headers say about the kind of message.
    pub signals: Signals,
}

/// How many earlier messages of a thread are remembered.
pub const MAX_REFERENCES: usize = 30;

/// How much text of a message is kept in the database: D1 allows 2 MB a row and this leaves
/// room for the other columns; the whole message stays in R2.
pub const MAX_TEXT_BYTES: usize = 256 * 1024;

/// How many attachments of a message are listed.
pub const MAX_ATTACHMENTS: usize = 100;
