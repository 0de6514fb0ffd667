//! What went wrong, as problem+json (RFC 9457). The one place where errors become answers.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::access::{AccessError, Right};
use crate::attributes::AttributesError;
use crate::by_hand::ByHandError;
use crate::desk::DeskError;
use crate::engine::EngineError;
use crate::erasure::ErasureError;
use crate::evidence::EvidenceError;
use crate::gateway::Trouble;
use crate::importer::ImportError;
use crate::people::PeopleError;
use crate::store::StoreError;
use crate::vault::VaultError;
use crate::wire::meta::v1::{MetaErrorDocument, StepsDocument};

/// An answer that says what is wrong and how to do better.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    /// Further fields, by problem.
    more: Map<String, Value>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem { status, code, detail: detail.into(), more: Map::new() }
    }

    /// With a further field.
    fn with(mut self, name: &str, value: impl serde::Serialize) -> Problem {
        self.more.extend(serde_json::to_value(value).ok().map(|value| (name.to_owned(), value)));
        self
    }

    /// What is wrong, in words.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    /// Whether it is that something is not there.
    pub(super) fn is_not_found(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }

    pub(super) fn bad_request(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, code, detail)
    }

    pub(super) fn not_found(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    pub(super) fn method() -> Problem {
        Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "this resource does not take that method",
        )
    }

    pub(super) fn forbidden(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// No credential came, or one that does not work any more.
    pub(super) fn not_signed_in() -> Problem {
        let text = "sign in, or send an API key as `authorization: Bearer ck_…`";
        Problem::new(StatusCode::UNAUTHORIZED, "not-signed-in", text)
    }

    /// Whoever asks is known, and may not.
    pub(super) fn not_allowed(right: Right) -> Problem {
        let text = format!("this needs the right `{}`; whoever has `access` can give it", right.id());
        Problem::new(StatusCode::FORBIDDEN, "not-allowed", text).with("right", right.id())
    }

    pub(super) fn conflict(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::CONFLICT, "import-under-way", detail)
    }

    pub(super) fn conflict_of(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::CONFLICT, code, detail)
    }

    pub(super) fn unsigned(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "unsigned", detail)
    }

    pub(super) fn unavailable(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
    }

    /// The business's own sign-in is not reached, or says what cannot be believed.
    pub(super) fn provider(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_GATEWAY, "provider-not-usable", detail)
    }

    pub(super) fn media_kind(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type-unknown", detail)
    }

    pub(super) fn too_large(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "file-too-large", detail)
    }

    /// A document with more bytes than any has.
    pub(super) fn body_too_large(bytes_max: usize) -> Problem {
        let text = format!(
            "the body has more than {bytes_max} bytes, and no document of this API does: leave out what does not belong to \
             it; files of people go to POST /api/v1/imports"
        );
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", text).with("limit_bytes", bytes_max)
    }

    pub(super) fn encoding(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-encoding-unknown", detail)
    }

    /// Our fault. The cause goes to the log, not to the caller.
    pub(super) fn fault(cause: &dyn std::fmt::Display) -> Problem {
        crate::log::log(&format!("fault: {cause}"));
        let detail = "something failed on the server; its log says what";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("error"),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        let code = self.code;
        self.more.into_iter().for_each(|(name, value)| body[name] = value);
        let mut response = (self.status, Json(body)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if code == "not-signed-in" {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        match error {
            StoreError::NoImport(id) => Problem::not_found(format!("there is no import {id}")),
            StoreError::NotUndoable(_) => {
                Problem::new(StatusCode::CONFLICT, "not-undoable", error.to_string())
            }
            other => Problem::fault(&other),
        }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Problem {
        match error {
            EngineError::Options(failure) => Problem::bad_request("option-invalid", failure.message),
            other => Problem::fault(&other),
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Problem {
        match error {
            ImportError::Engine(error) => error.into(),
            ImportError::Store(error) => error.into(),
            other => Problem::fault(&other),
        }
    }
}

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Problem {
        match error {
            PeopleError::Engine(error) => error.into(),
            PeopleError::Store(error) => error.into(),
            PeopleError::Question(_) => Problem::bad_request("question-unclear", error.to_string()),
            other => Problem::fault(&other),
        }
    }
}

impl From<EvidenceError> for Problem {
    fn from(error: EvidenceError) -> Problem {
        let said = error.to_string();
        match error {
            EvidenceError::People(error) => error.into(),
            EvidenceError::Store(error) | EvidenceError::Vault(VaultError::Store(error)) => error.into(),
            EvidenceError::Vault(_) => Problem::unavailable("secrets-locked", said),
            EvidenceError::Access(error) => error.into(),
            EvidenceError::Nothing(_) => Problem::not_found(said),
        }
    }
}

impl From<ErasureError> for Problem {
    fn from(error: ErasureError) -> Problem {
        let said = error.to_string();
        match error {
            ErasureError::Store(error) | ErasureError::Vault(VaultError::Store(error)) => error.into(),
            ErasureError::Vault(_) => Problem::unavailable("secrets-locked", said),
            ErasureError::Nobody(_) => Problem::not_found(said),
            ErasureError::Reason => Problem::bad_request("body-invalid", said),
            ErasureError::ImportUnderWay(_) => Problem::conflict_of("import-under-way", said),
            ErasureError::File(_) => Problem::unavailable("files-unusable", said),
        }
    }
}

impl From<ByHandError> for Problem {
    fn from(error: ByHandError) -> Problem {
        let said = error.to_string();
        match error {
            ByHandError::Attributes(AttributesError::Store(error)) => error.into(),
            ByHandError::Attributes(AttributesError::Engine(error)) => error.into(),
            ByHandError::Attributes(_) => Problem::bad_request("body-invalid", said),
            ByHandError::Nobody(_) => Problem::not_found(said),
            ByHandError::Changed { name, found } => {
                Problem::conflict_of("attribute-changed", said).with("name", name).with("found", found)
            }
            ByHandError::Overtaken => Problem::conflict_of("overtaken", said),
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Problem {
        let said = error.to_string();
        match error {
            AccessError::Store(StoreError::Overtaken) => Problem::conflict_of("overtaken", said),
            AccessError::Store(error) | AccessError::Vault(VaultError::Store(error)) => error.into(),
            AccessError::Vault(_) => Problem::unavailable("secrets-locked", said),
            AccessError::NotRight => Problem::new(StatusCode::UNAUTHORIZED, "not-right", said),
            AccessError::TooMany(wait_s) => {
                Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts", said).with("wait_s", wait_s)
            }
            AccessError::NotInvited(_) => Problem::new(StatusCode::FORBIDDEN, "not-invited", said),
            AccessError::Link => Problem::new(StatusCode::UNAUTHORIZED, "link-used", said),
            AccessError::Invalid(text) => Problem::bad_request("body-invalid", text),
            AccessError::NotFound(text) => Problem::not_found(text),
            AccessError::Conflict(text) => Problem::conflict_of("not-now", text),
            AccessError::Random(_) | AccessError::Damaged(_) => Problem::fault(&said),
        }
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Problem {
        let said = error.to_string();
        match error {
            DeskError::Store(error) | DeskError::Vault(VaultError::Store(error)) => error.into(),
            // Only whoever runs the server can mend it, and the text says how.
            DeskError::Engine(error) => error.into(),
            DeskError::Vault(_) => Problem::unavailable("secrets-locked", said),
            DeskError::NotFound(text) => Problem::not_found(text),
            DeskError::Invalid(text) => Problem::bad_request("body-invalid", text),
            DeskError::Conflict(text) => Problem::conflict_of("not-now", text),
            DeskError::SubmitRunning(_) => Problem::conflict_of("submit-running", said),
            DeskError::Overtaken => Problem::conflict_of("overtaken", said),
            DeskError::Rejected(diagnostics) => {
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "template-rejected", said)
                    .with("diagnostics", diagnostics)
            }
            DeskError::Unusable(steps) => {
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "account-unusable", said)
                    .with("steps", StepsDocument::of(&steps).steps)
            }
            DeskError::Meta(Trouble::Refused(error)) => {
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "meta-refused", said)
                    .with("meta", MetaErrorDocument::of(&error))
            }
            DeskError::Meta(Trouble::NotSent(_)) => Problem::unavailable("meta-not-asked", said),
            DeskError::Meta(Trouble::Unknown(_, error)) => {
                let problem = Problem::new(StatusCode::BAD_GATEWAY, "meta-unknown", said);
                match error {
                    Some(error) => problem.with("meta", MetaErrorDocument::of(&error)),
                    None => problem,
                }
            }
        }
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Problem {
        Problem::fault(&error)
    }
}

/// Runs blocking work away from the threads that answer requests; a panic costs one request.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(Problem::fault(&error)))
}
