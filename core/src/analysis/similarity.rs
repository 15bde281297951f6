//! Whether two sentences ask for the same thing, so that a reminder does not become a second task.

use sha2::{Digest, Sha256};

use super::words::{Words, is_unspaced};

/// Words that say nothing of what is asked: politeness, helpers, articles, reminding.
#[rustfmt::skip] // a table: packed, not one word a line
const EMPTY_WORDS: &[&str] = &[
    "a", "an", "the", "to", "of", "for", "in", "on", "at", "by", "and", "or", "is", "are", "be",
    "it", "its", "this", "that", "these", "those", "with", "as", "i", "me", "my", "you", "your",
    "we", "us", "our", "he", "she", "they", "them", "please", "pls", "kindly", "could", "can",
    "would", "will", "do", "did", "does", "just", "also", "still", "again", "any", "some", "so",
    "if", "when", "have", "has", "had", "been", "need", "needs", "like", "want", "let", "know",
    "mind", "able", "possible", "possibly", "chance", "get", "give", "make", "sure", "hi", "hello",
    "hey", "dear", "thanks", "thank", "reminder", "remind", "friendly", "gentle", "quick",
    "wondering", "wanted", "follow", "following", "up", "asap", "soon", "not", "yet", "bitte",
    "kannst", "konntest", "konnen", "konnten", "du", "sie", "mir", "uns", "der", "die", "das",
    "den", "dem", "ein", "eine", "bis", "zum", "und", "noch", "mal", "pourriez", "pouvez", "peux",
    "pourrais", "vous", "tu", "moi", "nous", "le", "la", "les", "un", "une", "des", "du", "de",
    "et", "merci", "veuillez", "avant", "puedes", "podrias", "podria", "favor", "por", "el", "los",
    "las", "del", "una", "y", "me", "nos", "antes", "before", "until", "still", "waiting", "i'm",
    "i'd", "i'll", "we're", "then", "there", "from", "over", "out", "now", "don't", "forget",
    "remember",
];

/// How alike two sets of words must be (twice the shared over the sum).
const SAME: f64 = 0.72;

/// How many words of a sentence are compared.
const MAX_WORDS: usize = 60;

/// A short stable name of what a sentence asks: its telling words, sorted and hashed. Equal
/// fingerprints mean the same request; requests rephrased need [`same_request`].
pub fn fingerprint(quote: &str) -> String {
    let mut hash = Sha256::new();
    for word in telling_words(quote) {
        hash.update(word.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let mut hex = String::with_capacity(24);
    for byte in digest.iter().take(12) {
        for nibble in [byte >> 4, byte & 15] {
            hex.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    hex
}

/// Whether two sentences ask for the same thing, the one perhaps a reminder of the other.
///
/// Numbers and names must agree: `invoice 41` is not `invoice 42`. Days may differ, because a
/// reminder moves the deadline.
pub fn same_request(a: &str, b: &str) -> bool {
    let (first, second) = (telling_words(a), telling_words(b));
    if first.is_empty() || second.is_empty() {
        return first == second && a.trim() == b.trim();
    }
    let is_number = |word: &&String| word.bytes().any(|byte| byte.is_ascii_digit());
    let numbers = |words: &[String]| words.iter().filter(is_number).cloned().collect::<Vec<_>>();
    let (first_numbers, second_numbers) = (numbers(&first), numbers(&second));
    if !first_numbers.is_empty() && !second_numbers.is_empty() && first_numbers != second_numbers {
        return false;
    }
    let shared = first
        .iter()
        .filter(|word| second.binary_search(word).is_ok())
        .count();
    let as_float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let alike = 2.0 * as_float(shared) / as_float(first.len() + second.len());
    // A reminder says less: all of a short one inside a long one counts, from three words on.
    let shorter = first.len().min(second.len());
    alike >= SAME || (shorter >= 3 && shared == shorter && alike >= 0.5)
}

/// The words that tell what is asked: folded, stemmed a little, sorted, without repeats or dates.
fn telling_words(quote: &str) -> Vec<String> {
    let words = Words::new(quote, 0..quote.len());
    let mut telling = Vec::new();
    let mut unspaced = quote.chars().filter(|ch| is_unspaced(*ch)).peekable();
    if unspaced.peek().is_some() {
        // Pairs of characters stand for words where no spaces do.
        let chars: Vec<char> = unspaced.take(MAX_WORDS * 2).collect();
        telling.extend(chars.windows(2).map(|pair| pair.iter().collect::<String>()));
    }
    for at in 0..words.len().min(MAX_WORDS) {
        let word = words.get(at);
        if EMPTY_WORDS.contains(&word) || is_date_word(&words, at) || word.chars().any(is_unspaced)
        {
            continue;
        }
        telling.push(stem(word));
    }
    telling.sort();
    telling.dedup();
    telling
}

/// Words of dates, which a reminder changes.
#[rustfmt::skip] // a table: packed, not one word a line
const DATE_WORDS: &[&str] = &[
    "today", "tomorrow", "tonight", "eod", "cob", "week", "end", "day", "next", "noon", "pm", "am",
    "th", "st", "nd", "rd", "heute", "morgen", "woche", "demain", "semaine", "manana", "semana",
];

/// Words behind the number of a day or an hour.
const HOUR_MARKS: &[&str] = &["pm", "am", "th", "st", "nd", "rd", "h", "uhr"];

fn is_date_word(words: &Words<'_>, at: usize) -> bool {
    let word = words.get(at);
    crate::dates::is_weekday(word)
        || (crate::dates::is_month(word) && word != "may" && word != "mar")
        || DATE_WORDS.contains(&word)
        || (word.bytes().all(|byte| byte.is_ascii_digit())
            && (HOUR_MARKS.contains(&words.get(at + 1))
                || crate::dates::is_month(words.before(at))
                || crate::dates::is_month(words.get(at + 1))))
}

/// Takes off the endings that a rephrasing changes.
fn stem(word: &str) -> String {
    let word = word.split('\'').next().unwrap_or(word);
    if word.len() > 5 && word.is_ascii() {
        for ending in ["ing", "ed", "es", "en", "s"] {
            if let Some(stem) = word.strip_suffix(ending) {
                return stem.trim_end_matches('e').to_owned();
            }
        }
    } else if word.len() == 5
        && word.is_ascii()
        && let Some(stem) = word.strip_suffix('s')
    {
        return stem.trim_end_matches('e').to_owned();
    }
    word.trim_end_matches('e').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_and_a_light_rephrasing_are_the_same_request() {
        for (a, b) in [
            (
                "Could you please send me the Q3 report by Friday?",
                "Can you send the Q3 report by Monday, please?",
            ),
            (
                "Could you please send me the signed contract?",
                "Just a friendly reminder to send me the signed contract.",
            ),
            (
                "Please review the attached budget proposal.",
                "Have you had a chance to review the budget proposal?",
            ),
            (
                "Please book a room for the offsite in Lisbon.",
                "Booking the room for the Lisbon offsite is still needed.",
            ),
            (
                "Kannst du mir bitte den Bericht bis Freitag schicken?",
                "Bitte schick mir den Bericht.",
            ),
            (
                "資料を金曜日までに送ってください。",
                "資料を金曜日までに送ってください！",
            ),
        ] {
            assert!(
                same_request(a, b),
                "{a} / {b}: {:?} {:?}",
                telling_words(a),
                telling_words(b)
            );
            assert!(same_request(b, a));
        }
    }

    #[test]
    fn different_requests_stay_two() {
        for (a, b) in [
            (
                "Please pay invoice 41 by Friday.",
                "Please pay invoice 42 by Friday.",
            ),
            (
                "Could you send me the contract?",
                "Could you send me the slides?",
            ),
            ("Please review the contract.", "Please sign the contract."),
            (
                "Call Ann about the lease.",
                "Call Bob about the lease renewal in Austin.",
            ),
            (
                "Let me know if you can come.",
                "Let me know what the budget is.",
            ),
            ("Please send it.", "Please call."),
        ] {
            assert!(
                !same_request(a, b),
                "{a} / {b}: {:?} {:?}",
                telling_words(a),
                telling_words(b)
            );
        }
    }

    #[test]
    fn a_fingerprint_ignores_manners_case_order_and_white_space() {
        let one = fingerprint("Could you please send the Q3  report?");
        assert_eq!(one, fingerprint("please SEND the Q3\nreport"));
        assert_ne!(one, fingerprint("Please send the Q4 report"));
        assert_eq!(one.len(), 24);
        assert!(one.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
