//! Answers that leave at a fixed time, so that how long they took to make tells nothing.
//!
//! The platform's clock stands still while the Worker computes, so time can't be measured and filled
//! up. A timer can: it is started before anything else and awaited before the answer.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

/// When an answer leaves, after its request has been read. Verifying an argon2id hash takes 35 ms
/// and a bcrypt hash of cost 12 (the former system's) 360 ms in an isolate, asking D1 some 20 ms;
/// the rest is for an isolate that is busy with somebody else: two
/// cores with a load of five took up to a second. Only refusals wait.
const ANSWER_AFTER_MS: i32 = 1_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &Function, after_ms: i32) -> JsValue;
}

/// A time at which an answer leaves.
pub(crate) struct Deadline(JsFuture);

impl Deadline {
    /// Begins to wait.
    pub(crate) fn begin() -> Self {
        let timer = Promise::new(&mut |resolve, _| {
            set_timeout(&resolve, ANSWER_AFTER_MS);
        });
        Self(JsFuture::from(timer))
    }

    /// Waits for the rest of the time.
    pub(crate) async fn passed(self) {
        // A timer can't fail; if it could, the answer would only leave early.
        self.0.await.ok();
    }
}
