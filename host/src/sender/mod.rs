//! Sends campaigns: sees which run, has a line for each number they are sent from, begins those whose time has come, ends those
//! that are through, and pauses those that the brake or Meta stopped - in words that say why.
//!
//! It goes by what stands in the campaigns' documents, which it looks at several times a second, and at once when one changes in
//! this process. Several hosts do the same side by side: who sends is decided by the lease of each number.
//!
//! All these lines are together because they are the one turn of the thread that plans.

mod agreed;
mod barrier;
mod line;
mod orders;
pub mod post;
pub mod station;
mod steady;
mod stops;
pub mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender as Way, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use consentry_core::campaign::step::{Scope, Why};
use consentry_core::campaign::{CampaignId, plan_mark};
use consentry_core::time::UnixMs;

use crate::accounts;
use crate::accounts::record::{Account, Number};
use crate::campaigns::record::State;
use crate::campaigns::{self, Campaigns, Found};
use crate::desk::DeskError;
use crate::gate::LastLook;
use crate::gateway::{Courier, Graph};
use crate::signal::Signal;
use crate::store::ledger::{Meant, SendFilter, SendState};
use crate::store::{StoreError, TenantId};

use agreed::Agreed;
pub use barrier::Barrier;
pub use line::LineState;
use line::{Common, Line, Note, Said};
use orders::{Dispatch, Orders};
use post::Word;
use station::{Limits, Wanted};
use watch::{Watch, Watched};

/// How often it is looked whether a campaign changed, where nobody tells.
const LOOK: Duration = Duration::from_millis(250);
/// How often it is looked whether every line has ended, once they were told to.
const ENDED_LOOK: Duration = Duration::from_millis(20);
/// How often all campaigns are read, whatever their versions.
const READ_ALL: Duration = Duration::from_secs(2);
/// How often it is looked whether a campaign is to stop, by what became of all its messages.
const WATCH: Duration = Duration::from_secs(1);
/// How often the clock is compared with the ledger's, and from how many milliseconds on it is said that they differ.
const COMPARE: Duration = Duration::from_secs(10);
const APART_MS: i64 = 2_000;
/// How often accounts are read.
const READ_ACCOUNTS: Duration = Duration::from_secs(15);
/// How long a line that nothing is wanted of keeps its lease.
const IDLE: Duration = Duration::from_secs(600);

/// What else the sender needs.
pub struct Options {
    /// The last look before a request. Its permits end when somebody in this process speaks, or changes a campaign.
    pub gate: Arc<LastLook>,
    /// Whether it may be sent yet.
    pub barrier: Barrier,
    /// What is heard later of messages that were accepted.
    pub heard: Receiver<Meant>,
    /// Is told what went wrong.
    pub log: Box<dyn Fn(&str) + Send>,
}

/// Sends campaigns, for as long as the value lives.
pub struct Sender {
    shared: Arc<Shared>,
    signal: Signal,
}

#[derive(Default)]
struct Shared {
    standing: Mutex<Standing>,
    /// Whether it is to end.
    is_ending: AtomicBool,
    /// Whether every line has ended.
    ended: Mutex<bool>,
    has_ended: Condvar,
}

#[derive(Default)]
struct Standing {
    /// Numbers of each campaign that runs.
    numbers: BTreeMap<CampaignId, Vec<String>>,
    lines: BTreeMap<String, LineState>,
    barrier: Option<(UnixMs, &'static str)>,
    troubles: BTreeMap<CampaignId, String>,
}

/// What a running campaign waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    /// `barrier`, `edge`, `limit`, `token`, `silence`, `number`, `lease` or `account`.
    pub what: &'static str,
    /// Until when, where that is known.
    pub until: Option<UnixMs>,
    /// The same for people.
    pub text: String,
}

impl Sender {
    /// Begins to send what runs.
    pub fn start(campaigns: Arc<Campaigns>, tenant: TenantId, options: Options) -> Arc<Sender> {
        let shared = Arc::new(Shared::default());
        let Options { gate, barrier, heard, log } = options;
        let clock = Arc::new(Agreed::new(campaigns.desk.clock.clone()));
        let common = Common {
            tenant,
            ledger: campaigns.ledger.clone(),
            gate,
            clock: clock.clone(),
            signal: campaigns.signal.clone(),
            runtime: campaigns.desk.runtime.clone(),
        };
        let (said, hears) = channel();
        let mut planner = Planner {
            campaigns,
            common,
            clock,
            compared_at: None,
            is_apart: false,
            barrier,
            said,
            hears,
            heard,
            log,
            shared: Arc::downgrade(&shared),
            running: BTreeMap::new(),
            lines: BTreeMap::new(),
            accounts: BTreeMap::new(),
            couriers: BTreeMap::new(),
            mended: BTreeMap::new(),
            idle_since: BTreeMap::new(),
            watch: Watch::default(),
            watched_at: None,
            unreadable: BTreeSet::new(),
            is_mended: false,
            done: BTreeSet::new(),
            stops: Vec::new(),
            read_all_at: None,
            read_accounts_at: None,
            trouble: None,
        };
        let signal = planner.common.signal.clone();
        std::thread::spawn(move || planner.run());
        Arc::new(Sender { shared, signal })
    }

    /// Nothing more begins. Waits until the answers of what is under way are written down and the numbers' leases are given
    /// back, for so long at most; whether it is all done.
    pub fn end(&self, within: Duration) -> bool {
        self.shared.is_ending.store(true, Ordering::Release);
        self.signal.raise();
        let ended = self.shared.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.shared.has_ended.wait_timeout_while(ended, within, |ended| !*ended);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Messages a second that the numbers of a campaign send for now, and what it waits for.
    pub fn standing(&self, campaign: CampaignId) -> (f64, Option<Waits>) {
        let standing = self.shared.held();
        let numbers = standing.numbers.get(&campaign).map(Vec::as_slice).unwrap_or_default();
        let lines: Vec<LineState> =
            numbers.iter().filter_map(|number| standing.lines.get(number)).copied().collect();
        let waits = |what, until, text: &str| Some(Waits { what, until, text: text.to_owned() });
        // What a number waits for is known where it is sent from: those of other hosts say nothing here.
        let own: Vec<LineState> = lines.iter().filter(|line| line.is_here).copied().collect();
        let per_s = own.iter().map(|line| line.per_s).sum();
        let every = |of: fn(&LineState) -> bool| !own.is_empty() && own.iter().all(of);
        let waits = if let Some((until, text)) = standing.barrier {
            waits("barrier", Some(until), text)
        } else if let Some(trouble) = standing.troubles.get(&campaign) {
            waits("account", None, trouble)
        } else if every(|line| line.is_held) {
            waits("number", None, "Meta takes nothing more from its numbers until somebody has looked")
        } else if every(|line| line.is_blind) {
            waits("edge", None, "the edge worker, which knows who has opted out just now, cannot be asked")
        } else if every(|line| line.waits_until.is_some()) {
            let until = own.iter().filter_map(|line| line.waits_until).min();
            waits("token", until, "Meta asked to wait, or cannot be reached: it is tried again")
        } else if every(|line| line.is_silent) {
            waits(
                "silence",
                None,
                "Meta has not answered for some seconds: what it was asked for may or may not have been sent",
            )
        } else if every(|line| line.is_day_limited) {
            waits("limit", None, "Meta allows its numbers no more new people today")
        } else if !lines.is_empty() && own.is_empty() {
            waits("lease", None, "another host sends it, or had its numbers a moment ago")
        } else {
            None
        };
        (per_s, waits)
    }
}

impl Shared {
    fn held(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread that looks what is to be done.
struct Planner {
    campaigns: Arc<Campaigns>,
    common: Common,
    clock: Arc<Agreed>,
    /// When the clock was compared with the ledger's, and whether it was far from it.
    compared_at: Option<Instant>,
    is_apart: bool,
    barrier: Barrier,
    said: Way<Said>,
    hears: Receiver<Said>,
    heard: Receiver<Meant>,
    log: Box<dyn Fn(&str) + Send>,
    shared: Weak<Shared>,
    running: BTreeMap<CampaignId, Dispatch>,
    lines: BTreeMap<String, Line>,
    accounts: BTreeMap<String, Account>,
    couriers: BTreeMap<String, Arc<Courier>>,
    /// How often a number's campaigns were let go.
    mended: BTreeMap<String, u64>,
    idle_since: BTreeMap<String, Instant>,
    watch: Watch,
    watched_at: Option<Instant>,
    /// Campaigns whose documents cannot be read, as was told.
    unreadable: BTreeSet<String>,
    /// Whether it is certain which campaigns may run, whoever has written them.
    is_mended: bool,
    /// Campaigns of which a line has nothing left.
    done: BTreeSet<CampaignId>,
    /// What stopped and is not written into the documents yet.
    stops: Vec<(String, Scope, Why)>,
    read_all_at: Option<Instant>,
    read_accounts_at: Option<Instant>,
    trouble: Option<String>,
}

impl Planner {
    fn run(&mut self) {
        let mut seen = self.common.signal.epoch();
        let mut changed = true;
        while self.shared.upgrade().is_some_and(|shared| !shared.is_ending.load(Ordering::Acquire)) {
            let looked = self.look(changed, seen);
            let trouble = looked.err().map(|error| error.to_string());
            if let Some(trouble) = trouble.as_ref().filter(|_| self.trouble != trouble) {
                (self.log)(&format!("fault: campaigns wait: {trouble}"));
            }
            self.trouble = trouble;
            let epoch = self.common.signal.wait(seen, LOOK);
            changed = epoch != seen;
            seen = epoch;
        }
        self.lines.values().for_each(|line| line.tell(Note::End));
        // Where nobody waits any more, the process goes on or is about to end; lines end by themselves.
        while let Some(shared) = self.shared.upgrade() {
            if self.lines.values().all(Line::is_ended) {
                *shared.ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
                shared.has_ended.notify_all();
                return;
            }
            drop(shared);
            std::thread::sleep(ENDED_LOOK);
        }
    }

    fn look(&mut self, changed: bool, epoch: u64) -> Result<(), DeskError> {
        let looked_at = Instant::now();
        self.listen();
        let watched = self.watch();
        let written = self.write_stops();
        self.compare_clocks()?;
        self.read_campaigns(changed)?;
        let now = self.common.clock.now();
        let closed = self.barrier.stands(now)?;
        self.read_accounts(changed)?;
        self.finish()?;
        self.order(looked_at, epoch, closed.is_some());
        self.forward();
        self.show(closed);
        watched.and(written)
    }

    /// How far this host's clock is from that of the ledger. Before that is known nothing begins here.
    fn compare_clocks(&mut self) -> Result<(), DeskError> {
        if self.compared_at.is_some_and(|at| at.elapsed() < COMPARE) {
            return Ok(());
        }
        let Some(ahead_ms) = self.clock.compare(self.common.ledger.as_ref())? else {
            let is_known = self.compared_at.is_some();
            let why = || StoreError::Busy("the database took too long to say what time it is".to_owned());
            return if is_known { Ok(()) } else { Err(why().into()) };
        };
        self.compared_at = Some(Instant::now());
        let was_apart = std::mem::replace(&mut self.is_apart, ahead_ms.abs() >= APART_MS);
        if self.is_apart && !was_apart {
            let seconds = ahead_ms as f64 / 1_000.0;
            (self.log)(&format!(
                "fault: this machine's clock is {seconds:+.1} s from the database's, by which campaigns go: set it"
            ));
        }
        Ok(())
    }

    /// What all numbers and hosts together did with each campaign.
    fn watch(&mut self) -> Result<(), DeskError> {
        if self.watched_at.is_some_and(|at| at.elapsed() < WATCH) {
            return Ok(());
        }
        self.watched_at = Some(Instant::now());
        let watched = |(id, dispatch): (&CampaignId, &Dispatch)| Watched {
            id: *id,
            version: dispatch.version,
            has_resumed: dispatch.record.resumed_at_ms.is_some(),
            stood: dispatch.record.stood.clone(),
            terms: orders::brake_terms(&dispatch.record),
        };
        let running: Vec<Watched> = self.running.iter().map(watched).collect();
        for (id, why) in self.watch.look(self.common.ledger.as_ref(), self.common.tenant, &running)? {
            self.stops.push((String::new(), Scope::Campaign(id), why));
        }
        Ok(())
    }

    /// What lines have said.
    fn listen(&mut self) {
        while let Ok(Said { number, word }) = self.hears.try_recv() {
            match word {
                Ok(Word::Done(campaign)) => drop(self.done.insert(campaign)),
                // It is tried again by itself, with whatever token there is by then.
                Ok(Word::Stop(Scope::Token, _)) => {
                    self.couriers.remove(&number);
                    self.read_accounts_at = None;
                }
                Ok(Word::Stop(scope, why)) => self.stops.push((number, scope, why)),
                Err(trouble) => (self.log)(&format!("fault: number {number}: {trouble}")),
            }
        }
    }

    /// Writes into the documents what was stopped. The lines have stopped already.
    fn write_stops(&mut self) -> Result<(), DeskError> {
        let mut failed = None;
        for (number, scope, why) in std::mem::take(&mut self.stops) {
            let mut is_written = true;
            for (id, dispatch) in &self.running {
                if !self.stops_with(*id, dispatch, &number, scope) {
                    continue;
                }
                let store = self.campaigns.desk.store.as_ref();
                let paused = stops::paused(store, self.common.tenant, &dispatch.record, scope, why);
                let halted =
                    campaigns::halt(&self.campaigns, self.common.tenant, &dispatch.record.id, &paused);
                // One that cannot be written must not keep the others from being stopped, nor from being sent.
                if let Err(error) = halted {
                    is_written = false;
                    failed = Some(error);
                }
            }
            if !is_written {
                self.stops.push((number, scope, why));
            }
            self.read_all_at = None;
        }
        failed.map_or(Ok(()), Err)
    }

    fn stops_with(&self, id: CampaignId, dispatch: &Dispatch, number: &str, scope: Scope) -> bool {
        let sends_with = |dispatch: &Dispatch| {
            dispatch.plan().is_some_and(|plan| plan.numbers.iter().any(|own| own == number))
        };
        match scope {
            Scope::Campaign(campaign) => campaign == id,
            Scope::Template(campaign, message) => {
                let stopped = self.running.get(&campaign);
                let template = stopped.and_then(|of| of.plan()?.messages.get(usize::from(message)));
                let same_account = stopped
                    .is_some_and(|of| of.record.definition.account == dispatch.record.definition.account);
                let sends = |plan: &campaigns::record::PlanRecord| {
                    let names =
                        |of: &campaigns::record::FrozenMessage| (of.template.clone(), of.language.clone());
                    plan.messages
                        .iter()
                        .any(|of| template.is_some_and(|template| names(template) == names(of)))
                };
                campaign == id || same_account && dispatch.plan().is_some_and(sends)
            }
            Scope::Number => sends_with(dispatch),
            Scope::Account | Scope::Token => {
                let mut of_number = self.running.values().filter(|dispatch| sends_with(dispatch));
                of_number.any(|other| other.record.definition.account == dispatch.record.definition.account)
            }
        }
    }

    /// Which campaigns run, by their documents; those whose time has come begin.
    fn read_campaigns(&mut self, changed: bool) -> Result<(), DeskError> {
        let (room, tenant) = (self.campaigns.clone(), self.common.tenant);
        let mut is_old = changed || self.read_all_at.is_none_or(|at| at.elapsed() >= READ_ALL);
        for (id, dispatch) in &self.running {
            is_old = is_old || campaigns::version(&room, tenant, *id)? != Some(dispatch.version);
        }
        if !is_old {
            return Ok(());
        }
        let now = self.common.clock.now();
        let mut running = BTreeMap::new();
        if !self.is_mended {
            campaigns::mend(&room, tenant)?;
            self.is_mended = true;
        }
        let Found { kept, unreadable } = campaigns::may_run(&room, tenant)?;
        for (id, why) in &unreadable {
            if !self.unreadable.contains(id) {
                (self.log)(&format!("fault: {id} is not sent: {why}"));
            }
        }
        self.unreadable = unreadable.into_keys().collect();
        for mut kept in kept {
            let is_due = kept.record.state == State::Scheduled
                && kept.record.starts_at_ms.is_none_or(|at| at <= now.0);
            if is_due && campaigns::begin(&room, tenant, &kept.record.id)? {
                kept = campaigns::find(&room, tenant, &kept.record.id)?;
            }
            if kept.record.state != State::Running {
                continue;
            }
            let id = kept.id();
            // What runs stays as it is until all have been read: where that fails, nothing is forgotten.
            if let Some(same) = self.running.get(&id).filter(|known| known.version == kept.version) {
                running.insert(id, same.clone());
                continue;
            }
            let numbers = kept.record.plan.as_ref().map(|plan| plan.numbers.clone()).unwrap_or_default();
            // Where it cannot be read just now, only campaigns with links wait for it.
            let has_links = kept.record.plan.as_ref().is_some_and(|plan| plan.links.is_some());
            let key =
                if has_links { room.links.find(&room.desk.vault, tenant).unwrap_or_default() } else { None };
            match Dispatch::new(kept.version, kept.record, key) {
                Ok(dispatch) => {
                    running.insert(id, dispatch);
                    // Whoever lets a campaign go has seen to what had stopped it; it may have paused and gone on between two
                    // looks.
                    numbers.iter().for_each(|number| *self.mended.entry(number.clone()).or_default() += 1);
                }
                Err(why) => (self.log)(&format!("fault: {id} waits: {why}")),
            }
        }
        // What Meta would no longer send as it was planned is not sent in the meantime either.
        for (id, dispatch) in std::mem::take(&mut running) {
            match campaigns::why_not(&room, tenant, &dispatch.record)? {
                Some(paused) => drop(campaigns::halt(&room, tenant, &dispatch.record.id, &paused)?),
                None => drop(running.insert(id, dispatch)),
            }
        }
        self.running = running;
        self.read_all_at = Some(Instant::now());
        Ok(())
    }

    /// Accounts of the campaigns that run.
    fn read_accounts(&mut self, changed: bool) -> Result<(), DeskError> {
        let is_fresh = self.read_accounts_at.is_some_and(|at| at.elapsed() < READ_ACCOUNTS);
        if self.running.is_empty() || is_fresh && !changed {
            return Ok(());
        }
        let ids: BTreeSet<String> =
            self.running.values().map(|dispatch| dispatch.record.definition.account.clone()).collect();
        let mut accounts = BTreeMap::new();
        for id in ids {
            match accounts::find(&self.campaigns.desk, self.common.tenant, &id) {
                Ok(account) => drop(accounts.insert(id, account)),
                Err(DeskError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        if accounts != self.accounts {
            self.couriers.clear();
            self.accounts = accounts;
        }
        self.read_accounts_at = Some(Instant::now());
        Ok(())
    }

    /// Ends campaigns of which nothing waits and nothing is under way, on any host.
    fn finish(&mut self) -> Result<(), DeskError> {
        for campaign in self.done.clone() {
            if self.running.contains_key(&campaign) {
                let totals = self.common.ledger.totals(self.common.tenant, campaign)?;
                let is_open = |state| matches!(state, SendState::Waiting | SendState::Intended);
                if totals.iter().any(|(group, count)| *count > 0 && is_open(group.state)) {
                    continue;
                }
                campaigns::finish(&self.campaigns, self.common.tenant, &campaign.to_string())?;
                self.read_all_at = None;
            }
            self.done.remove(&campaign);
        }
        Ok(())
    }

    /// Tells each line what is wanted of it.
    fn order(&mut self, looked_at: Instant, epoch: u64, is_closed: bool) {
        let numbers: BTreeSet<String> = self
            .running
            .values()
            .filter_map(Dispatch::plan)
            .flat_map(|plan| plan.numbers.iter().cloned())
            .collect();
        self.lines.retain(|_, line| !line.is_ended());
        for number in numbers.iter().filter(|_| !is_closed) {
            self.idle_since.remove(number);
            if !self.lines.contains_key(number) {
                let line = Line::start(&self.common, number, self.said.clone());
                self.lines.insert(number.clone(), line);
            }
        }
        for number in self.lines.keys().cloned().collect::<Vec<_>>() {
            let orders = self.orders(&number, looked_at, epoch, is_closed);
            let Some(line) = self.lines.get(&number) else { continue };
            let is_idle = orders.as_ref().is_none_or(|orders| orders.wanted.runs.is_empty());
            if let Some(orders) = orders {
                line.tell(Note::Orders(Arc::new(orders)));
            }
            let idle_since = *self.idle_since.entry(number.clone()).or_insert(looked_at);
            if !is_idle {
                self.idle_since.remove(&number);
            } else if idle_since.elapsed() >= IDLE {
                line.tell(Note::End);
            }
        }
    }

    fn orders(&mut self, number: &str, looked_at: Instant, epoch: u64, is_closed: bool) -> Option<Orders> {
        let mut runs = BTreeMap::new();
        let (mut stencils, mut marks, mut key) = (BTreeMap::new(), BTreeMap::new(), None);
        for (id, dispatch) in self.running.iter().filter(|_| !is_closed) {
            if let Some(run) = dispatch.run(*id, number) {
                runs.insert(*id, run);
                stencils.insert(*id, dispatch.stencils.clone());
                key = key.or_else(|| dispatch.key.clone());
                marks.insert(*id, dispatch.plan().map_or(0, |plan| plan_mark(&plan.sha256)));
            }
        }
        let courier = self.courier(number)?;
        let known = self.accounts.values().flat_map(|account| &account.numbers).find(|own| own.id == number);
        let limits =
            Limits { per_s: known.map_or(1, orders::per_s), people_per_day: known.and_then(people_per_day) };
        let mended = self.mended.get(number).copied().unwrap_or_default();
        Some(Orders {
            wanted: Wanted { runs, limits, mended, epoch },
            looked_at,
            stencils,
            marks,
            key,
            courier,
        })
    }

    /// The courier of a number, with the token of its account.
    fn courier(&mut self, number: &str) -> Option<Arc<Courier>> {
        if let Some(courier) = self.couriers.get(number) {
            return Some(courier.clone());
        }
        let account =
            self.accounts.values().find(|account| account.numbers.iter().any(|own| own.id == number))?;
        let made = accounts::graph(&self.campaigns.desk, self.common.tenant, account);
        let courier = |graph: Graph| graph.courier(number).map_err(|error| error.to_string());
        match made.map_err(|error| error.to_string()).and_then(courier) {
            Ok(courier) => {
                let courier = Arc::new(courier);
                self.couriers.insert(number.to_owned(), courier.clone());
                Some(courier)
            }
            Err(why) => {
                let news = self.trouble.as_ref() != Some(&why);
                if news {
                    (self.log)(&format!("fault: number {number} cannot send: {why}"));
                }
                None
            }
        }
    }

    /// Hands on what was heard of messages to the lines that sent them.
    fn forward(&mut self) {
        while let Ok(meant) = self.heard.try_recv() {
            let Some(plan) = self.running.get(&meant.id.campaign).and_then(Dispatch::plan) else { continue };
            let (campaign, before) = (meant.id.campaign, meant.id.place.saturating_sub(1));
            let found =
                self.common.ledger.page(self.common.tenant, campaign, &SendFilter::default(), before, 1);
            let place = found.ok().and_then(|found| Some(usize::from(found.first()?.planned.line)));
            let line = place.and_then(|place| self.lines.get(plan.numbers.get(place)?));
            if let Some(line) = line {
                line.tell(Note::Told(meant));
            }
        }
    }

    fn show(&self, barrier: Option<(UnixMs, &'static str)>) {
        let Some(shared) = self.shared.upgrade() else { return };
        let mut standing = shared.held();
        standing.barrier = barrier;
        standing.lines = self.lines.iter().map(|(number, line)| (number.clone(), line.state())).collect();
        let numbers =
            |dispatch: &Dispatch| dispatch.plan().map(|plan| plan.numbers.clone()).unwrap_or_default();
        standing.numbers = self.running.iter().map(|(id, dispatch)| (*id, numbers(dispatch))).collect();
        let missing = |(id, dispatch): (&CampaignId, &Dispatch)| {
            let has_courier = numbers(dispatch).iter().all(|number| self.couriers.contains_key(number));
            let text = "its account is gone, or its token cannot be read: connect the account again";
            (barrier.is_none() && !has_courier).then(|| (*id, text.to_owned()))
        };
        standing.troubles = self.running.iter().filter_map(missing).collect();
    }
}

/// New people in 24 hours that a number's portfolio may reach, as far as Meta told of a limit.
fn people_per_day(number: &Number) -> Option<u32> {
    campaigns::people_per_day(number).and_then(|people| u32::try_from(people).ok())
}
