//! How an erasure is kept until it is done, and after that. No personal data is in it.

use serde::{Deserialize, Serialize};

/// An erasure that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRecord {
    /// When it was asked for, in milliseconds since 1970.
    pub asked_ms: i64,
    /// Who asked for it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// How far it is.
    pub state: ErasureState,
    /// When all of it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_ms: Option<i64>,
    /// Events of the log whose numbers were emptied, and those that say nothing of a number but belong to the profile.
    pub events: u64,
    /// Messages of campaigns that name the person no more.
    pub messages: u64,
    /// Things heard of Meta that were removed.
    pub heard: u64,
    /// Uploaded files that were removed.
    pub files: u64,
}

/// How far an erasure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureState {
    /// The person counts as opted out; not everything is gone yet.
    Begun,
    /// Nothing can be read any more; files may still hold what was removed.
    Removed,
    /// All is done.
    Done,
}
