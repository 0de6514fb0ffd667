//! What is kept of a connected account. Secrets are not among it: they are in the vault.

use serde::{Deserialize, Serialize};

/// An account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// `a1`.
    pub id: String,
    /// Its id at Meta.
    pub waba_id: String,
    /// Its name there.
    pub name: String,
    /// The app its token was made with.
    pub app_id: Option<String>,
    /// Address of the Graph API it is reached by.
    pub base: String,
    /// Version of the Graph API.
    pub version: String,
    /// Its numbers.
    pub numbers: Vec<Number>,
    /// Whether Meta sends its webhooks to the app.
    pub subscribed: bool,
    /// What Meta has to show when it asks for the first time.
    pub verify_token: String,
    /// Whether it can send.
    pub health: Option<Health>,
    /// When it was connected, in milliseconds since 1970.
    pub connected_at_ms: i64,
    /// Why it needs somebody's care.
    pub trouble: Option<String>,
    /// How the last pull of its templates went.
    pub sync: Option<Sync>,
    /// It was forgotten. Its id is not given out again: whatever still runs for it must not meet another account.
    #[serde(default)]
    pub forgotten: bool,
    /// When the last pull that succeeded began, in milliseconds since 1970: what Meta wrote before is known by it.
    #[serde(default)]
    pub pulled_from_ms: i64,
    /// When a pull was asked for last, until one that began later has succeeded: what calls for it outlives the process.
    #[serde(default)]
    pub pull_due_ms: Option<i64>,
    /// When its token ends, in milliseconds since 1970; none where it does not, or where Meta did not say.
    #[serde(default)]
    pub token_ends_at_ms: Option<i64>,
    /// Templates that somebody submits just now. Meta would take both of two submissions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub submitting: Vec<Submission>,
}

/// A template that is being submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// Since when, in milliseconds since 1970. Whoever began it may have died: it does not count for ever.
    pub since_ms: i64,
}

/// A phone number of an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Number {
    /// Its id at Meta.
    pub id: String,
    /// As Meta writes it.
    pub display: String,
    /// The name people see.
    pub name: String,
    /// What Meta says of that name: `APPROVED`, `PENDING_REVIEW`, …
    #[serde(default)]
    pub name_status: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    pub quality: Option<String>,
    /// `CONNECTED`, when it can send.
    pub status: Option<String>,
    /// `STANDARD`, `HIGH`, …
    pub throughput: Option<String>,
    /// How many people in a day it may write to first.
    pub limit: Option<String>,
}

/// Whether an account can send.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// `AVAILABLE`, `LIMITED` or `BLOCKED`.
    pub can_send: String,
    /// What is in the way, as Meta words it.
    pub errors: Vec<String>,
}

/// How a pull of the templates went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sync {
    /// When it ended, in milliseconds since 1970.
    pub at_ms: i64,
    /// Templates that Meta named.
    pub pulled: u64,
    /// Those that were new here.
    pub added: u64,
    /// Those that had changed.
    pub changed: u64,
    /// Those that Meta no longer named.
    pub gone: u64,
    /// Why it failed, or what could not be kept.
    pub trouble: Option<String>,
    /// Whether it failed; what was kept before stands.
    pub failed: bool,
}
