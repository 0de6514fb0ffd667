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
    retry_after_s: Option<u32>,
}

impl Problem {
    /// `detail` is a sentence for people.
    pub(crate) fn new(status: u16, code: &str, detail: String) -> Self {
        Self { status, code: code.to_owned(), detail, option: None, allow: None, retry_after_s: None }
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

    /// Whoever asks did not show that they may. What was wrong, and what would be right, is nobody's business.
    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "unauthorized", "the request is not signed as it has to be".to_owned())
    }

    /// A body of more bytes than are read.
    pub(crate) fn body_too_large(bytes_max: usize) -> Self {
        Self::new(413, "body-too-large", format!("no more than {bytes_max} bytes are read here"))
    }

    /// Too much is under way.
    pub(crate) fn busy(retry_after_s: u32) -> Self {
        let detail = "too many files are being checked here; try again in a moment".to_owned();
        Self { retry_after_s: Some(retry_after_s), ..Self::new(503, "busy", detail) }
    }

    /// One caller asks too often.
    pub(crate) fn too_many(retry_after_s: u32) -> Self {
        let detail = "these are too many requests from one address; wait, then try again".to_owned();
        Self { retry_after_s: Some(retry_after_s), ..Self::new(429, "too-many-requests", detail) }
    }

    /// Nothing was done, through no fault of whoever asked; whoever sent a webhook has to send it again.
    pub(crate) fn unavailable(retry_after_s: u32) -> Self {
        let detail = "this cannot be done at the moment, and nothing was; try again".to_owned();
        Self { retry_after_s: Some(retry_after_s), ..Self::new(503, "unavailable", detail) }
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
        if let Some(seconds) = self.retry_after_s {
            headers.set("retry-after", &seconds.to_string())?;
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
        401 => "Unauthorized",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}
