//! Judging side by side: a file is cut into pieces of whole records, shards judge pieces in any order, and the checker
//! absorbs what they found in file order. The verdict is the one that the checker alone would have come to.
//!
//! Threads belong to shells; here is only what they carry.

use crate::csv::index::WINDOW_BYTES;
use crate::csv::{Index, Reader};
use crate::rows::Rows;

use super::desk::Desk;
use super::judge::Judge;
use super::stretch::Stretch;

/// Judges pieces of one file.
///
/// ```
/// use consentry_core::consent::{CheckOptions, Checker, Emit, whole_records};
///
/// let file = b"wpNumber,permission\n+905301112233,1\n+442071234567,2\n+905301112233,2\n";
/// let (head, body) = file.split_at(20);
/// let mut checker = Checker::new(CheckOptions::default(), Emit::default());
/// checker.feed(head);
/// // Nothing is known of the file until it has been looked at.
/// checker.look();
/// let mut shard = checker.shard().unwrap();
/// let piece = &body[..whole_records(body, shard.delimiter())];
/// let mut judged = shard.judge(piece, checker.full());
/// checker.absorb(&mut judged, piece);
/// checker.feed(&body[piece.len()..]);
/// let report = checker.finish();
/// assert_eq!((report.counts.accepted, report.counts.repeated_numbers), (3, 1));
/// ```
pub struct Shard {
    judge: Judge,
    /// Memory of a piece that is done.
    spare: Option<Stretch>,
}

/// What a shard found in one piece.
pub struct Judged {
    pub(super) stretch: Stretch,
    pub(super) lines: u64,
    rejects: Vec<u8>,
}

impl Shard {
    pub(super) fn new(desk: Desk) -> Shard {
        Shard { judge: Judge::new(desk, 1), spare: None }
    }

    /// The delimiter of the file.
    pub fn delimiter(&self) -> u8 {
        self.judge.desk.delimiter
    }

    /// Judges a piece that begins and ends with whole records. `full` is what [`Checker::full`](super::Checker::full)
    /// said not long ago.
    pub fn judge(&mut self, piece: &[u8], full: u64) -> Judged {
        let Judge { desk, .. } = &mut self.judge;
        desk.begin_stretch();
        desk.set_full(full);
        let first_line = self.judge.reader.line();
        let mut at = 0;
        while at < piece.len() && !self.judge.desk.stretch.refused {
            at = self.judge.window(piece, at);
        }
        let lines = self.judge.reader.line() - first_line;
        let lines_before = first_line - 1;
        let desk = &mut self.judge.desk;
        let next = self.spare.take().unwrap_or_else(|| Stretch::new(desk.options.attributes.len()));
        let mut stretch = std::mem::replace(&mut desk.stretch, next);
        stretch.move_up(lines_before);
        Judged { stretch, lines, rejects: desk.take_rejects() }
    }

    /// Takes back what was absorbed, for the sake of its memory: asking the machine for it stops all threads.
    pub fn reuse(&mut self, judged: Judged) {
        let mut stretch = judged.stretch;
        stretch.clear_records();
        let rows = Rows::with_attributes(self.judge.desk.options.attributes.len());
        self.spare = Some(Stretch { rows, rows_settled: 0, refused: false, fallback_used: false, ..stretch });
    }
}

impl Judged {
    /// The accepted rows, once the checker has absorbed this.
    pub fn take_rows(&mut self) -> Rows {
        std::mem::take(&mut self.stretch.rows)
    }

    /// The rejected rows as CSV; the checker gives the header.
    pub fn take_rejects(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.rejects)
    }
}

/// How many of the bytes are whole records, if the first of them begins one.
pub fn whole_records(bytes: &[u8], delimiter: u8) -> usize {
    // Without quotation marks every line end ends a record, and a line feed always does. Others wait for this, so it looks
    // at many bytes at once and does not stop at the first.
    let has_quotes = |bytes: &[u8]| bytes.iter().fold(false, |any, byte| any | (*byte == b'"'));
    if !bytes.chunks(WINDOW_BYTES).any(has_quotes) {
        return bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    }
    let mut index = Index::default();
    let mut reader = Reader::new(delimiter, 1);
    let (mut at, mut whole) = (0, 0);
    while at < bytes.len() {
        index.fill(&bytes[at..], delimiter);
        let window = &bytes[at..bytes.len().min(at + WINDOW_BYTES)];
        let is_line_feed = |end: &&u16| window[usize::from(**end)] == b'\n';
        match index.ends().iter().rev().find(is_line_feed) {
            Some(last) => at += usize::from(*last) + 1,
            None => {
                at += reader.feed_record(&bytes[at..], &mut |_| {});
                // The second half of a CRLF goes with the first.
                if !reader.is_between_records() {
                    if at < bytes.len() && bytes[at] == b'\n' {
                        at += reader.feed_record(&bytes[at..=at], &mut |_| {});
                    }
                    if !reader.is_between_records() {
                        continue;
                    }
                }
            }
        }
        whole = at;
    }
    whole
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pieces_end_where_the_reader_is_between_records(text in "[ab\"\\r\\n,]{0,120}") {
            let bytes = text.as_bytes();
            let whole = whole_records(bytes, b',');
            let mut reader = Reader::new(b',', 1);
            reader.feed(&bytes[..whole], &mut |_| {});
            prop_assert!(whole == 0 || reader.is_between_records() || bytes[whole - 1] == b'\r');
        }
    }
}
