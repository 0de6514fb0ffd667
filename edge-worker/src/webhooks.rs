//! `/webhooks/{tenant}`: where Meta tells what happened.
//!
//! A 200 means: stored, whatever was in it. Everything else Meta sends again, for up to seven days. Who shows nothing
//! that is known learns nothing, not even whether there is such a tenant.

use consentry_core::wire::webhook::v1::{Event, read, signature};
use worker::js_sys::Array;
use worker::wasm_bindgen::JsValue;
use worker::{Date, Env, Request, Response, console_error};

use crate::body::{self, Body};
use crate::config::{Tenant, tenants};
use crate::problem::Problem;
use crate::{inbox, query};

/// Longest webhook, in bytes: Meta's are at most 3 MB.
pub(crate) const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Longest challenge that is repeated, in characters.
const CHALLENGE_CHARS_MAX: usize = 256;
/// Longest text in one row of the inbox, in bytes: the platform takes 2 MB for all of it.
const PIECE_BYTES_MAX: usize = 1024 * 1024;
/// When Meta may try again, in seconds. It does when it likes.
const RETRY_S: u32 = 30;

/// Meta asks, when a webhook is set up, whether this is the place.
pub(crate) fn handshake(request: &Request, env: &Env, name: &str) -> Result<Response, Problem> {
    let tenants = tenants(env)?;
    let url = request.inner().url();
    let said = query(&url, "hub.verify_token").unwrap_or_default();
    let known = tenants.get(name).is_some_and(|tenant| signature::equal(&tenant.verify_token, &said));
    let mode = query(&url, "hub.mode").unwrap_or_default();
    let challenge = query(&url, "hub.challenge").filter(|challenge| is_plain(challenge));
    match challenge {
        Some(challenge) if known && mode == "subscribe" => {
            let mut response = Response::ok(challenge)?;
            let headers = response.headers_mut();
            headers.set("content-type", "text/plain; charset=utf-8")?;
            headers.set("x-content-type-options", "nosniff")?;
            Ok(response)
        }
        _ => Err(Problem::unauthorized()),
    }
}

/// Takes one webhook.
pub(crate) async fn take(request: &mut Request, env: &Env, name: &str) -> Result<Response, Problem> {
    let tenants = tenants(env)?;
    let header = request.headers().get("x-hub-signature-256")?.unwrap_or_default();
    // Nothing is read of what cannot be signed.
    if !signature::is_whole(&header) {
        return Err(Problem::unauthorized());
    }
    let raw = match body::read(request, BODY_BYTES_MAX).await? {
        Body::Whole(raw) => raw,
        Body::TooLarge => return Err(Problem::body_too_large(BODY_BYTES_MAX)),
    };
    // Of a tenant that there is not something is compared as well, so that the time does not tell which there are.
    let is_signed = is_signed(tenants.get(name).unwrap_or(&Tenant::nobody()), &raw, &header);
    let tenant = tenants.get(name).filter(|_| is_signed).ok_or_else(Problem::unauthorized)?;
    let rows = Array::new();
    for event in &read(&tenant.options(), &raw).events {
        rows.push(&row(event));
    }
    match inbox::store(env, name, rows).await {
        Ok(true) => Ok(Response::empty()?),
        Ok(false) => {
            console_error!("the inbox of `{name}` is full; only what is about consent is taken");
            Err(Problem::unavailable(RETRY_S))
        }
        Err(error) => {
            console_error!("the inbox of `{name}` did not store a webhook: {error}");
            Err(Problem::unavailable(RETRY_S))
        }
    }
}

fn is_signed(tenant: &Tenant, raw: &[u8], header: &str) -> bool {
    // All are looked at, so that the time tells nothing about which of them it was.
    let holds = |secret: &String| signature::verify(raw, header, secret.as_bytes());
    tenant.app_secrets.iter().map(holds).fold(false, |found, holds| found | holds)
}

/// An event as the inbox takes it: lane, key, pieces of its JSON, and what it says about whom.
fn row(event: &Event) -> JsValue {
    let is_consent = event.lane == "consent";
    let text = serde_json::to_string(event).unwrap_or_default();
    let out = match &*event.kind {
        "opt_out" => JsValue::TRUE,
        "resume" | "sign_up" => JsValue::FALSE,
        _ => JsValue::NULL,
    };
    // Nobody can have said something later than it is now, whatever the clock of whoever told it. In whole seconds, as
    // Meta tells times: otherwise what has no time, or an impossible one, would win over what was said in this second.
    let now_ms = (Date::now().as_millis() / 1000 * 1000) as f64;
    let at_ms = event.at_ms.map_or(now_ms, |at_ms| now_ms.min(at_ms as f64));
    let person = |text: Option<&str>| text.map_or(JsValue::NULL, JsValue::from_str);
    let pieces: Array = pieces(&text).map(JsValue::from_str).collect();
    [
        is_consent.into(),
        event.id.as_str().into(),
        pieces.into(),
        out,
        at_ms.into(),
        person(event.number.as_deref().map(identity).as_deref()),
        person(event.user_id.as_deref()),
    ]
    .into_iter()
    .collect::<Array>()
    .into()
}

/// A number as words are kept by it: one person's spellings are one, as on the host.
pub(crate) fn identity(number: &str) -> String {
    let digits = number.strip_prefix('+').unwrap_or(number).parse().ok();
    let number = digits.and_then(consentry_core::phone::E164::from_digits);
    number.map_or_else(String::new, |number| number.identity().digits().to_string())
}

/// A text cut between characters.
fn pieces(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (piece, rest) = text.split_at(text.floor_char_boundary(PIECE_BYTES_MAX.min(text.len())));
        text = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

/// What a browser would take for nothing but text.
fn is_plain(challenge: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !challenge.is_empty() && challenge.len() <= CHALLENGE_CHARS_MAX && challenge.bytes().all(fits)
}
