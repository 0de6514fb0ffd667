//! The lane of everyday records: found by an index, judged in place, nothing copied and nothing allocated.
//!
//! Nothing is decided here that is not decided in row.rs. A record that is not everyday in any way, or of which somebody
//! wants to read a diagnostic, is left to the desk; the tests run both ways side by side.

use crate::csv::index::WINDOW_BYTES;
use crate::csv::{Index, Reader};
use crate::limits::{EXID_BYTES_MAX, FIELD_BYTES_MAX};
use crate::permission::Permission;
use crate::phone::{self, NumberColumn, NumberOptions, Standing, Walk};
use crate::rule::{Code, CodeSet};
use crate::simd::{self, widest};

use super::columned::Columned;
use super::desk::Desk;
use super::email::{is_email, is_everyday};
use super::header::Columns;
use super::options::{CheckOptions, Meaning};
use super::role::Role;
use super::row::{number_options, trimmed};
use super::spans::{Cells, Spans, Text, text_from, unquoted};
use super::stretch::Place;

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

/// What the lane works with, kept from window to window.
#[derive(Default)]
pub(super) struct Work {
    index: Index,
    columns: Columned,
    number_walks: Vec<(u32, Walk)>,
    msisdn_walks: Vec<(u32, Walk)>,
}

/// One window on its way.
struct Run<'a> {
    desk: &'a mut Desk,
    reader: &'a mut Reader,
    bytes: &'a [u8],
    /// Where the window begins in the bytes.
    window: usize,
    /// Behind its last record.
    end: usize,
    text: Text<'a>,
    /// Whether there is a NUL anywhere in it.
    nul: bool,
    /// Lines judged that the reader does not know of yet.
    skipped: u64,
}

/// A window judged together.
struct All<'a, 'r, const QUOTES: bool> {
    lane: &'a Lane,
    run: &'a mut Run<'r>,
    work: &'a mut Work,
}

impl<const QUOTES: bool> simd::Work for All<'_, '_, QUOTES> {
    type Outcome = usize;

    #[inline(always)]
    fn run(self) -> usize {
        self.lane.all::<QUOTES>(self.run, self.work)
    }
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
        work: &mut Work,
        bytes: &[u8],
        at: usize,
    ) -> usize {
        let window = &bytes[at..bytes.len().min(at + WINDOW_BYTES)];
        work.index.fill(window, desk.delimiter);
        let is_line_feed = |end: &&u16| window[usize::from(**end)] == b'\n';
        let Some(last) = work.index.ends().iter().rev().find(is_line_feed) else { return at };
        // Nothing behind the last record is looked at, so that little is looked at twice.
        let window = &window[..=usize::from(*last)];
        let even = self.is_even(&work.index, window);
        let nul = work.index.is_strange() && window.contains(&0);
        let text = text_from(bytes, at, at + window.len(), desk.encoding, nul);
        let all_text = text.text.len() == window.len();
        let mut run = Run { desk, reader, bytes, window: at, end: at + window.len(), text, nul, skipped: 0 };
        let stopped = match (even && all_text, work.index.has_quotes()) {
            (true, false) => widest(All::<false> { lane: self, run: &mut run, work }),
            // Where a row is given out, its texts need a look at each quoted cell.
            (true, quotes) if !(quotes && run.desk.emit.rows) => {
                widest(All::<true> { lane: self, run: &mut run, work })
            }
            _ => self.each(&mut run, &work.index, even),
        };
        run.reader.skip_lines(run.skipped);
        stopped
    }

    /// Judges the records of a window one at a time.
    fn each(&self, run: &mut Run<'_>, index: &Index, even: bool) -> usize {
        let window = &run.bytes[run.window..];
        let mut start = run.window;
        let mut first = 0;
        while let Some(cells) = self.cells(index, window, first, even) {
            let ends = &index.ends()[first..first + cells];
            start = match self.one(run, start, ends) {
                Some(next) => next,
                None => return run.bytes.len(),
            };
            first += cells;
        }
        start
    }

    /// Judges one record, the exact way if need be. Gives where the next one begins; `None` when nothing more is judged.
    fn one(&self, run: &mut Run<'_>, start: usize, ends: &[u16]) -> Option<usize> {
        let line_feed = run.window + usize::from(ends[ends.len() - 1]);
        if start >= run.text.end() {
            run.text = text_from(run.bytes, start, run.end, run.desk.encoding, run.nul);
        }
        let spans = Spans::new(start, ends, run.bytes, run.window);
        let everyday = ends.len() == self.width
            && line_feed < run.text.end()
            && line_feed - start <= FIELD_BYTES_MAX
            && self.judge(run, &spans).is_some();
        if everyday {
            run.skipped += 1;
            return Some(line_feed + 1);
        }
        run.reader.skip_lines(std::mem::take(&mut run.skipped));
        let Run { desk, reader, bytes, .. } = run;
        reader.feed(&bytes[start..=line_feed], &mut |record| desk.record(&record));
        if line_feed >= run.text.end() {
            run.text = Text { text: "", from: line_feed + 1 };
        }
        (!run.desk.stretch.refused).then_some(line_feed + 1)
    }

    /// Judges the records of a window together, column by column, and those that are not everyday one at a time.
    #[inline(always)]
    fn all<const QUOTES: bool>(&self, run: &mut Run<'_>, work: &mut Work) -> usize {
        let Work { index, columns, number_walks, msisdn_walks } = work;
        let records = index.line_ends();
        let window = run.window;
        // Counted from the window's beginning, places are small, and no sum of them is too large.
        let bytes = &run.bytes[window..];
        let ends = &index.ends()[..records * self.width];
        let mut places = Cells::<QUOTES>::new(bytes, self.width, index.has_returns());
        columns.resize(records);
        number_walks.clear();
        msisdn_walks.clear();
        let full = run.desk.full;

        for (at, (row, record)) in columns.rows().zip(ends.chunks_exact(self.width)).enumerate() {
            places.go_to(record);
            let (start, end) = places.cell(record, self.number);
            let number = Standing::of(bytes, start, end, &self.number_options);
            let mut codes = u64::from(!number.is_signed()) << Code::NumberPlusMissing as u8;
            let mut slow = true;
            *row.digits = 0;
            if let Some((digits, walk)) = number.digits(bytes) {
                *row.digits = digits;
                number_walks.push((at as u32, walk));
                slow = false;
            }

            let (start, end) = places.cell(record, self.permission);
            let said = match bytes[start] {
                letter @ 0..0x80 if end - start == 1 => self.letters[usize::from(letter)],
                _ => ASK,
            };
            codes |= u64::from(said == ZERO) << Code::PermissionZero as u8;
            *row.permission = if said == ZERO { Permission::OptOut as u8 } else { said };
            *row.codes = codes;
            slow |= (said == ASK) | (codes & !full != 0);

            if let Some(column) = self.msisdn {
                let (start, end) = places.cell(record, column);
                *row.msisdn = 0;
                if start < end {
                    let msisdn = Standing::of(bytes, start, end, &self.msisdn_options);
                    // Most people have one number; it is not read twice.
                    if msisdn.is_like(&number) {
                        *row.msisdn = *row.digits;
                    } else if let Some((digits, walk)) = msisdn.digits(bytes) {
                        *row.msisdn = digits;
                        msisdn_walks.push((at as u32, walk));
                    } else {
                        slow = true;
                    }
                }
            }
            if let Some(column) = self.email {
                let (start, end) = places.cell(record, column);
                slow |= start < end && !is_everyday(bytes, start, end);
            }
            // No cell is too long where the whole record would not be.
            slow |= places.record_bytes() > EXID_BYTES_MAX;
            *row.slow = slow;
        }
        for (at, walk) in &*number_walks {
            let at = *at as usize;
            match walk.go() {
                Some((region, remarks)) => {
                    columns.regions[at] = region.index() as u8;
                    columns.codes[at] |= remarks.0;
                    columns.slow[at] |= remarks.0 & !full != 0;
                }
                None => columns.slow[at] = true,
            }
        }
        for (at, walk) in &*msisdn_walks {
            columns.slow[*at as usize] |= walk.go().is_none();
        }

        let mut at = 0;
        let start_of = |at: usize| match at {
            0 => 0,
            _ => usize::from(ends[at * self.width - 1]) + 1,
        };
        while at < records {
            let everyday = columns.slow[at..].iter().position(|slow| *slow).unwrap_or(records - at);
            let taken = at..at + everyday;
            let line = run.reader.line() + run.skipped;
            if run.desk.emit.rows {
                for at in taken.clone() {
                    let record = &ends[at * self.width..][..self.width];
                    let spans = Spans::new(window + start_of(at), record, run.bytes, window);
                    let line = line + (at - taken.start) as u64;
                    let row =
                        (columns.digits[at], columns.msisdns[at], columns.permissions[at], columns.codes[at]);
                    self.give(run, &spans, line, row, at - taken.start);
                }
            }
            let stretch = &mut run.desk.stretch;
            stretch.number.extend_from_slice(&columns.digits[taken.clone()]);
            stretch.codes.extend_from_slice(&columns.codes[taken.clone()]);
            stretch.permission.extend_from_slice(&columns.permissions[taken.clone()]);
            stretch.region.extend_from_slice(&columns.regions[taken.clone()]);
            if stretch.places_wanted {
                let records = ends[taken.start * self.width..taken.end * self.width].chunks_exact(self.width);
                places.start_at(start_of(taken.start));
                for (record, line) in records.zip(line..) {
                    places.go_to(record);
                    let (start, end) = places.cell(record, self.number);
                    stretch.places.push(Place { line, start: window + start, end: window + end });
                }
            }
            run.skipped += everyday as u64;
            at += everyday;
            if at < records {
                let record = &ends[at * self.width..][..self.width];
                if self.one(run, window + start_of(at), record).is_none() {
                    return run.bytes.len();
                }
                at += 1;
            }
        }
        window + start_of(records)
    }

    /// Gives out an accepted row: digits of number and msisdn, permission, codes. `ahead` rows before it are not in the
    /// stretch yet.
    fn give(
        &self,
        run: &mut Run<'_>,
        spans: &Spans<'_>,
        line: u64,
        (number, msisdn, permission, codes): (u64, u64, u8, u64),
        ahead: usize,
    ) {
        let cell = |at: Option<usize>| {
            let (start, end) = at.map_or((0, 0), |at| spans.cell(at, self.width));
            run.text.get((start, end))
        };
        let out = &mut run.desk.stretch.rows;
        out.row.push((run.desk.stretch.number.len() + ahead) as u64 + 1);
        out.line.push(line);
        out.number.push(number);
        out.msisdn.push(msisdn);
        out.permission.push(permission);
        out.codes.push(codes);
        out.exid.push(trimmed(cell(self.exid)));
        out.email.push(trimmed(cell(self.email)));
        out.number_cell.push(cell(Some(self.number)));
        out.permission_cell.push(cell(Some(self.permission)));
        for (texts, at) in out.attributes.iter_mut().zip(&self.attributes) {
            texts.push(trimmed(cell(Some(*at))));
        }
    }

    /// Whether every record of the window has as many cells as the header.
    fn is_even(&self, index: &Index, window: &[u8]) -> bool {
        let (ends, line_ends) = (index.ends(), index.line_ends());
        let Some(ends) = ends.get(..line_ends * self.width) else { return false };
        let is_line_feed = |end: u16| window.get(usize::from(end)) == Some(&b'\n');
        ends.chunks_exact(self.width).all(|record| is_line_feed(record[self.width - 1]))
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

    /// Judges one record; `None`, and nothing done, if it is not everyday.
    fn judge(&self, run: &mut Run<'_>, spans: &Spans<'_>) -> Option<()> {
        let Run { bytes, text, .. } = *run;
        let line = run.reader.line() + run.skipped;
        let desk = &mut *run.desk;
        let cell = |at: usize| {
            let (start, end) = spans.cell(at, self.width);
            unquoted(bytes, start, end)
        };
        let mut codes = CodeSet::EMPTY;

        let number_span = cell(self.number)?;
        let number_cell = &bytes[number_span.0..number_span.1];
        let number = match phone::read_everyday(number_cell, &self.number_options) {
            Some(reading) => reading,
            None => match trimmed(text.get(number_span)) {
                "" => return None,
                cell => phone::read_exactly(cell, &self.number_options),
            },
        };
        codes.0 |= number.codes.0;

        let permission_span = cell(self.permission)?;
        let said = match &bytes[permission_span.0..permission_span.1] {
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
                Permission::OptOut as u8
            }
            said => said,
        };

        let mut msisdn = 0;
        if let Some(at) = self.msisdn {
            let span = cell(at)?;
            if span.0 < span.1 {
                let bytes = &bytes[span.0..span.1];
                let reading = match phone::read_everyday(bytes, &self.msisdn_options) {
                    Some(reading) => Some(reading),
                    None => match trimmed(text.get(span)) {
                        "" => None,
                        cell => Some(phone::read_exactly(cell, &self.msisdn_options)),
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
            if email.0 < email.1 && !is_everyday(bytes, email.0, email.1) {
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

        // A quotation mark inside an attribute has to be undone.
        if desk.emit.rows && self.attributes.iter().any(|at| cell(*at).is_none()) {
            return None;
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
        if stretch.places_wanted {
            stretch.places.push(Place { line, start: number_span.0, end: number_span.1 });
        }
        Some(())
    }
}
