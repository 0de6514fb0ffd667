//! Files to Meta and from there, for an account: samples of headers, media to send, and media that people sent.

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::accounts;
use crate::desk::DeskError;
use crate::gateway::Graph;
use crate::gateway::meta::media::{FILE_BYTES_MAX, File};
use crate::store::TenantId;

use super::App;
use super::accounts::path;
use super::body::{self, Unread};
use super::people::{Asked, params};
use super::problem::{Problem, blocking};

const T: TenantId = TenantId::DEFAULT;
/// Longest id of media, in digits.
const ID_DIGITS_MAX: usize = 32;

type Named = Result<Path<(String, String)>, PathRejection>;

/// Takes a file to Meta: the sample of a template's header (`kind=header`), or media to send (`kind=media`).
pub(super) async fn upload(
    State(app): State<App>,
    account: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    asked: Asked,
    body: Body,
) -> Result<Json<Value>, Problem> {
    let account = path(account)?;
    let params = params(asked, &["kind", "name", "number"])?;
    let of_header = match params.get("kind").map(String::as_str) {
        None | Some("header") => true,
        Some("media") => false,
        Some(_) => return Err(Problem::bad_request("query-invalid", "`kind` is `header` or `media`")),
    };
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !kind.contains('/') || kind.starts_with("multipart/") || kind == "application/json" {
        return Err(Problem::media_kind(
            "send the file as it is, with its own `content-type`, like `image/jpeg`; its name goes into `name`",
        ));
    }
    let bytes = body::read(&headers, body, FILE_BYTES_MAX).await.map_err(|unread| match unread {
        Unread::TooLarge => Problem::too_large(format!(
            "Meta takes files up to {} MiB: send a smaller one",
            FILE_BYTES_MAX >> 20
        )),
        Unread::BrokenOff(problem) => problem,
    })?;
    if bytes.is_empty() {
        return Err(Problem::bad_request("body-invalid", "there is no file in the request"));
    }
    let name = params.get("name").filter(|name| !name.is_empty()).map_or("file", String::as_str);
    let file = File { name: name.chars().take(200).collect(), kind, bytes };
    let number = params.get("number").cloned();
    let work = move || {
        let account = accounts::find(&app.desk, T, &account)?;
        let graph = accounts::graph(&app.desk, T, &account)?;
        if of_header {
            let app_id = account.app_id.as_deref().ok_or_else(|| {
                Problem::conflict_of(
                    "app-unknown",
                    "samples are uploaded under an app: connect the account again with its app_id",
                )
            })?;
            let handle = app.desk.wait(graph.upload_sample(app_id, &file)).map_err(DeskError::from)?;
            return Ok(json!({ "handle": handle }));
        }
        let known =
            account.numbers.iter().find(|known| number.as_ref().is_none_or(|number| known.id == *number));
        let number = known.ok_or_else(|| Problem::not_found("the account has no such number"))?;
        let id = app.desk.wait(graph.upload_media(&number.id, &file)).map_err(DeskError::from)?;
        Ok(json!({ "id": id }))
    };
    Ok(Json(blocking(work).await?))
}

/// Fetches a file from Meta. It goes on as a file to keep: whoever sent it may have put anything into it.
pub(super) async fn fetch(State(app): State<App>, named: Named) -> Result<Response, Problem> {
    let (account, id) = named_media(named)?;
    let work = move || {
        let graph = graph(&app, &account)?;
        Ok(app.desk.wait(graph.fetch_media(&id)).map_err(DeskError::from)?)
    };
    let (media, bytes) = blocking(work).await?;
    let kind = HeaderValue::from_str(&media.kind)
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, bytes).into_response())
}

/// Deletes a file at Meta.
pub(super) async fn delete(State(app): State<App>, named: Named) -> Result<StatusCode, Problem> {
    let (account, id) = named_media(named)?;
    let work = move || {
        let graph = graph(&app, &account)?;
        Ok(app.desk.wait(graph.delete_media(&id)).map_err(DeskError::from)?)
    };
    blocking(work).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn graph(app: &App, account: &str) -> Result<Graph, Problem> {
    let account = accounts::find(&app.desk, T, account)?;
    Ok(accounts::graph(&app.desk, T, &account)?)
}

/// The account and the id of the media: a number, so that nothing else of Meta's is read or deleted under that name.
fn named_media(named: Named) -> Result<(String, String), Problem> {
    let (account, id) = path(named)?;
    if !(1..=ID_DIGITS_MAX).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::bad_request("path-invalid", "media are named by a number of Meta's"));
    }
    Ok((account, id))
}
