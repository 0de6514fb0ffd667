//! Everything that is remembered. A store keeps what plans say and finds it again; it decides nothing, knows no
//! HTTP and no engine. [`memory`] is the reference the other stores are tested against.
//!
//! All calls block; async callers move them to a blocking thread. Every call names its tenant, and no call can
//! reach another tenant's rows.

pub mod audit;
pub mod document;
mod erased;
pub mod inbox;
pub mod ledger;
pub mod memory;
mod packed;
pub mod postgres;
pub mod record;
pub mod sqlite;
mod state;
mod timeline;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use consentry_core::matching::{
    Block, Event, Hash, ImportId, KeySeed, Keys, Known, Plan, Profile, ProfileId,
};
use consentry_core::time::UnixMs;

pub use audit::{AuditEnd, Note};
pub use document::{Document, Kind, Put};
pub use erased::{KeyOf, MARK_KEY_BYTES, MarkKey, ToErase, Traces};
pub use packed::Moved;
pub use record::{Import, ImportState, NewImport, Outcome, UndoRecord};

/// Whose data. Comes from the credential, never from a request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(pub u32);

impl TenantId {
    /// The one tenant of an installation that has not been told of others.
    pub const DEFAULT: TenantId = TenantId(1);
}

/// What went wrong in the world below.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite said no.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL said no.
    #[error("the database failed: {0}")]
    Postgres(String),
    /// The database cannot be used as it was named.
    #[error("the database cannot be used: {0}")]
    Unusable(String),
    /// Others were in the way for too long. Nothing was written; the same may succeed later.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The connection broke. What was being committed may or may not be there: what stands now says which.
    #[error("the connection to the database was lost: {0}")]
    Lost(String),
    /// The database was written by a newer version.
    #[error("the database has schema {found}, and this version knows {known}: use the newer consentry")]
    TooNew {
        /// Version found.
        found: i64,
        /// Version known.
        known: i64,
    },
    /// The database is of a draft from before the first release.
    #[error(
        "the database was written before the first release: export it with the consentry that wrote it, \
         and import that into a new data folder"
    )]
    TooOld,
    /// A batch does not continue where the import stands; somebody else applied it.
    #[error("import {import} stands at row {stands}, not at row {expected}")]
    CursorMoved {
        /// Which import.
        import: ImportId,
        /// Where it stands.
        stands: u64,
        /// Where the batch expected it.
        expected: u64,
    },
    /// Something was decided meanwhile on the same people: load again, decide again.
    #[error("something else was decided meanwhile")]
    Overtaken,
    /// There is no such import.
    #[error("there is no import {0}")]
    NoImport(ImportId),
    /// The import was committed, refused or given up; it takes no further batch and no second outcome.
    #[error("import {0} has ended")]
    Ended(ImportId),
    /// Only what was applied and not taken back yet can be taken back.
    #[error(
        "import {0} cannot be taken back: it has not been committed, not even in part, or it was taken back already"
    )]
    NotUndoable(ImportId),
    /// Only a store that has nobody yet can take everything of another one.
    #[error("the database it should go to is in use already; name an empty one")]
    NotEmpty,
    /// No document can be kept under such a key.
    #[error(
        "`{0}` cannot name a document: a key has 1 to {max} bytes, none of them zero",
        max = document::KEY_BYTES_MAX
    )]
    DocumentKey(String),
    /// A document is longer than any may be.
    #[error("a document of {0} bytes is too large: {max} is the most", max = document::BODY_BYTES_MAX)]
    DocumentTooLarge(usize),
    /// People were erased, and what recognises them is missing.
    #[error(
        "people were erased here, and the key that recognises them when they come again is not at hand: put the key of the \
         stored secrets back. Until then nobody's consent is decided"
    )]
    NoMarkKey,
    /// A file that belongs to the store cannot be read or written.
    #[error("a file of the store failed: {0}")]
    File(#[from] std::io::Error),
    /// What is stored cannot be what was stored.
    #[error("the database is damaged: {0}")]
    Damaged(String),
}

/// The answer to a file that wants to be imported.
#[derive(Clone, Debug, PartialEq)]
pub enum Accepted {
    /// A new import, in state [`ImportState::Accepted`].
    New(Import),
    /// The same file with the same options and engine is under way.
    UnderWay(Import),
    /// The same file with the same options and engine was committed last, and nothing has been imported since.
    Already(Import),
}

/// How far an import is: everything up to `row` is committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Data record the import stood at before this batch.
    pub from_row: u64,
    /// Data record it stands at afterwards.
    pub to_row: u64,
}

/// A profile, and which event left it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProfile {
    /// The profile.
    pub profile: Profile,
    /// Time of its last consent event.
    pub changed_at: UnixMs,
    /// Place of that event in the log.
    pub last_event: u64,
}

/// What is set of a person's attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeChange {
    /// Who.
    pub profile: ProfileId,
    /// By name; none takes one away.
    pub values: BTreeMap<String, Option<String>>,
}

/// An event as the log holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// The event.
    pub event: Event,
    /// Hash of the log up to the end of the block that holds the event.
    pub hash: Hash,
}

/// A part of a timeline, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latest {
    /// The events.
    pub events: Vec<StoredEvent>,
    /// Whether there are earlier ones.
    pub is_more: bool,
}

/// What to look for among profiles. Identifiers compare as they do in matching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// By number of the profile.
    Profile(ProfileId),
    /// By customer's id.
    Exid(String),
    /// By folded e-mail address.
    Email(String),
    /// By identity of the WhatsApp number.
    Number(u64),
    /// By identity of the phone number.
    Msisdn(u64),
}

/// Whose timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Everything that happened to a profile.
    Profile(ProfileId),
    /// Everything that happened to a number (by identity), whoever held it.
    Number(u64),
}

/// A right that is held by holding the value.
pub type Claim<'a> = Box<dyn Send + 'a>;

/// A row of batches against one tenant, applied in order.
pub trait Batches {
    /// What is known about these keys, the batches applied so far included.
    fn load(&mut self, keys: &Keys) -> Result<Known, StoreError>;

    /// Applies one batch: profiles, numbers, opt-outs, events, and the import's cursor, counts and findings, all or
    /// nothing and durable when it returns. Fails with [`StoreError::CursorMoved`] when the import does not stand at
    /// `step.from_row`, with [`StoreError::Overtaken`] when the plan was made on what is no longer true.
    fn commit(&mut self, plan: &Plan, step: &Step) -> Result<(), StoreError>;

    /// Loads, decides and commits one batch while everybody else who decides waits: for a batch that was overtaken again
    /// and again.
    fn decide(
        &mut self,
        keys: &Keys,
        step: &Step,
        decide: &mut dyn FnMut(Known) -> Plan,
    ) -> Result<(), StoreError>;
}

/// A tenant at one moment: all answers are true together.
pub trait Moment {
    /// One import.
    fn import(&self, import: ImportId) -> Result<Option<Import>, StoreError>;

    /// Number of imports that were taken back.
    fn taken_back(&self) -> Result<u64, StoreError>;

    /// What is known about these keys.
    fn known(&self, keys: &Keys) -> Result<Known, StoreError>;

    /// Blocks of the log from the one that holds event `from` on, in order. Ends early when `each` says false.
    fn each_block(&self, from: u64, each: &mut dyn FnMut(&Block) -> bool) -> Result<(), StoreError>;

    /// What the batches of imports after `import` confirmed without changing it, packed as their plans had it; imports
    /// that were taken back are left out.
    fn each_confirmed(&self, import: ImportId, each: &mut dyn FnMut(&[u8])) -> Result<(), StoreError>;
}

/// An import on its way back.
pub trait TakingBack {
    /// What there is to tell about it, as things stand when nobody else decides.
    fn decide(&mut self, now: &dyn Moment) -> Result<UndoRecord, StoreError>;

    /// The next changes, each plan made on what the one before it leaves; none when there are no more.
    fn next_plan(&mut self) -> Option<Plan>;
}

/// One tenant-aware store.
pub trait Store: Send + Sync {
    /// The seed of the hashes by which the tenant's texts are found.
    fn seed(&self, tenant: TenantId) -> Result<KeySeed, StoreError>;

    /// The right to work on a tenant's imports, as long as the value lives; none while another host has it.
    fn claim(&self, tenant: TenantId) -> Result<Option<Claim<'_>>, StoreError> {
        let _ = tenant;
        Ok(Some(Box::new(())))
    }

    /// Makes an uploaded file available to every host that uses this store; durable when it returns. Nothing is to be
    /// done where there is one host only.
    fn keep_file(&self, tenant: TenantId, sha256: &str, file: &Path) -> Result<(), StoreError> {
        let _ = (tenant, sha256, file);
        Ok(())
    }

    /// Writes a file that another host has kept; false when there is none.
    fn fetch_file(&self, tenant: TenantId, sha256: &str, into: &mut dyn Write) -> Result<bool, StoreError> {
        let _ = (tenant, sha256, into);
        Ok(false)
    }

    /// Takes a file for import; durable when it returns. Imports are numbered in the order of this call.
    fn accept(&self, tenant: TenantId, new: &NewImport) -> Result<Accepted, StoreError>;

    /// One import.
    fn import(&self, tenant: TenantId, import: ImportId) -> Result<Option<Import>, StoreError>;

    /// Every import, newest first.
    fn imports(&self, tenant: TenantId) -> Result<Vec<Import>, StoreError>;

    /// Imports that are neither committed nor refused nor failed, in order of acceptance.
    fn unfinished(&self) -> Result<Vec<(TenantId, ImportId)>, StoreError>;

    /// Begins applying an accepted import (or goes on with it): its batches commit for good.
    fn importing(&self, tenant: TenantId, import: ImportId) -> Result<Box<dyn Batches + '_>, StoreError>;

    /// The same on trial, on what is known now: nothing is kept once the value is dropped, nobody else sees anything of
    /// it, and nobody waits for it.
    fn rehearsing(&self, tenant: TenantId) -> Result<Box<dyn Batches + '_>, StoreError>;

    /// Ends an import: committed, refused or failed, with what there is to say about it.
    fn finish(&self, tenant: TenantId, import: ImportId, outcome: &Outcome) -> Result<(), StoreError>;

    /// What is known about these keys now.
    fn known(&self, tenant: TenantId, keys: &Keys) -> Result<Known, StoreError>;

    /// Applies a decision that belongs to no import (a person's own opt-out), made on `keys`: loads, decides and
    /// commits in one transaction.
    fn decide(
        &self,
        tenant: TenantId,
        keys: &Keys,
        decide: &mut dyn FnMut(&Known) -> Plan,
    ) -> Result<(), StoreError>;

    /// Commits that an import was taken back, all or nothing: decides while everybody else who decides waits. Fails with
    /// [`StoreError::NotUndoable`] when nothing of it is committed.
    fn take_back(
        &self,
        tenant: TenantId,
        import: ImportId,
        taking: &mut dyn TakingBack,
    ) -> Result<(), StoreError>;

    /// Looks at everything as it is now; nobody waits for it.
    fn at_a_moment(
        &self,
        tenant: TenantId,
        look: &mut dyn FnMut(&dyn Moment) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;

    /// Profiles after `after`, by id, at most `limit`.
    fn profiles(
        &self,
        tenant: TenantId,
        after: Option<ProfileId>,
        limit: usize,
    ) -> Result<Vec<StoredProfile>, StoreError>;

    /// Every profile, by id, in pages of `limit`, all as they were at one moment. Ends early when `each` says false.
    fn each_profile(
        &self,
        tenant: TenantId,
        limit: usize,
        each: &mut dyn FnMut(&[StoredProfile]) -> bool,
    ) -> Result<(), StoreError>;

    /// Number of profiles.
    fn profile_count(&self, tenant: TenantId) -> Result<u64, StoreError>;

    /// One profile.
    fn find(&self, tenant: TenantId, lookup: &Lookup) -> Result<Option<StoredProfile>, StoreError>;

    /// The latest part of a timeline, or the latest before a place of the log, at most so many events.
    fn latest_events(
        &self,
        tenant: TenantId,
        subject: Subject,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Latest, StoreError>;

    /// A whole timeline, oldest first, however long it is.
    fn events(&self, tenant: TenantId, subject: Subject) -> Result<Vec<StoredEvent>, StoreError> {
        Ok(self.latest_events(tenant, subject, None, usize::MAX)?.events)
    }

    /// Business-scoped user ids that were seen with a number last, by its identity.
    fn users_of(&self, tenant: TenantId, number: u64) -> Result<Vec<String>, StoreError>;

    /// One small document.
    fn document(&self, tenant: TenantId, kind: Kind, key: &str) -> Result<Option<Document>, StoreError>;

    /// Documents of a kind with keys after `after` (`""` for the first), in the order of their keys' bytes, at most `limit`.
    fn documents(
        &self,
        tenant: TenantId,
        kind: Kind,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Document>, StoreError>;

    /// Changes documents, all or nothing and durable when it returns; the version they have now. No key may be named twice.
    /// Fails with [`StoreError::Overtaken`] when one of them is not at the version that was expected.
    fn put_documents(&self, tenant: TenantId, puts: &[Put<'_>]) -> Result<u64, StoreError>;

    /// Sets attributes of people, or takes them away, all or nothing and durable when it returns: what came with a file stays
    /// as it came, and this lies over it. Those who are not there are passed over; how many are there. Ascends by profile, and none
    /// is named twice. Attributes are no evidence, and the log does not tell of them.
    fn set_attributes(&self, tenant: TenantId, set: &[AttributeChange]) -> Result<u64, StoreError>;

    /// How often attributes were set.
    fn attribute_writes(&self, tenant: TenantId) -> Result<u64, StoreError>;

    /// Says where the keys are by which people who were erased are recognised. They are asked for when somebody was.
    fn recognise(&self, key_of: KeyOf);

    /// Where somebody is named, in an erasure's words; none when there is nobody.
    fn traces(&self, tenant: TenantId, profile: ProfileId) -> Result<Option<Traces>, StoreError>;

    /// Erases a person, all or nothing and durable when it returns: the profile, what leads to it, and what the log, reports and
    /// the history of attributes say of it. Events keep their places; one more tells of the erasure. What stays are marks, for
    /// which the person counts as opted out until they lift it themselves. None when there is nobody.
    fn erase(&self, tenant: TenantId, who: &ToErase<'_>) -> Result<Option<Traces>, StoreError>;

    /// Forgets an uploaded file that hosts share.
    fn forget_file(&self, tenant: TenantId, sha256: &str) -> Result<(), StoreError> {
        let _ = (tenant, sha256);
        Ok(())
    }

    /// Overwrites what was removed, where the database leaves it in its file. May take long; can be said again.
    fn purge(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Adds a note to the audit; durable when it returns.
    fn append_note(&self, tenant: TenantId, body: &[u8]) -> Result<Note, StoreError>;

    /// Notes of the audit before this number (or the last ones), the latest first, at most `limit`.
    fn notes(&self, tenant: TenantId, before: Option<u64>, limit: usize) -> Result<Vec<Note>, StoreError>;

    /// Recomputes every hash of the audit, and sees that no note is missing; where it ends, or what is wrong.
    fn verify_notes(&self, tenant: TenantId) -> Result<AuditEnd, StoreError>;

    /// Walks the whole log and recomputes every hash, sees that every profile stands where its last event left it and
    /// is found by its identifiers; the number of events, or what is wrong.
    fn verify(&self, tenant: TenantId) -> Result<u64, StoreError>;

    /// SHA-256 over all profiles and own opt-outs in canonical order: equal hashes mean equal state. Documents do not count.
    fn state_hash(&self, tenant: TenantId) -> Result<Hash, StoreError>;
}
