//! Days and hours put together: `tomorrow at 3pm`, `3pm tomorrow`, `from 3 to 5pm on Friday`.

use chrono::{Duration, FixedOffset, NaiveDateTime, NaiveTime};

use super::days::Days;
use super::hours::Hour;
use super::mentions::Reader;
use super::neighbours::{ends_clause, is_free};
use super::numbers::year_at;
use super::terms::{LEADS, PARTS_OF_DAY, STEPS};
use super::vocabulary::{PARTS, Part, digits};
use super::{Lead, PartOfDay, Prefer, Reading, Reason, Value};

/// What words say of the time of a day.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hours {
    At(Hour),
    Span(Hour, Hour),
    Open(Lead, Hour),
    Part(PartOfDay),
    EndOfDay,
}

impl Hours {
    /// Whether it is only numbers, which want an `at` or a day.
    pub(super) fn is_bare(self) -> bool {
        match self {
            Self::At(hour) | Self::Open(_, hour) => hour.bare,
            Self::Span(one, two) => one.bare && two.bare,
            Self::Part(_) | Self::EndOfDay => false,
        }
    }
}

/// A day and what is said of its time; one of the two may be missing.
#[derive(Debug, Clone, Copy)]
pub(super) struct When {
    pub(super) days: Option<Days>,
    pub(super) hours: Option<Hours>,
    /// A moment that needs neither: `2026-03-03T09:30Z`, `in an hour`.
    pub(super) exact: Option<(NaiveDateTime, Option<FixedOffset>)>,
}

impl When {
    pub(super) fn on(days: Days) -> Self {
        Self {
            days: Some(days),
            hours: None,
            exact: None,
        }
    }

    pub(super) fn exactly(civil: NaiveDateTime, offset: Option<FixedOffset>) -> Self {
        Self {
            days: None,
            hours: None,
            exact: Some((civil, offset)),
        }
    }
}

impl Reader<'_, '_> {
    /// Whether a word follows the one before it with nothing between that would part them.
    pub(super) fn is_close(&self, at: usize) -> bool {
        at < self.words.len() && at > 0 && {
            let gap = self.words.gap_after(at - 1);
            // `5 p.m. on Friday`
            let german = matches!(self.words.get(at), "um" | "gegen")
                && self
                    .words
                    .before(at)
                    .bytes()
                    .all(|byte| byte.is_ascii_digit());
            let stop =
                gap == ". " && (german || matches!(self.words.before(at), "m" | "am" | "pm"));
            stop || gap.len() < 8
                && matches!(gap.trim(), "" | "," | "-" | "–" | "@" | "(" | ":")
                && gap.matches('\n').count() < 2
        }
    }

    /// A time of the day: where it ends, and what it says. `bare` takes numbers that are nothing else.
    pub(super) fn hours(&self, at: usize, bare: bool) -> Option<(usize, Hours)> {
        let words = self.words;
        match PARTS.longest_at(words, at) {
            Some((length, Part::EndOfDay)) => return Some((at + length, Hours::EndOfDay)),
            Some((length, Part::Morning)) if words.get(at) == "fruh" => {
                return Some((at + length, Hours::Part(PartOfDay::Morning)));
            }
            _ => {}
        }
        if let Some((length, (part, _))) = PARTS_OF_DAY.longest_at(words, at) {
            return Some((at + length, Hours::Part(part)));
        }
        if let Some((length, lead)) = LEADS.longest_at(words, at)
            && !matches!(lead, Lead::In)
        {
            let place = self.article_of_hour(at + length);
            let (end, hour) = self.hour(place)?;
            let span = matches!(lead, Lead::From | Lead::Between | Lead::At | Lead::On)
                .then(|| self.span(end, hour, lead == Lead::Between))
                .flatten();
            if let Some((end, to)) = span {
                return Some((end, Hours::Span(hour, to)));
            }
            let bare = bare && !matches!(lead, Lead::On);
            if hour.bare && (lead == Lead::From || !(bare && self.ends_hour(end))) {
                return None;
            }
            return match lead {
                Lead::On | Lead::At => Some((end, Hours::At(hour))),
                Lead::Between => None,
                lead => Some((end, Hours::Open(lead, hour))),
            };
        }
        let (end, hour) = self.hour(self.article_of_hour(at))?;
        if let Some((end, to)) = self.span(end, hour, false) {
            return (bare || !hour.bare || !to.bare).then_some((end, Hours::Span(hour, to)));
        }
        (!hour.bare || (bare && self.ends_hour(end))).then_some((end, Hours::At(hour)))
    }

    /// Whether a bare number that ends here can be an hour: no noun follows that it would count.
    fn ends_hour(&self, at: usize) -> bool {
        ends_clause(self.words, at)
            || self.days(self.after_connector(at), false).is_some()
            || PARTS_OF_DAY.longest_at(self.words, at).is_some()
            || matches!(
                self.words.get(at),
                "an" | "on" | "sharp" | "zuruck" | "it" | "we" | "is" | "works"
            )
    }

    fn article_of_hour(&self, at: usize) -> usize {
        at + usize::from(matches!(self.words.get(at), "las" | "la" | "les"))
    }

    /// Whether the word before wants an hour: `at`, `by`, a day.
    pub(super) fn is_led_to_hour(&self, at: usize) -> bool {
        matches!(
            self.words.before(at),
            "at" | "by" | "before" | "after" | "until" | "around" | "about" | "um" | "vor" | "nach"
        )
    }

    /// The second hour of a range: where it ends, and which.
    fn span(&self, at: usize, from: Hour, between: bool) -> Option<(usize, Hour)> {
        let place = self.joint(at, between)?;
        let (end, to) = self.hour(self.article_of_hour(place))?;
        // `from 3 to 5 people`: numbers alone are hours only where nothing is counted.
        (!(from.bare && to.bare) || self.ends_hour(end)).then_some((end, to))
    }

    /// The word or dash between two ends: the place behind it.
    pub(super) fn joint(&self, at: usize, between: bool) -> Option<usize> {
        let words = self.words;
        if at == 0 || at >= words.len() {
            return None;
        }
        let gap = words.gap_after(at - 1).trim();
        let word = words.get(at);
        let and = matches!(word, "and" | "und" | "et" | "y" | "e");
        let to = matches!(
            word,
            "to" | "until"
                | "till"
                | "through"
                | "thru"
                | "bis"
                | "a"
                | "au"
                | "al"
                | "hasta"
                | "jusqu'a"
                | "jusqu'au"
        );
        if matches!(gap, "-" | "–" | "—" | "to") {
            return Some(at);
        }
        if !matches!(gap, "" | ".") || !(to || (and && between)) {
            return None;
        }
        let next = at + 1;
        Some(next + usize::from(word == "bis" && matches!(words.get(next), "zum" | "zur")))
    }

    /// Steps over what stands between an hour and its day: `on`, `of`, `am`.
    fn after_connector(&self, at: usize) -> usize {
        match PARTS.longest_at(self.words, at) {
            Some((length, Part::Connector)) => at + length,
            _ => at,
        }
    }

    /// `2026-03-03T09:30Z`, `20260303T0930`
    fn timestamp(&self, at: usize) -> Option<(usize, When)> {
        let words = self.words;
        let first = words.get(at);
        let (date, place) = if first.len() == 8 {
            (
                chrono::NaiveDate::parse_from_str(first, "%Y%m%d").ok()?,
                at + 1,
            )
        } else {
            year_at(words, at).filter(|_| first.len() == 4 && words.gap_after(at) == "-")?;
            let (month, day) = (digits(words.get(at + 1), 2)?, digits(words.get(at + 2), 2)?);
            (
                chrono::NaiveDate::from_ymd_opt(year_at(words, at)?, month, day)?,
                at + 3,
            )
        };
        let time = words
            .get(place)
            .strip_prefix('t')
            .filter(|_| words.gap_after(place - 1).is_empty())?;
        let mut end = place + 1;
        let mut zulu = false;
        let mut numbers = [0, 0];
        let compact = time.trim_end_matches('z');
        if matches!(compact.len(), 4 | 6) {
            numbers = [
                digits(compact.get(..2)?, 2)?,
                digits(compact.get(2..4)?, 2)?,
            ];
            zulu = time.ends_with('z');
        } else {
            let (hour, minute) = (digits(compact, 2)?, digits(words.get(end), 2)?);
            if words.gap_after(place) != ":" {
                return None;
            }
            numbers[0] = hour;
            numbers[1] = minute;
            end += 1;
            if words.gap_after(end - 1) == ":" && digits(words.get(end), 2).is_some() {
                end += 1;
                if words.gap_after(end - 1) == "." && digits(words.get(end), 9).is_some() {
                    end += 1;
                }
            }
        }
        let [hour, minute] = numbers;
        let civil = date.and_hms_opt(hour, minute, 0)?;
        if words.get(end) == "z" && words.gap_after(end - 1).is_empty() {
            zulu = true;
            end += 1;
        }
        let sign = match words.gap_after(end - 1) {
            "+" => 1,
            "-" => -1,
            _ => {
                let offset = if zulu { FixedOffset::east_opt(0) } else { None };
                return Some((end, When::exactly(civil, offset)));
            }
        };
        let hours = i32::try_from(digits(words.get(end), 2)?).ok()?;
        let minutes = (words.gap_after(end) == ":")
            .then(|| digits(words.get(end + 1), 2))
            .flatten();
        let seconds = sign * (hours * 3600 + i32::try_from(minutes.unwrap_or(0)).ok()? * 60);
        let end = end + 1 + usize::from(minutes.is_some());
        Some((
            end,
            When::exactly(civil, Some(FixedOffset::east_opt(seconds)?)),
        ))
    }

    /// A day, an hour or both, in either order. `lead` is what the word before makes of them.
    #[expect(
        clippy::too_many_lines,
        reason = "one form after the other: the first that fits wins"
    )]
    pub(super) fn when(&self, at: usize, lead: Option<Lead>) -> Option<(usize, When)> {
        let words = self.words;
        if let Some(found) = self.timestamp(at) {
            return Some(found);
        }
        let wants_time = lead.is_some_and(|lead| lead != Lead::On && lead != Lead::At);
        let asks_hour = lead
            .is_some_and(|lead| !matches!(lead, Lead::On | Lead::In | Lead::From | Lead::Since));
        // `last night`
        if let Some((length, -1)) = STEPS.longest_at(words, at)
            && let Some((more, (part, false))) = PARTS_OF_DAY.longest_at(words, at + length)
        {
            let yesterday = self.today().pred_opt()?;
            let mut end = at + length + more;
            let mut when = When {
                hours: Some(Hours::Part(part)),
                ..When::on(Days::day(yesterday))
            };
            if let Some((after, Hours::At(hour))) = self.hours_after_day(end) {
                end = after;
                when.hours = Some(Hours::At(hour.within(part)));
            }
            return Some((end, when));
        }
        if let Some(found) = self.compound(at) {
            return Some(found);
        }
        // The day first: `Friday 2pm`, `tomorrow morning at 7`.
        if let Some((mut end, days)) = self.days(
            at,
            wants_time || lead == Some(Lead::On) && self.words.before(at) != "a",
        ) {
            // `the March on Washington`: a month alone wants its `in`.
            let start = self.articles(at);
            if lead == Some(Lead::On)
                && days.whole
                && end == start + 1
                && super::is_month(words.get(start))
            {
                return None;
            }
            let mut when = When::on(days);
            if !days.whole || days.first == days.last {
                for _ in 0..2 {
                    let Some((after, hours)) = self.hours_after_day(end) else {
                        break;
                    };
                    when.hours = match (when.hours, hours) {
                        (None, hours) => Some(hours),
                        (Some(Hours::Part(part)), Hours::At(hour))
                        | (Some(Hours::At(hour)), Hours::Part(part)) => {
                            Some(Hours::At(hour.within(part)))
                        }
                        (Some(Hours::Part(part)), Hours::Open(lead, hour)) => {
                            Some(Hours::Open(lead, hour.within(part)))
                        }
                        (Some(Hours::Part(part)), Hours::Span(from, to)) => {
                            Some(Hours::Span(from.within(part), to.within(part)))
                        }
                        _ => break,
                    };
                    end = after;
                }
            }
            return Some((end, when));
        }
        // The hour first: `3pm tomorrow`, `EOD Friday`, `in the afternoon on Friday`.
        let (end, hours) = self.hours(at, true)?;
        let todays = match PARTS_OF_DAY.longest_at(words, at) {
            Some((_, (_, todays))) => todays,
            None => false,
        };
        let mut when = When {
            days: todays.then(|| Days::day(self.today())),
            hours: Some(hours),
            exact: None,
        };
        if todays {
            // `this afternoon at 3`
            if let (Hours::Part(part), Some((after, Hours::At(hour)))) =
                (hours, self.hours_after_day(end))
            {
                when.hours = Some(Hours::At(hour.within(part)));
                return Some((after, when));
            }
            return Some((end, when));
        }
        if self.is_close(end)
            && let Some((length, (part, true))) = PARTS_OF_DAY.longest_at(words, end)
        {
            when.days = Some(Days::day(self.today()));
            if let Hours::At(hour) = hours {
                when.hours = Some(Hours::At(hour.within(part)));
            }
            return Some((end + length, when));
        }
        let place = self.after_connector(end);
        if self.is_close(end)
            && let Some((after, days)) = self.days(place, place > end)
            && !days.whole
        {
            when.days = Some(days);
            // `at 7 tomorrow evening`
            if let (Hours::At(hour), Some((length, (part, _)))) =
                (hours, PARTS_OF_DAY.longest_at(words, after))
            {
                when.hours = Some(Hours::At(hour.within(part)));
                return Some((after + length, when));
            }
            return Some((after, when));
        }
        let alone = match hours {
            Hours::Part(_) => false,
            Hours::Span(..) => {
                !hours.is_bare() || lead.is_some_and(|lead| !matches!(lead, Lead::On | Lead::In))
            }
            _ => !hours.is_bare() || (asks_hour && ends_clause(words, end)),
        };
        alone.then_some((end, when))
    }

    /// What is said of the time of a day behind the day.
    pub(super) fn hours_after_day(&self, at: usize) -> Option<(usize, Hours)> {
        if !self.is_close(at) {
            return None;
        }
        let (end, hours) = self.hours(at, true)?;
        let led = LEADS.longest_at(self.words, at).is_some()
            || matches!(self.words.gap_after(at - 1).trim(), "@")
            || matches!(self.words.get(at), "las");
        let fits = !hours.is_bare() || led || matches!(hours, Hours::Span(..));
        fits.then_some((end, hours))
    }

    /// `Freitagnachmittag`
    fn compound(&self, at: usize) -> Option<(usize, When)> {
        const PARTS: [(&str, PartOfDay); 5] = [
            ("vormittag", PartOfDay::Morning),
            ("nachmittag", PartOfDay::Afternoon),
            ("abend", PartOfDay::Evening),
            ("morgen", PartOfDay::Morning),
            ("nacht", PartOfDay::Night),
        ];
        let word = self.words.get(at);
        if word.len() < 10 {
            return None;
        }
        // `Freitagmittag`
        if let Some(weekday) = word
            .strip_suffix("mittag")
            .and_then(super::vocabulary::weekday)
        {
            let (_, hour) = self.noon()?;
            let date = super::amounts::nearest(self.today(), weekday, true)?;
            let when = When {
                hours: Some(Hours::At(hour)),
                ..When::on(Days::day(date))
            };
            return Some((at + 1, when));
        }
        let (day, part) = PARTS
            .iter()
            .find_map(|(name, part)| Some((word.strip_suffix(name)?, *part)))?;
        let weekday = super::vocabulary::weekday(day)?;
        let date = super::amounts::nearest(self.today(), weekday, true)?;
        let when = When {
            hours: Some(Hours::Part(part)),
            ..When::on(Days::day(date))
        };
        let end = at + 1;
        match self.hours_after_day(end) {
            Some((after, Hours::At(hour))) => Some((
                after,
                When {
                    hours: Some(Hours::At(hour.within(part))),
                    ..when
                },
            )),
            _ => Some((end, when)),
        }
    }

    /// All that a day and an hour can mean, the preferred reading first.
    pub(super) fn readings(&self, when: When) -> Vec<Reading> {
        let mut found = Vec::new();
        let mut push = |value: Value, reason: Option<Reason>| {
            if found.len() < MOST_READINGS && found.iter().all(|(known, _)| *known != value) {
                found.push((value, reason));
            }
        };
        if let Some((civil, offset)) = when.exact {
            push(Value::DateTime(civil, offset), None);
        } else {
            let days: Vec<(Days, Option<Reason>)> = match when.days {
                None => vec![(Days::day(self.today()), None)],
                Some(days) => {
                    let reason = days.other.map(|(_, _, reason)| reason);
                    let other = days.other.map(|(first, last, reason)| {
                        (
                            Days {
                                first,
                                last,
                                ..days
                            },
                            Some(reason),
                        )
                    });
                    std::iter::once((days, reason)).chain(other).collect()
                }
            };
            for (days, reason) in days {
                self.on_days(days, when, reason, &mut push);
            }
        }
        let sole = found.len() == 1;
        found
            .into_iter()
            .map(|(value, reason)| Reading {
                value,
                reason: reason.filter(|_| !sole).unwrap_or(Reason::Half),
            })
            .collect()
    }

    fn on_days(
        &self,
        days: Days,
        when: When,
        reason: Option<Reason>,
        push: &mut dyn FnMut(Value, Option<Reason>),
    ) {
        let date = days.first;
        let open = when.days.is_none();
        match when.hours {
            None | Some(Hours::EndOfDay) => {
                let value = if days.first == days.last {
                    Value::Date(date)
                } else {
                    Value::Dates(Some(days.first), Some(days.last))
                };
                push(value, reason);
            }
            Some(Hours::Part(part)) => push(Value::Part(date, part), reason),
            Some(Hours::At(hour)) => self.at(date, hour, open, reason, push),
            Some(Hours::Open(lead, hour)) => {
                self.at(date, hour, open, reason, &mut |value, reason| {
                    let value = match (lead, value) {
                        (Lead::Until, Value::DateTime(civil, offset)) => {
                            Value::Times(None, Some(civil), offset)
                        }
                        (
                            Lead::After | Lead::From | Lead::Since,
                            Value::DateTime(civil, offset),
                        ) => Value::Times(Some(civil), None, offset),
                        (_, value) => value,
                    };
                    push(value, reason);
                });
            }
            Some(Hours::Span(from, to)) => self.span_on(date, (from, to), open, reason, push),
        }
    }

    /// The times that an hour can be on a day.
    fn at(
        &self,
        date: chrono::NaiveDate,
        hour: Hour,
        open: bool,
        reason: Option<Reason>,
        push: &mut dyn FnMut(Value, Option<Reason>),
    ) {
        let Some((time, other)) = hour.times() else {
            return;
        };
        let next_day =
            |civil: NaiveDateTime, days: i64| civil.checked_add_signed(Duration::days(days));
        let civil = date.and_time(time);
        if hour.midnight {
            let end = next_day(civil, 1).unwrap_or(civil);
            if !open {
                self.zoned(civil, hour, Some(Reason::Midnight), push);
            }
            self.zoned(end, hour, Some(Reason::Midnight), push);
            return;
        }
        let end_of_day = if hour.hour == 24 {
            next_day(civil, 1).unwrap_or(civil)
        } else {
            civil
        };
        if !open {
            let half = reason.or(other.map(|_| Reason::Half));
            self.zoned(end_of_day, hour, half, push);
            if let Some(other) = other {
                self.zoned(date.and_time(other), hour, half, push);
            }
            return;
        }
        // No day is said: the next such hour, or the last one.
        let now = self.context.instant(self.context.now, None);
        let placed = |time: NaiveTime| {
            let today = date.and_time(time);
            let offset = hour.zones.and_then(|zones| zones.offsets(today).next());
            let is_over = match (self.context.instant(today, offset), now) {
                (Some(then), Some(now)) => then <= now,
                _ => today <= self.context.now,
            };
            let moved = match self.context.prefer {
                Prefer::Forward if is_over => next_day(today, 1),
                Prefer::Past if !is_over => next_day(today, -1),
                _ => None,
            };
            (today, moved)
        };
        if let Some(other) = other {
            let mut both = [time, other].map(|time| {
                let (today, moved) = placed(time);
                moved.unwrap_or(today)
            });
            both.sort_unstable();
            for civil in both {
                self.zoned(civil, hour, Some(Reason::Half), push);
            }
            return;
        }
        match placed(time) {
            (today, Some(moved)) => {
                self.zoned(moved, hour, Some(Reason::Passed), push);
                self.zoned(today, hour, Some(Reason::Passed), push);
            }
            (today, None) => self.zoned(today, hour, reason, push),
        }
    }

    /// A civil time in the zone that is named, or on the sender's clock, which may skip it or show it
    /// twice.
    fn zoned(
        &self,
        civil: NaiveDateTime,
        hour: Hour,
        reason: Option<Reason>,
        push: &mut dyn FnMut(Value, Option<Reason>),
    ) {
        if let Some(zones) = hour.zones {
            for offset in zones.offsets(civil) {
                push(
                    Value::DateTime(civil, Some(offset)),
                    reason.or(Some(Reason::Zone)),
                );
            }
            return;
        }
        if let super::Zone::Named(zone) = self.context.zone {
            use chrono::{MappedLocalTime, Offset, TimeZone};
            match zone.offset_from_local_datetime(&civil) {
                MappedLocalTime::Single(_) => {}
                MappedLocalTime::Ambiguous(one, two) => {
                    for offset in [one.fix(), two.fix()] {
                        push(Value::DateTime(civil, Some(offset)), Some(Reason::Overlap));
                    }
                    return;
                }
                MappedLocalTime::None => {
                    let hour = Duration::hours(1);
                    for moved in [
                        civil.checked_add_signed(hour),
                        civil.checked_sub_signed(hour),
                    ]
                    .into_iter()
                    .flatten()
                    {
                        push(Value::DateTime(moved, None), Some(Reason::Gap));
                    }
                    return;
                }
            }
        }
        push(Value::DateTime(civil, None), reason);
    }

    /// Between two hours of a day.
    fn span_on(
        &self,
        date: chrono::NaiveDate,
        (from, to): (Hour, Hour),
        open: bool,
        reason: Option<Reason>,
        push: &mut dyn FnMut(Value, Option<Reason>),
    ) {
        // `3 to 5pm` is in one half of the day, `11 to 1pm` is not.
        let from = if !from.settled && to.settled && to.hour >= 12 {
            let later = from.hour % 12 + 12;
            let hour = if later * 60 + from.minute < to.hour * 60 + to.minute {
                later
            } else {
                from.hour
            };
            Hour {
                hour,
                settled: true,
                ..from
            }
        } else {
            from
        };
        let (Some((start, other)), Some((end, _))) = (from.times(), to.times()) else {
            return;
        };
        let at = |start: NaiveTime, end: NaiveTime| {
            let half_day = Duration::hours(12);
            let first = date.and_time(start);
            let mut last = date.and_time(end);
            // `6 to 8`: the second is the first one after the first.
            if !to.settled {
                if last > first + half_day {
                    last -= half_day;
                }
                if last <= first {
                    last += half_day;
                }
            }
            if last <= first {
                last += Duration::days(1);
            }
            (first, last)
        };
        let offset = |civil| {
            let zones = to.zones.or(from.zones)?;
            zones.offsets(civil).next()
        };
        let half = reason.or(other.map(|_| Reason::Half));
        let mut add = |(first, last): (NaiveDateTime, NaiveDateTime), reason| {
            let times = |days: i64| {
                let more = Duration::days(days);
                Value::Times(Some(first + more), Some(last + more), offset(first))
            };
            if open && last <= self.context.now && self.context.prefer == Prefer::Forward {
                push(times(1), Some(Reason::Passed));
                push(times(0), Some(Reason::Passed));
            } else {
                push(times(0), reason);
            }
        };
        add(at(start, end), half);
        if let Some(other) = other {
            add(at(other, end), half);
        }
    }

    /// Whether a year or a number stands free at this word.
    pub(super) fn is_free_at(&self, at: usize) -> bool {
        is_free(self.words, at, at + 1)
    }
}

/// How many readings a mention has at most.
const MOST_READINGS: usize = 4;
