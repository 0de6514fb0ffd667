//! Campaigns over HTTP: written, let go, stopped, reported. What takes long - planning one - is in [`super::planning`].

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use consentry_core::wire::campaign::v1::Campaign;
use serde_json::{Map, Value};

use crate::campaigns::report::{self, PeopleFormat};
use crate::campaigns::{self, Campaigns, Kept, Trial};
use crate::desk::DeskError;
use crate::store::TenantId;
use crate::wire::campaign::v1::{
    CampaignDocument, CampaignsDocument, ReportDocument, StoppedDocument, TestDocument,
};

use super::App;
use super::accounts::{Fields, invalid, path};
use super::body::{Document, Documented};
use super::doors::Asker;
use super::people::{Asked, params};
use super::planning::document;
use super::problem::{Problem, blocking};
use super::streamed::streamed;

const T: TenantId = TenantId::DEFAULT;
/// Longest word on who does something, in characters.
const BY_CHARS_MAX: usize = 100;
/// Longest word on why, in characters.
const WHY_CHARS_MAX: usize = 300;
/// Who does it where nobody is named.
const NOBODY: &str = "api";

pub(super) type Named = Result<Path<String>, PathRejection>;

pub(super) async fn list(State(app): State<App>, asked: Asked) -> Result<Json<CampaignsDocument>, Problem> {
    params(asked, &[])?;
    let work = move || {
        let all = campaigns::all(&app.campaigns, T)?;
        let documents: Result<Vec<_>, Problem> =
            all.iter().map(|kept| Ok(document(&app, kept)?.brief())).collect();
        Ok(CampaignsDocument { campaigns: documents? })
    };
    Ok(Json(blocking(work).await?))
}

pub(super) async fn create(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    body: Documented,
) -> Result<Response, Problem> {
    let written = Written::read(&asker, body, &["by"])?;
    made(app, move |room| campaigns::create(room, T, &written.definition, &written.by)).await
}

/// A new draft that says the same.
pub(super) async fn copy(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    id: Named,
    body: Documented,
) -> Result<Response, Problem> {
    let (id, asked) = (path(id)?, Deed::read(&asker, body, &["by"])?);
    made(app, move |room| campaigns::copy(room, T, &id, &asked.by)).await
}

async fn made(
    app: App,
    make: impl FnOnce(&Campaigns) -> Result<Kept, DeskError> + Send + 'static,
) -> Result<Response, Problem> {
    let document = blocking(move || document(&app, &make(&app.campaigns)?)).await?;
    let location = [(header::LOCATION, format!("/api/v1/campaigns/{}", document.campaign))];
    Ok((StatusCode::CREATED, location, Json(document)).into_response())
}

pub(super) async fn one(State(app): State<App>, id: Named) -> Result<Json<CampaignDocument>, Problem> {
    let id = path(id)?;
    let work = move || document(&app, &campaigns::find(&app.campaigns, T, &id)?);
    Ok(Json(blocking(work).await?))
}

pub(super) async fn change(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    id: Named,
    body: Documented,
) -> Result<Json<CampaignDocument>, Problem> {
    let (id, written) = (path(id)?, Written::read(&asker, body, &["by", "version"])?);
    let work = move || {
        let Written { definition, version, by } = written;
        let kept = campaigns::change(&app.campaigns, T, &id, &definition, version, &by)?;
        app.planning.forget(&id);
        document(&app, &kept)
    };
    Ok(Json(blocking(work).await?))
}

pub(super) async fn delete(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    id: Named,
    asked: Asked,
) -> Result<StatusCode, Problem> {
    let id = path(id)?;
    let by = params(asked, &["by"])?.remove("by").filter(|by| !by.is_empty());
    let by = asker.by().or_else(|| clipped(by, BY_CHARS_MAX)).unwrap_or_else(|| NOBODY.to_owned());
    blocking(move || {
        campaigns::delete(&app.campaigns, T, &id, &by)?;
        app.planning.forget(&id);
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// One message to one person: `{"to": "+90…", "message": 0}`.
pub(super) async fn test(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    id: Named,
    body: Documented,
) -> Result<Json<TestDocument>, Problem> {
    let id = path(id)?;
    let fields = Fields::read(body, &["to", "message"])?;
    let to = fields.text("to")?.ok_or_else(|| {
        invalid("`to` is missing: a person who opted in, by profile, exid, e-mail address or number")
    })?;
    let message = usize::try_from(fields.whole("message")?.unwrap_or(0)).unwrap_or(usize::MAX);
    let work = move || {
        let by = asker.by().unwrap_or_else(|| NOBODY.to_owned());
        let trial = Trial { campaign: &id, message, to: &to, by: &by };
        let waits_for = |of| app.sender.standing(of).1.map(|waits| waits.text);
        Ok(TestDocument::from(campaigns::test(&app.campaigns, T, &trial, &waits_for)?))
    };
    Ok(Json(blocking(work).await?))
}

pub(super) async fn approve(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    id: Named,
    body: Documented,
) -> Result<Json<CampaignDocument>, Problem> {
    let asked = Deed::read(&asker, body, &["by", "plan"])?;
    if asked.by == NOBODY {
        return Err(invalid("`by` is missing: say who approves"));
    }
    done(app, id, move |room, id| campaigns::approve(room, T, id, asked.plan.as_deref(), &asked.by)).await
}

pub(super) async fn pause(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    id: Named,
    body: Documented,
) -> Result<Json<CampaignDocument>, Problem> {
    let asked = Deed::read(&asker, body, &["by", "why"])?;
    done(app, id, move |room, id| campaigns::pause(room, T, id, asked.why.as_deref(), &asked.by)).await
}

pub(super) async fn resume(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    id: Named,
    body: Documented,
) -> Result<Json<CampaignDocument>, Problem> {
    let asked = Deed::read(&asker, body, &["by"])?;
    done(app, id, move |room, id| campaigns::resume(room, T, id, &asked.by)).await
}

pub(super) async fn cancel(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    id: Named,
    body: Documented,
) -> Result<Json<CampaignDocument>, Problem> {
    let asked = Deed::read(&asker, body, &["by"])?;
    done(app, id, move |room, id| campaigns::cancel(room, T, id, &asked.by)).await
}

async fn done(
    app: App,
    id: Named,
    deed: impl FnOnce(&Campaigns, &str) -> Result<Kept, DeskError> + Send + 'static,
) -> Result<Json<CampaignDocument>, Problem> {
    let id = path(id)?;
    Ok(Json(blocking(move || document(&app, &deed(&app.campaigns, &id)?)).await?))
}

/// Everything that runs or is scheduled pauses at once.
pub(super) async fn stop(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    body: Documented,
) -> Result<Json<StoppedDocument>, Problem> {
    let asked = Deed::read(&asker, body, &["by"])?;
    let work = move || Ok(StoppedDocument { paused: campaigns::stop_all(&app.campaigns, T, &asked.by)? });
    Ok(Json(blocking(work).await?))
}

pub(super) async fn report(State(app): State<App>, id: Named) -> Result<Json<ReportDocument>, Problem> {
    let id = path(id)?;
    Ok(Json(blocking(move || Ok(report::report(&app.campaigns, T, &id)?)).await?))
}

/// The people of a plan, by what became of their messages.
pub(super) async fn people(State(app): State<App>, id: Named, asked: Asked) -> Result<Response, Problem> {
    let (id, params) = (path(id)?, params(asked, &["status", "code", "format"])?);
    let text = |name: &str| params.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let format = match text("format") {
        None | Some("csv") => PeopleFormat::Csv,
        Some("jsonl") => PeopleFormat::Jsonl,
        Some(_) => return Err(query("`format` is `csv` or `jsonl`")),
    };
    let code = text("code")
        .map(|code| code.parse().map_err(|_| query("`code` is a code of Meta's, a whole number")));
    let filter = report::filter(text("status"), code.transpose()?).map_err(|why| query(&why))?;
    let (kind, ending) = match format {
        PeopleFormat::Csv => ("text/csv; charset=utf-8", "csv"),
        PeopleFormat::Jsonl => ("application/x-ndjson", "jsonl"),
    };
    let name = format!("attachment; filename=\"{}-people.{ending}\"", file_stem(&id));
    let written = streamed(move |out| report::people(&app.campaigns, T, &id, &filter, format, out).map(drop));
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, written.await?).into_response())
}

/// A campaign's id as a name of a file; whatever else stands in the path is no id.
pub(super) fn file_stem(id: &str) -> &str {
    if id.bytes().all(|byte| byte.is_ascii_alphanumeric()) { id } else { "campaign" }
}

pub(super) fn query(text: &str) -> Problem {
    Problem::bad_request("query-invalid", text)
}

/// A campaign as somebody writes it: the definition, and beside it who writes and which version they saw.
struct Written {
    definition: Campaign,
    version: Option<u64>,
    by: String,
}

impl Written {
    fn read(asker: &Asker, body: Documented, beside: &[&str]) -> Result<Written, Problem> {
        let Document(body) = body?;
        let Value::Object(mut fields) = body else {
            return Err(invalid("a campaign is an object, like docs/examples/campaign.json"));
        };
        let beside: Map<String, Value> =
            beside.iter().filter_map(|name| Some(((*name).to_owned(), fields.remove(*name)?))).collect();
        let beside = Fields::of(beside);
        let by = named(asker, &beside)?;
        let version = beside.version()?;
        let definition = serde_json::from_value(Value::Object(fields))
            .map_err(|cause| invalid(&format!("the campaign is not as expected: {cause}")))?;
        Ok(Written { definition, version, by })
    }
}

/// What somebody does, who and why.
pub(super) struct Deed {
    pub(super) by: String,
    pub(super) plan: Option<String>,
    why: Option<String>,
}

impl Deed {
    pub(super) fn read(asker: &Asker, body: Documented, known: &[&str]) -> Result<Deed, Problem> {
        let fields = Fields::read(body, known)?;
        Ok(Deed {
            by: named(asker, &fields)?,
            plan: fields.text("plan")?,
            why: clipped(fields.text("why")?, WHY_CHARS_MAX),
        })
    }
}

/// Who does it: whoever signed in, and only where nobody does whoever says so.
fn named(asker: &Asker, fields: &Fields) -> Result<String, Problem> {
    let said = clipped(fields.text("by")?, BY_CHARS_MAX);
    Ok(asker.by().or(said).unwrap_or_else(|| NOBODY.to_owned()))
}

fn clipped(text: Option<String>, chars_max: usize) -> Option<String> {
    text.map(|text| text.chars().take(chars_max).collect())
}
