//! WhatsApp accounts over HTTP: checked, connected, listed, forgotten, and files taken to Meta for them.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use crate::accounts::{self, Candidate};
use crate::gateway::meta::media::{FILE_BYTES_MAX, File};
use crate::secret::Secret;
use crate::store::TenantId;
use crate::wire::meta::v1::{AccountDocument, AccountsDocument, StepsDocument};

use super::App;
use super::people::{Asked, params};
use super::problem::{Problem, blocking};

const T: TenantId = TenantId::DEFAULT;

pub(super) type Fielded = Result<Json<Value>, JsonRejection>;

pub(super) async fn list(State(app): State<App>, asked: Asked) -> Result<Json<AccountsDocument>, Problem> {
    params(asked, &[])?;
    let work = move || {
        let accounts = accounts::all(&app.desk, T)?;
        Ok(AccountsDocument {
            accounts: accounts.iter().map(|account| AccountDocument::of(account, &app.desk)).collect(),
        })
    };
    Ok(Json(blocking(work).await?))
}

pub(super) async fn check(State(app): State<App>, body: Fielded) -> Result<Json<StepsDocument>, Problem> {
    let fields = Fields::read(body, &["token", "app_id", "app_secret", "waba_id", "phone_number_id"])?;
    let of = fields.candidate(&app)?;
    let steps = blocking(move || Ok(accounts::check(&app.desk, &of)?)).await?;
    Ok(Json(StepsDocument::of(&steps)))
}

pub(super) async fn connect(State(app): State<App>, body: Fielded) -> Result<Response, Problem> {
    let fields = Fields::read(body, &["token", "app_id", "app_secret", "waba_id", "phone_number_id", "pin"])?;
    let of = fields.candidate(&app)?;
    connected(app, move |app| Ok(accounts::connect(&app.desk, T, &of)?)).await
}

pub(super) async fn sign_up(State(app): State<App>, body: Fielded) -> Result<Response, Problem> {
    let fields = Fields::read(body, &["code", "waba_id", "phone_number_id", "pin"])?;
    let code = fields
        .secret("code")?
        .ok_or_else(|| invalid("`code` is missing: the sign-up gives it to the page"))?;
    if fields.text("waba_id")?.is_none() {
        return Err(invalid("`waba_id` is missing: the sign-up tells it to the page"));
    }
    let of = fields.candidate(&app)?;
    connected(app, move |app| Ok(accounts::sign_up(&app.desk, T, &code, of)?)).await
}

async fn connected(
    app: App,
    connect: impl FnOnce(&App) -> Result<accounts::record::Account, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let document = blocking(move || {
        let account = connect(&app)?;
        app.syncing.ask(&account.id);
        Ok(AccountDocument::of(&account, &app.desk))
    });
    let document = document.await?;
    let location = [(header::LOCATION, format!("/api/v1/accounts/{}", document.account))];
    Ok((StatusCode::CREATED, location, Json(document)).into_response())
}

pub(super) async fn forget(
    State(app): State<App>,
    account: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let account = path(account)?;
    blocking(move || Ok(accounts::forget(&app.desk, T, &account)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a file to Meta: the sample of a template's header (`kind=header`), or media to send (`kind=media`).
pub(super) async fn media(
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
    let bytes = to_bytes(body, FILE_BYTES_MAX)
        .await
        .map_err(|_| Problem::too_large(format!("Meta takes files up to {} MiB", FILE_BYTES_MAX >> 20)))?;
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
            let handle =
                app.desk.wait(graph.upload_sample(app_id, &file)).map_err(crate::desk::DeskError::from)?;
            return Ok(json!({ "handle": handle }));
        }
        let known =
            account.numbers.iter().find(|known| number.as_ref().is_none_or(|number| known.id == *number));
        let number = known.ok_or_else(|| Problem::not_found("the account has no such number"))?;
        let id =
            app.desk.wait(graph.upload_media(&number.id, &file)).map_err(crate::desk::DeskError::from)?;
        Ok(json!({ "id": id }))
    };
    Ok(Json(blocking(work).await?))
}

pub(super) fn path<T>(path: Result<Path<T>, PathRejection>) -> Result<T, Problem> {
    let Path(path) = path.map_err(|error| Problem::bad_request("path-invalid", error.body_text()))?;
    Ok(path)
}

pub(super) fn invalid(text: &str) -> Problem {
    Problem::bad_request("body-invalid", text)
}

/// The fields of a body; none may stand there that is not understood.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn read(body: Fielded, known: &[&str]) -> Result<Fields, Problem> {
        let Json(body) = body.map_err(|error| invalid(&error.body_text()))?;
        let Value::Object(mut fields) = body else {
            return Err(invalid("the body is not as expected: an object of fields"));
        };
        if let Some(other) = fields.keys().find(|name| !known.contains(&name.as_str())) {
            let other = consentry_core::diagnostic::clip(other);
            return Err(invalid(&format!(
                "`{other}` is not understood; there may be `{}`",
                known.join("`, `")
            )));
        }
        fields.retain(|_, value| !value.is_null());
        Ok(Fields(fields))
    }

    /// A text that is not empty.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Problem> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.contains('\0') => {
                Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
            }
            Some(_) => Err(invalid(&format!("`{name}` is a text"))),
        }
    }

    pub(super) fn secret(&self, name: &str) -> Result<Option<Secret>, Problem> {
        Ok(self.text(name)?.map(|text| Secret::new(&text)))
    }

    pub(super) fn object(&self, name: &str) -> Result<Option<Map<String, Value>>, Problem> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(fields.clone())),
            Some(_) => Err(invalid(&format!("`{name}` is an object"))),
        }
    }

    pub(super) fn version(&self) -> Result<Option<u64>, Problem> {
        let whole = |value: &Value| value.as_u64().ok_or_else(|| invalid("`version` is a whole number"));
        self.0.get("version").map(whole).transpose()
    }

    fn candidate(&self, app: &App) -> Result<Candidate, Problem> {
        Ok(Candidate {
            target: app.desk.target.clone(),
            token: self.secret("token")?.unwrap_or_else(|| Secret::new("")),
            app_id: self.text("app_id")?,
            app_secret: self.secret("app_secret")?,
            waba_id: self.text("waba_id")?,
            phone_number_id: self.text("phone_number_id")?,
            pin: self.secret("pin")?,
        })
    }
}
