//! Hours on a clock.

use chrono::NaiveTime;

use super::vocabulary::digits;
use crate::analysis::words::Words;

/// The hour at which the morning ends and the afternoon begins.
pub(crate) const NOON: u16 = 12;

/// The hour at which the afternoon ends and the evening begins.
pub(crate) const EVENING: u16 = 18;

/// A time on a clock that can't be misread: how many words, and which one (none, where the words
/// have the form of one and no clock shows it).
pub(crate) fn clock_time(words: &Words<'_>, at: usize) -> Option<(usize, Option<NaiveTime>)> {
    let clock = |hour: u32, minute: u32| NaiveTime::from_hms_opt(hour, minute, 0);
    let word = words.get(at);
    let value = digits(word, 2)?;
    let mut length = 1;
    let mut minute = None;
    if words.gap_after(at) == ":"
        || (words.gap_after(at) == "." && matches!(words.get(at + 2), "am" | "pm" | "uhr"))
    {
        minute = Some(digits(words.get(at + 1), 2).filter(|_| words.get(at + 1).len() == 2)?);
        length = 2;
    }
    let (suffix, found) = match words.get(at + length) {
        half @ ("am" | "pm") if (1..=12).contains(&value) => (
            1,
            clock(
                value % 12 + if half == "pm" { 12 } else { 0 },
                minute.unwrap_or(0),
            ),
        ),
        half @ ("a" | "p")
            if (1..=12).contains(&value)
                && words.get(at + length + 1) == "m"
                && words.gap_after(at + length) == "." =>
        {
            (
                2,
                clock(
                    value % 12 + if half == "p" { 12 } else { 0 },
                    minute.unwrap_or(0),
                ),
            )
        }
        "uhr" => (1, clock(value, minute.unwrap_or(0))),
        "h" => (1, clock(value, 0)),
        // `9h30` is `9` and `h30`.
        french if minute.is_none() && french.len() == 3 && french.starts_with('h') => {
            let minutes = french.get(1..).and_then(|minutes| digits(minutes, 2))?;
            (1, clock(value, minutes))
        }
        // On a clock of 24 hours these can't be misread.
        _ if minute.is_some() && (value >= 13 || word.starts_with('0')) => {
            (0, clock(value, minute.unwrap_or(0)))
        }
        _ => return None,
    };
    Some((length + suffix, found))
}

/// What an hour without `am` or `pm` says when people are at work: from nine to noon it is the
/// morning's, from one to five the afternoon's; six to eight have people awake twice a day and are
/// left open.
pub(crate) fn office_hour(hour: u32) -> Option<u32> {
    match hour {
        1..=5 => Some(hour + 12),
        9..=23 => Some(hour),
        _ => None,
    }
}
