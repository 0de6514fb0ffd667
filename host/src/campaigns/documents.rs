//! Campaigns as documents of the store: found, added, and changed whoever else does so at the same time.

use consentry_core::campaign::CampaignId;
use consentry_core::time::UnixMs;
use consentry_core::wire::campaign::v1::Campaign;

use super::record::{CampaignRecord, Deed, HISTORY_MAX, Index, State, TRIALS_FROM, Tries};
use super::{Campaigns, Found, Kept, missing};
use crate::desk::{DeskError, ROUNDS_MAX};
use crate::store::document::BODY_BYTES_MAX;
use crate::store::{Document, Kind, Put, Store, StoreError, TenantId};

/// Of a document, what a draft or a plan leaves for what is written there later, in bytes: a history alone may take half.
const LATER_BYTES: usize = 128 << 10;
/// Longest text of a history, in characters.
const TEXT_CHARS_MAX: usize = 500;
/// Documents read from the store at once.
const PAGE: usize = 100;
/// Where the index is.
const INDEX: &str = "campaigns";

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

/// Every campaign that can be read, deleted ones as well, the newest first.
pub(super) fn readable(store: &dyn Store, tenant: TenantId) -> Result<Found, StoreError> {
    let (mut found, mut after) = (Found::default(), String::new());
    loop {
        let page = store.documents(tenant, Kind::Campaign, &after, PAGE)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.key);
        page.iter().for_each(|document| found.add(document));
    }
    found.kept.sort_by_key(|kept: &Kept| std::cmp::Reverse(kept.id()));
    Ok(found)
}

impl Found {
    fn add(&mut self, document: &Document) {
        match read(document) {
            Ok(kept) => self.kept.push(kept),
            Err(why) => drop(self.unreadable.insert(document.key.clone(), why.to_string())),
        }
    }
}

/// Campaigns that run or are scheduled.
pub(super) fn may_run(room: &Campaigns, tenant: TenantId) -> Result<Found, DeskError> {
    let (store, mut found) = (&*room.desk.store, Found::default());
    for id in index(store, tenant)?.1.may_run {
        if let Some(document) = store.document(tenant, Kind::Campaign, &id)? {
            found.add(&document);
        }
    }
    Ok(found)
}

/// Every campaign; the index says what they say. Somebody who changes one meanwhile has it right.
pub(super) fn mend(room: &Campaigns, tenant: TenantId) -> Result<Found, DeskError> {
    let store = &*room.desk.store;
    let (version, known) = index(store, tenant)?;
    let found = readable(store, tenant)?;
    let stands = whole(&found, &known);
    if version.is_none() || stands != known {
        let body = json(&stands)?;
        let put = Put { kind: Kind::Setting, key: INDEX, expected_version: version, body: Some(&body) };
        match store.put_documents(tenant, &[put]) {
            Ok(_) | Err(StoreError::Overtaken) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(found)
}

/// The index with its version; made of all campaigns where there is none yet.
fn index(store: &dyn Store, tenant: TenantId) -> Result<(Option<u64>, Index), StoreError> {
    let document = store.document(tenant, Kind::Setting, INDEX)?;
    let known = document.map(|of| (of.version, serde_json::from_slice(&of.body).ok()));
    match known {
        Some((version, Some(index))) => Ok((Some(version), index)),
        unreadable => {
            let index = whole(&readable(store, tenant)?, &Index::default());
            Ok((unreadable.map(|(version, _)| version), index))
        }
    }
}

/// What an index has to say of these. Of what cannot be read it is believed what was known.
fn whole(found: &Found, known: &Index) -> Index {
    let mut index = known.clone();
    let ids = found.kept.iter().map(|kept| &kept.record.id).chain(found.unreadable.keys());
    ids.filter_map(|id| CampaignId::parse(id)).for_each(|id| index.add(id.0));
    let may_run = found.kept.iter().filter(|kept| may_be_sent(&kept.record)).map(|kept| &kept.record.id);
    let unreadable = found.unreadable.keys().filter(|id| known.may_run.contains(*id));
    index.may_run = may_run.chain(unreadable).cloned().collect();
    index
}

fn may_be_sent(record: &CampaignRecord) -> bool {
    matches!(record.state, State::Running | State::Scheduled)
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

/// Keeps a new draft under the next number: a campaign of its own, or one that tries a message of another.
pub(super) fn add(
    room: &Campaigns,
    tenant: TenantId,
    definition: &Campaign,
    tries: Option<&Tries>,
    by: &str,
    did: &str,
) -> Result<Kept, DeskError> {
    for _ in 0..ROUNDS_MAX {
        let index = index(&*room.desk.store, tenant)?.1;
        let mut last = if tries.is_none() { index.last } else { index.last_trial.max(TRIALS_FROM - 1) };
        // Somebody who does not know of the index may have added some.
        while room.desk.store.document(tenant, Kind::Campaign, &CampaignId(last + 1).to_string())?.is_some() {
            last += 1;
        }
        let now = room.desk.clock.now();
        let mut record = CampaignRecord {
            id: CampaignId(last + 1).to_string(),
            definition: definition.clone(),
            tries: tries.cloned(),
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
            resumed_at_ms: None,
            stood: None,
            finished_at_ms: None,
            paused: None,
            history: Vec::new(),
            deleted: false,
        };
        note(&mut record, now, by, did);
        leaves_room(&record)?;
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
        if let Some(paused) = &mut record.paused {
            paused.text = clipped(&paused.text);
        }
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

/// Whether a draft or a plan leaves room in the document for what is written there later: what runs can always be paused. What
/// is too long otherwise.
pub(super) fn leaves_room(record: &CampaignRecord) -> Result<(), DeskError> {
    let bytes_max = BODY_BYTES_MAX - LATER_BYTES;
    let bytes = json_bytes(record);
    if bytes <= bytes_max {
        return Ok(());
    }
    let of = &record.definition;
    let templates: usize =
        record.plan.iter().flat_map(|plan| &plan.messages).map(|message| json_bytes(&message.document)).sum();
    let parts = [
        (
            json_bytes(&of.audience),
            "its audience",
            "put conditions into segments, or import a list as an attribute",
        ),
        (json_bytes(&of.messages), "the values of its messages", "shorten the texts, or take attributes"),
        (templates, "its templates", "try fewer messages against each other"),
        (
            json_bytes(&record.preflight),
            "what was found out about its plan",
            "try fewer messages against each other",
        ),
    ];
    let (longest, what, cure) = parts.into_iter().max_by_key(|(bytes, ..)| *bytes).unwrap_or_default();
    Err(DeskError::Invalid(format!(
        "the campaign takes {bytes} bytes, and {bytes_max} can be kept: {what} alone takes {longest}. Try this: {cure}"
    )))
}

fn json_bytes(of: &impl serde::Serialize) -> usize {
    serde_json::to_vec(of).map_or(usize::MAX, |body| body.len())
}

fn clipped(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).collect()
}

fn note(record: &mut CampaignRecord, now: UnixMs, by: &str, did: &str) {
    if record.history.len() >= HISTORY_MAX {
        record.history.drain(..=record.history.len() - HISTORY_MAX);
    }
    record.history.push(Deed { at_ms: now.0, by: clipped(by), did: clipped(did) });
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
    // In one commit with the index, where that says something else then.
    let (version, known) = index(&*room.desk.store, tenant)?;
    let mut stands = known.clone();
    stands.add(CampaignId::parse(&record.id).unwrap_or_default().0);
    if may_be_sent(record) {
        stands.may_run.insert(record.id.clone());
    } else {
        stands.may_run.remove(&record.id);
    }
    let index = json(&stands)?;
    let index = Put { kind: Kind::Setting, key: INDEX, expected_version: version, body: Some(&index) };
    let puts = if version.is_some() && stands == known { vec![put] } else { vec![put, index] };
    match room.desk.store.put_documents(tenant, &puts) {
        Err(StoreError::Overtaken) => Err(DeskError::Overtaken),
        Err(StoreError::DocumentTooLarge(bytes)) => Err(DeskError::Invalid(format!(
            "the campaign would take {bytes} bytes with its templates, more than is kept of one: try fewer messages, or shorter conditions"
        ))),
        other => Ok(other?),
    }
}

fn json(index: &Index) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(index).map_err(|cause| StoreError::Damaged(format!("no index of campaigns: {cause}")))
}

fn read(document: &Document) -> Result<Kept, StoreError> {
    let record = serde_json::from_slice(&document.body)
        .map_err(|cause| StoreError::Damaged(format!("campaign {} cannot be read: {cause}", document.key)))?;
    Ok(Kept { record, version: document.version })
}
