//! Bodies: bounded, JSON, of the shape that the handler expects, and for what creates, counted
//! once (`Idempotency-Key`).

use axum::extract::{FromRequest, Request};
use delegate_core::error::{Error, Kind};
use delegate_core::object::{Object, WithoutRepeats};
use js_sys::Uint8Array;
use serde::de::DeserializeOwned;
use wasm_bindgen_futures::JsFuture;

use super::call::Call;
use super::idempotency::{Idempotency, key};
use super::reply::Failure;

/// The largest JSON body that is read.
pub(crate) const MAX_JSON_BYTES: usize = 256 * 1024;

/// A JSON body (`application/json`).
pub(crate) struct Json<T>(pub(crate) T);

/// A merge patch (`application/merge-patch+json`, RFC 7396; `application/json` is taken, too).
pub(crate) struct Patch<T>(pub(crate) T);

/// A JSON body that makes something, and what makes sure that it does so once.
pub(crate) struct Creation<T> {
    /// The body.
    pub(crate) input: T,
    /// The key, where the client sent one.
    pub(crate) idempotency: Option<Idempotency>,
}

/// The same where the body may be left out.
pub(crate) struct OptionalCreation<T>(pub(crate) Creation<T>);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    #[worker::send]
    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let bytes = read(&request, &["application/json"]).await?;
        Ok(Self(parse(&bytes)?))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Patch<T> {
    type Rejection = Failure;

    #[worker::send]
    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let types = ["application/merge-patch+json", "application/json"];
        let bytes = read(&request, &types).await?;
        Ok(Self(parse(&bytes)?))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Creation<T> {
    type Rejection = Failure;

    #[worker::send]
    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let bytes = read(&request, &["application/json"]).await?;
        Ok(creation(&request, &bytes)?)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for OptionalCreation<T> {
    type Rejection = Failure;

    #[worker::send]
    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let call = call_of(&request)?;
        let length = call.header("content-length");
        let is_left_out =
            call.header("content-type").is_none() && length.is_none_or(|length| length == "0");
        let bytes = if is_left_out {
            b"{}".to_vec()
        } else {
            read(&request, &["application/json"]).await?
        };
        Ok(Self(creation(&request, &bytes)?))
    }
}

fn creation<T: DeserializeOwned>(request: &Request, bytes: &[u8]) -> Result<Creation<T>, Error> {
    let call = call_of(request)?;
    // Who acts is part of it: nobody is answered what somebody else was.
    let actor = call.other_actor().unwrap_or_default();
    let name = format!("{} {} {actor}", request.method(), request.uri().path());
    let idempotency = key(&call)?.map(|key| Idempotency::new(key, &name, bytes));
    Ok(Creation {
        input: parse(bytes)?,
        idempotency,
    })
}

fn call_of(request: &Request) -> Result<Call, Error> {
    request
        .extensions()
        .get::<Call>()
        .cloned()
        .ok_or_else(|| Error::internal("a request without its call"))
}

/// The bytes of a body of one of these media types.
async fn read(request: &Request, types: &[&'static str]) -> Result<Vec<u8>, Error> {
    let call = call_of(request)?;
    let given = media_type(&call);
    if !types.contains(&given.as_str()) {
        return Err(Error::new(
            Kind::UnsupportedMediaType,
            "unsupported_media_type",
            format!("The body must be {}.", types.join(" or ")),
        ));
    }
    let announced = call
        .header("content-length")
        .and_then(|length| length.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_JSON_BYTES) {
        return Err(too_large());
    }
    let body = call.take_request()?;
    if announced.is_none() {
        return read_stream(body).await;
    }
    let bytes = match body.array_buffer() {
        Ok(promise) => JsFuture::from(promise).await,
        Err(error) => Err(error),
    };
    let bytes = bytes.map_err(|error| unreadable(&error.into()))?;
    Ok(Uint8Array::new(&bytes).to_vec())
}

/// A body whose length was not announced is read until it is over, or too large.
async fn read_stream(request: web_sys::Request) -> Result<Vec<u8>, Error> {
    use futures_util::StreamExt as _;
    let Ok(mut stream) = worker::Request::from(request).stream() else {
        return Ok(Vec::new());
    };
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| unreadable(&error))?);
        if bytes.len() > MAX_JSON_BYTES {
            return Err(too_large());
        }
    }
    Ok(bytes)
}

/// The media type of the request's body, in lower case, without its parameters.
pub(crate) fn media_type(call: &Call) -> String {
    let header = call.header("content-type").unwrap_or_default();
    header
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

fn too_large() -> Error {
    Error::new(
        Kind::TooLarge,
        "body_too_large",
        format!("The body may have at most {MAX_JSON_BYTES} bytes."),
    )
}

fn unreadable(error: &worker::Error) -> Error {
    Error::new(
        Kind::Malformed,
        "unreadable_body",
        "The body could not be read.",
    )
    .caused_by(format!("{error:?}"))
}

/// Reads a JSON object. What is not JSON, or repeats a key, is malformed; what is not of the shape
/// is invalid, at the pointer of the first value that is not.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Error::new(Kind::Malformed, "not_utf8", "The body must be UTF-8."))?;
    serde_json::from_str::<Object<T>>(text)
        .map(|object| object.0)
        .map_err(|_| explain::<T>(text))
}

/// Reads again what could not be read, this time watching the path: the good case does not pay.
fn explain<T: DeserializeOwned>(text: &str) -> Error {
    if let Err(error) = serde_json::from_str::<WithoutRepeats>(text) {
        let message = sentence(&error);
        if message.starts_with("duplicate field") {
            let detail = format!("A key is repeated: {message}.");
            return Error::new(Kind::Malformed, "repeated_key", detail);
        }
        let detail = format!(
            "The body is not JSON: line {}, column {}.",
            error.line(),
            error.column()
        );
        return Error::new(Kind::Malformed, "not_json", detail);
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let Err(error) = serde_path_to_error::deserialize::<_, Object<T>>(&mut deserializer) else {
        return Error::new(
            Kind::Malformed,
            "not_json",
            "The body goes on after its end.",
        );
    };
    let pointer = pointer(error.path());
    let message = sentence(error.inner());
    let code = if message.starts_with("unknown field") {
        "unknown_field"
    } else if message.starts_with("missing field") {
        "missing"
    } else {
        "invalid_value"
    };
    Error::invalid_at(pointer, code, message)
}

/// The fault without serde's position, which the pointer replaces.
fn sentence(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ")
        .map_or(text.clone(), |(sentence, _)| sentence.to_owned())
}

/// A path as a JSON pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        let step = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.replace('~', "~0").replace('/', "~1"),
            Segment::Enum { .. } | Segment::Unknown => continue,
        };
        pointer.push('/');
        pointer.push_str(&step);
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;
    use delegate_core::error::Place;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Shape {
        #[serde(rename = "list")]
        _list: Vec<Item>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Item {
        #[serde(rename = "n")]
        _n: u8,
    }

    fn fault(text: &str) -> (Kind, String, &'static str) {
        let error = parse::<Shape>(text.as_bytes()).expect_err("a fault");
        let field = error.fields.first();
        let pointer = match field.map(|field| &field.place) {
            Some(Place::Pointer(pointer)) => pointer.clone(),
            _ => String::new(),
        };
        (
            error.kind,
            pointer,
            field.map_or(error.code, |field| field.code),
        )
    }

    #[test]
    fn the_first_wrong_value_is_named_by_its_pointer() {
        let wrong = fault(r#"{"list":[{"n":1},{"n":"x"}]}"#);
        assert_eq!(
            wrong,
            (Kind::Invalid, "/list/1/n".to_owned(), "invalid_value")
        );
        assert_eq!(fault(r#"{"list":[{"n":1,"m":2}]}"#).2, "unknown_field");
        assert_eq!(fault("{}").2, "missing");
    }

    #[test]
    fn what_is_not_json_or_repeats_a_key_is_malformed() {
        for text in ["", "{", "{}x", r#"{"list":[],"list":[]}"#, "\u{feff}{}"] {
            assert_eq!(fault(text).0, Kind::Malformed, "{text}");
        }
        assert_eq!(
            parse::<Shape>(b"\xff").expect_err("not UTF-8").kind,
            Kind::Malformed
        );
    }
}
