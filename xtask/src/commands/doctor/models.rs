//! The language models that a place is told of: whether `MODELS` can be read, and whether each
//! provider has its key. The Worker itself checks the rest (`core/src/model/catalog.rs`).

use serde::Deserialize;

use super::Finding::{self, Blocks, Fine, Remark};
use super::providers::Place;

#[derive(Deserialize)]
struct Catalog {
    default: Option<String>,
    providers: Vec<Provider>,
}

#[derive(Deserialize)]
struct Provider {
    name: String,
    protocol: String,
    #[serde(default)]
    own_keys: bool,
}

/// Looks at the models of a place.
pub(super) fn judge(place: &Place) -> Vec<Finding> {
    let Some(text) = place.text("MODELS") else {
        return vec![Fine(
            "no language models: the built-in engine reads everything (docs/MODELS.md)".to_owned(),
        )];
    };
    let catalog: Catalog = match serde_json::from_str(text) {
        Ok(catalog) => catalog,
        Err(error) => {
            return vec![Blocks(format!(
                "MODELS is not as docs/MODELS.md has it: {error}"
            ))];
        }
    };
    let mut findings: Vec<Finding> = catalog
        .providers
        .iter()
        .filter(|provider| matches!(provider.protocol.as_str(), "openai" | "anthropic"))
        .filter_map(|provider| {
            let secret = format!(
                "MODEL_KEY_{}",
                provider.name.to_ascii_uppercase().replace('-', "_")
            );
            let is_missing = !place.has(&secret) && !place.is_partial && !provider.own_keys;
            is_missing.then(|| {
                Remark(format!(
                    "the provider {} has no key, so that its models answer nothing; set {secret}",
                    provider.name
                ))
            })
        })
        .collect();
    if findings.is_empty() {
        let default = catalog.default.as_deref();
        findings.push(Fine(format!(
            "language models; mail is read by {} unless a person chose otherwise",
            default.unwrap_or("the built-in engine")
        )));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(models: &str, more: &str) -> Vec<&'static str> {
        let place = Place::read(&format!("MODELS='{models}'\n{more}"));
        judge(&place)
            .iter()
            .map(|finding| match finding {
                Fine(_) => "fine",
                Remark(_) => "remark",
                Blocks(_) => "blocks",
            })
            .collect()
    }

    #[test]
    fn models_need_to_be_readable_and_their_providers_a_key() {
        let models = r#"{"providers": [{"name": "my-ai", "protocol": "openai", "models": []}]}"#;
        assert_eq!(judged("", ""), ["fine"]);
        assert_eq!(judged(models, ""), ["remark"]);
        assert_eq!(judged(models, "MODEL_KEY_MY_AI=sk-1"), ["fine"]);
        assert_eq!(judged("{", ""), ["blocks"]);
    }
}
