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
    /// Accepted rows whose number stood in an earlier accepted row.
    pub repeated_numbers: u64,
    /// There were more distinct numbers than are remembered.
    pub repeats_incomplete: bool,
}

/// Findings in the order they arose: all of them counted, the first few of each code kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    counts: [u64; RULES_LEN],
    kept: Vec<Diagnostic>,
}

const RULES_LEN: usize = 64;

impl Default for Findings {
    fn default() -> Self {
        Findings { counts: [0; RULES_LEN], kept: Vec::new() }
    }
}

impl Findings {
    /// Counts one finding; true when its diagnostic would be kept. Building a diagnostic is only worth the
    /// work then.
    pub fn count(&mut self, code: Code) -> bool {
        let count = &mut self.counts[code as usize];
        *count += 1;
        *count <= DIAGNOSTICS_PER_CODE_MAX as u64
    }

    /// Keeps the diagnostic of a finding that [`Findings::count`] said to keep.
    pub fn keep(&mut self, diagnostic: Diagnostic) {
        self.kept.push(diagnostic);
    }

    /// Counts and keeps one finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.count(diagnostic.code) {
            self.keep(diagnostic);
        }
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
