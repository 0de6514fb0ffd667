//! What is heard in webhooks: every sample of Meta's, read natively and in the sandbox alike, with nothing of it lost.
//!
//! `tests/vectors/webhook/<sample>.json` holds what is heard in `tests/fixtures/meta/webhook/<sample>.json`;
//! `UPDATE_VECTORS=1` writes it anew, to be read in review.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{env, fs};

use consentry_core::wire::webhook::v1::{Options, read, signature};
use serde_json::{Value, json};

use crate::random::Random;
use crate::vectors::shipped_engine;

/// Samples in whose shape something is odd, and what.
const ODD: [(&str, &str); 4] = [
    ("account_update_partner_app_installed_malformed", "shape-odd"),
    ("bsuid_user_id_update_withdrawn_field", "field-unknown"),
    ("in_message_missing_from", "person-missing"),
    ("unknown_field_future", "field-unknown"),
];

pub(crate) fn samples() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/meta/webhook");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    found.sort();
    assert!(found.len() >= 150, "only {} samples", found.len());
    found
}

fn heard(body: &[u8]) -> Value {
    serde_json::to_value(read(&Options::default(), body)).unwrap()
}

#[test]
fn every_sample_is_heard_alike_natively_and_in_the_sandbox() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/webhook");
    let mut different = Vec::new();
    for (name, body) in samples() {
        let native = serde_json::to_string(&read(&Options::default(), &body)).unwrap();
        let sandboxed = shipped_engine().read_webhook(b"{}", &body).unwrap();
        assert_eq!(String::from_utf8_lossy(&sandboxed), native, "{name}: the sandbox differs");
        let found =
            serde_json::to_string_pretty(&serde_json::from_str::<Value>(&native).unwrap()).unwrap() + "\n";
        let path = folder.join(format!("{name}.json"));
        if env::var_os("UPDATE_VECTORS").is_some() {
            fs::write(path, found).unwrap();
        } else if fs::read_to_string(path).unwrap_or_default() != found {
            different.push(format!("{name}: found\n{found}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn nothing_odd_is_found_but_where_meta_is_odd() {
    let mut wrong = Vec::new();
    for (name, body) in samples() {
        let heard = heard(&body);
        let found: BTreeSet<&str> = heard["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|found| found["code"].as_str().unwrap())
            .collect();
        let expected = ODD.iter().find(|(odd, _)| *odd == name).map(|(_, code)| *code);
        if found != expected.into_iter().collect() {
            wrong.push(format!("{name}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_rule_about_webhooks_speaks() {
    let value = |value: Value| {
        json!({"entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}).to_string()
    };
    let bodies = [
        "no JSON".to_owned(),
        json!({"object": "whatsapp_business_account"}).to_string(),
        json!({"entry": [{"changes": [{"field": "of_tomorrow", "value": {}}]}]}).to_string(),
        value(json!({"messages": [{"from": "1", "id": "w", "type": "text"}]})),
        value(json!({"messages": [{"id": "w", "type": "text"}]})),
        value(json!({"user_preferences": [{"wa_id": "905301112233", "value": "perhaps"}]})),
    ];
    let found: BTreeSet<String> = bodies
        .iter()
        .flat_map(|body| heard(body.as_bytes())["diagnostics"].as_array().unwrap().clone())
        .map(|found| found["code"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found, consentry_core::webhook::RULES.iter().map(|rule| rule.id.to_owned()).collect());
}

#[test]
fn no_value_of_any_sample_is_lost() {
    for (name, body) in samples() {
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        leaves(&serde_json::from_slice(&body).unwrap(), &mut before);
        leaves(&heard(&body)["events"], &mut after);
        // The envelope's own words; times are told as times.
        let envelope = ["whatsapp_business_account", "messages", "whatsapp"];
        let entry_time =
            |leaf: &str| leaf.len() == 10 && after.keys().any(|kept| kept == &format!("{leaf}000"));
        let lost: Vec<_> = before
            .keys()
            .filter(|leaf| {
                !after.contains_key(*leaf) && !envelope.contains(&leaf.as_str()) && !entry_time(leaf)
            })
            .collect();
        // What Meta calls an app where it should say the kind of object.
        assert!(
            lost.iter()
                .all(|leaf| ["page", "user_preferences", "smb_message_echoes"].contains(&leaf.as_str())),
            "{name}: {lost:?}"
        );
    }
}

#[test]
fn the_same_thing_has_the_same_id_alone_in_company_and_in_any_spelling() {
    let (mut ids, mut together) = (BTreeMap::new(), Vec::new());
    for (name, body) in samples() {
        let document: Value = serde_json::from_slice(&body).unwrap();
        let own: Vec<Value> = events(&body).iter().map(|event| event["id"].clone()).collect();
        // Escaped as Meta escapes, and with other white space.
        let spelled = serde_json::to_string_pretty(&document).unwrap().replace('/', "\\/");
        let again: Vec<Value> = events(spelled.as_bytes()).iter().map(|event| event["id"].clone()).collect();
        assert_eq!(own, again, "{name}");
        // One that holds the same message twice holds it under one id.
        if name != "account_update_partner_app_installed_malformed" {
            together.extend(document["entry"].as_array().unwrap().clone());
            ids.extend(own.into_iter().map(|id| (id.to_string(), name.clone())));
        }
    }
    let all = json!({"object": "whatsapp_business_account", "entry": together});
    let of_all: BTreeSet<String> =
        events(all.to_string().as_bytes()).iter().map(|event| event["id"].to_string()).collect();
    assert_eq!(of_all, ids.into_keys().collect());
}

#[test]
fn what_people_say_about_being_written_to_is_heard() {
    let consents = |name: &str| -> Vec<String> {
        let body = &samples().into_iter().find(|(sample, _)| sample == name).unwrap().1;
        let said = events(body).into_iter().filter(|event| event["lane"] == "consent");
        said.map(|event| {
            let who = [&event["number"], &event["user_id"]].map(|who| who.as_str().unwrap_or("-").to_owned());
            format!(
                "{} {} {}",
                event["kind"].as_str().unwrap(),
                who.join(" "),
                event["by"].as_str().unwrap_or("-")
            )
        })
        .collect()
    };
    let expected = [
        ("in_button_quick_reply_template", "opt_out +16505551234 - button"),
        ("user_preferences_resume", "resume +16505551234 - preference"),
        ("user_preferences_resume_bsuid", "resume +16505551234 US.13491208655302741918 preference"),
        ("user_preferences_signup", "sign_up +16505551234 US.13491208655302741918 preference"),
        ("status_failed_131050_unable_to_deliver_the_message_this_rec", "opt_out +16505551234 - error"),
        ("bsuid_system_user_changed_number_with_previous", "moved +16505559999 US.99887766554433221100 -"),
        ("bsuid_system_user_changed_user_id", "moved - US.99887766554433221100 -"),
    ];
    for (name, said) in expected {
        assert_eq!(consents(name), [said], "{name}");
    }
    let stop = samples().into_iter().flat_map(|(_, body)| events(&body)).find(|event| event["by"] == "word");
    assert_eq!(stop.unwrap()["kind"], "opt_out");
    // An agent who writes STOP to a customer speaks for nobody.
    let echo = r#"{"entry":[{"id":"1","changes":[{"field":"smb_message_echoes","value":{"message_echoes":
        [{"from":"15550783881","to":"16505551234","id":"w","type":"text","text":{"body":"STOP"}}]}}]}]}"#;
    assert_eq!(events(echo.as_bytes()).iter().filter(|event| event["lane"] == "consent").count(), 0);
}

#[test]
fn any_bytes_are_heard_and_bounded() {
    let samples = samples();
    let mut random = Random::new(61);
    for round in 0..20_000 {
        let mut body = samples[random.below(samples.len() as u64) as usize].1.clone();
        for _ in 0..=random.below(4) {
            let at = random.below(body.len() as u64 + 1) as usize;
            match random.below(4) {
                0 if at < body.len() => body[at] = random.below(256) as u8,
                1 => body.truncate(at),
                2 => body.insert(at, b"{}[],:\"\\0n"[random.below(10) as usize]),
                _ => {
                    let other = &samples[random.below(samples.len() as u64) as usize].1;
                    let from = random.below(other.len() as u64) as usize;
                    body.splice(at..at, other[from..(from + 60).min(other.len())].iter().copied());
                }
            }
        }
        let told = serde_json::to_string(&read(&Options::default(), &body)).unwrap();
        assert!(
            told.len() < 8 * body.len() + 4_000,
            "round {round}: {} bytes out of {}",
            told.len(),
            body.len()
        );
        assert!(
            told.contains("\"id\":") || !String::from_utf8_lossy(&body).contains("\"messages\":[{"),
            "round {round}"
        );
    }
}

#[test]
fn a_large_body_does_not_grow() {
    let message = |at: usize| json!({"from": "16505551234", "id": format!("wamid.{at}"), "type": "text", "text": {"body": "hi"}});
    let contact =
        |at: usize| json!({"wa_id": format!("1650555{at:04}"), "profile": {"name": "x".repeat(400)}});
    let value = json!({"metadata": {"note": "y".repeat(200_000)}, "contacts": (0..1000).map(contact).collect::<Vec<_>>(),
        "messages": (0..1000).map(message).collect::<Vec<_>>()});
    let body =
        json!({"entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}).to_string();
    let told = serde_json::to_string(&read(&Options::default(), body.as_bytes())).unwrap();
    assert!(told.len() < 3 * body.len(), "{} out of {}", told.len(), body.len());
}

#[test]
fn the_signatures_of_the_samples_hold() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/meta/signature-vectors.json");
    let vectors: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    for vector in vectors.as_array().unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap();
        let verify = |body: &str, secret: &str| {
            signature::verify(body.as_bytes(), text("x_hub_signature_256"), secret.as_bytes())
        };
        assert!(verify(text("raw_body"), text("app_secret")), "{}", vector["name"]);
        assert!(
            !verify(&(text("raw_body").to_owned() + " "), text("app_secret"))
                && !verify(text("raw_body"), "x")
        );
    }
}

fn events(body: &[u8]) -> Vec<Value> {
    heard(body)["events"].as_array().unwrap().clone()
}

/// Every text and number of a document, as text.
fn leaves(value: &Value, found: &mut BTreeMap<String, usize>) {
    match value {
        Value::Object(members) => members.values().for_each(|value| leaves(value, found)),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
        Value::String(text) => *found.entry(text.clone()).or_default() += 1,
        Value::Number(number) => *found.entry(number.to_string()).or_default() += 1,
        Value::Bool(_) | Value::Null => {}
    }
}
