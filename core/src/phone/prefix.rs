//! Runs the prefix programs of the phone table: patterns that must be found at the beginning of a number with
//! the leftmost-first preference of a backtracking regular expression, because libphonenumber's answer
//! depends on it.
//!
//! Programs have no loops (build.rs unrolls repetitions of bounded patterns), so every run ends.

use super::table::STEPS;

/// Where a program matched.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    /// End of the match, in digits from the beginning.
    pub(super) end: usize,
    open: usize,
    /// The captured group, if it took part in the match.
    captured: Option<(usize, usize)>,
}

impl Found {
    /// What the remembered group captured, or `None` if it took no part in the match.
    pub(super) fn captured<'d>(&self, digits: &'d [u8]) -> Option<&'d [u8]> {
        self.captured.map(|(open, close)| &digits[open..close])
    }
}

/// Runs the program that begins at this step over the beginning of the digits.
pub(super) fn find(program: u16, digits: &[u8]) -> Option<Found> {
    run(program, digits, Found::default())
}

fn run(mut step: u16, digits: &[u8], mut found: Found) -> Option<Found> {
    loop {
        // Three bits say what the step does, thirteen with which digits or where to; build.rs writes them.
        let (what, which) = (STEPS[usize::from(step)] >> 13, STEPS[usize::from(step)] & 0x1fff);
        step += 1;
        match what {
            0 => match digits.get(found.end) {
                Some(digit) if which >> digit & 1 == 1 => found.end += 1,
                _ => return None,
            },
            1 => match run(step, digits, found) {
                Some(found) => return Some(found),
                None => step = which,
            },
            2 => step = which,
            3 => found.open = found.end,
            4 => found.captured = Some((found.open, found.end)),
            5 if found.end < digits.len() => return None,
            5 => {}
            _ => return Some(found),
        }
    }
}
