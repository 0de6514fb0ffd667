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
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use consentry_core::time::UnixMs;
use consentry_core::wire::webhook::v1::{Event, Options, Read};
use tokio::sync::watch;

use crate::desk::{Desk, DeskError};
use crate::store::inbox::{Cursor, Inbox, Lane};
use crate::store::{StoreError, TenantId};

pub use act::Acted;
pub use read::{MOVED_AWAY, refused};
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

/// What became of a webhook that was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Events that had not been known.
    pub new: usize,
    /// Whether somebody has to act on one of them.
    pub to_do: bool,
    /// What was odd on the way, such as secrets of other accounts that cannot be read: for the log.
    pub odd: Vec<String>,
}

/// The way in.
pub struct Intake {
    /// What acting on it needs.
    pub desk: Desk,
    /// Where it is kept.
    pub inbox: Arc<dyn Inbox>,
    /// Days after which what was heard and acted on is forgotten; none for never.
    pub kept_days: Option<u32>,
    /// A tenant's own words, as JSON.
    words: Vec<u8>,
    signers: Signers,
    pairs: Mutex<HashSet<(String, u64)>>,
    /// The place of the last event, for whoever watches.
    last: watch::Sender<u64>,
    /// Moves before and after a word about consent is kept.
    spoken: Arc<AtomicU64>,
}

impl Intake {
    /// Nothing was heard yet.
    pub fn new(desk: Desk, inbox: Arc<dyn Inbox>, words: &Options, kept_days: Option<u32>) -> Intake {
        Intake {
            desk,
            inbox,
            kept_days,
            words: serde_json::to_vec(words).unwrap_or_default(),
            signers: Signers::default(),
            pairs: Mutex::default(),
            last: watch::channel(0).0,
            spoken: Arc::default(),
        }
    }

    /// Takes a webhook as it came over the wire; everything in it is durable when it returns.
    pub fn hear(&self, tenant: TenantId, body: &[u8], signature: &str) -> Result<Taken, NotHeard> {
        // Any app of the tenant's may speak of any account of the tenant's: several may be subscribed to one.
        let unreadable = self.signers.verify(&self.desk, tenant, body, signature)?;
        let told = self.desk.engine.read_webhook(&self.words, body);
        let read: Option<Read<'_>> = told.as_ref().ok().and_then(|told| serde_json::from_slice(told).ok());
        let mut odd = Vec::new();
        // A body that the engine breaks off on is kept all the same: refused, it would come again for seven days.
        let read = read.unwrap_or_else(|| {
            let why = told.as_ref().err().map_or("its answer cannot be read".to_owned(), ToString::to_string);
            odd.push(format!("fault: a webhook was kept and not understood: {why}"));
            Read { events: vec![read::unread(body)], diagnostics: Vec::new() }
        });
        let received = self.desk.clock.now();
        let events: Vec<_> = read.events.into_iter().map(|event| (event, received)).collect();
        let taken = self.take(tenant, &events, None)?;
        odd.extend(unreadable);
        Ok(Taken { odd, ..taken })
    }

    /// Keeps events, each with the time when it was received first.
    fn take(
        &self,
        tenant: TenantId,
        events: &[(Event<'_>, UnixMs)],
        cursor: Option<&Cursor>,
    ) -> Result<Taken, StoreError> {
        let mut new = Vec::with_capacity(events.len());
        for (event, received) in events {
            let event = read::new_event(event, *received, self.has_to_do(event));
            new.extend(read::left_behind(&event));
            new.push(event);
        }
        // Whoever has looked before it was durable must not believe it once it is.
        let speaks = new.iter().any(|event| event.lane == Lane::Consent);
        let moves = || self.spoken.fetch_add(u64::from(speaks), Ordering::AcqRel);
        moves();
        let taken = self.inbox.take(tenant, &new, cursor);
        moves();
        let places = taken?;
        if let Some(last) = places.iter().flatten().max() {
            self.last.send_modify(|told| *told = (*told).max(*last));
        }
        let to_do = new.iter().zip(&places).any(|(event, place)| event.to_do && place.is_some());
        Ok(Taken { new: places.iter().flatten().count(), to_do, odd: Vec::new() })
    }

    /// Whether somebody has to act on an event.
    fn has_to_do(&self, event: &Event<'_>) -> bool {
        match &*event.kind {
            // Whose message it was about may be told yet.
            "opt_out" => event.number.is_some() || event.user_id.is_some() || event.message_id.is_some(),
            "resume" | "sign_up" | "moved" => event.number.is_some() || event.user_id.is_some(),
            "template" | "account" => event.waba_id.is_some(),
            "message" | "status" => read::pair(event).is_some_and(|pair| !self.pairs().contains(&pair)),
            _ => false,
        }
    }

    /// Tells whenever something came: the place of the last event that this process took in.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    /// Moves whenever this process has taken a word about consent in: whoever looked before has to look again.
    pub fn spoken(&self) -> Arc<AtomicU64> {
        self.spoken.clone()
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
