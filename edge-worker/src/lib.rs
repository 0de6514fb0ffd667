//! Carries the core to Cloudflare Workers: judges small consent files close to whoever asks.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | what this is, as JSON |
//! | `POST /check?options=<JSON>` with the file's bytes as body | the report, in the wire format of version 1 |
//! | `POST /lint` with a template as body | what Meta would refuse in it |
//! | `POST /preview` with a template and values as body | what a person sees, and the request that sends it |
//!
//! Everything else is a problem document. The worker remembers nothing: what is stored, matched or sent is the
//! host's. It must not decide anything either; a rule belongs into the core, where every shell has it.
#![cfg(target_arch = "wasm32")]

mod body;
mod problem;

use consentry_core::limits::TEMPLATE_BYTES_MAX;
use consentry_core::wire::{template, v1};
use serde_json::json;
use worker::{Context, Env, Method, Request, Response, Result, event};

use body::Body;
use problem::Problem;

/// Largest file judged here, in bytes. A worker's memory and time are small; the page and the host have no such limit.
const FILE_BYTES_MAX: usize = 1024 * 1024;

#[event(fetch)]
async fn fetch(request: Request, _env: Env, _context: Context) -> Result<Response> {
    answer(request).await.or_else(|problem| problem.response())
}

async fn answer(mut request: Request) -> std::result::Result<Response, Problem> {
    match (request.path().as_str(), request.method()) {
        ("/", Method::Get | Method::Head) => Ok(Response::from_json(&about())?),
        ("/check", Method::Post) => {
            let options = option_text(&request)?;
            let bytes = match body::read(&mut request, FILE_BYTES_MAX).await? {
                Body::Whole(bytes) => bytes,
                Body::TooLarge => return Err(too_large()),
            };
            let report = v1::check(&options, &bytes).map_err(Problem::from)?;
            Ok(Response::from_json(&report)?)
        }
        (path @ ("/lint" | "/preview"), Method::Post) => {
            let bytes = match body::read(&mut request, TEMPLATE_BYTES_MAX).await? {
                Body::Whole(bytes) => bytes,
                Body::TooLarge => return Err(template_too_large()),
            };
            let verb = if path == "/lint" { template::v1::lint } else { template::v1::preview };
            let mut response = Response::ok(verb(&bytes))?;
            response.headers_mut().set("content-type", "application/json")?;
            Ok(response)
        }
        ("/", _) => Err(Problem::method_not_allowed("GET, HEAD")),
        ("/check" | "/lint" | "/preview", _) => Err(Problem::method_not_allowed("POST")),
        (path, _) => Err(Problem::not_found(path)),
    }
}

/// The `options` of the query, or an empty text, which means none.
fn option_text(request: &Request) -> std::result::Result<String, Problem> {
    let url = request.url()?;
    let found = url.query_pairs().find(|(name, _)| name == "options");
    Ok(found.map(|(_, value)| value.into_owned()).unwrap_or_default())
}

fn too_large() -> Problem {
    let detail = format!(
        "files of more than {FILE_BYTES_MAX} bytes are not checked here; check them in the page with the npm package \
         `consentry`, or with the `consentry` program, which both read files of any size"
    );
    Problem::new(413, "file-too-large", detail)
}

fn template_too_large() -> Problem {
    let detail = format!("no template is longer than {TEMPLATE_BYTES_MAX} bytes; send one at a time");
    Problem::new(413, "template-too-large", detail)
}

fn about() -> serde_json::Value {
    json!({
        "name": "consentry-edge-worker",
        "about": "judges consent files and templates: POST a file to /check, a template to /lint or /preview",
        "engine": v1::Engine::this(),
        "file_bytes_max": FILE_BYTES_MAX,
    })
}
