//! Busy time: when a person can't be had, and how firmly.
//!
//! Stretches come in as they are found (events, holds, absences, what a request carries), in any order
//! and over one another. What goes out is the same however they were cut: an instant has the firmest
//! status of all stretches that it belongs to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::interval::{Interval, IntervalSet};
use crate::error::{Error, Violations};
use crate::identifier::UserId;
use crate::time::Timestamp;

/// The most people whose busy time can be asked for at once.
pub const MAX_USERS: usize = 50;
/// The longest time over which it can be asked for: a year.
pub const MAX_WINDOW_MS: i64 = 366 * 86_400_000;

/// Why time is not free.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BusyStatus {
    /// Something is on.
    #[default]
    Busy,
    /// Something may be on.
    Tentative,
    /// Kept free for a while, until others answered.
    Hold,
    /// Not working.
    OutOfOffice,
}

impl BusyStatus {
    /// All of them, the firmest first: nothing can be arranged with who is not there, an event can at
    /// least be moved, a hold runs out, and what is tentative may never come.
    pub const FIRMEST_FIRST: [Self; 4] =
        [Self::OutOfOffice, Self::Busy, Self::Hold, Self::Tentative];

    /// The word in storage and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Tentative => "tentative",
            Self::Hold => "hold",
            Self::OutOfOffice => "out_of_office",
        }
    }
}

/// A stretch of time that is not free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BusyStretch {
    /// When.
    pub interval: Interval,
    /// Why.
    pub status: BusyStatus,
}

/// The same as answers show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct BusyPeriod {
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
    /// Why it is not free.
    pub status: BusyStatus,
}

/// The busy time of a person as slots are found with: by how it counts. An instant can belong to
/// several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BusyTime {
    /// When something is on, or kept free for something.
    pub firm: IntervalSet,
    /// When something may be on.
    pub tentative: IntervalSet,
    /// When the person is not there.
    pub out_of_office: IntervalSet,
}

impl BusyTime {
    /// The busy time that stretches make together.
    pub fn of(stretches: &[BusyStretch]) -> Self {
        let (mut busy, mut held) = (Vec::with_capacity(stretches.len()), Vec::new());
        let (mut tentative, mut out_of_office) = (Vec::new(), Vec::new());
        for stretch in stretches {
            let stretches = match stretch.status {
                BusyStatus::Busy => &mut busy,
                BusyStatus::Hold => &mut held,
                BusyStatus::Tentative => &mut tentative,
                BusyStatus::OutOfOffice => &mut out_of_office,
            };
            stretches.push(stretch.interval);
        }
        // Events and holds come from two tables, each in its order: apart they need no sorting.
        let set = IntervalSet::from_iter;
        let (busy, held) = (set(busy), set(held));
        Self {
            firm: if held.is_empty() {
                busy
            } else {
                busy.union(&held)
            },
            tentative: set(tentative),
            out_of_office: set(out_of_office),
        }
    }
}

/// The busy time of a window as answers show it: in order, not overlapping, each part with the
/// firmest status that it has.
pub fn busy_periods(stretches: &[BusyStretch], window: Interval) -> Vec<BusyPeriod> {
    let mut taken = IntervalSet::EMPTY;
    let mut periods: Vec<(Interval, BusyStatus)> = Vec::new();
    for status in BusyStatus::FIRMEST_FIRST {
        let own: IntervalSet = stretches
            .iter()
            .filter(|one| one.status == status)
            .filter_map(|one| one.interval.intersection(window))
            .collect();
        let visible = own.difference(&taken);
        periods.extend(visible.iter().map(|interval| (interval, status)));
        taken = taken.union(&own);
    }
    periods.sort_unstable_by_key(|(interval, _)| interval.start);
    periods
        .into_iter()
        .map(|(interval, status)| BusyPeriod {
            start: Timestamp::from_milliseconds(interval.start),
            end: Timestamp::from_milliseconds(interval.end),
            status,
        })
        .collect()
}

/// When something can't be arranged: all stretches together, whatever their status.
pub fn blocked(stretches: &[BusyStretch]) -> IntervalSet {
    stretches.iter().map(|one| one.interval).collect()
}

/// Whose busy time is asked for, and when.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AvailabilityRequest)]
pub struct AvailabilityInput {
    /// From when on.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// Until when; at most 366 days later.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
    /// Of whom: `me`, or the identifiers of people who granted it.
    #[schema(min_items = 1, max_items = 50, example = json!(["me"]))]
    pub users: Vec<String>,
}

/// Whose busy time is asked for, and when; checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvailabilityRequest {
    /// When.
    pub window: Interval,
    /// Of whom, each once, in the order asked for.
    pub users: Vec<UserId>,
}

impl AvailabilityInput {
    /// The request, or everything that is wrong with it. `asking` is who `me` is.
    pub fn check(self, asking: &UserId) -> Result<AvailabilityRequest, Error> {
        let mut violations = Violations::default();
        let window = Interval {
            start: self.start.milliseconds(),
            end: self.end.milliseconds(),
        };
        check_window(window, MAX_WINDOW_MS, "/end", &mut violations);
        let mut users: Vec<UserId> = Vec::new();
        if self.users.is_empty() || self.users.len() > MAX_USERS {
            let rule = format!("must have from 1 to {MAX_USERS} entries");
            violations.add("/users", "out_of_range", rule);
        } else {
            for (index, name) in self.users.iter().enumerate() {
                let pointer = format!("/users/{index}");
                if let Some(user) = read_user(name, asking, &pointer, &mut violations)
                    && !users.contains(&user)
                {
                    users.push(user);
                }
            }
        }
        violations.into_result(AvailabilityRequest { window, users })
    }
}

/// Notes a window that ends before it starts or is too long.
pub(crate) fn check_window(
    window: Interval,
    longest_ms: i64,
    pointer: &str,
    violations: &mut Violations,
) {
    if window.is_empty() {
        violations.add(pointer, "out_of_order", "must be later than `start`");
    } else if window.length() > longest_ms {
        let rule = format!(
            "must be at most {} days after `start`",
            longest_ms / 86_400_000
        );
        violations.add(pointer, "out_of_range", rule);
    }
}

/// How a request names the person who makes it.
pub(crate) const ME: &str = "me";

/// The person that a request names.
pub(crate) fn read_user(
    name: &str,
    asking: &UserId,
    pointer: &str,
    violations: &mut Violations,
) -> Option<UserId> {
    if name == ME {
        return Some(asking.clone());
    }
    let user = UserId::parse(name).ok();
    if user.is_none() {
        violations.add(
            pointer,
            "not_an_identifier",
            "must be `me`, or of the form usr_…",
        );
    }
    user
}

/// The busy time of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Availability {
    /// Whose.
    #[schema(value_type = String, example = "usr_01kab0s3fpe2s9m8rtkx6hdzqv")]
    pub user_id: UserId,
    /// When they are not free, in order.
    pub busy: Vec<BusyPeriod>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WINDOW: Interval = Interval { start: 10, end: 50 };

    fn some_stretches() -> impl Strategy<Value = Vec<BusyStretch>> {
        let statuses = prop::sample::select(BusyStatus::FIRMEST_FIRST.to_vec());
        let one = (0..60_i64, 0..15_i64, statuses).prop_map(|(start, length, status)| {
            let end = start + length;
            BusyStretch {
                interval: Interval { start, end },
                status,
            }
        });
        prop::collection::vec(one, 0..10)
    }

    /// The same stretches, each cut in two and put one after the other.
    fn cut(stretches: &[BusyStretch], at: i64) -> Vec<BusyStretch> {
        let part = |one: &BusyStretch, start, end| BusyStretch {
            interval: Interval { start, end },
            ..*one
        };
        let before = stretches
            .iter()
            .map(|one| part(one, one.interval.start, one.interval.end.min(at)));
        let behind = stretches
            .iter()
            .map(|one| part(one, one.interval.start.max(at), one.interval.end));
        behind.chain(before).collect()
    }

    proptest! {
        #[test]
        fn an_instant_has_the_firmest_status_of_what_it_belongs_to(stretches in some_stretches()) {
            let periods = busy_periods(&stretches, WINDOW);
            for instant in 0..80 {
                let rank = |status| BusyStatus::FIRMEST_FIRST.iter().position(|one| *one == status);
                let expected = stretches.iter().filter(|one| WINDOW.contains(instant) && one.interval.contains(instant));
                let expected = expected.map(|one| one.status).min_by_key(|status| rank(*status));
                let found: Vec<_> = periods
                    .iter()
                    .filter(|one| (one.start.milliseconds()..one.end.milliseconds()).contains(&instant))
                    .map(|one| one.status)
                    .collect();
                prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
            }
            // In order, and nothing is cut that need not be.
            for (one, next) in periods.iter().zip(periods.iter().skip(1)) {
                prop_assert!(one.end < next.start || (one.end == next.start && one.status != next.status));
            }
        }

        #[test]
        fn how_time_was_cut_makes_no_difference(stretches in some_stretches(), at in 0..60_i64) {
            let parts = cut(&stretches, at);
            prop_assert_eq!(busy_periods(&parts, WINDOW), busy_periods(&stretches, WINDOW));
            prop_assert_eq!(BusyTime::of(&parts), BusyTime::of(&stretches));
            prop_assert_eq!(blocked(&parts), blocked(&stretches));
        }

        #[test]
        fn what_blocks_is_all_that_is_shown(stretches in some_stretches()) {
            let shown: IntervalSet = busy_periods(&stretches, WINDOW)
                .iter()
                .map(|one| Interval { start: one.start.milliseconds(), end: one.end.milliseconds() })
                .collect();
            prop_assert_eq!(shown, blocked(&stretches).clipped(WINDOW));
        }
    }

    #[test]
    fn a_request_names_each_person_once_and_all_that_is_wrong() {
        let me = UserId::new(Timestamp::from_milliseconds(1), [1; 10]);
        let read = |json: &str| {
            let input: AvailabilityInput = serde_json::from_str(json).expect("readable");
            input.check(&me)
        };
        let json = format!(
            r#"{{"start":"2026-11-25T00:00:00Z","end":"2026-11-26T00:00:00Z","users":["me","{me}"]}}"#
        );
        assert_eq!(
            read(&json).expect("a request").users,
            std::slice::from_ref(&me)
        );
        let wrong = r#"{"start":"2026-11-25T00:00:00Z","end":"2026-11-25T00:00:00Z","users":["you","tsk_1"]}"#;
        assert_eq!(read(wrong).expect_err("violations").fields.len(), 3);
        let long = r#"{"start":"2026-11-25T00:00:00Z","end":"2028-11-25T00:00:00Z","users":[]}"#;
        assert_eq!(read(long).expect_err("violations").fields.len(), 2);
    }
}
