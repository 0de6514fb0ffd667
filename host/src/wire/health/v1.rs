//! Version 1 of the document about how everything stands. Moments are RFC 3339, sizes are bytes; what is not known is absent.

use serde::Serialize;

use crate::wire::campaign::v1::WaitsDocument;
use crate::wire::inbox::v1::EdgeDocument;

/// How everything stands.
#[derive(Clone, Debug, Serialize)]
pub struct HealthDocument {
    /// The worst of the findings: `good`, `look` or `act`.
    pub state: &'static str,
    /// When this was looked at.
    pub at: String,
    /// What somebody should see to, the worst first.
    pub findings: Vec<FindingDocument>,
    /// What Meta told, and whether it was acted on.
    pub inbox: InboxDocument,
    /// WhatsApp accounts and their numbers.
    pub accounts: Vec<AccountDocument>,
    /// People whom messages left for within the last 24 hours, all numbers together.
    pub reached_today: u64,
    /// Imports that have not ended.
    pub imports: ImportsDocument,
    /// Campaigns that are scheduled, run or are paused.
    pub campaigns: Vec<CampaignDocument>,
    /// Where it is all kept.
    pub store: StoreDocument,
}

/// Something that somebody should see to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingDocument {
    /// `look` or `act`.
    pub state: &'static str,
    /// What it is, stable.
    pub code: &'static str,
    /// The same for people.
    pub text: String,
    /// What helps.
    pub cure: &'static str,
    /// The account it is about, `a1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The number it is about, by its id at Meta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The campaign it is about, `c1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// What it is called, or what was said of it, in whatever words that came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
}

/// What Meta told.
#[derive(Clone, Debug, Serialize)]
pub struct InboxDocument {
    /// People's own words about consent.
    pub consent: LaneDocument,
    /// Everything else.
    pub rest: LaneDocument,
    /// What came last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<HeardDocument>,
    /// The edge worker it is pulled from, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edge: Option<EdgeDocument>,
}

/// What waits of one kind.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LaneDocument {
    /// Events that nobody has acted on yet.
    pub waits: u64,
    /// When the oldest of them came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_at: Option<String>,
}

/// The last webhook.
#[derive(Clone, Debug, Serialize)]
pub struct HeardDocument {
    /// When it came.
    pub at: String,
    /// What it was about.
    pub kind: String,
    /// The account it was about, by its id at Meta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waba_id: Option<String>,
    /// The business's number it was about, by its id at Meta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number_id: Option<String>,
}

/// A WhatsApp account.
#[derive(Clone, Debug, Serialize)]
pub struct AccountDocument {
    /// `a1`.
    pub account: String,
    /// Its name at Meta.
    pub name: String,
    /// Its id there.
    pub waba_id: String,
    /// It is at a stand-in, not at Meta.
    pub sandbox: bool,
    /// Whether it can send, as Meta says: `AVAILABLE`, `LIMITED` or `BLOCKED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_send: Option<String>,
    /// Whether Meta sends its webhooks.
    pub subscribed: bool,
    /// When its token ends; absent where it does not, or where Meta did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_ends_at: Option<String>,
    /// When Meta was asked last how it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<String>,
    /// Its numbers.
    pub numbers: Vec<NumberDocument>,
}

/// A number that messages leave from.
#[derive(Clone, Debug, Serialize)]
pub struct NumberDocument {
    /// Its id at Meta.
    pub id: String,
    /// As Meta writes it.
    pub display: String,
    /// The name people see.
    pub name: String,
    /// What Meta says of that name: `APPROVED`, `PENDING_REVIEW`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_status: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
    /// `CONNECTED`, when it can send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `STANDARD`, `HIGH`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throughput: Option<String>,
    /// Meta's messaging limit, like `TIER_1K`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// How many people that is in 24 hours; absent for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people_per_day: Option<u64>,
}

/// Imports that have not ended.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportsDocument {
    /// How many.
    pub waits: u64,
    /// When the first of them came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_at: Option<String>,
}

/// A campaign that is under way.
#[derive(Clone, Debug, Serialize)]
pub struct CampaignDocument {
    /// `c1`.
    pub campaign: String,
    /// Its name.
    pub name: String,
    /// `scheduled`, `running` or `paused`.
    pub state: &'static str,
    /// Messages a second that leave at most for now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_s: Option<f64>,
    /// What it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits: Option<WaitsDocument>,
}

/// Where everything is kept.
#[derive(Clone, Debug, Serialize)]
pub struct StoreDocument {
    /// `folder` or `database`.
    pub kind: &'static str,
    /// People.
    pub people: u64,
    /// What the data folder takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// What is left on its disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_bytes: Option<u64>,
    /// When `store backup` was run last; a database is backed up by its own tools, of which nothing is known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backed_up_at: Option<String>,
}
