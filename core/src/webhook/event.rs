//! What is heard in a webhook, one thing at a time.

use std::borrow::Cow;

use crate::json::Json;
use crate::time::UnixMs;

use super::finding::Finding;
use super::person::Person;

/// Everything heard in one webhook.
#[derive(Clone, Debug, Default)]
pub struct Heard<'a> {
    /// In the order of the document; what a message says about consent comes right after the message.
    pub events: Vec<Event<'a>>,
    /// What was odd about it. Nothing of it is lost: each finding's place is in an event as well.
    pub findings: Vec<Finding>,
}

/// Which events wait for which: nobody's opt-out stands in a line behind a million receipts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// What decides whether somebody may be written to. Goes first.
    Consent,
    /// Everything else.
    Rest,
}

/// One thing that was heard.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// The same thing has the same id however often and beside whatever else it is told.
    pub id: String,
    /// When it happened, by Meta's clock; none where Meta does not tell.
    pub at: Option<UnixMs>,
    /// The WhatsApp Business account.
    pub waba_id: Option<Cow<'a, str>>,
    /// The business's own number.
    pub phone_number_id: Option<Cow<'a, str>>,
    /// The person it is about; nobody, of what is not about a person.
    pub person: Person<'a>,
    /// What it is.
    pub kind: Kind<'a>,
    /// The part of the document it was heard in, whole.
    pub raw: Json<'a>,
}

impl Event<'_> {
    /// Where it waits.
    pub fn lane(&self) -> Lane {
        match self.kind {
            Kind::OptOut(_) | Kind::Resume(_) | Kind::SignUp(_) | Kind::Moved(_) => Lane::Consent,
            _ => Lane::Rest,
        }
    }
}

/// Kinds of events.
#[derive(Clone, Debug)]
pub enum Kind<'a> {
    /// Somebody wrote.
    Message(Message<'a>),
    /// What became of a message that was sent.
    Status(Status<'a>),
    /// Somebody does not want to be written to.
    OptOut(Sign<'a>),
    /// Somebody who had opted out wants to be written to again.
    Resume(Sign<'a>),
    /// Somebody asked to be written to, by a link made for that.
    SignUp(Sign<'a>),
    /// Somebody has another number or user id now: the person of the event is the new one.
    Moved(Moved<'a>),
    /// The business wrote, with WhatsApp's own app.
    Echo(Message<'a>),
    /// A template changed.
    Template {
        /// Field of the webhook.
        field: Cow<'a, str>,
        /// Name of the template.
        name: Option<Cow<'a, str>>,
        /// Its language, with `_`.
        language: Option<String>,
        /// New status, score or category, as Meta words it.
        news: Option<Cow<'a, str>>,
    },
    /// An account or one of its numbers changed.
    Account {
        /// Field of the webhook.
        field: Cow<'a, str>,
        /// What, as Meta words it.
        news: Option<Cow<'a, str>>,
    },
    /// Meta could not do something, and tells so outside of any message.
    Error(StatusError<'a>),
    /// Something else, or something odd; `raw` has it.
    Other {
        /// Field of the webhook, where it has one.
        field: Option<Cow<'a, str>>,
    },
}

impl Kind<'_> {
    /// Stable identifier in JSON and in stores.
    pub fn id(&self) -> &'static str {
        match self {
            Kind::Message(_) => "message",
            Kind::Status(_) => "status",
            Kind::OptOut(_) => "opt_out",
            Kind::Resume(_) => "resume",
            Kind::SignUp(_) => "sign_up",
            Kind::Moved(_) => "moved",
            Kind::Echo(_) => "echo",
            Kind::Template { .. } => "template",
            Kind::Account { .. } => "account",
            Kind::Error(_) => "error",
            Kind::Other { .. } => "other",
        }
    }
}

/// A message as it came.
#[derive(Clone, Debug, Default)]
pub struct Message<'a> {
    /// Its wamid.
    pub id: Option<Cow<'a, str>>,
    /// `text`, `image`, `button`, …; any word.
    pub kind: Option<Cow<'a, str>>,
    /// What a person would read: text, caption, title of a button.
    pub text: Option<Cow<'a, str>>,
    /// What a button or a row carries unseen.
    pub payload: Option<Cow<'a, str>>,
    /// The message it answers.
    pub context_id: Option<Cow<'a, str>>,
    /// The group it was written in.
    pub group_id: Option<Cow<'a, str>>,
}

/// What became of a message.
#[derive(Clone, Debug, Default)]
pub struct Status<'a> {
    /// Its wamid.
    pub message_id: Option<Cow<'a, str>>,
    /// `sent`, `delivered`, `read`, `played`, `failed`; any word, in small letters.
    pub status: String,
    /// Why it failed.
    pub errors: Vec<StatusError<'a>>,
    /// What it costs, where Meta says.
    pub pricing: Option<Pricing<'a>>,
    /// The id of the conversation, where there is one.
    pub conversation_id: Option<Cow<'a, str>>,
    /// What the sender wrote on it.
    pub callback_data: Option<Cow<'a, str>>,
    /// The group it went to.
    pub group_id: Option<Cow<'a, str>>,
}

/// What Meta takes for a message.
#[derive(Clone, Debug, Default)]
pub struct Pricing<'a> {
    /// `marketing`, `utility`, …
    pub category: Option<Cow<'a, str>>,
    /// `regular`, `free_customer_service`, …
    pub kind: Option<Cow<'a, str>>,
    /// `PMP`, `CBP`.
    pub model: Option<Cow<'a, str>>,
    /// To be given up by Meta; category and kind say the same.
    pub billable: Option<bool>,
}

/// One error of Meta's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusError<'a> {
    /// Meta's code.
    pub code: Option<i64>,
    /// A few words.
    pub title: Option<Cow<'a, str>>,
    /// More of them.
    pub details: Option<Cow<'a, str>>,
}

/// How somebody's will was heard.
#[derive(Clone, Debug)]
pub struct Sign<'a> {
    /// `word`, `button`, `preference` or `error`.
    pub by: &'static str,
    /// The words of it, as they came.
    pub words: Option<Cow<'a, str>>,
    /// The message it was heard in, or that was refused for it.
    pub message_id: Option<Cow<'a, str>>,
}

/// Where somebody came from.
#[derive(Clone, Debug, Default)]
pub struct Moved<'a> {
    /// Who it was before.
    pub before: Person<'a>,
    /// `user_changed_number`, `user_changed_user_id`.
    pub how: Option<Cow<'a, str>>,
}
