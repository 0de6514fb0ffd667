//! Creating templates: identity, limits and what is refused at once.

use serde_json::{Map, Value, json};

use super::super::agenda::Event;
use super::super::answer::{Refusal, Reply};
use super::super::ask::Ask;
use super::super::review;
use super::super::state::{HOUR_MS, State};
use super::{Template, capitalised, wording};

/// Templates created in an account within an hour.
const CREATIONS_MAX: usize = 100;
/// Templates in an account; more when the portfolio is verified and a number has an approved name.
const TEMPLATES_MAX: usize = 250;
const TEMPLATES_VERIFIED_MAX: usize = 6_000;
/// Properties that are kept as they come.
const KEPT: [&str; 5] = [
    "message_send_ttl_seconds",
    "cta_url_link_tracking_opted_out",
    "library_template_name",
    "library_template_button_inputs",
    "degrees_of_freedom_spec",
];

/// `POST /{waba}/message_templates`
pub(crate) fn create(state: &mut State, ask: &Ask, waba: &str) -> Reply {
    let document = Value::Object(ask.body.clone());
    review::refusal(&document)?;
    let template = drafted(state, &ask.body, waba, &ask.required("language")?)?;
    check_identity(state, &template)?;
    check_wording(state, &template)?;
    check_limits(state, waba)?;
    let answer = json!({
        "id": template.id.to_string(), "status": template.status, "category": template.category,
    });
    begin_review(state, &template);
    state.templates.insert(template.id, template);
    Ok(answer)
}

/// A new template in review.
pub(crate) fn drafted(
    state: &mut State,
    body: &Map<String, Value>,
    waba: &str,
    language: &str,
) -> Result<Template, Refusal> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut components: Vec<Value> =
        body.get("components").and_then(Value::as_array).into_iter().flatten().map(capitalised).collect();
    if components.is_empty() {
        // The library's texts are Meta's own; the sandbox has one sentence for all of them.
        components.push(json!({"type": "BODY", "text": "This text comes from Meta's template library."}));
    }
    let extra = KEPT.iter().filter_map(|name| Some(((*name).to_owned(), body.get(*name)?.clone()))).collect();
    Ok(Template {
        id: state.new_id("template"),
        waba: waba.to_owned(),
        name: text("name"),
        language: language.to_owned(),
        category: text("category").to_ascii_uppercase(),
        status: "PENDING".to_owned(),
        components,
        named: text("parameter_format").eq_ignore_ascii_case("named"),
        quality: "UNKNOWN".to_owned(),
        quality_ms: state.now_ms,
        rejected_reason: None,
        previous_category: None,
        correct_category: None,
        extra,
        edits: std::collections::VecDeque::new(),
        revision: 0,
        pauses: 0,
        sent: 0,
        before_archive: None,
    })
}

/// Puts the end of the review on the agenda.
pub(crate) fn begin_review(state: &mut State, template: &Template) {
    let subject = format!("{}/{}", template.name, template.language);
    let delay_ms =
        state.chance.between(state.scenario.review.delay_ms, "review", &subject, template.revision.into());
    state.later(delay_ms, Event::Review { template: template.id, revision: template.revision });
}

/// Name and language are the key of a template, also for a while after its deletion.
pub(crate) fn check_identity(state: &State, new: &Template) -> Result<(), Refusal> {
    let same = |known: &&Template| known.is(&new.waba, &new.name) && known.language == new.language;
    let key = (new.waba.clone(), new.name.clone(), new.language.clone());
    let buried = state.graves.get(&key).is_some_and(|until_ms| *until_ms > state.now_ms);
    match state.templates.values().find(same) {
        Some(known) if known.status != "PENDING_DELETION" => Err(Refusal::template(
            Some(2_388_024),
            "Content in This Language Already Exists",
            &format!(
                "There is already {} content for this template. You can create a new template and try again.",
                new.language
            ),
        )),
        None if !buried => Ok(()),
        _ => Err(Refusal::template(
            Some(2_388_023),
            "Message Template Language is Being Deleted",
            &format!(
                "New {} content can't be added while the existing {} content is being deleted. Try again in 4 weeks.",
                new.language, new.language
            ),
        )),
    }
}

/// A second template with the same body and footer is refused, but for authentication templates. Languages of one name
/// may share their words: the documentation speaks of another template. It gives no sub-code.
pub(crate) fn check_wording(state: &State, new: &Template) -> Result<(), Refusal> {
    let own = wording(&new.components);
    let same = |known: &Template| {
        known.waba == new.waba
            && known.name != new.name
            && known.category != "AUTHENTICATION"
            && known.status != "PENDING_DELETION"
            && known.wording() == own
    };
    let from_library = new.extra.contains_key("library_template_name");
    if new.category == "AUTHENTICATION" || from_library || !state.templates.values().any(same) {
        return Ok(());
    }
    let text = "Body and footer are the same as those of another template of this account.";
    Err(Refusal::template(None, "Template is a duplicate", text))
}

fn check_limits(state: &mut State, id: &str) -> Result<(), Refusal> {
    let now_ms = state.now_ms;
    let count = state.templates.values().filter(|template| template.waba == id).count();
    let named = |state: &State| {
        state.numbers.values().any(|number| number.waba == id && number.name_status == "APPROVED")
    };
    let verified = state.wabas.get(id).is_some_and(|waba| waba.verified) && named(state);
    let max = if verified { TEMPLATES_VERIFIED_MAX } else { TEMPLATES_MAX };
    if count >= max {
        // No sub-code is documented for this limit.
        let text = format!("This account has {count} templates, which is as many as it may have.");
        return Err(Refusal::template(None, "Message template limit exceeded", &text));
    }
    let Some(waba) = state.wabas.get_mut(id) else { return Ok(()) };
    waba.creations.retain(|at_ms| now_ms - at_ms < HOUR_MS);
    if waba.creations.len() >= CREATIONS_MAX {
        // The limit is documented, its code is not; this is the one of an account that calls too often.
        return Err(Refusal::sending(80007, "100 templates were created within an hour").transient());
    }
    waba.creations.push_back(now_ms);
    Ok(())
}
