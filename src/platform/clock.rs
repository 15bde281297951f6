//! The platform's clock. It moves only when the Worker waits for something (a defence against
//! timing attacks), so a difference of two readings is time spent waiting, not computing.

use delegate_core::time::Timestamp;

/// The moment.
pub(crate) fn now() -> Timestamp {
    let milliseconds = worker::Date::now().as_millis();
    Timestamp::from_milliseconds(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}
