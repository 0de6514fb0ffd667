//! Columns of integers as a block of bytes: each column says its least value and how many bytes its values take above
//! that, so that any value is found without reading those before it. It knows no database and no meaning.

/// Longest block, in bytes: one row of a database page of 16 KiB, without overflow.
pub(super) const BLOCK_BYTES_MAX: usize = 16_250;
/// Most entries of a block: few bytes each, and the search in a block stays short.
const BLOCK_ENTRIES_MAX: usize = 8192;
/// Read beyond the last value, so that each is read as eight bytes.
const PADDING_BYTES: usize = 8;

/// Entries as columns: keys that never descend, and what belongs to each.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries {
    /// Keys first, then values.
    pub(super) columns: Vec<Vec<u64>>,
}

impl Entries {
    /// No entries yet, with this many values to each key.
    pub(super) fn new(values: usize) -> Entries {
        Entries { columns: vec![Vec::new(); values + 1] }
    }

    /// Appends one.
    pub(super) fn push(&mut self, key: u64, values: &[u64]) {
        self.columns[0].push(key);
        for (column, value) in self.columns[1..].iter_mut().zip(values) {
            column.push(*value);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.columns[0].len()
    }

    pub(super) fn keys(&self) -> &[u64] {
        &self.columns[0]
    }

    pub(super) fn clear(&mut self) {
        self.columns.iter_mut().for_each(Vec::clear);
    }
}

/// Packs as many entries as fit one block, from `from` on; at least one where there is one. The entries packed are counted.
pub(super) fn pack(entries: &Entries, from: usize, bytes: &mut Vec<u8>) -> usize {
    let header = 3 + entries.columns.len() * 9 + PADDING_BYTES;
    let width = |column: &[u64]| {
        let (least, most) = bounds(column);
        bytes_of(most - least)
    };
    let mut count = (entries.len() - from).min(BLOCK_ENTRIES_MAX);
    loop {
        // Fewer entries never take wider columns, so the second guess fits.
        let row: usize = entries.columns.iter().map(|column| width(&column[from..from + count])).sum();
        let fits = (BLOCK_BYTES_MAX - header) / row.max(1);
        let sure = (BLOCK_BYTES_MAX - header) / (8 * entries.columns.len());
        if count <= fits || count <= sure {
            break;
        }
        // Wide columns may become narrow with fewer entries; a few guesses find nearly the most.
        count = fits.clamp(sure, count - 1);
    }
    bytes.clear();
    bytes.push(entries.columns.len() as u8);
    bytes.extend_from_slice(&(count as u16).to_le_bytes());
    for column in &entries.columns {
        let (least, most) = bounds(&column[from..from + count]);
        bytes.extend_from_slice(&least.to_le_bytes());
        bytes.push(bytes_of(most - least) as u8);
    }
    for column in &entries.columns {
        let column = &column[from..from + count];
        let (least, most) = bounds(column);
        let width = bytes_of(most - least);
        for value in column {
            bytes.extend_from_slice(&(value - least).to_le_bytes()[..width]);
        }
    }
    bytes.extend_from_slice(&[0; PADDING_BYTES]);
    count
}

fn bounds(column: &[u64]) -> (u64, u64) {
    let bounds =
        column.iter().fold((u64::MAX, 0), |(least, most), value| (least.min(*value), most.max(*value)));
    if column.is_empty() { (0, 0) } else { bounds }
}

fn bytes_of(value: u64) -> usize {
    (64 - value.leading_zeros()).div_ceil(8) as usize
}

/// A block as it lies.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    bytes: &'a [u8],
    len: usize,
    columns: usize,
}

/// One column of a block.
#[derive(Clone, Copy)]
pub(super) struct Column<'a> {
    bytes: &'a [u8],
    least: u64,
    width: usize,
    mask: u64,
}

impl<'a> Frame<'a> {
    /// Reads what [`pack`] wrote; none for anything else.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Frame<'a>> {
        let (columns, len) =
            (usize::from(*bytes.first()?), usize::from(u16::from_le_bytes([*bytes.get(1)?, *bytes.get(2)?])));
        let frame = Frame { bytes, len, columns };
        let widths: Option<usize> = (0..columns).map(|at| frame.head(at).map(|(_, width)| width)).sum();
        let row = widths?;
        (bytes.len() == 3 + columns * 9 + row * len + PADDING_BYTES).then_some(frame)
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    fn head(&self, at: usize) -> Option<(u64, usize)> {
        let head = self.bytes.get(3 + at * 9..3 + at * 9 + 9)?;
        let width = usize::from(head[8]);
        (width <= 8).then_some((u64::from_le_bytes(head[..8].try_into().ok()?), width))
    }

    /// The column at a place: keys first.
    pub(super) fn column(&self, at: usize) -> Option<Column<'a>> {
        let before: Option<usize> = (0..at).map(|at| self.head(at).map(|(_, width)| width)).sum();
        let (least, width) = (at < self.columns).then(|| self.head(at))??;
        let start = 3 + self.columns * 9 + before? * self.len;
        let bytes = self.bytes.get(start..start + width * self.len + PADDING_BYTES)?;
        let mask = if width == 8 { u64::MAX } else { (1 << (8 * width)) - 1 };
        Some(Column { bytes, least, width, mask })
    }

    /// Appends all entries.
    pub(super) fn append_to(&self, entries: &mut Entries) -> Option<()> {
        for (at, to) in entries.columns.iter_mut().enumerate() {
            let column = self.column(at)?;
            to.extend((0..self.len).map(|at| column.get(at)));
        }
        Some(())
    }
}

impl Column<'_> {
    /// The value at a place, which must be below [`Frame::len`].
    #[inline]
    pub(super) fn get(&self, at: usize) -> u64 {
        let start = at * self.width;
        let bytes: [u8; 8] = self.bytes[start..start + 8].try_into().unwrap_or_default();
        (u64::from_le_bytes(bytes) & self.mask).wrapping_add(self.least)
    }

    /// The first place from `from` on, below `len`, whose value is not below `value`; values must not descend.
    #[inline]
    pub(super) fn lower_bound(&self, from: usize, len: usize, value: u64) -> usize {
        // Keys come sorted, so the next is mostly near: look ahead in growing steps before halving.
        let (mut low, mut step) = (from, 1);
        while low + step < len && self.get(low + step) < value {
            low += step;
            step *= 2;
        }
        let mut high = (low + step).min(len);
        while low < high {
            let middle = (low + high) / 2;
            if self.get(middle) < value {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_packed_is_read_and_found() {
        let mut seed = 1_u64;
        let mut next = |most: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 11) % most.max(1)
        };
        for (count, most, value_most) in
            [(1, 1, 1), (7, 3, 9), (5000, 1 << 40, 1 << 20), (9000, 1 << 52, u64::MAX >> 12), (70_000, 50, 2)]
        {
            let mut entries = Entries::new(2);
            let mut keys: Vec<u64> = (0..count).map(|_| next(most)).collect();
            keys.sort_unstable();
            keys.iter().for_each(|key| entries.push(*key, &[next(value_most), u64::MAX - next(3)]));
            let (mut from, mut bytes) = (0, Vec::new());
            let mut read = Entries::new(2);
            while from < entries.len() {
                let packed = pack(&entries, from, &mut bytes);
                assert!(
                    packed > 0 && bytes.len() <= BLOCK_BYTES_MAX,
                    "{packed} entries, {} bytes",
                    bytes.len()
                );
                let frame = Frame::read(&bytes).unwrap();
                assert_eq!(frame.len(), packed);
                frame.append_to(&mut read).unwrap();
                let column = frame.column(0).unwrap();
                for key in [0, most / 2, keys[from], keys[from + packed - 1], u64::MAX] {
                    let expected = keys[from..from + packed].partition_point(|other| *other < key);
                    assert_eq!(column.lower_bound(0, packed, key), expected);
                }
                assert!(
                    from + packed == entries.len()
                        || bytes.len() > BLOCK_BYTES_MAX / 2
                        || packed == BLOCK_ENTRIES_MAX
                );
                from += packed;
            }
            assert_eq!(read.columns, entries.columns);
        }
    }

    #[test]
    fn other_bytes_are_refused() {
        let mut entries = Entries::new(1);
        (0..100).for_each(|at| entries.push(at, &[at * 1000]));
        let mut bytes = Vec::new();
        pack(&entries, 0, &mut bytes);
        assert!(Frame::read(&bytes[..bytes.len() - 1]).is_none());
        assert!(Frame::read(&[]).is_none());
        bytes[3 + 8] = 9;
        assert!(Frame::read(&bytes).is_none());
    }
}
