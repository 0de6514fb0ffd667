//! The push parser of a consent file: bytes in, verdict out, memory bounded whatever the file.

use crate::csv::Reader;
use crate::csv::encoding::{Encoding, Utf16};
use crate::diagnostic::{Diagnostic, Place};
use crate::limits::SNIFF_BYTES;
use crate::report::{Counts, Report};
use crate::rows::Rows;
use crate::rule::Code;

use super::judge::Judge;
use super::options::{CheckOptions, Emit};
use super::sniff::sniff;

/// How far a check is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes fed.
    pub bytes: u64,
    /// Row counts so far.
    pub counts: Counts,
}

/// Judges one consent file.
///
/// ```
/// use consentry_core::consent::{Checker, CheckOptions, Emit};
///
/// let mut checker = Checker::new(CheckOptions::default(), Emit::default());
/// checker.feed(b"wpNumber,permission\n+9053011");
/// checker.feed(b"12233,1\n+442071234567,0\n");
/// let report = checker.finish();
/// assert_eq!((report.counts.accepted, report.counts.opt_in, report.counts.opt_out), (2, 1, 1));
/// ```
pub struct Checker {
    head: Vec<u8>,
    bytes: u64,
    stage: Stage,
    judge: Judge,
}

enum Stage {
    /// Collecting the bytes that decide how to read the rest.
    Sniffing,
    Reading(Box<Reading>),
    /// Nothing more can be judged.
    Stopped,
}

struct Reading {
    encoding: Encoding,
    utf16: Utf16,
    /// UTF-8 of the chunk at hand, when the file is UTF-16.
    text: Vec<u8>,
    skip_bytes: usize,
    reader: Reader,
}

impl Checker {
    /// A checker for one file.
    pub fn new(options: CheckOptions, emit: Emit) -> Checker {
        Checker { head: Vec::new(), bytes: 0, stage: Stage::Sniffing, judge: Judge::new(options, emit) }
    }

    /// Takes the next bytes of the file; chunks may be cut anywhere.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        match &mut self.stage {
            Stage::Sniffing => {
                self.head.extend_from_slice(bytes);
                if self.head.len() >= SNIFF_BYTES {
                    self.start();
                }
            }
            Stage::Reading(reading) => reading.feed(bytes, &mut self.judge),
            Stage::Stopped => {}
        }
        if self.judge.refused() {
            self.stage = Stage::Stopped;
        }
    }

    /// How far the check is.
    pub fn progress(&self) -> Progress {
        Progress { bytes: self.bytes, counts: self.judge.counts() }
    }

    /// The diagnostics kept so far.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        self.judge.kept()
    }

    /// The rows accepted since the last call.
    pub fn take_rows(&mut self) -> Rows {
        self.judge.take_rows()
    }

    /// Every diagnostic since the last call, kept or not.
    pub fn take_diagnostics(&mut self) -> Vec<Diagnostic> {
        self.judge.take_diagnostics()
    }

    /// The rejected rows since the last call as CSV: the cells as they stood, `code` and `message`. The first
    /// piece starts with a header.
    pub fn take_rejects(&mut self) -> Vec<u8> {
        self.judge.take_rejects()
    }

    /// Ends the file. Rows, diagnostics and rejects of the last record can still be taken afterwards.
    pub fn finish(&mut self) -> Report {
        if matches!(self.stage, Stage::Sniffing) {
            self.start();
        }
        if let Stage::Reading(reading) = &mut self.stage {
            reading.finish(&mut self.judge);
        }
        self.stage = Stage::Stopped;
        self.judge.report(self.bytes)
    }

    fn start(&mut self) {
        let head = std::mem::take(&mut self.head);
        match sniff(&head, self.judge.options()) {
            Err(why) => {
                self.judge.refuse(
                    Diagnostic::new(Code::EncodingUnreadable, Place::default(), "").saying(why.into()),
                );
                self.stage = Stage::Stopped;
            }
            Ok(sniffed) => {
                self.judge.begin(&sniffed);
                let first_line = if sniffed.sep_bytes > 0 { 2 } else { 1 };
                let mut reading = Box::new(Reading {
                    encoding: sniffed.encoding,
                    utf16: Utf16::default(),
                    text: Vec::new(),
                    skip_bytes: sniffed.sep_bytes,
                    reader: Reader::new(sniffed.delimiter, first_line),
                });
                reading.feed(&head[sniffed.mark_bytes..], &mut self.judge);
                self.stage = Stage::Reading(reading);
            }
        }
    }
}

impl Reading {
    fn feed(&mut self, bytes: &[u8], judge: &mut Judge) {
        let mut text = std::mem::take(&mut self.text);
        let bytes = match self.encoding {
            Encoding::Utf16 { big_endian } => {
                text.clear();
                self.utf16.feed(big_endian, bytes, &mut text);
                &text
            }
            _ => bytes,
        };
        // The first feed holds all the bytes that were sniffed, the `sep=` line among them.
        let skip = std::mem::take(&mut self.skip_bytes);
        self.reader.feed(&bytes[skip..], &mut |record| judge.record(&record));
        self.text = text;
    }

    fn finish(&mut self, judge: &mut Judge) {
        let mut rest = Vec::new();
        self.utf16.finish(&mut rest);
        self.reader.feed(&rest, &mut |record| judge.record(&record));
        let end = self.reader.finish(&mut |record| judge.record(&record));
        judge.end(end);
    }
}
