//! Statuses of messages, what people write, and what they prefer.

use serde_json::{Value, json};

use super::super::answer::title;
use super::super::people;
use super::super::state::{Message, State};
use super::announce;

/// From this moment on, the first of October 2026, messages of the service window and utility templates in it are
/// billed.
const WINDOW_BILLED_MS: i64 = 1_790_812_800_000;
const ERRORS_PAGE: &str = "/documentation/business-messaging/whatsapp/support/error-codes";

/// A status of a message.
pub(crate) fn status(state: &mut State, message: &Message, status: &str, error: Option<u32>) {
    let Some((mut value, waba)) = envelope(state, &message.number) else { return };
    let person = people::of(state, &message.person).clone();
    let mut told = json!({"id": message.id, "status": status, "timestamp": seconds(state)});
    if !person.hidden {
        told["recipient_id"] = json!(message.person);
    }
    if let Some(opaque) = &message.opaque {
        told["biz_opaque_callback_data"] = json!(opaque);
    }
    if let Some(code) = error {
        let title = title(code);
        told["errors"] = json!([{
            "code": code, "title": title, "message": title, "error_data": {"details": details(code)}, "href": ERRORS_PAGE,
        }]);
        // Failed statuses name the user id only if it was written to.
        if message.by_user_id {
            told["recipient_user_id"] = json!(person.user_id);
        }
    } else {
        told["recipient_user_id"] = json!(person.user_id);
        value["contacts"] = json!([contact(state, &message.person)]);
        if status != "read" {
            told["pricing"] = pricing(message);
        }
    }
    value["statuses"] = json!([told]);
    announce(state, &waba, "messages", &value);
}

/// A person writes.
pub(crate) fn text(state: &mut State, person: &str, number: &str, text: &str) {
    inbound(state, person, number, json!({"type": "text", "text": {"body": text}}));
}

/// A person taps a quick reply of a template.
pub(crate) fn button(state: &mut State, message: &Message, label: &str) {
    let from = state.numbers.get(&message.number).map(|number| number.digits()).unwrap_or_default();
    let content = json!({
        "type": "button",
        "button": {"payload": label, "text": label},
        "context": {"from": from, "id": message.id},
    });
    inbound(state, &message.person, &message.number, content);
}

/// A person uses the switch for marketing.
pub(crate) fn preference(state: &mut State, person: &str, number: &str, stop: bool) {
    let Some((mut value, waba)) = envelope(state, number) else { return };
    let known = people::of(state, person).clone();
    value["contacts"] = json!([contact(state, person)]);
    let word = if stop { "stop" } else { "resume" };
    let mut told = json!({
        "user_id": known.user_id,
        "detail": format!("User requested to {word} marketing messages"),
        "category": "marketing_messages",
        "value": word,
        "timestamp": state.now_ms / 1000,
    });
    if !known.hidden {
        told["wa_id"] = json!(person);
    }
    value["user_preferences"] = json!([told]);
    announce(state, &waba, "user_preferences", &value);
}

fn inbound(state: &mut State, person: &str, number: &str, mut content: Value) {
    let id = people::wrote(state, person, number);
    let Some((mut value, waba)) = envelope(state, number) else { return };
    let known = people::of(state, person).clone();
    content["id"] = json!(id);
    content["timestamp"] = json!(seconds(state));
    content["from_user_id"] = json!(known.user_id);
    if !known.hidden {
        content["from"] = json!(person);
    }
    value["contacts"] = json!([contact(state, person)]);
    value["messages"] = json!([content]);
    announce(state, &waba, "messages", &value);
}

/// What every value of a message begins with, and the account it belongs to.
fn envelope(state: &State, number: &str) -> Option<(Value, String)> {
    let number = state.numbers.get(number)?;
    let metadata = json!({"display_phone_number": number.digits(), "phone_number_id": number.id});
    Some((json!({"messaging_product": "whatsapp", "metadata": metadata}), number.waba.clone()))
}

fn contact(state: &mut State, person: &str) -> Value {
    let known = people::of(state, person);
    let mut contact = json!({"profile": {"name": known.name}, "user_id": known.user_id});
    if !known.hidden {
        contact["wa_id"] = json!(person);
    }
    contact
}

fn pricing(message: &Message) -> Value {
    let in_window = message.in_window && matches!(message.category, "service" | "utility");
    let free = in_window && message.accepted_ms < WINDOW_BILLED_MS;
    json!({
        "billable": !free,
        "pricing_model": "PMP",
        "type": if free { "free_customer_service" } else { "regular" },
        "category": message.category,
    })
}

fn seconds(state: &State) -> String {
    (state.now_ms / 1000).to_string()
}

/// What the documentation says of an error beyond its title.
fn details(code: u32) -> &'static str {
    match code {
        130_472 => "Failed to send message because this user's phone number is part of an experiment",
        131_026 => "Message Undeliverable.",
        131_047 => {
            "Message failed to send because more than 24 hours have passed since the customer last replied to this \
             number."
        }
        131_048 => {
            "Message failed to send because there are restrictions on how many messages can be sent from this phone \
             number."
        }
        131_049 => "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
        131_050 => {
            "The recipient has chosen to stop receiving marketing messages on WhatsApp from your business."
        }
        131_062 => {
            "Authentication templates with one-tap, zero-tap or copy code buttons need a phone number."
        }
        132_015 => "Template is paused due to low quality",
        other => title(other),
    }
}
