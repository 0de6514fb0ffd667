//! Any bytes as a template: judged and drawn without panic, twice alike, with answers that are JSON; and what can be read
//! is kept. The bytes are taken as they stand, as the text of a body, or as a template and its values.
#![no_main]

use consentry_core::template::{Context, Json, Request, Template, lint, preview};
use consentry_core::wire::template::v1;
use consentry_fuzz::Input;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

/// Longest answer to a byte of the question.
const ANSWER_TIMES_MAX: usize = 400;

#[rustfmt::skip]
const WORDS: [&str; 64] = [
    "{\"name\":\"a\",\"language\":\"en\",\"category\":\"MARKETING\",\"components\":[", "]}", "{\"type\":\"BODY\",\"text\":\"",
    "{\"type\":\"HEADER\",\"format\":\"TEXT\",\"text\":\"", "{\"type\":\"FOOTER\",\"text\":\"", "\"}", "\"},", ",",
    "{\"type\":\"BUTTONS\",\"buttons\":[", "{\"type\":\"CAROUSEL\",\"cards\":[", "{\"components\":[", "]},",
    "{\"type\":\"URL\",\"text\":\"a\",\"url\":\"https://a.de/", "{\"type\":\"QUICK_REPLY\",\"text\":\"", "{\"type\":\"OTP\",\"otp_type\":\"",
    "{\"type\":\"COPY_CODE\",\"example\":\"", "{\"type\":\"PHONE_NUMBER\",\"text\":\"a\",\"phone_number\":\"", "{\"type\":\"FLOW\",\"flow_id\":\"",
    "\"example\":{\"body_text\":[[\"", "\"]]}", "\"example\":{\"header_handle\":[\"4::a\"]}", "\"body_text_named_params\":[", "AUTHENTICATION",
    "UTILITY", "NAMED", "\"parameter_format\":\"", "\"message_send_ttl_seconds\":", "\"limited_time_offer\":{\"text\":\"", "LIMITED_TIME_OFFER",
    "ZERO_TAP", "ONE_TAP", "\"supported_apps\":[", "{{1}}", "{{2}}", "{{name}}", "{{Name}}", "{{ 1 }}", "{{", "}}", "{", "}", "*", "_", "~",
    "`", "```", "\\n", "\\n- ", "\\n1. ", "\\n> ", " ", "    ", "🎉", "👨‍👩‍👧", "\u{200f}", "مرحبا", "สวัสดี", "您的", "word ", "\\\"", "\\u0000",
    "null", "{}", "[]",
];

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::of(data) else { return };
    let bytes = if input.flag(0, 0) { input.with_words(&WORDS) } else { input.text.to_vec() };
    let text = String::from_utf8_lossy(&bytes);
    match input.below(1, 4) {
        0 => judged(&bytes),
        1 => judged(part("BODY", &text).as_bytes()),
        2 => {
            let (template, values) = text.split_at(text.floor_char_boundary(text.len() / 2));
            let values: Vec<&str> = values.split('|').collect();
            let named = values.iter().enumerate().map(|(at, value)| (at.to_string(), json!(value)));
            drawn(&part("BODY", template), &Value::Object(named.collect()), &input);
        }
        _ => match serde_json::from_slice::<Value>(&bytes) {
            Ok(document) => {
                let values = document.get("values").cloned().unwrap_or_else(|| json!({"1": "a", "name": text}));
                drawn(&document.get("template").unwrap_or(&document).to_string(), &values, &input);
            }
            Err(_) => judged(part("HEADER", &text).as_bytes()),
        },
    }
});

fn part(kind: &str, text: &str) -> String {
    json!({"name": "a", "language": "en", "category": "UTILITY",
        "components": [{"type": kind, "format": "TEXT", "text": text}, {"type": "BODY", "text": text}]})
    .to_string()
}

fn is_exact(document: &Json<'_>) -> bool {
    match document {
        Json::Real(_) => false,
        Json::List(items) => items.iter().all(is_exact),
        Json::Object(members) => members.iter().all(|(_, value)| is_exact(value)),
        _ => true,
    }
}

fn judged(bytes: &[u8]) {
    let report = v1::lint(bytes);
    assert!(serde_json::from_str::<Value>(&report).is_ok(), "{report}");
    assert_eq!(report, v1::lint(bytes));
    assert!(report.len() < ANSWER_TIMES_MAX * (bytes.len() + 16), "{} for {}", report.len(), bytes.len());
    let Ok(template) = Template::parse(bytes) else { return };
    // A fraction of very many digits comes back as the nearest double, or its neighbour.
    if is_exact(template.document()) {
        let kept = template.to_json();
        assert_eq!(Template::parse(&kept).map(|again| again.to_json()), Ok(kept.clone()));
    }
    let _ = lint(&template, &Context { is_edit: true, ..Context::default() });
    let _ = preview(&template, &Request { with_examples: true, ..Request::default() });
}

fn drawn(template: &str, values: &Value, input: &Input<'_>) {
    judged(template.as_bytes());
    let request = format!("{{\"template\":{template},\"values\":{values},\"examples\":{}}}", input.flag(0, 1));
    let report = v1::preview(request.as_bytes());
    assert!(serde_json::from_str::<Value>(&report).is_ok(), "{report}");
    assert_eq!(report, v1::preview(request.as_bytes()));
}
