//! What is kept of a template: Meta's own document, and what we know beside it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A template that Meta has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TemplateRecord {
    /// Meta's document as it came; status, quality and category are kept up to date in it as webhooks tell them.
    pub template: Value,
    /// Where the values of its variables come from.
    pub values: Map<String, Value>,
    /// When Meta no longer named it, in milliseconds since 1970.
    pub stale_since_ms: Option<i64>,
    /// When Meta named it last.
    pub synced_at_ms: i64,
    /// When anything of it changed last.
    pub changed_at_ms: i64,
    /// When the pull or the submission that wrote it began, in seconds since 1970: what Meta told earlier is no news.
    pub told_at_s: i64,
    /// When the last webhooks about it were written at Meta's: they come in any order.
    #[serde(default)]
    pub told: Told,
    /// What Meta told of its status and does not list: `rejection_info`, `disable_info`. Gone when the status changes.
    #[serde(default)]
    pub aside: Map<String, Value>,
    /// Who submitted it last, if they said so.
    pub by: Option<String>,
}

/// When Meta told last of each group of fields, in seconds since 1970: news of one says nothing of the age of another's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Of the status.
    pub status_s: i64,
    /// Of the quality.
    pub quality_s: i64,
    /// Of the category.
    pub category_s: i64,
}

/// A template that is being written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftRecord {
    /// The document that will be submitted.
    pub template: Value,
    /// Where the values of its variables will come from.
    pub values: Map<String, Value>,
    /// When it was kept, in milliseconds since 1970.
    pub changed_at_ms: i64,
}
