//! What Meta tells, on its way in: verified, read in the engine, durable - and only then believed to have arrived. Then it is
//! acted on: people's own words first, then what they were seen with, templates and accounts.
//!
//! There are two ways in: [`Intake::hear`] takes a webhook that Meta sent here, [`edge::Edge`] pulls what an edge worker took
//! in for it. Both end in the same [`Intake::take`]. Knows no HTTP server.

mod act;
pub mod edge;
mod read;
mod signers;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use consentry_core::wire::webhook::v1::{Event, Options, Read};
use tokio::sync::watch;

use crate::desk::{Desk, DeskError};
use crate::engine::EngineError;
use crate::store::inbox::{Cursor, Inbox, NewEvent};
use crate::store::{StoreError, TenantId};

pub use act::Acted;
use signers::Signers;

/// Pairs of user id and number that are remembered as known, so that not every message has them looked up.
const PAIRS_MAX: usize = 100_000;

/// Why a webhook is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotHeard {
    /// No account's app signed it.
    #[error("the signature is none of a connected account's app")]
    Unsigned,
    /// What it says could not be kept.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl From<StoreError> for NotHeard {
    fn from(error: StoreError) -> NotHeard {
        NotHeard::Desk(error.into())
    }
}

impl From<EngineError> for NotHeard {
    fn from(error: EngineError) -> NotHeard {
        NotHeard::Desk(error.into())
    }
}

/// What became of a webhook that was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Events that had not been known.
    pub new: usize,
    /// Whether somebody has to act on one of them.
    pub to_do: bool,
    /// Why the secrets of some accounts could not be read: for the log.
    pub unreadable: Vec<String>,
}

/// The way in.
pub struct Intake {
    /// What acting on it needs.
    pub desk: Desk,
    /// Where it is kept.
    pub inbox: Arc<dyn Inbox>,
    /// A tenant's own words, as JSON.
    words: Vec<u8>,
    signers: Signers,
    pairs: Mutex<HashSet<(String, u64)>>,
    /// The place of the last event, for whoever watches.
    last: watch::Sender<u64>,
}

impl Intake {
    /// Nothing was heard yet.
    pub fn new(desk: Desk, inbox: Arc<dyn Inbox>, words: &Options) -> Intake {
        Intake {
            desk,
            inbox,
            words: serde_json::to_vec(words).unwrap_or_default(),
            signers: Signers::default(),
            pairs: Mutex::default(),
            last: watch::channel(0).0,
        }
    }

    /// Takes a webhook as it came over the wire; everything in it is durable when it returns.
    pub fn hear(&self, tenant: TenantId, body: &[u8], signature: &str) -> Result<Taken, NotHeard> {
        let signed = self.signers.of(&self.desk, tenant, body, signature)?;
        let told = self.desk.engine.read_webhook(&self.words, body)?;
        let read: Read<'_> = serde_json::from_slice(&told).map_err(|error| EngineError::Nonsense {
            call: "consentry_read_webhook",
            cause: error.to_string(),
        })?;
        let is_theirs = |event: &Event<'_>| {
            event.waba_id.as_deref().is_some_and(|id| signed.wabas.iter().any(|own| own == id))
        };
        let taken = self.take(tenant, &read.events, &is_theirs, None)?;
        Ok(Taken { unreadable: signed.unreadable, ..taken })
    }

    /// Keeps events. `is_theirs` says whether one may speak for the account it names.
    fn take(
        &self,
        tenant: TenantId,
        events: &[Event<'_>],
        is_theirs: &dyn Fn(&Event<'_>) -> bool,
        cursor: Option<&Cursor>,
    ) -> Result<Taken, StoreError> {
        let received = self.desk.clock.now();
        let new: Vec<NewEvent> = events
            .iter()
            .map(|event| read::new_event(event, received, self.has_to_do(event, is_theirs)))
            .collect();
        let places = self.inbox.take(tenant, &new, cursor)?;
        if let Some(last) = places.iter().flatten().max() {
            self.last.send_modify(|told| *told = (*told).max(*last));
        }
        let to_do = new.iter().zip(&places).any(|(event, place)| event.to_do && place.is_some());
        Ok(Taken { new: places.iter().flatten().count(), to_do, unreadable: Vec::new() })
    }

    /// Whether somebody has to act on an event.
    fn has_to_do(&self, event: &Event<'_>, is_theirs: &dyn Fn(&Event<'_>) -> bool) -> bool {
        match &*event.kind {
            "opt_out" | "resume" | "sign_up" | "moved" => event.number.is_some() || event.user_id.is_some(),
            "template" | "account" => is_theirs(event),
            "message" | "status" => read::pair(event).is_some_and(|pair| !self.pairs().contains(&pair)),
            _ => false,
        }
    }

    /// Tells whenever something came: the place of the last event that this process took in.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    /// A user id and a number are known to belong together.
    fn know(&self, pair: (String, u64)) {
        let mut pairs = self.pairs();
        if pairs.len() >= PAIRS_MAX {
            pairs.clear();
        }
        pairs.insert(pair);
    }

    fn pairs(&self) -> MutexGuard<'_, HashSet<(String, u64)>> {
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
