//! Files in: accept, watch, look back.

use std::collections::HashMap;
use std::convert::Infallible;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use consentry_core::matching::ImportId;
use consentry_core::time::{Date, UnixMs};
use consentry_core::wire::v1::Options;
use consentry_unpack::Form;
use consentry_unpack::limits::HEAD_BYTES;
use futures_util::{Stream, StreamExt as _, stream};
use serde_json::json;

use crate::access::Right;
use crate::engine::Emit;
use crate::importer::{Importer, collection_day};
use crate::store::{Accepted, NewImport, TenantId};
use crate::undo::take_back;
use crate::uploads::{Incoming, Stored};
use crate::wire::v1::ImportDocument;

use super::App;
use super::body::{Document, Documented};
use super::doors::Asker;
use super::people::{Params, flag, params};
use super::problem::{Problem, blocking};

/// Largest file taken over HTTP, in bytes.
const UPLOAD_BYTES_MAX: u64 = 16 << 30;
/// Longest file name kept, in characters.
const NAME_CHARS_MAX: usize = 200;

/// Longest word on who takes an import back and why, in characters.
const BY_CHARS_MAX: usize = 300;

/// What may stand in the query of an upload.
const PARAMETERS: [&str; 7] =
    ["name", "options", "as_of", "override_opt_outs", "reason", "dry_run", "digest"];

pub(super) async fn begin(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    asked: super::people::Asked,
    body: Body,
) -> Result<Response, Problem> {
    let mut asked = Asked::read(&params(asked, &PARAMETERS)?, app.importer.clock.now())?;
    if let Some(reason) = &asked.override_reason {
        asker.may(Right::LiftOptOuts)?;
        // Somebody answers for it, by name where names are known.
        asked.override_reason =
            asker.by().map(|by| format!("{by}: {reason}")).or_else(|| Some(reason.clone()));
    }
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: u64| bytes > UPLOAD_BYTES_MAX) {
        return Err(file_too_large());
    }
    let packed = packed_as(&headers)?;
    // Bad options are told before a long file is sent.
    app.importer.engine.check(&asked.options, Emit::default())?;
    let incoming = take_in(&app, body, packed).await?;
    let importer = app.importer.clone();
    if asked.dry_run {
        let work = move || {
            if let Some((_, id)) = importer.store.unfinished()?.first() {
                return Err(Problem::conflict(format!("{id} is under way; ask again when it has ended")));
            }
            let trial = incoming.finish_for_trial()?;
            let new = asked.new_import(&trial.stored, &importer);
            Ok(importer.rehearse(TenantId::DEFAULT, &new, trial.path(), &mut |_| {})?)
        };
        return Ok(Json(blocking(work).await?).into_response());
    }
    let digest = asked.digest.clone();
    let accepted = blocking(move || {
        let stored = incoming.finish()?;
        Ok(importer.accept(TenantId::DEFAULT, &asked.new_import(&stored, &importer))?)
    });
    let accepted = accepted.await?;
    match accepted {
        Accepted::Already(import) => {
            let earlier = ImportDocument::of(&import);
            let digest_differs = digest.is_some_and(|digest| digest != earlier.digest);
            let document = ImportDocument { state: "already_imported", digest_differs, ..earlier };
            Ok(Json(document).into_response())
        }
        Accepted::New(import) | Accepted::UnderWay(import) => {
            app.queue.woken();
            let location = format!("/api/v1/imports/{}", import.id);
            let headers = [(header::LOCATION, location)];
            Ok((StatusCode::ACCEPTED, headers, Json(ImportDocument::of(&import))).into_response())
        }
    }
}

pub(super) async fn list(
    State(app): State<App>,
    asked: super::people::Asked,
) -> Result<Json<serde_json::Value>, Problem> {
    params(asked, &[])?;
    let imports = blocking(move || {
        let imports = app.importer.store.imports(TenantId::DEFAULT)?;
        Ok(imports.iter().map(ImportDocument::of).map(|document| brief(&app, document)).collect::<Vec<_>>())
    });
    Ok(Json(json!({ "imports": imports.await? })))
}

pub(super) async fn one(
    State(app): State<App>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<ImportDocument>, Problem> {
    let id = import_id(id)?;
    Ok(Json(document(&app, id).await?))
}

/// Takes a committed import back; `{"by": "desk", "reason": "the wrong file"}`, the reason may be left out.
pub(super) async fn undo(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    id: Result<Path<String>, PathRejection>,
    body: Documented,
) -> Result<Json<ImportDocument>, Problem> {
    let id = import_id(id)?;
    let invalid = |text: &str| Problem::bad_request("body-invalid", text);
    let Document(body) = body?;
    // A word that is not understood may be the reason, which is evidence; so it is refused, not dropped.
    let texts: HashMap<String, String> = serde_json::from_value(body)
        .map_err(|_| invalid("the body is not as expected: texts, like `{\"by\": \"desk\"}`"))?;
    if texts.keys().any(|name| name != "by" && name != "reason") {
        return Err(invalid("the body may say `by` and `reason`, nothing else"));
    }
    if texts.values().any(|text| text.contains('\0')) {
        return Err(invalid("no text may hold a zero byte"));
    }
    let text = |name: &str| texts.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let said = text("by").map(|by| format!("api:{by}"));
    let by = asker.by().or(said).ok_or_else(|| invalid("`by` is missing: say who takes the import back"))?;
    let by = text("reason").map_or(by.clone(), |reason| format!("{by}: {reason}"));
    let by: String = by.chars().take(BY_CHARS_MAX).collect();
    let document = blocking(move || {
        let importer = &app.importer;
        if let Some((_, under_way)) = importer.store.unfinished()?.first() {
            return Err(Problem::conflict(format!("{under_way} is under way; ask again when it has ended")));
        }
        let at = importer.clock.now();
        let import = take_back(importer.store.as_ref(), TenantId::DEFAULT, id, &by, at)?;
        Ok(ImportDocument::of(&import))
    });
    Ok(Json(document.await?))
}

/// Server-sent events: `progress` while it runs, then one `end`.
pub(super) async fn events(
    State(app): State<App>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let id = import_id(id)?;
    let mut watching = app.queue.watch(TenantId::DEFAULT, id);
    let now = document(&app, id).await.inspect_err(|_| app.queue.forget(TenantId::DEFAULT, id))?;
    if now.finished_at.is_some() {
        // Nobody will end the channel of an import that has ended already.
        app.queue.forget(TenantId::DEFAULT, id);
    }
    watching.mark_changed();
    let told = stream::unfold(Some((app, watching)), move |watched| async move {
        let (app, mut watching) = watched?;
        let running = watching.changed().await.is_ok();
        let Ok(mut document) = document(&app, id).await else { return None };
        if running && document.finished_at.is_none() {
            document.progress = *watching.borrow_and_update();
            return Some((event("progress", &document), Some((app, watching))));
        }
        Some((event("end", &document), None))
    });
    Ok(Sse::new(told.map(Ok)).keep_alive(KeepAlive::default()))
}

/// What a caller asked for in the query.
struct Asked {
    name: String,
    options: Options,
    as_of: Option<Date>,
    override_reason: Option<String>,
    dry_run: bool,
    digest: Option<String>,
}

impl Asked {
    fn read(params: &Params, now: UnixMs) -> Result<Asked, Problem> {
        let get = |name: &str| params.get(name).map(String::as_str).filter(|value| !value.is_empty());
        if params.values().any(|value| value.contains('\0')) {
            return Err(Problem::bad_request("query-invalid", "no value may hold a zero byte"));
        }
        let overrides = flag(params, "override_opt_outs")?;
        let reason = get("reason").map(str::trim).filter(|reason| !reason.is_empty());
        if overrides != reason.is_some() {
            let text = "`override_opt_outs=true` and `reason` belong together";
            return Err(Problem::bad_request("query-invalid", text));
        }
        let as_of = match get("as_of") {
            None => None,
            Some(text) => {
                let invalid = |why: String| Problem::bad_request("query-invalid", format!("`as_of`: {why}"));
                Some(collection_day(text, now).map_err(invalid)?)
            }
        };
        let options = Options::parse(get("options").unwrap_or("{}"))
            .map_err(|failure| Problem::bad_request("option-invalid", failure.message))?;
        Ok(Asked {
            name: get("name").unwrap_or("upload.csv").chars().take(NAME_CHARS_MAX).collect(),
            options,
            as_of,
            override_reason: reason.map(str::to_owned),
            dry_run: flag(params, "dry_run")?,
            digest: get("digest").map(str::to_owned),
        })
    }

    fn new_import(self, stored: &Stored, importer: &Importer) -> NewImport {
        NewImport {
            file_name: self.name,
            file_sha256: stored.sha256.clone(),
            file_bytes: stored.bytes,
            options: self.options,
            as_of: self.as_of,
            override_reason: self.override_reason,
            engine_sha256: importer.engine.sha256().to_owned(),
            client_digest: self.digest,
            received_at: importer.clock.now(),
        }
    }
}

/// How the request says that its body is packed. A file is kept as it came, so this only has to be true; what form it
/// has, its first bytes tell again whenever it is read.
fn packed_as(headers: &HeaderMap) -> Result<Option<Form>, Problem> {
    let Some(value) = headers.get(header::CONTENT_ENCODING) else { return Ok(None) };
    match value.to_str().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(None),
        "gzip" | "x-gzip" => Ok(Some(Form::Gzip)),
        "zstd" => Ok(Some(Form::Zstd)),
        _ => Err(Problem::encoding(
            "`content-encoding` may be `gzip`, `zstd` or `identity`, and only one of them",
        )),
    }
}

/// Streams the body to disk; memory does not grow with the file.
async fn take_in(app: &App, body: Body, packed: Option<Form>) -> Result<Incoming, Problem> {
    let importer = app.importer.clone();
    let mut incoming = blocking(move || Ok(importer.uploads.begin()?)).await?;
    let mut head = Vec::with_capacity(HEAD_BYTES);
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| {
            Problem::bad_request(
                "upload-broken",
                format!("the upload broke off ({error}); send the file again"),
            )
        })?;
        if incoming.bytes() + chunk.len() as u64 > UPLOAD_BYTES_MAX {
            return Err(file_too_large());
        }
        head.extend_from_slice(&chunk[..chunk.len().min(HEAD_BYTES - head.len())]);
        incoming = blocking(move || {
            incoming.write(&chunk)?;
            Ok(incoming)
        })
        .await?;
    }
    if packed.is_some_and(|packed| packed != Form::of(&head)) {
        return Err(Problem::encoding(
            "the body is not packed the way its `content-encoding` says; leave that out",
        ));
    }
    Ok(incoming)
}

fn file_too_large() -> Problem {
    Problem::too_large(format!(
        "a file may have {UPLOAD_BYTES_MAX} bytes; split it, or import it on the command line"
    ))
}

async fn document(app: &App, id: ImportId) -> Result<ImportDocument, Problem> {
    let app = app.clone();
    blocking(move || {
        let import = app.importer.store.import(TenantId::DEFAULT, id)?;
        let import = import.ok_or_else(|| Problem::not_found(format!("there is no import {id}")))?;
        let progress = app.queue.progress(TenantId::DEFAULT, id);
        Ok(ImportDocument { progress, ..ImportDocument::of(&import) })
    })
    .await
}

/// Without the findings, which a history does not show.
fn brief(app: &App, document: ImportDocument) -> ImportDocument {
    let id = document.import.as_deref().and_then(ImportId::parse);
    let progress = id.and_then(|id| app.queue.progress(TenantId::DEFAULT, id));
    ImportDocument { diagnostics: Vec::new(), progress, ..document }
}

fn import_id(id: Result<Path<String>, PathRejection>) -> Result<ImportId, Problem> {
    let Path(text) = id.map_err(|error| Problem::bad_request("path-invalid", error.body_text()))?;
    ImportId::parse(&text).ok_or_else(|| Problem::not_found("an import is named like `i3`"))
}

fn event(name: &str, document: &ImportDocument) -> Event {
    let event = Event::default().event(name);
    event.json_data(document).unwrap_or_else(|_| Event::default().event("fault"))
}
