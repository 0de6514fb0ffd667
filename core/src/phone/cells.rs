//! Makes cells on which the short cut (everyday.rs) and the exact path (judge.rs) could differ: numbers of every
//! plan, walked out at random so that every branch of every pattern is taken, with what parsing strips put
//! before and into them, damaged, and spelled in every way. No part of the product; the tests and
//! examples/number_everyday.rs share it.

use super::{Accept, NumberColumn, NumberOptions, Reading, Region, plan};

/// What trunk prefixes, carrier codes, area and mobile prefixes look like.
const PREFIXES: [&str; 16] =
    ["0", "1", "8", "00", "01", "06", "9", "15", "044", "045", "1033", "0041", "80", "90", "021", "4"];
const SEPARATORS: [&str; 5] = [" ", "-", "(", ")", ") "];
const ODDITIES: [&str; 14] =
    [".", "/", "\t", "\u{a0}", "+", "x", "٣", "\u{200b}", "  ", "--", "'", "E+11", ".0", "\u{202f}"];

/// A source of cells; the same seed gives the same ones.
pub(super) struct Cells {
    state: u64,
    regions: Vec<Region>,
    turn: usize,
}

impl Cells {
    pub(super) fn from_seed(seed: u64) -> Cells {
        Cells { state: seed, regions: Region::all().collect(), turn: 0 }
    }

    /// One of this many, by SplitMix64.
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % end as u64) as usize
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn digits(&mut self, len: usize) -> String {
        (0..len).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }

    /// Calling code and national number, plan after plan.
    fn number(&mut self) -> String {
        let region = self.regions[self.turn % self.regions.len()];
        self.turn += 1;
        let mut national = match self.below(8) {
            0 => {
                let len = 4 + self.below(12);
                self.digits(len)
            }
            _ => self.valid(region),
        };
        match self.below(8) {
            0 => national.insert_str(0, self.one_of(&PREFIXES)),
            1 => {
                let at = self.below(national.len());
                national.insert_str(at, self.one_of(&PREFIXES));
            }
            2 => {
                let at = self.below(national.len());
                let digit = self.digits(1);
                national.replace_range(at..=at, &digit);
            }
            3 => national.truncate(national.len() - 1),
            _ => {}
        }
        let code = match self.below(32) {
            0 => self.below(1000),
            _ => usize::from(plan::calling_code(region)),
        };
        format!("{code}{national}")
    }

    /// A valid national number: any way that the plan's automaton lets one go.
    fn valid(&mut self, region: Region) -> String {
        let mut digits: Vec<u8> = Vec::new();
        loop {
            let (ways, may_end) = plan::ways_on(region, &digits);
            let ways: Vec<u8> = (0..10).filter(|digit| ways >> digit & 1 == 1).collect();
            if ways.is_empty() || may_end && self.below(3) == 0 {
                return digits.iter().map(|digit| char::from(b'0' + digit)).collect();
            }
            digits.push(ways[self.below(ways.len())]);
        }
    }

    /// A way to read a cell.
    pub(super) fn options(&mut self) -> NumberOptions {
        let at = self.below(self.regions.len());
        let region = self.regions[at];
        NumberOptions {
            column: [NumberColumn::WpNumber, NumberColumn::Msisdn][self.below(2)],
            country: (self.below(4) == 0).then_some(region),
            accept: [Accept::Possible, Accept::Valid][self.below(2)],
        }
    }
}

impl Iterator for Cells {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut cell = self.number();
        for _ in 0..[0, 0, 1, 3][self.below(4)] {
            let at = self.below(cell.len() + 1);
            cell.insert_str(at, self.one_of(&SEPARATORS));
        }
        if self.below(3) > 0 {
            cell.insert_str(0, ["+", "+", "+", "00", "0", "00 "][self.below(6)]);
        }
        if self.below(16) == 0 {
            let ends: Vec<usize> = cell.char_indices().map(|(at, _)| at).chain([cell.len()]).collect();
            let at = ends[self.below(ends.len())];
            cell.insert_str(at, self.one_of(&ODDITIES));
        }
        Some(cell)
    }
}

/// Whether the short cut must read this cell, of which the exact path says this: plainly spelled digits that are,
/// as they stand, a valid number of a network on earth.
pub(super) fn is_everyday(cell: &str, reading: &Reading, options: &NumberOptions) -> bool {
    let Some(number) = reading.number else { return false };
    let spelled = cell.strip_prefix('+').or(cell.strip_prefix("00")).unwrap_or(cell);
    let international = spelled.len() < cell.len();
    let digits: String = spelled.chars().filter(char::is_ascii_digit).collect();
    let starts_plainly = international || cell.starts_with(|ch: char| ch.is_ascii_digit());
    number.is_valid()
        && number.digits().to_string() == digits
        && (8..=16).contains(&digits.len())
        && spelled.len() <= 32
        && spelled.chars().all(|ch| ch.is_ascii_digit() || " -()".contains(ch))
        && starts_plainly
        && (international || options.country.is_none())
        && !["870", "881", "882", "883"].contains(&&digits[..3])
}
