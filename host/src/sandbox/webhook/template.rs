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
        value["disable_info"] = json!({"disable_date": date(state.now_ms + super::DAY_MS)});
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

/// Another category from a later moment on.
pub(crate) fn category_notice(state: &mut State, template: &Template, correct: &str, at_ms: i64) {
    let mut value = about(template);
    value["new_category"] = json!(template.category);
    value["correct_category"] = json!(correct);
    value["category_update_timestamp"] = json!(at_ms / 1000);
    announce(state, &template.waba, "template_category_update", &value);
}

/// A day as the samples write it: `January 31, 2021`.
fn date(at_ms: i64) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    // Days since the first of March of the year 0, in whose calendar the leap day comes last.
    let days = at_ms.div_euclid(super::DAY_MS) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let from_january = (month + 2) % 12;
    let name = usize::try_from(from_january).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or_default();
    format!("{name} {day}, {}", year + era * 400 + i64::from(from_january < 2))
}

/// Ids are numbers here and texts in answers.
fn about(template: &Template) -> Value {
    json!({
        "message_template_id": template.id,
        "message_template_name": template.name,
        "message_template_language": template.language,
    })
}
