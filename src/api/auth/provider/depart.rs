use delegate_core::connection::{is_challenge, verifier_belongs};
use delegate_core::error::{Error, Kind};
use delegate_core::oauth::{
    Access, AuthorizationRequest, Intent, Metadata, ProviderSettings, Verifier, authorization_url,
};
use delegate_core::secret::token_hash;

use super::{
    FAILED, Navigation, browser_key, configured, cookie_name, metadata, random_text, redirect_uri,
    return_page,
};
use crate::api::document::ReadProblems;
use crate::http::call::Call;
use crate::http::limits;
use crate::http::page;
use crate::http::path::Id;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::platform::random;
use crate::store::authorizations::{self, Planned, Visit};

/// Sign in with a provider: sends the browser there
#[utoipa::path(
    get, path = "/api/v1/auth/{provider}/login", tag = "auth", security(()),
    params(
        ("provider" = String, Path, description = "`google` or `microsoft`"),
        ("return_to" = Option<String>, Query, max_length = 1000,
         description = "The page to come back to, of an origin that is allowed: with `code`, or with `error` and `error_description`"),
        ("challenge" = Option<String>, Query, max_length = 43,
         description = "SHA-256 of a verifier that the page keeps, in base64url; the exchange then needs the verifier"),
        ("invitation" = Option<String>, Query, max_length = 200),
    ),
    responses((status = 302, description = "To the provider"),
        (status = 429, description = "Too many attempts"), ReadProblems)
)]
#[worker::send]
pub(crate) async fn sign_in_at_provider(
    call: Call,
    _: Navigation,
    Id(name): Id<String>,
    query: Query,
) -> Outcome {
    let departed = sign_in(&call, &name, query).await;
    Ok(departed.unwrap_or_else(|error| page::failure(&call, FAILED, &error, &[])))
}

async fn sign_in(call: &Call, name: &str, query: Query) -> Result<Reply, Error> {
    let query = query.known(&["return_to", "challenge", "invitation"])?;
    let settings = configured(call.configuration(), name)?;
    let return_to = return_page(call, query.text("return_to"))?;
    let challenge = query.text("challenge");
    if challenge.is_some_and(|text| !is_challenge(text)) {
        let rule = "must be a SHA-256 in base64url";
        return Err(Error::invalid_parameter(
            "challenge",
            "invalid_challenge",
            rule,
        ));
    }
    let invitation = query.text("invitation").map(token_hash);
    limits::enter(call).await?;
    let metadata = metadata(settings).await?;
    let departure = Departure::new(call)?;
    let address = departure.address(call, settings, &metadata, Intent::SignIn, None)?;
    let visit = Visit {
        state_hash: &departure.state_hash,
        browser_hash: &departure.browser_hash,
        provider: settings.provider().as_str(),
        nonce: &departure.nonce,
        sealed_verifier: &departure.sealed_verifier,
        return_to: &return_to,
        challenge,
        invitation: invitation.as_deref(),
        access: "[]",
    };
    let begin = authorizations::begin(&visit, call.started());
    call.database().run(begin).await?;
    Ok(departure.to(call, address))
}

/// Connect an account at a provider: sends the browser there. The address, with its ticket, is what
/// `POST /users/me/connections` answers
#[utoipa::path(
    get, path = "/api/v1/auth/{provider}/connect", tag = "auth", security(()),
    params(
        ("provider" = String, Path, description = "`google` or `microsoft`"),
        ("ticket" = String, Query, max_length = 100),
    ),
    responses((status = 302, description = "To the provider"), ReadProblems)
)]
#[worker::send]
pub(crate) async fn connect_at_provider(
    call: Call,
    _: Navigation,
    Id(name): Id<String>,
    query: Query,
) -> Outcome {
    let departed = connect(&call, &name, query).await;
    Ok(departed.unwrap_or_else(|error| page::failure(&call, FAILED, &error, &[])))
}

async fn connect(call: &Call, name: &str, query: Query) -> Result<Reply, Error> {
    let query = query.known(&["ticket"])?;
    let settings = configured(call.configuration(), name)?;
    limits::enter(call).await?;
    // Before the ticket is used up: it outlives a provider that does not answer.
    let metadata = metadata(settings).await?;
    let ticket = query.text("ticket").unwrap_or_default();
    let departure = Departure::new(call)?;
    let depart = authorizations::depart(
        &token_hash(ticket),
        settings.provider().as_str(),
        (&departure.state_hash, &departure.browser_hash),
        (&departure.nonce, &departure.sealed_verifier),
        call.started(),
    );
    let answer = call.database().run(depart).await?;
    let planned = answer.first::<Planned>()?.ok_or_else(|| {
        Error::new(
            Kind::Invalid,
            "invalid_ticket",
            "This link was used before, or is too old. Begin to connect the account again.",
        )
    })?;
    let access: Vec<Access> = serde_json::from_str(&planned.scopes)
        .map_err(|error| Error::internal(format!("a visit's parts: {error}")))?;
    let intent = Intent::Connect(&access);
    let hint = planned.login_hint.as_deref();
    let address = departure.address(call, settings, &metadata, intent, hint)?;
    Ok(departure.to(call, address))
}

/// What a browser departs with.
struct Departure {
    state: String,
    state_hash: String,
    browser: String,
    browser_hash: String,
    nonce: String,
    verifier: Verifier,
    sealed_verifier: String,
}

impl Departure {
    fn new(call: &Call) -> Result<Self, Error> {
        let state = random_text()?;
        let state_hash = token_hash(&state);
        let browser = match browser_key(call) {
            Some(key) => key,
            None => random_text()?,
        };
        let verifier = Verifier::new(&random::bytes()?);
        let keys = &call.configuration().providers.sealing_keys;
        let place = verifier_belongs(&state_hash);
        let sealed_verifier = keys
            .seal(verifier.expose().as_bytes(), place, &random::bytes()?)
            .ok_or_else(|| Error::internal("sealing a verifier"))?;
        Ok(Self {
            browser_hash: token_hash(&browser),
            nonce: random_text()?,
            state,
            state_hash,
            browser,
            verifier,
            sealed_verifier,
        })
    }

    /// Where the provider is to be found, with what it is asked.
    fn address(
        &self,
        call: &Call,
        settings: &ProviderSettings,
        metadata: &Metadata,
        intent: Intent<'_>,
        login_hint: Option<&str>,
    ) -> Result<String, Error> {
        let request = AuthorizationRequest {
            intent,
            redirect_uri: &redirect_uri(call.configuration(), settings.provider()),
            state: &self.state,
            nonce: &self.nonce,
            verifier: &self.verifier,
            login_hint,
        };
        authorization_url(settings, metadata, request)
            .ok_or_else(|| Error::internal("PUBLIC_URL is no address"))
    }

    /// The answer that sends the browser there. A cookie that is sent along with a navigation from
    /// another site (`Lax`), since that is how it comes back.
    fn to(&self, call: &Call, address: String) -> Reply {
        let name = cookie_name(call.configuration());
        let secure = if name.starts_with("__Host-") {
            " Secure;"
        } else {
            ""
        };
        let cookie = format!(
            "{name}={}; Path=/; HttpOnly;{secure} SameSite=Lax; Max-Age=600",
            self.browser
        );
        Reply::no_content()
            .with_status(302)
            .with_header("location", address)
            .with_header("set-cookie", cookie)
    }
}
