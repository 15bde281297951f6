//! The platform's clock. It moves only when something is waited for.

use delegate_core::time::Timestamp;
use worker::Date;

/// The time.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_milliseconds(i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX))
}
