//! `POST /{phone}/messages`: everything that is refused at once. What fails later is decided in [`super::people`] and
//! told by webhook, as Meta does: an accepted message is only an accepted message.

pub(crate) mod buttons;
pub(crate) mod free;
pub(crate) mod limits;
pub(crate) mod parameters;
pub(crate) mod recipient;

use serde_json::{Value, json};

use super::answer::{Refusal, Reply};
use super::ask::Ask;
use super::auth::{Caller, MESSAGING};
use super::links;
use super::numbers::product;
use super::people;
use super::state::{Message, State};
use super::template::Template;
use recipient::Recipient;

/// Characters of what a sender gets back with every status.
const OPAQUE_CHARS_MAX: usize = 512;
/// Messages of a new template that are held back while its quality is looked at, in accounts with pacing.
const HELD_AFTER: u32 = 5;

/// `POST /{phone}/messages`, and with `marketing_only` `POST /{phone}/marketing_messages`.
pub(crate) fn send(state: &mut State, ask: &Ask, caller: &Caller, id: &str, marketing_only: bool) -> Reply {
    caller.needs(MESSAGING)?;
    let number = state.numbers.get(id).cloned().ok_or_else(|| Refusal::no_object("POST", id))?;
    if !caller.sees(&number.waba) {
        let text = "You do not have the necessary permissions to send messages on behalf of this WhatsApp Business Account";
        return Err(Refusal::plain(403, 200, format!("(#200) {text}")));
    }
    if !number.registered {
        let text = "Phone number not registered on the WhatsApp Business Platform";
        return Err(Refusal::sending(133_010, text));
    }
    product(ask)?;
    if ask.text("status").is_some() {
        return free::mark_as_read(state, ask, id);
    }
    limits::throughput(state, id)?;
    let recipient = recipient::of(state, ask, &number)?;
    let opaque = ask.text("biz_opaque_callback_data");
    if opaque.as_ref().is_some_and(|text| text.chars().count() > OPAQUE_CHARS_MAX) {
        let text = format!("biz_opaque_callback_data has {OPAQUE_CHARS_MAX} characters at most");
        return Err(Refusal::sending(131_009, text));
    }
    let kind = ask.text("type").unwrap_or_else(|| "text".to_owned());
    let template = match kind.as_str() {
        "template" => Some(template(state, ask, &number.waba, marketing_only)?),
        _ if marketing_only => return Err(must_be_marketing()),
        _ => {
            free::check(state, ask, &kind)?;
            None
        }
    };
    limits::pair(state, id, &recipient.person)?;
    let held = template.as_ref().is_some_and(|template| count_and_hold(state, template));
    let given = &ask.body.get("template").cloned().unwrap_or_default()["components"];
    let link = template.as_ref().and_then(|template| links::of(template, given));
    let message = Message { link, ..message(state, id, &recipient, template.as_ref(), opaque) };
    let answer = answer(&recipient, &message.id, template.is_some(), held, marketing_only);
    state.tally.accepted += 1;
    people::accepted(state, message, held);
    Ok(answer)
}

/// The template that is to be sent, with its parameters checked.
fn template(state: &State, ask: &Ask, waba: &str, marketing_only: bool) -> Result<Template, Refusal> {
    let asked = ask.body.get("template").cloned().unwrap_or_default();
    let name = asked["name"].as_str().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::sending(131_008, "Template name is missing or empty"))?;
    let language = asked["language"]["code"].as_str().filter(|code| !code.is_empty());
    let language = language.ok_or_else(|| Refusal::sending(131_008, "Language code is missing or empty"))?;
    let found = state.templates.values().find(|own| own.is(waba, name) && own.language == language);
    let missing =
        || Refusal::sending(132_001, format!("template name ({name}) does not exist in {language}"));
    let template = found.ok_or_else(missing)?;
    match template.status.as_str() {
        "APPROVED" | "FLAGGED" | "LOCKED" => {}
        "PAUSED" => return Err(Refusal::sending(132_015, "Template is paused due to low quality")),
        "DISABLED" => return Err(Refusal::sending(132_016, "Template is disabled due to low quality")),
        _ => return Err(missing()),
    }
    if marketing_only && template.category != "MARKETING" {
        return Err(must_be_marketing());
    }
    let disabled = state.wabas.get(waba).is_some_and(|waba| waba.marketing_disabled);
    if disabled && !marketing_only && template.category == "MARKETING" {
        return Err(Refusal::sending(131_063, "Use the Marketing Messages API"));
    }
    parameters::check(state, template, &asked["components"])?;
    Ok(template.clone())
}

fn must_be_marketing() -> Refusal {
    Refusal::sending(134_100, "Only marketing templates may be sent on this endpoint")
}

/// Counts a message of a template, and says whether it is held back until the template's quality is known.
fn count_and_hold(state: &mut State, template: &Template) -> bool {
    let paced = state.wabas.get(&template.waba).is_some_and(|waba| waba.pacing);
    let Some(known) = state.templates.get_mut(&template.id) else { return false };
    known.sent = known.sent.saturating_add(1);
    paced && known.category == "MARKETING" && known.quality != "GREEN" && known.sent > HELD_AFTER
}

fn message(
    state: &mut State,
    number: &str,
    recipient: &Recipient,
    template: Option<&Template>,
    opaque: Option<String>,
) -> Message {
    let nth = people::count_message(state, &recipient.person);
    let word = state.chance.word(20, "wamid", &recipient.person, nth);
    let category = match template.map(|template| template.category.as_str()) {
        Some("MARKETING") => "marketing",
        Some("UTILITY") => "utility",
        Some("AUTHENTICATION") => "authentication",
        _ => "service",
    };
    Message {
        id: format!("wamid.HBgL{}FQIAERgS{word}AA==", recipient.person),
        number: number.to_owned(),
        person: recipient.person.clone(),
        by_user_id: recipient.by_user_id,
        category,
        template: template.map(|template| template.id),
        opaque,
        in_window: people::in_window(state, &recipient.person, number),
        link: None,
        status: "accepted",
        accepted_ms: state.now_ms,
    }
}

fn answer(recipient: &Recipient, id: &str, templated: bool, held: bool, marketing_only: bool) -> Value {
    let mut contact = json!({"input": recipient.input});
    if recipient.by_user_id {
        contact["user_id"] = json!(recipient.input);
    } else {
        contact["wa_id"] = json!(recipient.wa_id);
    }
    let mut message = json!({"id": id});
    if templated {
        message["message_status"] = json!(if held { "held_for_quality_assessment" } else { "accepted" });
    }
    let mut answer = json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]});
    if marketing_only {
        answer["success"] = json!(true);
    }
    answer
}
