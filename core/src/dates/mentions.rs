//! What in a text is a time: leads, ranges, limits, lengths, and what is none after all.

use std::sync::LazyLock;

use chrono::{Datelike, Duration};

use super::amounts::{Amount, Unit, amount};
use super::days::Days;
use super::moments::{Hours, When};
use super::neighbours::{OWNERS, ends_clause, is_before_noun, is_free};
use super::numbers::is_ordinal;
use super::terms::{
    BEFORE_TODAY, EDGES, EVERY, HOLIDAYS, LEADS, OFTEN, ORDINALS, PARTS_OF_DAY, PLURALS, STEPS,
    UNITS,
};
use super::vocabulary::{MONTHS, NUMBERS, PARTS, Part, digits, is_month};
use super::{Context, Lead, Mention, Prefer, Reading, Reason, Value};
use crate::analysis::phrases::Openers;
use crate::analysis::words::Words;

/// Reads the words of one text from one clock.
pub(super) struct Reader<'w, 't> {
    pub(super) words: &'w Words<'t>,
    pub(super) context: Context,
}

/// What a mention can start with and no table holds.
#[rustfmt::skip] // a table: packed, not one word a line
const STARTS: &[&str] = &[
    "the", "la", "le", "el", "die", "der", "den", "half", "halb", "quarter", "viertel", "halbe", "demi", "media",
    "midnight", "minuit", "medianoche", "mitternacht", "anderthalb", "il", "hace", "q1", "q2", "q3", "q4", "kw", "week",
    "calendar", "twice", "within", "couple", "innerhalb", "dans", "dentro", "day", "zweimal", "dreimal", "cw", "weekend",
    "wochenende", "binnen", "sous", "eineinhalb", "viertelstunde", "semaine", "l'annee", "h1", "h2", "einen",
];

/// What a German weekday can end with.
const COMPOUNDS: [&str; 4] = ["mittag", "abend", "morgen", "nacht"];

/// All that a mention can start with.
static OPENERS: LazyLock<Openers> = LazyLock::new(|| {
    let months = MONTHS.iter().flat_map(|names| names.iter());
    let numbers = NUMBERS.iter().flat_map(|(_, names)| names.iter());
    Openers::of(STARTS.iter().chain(months).chain(numbers).copied())
        .and(&LEADS)
        .and(&PARTS)
        .and(&STEPS)
        .and(&EDGES)
        .and(&ORDINALS)
        .and(&EVERY)
        .and(&OFTEN)
        .and(&PLURALS)
        .and(&HOLIDAYS)
        .and(&BEFORE_TODAY)
        .and(&PARTS_OF_DAY)
});

/// A mention before its place is known.
struct Draft {
    end: usize,
    lead: Lead,
    readings: Vec<Reading>,
    loose: bool,
    dated: bool,
}

/// Every time that words name.
pub(super) fn find(words: &Words<'_>, context: &Context) -> Vec<Mention> {
    let reader = Reader {
        words,
        context: *context,
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some(draft) = reader.opens(at).then(|| reader.mention(at)).flatten() else {
            at += 1;
            continue;
        };
        let end = draft.end.max(at + 1);
        let mut readings = draft.readings;
        if let Some(first) = readings.first() {
            let value = first.value.clone();
            if readings.len() == 1 {
                readings.clear();
            }
            found.push(Mention {
                span: words.span(at).start..words.span(end - 1).end,
                value,
                readings,
                lead: draft.lead,
                words: at..end,
                loose: draft.loose,
                dated: draft.dated,
            });
        }
        at = end;
    }
    found
}

impl Reader<'_, '_> {
    /// Whether a mention can start at this word: most words open none, which is cheap to know.
    pub(super) fn opens(&self, at: usize) -> bool {
        let word = self.words.get(at);
        OPENERS.has(self.words.key(at))
            || word.starts_with(|first: char| first.is_ascii_digit())
            // `Freitagnachmittag`
            || (word.len() >= 10 && COMPOUNDS.iter().any(|part| word.ends_with(part)))
    }

    fn mention(&self, at: usize) -> Option<Draft> {
        let words = self.words;
        if let Some((end, readings)) = self.again(at) {
            return Some(draft(end, Lead::On, readings));
        }
        if let Some(found) = self.counted(at) {
            return Some(found);
        }
        let lead = LEADS.longest_at(words, at);
        // `by` and `a` stand before many a word: what reads as a time without them is one.
        let longer = |length: usize| {
            PARTS
                .longest_at(words, at)
                .is_some_and(|(own, part)| own > length && matches!(part, Part::Days(_)))
                || BEFORE_TODAY
                    .longest_at(words, at)
                    .is_some_and(|(own, _)| own > length)
        };
        let article = words.get(at) == "a" || self.is_article(at);
        let bare_first = lead.is_some_and(|(length, lead)| {
            (article && matches!(lead, Lead::On | Lead::In)) || longer(length)
        });
        if bare_first && let Some(found) = self.plain(at, None) {
            return Some(found);
        }
        if let Some((length, kind)) = lead {
            let place = at + length;
            // `on the last Friday of every month`
            if matches!(kind, Lead::On | Lead::In)
                && let Some((end, readings)) = self.again(place)
            {
                return Some(draft(end, Lead::On, readings));
            }
            if let Some(found) = self.led(at, place, kind) {
                return Some(found);
            }
        }
        (!bare_first).then(|| self.plain(at, None)).flatten()
    }

    fn is_article(&self, at: usize) -> bool {
        self.articles(at) > at
    }

    /// What follows a word that leads to a time.
    fn led(&self, at: usize, place: usize, lead: Lead) -> Option<Draft> {
        let words = self.words;
        if place >= words.len() || !self.is_led_close(place) {
            return None;
        }
        // `bis morgen um`, `due by`: a second lead belongs to the first.
        let place = match LEADS.longest_at(words, place) {
            Some((length, Lead::At | Lead::On | Lead::By))
                if lead.is_firm() && !self.is_article(place) && words.get(place) != "a" =>
            {
                place + length
            }
            _ => place,
        };
        if matches!(lead, Lead::Between | Lead::From)
            && let Some(found) = self.range(place, lead)
        {
            return Some(found);
        }
        if lead == Lead::Between {
            return None;
        }
        // `within 3 days`, `within the next two weeks`
        if matches!(words.get(at), "within") {
            let skip = usize::from(words.get(place) == "the");
            let skip = skip + usize::from(matches!(words.get(place + skip), "next"));
            if let Some(amount) = amount(words, place + skip) {
                return self.after_now(amount, Lead::By);
            }
            return self.within_one(place);
        }
        if matches!(lead, Lead::Since) {
            let past = Reader {
                words,
                context: Context {
                    prefer: Prefer::Past,
                    ..self.context
                },
            };
            return past.opened(place, lead);
        }
        if matches!(lead, Lead::After | Lead::From | Lead::Until) {
            return self.opened(place, lead);
        }
        let mut found = self.plain(place, Some(lead))?;
        if lead.is_firm() && found.lead == Lead::On {
            found.lead = lead;
        }
        // `by tomorrow at the latest`
        for tail in [&["at", "the", "latest"][..], &["latest"][..]] {
            if (found.end..)
                .zip(tail)
                .all(|(place, word)| words.get(place) == *word)
            {
                found.end += tail.len();
                found.lead = Lead::By;
            }
        }
        Some(found)
    }

    /// `within the hour`, `within the week`
    fn within_one(&self, at: usize) -> Option<Draft> {
        let start = self.articles(at);
        let (length, unit) = UNITS.longest_at(self.words, start).filter(|_| start > at)?;
        let end = start + length;
        let mut found = if unit == Unit::Hour {
            self.settled(end, self.ahead_of_now(super::Length::of(1, unit), true)?)
        } else {
            let (end, (first, last), _) = self.period(at)?;
            draft(
                end,
                Lead::By,
                vec![sole(Value::Dates(Some(first), Some(last)))],
            )
        };
        found.lead = Lead::By;
        found.dated = true;
        Some(found)
    }

    /// Whether nothing but a space or a colon parts a lead from its time.
    fn is_led_close(&self, at: usize) -> bool {
        self.is_close(at)
    }

    /// An open range: `until Friday`, `after 5pm`, `since 2019`.
    fn opened(&self, place: usize, lead: Lead) -> Option<Draft> {
        let words = self.words;
        if lead == Lead::Since && amount(words, place).is_some() {
            return None;
        }
        let (mut end, when) = self.moment(place, Some(lead))?;
        if self.is_rejected(place, end, when) {
            return None;
        }
        // `from Monday onwards` and `starting Monday` open a range; `from last Friday` is where something is from.
        if matches!(words.get(end), "on" | "onwards" | "onward" | "an")
            && ends_clause(words, end + 1)
        {
            end += 1;
        }
        let readings = self.readings(when).into_iter().map(|reading| {
            let value = match (lead, reading.value) {
                (
                    Lead::Until,
                    Value::Date(date) | Value::Dates(_, Some(date)) | Value::Part(date, _),
                ) => Value::Dates(None, Some(date)),
                (Lead::Until, Value::DateTime(civil, offset)) => {
                    Value::Times(None, Some(civil), offset)
                }
                (
                    Lead::After,
                    Value::Date(date) | Value::Dates(_, Some(date)) | Value::Part(date, _),
                ) => Value::Dates(date.succ_opt(), None),
                (_, Value::Date(date) | Value::Dates(Some(date), _) | Value::Part(date, _)) => {
                    Value::Dates(Some(date), None)
                }
                (_, Value::DateTime(civil, offset)) => Value::Times(Some(civil), None, offset),
                (_, value) => value,
            };
            Reading {
                value,
                reason: reading.reason,
            }
        });
        let mut found = draft(end, lead, readings.collect());
        found.loose = when.days.is_some_and(|days| days.loose);
        found.dated = when.days.is_some();
        Some(found)
    }

    /// A moment, an amount from now included.
    fn moment(&self, at: usize, lead: Option<Lead>) -> Option<(usize, When)> {
        let Some((end, when)) = self.amount_from(at) else {
            return self.when(at, lead);
        };
        // `two weeks from Friday at 3pm`
        match self.hours_after_day(end) {
            Some((after, hours @ (Hours::At(_) | Hours::Part(_)))) if when.days.is_some() => {
                let hours = Some(hours);
                Some((after, When { hours, ..when }))
            }
            _ => Some((end, when)),
        }
    }

    /// A range or a moment with no more before it than `on` or `by`.
    fn plain(&self, at: usize, lead: Option<Lead>) -> Option<Draft> {
        if let Some(found) = self.range(at, lead.unwrap_or(Lead::On)) {
            return Some(found);
        }
        if let Some((end, when)) = self.moment(at, lead) {
            if self.is_rejected(at, end, when) {
                return None;
            }
            // `at 9am every Monday`
            if let (None, Some(hours @ Hours::At(_))) = (when.days, when.hours)
                && self.is_close(end)
                && let Some((end, readings)) = self.again_at(end, Some(hours))
            {
                return Some(draft(end, Lead::On, readings));
            }
            let own = match when.hours {
                Some(Hours::Open(kind, _)) => kind,
                _ => Lead::On,
            };
            let readings = self.readings(when);
            let mut found = draft(end, own, readings);
            found.loose = when.days.is_some_and(|days| days.loose) && when.hours.is_none();
            // The end of the day is today's where no day is said.
            found.dated = when.days.is_some()
                || when.exact.is_some()
                || matches!(when.hours, Some(Hours::EndOfDay));
            return Some(found);
        }
        None
    }

    /// Whether words that could be a time are none where they stand.
    fn is_rejected(&self, at: usize, end: usize, when: When) -> bool {
        let words = self.words;
        let bare = matches!(when.hours, None | Some(Hours::Part(_)));
        let loose = when.days.is_some_and(|days| days.loose) && bare;
        // `a Friday` is any.
        if loose && self.is_any(at) {
            return true;
        }
        let owner = OWNERS.contains(&words.before(at)) || OWNERS.contains(&words.get(at));
        loose && owner && is_before_noun(words, end)
    }

    /// Whether the word before is an `a` and no `à`.
    fn is_any(&self, at: usize) -> bool {
        at.checked_sub(1)
            .is_some_and(|before| matches!(self.words.source(before), "a" | "A" | "any" | "some"))
    }

    /// An amount counted from somewhere: `in two weeks`, `three days ago`, `a week from Monday`, and what is
    /// only a length: `two hours`.
    fn counted(&self, at: usize) -> Option<Draft> {
        let words = self.words;
        // `in two weeks`, `dans 15 jours`, `innerhalb von 3 Werktagen`, `dentro de 3 días`
        let (skip, lead) = match (words.get(at), words.get(at + 1)) {
            ("within", "the") => (if words.get(at + 2) == "next" { 3 } else { 0 }, Lead::By),
            ("within" | "innerhalb" | "binnen" | "sous", _) => (
                if matches!(words.get(at + 1), "von" | "of") {
                    2
                } else {
                    1
                },
                Lead::By,
            ),
            ("dentro", "de") => (2, Lead::On),
            ("in" | "dans" | "en", "the" | "les" | "los") => (
                if matches!(words.get(at + 2), "next") {
                    3
                } else {
                    2
                },
                Lead::By,
            ),
            ("in" | "dans" | "en", _) => (1, Lead::On),
            _ => (0, Lead::On),
        };
        let about = matches!(
            words.get(at + skip),
            "about"
                | "around"
                | "approximately"
                | "roughly"
                | "exactly"
                | "etwa"
                | "ungefahr"
                | "environ"
                | "unos"
                | "unas"
        );
        let skip = if skip > 0 {
            skip + usize::from(about)
        } else {
            0
        };
        if skip > 0
            && let Some(amount) = amount(words, at + skip)
        {
            // `in 2 hours or so`, but not `in two weeks of work`
            let of = matches!(words.get(amount.end), "of") || words.get(amount.end) == "ago";
            return (!of).then(|| self.after_now(amount, lead)).flatten();
        }
        // `vor drei Tagen`, `il y a trois jours`, `hace tres días`
        let skip = match (words.get(at), words.get(at + 1), words.get(at + 2)) {
            ("il", "y", "a") => 3,
            ("hace" | "vor", _, _) => 1,
            _ => 0,
        };
        if skip > 0 {
            let amount = amount(words, at + skip)?;
            return self
                .ahead_of_now(amount.length, false)
                .map(|when| self.settled(amount.end, when));
        }
        if let Some((end, when)) = self.amount_from(at).and_then(|_| self.moment(at, None)) {
            return Some(self.settled(end, when));
        }
        self.length(at)
    }

    fn settled(&self, end: usize, when: When) -> Draft {
        let mut found = draft(end, Lead::On, self.readings(when));
        found.dated = true;
        found
    }

    fn ahead_of_now(&self, length: super::Length, ahead: bool) -> Option<When> {
        Some(if length.is_clock() {
            When::exactly(length.moment_from(self.context.now, ahead)?, None)
        } else {
            When::on(Days::day(length.day_from(self.today(), ahead)?))
        })
    }

    /// So long from now; `in two or three days` is a range.
    fn after_now(&self, amount: Amount, lead: Lead) -> Option<Draft> {
        let end = amount.end + usize::from(matches!(self.words.get(amount.end), "time" | "from"));
        let end = if self.words.get(amount.end) == "from" {
            if matches!(self.words.get(amount.end + 1), "now" | "today") {
                end + 1
            } else {
                amount.end
            }
        } else {
            end
        };
        let when = self.ahead_of_now(amount.length, true)?;
        if let Some(most) = amount.most.filter(|_| lead == Lead::On) {
            let last = self.ahead_of_now(most, true)?;
            let value = match (when.days, last.days, when.exact, last.exact) {
                (Some(first), Some(last), _, _) => Value::Dates(Some(first.first), Some(last.last)),
                (_, _, Some((first, _)), Some((last, _))) => {
                    Value::Times(Some(first), Some(last), None)
                }
                _ => return None,
            };
            let mut found = draft(end, lead, vec![sole(value)]);
            found.dated = true;
            return Some(found);
        }
        let mut found = self.settled(end, when);
        // `in two weeks at 3pm`
        if let Some((after, Hours::At(hour))) =
            self.is_close(end).then(|| self.hours(end, true)).flatten()
            && let Some(days) = when.days
            && (!hour.bare || LEADS.longest_at(self.words, end).is_some())
        {
            found = self.settled(
                after,
                When {
                    hours: Some(Hours::At(hour)),
                    ..When::on(days)
                },
            );
        }
        found.lead = lead;
        Some(found)
    }

    /// `three days ago`, `two hours from now`, `a week from Monday`, `3 days after Christmas`.
    fn amount_from(&self, at: usize) -> Option<(usize, When)> {
        let words = self.words;
        let found = amount(words, at)?;
        let (end, length) = (found.end, found.length);
        let (end, ahead) = match (words.get(end), words.get(end + 1)) {
            ("ago" | "earlier", _) | ("before", "now") => {
                let end = end + 1 + usize::from(words.get(end) == "before");
                return Some((end, self.ahead_of_now(length, false)?));
            }
            ("hence", _) => return Some((end + 1, self.ahead_of_now(length, true)?)),
            ("from", "now" | "today") => return Some((end + 2, self.ahead_of_now(length, true)?)),
            ("from" | "after" | "nach" | "apres" | "on", _) => (end + 1, true),
            ("despues", "de") => (end + 2, true),
            ("before" | "vor" | "avant", _) => (end + 1, false),
            _ => return None,
        };
        if length.is_clock() {
            return None;
        }
        let on = words.get(end - 1) == "on";
        let (after, days) = self.days(end, true)?;
        // `two weeks on Monday` is said of weeks; `3 days on May 5` is two things.
        if days.first != days.last || (on && !(days.weekday && length.days.is_multiple_of(7))) {
            return None;
        }
        let moved = length.day_from(days.first, ahead)?;
        Some((after, When::on(Days::day(moved))))
    }

    /// A length of time.
    fn length(&self, at: usize) -> Option<Draft> {
        let words = self.words;
        let found = amount(words, at)?;
        let before = words.before(at);
        if !is_free(words, at, at + 1) && words.gap_after(at) != "." && words.gap_after(at) != "," {
            return None;
        }
        if matches!(
            words.get(found.end),
            "old" | "alt" | "ago" | "younger" | "older"
        ) || matches!(
            before,
            "per" | "times" | "mal" | "pro" | "par" | "por" | "q"
        ) {
            return None;
        }
        // `a week`, `a minute` are lengths only where one is asked for.
        let asked = matches!(
            before,
            "for"
                | "takes"
                | "take"
                | "took"
                | "lasts"
                | "last"
                | "lasted"
                | "about"
                | "than"
                | "another"
                | "fur"
                | "dauert"
                | "dure"
                | "pendant"
                | "dura"
                | "durante"
                | "almost"
                | "nearly"
                | "around"
                | "over"
                | "least"
                | "most"
        );
        if found.article && !asked {
            return None;
        }
        if words.gap_after(found.end - 1) == "-" {
            return None;
        }
        if words.get(found.end - 1) == "min"
            && !words.get(at).bytes().all(|byte| byte.is_ascii_digit())
        {
            return None;
        }
        let mut draft = draft(
            found.end,
            Lead::On,
            vec![sole(Value::Duration(found.length))],
        );
        if let Some(most) = found.most {
            draft.readings = vec![sole(Value::Duration(most))];
        }
        Some(draft)
    }

    /// From one day to another: `March 3-7`, `Monday to Wednesday`, `between Christmas and New Year's Day`.
    #[expect(
        clippy::too_many_lines,
        reason = "one form after the other: the first that fits wins"
    )]
    fn range(&self, at: usize, lead: Lead) -> Option<Draft> {
        let words = self.words;
        let between = lead == Lead::Between;
        if let Some(found) = self.numbered_range(at) {
            return Some(found);
        }
        let two_ended = matches!(lead, Lead::Between | Lead::From);
        // Hours with the day before, behind or not said: `from 3 to 5pm tomorrow`.
        if two_ended
            && let Some((end, hour)) = self.hour(at)
            && let Some(place) = self.joint(end, between)
            && let Some((end, to)) =
                self.hour(place + usize::from(matches!(words.get(place), "las" | "la")))
            && (!(hour.bare && to.bare)
                || ends_clause(words, end)
                || self.days(end, false).is_some())
        {
            let mut when = When {
                days: None,
                hours: Some(Hours::Span(hour, to)),
                exact: None,
            };
            let place = end + usize::from(matches!(words.get(end), "on" | "am" | "le" | "el"));
            let mut end = end;
            if self.is_close(end)
                && let Some((after, days)) = self.days(place, place > end)
                && !days.whole
            {
                when.days = Some(days);
                end = after;
            }
            let mut found = draft(end, Lead::On, self.readings(when));
            found.dated = when.days.is_some();
            return Some(found);
        }
        // `January to March`
        let months = is_month(words.get(at))
            && self
                .joint(at + 1, between)
                .is_some_and(|place| is_month(words.get(place)));
        let wanted = two_ended || matches!(lead, Lead::In | Lead::By | Lead::Before);
        let (end, one) = self
            .when(
                at,
                Some(if two_ended {
                    lead
                } else if months {
                    Lead::In
                } else {
                    Lead::On
                }),
            )
            .or_else(|| wanted.then(|| self.when(at, Some(lead))).flatten())?;
        if matches!(one.hours, Some(Hours::Span(..) | Hours::Open(..))) {
            return None;
        }
        let place = self.joint(end, between)?;
        let first = one.days?;
        // `March 30 to 2`: a number alone is a day of the same month.
        if one.hours.is_none()
            && first.first == first.last
            && !first.weekday
            && is_month(words.get(self.articles(at)))
            && let Some(last) = digits(words.get(place), 2)
            && !words.get(place).is_empty()
            && !is_month(words.get(place + 1))
            && is_free(words, place, place + 1) | (!words.gap_after(place - 1).is_empty())
        {
            let end = place + 1 + usize::from(is_ordinal(words, place + 1));
            let year = super::numbers::year_at(words, end).filter(|_| words.get(end).len() == 4);
            let end = end + usize::from(year.is_some());
            if is_before_noun(words, end) {
                return None;
            }
            let on = |date: chrono::NaiveDate| {
                let date = year.map_or(Some(date), |year| date.with_year(year))?;
                Some((date, date.with_day(last).filter(|last| *last >= date)?))
            };
            let other = first
                .other
                .filter(|_| year.is_none())
                .map(|(other, _, reason)| (on(other), reason));
            return dates(
                end,
                on(first.first)?,
                other.and_then(|(other, reason)| Some((other?, reason))),
            );
        }
        let lead = if two_ended { lead } else { Lead::From };
        let (end, two) = self.when(place, Some(lead))?;
        if let (Some(Hours::At(_)), Some(Hours::At(_))) = (one.hours, two.hours)
            && two.days.is_some()
        {
            let time = |when: When| match self
                .readings(when)
                .first()
                .map(|reading| reading.value.clone())
            {
                Some(Value::DateTime(civil, offset)) => Some((civil, offset)),
                _ => None,
            };
            let ((from, offset), (to, _)) = (time(one)?, time(two)?);
            let mut found = draft(
                end,
                Lead::On,
                vec![sole(Value::Times(Some(from), Some(to), offset))],
            );
            found.dated = true;
            return (from < to).then_some(found);
        }
        if one.hours.is_some() || two.hours.is_some() {
            return None;
        }
        let last = two.days?;
        let ends = |first: Days, last: Days| {
            let mut to = last.last;
            if to < first.first {
                to = if last.weekday {
                    super::amounts::nearest(first.first, chrono::Datelike::weekday(&to), true)?
                } else {
                    to.checked_add_months(chrono::Months::new(12))?
                };
            } else if last.weekday && !first.weekday {
                // From a date on, a weekday is the next one after it.
                to = super::amounts::nearest(first.first, chrono::Datelike::weekday(&to), true)?;
            }
            Some((first.first, to))
        };
        let other = first.other.map(|(from, to, reason)| {
            let first = Days {
                first: from,
                last: to,
                ..first
            };
            // `6/10 to 6/12` is read the same way at both ends.
            let last = match last.other {
                Some((from, to, same)) if same == reason && reason == Reason::DayOrder => Days {
                    first: from,
                    last: to,
                    ..last
                },
                _ => last,
            };
            (ends(first, last), reason)
        });
        let other = other.filter(|(_, reason)| *reason != Reason::SameDay);
        dates(
            end,
            ends(first, last)?,
            other.and_then(|(other, reason)| Some((other?, reason))),
        )
    }

    /// `13-17 March`, `13. bis 17. März`, `13 au 17 mars`.
    fn numbered_range(&self, at: usize) -> Option<Draft> {
        let words = self.words;
        let start = self.articles(at);
        let from = digits(words.get(start), 2)
            .filter(|day| (1..=31).contains(day) && !words.get(start).is_empty())?;
        let end = start + 1 + usize::from(is_ordinal(words, start + 1));
        let place = self.joint(end, true)?;
        let place = self.articles(place);
        digits(words.get(place), 2)?;
        let (end, days) = self.days(place, true)?;
        // The month stands behind the second: the first is in it, or in the one before.
        let spelled = (place..end).any(|place| is_month(words.get(place)));
        if !spelled || days.first != days.last || !self.is_free_range(start) {
            return None;
        }
        let on = |last: chrono::NaiveDate| {
            Some((last.with_day(from).filter(|first| *first <= last)?, last))
        };
        let other = days.other.map(|(other, _, reason)| (on(other), reason));
        dates(
            end,
            on(days.first)?,
            other.and_then(|(other, reason)| Some((other?, reason))),
        )
    }

    fn is_free_range(&self, at: usize) -> bool {
        self.is_free_at(at) || matches!(self.words.gap_after(at), "-" | "–")
    }
}

fn draft(end: usize, lead: Lead, readings: Vec<Reading>) -> Draft {
    Draft {
        end,
        lead,
        readings,
        loose: false,
        dated: false,
    }
}

fn sole(value: Value) -> Reading {
    Reading {
        value,
        reason: Reason::Half,
    }
}

/// Days from one to another, and what they can be as well.
fn dates(
    end: usize,
    (first, last): (chrono::NaiveDate, chrono::NaiveDate),
    other: Option<((chrono::NaiveDate, chrono::NaiveDate), Reason)>,
) -> Option<Draft> {
    // A range of more than a hundred years is none.
    if last < first || last - first > Duration::days(36525) {
        return None;
    }
    let reason = other.map_or(Reason::Year, |(_, reason)| reason);
    let reading = |(first, last)| Reading {
        value: Value::Dates(Some(first), Some(last)),
        reason,
    };
    let mut readings = vec![reading((first, last))];
    readings.extend(other.map(|(other, _)| reading(other)));
    let mut found = draft(end, Lead::On, readings);
    found.dated = true;
    Some(found)
}
