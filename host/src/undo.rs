//! Takes an import back: collects from the log what it did and what came after it, lets the core decide, commits.

use consentry_core::matching::{ImportId, Keys, Undo, log};
use consentry_core::time::UnixMs;

use crate::store::{Import, ImportState, Store, StoreError, TenantId, UndoRecord};

/// Takes a committed import back; `by` says who wants it, and why if they said so. Either everything that can be reversed
/// is, or nothing is changed.
pub fn take_back(
    store: &dyn Store,
    tenant: TenantId,
    id: ImportId,
    by: &str,
    at: UnixMs,
) -> Result<Import, StoreError> {
    let known = || store.import(tenant, id)?.ok_or(StoreError::NoImport(id));
    loop {
        let import = known()?;
        if import.state != ImportState::Committed {
            return Err(StoreError::NotUndoable(id));
        }
        let written = store.known(tenant, &Keys::default())?.log_end.seq;
        let (undo, seen) = collect(store, tenant, &import)?;
        if seen < written || import.log_from.is_some_and(|from| from > written) {
            let text = format!("the log ends at event {seen}, and {written} were written");
            return Err(StoreError::Damaged(text));
        }
        let keys = undo.keys();
        let known_now = store.known(tenant, &keys)?;
        if known_now.log_end.seq != seen {
            // Something happened after the log was read; it counts.
            continue;
        }
        let undone = undo.plan(&keys, &known_now, at, by);
        let kept = undone.kept.iter().map(|(profile, because)| (*profile, because.id().to_owned())).collect();
        let record = UndoRecord { by: by.to_owned(), at, counts: undone.counts, kept };
        match store.take_back(tenant, id, &undone, &record) {
            Err(StoreError::Overtaken) => continue,
            other => other?,
        }
        return known();
    }
}

/// Everything in the log from the import on and what later imports confirmed, and where the log ended.
fn collect(store: &dyn Store, tenant: TenantId, import: &Import) -> Result<(Undo, u64), StoreError> {
    let mut undo = Undo::new(import.id);
    let Some(log_from) = import.log_from else {
        // An import of nothing but rejected rows never began.
        store.each_confirmed(tenant, import.id, &mut |profiles| undo.confirmed(profiles))?;
        return Ok((undo, store.known(tenant, &Keys::default())?.log_end.seq));
    };
    let (mut seen, mut damaged) = (log_from, false);
    store.each_block(tenant, log_from.saturating_add(1), &mut |block| match log::read(&block.bytes) {
        Ok(events) => {
            for event in events.iter().filter(|event| event.seq > log_from) {
                undo.event(event);
                seen = event.seq;
            }
            true
        }
        Err(_) => {
            damaged = true;
            false
        }
    })?;
    if damaged {
        return Err(StoreError::Damaged("a block of the log cannot be read".to_owned()));
    }
    store.each_confirmed(tenant, import.id, &mut |profiles| undo.confirmed(profiles))?;
    Ok((undo, seen))
}
