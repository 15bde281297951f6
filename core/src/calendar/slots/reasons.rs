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
use super::search::Search;
use crate::calendar::civil;
use crate::calendar::interval::Interval;
use crate::time::Timestamp;

/// How many names a sentence has before it counts the others.
const MAX_NAMES: usize = 3;

/// What is allocated for a sentence at first: most with one name fit.
const SENTENCE_BYTES: usize = 96;

/// The slot of a start, with its reasons, where nobody comes who would break one of `hard`, and the
/// rules of `costs` cost that many points.
pub(super) fn explain<'a>(
    search: &'a Search,
    ranked: Ranked,
    hard: &[Rule],
    costs: &[(Rule, u32)],
) -> Slot<'a> {
    let meeting = Interval {
        start: ranked.start,
        end: ranked.start.saturating_add(search.duration_ms),
    };
    let mut coming = Vec::with_capacity(search.attendees.len());
    let mut missing = Vec::new();
    for person in &search.attendees {
        let mut rules = hard.iter();
        let why = rules.find(|rule| !person.required && breaks(**rule, person, meeting));
        match why {
            // Which of the two it is, is worth a word.
            Some(Rule::BusyOrTooClose) if breaks(Rule::Busy, person, meeting) => {
                missing.push((person, Rule::Busy));
            }
            Some(rule) => missing.push((person, *rule)),
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
        let mut text = "Without ".to_owned();
        push_names(&mut text, &people, None);
        text.push_str(", who need not come.");
        let points = i64::from(search.weights.missing_optional) * count(missing.len());
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
        let mut text = "Within the preferred times of ".to_owned();
        push_names(&mut text, &whom, None);
        text.push('.');
        add(ReasonCode::PreferredTimes, text, 0);
    }
    for &(rule, points) in costs {
        whom.clear();
        whom.extend(coming.iter().filter(|person| breaks(rule, person, meeting)));
        if !whom.is_empty() {
            let text = sentence(rule, &whom, Some(meeting));
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

/// Adds the names of people, at most [`MAX_NAMES`] of them and then how many others there are; with
/// what the clock shows them when a meeting starts, where a sentence is about that.
fn push_names(text: &mut String, people: &[&Attendee], meeting: Option<Interval>) {
    // One name is not longer than "1 others" would be.
    let fits = people.len() <= MAX_NAMES + 1;
    let shown = if fits { people.len() } else { MAX_NAMES };
    for (index, person) in people.iter().take(shown).enumerate() {
        text.push_str(match index {
            0 => "",
            _ if index + 1 == people.len() => " and ",
            _ => ", ",
        });
        text.push_str(&person.name);
        if let Some(meeting) = meeting {
            push_clock(text, person, meeting.start);
        }
    }
    if !fits {
        let _ = write!(text, " and {} others", people.len() - shown);
    }
}

/// Adds what the clock shows somebody, and where, such as ` (09:30 Asia/Tokyo)`.
fn push_clock(text: &mut String, person: &Attendee, instant: i64) {
    let offsets = person.offsets_at(instant);
    let minutes = civil::second_of_day(offsets.civil(instant)) / 60;
    text.push_str(" (");
    for (separator, number) in [("", minutes / 60), (":", minutes % 60)] {
        text.push_str(separator);
        for digit in [number / 10, number % 10] {
            text.extend(
                u32::try_from(digit)
                    .ok()
                    .and_then(|digit| char::from_digit(digit, 10)),
            );
        }
    }
    text.push(' ');
    text.push_str(offsets.zone().name());
    text.push(')');
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

/// What a rule that people have broken means to them; with what the clock shows them when a meeting
/// starts, where the sentence is about that.
fn sentence(rule: Rule, people: &[&Attendee], meeting: Option<Interval>) -> String {
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
        Rule::PreferredTimes if people.len() == 1 => ("", " prefers other times"),
        Rule::PreferredTimes => ("", " prefer other times"),
    };
    let mut text = String::with_capacity(SENTENCE_BYTES);
    text.push_str(before);
    push_names(&mut text, people, meeting);
    text.push_str(behind);
    text.push('.');
    text
}

fn missing_person(person: &Attendee, rule: Rule, meeting: Interval) -> Missing<'_> {
    let (user_id, email) = match &person.who {
        Who::User(user) => (Some(user), None),
        Who::Email(address) => (None, Some(address.as_str())),
    };
    let is_about_hours = rule == Rule::WorkingHours;
    Missing {
        user_id,
        email,
        name: &person.name,
        code: code(rule),
        text: sentence(rule, &[person], is_about_hours.then_some(meeting)),
    }
}
