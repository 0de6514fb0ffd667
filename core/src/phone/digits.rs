//! A short run of decimal digits on the stack. Numbers keep their leading zeros here, which integers cannot.

use std::fmt;
use std::ops::Deref;

/// Digits kept of one number. The longest that libphonenumber parses has three digits of calling code and
/// seventeen of national number, to which a national prefix may add ten more; anything beyond is too long
/// whatever it says.
const KEPT: usize = 32;

/// Up to 32 digits with values 0 to 9, most significant first; reads as a slice of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digits {
    kept: [u8; KEPT],
    len: u8,
    overlong: bool,
}

impl Digits {
    /// No digits.
    pub const EMPTY: Digits = Digits { kept: [0; KEPT], len: 0, overlong: false };

    /// The digits of an ASCII text, or `None` if it holds anything else.
    pub fn from_ascii(text: &str) -> Option<Digits> {
        let mut digits = Digits::EMPTY;
        for byte in text.bytes() {
            digits.push(byte.is_ascii_digit().then(|| byte - b'0')?);
        }
        Some(digits)
    }

    /// The digits of an integer.
    pub(super) fn from_integer(integer: u64) -> Digits {
        let mut digits = Digits::EMPTY;
        let mut place = 10_u64.pow(integer.checked_ilog10().unwrap_or(0));
        while place > 0 {
            digits.push((integer / place % 10) as u8);
            place /= 10;
        }
        digits
    }

    /// Digits one after the other, as if written so.
    pub(super) fn joined(parts: &[&[u8]]) -> Digits {
        let mut digits = Digits::EMPTY;
        for digit in parts.iter().copied().flatten() {
            digits.push(*digit);
        }
        digits
    }

    /// The digits without the first so many.
    pub(super) fn behind(&self, count: usize) -> Digits {
        Digits { overlong: self.overlong, ..Digits::joined(&[&self[count..]]) }
    }

    /// Appends one digit, 0 to 9. Past 32 it only remembers that there were more.
    pub(super) fn push(&mut self, digit: u8) {
        debug_assert!(digit < 10);
        match self.kept.get_mut(usize::from(self.len)) {
            Some(place) => {
                *place = digit;
                self.len += 1;
            }
            None => self.overlong = true,
        }
    }

    /// Whether there were more digits than are kept.
    pub(super) fn overlong(&self) -> bool {
        self.overlong
    }

    /// The integer these digits write; `None` if it does not fit 64 bits.
    pub(super) fn integer(&self) -> Option<u64> {
        let append = |integer: u64, digit: &u8| integer.checked_mul(10)?.checked_add(u64::from(*digit));
        if self.overlong { None } else { self.iter().try_fold(0, append) }
    }
}

impl Deref for Digits {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.kept[..usize::from(self.len)]
    }
}

impl fmt::Debug for Digits {
    /// Says how many, not which: a number is somebody's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} digits", self.len)
    }
}
