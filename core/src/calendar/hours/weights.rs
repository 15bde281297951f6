//! What counts how much when slots are ranked: numbers that a person can see and change.
//!
//! A slot loses points, and the one that loses the least is the best. Points are whole numbers, so
//! that equal slots are equal everywhere.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Violations;

/// The most that one thing can count.
pub const MAX_WEIGHT: u32 = 1000;

macro_rules! weights {
    ($($(#[$doc:meta])* $name:ident = $default:literal;)*) => {
        /// How many points a slot loses for what. The score that answers show is
        /// 10,000 / (100 + points lost): 100 where nothing is lost, 50 where 100 points are.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct Weights {
            $($(#[$doc])* #[schema(maximum = 1000)] pub $name: u32,)*
        }

        impl Default for Weights {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Weights {
            /// Notes every weight that is too large; `pointer` is where the object stands.
            pub fn check(&self, pointer: &str, violations: &mut Violations) {
                for (name, weight) in [$((stringify!($name), self.$name),)*] {
                    if weight > MAX_WEIGHT {
                        let rule = format!("must be from 0 to {MAX_WEIGHT}");
                        violations.add(&format!("{pointer}/{name}"), "out_of_range", rule);
                    }
                }
            }
        }

        /// Weights of one request; what is absent is as the person keeps it.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct WeightsInput {
            $($(#[$doc])* #[schema(maximum = 1000)] pub $name: Option<u32>,)*
        }

        impl WeightsInput {
            /// The weights that hold, where the person keeps these.
            pub fn over(&self, kept: Weights) -> Weights {
                Weights { $($name: self.$name.unwrap_or(kept.$name),)* }
            }
        }
    };
}

weights! {
    /// For everybody outside whose working hours it lies, at least in part. 30 unless told otherwise.
    outside_hours = 30;
    /// In addition, where it lies more than two hours outside of them. 30 unless told otherwise.
    far_outside_hours = 30;
    /// For everybody whose focus time it breaks. 15 unless told otherwise.
    focus_time = 15;
    /// For everybody whom it leaves no time for lunch. 10 unless told otherwise.
    lunch = 10;
    /// For everybody who has enough meetings on that day. 10 unless told otherwise.
    daily_limit = 10;
    /// For everybody who comes from another meeting or has to go to one, with less than ten minutes
    /// in between. 5 unless told otherwise.
    back_to_back = 5;
    /// For everybody who tentatively has something else. 15 unless told otherwise.
    tentative = 15;
    /// For every optional attendee who can't come. 20 unless told otherwise.
    missing_optional = 20;
    /// For everybody who has preferred times, where it is not within them. 5 unless told otherwise.
    preferred_times = 5;
    /// For every day that it is later than the first day of the window. 1 unless told otherwise.
    later_by_a_day = 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_changes_only_the_weights_that_it_names() {
        let kept = Weights {
            lunch: 7,
            ..Weights::default()
        };
        let input: WeightsInput = serde_json::from_str(r#"{"back_to_back":0}"#).expect("weights");
        let expected = Weights {
            back_to_back: 0,
            ..kept
        };
        assert_eq!(input.over(kept), expected);
    }

    #[test]
    fn a_weight_beyond_the_most_is_named() {
        let weights: Weights = serde_json::from_str(r#"{"lunch":1001}"#).expect("weights");
        let mut violations = Violations::default();
        weights.check("/weights", &mut violations);
        let error = violations.into_result(()).expect_err("too large");
        assert_eq!(error.fields.len(), 1);
    }
}
