//! Compiled templates against preview: the same values are refused, and the same request is written, for any template and
//! whichever of its values are different for each person.

use std::collections::BTreeMap;

use consentry_core::campaign::problem::Code;
use consentry_core::campaign::stencil::{Given, Stencil};
use consentry_core::template::{Json, Request, Template, preview};
use serde_json::{Value, json};

use super::previews::{value, values};
use crate::random::Random;
use crate::template_maker::{broken, changed, good};

const TEMPLATES: u64 = 3_000;
const PEOPLE: u64 = 4;
const TO: u64 = 905_301_112_233;

/// What came of one template.
#[derive(Debug, Default)]
struct Counts {
    refused: u64,
    compiled: u64,
    sent: u64,
    problems: BTreeMap<&'static str, u64>,
}

fn errors(bytes: &[u8], values: &Value) -> (Vec<String>, Value) {
    let template = Template::parse(bytes).unwrap();
    let text = values.to_string();
    let values: Json<'_> = serde_json::from_str(&text).unwrap();
    let request = Request { values, with_examples: false, to: Some(format!("+{TO}").into()) };
    let preview = preview(&template, &request);
    let errors = preview.findings.iter().filter(|finding| finding.code.is_error());
    (errors.map(|finding| finding.path.clone()).collect(), serde_json::to_value(&preview.payload).unwrap())
}

/// The payload of a stencil as it is sent, without what is repeated in webhooks.
fn payload(stencil: &Stencil, values: &[&str]) -> Value {
    let mut out = String::from("before");
    stencil.payload(values, &|_| String::new(), TO, "consentry:t1.c7.\"12\".1", &mut out);
    let mut payload: Value = serde_json::from_str(out.strip_prefix("before").unwrap()).unwrap();
    let data = payload.as_object_mut().unwrap().remove("biz_opaque_callback_data");
    assert_eq!(data, Some(json!("consentry:t1.c7.\"12\".1")));
    payload
}

/// Preview draws what has no name; nothing can be sent with it.
fn is_nameless(bytes: &[u8]) -> bool {
    let template: Value = serde_json::from_slice(bytes).unwrap();
    ["name", "language"].iter().any(|member| template[member].as_str().is_none_or(str::is_empty))
}

/// Holds both against each other: `people` are the texts of those values that are different for each.
fn compare(
    bytes: &[u8],
    same: &BTreeMap<String, Value>,
    people: &[BTreeMap<String, String>],
    counts: &mut Counts,
) {
    let mut given = BTreeMap::new();
    for (name, value) in same {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        given.insert(name.clone(), Given::Text(text));
    }
    for name in people[0].keys() {
        given.insert(name.clone(), Given::Attribute { name: format!("attribute {name}"), default: None });
    }
    let compiled = Stencil::compile(bytes, &given, None);
    counts.refused += u64::from(compiled.is_err());
    counts.compiled += u64::from(compiled.is_ok());
    for person in people {
        let mut all = serde_json::Map::new();
        all.extend(same.iter().map(|(name, value)| (name.clone(), value.clone())));
        all.extend(person.iter().map(|(name, text)| (name.clone(), json!(text))));
        let (errors, wanted) = errors(bytes, &Value::Object(all));
        let case = || {
            let odd: Vec<String> = person.iter().map(|(name, text)| format!("{name}={text:.40}")).collect();
            format!("{}\n{}", String::from_utf8_lossy(bytes), odd.join("|"))
        };
        let stencil = match &compiled {
            Ok(stencil) => stencil,
            Err(faults) => {
                let is_nobody =
                    faults.iter().any(|fault| fault.code == Code::TemplateUnreadable) && is_nameless(bytes);
                assert!(
                    is_nobody || !errors.is_empty(),
                    "refused for {faults:?}, and preview is content\n{}",
                    case()
                );
                continue;
            }
        };
        let own: Vec<&str> = stencil.wanted().iter().map(|wanted| person[&wanted.name].as_str()).collect();
        let places: Vec<&str> = stencil.places().collect();
        let mut said = Vec::new();
        stencil.judge(&own, &mut Vec::new(), &mut |code, place| said.push((code, place)));
        for (code, place) in &said {
            *counts.problems.entry(code.rule().id).or_default() += 1;
            assert!(*place < places.len(), "{code:?}");
        }
        said.retain(|(code, _)| code.is_error());
        // A value that everybody else has is missing wherever it stands, and an address may be too long or broken.
        let is_own = |(code, place): &(Code, usize)| match code {
            Code::ValueMissing => own[*place].trim().is_empty(),
            code => *code == Code::UrlInvalid,
        };
        if errors.is_empty() {
            assert!(said.iter().all(is_own), "{said:?}, and preview is content\n{}", case());
        } else {
            assert!(!said.is_empty(), "all is well, and preview says {errors:?}\n{}", case());
        }
        if said.is_empty() {
            counts.sent += 1;
            assert_eq!(payload(stencil, &own), wanted, "{}", case());
        }
    }
}

/// Values for a template, and which of them are attributes.
fn dealt(random: &mut Random) -> (BTreeMap<String, Value>, Vec<BTreeMap<String, String>>) {
    let wild = random.below(2) == 0;
    let all = values(random, wild);
    let share = random.below(5);
    let (mut same, mut names) = (BTreeMap::new(), Vec::new());
    for (name, value) in all.as_object().unwrap() {
        let is_object = value.is_object() || value.is_array();
        let takes =
            name.contains("header.location") || name.contains("header.product") || name.contains("button.");
        match value {
            Value::String(text) if random.below(4) < share => names.push((name.clone(), text.clone())),
            Value::String(_) => drop(same.insert(name.clone(), value.clone())),
            _ if is_object && takes => drop(same.insert(name.clone(), value.clone())),
            // The end of an offer, numbers.
            _ => drop(same.insert(name.clone(), json!(value.to_string()))),
        }
    }
    if names.is_empty() {
        same.remove("1");
        names.push(("1".to_owned(), "V1".to_owned()));
    }
    if random.below(2) == 0 {
        same.remove("offer.expires_ms");
        names.push(("offer.expires_ms".to_owned(), "1800000000000".to_owned()));
    }
    let people = (0..PEOPLE).map(|_| {
        let odd = [0, 0, 2, 20][random.below(4) as usize];
        let mut text = |own: &String| match value(random) {
            _ if random.below(100) >= odd => own.clone(),
            Value::String(text) => text,
            other => other.to_string(),
        };
        names.iter().map(|(name, own)| (name.clone(), text(own))).collect()
    });
    let people = people.collect();
    (same, people)
}

#[test]
fn a_stencil_refuses_what_preview_refuses_and_writes_what_preview_writes() {
    let mut counts = Counts::default();
    for seed in 0..TEMPLATES {
        let mut random = Random::new(seed);
        let document = match seed % 4 {
            0 => broken(&mut random),
            1 => changed(&mut random),
            _ => good(&mut random),
        };
        let (same, people) = dealt(&mut random);
        compare(document.to_string().as_bytes(), &same, &people, &mut counts);
    }
    let Counts { refused, compiled, sent, problems } = &counts;
    assert!(*sent > TEMPLATES && *compiled > TEMPLATES / 3 && *refused > TEMPLATES / 20, "{counts:?}");
    for code in [
        "value-missing",
        "text-too-long",
        "value-spacing",
        "value-too-long",
        "code-invalid",
        "media-invalid",
        "value-shape",
        "url-invalid",
        "url-encoded",
        "payload-too-long",
    ] {
        assert!(problems.contains_key(code), "{code}: {counts:?}");
    }
}

/// Cards that are sent more often than they are defined share their places: one that is too long is not hidden by another.
#[test]
fn a_repeated_card_that_is_too_long_for_everybody_is_told() {
    let card = json!({"components": [{"type": "HEADER", "format": "PRODUCT"}, {"type": "BODY", "text": "For {{1}} only"}]});
    let template = json!({"name": "a", "language": "en", "category": "MARKETING", "components": [
        {"type": "BODY", "text": "Hello"}, {"type": "CAROUSEL", "cards": [card, card]}]});
    let product = r#"{"product_retailer_id":"a","catalog_id":"b"}"#;
    let mut values = BTreeMap::new();
    for place in 0..3 {
        values.insert(format!("card.{place}.header.product"), Given::Text(product.to_owned()));
        values.insert(format!("card.{place}.1"), Given::Attribute { name: "name".to_owned(), default: None });
    }
    assert!(Stencil::compile(template.to_string().as_bytes(), &values, None).is_ok());
    values.insert("card.1.1".to_owned(), Given::Text("long ".repeat(300)));
    let faults = Stencil::compile(template.to_string().as_bytes(), &values, None).unwrap_err();
    assert_eq!(
        (faults[0].code, faults[0].path.as_str()),
        (Code::TextTooLong, "/components/1/cards/1/components/1/text")
    );
}

/// A sample that is sent, with all of its texts different for each person.
pub(super) fn same_as_preview(bytes: &[u8], values: &str) {
    let values: BTreeMap<String, Value> = serde_json::from_str(values).unwrap();
    let (own, same): (BTreeMap<_, _>, BTreeMap<_, _>) =
        values.into_iter().partition(|(_, value)| !value.is_object());
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let own = own.into_iter().map(|(name, value)| (name, text(value))).collect();
    let mut counts = Counts::default();
    compare(bytes, &same, &[own], &mut counts);
    assert_eq!(counts.sent, 1, "{counts:?}");
}
