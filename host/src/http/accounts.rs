//! WhatsApp accounts over HTTP: checked, connected, listed, forgotten, and files taken to Meta for them.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value};

use crate::accounts::{self, Candidate};
use crate::secret::Secret;
use crate::store::TenantId;
use crate::wire::meta::v1::{AccountDocument, AccountsDocument, SignUpDocument, StepsDocument};

use super::App;
use super::body::{Document, Documented};
use super::people::{Asked, params};
use super::problem::{Problem, blocking};

const T: TenantId = TenantId::DEFAULT;

pub(super) async fn list(State(app): State<App>, asked: Asked) -> Result<Json<AccountsDocument>, Problem> {
    params(asked, &[])?;
    let work = move || {
        let accounts = accounts::all(&app.desk, T)?;
        Ok(AccountsDocument {
            accounts: accounts.iter().map(|account| AccountDocument::of(account, &app.desk)).collect(),
            sign_up: SignUpDocument::of(&app.desk),
        })
    };
    Ok(Json(blocking(work).await?))
}

pub(super) async fn check(State(app): State<App>, body: Documented) -> Result<Json<StepsDocument>, Problem> {
    let fields = Fields::read(body, &["token", "app_id", "app_secret", "waba_id", "phone_number_id"])?;
    let of = fields.candidate(&app)?;
    let steps = blocking(move || Ok(accounts::check(&app.desk, &of)?)).await?;
    Ok(Json(StepsDocument::of(&steps)))
}

pub(super) async fn connect(State(app): State<App>, body: Documented) -> Result<Response, Problem> {
    let fields = Fields::read(body, &["token", "app_id", "app_secret", "waba_id", "phone_number_id", "pin"])?;
    let of = fields.candidate(&app)?;
    connected(app, move |app| Ok(accounts::connect(&app.desk, T, &of)?)).await
}

pub(super) async fn sign_up(State(app): State<App>, body: Documented) -> Result<Response, Problem> {
    let fields = Fields::read(body, &["code", "redirect_uri", "waba_id", "phone_number_id", "pin"])?;
    let code = fields
        .secret("code")?
        .ok_or_else(|| invalid("`code` is missing: the sign-up gives it to the page"))?;
    let back = fields.text("redirect_uri")?;
    let of = fields.candidate(&app)?;
    connected(app, move |app| Ok(accounts::sign_up(&app.desk, T, &code, back.as_deref(), of)?)).await
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
    pub(super) fn read(body: Documented, known: &[&str]) -> Result<Fields, Problem> {
        let Document(body) = body?;
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

    /// Fields that are known to be understood.
    pub(super) fn of(mut fields: Map<String, Value>) -> Fields {
        fields.retain(|_, value| !value.is_null());
        Fields(fields)
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
        self.whole("version")
    }

    pub(super) fn whole(&self, name: &str) -> Result<Option<u64>, Problem> {
        let whole =
            |value: &Value| value.as_u64().ok_or_else(|| invalid(&format!("`{name}` is a whole number")));
        self.0.get(name).map(whole).transpose()
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
