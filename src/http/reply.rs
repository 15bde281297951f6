//! What a handler answers. It rides through axum as an extension and is turned into the platform's
//! response in one step by the adapter: headers and bodies are not converted twice.

use axum::response::{IntoResponse, Response};
use js_sys::JsString;
use serde::Serialize;
use worker::send::SendWrapper;

use delegate_core::error::Error;

use super::problem;

/// The body of an answer.
pub(crate) enum Content {
    /// None.
    Empty,
    /// JSON, ready to be sent.
    Json(String),
    /// JSON that never left the platform.
    Passing(JsString),
    /// Bytes of another media type.
    Bytes(Vec<u8>),
    /// A body that is made when it is sent.
    Stream(Open),
    /// Something the platform answers itself: a socket.
    Platform(worker::Response),
}

/// Makes a body.
pub(crate) type Open = Box<dyn FnOnce() -> Result<web_sys::ReadableStream, Error>>;

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content: Content,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// What the log should know of a failure; never sent.
    pub(crate) cause: Option<String>,
}

impl Reply {
    /// 200 with JSON that is ready.
    pub(crate) fn json(text: String) -> Self {
        Self {
            status: 200,
            content: Content::Json(text),
            headers: Vec::new(),
            cause: None,
        }
    }

    /// 200 with JSON that the database built and nothing here reads.
    pub(crate) fn passing(text: JsString) -> Self {
        Self {
            status: 200,
            content: Content::Passing(text),
            headers: Vec::new(),
            cause: None,
        }
    }

    /// 200 with a value as JSON.
    pub(crate) fn of(value: &impl Serialize) -> Result<Self, Error> {
        serde_json::to_string(value)
            .map(Self::json)
            .map_err(|error| Error::internal(format!("serialising an answer: {error}")))
    }

    /// 200 with bytes.
    pub(crate) fn bytes(bytes: Vec<u8>) -> Self {
        Self {
            status: 200,
            content: Content::Bytes(bytes),
            headers: Vec::new(),
            cause: None,
        }
    }

    /// 200 with a body that is made when it is sent.
    pub(crate) fn stream(open: Open) -> Self {
        Self {
            status: 200,
            content: Content::Stream(open),
            headers: Vec::new(),
            cause: None,
        }
    }

    /// 204.
    pub(crate) fn no_content() -> Self {
        Self {
            status: 204,
            content: Content::Empty,
            headers: Vec::new(),
            cause: None,
        }
    }

    /// What the platform answers itself.
    pub(crate) fn platform(response: worker::Response) -> Self {
        let status = response.status_code();
        Self {
            status,
            content: Content::Platform(response),
            headers: Vec::new(),
            cause: None,
        }
    }

    /// The answer with another status.
    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The answer with a header.
    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer as `HEAD` gets it.
    pub(crate) fn without_body(mut self) -> Self {
        self.content = Content::Empty;
        self
    }

    /// The answer with what the log should know.
    pub(crate) fn with_cause(mut self, cause: Option<&str>) -> Self {
        self.cause = cause.map(str::to_owned);
        self
    }

    /// 201 with the place of what was made.
    pub(crate) fn created(self, location: String) -> Self {
        self.with_status(201).with_header("location", location)
    }

    /// The answer with the strong validator of a resource's version.
    pub(crate) fn with_version(self, version: u32) -> Self {
        self.with_header("etag", format!("\"{version}\""))
    }

    /// The value of a header that was set.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(set, _)| *set == name)
            .map(|(_, value)| value.as_str())
    }

    /// The JSON of the body, if it was made here.
    pub(crate) fn body(&self) -> Option<&str> {
        match &self.content {
            Content::Json(text) => Some(text),
            Content::Empty
            | Content::Passing(_)
            | Content::Bytes(_)
            | Content::Stream(_)
            | Content::Platform(_) => None,
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(Riding::new(self));
        response
    }
}

/// A reply on its way through axum, whose extensions want `Clone`: the copies share one reply, and
/// the adapter takes it.
#[derive(Clone)]
pub(crate) struct Riding(SendWrapper<std::rc::Rc<std::cell::RefCell<Option<Reply>>>>);

impl Riding {
    fn new(reply: Reply) -> Self {
        Self(SendWrapper(std::rc::Rc::new(std::cell::RefCell::new(
            Some(reply),
        ))))
    }

    /// The reply, once.
    pub(crate) fn take(&self) -> Option<Reply> {
        self.0.0.borrow_mut().take()
    }
}

/// An error that leaves through axum; the adapter gives it its request id.
pub(crate) struct Failure(pub(crate) Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        problem::reply(&self.0).into_response()
    }
}

/// What handlers return.
pub(crate) type Outcome = Result<Reply, Failure>;
