//! Messages without a template. That the person wrote within the last day is looked at later: Meta tells that by
//! webhook.

use serde_json::{Value, json};

use super::super::answer::{Refusal, Reply};
use super::super::ask::Ask;
use super::super::state::State;

const TEXT_CHARS_MAX: usize = 4096;
const CAPTION_CHARS_MAX: usize = 1024;
const REPLY_BUTTONS_MAX: usize = 3;
const REPLY_CHARS_MAX: usize = 20;
const LIST_ROWS_MAX: usize = 10;

/// Whether a free-form message can be sent at all.
pub(crate) fn check(state: &State, ask: &Ask, kind: &str) -> Result<(), Refusal> {
    let content = ask.body.get(kind).cloned().unwrap_or_default();
    let known = [
        "text",
        "image",
        "video",
        "audio",
        "document",
        "sticker",
        "location",
        "contacts",
        "interactive",
        "reaction",
    ];
    if !known.contains(&kind) {
        return Err(Refusal::parameter(format!("Param type must be one of {{{}}}", known.join(", "))));
    }
    if content.is_null() {
        return Err(Refusal::parameter(format!("The parameter {kind} is required.")));
    }
    match kind {
        "text" => {
            let text = content["body"].as_str().unwrap_or_default();
            if text.trim().is_empty() {
                return Err(Refusal::parameter("The parameter text['body'] is required."));
            }
            length("text['body']", text, TEXT_CHARS_MAX)
        }
        "image" | "video" | "audio" | "document" | "sticker" => {
            media(state, &content)?;
            length("caption", content["caption"].as_str().unwrap_or_default(), CAPTION_CHARS_MAX)
        }
        "interactive" => interactive(&content),
        "location" if content["latitude"].is_null() || content["longitude"].is_null() => {
            Err(Refusal::sending(131_008, "Location needs latitude and longitude"))
        }
        _ => Ok(()),
    }
}

/// Media is named by an id of an upload or by a link.
pub(crate) fn media(state: &State, content: &Value) -> Result<(), Refusal> {
    let id =
        content["id"].as_str().map(str::to_owned).or_else(|| content["id"].as_u64().map(|id| id.to_string()));
    match (id, content["link"].as_str()) {
        (Some(id), _) => match state.media.get(&id) {
            Some(media) if media.until_ms > state.now_ms => Ok(()),
            // Whether Meta says so at once is not documented; a client sees it before it has sent to everybody.
            _ => Err(Refusal::sending(131_009, format!("Media id {id} does not exist"))),
        },
        (None, Some(link)) if link.starts_with("https://") || link.starts_with("http://") => Ok(()),
        (None, Some(_)) => Err(Refusal::sending(131_009, "Media link is not an address")),
        (None, None) => Err(Refusal::sending(131_008, "Media needs an id or a link")),
    }
}

/// `{"status":"read","message_id":…}`
pub(crate) fn mark_as_read(state: &State, ask: &Ask, number: &str) -> Reply {
    let id = ask.required("message_id")?;
    if ask.text("status").as_deref() != Some("read") {
        return Err(Refusal::parameter("Param status must be one of {read}"));
    }
    let written =
        state.people.values().any(|person| person.written.iter().any(|(to, own)| to == number && *own == id));
    match written {
        true => Ok(json!({"success": true})),
        false => Err(Refusal::sending(131_009, "Message id does not exist")),
    }
}

fn interactive(content: &Value) -> Result<(), Refusal> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let max = if content["type"] == "list" { TEXT_CHARS_MAX } else { CAPTION_CHARS_MAX };
    length("interactive['body']", &text(&content["body"]["text"]), max)?;
    let buttons = content["action"]["buttons"].as_array().cloned().unwrap_or_default();
    if content["type"] == "button" && (buttons.is_empty() || buttons.len() > REPLY_BUTTONS_MAX) {
        return Err(Refusal::sending(131_009, format!("There must be 1 to {REPLY_BUTTONS_MAX} buttons")));
    }
    for button in &buttons {
        length("title", &text(&button["reply"]["title"]), REPLY_CHARS_MAX)?;
    }
    let sections = content["action"]["sections"].as_array().into_iter().flatten();
    let rows: usize = sections.map(|section| section["rows"].as_array().map_or(0, Vec::len)).sum();
    if content["type"] == "list" && !(1..=LIST_ROWS_MAX).contains(&rows) {
        return Err(Refusal::sending(131_009, format!("A list has 1 to {LIST_ROWS_MAX} rows")));
    }
    Ok(())
}

fn length(name: &str, text: &str, chars_max: usize) -> Result<(), Refusal> {
    if text.chars().count() <= chars_max {
        return Ok(());
    }
    Err(Refusal::parameter(format!("Param {name} must be at most {chars_max} characters long.")))
}
