//! Signs of fraud, and of text that was planted for machines to read.
//!
//! Nothing a message says can make an engine act (it has no tools); these rules see to it that
//! such text does not become a task or a priority either.

use std::sync::LazyLock;

use super::phrases::Phrases;
use super::words::{Words, fold};
use super::{AnalysisInput, Reason};

/// From how many points on a message counts as fraud.
pub(super) const THRESHOLD: u32 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Credentials,
    Threat,
    Payment,
    Fortune,
    Junk,
    Planted,
}

#[rustfmt::skip] // a table: packed, not one word a line
static SIGNS: LazyLock<Phrases<Sign>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            Sign::Credentials,
            &[
                "verify your account", "verify your identity", "verify your information",
                "verify your email", "verify your password", "confirm your account",
                "confirm your identity", "confirm your password", "confirm your details",
                "confirm your information", "confirm your billing", "update your account",
                "update your payment", "update your billing", "update your information",
                "validate your account", "validate your mailbox", "validate your email",
                "enter your password", "your password", "your pin", "social security number",
                "your ssn", "credit card number", "card details", "card number", "bank details",
                "bank account details", "your credentials", "login details", "log in details",
                "login credentials", "re activate", "reactivate your", "restore your account",
                "restore access", "unlock your account", "sign in to your account",
                "log in to your account", "login to your account", "seed phrase",
                "recovery phrase", "one time code", "verification code to", "mailbox quota",
                "mailbox is full", "storage is full", "keep your password", "keep same password",
                "ihr konto bestatigen", "bestatigen sie ihr konto", "bestatigen sie ihre",
                "ihre zugangsdaten", "ihr passwort", "ihre daten bestatigen", "verifizieren sie",
                "votre mot de passe", "confirmez votre", "verifiez votre compte",
                "mettez a jour vos", "vos informations bancaires", "verifique su cuenta",
                "su contrasena", "confirme su", "confirme sus datos", "actualice sus datos",
                "tu contrasena",
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
                "bloque", "sera ferme", "suspendida", "sera suspendida", "bloqueada",
                "cuenta sera", "letzte mahnung", "innerhalb von 24 stunden", "sous 24 heures",
                "en 24 horas",
            ],
        ),
        (
            Sign::Payment,
            &[
                "gift card", "gift cards", "itunes cards", "google play cards", "steam cards",
                "amazon cards", "wire transfer", "wire the", "wire the money", "bitcoin", "btc",
                "crypto wallet", "western union", "moneygram", "new bank details",
                "new bank account", "changed our bank", "change of bank", "updated bank",
                "our new account", "are you at your desk", "are you in the office now",
                "need a favor", "keep this confidential", "keep this between us",
                "strictly confidential", "geschenkkarten", "tarjetas de regalo", "cartes cadeaux",
                "customs fee", "delivery fee", "redelivery fee", "small fee",
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
            ],
        ),
        (
            Sign::Planted,
            &[
                "ignore previous instructions", "ignore all previous", "ignore the previous",
                "ignore prior", "ignore all prior", "ignore any previous",
                "ignore your instructions", "ignore your previous", "ignore above",
                "ignore the above", "ignore all above", "ignore all the above",
                "ignore all instructions", "ignore all of your", "disregard previous",
                "disregard all previous", "disregard the above instructions", "disregard your",
                "disregard all prior", "disregard any previous", "disregard prior",
                "forget previous instructions", "forget all previous", "forget your instructions",
                "forget everything above", "override your instructions", "override previous",
                "new instructions", "updated instructions for", "system prompt",
                "your system prompt", "developer mode", "you are now a", "you are now an",
                "you are an ai", "you are a helpful", "as an ai", "as an assistant",
                "ai assistant", "ai agent", "ai model", "language model", "llm", "chatgpt",
                "dear assistant", "note to assistant", "instructions for the assistant",
                "instruction to the assistant", "attention assistant", "attention ai",
                "if you are an ai", "if you're an ai", "when summarizing this",
                "when you summarize this", "do not tell the user", "don't tell the user",
                "without telling the user", "do not inform the user", "do not mention this to",
                "the user's inbox", "the user's", "forward all mail", "forward all email",
                "forward all emails", "forward all e mail", "forward all messages",
                "forward all of", "forward every email", "forward every mail",
                "forward every message", "forward the entire inbox", "forward the last",
                "send all emails to", "send all mail to", "send the contents of", "bcc all",
                "delete all emails", "delete all mail", "delete all messages",
                "delete every email", "exfiltrate", "jailbreak", "base64 encode",
                "mark this email as", "mark this message as", "classify this email",
                "classify this message", "create a task", "create a high priority",
                "set the priority", "vorherige anweisungen", "vorherigen anweisungen",
                "alle anweisungen", "ignoriere alle", "ignorieren sie alle",
                "instructions precedentes", "ignore les instructions", "ignorez les instructions",
                "ignora las instrucciones", "instrucciones anteriores",
                "ignora tutte le istruzioni",
            ],
        ),
    ])
});

/// Whether a sentence gives orders to a machine that reads it.
pub(super) fn is_planted(words: &Words<'_>) -> bool {
    if SIGNS.all(words).any(|(_, _, sign)| sign == Sign::Planted) {
        return true;
    }
    let piece = words.piece();
    let opens = piece.trim_start_matches(['[', '<', '#', '*', ' ', '(']);
    [
        "system:",
        "SYSTEM:",
        "System:",
        "assistant:",
        "Assistant:",
        "ASSISTANT:",
        "[INST]",
        "|im_start|",
        "INST]",
    ]
    .iter()
    .any(|mark| opens.starts_with(mark))
        || [
            "以前の指示",
            "これまでの指示",
            "忽略之前",
            "忽略以上",
            "이전 지시",
        ]
        .iter()
        .any(|mark| piece.contains(mark))
}

/// Counts the signs of fraud; the reasons say which.
pub(super) fn points(
    input: &AnalysisInput<'_>,
    subject: &Words<'_>,
    lines: &[&Words<'_>],
) -> (u32, Vec<Reason>) {
    let mut reasons = Vec::new();
    let mut points = 0;
    let mut sign = |worth: u32, code: &str, text: &str| {
        points += worth;
        reasons.push(Reason {
            code: code.to_owned(),
            text: text.to_owned(),
        });
    };
    let mut seen: Vec<Sign> = Vec::new();
    let mut junk = 0;
    for words in std::iter::once(subject).chain(lines.iter().copied()) {
        for (_, _, found) in SIGNS.all(words) {
            junk += u32::from(matches!(found, Sign::Junk));
            if !seen.contains(&found) {
                seen.push(found);
            }
        }
    }
    let has = |sign: Sign| seen.contains(&sign);
    let has_link = has_link(input.text);
    let doubtful = input.signals.sender_is_doubtful;
    if doubtful {
        sign(
            2,
            "doubtful_sender",
            "The sender's address is not confirmed by the headers.",
        );
    }
    if let Some(text) = lookalike(input) {
        sign(3, "lookalike_sender", &text);
    }
    if input.signals.had_hidden_text {
        sign(
            1,
            "hidden_text",
            "Text that a reader would not see was removed.",
        );
    }
    if has(Sign::Credentials) && has_link {
        sign(
            1,
            "asks_for_credentials",
            "It asks for account data next to a link.",
        );
    }
    if has(Sign::Threat) && (has(Sign::Credentials) || has(Sign::Payment)) {
        sign(
            2,
            "threat_and_demand",
            "It threatens a loss and demands account data or money.",
        );
    }
    if has(Sign::Payment) {
        sign(
            2,
            "asks_for_payment",
            "It asks for a payment in a way that fraud does.",
        );
    }
    if has(Sign::Fortune) {
        sign(2, "promises_fortune", "It promises money out of nowhere.");
    }
    if seen.len() >= 3 && (has(Sign::Fortune) || has(Sign::Payment)) {
        sign(1, "several_signs", "Several signs of fraud come together.");
    }
    if has(Sign::Junk) {
        sign(
            if junk >= 2 { 4 } else { 2 },
            "junk_words",
            "It advertises what junk mail advertises.",
        );
        if input.signals.is_bulk || doubtful {
            sign(1, "junk_in_bulk", "It was sent in bulk.");
        }
    }
    if input
        .attachments
        .iter()
        .any(|attachment| attachment.filename.as_deref().is_some_and(is_dangerous))
    {
        sign(
            2,
            "dangerous_attachment",
            "An attachment could run a program.",
        );
    }
    if has(Sign::Planted) {
        sign(
            if doubtful || input.signals.had_hidden_text {
                3
            } else {
                0
            },
            "instruction_in_text",
            "It holds instructions meant for a machine; they were ignored.",
        );
    }
    (points, reasons)
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

/// Names that fraud likes to wear, and what their true domains contain.
#[rustfmt::skip] // a table: packed, not one word a line
const BRANDS: &[&str] = &[
    "paypal", "amazon", "apple", "microsoft", "google", "netflix", "facebook", "instagram",
    "linkedin", "dropbox", "docusign", "dhl", "fedex", "ups", "usps", "chase", "wells fargo",
    "bank of america", "citibank", "hsbc", "santander", "sparkasse", "coinbase", "binance",
    "stripe", "office365", "outlook", "icloud", "whatsapp", "ebay",
];

fn lookalike(input: &AnalysisInput<'_>) -> Option<String> {
    let from = input.from?;
    let domain = from.address.rsplit('@').next().unwrap_or_default();
    let skeleton: String = domain
        .chars()
        .filter_map(|ch| match ch {
            '0' => Some('o'),
            '1' => Some('l'),
            '3' => Some('e'),
            '5' => Some('s'),
            '-' => None,
            other => Some(other),
        })
        .collect::<String>()
        .replace("rn", "m")
        .replace("vv", "w");
    if domain.split('.').any(|label| label.starts_with("xn--")) {
        return Some("The sender's domain is written in look-alike letters.".to_owned());
    }
    let name = fold(from.name.as_deref().unwrap_or_default());
    let has_word = |text: &str, brand: &str| {
        text == brand
            || text
                .split(|ch: char| !ch.is_alphanumeric() && ch != ' ')
                .any(|part| part == brand)
            || text.split(' ').any(|part| part == brand)
    };
    for brand in BRANDS {
        let joined = brand.replace(' ', "");
        let plain = domain.split('.').any(|label| label == joined);
        if plain {
            return None;
        }
        // `paypa1.com`, `paypal-security.com`: the name is there, but is not a label of its own.
        let labels_hold = skeleton.split('.').any(|label| label == joined);
        let worn = joined.len() >= 5
            && domain.split(['.', '-']).any(|label| label == joined)
            && domain.contains('-');
        if labels_hold || worn {
            return Some(format!("The sender's domain only looks like {brand}."));
        }
        if has_word(&name, brand)
            && !domain.contains(&joined)
            && !name.contains(" via ")
            && !name.contains(" at ")
            && !name.contains(" from ")
        {
            return Some(format!(
                "The sender is called {brand}, but the address is not {brand}'s."
            ));
        }
    }
    None
}
