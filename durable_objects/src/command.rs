//! What the edge asks of a hub: paths on a host that exists only between the two.
//!
//! Old and new versions talk to each other while a deployment rolls out, so a command is only ever
//! added, and a parameter that an old version does not send has a default.

use delegate_core::identifier::{SessionId, UserId};
use delegate_core::time::Timestamp;

/// Answers if the hub is alive.
pub const PING: &str = "https://hub/ping";

/// A ticket that is being used: the hub lets each in once.
#[derive(Debug, Clone)]
pub struct UsedTicket {
    /// What makes it one of a kind.
    pub nonce: String,
    /// Until when it must be remembered.
    pub expires_at: Timestamp,
}

/// Read the outbox of this person past the cursor.
pub fn drain(user: &UserId) -> String {
    format!("https://hub/drain?user={user}")
}

/// Close the sockets of a session.
pub fn end_session(session: &SessionId) -> String {
    format!("https://hub/end-session?session={session}")
}

/// Take a socket in.
pub fn connect(session: &SessionId, ticket: Option<&UsedTicket>) -> String {
    let ticket = ticket.map_or_else(String::new, |ticket| {
        format!(
            "&nonce={}&expires={}",
            ticket.nonce,
            ticket.expires_at.milliseconds()
        )
    });
    format!("https://hub/connect?session={session}{ticket}")
}
