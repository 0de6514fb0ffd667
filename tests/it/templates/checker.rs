//! Meta's rules for what is sent, read off the facts once more: whether a payload fits its template.

use std::collections::BTreeSet;

use serde_json::Value;

const SPACES_MAX: usize = 4;

fn is(value: &Value, kind: &str) -> bool {
    value["type"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(kind))
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_ascii_uppercase()
}

/// The parameters of the first component of a kind.
pub(super) fn parameters(components: &Value, kind: &str) -> Vec<Value> {
    let found = components.as_array().and_then(|list| list.iter().find(|one| is(one, kind)));
    found.and_then(|one| one["parameters"].as_array()).cloned().unwrap_or_default()
}

/// Names of the variables of a text that is known to be good.
fn names(text: &str) -> BTreeSet<&str> {
    text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(name, _)| name).collect()
}

fn shown(parameter: &Value) -> Option<&str> {
    match parameter["type"].as_str()? {
        "text" => parameter["text"].as_str(),
        kind => parameter[kind]["fallback_value"].as_str(),
    }
}

/// The text with its values, if there is one for each variable.
pub(super) fn filled(text: &str, given: &[Value]) -> Option<String> {
    let mut parts = text.split("{{");
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}")?;
        let by_name = given.iter().find(|parameter| parameter["parameter_name"] == *name);
        let by_number = || name.parse::<usize>().ok().and_then(|number| given.get(number.checked_sub(1)?));
        out += shown(by_name.or_else(by_number)?)?;
        out += rest;
    }
    Some(out)
}

/// A text part: as many parameters as variables, by name or by number, each a good value, the whole not too long.
fn text_part(text: &str, given: &[Value], chars_max: usize) -> Result<(), String> {
    let names = names(text);
    if given.len() != names.len() {
        return Err(format!("{} parameters for {} variables", given.len(), names.len()));
    }
    for parameter in given {
        let value = shown(parameter).ok_or("a parameter shows nothing")?;
        if value.is_empty()
            || value.contains(['\n', '\r', '\t'])
            || value.contains(&" ".repeat(SPACES_MAX + 1))
        {
            return Err(format!("{value:?} is no value"));
        }
        let is_named = names.iter().all(|name| name.parse::<u32>().is_err());
        let name = parameter["parameter_name"].as_str();
        if is_named != name.is_some() || name.is_some_and(|name| !names.contains(name)) {
            return Err(format!("the name {name:?} of a parameter"));
        }
    }
    let whole = filled(text, given).ok_or("a variable has no value")?;
    match whole.chars().count() {
        length if length > chars_max && !given.is_empty() => Err(format!("{length} characters")),
        _ => Ok(()),
    }
}

fn media(given: &[Value], kind: &str) -> Result<(), String> {
    let [parameter] = given else { return Err(format!("{} parameters of a header", given.len())) };
    let value = &parameter[kind];
    let is_link = value["link"].as_str().is_some_and(|link| link.starts_with("https://"));
    let is_id = value["id"].as_str().is_some_and(|id| id.parse::<u64>().is_ok());
    (is(parameter, kind) && (is_link || is_id)).then_some(()).ok_or(format!("{parameter} is no {kind}"))
}

fn parts(own: &[Value], sent: &Value, body_chars_max: usize) -> Result<(), String> {
    let part = |kind: &str| own.iter().find(|part| is(part, kind)).unwrap_or(&Value::Null);
    let header = part("HEADER");
    let given = parameters(sent, "header");
    match word(&header["format"]).as_str() {
        "TEXT" => text_part(header["text"].as_str().unwrap_or_default(), &given, 60)?,
        "IMAGE" => media(&given, "image")?,
        "VIDEO" | "GIF" => media(&given, "video")?,
        "DOCUMENT" => media(&given, "document")?,
        "LOCATION" if given[0]["location"]["latitude"].is_null() => return Err("no latitude".into()),
        "PRODUCT" if given[0]["product"]["product_retailer_id"].is_null() => return Err("no product".into()),
        _ => {}
    }
    text_part(part("BODY")["text"].as_str().unwrap_or_default(), &parameters(sent, "body"), body_chars_max)?;
    let none = Vec::new();
    let buttons = part("BUTTONS")["buttons"].as_array().unwrap_or(&none);
    let mut seen = BTreeSet::new();
    for component in sent.as_array().unwrap_or(&none).iter().filter(|component| is(component, "button")) {
        let index: usize =
            component["index"].as_str().and_then(|index| index.parse().ok()).ok_or("no index")?;
        let button = buttons.get(index).filter(|_| seen.insert(index)).ok_or("an index of no button")?;
        if word(&component["sub_type"]) != word(&button["type"]) {
            return Err(format!("{component} is for {button}"));
        }
        let first = &component["parameters"][0];
        match word(&button["type"]).as_str() {
            "COPY_CODE" => {
                let code = first["coupon_code"].as_str().unwrap_or_default();
                let is_code = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
                if !is_code || !(1..=20).contains(&code.len()) {
                    return Err(format!("the code {code:?}"));
                }
            }
            "URL" => {
                let end = first["text"].as_str().unwrap_or_default();
                if end.is_empty() || !end.is_ascii() || end.contains(char::is_whitespace) {
                    return Err(format!("the end {end:?} of an address"));
                }
            }
            _ => {}
        }
    }
    let needs = |(at, button): (usize, &Value)| {
        let varies =
            word(&button["type"]) == "URL" && button["url"].as_str().is_some_and(|url| url.contains("{{"));
        (varies || word(&button["type"]) == "COPY_CODE") && !seen.contains(&at)
    };
    match buttons.iter().enumerate().any(needs) {
        true => Err("a button lacks its parameter".into()),
        false => Ok(()),
    }
}

/// Whether Meta would take this payload for this template, of which it is known that it is a good one.
pub(super) fn check(template: &Value, payload: &Value) -> Result<(), String> {
    let sent = &payload["template"]["components"];
    let none = Vec::new();
    let own = template["components"].as_array().unwrap_or(&none);
    if word(&template["category"]) == "AUTHENTICATION" {
        let body = parameters(sent, "body");
        let code = body.first().and_then(|first| first["text"].as_str()).unwrap_or_default();
        let button = parameters(sent, "button");
        let again = button.first().and_then(|first| first["text"].as_str()).unwrap_or_default();
        return match (1..=15).contains(&code.chars().count()) && code == again {
            true => Ok(()),
            false => Err(format!("the codes {code:?} and {again:?}")),
        };
    }
    parts(own, sent, if own.len() == 1 { 32_768 } else { 1024 })?;
    if let Some(offer) = own.iter().find(|part| is(part, "LIMITED_TIME_OFFER"))
        && offer["limited_time_offer"]["has_expiration"] == true
    {
        let end = &parameters(sent, "limited_time_offer")[0]["limited_time_offer"]["expiration_time_ms"];
        end.as_u64().filter(|end| *end > 0).ok_or(format!("the end {end}"))?;
    }
    let Some(carousel) = own.iter().find(|part| is(part, "CAROUSEL")) else { return Ok(()) };
    let cards = carousel["cards"].as_array().unwrap_or(&none);
    let sent_cards = sent.as_array().and_then(|sent| sent.iter().find(|one| is(one, "carousel")));
    let sent_cards = sent_cards.and_then(|sent| sent["cards"].as_array()).unwrap_or(&none);
    if sent_cards.len() < cards.len() || sent_cards.len() > 10 {
        return Err(format!("{} cards of {}", sent_cards.len(), cards.len()));
    }
    for (at, sent) in sent_cards.iter().enumerate() {
        if sent["card_index"] != at {
            return Err(format!("the place of card {at}"));
        }
        let own = &cards[at.min(cards.len() - 1)]["components"];
        parts(own.as_array().unwrap_or(&none), &sent["components"], 1024)?;
    }
    Ok(())
}
