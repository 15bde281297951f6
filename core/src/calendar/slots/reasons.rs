//! Why a slot is as good as it is: what it costs whom, in sentences.
//!
//! The effects of the reasons sum up to the points that the slot loses: a test holds the ranking and
//! the reasons together.

use std::fmt::Write as _;

use super::answer::{Missing, Reason, ReasonCode, Slot};
use super::attendee::Attendee;
use super::constraints::Strictness;
use super::ranking::Ranked;
use super::request::Who;
use super::rules::{Rule, breaks};
use super::search::{Search, hard_rules};
use crate::calendar::civil;
use crate::calendar::interval::Interval;
use crate::time::Timestamp;

/// How many names a sentence has before it counts the others.
const MAX_NAMES: usize = 3;

/// The slot of a start, with its reasons, where these rules cost that many points.
pub(super) fn explain(search: &Search, ranked: Ranked, costs: &[(Rule, u32)]) -> Slot {
    let meeting = Interval {
        start: ranked.start,
        end: ranked.start.saturating_add(search.duration_ms),
    };
    let mut coming = Vec::with_capacity(search.attendees.len());
    let mut missing = Vec::new();
    for person in &search.attendees {
        let mut rules = hard_rules(&search.constraints);
        let why = rules.find(|rule| !person.required && breaks(*rule, person, meeting));
        match why {
            // Which of the two it is, is worth a word.
            Some(Rule::BusyOrTooClose) if breaks(Rule::Busy, person, meeting) => {
                missing.push((person, Rule::Busy));
            }
            Some(rule) => missing.push((person, rule)),
            None => coming.push(person),
        }
    }
    let mut reasons = Vec::new();
    let mut add = |code, text: String, points: i64| {
        let effect = -points;
        reasons.push(Reason { code, text, effect });
    };
    if missing.is_empty() {
        let text = match coming.as_slice() {
            [one] => format!("{} is free.", one.name),
            [one, other] => format!("{} and {} are free.", one.name, other.name),
            all => format!("All {} are free.", all.len()),
        };
        add(ReasonCode::EveryoneFree, text, 0);
    } else {
        let people: Vec<&Attendee> = missing.iter().map(|(person, _)| *person).collect();
        let names = names(&people, meeting, false);
        let points = i64::from(search.weights.missing_optional) * count(missing.len());
        let text = format!("Without {names}, who need not come.");
        add(ReasonCode::MissingOptional, text, points);
    }
    let within_hours = match search.constraints.working_hours {
        // Who comes keeps to it.
        Strictness::Require => true,
        Strictness::Prefer => !coming
            .iter()
            .any(|person| breaks(Rule::WorkingHours, person, meeting)),
        Strictness::Ignore => false,
    };
    if within_hours {
        let text = "Within the working hours of everybody who comes.".to_owned();
        add(ReasonCode::WithinWorkingHours, text, 0);
    }
    let mut whom: Vec<&Attendee> = Vec::with_capacity(coming.len());
    let content =
        |person: &&&Attendee| !person.preferred.is_empty() && person.preferred.covers(meeting);
    whom.extend(coming.iter().filter(content));
    if !whom.is_empty() {
        let text = format!(
            "Within the preferred times of {}.",
            names(&whom, meeting, false)
        );
        add(ReasonCode::PreferredTimes, text, 0);
    }
    for &(rule, points) in costs {
        whom.clear();
        whom.extend(coming.iter().filter(|person| breaks(rule, person, meeting)));
        if !whom.is_empty() {
            let text = sentence(rule, &names(&whom, meeting, true), whom.len());
            add(code(rule), text, i64::from(points) * count(whom.len()));
        }
    }
    let day = |instant| civil::day_of(search.offsets.civil(instant));
    let days = i64::from(day(meeting.start) - day(search.window.start));
    let points = days * i64::from(search.weights.later_by_a_day);
    if points > 0 {
        let plural = if days == 1 { "" } else { "s" };
        let text = format!("{days} day{plural} after the first day of the window.");
        add(ReasonCode::Later, text, points);
    }
    Slot {
        start: Timestamp::from_milliseconds(meeting.start),
        end: Timestamp::from_milliseconds(meeting.end),
        score: score(ranked.points),
        reasons,
        missing_optional: missing
            .into_iter()
            .map(|(person, rule)| missing_person(person, rule, meeting))
            .collect(),
    }
}

/// The score of a slot that loses so many points, as [`Slot::score`] says.
pub(super) fn score(points: i64) -> f64 {
    // Points are at most some millions: exact.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let lost = points as f64;
    (100_000.0 / (100.0 + lost)).round() / 10.0
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(0)
}

/// The names of people, at most [`MAX_NAMES`] of them and then how many others there are; with what
/// the clock shows them where a sentence is about that.
fn names(people: &[&Attendee], meeting: Interval, with_clock: bool) -> String {
    // One name is not longer than "1 others" would be.
    let fits = people.len() <= MAX_NAMES + 1;
    let shown = if fits { people.len() } else { MAX_NAMES };
    let mut text = String::new();
    for (index, person) in people.iter().take(shown).enumerate() {
        text.push_str(match index {
            0 => "",
            _ if index + 1 == people.len() => " and ",
            _ => ", ",
        });
        text.push_str(&person.name);
        if with_clock {
            let _ = write!(text, " ({})", clock(person, meeting.start));
        }
    }
    if !fits {
        let _ = write!(text, " and {} others", people.len() - shown);
    }
    text
}

/// What the clock shows somebody, and where.
fn clock(person: &Attendee, instant: i64) -> String {
    let offsets = person.offsets_at(instant);
    let minutes = civil::second_of_day(offsets.civil(instant)) / 60;
    let (hour, minute) = (minutes / 60, minutes % 60);
    format!("{hour:02}:{minute:02} {}", offsets.zone().name())
}

fn code(rule: Rule) -> ReasonCode {
    match rule {
        Rule::OutOfOffice => ReasonCode::OutOfOffice,
        Rule::Busy | Rule::BusyOrTooClose | Rule::Firm | Rule::FirmOrTooClose => ReasonCode::Busy,
        Rule::Tentative | Rule::TentativeOrTooClose => ReasonCode::Tentative,
        Rule::WorkingHours => ReasonCode::OutsideHours,
        Rule::FarOutside => ReasonCode::FarOutsideHours,
        Rule::FocusTime => ReasonCode::FocusTime,
        Rule::Lunch => ReasonCode::Lunch,
        Rule::DailyLimit => ReasonCode::DailyLimit,
        Rule::BackToBack => ReasonCode::BackToBack,
        Rule::PreferredTimes => ReasonCode::NotPreferred,
    }
}

/// What a broken rule means to people.
fn sentence(rule: Rule, names: &str, people: usize) -> String {
    let (before, behind) = match rule {
        Rule::OutOfOffice => ("Out of office: ", ""),
        Rule::Busy | Rule::Firm => ("Busy: ", ""),
        Rule::BusyOrTooClose | Rule::FirmOrTooClose | Rule::TentativeOrTooClose => (
            "Busy, or without the free time they need around a meeting: ",
            "",
        ),
        Rule::Tentative => ("Tentatively busy: ", ""),
        Rule::WorkingHours => ("Outside the working hours of ", ""),
        Rule::FarOutside => ("More than two hours outside the working hours of ", ""),
        Rule::FocusTime => ("Breaks the focus time of ", ""),
        Rule::Lunch => ("Leaves no time for lunch to ", ""),
        Rule::DailyLimit => ("Goes over the daily limit of ", ""),
        Rule::BackToBack => ("Back to back with another meeting of ", ""),
        Rule::PreferredTimes if people == 1 => ("", " prefers other times"),
        Rule::PreferredTimes => ("", " prefer other times"),
    };
    format!("{before}{names}{behind}.")
}

fn missing_person(person: &Attendee, rule: Rule, meeting: Interval) -> Missing {
    let (user_id, email) = match &person.who {
        Who::User(user) => (Some(user.clone()), None),
        Who::Email(address) => (None, Some(address.clone())),
    };
    let with_clock = rule == Rule::WorkingHours;
    let names = names(&[person], meeting, with_clock);
    Missing {
        user_id,
        email,
        name: person.name.clone(),
        code: code(rule),
        text: sentence(rule, &names, 1),
    }
}
