//! Hears what becomes of campaigns' messages: follows the inbox, place by place, and keeps in the ledger how far each message
//! came, who answered it and who opted out after it. It begins where an earlier process ended; what is heard twice, or by two
//! hosts, changes nothing.
//!
//! It acts on nothing: opt-outs hold without it, and whether a campaign goes on is decided by whoever watches.

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::time::UnixMs;
use consentry_core::wire::webhook::v1::Event;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::store::inbox::{Filter, Inbox, KeptEvent, OPT_OUT};
use crate::store::ledger::{Fact, Ledger, Meant, Reached};
use crate::store::{StoreError, TenantId};

/// Events heard together.
const TOGETHER: usize = 1_000;
/// Without a word from anybody it looks again after a while: another host may have taken something in.
const LOOKED_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// What Meta calls a failure for which it gives no reason; a status that has none says as much.
const NO_REASON: i64 = 131_000;

/// Who hears for a tenant.
pub struct Hearing {
    tenant: TenantId,
    ledger: Arc<dyn Ledger>,
    inbox: Arc<dyn Inbox>,
    follower: Mutex<Follower>,
    marks: Marks,
    watchers: Mutex<Vec<Sender<Meant>>>,
}

/// Looks up the mark that messages of a campaign carry; none where nothing of it was ever sent.
pub type Marks = Box<dyn Fn(CampaignId) -> Result<Option<u32>, StoreError> + Send + Sync>;

/// How far one process has followed.
struct Follower {
    place: u64,
    /// Messages in which somebody opted out, of the events before: such a message is no answer.
    opted_out: HashSet<String>,
    /// Marks that were looked up: what was sent once keeps its plan.
    marks: HashMap<CampaignId, u32>,
}

impl Hearing {
    /// Begins after what was heard already. A status whose mark is not the one of its campaign is another installation's.
    pub fn new(
        tenant: TenantId,
        ledger: Arc<dyn Ledger>,
        inbox: Arc<dyn Inbox>,
        marks: Marks,
    ) -> Result<Hearing, StoreError> {
        let place = ledger.heard_up_to(tenant)?;
        let follower = Mutex::new(Follower { place, opted_out: HashSet::new(), marks: HashMap::new() });
        Ok(Hearing { tenant, ledger, inbox, follower, marks, watchers: Mutex::default() })
    }

    /// What failed and who opted out from now on, each told once.
    pub fn watch(&self) -> Receiver<Meant> {
        let (told, watching) = channel();
        held(&self.watchers).push(told);
        watching
    }

    /// Hears everything that has come; how many events that were.
    pub fn catch_up(&self) -> Result<usize, StoreError> {
        let (mut follower, mut events) = (held(&self.follower), 0);
        loop {
            let heard = self.hear(&mut follower, TOGETHER)?;
            events += heard;
            if heard == 0 {
                return Ok(events);
            }
        }
    }

    /// Hears on a thread of its own whenever something came, until nobody has this any more. `came` tells the place of the
    /// last event that this process took in; `log` is told what went wrong, and it is tried again.
    pub fn start(
        self: &Arc<Hearing>,
        mut came: watch::Receiver<u64>,
        runtime: Handle,
        log: impl Fn(&str) + Send + 'static,
    ) {
        let weak: Weak<Hearing> = Arc::downgrade(self);
        std::thread::spawn(move || {
            while let Some(hearing) = weak.upgrade() {
                came.mark_unchanged();
                if let Err(error) = hearing.catch_up() {
                    log(&format!("fault: what became of messages is heard later: {error}"));
                }
                drop(hearing);
                let woken = async { tokio::time::timeout(LOOKED_AGAIN_AFTER, came.changed()).await };
                if let Ok(Err(_)) = runtime.block_on(woken) {
                    return;
                }
            }
        });
    }

    /// Hears the next events; how many.
    fn hear(&self, follower: &mut Follower, limit: usize) -> Result<usize, StoreError> {
        let after = Filter { after: Some(follower.place), ..Filter::default() };
        let mut events = self.inbox.history(self.tenant, &after, limit)?;
        // What a message means comes right behind it, and the two are heard together.
        if events.len() == limit && events.last().is_some_and(|last| last.kind == "message") && limit > 1 {
            events.pop();
        }
        let Some(last) = events.last() else { return Ok(0) };
        let place = last.seq;
        let mut marks = std::mem::take(&mut follower.marks);
        let of_opt_outs = events.iter().filter(|event| event.kind == OPT_OUT);
        let opted_out: HashSet<String> = of_opt_outs.filter_map(|event| event.message_id.clone()).collect();
        let is_word = |event: &KeptEvent| {
            let message = event.message_id.as_ref();
            message.is_some_and(|id| opted_out.contains(id) || follower.opted_out.contains(id))
        };
        // Of those of which nothing was sent it is known for these events alone.
        let (mut facts, mut unsent) = (Vec::new(), HashSet::new());
        for event in &events {
            let Some((fact, mark)) = fact(self.tenant, event, is_word(event)) else { continue };
            if let (Fact::Told { id, .. }, Some(mark)) = (&fact, mark)
                && self.mark(&mut marks, &mut unsent, id.campaign)? != Some(mark)
            {
                continue;
            }
            facts.push(fact);
        }
        let meant = self.ledger.hear(self.tenant, &facts, place)?;
        follower.place = place;
        follower.marks = marks;
        follower.opted_out = opted_out;
        if !meant.is_empty() {
            held(&self.watchers).retain(|watcher| meant.iter().all(|meant| watcher.send(*meant).is_ok()));
        }
        Ok(events.len())
    }

    fn mark(
        &self,
        known: &mut HashMap<CampaignId, u32>,
        unsent: &mut HashSet<CampaignId>,
        id: CampaignId,
    ) -> Result<Option<u32>, StoreError> {
        if let Some(mark) = known.get(&id) {
            return Ok(Some(*mark));
        }
        if unsent.contains(&id) {
            return Ok(None);
        }
        let mark = (self.marks)(id)?;
        match mark {
            Some(mark) => drop(known.insert(id, mark)),
            None => drop(unsent.insert(id)),
        }
        Ok(mark)
    }
}

/// What an event tells of a campaign's message, if it does; with the mark that the message carries, where it repeats one.
fn fact(tenant: TenantId, event: &KeptEvent, is_opt_out: bool) -> Option<(Fact, Option<u32>)> {
    let at = event.at.unwrap_or(event.received);
    match event.kind.as_str() {
        "status" => told(tenant, event, at).map(|(fact, mark)| (fact, Some(mark))),
        "message" if is_opt_out => None,
        "message" => Some((Fact::Said { person: event.number?, at, is_opt_out: false }, None)),
        OPT_OUT => Some((Fact::Said { person: event.number?, at, is_opt_out: true }, None)),
        _ => None,
    }
}

/// A status of a message that carries what a campaign wrote on it.
fn told(tenant: TenantId, event: &KeptEvent, at: UnixMs) -> Option<(Fact, u32)> {
    // Most statuses of who sends otherwise as well are passed over without being read.
    if !event.body.contains("\"consentry:t") {
        return None;
    }
    let status: Event<'_> = serde_json::from_str(&event.body).ok()?;
    let (of, mark, id, _) = SendId::from_callback_data(status.callback_data.as_deref()?)?;
    if of != tenant.0 {
        return None;
    }
    let reached = reached(status.status.as_deref()?);
    let code = status.errors.iter().flatten().find_map(|error| error.code).unwrap_or(NO_REASON);
    let code = if reached == Reached::Failed { code } else { 0 };
    let wamid = event.message_id.clone().unwrap_or_default();
    Some((Fact::Told { id, reached, at, code, wamid }, mark))
}

/// How far a message came, by Meta's word. A word that nobody knows tells at least that Meta has it.
fn reached(status: &str) -> Reached {
    match status {
        "sent" => Reached::Sent,
        "delivered" => Reached::Delivered,
        "read" | "played" => Reached::Read,
        "failed" => Reached::Failed,
        _ => Reached::Nothing,
    }
}

/// A panic of another thread leaves nothing half done here: a place is written down after what was heard is durable.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
