//! What could be given up for each start, for all starts at once.
//!
//! Every start is barred by something. Each bar can be lifted in few ways: a buffer by doing without
//! buffers, or without that person. For every stretch of starts the deals are kept that lift all its
//! bars and give up at most two things, of which there are at most nine; a stretch that has none left is
//! out. Each bar is one pass over the stretches, so that all single constraints and all pairs are tried
//! at once, for about what the search itself costs.

use std::collections::HashMap;

use super::answer::RelaxedConstraint;
use super::request::MAX_ATTENDEES;
use crate::calendar::interval::Interval;

/// What can be given up, from what is least to ask for to what is most. Preferences of people who come
/// anyway are less than to change what was asked for; to do without somebody is the last resort.
const BY_PRICE: [(RelaxedConstraint, u8); 17] = [
    (RelaxedConstraint::StepMinutes, 1),
    (RelaxedConstraint::Tentative, 2),
    (RelaxedConstraint::Buffers, 2),
    (RelaxedConstraint::FocusTime, 3),
    (RelaxedConstraint::Lunch, 3),
    (RelaxedConstraint::DailyLimit, 3),
    (RelaxedConstraint::MinimumNotice, 4),
    (RelaxedConstraint::Times, 5),
    (RelaxedConstraint::Days, 5),
    (RelaxedConstraint::Dates, 6),
    (RelaxedConstraint::ExceptDates, 6),
    (RelaxedConstraint::After, 6),
    (RelaxedConstraint::Before, 6),
    (RelaxedConstraint::DurationMinutes, 6),
    (RelaxedConstraint::WorkingHours, 7),
    (RelaxedConstraint::WindowEnd, 7),
    (RelaxedConstraint::RequiredAttendee, 9),
];

/// How much it is to ask for something.
pub(super) fn price(constraint: RelaxedConstraint) -> u8 {
    let found = BY_PRICE.iter().find(|(one, _)| *one == constraint);
    found.map_or(u8::MAX, |(_, price)| *price)
}

/// Something to give up, as a number: the place of the constraint in [`BY_PRICE`], and behind those
/// two numbers for each attendee, for their working hours and for doing without them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Concession(u16);

impl Concession {
    /// Where the numbers of attendees begin: even, and behind those of constraints.
    const ATTENDEES: u16 = 32;

    pub(super) fn of_all(constraint: RelaxedConstraint) -> Self {
        let place = BY_PRICE.iter().position(|(one, _)| *one == constraint);
        Self(
            place
                .and_then(|place| u16::try_from(place).ok())
                .unwrap_or(0),
        )
    }

    pub(super) fn of_one(constraint: RelaxedConstraint, attendee: usize) -> Self {
        let first = u16::try_from(attendee).unwrap_or(0).saturating_mul(2) + Self::ATTENDEES;
        Self(first | u16::from(constraint == RelaxedConstraint::RequiredAttendee))
    }

    pub(super) fn constraint(self) -> RelaxedConstraint {
        let found = BY_PRICE.get(usize::from(self.0));
        match found {
            Some((constraint, _)) => *constraint,
            None if self.0.is_multiple_of(2) => RelaxedConstraint::WorkingHours,
            None => RelaxedConstraint::RequiredAttendee,
        }
    }

    pub(super) fn attendee(self) -> Option<usize> {
        let number = self.0.checked_sub(Self::ATTENDEES)?;
        Some(usize::from(number / 2))
    }

    pub(super) fn price(self) -> u8 {
        price(self.constraint())
    }
}

/// Numbers of all attendees are numbers.
const _: () = assert!(2 * MAX_ATTENDEES < (u16::MAX - Concession::ATTENDEES) as usize);

/// At most two things to give up together, the first before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Deal {
    pub(super) first: Option<Concession>,
    pub(super) second: Option<Concession>,
}

impl Deal {
    const NOTHING: Self = Self {
        first: None,
        second: None,
    };

    pub(super) fn iter(self) -> impl Iterator<Item = Concession> {
        [self.first, self.second].into_iter().flatten()
    }

    fn contains(self, one: Concession) -> bool {
        self.first == Some(one) || self.second == Some(one)
    }

    /// The deal with one more thing given up, if there is room for it.
    fn with(self, one: Concession) -> Option<Self> {
        let (first, second) = match (self.first, self.second) {
            (None, _) => (one, None),
            (Some(first), None) => (first.min(one), Some(first.max(one))),
            (Some(_), Some(_)) => return None,
        };
        Some(Self {
            first: Some(first),
            second,
        })
    }

    /// Whether what another gives up is all given up by this.
    fn includes(self, other: Self) -> bool {
        other.iter().all(|one| self.contains(one))
    }

    pub(super) fn price(self) -> u8 {
        self.iter().map(Concession::price).sum()
    }
}

/// The deals that lift all bars of a stretch of starts, none of which includes another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Deals {
    deals: [Deal; 9],
    count: u8,
}

impl Deals {
    /// Nothing bars them: to give up nothing is a deal.
    const FREE: Self = Self {
        deals: [Deal::NOTHING; 9],
        count: 1,
    };
    /// No two things lift all that bars them.
    const OUT: Self = Self {
        count: 0,
        ..Self::FREE
    };

    pub(super) fn iter(&self) -> impl Iterator<Item = Deal> {
        self.deals.iter().copied().take(usize::from(self.count))
    }

    fn insert(&mut self, deal: Deal) {
        if self.iter().any(|known| deal.includes(known)) {
            return;
        }
        if let Some(free) = self.deals.get_mut(usize::from(self.count)) {
            *free = deal;
            self.count += 1;
        }
    }

    /// The deals that lift one more bar, which each of these concessions lifts.
    fn barred(&self, lifted_by: &[Concession]) -> Self {
        let mut deals = Self::OUT;
        let lifts = |deal: &Deal| lifted_by.iter().any(|one| deal.contains(*one));
        // Those that lift it already come first: what only adds to them is not needed.
        for deal in self.iter().filter(lifts) {
            deals.insert(deal);
        }
        for deal in self.iter().filter(|deal| !lifts(deal)) {
            for one in lifted_by {
                if let Some(larger) = deal.with(*one) {
                    deals.insert(larger);
                }
            }
        }
        deals
    }
}

/// The place of [`Deals::OUT`] and of [`Deals::FREE`] among those that there are.
pub(super) const OUT: u32 = 0;
pub(super) const FREE: u32 = 1;

/// All starts of a window, as stretches over which the same deals lift all bars.
///
/// Many stretches have the same deals, so each is kept once and known by its place: a stretch is two
/// numbers, and what a bar does to the deals is worked out once for each of them.
pub(super) struct Barred {
    /// Where a stretch begins, and its deals; in order, and neighbours differ.
    stretches: Vec<(i64, u32)>,
    end: i64,
    next: Vec<(i64, u32)>,
    known: Vec<Deals>,
    places: HashMap<Deals, u32>,
    /// What the deals of each place became by a bar, with the number of that bar.
    became: Vec<(u32, u32)>,
    bars: u32,
}

impl Barred {
    pub(super) fn new(range: Interval) -> Self {
        let mut stretches = Vec::new();
        if !range.is_empty() {
            stretches.push((range.start, FREE));
        }
        Self {
            stretches,
            end: range.end,
            next: Vec::new(),
            known: vec![Deals::OUT, Deals::FREE],
            places: HashMap::from([(Deals::OUT, OUT), (Deals::FREE, FREE)]),
            became: vec![(0, OUT); 2],
            bars: 0,
        }
    }

    /// The stretches with their ends, and the places of their deals.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Interval, u32)> {
        let ends = self.stretches.iter().skip(1).map(|(start, _)| *start);
        let stretches = self.stretches.iter().zip(ends.chain([self.end]));
        stretches.map(|((start, deals), end)| (Interval { start: *start, end }, *deals))
    }

    pub(super) fn deals(&self, place: u32) -> Deals {
        let place = usize::try_from(place).unwrap_or_default();
        self.known.get(place).copied().unwrap_or(Deals::OUT)
    }

    /// The place of the deals that also lift the bar that is being put up.
    fn with_bar(&mut self, place: u32, lifted_by: &[Concession]) -> u32 {
        let index = usize::try_from(place).unwrap_or_default();
        if let Some((_, known)) = self.became.get(index).filter(|(bar, _)| *bar == self.bars) {
            return *known;
        }
        let deals = self.deals(place).barred(lifted_by);
        let count = u32::try_from(self.known.len()).unwrap_or(OUT);
        let then = *self.places.entry(deals).or_insert(count);
        if then == count {
            self.known.push(deals);
            self.became.push((0, OUT));
        }
        if let Some(became) = self.became.get_mut(index) {
            *became = (self.bars, then);
        }
        then
    }

    /// Bars starts (in order, not touching) with something that each of these concessions lifts.
    pub(super) fn bar(&mut self, starts: &[Interval], lifted_by: &[Concession]) {
        let (Some((first, _)), end) = (self.stretches.first(), self.end) else {
            return;
        };
        let all = Interval { start: *first, end };
        if !starts.iter().any(|bar| bar.overlaps(all)) {
            return;
        }
        self.bars += 1;
        let before = std::mem::take(&mut self.stretches);
        let mut after = std::mem::take(&mut self.next);
        after.clear();
        let ends = before.iter().skip(1).map(|(start, _)| *start);
        let mut next = 0;
        for ((start, place), end) in before.iter().zip(ends.chain([self.end])) {
            let mut at = *start;
            // What is out stays out.
            while *place != OUT
                && let Some(bar) = starts.get(next).filter(|bar| bar.start < end)
            {
                if bar.end > at {
                    if at < bar.start {
                        put(&mut after, at, *place);
                        at = bar.start;
                    }
                    put(&mut after, at, self.with_bar(*place, lifted_by));
                    at = bar.end.min(end);
                    if bar.end > end {
                        break;
                    }
                }
                next += 1;
            }
            if at < end {
                put(&mut after, at, *place);
            }
        }
        self.stretches = after;
        self.next = before;
    }
}

/// Goes on with these deals from there.
fn put(stretches: &mut Vec<(i64, u32)>, at: i64, place: u32) {
    if stretches.last().is_none_or(|(_, last)| *last != place) {
        stretches.push((at, place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bars, each with what lifts it and where it stands.
    fn some_bars() -> impl Strategy<Value = Vec<(Vec<Concession>, Interval)>> {
        let concession = (0..8_u16).prop_map(|number| Concession(number * 7));
        let lifted_by = prop::collection::btree_set(concession, 1..4);
        let starts = (0..30_i64, 1..30_i64).prop_map(|(start, length)| Interval {
            start,
            end: start + length,
        });
        let bar = (lifted_by, starts);
        let bar = bar.prop_map(|(lifted_by, starts)| (lifted_by.into_iter().collect(), starts));
        prop::collection::vec(bar, 0..7)
    }

    proptest! {
        #[test]
        fn the_deals_of_a_start_are_all_that_lift_its_bars_and_need_no_more_than_that(bars in some_bars()) {
            let mut barred = Barred::new(Interval { start: 0, end: 40 });
            for (lifted_by, starts) in &bars {
                barred.bar(&[*starts], lifted_by);
            }
            let stretches: Vec<_> = barred.iter().collect();
            prop_assert!(stretches.windows(2).all(|two| two[0].0.end == two[1].0.start));
            for at in 0..40 {
                let here: Vec<_> = bars.iter().filter(|(_, starts)| starts.contains(at)).collect();
                let lifts = |deal: Deal| here.iter().all(|(lifted_by, _)| lifted_by.iter().any(|one| deal.contains(*one)));
                let all = (0..8_u16).map(|number| Concession(number * 7));
                let singles = all.clone().filter_map(|one| Deal::NOTHING.with(one));
                let pairs = all.clone().flat_map(|one| {
                    let larger = all.clone().filter(move |two| one < *two);
                    larger.filter_map(move |two| Deal::NOTHING.with(one)?.with(two))
                });
                let lifting: Vec<Deal> = [Deal::NOTHING].into_iter().chain(singles).chain(pairs).filter(|deal| lifts(*deal)).collect();
                let is_least = |deal: &&Deal| !lifting.iter().any(|other| other != *deal && deal.includes(*other));
                let key = |deal: &Deal| (deal.first, deal.second);
                let mut expected: Vec<Deal> = lifting.iter().filter(is_least).copied().collect();
                expected.sort_by_key(key);
                let place = stretches.iter().find(|(stretch, _)| stretch.contains(at)).expect("a stretch").1;
                let mut found: Vec<Deal> = barred.deals(place).iter().collect();
                found.sort_by_key(key);
                prop_assert_eq!(found, expected, "{}", at);
            }
        }
    }

    #[test]
    fn a_concession_knows_its_constraint_and_whose_it_is() {
        for (constraint, _) in BY_PRICE {
            let concession = Concession::of_all(constraint);
            assert_eq!(
                (concession.constraint(), concession.attendee()),
                (constraint, None)
            );
        }
        for constraint in [
            RelaxedConstraint::WorkingHours,
            RelaxedConstraint::RequiredAttendee,
        ] {
            let concession = Concession::of_one(constraint, MAX_ATTENDEES - 1);
            assert_eq!(concession.constraint(), constraint);
            assert_eq!(concession.attendee(), Some(MAX_ATTENDEES - 1));
        }
    }
}
