//! Which pages may call from a browser (CORS, the Fetch standard): an allow-list, no wildcards.

use super::reply::Reply;
use crate::configuration::Configuration;

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS: &str =
    "authorization, acting-for, content-type, idempotency-key, if-match, x-request-id, traceparent";
const ANSWER_HEADERS: &str =
    "etag, location, idempotent-replayed, retry-after, server-timing, x-request-id";

/// The answer to a preflight request.
pub(crate) fn preflight(configuration: &Configuration, origin: &str) -> Reply {
    let reply = Reply::no_content().with_header("vary", "origin");
    if !configuration.allows_origin(origin) {
        return reply;
    }
    reply
        .with_header("access-control-allow-origin", origin)
        .with_header("access-control-allow-methods", METHODS)
        .with_header("access-control-allow-headers", REQUEST_HEADERS)
        .with_header("access-control-max-age", "86400")
}

/// An answer as a page of this origin may see it. Tokens travel in headers, never in cookies, so
/// credentials are not allowed.
pub(crate) fn expose(reply: Reply, configuration: &Configuration, origin: &str) -> Reply {
    let reply = reply.with_header("vary", "origin");
    if !configuration.allows_origin(origin) {
        return reply;
    }
    reply
        .with_header("access-control-allow-origin", origin)
        .with_header("access-control-expose-headers", ANSWER_HEADERS)
}
