//! Makes up templates: good ones of every kind, and what becomes of them when one thing or a few are changed - each
//! limit by one character, each rule on both sides. It judges nothing; whoever calls it holds two judges against each
//! other, or one against its promises.

mod changes;

use serde_json::{Value, json};

use crate::random::Random;
use changes::change;

const WORDS: [&str; 14] = [
    "your",
    "order",
    "has",
    "shipped",
    "today",
    "thank",
    "you",
    "*for*",
    "shopping,",
    "été",
    "مرحبا",
    "привет",
    "(with)",
    "us!",
];
/// What a text may have in it that somebody looks at.
const PIECES: [&str; 44] = [
    "{{1}}",
    "{{2}}",
    "{{3}}",
    "{{0}}",
    "{{01}}",
    "{{ 1 }}",
    "{{name}}",
    "{{order_id}}",
    "{{FirstName}}",
    "{{first-name}}",
    "{{a b}}",
    "{{#1}}",
    "{{}}",
    "{{1}",
    "{1}}",
    "{{{1}}}",
    "{{1}}}",
    "{1}",
    "{{1}}{{2}}",
    "{{1}} {{2}}",
    "{{1}}\n{{2}}",
    "{{",
    "}}",
    "{",
    "}",
    "\n",
    "\n\n\n",
    "\t",
    "     ",
    "🎉",
    "👨‍👩‍👧",
    "✓",
    "❤️",
    "*bold*",
    "_it_",
    "~no~",
    "`code`",
    "snake_case",
    "2*3",
    "% off",
    "สวัสดีครับ",
    "您的订单已经发货",
    "\u{200f}",
    "é",
];
const SINGLE_BUTTONS: [&str; 14] = [
    "QUICK_REPLY",
    "URL",
    "PHONE_NUMBER",
    "COPY_CODE",
    "FLOW",
    "CATALOG",
    "MPM",
    "SPM",
    "VOICE_CALL",
    "REQUEST_CONTACT_INFO",
    "ORDER_DETAILS",
    "OTP",
    "PAYMENT_REQUEST",
    "quick_reply",
];

/// A template that Meta would take, whatever it is judged by.
pub(crate) fn good(random: &mut Random) -> Value {
    let named = random.below(3) == 0;
    let category = random.pick(&["UTILITY", "MARKETING", "MARKETING", "AUTHENTICATION"]);
    let mut template = json!({"name": "order_update", "language": random.pick(&["en_US", "tr", "ar", "pt_BR"]),
        "category": category});
    if named {
        template["parameter_format"] = json!(random.pick(&["NAMED", "named"]));
    }
    if category == "AUTHENTICATION" {
        template["components"] = json!([{"type": "BODY", "add_security_recommendation": true},
            {"type": "FOOTER", "code_expiration_minutes": 1 + random.below(90)},
            {"type": "BUTTONS", "buttons": [button(random, "OTP", named)]}]);
        return template;
    }
    let mut components = Vec::new();
    let special = if category == "UTILITY" { 9 } else { random.below(10) };
    match special {
        0 => {
            components.push(media_header("IMAGE"));
            components.push(json!({"type": "LIMITED_TIME_OFFER",
                "limited_time_offer": {"text": "Expiring offer!", "has_expiration": true}}));
            components.push(body(random, named));
            components.push(json!({"type": "BUTTONS",
                "buttons": [button(random, "COPY_CODE", named), button(random, "URL", named)]}));
        }
        1 | 2 => {
            components.push(body(random, named));
            components.push(carousel(random, named, special == 1));
        }
        3 => {
            components.push(json!({"type": "HEADER", "format": "PRODUCT"}));
            components.push(body(random, named));
            components.push(json!({"type": "BUTTONS", "buttons": [{"type": "SPM", "text": "View"}]}));
        }
        _ => {
            if random.below(2) == 0 {
                components.push(header(random, named));
            }
            components.push(body(random, named));
            if random.below(2) == 0 {
                components.push(json!({"type": "FOOTER", "text": "The luckiest shop in town"}));
            }
            if random.below(3) > 0 {
                let kinds: &[&str] = match random.below(4) {
                    0 => &["QUICK_REPLY", "QUICK_REPLY", "URL", "PHONE_NUMBER"],
                    1 => &["URL", "PHONE_NUMBER", "QUICK_REPLY"],
                    2 => &["FLOW"],
                    _ => &["VOICE_CALL", "URL"],
                };
                let buttons: Vec<Value> = kinds.iter().map(|kind| button(random, kind, named)).collect();
                components.push(json!({"type": "BUTTONS", "buttons": buttons}));
            }
        }
    }
    template["components"] = json!(components);
    template
}

/// A good template of which something was changed, now and then more than one thing, and seldom nothing.
pub(crate) fn changed(random: &mut Random) -> Value {
    let mut template = good(random);
    let changes = [0, 1, 1, 1, 1, 1, 2, 2, 3, 5][random.below(10) as usize];
    for _ in 0..changes {
        change(random, &mut template);
    }
    template
}

/// Anything at all in the place of anything.
pub(crate) fn broken(random: &mut Random) -> Value {
    let mut template = changed(random);
    for _ in 0..=random.below(4) {
        let mut paths = Vec::new();
        pointers(&template, String::new(), &mut paths);
        let path = &paths[random.below(paths.len() as u64) as usize];
        let odd = odd_value(random);
        if let Some(place) = template.pointer_mut(path) {
            *place = odd;
        }
    }
    template
}

fn odd_value(random: &mut Random) -> Value {
    match random.below(16) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(1e300),
        4 => json!(""),
        5 => json!([]),
        6 => json!([null, 1, "x"]),
        7 => json!({}),
        8 => json!({"type": {}, "text": [], "buttons": {}, "cards": 1}),
        9 => json!("x".repeat(3000)),
        10 => json!("{{1}} ".repeat(200)),
        11 => json!("{".repeat(300)),
        12 => {
            let mut deep = json!("deep");
            (0..6).for_each(|_| deep = json!({"components": [{"type": "CAROUSEL", "cards": [deep.take()]}]}));
            deep
        }
        13 => carousel(random, false, true),
        _ => json!(text(random, 9)),
    }
}

/// Words and pieces.
pub(crate) fn text(random: &mut Random, parts_max: u64) -> String {
    let parts = random.below(parts_max + 1);
    let mut text = String::new();
    for _ in 0..parts {
        text.push_str(if random.below(2) == 0 { random.pick(&PIECES) } else { random.pick(&WORDS) });
        text.push_str(random.pick(&[" ", " ", " ", "", "\n"]));
    }
    text
}

fn pointers(value: &Value, here: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, inner)| pointers(inner, format!("{here}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, inner)| pointers(inner, format!("{here}/{at}"), found));
        }
        _ => {}
    }
    found.push(here);
}

fn variable(named: bool, at: u64) -> String {
    if named { format!("{{{{value_{at}}}}}") } else { format!("{{{{{at}}}}}") }
}

/// A body with these many variables and fixed words, and its examples.
fn body_of(random: &mut Random, named: bool, variables: u64, words: u64) -> Value {
    let (mut text, mut left) = (String::from(random.pick(&WORDS)), words.saturating_sub(2));
    for at in 1..=variables {
        text += &format!(" {}", variable(named, at));
        let words = if at == variables { left } else { left / (variables - at + 1) };
        for _ in 0..words {
            text += &format!(" {}", random.pick(&WORDS));
        }
        left -= words;
        if words == 0 {
            text += " -";
        }
    }
    text += &format!(" {}", random.pick(&WORDS));
    let mut body = json!({"type": "BODY", "text": text});
    give_examples(&mut body, "body", named, variables);
    body
}

fn body(random: &mut Random, named: bool) -> Value {
    let variables = random.below(4);
    let words = 2 * variables + 2 + random.below(4);
    body_of(random, named, variables, words)
}

fn give_examples(part: &mut Value, place: &str, named: bool, count: u64) {
    if count == 0 {
        return;
    }
    let values: Vec<String> = (1..=count).map(|at| format!("example {at}")).collect();
    part["example"] = if named {
        let one = |(at, value): (usize, &String)| json!({"param_name": format!("value_{}", at + 1), "example": value});
        json!({format!("{place}_text_named_params"): values.iter().enumerate().map(one).collect::<Vec<_>>()})
    } else if place == "header" {
        json!({"header_text": values})
    } else {
        json!({"body_text": [values]})
    };
}

fn media_header(format: &str) -> Value {
    json!({"type": "HEADER", "format": format, "example": {"header_handle": ["4::aW1hZ2U="]}})
}

fn header(random: &mut Random, named: bool) -> Value {
    match random.below(6) {
        0 => json!({"type": "HEADER", "format": "LOCATION"}),
        1 => media_header(random.pick(&["IMAGE", "VIDEO", "DOCUMENT", "GIF"])),
        2 => {
            let mut header = json!({"type": "header", "format": "text",
                "text": format!("Order {} shipped", variable(named, 1))});
            give_examples(&mut header, "header", named, 1);
            header
        }
        _ => json!({"type": "HEADER", "format": "TEXT", "text": "Spring sale"}),
    }
}

fn button(random: &mut Random, kind: &str, named: bool) -> Value {
    let mut button = json!({"type": kind, "text": format!("Tap {}", random.below(1000))});
    match kind.to_ascii_uppercase().as_str() {
        "URL" if random.below(2) == 0 => button["url"] = json!("https://example.com/shop"),
        "URL" => {
            button["url"] = json!(format!("https://example.com/{}", variable(named, 1)));
            button["example"] = json!(["A-1042"]);
        }
        "PHONE_NUMBER" => button["phone_number"] = json!("+15550051310"),
        "COPY_CODE" => button["example"] = json!("SAVE10"),
        "FLOW" => button["flow_id"] = json!("1106540352242922"),
        "OTP" => {
            let otp = random.pick(&["COPY_CODE", "ONE_TAP", "zero_tap"]);
            button["otp_type"] = json!(otp);
            if otp != "COPY_CODE" {
                button["autofill_text"] = json!("Autofill");
                button["supported_apps"] =
                    json!([{"package_name": "com.example.shop", "signature_hash": "K8a/AINcGX7"}]);
            }
            if otp == "zero_tap" {
                button["zero_tap_terms_accepted"] = json!(true);
            }
        }
        _ => {}
    }
    button
}

fn carousel(random: &mut Random, named: bool, of_products: bool) -> Value {
    let (format, kinds): (&str, &[&str]) = match (of_products, random.below(3)) {
        (true, 0) => ("PRODUCT", &["URL"]),
        (true, _) => ("PRODUCT", &["SPM"]),
        (false, 0) => ("VIDEO", &["QUICK_REPLY"]),
        (false, 1) => ("IMAGE", &["PHONE_NUMBER"]),
        (false, _) => ("IMAGE", &["QUICK_REPLY", "URL"]),
    };
    let count = [2, 2, 3, 10][random.below(4) as usize];
    let with_body = random.below(2) == 0;
    let cards = (0..count).map(|_| {
        let mut header = media_header(format);
        if format == "PRODUCT" {
            header = json!({"type": "HEADER", "format": "PRODUCT"});
        }
        let mut parts = vec![header];
        if with_body {
            parts.push(body(random, named));
        }
        let buttons: Vec<Value> = kinds.iter().map(|kind| button(random, kind, named)).collect();
        parts.push(json!({"type": "BUTTONS", "buttons": buttons}));
        json!({"components": parts})
    });
    json!({"type": "CAROUSEL", "cards": cards.collect::<Vec<_>>()})
}
