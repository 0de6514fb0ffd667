//! The wire to an edge worker: one signed request and its answer. It signs and verifies nothing itself.

use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::{Method, Request};

use super::graph::Gateway;
use crate::transport::Lost;

/// Longest answer that is read, in bytes. A page of events has about 1 MiB; a single one may be a webhook of 4 MiB, written as
/// JSON with six characters for each of its bytes.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A signed request.
pub struct HandoverRequest<'a> {
    /// Where to.
    pub url: &'a str,
    /// Its id.
    pub id: &'a str,
    /// When it was signed, in seconds since 1970.
    pub timestamp_s: i64,
    /// Over id, time and body.
    pub signature: String,
    /// JSON.
    pub body: String,
}

/// What came back.
pub struct HandoverAnswer {
    /// Of HTTP.
    pub status: u16,
    /// The id it answers.
    pub id: String,
    /// When it was signed.
    pub timestamp_s: Option<i64>,
    /// Over id, time and body.
    pub signature: String,
    /// JSON.
    pub body: Vec<u8>,
}

impl Gateway {
    /// Sends a signed request; why there is no answer, in words.
    pub async fn hand_over(
        &self,
        request: HandoverRequest<'_>,
        within: Duration,
    ) -> Result<HandoverAnswer, String> {
        let sent = Request::builder()
            .method(Method::POST)
            .uri(request.url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", request.id)
            .header("webhook-timestamp", request.timestamp_s)
            .header("webhook-signature", request.signature)
            .body(Full::new(Bytes::from(request.body)))
            .map_err(|error| error.to_string())?;
        let raw = self.transport().send(sent, within, ANSWER_BYTES_MAX).await.map_err(|lost| match lost {
            Lost::NotSent(why) | Lost::Unknown(why) => why,
        })?;
        let text = |name: &str| text(&raw.headers, name);
        Ok(HandoverAnswer {
            status: raw.status.as_u16(),
            id: text("webhook-id"),
            timestamp_s: text("webhook-timestamp").parse().ok(),
            signature: text("webhook-signature"),
            body: raw.body.to_vec(),
        })
    }
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
