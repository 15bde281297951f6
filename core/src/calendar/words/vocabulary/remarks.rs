//! What is said of a meeting besides when it is and with whom.

use std::sync::LazyLock;

use crate::analysis::phrases::Phrases;
use crate::calendar::hours::document::MeetingKind;

/// What is said of the meeting beside its time, and what is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::calendar::words) enum Remark {
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
pub(in crate::calendar::words) static REMARKS: LazyLock<Phrases<Remark>> = LazyLock::new(|| {
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
              "n'est pas possible", "no puedo", "no estoy disponible", "habe ich keine zeit", "bin ich nicht da",
              "bin ich weg", "je ne peux pas", "je ne suis pas disponible", "je ne suis pas la", "i can't", "i can't do",
              "i cannot", "i'm not available", "i'm not free", "i am not available", "i am not free",
              "i don't have time", "i have no time", "no va", "no me va", "imposible"],
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
              "rapida", "breve", "corta", "at some point", "whenever", "twice a week", "zweimal pro woche", "zweimal die woche", "deux fois par semaine",
              "dos veces por semana", "first thing", "new year", "holidays", "over the holidays", "flexible",
              "all day", "full day", "half a day", "half day", "ganztagig", "toute la journee", "todo el dia"],
        ),
    ])
});
