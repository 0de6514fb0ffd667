//! Everything in the sandbox that looks like chance: numbers that follow from the seed and from what they are for.
//!
//! A draw names its subject instead of taking the next number of a row, so that what happens to one person does not
//! depend on how many others were written to at the same time.

/// Where all draws of one sandbox come from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chance {
    seed: u64,
}

impl Chance {
    pub(crate) fn of(seed: u64) -> Chance {
        Chance { seed }
    }

    /// 64 bits for this purpose and subject; the same every time.
    pub(crate) fn bits(self, purpose: &str, subject: &str, nth: u64) -> u64 {
        // FNV-1a collects the bytes, and the finaliser of SplitMix64 spreads them.
        let bytes = purpose.bytes().chain([0]).chain(subject.bytes()).chain(nth.to_le_bytes());
        let start = 0xcbf2_9ce4_8422_2325 ^ self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut bits =
            bytes.fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ bits >> 31
    }

    /// Whether it happens to this subject, in a share of all cases between 0 and 1.
    pub(crate) fn happens(self, share: f64, purpose: &str, subject: &str, nth: u64) -> bool {
        // 53 bits are what a double holds exactly.
        let draw = (self.bits(purpose, subject, nth) >> 11) as f64 / (1_u64 << 53) as f64;
        draw < share
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(self, range: [i64; 2], purpose: &str, subject: &str, nth: u64) -> i64 {
        let [low, high] = range;
        let width = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add(i64::try_from(self.bits(purpose, subject, nth) % width).unwrap_or(0))
    }

    /// One of these.
    pub(crate) fn pick<T: Copy>(self, choices: &[T], purpose: &str, subject: &str, nth: u64) -> Option<T> {
        let count = u64::try_from(choices.len()).ok().filter(|count| *count > 0)?;
        choices.get(usize::try_from(self.bits(purpose, subject, nth) % count).ok()?).copied()
    }

    /// An id as Meta's look: 15 to 16 digits.
    pub(crate) fn id(self, purpose: &str, subject: &str, nth: u64) -> u64 {
        100_000_000_000_000 + self.bits(purpose, subject, nth) % 1_900_000_000_000_000
    }

    /// A word of this many characters out of capital letters and digits.
    pub(crate) fn word(self, length: usize, purpose: &str, subject: &str, nth: u64) -> String {
        const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let letter = |at: usize| {
            let bits = self.bits(purpose, subject, nth.wrapping_mul(1009).wrapping_add(at as u64));
            char::from(LETTERS[usize::try_from(bits % 36).unwrap_or(0)])
        };
        (0..length).map(letter).collect()
    }
}
