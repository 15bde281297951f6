use axum::extract::RawQuery;
use delegate_core::account::{Address, MAX_NAME};
use delegate_core::connection::{Grant, Status, account_key, grant_belongs, verifier_belongs};
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{AuditId, ConnectionId, UserId};
use delegate_core::oauth::id_token::{self, Expectation, SignedInAs};
use delegate_core::oauth::{
    Access, Answer, AnswerRefusal, Callback, CallbackRefusal, CodeExchange, Denied, Intent,
    Metadata, ProviderSettings, Sensitive, TokenError, Tokens, Verifier, admin_consent_url,
    exchange_code,
};
use delegate_core::secret::token_hash;
use delegate_durable_objects::provider;

use super::{
    FAILED, Navigation, back_to, browser_key, configured, metadata, random_text, redirect_uri,
    unreachable, with_parameters,
};
use crate::api::document::ReadProblems;
use crate::configuration::RegistrationPolicy;
use crate::http::call::Call;
use crate::http::limits;
use crate::http::page::{self, Link};
use crate::http::path::Id;
use crate::http::reply::{Outcome, Reply};
use crate::http::source;
use crate::platform::random;
use crate::store::audit::{Action, Entry};
use crate::store::authorizations::{self, Claimed};
use crate::store::connections::{self, Newcomer, Standing};

/// Where a provider sends the browser back to. It goes on to the page that began, with a one-time
/// `code` (`connection_code` where an account was to be connected), or with `error` and
/// `error_description`. Two round trips: the visit is claimed before the provider is asked
#[utoipa::path(
    get, path = "/api/v1/auth/{provider}/callback", tag = "auth", security(()),
    params(
        ("provider" = String, Path, description = "`google` or `microsoft`"),
        ("state" = Option<String>, Query), ("code" = Option<String>, Query),
        ("iss" = Option<String>, Query), ("error" = Option<String>, Query),
        ("error_description" = Option<String>, Query), ("admin_consent" = Option<String>, Query),
    ),
    responses(
        (status = 200, description = "What an administrator's consent came to", content_type = "text/html"),
        (status = 303, description = "To the page that began"),
        ReadProblems
    )
)]
#[worker::send]
pub(crate) async fn come_back_from_provider(
    call: Call,
    _: Navigation,
    Id(name): Id<String>,
    RawQuery(query): RawQuery,
) -> Outcome {
    let query = query.unwrap_or_default();
    let answered = answer(&call, &name, &query).await;
    Ok(answered.unwrap_or_else(|error| page::failure(&call, FAILED, &error, &[])))
}

async fn answer(call: &Call, name: &str, query: &str) -> Result<Reply, Error> {
    let settings = configured(call.configuration(), name)?;
    let answer = match Callback::parse(query).map_err(unusable)? {
        Callback::Answer(answer) => answer,
        Callback::AdminConsent { is_approved } => return Ok(administrator(is_approved)),
    };
    limits::enter(call).await?;
    let visit = claim(call, settings, &answer).await?;
    match complete(call, settings, answer, &visit).await {
        Ok(reply) => Ok(reply),
        Err(Setback::Denied(denied)) => denial(call, settings, &visit, &denied),
        Err(Setback::Refused(error)) => Ok(page::failure(
            call,
            FAILED,
            &error,
            &back_to(&visit.claimed.return_to),
        )),
    }
}

/// A visit that has come back, and what it was for.
struct Visit {
    state_hash: String,
    claimed: Claimed,
    access: Vec<Access>,
}

impl Visit {
    fn intent(&self) -> Intent<'_> {
        if self.claimed.user_id.is_some() {
            Intent::Connect(&self.access)
        } else {
            Intent::SignIn
        }
    }
}

/// Why a visit that was claimed came to nothing.
enum Setback {
    /// The provider, or the person there, said no: the page that began is told.
    Denied(Denied),
    /// Something is not as it should be: a page tells.
    Refused(Error),
}

impl From<Error> for Setback {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

fn unusable(refusal: CallbackRefusal) -> Error {
    let error = Error::new(
        Kind::Malformed,
        "invalid_callback",
        "This is not an answer to a sign-in. Begin again where you came from.",
    );
    error.caused_by(format!("{refusal:?}"))
}

fn administrator(is_approved: bool) -> Reply {
    let text = if is_approved {
        "Your organization has approved Delegate. Its people can now sign in and connect their \
         accounts."
    } else {
        "Delegate was not approved for your organization. Nothing was changed."
    };
    page::of(200, "Administrator's consent", text, &[], "")
}

/// Claims the visit: in its browser, for its provider, once.
async fn claim(call: &Call, settings: &ProviderSettings, answer: &Answer) -> Result<Visit, Error> {
    let state_hash = token_hash(answer.state());
    let browser = browser_key(call).ok_or_else(unknown_visit)?;
    let claim = authorizations::claim(
        &state_hash,
        &token_hash(&browser),
        settings.provider().as_str(),
        call.started(),
    );
    let answer = call.database().run(claim).await?;
    let claimed = answer.first::<Claimed>()?.ok_or_else(unknown_visit)?;
    let access = serde_json::from_str(&claimed.scopes)
        .map_err(|error| Error::internal(format!("a visit's parts: {error}")))?;
    Ok(Visit {
        state_hash,
        claimed,
        access,
    })
}

/// The same for a visit that never was, is over, or was begun in another browser.
fn unknown_visit() -> Error {
    Error::new(
        Kind::Malformed,
        "unknown_visit",
        "This sign-in was not begun in this browser, took longer than ten minutes, or was completed \
         already. Begin again where you came from.",
    )
}

async fn complete(
    call: &Call,
    settings: &ProviderSettings,
    answer: Answer,
    visit: &Visit,
) -> Result<Reply, Setback> {
    let metadata = metadata(settings).await?;
    let code = answer.into_code(&metadata).map_err(|refusal| match refusal {
        AnswerRefusal::Denied(denied) => Setback::Denied(denied),
        AnswerRefusal::Issuer => Setback::Refused(Error::new(
            Kind::Malformed,
            "wrong_issuer",
            "The answer is not of the provider that was asked. Begin again where you came from.",
        )),
    })?;
    let tokens = exchange(call, settings, &metadata, &code, visit).await?;
    let account = identify(settings, &metadata, &tokens, visit, call).await?;
    let (name, code) = match &visit.claimed.user_id {
        Some(user) => (
            "connection_code",
            park(call, user, account, tokens, visit).await?,
        ),
        None => ("code", sign_in(call, &account, visit).await?),
    };
    let page = with_parameters(&visit.claimed.return_to, &[(name, &code)])?;
    Ok(to_page(page))
}

fn to_page(page: String) -> Reply {
    Reply::no_content()
        .with_status(303)
        .with_header("location", page)
}

/// Exchanges the provider's code, once: a second attempt would be another visit.
async fn exchange(
    call: &Call,
    settings: &ProviderSettings,
    metadata: &Metadata,
    code: &Sensitive,
    visit: &Visit,
) -> Result<Tokens, Setback> {
    let place = verifier_belongs(&visit.state_hash);
    let keys = &call.configuration().providers.sealing_keys;
    let opened = keys.open(&visit.claimed.verifier, place);
    let verifier = opened
        .ok()
        .and_then(|plain| Verifier::parse(std::str::from_utf8(&plain).ok()?))
        .ok_or_else(|| Error::internal("a verifier that does not open"))?;
    let exchange = CodeExchange {
        code,
        verifier: &verifier,
        redirect_uri: &redirect_uri(call.configuration(), settings.provider()),
        intent: visit.intent(),
    };
    let exchanged = exchange_code(
        settings,
        metadata,
        exchange,
        call.started(),
        &provider::send,
    );
    exchanged.await.map_err(|error| match error {
        TokenError::InvalidGrant(denied) | TokenError::Denied(denied) => Setback::Denied(denied),
        TokenError::Transient { cause, .. } => {
            Setback::Refused(unreachable(settings.provider(), &cause))
        }
        TokenError::Malformed(cause) => Setback::Refused(untrusted(cause)),
    })
}

/// An answer of a provider that is not to be believed.
fn untrusted(cause: impl Into<String>) -> Error {
    Error::new(
        Kind::Forbidden,
        "identity_not_verified",
        "What the provider said of you could not be verified, so nothing was changed. Begin again; \
         if it happens again, tell whoever runs this deployment.",
    )
    .caused_by(cause)
}

/// Who it is, by the provider's signed word.
async fn identify(
    settings: &ProviderSettings,
    metadata: &Metadata,
    tokens: &Tokens,
    visit: &Visit,
    call: &Call,
) -> Result<SignedInAs, Error> {
    let token = tokens.id_token.as_ref().map(Sensitive::expose);
    let token = token.ok_or_else(|| untrusted("no ID token"))?;
    let key_id = id_token::key_id(token).ok_or_else(|| untrusted("an ID token without kid"))?;
    let keys = provider::keys(metadata, &key_id)
        .await
        .map_err(|unanswered| unreachable(settings.provider(), &unanswered.0))?;
    let expectation = Expectation {
        settings,
        metadata,
        keys: &keys,
        nonce: &visit.claimed.nonce,
        now: call.started(),
    };
    id_token::verify(token, expectation)
        .map_err(|refusal| untrusted(format!("the ID token: {refusal:?}")))
}

/// Keeps what is to be connected, sealed, until its person says that it is theirs.
async fn park(
    call: &Call,
    user: &str,
    account: SignedInAs,
    tokens: Tokens,
    visit: &Visit,
) -> Result<String, Error> {
    let user = UserId::parse(user).map_err(|error| Error::internal(error.to_string()))?;
    call.set_user(&user);
    if tokens.refresh_token.is_none() {
        return Err(Error::new(
            Kind::Conflict,
            "no_lasting_access",
            "The provider gave no lasting access. Remove Delegate from the applications of your \
             account there, and begin again.",
        ));
    }
    let code = random_text()?;
    let code_hash = token_hash(&code);
    let grant = serde_json::to_vec(&Grant { account, tokens })
        .map_err(|error| Error::internal(format!("a grant: {error}")))?;
    let keys = &call.configuration().providers.sealing_keys;
    let place = grant_belongs(&code_hash, &user);
    let sealed = keys
        .seal(&grant, place, &random::bytes()?)
        .ok_or_else(|| Error::internal("sealing a grant"))?;
    let challenge = visit.claimed.challenge.as_deref();
    let keep = authorizations::keep(
        &code_hash,
        challenge,
        Some(&sealed),
        "users WHERE users.id = ?",
        call.started(),
    );
    let kept = call.database().run(keep.bind(user.as_str())).await?;
    if kept.changes() == 0 {
        return Err(unknown_visit());
    }
    Ok(code)
}

/// Finds or makes the account of who has signed in, and answers a one-time code for it.
async fn sign_in(call: &Call, account: &SignedInAs, visit: &Visit) -> Result<String, Error> {
    let now = call.started();
    let code = random_text()?;
    let user = UserId::new(now, call.entropy()?);
    let connection = ConnectionId::new(now, call.entropy()?);
    let address = account.email.as_deref().and_then(Address::parse);
    let name = display_name(account, address.as_ref());
    // An address that the provider does not vouch for is shown, but not taken possession of: its
    // key is one that no address has.
    let own_key = account_key(account.provider.as_str(), &account.issuer, &account.subject);
    let vouched = address.as_ref().filter(|_| account.is_email_verified);
    let key = vouched.map_or(own_key.as_str(), Address::key);
    let newcomer = Newcomer {
        user: &user,
        connection: &connection,
        email: address.as_ref().map(|it| (it.as_str(), key)),
        is_vouched: vouched.is_some(),
        name: &name,
        invitation: visit.claimed.invitation.as_deref(),
        is_open: call.configuration().registration == RegistrationPolicy::Open,
    };
    let mut statements = connections::register(&newcomer, account, now);
    let source = source::request(call);
    let entry = Entry::new(
        AuditId::new(now, call.entropy()?),
        &source,
        Action::Registered,
    );
    statements.push(entry.on(connection.as_str()).written_if_changed(&user, now));
    let keep = authorizations::keep(
        &token_hash(&code),
        visit.claimed.challenge.as_deref(),
        None,
        connections::PERSON_OF_ACCOUNT,
        now,
    );
    statements.push(connections::for_account(keep, account));
    statements.push(connections::standing(account, vouched.map(Address::key)));
    let answers = call.database().batch(statements).await?;
    let [.., kept, standing] = answers.as_slice() else {
        return Err(Error::internal("D1 answered fewer results than statements"));
    };
    if kept.changes() > 0 {
        return Ok(code);
    }
    let standing = standing.first::<Standing>()?;
    Err(not_let_in(standing, address.is_some()))
}

/// What a newcomer is called: what the provider says, or the part before the `@`.
fn display_name(account: &SignedInAs, address: Option<&Address>) -> String {
    let told = account.name.as_deref().map(str::trim).unwrap_or_default();
    let name: String = told
        .chars()
        .filter(|character| !character.is_control())
        .take(MAX_NAME)
        .collect();
    if !name.is_empty() {
        return name;
    }
    let local = address.and_then(|address| address.as_str().rsplit_once('@'));
    local.map_or_else(|| "New".to_owned(), |(local, _)| local.to_owned())
}

/// Why somebody whom a provider vouches for is not signed in.
fn not_let_in(standing: Option<Standing>, has_address: bool) -> Error {
    let forbidden = |code, detail| Error::new(Kind::Forbidden, code, detail);
    let Some(standing) = standing else {
        return Error::internal("no answer about an account");
    };
    if standing.user_id.is_some() {
        return if standing.status.as_deref() == Some(Status::Disconnecting.as_str()) {
            forbidden(
                "being_disconnected",
                "This account is just being disconnected. Sign in another way, or try again in a \
                 minute.",
            )
        } else {
            forbidden("account_is_gone", "This Delegate account is being erased.")
        };
    }
    if !has_address {
        return forbidden(
            "no_address",
            "The provider told no mail address, and a Delegate account needs one.",
        );
    }
    if standing.is_address_taken > 0.0 {
        return forbidden(
            "address_taken",
            "A Delegate account with this mail address exists already. Sign in to it the way you \
             did before, and connect this account there.",
        );
    }
    forbidden(
        "invitation_needed",
        "Nobody at this deployment has this account, and a new one needs an invitation. Use the \
         link that you were invited with.",
    )
}

/// Tells the page that began what was denied; where only an administrator can help, a page of ours
/// shows the link to send them.
fn denial(
    call: &Call,
    settings: &ProviderSettings,
    visit: &Visit,
    denied: &Denied,
) -> Result<Reply, Error> {
    let provider = settings.provider();
    let explanation = denied.denial.explain(provider);
    let return_to = &visit.claimed.return_to;
    let redirect = redirect_uri(call.configuration(), provider);
    let consent = admin_consent_url(settings, visit.intent(), &redirect);
    if let Some(address) = consent.filter(|_| denied.denial.needs_administrator()) {
        let error =
            Error::new(Kind::Forbidden, denied.denial.code(), explanation).caused_by(&denied.cause);
        let mut links = vec![Link {
            text: "The approval link for an administrator".to_owned(),
            address,
        }];
        links.extend(back_to(return_to));
        return Ok(page::failure(call, FAILED, &error, &links));
    }
    let parameters = [
        ("error", denied.denial.code()),
        ("error_description", explanation.as_str()),
    ];
    let page = with_parameters(return_to, &parameters)?;
    Ok(to_page(page).with_cause(Some(&denied.cause)))
}
