//! The description of the HTTP API says what is served, no more and no less: the same routes, the same parameters,
//! and every answer as described. A client generated from it meets no surprise. More than 500 lines, because every answer of
//! every route is asked for once, and what one leaves the next one needs.

use std::collections::BTreeSet;

use consentry_host::access::totp;
use consentry_host::accounts::CODES;
use consentry_host::clock::{Clock as _, SystemClock};
use consentry_host::http::doors::TABLE;
use consentry_host::sandbox::example::{APP_ID, APP_SECRET, TOKEN, WABA_ID};
use consentry_host::secret::Secret;
use serde_json::{Value, json};

use crate::connecting::{Meta, signed};
use crate::hearing::samples;
use crate::program::{Answer, Program, SAMPLE, Server, encoded};

const ROUTES: &str = include_str!("../../host/src/http/mod.rs");
const SERVED: &str = "/api/v1";
/// What a document may have, in bytes.
const DOCUMENT_BYTES_MAX: usize = 2 << 20;

#[test]
fn the_description_names_exactly_the_routes_served() {
    let description = described();
    let mut served = BTreeSet::new();
    // However the lines are broken.
    let routes: String = ROUTES.split_whitespace().collect();
    for route in routes.split(".route(\"").skip(1) {
        let (path, handlers) = route.split_once('"').unwrap();
        let handlers = handlers.split(".route(").next().unwrap().split(".fallback(").next().unwrap();
        for method in ["get", "post", "put", "delete", "patch"] {
            if handlers.contains(&format!("{method}(")) {
                served.insert((path.to_owned(), method.to_owned()));
            }
        }
    }
    let mut named = BTreeSet::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        named.extend(methods.as_object().unwrap().keys().map(|method| (path.clone(), method.clone())));
    }
    assert_eq!(named, served);
    assert_eq!(description["servers"], json!([{"url": SERVED}]));
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1."));
}

#[test]
fn every_route_has_a_door_and_every_door_a_route() {
    let description = described();
    let mut named = BTreeSet::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        let methods = methods.as_object().unwrap().keys();
        named.extend(methods.map(|method| (path.clone(), method.to_uppercase())));
    }
    let doors: BTreeSet<_> =
        TABLE.iter().map(|door| (door.path.to_owned(), door.method.to_owned())).collect();
    assert_eq!(doors, named, "a route without a door is closed: name its right in host/src/http/doors.rs");
    assert_eq!(doors.len(), TABLE.len(), "a door stands there twice");
}

#[test]
fn every_step_of_connecting_has_a_code_that_is_described_and_said_in_the_panel() {
    let described = described()["components"]["schemas"]["Step"]["properties"]["code"]["enum"].clone();
    assert_eq!(described, json!(CODES));
    for language in ["en", "tr"] {
        let path = format!("{}/../wasm/panel/src/messages/steps.{language}.ts", env!("CARGO_MANIFEST_DIR"));
        let words = std::fs::read_to_string(path).unwrap();
        let said: Vec<&str> =
            words.lines().filter_map(|line| line.strip_prefix("  '")?.split("': (").next()).collect();
        assert_eq!(said, CODES, "{language}");
    }
    let check = include_str!("../../host/src/accounts/check.rs");
    for code in CODES {
        assert!(check.matches(&format!("\"{code}\"")).count() > 1, "{code} is never said");
    }
}

#[test]
fn every_reference_leads_somewhere_and_everything_is_referred_to() {
    let description = described();
    let mut referred = BTreeSet::new();
    references(&description, &mut referred);
    for reference in &referred {
        assert!(description.pointer(&reference[1..]).is_some(), "{reference} leads nowhere");
    }
    for kind in ["schemas", "responses"] {
        for name in description["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(referred.contains(&reference), "{reference} is not used");
        }
    }
}

#[test]
fn every_answer_is_as_described() {
    let (program, meta) = (Program::new(), Meta::new(""));
    let variables = [("CONSENTRY_APP_SECRET", APP_SECRET)];
    let server =
        program.serve_with(&["--graph-url", meta.url(), "--sync-every", "0", "--app-id", APP_ID], &variables);
    assert_eq!(server.get("/api/v1/openapi.json").json(), described());
    let mut asking = Asking { server: &server, description: described(), seen: BTreeSet::new() };
    let sample = SAMPLE.as_bytes();
    let bad = b"exid,wpNumber,permission,city\n7,12,1,Van\n8,+905301112233,1,\n9,0090 530 111 22 33,9,\n";
    let all = encoded("{\"country\":\"TR\",\"attributes\":[\"city\"],\"map\":{\"exid\":\"exid\"}}");
    let ask = &mut asking;

    ask.get("/version", "", 200);
    ask.get("/sample", "", 200);
    ask.get("/openapi.json", "", 200);
    ask.post("/imports", "?name=sample.csv", sample, 202);
    server.end_of("i1");
    ask.post("/imports", "?name=sample.csv", sample, 200);
    ask.post("/imports", "?dry_run=true", sample, 200);
    ask.post("/imports", &format!("?options={all}&as_of=2020-01-01&digest=0"), bad, 202);
    server.end_of("i2");
    ask.post("/imports", "?override_opt_outs=true&reason=signed", b"exid,permission\n7,1\n", 202);
    server.end_of("i3");
    ask.post("/imports", "", b"exid,wpNumber,permission\n34328,+905301112233,1\n", 202);
    server.end_of("i4");
    ask.post("/imports", "?as_of=yesterday", sample, 400);
    ask.ask("post", "/imports", "/imports", &[("content-encoding", "br")], sample, 415);
    ask.get("/imports", "", 200);
    for import in ["i1", "i2", "i3", "i4"] {
        ask.at("/imports/{import}", import, 200);
        ask.at("/imports/{import}/events", import, 200);
    }
    ask.at("/imports/{import}", "i9", 404);
    ask.at("/imports/{import}/events", "i9", 404);
    for number in ["+905301112233", "+905559998877"] {
        let body = json!({"number": number, "heard": "desk"}).to_string();
        ask.ask(
            "post",
            "/opt-outs",
            "/opt-outs",
            &[("content-type", "application/json")],
            body.as_bytes(),
            200,
        );
    }
    let body = br#"{"user_id": "TR.1A2B", "heard": "webhook"}"#;
    ask.ask("post", "/opt-outs", "/opt-outs", &[("content-type", "application/json")], body, 200);
    ask.post("/opt-outs", "", b"{}", 400);
    let undo = "/imports/{import}/undo";
    let body = br#"{"by": "desk", "reason": "the wrong file"}"#;
    for (import, body, status) in
        [("i4", &body[..], 200), ("i4", body, 409), ("i1", body, 200), ("i9", body, 404), ("i1", b"{}", 400)]
    {
        let target = undo.replace("{import}", import);
        ask.ask("post", undo, &target, &[("content-type", "application/json")], body, status);
    }
    ask.at("/imports/{import}", "i1", 200);
    ask.get("/profiles", "?limit=2", 200);
    ask.get("/profiles", "?q=nobody", 200);
    ask.get("/profiles", "?limit=x", 400);
    for of in ["p1", "p2", "%2B905301112233", "%2B905559998877", "%2B442071234567"] {
        ask.get("/explain", &format!("?of={of}"), 200);
    }
    ask.get("/explain", "", 400);
    ask_about_people(ask);
    ask.get("/export", "", 200);
    ask.get("/export", "?format=jsonl", 200);
    ask.get("/export", "?format=xml", 400);
    ask.get("/imports", "?limit=2", 400);
    ask_about_templates(ask, &meta);
    ask_about_access(ask);
    for (path, method) in asking.operations() {
        let target = path.replace("{import}", "i1").replace("{profile}", "p2");
        asking.ask(&method, &path, &target, &[("host", "evil.example")], b"", 403);
    }
    let large = vec![b' '; DOCUMENT_BYTES_MAX + 1];
    for (path, method, _) in asking.documented().into_iter().filter(|(.., status)| *status == 413) {
        // Nobody sends sixteen gigabytes for a test.
        if !["/imports", "/accounts/{account}/media"].contains(&path.as_str()) {
            let target = path
                .replace("{import}", "i1")
                .replace("{profile}", "p2")
                .replace("{account}", "a1")
                .replace("{name}", "x")
                .replace("{language}", "en")
                .replace("{campaign}", "c1")
                .replace("{segment}", "x");
            asking.ask(&method, &path, &target, &[("content-type", "application/json")], &large, 413);
        }
    }
    asking.assert_that_parameters_are_those_accepted();
    // A dry run beside an import is a matter of luck, as is a plan that takes long, and what is told live never ends.
    // What is one's own is asked for where somebody has signed in: in `access`.
    let of_oneself = |path: &str, method: &str, status| {
        path.starts_with("/account/")
            || [("/session", "delete", 204), ("/session", "post", 200)].contains(&(path, method, status))
    };
    let by_luck = |(path, method, status): &(String, String, u16)| {
        *status != 409
            && !of_oneself(path, method, *status)
            && (!["/events/live", "/campaigns/{campaign}/events"].contains(&path.as_str()) || *status != 200)
            && (path != "/campaigns/{campaign}/start" || *status != 202)
            // A provider stands in where the whole way is walked, in tests/js/panel-provider.test.mjs.
            && (!path.starts_with("/session/provider") || ![200, 409, 429, 502].contains(status))
            && (*status != 413 || !["/imports", "/accounts/{account}/media"].contains(&path.as_str()))
    };
    let expected: BTreeSet<_> = asking.documented().into_iter().filter(by_luck).collect();
    let seen: BTreeSet<_> = asking.seen.into_iter().filter(by_luck).collect();
    assert_eq!(seen, expected, "described but never seen, or the other way round");
}

/// One person: attributes by hand, and evidence.
fn ask_about_people(ask: &mut Asking<'_>) {
    for permission in ["opt_in", "opt_out", "none"] {
        ask.get("/profiles", &format!("?permission={permission}"), 200);
    }
    ask.get("/profiles", "?permission=maybe", 400);
    let (one, attributes) = ("/profiles/{profile}", "/profiles/{profile}/attributes");
    for (profile, status) in [("p2", 200), ("p99", 404), ("ada", 404)] {
        ask.ask("get", one, &format!("/profiles/{profile}"), &[], b"", status);
    }
    let change = json!({"changes": {"city": {"from": null, "to": "Izmir"}}});
    for (profile, body, status) in [
        ("p2", &change, 200),
        ("p2", &change, 409),
        ("p2", &json!({"changes": {"email": {"from": null, "to": "a@b.c"}}}), 400),
        ("p2", &json!({"changes": []}), 400),
        ("p99", &change, 404),
    ] {
        ask.json("put", attributes, &format!("/profiles/{profile}/attributes"), body, status);
    }
    ask.ask("get", one, "/profiles/p2", &[], b"", 200);
    ask.get("/evidence", "?of=p2", 200);
    ask.get("/evidence", "?of=%2B905559998877", 200);
    ask.get("/evidence", "?of=%2B905559990000", 404);
    ask.get("/evidence", "", 400);
    let erasure = "/profiles/{profile}/erasure";
    ask.ask("get", erasure, "/profiles/p1/erasure", &[], b"", 404);
    for (profile, body, status) in [
        ("p1", json!({"profile": "p2", "reason": "asked"}), 400),
        ("p99", json!({"profile": "p99", "reason": "asked"}), 404),
        ("p1", json!({"profile": "p1", "reason": "asked by letter"}), 200),
    ] {
        ask.json("post", erasure, &format!("/profiles/{profile}/erasure"), &body, status);
    }
    ask.ask("get", erasure, "/profiles/p1/erasure", &[], b"", 200);
    ask.get("/evidence/key", "", 200);
    ask.get("/evidence/key", "?of=p2", 400);
    let pack = ask.server.get("/api/v1/evidence?of=p2").text().to_owned();
    ask.post("/evidence/verify", "", pack.as_bytes(), 200);
    ask.post("/evidence/verify", "", pack.replace("Izmir", "Bursa").as_bytes(), 200);
    ask.post("/evidence/verify", "?key=none", b"{}", 400);
}

/// Everything about who may come in, on a server where nobody has to sign in.
fn ask_about_access(ask: &mut Asking<'_>) {
    ask.get("/session", "", 200);
    let body = json!({"email": "ada@example.com", "password": "a long enough one", "code": "123456"});
    ask.json("post", "/session", "/session", &json!({}), 400);
    for status in [401, 401, 401, 401, 401, 429] {
        ask.json("post", "/session", "/session", &body, status);
    }
    ask.ask("delete", "/session", "/session?a=1", &[], b"", 400);
    let invited = json!({"email": "bob@example.com", "roles": ["admin"]});
    ask.json("post", "/people", "/people", &json!({"email": "bob"}), 400);
    ask.json("post", "/people", "/people", &invited, 201);
    ask.get("/people", "", 200);
    for (name, body, status) in [
        ("bob@example.com", json!({"roles": ["viewer"]}), 200),
        ("bob@example.com", json!({"roles": []}), 400),
        ("eve@example.com", json!({"disabled": true}), 404),
    ] {
        ask.json("put", "/people/{person}", &format!("/people/{name}"), &body, status);
    }
    let link = "/people/{person}/link";
    ask.ask("post", link, "/people/eve@example.com/link", &[], b"", 404);
    ask.ask("post", link, "/people/bob@example.com/link", &[], b"", 200);
    let made = ask.server.ask("POST", "/api/v1/people/bob@example.com/link", &[], b"").json();
    let token = made["link"].as_str().unwrap().split_once('=').unwrap().1.to_owned();
    let (welcome, arrive) = ("/session/welcome", "/session/arrive");
    for path in [welcome, arrive] {
        ask.json("post", path, path, &json!({}), 400);
        let lame = json!({"token": "nonsense", "password": "a long enough one", "code": "1"});
        let lame = if path == welcome { json!({"token": "nonsense"}) } else { lame };
        ask.json("post", path, path, &lame, 401);
    }
    ask.json("post", welcome, welcome, &json!({"token": token}), 200);
    let found = ask.server.ask(
        "POST",
        "/api/v1/session/welcome",
        &[("content-type", "application/json")],
        json!({"token": token}).to_string().as_bytes(),
    );
    let secret = Secret::new(found.json()["secret"].as_str().unwrap());
    let code = totp::code(&secret, SystemClock.now()).unwrap();
    let chosen = json!({"token": token, "password": "a long enough one", "code": code});
    ask.json("post", arrive, arrive, &chosen, 201);
    let provider = "/session/provider";
    ask.ask("post", provider, provider, &[], b"", 404);
    let back = "/session/provider/arrive";
    ask.json("post", back, back, &json!({"state": "s"}), 400);
    ask.json("post", back, back, &json!({"state": "s", "code": "c"}), 404);
    let recovery = ask.server.ask("POST", "/api/v1/account/recovery", &[], b"");
    assert_eq!(recovery.json()["code"], "not-now", "nobody has signed in with a password");
    ask.json("post", "/keys", "/keys", &json!({"name": "crm", "scopes": ["look"], "days": 9}), 201);
    ask.json("post", "/keys", "/keys", &json!({"name": "crm"}), 400);
    ask.get("/keys", "", 200);
    ask.ask("delete", "/keys/{key}", "/keys/k1", &[], b"", 200);
    ask.ask("delete", "/keys/{key}", "/keys/k9", &[], b"", 404);
    ask.get("/audit", "?limit=2", 200);
    ask.get("/audit", "?limit=x", 400);
    ask.get("/audit/verify", "", 200);
}

/// Everything about accounts and templates, at a stand-in for Meta.
fn ask_about_templates(ask: &mut Asking<'_>, meta: &Meta) {
    const DRAFT: &str = "/templates/{account}/{name}/{language}/draft";
    const SUBMIT: &str = "/templates/{account}/{name}/{language}/submit";
    let own = json!({"token": TOKEN, "app_id": APP_ID, "app_secret": APP_SECRET, "waba_id": WABA_ID});
    let lame = json!({"token": "EAAnonsense"});
    ask.get("/templates", "", 200);
    let flawed = json!({"name": "Hello", "components": [{"type": "BODY", "text": "{{1}}"}]});
    ask.json("post", "/templates/lint", "/templates/lint", &flawed, 200);
    ask.post("/templates/lint", "", b"{", 200);
    let sent = json!({"template": flawed, "values": {"1": "Sarah\n"}, "to": "+90"});
    ask.json("post", "/templates/preview", "/templates/preview", &sent, 200);
    ask.json("post", "/accounts/check", "/accounts/check", &own, 200);
    ask.json("post", "/accounts/check", "/accounts/check", &json!({"pin": "1"}), 400);
    ask.json("post", "/accounts", "/accounts", &lame, 422);
    ask.json("post", "/accounts", "/accounts", &json!([]), 400);
    ask.json("post", "/accounts", "/accounts", &own, 201);
    ask.get("/templates/sync/events", "?account=a1", 200);
    let code = meta.ask("POST", "/_sandbox/signup", &json!({}))["code"].clone();
    let sign_up = json!({"code": code, "waba_id": WABA_ID});
    for (body, status) in [(&json!({}), 400), (&sign_up, 201), (&sign_up, 422)] {
        ask.json("post", "/accounts/signup", "/accounts/signup", body, status);
    }
    ask.post("/templates/sync", "?account=a1", b"", 202);
    ask.get("/templates/sync/events", "", 200);
    for (query, status) in [("?account=a9", 404), ("?a=1", 400)] {
        ask.post("/templates/sync", query, b"", status);
        ask.get("/templates/sync/events", query, status);
        ask.get("/templates", query, status);
    }
    ask.get("/accounts", "", 200);
    ask.get("/templates", "?account=a1&q=order", 200);

    let media = "/accounts/{account}/media";
    let png: &[(&str, &str)] = &[("content-type", "image/png")];
    let data = b"\x89PNG\r\n\x1a\n";
    for (query, headers, status) in [
        ("a1/media?kind=header&name=a.png", png, 200),
        ("a1/media?kind=media", png, 200),
        ("a1/media?kind=x", png, 400),
        ("a9/media", png, 404),
        ("a1/media", &[], 415),
        ("a1/media", &[("content-type", "text/x-nonsense")], 422),
    ] {
        ask.ask("post", media, &format!("/accounts/{query}"), headers, data, status);
    }

    let id = meta_media(ask.server);
    let one = "/accounts/{account}/media/{media}";
    for (method, target, status) in [
        ("get", format!("a1/media/{id}"), 200),
        ("delete", format!("a1/media/{id}"), 204),
        ("get", format!("a1/media/{id}"), 422),
        ("delete", format!("a1/media/{id}"), 422),
        ("get", "a1/media/..".to_owned(), 400),
        ("delete", "a1/media/x".to_owned(), 400),
        ("get", "a9/media/1".to_owned(), 404),
        ("delete", "a9/media/1".to_owned(), 404),
    ] {
        ask.ask(method, one, &format!("/accounts/{target}"), &[], b"", status);
    }

    let document = json!({"category": "UTILITY", "components": [{"type": "BODY", "text": "Your parcel arrives today."}]});
    let bad = json!({"category": "UTILITY", "components": [{"type": "BODY", "text": "{{1}}"}]});
    let at = |path: &str, name: &str| {
        path.replace("{account}", "a1").replace("{name}", name).replace("{language}", "en_US")
    };
    for (name, template) in [("good", &document), ("bad", &bad)] {
        ask.json("put", DRAFT, &at(DRAFT, name), &json!({"template": template, "values": {}}), 200);
    }
    ask.json("put", DRAFT, &at(DRAFT, "new"), &json!({}), 400);
    ask.json("put", DRAFT, &at(DRAFT, "new").replace("a1", "a9"), &json!({"template": {}}), 404);
    for (name, body, status) in
        [("good", "{}", 200), ("good", "[]", 400), ("none", "{}", 404), ("bad", "{}", 422)]
    {
        let headers = [("content-type", "application/json")];
        ask.ask("post", SUBMIT, &at(SUBMIT, name), &headers, body.as_bytes(), status);
    }
    ask.get("/templates", "", 200);
    for (name, status) in [("bad", 204), ("bad", 404), ("B", 400)] {
        ask.ask("delete", DRAFT, &at(DRAFT, name), &[], b"", status);
    }
    let one = "/templates/{account}/{name}";
    ask.ask("get", one, "/templates/a1/good", &[], b"", 200);
    ask.ask("get", one, "/templates/a1/bad", &[], b"", 404);
    ask.ask("delete", one, "/templates/a1/good", &[], b"", 400);
    ask.ask("delete", one, "/templates/a1/bad?confirm=bad", &[], b"", 404);
    meta.fault(&json!({"route": "DELETE message_templates", "code": 100}));
    ask.ask("delete", one, "/templates/a1/spring_sale?confirm=spring_sale", &[], b"", 422);
    ask.ask("delete", one, "/templates/a1/spring_sale?confirm=spring_sale&language=ar", &[], b"", 200);
    ask.get("/events", "?kind=template,account&limit=1", 200);
    ask.get("/events", "?limit=0", 400);
    ask.get("/events/live", "?after=many", 400);
    ask.get("/events/status", "", 200);
    ask.get("/events/status", "?verbose=1", 400);
    ask.get("/health", "", 200);
    ask.get("/health", "?verbose=1", 400);
    let delivery = "/deliveries/{message_id}";
    ask.ask("get", delivery, "/deliveries/wamid.none", &[], b"", 404);
    for (name, body) in samples() {
        let signature = format!("sha256={}", signed(APP_SECRET, &body));
        let headers = [("host", "consent.example"), ("x-hub-signature-256", signature.as_str())];
        assert_eq!(ask.server.ask("POST", "/webhooks/meta", &headers, &body).status, 200, "{name}");
    }
    ask.get("/events", "?limit=500", 200);
    ask.ask(
        "get",
        delivery,
        &format!("/deliveries/{}", encoded("wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI3MTE5MjVBOTE3MDk5QUVFM0YA")),
        &[],
        b"",
        200,
    );
    crate::openapi_campaigns::ask(ask, meta);
    ask.ask("delete", "/accounts/{account}", "/accounts/a1", &[], b"", 204);
    ask.ask("delete", "/accounts/{account}", "/accounts/a1", &[], b"", 404);
}

/// Media that Meta has; its id.
fn meta_media(server: &Server) -> String {
    let headers = [("content-type", "image/png")];
    let uploaded = server.ask("POST", "/api/v1/accounts/a1/media?kind=media", &headers, b"\x89PNG\r\n\x1a\n");
    uploaded.json()["id"].as_str().unwrap().to_owned()
}

/// Asks, and holds every answer against the description.
pub(crate) struct Asking<'a> {
    pub(crate) server: &'a Server,
    description: Value,
    seen: BTreeSet<(String, String, u16)>,
}

impl Asking<'_> {
    pub(crate) fn get(&mut self, path: &str, query: &str, status: u16) {
        self.ask("get", path, &format!("{path}{query}"), &[], b"", status);
    }

    fn at(&mut self, path: &str, import: &str, status: u16) {
        self.ask("get", path, &path.replace("{import}", import), &[], b"", status);
    }

    pub(crate) fn json(&mut self, method: &str, path: &str, target: &str, body: &Value, status: u16) {
        self.ask(
            method,
            path,
            target,
            &[("content-type", "application/json")],
            body.to_string().as_bytes(),
            status,
        );
    }

    pub(crate) fn post(&mut self, path: &str, query: &str, body: &[u8], status: u16) {
        self.ask("post", path, &format!("{path}{query}"), &[], body, status);
    }

    pub(crate) fn ask(
        &mut self,
        method: &str,
        path: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        status: u16,
    ) {
        let answer = self.server.ask(&method.to_uppercase(), &format!("{SERVED}{target}"), headers, body);
        let place = format!("{method} {target}");
        assert_eq!(answer.status, status, "{place}: {}", answer.text());
        let response = &self.description["paths"][path][method]["responses"][status.to_string()];
        assert!(response.is_object(), "{place}: {status} is not described");
        self.hold(&answer, self.resolved(response), &place);
        self.seen.insert((path.to_owned(), method.to_owned(), status));
    }

    fn hold(&self, answer: &Answer, response: &Value, place: &str) {
        if response.get("content").is_none() {
            assert!(answer.body.is_empty() && answer.header("content-type").is_none(), "{place}: a body");
            return;
        }
        let kind = answer.header("content-type").unwrap().split(';').next().unwrap();
        let any = &response["content"]["*/*"];
        let content = if any.is_object() { any } else { &response["content"][kind] };
        assert!(content.is_object(), "{place}: `{kind}` is not described");
        let schema = &content["schema"];
        match kind {
            "application/json" | "application/problem+json" => self.fits(&answer.json(), schema, place),
            "text/event-stream" => {
                for (_, document) in answer.events() {
                    self.fits(&document, schema, place);
                }
            }
            "application/x-ndjson" => {
                for line in answer.text().lines() {
                    self.fits(&serde_json::from_str(line).unwrap(), schema, place);
                }
            }
            _ => assert_eq!(schema["type"], "string", "{place}"),
        }
        for name in response["headers"].as_object().into_iter().flatten().map(|(name, _)| name.to_lowercase())
        {
            assert!(answer.header(&name).is_some(), "{place}: no header `{name}`");
        }
    }

    /// The part of JSON Schema that the description uses; and what is there must be described.
    fn fits(&self, value: &Value, schema: &Value, place: &str) {
        let schema = self.resolved(schema);
        for (keyword, rule) in schema.as_object().unwrap() {
            match keyword.as_str() {
                "type" => {
                    let types = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
                    let fits = |kind: &Value| kind == kind_of(value) || kind == "number" && value.is_number();
                    assert!(types.iter().any(fits), "{place}: {value} is no {rule}");
                }
                "enum" => {
                    assert!(rule.as_array().unwrap().contains(value), "{place}: {value} is none of {rule}");
                }
                "const" => assert_eq!(value, rule, "{place}"),
                "minimum" => assert!(value.as_u64() >= rule.as_u64(), "{place}: {value}"),
                "required" => {
                    for name in rule.as_array().unwrap().iter().filter_map(Value::as_str) {
                        assert!(value.get(name).is_some(), "{place}: `{name}` is missing in {value}");
                    }
                }
                "properties" => {
                    for (name, value) in value.as_object().unwrap() {
                        let place = format!("{place}/{name}");
                        assert!(rule.get(name).is_some(), "{place} is not described");
                        self.fits(value, &rule[name], &place);
                    }
                }
                "additionalProperties" => {
                    value.as_object().unwrap().values().for_each(|value| self.fits(value, rule, place));
                }
                "items" => value.as_array().unwrap().iter().for_each(|item| self.fits(item, rule, place)),
                "oneOf" => {
                    // An alternative is told by its kind, or by being null.
                    let alternatives = rule.as_array().unwrap().iter().map(|schema| self.resolved(schema));
                    let chosen = alternatives.filter(|schema| match value {
                        Value::Null => schema["type"] == "null",
                        _ => {
                            schema["type"] == "object" && {
                                let kind = &schema["properties"]["kind"]["const"];
                                kind.is_null() || *kind == value["kind"]
                            }
                        }
                    });
                    let [schema] = chosen.collect::<Vec<_>>()[..] else {
                        panic!("{place}: {value} fits not one")
                    };
                    self.fits(value, schema, place);
                }
                "format" => {
                    let text = value.as_str().unwrap();
                    let shape = if rule == "date" { "0000-00-00" } else { "0000-00-00T00:00:00.000Z" };
                    let digits = text.chars().map(|ch| if ch.is_ascii_digit() { '0' } else { ch });
                    assert_eq!(digits.collect::<String>(), shape, "{place}: {text}");
                }
                "description" | "examples" | "default" => {}
                other => panic!("{place}: this test does not understand `{other}`"),
            }
        }
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.description.pointer(&reference[1..]).unwrap(),
            None => value,
        }
    }

    fn operations(&self) -> Vec<(String, String)> {
        let paths = self.description["paths"].as_object().unwrap().iter();
        paths
            .flat_map(|(path, of)| {
                of.as_object().unwrap().keys().map(|method| (path.clone(), method.clone()))
            })
            .collect()
    }

    fn documented(&self) -> BTreeSet<(String, String, u16)> {
        let mut all = BTreeSet::new();
        for (path, method) in self.operations() {
            let responses = self.description["paths"][&path][&method]["responses"].as_object().unwrap();
            let statuses = responses.keys().filter_map(|status| status.parse().ok());
            all.extend(statuses.map(|status| (path.clone(), method.clone(), status)));
        }
        all
    }

    /// Whoever asks with an unknown parameter is told the known ones.
    fn assert_that_parameters_are_those_accepted(&self) {
        let mut compared = 0;
        for (path, method) in self.operations() {
            let parameters = self.description["paths"][&path][&method]["parameters"].as_array();
            let query = parameters.into_iter().flatten().filter(|parameter| parameter["in"] == "query");
            let named: BTreeSet<&str> = query.map(|parameter| parameter["name"].as_str().unwrap()).collect();
            if named.is_empty() {
                continue;
            }
            let target = format!("{SERVED}{path}?nonsense=1");
            let problem = self.server.ask(&method.to_uppercase(), &target, &[], b"").json();
            let (_, known) = problem["detail"].as_str().unwrap().split_once("known are ").unwrap();
            assert_eq!(known.split(", ").collect::<BTreeSet<_>>(), named, "{method} {path}");
            compared += 1;
        }
        assert_eq!(compared, 19);
    }
}

fn described() -> Value {
    serde_json::from_str(include_str!("../../host/src/http/openapi.json")).unwrap()
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
