//! Version 1 of what is heard in a webhook. Additions are free, changes are breaking.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use crate::json::Json;
pub use crate::webhook::signature;
use crate::webhook::{self, Heard, Kind, Lane, Message, Moved, Person, Pricing, Sign, Status, StatusError};

/// What a tenant adds to what everybody has; every member may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Further words, phrases and payloads of buttons that opt out.
    pub stop_words: Vec<String>,
    /// Further ones that opt in again.
    pub start_words: Vec<String>,
}

/// Everything heard in one webhook.
#[derive(Debug, Serialize, Deserialize)]
pub struct Read<'a> {
    /// In the order of the body.
    #[serde(borrow)]
    pub events: Vec<Event<'a>>,
    /// What was odd about it.
    pub diagnostics: Vec<Diagnostic<'a>>,
}

/// One odd thing; none of them is a reason to refuse a webhook.
#[derive(Debug, Serialize, Deserialize)]
pub struct Diagnostic<'a> {
    /// See the rules.
    pub code: Cow<'a, str>,
    /// Always `warning`.
    pub severity: Cow<'a, str>,
    /// JSON pointer into the body.
    pub path: String,
    /// A sentence for people.
    pub message: String,
    /// What stood there, clipped.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub found: String,
}

macro_rules! event {
    ($($(#[$attribute:meta])+ $name:ident: $kind:ty,)*) => {
        /// One thing that was heard. What does not belong to its kind is absent.
        #[derive(Clone, Debug, Default, Serialize, Deserialize)]
        pub struct Event<'a> {
            /// `message`, `status`, `opt_out`, `resume`, `sign_up`, `moved`, `echo`, `template`, `account`, `error` or `other`.
            pub kind: Cow<'a, str>,
            /// The same thing has the same id however often it is told.
            pub id: String,
            /// `consent` or `rest`: opt-outs wait for nobody.
            pub lane: Cow<'a, str>,
            $($(#[$attribute])+ #[serde(skip_serializing_if = "Option::is_none", default)] pub $name: Option<$kind>,)*
            /// The part of the body that it was heard in, whole.
            #[serde(borrow)]
            pub raw: Json<'a>,
        }
    };
}

event! {
    /// When it happened by Meta's clock, RFC 3339.
    at: String,
    /// The same in milliseconds since 1970.
    at_ms: i64,
    /// The WhatsApp Business account.
    waba_id: Cow<'a, str>,
    /// The business's own number.
    phone_number_id: Cow<'a, str>,
    /// The person's number, E.164.
    number: String,
    /// The person's business-scoped user id.
    user_id: Cow<'a, str>,
    /// The name the person shows.
    name: Cow<'a, str>,
    /// The person's user name.
    username: Cow<'a, str>,
    /// Of `moved`: the number before.
    previous_number: String,
    /// Of `moved`: the user id before.
    previous_user_id: Cow<'a, str>,
    /// The wamid of the message, or of the one it is about.
    message_id: Cow<'a, str>,
    /// Of a message: `text`, `image`, `button`, …; of `moved`, how.
    #[serde(rename = "type")] type_: Cow<'a, str>,
    /// What a person would read.
    text: Cow<'a, str>,
    /// What a button carries unseen.
    payload: Cow<'a, str>,
    /// The message it answers.
    context_id: Cow<'a, str>,
    /// The group it belongs to.
    group_id: Cow<'a, str>,
    /// Of a status: `sent`, `delivered`, `read`, `played`, `failed`; any word.
    status: Cow<'a, str>,
    /// Of a status: why it failed; of `error`, what.
    errors: Vec<Error<'a>>,
    /// Of a status: what Meta takes for it.
    pricing: Price<'a>,
    /// Of a status.
    conversation_id: Cow<'a, str>,
    /// Of a status: what the sender wrote on it.
    callback_data: Cow<'a, str>,
    /// Of `opt_out`, `resume`, `sign_up`: `word`, `button`, `preference` or `error`.
    by: Cow<'a, str>,
    /// Of them: the words, as they came.
    words: Cow<'a, str>,
    /// Field of the webhook, of what is about no person.
    field: Cow<'a, str>,
    /// Of `template` and `account`: what happened, as Meta words it.
    news: Cow<'a, str>,
    /// Of `template`.
    template_name: Cow<'a, str>,
    /// Of `template`, with `_`.
    template_language: String,
}

/// One error of Meta's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error<'a> {
    /// Meta's code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<i64>,
    /// A few words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<Cow<'a, str>>,
    /// More of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub details: Option<Cow<'a, str>>,
}

/// What Meta takes for a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price<'a> {
    /// `marketing`, `utility`, …
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub category: Option<Cow<'a, str>>,
    /// `regular`, `free_customer_service`, …
    #[serde(rename = "type", skip_serializing_if = "Option::is_none", default)]
    pub kind: Option<Cow<'a, str>>,
    /// `PMP`, `CBP`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<Cow<'a, str>>,
    /// To be given up by Meta.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub billable: Option<bool>,
}

/// Reads a webhook's body; any bytes give an answer.
///
/// ```
/// use consentry_core::wire::webhook::v1::{Options, read};
/// let body = r#"{"entry":[{"id":"1","changes":[{"field":"user_preferences","value":{"user_preferences":
///     [{"wa_id":"905301112233","category":"marketing_messages","value":"stop","timestamp":1776092000}]}}]}]}"#;
/// let read = read(&Options::default(), body.as_bytes());
/// assert_eq!((&*read.events[0].kind, read.events[0].number.as_deref()), ("opt_out", Some("+905301112233")));
/// ```
pub fn read<'a>(options: &Options, raw: &'a [u8]) -> Read<'a> {
    let Options { stop_words, start_words } = options.clone();
    webhook::read(raw, &webhook::Options { stop_words, start_words }).into()
}

/// [`read`] as JSON texts; options that cannot be read are none, because a webhook must not be lost over them.
pub fn read_json(options: &[u8], raw: &[u8]) -> String {
    let options = serde_json::from_slice(options).unwrap_or_default();
    // Its parts are texts, numbers and lists of them.
    serde_json::to_string(&read(&options, raw)).unwrap_or_default()
}

impl<'a> From<Heard<'a>> for Read<'a> {
    fn from(heard: Heard<'a>) -> Read<'a> {
        let diagnostic = |finding: webhook::Finding| Diagnostic {
            code: finding.code.rule().id.into(),
            severity: "warning".into(),
            path: finding.path,
            message: format!("{}. {}", finding.code.rule().what, finding.code.rule().cure),
            found: finding.found,
        };
        Read {
            events: heard.events.into_iter().map(Event::from).collect(),
            diagnostics: heard.findings.into_iter().map(diagnostic).collect(),
        }
    }
}

impl<'a> From<webhook::Event<'a>> for Event<'a> {
    fn from(event: webhook::Event<'a>) -> Event<'a> {
        let Person { number, user_id, name, username, odd_number: _ } = event.person.clone();
        let common = Event {
            kind: event.kind.id().into(),
            lane: match event.lane() {
                Lane::Consent => "consent",
                Lane::Rest => "rest",
            }
            .into(),
            at: event.at.map(|at| at.to_string()),
            at_ms: event.at.map(|at| at.0),
            id: event.id,
            waba_id: event.waba_id,
            phone_number_id: event.phone_number_id,
            number: number.map(|number| number.to_string()),
            user_id,
            name,
            username,
            raw: event.raw,
            ..Event::default()
        };
        match event.kind {
            Kind::Message(message) | Kind::Echo(message) => of_message(message, common),
            Kind::Status(status) => of_status(status, common),
            Kind::OptOut(sign) | Kind::Resume(sign) | Kind::SignUp(sign) => of_sign(sign, common),
            Kind::Moved(Moved { before, how }) => Event {
                previous_number: before.number.map(|number| number.to_string()),
                previous_user_id: before.user_id,
                type_: how,
                ..common
            },
            Kind::Template { field, name, language, news } => {
                Event { field: Some(field), template_name: name, template_language: language, news, ..common }
            }
            Kind::Account { field, news } => Event { field: Some(field), news, ..common },
            Kind::Error(error) => Event { errors: Some(vec![error.into()]), ..common },
            Kind::Other { field } => Event { field, ..common },
        }
    }
}

fn of_message<'a>(message: Message<'a>, common: Event<'a>) -> Event<'a> {
    Event {
        message_id: message.id,
        type_: message.kind,
        text: message.text,
        payload: message.payload,
        context_id: message.context_id,
        group_id: message.group_id,
        ..common
    }
}

fn of_status<'a>(status: Status<'a>, common: Event<'a>) -> Event<'a> {
    let price = |Pricing { category, kind, model, billable }| Price { category, kind, model, billable };
    let errors: Vec<Error<'a>> = status.errors.into_iter().map(Error::from).collect();
    Event {
        message_id: status.message_id,
        status: Some(status.status.into()),
        errors: (!errors.is_empty()).then_some(errors),
        pricing: status.pricing.map(price),
        conversation_id: status.conversation_id,
        callback_data: status.callback_data,
        group_id: status.group_id,
        ..common
    }
}

fn of_sign<'a>(sign: Sign<'a>, common: Event<'a>) -> Event<'a> {
    Event { by: Some(sign.by.into()), words: sign.words, message_id: sign.message_id, ..common }
}

impl<'a> From<StatusError<'a>> for Error<'a> {
    fn from(StatusError { code, title, details }: StatusError<'a>) -> Error<'a> {
        Error { code, title, details }
    }
}
