//! Limits against guessing: how long somebody waits between tries, and whom that concerns.
//!
//! Two things are counted. A **network address** has a number of tries a minute; that bounds what
//! trying costs the deployment. An **account** has a delay that grows with the tries that failed;
//! that bounds what can be guessed by many addresses together. An account is only the hash of what
//! was typed as its address, so that one that does not exist is limited alike.
//!
//! A try is counted before its password is looked at, and taken back where it was right: of a
//! thousand at once no more pass than of a thousand in a row.
//!
//! Nobody is locked out by somebody else. A network from which the person has signed in within
//! [`PLACE_KNOWN_FOR`] is a place that is known; tries from there wait for each other only, and
//! strangers share the delay of the account among themselves. A reset by mail makes a place known.

use std::net::{IpAddr, Ipv6Addr};

use chrono::TimeDelta;

use crate::error::{Error, Kind};
use crate::time::Timestamp;

/// How long somebody waits between tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// How many tries need not wait.
    pub free: u32,
    /// How long the first wait is, which comes after the last free try; each next is twice as long.
    pub first: TimeDelta,
    /// The longest wait.
    pub longest: TimeDelta,
}

/// Passwords. Five tries are a person who looks for the right one of theirs. A minute at most is
/// what a person waits; it leaves a guesser 1,500 tries a day for an account, whatever number of
/// addresses they have, where the ten thousand most common passwords take a week.
pub const GUESSES: Rule = Rule {
    free: 5,
    first: TimeDelta::seconds(1),
    longest: TimeDelta::seconds(60),
};

/// Messages that let a password be set anew. The longest wait is a third of what one is good for
/// ([`RESET_LIFE`]), so that whoever is kept from getting one has had one that is still good.
pub const RESET_MAILS: Rule = Rule {
    free: 3,
    first: TimeDelta::minutes(10),
    longest: TimeDelta::minutes(10),
};

/// How long a message is good that lets a password be set anew.
pub const RESET_LIFE: TimeDelta = TimeDelta::minutes(30);

/// How long after the last wait failures are forgotten.
pub const FORGOTTEN_AFTER: TimeDelta = TimeDelta::hours(1);

/// How long a network stays known to an account after somebody signed in from there: as long as a
/// refresh token can lie unused.
pub const PLACE_KNOWN_FOR: TimeDelta = TimeDelta::days(30);

/// The time over which the tries of a network address are counted. It begins with the minute, so
/// that its end is known without asking.
pub const WINDOW: TimeDelta = TimeDelta::seconds(60);

/// No rule has more waits than this before its longest.
const MOST_WAITS: u32 = 24;

impl Rule {
    /// How long to wait after so many tries in a row that failed.
    pub fn wait_after(&self, failures: u32) -> TimeDelta {
        if failures < self.free {
            return TimeDelta::zero();
        }
        let doublings = (failures - self.free).min(MOST_WAITS);
        let wait_ms = self.first.num_milliseconds() << doublings;
        TimeDelta::milliseconds(wait_ms).min(self.longest)
    }

    /// Until when to wait after a try that fails now: the n-th is for the n-th in a row, the last
    /// for all that follow.
    pub fn waits_from(&self, now: Timestamp) -> Vec<Timestamp> {
        let longest = (1..=self.free.saturating_add(MOST_WAITS))
            .find(|failures| self.wait_after(*failures) >= self.longest)
            .unwrap_or(self.free);
        (0..=longest)
            .map(|failures| now.plus(self.wait_after(failures)))
            .collect()
    }
}

/// When the minute of a moment ends.
pub fn window_end(now: Timestamp) -> Timestamp {
    let window = WINDOW.num_milliseconds();
    let passed = now.milliseconds().rem_euclid(window);
    Timestamp::from_milliseconds(now.milliseconds() - passed + window)
}

/// Too many tries; the next may be made at `until`.
pub fn too_many(until: Timestamp, now: Timestamp) -> Error {
    let mut error = Error::new(
        Kind::TooManyRequests,
        "too_many_attempts",
        "Too many attempts. Try again when the time in Retry-After has passed.",
    );
    let left_ms = (until.milliseconds() - now.milliseconds()).max(1);
    let seconds = left_ms.saturating_add(999) / 1000;
    error.retry_after_seconds = Some(u32::try_from(seconds).unwrap_or(u32::MAX));
    error
}

/// The network of an address: itself for IPv4, the /64 for IPv6, of which one subscriber has at
/// least one (RFC 6177). What is no address is taken as it is.
pub fn network(address: &str) -> String {
    let text = address.trim();
    let text = text.split('%').next().unwrap_or(text);
    match text.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => address.to_string(),
        Ok(IpAddr::V6(address)) => {
            let prefix = Ipv6Addr::from_bits(address.to_bits() >> 64 << 64);
            format!("{prefix}/64")
        }
        Err(_) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_milliseconds(1_774_000_000_000 + ms)
    }

    #[test]
    fn five_guesses_are_free_and_then_the_wait_doubles_to_a_minute() {
        let seconds: Vec<_> = (0..14)
            .map(|failures| GUESSES.wait_after(failures).num_seconds())
            .collect();
        assert_eq!(seconds, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn a_reset_mail_that_is_still_good_has_always_been_sent() {
        assert!(RESET_MAILS.longest * 3 <= RESET_LIFE);
    }

    #[test]
    fn a_network_is_an_address_or_a_subscriber() {
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2::9"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:0DB8:0001:0002::9%eth0"), "2001:db8:1:2::/64");
        assert_ne!(network("2001:db8:1:3::9"), network("2001:db8:1:2::9"));
        assert_eq!(network(""), "");
    }

    fn rules() -> impl Strategy<Value = Rule> {
        (0_u32..20, 1_i64..100_000, 0_i64..10_000_000).prop_map(|(free, first, more)| Rule {
            free,
            first: TimeDelta::milliseconds(first),
            longest: TimeDelta::milliseconds(first + more),
        })
    }

    proptest! {
        #[test]
        fn a_wait_never_shrinks_and_never_exceeds_the_longest(
            rule in rules(), failures in any::<u32>(),
        ) {
            let wait = rule.wait_after(failures);
            prop_assert!(wait <= rule.longest);
            prop_assert!(wait <= rule.wait_after(failures.saturating_add(1)));
        }

        #[test]
        fn the_list_of_waits_is_the_rule(rule in rules(), failures in 0_u32..200) {
            let waits = rule.waits_from(at(0));
            let index = (failures as usize).min(waits.len() - 1);
            prop_assert_eq!(waits.get(index), Some(&at(0).plus(rule.wait_after(failures))));
            prop_assert!(waits.len() <= 64);
        }

        /// Whatever the moments of a guesser's tries: a day has room for few, and nobody ever
        /// waits for more than the longest.
        #[test]
        fn a_guesser_gets_few_tries_a_day(gaps in prop::collection::vec(0_i64..90_000, 1..2_000)) {
            let (mut now, mut failures, mut until, mut passed) = (at(0), 0, at(0), 0);
            for gap in gaps {
                now = now.plus(TimeDelta::milliseconds(gap));
                if now >= at(86_400_000) {
                    break;
                }
                if now < until {
                    prop_assert!(until <= now.plus(GUESSES.longest));
                    continue;
                }
                if until.plus(FORGOTTEN_AFTER) <= now {
                    failures = 0;
                }
                failures += 1;
                passed += 1;
                until = now.plus(GUESSES.wait_after(failures));
            }
            prop_assert!(passed <= 1_500, "{passed}");
        }

        #[test]
        fn a_window_ends_within_a_minute_and_after_now(ms in -10_000_000_i64..10_000_000) {
            let end = window_end(at(ms));
            prop_assert!(end > at(ms) && end <= at(ms).plus(WINDOW));
            prop_assert_eq!(window_end(at(ms)).milliseconds() % 60_000, 0);
            let told = too_many(end, at(ms)).retry_after_seconds;
            prop_assert!(told.is_some_and(|seconds| (1..=60).contains(&seconds)));
        }

        #[test]
        fn no_text_panics_and_one_network_stays_itself(text in ".{0,80}", bits: u128) {
            let _ = network(&text);
            let (one, same) = (Ipv6Addr::from_bits(bits), Ipv6Addr::from_bits(bits ^ 1));
            prop_assert_eq!(network(&one.to_string()), network(&same.to_string()));
        }
    }
}
