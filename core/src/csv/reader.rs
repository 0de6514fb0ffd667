//! A push parser for delimited text: RFC 4180 quoting, any line end, bounded memory, physical line numbers.
//!
//! Reads exactly what the `csv` crate reads (a property test holds the two side by side), and differs in what a
//! consent file needs: chunks of any size, a limit on cells and records, the line a record starts on, and
//! knowing that a quotation mark was never closed.

use crate::limits::{FIELD_BYTES_MAX, ROW_BYTES_MAX};

/// One record. Cells are bytes of the file's encoding with quoting undone.
#[derive(Debug)]
pub struct Record<'a> {
    text: &'a [u8],
    ends: &'a [usize],
    gap: usize,
    /// Physical line the record starts on, counted from 1.
    pub line: u64,
    /// The first cell longer than [`FIELD_BYTES_MAX`]; it is cut there.
    pub long_field: Option<usize>,
    /// The record is longer than [`ROW_BYTES_MAX`]; only its start is here.
    pub too_long: bool,
    /// The first cell whose closing quotation mark is followed by more text: it closed too early or too late.
    pub stray_quote: Option<usize>,
    /// The record goes over more than one physical line.
    pub many_lines: bool,
}

impl<'a> Record<'a> {
    /// Number of cells; at least 1.
    pub fn width(&self) -> usize {
        self.ends.len()
    }

    /// One cell; empty when the record has no such cell.
    pub fn get(&self, at: usize) -> &'a [u8] {
        let Some(&end) = self.ends.get(at) else { return &[] };
        let start = if at == 0 { 0 } else { self.ends[at - 1] + self.gap };
        &self.text[start..end]
    }

    /// All cells.
    pub fn cells(&self) -> impl Iterator<Item = &'a [u8]> + '_ {
        (0..self.width()).map(|at| self.get(at))
    }

    /// Where each cell ends in [`Record::bytes`].
    pub fn ends(&self) -> &'a [usize] {
        self.ends
    }

    /// Bytes between two cells in [`Record::bytes`]: the delimiter, or none when quoting had to be undone.
    pub fn gap(&self) -> usize {
        self.gap
    }

    /// All cells' bytes, one after the other.
    pub fn bytes(&self) -> &'a [u8] {
        self.text
    }

    /// Whether every cell is empty or blank: such a line is no data record.
    pub fn is_blank(&self) -> bool {
        !self.too_long && self.cells().all(|cell| cell.iter().all(|b| matches!(b, b' ' | b'\t')))
    }
}

/// How the input ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With a whole record.
    Clean,
    /// Inside a quoted cell.
    QuoteOpen {
        /// Physical line of the record with the open quotation mark.
        line: u64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    RecordStart,
    FieldStart,
    Plain,
    Quoted,
    QuoteInQuoted,
    /// Behind a closed quoted cell, where only blanks belong.
    Closed,
}

const PLAIN: u8 = 0;
const DELIMITER: u8 = 1;
const CR: u8 = 2;
const LF: u8 = 3;
const QUOTE: u8 = 4;

/// The parser. Feed it chunks; it calls back once per record.
#[derive(Debug)]
pub struct Reader {
    classes: [u8; 256],
    state: State,
    text: Vec<u8>,
    ends: Vec<usize>,
    raw_bytes: usize,
    field_cut: bool,
    long_field: Option<usize>,
    stray_quote: Option<usize>,
    line: u64,
    record_line: u64,
    after_cr: bool,
}

impl Reader {
    /// A reader for this delimiter, which must be an ASCII byte other than a quotation mark or line end.
    /// `first_line` is the physical line the first byte stands on.
    pub fn new(delimiter: u8, first_line: u64) -> Reader {
        let mut classes = [PLAIN; 256];
        classes[usize::from(b'\r')] = CR;
        classes[usize::from(b'\n')] = LF;
        classes[usize::from(b'"')] = QUOTE;
        classes[usize::from(delimiter)] = DELIMITER;
        Reader {
            classes,
            state: State::RecordStart,
            text: Vec::with_capacity(1024),
            ends: Vec::with_capacity(16),
            raw_bytes: 0,
            field_cut: false,
            long_field: None,
            stray_quote: None,
            line: first_line,
            record_line: first_line,
            after_cr: false,
        }
    }

    /// Takes the next bytes and calls back for every record they complete.
    pub fn feed(&mut self, bytes: &[u8], each: &mut impl FnMut(Record<'_>)) {
        let mut at = 0;
        while at < bytes.len() {
            at += self.feed_record(&bytes[at..], each);
        }
    }

    /// Takes bytes up to the end of one record or blank line, or all of them, and says how many it took.
    pub fn feed_record(&mut self, bytes: &[u8], each: &mut impl FnMut(Record<'_>)) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            if self.after_cr {
                self.after_cr = false;
                if bytes[at] == b'\n' {
                    // The second half of a CRLF: the CR already counted. Inside quotes it is text.
                    at += 1;
                    match self.state {
                        State::Quoted => self.push(b"\n"),
                        State::RecordStart => return at,
                        _ => {}
                    }
                    continue;
                }
            }
            let byte = bytes[at];
            let class = self.classes[usize::from(byte)];
            match self.state {
                State::RecordStart | State::FieldStart => match class {
                    LF | CR if self.state == State::RecordStart => {
                        self.line_end(class);
                        return at + 1;
                    }
                    QUOTE => {
                        self.open_record();
                        self.raw_bytes += 1;
                        self.state = State::Quoted;
                    }
                    _ => {
                        self.open_record();
                        self.state = State::Plain;
                        continue;
                    }
                },
                State::Plain => match class {
                    DELIMITER => {
                        self.end_field();
                        self.raw_bytes += 1;
                    }
                    LF | CR => {
                        self.end_record(each);
                        self.line_end(class);
                        return at + 1;
                    }
                    _ => {
                        let rest = &bytes[at..];
                        let run = rest
                            .iter()
                            .position(|b| matches!(self.classes[usize::from(*b)], DELIMITER | CR | LF))
                            .unwrap_or(rest.len());
                        self.push(&rest[..run]);
                        at += run;
                        continue;
                    }
                },
                State::Quoted => match class {
                    QUOTE => {
                        self.raw_bytes += 1;
                        self.state = State::QuoteInQuoted;
                    }
                    CR | LF => {
                        self.push(&[byte]);
                        self.line_end(class);
                    }
                    _ => {
                        let rest = &bytes[at..];
                        let run = rest
                            .iter()
                            .position(|b| matches!(self.classes[usize::from(*b)], QUOTE | CR | LF))
                            .unwrap_or(rest.len());
                        self.push(&rest[..run]);
                        at += run;
                        continue;
                    }
                },
                State::QuoteInQuoted => match class {
                    QUOTE => {
                        self.push(b"\"");
                        self.state = State::Quoted;
                    }
                    _ => {
                        self.state = State::Closed;
                        continue;
                    }
                },
                State::Closed => match byte {
                    b' ' | b'\t' if class == PLAIN => self.push(&[byte]),
                    _ => {
                        // Anything but a delimiter or line end is read on as plain text, and told.
                        if matches!(class, PLAIN | QUOTE) && self.stray_quote.is_none() {
                            self.stray_quote = Some(self.ends.len());
                        }
                        self.state = State::Plain;
                        continue;
                    }
                },
            }
            at += 1;
        }
        at
    }

    /// Whether the next byte begins a record or a blank line.
    pub fn is_between_records(&self) -> bool {
        self.state == State::RecordStart && !self.after_cr
    }

    /// The physical line that the next byte stands on.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Goes on behind records that were read elsewhere, each of one line.
    pub fn skip_lines(&mut self, lines: u64) {
        self.line += lines;
    }

    /// Ends the input; a last record without a line end is given out.
    pub fn finish(&mut self, each: &mut impl FnMut(Record<'_>)) -> End {
        match self.state {
            State::RecordStart => End::Clean,
            State::Quoted => End::QuoteOpen { line: self.record_line },
            State::FieldStart | State::Plain | State::QuoteInQuoted | State::Closed => {
                self.end_record(each);
                End::Clean
            }
        }
    }

    fn open_record(&mut self) {
        if self.state == State::RecordStart {
            self.record_line = self.line;
        }
    }

    fn line_end(&mut self, class: u8) {
        self.line += 1;
        self.after_cr = class == CR;
    }

    fn push(&mut self, run: &[u8]) {
        self.raw_bytes += run.len();
        let field_bytes = self.text.len() - self.ends.last().copied().unwrap_or(0);
        let room = (FIELD_BYTES_MAX - field_bytes).min(ROW_BYTES_MAX - self.text.len());
        if run.len() > FIELD_BYTES_MAX - field_bytes {
            self.field_cut = true;
        }
        self.text.extend_from_slice(&run[..run.len().min(room)]);
    }

    fn end_field(&mut self) {
        if self.field_cut && self.long_field.is_none() {
            self.long_field = Some(self.ends.len());
        }
        self.field_cut = false;
        // A record past its limit is rejected anyway; remembering all its cells would be unbounded.
        if self.raw_bytes <= ROW_BYTES_MAX || self.ends.is_empty() {
            self.ends.push(self.text.len());
        }
        self.state = State::FieldStart;
    }

    fn end_record(&mut self, each: &mut impl FnMut(Record<'_>)) {
        self.end_field();
        each(Record {
            text: &self.text[..self.ends.last().copied().unwrap_or(0)],
            ends: &self.ends,
            gap: 0,
            line: self.record_line,
            long_field: self.long_field,
            too_long: self.raw_bytes > ROW_BYTES_MAX,
            stray_quote: self.stray_quote,
            many_lines: self.line > self.record_line,
        });
        self.text.clear();
        self.ends.clear();
        self.raw_bytes = 0;
        self.long_field = None;
        self.stray_quote = None;
        self.state = State::RecordStart;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Rows = Vec<(u64, Vec<Vec<u8>>)>;

    fn read(delimiter: u8, chunks: &[&[u8]]) -> (Rows, End) {
        let mut rows = Vec::new();
        let mut each =
            |record: Record<'_>| rows.push((record.line, record.cells().map(<[u8]>::to_vec).collect()));
        let mut reader = Reader::new(delimiter, 1);
        for chunk in chunks {
            reader.feed(chunk, &mut each);
        }
        let end = reader.finish(&mut each);
        (rows, end)
    }

    fn reference(delimiter: u8, bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        reader.byte_records().map(|r| r.unwrap().iter().map(<[u8]>::to_vec).collect()).collect()
    }

    #[test]
    fn lines_are_physical_whatever_ends_them() {
        let (rows, end) = read(b',', &[b"a\r\n\r\n\"x\ny\",b\rc\n\n\nd"]);
        let lines: Vec<u64> = rows.iter().map(|row| row.0).collect();
        assert_eq!(lines, [1, 3, 5, 8]);
        assert_eq!(rows[1].1, [b"x\ny".to_vec(), b"b".to_vec()]);
        assert_eq!(end, End::Clean);
    }

    #[test]
    fn an_open_quote_is_told_with_the_line_it_opened_on() {
        let (rows, end) = read(b',', &[b"a,b\n1,\"two\n3,4\n"]);
        assert_eq!(rows.len(), 1);
        assert_eq!(end, End::QuoteOpen { line: 2 });
    }

    #[test]
    fn limits_cut_and_tell() {
        let mut flags = Vec::new();
        let mut each =
            |r: Record<'_>| flags.push((r.line, r.width(), r.long_field, r.too_long, r.bytes().len()));
        let mut reader = Reader::new(b',', 1);
        let long = vec![b'x'; FIELD_BYTES_MAX + 1];
        let chunks: [&[u8]; 8] =
            [b"a,", &long, b",c\n", &long[1..], b"\n", &vec![b','; 3 * ROW_BYTES_MAX], b"\nz", b"\n"];
        for chunk in chunks {
            reader.feed(chunk, &mut each);
        }
        reader.finish(&mut each);
        assert_eq!(flags[0], (1, 3, Some(1), false, FIELD_BYTES_MAX + 2));
        assert_eq!(flags[1], (2, 1, None, false, FIELD_BYTES_MAX));
        assert!(flags[2].3 && flags[2].1 <= ROW_BYTES_MAX + 1);
        assert_eq!(flags[3], (4, 1, None, false, 1));
    }

    #[test]
    fn memory_stays_bounded_on_one_endless_line() {
        let mut reader = Reader::new(b',', 1);
        let chunk = vec![b'x'; 1 << 20];
        for _ in 0..64 {
            reader.feed(&chunk, &mut |_| panic!("no record ends here"));
        }
        assert!(reader.text.capacity() <= 2 * ROW_BYTES_MAX);
        let mut seen = 0;
        reader.feed(b"\nnext\n", &mut |record| {
            seen += 1;
            assert_eq!(record.too_long, seen == 1);
        });
        assert_eq!(seen, 2);
    }

    proptest! {
        #[test]
        fn reads_what_the_csv_crate_reads_in_any_chunks(
            text in "[a\"\\r\\n,;é ]{0,60}",
            delimiter in prop::sample::select(vec![b',', b';']),
            cuts in prop::collection::vec(0usize..200, 0..6),
        ) {
            let bytes = text.as_bytes();
            let (whole, end) = read(delimiter, &[bytes]);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c % (bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> = cuts.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
            prop_assert_eq!(&read(delimiter, &chunks), &(whole.clone(), end));
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            prop_assert_eq!(&read(delimiter, &single), &(whole.clone(), end));
            if end == End::Clean {
                let cells: Vec<_> = whole.into_iter().map(|row| row.1).collect();
                prop_assert_eq!(cells, reference(delimiter, bytes));
            }
        }
    }
}
