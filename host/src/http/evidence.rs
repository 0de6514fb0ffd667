//! One person over HTTP: what is known beside the consent, attributes changed by hand, and evidence as a signed file. No
//! path has a number in it, so that no log and no note of the audit has.

use std::collections::BTreeMap;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use consentry_core::matching::ProfileId;
use serde_json::Value;

use crate::access::Right;
use crate::by_hand::{self, Wanted};
use crate::campaigns;
use crate::engine::hex;
use crate::erasure;
use crate::evidence::key::{KEY_BYTES, SigningKey, unhex};
use crate::evidence::{self, Asked as Question, Room, pack};
use crate::store::{Lookup, TenantId};
use crate::wire::person::v1::{
    ErasureDocument, EvidenceKeyDocument, EvidenceVerdictDocument, PersonOneDocument,
};
use crate::wire::v1::ProfileDocument;

use super::App;
use super::body::{Document, Documented, Whole};
use super::doors::{About, Asker};
use super::people::{Asked, params};
use super::problem::{Problem, blocking};

const T: TenantId = TenantId::DEFAULT;
/// Messages of campaigns that a page of a person shows.
const MESSAGES_MAX: usize = 100;

type Named = Result<Path<String>, PathRejection>;

pub(super) async fn person(State(app): State<App>, named: Named) -> Result<Json<PersonOneDocument>, Problem> {
    let profile = profile(named)?;
    Ok(Json(blocking(move || known(&app, profile)).await?))
}

/// Attributes by hand: `{"changes": {"city": {"from": "Izmir", "to": "Ankara"}}}`, with `null` for none.
pub(super) async fn attributes(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    named: Named,
    body: Documented,
) -> Result<Json<PersonOneDocument>, Problem> {
    let profile = profile(named)?;
    let Document(body) = body?;
    let wanted = wanted(&body).ok_or_else(|| {
        let text = "send `{\"changes\": {\"city\": {\"from\": \"Izmir\", \"to\": \"Ankara\"}}}`: what was seen and what is to be, \
                    texts, or `null` for none";
        Problem::bad_request("body-invalid", text)
    })?;
    let by = asker.by().unwrap_or_else(|| "api".to_owned());
    let answer = blocking(move || {
        let at = app.importer.clock.now();
        by_hand::change(&*app.importer.store, T, profile, wanted, &by, at)?;
        known(&app, profile)
    });
    Ok(Json(answer.await?))
}

/// How far somebody's erasure is.
pub(super) async fn erasure(State(app): State<App>, named: Named) -> Result<Json<ErasureDocument>, Problem> {
    let profile = profile(named)?;
    let found = blocking(move || Ok(erasure::find(&*app.importer.store, T, profile)?)).await?;
    let none = || Problem::not_found(format!("nobody has erased {profile}"));
    Ok(Json(ErasureDocument::of(profile, &found.ok_or_else(none)?)))
}

/// Erases a person for good: `{"reason": "…", "profile": "p12"}`, where the profile is repeated so that nobody erases another one by
/// a slip in an address. Answers when all of it is done; said again, it goes on where it was.
pub(super) async fn erase(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    named: Named,
    body: Documented,
) -> Result<Json<ErasureDocument>, Problem> {
    let profile = profile(named)?;
    let Document(body) = body?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::trim);
    if text("profile") != Some(&profile.to_string()) {
        let text = format!("repeat whom you erase: `\"profile\": \"{profile}\"`");
        return Err(Problem::bad_request("body-invalid", text));
    }
    let reason = text("reason").unwrap_or_default().to_owned();
    let by = asker.by().unwrap_or_else(|| "local".to_owned());
    let done = blocking(move || {
        let at = app.importer.clock.now();
        Ok(erasure::erase(&erasing(&app), T, profile, at, &by, &reason)?)
    });
    Ok(Json(ErasureDocument::of(profile, &done.await?)))
}

pub(super) async fn export(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    asked: Asked,
) -> Result<Response, Problem> {
    let mut params = params(asked, &["of"])?;
    let of = params.remove("of").ok_or_else(|| {
        Problem::bad_request(
            "question-unclear",
            "ask with `of=`, a number with its country code or a profile like `p12`",
        )
    })?;
    let by = asker.by().unwrap_or_else(|| "local".to_owned());
    let may_audit = asker.may(Right::Audit).is_ok();
    let pack = blocking(move || {
        let at = app.importer.clock.now();
        let audit = may_audit.then_some(&*app.access);
        let asked = Question { of: &of, by: &by, at, audit };
        Ok(evidence::export(&room(&app), &app.importer.engine, T, &asked)?)
    });
    let pack = pack.await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", pack.file_name)),
    ];
    let mut response = (headers, pack.bytes).into_response();
    if let Some(profile) = pack.profile {
        response.extensions_mut().insert(About(format!("profiles/{profile}/evidence")));
    }
    Ok(response)
}

/// What others verify with. The key is made where there is none, so that it can be written down before the first pack.
pub(super) async fn key(State(app): State<App>, asked: Asked) -> Result<Json<EvidenceKeyDocument>, Problem> {
    params(asked, &[])?;
    let public = blocking(move || own_key(&app)).await?;
    Ok(Json(EvidenceKeyDocument { algorithm: "Ed25519", public_key: hex(&public) }))
}

/// Verifies a pack with the key of this installation, or with the one that is named.
pub(super) async fn verify(
    State(app): State<App>,
    asked: Asked,
    Whole(file): Whole,
) -> Result<Json<EvidenceVerdictDocument>, Problem> {
    let named = params(asked, &["key"])?.remove("key");
    let named = named.map(|text| {
        let wrong =
            || Problem::bad_request("query-invalid", "`key` is a public key: 64 small hexadecimal digits");
        unhex::<KEY_BYTES>(text.trim()).ok_or_else(wrong)
    });
    let named = named.transpose()?;
    let verdict = blocking(move || {
        let key = named.map_or_else(|| own_key(&app), Ok)?;
        Ok(pack::verify(&file, Some(&key)))
    });
    Ok(Json(verdict.await?))
}

fn own_key(app: &App) -> Result<[u8; KEY_BYTES], Problem> {
    let made = SigningKey::make(&app.desk.vault, T).map_err(evidence::EvidenceError::from)?;
    Ok(made.public())
}

fn room(app: &App) -> Room {
    Room {
        store: app.importer.store.clone(),
        inbox: app.intake.inbox.clone(),
        ledger: app.campaigns.ledger.clone(),
        vault: app.desk.vault.clone(),
    }
}

fn erasing(app: &App) -> erasure::Room {
    erasure::Room {
        store: app.importer.store.clone(),
        inbox: app.intake.inbox.clone(),
        ledger: app.campaigns.ledger.clone(),
        uploads: app.importer.uploads.clone(),
        vault: app.desk.vault.clone(),
    }
}

fn known(app: &App, profile: ProfileId) -> Result<PersonOneDocument, Problem> {
    let store = &*app.importer.store;
    let found = store.find(T, &Lookup::Profile(profile))?;
    let found = found.ok_or_else(|| Problem::not_found(format!("there is no profile {profile}")))?;
    let identity = found.profile.number.map(|number| number.identity().digits());
    let messages = identity
        .map(|identity| campaigns::of_person(store, &*app.campaigns.ledger, T, identity, MESSAGES_MAX));
    Ok(PersonOneDocument {
        profile: ProfileDocument::of(&found),
        messages: messages.transpose()?.unwrap_or_default(),
        edits: by_hand::edits(store, T, profile)?,
    })
}

fn profile(named: Named) -> Result<ProfileId, Problem> {
    let Path(text) = named.map_err(|error| Problem::bad_request("path-invalid", error.body_text()))?;
    let none =
        || Problem::not_found(format!("there is no profile `{}`", consentry_core::diagnostic::clip(&text)));
    ProfileId::parse(&text).ok_or_else(none)
}

fn wanted(body: &Value) -> Option<Wanted> {
    let text = |value: &Value| match value {
        Value::Null => Some(None),
        Value::String(text) => Some(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        _ => None,
    };
    let mut wanted = BTreeMap::new();
    for (name, change) in body.get("changes")?.as_object()? {
        let change = change.as_object()?;
        let seen = match change.get("from")? {
            Value::Null => None,
            // What was seen is compared as it is.
            Value::String(seen) => Some(seen.clone()),
            _ => return None,
        };
        wanted.insert(name.trim().to_owned(), (seen, text(change.get("to")?)?));
    }
    Some(wanted)
}
