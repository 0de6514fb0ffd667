//! What a host may ask of an inbox, version 1. Additions are free, changes are breaking.

use serde::Deserialize;

/// One of the two lines in which events wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Lane {
    /// What decides whether somebody may be written to.
    Consent,
    /// Everything else.
    Rest,
}

/// The body of `POST /inbox/{tenant}`.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Ask {
    /// The events after one, in their order.
    Pull {
        /// Whose.
        lane: Lane,
        /// The last one that is known already.
        #[serde(default)]
        after: u64,
        /// Most events to give.
        #[serde(default = "limit")]
        limit: u64,
        /// How long to wait for one, when there is none.
        #[serde(default)]
        wait_s: u64,
    },
    /// The host has stored them; here they are not needed any more.
    Acknowledge {
        /// Whose.
        lane: Lane,
        /// The last of them.
        up_to: u64,
        /// Where they were pulled from; what another inbox gave says nothing about this one.
        #[serde(default)]
        inbox: Option<String>,
    },
    /// Who of them has opted out by a word that is not acknowledged yet.
    Gate {
        /// E.164.
        #[serde(default)]
        numbers: Vec<String>,
        /// Business-scoped user ids.
        #[serde(default)]
        users: Vec<String>,
    },
    /// How much waits.
    Status {},
}

fn limit() -> u64 {
    500
}
