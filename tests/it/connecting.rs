//! Accounts connected and templates kept, against the stand-in for Meta's API over real HTTP: through the panel's routes, on
//! the command line, and by what Meta tells by itself.
//!
//! Longer than 500 lines because one life of an account goes through all three doors, and is read in one place.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use consentry_host::sandbox::example::{APP_ID, APP_SECRET, NUMBER_ID, SECOND_NUMBER_ID, TOKEN, WABA_ID};
use consentry_host::sandbox::{Options, Pace, Running, Sandbox, Scenario};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::program::{Answer, Program, Server, encoded, wait_until};
use crate::told;

const START_MS: i64 = 1_795_395_600_000;
const JSON: [(&str, &str); 1] = [("content-type", "application/json")];
pub(crate) const DAY_MS: i64 = 86_400_000;

/// The stand-in.
pub(crate) struct Meta(Running);

impl Meta {
    pub(crate) fn new(scenario: &str) -> Meta {
        let scenario = Scenario::parse(scenario).unwrap();
        let options = Options { port: 0, scenario, start_ms: START_MS, pace: Pace::Manual };
        Meta(Sandbox::start(options).unwrap())
    }

    pub(crate) fn url(&self) -> &str {
        &self.0.base_url
    }

    /// Asks it past the product.
    pub(crate) fn ask(&self, method: &str, target: &str, body: &Value) -> Value {
        let mut stream = TcpStream::connect(self.0.address().unwrap()).unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
             authorization: Bearer {TOKEN}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{method} {target}: {answer}");
        serde_json::from_str(body).unwrap()
    }

    pub(crate) fn advance(&self, ms: i64) {
        self.ask("POST", "/_sandbox/advance", &json!({ "ms": ms }));
    }

    pub(crate) fn fault(&self, fault: &Value) {
        self.ask("POST", "/_sandbox/faults", fault);
    }

    /// Sends the webhooks of the app there.
    fn subscribe(&self, server: &Server, verify_token: &str) {
        let body = json!({
            "object": "whatsapp_business_account", "verify_token": verify_token,
            "callback_url": format!("http://{}/webhooks/meta", server.address()),
            "fields": "message_template_status_update,message_template_quality_update,template_category_update",
        });
        self.ask("POST", &format!("/v26.0/{APP_ID}/subscriptions"), &body);
    }
}

pub(crate) fn serve(program: &Program, meta: &Meta) -> Server {
    program.serve(&[
        "--graph-url",
        meta.url(),
        "--sync-every",
        "0",
        "--public-url",
        "https://consent.example/",
    ])
}

fn candidate() -> Value {
    json!({"token": TOKEN, "app_id": APP_ID, "app_secret": APP_SECRET, "waba_id": WABA_ID, "phone_number_id": NUMBER_ID})
}

fn with(mut body: Value, name: &str, value: &str) -> Value {
    body[name] = value.into();
    body
}

pub(crate) fn send(server: &Server, method: &str, target: &str, body: &Value) -> Answer {
    server.ask(method, &format!("/api/v1{target}"), &JSON, body.to_string().as_bytes())
}

pub(crate) fn connect(server: &Server) -> Value {
    let connected = send(server, "POST", "/accounts", &candidate());
    assert_eq!(connected.status, 201, "{}", connected.text());
    // The templates come right away; wait for them.
    server.get("/api/v1/templates/sync/events?account=a1").events();
    connected.json()
}

fn steps(server: &Server, body: &Value) -> Vec<(String, String)> {
    let answer = send(server, "POST", "/accounts/check", body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let said = |step: &Value| {
        (step["step"].as_str().unwrap().to_owned(), step["state"].as_str().unwrap().to_owned())
    };
    answer.json()["steps"].as_array().unwrap().iter().map(said).collect()
}

pub(crate) fn template(name: &str, text: &str) -> Value {
    json!({"name": name, "language": "en_US", "category": "UTILITY", "components": [
        {"type": "BODY", "text": text, "example": {"body_text": [["Sarah"]]}},
    ]})
}

pub(crate) const GOOD: &str =
    "Hello {{1}}, your parcel was handed over to the driver this morning and arrives today.";

pub(crate) fn sync(server: &Server) -> Value {
    let asked = send(server, "POST", "/templates/sync?account=a1", &Value::Null);
    assert_eq!((asked.status, &asked.json()["sync"]["state"]), (202, &json!("running")));
    let mut events = server.get("/api/v1/templates/sync/events").events();
    let (name, last) = events.pop().unwrap();
    assert_eq!(name, "end");
    last
}

#[test]
fn the_walk_says_at_every_step_what_is_wrong_and_what_helps() {
    let lame = "[[token]]\nvalue = \"EAAlame\"\nscopes = [\"whatsapp_business_management\"]\n";
    let ended = "[[token]]\nvalue = \"EAAended\"\nexpires_ms = 0\n[[token]]\nvalue = \"EAAends\"\nexpires_ms = 86400000\n";
    let meta = Meta::new(&format!("{lame}{ended}"));
    let program = Program::new();
    let server = serve(&program, &meta);
    let of = |body: &Value| -> Vec<String> {
        let steps = steps(&server, body);
        assert_eq!(
            steps.iter().map(|(step, _)| step.as_str()).collect::<Vec<_>>(),
            ["token", "app", "account", "number", "webhook"]
        );
        steps.into_iter().map(|(_, state)| state).collect()
    };
    assert_eq!(of(&candidate()), ["ok", "ok", "ok", "ok", "waiting"]);
    assert_eq!(
        of(&json!({"token": TOKEN, "waba_id": WABA_ID, "phone_number_id": NUMBER_ID})),
        ["ok", "warning", "ok", "ok", "waiting"]
    );
    assert_eq!(of(&with(candidate(), "phone_number_id", SECOND_NUMBER_ID))[3], "waiting");
    assert_eq!(of(&with(candidate(), "phone_number_id", "1"))[3], "failed");
    assert_eq!(of(&with(candidate(), "app_secret", "another"))[..2], ["ok", "failed"]);
    assert_eq!(of(&with(candidate(), "app_id", "1"))[1], "failed");
    assert_eq!(of(&with(candidate(), "waba_id", "1"))[2], "failed");
    assert_eq!(of(&with(candidate(), "token", "EAAnonsense"))[0], "failed");
    assert_eq!(of(&with(candidate(), "token", "EAAlame"))[0], "failed");
    assert_eq!(of(&with(candidate(), "token", "EAAended"))[0], "failed");
    assert_eq!(of(&with(candidate(), "token", "EAAends"))[0], "warning");
    assert_eq!(of(&json!({}))[0], "failed");
    // The account is found where Meta tells which it is.
    let found = of(&json!({"token": TOKEN, "app_id": APP_ID, "app_secret": APP_SECRET}));
    assert_eq!(found[2], "ok");
    let lame = send(&server, "POST", "/accounts/check", &with(candidate(), "token", "EAAlame")).json();
    assert!(lame["steps"][0]["said"].as_str().unwrap().contains("whatsapp_business_messaging"), "{lame}");
    assert!(lame["steps"][0]["cure"].is_string());
    assert_eq!(server.get("/api/v1/accounts").json(), json!({"accounts": []}), "looking keeps nothing");
    assert!(!program.data().join("secret.key").exists());

    let refused = send(&server, "POST", "/accounts", &with(candidate(), "token", "EAAlame"));
    refused.assert_problem(422, "account-unusable", "lacks the right");
    assert_eq!(refused.json()["steps"][0]["state"], "failed");
    for odd in
        [json!([]), json!({"token": 7}), json!({"base": "http://elsewhere"}), json!({"waba_id": "../1"})]
    {
        assert_eq!(send(&server, "POST", "/accounts/check", &odd).status, 400, "{odd}");
    }
    drop(meta);
    let away = send(&server, "POST", "/accounts/check", &candidate()).json();
    assert!(away["steps"][0]["said"].as_str().unwrap().contains("cannot be reached"), "{away}");
}

#[test]
fn beside_a_sandbox_accounts_are_connected_there() {
    let program = Program::new();
    let server = program.serve(&["--sandbox", "--sync-every", "0"]);
    let account = connect(&server);
    assert_eq!((&account["name"], &account["sandbox"]), (&json!("Sandbox Shop"), &json!(true)));
    assert!(!server.get("/api/v1/templates").json()["templates"].as_array().unwrap().is_empty());
}

#[test]
fn a_sandbox_is_connected_by_itself_and_tells_by_webhook() {
    let program = Program::new();
    // A day passes in a second, and nobody pulls by the clock: what is known of the review has been told.
    program.write("fast.toml", "speed = 86400.0\n");
    let server = program.serve(&["--sandbox", "--scenario", "fast.toml", "--sync-every", "0"]);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let eventually = |path: &str, is_there: &dyn Fn(&Value) -> bool| loop {
        let found = server.get(path).json();
        if is_there(&found) {
            break found;
        }
        assert!(std::time::Instant::now() < until, "it never came: {found}");
        std::thread::yield_now();
    };
    let accounts =
        eventually("/api/v1/accounts", &|found| found["accounts"][0]["webhook"]["subscribed"] == true);
    assert_eq!(accounts["accounts"][0]["name"], "Sandbox Shop");
    assert_eq!(accounts["accounts"][0]["trouble"], Value::Null);
    eventually("/api/v1/templates", &|found| found["templates"].as_array().is_some_and(|all| all.len() > 3));
    let draft = json!({"template": template("parcel_soon", GOOD)});
    assert_eq!(send(&server, "PUT", "/templates/a1/parcel_soon/en_US/draft", &draft).status, 200);
    assert_eq!(send(&server, "POST", "/templates/a1/parcel_soon/en_US/submit", &json!({})).status, 200);
    eventually("/api/v1/templates/a1/parcel_soon", &|found| found["versions"][0]["status"] == "APPROVED");
    // A second one with the same words is refused before Meta is asked.
    let copy = json!({"template": template("parcel_copy", GOOD)});
    assert_eq!(send(&server, "PUT", "/templates/a1/parcel_copy/en_US/draft", &copy).status, 200);
    let refused = send(&server, "POST", "/templates/a1/parcel_copy/en_US/submit", &json!({}));
    refused.assert_problem(422, "template-rejected", "would refuse");
    assert_eq!(refused.json()["diagnostics"][0]["code"], "body-taken");
}

#[test]
fn an_account_is_connected_listed_and_forgotten() {
    let meta = Meta::new("");
    let program = Program::new();
    let server = serve(&program, &meta);
    let account = connect(&server);
    assert_eq!(
        (&account["account"], &account["waba_id"], &account["sandbox"]),
        (&json!("a1"), &json!(WABA_ID), &json!(true))
    );
    assert_eq!((&account["name"], &account["graph"]), (&json!("Sandbox Shop"), &json!("v26.0")));
    assert_eq!(
        (account["numbers"].as_array().unwrap().len(), &account["numbers"][0]["id"]),
        (2, &json!(NUMBER_ID))
    );
    assert_eq!(
        (&account["webhook"]["subscribed"], &account["webhook"]["url"]),
        (&json!(true), &json!("https://consent.example/webhooks/meta"))
    );
    assert_eq!(account["health"]["can_send"], "AVAILABLE");
    let subscribed = meta.ask("GET", &format!("/v26.0/{WABA_ID}/subscribed_apps"), &Value::Null);
    assert_eq!(subscribed["data"][0]["whatsapp_business_api_data"]["id"], APP_ID);
    assert_eq!(server.get("/api/v1/accounts").json()["accounts"][0]["account"], "a1");

    // Nothing of the secrets lies about.
    for entry in std::fs::read_dir(program.data()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        for secret in [TOKEN, APP_SECRET] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds a secret", path.display());
        }
    }
    assert!(!server.get("/api/v1/accounts").text().contains(TOKEN));

    // Connected again, with a number to register: the same account, and the number can send.
    let again = with(with(candidate(), "phone_number_id", SECOND_NUMBER_ID), "pin", "123456");
    let again = send(&server, "POST", "/accounts", &again);
    assert_eq!((again.status, &again.json()["account"]), (201, &json!("a1")), "{}", again.text());
    assert_eq!(again.json()["numbers"][1]["status"], "CONNECTED");
    assert_eq!(again.json()["webhook"]["verify_token"], account["webhook"]["verify_token"]);
    send(&server, "POST", "/accounts", &with(candidate(), "pin", "12")).assert_problem(
        400,
        "body-invalid",
        "6 digits",
    );

    assert!(server.get("/api/v1/templates?account=a1").json()["templates"].as_array().unwrap().len() >= 6);
    assert_eq!(send(&server, "DELETE", "/accounts/a1", &Value::Null).status, 204);
    assert_eq!(server.get("/api/v1/accounts").json(), json!({"accounts": []}));
    assert_eq!(server.get("/api/v1/templates").json(), json!({"templates": [], "sync": {"state": "never"}}));
    send(&server, "DELETE", "/accounts/a1", &Value::Null).assert_problem(404, "not-found", "no account `a1`");
    assert!(
        meta.ask("GET", &format!("/v26.0/{WABA_ID}/message_templates"), &Value::Null)["data"][0].is_object()
    );
}

#[test]
fn a_sign_up_is_exchanged_for_an_account() {
    let meta = Meta::new("");
    let program = Program::new();
    let plain = serve(&program, &meta);
    let body = |code: &str| json!({"code": code, "waba_id": WABA_ID, "phone_number_id": SECOND_NUMBER_ID, "pin": "654321"});
    send(&plain, "POST", "/accounts/signup", &body("x")).assert_problem(409, "not-now", "--app-id");
    drop(plain);
    let mut command =
        program.command(&["serve", "--port", "0", "--graph-url", meta.url(), "--app-id", APP_ID]);
    let refused = crate::program::Ran::of(command.spawn().unwrap());
    refused.assert_refused(&["CONSENTRY_APP_SECRET"]);

    let server = program.serve_with(
        &["--graph-url", meta.url(), "--sync-every", "0", "--app-id", APP_ID],
        &[("CONSENTRY_APP_SECRET", APP_SECRET)],
    );
    let code = meta.ask("POST", "/_sandbox/signup", &json!({}))["code"].as_str().unwrap().to_owned();
    let connected = send(&server, "POST", "/accounts/signup", &body(&code));
    assert_eq!(connected.status, 201, "{}", connected.text());
    let account = connected.json();
    assert_eq!((&account["waba_id"], &account["app_id"]), (&json!(WABA_ID), &json!(APP_ID)));
    assert!(
        account["numbers"].as_array().unwrap().iter().all(|number| number["status"] == "CONNECTED"),
        "{account}"
    );
    let used = send(&server, "POST", "/accounts/signup", &body(&code));
    used.assert_problem(422, "meta-refused", "code has been used");
    assert_eq!(
        (&used.json()["meta"]["error_subcode"], &used.json()["meta"]["action"]),
        (&json!(36009), &json!("fix"))
    );
    let late = meta.ask("POST", "/_sandbox/signup", &json!({}))["code"].as_str().unwrap().to_owned();
    meta.advance(31_000);
    send(&server, "POST", "/accounts/signup", &body(&late)).assert_problem(422, "meta-refused", "expired");
}

#[test]
fn a_template_is_written_submitted_reviewed_changed_and_deleted() {
    let meta = Meta::new("");
    let program = Program::new();
    let server = serve(&program, &meta);
    let account = connect(&server);
    meta.subscribe(&server, account["webhook"]["verify_token"].as_str().unwrap());
    let path = "/templates/a1/parcel_today/en_US";
    let draft = |body: &Value| send(&server, "PUT", &format!("{path}/draft"), body);
    let values = json!({"body.1": {"attribute": "first_name", "default": "there"}});
    let kept = draft(&json!({"template": template("parcel_today", "Hello"), "values": values})).json();
    assert_eq!(
        (&kept["status"], &kept["sendable"], &kept["draft"]["values"]),
        (&json!("DRAFT"), &json!(false), &values)
    );
    assert_eq!(kept["why_not"], "it is a draft: submit it for review first");
    draft(&json!({"template": {}})).assert_problem(409, "overtaken", "changed meanwhile");
    let version = kept["draft"]["version"].clone();
    let kept =
        draft(&json!({"template": template("parcel_today", GOOD), "values": values, "version": version}))
            .json();
    draft(&json!({"template": {}, "version": version})).assert_problem(409, "overtaken", "");
    draft(&json!({"template": {"name": "other"}, "version": kept["draft"]["version"]})).assert_problem(
        400,
        "body-invalid",
        "`parcel_today`",
    );
    for (odd, text) in [
        ("/templates/a1/Parcel/en_US/draft", "small letters"),
        ("/templates/a1/x/english/draft", "language"),
        ("/templates/a9/x/en/draft", "no account"),
    ] {
        assert!(send(&server, "PUT", odd, &json!({"template": {}})).text().contains(text), "{odd}");
    }

    let submitted = send(&server, "POST", &format!("{path}/submit"), &json!({"by": "desk"}));
    assert_eq!(submitted.status, 200, "{}", submitted.text());
    let submitted = submitted.json();
    assert_eq!(
        (&submitted["status"], submitted.get("draft"), &submitted["values"]),
        (&json!("PENDING"), None, &values)
    );
    let again = send(&server, "POST", &format!("{path}/submit"), &json!({}));
    again.assert_problem(404, "not-found", "no draft");
    // Meta's review, told by webhook, or looked up where the clocks differ.
    meta.advance(DAY_MS);
    let one = || server.get("/api/v1/templates/a1/parcel_today").json()["versions"][0].clone();
    wait_until("the review", || one()["status"] == "APPROVED");
    let approved = one();
    assert_eq!(
        (&approved["status"], &approved["sendable"], approved.get("why_not")),
        (&json!("APPROVED"), &json!(true), None)
    );

    // Changed: reviewed anew, and what is sent meanwhile is Meta's to say.
    let changed = json!({"template": template("parcel_today", &GOOD.replace("today", "tomorrow"))});
    let kept = draft(&changed).json();
    assert_eq!(
        (
            &kept["status"],
            kept["draft"]["template"]["components"][0]["text"].as_str().unwrap().contains("tomorrow")
        ),
        (&json!("APPROVED"), true)
    );
    let edited = send(&server, "POST", &format!("{path}/submit"), &json!({}));
    assert_eq!(edited.status, 200, "{}", edited.text());
    assert!(
        edited.json()["template"].to_string().contains("tomorrow") && edited.json()["id"] == submitted["id"]
    );

    // What Meta would refuse is not even asked.
    let bad = json!({"template": template("bad_one", "{{1}} is here")});
    let kept = send(&server, "PUT", "/templates/a1/bad_one/en_US/draft", &bad).json();
    let refused = send(&server, "POST", "/templates/a1/bad_one/en_US/submit", &json!({}));
    refused.assert_problem(422, "template-rejected", "would refuse");
    assert!(
        refused.json()["diagnostics"].as_array().unwrap().iter().all(|found| found["severity"] == "error")
    );
    // What Meta refuses all the same is told with its code and with what helps, and the draft stays.
    let good = json!({"template": template("bad_one", &GOOD.replace("today", "at noon")), "version": kept["draft"]["version"]});
    assert_eq!(send(&server, "PUT", "/templates/a1/bad_one/en_US/draft", &good).status, 200);
    meta.fault(&json!({"route": "POST message_templates", "code": 100}));
    let refused = send(&server, "POST", "/templates/a1/bad_one/en_US/submit", &json!({}));
    refused.assert_problem(422, "meta-refused", "");
    let told = &refused.json()["meta"];
    assert_eq!((&told["code"], &told["action"]), (&json!(100), &json!("fix")));
    assert!(told["fbtrace_id"].is_string() && told["cure"].as_str().unwrap().contains("change it"), "{told}");
    assert_eq!(server.get("/api/v1/templates/a1/bad_one").json()["versions"][0]["status"], "DRAFT");
    assert_eq!(send(&server, "DELETE", "/templates/a1/bad_one/en_US/draft", &Value::Null).status, 204);
    assert_eq!(server.get("/api/v1/templates/a1/bad_one").status, 404);

    // An answer that was lost: nobody knows, and the next pull finds it.
    send(
        &server,
        "PUT",
        "/templates/a1/lost_one/en_US/draft",
        &json!({"template": template("lost_one", GOOD)}),
    );
    meta.fault(&json!({"route": "POST message_templates", "cut": "after"}));
    send(&server, "POST", "/templates/a1/lost_one/en_US/submit", &json!({})).assert_problem(
        502,
        "meta-unknown",
        "not known",
    );
    server.get("/api/v1/templates/sync/events?account=a1").events();
    let found = server.get("/api/v1/templates/a1/lost_one").json();
    assert_eq!(
        (&found["versions"][0]["status"], found["versions"][0]["draft"].is_object()),
        (&json!("PENDING"), true)
    );

    let delete =
        |query: &str| send(&server, "DELETE", &format!("/templates/a1/spring_sale{query}"), &Value::Null);
    delete("").assert_problem(400, "not-confirmed", "repeats");
    delete("?confirm=spring").assert_problem(400, "not-confirmed", "repeats");
    delete("?confirm=spring_sale&language=de").assert_problem(404, "not-found", "");
    let gone = delete("?confirm=spring_sale&language=ar");
    assert_eq!((gone.status, gone.json()["versions"].as_array().unwrap().len()), (200, 1), "{}", gone.text());
    let left = server.get("/api/v1/templates/a1/spring_sale").json();
    let statuses: Vec<_> = left["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["language"].clone(), one["sendable"].clone()))
        .collect();
    assert_eq!(statuses, [(json!("ar"), json!(false)), (json!("en_US"), json!(true))]);
    assert_eq!(delete("?confirm=spring_sale").status, 200);
    send(&server, "DELETE", "/templates/a1/never?confirm=never", &Value::Null).assert_problem(
        404,
        "not-found",
        "never",
    );
}

#[test]
fn templates_are_pulled_and_what_is_gone_is_marked() {
    let mut many = String::new();
    for at in 0..230 {
        many += &format!(
            "[[template]]\nname = \"t{at:03}\"\nlanguage = \"en\"\nstatus = \"APPROVED\"\n[[template.components]]\ntype = \"BODY\"\ntext = \"Number {at} of many\"\n"
        );
    }
    let meta = Meta::new(&many);
    let program = Program::new();
    let server = serve(&program, &meta);
    connect(&server);
    let listed = server.get("/api/v1/templates?account=a1").json();
    assert_eq!((listed["templates"].as_array().unwrap().len(), &listed["sync"]["added"]), (230, &json!(230)));
    let second = sync(&server);
    assert_eq!(
        (&second["pulled"], &second["added"], &second["changed"], &second["gone"]),
        (&json!(230), &json!(0), &json!(0), &json!(0))
    );

    // Deleted at Meta by somebody else.
    meta.ask("DELETE", &format!("/v26.0/{WABA_ID}/message_templates?name=t007"), &Value::Null);
    meta.advance(40 * DAY_MS);
    let third = sync(&server);
    assert_eq!(third["gone"], 1, "{third}");
    let gone = server.get("/api/v1/templates/a1/t007").json()["versions"][0].clone();
    assert_eq!((&gone["stale"], &gone["sendable"]), (&json!(true), &json!(false)));
    assert_eq!(sync(&server)["gone"], 0, "it is told once");
    // The place in the list is lost once: it is read again from its beginning.
    meta.fault(&json!({"route": "GET message_templates", "code": 131059}));
    assert_eq!(sync(&server)["state"], "done");
    // Meta is in trouble for longer than a pull waits: what is kept stands, and the trouble is told.
    meta.fault(&json!({"route": "GET message_templates", "code": 131000, "times": 3}));
    let failed = sync(&server);
    assert_eq!((&failed["state"], failed["trouble"].is_string()), (&json!("failed"), true), "{failed}");
    let listed = server.get("/api/v1/templates").json();
    assert_eq!(
        (listed["templates"].as_array().unwrap().len(), &listed["sync"]["state"]),
        (230, &json!("failed"))
    );
    assert_eq!(sync(&server)["state"], "done");

    let count = |query: &str| {
        server.get(&format!("/api/v1/templates{query}")).json()["templates"].as_array().unwrap().len()
    };
    assert_eq!((count("?status=approved"), count("?status=DRAFT"), count("?q=number%2022")), (230, 0, 11));
    assert_eq!((count("?q=T0"), server.get("/api/v1/templates?account=a9").status), (100, 404));
    assert_eq!(server.get("/api/v1/templates/sync/events?account=a9").status, 404);
}

#[test]
fn what_meta_tells_is_believed_when_it_is_signed() {
    let meta = Meta::new("");
    let program = Program::new();
    let server = serve(&program, &meta);
    let token = connect(&server)["webhook"]["verify_token"].as_str().unwrap().to_owned();
    let shake = |mode: &str, token: &str, challenge: &str| {
        let target = format!(
            "/webhooks/meta?hub.mode={mode}&hub.verify_token={token}&hub.challenge={}",
            encoded(challenge)
        );
        // As Meta would: under a name of its own.
        server.ask(
            "GET",
            &target,
            &[("host", "consent.example"), ("origin", "https://elsewhere.example")],
            b"",
        )
    };
    let shaken = shake("subscribe", &token, "1158201444");
    assert_eq!((shaken.status, shaken.text()), (200, "1158201444"));
    assert_eq!(shake("subscribe", "another", "1").status, 403);
    assert_eq!(shake("subscribe", "", "1").status, 403);
    assert_eq!(shake("unsubscribe", &token, "1").status, 400);
    assert_eq!(shake("subscribe", &token, "<script>").status, 400);
    server.ask("GET", "/api/v1/accounts", &[("host", "consent.example")], b"").assert_problem(
        403,
        "forbidden",
        "127.0.0.1",
    );

    let tell = |secret: &str, body: &[u8]| {
        let signature = format!("sha256={}", signed(secret, body));
        let headers = [("host", "consent.example"), ("x-hub-signature-256", signature.as_str())];
        let answer = server.ask("POST", "/webhooks/meta", &headers, body);
        told::wait_until_acted(&server);
        answer
    };
    let told = |time: i64, waba: &str, field: &str, value: Value| {
        json!({"object": "whatsapp_business_account", "entry": [{"id": waba, "time": time, "changes": [{"field": field, "value": value}]}]})
            .to_string().into_bytes()
    };
    let one = || server.get("/api/v1/templates/a1/order_confirmation").json()["versions"][0].clone();
    let own: u64 = one()["id"].as_str().unwrap().parse().unwrap();
    let status = |time: i64, event: &str, language: &str| {
        told(
            time,
            WABA_ID,
            "message_template_status_update",
            json!({
            "event": event, "message_template_id": own, "message_template_name": "order_confirmation",
            "message_template_language": language, "reason": "NONE"}),
        )
    };
    assert_eq!(one()["status"], "APPROVED");
    // Later than the pull.
    let at = told::soon_s();
    let paused = status(at, "PAUSED", "en-US");
    assert_eq!(tell("another secret", &paused).status, 401);
    assert_eq!(server.ask("POST", "/webhooks/meta", &[("host", "consent.example")], &paused).status, 401);
    assert_eq!(one()["status"], "APPROVED");
    for _ in 0..2 {
        assert_eq!(tell(APP_SECRET, &paused).status, 200, "told twice");
        assert_eq!((&one()["status"], &one()["sendable"]), (&json!("PAUSED"), &json!(false)));
    }
    let quality = json!({"previous_quality_score": "GREEN", "new_quality_score": "RED", "message_template_id": own,
        "message_template_name": "order_confirmation", "message_template_language": "en_US"});
    // Meta's own sample has the wrong field.
    tell(APP_SECRET, &told(at + 1, WABA_ID, "message_template_status_update", quality));
    assert_eq!((&one()["quality"], &one()["status"]), (&json!("RED"), &json!("PAUSED")));
    let category = json!({"previous_category": "UTILITY", "new_category": "MARKETING", "message_template_id": own,
        "message_template_name": "order_confirmation", "message_template_language": "en_US"});
    tell(APP_SECRET, &told(at + 2, WABA_ID, "template_category_update", category));
    assert_eq!((&one()["category"], &one()["previous_category"]), (&json!("MARKETING"), &json!("UTILITY")));
    // Somebody else's account is nobody's here.
    assert_eq!(tell(APP_SECRET, &told(1, "999", "message_template_status_update", json!({}))).status, 200);
    assert_eq!(tell(APP_SECRET, b"{\"entry\":[7,{\"changes\":[{}]}]}").status, 200);
    // Whatever is signed is kept: refused, it would come again for seven days.
    assert_eq!(tell(APP_SECRET, b"not json").status, 200);
    assert_eq!(tell(APP_SECRET, &told(1, WABA_ID, "messages", json!({"messages": []}))).status, 200);
    let whole = format!("sha256={}", "0".repeat(64));
    let large = [("content-length", "9999999"), ("x-hub-signature-256", whole.as_str())];
    assert_eq!(server.ask("POST", "/webhooks/meta", &large, b"x").status, 413);
    // One that is not known yet is looked up.
    let known = |name: &str| server.get(&format!("/api/v1/templates/a1/{name}")).status == 200;
    meta.ask("POST", &format!("/v26.0/{WABA_ID}/message_templates"), &template("from_elsewhere", GOOD));
    let news = json!({"event": "PENDING", "message_template_id": 7, "message_template_name": "from_elsewhere", "message_template_language": "en_US"});
    assert_eq!(tell(APP_SECRET, &told(at + 3, WABA_ID, "message_template_status_update", news)).status, 200);
    wait_until("the pull after the news", || known("from_elsewhere"));
    assert_eq!(one()["status"], "APPROVED", "the pull has the last word");
}

#[test]
fn files_go_to_meta_by_way_of_the_account() {
    let meta = Meta::new("");
    let program = Program::new();
    let server = serve(&program, &meta);
    connect(&server);
    let png = b"\x89PNG\r\n\x1a\n not much of a picture";
    let upload = |query: &str, kind: &str| {
        server.ask("POST", &format!("/api/v1/accounts/a1/media{query}"), &[("content-type", kind)], png)
    };
    let sample = upload("?kind=header&name=a.png", "image/png");
    assert!(sample.json()["handle"].as_str().unwrap().starts_with("4::"), "{}", sample.text());
    let media = upload(&format!("?kind=media&name=a.png&number={NUMBER_ID}"), "image/png");
    assert!(media.json()["id"].is_string(), "{}", media.text());
    upload("?kind=media&number=1", "image/png").assert_problem(404, "not-found", "no such number");
    upload("?kind=other", "image/png").assert_problem(400, "query-invalid", "`header` or `media`");
    upload("", "multipart/form-data").assert_problem(415, "content-type-unknown", "image/jpeg");
}

#[test]
fn the_command_line_connects_pulls_lists_and_submits() {
    let meta = Meta::new("");
    let program = Program::new();
    let connect = [
        "connect",
        "--token",
        "-",
        "--app-secret",
        "-",
        "--app-id",
        APP_ID,
        "--waba",
        WABA_ID,
        "--number",
        NUMBER_ID,
        "--sandbox",
        meta.url(),
    ];
    assert!(program.run(&["template", "list"]).stdout.contains("no templates"));
    program.run(&["template", "pull"]).assert_refused(&["no account is connected"]);
    program.run(&["connect", "--sandbox", meta.url()]).assert_refused(&["CONSENTRY_TOKEN", "--token -"]);
    assert_eq!(program.run(&["connect", "--token", "EAAtoken"]).code, 2, "never from the command line");
    program.run(&["connect", "--sandbox", "http://10.0.0.1"]).assert_refused(&["not encrypted"]);
    let secrets = format!("{TOKEN}\n{APP_SECRET}\n");
    let checked =
        program.run_with_input(&[&connect[..], &["--check", "--json"]].concat(), secrets.as_bytes());
    assert_eq!((checked.code, &checked.json()["steps"][0]["state"]), (0, &json!("ok")), "{}", checked.stderr);
    let wrong = program.run_with_input(&connect, b"EAAnonsense\n");
    assert_eq!((wrong.code, wrong.stdout.as_str()), (2, ""), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("✗ token") && wrong.stderr.contains("System users"), "{}", wrong.stderr);

    // Beside a server that runs.
    let server = serve(&program, &meta);
    let connected = program.run_with_input(&connect, secrets.as_bytes());
    assert_eq!(connected.code, 0, "{}", connected.stderr);
    assert!(
        connected.stdout.contains("connected Sandbox Shop as a1")
            && connected.stdout.contains("verify token"),
        "{}",
        connected.stdout
    );
    assert!(connected.stderr.contains("✓ token"), "{}", connected.stderr);
    for text in [&connected.stdout, &connected.stderr, &wrong.stderr] {
        assert!(!text.contains(TOKEN) && !text.contains(APP_SECRET), "{text}");
    }
    let pulled = program.json(&["template", "pull"]);
    let count = pulled["syncs"][0]["pulled"].as_u64().unwrap();
    assert!(count >= 6 && pulled["syncs"][0]["added"] == count, "{pulled}");
    let listed = program.json(&["template", "list", "--status", "approved"]);
    assert!(listed["templates"].as_array().unwrap().iter().all(|one| one["status"] == "APPROVED"));
    assert!(program.run(&["template", "list"]).stdout.contains("order_confirmation"));
    assert_eq!(server.get("/api/v1/templates").json()["templates"].as_array().unwrap().len() as u64, count);

    program.write("parcel.json", template("parcel_today", GOOD).to_string());
    let submitted = program.json(&["template", "submit", "parcel.json"]);
    assert_eq!((&submitted["name"], &submitted["status"]), (&json!("parcel_today"), &json!("PENDING")));
    program.write("bad.json", template("bad", "{{1}} is here").to_string());
    program.run(&["template", "submit", "bad.json"]).assert_refused(&["would refuse", "variable"]);
    program.write("no.json", "{");
    program.run(&["template", "submit", "no.json"]).assert_refused(&["not JSON"]);
    program.run(&["template", "submit", "missing.json"]).assert_refused(&["missing.json"]);
    drop(meta);
    let failed = program.run(&["template", "pull"]);
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    assert!(
        failed.stdout.contains("not pulled") && failed.stdout.contains("cannot be reached"),
        "{}",
        failed.stdout
    );
}

#[test]
fn a_lost_key_is_told_with_its_cure() {
    let meta = Meta::new("");
    let program = Program::new();
    let server = serve(&program, &meta);
    connect(&server);
    std::fs::rename(program.data().join("secret.key"), program.path("elsewhere")).unwrap();
    send(&server, "POST", "/accounts", &candidate()).assert_problem(503, "secrets-locked", "secret.key");
    program.json(&["store", "backup", "without"]);
    assert_eq!(sync(&server)["state"], "failed");
    assert_eq!(server.get("/api/v1/templates").status, 200, "what is kept can be read");
    std::fs::rename(program.path("elsewhere"), program.data().join("secret.key")).unwrap();
    assert_eq!(sync(&server)["state"], "done");

    // It goes into a backup when somebody says so, and out of it again.
    program.json(&["store", "backup", "plain"]);
    program.json(&["store", "backup", "whole", "--with-secret-key"]);
    for (copy, expected) in [("without", false), ("plain", false), ("whole", true)] {
        assert_eq!(program.path(copy).join("secret.key").exists(), expected, "{copy}");
        let restored = format!("{copy}-restored");
        program.json(&["store", "restore", copy, "--data", &restored]);
        let pulled = program.run(&["template", "pull", "--data", &restored, "--json"]);
        assert_eq!(pulled.code, i32::from(!expected), "{copy}: {}", pulled.stderr);
        let said = pulled.json()["syncs"][0]["trouble"].to_string();
        assert_eq!(said.contains("the key of the stored secrets is missing"), !expected, "{copy}: {said}");
    }
}

pub(crate) fn signed(secret: &str, body: &[u8]) -> String {
    // HMAC by its definition; a secret of Meta's is shorter than a block.
    let padded =
        |pad: u8| -> [u8; 64] { std::array::from_fn(|at| secret.as_bytes().get(at).unwrap_or(&0) ^ pad) };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(body).finalize();
    let outer = Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize();
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn an_id_is_not_given_out_again() {
    let meta = Meta::new("");
    let program = Program::new();
    let server = serve(&program, &meta);
    assert_eq!(connect(&server)["account"], "a1");
    assert_eq!(send(&server, "DELETE", "/accounts/a1", &Value::Null).status, 204);
    assert_eq!(server.get("/api/v1/accounts").json(), json!({"accounts": []}));
    assert_eq!(server.get("/api/v1/templates").json()["templates"], json!([]));
    let again = send(&server, "POST", "/accounts", &candidate()).json();
    assert_eq!(again["account"], "a2", "whatever still runs for a1 must not meet it");
}

#[test]
fn a_draft_made_of_what_meta_lists_is_judged_like_any_other() {
    let meta = Meta::new("");
    let program = Program::new();
    let server = serve(&program, &meta);
    connect(&server);
    let mut listed = template("picture", GOOD);
    listed["id"] = json!("1192339204654487");
    listed["status"] = json!("APPROVED");
    let header = json!({"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://example.com/a.jpg"]}});
    listed["components"].as_array_mut().unwrap().insert(0, header);
    let draft = json!({"template": listed});
    assert_eq!(send(&server, "PUT", "/templates/a1/picture/en_US/draft", &draft).status, 200);
    let refused = send(&server, "POST", "/templates/a1/picture/en_US/submit", &json!({}));
    refused.assert_problem(422, "template-rejected", "would refuse");
    assert_eq!(refused.json()["diagnostics"][0]["code"], "example-not-handle");
}

#[test]
fn a_signup_code_is_not_spent_on_what_cannot_be() {
    let meta = Meta::new("");
    let program = Program::new();
    let args = ["--graph-url", meta.url(), "--sync-every", "0", "--app-id", APP_ID];
    let server = program.serve_with(&args, &[("CONSENTRY_APP_SECRET", APP_SECRET)]);
    let code = meta.ask("POST", "/_sandbox/signup", &json!({}))["code"].clone();
    let code =
        json!({"code": code, "waba_id": WABA_ID, "phone_number_id": SECOND_NUMBER_ID, "pin": "123456"});
    let mut wrong = code.clone();
    wrong["pin"] = json!("12");
    assert_eq!(send(&server, "POST", "/accounts/signup", &wrong).status, 400);
    // The number cannot be registered; the token would never come again, so the account is kept and says so.
    meta.fault(&json!({"route": "POST register", "code": 133005}));
    let kept = send(&server, "POST", "/accounts/signup", &code);
    assert_eq!(kept.status, 201, "{}", kept.text());
    assert!(kept.json()["trouble"].as_str().unwrap().contains("could not be registered"), "{}", kept.text());
}
