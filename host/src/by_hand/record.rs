//! How changes made by hand are kept.

use serde::{Deserialize, Serialize};

/// Changes of one person's attributes, the first first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditsRecord {
    /// The changes.
    pub edits: Vec<EditRecord>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditRecord {
    /// When.
    pub at_ms: i64,
    /// Who.
    pub by: String,
    /// Which attribute.
    pub name: String,
    /// What it was.
    pub from: Option<String>,
    /// What it became.
    pub to: Option<String>,
}
