//! Many short strings looked for in one pass: where a copy in lower case and a search for each would
//! cost more than all else that is done with a text.

/// How many times 64 bits tell the beginnings of needles.
const SLOTS: usize = 64;

/// Strings in lower case, found whatever the case of ASCII letters is.
#[derive(Debug)]
pub(super) struct Needles {
    all: Vec<&'static str>,
    /// A bit for the first four bytes of each, by [`place`].
    starts: [u64; SLOTS],
}

/// Sets the bit in which capitals differ from small letters. Others fall together, too: what passes
/// is compared.
const SMALL: u32 = 0x2020_2020;

/// Where the bit of four bytes is: which number, and the bit in it.
fn place(start: u32) -> (usize, u64) {
    // The upper bits of the product depend on all of the bytes.
    let mixed = (start | SMALL).wrapping_mul(0x9e37_79b1);
    let slot = usize::try_from(mixed >> 26).unwrap_or(0);
    (slot, 1 << ((mixed >> 20) & 63))
}

impl Needles {
    /// Of strings that have four bytes at least.
    pub(super) fn of(all: impl Iterator<Item = &'static str>) -> Self {
        let all: Vec<_> = all.collect();
        let mut starts = [0; SLOTS];
        for start in all.iter().filter_map(|one| one.as_bytes().first_chunk()) {
            let (slot, bit) = place(u32::from_be_bytes(*start));
            if let Some(bits) = starts.get_mut(slot) {
                *bits |= bit;
            }
        }
        Self { all, starts }
    }

    /// The first of those in a text that is wanted; they may overlap.
    pub(super) fn find(
        &self,
        text: &str,
        mut is_wanted: impl FnMut(&'static str) -> bool,
    ) -> Option<&'static str> {
        let mut last = 0_u32;
        for (at, byte) in text.bytes().enumerate() {
            last = last << 8 | u32::from(byte);
            let (slot, bit) = place(last);
            if self.starts.get(slot).is_none_or(|bits| bits & bit == 0) {
                continue;
            }
            let rest = text.as_bytes().get(at.saturating_sub(3)..);
            let found = self.all.iter().find(|needle| {
                rest.and_then(|rest| rest.get(..needle.len()))
                    .is_some_and(|start| start.eq_ignore_ascii_case(needle.as_bytes()))
            });
            // Before the fourth byte the first ones would be met again.
            if let Some(needle) = found.filter(|needle| at >= 3 && is_wanted(needle)) {
                return Some(*needle);
            }
        }
        None
    }

    /// Whether one of them is in a text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.find(text, |_| true).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_found_in_any_case_and_as_often_as_they_are_there() {
        let needles = Needles::of(["http", "désabonner"].into_iter());
        let count = |text: &str| {
            let mut count = 0;
            needles.find(text, |_| {
                count += 1;
                false
            });
            count
        };
        assert_eq!(count("HTTP https hTTpx désabonner dEsabonner htt"), 4);
        assert_eq!((count(""), count("htt"), count("htt p")), (0, 0, 0));
        assert!(needles.is_in("see http://x") && !needles.is_in("see"));
    }
}
