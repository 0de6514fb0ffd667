//! What is compiled in: the panel, the sample file, the description of the API.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};

use super::problem::Problem;

/// The panel's files: path, content.
static PANEL: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/panel.rs"));

/// The published sample.
static SAMPLE: &str = include_str!("../../../tests/vectors/check/permission-zero/published-sample/input.csv");

static OPENAPI: &str = include_str!("openapi.json");

pub(super) async fn sample() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"sample.csv\""),
    ];
    (headers, SAMPLE).into_response()
}

pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

/// A file of the panel; every other path is one of its pages and gets the page that shows them all.
pub(super) async fn panel(method: Method, uri: Uri, request: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return Problem::method().into_response();
    }
    let path = uri.path().trim_start_matches('/');
    let file = |path: &str| PANEL.iter().find(|(name, _)| *name == path);
    let looks_like_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let Some((name, content)) = file(path).or_else(|| (!looks_like_file).then(|| file("index.html"))?) else {
        return Problem::not_found("there is no such file").into_response();
    };
    // Vite names what it builds by content; only the page itself changes under its name.
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let etag = format!("\"{:016x}\"", fingerprint(content));
    let mut response =
        if request.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(header::CONTENT_TYPE, content_type(name))], *content).into_response()
        };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.extend(HeaderValue::from_str(&etag).map(|etag| (header::ETAG, etag)));
    response
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("json" | "webmanifest") => "application/json",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

/// FNV-1a: enough to tell two builds of a file apart.
fn fingerprint(content: &[u8]) -> u64 {
    content
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}
