//! The file that everybody judges: made up, the same on every machine, and like what businesses bring.
//!
//! A row follows from its place alone, so a short file is the beginning of a long one: a slow peer gets the first
//! rows of what a fast one gets. Numbers differ between any two people; the two in a hundred that repeat one repeat
//! somebody from anywhere earlier in the file, so that nobody can remember a few.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::plans::{PLANS, Plan, TURN};
use crate::run::{Outcome, file_trouble, step};
use crate::{stamp, tree};

/// Raised when other rows come out, so that files of an earlier shape are not used.
const SHAPE: u32 = 2;
const HEADER: &[u8] = b"exid,email,msisdn,wpNumber,permission\n";
const BUFFER_BYTES: usize = 1 << 20;
/// People that have a number of their own and no row: second numbers of others are theirs.
pub(super) const STRANGERS: u64 = 50_000_000;

/// The file with this many rows, written unless it is there.
pub(super) fn of_rows(rows: u64) -> Outcome<PathBuf> {
    let folder = tree::own().join("bench");
    let path = folder.join(format!("people-{SHAPE}-{rows}.csv"));
    let mut number = Number::default();
    written(&path, rows, |at, line| row(at, line, &mut number))?;
    Ok(path)
}

/// Writes a file of rows unless it is there.
pub(super) fn written(path: &Path, rows: u64, mut row: impl FnMut(u64, &mut Vec<u8>)) -> Outcome {
    if path.is_file() {
        return Ok(());
    }
    let expectation = format!("{} s", 1 + rows / 3_000_000);
    step(&format!("a file of {rows} rows"), &expectation, || {
        // Half a file must not look like one.
        let part = path.with_extension("part");
        stamp::write(&part, HEADER)?;
        let mut write = || {
            let file = File::options().append(true).open(&part)?;
            let mut out = BufWriter::with_capacity(BUFFER_BYTES, file);
            let mut line = Vec::new();
            for at in 0..rows {
                line.clear();
                row(at, &mut line);
                out.write_all(&line)?;
            }
            out.flush()
        };
        write().map_err(file_trouble(&part))?;
        fs::rename(&part, path).map_err(file_trouble(path))
    })
}

/// One row, as the place it has says. Chances are parts of 1,000.
fn row(at: u64, out: &mut Vec<u8>, number: &mut Number) {
    let mut chance = Chance::of(at);
    if chance.below(1000) < 800 {
        digits(10_000_000 + at, out);
    }
    out.push(b',');
    if chance.below(1000) < 600 {
        email(at, &mut chance, out);
    }
    out.push(b',');
    let person = person(at);
    if chance.below(1000) < 700 {
        let same = chance.below(1000) < 700;
        number.of(if same { person } else { at + STRANGERS });
        out.extend_from_slice(number.plan.code.as_bytes());
        out.extend_from_slice(&number.national);
    }
    out.push(b',');
    number.of(person);
    match chance.below(1000) {
        0..30 => number.faulty(chance.below(5), out),
        30..80 => number.spelled(b" ", b"", b" ", out),
        80..110 => number.spelled(b"-", b"", b"-", out),
        110..130 => number.spelled(b" (", b")", b" ", out),
        130..150 => number.plain(b"00", out),
        _ => number.plain(b"+", out),
    }
    out.push(b',');
    out.extend_from_slice(match chance.below(1000) {
        0..5 => BAD_PERMISSIONS[chance.below(BAD_PERMISSIONS.len() as u64) as usize],
        5..255 => b"2",
        _ => b"1",
    });
    out.push(b'\n');
}

const NAMES: [&[u8]; 4] = [b"a", b"mia", b"j.", b"info"];
const DOMAINS: [&[u8]; 4] = [b"gmail.com", b"web.de", b"mail.ru", b"outlook.com"];
const BAD_PERMISSIONS: [&[u8]; 3] = [b"3", b"?", b""];

/// An address that nobody else has.
pub(super) fn email(person: u64, chance: &mut Chance, out: &mut Vec<u8>) {
    out.extend_from_slice(NAMES[chance.below(NAMES.len() as u64) as usize]);
    digits(person, out);
    out.push(b'@');
    out.extend_from_slice(DOMAINS[chance.below(DOMAINS.len() as u64) as usize]);
}

/// Who stands in a row: somebody new, or in two of a hundred rows somebody of any earlier row.
fn person(mut at: u64) -> u64 {
    loop {
        let mut chance = Chance::of(at ^ 1 << 63);
        if at == 0 || chance.below(1000) >= 20 {
            return at;
        }
        at = chance.below(at);
    }
}

/// A person's number.
pub(super) struct Number {
    plan: &'static Plan,
    national: Vec<u8>,
}

impl Default for Number {
    fn default() -> Number {
        Number { plan: &PLANS[0], national: Vec::new() }
    }
}

impl Number {
    /// The number of a person. Two people never have the same.
    pub(super) fn of(&mut self, person: u64) {
        let (turn, seat) = (person / TURN, person % TURN);
        // Another order of seats in each turn: a multiple of an odd number, taken within a power of two, is one.
        let mut seat = seat.wrapping_mul(Chance::of(!turn).next() | 1) % TURN;
        let mut plans = PLANS.iter();
        let plan = loop {
            match plans.next() {
                Some(plan) if seat < plan.share => break plan,
                Some(plan) => seat -= plan.share,
                None => unreachable!("the shares fill a turn"),
            }
        };
        self.plan = plan;
        self.national.clear();
        plan.write(scattered(turn * plan.share + seat, plan.size()), &mut self.national);
    }

    pub(super) fn plain(&self, before: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(before);
        out.extend_from_slice(self.plan.code.as_bytes());
        out.extend_from_slice(&self.national);
    }

    fn spelled(&self, open: &[u8], close: &[u8], between: &[u8], out: &mut Vec<u8>) {
        let (area, rest) = self.national.split_at(3);
        let (middle, end) = rest.split_at(3);
        out.push(b'+');
        for part in [self.plan.code.as_bytes(), open, area, close, between, middle, between, end] {
            out.extend_from_slice(part);
        }
    }

    fn faulty(&self, kind: u64, out: &mut Vec<u8>) {
        match kind {
            // Too short wherever it is.
            0 => {
                out.push(b'+');
                out.extend_from_slice(self.plan.code.as_bytes());
                out.extend_from_slice(&self.national[..2]);
            }
            // A country code that nobody has.
            1 => {
                out.extend_from_slice(b"+999");
                out.extend_from_slice(&self.national);
            }
            // As it is dialled at home, without a country code.
            2 => {
                out.push(b'0');
                out.extend_from_slice(&self.national);
            }
            3 => {
                out.extend_from_slice(&self.national[..4]);
                out.extend_from_slice(b"abc");
            }
            // What a spreadsheet leaves of a number.
            _ => {
                out.push(self.national[0]);
                out.push(b'.');
                out.extend_from_slice(&self.national[1..3]);
                out.extend_from_slice(b"E+11");
            }
        }
    }
}

/// Another place below `size` for each place: neighbours come to lie far apart, and no two on each other.
pub(super) fn scattered(at: u64, size: u64) -> u64 {
    // Primes, and no size has one of them as a factor.
    let step = |at: u64| (at % size * 2_147_483_647 + 1_299_709) % size;
    // Rows become columns: a multiple alone would leave the last digits in one order.
    let turned = |at: u64| at % 1000 * (size / 1000) + at / 1000;
    step(turned(step(at)))
}

pub(super) fn digits(number: u64, out: &mut Vec<u8>) {
    let start = out.len();
    let mut rest = number;
    loop {
        out.push(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out[start..].reverse();
}

/// `SplitMix64`, seeded with a place.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn of(place: u64) -> Chance {
        Chance(place.wrapping_mul(0xD6E8_FEB8_6659_FD93))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// Less than `limit`, which is far below 2^64.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn two_people_never_have_the_same_number() {
        let (mut number, mut seen) = (Number::default(), BTreeSet::new());
        // The first people, and some from far behind.
        for person in (0..50_000).chain(90_000_000..90_050_000) {
            number.of(person);
            let mut text = Vec::new();
            number.plain(b"", &mut text);
            assert!(seen.insert(text), "{person}");
        }
    }

    #[test]
    fn scattering_gives_each_place_once() {
        for plan in &PLANS {
            assert!(plan.size().is_multiple_of(1000) && !plan.size().is_multiple_of(2_147_483_647));
        }
        let places: BTreeSet<u64> = (0..20_000).map(|at| scattered(at, 20_000)).collect();
        assert_eq!((places.len(), places.last()), (20_000, Some(&19_999)));
    }
}
