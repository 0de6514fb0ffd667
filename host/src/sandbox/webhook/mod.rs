//! Webhooks: who gets them, how they are signed and escaped, and what happens when nobody takes them.

pub(crate) mod message;
pub(crate) mod post;
pub(crate) mod template;

use serde_json::{Value, json};

use super::agenda::Event;
use super::auth::signature;
use super::state::{DAY_MS, State};

/// How long after each failed attempt the next one comes. After the last of them it is always that long.
const AGAIN_AFTER_MS: [i64; 9] =
    [1_000, 10_000, 60_000, 300_000, 900_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000];
/// When a webhook is given up.
const GIVEN_UP_MS: i64 = 7 * DAY_MS;
/// Fields that may go to an address of the account's own; all others go to the app's.
const OVERRIDABLE: [&str; 3] = ["messages", "calls", "account_settings_update"];
/// By how much others may overtake a webhook.
const OVERTAKEN_MS: [i64; 2] = [500, 30_000];

/// A webhook that is to be taken.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) url: String,
    pub(crate) body: String,
    pub(crate) signature: String,
    attempts: usize,
    since_ms: i64,
}

/// Puts a change on its way to every app that is subscribed. `messages` carry no time of their own.
pub(crate) fn announce(state: &mut State, waba: &str, field: &str, value: &Value) {
    let mut entry = json!({"id": waba, "changes": [{"value": value, "field": field}]});
    if !["messages", "user_preferences"].contains(&field) {
        entry["time"] = json!(state.now_ms / 1000);
    }
    let body = escaped(&json!({"object": "whatsapp_business_account", "entry": [entry]}).to_string());
    let subscribed = state.wabas.get(waba).map(|waba| waba.subscribed.clone()).unwrap_or_default();
    for (app, overridden) in subscribed {
        let Some(app) = state.apps.get(&app) else { continue };
        if !app.fields.is_empty() && !app.fields.iter().any(|own| own == field) {
            continue;
        }
        let own = overridden.filter(|_| OVERRIDABLE.contains(&field)).or_else(|| app.callback.clone());
        let Some(url) = own else { continue };
        let signature = signature(&app.secret, body.as_bytes());
        let delivery = Delivery { url, body: body.clone(), signature, attempts: 0, since_ms: state.now_ms };
        add(state, &delivery);
    }
}

/// An attempt has ended.
pub(crate) fn attempted(state: &mut State, id: u64, status: Option<u16>) {
    if status == Some(200) {
        state.tally.delivered_webhooks += 1;
        state.deliveries.remove(&id);
        return;
    }
    state.tally.failed_webhooks += 1;
    let now_ms = state.now_ms;
    let Some(delivery) = state.deliveries.get_mut(&id) else { return };
    let last = AGAIN_AFTER_MS.len() - 1;
    let wait_ms = AGAIN_AFTER_MS[delivery.attempts.min(last)];
    delivery.attempts += 1;
    if now_ms + wait_ms - delivery.since_ms > GIVEN_UP_MS {
        state.tally.abandoned_webhooks += 1;
        state.deliveries.remove(&id);
    } else {
        state.later(wait_ms, Event::Deliver { delivery: id });
    }
}

fn add(state: &mut State, delivery: &Delivery) {
    let how = state.scenario.webhooks.clone();
    let chance = state.chance;
    let copies = state.made;
    let subject = delivery.signature.clone();
    let twice = chance.happens(how.duplicates, "twice", &subject, copies);
    for copy in 0..=u64::from(twice) {
        state.made += 1;
        let id = state.made;
        let mut delay_ms = chance.between(how.delay_ms, "late", &subject, id);
        if copy > 0 || chance.happens(how.disorder, "overtaken", &subject, id) {
            delay_ms += chance.between(OVERTAKEN_MS, "overtaken by", &subject, id);
        }
        state.deliveries.insert(id, delivery.clone());
        state.later(delay_ms, Event::Deliver { delivery: id });
    }
}

/// JSON as Meta writes it: slashes and everything beyond ASCII are escaped.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for ch in json.chars() {
        match ch {
            '/' => out += "\\/",
            ch if ch.is_ascii() => out.push(ch),
            ch => {
                let mut units = [0; 2];
                for unit in ch.encode_utf16(&mut units) {
                    out += &format!("\\u{unit:04x}");
                }
            }
        }
    }
    out
}
