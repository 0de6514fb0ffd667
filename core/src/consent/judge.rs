//! Bytes of a file → judged stretches. Everyday records go down the lane, many at a time; the reader takes the others,
//! one at a time.

use crate::csv::Reader;
use crate::csv::reader::End;

use super::desk::Desk;
use super::lane::{Lane, Work};

pub(super) struct Judge {
    pub desk: Desk,
    pub reader: Reader,
    work: Work,
    lane: Option<Lane>,
}

impl Judge {
    /// Begins at the first record, the header. `first_line` is its physical line.
    pub(super) fn new(desk: Desk, first_line: u64) -> Judge {
        let reader = Reader::new(desk.delimiter, first_line);
        let mut judge = Judge { desk, reader, work: Work::default(), lane: None };
        judge.open_lane();
        judge
    }

    /// Judges on from `at` to the end of a window or of the bytes, and gives where it stopped. At least one byte is
    /// taken.
    pub(super) fn window(&mut self, bytes: &[u8], at: usize) -> usize {
        let Judge { desk, reader, work, lane } = self;
        if let Some(lane) = lane
            && reader.is_between_records()
        {
            let judged = lane.run(desk, reader, work, bytes, at);
            if judged > at {
                return judged;
            }
        }
        let judged = at + reader.feed_record(&bytes[at..], &mut |record| desk.record(&record));
        if lane.is_none() {
            self.open_lane();
        }
        judged
    }

    /// Opens the lane once the header is known.
    fn open_lane(&mut self) {
        self.lane = self.desk.columns.as_ref().and_then(|columns| Lane::new(columns, &self.desk.options));
    }

    /// Ends the file; `any_row` tells whether there was a data record before this stretch.
    pub(super) fn finish(&mut self, any_row: bool) {
        let Judge { desk, reader, .. } = self;
        let end: End = reader.finish(&mut |record| desk.record(&record));
        desk.end(end, any_row);
    }
}
