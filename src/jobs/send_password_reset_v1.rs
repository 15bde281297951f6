//! Sends the message that lets a person set their password anew. What it says is derived, so that a
//! step that is carried out again sends the same message. (The platform gives it a Message-ID of its
//! own; a kill between sending and the commit can show as two messages with the same link.)

use delegate_core::error::Error;
use delegate_core::identifier::ResetId;
use delegate_core::outgoing_mail::password_reset;
use delegate_core::token::reset_token;

use super::{Effect, Step};
use crate::configuration::Configuration;
use crate::outgoing_mail;
use crate::platform::clock;
use crate::store::passwords;

/// The page that takes the token. It stands in the fragment, which no browser sends to a server.
const PAGE: &str = "/reset-password#token=";

pub(super) async fn run(step: &Step<'_>, reset: &ResetId) -> Result<Effect, Error> {
    let now = clock::now();
    let found = step
        .database
        .run(passwords::find_recipient(&step.user, reset, now))
        .await?;
    // Used, expired, or void since a newer one was asked for.
    let Some(to) = found.text("email") else {
        return Ok(Effect::default());
    };
    let configuration = Configuration::of(step.env)?;
    let token = reset_token(&configuration.secret, reset);
    let link = format!("{}{PAGE}{token}", configuration.public_url);
    let sender = outgoing_mail::sender(&configuration)?;
    let mail = password_reset(&sender, &to, (reset, &link), now)?;
    let about = (&step.user, reset.as_str());
    let kept = outgoing_mail::deliver(step.env, &configuration, about, &mail, now).await?;
    Ok(Effect {
        statements: kept.into_iter().collect(),
        ..Effect::default()
    })
}
