//! The everyday record found in one pass: no quoted cell, whole in its chunk, within its limits. Eight bytes at a
//! time and nothing copied. Everything else is left to the reader's state machine, which must come to the same cells.

use crate::limits::{FIELD_BYTES_MAX, ROW_BYTES_MAX};

const LANES: usize = size_of::<u64>();
const ONES: u64 = 0x0101_0101_0101_0101;
const LOWS: u64 = 0x7F7F_7F7F_7F7F_7F7F;

/// Finds the record that starts at the first byte. Gives the length of its text and fills `ends` with the end of each
/// cell in it; cells are parted by one delimiter byte. `None`, and no ends, when the record is not of the everyday kind.
pub(super) fn plain_record(bytes: &[u8], delimiter: u8, ends: &mut Vec<usize>) -> Option<usize> {
    ends.clear();
    let found = find(bytes, delimiter, ends);
    if found.is_none() {
        ends.clear();
    }
    found
}

fn find(bytes: &[u8], delimiter: u8, ends: &mut Vec<usize>) -> Option<usize> {
    let bytes = &bytes[..bytes.len().min(ROW_BYTES_MAX + 1)];
    let marks = [delimiter, b'\n', b'\r', b'"'].map(|mark| ONES * u64::from(mark));
    let mut start = 0;
    let mut at = 0;
    let (words, rest) = bytes.as_chunks::<LANES>();
    for word in words {
        let word = u64::from_le_bytes(*word);
        let mut hits = marks.iter().fold(0, |hits, mark| hits | zero_bytes(word ^ mark));
        while hits != 0 {
            let hit = at + hits.trailing_zeros() as usize / 8;
            match found(bytes[hit], hit, delimiter, &mut start, ends)? {
                Found::End => return Some(hit),
                Found::More => hits &= hits - 1,
            }
        }
        at += LANES;
    }
    for (offset, byte) in rest.iter().enumerate() {
        if let Found::End = found(*byte, at + offset, delimiter, &mut start, ends)? {
            return Some(at + offset);
        }
    }
    None
}

enum Found {
    More,
    End,
}

#[inline]
fn found(byte: u8, at: usize, delimiter: u8, start: &mut usize, ends: &mut Vec<usize>) -> Option<Found> {
    let is_line_end = byte == b'\n' || byte == b'\r';
    if byte == delimiter || is_line_end {
        if at - *start > FIELD_BYTES_MAX {
            return None;
        }
        ends.push(at);
        *start = at + 1;
    } else if byte == b'"' && at == *start {
        return None;
    }
    Some(if is_line_end { Found::End } else { Found::More })
}

/// The upper bit of every byte that is zero, and no other bit.
#[inline]
fn zero_bytes(word: u64) -> u64 {
    !(((word & LOWS) + LOWS) | word | LOWS)
}
