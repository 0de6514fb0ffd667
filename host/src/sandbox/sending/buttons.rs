//! What is given for the buttons of a template.

use serde_json::Value;

use super::super::answer::Refusal;
use super::super::review::variables::parse;
use super::parameters::{is, name, value};

const COUPON_CHARS_MAX: usize = 20;
const PAYLOAD_CHARS_MAX: usize = 128;

/// Holds what is given for buttons against those of the template.
pub(crate) fn check(own: &[Value], given: &[Value], named: bool) -> Result<(), Refusal> {
    let mut seen = vec![false; own.len()];
    for component in given.iter().filter(|component| is(component, "button")) {
        let index = index(component)?;
        let Some(button) = own.get(index) else {
            return Err(Refusal::sending(132_018, format!("buttons: There is no button at index {index}")));
        };
        if std::mem::replace(&mut seen[index], true) {
            return Err(Refusal::sending(
                132_018,
                format!("buttons: Button at index {index} is given twice"),
            ));
        }
        let kind = button["type"].as_str().unwrap_or_default();
        let sub_type = component["sub_type"].as_str().unwrap_or_default().to_ascii_uppercase();
        if sub_type != kind {
            let text = format!("buttons: Button at index {index} is {kind}, received {sub_type}");
            return Err(Refusal::sending(132_012, text));
        }
        a_button(index, kind, button, component, named)?;
    }
    for (index, button) in own.iter().enumerate().filter(|(index, _)| !seen[*index]) {
        let kind = button["type"].as_str().unwrap_or_default();
        let variable = kind == "URL" && parse(button["url"].as_str().unwrap_or_default()).count() > 0;
        if variable || matches!(kind, "COPY_CODE" | "MPM" | "ORDER_DETAILS") {
            let text = format!("buttons: Button at index {index} of type {kind} requires a parameter");
            return Err(Refusal::sending(131_008, text));
        }
    }
    Ok(())
}

fn a_button(index: usize, kind: &str, own: &Value, given: &Value, named: bool) -> Result<(), Refusal> {
    let first = &given["parameters"][0];
    let missing = || {
        let text = format!("buttons: Button at index {index} of type {kind} requires a parameter");
        Refusal::sending(131_008, text)
    };
    let wrong = |what: &str| Refusal::sending(132_018, format!("buttons: Button at index {index}: {what}"));
    match kind {
        "URL" => {
            let parsed = parse(own["url"].as_str().unwrap_or_default());
            if parsed.count() == 0 {
                let text = format!("buttons: Button at index {index} has no variable");
                return Err(Refusal::sending(132_000, text));
            }
            if first.is_null() {
                return Err(missing());
            }
            if named && !first["parameter_name"].is_null() {
                name(&parsed, first)?;
            }
            value("buttons", first).map(|_| ())
        }
        "QUICK_REPLY" => match first["payload"].as_str() {
            Some(payload) if payload.chars().count() > PAYLOAD_CHARS_MAX => {
                Err(wrong("the payload is too long"))
            }
            _ => Ok(()),
        },
        "COPY_CODE" => {
            let code = first["coupon_code"].as_str().ok_or_else(missing)?;
            let plain = code.chars().all(char::is_alphanumeric);
            if code.is_empty() || code.chars().count() > COUPON_CHARS_MAX || !plain {
                return Err(wrong("a coupon code has 1 to 20 letters and digits"));
            }
            Ok(())
        }
        "MPM" if first["action"]["sections"].as_array().is_none_or(Vec::is_empty) => Err(missing()),
        "ORDER_DETAILS" if first["action"]["order_details"].is_null() => Err(missing()),
        _ => Ok(()),
    }
}

/// Meta takes numbers and texts as an index.
pub(crate) fn index(component: &Value) -> Result<usize, Refusal> {
    let index = &component["index"];
    let read = index.as_u64().and_then(|index| usize::try_from(index).ok());
    read.or_else(|| index.as_str()?.parse().ok())
        .ok_or_else(|| Refusal::sending(131_008, "buttons: index is missing"))
}
