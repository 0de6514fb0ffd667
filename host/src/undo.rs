//! Takes an import back: collects from the log what it did and what came after it, lets the core decide, commits.
//!
//! Nobody waits while that is done, and so people go on speaking meanwhile. What they say is little: it is added to what
//! was found out, and for the last of it nobody else may decide until all is committed. So it ends, however fast people
//! speak.

use consentry_core::matching::{Decided, Follows, ImportId, Keys, LogEnd, Plan, Undo, log};
use consentry_core::time::UnixMs;
use sha2::{Digest as _, Sha256};

use crate::store::{Import, Moment, Store, StoreError, TakingBack, TenantId, UndoRecord};

/// Takes back what an import committed; `by` says who wants it, and why if they said so. Either everything that can be reversed
/// is, or nothing is changed.
pub fn take_back(
    store: &dyn Store,
    tenant: TenantId,
    id: ImportId,
    by: &str,
    at: UnixMs,
) -> Result<Import, StoreError> {
    commit(store, tenant, &mut Request::new(id, by, at))
}

/// Does what is requested.
pub fn commit(store: &dyn Store, tenant: TenantId, request: &mut Request<'_>) -> Result<Import, StoreError> {
    for _ in 0..LOOKS_BESIDE_OTHERS {
        store.at_a_moment(tenant, &mut |now| request.look(now))?;
    }
    store.take_back(tenant, request.import, request)?;
    store.import(tenant, request.import)?.ok_or(StoreError::NoImport(request.import))
}

/// How often it is decided without anybody waiting for it: the first time may take minutes, and what came meanwhile a
/// moment.
const LOOKS_BESIDE_OTHERS: u32 = 2;

/// An import that is to be taken back, and what was found out about it so far.
pub struct Request<'a> {
    import: ImportId,
    by: &'a str,
    at: UnixMs,
    new: fn(ImportId) -> Undo,
    found: Option<Found>,
}

/// What was found out.
struct Found {
    undo: Undo,
    /// Imports that had been taken back. If there is one more, people may have got back what no event tells.
    taken_back: u64,
    /// The last event that was seen.
    seen: u64,
    /// Hash of what later imports had confirmed.
    confirmed: [u8; 32],
    decided: Decided,
    log_end: LogEnd,
    next_profile: u64,
}

impl<'a> Request<'a> {
    /// Nothing is found out yet.
    pub fn new(import: ImportId, by: &'a str, at: UnixMs) -> Request<'a> {
        Request { import, by, at, new: Undo::new, found: None }
    }

    /// The same with another beginning, for example with other slices.
    pub fn with(self, new: fn(ImportId) -> Undo) -> Request<'a> {
        Request { new, ..self }
    }

    /// Sees what came since the last look, and decides.
    pub fn look(&mut self, now: &dyn Moment) -> Result<(), StoreError> {
        let import = now.import(self.import)?.ok_or(StoreError::NoImport(self.import))?;
        if !import.may_be_taken_back() {
            return Err(StoreError::NotUndoable(self.import));
        }
        let taken_back = now.taken_back()?;
        let before = self.found.take().filter(|found| found.taken_back == taken_back);
        let mut found = match before {
            Some(found) => found,
            None => Found::nothing((self.new)(self.import), &import, taken_back, now)?,
        };
        found.look(&import, now)?;
        self.found = Some(found);
        Ok(())
    }
}

impl TakingBack for Request<'_> {
    fn decide(&mut self, now: &dyn Moment) -> Result<UndoRecord, StoreError> {
        self.look(now)?;
        let Some(Found { decided, .. }) = &self.found else {
            return Err(StoreError::NotUndoable(self.import));
        };
        let kept =
            decided.kept.iter().map(|(profile, because)| (*profile, because.id().to_owned())).collect();
        Ok(UndoRecord { by: self.by.to_owned(), at: self.at, counts: decided.counts, kept })
    }

    fn next_plan(&mut self) -> Option<Plan> {
        let Found { undo, log_end, next_profile, .. } = self.found.as_mut()?;
        let follows = Follows { at: self.at, by: self.by, log_end: *log_end, next_profile: *next_profile };
        let plan = undo.next_plan(&follows)?;
        *log_end = plan.log_end;
        Some(plan)
    }
}

impl Found {
    fn nothing(undo: Undo, import: &Import, taken_back: u64, now: &dyn Moment) -> Result<Found, StoreError> {
        let known = now.known(&Keys::default())?;
        Ok(Found {
            undo,
            taken_back,
            // An import of nothing but rejected rows never began.
            seen: import.log_from.unwrap_or(known.log_end.seq),
            confirmed: [0; 32],
            decided: Decided::default(),
            log_end: known.log_end,
            next_profile: known.next_profile,
        })
    }

    /// Sees what came since the last look, and decides if anything did.
    fn look(&mut self, import: &Import, now: &dyn Moment) -> Result<(), StoreError> {
        let known = now.known(&Keys::default())?;
        let written = known.log_end.seq;
        let before = (self.seen, self.confirmed);
        self.read(now, written)?;
        self.confirmed = confirmed(now, import.id)?;
        (self.log_end, self.next_profile) = (known.log_end, known.next_profile);
        if (self.seen, self.confirmed) == before {
            return Ok(());
        }
        if self.confirmed != before.1 {
            self.undo.forget_confirmed();
            now.each_confirmed(import.id, &mut |profiles| self.undo.confirmed(profiles))?;
        }
        while let Some(keys) = self.undo.next_keys() {
            self.undo.learn(&keys, &now.known(&keys)?);
        }
        self.decided = self.undo.decide();
        Ok(())
    }

    /// Hands over every event after the last one that was seen.
    fn read(&mut self, now: &dyn Moment, written: u64) -> Result<(), StoreError> {
        let mut damaged = false;
        if self.seen < written {
            now.each_block(self.seen + 1, &mut |block| {
                let events = log::read(&block.bytes).unwrap_or_default();
                let seen = self.seen;
                for event in events.iter().filter(|event| event.seq > seen) {
                    damaged |= event.seq != self.seen + 1;
                    self.undo.event(event);
                    self.seen = event.seq;
                }
                damaged |= block.first_seq + u64::from(block.events) != self.seen + 1;
                !damaged
            })?;
        }
        if damaged || self.seen != written {
            let text = format!(
                "the log cannot be read from event {} on, and {written} were written",
                self.seen.saturating_add(1)
            );
            return Err(StoreError::Damaged(text));
        }
        Ok(())
    }
}

/// Tells apart what later imports have confirmed, at two moments.
fn confirmed(now: &dyn Moment, import: ImportId) -> Result<[u8; 32], StoreError> {
    let mut hash = Sha256::new();
    now.each_confirmed(import, &mut |profiles| {
        hash.update((profiles.len() as u64).to_le_bytes());
        hash.update(profiles);
    })?;
    Ok(hash.finalize().into())
}
