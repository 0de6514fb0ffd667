//! One call of the API, taken apart: whoever handles it sees parameters, wherever they stood.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::{HeaderMap, Method, Uri, header};
use serde_json::{Map, Value};

use super::answer::Refusal;

#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    /// `v26.0`
    pub(crate) version: String,
    /// The path after the version.
    pub(crate) path: Vec<String>,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) token: Option<String>,
    pub(crate) content_type: String,
    pub(crate) offset: Option<usize>,
    pub(crate) raw: Bytes,
    /// The body as an object: from JSON, or from a form.
    pub(crate) body: Map<String, Value>,
}

impl Ask {
    /// Takes a request apart. Bodies that are neither JSON nor a form stay raw.
    pub(crate) fn read(method: Method, uri: &Uri, headers: &HeaderMap, raw: Bytes) -> Result<Ask, Refusal> {
        let mut segments = uri.path().split('/').filter(|part| !part.is_empty()).map(str::to_owned);
        let version = segments.next().unwrap_or_default();
        let numbered = version.strip_prefix('v').and_then(|rest| rest.split_once('.'));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !numbered.is_some_and(|(major, minor)| digits(major) && digits(minor)) {
            return Err(Refusal::plain(400, 2500, format!("Unknown path components: /{version}")));
        }
        let text = |name: header::HeaderName| {
            headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let query = parameters(uri);
        let scheme = text(header::AUTHORIZATION);
        // Resumable uploads write `OAuth` where the other calls write `Bearer`.
        let bearer = scheme
            .split_once(' ')
            .filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer") || kind.eq_ignore_ascii_case("oauth"));
        let content_type = text(header::CONTENT_TYPE);
        let offset = headers.get("file_offset").and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let body = body(&content_type, &raw)?;
        let in_body = body.get("access_token").and_then(Value::as_str).map(str::to_owned);
        let token = bearer
            .map(|(_, token)| token.trim().to_owned())
            .or_else(|| query.get("access_token").cloned())
            .or(in_body)
            .filter(|token| !token.is_empty());
        Ok(Ask { method, version, path: segments.collect(), query, token, content_type, offset, raw, body })
    }

    /// A parameter from the body or the query, as text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.body.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Null) | None => self.query.get(name).cloned(),
            Some(other) => Some(other.to_string()),
        }
    }

    /// A parameter that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<String, Refusal> {
        self.text(name)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Refusal::parameter(format!("The parameter {name} is required.")))
    }

    /// The path from its n-th part on.
    pub(crate) fn part(&self, nth: usize) -> &str {
        self.path.get(nth).map_or("", String::as_str)
    }

    /// How faults name this route: method and edge, or `node` when only an object is named.
    pub(crate) fn route(&self) -> String {
        let edge = match self.path.as_slice() {
            [only] if only.bytes().all(|byte| byte.is_ascii_digit()) => "node",
            [only] if only.starts_with("upload:") => "upload",
            parts => parts.last().map_or("", String::as_str),
        };
        format!("{} {edge}", self.method)
    }
}

/// The parameters of a query.
fn parameters(uri: &Uri) -> BTreeMap<String, String> {
    Query::<BTreeMap<String, String>>::try_from_uri(uri).map(|Query(found)| found).unwrap_or_default()
}

fn body(content_type: &str, raw: &Bytes) -> Result<Map<String, Value>, Refusal> {
    if content_type.starts_with("application/x-www-form-urlencoded") {
        let text = std::str::from_utf8(raw).unwrap_or_default();
        let uri: Uri = format!("/?{text}").parse().unwrap_or_default();
        // A form carries structures as JSON texts.
        let value = |text: String| match serde_json::from_str(&text) {
            Ok(structure @ (Value::Array(_) | Value::Object(_))) => structure,
            _ => Value::String(text),
        };
        return Ok(parameters(&uri).into_iter().map(|(name, text)| (name, value(text))).collect());
    }
    // A body that nobody has named is JSON if it looks like it.
    let json =
        content_type.starts_with("application/json") || content_type.is_empty() && raw.starts_with(b"{");
    if !json || raw.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(raw) {
        Ok(Value::Object(body)) => Ok(body),
        _ => Err(Refusal::parameter("The body is not a JSON object.")),
    }
}
