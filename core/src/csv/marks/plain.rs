//! Byte by byte: what the other ways must agree with.

use super::{BLOCK_BYTES, Marks, Scan};

#[cfg_attr(test, expect(dead_code, reason = "this machine has a wider way"))]
pub(super) fn scan(window: &[u8], delimiter: u8, scan: impl Scan) {
    scan.run(window, |block| marks(block, delimiter));
}

/// What stands in a block.
pub(super) fn marks(block: &[u8; BLOCK_BYTES], delimiter: u8) -> Marks {
    let mut marks = Marks::default();
    for (at, byte) in block.iter().enumerate() {
        marks.delimiter |= u64::from(*byte == delimiter) << at;
        marks.line_feed |= u64::from(*byte == b'\n') << at;
        marks.carriage_return |= u64::from(*byte == b'\r') << at;
        marks.quote |= u64::from(*byte == b'"') << at;
        marks.strange |= u64::from(*byte == 0 || *byte >= 0x80) << at;
    }
    marks
}
