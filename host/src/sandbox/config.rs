//! The scenario: who is there, how they behave and what goes wrong. `docs/sandbox.md` describes it for people.

use serde::Deserialize;
use serde_json::Value;

use super::defaults;

/// What a scenario file says. Whatever it leaves out is as in the example data.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// Decides everything that looks like chance.
    pub seed: u64,
    /// How fast time passes in `serve`.
    pub speed: f64,
    /// Apps that call the API and have a callback.
    pub app: Vec<AppRecord>,
    /// Tokens, beside those of the example data.
    pub token: Vec<TokenRecord>,
    /// WhatsApp Business Accounts.
    pub waba: Vec<WabaRecord>,
    /// Business phone numbers.
    pub number: Vec<NumberRecord>,
    /// Templates that stand from the start, in the form of Meta's list.
    pub template: Vec<Value>,
    /// How people behave who are not named.
    pub people: People,
    /// People who behave as it says here.
    pub person: Vec<PersonRecord>,
    /// How templates are reviewed.
    pub review: Review,
    /// What review says about certain templates, and what becomes of them.
    pub verdict: Vec<VerdictRecord>,
    /// How webhooks travel.
    pub webhooks: Webhooks,
    /// What goes wrong.
    pub fault: Vec<FaultRecord>,
}

/// An app.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppRecord {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its secret, which signs webhooks and proofs.
    pub secret: String,
    /// Whether each call must carry `appsecret_proof`.
    #[serde(default)]
    pub requires_proof: bool,
    /// Where webhooks go; loopback only. Trusted without a handshake, because it stands in the scenario.
    #[serde(default)]
    pub callback: Option<String>,
}

/// A token.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRecord {
    /// The token itself.
    pub value: String,
    /// The app it belongs to; the first one if none is named.
    #[serde(default)]
    pub app: Option<String>,
    /// What it may do; everything if nothing is named.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// Accounts it may see; all if none is named.
    #[serde(default)]
    pub wabas: Vec<String>,
    /// Milliseconds from the start until it expires; never if it is not there, expired from the start if 0.
    #[serde(default)]
    pub expires_ms: Option<i64>,
}

/// A WhatsApp Business Account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WabaRecord {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether the portfolio is verified, which raises the number of templates.
    #[serde(default)]
    pub verified: bool,
    /// Whether marketing goes through the Marketing Messages API only (131063).
    #[serde(default)]
    pub marketing_disabled: bool,
    /// Whether messages of new templates are held back at first.
    #[serde(default)]
    pub pacing: bool,
}

/// A business phone number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberRecord {
    /// Its id.
    pub id: String,
    /// The account it belongs to.
    pub waba: String,
    /// With `+` and country code; spaces as it is shown.
    pub display: String,
    /// Its verified name.
    pub name: String,
    /// `TIER_250`, `TIER_2K`, `TIER_10K`, `TIER_100K` or `TIER_UNLIMITED`.
    #[serde(default = "defaults::tier")]
    pub tier: String,
    /// Messages a second.
    #[serde(default = "defaults::throughput_per_s")]
    pub throughput_per_s: u32,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    #[serde(default = "defaults::quality")]
    pub quality: String,
    /// `APPROVED`, `PENDING_REVIEW`, `DECLINED`, …
    #[serde(default = "defaults::approved")]
    pub name_status: String,
    /// Whether it is registered for the Cloud API.
    #[serde(default = "defaults::yes")]
    pub registered: bool,
    /// Its PIN, if one was set.
    #[serde(default)]
    pub pin: Option<String>,
    /// Whether its owner was verified by SMS or call.
    #[serde(default = "defaults::yes")]
    pub verified: bool,
    /// A test number writes only to these people.
    #[serde(default)]
    pub allowed: Vec<String>,
    /// Country codes that cannot be written to (130497).
    #[serde(default)]
    pub restricted: Vec<String>,
}

/// Shares between 0 and 1, and ranges of milliseconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct People {
    /// Have no WhatsApp (131026).
    pub absent: f64,
    /// Are in an experiment without marketing (130472).
    pub experiment: f64,
    /// Have their phone switched on.
    pub deliver: f64,
    /// Read what was delivered.
    pub read: f64,
    /// Answer what they read.
    pub answer: f64,
    /// Open an address in what they read, if it is one of this machine.
    pub tap: f64,
    /// Answer marketing they read with a STOP word.
    pub stop_word: f64,
    /// Stop marketing by WhatsApp's own switch after reading it.
    pub stop: f64,
    /// Take that back later.
    pub resume: f64,
    /// Keep their number to themselves, so that webhooks carry their user id only.
    pub hidden: f64,
    /// Marketing messages a person gets from all businesses in 24 hours (131049 after that).
    pub marketing_max: u32,
    /// Whether numbers of the United States get marketing. They do not since April 2025.
    pub us_marketing: bool,
    /// From acceptance to `sent`.
    pub sent_ms: [i64; 2],
    /// From `sent` to `delivered`.
    pub delivered_ms: [i64; 2],
    /// From `delivered` to `read`.
    pub read_ms: [i64; 2],
    /// From `read` to an answer.
    pub answer_ms: [i64; 2],
    /// From `read` to a tap.
    pub tap_ms: [i64; 2],
}

/// A person.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonRecord {
    /// With `+` and country code.
    pub number: String,
    /// The name in the profile.
    #[serde(default)]
    pub name: Option<String>,
    /// The error that every message to this person fails with.
    #[serde(default)]
    pub fails: Option<u32>,
    /// Whether messages arrive.
    #[serde(default)]
    pub delivers: Option<bool>,
    /// Whether messages are read.
    #[serde(default)]
    pub reads: Option<bool>,
    /// Whether addresses are opened.
    #[serde(default)]
    pub taps: Option<bool>,
    /// What comes back to everything that was read.
    #[serde(default)]
    pub answers: Option<String>,
    /// Whether marketing was stopped before.
    #[serde(default)]
    pub stopped: bool,
    /// Whether the number stays hidden.
    #[serde(default)]
    pub hidden: Option<bool>,
}

/// The review of templates.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Review {
    /// How long it takes.
    pub delay_ms: [i64; 2],
}

/// What review says about a template, and what comes after.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictRecord {
    /// The template's name.
    pub name: String,
    /// The language it concerns; all if none is named.
    #[serde(default)]
    pub language: Option<String>,
    /// `APPROVED` or `REJECTED`.
    #[serde(default)]
    pub status: Option<String>,
    /// Why it is rejected.
    #[serde(default)]
    pub reason: Option<String>,
    /// What comes after.
    #[serde(default)]
    pub then: Vec<StepRecord>,
}

/// Something that happens to a template.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRecord {
    /// How long after the verdict.
    #[serde(default)]
    pub after_ms: i64,
    /// A status: `PAUSED`, `DISABLED`, `FLAGGED`, `REINSTATED`, `IN_APPEAL`, `LOCKED`, `ARCHIVED`, …
    #[serde(default)]
    pub event: Option<String>,
    /// A quality: `GREEN`, `YELLOW`, `RED`.
    #[serde(default)]
    pub quality: Option<String>,
    /// A category that Meta puts it into.
    #[serde(default)]
    pub category: Option<String>,
    /// How long before that it is announced; at once if 0.
    #[serde(default)]
    pub notice_ms: i64,
}

/// How webhooks travel.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Share of webhooks that come twice.
    pub duplicates: f64,
    /// Share of webhooks that others overtake.
    pub disorder: f64,
    /// How late they are.
    pub delay_ms: [i64; 2],
    /// Updates wait for a multiple of this and go together; each goes alone if 0.
    pub batch_ms: i64,
}

/// Something that goes wrong with the next calls of a route.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRecord {
    /// Method and last part of the path, as in `POST messages`; `*` stands for any.
    pub route: String,
    /// How many calls.
    #[serde(default = "defaults::once")]
    pub times: u32,
    /// Answered with this error; nothing is done.
    #[serde(default)]
    pub code: Option<u32>,
    /// Answered with this page of a gateway; nothing is done.
    #[serde(default)]
    pub html: Option<u16>,
    /// The connection is cut: `before` the request is taken, or `after`.
    #[serde(default)]
    pub cut: Option<Cut>,
    /// The connection is cut when this much of the request's body has arrived, and only that is taken.
    #[serde(default)]
    pub body_bytes: Option<usize>,
    /// The answer comes this much later, in the sandbox's time.
    #[serde(default)]
    pub slow_ms: i64,
}

/// When a connection is cut.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Cut {
    /// Nothing was done.
    Before,
    /// Everything was done, and nobody is told.
    After,
}
