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

use super::leaves;

/// Whether leaves are hashed together: where no instruction hashes one of them fast.
const TOGETHER: bool = cfg!(target_family = "wasm");

#[derive(Clone, Debug, Default)]
pub(super) struct Digest {
    leaf: Vec<u8>,
    /// Leaves that wait to be hashed together.
    waiting: Vec<Vec<u8>>,
    /// Memory of leaves that were hashed.
    spare: Vec<Vec<u8>>,
    rows_in_leaf: u32,
    rows: u64,
    root: Sha256,
}

impl Digest {
    /// Adds one row: digits, permission and codes as in a stretch.
    #[inline]
    pub(super) fn row(&mut self, number: u64, permission: u8, codes: u64) {
        let mut bytes = [0; 9];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        bytes[8] = permission | u8::from(codes != 0) << 7;
        self.leaf.extend_from_slice(&bytes);
        if codes != 0 {
            self.leaf.extend_from_slice(&codes.to_le_bytes());
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
        for leaf in &self.waiting {
            self.root.update(Sha256::digest(leaf));
        }
        self.root.update(self.rows.to_le_bytes());
        hex(&self.root.finalize())
    }

    fn end_leaf(&mut self) {
        self.rows_in_leaf = 0;
        if !TOGETHER {
            self.root.update(Sha256::digest(&self.leaf));
            return self.leaf.clear();
        }
        self.waiting.push(std::mem::take(&mut self.leaf));
        if let [a, b, c, d] = &mut self.waiting[..] {
            for hash in leaves::hash([a, b, c, d]) {
                self.root.update(hash);
            }
            self.spare.append(&mut self.waiting);
        }
        self.leaf = self.spare.pop().unwrap_or_default();
        self.leaf.clear();
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
    use crate::permission::Permission;
    use crate::rule::Code;

    #[test]
    fn the_digest_is_what_the_module_says() {
        let mut digest = Digest::default();
        digest.row(905301112233, Permission::OptIn as u8, 0);
        let codes = 1 << Code::NumberMissing as u8;
        digest.row(0, 0, codes);
        let mut leaf = 905301112233_u64.to_le_bytes().to_vec();
        leaf.push(1);
        leaf.extend(0_u64.to_le_bytes());
        leaf.push(0x80);
        leaf.extend(codes.to_le_bytes());
        let mut root = Sha256::digest(&leaf).to_vec();
        root.extend(2_u64.to_le_bytes());
        assert_eq!(digest.finish(), hex(&Sha256::digest(&root)));
    }

    #[test]
    fn every_difference_shows() {
        let of = |rows: &[(u64, u8, u64)]| {
            let mut digest = Digest::default();
            rows.iter().for_each(|(number, permission, codes)| digest.row(*number, *permission, *codes));
            digest.finish()
        };
        let base = of(&[(1, 1, 0), (2, 0, 4)]);
        for other in [
            of(&[(1, 2, 0), (2, 0, 4)]),
            of(&[(2, 0, 4), (1, 1, 0)]),
            of(&[(1, 1, 0), (2, 0, 5)]),
            of(&[(1, 1, 0)]),
        ] {
            assert_ne!(base, other);
        }
    }
}
