//! Bodies that are documents: read whole, up to one limit for all of them, and refused like everything else that is wrong
//! with a request. Files of people are streamed where they are taken in, and have limits of their own.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt as _;
use serde_json::Value;

use super::problem::Problem;

/// Longest document, in bytes: more than any template, account or reason has.
pub(super) const DOCUMENT_BYTES_MAX: usize = 2 << 20;
/// What is still taken off the line of a body that is too large, in bytes, because who is still sending hears no answer.
const IGNORED_BYTES_MAX: usize = 64 << 20;
/// How long that may take.
const IGNORED_WAIT: Duration = Duration::from_secs(10);

/// A body as it came.
pub(super) struct Whole(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for Whole {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Whole, Problem> {
        let (head, body) = request.into_parts();
        let whole = read(&head.headers, body, DOCUMENT_BYTES_MAX).await;
        whole.map(Whole).map_err(|unread| match unread {
            Unread::TooLarge => Problem::body_too_large(DOCUMENT_BYTES_MAX),
            Unread::BrokenOff(problem) => problem,
        })
    }
}

/// A body that is a JSON document and says so: a page of another site cannot send that without being asked first.
pub(super) struct Document(pub(super) Value);

/// The document, or why there is none, for handlers that look at other things first.
pub(super) type Documented = Result<Document, Problem>;

impl<S: Send + Sync> FromRequest<S> for Document {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Documented {
        let invalid = |text: String| Problem::bad_request("body-invalid", text);
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind =
            kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase();
        let Whole(bytes) = Whole::from_request(request, state).await?;
        if kind != "application/json" && !(kind.starts_with("application/") && kind.ends_with("+json")) {
            return Err(invalid("send JSON, with the header `content-type: application/json`".to_owned()));
        }
        match serde_json::from_slice(&bytes) {
            Ok(document) => Ok(Document(document)),
            Err(cause) => Err(invalid(format!("the body is not JSON: {cause}"))),
        }
    }
}

/// Why a body was not read.
pub(super) enum Unread {
    /// It has more bytes than allowed.
    TooLarge,
    /// It did not arrive.
    BrokenOff(Problem),
}

/// Reads a body of so many bytes at most.
pub(super) async fn read(headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<Bytes, Unread> {
    let length = |name| headers.get(name).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let announced = length(header::CONTENT_LENGTH);
    let too_large = announced.is_some_and(|bytes| bytes > bytes_max as u64);
    if too_large && headers.contains_key(header::EXPECT) {
        // Nothing is sent before it is asked for.
        return Err(Unread::TooLarge);
    }
    let mut stream = body.into_data_stream();
    let mut whole = Vec::new();
    while !too_large && let Some(piece) = stream.next().await {
        let piece = piece.map_err(|cause| {
            let text = format!("the body broke off ({cause}); send the request again");
            Unread::BrokenOff(Problem::bad_request("body-invalid", text))
        })?;
        whole.extend_from_slice(&piece);
        if whole.len() > bytes_max {
            break;
        }
    }
    if !too_large && whole.len() <= bytes_max {
        return Ok(Bytes::from(whole));
    }
    drop(whole);
    let mut ignored = 0;
    let ignore = async {
        while ignored < IGNORED_BYTES_MAX
            && let Some(Ok(piece)) = stream.next().await
        {
            ignored += piece.len();
        }
    };
    // Whoever takes longer than that finds out in another way.
    let _ = tokio::time::timeout(IGNORED_WAIT, ignore).await;
    Err(Unread::TooLarge)
}
