//! Whom campaigns are for, over HTTP: audiences counted and listed, segments kept under names; and what messages cost.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use consentry_core::wire::campaign::v1::{Audience, Segment};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::campaigns::{audience, prices, segments};
use crate::store::TenantId;
use crate::wire::campaign::v1::{AttributesDocument, CountDocument, SegmentsDocument};

use super::App;
use super::accounts::{invalid, path};
use super::body::{Document, Documented, Whole};
use super::campaigns::Named;
use super::people::{Asked, flag, params};
use super::problem::{Problem, blocking};
use super::streamed::streamed;

const T: TenantId = TenantId::DEFAULT;
const CSV: &str = "text/csv; charset=utf-8";

pub(super) async fn count(State(app): State<App>, body: Documented) -> Result<Json<CountDocument>, Problem> {
    let asked: Audience = read(body, "audience")?;
    let work = move || Ok(CountDocument::of(audience::count(&app.campaigns, T, &asked)?));
    Ok(Json(blocking(work).await?))
}

pub(super) async fn people(
    State(app): State<App>,
    query: Asked,
    body: Documented,
) -> Result<Response, Problem> {
    let for_excel = flag(&params(query, &["for_excel"])?, "for_excel")?;
    let asked: Audience = read(body, "audience")?;
    let written =
        streamed(move |out| audience::write_csv(&app.campaigns, T, &asked, for_excel, out).map(drop));
    let headers =
        [(header::CONTENT_TYPE, CSV), (header::CONTENT_DISPOSITION, "attachment; filename=\"audience.csv\"")];
    Ok((headers, written.await?).into_response())
}

pub(super) async fn attributes(
    State(app): State<App>,
    asked: Asked,
) -> Result<Json<AttributesDocument>, Problem> {
    params(asked, &[])?;
    let work = move || Ok(AttributesDocument::of(audience::attributes(&app.campaigns, T)?));
    Ok(Json(blocking(work).await?))
}

pub(super) async fn list(State(app): State<App>, asked: Asked) -> Result<Json<SegmentsDocument>, Problem> {
    params(asked, &[])?;
    let work = move || Ok(SegmentsDocument { segments: segments::all(&app.campaigns, T)? });
    Ok(Json(blocking(work).await?))
}

pub(super) async fn one(State(app): State<App>, name: Named) -> Result<Json<Segment>, Problem> {
    let name = path(name)?;
    Ok(Json(blocking(move || Ok(segments::find(&app.campaigns, T, &name)?)).await?))
}

/// Keeps a segment: `{"condition": {…}}`; its name is in the path.
pub(super) async fn put(
    State(app): State<App>,
    name: Named,
    body: Documented,
) -> Result<Json<Segment>, Problem> {
    let name = path(name)?;
    let Document(mut body) = body?;
    if let Value::Object(fields) = &mut body {
        let named = fields.entry("name").or_insert_with(|| name.clone().into());
        if named.as_str() != Some(&name) {
            return Err(invalid("`name` is another one than in the path: leave it out"));
        }
    }
    let segment: Segment = read(Ok(Document(body)), "segment")?;
    let work = move || {
        segments::put(&app.campaigns, T, &segment)?;
        Ok(segment)
    };
    Ok(Json(blocking(work).await?))
}

pub(super) async fn delete(State(app): State<App>, name: Named) -> Result<StatusCode, Problem> {
    let name = path(name)?;
    blocking(move || Ok(segments::delete(&app.campaigns, T, &name)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn prices(State(app): State<App>, asked: Asked) -> Result<Response, Problem> {
    params(asked, &[])?;
    let text = blocking(move || Ok(prices::text(&app.campaigns, T)?)).await?;
    Ok(([(header::CONTENT_TYPE, CSV)], text).into_response())
}

/// Keeps a table: CSV, `country,category,price`.
pub(super) async fn put_prices(State(app): State<App>, Whole(body): Whole) -> Result<StatusCode, Problem> {
    let text =
        String::from_utf8(body.to_vec()).map_err(|_| invalid("the table is not UTF-8: save it as UTF-8"))?;
    blocking(move || Ok(prices::put(&app.campaigns, T, &text).map(drop)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn read<D: DeserializeOwned>(body: Documented, what: &str) -> Result<D, Problem> {
    let Document(body) = body?;
    serde_json::from_value(body).map_err(|cause| invalid(&format!("the {what} is not as expected: {cause}")))
}
