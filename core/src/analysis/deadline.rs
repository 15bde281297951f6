//! Deadlines: dates in words, resolved from when and where the author wrote them.
//!
//! The rules, all of which only ever look forward and give nothing rather than a guess:
//!
//! - A weekday is the next one after the day of writing; said on that very day it is the one a
//!   week later (for the day itself people say `today`). `this Friday` stays in the current week
//!   (Monday to Sunday), `next Friday` is the Friday of the following week.
//! - A plain day is a [`Deadline::Date`]. The end of the (business) day is 17:00, an afternoon
//!   ends at 17:00, a morning at noon; evenings and midnight are the day itself.
//! - A week ends on Friday; a month, quarter or year on its last day.
//! - A month and a day without a year are the next such day, but at most [`FARTHEST_DAYS`] away:
//!   what lies farther was probably meant as past. A past year gives nothing.
//! - `3/14` and `14/3` have one reading and take it; `3/4` has two and gives nothing. With full
//!   stops (`3.4.`) the day comes first, as everywhere such dates are written.
//! - An hour counts only when it can't be misread: `3pm`, `15:00`, `15 Uhr`, not `at 3`.
//! - `before X` and `by X` both name X.

use std::sync::LazyLock;

use chrono::{
    DateTime, Datelike, Days, Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset,
    TimeZone, Weekday,
};

use super::phrases::Phrases;
use super::words::Words;
use super::{AnalysisInput, Deadline};

/// How far ahead a date without a year can lie: three quarters of a year.
const FARTHEST_DAYS: i64 = 274;

/// How far the author's clock may run ahead of the receiving server's before it is not believed.
const CLOCK_SKEW_DAYS: i64 = 2;

/// A deadline and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// When.
    pub(super) due: Deadline,
    /// The first word of the phrase (its preposition) and the one after its last.
    pub(super) words: std::ops::Range<usize>,
    /// Whether the words name it as a limit (`by`, `before`), not as a time in passing.
    pub(super) firm: bool,
}

/// When the message was written, on the author's clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    now: NaiveDateTime,
    offset: FixedOffset,
}

impl Clock {
    /// The author's clock if the message has a plausible one, else the reader's.
    pub(super) fn of(input: &AnalysisInput<'_>) -> Self {
        let plausible = input.sent_at.filter(|sent| {
            sent.to_utc().signed_duration_since(input.received_at) < Duration::days(CLOCK_SKEW_DAYS)
        });
        if let Some(sent) = plausible {
            return Self {
                now: sent.naive_local(),
                offset: *sent.offset(),
            };
        }
        let received = input.received_at.with_timezone(&input.reader_zone);
        Self {
            now: received.naive_local(),
            offset: received.offset().fix(),
        }
    }

    fn today(self) -> NaiveDate {
        self.now.date()
    }

    /// How many hours remain, counting a day as ending at midnight; negative when past.
    pub(super) fn hours_until(self, due: &Deadline) -> i64 {
        let (end, offset) = match due {
            Deadline::Date(date) => (
                date.checked_add_days(Days::new(1))
                    .unwrap_or(*date)
                    .and_time(NaiveTime::MIN),
                self.offset,
            ),
            Deadline::DateTime(at, offset) => (*at, *offset),
        };
        let instant =
            |civil: NaiveDateTime, offset: FixedOffset| -> Option<DateTime<FixedOffset>> {
                offset.from_local_datetime(&civil).single()
            };
        match (instant(end, offset), instant(self.now, self.offset)) {
            (Some(end), Some(now)) => end.signed_duration_since(now).num_hours(),
            _ => 0,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// Names a limit.
    Firm,
    /// Names a time.
    Soft,
    /// What follows is past, repeated or a name.
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Days(u64),
    Day(Weekday),
    ShortDay(Weekday),
    This,
    Next,
    Coming,
    EndOfDay,
    EndOfWeek,
    EndOfNextWeek,
    EndOfMonth,
    EndOfNextMonth,
    EndOfQuarter,
    EndOfYear,
    Weekend,
    Morning,
    Noon,
    Afternoon,
    Evening,
    Within,
    Connector,
    At,
}

#[rustfmt::skip] // a table: packed, not one word a line
static LEADS: LazyLock<Phrases<Lead>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            Lead::Firm,
            &[
                "by", "by the", "before", "before the", "until", "till", "no later than",
                "not later than", "latest by", "due", "due by", "due on", "due date is",
                "deadline is", "deadline of", "deadline", "is due", "at the latest by", "prior to",
                "ahead of", "bis", "bis zum", "bis zur", "bis spatestens", "spatestens",
                "spatestens am", "spatestens bis", "bis einschliesslich", "fallig am", "vor dem",
                "avant", "avant le", "avant la", "d'ici", "d'ici le", "d'ici au", "d'ici a",
                "jusqu'au", "jusqu'a", "au plus tard le", "au plus tard", "pour le", "antes de",
                "antes del", "antes de la", "para el", "para la", "hasta el", "a mas tardar el",
                "a mas tardar", "entro", "entro il", "ate", "voor", "uiterlijk",
            ],
        ),
        (
            Lead::Soft,
            &[
                "on", "on the", "for", "am", "at", "for the", "um", "le", "el", "il", "op", "pour",
                "para", "il giorno", "or",
            ],
        ),
        (
            Lead::Never,
            &[
                "last", "since", "from", "past", "previous", "every", "each", "of", "after",
                "yesterday", "dated", "a", "on last", "by last", "letzten", "letzte", "seit",
                "jeden", "vom", "nach", "ab", "chaque", "depuis", "du", "apres", "cada", "desde",
                "pasado", "el pasado", "since last",
            ],
        ),
    ])
});

#[rustfmt::skip] // a table: packed, not one word a line
static PARTS: LazyLock<Phrases<Part>> = LazyLock::new(|| {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    Phrases::new(&[
        (
            Part::Days(0),
            &[
                "today", "heute", "aujourd'hui", "hoy", "oggi", "hoje", "vandaag",
            ],
        ),
        (
            Part::Days(1),
            &[
                "tomorrow", "tmrw", "tomorow", "morgen", "demain", "manana", "domani", "amanha",
            ],
        ),
        (
            Part::Days(2),
            &[
                "the day after tomorrow", "day after tomorrow", "ubermorgen", "apres demain",
                "pasado manana", "dopodomani",
            ],
        ),
        (
            Part::Day(Mon),
            &[
                "monday", "montag", "lundi", "lunes", "lunedi", "maandag", "segunda feira",
            ],
        ),
        (
            Part::Day(Tue),
            &[
                "tuesday", "dienstag", "mardi", "martes", "martedi", "dinsdag", "terca feira",
            ],
        ),
        (
            Part::Day(Wed),
            &[
                "wednesday", "mittwoch", "mercredi", "miercoles", "mercoledi", "woensdag",
                "quarta feira",
            ],
        ),
        (
            Part::Day(Thu),
            &[
                "thursday", "donnerstag", "jeudi", "jueves", "giovedi", "donderdag",
                "quinta feira",
            ],
        ),
        (
            Part::Day(Fri),
            &[
                "friday", "freitag", "vendredi", "viernes", "venerdi", "vrijdag", "sexta feira",
            ],
        ),
        (
            Part::Day(Sat),
            &[
                "saturday", "samstag", "sonnabend", "samedi", "sabado", "sabato", "zaterdag",
            ],
        ),
        (
            Part::Day(Sun),
            &[
                "sunday", "sonntag", "dimanche", "domingo", "domenica", "zondag",
            ],
        ),
        (Part::ShortDay(Mon), &["mon"]),
        (Part::ShortDay(Tue), &["tue", "tues"]),
        (Part::ShortDay(Wed), &["wed", "weds"]),
        (Part::ShortDay(Thu), &["thu", "thur", "thurs"]),
        (Part::ShortDay(Fri), &["fri"]),
        (Part::ShortDay(Sat), &["sat"]),
        (Part::ShortDay(Sun), &["sun"]),
        (Part::This, &["this", "diesen", "ce", "este"]),
        (Part::Next, &["next", "nachsten", "nachste", "nachster"]),
        (
            Part::Coming,
            &[
                "coming", "this coming", "kommenden", "prochain", "proximo", "el proximo",
                "upcoming",
            ],
        ),
        (
            Part::EndOfDay,
            &[
                "eod", "cob", "eob", "end of day", "end of the day", "end of business",
                "end of business day", "close of business", "close of play",
                "end of the business day", "the end of the day", "the end of day",
                "the close of business", "end of play", "feierabend", "fin de journee",
                "la fin de journee", "la fin de la journee", "final del dia", "fin del dia",
            ],
        ),
        (
            Part::EndOfWeek,
            &[
                "eow", "end of the week", "end of week", "the end of the week", "end of this week",
                "the end of this week", "this week", "ende der woche", "diese woche",
                "la fin de la semaine", "fin de semaine", "cette semaine", "final de la semana",
                "fin de la semana", "esta semana", "ende dieser woche",
            ],
        ),
        (
            Part::EndOfNextWeek,
            &[
                "next week", "the end of next week", "end of next week", "nachste woche",
                "nachster woche", "ende nachster woche", "kommende woche", "la semaine prochaine",
                "semaine prochaine", "la proxima semana", "proxima semana", "la semana que viene",
            ],
        ),
        (
            Part::EndOfMonth,
            &[
                "eom", "end of the month", "end of month", "month end", "the end of the month",
                "end of this month", "the end of this month", "this month", "monatsende",
                "ende des monats", "zum monatsende", "diesen monat", "la fin du mois",
                "fin du mois", "ce mois ci", "fin de mes", "final de mes", "este mes",
            ],
        ),
        (
            Part::EndOfNextMonth,
            &[
                "next month", "the end of next month", "end of next month", "nachsten monat",
                "le mois prochain", "el proximo mes",
            ],
        ),
        (
            Part::EndOfQuarter,
            &[
                "eoq", "end of the quarter", "end of quarter", "the end of the quarter",
                "quarter end", "quartalsende", "end of this quarter",
            ],
        ),
        (
            Part::EndOfYear,
            &[
                "eoy", "end of the year", "end of year", "the end of the year", "year end",
                "jahresende", "la fin de l'annee", "fin de ano", "end of this year",
            ],
        ),
        (
            Part::Weekend,
            &[
                "this weekend", "the weekend", "weekend", "wochenende", "ce week end",
                "este fin de semana",
            ],
        ),
        (
            Part::Morning,
            &[
                "morning", "vormittag", "fruh", "matin", "this morning", "ce matin",
                "por la manana", "in the morning",
            ],
        ),
        (
            Part::Noon,
            &[
                "noon", "midday", "mittag", "midi", "mediodia", "el mediodia", "12 noon",
            ],
        ),
        (
            Part::Afternoon,
            &[
                "afternoon", "this afternoon", "nachmittag", "apres midi", "cet apres midi",
                "esta tarde", "por la tarde", "in the afternoon",
            ],
        ),
        (
            Part::Evening,
            &[
                "evening", "tonight", "this evening", "night", "abend", "heute abend", "ce soir",
                "soir", "esta noche", "midnight",
            ],
        ),
        (
            Part::Within,
            &[
                "in", "within", "within the next", "in the next", "innerhalb von", "dans",
                "dans les", "en", "dentro de", "d'ici",
            ],
        ),
        (
            Part::Connector,
            &[
                "of", "the", "on the", "on", "de", "del", "le", "am", "el", "den", "dem",
            ],
        ),
        (
            Part::At,
            &[
                "at", "by", "before", "um", "bis", "a", "a las", "a la", "vers", "around", "gegen",
                "avant", "antes de las", "no later than", "vor",
            ],
        ),
    ])
});

#[rustfmt::skip] // a table: packed, not one word a line
const MONTHS: [&[&str]; 12] = [
    &[
        "january", "jan", "januar", "janner", "janvier", "enero", "gennaio", "janeiro", "januari",
    ],
    &[
        "february", "feb", "februar", "fevrier", "febrero", "febbraio", "fevereiro", "februari",
    ],
    &[
        "march", "mar", "marz", "mars", "marzo", "marco", "maart", "mrz",
    ],
    &["april", "apr", "avril", "abril", "aprile"],
    &["may", "mai", "mayo", "maggio", "maio", "mei"],
    &["june", "jun", "juni", "juin", "junio", "giugno", "junho"],
    &["july", "jul", "juli", "juillet", "julio", "luglio", "julho"],
    &["august", "aug", "aout", "agosto", "augustus"],
    &[
        "september", "sep", "sept", "septembre", "septiembre", "settembre", "setembro",
    ],
    &[
        "october", "oct", "oktober", "octobre", "octubre", "ottobre", "outubro", "okt",
    ],
    &["november", "nov", "novembre", "noviembre", "novembro"],
    &[
        "december", "dec", "dezember", "decembre", "diciembre", "dicembre", "dezembro", "dez",
    ],
];

/// Whether a folded word names a month.
pub(super) fn is_month(word: &str) -> bool {
    month(word).is_some()
}

/// Whether a folded word names a weekday in full.
pub(super) fn is_weekday(word: &str) -> bool {
    PARTS.tags_of(word).any(|part| matches!(part, Part::Day(_)))
}

fn month(word: &str) -> Option<u32> {
    (1..)
        .zip(MONTHS)
        .find(|(_, names)| names.contains(&word))
        .map(|(number, _)| number)
}

const NUMBERS: &[(&str, u32)] = &[
    ("a", 1),
    ("an", 1),
    ("one", 1),
    ("ein", 1),
    ("eine", 1),
    ("einer", 1),
    ("einem", 1),
    ("un", 1),
    ("une", 1),
    ("una", 1),
    ("two", 2),
    ("zwei", 2),
    ("deux", 2),
    ("dos", 2),
    ("three", 3),
    ("drei", 3),
    ("trois", 3),
    ("tres", 3),
    ("four", 4),
    ("vier", 4),
    ("quatre", 4),
    ("cuatro", 4),
    ("five", 5),
    ("funf", 5),
    ("cinq", 5),
    ("cinco", 5),
    ("six", 6),
    ("sechs", 6),
    ("seis", 6),
    ("seven", 7),
    ("sieben", 7),
    ("sept", 7),
    ("ten", 10),
    ("zehn", 10),
    ("dix", 10),
];

fn number(word: &str) -> Option<u32> {
    if !word.is_empty() && word.len() <= 4 && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return word.parse().ok();
    }
    NUMBERS
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, value)| *value)
}

fn digits(word: &str, most: usize) -> Option<u32> {
    (word.len() <= most && word.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| word.parse().ok())
        .flatten()
}

/// A resolved moment: a day, and a time of it if the words give one.
#[derive(Debug, Clone, Copy)]
struct Moment {
    length: usize,
    date: Option<NaiveDate>,
    time: Option<Hour>,
    offset: Option<FixedOffset>,
    /// Whether the words can't be anything but a time (`tomorrow`, `EOD`), even without `by`.
    adverb: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hour {
    At(NaiveTime),
    EndOfDay,
    WholeDay,
}

/// The deadline that a sentence names: the first firm one, else the first time in passing.
pub(super) fn find(words: &Words<'_>, clock: Clock) -> Option<Found> {
    let mut passing: Option<Found> = None;
    let mut at = 0;
    while at < words.len() {
        let lead = LEADS.longest_at(words, at);
        let with_lead = lead.and_then(|(length, lead)| {
            moment(words, at + length, clock, lead).map(|moment| (length, lead, moment))
        });
        let bare = || moment(words, at, clock, Lead::Soft).map(|moment| (0, None, moment));
        let with_lead = with_lead.map(|(length, lead, moment)| (length, Some(lead), moment));
        let Some((length, lead, moment)) = with_lead.or_else(bare) else {
            at += 1;
            continue;
        };
        let end = at + length + moment.length;
        let counts = match lead {
            Some(Lead::Firm) => true,
            Some(Lead::Never) => false,
            // What a weekday did not take along contradicts it.
            None if is_weekday(words.before(at)) => false,
            Some(Lead::Soft) | None => {
                moment.adverb || (ends_clause(words, end) && !belongs(words, at))
            }
        };
        if counts && let Some(due) = resolve(moment, clock) {
            let found = Found {
                due,
                words: at..end,
                firm: lead == Some(Lead::Firm),
            };
            if found.firm {
                return Some(found);
            }
            passing.get_or_insert(found);
        }
        at = end.max(at + 1);
    }
    passing.or_else(|| wide(words, clock))
}

/// Words that open the next clause or go with a time.
#[rustfmt::skip] // a table: packed, not one word a line
const CLAUSE_STARTS: &[&str] = &[
    "if", "so", "please", "to", "and", "at", "or", "but", "because", "for", "when", "as", "with",
    "in", "via", "thanks", "before", "works", "work", "senden", "schicken", "und", "oder", "et",
    "ou", "pour", "y", "o", "para",
];

/// Whether a clause ends before word `at`, so that a weekday there is no `Friday report`.
fn ends_clause(words: &Words<'_>, at: usize) -> bool {
    at >= words.len()
        || words
            .gap_after(at - 1)
            .contains([',', '.', ';', ':', '?', '!', ')', '-', '–', '—', '\n'])
        || CLAUSE_STARTS.contains(&words.get(at))
}

/// Words that make a weekday part of a name or of the past.
const OWNERS: &[&str] = &[
    "the", "my", "your", "our", "was", "were", "received", "sent", "got",
];

/// Whether the word before makes what follows a part of a name or of the past.
fn belongs(words: &Words<'_>, at: usize) -> bool {
    matches!(
        LEADS.longest_at(words, at.wrapping_sub(1)),
        Some((_, Lead::Never))
    ) || OWNERS.contains(&words.before(at))
}

fn moment(words: &Words<'_>, at: usize, clock: Clock, lead: Lead) -> Option<Moment> {
    if let Some((length, hours)) = within(words, at) {
        let then = clock
            .now
            .checked_add_signed(Duration::hours(i64::from(hours)))?;
        let whole_days = hours % 24 == 0
            && !matches!(
                words.get(at + length - 1),
                "hours" | "hour" | "hrs" | "stunden" | "heures" | "horas"
            );
        return Some(Moment {
            length,
            date: Some(then.date()),
            time: (!whole_days).then_some(Hour::At(then.time())),
            offset: None,
            adverb: true,
        });
    }
    if let Some((length, hour, offset)) = hour(words, at) {
        let (skipped, date_at) = skip(words, at + length, Part::Connector);
        let (date_length, date) = match day(words, date_at, clock) {
            Some((length, date, _)) => (skipped + length, Some(date)),
            None => (0, None),
        };
        // An hour alone is a deadline only where the words say so, or where it is `EOD`.
        if date.is_none()
            && lead != Lead::Firm
            && !matches!(hour, Hour::EndOfDay)
            && !is_this(words, at)
        {
            return None;
        }
        return Some(Moment {
            length: length + date_length,
            date,
            time: Some(hour),
            offset,
            adverb: true,
        });
    }
    let (length, date, adverb) = day(words, at, clock)?;
    let (skipped, time_at) = skip(words, at + length, Part::At);
    match hour(words, time_at) {
        Some((more, hour, offset)) => Some(Moment {
            length: length + skipped + more,
            date: Some(date),
            time: Some(hour),
            offset,
            adverb: true,
        }),
        None => Some(Moment {
            length,
            date: Some(date),
            time: None,
            offset: None,
            adverb,
        }),
    }
}

fn is_this(words: &Words<'_>, at: usize) -> bool {
    matches!(words.get(at), "this" | "tonight" | "ce" | "cet" | "esta")
        || words.before(at) == "this"
}

/// Steps over one connecting phrase, and over a comma.
fn skip(words: &Words<'_>, at: usize, part: Part) -> (usize, usize) {
    match PARTS.longest_at(words, at) {
        Some((length, found)) if found == part => (length, at + length),
        _ => (0, at),
    }
}

/// `in two weeks`, `within 48 hours`: its words and its hours.
fn within(words: &Words<'_>, at: usize) -> Option<(usize, u32)> {
    let (lead, part) = PARTS.longest_at(words, at)?;
    if part != Part::Within {
        return None;
    }
    let mut place = at + lead;
    let couple = matches!(
        (words.get(place), words.get(place + 1), words.get(place + 2)),
        ("a", "couple", "of")
    );
    let count = if couple {
        place += 3;
        2
    } else {
        let count = number(words.get(place))?;
        place += 1;
        count
    };
    let unit =
        match words.get(place) {
            "hours" | "hour" | "hrs" | "stunden" | "stunde" | "heures" | "heure" | "horas"
            | "hora" => 1,
            "days" | "day" | "tagen" | "tage" | "jours" | "jour" | "dias" | "dia" => 24,
            "weeks" | "week" | "wochen" | "woche" | "semaines" | "semaine" | "semanas"
            | "semana" => 24 * 7,
            _ => return None,
        };
    // `in 10 days' time` needs nothing; a year of hours is no deadline.
    (count > 0 && count * unit <= 24 * 366).then_some((place + 1 - at, count * unit))
}

/// A day: how many words, which one, and whether the words can only be a time.
fn day(words: &Words<'_>, at: usize, clock: Clock) -> Option<(usize, NaiveDate, bool)> {
    let today = clock.today();
    if let Some((length, part)) = PARTS.longest_at(words, at) {
        let days = |count: u64| today.checked_add_days(Days::new(count));
        let date = match part {
            Part::Days(count) => days(count),
            Part::Day(weekday) => return following(words, at + length, length, weekday, clock),
            Part::ShortDay(weekday) if words.is_capital(at) => {
                return following(words, at + length, length, weekday, clock);
            }
            Part::EndOfWeek => friday(today, 0),
            Part::EndOfNextWeek => friday(today, 1),
            Part::EndOfMonth => month_end(today.year(), today.month()),
            Part::EndOfNextMonth => month_end(today.year(), today.month() + 1),
            Part::EndOfQuarter => month_end(today.year(), (today.month() - 1) / 3 * 3 + 3),
            Part::EndOfYear => month_end(today.year(), 12),
            Part::Weekend => days(u64::from(6 - today.weekday().num_days_from_monday())),
            Part::This | Part::Next | Part::Coming => {
                let (more, named) = PARTS.longest_at(words, at + length)?;
                let (Part::Day(weekday) | Part::ShortDay(weekday)) = named else {
                    return None;
                };
                let date = match part {
                    Part::This => in_week(today, 0, weekday),
                    Part::Next => in_week(today, 1, weekday),
                    _ => coming(today, weekday),
                };
                return Some((length + more, date?, true));
            }
            _ => None,
        };
        if let Some(date) = date {
            return Some((length, date, true));
        }
    }
    calendar_date(words, at, clock)
}

/// A bare weekday, with the date that may follow it (`Friday, March 6`) or the French or Spanish
/// word for the next one (`vendredi prochain`).
fn following(
    words: &Words<'_>,
    next: usize,
    length: usize,
    weekday: Weekday,
    clock: Clock,
) -> Option<(usize, NaiveDate, bool)> {
    let (skipped, date_at) = skip(words, next, Part::Connector);
    if let Some((more, date, adverb)) = calendar_date(words, date_at, clock) {
        // A weekday that contradicts its date is a slip of one of the two: no telling which.
        return (date.weekday() == weekday).then_some((length + skipped + more, date, adverb));
    }
    match words.get(next) {
        "last" | "dernier" | "pasado" => None,
        "prochain" | "proximo" => Some((length + 1, coming(clock.today(), weekday)?, true)),
        _ => Some((length, coming(clock.today(), weekday)?, false)),
    }
}

fn coming(today: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    let ahead = (weekday.num_days_from_monday() + 7 - today.weekday().num_days_from_monday()) % 7;
    today.checked_add_days(Days::new(if ahead == 0 { 7 } else { u64::from(ahead) }))
}

fn in_week(today: NaiveDate, weeks: u64, weekday: Weekday) -> Option<NaiveDate> {
    today
        .checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_monday())))?
        .checked_add_days(Days::new(
            weeks * 7 + u64::from(weekday.num_days_from_monday()),
        ))
}

/// The Friday of this week or the next; at a weekend `this week` is over and means the coming one.
fn friday(today: NaiveDate, weeks: u64) -> Option<NaiveDate> {
    let over = u64::from(today.weekday().num_days_from_monday() > 4 && weeks == 0);
    in_week(today, weeks + over, Weekday::Fri)
}

fn month_end(year: i32, month: u32) -> Option<NaiveDate> {
    let (year, month) = if month > 12 {
        (year + 1, month - 12)
    } else {
        (year, month)
    };
    let next = if month == 12 {
        NaiveDate::from_ymd_opt(year + 1, 1, 1)
    } else {
        NaiveDate::from_ymd_opt(year, month + 1, 1)
    };
    next?.pred_opt()
}

/// A date by its numbers: `March 3rd`, `3 March 2026`, `2026-03-14`, `3/14`, `14.3.`, `the 15th`.
fn calendar_date(words: &Words<'_>, at: usize, clock: Clock) -> Option<(usize, NaiveDate, bool)> {
    if let Some(month) = month(words.get(at)) {
        // `you may 2 times`, `it mars 3 cars`: a month that is a word too wants its capital.
        if matches!(words.get(at), "may" | "march") && !words.is_capital(at) {
            return None;
        }
        let day = digits(words.get(at + 1), 2)?;
        let mut length = 2 + usize::from(is_ordinal(words, at + 2));
        // `March 10:30` and `March 3-5` are not the days they start with.
        let year = year_at(words, at + length).inspect(|_| length += 1);
        return Some((length, dated(year, month, day, clock)?, true));
    }
    let first = words.get(at);
    if first.len() == 4 {
        let year = digits(first, 4)?;
        let separator = words.gap_after(at);
        let same = matches!(separator, "-" | "/" | ".") && words.gap_after(at + 1) == separator;
        let (month, day) = (digits(words.get(at + 1), 2)?, digits(words.get(at + 2), 2)?);
        return if same {
            Some((3, dated(i32::try_from(year).ok(), month, day, clock)?, true))
        } else {
            None
        };
    }
    let one = digits(first, 2)?;
    match words.gap_after(at) {
        separator @ ("/" | "." | "-") => {
            let two = digits(words.get(at + 1), 2)?;
            let year = if words.gap_after(at + 1) == separator {
                year_at(words, at + 2)
            } else {
                None
            };
            let length = if year.is_some() { 3 } else { 2 };
            if separator == "-" && year.is_none() {
                return None; // `3-4 days`
            }
            // `3.5` without its second stop is a number.
            if separator == "." && year.is_none() && !words.gap_after(at + 1).starts_with('.') {
                return None;
            }
            if words.gap_after(at + length - 1) == separator && separator != "." {
                return None; // a longer chain: no date
            }
            if (one, two) == (24, 7) && year.is_none() {
                return None; // round the clock
            }
            let (month, day) = match (one, two) {
                (day, month) if separator == "." => (month, day),
                (day, month) if day > 12 => (month, day),
                (month, day) if day > 12 || month == day => (month, day),
                _ => return None,
            };
            Some((length, dated(year, month, day, clock)?, true))
        }
        gap => {
            let ordinal = is_ordinal(words, at + 1);
            let stop = gap.starts_with('.');
            let after = at + 1 + usize::from(ordinal);
            let (skipped, month_at) = if words.get(after) == "of" || words.get(after) == "de" {
                (1, after + 1)
            } else {
                (0, after)
            };
            if let Some(month) = month(words.get(month_at)) {
                let mut length = month_at + 1 - at;
                let (linked, year_place) = if words.get(month_at + 1) == "de" {
                    (1, month_at + 2)
                } else {
                    (0, month_at + 1)
                };
                let year = year_at(words, year_place).inspect(|_| length += 1 + linked);
                return Some((length, dated(year, month, one, clock)?, true));
            }
            let german = stop && matches!(words.before(at), "zum" | "am" | "den" | "dem");
            // `March 3rd` that came to nothing as a whole is not the third of some month either.
            if (!ordinal && !german) || skipped > 0 || is_month(words.before(at)) {
                return None;
            }
            // `the 15th`: this month's, or the next one's if that is past.
            let today = clock.today();
            let date = match today.with_day(one) {
                Some(date) if date >= today => date,
                _ => month_end(today.year(), today.month())?
                    .succ_opt()?
                    .with_day(one)?,
            };
            Some((1 + usize::from(ordinal), date, false))
        }
    }
}

fn is_ordinal(words: &Words<'_>, at: usize) -> bool {
    matches!(words.get(at), "st" | "nd" | "rd" | "th" | "er")
        && at > 0
        && words.gap_after(at - 1).is_empty()
}

fn year_at(words: &Words<'_>, at: usize) -> Option<i32> {
    let word = words.get(at);
    let value = digits(word, 4)?;
    match word.len() {
        4 if (1970..2200).contains(&value) => i32::try_from(value).ok(),
        2 if matches!(words.gap_after(at.wrapping_sub(1)), "/" | "." | "-") => {
            i32::try_from(2000 + value).ok()
        }
        _ => None,
    }
}

fn dated(year: Option<i32>, month: u32, day: u32, clock: Clock) -> Option<NaiveDate> {
    let today = clock.today();
    if let Some(year) = year {
        return NaiveDate::from_ymd_opt(year, month, day).filter(|date| *date >= today);
    }
    [today.year(), today.year() + 1]
        .into_iter()
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .find(|date| *date >= today)
        .filter(|date| date.signed_duration_since(today).num_days() <= FARTHEST_DAYS)
}

/// An hour: how many words, which one, and the offset a zone behind it gives.
fn hour(words: &Words<'_>, at: usize) -> Option<(usize, Hour, Option<FixedOffset>)> {
    let clock = |hour: u32, minute: u32| NaiveTime::from_hms_opt(hour, minute, 0).map(Hour::At);
    if let Some((length, part)) = PARTS.longest_at(words, at) {
        let found = match part {
            Part::EndOfDay => Some(Hour::EndOfDay),
            Part::Noon | Part::Morning => clock(12, 0),
            Part::Afternoon => clock(17, 0),
            Part::Evening => Some(Hour::WholeDay),
            _ => None,
        };
        if let Some(found) = found {
            return Some((length, found, None));
        }
    }
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
    let length = length + suffix;
    let zone = words.get(at + length);
    match zone {
        "et" | "pt" | "ct" | "mt" | "eastern" | "pacific" | "central" | "ist" | "bst" => {
            // Zones that need a calendar, or that are several: the day stands, the hour does not.
            Some((length + 1, Hour::WholeDay, None))
        }
        _ => match ZONES.iter().find(|(name, _)| *name == zone) {
            Some((_, hours)) if words.source(at + length).chars().all(char::is_uppercase) => {
                Some((length + 1, found?, FixedOffset::east_opt(hours * 3600)))
            }
            _ => Some((length, found?, None)),
        },
    }
}

/// Abbreviations of zones that mean one offset only.
const ZONES: &[(&str, i32)] = &[
    ("utc", 0),
    ("gmt", 0),
    ("est", -5),
    ("edt", -4),
    ("cdt", -5),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
    ("pdt", -7),
    ("cet", 1),
    ("cest", 2),
    ("jst", 9),
];

/// Turns a moment into a deadline, if it lies ahead.
fn resolve(moment: Moment, clock: Clock) -> Option<Deadline> {
    let date = moment.date.unwrap_or(clock.today());
    if date < clock.today() {
        return None;
    }
    let end_of_day = NaiveTime::from_hms_opt(17, 0, 0)?;
    let offset = moment.offset.unwrap_or(clock.offset);
    let at = |time: NaiveTime| Deadline::DateTime(date.and_time(time), offset);
    let ahead = |due: &Deadline| match (due, clock.offset.from_local_datetime(&clock.now).single())
    {
        (Deadline::DateTime(civil, offset), Some(now)) => offset
            .from_local_datetime(civil)
            .single()
            .is_some_and(|then| then > now),
        _ => true,
    };
    match moment.time {
        None | Some(Hour::WholeDay) => Some(Deadline::Date(date)),
        // Said in the evening, the end of the day is still today.
        Some(Hour::EndOfDay) => Some(at(end_of_day))
            .filter(ahead)
            .or(Some(Deadline::Date(date))),
        Some(Hour::At(time)) => Some(at(time)).filter(ahead),
    }
}

/// Deadlines in Japanese and Chinese, which have no words to step through.
fn wide(words: &Words<'_>, clock: Clock) -> Option<Found> {
    let piece = words.piece();
    if !piece.chars().any(super::words::is_unspaced) {
        return None;
    }
    let today = clock.today();
    let days = |count| today.checked_add_days(Days::new(count));
    let firm = ["まで", "までに", "以内", "之前", "前", "까지"]
        .iter()
        .any(|mark| piece.contains(mark));
    let date = if let Some(date) = wide_month_and_day(piece, clock) {
        Some(date)
    } else if let Some(weekday) = wide_weekday(piece) {
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

fn wide_weekday(piece: &str) -> Option<Weekday> {
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

fn wide_month_and_day(piece: &str, clock: Clock) -> Option<NaiveDate> {
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    /// Wednesday, 4 March 2026, 10:00 in New York.
    fn clock() -> Clock {
        at("2026-03-04T10:00:00-05:00")
    }

    fn at(moment: &str) -> Clock {
        let sent = DateTime::parse_from_rfc3339(moment).unwrap();
        Clock {
            now: sent.naive_local(),
            offset: *sent.offset(),
        }
    }

    fn due(text: &str, clock: Clock) -> String {
        match find(&Words::new(text, 0..text.len()), clock).map(|found| found.due) {
            None => "-".to_owned(),
            Some(Deadline::Date(date)) => date.to_string(),
            Some(Deadline::DateTime(civil, offset)) => {
                format!("{} {offset}", civil.format("%Y-%m-%d %H:%M"))
            }
        }
    }

    #[test]
    fn dates_in_words_are_resolved_from_the_day_of_writing() {
        for (text, expected) in [
            ("by Friday", "2026-03-06"),
            ("by Wednesday", "2026-03-11"),
            ("this Friday", "2026-03-06"),
            ("next Friday", "2026-03-13"),
            ("next Tuesday", "2026-03-10"),
            ("this Monday", "-"),
            ("today", "2026-03-04"),
            ("tomorrow at 3pm", "2026-03-05 15:00 -05:00"),
            ("by 3:30 pm tomorrow", "2026-03-05 15:30 -05:00"),
            ("by 5 p.m. on Friday", "2026-03-06 17:00 -05:00"),
            ("EOD", "2026-03-04 17:00 -05:00"),
            ("by end of day Friday", "2026-03-06 17:00 -05:00"),
            ("by Friday EOD", "2026-03-06 17:00 -05:00"),
            ("by COB tomorrow", "2026-03-05 17:00 -05:00"),
            ("by the end of the week", "2026-03-06"),
            ("next week", "2026-03-13"),
            ("in two weeks", "2026-03-18"),
            ("within 48 hours", "2026-03-06 10:00 -05:00"),
            ("in 3 days", "2026-03-07"),
            ("by March 3rd", "-"),
            ("by March 30th", "2026-03-30"),
            ("on 14 April 2026", "2026-04-14"),
            ("by April 14, 2025", "-"),
            ("by 3/14", "2026-03-14"),
            ("by 14/3", "2026-03-14"),
            ("by 3/4", "-"),
            ("by 2026-03-14", "2026-03-14"),
            ("by 14.03.2026", "2026-03-14"),
            ("by the 15th", "2026-03-15"),
            ("before the 3rd", "2026-04-03"),
            ("by noon", "2026-03-04 12:00 -05:00"),
            ("this afternoon", "2026-03-04 17:00 -05:00"),
            ("tomorrow morning", "2026-03-05 12:00 -05:00"),
            ("by EOM", "2026-03-31"),
            ("by Thursday at 3", "2026-03-05"),
            ("by Friday 3pm UTC", "2026-03-06 15:00 +00:00"),
            ("by Friday 3pm ET", "2026-03-06"),
            ("by Friday, March 6", "2026-03-06"),
            ("by Friday, March 7", "-"),
            ("asap", "-"),
            ("24/7", "-"),
            ("the report from last Friday", "-"),
            ("the Friday report", "-"),
            ("since Monday", "-"),
            ("you may 2 times", "-"),
            ("bis Freitag", "2026-03-06"),
            ("bis morgen 15 Uhr", "2026-03-05 15:00 -05:00"),
            ("bis zum 15. März", "2026-03-15"),
            ("nächste Woche", "2026-03-13"),
            ("spätestens am 20.3.", "2026-03-20"),
            ("avant vendredi", "2026-03-06"),
            ("vendredi prochain", "2026-03-06"),
            ("d'ici le 15 mars", "2026-03-15"),
            ("demain à 15h", "2026-03-05 15:00 -05:00"),
            ("demain à 9h30", "2026-03-05 09:30 -05:00"),
            ("antes del viernes", "2026-03-06"),
            ("para el 15 de marzo", "2026-03-15"),
            ("mañana", "2026-03-05"),
            ("金曜日までに", "2026-03-06"),
            ("3月15日まで", "2026-03-15"),
        ] {
            assert_eq!(due(text, clock()), expected, "{text}");
        }
    }

    #[test]
    fn nothing_resolves_into_the_past() {
        let evening = at("2026-03-04T18:30:00+01:00");
        assert_eq!(due("by noon", evening), "-");
        assert_eq!(due("by EOD", evening), "2026-03-04");
        assert_eq!(due("this afternoon", evening), "-");
        assert_eq!(due("by February 20", evening), "-");
        assert_eq!(due("by the 30th", at("2026-01-31T10:00:00Z")), "-");
        assert_eq!(
            due("by January 5", at("2026-11-22T10:00:00Z")),
            "2027-01-05"
        );
        assert_eq!(
            due("end of the week", at("2026-03-07T10:00:00Z")),
            "2026-03-13"
        );
    }
}
