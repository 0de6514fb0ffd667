//! Who may come in, and what they may do, as the real server answers it: the first link, passwords and codes, sessions,
//! roles at every door, keys, and the audit of it all.
//!
//! All these lines are together because they are about the same few people, whom they sign in alike.

use std::cell::Cell;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use consentry_core::time::UnixMs;
use consentry_host::access::{ROLES, Right, Rights, totp};
use consentry_host::clock::{Clock as _, SystemClock};
use consentry_host::http::doors::{Needs, TABLE};
use consentry_host::secret::Secret;
use consentry_host::store::audit::NOTE_BYTES_MAX;
use consentry_host::store::sqlite::FILE_NAME;
use consentry_host::store::{AuditEnd, Store, TenantId};
use serde_json::{Value, json};

use crate::database::{Schema, on_every_store};
use crate::program::{Answer, Program, Server};

const ADMIN: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";

/// Somebody who uses the panel.
struct Person {
    email: String,
    secret: Secret,
    cookie: String,
    recovery: Vec<String>,
    /// The code with which they arrived.
    first: String,
    /// How many codes have been used: each works once, and the next step's is taken as well.
    codes: Cell<i64>,
}

impl Person {
    /// Follows a link.
    fn arrive(server: &Server, link: &str, email: &str) -> Person {
        let token = link.split_once("#welcome=").unwrap().1.trim();
        let welcome = write(server, "POST", "/session/welcome", "", &json!({"token": token}));
        assert_eq!(welcome.status, 200, "{}", welcome.text());
        let welcome = welcome.json();
        assert!(welcome["picture_path"].as_str().unwrap().starts_with('M'));
        let secret = Secret::new(welcome["secret"].as_str().unwrap());
        let first = code(&secret, 0);
        let mut chosen = json!({"token": token, "name": "Somebody", "password": PASSWORD, "code": first});
        if welcome["email"].is_null() {
            chosen["email"] = json!(email);
        }
        let arrived = write(server, "POST", "/session/arrive", "", &chosen);
        assert_eq!(arrived.status, 201, "{}", arrived.text());
        let cookie = cookie(&arrived);
        let recovery = serde_json::from_value(arrived.json()["recovery"].clone()).unwrap();
        let again = write(server, "POST", "/session/arrive", "", &chosen);
        // Whoever tries too many that are used is told to wait.
        assert!(["link-used", "too-many-attempts"].map(Value::from).contains(&again.json()["code"]));
        Person { email: email.to_owned(), secret, cookie, recovery, first, codes: Cell::new(0) }
    }

    fn sign_in(&self, server: &Server) -> Answer {
        self.codes.set(self.codes.get() + 1);
        sign_in(server, &self.email, PASSWORD, &code(&self.secret, self.codes.get()))
    }
}

fn code(secret: &Secret, steps: i64) -> String {
    totp::code(secret, UnixMs(SystemClock.now().0 + steps * 30_000)).unwrap()
}

fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie").expect("a session");
    assert!(
        set.contains("; HttpOnly") && set.contains("; SameSite=Strict") && set.contains("; Path=/"),
        "{set}"
    );
    set.split(';').next().unwrap().to_owned()
}

/// A write as the panel sends it.
fn write(server: &Server, method: &str, path: &str, cookie: &str, body: &Value) -> Answer {
    let headers = [("cookie", cookie), ("content-type", "application/json"), ("x-consentry-page", "1")];
    let headers = if cookie.is_empty() { &headers[1..] } else { &headers[..] };
    server.ask(method, &format!("/api/v1{path}"), headers, body.to_string().as_bytes())
}

fn look(server: &Server, path: &str, cookie: &str) -> Answer {
    server.ask("GET", &format!("/api/v1{path}"), &[("cookie", cookie)], b"")
}

fn sign_in(server: &Server, email: &str, password: &str, code: &str) -> Answer {
    write(server, "POST", "/session", "", &json!({"email": email, "password": password, "code": code}))
}

/// A server on which the first person has arrived.
fn opened(program: &Program) -> (Server, Person) {
    let (server, said) = program.serve_saying(&["--sign-in"], &[]);
    let link = said.lines().find(|line| line.contains("#welcome=")).expect(&said).to_owned();
    let admin = Person::arrive(&server, &link, ADMIN);
    (server, admin)
}

fn invited(server: &Server, admin: &Person, email: &str, roles: &[&str]) -> Person {
    let body = json!({"email": email, "name": email, "roles": roles});
    let answer = write(server, "POST", "/people", &admin.cookie, &body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    Person::arrive(server, answer.json()["link"].as_str().unwrap(), email)
}

on_every_store! {
    notes_follow_each_other_and_are_read_from_the_end
}

fn notes_follow_each_other_and_are_read_from_the_end(store: &dyn Store) {
    let (tenant, other) = (TenantId::DEFAULT, TenantId(2));
    assert_eq!(store.verify_notes(tenant).unwrap(), AuditEnd::default());
    assert_eq!(store.notes(tenant, None, 10).unwrap(), []);
    let written: Vec<_> = (0..5_u8).map(|n| store.append_note(tenant, &[n, 0, 255]).unwrap()).collect();
    store.append_note(other, b"theirs").unwrap();
    assert_eq!(written.iter().map(|note| note.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let end = store.verify_notes(tenant).unwrap();
    assert_eq!((end.notes, end.hash), (5, written[4].hash));
    let latest = store.notes(tenant, None, 2).unwrap();
    assert_eq!(latest, [written[4].clone(), written[3].clone()]);
    assert_eq!(store.notes(tenant, Some(4), 10).unwrap().len(), 3);
    // The same words in the same order have the same hashes, wherever they are kept.
    let hash: String = end.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, "42779dbde83486d78ab41d167eebd2b27ba7e6d55fb431001189061b673ce880");
    assert!(store.append_note(tenant, &vec![0; NOTE_BYTES_MAX + 1]).is_err());
}

#[test]
fn the_first_link_makes_the_first_person_and_no_other() {
    let program = Program::new();
    let (server, said) = program.serve_saying(&["--sign-in"], &[]);
    let link = said.lines().find(|line| line.contains("#welcome=")).unwrap().to_owned();
    for path in ["/imports", "/profiles", "/people", "/audit", "/version"] {
        let answer = server.ask("GET", &format!("/api/v1{path}"), &[], b"");
        assert_eq!((answer.status, answer.json()["code"].as_str()), (401, Some("not-signed-in")), "{path}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    assert_eq!(server.get("/api/v1/session").json()["is_new"], true);
    assert_eq!(server.get("/").status, 200);
    let admin = Person::arrive(&server, &link, ADMIN);
    let session = look(&server, "/session", &admin.cookie).json();
    assert_eq!((&session["state"], &session["person"]["email"]), (&json!("signed_in"), &json!(ADMIN)));
    assert_eq!(session["rights"].as_array().unwrap().len(), Rights::all().ids().len());
    drop(server);
    // Now there is somebody, and no further link.
    let (server, said) = program.serve_saying(&["--sign-in"], &[]);
    assert!(!said.contains("welcome"), "{said}");
    assert_eq!(look(&server, "/people", &admin.cookie).status, 200);
}

#[test]
fn a_password_and_a_code_let_somebody_in_and_neither_does_alone() {
    let program = Program::new();
    let (server, admin) = opened(&program);
    let wrong = sign_in(&server, ADMIN, "wrong horse battery", &code(&admin.secret, 1));
    let no_code = sign_in(&server, ADMIN, PASSWORD, "000000");
    let unknown = sign_in(&server, "nobody@example.com", PASSWORD, &code(&admin.secret, 1));
    let said = |answer: &Answer| (answer.status, answer.text().to_owned());
    assert_eq!(said(&wrong), said(&unknown));
    assert_eq!(said(&wrong), said(&no_code));
    assert_eq!(wrong.json()["code"], "not-right");
    // The code with which the account was made works no more.
    assert_eq!(sign_in(&server, ADMIN, PASSWORD, &admin.first).status, 401);
    let first = admin.sign_in(&server);
    assert_eq!(first.status, 200, "{}", first.text());
    assert_ne!(cookie(&first), admin.cookie, "a session is new at every sign-in");
    let recovered = sign_in(&server, "ADA@Example.com", PASSWORD, &admin.recovery[0].to_uppercase());
    assert_eq!(recovered.status, 200, "{}", recovered.text());
    assert_eq!(sign_in(&server, ADMIN, PASSWORD, &admin.recovery[0]).status, 401);
    assert_eq!(sign_in(&server, ADMIN, PASSWORD, &admin.recovery[1]).status, 200);
}

#[test]
fn who_guesses_has_to_wait_and_a_right_password_does_not_help() {
    let program = Program::new();
    let (server, admin) = opened(&program);
    let guess = |email: &str| sign_in(&server, email, "guess number one", "123456").status;
    assert_eq!([ADMIN; 6].map(guess), [401, 401, 401, 401, 401, 429]);
    let waiting = admin.sign_in(&server);
    assert_eq!((waiting.status, waiting.json()["code"].as_str()), (429, Some("too-many-attempts")));
    // Whether somebody is here cannot be told from how long they wait.
    assert_eq!(["nobody@example.com"; 6].map(guess), [401, 401, 401, 401, 401, 429]);
}

#[test]
fn a_session_ends_here_there_and_everywhere() {
    let program = Program::new();
    let (server, admin) = opened(&program);
    let other = cookie(&sign_in(&server, ADMIN, PASSWORD, &admin.recovery[0]));
    let sessions = look(&server, "/account/sessions", &admin.cookie).json();
    let sessions = sessions["sessions"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2);
    let there =
        sessions.iter().find(|one| one["is_this"] == false).unwrap()["session"].as_str().unwrap().to_owned();
    assert!(!other.contains(&there), "what names a session opens none");
    let path = format!("/account/sessions/{there}");
    assert_eq!(write(&server, "DELETE", &path, &admin.cookie, &json!({})).status, 204);
    assert_eq!(look(&server, "/imports", &other).status, 401);
    let third = cookie(&sign_in(&server, ADMIN, PASSWORD, &admin.recovery[1]));
    let out = write(&server, "DELETE", "/session?everywhere=true", &third, &json!({}));
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    for gone in [&third, &admin.cookie] {
        assert_eq!(look(&server, "/imports", gone).status, 401);
    }
}

#[test]
fn a_write_needs_a_page_of_ours() {
    let program = Program::new();
    let (server, admin) = opened(&program);
    let body = br#"{"name":"x","scopes":["look"]}"#;
    let json = ("content-type", "application/json");
    let cookie = ("cookie", admin.cookie.as_str());
    let bare = server.ask("POST", "/api/v1/keys", &[cookie, json], body);
    assert_eq!((bare.status, bare.json()["code"].as_str()), (403, Some("forbidden")));
    let foreign = [cookie, json, ("x-consentry-page", "1"), ("origin", "https://evil.example")];
    assert_eq!(server.ask("POST", "/api/v1/keys", &foreign, body).status, 403);
    assert_eq!(look(&server, "/keys", &admin.cookie).json()["keys"], json!([]));
}

/// A stream of events that is open, with what this credential opens.
fn listening(server: &Server, path: &str, header: (&str, &str)) -> BufReader<TcpStream> {
    let mut stream = server.connect();
    let head = format!(
        "GET /api/v1{path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{}: {}\r\n\r\n",
        server.address(),
        header.0,
        header.1
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut stream = BufReader::new(stream);
    let mut status = String::new();
    stream.read_line(&mut status).unwrap();
    assert!(status.contains(" 200 "), "{path}: {status}");
    stream
}

/// Reads to the end of a stream; a reader waits a minute at most for the next byte.
fn ends(mut stream: BufReader<TcpStream>) {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).expect("the stream ends");
    assert!(rest.ends_with(b"0\r\n\r\n"), "it is whole: {}", String::from_utf8_lossy(&rest));
}

#[test]
fn a_stream_ends_with_the_session_the_role_or_the_key_that_opened_it() {
    let program = Program::new();
    let (server, admin) = opened(&program);
    let viewer = invited(&server, &admin, "viewer@example.com", &["viewer"]);
    let stays = listening(&server, "/events/live", ("cookie", &admin.cookie));
    // Signed out.
    let other = cookie(&sign_in(&server, ADMIN, PASSWORD, &admin.recovery[0]));
    let stream = listening(&server, "/events/live", ("cookie", &other));
    assert_eq!(write(&server, "DELETE", "/session", &other, &json!({})).status, 204);
    ends(stream);
    // Shut out.
    let stream = listening(&server, "/events/live", ("cookie", &viewer.cookie));
    let shut = write(&server, "PUT", "/people/viewer@example.com", &admin.cookie, &json!({"disabled": true}));
    assert_eq!(shut.status, 200, "{}", shut.text());
    ends(stream);
    // A key that is revoked.
    let made =
        write(&server, "POST", "/keys", &admin.cookie, &json!({"name": "crm", "scopes": ["look"]})).json();
    let shown = format!("Bearer {}", made["token"].as_str().unwrap());
    let stream = listening(&server, "/events/live", ("authorization", &shown));
    let path = format!("/keys/{}", made["key"]["key"].as_str().unwrap_or("k1"));
    assert_eq!(write(&server, "DELETE", &path, &admin.cookie, &json!({})).status, 200);
    ends(stream);
    // Nobody else's stream has ended with them.
    assert_eq!(write(&server, "DELETE", "/session", &admin.cookie, &json!({})).status, 204);
    ends(stays);
}

/// No door breaks on a zero byte, which not every database takes: in each place of each path, and in questions.
fn no_door_breaks_on_a_zero_byte_with(arguments: &[&str]) {
    let program = Program::new();
    let (server, said) = program.serve_saying(&[&["--sign-in"], arguments].concat(), &[]);
    let link = said.lines().find(|line| line.contains("#welcome=")).expect(&said).to_owned();
    let admin = Person::arrive(&server, &link, ADMIN);
    let headers =
        [("cookie", admin.cookie.as_str()), ("x-consentry-page", "1"), ("content-type", "application/json")];
    let mut asked = 0;
    for door in TABLE {
        for (at, _) in door.path.match_indices('{') {
            let end = at + door.path[at..].find('}').unwrap() + 1;
            let path = format!("{}a%00b{}", &door.path[..at], &door.path[end..]).replace(['{', '}'], "");
            let answer = server.ask(door.method, &format!("/api/v1{path}"), &headers, b"{}");
            answer.assert_problem(404, "not-found", "zero byte");
            asked += 1;
        }
        if door.needs != Needs::Nothing {
            let target = format!("/api/v1{}?q=%00", door.path.replace(['{', '}'], ""));
            server.ask(door.method, &target, &headers, b"{}").assert_problem(
                400,
                "query-invalid",
                "zero byte",
            );
        }
    }
    assert!(asked > 30, "{asked}");
    // In a body as well.
    for (method, path, body) in [
        ("POST", "/people", json!({"email": "a\0@example.com"})),
        ("POST", "/people", json!({"email": "a@example.com", "name": "a\0"})),
        ("POST", "/keys", json!({"name": "a\0", "scopes": ["look"]})),
        ("PUT", "/people/ada@example.com", json!({"roles": ["a\0"]})),
        ("POST", "/session/welcome", json!({"token": "a\0"})),
        ("POST", "/opt-outs", json!({"number": "a\0", "heard": "a\0"})),
        ("POST", "/campaigns", json!({"name": "a\0", "account": "a\0"})),
        ("PUT", "/segments/a", json!({"name": "a\0", "where": {"attribute": "a\0", "is": "a\0"}})),
        ("PUT", "/profiles/p1/attributes", json!({"attributes": {"a\0": "a\0"}})),
        ("POST", "/audience/count", json!({"account": "a\0", "template": "a\0"})),
    ] {
        let answer = write(&server, method, path, &admin.cookie, &body);
        assert!((400..500).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.text());
    }
}

#[test]
fn no_door_breaks_on_a_zero_byte() {
    no_door_breaks_on_a_zero_byte_with(&[]);
}

#[test]
fn no_door_breaks_on_a_zero_byte_where_hosts_share_a_database() {
    let Some(schema) = Schema::new() else { return };
    no_door_breaks_on_a_zero_byte_with(&["--database-url", &schema.url()]);
}

#[test]
fn a_password_is_changed_by_whoever_knows_it_and_ends_every_other_session() {
    const OTHER: &str = "another long password";
    let program = Program::new();
    let (server, admin) = opened(&program);
    let there = cookie(&sign_in(&server, ADMIN, PASSWORD, &admin.recovery[0]));
    let change = |old: &str, new: &str| {
        write(
            &server,
            "PUT",
            "/account/password",
            &admin.cookie,
            &json!({"password": old, "new_password": new}),
        )
    };
    change("not the password", OTHER).assert_problem(400, "body-invalid", "present password");
    assert_eq!(change(PASSWORD, "short").status, 400);
    let missing = write(&server, "PUT", "/account/password", &admin.cookie, &json!({"password": PASSWORD}));
    missing.assert_problem(400, "body-invalid", "new_password");
    assert_eq!(look(&server, "/imports", &there).status, 200, "nothing has changed yet");
    assert_eq!(change(PASSWORD, OTHER).status, 204);
    assert_eq!(look(&server, "/imports", &there).status, 401, "every other browser is signed out");
    assert_eq!(look(&server, "/imports", &admin.cookie).status, 200, "this one stays");
    assert_eq!(sign_in(&server, ADMIN, PASSWORD, &admin.recovery[1]).status, 401, "the old one is over");
    assert_eq!(sign_in(&server, ADMIN, OTHER, &admin.recovery[1]).status, 200);
}

#[test]
fn new_recovery_codes_take_the_place_of_the_old() {
    let program = Program::new();
    let (server, admin) = opened(&program);
    let nobody = write(&server, "POST", "/account/recovery", "", &json!({}));
    assert_eq!(nobody.status, 401);
    let made = write(&server, "POST", "/account/recovery", &admin.cookie, &json!({}));
    assert_eq!(made.status, 200, "{}", made.text());
    let codes: Vec<String> = serde_json::from_value(made.json()["recovery"].clone()).unwrap();
    assert_eq!(codes.len(), admin.recovery.len());
    assert!(codes.iter().all(|code| !admin.recovery.contains(code)));
    assert_eq!(sign_in(&server, ADMIN, PASSWORD, &admin.recovery[0]).status, 401, "an old one is over");
    assert_eq!(sign_in(&server, ADMIN, PASSWORD, &codes[0]).status, 200);
    assert_eq!(sign_in(&server, ADMIN, PASSWORD, &codes[0]).status, 401, "a code works once");
}

#[test]
fn the_audit_names_whom_a_trusted_proxy_asks_for_and_believes_nobody_else() {
    let from = |arguments: &[&str]| {
        let program = Program::new();
        let (server, said) = program.serve_saying(&[&["--sign-in"], arguments].concat(), &[]);
        let link = said.lines().find(|line| line.contains("#welcome=")).expect(&said).to_owned();
        let admin = Person::arrive(&server, &link, ADMIN);
        let headers = [
            ("cookie", admin.cookie.as_str()),
            ("x-consentry-page", "1"),
            ("content-type", "application/json"),
            ("x-forwarded-for", "192.0.2.66, 198.51.100.7"),
        ];
        let made = server.ask("POST", "/api/v1/keys", &headers, br#"{"name":"crm","scopes":["look"]}"#);
        assert_eq!(made.status, 201, "{}", made.text());
        let notes = look(&server, "/audit?limit=1", &admin.cookie).json();
        notes["notes"][0]["from"].as_str().unwrap().to_owned()
    };
    assert_eq!(from(&[]), "127.0.0.1");
    assert_eq!(from(&["--trust-proxy", "10.0.0.0/8"]), "127.0.0.1");
    assert_eq!(from(&["--trust-proxy", "10.0.0.0/8,127.0.0.1"]), "198.51.100.7");
    let program = Program::new();
    program.run(&["serve", "--trust-proxy", "0.0.0.0/0"]).assert_refused(&["--trust-proxy", "10.0.0.0/8"]);
}

/// Every door, as every role, as nobody, and with a key that has all rights but the one.
#[test]
fn every_door_opens_to_those_who_have_its_right_and_to_no_others() {
    let program = Program::new();
    let (server, admin) = opened(&program);
    let mut asked = 0;
    let mut callers = vec![("nobody".to_owned(), String::new(), Rights::default())];
    for (_, role, rights) in ROLES {
        let person = invited(&server, &admin, &format!("{role}@example.com"), &[role]);
        callers.push((role.to_owned(), person.cookie.clone(), rights.iter().copied().collect()));
    }
    for door in TABLE {
        for (name, cookie, rights) in &callers {
            // What ends a session would end the test.
            if !cookie.is_empty() && (door.method, door.path) == ("DELETE", "/session") {
                continue;
            }
            let path = door.path.replace(['{', '}'], "");
            let headers = [
                ("cookie", cookie.as_str()),
                ("x-consentry-page", "1"),
                ("content-type", "application/json"),
            ];
            let headers = if cookie.is_empty() { &headers[1..] } else { &headers[..] };
            // Streams that never end need not be read; nothing else is asked of them than whether they open.
            let target = format!("/api/v1{path}?nonsense=1");
            let answer = server.ask(door.method, &target, headers, b"{\"nonsense\":1}");
            let refused = match door.needs {
                Needs::Nothing => None,
                _ if cookie.is_empty() => Some((401, "not-signed-in")),
                Needs::Of(right) if !rights.has(right) => Some((403, "not-allowed")),
                _ => None,
            };
            let place =
                format!("{} {} as {name}: {} {}", door.method, door.path, answer.status, answer.text());
            let code = || answer.json()["code"].as_str().unwrap_or_default().to_owned();
            match refused {
                Some((status, why)) => assert_eq!((answer.status, code().as_str()), (status, why), "{place}"),
                None => {
                    let stopped = answer.status >= 400
                        && ["not-signed-in", "not-allowed", "forbidden"].contains(&code().as_str());
                    assert!(!stopped && answer.status < 500, "{place}");
                }
            }
            asked += 1;
        }
    }
    assert_eq!(asked, TABLE.len() * callers.len() - (callers.len() - 1));
}

#[test]
fn a_file_outranks_peoples_own_words_only_for_those_who_may() {
    let program = Program::new();
    let (server, admin) = opened(&program);
    let importer = invited(&server, &admin, "importer@example.com", &["importer"]);
    let both = invited(&server, &admin, "both@example.com", &["importer", "approver"]);
    let target = "/api/v1/imports?override_opt_outs=true&reason=signed";
    let status = |person: &Person| {
        let headers = [("cookie", person.cookie.as_str()), ("x-consentry-page", "1")];
        server.ask("POST", target, &headers, b"wpNumber,permission\n+905301112233,1\n").status
    };
    assert_eq!((status(&importer), status(&both)), (403, 202));
}

#[test]
fn the_last_admin_stays_and_who_is_shut_out_is_out_at_once() {
    let program = Program::new();
    let (server, admin) = opened(&program);
    let change =
        |who: &str, body: Value| write(&server, "PUT", &format!("/people/{who}"), &admin.cookie, &body);
    assert_eq!(change(ADMIN, json!({"roles": ["viewer"]})).status, 409);
    assert_eq!(change(ADMIN, json!({"disabled": true})).status, 409);
    let other = invited(&server, &admin, "bob@example.com", &["admin"]);
    assert_eq!(look(&server, "/people", &other.cookie).status, 200);
    assert_eq!(change("bob@example.com", json!({"disabled": true})).json()["state"], "disabled");
    assert_eq!(look(&server, "/people", &other.cookie).status, 401);
    assert_eq!(other.sign_in(&server).status, 401);
    assert_eq!(change("bob@example.com", json!({"disabled": false})).json()["state"], "active");
    assert_eq!(other.sign_in(&server).status, 401, "a code works once, even one that came too early");
    assert_eq!(sign_in(&server, "bob@example.com", PASSWORD, &other.recovery[0]).status, 200);
    // A new link ends what there was.
    let link = write(&server, "POST", "/people/bob@example.com/link", &admin.cookie, &json!({})).json();
    assert_eq!(sign_in(&server, "bob@example.com", PASSWORD, &other.recovery[1]).status, 401);
    Person::arrive(&server, link["link"].as_str().unwrap(), "bob@example.com");
    assert_eq!(change("nobody@example.com", json!({"disabled": true})).status, 404);
    assert_eq!(change("bob@example.com", json!({"roles": ["king"]})).status, 400);
}

#[test]
fn a_key_does_what_it_says_until_it_is_revoked() {
    let program = Program::new();
    let (server, admin) = opened(&program);
    let make = |body: Value| write(&server, "POST", "/keys", &admin.cookie, &body);
    assert_eq!(make(json!({"name": "x", "scopes": ["approve"]})).status, 400);
    assert_eq!(make(json!({"name": "x", "scopes": ["access"]})).status, 400);
    assert_eq!(make(json!({"name": "x", "scopes": []})).status, 400);
    let made = make(json!({"name": "crm", "scopes": ["look", "import"], "days": 30})).json();
    let token = made["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("ck_") && token.len() == 3 + 43, "{token}");
    let bearer = format!("Bearer {token}");
    let ask = |method: &str, path: &str, body: &[u8]| {
        server.ask(method, &format!("/api/v1{path}"), &[("authorization", &bearer)], body)
    };
    assert_eq!(ask("GET", "/imports", b"").status, 200);
    assert_eq!(ask("POST", "/imports", b"wpNumber,permission\n+905301112233,1\n").status, 202);
    let refused = ask("GET", "/export", b"");
    assert_eq!((refused.status, &refused.json()["right"]), (403, &json!("export")));
    let listed = look(&server, "/keys", &admin.cookie);
    assert!(!listed.text().contains(&token[3..]), "a key is shown once");
    assert!(listed.json()["keys"][0]["used_at"].is_string());
    assert_eq!(write(&server, "DELETE", "/keys/k1", &admin.cookie, &json!({})).json()["state"], "revoked");
    assert_eq!(ask("GET", "/imports", b"").status, 401);
    let near = format!("Bearer {}x", &token[..token.len() - 1]);
    assert_eq!(server.ask("GET", "/api/v1/imports", &[("authorization", &near)], b"").status, 401);
}

#[test]
fn a_second_person_is_another_person_whatever_they_call_themselves() {
    let program = Program::new();
    let (server, admin) = opened(&program);
    let body = json!({"reason": "wrong file", "by": "somebody else"});
    let headers = [("cookie", admin.cookie.as_str()), ("x-consentry-page", "1")];
    server.ask("POST", "/api/v1/imports", &headers, b"wpNumber,permission\n+905301112233,1\n");
    let events = server.ask("GET", "/api/v1/imports/i1/events", &headers, b"");
    assert!(events.text().contains("event: end"));
    let undone = write(&server, "POST", "/imports/i1/undo", &admin.cookie, &body).json();
    assert_eq!(undone["undo"]["by"], format!("{ADMIN}: wrong file"));
}

#[test]
fn the_audit_names_everybody_and_holds_no_secret_and_no_number() {
    let program = Program::new();
    let (server, admin) = opened(&program);
    let made =
        write(&server, "POST", "/keys", &admin.cookie, &json!({"name": "crm", "scopes": ["look"]})).json();
    let key = made["token"].as_str().unwrap();
    let bearer = format!("Bearer {key}");
    server.ask("GET", "/api/v1/export", &[("authorization", &bearer)], b"");
    let opt_out = json!({"number": "+905301112233", "heard": "desk"});
    assert_eq!(write(&server, "POST", "/opt-outs", &admin.cookie, &opt_out).status, 200);
    sign_in(&server, ADMIN, "my secret guess!", "123456");
    sign_in(&server, "my secret guess!", "my secret guess!", "123456");
    let text = look(&server, "/audit", &admin.cookie).text().to_owned();
    let audit: Value = serde_json::from_str(&text).unwrap();
    let notes = audit["notes"].as_array().unwrap();
    let told: Vec<[&str; 4]> = notes
        .iter()
        .rev()
        .map(|note| ["who", "verb", "subject", "result"].map(|name| note[name].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            [ADMIN, "person.arrive", "session/arrive", "done"],
            ["nobody", "person.arrive", "session/arrive", "refused"],
            [ADMIN, "key.create", "keys/k1", "done"],
            ["key:k1", "people.export", "export", "refused"],
            [ADMIN, "people.opt-out", "opt-outs", "done"],
            [ADMIN, "session.sign-in", "session", "refused"],
            ["nobody", "session.sign-in", "session", "refused"],
        ]
    );
    for secret in
        [&key[3..], PASSWORD, "my secret guess", "905301112233", admin.secret.reveal(), &admin.recovery[0]]
    {
        assert!(!text.contains(secret), "{secret}");
    }
    let verified = look(&server, "/audit/verify", &admin.cookie).json();
    assert_eq!((&verified["intact"], &verified["notes"]), (&json!(true), &json!(7)));
    assert_eq!(verified["hash"], notes[0]["hash"]);
    drop(server);
    // Whoever reads the database finds nothing to come in with.
    let database = std::fs::read(program.data().join(FILE_NAME)).unwrap();
    let cookie = admin.cookie.split_once('=').unwrap().1;
    for secret in [&key[3..], PASSWORD, cookie, admin.secret.reveal(), &admin.recovery[0]] {
        assert!(!database.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "{secret}");
    }
}

#[test]
fn whoever_may_run_commands_lets_people_in_and_verifies_the_audit() {
    let program = Program::new();
    let (server, _) = opened(&program);
    let made = program.json(&["user", "invite", "eve@example.com", "--role", "auditor"]);
    let eve = Person::arrive(&server, made["link"].as_str().unwrap(), "eve@example.com");
    assert_eq!(look(&server, "/audit", &eve.cookie).status, 200);
    let key = program.json(&["key", "create", "crm", "--scope", "look", "--days", "9"]);
    let bearer = format!("Bearer {}", key["token"].as_str().unwrap());
    assert_eq!(server.ask("GET", "/api/v1/imports", &[("authorization", &bearer)], b"").status, 200);
    assert_eq!(program.json(&["key", "revoke", "k1"])["state"], "revoked");
    assert_eq!(server.ask("GET", "/api/v1/imports", &[("authorization", &bearer)], b"").status, 401);
    program.run(&["user", "invite", "x", "--role", "admin"]).assert_refused(&["`x`", "e-mail"]);
    let link = program.json(&["user", "reset", "eve@example.com", "--url", "https://c.example"]);
    assert!(link["link"].as_str().unwrap().starts_with("https://c.example/#welcome="));
    assert_eq!(look(&server, "/audit", &eve.cookie).status, 401);
    assert_eq!(program.json(&["user", "list"])["people"][1]["state"], "invited");
    let verified = program.json(&["audit", "verify"]);
    let notes = program.json(&["audit", "list"])["notes"].clone();
    assert_eq!((&verified["intact"], &verified["hash"]), (&json!(true), &notes[0]["hash"]));
    assert!(notes.as_array().unwrap().iter().any(|note| note["verb"] == "person.reset"));
    drop(server);
    let database = rusqlite::Connection::open(program.data().join(FILE_NAME)).unwrap();
    let forge = "UPDATE audit_note SET body = zeroblob(9) WHERE seq = 1";
    assert!(database.execute(forge, []).unwrap_err().to_string().contains("append-only"));
    assert!(database.execute("DELETE FROM audit_note", []).unwrap_err().to_string().contains("append-only"));
    database.execute_batch("DROP TRIGGER audit_never_goes").unwrap();
    database.execute("DELETE FROM audit_note WHERE seq = (SELECT max(seq) FROM audit_note)", []).unwrap();
    let ran = program.run(&["audit", "verify"]);
    assert_eq!(ran.code, 70);
    assert!(ran.stderr.contains("notes"), "{}", ran.stderr);
}

#[test]
fn beyond_this_machine_people_sign_in_and_over_tls() {
    let program = Program::new();
    let serve =
        |args: &[&str]| program.run(&[&["serve", "--port", "0", "--listen", "0.0.0.0"], args].concat());
    serve(&["--no-sign-in"]).assert_refused(&["nobody signs in", "--listen"]);
    serve(&["--sandbox"]).assert_refused(&["nobody signs in"]);
    serve(&[]).assert_refused(&["TLS", "--public-url"]);
    serve(&["--public-url", "http://consent.example.com"]).assert_refused(&["TLS"]);
    let (server, said) =
        program.serve_saying(&["--sign-in", "--public-url", "https://consent.example.com"], &[]);
    assert!(said.contains("  https://consent.example.com/#welcome="), "{said}");
    let link = said.lines().find(|line| line.contains("#welcome=")).unwrap();
    let token = link.split_once("#welcome=").unwrap().1;
    let proxied = [
        ("host", "consent.example.com"),
        ("origin", "https://consent.example.com"),
        ("content-type", "application/json"),
        ("x-forwarded-for", "6.6.6.6, 203.0.113.7"),
    ];
    let ask = |path: &str, body: Value| server.ask("POST", path, &proxied, body.to_string().as_bytes());
    let welcome = ask("/api/v1/session/welcome", json!({"token": token})).json();
    let secret = Secret::new(welcome["secret"].as_str().unwrap());
    let chosen = json!({"token": token, "email": ADMIN, "password": PASSWORD, "code": code(&secret, 0)});
    let arrived = ask("/api/v1/session/arrive", chosen);
    let set = arrived.header("set-cookie").unwrap().to_owned();
    assert!(set.starts_with("__Host-consentry=") && set.ends_with("; Secure"), "{set}");
    let cookie = set.split(';').next().unwrap();
    let headers = [("host", "consent.example.com"), ("cookie", cookie)];
    let audit = server.ask("GET", "/api/v1/audit", &headers, b"").json();
    assert_eq!(
        audit["notes"][0]["from"], "203.0.113.7",
        "a proxy says whom it speaks for, and nobody else does"
    );
    // Another name's origin, and a name that is not ours.
    let foreign = [("host", "consent.example.com"), ("origin", "http://consent.example.com")];
    assert_eq!(server.ask("GET", "/api/v1/session", &foreign, b"").status, 403);
    assert_eq!(server.ask("GET", "/api/v1/session", &[("host", "evil.example")], b"").status, 403);
}

#[test]
fn rights_and_roles_are_named_once_and_an_admin_has_all() {
    for (at, (right, id, _)) in consentry_host::access::RIGHTS.iter().enumerate() {
        assert_eq!((*right as usize, right.id(), Right::parse(id)), (at, *id, Some(*right)));
    }
    for (at, (role, id, _)) in ROLES.iter().enumerate() {
        assert_eq!((*role as usize, role.id()), (at, *id));
    }
    assert_eq!(Rights::of_roles(&["admin".to_owned()]), Rights::all());
    assert!(Rights::of_roles(&["king".to_owned()]) == Rights::default());
}
