//! Which call goes where. Everything is decided under the lock and at one moment; only an address that must first
//! answer a challenge leaves it, as a [`Handshake`].

use serde_json::{Value, json};

use super::answer::{Refusal, Reply};
use super::ask::Ask;
use super::auth::{self, Caller, MANAGEMENT};
use super::state::State;
use super::webhook::post::is_loopback;
use super::{accounts, media, numbers, sending, template};

/// What a call comes to.
#[derive(Debug)]
pub(crate) enum Outcome {
    Reply(Reply),
    /// The address must answer a challenge first.
    Handshake(Handshake),
}

/// A subscription that waits for its address.
#[derive(Clone, Debug)]
pub(crate) struct Handshake {
    pub(crate) callback: String,
    pub(crate) verify_token: String,
    pub(crate) app: String,
    /// The account whose address it is; the app's own if there is none.
    pub(crate) waba: Option<String>,
    pub(crate) fields: Vec<String>,
}

/// Answers a call.
pub(crate) fn dispatch(state: &mut State, ask: &Ask) -> Outcome {
    match (ask.part(0), ask.part(1), ask.part(2)) {
        ("oauth", "access_token", "") => return Outcome::Reply(auth::exchange(state, ask)),
        ("debug_token", "", "") => return Outcome::Reply(auth::debug(state, ask)),
        _ => {}
    }
    let caller = match auth::caller(state, ask) {
        Ok(caller) => caller,
        Err(refusal) => return Outcome::Reply(Err(refusal)),
    };
    match handshake(state, ask, &caller) {
        Ok(Some(handshake)) => Outcome::Handshake(handshake),
        Ok(None) => Outcome::Reply(answer(state, ask, &caller)),
        Err(refusal) => Outcome::Reply(Err(refusal)),
    }
}

/// The address answered its challenge.
pub(crate) fn shaken(state: &mut State, handshake: Handshake) -> Value {
    let Handshake { callback, app, waba, fields, .. } = handshake;
    if let Some(waba) = waba {
        return accounts::subscribe(state, &waba, &app, Some(&callback));
    }
    if let Some(app) = state.apps.get_mut(&app) {
        app.callback = Some(callback);
        app.fields = fields;
    }
    json!({"success": true})
}

/// What Meta says about an address that did not answer its challenge.
pub(crate) fn unshaken(status: Option<u16>) -> Refusal {
    let said = status.map_or_else(|| "no answer".to_owned(), |status| format!("HTTP Status Code = {status}"));
    Refusal::plain(
        400,
        2200,
        format!("(#2200) Callback verification failed with the following errors: {said}"),
    )
}

/// Whether this call is a subscription with an address to be tried.
fn handshake(state: &State, ask: &Ask, caller: &Caller) -> Result<Option<Handshake>, Refusal> {
    let id = ask.part(0);
    let (name, waba) = match (ask.method.as_str(), ask.part(1)) {
        ("POST", "subscriptions") if state.apps.contains_key(id) => ("callback_url", None),
        ("POST", "subscribed_apps") if sees_waba(state, caller, id) => {
            ("override_callback_uri", Some(id.to_owned()))
        }
        _ => return Ok(None),
    };
    let Some(callback) = ask.text(name) else {
        return if waba.is_some() { Ok(None) } else { ask.required(name).map(|_| None) };
    };
    caller.needs(MANAGEMENT)?;
    if !is_loopback(&callback) {
        let text = "The sandbox calls only http:// addresses of this machine, like http://127.0.0.1:8787/webhooks/meta";
        return Err(Refusal::plain(400, 2200, format!("(#2200) Callback verification failed: {text}")));
    }
    let fields = match ask.body.get("fields") {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => ask.text("fields").unwrap_or_default().split(',').map(str::trim).map(str::to_owned).collect(),
    };
    let fields: Vec<String> = fields;
    Ok(Some(Handshake {
        callback,
        verify_token: ask.required("verify_token")?,
        app: if waba.is_some() { caller.app.clone() } else { id.to_owned() },
        waba,
        fields: fields.into_iter().filter(|field| !field.is_empty()).collect(),
    }))
}

fn answer(state: &mut State, ask: &Ask, caller: &Caller) -> Reply {
    let id = ask.part(0).to_owned();
    let unknown = || Refusal::no_object(ask.method.as_str(), &id);
    if id == "me" {
        return accounts::me(state, ask, caller);
    }
    if id == state.business {
        return accounts::business(state, ask, caller);
    }
    if id.starts_with("upload:") {
        return media::proceed(state, ask);
    }
    if state.apps.contains_key(&id) {
        return of_app(state, ask, caller, &id);
    }
    if sees_waba(state, caller, &id) {
        return of_account(state, ask, caller, &id);
    }
    if let Some(number) = state.numbers.get(&id) {
        if !caller.sees(&number.waba) && ask.part(1) != "messages" {
            return Err(unknown());
        }
        return of_number(state, ask, caller, &id);
    }
    if let Some(template) = id.parse().ok().and_then(|id: u64| state.templates.get(&id)) {
        let (id, waba) = (template.id, template.waba.clone());
        if !caller.sees(&waba) {
            return Err(unknown());
        }
        sending::limits::calls(state, &waba)?;
        return template::node(state, ask, caller, id);
    }
    if state.media.contains_key(&id) {
        return media::node(state, ask, &id);
    }
    Err(unknown())
}

fn of_app(state: &mut State, ask: &Ask, caller: &Caller, id: &str) -> Reply {
    let Some(app) = state.apps.get_mut(id) else { return Err(Refusal::no_object(ask.method.as_str(), id)) };
    match (ask.method.as_str(), ask.part(1)) {
        ("GET", "") => Ok(
            json!({"id": app.id, "name": app.name, "link": format!("https://www.facebook.com/games/?app_id={id}")}),
        ),
        ("POST", "uploads") => media::begin(state, ask),
        ("GET", "subscriptions") => {
            let fields: Vec<Value> =
                app.fields.iter().map(|name| json!({"name": name, "version": ask.version})).collect();
            let data = app.callback.as_ref().map(|callback| {
                json!({"object": "whatsapp_business_account", "callback_url": callback, "active": true, "fields": fields})
            });
            Ok(json!({"data": data.into_iter().collect::<Vec<_>>()}))
        }
        ("DELETE", "subscriptions") => {
            caller.needs(MANAGEMENT)?;
            app.callback = None;
            Ok(json!({"success": true}))
        }
        (method, _) => Err(Refusal::no_object(method, id)),
    }
}

fn of_account(state: &mut State, ask: &Ask, caller: &Caller, id: &str) -> Reply {
    caller.needs(MANAGEMENT)?;
    sending::limits::calls(state, id)?;
    let Some(waba) = state.wabas.get(id).cloned() else {
        return Err(Refusal::no_object(ask.method.as_str(), id));
    };
    match (ask.method.as_str(), ask.part(1)) {
        ("GET", "") => accounts::waba(state, ask, &waba),
        ("GET", "phone_numbers") => numbers::list(state, ask, id),
        (_, "subscribed_apps") => accounts::subscribed_apps(state, ask, caller, id),
        (_, "message_templates" | "upsert_message_templates" | "message_template_previews") => {
            template::of_account(state, ask, caller, id)
        }
        (method, _) => Err(Refusal::no_object(method, id)),
    }
}

fn of_number(state: &mut State, ask: &Ask, caller: &Caller, id: &str) -> Reply {
    let Some(number) = state.numbers.get(id).cloned() else {
        return Err(Refusal::no_object(ask.method.as_str(), id));
    };
    match (ask.method.as_str(), ask.part(1)) {
        ("POST", "messages") => sending::send(state, ask, caller, id, false),
        ("POST", "marketing_messages") => sending::send(state, ask, caller, id, true),
        ("POST", "media") => {
            caller.needs(auth::MESSAGING)?;
            media::upload(state, ask, id)
        }
        (method, edge) => {
            caller.needs(MANAGEMENT)?;
            match (method, edge) {
                ("GET", "") => numbers::one(state, ask, &number),
                ("POST", "") => numbers::change(state, ask, id),
                ("POST", "register") => numbers::register(state, ask, id),
                ("POST", "deregister") => numbers::deregister(state, id),
                _ => Err(Refusal::no_object(method, id)),
            }
        }
    }
}

fn sees_waba(state: &State, caller: &Caller, id: &str) -> bool {
    state.wabas.contains_key(id) && caller.sees(id)
}
