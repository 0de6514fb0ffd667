//! Which texts can be e-mail addresses. Deliberately lenient: an address is an identifier here, not a mailbox.

use crate::limits::EMAIL_BYTES_MAX;
use crate::simd::{Bytes, LANES};

/// Whether a trimmed cell can be an address: one local part, `@`, a domain with a dot, no blanks or list marks.
pub(super) fn is_email(cell: &str) -> bool {
    is_everyday(cell.as_bytes(), 0, cell.len()) || is_any(cell)
}

/// Addresses as nearly all are: letters, digits, `.`, `_`, `-` and `+`, then `@` and a domain. Looks at the cell from
/// `start` to `end` of the bytes; false says nothing.
#[inline(always)]
pub(super) fn is_everyday(bytes: &[u8], start: usize, end: usize) -> bool {
    const SHORT_BYTES: usize = 2 * LANES;
    let len = end - start;
    if let Some(short) = bytes[start..].first_chunk::<SHORT_BYTES>()
        && len <= SHORT_BYTES
    {
        Shape::of(short, len).is_everyday()
    } else {
        is_everyday_long(&bytes[start..end])
    }
}

#[inline(never)]
fn is_everyday_long(cell: &[u8]) -> bool {
    let mut address = [0; ADDRESS_BYTES];
    let Some(start) = address.get_mut(..cell.len()) else { return false };
    start.copy_from_slice(cell);
    Shape::of(&address, cell.len()).is_everyday()
}

/// Longest address looked at in one go. No part of a shorter one is too long.
const ADDRESS_BYTES: usize = 4 * LANES;

/// Where what stands in a cell; bit n is byte n.
struct Shape {
    all: u64,
    at: u64,
    dots: u64,
    /// `_`, `-` and `+`.
    signs: u64,
    letters: u64,
}

impl Shape {
    #[inline(always)]
    fn of<const BYTES: usize>(bytes: &[u8; BYTES], len: usize) -> Shape {
        let all = u64::MAX.unbounded_shr(64 - len as u32);
        let mut shape = Shape { all, at: 0, dots: 0, signs: 0, letters: 0 };
        for (part, bytes) in bytes.as_chunks::<LANES>().0.iter().enumerate() {
            let bytes = Bytes::load(bytes);
            let shift = part * LANES;
            // Twenty-six letters from each of two places on, and ten digits.
            let letters = bytes.less(b'a').at_most(25).or(bytes.less(b'A').at_most(25));
            let letters = letters.or(bytes.less(b'0').at_most(9));
            let signs = bytes.equal(b'_').or(bytes.equal(b'-')).or(bytes.equal(b'+'));
            shape.letters |= letters.upper_bits() << shift;
            shape.signs |= signs.upper_bits() << shift;
            shape.dots |= bytes.equal(b'.').upper_bits() << shift;
            shape.at |= bytes.equal(b'@').upper_bits() << shift;
        }
        shape.at &= all;
        shape.dots &= all;
        shape.signs &= all;
        shape
    }

    #[inline(always)]
    fn is_everyday(&self) -> bool {
        let one_at = self.at != 0 && self.at & (self.at - 1) == 0;
        let before = self.at.wrapping_sub(1);
        let known = (self.letters | self.signs | self.dots | self.at) & self.all == self.all;
        // Parts between dots, and on both sides of the sign, are not empty.
        let ends = self.dots | self.at;
        let last = self.all ^ self.all >> 1;
        let empty = ends & (ends << 1 | 1 | last);
        let dots_behind = self.dots & !before;
        one_at && known && self.signs & !before == 0 && empty == 0 && dots_behind != 0
    }
}

fn is_any(cell: &str) -> bool {
    let Some((local, domain)) = cell.rsplit_once('@') else { return false };
    let ok = |ch: char| {
        !ch.is_whitespace()
            && !ch.is_control()
            && !matches!(ch, '@' | ',' | ';' | ':' | '<' | '>' | '(' | ')' | '"')
    };
    let label = |label: &str| {
        let inner = |ch: char| ch.is_ascii_alphanumeric() || ch == '-' || (!ch.is_ascii() && ok(ch));
        (1..=63).contains(&label.len())
            && label.chars().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    cell.len() <= EMAIL_BYTES_MAX
        && (1..=64).contains(&local.len())
        && local.chars().all(ok)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.contains('.')
        && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_short_cut_takes_nothing_else(cell in "[ab1._+@-]{0,12}", long in 0usize..80) {
            prop_assert!(!is_everyday(cell.as_bytes(), 0, cell.len()) || is_any(&cell), "{}", cell);
            let cell = format!("{}@{}.co", "a".repeat(long), cell);
            prop_assert!(!is_everyday(cell.as_bytes(), 0, cell.len()) || is_any(&cell), "{}", cell);
        }
    }

    #[test]
    fn addresses_and_others() {
        for good in [
            "a@b.co",
            "user1@example.com",
            "ayşe@örnek.com.tr",
            "o'neil+tag@x-y.info",
            "a!#$%&'*/=?^_`{|}~@b.co",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "", "a", "a@", "@b.co", "a@b", "a@b..co", "a b@c.co", "a@b@c.co", "a@-b.co", "a,b@c.co",
            ".a@b.co", "a@b.co.",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
        assert!(!is_email(&format!("a@{}.co", "b".repeat(64))));
    }
}
