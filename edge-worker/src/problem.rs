//! Errors as problem documents (RFC 9457), with the same stable codes as everywhere else.

use consentry_core::wire::v1::Failure;
use serde_json::json;
use worker::{Headers, Response, Result};

/// Why a request was not answered. Never about the data in a file: that is a report.
pub(crate) struct Problem {
    status: u16,
    code: String,
    detail: String,
    option: Option<String>,
    allow: Option<&'static str>,
}

impl Problem {
    /// `detail` is a sentence for people.
    pub(crate) fn new(status: u16, code: &str, detail: String) -> Self {
        Self { status, code: code.to_owned(), detail, option: None, allow: None }
    }

    /// `allow` lists the methods that would have been right.
    pub(crate) fn method_not_allowed(allow: &'static str) -> Self {
        let detail = format!("this address takes {allow}");
        Self { allow: Some(allow), ..Self::new(405, "method-not-allowed", detail) }
    }

    /// There is nothing at `path`.
    pub(crate) fn not_found(path: &str) -> Self {
        let clipped: String = path.chars().take(64).collect();
        Self::new(404, "not-found", format!("there is nothing at `{clipped}`; try `/` or `/check`"))
    }

    /// As the caller sees it.
    pub(crate) fn response(self) -> Result<Response> {
        let mut document = json!({
            "type": "about:blank",
            "title": title(self.status),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        });
        if let Some(option) = self.option {
            document["option"] = option.into();
        }
        let headers = Headers::new();
        headers.set("content-type", "application/problem+json")?;
        if let Some(allow) = self.allow {
            headers.set("allow", allow)?;
        }
        let response = Response::from_bytes(document.to_string().into_bytes())?;
        Ok(response.with_headers(headers).with_status(self.status))
    }
}

/// What the caller asked for cannot be done.
impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let option = Some(failure.option).filter(|option| !option.is_empty());
        Self { option, ..Self::new(400, &failure.code, failure.message) }
    }
}

/// The runtime failed us. Its own words may hold parts of the request, so they go to nobody.
impl From<worker::Error> for Problem {
    fn from(_: worker::Error) -> Self {
        Self::new(500, "internal", "the request could not be read or answered; try again".to_owned())
    }
}

/// With `about:blank` as type, the title is the status in words.
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        _ => "Internal Server Error",
    }
}
