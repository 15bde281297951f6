//! Of a style sheet, what hides: which elements, classes and identifiers it makes unseen.
//!
//! Selectors are taken by their last part (`td.a .b` is `.b`): who hides `.b` in some places has a reason
//! to write it where it is seen, and what is hidden in one is told of, not lost: the message keeps its raw
//! text. Rules for screens count; those for narrow screens, print and dark mode do not. Bounded: so
//! many rules, so many bytes.

use super::{Attribute, PLAIN, apply_style};

/// How much of the style sheets of a page is read.
const MAX_SHEET_BYTES: usize = 64 * 1024;

/// How many names can be hidden.
const MAX_HIDING: usize = 200;

/// What the style sheets of a page hide.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// `.class`, `#identifier` or `element`, in lower case.
    hiding: Vec<String>,
    read: usize,
}

impl Sheet {
    /// Reads one more sheet.
    pub(super) fn read(&mut self, css: &str) {
        if self.read >= MAX_SHEET_BYTES {
            return;
        }
        let css = css
            .get(..css.floor_char_boundary(MAX_SHEET_BYTES - self.read))
            .unwrap_or_default();
        self.read += css.len();
        let css = without_comments(css);
        let mut rest = css.as_str();
        while let Some((prelude, after)) = rest.split_once('{') {
            let prelude = prelude.rsplit([';', '}']).next().unwrap_or_default().trim();
            if let Some(rule) = prelude.strip_prefix('@') {
                // The rules inside are read as if they stood outside, or not at all.
                rest = if applies(rule) {
                    after
                } else {
                    past_block(after)
                };
                continue;
            }
            let (body, after) = after.split_once('}').unwrap_or((after, ""));
            rest = after;
            if is_hiding(body) {
                self.hide(prelude);
            }
        }
    }

    fn hide(&mut self, selectors: &str) {
        for selector in selectors.split(',') {
            if self.hiding.len() >= MAX_HIDING {
                return;
            }
            let last = selector
                .split(|ch: char| ch.is_whitespace() || matches!(ch, '>' | '+' | '~'))
                .rfind(|part| !part.is_empty())
                .unwrap_or_default();
            // `:hover`, `[data-x]` and `*` say more than a name does.
            if last.contains([':', '[', '*']) || last.is_empty() {
                continue;
            }
            let start = last.rfind(['.', '#']).unwrap_or(0);
            let name = last.get(start..).unwrap_or_default().to_lowercase();
            if !matches!(name.as_str(), "html" | "body" | "head") {
                self.hiding.push(name);
            }
        }
    }

    /// Whether an element of this name, with these classes and identifiers, is hidden.
    pub(super) fn hides(&self, element: &str, mut names: impl Iterator<Item = String>) -> bool {
        !self.hiding.is_empty()
            && (self.hiding.iter().any(|hidden| hidden == element)
                || names.any(|name| self.hiding.contains(&name)))
    }
}

fn is_hiding(declarations: &str) -> bool {
    let mut look = PLAIN;
    apply_style(declarations, &mut look);
    look.gone || look.tiny || look.invisible
}

/// Whether the rules of an at-rule are for the usual screen.
fn applies(rule: &str) -> bool {
    let rule = rule.to_lowercase();
    let Some(condition) = rule.strip_prefix("media") else {
        return rule.starts_with("supports") || rule.starts_with("layer");
    };
    !condition.contains("print") && !condition.contains("width") && !condition.contains("dark")
}

/// What follows a block whose opening brace was read.
fn past_block(css: &str) -> &str {
    let mut depth = 1_usize;
    for (at, byte) in css.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return css.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}

fn without_comments(css: &str) -> String {
    let mut output = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        output.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    output.push_str(rest);
    output.replace("<!--", "").replace("-->", "")
}

/// The classes and identifiers of a tag as selectors write them.
pub(super) fn names<'a>(
    tag: &'a str,
    read: fn(&'a str) -> (Attribute<'a>, &'a str),
) -> impl Iterator<Item = String> {
    attributes(tag, read).flat_map(|(name, value)| {
        let mark = if name.eq_ignore_ascii_case("class") {
            "."
        } else if name.eq_ignore_ascii_case("id") {
            "#"
        } else {
            ""
        };
        value
            .split_ascii_whitespace()
            .filter(move |_| !mark.is_empty())
            .map(move |name| format!("{mark}{}", name.to_lowercase()))
    })
}

/// Whether a tag has an attribute.
pub(super) fn has_attribute<'a>(
    tag: &'a str,
    wanted: &str,
    read: fn(&'a str) -> (Attribute<'a>, &'a str),
) -> bool {
    attributes(tag, read).any(|(name, _)| name.eq_ignore_ascii_case(wanted))
}

fn attributes<'a>(
    tag: &'a str,
    read: fn(&'a str) -> (Attribute<'a>, &'a str),
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let mut rest = Some(tag);
    std::iter::from_fn(move || {
        loop {
            let (attribute, after) = read(rest?);
            rest = Some(after);
            match attribute {
                Attribute::End => {
                    rest = None;
                    return None;
                }
                Attribute::Slash => {}
                Attribute::Is(name, value) => return Some((name, value)),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hides(css: &str, name: &str) -> bool {
        let mut sheet = Sheet::default();
        sheet.read(css);
        sheet.hides("p", std::iter::once(name.to_owned()))
    }

    #[test]
    fn what_hides_on_the_usual_screen_is_followed() {
        assert!(hides(".a{display:none}", ".a"));
        assert!(hides(
            "td.b , #x .a { color:red; FONT-SIZE:0 !important }",
            ".a"
        ));
        assert!(hides("/* } */ @media screen {.a{visibility:hidden}}", ".a"));
        assert!(hides("@import url(x);\n.a{opacity:0}", ".a"));
        assert!(!hides(".a{color:red} .b{display:none}", ".a"));
        assert!(!hides(
            "@media only screen and (max-width:600px){.a{display:none}} .b{}",
            ".a"
        ));
        assert!(!hides("@media print{.a{display:none}}", ".a"));
        assert!(!hides(".a:hover{display:none}", ".a"));
        assert!(!hides("body{font-size:0}", ".a"));
        assert!(!hides("{{{", ".a"));
    }
}
