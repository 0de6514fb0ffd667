//! What follows from an answer of Meta's, for its message and for all that come after it.

use super::brake::Of;
use super::line::{Line, MINUTE_MS, OUTAGE_FROM, SECOND_MS, Stage, Trouble, WAIT_MS_MAX};
use super::{Action, Answer, CampaignId, Candidate, Effect, Outcome, Scope, SendId, UnixMs, Why};

/// Requests for one message that are refused before it is given up.
const ATTEMPTS_MAX: u8 = 6;
/// Longest pause in an outage.
const OUTAGE_PAUSE_MS_MAX: i64 = MINUTE_MS;
/// Pause between two tries with a token that Meta does not take.
const TOKEN_PAUSE_MS: i64 = MINUTE_MS;
/// Pause after Meta said that it was too much in an hour, unless it says how long, and the longest that is believed.
const WAIT_MS: i64 = 5 * MINUTE_MS;
/// The same refusal so many times in a row pauses a campaign.
const SAME_REFUSALS_MAX: u32 = 20;

impl Line {
    pub(super) fn answered(&mut self, id: SendId, answer: Answer, now: UnixMs, effects: &mut Vec<Effect>) {
        let Some(flight) = self.sends.get(&id).filter(|flight| flight.stage == Stage::Requested) else {
            return;
        };
        let candidate = flight.candidate;
        if matches!(answer, Answer::Accepted { .. } | Answer::Refused { .. }) {
            self.heard_at = now;
        }
        match answer {
            Answer::Accepted { is_held } => {
                self.trouble = Trouble::default();
                self.final_answer(&candidate, None, now, effects);
                self.record(id, Outcome::Accepted { is_held }, effects);
            }
            Answer::NotBegun => self.put_off(id, now, 0, 0, effects),
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

    pub(super) fn brake(&mut self, campaign: CampaignId, now: UnixMs, effects: &mut Vec<Effect>) {
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
}

/// So that those who failed together do not come back together: less than a second, always the same for the same try.
fn jitter_ms(candidate: &Candidate) -> i64 {
    let mixed =
        (candidate.id.place ^ u64::from(candidate.attempts) << 48).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as i64 % SECOND_MS
}
