//! Headers, read one by one and written in one go. The platform's own type takes their names as
//! texts of Rust and decodes each anew; here a name crosses once an isolate.

use js_sys::JsString;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::platform::text;

#[wasm_bindgen]
extern "C" {
    type Bag;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Bag, name: &JsString) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn set(this: &Bag, name: &JsString, value: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn delete(this: &Bag, name: &JsString) -> Result<(), JsValue>;
}

/// The headers of a request.
pub(crate) struct RequestHeaders(Bag);

impl RequestHeaders {
    /// Those of this request.
    pub(crate) fn of(request: &web_sys::Request) -> Self {
        Self(JsValue::from(request.headers()).into())
    }

    /// A header, by its name in lower case.
    pub(crate) fn get(&self, name: &'static str) -> Option<String> {
        self.0.get(&text::fixed(name)).ok().flatten()
    }
}

/// The headers of an answer.
pub(crate) struct AnswerHeaders(Bag);

thread_local! {
    /// Those that every answer has, made once: copying them is one call into the platform.
    static COMMON: Option<web_sys::Headers> = common();
}

fn common() -> Option<web_sys::Headers> {
    let headers = web_sys::Headers::new().ok()?;
    let common = [
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        ),
        ("referrer-policy", "no-referrer"),
        (
            "strict-transport-security",
            "max-age=31536000; includeSubDomains",
        ),
        ("x-content-type-options", "nosniff"),
    ];
    for (name, value) in common {
        headers.set(name, value).ok()?;
    }
    Some(headers)
}

impl AnswerHeaders {
    /// Those that every answer has.
    pub(crate) fn common() -> Result<Self, JsValue> {
        let headers = COMMON.with(|common| match common {
            Some(common) => web_sys::Headers::new_with_headers(common),
            None => web_sys::Headers::new(),
        })?;
        Ok(Self(JsValue::from(headers).into()))
    }

    /// Sets a header, by its name in lower case.
    pub(crate) fn set(&self, name: &'static str, value: &str) -> Result<(), JsValue> {
        self.0.set(&text::fixed(name), value)
    }

    /// Takes a header away.
    pub(crate) fn remove(&self, name: &'static str) -> Result<(), JsValue> {
        self.0.delete(&text::fixed(name))
    }

    /// In the platform's form.
    pub(crate) fn into_js(self) -> JsValue {
        self.0.into()
    }
}
