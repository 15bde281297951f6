//! The audit trail in D1: who did what to what, from where, on whose behalf. An entry stands in the
//! batch of what it tells of. Entries are never changed.

use chrono::TimeDelta;
use delegate_core::identifier::{AuditId, UserId};
use delegate_core::scope::Scope;
use delegate_core::time::Timestamp;

use super::exports::Pieces;
use super::list::List;
use crate::platform::database::{Statement, sql};

/// How long one entry stands for all that somebody reads for somebody else.
const LOOKS_NOTED_EVERY: TimeDelta = TimeDelta::hours(1);

/// What was done. (The hub adds `connection.refused`, where a provider no longer takes a token.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// The account was made.
    Registered,
    /// Signed in on a device.
    SignedIn,
    /// Signed out on a device.
    SignedOut,
    /// A session was ended from another device, or by the service.
    SessionEnded,
    /// A refresh token was used twice, so its session was ended.
    TokenReused,
    /// The password was changed.
    PasswordChanged,
    /// A message that lets the password be set anew was asked for.
    PasswordResetRequested,
    /// The password was set anew.
    PasswordReset,
    /// Somebody was invited.
    Invited,
    /// An API key was made.
    ApiKeyCreated,
    /// An API key was revoked.
    ApiKeyRevoked,
    /// Somebody was let act for the person.
    DelegationCreated,
    /// What somebody may do was changed.
    DelegationUpdated,
    /// A delegation was taken back or given up.
    DelegationDeleted,
    /// A provider account was connected, or connected again.
    Connected,
    /// A provider account was disconnected.
    Disconnected,
    /// An address was made under which calendars are read.
    FeedCreated,
    /// Such an address was revoked.
    FeedRevoked,
    /// Everything was asked to be exported.
    ExportRequested,
    /// The archive of an export was fetched.
    ExportFetched,
    /// The person became the owner of the deployment, since the owner left.
    BecameOwner,
    /// Somebody did, for somebody else, what a scope covers.
    Acted(Scope),
}

impl Action {
    /// The name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "account.registered",
            Self::SignedIn => "session.opened",
            Self::SignedOut => "session.closed",
            Self::SessionEnded => "session.ended",
            Self::TokenReused => "session.token_reused",
            Self::PasswordChanged => "password.changed",
            Self::PasswordResetRequested => "password.reset_requested",
            Self::PasswordReset => "password.reset",
            Self::Invited => "invitation.created",
            Self::ApiKeyCreated => "api_key.created",
            Self::ApiKeyRevoked => "api_key.revoked",
            Self::DelegationCreated => "delegation.created",
            Self::DelegationUpdated => "delegation.updated",
            Self::DelegationDeleted => "delegation.deleted",
            Self::Connected => "connection.created",
            Self::Disconnected => "connection.deleted",
            Self::FeedCreated => "calendar_feed.created",
            Self::FeedRevoked => "calendar_feed.revoked",
            Self::ExportRequested => "export.requested",
            Self::ExportFetched => "export.fetched",
            Self::BecameOwner => "account.became_owner",
            Self::Acted(scope) => scope.as_str(),
        }
    }
}

/// Who it was, by what, and from where (`http::source` makes them from a call).
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Who; the service itself where nobody.
    pub(crate) actor: Option<String>,
    /// By what: `session`, `api_key`, `delegation` or `service`.
    pub(crate) via: &'static str,
    /// By which one.
    pub(crate) via_id: Option<String>,
    /// The network address; empty for the service itself.
    pub(crate) address: String,
    /// The `User-Agent`, cut.
    pub(crate) user_agent: String,
}

impl Source {
    /// The same, without from where.
    pub(crate) fn without_place(self) -> Self {
        Self {
            via_id: None,
            address: String::new(),
            user_agent: String::new(),
            ..self
        }
    }

    /// The service itself.
    pub(crate) fn service() -> Self {
        Self {
            actor: None,
            via: "service",
            via_id: None,
            address: String::new(),
            user_agent: String::new(),
        }
    }
}

/// An entry to be written.
pub(crate) struct Entry<'a> {
    id: AuditId,
    source: &'a Source,
    action: Action,
    object: Option<&'a str>,
    detail: Option<String>,
}

impl<'a> Entry<'a> {
    /// An entry that tells who did what.
    pub(crate) fn new(id: AuditId, source: &'a Source, action: Action) -> Self {
        Self {
            id,
            source,
            action,
            object: None,
            detail: None,
        }
    }

    /// The entry with what it was done to.
    pub(crate) fn on(mut self, object: &'a str) -> Self {
        self.object = Some(object);
        self
    }

    /// The entry with more to know: a JSON object without secrets.
    pub(crate) fn with(mut self, detail: &serde_json::Value) -> Self {
        self.detail = Some(detail.to_string());
        self
    }

    /// The statement that writes it into the trail of a person.
    pub(crate) fn written(self, user: &UserId, now: Timestamp) -> Statement {
        self.statement(user, now, "")
    }

    /// The same, if the statement right before changed something.
    pub(crate) fn written_if_changed(self, user: &UserId, now: Timestamp) -> Statement {
        self.statement(user, now, "WHERE changes() > 0")
    }

    /// The same, unless an entry of the last hour says already that this somebody did this.
    pub(crate) fn written_hourly(self, user: &UserId, now: Timestamp) -> Statement {
        let condition = "WHERE NOT EXISTS (SELECT 1 FROM audit_entries
           WHERE actor_id = ?3 AND user_id = ?2 AND action = ?6 AND created_at > ?12)";
        self.statement(user, now, condition)
            .bind(now.plus(-LOOKS_NOTED_EVERY))
    }

    /// The same, under a condition of its own: of the values of an entry, `?2` is the person and
    /// `?11` is now.
    pub(crate) fn written_where(self, user: &UserId, now: Timestamp, condition: &str) -> Statement {
        self.statement(user, now, condition)
    }

    fn statement(self, user: &UserId, now: Timestamp, condition: &str) -> Statement {
        sql(format!(
            "INSERT INTO audit_entries (id, user_id, actor_id, via, via_id, action, object, detail,
               address, user_agent, created_at)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 {condition}"
        ))
        .bind(self.id.as_str())
        .bind(user.as_str())
        .bind(self.source.actor.as_deref())
        .bind(self.source.via)
        .bind(self.source.via_id.as_deref())
        .bind(self.action.as_str())
        .bind(self.object)
        .bind(self.detail.as_deref().unwrap_or("{}"))
        .bind(&self.source.address)
        .bind(&self.source.user_agent)
        .bind(now)
    }
}

/// The JSON of an entry. `on_behalf_of` is the person whose trail it is, where somebody else acted.
const ENTRY_JSON: &str = "json_object('id', a.id, 'action', a.action, 'object', a.object, \
     'detail', json(a.detail), 'via', a.via, 'via_id', a.via_id, \
     'actor', json(iif(actor.id IS NULL, 'null', \
       json_object('id', actor.id, 'name', actor.name, 'email', actor.email))), \
     'on_behalf_of', json(iif(a.via = 'delegation', \
       json_object('id', owner.id, 'name', owner.name, 'email', owner.email), 'null')), \
     'address', a.address, 'user_agent', a.user_agent, \
     'created_at', a.created_at, 'updated_at', a.created_at)";

/// The trail of a person, as an export has it. Who acted is not told by more than their identifier:
/// what is somebody else's stays theirs.
pub(crate) const PIECES: Pieces = Pieces {
    from: "audit_entries AS a",
    item: "json_object('id', a.id, 'action', a.action, 'object', a.object, \
           'detail', json(a.detail), 'via', a.via, 'via_id', a.via_id, 'actor_id', a.actor_id, \
           'address', a.address, 'user_agent', a.user_agent, 'created_at', a.created_at)",
    owner: "a.user_id",
    id: "a.id",
    created: "a.created_at",
};

/// The trail of a person.
pub(crate) fn list(user: &UserId) -> List {
    List::of(
        user.as_str(),
        "audit_entries AS a JOIN users AS owner ON owner.id = a.user_id \
         LEFT JOIN users AS actor ON actor.id = a.actor_id",
        ENTRY_JSON,
        "a.user_id = ?",
        "a.id",
    )
}
