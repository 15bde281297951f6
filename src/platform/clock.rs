//! The platform's clock. It moves only when the Worker waits for something (a defence against
//! timing attacks), so a difference of two readings is time spent waiting, not computing.

use delegate_core::time::Timestamp;

/// The moment.
pub(crate) fn now() -> Timestamp {
    // A number, where `worker::Date` would be an object made for it.
    #[expect(clippy::cast_possible_truncation, reason = "whole, and far below 2^53")]
    Timestamp::from_milliseconds(js_sys::Date::now() as i64)
}
