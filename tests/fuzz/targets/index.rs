//! The index of a window against a scan byte by byte, against the reader, and the reader against the `csv` crate.
#![no_main]

use consentry_core::consent::whole_records;
use consentry_core::csv::index::WINDOW_BYTES;
use consentry_core::csv::reader::End;
use consentry_core::csv::{Index, Reader, Record};
use consentry_fuzz::{Input, repeated};
use libfuzzer_sys::fuzz_target;

const DELIMITERS: [u8; 4] = *b",;\t|";
/// Bytes indexed together.
const BLOCK_BYTES: usize = 64;
const WORDS: [&str; 16] = [
    "\"\"",
    ",\"",
    "\",",
    "\r\n",
    "\"\r\n\"",
    "\n\n",
    "\r",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "\"a\" ",
    "\"a\"\t,",
    "é",
    "\0",
    ";\"x;y\"",
    "|",
    "\t\"",
    "a,b,\"c\",d\n",
];

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::of(data) else { return };
    let delimiter = DELIMITERS[input.below(0, DELIMITERS.len())];
    let text = if input.flag(1, 0) { input.with_words(&WORDS) } else { input.text.to_vec() };
    // Everything should stand at every place of a block, and some things in more than one window.
    let mut bytes = vec![b'a'; input.below(2, BLOCK_BYTES)];
    match input.below(3, 256) {
        255 => bytes.extend(repeated(&text, WINDOW_BYTES)),
        240.. => bytes.extend(repeated(&text, 2 * BLOCK_BYTES)),
        _ => bytes.extend(text),
    }
    the_index_is_the_plain_one(&bytes, delimiter);
    whole_records_can_be_cut_off(&bytes, delimiter);
    chunks_do_not_matter(&input, &bytes, delimiter);
});

/// What the index says, found byte by byte: where cells end, and how many bytes are indexed.
fn plain_index(window: &[u8], delimiter: u8) -> (Vec<u16>, usize) {
    #[derive(Clone, Copy)]
    enum State {
        Start,
        Text,
        Quoted,
        Closed,
        Returned,
    }
    let (mut ends, mut state) = (Vec::new(), State::Start);
    for (block, bytes) in window.chunks(BLOCK_BYTES).enumerate() {
        let regular = ends.len();
        // The last block is looked at as if blanks followed.
        let blanks = BLOCK_BYTES - bytes.len();
        for (at, byte) in bytes.iter().chain(std::iter::repeat_n(&b' ', blanks)).enumerate() {
            state = match (state, *byte) {
                (State::Quoted, b'"') => State::Closed,
                (State::Quoted, byte) if byte != b'\r' && byte != b'\n' => State::Quoted,
                (State::Start | State::Closed, b'"') => State::Quoted,
                (State::Start | State::Text | State::Closed, b'\r') => State::Returned,
                (State::Returned, b'\n') | (State::Start | State::Text | State::Closed, b'\n') => {
                    ends.push((block * BLOCK_BYTES + at) as u16);
                    State::Start
                }
                (State::Start | State::Text | State::Closed, byte) if byte == delimiter => {
                    ends.push((block * BLOCK_BYTES + at) as u16);
                    State::Start
                }
                (State::Start | State::Text, byte) if byte != b'"' => State::Text,
                // Not regular: the index ends before this block.
                _ => {
                    ends.truncate(regular);
                    return (ends, block * BLOCK_BYTES);
                }
            };
        }
    }
    (ends, window.len())
}

fn the_index_is_the_plain_one(bytes: &[u8], delimiter: u8) {
    let window = &bytes[..bytes.len().min(WINDOW_BYTES)];
    let mut index = Index::default();
    // What stood in the index before must not matter.
    index.fill(b"\"a\",\r\n\xFF\0,,,\n", delimiter);
    index.fill(bytes, delimiter);
    let (ends, indexed) = plain_index(window, delimiter);
    assert_eq!(index.ends(), ends);
    let indexed = &window[..indexed];
    let line_feeds = ends.iter().filter(|end| window[usize::from(**end)] == b'\n').count();
    assert_eq!(index.line_ends(), line_feeds);
    assert_eq!(index.has_quotes(), indexed.contains(&b'"'));
    assert_eq!(index.has_returns(), indexed.contains(&b'\r'));
    assert_eq!(index.is_strange(), indexed.iter().any(|byte| *byte == 0 || *byte >= 0x80));

    // The reader gives the same cells, and none for a blank line.
    let (mut records, mut cells, mut start, mut done) = (Vec::new(), Vec::new(), 0, 0);
    for end in ends.iter().copied().map(usize::from) {
        cells.push(&window[start..end]);
        start = end + 1;
        if window[end] == b'\n' {
            let cells = std::mem::take(&mut cells);
            done = start;
            if !matches!(cells[..], [b"" | b"\r"]) {
                records.push(cells);
            }
        }
    }
    let mut at = 0;
    let mut reader = Reader::new(delimiter, 1);
    reader.feed(&window[..done], &mut |record| {
        assert!(record.stray_quote.is_none() && !record.many_lines);
        if record.long_field.is_none() && !record.too_long {
            assert!(record.cells().eq(records[at].iter().map(|cell| without_quoting(cell))));
        }
        at += 1;
    });
    assert_eq!(at, records.len());
    assert!(reader.is_between_records());
    assert_eq!(reader.line(), 1 + line_feeds as u64);
}

fn without_quoting(cell: &[u8]) -> Vec<u8> {
    match cell.strip_suffix(b"\r").unwrap_or(cell) {
        [b'"', inner @ .., b'"'] => {
            let mut text = inner.to_vec();
            let mut doubled = false;
            text.retain(|byte| {
                doubled = *byte == b'"' && !doubled;
                !doubled
            });
            text
        }
        cell => cell.to_vec(),
    }
}

/// What a record says besides its cells.
#[derive(Debug, PartialEq)]
struct Facts {
    width: usize,
    line: u64,
    long_field: Option<usize>,
    too_long: bool,
    stray_quote: Option<usize>,
    many_lines: bool,
}

/// Everything that records say, as far as it is kept.
#[derive(Debug, Default, PartialEq)]
struct Said {
    records: Vec<Facts>,
    /// Each with its length before it.
    cells: Vec<u8>,
}

impl Said {
    fn push(&mut self, record: &Record<'_>) {
        let Record { line, long_field, too_long, stray_quote, many_lines, .. } = *record;
        let width = record.width();
        self.records.push(Facts { width, line, long_field, too_long, stray_quote, many_lines });
        record.cells().for_each(|cell| self.push_cell(cell));
    }

    fn push_cell(&mut self, cell: &[u8]) {
        self.cells.extend((cell.len() as u32).to_le_bytes());
        self.cells.extend(cell);
    }
}

/// What the reader says, how the input ended, and on which line.
fn read<'a>(delimiter: u8, first_line: u64, chunks: impl Iterator<Item = &'a [u8]>) -> (Said, End, u64) {
    let mut said = Said::default();
    let mut each = |record: Record<'_>| said.push(&record);
    let mut reader = Reader::new(delimiter, first_line);
    for chunk in chunks {
        reader.feed(chunk, &mut each);
    }
    let (end, line) = (reader.finish(&mut each), reader.line());
    (said, end, line)
}

fn whole_records_can_be_cut_off(bytes: &[u8], delimiter: u8) {
    let (front, rest) = bytes.split_at(whole_records(bytes, delimiter));
    let (mut said, end, line) = read(delimiter, 1, [front].into_iter());
    assert_eq!(end, End::Clean);
    let (others, end, last_line) = read(delimiter, line, [rest].into_iter());
    // A carriage return alone is not looked for.
    assert!(others.records.len() <= 1 || bytes.contains(&b'\r'), "more than one record was left");
    said.records.extend(others.records);
    said.cells.extend(others.cells);
    assert_eq!((said, end, last_line), read(delimiter, 1, [bytes].into_iter()));
}

fn chunks_do_not_matter(input: &Input<'_>, bytes: &[u8], delimiter: u8) {
    let whole = read(delimiter, 1, [bytes].into_iter());
    assert_eq!(read(delimiter, 1, bytes.chunks(1)), whole);
    let cuts = input.cuts(4, bytes.len());
    assert_eq!(read(delimiter, 1, cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]])), whole);
    let (said, end, _) = whole;
    let limited = said.records.iter().any(|record| record.too_long || record.long_field.is_some());
    // The other reader has no limits, passes over a byte-order mark, and reads on in a cell that is never closed.
    if end == End::Clean && !limited && !bytes.starts_with(b"\xEF\xBB\xBF") {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        let (mut expected, mut widths, mut record) = (Said::default(), Vec::new(), csv::ByteRecord::new());
        while reader.read_byte_record(&mut record).expect("bytes in memory") {
            widths.push(record.len());
            record.iter().for_each(|cell| expected.push_cell(cell));
        }
        assert!(said.records.iter().map(|record| record.width).eq(widths));
        assert_eq!(said.cells, expected.cells);
    }
}
