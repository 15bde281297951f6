//! The time that tasks may take: working hours without what is busy, the buffers around it, and
//! lunch. Focus time is for tasks, so it is free.

use chrono_tz::Tz;

use crate::calendar::busy::{BusyStatus, BusyStretch, blocked};
use crate::calendar::hours::absence::Away;
use crate::calendar::hours::document::WorkingHours;
use crate::calendar::hours::expand::{Expansion, Weekly, out_of_office};
use crate::calendar::interval::{Interval, IntervalSet};

use super::MINUTE_MS;

/// How far outside of a window something lies that counts in it: the longest buffer, and the longest
/// stretch in which lunch can be.
pub const AROUND_MS: i64 = 24 * 60 * MINUTE_MS;

/// The time in a window that tasks may take, for somebody whose busy time is known [`AROUND_MS`]
/// beyond it. However firm it is, busy time is not free.
pub fn free_time(
    document: &WorkingHours,
    account_zone: Tz,
    away: &[Away],
    busy: &[BusyStretch],
    window: Interval,
) -> IntervalSet {
    let buffer = document.buffers.around(None);
    let (before, after) = (
        i64::from(buffer.before_minutes) * MINUTE_MS,
        i64::from(buffer.after_minutes) * MINUTE_MS,
    );
    let with_buffers: IntervalSet = busy
        .iter()
        .map(|one| match one.status {
            BusyStatus::OutOfOffice => one.interval,
            _ => one.interval.widened(before, after),
        })
        .collect();
    let mut expansion = Expansion::over(window.widened(AROUND_MS, AROUND_MS));
    let working = expansion
        .hours(Weekly::Working, document, account_zone, away)
        .difference(&out_of_office(away));
    let lunch = document.lunch.map_or(IntervalSet::EMPTY, |lunch| {
        let times = expansion.hours(Weekly::Lunch, document, account_zone, away);
        let length = i64::from(lunch.minutes) * MINUTE_MS;
        lunches(&times, length, &working, &blocked(busy))
    });
    let free = working.difference(&with_buffers).difference(&lunch);
    free.clipped(window)
}

/// Where lunch is: on each day the first time that is long enough, if there is one. It follows from
/// what is busy alone, so that planning again finds it at the same place.
fn lunches(
    times: &IntervalSet,
    length: i64,
    working: &IntervalSet,
    busy: &IntervalSet,
) -> IntervalSet {
    let on_working_days = times.iter().filter(|time| working.overlaps(*time));
    on_working_days
        .filter_map(|time| {
            let gaps = busy.gaps_in(time);
            let first = gaps.iter().find(|gap| gap.length() >= length)?;
            Some(Interval {
                end: first.start.saturating_add(length),
                ..first
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 60 * MINUTE_MS;
    /// A Monday.
    const MONDAY: i64 = 4 * 24 * HOUR_MS;

    fn hours(from: i64, to: i64) -> Interval {
        Interval {
            start: MONDAY + from * HOUR_MS,
            end: MONDAY + to * HOUR_MS,
        }
    }

    fn free(document: &str, busy: &[(Interval, BusyStatus)]) -> Vec<(f64, f64)> {
        let document: WorkingHours = serde_json::from_str(document).expect("hours");
        let busy: Vec<BusyStretch> = busy
            .iter()
            .map(|(interval, status)| BusyStretch {
                interval: *interval,
                status: *status,
            })
            .collect();
        let free = free_time(&document, Tz::UTC, &[], &busy, hours(0, 24));
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let hour = |instant: i64| (instant - MONDAY) as f64 / HOUR_MS as f64;
        free.iter()
            .map(|one| (hour(one.start), hour(one.end)))
            .collect()
    }

    #[test]
    fn what_is_busy_is_not_free_however_firm_it_is() {
        let busy = [
            (hours(10, 11), BusyStatus::Tentative),
            (hours(12, 13), BusyStatus::Hold),
            (hours(14, 15), BusyStatus::Busy),
        ];
        let expected = [(9.0, 10.0), (11.0, 12.0), (13.0, 14.0), (15.0, 17.0)];
        assert_eq!(free("{}", &busy), expected);
    }

    #[test]
    fn buffers_are_kept_around_meetings_and_not_around_absences() {
        let hours_with_buffers =
            r#"{"buffers":{"default":{"before_minutes":15,"after_minutes":30}}}"#;
        let busy = [
            (hours(10, 11), BusyStatus::Busy),
            (hours(13, 14), BusyStatus::OutOfOffice),
        ];
        let expected = [(9.0, 9.75), (11.5, 13.0), (14.0, 17.0)];
        assert_eq!(free(hours_with_buffers, &busy), expected);
    }

    #[test]
    fn lunch_is_the_first_time_that_is_long_enough() {
        let with_lunch = r#"{"lunch":{"start":"12:00","end":"14:00","minutes":60}}"#;
        assert_eq!(free(with_lunch, &[]), [(9.0, 12.0), (13.0, 17.0)]);
        let busy = [(hours(12, 13), BusyStatus::Busy)];
        assert_eq!(free(with_lunch, &busy), [(9.0, 12.0), (14.0, 17.0)]);
        let busy = [(hours(12, 14), BusyStatus::Busy)];
        assert_eq!(free(with_lunch, &busy), [(9.0, 12.0), (14.0, 17.0)]);
    }

    #[test]
    fn focus_time_is_free_for_tasks() {
        let focus = r#"{"focus_time":[{"days":["MO"],"start":"09:00","end":"12:00"}]}"#;
        assert_eq!(free(focus, &[]), [(9.0, 17.0)]);
    }
}
