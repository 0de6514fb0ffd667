//! A delivery as the database keeps it: JSON under short names, what was not told left out. Frozen: what is here must be
//! read for as long as messages are remembered, so fields are only ever added.

use std::collections::BTreeMap;

use consentry_core::delivery::{Conversation, Delivery, Pricing, Problem, Said};
use consentry_core::time::UnixMs;
use serde::{Deserialize, Serialize};

use crate::store::StoreError;

/// Under each status what was said.
#[derive(Serialize, Deserialize)]
struct DeliveryRecord(BTreeMap<String, SaidRecord>);

#[derive(Serialize, Deserialize)]
struct SaidRecord {
    at: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    problems: Vec<ProblemRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pricing: Option<PricingRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    callback_data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone_number_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    conversation: Option<ConversationRecord>,
}

#[derive(Serialize, Deserialize)]
struct ProblemRecord {
    code: i64,
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    details: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct PricingRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    billable: Option<bool>,
}

#[derive(Serialize, Deserialize)]
struct ConversationRecord {
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
}

/// As it is kept.
pub(super) fn written(delivery: &Delivery) -> String {
    let said = delivery.said().map(|(word, said)| (word.to_owned(), SaidRecord::of(said)));
    serde_json::to_string(&DeliveryRecord(said.collect())).expect("texts and numbers are JSON")
}

/// Out of what was kept.
pub(super) fn read(text: &str) -> Result<Delivery, StoreError> {
    let DeliveryRecord(said) = serde_json::from_str(text)
        .map_err(|error| StoreError::Damaged(format!("a delivery cannot be read: {error}")))?;
    Ok(Delivery::of(said.into_iter().map(|(word, said)| (word, said.said()))))
}

impl SaidRecord {
    fn of(said: &Said) -> SaidRecord {
        let Said { at, problems, pricing, callback_data, number, user, phone_number_id, conversation } =
            said.clone();
        let problems = problems.into_iter();
        SaidRecord {
            at: at.0,
            problems: problems
                .map(|Problem { code, title, details }| ProblemRecord { code, title, details })
                .collect(),
            pricing: pricing.map(|Pricing { category, kind, model, billable }| PricingRecord {
                category,
                kind,
                model,
                billable,
            }),
            callback_data,
            number,
            user,
            phone_number_id,
            conversation: conversation.map(|Conversation { id, origin, expires }| ConversationRecord {
                id,
                origin,
                expires: expires.map(|at| at.0),
            }),
        }
    }

    fn said(self) -> Said {
        let SaidRecord { at, problems, pricing, callback_data, number, user, phone_number_id, conversation } =
            self;
        let problems = problems.into_iter();
        Said {
            at: UnixMs(at),
            problems: problems
                .map(|ProblemRecord { code, title, details }| Problem { code, title, details })
                .collect(),
            pricing: pricing.map(|PricingRecord { category, kind, model, billable }| Pricing {
                category,
                kind,
                model,
                billable,
            }),
            callback_data,
            number,
            user,
            phone_number_id,
            conversation: conversation.map(|ConversationRecord { id, origin, expires }| Conversation {
                id,
                origin,
                expires: expires.map(UnixMs),
            }),
        }
    }
}
