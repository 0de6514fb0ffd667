//! Version 1 of the documents about what was heard of Meta and what became of messages.

use consentry_core::delivery::{Delivery, Step};
use serde::Serialize;
use serde_json::Value;

use crate::store::inbox::{InboxCounts, KeptEvent};

/// Events, the newest first.
#[derive(Clone, Debug, Serialize)]
pub struct EventsDocument {
    /// At most as many as were asked for.
    pub events: Vec<EventEntry>,
    /// `before` of the next page; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// One event.
#[derive(Clone, Debug, Serialize)]
pub struct EventEntry {
    /// Its place: later events have higher ones.
    pub seq: u64,
    /// RFC 3339.
    pub received_at: String,
    /// Whether nobody has to act on it, any more or at all.
    pub done: bool,
    /// As `webhook read` tells it.
    pub event: Value,
}

impl EventEntry {
    /// An event as it is answered.
    pub fn of(kept: &KeptEvent) -> EventEntry {
        EventEntry {
            seq: kept.seq,
            received_at: kept.received.to_string(),
            done: kept.done,
            event: serde_json::from_str(&kept.body).unwrap_or_default(),
        }
    }
}

/// How it goes with what is heard.
#[derive(Clone, Debug, Serialize)]
pub struct HearingDocument {
    /// Events ever kept.
    pub events: u64,
    /// People's own words that nobody has acted on yet.
    pub consent_waits: u64,
    /// Other events that nobody has acted on yet.
    pub rest_waits: u64,
    /// When the latest came, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_received_at: Option<String>,
    /// The edge worker they are pulled from, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edge: Option<EdgeDocument>,
}

impl HearingDocument {
    /// With these counts.
    pub fn of(counts: &InboxCounts, edge: Option<EdgeDocument>) -> HearingDocument {
        HearingDocument {
            events: counts.events,
            consent_waits: counts.consent_waits,
            rest_waits: counts.rest_waits,
            last_received_at: counts.last_received.map(|at| at.to_string()),
            edge,
        }
    }
}

/// An edge worker.
#[derive(Clone, Debug, Serialize)]
pub struct EdgeDocument {
    /// Where it is.
    pub url: String,
    /// Whether it answers.
    pub connected: bool,
    /// Whether all of people's own words that waited there when the server started are here.
    pub drained: bool,
    /// When it answered last, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_pulled_at: Option<String>,
    /// Why it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// What became of a message.
#[derive(Clone, Debug, Serialize)]
pub struct DeliveryDocument {
    /// Its wamid.
    pub message_id: String,
    /// `accepted`, `sent`, `delivered`, `read`, `played`, `failed` or `unknown`.
    pub standing: &'static str,
    /// Whom it was for, E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Whom it was for, business-scoped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Every status that was told or follows from another, by time.
    pub steps: Vec<StepDocument>,
    /// What went wrong.
    pub errors: Vec<ErrorDocument>,
    /// What Meta takes for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pricing: Option<PricingDocument>,
    /// What the sender had Meta repeat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_data: Option<String>,
    /// The business's number that sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number_id: Option<String>,
    /// The conversation it counts to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
}

/// How far a message came, and when.
#[derive(Clone, Debug, Serialize)]
pub struct StepDocument {
    /// The status.
    pub status: String,
    /// RFC 3339.
    pub at: String,
}

/// One error of Meta's.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorDocument {
    /// Meta's code.
    pub code: i64,
    /// A few words.
    pub title: String,
    /// More of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

/// What Meta takes for a message.
#[derive(Clone, Debug, Serialize)]
pub struct PricingDocument {
    /// `marketing`, `utility`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// `regular`, …
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `PMP`, `CBP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// To be given up by Meta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billable: Option<bool>,
}

impl DeliveryDocument {
    /// What is known of a message.
    pub fn of(message_id: &str, delivery: &Delivery) -> DeliveryDocument {
        let reached = Step::ALL.into_iter().filter(|step| Some(*step) <= delivery.reached());
        let known = reached.filter_map(|step| Some((delivery.reached_at(step)?, step.word().to_owned())));
        let is_step = |word: &str| Step::ALL.into_iter().any(|step| step.word() == word);
        let others =
            delivery.said().filter(|(word, _)| !is_step(word)).map(|(word, said)| (said.at, word.to_owned()));
        let mut steps: Vec<_> = known.chain(others).collect();
        steps.sort_by_key(|(at, _)| *at);
        let owned = |text: Option<&str>| text.map(str::to_owned);
        DeliveryDocument {
            message_id: message_id.to_owned(),
            standing: delivery.standing().word(),
            number: owned(delivery.number()),
            user_id: owned(delivery.user()),
            steps: steps
                .into_iter()
                .map(|(at, status)| StepDocument { status, at: at.to_string() })
                .collect(),
            errors: delivery
                .problems()
                .map(|problem| ErrorDocument {
                    code: problem.code,
                    title: problem.title.clone(),
                    details: problem.details.clone(),
                })
                .collect(),
            pricing: delivery.pricing().map(|pricing| PricingDocument {
                category: pricing.category.clone(),
                kind: pricing.kind.clone(),
                model: pricing.model.clone(),
                billable: pricing.billable,
            }),
            callback_data: owned(delivery.callback_data()),
            phone_number_id: owned(delivery.phone_number_id()),
            conversation_id: delivery.conversation().map(|conversation| conversation.id.clone()),
        }
    }
}
