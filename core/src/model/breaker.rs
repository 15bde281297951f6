//! A breaker a provider: after some failures in a row it is left alone for a while, so that a provider
//! that is down costs the people's mail one failure and not one a message.
//!
//! The state is one row, read with what a step reads anyway and written in its commit: every isolate
//! sees it, and it outlives them.

use chrono::TimeDelta;

use super::Failure;
use crate::time::Timestamp;

/// After how many failures in a row a provider is left alone.
const FAILURES: u32 = 4;
/// For how long at first; twice as long after each failure of the one call that then goes through.
const FIRST_REST: TimeDelta = TimeDelta::seconds(30);
/// For how long at most.
const LONGEST_REST: TimeDelta = TimeDelta::minutes(15);
/// How long a provider is left alone that is too busy and does not say for how long.
const USUAL_REST: TimeDelta = TimeDelta::seconds(5);
/// The longest rest that a provider can ask for.
const LONGEST_ASKED: TimeDelta = TimeDelta::hours(1);

/// How it stands with a provider.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Breaker {
    /// Failures since the last answer.
    pub failures: u32,
    /// Until when it is left alone.
    pub rests_until: Option<Timestamp>,
}

impl Breaker {
    /// For how long it is still left alone; `None` where it may be asked.
    pub fn rest(&self, now: Timestamp) -> Option<TimeDelta> {
        let rest = self.rests_until?.milliseconds() - now.milliseconds();
        (rest > 0).then(|| TimeDelta::milliseconds(rest))
    }

    /// After an answer.
    #[must_use]
    pub fn after_answer() -> Self {
        Self::default()
    }

    /// After a failure.
    #[must_use]
    pub fn after(self, failure: &Failure, now: Timestamp) -> Self {
        let failures = self
            .failures
            .saturating_add(u32::from(failure.is_the_providers()));
        let asked = failure
            .wants_rest()
            .or(failure.can_be_asked_again().then_some(USUAL_REST));
        let broken = (failures >= FAILURES && failure.is_the_providers()).then(|| {
            let doublings = (failures - FAILURES).min(10);
            (FIRST_REST * (1 << doublings)).min(LONGEST_REST)
        });
        let rest = asked.map(|rest| rest.min(LONGEST_ASKED)).max(broken);
        Self {
            failures,
            rests_until: rest.map(|rest| now.plus(rest)).max(self.rests_until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_milliseconds(1_774_000_000_000)
    }

    #[test]
    fn a_provider_that_fails_four_times_in_a_row_is_left_alone_and_longer_each_time() {
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            breaker = breaker.after(&Failure::TimedOut, now());
            assert_eq!(breaker.rest(now()), None);
        }
        breaker = breaker.after(&Failure::TimedOut, now());
        assert_eq!(breaker.rest(now()), Some(TimeDelta::seconds(30)));
        assert_eq!(breaker.rest(now().plus(TimeDelta::seconds(30))), None);
        breaker = breaker.after(&Failure::Cut, now());
        assert_eq!(breaker.rest(now()), Some(TimeDelta::seconds(60)));
        for _ in 0..100 {
            breaker = breaker.after(&Failure::Cut, now());
        }
        assert_eq!(breaker.rest(now()), Some(TimeDelta::minutes(15)));
        assert_eq!(Breaker::after_answer().rest(now()), None);
    }

    #[test]
    fn a_provider_that_asks_for_rest_gets_it_at_once() {
        let asked = Failure::RateLimited(Some(TimeDelta::seconds(20)));
        let breaker = Breaker::default().after(&asked, now());
        assert_eq!(breaker.failures, 0);
        assert_eq!(breaker.rest(now()), Some(TimeDelta::seconds(20)));
        let forever = Failure::RateLimited(Some(TimeDelta::days(1)));
        let breaker = Breaker::default().after(&forever, now());
        assert_eq!(breaker.rest(now()), Some(TimeDelta::hours(1)));
        // A shorter wish of a later answer does not end the longer rest.
        let breaker = breaker.after(&asked, now());
        assert_eq!(breaker.rest(now()), Some(TimeDelta::hours(1)));
    }

    #[test]
    fn what_is_the_messages_own_fault_says_nothing_of_the_provider() {
        let mut breaker = Breaker::default();
        for failure in [Failure::Declined, Failure::TooLong, Failure::Misshapen] {
            for _ in 0..10 {
                breaker = breaker.after(&failure, now());
            }
        }
        assert_eq!(breaker, Breaker::default());
    }
}
