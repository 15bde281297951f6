//! What can be wrong with a start for a person, in two forms that agree: as the set of all starts that
//! break a rule, and as a question about one start.
//!
//! The first is what slots are found with: one pass over the person's stretches. The second says why,
//! for the few slots that are answered; it is the definition, and a test holds the first to it.

use super::attendee::Attendee;
use crate::calendar::interval::{Interval, IntervalSet};

/// Two meetings with less than this in between are back to back: the time it takes to end one, get up
/// and begin the next.
pub(super) const BACK_TO_BACK_MS: i64 = 10 * 60_000;

/// Who is asked outside of their hours by more than this is asked to get up early or stay late.
pub(super) const FAR_OUTSIDE_MS: i64 = 2 * 3_600_000;

/// Something that can be wrong with a start for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// They are not there.
    OutOfOffice,
    /// Something else is on that counts as busy.
    Busy,
    /// The same, or it is too close before or after.
    BusyOrTooClose,
    /// Something else is firmly on.
    Firm,
    /// The same, or it is too close before or after.
    FirmOrTooClose,
    /// Something may be on.
    Tentative,
    /// The same, or it is too close before or after.
    TentativeOrTooClose,
    /// They do not work.
    WorkingHours,
    /// They do not work for hours before or after.
    FarOutside,
    /// They want to be left alone.
    FocusTime,
    /// There is no time for lunch any more.
    Lunch,
    /// They have enough meetings on that day.
    DailyLimit,
    /// Another meeting ends right before or begins right after.
    BackToBack,
    /// Other times suit them better.
    PreferredTimes,
}

#[cfg(test)]
impl Rule {
    pub(super) const ALL: [Self; 14] = [
        Self::OutOfOffice,
        Self::Busy,
        Self::BusyOrTooClose,
        Self::Firm,
        Self::FirmOrTooClose,
        Self::Tentative,
        Self::TentativeOrTooClose,
        Self::WorkingHours,
        Self::FarOutside,
        Self::FocusTime,
        Self::Lunch,
        Self::DailyLimit,
        Self::BackToBack,
        Self::PreferredTimes,
    ];
}

/// Time that the meeting must not overlap, with free time that it needs around it.
struct Taken<'a> {
    set: &'a IntervalSet,
    before_ms: i64,
    after_ms: i64,
}

/// The time that a rule keeps the meeting out of, if it is such a rule.
fn taken(rule: Rule, person: &Attendee) -> Option<Taken<'_>> {
    let set = match rule {
        Rule::OutOfOffice => &person.busy.out_of_office,
        Rule::Busy | Rule::BusyOrTooClose => person.meetings(),
        Rule::Firm | Rule::FirmOrTooClose => &person.busy.firm,
        Rule::Tentative | Rule::TentativeOrTooClose => &person.busy.tentative,
        Rule::FocusTime => &*person.focus,
        _ => return None,
    };
    let with_buffers = matches!(
        rule,
        Rule::BusyOrTooClose | Rule::FirmOrTooClose | Rule::TentativeOrTooClose
    );
    let buffer = |ms| if with_buffers { ms } else { 0 };
    Some(Taken {
        set,
        before_ms: buffer(person.buffer_before_ms),
        after_ms: buffer(person.buffer_after_ms),
    })
}

/// Whether a person has anything that could break a rule.
pub(super) fn concerns(rule: Rule, person: &Attendee) -> bool {
    match rule {
        Rule::Lunch => !person.lunch.is_empty(),
        Rule::DailyLimit => !person.days.is_empty(),
        Rule::BackToBack => !person.meetings().is_empty(),
        Rule::PreferredTimes => !person.preferred.is_empty(),
        _ => taken(rule, person).is_none_or(|taken| !taken.set.is_empty()),
    }
}

/// Adds a stretch behind the last one, or to it where they touch.
fn push(starts: &mut Vec<Interval>, next: Interval) {
    if next.is_empty() {
        return;
    }
    match starts.last_mut() {
        Some(last) if next.start <= last.end => last.end = last.end.max(next.end),
        _ => starts.push(next),
    }
}

/// The stretches of a set that have something of an interval.
fn part(set: &IntervalSet, of: Interval) -> &[Interval] {
    let all = set.as_slice();
    let first = all.partition_point(|one| one.end <= of.start);
    let behind = all.partition_point(|one| one.start < of.end);
    all.get(first..behind).unwrap_or_default()
}

/// All that meetings which start within a range can touch.
fn reach(range: Interval, before_ms: i64, length_ms: i64) -> Interval {
    range.widened(before_ms, length_ms)
}

/// The starts of a range at which a meeting, with time before and after it, overlaps a set.
fn overlapping(
    set: &IntervalSet,
    before_ms: i64,
    length_ms: i64,
    range: Interval,
    starts: &mut Vec<Interval>,
) {
    for taken in part(set, reach(range, before_ms, length_ms)) {
        let start = taken.start.saturating_sub(length_ms).saturating_add(1);
        let end = taken.end.saturating_add(before_ms);
        push(starts, Interval { start, end });
    }
}

/// The starts of a range at which not all of a meeting lies within a set.
pub(super) fn not_within(
    set: &IntervalSet,
    length_ms: i64,
    range: Interval,
    starts: &mut Vec<Interval>,
) {
    let mut from = range.start;
    for one in part(set, reach(range, 0, length_ms)) {
        let behind_last = one.end.saturating_sub(length_ms).saturating_add(1);
        if behind_last > one.start {
            push(
                starts,
                Interval {
                    start: from,
                    end: one.start.min(range.end),
                },
            );
            from = from.max(behind_last);
        }
    }
    push(
        starts,
        Interval {
            start: from,
            end: range.end,
        },
    );
}

/// The stretches of an interval that do not belong to a set.
fn gaps(set: &IntervalSet, within: Interval) -> impl Iterator<Item = Interval> {
    let inside = part(set, within).iter();
    let behind = Interval {
        start: within.end,
        end: within.end,
    };
    let mut at = within.start;
    inside
        .copied()
        .chain([behind])
        .map(move |taken| {
            let gap = Interval {
                start: at,
                end: taken.start,
            };
            at = taken.end;
            gap
        })
        .filter(|gap| !gap.is_empty())
}

/// The first and the last stretch in which lunch can be.
fn places_for_lunch(person: &Attendee, window: Interval) -> Option<(Interval, Interval)> {
    let long_enough = |gap: &Interval| gap.length() >= person.lunch_ms;
    let mut places = gaps(&person.busy.firm, window).filter(long_enough);
    let first = places.next()?;
    Some((first, places.last().unwrap_or(first)))
}

/// Whether a day has no room for another meeting.
fn is_full(person: &Attendee, load: &super::attendee::DayLoad, length_ms: i64) -> bool {
    let minutes = i64::from(load.minutes) + length_ms / 60_000;
    let limit = person.daily_limit;
    limit.meetings.is_some_and(|most| load.meetings >= most)
        || limit.minutes.is_some_and(|most| minutes > i64::from(most))
}

/// Puts the starts that break a rule for a person in the place of what `starts` had: in order, not
/// touching. Those that are not among `of` (in order and not touching) may be left out.
pub(super) fn breaking(
    rule: Rule,
    person: &Attendee,
    length_ms: i64,
    of: &[Interval],
    starts: &mut Vec<Interval>,
) {
    starts.clear();
    let (Some(first), Some(last)) = (of.first(), of.last()) else {
        return;
    };
    let range = Interval {
        start: first.start,
        end: last.end,
    };
    if let Some(taken) = taken(rule, person) {
        let behind = length_ms.saturating_add(taken.after_ms);
        return overlapping(taken.set, taken.before_ms, behind, range, starts);
    }
    match rule {
        Rule::WorkingHours => not_within(&person.working, length_ms, range, starts),
        Rule::FarOutside => {
            let wide = person.working.widened(FAR_OUTSIDE_MS, FAR_OUTSIDE_MS);
            not_within(&wide, length_ms, range, starts);
        }
        Rule::Lunch => {
            let mut of = of.iter().copied().peekable();
            for &window in part(&person.lunch, reach(range, 0, length_ms)) {
                // Where no meeting reaches lunch, nothing has to be looked for.
                let first = window.start.saturating_sub(length_ms);
                while of.next_if(|one| one.end <= first).is_some() {}
                if of.peek().is_none_or(|one| one.start >= window.end) {
                    continue;
                }
                // It lasts until the meeting has left the first place, and begins when it reaches
                // the last.
                if let Some((first, last)) = places_for_lunch(person, window)
                    && person.working.overlaps(window)
                {
                    let needs = person.lunch_ms.saturating_add(length_ms);
                    let start = last.end.saturating_sub(needs).saturating_add(1);
                    let end = first.start.saturating_add(person.lunch_ms);
                    push(starts, Interval { start, end });
                }
            }
        }
        Rule::DailyLimit => {
            for load in &person.days {
                if is_full(person, load, length_ms) {
                    push(starts, load.day);
                }
            }
        }
        Rule::BackToBack => back_to_back(person, length_ms, range, starts),
        Rule::PreferredTimes if !person.preferred.is_empty() => {
            not_within(&person.preferred, length_ms, range, starts);
        }
        // Nobody minds; or it is time to be kept out of, and was dealt with above.
        _ => {}
    }
}

/// The starts that do not overlap a meeting and are less than [`BACK_TO_BACK_MS`] away from one.
fn back_to_back(person: &Attendee, length_ms: i64, range: Interval, starts: &mut Vec<Interval>) {
    let mut free_from = i64::MIN;
    let behind = length_ms.saturating_add(BACK_TO_BACK_MS);
    for meeting in part(person.meetings(), reach(range, BACK_TO_BACK_MS, behind)) {
        let behind_last = meeting.start.saturating_sub(length_ms).saturating_add(1);
        // Right behind the meeting before, then right before this one.
        for (start, end) in [
            (
                free_from,
                free_from.saturating_add(BACK_TO_BACK_MS).min(behind_last),
            ),
            (
                free_from.max(behind_last.saturating_sub(BACK_TO_BACK_MS)),
                behind_last,
            ),
        ] {
            // Before the first meeting there is none to come from.
            if start > i64::MIN {
                push(starts, Interval { start, end });
            }
        }
        free_from = meeting.end;
    }
    if free_from > i64::MIN {
        let end = free_from.saturating_add(BACK_TO_BACK_MS);
        push(
            starts,
            Interval {
                start: free_from,
                end,
            },
        );
    }
}

/// Whether a start breaks a rule for a person.
pub(super) fn breaks(rule: Rule, person: &Attendee, meeting: Interval) -> bool {
    if let Some(taken) = taken(rule, person) {
        let needed = meeting.widened(taken.before_ms, taken.after_ms);
        return taken.set.overlaps(needed);
    }
    match rule {
        Rule::WorkingHours => !person.working.covers(meeting),
        Rule::FarOutside => {
            let wide = || person.working.widened(FAR_OUTSIDE_MS, FAR_OUTSIDE_MS);
            !person.working.covers(meeting) && !wide().covers(meeting)
        }
        Rule::Lunch => part(&person.lunch, meeting).iter().any(|&window| {
            let long_enough = |gap: Interval| gap.length() >= person.lunch_ms;
            let is_left = |gap: Interval| {
                let before = Interval {
                    end: gap.end.min(meeting.start),
                    ..gap
                };
                let behind = Interval {
                    start: gap.start.max(meeting.end),
                    ..gap
                };
                long_enough(before) || long_enough(behind)
            };
            person.working.overlaps(window)
                && gaps(&person.busy.firm, window).any(long_enough)
                && !gaps(&person.busy.firm, window).any(is_left)
        }),
        Rule::DailyLimit => person.days.iter().any(|load| {
            load.day.contains(meeting.start) && is_full(person, load, meeting.length())
        }),
        Rule::BackToBack => {
            let around = meeting.widened(BACK_TO_BACK_MS, BACK_TO_BACK_MS);
            person.meetings().overlaps(around) && !person.meetings().overlaps(meeting)
        }
        Rule::PreferredTimes => !person.preferred.is_empty() && !person.preferred.covers(meeting),
        _ => false,
    }
}
