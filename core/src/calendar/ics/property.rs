//! What reading and writing an event agree on: which properties have a field, and the lines by which
//! parts of an event know what else was said of them.

use super::line::Line;
use super::value::Duration;
use crate::calendar::event::{Reminder, ReminderMethod};

/// The properties that have a field, in the order in which they are written.
pub(super) const PROPERTIES: [&str; 23] = [
    "UID",
    "DTSTAMP",
    "CREATED",
    "LAST-MODIFIED",
    "SEQUENCE",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RECURRENCE-ID",
    "RRULE",
    "EXRULE",
    "RDATE",
    "EXDATE",
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "STATUS",
    "TRANSP",
    "CLASS",
    "X-MICROSOFT-CDO-BUSYSTATUS",
    "COLOR",
    "ORGANIZER",
    "ATTENDEE",
];

/// The properties that tell where people meet, the most telling first (RFC 7986, 5.11, and what
/// Google and Microsoft write). `URL` is not among them: it is the page of the event.
pub(super) const CONFERENCES: [&str; 3] = [
    "CONFERENCE",
    "X-GOOGLE-CONFERENCE",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL",
];

/// The farthest reminder, in minutes: that of [`Reminder`].
const MAX_REMINDER_MINUTES: i32 = 40_320;

/// A short text that stands for a longer one: FNV-1a.
pub(super) fn fingerprint(text: &str) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}

/// The mail address in the line of an attendee or an organizer, and whether the value is no more
/// than that address.
pub(super) fn address(line: &Line<'_>) -> Option<(String, bool)> {
    let value = line.value.trim();
    let scheme = value.split_at_checked("mailto:".len());
    if let Some((_, address)) = scheme.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("mailto:"))
        && address.contains('@')
    {
        return Some((address.to_owned(), true));
    }
    // RFC 7986, 6.2: the address of somebody who is named by something else.
    let email = line.parameter("EMAIL")?;
    email.contains('@').then(|| (email.into_owned(), false))
}

/// The reminder that the lines of a `VALARM` make, if they make one.
pub(super) fn reminder_of<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Reminder> {
    let (mut method, mut minutes_before) = (None, None);
    for line in lines.filter_map(Line::parse) {
        let value = line.value.trim();
        match &*line.name {
            "ACTION" => {
                method = match value.to_ascii_uppercase().as_str() {
                    "DISPLAY" | "AUDIO" => Some(ReminderMethod::Notification),
                    "EMAIL" => Some(ReminderMethod::Email),
                    _ => return None,
                };
            }
            "TRIGGER" => {
                let related = line.parameter("RELATED");
                if related.is_some_and(|to| !to.eq_ignore_ascii_case("START")) {
                    return None;
                }
                let Duration { days, seconds } = Duration::parse(value)?;
                if seconds % 60 != 0 {
                    return None;
                }
                let minutes = days.checked_mul(1440)?.checked_add(seconds / 60)?;
                minutes_before = Some(minutes.checked_neg()?);
            }
            _ => {}
        }
    }
    let (minutes_before, method) = (minutes_before?, method?);
    (minutes_before.unsigned_abs() <= MAX_REMINDER_MINUTES.unsigned_abs()).then_some(Reminder {
        minutes_before,
        method,
    })
}

/// The lines of a `VALARM` that is a reminder and no more.
pub(super) fn alarm_of(reminder: Reminder) -> Vec<String> {
    let minutes = reminder.minutes_before;
    let (action, title): (_, &[_]) = match reminder.method {
        ReminderMethod::Notification => ("DISPLAY", &[]),
        ReminderMethod::Email => ("EMAIL", &["SUMMARY:Reminder"]),
    };
    let sign = if minutes > 0 { "-" } else { "" };
    let mut lines = vec![
        "BEGIN:VALARM".to_owned(),
        format!("ACTION:{action}"),
        format!("TRIGGER:{sign}PT{}M", minutes.unsigned_abs()),
        "DESCRIPTION:Reminder".to_owned(),
    ];
    lines.extend(title.iter().map(|line| (*line).to_owned()));
    lines.push("END:VALARM".to_owned());
    lines
}

pub(super) fn is_web_address(value: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        value
            .split_at_checked(scheme.len())
            .is_some_and(|(front, _)| front.eq_ignore_ascii_case(scheme))
    })
}

/// How the address of a conference is written.
pub(super) fn conference_line(url: &str) -> String {
    format!("CONFERENCE;VALUE=URI:{url}")
}
