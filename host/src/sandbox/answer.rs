//! What the sandbox answers: documents, and refusals in the shape of the Graph API's error object.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

/// What a route gives: a document, or why not.
pub(crate) type Reply = Result<Value, Refusal>;

/// An error of the Graph API. What it says lies elsewhere, because most calls have none.
#[derive(Clone, Debug)]
pub(crate) struct Refusal(Box<Said>);

#[derive(Clone, Debug)]
struct Said {
    status: u16,
    code: u32,
    subcode: Option<u32>,
    kind: &'static str,
    message: String,
    details: Option<String>,
    /// Title and text for the person in front of the screen.
    user: Option<(String, String)>,
    transient: Option<bool>,
}

impl Refusal {
    /// An error of sending, with the title the documentation gives it.
    pub(crate) fn sending(code: u32, details: impl Into<String>) -> Refusal {
        let message = format!("(#{code}) {}", title(code));
        let mut refusal = Refusal::plain(status(code), code, message);
        refusal.0.details = Some(details.into());
        refusal
    }

    /// An error with this text and nothing else.
    pub(crate) fn plain(status: u16, code: u32, message: impl Into<String>) -> Refusal {
        Refusal(Box::new(Said {
            status,
            code,
            subcode: None,
            kind: "OAuthException",
            message: message.into(),
            details: None,
            user: None,
            transient: None,
        }))
    }

    /// `(#100)`: a parameter that is missing or wrong.
    pub(crate) fn parameter(text: impl AsRef<str>) -> Refusal {
        Refusal::plain(400, 100, format!("(#100) {}", text.as_ref()))
    }

    /// What Meta says about everything that is not there, and about everything that the token may not see.
    pub(crate) fn no_object(method: &str, id: &str) -> Refusal {
        let message = format!(
            "Unsupported {} request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
             permissions, or does not support this operation. Please read the Graph API documentation at \
             https://developers.facebook.com/docs/graph-api",
            method.to_ascii_lowercase()
        );
        let mut refusal = Refusal::plain(400, 100, message).with_subcode(33);
        refusal.0.kind = "GraphMethodException";
        refusal
    }

    /// A template refused at its creation or its editing.
    pub(crate) fn template(subcode: Option<u32>, title: &str, text: &str) -> Refusal {
        let mut refusal = Refusal::plain(400, 100, "Invalid parameter");
        refusal.0.subcode = subcode;
        refusal.0.user = Some((title.to_owned(), text.to_owned()));
        refusal.0.transient = Some(false);
        refusal
    }

    pub(crate) fn with_subcode(mut self, subcode: u32) -> Refusal {
        self.0.subcode = Some(subcode);
        self
    }

    pub(crate) fn transient(mut self) -> Refusal {
        self.0.transient = Some(true);
        self
    }

    /// As it goes over the wire.
    pub(crate) fn document(&self, trace: &str) -> Value {
        let said = &self.0;
        let mut error = json!({"message": said.message, "type": said.kind, "code": said.code});
        if let Some(details) = &said.details {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
        }
        if let Some(subcode) = said.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if let Some(transient) = said.transient {
            error["is_transient"] = json!(transient);
        }
        if let Some((title, text)) = &said.user {
            error["error_user_title"] = json!(title);
            error["error_user_msg"] = json!(text);
        }
        error["fbtrace_id"] = json!(trace);
        json!({"error": error})
    }
}

/// An answer ready to leave.
pub(crate) fn respond(reply: &Reply, trace: &str) -> Response {
    match reply {
        Ok(document) => written(200, "application/json; charset=UTF-8", document.to_string()),
        Err(refusal) => {
            written(refusal.0.status, "application/json; charset=UTF-8", refusal.document(trace).to_string())
        }
    }
}

/// What gateways in front of the API say when it is not there.
pub(crate) fn gateway_page(status: u16) -> Response {
    let text = match status {
        413 => "Payload Too Large",
        502 => "Bad Gateway",
        _ => "Service Unavailable",
    };
    written(status, "text/html", format!("<html><body>{text}</body></html>"))
}

/// Bytes of any kind.
pub(crate) fn written(status: u16, kind: &str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(kind) = header::HeaderValue::from_str(kind) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}

/// The status of a code. The documentation has 400 for nearly everything that concerns sending.
fn status(code: u32) -> u16 {
    match code {
        104 | 190 => 401,
        3 | 10 | 131_005 | 200..=299 | 368 | 130_497 | 131_031 => 403,
        132_001 => 404,
        4 | 17 | 80007 => 429,
        1 | 2 | 131_000 | 133_004 => 500,
        131_016 => 503,
        _ => 400,
    }
}

/// The title of a code, which is also the text of failed statuses.
pub(crate) fn title(code: u32) -> &'static str {
    match code {
        1 => "API Unknown",
        2 => "API Service",
        4 => "Application request limit reached",
        10 => "Application does not have permission for this action",
        100 => "Invalid parameter",
        200 => {
            "You do not have the necessary permissions to send messages on behalf of this WhatsApp Business Account"
        }
        368 => "Temporarily blocked for policies violations",
        80007 => "Business request limit reached for WhatsApp Business Account",
        130_429 => "Rate limit hit",
        130_472 => "User's number is part of an experiment",
        130_497 => "Business account is restricted from messaging users in this country",
        131_000 => "Something went wrong",
        131_005 => "Access denied",
        131_008 => "Required parameter is missing",
        131_009 => "Parameter value is not valid",
        131_014 => "Request for url failed",
        131_016 => "Service unavailable",
        131_021 => "Recipient cannot be sender",
        131_026 => "Message undeliverable",
        131_030 => "Recipient phone number not in allowed list",
        131_031 => "Account has been locked",
        131_037 => "WhatsApp provided number needs display name approval before message can be sent",
        131_042 => "Business eligibility payment issue",
        131_045 => "Incorrect certificate",
        131_047 => "Re-engagement message",
        131_048 => "Spam rate limit hit",
        131_049 => "This message was not delivered to maintain healthy ecosystem engagement.",
        131_050 => {
            "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages"
        }
        131_051 => "Unsupported message type",
        131_053 => "Media upload error",
        131_056 => "(Business Account, Consumer Account) pair rate limit hit",
        131_057 => "Account in maintenance mode",
        131_059 => "Invalid paging cursor",
        131_062 => "Business-scoped user ID recipient not supported",
        131_063 => "Marketing templates disabled on Cloud API",
        132_000 => "Number of parameters does not match the expected number of params",
        132_001 => "Template name does not exist in the translation",
        132_005 => "Translated text too long",
        132_007 => "Content policy violated",
        132_012 => "Parameter format does not match format in the created template",
        132_015 => "Template is paused",
        132_016 => "Template is disabled",
        132_018 => "There is an issue with the parameters in your template",
        133_005 => "Two step verification PIN mismatch",
        133_006 => "Phone number re-verification needed",
        133_008 => "Too many two step verification PIN guesses",
        133_009 => "Two step verification PIN guessed too fast",
        133_010 => "Account not registered",
        133_016 => "Account register/deregister rate limit exceeded",
        134_100 => "Marketing Messages API error",
        135_000 => "Generic user error",
        _ => "Error",
    }
}
