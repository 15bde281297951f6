//! Dates in scripts without spaces, which have no words to step through.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::numbers::{coming, friday, in_week};
use super::vocabulary::digits;
use super::{Context, FARTHEST_DAYS, Lead, Mention, Value};
use crate::analysis::words::{Words, is_unspaced};

/// The one date that a text in Japanese, Chinese or Korean names.
pub(super) fn find(words: &Words<'_>, context: &Context) -> Option<Mention> {
    let piece = words.piece();
    if !piece.chars().any(is_unspaced) {
        return None;
    }
    let today = context.now.date();
    let days = |count| today.checked_add_days(Days::new(count));
    let is_in = |names: &[&str]| names.iter().any(|name| piece.contains(name));
    let firm = is_in(&["まで", "までに", "以内", "之前", "前", "까지"]);
    let date = if let Some(date) = month_and_day(piece, today) {
        Some(date)
    } else if let Some(weekday) = weekday(piece) {
        if is_in(&["来週", "下周"]) {
            in_week(today, 1, weekday)
        } else {
            coming(today, weekday)
        }
    } else if is_in(&["明後日", "后天"]) {
        days(2)
    } else if is_in(&["明日", "明天", "내일"]) {
        days(1)
    } else if is_in(&["今日中", "本日中", "今日まで", "今天", "오늘"]) {
        days(0)
    } else if is_in(&["今週中", "本周", "이번 주"]) {
        friday(today, 0)
    } else {
        None
    };
    Some(Mention {
        span: words.range(),
        value: Value::Date(date?),
        readings: Vec::new(),
        lead: if firm { Lead::By } else { Lead::On },
        words: 0..0,
        loose: false,
        dated: true,
    })
}

fn weekday(piece: &str) -> Option<Weekday> {
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

fn month_and_day(piece: &str, today: NaiveDate) -> Option<NaiveDate> {
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

    [today.year(), today.year() + 1]
        .into_iter()
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .find(|date| *date >= today)
        .filter(|date| date.signed_duration_since(today).num_days() <= FARTHEST_DAYS)
}
