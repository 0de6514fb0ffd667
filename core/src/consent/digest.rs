//! The digest of a verdict: equal digests mean that every row was judged the same.
//!
//! Each data record, accepted or not, is nine bytes: the digits of the E.164 that was read as a little-endian
//! 64-bit integer (0 when none was), then a byte with the permission in bits 0–1 (0 none, 1 opt-in, 2 opt-out) and
//! bit 7 set when codes follow. Codes are eight more bytes, with a bit for each code's place in
//! [`crate::rule::RULES`]. A row's number is its place in the sequence. Every [`DIGEST_LEAF_ROWS`] rows are hashed
//! to one leaf, so that leaves can be hashed side by side; the digest is SHA-256 over all leaves and the number of
//! rows.

use sha2::{Digest as _, Sha256};

use crate::limits::DIGEST_LEAF_ROWS;
use crate::permission::Permission;
use crate::rule::CodeSet;

#[derive(Clone, Debug, Default)]
pub(super) struct Digest {
    leaf: Vec<u8>,
    rows_in_leaf: u32,
    rows: u64,
    root: Sha256,
}

impl Digest {
    pub(super) fn row(&mut self, number: u64, permission: Option<Permission>, codes: CodeSet) {
        self.leaf.extend_from_slice(&number.to_le_bytes());
        self.leaf.push(permission.map_or(0, |p| p as u8) | u8::from(!codes.is_empty()) << 7);
        if !codes.is_empty() {
            self.leaf.extend_from_slice(&codes.0.to_le_bytes());
        }
        self.rows += 1;
        self.rows_in_leaf += 1;
        if self.rows_in_leaf == DIGEST_LEAF_ROWS {
            self.end_leaf();
        }
    }

    /// The digest in hex.
    pub(super) fn finish(mut self) -> String {
        if self.rows_in_leaf > 0 {
            self.end_leaf();
        }
        self.root.update(self.rows.to_le_bytes());
        hex(&self.root.finalize())
    }

    fn end_leaf(&mut self) {
        self.root.update(Sha256::digest(&self.leaf));
        self.leaf.clear();
        self.rows_in_leaf = 0;
    }
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [b >> 4, b & 15])
        .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Code;

    #[test]
    fn the_digest_is_what_the_module_says() {
        let mut digest = Digest::default();
        digest.row(905301112233, Some(Permission::OptIn), CodeSet::EMPTY);
        let mut codes = CodeSet::EMPTY;
        codes.insert(Code::NumberMissing);
        digest.row(0, None, codes);
        let mut leaf = 905301112233_u64.to_le_bytes().to_vec();
        leaf.push(1);
        leaf.extend(0_u64.to_le_bytes());
        leaf.push(0x80);
        leaf.extend((1_u64 << Code::NumberMissing as u8).to_le_bytes());
        let mut root = Sha256::digest(&leaf).to_vec();
        root.extend(2_u64.to_le_bytes());
        assert_eq!(digest.finish(), hex(&Sha256::digest(&root)));
    }

    #[test]
    fn every_difference_shows() {
        let of = |rows: &[(u64, Option<Permission>, u64)]| {
            let mut digest = Digest::default();
            rows.iter()
                .for_each(|(number, permission, codes)| digest.row(*number, *permission, CodeSet(*codes)));
            digest.finish()
        };
        let base = of(&[(1, Some(Permission::OptIn), 0), (2, None, 4)]);
        for other in [
            of(&[(1, Some(Permission::OptOut), 0), (2, None, 4)]),
            of(&[(2, None, 4), (1, Some(Permission::OptIn), 0)]),
            of(&[(1, Some(Permission::OptIn), 0), (2, None, 5)]),
            of(&[(1, Some(Permission::OptIn), 0)]),
        ] {
            assert_ne!(base, other);
        }
    }
}
