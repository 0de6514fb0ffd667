//! Message templates over HTTP: listed, drafted, submitted, deleted, pulled.

use std::convert::Infallible;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, StreamExt as _, stream};
use serde_json::{Value, json};

use crate::accounts;
use crate::desk::DeskError;
use crate::store::TenantId;
use crate::templates::{self, Filter, TemplateId};
use crate::wire::meta::v1::{SyncDocument, TemplateDocument, TemplatesDocument, VersionsDocument};

use super::App;
use super::accounts::{Fields, invalid, path};
use super::body::{Documented, Whole};
use super::people::{Asked, params};
use super::problem::{Problem, blocking};

const T: TenantId = TenantId::DEFAULT;
/// Longest word on who submits a template, in characters.
const BY_CHARS_MAX: usize = 100;

type Named = Result<Path<(String, String, String)>, PathRejection>;

pub(super) async fn list(State(app): State<App>, asked: Asked) -> Result<Json<TemplatesDocument>, Problem> {
    let params = params(asked, &["account", "status", "q"])?;
    let get = |name: &str| params.get(name).filter(|value| !value.is_empty()).cloned();
    let filter = Filter { account: get("account"), status: get("status"), q: get("q") };
    let work = move || {
        let found = templates::list(&app.desk, T, &filter)?;
        Ok(TemplatesDocument {
            templates: found.iter().map(TemplateDocument::of).collect(),
            sync: sync_of(&app, filter.account.as_deref())?,
        })
    };
    Ok(Json(blocking(work).await?))
}

pub(super) async fn versions(
    State(app): State<App>,
    named: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<VersionsDocument>, Problem> {
    let (account, name) = path(named)?;
    let work = move || {
        let found = templates::versions(&app.desk, T, &account, &name)?;
        Ok(VersionsDocument { name, versions: found.iter().map(TemplateDocument::of).collect() })
    };
    Ok(Json(blocking(work).await?))
}

pub(super) async fn keep_draft(
    State(app): State<App>,
    named: Named,
    body: Documented,
) -> Result<Json<TemplateDocument>, Problem> {
    let id = id(named)?;
    let fields = Fields::read(body, &["template", "values", "version"])?;
    let template = fields.object("template")?.ok_or_else(|| invalid("`template` is missing"))?;
    let (values, version) = (fields.object("values")?.unwrap_or_default(), fields.version()?);
    let work = move || {
        let kept = templates::keep_draft(&app.desk, T, &id, Value::Object(template), values, version)?;
        Ok(TemplateDocument::of(&kept))
    };
    Ok(Json(blocking(work).await?))
}

pub(super) async fn lint(State(app): State<App>, Whole(document): Whole) -> Result<Response, Problem> {
    judged(move || Ok(templates::judging::lint(&app.desk, &document)?)).await
}

pub(super) async fn preview(State(app): State<App>, Whole(request): Whole) -> Result<Response, Problem> {
    judged(move || Ok(templates::judging::preview(&app.desk, &request)?)).await
}

/// The engine's document as it is: the same bytes as in a page.
async fn judged(
    work: impl FnOnce() -> Result<Vec<u8>, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    Ok(([(CONTENT_TYPE, "application/json")], blocking(work).await?).into_response())
}

pub(super) async fn forget_draft(State(app): State<App>, named: Named) -> Result<StatusCode, Problem> {
    let id = id(named)?;
    blocking(move || Ok(templates::forget_draft(&app.desk, T, &id)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn submit(
    State(app): State<App>,
    named: Named,
    body: Documented,
) -> Result<Json<TemplateDocument>, Problem> {
    let id = id(named)?;
    let by =
        Fields::read(body, &["by"])?.text("by")?.map(|by| by.chars().take(BY_CHARS_MAX).collect::<String>());
    let work = move || {
        let submitted = templates::submit(&app.desk, T, &id, by.as_deref());
        let asked_meta = match &submitted {
            Ok(_) => true,
            // Meta may have it all the same, or has one of this name that is not known here.
            Err(DeskError::Meta(trouble)) => !matches!(trouble, crate::gateway::Trouble::NotSent(_)),
            Err(_) => false,
        };
        // What Meta told of it while it was submitted may have passed unnoticed; a list has the last word.
        if asked_meta {
            app.syncing.ask(&id.account);
        }
        Ok(TemplateDocument::of(&submitted?))
    };
    Ok(Json(blocking(work).await?))
}

pub(super) async fn delete(
    State(app): State<App>,
    named: Result<Path<(String, String)>, PathRejection>,
    asked: Asked,
) -> Result<Json<VersionsDocument>, Problem> {
    let (account, name) = path(named)?;
    let params = params(asked, &["language", "confirm"])?;
    if params.get("confirm") != Some(&name) {
        let text =
            "`confirm` repeats the template's name: what is deleted at Meta does not come back for weeks";
        return Err(Problem::bad_request("not-confirmed", text));
    }
    let language = params.get("language").filter(|language| !language.is_empty()).cloned();
    let work = move || {
        let deleted = templates::delete(&app.desk, T, &account, &name, language.as_deref())?;
        Ok(VersionsDocument { name, versions: deleted.iter().map(TemplateDocument::of).collect() })
    };
    Ok(Json(blocking(work).await?))
}

pub(super) async fn sync(State(app): State<App>, asked: Asked) -> Result<Response, Problem> {
    let account = one_account(&app, asked).await?;
    app.syncing.ask(&account);
    Ok((StatusCode::ACCEPTED, Json(json!({ "sync": SyncDocument::running(&account) }))).into_response())
}

/// Server-sent events: `progress` while it runs, then one `end`.
pub(super) async fn sync_events(
    State(app): State<App>,
    asked: Asked,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let account = one_account(&app, asked).await?;
    let watching = app.syncing.watch(&account);
    let told = stream::unfold(Some((app, watching, true)), move |state| {
        let account = account.clone();
        async move {
            let (app, mut watching, first) = state?;
            if let Some(running) = &mut watching {
                if first {
                    let event = event("progress", &SyncDocument::running(&account));
                    return Some((event, Some((app, watching, false))));
                }
                while running.changed().await.is_ok() {}
            }
            let ended = blocking(move || last_of(&app, &account)).await.ok()?;
            Some((event("end", &ended), None))
        }
    });
    Ok(Sse::new(told.map(Ok)).keep_alive(KeepAlive::default()))
}

/// The account that is named, or the only one there is.
async fn one_account(app: &App, asked: Asked) -> Result<String, Problem> {
    let params = params(asked, &["account"])?;
    let app = app.clone();
    let named = params.get("account").filter(|account| !account.is_empty()).cloned();
    blocking(move || match named {
        Some(account) => Ok(accounts::find(&app.desk, T, &account)?.id),
        None => match accounts::all(&app.desk, T)?.as_slice() {
            [only] => Ok(only.id.clone()),
            [] => Err(Problem::not_found("no account is connected")),
            _ => Err(Problem::bad_request(
                "query-invalid",
                "there are several accounts: name one in `account`",
            )),
        },
    })
    .await
}

/// How the last pull went: of the account, or the latest of all.
fn sync_of(app: &App, account: Option<&str>) -> Result<SyncDocument, Problem> {
    if let Some(account) = account {
        return if app.syncing.is_running(account) {
            Ok(SyncDocument::running(account))
        } else {
            last_of(app, account)
        };
    }
    let accounts = accounts::all(&app.desk, T)?;
    if let Some(running) = accounts.iter().find(|account| app.syncing.is_running(&account.id)) {
        return Ok(SyncDocument::running(&running.id));
    }
    let latest = accounts.iter().max_by_key(|account| account.sync.as_ref().map(|sync| sync.at_ms));
    Ok(SyncDocument::of(
        latest.map(|account| account.id.as_str()),
        latest.and_then(|account| account.sync.as_ref()),
    ))
}

fn last_of(app: &App, account: &str) -> Result<SyncDocument, Problem> {
    let account = accounts::find(&app.desk, T, account)?;
    Ok(SyncDocument::of(Some(&account.id), account.sync.as_ref()))
}

fn id(named: Named) -> Result<TemplateId, Problem> {
    let (account, name, language) = path(named)?;
    Ok(TemplateId::new(&account, &name, &language)?)
}

fn event(name: &str, document: &SyncDocument) -> Event {
    Event::default().event(name).json_data(document).unwrap_or_else(|_| Event::default().event("fault"))
}
