//! The dialog in which a customer says which account an app may use: Embedded Signup, as a window of its own. At Meta it
//! stands on another host than the API, signs the person in first and takes some ten pages; here it is one page with two
//! buttons. What comes back is as documented: a message to the window that opened it, and a code in the address to go to.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::written;
use super::server::House;
use super::state::{Code, State};
use super::webhook::post::is_loopback;

type Asked = Query<BTreeMap<String, String>>;

/// `GET /v26.0/dialog/oauth`
pub(crate) async fn page(Shared(room): Shared<House>, Query(asked): Asked) -> Response {
    let state = room.state();
    match offer(&state, &asked) {
        Ok(offer) => html(200, &offer.page(&asked)),
        Err(why) => html(400, &format!("<h1>Sorry, something went wrong.</h1><p>{}</p>", plain(why))),
    }
}

/// What the first button leads to: a code is made now, and lasts from now on.
pub(crate) async fn agreed(
    Shared(room): Shared<House>,
    Path(_version): Path<String>,
    Query(asked): Asked,
) -> Response {
    let mut state = room.state();
    let offer = match offer(&state, &asked) {
        Ok(offer) => offer,
        Err(why) => return html(400, &format!("<p>{}</p>", plain(why))),
    };
    let code = new_code(&mut state, &offer.app, &offer.waba, Some(&offer.back));
    let address = offer.back_with(&asked, &[("code", &code)]);
    let mut response = written(302, "text/html", "");
    response.headers_mut().extend(HeaderValue::from_str(&address).map(|to| (header::LOCATION, to)));
    response
}

/// A code that can be exchanged for a token, once and for half a minute; only with the same address to go back to.
pub(crate) fn new_code(state: &mut State, app: &str, waba: &str, back: Option<&str>) -> String {
    state.made += 1;
    let value = format!("AQ{}", state.chance.word(40, "code", waba, state.made));
    let code = Code {
        app: app.to_owned(),
        waba: waba.to_owned(),
        back: back.map(str::to_owned),
        issued_ms: state.now_ms,
        used: false,
    };
    state.codes.insert(value.clone(), code);
    value
}

/// What is asked for, when it is asked rightly.
struct Offer {
    app: String,
    app_name: String,
    waba: String,
    waba_name: String,
    number: Option<String>,
    back: String,
}

fn offer(state: &State, asked: &BTreeMap<String, String>) -> Result<Offer, &'static str> {
    let get = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let app = state
        .apps
        .get(get("client_id"))
        .ok_or("Invalid App ID: The provided app ID does not look like a valid app ID.")?;
    if get("config_id").is_empty() {
        return Err("Invalid configuration: The parameter config_id is required.");
    }
    if get("response_type") != "code" || get("override_default_response_type") != "true" {
        return Err(
            "A system user's token is given for a code only: response_type=code&override_default_response_type=true",
        );
    }
    let back = get("redirect_uri");
    if !is_loopback(back) || back.contains(['?', '#']) {
        return Err(
            "URL blocked: This redirect failed because the redirect URI is not white-listed in the app's client OAuth settings.",
        );
    }
    let waba = state.wabas.values().next().ok_or("There is no account.")?;
    let number = state.numbers.values().find(|number| number.waba == waba.id);
    Ok(Offer {
        app: app.id.clone(),
        app_name: app.name.clone(),
        waba: waba.id.clone(),
        waba_name: waba.name.clone(),
        number: number.map(|number| number.id.clone()),
        back: back.to_owned(),
    })
}

impl Offer {
    fn back_with(&self, asked: &BTreeMap<String, String>, more: &[(&str, &str)]) -> String {
        let state = asked.get("state").map(|state| ("state", state.as_str()));
        let pairs: Vec<String> = more
            .iter()
            .copied()
            .chain(state)
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        format!("{}?{}", self.back, pairs.join("&"))
    }

    fn page(&self, asked: &BTreeMap<String, String>) -> String {
        let query: Vec<String> =
            asked.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
        let finish = json!({"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "version": 3,
            "data": {"phone_number_id": self.number, "waba_id": self.waba}});
        let cancel = json!({"type": "WA_EMBEDDED_SIGNUP", "event": "CANCEL", "version": 3,
            "data": {"current_step": "PHONE_NUMBER_SETUP"}});
        let refused = self.back_with(asked, &[("error", "access_denied"), ("error_reason", "user_denied")]);
        let ways = json!({
            "finish": {"message": finish.to_string(), "to": format!("oauth/agreed?{}", query.join("&"))},
            "cancel": {"message": cancel.to_string(), "to": refused},
        });
        format!(
            "<h1>Sandbox of Meta's sign-up</h1><p>{} wants to manage {} and send for it.</p>\
             <button id=\"finish\">Continue</button> <button id=\"cancel\">Cancel</button>\
             <script>const ways = {};\
             for (const [name, {{ message, to }}] of Object.entries(ways)) document.getElementById(name).onclick = () => {{\
             if (window.opener) window.opener.postMessage(message, '*'); location.assign(to); }};</script>",
            plain(&self.app_name),
            plain(&self.waba_name),
            in_script(&ways)
        )
    }
}

fn html(status: u16, body: &str) -> Response {
    written(status, "text/html; charset=utf-8", format!("<!doctype html><title>Sandbox</title>{body}"))
}

fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Nothing in a document can end the script that it stands in.
fn in_script(document: &Value) -> String {
    document.to_string().replace('<', "\\u003c")
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |out, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            out + char::from(byte).encode_utf8(&mut [0; 4])
        }
        _ => out + &format!("%{byte:02X}"),
    })
}
