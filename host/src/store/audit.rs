//! Notes on what people and programs did, in order. Nobody here looks into a body. The hash of a note covers its body, its
//! number and the hash of the one before it, so that none can be changed, left out or put in between unseen; a note that
//! is written down elsewhere with its hash proves all before it.

use sha2::{Digest as _, Sha256};

use super::StoreError;

/// Longest body of a note, in bytes.
pub const NOTE_BYTES_MAX: usize = 8 << 10;
/// Stands before everything that is hashed here, so that no hash of another kind can take its place.
const KIND: &[u8] = b"consentry audit note 1\0";

/// A note as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its number: the first is 1, and none is left out.
    pub seq: u64,
    /// What was written.
    pub body: Vec<u8>,
    /// Covers it and all before it.
    pub hash: [u8; 32],
}

impl Note {
    /// The note that follows one with this number and hash; the first follows number 0 and a hash of zeros.
    pub(super) fn after(seq: u64, hash: &[u8; 32], body: &[u8]) -> Result<Note, StoreError> {
        if body.len() > NOTE_BYTES_MAX {
            return Err(StoreError::DocumentTooLarge(body.len()));
        }
        let seq = seq + 1;
        let sum = Sha256::new().chain_update(KIND).chain_update(hash).chain_update(seq.to_be_bytes());
        Ok(Note { seq, body: body.to_vec(), hash: sum.chain_update(body).finalize().into() })
    }
}

/// Follows a chain from its first note.
#[derive(Default)]
pub(super) struct Following {
    seq: u64,
    hash: [u8; 32],
}

impl Following {
    /// Whether this is the next note, as it was written.
    pub(super) fn next(&mut self, note: &Note) -> Result<(), StoreError> {
        if Note::after(self.seq, &self.hash, &note.body)? != *note {
            return Err(StoreError::Damaged(format!(
                "note {} of the audit is not as it was written",
                self.seq + 1
            )));
        }
        (self.seq, self.hash) = (note.seq, note.hash);
        Ok(())
    }

    /// The last note's number and hash, when that is how many were written.
    pub(super) fn end(self, written: u64) -> Result<AuditEnd, StoreError> {
        if self.seq != written {
            let text = format!("the audit has {} notes, and {written} were written", self.seq);
            return Err(StoreError::Damaged(text));
        }
        Ok(AuditEnd { notes: self.seq, hash: self.hash })
    }
}

/// Where the audit ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditEnd {
    /// How many notes there are.
    pub notes: u64,
    /// Hash of the last one; zeros where there is none.
    pub hash: [u8; 32],
}
