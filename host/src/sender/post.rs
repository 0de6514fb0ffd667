//! Carries out what a [`Line`] says to do: reads what waits, writes intents and outcomes down, has the gate look, and hands out
//! the requests that may start now. It has no clock, no thread and no network, so what is tried in a simulation is what runs.
//!
//! What it hands out has a durable intent and a permit of the gate's, and is to start at once: a turn writes first, looks then, and
//! ends with that. Outcomes are written down in groups. An
//! outcome that could not be written is kept and tried again, and nothing starts before it is.
//!
//! All these lines are together because each effect has its one place, and the order in which they are carried out is the promise.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use consentry_core::campaign::step::cap::{Cap, Capped};
use consentry_core::campaign::step::{
    Answer, Candidate, Effect, Gate, Input, Line, Outcome, Scope, Terms, Why,
};
use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::time::UnixMs;

use crate::gate::{Addressee, GateError, LastLook, Look, Permit, Right};
use crate::store::ledger::{
    KeptSend, LEASE_MS, LastSend, Lease, Ledger, Meant, Reached, Recorded, SendFilter, SendState,
};
use crate::store::{StoreError, TenantId};

/// How long an outcome waits for others before all are written down together, in milliseconds.
const RECORD_WAIT_MS: i64 = 10;
/// Outcomes that are written down without waiting for more.
const RECORD_TOGETHER: usize = 256;
/// How soon after one group of intents the next is written, in milliseconds. They are written well ahead.
const INTEND_EVERY_MS: i64 = 20;
/// How long before its lease may lapse nothing starts any more, in milliseconds: others start when it has.
const LEASE_MARGIN_MS: i64 = 2_000;
/// How long it is believed that campaigns run which somebody has seen running, in milliseconds.
const CONFIRMED_MS: i64 = 700;
/// How late it may be looked whether somebody may leave whose turn it is, in milliseconds.
const TURN_MS: i64 = 5;
/// Pause before something is tried again that the store did not do, in milliseconds.
const AGAIN_MS: i64 = 500;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Until when it is quiet in a country, if it is.
pub type Quiet = Arc<dyn Fn([u8; 2], UnixMs) -> Option<UnixMs> + Send + Sync>;

/// A campaign that a number is to send.
#[derive(Clone)]
pub struct Run {
    /// Which.
    pub campaign: CampaignId,
    /// The number's place among the campaign's numbers.
    pub line: u16,
    /// What it asks of the number.
    pub terms: Terms,
    /// Which version of the campaign's document says so. One that was stopped here runs again under another only: whoever let
    /// it go on has changed it.
    pub version: u64,
    /// Its quiet hours.
    pub quiet: Option<Quiet>,
    /// How many messages a person may have, whatever campaigns they are of.
    pub cap: Option<Cap>,
}

/// A request that is to start now.
#[derive(Debug)]
pub struct Departure {
    /// The message.
    pub send: KeptSend,
    /// Which request for it this is, counted from 1.
    pub attempt: u8,
    /// When its turn was.
    pub looked_at: UnixMs,
    /// What lets it start. Where that has ended the message is [withheld](Post::withheld), and comes again.
    pub permit: Permit,
}

/// What somebody else has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    /// Nothing more of this begins until somebody looks.
    Stop(Scope, Why),
    /// Nothing of the campaign waits here any more, and nothing of it is under way.
    Done(CampaignId),
}

/// Why something was not done that should have been.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The lease is somebody else's, or it is not known what was written: it ends here, once everything under way is answered.
    #[error("sending with this number ends here: {0}")]
    Over(StoreError),
    /// It is tried again.
    #[error(transparent)]
    Gate(#[from] GateError),
}

impl From<StoreError> for PostError {
    fn from(error: StoreError) -> PostError {
        PostError::Gate(GateError::Store(error))
    }
}

/// What a turn brought.
#[derive(Debug, Default)]
pub struct Turn {
    /// Requests to start now.
    pub departures: Vec<Departure>,
    /// What others have to do.
    pub words: Vec<Word>,
    /// What went wrong. What it kept from being done is done later.
    pub trouble: Option<PostError>,
}

/// A message that was loaded.
struct Loaded {
    send: KeptSend,
    /// Requests of it that were refused.
    refused: u8,
    wamid: Option<String>,
    is_intended: bool,
    /// It does not wait any more: the campaign was cancelled, or its time is over.
    is_withdrawn: bool,
}

/// One sending number.
pub struct Post {
    tenant: TenantId,
    ledger: Arc<dyn Ledger>,
    gate: Arc<LastLook>,
    lease: Lease,
    /// Until when the lease is ours for certain, by the clock that [`Post::turn`] is told.
    leased_until: UnixMs,
    /// Until when what runs is known for certain.
    confirmed_until: UnixMs,
    /// How often campaigns had changed before that was looked.
    epoch: u64,
    /// When this turn began, by the count of the gate.
    turn_began: Duration,
    line: Line,
    campaigns: BTreeMap<CampaignId, (Run, u64)>,
    loaded: HashMap<SendId, Loaded>,
    effects: VecDeque<Effect>,
    to_intend: Vec<SendId>,
    intended_at: UnixMs,
    /// Messages whose intents are durable, of which the machine does not know yet.
    to_tell: Vec<SendId>,
    /// Messages that may leave, and since when.
    to_look_at: Vec<(SendId, UnixMs)>,
    to_record: Vec<Recorded>,
    record_since: Option<UnixMs>,
    again_at: Option<UnixMs>,
    on_the_way: usize,
    departures: Vec<Departure>,
    words: Vec<Word>,
    is_over: bool,
    is_blind: bool,
}

impl Post {
    /// A number whose lease was taken when it was `asked_at`, and that sends so many messages a second.
    pub fn new(
        tenant: TenantId,
        ledger: Arc<dyn Ledger>,
        gate: Arc<LastLook>,
        lease: Lease,
        asked_at: UnixMs,
        per_s: u32,
    ) -> Post {
        Post {
            tenant,
            ledger,
            gate,
            lease,
            leased_until: leased_until(asked_at),
            confirmed_until: UnixMs(i64::MIN),
            epoch: 0,
            turn_began: Duration::ZERO,
            line: Line::new(per_s),
            campaigns: BTreeMap::new(),
            loaded: HashMap::new(),
            effects: VecDeque::new(),
            to_intend: Vec::new(),
            intended_at: UnixMs(i64::MIN),
            to_tell: Vec::new(),
            to_look_at: Vec::new(),
            to_record: Vec::new(),
            record_since: None,
            again_at: None,
            on_the_way: 0,
            departures: Vec::new(),
            words: Vec::new(),
            is_over: false,
            is_blind: false,
        }
    }

    /// The lease.
    pub fn lease(&self) -> &Lease {
        &self.lease
    }

    /// The lease was renewed, as asked at a time.
    pub fn renewed(&mut self, lease: Lease, asked_at: UnixMs) {
        self.lease = lease;
        self.leased_until = leased_until(asked_at);
    }

    /// It was looked at a time which campaigns run, and those are the ones. Before, campaigns had changed so often in this
    /// process.
    pub fn confirmed(&mut self, looked_at: UnixMs, epoch: u64) {
        self.epoch = epoch;
        self.confirmed_until = UnixMs(looked_at.0.saturating_add(CONFIRMED_MS));
    }

    /// Whether something may begin: the lease is ours for certain, and so is what runs.
    pub fn is_sure(&self, now: UnixMs) -> bool {
        !self.is_over && now < self.sure_until()
    }

    fn sure_until(&self) -> UnixMs {
        self.leased_until.min(self.confirmed_until)
    }

    /// Campaigns that run here.
    pub fn campaigns(&self) -> impl Iterator<Item = CampaignId> + '_ {
        self.campaigns.keys().copied()
    }

    /// Whether a campaign runs here as this version of its document says, or was stopped here since.
    pub fn knows(&self, run: &Run) -> bool {
        self.campaigns.get(&run.campaign).is_some_and(|(known, _)| known.version == run.version)
    }

    /// Nothing begins any more; what has not left goes back.
    pub fn end(&mut self, now: UnixMs) {
        self.is_over = true;
        let running: Vec<CampaignId> = self.campaigns().collect();
        running.into_iter().for_each(|campaign| self.halt(campaign, now));
    }

    /// Whether nothing begins any more.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Requests that started and have no answer yet.
    pub fn on_the_way(&self) -> usize {
        self.on_the_way
    }

    /// Whether everything that happened is written down.
    pub fn is_settled(&self) -> bool {
        let is_told = self.to_tell.is_empty() && self.to_record.is_empty();
        self.on_the_way == 0 && is_told && self.effects.iter().all(begins_something)
    }

    /// A campaign runs here, or runs again on other terms. What an earlier process has left under way becomes unknown.
    pub fn run(&mut self, run: Run, now: UnixMs) -> Result<(), StoreError> {
        let (campaign, terms) = (run.campaign, run.terms);
        self.ledger.orphaned(self.tenant, &self.lease, campaign, run.line, now)?;
        self.campaigns.insert(campaign, (run, 0));
        self.step(Input::Run(campaign, terms), now);
        Ok(())
    }

    /// Nothing more of a campaign begins.
    pub fn halt(&mut self, campaign: CampaignId, now: UnixMs) {
        if self.campaigns.remove(&campaign).is_some() {
            self.step(Input::Halt(campaign), now);
            self.loaded.retain(|id, loaded| id.campaign != campaign || loaded.is_intended);
        }
    }

    /// What the number may do: messages a second, and new people until it is told again.
    pub fn limits(&mut self, per_s: u32, people: Option<u32>, now: UnixMs) {
        self.step(Input::Limits { per_s, people, chosen: self.chosen() }, now);
    }

    /// Messages whose turn it is and whose intents are not written yet.
    pub fn chosen(&self) -> u32 {
        let intends = |effect: &Effect| if let Effect::Intend(ids) = effect { ids.len() } else { 0 };
        let waiting: usize = self.effects.iter().map(intends).sum();
        u32::try_from(self.to_intend.len() + waiting).unwrap_or(u32::MAX)
    }

    /// Whether the lease is ours for certain.
    pub fn is_leased(&self, now: UnixMs) -> bool {
        now < self.leased_until
    }

    /// Whatever held the number back was mended.
    pub fn mended(&mut self, now: UnixMs) {
        self.step(Input::Mended, now);
    }

    /// Something was told of a message that was accepted.
    pub fn told(&mut self, meant: &Meant, now: UnixMs) {
        use consentry_core::campaign::step::News;
        let Meant { id, message, import, failed, opted_out } = *meant;
        let failed = (failed != 0).then_some(News::Failed(failed));
        for news in failed.into_iter().chain(opted_out.then_some(News::OptedOut)) {
            self.step(Input::Told { campaign: id.campaign, message, import, news }, now);
        }
    }

    /// What became of a request that started. It is written down in one of the next turns; a turn is to follow at once, as after
    /// everything that is told here, because it may be somebody else's turn now.
    pub fn answered(&mut self, id: SendId, answer: Answer, wamid: Option<String>, now: UnixMs) {
        self.on_the_way -= 1;
        if let Some(loaded) = self.loaded.get_mut(&id) {
            loaded.wamid = wamid;
            loaded.refused += u8::from(matches!(answer, Answer::Refused { .. }));
        }
        self.step(Input::Answered(id, answer), now);
    }

    /// A request that was to start did not, because its right to had ended: it comes again, and nothing counts against it.
    pub fn withheld(&mut self, id: SendId, now: UnixMs) {
        self.on_the_way -= 1;
        self.step(Input::Gated(id, Gate::Halted), now);
    }

    /// When there is something to do again, if nothing happens before.
    pub fn next_wake(&self, now: UnixMs) -> Option<UnixMs> {
        let record = self.record_since.map(|since| UnixMs(since.0 + RECORD_WAIT_MS));
        let intend = (!self.to_intend.is_empty()).then_some(UnixMs(self.intended_at.0 + INTEND_EVERY_MS));
        let begins = self.line.next_wake().into_iter().chain(intend).min().filter(|_| self.is_sure(now));
        // What followed from the look that ended the last turn.
        let follows = self.effects.iter().any(|effect| !begins_something(effect) || self.is_sure(now));
        let next = record.into_iter().chain(begins).chain(follows.then_some(now)).min();
        self.again_at.map_or(next, |again_at| Some(next.map_or(again_at, |next| next.max(again_at))))
    }

    /// How it stands, for whoever shows it.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// Whether nobody leaves, because the edge worker cannot be asked who has opted out.
    pub fn is_blind(&self) -> bool {
        self.is_blind
    }

    /// Does what there is to do now.
    pub fn turn(&mut self, now: UnixMs) -> Turn {
        self.turn_began = self.gate.ticks();
        let trouble = match self.again_at {
            Some(at) if now < at => None,
            _ => {
                self.again_at = None;
                self.work(now).err()
            }
        };
        if let Some(trouble) = &trouble {
            self.is_over |= matches!(trouble, PostError::Over(_));
            self.again_at = Some(UnixMs(now.0 + AGAIN_MS));
        }
        let (departures, words) = (std::mem::take(&mut self.departures), std::mem::take(&mut self.words));
        Turn { departures, words, trouble }
    }

    fn work(&mut self, now: UnixMs) -> Result<(), PostError> {
        // Whatever takes time comes first, and the look last: nothing is waited for between it and the requests.
        let since = self.record_since.map_or(i64::MAX, |since| since.0);
        if self.to_record.len() >= RECORD_TOGETHER || since.saturating_add(RECORD_WAIT_MS) <= now.0 {
            self.write_down(now)?;
        }
        self.carry(now)?;
        if self.is_sure(now) {
            self.step(Input::Tick, now);
            self.carry(now)?;
        }
        while !self.to_look_at.is_empty() {
            self.look(now)?;
        }
        Ok(())
    }

    fn step(&mut self, input: Input<'_>, now: UnixMs) {
        let mut effects = Vec::new();
        self.line.step(input, now, &mut effects);
        for effect in effects {
            match effect {
                Effect::Request(id) => self.to_look_at.push((id, now)),
                effect => self.effects.push_back(effect),
            }
        }
    }

    /// Carries effects out until there are none. What begins something waits while the lease is not certain.
    fn carry(&mut self, now: UnixMs) -> Result<(), PostError> {
        let mut waiting = VecDeque::new();
        let mut carried = Ok(());
        while carried.is_ok() {
            let Some(effect) = self.effects.pop_front() else {
                if !self.to_tell.is_empty() {
                    carried = self.tell_intended(now);
                } else if self.is_sure(now) && self.has_to_intend(now) {
                    carried = self.intend(now);
                } else {
                    break;
                }
                continue;
            };
            if begins_something(&effect) && !self.is_sure(now) {
                waiting.push_back(effect);
                continue;
            }
            carried = self.carry_out(&effect, now);
            if carried.is_err() {
                self.effects.push_front(effect);
            }
        }
        waiting.append(&mut self.effects);
        self.effects = waiting;
        carried
    }

    fn has_to_intend(&self, now: UnixMs) -> bool {
        // A clock that was set back makes nobody wait.
        let is_time = now.0 >= self.intended_at.0.saturating_add(INTEND_EVERY_MS) || now < self.intended_at;
        is_time && !self.to_intend.is_empty()
    }

    fn carry_out(&mut self, effect: &Effect, now: UnixMs) -> Result<(), PostError> {
        match effect {
            Effect::Load { campaign, limit } => self.load(*campaign, *limit, now)?,
            Effect::Intend(ids) => self.to_intend.extend(ids),
            Effect::Request(id) => self.to_look_at.push((*id, now)),
            Effect::Record(id, outcome) => self.record(*id, *outcome, now),
            Effect::OptOut(id) => {
                if let Some(loaded) = self.loaded.get(id) {
                    self.gate.keep_opt_out(self.tenant, &loaded.send, now)?;
                }
            }
            Effect::Stop(scope, why) => self.words.push(Word::Stop(*scope, *why)),
            Effect::Expire(campaign) => {
                self.write_down(now)?;
                self.ledger.expire(self.tenant, *campaign, now)?;
            }
            Effect::Done(campaign) => {
                self.write_down(now)?;
                self.words.push(Word::Done(*campaign));
            }
        }
        Ok(())
    }

    /// Reads what waits of a campaign.
    fn load(&mut self, campaign: CampaignId, limit: usize, now: UnixMs) -> Result<(), PostError> {
        // What waits again is to be found where it waits.
        self.write_down(now)?;
        let Some((run, after)) = self.campaigns.get(&campaign) else { return Ok(()) };
        let (line, quiet) = (run.line, run.quiet.clone());
        // Those that were put off and are here already are named again until their intent is written down.
        let asked = limit + self.loaded.keys().filter(|id| id.campaign == campaign).count();
        let (found, next_due) = self.ledger.waiting(self.tenant, campaign, line, *after, now, asked)?;
        let is_all = found.len() < asked;
        let mut new: Vec<KeptSend> =
            found.into_iter().filter(|send| !self.loaded.contains_key(&send.id)).collect();
        let is_all = is_all && new.len() <= limit;
        new.truncate(limit);
        let people: Vec<u64> = new.iter().map(|send| send.planned.person).collect();
        let last = self.ledger.last_sends(self.tenant, &people, UnixMs(now.0 - DAY_MS))?;
        let candidates: Vec<Candidate> = new
            .iter()
            .zip(last)
            .map(|(send, last)| Candidate {
                id: send.id,
                person: send.planned.person,
                attempts: send.attempts,
                message: send.planned.message,
                import: send.planned.import,
                reached_at: last.as_ref().and_then(reached_at),
                quiet_until: quiet.as_ref().and_then(|quiet| quiet(send.planned.country, now)),
            })
            .collect();
        if let Some((_, after)) = self.campaigns.get_mut(&campaign) {
            let never_tried = new.iter().filter(|send| send.due.0 == 0).map(|send| send.id.place);
            *after = never_tried.max().unwrap_or(0).max(*after);
        }
        for send in new {
            let refused = send.attempts;
            self.loaded.insert(
                send.id,
                Loaded { send, refused, wamid: None, is_intended: false, is_withdrawn: false },
            );
        }
        self.step(Input::Loaded { campaign, candidates: &candidates, is_all, next_due }, now);
        Ok(())
    }

    /// Makes intents durable, all that there are in one go.
    fn intend(&mut self, now: UnixMs) -> Result<(), PostError> {
        match self.ledger.intend(self.tenant, &self.lease, &self.to_intend, now) {
            Ok(()) => {}
            Err(StoreError::Overtaken) => self.intend_what_waits(now)?,
            // Nothing was written.
            Err(error @ StoreError::Busy(_)) => return Err(error.into()),
            Err(error) => return Err(PostError::Over(error)),
        }
        self.intended_at = now;
        self.to_tell = std::mem::take(&mut self.to_intend);
        for id in &self.to_tell {
            if let Some(loaded) = self.loaded.get_mut(id) {
                loaded.is_intended = true;
            }
        }
        Ok(())
    }

    /// Tells the machine whose intents are durable, and whose person had as many messages as the cap of the campaign allows. That
    /// is looked up now, when whoever else intends a message for the person finds this one.
    fn tell_intended(&mut self, now: UnixMs) -> Result<(), PostError> {
        let mut by_cap: Vec<(Cap, Vec<(SendId, u64)>)> = Vec::new();
        for id in &self.to_tell {
            let cap = self.campaigns.get(&id.campaign).and_then(|(run, _)| run.cap);
            let (Some(cap), Some(loaded)) = (cap, self.loaded.get(id)) else { continue };
            let own = (*id, loaded.send.planned.person);
            match by_cap.iter_mut().find(|(of, _)| *of == cap) {
                Some((_, sends)) => sends.push(own),
                None => by_cap.push((cap, vec![own])),
            }
        }
        let mut capped = Vec::new();
        for (cap, sends) in by_cap {
            let people: Vec<u64> = sends.iter().map(|(_, person)| *person).collect();
            let left = self.ledger.left(self.tenant, &people, cap.since(now))?;
            for ((id, _), left) in sends.iter().zip(left) {
                match cap.verdict(*id, &left, now) {
                    Capped::No => {}
                    Capped::Yes => capped.push((*id, None)),
                    Capped::Perhaps(ms) => capped.push((*id, Some(ms))),
                }
            }
        }
        let ids = std::mem::take(&mut self.to_tell);
        for (id, again_ms) in capped {
            self.step(Input::Capped { id, again_ms }, now);
        }
        self.step(Input::Intended(&ids), now);
        Ok(())
    }

    /// The lease was lost, or somebody has taken messages out of the plan. Those stay where they are, and the others go on.
    fn intend_what_waits(&mut self, now: UnixMs) -> Result<(), PostError> {
        let over = |error| PostError::Over(error);
        let renewed =
            self.ledger.lease(self.tenant, &self.lease.line, Some(&self.lease), now).map_err(over)?;
        if renewed.is_none_or(|lease| lease.fence != self.lease.fence) {
            return Err(PostError::Over(StoreError::Overtaken));
        }
        // Without a filter the first that is found is the one that is asked for, however many have been taken out behind it.
        let filter = SendFilter::default();
        let mut waiting = Vec::with_capacity(self.to_intend.len());
        for id in &self.to_intend {
            let found = self.ledger.page(self.tenant, id.campaign, &filter, id.place - 1, 1).map_err(over)?;
            let waits = |found: &KeptSend| found.id == *id && found.state == SendState::Waiting;
            if found.first().is_some_and(waits) {
                waiting.push(*id);
            } else if let Some(loaded) = self.loaded.get_mut(id) {
                loaded.is_withdrawn = true;
            }
        }
        self.ledger.intend(self.tenant, &self.lease, &waiting, now).map_err(over)
    }

    /// Looks at everybody whose request may start, and lets go where the consent stands. Where that cannot be told, nobody
    /// leaves, and each comes again: their turn is over.
    fn look(&mut self, now: UnixMs) -> Result<(), PostError> {
        let turns = std::mem::take(&mut self.to_look_at);
        // Whoever has missed their turn would come too close to the next.
        let in_time = turns.iter().filter(|(_, at)| (at.0..=at.0 + TURN_MS).contains(&now.0));
        let asked: Vec<Addressee> = in_time.filter_map(|(id, _)| self.addressee(*id, now)).collect();
        let (mut looks, looked) = match self.gate.look(self.tenant, &asked, self.right(now)) {
            Ok(looks) => {
                self.is_blind &= asked.is_empty();
                (asked.iter().map(|of| of.id).zip(looks).collect(), Ok(()))
            }
            Err(error) => {
                self.is_blind = error.is_of_edge();
                (HashMap::new(), Err(PostError::Gate(error)))
            }
        };
        for (id, _) in turns {
            let (gate, permit) = match looks.remove(&id) {
                Some(Look::Open(permit)) => (Gate::Open, Some(permit)),
                Some(Look::OptedOut) => (Gate::OptedOut, None),
                Some(Look::Gone) => (Gate::Gone, None),
                None => (Gate::Halted, None),
            };
            self.step(Input::Gated(id, gate), now);
            if let (Some(permit), Some(Loaded { send, refused, .. })) = (permit, self.loaded.get(&id)) {
                self.on_the_way += 1;
                let (send, attempt) = (send.clone(), refused.saturating_add(1));
                self.departures.push(Departure { send, attempt, looked_at: now, permit });
            }
        }
        looked
    }

    /// What allows requests of this turn besides consent: the lease, and what was seen of the campaigns.
    fn right(&self, now: UnixMs) -> Right {
        let left_ms = u64::try_from(self.sure_until().0.saturating_sub(now.0)).unwrap_or_default();
        Right { until: self.turn_began + Duration::from_millis(left_ms), epoch: self.epoch }
    }

    /// Whom a message is for, if it may leave at all.
    fn addressee(&self, id: SendId, now: UnixMs) -> Option<Addressee> {
        let (run, _) = self.campaigns.get(&id.campaign).filter(|_| self.is_sure(now))?;
        let planned = &self.loaded.get(&id).filter(|loaded| !loaded.is_withdrawn)?.send.planned;
        // It may have become quiet since the message was loaded: then it comes again, and is put off until it ends.
        if run.quiet.as_ref().is_some_and(|quiet| quiet(planned.country, now).is_some()) {
            return None;
        }
        Some(Addressee { id, number: planned.number, person: planned.person, profile: planned.profile })
    }

    fn record(&mut self, id: SendId, outcome: Outcome, now: UnixMs) {
        let (refused, wamid) =
            self.loaded.get(&id).map_or((0, None), |loaded| (loaded.refused, loaded.wamid.clone()));
        let to = |state, code| Recorded { id, state, due: UnixMs(0), attempts: refused, code, wamid };
        let recorded = match outcome {
            Outcome::Accepted { is_held: false } => to(SendState::Accepted, 0),
            Outcome::Accepted { is_held: true } => to(SendState::Held, 0),
            Outcome::Failed { code } => to(SendState::Failed, code),
            Outcome::Unknown => to(SendState::Unknown, 0),
            Outcome::Waits { due, attempts, code } => {
                Recorded { due, attempts, ..to(SendState::Waiting, code) }
            }
            Outcome::OptedOut => to(SendState::OptedOut, 0),
            Outcome::Gone => to(SendState::Gone, 0),
            Outcome::Expired => to(SendState::Expired, 0),
            Outcome::Capped => to(SendState::Capped, 0),
        };
        self.to_record.push(recorded);
        self.record_since.get_or_insert(now);
    }

    /// Writes outcomes down.
    fn write_down(&mut self, now: UnixMs) -> Result<(), StoreError> {
        if self.to_record.is_empty() {
            return Ok(());
        }
        self.ledger.record(self.tenant, &self.lease, &self.to_record, now)?;
        for recorded in self.to_record.drain(..) {
            self.loaded.remove(&recorded.id);
        }
        self.record_since = None;
        Ok(())
    }
}

/// When a person was reached last. Where the last message was refused, and others have left before it, nobody looks when.
fn reached_at((last, left): &(LastSend, u32)) -> Option<UnixMs> {
    let was_refused = last.state == SendState::Failed && last.reached == Reached::Nothing;
    (*left > 0 && !was_refused).then_some(last.at)
}

/// Whether nothing of it is done while the lease is not certain.
fn begins_something(effect: &Effect) -> bool {
    matches!(effect, Effect::Load { .. } | Effect::Intend(_))
}

/// Until when a lease that was asked for at a time is certain.
fn leased_until(asked_at: UnixMs) -> UnixMs {
    UnixMs(asked_at.0 + LEASE_MS - LEASE_MARGIN_MS)
}
