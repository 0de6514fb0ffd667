//! Erases a person and keeps the stop: step by step through everything that remembers, each step durable before the next and
//! fit to be done again, so that whoever dies half way is taken up by the next start or by asking again.
//!
//! First the person counts as opted out, so that nothing leaves any more. Then goes what hangs on their number - what was heard,
//! messages of campaigns - while the number can still be looked up, then the profile with all that the store says of it, then
//! what came in between, and at last what databases leave in their files.

pub mod record;

use std::io;
use std::sync::Arc;

use consentry_core::matching::{ProfileId, Speaker};
use consentry_core::time::UnixMs;
use zeroize::Zeroizing;

use crate::engine::hex;
use crate::evidence::key::unhex;
use crate::opt_outs;
use crate::secret::Secret;
use crate::store::inbox::Inbox;
use crate::store::ledger::Ledger;
use crate::store::{
    KeyOf, Kind, Lookup, MARK_KEY_BYTES, MarkKey, Put, Store, StoreError, TenantId, ToErase, Traces,
};
use crate::uploads::Uploads;
use crate::vault::{Vault, VaultError};
use record::{ErasureRecord, ErasureState};

/// Name of the key of marks among the secrets.
const SECRET: &str = "erasure";
/// Longest reason, in characters.
pub const REASON_CHARS_MAX: usize = 200;
/// Erasures looked through at once.
const PAGE: usize = 100;

/// Why nobody was erased, or not wholly.
#[derive(Debug, thiserror::Error)]
pub enum ErasureError {
    /// The store, the inbox or the ledger.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secrets.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// There is no such profile, and none was erased.
    #[error("there is no profile {0}")]
    Nobody(ProfileId),
    /// There is no reason.
    #[error("say why: a reason of 1 to {REASON_CHARS_MAX} characters, without the person's name or number")]
    Reason,
    /// A file is being applied that may have a row of the person.
    #[error("import {0} is under way, and its file may have a row of the person: wait until it has ended")]
    ImportUnderWay(consentry_core::matching::ImportId),
    /// An uploaded file could not be removed.
    #[error(
        "an uploaded file cannot be removed: {0}. The person counts as opted out; say it again when the cause is gone"
    )]
    File(#[from] io::Error),
}

/// Everything that remembers people.
pub struct Room {
    /// People, and the log.
    pub store: Arc<dyn Store>,
    /// What was heard.
    pub inbox: Arc<dyn Inbox>,
    /// Messages of campaigns.
    pub ledger: Arc<dyn Ledger>,
    /// Files that came in.
    pub uploads: Uploads,
    /// Secrets, the key of marks among them.
    pub vault: Vault,
}

/// Where a store finds the keys of marks: among the secrets, which are in the store themselves, under a key that is not.
pub fn key_of(store: &Arc<dyn Store>, place: crate::vault::KeyPlace) -> KeyOf {
    let store = Arc::downgrade(store);
    Box::new(move |tenant| {
        let Some(store) = store.upgrade() else { return Ok(None) };
        let secret = Vault::new(store, place.clone()).open(tenant, SECRET).map_err(|error| match error {
            VaultError::Store(error) => error,
            other => StoreError::Unusable(other.to_string()),
        })?;
        secret.as_ref().map(mark_key).transpose()
    })
}

fn mark_key(secret: &Secret) -> Result<MarkKey, StoreError> {
    let bytes = unhex::<MARK_KEY_BYTES>(secret.reveal()).map(Zeroizing::new);
    let bytes = bytes.ok_or_else(|| StoreError::Damaged("the key of people who were erased".to_owned()))?;
    Ok(MarkKey::new(&bytes))
}

fn make_key(vault: &Vault, tenant: TenantId) -> Result<(), ErasureError> {
    if vault.open(tenant, SECRET)?.is_none() {
        let mut bytes = Zeroizing::new([0; MARK_KEY_BYTES]);
        getrandom::fill(bytes.as_mut_slice())
            .map_err(|cause| StoreError::File(io::Error::other(format!("no random bytes: {cause}"))))?;
        vault.keep_new(tenant, SECRET, &Secret::new(&Zeroizing::new(hex(bytes.as_slice()))))?;
    }
    Ok(())
}

/// The erasure of a profile, if one was asked for.
pub fn find(
    store: &dyn Store,
    tenant: TenantId,
    profile: ProfileId,
) -> Result<Option<ErasureRecord>, StoreError> {
    let document = store.document(tenant, Kind::Erasure, &profile.to_string())?;
    document.map(|document| read(&document.body)).transpose()
}

/// Erases a person, or goes on with it. When it returns, all of it is done and durable.
pub fn erase(
    room: &Room,
    tenant: TenantId,
    profile: ProfileId,
    at: UnixMs,
    by: &str,
    reason: &str,
) -> Result<ErasureRecord, ErasureError> {
    let reason = reason.trim();
    let is_there = room.store.find(tenant, &Lookup::Profile(profile))?.is_some();
    let record = match (find(&*room.store, tenant, profile)?, is_there) {
        (Some(known), _) if known.state == ErasureState::Done => return Ok(known),
        (Some(known), _) => known,
        (None, false) => return Err(ErasureError::Nobody(profile)),
        (None, true) => {
            if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
                return Err(ErasureError::Reason);
            }
            idle(room, tenant)?;
            make_key(&room.vault, tenant)?;
            let record = ErasureRecord {
                asked_ms: at.0,
                by: by.to_owned(),
                reason: reason.to_owned(),
                state: ErasureState::Begun,
                done_ms: None,
                events: 0,
                messages: 0,
                heard: 0,
                files: 0,
            };
            put(room, tenant, profile, &record)?;
            record
        }
    };
    go_on(room, tenant, profile, record, at)
}

/// Goes on with every erasure that was asked for and is not done, as after a crash; how many there were.
pub fn resume(room: &Room, tenant: TenantId, at: UnixMs) -> Result<u64, ErasureError> {
    let (mut after, mut resumed) = (String::new(), 0);
    loop {
        let page = room.store.documents(tenant, Kind::Erasure, &after, PAGE)?;
        let Some(last) = page.last() else { return Ok(resumed) };
        after.clone_from(&last.key);
        for document in page {
            let record = read(&document.body)?;
            let Some(profile) = ProfileId::parse(&document.key) else { continue };
            if record.state != ErasureState::Done {
                go_on(room, tenant, profile, record, at)?;
                resumed += 1;
            }
        }
    }
}

fn go_on(
    room: &Room,
    tenant: TenantId,
    profile: ProfileId,
    mut record: ErasureRecord,
    at: UnixMs,
) -> Result<ErasureRecord, ErasureError> {
    let store = &*room.store;
    if record.state == ErasureState::Begun {
        stop(store, tenant, profile, at)?;
        idle(room, tenant)?;
        record.files += forget_files(room, tenant)?;
        if let Some(traces) = store.traces(tenant, profile)? {
            forget(room, tenant, profile, &traces, at, &mut record)?;
            put(room, tenant, profile, &record)?;
            let by = format!("{}: {}", record.by, record.reason);
            if let Some(traces) = store.erase(tenant, &ToErase { profile, at, by: &by })? {
                record.events = traces.events;
                // What came in since it was looked up.
                forget(room, tenant, profile, &traces, at, &mut record)?;
                record.files += forget_files(room, tenant)?;
            }
        }
        record.state = ErasureState::Removed;
        put(room, tenant, profile, &record)?;
    }
    room.store.purge()?;
    room.inbox.purge()?;
    room.ledger.purge()?;
    record.state = ErasureState::Done;
    record.done_ms = Some(at.0);
    put(room, tenant, profile, &record)?;
    Ok(record)
}

/// From here on nothing is sent to the person, whatever becomes of the rest.
fn stop(store: &dyn Store, tenant: TenantId, profile: ProfileId, at: UnixMs) -> Result<(), StoreError> {
    let Some(found) = store.find(tenant, &Lookup::Profile(profile))? else { return Ok(()) };
    if let Some(number) = found.profile.number {
        let speaker = Speaker { number: Some(number), user: None, said_at: None };
        opt_outs::opt_out(store, tenant, speaker, at, "erasure")?;
    }
    Ok(())
}

/// What hangs on the person's number and is not in the store.
fn forget(
    room: &Room,
    tenant: TenantId,
    profile: ProfileId,
    traces: &Traces,
    at: UnixMs,
    record: &mut ErasureRecord,
) -> Result<(), StoreError> {
    let sends = room.ledger.erase(tenant, &traces.numbers, profile.0, at)?;
    record.messages += sends.sends;
    record.heard += room.inbox.erase(tenant, &traces.numbers, &traces.users, &sends.messages)?;
    Ok(())
}

/// No file is being applied: its rows could not be told from those that come later.
fn idle(room: &Room, tenant: TenantId) -> Result<(), ErasureError> {
    let under_way = room.store.imports(tenant)?.into_iter().find(|import| import.outcome.is_none());
    under_way.map_or(Ok(()), |import| Err(ErasureError::ImportUnderWay(import.id)))
}

/// Files are kept so that an import survives a crash. Once it has ended nobody needs them, and any of them may have a row of the
/// person.
fn forget_files(room: &Room, tenant: TenantId) -> Result<u64, ErasureError> {
    let mut files = 0;
    for import in room.store.imports(tenant)? {
        if import.outcome.is_some() {
            files += u64::from(room.uploads.forget(&import.new.file_sha256)?);
            room.store.forget_file(tenant, &import.new.file_sha256)?;
        }
    }
    Ok(files)
}

fn put(room: &Room, tenant: TenantId, profile: ProfileId, record: &ErasureRecord) -> Result<(), StoreError> {
    let key = profile.to_string();
    let body = serde_json::to_vec(record).map_err(|cause| StoreError::Damaged(cause.to_string()))?;
    let expected_version = room.store.document(tenant, Kind::Erasure, &key)?.map(|document| document.version);
    let put = Put { kind: Kind::Erasure, key: &key, expected_version, body: Some(&body) };
    room.store.put_documents(tenant, &[put]).map(drop)
}

fn read(body: &[u8]) -> Result<ErasureRecord, StoreError> {
    serde_json::from_slice(body).map_err(|cause| StoreError::Damaged(format!("an erasure: {cause}")))
}
