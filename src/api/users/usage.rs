use delegate_core::error::Error;
use delegate_core::model::budget;
use delegate_core::preferences::Preferences;
use delegate_core::time::parse_zone;

use crate::api::document::{ModelCallPage, ReadProblems, UsageView};
use crate::http::call::Call;
use crate::http::caller::{AccountRead, Caller, unauthenticated};
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::store::accounts;
use crate::store::documents::{self, Found, PREFERENCES};
use crate::store::list::page_json;
use crate::store::models::{self, Day};

/// What models were used for today, and what may be
///
/// Two round trips: which day it is follows from the person's zone.
#[utoipa::path(
    get, path = "/api/v1/users/me/usage", tag = "users", security(("access_token" = ["account:read"])),
    responses((status = 200, body = UsageView), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_usage(call: Call, caller: Caller<AccountRead>) -> Outcome {
    let user = &caller.user;
    let statements = vec![accounts::find_zone(user), PREFERENCES.find(user)];
    let answers = call.database().batch(statements).await?;
    let [zone, preferences] = answers.as_slice() else {
        return Err(Error::internal("D1 answered fewer results than statements").into());
    };
    let zone = zone.text("time_zone").and_then(|name| parse_zone(&name));
    let found: Found<Preferences> = documents::found(preferences)?.ok_or_else(unauthenticated)?;
    let configuration = call.configuration();
    let (date, ends_at) = budget::day(call.started(), zone.unwrap_or(chrono_tz::Tz::UTC));
    let date = date.to_string();
    let day = Day {
        date: &date,
        budget: configuration.budget(&found.document),
        currency: &configuration.models.currency,
        ends_at,
    };
    let answer = call.database().run(models::usage(user, &day)).await?;
    let usage = answer
        .passing("usage")
        .ok_or_else(|| Error::internal("a day's use is missing"))?;
    Ok(Reply::passing(usage))
}

/// Every call of a model, newest first
#[utoipa::path(
    get, path = "/api/v1/users/me/usage/calls", tag = "users", security(("access_token" = ["account:read"])),
    params(
        ("day" = Option<String>, Query, format = Date, description = "Only those of a day, the person's own"),
        ("email_id" = Option<String>, Query),
        ("status" = Option<String>, Query, description = "`started`, `answered`, `failed` or `unknown`"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = ModelCallPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_model_calls(
    call: Call,
    caller: Caller<AccountRead>,
    query: Query,
) -> Outcome {
    let query = query.known(&["day", "email_id", "status", "limit", "cursor"])?;
    let scope = query.scope(caller.user.as_str(), "usage-calls");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let page = models::list(&caller.user)
        .filter("c.day = ?", query.text("day"))
        .filter("c.email_id = ?", query.text("email_id"))
        .filter("c.status = ?", query.text("status"))
        .page(position.as_ref(), limit);
    let answer = call.database().run(page).await?;
    Ok(Reply::passing(page_json(&answer, &scope, limit)?))
}
