//! Signing in, one's own account, people, keys and the audit over HTTP. Passwords are looked at away from the threads that
//! answer, and only a few at a time.

use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use consentry_core::time::UnixMs;
use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::access::people::Chosen;
use crate::access::{AccessError, Caller};
use crate::secret::Secret;
use crate::store::{StoreError, TenantId};
use crate::wire::access::v1::{
    AuditDocument, KeyDocument, KeysDocument, LinkDocument, NewKeyDocument, NoteDocument, OneSessionDocument,
    PeopleDocument, PersonDocument, RecoveryDocument, SessionDocument, SessionsDocument, VerifiedDocument,
    WelcomeDocument,
};

use super::App;
use super::accounts::{Fields, invalid, path};
use super::body::{Document, Documented};
use super::doors::{Ascribed, Asker, set_cookie};
use super::people::{Asked, flag, params};
use super::problem::{Problem, blocking};

const T: TenantId = TenantId::DEFAULT;
/// Passwords that are looked at together: each takes 64 MiB and a core.
pub(super) const TOGETHER: usize = 2;
/// How long somebody waits for their turn.
const TURN_WAIT: Duration = Duration::from_secs(10);
/// Notes in one answer, usually and at most.
const NOTES: usize = 50;
const NOTES_MAX: usize = 500;
/// Longest life of a key, in days.
const DAYS_MAX: u64 = 3650;
const DAY_MS: i64 = 24 * 3_600_000;

type Named = Result<Path<String>, PathRejection>;
type By = Extension<Asker>;

/// Who asks, and whether anybody can sign in at all.
pub(super) async fn session(
    State(app): State<App>,
    Extension(asker): By,
    asked: Asked,
) -> Result<Json<SessionDocument>, Problem> {
    params(asked, &[])?;
    Ok(Json(
        blocking(move || {
            let provider = app.provider.as_ref().map(|provider| provider.name());
            Ok(SessionDocument::of(asker.who.as_ref(), app.access.is_new(T)?, provider))
        })
        .await?,
    ))
}

/// `{"email": "…", "password": "…", "code": "123456"}`; the code may be a recovery code.
pub(super) async fn sign_in(
    State(app): State<App>,
    Extension(asker): By,
    body: Documented,
) -> Result<Response, Problem> {
    let fields = Fields::read(body, &["email", "password", "code"])?;
    let missing = |name: &str| invalid(&format!("`{name}` is missing"));
    let email = fields.text("email")?.ok_or_else(|| missing("email"))?;
    let password = fields.secret("password")?.ok_or_else(|| missing("password"))?;
    let code = fields.secret("code")?.ok_or_else(|| missing("code"))?;
    let _turn = turn(&app.hashing).await?;
    let (secure, from) = (asker.is_secure, asker.from);
    let signed_in = blocking(move || {
        // Only those who are here are named in the audit: whatever else was typed may be a password.
        let known = app.access.person_shown(T, &email).ok().map(|person| person.email);
        let answer = app.access.sign_in(T, &email, &password, &code, &from).map_err(Problem::from);
        let answer = answer.and_then(|token| {
            let who = app.access.who(T, token.reveal())?;
            Ok((token, SessionDocument::of(who.as_ref(), false, None)))
        });
        Ok((known, answer))
    });
    let (known, answer) = signed_in.await?;
    let mut response = match answer {
        Ok((token, document)) => {
            let cookie = [(header::SET_COOKIE, set_cookie(secure, Some(token.reveal())))];
            (cookie, Json(document)).into_response()
        }
        Err(problem) => problem.into_response(),
    };
    if let Some(known) = known {
        response.extensions_mut().insert(Ascribed(known));
    }
    Ok(response)
}

/// Here, or with `everywhere=true` in every browser.
pub(super) async fn sign_out(
    State(app): State<App>,
    Extension(asker): By,
    asked: Asked,
) -> Result<Response, Problem> {
    let everywhere = flag(&params(asked, &["everywhere"])?, "everywhere")?;
    let (email, session) = person(&asker)?;
    blocking(move || match everywhere {
        true => Ok(app.access.sign_out_everywhere(T, &email, None)?),
        false => Ok(app.access.sign_out(T, &email, &session)?),
    })
    .await?;
    let cookie = [(header::SET_COOKIE, set_cookie(asker.is_secure, None))];
    Ok((StatusCode::NO_CONTENT, cookie).into_response())
}

/// What a link is for: `{"token": "…"}`. The token comes in the body, so that no log of addresses has it.
pub(super) async fn welcome(
    State(app): State<App>,
    Extension(asker): By,
    body: Documented,
) -> Result<Json<WelcomeDocument>, Problem> {
    let token = token(&Fields::read(body, &["token"])?)?;
    let work = move || Ok(WelcomeDocument::of(app.access.welcome(T, token.reveal(), &asker.from)?));
    Ok(Json(blocking(work).await?))
}

/// Somebody follows a link: `{"token", "email", "name", "password", "code"}`.
pub(super) async fn arrive(
    State(app): State<App>,
    Extension(asker): By,
    body: Documented,
) -> Result<Response, Problem> {
    let fields = Fields::read(body, &["token", "email", "name", "password", "code"])?;
    let token = token(&fields)?;
    let missing = |name: &str| invalid(&format!("`{name}` is missing"));
    let chosen = Chosen {
        email: fields.text("email")?,
        name: fields.text("name")?,
        password: fields.secret("password")?.ok_or_else(|| missing("password"))?,
        code: fields.secret("code")?.ok_or_else(|| missing("code"))?,
    };
    let _turn = turn(&app.hashing).await?;
    let (secure, from) = (asker.is_secure, asker.from);
    let arrived = blocking(move || Ok(app.access.arrive(T, token.reveal(), &chosen, &from)?)).await?;
    let cookie = [(header::SET_COOKIE, set_cookie(secure, Some(arrived.session.reveal())))];
    let mut response = (StatusCode::CREATED, cookie, Json(RecoveryDocument::of(&arrived))).into_response();
    response.extensions_mut().insert(Ascribed(arrived.email));
    Ok(response)
}

pub(super) async fn sessions(
    State(app): State<App>,
    Extension(asker): By,
    asked: Asked,
) -> Result<Json<SessionsDocument>, Problem> {
    params(asked, &[])?;
    let (email, this) = person(&asker)?;
    let work = move || {
        let sessions = app.access.sessions(T, &email)?.into_iter();
        Ok(SessionsDocument {
            sessions: sessions.map(|session| OneSessionDocument::of(session, &this)).collect(),
        })
    };
    Ok(Json(blocking(work).await?))
}

pub(super) async fn end_session(
    State(app): State<App>,
    Extension(asker): By,
    session: Named,
) -> Result<StatusCode, Problem> {
    let (session, (email, _)) = (path(session)?, person(&asker)?);
    blocking(move || Ok(app.access.sign_out(T, &email, &session)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `{"password": "the present one", "new_password": "…"}`.
pub(super) async fn change_password(
    State(app): State<App>,
    Extension(asker): By,
    body: Documented,
) -> Result<StatusCode, Problem> {
    let fields = Fields::read(body, &["password", "new_password"])?;
    let (email, session) = person(&asker)?;
    let missing = |name: &str| invalid(&format!("`{name}` is missing"));
    let old = fields.secret("password")?.ok_or_else(|| missing("password"))?;
    let new = fields.secret("new_password")?.ok_or_else(|| missing("new_password"))?;
    let _turn = turn(&app.hashing).await?;
    blocking(move || Ok(app.access.change_password(T, &email, &session, (&old, &new), &asker.from)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn recovery(
    State(app): State<App>,
    Extension(asker): By,
) -> Result<Json<RecoveryDocument>, Problem> {
    let (email, _) = person(&asker)?;
    let work = move || {
        let codes = app.access.renew_recovery(T, &email)?;
        let recovery = codes.iter().map(|code| code.reveal().to_owned()).collect();
        Ok(RecoveryDocument { email, recovery })
    };
    Ok(Json(blocking(work).await?))
}

pub(super) async fn people(State(app): State<App>, asked: Asked) -> Result<Json<PeopleDocument>, Problem> {
    params(asked, &[])?;
    Ok(Json(blocking(move || Ok(PeopleDocument::of(app.access.people(T)?))).await?))
}

/// `{"email": "…", "name": "…", "roles": ["viewer"]}`.
pub(super) async fn invite(
    State(app): State<App>,
    Extension(asker): By,
    body: Documented,
) -> Result<Response, Problem> {
    let (fields, lists) = with_lists(body, &["email", "name"], &["roles"])?;
    let email = fields.text("email")?.ok_or_else(|| invalid("`email` is missing"))?;
    let name = fields.text("name")?.unwrap_or_else(|| email.clone());
    let roles = lists.into_iter().next().flatten().unwrap_or_default();
    let by = asker.by().unwrap_or_else(|| "local".to_owned());
    let work = move || Ok(app.access.invite(T, &email, &name, &roles, &by)?);
    let (person, token) = blocking(work).await?;
    let name =
        percent_encoding::utf8_percent_encode(&person.email, percent_encoding::NON_ALPHANUMERIC).to_string();
    let location = [(header::LOCATION, format!("/api/v1/people/{name}"))];
    let document = LinkDocument { person: PersonDocument::of(person), link: link(&asker.base, &token) };
    Ok((StatusCode::CREATED, location, Json(document)).into_response())
}

/// `{"roles": ["viewer"], "disabled": false}`, either of them.
pub(super) async fn change_person(
    State(app): State<App>,
    named: Named,
    body: Documented,
) -> Result<Json<PersonDocument>, Problem> {
    let named = path(named)?;
    let Document(mut body) = body?;
    let disabled = match body.as_object_mut().and_then(|fields| fields.remove("disabled")) {
        None | Some(Value::Null) => None,
        Some(Value::Bool(disabled)) => Some(disabled),
        Some(_) => return Err(invalid("`disabled` is `true` or `false`")),
    };
    let (_, lists) = with_lists(Ok(Document(body)), &[], &["roles"])?;
    let roles = lists.into_iter().next().flatten();
    let work =
        move || Ok(PersonDocument::of(app.access.change_person(T, &named, roles.as_deref(), disabled)?));
    Ok(Json(blocking(work).await?))
}

pub(super) async fn reset(
    State(app): State<App>,
    Extension(asker): By,
    named: Named,
) -> Result<Json<LinkDocument>, Problem> {
    let named = path(named)?;
    let (person, token) = blocking(move || Ok(app.access.reset(T, &named)?)).await?;
    Ok(Json(LinkDocument { person: PersonDocument::of(person), link: link(&asker.base, &token) }))
}

pub(super) async fn keys(State(app): State<App>, asked: Asked) -> Result<Json<KeysDocument>, Problem> {
    params(asked, &[])?;
    Ok(Json(blocking(move || Ok(KeysDocument::of(app.access.keys(T)?))).await?))
}

/// `{"name": "crm", "scopes": ["import"], "days": 90}`; without `days` it works until it is revoked.
pub(super) async fn create_key(
    State(app): State<App>,
    Extension(asker): By,
    body: Documented,
) -> Result<Response, Problem> {
    let (fields, lists) = with_lists(body, &["name", "days"], &["scopes"])?;
    let name = fields.text("name")?.unwrap_or_default();
    let scopes = lists.into_iter().next().flatten().unwrap_or_default();
    let days = fields.whole("days")?;
    if days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
        return Err(invalid(&format!("`days` is 1 to {DAYS_MAX}")));
    }
    let who = asker.who()?.clone();
    let by = asker.by().unwrap_or_else(|| "local".to_owned());
    let work = move || {
        let days = days.and_then(|days| i64::try_from(days).ok());
        let end = days.map(|days| UnixMs(app.desk.clock.now().0 + days * DAY_MS));
        Ok(app.access.create_key(&who, &name, &scopes, end, &by)?)
    };
    let (key, token) = blocking(work).await?;
    let location = [(header::LOCATION, format!("/api/v1/keys/{}", key.id))];
    let document = NewKeyDocument { key: KeyDocument::of(key), token: token.reveal().to_owned() };
    Ok((StatusCode::CREATED, location, Json(document)).into_response())
}

pub(super) async fn revoke_key(State(app): State<App>, key: Named) -> Result<Json<KeyDocument>, Problem> {
    let key = path(key)?;
    Ok(Json(blocking(move || Ok(KeyDocument::of(app.access.revoke_key(T, &key)?))).await?))
}

pub(super) async fn audit(State(app): State<App>, asked: Asked) -> Result<Json<AuditDocument>, Problem> {
    let params = params(asked, &["before", "limit"])?;
    let whole = |name: &str| -> Result<Option<u64>, Problem> {
        let text = params.get(name).filter(|text| !text.is_empty());
        let odd = |_| Problem::bad_request("query-invalid", format!("`{name}` is a whole number"));
        text.map(|text| text.parse::<u32>().map(u64::from).map_err(odd)).transpose()
    };
    let (before, limit) = (whole("before")?, whole("limit")?);
    let limit = limit.map_or(NOTES, |limit| usize::try_from(limit).unwrap_or(NOTES_MAX)).clamp(1, NOTES_MAX);
    let work = move || {
        let mut notes = app.access.notes(T, before, limit + 1)?;
        let more = notes.len() > limit;
        notes.truncate(limit);
        Ok(AuditDocument { notes: notes.into_iter().map(NoteDocument::of).collect(), more })
    };
    Ok(Json(blocking(work).await?))
}

pub(super) async fn verify(State(app): State<App>, asked: Asked) -> Result<Json<VerifiedDocument>, Problem> {
    params(asked, &[])?;
    let work = move || Ok(verified(app.access.verify_notes(T))?);
    Ok(Json(blocking(work).await?))
}

fn verified(found: Result<crate::store::AuditEnd, AccessError>) -> Result<VerifiedDocument, AccessError> {
    match found {
        Ok(end) => Ok(VerifiedDocument {
            intact: true,
            notes: end.notes,
            hash: crate::access::audit::hex(&end.hash),
            why: None,
        }),
        Err(AccessError::Store(StoreError::Damaged(why))) => {
            Ok(VerifiedDocument { intact: false, notes: 0, hash: String::new(), why: Some(why) })
        }
        Err(other) => Err(other),
    }
}

async fn turn(hashing: &Semaphore) -> Result<SemaphorePermit<'_>, Problem> {
    match tokio::time::timeout(TURN_WAIT, hashing.acquire()).await {
        Ok(Ok(turn)) => Ok(turn),
        _ => Err(Problem::unavailable(
            "sign-in-busy",
            "too many people sign in at once; try again in a moment",
        )),
    }
}

/// Address and session of whoever signed in.
fn person(asker: &Asker) -> Result<(String, String), Problem> {
    match &asker.who()?.caller {
        Caller::Person { email, session, .. } => Ok((email.clone(), session.clone())),
        _ => Err(Problem::conflict_of(
            "not-now",
            "this is about whoever signed in with a password, and nobody did",
        )),
    }
}

fn token(fields: &Fields) -> Result<Secret, Problem> {
    fields.secret("token")?.ok_or_else(|| invalid("`token` is missing: it stands in the link"))
}

fn link(base: &str, token: &Secret) -> String {
    format!("{base}/#welcome={}", token.reveal())
}

/// A list of texts, where there is one.
type Texts = Option<Vec<String>>;

/// The fields of a body, lists of texts among them.
fn with_lists(body: Documented, texts: &[&str], lists: &[&str]) -> Result<(Fields, Vec<Texts>), Problem> {
    let Document(mut body) = body?;
    let mut found = Vec::new();
    for name in lists {
        let list =
            body.as_object_mut().and_then(|fields| fields.remove(*name)).filter(|list| !list.is_null());
        let odd = |_| invalid(&format!("`{name}` is a list of texts"));
        found.push(list.map(|list| serde_json::from_value(list).map_err(odd)).transpose()?);
    }
    let known: Vec<&str> = texts.to_vec();
    Ok((Fields::read(Ok(Document(body)), &known)?, found))
}
