//! What becomes of a good template when one thing in it is changed: a limit by one character, a rule by one side.

use serde_json::{Value, json};

use super::{
    PIECES, SINGLE_BUTTONS, body, body_of, button, carousel, give_examples, header, media_header, pointers,
    variable,
};
use crate::random::Random;

pub(super) fn change(random: &mut Random, template: &mut Value) {
    match random.below(14) {
        0 => identity(random, template),
        1 | 2 => structure(random, template),
        3 => change_header(random, template),
        4..=7 => change_body(random, template),
        8 => change_footer(random, template),
        9..=11 => change_buttons(random, template),
        12 => change_cards(random, template),
        _ => change_special(random, template),
    }
}

fn one_of(random: &mut Random, values: &[Value]) -> Value {
    values[random.below(values.len() as u64) as usize].clone()
}

/// A text of exactly so many characters, or of one too many.
fn long(random: &mut Random, limit: usize) -> String {
    let chars = limit + random.below(2) as usize;
    let unit = random.pick(&["word ", "été ", "слово ", "a🎉b "]);
    let mut text: String = unit.chars().cycle().take(chars).collect();
    if text.ends_with(' ') {
        text.pop();
        text.push('.');
    }
    text
}

fn set(value: &mut Value, name: &str, new: Option<Value>) {
    if let Some(members) = value.as_object_mut() {
        match new {
            Some(new) => drop(members.insert(name.to_owned(), new)),
            None => drop(members.remove(name)),
        }
    }
}

/// A part of the message or of one of its cards.
fn some_part<'t>(random: &mut Random, template: &'t mut Value, kind: &str) -> Option<&'t mut Value> {
    let mut paths = Vec::new();
    pointers(template, String::new(), &mut paths);
    paths.retain(|path| {
        let at = path.rsplit('/').nth(1) == Some("components");
        let is = |value: &Value| value["type"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(kind));
        at && template.pointer(path).is_some_and(is)
    });
    if paths.is_empty() {
        return None;
    }
    template.pointer_mut(&paths[random.below(paths.len() as u64) as usize])
}

fn is_named(template: &Value) -> bool {
    template["parameter_format"].as_str().is_some_and(|format| format.eq_ignore_ascii_case("NAMED"))
}

fn identity(random: &mut Random, template: &mut Value) {
    let (name, value) = match random.below(5) {
        0 => {
            let (most, more) = ("a".repeat(512), "a".repeat(513));
            let name = [&*most, &*more, "Order", "order-update", "a b", "", "_", "şiş", "1"]
                [random.below(9) as usize];
            ("name", one_of(random, &[json!(name), json!(name), json!(7)]))
        }
        1 => (
            "language",
            json!(random.pick(&["en-US", "xx", "ar_SA", "es_VE", "EN", "zh_TW", "tr_TR", "", "prs_AF"])),
        ),
        2 => (
            "category",
            json!(random.pick(&["TRANSACTIONAL", "OTP", "utility", "Marketing", "AUTHENTICATION", ""])),
        ),
        3 => ("parameter_format", json!(random.pick(&["NAMED", "POSITIONAL", "named", "ODD", ""]))),
        _ => {
            let ttl = [-1, 0, 29, 30, 900, 901, 43_199, 43_200, 43_201, 2_592_000, 2_592_001, -2];
            let ttl = ttl[random.below(12) as usize];
            let value = [json!(ttl), json!(ttl), json!(ttl.to_string()), json!("soon"), json!(1.5)];
            ("message_send_ttl_seconds", one_of(random, &value))
        }
    };
    let new = if name != "message_send_ttl_seconds" && random.below(12) == 0 { None } else { Some(value) };
    set(template, name, new);
}

fn structure(random: &mut Random, template: &mut Value) {
    let named = is_named(template);
    let added = match random.below(12) {
        0 | 1 => header(random, named),
        2 => json!({"type": "HEADER", "format": "PRODUCT"}),
        3 => json!({"type": "FOOTER", "text": "Small print"}),
        4 => json!({"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Soon over"}}),
        5 => json!({"type": "CALL_PERMISSION_REQUEST"}),
        6 => {
            let kind = random.pick(&SINGLE_BUTTONS);
            json!({"type": "BUTTONS", "buttons": [button(random, kind, named)]})
        }
        7 => carousel(random, named, false),
        8 => json!({"type": "SURPRISE", "text": "x"}),
        9 => json!({"type": "HEADER", "text": "No format"}),
        _ => body(random, named),
    };
    let Some(components) = template["components"].as_array_mut() else { return };
    let at = random.below(components.len() as u64 + 1) as usize;
    match random.below(8) {
        0 if at < components.len() => drop(components.remove(at)),
        1 if at < components.len() => components.push(components[at].clone()),
        2 => components.clear(),
        _ => components.insert(at, added),
    }
}

fn change_header(random: &mut Random, template: &mut Value) {
    let Some(header) = some_part(random, template, "HEADER") else { return };
    match random.below(8) {
        0 => {
            let handle =
                random.pick(&["", "https://example.com/a.jpg", "1558081531584829", "4::YXNkZg==", "handle"]);
            set(header, "example", Some(json!({"header_handle": [handle]})));
        }
        1 => set(header, "text", Some(json!("Sale {{1}} and {{2}}"))),
        7 => set(header, "example", None),
        2 => {
            let format = random.pick(&["TEXT", "IMAGE", "LOCATION", "PRODUCT", "DOCUMENT", "ODD"]);
            set(header, "format", Some(json!(format)));
        }
        3 => {
            let text = long(random, 60).replace(['🎉', '\n'], "x");
            set(header, "text", Some(json!(text)));
        }
        4 => set(
            header,
            "text",
            one_of(random, &[json!(null), json!(" "), json!("")]).as_str().map(|text| json!(text)),
        ),
        _ => {
            let piece = random.pick(&PIECES);
            set(header, "text", Some(json!(format!("Sale {piece} now"))));
            let given: Vec<Value> = (0..random.below(3)).map(|_| json!("example")).collect();
            set(header, "example", Some(json!({"header_text": given})));
        }
    }
}

fn change_body(random: &mut Random, template: &mut Value) {
    let named = is_named(template);
    let is_short = template.to_string().contains("\"cards\"") || template.to_string().contains("\"SPM\"");
    let is_offer = template.to_string().contains("limited_time_offer");
    let Some(body) = some_part(random, template, "BODY") else { return };
    match random.below(9) {
        0 => {
            let limit = match random.below(4) {
                0 => [160, 600, 1024][random.below(3) as usize],
                _ if is_short => 160,
                _ if is_offer => 600,
                _ => 1024,
            };
            let text = long(random, limit);
            set(body, "text", Some(json!(text)));
            set(body, "example", None);
        }
        1 | 2 => {
            // One word more or less than so many variables need.
            let variables = 1 + random.below(6);
            let words = 2 * variables + random.below(3);
            let mut new = body_of(random, named, variables, words);
            set(body, "text", Some(new["text"].take()));
            set(body, "example", Some(new["example"].take()));
        }
        3 => {
            let edge = random.pick(&["", " ", "\n", ".", "*", "🎉", "\u{200f}", "x", "- "]);
            let own = variable(named, 1);
            let text = match random.below(2) {
                0 => format!("{edge}{own} is what we have found for you today"),
                _ => format!("This is what we have found for you today {own}{edge}"),
            };
            set(body, "text", Some(json!(text)));
            give_examples(body, "body", named, 1);
        }
        4 => {
            let example = match random.below(6) {
                0 => None,
                1 => Some(json!({"body_text": [["only one"]]})),
                2 => Some(json!({"body_text": [[" ", "", "x"]]})),
                3 => Some(json!({"body_text": [["{{1}}", "2", "3", "4", "5"]]})),
                4 => Some(json!({"body_text_named_params": [{"param_name": "value_1", "example": " "}]})),
                _ => Some(json!({})),
            };
            set(body, "example", example);
        }
        5 => set(
            body,
            "text",
            one_of(random, &[json!(null), json!(" \n"), json!("")]).as_str().map(|text| json!(text)),
        ),
        _ => {
            let text = format!(
                "We have it {} here for you and {} your friends",
                random.pick(&PIECES),
                random.pick(&PIECES)
            );
            set(body, "text", Some(json!(text)));
            give_examples(body, "body", named, 4);
        }
    }
}

fn change_footer(random: &mut Random, template: &mut Value) {
    let Some(footer) = some_part(random, template, "FOOTER") else { return };
    match random.below(5) {
        0 => {
            let text = long(random, 60).replace('🎉', "x");
            set(footer, "text", Some(json!(text)));
        }
        1 => set(footer, "text", None),
        2 => {
            let minutes = [0, 1, 90, 91, -1][random.below(5) as usize];
            set(footer, "code_expiration_minutes", Some(json!(minutes)));
        }
        _ => set(footer, "text", Some(json!(format!("Bye {} now", random.pick(&PIECES))))),
    }
}

fn change_buttons(random: &mut Random, template: &mut Value) {
    let named = is_named(template);
    let Some(part) = some_part(random, template, "BUTTONS") else { return };
    let Some(buttons) = part["buttons"].as_array_mut() else { return };
    let kind = if random.below(3) == 0 {
        random.pick(&["URL", "QUICK_REPLY", "PHONE_NUMBER"])
    } else {
        random.pick(&SINGLE_BUTTONS)
    };
    match random.below(7) {
        0 => buttons.push(button(random, kind, named)),
        1 => {
            let at = random.below(buttons.len() as u64 + 1) as usize;
            buttons.insert(at, button(random, kind, named));
        }
        2 => {
            let count = [0, 1, 3, 10, 11][random.below(5) as usize];
            *buttons = (0..count).map(|_| button(random, kind, named)).collect();
        }
        3 if buttons.len() > 1 => {
            let at = random.below(buttons.len() as u64) as usize;
            let one = buttons.remove(at);
            buttons.push(one);
        }
        4 => buttons.push(json!({"type": random.pick(&["SURPRISE", "MOD"]), "text": "?"})),
        _ => {
            if buttons.is_empty() {
                return;
            }
            let at = random.below(buttons.len() as u64) as usize;
            change_button(random, &mut buttons[at]);
        }
    }
}

fn change_button(random: &mut Random, button: &mut Value) {
    if random.below(4) == 0 {
        let text = match random.below(5) {
            0 => None,
            1 => Some(json!(" ")),
            2 => Some(json!(random.pick(&["Go 🎉", "Go\nnow", "*Go*", "Go {{1}}"]))),
            _ => Some(json!(long(random, 25))),
        };
        return set(button, "text", text);
    }
    let (name, value) = match button["type"].as_str().unwrap_or_default().to_ascii_uppercase().as_str() {
        "URL" if random.below(3) == 0 => {
            ("example", one_of(random, &[json!([]), json!([""]), json!([" "]), json!("x"), json!(["{{1}}"])]))
        }
        "URL" => {
            let path = "a".repeat(2000 - "https://example.com/".len() + random.below(2) as usize);
            let end = random.pick(&[
                &*path,
                "{{1}}",
                "{{2}}",
                "{{1}}/x",
                "{{1}}{{2}}",
                "{{1}",
                "{{a}}",
                "{{A}}",
                "{{ 1 }}",
                "}}",
                "{x}",
                "{{1}}}",
            ]);
            let start = random.pick(&[
                "https://example.com/",
                "https://example.com/",
                "https://",
                "example.com/",
                "http://a.de/",
            ]);
            ("url", json!(format!("{start}{end}")))
        }
        "PHONE_NUMBER" => {
            let number =
                ["+12345678901234567890", "+1234567890123456789", "", "+905301112233", "call me", "123"];
            ("phone_number", json!(number[random.below(6) as usize]))
        }
        "COPY_CODE" => {
            let code = "A1".repeat(11)[..[0, 15, 16, 20, 21][random.below(5) as usize]].to_owned();
            let examples = [json!(code), json!(code), json!([code]), json!("SAVE-10")];
            return set(button, "example", Some(one_of(random, &examples)));
        }
        "FLOW" => (random.pick(&["flow_name", "flow_json", "flow_id", "flow_action"]), json!("navigate")),
        "OTP" => match random.below(4) {
            0 => ("otp_type", json!(random.pick(&["ODD", "COPY_CODE", "ZERO_TAP", "one_tap"]))),
            1 => ("zero_tap_terms_accepted", json!(false)),
            2 => {
                let package = random.pick(&["com.example", "com", "com.1a", "com..a", ""]);
                let hash = random.pick(&[
                    "K8a/AINcGX7",
                    "K8a%2FAINcGX7",
                    "K8a/AINcGX",
                    "K8a/AINcGX77",
                    "K8a/AINcG-7",
                ]);
                let apps = [0, 1, 1, 1, 5, 6][random.below(6) as usize];
                (
                    "supported_apps",
                    json!(vec![json!({"package_name": package, "signature_hash": hash}); apps]),
                )
            }
            _ => ("autofill_text", json!(long(random, 25))),
        },
        _ => return,
    };
    set(button, name, Some(value).filter(|_| random.below(6) > 0));
}

fn change_cards(random: &mut Random, template: &mut Value) {
    let named = is_named(template);
    let Some(carousel) = some_part(random, template, "CAROUSEL") else { return };
    let Some(cards) = carousel["cards"].as_array_mut().filter(|cards| !cards.is_empty()) else { return };
    let at = random.below(cards.len() as u64) as usize;
    match random.below(6) {
        0 => cards.resize([0, 1, 2, 10, 11][random.below(5) as usize], cards[0].clone()),
        _ => {
            let Some(parts) = cards[at]["components"].as_array_mut() else { return };
            let place = random.below(parts.len() as u64 + 1) as usize;
            let kind = random.pick(&SINGLE_BUTTONS);
            let added = match random.below(5) {
                0 => json!({"type": "FOOTER", "text": "Small print"}),
                1 => json!({"type": "HEADER", "format": "TEXT", "text": "Hello"}),
                2 => {
                    json!({"type": "BUTTONS", "buttons": vec![button(random, kind, named); 1 + random.below(3) as usize]})
                }
                3 => media_header("IMAGE"),
                _ => body(random, named),
            };
            match random.below(3) {
                0 if place < parts.len() => drop(parts.remove(place)),
                1 if place < parts.len() => parts[place] = added,
                _ => parts.insert(place, added),
            }
        }
    }
}

fn change_special(random: &mut Random, template: &mut Value) {
    if let Some(offer) = some_part(random, template, "LIMITED_TIME_OFFER") {
        let text = long(random, 16);
        let new = [json!({"text": text}), json!({"text": text}), json!({"text": " "}), json!({}), json!(3)];
        return set(offer, "limited_time_offer", Some(one_of(random, &new)));
    }
    if template["category"] == "AUTHENTICATION"
        && let Some(body) = some_part(random, template, "BODY")
    {
        match random.below(2) {
            0 => set(body, "text", Some(json!("{{1}} is your code"))),
            _ => {
                set(body, "add_security_recommendation", Some(one_of(random, &[json!(false), json!("yes")])));
            }
        }
    }
}
