//! Where cells and records end, for a whole window of a file at once: the everyday way of reading, 64 bytes a step.
//!
//! Only regular text is indexed: a quotation mark opens a cell at its beginning and closes it at its end, and a cell
//! holds no line end. Before the first block that is not like that the index ends, and the reader's state machine
//! decides. Nothing is copied, unquoted or judged here.

use super::marks::{self, BLOCK_BYTES, Marks, Scan};

/// Most bytes indexed at once. A position in a window fits 16 bits, and the index of a window fits a first-level cache.
pub const WINDOW_BYTES: usize = 32 * 1024;

const _: () = assert!(WINDOW_BYTES <= 1 << 16 && WINDOW_BYTES.is_multiple_of(BLOCK_BYTES));

/// The cells and records of a window, from its first byte on.
pub struct Index {
    ends: Box<[u16]>,
    count: usize,
    line_ends: usize,
    quotes: bool,
    returns: bool,
    strange: bool,
}

impl Default for Index {
    fn default() -> Index {
        // Flattening writes whole blocks of positions and counts those that are true.
        let ends = vec![0; WINDOW_BYTES + BLOCK_BYTES].into_boxed_slice();
        Index { ends, count: 0, line_ends: 0, quotes: false, returns: false, strange: false }
    }
}

impl Index {
    /// Indexes a window that begins with a record. Bytes past [`WINDOW_BYTES`] are not looked at.
    pub fn fill(&mut self, window: &[u8], delimiter: u8) {
        let window = &window[..window.len().min(WINDOW_BYTES)];
        self.count = 0;
        self.line_ends = 0;
        self.quotes = false;
        self.returns = false;
        self.strange = false;
        marks::scan(window, delimiter, self);
    }

    /// Where each cell ends, ascending: at a delimiter or a line feed.
    pub fn ends(&self) -> &[u16] {
        &self.ends[..self.count]
    }

    /// How many of [`Index::ends`] are line feeds.
    pub fn line_ends(&self) -> usize {
        self.line_ends
    }

    /// Whether there is a quotation mark anywhere.
    pub fn has_quotes(&self) -> bool {
        self.quotes
    }

    /// Whether there is a carriage return anywhere; it stands before a line feed.
    pub fn has_returns(&self) -> bool {
        self.returns
    }

    /// Whether there is a byte beyond ASCII or a NUL anywhere.
    pub fn is_strange(&self) -> bool {
        self.strange
    }

    /// Adds a position for every bit.
    #[inline(always)]
    fn flatten(&mut self, base: usize, mut bits: u64) {
        let found = bits.count_ones() as usize;
        let Some(room) = self.ends.get_mut(self.count..self.count + BLOCK_BYTES) else { return };
        // Eight at once without a branch: how many there are, nobody can foresee.
        for slots in room.as_chunks_mut::<8>().0 {
            for slot in slots {
                *slot = base as u16 + bits.trailing_zeros() as u16;
                bits &= bits.wrapping_sub(1);
            }
            if bits == 0 {
                break;
            }
        }
        self.count += found;
    }
}

/// What one block leaves for the next: each is a bit for the first byte of the next block, or all bits.
#[derive(Default)]
struct Carry {
    /// All bits when the block ended inside quotation marks.
    inside: u64,
    /// The last byte closed a quoted cell.
    closed: u64,
    /// The last byte was a carriage return.
    returned: u64,
    /// The last byte ended a cell; so does the beginning of the window.
    ended: u64,
}

impl Scan for &mut Index {
    #[inline(always)]
    fn run(self, window: &[u8], mut masks: impl FnMut(&[u8; BLOCK_BYTES]) -> Marks) {
        let mut carry = Carry { ended: 1, ..Carry::default() };
        let (blocks, rest) = window.as_chunks::<BLOCK_BYTES>();
        let mut base = 0;
        let (mut quotes, mut returns, mut strange) = (0, 0, 0);
        for block in blocks {
            let found = masks(block);
            let Some(ends) = cell_ends(&found, &mut carry) else { break };
            quotes |= found.quote;
            returns |= found.carriage_return;
            strange |= found.strange;
            self.line_ends += (found.line_feed & ends).count_ones() as usize;
            self.flatten(base, ends);
            base += BLOCK_BYTES;
        }
        if base + rest.len() == window.len() && !rest.is_empty() {
            let mut block = [b' '; BLOCK_BYTES];
            block[..rest.len()].copy_from_slice(rest);
            let found = masks(&block);
            if let Some(ends) = cell_ends(&found, &mut carry) {
                quotes |= found.quote;
                returns |= found.carriage_return;
                strange |= found.strange;
                self.line_ends += (found.line_feed & ends).count_ones() as usize;
                self.flatten(base, ends);
            }
        }
        self.quotes = quotes != 0;
        self.returns = returns != 0;
        self.strange = strange != 0;
    }
}

/// Bits of the bytes that end a cell; `None` when the block is not regular.
#[inline(always)]
fn cell_ends(found: &Marks, carry: &mut Carry) -> Option<u64> {
    let ends = found.delimiter | found.line_feed;
    if found.quote | found.carriage_return | carry.inside | carry.closed | carry.returned == 0 {
        carry.ended = ends >> 63;
        return Some(ends);
    }
    // A quotation mark toggles what follows; the opening one counts as inside, the closing one does not.
    let inside = prefix_xor(found.quote) ^ carry.inside;
    let ends = ends & !inside;
    let opening = found.quote & inside;
    let closing = found.quote & !inside;
    // An opening mark stands at the beginning of a cell, or doubles the mark before it.
    let may_open = ends << 1 | carry.ended | closing << 1 | carry.closed;
    // Behind a closing mark the cell ends, or the mark is doubled.
    let behind_closing = closing << 1 | carry.closed;
    let may_follow = ends | opening | found.carriage_return;
    // A carriage return belongs to the line feed behind it.
    let behind_return = found.carriage_return << 1 | carry.returned;
    let line_end_inside = (found.line_feed | found.carriage_return) & inside;
    let irregular = opening & !may_open
        | behind_closing & !may_follow
        | behind_return & !found.line_feed
        | line_end_inside;
    if irregular != 0 {
        return None;
    }
    carry.inside = ((inside as i64) >> 63) as u64;
    carry.closed = closing >> 63;
    carry.returned = found.carriage_return >> 63;
    carry.ended = ends >> 63;
    Some(ends)
}

/// Each bit becomes the parity of itself and all lower ones.
#[inline(always)]
fn prefix_xor(bits: u64) -> u64 {
    let bits = bits ^ bits << 1;
    let bits = bits ^ bits << 2;
    let bits = bits ^ bits << 4;
    let bits = bits ^ bits << 8;
    let bits = bits ^ bits << 16;
    bits ^ bits << 32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Reader;
    use super::*;

    /// Records of a window as the index has them: cells as they stand, and how many bytes are behind them.
    fn indexed(window: &[u8]) -> (Vec<Vec<&[u8]>>, usize) {
        let mut index = Index::default();
        index.fill(window, b',');
        let (mut records, mut cells, mut start, mut done) = (Vec::new(), Vec::new(), 0, 0);
        for end in index.ends() {
            let end = usize::from(*end);
            cells.push(&window[start..end]);
            start = end + 1;
            if window[end] == b'\n' {
                records.push(std::mem::take(&mut cells));
                done = start;
            }
        }
        assert_eq!(records.len(), index.line_ends());
        assert!(index.has_quotes() || records.iter().flatten().all(|cell| !cell.contains(&b'"')));
        (records, done)
    }

    fn without_quoting(cell: &[u8]) -> Vec<u8> {
        let cell = cell.strip_suffix(b"\r").unwrap_or(cell);
        match cell {
            [b'"', inner @ .., b'"'] => String::from_utf8_lossy(inner).replace("\"\"", "\"").into_bytes(),
            _ => cell.to_vec(),
        }
    }

    proptest! {
        #[test]
        fn what_is_indexed_is_what_the_reader_reads(
            text in prop_oneof![
                "[ab\"\r\n,]{0,200}",
                "((a|\"a,b\"|\"\"|\"x\"\"y\"),){0,9}b?\r?\n((a|\"a,b\"|\"x\"\"y\"),){0,40}\n[a\",\n]{0,9}",
            ],
        ) {
            let bytes = text.as_bytes();
            let (records, done) = indexed(bytes);
            let mut read = Vec::new();
            let mut reader = Reader::new(b',', 1);
            reader.feed(&bytes[..done], &mut |record| {
                assert!(record.stray_quote.is_none() && !record.many_lines);
                read.push(record.cells().map(<[u8]>::to_vec).collect::<Vec<_>>());
            });
            prop_assert!(reader.is_between_records());
            // The reader gives no record for a blank line.
            let is_blank = |cells: &Vec<&[u8]>| matches!(cells[..], [b"" | b"\r"]);
            let records: Vec<Vec<Vec<u8>>> = records
                .iter()
                .filter(|cells| !is_blank(cells))
                .map(|cells| cells.iter().map(|cell| without_quoting(cell)).collect())
                .collect();
            prop_assert_eq!(records, read);
        }

        #[test]
        fn plain_text_is_indexed_to_its_end(text in "[ab,\n]{0,300}") {
            let lines = text.bytes().filter(|byte| *byte == b'\n').count();
            prop_assert_eq!(indexed(text.as_bytes()).0.len(), lines);
        }
    }
}
