//! The words of scheduling, in tables: what mail does not know of.
//!
//! Days, months, numbers and the words that lead to a time are those of
//! [`crate::dates::vocabulary`]; here is what only somebody who asks for a meeting says.

use std::sync::LazyLock;

use crate::analysis::phrases::Phrases;
use crate::analysis::words::Words;
use crate::dates::vocabulary::{LEADS as MAIL_LEADS, Lead as MailLead};

mod remarks;
mod stretches;

pub(super) use self::remarks::{REMARKS, Remark};
pub(super) use self::stretches::{ORDINALS, Portion, STRETCHES, Stretch};

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
    /// What follows is wanted, and other times as well.
    NotOnly,
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
              "irgendwann", "sometime", "some time", "any", "jederzeit", "am", "der", "die", "das", "the",
              "why not", "warum nicht", "pourquoi pas", "por que no"],
        ),
        (
            Lead::NotOnly,
            &["not only", "not just", "not only on", "not only in the", "not necessarily", "not necessarily on",
              "nicht nur", "nicht unbedingt", "nicht nur am", "pas seulement", "pas seulement le", "pas forcement",
              "no solo", "no necesariamente"],
        ),
        (Lead::At, &["at", "um", "a las", "a la", "starting at", "start at", "beginning at"]),
        (
            Lead::Around,
            &["around", "about", "at around", "at about", "roughly at", "gegen", "etwa um", "ungefahr um",
              "vers", "sobre las", "hacia las", "a eso de las"],
        ),
        (
            Lead::By,
            &["not after", "never after", "nie nach", "jamais apres", "nunca despues de", "no later than", "not later than", "up to", "not past", "to be over by",
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
            &["not before", "never before", "never until", "nie vor", "niemals vor", "jamais avant", "nunca antes de",
              "nunca antes de las", "nunca antes del", "not until", "not till", "no sooner than", "no earlier than", "not earlier than", "earliest", "at the earliest", "starting",
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
              "can't make", "cannot do", "cannot make", "can't", "don't want", "anything but", "any time but", "anytime but", "everything but", "any day but",
              "every day but", "nor", "neither", "weder", "ni", "outside of",
              "is out", "is away", "is busy", "is off", "is on holiday", "is on leave", "is on vacation",
              "is unavailable", "is travelling", "are out", "are away", "are busy", "i'm out", "i'm away", "i'm busy",
              "i'm off", "i'm on holiday", "i'm travelling", "am out", "am away", "am busy", "hat urlaub", "ist weg",
              "ist im urlaub", "ist nicht da", "habe urlaub", "bin weg", "est absent", "est absente", "est en conges",
              "esta fuera", "esta de vacaciones", "ausser", "ausser am", "nicht", "nicht am", "nicht an",
              "kein", "keine", "keinen", "aber nicht", "aber nicht am", "bloss nicht", "sauf", "sauf le",
              "pas", "pas le", "hors", "hormis", "mais pas", "excepte", "menos", "menos el", "menos los",
              "excepto", "excepto el", "salvo", "salvo el", "pero no", "pero no el", "no el", "no los", "nothing", "nothing on", "nichts", "nichts am", "rien", "rien le",
              "nada", "nada el", "nie", "nie am", "niemals", "niemals am", "jamais", "jamais le", "nunca", "nunca el",
              "tampoco", "tampoco el"],
        ),
        (
            Lead::With,
            &["with", "together with", "along with", "and with", "mit", "zusammen mit", "avec", "con",
              "junto con", "invite", "including also"],
        ),
        (Lead::Without, &["without", "ohne", "sans", "sin"]),
        (
            Lead::Optional,
            &["ideally with", "optionally", "optionally with", "possibly", "possibly with", "potentially", "if possible", "if possible with",
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
              "rather", "am liebsten", "am besten", "lieber", "vorzugsweise", "bevorzugt", "idealerweise", "moglichst",
              "gern", "gerne", "de preference", "plutot", "idealement", "preferiblemente", "idealmente",
              "mejor", "de preferencia"],
        ),
        (
            Lead::Even,
            &["even", "even in", "even on", "even at", "also", "also in", "also on", "including", "also at",
              "auch", "auch am", "sogar", "sogar am", "notfalls", "notfalls auch", "zur not", "zur not auch", "meme", "meme en", "meme le",
              "aussi", "y compris", "incluso", "incluso en", "tambien", "if need be",
              "if necessary"],
        ),
        (Lead::Every, &["todos los", "todas las", "tous les", "toutes les", "jede", "jedes", "every single"]),
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
    // `but not before Monday`: what leads on is `not before`.
    if let Some((2, Lead::Not)) = own
        && matches!(words.get(at), "but" | "aber" | "mais" | "pero")
        && LEADS
            .longest_at(words, at + 1)
            .is_some_and(|(length, lead)| length > 1 && lead != Lead::Not)
    {
        return None;
    }
    // `à 9h`, and not `a 30-minute call`.
    if matches!(words.source(at), "à" | "À") && own.is_none() {
        return Some((1, Lead::At));
    }
    match (own, mail) {
        (Some(own), Some(mail)) if mail.0 > own.0 => Some(mail),
        (own, mail) => own.or(mail),
    }
}

/// A part of the day: its minutes since midnight.
pub(super) type Minutes = (u16, u16);

const NOON: u16 = crate::dates::clock::NOON * 60;
const EVENING: u16 = crate::dates::clock::EVENING * 60;
/// When an evening ends that somebody wants to meet in.
const NIGHT: u16 = 22 * 60;
/// When people begin to get up.
pub(super) const DAWN: u16 = 6 * 60;

const MORNING: Minutes = (DAWN, NOON);
const AFTERNOON: Minutes = (NOON, EVENING);
/// The evening as meetings know it.
pub(super) const EVENINGS: Minutes = (EVENING, NIGHT);

/// When an afternoon is late.
pub(super) const LATE_AFTERNOON: Minutes = (15 * 60, EVENING);

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
            LATE_AFTERNOON,
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
        (Join::Or, &["or", "or on", "or even", "oder", "oder am", "ou", "o", "u", "nor", "ni", "ni le", "ni el", "noch", "ou le", "o el", "either", "or else"]),
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
