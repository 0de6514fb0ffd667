//! Templates as Meta keeps them: identity, status, quality, limits; routes that list, create, change and delete them.

pub(crate) mod authentication;
pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod life;
pub(crate) mod list;

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::answer::{Refusal, Reply};
use super::ask::Ask;
use super::auth::{Caller, MANAGEMENT};
use super::state::State;

/// A template in one language.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) id: u64,
    pub(crate) waba: String,
    pub(crate) name: String,
    pub(crate) language: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`
    pub(crate) category: String,
    pub(crate) status: String,
    /// As they were given, with types in capitals.
    pub(crate) components: Vec<Value>,
    pub(crate) named: bool,
    pub(crate) quality: String,
    pub(crate) quality_ms: i64,
    pub(crate) rejected_reason: Option<String>,
    pub(crate) previous_category: Option<String>,
    pub(crate) correct_category: Option<String>,
    /// Further properties that came with it.
    pub(crate) extra: Map<String, Value>,
    /// Times of its edits while approved.
    pub(crate) edits: VecDeque<i64>,
    /// Grows with every edit; what was planned for an older one is void.
    pub(crate) revision: u32,
    pub(crate) pauses: u32,
    /// Messages sent since it was approved or unpaused.
    pub(crate) sent: u32,
    /// Where an archived template returns to.
    pub(crate) before_archive: Option<String>,
}

impl Template {
    /// A component, by its type in capitals.
    pub(crate) fn component(&self, kind: &str) -> Option<&Value> {
        self.components.iter().find(|component| component["type"] == kind)
    }

    pub(crate) fn is(&self, waba: &str, name: &str) -> bool {
        self.waba == waba && self.name == name
    }

    /// What makes two templates the same to their readers.
    pub(crate) fn wording(&self) -> (String, String) {
        wording(&self.components)
    }
}

/// The texts of body and footer.
pub(crate) fn wording(components: &[Value]) -> (String, String) {
    let text = |kind: &str| {
        let found = components.iter().find(|component| component["type"] == kind);
        found.and_then(|component| component["text"].as_str()).unwrap_or_default().trim().to_owned()
    };
    (text("BODY"), text("FOOTER"))
}

/// `/{waba}/message_templates` and its neighbours.
pub(crate) fn of_account(state: &mut State, ask: &Ask, caller: &Caller, waba: &str) -> Reply {
    caller.needs(MANAGEMENT)?;
    match (ask.method.as_str(), ask.part(1), ask.part(2)) {
        ("GET", "message_templates", "") => list::list(state, ask, waba),
        ("POST", "message_templates", "") => create::create(state, ask, waba),
        ("DELETE", "message_templates", "") => change::delete_by_name(state, ask, waba),
        ("POST", "message_templates", "archive") => change::archive(state, ask, waba, true),
        ("POST", "message_templates", "unarchive") => change::archive(state, ask, waba, false),
        ("POST", "upsert_message_templates", "") => authentication::upsert(state, ask, waba),
        ("GET", "message_template_previews", "") => authentication::previews(ask),
        (method, _, _) => Err(Refusal::no_object(method, waba)),
    }
}

/// `/{template_id}` and what hangs on it.
pub(crate) fn node(state: &mut State, ask: &Ask, caller: &Caller, id: u64) -> Reply {
    caller.needs(MANAGEMENT)?;
    match (ask.method.as_str(), ask.part(1)) {
        ("GET", "") => list::one(state, ask, id),
        ("POST", "") => change::edit(state, ask, id),
        ("DELETE", "") => change::delete(state, &[id]).map(|()| json!({"success": true})),
        ("POST", "unpause") => change::unpause(state, id),
        (method, _) => Err(Refusal::no_object(method, &id.to_string())),
    }
}

/// A component with the words that mean something to the API in capitals, wherever they stand.
pub(crate) fn capitalised(component: &Value) -> Value {
    match component {
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                let value = match (name.as_str(), value) {
                    ("type" | "format" | "otp_type", Value::String(text)) => json!(text.to_ascii_uppercase()),
                    ("example", _) => value.clone(),
                    _ => capitalised(value),
                };
                (name.clone(), value)
            };
            Value::Object(fields.iter().map(field).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(capitalised).collect()),
        other => other.clone(),
    }
}
