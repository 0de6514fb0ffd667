//! The people of a campaign across the sandbox's border: any bytes are refused or read, and what is read is written again
//! as it was, judged without panic, and its verdicts come back as they went. And a template compiled for many people against
//! preview: the same values are refused, the same request is written.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use consentry_core::campaign::preflight::{Batch, Judge};
use consentry_core::campaign::problem::Code;
use consentry_core::campaign::stencil::{Given, Stencil};
use consentry_core::template::{Json, Request, Template, preview};
use consentry_core::wire::campaign::batch;
use consentry_core::wire::campaign::preflight::v1;
use consentry_fuzz::Input;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

const TO: u64 = 905_301_112_233;

#[rustfmt::skip]
const WORDS: [&str; 32] = [
    "{{1}}", "{{2}}", "{{3}}", "{{name}}", "{{", "}}", "|", "||", " ", "     ", "\n", "\t", "word ", "🎉", "مرحبا", "é", "\"", "\\", "%20", "%",
    "https://", ":", "1", "42", "730519482617000", "730519482617", "0123456789", "*", "{}", "[]", "SAVE10", "\u{a0}",
];

static JUDGE: LazyLock<Judge> = LazyLock::new(|| {
    let attribute = |name: &str| json!({"attribute": {"name": name}});
    let message = json!({"share_percent": 50, "template": {"name": "a", "language": "en", "category": "MARKETING", "components": [
            {"type": "BODY", "text": "Hello {{1}} and {{2}}."},
            {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "a", "url": "https://a.de/{{1}}"}]}]},
        "values": {"1": attribute("a"), "2": attribute("b"), "button.0": attribute("c")}});
    let terms = json!({"messages": [message, message], "control_percent": 10, "sends_max": 2,
        "numbers": ["+908505550001", "+908505550002"]});
    v1::begin(terms.to_string().as_bytes()).0.expect("the terms are good")
});

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::of(data) else { return };
    match input.below(0, 4) {
        0 => people(&[b"CPB1", input.text].concat()),
        1 => verdicts(&[b"CPV1", input.text].concat()),
        2 => damaged(&input),
        _ => compiled(&String::from_utf8_lossy(&input.with_words(&WORDS)), &input),
    }
});

fn people(bytes: &[u8]) {
    let Ok(people) = batch::decode(bytes) else { return };
    let mut again = Vec::new();
    batch::encode(&people, 0..people.len(), &mut again);
    assert_eq!(again, bytes);
    let judged = JUDGE.clone().judge(&people);
    assert_eq!(judged.len(), people.len());
    again.clear();
    batch::encode_verdicts(&judged, &mut again);
    assert_eq!(batch::decode_verdicts(&again), Ok(judged));
}

fn verdicts(bytes: &[u8]) {
    let Ok(verdicts) = batch::decode_verdicts(bytes) else { return };
    let mut again = Vec::new();
    batch::encode_verdicts(&verdicts, &mut again);
    assert_eq!(again, bytes);
    (0..verdicts.len()).for_each(|at| drop(verdicts.values_of(at).to_vec()));
}

/// People made of the text, judged in two parts and as one; then a byte of them changed.
fn damaged(input: &Input<'_>) {
    let text = String::from_utf8_lossy(&input.with_words(&WORDS)).into_owned();
    let mut people = Batch::with_columns(3);
    for (at, person) in text.split('|').enumerate() {
        let number = TO + (at as u64) * u64::from(input.flag(1, 0)) * 7_777_777_777;
        people.push(number, 1 + (at % 3 == 2) as u8, at as u32 % 4, person.splitn(3, ' '));
    }
    let whole = JUDGE.clone().judge(&people);
    let middle = people.len() * input.below(2, 256) / 256;
    let mut parts = consentry_core::campaign::preflight::Verdicts::default();
    for part in [0..middle, middle..people.len()] {
        let mut bytes = Vec::new();
        batch::encode(&people, part, &mut bytes);
        let part = batch::decode(&bytes).expect("what was written is read");
        parts.append(JUDGE.clone().judge(&part));
    }
    assert_eq!(parts, whole);
    let mut bytes = Vec::new();
    batch::encode(&people, 0..people.len(), &mut bytes);
    let at = (input.below(3, 256) << 8 | input.below(4, 256)) % bytes.len();
    bytes[at] = bytes[at].wrapping_add(input.below(5, 256) as u8);
    people_or_nothing(&bytes);
}

fn people_or_nothing(bytes: &[u8]) {
    if let Ok(people) = batch::decode(bytes) {
        let _ = JUDGE.clone().judge(&people);
    }
}

/// The first piece is a text, the second the end of an address, the others are values.
fn compiled(text: &str, input: &Input<'_>) {
    let mut pieces = text.split('|');
    let (body, address) = (pieces.next().unwrap_or_default(), pieces.next().unwrap_or_default());
    let category = ["MARKETING", "AUTHENTICATION"][input.below(1, 2)];
    let header = ["TEXT", "IMAGE"][input.below(2, 2)];
    let button = ["QUICK_REPLY", "COPY_CODE", "OTP", "FLOW"][input.below(3, 4)];
    let template = json!({"name": "a", "language": "en", "category": category, "components": [
        {"type": "HEADER", "format": header, "text": body},
        {"type": "BODY", "text": body},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "a", "url": format!("https://a.de/{address}")},
            {"type": button, "text": "b"}]}]});
    let names = ["1", "2", "3", "name", "header.1", "header.media", "button.0", "button.1", "header.2"];
    let (mut given, mut values, mut own) = (BTreeMap::new(), Map::new(), BTreeMap::new());
    for (at, name) in names.into_iter().enumerate() {
        let value = pieces.next().unwrap_or("1");
        values.insert(name.to_owned(), json!(value));
        // What is an object as text is one here, and a text there.
        let is_same = input.flag(4, (at % 8) as u8) && !value.trim_start().starts_with(['{', '[']);
        let one = if is_same {
            Given::Text(value.to_owned())
        } else {
            own.insert(name, value);
            Given::Attribute { name: name.to_owned(), default: None }
        };
        given.insert(name.to_owned(), one);
    }
    let bytes = template.to_string();
    let read = Template::parse(bytes.as_bytes()).expect("it was written by serde_json");
    let all = Value::Object(values).to_string();
    let all: Json<'_> = serde_json::from_str(&all).expect("it was written by serde_json");
    let request = Request { values: all, with_examples: false, to: Some(format!("+{TO}").into()) };
    let drawn = preview(&read, &request);
    let is_refused = drawn.findings.iter().any(|finding| finding.code.is_error());
    let Ok(stencil) = Stencil::compile(bytes.as_bytes(), &given, None) else {
        assert!(is_refused, "{bytes}");
        return;
    };
    let values: Vec<&str> = stencil.wanted().iter().map(|wanted| own[wanted.name.as_str()]).collect();
    let mut said = Vec::new();
    stencil.judge(&values, &mut Vec::new(), &mut |code, place| said.push((code, place)));
    said.retain(|(code, _)| code.is_error());
    let is_own = |(code, _): &(Code, usize)| matches!(code, Code::ValueMissing | Code::UrlInvalid);
    assert!(is_refused && !said.is_empty() || !is_refused && said.iter().all(is_own), "{said:?} {bytes}");
    if said.is_empty() {
        let mut out = String::new();
        stencil.payload(&values, &|_| String::new(), TO, "x", &mut out);
        let mut payload: Value = serde_json::from_str(&out).expect("a request is JSON");
        payload.as_object_mut().expect("and an object").remove("biz_opaque_callback_data");
        assert_eq!(payload, serde_json::to_value(&drawn.payload).expect("a payload is JSON"));
    }
}
