//! Tokens of a provider: the exchange of a code (RFC 6749, section 4.1.3, with RFC 7636) and the
//! refresh (section 6), and what can go wrong in terms of what to do about it.
//!
//! Whoever calls sees to it that a code is exchanged once and that no two refreshes of one grant
//! run at a time: a provider may take the second for a theft.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, TimeDelta};
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::http::header::RETRY_AFTER;
use oauth2::http::{HeaderMap, StatusCode};
use oauth2::{
    AsyncHttpClient, AuthorizationCode, Client, ClientId, ClientSecret, EndpointNotSet,
    EndpointSet, ExtraTokenFields, HttpResponse, RedirectUrl, RefreshToken, RequestTokenError,
    Scope, StandardRevocableToken, StandardTokenResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};

use super::MAX_ANSWER;
use super::authorization::Verifier;
use super::denial::{Denial, Denied};
use super::discovery::Metadata;
use super::provider::{Intent, ProviderSettings};
use super::sensitive::Sensitive;
use crate::time::Timestamp;

/// How long before its end an access token is not begun with any more.
const MARGIN: TimeDelta = TimeDelta::seconds(60);
/// How long an access token is taken to be good where nobody says (both providers say an hour).
const UNTOLD_LIFE: i64 = 600;
/// The longest life that is believed.
const MAX_LIFE: i64 = 7 * 24 * 3600;
/// The longest pause that is believed.
const MAX_PAUSE: i64 = 24 * 3600;
/// The most characters of a network's complaint that go to the log.
const MAX_CAUSE: usize = 200;

/// What a provider gave. Has no `Debug`; serialized only to be sealed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Tokens {
    /// Opens the account until [`Self::expires_at`].
    pub access_token: Sensitive,
    /// Gives the next ones. `None` where only an identity was asked for.
    pub refresh_token: Option<Sensitive>,
    /// When the access token ends.
    pub expires_at: Timestamp,
    /// What was granted, in the provider's spelling: [`super::Access::is_granted`] reads it.
    pub scopes: Vec<String>,
    /// Who it is, to be verified ([`super::id_token`]) and then forgotten.
    #[serde(skip)]
    pub id_token: Option<Sensitive>,
}

impl Tokens {
    /// Whether the access token can be used for a while yet.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.plus(MARGIN) < self.expires_at
    }
}

/// Why there are no tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenError {
    /// The code or the refresh token is not good any more: the person has to come again.
    InvalidGrant(Denied),
    /// The provider refuses for another reason. [`TokenError::needs_person`] tells whether the
    /// person can change that.
    Denied(Denied),
    /// The network, or a provider that is busy or broken: later it may work. Whether the provider
    /// has carried the request out is not known.
    Transient {
        /// For the log.
        cause: String,
        /// How long the provider wants to be left alone, in seconds.
        retry_after: Option<u32>,
    },
    /// An answer that is none. Holds nothing of it.
    Malformed(&'static str),
}

impl TokenError {
    /// Whether only the person can mend it, by going to the provider: the connection is to be
    /// shown as `reauthorize`.
    pub fn needs_person(&self) -> bool {
        match self {
            Self::InvalidGrant(_) => true,
            Self::Denied(denied) => matches!(
                denied.denial,
                Denial::ConsentRequired
                    | Denial::AdminConsentRequired
                    | Denial::AdminConsentPending
                    | Denial::InteractionRequired
                    | Denial::GrantEnded
            ),
            Self::Transient { .. } | Self::Malformed(_) => false,
        }
    }

    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidGrant(denied) | Self::Denied(denied) => denied.denial.code(),
            Self::Transient { .. } => Denial::Unavailable.code(),
            Self::Malformed(_) => "provider_answer_malformed",
        }
    }

    /// What the log should know.
    pub fn cause(&self) -> &str {
        match self {
            Self::InvalidGrant(denied) | Self::Denied(denied) => &denied.cause,
            Self::Transient { cause, .. } => cause,
            Self::Malformed(what) => what,
        }
    }

    /// Reads an error response by its `error`; the description only explains.
    pub(super) fn read(error: &str, description: Option<&str>) -> Self {
        let denied = Denied::read(error, description);
        match error {
            "invalid_grant" => Self::InvalidGrant(denied),
            "server_error" | "temporarily_unavailable" => Self::Transient {
                cause: denied.cause,
                retry_after: None,
            },
            _ => Self::Denied(denied),
        }
    }
}

/// Exchanges a code for tokens. `now` is the time before the request: an access token then ends
/// for us a little before it does for the provider.
pub async fn exchange_code<'c, C: AsyncHttpClient<'c>>(
    settings: &ProviderSettings,
    metadata: &Metadata,
    exchange: CodeExchange<'_>,
    now: Timestamp,
    http: &'c C,
) -> Result<Tokens, TokenError> {
    let redirect = RedirectUrl::new(exchange.redirect_uri.to_owned())
        .map_err(|_| TokenError::Malformed("the redirect address is no address"))?;
    let client = client(settings, metadata);
    let careful = |request| carefully(http.call(request), now);
    let response = client
        .exchange_code(AuthorizationCode::new(exchange.code.expose().to_owned()))
        .set_redirect_uri(Cow::Owned(redirect))
        .set_pkce_verifier(exchange.verifier.to_crate())
        .request_async(&careful)
        .await
        .map_err(error_of)?;
    let requested = exchange.intent.scopes(settings.provider());
    tokens_of(
        &response,
        || requested.into_iter().map(str::to_owned).collect(),
        None,
        now,
    )
}

/// A code and what it was asked for with.
#[derive(Clone, Copy)]
pub struct CodeExchange<'a> {
    /// The code that the callback brought.
    pub code: &'a Sensitive,
    /// The verifier that was kept.
    pub verifier: &'a Verifier,
    /// The address that the visit named, to the letter.
    pub redirect_uri: &'a str,
    /// What the visit was for.
    pub intent: Intent<'a>,
}

/// Gives the successor of tokens. Their refresh token stays where the provider gives no new one;
/// where it does, the former may be void from now on, so the answer is to be stored before it is
/// used. `now` is the time before the request.
pub async fn refresh<'c, C: AsyncHttpClient<'c>>(
    settings: &ProviderSettings,
    metadata: &Metadata,
    former: &Tokens,
    now: Timestamp,
    http: &'c C,
) -> Result<Tokens, TokenError> {
    let Some(refresh_token) = &former.refresh_token else {
        return Err(TokenError::InvalidGrant(Denied {
            denial: Denial::GrantEnded,
            cause: "no refresh token".to_owned(),
        }));
    };
    let client = client(settings, metadata);
    let careful = |request| carefully(http.call(request), now);
    let response = client
        .exchange_refresh_token(&RefreshToken::new(refresh_token.expose().to_owned()))
        .request_async(&careful)
        .await
        .map_err(error_of)?;
    tokens_of(
        &response,
        || former.scopes.clone(),
        Some(refresh_token),
        now,
    )
}

/// What an answer has beside the standard's fields.
#[derive(Serialize, Deserialize)]
pub(super) struct IdentityField {
    id_token: Option<Sensitive>,
}

/// The crate wants one; it shows nothing.
impl fmt::Debug for IdentityField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityField").finish_non_exhaustive()
    }
}

impl ExtraTokenFields for IdentityField {}

type Response = StandardTokenResponse<IdentityField, BasicTokenType>;

/// The crate's client with both endpoints that are asked.
pub(super) type ProviderClient = Client<
    BasicErrorResponse,
    Response,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

pub(super) fn client(settings: &ProviderSettings, metadata: &Metadata) -> ProviderClient {
    Client::new(ClientId::new(settings.client_id().to_owned()))
        .set_client_secret(ClientSecret::new(
            settings.client_secret().expose().to_owned(),
        ))
        .set_auth_type(metadata.authentication.clone())
        .set_auth_uri(metadata.authorization_endpoint.clone())
        .set_token_uri(metadata.token_endpoint.clone())
}

/// Why an answer is not given to the crate, which would forget its status and headers.
#[derive(Debug)]
pub(super) enum Interruption {
    Network(String),
    Busy {
        status: StatusCode,
        retry_after: Option<u32>,
    },
    TooLarge,
}

impl fmt::Display for Interruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(cause) => f.write_str(cause),
            Self::Busy { status, .. } => write!(f, "the provider answered {status}"),
            Self::TooLarge => f.write_str("the answer is too large"),
        }
    }
}

impl std::error::Error for Interruption {}

impl From<Interruption> for TokenError {
    fn from(interruption: Interruption) -> Self {
        let cause = interruption.to_string().chars().take(MAX_CAUSE).collect();
        match interruption {
            Interruption::Network(_) => Self::Transient {
                cause,
                retry_after: None,
            },
            Interruption::Busy { retry_after, .. } => Self::Transient { cause, retry_after },
            Interruption::TooLarge => Self::Malformed("the answer is too large"),
        }
    }
}

/// Takes the answers apart that need no reading.
pub(super) async fn carefully<F, E>(
    pending: F,
    now: Timestamp,
) -> Result<HttpResponse, Interruption>
where
    F: Future<Output = Result<HttpResponse, E>>,
    E: std::error::Error,
{
    let response = pending
        .await
        .map_err(|error| Interruption::Network(error.to_string()))?;
    let status = response.status();
    let is_busy = status.is_server_error()
        || matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY
        );
    if is_busy {
        Err(Interruption::Busy {
            status,
            retry_after: retry_after(response.headers(), now),
        })
    } else if response.body().len() > MAX_ANSWER {
        Err(Interruption::TooLarge)
    } else {
        Ok(response)
    }
}

/// How long to leave the provider alone (RFC 9110, section 10.2.3): seconds, or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<u32> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = if let Ok(seconds) = text.parse::<i64>() {
        seconds
    } else {
        let moment = Timestamp::from(DateTime::parse_from_rfc2822(text).ok()?);
        (moment.milliseconds() - now.milliseconds()).div_euclid(1000)
    };
    u32::try_from(seconds.clamp(0, MAX_PAUSE)).ok()
}

/// What the crate complains of, without anything of the answer: its `Parse` holds the body.
fn error_of(error: RequestTokenError<Interruption, BasicErrorResponse>) -> TokenError {
    match error {
        RequestTokenError::ServerResponse(response) => TokenError::read(
            response.error().as_ref(),
            response.error_description().map(String::as_str),
        ),
        RequestTokenError::Request(interruption) => interruption.into(),
        RequestTokenError::Parse(..) => TokenError::Malformed("the answer is not of its form"),
        RequestTokenError::Other(_) => TokenError::Malformed("the answer is empty or no JSON"),
    }
}

fn tokens_of(
    response: &Response,
    untold_scopes: impl FnOnce() -> Vec<String>,
    former: Option<&Sensitive>,
    now: Timestamp,
) -> Result<Tokens, TokenError> {
    if !matches!(response.token_type(), BasicTokenType::Bearer) {
        return Err(TokenError::Malformed("the token is no bearer token"));
    }
    let access_token = response.access_token().secret();
    if access_token.is_empty() {
        return Err(TokenError::Malformed("the access token is empty"));
    }
    let life = response.expires_in().map_or(UNTOLD_LIFE, |life| {
        i64::try_from(life.as_secs()).map_or(MAX_LIFE, |seconds| seconds.min(MAX_LIFE))
    });
    let refresh_token = response
        .refresh_token()
        .map(RefreshToken::secret)
        .filter(|text| !text.is_empty())
        .map(|text| Sensitive::new(text.as_str()))
        .or_else(|| former.cloned());
    Ok(Tokens {
        access_token: Sensitive::new(access_token.as_str()),
        refresh_token,
        expires_at: now.plus(TimeDelta::seconds(life)),
        scopes: response
            .scopes()
            .map(|scopes| told_scopes(scopes))
            .filter(|scopes| !scopes.is_empty())
            .unwrap_or_else(untold_scopes),
        id_token: response.extra_fields().id_token.clone(),
    })
}

fn told_scopes(scopes: &[Scope]) -> Vec<String> {
    scopes
        .iter()
        .map(|scope| scope.to_string())
        .filter(|scope| !scope.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::test_support::{
        Script, at, form_of, google, google_metadata, metadata_of, microsoft, microsoft_metadata,
        ready, reply, tokens,
    };
    use crate::oauth::{Access, Provider};
    use serde_json::{Value, json};

    fn exchange(script: &Script) -> Result<Tokens, TokenError> {
        let verifier = Verifier::new(&[7; 32]);
        let code = Sensitive::new("the-code");
        let settings = google();
        let metadata = metadata_of(&settings, &google_metadata());
        let http = script.client();
        ready(exchange_code(
            &settings,
            &metadata,
            CodeExchange {
                code: &code,
                verifier: &verifier,
                redirect_uri: "https://delegate.example/callback",
                intent: Intent::Connect(&[Access::Mail]),
            },
            at(0),
            &http,
        ))
    }

    fn refreshed(former: &Tokens, script: &Script) -> Result<Tokens, TokenError> {
        let settings = microsoft();
        let metadata = metadata_of(&settings, &microsoft_metadata());
        let http = script.client();
        ready(refresh(&settings, &metadata, former, at(0), &http))
    }

    fn answer() -> Value {
        json!({
            "access_token": "at",
            "token_type": "Bearer",
            "expires_in": 3599,
            "refresh_token": "rt",
            "scope": "openid https://www.googleapis.com/auth/gmail.modify",
            "id_token": "a.b.c",
        })
    }

    fn failure(status: u16, body: &str) -> TokenError {
        exchange(&Script::new(reply(status, body)))
            .err()
            .expect("an error")
    }

    #[test]
    fn a_code_is_exchanged_with_its_verifier_and_its_address() {
        let script = Script::new(reply(200, &answer().to_string()));
        let tokens = exchange(&script).expect("tokens");
        assert_eq!(tokens.access_token.expose(), "at");
        assert_eq!(
            tokens.refresh_token.map(|it| it.expose().to_owned()),
            Some("rt".into())
        );
        assert_eq!(
            tokens.id_token.map(|it| it.expose().to_owned()),
            Some("a.b.c".into())
        );
        assert_eq!(tokens.expires_at, at(3599));
        assert_eq!(
            tokens.scopes,
            ["openid", "https://www.googleapis.com/auth/gmail.modify"]
        );
        let request = script.only_request();
        assert_eq!(request.uri(), "https://oauth2.googleapis.com/token");
        assert_eq!(request.method(), "POST");
        let verifier = Verifier::new(&[7; 32]);
        assert_eq!(
            json!(form_of(&request)),
            json!({
                "grant_type": "authorization_code",
                "code": "the-code",
                "code_verifier": verifier.expose(),
                "redirect_uri": "https://delegate.example/callback",
                "client_id": "client-of-google",
                "client_secret": "the-secret",
            })
        );
    }

    #[test]
    fn a_client_says_who_it_is_by_http_basic_where_the_provider_does_not_take_it_in_the_body() {
        let settings =
            ProviderSettings::new(Provider::Google, "an:id", "a/secret", None).expect("settings");
        let mut document = google_metadata();
        document["token_endpoint_auth_methods_supported"] = json!(["client_secret_basic"]);
        let metadata = metadata_of(&settings, &document);
        let script = Script::new(reply(200, &answer().to_string()));
        let http = script.client();
        let former = tokens(Some("old"), at(0));
        assert!(ready(refresh(&settings, &metadata, &former, at(0), &http)).is_ok());
        let request = script.only_request();
        // base64("an%3Aid:a%2Fsecret"): each half is encoded first (RFC 6749, section 2.3.1).
        assert_eq!(
            request.headers()["authorization"],
            "Basic YW4lM0FpZDphJTJGc2VjcmV0"
        );
        assert!(!form_of(&request).contains_key("client_secret"));
    }

    #[test]
    fn a_refresh_token_stays_where_the_provider_gives_no_new_one() {
        let former = tokens(Some("old"), at(0));
        let script = Script::new(reply(
            200,
            r#"{"access_token":"new","token_type":"Bearer","expires_in":3600}"#,
        ));
        let new = refreshed(&former, &script).expect("tokens");
        assert_eq!(new.access_token.expose(), "new");
        assert_eq!(
            new.refresh_token.map(|it| it.expose().to_owned()),
            Some("old".into())
        );
        assert_eq!(new.scopes, former.scopes);
        let form = form_of(&script.only_request());
        assert_eq!(form["grant_type"], "refresh_token");
        assert_eq!(form["refresh_token"], "old");
        assert!(!form.contains_key("scope"), "the grant stays as it was");
    }

    #[test]
    fn a_refresh_token_that_was_rotated_takes_the_place_of_the_former() {
        let former = tokens(Some("old"), at(0));
        let script = Script::new(reply(200, &answer().to_string()));
        let new = refreshed(&former, &script).expect("tokens");
        assert_eq!(
            new.refresh_token.map(|it| it.expose().to_owned()),
            Some("rt".into())
        );
    }

    #[test]
    fn tokens_without_a_refresh_token_are_not_refreshed_and_nobody_is_asked() {
        let script = Script::new(reply(200, &answer().to_string()));
        let error = refreshed(&tokens(None, at(0)), &script)
            .err()
            .expect("an error");
        assert!(matches!(error, TokenError::InvalidGrant(_)));
        assert!(script.requests().is_empty());
    }

    #[test]
    fn a_grant_that_has_ended_needs_the_person() {
        let error = failure(
            400,
            r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#,
        );
        assert!(matches!(error, TokenError::InvalidGrant(_)));
        assert!(error.needs_person());
        assert_eq!(error.code(), "grant_ended");
        let error = failure(
            400,
            r#"{"error":"interaction_required","error_description":"AADSTS50076: x"}"#,
        );
        assert!(matches!(error, TokenError::Denied(_)) && error.needs_person());
    }

    #[test]
    fn a_wrong_secret_is_no_matter_of_the_person() {
        let error = failure(
            401,
            r#"{"error":"invalid_client","error_description":"AADSTS7000222: expired"}"#,
        );
        assert!(!error.needs_person());
        assert_eq!(error.code(), "provider_misconfigured");
        assert_eq!(error.cause(), "invalid_client AADSTS7000222");
    }

    #[test]
    fn a_provider_that_is_busy_or_broken_is_asked_again_later() {
        for status in [408, 429, 500, 502, 503, 504] {
            let error = failure(status, "<html>");
            assert!(
                matches!(
                    error,
                    TokenError::Transient {
                        retry_after: None,
                        ..
                    }
                ),
                "{status}"
            );
        }
        let error = failure(400, r#"{"error":"temporarily_unavailable"}"#);
        assert!(matches!(error, TokenError::Transient { .. }));
    }

    #[test]
    fn a_provider_says_how_long_it_wants_to_be_left_alone() {
        let pause = |text: &str| {
            let mut reply = reply(429, "");
            reply
                .headers_mut()
                .insert(RETRY_AFTER, text.parse().expect("a header"));
            match exchange(&Script::new(reply)).err() {
                Some(TokenError::Transient { retry_after, .. }) => retry_after,
                _ => panic!("transient"),
            }
        };
        assert_eq!(pause("30"), Some(30));
        let later = at(90)
            .to_utc()
            .format("%a, %d %b %Y %H:%M:%S GMT")
            .to_string();
        assert_eq!(pause(&later), Some(90));
        assert_eq!(pause("-5"), Some(0));
        assert_eq!(pause("99999999999"), Some(86_400));
        assert_eq!(pause("soon"), None);
    }

    #[test]
    fn a_network_that_fails_is_transient_and_says_why() {
        let script = Script::failing("connection reset");
        assert_eq!(
            exchange(&script).err(),
            Some(TokenError::Transient {
                cause: "connection reset".into(),
                retry_after: None
            })
        );
    }

    #[test]
    fn an_answer_that_is_none_is_refused_and_not_repeated() {
        for (status, body) in [
            (200, ""),
            (200, "<html>"),
            (200, "{}"),
            (
                200,
                r#"{"access_token":"secret-value","token_type":"Bearer","expires_in":"x"}"#,
            ),
            (200, r#"{"access_token":"","token_type":"Bearer"}"#),
            (200, r#"{"access_token":"secret-value","token_type":"mac"}"#),
            (302, "secret-value"),
            (400, ""),
            (400, "secret-value"),
        ] {
            let error = failure(status, body);
            assert!(matches!(error, TokenError::Malformed(_)), "{status} {body}");
            assert!(!format!("{error:?}").contains("secret-value"));
        }
    }

    #[test]
    fn an_answer_of_more_than_256_kib_is_refused() {
        let body = format!(
            r#"{{"access_token":"at","token_type":"Bearer","x":"{}"}}"#,
            "x".repeat(MAX_ANSWER)
        );
        assert_eq!(
            failure(200, &body),
            TokenError::Malformed("the answer is too large")
        );
    }

    #[test]
    fn a_life_is_believed_within_reason() {
        let expires = |life: Value| {
            let mut answer = answer();
            answer["expires_in"] = life;
            exchange(&Script::new(reply(200, &answer.to_string())))
                .ok()
                .map(|tokens| tokens.expires_at)
        };
        assert_eq!(expires(json!(null)), Some(at(UNTOLD_LIFE)));
        assert_eq!(expires(json!(u64::MAX)), Some(at(MAX_LIFE)));
        assert_eq!(expires(json!(-1)), None);
    }

    #[test]
    fn an_access_token_is_not_begun_with_in_its_last_minute() {
        let tokens = tokens(None, at(3600));
        assert!(tokens.is_fresh(at(3539)));
        assert!(!tokens.is_fresh(at(3540)));
    }

    #[test]
    fn what_is_sealed_of_tokens_is_read_again_without_the_identity() {
        let mut before = tokens(Some("rt"), at(60));
        before.id_token = Some(Sensitive::new("a.b.c"));
        let text = serde_json::to_string(&before).expect("JSON");
        assert!(!text.contains("a.b.c"));
        let after: Tokens = serde_json::from_str(&text).expect("tokens");
        assert_eq!(after.access_token.expose(), before.access_token.expose());
        assert_eq!(after.expires_at, before.expires_at);
        assert!(after.id_token.is_none());
    }
}
