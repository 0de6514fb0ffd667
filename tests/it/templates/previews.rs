//! Previews with any values: what is said to be sendable keeps Meta's limits, and what is drawn is what is sent.

use consentry_core::template::preview::{DrawnBlock, Source};
use consentry_core::template::{Context, Json, Request, Template, lint, preview};
use serde_json::{Value, json};

use super::checker;
use crate::random::Random;
use crate::template_maker::{broken, changed, good, text};

const TEMPLATES: u64 = 8_000;

/// What might stand in the place of a variable; longer, stranger and emptier than anybody means it.
pub(super) fn value(random: &mut Random) -> Value {
    match random.below(24) {
        0 => json!(""),
        1 => json!(" "),
        2 => json!("two\nlines"),
        3 => json!("a\ttab"),
        4 => json!("five     spaces"),
        5 => json!("four    spaces"),
        6 => json!("{{1}} {{first_name}}"),
        7 => json!("*bold* _it_ `code` ```"),
        8 => json!("مرحبا بك"),
        9 => json!("🎉👨‍👩‍👧"),
        10 => json!("x".repeat(60 + random.below(3) as usize)),
        11 => json!("y".repeat(1024)),
        12 => json!("z".repeat(33_000)),
        13 => json!(7),
        14 => json!(null),
        15 => {
            json!({"type": "currency", "currency": {"fallback_value": "$35\n", "code": "USD", "amount_1000": 35}})
        }
        16 => json!({"type": "date_time", "date_time": {"fallback_value": "May 10th"}}),
        17 => json!({"type": "image", "image": {"id": "1"}}),
        18 => json!(["a"]),
        19 => json!(text(random, 5)),
        20 => json!("A1".repeat(7 + random.below(5) as usize)),
        _ => json!("Sarah"),
    }
}

/// Values for every name that a template may ask for, most of them good.
pub(crate) fn values(random: &mut Random, wild: bool) -> Value {
    let mut values = serde_json::Map::new();
    let mut give = |random: &mut Random, name: String, good: Value| {
        let value = if wild && random.below(4) == 0 { value(random) } else { good };
        values.insert(name, value);
    };
    let mut prefixes = vec![String::new()];
    prefixes.extend((0..10).map(|card| format!("card.{card}.")));
    for prefix in prefixes {
        for at in 1..=6 {
            give(random, format!("{prefix}{at}"), json!(format!("V{at}")));
            give(random, format!("{prefix}value_{at}"), json!(format!("N{at}")));
        }
        give(random, format!("{prefix}header.1"), json!("Spring"));
        give(random, format!("{prefix}header.media"), json!("https://example.com/a.jpg"));
        give(random, format!("{prefix}header.location"), json!({"latitude": 37.5, "longitude": "-122.1"}));
        if prefix.is_empty() {
            give(random, "header.product".into(), json!({"product_retailer_id": "a", "catalog_id": "b"}));
        }
        for at in 0..10 {
            give(random, format!("{prefix}button.{at}"), json!("A1042"));
        }
    }
    for card in 0..2 + random.below(3) {
        let product = json!({"product_retailer_id": "a", "catalog_id": "b"});
        give(random, format!("card.{card}.header.product"), product);
    }
    give(random, "offer.expires_ms".into(), json!(1_800_000_000_000_u64));
    give(random, "code".into(), json!("123456"));
    Value::Object(values)
}

#[test]
fn what_is_said_to_be_sendable_keeps_the_limits() {
    let (mut sendable, mut refused) = (0, 0);
    for seed in 0..TEMPLATES {
        let mut random = Random::new(seed);
        let document = match seed % 4 {
            0 => broken(&mut random),
            1 => changed(&mut random),
            _ => good(&mut random),
        };
        let (bytes, wild) = (document.to_string(), seed % 3 > 0);
        let values = values(&mut random, wild).to_string();
        let template = Template::parse(bytes.as_bytes()).unwrap();
        let values: Json<'_> = serde_json::from_str(&values).unwrap();
        let request = Request { values, with_examples: seed % 5 == 0, to: Some("+905301112233".into()) };
        let preview = preview(&template, &request);
        assert_eq!(preview, consentry_core::template::preview(&template, &request), "{bytes}");
        let is_good = lint(&template, &Context::default()).iter().all(|finding| !finding.code.is_error());
        if preview.findings.iter().any(|finding| finding.code.is_error()) {
            refused += 1;
        } else if is_good {
            sendable += 1;
            let payload = serde_json::to_value(&preview.payload).unwrap();
            if let Err(why) = checker::check(&document, &payload) {
                panic!("seed {seed}: {why}\n{document}\n{payload}");
            }
        }
        if is_good {
            shows_what_is_sent(&document, &preview, seed);
        }
    }
    assert!(sendable > TEMPLATES / 8 && refused > TEMPLATES / 8, "{sendable} sendable, {refused} refused");
}

/// The body as it is drawn has every letter of what is sent but the marks, in its order.
fn shows_what_is_sent(document: &Value, preview: &consentry_core::template::Preview<'_>, seed: u64) {
    let own = |part: &&Value| part["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("BODY"));
    let body = document["components"].as_array().and_then(|parts| parts.iter().find(own));
    let Some(text) = body.and_then(|body| body["text"].as_str()) else { return };
    let payload = serde_json::to_value(&preview.payload).unwrap();
    let Some(whole) = checker::filled(text, &checker::parameters(&payload["template"]["components"], "body"))
    else {
        return;
    };
    if preview.findings.iter().any(|finding| finding.code.is_error()) {
        return;
    }
    let line = |block: &DrawnBlock<'_>| {
        block.spans.iter().map(|span| &block.text[span.at.clone()]).collect::<String>()
    };
    let drawn: String = preview.drawn.body.iter().map(line).collect();
    let mut left = whole.chars();
    for ch in drawn.chars() {
        let between: String = left.by_ref().take_while(|other| *other != ch).collect();
        let is_mark = |other: char| "*_~`->.0123456789".contains(other) || other.is_whitespace();
        assert!(between.chars().all(is_mark), "seed {seed}: {between:?} is not drawn of {whole:?}");
    }
    for block in &preview.drawn.body {
        assert_eq!(line(block), block.text, "{block:?}");
        assert!(!block.text.contains('\n'), "{block:?}");
        for span in &block.spans {
            assert!(!span.at.is_empty(), "{span:?}");
            assert_eq!(span.variable.is_some(), span.source != Source::Fixed, "{span:?}");
        }
    }
}
