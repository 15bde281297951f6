//! Archives in R2: where their parts lie, and how they go out as one.

use delegate_core::error::Error;
use delegate_core::identifier::{JobId, UserId};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::{Data, Env, ResponseBody};

use crate::platform::log::{Level, Line};
use crate::store::exports::Part;

/// Under which prefix archives lie.
pub(crate) const PREFIX: &str = "exports/";

/// Where a part of an archive lies. Each attempt at a part has a place of its own, so that one that
/// was overtaken does not write over the part that was committed.
pub(crate) fn key(user: &UserId, job: &JobId, number: u32, attempt: u32) -> String {
    format!("{PREFIX}{user}/{job}/{number}.{attempt}")
}

fn failed(error: &worker::Error) -> Error {
    Error::unavailable(format!("R2: {error:?}"))
}

/// Puts a part into R2.
pub(crate) async fn store(env: &Env, key: &str, bytes: Vec<u8>) -> Result<(), Error> {
    let bucket = env.bucket("MAIL").map_err(|error| failed(&error))?;
    match bucket.put(key, Data::Bytes(bytes)).execute().await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(Error::unavailable("R2 stored nothing")),
        Err(error) => Err(failed(&error)),
    }
}

#[wasm_bindgen]
extern "C" {
    /// A stream that passes on a number of bytes that is known beforehand, so that the answer can
    /// say its length.
    type FixedLengthStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(length: f64) -> Result<FixedLengthStream, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn readable(this: &FixedLengthStream) -> web_sys::ReadableStream;
    #[wasm_bindgen(method, getter)]
    fn writable(this: &FixedLengthStream) -> Sink;

    type Sink;
    #[wasm_bindgen(method, catch)]
    fn close(this: &Sink) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn abort(this: &Sink, reason: &JsValue) -> Result<js_sys::Promise, JsValue>;

    type Source;
    #[wasm_bindgen(method, catch, js_name = pipeTo)]
    fn pipe_to(this: &Source, sink: &Sink, options: &JsValue) -> Result<js_sys::Promise, JsValue>;
}

/// An archive on its way out: what is read by who asked, and the work that fills it. The platform
/// pipes from R2 by itself; no byte comes by here.
pub(crate) fn open(
    env: Env,
    parts: Vec<Part>,
) -> Result<(web_sys::ReadableStream, impl Future<Output = ()>), Error> {
    let length = parts.iter().map(|part| part.length).sum();
    let stream = FixedLengthStream::new(length)
        .map_err(|error| Error::internal(format!("a stream for an archive: {error:?}")))?;
    let (readable, sink) = (stream.readable(), stream.writable());
    let filling = async move {
        if let Err(error) = fill(&env, &parts, &sink).await {
            // Whoever reads sees a body that ends early. If they left, there is nobody to see it.
            let reason = JsValue::from_str("the archive can't be read to its end");
            if let Ok(promise) = sink.abort(&reason) {
                let _ = JsFuture::from(promise).await;
            }
            Line::new(Level::Warn, "export.cut_off")
                .with("error", error.cause().unwrap_or_default())
                .write();
        }
    };
    Ok((readable, filling))
}

async fn fill(env: &Env, parts: &[Part], sink: &Sink) -> Result<(), Error> {
    let broken = |error: JsValue| Error::unavailable(format!("streaming: {error:?}"));
    let bucket = env.bucket("MAIL").map_err(|error| failed(&error))?;
    let stay_open = js_sys::Object::new();
    js_sys::Reflect::set(&stay_open, &"preventClose".into(), &true.into()).map_err(broken)?;
    for part in parts {
        let object = bucket
            .get(&part.key)
            .execute()
            .await
            .map_err(|error| failed(&error))?;
        let body = object.as_ref().and_then(worker::Object::body);
        let body = body.map(worker::ObjectBody::response_body);
        let Some(ResponseBody::Stream(body)) = body.transpose().map_err(|error| failed(&error))?
        else {
            return Err(Error::internal(format!("{} is gone", part.key)));
        };
        let source: Source = JsValue::from(body).unchecked_into();
        let piped = source.pipe_to(sink, &stay_open).map_err(broken)?;
        JsFuture::from(piped).await.map_err(broken)?;
    }
    JsFuture::from(sink.close().map_err(broken)?)
        .await
        .map(|_| ())
        .map_err(broken)
}
