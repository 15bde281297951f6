//! Gives account of a text: what was taken as usual, what was passed over, and where each thing stands.

use std::ops::Range;

use super::days::Calendar;
use crate::calendar::slots::constraints::Strictness;
use crate::calendar::words::interpretation::{
    Assumption, Ignored, Interpretation, MeetingDraft, Question, RequestDraft, Understood,
};
use crate::calendar::words::reader::Reader;
use crate::calendar::words::vocabulary::{REMARKS, Remark};

/// Words that limit what follows; alone they are a limit that was missed.
const LIMITING: &[&str] = &[
    "not",
    "except",
    "before",
    "after",
    "until",
    "unless",
    "without",
    "nicht",
    "ausser",
    "ohne",
    "sauf",
    "sans",
    "excepto",
    "yesterday",
    "gestern",
    "vorgestern",
    "hier",
    "ayer",
    "anteayer",
];

/// Words with a capital that are no names.
#[rustfmt::skip] // a table: packed, not one word a line
const COMMON: &[&str] = &[
    "termin", "besprechung", "treffen", "meeting", "gesprach", "uhr", "zeit", "stunde", "stunden", "minuten", "woche",
    "tag", "sie", "ihnen", "call", "sync", "please", "thanks", "danke", "bitte", "ok", "hi", "hello", "dear", "hallo",
];

/// Places in a text, counted in Unicode scalar values.
struct Places<'a> {
    text: &'a str,
}

impl<'a> Places<'a> {
    fn of(text: &'a str) -> Self {
        Self { text }
    }

    fn at(&self, byte: usize) -> usize {
        self.text.get(..byte).unwrap_or_default().chars().count()
    }
}

impl Reader<'_> {
    /// What was taken as usual, what was passed over, and everything with its place in the text.
    pub(super) fn finish(mut self, request: RequestDraft, calendar: &Calendar) -> Interpretation {
        let mut defaults = Vec::new();
        let mut assume = |code: &'static str, text: &str| {
            defaults.push(Assumption {
                code,
                text: text.to_owned(),
            });
        };
        let asked = self
            .asks
            .iter()
            .any(|ask| matches!(ask.code, "which_length" | "length_or_hour"));
        if self.facts.lengths.is_empty() && !asked {
            assume("duration", "30 minutes, since no length is said");
        }
        if calendar.ranges.is_empty() && calendar.upper.is_none() && calendar.before.is_none() {
            assume("window", "within two weeks, since no days are said");
        }
        match (
            request.constraints.working_hours,
            self.facts.outside.is_empty(),
        ) {
            (Strictness::Require, true) => {
                assume("working_hours", "within everybody's working hours");
            }
            (_, true) => assume(
                "working_hours",
                "outside of working hours, too, since the words ask for it",
            ),
            _ => {}
        }
        let meeting = MeetingDraft {
            recurrence: self.facts.recurrence.last().map(|said| said.what.clone()),
            topic: self
                .facts
                .topic
                .clone()
                .map(|words| self.slice(words).to_owned()),
        };
        let ignored = self.ignored();
        self.notes.sort_by_key(|(words, _)| words.start);
        self.asks.sort_by_key(|ask| ask.words.start);
        let places = Places::of(self.text);
        let place = |words: &Range<usize>| {
            let bytes = self.words.span(words.start).start
                ..self.words.span(words.end.saturating_sub(1)).end;
            (
                self.slice(words.clone()).to_owned(),
                places.at(bytes.start),
                places.at(bytes.end),
            )
        };
        let understood = self.notes.iter().map(|(words, meaning)| {
            let (text, start, end) = place(words);
            Understood {
                text,
                start,
                end,
                meaning: meaning.clone(),
            }
        });
        let questions = self.asks.iter().map(|ask| {
            let (about, start, end) = place(&ask.words);
            Question {
                code: ask.code,
                text: ask.text.clone(),
                about,
                start,
                end,
                choices: ask.choices.clone(),
            }
        });
        let ignored = ignored.iter().map(|words| {
            let (text, start, end) = place(words);
            Ignored { text, start, end }
        });
        Interpretation {
            understood: understood.collect(),
            questions: questions.collect(),
            ignored: ignored.collect(),
            request,
            meeting,
            defaults,
        }
    }

    /// Words that nothing was made of and that look as if something should have been.
    fn ignored(&self) -> Vec<Range<usize>> {
        let mut ignored: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        while at < self.words.len() {
            let vague = match REMARKS.longest_at(&self.words, at) {
                Some((length, Remark::Vague)) => Some(length),
                _ => None,
            };
            let is_taken = self.taken.get(at).copied().unwrap_or(true);
            if !is_taken && (vague.is_some() || self.matters(at)) {
                let end = at + vague.unwrap_or(1);
                match ignored.last_mut() {
                    Some(last) if last.end == at => last.end = end,
                    _ => ignored.push(at..end),
                }
                at = end;
            } else {
                at += 1;
            }
        }
        ignored
    }

    fn matters(&self, at: usize) -> bool {
        let word = self.words.get(at);
        let opens = at == 0
            || self
                .words
                .gap_after(at - 1)
                .contains(['.', '!', '?', '\n', ':']);
        let is_name = self.words.is_capital(at)
            && !opens
            && word.len() > 1
            && !COMMON.contains(&word)
            && !word.starts_with("i'");
        is_name || word.bytes().any(|byte| byte.is_ascii_digit()) || LIMITING.contains(&word)
    }
}
