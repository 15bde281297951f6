//! Cron expressions, as far as Cloudflare's triggers use them: five fields in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Datelike, Timelike};
use serde::Deserialize;

use crate::project::Project;

/// Minutes since 1970 in UTC.
pub(crate) type Minute = u64;

/// The minute that it is now.
pub(crate) fn minute_now() -> Minute {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() / 60)
}

/// One cron trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cron {
    text: String,
    minutes: Field,
    hours: Field,
    days: Field,
    months: Field,
    weekdays: Field,
}

/// The values that one field lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    values: Vec<u32>,
    any: bool,
}

#[derive(Debug, Deserialize)]
struct Configuration {
    triggers: Option<Triggers>,
}

#[derive(Debug, Deserialize)]
struct Triggers {
    #[serde(default)]
    crons: Vec<String>,
}

impl Cron {
    /// The triggers of `wrangler.toml`.
    pub(crate) fn of_configuration(project: &Project) -> Result<Vec<Self>> {
        let path = project.path("wrangler.toml");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("could not read {}", path.display()))?;
        let configuration: Configuration =
            toml::from_str(&text).context("wrangler.toml is not valid TOML")?;
        let crons = configuration
            .triggers
            .map(|triggers| triggers.crons)
            .unwrap_or_default();
        crons
            .iter()
            .map(|text| Self::parse(text).with_context(|| format!("the cron trigger {text:?}")))
            .collect()
    }

    fn parse(text: &str) -> Result<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else {
            bail!("has {} fields instead of five", fields.len());
        };
        Ok(Self {
            text: text.to_owned(),
            minutes: Field::parse(minutes, 0, 59)?,
            hours: Field::parse(hours, 0, 23)?,
            days: Field::parse(days, 1, 31)?,
            months: Field::parse(months, 1, 12)?,
            // Cloudflare counts the weekdays from 1, Sunday.
            weekdays: Field::parse(weekdays, 1, 7)?,
        })
    }

    /// As it stands in a query string.
    pub(crate) fn query(&self) -> String {
        self.text.replace(' ', "+")
    }

    /// Whether it fires in this minute.
    pub(crate) fn matches(&self, minute: Minute) -> bool {
        let Some(time) = i64::try_from(minute * 60)
            .ok()
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        else {
            return false;
        };
        let (day, weekday) = (time.day(), time.weekday().number_from_sunday());
        // Where both are restricted, either suffices: cron has always read it so.
        let on_this_day = match (self.days.any, self.weekdays.any) {
            (false, false) => self.days.allows(day) || self.weekdays.allows(weekday),
            _ => self.days.allows(day) && self.weekdays.allows(weekday),
        };
        on_this_day
            && self.months.allows(time.month())
            && self.hours.allows(time.hour())
            && self.minutes.allows(time.minute())
    }
}

impl Field {
    /// Lists of `*`, `5`, `1-5`, each with an optional step: `*/10`, `0-30/5`.
    fn parse(text: &str, lowest: u32, highest: u32) -> Result<Self> {
        let mut values = Vec::new();
        for part in text.split(',') {
            let (range, step) = part.split_once('/').unwrap_or((part, "1"));
            let step: usize = step
                .parse()
                .with_context(|| format!("{part:?} has no step"))?;
            let (from, until) = match range.split_once('-') {
                _ if range == "*" => (lowest, highest),
                Some((from, until)) => (number(from)?, number(until)?),
                None => (number(range)?, number(range)?),
            };
            if from < lowest || until > highest || from > until || step == 0 {
                bail!("{part:?} is outside {lowest} to {highest}");
            }
            values.extend((from..=until).step_by(step));
        }
        Ok(Self {
            values,
            any: text == "*",
        })
    }

    fn allows(&self, value: u32) -> bool {
        self.values.contains(&value)
    }
}

fn number(text: &str) -> Result<u32> {
    text.parse()
        .with_context(|| format!("{text:?} is no number; names of days are not supported"))
}

#[cfg(test)]
mod tests {
    use super::{Cron, Minute};

    /// 2026-11-22T12:34Z, a Sunday.
    const SUNDAY: Minute = 29_922_514;

    fn matches(expression: &str) -> bool {
        Cron::parse(expression).is_ok_and(|cron| cron.matches(SUNDAY))
    }

    #[test]
    fn fields_are_read_in_utc() {
        assert!(matches("* * * * *"));
        assert!(matches("34 12 22 11 *"));
        assert!(matches("*/17 * * * *"));
        assert!(matches("30-40/2 10,12 * * 1"));
        assert!(!matches("35 * * * *"));
        assert!(!matches("* * * 10 *"));
        assert!(!matches("* * * * 2-7"));
    }

    #[test]
    fn either_kind_of_day_suffices_where_both_are_given() {
        assert!(matches("* * 1 * 1"));
        assert!(matches("* * 22 * 2"));
        assert!(!matches("* * 1 * 2"));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "* * * *",
            "60 * * * *",
            "* * 0 * *",
            "*/0 * * * *",
            "x * * * *",
        ] {
            assert!(Cron::parse(text).is_err(), "{text}");
        }
    }
}
