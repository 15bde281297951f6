//! Deadlines in scripts without spaces, which have no words to step through.

use chrono::{Days, NaiveDate, Weekday};

use super::date::{coming, dated, friday, in_week};
use super::vocabulary::digits;
use super::{Clock, Found};
use crate::analysis::Deadline;
use crate::analysis::words::{Words, is_unspaced};

/// Deadlines in Japanese and Chinese, which have no words to step through.
pub(super) fn find(words: &Words<'_>, clock: Clock) -> Option<Found> {
    let piece = words.piece();
    if !piece.chars().any(is_unspaced) {
        return None;
    }
    let today = clock.today();
    let days = |count| today.checked_add_days(Days::new(count));
    let firm = ["まで", "までに", "以内", "之前", "前", "까지"]
        .iter()
        .any(|mark| piece.contains(mark));
    let date = if let Some(date) = month_and_day(piece, clock) {
        Some(date)
    } else if let Some(weekday) = weekday(piece) {
        let next = piece.contains("来週") || piece.contains("下周");
        if next {
            in_week(today, 1, weekday)
        } else {
            coming(today, weekday)
        }
    } else if piece.contains("明後日") || piece.contains("后天") {
        days(2)
    } else if ["明日", "明天", "내일"]
        .iter()
        .any(|word| piece.contains(word))
    {
        days(1)
    } else if ["今日中", "本日中", "今日まで", "今天", "오늘"]
        .iter()
        .any(|word| piece.contains(word))
    {
        days(0)
    } else if ["今週中", "本周", "이번 주"]
        .iter()
        .any(|word| piece.contains(word))
    {
        friday(today, 0)
    } else {
        None
    };
    date.map(|date| Found {
        due: Deadline::Date(date),
        words: 0..0,
        firm,
    })
}

pub(super) fn weekday(piece: &str) -> Option<Weekday> {
    const DAYS: [(&str, &str, Weekday); 7] = [
        ("月曜", "周一", Weekday::Mon),
        ("火曜", "周二", Weekday::Tue),
        ("水曜", "周三", Weekday::Wed),
        ("木曜", "周四", Weekday::Thu),
        ("金曜", "周五", Weekday::Fri),
        ("土曜", "周六", Weekday::Sat),
        ("日曜", "周日", Weekday::Sun),
    ];
    const KOREAN: [(&str, Weekday); 7] = [
        ("월요일", Weekday::Mon),
        ("화요일", Weekday::Tue),
        ("수요일", Weekday::Wed),
        ("목요일", Weekday::Thu),
        ("금요일", Weekday::Fri),
        ("토요일", Weekday::Sat),
        ("일요일", Weekday::Sun),
    ];
    let east = DAYS
        .iter()
        .find(|(japanese, chinese, _)| piece.contains(japanese) || piece.contains(chinese))
        .map(|(_, _, day)| *day);
    east.or_else(|| {
        KOREAN
            .iter()
            .find(|(name, _)| piece.contains(name))
            .map(|(_, day)| *day)
    })
}

pub(super) fn month_and_day(piece: &str, clock: Clock) -> Option<NaiveDate> {
    let (before, after) = piece.split_once(['月', '월'])?;
    let trailing = before.len()
        - before
            .trim_end_matches(|ch: char| ch.is_ascii_digit())
            .len();
    let month = before
        .get(before.len() - trailing..)
        .and_then(|word| digits(word, 2))
        .filter(|_| trailing > 0)?;
    let after = after.trim_start();
    let length = after.bytes().take_while(u8::is_ascii_digit).count();
    let day = after
        .get(..length)
        .filter(|word| !word.is_empty())
        .and_then(|word| digits(word, 2))?;
    dated(None, month, day, clock)
}
