//! Campaigns as documents of the store: found, added, and changed whoever else does so at the same time.

use consentry_core::campaign::CampaignId;
use consentry_core::time::UnixMs;
use consentry_core::wire::campaign::v1::Campaign;

use super::record::{CampaignRecord, Deed, HISTORY_MAX, State};
use super::{Campaigns, Kept, missing};
use crate::desk::{DeskError, ROUNDS_MAX};
use crate::store::{Document, Kind, Put, Store, StoreError, TenantId};

/// Documents read from the store at once.
const PAGE: usize = 100;

/// Every campaign, deleted ones as well, the newest first.
pub(super) fn all(store: &dyn Store, tenant: TenantId) -> Result<Vec<Kept>, StoreError> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = store.documents(tenant, Kind::Campaign, &after, PAGE)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.key);
        for document in &page {
            found.push(read(document)?);
        }
    }
    found.sort_by_key(|kept: &Kept| std::cmp::Reverse(kept.id()));
    Ok(found)
}

/// One campaign that is not deleted.
pub(super) fn find(store: &dyn Store, tenant: TenantId, id: &str) -> Result<Kept, DeskError> {
    let number = CampaignId::parse(id).filter(|number| number.to_string() == id);
    let document = match number {
        Some(_) => store.document(tenant, Kind::Campaign, id)?,
        None => None,
    };
    let kept = read(&document.ok_or_else(|| missing(id))?)?;
    if kept.record.deleted { Err(missing(id)) } else { Ok(kept) }
}

/// Keeps a new draft under the next number.
pub(super) fn add(
    room: &Campaigns,
    tenant: TenantId,
    definition: &Campaign,
    by: &str,
    did: &str,
) -> Result<Kept, DeskError> {
    for _ in 0..ROUNDS_MAX {
        let last = all(&*room.desk.store, tenant)?.first().map_or(0, |kept| kept.id().0);
        let now = room.desk.clock.now();
        let mut record = CampaignRecord {
            id: CampaignId(last + 1).to_string(),
            definition: definition.clone(),
            state: State::Draft,
            created_at_ms: now.0,
            created_by: by.to_owned(),
            changed_at_ms: now.0,
            attempts: 0,
            freezing: None,
            plan: None,
            preflight: None,
            approved: None,
            starts_at_ms: None,
            ends_at_ms: None,
            started_at_ms: None,
            finished_at_ms: None,
            paused: None,
            history: Vec::new(),
            deleted: false,
        };
        note(&mut record, now, by, did);
        match put(room, tenant, &record, None) {
            Err(DeskError::Overtaken) => {}
            other => return Ok(Kept { version: other?, record }),
        }
    }
    Err(DeskError::Overtaken)
}

/// Changes a campaign. `change` says what it did, in words; nothing is written where it did nothing. It may be asked several
/// times, of what stands then.
pub(super) fn change(
    room: &Campaigns,
    tenant: TenantId,
    id: &str,
    by: &str,
    change: impl FnMut(&mut CampaignRecord, UnixMs) -> Result<Option<String>, DeskError>,
) -> Result<Kept, DeskError> {
    change_seen(room, tenant, id, None, by, change)
}

/// The same, only where the campaign still has the version that was seen.
pub(super) fn change_seen(
    room: &Campaigns,
    tenant: TenantId,
    id: &str,
    seen: Option<u64>,
    by: &str,
    mut change: impl FnMut(&mut CampaignRecord, UnixMs) -> Result<Option<String>, DeskError>,
) -> Result<Kept, DeskError> {
    for _ in 0..ROUNDS_MAX {
        let Kept { mut record, version } = find(&*room.desk.store, tenant, id)?;
        if seen.is_some_and(|seen| seen != version) {
            return Err(DeskError::Overtaken);
        }
        let now = room.desk.clock.now();
        let Some(did) = change(&mut record, now)? else { return Ok(Kept { record, version }) };
        if !did.is_empty() {
            note(&mut record, now, by, &did);
        }
        record.changed_at_ms = now.0;
        match put(room, tenant, &record, Some(version)) {
            Err(DeskError::Overtaken) => {}
            other => {
                let version = other?;
                room.signal.raise();
                return Ok(Kept { record, version });
            }
        }
    }
    Err(DeskError::Overtaken)
}

/// Nothing of a plan is left in the record, nor of what was concluded from it; whoever makes one is overtaken.
pub(super) fn forget_plan(record: &mut CampaignRecord) {
    record.state = State::Draft;
    (record.freezing, record.plan, record.preflight, record.approved) = (None, None, None, None);
    record.attempts += 1;
    (record.starts_at_ms, record.ends_at_ms, record.paused) = (None, None, None);
}

fn note(record: &mut CampaignRecord, now: UnixMs, by: &str, did: &str) {
    if record.history.len() >= HISTORY_MAX {
        record.history.drain(..=record.history.len() - HISTORY_MAX);
    }
    record.history.push(Deed { at_ms: now.0, by: by.to_owned(), did: did.to_owned() });
}

fn put(
    room: &Campaigns,
    tenant: TenantId,
    record: &CampaignRecord,
    expected_version: Option<u64>,
) -> Result<u64, DeskError> {
    let body = serde_json::to_vec(record)
        .map_err(|cause| StoreError::Damaged(format!("a campaign cannot be written: {cause}")))?;
    let put = Put { kind: Kind::Campaign, key: &record.id, expected_version, body: Some(&body) };
    match room.desk.store.put_documents(tenant, &[put]) {
        Err(StoreError::Overtaken) => Err(DeskError::Overtaken),
        Err(StoreError::DocumentTooLarge(bytes)) => Err(DeskError::Invalid(format!(
            "the campaign would take {bytes} bytes with its templates, more than is kept of one: try fewer messages, or shorter conditions"
        ))),
        other => Ok(other?),
    }
}

fn read(document: &Document) -> Result<Kept, StoreError> {
    let record = serde_json::from_slice(&document.body)
        .map_err(|cause| StoreError::Damaged(format!("campaign {} cannot be read: {cause}", document.key)))?;
    Ok(Kept { record, version: document.version })
}
