//! What the edge asks of a hub: paths on a host that exists only between the two.
//!
//! Old and new versions talk to each other while a deployment rolls out, so a command is only ever
//! added, and a parameter that an old version does not send is optional.

use std::fmt;

use delegate_core::identifier::{ConnectionId, UserId};
use delegate_core::token::Credential;

/// The host of a command's address.
const HOST: &str = "https://hub";

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Answer, if the hub is alive.
    Ping,
    /// Read the outbox of this person past the cursor.
    Drain(UserId),
    /// Close the sockets of these sessions or keys, and let no new ones of them in.
    End(Vec<Credential>),
    /// Close every socket, and forget everything: the account is being erased.
    Erase,
    /// Forget what was told of this person, who is somebody else.
    Forget(UserId),
    /// Look whether a provider still takes the token of this person's connection, and note it.
    CheckConnection(UserId, ConnectionId),
    /// Take a socket in, until a moment where there is one, in milliseconds since 1970.
    Connect(Credential, Option<UsedTicket>, Option<u64>),
}

/// A ticket that is being used: the hub lets each in once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedTicket {
    /// What makes it one of a kind, in letters, digits, `-` and `_`.
    pub nonce: String,
    /// Until when it must be remembered, in milliseconds since 1970.
    pub expires_ms: u64,
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ping => write!(f, "{HOST}/ping"),
            Self::Drain(user) => write!(f, "{HOST}/drain?user={user}"),
            Self::End(credentials) => {
                let list: Vec<_> = credentials.iter().map(Credential::as_str).collect();
                write!(f, "{HOST}/end-session?session={}", list.join(","))
            }
            Self::Erase => write!(f, "{HOST}/erase"),
            Self::Forget(user) => write!(f, "{HOST}/forget?user={user}"),
            Self::CheckConnection(user, connection) => {
                write!(
                    f,
                    "{HOST}/check-connection?user={user}&connection={connection}"
                )
            }
            Self::Connect(credential, ticket, until) => {
                write!(f, "{HOST}/connect?session={}", credential.as_str())?;
                if let Some(UsedTicket { nonce, expires_ms }) = ticket {
                    write!(f, "&nonce={nonce}&expires={expires_ms}")?;
                }
                until.map_or(Ok(()), |until| write!(f, "&until={until}"))
            }
        }
    }
}

impl Command {
    /// Reads an address. Nothing in one is ever escaped.
    pub(crate) fn parse(address: &str) -> Option<Self> {
        let (path, query) = match address.strip_prefix(HOST)?.split_once('?') {
            Some(parts) => parts,
            None => (address.strip_prefix(HOST)?, ""),
        };
        let parameter = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let user = || UserId::parse(parameter("user")?).ok();
        let credential = || Credential::parse(parameter("session")?);
        match path {
            "/ping" => Some(Self::Ping),
            "/drain" => user().map(Self::Drain),
            "/erase" => Some(Self::Erase),
            "/forget" => user().map(Self::Forget),
            "/check-connection" => {
                let connection = ConnectionId::parse(parameter("connection")?).ok()?;
                Some(Self::CheckConnection(user()?, connection))
            }
            "/end-session" => {
                let list = parameter("session")?.split(',').map(Credential::parse);
                list.collect::<Option<_>>().map(Self::End)
            }
            "/connect" => {
                let ticket = match (parameter("nonce"), parameter("expires")) {
                    (Some(nonce), Some(expires)) => Some(UsedTicket {
                        nonce: nonce.to_owned(),
                        expires_ms: expires.parse().ok()?,
                    }),
                    _ => None,
                };
                let until = parameter("until").and_then(|until| until.parse().ok());
                credential().map(|credential| Self::Connect(credential, ticket, until))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use delegate_core::identifier::{ApiKeyId, SessionId};
    use delegate_core::time::Timestamp;

    use super::*;

    #[test]
    fn a_command_reads_back_from_its_address() {
        let at = Timestamp::from_milliseconds(1);
        let user = UserId::new(at, [1; 10]);
        let session = Credential::Session(SessionId::new(at, [2; 10]));
        let key = Credential::Key(ApiKeyId::new(at, [3; 10]));
        let ticket = UsedTicket {
            nonce: "a-b_c".to_owned(),
            expires_ms: 7,
        };
        for command in [
            Command::Ping,
            Command::Drain(user.clone()),
            Command::Erase,
            Command::Forget(user.clone()),
            Command::CheckConnection(user, ConnectionId::new(at, [4; 10])),
            Command::End(vec![session.clone(), key.clone()]),
            Command::Connect(key, None, Some(8)),
            Command::Connect(session.clone(), None, None),
            Command::Connect(session, Some(ticket), None),
        ] {
            assert_eq!(Command::parse(&command.to_string()), Some(command));
        }
    }

    #[test]
    fn an_address_that_is_none_is_no_command() {
        for address in [
            "",
            "https://hub/",
            "https://hub/drain",
            "https://hub/drain?user=x",
            "https://elsewhere/ping",
        ] {
            assert_eq!(Command::parse(address), None, "{address}");
        }
    }
}
