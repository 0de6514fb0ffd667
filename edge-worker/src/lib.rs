//! Carries the core to Cloudflare Workers: takes webhooks in without losing one, and judges files and templates close to
//! whoever asks.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | what this is and its limits, as JSON |
//! | `POST /check?options=<JSON>` with the file's bytes as body | the report, in the wire format of version 1 |
//! | `POST /lint` with a template as body | what Meta would refuse in it |
//! | `POST /preview` with a template and values as body | what a person sees, and the request that sends it |
//! | `GET`, `POST /webhooks/{tenant}` | what Meta asks and tells: 200 means stored |
//! | `POST /inbox/{tenant}` | what the tenant's host asks of its inbox, signed both ways |
//!
//! Everything else is a problem document. What is heard waits in one durable object a tenant until the host has it; apart
//! from that the worker remembers nothing: what is stored for good, matched or sent is the host's. It must not decide
//! anything either; a rule belongs into the core, where every shell has it. docs/edge.md tells how it is deployed.
#![cfg(target_arch = "wasm32")]

mod body;
mod caller;
mod check;
mod config;
mod inbox;
mod object;
mod problem;
mod v1;
mod webhooks;

pub use object::{inbox_answer, inbox_clean, inbox_open, inbox_store};

use consentry_core::limits::TEMPLATE_BYTES_MAX;
use consentry_core::wire;
use serde_json::json;
use worker::{Context, Env, Method, Request, Response, Result, event};

use body::Body;
use caller::Cors;
use problem::Problem;

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let path = request.path();
    if let Some(name) = tenant(&path, "/webhooks/") {
        return settle(webhook(request, &env, name).await);
    }
    if let Some(name) = tenant(&path, "/inbox/") {
        return settle(hand_over(request, &env, name).await);
    }
    match (path.as_str(), request.method()) {
        ("/", Method::Get | Method::Head) => Response::from_json(&about()),
        ("/", _) => Problem::method_not_allowed("GET, HEAD").response(),
        ("/check" | "/lint" | "/preview", method) => {
            let cors = Cors::of(&request, &env);
            match method {
                Method::Options => cors.preflight(),
                _ => cors.tell(settle(judge(request, &env).await)?),
            }
        }
        (path, _) => Problem::not_found(path).response(),
    }
}

/// The first value of that name in an address's query, decoded; none when it is not there or is no text.
fn query(url: &str, name: &str) -> Option<String> {
    let (_, rest) = url.split_once('?')?;
    let query = rest.split('#').next().unwrap_or_default();
    let value = query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then_some(value)
    })?;
    worker::js_sys::decode_uri_component(&value.replace('+', " ")).ok().map(String::from)
}

/// What anybody may ask.
async fn judge(mut request: Request, env: &Env) -> std::result::Result<Response, Problem> {
    if request.method() != Method::Post {
        return Err(Problem::method_not_allowed("POST"));
    }
    caller::limit(&request, env).await?;
    let path = request.path();
    if path == "/check" {
        let options = query(&request.inner().url(), "options").unwrap_or_default();
        return Ok(Response::from_json(&check::check(&mut request, &options).await?)?);
    }
    let bytes = match body::read(&mut request, TEMPLATE_BYTES_MAX).await? {
        Body::Whole(bytes) => bytes,
        Body::TooLarge => return Err(template_too_large()),
    };
    let verb = if path == "/lint" { wire::template::v1::lint } else { wire::template::v1::preview };
    let mut response = Response::ok(verb(&bytes))?;
    response.headers_mut().set("content-type", "application/json")?;
    Ok(response)
}

async fn webhook(mut request: Request, env: &Env, name: &str) -> std::result::Result<Response, Problem> {
    match request.method() {
        Method::Get => webhooks::handshake(&request, env, name),
        Method::Post => webhooks::take(&mut request, env, name).await,
        _ => Err(Problem::method_not_allowed("GET, POST")),
    }
}

async fn hand_over(mut request: Request, env: &Env, name: &str) -> std::result::Result<Response, Problem> {
    match request.method() {
        Method::Post => inbox::answer(&mut request, env, name).await,
        _ => Err(Problem::method_not_allowed("POST")),
    }
}

fn settle(answer: std::result::Result<Response, Problem>) -> Result<Response> {
    answer.or_else(Problem::response)
}

/// What may be a tenant's name at the end of a path.
fn tenant<'a>(path: &'a str, before: &str) -> Option<&'a str> {
    path.strip_prefix(before).filter(|name| config::is_name(name))
}

fn template_too_large() -> Problem {
    let detail = format!("no template is longer than {TEMPLATE_BYTES_MAX} bytes; send one at a time");
    Problem::new(413, "template-too-large", detail)
}

fn about() -> serde_json::Value {
    json!({
        "name": "consentry-edge-worker",
        "about": "takes webhooks, and judges files and templates: POST a file to /check, a template to /lint or /preview",
        "engine": wire::v1::Engine::this(),
        "limits": {
            "repeat_numbers_max": check::NUMBERS_MAX,
            "template_bytes_max": TEMPLATE_BYTES_MAX,
            "webhook_bytes_max": webhooks::BODY_BYTES_MAX,
        },
    })
}
