//! Text that was dressed up so that rules for words do not know it: foreign letters that look the same,
//! digits for letters, letters with gaps, reversed and shifted letters, and codes for bytes.
//!
//! Nothing here is shown to anybody: what it makes is only looked at for orders. Invariant: work and
//! memory are bounded by a few times [`MAX_BYTES`] a sentence, and plain sentences cost one pass.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::needles::Needles;

/// How much of a sentence is looked at.
const MAX_BYTES: usize = 4096;

/// How many letters that stand alone make a word written with gaps.
const MANY_ALONE: usize = 10;

/// How many words with digits among their letters are no accident.
const MANY_MIXED: usize = 2;

/// How many characters a run of code has at least.
const SHORTEST_CODE: usize = 20;

/// How many codes for one byte each make a text.
const MANY_CODES: usize = 8;

/// A letter as it looks, where it is made to look like a Latin letter or a digit.
fn plain_char(ch: char) -> char {
    // Below is nothing that is made to look like something else; nearly all text is.
    if ch < '\u{131}' {
        return ch;
    }
    let shifted = |first: u32, to: char, count: u32| {
        let at = u32::from(ch).checked_sub(first)?;
        char::from_u32(u32::from(to) + at % count)
    };
    let found = match ch {
        '\u{ff01}'..='\u{ff5e}' => shifted(0xff01, '!', 94),
        '\u{1d400}'..='\u{1d6a3}' => {
            // Thirteen alphabets of large and small letters.
            let at = (u32::from(ch) - 0x1d400) % 52;
            char::from_u32(u32::from('a') + at % 26)
        }
        '\u{1d7ce}'..='\u{1d7ff}' => shifted(0x1d7ce, '0', 10),
        '\u{24b6}'..='\u{24cf}' => shifted(0x24b6, 'a', 26),
        '\u{24d0}'..='\u{24e9}' => shifted(0x24d0, 'a', 26),
        '\u{249c}'..='\u{24b5}' => shifted(0x249c, 'a', 26),
        '\u{1f110}'..='\u{1f129}' => shifted(0x1f110, 'a', 26),
        '\u{1f130}'..='\u{1f149}' => shifted(0x1f130, 'a', 26),
        '\u{1f150}'..='\u{1f169}' => shifted(0x1f150, 'a', 26),
        '\u{1f170}'..='\u{1f189}' => shifted(0x1f170, 'a', 26),
        '\u{1f1e6}'..='\u{1f1ff}' => shifted(0x1f1e6, 'a', 26),
        '\u{2460}'..='\u{2468}' | '\u{2776}'..='\u{277e}' => char::from_u32(
            u32::from('1') + (u32::from(ch) - if ch < '\u{2776}' { 0x2460 } else { 0x2776 }),
        ),
        '\u{24ea}' => Some('0'),
        _ => None,
    };
    found.unwrap_or(match ch {
        'а' | 'α' | 'ɑ' | 'Α' | 'А' => 'a',
        'В' | 'Β' | 'Ь' => 'b',
        'с' | 'ϲ' | 'С' | 'ⅽ' => 'c',
        'ԁ' | 'ⅾ' | 'Ꭰ' => 'd',
        'е' | 'є' | 'Е' | 'Ε' | 'ҽ' => 'e',
        'ɡ' | 'ց' => 'g',
        'һ' | 'Н' | 'Η' | 'հ' => 'h',
        'і' | 'ι' | 'ı' | 'Ι' | 'І' | 'ⅰ' => 'i',
        'ј' | 'Ј' => 'j',
        'к' | 'κ' | 'К' | 'Κ' => 'k',
        'ⅼ' | 'ӏ' | 'Ӏ' => 'l',
        'м' | 'М' | 'Μ' | 'ⅿ' => 'm',
        'ո' | 'Ν' | 'п' => 'n',
        'о' | 'ο' | 'օ' | 'О' | 'Ο' => 'o',
        'р' | 'ρ' | 'Р' | 'Ρ' => 'p',
        'ԛ' => 'q',
        'ꭈ' | 'г' | 'ꮁ' => 'r',
        'ѕ' | 'Ѕ' | 'ꜱ' => 's',
        'т' | 'τ' | 'Т' | 'Τ' => 't',
        'υ' | 'ս' | 'ц' => 'u',
        'ν' | 'ѵ' | 'ⅴ' => 'v',
        'ԝ' | 'ѡ' => 'w',
        'х' | 'χ' | 'Х' | 'Χ' | 'ⅹ' => 'x',
        'у' | 'γ' | 'У' | 'Υ' => 'y',
        'ᴢ' | 'Ζ' => 'z',
        '。' | '․' | '‧' => '.',
        other => other,
    })
}

/// A text as it looks: whatever resembles Latin letters and digits is them.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(|ch| plain_char(ch) != ch) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(plain_char).collect())
}

/// What a text may say besides what it says: every way of reading it that its looks give cause for.
pub(super) fn readings(text: &str) -> Vec<String> {
    let text = text
        .get(..text.floor_char_boundary(MAX_BYTES))
        .unwrap_or(text);
    let mut readings = Vec::new();
    let looks = plain(text);
    if matches!(looks, Cow::Owned(_)) {
        readings.push(looks.clone().into_owned());
    }
    let signs = Signs::of(&looks);
    if signs.mixed_words >= MANY_MIXED {
        readings.extend(digits_for_letters(&looks));
    }
    if signs.alone >= MANY_ALONE {
        readings.extend(with_gaps(&looks));
    }
    let turned = has_any(&looks, &TURNED);
    if turned && has_any(&looks, &SHIFTED) {
        readings.push(looks.chars().map(shift).collect());
    }
    if turned && has_any(&looks, &REVERSED) {
        readings.push(looks.chars().rev().collect());
        let pieces = looks
            .split(' ')
            .map(|word| word.chars().rev().collect::<String>());
        readings.push(pieces.collect::<Vec<_>>().join(" "));
    }
    if signs.strokes >= MANY_ALONE {
        readings.extend(dots_and_dashes(&looks));
    }
    if signs.may_be_code() {
        readings.extend(codes(&looks).into_iter().map(|(_, said)| said));
    }
    readings
}

/// What a text has of each disguise, counted in one pass. Too few of something, and the text is not
/// dressed up like that; enough, and its rule has the last word.
#[derive(Debug, Default)]
struct Signs {
    /// Words with a digit or a sign between letters.
    mixed_words: usize,
    /// Letters and digits that stand alone.
    alone: usize,
    /// Signs that Morse's code is written with.
    strokes: usize,
    /// The length of the longest piece that may be code.
    longest_code: usize,
    /// Pieces of two digits of a hexadecimal number.
    pairs: usize,
    /// Marks before the numbers of bytes and of letters.
    marks: usize,
}

/// What a character is to [`Signs`], as bits; most are several things.
mod is {
    pub(super) const LETTER: u8 = 1;
    pub(super) const DIGIT: u8 = 2;
    pub(super) const SPACE: u8 = 4;
    /// What stands for a letter, besides digits.
    pub(super) const STAND_IN: u8 = 8;
    pub(super) const STROKE: u8 = 16;
    pub(super) const CODE: u8 = 32;
    pub(super) const HEX: u8 = 64;
    pub(super) const MARK: u8 = 128;
}

fn kinds(ch: char) -> u8 {
    use is::{CODE, DIGIT, HEX, LETTER, MARK, SPACE, STAND_IN, STROKE};
    match ch {
        'a'..='f' | 'A'..='F' => LETTER | CODE | HEX,
        'g'..='z' | 'G'..='Z' => LETTER | CODE,
        '0'..='9' => DIGIT | CODE | HEX | STAND_IN,
        ' ' | '\t'..='\r' => SPACE,
        '$' | '!' => STAND_IN,
        '|' => STAND_IN | STROKE,
        '-' | '/' | '_' => STROKE | CODE,
        '+' | '=' => CODE,
        '.' | '·' | '−' | '–' => STROKE,
        '%' | '&' => MARK,
        _ if ch.is_ascii() => 0,
        _ if ch.is_alphabetic() => LETTER,
        // Alone or not, a numeral is counted with digits; it stands for nothing.
        _ if ch.is_alphanumeric() => DIGIT,
        _ if ch.is_whitespace() => SPACE,
        _ => 0,
    }
}

impl Signs {
    fn of(text: &str) -> Self {
        let mut signs = Self::default();
        // How far a mixed word is: a letter, and then what stands for one.
        let (mut letter, mut stand_in, mut mixed) = (false, false, false);
        let (mut word, mut code, mut hex) = (0_usize, 0_usize, 0_usize);
        for ch in text.chars().chain([' ']) {
            let kinds = kinds(ch);
            if kinds & (is::LETTER | is::DIGIT) != 0 {
                word += 1;
            } else if !('\u{300}'..='\u{36f}').contains(&ch) {
                signs.alone += usize::from(word == 1);
                word = 0;
            }
            if kinds & is::CODE != 0 {
                code += 1;
                hex += usize::from(kinds & is::HEX != 0);
            } else if code > 0 {
                signs.longest_code = signs.longest_code.max(code);
                signs.pairs += usize::from(code == 2 && hex == 2);
                (code, hex) = (0, 0);
            }
            if kinds & is::LETTER != 0 {
                mixed |= stand_in;
                letter = true;
            } else if kinds & is::SPACE != 0 {
                signs.mixed_words += usize::from(mixed);
                (letter, stand_in, mixed) = (false, false, false);
            } else if kinds & is::STAND_IN != 0 {
                stand_in |= letter;
            }
            signs.strokes += usize::from(kinds & is::STROKE != 0);
            signs.marks += usize::from(kinds & is::MARK != 0);
        }
        signs
    }

    fn may_be_code(&self) -> bool {
        self.longest_code >= SHORTEST_CODE
            || 2 * self.pairs >= SHORTEST_CODE
            || self.marks >= MANY_CODES
    }
}

/// Where a text has code that is text again: what is left out of what a model is shown.
pub(super) fn blobs(text: &str) -> Vec<Range<usize>> {
    let text = text
        .get(..text.floor_char_boundary(MAX_BYTES))
        .unwrap_or(text);
    codes(text).into_iter().map(|(range, _)| range).collect()
}

fn has_any(text: &str, marks: &Needles) -> bool {
    // The only letter beyond ASCII whose small form begins with one that is in the marks.
    if text.contains('İ') {
        return marks.is_in(&text.to_lowercase());
    }
    marks.is_in(text)
}

static SHIFTED: LazyLock<Needles> = LazyLock::new(|| Needles::of(SHIFTED_MARKS.iter().copied()));
static REVERSED: LazyLock<Needles> = LazyLock::new(|| Needles::of(REVERSED_MARKS.iter().copied()));
/// Both: nearly no text has any.
static TURNED: LazyLock<Needles> =
    LazyLock::new(|| Needles::of(SHIFTED_MARKS.iter().chain(REVERSED_MARKS).copied()));

/// What orders have in them, thirteen letters on.
const SHIFTED_MARKS: &[&str] = &[
    "vtaber",
    "qvfertneq",
    "vafgehpg",
    "cerivbhf",
    "nffvfgnag",
    "sbejneq",
    "flfgrz",
];

/// The same, from behind.
const REVERSED_MARKS: &[&str] = &[
    "erongi",
    "dragersid",
    "tcurtsni",
    "suoiverp",
    "tnatsissa",
    "drawrof",
    "metsys",
];

fn shift(ch: char) -> char {
    let turned = |first: u8| {
        u8::try_from(ch).map_or(ch, |byte| char::from((byte - first + 13) % 26 + first))
    };
    match ch {
        'a'..='z' => turned(b'a'),
        'A'..='Z' => turned(b'A'),
        _ => ch,
    }
}

/// `1gn0r3 a11`: where several words have digits among their letters.
fn digits_for_letters(text: &str) -> Option<String> {
    // A sign among letters, not before or behind them: `Q3` and `3pm` are what they are.
    let is_mixed = |word: &&str| {
        let core = word.trim_matches(|ch: char| !ch.is_alphabetic());
        core.chars()
            .any(|ch| ch.is_ascii_digit() || "$!|".contains(ch))
            && !core.contains(['/', '.', ':', '_'])
    };
    let mixed = text.split_whitespace().filter(is_mixed);
    if mixed.take(MANY_MIXED).count() < MANY_MIXED {
        return None;
    }
    let mut read = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut last = ' ';
    while let Some(ch) = chars.next() {
        let is_double = last == ch || chars.peek() == Some(&ch);
        read.push(match ch {
            '0' => 'o',
            '1' | '|' if is_double => 'l',
            '1' | '|' | '!' if chars.peek().is_some_and(|next| next.is_alphanumeric()) => 'i',
            '1' => 'l',
            '2' => 'z',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '6' | '9' => 'g',
            '7' => 't',
            '8' => 'b',
            _ => ch,
        });
        last = ch;
    }
    Some(read)
}

/// `i g n o r e`: letters that stand alone, joined without what is between them.
fn with_gaps(text: &str) -> Option<String> {
    let mut run = String::new();
    let mut longest = String::new();
    let mut word = String::new();
    let mut close = |word: &mut String, run: &mut String| {
        if word.chars().count() == 1 {
            run.push_str(word);
        } else if !word.is_empty() {
            if run.len() > longest.len() {
                longest.clone_from(run);
            }
            run.clear();
        }
        word.clear();
    };
    for ch in text.chars() {
        if ch.is_alphanumeric() {
            word.push(ch);
        } else if !('\u{300}'..='\u{36f}').contains(&ch) {
            close(&mut word, &mut run);
        }
    }
    close(&mut word, &mut run);
    word.push_str("--");
    close(&mut word, &mut run);
    (longest.chars().count() >= MANY_ALONE).then(|| longest.to_lowercase())
}

/// The letters of Morse's code, by their signs.
#[rustfmt::skip] // a table: packed, not one word a line
const MORSE: [(&str, char); 26] = [
    (".-", 'a'), ("-...", 'b'), ("-.-.", 'c'), ("-..", 'd'), (".", 'e'), ("..-.", 'f'), ("--.", 'g'),
    ("....", 'h'), ("..", 'i'), (".---", 'j'), ("-.-", 'k'), (".-..", 'l'), ("--", 'm'), ("-.", 'n'),
    ("---", 'o'), (".--.", 'p'), ("--.-", 'q'), (".-.", 'r'), ("...", 's'), ("-", 't'), ("..-", 'u'),
    ("...-", 'v'), (".--", 'w'), ("-..-", 'x'), ("-.--", 'y'), ("--..", 'z'),
];

/// `.. --. -.`: many letters of Morse's code, words apart by strokes.
fn dots_and_dashes(text: &str) -> Option<String> {
    let is_sign = |ch: char| matches!(ch, '.' | '-' | '/' | '|' | '·' | '−' | '–' | '_');
    let signs = text
        .split_whitespace()
        .filter(|token| token.chars().all(is_sign));
    // Rules and lists have signs, too, but not so many apart.
    if signs.take(MANY_ALONE).count() < MANY_ALONE {
        return None;
    }
    let read = text.split_whitespace().map(|token| {
        let token: String = token
            .trim_matches(|ch| !is_sign(ch))
            .chars()
            .map(|ch| match ch {
                '·' => '.',
                '−' | '–' | '_' => '-',
                other => other,
            })
            .collect();
        let letter = MORSE.iter().find(|(signs, _)| *signs == token);
        letter.map_or(' ', |(_, letter)| *letter)
    });
    Some(read.collect())
}

/// Codes for bytes and the text that they are.
fn codes(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    runs(text, &mut found);
    bytes_each(text, '%', &mut found);
    numbered(text, &mut found);
    found
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Whether bytes are text that somebody could read.
fn legible(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let told = text
        .chars()
        .filter(|ch| ch.is_alphabetic() || *ch == ' ')
        .count();
    let all = text.chars().count();
    (all >= 8 && told * 4 >= all * 3 && !text.chars().any(|ch| ch.is_control() && ch != '\n'))
        .then(|| text.to_owned())
}

/// Base64 of either alphabet and hexadecimal digits, in one piece or in several with spaces between.
fn runs(text: &str, found: &mut Vec<(Range<usize>, String)>) {
    let is_code = |ch: char| ch.is_ascii_alphanumeric() || "+/_-=".contains(ch);
    let mut at = 0;
    let mut tokens: Vec<Range<usize>> = Vec::new();
    for token in text.split_inclusive(|ch: char| !is_code(ch)) {
        let bare = token.trim_end_matches(|ch: char| !is_code(ch));
        if !bare.is_empty() {
            tokens.push(at..at + bare.len());
        }
        at += token.len();
    }
    let mut next = 0;
    while let Some(first) = tokens.get(next) {
        let is_pair = first.len() == 2 && is_hex(text.get(first.clone()).unwrap_or_default());
        if !is_pair && first.len() < SHORTEST_CODE {
            next += 1;
            continue;
        }
        // A line of code is as long as the one before it; the last may be shorter.
        let mut count = 0;
        let (mut end, mut before_last) = (first.end, first.end);
        for token in tokens.iter().skip(next) {
            let gap = text.get(end..token.start).unwrap_or_default();
            let fits = if is_pair {
                token.len() == 2 && is_hex(text.get(token.clone()).unwrap_or_default())
            } else {
                token.len() <= first.len()
            };
            if count > 0 && (!fits || gap.len() > 2 || gap.contains(|ch: char| !ch.is_whitespace()))
            {
                break;
            }
            count += 1;
            before_last = if count > 1 { end } else { token.end };
            end = token.end;
            if !is_pair && token.len() < first.len() {
                break;
            }
        }
        // What follows the last line may be a word. Each run is decoded at most twice.
        for end in [end, before_last] {
            let code: String = text
                .get(first.start..end)
                .unwrap_or_default()
                .split_whitespace()
                .collect();
            if code.len() >= SHORTEST_CODE
                && let Some(said) = decoded(&code)
            {
                found.push((first.start..end, said));
                break;
            }
        }
        next += count.max(1);
    }
}

fn is_hex(token: &str) -> bool {
    token.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn decoded(code: &str) -> Option<String> {
    if code.len().is_multiple_of(2) && code.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let bytes: Option<Vec<u8>> = code
            .as_bytes()
            .chunks_exact(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        if let Some(said) = bytes.and_then(|bytes| legible(&bytes)) {
            return Some(said);
        }
    }
    [alphabet::STANDARD, alphabet::URL_SAFE]
        .iter()
        .find_map(|alphabet| {
            let engine = GeneralPurpose::new(alphabet, LENIENT);
            legible(&engine.decode(code.as_bytes()).ok()?)
        })
}

/// `%49%67`: many codes for one byte each.
fn bytes_each(text: &str, mark: char, found: &mut Vec<(Range<usize>, String)>) {
    if text.matches(mark).take(MANY_CODES).count() < MANY_CODES {
        return;
    }
    let (Some(start), Some(last)) = (text.find(mark), text.rfind(mark)) else {
        return;
    };
    let end = (last + 3).min(text.len());
    let Some(piece) = text.get(start..end) else {
        return;
    };
    let mut bytes = Vec::new();
    let mut rest = piece.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let value = after
            .get(..2)
            .filter(|_| char::from(*first) == mark)
            .and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        if let Some(byte) = value {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    found.extend(legible(&bytes).map(|said| (start..end, said)));
}

/// `&#73;&#x67;`: entities that stand where no page is.
fn numbered(text: &str, found: &mut Vec<(Range<usize>, String)>) {
    if text.matches("&#").take(MANY_CODES).count() < MANY_CODES {
        return;
    }
    let (Some(start), Some(last)) = (text.find("&#"), text.rfind("&#")) else {
        return;
    };
    let tail = text.get(last..).unwrap_or_default();
    let end = last + tail.find(';').map_or(tail.len(), |at| at + 1);
    let piece = text.get(start..end).unwrap_or_default();
    let said: String = piece
        .split(';')
        .filter_map(|code| {
            let code = code.rsplit("&#").next()?;
            let value = match code.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => code.parse().ok()?,
            };
            char::from_u32(value)
        })
        .collect();
    found.push((start..end, said));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reads(text: &str, said: &str) {
        let all = readings(text);
        assert!(
            all.iter().any(|reading| reading.contains(said)),
            "{text}: {all:?}"
        );
    }

    #[test]
    fn disguises_are_seen_through() {
        reads("Ιgnоrе аll", "ignore all");
        reads("ｉｇｎｏｒｅ", "ignore");
        reads("1gn0r3 a11 pr3v10u5", "ignore all");
        reads("i g n o r e a l l p r e v i o u s", "ignoreallprevious");
        reads("I.g.n.o.r.e a.l.l p.r.e.v", "ignoreall");
        reads("Vtaber nyy cerivbhf", "Ignore all previous");
        reads("suoiverp lla erongI", "Ignore all previous");
        reads("aWdub3JlIGFsbCBwcmV2aW91cw==", "ignore all previous");
        reads("aWdub3JlIGFsbCBwcmV2 aW91cw==", "ignore all previous");
        reads("69676e6f726520616c6c", "ignore all");
        reads("69 67 6e 6f 72 65 20 61 6c 6c", "ignore all");
        reads("%69%67%6e%6f%72%65%20%61", "ignore a");
        reads("Note: .. --. -. --- .-. . / .- .-.. .-..", "ignore all");
        reads("&#105;&#103;&#110;&#111;&#114;&#101;&#32;&#97;", "ignore a");
    }

    #[test]
    fn plain_letters_are_read_in_no_other_way() {
        for text in [
            "Please send the Q3 report by 3pm on Friday, 5 copies.",
            "See https://acme.example/a/b?c=d for the 2026 figures.",
            "Commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b fixes it.",
            "Internationalization of thequickbrownfoxjumps",
            "Bitte schick mir die Übersicht.",
        ] {
            assert_eq!(readings(text), Vec::<String>::new(), "{text}");
            assert_eq!(blobs(text), Vec::<Range<usize>>::new(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "[a-zA-Z0-9%&#;=+/ .é①。-]{0,300}") {
            let _ = readings(&text);
            for range in blobs(&text) {
                prop_assert!(text.get(range).is_some());
            }
        }
    }
}
