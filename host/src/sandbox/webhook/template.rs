//! Events of templates.

use serde_json::{Value, json};

use super::super::state::State;
use super::super::template::Template;
use super::announce;

/// Another status. `reason` is `null` where Meta leaves it out.
pub(crate) fn status(state: &mut State, template: &Template, event: &str, reason: Option<&str>) {
    let mut value = about(template);
    value["event"] = json!(event);
    value["reason"] = json!(reason);
    value["message_template_category"] = json!(template.category);
    if event == "REJECTED" && reason == Some("INVALID_FORMAT") {
        value["rejection_info"] = json!({
            "reason": "The text of your template is formatted in a way that people cannot read well.",
            "recommendation": "Remove superfluous white space, use full addresses and meaningful samples.",
        });
    }
    if event == "FLAGGED" {
        value["disable_info"] = json!({"disable_date": (state.now_ms + super::DAY_MS) / 1000});
    }
    if event == "DISABLED" {
        value["other_info"] = json!({"title": "DISABLED", "description": "Your template has been disabled."});
    }
    announce(state, &template.waba, "message_template_status_update", &value);
}

/// A pause for low quality.
pub(crate) fn paused(state: &mut State, template: &Template, hours: i64) {
    let title = if hours == 3 { "FIRST_PAUSE" } else { "SECOND_PAUSE" };
    let description = format!("Your template has been paused for {hours} hours.");
    info(state, template, "PAUSED", title, &description);
}

/// The end of a pause.
pub(crate) fn unpaused(state: &mut State, template: &Template) {
    info(state, template, "APPROVED", "UNPAUSE", "Your template can be sent again.");
}

fn info(state: &mut State, template: &Template, event: &str, title: &str, description: &str) {
    let mut value = about(template);
    value["event"] = json!(event);
    value["reason"] = json!("NONE");
    value["message_template_category"] = json!(template.category);
    value["other_info"] = json!({"title": title, "description": description});
    announce(state, &template.waba, "message_template_status_update", &value);
}

/// Another quality.
pub(crate) fn quality(state: &mut State, template: &Template, before: &str) {
    let mut value = about(template);
    value["previous_quality_score"] = json!(before);
    value["new_quality_score"] = json!(template.quality);
    announce(state, &template.waba, "message_template_quality_update", &value);
}

/// Another category.
pub(crate) fn category(state: &mut State, template: &Template) {
    let mut value = about(template);
    value["new_category"] = json!(template.category);
    if let Some(previous) = &template.previous_category {
        value["previous_category"] = json!(previous);
    }
    announce(state, &template.waba, "template_category_update", &value);
}

/// Ids are numbers here and texts in answers.
fn about(template: &Template) -> Value {
    json!({
        "message_template_id": template.id,
        "message_template_name": template.name,
        "message_template_language": template.language,
    })
}
