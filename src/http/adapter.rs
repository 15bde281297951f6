//! Between the platform and axum.
//!
//! The `http` feature of the `worker` crate converts every header and streams every body in both
//! directions, which costs more than routing and handling together (docs/decisions/0002). Here the
//! router is given the method and the path; headers are read where they are needed, bodies where
//! they are expected, and the answer is built in one step.

use http::{Method, Uri};
use js_sys::Uint8Array;
use tower_service::Service as _;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::ResponseInit;
use worker::Env;

use delegate_core::error::{Error, Kind};
use delegate_core::secret::encode;

use super::call::Call;
use super::headers::{AnswerHeaders, RequestHeaders};
use super::reply::{Content, Reply, Riding};
use super::{cross_origin, problem, router};
use crate::configuration::Configuration;
use crate::platform::log::{Level, Line};
use crate::platform::{clock, random};

/// Answers one request. Never fails: what goes wrong is an answer, too.
pub(crate) async fn handle(
    request: web_sys::Request,
    env: Env,
    platform: worker::Context,
) -> worker::Result<web_sys::Response> {
    let headers = RequestHeaders::of(&request);
    let request_id = request_id(&headers);
    let configuration = match Configuration::of(&env) {
        Ok(configuration) => configuration,
        Err(error) => {
            Line::new(Level::Error, "request.failed")
                .with("request.id", request_id.as_str())
                .with("error", error.cause().unwrap_or_default())
                .write();
            return finish(problem::reply(&error), &request_id, None);
        }
    };
    let method = request.method();
    let url = request.url();
    let call = match Call::new(
        request,
        headers,
        env,
        platform,
        configuration,
        request_id.clone(),
    ) {
        Ok(call) => call,
        Err(error) => return finish(problem::reply(&error), &request_id, None),
    };
    let origin = call.header("origin");
    let reply = match (&origin, method.as_str()) {
        (Some(origin), "OPTIONS") => cross_origin::preflight(call.configuration(), origin),
        _ => route(&call, &method, &url).await,
    };
    let reply = match origin {
        Some(origin) if method != "OPTIONS" => {
            cross_origin::expose(reply, call.configuration(), &origin)
        }
        _ => reply,
    };
    write_line(&call, &method, &reply);
    finish(reply, &request_id, Some(&call))
}

/// Runs the router.
async fn route(call: &Call, method: &str, url: &str) -> Reply {
    let Some(mut request) = to_axum(method, url) else {
        let error = Error::new(
            Kind::Malformed,
            "malformed_request",
            "The path can't be read.",
        );
        return problem::reply(&error);
    };
    call.attach(request.extensions_mut());
    let Ok(mut response) = router::shared().call(request).await;
    // A handler that answered before it asked the database: whether it was to answer at all comes
    // first, so that who may not ask learns nothing of what they asked for.
    if let Err(error) = call.database().confirm().await {
        return problem::reply(&error);
    }
    let allow = response.headers().get(http::header::ALLOW).cloned();
    let riding = response.extensions_mut().remove::<Riding>();
    let reply = riding
        .and_then(|riding| riding.take())
        .unwrap_or_else(|| problem::reply(&Error::internal("an answer that is not ours")));
    match allow.as_ref().and_then(|allow| allow.to_str().ok()) {
        Some(allow) => reply.with_header("allow", allow),
        None if method == "HEAD" => reply.without_body(),
        None => reply,
    }
}

/// The request as the router sees it: a method and a path.
fn to_axum(method: &str, url: &str) -> Option<axum::extract::Request> {
    let path = url.splitn(4, '/').nth(3).unwrap_or_default();
    let path = path.split('#').next().unwrap_or_default();
    let mut request = axum::extract::Request::new(axum::body::Body::empty());
    *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
    *request.uri_mut() = Uri::try_from(format!("/{path}")).ok()?;
    Some(request)
}

/// The client's name for the request, if it is one that a log can take; otherwise a new one.
fn request_id(headers: &RequestHeaders) -> String {
    headers
        .get("x-request-id")
        .filter(|id| {
            (1..=128).contains(&id.len())
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
        })
        .unwrap_or_else(|| encode(&random::bytes::<12>().unwrap_or_default()))
}

/// The trace of a `traceparent` header (W3C Trace Context, 3.2), so that our line joins the
/// caller's. One that is not of the form is left alone.
fn trace_id(call: &Call) -> Option<String> {
    let header = call.header("traceparent")?;
    let mut parts = header.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let (parent, flags, more) = (parts.next()?, parts.next()?, parts.next());
    let is_hexadecimal = |text: &str, length: usize| {
        text.len() == length
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_set = |text: &str| text.bytes().any(|byte| byte != b'0');
    let is_one = is_hexadecimal(version, 2)
        && version != "ff"
        && (version != "00" || more.is_none())
        && is_hexadecimal(trace, 32)
        && is_set(trace)
        && is_hexadecimal(parent, 16)
        && is_set(parent)
        && is_hexadecimal(flags, 2);
    is_one.then(|| trace.to_owned())
}

fn write_line(call: &Call, method: &str, reply: &Reply) {
    let status = reply.status;
    let level = if status >= 500 {
        Level::Error
    } else {
        Level::Info
    };
    let meter = call.database().meter();
    let mut line = Line::new(level, "request")
        .with("request.id", call.request_id())
        .with("http.method", method)
        .with("http.route", call.route())
        .with("http.status", status)
        .with(
            "duration_ms",
            clock::now().milliseconds() - call.started().milliseconds(),
        )
        .with("d1.round_trips", meter.round_trips())
        .with("d1.waited_ms", meter.waited_ms());
    if let Some(user) = call.user() {
        line = line.with("user.id", user);
    }
    if let Some(actor) = call.other_actor() {
        line = line.with("actor.id", actor);
    }
    if let Some(trace) = trace_id(call) {
        line = line.with("trace.id", trace);
    }
    if let Some(cause) = &reply.cause {
        line = line.with("error", cause.as_str());
    }
    line.write();
}

#[wasm_bindgen]
extern "C" {
    /// The constructor of the platform's `Response`, for a body of any of its kinds.
    #[wasm_bindgen(js_name = Response)]
    type Answer;
    #[wasm_bindgen(constructor, js_class = "Response", catch)]
    fn new(body: &JsValue, init: &ResponseInit) -> Result<Answer, JsValue>;
}

/// The platform's response for a reply.
fn finish(
    reply: Reply,
    request_id: &str,
    call: Option<&Call>,
) -> worker::Result<web_sys::Response> {
    let headers = AnswerHeaders::common()?;
    headers.set("x-request-id", request_id)?;
    if let Some(call) = call
        && call.database().meter().round_trips() > 0
    {
        let meter = call.database().meter();
        let trips = meter.round_trips();
        let waited = if call.hides_times() {
            0
        } else {
            meter.waited_ms()
        };
        headers.set(
            "server-timing",
            &format!("d1;desc=\"round trips: {trips}\";dur={waited}"),
        )?;
    }
    for (name, value) in &reply.headers {
        headers.set(name, value)?;
    }
    let body = match reply.content {
        Content::Platform(response) => return Ok(response.into()),
        Content::Bytes(bytes) => Uint8Array::from(bytes.as_slice()).into(),
        Content::Stream(open) => match open() {
            Ok(stream) => stream.into(),
            Err(error) => return finish(problem::reply(&error), request_id, call),
        },
        Content::Passing(text) => text.into(),
        Content::Json(text) if reply.status >= 400 => {
            JsValue::from_str(&problem::identify(&text, request_id))
        }
        Content::Json(text) => JsValue::from_str(&text),
        Content::Empty => {
            if reply.status == 204 {
                headers.remove("content-type")?;
            }
            JsValue::NULL
        }
    };
    let init = ResponseInit::new();
    init.set_status(reply.status);
    init.set_headers(&headers.into_js());
    Ok(Answer::new(&body, &init)?.unchecked_into())
}
