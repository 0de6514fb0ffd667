//! One sending number for as long as a process serves it: takes its lease and renews it, rests where somebody else may have
//! sent just before, has a [`Post`] while the lease is held, and lets it run what is wanted. Like the post it has no clock, no
//! thread and no network.
//!
//! Nothing begins while the lease may have lapsed, nor while nobody has looked for a while which campaigns still run: a process
//! that was stopped for a time and goes on finds out first what has changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use consentry_core::campaign::step::Answer;
use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::time::UnixMs;

use super::post::{Post, PostError, Run, Turn, Word};
use crate::gate::LastLook;
use crate::store::ledger::{LEASE_MS, Ledger, Meant, Share};
use crate::store::{StoreError, TenantId};

/// How often a lease is renewed, in milliseconds.
const RENEW_MS: i64 = LEASE_MS / 3;
/// How often it is looked whether a lease that somebody else has is free, in milliseconds.
const LOOK_MS: i64 = 500;
/// How long a number rests that somebody else may have sent with, in milliseconds: what one person may get of a number in six
/// seconds is counted by whoever sends, and so is what leaves in one.
const REST_MS: i64 = 6_000;
/// How often a number that has used up its part of the day's people asks for another, in milliseconds; one to which nothing was
/// left; and one that has some left.
const PART_MS: i64 = 1_000;
const NO_PART_MS: i64 = 10_000;
const NEXT_PART_MS: i64 = 5_000;
/// How long whoever was reached counts, in milliseconds: a day, and a little because messages arrive after they were intended.
const DAY_MS: i64 = 24 * 60 * 60 * 1000 + 60_000;

/// What a number may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages a second.
    pub per_s: u32,
    /// New people that its portfolio may reach in 24 hours; any number where it is none.
    pub people_per_day: Option<u32>,
}

/// What a number is to do.
#[derive(Clone)]
pub struct Wanted {
    /// Campaigns that run.
    pub runs: BTreeMap<CampaignId, Run>,
    /// What the number may do.
    pub limits: Limits,
    /// How often whatever held the number back was mended.
    pub mended: u64,
    /// How often campaigns had changed in this process before it was looked.
    pub epoch: u64,
}

/// One sending number.
pub struct Station {
    tenant: TenantId,
    ledger: Arc<dyn Ledger>,
    gate: Arc<LastLook>,
    number: String,
    wanted: Wanted,
    /// When it was looked last what is wanted.
    wanted_at: UnixMs,
    serving: Option<Serving>,
    /// When the lease is asked for again.
    ask_at: UnixMs,
    is_held: bool,
    is_ending: bool,
}

struct Serving {
    post: Post,
    rests_until: UnixMs,
    renew_at: UnixMs,
    told: Option<Limits>,
    /// The part of the day's people that it has, and when it was asked for.
    part: (u32, UnixMs),
    /// Whether it had anybody to write to then.
    wanted: bool,
    mended: u64,
    /// Campaigns of which nothing is left here.
    done: BTreeMap<CampaignId, ()>,
}

impl Station {
    /// A number, by its id at Meta, that nothing is wanted of yet.
    pub fn new(tenant: TenantId, ledger: Arc<dyn Ledger>, gate: Arc<LastLook>, number: &str) -> Station {
        let limits = Limits { per_s: 1, people_per_day: None };
        Station {
            tenant,
            ledger,
            gate,
            number: number.to_owned(),
            wanted: Wanted { runs: BTreeMap::new(), limits, mended: 0, epoch: 0 },
            wanted_at: UnixMs(i64::MIN),
            serving: None,
            ask_at: UnixMs(i64::MIN),
            is_held: false,
            is_ending: false,
        }
    }

    /// This was wanted when it was looked.
    pub fn want(&mut self, wanted: Wanted, looked_at: UnixMs) {
        self.wanted = wanted;
        self.wanted_at = looked_at;
    }

    /// Nothing more begins; the lease is given back once everything under way is written down.
    pub fn end(&mut self) {
        self.is_ending = true;
    }

    /// The clock is to be set: nothing more begins by the one that was. Once [`Station::post`] is none, it may be set.
    pub fn hold(&mut self, now: UnixMs) {
        self.is_held = true;
        if let Some(serving) = &mut self.serving {
            serving.post.end(now);
        }
    }

    /// The clock was set. It is begun anew.
    pub fn clock_was_set(&mut self) {
        self.is_held = false;
        (self.ask_at, self.wanted_at) = (UnixMs(i64::MIN), UnixMs(i64::MIN));
    }

    /// Whether nothing is left of it.
    pub fn is_ended(&self) -> bool {
        self.is_ending && self.serving.is_none()
    }

    /// The post, while the lease is held.
    pub fn post(&self) -> Option<&Post> {
        self.serving.as_ref().map(|serving| &serving.post)
    }

    /// What became of a request that started.
    pub fn answered(&mut self, id: SendId, answer: Answer, wamid: Option<String>, now: UnixMs) {
        if let Some(serving) = &mut self.serving {
            serving.post.answered(id, answer, wamid, now);
        }
    }

    /// A request that was to start did not, because its right to had ended.
    pub fn withheld(&mut self, id: SendId, now: UnixMs) {
        if let Some(serving) = &mut self.serving {
            serving.post.withheld(id, now);
        }
    }

    /// Something was told of a message that was accepted.
    pub fn told(&mut self, meant: &Meant, now: UnixMs) {
        if let Some(serving) = &mut self.serving {
            serving.post.told(meant, now);
        }
    }

    /// When there is something to do again, if nothing happens before.
    pub fn next_wake(&self, now: UnixMs) -> Option<UnixMs> {
        let Some(serving) = &self.serving else {
            let may_begin = !self.is_ending && !self.is_held && !self.wanted.runs.is_empty();
            return may_begin.then_some(self.ask_at);
        };
        let post = serving.post.next_wake(now);
        let post = if serving.post.is_over() { post } else { post.map(|at| at.max(serving.rests_until)) };
        let waits = serving.post.line().is_day_limited(now) && serving.post.is_sure(now);
        let asks = waits.then(|| serving.asks_at(now).max(serving.rests_until));
        Some(post.into_iter().chain(asks).fold(serving.renew_at, UnixMs::min))
    }

    /// Does what there is to do now.
    pub fn turn(&mut self, now: UnixMs) -> Turn {
        match self.work(now) {
            Ok(turn) => turn,
            Err(trouble) => {
                self.ask_at = UnixMs(now.0 + LOOK_MS);
                Turn { trouble: Some(trouble.into()), ..Turn::default() }
            }
        }
    }

    fn work(&mut self, now: UnixMs) -> Result<Turn, StoreError> {
        if self.serving.is_none() {
            self.begin(now)?;
        }
        let Some(serving) = &mut self.serving else { return Ok(Turn::default()) };
        if self.is_ending {
            serving.post.end(now);
        }
        let mut trouble = None;
        if serving.post.is_over() {
            if serving.post.is_settled() {
                let lease = serving.post.lease().clone();
                self.serving = None;
                // Where it was lost already, nothing happens.
                self.ledger.release(self.tenant, &lease)?;
                self.ask_at = UnixMs(now.0 + LOOK_MS);
                return Ok(Turn::default());
            }
        } else {
            trouble = self.serve(now).err();
        }
        let Some(serving) = &mut self.serving else { return Ok(Turn::default()) };
        let mut turn = serving.post.turn(now);
        turn.trouble = turn.trouble.or(trouble.map(PostError::from));
        for word in &turn.words {
            if let Word::Done(campaign) = word {
                serving.done.insert(*campaign, ());
            }
        }
        if serving.post.is_over() {
            serving.post.end(now);
        }
        Ok(turn)
    }

    /// Takes the lease, where something is wanted and nobody else has it.
    fn begin(&mut self, now: UnixMs) -> Result<(), StoreError> {
        if self.is_ending || self.is_held || self.wanted.runs.is_empty() || now < self.ask_at {
            return Ok(());
        }
        self.ask_at = UnixMs(now.0 + LOOK_MS);
        let Some(lease) = self.ledger.lease(self.tenant, &self.number, None, now)? else { return Ok(()) };
        // Nobody has ever sent with it before the first.
        let rests_until = if lease.fence > 1 { UnixMs(now.0 + REST_MS) } else { now };
        let (ledger, gate) = (self.ledger.clone(), self.gate.clone());
        let post = Post::new(self.tenant, ledger, gate, lease, now, self.wanted.limits.per_s);
        self.serving = Some(Serving {
            post,
            rests_until,
            renew_at: UnixMs(now.0 + RENEW_MS),
            told: None,
            part: (0, now),
            wanted: false,
            mended: self.wanted.mended,
            done: BTreeMap::new(),
        });
        Ok(())
    }

    /// Keeps the lease, and has the post run what is wanted.
    fn serve(&mut self, now: UnixMs) -> Result<(), StoreError> {
        let Some(serving) = &mut self.serving else { return Ok(()) };
        // Others may have what was ours of the day's people. It begins anew.
        if serving.part.0 > 0 && !serving.post.is_leased(now) {
            serving.post.end(now);
            return Ok(());
        }
        if now >= serving.renew_at {
            serving.renew_at = UnixMs(now.0 + LOOK_MS);
            match self.ledger.lease(self.tenant, &self.number, Some(serving.post.lease()), now)? {
                Some(lease) if lease.fence == serving.post.lease().fence => {
                    serving.post.renewed(lease, now);
                    serving.renew_at = UnixMs(now.0 + RENEW_MS);
                }
                _ => {
                    serving.post.end(now);
                    return Ok(());
                }
            }
        }
        serving.post.confirmed(self.wanted_at, self.wanted.epoch);
        let halted: Vec<CampaignId> =
            serving.post.campaigns().filter(|id| !self.wanted.runs.contains_key(id)).collect();
        for campaign in halted {
            serving.post.halt(campaign, now);
        }
        serving.done.retain(|id, ()| self.wanted.runs.contains_key(id));
        if now < serving.rests_until || !serving.post.is_sure(now) {
            return Ok(());
        }
        if serving.mended != self.wanted.mended {
            serving.mended = self.wanted.mended;
            serving.post.mended(now);
        }
        for run in self.wanted.runs.values() {
            let is_new = !serving.done.contains_key(&run.campaign) && !serving.post.knows(run);
            if is_new {
                serving.post.run(run.clone(), now)?;
            }
        }
        // After it is known whom it could write to, and before anybody is chosen.
        if serving.asks(self.wanted.limits, now) {
            let Limits { per_s, people_per_day } = self.wanted.limits;
            let people = match people_per_day {
                Some(most) => Some(serving.ask(self.ledger.as_ref(), self.tenant, most, now)?),
                None => None,
            };
            serving.post.limits(per_s, people, now);
            serving.told = Some(self.wanted.limits);
        }
        Ok(())
    }
}

impl Serving {
    /// Whether the post has to be told what it may do, because that is something else now, or because of the day's people.
    fn asks(&self, limits: Limits, now: UnixMs) -> bool {
        if self.told != Some(limits) {
            return true;
        }
        let is_early = (self.part.1..self.asks_at(now)).contains(&now);
        limits.people_per_day.is_some() && !is_early
    }

    /// When it asks for another part.
    fn asks_at(&self, now: UnixMs) -> UnixMs {
        let (part, asked_at) = self.part;
        let left = self.post.line().people_left().unwrap_or(0);
        let pause_ms = match part {
            0 if self.wanted => NO_PART_MS,
            part if left <= part / 2 && self.post.line().has_queue(now) => PART_MS,
            _ => NEXT_PART_MS,
        };
        UnixMs(asked_at.0 + pause_ms)
    }

    /// Asks for a part of the people whom all numbers together may reach in a day. Where none can be had, nobody new is reached.
    fn ask(
        &mut self,
        ledger: &dyn Ledger,
        tenant: TenantId,
        most: u32,
        now: UnixMs,
    ) -> Result<u32, StoreError> {
        self.wanted = self.post.line().has_queue(now);
        let share = Share { most, chosen: self.post.chosen(), wants: self.wanted };
        let asked = ledger.part(tenant, self.post.lease(), share, UnixMs(now.0 - DAY_MS), now);
        // What was answered, and did not arrive, may be more or less than what it had.
        let part = asked.as_ref().map_or(0, |part| *part);
        self.part = (part, now);
        if asked.is_err() {
            self.post.limits(self.told.map_or(1, |told| told.per_s), Some(part), now);
        }
        asked
    }
}
