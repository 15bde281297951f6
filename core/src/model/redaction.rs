//! What no model is shown: card and account numbers, passwords, keys, one-time codes, numbers of
//! identity papers.
//!
//! A number that checks (Luhn for cards, ISO 7064 for IBANs) is taken wherever it stands; what has no
//! check of its own is taken behind the words that announce it, in four languages. Taking one too many
//! costs a model a number that it has no use for, so in doubt it is taken.

use std::ops::Range;

/// What was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The number of a payment card.
    Card,
    /// The number of a bank account.
    Account,
    /// A password or a PIN.
    Password,
    /// A key, a token, or anything else that opens something.
    Secret,
    /// A code for a single use.
    Code,
    /// The number of a person at an authority.
    Identity,
}

impl Kind {
    /// What stands in its place.
    pub fn placeholder(self) -> &'static str {
        match self {
            Self::Card => "[card number]",
            Self::Account => "[account number]",
            Self::Password => "[password]",
            Self::Secret => "[secret]",
            Self::Code => "[one-time code]",
            Self::Identity => "[identity number]",
        }
    }
}

/// One thing to take out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// All that is to be taken out of a text, in order, none overlapping another.
pub fn find(text: &str) -> Vec<Finding> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    pem(text, &mut found);
    cards(text, &mut found);
    for (index, token) in tokens.iter().enumerate() {
        iban(text, &tokens, index, &mut found);
        announced(text, &tokens, index, &mut found);
        secret(text, token, &mut found);
    }
    settle(found)
}

/// A piece of a text without what is to be taken out of it; `within` are its bytes.
pub fn redacted(text: &str, within: Range<usize>, findings: &[Finding]) -> String {
    let mut output = String::new();
    let mut at = within.start;
    for finding in findings {
        let (start, end) = (
            finding.range.start.max(at),
            finding.range.end.min(within.end),
        );
        if finding.range.end <= at || start >= within.end {
            continue;
        }
        output.push_str(text.get(at..start).unwrap_or_default());
        output.push_str(finding.kind.placeholder());
        at = end;
    }
    output.push_str(text.get(at..within.end).unwrap_or_default());
    output
}

/// A text without what is to be taken out of it.
pub fn redact(text: &str) -> String {
    redacted(text, 0..text.len(), &find(text))
}

/// In order, and where two overlap the first that was found: the surest rules come first.
fn settle(found: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::with_capacity(found.len());
    for finding in found {
        let overlaps = kept.iter().any(|known| {
            finding.range.start < known.range.end && known.range.start < finding.range.end
        });
        if !overlaps && !finding.range.is_empty() {
            kept.push(finding);
        }
    }
    kept.sort_by_key(|finding| finding.range.start);
    kept
}

/// The pieces between white space.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    let mut start = None;
    for (at, ch) in text.char_indices() {
        match (ch.is_whitespace(), start) {
            (false, None) => start = Some(at),
            (true, Some(from)) => {
                tokens.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    tokens.extend(start.map(|from| from..text.len()));
    tokens
}

fn piece<'a>(text: &'a str, range: &Range<usize>) -> &'a str {
    text.get(range.clone()).unwrap_or_default()
}

/// A token without the punctuation around it.
fn bare(text: &str, token: &Range<usize>) -> Range<usize> {
    const AROUND: [char; 22] = [
        '"', '\'', '(', ')', '[', ']', '<', '>', ',', ';', ':', '.', '!', '?', '*', '`', '“', '”',
        '„', '«', '»', '=',
    ];
    let whole = piece(text, token);
    let start = token.start + (whole.len() - whole.trim_start_matches(AROUND).len());
    let end = token.end - (whole.len() - whole.trim_end_matches(AROUND).len());
    start..end.max(start)
}

/// Blocks of a key in the text form of RFC 7468, to their end or to that of the text.
fn pem(text: &str, found: &mut Vec<Finding>) {
    let mut at = 0;
    while let Some(begin) = text.get(at..).and_then(|rest| rest.find("-----BEGIN ")) {
        let start = at + begin;
        let rest = text.get(start..).unwrap_or_default();
        let length = rest
            .find("-----END ")
            .and_then(|end| {
                let tail = rest.get(end + 9..)?;
                Some(end + 9 + tail.find("-----")? + 5)
            })
            .unwrap_or(rest.len());
        let end = start + length;
        found.push(Finding {
            range: start..end,
            kind: Kind::Secret,
        });
        at = end;
    }
}

/// How many digits a card's number has (ISO/IEC 7812).
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// Runs of digits, in groups, that pass Luhn's check.
fn cards(text: &str, found: &mut Vec<Finding>) {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut open: Option<usize> = None;
    let mut gap = String::new();
    let mut close = |groups: &mut Vec<Range<usize>>| {
        card_among(text, groups, found);
        groups.clear();
    };
    for (at, ch) in text.char_indices() {
        if ch.is_ascii_digit() {
            if open.is_none() {
                let joins = matches!(gap.as_str(), " " | "-" | "." | "\u{a0}" | "\u{202f}" | "\n");
                if !groups.is_empty() && !joins {
                    close(&mut groups);
                }
                open = Some(at);
            }
            gap.clear();
        } else {
            if let Some(start) = open.take() {
                groups.push(start..at);
            }
            gap.push(ch);
        }
    }
    groups.extend(open.map(|start| start..text.len()));
    close(&mut groups);
}

/// The longest run of whole groups that is a card's number; then the next behind it.
fn card_among(text: &str, groups: &[Range<usize>], found: &mut Vec<Finding>) {
    let mut first = 0;
    while first < groups.len() {
        let mut digits = Vec::new();
        let mut longest = None;
        for (index, group) in groups.iter().enumerate().skip(first) {
            digits.extend(piece(text, group).bytes().map(|byte| byte - b'0'));
            if digits.len() > *CARD_DIGITS.end() {
                break;
            }
            if CARD_DIGITS.contains(&digits.len()) && passes_luhn(&digits) {
                longest = Some((index, group.end));
            }
        }
        let start = groups.get(first).map_or(0, |group| group.start);
        first = match longest {
            Some((last, end)) => {
                found.push(Finding {
                    range: start..end,
                    kind: Kind::Card,
                });
                last + 1
            }
            None => first + 1,
        };
    }
}

fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(*digit);
            let counted = if place % 2 == 1 { digit * 2 } else { digit };
            if counted > 9 { counted - 9 } else { counted }
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != 0)
}

/// An IBAN (ISO 13616), in one piece or in groups.
fn iban(text: &str, tokens: &[Range<usize>], index: usize, found: &mut Vec<Finding>) {
    let Some(first) = tokens.get(index).map(|token| bare(text, token)) else {
        return;
    };
    let head = piece(text, &first).as_bytes();
    let opens = matches!(head, [a, b, c, d, ..]
        if a.is_ascii_alphabetic() && b.is_ascii_alphabetic()
            && c.is_ascii_digit() && d.is_ascii_digit());
    if !opens {
        return;
    }
    let mut letters = String::new();
    for token in tokens.iter().skip(index).take(9) {
        let part = bare(text, token);
        let part_text = piece(text, &part);
        letters.extend(part_text.chars().filter(|ch| *ch != '-'));
        if letters.len() > 34 || !letters.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return;
        }
        if (15..=34).contains(&letters.len()) && passes_iban(&letters) {
            found.push(Finding {
                range: first.start..part.end,
                kind: Kind::Account,
            });
            return;
        }
    }
}

fn passes_iban(letters: &str) -> bool {
    let (head, tail) = letters.split_at_checked(4).unwrap_or((letters, ""));
    let rest = tail
        .chars()
        .chain(head.chars())
        .try_fold(0_u32, |rest, ch| {
            let value = ch.to_digit(36)?;
            Some(if value < 10 {
                (rest * 10 + value) % 97
            } else {
                (rest * 100 + value) % 97
            })
        });
    rest == Some(1)
}

/// What the words before a value announce.
#[rustfmt::skip] // a table: packed, not one word a line
const ANNOUNCING: &[(Kind, &[&str])] = &[
    (Kind::Password, &[
        "password", "passwort", "kennwort", "passwd", "pwd", "pw", "passphrase", "passcode", "pin",
        "puk", "contraseña", "contrasena", "clave", "passe", "senha", "wachtwoord", "lösenord",
    ]),
    (Kind::Secret, &[
        "secret", "token", "apikey", "api-key", "api_key", "key", "schlüssel", "bearer",
        "credential", "credentials", "authorization", "cookie",
    ]),
    (Kind::Code, &["code", "otp", "tan", "einmalcode", "código", "codigo"]),
    (Kind::Account, &[
        "account", "acct", "a/c", "routing", "aba", "iban", "konto", "kontonummer", "kontonr",
        "bankleitzahl", "blz", "sort", "compte", "cuenta", "rib", "clabe", "card", "karte",
        "kartennummer", "kreditkarte", "carte", "tarjeta", "cvv", "cvc",
    ]),
    (Kind::Identity, &[
        "ssn", "security", "passport", "reisepass", "ausweis", "ausweisnummer", "steuer-id",
        "steuernummer", "nino", "insurance", "dni", "nie", "nif", "passeport", "pasaporte",
        "licence", "license", "führerschein",
    ]),
];

/// Words that may stand between the announcement and the value.
#[rustfmt::skip] // a table: packed, not one word a line
const BETWEEN: &[&str] = &[
    "is", "ist", "est", "es", "lautet", "are", "was", "number", "numbers", "no", "nr", "num",
    "nummer", "numéro", "número", "numero", "code", "key", "for", "your", "the", "to", "log", "in",
    "of", "ending", "temporary", "new", "my", "einmal", "de", "del", "la", "#", "-", "–", "=", "->",
    "→", ":", "it's", "its", "id",
];

/// How far behind its announcement a value can stand, in tokens.
const REACH: usize = 5;

/// The value that a word announces, if it is one.
fn announced(text: &str, tokens: &[Range<usize>], index: usize, found: &mut Vec<Finding>) {
    let Some(token) = tokens.get(index) else {
        return;
    };
    let whole = piece(text, token);
    // `password=hunter2` and `PIN:1234` in one piece.
    if let Some((name, value)) = whole.split_once(['=', ':'])
        && !value.is_empty()
        && !value.starts_with('/')
        && let Some(kind) = kind_of(last_word(name))
    {
        let start = token.end - value.len();
        let value = bare(text, &(start..token.end));
        if is_value(piece(text, &value), kind, true) {
            found.push(Finding { range: value, kind });
            return;
        }
    }
    let Some(kind) = kind_of(piece(text, &bare(text, token))) else {
        return;
    };
    let mut is_firm = whole.ends_with([':', '=']);
    for (at, next) in tokens.iter().enumerate().skip(index + 1).take(REACH) {
        let candidate = bare(text, next);
        let word = piece(text, &candidate);
        let lower = word.to_lowercase();
        if word.is_empty() || BETWEEN.contains(&lower.as_str()) || kind_of(word).is_some() {
            is_firm |= piece(text, next).ends_with([':', '=', '#', '>', '→'])
                || matches!(lower.as_str(), "is" | "ist" | "est" | "es" | "lautet")
                    && kind != Kind::Password;
            continue;
        }
        let range = grouped(text, candidate, tokens.iter().skip(at + 1), kind);
        let value: String = piece(text, &range).split_whitespace().collect();
        if is_value(&value, kind, is_firm) {
            found.push(Finding { range, kind });
        }
        return;
    }
}

fn last_word(name: &str) -> &str {
    name.rsplit(|ch: char| !ch.is_alphanumeric() && ch != '-')
        .next()
        .unwrap_or(name)
}

fn kind_of(word: &str) -> Option<Kind> {
    if word.len() > 20 {
        return None;
    }
    let lower = word.to_lowercase();
    let mut kinds = ANNOUNCING.iter();
    kinds
        .find(|(_, words)| words.contains(&lower.as_str()))
        .map(|(kind, _)| *kind)
}

/// Whether a token can be what was announced. `is_firm`: nothing but it can follow.
fn is_value(word: &str, kind: Kind, is_firm: bool) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let length = word.chars().count();
    let has_sign = word
        .chars()
        .any(|ch| !ch.is_alphanumeric() && !matches!(ch, '-' | '\'' | '’' | '.' | '/'));
    match kind {
        Kind::Password => {
            length >= 4 && (is_firm || (digits > 0 && length >= 4) || (has_sign && length >= 6))
        }
        Kind::Secret => length >= 8 && digits > 0 && (is_firm || length >= 12),
        Kind::Code => (4..=10).contains(&length) && digits >= 4 && (is_firm || digits == length),
        Kind::Account => digits >= 3 && (digits >= 6 || is_firm) && digits * 2 >= length,
        Kind::Identity => digits >= 5 && length >= 6,
        Kind::Card => false,
    }
}

/// A number in groups, with those behind the token that begins it: `12 34 56 78`.
fn grouped<'t>(
    text: &str,
    first: Range<usize>,
    behind: impl Iterator<Item = &'t Range<usize>>,
    kind: Kind,
) -> Range<usize> {
    let mut number = first;
    if matches!(kind, Kind::Password | Kind::Secret) {
        return number;
    }
    for token in behind.take(8) {
        let part = bare(text, token);
        let word = piece(text, &part);
        let is_group = !word.is_empty()
            && word.len() <= 6
            && word
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-');
        // A comma or a full stop ends the number.
        if !is_group || number.end != token.start.saturating_sub(1) {
            break;
        }
        number.end = part.end;
    }
    number
}

/// How keys of well-known services begin.
#[rustfmt::skip] // a table: packed, not one word a line
const KEY_PREFIXES: &[&str] = &[
    "sk-", "sk_", "pk_live", "rk_", "ghp_", "gho_", "ghs_", "ghr_", "github_pat_", "glpat-",
    "xoxb-", "xoxp-", "xoxa-", "xapp-", "AKIA", "ASIA", "AIza", "ya29.", "whsec_", "npm_", "hf_",
    "SG.", "EAAC", "dop_v1_", "shpat_", "eyJ", "pypi-", "dckr_pat_", "lin_api_", "key-", "dk_",
    "r8_", "gsk_", "tvly-", "AGE-SECRET-KEY-",
];

/// Names of query parameters that carry what opens something.
#[rustfmt::skip] // a table: packed, not one word a line
const SECRET_PARAMETERS: &[&str] = &[
    "token", "access_token", "id_token", "refresh_token", "key", "api_key", "apikey", "sig",
    "signature", "code", "auth", "password", "pwd", "secret", "ticket", "otp", "hash", "session",
    "sid", "jwt", "t", "k",
];

/// Keys by their beginning, addresses that carry one, and text that no person writes.
fn secret(text: &str, token: &Range<usize>, found: &mut Vec<Finding>) {
    let range = bare(text, token);
    let word = piece(text, &range);
    if let Some(at) = word.find("://") {
        return secret_address(text, range.start..range.end, range.start + at + 3, found);
    }
    let is_key = word.len() >= 16
        && KEY_PREFIXES.iter().any(|prefix| word.starts_with(prefix))
        && word.bytes().any(|byte| byte.is_ascii_digit());
    if is_key || is_random(word) {
        found.push(Finding {
            range,
            kind: Kind::Secret,
        });
        return;
    }
    if is_social_security_number(word) {
        found.push(Finding {
            range,
            kind: Kind::Identity,
        });
    }
}

/// The user part, the telling parameters and the random parts of an address. Its host stays: a model
/// judges a message by it.
fn secret_address(text: &str, url: Range<usize>, host: usize, found: &mut Vec<Finding>) {
    let mut take = |range: Range<usize>| {
        found.push(Finding {
            range,
            kind: Kind::Secret,
        });
    };
    let rest = piece(text, &(host..url.end));
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    if let Some(user) = rest
        .get(..host_end)
        .and_then(|authority| authority.rfind('@'))
    {
        take(host..host + user);
    }
    let mut at = host + host_end;
    let tail = piece(text, &(at..url.end));
    for part in tail.split_inclusive(['/', '?', '&', '#', ';']) {
        let body = part.trim_end_matches(['/', '?', '&', '#', ';']);
        let (name, value) = body.split_once('=').unwrap_or(("", body));
        let start = at + body.len() - value.len();
        let is_named = SECRET_PARAMETERS.contains(&name.to_ascii_lowercase().as_str());
        if (is_named && value.len() >= 4) || is_random(value) {
            take(start..start + value.len());
        }
        at += part.len();
    }
}

/// Whether no person writes such a word: long, and of letters and digits in no order.
fn is_random(word: &str) -> bool {
    let plain = word
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-.~".contains(&byte));
    if !plain || word.len() < 20 {
        return false;
    }
    let count = |is: fn(&u8) -> bool| word.bytes().filter(is).count();
    let (digits, upper, lower) = (
        count(u8::is_ascii_digit),
        count(u8::is_ascii_uppercase),
        count(u8::is_ascii_lowercase),
    );
    let is_hex = word.len() >= 32
        && digits >= 4
        && word
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    // Changes between letters and digits: words and their numbers have few, chance has many.
    let turns = word
        .as_bytes()
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit()))
        .count();
    is_hex || (digits >= 3 && upper >= 2 && lower >= 2 && turns >= 5)
}

fn is_social_security_number(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() == 11
        && bytes.iter().enumerate().all(|(place, byte)| match place {
            3 | 6 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_opens_or_pays_for_something_is_taken_out() {
        for (text, expected) in [
            (
                "Card 4111 1111 1111 1111 123, exp 12/27",
                "Card [card number] 123, exp 12/27",
            ),
            ("card: 5500-0000-0000-0004.", "card: [card number]."),
            ("Amex 378282246310005 please", "Amex [card number] please"),
            (
                "IBAN DE89 3704 0044 0532 0130 00 bei der Bank",
                "IBAN [account number] bei der Bank",
            ),
            (
                "an GB82WEST12345698765432, danke",
                "an [account number], danke",
            ),
            (
                "wire to account number 12345678, sort code 20-00-00",
                "wire to account number [account number], sort code [account number]",
            ),
            (
                "Konto Nr. 532 013 000 BLZ 370 400 44",
                "Konto Nr. [account number] BLZ [account number]",
            ),
            (
                "The password is Tr0ub4dor&3 for now",
                "The password is [password] for now",
            ),
            ("Passwort: sommerwind", "Passwort: [password]"),
            ("password=hunter2", "password=[password]"),
            (
                "Password:\nhunter2\nThanks",
                "Password:\n[password]\nThanks",
            ),
            (
                "Le mot de passe est : soleil77",
                "Le mot de passe est : [password]",
            ),
            ("Your PIN: 4711", "Your PIN: [password]"),
            (
                "Your verification code is 482913.",
                "Your verification code is [one-time code].",
            ),
            (
                "use sk-proj-abcdEFGH1234ijklMNOP for the API",
                "use [secret] for the API",
            ),
            ("AWS AKIAIOSFODNN7EXAMPLE here", "AWS [secret] here"),
            ("SSN 078-05-1120", "SSN [identity number]"),
            ("Reisepass C01X00T47", "Reisepass [identity number]"),
            (
                "https://app.example/reset?user=mia&token=abcd1234&lang=en now",
                "https://app.example/reset?user=mia&token=[secret]&lang=en now",
            ),
            (
                "see https://mia:geheim@host.example/x",
                "see https://[secret]@host.example/x",
            ),
            (
                "-----BEGIN PRIVATE KEY-----\nMIIE\nabc\n-----END PRIVATE KEY-----\nbye",
                "[secret]\nbye",
            ),
            ("x -----BEGIN PRIVATE KEY-----\nMIIE", "x [secret]"),
        ] {
            assert_eq!(redact(text), expected);
        }
    }

    #[test]
    fn what_people_write_every_day_stays() {
        for text in [
            "Please call me at +49 30 1234567 or 415-555-0100 by 5pm on 2026-03-06.",
            "Invoice 41 over 1,250.00 EUR is due on 06/03/2026, order no. 88231.",
            "Your password expires on Friday, please change it.",
            "The key point is the budget, and the code review is on Monday.",
            "Meet at 221B Baker Street; flight LH2030 leaves 14:05, seat 23A.",
            "https://docs.example/planning/2026/offsite-in-lisbon?tab=agenda",
            "This account manager covers 14 regions and 2026 targets.",
            "Der Code ist fertig, bitte bis Freitag ansehen.",
            "pin this thread, and my token of thanks is on its way",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    #[test]
    fn a_piece_is_redacted_by_what_the_whole_text_told() {
        let text = "Password:\nhunter2 is it.";
        let findings = find(text);
        let second = 10..text.len();
        assert_eq!(redacted(text, second, &findings), "[password] is it.");
    }

    proptest! {
        #[test]
        fn a_card_is_found_whatever_stands_around_it(
            before in "[a-z]{1,9} ", after in "( [a-z]{1,9}|\\.|, [0-9]{1,3})", parts in any::<[u16; 3]>()
        ) {
            let mut digits: Vec<u8> = format!("4{:05}{:05}{:04}", parts[0], parts[1], parts[2] % 10_000)
                .bytes().map(|byte| byte - b'0').collect();
            digits.push(0);
            let check = (0..10).find(|check| {
                *digits.last_mut().expect("one") = *check;
                passes_luhn(&digits)
            });
            prop_assert!(check.is_some());
            let number: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
            let groups: Vec<String> = number.as_bytes().chunks(4)
                .map(|group| group.iter().copied().map(char::from).collect()).collect();
            let grouped = groups.join(" ");
            for form in [number.clone(), grouped] {
                let redacted = redact(&format!("{before}{form}{after}"));
                prop_assert!(redacted.contains("[card number]"), "{redacted}");
            }
        }

        #[test]
        fn findings_are_in_order_and_within_the_text(text in "(.|password: |4111 1111 1111 1111|https://){0,60}") {
            let mut end = 0;
            for finding in find(&text) {
                prop_assert!(finding.range.start >= end && finding.range.end <= text.len());
                prop_assert!(text.get(finding.range.clone()).is_some());
                end = finding.range.end;
            }
            redact(&text);
        }
    }
}
