//! What Meta sends by itself. It comes from outside and under any host name, so nothing of it is believed but what is signed;
//! it is answered with 200 only when it is durable, because that is Meta's sign that it need not come again.

use std::collections::HashMap;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use consentry_core::limits::WEBHOOK_BYTES_MAX;
use consentry_core::wire::webhook::v1::signature;

use crate::inbox::NotHeard;
use crate::store::TenantId;
use crate::templates::webhook;

use super::App;
use super::people::Asked;
use super::problem::{Problem, blocking};

const T: TenantId = TenantId::DEFAULT;
/// How long a notification may take to arrive: whoever sends it has no right to keep a connection yet.
const BODY_WAIT: Duration = Duration::from_secs(15);
/// Bytes of webhooks that are being read at once, in units of [`ROOM_UNIT_BYTES`].
pub(super) const ROOM: usize = 16 * 1024;
const ROOM_UNIT_BYTES: usize = 4 * 1024;
/// Longest challenge that is given back, in bytes.
const CHALLENGE_BYTES_MAX: usize = 200;

/// Meta asks once whether the address is ours: whoever shows the verify token gets the challenge back.
pub(super) async fn handshake(State(app): State<App>, asked: Asked) -> Result<Response, Problem> {
    // What Meta may come to say besides decides nothing.
    let params = asked.map_or_else(|_| HashMap::new(), |Query(params)| params);
    let get = |name: &str| params.get(name).cloned().unwrap_or_default();
    let (mode, challenge, token) = (get("hub.mode"), get("hub.challenge"), get("hub.verify_token"));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if mode != "subscribe" || challenge.len() > CHALLENGE_BYTES_MAX || !challenge.bytes().all(plain) {
        return Err(Problem::bad_request("query-invalid", "this address is for Meta's webhooks"));
    }
    let expected = blocking(move || Ok(webhook::is_expected(&app.desk, T, &token)?)).await?;
    if !expected {
        return Err(Problem::forbidden("the verify token is none of a connected account"));
    }
    Ok(([(header::CONTENT_TYPE, "text/plain")], challenge).into_response())
}

pub(super) async fn notified(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let signature = headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok());
    let signature = signature.unwrap_or_default().to_owned();
    // Nothing is read of what cannot be signed.
    if !signature::is_whole(&signature) {
        return Err(unsigned());
    }
    let too_large = || Problem::too_large(format!("a notification has up to {WEBHOOK_BYTES_MAX} bytes"));
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: usize| bytes > WEBHOOK_BYTES_MAX) {
        return Err(too_large());
    }
    // Whoever sends many large ones at once waits until others are through: Meta sends again.
    let room = announced.unwrap_or(WEBHOOK_BYTES_MAX).div_ceil(ROOM_UNIT_BYTES).max(1);
    let _room = app.room.try_acquire_many(u32::try_from(room).unwrap_or(u32::MAX)).map_err(|_| {
        Problem::unavailable("inbox-busy", "too many webhooks arrive at once; send it again later")
    })?;
    let bytes = match tokio::time::timeout(BODY_WAIT, to_bytes(body, WEBHOOK_BYTES_MAX)).await {
        Ok(bytes) => bytes.map_err(|_| too_large())?,
        Err(_) => {
            return Err(Problem::bad_request("body-invalid", "the notification did not arrive in time"));
        }
    };
    let taken = blocking(move || {
        let taken = app.intake.hear(T, &bytes, &signature).map_err(|why| match why {
            NotHeard::Unsigned => unsigned(),
            // Whatever it is, it may have passed when Meta sends it again.
            NotHeard::Desk(cause) => {
                crate::log::log(&format!("fault: a webhook could not be taken in: {cause}"));
                let text = "it could not be made durable; send it again later";
                Problem::unavailable("inbox-unavailable", text)
            }
        })?;
        if taken.to_do {
            app.hearing.woken();
        }
        Ok(taken)
    });
    taken.await?.odd.iter().for_each(|why| crate::log::log(why));
    Ok(StatusCode::OK)
}

fn unsigned() -> Problem {
    Problem::unsigned("the signature is none of a connected account's app")
}
