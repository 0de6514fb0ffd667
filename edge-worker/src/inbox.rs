//! `/inbox/{tenant}`: where a tenant's host fetches what was heard, and the way to the object that keeps it.
//!
//! Both sides sign what they say, in the manner of Standard Webhooks, so that neither a made-up acknowledgement nor a
//! made-up opt-in is believed, whoever stands between them.
#![allow(unused_qualifications, reason = "the binding macro writes some")]

use consentry_core::wire::webhook::v1::signature;
use worker::js_sys::{Array, Promise};
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Date, Env, Request, Response, Result};

use crate::body::{self, Body};
use crate::config::{Tenant, tenants};
use crate::problem::Problem;
use crate::v1::Ask;

/// Longest question, in bytes: some ten thousand numbers for the gate.
const ASK_BYTES_MAX: usize = 1024 * 1024;
/// Longest a host may wait for news, in seconds.
const WAIT_S_MAX: u64 = 30;
/// When a host may try again, in seconds.
const RETRY_S: u32 = 5;
/// The namespace of the objects in wrangler.toml.
const NAMESPACE: &str = "INBOX";

#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
extern "C" {
    /// The object's methods, as js/inbox.js has them.
    type Inbox;

    #[wasm_bindgen(method, catch)]
    fn store(this: &Inbox, rows: Array) -> std::result::Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn ask(this: &Inbox, request: &str, wait_ms: f64) -> std::result::Result<Promise, JsValue>;
}

/// Stores rows; true when all of them are. Comes back only when they would survive anything.
pub(crate) async fn store(env: &Env, tenant: &str, rows: Array) -> Result<bool> {
    let stored = JsFuture::from(object(env, tenant)?.store(rows)?).await?;
    Ok(stored.is_truthy())
}

/// Answers a host.
pub(crate) async fn answer(
    request: &mut Request,
    env: &Env,
    name: &str,
) -> std::result::Result<Response, Problem> {
    let tenants = tenants(env)?;
    let bytes = match body::read(request, ASK_BYTES_MAX).await? {
        Body::Whole(bytes) => bytes,
        Body::TooLarge => return Err(Problem::body_too_large(ASK_BYTES_MAX)),
    };
    let header = |name: &str| request.headers().get(name).ok().flatten().unwrap_or_default();
    let (id, header, time) = (header("webhook-id"), header("webhook-signature"), header("webhook-timestamp"));
    let at_s: i64 = time.parse().map_err(|_| Problem::unauthorized())?;
    if id.is_empty() || !signature::is_fresh(at_s, now_s()) {
        return Err(Problem::unauthorized());
    }
    let holds = |secret: &&String| signature::verify_signed(secret, &id, at_s, &bytes, &header);
    // For a tenant that is not there it takes as long, and whatever fits is refused.
    let nobody = Tenant::nobody();
    let signed = tenants.get(name).unwrap_or(&nobody).handover_secrets.iter().find(holds);
    let secret = signed.filter(|_| tenants.contains_key(name)).ok_or_else(Problem::unauthorized)?;

    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let ask: Ask = serde_json::from_str(text).map_err(|error| {
        Problem::new(400, "ask-unreadable", format!("the question cannot be read: {error}"))
    })?;
    let wait_s = if let Ask::Pull { wait_s, .. } = ask { wait_s.min(WAIT_S_MAX) } else { 0 };
    let answer = match asked(env, name, text, wait_s).await {
        Ok(answer) => answer,
        Err(error) => {
            worker::console_error!("the inbox of `{name}` did not answer: {error}");
            return Err(Problem::unavailable(RETRY_S));
        }
    };
    let Some(answer) = answer.as_string() else { return Err(other_inbox()) };
    let at_s = now_s();
    let signed = signature::sign(secret, &id, at_s, answer.as_bytes());
    let mut response = Response::from_bytes(answer.into_bytes())?;
    let headers = response.headers_mut();
    headers.set("content-type", "application/json")?;
    headers.set("webhook-id", &id)?;
    headers.set("webhook-timestamp", &at_s.to_string())?;
    headers.set("webhook-signature", &signed)?;
    Ok(response)
}

async fn asked(env: &Env, tenant: &str, text: &str, wait_s: u64) -> Result<JsValue> {
    Ok(JsFuture::from(object(env, tenant)?.ask(text, (wait_s * 1000) as f64)?).await?)
}

/// The tenant's object: there is one of each name, wherever it is asked from.
fn object(env: &Env, tenant: &str) -> Result<Inbox> {
    Ok(env.durable_object(NAMESPACE)?.get_by_name(tenant)?.into_rpc())
}

fn other_inbox() -> Problem {
    let detail =
        "the inbox is not the one that these events came from; pull again from its beginning".to_owned();
    Problem::new(409, "other-inbox", detail)
}

fn now_s() -> i64 {
    (Date::now().as_millis() / 1000).cast_signed()
}
