//! Limits against guessing, as requests meet them: the platform's limiter in front, then the counts
//! in D1, which ride in the batch that a handler sends anyway.

use delegate_core::error::Error;
use delegate_core::limit::{WINDOW, network, too_many, window_end};
use delegate_core::secret::{Purpose, encode};

use super::call::Call;
use crate::platform::clock;
use crate::platform::database::Preamble;
use crate::platform::log::{Level, Line};
use crate::store::attempts;

/// What the platform's limiter lets through a minute; `wrangler.toml` says the same. It counts by
/// itself, without the database and for each of the platform's locations: it keeps a flood away,
/// and leaves the exact count to D1.
const FRONT_LIMIT: u32 = 600;

/// What is limited, as the database knows it. The key makes it unreadable: all addresses of IPv4
/// can be hashed in a minute.
fn subject(call: &Call, kind: &str, of: &[&str]) -> String {
    let mut text = kind.to_owned();
    for part in of {
        text.push('\0');
        text.push_str(part);
    }
    let secret = &call.configuration().secret;
    encode(&secret.authenticate(Purpose::Attempts, text.as_bytes()))
}

/// The subjects of an account: by the address, as somebody typed it, whether or not there is one.
pub(crate) struct Subjects {
    /// Guesses of its password, from wherever.
    pub(crate) anywhere: String,
    /// Guesses from the network that the call comes from.
    pub(crate) place: String,
    /// Messages that let the password be set anew.
    pub(crate) mails: String,
}

impl Subjects {
    /// Those of an address.
    pub(crate) fn of(call: &Call, address: &str) -> Self {
        let key = address.trim().to_lowercase();
        let network = network(&call.network_address());
        Self {
            anywhere: subject(call, "guess", &[&key]),
            place: subject(call, "guess-from", &[&key, &network]),
            mails: subject(call, "reset-mail", &[&key]),
        }
    }
}

/// The subject of guesses of the current password by somebody who is signed in.
pub(crate) fn current_password(call: &Call, user: &str) -> String {
    subject(call, "current-password", &[user])
}

/// Every subject of an account that signed in from these network addresses.
pub(crate) fn of_account(
    call: &Call,
    user: &str,
    address_key: &str,
    addresses: &[String],
) -> Vec<String> {
    let Subjects {
        anywhere, mails, ..
    } = Subjects::of(call, address_key);
    let places = addresses
        .iter()
        .map(|address| subject(call, "guess-from", &[address_key, &network(address)]));
    places
        .chain([anywhere, mails, current_password(call, user)])
        .collect()
}

/// Lets a call in that anybody can make: asks the platform's limiter, and puts the count of the
/// network into the first batch.
pub(crate) async fn enter(call: &Call) -> Result<(), Error> {
    enter_unless(call, None).await
}

/// The same, where what `excused` finds in the database (the rest of a `SELECT` that takes `?5`) is
/// not counted: who has a secret that nobody can guess does not suffer from a neighbour who tries.
pub(crate) async fn enter_unless(
    call: &Call,
    excused: Option<(&'static str, &str)>,
) -> Result<(), Error> {
    let now = call.started();
    let network = subject(call, "network", &[&network(&call.network_address())]);
    let most = call.configuration().attempts_per_minute;
    if most <= FRONT_LIMIT && !passes_front(call, &network).await {
        return Err(too_many(now.plus(WINDOW), now));
    }
    call.database().begin_with(Preamble {
        statements: vec![attempts::count_network(&network, most, excused, now)],
        refusal,
        granted: None,
    });
    Ok(())
}

fn refusal(text: &str) -> Option<Error> {
    let now = clock::now();
    text.contains(attempts::EXHAUSTED)
        .then(|| too_many(window_end(now), now))
}

/// Asks the platform's limiter. One that does not answer lets through: D1 counts, too.
async fn passes_front(call: &Call, network: &str) -> bool {
    let outcome = match call.env().rate_limiter("AUTH_LIMIT") {
        Ok(limiter) => limiter.limit(network.to_owned()).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(outcome) => outcome.success,
        Err(error) => {
            Line::new(Level::Warn, "limit.unavailable")
                .with("request.id", call.request_id())
                .with("error", format!("{error:?}"))
                .write();
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FRONT_LIMIT;

    #[test]
    fn the_limiter_in_front_is_configured() {
        let configuration = include_str!("../../wrangler.toml");
        assert!(configuration.contains("name = \"AUTH_LIMIT\""));
        assert!(configuration.contains(&format!("limit = {FRONT_LIMIT}, period = 60")));
    }
}
