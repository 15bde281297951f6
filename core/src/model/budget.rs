//! What a person may use of models a day: tokens and money, hard.
//!
//! A call is paid for before it is made: the most it can cost is taken from the day, in the statement
//! that also asks whether it is there, and given back as far as it was not used once the call is over.
//! So calls at the same time can't spend the same rest, and a call whose end nobody saw stays paid for.

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;

use super::{Usage, catalog::Model};
use crate::time::Timestamp;

/// From what share of the day's bound on the person is told, in percent.
pub const WARN_AT_PERCENT: u64 = 80;

/// A sum of use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spending {
    /// Tokens, read and written.
    pub tokens: u64,
    /// Cost, in millionths of the currency.
    pub cost_micros: u64,
}

impl Spending {
    /// What some tokens of a model are.
    pub fn of(model: &Model, usage: Usage) -> Self {
        Self {
            tokens: usage.total(),
            cost_micros: model.cost_micros(usage),
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_add(other.tokens),
            cost_micros: self.cost_micros.saturating_add(other.cost_micros),
        }
    }
}

/// The bounds of a person and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The most of both.
    pub most: Spending,
}

impl Budget {
    /// The deployment's bounds, and the person's own where these are lower: nobody can raise what the
    /// deployment pays for.
    pub fn of(deployment: Spending, own: (Option<u64>, Option<u64>)) -> Self {
        Self {
            most: Spending {
                tokens: own.0.unwrap_or(u64::MAX).min(deployment.tokens),
                cost_micros: own.1.unwrap_or(u64::MAX).min(deployment.cost_micros),
            },
        }
    }

    /// From which use on the person is told.
    pub fn warns_from(&self) -> Spending {
        let share = |most: u64| most.saturating_mul(WARN_AT_PERCENT).div_ceil(100);
        Spending {
            tokens: share(self.most.tokens),
            cost_micros: share(self.most.cost_micros),
        }
    }
}

/// The person's day that a moment lies in, and the moment it ends.
pub fn day(now: Timestamp, zone: Tz) -> (NaiveDate, Timestamp) {
    let today = now.to_utc().with_timezone(&zone).date_naive();
    let tomorrow = today.succ_opt().unwrap_or(today);
    // Midnight can be skipped by a change of clocks; an hour later it is the next day everywhere.
    let ends = [0, 1, 2].into_iter().find_map(|hour| {
        tomorrow
            .and_hms_opt(hour, 0, 0)?
            .and_local_timezone(zone)
            .earliest()
    });
    let ends = ends.map_or_else(
        || now.plus(TimeDelta::days(1)),
        |ends| Timestamp::from(ends.to_utc()),
    );
    (today, ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a moment")
    }

    #[test]
    fn a_day_is_the_persons_own() {
        let now = at("2026-03-05T23:30:00Z");
        let (date, ends) = day(now, Tz::Europe__Berlin);
        assert_eq!(
            (date.to_string().as_str(), ends),
            ("2026-03-06", at("2026-03-06T23:00:00Z"))
        );
        let (date, ends) = day(now, Tz::America__New_York);
        assert_eq!(
            (date.to_string().as_str(), ends),
            ("2026-03-05", at("2026-03-06T05:00:00Z"))
        );
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_ends_an_hour_later() {
        // Clocks in Beirut went from 00:00 to 01:00 on 2026-03-29.
        let (_, ends) = day(at("2026-03-28T12:00:00Z"), Tz::Asia__Beirut);
        assert_eq!(ends, at("2026-03-28T22:00:00Z"));
    }

    #[test]
    fn a_person_can_lower_their_bounds_and_not_raise_them() {
        let deployment = Spending {
            tokens: 1000,
            cost_micros: 50,
        };
        assert_eq!(Budget::of(deployment, (None, None)).most, deployment);
        let lower = Budget::of(deployment, (Some(10), Some(999)));
        assert_eq!(
            lower.most,
            Spending {
                tokens: 10,
                cost_micros: 50
            }
        );
        assert_eq!(
            lower.warns_from(),
            Spending {
                tokens: 8,
                cost_micros: 40
            }
        );
    }
}
