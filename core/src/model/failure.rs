//! Why a model gave no answer, and what follows from it.

use chrono::TimeDelta;

use super::Usage;

/// Why a model gave no answer that could be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// 429: too many requests or tokens a minute; after how long to come back, if it said.
    RateLimited(Option<TimeDelta>),
    /// 503 and 529: too busy for anybody; after how long to come back, if it said.
    Overloaded(Option<TimeDelta>),
    /// Another 5xx.
    Faulty(u16),
    /// No connection, or one that broke before an answer began. Whether it was read is not known.
    Unreachable,
    /// No answer, or no next piece of one, in the time that it has.
    TimedOut,
    /// The answer ended before its end.
    Cut,
    /// An answer that is not of the provider's own protocol.
    Unreadable,
    /// 4xx: the key, the model's name or the request is wrong. The person who configured it has to look.
    Refused(u16),
    /// The model would not answer this one.
    Declined,
    /// The answer was longer than it may be.
    TooLong,
    /// The answer was read, and twice not of the schema.
    Misshapen,
}

/// A failure, with what it cost where the provider says so all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Why there is no answer.
    pub failure: Failure,
    /// What was used.
    pub usage: Option<Usage>,
}

impl From<Failure> for Failed {
    /// What is surely free used nothing; of all else it is not known.
    fn from(failure: Failure) -> Self {
        Self {
            usage: failure.is_free().then(Usage::default),
            failure,
        }
    }
}

impl Failure {
    /// A stable code for the ledger and the log.
    pub fn code(&self) -> &'static str {
        match self {
            Self::RateLimited(_) => "rate_limited",
            Self::Overloaded(_) => "overloaded",
            Self::Faulty(_) => "faulty",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Cut => "cut",
            Self::Unreadable => "unreadable",
            Self::Refused(_) => "refused",
            Self::Declined => "declined",
            Self::TooLong => "too_long",
            Self::Misshapen => "misshapen",
        }
    }

    /// Whether the provider surely did no work, so that nothing is paid for and asking again costs
    /// nothing twice.
    pub fn is_free(&self) -> bool {
        matches!(
            self,
            Self::RateLimited(_) | Self::Overloaded(_) | Self::Refused(_)
        )
    }

    /// Whether the same question may be asked again later by itself: only where nothing was paid for
    /// and time may mend it. A 500 may come after the work was done, so it is not among them.
    pub fn can_be_asked_again(&self) -> bool {
        matches!(self, Self::RateLimited(_) | Self::Overloaded(_))
    }

    /// Whether it speaks against the provider as a whole, which the breaker counts.
    pub fn is_the_providers(&self) -> bool {
        match self {
            Self::Overloaded(_)
            | Self::Faulty(_)
            | Self::Unreachable
            | Self::TimedOut
            | Self::Cut
            | Self::Unreadable => true,
            // A key that was revoked fails every message alike.
            Self::Refused(status) => matches!(status, 401..=403),
            Self::RateLimited(_) | Self::Declined | Self::TooLong | Self::Misshapen => false,
        }
    }

    /// How long the provider wants to be left alone.
    pub fn wants_rest(&self) -> Option<TimeDelta> {
        match self {
            Self::RateLimited(rest) | Self::Overloaded(rest) => *rest,
            _ => None,
        }
    }

    /// What a status that is no success means. `retry_after` is the header's text (RFC 9110,
    /// 10.2.3); a date is not read, since no provider sends one: the usual wait stands then.
    pub fn of_status(status: u16, retry_after: Option<&str>) -> Self {
        let rest = retry_after
            .and_then(|text| text.trim().parse::<f64>().ok())
            .filter(|seconds| seconds.is_finite() && (0.0..=86_400.0).contains(seconds))
            .map(|seconds| {
                #[expect(clippy::cast_possible_truncation, reason = "at most a day")]
                let ms = (seconds * 1000.0).ceil() as i64;
                TimeDelta::milliseconds(ms)
            });
        match status {
            429 => Self::RateLimited(rest),
            503 | 529 => Self::Overloaded(rest),
            500..=599 => Self::Faulty(status),
            _ => Self::Refused(status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_been_paid_for_is_never_asked_again_by_itself() {
        for failure in [
            Failure::Faulty(500),
            Failure::Unreachable,
            Failure::TimedOut,
            Failure::Cut,
            Failure::Unreadable,
            Failure::Declined,
            Failure::TooLong,
            Failure::Misshapen,
        ] {
            assert!(!failure.is_free() && !failure.can_be_asked_again());
        }
    }

    #[test]
    fn the_rest_that_a_provider_asks_for_is_read_from_its_header() {
        let rest = |status, text| Failure::of_status(status, text).wants_rest();
        assert_eq!(rest(429, Some("7")), Some(TimeDelta::seconds(7)));
        assert_eq!(rest(529, Some("0.5")), Some(TimeDelta::milliseconds(500)));
        for odd in [None, Some("soon"), Some("-1"), Some("NaN"), Some("1e300")] {
            assert_eq!(rest(503, odd), None);
        }
        assert_eq!(rest(400, Some("7")), None);
    }
}
