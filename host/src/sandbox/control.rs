//! The sandbox's own levers under `/_sandbox`: what tests and the panel use to move time, break things and look inside.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::written;
use super::config::{Cut, FaultRecord, StepRecord};
use super::dialog::new_code;
use super::people;
use super::sending::recipient::known_as;
use super::server::House;
use super::state::{DAY_MS, State, digits};
use super::template::life;
use super::webhook;

/// A picture of one grey pixel, for samples of headers.
const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 0x0a, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63,
    0x68, 0, 0, 0, 0x82, 0, 0x81, 0x77, 0xcd, 0x72, 0xb6, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42,
    0x60, 0x82,
];

/// No answer of the sandbox can be taken for one of Meta's.
pub(crate) async fn say_it_is_a_sandbox(mut response: Response) -> Response {
    response.headers_mut().insert("x-sandbox", HeaderValue::from_static("consentry"));
    response
}

/// A century: more than anything here lasts.
const ADVANCE_MS_MAX: i64 = 100 * 366 * DAY_MS;

/// `{"ms":…}`: moves time, and answers when everything that is due has happened and every webhook was tried.
pub(crate) async fn advance(Shared(room): Shared<House>, body: Bytes) -> Response {
    match read(&body)["ms"].as_i64().filter(|ms| (0..=ADVANCE_MS_MAX).contains(ms)) {
        Some(ms) => done(&json!({"now_ms": room.advance(ms).await})),
        None => refused("`ms` must be a number of milliseconds"),
    }
}

/// Everything, in short.
pub(crate) async fn state(Shared(room): Shared<House>) -> Json<Value> {
    Json(told(&room.state()))
}

pub(crate) async fn list_faults(Shared(room): Shared<House>) -> Json<Value> {
    Json(json!({"faults": told(&room.state())["faults"]}))
}

/// One fault, or `{"faults":[…]}` instead of all that wait.
pub(crate) async fn faults(Shared(room): Shared<House>, body: Bytes) -> Response {
    let document = read(&body);
    let (all, items) = match document["faults"].as_array() {
        Some(items) => (true, items.clone()),
        None => (false, vec![document]),
    };
    let mut faults = Vec::new();
    for item in items {
        match FaultRecord::read(item) {
            Ok(fault) => faults.push(fault),
            Err(why) => return refused(&why),
        }
    }
    let mut state = room.state();
    if all {
        state.faults.clear();
    }
    state.faults.extend(faults);
    done(&json!({"faults": told(&state)["faults"]}))
}

/// `{"from":"+…","text":"…","to"?}`: a person writes.
pub(crate) async fn inbound(Shared(room): Shared<House>, body: Bytes) -> Response {
    let document = read(&body);
    let mut state = room.state();
    let (Some(from), Some(to)) = (person(&document), number(&state, &document)) else {
        return refused("`from` must be a phone number, and `to` the id of a number of the sandbox");
    };
    let Some(text) = document["text"].as_str() else { return refused("`text` must be a text") };
    webhook::message::text(&mut state, &from, &to, text);
    room.wake();
    done(&json!({"from": from, "to": to}))
}

/// `{"from":"+…","value":"stop"|"resume","to"?}`: a person uses the switch for marketing.
pub(crate) async fn preferences(Shared(room): Shared<House>, body: Bytes) -> Response {
    let document = read(&body);
    let mut state = room.state();
    let (Some(from), Some(to)) = (person(&document), number(&state, &document)) else {
        return refused("`from` must be a phone number, and `to` the id of a number of the sandbox");
    };
    match document["value"].as_str() {
        Some(value @ ("stop" | "resume")) => {
            people::prefer(&mut state, &from, &to, value == "stop");
            room.wake();
            done(&json!({"from": from, "value": value}))
        }
        _ => refused("`value` must be `stop` or `resume`"),
    }
}

/// `{"app"?,"waba"?}`: what Embedded Signup would leave in the browser.
pub(crate) async fn signup(Shared(room): Shared<House>, body: Bytes) -> Response {
    let document = read(&body);
    let mut state = room.state();
    let first = |name: &str, own: Option<String>| document[name].as_str().map(str::to_owned).or(own);
    let app = first("app", state.apps.keys().next().cloned());
    let waba = first("waba", state.wabas.keys().next().cloned());
    let (Some(app), Some(waba)) = (app, waba) else { return refused("there is no app or no account") };
    if !state.apps.contains_key(&app) || !state.wabas.contains_key(&waba) {
        return refused("there is no such app or account");
    }
    let value = new_code(&mut state, &app, &waba, None);
    let number = state.numbers.values().find(|number| number.waba == waba).map(|number| number.id.clone());
    done(&json!({"code": value, "app_id": app, "waba_id": waba, "phone_number_id": number}))
}

/// `{"event"?,"quality"?,"category"?}`: something happens to a template now.
pub(crate) async fn step(Shared(room): Shared<House>, Path(id): Path<u64>, body: Bytes) -> Response {
    let step = match StepRecord::read(read(&body)) {
        Ok(step) => step,
        Err(why) => return refused(&why),
    };
    let mut state = room.state();
    if !state.templates.contains_key(&id) {
        return refused("there is no such template");
    }
    life::step(&mut state, id, &step);
    room.wake();
    done(&json!({"success": true}))
}

/// Media that was uploaded, for whoever has a token, until its address ends.
pub(crate) async fn media(
    Shared(room): Shared<House>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let state = room.state();
    let token =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if !token.is_some_and(|token| state.tokens.contains_key(token)) {
        return written(401, "application/json", "{}");
    }
    let until_s: i64 = query.get("ext").and_then(|until| until.parse().ok()).unwrap_or_default();
    match state.media.get(&id).filter(|_| state.now_ms / 1000 <= until_s) {
        Some(media) => written(200, &media.kind, media.bytes.clone()),
        None => written(404, "application/json", "{}"),
    }
}

/// What stands behind the address of a header's sample.
pub(crate) async fn sample(Path(_word): Path<String>) -> Response {
    written(200, "image/png", PIXEL)
}

fn told(state: &State) -> Value {
    let mut statuses = BTreeMap::<&str, u64>::new();
    for message in state.messages.values() {
        *statuses.entry(message.status).or_default() += 1;
    }
    let template = |template: &super::template::Template| {
        json!({
            "id": template.id.to_string(), "waba": template.waba, "name": template.name,
            "language": template.language, "status": template.status, "category": template.category,
            "quality": template.quality, "sent": template.sent,
        })
    };
    let number = |number: &super::state::Number| {
        json!({
            "id": number.id, "waba": number.waba, "display": number.display, "name": number.name,
            "tier": number.tier, "registered": number.registered, "quality": number.quality,
        })
    };
    let app = |app: &super::state::App| json!({"id": app.id, "name": app.name, "callback": app.callback, "fields": app.fields});
    let fault = |fault: &FaultRecord| {
        json!({
            "route": fault.route, "times": fault.times, "code": fault.code, "html": fault.html, "cut": fault.cut.map(|cut| if cut == Cut::Before { "before" } else { "after" }),
            "body_bytes": fault.body_bytes, "slow_ms": fault.slow_ms,
        })
    };
    let waba = |waba: &super::state::Waba| {
        json!({
            "id": waba.id, "name": waba.name, "subscribed": waba.subscribed.keys().collect::<Vec<_>>(),
            "reached": waba.reached.len(),
        })
    };
    json!({
        "now_ms": state.now_ms,
        "apps": state.apps.values().map(app).collect::<Vec<_>>(),
        "wabas": state.wabas.values().map(waba).collect::<Vec<_>>(),
        "numbers": state.numbers.values().map(number).collect::<Vec<_>>(),
        "templates": state.templates.values().map(template).collect::<Vec<_>>(),
        "people": state.people.len(),
        "stopped": state.people.values().filter(|person| person.stopped).count(),
        "messages": statuses,
        "agenda": state.agenda.len(),
        "next_ms": state.agenda.next_ms(),
        "faults": state.faults.iter().map(fault).collect::<Vec<_>>(),
        "calls": {"all": state.calls, "messages_accepted": state.tally.accepted, "refused": state.tally.refused},
        "webhooks": {
            "waiting": state.deliveries.len(),
            "taken": state.tally.delivered_webhooks,
            "attempts_failed": state.tally.failed_webhooks,
            "given_up": state.tally.abandoned_webhooks,
        },
    })
}

fn person(document: &Value) -> Option<String> {
    let number = digits(document["from"].as_str()?);
    (7..=15).contains(&number.len()).then(|| known_as(&number))
}

/// The number that is named, or the first one.
fn number(state: &State, document: &Value) -> Option<String> {
    match document["to"].as_str() {
        Some(id) => state.numbers.get(id).map(|number| number.id.clone()),
        None => state.numbers.keys().next().cloned(),
    }
}

fn read(body: &Bytes) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}

fn done(document: &Value) -> Response {
    written(200, "application/json", document.to_string())
}

fn refused(why: &str) -> Response {
    written(400, "application/json", json!({"error": {"message": why}}).to_string())
}
