//! One record as the reader gave it → one entry of a stretch: the header, and every record that is not everyday. This is
//! the exact way; the lane (lane.rs) is a short cut that must say the same.

use crate::csv::Record;
use crate::csv::encoding::{Encoding, fallback};
use crate::csv::reader::End;
use crate::csv::rejected::RejectedRows;
use crate::diagnostic::{Diagnostic, Place, clip};
use crate::limits::{COLUMNS_MAX, DIAGNOSTICS_PER_CODE_MAX};
use crate::rows::Rows;
use crate::rule::{Code, Severity};

use super::header::{Columns, HeaderProblem};
use super::options::{CheckOptions, Emit};
use super::role::Role;
use super::row::{self, Cells, Detail, Hear, Verdict};
use super::stretch::{self, Heard, Stretch};

pub(super) struct Desk {
    pub options: CheckOptions,
    pub emit: Emit,
    pub encoding: Encoding,
    pub delimiter: u8,
    pub columns: Option<Columns>,
    /// See [`Desk::set_full`].
    pub full: u64,
    pub stretch: Stretch,
    text: Text,
    rejects: Option<RejectedRows>,
    row_errors: Vec<(Code, String)>,
}

impl Desk {
    pub(super) fn new(options: CheckOptions, emit: Emit) -> Desk {
        Desk {
            encoding: options.encoding.unwrap_or(Encoding::Utf8 { declared: false }),
            delimiter: options.delimiter.unwrap_or(b','),
            stretch: Stretch::new(options.attributes.len()),
            options,
            emit,
            columns: None,
            full: 0,
            text: Text::default(),
            rejects: None,
            row_errors: Vec::new(),
        }
    }

    /// A desk for the same file, its header known, which gives out no header of rejected rows.
    pub(super) fn fork(&self) -> Desk {
        let mut fork = Desk::new(self.options.clone(), self.emit);
        fork.encoding = self.encoding;
        fork.delimiter = self.delimiter;
        fork.columns.clone_from(&self.columns);
        if let (true, Some(columns)) = (self.emit.rejects, &self.columns) {
            let mut rejects = RejectedRows::new(self.delimiter, columns.headers.iter().map(String::as_str));
            rejects.take();
            fork.rejects = Some(rejects);
        }
        fork
    }

    /// Forgets what was noted once for all records before.
    pub(super) fn begin_stretch(&mut self) {
        self.text.fallback_used = false;
    }

    /// Notes of which codes nobody wants another diagnostic, as bits.
    pub(super) fn set_full(&mut self, full: u64) {
        let own = if self.emit.diagnostics { 0 } else { self.stretch.full() };
        self.full = full | own;
        // Once they are wanted in a stretch, they are kept for all of it.
        self.stretch.places_wanted |= full >> Code::NumberRepeated as u8 & 1 == 0;
    }

    pub(super) fn take_rows(&mut self) -> Rows {
        self.stretch.rows_settled = 0;
        std::mem::replace(&mut self.stretch.rows, Rows::with_attributes(self.options.attributes.len()))
    }

    pub(super) fn take_rejects(&mut self) -> Vec<u8> {
        self.rejects.as_mut().map(RejectedRows::take).unwrap_or_default()
    }

    /// Says why the file as a whole cannot be used, and stops.
    pub(super) fn refuse(&mut self, diagnostic: Diagnostic) {
        self.stretch.refused = true;
        self.say_of_file(diagnostic);
    }

    fn say_of_file(&mut self, diagnostic: Diagnostic) {
        self.stretch.heard.push(Heard { at: None, uncounted: true, diagnostic });
    }

    pub(super) fn record(&mut self, record: &Record<'_>) {
        if self.stretch.refused || record.is_blank() {
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
        let at = self.columns.is_some().then(|| self.stretch.len());
        let place = Place { row: 0, line, column: String::new() };
        let diagnostic = Diagnostic::new(Code::QuoteUnclosed, place, "\"");
        self.stretch.refused = true;
        self.stretch.heard.push(Heard { at, uncounted: true, diagnostic });
    }

    /// The input ended; `any_row` tells whether there was a data record before this stretch.
    pub(super) fn end(&mut self, end: End, any_row: bool) {
        if self.stretch.refused {
            return;
        }
        if let End::QuoteOpen { line } = end {
            self.refuse_quote(line);
        } else if self.columns.is_none() {
            self.refuse(Diagnostic::new(Code::FileEmpty, Place::default(), ""));
        } else if !any_row && self.stretch.len() == 0 {
            let message =
                "The file has a header and no rows. Export the list again and check that people are in it.";
            self.refuse(Diagnostic::new(Code::FileEmpty, Place::default(), "").saying(message.into()));
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
        self.note_fallback(None, line);
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
            let place = place(unknown[0].trim());
            let diagnostic = Diagnostic::new(Code::ColumnUnknown, place, unknown[0]).saying(message);
            self.say_of_file(diagnostic);
        }
        if self.emit.rejects && problems.is_empty() {
            let cells = columns.headers.iter().map(String::as_str);
            self.rejects = Some(RejectedRows::new(self.delimiter, cells));
        }
        self.columns = Some(columns);
    }

    fn row(&mut self, record: &Record<'_>) {
        let Some(columns) = &self.columns else { return };
        let (at, line) = (self.stretch.len(), record.line);
        let cells = self.text.decode(record, self.encoding);
        let mut hear = RowLog {
            heard: &mut self.stretch.heard,
            heard_of: &mut self.stretch.heard_of,
            emit_all: self.emit.diagnostics,
            errors: &mut self.row_errors,
            unwanted: self.full,
            keep_errors: self.emit.rejects,
            columns,
            at,
            line,
        };
        let unreadable = row::unreadable(record, &cells, &mut hear);
        let mut verdict = match (&cells, unreadable) {
            (Ok(cells), None) => row::judge(cells, columns, &self.options, &mut hear),
            _ => Verdict::default(),
        };
        verdict.codes.0 |= unreadable.map_or(0, |code| 1 << code as u8);

        let number_at = columns.at(Role::WpNumber);
        let stretch = &mut self.stretch;
        stretch.number.push(verdict.number.map_or(0, |number| number.digits()));
        stretch.codes.push(verdict.codes.0);
        stretch.permission.push(verdict.permission.map_or(0, |permission| permission as u8));
        stretch.region.push(verdict.region.map_or(0, |region| region.index() as u8));
        if stretch.places_wanted {
            stretch.places.push(stretch::Place { line, start: 0, end: 0 });
            let cell = cells.as_ref().map_or("", |cells| cells.get(number_at.unwrap_or(0)));
            stretch.cells_apart.push((at, cell.to_owned()));
        }
        let accepted = match (verdict.number, verdict.permission) {
            (Some(number), Some(permission)) if !verdict.codes.has_error() => Some((number, permission)),
            _ => None,
        };
        if let (true, Some((number, permission)), Ok(cells)) = (self.emit.rows, accepted, &cells) {
            let out = &mut stretch.rows;
            out.row.push(at as u64 + 1);
            out.line.push(line);
            out.number.push(number.digits());
            out.msisdn.push(verdict.msisdn.map_or(0, |msisdn| msisdn.digits()));
            out.permission.push(permission as u8);
            out.codes.push(verdict.codes.0);
            out.exid.push(verdict.exid);
            out.email.push(verdict.email);
            out.number_cell.push(number_at.map_or("", |at| cells.raw(at)));
            out.permission_cell.push(columns.at(Role::Permission).map_or("", |at| cells.raw(at)));
            for (texts, at) in out.attributes.iter_mut().zip(&columns.attributes) {
                texts.push(cells.get(*at));
            }
        }
        if let (Some(rejects), None) = (&mut self.rejects, accepted) {
            match &cells {
                Ok(cells) => rejects.row((0..cells.len()).map(|at| cells.raw(at)), &self.row_errors),
                Err(_) => {
                    let shown: Vec<String> = record.cells().map(escaped).collect();
                    rejects.row(shown.iter().map(String::as_str), &self.row_errors);
                }
            }
        }
        self.row_errors.clear();
        self.note_fallback(Some(at), line);
    }

    /// The one warning about the first record that was not UTF-8.
    fn note_fallback(&mut self, at: Option<usize>, line: u64) {
        if self.text.fallback_used && !self.stretch.fallback_used {
            self.stretch.fallback_used = true;
            let place = Place { row: 0, line, column: String::new() };
            let diagnostic = Diagnostic::new(Code::EncodingAssumed, place, "");
            self.stretch.heard.push(Heard { at, uncounted: true, diagnostic });
        }
    }
}

/// The findings of one row.
struct RowLog<'a> {
    heard: &'a mut Vec<Heard>,
    heard_of: &'a mut [u16],
    /// Whether every diagnostic is given out, kept or not.
    emit_all: bool,
    errors: &'a mut Vec<(Code, String)>,
    /// Codes of which no diagnostic is kept, as bits.
    unwanted: u64,
    keep_errors: bool,
    columns: &'a Columns,
    at: usize,
    line: u64,
}

impl Hear for RowLog<'_> {
    fn say(&mut self, code: Code, column: Option<usize>, found: &str, detail: Detail) {
        let is_error = code.rule().severity == Severity::Error;
        let heard_of = &mut self.heard_of[code as usize];
        let few = usize::from(*heard_of) < DIAGNOSTICS_PER_CODE_MAX;
        let kept = self.emit_all || few && self.unwanted >> code as u8 & 1 == 0;
        if !(kept || is_error && self.keep_errors) {
            return;
        }
        let column = column.map_or(String::new(), |at| self.columns.header(at).trim().to_owned());
        let diagnostic = Diagnostic::new(code, Place { row: 0, line: self.line, column }, found);
        let diagnostic = match detail {
            Detail::None => diagnostic,
            Detail::Fix(fix) => diagnostic.fixed_by(fix),
            Detail::Message(message) => diagnostic.saying(message),
        };
        if is_error && self.keep_errors {
            self.errors.push((code, diagnostic.message.clone()));
        }
        if kept {
            *heard_of = heard_of.saturating_add(1);
            self.heard.push(Heard { at: Some(self.at), uncounted: false, diagnostic });
        }
    }
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
