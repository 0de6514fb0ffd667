//! What is kept of a campaign: what people wrote, what was frozen of it, and what was done with it.

use std::collections::BTreeSet;

use consentry_core::wire::campaign::v1;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::wire::campaign::v1::PreflightDocument;

/// A campaign.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CampaignRecord {
    /// `c7`.
    pub id: String,
    /// As people wrote it.
    pub definition: v1::Campaign,
    /// What it tries, where it is one message to one person before everybody gets theirs: see [`super::try_out`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<Tries>,
    /// How it stands.
    pub state: State,
    /// When it was made, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// Who made it.
    pub created_by: String,
    /// When anything of it changed last.
    pub changed_at_ms: i64,
    /// Attempts at a plan that were begun or given up so far: the ledger takes nothing of any but the last.
    #[serde(default)]
    pub attempts: u64,
    /// The plan that is being made, while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freezing: Option<Freezing>,
    /// What was frozen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanRecord>,
    /// What was found out about the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preflight: Option<PreflightDocument>,
    /// Who said that the plan may be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Approval>,
    /// When it is to begin, by its schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at_ms: Option<i64>,
    /// When whoever was not written to is left out, by its schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at_ms: Option<i64>,
    /// When it was let go first: nothing of it was sent before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at_ms: Option<i64>,
    /// When it was let go on last, after it had paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed_at_ms: Option<i64>,
    /// How its messages stood then: its brake judges what came after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stood: Option<Vec<Stood>>,
    /// When it came to its end, was cancelled among that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at_ms: Option<i64>,
    /// Why it pauses, while it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Paused>,
    /// What was done with it, oldest first; the last [`HISTORY_MAX`].
    #[serde(default)]
    pub history: Vec<Deed>,
    /// It was deleted before anything was sent. Its id is not given out again: whatever is kept elsewhere under it must not
    /// meet another campaign.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// A message of another campaign, and whom it is tried on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tries {
    /// `c7`.
    pub campaign: String,
    /// Number of the profile.
    pub profile: u64,
}

/// What is to be known of all campaigns without their documents being read. It is written with whichever of them changes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// The highest number that was given to a campaign.
    pub last: u64,
    /// The highest that was given to one that tries a message: they have numbers of their own, from [`TRIALS_FROM`] on.
    #[serde(default)]
    pub last_trial: u64,
    /// Those that run or are scheduled.
    pub may_run: BTreeSet<String>,
}

/// The first number of campaigns that try a message of another: those of people have the numbers below.
pub const TRIALS_FROM: u64 = 1 << 19;

impl Index {
    /// Knows of a campaign's number.
    pub fn add(&mut self, number: u64) {
        let last = if number < TRIALS_FROM { &mut self.last } else { &mut self.last_trial };
        *last = number.max(*last);
    }
}

/// Deeds that are kept of a campaign.
pub const HISTORY_MAX: usize = 100;

/// How a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is being written.
    Draft,
    /// Its plan is being made.
    Freezing,
    /// Its plan stands, and it may be started.
    Frozen,
    /// Its plan stands, and another person has to look at it first.
    AwaitingApproval,
    /// It was started, and waits for its time.
    Scheduled,
    /// It is being sent.
    Running,
    /// It was stopped for the time being.
    Paused,
    /// Everybody was written to, or its time is over.
    Finished,
    /// It was given up.
    Cancelled,
}

impl State {
    /// As machines read it.
    pub fn id(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Freezing => "freezing",
            State::Frozen => "frozen",
            State::AwaitingApproval => "awaiting_approval",
            State::Scheduled => "scheduled",
            State::Running => "running",
            State::Paused => "paused",
            State::Finished => "finished",
            State::Cancelled => "cancelled",
        }
    }

    /// Whether nothing will ever be sent of it any more.
    pub fn is_over(self) -> bool {
        matches!(self, State::Finished | State::Cancelled)
    }
}

/// A plan that is being made. Whoever makes it writes now and then that he is still there; where that has stopped, another
/// begins anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freezing {
    /// Who wants it.
    pub by: String,
    /// Which attempt it is, of [`CampaignRecord::attempts`]: nobody else writes under it, and no earlier one any more.
    #[serde(default)]
    pub number: u64,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
    /// When it was heard of last.
    pub seen_ms: i64,
    /// People planned so far.
    pub done: u64,
    /// People that there are, as far as is known.
    pub of: u64,
}

/// What was frozen: what is approved is this, and what is sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanRecord {
    /// Hash over everything that is sent and to whom, in hex.
    pub sha256: String,
    /// People in the plan: those who are written to, those who lack something and those who get nothing to compare with.
    pub people: u64,
    /// Those who are to be written to.
    pub sendable: u64,
    /// Those who get nothing, to compare with.
    pub control: u64,
    /// When, in milliseconds since 1970.
    pub frozen_at_ms: i64,
    /// Who had it frozen; whoever approves it is somebody else.
    pub frozen_by: String,
    /// Ids at Meta of the numbers that send, in the order of their places in the plan.
    pub numbers: Vec<String>,
    /// What stands before the tokens of links, where taps are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<String>,
    /// What is sent, in the order of the places in the plan.
    pub messages: Vec<FrozenMessage>,
}

/// A message of a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FrozenMessage {
    /// Name of the template.
    pub template: String,
    /// Its language.
    pub language: String,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    pub category: String,
    /// Hash of the template's words, in hex: what Meta alone writes of it (status, quality) is not in it.
    pub template_sha256: String,
    /// The template as it was.
    pub document: Value,
    /// What stands for its variables, as people wrote it.
    pub values: std::collections::BTreeMap<String, v1::Value>,
    /// Names of the values that differ from person to person, in the order in which they are packed.
    pub value_names: Vec<String>,
}

/// Who approved which plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// The plan's hash.
    pub plan_sha256: String,
}

/// Messages that stood alike when their campaign was let go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stood {
    /// Which of the campaign's messages.
    pub message: u8,
    /// The import that brought the consents; 0 for none.
    pub import: u64,
    /// Whether Meta had taken or refused them.
    pub answered: bool,
    /// Meta's code, where they had failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// Whether their people had opted out.
    pub opted_out: bool,
    /// How many.
    pub messages: u64,
}

/// Why a campaign pauses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    /// `user`, `brake` or `meta`.
    pub by: String,
    /// `asked`, `failed-ratio`, `opted-out-ratio`, `limited-ratio`, `same-refusal`, `template`, `number`, `account`, `token`.
    pub why: String,
    /// The same for people.
    pub text: String,
    /// What helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
    /// Meta's code, where it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// The message it was worst for, by its place in the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<u8>,
    /// The import whose people it was worst for, like `i3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<String>,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
}

/// Something that was done with a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Who, for example `cli:root`.
    pub by: String,
    /// What, in words.
    pub did: String,
}
