//! People in words: names held against those who are known, and addresses.

use std::ops::Range;

use crate::analysis::people::same_name;
use crate::analysis::words::fold;
use crate::dates::is_month;

use super::facts::{Ask, Said, Who};
use super::reader::{Person, Reader};
use super::vocabulary::{JOINS, Join, Lead, lead, skip_articles};

/// The most people and the most words of a name that are looked at.
pub(super) const MOST_PEOPLE: usize = 2_000;
const MOST_WORDS: usize = 5;
/// The most choices that a question offers.
pub(super) const MOST_CHOICES: usize = 6;

/// The words of a name, folded.
fn words_of(name: &str) -> Vec<String> {
    let folded = fold(name);
    let parts = folded.split(|ch: char| !ch.is_alphanumeric() && ch != '\'');
    parts
        .filter(|part| !part.is_empty())
        .take(MOST_WORDS)
        .map(str::to_owned)
        .collect()
}

/// Those of the known people of whose names a word is in the text: their places, and the words.
pub(super) fn names(people: &[Person], has: impl Fn(&str) -> bool) -> Vec<(usize, Vec<String>)> {
    let named = people
        .iter()
        .take(MOST_PEOPLE)
        .map(|person| words_of(&person.name))
        .enumerate();
    named
        .filter(|(_, words)| words.iter().any(|word| has(word)))
        .collect()
}

/// Words for the one who asks, who is there anyway.
const SELF: &[&str] = &[
    "me", "myself", "i", "us", "mir", "mich", "uns", "moi", "nous", "mi", "nosotros", "conmigo",
];

/// Words that stand before a name.
const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "herr", "herrn", "frau", "m", "mme", "monsieur", "madame",
    "senor", "senora", "sr", "sra",
];

/// Behind a name: who bears it may be missing.
const MAY_MISS: &[&[&str]] = &[
    &["is", "optional"],
    &["are", "optional"],
    &["as", "optional"],
    &["optional"],
    &["optionally"],
    &["if", "possible"],
    &["if", "available"],
    &["if", "they", "can"],
    &["if", "he", "can"],
    &["if", "she", "can"],
    &["ist", "optional"],
    &["wenn", "moglich"],
    &["falls", "moglich"],
    &["si", "possible"],
    &["en", "option"],
    &["facultatif"],
    &["si", "es", "posible"],
    &["opcional"],
    &["es", "opcional"],
    &["maybe"],
];

impl Reader<'_> {
    /// Who is called by one word.
    pub(super) fn people_called(&self, name: &str) -> Vec<usize> {
        let called = self
            .names
            .iter()
            .filter(|(_, names)| names.iter().any(|part| part == name));
        called.map(|(place, _)| *place).collect()
    }

    /// Who the words from `at` on name: how many words, and everybody they can mean.
    fn named(&self, at: usize) -> Option<(usize, Vec<usize>)> {
        let words = &self.words;
        let mut best: (usize, Vec<usize>) = (0, Vec::new());
        for (place, name) in &self.names {
            // `Ana`, `Silva`, `Ana Silva`, `Ana Maria Silva`.
            let Some(first) = name.iter().position(|part| part == words.get(at)) else {
                continue;
            };
            let mut length = 1;
            let mut next = first + 1;
            while let Some(further) = name
                .get(next..)
                .and_then(|rest| rest.iter().position(|part| part == words.get(at + length)))
                && words
                    .gap_after(at + length - 1)
                    .trim_matches(['-', '.'])
                    .trim()
                    .is_empty()
            {
                length += 1;
                next += further + 1;
            }
            if length > best.0 {
                best = (length, Vec::new());
            }
            if length == best.0 {
                best.1.push(*place);
            }
        }
        (best.0 > 0).then_some(best)
    }

    /// An address or an identifier that starts at a word: where its words end, and whose it is.
    fn address(&self, at: usize) -> Option<(usize, Who)> {
        let start = self.words.span(at).start;
        if at > 0
            && !self
                .words
                .gap_after(at - 1)
                .contains([' ', ',', '\n', '<', '(', ':'])
        {
            return None;
        }
        let rest = self.text.get(start..)?;
        let token = rest
            .split(|ch: char| ch.is_whitespace() || matches!(ch, ',' | ';' | '>' | ')' | '(' | '<'))
            .next()?;
        let token = token.trim_end_matches(['.', ':', '!', '?']);
        let is = |known: &Option<String>| {
            known
                .as_deref()
                .is_some_and(|known| known.eq_ignore_ascii_case(token))
        };
        let known = self
            .context
            .people
            .iter()
            .take(MOST_PEOPLE)
            .position(|person| is(&person.user_id) || is(&person.email));
        let who = match known {
            Some(place) => Who::Known(place),
            None if is_address(token) => Who::Address(token.to_owned()),
            None => return None,
        };
        let end = start + token.len();
        let after = (at..self.words.len()).find(|place| self.words.span(*place).start >= end);
        Some((after.unwrap_or(self.words.len()), who))
    }

    /// One person, by address or name: where the words end. What is said of them is recorded, or asked.
    fn say_person(&mut self, at: usize, required: bool) -> Option<usize> {
        if let Some((end, who)) = self.address(at) {
            self.facts.people.push(Said {
                words: at..end,
                what: (who, required),
            });
            return Some(end);
        }
        let titled = TITLES.contains(&self.words.get(at));
        let place = at + usize::from(titled);
        if let Some((length, found)) = self.named(place) {
            let end = place + length;
            if let [only] = found.as_slice() {
                self.facts.people.push(Said {
                    words: at..end,
                    what: (Who::Known(*only), required),
                });
            } else {
                let name = self.slice(place..end);
                let text = format!("Who is meant by {name}?");
                let ask = self.choose_person(Ask::new("which_person", at..end, text), &found);
                self.ask(ask);
            }
            return Some(end);
        }
        self.ask_for_unknown(at)
    }

    /// Adds people to a question, by what tells them apart.
    fn choose_person(&self, mut ask: Ask, found: &[usize]) -> Ask {
        for person in found
            .iter()
            .take(MOST_CHOICES)
            .filter_map(|place| self.context.people.get(*place))
        {
            let key = person.email.as_deref().or(person.user_id.as_deref());
            let said = match &person.email {
                Some(email) => format!("{} ({email})", person.name),
                None => person.name.clone(),
            };
            ask = ask.or(said, key.unwrap_or(&person.name));
        }
        ask
    }

    /// A name that nobody bears: where its words end.
    fn ask_for_unknown(&mut self, at: usize) -> Option<usize> {
        let place = skip_articles(&self.words, at);
        if matches!(
            self.words.get(at),
            "a" | "an" | "at" | "ein" | "eine" | "einer" | "einem" | "un" | "une" | "una" | ""
        ) || self.words.get(place).is_empty()
            || (self.starts_something(place) && !self.is_name_of_month(place))
        {
            return None;
        }
        let mut end = place + 1;
        while end < place + 3
            && self.words.is_capital(place)
            && self.words.is_capital(end)
            && self
                .words
                .gap_after(end - 1)
                .trim_matches('-')
                .trim()
                .is_empty()
            && !self.starts_something(end)
        {
            end += 1;
        }
        let name = self.slice(at..end).to_owned();
        let word = self.words.get(place).trim_end_matches("'s").to_owned();
        let is_near = |person: &Person| {
            words_of(&person.name)
                .iter()
                .any(|part| same_name(part, &word) || one_apart(part, &word))
        };
        let near = (0..).zip(self.context.people.iter().take(MOST_PEOPLE));
        let near = near
            .filter(|(_, person)| is_near(person))
            .map(|(place, _)| place);
        let near: Vec<usize> = near.take(MOST_CHOICES).collect();
        let text = format!("Nobody is known by the name of {name}. Who is it?");
        let ask = self.choose_person(Ask::new("unknown_person", at..end, text), &near);
        self.ask(ask.or(format!("nobody: leave {name} out"), ""));
        Some(end)
    }

    /// `with April`: whoever is called like a month.
    fn is_name_of_month(&self, at: usize) -> bool {
        self.words.is_capital(at)
            && is_month(self.words.get(at))
            && !self
                .words
                .get(at + 1)
                .starts_with(|ch: char| ch.is_ascii_digit())
    }

    /// The people that follow `with`, up to what is no person; nothing where none follows.
    pub(super) fn say_people(&mut self, at: usize, required: bool) -> Option<usize> {
        let mut end = at;
        let mut place = at;
        let mut required = required;
        let mut or: Option<usize> = None;
        let mut first = self.facts.people.len();
        let opening = first;
        while place < self.words.len() {
            if SELF.contains(&self.words.get(place))
                || matches!(self.words.get(place), "both" | "beiden")
            {
                place += 1;
                end = place;
            } else {
                let start = place;
                let Some(after) = self.say_person(place, required) else {
                    break;
                };
                if let Some(from) = or.take() {
                    self.either(from..after, &mut first);
                }
                (place, end) = (after, after);
                if let Some(behind) = self.may_miss(place) {
                    // `Ana and Raj are optional`
                    let all = matches!(self.words.get(place), "are");
                    let from = if all {
                        opening
                    } else {
                        self.facts.people.len().saturating_sub(1)
                    };
                    for said in self.facts.people.iter_mut().skip(from) {
                        said.what.1 = false;
                        said.words.end =
                            said.words
                                .end
                                .max(if said.words.start == start { behind } else { 0 });
                    }
                    (place, end) = (behind, behind);
                }
            }
            // What joins the next one.
            let gap = self.words.gap_after(place.saturating_sub(1)).trim();
            let joined = JOINS.longest_at(&self.words, place);
            let next = match joined {
                Some((length, Join::And)) => place + length,
                Some((length, Join::Or)) => {
                    or = Some(
                        self.facts
                            .people
                            .last()
                            .map_or(place, |said| said.words.start),
                    );
                    place + length
                }
                _ if matches!(gap, "," | "&" | "+" | "/" | ";") => place,
                _ => break,
            };
            let (next, optional) = match lead(&self.words, next) {
                Some((length, Lead::Optional | Lead::Prefer)) => (next + length, true),
                Some((length, Lead::With)) => (next + length, false),
                _ => (next, false),
            };
            // Behind a comma only who is known goes on the list.
            let is_person = self.address(next).is_some()
                || self.named(next).is_some()
                || SELF.contains(&self.words.get(next));
            let listed = matches!(joined, Some((_, Join::And | Join::Or))) && !gap.contains('.');
            let capital = self.words.is_capital(next) && !self.starts_something(next);
            if !is_person
                && !(listed && (capital || matches!(self.words.get(next), "the" | "my" | "our")))
            {
                break;
            }
            required = required && !optional;
            place = next;
        }
        (end > at).then_some(end)
    }

    /// Of the last two people one is enough: which, only the person knows.
    fn either(&mut self, words: Range<usize>, first: &mut usize) {
        let from = self.facts.people.len().saturating_sub(2);
        if from < *first || self.facts.people.len() < 2 {
            return;
        }
        let said: Vec<(String, Range<usize>)> = self
            .facts
            .people
            .drain(from..)
            .map(|said| (String::new(), said.words))
            .collect();
        let names: Vec<String> = said
            .iter()
            .map(|(_, words)| self.slice(words.clone()).to_owned())
            .collect();
        let mut ask = Ask::new("which_person", words, "Is one of them enough?");
        for name in &names {
            ask = ask.or(format!("only {name}"), name.clone());
        }
        let both = names.join(" and ");
        self.ask(ask.or("both", both));
    }

    /// Whether whoever stands before a word may be missing: where the words end that say so.
    pub(super) fn may_miss(&self, at: usize) -> Option<usize> {
        let at_once = |phrase: &&&[&str]| {
            (at..)
                .zip(**phrase)
                .all(|(place, word)| self.words.get(place) == *word)
        };
        if at == 0 || self.words.gap_after(at - 1).contains([',', ';', '.', '\n']) {
            return None;
        }
        let phrase = MAY_MISS.iter().find(at_once)?;
        Some(at + phrase.len())
    }

    /// People who are known, named in the middle of the text. A name is one there by its capital:
    /// `will` and `may` are words.
    pub(super) fn say_known(&mut self, at: usize) -> Option<usize> {
        let place = at + usize::from(TITLES.contains(&self.words.get(at)));
        let named = self.words.is_capital(place) && self.named(place).is_some();
        if !named && self.address(at).is_none() {
            return None;
        }
        self.say_people(at, true)
    }

    /// Who shall not be there.
    pub(super) fn say_absent(&mut self, at: usize, from: usize) -> Option<usize> {
        let (length, found) = self.named(from)?;
        let end = from + length;
        if let [only] = found.as_slice() {
            self.facts.absent.push(Said {
                words: at..end,
                what: Who::Known(*only),
            });
        } else {
            let text = format!("Who is meant by {}?", self.slice(from..end));
            let ask = self.choose_person(Ask::new("which_person", from..end, text), &found);
            self.ask(ask);
        }
        Some(end)
    }

    /// Whether somebody who is known is named at a word.
    pub(super) fn is_person(&self, at: usize) -> bool {
        self.address(at).is_some() || self.named(at).is_some()
    }
}

/// Whether a token has the form of a mail address.
fn is_address(token: &str) -> bool {
    let Some((local, domain)) = token.rsplit_once('@') else {
        return false;
    };
    let fits = |part: &str| {
        part.chars()
            .all(|ch| ch.is_alphanumeric() || matches!(ch, '.' | '-' | '_' | '+' | '\''))
    };
    !local.is_empty()
        && token.len() <= 254
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && fits(local)
        && fits(domain)
}

/// Whether two words differ in one letter: one of them changed, missing, or more.
fn one_apart(one: &str, two: &str) -> bool {
    if one.chars().count() < 3 || one.len().abs_diff(two.len()) > 1 {
        return false;
    }
    let same = one
        .chars()
        .zip(two.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let behind = |word: &str, skip: usize| word.chars().skip(same + skip).collect::<String>();
    behind(one, 1) == behind(two, 1)
        || behind(one, 0) == behind(two, 1)
        || behind(one, 1) == behind(two, 0)
}
