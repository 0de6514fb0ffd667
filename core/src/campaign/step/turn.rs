//! Whatever can be done now: who leaves, who is next, who is to be loaded, what has come to its end.

use std::collections::VecDeque;

use super::line::{Line, MINUTE_MS, Running, SECOND_MS, Stage, WAIT_MS_MAX};
use super::{CampaignId, Effect, Outcome, UnixMs};

/// Messages loaded at once, at least and at most.
const LOAD_MIN: usize = 16;
const LOAD_MAX: usize = 1_000;
/// One message to a person in so many milliseconds, whichever campaign it is of.
const PAIR_MS: i64 = 6_000;
/// How soon it is looked again whether the day's limit of people allows more.
const DAY_LIMIT_LOOK_MS: i64 = MINUTE_MS;
/// How long whoever was reached is nobody new, in milliseconds: a day, less a little for what is on its way meanwhile.
const REACHED_MS: i64 = (24 * 60 - 1) * MINUTE_MS;

impl Line {
    /// Whatever can be done now.
    pub(super) fn advance(&mut self, now: UnixMs, effects: &mut Vec<Effect>) {
        self.forgive_the_clock(now);
        self.end(now, effects);
        self.listen(now, effects);
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
        if self.is_silent {
            return;
        }
        loop {
            let Some(id) = self.ready.front().copied() else {
                // Whose turn it is waits for the store.
                let is_late = self.intending > 0 && !self.is_outage() && self.pace.is_behind(now);
                return self.lead.saw(is_late, now);
            };
            if !self.pace.take(now) {
                return self.lead.saw(false, now);
            }
            self.ready.pop_front();
            let Some(flight) = self.sends.get_mut(&id) else { continue };
            flight.stage = Stage::Requested;
            if self.requested == 0 {
                self.heard_at = now;
            }
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
            let is_full = |most: u32| self.chosen >= most;
            let is_new = candidate.reached_at.is_none_or(|at| at.0.saturating_add(REACHED_MS) <= now.0);
            if is_new && self.people.is_some_and(is_full) {
                running.queue.push_front(id);
                self.limited_until = UnixMs(now.0 + DAY_LIMIT_LOOK_MS);
                break;
            }
            (flight.stage, flight.is_new) = (Stage::Intending, is_new);
            running.under_way += 1;
            running.take(now);
            self.intending += 1;
            self.chosen += u32::from(is_new);
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
        let low = self.queued();
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
