//! Evidence: everything that is known of why a number is what it is, in one signed file. The page of a person shows the
//! same; this is what can be handed to somebody who trusts neither the page nor the server. It reads, and changes nothing.
//!
//! What other people are is left out of it: of an import's findings, which quote other rows, only the counts.

pub mod key;
pub mod pack;

use std::collections::BTreeSet;
use std::sync::Arc;

use consentry_core::matching::{ImportId, ProfileId};
use consentry_core::time::UnixMs;
use serde_json::{Value, json};

use crate::access::{Access, AccessError};
use crate::engine::{Engine, EngineError, hex};
use crate::people::{self, PeopleError, Told};
use crate::store::inbox::{Filter, Inbox, KeptEvent};
use crate::store::ledger::Ledger;
use crate::store::{Store, StoreError, StoredEvent, TenantId};
use crate::vault::{Vault, VaultError};
use crate::wire::access::v1::NoteDocument;
use crate::wire::inbox::v1::EventEntry;
use crate::wire::v1::{EventDocument, ImportDocument, ProfileDocument};
use crate::{by_hand, campaigns, standing};
use key::SigningKey;
use pack::Parts;

/// Most events of the log in one pack.
const EVENTS_MAX: usize = 10_000;
/// Most of what was heard, for each name of the person.
const HEARD_MAX: usize = 500;
/// Most messages of campaigns.
const MESSAGES_MAX: usize = 2_000;
/// User ids of one number that are looked at.
const USERS_MAX: usize = 8;
/// Notes of the audit that are looked through, the latest first, and how many at a time.
const NOTES_MAX: usize = 100_000;
const NOTES_TOGETHER: usize = 1_000;
/// What people say about being written to, and who they became.
const HEARD: [&str; 4] = ["opt_out", "resume", "sign_up", "moved"];

/// Why there is no evidence.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// Reading the timeline.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The audit.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Nobody is known by that, and nothing ever was.
    #[error("nothing is known of `{0}`: there is no evidence of it")]
    Nothing(String),
}

impl From<EngineError> for EvidenceError {
    fn from(error: EngineError) -> EvidenceError {
        EvidenceError::People(error.into())
    }
}

/// Where evidence is found.
#[derive(Clone)]
pub struct Room {
    /// People, imports and their log.
    pub store: Arc<dyn Store>,
    /// What was heard of Meta.
    pub inbox: Arc<dyn Inbox>,
    /// What was sent.
    pub ledger: Arc<dyn Ledger>,
    /// The key.
    pub vault: Vault,
}

/// What is asked for.
pub struct Asked<'a> {
    /// A number, a profile or anything else that somebody is found by.
    pub of: &'a str,
    /// Who asks.
    pub by: &'a str,
    /// When.
    pub at: UnixMs,
    /// The audit, where whoever asks may read it.
    pub audit: Option<&'a Access>,
}

/// A pack.
pub struct Pack {
    /// The file.
    pub bytes: Vec<u8>,
    /// Whom it is about, where it is a profile.
    pub profile: Option<ProfileId>,
    /// What it is to be called.
    pub file_name: String,
}

/// Everything about a number or a person, signed.
pub fn export(
    room: &Room,
    engine: &Engine,
    tenant: TenantId,
    asked: &Asked<'_>,
) -> Result<Pack, EvidenceError> {
    let store = &*room.store;
    let told = people::told(store, engine, tenant, asked.of, None, EVENTS_MAX)?;
    if told.events.is_empty() && told.holder.is_none() {
        return Err(EvidenceError::Nothing(consentry_core::diagnostic::clip(asked.of)));
    }
    let Told { shown, holder, is_more, number, .. } = &told;
    let profile = holder.as_ref().map(|holder| holder.profile.id);
    let identity = number.map(|number| number.identity().digits());
    let events = all_events(&told);
    let imports = people::imports_of(store, tenant, &events)?;
    let users = identity.map(|identity| store.users_of(tenant, identity)).transpose()?.unwrap_or_default();
    let messages =
        identity.map(|identity| campaigns::of_person(store, &*room.ledger, tenant, identity, MESSAGES_MAX));
    let edits = profile.map(|profile| by_hand::edits(store, tenant, profile)).transpose()?;
    let heard = heard(&*room.inbox, tenant, identity, &users)?;
    let version = engine.about();

    let mut left_out = vec!["findings of imports about other rows"];
    if *is_more {
        left_out.push("events before the first one here: there are very many");
    }
    if asked.audit.is_none() {
        left_out.push("the audit: whoever made this may not read it");
    }
    let mut parts = Parts::default();
    parts.one(
        "about",
        json!({
            "of": shown,
            "number": number.map(|number| number.to_string()),
            "profile": profile.map(|profile| profile.to_string()),
            "made_at": asked.at.to_string(),
            "made_by": asked.by,
            "consentry": env!("CARGO_PKG_VERSION"),
            "engine": version,
            "left_out": left_out,
            "verify": "consentry evidence verify FILE --key PUBLIC_KEY, or any Ed25519 over every byte before the last line",
        }),
    );
    parts.one("standing", json!(standing::standing(holder.as_ref(), &told.events)));
    parts.one("profile", json!(holder.as_ref().map(ProfileDocument::of)));
    parts.one("user_ids", json!(users));
    let custody = identity.map(|identity| standing::custody(identity, &told.of_number));
    parts.many("custody", values(custody.unwrap_or_default()));
    parts.many(
        "events",
        values(events.iter().map(|stored| {
            EventDocument::of(stored, stored.event.source.import().and_then(|id| imports.get(&id)))
        })),
    );
    let of_import = |import: &crate::store::Import| {
        let mut document = ImportDocument::of(import);
        document.diagnostics_omitted += document.diagnostics.len() as u64;
        document.diagnostics.clear();
        document.undo.iter_mut().for_each(|undo| undo.kept_profiles.clear());
        let mut value = json!(document);
        value["record_sha256"] = json!(hex(&import.new.hash()));
        value
    };
    parts.many("imports", imports.values().map(of_import).collect());
    parts.many("heard", values(heard.iter().map(EventEntry::of)));
    parts.many("messages", values(messages.transpose()?.unwrap_or_default()));
    parts.many("edits", values(edits.unwrap_or_default()));
    if let Some(access) = asked.audit {
        parts.many("audit", values(notes(access, tenant, profile, imports.keys().copied())?));
    }
    let bytes = parts.signed(&SigningKey::make(&room.vault, tenant)?);
    let named: String = shown.chars().filter(char::is_ascii_alphanumeric).collect();
    Ok(Pack { bytes, profile, file_name: format!("evidence-{named}.json") })
}

/// The events of the number and those of the person, each once, in order.
fn all_events(told: &Told) -> Vec<StoredEvent> {
    let mut events: Vec<StoredEvent> = told.events.iter().chain(&told.of_number).cloned().collect();
    events.sort_by_key(|stored| stored.event.seq);
    events.dedup_by_key(|stored| stored.event.seq);
    events
}

/// What the person was heard to say, by whatever name, the first first.
fn heard(
    inbox: &dyn Inbox,
    tenant: TenantId,
    identity: Option<u64>,
    users: &[String],
) -> Result<Vec<KeptEvent>, StoreError> {
    let mut found = Vec::new();
    let kinds: Vec<String> = HEARD.iter().map(|kind| (*kind).to_owned()).collect();
    let names = identity.map(|identity| (Some(identity), None)).into_iter();
    let users = users.iter().take(USERS_MAX).map(|user| (None, Some(user.clone())));
    for (number, user) in names.chain(users) {
        let filter = Filter { kinds: kinds.clone(), number, user, ..Filter::default() };
        found.extend(inbox.history(tenant, &filter, HEARD_MAX)?);
    }
    found.sort_by_key(|event| event.seq);
    found.dedup_by_key(|event| event.seq);
    Ok(found)
}

/// Notes of the audit on the profile and the imports, the first first.
fn notes(
    access: &Access,
    tenant: TenantId,
    profile: Option<ProfileId>,
    imports: impl Iterator<Item = ImportId>,
) -> Result<Vec<NoteDocument>, AccessError> {
    let about: BTreeSet<String> = profile
        .map(|profile| format!("profiles/{profile}"))
        .into_iter()
        .chain(imports.map(|import| format!("imports/{import}")))
        .collect();
    let concerns = |subject: &str| {
        let mut parts = subject.splitn(3, '/');
        let (kind, id) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        about.contains(&format!("{kind}/{id}"))
    };
    let (mut found, mut before, mut looked) = (Vec::new(), None, 0);
    while looked < NOTES_MAX {
        let page = access.notes(tenant, before, NOTES_TOGETHER)?;
        let Some(last) = page.last() else { break };
        (before, looked) = (Some(last.seq), looked + page.len());
        found.extend(page.into_iter().filter(|note| concerns(&note.record.subject)).map(NoteDocument::of));
    }
    found.reverse();
    Ok(found)
}

fn values<T: serde::Serialize>(documents: impl IntoIterator<Item = T>) -> Vec<Value> {
    documents.into_iter().map(|document| json!(document)).collect()
}
