//! Where the cells of records stand in the bytes of a window, and what of them is text for sure. Looks at no meaning.

use crate::csv::encoding::Encoding;

/// What of the bytes is text for sure, from a place on.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub text: &'a str,
    /// Where the text begins in the bytes.
    pub from: usize,
}

/// A record: where it begins in the bytes, and where each of its cells ends in the window.
pub(super) struct Spans<'a> {
    pub start: usize,
    pub ends: &'a [u16],
    pub window: usize,
    /// Where the last cell ends, before its line end.
    last: usize,
}

impl<'a> Text<'a> {
    /// The text of a span.
    pub(super) fn get(&self, (start, end): (usize, usize)) -> &'a str {
        if start == end { "" } else { &self.text[start - self.from..end - self.from] }
    }

    /// Behind the last byte that is text for sure.
    pub(super) fn end(&self) -> usize {
        self.from + self.text.len()
    }
}

impl<'a> Spans<'a> {
    pub(super) fn new(start: usize, ends: &'a [u16], bytes: &[u8], window: usize) -> Spans<'a> {
        let line_feed = window + usize::from(ends[ends.len() - 1]);
        let last = line_feed - usize::from(line_feed > start && bytes[line_feed - 1] == b'\r');
        Spans { start, ends, window, last }
    }

    /// Where a cell begins and ends, quotation marks and all.
    pub(super) fn cell(&self, at: usize, width: usize) -> (usize, usize) {
        let start = if at == 0 { self.start } else { self.window + usize::from(self.ends[at - 1]) + 1 };
        let end = if at + 1 == width { self.last } else { self.window + usize::from(self.ends[at]) };
        (start, end)
    }
}

/// Where the cells of records stand in a window, one record after the other; quotation marks around a cell are left out.
pub(super) struct Cells<'a, const QUOTES: bool> {
    /// From the window's beginning on.
    bytes: &'a [u8],
    last: usize,
    /// Whether a carriage return may stand at the end of a record.
    returns: bool,
    /// Where the record at hand begins, and the next one.
    start: usize,
    next: usize,
}

impl<'a, const QUOTES: bool> Cells<'a, QUOTES> {
    pub(super) fn new(bytes: &'a [u8], width: usize, returns: bool) -> Self {
        Cells { bytes, last: width - 1, returns, start: 0, next: 0 }
    }

    /// Goes on with a record that begins here.
    pub(super) fn start_at(&mut self, start: usize) {
        self.next = start;
    }

    /// Goes on to the next record.
    #[inline(always)]
    pub(super) fn go_to(&mut self, record: &[u16]) {
        self.start = self.next;
        self.next = usize::from(record[self.last]) + 1;
    }

    /// Bytes of the record at hand.
    #[inline(always)]
    pub(super) fn record_bytes(&self) -> usize {
        self.next - self.start
    }

    /// Where a cell of the record at hand begins and ends.
    #[inline(always)]
    pub(super) fn cell(&self, record: &[u16], column: usize) -> (usize, usize) {
        let mut end = usize::from(record[column]);
        let mut start = match column {
            0 => self.start,
            _ => usize::from(record[column - 1]) + 1,
        };
        if self.returns && column == self.last && end > start && self.bytes[end - 1] == b'\r' {
            end -= 1;
        }
        if QUOTES && self.bytes[start] == b'"' {
            start += 1;
            end -= 1;
        }
        (start, end)
    }
}

/// A cell without the quotation marks around it; `None` when there are others inside.
pub(super) fn unquoted(bytes: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    match &bytes[start..end] {
        [b'"', inner @ .., b'"'] if inner.contains(&b'"') => None,
        [b'"', .., b'"'] => Some((start + 1, end - 1)),
        _ => Some((start, end)),
    }
}

/// What can be read from `start` on without asking again: no NUL, if there may be one, nothing that is no text, and in a code page nothing
/// beyond ASCII.
pub(super) fn text_from(bytes: &[u8], start: usize, end: usize, encoding: Encoding, nul: bool) -> Text<'_> {
    let window = &bytes[start..end];
    let is_page = matches!(encoding, Encoding::Page(_));
    let stops = |byte: &u8| *byte == 0 || is_page && !byte.is_ascii();
    let stop = if nul || is_page { window.iter().position(stops) } else { None };
    let sure = stop.unwrap_or(window.len());
    let text = match std::str::from_utf8(&window[..sure]) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&window[..error.valid_up_to()]).unwrap_or_default(),
    };
    Text { text, from: start }
}
