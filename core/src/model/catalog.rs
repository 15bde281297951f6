//! Which models a deployment offers, at which prices, and within which bounds: the variable `MODELS`.
//!
//! It is JSON, since it is a list of lists:
//!
//! ```json
//! {"default": "openai/gpt-5-mini", "daily_tokens": 500000, "daily_cost": 1.5, "currency": "USD",
//!  "providers": [{"name": "openai", "protocol": "openai",
//!    "base_url": "https://api.openai.com/v1",
//!    "models": [{"name": "gpt-5-mini", "input_per_million": 0.25, "output_per_million": 2.0}]}]}
//! ```
//!
//! A provider's key is a secret of its own, `MODEL_KEY_<NAME>`. Without the variable there are no
//! models, and the built-in engine reads everything.

use oauth2::url::Url;
use serde::Deserialize;

use super::Usage;
use crate::oauth::Sensitive;

/// How many tokens a person may use a day where the deployment does not say.
const DAILY_TOKENS: u64 = 500_000;
/// What a person may cost a day where the deployment does not say, in millionths of the currency.
const DAILY_COST_MICROS: u64 = 1_000_000;
/// How many seconds a model has for an answer where the deployment does not say, and at most.
const TIMEOUT_SECONDS: u32 = 60;
const LONGEST_TIMEOUT_SECONDS: u32 = 120;
/// The most tokens that a model may think in for one answer.
const MOST_REASONING: u32 = 50_000;
/// The most that a day's bound can be: sums of it stay exact in a JavaScript number.
const MOST_A_DAY: u64 = 1_000_000_000_000;

/// What is spoken with a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// OpenAI's chat completions, with `max_completion_tokens`, as its newer models want it.
    Openai,
    /// The same with `max_tokens`, as Ollama, vLLM, llama.cpp, Groq and others take it.
    OpenaiCompatible,
    /// Anthropic's messages.
    Anthropic,
    /// The binding `AI` of the Worker.
    WorkersAi,
}

/// A model with its prices.
#[derive(Debug, Clone)]
pub struct Model {
    /// Its name at the provider.
    pub name: String,
    /// How hard it thinks (`reasoning_effort` of OpenAI's protocol), where it can be told.
    pub reasoning_effort: Option<String>,
    /// How many tokens it may think in, besides those of its answer.
    pub reasoning_tokens: u32,
    /// Millionths of the currency for a million tokens read.
    input_price: u64,
    /// Millionths of the currency for a million tokens written.
    output_price: u64,
}

impl Model {
    /// A model of this name that costs nothing.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            reasoning_effort: None,
            reasoning_tokens: 0,
            input_price: 0,
            output_price: 0,
        }
    }

    /// What some tokens cost, in millionths of the currency, rounded up.
    pub fn cost_micros(&self, usage: Usage) -> u64 {
        let of = |tokens: u32, price: u64| u128::from(tokens) * u128::from(price);
        let millionths =
            of(usage.input_tokens, self.input_price) + of(usage.output_tokens, self.output_price);
        u64::try_from(millionths.div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }
}

/// Who offers models.
pub struct Provider {
    /// What the deployment calls it.
    pub name: String,
    /// How it is spoken with.
    pub protocol: Protocol,
    /// Where, without a slash at its end; empty for the binding.
    pub base_url: String,
    /// The deployment's key; empty where it has none (a server of one's own).
    pub key: Sensitive,
    /// Whether people may use keys of their own.
    pub takes_own_keys: bool,
    models: Vec<Model>,
}

/// A model that a name stands for.
#[derive(Clone, Copy)]
pub struct Offer<'a> {
    /// Its provider.
    pub provider: &'a Provider,
    /// The model.
    pub model: &'a Model,
}

impl Offer<'_> {
    /// `provider/model`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.provider.name, self.model.name)
    }
}

/// What a deployment offers.
#[derive(Default)]
pub struct Catalog {
    /// The model that is asked where a person chose none; none where the built-in engine is.
    pub default: Option<String>,
    /// The most tokens of a person and day.
    pub daily_tokens: u64,
    /// The most cost of a person and day, in millionths of the currency.
    pub daily_cost_micros: u64,
    /// What prices are in (ISO 4217).
    pub currency: String,
    /// How long a model has for an answer.
    pub timeout_seconds: u32,
    providers: Vec<Provider>,
}

impl Catalog {
    /// Reads the variable; `key` gives the key of a provider. The error is the rule that is broken.
    pub fn parse(text: &str, key: impl Fn(&str) -> String) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let document: Document = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut providers: Vec<Provider> = Vec::new();
        for provider in document.providers {
            let provider = provider.checked(&key)?;
            if providers.iter().any(|known| known.name == provider.name) {
                return Err(format!("the provider {:?} stands twice", provider.name));
            }
            providers.push(provider);
        }
        let catalog = Self {
            default: document.default,
            daily_tokens: document
                .daily_tokens
                .unwrap_or(DAILY_TOKENS)
                .min(MOST_A_DAY),
            daily_cost_micros: document
                .daily_cost
                .map_or(Ok(DAILY_COST_MICROS), |cost| micros(cost, "daily_cost"))?,
            timeout_seconds: document
                .timeout_seconds
                .unwrap_or(TIMEOUT_SECONDS)
                .clamp(1, LONGEST_TIMEOUT_SECONDS),
            currency: document.currency.unwrap_or_else(|| "USD".to_owned()),
            providers,
        };
        match &catalog.default {
            Some(name) if catalog.find(name).is_none() => {
                Err(format!("the default {name:?} is not among the models"))
            }
            _ => Ok(catalog),
        }
    }

    /// The model that a name stands for, `provider/model`.
    pub fn find(&self, name: &str) -> Option<Offer<'_>> {
        // A model's own name may have slashes, too.
        let (provider, model) = name.split_once('/')?;
        let provider = self.provider(provider)?;
        let model = provider.models.iter().find(|known| known.name == model)?;
        Some(Offer { provider, model })
    }

    /// A provider by its name.
    pub fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.name == name)
    }

    /// The names of all models, as people choose them.
    pub fn names(&self) -> Vec<String> {
        self.providers
            .iter()
            .flat_map(|provider| {
                provider
                    .models
                    .iter()
                    .map(move |model| Offer { provider, model }.name())
            })
            .collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    default: Option<String>,
    daily_tokens: Option<u64>,
    daily_cost: Option<f64>,
    currency: Option<String>,
    timeout_seconds: Option<u32>,
    providers: Vec<ProviderDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderDocument {
    name: String,
    protocol: Protocol,
    #[serde(default)]
    base_url: String,
    #[serde(default)]
    own_keys: bool,
    models: Vec<ModelDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelDocument {
    name: String,
    #[serde(default)]
    input_per_million: f64,
    #[serde(default)]
    output_per_million: f64,
    reasoning_effort: Option<String>,
    #[serde(default)]
    reasoning_tokens: u32,
}

impl ProviderDocument {
    fn checked(self, key: impl Fn(&str) -> String) -> Result<Provider, String> {
        let is_plain = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '-';
        if self.name.is_empty() || self.name.len() > 32 || !self.name.chars().all(is_plain) {
            return Err(format!(
                "the name {:?} must be of lower case letters, digits and hyphens",
                self.name
            ));
        }
        // `builtin` names the engine that needs no model.
        if self.name == "builtin" {
            return Err("no provider can be called \"builtin\"".to_owned());
        }
        let base_url = match self.protocol {
            Protocol::WorkersAi if self.base_url.is_empty() && !self.own_keys => String::new(),
            Protocol::WorkersAi => {
                return Err(format!(
                    "{}: the binding has no base_url and takes no keys",
                    self.name
                ));
            }
            _ => address(&self.base_url)
                .ok_or_else(|| format!("{}: {:?} is no base_url", self.name, self.base_url))?,
        };
        let models = self
            .models
            .into_iter()
            .map(|model| {
                if model.name.is_empty() || model.name.len() > 120 {
                    return Err(format!("{:?} is no name of a model", model.name));
                }
                Ok(Model {
                    reasoning_effort: model.reasoning_effort,
                    reasoning_tokens: model.reasoning_tokens.min(MOST_REASONING),
                    input_price: micros(model.input_per_million, "input_per_million")?,
                    output_price: micros(model.output_per_million, "output_per_million")?,
                    name: model.name,
                })
            })
            .collect::<Result<Vec<_>, String>>()?;
        Ok(Provider {
            key: Sensitive::new(key(&self.name)),
            name: self.name,
            protocol: self.protocol,
            base_url,
            takes_own_keys: self.own_keys,
            models,
        })
    }
}

/// An address without user, query and fragment. Plain http is for a server on one's own machine or
/// network: what is sent are people's letters.
fn address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_near = match bare.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private(),
        Ok(std::net::IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local(),
        // A name without a dot is of the network that one is in.
        Err(_) => !host.contains('.'),
    };
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_near);
    (is_plain && is_safe).then(|| url.as_str().trim_end_matches('/').to_owned())
}

/// A price or a bound in millionths.
fn micros(amount: f64, name: &str) -> Result<u64, String> {
    let millionths = (amount * 1_000_000.0).round();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the most"
    )]
    if (0.0..=MOST_A_DAY as f64).contains(&millionths) {
        Ok(millionths as u64)
    } else {
        Err(format!("{name}: {amount} is no amount"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"default": "near/llama3.1:8b", "daily_cost": 0.5, "providers": [
      {"name": "near", "protocol": "openai_compatible", "base_url": "http://127.0.0.1:11434/v1/",
       "models": [{"name": "llama3.1:8b"}]},
      {"name": "edge", "protocol": "workers_ai",
       "models": [{"name": "@cf/meta/llama-3.1-8b-instruct", "input_per_million": 0.28,
                   "output_per_million": 0.83}]}]}"#;

    fn read(text: &str) -> Result<Catalog, String> {
        Catalog::parse(text, |name| format!("key of {name}"))
    }

    #[test]
    fn models_are_found_by_the_name_of_their_provider_and_their_own() {
        let catalog = read(TEXT).expect("a catalog");
        let offer = catalog
            .find("edge/@cf/meta/llama-3.1-8b-instruct")
            .expect("offered");
        assert_eq!(offer.provider.protocol, Protocol::WorkersAi);
        assert_eq!(offer.name(), "edge/@cf/meta/llama-3.1-8b-instruct");
        let near = catalog.provider("near").expect("a provider");
        assert_eq!(near.base_url, "http://127.0.0.1:11434/v1");
        assert_eq!(near.key.expose(), "key of near");
        assert!(catalog.find("near/gpt-5").is_none() && catalog.find("near").is_none());
        assert_eq!(
            (catalog.daily_tokens, catalog.daily_cost_micros),
            (500_000, 500_000)
        );
    }

    #[test]
    fn a_call_costs_what_the_table_of_prices_says_and_never_less() {
        let catalog = read(TEXT).expect("a catalog");
        let model = catalog
            .find("edge/@cf/meta/llama-3.1-8b-instruct")
            .expect("offered")
            .model;
        let cost = |input_tokens, output_tokens| {
            model.cost_micros(Usage {
                input_tokens,
                output_tokens,
            })
        };
        assert_eq!(cost(1_000_000, 0), 280_000);
        assert_eq!(cost(0, 1_000_000), 830_000);
        assert_eq!(cost(1, 0), 1, "a part of a millionth counts whole");
        assert_eq!(cost(u32::MAX, u32::MAX), 4_767_413_698);
    }

    #[test]
    fn without_the_variable_there_is_no_model() {
        let catalog = read(" ").expect("a catalog");
        assert!(catalog.default.is_none() && catalog.names().is_empty());
    }

    #[test]
    fn what_can_not_be_meant_is_refused_with_its_rule() {
        for (text, rule) in [
            ("{", "EOF"),
            (r#"{"providers": [], "budget": 3}"#, "unknown field"),
            (
                r#"{"default": "a/b", "providers": []}"#,
                "not among the models",
            ),
            (
                &TEXT.replace("http://127.0.0.1:11434/v1/", "http://models.example/v1"),
                "base_url",
            ),
            (
                &TEXT.replace("http://127.0.0.1:11434/v1/", "https://a:b@models.example"),
                "base_url",
            ),
            (
                &TEXT.replace("http://127.0.0.1:11434/v1/", "http://[2606:4700::1]/v1"),
                "base_url",
            ),
            (&TEXT.replace("0.28", "-1"), "amount"),
            (&TEXT.replace("\"near\"", "\"edge\""), "twice"),
            (&TEXT.replace("\"near\"", "\"builtin\""), "builtin"),
            (&TEXT.replace("\"near\"", "\"Near you\""), "lower case"),
        ] {
            let Err(error) = read(text) else {
                panic!("taken: {text}")
            };
            assert!(error.contains(rule), "{error}");
        }
    }
}
