//! The machine itself. Every message that was loaded stands at one [`Stage`], and leaves the machine with exactly one
//! [`Effect::Record`], or unrecorded while nothing was intended.
//!
//! All these lines are together because they are the one state of a number, and what moves it.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use super::brake::{Counted, Of};
use super::lead::Lead;
use super::pace::Pace;
use super::{CampaignId, Candidate, Effect, Gate, Input, News, Outcome, SendId, Terms, UnixMs};

pub(super) const SECOND_MS: i64 = 1000;
pub(super) const MINUTE_MS: i64 = 60 * SECOND_MS;
/// How far ahead messages are read, in milliseconds. Nothing is written of that.
const QUEUED_MS: f64 = 200.0;
/// Requests under way at once.
const REQUESTED_MAX: usize = 1024;
/// Requests in a row that came to nothing, after which it is taken for an outage and not for those messages.
pub(super) const OUTAGE_FROM: u32 = 10;
pub(super) const WAIT_MS_MAX: i64 = 60 * MINUTE_MS;
/// Nothing more leaves when Meta has answered nothing at all for so long, in milliseconds: what leaves without an answer is never
/// sent again, so that a Meta that hangs would use up everybody until the first of them is given up.
const SILENCE_MS: i64 = 3 * SECOND_MS;

/// One sending number.
#[derive(Clone)]
pub struct Line {
    pub(super) pace: Pace,
    /// New people whom it may reach until it is told again, and those it has chosen since it was told.
    pub(super) people: Option<u32>,
    pub(super) chosen: u32,
    /// Nobody new before then, because the day's limit was reached.
    pub(super) limited_until: UnixMs,
    pub(super) campaigns: BTreeMap<CampaignId, Running>,
    /// Every message that was loaded and is not done.
    pub(super) sends: BTreeMap<SendId, Flight>,
    /// Messages whose intents are durable, in the order in which they leave.
    pub(super) ready: VecDeque<SendId>,
    /// Messages whose intents are being written.
    pub(super) intending: usize,
    pub(super) lead: Lead,
    /// Requests under way.
    pub(super) requested: usize,
    /// The campaign that was served last.
    pub(super) served: CampaignId,
    /// Nothing leaves before then.
    pub(super) waits_until: UnixMs,
    /// Nothing leaves until somebody has mended what is wrong.
    pub(super) is_held: bool,
    pub(super) trouble: Trouble,
    /// When Meta answered last, or a request left while no other was under way.
    pub(super) heard_at: UnixMs,
    /// Requests are under way, and Meta answers nothing.
    pub(super) is_silent: bool,
    /// When the last message left for each person of the last seconds.
    pub(super) lately: BTreeMap<u64, UnixMs>,
    pub(super) in_order: VecDeque<(UnixMs, u64)>,
}

/// Requests that came to nothing, one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trouble {
    pub(super) in_a_row: u32,
    pub(super) pauses: u32,
    /// It is the token, and that was told.
    pub(super) is_token: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) candidate: Candidate,
    pub(super) stage: Stage,
    /// It was chosen as somebody new.
    pub(super) is_new: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It waits its turn here; the store knows nothing of that.
    Queued,
    /// Its intent is being written.
    Intending,
    /// Its intent is durable.
    Ready,
    /// Its request is under way, or so it must be taken.
    Requested,
}

#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) terms: Terms,
    pub(super) queue: VecDeque<SendId>,
    pub(super) is_loading: bool,
    /// Nothing else waits that could go now.
    pub(super) is_all: bool,
    /// When the next one that was put off may go.
    pub(super) next_due: Option<UnixMs>,
    /// The same of those that were put off since it was loaded last: what is being loaded may not know of them.
    pub(super) put_off: Option<UnixMs>,
    /// Messages intended or requested.
    pub(super) under_way: usize,
    pub(super) counted: Counted,
    /// The last refusal that somebody has to mend, and how many times in a row.
    pub(super) refusal: (i64, u32),
    /// When the next one may go by the campaign's own pace.
    pub(super) next_ms: f64,
    pub(super) package_from: Option<UnixMs>,
    pub(super) package_used: u32,
    pub(super) is_over: bool,
}

/// Whom it wrote to lately is nothing for a log.
impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line")
            .field("campaigns", &self.campaigns)
            .field("sends", &self.sends)
            .field("waits_until", &self.waits_until)
            .field("is_held", &self.is_held)
            .finish_non_exhaustive()
    }
}

impl Running {
    fn new(terms: Terms) -> Running {
        Running {
            terms,
            queue: VecDeque::new(),
            is_loading: false,
            is_all: false,
            next_due: None,
            put_off: None,
            under_way: 0,
            counted: Counted::default(),
            refusal: (0, 0),
            next_ms: 0.0,
            package_from: None,
            package_used: 0,
            is_over: false,
        }
    }

    /// When the campaign's own pace lets the next one go.
    pub(super) fn next(&self) -> UnixMs {
        let even = UnixMs(self.next_ms.ceil() as i64);
        match (self.terms.packages, self.package_from) {
            (Some((messages, every_ms)), Some(from)) if self.package_used >= messages => {
                even.max(UnixMs(from.0.saturating_add(every_ms)))
            }
            _ => even,
        }
    }

    pub(super) fn take(&mut self, now: UnixMs) {
        if let Some(per_s) = self.terms.per_s.filter(|per_s| *per_s > 0.0) {
            self.next_ms = self.next_ms.max(now.0 as f64 - SECOND_MS as f64 / 4.0) + SECOND_MS as f64 / per_s;
        }
        if let Some((messages, every_ms)) = self.terms.packages {
            let is_new = self.package_from.is_none_or(|from| now.0 >= from.0.saturating_add(every_ms));
            if is_new && (self.package_from.is_none() || self.package_used >= messages) {
                self.package_from = Some(now);
                self.package_used = 0;
            }
            self.package_used += 1;
        }
    }

    /// What had its turn did not go: the next one may have it.
    fn give_back(&mut self) {
        self.package_used = self.package_used.saturating_sub(1);
        if let Some(per_s) = self.terms.per_s.filter(|per_s| *per_s > 0.0) {
            self.next_ms -= SECOND_MS as f64 / per_s;
        }
    }

    pub(super) fn can_load(&self, now: UnixMs) -> bool {
        !self.is_loading && !self.is_over && (!self.is_all || self.next_due.is_some_and(|due| due <= now))
    }
}

impl Line {
    /// A number that may send so many messages a second, with nothing to do yet.
    pub fn new(per_s: u32) -> Line {
        Line {
            pace: Pace::new(per_s),
            people: None,
            chosen: 0,
            limited_until: UnixMs(0),
            campaigns: BTreeMap::new(),
            sends: BTreeMap::new(),
            ready: VecDeque::new(),
            intending: 0,
            lead: Lead::new(),
            requested: 0,
            served: CampaignId(0),
            waits_until: UnixMs(i64::MIN),
            is_held: false,
            trouble: Trouble::default(),
            heard_at: UnixMs(i64::MIN),
            is_silent: false,
            lately: BTreeMap::new(),
            in_order: VecDeque::new(),
        }
    }

    /// Takes in what happened and says what to do.
    ///
    /// ```
    /// use consentry_core::campaign::CampaignId;
    /// use consentry_core::campaign::step::{BrakeTerms, Effect, Input, Line, Terms};
    /// use consentry_core::time::UnixMs;
    ///
    /// let brake = BrakeTerms { failed_percent: 25.0, opted_out_percent: 5.0, limited_percent: 30.0, after_messages: 200 };
    /// let terms = Terms { per_s: None, packages: None, ends_at: None, brake };
    /// let (mut line, mut effects) = (Line::new(80), Vec::new());
    /// line.step(Input::Run(CampaignId(7), terms), UnixMs(0), &mut effects);
    /// assert!(matches!(effects[..], [Effect::Load { campaign: CampaignId(7), .. }]));
    /// ```
    pub fn step(&mut self, input: Input<'_>, now: UnixMs, effects: &mut Vec<Effect>) {
        match input {
            Input::Tick => {}
            Input::Limits { per_s, people, chosen } => {
                self.pace.allow(per_s);
                (self.people, self.chosen) = (people, chosen);
                self.limited_until = UnixMs(i64::MIN);
            }
            Input::Run(campaign, terms) => self.run(campaign, terms),
            Input::Halt(campaign) => self.halt(campaign, now, effects),
            Input::Mended => {
                self.is_held = false;
                self.trouble = Trouble::default();
                self.waits_until = UnixMs(i64::MIN);
                (self.is_silent, self.heard_at) = (false, now);
            }
            Input::Loaded { campaign, candidates, is_all, next_due } => {
                self.loaded(campaign, candidates, is_all, next_due);
            }
            Input::Intended(ids) => ids.iter().for_each(|id| self.intended(*id, now, effects)),
            Input::Capped { id, again_ms } => self.capped(id, again_ms, now, effects),
            Input::Gated(id, gate) => self.gated(id, gate, now, effects),
            Input::Answered(id, answer) => self.answered(id, answer, now, effects),
            Input::Told { campaign, message, import, news } => {
                if let Some(running) = self.campaigns.get_mut(&campaign) {
                    let of = Of { message, import };
                    match news {
                        News::Failed(code) => running.counted.failed(of, code),
                        News::OptedOut => running.counted.opted_out(of),
                    }
                    self.brake(campaign, now, effects);
                }
            }
        }
        self.advance(now, effects);
    }

    /// When [`Input::Tick`] is due, if nothing else happens before; none when nothing would come of it.
    pub fn next_wake(&self) -> Option<UnixMs> {
        let ends = self.campaigns.values().filter(|running| !running.is_over);
        let ends = ends.filter_map(|running| running.terms.ends_at).min();
        let leaves = (!self.is_held).then(|| self.next_leaving()).flatten();
        leaves.into_iter().chain(ends).min()
    }

    /// Messages a second the number sends at most, as learned from Meta's refusals.
    pub fn per_s(&self) -> f64 {
        self.pace.per_s()
    }

    /// Until when nothing leaves, because Meta asked to wait or cannot be reached.
    pub fn waits_until(&self) -> UnixMs {
        self.waits_until
    }

    /// Whether nothing leaves until [`Input::Mended`].
    pub fn is_held(&self) -> bool {
        self.is_held
    }

    /// Whether requests are under way and Meta answers nothing: nothing leaves until it does, or all of them are given up.
    pub fn is_silent(&self) -> bool {
        self.is_silent
    }

    /// Whether the day's limit of people is what holds the rest back.
    pub fn is_day_limited(&self, now: UnixMs) -> bool {
        now < self.limited_until
    }

    /// New people whom it may still reach until it is told again; none where it may reach any number.
    pub fn people_left(&self) -> Option<u32> {
        self.people.map(|people| people.saturating_sub(self.chosen))
    }

    /// Whether somebody waits here whom it could write to soon.
    pub fn has_queue(&self, now: UnixMs) -> bool {
        let has_queue = |running: &Running| !running.queue.is_empty() || running.can_load(now);
        !self.is_held && self.waits_until <= now && self.campaigns.values().any(has_queue)
    }

    /// Messages of a campaign whose intents are written and whose outcome is not.
    pub fn under_way(&self, campaign: CampaignId) -> usize {
        let of = self.of(campaign).filter(|(_, flight)| flight.stage != Stage::Queued);
        of.count()
    }

    fn of(&self, campaign: CampaignId) -> impl Iterator<Item = (&SendId, &Flight)> {
        self.sends.range(SendId { campaign, place: 0 }..=SendId { campaign, place: u64::MAX })
    }

    fn next_leaving(&self) -> Option<UnixMs> {
        let ready = (!self.ready.is_empty()).then(|| self.pace.next());
        let queued = self.campaigns.values().filter_map(|running| {
            let has_some = !running.queue.is_empty() && self.has_room();
            let queued = has_some.then(|| running.next().max(self.limited_until));
            let may_load = !running.is_loading && !running.is_over && running.queue.len() < self.queued();
            let put_off = running.next_due.filter(|_| may_load && running.is_all);
            let more = (may_load && !running.is_all).then_some(UnixMs(i64::MIN));
            queued.into_iter().chain(put_off).chain(more).min()
        });
        Some(ready.into_iter().chain(queued).min()?.max(self.waits_until))
    }

    /// In an outage one request at a time finds out whether it is over.
    pub(super) fn is_outage(&self) -> bool {
        self.trouble.in_a_row >= OUTAGE_FROM
    }

    /// Whether Meta has gone silent; what has not left goes back then.
    pub(super) fn listen(&mut self, now: UnixMs, effects: &mut Vec<Effect>) {
        // A clock that was set back makes nobody wait for what it was.
        self.heard_at = self.heard_at.min(now);
        let was_silent = self.is_silent;
        self.is_silent = self.requested > 0 && now.0.saturating_sub(self.heard_at.0) >= SILENCE_MS;
        if self.is_silent && !was_silent {
            self.give_back_ready(None, now, effects);
        }
    }

    pub(super) fn has_room(&self) -> bool {
        if self.is_silent {
            return false;
        }
        let waiting = self.ready.len() + self.intending;
        if self.is_outage() {
            return waiting + self.requested == 0;
        }
        waiting < self.ahead() && waiting + self.requested < REQUESTED_MAX
    }

    /// Intents written before their messages leave.
    fn ahead(&self) -> usize {
        self.of_pace(self.lead.ms())
    }

    /// Messages of a campaign that are read before their intents are written, at least.
    pub(super) fn queued(&self) -> usize {
        2 * self.of_pace(QUEUED_MS)
    }

    fn of_pace(&self, ms: f64) -> usize {
        ((self.pace.per_s() * ms / SECOND_MS as f64).ceil() as usize).max(1)
    }

    fn run(&mut self, campaign: CampaignId, terms: Terms) {
        let under_way = self.under_way(campaign);
        let running = self.campaigns.entry(campaign).or_insert_with(|| Running::new(terms));
        running.terms = terms;
        running.under_way = under_way;
    }

    pub(super) fn halt(&mut self, campaign: CampaignId, now: UnixMs, effects: &mut Vec<Effect>) {
        if self.campaigns.remove(&campaign).is_none() {
            return;
        }
        let queued: Vec<SendId> = self
            .of(campaign)
            .filter(|(_, flight)| flight.stage == Stage::Queued)
            .map(|(id, _)| *id)
            .collect();
        for id in queued {
            self.sends.remove(&id);
        }
        self.give_back_ready(Some(campaign), now, effects);
    }

    /// What has not left goes back: its intent must not stand when nobody knows how long it will wait.
    pub(super) fn give_back_ready(
        &mut self,
        campaign: Option<CampaignId>,
        now: UnixMs,
        effects: &mut Vec<Effect>,
    ) {
        let goes = |id: &SendId| campaign.is_none_or(|campaign| id.campaign == campaign);
        let (back, stay): (VecDeque<_>, VecDeque<_>) = self.ready.drain(..).partition(goes);
        self.ready = stay;
        back.into_iter().for_each(|id| self.put_off(id, now, 0, 0, effects));
    }

    fn loaded(
        &mut self,
        campaign: CampaignId,
        candidates: &[Candidate],
        is_all: bool,
        next_due: Option<UnixMs>,
    ) {
        let Some(running) = self.campaigns.get_mut(&campaign) else { return };
        (running.is_loading, running.is_all) = (false, is_all);
        running.next_due = next_due.into_iter().chain(running.put_off).min();
        if running.is_over {
            return;
        }
        for candidate in candidates {
            self.sends.entry(candidate.id).or_insert_with(|| {
                running.queue.push_back(candidate.id);
                Flight { candidate: *candidate, stage: Stage::Queued, is_new: false }
            });
        }
    }

    fn intended(&mut self, id: SendId, now: UnixMs, effects: &mut Vec<Effect>) {
        let Some(flight) = self.sends.get_mut(&id).filter(|flight| flight.stage == Stage::Intending) else {
            return;
        };
        flight.stage = Stage::Ready;
        self.intending -= 1;
        let runs = self.campaigns.get(&id.campaign).is_some_and(|running| !running.is_over);
        if runs && !self.is_held && !self.is_silent && self.waits_until <= now {
            self.ready.push_back(id);
        } else {
            self.put_off(id, now, 0, 0, effects);
        }
    }

    fn capped(&mut self, id: SendId, again_ms: Option<i64>, now: UnixMs, effects: &mut Vec<Effect>) {
        let Some(flight) = self.sends.get(&id).filter(|flight| flight.stage == Stage::Intending) else {
            return;
        };
        // Nothing was sent to the person, so nothing need wait because of it.
        self.lately.remove(&flight.candidate.person);
        match again_ms {
            Some(pause_ms) => self.put_off(id, now, pause_ms, 0, effects),
            None => self.record(id, Outcome::Capped, effects),
        }
    }

    fn gated(&mut self, id: SendId, gate: Gate, now: UnixMs, effects: &mut Vec<Effect>) {
        if self.sends.get(&id).is_none_or(|flight| flight.stage != Stage::Requested) {
            return;
        }
        match gate {
            Gate::Open => {}
            Gate::OptedOut => self.record(id, Outcome::OptedOut, effects),
            Gate::Gone => self.record(id, Outcome::Gone, effects),
            Gate::Halted => self.put_off(id, now, 0, 0, effects),
        }
    }

    /// It waits again, and nothing counts against it.
    pub(super) fn put_off(
        &mut self,
        id: SendId,
        now: UnixMs,
        pause_ms: i64,
        code: i64,
        effects: &mut Vec<Effect>,
    ) {
        let attempts = self.sends.get(&id).map_or(0, |flight| flight.candidate.attempts);
        self.try_again(id, now, pause_ms, attempts, code, effects);
    }

    pub(super) fn try_again(
        &mut self,
        id: SendId,
        now: UnixMs,
        pause_ms: i64,
        attempts: u8,
        code: i64,
        effects: &mut Vec<Effect>,
    ) {
        if self.campaigns.get(&id.campaign).is_some_and(|running| running.is_over) {
            return self.record(id, Outcome::Expired, effects);
        }
        let due = UnixMs(now.0.saturating_add(pause_ms));
        self.record(id, Outcome::Waits { due, attempts, code }, effects);
        if let Some(running) = self.campaigns.get_mut(&id.campaign) {
            for known in [&mut running.next_due, &mut running.put_off] {
                *known = Some(known.map_or(due, |next| next.min(due)));
            }
        }
    }

    /// A message leaves the machine.
    pub(super) fn record(&mut self, id: SendId, outcome: Outcome, effects: &mut Vec<Effect>) {
        let Some(flight) = self.sends.remove(&id) else { return };
        effects.push(Effect::Record(id, outcome));
        let may_have_left = matches!(outcome, Outcome::Accepted { .. } | Outcome::Unknown);
        if flight.is_new && flight.stage != Stage::Queued && !may_have_left {
            self.chosen = self.chosen.saturating_sub(1);
        }
        match flight.stage {
            Stage::Queued => return,
            Stage::Intending => self.intending -= 1,
            Stage::Requested => self.requested -= 1,
            Stage::Ready => {}
        }
        if let Some(running) = self.campaigns.get_mut(&id.campaign) {
            running.under_way = running.under_way.saturating_sub(1);
            if matches!(outcome, Outcome::Waits { .. } | Outcome::Capped) {
                running.give_back();
            }
        }
    }
}
