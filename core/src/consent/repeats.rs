//! Which numbers stood in the file before: an exact set of integers at a few bytes each.
//!
//! A number is spread over the bits of its hash in a way that can be undone, so that the place of a bucket and the 32
//! bits that are kept in it are the number: nothing is ever taken for something else. A bucket is one cache line. Numbers
//! that fit no bucket, and all of them while there are few, are kept whole.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use crate::limits::REPEAT_NUMBERS_MAX;

/// Numbers of so many bits go into buckets; longer ones hardly exist.
const NUMBER_BITS: u32 = 48;
/// Bits of the hash that are kept; the bucket's place holds the others.
const KEPT_BITS: u32 = 32;
const NUMBERS: u64 = (1 << NUMBER_BITS) - 1;
/// Buckets that a new table has, as a power of two: place and kept bits are the whole number.
const TABLE_BITS_MIN: u32 = NUMBER_BITS - KEPT_BITS;
/// Numbers kept whole before there is a table.
const FEW: usize = 2048;
/// Kept numbers in a bucket; the last lane counts them.
const BUCKET_NUMBERS: usize = 15;
/// Average fill of buckets at which the table doubles.
const BUCKET_NUMBERS_WANTED: usize = 8;

type Bucket = [u32; BUCKET_NUMBERS + 1];

const _: () = assert!(size_of::<Bucket>() == 64, "a bucket is one cache line");
const _: () = assert!(REPEAT_NUMBERS_MAX.is_power_of_two(), "a full table is as large as it was to be");

/// The numbers seen so far.
#[derive(Default)]
pub(super) struct Repeats {
    table: Vec<Bucket>,
    table_bits: u32,
    in_table: usize,
    /// Numbers in the table at which it doubles.
    room: usize,
    whole: HashSet<u64, BuildHasherDefault<Spread>>,
    incomplete: bool,
}

impl Repeats {
    /// Notes a number; whether it was noted before. When there is no more room, new ones are not noted.
    #[inline]
    pub(super) fn repeat(&mut self, number: u64) -> bool {
        if self.table.is_empty() || number > NUMBERS {
            return self.repeat_whole(number);
        }
        let hash = mixed(number);
        let bucket = &mut self.table[(hash >> (NUMBER_BITS - self.table_bits)) as usize];
        let kept = hash as u32;
        let count = bucket[BUCKET_NUMBERS] as usize;
        let mut same = 0_u32;
        for (at, known) in bucket.iter().enumerate() {
            same |= u32::from(*known == kept) << at;
        }
        if same & ((1 << count) - 1) != 0 {
            return true;
        }
        if count == BUCKET_NUMBERS || self.in_table == self.room {
            return self.repeat_crowded(number);
        }
        bucket[count] = kept;
        bucket[BUCKET_NUMBERS] += 1;
        self.in_table += 1;
        false
    }

    /// Whether some repeats may not have been seen.
    pub(super) fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    /// A number that is not in its bucket, when there is no room in it or it is time for a larger table.
    #[cold]
    fn repeat_crowded(&mut self, number: u64) -> bool {
        if self.in_table < self.room || self.room >= REPEAT_NUMBERS_MAX {
            return self.repeat_whole(number);
        }
        self.grow();
        self.repeat(number)
    }

    #[cold]
    fn repeat_whole(&mut self, number: u64) -> bool {
        if self.in_table + self.whole.len() >= REPEAT_NUMBERS_MAX {
            let known = self.whole.contains(&number);
            self.incomplete |= !known;
            return known;
        }
        let repeated = !self.whole.insert(number);
        if self.table.is_empty() && self.whole.len() > FEW {
            self.table_bits = TABLE_BITS_MIN;
            self.table = vec![[0; BUCKET_NUMBERS + 1]; 1 << TABLE_BITS_MIN];
            self.refill();
        }
        repeated
    }

    /// Doubles the table: each bucket becomes two neighbours, from the last one on, so that nothing is overwritten
    /// before it was read.
    fn grow(&mut self) {
        let old = self.table.len();
        self.table_bits += 1;
        self.table.resize(2 * old, [0; BUCKET_NUMBERS + 1]);
        let side_shift = NUMBER_BITS - self.table_bits;
        for at in (0..old).rev() {
            let bucket = std::mem::replace(&mut self.table[at], [0; BUCKET_NUMBERS + 1]);
            // The bit that tells the neighbours apart is among the kept ones.
            for kept in &bucket[..bucket[BUCKET_NUMBERS] as usize] {
                let side = (kept >> side_shift & 1) as usize;
                let half = &mut self.table[2 * at + side];
                half[half[BUCKET_NUMBERS] as usize] = *kept;
                half[BUCKET_NUMBERS] += 1;
            }
        }
        self.refill();
    }

    /// Brings numbers that were kept whole into buckets that have room now.
    fn refill(&mut self) {
        self.room = self.table.len() * BUCKET_NUMBERS_WANTED;
        for number in std::mem::take(&mut self.whole) {
            self.repeat(number);
        }
    }
}

/// Spreads the bits of a number below 2^48 over 48 bits; no two numbers give the same.
#[inline]
fn mixed(number: u64) -> u64 {
    // Both steps can be undone: an odd factor modulo a power of two, and a shift that is folded in.
    let spread = number.wrapping_mul(0x9E37_79B9_7F4B) & NUMBERS;
    let folded = spread ^ spread >> (NUMBER_BITS / 2);
    folded.wrapping_mul(0xD6E8_FEB8_6659) & NUMBERS
}

/// Spreads the bits of a number over a hash; the keys are not chosen by an attacker who could profit, since a full set
/// is bounded and a slow one only delays its own file.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0 ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ mixed >> 32;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_repeat_exactly_when_they_were_there_before() {
        for (seed, bits) in [(1_u64, 20), (2, 37), (3, 48), (4, 63)] {
            let (mut repeats, mut reference) = (Repeats::default(), HashSet::new());
            let mut chance = seed;
            for _ in 0..1_500_000 {
                chance ^= chance << 13;
                chance ^= chance >> 7;
                chance ^= chance << 17;
                let number = chance >> (64 - bits) | 1 << (bits - 1);
                assert_eq!(repeats.repeat(number), !reference.insert(number), "{number}");
            }
            assert_eq!(repeats.in_table + repeats.whole.len(), reference.len());
            assert!(
                bits == 63 || repeats.whole.len() < reference.len() / 50 + FEW,
                "{bits} {}",
                repeats.whole.len()
            );
        }
    }

    #[test]
    fn neighbours_spread_over_the_buckets() {
        let mut repeats = Repeats::default();
        (0..1_000_000).for_each(|at| assert!(!repeats.repeat(905_300_000_000 + at)));
        (0..1_000_000).for_each(|at| assert!(repeats.repeat(905_300_000_000 + at)));
        assert!(repeats.whole.len() < 20_000, "{}", repeats.whole.len());
    }

    #[test]
    fn no_two_numbers_are_mixed_into_one() {
        // Undoing each step gives the number back.
        let inverse =
            |odd: u64| (0..6).fold(odd, |x, _| x.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(x))));
        for number in (0..1000).chain((0..48).map(|bit| 1 << bit)).chain([NUMBERS]) {
            let folded = mixed(number).wrapping_mul(inverse(0xD6E8_FEB8_6659)) & NUMBERS;
            let spread = folded ^ folded >> (NUMBER_BITS / 2);
            assert_eq!(spread.wrapping_mul(inverse(0x9E37_79B9_7F4B)) & NUMBERS, number);
        }
    }
}
