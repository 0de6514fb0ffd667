//! Meta's own documents: kept to the letter, judged as they were, and sent as its pages send them.

use std::fs;
use std::path::{Path, PathBuf};

use consentry_core::template::{Context, Finding, Json, Request, Template, lint, preview};
use serde_json::Value;

use super::stencils::same_as_preview;

/// What is no good template although a page or a client of Meta's shows it, and the errors that lint must find.
const REFUSED: [(&str, &[&str]); 14] = [
    ("bad_brace_mismatch", &["variable-malformed"]),
    ("bad_header_emoji_newline_format", &["header-plain", "footer-plain"]),
    ("bad_leading_variable", &["variable-at-edge"]),
    ("bad_missing_example", &["example-missing"]),
    ("bad_mixed_formats", &["variables-mixed", "example-missing"]),
    ("bad_name_chars", &["name-invalid", "language-unknown", "category-unknown"]),
    ("bad_named_uppercase", &["variable-name", "variables-mixed", "example-missing"]),
    ("bad_non_sequential", &["variable-sequence"]),
    ("bad_trailing_variable", &["variable-at-edge"]),
    ("legacy_transactional_category", &["category-unknown"]),
    // Taken in 2022.
    ("auth_with_custom_header_body_invalid_today", &["auth-text", "component-not-allowed", "otp-button"]),
    // The page shows it, and its own table forbids it.
    ("marketing_ttl_120_invalid_example", &["ttl-range"]),
    // Placeholders in the place of a language, a format, a handle and an address, and a card with three buttons.
    (
        "marketing_carousel_media_cards_syntax",
        &["language-unknown", "carousel-cards", "carousel-card", "url-invalid"],
    ),
    // Placeholders in the place of name, language and address.
    ("utility_payment_link", &["name-invalid", "language-unknown", "url-invalid"]),
];

/// Templates of the lists that lint finds wrong, and why that is right.
const LISTED_WRONG: [(&str, &[&str]); 0] = [];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/meta").join(name)
}

fn files(name: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.collect();
    paths.sort();
    let stem = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    paths.into_iter().map(|path| (stem(&path), fs::read(&path).unwrap())).collect()
}

/// The document without spaces outside of texts, each letter of a text written in one way.
fn plain(json: &[u8]) -> String {
    let text = std::str::from_utf8(json).unwrap();
    let (mut out, mut chars) = (String::new(), text.char_indices());
    while let Some((at, ch)) = chars.next() {
        match ch {
            '"' => {
                // serde_json reads one text, with its escapes, and we write it again.
                let mut texts = serde_json::Deserializer::from_str(&text[at..]).into_iter::<String>();
                out += &serde_json::to_string(&texts.next().unwrap().unwrap()).unwrap();
                let end = at + texts.byte_offset();
                while chars.offset() < end {
                    chars.next();
                }
            }
            ch if ch.is_ascii_whitespace() => {}
            ch => out.push(ch),
        }
    }
    out
}

#[test]
fn every_document_of_meta_is_kept_to_the_letter() {
    let mut seen = 0;
    for kind in ["template", "list", "send", "error", "webhook"] {
        for (name, bytes) in files(kind) {
            let kept =
                Template::parse(&bytes).unwrap_or_else(|why| panic!("{kind}/{name}: {why:?}")).to_json();
            assert_eq!(String::from_utf8(kept).unwrap(), plain(&bytes), "{kind}/{name}");
            seen += 1;
        }
    }
    assert!(seen > 250, "only {seen} documents");
    let odd = r#"{"b":1,"a":{"z":[],"z":[1,-2,0.5,null,true]},"b":"twice","ü":"\u0000\n😀"}"#;
    assert_eq!(
        String::from_utf8(Template::parse(odd.as_bytes()).unwrap().to_json()).unwrap(),
        plain(odd.as_bytes())
    );
}

fn errors(document: &[u8], context: &Context<'_>) -> Vec<Finding> {
    let mut found = lint(&Template::parse(document).unwrap(), context);
    found.retain(|finding| finding.code.is_error());
    found
}

#[test]
fn what_meta_documents_has_no_error_and_what_is_wrong_the_right_one() {
    for (name, bytes) in files("template").iter().filter(|(name, _)| !name.starts_with("response_")) {
        let context = Context { is_edit: name.starts_with("edit_"), ..Context::default() };
        let found = errors(bytes, &context);
        let codes: Vec<&str> = found.iter().map(|finding| finding.code.id()).collect();
        match REFUSED.iter().find(|(known, _)| known == name) {
            Some((_, wanted)) => {
                for code in *wanted {
                    assert!(codes.contains(code), "{name} has no {code}: {found:?}");
                }
            }
            None => assert!(found.is_empty(), "{name}: {found:?}"),
        }
    }
    let uncertain = errors(
        &fs::read(folder("template/bad_trailing_variable_punctuation.json")).unwrap(),
        &Context::default(),
    );
    assert!(uncertain.is_empty(), "a warning only: Meta prints such bodies itself");
}

#[test]
fn what_meta_lists_has_no_error() {
    let mut seen = 0;
    for (file, bytes) in files("list").iter().filter(|(file, _)| file.starts_with("template")) {
        let list: Value = serde_json::from_slice(bytes).unwrap();
        let templates: Vec<&Value> = match list["data"].as_array() {
            Some(data) => data.iter().filter(|item| item["components"].is_array()).collect(),
            None if list["components"].is_array() => vec![&list],
            None => continue,
        };
        for template in templates {
            let name = template["name"].as_str().unwrap();
            let found = errors(template.to_string().as_bytes(), &Context::default());
            let codes: Vec<&str> = found.iter().map(|finding| finding.code.id()).collect();
            let wanted =
                LISTED_WRONG.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, codes)| codes);
            assert_eq!(codes, wanted, "{file} {name} {}: {found:?}", template["status"]);
            seen += 1;
        }
    }
    assert!(seen > 15, "only {seen} templates");
}

fn document(path: &str) -> Vec<u8> {
    fs::read(folder(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Components in any order; an index as a text, kinds in small letters, as Meta takes them either way.
fn normal(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(normal).collect();
            if items.iter().any(|item| item["parameters"].is_array() || item["cards"].is_array()) {
                items.sort_by_key(Value::to_string);
            }
            Value::Array(items)
        }
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| match (name.as_str(), value) {
                ("index", Value::Number(number)) => (name.clone(), number.to_string().into()),
                ("sub_type", Value::String(kind)) => (name.clone(), kind.to_ascii_lowercase().into()),
                _ => (name.clone(), normal(value)),
            })
            .collect(),
        other => other.clone(),
    }
}

#[test]
fn what_is_sent_is_what_meta_documents() {
    let card = |at: u8, media: &str, payload: &str, end: &str| {
        format!(
            r#""card.{at}.header.media":"{media}","card.{at}.button.0":"{payload}","card.{at}.button.1":"{end}""#
        )
    };
    let cards = [
        card(0, "1558081531584829", "more-aloes", "blue-elf"),
        card(1, "861236878885705", "more-crassulas", "buddhas-temple"),
        card(2, "1587064918516321", "more-echeverias", "black-prince"),
    ];
    let carousel = format!(r#"{{"1":"Alex","2":"20%","3":"20OFF",{}}}"#, cards.join(","));
    for (template, sent, values) in [
        (
            "utility_named_body_only",
            "template_named_body",
            r#"{"first_name":"Jess","order_number":"SKBUP2-4CPIG9"}"#,
        ),
        (
            "utility_named_reservation_image",
            "template_named_image_header_utility",
            r#"{"header.media":"2871834006348767","number_of_guests":"4","day":"Saturday","date":"August 30th, 2025",
                "time":"7:30 pm"}"#,
        ),
        (
            "marketing_limited_time_offer",
            "template_limited_time_offer",
            r#"{"header.media":"1602186516975000","1":"Alex","2":"CARIBE25","offer.expires_ms":1209600000,
                "button.0":"CARIBE25","button.1":"n3mtql"}"#,
        ),
        ("marketing_carousel_media_cards", "template_carousel_media_cards", &carousel),
        (
            "marketing_spm_single_product_named",
            "template_spm_product_header",
            r#"{"header.product":{"product_retailer_id":"nqryix03ez","catalog_id":"194836987003835"},"code":"25OFF",
                "percent":"25%"}"#,
        ),
        (
            "utility_location_header",
            "template_location_header",
            r#"{"header.location":{"latitude":"37.483307","longitude":"-122.148981","name":"Alex Example",
                "address":"1 Hacker Way, Menlo Park, CA 94025"},"1":"Alex","2":"566701"}"#,
        ),
        (
            "utility_document_url_dynamic",
            "template_document_header_url_button",
            r#"{"header.media":{"id":"928860901494862","filename":"Class.pdf"},"1":"Max Sample",
                "button.0":"career-academy/?trk_ref=globalnav"}"#,
        ),
    ] {
        let documented: Value = serde_json::from_slice(&document(&format!("send/{sent}.json"))).unwrap();
        let bytes = document(&format!("template/{template}.json"));
        let to = documented["to"].as_str().unwrap().to_owned();
        let request = Request { values: parsed(values), with_examples: false, to: Some(to.into()) };
        let template = Template::parse(&bytes).unwrap();
        let preview = preview(&template, &request);
        assert!(preview.findings.is_empty(), "{sent}: {:?}", preview.findings);
        let mut payload = serde_json::to_value(&preview.payload).unwrap();
        // Two pages use one template under two names.
        payload["template"]["name"] = documented["template"]["name"].clone();
        if sent == "template_document_header_url_button" {
            payload["template"]["language"] = documented["template"]["language"].clone();
        }
        let mut documented = normal(&documented);
        documented["recipient_type"] = "individual".into();
        assert_eq!(normal(&payload), documented, "{sent}");
        same_as_preview(&bytes, values);
    }
}

fn parsed(values: &str) -> Json<'_> {
    serde_json::from_str(values).unwrap()
}
