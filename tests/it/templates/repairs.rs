//! Any document gives findings whose places exist and whose repairs repair; and no text, however it is made, takes more
//! than its share of time.

use consentry_core::template::{Code, Context, Finding, Json, Request, Template, lint, preview};
use consentry_core::wire::template::v1;
use serde_json::{Value, json};

use crate::random::Random;
use crate::template_maker::{broken, changed};

const TEMPLATES: u64 = 12_000;

fn found(document: &Value) -> Vec<Finding> {
    let text = document.to_string();
    let template = Template::parse(text.as_bytes()).unwrap();
    let findings = lint(&template, &Context::default());
    assert_eq!(findings, lint(&template, &Context::default()), "{text}");
    findings
}

/// The place, or that around it.
fn exists(document: &Value, path: &str) -> bool {
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    document.pointer(path).is_some() || document.pointer(parent).is_some()
}

/// A JSON Patch of nothing but `add`.
fn mended(document: &Value, finding: &Finding) -> Value {
    let mut document = document.clone();
    for edit in &finding.fix {
        let value = serde_json::to_value(&edit.value).unwrap();
        match document.pointer_mut(&edit.path) {
            Some(place) => *place = value,
            None => {
                let (parent, name) = edit.path.rsplit_once('/').unwrap();
                document.pointer_mut(parent).unwrap()[name] = value;
            }
        }
    }
    document
}

#[test]
fn findings_have_places_and_repairs_repair() {
    let mut repaired = std::collections::BTreeMap::<&str, u32>::new();
    for seed in 0..TEMPLATES {
        let mut random = Random::new(seed);
        let document = if seed % 3 == 0 { broken(&mut random) } else { changed(&mut random) };
        let findings = found(&document);
        let request = Request { with_examples: seed % 2 == 0, ..Request::default() };
        let text = document.to_string();
        let template = Template::parse(text.as_bytes()).unwrap();
        let drawn = preview(&template, &request);
        for finding in
            findings.iter().chain(drawn.findings.iter().filter(|finding| finding.path.starts_with('/')))
        {
            assert!(exists(&document, &finding.path), "seed {seed}: {finding:?} is nowhere in {document}");
            assert!(finding.message.ends_with('.') && finding.found.len() < 400, "{finding:?}");
        }
        for finding in findings.iter().filter(|finding| !finding.fix.is_empty()) {
            let after = found(&mended(&document, finding));
            let is_same = |other: &&Finding| (other.code, &other.path) == (finding.code, &finding.path);
            assert_eq!(after.iter().find(is_same), None, "seed {seed}: {finding:?} of {document}");
            let is_new = |code: Code| code.is_error() && !findings.iter().any(|known| known.code == code);
            let new = after.iter().find(|other| is_new(other.code));
            assert_eq!(new, None, "seed {seed}: {:?} of {document}", finding.fix);
            *repaired.entry(finding.code.id()).or_default() += 1;
        }
    }
    let hardly: Vec<_> = repaired.iter().filter(|(_, count)| **count < 5).collect();
    assert!(repaired.len() > 6 && hardly.is_empty(), "{repaired:?}");
}

/// What might take a time that grows with the square of its length, so often that it fills a document.
fn long_documents(bytes: usize) -> Vec<Value> {
    let mut documents = Vec::new();
    let body = |text: String| {
        json!({"name": "a", "language": "en", "category": "UTILITY",
        "components": [{"type": "BODY", "text": text}, {"type": "HEADER", "format": "TEXT", "text": text}]})
    };
    for unit in [
        "*",
        "_",
        "`",
        "```",
        "``` ",
        "{",
        "}",
        "{{",
        "}}",
        "{{1}",
        "{ ",
        "{{1}}",
        "{{A}}",
        "{{ 1 }}",
        "{{a b}}",
        "* a",
        "*a* ",
        "_*~a",
        "` ",
        "`a",
        "\n",
        "\n- ",
        "🎉",
        "สวัส",
        "您的",
        "> *a*\n",
        "1. ",
        "\u{200b}",
        "word ",
    ] {
        documents.push(body(unit.repeat(bytes / 2 / unit.len())));
    }
    let numbered = |form: fn(usize) -> String| {
        let mut text = String::new();
        let mut at = bytes / 16;
        while text.len() < bytes / 2 && at > 0 {
            text += &form(at);
            at -= 1;
        }
        body(text)
    };
    documents.push(numbered(|at| format!("{{{{{at}}}}} ")));
    documents.push(numbered(|at| format!("{{{{a{at}}}}} ")));
    documents.push(numbered(|at| format!("{{{{A{at}}}}} ")));
    let many = |member: &str, one: &dyn Fn(usize) -> Value| {
        let mut items = Vec::new();
        let length = one(99_999).to_string().len() + 1;
        items.extend((0..bytes / length).map(one));
        let mut template = json!({"name": "a", "language": "en", "category": "MARKETING"});
        template["components"] = match member {
            "components" => json!(items),
            "cards" => json!([{"type": "BODY", "text": "x"}, {"type": "CAROUSEL", "cards": items}]),
            "buttons" => json!([{"type": "BODY", "text": "x"}, {"type": "BUTTONS", "buttons": items}]),
            _ => json!([{"type": "BODY", "text": "x {{1}} x", "example": {member: [items]}}]),
        };
        template
    };
    documents.push(many("components", &|_| json!({"type": "X"})));
    documents.push(many("components", &|at| match at % 3 {
        0 => json!({"type": "BODY", "text": "a {{a}} b"}),
        1 => json!({"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "example": "A"}]}),
        _ => json!({"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "x"}}),
    }));
    documents.push(many("buttons", &|at| json!({"type": "QUICK_REPLY", "text": at.to_string()})));
    documents.push(many("buttons", &|_| json!({"type": "URL", "text": "a", "url": "https://a.de/{{a}}"})));
    documents.push(many("cards", &|_| json!({"components": [{"type": "BODY", "text": "a {{a}} b"}]})));
    documents.push(many("body_text", &|_| json!("a")));
    documents
        .push(many("body_text_named_params", &|at| json!({"param_name": format!("a{at}"), "example": "x"})));
    documents
}

#[test]
fn long_texts_take_no_more_than_their_share_of_time() {
    for bytes in [32, 64, 128, 256].map(|kib| kib * 1024 - 1000) {
        for template in long_documents(bytes) {
            let text = template.to_string();
            let report = v1::lint(&text.as_bytes()[..text.len()]);
            // So much larger at most: no finding stands for each letter.
            assert!(report.len() < 64 * text.len() + 4096, "{} of {}", report.len(), &text[..100]);
        }
    }
    // One value in very many places, and many values.
    for (unit, half) in [("{{a}}", 120_000), ("{{a}} ", 1000), ("{{1}}", 100)] {
        let body = unit.repeat(half / unit.len());
        let template = json!({"name": "a", "language": "en", "category": "UTILITY",
            "components": [{"type": "BODY", "text": body}]});
        let values = json!({"a": "v".repeat(120_000), "1": "w"});
        let report = v1::preview(json!({"template": template, "values": values}).to_string().as_bytes());
        assert!(report.len() < 20 << 20, "{} bytes of {unit}", report.len());
    }
    let values: serde_json::Map<String, Value> =
        (0..10_000).map(|at| (format!("v{at}"), json!("x"))).collect();
    let text: String = (0..10_000).map(|at| format!("{{{{v{at}}}}} ")).collect();
    let template = json!({"name": "a", "language": "en", "category": "UTILITY",
        "components": [{"type": "BODY", "text": text}]});
    let report = v1::preview(json!({"template": template, "values": values}).to_string().as_bytes());
    assert!(report.contains(r#""parameter_name":"v9999""#));
    let deep = "[".repeat(200) + &"]".repeat(200);
    assert!(v1::lint(deep.as_bytes()).contains("template-unreadable"));
    assert_eq!(Template::parse(b"\xef\xbb\xbf{}").unwrap().document(), &Json::Object(Vec::new()));
}
