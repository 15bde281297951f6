//! The words of time, in tables: what leads to a date, what names one, and numbers.

use std::sync::LazyLock;

use chrono::Weekday;

use crate::analysis::phrases::Phrases;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lead {
    /// What follows is the last that will do.
    By,
    /// What follows is a limit.
    Before,
    /// What follows is what it is meant for.
    For,
    /// Names a time.
    Soft,
    /// What follows comes first.
    After,
    /// What follows begins it.
    From,
    /// What follows comes again and again.
    Every,
    /// What follows is past or a name.
    Never,
}

impl Lead {
    /// Whether no deadline can follow.
    pub(crate) fn is_never(self) -> bool {
        matches!(self, Self::After | Self::From | Self::Every | Self::Never)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Days(u64),
    Day(Weekday),
    ShortDay(Weekday),
    This,
    Next,
    Coming,
    EndOfDay,
    EndOfWeek,
    ThisWeek,
    EndOfNextWeek,
    NextWeek,
    EndOfMonth,
    ThisMonth,
    EndOfNextMonth,
    NextMonth,
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
pub(crate) static LEADS: LazyLock<Phrases<Lead>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            Lead::By,
            &[
                "by", "by the", "until", "till", "no later than", "not later than", "latest by",
                "due", "due by", "due on", "due date is", "deadline is", "deadline of", "deadline",
                "is due", "at the latest by", "bis", "bis zum", "bis zur", "bis spatestens",
                "spatestens", "spatestens am", "spatestens bis", "bis einschliesslich",
                "fallig am", "d'ici", "d'ici le", "d'ici au", "d'ici a", "jusqu'au", "jusqu'a",
                "au plus tard le", "au plus tard", "hasta el", "a mas tardar el", "a mas tardar",
                "entro", "entro il", "ate", "uiterlijk", "senast", "senest",
            ],
        ),
        (
            Lead::Before,
            &[
                "before", "before the", "prior to", "ahead of", "vor dem", "avant", "avant le",
                "avant la", "antes de", "antes del", "antes de la", "voor", "fore", "innan",
                "inden",
            ],
        ),
        (Lead::For, &["pour le", "para el", "para la"]),
        (
            Lead::Soft,
            &[
                "on", "on the", "for", "am", "at", "for the", "um", "le", "el", "il", "op", "pour",
                "para", "il giorno", "or", "pa", "den",
            ],
        ),
        (Lead::After, &["after", "nach", "apres"]),
        (Lead::From, &["from", "ab", "desde", "du", "vom"]),
        (Lead::Every, &["every", "each", "jeden", "chaque", "cada"]),
        (
            Lead::Never,
            &[
                "last", "since", "past", "previous", "of", "yesterday", "dated", "a", "on last",
                "by last", "letzten", "letzte", "seit", "depuis", "pasado", "el pasado",
                "since last",
            ],
        ),
    ])
});

#[rustfmt::skip] // a table: packed, not one word a line
pub(crate) static PARTS: LazyLock<Phrases<Part>> = LazyLock::new(|| {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    Phrases::new(&[
        (
            Part::Days(0),
            &[
                "today", "heute", "aujourd'hui", "hoy", "oggi", "hoje", "vandaag", "idag", "i dag",
            ],
        ),
        (
            Part::Days(1),
            &[
                "tomorrow", "tmrw", "tomorow", "morgen", "demain", "manana", "domani", "amanha",
                "imorgon", "i morgon", "i morgen",
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
                "mandag",
            ],
        ),
        (
            Part::Day(Tue),
            &[
                "tuesday", "dienstag", "mardi", "martes", "martedi", "dinsdag", "terca feira",
                "tisdag", "tirsdag",
            ],
        ),
        (
            Part::Day(Wed),
            &[
                "wednesday", "mittwoch", "mercredi", "miercoles", "mercoledi", "woensdag",
                "quarta feira", "onsdag",
            ],
        ),
        (
            Part::Day(Thu),
            &[
                "thursday", "donnerstag", "jeudi", "jueves", "giovedi", "donderdag",
                "quinta feira", "torsdag",
            ],
        ),
        (
            Part::Day(Fri),
            &[
                "friday", "freitag", "vendredi", "viernes", "venerdi", "vrijdag", "sexta feira",
                "fredag",
            ],
        ),
        (
            Part::Day(Sat),
            &[
                "saturday", "samstag", "sonnabend", "samedi", "sabado", "sabato", "zaterdag", "lordag",
            ],
        ),
        (
            Part::Day(Sun),
            &[
                "sunday", "sonntag", "dimanche", "domingo", "domenica", "zondag",
                "sondag",
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
                "the end of this week", "ende der woche", "la fin de la semaine", "fin de semaine",
                "final de la semana", "fin de la semana", "ende dieser woche",
            ],
        ),
        (
            Part::ThisWeek,
            &["this week", "diese woche", "cette semaine", "esta semana"],
        ),
        (
            Part::EndOfNextWeek,
            &["the end of next week", "end of next week", "ende nachster woche"],
        ),
        (
            Part::NextWeek,
            &[
                "next week", "nachste woche", "nachster woche", "kommende woche",
                "la semaine prochaine", "semaine prochaine", "la proxima semana",
                "proxima semana", "la semana que viene",
            ],
        ),
        (
            Part::EndOfMonth,
            &[
                "eom", "end of the month", "end of month", "month end", "the end of the month",
                "end of this month", "the end of this month", "monatsende", "ende des monats",
                "zum monatsende", "la fin du mois", "fin du mois", "fin de mes", "final de mes",
            ],
        ),
        (
            Part::ThisMonth,
            &["this month", "diesen monat", "ce mois ci", "este mes"],
        ),
        (
            Part::EndOfNextMonth,
            &["the end of next month", "end of next month"],
        ),
        (
            Part::NextMonth,
            &["next month", "nachsten monat", "le mois prochain", "el proximo mes"],
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
pub(super) const MONTHS: [&[&str]; 12] = [
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
pub(crate) fn is_month(word: &str) -> bool {
    month(word).is_some()
}

/// Whether a folded word names a weekday in full.
pub(crate) fn is_weekday(word: &str) -> bool {
    PARTS.tags_of(word).any(|part| matches!(part, Part::Day(_)))
}

/// The months' names for a look-up that costs no walk through all of them.
static MONTH_NAMES: LazyLock<Phrases<u32>> = LazyLock::new(|| {
    let groups: Vec<(u32, &[&str])> = (1..).zip(MONTHS).collect();
    Phrases::new(&groups)
});

pub(crate) fn month(word: &str) -> Option<u32> {
    MONTH_NAMES.tags_of(word).next()
}

/// Numbers in words.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) const NUMBERS: &[(u32, &[&str])] = &[
    (1, &["a", "an", "one", "ein", "eine", "einer", "einem", "un", "une", "una"]),
    (2, &["two", "zwei", "deux", "dos"]),
    (3, &["three", "drei", "trois", "tres"]),
    (4, &["four", "vier", "quatre", "cuatro"]),
    (5, &["five", "funf", "cinq", "cinco"]),
    (6, &["six", "sechs", "seis"]),
    (7, &["seven", "sieben", "sept", "siete"]),
    (8, &["eight", "acht", "huit", "ocho"]),
    (9, &["nine", "neun", "neuf", "nueve"]),
    (10, &["ten", "zehn", "dix", "diez"]),
    (11, &["eleven", "elf", "onze", "once"]),
    (12, &["twelve", "zwolf", "douze", "doce"]),
    (15, &["fifteen", "funfzehn", "quinze", "quince"]),
    (20, &["twenty", "zwanzig", "vingt", "veinte"]),
    (30, &["thirty", "dreissig", "trente", "treinta"]),
    (40, &["forty", "vierzig", "quarante", "cuarenta"]),
    (45, &["funfundvierzig"]),
    (50, &["fifty", "funfzig", "cinquante", "cincuenta"]),
    (60, &["sixty", "sechzig", "soixante", "sesenta"]),
    (90, &["ninety", "neunzig", "noventa"]),
];

static NUMBER_NAMES: LazyLock<Phrases<u32>> = LazyLock::new(|| Phrases::new(NUMBERS));

pub(crate) fn number(word: &str) -> Option<u32> {
    if !word.is_empty() && word.len() <= 4 && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return word.parse().ok();
    }
    NUMBER_NAMES.tags_of(word).next()
}

pub(crate) fn digits(word: &str, most: usize) -> Option<u32> {
    (word.len() <= most && word.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| word.parse().ok())
        .flatten()
}

/// The weekday that a folded word names in full.
pub(super) fn weekday(word: &str) -> Option<Weekday> {
    PARTS.tags_of(word).find_map(|part| match part {
        Part::Day(weekday) => Some(weekday),
        _ => None,
    })
}
