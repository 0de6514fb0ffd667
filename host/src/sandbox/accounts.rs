//! Accounts as connecting sees them: businesses, WhatsApp Business Accounts, the apps that get their webhooks, health.

use serde_json::{Value, json};

use super::answer::{Refusal, Reply};
use super::ask::Ask;
use super::auth::{Caller, user};
use super::paging::{page, select};
use super::state::{State, Waba};

/// What a WABA tells without being asked for more.
const WABA_FIELDS: [&str; 4] = ["id", "name", "timezone_id", "message_template_namespace"];

/// `GET /me` and what hangs on it.
pub(crate) fn me(state: &State, ask: &Ask, caller: &Caller) -> Reply {
    let id = user(state, &caller.app);
    match ask.part(1) {
        "" => select(ask, &json!({"id": id, "name": "Sandbox system user"}), &["id", "name"], "User"),
        "businesses" => {
            page(ask, &state.base_url, vec![(1, json!({"id": state.business, "name": "Sandbox Business"}))])
        }
        "assigned_whatsapp_business_accounts" => accounts(state, ask, caller),
        _ => Err(Refusal::no_object(ask.method.as_str(), "me")),
    }
}

/// The business itself, and the accounts it owns or works for.
pub(crate) fn business(state: &State, ask: &Ask, caller: &Caller) -> Reply {
    caller.needs(super::auth::MANAGEMENT)?;
    match ask.part(1) {
        "" => {
            let node = json!({
                "id": state.business, "name": "Sandbox Business", "verification_status": "verified",
            });
            select(ask, &node, &["id", "name"], "Business")
        }
        "owned_whatsapp_business_accounts" => accounts(state, ask, caller),
        "client_whatsapp_business_accounts" => page(ask, &state.base_url, Vec::new()),
        _ => Err(Refusal::no_object(ask.method.as_str(), &state.business)),
    }
}

fn accounts(state: &State, ask: &Ask, caller: &Caller) -> Reply {
    let mut items = Vec::new();
    for waba in state.wabas.values().filter(|waba| caller.sees(&waba.id)) {
        let item = select(ask, &node(state, waba), &WABA_FIELDS, "WhatsAppBusinessAccount")?;
        items.push((waba.id.parse().unwrap_or(u64::MAX), item));
    }
    items.sort_by_key(|(key, _)| *key);
    page(ask, &state.base_url, items)
}

/// `GET /{waba}`
pub(crate) fn waba(state: &State, ask: &Ask, waba: &Waba) -> Reply {
    select(ask, &node(state, waba), &WABA_FIELDS, "WhatsAppBusinessAccount")
}

fn node(state: &State, waba: &Waba) -> Value {
    let namespace = state.chance.word(32, "namespace", &waba.id, 0).to_ascii_lowercase();
    json!({
        "id": waba.id,
        "name": waba.name,
        "timezone_id": "1",
        "message_template_namespace": namespace,
        "account_review_status": "APPROVED",
        "business_verification_status": if waba.verified { "verified" } else { "not_verified" },
        "status": "ACTIVE",
        "currency": "USD",
        "country": "US",
        "ownership_type": "SELF_OWNED",
        "owner_business_info": {"id": state.business, "name": "Sandbox Business"},
        "health_status": health(state, &waba.id, None),
    })
}

/// Whether anything stands in the way of sending: of a number if one is named.
pub(crate) fn health(state: &State, waba: &str, first: Option<Value>) -> Value {
    let app = state.wabas.get(waba).and_then(|waba| waba.subscribed.keys().next().cloned());
    let app = app.or_else(|| state.apps.keys().next().cloned()).unwrap_or_default();
    let good = |kind: &str, id: &str| json!({"entity_type": kind, "id": id, "can_send_message": "AVAILABLE"});
    let mut entities: Vec<Value> = first.into_iter().collect();
    entities.extend([good("WABA", waba), good("BUSINESS", &state.business), good("APP", &app)]);
    let says = |word: &str| entities.iter().any(|entity| entity["can_send_message"] == word);
    let overall = ["BLOCKED", "LIMITED"].into_iter().find(|word| says(word)).unwrap_or("AVAILABLE");
    json!({"can_send_message": overall, "entities": entities})
}

/// `GET` and `DELETE /{waba}/subscribed_apps`, and `POST` without an address of its own.
pub(crate) fn subscribed_apps(state: &mut State, ask: &Ask, caller: &Caller, id: &str) -> Reply {
    match ask.method.as_str() {
        "GET" => {
            let apps = state.wabas.get(id).map(|waba| waba.subscribed.clone()).unwrap_or_default();
            Ok(
                json!({"data": apps.iter().map(|(app, to)| app_data(state, app, to.as_ref())).collect::<Vec<_>>()}),
            )
        }
        "POST" => Ok(subscribe(state, id, &caller.app, None)),
        "DELETE" => {
            if let Some(waba) = state.wabas.get_mut(id) {
                waba.subscribed.remove(&caller.app);
            }
            Ok(json!({"success": true}))
        }
        method => Err(Refusal::no_object(method, id)),
    }
}

/// Subscribes an app to an account, with an address of its own or the app's.
pub(crate) fn subscribe(state: &mut State, waba: &str, app: &str, to: Option<&String>) -> Value {
    if let Some(waba) = state.wabas.get_mut(waba) {
        waba.subscribed.insert(app.to_owned(), to.cloned());
    }
    match to.is_some() {
        true => json!({"success": true, "data": [app_data(state, app, to)]}),
        false => json!({"success": true}),
    }
}

fn app_data(state: &State, app: &str, to: Option<&String>) -> Value {
    let name = state.apps.get(app).map(|app| app.name.clone()).unwrap_or_default();
    let link = format!("https://www.facebook.com/games/?app_id={app}");
    let mut data = json!({"whatsapp_business_api_data": {"id": app, "link": link, "name": name}});
    if let Some(to) = to {
        data["override_callback_uri"] = json!(to);
    }
    data
}
