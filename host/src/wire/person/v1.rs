//! Version 1 of what is known of one person: how they stand, who held their number, what they were sent, what was changed
//! by hand.

use consentry_core::matching::ProfileId;
use consentry_core::time::UnixMs;
use serde::Serialize;

use crate::erasure::record::{ErasureRecord, ErasureState};
use crate::wire::v1::ProfileDocument;

/// A person who is erased, or was. Nothing in it says who.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErasureDocument {
    /// `p12`.
    pub profile: String,
    /// `begun`, `removed` or `done`.
    pub state: &'static str,
    /// When it was asked for, RFC 3339.
    pub asked_at: String,
    /// When all of it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_at: Option<String>,
    /// Who asked for it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Events of the log that name the person no more.
    pub events: u64,
    /// Messages of campaigns that name the person no more.
    pub messages: u64,
    /// Things heard of Meta that were removed.
    pub heard: u64,
    /// Uploaded files that were removed.
    pub files: u64,
}

impl ErasureDocument {
    /// The document of an erasure.
    pub fn of(profile: ProfileId, record: &ErasureRecord) -> ErasureDocument {
        ErasureDocument {
            profile: profile.to_string(),
            state: match record.state {
                ErasureState::Begun => "begun",
                ErasureState::Removed => "removed",
                ErasureState::Done => "done",
            },
            asked_at: UnixMs(record.asked_ms).to_string(),
            done_at: record.done_ms.map(|at| UnixMs(at).to_string()),
            by: record.by.clone(),
            reason: record.reason.clone(),
            events: record.events,
            messages: record.messages,
            heard: record.heard,
            files: record.files,
        }
    }
}

/// Whether a number or a person may be written to, since when, and which event says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StandingDocument {
    /// Whether WhatsApp messages may go to the number now.
    pub may_be_messaged: bool,
    /// `opt_in`, `opt_out`, or nothing where nobody has said anything.
    pub permission: Option<&'static str>,
    /// Since when it stands like this, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Place in the log of the event that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<u64>,
}

/// Who held a number, from when until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HoldingDocument {
    /// Whose it was.
    pub profile: String,
    /// Since when, RFC 3339; absent where it is earlier than the events that were looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The event that gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_event: Option<u64>,
    /// Until when, RFC 3339; absent for whoever holds it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The event that took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_event: Option<u64>,
    /// The profile it went to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<String>,
}

/// A person, and what is known beside their consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonOneDocument {
    /// The profile.
    pub profile: ProfileDocument,
    /// What campaigns sent to the number, the latest first.
    pub messages: Vec<SentDocument>,
    /// Attributes changed by hand, the latest first.
    pub edits: Vec<EditDocument>,
}

/// A message of a campaign that was meant for somebody, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentDocument {
    /// `c7`.
    pub campaign: String,
    /// How people call it; empty where it is gone.
    pub name: String,
    /// Its place in the campaign's plan.
    pub place: u64,
    /// The template.
    pub template: String,
    /// Its language.
    pub language: String,
    /// The number it was for.
    pub number: String,
    /// How it stands, in the words of the campaign's list of people.
    pub status: &'static str,
    /// Meta's code, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// What that means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Meta's id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// When it was about to leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intended_at: Option<String>,
    /// When Meta says it left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<String>,
    /// When it was on the phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<String>,
    /// When it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<String>,
    /// When it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<String>,
    /// When the person answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replied_at: Option<String>,
    /// When the person opted out after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opted_out_at: Option<String>,
    /// When the person first tapped an address in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clicked_at: Option<String>,
}

/// An attribute that somebody changed by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EditDocument {
    /// When, RFC 3339.
    pub at: String,
    /// Who.
    pub by: String,
    /// Which attribute.
    pub name: String,
    /// What it was; nothing where there was none.
    pub from: Option<String>,
    /// What it became; nothing where it was taken away.
    pub to: Option<String>,
}

/// The key that evidence is signed with, for whoever verifies it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceKeyDocument {
    /// `Ed25519`.
    pub algorithm: &'static str,
    /// 32 bytes as hexadecimal digits.
    pub public_key: String,
}

/// What came of verifying a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceVerdictDocument {
    /// Every byte is as it was signed, and the key is the one that was expected.
    pub verified: bool,
    /// Every byte is as it was signed by whoever has the key.
    pub intact: bool,
    /// The key that the pack names, as hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// Whether that is the key that was expected; absent where nobody has said which one that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_is_expected: Option<bool>,
    /// Whom the pack is about, and when it was made, as it says itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_at: Option<String>,
    /// Parts that are not as they were signed, for example `events/3`.
    pub changed: Vec<String>,
    /// What is wrong, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}
