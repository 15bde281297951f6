//! How an attack is written so that a rule for words does not see it, and so that nobody does.

use std::fmt::Write as _;

/// A name and what it makes of a text.
pub type Encoding = (&'static str, fn(&str) -> String);

/// Ways of writing that leave something to be seen. The first leaves it as it is.
pub const ENCODINGS: &[Encoding] = &[
    ("plain", str::to_owned),
    ("base64", base64),
    ("base64-of-url", |text| {
        base64(text)
            .replace('+', "-")
            .replace('/', "_")
            .replace('=', "")
    }),
    ("base64-wrapped", |text| wrapped(&base64(text), 24)),
    ("rot13", rot13),
    ("hex", |text| hex(text, "")),
    ("hex-spaced", |text| hex(text, " ")),
    ("percent", |text| {
        text.bytes().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "%{byte:02X}");
            out
        })
    }),
    ("leetspeak", leet),
    ("homoglyphs", homoglyphs),
    ("fullwidth", |text| {
        text.chars().map(|ch| shifted(ch, '!', '~', '！')).collect()
    }),
    ("mathematical", mathematical),
    ("circled", |text| {
        text.to_lowercase()
            .chars()
            .map(|ch| shifted(ch, 'a', 'z', 'ⓐ'))
            .collect()
    }),
    ("emoji", |text| {
        text.to_lowercase()
            .chars()
            .map(|ch| shifted(ch, 'a', 'z', '🇦'))
            .collect()
    }),
    ("entities", |text| {
        text.chars().fold(String::new(), |mut out, ch| {
            let _ = write!(out, "&#{};", u32::from(ch));
            out
        })
    }),
    ("encoded-word", |text| {
        format!("=?utf-8?B?{}?=", base64(text))
    }),
    ("reversed", reversed),
    ("reversed-words", |text| {
        text.split(' ').map(reversed).collect::<Vec<_>>().join(" ")
    }),
    ("morse", morse),
    ("spaced", |text| spaced(text, " ", "   ")),
    ("dotted", |text| spaced(text, ".", " ")),
    ("dashed", |text| spaced(text, "-", " ")),
    ("combining", |text| {
        text.chars().flat_map(|ch| [ch, '\u{336}']).collect()
    }),
    ("zero-width", |text| {
        text.chars().flat_map(|ch| [ch, '\u{200b}']).collect()
    }),
    ("bidirectional", |text| {
        format!("\u{202e}{}\u{202c}", reversed(text))
    }),
];

/// Ways of writing in characters that no screen shows.
pub const UNSEEN: &[Encoding] = &[
    ("tags", |text| {
        text.chars()
            .filter(char::is_ascii)
            .filter_map(|ch| char::from_u32(0xe0000 + u32::from(ch)))
            .collect()
    }),
    ("zero-width-bits", |text| bits(text, '\u{200b}', '\u{2060}')),
    ("joiner-bits", |text| bits(text, '\u{200c}', '\u{200d}')),
    ("variation-selectors", |text| {
        text.bytes()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|half| char::from_u32(0xfe00 + u32::from(half)))
            .collect()
    }),
    ("supplementary-selectors", |text| {
        text.bytes()
            .filter_map(|byte| char::from_u32(0xe0100 + u32::from(byte) % 240))
            .collect()
    }),
];

fn shifted(ch: char, first: char, last: char, to: char) -> char {
    if (first..=last).contains(&ch) {
        char::from_u32(u32::from(ch) - u32::from(first) + u32::from(to)).unwrap()
    } else {
        ch
    }
}

pub fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text.as_bytes()
        .chunks(3)
        .flat_map(|chunk| {
            let number = (0..3).fold(0_usize, |number, at| {
                number << 8 | usize::from(chunk.get(at).copied().unwrap_or(0))
            });
            (0..4).map(move |at| {
                if at <= chunk.len() {
                    char::from(LETTERS[(number >> (18 - 6 * at)) & 63])
                } else {
                    '='
                }
            })
        })
        .collect()
}

fn wrapped(text: &str, width: usize) -> String {
    text.as_bytes()
        .chunks(width)
        .map(|chunk| std::str::from_utf8(chunk).unwrap())
        .collect::<Vec<_>>()
        .join(" ")
}

fn hex(text: &str, between: &str) -> String {
    text.bytes()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .join(between)
}

fn rot13(text: &str) -> String {
    text.chars()
        .map(|ch| match ch {
            'a'..='m' | 'A'..='M' => char::from(ch as u8 + 13),
            'n'..='z' | 'N'..='Z' => char::from(ch as u8 - 13),
            _ => ch,
        })
        .collect()
}

fn leet(text: &str) -> String {
    text.chars()
        .map(|ch| match ch.to_ascii_lowercase() {
            'a' => '4',
            'e' => '3',
            'i' | 'l' => '1',
            'o' => '0',
            's' => '5',
            't' => '7',
            _ => ch,
        })
        .collect()
}

fn homoglyphs(text: &str) -> String {
    text.chars()
        .map(|ch| match ch {
            'a' => 'а',
            'c' => 'с',
            'e' => 'е',
            'i' => 'і',
            'o' => 'о',
            'p' => 'р',
            's' => 'ѕ',
            'x' => 'х',
            'y' => 'у',
            'I' => 'Ι',
            'A' => 'Α',
            'D' => 'Ꭰ',
            'n' => 'ո',
            'u' => 'υ',
            'v' => 'ν',
            'r' => 'ꭈ',
            _ => ch,
        })
        .collect()
}

fn mathematical(text: &str) -> String {
    text.chars()
        .map(|ch| match ch {
            'a'..='z' => shifted(ch, 'a', 'z', '𝐚'),
            'A'..='Z' => shifted(ch, 'A', 'Z', '𝗔'),
            _ => ch,
        })
        .collect()
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

fn spaced(text: &str, letters: &str, words: &str) -> String {
    text.split(' ')
        .map(|word| {
            word.chars()
                .map(String::from)
                .collect::<Vec<_>>()
                .join(letters)
        })
        .collect::<Vec<_>>()
        .join(words)
}

fn morse(text: &str) -> String {
    const LETTERS: [&str; 26] = [
        ".-", "-...", "-.-.", "-..", ".", "..-.", "--.", "....", "..", ".---", "-.-", ".-..", "--",
        "-.", "---", ".--.", "--.-", ".-.", "...", "-", "..-", "...-", ".--", "-..-", "-.--",
        "--..",
    ];
    text.to_lowercase()
        .chars()
        .filter_map(|ch| match ch {
            'a'..='z' => Some(LETTERS[usize::from(ch as u8 - b'a')]),
            ' ' => Some("/"),
            '.' => Some(".-.-.-"),
            '@' => Some(".--.-."),
            _ => None,
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn bits(text: &str, zero: char, one: char) -> String {
    text.bytes()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
        .map(|bit| if bit == 0 { zero } else { one })
        .collect()
}
