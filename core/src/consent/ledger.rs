//! What is known of a file so far: stretches come in file order, and here their rows are numbered, compared with the
//! rows before them, counted and hashed. The one place that sees the whole file, and it sees no cell of it.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Place};
use crate::limits::DIAGNOSTICS_PER_CODE_MAX;
use crate::permission::Permission;
use crate::phone::{E164, Region};
use crate::report::{Counts, Findings};
use crate::rule::{Code, CodeSet, RULES};

use super::digest::Digest;
use super::repeats::Repeats;
use super::stretch::Stretch;

#[derive(Default)]
pub(super) struct Ledger {
    counts: Counts,
    /// Accepted rows by [`Region::index`].
    regions: Regions,
    repeats: Repeats,
    digest: Digest,
    findings: Findings,
    emit_diagnostics: bool,
    diagnostics: Vec<Diagnostic>,
    /// Header cell of the number's column.
    number_header: String,
    refused: bool,
    fallback_used: bool,
    /// Places in the stretch at hand whose number stood before.
    repeated: Vec<u32>,
    /// What is compared of the stretch at hand.
    identities: Vec<u64>,
    /// One word a row since they were last taken, where somebody asked for them.
    verdicts: Option<Vec<u8>>,
}

struct Regions([u64; 256]);

impl Default for Regions {
    fn default() -> Regions {
        Regions([0; 256])
    }
}

/// A verdict in one word: codes below, the permission in the two bits above them.
const PERMISSION_SHIFT: u32 = 62;
const _: () = assert!(RULES.len() <= PERMISSION_SHIFT as usize, "codes and permission share a word");

const REPEATED: u64 = 1 << Code::NumberRepeated as u8;

impl Ledger {
    pub(super) fn new(emit_diagnostics: bool) -> Ledger {
        Ledger { emit_diagnostics, ..Ledger::default() }
    }

    pub(super) fn remember_at_most(&mut self, numbers_max: usize) {
        self.repeats.remember_at_most(numbers_max);
    }

    pub(super) fn keep_verdicts(&mut self) {
        self.verdicts = Some(Vec::new());
    }

    pub(super) fn take_verdicts(&mut self) -> Vec<u8> {
        self.verdicts.as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    pub(super) fn findings(&self) -> &Findings {
        &self.findings
    }

    pub(super) fn take_findings(&mut self) -> Findings {
        std::mem::take(&mut self.findings)
    }

    pub(super) fn take_diagnostics(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.diagnostics)
    }

    pub(super) fn is_refused(&self) -> bool {
        self.refused
    }

    pub(super) fn fallback_used(&self) -> bool {
        self.fallback_used
    }

    pub(super) fn digest(&mut self) -> String {
        std::mem::take(&mut self.digest).finish()
    }

    /// Accepted rows by region: by code, without those of zero.
    pub(super) fn regions(&self) -> BTreeMap<&'static str, u64> {
        let mut by_iso = BTreeMap::new();
        for (region, count) in Region::all().zip(self.regions.0).filter(|(_, count)| *count > 0) {
            *by_iso.entry(region.iso()).or_default() += count;
        }
        by_iso
    }

    /// The header cell that findings about repeated numbers name.
    pub(super) fn name_number_column(&mut self, header: &str) {
        header.trim().clone_into(&mut self.number_header);
    }

    /// Codes of which no diagnostic would be kept any more, as bits. When all diagnostics are given out there are none.
    pub(super) fn full(&self) -> u64 {
        if self.emit_diagnostics { 0 } else { self.findings.full() }
    }

    /// Takes the next stretch. `bytes` are those it was judged from, and `lines_before` the physical lines before
    /// the first one that the stretch counted.
    pub(super) fn absorb(&mut self, stretch: &mut Stretch, bytes: &[u8], lines_before: u64) {
        if self.refused {
            return;
        }
        let rows_before = self.counts.rows;
        self.compare(stretch);
        self.tell(stretch, bytes, rows_before, lines_before);
        self.count(stretch);
        self.settle_rows(stretch, rows_before, lines_before);
        self.refused |= stretch.refused;
        self.fallback_used |= stretch.fallback_used;
    }

    /// Finds numbers that stood before.
    fn compare(&mut self, stretch: &mut Stretch) {
        self.repeated.clear();
        self.identities.clear();
        let identity =
            |digits: &u64| E164::from_digits(*digits).map_or(0, |number| number.identity().digits());
        self.identities.extend(stretch.number.iter().map(identity));
        self.repeats.repeat_all(&self.identities, |at| {
            let codes = &mut stretch.codes[at];
            *codes |= if CodeSet(*codes).has_error() { 0 } else { REPEATED };
        });
        let repeated = stretch.codes.iter().enumerate().filter(|(_, codes)| **codes & REPEATED != 0);
        self.repeated.extend(repeated.map(|(at, _)| at as u32));
        self.counts.repeated_numbers += self.repeated.len() as u64;
        self.counts.repeats_incomplete = self.repeats.is_incomplete();
    }

    /// Brings findings into file order: those of the stretch, and those about repeated numbers.
    fn tell(&mut self, stretch: &mut Stretch, bytes: &[u8], rows_before: u64, lines_before: u64) {
        let repeated = std::mem::take(&mut self.repeated);
        // No more are kept of one code than this.
        let most = if self.emit_diagnostics { repeated.len() } else { DIAGNOSTICS_PER_CODE_MAX };
        let wanted = if self.full() & REPEATED == 0 { &repeated[..repeated.len().min(most)] } else { &[] };
        let mut wanted = wanted.iter().copied().peekable();
        for heard in std::mem::take(&mut stretch.heard) {
            // A remark on the encoding follows all others on its record.
            let last = heard.diagnostic.code == Code::EncodingAssumed;
            let comes_first = |at: u32| heard.at.is_some_and(|row| (at as usize) < row + usize::from(last));
            while let Some(at) = wanted.next_if(|at| comes_first(*at)) {
                self.tell_repeated(stretch, at as usize, bytes, rows_before, lines_before);
            }
            if last && self.findings.of(Code::EncodingAssumed) > 0 {
                continue;
            }
            let mut diagnostic = heard.diagnostic;
            if let Some(at) = heard.at {
                diagnostic.place.row = rows_before + at as u64 + 1;
            }
            if diagnostic.place.line > 0 {
                diagnostic.place.line += lines_before;
            }
            if heard.uncounted {
                self.findings.count(diagnostic.code, 1);
            }
            self.keep(diagnostic);
        }
        for at in wanted {
            self.tell_repeated(stretch, at as usize, bytes, rows_before, lines_before);
        }
        self.repeated = repeated;
    }

    fn tell_repeated(
        &mut self,
        stretch: &Stretch,
        at: usize,
        bytes: &[u8],
        rows_before: u64,
        lines_before: u64,
    ) {
        let apart = stretch.cells_apart.binary_search_by_key(&at, |(row, _)| *row).ok();
        let stands = stretch.places[at];
        let found = match apart {
            Some(place) => stretch.cells_apart[place].1.as_str(),
            None => std::str::from_utf8(&bytes[stands.start..stands.end]).unwrap_or_default().trim(),
        };
        let place = Place {
            row: rows_before + at as u64 + 1,
            line: stands.line + lines_before,
            column: self.number_header.clone(),
        };
        self.keep(Diagnostic::new(Code::NumberRepeated, place, found));
    }

    fn keep(&mut self, diagnostic: Diagnostic) {
        if self.emit_diagnostics {
            self.diagnostics.push(diagnostic.clone());
        }
        self.findings.keep(diagnostic);
    }

    fn count(&mut self, stretch: &Stretch) {
        let counts = &mut self.counts;
        counts.rows += stretch.len() as u64;
        let records = stretch.number.iter().zip(&stretch.permission).zip(&stretch.codes).zip(&stretch.region);
        let (mut accepted, mut opt_in) = (0, 0);
        for (((number, permission), codes), region) in records {
            self.digest.row(*number, *permission, *codes);
            let is_accepted = !CodeSet(*codes).has_error();
            accepted += u64::from(is_accepted);
            opt_in += u64::from(is_accepted && *permission == Permission::OptIn as u8);
            self.regions.0[usize::from(*region)] += u64::from(is_accepted);
            if *codes != 0 {
                counts.warned += u64::from(is_accepted);
                CodeSet(*codes).iter().for_each(|code| self.findings.count(code, 1));
            }
        }
        if let Some(verdicts) = &mut self.verdicts {
            for (codes, permission) in stretch.codes.iter().zip(&stretch.permission) {
                verdicts.extend((codes | u64::from(*permission) << PERMISSION_SHIFT).to_le_bytes());
            }
        }
        counts.accepted += accepted;
        counts.rejected += stretch.len() as u64 - accepted;
        counts.opt_in += opt_in;
        counts.opt_out += accepted - opt_in;
    }

    /// Gives the rows of the stretch their numbers, lines and codes.
    fn settle_rows(&self, stretch: &mut Stretch, rows_before: u64, lines_before: u64) {
        let from = stretch.rows_settled;
        let rows = &mut stretch.rows;
        for at in from..rows.len() {
            rows.codes[at] = stretch.codes[rows.row[at] as usize - 1];
            rows.row[at] += rows_before;
            rows.line[at] += lines_before;
        }
        stretch.rows_settled = rows.len();
    }
}
