//! What mail and scheduling do not share of the words of time: steps, units, edges, holidays, what
//! comes again. The shared ones are in [`super::vocabulary`].

use std::sync::LazyLock;

use crate::analysis::phrases::Phrases;

use super::amounts::Unit;
use super::{Lead, PartOfDay};

/// Where in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// Its first day.
    Start,
    /// Its first third; of a week Monday and Tuesday.
    Early,
    Middle,
    Late,
    /// Its last day; of a week Friday.
    End,
}

/// Words that lead to a time and say what it is for.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static LEADS: LazyLock<Phrases<Lead>> = LazyLock::new(|| {
    Phrases::new(&[
        (Lead::By, &[
            "by", "by the", "on or before", "no later than", "not later than", "latest by", "due", "due by", "due on",
            "due date is", "due date", "deadline is", "deadline of", "deadline", "is due", "at the latest by",
            "bis", "bis zum", "bis zur", "bis spatestens", "spatestens", "spatestens am", "spatestens bis",
            "bis einschliesslich", "fallig am", "frist", "d'ici", "d'ici le", "d'ici au", "d'ici a",
            "au plus tard le", "au plus tard", "a mas tardar el", "a mas tardar", "entro", "entro il", "ate",
            "uiterlijk", "senast", "senest", "pour le", "para el", "para la", "within",
        ]),
        (Lead::Before, &[
            "before", "before the", "prior to", "ahead of", "vor", "vor dem", "vor der", "avant", "avant le",
            "avant la", "antes de", "antes del", "antes de la", "antes de las", "voor", "fore", "innan", "inden",
        ]),
        (Lead::Until, &[
            "until", "till", "through", "thru", "up until", "up to", "until the", "hasta", "hasta el", "hasta la", "hasta las",
            "jusqu'au", "jusqu'a", "jusqu'en",
        ]),
        (Lead::After, &[
            "after", "after the", "later than", "nach", "nach dem", "apres", "apres le", "despues de",
            "despues del", "despues de las",
        ]),
        (Lead::Since, &[
            "since", "since the", "ever since", "seit", "seit dem", "depuis", "depuis le", "desde", "desde el",
        ]),
        (Lead::From, &[
            "from", "from the", "starting", "starting on", "starting from", "beginning", "beginning on", "as of",
            "effective", "ab", "ab dem", "von", "vom", "du", "de", "de las", "del", "a partir de", "a partir du", "a partir del",
            "no earlier than", "not before", "no sooner than", "fruhestens", "des le",
        ]),
        (Lead::Between, &["between", "zwischen", "entre", "entre las", "entre le", "entre el"]),
        (Lead::At, &[
            "at", "at around", "at about", "around", "about", "um", "gegen", "vers", "a las", "a la",
            "a eso de las", "hacia las", "sobre las", "at approximately", "ca", "circa",
        ]),
        (Lead::In, &[
            "in", "in the", "during", "during the", "throughout", "im", "en", "au", "over", "over the", "of",
            "au mois de", "for", "all",
        ]),
        (Lead::On, &[
            "on", "on the", "am", "an", "le", "el", "el dia", "il", "op", "pour", "para", "pa", "for the", "al", "a", "the",
            "on or around", "on or about", "zum",
        ]),
    ])
});

/// Which one, counted from the present one.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static STEPS: LazyLock<Phrases<i32>> = LazyLock::new(|| {
    Phrases::new(&[
        (0, &[
            "this", "the current", "current", "diesen", "diese", "dieses", "dieser", "diesem", "ce", "cet", "cette",
            "este", "esta", "the present",
        ]),
        (1, &[
            "next", "the next", "the following", "following", "nachsten", "nachste", "nachster", "nachstes",
            "nachstem",
        ]),
        (-1, &[
            "last", "the last", "previous", "the previous", "past", "the past", "letzten", "letzte", "letzter",
            "letztes", "letztem", "vergangenen", "vergangene", "vergangenes", "vorigen", "vorige", "voriges",
            "el pasado", "la pasada",
        ]),
        (2, &["ubernachsten", "ubernachste", "ubernachster", "ubernachstes"]),
        (-2, &["vorletzten", "vorletzte", "vorletzter", "vorletztes"]),
        (COMING, &[
            "coming", "the coming", "this coming", "upcoming", "the upcoming", "kommenden", "kommende",
            "kommender", "kommendes", "prochain", "prochaine", "prochaines", "prochains", "proximo", "proxima", "proximos",
        ]),
    ])
});

/// The step of `coming`: the next one, whichever week it is in.
pub(super) const COMING: i32 = i32::MAX;

/// The same behind the noun, as the Romance languages say it.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static STEPS_AFTER: LazyLock<Phrases<i32>> = LazyLock::new(|| {
    Phrases::new(&[
        (1, &["prochain", "prochaine", "qui vient", "proximo", "proxima", "que viene", "que entra"]),
        (-1, &["dernier", "derniere", "passe", "passee", "pasado", "pasada"]),
    ])
});

#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static UNITS: LazyLock<Phrases<Unit>> = LazyLock::new(|| {
    Phrases::new(&[
        (Unit::Second, &["seconds", "secs", "sekunden", "secondes", "segundos"]),
        (Unit::Minute, &["minute", "minutes", "min", "mins", "minuten", "minuto", "minutos"]),
        (Unit::Hour, &[
            "hour", "hours", "hr", "hrs", "stunde", "stunden", "std", "heure", "heures", "hora", "horas",
        ]),
        (Unit::Day, &["day", "days", "tag", "tage", "tagen", "tages", "jour", "jours", "dia", "dias", "calendar days"]),
        (Unit::WorkingDay, &[
            "business day", "business days", "working day", "working days", "work day", "work days", "workdays", "workday",
            "werktag", "werktage", "werktagen", "arbeitstag", "arbeitstage", "arbeitstagen", "jours ouvres", "jour ouvre",
            "jours ouvrables", "dias habiles", "dia habil", "dias laborables",
        ]),
        (Unit::Week, &["week", "weeks", "wk", "wks", "woche", "wochen", "semaine", "semaines", "semana", "semanas"]),
        (Unit::Fortnight, &["fortnight", "fortnights", "quincena", "quinzaine"]),
        (Unit::Month, &["month", "months", "monat", "monate", "monaten", "monats", "mois", "mes", "meses"]),
        (Unit::Quarter, &["quarter", "quarters", "quartal", "quartals", "trimestre", "trimestres"]),
        (Unit::Year, &["year", "years", "yr", "yrs", "jahr", "jahre", "jahren", "jahres", "an", "ans", "annee", "annees", "l'annee", "ano", "anos"]),
        (Unit::Weekend, &["weekend", "weekends", "week end", "wochenende", "fin de semana"]),
    ])
});

#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static EDGES: LazyLock<Phrases<Edge>> = LazyLock::new(|| {
    Phrases::new(&[
        (Edge::Start, &[
            "start of", "the start of", "beginning of", "the beginning of", "first day of", "the first day of",
            "first thing",
        ]),
        (Edge::Early, &[
            "early", "early in", "anfang", "zu beginn", "debut", "le debut de", "au debut de", "principios de",
            "comienzos de", "a principios de", "a comienzos de", "first thing in",
        ]),
        (Edge::Middle, &[
            "mid", "middle of", "the middle of", "mitte", "mi", "a la mi", "mediados de", "a mediados de", "midway through",
        ]),
        (Edge::Late, &["late", "late in", "finales de", "a finales de", "towards the end of", "later"]),
        (Edge::End, &[
            "end of", "the end of", "close of", "last day of", "the last day of", "ende", "fin", "fin de",
            "la fin de", "la fin du", "fin du", "final de", "a fin de", "end", "le dernier jour de",
            "le dernier jour du", "letzter tag", "el ultimo dia de", "el ultimo dia del",
        ]),
    ])
});

/// Parts of a day; whether the words say today's.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static PARTS_OF_DAY: LazyLock<Phrases<(PartOfDay, bool)>> = LazyLock::new(|| {
    use PartOfDay::{Afternoon, Evening, Morning, Night};
    Phrases::new(&[
        ((Morning, false), &[
            "morning", "in the morning", "vormittag", "fruh", "morgens", "vormittags", "matin", "le matin", "du matin",
            "por la manana", "de la manana", "am vormittag", "am morgen", "the morning", "first thing in the morning",
            "early morning", "late morning", "early in the morning", "first thing",
        ]),
        ((Afternoon, false), &[
            "afternoon", "in the afternoon", "nachmittag", "nachmittags", "am nachmittag", "apres midi", "l'apres midi",
            "de l'apres midi", "por la tarde", "de la tarde", "the afternoon", "early afternoon", "late afternoon",
        ]),
        ((Evening, false), &[
            "evening", "in the evening", "abend", "abends", "am abend", "soir", "le soir", "du soir", "de la noche",
            "por la noche", "the evening", "early evening",
        ]),
        ((Night, false), &["night", "at night", "in the night", "nacht", "nachts", "nuit", "the night", "overnight"]),
        ((Morning, true), &["this morning", "ce matin", "esta manana", "heute fruh", "heute morgen", "heute vormittag"]),
        ((Afternoon, true), &["this afternoon", "cet apres midi", "esta tarde", "heute nachmittag"]),
        ((Evening, true), &["tonight", "this evening", "ce soir", "esta noche", "heute abend", "tonite"]),
        ((Night, true), &["heute nacht", "cette nuit"]),
    ])
});

/// Days before today.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static BEFORE_TODAY: LazyLock<Phrases<i64>> = LazyLock::new(|| {
    Phrases::new(&[
        (1, &["yesterday", "gestern", "hier", "ayer", "ieri", "ontem", "gisteren", "igar"]),
        (2, &["the day before yesterday", "day before yesterday", "vorgestern", "avant hier", "anteayer", "antes de ayer"]),
        (-2, &["overmorrow"]),
    ])
});

/// Numbers that say the place in a row; -1 is the last.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static ORDINALS: LazyLock<Phrases<i32>> = LazyLock::new(|| {
    Phrases::new(&[
        (-1, &["last", "letzten", "letzte", "letzter", "dernier", "derniere", "ultimo", "ultima"]),
        (1, &["first", "ersten", "erste", "erster", "premier", "premiere", "primer", "primero", "primera"]),
        (2, &["second", "zweiten", "zweite", "zweiter", "deuxieme", "second", "segundo", "segunda"]),
        (3, &["third", "dritten", "dritte", "troisieme", "tercer", "tercero", "tercera"]),
        (4, &["fourth", "vierten", "vierte", "quatrieme", "cuarto", "cuarta"]),
        (5, &["fifth", "funften", "funfte", "cinquieme", "quinto"]),
        (6, &["sixth", "sechsten"]),
        (7, &["seventh", "siebten"]),
        (8, &["eighth", "achten"]),
        (9, &["ninth", "neunten"]),
        (10, &["tenth", "zehnten"]),
        (11, &["eleventh", "elften"]),
        (12, &["twelfth", "zwolften"]),
        (13, &["thirteenth"]),
        (14, &["fourteenth"]),
        (15, &["fifteenth", "funfzehnten"]),
        (16, &["sixteenth"]),
        (17, &["seventeenth"]),
        (18, &["eighteenth"]),
        (19, &["nineteenth"]),
        (20, &["twentieth", "zwanzigsten"]),
        (21, &["twenty first"]),
        (22, &["twenty second"]),
        (23, &["twenty third"]),
        (24, &["twenty fourth"]),
        (25, &["twenty fifth"]),
        (26, &["twenty sixth"]),
        (27, &["twenty seventh"]),
        (28, &["twenty eighth"]),
        (29, &["twenty ninth"]),
        (30, &["thirtieth"]),
        (31, &["thirty first"]),
    ])
});

#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static EVERY: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::new(&[((), &[
        "every", "every single", "each", "each and every", "jeden", "jede", "jedes", "jeder", "jedem", "alle", "chaque",
        "de chaque", "tous les", "toutes les", "cada", "de cada", "todos los", "todas las", "on every", "on each", "an jedem",
        "of every", "of each", "in every",
    ])])
});

/// How often, in one word: the unit and how many of it.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static OFTEN: LazyLock<Phrases<(Unit, u32)>> = LazyLock::new(|| {
    Phrases::new(&[
        ((Unit::Hour, 1), &["hourly", "stundlich"]),
        ((Unit::Day, 1), &["daily", "taglich", "quotidiennement", "diariamente", "a diario", "once a day", "once daily", "nightly"]),
        ((Unit::Week, 1), &[
            "weekly", "wochentlich", "semanalmente", "once a week", "once per week", "einmal pro woche",
            "une fois par semaine", "una vez por semana", "una vez a la semana",
        ]),
        ((Unit::Fortnight, 1), &["fortnightly", "vierzehntagig", "quincenalmente"]),
        ((Unit::Month, 1), &[
            "monthly", "monatlich", "mensuellement", "mensualmente", "once a month", "once per month", "einmal im monat",
            "une fois par mois", "una vez al mes",
        ]),
        ((Unit::Month, 3), &["quarterly", "vierteljahrlich", "trimestralmente"]),
        ((Unit::Month, 6), &["semiannually", "halbjahrlich", "every half year"]),
        ((Unit::Year, 1), &[
            "yearly", "annually", "jahrlich", "annuellement", "anualmente", "once a year", "once per year",
            "einmal im jahr", "une fois par an", "una vez al ano",
        ]),
        // Two readings: twice in one, or once in two.
        ((Unit::Week, 2), &["biweekly", "bi weekly"]),
        ((Unit::Month, 2), &["bimonthly", "bi monthly"]),
    ])
});

/// Days of which several are meant: Monday is bit 0.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static PLURALS: LazyLock<Phrases<u8>> = LazyLock::new(|| {
    Phrases::new(&[
        (1, &["mondays", "montags", "lundis"]),
        (2, &["tuesdays", "dienstags", "mardis"]),
        (4, &["wednesdays", "mittwochs", "mercredis"]),
        (8, &["thursdays", "donnerstags", "jeudis"]),
        (16, &["fridays", "freitags", "vendredis"]),
        (32, &["saturdays", "samstags", "samedis", "sabados"]),
        (64, &["sundays", "sonntags", "dimanches", "domingos"]),
        (31, &["weekdays", "werktags", "wochentags", "workdays", "working days", "business days"]),
        (96, &["weekends", "am wochenende immer"]),
    ])
});

/// Days with a name: how to find them in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holiday {
    /// Month and day.
    Fixed(u32, u32),
    /// Days after Easter Sunday.
    Easter(i64),
    /// Month, weekday from Monday, which one (-1: the last), days after it.
    Nth(u32, u32, i32, i64),
}

#[rustfmt::skip] // a table: packed, not one word a line
pub(super) static HOLIDAYS: LazyLock<Phrases<Holiday>> = LazyLock::new(|| {
    use Holiday::{Easter, Fixed, Nth};
    Phrases::new(&[
        (Fixed(1, 1), &["new year's day", "new years day", "new year's", "neujahr", "nouvel an", "jour de l'an", "ano nuevo"]),
        (Fixed(1, 6), &["epiphany", "dreikonigstag", "epiphanie", "dia de reyes"]),
        (Nth(1, 0, 3, 0), &["martin luther king day", "martin luther king jr day", "mlk day"]),
        (Fixed(2, 2), &["groundhog day"]),
        (Fixed(2, 14), &["valentine's day", "valentines day", "valentinstag", "saint valentin", "san valentin"]),
        (Nth(2, 0, 3, 0), &["presidents' day", "presidents day", "president's day", "washington's birthday"]),
        (Fixed(3, 17), &["st patrick's day", "saint patrick's day", "st patricks day"]),
        (Fixed(4, 1), &["april fools' day", "april fools day", "april fool's day", "april fools"]),
        (Fixed(4, 22), &["earth day"]),
        (Easter(-47), &["shrove tuesday", "mardi gras", "faschingsdienstag"]),
        (Easter(-46), &["ash wednesday", "aschermittwoch"]),
        (Easter(-7), &["palm sunday", "palmsonntag"]),
        (Easter(-3), &["maundy thursday", "grundonnerstag", "jueves santo"]),
        (Easter(-2), &["good friday", "karfreitag", "vendredi saint", "viernes santo"]),
        (Easter(0), &["easter", "easter sunday", "ostern", "ostersonntag", "paques", "pascua"]),
        (Easter(1), &["easter monday", "ostermontag", "lundi de paques"]),
        (Easter(39), &["ascension day", "ascension", "christi himmelfahrt"]),
        (Easter(49), &["pentecost", "whit sunday", "pfingsten", "pfingstsonntag", "pentecote"]),
        (Easter(50), &["whit monday", "pfingstmontag", "lundi de pentecote"]),
        (Fixed(5, 1), &["may day", "tag der arbeit", "fete du travail", "dia del trabajo"]),
        (Fixed(5, 5), &["cinco de mayo"]),
        (Nth(5, 6, 2, 0), &["mother's day", "mothers day", "muttertag"]),
        (Nth(5, 0, -1, 0), &["memorial day"]),
        (Fixed(6, 19), &["juneteenth"]),
        (Nth(6, 6, 3, 0), &["father's day", "fathers day"]),
        (Fixed(7, 4), &["independence day"]),
        (Fixed(7, 14), &["bastille day", "fete nationale"]),
        (Nth(9, 0, 1, 0), &["labor day", "labour day"]),
        (Fixed(10, 3), &["tag der deutschen einheit"]),
        (Nth(10, 0, 2, 0), &["columbus day", "indigenous peoples' day", "indigenous peoples day"]),
        (Fixed(10, 31), &["halloween"]),
        (Fixed(11, 1), &["all saints' day", "all saints day", "allerheiligen", "la toussaint", "toussaint"]),
        (Fixed(11, 11), &["veterans day", "veterans' day", "veteran's day", "armistice day"]),
        (Nth(11, 3, 4, 0), &["thanksgiving", "thanksgiving day"]),
        (Nth(11, 3, 4, 1), &["black friday"]),
        (Nth(11, 3, 4, 4), &["cyber monday"]),
        (Fixed(12, 6), &["nikolaus", "nikolaustag"]),
        (Fixed(12, 24), &["christmas eve", "xmas eve", "heiligabend", "heilig abend", "nochebuena", "veille de noel"]),
        (Fixed(12, 25), &["christmas", "christmas day", "xmas", "xmas day", "weihnachten", "noel", "navidad"]),
        (Fixed(12, 26), &["boxing day"]),
        (Fixed(12, 31), &["new year's eve", "new years eve", "silvester", "saint sylvestre", "nochevieja", "nye"]),
    ])
});
