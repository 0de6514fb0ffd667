//! The audit: who did what, when, to what, from where, and what came of it. It names people and programs by address and id
//! and things by id; no number, no secret and nothing that somebody typed stands in it.

use std::fmt::Write as _;

use crate::store::{AuditEnd, Note, TenantId};

use super::record::NoteRecord;
use super::{Access, AccessError, body};

/// Longest word in a note, in characters.
const WORD_CHARS_MAX: usize = 200;

/// What is to be noted.
#[derive(Clone, Debug, Default)]
pub struct Deed {
    /// Who.
    pub who: String,
    /// What, like `campaign.start`.
    pub verb: String,
    /// To what, by ids.
    pub subject: String,
    /// From which address.
    pub from: String,
    /// `done`, `refused` or `failed`.
    pub result: &'static str,
    /// More of that.
    pub detail: String,
}

/// A note as it is read.
#[derive(Clone, Debug)]
pub struct Noted {
    /// Its number.
    pub seq: u64,
    /// What it says.
    pub record: NoteRecord,
    /// Covers it and all before it, as hexadecimal digits.
    pub hash: String,
}

impl Access {
    /// Notes something; durable when it returns.
    pub fn note(&self, tenant: TenantId, deed: &Deed) -> Result<(), AccessError> {
        let clipped = |text: &str| -> String {
            text.chars().filter(|char| !char.is_control()).take(WORD_CHARS_MAX).collect()
        };
        let record = NoteRecord {
            at_ms: self.clock.now().0,
            who: clipped(&deed.who),
            verb: clipped(&deed.verb),
            subject: clipped(&deed.subject),
            from: clipped(&deed.from),
            result: deed.result.to_owned(),
            detail: clipped(&deed.detail),
        };
        self.store.append_note(tenant, &body(&record)?)?;
        Ok(())
    }

    /// Notes before a number, the latest first.
    pub fn notes(
        &self,
        tenant: TenantId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Noted>, AccessError> {
        self.store.notes(tenant, before, limit)?.iter().map(read).collect()
    }

    /// Recomputes every hash.
    pub fn verify_notes(&self, tenant: TenantId) -> Result<AuditEnd, AccessError> {
        Ok(self.store.verify_notes(tenant)?)
    }
}

/// A hash as people write it down.
pub fn hex(hash: &[u8; 32]) -> String {
    hash.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn read(note: &Note) -> Result<Noted, AccessError> {
    let record = serde_json::from_slice(&note.body)
        .map_err(|_| AccessError::Damaged(format!("note {} of the audit", note.seq)))?;
    Ok(Noted { seq: note.seq, record, hash: hex(&note.hash) })
}
