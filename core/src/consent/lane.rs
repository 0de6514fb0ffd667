//! The lane of everyday records: found by an index, judged in place, nothing copied and nothing allocated.
//!
//! Nothing is decided here that is not decided in row.rs. A record that is not everyday in any way, or of which somebody
//! wants to read a diagnostic, is left to the desk; the tests run both ways side by side.

use crate::csv::encoding::Encoding;
use crate::csv::index::WINDOW_BYTES;
use crate::csv::{Index, Reader};
use crate::limits::{EXID_BYTES_MAX, FIELD_BYTES_MAX};
use crate::phone::{NumberColumn, NumberOptions};
use crate::rule::{Code, CodeSet};

use super::desk::Desk;
use super::email::is_email;
use super::header::Columns;
use super::options::{CheckOptions, Meaning};
use super::role::Role;
use super::row::{number_options, trimmed};

/// Where the lane finds its cells, and what one letter says.
#[derive(Clone)]
pub(super) struct Lane {
    width: usize,
    number: usize,
    permission: usize,
    msisdn: Option<usize>,
    email: Option<usize>,
    exid: Option<usize>,
    attributes: Vec<usize>,
    number_options: NumberOptions,
    msisdn_options: NumberOptions,
    /// Permission for each ASCII letter that is a whole cell: as in a stretch, [`ZERO`], or [`ASK`].
    letters: [u8; 128],
}

/// The letter is read as an opt-out, with a warning.
const ZERO: u8 = 3;
/// The vocabulary has to be asked.
const ASK: u8 = 4;

/// Text of a window, from a place in the bytes on.
#[derive(Clone, Copy)]
struct Text<'a> {
    bytes: &'a [u8],
    /// What of the bytes is text for sure.
    text: &'a str,
    /// Where the text begins in the bytes.
    from: usize,
}

/// A record: where it begins, and where each of its cells ends.
struct Spans<'a> {
    start: usize,
    ends: &'a [u16],
    /// Where the last cell ends, before its line end.
    last: usize,
}

impl Lane {
    /// `None` when there is nothing to look for.
    pub(super) fn new(columns: &Columns, options: &CheckOptions) -> Option<Lane> {
        let letters = std::array::from_fn(|byte| {
            let letter = char::from(byte as u8);
            match options.vocabulary.read(letter.encode_utf8(&mut [0; 4])) {
                _ if letter.is_whitespace() => ASK,
                Meaning::Says(permission) => permission as u8,
                Meaning::ZeroAssumed => ZERO,
                Meaning::Unknown => ASK,
            }
        });
        Some(Lane {
            width: columns.headers.len(),
            number: columns.at(Role::WpNumber)?,
            permission: columns.at(Role::Permission)?,
            msisdn: columns.at(Role::Msisdn),
            email: columns.at(Role::Email),
            exid: columns.at(Role::Exid),
            attributes: columns.attributes.clone(),
            number_options: number_options(NumberColumn::WpNumber, options),
            msisdn_options: number_options(NumberColumn::Msisdn, options),
            letters,
        })
    }

    /// Judges records from `at` on, to the end of a window or up to something that is not regular. Gives where it stopped.
    pub(super) fn run(
        &self,
        desk: &mut Desk,
        reader: &mut Reader,
        index: &mut Index,
        bytes: &[u8],
        at: usize,
    ) -> usize {
        let window = &bytes[at..bytes.len().min(at + WINDOW_BYTES)];
        index.fill(window, desk.delimiter);
        let even = self.is_even(index, window);
        let mut text = Text { bytes, text: "", from: at };
        let mut text_end = at;
        let mut start = at;
        let mut first = 0;
        let mut skipped = 0;
        while let Some(cells) = self.cells(index, window, first, even) {
            let ends = &index.ends()[first..first + cells];
            let line_feed = at + usize::from(ends[cells - 1]);
            if line_feed >= text_end && start >= text_end {
                text = text_from(bytes, start, at + window.len(), desk.encoding, index.is_strange());
                text_end = start + text.text.len();
            }
            let last = line_feed - usize::from(line_feed > start && bytes[line_feed - 1] == b'\r');
            let spans = Spans { start, ends, last };
            let everyday = cells == self.width
                && line_feed < text_end
                && line_feed - start <= FIELD_BYTES_MAX
                && if index.has_quotes() {
                    self.record::<true>(desk, text, &spans, at, reader.line() + skipped)
                } else {
                    self.record::<false>(desk, text, &spans, at, reader.line() + skipped)
                };
            if everyday {
                skipped += 1;
            } else {
                reader.skip_lines(skipped);
                skipped = 0;
                reader.feed(&bytes[start..=line_feed], &mut |record| desk.record(&record));
                if desk.stretch.refused {
                    return bytes.len();
                }
                if line_feed >= text_end {
                    text_end = line_feed + 1;
                }
            }
            start = line_feed + 1;
            first += cells;
        }
        reader.skip_lines(skipped);
        start
    }

    /// Whether every record of the window has as many cells as the header.
    fn is_even(&self, index: &Index, window: &[u8]) -> bool {
        let (ends, line_ends) = (index.ends(), index.line_ends());
        let Some(ends) = ends.get(..line_ends * self.width) else { return false };
        ends.chunks_exact(self.width).all(|record| window[usize::from(record[self.width - 1])] == b'\n')
    }

    /// How many cells the record has whose first cell is the `first` of the index; `None` if it does not end in it.
    #[inline]
    fn cells(&self, index: &Index, window: &[u8], first: usize, even: bool) -> Option<usize> {
        if even {
            return (first < index.line_ends() * self.width).then_some(self.width);
        }
        let is_line_feed = |end: &u16| window[usize::from(*end)] == b'\n';
        index.ends()[first..].iter().position(is_line_feed).map(|last| last + 1)
    }

    /// Judges one record; false, and nothing done, if it is not everyday.
    #[inline]
    fn record<const QUOTES: bool>(
        &self,
        desk: &mut Desk,
        text: Text<'_>,
        spans: &Spans<'_>,
        window: usize,
        line: u64,
    ) -> bool {
        self.judge::<QUOTES>(desk, text, spans, window, line).is_some()
    }

    #[inline]
    fn judge<const QUOTES: bool>(
        &self,
        desk: &mut Desk,
        text: Text<'_>,
        spans: &Spans<'_>,
        window: usize,
        line: u64,
    ) -> Option<()> {
        let cell = |at: usize| {
            let start = if at == 0 { spans.start } else { window + usize::from(spans.ends[at - 1]) + 1 };
            let end = if at + 1 == self.width { spans.last } else { window + usize::from(spans.ends[at]) };
            if QUOTES { text.unquoted(start, end) } else { Some((start, end)) }
        };
        let mut codes = CodeSet::EMPTY;

        let number_span = cell(self.number)?;
        let number_cell = &text.bytes[number_span.0..number_span.1];
        let number = match crate::phone::read_everyday(number_cell, &self.number_options) {
            Some(reading) => reading,
            None => match trimmed(text.get(number_span)) {
                "" => return None,
                cell => crate::phone::read_exactly(cell, &self.number_options),
            },
        };
        codes.0 |= number.codes.0;

        let permission_span = cell(self.permission)?;
        let said = match &text.bytes[permission_span.0..permission_span.1] {
            [letter @ 0..0x80] => self.letters[usize::from(*letter)],
            _ => ASK,
        };
        let permission = match said {
            ASK => match trimmed(text.get(permission_span)) {
                "" => {
                    codes.insert(Code::PermissionMissing);
                    0
                }
                cell => match desk.options.vocabulary.read(cell) {
                    Meaning::Says(permission) => permission as u8,
                    Meaning::ZeroAssumed => return None,
                    Meaning::Unknown => {
                        codes.insert(Code::PermissionUnknown);
                        0
                    }
                },
            },
            ZERO => {
                codes.insert(Code::PermissionZero);
                crate::permission::Permission::OptOut as u8
            }
            said => said,
        };

        let mut msisdn = 0;
        if let Some(at) = self.msisdn {
            let span = cell(at)?;
            if span.0 < span.1 {
                let bytes = &text.bytes[span.0..span.1];
                let reading = match crate::phone::read_everyday(bytes, &self.msisdn_options) {
                    Some(reading) => Some(reading),
                    None => match trimmed(text.get(span)) {
                        "" => None,
                        cell => Some(crate::phone::read_exactly(cell, &self.msisdn_options)),
                    },
                };
                if let Some(reading) = reading {
                    msisdn = reading
                        .number
                        .filter(|_| !reading.codes.has_error())
                        .map_or(0, |number| number.digits());
                    if msisdn == 0 {
                        codes.insert(Code::MsisdnInvalid);
                    }
                }
            }
        }

        let mut email = (0, 0);
        if let Some(at) = self.email {
            email = cell(at)?;
            if email.0 < email.1 && !super::email::is_everyday(&text.bytes[email.0..email.1]) {
                let cell = trimmed(text.get(email));
                if !cell.is_empty() && !is_email(cell) {
                    codes.insert(Code::EmailInvalid);
                    email = (0, 0);
                }
            }
        }

        let mut exid = (0, 0);
        if let Some(at) = self.exid {
            exid = cell(at)?;
            if exid.1 - exid.0 > EXID_BYTES_MAX {
                return None;
            }
        }

        // Somebody reads the diagnostics of this record.
        if codes.0 & !desk.full != 0 || codes.has_error() && desk.emit.rejects {
            return None;
        }
        let digits = number.number.map_or(0, |number| number.digits());
        let stretch = &mut desk.stretch;
        if desk.emit.rows && !codes.has_error() {
            let out = &mut stretch.rows;
            out.row.push(stretch.number.len() as u64 + 1);
            out.line.push(line);
            out.number.push(digits);
            out.msisdn.push(msisdn);
            out.permission.push(permission);
            out.codes.push(codes.0);
            out.exid.push(trimmed(text.get(exid)));
            out.email.push(trimmed(text.get(email)));
            out.number_cell.push(text.get(number_span));
            out.permission_cell.push(text.get(permission_span));
            for (texts, at) in out.attributes.iter_mut().zip(&self.attributes) {
                texts.push(trimmed(text.get(cell(*at).unwrap_or_default())));
            }
        }
        stretch.number.push(digits);
        stretch.codes.push(codes.0);
        stretch.permission.push(permission);
        stretch.region.push(number.region.map_or(0, |region| region.index() as u8));
        stretch.line.push(line);
        stretch.cell.push((number_span.0 as u32, number_span.1 as u32));
        Some(())
    }
}

impl<'a> Text<'a> {
    /// The text of a span.
    fn get(&self, (start, end): (usize, usize)) -> &'a str {
        if start == end { "" } else { &self.text[start - self.from..end - self.from] }
    }

    /// The span without the quotation marks around it; `None` when there are others inside.
    fn unquoted(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        match &self.bytes[start..end] {
            [b'"', inner @ .., b'"'] if inner.contains(&b'"') => None,
            [b'"', .., b'"'] => Some((start + 1, end - 1)),
            _ => Some((start, end)),
        }
    }
}

/// What can be read from `start` on without asking again: no NUL, nothing that is no text, and in a code page nothing
/// beyond ASCII.
fn text_from(bytes: &[u8], start: usize, end: usize, encoding: Encoding, strange: bool) -> Text<'_> {
    let window = &bytes[start..end];
    let mut sure = window.len();
    if strange {
        let stops = |byte: &u8| *byte == 0 || matches!(encoding, Encoding::Page(_)) && !byte.is_ascii();
        if matches!(encoding, Encoding::Page(_)) || window.contains(&0) {
            sure = window.iter().position(stops).unwrap_or(sure);
        }
    }
    let text = match std::str::from_utf8(&window[..sure]) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&window[..error.valid_up_to()]).unwrap_or_default(),
    };
    Text { bytes, text, from: start }
}
