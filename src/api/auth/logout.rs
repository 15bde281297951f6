use delegate_core::identifier::AuditId;
use delegate_core::token::Credential;

use crate::api::document::ReadProblems;
use crate::http::call::Call;
use crate::http::caller::Session;
use crate::http::reply::{Outcome, Reply};
use crate::http::source;
use crate::hub;
use crate::store::audit::{Action, Entry};
use crate::store::sessions;

/// Sign this device out: its refresh token is void and its sockets close
#[utoipa::path(
    post, path = "/api/v1/auth/logout", tag = "auth", security(("access_token" = ["session"])),
    responses((status = 204, description = "Signed out"), ReadProblems)
)]
#[worker::send]
pub(crate) async fn logout(call: Call, caller: Session) -> Outcome {
    let now = call.started();
    let source = source::session(&call, &caller.user, &caller.session);
    let entry = Entry::new(
        AuditId::new(now, call.entropy()?),
        &source,
        Action::SignedOut,
    );
    let statements = vec![
        sessions::end(&caller.user, &caller.session, now),
        entry.written_if_changed(&caller.user, now),
    ];
    call.database().batch(statements).await?;
    // Before the answer: who is told that they are signed out must not hear anything any more.
    let ended = [Credential::Session(caller.session)];
    hub::end(call.env(), &caller.user, &ended).await?;
    Ok(Reply::no_content())
}
