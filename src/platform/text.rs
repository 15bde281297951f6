//! Texts on their way between Rust and the platform. Each crossing decodes or encodes the whole
//! text, so what is fixed crosses once an isolate, and what only passes through does not cross.

use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::JsString;

thread_local! {
    /// By where they lie: a fixed text lies in one place as long as the isolate lives.
    static FIXED: RefCell<HashMap<(*const u8, usize), JsString>> = RefCell::default();
}

/// The platform's form of a fixed text, made the first time.
pub(crate) fn fixed(text: &'static str) -> JsString {
    FIXED.with_borrow_mut(|fixed| {
        fixed
            .entry((text.as_ptr(), text.len()))
            .or_insert_with(|| JsString::from(text))
            .clone()
    })
}
