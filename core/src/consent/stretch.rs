//! What the records of a stretch of a file were judged to be, before they are compared with the rows before them.
//! Columns, one entry a data record, in file order; the few things that few records have stand beside them.

use crate::diagnostic::Diagnostic;
use crate::limits::DIAGNOSTICS_PER_CODE_MAX;
use crate::rows::Rows;

/// A judged stretch.
pub(super) struct Stretch {
    /// Digits of the E.164 that was read; 0 when none was.
    pub number: Vec<u64>,
    /// Bits of the codes found.
    pub codes: Vec<u64>,
    /// 1 opt-in, 2 opt-out, 0 neither.
    pub permission: Vec<u8>,
    /// Index of the number's region; says nothing when there is no number.
    pub region: Vec<u8>,
    /// Whether `places` is filled.
    pub places_wanted: bool,
    /// Where each record stands, while somebody may ask for it.
    pub places: Vec<Place>,
    /// Number cells that do not stand in the bytes that were judged, by place in the stretch.
    pub cells_apart: Vec<(usize, String)>,
    /// Findings that were worth building, in file order.
    pub heard: Vec<Heard>,
    /// How many of them there are of each code.
    pub heard_of: [u16; CODES],
    /// Accepted rows, when they were asked for. `row` counts from the start of the stretch, and no code says that a
    /// number was repeated.
    pub rows: Rows,
    /// Entries of `rows` that were given a row number and all their codes.
    pub rows_settled: usize,
    /// The file as a whole cannot be used; nothing was judged after this.
    pub refused: bool,
    /// A record was read in the fallback encoding.
    pub fallback_used: bool,
}

/// Codes there can be: bits of a set of them.
const CODES: usize = u64::BITS as usize;

impl Stretch {
    /// Nothing judged yet, with so many columns of attributes.
    pub(super) fn new(attributes: usize) -> Stretch {
        Stretch {
            number: Vec::new(),
            codes: Vec::new(),
            permission: Vec::new(),
            region: Vec::new(),
            places_wanted: false,
            places: Vec::new(),
            cells_apart: Vec::new(),
            heard: Vec::new(),
            heard_of: [0; CODES],
            rows: Rows::with_attributes(attributes),
            rows_settled: 0,
            refused: false,
            fallback_used: false,
        }
    }

    /// Codes of which this stretch alone has as many findings as are ever kept, as bits.
    pub(super) fn full(&self) -> u64 {
        let is_full =
            |(at, heard): (usize, &u16)| u64::from(usize::from(*heard) >= DIAGNOSTICS_PER_CODE_MAX) << at;
        self.heard_of.iter().enumerate().map(is_full).sum()
    }
}

/// Where a record stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Physical line.
    pub line: u64,
    /// Where its number's cell begins in the bytes that were judged.
    pub start: usize,
    /// Where that ends.
    pub end: usize,
}

/// A finding of a stretch.
pub(super) struct Heard {
    /// Place in the stretch of the data record it is about; `None` for the file.
    pub at: Option<usize>,
    /// Whether the record's codes do not tell of it.
    pub uncounted: bool,
    /// Its row is still to be filled in.
    pub diagnostic: Diagnostic,
}

impl Stretch {
    /// How many data records there are.
    pub(super) fn len(&self) -> usize {
        self.number.len()
    }

    /// Counts physical lines from the start of the stretch, before which there were so many.
    pub(super) fn move_up(&mut self, lines_before: u64) {
        self.places.iter_mut().for_each(|place| place.line -= lines_before);
        self.rows.line.iter_mut().for_each(|line| *line -= lines_before);
        for heard in &mut self.heard {
            heard.diagnostic.place.line = heard.diagnostic.place.line.saturating_sub(lines_before);
        }
    }

    /// Forgets the records, and keeps the rows and rejects that nobody has taken yet.
    pub(super) fn clear_records(&mut self) {
        self.number.clear();
        self.codes.clear();
        self.permission.clear();
        self.region.clear();
        self.places.clear();
        self.cells_apart.clear();
        self.heard.clear();
        self.heard_of = [0; CODES];
        self.places_wanted = false;
    }
}
