//! The words of scheduling, in tables: what mail does not know of.
//!
//! Days, months, numbers and the words that lead to a time are those of
//! [`crate::analysis::deadline::vocabulary`]; here is what only somebody who asks for a meeting says.

use std::sync::LazyLock;

use crate::analysis::deadline::vocabulary::{LEADS as MAIL_LEADS, Lead as MailLead};
use crate::analysis::phrases::Phrases;
use crate::analysis::words::Words;

use super::interpretation::MeetingKind;

/// What words say about the words that follow them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lead {
    /// A time follows.
    On,
    /// An hour follows, even if only as a number.
    At,
    /// A time follows, more or less.
    Around,
    /// The last time that will do, itself included.
    By,
    /// A limit that is not itself included.
    Before,
    After,
    /// The first time that will do, itself included.
    From,
    /// A time follows that may be the first of two limits.
    Of,
    /// Two limits follow, joined by `and`.
    Between,
    /// What follows is left out.
    Not,
    With,
    Without,
    /// People who may be missing follow, or a wish.
    Optional,
    /// What follows is wished for and not a must.
    Prefer,
    /// What follows is allowed as well.
    Even,
    /// What the meeting is about.
    Topic,
    /// What comes again and again.
    Every,
    /// What follows is over.
    Past,
}

#[rustfmt::skip] // a table: packed, not one word a line
static LEADS: LazyLock<Phrases<Lead>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            Lead::On,
            &["in", "in the", "during", "during the", "on a", "im", "in der", "en", "en el", "en la",
              "au", "dans la", "pendant", "durante", "durante la", "dans", "any time", "anytime",
              "irgendwann", "sometime", "some time", "any", "jederzeit", "am", "der", "die", "das", "the"],
        ),
        (Lead::At, &["at", "um", "a las", "a la", "starting at", "start at", "beginning at"]),
        (
            Lead::Around,
            &["around", "about", "at around", "at about", "roughly at", "gegen", "etwa um", "ungefahr um",
              "vers", "sobre las", "hacia las", "a eso de las"],
        ),
        (
            Lead::By,
            &["not after", "no later than", "not later than", "up to", "not past", "to be over by",
              "done by", "over by", "finished by", "ending by", "ends by", "nicht nach", "nicht spater als",
              "pas apres", "pas plus tard que", "no despues de", "no despues de las", "no mas tarde de",
              "no mas tarde de las", "no mas tarde del", "hasta", "hasta las", "bis um", "bis einschliesslich",
              "through", "avant la fin de"],
        ),
        (
            Lead::Before,
            &["antes de las", "antes de la", "vor", "vor der", "earlier than", "sooner than", "avant les",
              "avant l'", "any time before", "anytime before"],
        ),
        (
            Lead::After,
            &["later than", "any time after", "anytime after", "after the", "nach dem", "nach der",
              "apres le", "apres la", "apres les", "despues de", "despues del", "despues de las",
              "despues de la", "tras", "tras el", "tras la", "once i'm back from"],
        ),
        (
            Lead::From,
            &["not before", "no earlier than", "not earlier than", "earliest", "at the earliest", "starting",
              "starting on", "starting from", "beginning", "as of", "as from", "fruhestens", "fruhestens ab",
              "fruhestens um", "nicht vor", "nicht vor dem", "ab dem", "ab um", "a partir de", "a partir du",
              "a partir de las", "a partir del", "pas avant", "pas avant le", "desde las", "desde el",
              "no antes de", "no antes de las", "no antes del", "from the"],
        ),
        (Lead::Of, &["von", "vom", "du", "des", "de", "del", "de las"]),
        (Lead::Between, &["between", "between the", "zwischen", "zwischen dem", "entre", "entre le", "entre el", "entre las"]),
        (
            Lead::Not,
            &["not", "not on", "no", "except", "except for", "except on", "but not", "but not on", "excluding",
              "other than", "apart from", "never", "never on", "avoid", "avoiding", "can't do", "can't on",
              "can't make", "cannot do", "cannot make", "can't", "don't want", "anything but", "any day but",
              "every day but", "nor", "outside of", "ausser", "ausser am", "nicht", "nicht am", "nicht an",
              "kein", "keine", "keinen", "aber nicht", "aber nicht am", "bloss nicht", "sauf", "sauf le",
              "pas", "pas le", "hors", "hormis", "mais pas", "excepte", "menos", "menos el", "menos los",
              "excepto", "excepto el", "salvo", "salvo el", "pero no", "pero no el", "no el", "no los"],
        ),
        (
            Lead::With,
            &["with", "together with", "along with", "and with", "mit", "zusammen mit", "avec", "con",
              "junto con", "invite", "including also"],
        ),
        (Lead::Without, &["without", "ohne", "sans", "sin"]),
        (
            Lead::Optional,
            &["ideally with", "optionally", "optionally with", "if possible", "if possible with",
              "if possible also", "preferably with", "maybe", "maybe with", "maybe also", "perhaps",
              "perhaps also", "perhaps with", "optional with", "optional", "wenn moglich", "wenn moglich mit",
              "wenn moglich auch", "falls moglich", "falls moglich mit", "idealerweise mit", "moglichst mit",
              "gern mit", "gerne mit", "gern auch mit", "gerne auch mit", "vielleicht", "vielleicht mit",
              "vielleicht auch", "si possible", "si possible avec", "idealement avec", "peut etre",
              "peut etre avec", "eventuellement", "eventuell", "eventuell mit", "si es posible",
              "si es posible con", "idealmente con", "quizas", "quizas con", "tal vez", "opcional",
              "opcionalmente", "opcionalmente con"],
        ),
        (
            Lead::Prefer,
            &["preferably", "preferably on", "preferably in the", "preferably at", "ideally", "ideally on",
              "ideally in the", "ideally at", "i prefer", "i'd prefer", "we prefer", "prefer", "best",
              "rather", "am liebsten", "lieber", "vorzugsweise", "bevorzugt", "idealerweise", "moglichst",
              "gern", "gerne", "de preference", "plutot", "idealement", "preferiblemente", "idealmente",
              "mejor", "de preferencia"],
        ),
        (
            Lead::Even,
            &["even", "even in", "even on", "even at", "also", "also in", "also on", "including", "also at",
              "auch", "auch am", "sogar", "sogar am", "notfalls", "notfalls auch", "meme", "meme en", "meme le",
              "aussi", "y compris", "incluso", "incluso por", "incluso en", "tambien", "if need be",
              "if necessary"],
        ),
        (
            Lead::Topic,
            &["to discuss", "to talk about", "to talk through", "to go over", "to review", "to plan", "regarding",
              "concerning", "re", "on the topic of", "wegen", "bezuglich", "zum thema", "betreffend",
              "au sujet de", "au sujet du", "a propos de", "a propos du", "concernant", "pour parler de",
              "pour discuter", "para hablar de", "acerca de", "respecto a", "about the", "about our",
              "uber", "uber das", "uber die", "uber den"],
        ),
        (
            Lead::Past,
            &["last", "letzte", "letzten", "letzter", "since", "seit", "depuis", "la semaine derniere",
              "la semana pasada", "previous", "yesterday", "gestern", "hier", "ayer"],
        ),
    ])
});

/// What leads on at a word, by these tables and those of mail: how many words, and to what.
pub(super) fn lead(words: &Words<'_>, at: usize) -> Option<(usize, Lead)> {
    let mail = MAIL_LEADS.longest_at(words, at).and_then(|(length, lead)| {
        let lead = match lead {
            // `or` joins here.
            MailLead::Soft if words.get(at) == "or" => return None,
            MailLead::By => Lead::By,
            MailLead::Before => Lead::Before,
            MailLead::For | MailLead::Soft => Lead::On,
            MailLead::After => Lead::After,
            MailLead::From => Lead::From,
            MailLead::Every => Lead::Every,
            MailLead::Never => return None,
        };
        Some((length, lead))
    });
    let own = LEADS.longest_at(words, at);
    match (own, mail) {
        (Some(own), Some(mail)) if mail.0 > own.0 => Some(mail),
        (own, mail) => own.or(mail),
    }
}

/// A part of the day: its minutes since midnight.
pub(super) type Minutes = (u16, u16);

const NOON: u16 = crate::analysis::deadline::hour::NOON as u16 * 60;
const EVENING: u16 = crate::analysis::deadline::hour::EVENING as u16 * 60;
/// When an evening ends that somebody wants to meet in.
const NIGHT: u16 = 22 * 60;
/// When people begin to get up.
const DAWN: u16 = 6 * 60;

const MORNING: Minutes = (DAWN, NOON);
const AFTERNOON: Minutes = (NOON, EVENING);
/// The evening as meetings know it.
pub(super) const EVENINGS: Minutes = (EVENING, NIGHT);

/// Parts of the day, wherever they are more than one plain word of mail's.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static PARTS_OF_DAY: LazyLock<Phrases<Minutes>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            MORNING,
            &["morning", "mornings", "in the morning", "in the mornings", "vormittags", "am vormittag",
              "morgens", "am morgen", "fruhmorgens", "le matin", "les matins", "matinee", "dans la matinee",
              "en matinee", "por la manana", "por las mananas", "de la manana", "en la manana", "vormittage"],
        ),
        (
            AFTERNOON,
            &["afternoon", "afternoons", "in the afternoon", "in the afternoons", "nachmittags",
              "am nachmittag", "nachmittage", "l'apres midi", "les apres midi", "dans l'apres midi",
              "en apres midi", "por la tarde", "por las tardes", "tardes", "tarde", "en la tarde"],
        ),
        (
            EVENINGS,
            &["evening", "evenings", "in the evening", "in the evenings", "after work", "abends", "am abend",
              "abende", "nach feierabend", "le soir", "les soirs", "en soiree", "dans la soiree", "soiree",
              "por la noche", "por las noches", "dinner", "over dinner", "for dinner", "zum abendessen"],
        ),
        (
            (DAWN, 9 * 60),
            &["early morning", "early mornings", "early in the morning", "in the early morning",
              "am fruhen morgen", "tot le matin", "a primera hora", "temprano por la manana",
              "breakfast", "over breakfast", "for breakfast", "zum fruhstuck"],
        ),
        (
            (10 * 60, NOON),
            &["late morning", "late mornings", "late in the morning", "in the late morning",
              "am spaten vormittag", "spater vormittag", "en fin de matinee", "fin de matinee",
              "a media manana", "mid morning"],
        ),
        (
            (NOON, 15 * 60),
            &["early afternoon", "early afternoons", "early in the afternoon", "in the early afternoon",
              "am fruhen nachmittag", "fruher nachmittag", "en debut d'apres midi", "debut d'apres midi",
              "a primera hora de la tarde"],
        ),
        (
            (15 * 60, EVENING),
            &["late afternoon", "late afternoons", "late in the afternoon", "in the late afternoon",
              "am spaten nachmittag", "spater nachmittag", "en fin d'apres midi", "fin d'apres midi",
              "a ultima hora de la tarde", "a ultima hora"],
        ),
        ((14 * 60, 16 * 60), &["mid afternoon", "mid afternoons", "a media tarde"]),
        (
            (0, NOON),
            &["before lunch", "before the lunch break", "vor dem mittagessen", "vor der mittagspause",
              "vor mittag", "avant le dejeuner", "avant dejeuner", "antes de comer", "antes de la comida",
              "antes del almuerzo", "in the am"],
        ),
        (
            (13 * 60, EVENING),
            &["after lunch", "after the lunch break", "nach dem mittagessen", "nach dem mittag",
              "nach der mittagspause", "apres le dejeuner", "apres dejeuner", "apres manger",
              "despues de comer", "despues de la comida", "despues del almuerzo"],
        ),
        (
            (NOON, 14 * 60),
            &["lunch", "over lunch", "at lunch", "lunchtime", "lunch time", "at lunchtime", "for lunch",
              "during lunch", "around lunch", "around lunchtime", "beim mittagessen", "zum mittagessen",
              "zu mittag", "uber mittag", "mittags", "in der mittagspause", "au dejeuner", "le midi",
              "pendant le dejeuner", "dejeuner", "almuerzo", "a mediodia", "al mediodia", "comida"],
        ),
    ])
});

/// Meals, which take their time from the break and are no reason to keep it.
pub(super) fn is_lunch(part: Minutes) -> bool {
    part == (NOON, 14 * 60)
}

/// Behind a bare hour: whether it is one before noon.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static HALVES: LazyLock<Phrases<bool>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            true,
            &["in the morning", "de la manana", "du matin", "morgens", "vormittags", "uhr morgens",
              "uhr vormittags", "uhr fruh", "am morgen", "am vormittag"],
        ),
        (
            false,
            &["in the afternoon", "in the evening", "at night", "de la tarde", "de la noche",
              "de l'apres midi", "du soir", "nachmittags", "abends", "uhr nachmittags", "uhr abends",
              "am nachmittag", "am abend", "tonight"],
        ),
    ])
});

/// Lengths that are said without a number.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static LENGTHS: LazyLock<Phrases<u32>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            15,
            &["quarter of an hour", "a quarter of an hour", "quarter hour", "a quarter hour",
              "viertelstunde", "eine viertelstunde", "quart d'heure", "un quart d'heure", "cuarto de hora",
              "un cuarto de hora"],
        ),
        (
            30,
            &["half an hour", "half hour", "a half hour", "halbe stunde", "eine halbe stunde",
              "halben stunde", "einer halben stunde", "halbstundig", "halbstundiges", "demi heure",
              "une demi heure", "media hora", "half an hr"],
        ),
        (
            45,
            &["three quarters of an hour", "dreiviertelstunde", "eine dreiviertelstunde",
              "dreiviertel stunde", "eine dreiviertel stunde", "trois quarts d'heure", "tres cuartos de hora"],
        ),
        (
            60,
            &["hour long", "einstundig", "einstundiges", "einstundige"],
        ),
        (
            90,
            &["an hour and a half", "one and a half hours", "hour and a half", "eineinhalb stunden",
              "anderthalb stunden", "heure et demie", "une heure et demie", "hora y media",
              "una hora y media"],
        ),
        (150, &["two and a half hours", "zweieinhalb stunden"]),
    ])
});

/// Units of time: minutes.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static UNITS: LazyLock<Phrases<u32>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            1,
            &["minutes", "minute", "mins", "min", "m", "minuten", "minutos", "minuto", "minutiges",
              "minutige", "minutigen", "minutig", "minutes'", "min's"],
        ),
        (
            60,
            &["hours", "hour", "hrs", "hr", "h", "stunden", "stunde", "std", "stundiges", "stundige",
              "heures", "heure", "horas", "hora", "hour's", "hours'"],
        ),
        (DAY, &["days", "day", "day's", "tage", "tagen", "tag", "jours", "jour", "dias", "dia"]),
        (
            7 * DAY,
            &["weeks", "week", "week's", "wochen", "woche", "semaines", "semaine", "semanas", "semana"],
        ),
        (MONTH, &["months", "month", "monate", "monaten", "monat", "mois", "meses", "mes"]),
    ])
});

/// Minutes of a day.
pub(super) const DAY: u32 = 24 * 60;
/// What stands for a month, whose days are counted on the calendar.
pub(super) const MONTH: u32 = 30 * DAY;

/// Whole days that people say without naming one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stretch {
    /// Some weekdays, whenever they come: bit 0 is Monday.
    Every(u8),
    /// The weekend of so many weeks ahead.
    Weekend,
    NextWeekend,
    RestOfWeek,
    LaterThisWeek,
    WeekAfterNext,
    ThisQuarter,
    NextQuarter,
    Quarter(u32),
    ThisYear,
    NextYear,
    /// The week in which a date lies follows.
    WeekOf,
    /// The number of a week follows.
    WeekNumber,
    /// A number of days, weeks or months from now on follows.
    Next,
    /// So long from now follows.
    In,
    /// Part of a longer stretch follows.
    Portion(Portion),
}

/// Which part of a week or a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Portion {
    Early,
    Middle,
    Late,
    End,
    FirstHalf,
    SecondHalf,
    FirstWeek,
    LastWeek,
}

#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static STRETCHES: LazyLock<Phrases<Stretch>> = LazyLock::new(|| {
    Phrases::new(&[
        (Stretch::Every(0b000_0001), &["mondays", "montags", "les lundis", "lundis", "los lunes"]),
        (Stretch::Every(0b000_0010), &["tuesdays", "dienstags", "les mardis", "mardis", "los martes"]),
        (Stretch::Every(0b000_0100), &["wednesdays", "mittwochs", "les mercredis", "mercredis", "los miercoles"]),
        (Stretch::Every(0b000_1000), &["thursdays", "donnerstags", "les jeudis", "jeudis", "los jueves"]),
        (Stretch::Every(0b001_0000), &["fridays", "freitags", "les vendredis", "vendredis", "los viernes"]),
        (Stretch::Every(0b010_0000), &["saturdays", "samstags", "sonnabends", "les samedis", "samedis", "los sabados", "sabados"]),
        (Stretch::Every(0b100_0000), &["sundays", "sonntags", "les dimanches", "dimanches", "los domingos", "domingos"]),
        (
            Stretch::Every(0b001_1111),
            &["weekdays", "weekday", "any weekday", "working days", "work days", "workdays", "business days",
              "werktags", "an werktagen", "werktage", "unter der woche", "jours ouvrables", "jours ouvres",
              "en semaine", "dias laborables", "entre semana"],
        ),
        (Stretch::Every(0b110_0000), &["weekends", "the weekends", "wochenenden", "an wochenenden", "les week ends", "los fines de semana", "fines de semana"]),
        (
            Stretch::Weekend,
            &["this weekend", "the weekend", "weekend", "week end", "at the weekend", "wochenende",
              "am wochenende", "dieses wochenende", "ce week end", "le week end", "este fin de semana",
              "el fin de semana", "coming weekend", "the coming weekend"],
        ),
        (
            Stretch::NextWeekend,
            &["next weekend", "nachstes wochenende", "am nachsten wochenende", "le week end prochain",
              "el proximo fin de semana", "proximo fin de semana"],
        ),
        (
            Stretch::RestOfWeek,
            &["rest of the week", "the rest of the week", "rest of this week", "the rest of this week",
              "remainder of the week", "rest der woche", "le reste de la semaine", "el resto de la semana"],
        ),
        (Stretch::LaterThisWeek, &["later this week", "spater diese woche", "plus tard cette semaine", "mas adelante esta semana"]),
        (
            Stretch::WeekAfterNext,
            &["week after next", "the week after next", "ubernachste woche", "ubernachster woche",
              "la semaine d'apres", "dans deux semaines et demie"],
        ),
        (Stretch::ThisQuarter, &["this quarter", "dieses quartal", "ce trimestre", "este trimestre"]),
        (Stretch::NextQuarter, &["next quarter", "nachstes quartal", "le trimestre prochain", "el proximo trimestre"]),
        (Stretch::Quarter(1), &["q1", "first quarter", "erstes quartal"]),
        (Stretch::Quarter(2), &["q2", "second quarter", "zweites quartal"]),
        (Stretch::Quarter(3), &["q3", "third quarter", "drittes quartal"]),
        (Stretch::Quarter(4), &["q4", "fourth quarter", "viertes quartal"]),
        (Stretch::ThisYear, &["this year", "dieses jahr", "cette annee", "este ano"]),
        (Stretch::NextYear, &["next year", "nachstes jahr", "l'annee prochaine", "el proximo ano", "el ano que viene"]),
        (
            Stretch::WeekOf,
            &["week of", "week of the", "the week of", "the week of the", "week beginning", "week commencing",
              "week starting", "week from the", "woche vom", "woche ab", "woche ab dem", "semaine du",
              "semana del", "semana del dia"],
        ),
        (Stretch::WeekNumber, &["kw", "calendar week", "kalenderwoche", "week number", "week no", "week", "semaine", "semana"]),
        (
            Stretch::Next,
            &["within", "within the next", "within the coming", "in the next", "in the coming", "over the next",
              "over the coming", "during the next", "the next", "next", "the coming", "innerhalb von",
              "innerhalb der nachsten", "in den nachsten", "die nachsten", "in den kommenden", "dans les",
              "dans les prochains", "dans les prochaines", "les", "au cours des", "au cours des prochains",
              "au cours des prochaines", "les prochains", "les prochaines", "en los proximos",
              "en las proximas", "los proximos", "las proximas", "en los siguientes"],
        ),
        (Stretch::In, &["in", "dans", "en", "dentro de"]),
        (
            Stretch::Portion(Portion::Early),
            &["early", "early in", "beginning of", "the beginning of", "start of", "the start of", "anfang",
              "anfang der", "debut", "au debut de", "au debut du", "en debut de", "debut de", "a principios de",
              "principios de", "a comienzos de"],
        ),
        (
            Stretch::Portion(Portion::Middle),
            &["mid", "middle of", "the middle of", "in the middle of", "mitte", "mitte der", "mi", "milieu de",
              "au milieu de", "mediados de", "a mediados de"],
        ),
        (Stretch::Portion(Portion::Late), &["late", "late in", "later in"]),
        (
            Stretch::Portion(Portion::End),
            &["end of", "the end of", "at the end of", "towards the end of", "ende", "ende der", "gegen ende",
              "fin", "fin de", "a la fin de", "en fin de", "finales de", "a finales de", "fines de"],
        ),
        (
            Stretch::Portion(Portion::FirstHalf),
            &["first half of", "the first half of", "erste halfte", "in der ersten halfte", "erste halfte der",
              "premiere moitie de", "la premiere moitie de", "primera mitad de", "la primera mitad de"],
        ),
        (
            Stretch::Portion(Portion::SecondHalf),
            &["second half of", "the second half of", "zweite halfte", "in der zweiten halfte",
              "zweite halfte der", "seconde moitie de", "la seconde moitie de", "deuxieme moitie de",
              "segunda mitad de", "la segunda mitad de"],
        ),
        (
            Stretch::Portion(Portion::FirstWeek),
            &["first week of", "the first week of", "first week in", "erste woche im", "erste woche",
              "in der ersten woche im", "premiere semaine de", "la premiere semaine de", "primera semana de",
              "la primera semana de"],
        ),
        (
            Stretch::Portion(Portion::LastWeek),
            &["last week of", "the last week of", "last week in", "letzte woche im", "derniere semaine de",
              "la derniere semaine de", "ultima semana de", "la ultima semana de"],
        ),
    ])
});

/// What is said of the meeting beside its time, and what is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remark {
    Kind(MeetingKind),
    /// How often it comes again; a rule of RFC 5545.
    Repeats(&'static str),
    /// Twice in a span or once in two: nobody knows.
    Biweekly,
    Bimonthly,
    /// Outside of working hours, too.
    OutsideHours,
    InsideHours,
    /// Says that what stands before is welcome.
    Fine,
    /// Says that what stands before is not.
    NotFine,
    Buffer,
    Notice,
    /// Vague words about length or haste, which nothing follows from.
    Vague,
}

#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static REMARKS: LazyLock<Phrases<Remark>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            Remark::Kind(MeetingKind::InPerson),
            &["in person", "face to face", "on site", "onsite", "in the office", "at the office", "vor ort",
              "personlich", "im buro", "en personne", "en presentiel", "au bureau", "en persona",
              "presencial", "en la oficina", "for coffee", "over coffee", "coffee", "auf einen kaffee"],
        ),
        (
            Remark::Kind(MeetingKind::Phone),
            &["by phone", "on the phone", "over the phone", "phone call", "a phone call", "phone", "call",
              "telefonisch", "per telefon", "am telefon", "telefonat", "anruf", "par telephone",
              "au telephone", "por telefono", "llamada"],
        ),
        (
            Remark::Kind(MeetingKind::Video),
            &["by video", "via video", "video", "video call", "videocall", "a video call", "video conference",
              "videoconference", "on zoom", "via zoom", "zoom", "zoom call", "on teams", "via teams",
              "ms teams", "teams call", "google meet", "online", "remote", "remotely", "per video", "videoanruf",
              "videokonferenz", "videocall", "en visio", "par visio", "visio", "visioconference",
              "por video", "por videollamada", "videollamada", "videoconferencia"],
        ),
        (
            Remark::Repeats("RRULE:FREQ=DAILY"),
            &["daily", "every day", "each day", "taglich", "jeden tag", "chaque jour", "tous les jours",
              "cada dia", "todos los dias", "diario"],
        ),
        (
            Remark::Repeats("RRULE:FREQ=WEEKLY"),
            &["weekly", "every week", "each week", "once a week", "wochentlich", "jede woche", "hebdomadaire",
              "chaque semaine", "toutes les semaines", "semanal", "semanalmente", "cada semana",
              "todas las semanas"],
        ),
        (
            Remark::Repeats("RRULE:FREQ=WEEKLY;INTERVAL=2"),
            &["fortnightly", "every two weeks", "every 2 weeks", "every other week", "every second week",
              "once a fortnight", "alle zwei wochen", "alle 2 wochen", "zweiwochentlich", "vierzehntaglich",
              "14 tagig", "toutes les deux semaines", "tous les quinze jours", "cada dos semanas",
              "cada 2 semanas", "quincenal"],
        ),
        (
            Remark::Repeats("RRULE:FREQ=MONTHLY"),
            &["monthly", "every month", "each month", "once a month", "monatlich", "jeden monat", "mensuel",
              "chaque mois", "tous les mois", "mensual", "mensualmente", "cada mes", "todos los meses"],
        ),
        (Remark::Biweekly, &["biweekly", "bi weekly", "bihebdomadaire", "bisemanal"]),
        (Remark::Bimonthly, &["bimonthly", "bi monthly", "bimensuel", "bimestriel"]),
        (
            Remark::OutsideHours,
            &["outside working hours", "outside of working hours", "outside office hours",
              "outside business hours", "outside hours", "out of hours", "after hours", "any hour",
              "at any hour", "ausserhalb der arbeitszeit", "ausserhalb der arbeitszeiten",
              "hors des heures de travail", "en dehors des heures de travail", "hors horaires",
              "fuera del horario laboral", "fuera de horario"],
        ),
        (
            Remark::InsideHours,
            &["working hours", "within working hours", "during working hours", "office hours",
              "business hours", "during business hours", "during office hours", "wahrend der arbeitszeit",
              "in der arbeitszeit", "pendant les heures de travail", "heures de bureau",
              "en horario laboral", "horario de oficina"],
        ),
        (
            Remark::Fine,
            &["is fine", "are fine", "is ok", "are ok", "is okay", "are okay", "fine", "ok", "okay", "works",
              "work", "is good", "are good", "is possible", "possible", "also works", "works too", "geht",
              "geht auch", "gehen auch", "passt", "ist ok", "ist okay", "ist in ordnung", "ware ok", "convient",
              "ca va", "c'est bon", "est possible", "va bien", "vale", "esta bien", "tambien vale"],
        ),
        (
            Remark::NotFine,
            &["doesn't work", "does not work", "don't work", "do not work", "won't work", "is out", "are out",
              "is bad", "are bad", "is not possible", "isn't possible", "is impossible", "not possible",
              "is no good", "are no good", "is off", "geht nicht", "gehen nicht", "passt nicht",
              "kann ich nicht", "nicht", "ist schlecht", "ne va pas", "ne convient pas", "impossible",
              "n'est pas possible", "no puedo", "no va", "no me va", "imposible"],
        ),
        (
            Remark::Buffer,
            &["buffer", "buffers", "gap", "break", "breather", "puffer", "pause", "marge", "battement",
              "margen", "colchon", "margin", "breathing room", "travel time", "of buffer", "of a buffer",
              "de marge", "de battement", "de pause", "de margen", "de colchon"],
        ),
        (
            Remark::Notice,
            &["notice", "of notice", "advance notice", "ahead of time", "lead time", "vorlauf", "vorlaufzeit",
              "preavis", "de preavis", "antelacion", "de antelacion", "de aviso"],
        ),
        (
            Remark::Vague,
            &["asap", "as soon as possible", "soon", "quick", "short", "brief", "long", "urgent", "urgently",
              "so bald wie moglich", "baldmoglichst", "bald", "kurz", "kurzes", "kurzer", "dringend",
              "des que possible", "bientot", "rapide", "court", "lo antes posible", "cuanto antes", "pronto",
              "rapida", "breve", "corta", "at some point", "whenever", "first thing", "flexible",
              "all day", "full day", "half a day", "half day", "ganztagig", "toute la journee", "todo el dia"],
        ),
    ])
});

/// Words between two of a kind: whether one of them is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    And,
    Or,
    /// From one up to the other.
    To,
}

/// What joins two phrases.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static JOINS: LazyLock<Phrases<Join>> = LazyLock::new(|| {
    Phrases::new(&[
        (Join::And, &["and", "and also", "as well as", "plus", "und", "sowie", "et", "y", "e", "and on", "und am"]),
        (Join::Or, &["or", "or on", "or even", "oder", "oder am", "ou", "o", "u", "nor", "ou le", "o el", "either", "or else"]),
        (
            Join::To,
            &["to", "till", "until", "through", "thru", "up to", "bis", "bis zum", "a", "au", "al", "a las",
              "hasta", "hasta el", "hasta las", "jusqu'a", "jusqu'au", "to the", "through the"],
        ),
    ])
});

/// Words that stand before a name or a noun and say nothing.
#[rustfmt::skip] // a table: packed, not one word a line
const ARTICLES: &[&str] = &[
    "the", "my", "our", "your", "his", "her", "their", "a", "an", "this", "that", "der", "die", "das", "dem",
    "den", "des", "mein", "meine", "meinem", "meinen", "meiner", "unser", "unsere", "unserem", "unserer",
    "le", "la", "les", "l'", "mon", "ma", "mes", "notre", "nos", "el", "los", "las", "mi", "mis", "nuestro",
    "nuestra", "del", "de", "du",
];

/// Whether a word is an article, or stands in the place of one.
pub(super) fn is_article(word: &str) -> bool {
    ARTICLES.contains(&word)
}

/// The first word from `at` on that is no article.
pub(super) fn skip_articles(words: &Words<'_>, at: usize) -> usize {
    (at..at + 3)
        .find(|index| !is_article(words.get(*index)))
        .unwrap_or(at + 3)
}
