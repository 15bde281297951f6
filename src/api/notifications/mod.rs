//! The live channel's door: tickets for browsers, and the upgrade to a WebSocket.

use chrono::TimeDelta;
use delegate_core::error::{Error, Kind};
use delegate_core::hub::PROTOCOL;
use delegate_core::identifier::UserId;
use delegate_core::secret::encode;
use delegate_core::time::Timestamp;
use delegate_core::token::{Credential, TICKET_LIFE, Ticket};
use delegate_durable_objects::command::UsedTicket;
use http::Method;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::document::{Problem, ReadProblems};
use crate::http::call::Call;
use crate::http::caller::{Live, SignedIn, authorize, confirm_account, unauthenticated};
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::hub;
use crate::platform::random;
use crate::store::api_keys;

/// What opens one WebSocket.
#[derive(Serialize, ToSchema)]
pub(crate) struct IssuedTicket {
    /// For `/ws/connect?ticket=`; good once.
    ticket: String,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// A ticket for a browser, which can't send a header with a WebSocket
#[utoipa::path(
    post, path = "/api/v1/ws/tickets", tag = "notifications", security(("access_token" = ["session"])),
    responses((status = 201, body = IssuedTicket), ReadProblems)
)]
#[worker::send]
pub(crate) async fn create_ticket(call: Call, caller: SignedIn) -> Outcome {
    let expires_at = call.started().plus(TICKET_LIFE);
    let nonce = encode(&random::bytes::<16>()?);
    let ticket = Ticket {
        user: caller.user,
        session: caller.session,
        expires_at,
        nonce,
    };
    let ticket = ticket.seal(&call.configuration().secret);
    Ok(Reply::of(&IssuedTicket { ticket, expires_at })?.with_status(201))
}

/// Open the live channel (WebSocket, subprotocol `delegate.v1`)
#[utoipa::path(
    get, path = "/ws/connect", tag = "notifications", security(("access_token" = ["live"])),
    params(("ticket" = Option<String>, Query)),
    responses(
        (status = 101, description = "The channel is open"),
        (status = 403, description = "A page of an origin that is not allowed", body = Problem,
         content_type = "application/problem+json"),
        (status = 426, description = "Not a WebSocket handshake", body = Problem,
         content_type = "application/problem+json"),
        ReadProblems
    )
)]
#[worker::send]
pub(crate) async fn connect(call: Call, query: Query) -> Outcome {
    let query = query.known(&["ticket"])?;
    check_handshake(&call)?;
    let (user, credential, ticket) = if let Some(text) = query.text("ticket") {
        by_ticket(&call, text)?
    } else {
        let caller = authorize::<Live>(&call, &Method::GET, "/ws/connect")?;
        (caller.user, caller.credential, None)
    };
    // The hub is next. It knows of sessions that have ended, but not of keys, and nothing at all of
    // an account that is gone.
    let until = end_of(&call, &user, &credential).await?;
    call.set_user(&user);
    let response = hub::connect(call.env(), &user, credential, ticket, until).await?;
    match response.status_code() {
        101 => Ok(Reply::platform(response)),
        409 => Err(refused().into()),
        410 => Err(unauthenticated().into()),
        status => Err(Error::unavailable(format!("hub answered {status}")).into()),
    }
}

/// When a key ends, and its sockets with it; sessions end when they are ended. Fails where the
/// account does not go on.
async fn end_of(
    call: &Call,
    user: &UserId,
    credential: &Credential,
) -> Result<Option<Timestamp>, Error> {
    let of_key = match credential {
        Credential::Key(key) => Some(api_keys::find_end(user, key)),
        Credential::Session(_) => None,
    };
    let answers = confirm_account(call, user, of_key).await?;
    let end = answers.last().and_then(|answer| answer.text("expires_at"));
    Ok(end.as_deref().and_then(Timestamp::parse))
}

/// Who has the ticket, and what the hub remembers of it.
fn by_ticket(call: &Call, text: &str) -> Result<(UserId, Credential, Option<UsedTicket>), Error> {
    let ticket =
        Ticket::open(text, &call.configuration().secret, call.started()).map_err(|_| refused())?;
    // Remembered for longer than it is good, whichever clock is ahead.
    let until = ticket.expires_at.plus(TimeDelta::seconds(60));
    let used = UsedTicket {
        nonce: ticket.nonce,
        expires_ms: u64::try_from(until.milliseconds()).unwrap_or(0),
    };
    Ok((ticket.user, Credential::Session(ticket.session), Some(used)))
}

fn check_handshake(call: &Call) -> Result<(), Error> {
    let is_upgrade = call
        .header("upgrade")
        .is_some_and(|value| value.eq_ignore_ascii_case("websocket"));
    if !is_upgrade {
        return Err(Error::new(
            Kind::UpgradeRequired,
            "upgrade_required",
            "This resource is a WebSocket.",
        ));
    }
    if call
        .header("origin")
        .is_some_and(|origin| !call.configuration().allows_origin(&origin))
    {
        return Err(Error::new(
            Kind::Forbidden,
            "origin_not_allowed",
            "Pages of this origin may not connect.",
        ));
    }
    let offered = call.header("sec-websocket-protocol").unwrap_or_default();
    if !offered
        .split(',')
        .any(|protocol| protocol.trim() == PROTOCOL)
    {
        return Err(Error::invalid_parameter(
            "Sec-WebSocket-Protocol",
            "unknown_protocol",
            format!("must offer {PROTOCOL}"),
        ));
    }
    Ok(())
}

fn refused() -> Error {
    Error::new(
        Kind::Unauthenticated,
        "invalid_ticket",
        "The ticket is unknown, expired, or was used before.",
    )
}
