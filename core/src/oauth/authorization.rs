//! The way to a provider and back: the address that the browser is sent to, and what it brings.

use std::borrow::Cow;

use oauth2::url::{Url, form_urlencoded};
use oauth2::{CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope};

use super::denial::{Denial, Denied};
use super::discovery::Metadata;
use super::provider::{Intent, Provider, ProviderSettings};
use super::sensitive::Sensitive;
use super::token::client;
use crate::secret::encode;

/// The most characters of a code that is passed on. Microsoft's have some 2,000.
const MAX_CODE: usize = 8192;
/// The most characters of a state that is looked up; ours have 43.
const MAX_STATE: usize = 128;
/// The most characters of what a callback brings.
const MAX_QUERY: usize = 16 * 1024;

/// What proves, at the exchange, that it is who began (RFC 7636). Sealed while the browser is away.
#[derive(Clone)]
pub struct Verifier(Sensitive);

impl Verifier {
    /// A new one. 32 bytes give the 43 characters that RFC 7636, section 4.1, recommends.
    pub fn new(random: &[u8; 32]) -> Self {
        Self(Sensitive::new(encode(random)))
    }

    /// One that was kept. `None` where it is of no form that a verifier has.
    pub fn parse(text: &str) -> Option<Self> {
        let is_verifier = (43..=128).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        is_verifier.then(|| Self(Sensitive::new(text)))
    }

    /// The text, to be sealed.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// In the crate's terms, which panics at a length that [`Self::parse`] does not let in.
    pub(super) fn to_crate(&self) -> PkceCodeVerifier {
        PkceCodeVerifier::new(self.expose().to_owned())
    }
}

/// A visit that is about to begin.
#[derive(Clone, Copy)]
pub struct AuthorizationRequest<'a> {
    /// What for.
    pub intent: Intent<'a>,
    /// Where the browser comes back to: to the letter what the provider has registered, and a path
    /// of this provider's own, so that one provider's answer can't be taken for another's.
    pub redirect_uri: &'a str,
    /// What finds the visit again; 32 random bytes, encoded.
    pub state: &'a str,
    /// What the ID token has to repeat; 32 random bytes, encoded.
    pub nonce: &'a str,
    /// What the exchange has to prove.
    pub verifier: &'a Verifier,
    /// The account that is meant, where one is: the address of a connection to be renewed.
    pub login_hint: Option<&'a str>,
}

/// Where the browser is sent. `None` where the redirect address is no address.
pub fn authorization_url(
    settings: &ProviderSettings,
    metadata: &Metadata,
    request: AuthorizationRequest<'_>,
) -> Option<String> {
    let provider = settings.provider();
    let redirect = RedirectUrl::new(request.redirect_uri.to_owned()).ok()?;
    let client = client(settings, metadata);
    let mut authorization = client
        .authorize_url(|| CsrfToken::new(request.state.to_owned()))
        .set_redirect_uri(Cow::Owned(redirect))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(
            &request.verifier.to_crate(),
        ))
        .add_scopes(
            request
                .intent
                .scopes(provider)
                .into_iter()
                .map(|scope| Scope::new(scope.to_owned())),
        )
        .add_extra_param("nonce", request.nonce);
    for (name, value) in request.intent.parameters(provider) {
        authorization = authorization.add_extra_param(*name, *value);
    }
    if let Some(hint) = request.login_hint {
        authorization = authorization.add_extra_param("login_hint", hint);
    }
    Some(authorization.url().0.into())
}

/// Where an administrator at Microsoft approves us for their organization. `None` where there is
/// no such place: at Google, for personal accounts, or at an issuer that is not of Microsoft's form.
///
/// It is a link to pass on, not a visit of ours: it has no state, and [`Callback::AdminConsent`] is
/// all that comes back of it.
pub fn admin_consent_url(
    settings: &ProviderSettings,
    intent: Intent<'_>,
    redirect_uri: &str,
) -> Option<String> {
    let (authority, tenant) = settings.tenant()?;
    let tenant = match tenant {
        "consumers" => return None,
        // The endpoint does not take "common", since it is not for personal accounts.
        "common" => "organizations",
        other => other,
    };
    let mut url = Url::parse(&format!("{authority}/{tenant}/v2.0/adminconsent")).ok()?;
    url.query_pairs_mut()
        .append_pair("client_id", settings.client_id())
        .append_pair("scope", &intent.scopes(Provider::Microsoft).join(" "))
        .append_pair("redirect_uri", redirect_uri);
    Some(url.into())
}

/// Why what came to the callback is no answer to anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackRefusal {
    /// Longer than any answer is.
    TooLong,
    /// A parameter of the standard twice (RFC 6749, section 3.1).
    Repeated,
    /// No state, so it is nobody's.
    NoState,
    /// Neither a code nor an error, or both.
    NoAnswer,
}

/// What a browser brings back.
pub enum Callback {
    /// The answer to a visit.
    Answer(Answer),
    /// An administrator has followed [`admin_consent_url`] and said yes, or no. Anybody can make
    /// such a callback up, so nothing follows from it but a page to read.
    AdminConsent {
        /// Whether it says that they approved.
        is_approved: bool,
    },
}

/// A provider's answer, not checked yet. Has no `Debug`, since a code is in it.
pub struct Answer {
    state: String,
    issuer: Option<String>,
    code: Result<Sensitive, Denied>,
}

/// Why an answer gives no code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerRefusal {
    /// It is of another provider than the visit was to (RFC 9207).
    Issuer,
    /// The provider denied what was asked for.
    Denied(Denied),
}

/// The parameters that count; each may be there once.
#[derive(Default)]
struct Parameters<'a> {
    state: Option<Cow<'a, str>>,
    code: Option<Cow<'a, str>>,
    error: Option<Cow<'a, str>>,
    error_description: Option<Cow<'a, str>>,
    iss: Option<Cow<'a, str>>,
    admin_consent: Option<Cow<'a, str>>,
}

impl<'a> Parameters<'a> {
    fn read(query: &'a str) -> Result<Self, CallbackRefusal> {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "state" => &mut parameters.state,
                "code" => &mut parameters.code,
                "error" => &mut parameters.error,
                "error_description" => &mut parameters.error_description,
                "iss" => &mut parameters.iss,
                "admin_consent" => &mut parameters.admin_consent,
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(CallbackRefusal::Repeated);
            }
        }
        Ok(parameters)
    }
}

impl Callback {
    /// Reads the query of the address, without its question mark.
    pub fn parse(query: &str) -> Result<Self, CallbackRefusal> {
        if query.len() > MAX_QUERY {
            return Err(CallbackRefusal::TooLong);
        }
        let parameters = Parameters::read(query)?;
        // Of an administrator who says no, Microsoft may tell nothing but that.
        let is_refused_by_administrator = parameters.state.is_none()
            && parameters
                .error
                .as_deref()
                .is_some_and(|error| Denied::read(error, None).denial == Denial::Declined);
        let is_of_administrator = parameters.admin_consent.is_some() || is_refused_by_administrator;
        if is_of_administrator && parameters.code.is_none() {
            let is_approved = parameters.error.is_none()
                && parameters
                    .admin_consent
                    .is_some_and(|text| text.eq_ignore_ascii_case("true"));
            return Ok(Self::AdminConsent { is_approved });
        }
        let state = parameters
            .state
            .filter(|state| (1..=MAX_STATE).contains(&state.len()))
            .ok_or(CallbackRefusal::NoState)?;
        let code = match (parameters.code, parameters.error) {
            (Some(code), None) if (1..=MAX_CODE).contains(&code.len()) => {
                Ok(Sensitive::new(code.into_owned()))
            }
            (None, Some(error)) => Err(Denied::read(
                &error,
                parameters.error_description.as_deref(),
            )),
            _ => return Err(CallbackRefusal::NoAnswer),
        };
        Ok(Self::Answer(Answer {
            state: state.into_owned(),
            issuer: parameters.iss.map(Cow::into_owned),
            code,
        }))
    }
}

impl Answer {
    /// What finds the visit that this answers.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// The code, once it is known to be of the provider that the visit was to: `metadata` is that
    /// provider's. A denial is only believed from it, too.
    pub fn into_code(self, metadata: &Metadata) -> Result<Sensitive, AnswerRefusal> {
        if !metadata.accepts_callback_of(self.issuer.as_deref()) {
            return Err(AnswerRefusal::Issuer);
        }
        self.code.map_err(AnswerRefusal::Denied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::Access;
    use crate::oauth::test_support::{
        google, google_metadata, metadata_of, microsoft, microsoft_metadata,
    };
    use proptest::prelude::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const RANDOM: [u8; 32] = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37,
        77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
    ];

    fn parameters(
        settings: &ProviderSettings,
        metadata: &Metadata,
        intent: Intent<'_>,
        login_hint: Option<&str>,
    ) -> (String, BTreeMap<String, String>) {
        let verifier = Verifier::new(&RANDOM);
        let request = AuthorizationRequest {
            intent,
            redirect_uri: "https://delegate.example/api/v1/auth/google/callback",
            state: "the-state",
            nonce: "the-nonce",
            verifier: &verifier,
            login_hint,
        };
        let url = authorization_url(settings, metadata, request).expect("an address");
        let url = Url::parse(&url).expect("an address");
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let map: BTreeMap<_, _> = pairs.iter().cloned().collect();
        assert_eq!(map.len(), pairs.len(), "no parameter stands twice");
        let place = format!("https://{}{}", url.host_str().unwrap_or(""), url.path());
        (place, map)
    }

    fn answer(query: &str) -> Answer {
        match Callback::parse(query) {
            Ok(Callback::Answer(answer)) => answer,
            _ => panic!("an answer: {query}"),
        }
    }

    fn refusal(query: &str) -> Option<CallbackRefusal> {
        Callback::parse(query).err()
    }

    #[test]
    fn the_verifier_and_its_challenge_are_those_of_rfc_7636() {
        assert_eq!(Verifier::new(&RANDOM).expose(), VERIFIER);
        let metadata = metadata_of(&google(), &google_metadata());
        let (_, query) = parameters(&google(), &metadata, Intent::SignIn, None);
        assert_eq!(
            query["code_challenge"],
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert_eq!(query["code_challenge_method"], "S256");
    }

    #[test]
    fn a_verifier_of_another_form_is_refused() {
        assert!(Verifier::parse(VERIFIER).is_some());
        for text in [
            "",
            &VERIFIER.replacen('d', "", 1),
            &"a".repeat(129),
            &format!("{VERIFIER} "),
        ] {
            assert!(Verifier::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn signing_in_with_google_sends_the_browser_there_with_what_binds_the_answer() {
        let metadata = metadata_of(&google(), &google_metadata());
        let (place, query) = parameters(&google(), &metadata, Intent::SignIn, None);
        assert_eq!(place, "https://accounts.google.com/o/oauth2/v2/auth");
        let expected = json!({
            "response_type": "code",
            "client_id": "client-of-google",
            "redirect_uri": "https://delegate.example/api/v1/auth/google/callback",
            "scope": "openid email profile",
            "state": "the-state",
            "nonce": "the-nonce",
            "prompt": "select_account",
            "code_challenge": query["code_challenge"],
            "code_challenge_method": "S256",
        });
        assert_eq!(json!(query), expected);
    }

    #[test]
    fn connecting_at_google_asks_for_consent_and_for_access_while_the_person_is_away() {
        let metadata = metadata_of(&google(), &google_metadata());
        let intent = Intent::Connect(&[Access::Mail]);
        let (_, query) = parameters(&google(), &metadata, intent, Some("ada@example.com"));
        assert_eq!(query["access_type"], "offline");
        assert_eq!(query["include_granted_scopes"], "true");
        assert_eq!(query["prompt"], "consent select_account");
        assert_eq!(query["login_hint"], "ada@example.com");
        assert_eq!(
            query["scope"],
            "openid email profile https://www.googleapis.com/auth/gmail.modify"
        );
    }

    #[test]
    fn connecting_at_microsoft_never_forces_a_consent_that_an_administrator_gave() {
        let metadata = metadata_of(&microsoft(), &microsoft_metadata());
        let intent = Intent::Connect(&[Access::Calendar]);
        let (place, query) = parameters(&microsoft(), &metadata, intent, None);
        assert_eq!(
            place,
            "https://login.microsoftonline.com/common/oauth2/v2.0/authorize"
        );
        assert_eq!(query["prompt"], "select_account");
        assert!(query["scope"].contains("offline_access"));
        assert!(!query.contains_key("access_type"));
    }

    #[test]
    fn an_address_is_kept_to_the_letter_and_what_is_none_gives_none() {
        let metadata = metadata_of(&google(), &google_metadata());
        let verifier = Verifier::new(&RANDOM);
        let url = |redirect_uri| {
            let request = AuthorizationRequest {
                intent: Intent::SignIn,
                redirect_uri,
                state: "s",
                nonce: "n",
                verifier: &verifier,
                login_hint: None,
            };
            authorization_url(&google(), &metadata, request)
        };
        // The address has no path, and gets no slash for it.
        let kept = url("https://delegate.example").expect("an address");
        assert!(kept.contains("redirect_uri=https%3A%2F%2Fdelegate.example&"));
        assert_eq!(url("delegate.example/callback"), None);
    }

    #[test]
    fn the_link_for_an_administrator_names_no_personal_tenant() {
        let redirect = "https://delegate.example/api/v1/auth/microsoft/callback";
        let url = admin_consent_url(&microsoft(), Intent::Connect(&[Access::Mail]), redirect)
            .expect("an address");
        assert!(url.starts_with(
            "https://login.microsoftonline.com/organizations/v2.0/adminconsent?client_id=client-of-microsoft&scope=openid"
        ));
        assert!(url.contains("Mail.ReadWrite"));
        assert_eq!(admin_consent_url(&google(), Intent::SignIn, redirect), None);
        let consumers = ProviderSettings::new(
            Provider::Microsoft,
            "client",
            "secret",
            Some("https://login.microsoftonline.com/consumers/v2.0"),
        )
        .expect("settings");
        assert_eq!(
            admin_consent_url(&consumers, Intent::SignIn, redirect),
            None
        );
    }

    #[test]
    fn a_callback_gives_its_code_to_the_provider_that_the_visit_was_to() {
        let metadata = metadata_of(&google(), &google_metadata());
        let answer = answer("state=s&code=4%2F0Ab&scope=email&authuser=0&hd=example.com");
        assert_eq!(answer.state(), "s");
        let code = answer.into_code(&metadata).expect("a code");
        assert_eq!(code.expose(), "4/0Ab");
    }

    #[test]
    fn an_answer_of_another_issuer_is_refused_even_when_it_is_a_denial() {
        let metadata = metadata_of(&google(), &google_metadata());
        for query in [
            "state=s&code=c&iss=https%3A%2F%2Fevil.example",
            "state=s&error=access_denied&iss=https%3A%2F%2Fevil.example",
            "state=s&code=c&iss=",
        ] {
            assert_eq!(
                answer(query).into_code(&metadata).err(),
                Some(AnswerRefusal::Issuer),
                "{query}"
            );
        }
        let right = answer("state=s&code=c&iss=https%3A%2F%2Faccounts.google.com");
        assert!(right.into_code(&metadata).is_ok());
    }

    #[test]
    fn an_issuer_that_the_metadata_promises_must_be_there() {
        let mut document = google_metadata();
        document["authorization_response_iss_parameter_supported"] = json!(true);
        let metadata = metadata_of(&google(), &document);
        assert_eq!(
            answer("state=s&code=c").into_code(&metadata).err(),
            Some(AnswerRefusal::Issuer)
        );
    }

    #[test]
    fn a_denial_says_what_was_denied() {
        let metadata = metadata_of(&microsoft(), &microsoft_metadata());
        let denied = answer(
            "error=access_denied&error_description=AADSTS90094%3a+Admin+consent+is+required.&state=s",
        );
        let Some(AnswerRefusal::Denied(denied)) = denied.into_code(&metadata).err() else {
            panic!("a denial");
        };
        assert_eq!(denied.denial, Denial::AdminConsentRequired);
        assert_eq!(denied.cause, "access_denied AADSTS90094");
    }

    #[test]
    fn an_administrators_answer_is_not_taken_for_that_of_a_visit() {
        for (query, expected) in [
            ("admin_consent=True&tenant=t&scope=x", true),
            ("admin_consent=True&tenant=t&state=s", true),
            (
                "error=permission_denied&error_description=The+admin+canceled",
                false,
            ),
            ("admin_consent=True&error=access_denied", false),
        ] {
            let Ok(Callback::AdminConsent { is_approved }) = Callback::parse(query) else {
                panic!("an administrator's: {query}");
            };
            assert_eq!(is_approved, expected, "{query}");
        }
    }

    #[test]
    fn a_callback_that_answers_nothing_is_refused() {
        assert_eq!(refusal(""), Some(CallbackRefusal::NoState));
        assert_eq!(refusal("code=c"), Some(CallbackRefusal::NoState));
        assert_eq!(
            refusal("error=server_error"),
            Some(CallbackRefusal::NoState)
        );
        assert_eq!(refusal("code=c&state="), Some(CallbackRefusal::NoState));
        assert_eq!(refusal("state=s"), Some(CallbackRefusal::NoAnswer));
        assert_eq!(refusal("state=s&code="), Some(CallbackRefusal::NoAnswer));
        assert_eq!(
            refusal("state=s&code=c&error=e"),
            Some(CallbackRefusal::NoAnswer)
        );
    }

    #[test]
    fn a_parameter_that_stands_twice_is_refused() {
        for name in ["state", "code", "error", "error_description", "iss"] {
            let query = format!("{name}=a&state=s&code=c&{name}=b");
            assert_eq!(refusal(&query), Some(CallbackRefusal::Repeated), "{name}");
        }
    }

    #[test]
    fn what_is_longer_than_any_answer_is_refused() {
        let state = "s".repeat(MAX_STATE + 1);
        let code = "c".repeat(MAX_CODE + 1);
        assert_eq!(
            refusal(&format!("state={state}&code=c")),
            Some(CallbackRefusal::NoState)
        );
        assert_eq!(
            refusal(&format!("state=s&code={code}")),
            Some(CallbackRefusal::NoAnswer)
        );
        let more = "x".repeat(MAX_QUERY);
        assert_eq!(
            refusal(&format!("state=s&code=c&{more}")),
            Some(CallbackRefusal::TooLong)
        );
    }

    proptest! {
        #[test]
        fn no_callback_panics(query in "(state=|code=|error=|[a-z%&=+]){0,40}") {
            let _ = Callback::parse(&query);
        }
    }
}
