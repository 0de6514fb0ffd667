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
    let region = region_of(digits.first, owner);
    Some(Reading { number: E164::from_digits(digits.integer), region: Some(region), codes })
}

/// Many cells read at once, in columns with an entry each. One step is done for all cells before the next one, so that
/// the machine works on many of them at the same time.
#[derive(Default)]
pub struct Column {
    /// Digits of the E.164 number; 0 when the cell is not everyday, which says nothing.
    pub digits: Vec<u64>,
    /// [`Region::index`] of the number; says nothing when there is none.
    pub regions: Vec<u8>,
    /// Bits of the [`CodeSet`].
    pub codes: Vec<u64>,
    /// First digits of each cell and how many there are, as in [`Packed`].
    packed: Vec<(u64, u8)>,
}

impl Column {
    /// Reads the cells that stand at `cells` in `bytes`, each from its start to its end.
    pub fn read(
        &mut self,
        bytes: &[u8],
        cells: impl ExactSizeIterator<Item = (usize, usize)>,
        options: &NumberOptions,
    ) {
        let plus_missing = match options.column {
            NumberColumn::WpNumber => 1 << Code::NumberPlusMissing as u8,
            NumberColumn::Msisdn => 0,
        };
        self.digits.resize(cells.len(), 0);
        self.regions.resize(cells.len(), 0);
        self.codes.resize(cells.len(), 0);
        self.packed.resize(cells.len(), NOTHING);
        let entries = self.packed.iter_mut().zip(&mut self.digits).zip(&mut self.codes);
        for (((packed, digits), codes), (start, end)) in entries.zip(cells) {
            let (text, remark) = match &bytes[start..end] {
                [b'+', text @ ..] | [b'0', b'0', text @ ..] => (text, 0),
                text if options.country.is_none() => (text, plus_missing),
                _ => (&[][..], 0),
            };
            (*packed, *digits) = match Packed::of(text) {
                Some(packed) => ((packed.first, packed.len as u8), packed.integer),
                None => (NOTHING, 0),
            };
            *codes = remark;
        }
        let entries = self.packed.iter().zip(&mut self.digits).zip(&mut self.codes).zip(&mut self.regions);
        for ((((first, len), digits), codes), region) in entries {
            let (state, owner) = walk(*first);
            // Where the digits behind these matter, the cell is left to others.
            let verdict = match ENDINGS.get(usize::from(state)) {
                Some(endings) => endings[usize::from(*len) - WALKED_DIGITS],
                None => 0,
            };
            *digits = if verdict == 0 { 0 } else { *digits };
            *codes |= REMARKS[usize::from(verdict)];
            *region = region_of(*first, owner).0;
        }
    }
}

/// What is packed of a cell that is not everyday: three zeros begin no number.
const NOTHING: (u64, u8) = (0, WALKED_DIGITS as u8);

/// Codes of a valid number, by verdict.
const REMARKS: [u64; LineType::VERDICTS] = {
    let mut remarks = [0; LineType::VERDICTS];
    let mut verdict = 0;
    while verdict < remarks.len() {
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
        let first = u64::from_le_bytes(*text.first_chunk()?) ^ 0x3030_3030_3030_3030;
        let last = u64::from_le_bytes(*text.last_chunk()?) ^ 0x3030_3030_3030_3030;
        let above_nine =
            |word: u64| (word | word.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080;
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
fn region_of(first: u64, mut owner: u16) -> Region {
    let mut at = 3;
    while let Some(fork) = owner.checked_sub(FORKS) {
        owner = OWNERS[usize::from(fork)][digit(first, at)];
        at += 1;
    }
    Region(owner as u8)
}

/// The integer of eight digits, the most significant in the lowest byte: pairs of neighbours become one.
fn integer(digits: u64) -> u64 {
    let twos = (digits.wrapping_mul(10 << 8 | 1) >> 8) & 0x00ff_00ff_00ff_00ff;
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
        let (mut taken, mut in_columns) = (0, 0);
        for _ in 0..CELLS {
            let options = cells.options();
            let cell = cells.next().unwrap();
            let exact = judge::read_exactly(&cell, &options);
            assert_eq!(exact.region.map(Region::iso), exact.number.map(E164::region), "{cell:?}");
            let short = read(cell.as_bytes(), &options);
            assert_eq!(short.is_some(), is_everyday(&cell, &exact, &options), "{cell:?} {options:?}");
            let mut column = Column::default();
            column.read(cell.as_bytes(), [(0, cell.len())].into_iter(), &options);
            if column.digits[0] > 0 {
                assert_eq!(E164::from_digits(column.digits[0]), exact.number, "{cell:?} {options:?}");
                assert_eq!(column.codes[0], exact.codes.0, "{cell:?} {options:?}");
                assert_eq!(Some(Region(column.regions[0])), exact.region, "{cell:?} {options:?}");
                in_columns += 1;
            }
            if let Some(short) = short {
                assert_eq!(short, exact, "{cell:?} {options:?}");
                taken += 1;
            }
        }
        assert!(taken > CELLS / 5, "{taken} cells are too few to compare");
        assert!(in_columns > taken * 9 / 10, "{in_columns} cells in columns of {taken} that are everyday");
    }

    #[test]
    fn every_length_is_packed_as_it_stands() {
        for len in 0..=20 {
            let text: String = "12345678909876543210"[..len].to_owned();
            let packed = Packed::of_digits(text.as_bytes());
            assert_eq!(packed.is_some(), (8..=16).contains(&len), "{len}");
            let Some(packed) = packed else { continue };
            assert_eq!((packed.integer, packed.len), (text.parse().unwrap(), len));
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
