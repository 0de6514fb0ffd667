//! Whether the parameters of a message fit its template: their number, their kinds, their names and what they make
//! of its texts.

use serde_json::Value;

use super::super::answer::Refusal;
use super::super::review::variables::{Parsed, parse};
use super::super::state::State;
use super::super::template::Template;
use super::buttons;
use super::free::media;

const HEADER_CHARS_MAX: usize = 60;
const BODY_CHARS_MAX: usize = 1024;
/// A body that is the whole template may grow this far.
const ONLY_BODY_CHARS_MAX: usize = 32_768;
const CODE_CHARS_MAX: usize = 15;
/// Consecutive spaces in a value.
const SPACES_MAX: usize = 4;
const CARDS_MAX: usize = 10;

/// Everything a message gives to a template, held against it.
pub(crate) fn check(state: &State, template: &Template, given: &Value) -> Result<(), Refusal> {
    let none = Vec::new();
    let given = match given {
        Value::Null => &none,
        Value::Array(given) => given,
        _ => return Err(Refusal::parameter("Param template['components'] must be an array.")),
    };
    for component in given {
        let known =
            ["header", "body", "button", "limited_time_offer", "carousel", "tap_target_configuration"];
        let kind = component["type"].as_str().unwrap_or_default().to_ascii_lowercase();
        if !known.contains(&kind.as_str()) {
            return Err(Refusal::parameter(format!(
                "Param template['components'][]['type'] must be one of {{{}}}",
                known.join(", ")
            )));
        }
    }
    if template.category == "AUTHENTICATION" {
        return authentication(given);
    }
    let only_body = template.components.len() == 1;
    parts(
        state,
        template,
        &template.components,
        given,
        if only_body { ONLY_BODY_CHARS_MAX } else { BODY_CHARS_MAX },
    )?;
    offer(template, given)?;
    carousel(state, template, given)
}

/// Header, body and buttons of a template or of a card.
fn parts(
    state: &State,
    template: &Template,
    components: &[Value],
    given: &[Value],
    body_chars_max: usize,
) -> Result<(), Refusal> {
    let own = |kind: &str| components.iter().find(|component| component["type"] == kind);
    header(state, template, own("HEADER"), &parameters(given, "header"))?;
    let body = own("BODY").and_then(|body| body["text"].as_str()).unwrap_or_default();
    texts("body", body, &parameters(given, "body"), template.named, body_chars_max)?;
    let buttons = own("BUTTONS").and_then(|buttons| buttons["buttons"].as_array());
    buttons::check(buttons.map_or(&[][..], Vec::as_slice), given, template.named)
}

fn header(
    state: &State,
    template: &Template,
    header: Option<&Value>,
    given: &[Value],
) -> Result<(), Refusal> {
    let format = header.and_then(|header| header["format"].as_str()).unwrap_or("TEXT");
    if format == "TEXT" {
        let text = header.and_then(|header| header["text"].as_str()).unwrap_or_default();
        return texts("header", text, given, template.named, HEADER_CHARS_MAX);
    }
    let wanted = if format == "GIF" { "VIDEO" } else { format };
    let kind =
        given.first().and_then(|value| value["type"].as_str()).unwrap_or("unknown").to_ascii_uppercase();
    if kind != wanted && kind != format {
        let text = format!("header: Format mismatch, expected {format}, received {kind}");
        return Err(Refusal::sending(132_012, text));
    }
    let value = &given[0][kind.to_ascii_lowercase().as_str()];
    match wanted {
        "LOCATION" if value["latitude"].is_null() || value["longitude"].is_null() => {
            Err(Refusal::sending(131_008, "Location needs latitude and longitude"))
        }
        "PRODUCT" if value["product_retailer_id"].is_null() => {
            Err(Refusal::sending(131_008, "Product needs a product_retailer_id"))
        }
        "LOCATION" | "PRODUCT" => Ok(()),
        _ => media(state, value),
    }
}

/// The values of a text: as many as it has variables, and not too much for it.
fn texts(place: &str, text: &str, given: &[Value], named: bool, chars_max: usize) -> Result<(), Refusal> {
    let parsed = parse(text);
    if given.len() != parsed.count() {
        let (has, wants) = (given.len(), parsed.count());
        let told = format!(
            "{place}: number of localizable_params ({has}) does not match the expected number of params ({wants})"
        );
        return Err(Refusal::sending(132_000, told));
    }
    let mut values = Vec::new();
    for (at, parameter) in given.iter().enumerate() {
        let name = if named { name(&parsed, parameter)? } else { (at + 1).to_string() };
        values.push((name, value(place, parameter)?));
    }
    if named
        && values
            .iter()
            .enumerate()
            .any(|(at, (name, _))| values[..at].iter().any(|(other, _)| other == name))
    {
        return Err(Refusal::sending(132_000, format!("{place}: a parameter is given more than once")));
    }
    let chars = length(text, &parsed, &values);
    if chars > chars_max {
        let told = format!("{place}: Translated text is {chars} characters long, {chars_max} is the most");
        return Err(Refusal::sending(132_005, told));
    }
    Ok(())
}

pub(crate) fn name(parsed: &Parsed, parameter: &Value) -> Result<String, Refusal> {
    let name = parameter["parameter_name"].as_str().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::sending(131_008, "Parameter name is missing or empty"))?;
    match parsed.names().contains(name) {
        true => Ok(name.to_owned()),
        false => Err(Refusal::sending(100, format!("Parameter name {name} is not one of this template"))),
    }
}

/// The text of a parameter.
pub(crate) fn value(place: &str, parameter: &Value) -> Result<String, Refusal> {
    let kind = parameter["type"].as_str().unwrap_or_default().to_ascii_lowercase();
    let text = match kind.as_str() {
        "text" => parameter["text"].as_str(),
        "currency" | "date_time" if place == "body" => parameter[kind.as_str()]["fallback_value"].as_str(),
        _ => {
            let text = format!("{place}: Format mismatch, expected TEXT, received {}", kind.to_uppercase());
            return Err(Refusal::sending(132_012, text));
        }
    };
    let text = text.filter(|text| !text.is_empty());
    let text =
        text.ok_or_else(|| Refusal::sending(131_008, "Parameter of type text is missing text value"))?;
    // Reports name 100, 132012 and 132018 for this; the words are the same in all.
    if text.contains(['\n', '\r', '\t']) || text.contains(&" ".repeat(SPACES_MAX + 1)) {
        let told = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces";
        return Err(Refusal::sending(132_018, told));
    }
    Ok(text.to_owned())
}

/// Characters of a text with its values in it.
fn length(text: &str, parsed: &Parsed, values: &[(String, String)]) -> usize {
    let mut chars = text.chars().count();
    for variable in &parsed.variables {
        let value = values.iter().find(|(name, _)| *name == variable.name);
        chars = chars - text[variable.start..variable.end].chars().count()
            + value.map_or(0, |(_, value)| value.chars().count());
    }
    chars
}

/// The code of an authentication template stands in its text and behind its button.
fn authentication(given: &[Value]) -> Result<(), Refusal> {
    let body = parameters(given, "body");
    if body.len() != 1 {
        let has = body.len();
        let told = format!(
            "body: number of localizable_params ({has}) does not match the expected number of params (1)"
        );
        return Err(Refusal::sending(132_000, told));
    }
    let code = value("body", &body[0])?;
    if code.chars().count() > CODE_CHARS_MAX {
        return Err(Refusal::sending(
            132_005,
            format!("body: a code has {CODE_CHARS_MAX} characters at most"),
        ));
    }
    let button = given.iter().find(|component| is(component, "button"));
    let missing = || Refusal::sending(131_008, "buttons: Button at index 0 of type Url requires a parameter");
    let button = button.ok_or_else(missing)?;
    let sub_type = button["sub_type"].as_str().unwrap_or_default().to_ascii_lowercase();
    if buttons::index(button)? != 0 || !["url", "copy_code"].contains(&sub_type.as_str()) {
        return Err(Refusal::sending(132_012, "buttons: The code belongs to the URL button at index 0"));
    }
    let first = &button["parameters"][0];
    let again = first["text"].as_str().or_else(|| first["coupon_code"].as_str()).ok_or_else(missing)?;
    match again == code {
        true => Ok(()),
        false => Err(Refusal::sending(132_018, "buttons: The code is not the one of the body")),
    }
}

fn offer(template: &Template, given: &[Value]) -> Result<(), Refusal> {
    let expires = template
        .component("LIMITED_TIME_OFFER")
        .is_some_and(|offer| offer["limited_time_offer"]["has_expiration"] == true);
    let told = parameters(given, "limited_time_offer");
    let moment = told.first().map(|first| &first["limited_time_offer"]["expiration_time_ms"]);
    match moment {
        None if expires => {
            Err(Refusal::sending(131_008, "limited_time_offer: expiration_time_ms is missing"))
        }
        Some(moment) if moment.as_i64().is_none_or(|ms| ms <= 0) => {
            Err(Refusal::sending(132_018, "limited_time_offer: expiration_time_ms is not a time"))
        }
        _ => Ok(()),
    }
}

fn carousel(state: &State, template: &Template, given: &[Value]) -> Result<(), Refusal> {
    let told = given.iter().find(|component| is(component, "carousel"));
    let Some(own) = template.component("CAROUSEL").and_then(|carousel| carousel["cards"].as_array()) else {
        return match told {
            Some(_) => Err(Refusal::sending(132_012, "carousel: The template has no carousel")),
            None => Ok(()),
        };
    };
    let cards = told.and_then(|told| told["cards"].as_array()).cloned().unwrap_or_default();
    let Some(pattern) = own.first() else { return Ok(()) };
    let products = pattern["components"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|component| component["format"] == "PRODUCT");
    // A product carousel is defined with two cards and sent with up to ten.
    let fits = if products { (2..=CARDS_MAX).contains(&cards.len()) } else { cards.len() == own.len() };
    if !fits {
        let text = format!("carousel: {} cards do not match the template's {}", cards.len(), own.len());
        return Err(Refusal::sending(132_000, text));
    }
    let mut seen = vec![false; cards.len()];
    for card in &cards {
        let index = card["card_index"].as_u64().and_then(|index| usize::try_from(index).ok());
        let index = index.filter(|index| seen.get(*index) == Some(&false));
        let index =
            index.ok_or_else(|| Refusal::sending(132_018, "carousel: card_index is wrong or missing"))?;
        seen[index] = true;
        let none = Vec::new();
        let pattern = own.get(index).unwrap_or(pattern)["components"].as_array().unwrap_or(&none);
        let given = card["components"].as_array().unwrap_or(&none);
        parts(state, template, pattern, given, BODY_CHARS_MAX)?;
    }
    Ok(())
}

/// The parameters of a component.
fn parameters(given: &[Value], kind: &str) -> Vec<Value> {
    let found = given.iter().find(|component| is(component, kind));
    found.and_then(|component| component["parameters"].as_array()).cloned().unwrap_or_default()
}

pub(crate) fn is(component: &Value, kind: &str) -> bool {
    component["type"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(kind))
}
