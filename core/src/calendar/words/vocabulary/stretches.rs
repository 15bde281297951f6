//! Days that people say without naming one.

use std::sync::LazyLock;

use crate::analysis::phrases::Phrases;

/// Whole days that people say without naming one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::calendar::words) enum Stretch {
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
pub(in crate::calendar::words) enum Portion {
    Early,
    Middle,
    Late,
    End,
    FirstHalf,
    SecondHalf,
    FirstWeek,
    SecondWeek,
    ThirdWeek,
    LastWeek,
}

#[rustfmt::skip] // a table: packed, not one word a line
pub(in crate::calendar::words) static STRETCHES: LazyLock<Phrases<Stretch>> = LazyLock::new(|| {
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
            &["mid", "middle of", "the middle of", "in the middle of", "mitte", "mitte der", "mi", "milieu", "milieu de",
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
              "premiere moitie", "premiere quinzaine", "la premiere quinzaine", "premiere quinzaine de", "primera quincena de", "la primera quincena de", "premiere moitie de", "la premiere moitie de", "primera mitad de", "la primera mitad de"],
        ),
        (
            Stretch::Portion(Portion::SecondHalf),
            &["second half of", "the second half of", "zweite halfte", "in der zweiten halfte",
              "zweite halfte der", "seconde moitie", "deuxieme quinzaine", "la deuxieme quinzaine", "seconde quinzaine", "la seconde quinzaine", "segunda quincena de", "la segunda quincena de", "seconde moitie de", "la seconde moitie de", "deuxieme moitie de",
              "segunda mitad de", "la segunda mitad de"],
        ),
        (
            Stretch::Portion(Portion::FirstWeek),
            &["first week of", "the first week of", "first week in", "erste woche im", "erste woche",
              "in der ersten woche im", "premiere semaine", "premiere semaine de", "la premiere semaine de", "primera semana de",
              "la primera semana de"],
        ),
        (
            Stretch::Portion(Portion::SecondWeek),
            &["second week of", "the second week of", "second week in", "zweite woche im", "zweite woche",
              "in der zweiten woche im", "deuxieme semaine", "deuxieme semaine de", "segunda semana de"],
        ),
        (
            Stretch::Portion(Portion::ThirdWeek),
            &["third week of", "the third week of", "third week in", "dritte woche im", "dritte woche",
              "in der dritten woche im", "troisieme semaine", "troisieme semaine de", "tercera semana de"],
        ),
        (
            Stretch::Portion(Portion::LastWeek),
            &["last week of", "the last week of", "last week in", "letzte woche im", "derniere semaine", "derniere semaine de",
              "la derniere semaine de", "ultima semana de", "la ultima semana de"],
        ),
    ])
});

/// Which of the weekdays of a month; the last is `None`.
#[rustfmt::skip] // a table: packed, not one word a line
pub(in crate::calendar::words) static ORDINALS: LazyLock<Phrases<Option<u32>>> = LazyLock::new(|| {
    Phrases::new(&[
        (Some(0), &["first", "the first", "1st", "erster", "ersten", "premier", "le premier", "primer", "el primer"]),
        (Some(1), &["second", "the second", "2nd", "zweiter", "zweiten", "deuxieme", "le deuxieme", "segundo", "el segundo"]),
        (Some(2), &["third", "the third", "3rd", "dritter", "dritten", "troisieme", "le troisieme", "tercer", "el tercer"]),
        (Some(3), &["fourth", "the fourth", "4th", "vierter", "vierten", "quatrieme", "le quatrieme", "cuarto", "el cuarto"]),
        (None, &["last", "the last", "letzter", "letzten", "dernier", "le dernier", "ultimo", "el ultimo"]),
    ])
});
