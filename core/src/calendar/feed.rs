//! Feeds: addresses under which calendars are read by whoever has the address.
//!
//! The address holds a secret that is shown once and stored as its hash; it reads, and can do nothing
//! else.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ics::Detail;
use crate::error::{Error, Violations};
use crate::identifier::{CalendarId, FeedId};
use crate::text;
use crate::time::Timestamp;

/// The most feeds a person can have.
pub const MAX_FEEDS: u32 = 50;
/// The most characters of a feed's name.
const MAX_NAME: usize = 200;
/// The most calendars a feed can name.
const MAX_CALENDARS: usize = 100;
/// How far back a feed goes, in milliseconds: a year.
pub const BACK_MS: i64 = 366 * 86_400_000;

/// How much a feed tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FeedDetail)]
pub enum FeedDetail {
    /// Everything: for the person's own devices.
    Full,
    /// Everything of public events, and of private and confidential ones when they are.
    Shared,
    /// When something is on, and nothing of what.
    Busy,
}

impl FeedDetail {
    /// The word in storage and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Shared => "shared",
            Self::Busy => "busy",
        }
    }

    /// The same for who writes the calendar.
    pub const fn detail(self) -> Detail {
        match self {
            Self::Full => Detail::Full,
            Self::Shared => Detail::Shared,
            Self::Busy => Detail::Busy,
        }
    }
}

/// A feed to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewFeed)]
pub struct FeedInput {
    /// What it is called, also where it is read.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Which calendars; all of them, also those to come, unless told otherwise.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, min_items = 1, max_items = 100)]
    pub calendar_ids: Option<Vec<CalendarId>>,
    /// How much it tells.
    pub detail: FeedDetail,
}

/// A feed, without its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Feed {
    /// Which one.
    #[schema(value_type = String, example = "fed_01kab0s3fpe2s9m8rtkx6hdzqv")]
    pub id: FeedId,
    /// What it is called.
    pub name: String,
    /// Which calendars; null: all of them.
    #[schema(value_type = Option<Vec<String>>, required = true)]
    pub calendar_ids: Option<Vec<CalendarId>>,
    /// How much it tells.
    pub detail: FeedDetail,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The same: a feed does not change.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl FeedInput {
    /// The feed that this makes, or everything that is wrong with it.
    pub fn into_feed(self, id: FeedId, now: Timestamp) -> Result<Feed, Error> {
        let mut violations = Violations::default();
        let name = text::line(&self.name, "/name", MAX_NAME, &mut violations);
        let calendar_ids = self.calendar_ids.map(|mut ids| {
            if ids.is_empty() {
                violations.add("/calendar_ids", "empty", "must name at least one calendar");
            } else if ids.len() > MAX_CALENDARS {
                let rule = format!("must have at most {MAX_CALENDARS} entries");
                violations.add("/calendar_ids", "too_many", rule);
            }
            ids.sort_unstable();
            ids.dedup();
            ids
        });
        violations.into_result(Feed {
            id,
            name,
            calendar_ids,
            detail: self.detail,
            created_at: now,
            updated_at: now,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(json: &str) -> Result<Feed, Error> {
        let now = Timestamp::from_milliseconds(0);
        let input: FeedInput = serde_json::from_str(json).expect("readable");
        input.into_feed(FeedId::new(now, [0; 10]), now)
    }

    #[test]
    fn a_feed_names_its_calendars_once_or_none() {
        let all = feed(r#"{"name":" Phone ","detail":"full"}"#).expect("a feed");
        assert_eq!((all.name.as_str(), all.calendar_ids), ("Phone", None));
        let id = "cal_01kab0s3fpe2s9m8rtkx6hdzqv";
        let one = format!(r#"{{"name":"x","detail":"busy","calendar_ids":["{id}","{id}"]}}"#);
        let one = feed(&one).expect("a feed");
        assert_eq!(one.calendar_ids.map(|ids| ids.len()), Some(1));
        assert!(feed(r#"{"name":"","detail":"busy"}"#).is_err());
        assert!(feed(r#"{"name":"x","detail":"busy","calendar_ids":[]}"#).is_err());
    }
}
