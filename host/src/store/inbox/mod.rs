//! What was heard of Meta, and what became of messages. It is kept apart from [`Store`](super::Store), because a webhook
//! must never wait for an import's transaction: in an embedded installation it is a database file of its own, in a shared
//! one it has tables and locks of its own. It decides nothing, and knows nothing of what is in an event's body.
//!
//! [`memory`] is the reference the others are tested against. All calls block; async callers move them to a blocking
//! thread.

mod copying;
mod history;
mod kept;
pub(super) mod line;
pub mod memory;
mod postgres;
mod record;
mod sqlite;

use std::borrow::Cow;

use consentry_core::delivery::{Delivery, Told};
use consentry_core::time::UnixMs;
use sha2::{Digest as _, Sha256};

use super::{StoreError, TenantId};

pub use kept::Kept;
pub use memory::MemoryInbox;
pub use postgres::PostgresInbox;
pub use sqlite::{FILE_NAME, SqliteInbox};

/// Longest id, kind, user id or message id that is kept as it is, in bytes; a longer one is known by its hash.
pub const KEY_BYTES_MAX: usize = 256;
/// How long ids stay known after their events were received, in milliseconds: Meta repeats a webhook for up to seven days.
pub const IDS_KNOWN_MS: i64 = 8 * 24 * 60 * 60 * 1000;
/// The kind of an event in which a person takes back the consent. It is the one kind that is known here by name, because
/// the sender's last gate asks for it.
pub const OPT_OUT: &str = "opt_out";

/// How urgent an event is: what was said about consent is acted on before everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// A person's word about consent, and changes of number or user id.
    Consent,
    /// Everything else.
    Rest,
}

impl Lane {
    /// Both, the urgent one first.
    pub const ALL: [Lane; 2] = [Lane::Consent, Lane::Rest];
}

/// An event that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// By which copies are known: the same event always has the same id.
    pub id: String,
    /// How urgent it is.
    pub lane: Lane,
    /// What it is about.
    pub kind: String,
    /// Whether somebody has to act on it.
    pub to_do: bool,
    /// When it happened, in Meta's time.
    pub at: Option<UnixMs>,
    /// When it came in.
    pub received: UnixMs,
    /// Identity of the person's number.
    pub number: Option<u64>,
    /// The person's business-scoped user id.
    pub user: Option<String>,
    /// The message it is about.
    pub message_id: Option<String>,
    /// What it tells of a message that was sent, with the message's id.
    pub told: Option<(String, Told)>,
    /// The event as the wire has it, JSON.
    pub body: String,
}

/// An event as it is kept. Its fields are those of [`NewEvent`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEvent {
    /// Its place: later events have higher ones, and one that is seen is never followed by a lower one.
    pub seq: u64,
    /// Whether nobody has to act on it, any more or at all.
    pub done: bool,
    /// By which copies are known.
    pub id: String,
    /// How urgent it is.
    pub lane: Lane,
    /// What it is about.
    pub kind: String,
    /// When it happened, in Meta's time.
    pub at: Option<UnixMs>,
    /// When it came in.
    pub received: UnixMs,
    /// Identity of the person's number.
    pub number: Option<u64>,
    /// The person's business-scoped user id.
    pub user: Option<String>,
    /// The message it is about.
    pub message_id: Option<String>,
    /// The event as the wire has it, JSON.
    pub body: String,
}

/// Where an inbox elsewhere was read up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Which inbox, in the words of whoever reads it.
    pub source: String,
    /// Which of its lanes.
    pub lane: Lane,
    /// The id it has given itself. With another id it is another inbox, whose numbers begin anew.
    pub inbox: String,
    /// The last event that was taken. It never goes back while the id is the same.
    pub up_to: u64,
}

/// Which events. What is empty excludes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of one of these kinds.
    pub kinds: Vec<String>,
    /// Of this number. With a user as well: of either, because a person may be known by both.
    pub number: Option<u64>,
    /// Of this user id.
    pub user: Option<String>,
    /// About this message.
    pub message_id: Option<String>,
    /// With a lower place.
    pub before: Option<u64>,
    /// With a higher place; then the oldest come first.
    pub after: Option<u64>,
}

impl Filter {
    /// Whether an event is asked for.
    fn passes(&self, event: &KeptEvent) -> bool {
        let Filter { kinds, number, user, message_id, before, after } = self;
        let user = user.as_deref().map(key);
        let same_user = user.is_some() && user.as_deref() == event.user.as_deref();
        let same_number = number.is_some() && *number == event.number;
        let message_id = message_id.as_deref().map(key);
        (number.is_none() && user.is_none() || same_number || same_user)
            && (message_id.is_none() || message_id.as_deref() == event.message_id.as_deref())
            && (kinds.is_empty() || kinds.iter().any(|kind| *key(kind) == event.kind))
            && before.is_none_or(|before| event.seq < before)
            && after.is_none_or(|after| event.seq > after)
    }
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InboxCounts {
    /// Events about consent that somebody has to act on.
    pub consent_waits: u64,
    /// Other events that somebody has to act on.
    pub rest_waits: u64,
    /// Events that were ever kept, copies not counted.
    pub events: u64,
    /// When the latest of them was received.
    pub last_received: Option<UnixMs>,
}

/// What was heard of Meta. Every call names its tenant and reaches no other's rows.
pub trait Inbox: Send + Sync {
    /// Keeps events: durable when it returns, all or nothing. One whose id is known is passed over, except that what it
    /// tells of a message is joined, since a copy may tell more. Gives the place of each event that was new. `cursor` is
    /// kept in the same transaction.
    ///
    /// Takes of several threads share a commit. None waits for another to come.
    fn take(
        &self,
        tenant: TenantId,
        events: &[NewEvent],
        cursor: Option<&Cursor>,
    ) -> Result<Vec<Option<u64>>, StoreError>;

    /// Events that somebody has to act on, the oldest first.
    fn to_do(&self, tenant: TenantId, lane: Lane, limit: usize) -> Result<Vec<KeptEvent>, StoreError>;

    /// These were acted on. Whoever was done already stays so; places where nothing is are passed over.
    fn done(&self, tenant: TenantId, seqs: &[u64]) -> Result<(), StoreError>;

    /// Whether an opt-out of this number or this user id waits that nobody has acted on: what the sender asks last. One
    /// search in an index for each of the two.
    fn opt_out_waits(
        &self,
        tenant: TenantId,
        number: Option<u64>,
        user: Option<&str>,
    ) -> Result<bool, StoreError>;

    /// Events, the newest first; after a place, the oldest first.
    fn history(&self, tenant: TenantId, filter: &Filter, limit: usize) -> Result<Vec<KeptEvent>, StoreError>;

    /// What became of a message; nothing when nothing was told of it.
    fn delivery(&self, tenant: TenantId, message_id: &str) -> Result<Option<Delivery>, StoreError>;

    /// Where an inbox elsewhere was read up to.
    fn cursor(&self, tenant: TenantId, source: &str, lane: Lane) -> Result<Option<Cursor>, StoreError>;

    /// How much there is.
    fn counts(&self, tenant: TenantId) -> Result<InboxCounts, StoreError>;

    /// Forgets events received before a time that nobody has to act on, at most so many, the oldest first; gives how many.
    /// Their ids stay known for [`IDS_KNOWN_MS`] more, so that no late copy is taken for a new event. `before` must not
    /// lie in the future.
    fn forget_before(&self, tenant: TenantId, before: UnixMs, limit: usize) -> Result<usize, StoreError>;

    /// Removes every event of these numbers and user ids, and what is known of the messages they were about and of `messages`;
    /// how many events. Whether somebody had to act on them does not matter any more.
    fn erase(
        &self,
        tenant: TenantId,
        numbers: &[u64],
        users: &[String],
        messages: &[String],
    ) -> Result<u64, StoreError>;

    /// Overwrites what was removed, where the database leaves it in its file.
    fn purge(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// A text as all databases can keep it and find it by. What is too long, or holds a zero byte, is known by its hash, after
/// as much of it as helps whoever looks.
fn key(text: &str) -> Cow<'_, str> {
    const HEAD_BYTES: usize = 128;
    if text.len() <= KEY_BYTES_MAX && !text.contains('\0') {
        return Cow::Borrowed(text);
    }
    let head = text[..text.floor_char_boundary(HEAD_BYTES)].replace('\0', "\u{fffd}");
    let hash: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    Cow::Owned(format!("{head}#{hash}"))
}

/// An event as it can be kept: keys by [`key`], and no zero byte in the body, where JSON has none.
fn keepable(event: &NewEvent) -> NewEvent {
    NewEvent {
        id: key(&event.id).into_owned(),
        kind: key(&event.kind).into_owned(),
        user: event.user.as_deref().map(|user| key(user).into_owned()),
        message_id: event.message_id.as_deref().map(|id| key(id).into_owned()),
        told: event.told.as_ref().map(|(id, told)| (key(id).into_owned(), told.clone())),
        body: event.body.replace('\0', "\u{fffd}"),
        ..*event
    }
}

/// A cursor as it can be kept.
fn keepable_cursor(cursor: &Cursor) -> Cursor {
    Cursor { source: key(&cursor.source).into_owned(), inbox: key(&cursor.inbox).into_owned(), ..*cursor }
}
