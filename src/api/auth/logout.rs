use crate::api::document::ReadProblems;
use crate::http::call::Call;
use crate::http::caller::Caller;
use crate::http::reply::{Outcome, Reply};
use crate::hub;
use crate::store::sessions;

/// Sign this device out: its refresh token is void and its sockets close
#[utoipa::path(
    post, path = "/api/v1/auth/logout", tag = "auth",
    responses((status = 204, description = "Signed out"), ReadProblems)
)]
#[worker::send]
pub(crate) async fn logout(call: Call, caller: Caller) -> Outcome {
    let end = sessions::end(&caller.user, &caller.session, call.started());
    call.database().run(end).await?;
    // Before the answer: who is told that they are signed out must not hear anything any more.
    hub::end_session(call.env(), &caller.user, &caller.session).await?;
    Ok(Reply::no_content())
}
