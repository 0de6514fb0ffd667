//! What a check gathers record by record: header, counts, findings, digest, and what was asked to be given out.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::csv::Record;
use crate::csv::encoding::{Encoding, fallback};
use crate::csv::reader::End;
use crate::csv::rejected::RejectedRows;
use crate::diagnostic::{Diagnostic, Place, clip};
use crate::limits::{COLUMNS_MAX, REPEAT_NUMBERS_MAX};
use crate::permission::Permission;
use crate::phone::Region;
use crate::report::{Counts, Findings, Report};
use crate::rows::Rows;
use crate::rule::{Code, Severity};

use super::digest::Digest;
use super::header::{Columns, HeaderProblem};
use super::options::{CheckOptions, Emit};
use super::role::Role;
use super::row::{self, Cells, Detail, Hear, Verdict};
use super::sniff::Sniffed;

pub(super) struct Judge {
    options: CheckOptions,
    emit: Emit,
    encoding: Encoding,
    delimiter: u8,
    columns: Option<Columns>,
    refused: bool,
    counts: Counts,
    /// Accepted rows by [`Region::index`].
    regions: [u64; Region::COUNT],
    numbers: HashSet<u64, BuildHasherDefault<Spread>>,
    digest: Digest,
    log: Log,
    text: Text,
    rows: Rows,
    rejects: Option<RejectedRows>,
}

impl Judge {
    pub(super) fn new(options: CheckOptions, emit: Emit) -> Judge {
        Judge {
            rows: Rows::with_attributes(options.attributes.len()),
            rejects: None,
            log: Log { emit_all: emit.diagnostics, keep_errors: emit.rejects, ..Log::default() },
            encoding: options.encoding.unwrap_or(Encoding::Utf8 { declared: false }),
            delimiter: options.delimiter.unwrap_or(b','),
            options,
            emit,
            columns: None,
            refused: false,
            counts: Counts::default(),
            regions: [0; Region::COUNT],
            numbers: HashSet::default(),
            digest: Digest::default(),
            text: Text::default(),
        }
    }

    pub(super) fn options(&self) -> &CheckOptions {
        &self.options
    }

    pub(super) fn refused(&self) -> bool {
        self.refused
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    pub(super) fn kept(&self) -> &[Diagnostic] {
        self.log.findings.kept()
    }

    pub(super) fn take_rows(&mut self) -> Rows {
        std::mem::replace(&mut self.rows, Rows::with_attributes(self.options.attributes.len()))
    }

    pub(super) fn take_diagnostics(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.log.all)
    }

    pub(super) fn take_rejects(&mut self) -> Vec<u8> {
        self.rejects.as_mut().map(RejectedRows::take).unwrap_or_default()
    }

    pub(super) fn begin(&mut self, sniffed: &Sniffed) {
        self.encoding = sniffed.encoding;
        self.delimiter = sniffed.delimiter;
    }

    /// Says why the file as a whole cannot be used, and stops.
    pub(super) fn refuse(&mut self, diagnostic: Diagnostic) {
        self.refused = true;
        self.log.push(diagnostic);
    }

    pub(super) fn record(&mut self, record: &Record<'_>) {
        if self.refused || record.is_blank() {
            return;
        }
        // A cell that closes on a later line with more text behind it has most likely swallowed rows: who knows
        // which of them were opt-outs. Nothing of such a file is used.
        let swallowed = record.stray_quote.is_some() && (record.many_lines || self.columns.is_none());
        if swallowed && !record.too_long {
            return self.refuse_quote(record.line);
        }
        if self.columns.is_none() {
            self.header(record);
        } else {
            self.row(record);
        }
    }

    fn refuse_quote(&mut self, line: u64) {
        let row = if self.columns.is_some() { self.counts.rows + 1 } else { 0 };
        let place = Place { row, line, column: String::new() };
        self.refuse(Diagnostic::new(Code::QuoteUnclosed, place, "\""));
    }

    /// The input ended.
    pub(super) fn end(&mut self, end: End) {
        if self.refused {
            return;
        }
        if let End::QuoteOpen { line } = end {
            self.refuse_quote(line);
        } else if self.columns.is_none() {
            self.refuse(Diagnostic::new(Code::FileEmpty, Place::default(), ""));
        } else if self.counts.rows == 0 {
            let message =
                "The file has a header and no rows. Export the list again and check that people are in it.";
            self.refuse(Diagnostic::new(Code::FileEmpty, Place::default(), "").saying(message.into()));
        }
    }

    /// The verdict. Called once, at the end.
    pub(super) fn report(&mut self, bytes: u64) -> Report {
        let columns = self.columns.take().unwrap_or_default();
        let named = |at: usize| (columns.headers[at].clone(), columns.meaning(at));
        Report {
            bytes,
            encoding: if self.text.fallback_used { fallback().label } else { self.encoding.label() },
            delimiter: char::from(self.delimiter),
            columns: (0..columns.headers.len()).map(named).collect(),
            refused: self.refused,
            counts: self.counts,
            regions: by_iso(&self.regions),
            findings: std::mem::take(&mut self.log.findings),
            digest: std::mem::take(&mut self.digest).finish(),
        }
    }

    fn header(&mut self, record: &Record<'_>) {
        let line = record.line;
        let place = |column: &str| Place { row: 0, line, column: column.to_owned() };
        let text = if record.too_long { Err(0) } else { self.text.decode(record, self.encoding) };
        let Ok(cells) = text else {
            let code = if record.too_long { Code::RowTooLong } else { Code::EncodingUnreadable };
            return self.refuse(Diagnostic::new(code, place(""), ""));
        };
        let headers: Vec<String> = (0..cells.len()).map(|at| cells.raw(at).to_owned()).collect();
        self.note_fallback(0, line);
        if headers.len() > COLUMNS_MAX {
            let message = format!(
                "The header has {} cells; at most {COLUMNS_MAX} columns can be read. Export only the columns needed.",
                headers.len()
            );
            return self.refuse(Diagnostic::new(Code::RowWidth, place(""), "").saying(message));
        }
        let (columns, problems) = Columns::resolve(headers, &self.options);
        let found = clip(&columns.headers.iter().map(|cell| cell.trim()).collect::<Vec<_>>().join(", "));
        for problem in &problems {
            self.refuse(header_diagnostic(problem, line, &found));
        }
        let unknown = columns.unknown();
        if problems.is_empty() && !unknown.is_empty() {
            let names = unknown.join("`, `");
            let names = clip(&names);
            let message = match unknown.len() {
                1 => format!("The column `{names}` is not used. Declare it as an attribute to keep it."),
                _ => format!("The columns `{names}` are not used. Declare them as attributes to keep them."),
            };
            self.log.push(
                Diagnostic::new(Code::ColumnUnknown, place(unknown[0].trim()), unknown[0]).saying(message),
            );
        }
        if self.emit.rejects && problems.is_empty() {
            let cells = columns.headers.iter().map(String::as_str);
            self.rejects = Some(RejectedRows::new(self.delimiter, cells));
        }
        self.columns = Some(columns);
    }

    fn row(&mut self, record: &Record<'_>) {
        self.counts.rows += 1;
        let Some(columns) = &self.columns else { return };
        let (row, line) = (self.counts.rows, record.line);
        let cells = self.text.decode(record, self.encoding);
        let mut hear = RowLog { log: &mut self.log, columns, row, line };
        let unreadable = row::unreadable(record, &cells, &mut hear);
        let mut verdict = match (&cells, unreadable) {
            (Ok(cells), None) => row::judge(cells, columns, &self.options, &mut hear),
            _ => Verdict::default(),
        };
        verdict.codes.0 |= unreadable.map_or(0, |code| 1 << code as u8);

        let accepted = match (verdict.number, verdict.permission) {
            (Some(number), Some(permission)) if !verdict.codes.has_error() => Some((number, permission)),
            _ => None,
        };
        let repeated = verdict.number.is_some_and(|number| {
            let identity = number.identity().digits();
            let room = self.numbers.len() < REPEAT_NUMBERS_MAX;
            let repeated =
                if room { !self.numbers.insert(identity) } else { self.numbers.contains(&identity) };
            self.counts.repeats_incomplete |= !room && !repeated;
            repeated
        });
        if let Some((_, permission)) = accepted {
            if repeated {
                verdict.codes.insert(Code::NumberRepeated);
                let at = columns.at(Role::WpNumber);
                hear.say(
                    Code::NumberRepeated,
                    at,
                    cells.as_ref().map_or("", |c| c.get(at.unwrap_or(0))),
                    Detail::None,
                );
                self.counts.repeated_numbers += 1;
            }
            self.counts.accepted += 1;
            self.counts.warned += u64::from(!verdict.codes.is_empty());
            match permission {
                Permission::OptIn => self.counts.opt_in += 1,
                Permission::OptOut => self.counts.opt_out += 1,
            }
            if let Some(region) = verdict.region {
                self.regions[usize::from(region.index())] += 1;
            }
        } else {
            self.counts.rejected += 1;
        }
        self.digest.row(
            verdict.number.map_or(0, |number| number.digits()),
            verdict.permission,
            verdict.codes,
        );
        if let (true, Some((number, permission)), Ok(cells)) = (self.emit.rows, accepted, &cells) {
            let out = &mut self.rows;
            out.row.push(row);
            out.line.push(line);
            out.number.push(number.digits());
            out.msisdn.push(verdict.msisdn.map_or(0, |msisdn| msisdn.digits()));
            out.permission.push(permission as u8);
            out.codes.push(verdict.codes.0);
            out.exid.push(verdict.exid);
            out.email.push(verdict.email);
            out.number_cell.push(columns.at(Role::WpNumber).map_or("", |at| cells.raw(at)));
            out.permission_cell.push(columns.at(Role::Permission).map_or("", |at| cells.raw(at)));
            for (texts, at) in out.attributes.iter_mut().zip(&columns.attributes) {
                texts.push(cells.get(*at));
            }
        }
        if let (Some(rejects), None) = (&mut self.rejects, accepted) {
            match &cells {
                Ok(cells) => rejects.row((0..cells.len()).map(|at| cells.raw(at)), &self.log.row_errors),
                Err(_) => {
                    let shown: Vec<String> = record.cells().map(escaped).collect();
                    rejects.row(shown.iter().map(String::as_str), &self.log.row_errors);
                }
            }
        }
        self.log.row_errors.clear();
        self.note_fallback(row, line);
    }

    /// The one warning about the first record that was not UTF-8.
    fn note_fallback(&mut self, row: u64, line: u64) {
        if self.text.fallback_used && self.log.findings.of(Code::EncodingAssumed) == 0 {
            let place = Place { row, line, column: String::new() };
            self.log.push(Diagnostic::new(Code::EncodingAssumed, place, ""));
        }
    }
}

/// Counts by region as the report gives them: by code, without those of zero.
fn by_iso(counts: &[u64; Region::COUNT]) -> BTreeMap<&'static str, u64> {
    let mut by_iso = BTreeMap::new();
    for (region, count) in Region::all().zip(counts).filter(|(_, count)| **count > 0) {
        *by_iso.entry(region.iso()).or_default() += count;
    }
    by_iso
}

/// Turns records into text; keeps its buffers.
#[derive(Default)]
struct Text {
    decoded: String,
    ends: Vec<usize>,
    fallback_used: bool,
}

impl Text {
    /// The cells as text; else the first cell whose bytes are no text in the file's encoding.
    fn decode<'a>(&'a mut self, record: &'a Record<'_>, encoding: Encoding) -> Result<Cells<'a>, usize> {
        let page = match encoding {
            Encoding::Page(page) if !record.bytes().is_ascii() => page,
            _ => match (utf8(record), encoding) {
                (Ok(text), _) => return Ok(Cells::new(text, record.ends(), record.gap())),
                // A cell or record cut at its limit may end inside a character; that is not the encoding's fault.
                (Err(cell), _) if record.too_long || record.long_field.is_some() => return Err(cell),
                (Err(_), Encoding::Utf8 { declared: false }) => fallback(),
                (Err(cell), _) => return Err(cell),
            },
        };
        self.decoded.clear();
        self.ends.clear();
        for (at, cell) in record.cells().enumerate() {
            if !page.decode(cell, &mut self.decoded) {
                return Err(at);
            }
            self.ends.push(self.decoded.len());
        }
        self.fallback_used |= encoding == (Encoding::Utf8 { declared: false });
        Ok(Cells::new(&self.decoded, &self.ends, 0))
    }
}

/// The record's bytes as UTF-8; else the first cell that is none.
fn utf8<'a>(record: &Record<'a>) -> Result<&'a str, usize> {
    let ends = record.ends();
    match std::str::from_utf8(record.bytes()) {
        // Half a character at the end of a cell and the other half at the start of the next are no text in either,
        // though they are without the delimiter between them.
        Ok(text) if record.gap() > 0 => Ok(text),
        Ok(text) => match ends.iter().position(|end| !text.is_char_boundary(*end)) {
            None => Ok(text),
            Some(cell) => Err(cell),
        },
        Err(error) => Err(ends.partition_point(|end| *end <= error.valid_up_to())),
    }
}

/// Findings on their way into the report, the stream of all diagnostics and the error file.
#[derive(Default)]
struct Log {
    findings: Findings,
    emit_all: bool,
    all: Vec<Diagnostic>,
    keep_errors: bool,
    /// Errors of the record at hand: code and message.
    row_errors: Vec<(Code, String)>,
}

impl Log {
    fn push(&mut self, diagnostic: Diagnostic) {
        if self.emit_all {
            self.all.push(diagnostic.clone());
        }
        self.findings.push(diagnostic);
    }
}

/// The findings of one row.
struct RowLog<'a> {
    log: &'a mut Log,
    columns: &'a Columns,
    row: u64,
    line: u64,
}

impl Hear for RowLog<'_> {
    fn say(&mut self, code: Code, column: Option<usize>, found: &str, detail: Detail) {
        let is_error = code.rule().severity == Severity::Error;
        let kept = self.log.findings.count(code);
        if !(kept || self.log.emit_all || is_error && self.log.keep_errors) {
            return;
        }
        let column = column.map_or(String::new(), |at| self.columns.header(at).trim().to_owned());
        let diagnostic = Diagnostic::new(code, Place { row: self.row, line: self.line, column }, found);
        let diagnostic = match detail {
            Detail::None => diagnostic,
            Detail::Fix(fix) => diagnostic.fixed_by(fix),
            Detail::Message(message) => diagnostic.saying(message),
        };
        if is_error && self.log.keep_errors {
            self.log.row_errors.push((code, diagnostic.message.clone()));
        }
        if self.log.emit_all {
            self.log.all.push(diagnostic.clone());
        }
        if kept {
            self.log.findings.keep(diagnostic);
        }
    }
}

fn header_diagnostic(problem: &HeaderProblem, line: u64, found: &str) -> Diagnostic {
    let (code, column, message) = match problem {
        HeaderProblem::NoHeader => (
            Code::HeaderMissing,
            "",
            "None of these cells is a column name. Put a header line first, for example \
             `exid,email,msisdn,wpNumber,permission`, or say with a mapping which column is which."
                .to_owned(),
        ),
        HeaderProblem::Missing { name, mapped_to: None } => (
            Code::ColumnMissing,
            name.as_str(),
            format!(
                "There is no column `{}`. Add it, or say with a mapping which header stands for it.",
                clip(name)
            ),
        ),
        HeaderProblem::Missing { name, mapped_to: Some(wanted) } => (
            Code::ColumnMissing,
            name.as_str(),
            format!("The mapping takes `{name}` from `{}`, and no header is called that.", clip(wanted)),
        ),
        HeaderProblem::Twice { name, first, second } => (
            Code::ColumnDuplicate,
            name.as_str(),
            format!(
                "`{}` and `{}` both stand for `{}`. Remove or rename one, or choose one with a mapping.",
                clip(first.trim()),
                clip(second.trim()),
                clip(name)
            ),
        ),
        HeaderProblem::Shared { name, other, header } => (
            Code::ColumnDuplicate,
            name.as_str(),
            format!(
                "The mapping takes both `{other}` and `{name}` from `{}`. Each column needs a header of its own.",
                clip(header.trim())
            ),
        ),
    };
    Diagnostic::new(code, Place { row: 0, line, column: column.to_owned() }, found).saying(message)
}

/// Bytes that are no text, with every byte beyond ASCII spelled out.
fn escaped(cell: &[u8]) -> String {
    cell.iter()
        .map(|b| if b.is_ascii() { char::from(*b).to_string() } else { format!("\\x{b:02X}") })
        .collect()
}

/// Spreads the bits of a number over the hash; the keys are not chosen by an attacker who could profit, since
/// a full set is bounded and a slow one only delays its own file.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0 ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ mixed >> 32;
    }
}
