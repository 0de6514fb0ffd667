//! The parts of a template and how they go together.

use serde_json::Value;

use super::text::{Rules, body, footer, header};
use super::{Objections, buttons, word};

const BODY_CHARS_MAX: usize = 1024;
const OFFER_BODY_CHARS_MAX: usize = 600;
const SHORT_BODY_CHARS_MAX: usize = 160;
const OFFER_CHARS_MAX: usize = 16;
/// Cards of a carousel.
const CARDS: std::ops::RangeInclusive<usize> = 2..=10;

/// What decides about parts beside themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole<'a> {
    pub(crate) category: &'a str,
    pub(crate) language: &'a str,
    pub(crate) named: bool,
    /// Whether it is a limited-time offer.
    pub(crate) offer: bool,
}

pub(crate) fn judge(document: &Value, found: &mut Objections) {
    let Some(components) = document["components"].as_array().filter(|components| !components.is_empty())
    else {
        return found.parameter("/components", "The parameter components is required.");
    };
    let kinds: Vec<String> = components.iter().map(|component| word(&component["type"])).collect();
    let has = |kind: &str| kinds.iter().any(|own| own == kind);
    let category = word(&document["category"]);
    let whole = Whole {
        category: &category,
        language: document["language"].as_str().unwrap_or_default(),
        named: word(&document["parameter_format"]) == "NAMED",
        offer: has("LIMITED_TIME_OFFER"),
    };
    if !has("BODY") {
        found.parameter("/components", "A template needs a component of type BODY.");
    }
    let single_product = components.iter().any(|component| {
        component["buttons"].as_array().into_iter().flatten().any(|button| word(&button["type"]) == "SPM")
    });
    let chars_max = match (whole.offer, single_product) {
        (true, _) => OFFER_BODY_CHARS_MAX,
        (_, true) => SHORT_BODY_CHARS_MAX,
        _ => BODY_CHARS_MAX,
    };
    for (at, (component, kind)) in components.iter().zip(&kinds).enumerate() {
        let path = format!("/components/{at}");
        if kinds[..at].contains(kind) {
            found.parameter(&path, format!("There is more than one component of type {kind}."));
        }
        one(&path, component, kind, whole, chars_max, found);
    }
    if category == "AUTHENTICATION" && !has("BUTTONS") {
        found.parameter("/components", "An authentication template needs an OTP button.");
    }
    if whole.offer {
        if has("FOOTER") {
            found.parameter("/components", "A limited-time offer has no footer.");
        }
        let format = |component: &&Value| word(&component["type"]) == "HEADER";
        let format = components.iter().find(format).map(|header| word(&header["format"]));
        if format.is_some_and(|format| !["IMAGE", "VIDEO"].contains(&format.as_str())) {
            found.parameter("/components", "The header of a limited-time offer is an image or a video.");
        }
    }
}

fn one(
    path: &str,
    component: &Value,
    kind: &str,
    whole: Whole<'_>,
    chars_max: usize,
    found: &mut Objections,
) {
    let authentication = whole.category == "AUTHENTICATION";
    if authentication && !["BODY", "FOOTER", "BUTTONS"].contains(&kind) {
        found.parameter(path, format!("An authentication template has no {kind}."));
    }
    let marketing = whole.category == "MARKETING";
    let rules = Rules { named: whole.named, language: whole.language, chars_max };
    match kind {
        "HEADER" => a_header(path, component, whole, rules, found),
        "BODY" if authentication => {
            if !component["text"].is_null() {
                found.parameter(
                    &format!("{path}/text"),
                    "The body of an authentication template is Meta's own.",
                );
            }
            let advice = &component["add_security_recommendation"];
            if !(advice.is_null() || advice.is_boolean()) {
                found.parameter(path, "Param add_security_recommendation must be a boolean.");
            }
        }
        "BODY" => body(path, component, rules, found),
        "FOOTER" if authentication => {
            let minutes = &component["code_expiration_minutes"];
            if !component["text"].is_null()
                || !minutes.as_i64().is_some_and(|count| (1..=90).contains(&count))
            {
                found.parameter(
                    path,
                    "The footer of an authentication template has 1 to 90 minutes and no text.",
                );
            }
        }
        "FOOTER" => footer(path, component, found),
        "BUTTONS" => buttons::judge(&format!("{path}/buttons"), &component["buttons"], whole, found),
        "LIMITED_TIME_OFFER" => {
            only(path, kind, marketing, found);
            let here = format!("{path}/limited_time_offer/text");
            match component["limited_time_offer"]["text"].as_str() {
                Some(text) if !text.trim().is_empty() => found.length(&here, text, OFFER_CHARS_MAX),
                _ => found.parameter(&here, "A limited-time offer needs a text."),
            }
        }
        "CAROUSEL" => {
            only(path, kind, marketing, found);
            carousel(path, component, whole, found);
        }
        "CALL_PERMISSION_REQUEST" => {}
        _ => found.parameter(&format!("{path}/type"), "Param type must be one of the types of components."),
    }
}

fn only(path: &str, kind: &str, marketing: bool, found: &mut Objections) {
    if !marketing {
        found.parameter(path, format!("{kind} is for marketing templates only."));
    }
}

fn a_header(path: &str, component: &Value, whole: Whole<'_>, rules: Rules<'_>, found: &mut Objections) {
    match word(&component["format"]).as_str() {
        "TEXT" => header(path, component, rules, found),
        // Animations are for the Marketing Messages API, which takes the same templates.
        "IMAGE" | "VIDEO" | "DOCUMENT" | "GIF" => {
            // Whether it came from an upload here cannot be asked: samples of Meta's own name handles of others.
            let handle = component["example"]["header_handle"][0].as_str().unwrap_or_default();
            if !handle.starts_with("4::") {
                let told = "A header with media needs the handle of an uploaded sample.";
                found.add(
                    &format!("{path}/example"),
                    None,
                    "Message template is missing sample values",
                    told,
                );
            }
        }
        "LOCATION" => {}
        "PRODUCT" => only(path, "PRODUCT", whole.category == "MARKETING", found),
        _ => {
            found.parameter(&format!("{path}/format"), "Param format must be one of the formats of headers.");
        }
    }
}

/// Cards must all be built alike: the same parts, the same format of header, the same buttons.
fn carousel(path: &str, component: &Value, whole: Whole<'_>, found: &mut Objections) {
    let cards = component["cards"].as_array().map_or(&[][..], Vec::as_slice);
    if !CARDS.contains(&cards.len()) {
        return found.parameter(&format!("{path}/cards"), "A carousel has 2 to 10 cards.");
    }
    let shape = |card: &Value| {
        let mut shape: Vec<String> = Vec::new();
        for part in card["components"].as_array().into_iter().flatten() {
            let buttons = part["buttons"].as_array().into_iter().flatten();
            let buttons: Vec<String> = buttons.map(|button| word(&button["type"])).collect();
            shape.push(format!("{} {} {}", word(&part["type"]), word(&part["format"]), buttons.join(",")));
        }
        // The order of a card's parts says nothing; that of its buttons does.
        shape.sort();
        shape
    };
    if cards.windows(2).any(|pair| shape(&pair[0]) != shape(&pair[1])) {
        found.parameter(&format!("{path}/cards"), "All cards must have the same components.");
    }
    let rules = Rules { named: whole.named, language: whole.language, chars_max: SHORT_BODY_CHARS_MAX };
    for (at, card) in cards.iter().enumerate() {
        let here = format!("{path}/cards/{at}/components");
        let parts = card["components"].as_array().map_or(&[][..], Vec::as_slice);
        let of_product = parts.iter().any(|part| word(&part["format"]) == "PRODUCT");
        let kinds: Vec<String> = parts.iter().map(|part| word(&part["type"])).collect();
        for needed in ["HEADER", "BUTTONS"] {
            if kinds.iter().filter(|kind| *kind == needed).count() != 1 {
                found.parameter(&here, format!("A card has one component of type {needed}."));
            }
        }
        for (at, (part, kind)) in parts.iter().zip(&kinds).enumerate() {
            let here = format!("{here}/{at}");
            let format = word(&part["format"]);
            match kind.as_str() {
                "HEADER" if ["IMAGE", "VIDEO", "PRODUCT"].contains(&format.as_str()) => {
                    a_header(&here, part, whole, rules, found);
                }
                "HEADER" => found.parameter(&here, "The header of a card is an image, a video or a product."),
                "BODY" => body(&here, part, rules, found),
                "BUTTONS" => {
                    buttons::of_card(&format!("{here}/buttons"), &part["buttons"], of_product, whole, found);
                }
                _ => found.parameter(&here, "A card has no such component."),
            }
        }
    }
}
