//! Templates as listings show them, which is not quite as they were given: handles of samples become addresses,
//! authentication templates become texts with a URL button.

use serde_json::{Value, json};

use super::super::answer::{Refusal, Reply};
use super::super::ask::Ask;
use super::super::paging::{page, select};
use super::super::state::State;
use super::Template;
use super::authentication::listed_authentication;

/// What a listing shows without being asked for more.
const TEMPLATE_FIELDS: [&str; 8] =
    ["name", "parameter_format", "components", "language", "status", "category", "sub_category", "id"];

/// `GET /{waba}/message_templates`
pub(crate) fn list(state: &State, ask: &Ask, waba: &str) -> Reply {
    let filter = |name: &str| ask.query.get(name).filter(|text| !text.is_empty());
    let any_of = |wanted: Option<&String>, own: &str| {
        wanted.is_none_or(|wanted| {
            wanted
                .split([',', '[', ']', '"'])
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .any(|word| word.eq_ignore_ascii_case(own))
        })
    };
    let contains =
        |wanted: Option<&String>, own: &str| wanted.is_none_or(|wanted| own.contains(wanted.as_str()));
    let mut items = Vec::new();
    for template in state.templates.values().filter(|template| template.waba == waba) {
        let (body, footer) = template.wording();
        let quality = filter("quality_score");
        if any_of(filter("status"), &template.status)
            && any_of(filter("category"), &template.category)
            && any_of(filter("language"), &template.language)
            && any_of(quality, &template.quality)
            && filter("name").is_none_or(|name| *name == template.name)
            && contains(filter("name_or_content"), &format!("{}\n{body}\n{footer}", template.name))
            && contains(filter("content"), &format!("{body}\n{footer}"))
            && filter("source").is_none_or(|source| source != "AUTO_GENERATED")
        {
            let item = select(ask, &document(state, template), &TEMPLATE_FIELDS, "WhatsAppMessageTemplate")?;
            items.push((template.id, item));
        }
    }
    page(ask, &state.base_url, items)
}

/// `GET /{template_id}`
pub(crate) fn one(state: &State, ask: &Ask, id: u64) -> Reply {
    let found = state.templates.get(&id);
    let template = found.ok_or_else(|| Refusal::no_object("GET", &id.to_string()))?;
    select(ask, &document(state, template), &TEMPLATE_FIELDS, "WhatsAppMessageTemplate")
}

/// Everything that can be asked about a template. What it does not have is `null`.
fn document(state: &State, template: &Template) -> Value {
    let components: Vec<Value> = if template.category == "AUTHENTICATION" {
        listed_authentication(&template.components, &template.language)
    } else {
        template.components.iter().map(|component| listed(state, component)).collect()
    };
    let sendable = ["APPROVED", "FLAGGED", "REINSTATED"].contains(&template.status.as_str());
    let mut entity = json!({
        "entity_type": "MESSAGE_TEMPLATE",
        "id": template.id.to_string(),
        "can_send_message": if sendable { "AVAILABLE" } else { "BLOCKED" },
    });
    if !sendable {
        entity["errors"] = json!([{
            "error_code": 141_002,
            "error_description": "Message templates can only be sent out if they are approved.",
            "possible_solution": "Edit or appeal the message template review decision.",
        }]);
    }
    let health = super::super::accounts::health(state, &template.waba, Some(entity));
    let mut document = json!({
        "id": template.id.to_string(),
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "sub_category": "CUSTOM",
        "status": template.status,
        "parameter_format": if template.named { "NAMED" } else { "POSITIONAL" },
        "components": components,
        "quality_score": {"score": template.quality, "date": template.quality_ms / 1000},
        "rejected_reason": template.rejected_reason.as_deref().unwrap_or("NONE"),
        "previous_category": template.previous_category,
        "correct_category": template.correct_category,
        "health_status": health,
        "message_send_ttl_seconds": Value::Null,
        "library_template_name": Value::Null,
        "cta_url_link_tracking_opted_out": Value::Null,
        "degrees_of_freedom_spec": Value::Null,
    });
    for (name, value) in &template.extra {
        document[name] = value.clone();
    }
    document
}

/// A component as a listing shows it.
fn listed(state: &State, component: &Value) -> Value {
    let mut listed = component.clone();
    if let Some(handle) = component["example"]["header_handle"][0].as_str() {
        let word = state.chance.word(24, "preview", handle, 0);
        listed["example"]["header_handle"] = json!([format!("{}/_sandbox/sample/{word}", state.base_url)]);
    }
    if let Some(cards) = component["cards"].as_array() {
        let card = |card: &Value| {
            let inner = card["components"].as_array().cloned().unwrap_or_default();
            json!({"components": inner.iter().map(|component| self::listed(state, component)).collect::<Vec<_>>()})
        };
        listed["cards"] = Value::Array(cards.iter().map(card).collect());
    }
    if let Some(buttons) = component["buttons"].as_array() {
        let button = |button: &Value| {
            let mut button = button.clone();
            // Whatever a single example was given as, it comes back in a list.
            if let Some(text) = button["example"].as_str().map(str::to_owned) {
                button["example"] = json!([text]);
            }
            if button["type"] == "COPY_CODE" {
                button["text"] = json!("Copy offer code");
            }
            if let Some(number) = button["phone_number"].as_str() {
                button["phone_number"] = json!(format!("+{}", super::super::state::digits(number)));
            }
            button
        };
        listed["buttons"] = Value::Array(buttons.iter().map(button).collect());
    }
    listed
}
