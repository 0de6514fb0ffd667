//! The machine itself. Every message that was loaded stands at one [`Stage`], and leaves the machine with exactly one
//! [`Effect::Record`], or unrecorded while nothing was intended.

use std::collections::{BTreeMap, VecDeque};

use super::brake::{Counted, Of};
use super::pace::Pace;
use super::{
    Action, Answer, CampaignId, Candidate, Effect, Gate, Input, News, Outcome, Scope, SendId, Terms, UnixMs,
    Why,
};

const SECOND_MS: i64 = 1000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
/// How far ahead intents are written, in milliseconds: a process that dies leaves so much unknown at most.
const AHEAD_MS: f64 = 200.0;
/// Requests under way at once.
const REQUESTED_MAX: usize = 1024;
/// Messages loaded at once, at least and at most.
const LOAD_MIN: usize = 16;
const LOAD_MAX: usize = 1_000;
/// One message to a person in so many milliseconds, whichever campaign it is of.
const PAIR_MS: i64 = 6_000;
/// Requests for one message that are refused before it is given up.
const ATTEMPTS_MAX: u8 = 6;
/// Requests in a row that came to nothing, after which it is taken for an outage and not for those messages.
const OUTAGE_FROM: u32 = 10;
/// Longest pause in an outage.
const OUTAGE_PAUSE_MS_MAX: i64 = MINUTE_MS;
/// Pause between two tries with a token that Meta does not take.
const TOKEN_PAUSE_MS: i64 = MINUTE_MS;
/// Pause after Meta said that it was too much in an hour, unless it says how long, and the longest that is believed.
const WAIT_MS: i64 = 5 * MINUTE_MS;
const WAIT_MS_MAX: i64 = 60 * MINUTE_MS;
/// How soon it is looked again whether the day's limit of people allows more.
const DAY_LIMIT_LOOK_MS: i64 = MINUTE_MS;
/// The same refusal so many times in a row pauses a campaign.
const SAME_REFUSALS_MAX: u32 = 20;

/// One sending number.
#[derive(Clone, Debug)]
pub struct Line {
    pace: Pace,
    people_per_day: Option<u32>,
    people_today: u32,
    /// Nobody new before then, because the day's limit was reached.
    limited_until: UnixMs,
    campaigns: BTreeMap<CampaignId, Running>,
    /// Every message that was loaded and is not done.
    sends: BTreeMap<SendId, Flight>,
    /// Messages whose intents are durable, in the order in which they leave.
    ready: VecDeque<SendId>,
    /// Messages whose intents are being written.
    intending: usize,
    /// Requests under way.
    requested: usize,
    /// The campaign that was served last.
    served: CampaignId,
    /// Nothing leaves before then.
    waits_until: UnixMs,
    /// Nothing leaves until somebody has mended what is wrong.
    is_held: bool,
    trouble: Trouble,
    /// When the last message left for each person of the last seconds.
    lately: BTreeMap<u64, UnixMs>,
    in_order: VecDeque<(UnixMs, u64)>,
}

/// Requests that came to nothing, one after the other.
#[derive(Clone, Copy, Debug, Default)]
struct Trouble {
    in_a_row: u32,
    pauses: u32,
    /// It is the token, and that was told.
    is_token: bool,
}

#[derive(Clone, Copy, Debug)]
struct Flight {
    candidate: Candidate,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
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
struct Running {
    terms: Terms,
    queue: VecDeque<SendId>,
    is_loading: bool,
    /// Nothing else waits that could go now.
    is_all: bool,
    /// When the next one that was put off may go.
    next_due: Option<UnixMs>,
    /// The same of those that were put off since it was loaded last: what is being loaded may not know of them.
    put_off: Option<UnixMs>,
    /// Messages intended or requested.
    under_way: usize,
    counted: Counted,
    /// The last refusal that somebody has to mend, and how many times in a row.
    refusal: (i64, u32),
    /// When the next one may go by the campaign's own pace.
    next_ms: f64,
    package_from: Option<UnixMs>,
    package_used: u32,
    is_over: bool,
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
    fn next(&self) -> UnixMs {
        let even = UnixMs(self.next_ms.ceil() as i64);
        match (self.terms.packages, self.package_from) {
            (Some((messages, every_ms)), Some(from)) if self.package_used >= messages => {
                even.max(UnixMs(from.0.saturating_add(every_ms)))
            }
            _ => even,
        }
    }

    fn take(&mut self, now: UnixMs) {
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

    fn can_load(&self, now: UnixMs) -> bool {
        !self.is_loading && !self.is_over && (!self.is_all || self.next_due.is_some_and(|due| due <= now))
    }
}

impl Line {
    /// A number that may send so many messages a second, with nothing to do yet.
    pub fn new(per_s: u32) -> Line {
        Line {
            pace: Pace::new(per_s),
            people_per_day: None,
            people_today: 0,
            limited_until: UnixMs(0),
            campaigns: BTreeMap::new(),
            sends: BTreeMap::new(),
            ready: VecDeque::new(),
            intending: 0,
            requested: 0,
            served: CampaignId(0),
            waits_until: UnixMs(i64::MIN),
            is_held: false,
            trouble: Trouble::default(),
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
            Input::Limits { per_s, people_per_day, people_today } => {
                self.pace.allow(per_s);
                (self.people_per_day, self.people_today) = (people_per_day, people_today);
                self.limited_until = UnixMs(i64::MIN);
            }
            Input::Run(campaign, terms) => self.run(campaign, terms),
            Input::Halt(campaign) => self.halt(campaign, now, effects),
            Input::Mended => {
                self.is_held = false;
                self.trouble = Trouble::default();
                self.waits_until = UnixMs(i64::MIN);
            }
            Input::Loaded { campaign, candidates, is_all, next_due } => {
                self.loaded(campaign, candidates, is_all, next_due);
            }
            Input::Intended(ids) => ids.iter().for_each(|id| self.intended(*id, now, effects)),
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

    /// Whether the day's limit of people is what holds the rest back.
    pub fn is_day_limited(&self, now: UnixMs) -> bool {
        now < self.limited_until
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
            let may_load = !running.is_loading && !running.is_over && running.queue.len() < 2 * self.ahead();
            let put_off = running.next_due.filter(|_| may_load && running.is_all);
            let more = (may_load && !running.is_all).then_some(UnixMs(i64::MIN));
            queued.into_iter().chain(put_off).chain(more).min()
        });
        Some(ready.into_iter().chain(queued).min()?.max(self.waits_until))
    }

    /// In an outage one request at a time finds out whether it is over.
    fn is_outage(&self) -> bool {
        self.trouble.in_a_row >= OUTAGE_FROM
    }

    fn has_room(&self) -> bool {
        let waiting = self.ready.len() + self.intending;
        if self.is_outage() {
            return waiting + self.requested == 0;
        }
        waiting < self.ahead() && waiting + self.requested < REQUESTED_MAX
    }

    /// Intents written before their messages leave.
    fn ahead(&self) -> usize {
        ((self.pace.per_s() * AHEAD_MS / SECOND_MS as f64).ceil() as usize).max(1)
    }

    fn run(&mut self, campaign: CampaignId, terms: Terms) {
        let under_way = self.under_way(campaign);
        let running = self.campaigns.entry(campaign).or_insert_with(|| Running::new(terms));
        running.terms = terms;
        running.under_way = under_way;
    }

    fn halt(&mut self, campaign: CampaignId, now: UnixMs, effects: &mut Vec<Effect>) {
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
    fn give_back_ready(&mut self, campaign: Option<CampaignId>, now: UnixMs, effects: &mut Vec<Effect>) {
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
                Flight { candidate: *candidate, stage: Stage::Queued }
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
        if runs && !self.is_held && self.waits_until <= now {
            self.ready.push_back(id);
        } else {
            self.put_off(id, now, 0, 0, effects);
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

    fn answered(&mut self, id: SendId, answer: Answer, now: UnixMs, effects: &mut Vec<Effect>) {
        let Some(flight) = self.sends.get(&id).filter(|flight| flight.stage == Stage::Requested) else {
            return;
        };
        let candidate = flight.candidate;
        match answer {
            Answer::Accepted { is_held } => {
                self.trouble = Trouble::default();
                self.final_answer(&candidate, None, now, effects);
                self.record(id, Outcome::Accepted { is_held }, effects);
            }
            Answer::NotSent => {
                let pause_ms = SECOND_MS + jitter_ms(&candidate);
                self.put_off(id, now, pause_ms, 0, effects);
                self.came_to_nothing(now, effects);
            }
            Answer::Unknown => {
                self.record(id, Outcome::Unknown, effects);
                self.came_to_nothing(now, effects);
            }
            Answer::Refused { code, action, wait_ms } => {
                self.refused(&candidate, code, action, wait_ms, now, effects);
            }
        }
    }

    fn refused(
        &mut self,
        candidate: &Candidate,
        code: i64,
        action: Action,
        wait_ms: Option<i64>,
        now: UnixMs,
        effects: &mut Vec<Effect>,
    ) {
        let id = candidate.id;
        let why = Why::Refused { code };
        let asked_ms = wait_ms.map(|wait_ms| wait_ms.clamp(0, WAIT_MS_MAX));
        match action {
            Action::Retry | Action::Restart => {
                // In an outage nothing is wrong with the message, and its tries are not used up.
                let attempts = candidate.attempts + u8::from(!self.is_outage());
                let pause_ms = (SECOND_MS << attempts) + jitter_ms(candidate);
                if attempts >= ATTEMPTS_MAX {
                    self.give_up(candidate, code, now, effects);
                } else {
                    self.try_again(id, now, asked_ms.unwrap_or(pause_ms), attempts, code, effects);
                }
                self.came_to_nothing(now, effects);
            }
            Action::Wait => {
                self.put_off(id, now, 0, code, effects);
                self.wait(now, asked_ms.unwrap_or(WAIT_MS), effects);
            }
            Action::SlowDown => {
                self.trouble = Trouble::default();
                self.pace.slow_down(now);
                self.put_off(id, now, asked_ms.unwrap_or(SECOND_MS), code, effects);
            }
            Action::DelayRecipient => {
                self.trouble = Trouble::default();
                let attempts = candidate.attempts + 1;
                if attempts >= ATTEMPTS_MAX {
                    self.give_up(candidate, code, now, effects);
                } else {
                    let pause_ms = SECOND_MS * 4_i64.pow(u32::from(attempts)) + jitter_ms(candidate);
                    self.try_again(id, now, pause_ms, attempts, code, effects);
                }
            }
            Action::Later | Action::Fix | Action::Skip => {
                self.trouble = Trouble::default();
                self.give_up(candidate, code, now, effects);
                self.count_refusal(id.campaign, (action == Action::Fix).then_some(code), now, effects);
            }
            Action::RecordOptOut => {
                self.trouble = Trouble::default();
                effects.push(Effect::OptOut(id));
                self.give_up(candidate, code, now, effects);
            }
            Action::StopTemplate => {
                self.put_off(id, now, 0, code, effects);
                if self.campaigns.contains_key(&id.campaign) {
                    effects.push(Effect::Stop(Scope::Template(id.campaign, candidate.message), why));
                    self.halt(id.campaign, now, effects);
                }
            }
            Action::StopNumber | Action::StopAccount => {
                self.put_off(id, now, 0, code, effects);
                if !self.is_held {
                    let scope = if action == Action::StopNumber { Scope::Number } else { Scope::Account };
                    effects.push(Effect::Stop(scope, why));
                    self.is_held = true;
                }
                self.give_back_ready(None, now, effects);
            }
            Action::StopToken => {
                self.put_off(id, now, 0, code, effects);
                if !self.trouble.is_token {
                    effects.push(Effect::Stop(Scope::Token, why));
                }
                self.trouble = Trouble { in_a_row: OUTAGE_FROM, pauses: 0, is_token: true };
                self.wait(now, TOKEN_PAUSE_MS, effects);
            }
        }
    }

    /// A message that will not be sent, for a reason that lies in it or in its person.
    fn give_up(&mut self, candidate: &Candidate, code: i64, now: UnixMs, effects: &mut Vec<Effect>) {
        self.record(candidate.id, Outcome::Failed { code }, effects);
        self.final_answer(candidate, Some(code), now, effects);
    }

    fn final_answer(
        &mut self,
        candidate: &Candidate,
        code: Option<i64>,
        now: UnixMs,
        effects: &mut Vec<Effect>,
    ) {
        let campaign = candidate.id.campaign;
        let Some(running) = self.campaigns.get_mut(&campaign) else { return };
        if code.is_none() {
            running.refusal = (0, 0);
        }
        let of = Of { message: candidate.message, import: candidate.import };
        running.counted.answered(of, code, &running.terms.brake);
        self.brake(campaign, now, effects);
    }

    fn brake(&mut self, campaign: CampaignId, now: UnixMs, effects: &mut Vec<Effect>) {
        let Some(running) = self.campaigns.get(&campaign) else { return };
        if let Some(why) = running.counted.verdict(&running.terms.brake) {
            effects.push(Effect::Stop(Scope::Campaign(campaign), why));
            self.halt(campaign, now, effects);
        }
    }

    fn count_refusal(
        &mut self,
        campaign: CampaignId,
        code: Option<i64>,
        now: UnixMs,
        effects: &mut Vec<Effect>,
    ) {
        let Some(running) = self.campaigns.get_mut(&campaign) else { return };
        running.refusal = match (code, running.refusal) {
            (Some(code), (same, times)) if code == same => (code, times + 1),
            (Some(code), _) => (code, 1),
            (None, _) => (0, 0),
        };
        let (code, times) = running.refusal;
        if times >= SAME_REFUSALS_MAX {
            effects.push(Effect::Stop(Scope::Campaign(campaign), Why::SameRefusal { code, times }));
            self.halt(campaign, now, effects);
        }
    }

    /// A request came to nothing, and not because of its message.
    fn came_to_nothing(&mut self, now: UnixMs, effects: &mut Vec<Effect>) {
        self.trouble.in_a_row = self.trouble.in_a_row.saturating_add(1);
        // Those that left together fail together: that is one pause.
        if self.is_outage() && now >= self.waits_until {
            let pause_ms = (SECOND_MS << self.trouble.pauses.min(16)).min(OUTAGE_PAUSE_MS_MAX);
            self.trouble.pauses += 1;
            self.wait(now, pause_ms, effects);
        }
    }

    fn wait(&mut self, now: UnixMs, pause_ms: i64, effects: &mut Vec<Effect>) {
        self.waits_until = self.waits_until.max(UnixMs(now.0 + pause_ms));
        self.give_back_ready(None, now, effects);
    }

    /// It waits again, and nothing counts against it.
    fn put_off(&mut self, id: SendId, now: UnixMs, pause_ms: i64, code: i64, effects: &mut Vec<Effect>) {
        let attempts = self.sends.get(&id).map_or(0, |flight| flight.candidate.attempts);
        self.try_again(id, now, pause_ms, attempts, code, effects);
    }

    fn try_again(
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
    fn record(&mut self, id: SendId, outcome: Outcome, effects: &mut Vec<Effect>) {
        let Some(flight) = self.sends.remove(&id) else { return };
        effects.push(Effect::Record(id, outcome));
        let may_have_left = matches!(outcome, Outcome::Accepted { .. } | Outcome::Unknown);
        if flight.candidate.is_new_today && flight.stage != Stage::Queued && !may_have_left {
            self.people_today = self.people_today.saturating_sub(1);
        }
        match flight.stage {
            Stage::Queued => return,
            Stage::Intending => self.intending -= 1,
            Stage::Requested => self.requested -= 1,
            Stage::Ready => {}
        }
        if let Some(running) = self.campaigns.get_mut(&id.campaign) {
            running.under_way = running.under_way.saturating_sub(1);
        }
    }

    /// Whatever can be done now.
    fn advance(&mut self, now: UnixMs, effects: &mut Vec<Effect>) {
        self.forgive_the_clock(now);
        self.end(now, effects);
        if !self.is_held && now >= self.waits_until {
            self.leave(now, effects);
            self.intend(now, effects);
            self.load(now, effects);
        }
        self.finish(effects);
    }

    /// A clock that was set back must not make anybody wait until it is where it was.
    fn forgive_the_clock(&mut self, now: UnixMs) {
        self.waits_until = self.waits_until.min(UnixMs(now.0.saturating_add(WAIT_MS_MAX)));
        self.limited_until = self.limited_until.min(UnixMs(now.0.saturating_add(DAY_LIMIT_LOOK_MS)));
        for running in self.campaigns.values_mut() {
            running.package_from = running.package_from.map(|from| from.min(now));
            if let Some(per_s) = running.terms.per_s.filter(|per_s| *per_s > 0.0) {
                running.next_ms = running.next_ms.min(now.0 as f64 + SECOND_MS as f64 / per_s);
            }
        }
    }

    /// Campaigns whose time is over.
    fn end(&mut self, now: UnixMs, effects: &mut Vec<Effect>) {
        let is_over =
            |running: &Running| !running.is_over && running.terms.ends_at.is_some_and(|end| end <= now);
        let over: Vec<CampaignId> =
            self.campaigns.iter().filter(|(_, running)| is_over(running)).map(|(id, _)| *id).collect();
        for campaign in over {
            let Some(running) = self.campaigns.get_mut(&campaign) else { continue };
            (running.is_over, running.is_all, running.next_due) = (true, true, None);
            for id in std::mem::take(&mut running.queue) {
                self.sends.remove(&id);
            }
            let (gone, stay): (VecDeque<_>, VecDeque<_>) =
                self.ready.drain(..).partition(|id| id.campaign == campaign);
            self.ready = stay;
            gone.into_iter().for_each(|id| self.record(id, Outcome::Expired, effects));
            effects.push(Effect::Expire(campaign));
        }
    }

    /// What is ready leaves, as the pace allows.
    fn leave(&mut self, now: UnixMs, effects: &mut Vec<Effect>) {
        while let Some(id) = self.ready.front().copied() {
            if !self.pace.take(now) {
                return;
            }
            self.ready.pop_front();
            let Some(flight) = self.sends.get_mut(&id) else { continue };
            flight.stage = Stage::Requested;
            self.requested += 1;
            effects.push(Effect::Request(id));
        }
    }

    /// Chooses who is next, campaigns in turn, and has the intents written.
    fn intend(&mut self, now: UnixMs, effects: &mut Vec<Effect>) {
        while self.in_order.front().is_some_and(|(at, _)| at.0 + PAIR_MS <= now.0 || *at > now) {
            let Some((at, person)) = self.in_order.pop_front() else { break };
            if self.lately.get(&person) == Some(&at) {
                self.lately.remove(&person);
            }
        }
        let mut intents = Vec::new();
        while self.has_room()
            && let Some(campaign) = self.next_campaign(now)
        {
            self.served = campaign;
            let Some(running) = self.campaigns.get_mut(&campaign) else { break };
            let Some(id) = running.queue.pop_front() else { break };
            let Some(flight) = self.sends.get_mut(&id) else { continue };
            let candidate = flight.candidate;
            let paired_until = self.lately.get(&candidate.person).map(|at| UnixMs(at.0 + PAIR_MS));
            let quiet_until = candidate.quiet_until.max(paired_until).filter(|until| *until > now);
            if let Some(until) = quiet_until {
                self.put_off(id, now, until.0 - now.0, 0, effects);
                continue;
            }
            let is_full = |most: u32| self.people_today >= most;
            if candidate.is_new_today && self.people_per_day.is_some_and(is_full) {
                running.queue.push_front(id);
                self.limited_until = UnixMs(now.0 + DAY_LIMIT_LOOK_MS);
                break;
            }
            flight.stage = Stage::Intending;
            running.under_way += 1;
            running.take(now);
            self.intending += 1;
            self.people_today += u32::from(candidate.is_new_today);
            self.lately.insert(candidate.person, now);
            self.in_order.push_back((now, candidate.person));
            intents.push(id);
        }
        if !intents.is_empty() {
            effects.push(Effect::Intend(intents));
        }
    }

    /// The campaign that is served next: the first after the last one that has somebody to write to and may.
    fn next_campaign(&self, now: UnixMs) -> Option<CampaignId> {
        if now < self.limited_until {
            return None;
        }
        let may = |running: &Running| !running.queue.is_empty() && running.next() <= now;
        let first = CampaignId(self.served.0.saturating_add(1));
        let mut in_turn = self.campaigns.range(first..).chain(self.campaigns.range(..first));
        in_turn.find(|(_, running)| may(running)).map(|(id, _)| *id)
    }

    fn load(&mut self, now: UnixMs, effects: &mut Vec<Effect>) {
        let low = 2 * self.ahead();
        let more = (self.pace.per_s() as usize).clamp(LOAD_MIN, LOAD_MAX);
        for (campaign, running) in &mut self.campaigns {
            if running.queue.len() < low && running.can_load(now) {
                (running.is_loading, running.put_off) = (true, None);
                effects.push(Effect::Load { campaign: *campaign, limit: more + running.queue.len() });
            }
        }
    }

    /// Campaigns of which nothing is left.
    fn finish(&mut self, effects: &mut Vec<Effect>) {
        let is_done = |running: &Running| {
            running.is_all
                && !running.is_loading
                && running.queue.is_empty()
                && running.next_due.is_none()
                && running.under_way == 0
        };
        let done: Vec<CampaignId> =
            self.campaigns.iter().filter(|(_, running)| is_done(running)).map(|(id, _)| *id).collect();
        for campaign in done {
            self.campaigns.remove(&campaign);
            effects.push(Effect::Done(campaign));
        }
    }
}

/// So that those who failed together do not come back together: less than a second, always the same for the same try.
fn jitter_ms(candidate: &Candidate) -> i64 {
    let mixed =
        (candidate.id.place ^ u64::from(candidate.attempts) << 48).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as i64 % SECOND_MS
}
