//! One sending number as a state machine: what happened goes in, what to do comes out, and nothing else is done. A shell
//! carries out effects in their order and tells what came of them.
//!
//! The way of a message: [`Effect::Load`] asks for it, [`Input::Loaded`] brings it, [`Effect::Intend`] has its intent
//! written down, [`Input::Intended`] tells that it is durable, [`Effect::Request`] lets it go - after the shell's last look
//! at the person's consent -, [`Input::Answered`] tells what Meta said, [`Effect::Record`] has that written down. A process
//! that dies in between leaves an intent without an outcome, and nobody sends that again.

mod answers;
mod brake;
pub mod cap;
mod lead;
mod line;
mod pace;
#[cfg(test)]
mod tests;
mod turn;

use std::fmt;

use crate::time::UnixMs;

use super::errors::Action;
use super::{CampaignId, SendId};

pub use brake::{Brake, Fate, Stands};
pub use line::Line;

/// What a campaign asks of the numbers that send it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Messages a second of this number for the campaign; as many as the number may where it is none.
    pub per_s: Option<f64>,
    /// Messages of this number in a package, and milliseconds from the beginning of one to that of the next.
    pub packages: Option<(u32, i64)>,
    /// When whoever was not written to is left out.
    pub ends_at: Option<UnixMs>,
    /// Percent of failures, opt-outs and messages held back by limits at which it stops, and messages before which nothing is
    /// concluded.
    pub brake: BrakeTerms,
}

/// When a campaign stops by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BrakeTerms {
    /// Percent of messages that failed.
    pub failed_percent: f64,
    /// Percent of people who opted out.
    pub opted_out_percent: f64,
    /// Percent of messages that Meta kept back because there were too many.
    pub limited_percent: f64,
    /// Messages before which nothing is concluded.
    pub after_messages: u32,
}

/// A message that may be sent next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Which.
    pub id: SendId,
    /// Whom it is for: identity of the number.
    pub person: u64,
    /// Requests that were made for it and refused.
    pub attempts: u8,
    /// The template it is made of, by its place in the campaign's messages.
    pub message: u8,
    /// The import that brought the person's consent; 0 for none.
    pub import: u64,
    /// When the portfolio has reached the person last, as far as is known here: a day later they are new again.
    pub reached_at: Option<UnixMs>,
    /// Until when it is quiet where the person is.
    pub quiet_until: Option<UnixMs>,
}

/// Nobody is named in a log.
impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("id", &self.id)
            .field("attempts", &self.attempts)
            .field("message", &self.message)
            .field("import", &self.import)
            .field("reached_at", &self.reached_at)
            .field("quiet_until", &self.quiet_until)
            .finish_non_exhaustive()
    }
}

/// What a shell saw in its last look before a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// The person's consent stands: the request has begun.
    Open,
    /// The person has opted out.
    OptedOut,
    /// The number is no longer the person's, or the person is no longer known.
    Gone,
    /// The campaign was paused in this very moment, or the lease of the number ran out: nothing began.
    Halted,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Meta took it.
    Accepted {
        /// It waits at Meta until the template's quality is known.
        is_held: bool,
    },
    /// Meta refused it: for certain, nothing was sent.
    Refused {
        /// Its code; 0 where it had none.
        code: i64,
        /// What that calls for.
        action: Action,
        /// How long Meta asks to wait, in milliseconds.
        wait_ms: Option<i64>,
    },
    /// Nothing left this machine, because nobody could be reached.
    NotSent,
    /// Nothing left this machine, because its moment had passed before it could: somebody spoke meanwhile, or the way to Meta
    /// had to be opened first. Nothing is wrong with it, or with Meta.
    NotBegun,
    /// It may have been sent.
    Unknown,
}

/// What was told of a message after it was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It failed, with Meta's code.
    Failed(i64),
    /// The person opted out within a day of it.
    OptedOut,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// Time has passed.
    Tick,
    /// What the number may do: messages a second, new people until it is told again (none: any number), and those of them
    /// who are chosen already.
    Limits {
        /// Messages a second that Meta allows it.
        per_s: u32,
        /// New people whom it may reach: its part of what its portfolio may in 24 hours.
        people: Option<u32>,
        /// Of whom the intents are not written yet.
        chosen: u32,
    },
    /// A campaign runs, or runs again, on these terms.
    Run(CampaignId, Terms),
    /// A campaign pauses or is cancelled: nothing more of it begins.
    Halt(CampaignId),
    /// Whatever held the number back (its own troubles, its account's, its token's) was mended.
    Mended,
    /// Messages that wait, in their order, as [`Effect::Load`] asked.
    Loaded {
        /// Of which campaign.
        campaign: CampaignId,
        /// The messages.
        candidates: &'a [Candidate],
        /// Nothing else waits that could go now.
        is_all: bool,
        /// When the next one that waits for its time can go; none where nothing waits.
        next_due: Option<UnixMs>,
    },
    /// These intents are durable.
    Intended(&'a [SendId]),
    /// The intent of one is durable, and the [cap](cap) of its campaign speaks against it: the person had as many, or may have
    /// had once everything under way is answered.
    Capped {
        /// Which.
        id: SendId,
        /// After how many milliseconds it is looked at again, where it is not certain.
        again_ms: Option<i64>,
    },
    /// The last look before a request.
    Gated(SendId, Gate),
    /// What became of a request.
    Answered(SendId, Answer),
    /// What was told later of a message of this campaign that came with this import.
    Told {
        /// Of which campaign.
        campaign: CampaignId,
        /// Which of its messages.
        message: u8,
        /// The import that brought the person's consent; 0 for none.
        import: u64,
        /// What.
        news: News,
    },
}

/// How a message stands after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Meta took it.
    Accepted {
        /// It waits at Meta until the template's quality is known.
        is_held: bool,
    },
    /// It will not be sent, for Meta's code (0 for none).
    Failed {
        /// Meta's code.
        code: i64,
    },
    /// It may have been sent, and is not sent again.
    Unknown,
    /// It waits for its time; nothing was sent.
    Waits {
        /// Until then.
        due: UnixMs,
        /// Requests that were refused so far.
        attempts: u8,
        /// Meta's last code; 0 for none.
        code: i64,
    },
    /// It is not sent, because the person opted out.
    OptedOut,
    /// It is not sent, because the number is no longer the person's.
    Gone,
    /// It is not sent, because the person had as many messages as the campaign's cap allows.
    Capped,
    /// It is not sent, because the campaign's time was over.
    Expired,
}

/// Why a campaign or a number stops.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Why {
    /// Too many messages failed.
    FailedRatio {
        /// Percent that did.
        percent: f64,
        /// The commonest code.
        code: i64,
        /// The message it was worst for.
        message: u8,
        /// The import whose people it was worst for; 0 for none.
        import: u64,
    },
    /// Too many people opted out.
    OptedOutRatio {
        /// Percent that did.
        percent: f64,
        /// The message it was worst for.
        message: u8,
        /// The import whose people it was worst for; 0 for none.
        import: u64,
    },
    /// Meta kept back too many.
    LimitedRatio {
        /// Percent that were.
        percent: f64,
        /// The commonest code.
        code: i64,
        /// The message it was worst for.
        message: u8,
        /// The import whose people it was worst for; 0 for none.
        import: u64,
    },
    /// The same refusal that somebody has to mend, so many times in a row.
    SameRefusal {
        /// Meta's code.
        code: i64,
        /// How many times.
        times: u32,
    },
    /// Meta refused with a code that stops the template, the number, the account or the token.
    Refused {
        /// Meta's code.
        code: i64,
    },
}

/// What stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One campaign.
    Campaign(CampaignId),
    /// Every campaign that sends the template of this message.
    Template(CampaignId, u8),
    /// This number.
    Number,
    /// Every number of the account.
    Account,
    /// Everything with the account's token.
    Token,
}

/// What to do. Effects are carried out in their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read so many messages of a campaign that may go now: those that were put off and are due first, then those that were
    /// never tried, in their order. One that was brought already may be brought again; it counts once. Whatever was to be recorded before must have been.
    Load {
        /// Of which campaign.
        campaign: CampaignId,
        /// How many at most.
        limit: usize,
    },
    /// Make these intents durable, all or none, then tell [`Input::Intended`]. Where the lease of the number was lost,
    /// nothing may be told and the machine is to be dropped.
    Intend(Vec<SendId>),
    /// Look at the person's consent and, if it stands, make the request at once.
    Request(SendId),
    /// Write down what became of a message.
    Record(SendId, Outcome),
    /// The person does not want it: an own opt-out.
    OptOut(SendId),
    /// Nothing more of this begins until somebody looks.
    Stop(Scope, Why),
    /// The time of the campaign is over: everything of it that waits on this number is left out.
    Expire(CampaignId),
    /// Nothing of the campaign waits on this number any more, and nothing of it is under way.
    Done(CampaignId),
}
