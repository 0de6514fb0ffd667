//! What happens to templates by the word of their owner: edits, deletion, archive, the end of a pause.

use serde_json::{Value, json};

use super::super::agenda::Event;
use super::super::answer::{Refusal, Reply};
use super::super::ask::Ask;
use super::super::review;
use super::super::state::{DAY_MS, State, texts};
use super::super::webhook;
use super::{capitalised, create};

/// Edits of an approved template in a day and in 30 days.
const EDITS_A_DAY_MAX: usize = 1;
const EDITS_A_MONTH_MAX: usize = 10;
/// How long a deleted name that was approved cannot be used again, and how long messages on their way are waited for.
const GRAVE_MS: i64 = 30 * DAY_MS;
/// Templates archived by one call.
const ARCHIVED_MAX: usize = 100;

/// `POST /{template_id}`
pub(crate) fn edit(state: &mut State, ask: &Ask, id: u64) -> Reply {
    let now_ms = state.now_ms;
    let missing = || Refusal::no_object("POST", &id.to_string());
    let mut template = state.templates.get(&id).cloned().ok_or_else(missing)?;
    if !["APPROVED", "REJECTED", "PAUSED"].contains(&template.status.as_str()) {
        let text = format!("A template that is {} cannot be edited.", template.status);
        return Err(Refusal::template(None, "Message template cannot be edited", &text));
    }
    for (name, own) in [("name", &template.name), ("language", &template.language)] {
        if ask.body.get(name).is_some_and(|given| given != own.as_str()) {
            let text = format!("The {name} of a template never changes.");
            return Err(Refusal::template(None, "Message template cannot be edited", &text));
        }
    }
    let category = ask.text("category").map(|category| category.to_ascii_uppercase());
    let approved = template.status == "APPROVED";
    if let Some(category) = category {
        if approved && category != template.category {
            let text = "The category of an approved template cannot be changed.";
            return Err(Refusal::template(None, "Message template cannot be edited", text));
        }
        template.category = category;
    }
    template.edits.retain(|at_ms| now_ms - at_ms < 30 * DAY_MS);
    let today = template.edits.iter().filter(|at_ms| now_ms - **at_ms < DAY_MS).count();
    if approved && (today >= EDITS_A_DAY_MAX || template.edits.len() >= EDITS_A_MONTH_MAX) {
        let text = "An approved template can be edited once in 24 hours and 10 times in 30 days.";
        return Err(Refusal::template(None, "Message template was edited too often", text));
    }
    if let Some(components) = ask.body.get("components").and_then(Value::as_array) {
        template.components = components.iter().map(capitalised).collect();
    }
    for name in ["message_send_ttl_seconds", "cta_url_link_tracking_opted_out"] {
        if let Some(value) = ask.body.get(name) {
            template.extra.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(format) = ask.text("parameter_format") {
        template.named = format.eq_ignore_ascii_case("named");
    }
    let mut document = json!({
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "components": template.components,
        "parameter_format": if template.named { "NAMED" } else { "POSITIONAL" },
    });
    for (name, value) in &template.extra {
        document[name] = value.clone();
    }
    review::refusal(&document)?;
    create::check_wording(state, &template)?;
    if approved {
        template.edits.push_back(now_ms);
    }
    template.revision += 1;
    template.status = "PENDING".to_owned();
    template.rejected_reason = None;
    create::begin_review(state, &template);
    state.templates.insert(id, template);
    Ok(json!({"success": true}))
}

/// `DELETE /{waba}/message_templates?name=…`: all languages, or with `hsm_id` one.
pub(crate) fn delete_by_name(state: &mut State, ask: &Ask, waba: &str) -> Reply {
    let name = ask.required("name")?;
    let one = ask.text("hsm_id");
    let ids: Vec<u64> = state
        .templates
        .values()
        .filter(|template| template.is(waba, &name))
        .filter(|template| one.as_ref().is_none_or(|id| *id == template.id.to_string()))
        .map(|template| template.id)
        .collect();
    if ids.is_empty() {
        // What Meta's sub-code for this is, no source of ours says.
        let text = format!("There is no template {name} in this account.");
        return Err(Refusal::template(None, "Message Template Not Found", &text));
    }
    delete(state, &ids)?;
    Ok(json!({"success": true}))
}

/// Deletes all of these or none.
pub(crate) fn delete(state: &mut State, ids: &[u64]) -> Result<(), Refusal> {
    if ids.iter().any(|id| state.templates.get(id).is_some_and(|template| template.status == "DISABLED")) {
        let text = "A disabled template cannot be deleted.";
        return Err(Refusal::template(None, "Message template cannot be deleted", text));
    }
    for id in ids {
        let under_way = state
            .messages
            .values()
            .any(|message| message.template == Some(*id) && matches!(message.status, "accepted" | "sent"));
        let Some(template) = state.templates.get_mut(id) else { continue };
        let was_approved = !matches!(template.status.as_str(), "PENDING" | "REJECTED");
        let key = (template.waba.clone(), template.name.clone(), template.language.clone());
        template.revision += 1;
        template.status = "PENDING_DELETION".to_owned();
        let gone = template.clone();
        if was_approved {
            state.graves.insert(key, state.now_ms + GRAVE_MS);
        }
        if under_way {
            webhook::template::status(state, &gone, "PENDING_DELETION", None);
            state.later(GRAVE_MS, Event::Purge { template: *id });
        } else {
            state.templates.remove(id);
            webhook::template::status(state, &gone, "DELETED", Some("NONE"));
        }
    }
    Ok(())
}

/// `POST /{waba}/message_templates/archive` and `…/unarchive`. The parameter's name is not in our sources: any of the
/// usual ones will do.
pub(crate) fn archive(state: &mut State, ask: &Ask, waba: &str, away: bool) -> Reply {
    let named = ["template_ids", "message_template_ids", "hsm_ids", "ids"];
    let ids = named.iter().find_map(|name| ask.body.get(*name)).map(texts).unwrap_or_default();
    if ids.is_empty() || ids.len() > ARCHIVED_MAX {
        return Err(Refusal::parameter(format!("Param template_ids must have from 1 to {ARCHIVED_MAX} ids")));
    }
    let mut found = Vec::new();
    for id in &ids {
        let known = id.parse().ok().and_then(|id: u64| state.templates.get(&id));
        match known.filter(|template| template.waba == waba) {
            Some(template) if away != (template.status == "ARCHIVED") => found.push(template.id),
            Some(_) => {}
            None => return Err(Refusal::no_object("POST", id)),
        }
    }
    for id in found {
        let Some(template) = state.templates.get_mut(&id) else { continue };
        let event = if away { "ARCHIVED" } else { "UNARCHIVED" };
        if away {
            template.before_archive = Some(std::mem::replace(&mut template.status, "ARCHIVED".to_owned()));
        } else {
            template.status = template.before_archive.take().unwrap_or_else(|| "APPROVED".to_owned());
        }
        let changed = template.clone();
        webhook::template::status(state, &changed, event, Some("NONE"));
    }
    Ok(json!({"success": true}))
}

/// `POST /{template_id}/unpause`
pub(crate) fn unpause(state: &mut State, id: u64) -> Reply {
    match state.templates.get(&id).map(|template| template.status.as_str()) {
        Some("PAUSED") => {
            super::life::unpause(state, id);
            Ok(json!({"success": true}))
        }
        Some(_) => Err(Refusal::parameter("The template is not paused.")),
        None => Err(Refusal::no_object("POST", &id.to_string())),
    }
}
