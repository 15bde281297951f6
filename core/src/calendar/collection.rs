//! Calendars: what events stand in, and the rules a change must keep.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::event::check_color;
use crate::error::{Error, Violations};
use crate::identifier::CalendarId;
use crate::patch::{nullable, present};
use crate::text;
use crate::time::{Timestamp, parse_zone};

/// The most calendars a person can have.
pub const MAX_CALENDARS: u32 = 100;
/// The most characters a name may have.
pub const MAX_NAME: usize = 200;
/// The most characters a description may have.
pub const MAX_DESCRIPTION: usize = 5_000;

/// A calendar as answers show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Calendar {
    /// Which one.
    #[schema(value_type = String, example = "cal_01kab0s3fpe2s9m8rtkx6hdzqv")]
    pub id: CalendarId,
    /// What it is called.
    pub name: String,
    /// More words.
    pub description: String,
    /// Its colour: a name of CSS or `#rrggbb`.
    pub color: Option<String>,
    /// The IANA zone that it is shown in elsewhere; the person's where there is none.
    pub time_zone: Option<String>,
    /// Whether events go here unless told otherwise. It can't be deleted.
    pub is_primary: bool,
    /// Whether what stands in it takes up the person's time.
    pub is_busy: bool,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// A calendar as a person writes it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCalendar)]
pub struct CalendarInput {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// More words.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, max_length = 5000, required = false)]
    pub description: Option<String>,
    /// Its colour: a name of CSS or `#rrggbb`.
    #[serde(default)]
    #[schema(example = "#3366cc")]
    pub color: Option<String>,
    /// The IANA zone that it is shown in elsewhere.
    #[serde(default)]
    #[schema(example = "Europe/Berlin")]
    pub time_zone: Option<String>,
    /// Whether what stands in it takes up the person's time; it does unless told otherwise.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    pub is_busy: Option<bool>,
}

/// A change to a calendar (RFC 7396): what is absent stays, what is null is cleared.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CalendarPatch)]
pub struct CalendarPatchInput {
    /// What it is called.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, min_length = 1, max_length = 200, required = false)]
    pub name: Option<String>,
    /// More words.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 5000)]
    pub description: Option<Option<String>>,
    /// Its colour.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub color: Option<Option<String>>,
    /// The IANA zone that it is shown in elsewhere.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub time_zone: Option<Option<String>>,
    /// Whether what stands in it takes up the person's time.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    pub is_busy: Option<bool>,
}

/// A change that was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CalendarPatch {
    /// The new name.
    pub name: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// The new colour, or none.
    pub color: Option<Option<String>>,
    /// The new zone, or none.
    pub time_zone: Option<Option<String>>,
    /// Whether it takes up time from now on.
    pub is_busy: Option<bool>,
}

impl CalendarInput {
    /// The calendar that this makes, or everything that is wrong with it.
    pub fn into_calendar(self, id: CalendarId, now: Timestamp) -> Result<Calendar, Error> {
        let patch = CalendarPatchInput {
            name: Some(self.name),
            description: self.description.map(Some),
            color: Some(self.color),
            time_zone: Some(self.time_zone),
            is_busy: self.is_busy,
        }
        .check()?;
        Ok(Calendar {
            id,
            name: patch.name.unwrap_or_default(),
            description: patch.description.unwrap_or_default(),
            color: patch.color.flatten(),
            time_zone: patch.time_zone.flatten(),
            is_primary: false,
            is_busy: patch.is_busy.unwrap_or(true),
            created_at: now,
            updated_at: now,
        })
    }
}

impl CalendarPatchInput {
    /// The change, or everything that is wrong with it.
    pub fn check(self) -> Result<CalendarPatch, Error> {
        let mut violations = Violations::default();
        let name = self
            .name
            .map(|name| text::line(&name, "/name", MAX_NAME, &mut violations));
        let description = self.description.map(|description| {
            let description = description.unwrap_or_default();
            text::block(
                description,
                "/description",
                MAX_DESCRIPTION,
                &mut violations,
            )
        });
        let color = self
            .color
            .map(|color| color.map(|color| check_color(&color, &mut violations)));
        if let Some(Some(zone)) = &self.time_zone
            && parse_zone(zone).is_none()
        {
            violations.add(
                "/time_zone",
                "not_a_zone",
                "must be a zone of the IANA database",
            );
        }
        violations.into_result(CalendarPatch {
            name,
            description,
            color,
            time_zone: self.time_zone,
            is_busy: self.is_busy,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_with_a_calendar_is_said_at_once() {
        let input: CalendarInput = serde_json::from_str(
            r##"{"name": " ", "color": "#12345", "time_zone": "Mars/Phobos"}"##,
        )
        .expect("of its shape");
        let id = CalendarId::new(Timestamp::from_milliseconds(1), [1; 10]);
        let error = input
            .into_calendar(id, Timestamp::from_milliseconds(1))
            .expect_err("three faults");
        assert_eq!(error.fields.len(), 3, "{error:?}");
    }
}
