//! What a preview says is fine, the stand-in sends; what it reports, the stand-in refuses with the code it names.

use consentry_core::template::{Code, Context, Finding, Request, Template, lint, preview};
use consentry_host::sandbox::example::{NUMBER_ID, WABA_ID};
use serde_json::{Value, json};

use super::client::Api;
use crate::random::Random;
use crate::template_maker::good;
use crate::templates::values;

const DAY_MS: i64 = 86_400_000;
const TEMPLATES: u64 = 90;
const MESSAGES_OF_EACH: u64 = 6;

/// Codes with which something may be refused that a preview finds. Meta names what it stumbles over first, so that a
/// value that is not there is a wrong count, a parameter that is missing, a header of another kind, or an empty coupon.
fn codes(finding: &str) -> &'static [u64] {
    match finding {
        "value-missing" => &[132_000, 131_008, 132_012, 132_018],
        "value-spacing" => &[132_018],
        "value-too-long" => &[132_005],
        // A coupon has wrong characters, a password is too long.
        "code-invalid" => &[132_018, 132_005],
        "media-invalid" => &[132_012, 131_008, 131_009],
        "value-shape" => &[132_012, 131_008, 132_018, 132_000],
        other => panic!("{other} is not known here"),
    }
}

#[test]
fn what_a_preview_says_of_a_message_is_what_happens_to_it() {
    let number = format!(
        "[[number]]\nid = \"{NUMBER_ID}\"\nwaba = \"{WABA_ID}\"\ndisplay = \"+90 530 111 22 33\"\nname = \"Shop\"\n\
         throughput_per_s = 1000000\n"
    );
    let api = Api::quiet(&number);
    let mut templates = Vec::new();
    for seed in 0..TEMPLATES {
        let mut template = good(&mut Random::new(seed));
        template["name"] = json!(format!("preview_{seed}"));
        let bytes = template.to_string();
        let findings = lint(&Template::parse(bytes.as_bytes()).unwrap(), &Context::default());
        assert!(findings.iter().all(|finding| !finding.code.is_error()), "{bytes}: {findings:?}");
        let answer = api.post(&format!("{WABA_ID}/message_templates"), &template);
        // Two may have been made with the same words.
        if answer.status == 200 {
            templates.push(template);
        }
    }
    api.advance(2 * DAY_MS);
    let (mut sent, mut refused, mut tries, mut disagreements) = (0, 0, 0_u64, Vec::new());
    for (seed, template) in templates.iter().enumerate() {
        let name = template["name"].as_str().unwrap();
        let listed = api.get(&format!("{WABA_ID}/message_templates?name={name}")).ok();
        if listed["data"][0]["status"] != "APPROVED" {
            continue;
        }
        for turn in 0..MESSAGES_OF_EACH {
            tries += 1;
            let mut random = Random::new(seed as u64 * 100 + turn);
            let mut values = values(&mut random, turn > 1);
            // By which of its two cards a third one is judged, no page says; here they have texts of their own.
            let is_third = |name: &String| name.ends_with(".header.product") && name.as_str() > "card.2";
            values.as_object_mut().unwrap().retain(|name, _| !is_third(name));
            let values = values.to_string();
            let bytes = template.to_string();
            let request = Request {
                values: serde_json::from_str(&values).unwrap(),
                with_examples: false,
                to: Some(format!("+9053011{tries:05}").into()),
            };
            let judged = Template::parse(bytes.as_bytes()).unwrap();
            let preview = preview(&judged, &request);
            let payload: Value = serde_json::to_value(&preview.payload).unwrap();
            let answer = api.post(&format!("{NUMBER_ID}/messages"), &payload);
            let errors: Vec<&str> = preview
                .findings
                .iter()
                .filter(|finding| finding.code.is_error())
                .map(|finding| finding.code.id())
                .collect();
            // A value of the wrong kind for a button that needs none is left out, and the rest arrives.
            let is_left_out = |finding: &Finding| {
                !finding.code.is_error()
                    || (finding.code == Code::ValueShape && finding.path.contains("button."))
            };
            let agrees = match answer.status {
                200 => preview.findings.iter().all(is_left_out),
                _ => {
                    let code = answer.json()["error"]["code"].as_u64().unwrap();
                    errors.iter().any(|error| codes(error).contains(&code))
                }
            };
            if !agrees {
                let told = &answer.text;
                disagreements.push(format!("{errors:?}, {} {told}\n{bytes}\n{payload}", answer.status));
            }
            sent += u32::from(answer.status == 200);
            refused += u32::from(answer.status == 400);
        }
    }
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n\n"));
    assert!(sent > 100 && refused > 40, "{sent} sent, {refused} refused");
}
