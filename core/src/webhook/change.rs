//! One change of a webhook: the messages, statuses, preferences and errors in its value, or the value as a whole.

use std::borrow::Cow;

use crate::json::Json;
use crate::time::UnixMs;

use super::event::{Event, Heard, Kind, Message, Moved, Pricing, Sign, Status, StatusError};
use super::finding::Code;
use super::identity;
use super::payload::time;
use super::person::{Contacts, Person, text, written};
use super::words::{Meaning, Words};

/// The person has stopped marketing messages in WhatsApp's own settings, says Meta instead of sending one.
const STOPPED_MARKETING: i64 = 131_050;
/// Most events that are read out of one body; Meta sends up to 1,000 updates.
const EVENTS_MAX: usize = 10_000;
/// A sign on somebody's message: no word of a person's own, and none by which anything is decided.
const REACTION: &str = "reaction";
/// Members of a value that are read here; all others are kept as they are.
const READ: [&str; 7] =
    ["messaging_product", "metadata", "contacts", "messages", "statuses", "user_preferences", "errors"];

/// A change as it stands in the body.
pub(super) struct Change<'v, 'a> {
    pub(super) field: Option<Cow<'a, str>>,
    pub(super) value: &'v Json<'a>,
    pub(super) waba_id: Option<Cow<'a, str>>,
    /// When the entry was made.
    pub(super) at: Option<UnixMs>,
    /// The same as it stands there.
    pub(super) time: Option<Cow<'a, str>>,
    /// Of the value.
    pub(super) path: String,
}

pub(super) fn read_change<'a>(change: &Change<'_, 'a>, words: &Words, heard: &mut Heard<'a>) {
    let value = change.value;
    let contacts = value.get("contacts").and_then(Json::as_list).unwrap_or_default();
    let contacts = Contacts::read(contacts);
    let before = heard.events.len();
    let mut listed = false;
    for (name, read) in LISTS {
        let Some(items) = value.get(name).and_then(Json::as_list) else { continue };
        // Flows have errors of another kind.
        if name == "errors" && change.field.as_deref().is_some_and(|field| field != "messages") {
            continue;
        }
        // An empty list says nothing, and says it with authority.
        listed = true;
        let (items, more) = items.split_at(items.len().min(EVENTS_MAX.saturating_sub(heard.events.len())));
        if !more.is_empty() {
            heard.found(Code::ShapeOdd, &format!("{}/{name}/{}", change.path, items.len()), "");
            let field = change.field.clone();
            heard.events.push(whole(change, Json::List(more.to_vec()), Kind::Other { field }));
        }
        for (at, item) in items.iter().enumerate() {
            let item =
                Item { change, item, contacts: &contacts, path: format!("{}/{name}/{at}", change.path) };
            match item.item {
                Json::Object(_) => read(&item, words, heard),
                _ => {
                    heard.found(Code::ShapeOdd, &item.path, "");
                    heard.events.push(item.event("other", &[], Kind::Other { field: change.field.clone() }));
                }
            }
        }
    }
    if !listed {
        let kind = heard_of(change, heard);
        heard.events.push(whole(change, value.clone(), kind));
        return;
    }
    // What is said of all of them is kept with the first.
    if let Some(Event { raw: Json::Object(members), .. }) = heard.events.get_mut(before) {
        let aside =
            ["metadata", "contacts"].map(|name| Some((Cow::Borrowed(name), value.get(name)?.clone())));
        members.extend(aside.into_iter().flatten());
    }
    // What stands beside the lists and is not read: nothing is lost.
    let Json::Object(members) = value else { return };
    let is_read = |name: &str| READ.contains(&name) || LISTS.iter().any(|(list, _)| *list == name);
    let rest: Vec<_> = members
        .iter()
        .filter(|(name, of)| {
            !is_read(name) || LISTS.iter().any(|(list, _)| *list == name) && of.as_list().is_none()
        })
        .cloned()
        .collect();
    if !rest.is_empty() {
        heard.found(Code::ShapeOdd, &change.path, &rest[0].0);
        let field = change.field.clone();
        heard.events.push(whole(change, Json::Object(rest), Kind::Other { field }));
    }
}

type Read = for<'v, 'a, 'w, 'h> fn(&Item<'v, 'a>, &'w Words, &'h mut Heard<'a>);

/// Lists in a value, and who reads what is in them.
const LISTS: [(&str, Read); 5] = [
    ("messages", read_message),
    ("statuses", read_status),
    ("user_preferences", read_preference),
    ("message_echoes", read_echo),
    ("errors", read_error),
];

/// One thing of a list.
struct Item<'v, 'a> {
    change: &'v Change<'v, 'a>,
    item: &'v Json<'a>,
    contacts: &'v Contacts<'a>,
    path: String,
}

impl<'a> Item<'_, 'a> {
    fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.item.get(name).and_then(written).filter(|text| !text.is_empty())
    }

    fn person(&self, number: &str, user: &str) -> Person<'a> {
        Person::of(self.item.get(number), self.item.get(user)).known_by(self.contacts)
    }

    /// An event of this item: known by ids of Meta's where there are any, and by what it says where not.
    fn event(&self, kind: &str, ids: &[&str], event: Kind<'a>) -> Event<'a> {
        let change = self.change;
        let id = match ids {
            // What has no time of its own is told by that of its entry from the same said again.
            [] => {
                let time = change.time.as_deref().unwrap_or_default();
                identity::hashed(kind, &[change.waba_id.as_deref().unwrap_or_default(), time], self.item)
            }
            ids => identity::named(kind, ids),
        };
        Event {
            id,
            at: self.item.get("timestamp").and_then(time).or(change.at),
            waba_id: change.waba_id.clone(),
            phone_number_id: phone_number_id(change),
            person: Person::default(),
            kind: event,
            raw: Json::object([("item", self.item.clone())]),
        }
    }

    fn look_at(&self, person: &Person<'a>, heard: &mut Heard<'a>) {
        if person.odd_number {
            heard.found(Code::NumberOdd, &self.path, "");
        }
        if person.is_nobody() {
            heard.found(Code::PersonMissing, &self.path, "");
        }
    }
}

fn read_message<'a>(item: &Item<'_, 'a>, words: &Words, heard: &mut Heard<'a>) {
    let person = item.person("from", "from_user_id");
    item.look_at(&person, heard);
    let message = message(item);
    let id = item.text("id");
    let ids: Vec<&str> = id.as_deref().into_iter().collect();
    let kind = message.kind.clone().unwrap_or_default();
    let said = said(item.item, &kind);
    let mut event = item.event("message", &ids, Kind::Message(message));
    event.person = person.clone();
    let (at, phone_number_id) = (event.at, event.phone_number_id.clone());
    heard.events.push(event);
    let meaning = said.iter().filter(|(by, _)| *by != REACTION);
    let meaning = meaning.filter_map(|(by, text)| Some((*by, text, words.meaning(text)?)));
    // Where a button shows one thing and carries another, nobody is written to.
    if let Some((by, text, meaning)) = meaning.min_by_key(|(_, _, meaning)| *meaning != Meaning::Stop) {
        let sign = Sign { by, words: Some(text.clone()), message_id: id.clone() };
        let (name, kind) = match meaning {
            Meaning::Stop => ("opt_out", Kind::OptOut(sign)),
            Meaning::Start => ("resume", Kind::Resume(sign)),
        };
        heard.events.push(Event { person: person.clone(), ..item.event(name, &ids, kind) });
    }
    if kind == "system"
        && let Some(system) = item.item.get("system")
    {
        let now = Person::of(system.get("wa_id").or_else(|| system.get("new_wa_id")), system.get("user_id"));
        let previous = Person::of(None, system.get("previous_user_id"));
        let before = Person {
            user_id: previous.user_id.or(person.user_id),
            number: person.number,
            ..Person::default()
        };
        let changed = !now.is_nobody()
            && (now.number.is_some_and(|new| Some(new) != before.number) || now.user_id != before.user_id);
        if changed {
            let moved = Moved { before, how: system.get("type").and_then(text) };
            let event = item.event("moved", &ids, Kind::Moved(moved));
            heard.events.push(Event { person: now, at, phone_number_id, ..event });
        }
    }
}

fn read_echo<'a>(item: &Item<'_, 'a>, _: &Words, heard: &mut Heard<'a>) {
    let person = item.person("to", "to_user_id");
    let id = item.text("id");
    let ids: Vec<&str> = id.as_deref().into_iter().collect();
    let event = item.event("echo", &ids, Kind::Echo(message(item)));
    heard.events.push(Event { person, ..event });
}

fn read_status<'a>(item: &Item<'_, 'a>, _: &Words, heard: &mut Heard<'a>) {
    let to_group = item.text("recipient_type").is_some_and(|kind| kind == "group");
    let person = if to_group {
        item.person("recipient_participant_id", "recipient_participant_user_id")
    } else {
        item.person("recipient_id", "recipient_user_id")
    };
    if person.odd_number {
        heard.found(Code::NumberOdd, &item.path, "");
    }
    let id = item.text("id");
    let status = item.text("status").unwrap_or_default().to_ascii_lowercase();
    let errors = item.item.get("errors").and_then(Json::as_list).unwrap_or_default();
    let errors: Vec<StatusError<'a>> = errors.iter().map(status_error).collect();
    let stopped = errors.iter().any(|error| error.code == Some(STOPPED_MARKETING));
    let pricing = item.item.get("pricing");
    let read = |of: &Json<'a>| Pricing {
        category: of.get("category").and_then(text),
        kind: of.get("type").and_then(text),
        model: of.get("pricing_model").and_then(text),
        billable: match of.get("billable") {
            Some(Json::Bool(billable)) => Some(*billable),
            _ => None,
        },
    };
    // Each member of a group has a status of their own.
    let participant = if to_group { participant(&person) } else { None };
    let mut ids: Vec<&str> = id.as_deref().into_iter().collect();
    if !ids.is_empty() {
        ids.push(&status);
        ids.extend(participant.as_deref());
    }
    let kind = Status {
        message_id: id.clone(),
        status: status.clone(),
        errors,
        pricing: pricing.map(read),
        conversation_id: item.item.get("conversation").and_then(|of| text(of.get("id")?)),
        callback_data: item.text("biz_opaque_callback_data"),
        group_id: if to_group { item.text("recipient_id") } else { None },
    };
    let event = item.event("status", &ids, Kind::Status(kind));
    heard.events.push(Event { person: person.clone(), ..event });
    if stopped {
        let sign = Sign { by: "error", words: None, message_id: id.clone() };
        let ids: Vec<&str> = id.as_deref().into_iter().chain(participant.as_deref()).collect();
        item.look_at(&person, heard);
        heard.events.push(Event { person, ..item.event("opt_out", &ids, Kind::OptOut(sign)) });
    }
}

fn participant(person: &Person<'_>) -> Option<String> {
    let number = person.number.map(|number| number.digits().to_string());
    number.or_else(|| person.user_id.as_deref().map(str::to_owned))
}

fn read_preference<'a>(item: &Item<'_, 'a>, _: &Words, heard: &mut Heard<'a>) {
    let person = item.person("wa_id", "user_id");
    item.look_at(&person, heard);
    let sign = Sign { by: "preference", words: item.text("detail"), message_id: None };
    let marketing = item.text("category").is_none_or(|category| category == "marketing_messages");
    let value = item.text("value").unwrap_or_default().to_ascii_lowercase();
    let (name, kind) = match value.as_str() {
        // Whatever else somebody wants to be spared: it is no reason to write to them.
        "stop" => ("opt_out", Kind::OptOut(sign)),
        "resume" if marketing => ("resume", Kind::Resume(sign)),
        "signup" if marketing => ("sign_up", Kind::SignUp(sign)),
        _ => {
            heard.found(Code::PreferenceUnknown, &item.path, &value);
            ("other", Kind::Other { field: item.change.field.clone() })
        }
    };
    heard.events.push(Event { person, ..item.event(name, &[], kind) });
}

fn read_error<'a>(item: &Item<'_, 'a>, _: &Words, heard: &mut Heard<'a>) {
    heard.events.push(item.event("error", &[], Kind::Error(status_error(item.item))));
}

fn status_error<'a>(of: &Json<'a>) -> StatusError<'a> {
    let details = of.get("error_data").and_then(|data| text(data.get("details")?));
    StatusError {
        code: of.get("code").and_then(Json::as_whole),
        title: of.get("title").or_else(|| of.get("message")).and_then(text),
        details,
    }
}

fn message<'a>(item: &Item<'_, 'a>) -> Message<'a> {
    let kind = item.text("type");
    let of = kind.as_deref().and_then(|kind| item.item.get(kind));
    let said = said(item.item, kind.as_deref().unwrap_or_default());
    let context = item.item.get("context");
    let original =
        of.and_then(|of| of.get("original_message_id").or_else(|| of.get("message_id"))).and_then(text);
    Message {
        id: item.text("id"),
        text: said.first().map(|(_, text)| text.clone()),
        payload: said.get(1).map(|(_, text)| text.clone()),
        context_id: context.and_then(|context| text(context.get("id")?)).or(original),
        group_id: item.text("group_id"),
        kind,
    }
}

/// What a message says in words, the visible ones first, and how it was said.
fn said<'a>(item: &Json<'a>, kind: &str) -> Vec<(&'static str, Cow<'a, str>)> {
    let Some(of) = item.get(kind) else { return Vec::new() };
    let (by, texts) = match kind {
        "text" => ("word", [of.get("body"), None]),
        "button" => ("button", [of.get("text"), of.get("payload")]),
        "interactive" => {
            let reply = ["button_reply", "list_reply"].iter().find_map(|name| of.get(name));
            ("button", [reply.and_then(|reply| reply.get("title")), reply.and_then(|reply| reply.get("id"))])
        }
        REACTION => (REACTION, [of.get("emoji"), None]),
        // What it says now is what it says.
        "edit" => {
            let Some(message) = of.get("message") else { return Vec::new() };
            let kind = message.get("type").and_then(text).unwrap_or_default();
            return if kind == "edit" { Vec::new() } else { said(message, &kind) };
        }
        _ => ("word", [of.get("caption"), None]),
    };
    let texts = texts.into_iter().flatten().filter_map(text).filter(|text| !text.is_empty());
    texts.map(|text| (by, text)).collect()
}

/// What a value is as a whole, by its field and by what it holds.
fn heard_of<'a>(change: &Change<'_, 'a>, heard: &mut Heard<'a>) -> Kind<'a> {
    let (value, field) = (change.value, change.field.clone());
    let name = field.as_deref().unwrap_or_default();
    let first = |names: &[&str]| names.iter().find_map(|name| value.get(name)).and_then(written);
    if name.starts_with("message_template_") || name == "template_category_update" {
        let language = value.get("message_template_language").and_then(text);
        return Kind::Template {
            name: value.get("message_template_name").and_then(text),
            // Written with `-` in older documents.
            language: language.map(|language| language.replace('-', "_")),
            news: first(&["event", "new_quality_score", "new_category", "correct_category"]),
            field: field.unwrap_or_default(),
        };
    }
    if ACCOUNT_FIELDS.iter().any(|known| name.starts_with(known)) {
        return Kind::Account {
            news: first(&["event", "decision", "alert_type"]),
            field: field.unwrap_or_default(),
        };
    }
    if !OTHER_FIELDS.iter().any(|known| name.starts_with(known)) {
        heard.found(Code::FieldUnknown, &change.path, name);
    }
    Kind::Other { field }
}

/// Fields about accounts and numbers, or how they begin.
const ACCOUNT_FIELDS: [&str; 7] = [
    "account_",
    "phone_number_",
    "business_",
    "security",
    "partner_solutions",
    "payment_configuration_update",
    "consumer_profile",
];
/// Fields that are known and of which nothing follows here, or how they begin.
const OTHER_FIELDS: [&str; 8] =
    ["flows", "calls", "history", "smb_", "group_", "automatic_events", "messaging_handovers", "messages"];

fn whole<'a>(change: &Change<'_, 'a>, raw: Json<'a>, kind: Kind<'a>) -> Event<'a> {
    let about = [
        change.waba_id.as_deref().unwrap_or_default(),
        change.field.as_deref().unwrap_or_default(),
        change.time.as_deref().unwrap_or_default(),
    ];
    Event {
        id: identity::hashed(kind.id(), &about, &raw),
        at: change.at,
        waba_id: change.waba_id.clone(),
        phone_number_id: phone_number_id(change),
        person: Person::default(),
        kind,
        raw,
    }
}

fn phone_number_id<'a>(change: &Change<'_, 'a>) -> Option<Cow<'a, str>> {
    change.value.get("metadata").and_then(|metadata| written(metadata.get("phone_number_id")?))
}
