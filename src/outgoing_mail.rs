//! The way out for mail: the platform's `send_email` where the deployment has an address to send
//! from (`MAIL_FROM`), otherwise a table that `cargo xtask mailbox` shows.
//!
//! A message holds secrets: nothing of it is logged, nor of what the platform says about it but the
//! name of the error.

use delegate_core::error::Error;
use delegate_core::identifier::UserId;
use delegate_core::outgoing_mail::{OutgoingMail, Sender};
use delegate_core::time::Timestamp;
use js_sys::Reflect;
use wasm_bindgen::JsValue;
use worker::{EmailMessage, Env};

use crate::configuration::Configuration;
use crate::platform::database::Statement;
use crate::platform::text;
use crate::store::passwords;

/// Who messages are from that never leave this machine.
const NOBODY: &str = "Delegate <delegate@localhost>";

/// Who the deployment sends as.
pub(crate) fn sender(configuration: &Configuration) -> Result<Sender, Error> {
    let configured = configuration.mail_from.clone();
    configured
        .or_else(|| Sender::parse(NOBODY))
        .ok_or_else(|| Error::internal("nobody to send as"))
}

/// Sends a message, or answers the statement that keeps it where there is no way to send it. `id` is
/// the same if the message is delivered again.
pub(crate) async fn deliver(
    env: &Env,
    configuration: &Configuration,
    (user, id): (&UserId, &str),
    mail: &OutgoingMail,
    now: Timestamp,
) -> Result<Option<Statement>, Error> {
    if configuration.mail_from.is_none() {
        return Ok(Some(passwords::keep_message(user, id, &mail.message, now)));
    }
    let binding = env
        .send_email("EMAIL")
        .map_err(|error| Error::internal(format!("binding EMAIL: {error:?}")))?;
    let message = EmailMessage::new(&mail.from, &mail.to, &mail.message)
        .map_err(|error| refused(&error.into()))?;
    match binding.send(&message).await {
        Ok(_) => Ok(None),
        Err(error) => Err(refused(&error.into())),
    }
}

/// The platform tells by a `code` what went wrong; its text may hold addresses. All of it is worth
/// another try: which ones are not, the documentation does not say for good.
fn refused(error: &JsValue) -> Error {
    let named = |name: &'static str| Reflect::get(error, &text::fixed(name)).ok()?.as_string();
    let name = named("code").or_else(|| named("name"));
    Error::unavailable(format!(
        "sending mail: {}",
        name.unwrap_or_else(|| "refused".to_owned())
    ))
}
