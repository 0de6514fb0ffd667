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
/// Updates that go together at most.
const UPDATES_MAX: usize = 1000;
/// By how much others may overtake a webhook.
const OVERTAKEN_MS: [i64; 2] = [500, 30_000];

/// A webhook that is to be taken.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) url: String,
    pub(crate) body: String,
    pub(crate) signature: String,
    app: String,
    attempts: usize,
    since_ms: i64,
}

/// Lets a webhook take along what goes to the same place at the same moment.
pub(crate) fn merge(state: &mut State, id: u64, at_ms: i64) {
    if state.scenario.webhooks.batch_ms == 0 {
        return;
    }
    let Some(mut first) = state.deliveries.get(&id).filter(|first| first.attempts == 0).cloned() else {
        return;
    };
    let deliveries = &state.deliveries;
    let together = |other: u64| {
        deliveries
            .get(&other)
            .is_some_and(|other| other.attempts == 0 && other.url == first.url && other.app == first.app)
    };
    let others = state.agenda.take_deliveries(at_ms, together);
    let bodies = others.iter().filter_map(|other| state.deliveries.remove(other)).map(|other| other.body);
    let bodies: Vec<String> = std::iter::once(first.body.clone()).chain(bodies).collect();
    let mut bodies = bodies.chunks(UPDATES_MAX);
    let joined = |bodies: &[String]| {
        let documents = bodies.iter().filter_map(|body| serde_json::from_str::<Value>(body).ok());
        let entries: Vec<Value> = documents
            .flat_map(|document| document["entry"].as_array().cloned().unwrap_or_default())
            .collect();
        escaped(&json!({"object": "whatsapp_business_account", "entry": entries}).to_string())
    };
    let secret = state.apps.get(&first.app).map(|app| app.secret.clone()).unwrap_or_default();
    let Some(body) = bodies.next().map(joined) else { return };
    first.signature = signature(&secret, body.as_bytes());
    first.body = body;
    state.deliveries.insert(id, first.clone());
    for body in bodies.map(joined) {
        state.made += 1;
        let rest = Delivery { signature: signature(&secret, body.as_bytes()), body, ..first.clone() };
        state.deliveries.insert(state.made, rest);
        state.later(1, Event::Deliver { delivery: state.made });
    }
}

/// Puts a change on its way to every app that is subscribed. `messages` carry no time of their own.
pub(crate) fn announce(state: &mut State, waba: &str, field: &str, value: &Value) {
    let mut entry = json!({"id": waba, "changes": [{"value": value, "field": field}]});
    if !["messages", "user_preferences"].contains(&field) {
        entry["time"] = json!(state.now_ms / 1000);
    }
    let body = escaped(&json!({"object": "whatsapp_business_account", "entry": [entry]}).to_string());
    let subscribed = state.wabas.get(waba).map(|waba| waba.subscribed.clone()).unwrap_or_default();
    for (id, overridden) in subscribed {
        let Some(app) = state.apps.get(&id) else { continue };
        if !app.fields.is_empty() && !app.fields.iter().any(|own| own == field) {
            continue;
        }
        let own = overridden.filter(|_| OVERRIDABLE.contains(&field)).or_else(|| app.callback.clone());
        let Some(url) = own else { continue };
        let signature = signature(&app.secret, body.as_bytes());
        let delivery =
            Delivery { url, body: body.clone(), signature, app: id, attempts: 0, since_ms: state.now_ms };
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
        if how.batch_ms > 0 {
            delay_ms += how.batch_ms - 1 - (state.now_ms + delay_ms - 1).rem_euclid(how.batch_ms);
        }
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
