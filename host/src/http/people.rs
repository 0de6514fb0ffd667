//! People out: profiles, timelines, exports; and a person's own opt-out in.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use consentry_core::matching::{E164, Permission, ProfileId, Speaker};
use serde_json::{Value, json};

use crate::importer::Importer;
use crate::opt_outs;
use crate::people::{self, ExportFormat, ExportOptions};
use crate::store::{Lookup, TenantId};
use crate::wire::v1::{ProfileDocument, Timeline};

use super::App;
use super::body::{Document, Documented};
use super::doors::About;
use super::problem::{Problem, blocking};
use super::streamed::streamed;

/// Profiles on one page, unless asked otherwise.
const PAGE_DEFAULT: usize = 50;
/// Most profiles on one page.
const PAGE_MAX: usize = 500;
/// Longest name of who heard an opt-out, in characters.
const HEARD_CHARS_MAX: usize = 100;
/// Longest business-scoped user id, in bytes; those seen have some thirty.
const USER_ID_BYTES_MAX: usize = 256;

pub(super) type Params = std::collections::HashMap<String, String>;
pub(super) type Asked = Result<Query<Params>, QueryRejection>;

pub(super) async fn profiles(State(app): State<App>, asked: Asked) -> Result<Json<Value>, Problem> {
    let params = params(asked, &["after", "limit", "permission", "q"])?;
    let invalid = |text: String| Problem::bad_request("query-invalid", text);
    let after = match params.get("after") {
        None => None,
        Some(text) => {
            Some(ProfileId::parse(text).ok_or_else(|| invalid("`after` is a profile like `p12`".into()))?)
        }
    };
    let limit = match params.get("limit") {
        None => PAGE_DEFAULT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=PAGE_MAX).contains(limit))
            .ok_or_else(|| invalid(format!("`limit` is a number from 1 to {PAGE_MAX}")))?,
    };
    let permission = match params.get("permission").map(String::as_str) {
        None | Some("") => None,
        Some("none") => Some(None),
        Some(said) => {
            let known = [Permission::OptIn, Permission::OptOut];
            let found = known.into_iter().find(|permission| permission.as_str() == said);
            let wrong = || invalid(format!("`permission` is `opt_in`, `opt_out` or `none`, not `{said}`"));
            Some(Some(found.ok_or_else(wrong)?))
        }
    };
    let q = params.get("q").map(|q| q.trim().to_owned()).filter(|q| !q.is_empty());
    let answer = blocking(move || {
        let Importer { store, engine, .. } = &*app.importer;
        if let Some(q) = q {
            let mut found = people::find_all(&**store, engine, TenantId::DEFAULT, &q)?;
            found.retain(|found| permission.is_none_or(|permission| found.profile.permission == permission));
            let documents: Vec<_> = found.iter().map(ProfileDocument::of).collect();
            return Ok(json!({ "total": documents.len(), "profiles": documents, "next": null }));
        }
        let page = people::page(&**store, TenantId::DEFAULT, after, limit, permission)?;
        let total = store.profile_count(TenantId::DEFAULT)?;
        let documents: Vec<_> = page.profiles.iter().map(ProfileDocument::of).collect();
        let next = page.next.map(|next| next.to_string());
        Ok(json!({ "total": total, "profiles": documents, "next": next }))
    });
    Ok(Json(answer.await?))
}

pub(super) async fn explain(State(app): State<App>, asked: Asked) -> Result<Json<Timeline>, Problem> {
    let mut params = params(asked, &["of", "before"])?;
    let of = params.remove("of").ok_or_else(|| {
        Problem::bad_request(
            "question-unclear",
            "ask with `of=`, a number with its country code or a profile like `p12`",
        )
    })?;
    let before = params.get("before").map(|text| {
        let wrong = || Problem::bad_request("query-invalid", "`before` is the place of an event in the log");
        text.parse().map_err(|_| wrong())
    });
    let before = before.transpose()?;
    let work = move || {
        let Importer { store, engine, .. } = &*app.importer;
        Ok(people::explain(&**store, engine, TenantId::DEFAULT, &of, before)?)
    };
    Ok(Json(blocking(work).await?))
}

pub(super) async fn export(State(app): State<App>, asked: Asked) -> Result<Response, Problem> {
    let params = params(asked, &["format", "for_excel", "attributes"])?;
    let (for_excel, attributes) = (flag(&params, "for_excel")?, flag(&params, "attributes")?);
    let format = match params.get("format").map(String::as_str) {
        None | Some("csv") => ExportFormat::Csv,
        Some("jsonl") => ExportFormat::Jsonl,
        Some(other) => {
            let text = format!("`format` is `csv` or `jsonl`, not `{other}`");
            return Err(Problem::bad_request("query-invalid", text));
        }
    };
    let options = ExportOptions { format, for_excel, attributes };
    let (kind, name) = if format == ExportFormat::Jsonl {
        ("application/x-ndjson", "profiles.jsonl")
    } else {
        ("text/csv; charset=utf-8", "profiles.csv")
    };
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    let written =
        streamed(move |out| people::export(&*app.importer.store, TenantId::DEFAULT, options, out).map(drop));
    Ok((headers, written.await?).into_response())
}

/// A person's own opt-out, heard by somebody: `{"number": "+90…", "heard": "desk"}`, or with `user_id` for whom WhatsApp
/// names without a number.
pub(super) async fn opt_out(
    State(app): State<App>,
    Extension(asker): Extension<super::doors::Asker>,
    body: Documented,
) -> Result<Response, Problem> {
    let invalid = |text: &str| Problem::bad_request("body-invalid", text);
    let Document(body) = body?;
    let text =
        |name: &str| body.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let (cell, user) = (text("number").map(str::to_owned), text("user_id").map(str::to_owned));
    if cell.is_none() && user.is_none() {
        return Err(invalid("`number` is missing, or `user_id` where the number is not known"));
    }
    if user.as_ref().is_some_and(|user| user.len() > USER_ID_BYTES_MAX || user.contains('\0')) {
        return Err(invalid("`user_id` is too long to be one, or holds a zero byte"));
    }
    if cell.as_ref().is_some_and(|cell| !cell.starts_with('+') && !cell.starts_with("00")) {
        // Digits alone may be a national number, and somebody else's with another country code.
        return Err(Problem::bad_request("number-invalid", "write `number` with `+` and its country code"));
    }
    let heard = text("heard").ok_or_else(|| invalid("`heard` is missing: say who heard it, or where"))?;
    let heard: String = heard.chars().take(HEARD_CHARS_MAX).collect();
    let heard = asker.by().map_or(format!("api:{heard}"), |by| format!("{by}: {heard}"));
    let answer = blocking(move || {
        let importer = &app.importer;
        let number = match &cell {
            None => None,
            Some(cell) => {
                let none = "`number` is no number with its country code, like `+905301112233`";
                let number = importer.engine.number(cell)?.digits.and_then(E164::from_digits);
                Some(number.ok_or_else(|| Problem::bad_request("number-invalid", none))?)
            }
        };
        let at = importer.clock.now();
        let speaker = Speaker { number, user: user.as_deref(), said_at: None };
        let number = opt_outs::opt_out(importer.store.as_ref(), TenantId::DEFAULT, speaker, at, &heard)?;
        // Where only the user id is known, the word waits for its number.
        let lookup = number.map(|number| Lookup::Number(number.identity().digits()));
        let of = lookup.map(|lookup| importer.store.find(TenantId::DEFAULT, &lookup)).transpose()?.flatten();
        let number = number.map(|number| number.to_string());
        let answer =
            json!({ "number": number, "user_id": user, "permission": "opt_out", "at": at.to_string() });
        Ok((answer, of.map(|of| of.profile.id)))
    });
    let (answer, of) = answer.await?;
    let mut response = Json(answer).into_response();
    // The audit holds no number; it names the profile.
    if let Some(profile) = of {
        response.extensions_mut().insert(About(format!("profiles/{profile}/opt-out")));
    }
    Ok(response)
}

pub(super) fn params(asked: Asked, known: &[&str]) -> Result<Params, Problem> {
    let Query(params) = asked.map_err(|error| Problem::bad_request("query-invalid", error.body_text()))?;
    match params.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(params),
        Some(unknown) => {
            let rest = if known.is_empty() {
                "there are none".into()
            } else {
                format!("known are {}", known.join(", "))
            };
            let text = format!("`{unknown}` is no parameter; {rest}");
            Err(Problem::bad_request("query-invalid", text))
        }
    }
}

/// A parameter that is `true`, `false` or left out.
pub(super) fn flag(params: &Params, name: &str) -> Result<bool, Problem> {
    match params.get(name).map(String::as_str) {
        None | Some("" | "false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => {
            let text = format!("`{name}` is `true` or `false`, not `{other}`");
            Err(Problem::bad_request("query-invalid", text))
        }
    }
}
