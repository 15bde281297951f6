//! Bodies that are written while they are read.

use delegate_core::error::Error;
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// A stream whose writes are done when they were read.
    type IdentityTransformStream;
    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<IdentityTransformStream, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn readable(this: &IdentityTransformStream) -> web_sys::ReadableStream;
    #[wasm_bindgen(method, getter)]
    fn writable(this: &IdentityTransformStream) -> Writable;

    type Writable;
    #[wasm_bindgen(method, catch, js_name = getWriter)]
    fn get_writer(this: &Writable) -> Result<Writing, JsValue>;

    type Writing;
    #[wasm_bindgen(method, catch)]
    fn write(this: &Writing, chunk: &Uint8Array) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn close(this: &Writing) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn abort(this: &Writing, reason: &JsValue) -> Result<Promise, JsValue>;
}

/// The end of a body that is written to.
pub(crate) struct Sink(Writing);

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it on")]
fn broken(error: JsValue) -> Error {
    Error::unavailable(format!("streaming: {error:?}"))
}

/// A body, and where it is written to.
pub(crate) fn open() -> Result<(web_sys::ReadableStream, Sink), Error> {
    let stream = IdentityTransformStream::new().map_err(broken)?;
    let writing = stream.writable().get_writer().map_err(broken)?;
    Ok((stream.readable(), Sink(writing)))
}

impl Sink {
    /// Writes some text, and waits until it is taken: no more of it is held than that.
    pub(crate) async fn write(&self, text: &str) -> Result<(), Error> {
        let chunk = Uint8Array::from(text.as_bytes());
        let written = self.0.write(&chunk).map_err(broken)?;
        JsFuture::from(written).await.map(|_| ()).map_err(broken)
    }

    /// Ends the body.
    pub(crate) async fn close(self) -> Result<(), Error> {
        let closed = self.0.close().map_err(broken)?;
        JsFuture::from(closed).await.map(|_| ()).map_err(broken)
    }

    /// Breaks the body off: whoever reads it sees that it has no end.
    pub(crate) async fn abort(self, reason: &'static str) {
        if let Ok(aborted) = self.0.abort(&JsValue::from_str(reason)) {
            let _ = JsFuture::from(aborted).await;
        }
    }
}
