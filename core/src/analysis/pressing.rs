//! What presses without asking for work: an account in danger, a plan changed for today, a bill
//! that is not paid, a machine that waits for the reader.

use std::sync::LazyLock;

use super::deadline::{self, Clock};
use super::people::Role;
use super::phrases::Phrases;
use super::reading::Reading;
use super::words::Words;
use super::{AnalysisInput, Category, Priority};
use crate::dates::is_month;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Somebody may be in an account, or it is shut.
    Danger,
    /// What was planned is off, late or elsewhere.
    Changed,
    /// A bill is open.
    Unpaid,
    /// The next letter has consequences.
    LastReminder,
    /// A machine waits for the reader.
    Wants,
    /// Today or tomorrow.
    Near,
}

#[rustfmt::skip] // a table: packed, not one word a line
static STATES: LazyLock<Phrases<State>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            State::Danger,
            &[
                "blocked", "locked", "suspicious", "unusual activity", "breach", "unauthorised",
                "unauthorized", "tried to sign in", "someone tried", "compromised", "hacked",
                "gesperrt", "verdachtige", "datenpanne", "unbefugt", "unbefugte",
                "fehlgeschlagenen anmeldeversuchen", "bloque", "bloquee", "suspecte",
                "non autorisee", "incident de securite", "bloqueada", "bloqueado", "sospechosa",
                "sospechoso", "no autorizado", "brecha", "bloccato", "bloccata", "sospetto",
                "violazione", "bloqueio", "suspeita", "geblokkeerd", "verdachte", "datalek",
                "sparrat", "misstankt", "zablokowane", "podejrzane",
            ],
        ),
        (
            State::Changed,
            &[
                "cancelled", "canceled", "cancellation", "delayed", "delay", "gate change",
                "new gate", "now boards", "now departs", "platform change", "rescheduled",
                "diverted", "strike", "can we move", "could we move", "can we push", "running late",
                "minutes late", "be late", "is off", "won't happen", "called off", "postponed",
                "verspatet", "verspatung", "fallt aus", "storniert", "gestrichen", "gleiswechsel",
                "gatewechsel", "statt von gleis", "verschieben", "abgesagt", "absagen",
                "komme spater", "retarde", "retardee", "annule", "annulee", "en retard", "reporte",
                "reportee", "changement de porte", "changement de voie", "cancelado", "cancelada",
                "retrasado", "retraso", "llego tarde", "minutos tarde", "aplazar", "aplazada",
                "cambio de puerta", "cambio de anden", "cancellato", "cancellata", "annullato",
                "annullata", "ritardo", "rimandare", "cambio gate", "atrasado", "atraso", "adiar",
                "geannuleerd", "vertraging", "vertraagd", "verzetten", "installd", "installt",
                "forsenad", "forsenat", "odwolany", "odwolane", "opozniony", "opoznienie",
            ],
        ),
        (
            State::Unpaid,
            &[
                "please pay", "pay by", "payable", "amount due", "balance due", "due date",
                "due by", "due on", "is due", "unpaid", "overdue", "past due", "outstanding",
                "couldn't charge", "could not charge", "unable to charge", "payment failed",
                "didn't go through", "declined", "update your payment", "reminder to pay",
                "payment reminder", "uberweisen sie", "zu uberweisen", "zahlbar", "fallig",
                "zahlungsziel", "noch offen", "offene rechnung", "bitte zahlen", "zahlen sie",
                "mahnung", "zahlungserinnerung", "a regler", "reglement avant", "echeance",
                "impaye", "impayee", "rappel de paiement", "vencimiento", "pendiente de pago",
                "recordatorio de pago", "no hemos podido cobrar", "metodo de pago",
                "fecha limite de pago", "scadenza", "da pagare", "sollecito", "data de vencimento",
                "em atraso", "por pagar", "nog open", "overmaken", "betalingsherinnering",
                "betalingstermijn", "forfallodatum", "betala senast", "betalningspaminnelse",
                "termin platnosci", "do zaplaty",
            ],
        ),
        (
            State::LastReminder,
            &[
                "final reminder", "final notice", "last reminder", "last notice", "final demand",
                "collection agency", "debt collection", "letzte mahnung",
                "letzte zahlungserinnerung", "inkasso", "inkassoburo", "mise en demeure",
                "dernier rappel", "derniere relance", "ultimo aviso", "ultimo sollecito",
                "laatste herinnering", "incassobureau", "sista paminnelse", "ostateczne wezwanie",
            ],
        ),
        (
            State::Wants,
            &[
                "assigned to you", "assigned you", "requests your", "requested your",
                "your signature", "document to sign", "your decision", "your approval",
                "your review", "awaiting your", "waiting for your", "requires your",
                "action required", "needs your attention", "wartet auf ihre", "wartet auf deine",
                "ihre genehmigung", "ihre freigabe", "ihnen zugewiesen", "votre validation",
                "votre approbation", "votre signature", "en attente de validation",
                "necesita tu", "pendiente de tu", "su aprobacion", "tu aprobacion",
                "la tua approvazione", "sua aprovacao", "uw goedkeuring",
            ],
        ),
        (
            State::Near,
            &[
                "today", "tonight", "tomorrow", "this morning", "this afternoon", "this evening",
                "heute", "morgen", "aujourd'hui", "demain", "ce matin", "cet apres midi", "ce soir",
                "hoy", "manana", "esta tarde", "esta noche", "oggi", "domani", "stasera",
                "hoje", "amanha", "vandaag", "vanavond", "vanmiddag", "idag", "i dag", "imorgon",
                "i morgon", "ikvall", "dzis", "dzisiaj", "jutro",
            ],
        ),
    ])
});

/// How many sentences are looked at: what presses is said at the top.
const MAX_LINES: usize = 20;

/// How pressing a message is by what it reports, with a code and a sentence for it.
pub(super) fn pressing(
    input: &AnalysisInput<'_>,
    reading: &Reading<'_>,
    category: Category,
) -> Option<(Priority, &'static str, &'static str)> {
    let says = |state: State| lines(input, reading).any(|(_, words)| shows(words, state));
    match category {
        Category::Security if says(State::Danger) => Some((
            Priority::High,
            "account_in_danger",
            "An account or a card is blocked or attacked.",
        )),
        Category::Travel | Category::Meeting
            if reading.people.role != Role::Author
                && input.signals.calendar_method.is_none()
                && says(State::Changed)
                && lines(input, reading)
                    .any(|(text, words)| is_near(text, words, reading.clock)) =>
        {
            Some((
                Priority::High,
                "plan_changed",
                "What happens today or tomorrow has changed.",
            ))
        }
        Category::Receipt if says(State::LastReminder) => Some((
            Priority::High,
            "last_reminder",
            "It is the last reminder before a consequence.",
        )),
        Category::Receipt if says(State::Unpaid) => {
            Some((Priority::Medium, "bill_open", "A bill is not paid yet."))
        }
        Category::Automatic if says(State::Wants) => Some((
            Priority::Medium,
            "machine_waits",
            "A machine waits for something that you do.",
        )),
        _ => None,
    }
}

/// The subject and the first sentences, each with the text that its places count in.
fn lines<'r, 'a>(
    input: &'r AnalysisInput<'a>,
    reading: &'r Reading<'a>,
) -> impl Iterator<Item = (&'a str, &'r Words<'a>)> {
    std::iter::once((input.subject, &reading.subject)).chain(
        reading
            .lines
            .iter()
            .filter(|line| !line.planted)
            .take(MAX_LINES)
            .map(|line| (input.text, &line.words)),
    )
}

fn shows(words: &Words<'_>, state: State) -> bool {
    // `Pay by` and `due by` overlap with nothing of another state, but a state's own phrases may
    // stand inside another's, so every word may start one.
    (0..words.len()).any(|at| {
        STATES
            .longest_at(words, at)
            .is_some_and(|(_, found)| found == state && !is_set_phrase(words, at))
    })
}

/// `Guten Morgen` and `por la mañana` are no time.
fn is_set_phrase(words: &Words<'_>, at: usize) -> bool {
    matches!(
        (words.before(at), words.get(at)),
        ("guten" | "goede", "morgen") | ("la", "manana")
    )
}

/// Whether words name today or tomorrow, in words or as a day of a month.
fn is_near(text: &str, words: &Words<'_>, clock: Clock) -> bool {
    let is_number = |at: usize| {
        let word = words.get(at);
        (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
    };
    // A date alone, because dates in passing count for no deadline.
    let names = |from: usize, to: usize| {
        let date = Words::new(text, words.span(from).start..words.span(to).end);
        deadline::find(&date, clock)
            .is_some_and(|found| (0..=1).contains(&clock.days_until(&found.due)))
    };
    shows(words, State::Near)
        || (0..words.len()).any(|at| {
            is_month(words.get(at))
                && (at > 0 && is_number(at - 1) && names(at - 1, at)
                    || is_number(at + 1) && names(at, at + 1))
        })
}
