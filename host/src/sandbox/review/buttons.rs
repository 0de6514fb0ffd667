//! Buttons: their fields, how many there may be, and in what order.

use serde_json::Value;

use super::components::Whole;
use super::text::{examples, plain_values};
use super::variables::{self, parse};
use super::{Objections, word};

const BUTTONS_MAX: usize = 10;
const CARD_BUTTONS_MAX: usize = 2;
const LABEL_CHARS_MAX: usize = 25;
const URL_CHARS_MAX: usize = 2000;
const PHONE_CHARS_MAX: usize = 20;
/// Two pages say 15, two say 20; only what all refuse is refused, but for limited-time offers, whose page says 15.
const COUPON_CHARS_MAX: usize = 20;
const OFFER_COUPON_CHARS_MAX: usize = 15;
/// Apps that an OTP button may name.
const APPS_MAX: usize = 5;
const HASH_CHARS: usize = 11;
/// How many buttons of a kind there may be.
const COUNTS_MAX: [(&str, usize); 4] = [("URL", 2), ("PHONE_NUMBER", 1), ("COPY_CODE", 1), ("OTP", 1)];

/// The buttons of a template.
pub(crate) fn judge(path: &str, buttons: &Value, whole: Whole<'_>, found: &mut Objections) {
    let Some(buttons) = buttons.as_array().filter(|buttons| !buttons.is_empty()) else {
        return found.parameter(path, "The parameter buttons is required.");
    };
    let kinds: Vec<String> = buttons.iter().map(|button| word(&button["type"])).collect();
    let count = |kind: &str| kinds.iter().filter(|own| *own == kind).count();
    if buttons.len() > BUTTONS_MAX {
        found.parameter(path, format!("A template has {BUTTONS_MAX} buttons at most."));
    }
    for (kind, max) in COUNTS_MAX {
        if count(kind) > max {
            found.parameter(path, format!("A template has {max} of {kind} at most."));
        }
    }
    if whole.category == "AUTHENTICATION" && (kinds.len() != 1 || count("OTP") != 1) {
        found.parameter(path, "An authentication template has one OTP button and no other.");
    }
    // Two groups make one change of group, not more.
    let replies: Vec<bool> = kinds.iter().map(|kind| kind == "QUICK_REPLY").collect();
    if replies.windows(2).filter(|pair| pair[0] != pair[1]).count() > 1 {
        found.parameter(path, "Quick replies must be grouped together.");
    }
    for (at, (button, kind)) in buttons.iter().zip(&kinds).enumerate() {
        one(&format!("{path}/{at}"), button, kind, whole, found);
    }
}

/// The buttons of a card: those of a product lead to it.
pub(crate) fn of_card(
    path: &str,
    buttons: &Value,
    of_product: bool,
    whole: Whole<'_>,
    found: &mut Objections,
) {
    let allowed: &[&str] = if of_product { &["SPM", "URL"] } else { &["QUICK_REPLY", "URL", "PHONE_NUMBER"] };
    let buttons = buttons.as_array().map_or(&[][..], Vec::as_slice);
    if buttons.is_empty() || buttons.len() > CARD_BUTTONS_MAX {
        return found.parameter(path, format!("A card has 1 to {CARD_BUTTONS_MAX} buttons."));
    }
    for (at, button) in buttons.iter().enumerate() {
        let (here, kind) = (format!("{path}/{at}"), word(&button["type"]));
        if allowed.contains(&kind.as_str()) {
            one(&here, button, &kind, whole, found);
        } else {
            found.parameter(&here, "A card has no such button.");
        }
    }
}

fn one(path: &str, button: &Value, kind: &str, whole: Whole<'_>, found: &mut Objections) {
    let marketing = whole.category == "MARKETING";
    if matches!(kind, "QUICK_REPLY" | "URL" | "PHONE_NUMBER" | "FLOW" | "VOICE_CALL") {
        label(path, button, found);
    }
    match kind {
        "QUICK_REPLY"
        | "VOICE_CALL"
        | "REQUEST_CONTACT_INFO"
        | "ORDER_DETAILS"
        | "PAYMENT_REQUEST"
        | "APP" => {}
        "URL" => url(path, button, whole, found),
        "PHONE_NUMBER" => match button["phone_number"].as_str() {
            Some(number) if !number.trim().is_empty() => {
                found.length(&format!("{path}/phone_number"), number, PHONE_CHARS_MAX);
            }
            _ => found.parameter(path, "A button of type PHONE_NUMBER needs a phone_number."),
        },
        "COPY_CODE" | "CATALOG" | "MPM" | "SPM" if !marketing => {
            found.parameter(path, format!("{kind} is for marketing templates only."));
        }
        "COPY_CODE" => coupon(path, button, whole, found),
        "CATALOG" | "MPM" | "SPM" => {}
        "OTP" if whole.category == "AUTHENTICATION" => one_time_password(path, button, found),
        "OTP" => found.parameter(path, "OTP is for authentication templates only."),
        "FLOW" => flow(path, button, found),
        _ => found.parameter(&format!("{path}/type"), "Param type must be one of the types of buttons."),
    }
}

fn label(path: &str, button: &Value, found: &mut Objections) {
    match button["text"].as_str() {
        Some(text) if !text.trim().is_empty() => {
            found.length(&format!("{path}/text"), text, LABEL_CHARS_MAX);
        }
        _ => found.parameter(&format!("{path}/text"), "A button needs a text."),
    }
}

/// One variable, and nothing after it. That it should be https and no shortened address is advice only.
fn url(path: &str, button: &Value, whole: Whole<'_>, found: &mut Objections) {
    let here = format!("{path}/url");
    let address = button["url"].as_str().unwrap_or_default();
    if address.trim().is_empty() {
        return found.parameter(&here, "A button of type URL needs a url.");
    }
    found.length(&here, address, URL_CHARS_MAX);
    let parsed = parse(address);
    variables::judge(&here, &parsed, whole.named, found);
    if parsed.variables.len() > 1 {
        found.parameter(&here, "A URL has one variable at most.");
    }
    if parsed.variables.iter().any(|variable| variable.end != address.len()) {
        found.parameter(&here, "The variable of a URL stands at its very end.");
    }
    let example = &button["example"];
    let mut given = plain_values(example);
    if let Some(text) = example.as_str() {
        given.push((String::new(), text.to_owned()));
    }
    // A sample of a URL has no name, even where variables do.
    examples(&format!("{path}/example"), &parsed, false, &given, found);
}

fn coupon(path: &str, button: &Value, whole: Whole<'_>, found: &mut Objections) {
    let here = format!("{path}/example");
    let code = button["example"].as_str().or_else(|| button["example"][0].as_str()).unwrap_or_default();
    if code.trim().is_empty() {
        return found.parameter(&here, "A button of type COPY_CODE needs an example.");
    }
    found.length(&here, code, if whole.offer { OFFER_COUPON_CHARS_MAX } else { COUPON_CHARS_MAX });
}

fn flow(path: &str, button: &Value, found: &mut Objections) {
    let named = ["flow_id", "flow_name", "flow_json"];
    if named.iter().filter(|name| !button[**name].is_null()).count() != 1 {
        found.parameter(path, "A button of type FLOW has one of flow_id, flow_name and flow_json.");
    }
    let action = &button["flow_action"];
    if !action.is_null() && !["NAVIGATE", "DATA_EXCHANGE"].contains(&word(action).as_str()) {
        found.parameter(path, "Param flow_action must be one of {navigate, data_exchange}.");
    }
}

fn one_time_password(path: &str, button: &Value, found: &mut Objections) {
    for name in ["text", "autofill_text"] {
        if let Some(text) = button[name].as_str() {
            found.length(&format!("{path}/{name}"), text, LABEL_CHARS_MAX);
        }
    }
    let kind = word(&button["otp_type"]);
    match kind.as_str() {
        "COPY_CODE" => return,
        "ONE_TAP" | "ZERO_TAP" => {}
        _ => {
            let text = "Param otp_type must be one of {COPY_CODE, ONE_TAP, ZERO_TAP}.";
            return found.parameter(&format!("{path}/otp_type"), text);
        }
    }
    if kind == "ZERO_TAP" && button["zero_tap_terms_accepted"] != true {
        found.parameter(path, "Zero-tap needs zero_tap_terms_accepted to be true.");
    }
    // Before several apps could be named, one was named by the button itself.
    let one = [button.clone()];
    let apps = button["supported_apps"].as_array().map_or(&one[..], Vec::as_slice);
    if apps.is_empty() || apps.len() > APPS_MAX {
        found.parameter(&format!("{path}/supported_apps"), format!("There must be 1 to {APPS_MAX} apps."));
    }
    for app in apps {
        if !app["package_name"].as_str().is_some_and(is_package) {
            found.parameter(path, "Param package_name must be the name of an Android package.");
        }
        if !app["signature_hash"].as_str().is_some_and(is_hash) {
            found.parameter(path, format!("Param signature_hash must have {HASH_CHARS} characters."));
        }
    }
}

/// At least two parts, each beginning with a letter.
fn is_package(name: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|ch: char| ch.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    name.contains('.') && name.split('.').all(part)
}

/// Meta's own sample writes the slash of a hash as `%2F`.
fn is_hash(hash: &str) -> bool {
    let plain = hash.replace("%2F", "/").replace("%2B", "+").replace("%3D", "=");
    plain.len() == HASH_CHARS
        && plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}
