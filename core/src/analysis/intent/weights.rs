//! How what was learnt is stored: 20 bytes that say what follows, then a table of slots.
//!
//! ```text
//! 0   "DGIN"
//! 4   version, 2
//! 5   slots, as a power of two
//! 6   two zeros
//! 8   scale: what a weight of 1 is worth, f32, little-endian
//! 12  bias, f32
//! 16  FNV-1a of the table, u32
//! 20  the slots, two bytes each: a check of the feature, and its weight as an i8
//! ```
//!
//! A feature's slot is its upper bits or the one after; the check keeps one that was never learnt
//! from taking another's weight, save one time in 255. A check of 0 is an empty slot.

use std::fmt;

use super::features::View;

const MAGIC: &[u8; 4] = b"DGIN";
const VERSION: u8 = 2;
const HEADER: usize = 20;

/// How many slots a feature can stand in.
const PROBES: usize = 2;

/// Weights, ready for use.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weights<'a> {
    table: &'a [u8],
    bits: u32,
    scale: f32,
    bias: f32,
}

/// Why bytes are no weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightsError {
    /// They do not begin as weights of this version do.
    Unknown,
    /// They are shorter or longer than they say.
    Length,
    /// The table is not the one that was written.
    Damaged,
}

impl fmt::Display for WeightsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unknown => "no weights of a version that is known here",
            Self::Length => "the weights are cut off or have something behind them",
            Self::Damaged => "the weights are damaged",
        })
    }
}

impl std::error::Error for WeightsError {}

/// What training gives. The log-odds are the bias and, for each view, the sum of its features'
/// weights divided by the square root of how many there are.
#[derive(Debug, Clone, Default)]
pub struct Learnt {
    /// Features with their weights.
    pub weights: Vec<(u32, f64)>,
    /// The log-odds of nothing.
    pub bias: f64,
}

/// Where a feature stands, and the byte that tells it from its neighbours.
fn place(feature: u32, bits: u32) -> (usize, u8) {
    let slot = usize::try_from(feature >> (32 - bits)).unwrap_or(0);
    let check = u8::try_from(feature % 255).unwrap_or(0) + 1;
    (slot, check)
}

fn checksum(table: &[u8]) -> u32 {
    table.iter().fold(0x811c_9dc5, |sum: u32, byte| {
        (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

impl<'a> Weights<'a> {
    /// Reads what [`Learnt::write`] wrote.
    pub fn read(bytes: &'a [u8]) -> Result<Self, WeightsError> {
        let number = |at: usize| -> Option<[u8; 4]> { bytes.get(at..at + 4)?.try_into().ok() };
        if number(0) != Some(*MAGIC) || bytes.get(4) != Some(&VERSION) {
            return Err(WeightsError::Unknown);
        }
        let (Some(slots), Some(scale), Some(bias), Some(sum), Some(table)) = (
            bytes.get(5).map(|bits| u32::from(*bits)),
            number(8).map(f32::from_le_bytes),
            number(12).map(f32::from_le_bytes),
            number(16).map(u32::from_le_bytes),
            bytes.get(HEADER..),
        ) else {
            return Err(WeightsError::Length);
        };
        if !(1..=20).contains(&slots) || table.len() != 2 << slots {
            return Err(WeightsError::Length);
        }
        if checksum(table) != sum {
            return Err(WeightsError::Damaged);
        }
        Ok(Self {
            table,
            bits: slots,
            scale,
            bias,
        })
    }

    /// Begins to weigh a sentence.
    pub fn begin(&self) -> Sum<'_> {
        Sum {
            weights: self,
            wording: Part::default(),
            rules: Part::default(),
        }
    }

    fn of(&self, feature: u32) -> i32 {
        if self.bits == 0 {
            return 0;
        }
        let (slot, check) = place(feature, self.bits);
        let near = self.table.get(slot * 2..).unwrap_or_default();
        near.chunks_exact(2)
            .take(PROBES)
            .find_map(|slot| match slot {
                [there, weight] if *there == check => Some(i32::from(weight.cast_signed())),
                _ => None,
            })
            .unwrap_or(0)
    }
}

/// What the features of one view came to.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    total: i32,
    features: u32,
}

impl Part {
    /// A long sentence is no surer than a short one.
    fn level(self) -> f64 {
        f64::from(self.total) / f64::from(self.features.max(1)).sqrt()
    }
}

/// A sentence being weighed.
#[derive(Debug)]
pub struct Sum<'a> {
    weights: &'a Weights<'a>,
    wording: Part,
    rules: Part,
}

impl Sum<'_> {
    /// Takes one feature in.
    pub fn add(&mut self, view: View, feature: u32) {
        let part = match view {
            View::Wording => &mut self.wording,
            View::Rules => &mut self.rules,
        };
        part.total = part.total.saturating_add(self.weights.of(feature));
        part.features = part.features.saturating_add(1);
    }

    /// How probable it is that the sentence is a task.
    pub fn probability(&self) -> f64 {
        let odds = (self.wording.level() + self.rules.level()) * f64::from(self.weights.scale)
            + f64::from(self.weights.bias);
        1.0 / (1.0 + (-odds).exp())
    }
}

impl Learnt {
    /// Writes the weights into a table of `2^bits` slots. Where there is no room the smaller ones
    /// are left out.
    pub fn write(&self, bits: u8) -> Vec<u8> {
        let mut ordered = self.weights.clone();
        ordered.sort_by(|one, other| {
            other
                .1
                .abs()
                .total_cmp(&one.1.abs())
                .then(one.0.cmp(&other.0))
        });
        let largest = ordered.first().map_or(1.0, |(_, weight)| weight.abs());
        let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        let mut table = vec![0_u8; 2 << bits];
        for (feature, weight) in &ordered {
            #[expect(clippy::cast_possible_truncation, reason = "at most 127 by the scale")]
            let weight = (weight / scale).round() as i8;
            let (slot, check) = place(*feature, u32::from(bits));
            let near = table.get_mut(slot * 2..).unwrap_or_default();
            for slot in near.chunks_exact_mut(2).take(PROBES) {
                if let [there, stored] = slot
                    && (*there == 0 || *there == check)
                {
                    if *there == 0 && weight != 0 {
                        (*there, *stored) = (check, weight.cast_unsigned());
                    }
                    break;
                }
            }
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "stored with less precision"
        )]
        let (unit, offset) = (scale as f32, self.bias as f32);
        let mut bytes = MAGIC.to_vec();
        bytes.extend([VERSION, bits, 0, 0]);
        bytes.extend(unit.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
        bytes.extend(checksum(&table).to_le_bytes());
        bytes.extend(table);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt() -> Learnt {
        Learnt {
            weights: vec![(7, 2.0), (0xffff_ffff, -4.0), (0x8000_0001, 0.5)],
            bias: 0.25,
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let bytes = learnt().write(6);
        let weights = Weights::read(&bytes).unwrap();
        assert_eq!(weights.of(0xffff_ffff), -127);
        assert_eq!(weights.of(7), 64);
        assert_eq!(weights.of(0x8000_0001), 16);
        assert_eq!(weights.of(12345), 0);
        let mut sum = weights.begin();
        sum.add(View::Rules, 7);
        assert!((sum.probability() - 1.0 / (1.0 + (-2.26_f64).exp())).abs() < 0.002);
    }

    #[test]
    fn damage_is_noticed() {
        let bytes = learnt().write(6);
        let mut damaged = bytes.clone();
        damaged[40] ^= 1;
        let read = |bytes: &[u8]| Weights::read(bytes).err();
        assert_eq!(read(&damaged), Some(WeightsError::Damaged));
        assert_eq!(read(&bytes[..bytes.len() - 1]), Some(WeightsError::Length));
        assert_eq!(read(b"DGIN\x03"), Some(WeightsError::Unknown));
        assert_eq!(read(b""), Some(WeightsError::Unknown));
    }
}
