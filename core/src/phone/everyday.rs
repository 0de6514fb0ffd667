//! The everyday cell, read in a few nanoseconds: a plus or not, 8 to 16 ASCII digits, perhaps with blanks,
//! hyphens and brackets between them, which are a valid number that parsing leaves as it is.
//!
//! Nothing is decided here. What is read is what judge.rs would say of the cell, and what is not read goes
//! there: any other spelling, every error, and all numbers that the automaton of build/international.rs leaves
//! out because a prefix would be stripped or a form rewritten. The tests compare both on everything that can
//! tell them apart.

use super::table::{BEGINNINGS, DIGITS_MAX, ENDINGS, FORKS, NEXT, OWNERS, VERDICTS, WALKED_DIGITS};
use super::{E164, LineType, NumberColumn, NumberOptions, Reading, Region, judge};
use crate::rule::{Code, CodeSet};

/// Digits in one machine word.
const WORD: usize = 8;
/// Longest cell looked at, in bytes: the digits and as many separators.
const SPACED_BYTES_MAX: usize = 2 * DIGITS_MAX;
/// Bit n for the separator with byte n.
const SEPARATORS: u64 = 1 << b' ' | 1 << b'-' | 1 << b'(' | 1 << b')';

const _: () = assert!(WALKED_DIGITS < WORD && DIGITS_MAX == 2 * WORD, "a walk begins in the first word");

/// Reads a cell if it is an everyday one; what [`judge::read`] would say of it. `None` says nothing.
#[inline]
pub fn read(cell: &[u8], options: &NumberOptions) -> Option<Reading> {
    let (text, international) = international(cell)?;
    if !international && options.country.is_some() {
        return None;
    }
    let digits = Packed::of(text)?;
    let (verdict, owner) = digits.walk();
    if verdict == 0 {
        return None;
    }
    let mut codes = CodeSet::EMPTY;
    if !international && options.column == NumberColumn::WpNumber {
        codes.insert(Code::NumberPlusMissing);
    }
    codes.0 |= REMARKS[usize::from(verdict)];
    let region = region_of(digits.first, owner, BEGINNING_DIGITS);
    Some(Reading { number: E164::from_digits(digits.integer), region: Some(region), codes })
}

/// A cell as it stands: perhaps 8 to 16 digits, with or without separators. Nobody knows yet whether it is a number.
#[derive(Clone, Copy)]
pub struct Standing {
    /// Where it begins behind its sign, and ends.
    start: usize,
    end: usize,
    /// The first eight digits.
    first: u64,
    /// All but the last eight, the last of them last.
    high: u64,
    /// The last eight.
    low: u64,
    /// How many bytes there are when all this was looked at, else 0.
    len: usize,
    /// Whether it begins with a plus or two zeros.
    signed: bool,
}

impl Standing {
    /// Looks at the cell from `start` to `end`, and at bytes around it. With a country declared, what has no sign is
    /// left to others.
    #[inline(always)]
    pub fn of(bytes: &[u8], start: usize, end: usize, options: &NumberOptions) -> Standing {
        let zeros = bytes[start] == b'0' && bytes.get(start + 1) == Some(&b'0');
        let sign = if zeros { 2 } else { usize::from(bytes[start] == b'+') };
        let start = start + sign;
        let signed = sign > 0;
        // Without a sign it may be a number of the country at home, and wrapped in anything.
        let odd = !signed && (options.country.is_some() || !bytes[start].is_ascii_digit());
        let none = Standing { start, end: start, first: 0, high: 0, low: 0, len: 0, signed };
        if odd || end < start + WORD {
            return none;
        }
        let len = end - start;
        let spaced = Standing { end, ..none };
        let (Some(first), Some(words), Some(high)) =
            (bytes[start..].first_chunk(), bytes[..end].last_chunk::<DIGITS_MAX>(), HIGH.get(len - WORD))
        else {
            return spaced;
        };
        let words = words.as_chunks::<WORD>().0;
        Standing {
            first: u64::from_le_bytes(*first) ^ ZEROS,
            high: (u64::from_le_bytes(words[0]) ^ ZEROS) & high,
            low: u64::from_le_bytes(words[1]) ^ ZEROS,
            len,
            ..spaced
        }
    }

    /// Whether both hold the same bytes behind their signs. False says nothing.
    #[inline(always)]
    pub fn is_like(&self, other: &Standing) -> bool {
        self.len > 0 && (self.high, self.low, self.len) == (other.high, other.low, other.len)
    }

    /// Whether there is a plus or two zeros before it.
    #[inline(always)]
    pub fn is_signed(&self) -> bool {
        self.signed
    }

    /// The integer of the digits, and what a walk over them needs; `None` when they are no everyday ones.
    #[inline(always)]
    pub fn digits(&self, bytes: &[u8]) -> Option<(u64, Walk)> {
        if self.len > 0 && above_nine(self.high) | above_nine(self.low) == 0 {
            let integer = integer(self.high) * 100_000_000 + integer(self.low);
            return Some((integer, Walk { first: self.first, len: self.len as u32 }));
        }
        let packed = Packed::of_spaced(&bytes[self.start..self.end])?;
        Some((packed.integer, Walk { first: packed.first, len: packed.len as u32 }))
    }
}

/// A walk to be done over the digits of a cell.
#[derive(Clone, Copy)]
pub struct Walk {
    len: u32,
    /// The first eight digits.
    first: u64,
}

impl Walk {
    /// Region and remarks of a valid number; `None` when it is none, or others decide. Many walks one after the other
    /// are quicker than each beside other work, because the machine does several at the same time.
    #[inline(always)]
    pub fn go(&self) -> Option<(Region, CodeSet)> {
        #[cfg(not(target_family = "wasm"))]
        let (verdict, region) = stride(self.first, self.len as usize);
        #[cfg(target_family = "wasm")]
        let (verdict, region) = step(self.first, self.len as usize);
        (verdict > 0).then(|| (region, CodeSet(REMARKS[usize::from(verdict & 0xF)])))
    }
}

/// The verdict on a number, 0 if it is not accepted or not decided, and whose it is: digit by digit, with small tables.
#[cfg(any(test, target_family = "wasm"))]
#[inline(always)]
fn step(first: u64, len: usize) -> (u8, Region) {
    let (state, owner) = walk(first);
    // Where the digits behind these matter, the number is left to others.
    let verdict = ENDINGS.get(usize::from(state)).map_or(0, |endings| endings[len - WALKED_DIGITS]);
    (verdict, region_of(first, owner, BEGINNING_DIGITS))
}

/// The same in strides of four, two and two digits, with large ones. More is decided, since one more digit is looked at.
#[cfg(not(target_family = "wasm"))]
#[inline(always)]
fn stride(first: u64, len: usize) -> (u8, Region) {
    use super::table::strides::{BEGUN, LAST, ON, WAYS};
    let twos = pairs(first);
    let two = |at: usize| (twos >> (16 * at) & 0x7F) as usize;
    let (state, owner) = BEGUN[two(0) * 100 + two(1)];
    let state = ON[usize::from(state)][two(2)];
    let way = LAST[usize::from(state)][two(3)];
    let verdict = WAYS[usize::from(way)].get(len.wrapping_sub(WORD)).copied().unwrap_or(0);
    (verdict, region_of(first, owner, STRIDE_DIGITS))
}

/// Digits of the first stride.
#[cfg(not(target_family = "wasm"))]
const STRIDE_DIGITS: usize = 4;
/// Digits looked at together at the beginning of a walk.
const BEGINNING_DIGITS: usize = 3;

/// Codes of a valid number, by verdict.
const REMARKS: [u64; 16] = {
    let mut remarks = [0; 16];
    let mut verdict = 0;
    while verdict < LineType::VERDICTS {
        if judge::hardly_has_whatsapp(LineType::of_verdict(verdict as u8)) {
            remarks[verdict] = 1 << Code::NumberTypeUnlikely as u8;
        }
        verdict += 1;
    }
    remarks
};

/// The text behind the sign that it begins with a calling code, and whether there is such a sign.
#[inline]
fn international(cell: &[u8]) -> Option<(&[u8], bool)> {
    match cell {
        [b'+', rest @ ..] | [b'0', b'0', rest @ ..] => Some((rest, true)),
        bytes @ [b'0'..=b'9', ..] => Some((bytes, false)),
        _ => None,
    }
}

/// 8 to 16 digits.
struct Packed {
    /// The first eight digits, a byte each, the first one in the lowest byte.
    first: u64,
    /// The others in the same way.
    behind: u64,
    /// All of them.
    integer: u64,
    len: usize,
}

impl Packed {
    #[inline(always)]
    fn of(text: &[u8]) -> Option<Packed> {
        Packed::of_digits(text).or_else(|| Packed::of_spaced(text))
    }

    /// Digits without anything between them.
    #[inline(always)]
    fn of_digits(text: &[u8]) -> Option<Packed> {
        if text.len() > DIGITS_MAX {
            return None;
        }
        // The two words overlap in the middle, or entirely.
        let first = u64::from_le_bytes(*text.first_chunk()?) ^ ZEROS;
        let last = u64::from_le_bytes(*text.last_chunk()?) ^ ZEROS;
        if (above_nine(first) | above_nine(last)) != 0 {
            return None;
        }
        let missing = 8 * (DIGITS_MAX - text.len()) as u32;
        Some(Packed {
            first,
            behind: last.unbounded_shr(missing),
            integer: integer(first.unbounded_shl(missing)) * 100_000_000 + integer(last),
            len: text.len(),
        })
    }

    /// Digits with separators between them.
    #[inline(never)]
    fn of_spaced(text: &[u8]) -> Option<Packed> {
        if text.len() > SPACED_BYTES_MAX {
            return None;
        }
        let mut digits = [0; SPACED_BYTES_MAX + 1];
        let (mut len, mut strange) = (0, false);
        for byte in text {
            let is_digit = byte.is_ascii_digit();
            let is_separator = *byte < 64 && SEPARATORS >> (byte & 63) & 1 == 1;
            // Written always and kept only if it is a digit: nobody can foresee which it is.
            digits[len] = *byte;
            len += usize::from(is_digit);
            strange |= !(is_digit | is_separator);
        }
        if strange { None } else { Packed::of_digits(&digits[..len]) }
    }

    /// The verdict on all digits, 0 if they are not accepted, and where the tree of owners stands.
    #[inline]
    fn walk(&self) -> (u8, u16) {
        let (state, owner) = walk(self.first);
        // Nearly always it is decided by now, but for the number of digits.
        let verdict = match ENDINGS.get(usize::from(state)) {
            Some(endings) => endings[self.len - WALKED_DIGITS],
            None => self.walk_on(state),
        };
        (verdict, owner)
    }

    fn walk_on(&self, mut state: u16) -> u8 {
        state = NEXT[usize::from(state)][digit(self.first, WALKED_DIGITS)];
        for at in 0..self.len - WORD {
            state = NEXT[usize::from(state)][(self.behind >> (8 * at) & 0xf) as usize];
        }
        VERDICTS[usize::from(state)]
    }
}

/// What of the first of two words belongs to 8 to 16 digits that end with the second.
const HIGH: [u64; DIGITS_MAX - WORD + 1] = {
    let mut high = [0; DIGITS_MAX - WORD + 1];
    let mut more = 1;
    while more < high.len() {
        high[more] = u64::MAX << (64 - 8 * more);
        more += 1;
    }
    high
};

/// Eight times the digit zero.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The upper bit of each byte that is no digit.
#[inline(always)]
fn above_nine(word: u64) -> u64 {
    (word | word.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080
}

#[inline(always)]
fn digit(first: u64, at: usize) -> usize {
    (first >> (8 * at) & 0xf) as usize
}

/// Where a number stands after its first digits, and the tree of owners after three.
#[inline(always)]
fn walk(first: u64) -> (u16, u16) {
    let (mut state, owner) = BEGINNINGS[digit(first, 0) * 100 + digit(first, 1) * 10 + digit(first, 2)];
    for at in 3..WALKED_DIGITS {
        state = NEXT[usize::from(state)][digit(first, at)];
    }
    (state, owner)
}

/// Whose number it is, by the tree of owners.
#[inline(always)]
fn region_of(first: u64, mut owner: u16, mut at: usize) -> Region {
    while let Some(fork) = owner.checked_sub(FORKS) {
        owner = OWNERS[usize::from(fork)][digit(first, at)];
        at += 1;
    }
    Region(owner as u8)
}

/// Of eight digits, the most significant in the lowest byte, each two neighbours as one number below 100.
#[inline(always)]
fn pairs(digits: u64) -> u64 {
    (digits.wrapping_mul(10 << 8 | 1) >> 8) & 0x00ff_00ff_00ff_00ff
}

/// The integer of eight digits, the most significant in the lowest byte: pairs of neighbours become one.
#[inline(always)]
fn integer(digits: u64) -> u64 {
    let twos = pairs(digits);
    let fours = (twos.wrapping_mul(100 << 16 | 1) >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000 << 32 | 1) >> 32
}

#[cfg(test)]
mod tests {
    use super::super::Accept;
    use super::super::cells::{Cells, is_everyday};
    use super::*;

    /// Cells compared; examples/number_everyday.rs compares as many as one likes.
    const CELLS: usize = 300_000;

    #[test]
    fn the_short_cut_says_what_the_exact_path_says() {
        let mut cells = Cells::from_seed(7);
        let (mut taken, mut walked) = (0, 0);
        for _ in 0..CELLS {
            let options = cells.options();
            let cell = cells.next().unwrap();
            let exact = judge::read_exactly(&cell, &options);
            assert_eq!(exact.region.map(Region::iso), exact.number.map(E164::region), "{cell:?}");
            let short = read(cell.as_bytes(), &options);
            assert_eq!(short.is_some(), is_everyday(&cell, &exact, &options), "{cell:?} {options:?}");
            // Whatever stands around the cell must not matter.
            let line = format!("12345678901234567890,{cell},\n123456");
            let standing = Standing::of(line.as_bytes(), 21, 21 + cell.len(), &options);
            if let Some((digits, walk)) = standing.digits(line.as_bytes())
                && let Some((region, mut codes)) = walk.go()
            {
                if !standing.is_signed() && options.column == NumberColumn::WpNumber {
                    codes.insert(Code::NumberPlusMissing);
                }
                let number = E164::from_digits(digits);
                assert_eq!(Reading { number, region: Some(region), codes }, exact, "{cell:?} {options:?}");
                // More is decided by the strides, because one more digit is looked at.
                let (first, len) = (walk.first, walk.len as usize);
                assert!(step(first, len) == stride(first, len) || step(first, len).0 == 0, "{cell:?}");
                walked += 1;
            }
            if let Some(short) = short {
                assert_eq!(short, exact, "{cell:?} {options:?}");
                taken += 1;
            }
        }
        assert!(taken > CELLS / 5, "{taken} cells are too few to compare");
        assert!(walked > taken * 9 / 10, "{walked} of {taken} cells");
    }

    #[test]
    fn every_length_is_packed_as_it_stands() {
        for len in 0..=20 {
            let text: String = "12345678909876543210"[..len].to_owned();
            let packed = Packed::of_digits(text.as_bytes());
            assert_eq!(packed.is_some(), (8..=16).contains(&len), "{len}");
            let Some(packed) = packed else { continue };
            assert_eq!((packed.integer, packed.len), (text.parse().unwrap(), len));
            let options =
                NumberOptions { column: NumberColumn::Msisdn, country: None, accept: Accept::Possible };
            let line = format!("99999999999999999,{text},\n123456");
            let (digits, walk) =
                Standing::of(line.as_bytes(), 18, 18 + len, &options).digits(line.as_bytes()).unwrap();
            assert_eq!((digits, walk.first, walk.len), (packed.integer, packed.first, len as u32));
            let first = packed.first.to_le_bytes().into_iter();
            let digits: Vec<u8> = first.chain(packed.behind.to_le_bytes()).take(len).collect();
            assert_eq!(digits, text.bytes().map(|byte| byte - b'0').collect::<Vec<_>>());
        }
    }

    #[test]
    fn anything_but_digits_and_separators_is_left_alone() {
        let options =
            NumberOptions { column: NumberColumn::WpNumber, country: None, accept: Accept::Possible };
        assert!(read(b"+90 (530) 111-22-33", &options).is_some());
        for byte in (0..128_u8).filter(|byte| !byte.is_ascii_digit() && !b" -()".contains(byte)) {
            for at in 1..=13 {
                let mut cell = "+905301112233".to_owned();
                cell.insert(at, char::from(byte));
                assert_eq!(read(cell.as_bytes(), &options), None, "{cell:?}");
            }
        }
    }
}
