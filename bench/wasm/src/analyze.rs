//! Messages that are read already, analysed by the built-in engine as an import does it: kind,
//! priority, tone, summary, language and tasks with their days.

use chrono_tz::Tz;
use delegate_core::analysis::builtin::BuiltinEngine;
use delegate_core::analysis::{Analysis, AnalysisInput, Deadline};
use delegate_core::mail::mbox::{Splitter, unescape};
use delegate_core::mail::message::Message;
use delegate_core::mail::parse::parse;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::unreadable;

/// Who reads. Nobody in the messages has this address, so that every request may be the reader's
/// and none of the work is spared.
const READER: &str = "mia@acme.example";

/// The head of a letter.
const LETTER: &[u8] = b"From: Jane Doe <jane@acme.example>\nTo: Mia <mia@acme.example>\nSubject: Next week\nDate: Tue, 10 Nov 2026 09:30:00 +0100\n\n.\n";

/// Messages, parsed.
#[wasm_bindgen]
pub struct Mail {
    messages: Vec<Message>,
    own_addresses: Vec<String>,
}

#[wasm_bindgen]
impl Mail {
    /// Parses an mbox, as an import does.
    #[wasm_bindgen(constructor)]
    pub fn new(mbox: &[u8]) -> Result<Self, JsError> {
        Self::read(mbox).map_err(unreadable)
    }

    /// Letters from one person to another with these texts, however long.
    pub fn letters(texts: Vec<String>) -> Result<Self, JsError> {
        Self::written(texts).map_err(unreadable)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.messages.len()
    }

    /// What a peer is handed, as JSON: subject, sender, text and date of each.
    pub fn facts(&self) -> Result<String, JsError> {
        let facts = self.messages.iter().map(|message| {
            serde_json::json!({
                "subject": message.subject,
                "sender": message.from.as_ref().map(|from| &from.address),
                "text": message.text,
                "date": message.sent_at.map(|sent| sent.naive_local().to_string()),
            })
        });
        serde_json::to_string(&facts.collect::<Vec<_>>()).map_err(unreadable)
    }

    /// Analyses all of them; how many tasks there are in them.
    pub fn analyze(&self) -> usize {
        self.analyses().map(|analysis| analysis.tasks.len()).sum()
    }

    /// How many tasks there are, and how many of them have a day: that something was done.
    pub fn tasks(&self) -> Vec<usize> {
        let tasks: Vec<Option<Deadline>> = self
            .analyses()
            .flat_map(|analysis| analysis.tasks)
            .map(|task| task.due)
            .collect();
        vec![tasks.len(), tasks.iter().flatten().count()]
    }
}

impl Mail {
    /// See [`Mail::new`].
    pub fn read(mbox: &[u8]) -> Result<Self, String> {
        let mut splitter = Splitter::new();
        let mut spans = splitter.push(0, mbox).map_err(|error| error.to_string())?;
        spans.extend(splitter.finish().map_err(|error| error.to_string())?);
        let messages = spans.iter().map(|span| {
            let start = usize::try_from(span.offset).map_err(|error| error.to_string())?;
            let length = usize::try_from(span.length).map_err(|error| error.to_string())?;
            let raw = mbox
                .get(start..start + length)
                .ok_or("outside of the file")?;
            parse(&unescape(raw)).map_err(|error| error.to_string())
        });
        Ok(Self {
            messages: messages.collect::<Result<_, String>>()?,
            own_addresses: vec![READER.to_owned()],
        })
    }

    /// See [`Mail::letters`].
    pub fn written(texts: Vec<String>) -> Result<Self, String> {
        let letter = parse(LETTER).map_err(|error| error.to_string())?;
        let messages = texts.into_iter().map(|text| Message {
            text,
            ..letter.clone()
        });
        Ok(Self {
            messages: messages.collect(),
            own_addresses: vec![READER.to_owned()],
        })
    }

    /// What the engine makes of each.
    pub fn analyses(&self) -> impl Iterator<Item = Analysis> {
        self.messages.iter().map(|message| {
            BuiltinEngine.read(&AnalysisInput {
                from: message.from.as_ref(),
                to: &message.to,
                cc: &message.cc,
                subject: &message.subject,
                text: &message.text,
                sent_at: message.sent_at,
                received_at: message
                    .sent_at
                    .map(|sent| sent.to_utc())
                    .unwrap_or_default(),
                attachments: &message.attachments,
                signals: &message.signals,
                own_addresses: &self.own_addresses,
                reader_zone: Tz::Europe__Berlin,
            })
        })
    }
}
