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

/// The tokens of a document, white space apart.
fn tokens(text: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    let (mut is_text, mut is_escaped) = (false, false);
    for byte in text {
        if is_text || !byte.is_ascii_whitespace() {
            kept.push(*byte);
        }
        is_text ^= *byte == b'"' && !is_escaped;
        is_escaped = is_text && *byte == b'\\' && !is_escaped;
    }
    kept
}

/// What a document keeps of its numbers: all of them, digit by digit, where no text has an escape.
fn keeps_everything(bytes: &[u8], template: &Template<'_>) {
    let kept = template.to_json();
    assert_eq!(Template::parse(&kept).map(|again| again.to_json()), Ok(kept.clone()));
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_deep = bytes.iter().filter(|byte| matches!(byte, b'[' | b'{')).count() > 100;
    if !is_deep && !bytes.contains(&b'\\') {
        assert_eq!(String::from_utf8_lossy(&kept), String::from_utf8_lossy(&tokens(bytes)));
    }
}

/// The quick reader reads nothing that the thorough one would not, and reads it in the same way.
fn reads_as_others_do(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let thorough = serde_json::from_str::<Json<'_>>(text);
    if let Some(quick) = consentry_core::json::read(text) {
        assert_eq!(thorough.as_ref().map(Json::lent).ok(), Some(quick.lent()), "{text}");
    }
}

fn judged(bytes: &[u8]) {
    let report = v1::lint(bytes);
    assert!(serde_json::from_str::<Value>(&report).is_ok(), "{report}");
    assert_eq!(v1::judge(bytes), format!(r#"{{"lint":{},"preview":{}}}"#, v1::lint(bytes), v1::preview(bytes)));
    reads_as_others_do(bytes);
    assert!(report.len() < ANSWER_TIMES_MAX * (bytes.len() + 16), "{} for {}", report.len(), bytes.len());
    let Ok(template) = Template::parse(bytes) else { return };
    keeps_everything(bytes, &template);
    let _ = lint(&template, &Context { is_edit: true, ..Context::default() });
    let _ = preview(&template, &Request { with_examples: true, ..Request::default() });
}

fn drawn(template: &str, values: &Value, input: &Input<'_>) {
    judged(template.as_bytes());
    let request = format!("{{\"template\":{template},\"values\":{values},\"examples\":{}}}", input.flag(0, 1));
    let report = v1::preview(request.as_bytes());
    assert!(serde_json::from_str::<Value>(&report).is_ok(), "{report}");
    assert_eq!(
        v1::judge(request.as_bytes()),
        format!(r#"{{"lint":{},"preview":{report}}}"#, v1::lint(request.as_bytes()))
    );
}
