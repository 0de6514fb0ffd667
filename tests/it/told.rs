//! What Meta tells by itself comes late, twice, in any order and half: none of it is lost, and nothing old stands in place of
//! what is newer. Where news cannot be believed as it is, the list is pulled, which here says `ARCHIVED`.

use std::time::SystemTime;

use consentry_host::sandbox::example::{APP_SECRET, WABA_ID};
use consentry_host::store::sqlite::SqliteStore;
use consentry_host::store::{Kind, Put, Store as _, TenantId};
use serde_json::{Value, json};

use crate::connecting::{GOOD, Meta, connect, send, serve, signed, sync, template};
use crate::program::{Answer, Program, Server, wait_until};

const STATUS: &str = "message_template_status_update";
const QUALITY: &str = "message_template_quality_update";
const LISTED: &str = "/v26.0/102290129340398/message_templates";

/// A time after every pull that runs in a test.
pub(crate) fn soon_s() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap() + 3600
}

fn tell(server: &Server, time: &Value, field: &str, value: &Value) -> Answer {
    let mut entry = json!({"id": WABA_ID, "changes": [{"field": field, "value": value}]});
    if !time.is_null() {
        entry["time"] = time.clone();
    }
    post(server, APP_SECRET, &json!({"object": "whatsapp_business_account", "entry": [entry]}))
}

/// Tells of a template's status.
pub(crate) fn tell_status(server: &Server, at_s: i64, value: &Value) -> Answer {
    tell(server, &json!(at_s), STATUS, value)
}

fn post(server: &Server, secret: &str, body: &Value) -> Answer {
    let body = body.to_string();
    let signature = format!("sha256={}", signed(secret, body.as_bytes()));
    let headers = [("host", "consent.example"), ("x-hub-signature-256", signature.as_str())];
    let answer = server.ask("POST", "/webhooks/meta", &headers, body.as_bytes());
    wait_until_acted(server);
    answer
}

/// Everything that was heard was acted on.
pub(crate) fn wait_until_acted(server: &Server) {
    wait_until("what follows", || {
        let status = server.get("/api/v1/events/status").json();
        status["consent_waits"] == 0 && status["rest_waits"] == 0
    });
}

fn of(name: &str, mut news: Value) -> Value {
    news["message_template_name"] = name.into();
    news["message_template_language"] = "en_US".into();
    news
}

fn event(event: &str) -> Value {
    of("order_confirmation", json!({"event": event, "reason": "NONE"}))
}

fn one(server: &Server, name: &str) -> Value {
    server.get(&format!("/api/v1/templates/a1/{name}")).json()["versions"][0].clone()
}

fn status(server: &Server) -> Value {
    one(server, "order_confirmation")["status"].clone()
}

/// Changes at Meta what only a pull can find out.
fn archive(meta: &Meta, server: &Server, way: &str) {
    let id = one(server, "order_confirmation")["id"].clone();
    meta.ask("POST", &format!("{LISTED}/{way}"), &json!({"template_ids": [id]}));
}

fn wait_for_pull(server: &Server, expected: &str) {
    wait_until("the pull", || status(server) == expected);
}

#[test]
fn news_of_one_kind_hides_none_of_another() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    let at = soon_s();
    let quality = of("order_confirmation", json!({"new_quality_score": "RED"}));
    let category = of("order_confirmation", json!({"new_category": "MARKETING"}));
    assert_eq!(tell(&server, &json!(at + 9), QUALITY, &quality).status, 200);
    assert_eq!(tell(&server, &json!(at + 9), "template_category_update", &category).status, 200);
    assert_eq!(tell(&server, &json!(at), STATUS, &event("PAUSED")).status, 200);
    let known = one(&server, "order_confirmation");
    assert_eq!(
        (&known["status"], &known["quality"], &known["category"]),
        (&json!("PAUSED"), &json!("RED"), &json!("MARKETING"))
    );
    // A time may be written as text.
    assert_eq!(tell(&server, &json!((at + 1).to_string()), STATUS, &event("DISABLED")).status, 200);
    assert_eq!(status(&server), "DISABLED");
    // What says nothing new moves its clock all the same.
    assert_eq!(tell(&server, &json!(at + 5), STATUS, &event("DISABLED")).status, 200);
    archive(&meta, &server, "archive");
    assert_eq!(tell(&server, &json!(at + 4), STATUS, &event("APPROVED")).status, 200);
    assert_ne!(status(&server), "APPROVED");
    wait_for_pull(&server, "ARCHIVED");
}

#[test]
fn what_is_older_than_a_pull_or_has_no_time_is_looked_up() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    for (way, truth, time) in [
        ("archive", "ARCHIVED", json!(1000)),
        ("unarchive", "APPROVED", Value::Null),
        ("archive", "ARCHIVED", json!("?")),
    ] {
        archive(&meta, &server, way);
        assert_eq!(tell(&server, &time, STATUS, &event("DISABLED")).status, 200);
        assert_ne!(status(&server), "DISABLED", "{time}");
        wait_for_pull(&server, truth);
    }
    // A submission is newer than what was written before it.
    let path = "/templates/a1/parcel_today/en_US";
    let draft = json!({"template": template("parcel_today", GOOD)});
    assert_eq!(send(&server, "PUT", &format!("{path}/draft"), &draft).status, 200);
    assert_eq!(send(&server, "POST", &format!("{path}/submit"), &json!({})).status, 200);
    let approved = of("parcel_today", json!({"event": "APPROVED"}));
    assert_eq!(tell(&server, &json!(1000), STATUS, &approved).status, 200);
    assert_eq!(one(&server, "parcel_today")["status"], "PENDING");
    // News that says nothing that is known here is looked up too.
    archive(&meta, &server, "unarchive");
    assert_eq!(tell(&server, &json!(soon_s()), STATUS, &of("order_confirmation", json!({}))).status, 200);
    wait_for_pull(&server, "APPROVED");
}

#[test]
fn out_of_the_archive_is_not_yet_sendable() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    archive(&meta, &server, "archive");
    assert_eq!(tell(&server, &json!(soon_s()), STATUS, &event("UNARCHIVED")).status, 200);
    assert_eq!(one(&server, "order_confirmation")["sendable"], false);
    wait_for_pull(&server, "ARCHIVED");
}

#[test]
fn news_of_accounts_and_numbers_is_looked_up_and_the_rest_is_kept() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    let at = json!(soon_s());
    for (way, truth, field) in
        [("archive", "ARCHIVED", "account_update"), ("unarchive", "APPROVED", "phone_number_quality_update")]
    {
        archive(&meta, &server, way);
        assert_eq!(tell(&server, &at, field, &json!({"event": "DOWNGRADE"})).status, 200);
        wait_for_pull(&server, truth);
    }
    for field in ["messages", "user_preferences", "flows", "field_of_the_future"] {
        assert_eq!(tell(&server, &at, field, &json!({"some": "thing"})).status, 200, "{field}");
    }
    let kept = server.get("/api/v1/events?kind=other").json();
    let fields: Vec<&str> = kept["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|kept| kept["event"]["field"].as_str())
        .collect();
    assert_eq!(fields, ["field_of_the_future", "flows", "user_preferences", "messages"]);
}

#[test]
fn a_pull_that_is_due_outlives_the_process() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    archive(&meta, &server, "archive");
    meta.fault(&json!({"route": "GET message_templates", "code": 131_000, "times": 3}));
    assert_eq!(tell(&server, &json!(1000), STATUS, &event("DISABLED")).status, 200);
    wait_until("the failure", || server.get("/api/v1/templates").json()["sync"]["state"] == "failed");
    assert_eq!(status(&server), "APPROVED");
    drop(server);
    // Nobody asks again.
    let server = serve(&program, &meta);
    wait_for_pull(&server, "ARCHIVED");
    wait_until("the end", || server.get("/api/v1/templates").json()["sync"]["state"] == "done");
    drop(server);
    let store = SqliteStore::open(&program.data()).unwrap();
    let account = store.document(TenantId::DEFAULT, Kind::Account, "a1").unwrap().unwrap();
    let account: Value = serde_json::from_slice(&account.body).unwrap();
    assert_eq!(account["pull_due_ms"], Value::Null, "it is done once");
}

#[test]
fn what_is_told_while_a_template_is_submitted_is_kept() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    let path = "/templates/a1/parcel_today/en_US";
    let draft = json!({"template": template("parcel_today", GOOD)});
    assert_eq!(send(&server, "PUT", &format!("{path}/draft"), &draft).status, 200);
    // Meta has it, and its answer is on the way.
    meta.fault(&json!({"route": "POST message_templates", "slow_ms": 1000}));
    std::thread::scope(|scope| {
        let submitting = scope.spawn(|| send(&server, "POST", &format!("{path}/submit"), &json!({})));
        let is_listed =
            || meta.ask("GET", &format!("{LISTED}?name=parcel_today"), &Value::Null)["data"][0].is_object();
        wait_until("the template at Meta", is_listed);
        let rejected = |at| {
            let news = of(
                "parcel_today",
                json!({"event": "REJECTED", "reason": "SCAM",
                "rejection_info": {"reason": "promises prizes"}}),
            );
            assert_eq!(tell(&server, &json!(at), STATUS, &news).status, 200);
        };
        let at = soon_s();
        rejected(at);
        wait_until("the pull after the news", || one(&server, "parcel_today")["status"] == "PENDING");
        rejected(at + 1);
        assert_eq!(one(&server, "parcel_today")["status"], "REJECTED");
        meta.advance(1000);
        let submitted = submitting.join().unwrap();
        assert_eq!(submitted.status, 200, "{}", submitted.text());
        let submitted = submitted.json();
        assert_eq!((&submitted["status"], submitted.get("draft")), (&json!("REJECTED"), None));
        assert_eq!(submitted["rejected_reason"], "SCAM");
        assert_eq!(submitted["template"]["rejection_info"]["reason"], "promises prizes");
    });
    // And a pull follows, which says what holds.
    server.get("/api/v1/templates/sync/events?account=a1").events();
    assert_eq!(
        one(&server, "parcel_today")["status"],
        "PENDING",
        "{}",
        server.get("/api/v1/templates").json()["sync"]
    );
}

#[test]
fn why_it_was_rejected_is_known_as_long_as_it_is() {
    let scenario = "[[template]]\nname = \"order_confirmation\"\nlanguage = \"en_US\"\nstatus = \"REJECTED\"\n\
        [[template.components]]\ntype = \"BODY\"\ntext = \"Hello\"\n";
    let (meta, program) = (Meta::new(scenario), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    let told = of(
        "order_confirmation",
        json!({"event": "REJECTED", "reason": "SCAM", "rejection_info": {"reason": "promises prizes"}}),
    );
    let known = || one(&server, "order_confirmation")["template"]["rejection_info"]["reason"].clone();
    assert_eq!(tell(&server, &json!(soon_s()), STATUS, &told).status, 200);
    assert_eq!(known(), "promises prizes");
    assert_eq!(sync(&server)["state"], "done");
    assert_eq!((known(), status(&server)), (json!("promises prizes"), json!("REJECTED")));
    assert_eq!(tell(&server, &json!(soon_s() + 1), STATUS, &event("APPROVED")).status, 200);
    assert_eq!((known(), status(&server)), (Value::Null, json!("APPROVED")));
}

#[test]
fn an_unreadable_secret_of_one_account_deafens_no_other() {
    const T: TenantId = TenantId::DEFAULT;
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    drop(server);
    let store = SqliteStore::open(&program.data()).unwrap();
    let account = store.document(T, Kind::Account, "a1").unwrap().unwrap();
    let mut account: Value = serde_json::from_slice(&account.body).unwrap();
    account["id"] = "a2".into();
    account["waba_id"] = "2".into();
    let account = account.to_string();
    let new = |kind, key, body| Put { kind, key, expected_version: None, body: Some(body) };
    let puts =
        [new(Kind::Account, "a2", account.as_bytes()), new(Kind::Secret, "of/a2/app-secret", b"damaged")];
    store.put_documents(T, &puts).unwrap();
    drop(store);
    let server = serve(&program, &meta);
    assert_eq!(tell(&server, &json!(soon_s()), STATUS, &event("PAUSED")).status, 200);
    assert_eq!(status(&server), "PAUSED");
    // Who else signed may be the one that cannot be read.
    let body = json!({"entry": []});
    assert!(post(&server, "another secret", &body).status >= 500);
    assert_eq!(post(&server, APP_SECRET, &body).status, 200);
}
