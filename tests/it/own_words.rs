//! What people say themselves, from a webhook's bytes to the consent that stands: in any order, any number of times, alone
//! or together with others', and after the process was killed. What stands is what the latest word says.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};

use consentry_host::sandbox::example::{APP_SECRET, WABA_ID};
use serde_json::{Value, json};

use crate::connecting::{Meta, connect, serve, signed};
use crate::hearing::samples;
use crate::program::{Answer, Program, Server, wait_until};
use crate::random::Random;
use crate::told::wait_until_acted;

/// People in the random histories.
const PEOPLE: u64 = 400;
/// 2026-11-01, in seconds.
const BEGIN_S: i64 = 1_793_491_200;

fn post(server: &Server, body: &[u8]) -> Answer {
    let signature = format!("sha256={}", signed(APP_SECRET, body));
    let headers = [("host", "consent.example"), ("x-hub-signature-256", signature.as_str())];
    server.ask("POST", "/webhooks/meta", &headers, body)
}

fn told(changes: &[Value]) -> Vec<u8> {
    json!({"object": "whatsapp_business_account", "entry": [{"id": WABA_ID, "changes": changes}]})
        .to_string()
        .into_bytes()
}

fn message(id: &str, from: Option<&str>, user: Option<&str>, at_s: i64, text: &str) -> Value {
    let mut message =
        json!({"id": id, "timestamp": at_s.to_string(), "type": "text", "text": {"body": text}});
    if let Some(from) = from {
        message["from"] = from.trim_start_matches('+').into();
    }
    if let Some(user) = user {
        message["from_user_id"] = user.into();
    }
    json!({"field": "messages", "value": {"messaging_product": "whatsapp", "messages": [message]}})
}

fn preference(number: &str, value: &str, at_s: i64) -> Value {
    let preference = json!({"wa_id": number.trim_start_matches('+'), "category": "marketing_messages", "value": value, "timestamp": at_s});
    json!({"field": "user_preferences", "value": {"messaging_product": "whatsapp", "user_preferences": [preference]}})
}

fn permission(server: &Server, number: &str) -> Value {
    exported(server).remove(number).unwrap_or_default()
}

#[test]
fn stop_and_start_are_evidence() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    server.import("", b"wpNumber,permission\n+905301112233,1\n+905301112234,2\n");
    for (number, wamid) in [("+905301112233", "wamid.1"), ("+905301112234", "wamid.2")] {
        assert_eq!(post(&server, &told(&[message(wamid, Some(number), None, BEGIN_S, "DUR!")])).status, 200);
    }
    wait_until_acted(&server);
    assert_eq!(permission(&server, "+905301112233"), "opt_out");
    // A file does not lift it.
    server.import("", b"wpNumber,permission\n+905301112233,1\n+905301112234,1\n");
    assert_eq!(permission(&server, "+905301112233"), "opt_out");
    for (number, wamid) in [("+905301112233", "wamid.3"), ("+905301112234", "wamid.4")] {
        post(&server, &told(&[message(wamid, Some(number), None, BEGIN_S + 60, "Başla")]));
    }
    wait_until_acted(&server);
    // Each is what it was before the word against it.
    assert_eq!(permission(&server, "+905301112233"), "opt_in");
    assert_eq!(permission(&server, "+905301112234"), "opt_out");
    let why = server.get("/api/v1/explain?of=%2B905301112233").json();
    let events = why["events"].as_array().unwrap();
    let rules: Vec<&str> = events.iter().map(|event| event["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["new-profile", "own-opt-out", "own-opt-in"]);
    assert_eq!(events[1]["source"]["heard"], "webhook:word:wamid.1");
    assert_eq!(events[2]["source"]["heard"], "webhook:word:wamid.3");
    drop(server);
    assert_eq!(program.run(&["store", "verify"]).code, 0);
}

#[test]
fn whoever_signs_up_is_somebody_and_opted_in() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    post(&server, &told(&[preference("+905301112233", "signup", BEGIN_S)]));
    wait_until_acted(&server);
    assert_eq!(permission(&server, "+905301112233"), "opt_in");
    // Told again, after they said no: a copy is no new word.
    post(&server, &told(&[preference("+905301112233", "stop", BEGIN_S + 1)]));
    post(&server, &told(&[preference("+905301112233", "signup", BEGIN_S)]));
    wait_until_acted(&server);
    assert_eq!(permission(&server, "+905301112233"), "opt_out");
    drop(server);
    assert_eq!(program.run(&["store", "verify"]).code, 0);
}

#[test]
fn an_opt_out_goes_with_whoever_has_another_number() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    server.import("", b"wpNumber,permission\n+905301112233,1\n+905301112299,1\n");
    post(&server, &told(&[message("wamid.1", Some("+905301112233"), Some("TR.1"), BEGIN_S, "stop")]));
    let moved = json!({"type": "user_changed_number", "wa_id": "905301112299", "user_id": "TR.2", "previous_user_id": "TR.1"});
    let moved = json!({"from": "905301112233", "from_user_id": "TR.1", "id": "wamid.2", "timestamp": "1793491300", "type": "system", "system": moved});
    post(&server, &told(&[json!({"field": "messages", "value": {"messages": [moved]}})]));
    wait_until_acted(&server);
    assert_eq!(permission(&server, "+905301112299"), "opt_out");
}

#[test]
fn what_a_file_said_meanwhile_holds_when_a_word_is_taken_back() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    let (number, file) =
        ("+905301112233", |permission: u8| format!("wpNumber,permission\n+905301112233,{permission}\n"));
    server.import("", file(1).as_bytes());
    post(&server, &told(&[message("wamid.1", Some(number), None, BEGIN_S, "stop")]));
    wait_until_acted(&server);
    // The file says what stands already, and is remembered all the same.
    let unchanged = server.import("", file(2).as_bytes());
    assert_eq!(unchanged["counts"]["unchanged"], 1, "{unchanged}");
    post(&server, &told(&[message("wamid.2", Some(number), None, BEGIN_S + 60, "start")]));
    wait_until_acted(&server);
    assert_eq!(permission(&server, number), "opt_out");
    // Nor is anybody opted in by a file that was taken back.
    server.import("", file(1).as_bytes());
    assert_eq!(permission(&server, number), "opt_in");
    post(&server, &told(&[message("wamid.3", Some(number), None, BEGIN_S + 90, "stop")]));
    wait_until_acted(&server);
    let undone = server.ask(
        "POST",
        "/api/v1/imports/i3/undo",
        &[("content-type", "application/json")],
        br#"{"by": "test", "reason": "wrong file"}"#,
    );
    assert_eq!(undone.status, 200, "{}", undone.text());
    post(&server, &told(&[message("wamid.4", Some(number), None, BEGIN_S + 99, "start")]));
    wait_until_acted(&server);
    assert_eq!(permission(&server, number), "opt_out");
    drop(server);
    assert_eq!(program.run(&["store", "verify"]).code, 0);
}

#[test]
fn a_late_word_finds_whom_somebody_has_become() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    server.import("", b"wpNumber,permission\n+905301112233,1\n+905301112299,1\n+905301112288,1\n");
    for (at, (from, to)) in
        [("905301112233", "905301112299"), ("905301112299", "905301112288")].into_iter().enumerate()
    {
        let moved = json!({"type": "user_changed_number", "wa_id": to});
        let moved = json!({"from": from, "id": format!("wamid.M{at}"), "timestamp": (BEGIN_S + 100).to_string(), "type": "system", "system": moved});
        post(&server, &told(&[json!({"field": "messages", "value": {"messages": [moved]}})]));
    }
    wait_until_acted(&server);
    assert_eq!(permission(&server, "+905301112288"), "opt_in");
    post(&server, &told(&[message("wamid.1", Some("+905301112233"), None, BEGIN_S, "stop")]));
    wait_until_acted(&server);
    for number in ["+905301112233", "+905301112299", "+905301112288"] {
        assert_eq!(permission(&server, number), "opt_out", "{number}");
    }
}

#[test]
fn an_opt_out_without_a_name_waits_for_one_and_keeps_nobody_waiting() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    server.import("", b"wpNumber,permission\n+905301112233,1\n+905301112234,1\n");
    let status = |status: Value| json!({"field": "messages", "value": {"messaging_product": "whatsapp", "statuses": [status]}});
    let failed = json!({"id": "wamid.N", "status": "failed", "timestamp": (BEGIN_S + 5).to_string(), "errors": [{"code": 131_050, "title": "stopped"}]});
    assert_eq!(post(&server, &told(&[status(failed)])).status, 200);
    post(&server, &told(&[message("wamid.1", Some("+905301112234"), None, BEGIN_S, "stop")]));
    wait_until("the other's word", || permission(&server, "+905301112234") == "opt_out");
    wait_until("the note of it", || server.get("/api/v1/events/status").json()["consent_waits"] == 1);
    assert_eq!(permission(&server, "+905301112233"), "opt_in");
    let sent = json!({"id": "wamid.N", "status": "sent", "timestamp": BEGIN_S.to_string(), "recipient_id": "905301112233", "recipient_user_id": "TR.7"});
    post(&server, &told(&[status(sent)]));
    wait_until_acted(&server);
    assert_eq!(permission(&server, "+905301112233"), "opt_out");
}

#[test]
fn no_clock_lets_a_word_reach_into_the_future() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    server.import("", b"wpNumber,permission\n+905301112233,1\n");
    let number = Some("+905301112233");
    post(&server, &told(&[message("wamid.1", number, None, 9_999_999_999, "start")]));
    wait_until_acted(&server);
    post(&server, &told(&[message("wamid.2", number, None, 9_999_999_999, "stop")]));
    wait_until_acted(&server);
    assert_eq!(permission(&server, "+905301112233"), "opt_out");
}

#[test]
fn half_a_character_in_a_name_hides_nobodys_word() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    server.import("", b"wpNumber,permission\n+905301112233,1\n");
    let body =
        String::from_utf8(told(&[message("wamid.1", Some("+905301112233"), None, BEGIN_S, "stop")])).unwrap();
    let body =
        body.replace("\"messages\":[", "\"contacts\":[{\"profile\":{\"name\":\"\\ud83c\"}}],\"messages\":[");
    assert_eq!(post(&server, body.as_bytes()).status, 200);
    wait_until_acted(&server);
    assert_eq!(permission(&server, "+905301112233"), "opt_out");
    // Whatever else is signed is kept.
    for body in [
        "[".repeat(126) + &"]".repeat(126),
        "\u{1}".repeat(100_000),
        format!("{{\"entry\":{}}}", "[".repeat(70) + &"]".repeat(70)),
    ] {
        assert_eq!(post(&server, body.as_bytes()).status, 200);
    }
    assert_eq!(server.get("/api/v1/events?kind=other").json()["events"].as_array().unwrap().len(), 3);
}

#[test]
fn the_latest_word_stands_in_whatever_order_words_come() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    let mut random = Random::new(6);
    let (mut file, mut changes, mut links, mut expected) =
        ("wpNumber,permission\n".to_owned(), Vec::new(), Vec::new(), BTreeMap::new());
    for person in 0..PEOPLE {
        let (number, user) = (format!("+9053011{person:05}"), format!("TR.{person:08}"));
        // 0 nobody knows the number, 1 opted in, 2 opted out.
        let before = random.below(3);
        if before > 0 {
            file += &format!("{number},{before}\n");
        }
        links.push(message(&format!("wamid.L{person}"), Some(&number), Some(&user), BEGIN_S - 9, "hello"));
        let mut latest: Option<(i64, bool)> = None;
        for word in 0..random.below(5) {
            let (at_s, stops) = (BEGIN_S + random.below(6) as i64, random.below(2) == 0);
            let id = format!("wamid.{person}.{word}");
            let text = if stops {
                random.pick(&["STOP", "iptal", "🛑", "Отписаться!"])
            } else {
                random.pick(&["start", "BAŞLA", "شروع"])
            };
            let change = match random.below(4) {
                0 => preference(&number, if stops { "stop" } else { "resume" }, at_s),
                1 => message(&id, None, Some(&user), at_s, text),
                2 => message(&id, Some(&number), Some(&user), at_s, text),
                _ => message(&id, Some(&number), None, at_s, text),
            };
            // Said in the same second, a stop wins.
            latest = latest.max(Some((at_s, stops)));
            for _ in 0..=random.below(3) {
                changes.push(change.clone());
            }
        }
        let stands = match (latest, before) {
            (_, 0) => Value::Null,
            (Some((_, true)), _) | (_, 2) => json!("opt_out"),
            _ => json!("opt_in"),
        };
        expected.insert(number, stands);
    }
    server.import("", file.as_bytes());
    for links in links.chunks(100) {
        assert_eq!(post(&server, &told(links)).status, 200);
    }
    wait_until_acted(&server);
    for at in (1..changes.len()).rev() {
        changes.swap(at, random.below(at as u64 + 1) as usize);
    }
    let mut rest = changes.as_slice();
    while !rest.is_empty() {
        let (together, after) = rest.split_at((1 + random.below(7) as usize).min(rest.len()));
        assert_eq!(post(&server, &told(together)).status, 200);
        rest = after;
    }
    wait_until_acted(&server);
    let exported = exported(&server);
    for (number, stands) in expected {
        assert_eq!(exported.get(&number).cloned().unwrap_or_default(), stands, "{number}");
    }
    drop(server);
    assert_eq!(program.run(&["store", "verify"]).code, 0);
}

/// Permission by number.
fn exported(server: &Server) -> BTreeMap<String, Value> {
    let text = server.get("/api/v1/export?format=jsonl").text().to_owned();
    let profiles = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    profiles
        .map(|profile| (profile["wpNumber"].as_str().unwrap().to_owned(), profile["permission"].clone()))
        .collect()
}

#[test]
fn what_is_not_signed_by_the_app_over_these_very_bytes_leaves_nothing() {
    const TRIES: u64 = 10_000;
    const TOGETHER: u64 = 8;
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    let body = told(&[message("wamid.F", Some("+905301112233"), None, BEGIN_S, "stop")]);
    let right = signed(APP_SECRET, &body);
    let forge = |random: &mut Random| {
        let (mut body, mut signature) = (body.clone(), format!("sha256={right}"));
        match random.below(6) {
            0 => {
                signature = format!("sha256={}", signed(&format!("secret {}", random.below(1 << 40)), &body));
            }
            1 => {
                let at = random.below(body.len() as u64) as usize;
                body[at] ^= 1 << random.below(8);
            }
            2 => body.truncate(random.below(body.len() as u64) as usize),
            3 => body.push(b' '),
            4 => {
                let at = "sha256=".len() + random.below(64) as usize;
                let other = if &signature[at..=at] == "0" { "1" } else { "0" };
                signature.replace_range(at..=at, other);
            }
            _ => signature.truncate(random.below(71) as usize),
        }
        (body, signature)
    };
    std::thread::scope(|scope| {
        for thread in 0..TOGETHER {
            let (server, forge) = (&server, &forge);
            scope.spawn(move || {
                let mut random = Random::new(90 + thread);
                for _ in 0..TRIES / TOGETHER {
                    let (body, signature) = forge(&mut random);
                    let headers = [("host", "consent.example"), ("x-hub-signature-256", signature.as_str())];
                    let answer = server.ask("POST", "/webhooks/meta", &headers, &body);
                    assert_eq!(answer.status, 401, "{signature}: {}", answer.text());
                }
            });
        }
    });
    assert_eq!(server.get("/api/v1/events/status").json()["events"], 0);
    // The same again and again is one.
    for _ in 0..50 {
        assert_eq!(post(&server, &body).status, 200);
    }
    assert_eq!(server.get("/api/v1/events/status").json()["events"], 2);
}

#[test]
fn what_was_answered_with_200_outlives_the_process_and_is_acted_on() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    let numbers: Vec<String> = (0..60).map(|at| format!("+9053022{at:05}")).collect();
    let file: String = numbers.iter().map(|number| format!("{number},1\n")).collect();
    server.import("", format!("wpNumber,permission\n{file}").as_bytes());
    let mut server = server;
    for (at, number) in numbers.iter().enumerate() {
        let body = told(&[message(&format!("wamid.K{at}"), Some(number), None, BEGIN_S, "stop")]);
        assert_eq!(post(&server, &body).status, 200);
        if at % 20 == 19 {
            drop(server);
            server = serve(&program, &meta);
        }
    }
    wait_until_acted(&server);
    let exported = exported(&server);
    for number in &numbers {
        assert_eq!(exported[number], "opt_out", "{number}");
    }
}

#[test]
fn whoever_watches_sees_everything_once_and_goes_on_where_it_left() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    let send = |from: u64, to: u64| {
        for at in from..to {
            let change = message(&format!("wamid.W{at}"), Some("+905301112233"), None, BEGIN_S, "hello");
            assert_eq!(post(&server, &told(&[change])).status, 200);
        }
    };
    send(0, 3);
    let watch = |target: &str, header: &str, count: usize, between: &dyn Fn()| {
        let mut stream = server.connect();
        let request =
            format!("GET /api/v1/events/live{target} HTTP/1.1\r\nhost: {}\r\n{header}\r\n", server.address());
        stream.write_all(request.as_bytes()).unwrap();
        let (mut text, mut buffer, mut begun) = (String::new(), [0; 4096], false);
        while text.matches("\nid:").count() + usize::from(text.starts_with("id:")) < count {
            if !begun && text.contains("\r\n\r\n") {
                begun = true;
                between();
            }
            let read = stream.read(&mut buffer).unwrap();
            assert_ne!(read, 0, "it broke off: {text}");
            text += &String::from_utf8_lossy(&buffer[..read]);
        }
        let ids = text.lines().filter_map(|line| line.strip_prefix("id:")?.trim().parse::<u64>().ok());
        ids.collect::<Vec<_>>()
    };
    let all = watch("?after=0", "", 5, &|| send(3, 5));
    assert_eq!(all.len(), 5);
    assert!(all.is_sorted_by(|one, other| one < other));
    // A page that comes back says what it saw last; without a word it begins with what comes next.
    assert_eq!(watch("?after=0", &format!("last-event-id: {}\r\n", all[2]), 2, &|| {}), all[3..]);
    let next = watch("?kind=message", "", 1, &|| send(5, 6));
    assert!(next[0] > all[4]);
}

#[test]
fn every_sample_is_kept_once_and_told_page_by_page() {
    let (meta, program) = (Meta::new(""), Program::new());
    let server = serve(&program, &meta);
    connect(&server);
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..2 {
        for (name, body) in samples() {
            assert_eq!(post(&server, &body).status, 200, "{name}");
            let read = consentry_core::wire::webhook::v1::read(&Default::default(), &body);
            ids.extend(read.events.iter().map(|event| event.id.clone()));
        }
    }
    wait_until_acted(&server);
    let (mut kept, mut next) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("/api/v1/events?limit=17{next}")).json();
        kept.extend(page["events"].as_array().unwrap().clone());
        match page["next"].as_u64() {
            Some(before) => next = format!("&before={before}"),
            None => break,
        }
    }
    let seqs: Vec<u64> = kept.iter().map(|kept| kept["seq"].as_u64().unwrap()).collect();
    assert!(seqs.is_sorted_by(|one, other| one > other), "the newest first, none twice");
    let told: std::collections::BTreeSet<String> =
        kept.iter().map(|kept| kept["event"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(told, ids);
    // Whoever moved is found under both.
    let moved = kept.iter().filter(|kept| kept["event"]["kind"] == "moved").count();
    assert_eq!(server.get("/api/v1/events/status").json()["events"], kept.len() + moved);
    // What became of a message.
    let delivery =
        server.get("/api/v1/deliveries/wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI3MTE5MjVBOTE3MDk5QUVFM0YA").json();
    assert_eq!(delivery["standing"], "read");
    assert!(delivery["steps"].as_array().unwrap().len() >= 3, "{delivery}");
    assert_eq!(server.get("/api/v1/deliveries/wamid.none").status, 404);
    assert_eq!(server.get("/api/v1/events?limit=0").status, 400);
    assert_eq!(server.get("/api/v1/events?number=12").status, 400);
}
