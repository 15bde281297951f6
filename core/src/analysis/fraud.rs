//! Signs of fraud: what a message wants, how it presses, and whom its sender pretends to be.
//!
//! One sign is never enough: every sign is worth points, and only signs that go together reach
//! [`THRESHOLD`]. What a colleague writes from a confirmed address of the reader's own domain has
//! none of the signs of money: bosses do ask for payments, and do say that a matter is secret.

use std::sync::LazyLock;

use super::disguise::{self, Disguise};
use super::phrases::Phrases;
use super::planted::is_planted;
use super::reading::Reading;
use super::words::fold;
use super::{AnalysisInput, Reason};

/// From how many points on a message counts as fraud.
pub(super) const THRESHOLD: u32 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// Asks about an account.
    Credentials,
    /// Asks for the secret itself, which nobody honest does.
    Surrender,
    /// Threatens a loss.
    Threat,
    /// Pays in a way that can't be taken back.
    Payment,
    /// Sends money to another account than before.
    Change,
    /// Wants the codes of gift cards.
    Codes,
    /// Speaks of money; counts only with other signs.
    Money,
    /// Wants it kept from others.
    Secrecy,
    /// Keeps the reader from asking back.
    Pretext,
    /// Presses; counts only with other signs.
    Pressure,
    /// Promises money out of nowhere.
    Fortune,
    /// Advertises what junk mail does.
    Junk,
    /// Wants to know who the reader is: name, papers, account.
    Details,
    /// Says to have seen what the reader would hide.
    Blackmail,
}

#[rustfmt::skip] // a table: packed, not one word a line
static SIGNS: LazyLock<Phrases<Sign>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            Sign::Credentials,
            &[
                "verify your account", "verify your identity", "verify your information",
                "verify your email", "confirm your account", "confirm your identity",
                "confirm your details", "confirm your information", "confirm your billing",
                "update your account", "update your payment", "update your billing",
                "update your information", "validate your account", "validate your email",
                "your password", "your pin", "social security number", "your ssn",
                "credit card number", "card details", "card number", "bank details",
                "bank account details", "your credentials", "login details", "log in details",
                "login credentials", "re activate", "reactivate your", "restore your account",
                "restore access", "unlock your account", "sign in to your account",
                "log in to your account", "login to your account", "one time code",
                "verification code to", "mailbox quota", "mailbox is full", "storage is full",
                "ihr konto bestatigen", "bestatigen sie ihr konto", "bestatigen sie ihre",
                "ihre zugangsdaten", "ihr passwort", "ihre daten bestatigen", "verifizieren sie",
                "votre mot de passe", "confirmez votre", "verifiez votre compte",
                "mettez a jour vos", "vos informations bancaires", "verifique su cuenta",
                "su contrasena", "confirme su", "confirme sus datos", "actualice sus datos",
                "tu contrasena",
                "your mailbox", "votre boite", "vos informations", "confirmer vos informations",
                "verifique sus datos", "sus datos y", "su buzon", "ihre tan", "kreditkartendaten",
                "ihre kreditkarte", "zugangsdaten", "tarjeta de credito", "carte bancaire",
                "numero de carte", "uw gegevens te bevestigen", "verifica il tuo", "i tuoi dati",
            ],
        ),
        (
            Sign::Surrender,
            &[
                "verify your password", "confirm your password", "enter your password",
                "keep your password", "keep same password", "verify your current password",
                "confirm your current password", "enter your current password", "keep my password",
                "keep my current password", "keep your current password", "keep current password",
                "keep the same password", "validate your password", "validate your mailbox",
                "re validate your mailbox", "revalidate your mailbox", "reply with your password",
                "send your password", "send me your password", "send us your password",
                "your username and password", "your user name and password",
                "your email and password", "confirm your pin", "your current password",
                "seed phrase", "recovery phrase", "passwort bestatigen", "passwort beibehalten",
                "bestatigen sie ihr passwort", "verifizieren sie ihr passwort",
                "confirmez votre mot de passe", "conserver mon mot de passe",
                "confirme su contrasena", "conservar mi contrasena",
                "email password", "your email password", "password to view", "password to unlock",
                "ihre zugangsdaten und", "und ihre tan", "validez votre mot de passe",
                "votre mot de passe dans", "et votre mot de passe", "confirmer votre mot de passe",
                "introduzca su contrasena", "y su contrasena", "ingrese su contrasena",
                "inserisci la tua password", "introduza a sua palavra passe",
                "vul uw wachtwoord in",
            ],
        ),
        (
            Sign::Threat,
            &[
                "account will be", "account has been", "account is", "will be suspended",
                "been suspended", "has been limited", "been limited", "been locked",
                "will be locked", "will be closed", "will be terminated", "will be deactivated",
                "be permanently", "within 24 hours", "within 48 hours", "within 12 hours",
                "immediate action", "act immediately", "action required", "immediately to avoid",
                "to avoid suspension", "to avoid interruption", "unusual activity",
                "suspicious activity", "unauthorized", "unusual sign", "final notice",
                "final warning", "last warning", "failure to", "legal action", "avoid being",
                "i have access to your", "i recorded you", "your webcam", "gesperrt",
                "wird gesperrt", "wurde gesperrt", "eingeschrankt", "suspendu", "sera suspendu",
                "bloque", "sera ferme", "suspendida", "sera suspendida", "bloqueada", "cuenta sera",
                "letzte mahnung", "innerhalb von 24 stunden", "sous 24 heures", "en 24 horas",
                "lose access", "losing access", "loss of access", "expires today", "expire today",
                "expires in 24 hours", "expires within", "permanent suspension",
                "permanently suspended", "be suspended", "be deactivated", "be locked",
                "be disabled", "konto gesperrt", "lauft heute ab", "expire aujourd'hui",
                "caduca hoy", "zugriff verlieren",
                "to avoid return", "pay now to", "will be returned",
                "is on hold", "returned to sender unless", "zuruckgesendet",
                "wird zuruckgeschickt", "24 stunden", "48 stunden", "24 heures", "48 heures",
                "12 heures", "24 horas", "48 horas", "retenido", "ha sido bloqueada",
                "est suspendu", "est bloque", "seront supprimes", "sera supprime", "sera bloque",
                "perder sus", "no perder", "konto wird", "sonst wird", "eingefroren",
                "within 3 days", "de geblokkeerd", "wordt geblokkeerd", "sara bloccato",
                "sara sospeso", "sera bloqueada", "zostanie zablokowane",
            ],
        ),
        (
            Sign::Payment,
            &[
                "gift card", "gift cards", "itunes cards", "google play cards", "steam cards",
                "amazon cards", "wire transfer", "wire the", "wire the money", "bitcoin", "btc",
                "crypto wallet", "western union", "moneygram", "geschenkkarten",
                "tarjetas de regalo", "cartes cadeaux", "customs fee", "delivery fee",
                "redelivery fee", "small fee", "gift vouchers", "apple cards", "apple gift",
                "geschenkkarte", "carte cadeau", "urgent payment", "urgent transfer",
                "outstanding payment today",
                "in bitcoin", "to my wallet", "bitcoin wallet", "processing fee", "activation fee",
                "release fee", "unpaid customs", "en bitcoin", "en bitcoins", "zollgebuhr",
                "zollgebuhren", "bearbeitungsgebuhr", "frais de douane",
                "frais de livraison impayes", "gastos de aduana", "retenido en aduana",
                "tarjetas regalo", "cartes cadeau", "dazio", "sdoganamento", "alfandega",
                "douanekosten", "virement de", "effectuer un virement", "virement urgent",
                "transferencia urgente", "eilige uberweisung", "deposit 250",
            ],
        ),
        (
            Sign::Change,
            &[
                "new bank details", "new bank account", "changed our bank", "change of bank",
                "updated bank", "our new account", "change in bank", "changed bank",
                "changed banks", "bank details have changed", "bank details have been",
                "bank account has changed", "new banking details", "banking details have",
                "updated account details", "updated banking", "updated payment details",
                "new account details", "new payment details", "new beneficiary account",
                "account is under audit", "account is being audited", "our previous account",
                "our old account", "no longer use our", "neue bankverbindung",
                "geanderte bankverbindung", "bankverbindung hat sich", "bankverbindung geandert",
                "unsere neue iban", "nouvelles coordonnees bancaires", "changement de rib",
                "nouveau rib", "changement de coordonnees", "nuevos datos bancarios",
                "nueva cuenta bancaria", "cambio de cuenta",
                "bank details have now", "update your records", "pay to the new account",
                "to the new account", "new account below", "auf das neue konto", "neue konto",
                "nouveau compte", "nueva cuenta", "nuovo conto", "nova conta", "nieuwe rekening",
            ],
        ),
        (
            Sign::Codes,
            &[
                "send me the codes", "send the codes", "send the code", "pictures of the cards",
                "pictures of the codes", "photos of the cards", "photos of the codes",
                "photo of the codes", "photo of the cards", "scratch the back", "scratch off",
                "scratch them", "the codes on the back", "redemption codes", "claim codes",
                "gift card codes", "codes freirubbeln", "schick mir die codes", "foto der codes",
                "envoie moi les codes", "envoyez moi les codes", "enviame los codigos",
            ],
        ),
        (
            Sign::Money,
            &[
                "wire", "wires", "wiring", "a transfer", "bank transfer", "transfer of",
                "transfer the", "transfer funds", "transfer to", "international transfer",
                "payment", "payments", "iban", "swift", "account details", "bank details",
                "beneficiary", "invoice", "funds", "remit", "remittance", "vouchers", "cards",
                "uberweisung", "uberweisen", "zahlung", "rechnung", "virement", "paiement",
                "facture", "transferencia", "pago", "factura", "payroll", "direct deposit", "eur",
                "usd",
            ],
        ),
        (
            Sign::Secrecy,
            &[
                "between us", "between you and me", "keep this confidential",
                "keep it confidential", "keep this quiet", "keep this to yourself",
                "keep it to yourself", "do not involve", "don't involve", "do not tell",
                "don't tell anyone", "do not discuss", "don't discuss", "do not mention this",
                "don't mention this", "do not share this with", "don't share this with",
                "do not speak to", "don't speak to", "nobody else", "no one else",
                "treat this confidentially", "confidential transaction", "confidential acquisition",
                "confidential matter", "with discretion", "be discreet", "discreetly",
                "your discretion", "remain confidential", "stay confidential", "under nda",
                "bypass the usual", "skip the usual", "strikt vertraulich", "streng vertraulich",
                "vertraulich behandeln", "unter uns", "sprechen sie mit niemandem",
                "sprich mit niemandem", "confidentiel", "entre nous", "n'en parlez a personne",
                "ne parlez a personne", "discretion absolue", "confidencialidad", "entre nosotros",
                "no lo comentes", "no lo comente",
                "keep this between", "confidentiel et", "confidentielle", "n'en parlez",
                "bleibt unter uns", "dies vertraulich", "absolut vertraulich", "no se lo digas",
                "confidencial y urgente",
            ],
        ),
        (
            Sign::Pretext,
            &[
                "are you at your desk", "are you in the office now", "need a favor",
                "need a favour", "quick favor", "quick favour", "can't take calls",
                "cannot take calls", "can't talk now", "cannot talk now", "can't talk right",
                "cannot talk right", "can't call", "cannot be reached by phone",
                "unable to take calls", "no calls", "in a closed session", "in a closed meeting",
                "in a meeting right now", "in a conference meeting", "stuck in a meeting",
                "in back to back", "reply with your mobile", "reply with your cell",
                "send me your mobile", "send me your cell", "send me your number",
                "send me your whatsapp", "your mobile number", "your cell number",
                "your cell phone number", "your whatsapp", "your personal number", "text me on",
                "reply here", "reply to this email only", "only by email", "by email only",
                "are you available now", "are you free now", "can you handle this discreetly",
                "sind sie am platz", "bist du am platz", "bist du im buro",
                "kann nicht telefonieren", "nicht telefonisch erreichbar",
                "etes vous disponible maintenant", "es tu au bureau", "je suis en reunion",
                "je ne peux pas telephoner", "estas en la oficina", "estoy en una reunion",
                "no puedo hablar",
                "i'm in a meeting and", "in a meeting and can't", "can't talk", "cannot talk",
                "et injoignable", "repondez moi uniquement", "uniquement par mail",
                "uniquement par e mail", "nur per mail", "nur per e mail", "solo por correo",
            ],
        ),
        (
            Sign::Pressure,
            &[
                "today", "urgent", "urgently", "immediately", "asap", "right away", "right now",
                "at once", "as soon as possible", "within the hour", "within 24 hours",
                "before noon", "close of business", "end of day", "before the close", "heute",
                "sofort", "dringend", "umgehend", "noch heute", "aujourd'hui", "urgence",
                "immediatement", "hoy mismo", "urgente",
            ],
        ),
        (
            Sign::Fortune,
            &[
                "you have won", "you've won", "you won", "lottery", "inheritance", "next of kin",
                "million dollars", "million usd", "million euros", "million united states",
                "beneficiary", "prince", "diplomat", "unclaimed", "transfer the sum",
                "business proposal", "god bless", "dear friend", "dear beloved", "winning number",
                "sie haben gewonnen", "vous avez gagne", "has ganado", "ha ganado",
                "claim your prize", "claim your reward", "congratulations you",
                "won the", "the winner of", "as the winner", "selected as the winner",
                "online lottery", "claim your", "late client", "late relative", "inheritance of",
                "the sum of", "of the funds", "donate to you", "donation to you",
                "dear beneficiary", "owed a tax refund", "eligible for a tax refund",
                "tax refund of", "unclaimed tax", "guaranteed profits", "guaranteed profit",
                "ordinary people rich", "profits in", "gewonnen", "erbschaft", "millionen euro",
                "begunstigter", "begunstigte", "schwerkranke", "witwe", "steht eine erstattung",
                "steuererstattung", "garantiert", "ihr gewinn", "heritage de", "beneficiaire",
                "millions d'euros", "loterie", "remboursement d'impot", "remboursement d'impots",
                "heredero", "herencia", "loteria", "resultado ganador", "ganador",
                "reclamar su premio", "su premio", "millones de euros", "devolucion de impuestos",
                "ha vinto", "eredita", "lotteria", "heranca", "erfenis", "gewonnen prijs",
                "loterij", "vunnit",
            ],
        ),
        (
            Sign::Details,
            &[
                "your full name", "full name and", "name and address", "your name address",
                "your telephone number", "telephone number and", "your date of birth",
                "copy of your id", "copy of your passport", "your bank account",
                "your bank details", "your personal data", "personal details",
                "your account number", "vollstandigen namen", "ihrer anschrift", "ihre anschrift",
                "ihrer telefonnummer", "ihre telefonnummer", "ihre bankverbindung an",
                "kopie ihres ausweises", "nom complet", "votre adresse et",
                "numero de telephone et", "vos coordonnees bancaires", "copie de votre",
                "nombre completo", "sus datos personales", "datos personales y", "datos bancarios",
                "copia de su", "i suoi dati", "dati personali", "dados pessoais", "uw gegevens",
            ],
        ),
        (
            Sign::Blackmail,
            &[
                "recorded you", "hacked your device", "hacked your account",
                "hacked your computer", "infected your device", "your camera while",
                "video to all", "to all your contacts", "all your contacts", "send the video",
                "your browsing history", "ihr gerat gehackt", "uber ihre webcam", "ihre webcam",
                "an alle ihre kontakte", "pirate votre appareil", "pirate votre ordinateur",
                "votre webcam", "tous vos contacts", "hackeado su", "hackeado tu", "su camara",
                "tu camara", "todos sus contactos", "todos tus contactos", "la tua webcam",
                "tutti i tuoi contatti",
            ],
        ),
        (
            Sign::Junk,
            &[
                "viagra", "cialis", "online casino", "casino bonus", "payday loan",
                "make money fast", "earn money from home", "work from home and", "make $",
                "lose weight fast", "miracle", "hot singles", "adult dating", "sexy", "cheap meds",
                "online pharmacy", "enlargement", "get rich", "guaranteed income", "100 free",
                "no obligation", "risk free", "double your", "multi level", "debt consolidation",
                "seo services", "first page of google", "this is not spam", "we are not spam",
                "no prescription", "no prescription needed", "without prescription",
                "v1agra", "c1alis", "discreet shipping", "trading robot", "zero risk",
                "bitcoin now", "watch it grow", "limited places", "no experience needed",
                "weekly no experience", "earn 4",
                "per week from home", "looking for true love", "true love", "felt a connection",
                "saw your profile and", "send you my photos", "private address", "write me back",
                "honest lady", "hello dear", "geheimen bitcoin", "bitcoin system",
                "verdienen sie garantiert", "startguthaben", "ohne rezept",
                "schnell reich", "sans ordonnance", "sans risque", "gagnez de l'argent",
                "argent facile", "sin receta", "dinero facil", "sin riesgo", "gana dinero",
                "robot de trading", "senza rischio", "guadagna", "crypto trading",
                "passive income", "forex signals",
            ],
        ),
    ])
});

/// What a department that keeps accounts calls itself.
#[rustfmt::skip] // a table: packed, not one word a line
const DESKS: &[&str] = &[
    "helpdesk", "help desk", "it support", "it helpdesk", "it desk", "it service",
    "it service desk", "service desk", "servicedesk", "it department", "it team", "it admin",
    "it administrator", "it security", "system administrator", "sysadmin", "webmaster",
    "mail administrator", "email administrator", "mail admin", "admin team", "account team",
    "mail team", "security team", "it abteilung", "service informatique", "soporte", "support",
];

/// Titles of those whose orders are not questioned.
#[rustfmt::skip] // a table: packed, not one word a line
const CHIEFS: &[&str] = &[
    "ceo", "cfo", "coo", "president", "chairman", "director", "md", "vorstand",
    "geschaftsfuhrer", "geschaftsfuhrung", "pdg", "presidente", "gerente",
];

/// Which signs a message shows.
struct Signs {
    seen: Vec<Sign>,
    junk: u32,
}

impl Signs {
    fn of(reading: &Reading<'_>) -> Self {
        let lines = reading.lines.iter().map(|line| &line.words);
        let mut signs = Self {
            seen: Vec::new(),
            junk: 0,
        };
        for words in std::iter::once(&reading.subject).chain(lines) {
            // Signs overlap (`reply with your mobile number`), so every word may start one.
            for at in 0..words.len() {
                let Some((_, found)) = SIGNS.longest_at(words, at) else {
                    continue;
                };
                signs.junk += u32::from(found == Sign::Junk);
                if !signs.seen.contains(&found) {
                    signs.seen.push(found);
                }
            }
        }
        signs
    }

    fn has(&self, sign: Sign) -> bool {
        self.seen.contains(&sign)
    }
}

/// The points of fraud, with the reasons for them.
#[derive(Debug, Default)]
struct Tally {
    points: u32,
    reasons: Vec<Reason>,
}

impl Tally {
    fn add(&mut self, points: u32, code: &str, text: &str) {
        self.points += points;
        self.reasons.push(Reason {
            code: code.to_owned(),
            text: text.to_owned(),
        });
    }
}

/// Counts the signs of fraud; the reasons say which.
pub(super) fn points(input: &AnalysisInput<'_>, reading: &Reading<'_>) -> (u32, Vec<Reason>) {
    let mut tally = Tally::default();
    let signs = Signs::of(reading);
    let is_colleague = disguise::is_colleague(input);
    sender(input, &mut tally);
    accounts(input, &signs, is_colleague, &mut tally);
    if !is_colleague {
        money(input, &signs, &mut tally);
    }
    junk(input, &signs, &mut tally);
    if input
        .attachments
        .iter()
        .any(|attachment| attachment.filename.as_deref().is_some_and(is_dangerous))
    {
        tally.add(
            2,
            "dangerous_attachment",
            "An attachment could run a program.",
        );
    }
    if reading.lines.iter().any(|line| line.planted) || is_planted(&reading.subject) {
        let hides = input.signals.sender_is_doubtful || input.signals.had_hidden_text;
        tally.add(
            if hides { 3 } else { 0 },
            "instruction_in_text",
            "It holds instructions meant for a machine; they were ignored.",
        );
    }
    (tally.points, tally.reasons)
}

/// Who the sender is, and what the message hides.
fn sender(input: &AnalysisInput<'_>, tally: &mut Tally) {
    if input.signals.sender_is_doubtful {
        tally.add(
            2,
            "doubtful_sender",
            "The sender's address is not confirmed by the headers.",
        );
    }
    match disguise::disguise(input) {
        Some(Disguise::Lookalike(text)) => tally.add(3, "lookalike_sender", &text),
        Some(Disguise::WearsName(text)) => tally.add(2, "lookalike_sender", &text),
        None => {}
    }
    if input.signals.hides_orders {
        tally.add(
            THRESHOLD,
            "hidden_orders",
            "It hides instructions meant for a machine; they were ignored.",
        );
    } else if input.signals.had_hidden_text {
        tally.add(
            1,
            "hidden_text",
            "Text that a reader would not see was removed.",
        );
    }
}

/// Fraud that is after passwords.
fn accounts(input: &AnalysisInput<'_>, signs: &Signs, is_colleague: bool, tally: &mut Tally) {
    let surrenders = signs.has(Sign::Surrender);
    let credentials = signs.has(Sign::Credentials) || surrenders;
    if signs.has(Sign::Threat)
        && (credentials || signs.has(Sign::Payment) || signs.has(Sign::Change))
    {
        tally.add(
            2,
            "threat_and_demand",
            "It threatens a loss and demands account data or money.",
        );
    }
    if !credentials {
        return;
    }
    if surrenders {
        tally.add(
            2,
            "asks_for_secret",
            "It asks for a password or PIN, which nobody honest does by mail.",
        );
    }
    if has_link(input.text) && (!surrenders || input.signals.sender_is_doubtful) {
        tally.add(
            1,
            "asks_for_credentials",
            "It asks for account data next to a link.",
        );
    }
    if disguise::has_misleading_link(input) {
        tally.add(
            2,
            "misleading_link",
            "A link leads elsewhere than it says, or to a look-alike domain.",
        );
    }
    if !is_colleague && calls_itself(input, DESKS) {
        tally.add(
            2,
            "poses_as_desk",
            "It poses as the people who keep accounts, from outside.",
        );
    }
}

/// Fraud that is after money.
fn money(input: &AnalysisInput<'_>, signs: &Signs, tally: &mut Tally) {
    let [pays, changes, codes] = [Sign::Payment, Sign::Change, Sign::Codes].map(|s| signs.has(s));
    let speaks = pays || changes || codes || signs.has(Sign::Money);
    let [secret, pretext] = [Sign::Secrecy, Sign::Pretext].map(|sign| signs.has(sign) && speaks);
    if pays {
        tally.add(
            2,
            "asks_for_payment",
            "It asks for a payment in a way that fraud does.",
        );
    }
    if changes {
        tally.add(
            2,
            "account_changed",
            "It names another account to pay to: ask back by telephone, by a number you know.",
        );
    }
    if codes {
        tally.add(3, "asks_for_codes", "It asks for the codes of gift cards.");
    }
    if secret {
        tally.add(
            2,
            "secret_payment",
            "It wants money to move and others not to know.",
        );
    }
    if pretext {
        tally.add(
            2,
            "evades_questions",
            "It speaks of money and keeps the reader from asking back.",
        );
    }
    if (pays || changes || secret || pretext) && signs.has(Sign::Pressure) {
        tally.add(1, "presses", "It presses for money.");
    }
    if (pays || secret || pretext) && calls_itself(input, CHIEFS) {
        tally.add(1, "poses_as_chief", "It poses as a chief, from outside.");
    }
}

/// Junk, and promises of a fortune.
fn junk(input: &AnalysisInput<'_>, signs: &Signs, tally: &mut Tally) {
    let (fortune, pays) = (signs.has(Sign::Fortune), signs.has(Sign::Payment));
    if fortune {
        tally.add(2, "promises_fortune", "It promises money out of nowhere.");
    }
    if (fortune || signs.has(Sign::Junk)) && signs.has(Sign::Details) {
        tally.add(
            3,
            "asks_for_details",
            "It promises something and wants to know who the reader is.",
        );
    }
    if signs.has(Sign::Blackmail) && (pays || signs.has(Sign::Threat)) {
        tally.add(
            4,
            "blackmails",
            "It says to have seen what the reader would hide, and wants money.",
        );
    }
    let kinds = [
        fortune,
        pays || signs.has(Sign::Change),
        signs.has(Sign::Credentials) || signs.has(Sign::Surrender),
        signs.has(Sign::Threat),
        signs.has(Sign::Junk),
    ];
    if (fortune || pays) && kinds.iter().filter(|shown| **shown).count() >= 3 {
        tally.add(1, "several_signs", "Several signs of fraud come together.");
    }
    if signs.has(Sign::Junk) {
        let points = match signs.junk {
            0 | 1 => 2,
            2 => 4,
            _ => THRESHOLD,
        };
        tally.add(
            points,
            "junk_words",
            "It advertises what junk mail advertises.",
        );
        if input.signals.is_bulk || input.signals.sender_is_doubtful {
            tally.add(1, "junk_in_bulk", "It was sent in bulk.");
        }
    }
}

/// Whether the sender's name or address holds one of these words.
fn calls_itself(input: &AnalysisInput<'_>, names: &[&str]) -> bool {
    let Some(from) = input.from else {
        return false;
    };
    let local = from.address.split('@').next().unwrap_or_default();
    let spaced = |text: &str| -> String {
        let words = text.split(|ch: char| !ch.is_alphanumeric());
        let mut spaced = words.fold(String::from(" "), |mut all, word| {
            all.push_str(word);
            all.push(' ');
            all
        });
        spaced.push(' ');
        spaced
    };
    let name = spaced(&fold(from.name.as_deref().unwrap_or_default()));
    let local = spaced(&fold(local));
    names.iter().any(|wanted| {
        let wanted = format!(" {wanted} ");
        name.contains(&wanted) || local.contains(&wanted)
    })
}

fn has_link(text: &str) -> bool {
    text.contains("http://") || text.contains("https://") || text.contains("www.")
}

fn is_dangerous(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        ".exe", ".scr", ".js", ".vbs", ".bat", ".cmd", ".iso", ".img", ".lnk", ".hta", ".jar",
        ".msi", ".html", ".htm", ".docm", ".xlsm",
    ]
    .iter()
    .any(|end| name.ends_with(end))
}
