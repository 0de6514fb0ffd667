//! What is done twice at once, and what is another thing under the same name: Meta gets one submission of two, and nothing
//! that was said of one template is believed of the other.

use consentry_host::sandbox::example::WABA_ID;
use serde_json::{Value, json};

use crate::connecting::{GOOD, Meta, connect, send, serve, sync, template};
use crate::program::{Program, Server, wait_until};
use crate::told::{soon_s, tell_status};

const PARCEL: &str = "/templates/a1/parcel_today/en_US";

fn one(server: &Server, name: &str) -> Value {
    server.get(&format!("/api/v1/templates/a1/{name}")).json()["versions"][0].clone()
}

fn draft(server: &Server, document: &Value) {
    let kept = send(server, "PUT", &format!("{PARCEL}/draft"), &json!({ "template": document }));
    assert_eq!(kept.status, 200, "{}", kept.text());
}

/// How many templates of a name Meta has. Its list may not be asked as often as a test looks.
fn at_meta(meta: &Meta, name: &str) -> usize {
    let state = meta.ask("GET", "/_sandbox/state", &Value::Null);
    state["templates"].as_array().unwrap().iter().filter(|template| template["name"] == name).count()
}

#[test]
fn of_two_submissions_at_once_meta_gets_one() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    draft(&server, &template("parcel_today", GOOD));
    let submit = || send(&server, "POST", &format!("{PARCEL}/submit"), &json!({}));
    meta.fault(&json!({"route": "POST message_templates", "slow_ms": 1000}));
    std::thread::scope(|scope| {
        let first = scope.spawn(submit);
        wait_until("the template at Meta", || at_meta(&meta, "parcel_today") == 1);
        submit().assert_problem(409, "submit-running", "wait until Meta has answered");
        // Another process is told the same.
        program.write("parcel.json", template("parcel_today", GOOD).to_string());
        program.run(&["template", "submit", "parcel.json"]).assert_refused(&["is being submitted already"]);
        // Another language or name is nobody's business.
        let other = template(
            "parcel_late",
            "Hello {{1}}, your parcel waits for you at the post office since this morning.",
        );
        let path = "/templates/a1/parcel_late/en_US";
        assert_eq!(send(&server, "PUT", &format!("{path}/draft"), &json!({"template": other})).status, 200);
        let submitted = send(&server, "POST", &format!("{path}/submit"), &json!({}));
        assert_eq!(submitted.status, 200, "{}", submitted.text());
        meta.advance(1000);
        assert_eq!(first.join().unwrap().status, 200);
    });
    assert_eq!(at_meta(&meta, "parcel_today"), 1);
    // What Meta refused can be submitted again at once.
    draft_anew(&server, "parcel_tomorrow");
    let again = || send(&server, "POST", "/templates/a1/parcel_tomorrow/en_US/submit", &json!({}));
    meta.fault(&json!({"route": "POST message_templates", "code": 131000}));
    assert_eq!(again().status, 502);
    assert_eq!(again().status, 200);
    assert_eq!(again().status, 404, "its draft is gone");
}

fn draft_anew(server: &Server, name: &str) {
    let text = "Hello {{1}}, your parcel comes tomorrow between nine in the morning and noon.";
    let path = format!("/templates/a1/{name}/en_US/draft");
    assert_eq!(send(server, "PUT", &path, &json!({"template": template(name, text)})).status, 200);
}

#[test]
fn a_copy_says_nothing_of_what_became_of_the_first() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    let mut copy = template("parcel_today", GOOD);
    for (name, value) in [
        ("id", json!("7")),
        ("status", json!("REJECTED")),
        ("rejected_reason", json!("SCAM")),
        ("rejection_info", json!({"reason": "promises prizes"})),
        ("quality_score", json!({"score": "RED"})),
    ] {
        copy[name] = value;
    }
    draft(&server, &copy);
    let kept = one(&server, "parcel_today");
    assert_eq!(kept["draft"]["template"], template("parcel_today", GOOD));
    let submitted = send(&server, "POST", &format!("{PARCEL}/submit"), &json!({})).json();
    assert_eq!(submitted["status"], "PENDING", "{submitted}");
    for name in ["rejected_reason", "rejection_info", "quality_score"] {
        assert_eq!(submitted["template"].get(name), None, "{name}");
    }
}

#[test]
fn news_of_a_template_that_had_the_name_before_is_not_believed() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    let known = || one(&server, "order_confirmation");
    let own: u64 = known()["id"].as_str().unwrap().parse().unwrap();
    let news = |id: u64, event: &str| {
        json!({"event": event, "message_template_id": id, "message_template_name": "order_confirmation",
            "message_template_language": "en_US"})
    };
    let pulled = known()["synced_at"].clone();
    assert_eq!(tell_status(&server, soon_s(), &news(own + 1, "DELETED")).status, 200);
    assert_eq!(known()["status"], "APPROVED");
    // Which of the two it is now, Meta's list says.
    wait_until("the pull after the news", || known()["synced_at"] != pulled);
    assert_eq!(known()["status"], "APPROVED");
    assert_eq!(tell_status(&server, soon_s(), &news(own, "PAUSED")).status, 200);
    assert_eq!(known()["status"], "PAUSED");
}

#[test]
fn what_did_not_change_was_seen_all_the_same() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    let (before, changed) = {
        let known = one(&server, "order_confirmation");
        (known["synced_at"].as_str().unwrap().to_owned(), known["changed_at"].clone())
    };
    let other = one(&server, "spring_sale");
    meta.ask("DELETE", &format!("/v26.0/{WABA_ID}/message_templates?name=spring_sale"), &Value::Null);
    meta.advance(40 * crate::connecting::DAY_MS);
    assert_eq!(sync(&server)["state"], "done");
    let known = one(&server, "order_confirmation");
    assert!(known["synced_at"].as_str().unwrap() > before.as_str(), "{known}");
    assert_eq!(known["changed_at"], changed);
    // What was not named was not seen.
    let gone = one(&server, "spring_sale");
    assert_eq!((&gone["stale"], &gone["synced_at"]), (&json!(true), &other["synced_at"]), "{gone}");
}
