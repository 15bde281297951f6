//! Text as a reader sees it: what is stored holds nothing that a screen would not show.
//!
//! Owns the rules for line ends, control characters and invisible characters. Invariant: the
//! output has LF line ends only, no control character but LF and tab, and no character without
//! width except where a script needs it to join letters. Linear in the input.

/// Whether a character takes no room on a screen, so that it can hide text or split words unseen.
///
/// Variation selectors 1 to 16 are told by [`is_stray_selector`]: one chooses an emoji's form, a row of
/// them is a text that nobody sees.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether a removed character says nothing about its author's intent: a soft hyphen is
/// typography, and marks of direction are usual in text that runs right to left.
fn is_innocent(character: char, has_right_to_left: bool) -> bool {
    match character {
        '\u{ad}' => true,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}' => has_right_to_left,
        _ => false,
    }
}

fn is_right_to_left(character: char) -> bool {
    matches!(character, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// Whether U+200C and U+200D may stand beside this character: Persian and the Indic scripts spell
/// with them, and emoji are joined by them.
fn can_be_joined(character: char) -> bool {
    character >= '\u{590}' && !character.is_whitespace() && !is_invisible(character)
}

/// Whether a variation selector stands where no form can be chosen: after nothing, a space, a Latin
/// letter or another selector. Digits have it in keycaps.
fn is_stray_selector(character: char, before: Option<char>) -> bool {
    matches!(character, '\u{fe00}'..='\u{fe0f}')
        && before.is_none_or(|before| {
            matches!(before, '\u{fe00}'..='\u{fe0f}')
                || before.is_whitespace()
                || (before.is_ascii() && !matches!(before, '0'..='9' | '#' | '*'))
        })
}

/// Makes text safe to store and show. The flag tells that invisible characters were removed which
/// have no business in a letter.
pub(crate) fn clean(input: &str) -> (String, bool) {
    let mut output = String::with_capacity(input.len());
    let mut had_invisible = false;
    let mut has_right_to_left = None;
    let mut characters = input
        .strip_prefix('\u{feff}')
        .unwrap_or(input)
        .chars()
        .peekable();
    let mut in_flag = false;
    while let Some(character) = characters.next() {
        match character {
            ' '..='~' | '\n' | '\t' => output.push(character),
            '\r' => {
                if characters.peek() != Some(&'\n') {
                    output.push('\n');
                }
            }
            '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => output.push('\n'),
            '\u{200c}' | '\u{200d}'
                if output.chars().next_back().is_some_and(can_be_joined)
                    && characters.peek().copied().is_some_and(can_be_joined) =>
            {
                output.push(character);
            }
            // The flags of England, Scotland and Wales are a black flag and tag characters.
            '\u{e0020}'..='\u{e007f}' if in_flag => continue,
            _ if is_stray_selector(character, output.chars().next_back()) => had_invisible = true,
            _ if is_invisible(character) => {
                let has_right_to_left =
                    *has_right_to_left.get_or_insert_with(|| input.chars().any(is_right_to_left));
                had_invisible |= !is_innocent(character, has_right_to_left);
            }
            _ if character.is_control() => {}
            _ => output.push(character),
        }
        in_flag = character == '\u{1f3f4}';
    }
    (output, had_invisible)
}

/// [`clean`], on one line: white space of any kind and length becomes one space.
pub(crate) fn clean_line(input: &str) -> (String, bool) {
    let (text, had_invisible) = clean(input);
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    (line, had_invisible)
}

/// Cuts text to at most `limit_bytes`, at a character. The flag tells that something was cut.
pub(crate) fn cut(text: &mut String, limit_bytes: usize) -> bool {
    if text.len() <= limit_bytes {
        return false;
    }
    let end = (0..=limit_bytes)
        .rev()
        .find(|&end| text.is_char_boundary(end))
        .unwrap_or(0);
    text.truncate(end);
    true
}

/// Takes spaces off the ends of lines, empty lines off the ends of the text, and leaves at most
/// one empty line between two lines of text.
pub(crate) fn trim_lines(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut empty_lines = 0;
    for line in text.split('\n') {
        let line = line.trim_end();
        if line.is_empty() {
            empty_lines += 1;
            continue;
        }
        if !output.is_empty() {
            output.push('\n');
            if empty_lines > 0 {
                output.push('\n');
            }
        }
        empty_lines = 0;
        output.push_str(line);
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_become_lf_and_controls_go() {
        assert_eq!(
            clean("a\r\nb\rc\0\u{1b}[0m\td"),
            ("a\nb\nc[0m\td".to_owned(), false)
        );
    }

    #[test]
    fn invisible_characters_go_and_are_told() {
        assert_eq!(clean("pass\u{200b}word"), ("password".to_owned(), true));
        assert_eq!(clean("\u{202e}gpj.exe"), ("gpj.exe".to_owned(), true));
        assert_eq!(clean("a\u{e0041}\u{e0042}"), ("a".to_owned(), true));
        assert_eq!(clean("x\u{200d}\u{200d}y"), ("xy".to_owned(), true));
    }

    #[test]
    fn typography_and_scripts_are_no_tricks() {
        assert_eq!(clean("\u{feff}Do\u{ad}nau"), ("Donau".to_owned(), false));
        assert_eq!(clean("שלום\u{200f}!"), ("שלום!".to_owned(), false));
        let (family, told) = clean("👩\u{200d}💻 می\u{200c}خواهم");
        assert_eq!(
            (family.as_str(), told),
            ("👩\u{200d}💻 می\u{200c}خواهم", false)
        );
    }

    #[test]
    fn selectors_choose_a_form_and_a_row_of_them_is_hidden_text() {
        assert_eq!(
            clean("☀\u{fe0f} 1\u{fe0f}\u{20e3}"),
            ("☀\u{fe0f} 1\u{fe0f}\u{20e3}".to_owned(), false)
        );
        assert_eq!(clean("a\u{fe01}\u{fe02}b"), ("ab".to_owned(), true));
        assert_eq!(clean("☀\u{fe0f}\u{fe01}"), ("☀\u{fe0f}".to_owned(), true));
    }

    #[test]
    fn text_is_cut_at_a_character() {
        let mut text = "aé".to_owned();
        assert!(cut(&mut text, 2));
        assert_eq!(text, "a");
        assert!(!cut(&mut text, 1));
    }

    #[test]
    fn empty_lines_are_thinned() {
        assert_eq!(trim_lines("\n\na  \n \n\n\nb\n\n"), "a\n\nb");
    }
}
