//! What a person prefers: which model reads their mail, what it may cost, and what stays here.
//!
//! One document a person, read and written whole. What is left out has its default: the deployment's
//! model within the deployment's bounds, and nothing kept from it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, Violations};
use crate::text;
use crate::time::Timestamp;

/// The most senders, and the most labels, that can be kept local.
pub const MAX_KEPT: usize = 500;
/// The most characters of one of them.
const MAX_NAME: usize = 320;
/// The most characters of a model's name.
const MAX_MODEL: usize = 160;
/// The most that a bound can be.
const MAX_TOKENS: u64 = 1_000_000_000_000;
const MAX_COST: f64 = 1_000_000.0;

/// The name of the engine that needs no model.
pub const BUILTIN: &str = crate::analysis::builtin::NAME;

/// The document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    /// How mail is read.
    #[serde(default)]
    pub analysis: AnalysisPreferences,
}

/// How mail is read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnalysisPreferences {
    /// `provider/model`, one of the deployment's; `builtin` for the engine that needs none. Without it
    /// the deployment's default.
    #[serde(default)]
    #[schema(max_length = 160, example = "openai/gpt-5-mini")]
    pub model: Option<String>,
    /// The most tokens a day; the deployment's own bound holds all the same.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub daily_tokens: Option<u64>,
    /// The most cost a day, in the deployment's currency; likewise.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub daily_cost: Option<f64>,
    /// What no model ever sees.
    #[serde(default)]
    pub keep_local: KeepLocal,
}

impl AnalysisPreferences {
    /// The person's own bounds of a day: tokens, and millionths of the currency.
    pub fn bounds(&self) -> (Option<u64>, Option<u64>) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be from 0 to a million; anything else becomes 0"
        )]
        let micros = |cost: f64| (cost * 1_000_000.0) as u64;
        (self.daily_tokens, self.daily_cost.map(micros))
    }
}

/// What no model ever sees: the built-in engine reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeepLocal {
    /// All mail.
    #[serde(default)]
    pub everything: bool,
    /// Mail from these addresses, and from all of a domain where it is written `@example.com`.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub senders: Vec<String>,
    /// Mail with one of these labels.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub labels: Vec<String>,
}

impl KeepLocal {
    /// Whether a message stays here.
    pub fn keeps(&self, sender: Option<&str>, labels: &[String]) -> bool {
        self.everything
            || labels.iter().any(|label| self.labels.contains(label))
            || sender.is_some_and(|sender| self.senders.iter().any(|kept| is_of(sender, kept)))
    }
}

/// Whether an address is the one that is written, or of the domain that is written `@domain`, or of one
/// below it.
pub fn is_of(address: &str, written: &str) -> bool {
    let address = address.to_lowercase();
    match written.strip_prefix('@') {
        Some(domain) => address.rsplit_once('@').is_some_and(|(_, of)| {
            of == domain
                || of
                    .strip_suffix(domain)
                    .is_some_and(|below| below.ends_with('.'))
        }),
        None => address == written,
    }
}

/// What answers show beside the document.
pub const SHOWN: [&str; 2] = ["created_at", "updated_at"];

/// The document as answers show it. Everybody has one from the start.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KeptPreferences {
    /// What it says.
    #[serde(flatten)]
    pub document: Preferences,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl Preferences {
    /// The document as it is kept, or all that is wrong with it. `offers` tells whether the deployment
    /// has a model of this name.
    pub fn check(mut self, offers: impl Fn(&str) -> bool) -> Result<Self, Error> {
        let mut violations = Violations::default();
        let analysis = &mut self.analysis;
        if let Some(model) = &mut analysis.model {
            *model = text::line(model, "/analysis/model", MAX_MODEL, &mut violations);
            if model != BUILTIN && !offers(model) {
                violations.add(
                    "/analysis/model",
                    "unknown_model",
                    "must be one of the deployment's models, or builtin",
                );
            }
        }
        if analysis.daily_tokens.is_some_and(|most| most > MAX_TOKENS) {
            violations.add(
                "/analysis/daily_tokens",
                "too_large",
                "is more than can be counted",
            );
        }
        if analysis
            .daily_cost
            .is_some_and(|most| !(0.0..=MAX_COST).contains(&most))
        {
            violations.add(
                "/analysis/daily_cost",
                "invalid_value",
                "must be from 0 to 1000000",
            );
        }
        let keep = &mut analysis.keep_local;
        keep.senders = checked(&keep.senders, "senders", &mut violations, |sender| {
            let sender = sender.to_lowercase();
            is_sender(&sender).then_some(sender)
        });
        keep.labels = checked(&keep.labels, "labels", &mut violations, |label| {
            Some(label.to_owned())
        });
        violations.into_result(self)
    }
}

/// Whether a text is an address or `@domain`.
pub fn is_sender(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let is_plain = |part: &str| {
        part.chars()
            .all(|ch| !ch.is_whitespace() && !ch.is_control())
    };
    is_plain(local)
        && !local.contains('@')
        && is_plain(domain)
        && !domain.is_empty()
        && !domain.starts_with('.')
        && !domain.ends_with('.')
}

fn checked(
    list: &[String],
    name: &str,
    violations: &mut Violations,
    read: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    let pointer = format!("/analysis/keep_local/{name}");
    if list.len() > MAX_KEPT {
        violations.add(&pointer, "too_many", "has more than 500 entries");
        return Vec::new();
    }
    let mut kept: Vec<String> = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        let pointer = format!("{pointer}/{index}");
        let item = text::line(item, &pointer, MAX_NAME, violations);
        match read(&item) {
            // What is empty was named above.
            Some(item) if item.is_empty() || kept.contains(&item) => {}
            Some(item) => kept.push(item),
            None => violations.add(
                &pointer,
                "invalid_value",
                "must be an address, or a domain behind @",
            ),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Preferences, Error> {
        serde_json::from_str::<Preferences>(json)
            .expect("a document")
            .check(|name| name == "near/llama")
    }

    #[test]
    fn a_domain_stands_for_itself_and_what_is_below_it_and_for_nothing_that_ends_alike() {
        assert!(is_of("Ann@Acme.example", "@acme.example"));
        assert!(is_of("ann@mail.acme.example", "@acme.example"));
        assert!(!is_of("ann@notacme.example", "@acme.example"));
        assert!(!is_of("ann@acme.example.evil.example", "@acme.example"));
        assert!(is_of("Ann@Acme.example", "ann@acme.example"));
        assert!(!is_of("joann@acme.example", "ann@acme.example"));
    }

    #[test]
    fn what_is_kept_local_is_so_by_sender_by_label_or_all_of_it() {
        let keep = KeepLocal {
            senders: vec!["@clinic.example".to_owned()],
            labels: vec!["private".to_owned()],
            ..KeepLocal::default()
        };
        assert!(keep.keeps(Some("dr@clinic.example"), &[]));
        assert!(keep.keeps(None, &["private".to_owned()]));
        assert!(!keep.keeps(Some("dana@partner.example"), &["work".to_owned()]));
        let all = KeepLocal {
            everything: true,
            ..KeepLocal::default()
        };
        assert!(all.keeps(None, &[]));
    }

    #[test]
    fn a_document_is_tidied_and_what_can_not_be_meant_is_named() {
        let tidy = read(
            r#"{"analysis": {"model": "near/llama", "keep_local":
            {"senders": [" Ann@Acme.example ", "ann@acme.example", "@Clinic.example"]}}}"#,
        );
        let keep = tidy.expect("a document").analysis.keep_local;
        assert_eq!(keep.senders, ["ann@acme.example", "@clinic.example"]);
        for (json, pointer) in [
            (r#"{"analysis": {"model": "far/gpt"}}"#, "/analysis/model"),
            (
                r#"{"analysis": {"daily_cost": -1}}"#,
                "/analysis/daily_cost",
            ),
            (
                r#"{"analysis": {"keep_local": {"senders": ["ann"]}}}"#,
                "/analysis/keep_local/senders/0",
            ),
            (
                r#"{"analysis": {"keep_local": {"labels": [" "]}}}"#,
                "/analysis/keep_local/labels/0",
            ),
        ] {
            let error = read(json).expect_err(json);
            assert!(
                format!("{:?}", error.fields).contains(pointer),
                "{:?}",
                error.fields
            );
        }
        assert!(read(r#"{"analysis": {"model": "builtin"}}"#).is_ok());
    }
}
