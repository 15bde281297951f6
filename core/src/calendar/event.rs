//! Events: what stands in a calendar, and the rules a change must keep.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Words that stand in storage and on the wire, and the names they have in iCalendar.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal, $ical:literal;)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// The word in storage and on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The name in iCalendar.
            pub const fn ical(self) -> &'static str {
                match self { $(Self::$variant => $ical,)* }
            }

            /// Reads the name in iCalendar, in any case.
            pub fn of_ical(name: &str) -> Option<Self> {
                [$((Self::$variant, $ical),)*]
                    .into_iter()
                    .find(|(_, ical)| ical.eq_ignore_ascii_case(name))
                    .map(|(word, _)| word)
            }
        }
    )*};
}

words! {
    /// How an event stands (RFC 5545, 3.8.1.11).
    Status {
        /// It takes place.
        Confirmed = "confirmed", "CONFIRMED";
        /// It may take place.
        Tentative = "tentative", "TENTATIVE";
        /// It does not take place.
        Cancelled = "cancelled", "CANCELLED";
    }

    /// Whether an event takes up time (RFC 5545, 3.8.2.7).
    Transparency {
        /// It does.
        Opaque = "opaque", "OPAQUE";
        /// It does not: somebody asking for free time does not see it.
        Transparent = "transparent", "TRANSPARENT";
    }

    /// Who may see what an event is about (RFC 5545, 3.8.1.3).
    Visibility {
        /// Whoever may see the calendar.
        Public = "public", "PUBLIC";
        /// The person alone.
        Private = "private", "PRIVATE";
        /// The person alone; others do not even learn that it is private.
        Confidential = "confidential", "CONFIDENTIAL";
    }

    /// How somebody takes part (RFC 5545, 3.2.16).
    Role {
        /// Leads it.
        Chair = "chair", "CHAIR";
        /// Is needed.
        Required = "required", "REQ-PARTICIPANT";
        /// Is welcome.
        Optional = "optional", "OPT-PARTICIPANT";
        /// Is told and does not take part.
        Informed = "informed", "NON-PARTICIPANT";
    }

    /// What somebody answered (RFC 5545, 3.2.12).
    Response {
        /// Nothing yet.
        NeedsAction = "needs_action", "NEEDS-ACTION";
        /// Comes.
        Accepted = "accepted", "ACCEPTED";
        /// Does not come.
        Declined = "declined", "DECLINED";
        /// May come.
        Tentative = "tentative", "TENTATIVE";
        /// Sends somebody else.
        Delegated = "delegated", "DELEGATED";
    }
}

/// Somebody who is invited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attendee {
    /// Their mail address.
    pub email: String,
    /// What they are called; may be empty.
    #[serde(default)]
    pub name: String,
    /// How they take part.
    #[serde(default = "required")]
    #[schema(required = false)]
    pub role: Role,
    /// What they answered.
    #[serde(default = "needs_action")]
    #[schema(required = false)]
    pub response: Response,
}

fn required() -> Role {
    Role::Required
}

fn needs_action() -> Response {
    Response::NeedsAction
}

/// Who invites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Organizer {
    /// Their mail address.
    pub email: String,
    /// What they are called; may be empty.
    #[serde(default)]
    pub name: String,
}

/// How somebody is reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReminderMethod {
    /// On their devices.
    Notification,
    /// By mail.
    Email,
}

/// When somebody is reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reminder {
    /// How long before the start, in minutes; less than 0 is after it.
    #[schema(minimum = -40320, maximum = 40320)]
    pub minutes_before: i32,
    /// How.
    pub method: ReminderMethod,
}
