//! Times to meet: which starts suit everybody, ranked, with the reasons.
//!
//! A meeting is the instant it starts; how long it takes is the same for all. Every rule (somebody is
//! busy, does not work, wants lunch) is therefore a set of starts that break it, worked out from
//! sorted stretches ([`rules`]). What must be kept is taken away from the starts that are left
//! ([`search`]); what should be kept makes a start cost points, and the sum of those is constant
//! between few instants ([`ranking`]). So time grows with the stretches that are looked at, and not
//! with how many starts there are. Only the few slots that are answered are looked at one by one, for
//! their reasons ([`reasons`]); and where there is none, [`relaxation`] says what stands in the way.

pub mod answer;
pub mod attendee;
pub mod constraints;
mod deals;
mod grid;
mod ranking;
mod reasons;
mod relaxation;
pub mod request;
mod rules;
pub mod search;

#[cfg(test)]
mod tests;
