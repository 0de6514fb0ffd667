//! The HTTP API and the panel, asked by a plain client of the real server.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::Shutdown;

use serde_json::{Value, json};

use crate::program::{Program, SAMPLE, Server, encoded, wait_until};

const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
    style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

#[test]
fn a_file_is_accepted_followed_and_listed() {
    let program = Program::new();
    let server = program.serve(&[]);
    let accepted = server.post("/api/v1/imports?name=sample.csv", SAMPLE.as_bytes());
    assert_eq!((accepted.status, accepted.header("location")), (202, Some("/api/v1/imports/i1")));
    assert_eq!(accepted.json()["import"], "i1");

    let events = server.get("/api/v1/imports/i1/events").events();
    let (last, before) = events.split_last().unwrap();
    assert!(before.iter().all(|(name, document)| name == "progress" && document["import"] == "i1"));
    let (name, done) = last;
    assert_eq!((name.as_str(), &done["state"], done.get("progress")), ("end", &json!("committed"), None));
    assert_eq!((&done["counts"]["created"], &done["counts"]["rows"]), (&json!(3), &json!(3)));
    assert_eq!(done["codes"], json!({"number-unassigned": 1, "permission-zero": 1}));
    assert_eq!(done["file"]["name"], "sample.csv");
    assert_eq!(server.get("/api/v1/imports/i1").json(), *done);
    assert_eq!(
        server.get("/api/v1/imports/i1/events").events(),
        std::slice::from_ref(last),
        "an ended import is told at once"
    );

    let again = server.post("/api/v1/imports?name=sample.csv", SAMPLE.as_bytes());
    assert_eq!((again.status, &again.json()["state"]), (200, &json!("already_imported")));
    assert_eq!(again.json()["import"], "i1");
    let dry = server.post("/api/v1/imports?name=sample.csv&dry_run=true", SAMPLE.as_bytes());
    assert_eq!((dry.status, &dry.json()["state"], dry.json().get("import")), (200, &json!("dry_run"), None));
    assert_eq!(dry.json()["counts"]["unchanged"], 3);

    let other = server.import("name=b.csv&digest=0123", b"wpNumber,permission\n+905301112244,1\n");
    assert_eq!(other["digest_differs"], true, "the page saw another verdict");
    let options = encoded("{\"country\":\"TR\"}");
    let same = server
        .import(&format!("name=b.csv&digest=&options={options}"), b"wpNumber,permission\n+905301112244,1\n");
    assert_eq!((same.get("digest_differs"), &same["options"]), (None, &json!({"country": "TR"})));
    let listed = server.get("/api/v1/imports").json();
    let ids: Vec<_> =
        listed["imports"].as_array().unwrap().iter().map(|import| import["import"].clone()).collect();
    assert_eq!(ids, ["i3", "i2", "i1"]);

    let refused = server.import("name=c.csv", b"exid,permission\n7,1\n");
    assert_eq!((&refused["state"], &refused["codes"]), (&json!("refused"), &json!({"column-missing": 1})));
    let broken = server.import("name=d.csv", b"wpNumber,permission\n12,1\n");
    assert_eq!((&broken["state"], &broken["counts"]["rejected"]), (&json!("committed"), &json!(1)));
}

#[test]
fn people_are_paged_found_explained_and_exported() {
    let program = Program::new();
    let server = program.serve(&[]);
    let mut file = String::from("exid,email,msisdn,wpNumber,permission,city\n");
    for at in 0..5 {
        file += &format!("c{at},P{at}@example.com,4420712345{at:02},+9053011122{at:02},{},Van\n", 1 + at % 2);
    }
    server.import(
        &format!("name=people.csv&options={}", encoded("{\"attributes\":[\"city\"]}")),
        file.as_bytes(),
    );

    let mut seen = Vec::new();
    let mut target = "/api/v1/profiles?limit=2".to_owned();
    loop {
        let page = server.get(&target).json();
        assert_eq!(page["total"], 5);
        seen.extend(
            page["profiles"]
                .as_array()
                .unwrap()
                .iter()
                .map(|profile| profile["profile"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        target = format!("/api/v1/profiles?limit=2&after={next}");
    }
    assert_eq!(seen, ["p1", "p2", "p3", "p4", "p5"]);

    for q in ["p2", "c1", " p1@EXAMPLE.com ", "+90 530 111 22 01", "00905301112201", "442071234501"] {
        let found = server.get(&format!("/api/v1/profiles?q={}", encoded(q))).json();
        assert_eq!((&found["total"], &found["next"]), (&json!(1), &Value::Null), "{q}");
        let profile = &found["profiles"][0];
        assert_eq!((&profile["profile"], &profile["permission"]), (&json!("p2"), &json!("opt_out")), "{q}");
        assert_eq!(
            (&profile["email"], &profile["attributes"]),
            (&json!("P1@example.com"), &json!({"city": "Van"}))
        );
    }
    assert_eq!(server.get("/api/v1/profiles?q=nobody").json()["total"], 0);

    let timeline = server.get(&format!("/api/v1/explain?of={}", encoded("+905301112201"))).json();
    let source = &timeline["events"][0]["source"];
    assert_eq!(
        (&source["file"], &source["row"], &source["line"]),
        (&json!("people.csv"), &json!(2), &json!(3))
    );
    assert_eq!(server.get("/api/v1/explain?of=p2").json()["events"], timeline["events"]);

    let export = server.get("/api/v1/export");
    assert_eq!(export.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(export.header("content-disposition"), Some("attachment; filename=\"profiles.csv\""));
    assert_eq!(
        export.text(),
        program.run(&["export"]).stdout,
        "the command line says the same beside the server"
    );
    let excel = server.get("/api/v1/export?for_excel=true&attributes=true");
    assert!(
        excel.text().starts_with("\u{feff}profile,") && excel.text().contains(",city\n"),
        "{}",
        excel.text()
    );
    let lines = server.get("/api/v1/export?format=jsonl");
    assert_eq!(
        (lines.text().lines().count(), lines.header("content-type")),
        (5, Some("application/x-ndjson"))
    );
    let sample = server.get("/api/v1/sample");
    assert_eq!(
        (sample.text(), sample.header("content-disposition")),
        (SAMPLE, Some("attachment; filename=\"sample.csv\""))
    );
    assert_eq!(server.get("/api/v1/version").json(), program.json(&["version"]));
}

#[test]
fn a_persons_own_opt_out_outranks_a_file_until_a_later_one() {
    let program = Program::new();
    let server = program.serve(&[]);
    let file = b"exid,wpNumber,permission\n7,+905301112233,1\n";
    server.import("name=a.csv", file);
    let said =
        server.post_json("/api/v1/opt-outs", &json!({"number": "0090 530 111 22 33", "heard": "desk"}));
    assert_eq!((said.status, &said.json()["number"]), (200, &json!("+905301112233")), "{}", said.text());
    let permission = || server.get("/api/v1/profiles?q=7").json()["profiles"][0]["permission"].clone();
    assert_eq!(permission(), "opt_out");

    let kept = server.import("name=b.csv&options=%7B%22numbers%22%3A%22possible%22%7D", file);
    assert_eq!((&kept["counts"]["kept_opt_out"], permission()), (&json!(1), json!("opt_out")));
    // Collected on the very day of the opt-out: not later, so nobody is messaged.
    let today = &said.json()["at"].as_str().unwrap()[..10].to_owned();
    let same_day = server.import(&format!("name=b.csv&as_of={today}"), file);
    assert_eq!((&same_day["counts"]["kept_opt_out"], permission()), (&json!(1), json!("opt_out")));
    assert_eq!(same_day["as_of"], json!(today));
    // Later than any opt-out, because it has not begun: that would be an override nobody has to answer for.
    server.post("/api/v1/imports?name=b.csv&as_of=2999-12-31", file).assert_problem(
        400,
        "query-invalid",
        "not begun",
    );
    let lifted = server.import("name=b.csv&override_opt_outs=true&reason=signed%20again", file);
    assert_eq!((&lifted["counts"]["updated"], permission()), (&json!(1), json!("opt_in")));

    // An opt-out of somebody who is not known yet waits for them.
    server.post_json("/api/v1/opt-outs", &json!({"number": "+905301112244", "heard": "desk"}));
    let stranger = server.import("name=c.csv", b"exid,wpNumber,permission\n8,+905301112244,1\n");
    assert_eq!(stranger["counts"]["kept_opt_out"], 1);
    let overridden = server.import(
        "name=c.csv&override_opt_outs=true&reason=signed%20again",
        b"exid,wpNumber,permission\n8,+905301112244,1\n",
    );
    assert_eq!(
        (&overridden["counts"]["updated"], &overridden["override_reason"]),
        (&json!(1), &json!("signed again"))
    );

    let timeline = server.get("/api/v1/explain?of=%2B905301112233").json();
    let rules: Vec<_> =
        timeline["events"].as_array().unwrap().iter().map(|event| event["rule"].clone()).collect();
    assert_eq!(rules, ["new-profile", "own-opt-out", "lifted-opt-out"]);
    assert_eq!(timeline["events"][1]["source"], json!({"kind": "person", "heard": "api:desk"}));
}

#[test]
fn what_is_asked_wrongly_is_answered_with_cause_and_cure() {
    let program = Program::new();
    let server = program.serve(&[]);
    let get = |target: &str| server.get(&format!("/api/v1/{target}"));
    let post = |query: &str| server.post(&format!("/api/v1/imports?{query}"), SAMPLE.as_bytes());
    get("imports/i9").assert_problem(404, "not-found", "there is no import i9");
    get("imports/i9/events").assert_problem(404, "not-found", "there is no import i9");
    get("imports/whatever").assert_problem(404, "not-found", "like `i3`");
    get("no/such/thing").assert_problem(404, "not-found", "openapi.json");
    post("nam=x").assert_problem(400, "query-invalid", "`nam` is no parameter; known are name");
    get("profiles?limt=2").assert_problem(400, "query-invalid", "`limt` is no parameter");
    get("explain?off=p1").assert_problem(400, "query-invalid", "`off` is no parameter");
    get("imports?limit=2").assert_problem(400, "query-invalid", "`limit` is no parameter; there are none");
    get("export?for_excel=maybe").assert_problem(400, "query-invalid", "`true` or `false`, not `maybe`");
    get("export?excel=true").assert_problem(400, "query-invalid", "`excel` is no parameter");
    get("profiles?limit=0").assert_problem(400, "query-invalid", "from 1 to 500");
    get("profiles?limit=501").assert_problem(400, "query-invalid", "from 1 to 500");
    get("profiles?after=7").assert_problem(400, "query-invalid", "`p12`");
    get("export?format=xml").assert_problem(400, "query-invalid", "`csv` or `jsonl`, not `xml`");
    get("explain").assert_problem(400, "question-unclear", "`of=`");
    get("explain?of=whoever").assert_problem(400, "question-unclear", "`whoever` is neither");
    post("as_of=23.11.2026").assert_problem(400, "query-invalid", "2026-11-23");
    post("dry_run=maybe").assert_problem(400, "query-invalid", "`true` or `false`, not `maybe`");
    post("override_opt_outs=true").assert_problem(400, "query-invalid", "belong together");
    post("reason=because").assert_problem(400, "query-invalid", "belong together");
    post("options=%7B").assert_problem(400, "option-invalid", "cannot be read");
    post("options=%7B%22country%22%3A%22XX%22%7D").assert_problem(
        400,
        "option-invalid",
        "`XX` is no country",
    );
    post("options=%7B%22contry%22%3A%22TR%22%7D").assert_problem(400, "option-invalid", "contry");
    server.post("/api/v1/version", b"").assert_problem(405, "method-not-allowed", "method");
    server.ask("DELETE", "/api/v1/imports/i1", &[], b"").assert_problem(405, "method-not-allowed", "method");
    server.post("/", b"").assert_problem(405, "method-not-allowed", "method");
    let opt_out = |body: Value| server.post_json("/api/v1/opt-outs", &body);
    opt_out(json!({"heard": "desk"})).assert_problem(400, "body-invalid", "`number` is missing");
    opt_out(json!({"number": "+905301112233"})).assert_problem(400, "body-invalid", "`heard` is missing");
    opt_out(json!({"number": "12", "heard": "desk"})).assert_problem(400, "number-invalid", "country code");
    server.post("/api/v1/opt-outs", b"{}").assert_problem(400, "body-invalid", "application/json");
    assert_eq!(get("imports").json(), json!({"imports": []}), "nothing of this was imported");
    assert_eq!(uploads(&program), Vec::<String>::new(), "and nothing was kept");
}

#[test]
fn other_hosts_and_other_sites_are_turned_away() {
    let program = Program::new();
    let server = program.serve(&[]);
    let port = server.address().rsplit(':').next().unwrap().to_owned();
    let with = |headers: &[(&str, &str)]| server.ask("GET", "/api/v1/version", headers, b"");
    for host in ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example", ""] {
        with(&[("host", host)]).assert_problem(403, "forbidden", "127.0.0.1 and localhost only");
    }
    assert_eq!(with(&[("host", &format!("localhost:{port}"))]).status, 200);
    let own = format!("http://{}", server.address());
    for origin in ["http://evil.example", "null", "https://127.0.0.1", &own.replace("http:", "https:")] {
        with(&[("origin", origin)]).assert_problem(403, "forbidden", "other sites");
        let written = server.ask("POST", "/api/v1/imports", &[("origin", origin)], SAMPLE.as_bytes());
        written.assert_problem(403, "forbidden", "other sites");
    }
    assert_eq!(with(&[("origin", &own)]).status, 200);
    assert_eq!(server.get("/api/v1/imports").json(), json!({"imports": []}));
    assert_eq!(server.ask("GET", "/", &[("host", "evil.example")], b"").status, 403, "the panel too");
}

#[test]
fn every_answer_carries_the_headers_and_head_answers_like_get() {
    let program = Program::new();
    let server = program.serve(&[]);
    for target in ["/", "/imports/i1", "/api/v1/version", "/api/v1/imports/i9", "/no-such.js"] {
        let get = server.get(target);
        assert_eq!(get.header("content-security-policy"), Some(POLICY), "{target}");
        assert_eq!(get.header("x-content-type-options"), Some("nosniff"), "{target}");
        assert_eq!(get.header("referrer-policy"), Some("no-referrer"), "{target}");
        let head = server.ask("HEAD", target, &[], b"");
        assert_eq!((head.status, head.body.as_slice()), (get.status, &b""[..]), "{target}");
        for name in ["content-type", "content-length"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {target}");
        }
    }
    let page = server.get("/");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(server.get("/imports/i1").body, page.body, "its pages are one page");
    let etag = page.header("etag").unwrap();
    let known = server.ask("GET", "/", &[("if-none-match", etag)], b"");
    assert_eq!((known.status, known.body.as_slice()), (304, &b""[..]));
    server.get("/no-such.js").assert_problem(404, "not-found", "no such file");
    // Everything the page names is there, with a type that a strict browser takes.
    let html = page.text();
    let named = html.split(['"', '\'']).filter(|text| text.starts_with("/assets/") || text.ends_with(".js"));
    let mut count = 0;
    for asset in named {
        let answer = server.get(asset);
        assert_eq!(answer.status, 200, "{asset}");
        assert_ne!(answer.header("content-type"), Some("application/octet-stream"), "{asset}");
        count += 1;
    }
    assert!(count > 0, "{html}");
}

#[test]
fn an_upload_that_breaks_off_leaves_nothing() {
    let program = Program::new();
    let server = program.serve(&[]);
    let mut stream = server.connect();
    let head = format!(
        "POST /api/v1/imports?name=a.csv HTTP/1.1\r\nhost: {}\r\ncontent-length: 100000\r\n\r\n",
        server.address()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(SAMPLE.as_bytes()).unwrap();
    wait_until("the upload", || uploads(&program).iter().any(|name| name.ends_with(".part")));
    stream.shutdown(Shutdown::Both).unwrap();
    wait_until("the end of it", || uploads(&program).is_empty());
    assert_eq!(server.get("/api/v1/imports").json(), json!({"imports": []}));
    assert_eq!(server.import("name=a.csv", SAMPLE.as_bytes())["import"], "i1");
}

#[test]
fn a_slow_upload_keeps_nobody_waiting() {
    let program = Program::new();
    let server = program.serve(&[]);
    let mut slow = server.connect();
    let head = format!(
        "POST /api/v1/imports?name=slow.csv HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n",
        server.address()
    );
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    slow.write_all((head + &chunk("wpNumber,permission\n")).as_bytes()).unwrap();
    wait_until("the upload", || !uploads(&program).is_empty());
    assert_eq!(server.import("name=quick.csv", SAMPLE.as_bytes())["import"], "i1");
    slow.write_all((chunk("+905301112244,1\n") + "0\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    assert_eq!(server.end_of("i2")["counts"]["created"], 1);
}

#[test]
fn two_uploads_at_once_apply_in_order_of_acceptance() {
    let program = Program::new();
    let server = program.serve(&["--batch-rows", "20"]);
    // The same people under two sets of numbers: who is applied last decides every row.
    let files = ["90530", "90531"].map(|prefix| {
        let row = |at: usize| format!("c{at},+{prefix}{:07},1\n", 1_000_000 + at);
        (prefix, format!("exid,wpNumber,permission\n{}", (0..400).map(row).collect::<String>()))
    });
    let mut accepted = std::thread::scope(|scope| {
        let uploads = files.each_ref().map(|(prefix, file)| {
            let server = &server;
            scope.spawn(move || {
                (
                    server.post("/api/v1/imports", file.as_bytes()).json()["import"]
                        .as_str()
                        .unwrap()
                        .to_owned(),
                    *prefix,
                )
            })
        });
        uploads.map(|upload| upload.join().unwrap())
    });
    accepted.sort();
    let [(first, _), (second, later)] = &accepted;
    assert_eq!((first.as_str(), second.as_str()), ("i1", "i2"));
    let [one, two] = [first, second].map(|id| server.end_of(id));
    assert_eq!((&one["counts"]["created"], &two["counts"]["updated"]), (&json!(400), &json!(400)));
    assert!(one["finished_at"].as_str() <= two["finished_at"].as_str());
    let export = server.get("/api/v1/export").text().to_owned();
    assert_eq!(export.lines().skip(1).filter(|line| line.contains(&format!("+{later}"))).count(), 400);
}

#[test]
fn a_long_import_tells_how_far_it_is_and_can_be_left() {
    let program = Program::new();
    let server = program.serve(&["--batch-rows", "10"]);
    let row = |at: usize| format!("+90530{:07},1\n", 1_000_000 + at);
    let file = format!("wpNumber,permission\n{}", (0..3_000).map(row).collect::<String>());
    let import =
        server.post("/api/v1/imports", file.as_bytes()).json()["import"].as_str().unwrap().to_owned();
    // Somebody looks once and goes away; the import does not mind.
    let mut gone = server.connect();
    let head = format!("GET /api/v1/imports/{import}/events HTTP/1.1\r\nhost: {}\r\n\r\n", server.address());
    gone.write_all(head.as_bytes()).unwrap();
    drop(gone);
    let events = server.get(&format!("/api/v1/imports/{import}/events")).events();
    let applying: Vec<u64> = events
        .iter()
        .filter(|(_, document)| document["progress"]["phase"] == "applying")
        .map(|(_, document)| document["progress"]["rows_done"].as_u64().unwrap())
        .collect();
    assert!(applying.is_sorted() && applying.iter().all(|rows| *rows <= 3_000), "{applying:?}");
    for (_, document) in events.iter().filter(|(_, document)| document["progress"]["phase"] == "applying") {
        assert_eq!(document["progress"]["rows_total"], 3_000);
        assert_eq!(document["progress"]["bytes"], file.len());
    }
    let (last, document) = events.last().unwrap();
    assert_eq!((last.as_str(), &document["counts"]["created"]), ("end", &json!(3_000)));
}

impl Server {
    fn post_json(&self, target: &str, body: &Value) -> crate::program::Answer {
        self.ask("POST", target, &[("content-type", "application/json")], body.to_string().as_bytes())
    }
}

fn uploads(program: &Program) -> Vec<String> {
    let entries = fs::read_dir(program.data().join("uploads")).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
