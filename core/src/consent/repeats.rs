//! Which numbers stood in the file before: an exact set of integers at a few bytes each.
//!
//! A number is spread over the bits of its hash in a way that can be undone, so that the place of a bucket and the 32
//! bits that are kept in it are the number: nothing is ever taken for something else. A bucket is one cache line. Numbers
//! that fit no bucket, and all of them while there are few, are kept whole.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use crate::limits::{REPEAT_LONG_NUMBERS_MAX, REPEAT_NUMBERS_MAX};
use crate::simd::{self, Work, prefetch, widest};

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

/// Bits of a place among numbers that are sorted together; a hash and a place fill a word.
const PLACE_BITS: u32 = 64 - NUMBER_BITS;
const PLACES: u64 = (1 << PLACE_BITS) - 1;
const SORTED_MAX: usize = 1 << PLACE_BITS;
/// How many numbers ahead of the one at hand its bucket is asked for.
const AHEAD: usize = 24;
/// Buckets, as a power of two, up to which asking ahead is enough and numbers are not sorted: 16 MiB.
const NEAR_TABLE_BITS: u32 = 18;
/// Fewer numbers are not worth sorting.
const SORTED_MIN: usize = 256;
/// Bytes of a bucket, as a power of two.
const BUCKET_BITS: u32 = 6;
/// Bytes of the table that are walked through together, as a power of two: a first-level cache.
const PART_BITS: u32 = 15;
const PARTS_BITS_MAX: u32 = 12;

type Bucket = [u32; BUCKET_NUMBERS + 1];

const _: () = assert!(size_of::<Bucket>() == 1 << BUCKET_BITS, "a bucket is one cache line");
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
    sorter: Sorter,
    /// Fewer numbers to remember than the limit, where memory is dear.
    numbers_max: Option<usize>,
}

/// Numbers noted together.
struct All<'a, F> {
    repeats: &'a mut Repeats,
    numbers: &'a [u64],
    repeated: F,
}

impl<F: FnMut(usize)> Work for All<'_, F> {
    type Outcome = ();

    #[inline(always)]
    fn run(self) {
        self.repeats.repeat_each(self.numbers, self.repeated);
    }
}

/// Puts numbers into the order of their buckets, roughly.
#[derive(Default)]
struct Sorter {
    /// The hash of each number and its place.
    hashed: Vec<u64>,
    sorted: Vec<u64>,
    ends: Vec<u32>,
    /// Places of numbers that belong into no bucket.
    others: Vec<usize>,
}

impl Sorter {
    #[inline(always)]
    fn sort(&mut self, numbers: &[u64], table_bits: u32) {
        // The buckets of one part are few enough for the machine to know their pages and to hold them near.
        let part_bits = (table_bits + BUCKET_BITS).saturating_sub(PART_BITS).clamp(1, PARTS_BITS_MAX);
        let shift = PLACE_BITS + NUMBER_BITS - part_bits;
        self.hashed.clear();
        self.others.clear();
        self.ends.clear();
        self.ends.resize((1 << part_bits) + 1, 0);
        for (place, number) in numbers.iter().enumerate() {
            if number.wrapping_sub(1) >= NUMBERS {
                if *number > 0 {
                    self.others.push(place);
                }
                continue;
            }
            let entry = mixed(*number) << PLACE_BITS | place as u64;
            self.hashed.push(entry);
            self.ends[(entry >> shift) as usize + 1] += 1;
        }
        for part in 1..self.ends.len() {
            self.ends[part] += self.ends[part - 1];
        }
        self.sorted.resize(self.hashed.len(), 0);
        for entry in &self.hashed {
            let next = &mut self.ends[(entry >> shift) as usize];
            self.sorted[*next as usize] = *entry;
            *next += 1;
        }
    }
}

impl Repeats {
    /// Notes a number; whether it was noted before. When there is no more room, new ones are not noted.
    #[inline(always)]
    pub(super) fn repeat(&mut self, number: u64) -> bool {
        if self.table.is_empty() || number > NUMBERS {
            return self.repeat_whole(number);
        }
        self.repeat_hash(mixed(number))
    }

    /// Which bucket a hash belongs into.
    #[inline(always)]
    fn place(&self, hash: u64) -> usize {
        (hash >> (NUMBER_BITS - self.table_bits)) as usize
    }

    #[inline(always)]
    fn repeat_hash(&mut self, hash: u64) -> bool {
        let place = self.place(hash);
        let bucket = &mut self.table[place];
        let kept = hash as u32;
        // Free lanes are 0 and the last one counts, so what looks like a count is kept elsewhere.
        if kept <= BUCKET_NUMBERS as u32 {
            return self.repeat_whole(unmixed(hash));
        }
        if bucket.iter().fold(false, |known, lane| known | (*lane == kept)) {
            return true;
        }
        let count = bucket[BUCKET_NUMBERS] as usize;
        if count == BUCKET_NUMBERS || self.in_table == self.room {
            return self.repeat_crowded(hash);
        }
        bucket[count] = kept;
        bucket[BUCKET_NUMBERS] += 1;
        self.in_table += 1;
        false
    }

    /// Notes many numbers, 0 standing for none, and calls back with the place of each that was noted before; places
    /// come in no order. The same as [`Repeats::repeat`] one by one, but a large table is walked through from its
    /// beginning to its end, so that memory is asked for pages and not for places all over it.
    pub(super) fn repeat_all(&mut self, numbers: &[u64], repeated: impl FnMut(usize)) {
        widest(All { repeats: self, numbers, repeated });
    }

    #[inline(always)]
    fn repeat_each(&mut self, numbers: &[u64], mut repeated: impl FnMut(usize)) {
        for (part, numbers) in numbers.chunks(SORTED_MAX).enumerate() {
            let before = part * SORTED_MAX;
            let is_near = simd::PREFETCHES && self.table_bits <= NEAR_TABLE_BITS;
            let are_few = numbers.len() < SORTED_MIN || self.table.len() * BUCKET_NUMBERS < numbers.len();
            if is_near || are_few {
                for (at, number) in numbers.iter().enumerate() {
                    if let Some(soon) = numbers.get(at + AHEAD)
                        && let Some(bucket) = self.table.get(self.place(mixed(*soon)))
                    {
                        prefetch(bucket);
                    }
                    if *number > 0 && self.repeat(*number) {
                        repeated(before + at);
                    }
                }
                continue;
            }
            let mut sorter = std::mem::take(&mut self.sorter);
            sorter.sort(numbers, self.table_bits);
            for (at, entry) in sorter.sorted.iter().enumerate() {
                if let Some(entry) = sorter.sorted.get(at + AHEAD) {
                    prefetch(&self.table[self.place(entry >> PLACE_BITS)]);
                }
                if self.repeat_hash(entry >> PLACE_BITS) {
                    repeated(before + (entry & PLACES) as usize);
                }
            }
            for at in &sorter.others {
                if self.repeat_whole(numbers[*at]) {
                    repeated(before + at);
                }
            }
            self.sorter = sorter;
        }
    }

    /// Remembers at most so many numbers, if that is fewer than the limit.
    pub(super) fn remember_at_most(&mut self, numbers_max: usize) {
        self.numbers_max = Some(numbers_max.min(REPEAT_NUMBERS_MAX));
    }

    fn numbers_max(&self) -> usize {
        self.numbers_max.unwrap_or(REPEAT_NUMBERS_MAX)
    }

    /// Whether some repeats may not have been seen.
    pub(super) fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    /// A number that is not in its bucket, when there is no room in it or it is time for a larger table.
    #[cold]
    fn repeat_crowded(&mut self, hash: u64) -> bool {
        if self.in_table < self.room || self.room >= self.numbers_max() {
            return self.repeat_whole(unmixed(hash));
        }
        self.grow();
        self.repeat_hash(hash)
    }

    #[cold]
    fn repeat_whole(&mut self, number: u64) -> bool {
        let full = self.in_table + self.whole.len() >= self.numbers_max();
        if full || self.whole.len() >= REPEAT_LONG_NUMBERS_MAX {
            let known = self.whole.contains(&number);
            self.incomplete |= !known;
            return known;
        }
        let repeated = !self.whole.insert(number);
        if self.table.is_empty() && self.whole.len() > FEW {
            self.table_bits = TABLE_BITS_MIN;
            // Written, not asked for as zeros: a page that is read before it is written is asked for twice, and the
            // second time all threads are stopped.
            self.table.resize(1 << TABLE_BITS_MIN, [0; BUCKET_NUMBERS + 1]);
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
            let bucket = self.table[at];
            let (mut halves, mut counts) = ([[0; BUCKET_NUMBERS + 1]; 2], [0; 2]);
            // Each lane is written to both sides and counts on one: nobody can foresee which. Free lanes count nowhere.
            for kept in &bucket[..BUCKET_NUMBERS] {
                // The bit that tells the neighbours apart is among the kept ones.
                let right = (kept >> side_shift & 1) as usize;
                let left = usize::from(*kept != 0) - right;
                halves[0][counts[0] & BUCKET_NUMBERS] = *kept;
                halves[1][counts[1] & BUCKET_NUMBERS] = *kept;
                counts[0] += left;
                counts[1] += right;
            }
            for (side, mut half) in halves.into_iter().enumerate() {
                half[counts[side]] = 0;
                half[BUCKET_NUMBERS] = counts[side] as u32;
                self.table[2 * at + side] = half;
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
#[inline(always)]
fn mixed(number: u64) -> u64 {
    // Both steps can be undone: an odd factor modulo a power of two, and a shift that is folded in.
    let spread = number.wrapping_mul(SPREAD) & NUMBERS;
    let folded = spread ^ spread >> (NUMBER_BITS / 2);
    folded.wrapping_mul(STIR) & NUMBERS
}

/// The number that was mixed.
fn unmixed(hash: u64) -> u64 {
    let folded = hash.wrapping_mul(inverse(STIR)) & NUMBERS;
    let spread = folded ^ folded >> (NUMBER_BITS / 2);
    spread.wrapping_mul(inverse(SPREAD)) & NUMBERS
}

const SPREAD: u64 = 0x9E37_79B9_7F4B;
const STIR: u64 = 0xD6E8_FEB8_6659;

/// What an odd factor is undone with, modulo 2^64.
const fn inverse(odd: u64) -> u64 {
    let mut inverse = odd;
    let mut correct_bits = 3;
    while correct_bits < 64 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse)));
        correct_bits *= 2;
    }
    inverse
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
    fn what_is_too_much_to_remember_is_told() {
        let mut repeats = Repeats::default();
        repeats.remember_at_most(1 << 20);
        (0..1 << 20).for_each(|at| assert!(!repeats.repeat(905_300_000_000 + at)));
        assert!(!repeats.is_incomplete() && repeats.repeat(905_300_000_000));
        (1 << 20..3 << 20).for_each(|at| _ = repeats.repeat(905_300_000_000 + at));
        assert!(repeats.is_incomplete() && repeats.repeat(905_300_000_000));
        assert!(repeats.table.len() <= (1 << 20) / BUCKET_NUMBERS_WANTED);
    }

    #[test]
    fn many_at_once_are_as_one_by_one() {
        let (mut together, mut apart) = (Repeats::default(), Repeats::default());
        let mut chance = 5_u64;
        // The last ones meet a table that is not near any more.
        for size in [3, 5_000, 300, 70_000, 200_000, 1, 2_400_000, 400_000, 300] {
            let numbers: Vec<u64> = (0..size)
                .map(|_| {
                    chance ^= chance << 13;
                    chance ^= chance >> 7;
                    chance ^= chance << 17;
                    // None, a few that come again and again, some beyond the buckets, and many others.
                    match chance % 64 {
                        0 => 0,
                        1..8 => 1 + (chance >> 8) % 1000,
                        8 => (1 << 60) + (chance >> 8) % 1000,
                        _ => chance >> 30,
                    }
                })
                .collect();
            let mut found = Vec::new();
            together.repeat_all(&numbers, |at| found.push(at));
            found.sort_unstable();
            let expected: Vec<usize> =
                (0..size).filter(|at| numbers[*at] > 0 && apart.repeat(numbers[*at])).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn no_two_numbers_are_mixed_into_one() {
        for number in (0..1000).chain((0..48).map(|bit| 1 << bit)).chain([NUMBERS]) {
            assert_eq!(unmixed(mixed(number)), number);
        }
    }
}
