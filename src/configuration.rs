//! The one reader of the configuration. It fails at the first request, whole, and names the
//! variable; `.dev.vars.example` lists every one.

use std::cell::OnceCell;
use std::rc::Rc;
use std::time::Duration;

use delegate_core::error::Error;
use delegate_core::model::Catalog;
use delegate_core::model::budget::{Budget, Spending};
use delegate_core::outgoing_mail::Sender;
use delegate_core::preferences::Preferences;
use delegate_core::secret::Secret;
use delegate_core::token::KeyRing;
use delegate_durable_objects::provider::ProviderConfiguration;
use worker::Env;

/// Who may register after the first person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RegistrationPolicy {
    /// Whoever has an invitation.
    Invitation,
    /// Anybody.
    Open,
}

/// What the deployment is told from outside.
pub(crate) struct Configuration {
    /// `TOKEN_SIGNING_KEYS`: the keys of access tokens.
    pub(crate) keys: KeyRing,
    /// `DELEGATE_SECRET`: what other keys derive from.
    pub(crate) secret: Secret,
    /// `TOKEN_ENCRYPTION_KEYS`, and who the deployment is for Google and Microsoft.
    pub(crate) providers: ProviderConfiguration,
    /// `REGISTRATION`.
    pub(crate) registration: RegistrationPolicy,
    /// `ALLOWED_ORIGINS`: pages of these origins may call from a browser.
    pub(crate) allowed_origins: Vec<String>,
    /// `PUBLIC_URL`: how the deployment is reached; also the issuer of its tokens.
    pub(crate) public_url: String,
    /// `ATTEMPTS_PER_MINUTE`: how often one network address may try to sign in and the like.
    pub(crate) attempts_per_minute: u32,
    /// `MODELS`, and the keys `MODEL_KEY_…`: the language models that may read mail.
    pub(crate) models: Catalog,
    /// `MAIL_FROM`: who mail is sent as; none where the deployment can't send any.
    pub(crate) mail_from: Option<Sender>,
}

/// Enough for an office behind one address whose people all come in at nine; what is refreshed with a
/// token that is good does not count.
const ATTEMPTS_PER_MINUTE: u32 = 60;

thread_local! {
    /// Read once an isolate: variables change only by a new deployment, which is a new isolate.
    static CURRENT: OnceCell<Rc<Configuration>> = const { OnceCell::new() };
}

impl Configuration {
    /// The configuration of this isolate.
    pub(crate) fn of(env: &Env) -> Result<Rc<Self>, Error> {
        CURRENT.with(|cell| {
            if let Some(configuration) = cell.get() {
                return Ok(Rc::clone(configuration));
            }
            let configuration = Rc::new(Self::read(env)?);
            Ok(Rc::clone(cell.get_or_init(|| configuration)))
        })
    }

    fn read(env: &Env) -> Result<Self, Error> {
        let public_url = required(env, "PUBLIC_URL")?
            .trim_end_matches('/')
            .to_owned();
        let keys = KeyRing::parse(&required(env, "TOKEN_SIGNING_KEYS")?, &public_url).ok_or_else(
            || {
                broken(
                    "TOKEN_SIGNING_KEYS",
                    "base64url of 32 bytes each, separated by commas",
                )
            },
        )?;
        let secret = Secret::parse(&required(env, "DELEGATE_SECRET")?)
            .ok_or_else(|| broken("DELEGATE_SECRET", "base64url of 32 bytes"))?;
        let providers = ProviderConfiguration::read(|name| optional(env, name))
            .map_err(|variable| broken(variable.name, variable.rule))?;
        let registration = match required(env, "REGISTRATION")?.as_str() {
            "invitation" => RegistrationPolicy::Invitation,
            "open" => RegistrationPolicy::Open,
            _ => return Err(broken("REGISTRATION", "`invitation` or `open`")),
        };
        let allowed_origins = optional(env, "ALLOWED_ORIGINS")
            .split(',')
            .map(|origin| origin.trim().trim_end_matches('/').to_owned())
            .filter(|origin| !origin.is_empty())
            .collect();
        let attempts_per_minute = optional(env, "ATTEMPTS_PER_MINUTE");
        let attempts_per_minute = match attempts_per_minute.as_str() {
            "" => ATTEMPTS_PER_MINUTE,
            text => text
                .parse()
                .ok()
                .filter(|number| *number > 0)
                .ok_or_else(|| broken("ATTEMPTS_PER_MINUTE", "a number from 1 on"))?,
        };
        let mail_from = match optional(env, "MAIL_FROM").as_str() {
            "" => None,
            text => Some(Sender::parse(text).ok_or_else(|| {
                broken("MAIL_FROM", "an address, or a name with an address in <>")
            })?),
        };
        let models = Catalog::parse(&optional(env, "MODELS"), |provider| {
            let name = provider.to_ascii_uppercase().replace('-', "_");
            optional(env, &format!("MODEL_KEY_{name}"))
        })
        .map_err(|rule| broken("MODELS", &rule))?;
        Ok(Self {
            keys,
            secret,
            providers,
            registration,
            allowed_origins,
            public_url,
            attempts_per_minute,
            models,
            mail_from,
        })
    }

    /// What a person may use of models a day.
    pub(crate) fn budget(&self, preferences: &Preferences) -> Budget {
        let most = Spending {
            tokens: self.models.daily_tokens,
            cost_micros: self.models.daily_cost_micros,
        };
        Budget::of(most, preferences.analysis.bounds())
    }

    /// How long a model has for an answer.
    pub(crate) fn model_patience(&self) -> Duration {
        Duration::from_secs(u64::from(self.models.timeout_seconds))
    }

    /// Whether a page of this origin may call. The deployment's own pages may.
    pub(crate) fn allows_origin(&self, origin: &str) -> bool {
        origin == self.public_url || self.allowed_origins.iter().any(|allowed| allowed == origin)
    }
}

fn optional(env: &Env, name: &str) -> String {
    env.var(name)
        .map(|value| value.to_string())
        .unwrap_or_default()
}

fn required(env: &Env, name: &'static str) -> Result<String, Error> {
    let value = optional(env, name);
    if value.is_empty() {
        Err(broken(name, "set"))
    } else {
        Ok(value)
    }
}

fn broken(name: &'static str, rule: &str) -> Error {
    Error::internal(format!(
        "configuration: {name} must be {rule}; see .dev.vars.example"
    ))
}
