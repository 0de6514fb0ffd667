//! What is kept of people who were erased: marks, by which a number or a user id is recognised when it comes again. A mark is
//! made with a key that is not in the store, so that nobody who has the store alone can try numbers. For matching a mark is the
//! person's own opt-out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ring::hmac;

use consentry_core::matching::ProfileId;
use consentry_core::time::UnixMs;

use super::{StoreError, TenantId};

/// Bytes of a key.
pub const MARK_KEY_BYTES: usize = 32;

/// Makes marks.
pub struct MarkKey(hmac::Key);

impl MarkKey {
    /// From bytes that nobody else has.
    pub fn new(bytes: &[u8; MARK_KEY_BYTES]) -> MarkKey {
        MarkKey(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The mark of a number, by its identity.
    pub(super) fn number(&self, identity: u64) -> u64 {
        self.mark(b'n', &identity.to_le_bytes())
    }

    /// The mark of a business-scoped user id.
    pub(super) fn user(&self, id: &str) -> u64 {
        self.mark(b'u', id.as_bytes())
    }

    /// The first bits of the HMAC: of a hundred million numbers and a million marks two are the same by chance about once in
    /// two hundred thousand installations, and then somebody is not written to.
    fn mark(&self, kind: u8, bytes: &[u8]) -> u64 {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(&[kind]);
        context.update(bytes);
        let tag = context.sign();
        let mut first = [0; 8];
        first.copy_from_slice(&tag.as_ref()[..8]);
        u64::from_le_bytes(first)
    }
}

/// Finds the key of a tenant; none where none was made.
pub type KeyOf = Box<dyn Fn(TenantId) -> Result<Option<MarkKey>, StoreError> + Send + Sync>;

/// Where a store finds the keys of its marks: they come from outside, and are asked for when there is a mark to compare.
#[derive(Default)]
pub(super) struct Marker {
    key_of: OnceLock<KeyOf>,
    known: Mutex<HashMap<TenantId, Arc<MarkKey>>>,
}

impl Marker {
    /// Says where keys are. What was said first counts.
    pub(super) fn set(&self, key_of: KeyOf) {
        let _ = self.key_of.set(key_of);
    }

    /// The key of a tenant who has marks: without it nobody would be recognised, and somebody written to who must not be.
    pub(super) fn key(&self, tenant: TenantId) -> Result<Arc<MarkKey>, StoreError> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = lock().get(&tenant) {
            return Ok(key.clone());
        }
        let found = self.key_of.get().map(|key_of| key_of(tenant)).transpose()?.flatten();
        let key = Arc::new(found.ok_or(StoreError::NoMarkKey)?);
        lock().insert(tenant, key.clone());
        Ok(key)
    }
}

/// Who is to be erased, and what the log says of it.
#[derive(Clone, Copy, Debug)]
pub struct ToErase<'a> {
    /// Who.
    pub profile: ProfileId,
    /// When.
    pub at: UnixMs,
    /// Who erases them, and why.
    pub by: &'a str,
}

/// What an erasure found, for those who keep the same elsewhere. It is kept nowhere itself.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Traces {
    /// Numbers, by identity, that nobody else has by now.
    pub numbers: Vec<u64>,
    /// Business-scoped user ids that were seen with them.
    pub users: Vec<String>,
    /// Events in the log that name them.
    pub events: u64,
}

impl std::fmt::Debug for Traces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Traces").field("events", &self.events).finish_non_exhaustive()
    }
}

/// Empties what an import's report repeats of a file's cells, where that is the person's; none where nothing is.
pub(super) fn without_cells(report: &str, numbers: &[u64], texts: &[&str]) -> Option<String> {
    const LAST_DIGITS: usize = 8;
    let mut report: serde_json::Value = serde_json::from_str(report).ok()?;
    let ends: Vec<String> = numbers
        .iter()
        .map(|number| {
            let digits = number.to_string();
            digits[digits.len().saturating_sub(LAST_DIGITS)..].to_owned()
        })
        .collect();
    let theirs = |found: &str| {
        let digits: String = found
            .chars()
            .filter_map(|char| char.to_digit(10))
            .filter_map(|digit| char::from_digit(digit, 10))
            .collect();
        ends.iter().any(|end| digits.contains(end.as_str()))
            || texts.iter().any(|text| text.to_lowercase() == found.trim().to_lowercase())
    };
    let mut changed = false;
    let diagnostics = report.get_mut("diagnostics").and_then(serde_json::Value::as_array_mut)?;
    for diagnostic in diagnostics {
        let said =
            ["found", "message", "fix"].map(|name| diagnostic.get(name).and_then(|text| text.as_str()));
        if said.into_iter().flatten().any(theirs) {
            for name in ["found", "message"] {
                diagnostic[name] = serde_json::Value::from("");
            }
            diagnostic.as_object_mut().map(|fields| fields.remove("fix"));
            changed = true;
        }
    }
    changed.then(|| report.to_string())
}
