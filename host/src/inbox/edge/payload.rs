//! What an edge worker answers.

use consentry_core::time::UnixMs;
use consentry_core::wire::webhook::v1::Event;
use serde::{Deserialize, Deserializer};

/// Events of a lane, in order.
#[derive(Deserialize)]
pub(super) struct Page<'a> {
    /// The id the inbox has given itself when its storage was made.
    pub(super) inbox: String,
    #[serde(borrow)]
    pub(super) events: Vec<Line<'a>>,
    /// The highest place the lane ever had.
    pub(super) end: u64,
}

/// An event and its place.
#[derive(Deserialize)]
pub(super) struct Line<'a> {
    pub(super) seq: u64,
    /// When the edge took it in.
    #[serde(default, deserialize_with = "instant")]
    pub(super) received_at: Option<UnixMs>,
    #[serde(borrow)]
    pub(super) event: Event<'a>,
}

/// Whose opt-out waits there.
#[derive(Deserialize)]
pub(super) struct Gated {
    pub(super) opted_out: OptedOut,
}

/// People by what they are known by.
#[derive(Deserialize)]
pub(super) struct OptedOut {
    pub(super) numbers: Vec<String>,
    pub(super) users: Vec<String>,
}

/// RFC 3339 in UTC, as the edge writes it; anything else is no time.
fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UnixMs>, D::Error> {
    Ok(UnixMs::parse(&String::deserialize(deserializer)?))
}
