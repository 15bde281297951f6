//! Scopes: what an API key or a delegation lets somebody do. A person signed in on a device may do
//! all of it, and some things that no scope covers: keys, delegations, sessions, connections, the
//! password, the export and the end of the account.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Violations;

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $text:tt;)*) => {
        /// One area and what may be done in it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum Scope {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Scope {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

scopes! {
    /// Who the person is: name, zone, addresses.
    AccountRead = "account:read";
    /// Change the name, the zone and the addresses.
    AccountWrite = "account:write";
    /// Read tasks.
    TasksRead = "tasks:read";
    /// Make, change and delete tasks.
    TasksWrite = "tasks:write";
    /// Read messages, their analyses and their sources.
    EmailsRead = "emails:read";
    /// Import messages, mark and label them, correct analyses.
    EmailsWrite = "emails:write";
    /// Read calendars and events.
    CalendarRead = "calendar:read";
    /// Make, change and delete calendars and events, answer invitations, hold times.
    CalendarWrite = "calendar:write";
    /// Learn when the person is free and when not, and nothing of what for.
    FreeBusy = "calendar:free_busy";
    /// Watch jobs.
    JobsRead = "jobs:read";
    /// Try jobs again.
    JobsWrite = "jobs:write";
    /// Hear everything that happens in the account, on the live channel.
    Live = "live";
}

impl Scope {
    /// Whether a person can let somebody else do it. The live channel tells of everything at once,
    /// which is more than one area.
    pub const fn can_be_delegated(self) -> bool {
        !matches!(self, Self::Live)
    }
}

/// The scopes of a request body: at least one, each once, in a fixed order.
pub fn check_scopes(
    scopes: &[Scope],
    pointer: &str,
    violations: &mut Violations,
) -> BTreeSet<Scope> {
    if scopes.is_empty() {
        violations.add(pointer, "empty", "must name at least one scope");
    }
    scopes.iter().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_reads_back_from_its_name() {
        for scope in Scope::ALL {
            let json = serde_json::to_string(scope).expect("JSON");
            assert_eq!(json, format!("\"{}\"", scope.as_str()));
            assert_eq!(
                serde_json::from_str::<Scope>(&json).expect("a scope"),
                *scope
            );
        }
    }

    #[test]
    fn scopes_are_named_once_and_at_least_one() {
        let mut violations = Violations::default();
        let scopes = [Scope::TasksWrite, Scope::TasksRead, Scope::TasksWrite];
        let checked = check_scopes(&scopes, "/scopes", &mut violations);
        assert_eq!(checked.len(), 2);
        assert!(violations.into_result(()).is_ok());
        let mut violations = Violations::default();
        check_scopes(&[], "/scopes", &mut violations);
        assert!(violations.into_result(()).is_err());
    }
}
