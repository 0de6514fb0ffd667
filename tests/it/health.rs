//! How everything stands, as the real server tells it: a good sandbox, people's words that nobody acts on, a number that people
//! block, a backup; and that every finding is described and has its words in the panel.

use std::collections::BTreeSet;

use consentry_core::time::UnixMs;
use consentry_host::clock::{Clock as _, SystemClock};
use consentry_host::health::FINDINGS;
use consentry_host::store::TenantId;
use consentry_host::store::inbox::{Inbox as _, Lane, NewEvent, OPT_OUT, SqliteInbox};
use consentry_host::store::sqlite::FILE_NAME;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::program::{Program, Server, wait_until};

const HOUR_MS: i64 = 3_600_000;

fn health(server: &Server) -> Value {
    let answer = server.get("/api/v1/health");
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn codes(health: &Value) -> BTreeSet<String> {
    let findings = health["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

/// Once the sandbox's account is connected and pulled.
fn connected(server: &Server) -> Value {
    let mut found = Value::Null;
    wait_until("the sandbox's account is there", || {
        found = health(server);
        !found["accounts"][0]["looked_at"].is_null()
    });
    found
}

#[test]
fn a_fresh_sandbox_is_good_and_says_what_is_known_of_its_number() {
    let program = Program::new();
    let server = program.serve(&["--sandbox"]);
    let found = connected(&server);
    // How full the disk of this machine is, is not the test's to say.
    let own = codes(&found).into_iter().filter(|code| !code.starts_with("disk-")).collect::<Vec<_>>();
    assert!(own.is_empty(), "{found}");
    let account = &found["accounts"][0];
    assert_eq!((&account["sandbox"], &account["subscribed"]), (&json!(true), &json!(true)), "{found}");
    let number = &account["numbers"][0];
    assert_eq!((&number["status"], &number["quality"]), (&json!("CONNECTED"), &json!("GREEN")), "{found}");
    assert_eq!(number["name_status"], "APPROVED", "{found}");
    assert!(number["limit"].is_string() && found["store"]["bytes"].as_u64() > Some(0), "{found}");
    assert_eq!((&found["store"]["kind"], &found["imports"]["waits"]), (&json!("folder"), &json!(0)));
}

#[test]
fn a_number_that_people_block_and_a_name_that_is_not_approved_are_told() {
    let program = Program::new();
    program.write(
        "scenario.toml",
        "[[number]]\nid = \"106540352242922\"\nwaba = \"102290129340398\"\ndisplay = \"+90 212 555 01 00\"\nname = \"Shop\"\n\
         quality = \"RED\"\nname_status = \"PENDING_REVIEW\"\n",
    );
    let server = program.serve(&["--sandbox", "--scenario", "scenario.toml"]);
    let found = connected(&server);
    let codes = codes(&found);
    assert!(codes.contains("quality-low") && codes.contains("name-waits"), "{found}");
    assert_eq!((&found["state"], &found["findings"][0]["state"]), (&json!("act"), &json!("act")), "{found}");
}

#[test]
fn words_that_nobody_acts_on_are_told_until_somebody_does() {
    let program = Program::new();
    let server = program.serve(&[]);
    assert!(health(&server)["inbox"]["last"].is_null());
    // Whoever acts on words has to write into the store, and somebody keeps that to themselves.
    let store = Connection::open(program.data().join(FILE_NAME)).unwrap();
    store.execute_batch("BEGIN IMMEDIATE").unwrap();
    let received = UnixMs(SystemClock.now().0 - HOUR_MS);
    let word = NewEvent {
        id: "w1".to_owned(),
        lane: Lane::Consent,
        kind: OPT_OUT.to_owned(),
        to_do: true,
        at: Some(received),
        received,
        number: Some(905_301_112_233),
        user: None,
        message_id: None,
        told: None,
        body: json!({"kind": "opt_out", "id": "w1", "lane": "consent", "at_ms": received.0, "number": "+905301112233",
            "phone_number_id": "106540352242922", "waba_id": "102290129340398", "by": "word"})
        .to_string(),
    };
    let inbox = SqliteInbox::open(&program.data()).unwrap();
    let place = inbox.take(TenantId::DEFAULT, &[word], None).unwrap()[0].unwrap();
    let found = health(&server);
    assert!(codes(&found).contains("opt-outs-wait"), "{found}");
    assert_eq!(found["inbox"]["consent"], json!({"waits": 1, "oldest_at": received.to_string()}));
    assert_eq!(found["inbox"]["last"]["phone_number_id"], "106540352242922", "{found}");
    assert_eq!(found["state"], "act");
    store.execute_batch("ROLLBACK").unwrap();
    inbox.done(TenantId::DEFAULT, &[place]).unwrap();
    assert_eq!(health(&server)["inbox"]["consent"], json!({"waits": 0}));
    assert!(!codes(&health(&server)).contains("opt-outs-wait"));
}

#[test]
fn people_without_a_backup_are_told_of_until_there_is_one() {
    let program = Program::new();
    let server = program.serve(&[]);
    assert!(!codes(&health(&server)).contains("backup-old"), "nobody is here yet");
    server.import("name=people.csv", b"wpNumber,permission\n+905301112233,1\n");
    let before = health(&server);
    assert!(codes(&before).contains("backup-old") && before["store"]["backed_up_at"].is_null(), "{before}");
    program.json(&["store", "backup", "copy"]);
    let after = health(&server);
    assert!(!codes(&after).contains("backup-old") && after["store"]["backed_up_at"].is_string(), "{after}");
}

#[test]
fn every_finding_is_described_and_said_in_the_panel() {
    let codes: Vec<&str> = FINDINGS.iter().map(|(code, ..)| *code).collect();
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len(), "a code stands twice");
    let described: Value = serde_json::from_str(include_str!("../../host/src/http/openapi.json")).unwrap();
    let described = &described["components"]["schemas"]["HealthFinding"]["properties"]["code"]["enum"];
    assert_eq!(*described, json!(codes));
    let room = include_str!("../../host/src/health.rs");
    for code in &codes {
        assert!(room.matches(&format!("\"{code}\"")).count() > 1, "{code} is never said");
    }
    for language in ["en", "tr"] {
        let path = format!("{}/../wasm/panel/src/messages/health.{language}.ts", env!("CARGO_MANIFEST_DIR"));
        let words = std::fs::read_to_string(path).unwrap();
        let said: Vec<&str> =
            words.lines().filter_map(|line| line.strip_prefix("      '")?.split("': {").next()).collect();
        assert_eq!(said, codes, "{language}");
    }
}
