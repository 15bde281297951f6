//! Errors as clients see them: `application/problem+json` (RFC 9457).

use delegate_core::error::{Error, Kind, Place};
use serde_json::{Value, json};

use super::reply::Reply;

/// What stands in the body where the request's id goes, until the adapter knows it.
const REQUEST_ID: &str = "{request.id}";

/// The body of a problem with its request's id. Only the member itself is looked for: in a text that
/// a client typed the quotes would be escaped.
pub(crate) fn identify(body: &str, request_id: &str) -> String {
    let member = |id: &str| format!("\"request_id\":\"{id}\"");
    body.replacen(&member(REQUEST_ID), &member(request_id), 1)
}

/// The status and its title. Never 2xx.
fn status(kind: Kind) -> (u16, &'static str) {
    match kind {
        Kind::Malformed => (400, "Bad Request"),
        Kind::Unauthenticated => (401, "Unauthorized"),
        Kind::Forbidden => (403, "Forbidden"),
        Kind::NotFound => (404, "Not Found"),
        Kind::MethodNotAllowed => (405, "Method Not Allowed"),
        Kind::Conflict => (409, "Conflict"),
        Kind::LengthRequired => (411, "Length Required"),
        Kind::PreconditionFailed => (412, "Precondition Failed"),
        Kind::TooLarge => (413, "Content Too Large"),
        Kind::UnsupportedMediaType => (415, "Unsupported Media Type"),
        Kind::UpgradeRequired => (426, "Upgrade Required"),
        Kind::Invalid => (422, "Unprocessable Content"),
        Kind::TooManyRequests => (429, "Too Many Requests"),
        Kind::Unavailable => (503, "Service Unavailable"),
        Kind::Internal => (500, "Internal Server Error"),
    }
}

/// The answer for an error. The cause goes to the log line of the request and never into
/// the answer.
pub(crate) fn reply(error: &Error) -> Reply {
    let (status, title) = status(error.kind);
    let mut body = json!({
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": error.code,
        "detail": error.detail,
        "request_id": REQUEST_ID,
    });
    if !error.fields.is_empty() {
        let errors = error.fields.iter().map(|field| match &field.place {
            Place::Pointer(pointer) => {
                json!({"pointer": pointer, "code": field.code, "message": field.message})
            }
            Place::Parameter(name) => {
                json!({"parameter": name, "code": field.code, "message": field.message})
            }
        });
        let errors = Value::Array(errors.collect());
        if let Some(body) = body.as_object_mut() {
            body.insert("errors".to_owned(), errors);
        }
    }
    let reply = Reply::json(body.to_string())
        .with_status(status)
        .with_header("content-type", "application/problem+json")
        .with_cause(error.cause());
    let reply = match error.retry_after_seconds {
        Some(seconds) => reply.with_header("retry-after", seconds.to_string()),
        None => reply,
    };
    if error.kind == Kind::Unauthenticated {
        reply.with_header("www-authenticate", "Bearer realm=\"delegate\"")
    } else {
        reply
    }
}
