//! What a check found: counts, findings and how the file was read. Data only; JSON lives in `wire`.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::limits::DIAGNOSTICS_PER_CODE_MAX;
use crate::rule::{Code, RULES};

/// The verdict on one consent file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Bytes fed.
    pub bytes: u64,
    /// Label of the encoding the cells were read in.
    pub encoding: &'static str,
    /// Delimiter found or declared.
    pub delimiter: char,
    /// Header cells and what each was taken as.
    pub columns: Vec<(String, Option<&'static str>)>,
    /// The file as a whole cannot be used.
    pub refused: bool,
    /// Row counts.
    pub counts: Counts,
    /// Accepted rows by region.
    pub regions: BTreeMap<&'static str, u64>,
    /// What was found.
    pub findings: Findings,
    /// Digest of the verdict, in hex.
    pub digest: String,
}

/// Row counts. `accepted + rejected = rows`, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Data records; blank lines are none.
    pub rows: u64,
    /// Rows without an error.
    pub accepted: u64,
    /// Rows with an error.
    pub rejected: u64,
    /// Accepted rows with a warning.
    pub warned: u64,
    /// Accepted rows that opt in.
    pub opt_in: u64,
    /// Accepted rows that opt out.
    pub opt_out: u64,
    /// Accepted rows whose number stood in an earlier row.
    pub repeated_numbers: u64,
    /// There were more distinct numbers than are remembered.
    pub repeats_incomplete: bool,
}

/// Findings in the order they arose: all of them counted, the first few of each code kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    counts: [u64; RULES_LEN],
    kept_of: [u16; RULES_LEN],
    kept: Vec<Diagnostic>,
}

const RULES_LEN: usize = 64;

const _: () = assert!(DIAGNOSTICS_PER_CODE_MAX <= u16::MAX as usize);

impl Default for Findings {
    fn default() -> Self {
        Findings { counts: [0; RULES_LEN], kept_of: [0; RULES_LEN], kept: Vec::new() }
    }
}

impl Findings {
    /// Counts findings of one code.
    pub fn count(&mut self, code: Code, more: u64) {
        self.counts[code as usize] += more;
    }

    /// Keeps the diagnostic of a finding, unless as many of its code are kept as may be.
    pub fn keep(&mut self, diagnostic: Diagnostic) {
        let kept = &mut self.kept_of[diagnostic.code as usize];
        if usize::from(*kept) < DIAGNOSTICS_PER_CODE_MAX {
            *kept += 1;
            self.kept.push(diagnostic);
        }
    }

    /// Codes of which no more diagnostics are kept, as bits. Building a diagnostic of them is not worth the work.
    pub fn full(&self) -> u64 {
        let is_full =
            |(at, kept): (usize, &u16)| u64::from(usize::from(*kept) >= DIAGNOSTICS_PER_CODE_MAX) << at;
        self.kept_of.iter().enumerate().map(is_full).sum()
    }

    /// How often the code was found.
    pub fn of(&self, code: Code) -> u64 {
        self.counts[code as usize]
    }

    /// Codes that were found, with their counts, in the order of [`RULES`].
    pub fn counts(&self) -> impl Iterator<Item = (Code, u64)> + '_ {
        RULES.iter().map(|rule| (rule.code, self.of(rule.code))).filter(|(_, count)| *count > 0)
    }

    /// The diagnostics kept.
    pub fn kept(&self) -> &[Diagnostic] {
        &self.kept
    }

    /// How many were counted but not kept.
    pub fn omitted(&self) -> u64 {
        self.counts.iter().sum::<u64>() - self.kept.len() as u64
    }
}
