//! Campaigns from outside: over HTTP, on the command line and by the commands of docs/campaigns.md, against the stand-in for
//! Meta's API, from the first draft to the last status. That nothing is ever sent twice is tried elsewhere; here it is what
//! people are told on the way.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::connecting::{Meta, connect, send};
use crate::openapi_campaigns::campaign;
use crate::program::{Program, SAMPLE, Server, encoded, wait_until};

/// How long a pause may take to be one.
const PAUSED_WITHIN: Duration = Duration::from_secs(1);
const PEOPLE: &str = "exid,wpNumber,permission,city\n1,+905301112201,1,Izmir\n2,+905301112202,1,\n\
                      3,+905301112203,1,Van\n4,+905301112204,2,Van\n";

#[test]
fn a_plan_is_approved_by_another_person_and_what_was_approved_is_what_goes() {
    let (_program, _meta, server) = served(&["--approvals"]);
    let mut later = campaign("Later");
    later["schedule"] = json!({"starts_at": "2099-06-01T10:00[Europe/Istanbul]"});
    later["by"] = "Ayse".into();
    let created = send(&server, "POST", "/campaigns", &later);
    assert_eq!((created.status, created.header("location")), (201, Some("/api/v1/campaigns/c1")));
    let draft = created.json();
    assert_eq!((&draft["state"], &draft["created_by"]), (&json!("draft"), &json!("Ayse")));
    assert_eq!(draft["needs_approval"], true);

    planned(&server, "c1", "Ayse");
    let plan = get(&server, "/campaigns/c1")["plan"].clone();
    assert_eq!(
        (&plan["people"], &plan["sendable"], &plan["frozen_by"]),
        (&json!(3), &json!(3), &json!("Ayse"))
    );
    let start = |body: &Value| send(&server, "POST", "/campaigns/c1/start", body);
    start(&json!({"by": "Ayse"})).assert_problem(409, "not-now", "waits for approval");
    let approve = |body: &Value| send(&server, "POST", "/campaigns/c1/approve", body);
    approve(&json!({})).assert_problem(400, "body-invalid", "`by` is missing");
    approve(&json!({"by": "Ayse"})).assert_problem(409, "not-now", "another person has to approve");
    approve(&json!({"by": "Boris", "plan": "00"})).assert_problem(409, "not-now", "another plan");
    let approved = approve(&json!({"by": "Boris", "plan": plan["sha256"]})).json();
    assert_eq!(approved["approved"]["by"], "Boris");

    start(&json!({"by": "Ayse", "plan": "00"})).assert_problem(409, "not-now", "another plan");
    let started = start(&json!({"by": "Ayse", "plan": plan["sha256"]})).json();
    assert_eq!((&started["state"], &started["plan"]["sha256"]), (&json!("scheduled"), &plan["sha256"]));
    assert_eq!(started["starts_at"], "2099-06-01T07:00:00.000Z");
    let change = send(&server, "PUT", "/campaigns/c1", &later);
    change.assert_problem(409, "not-now", "is scheduled");
    let deed = |verb: &str, body: Value| send(&server, "POST", &format!("/campaigns/c1/{verb}"), &body);
    let paused = deed("pause", json!({"by": "Ayse", "why": "wrong picture"})).json();
    assert_eq!((&paused["state"], &paused["paused"]["by"]), (&json!("paused"), &json!("user")));
    assert!(paused["paused"]["text"].as_str().unwrap().contains("wrong picture"), "{paused}");
    assert_eq!(deed("resume", json!({})).json()["state"], "scheduled");
    let stopped = send(&server, "POST", "/campaigns/stop", &json!({"by": "Boris"})).json();
    assert_eq!(stopped, json!({"paused": ["c1"]}));
    assert_eq!(send(&server, "POST", "/campaigns/stop", &json!({})).json(), json!({"paused": []}));
    let cancelled = deed("cancel", json!({})).json();
    assert_eq!((&cancelled["state"], &cancelled["stand"]["expired"]), (&json!("cancelled"), &json!(3)));
    deed("resume", json!({})).assert_problem(409, "not-now", "was cancelled");
    let did: Vec<&str> =
        cancelled["history"].as_array().unwrap().iter().map(|did| did["by"].as_str().unwrap()).collect();
    assert!(did.contains(&"Boris") && did.contains(&"Ayse"), "{did:?}");
}

#[test]
fn a_change_forgets_the_plan_and_nobody_overwrites_what_they_have_not_seen() {
    let (_program, _meta, server) = served(&[]);
    send(&server, "POST", "/campaigns", &campaign("One"));
    planned(&server, "c1", "Ayse");
    let seen = get(&server, "/campaigns/c1")["version"].clone();
    let mut changed = campaign("Another name");
    changed["version"] = seen;
    let answer = send(&server, "PUT", "/campaigns/c1", &changed).json();
    assert_eq!(
        (&answer["state"], &answer["name"], answer.get("plan")),
        (&json!("draft"), &json!("Another name"), None)
    );
    send(&server, "PUT", "/campaigns/c1", &changed).assert_problem(409, "overtaken", "changed meanwhile");
    server.get("/api/v1/campaigns/c1/preflight").assert_problem(
        409,
        "not-planned",
        "POST /api/v1/campaigns/c1/preflight",
    );
    let copied = send(&server, "POST", "/campaigns/c1/copy", &json!({"by": "Boris"})).json();
    assert_eq!((&copied["campaign"], &copied["name"]), (&json!("c2"), &json!("Another name (copy)")));
    let list = get(&server, "/campaigns");
    let ids: Vec<&Value> = list["campaigns"].as_array().unwrap().iter().map(|one| &one["campaign"]).collect();
    assert_eq!(ids, [&json!("c2"), &json!("c1")]);
    assert!(list["campaigns"][0].get("definition").is_none());
    assert_eq!(server.ask("DELETE", "/api/v1/campaigns/c2?by=Boris", &[], b"").status, 204);
    assert_eq!(server.get("/api/v1/campaigns/c2").status, 404);
}

#[test]
fn the_preflight_names_whoever_lacks_something_and_the_others_can_be_sent() {
    let (_program, _meta, server) = served(&[]);
    let mut lacking = campaign("No default");
    lacking["messages"][0]["values"]["first_name"] = json!({"attribute": {"name": "city"}});
    send(&server, "POST", "/campaigns", &lacking);
    planned(&server, "c1", "Ayse");
    let preflight = get(&server, "/campaigns/c1/preflight");
    assert_eq!((&preflight["people"], &preflight["sendable"]), (&json!(3), &json!(2)));
    let problem = &preflight["problems"][0];
    assert_eq!(
        (&problem["code"], &problem["count"], &problem["severity"]),
        (&json!("value-missing"), &json!(1), &json!("error"))
    );
    assert_eq!(problem["examples"][0]["number"], "+905301112202");
    let listed = server.get("/api/v1/campaigns/c1/preflight/people?code=value-missing");
    assert!(
        listed.text().contains("+905301112202") && listed.text().lines().count() == 2,
        "{}",
        listed.text()
    );
    assert_eq!(listed.header("content-disposition"), Some("attachment; filename=\"c1-problems.csv\""));
    let stand = &get(&server, "/campaigns/c1")["stand"];
    assert_eq!((&stand["waiting"], &stand["left_out"]), (&json!(2), &json!(1)));
}

#[test]
fn a_template_that_cannot_be_sent_is_said_at_once_and_remembered() {
    let (_program, _meta, server) = served(&[]);
    for (template, says) in [("win_back", "rejected"), ("no_such_template", "no_such_template")] {
        let mut wrong = campaign("Wrong");
        wrong["messages"][0]["template"] = template.into();
        let created = send(&server, "POST", "/campaigns", &wrong).json();
        let id = created["campaign"].as_str().unwrap();
        let refused = send(&server, "POST", &format!("/campaigns/{id}/preflight"), &json!({}));
        assert!((400..500).contains(&refused.status), "{}", refused.text());
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(says), "{detail}");
        let stands = get(&server, &format!("/campaigns/{id}"));
        assert_eq!((&stands["state"], &stands["trouble"]), (&json!("draft"), &json!(detail)));
        assert_eq!(server.get(&format!("/api/v1/campaigns/{id}/preflight")).json()["detail"], detail);
    }
}

#[test]
fn what_is_wrong_with_a_request_is_said_by_name() {
    let (_program, _meta, server) = served(&[]);
    let with = |name: &str, value: Value| {
        let mut of = campaign("x");
        of[name] = value;
        of
    };
    for (body, says) in [
        (json!([]), "docs/examples/campaign.json"),
        (json!({}), "missing field"),
        (with("speed", json!(7)), "unknown field `speed`"),
        (with("name", json!("")), "`name`"),
        (with("control_percent", json!(80)), "control_percent"),
        (with("quiet", json!({"from": "25:00", "until": "09:00"})), "25:00"),
        (with("schedule", json!({"starts_at": "tomorrow"})), "tomorrow"),
        (with("audience", json!({"include": {"segment": "none"}})), "none"),
        (with("version", json!(1)), "unknown field `version`"),
    ] {
        let answer = send(&server, "POST", "/campaigns", &body);
        assert!((400..500).contains(&answer.status), "{body}: {} {}", answer.status, answer.text());
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(says), "{body}: {detail}");
    }
    send(&server, "POST", "/campaigns", &campaign("Good"));
    for (target, body, status, says) in [
        ("/campaigns/c1/pause", json!({}), 409, "is a draft"),
        ("/campaigns/c1/resume", json!({}), 409, "is a draft"),
        ("/campaigns/c1/approve", json!({"by": "Ayse"}), 409, "is a draft"),
        ("/campaigns/c1/start", json!({"plan": "00"}), 409, "changed since the plan"),
        ("/campaigns/c1/start", json!({"now": true}), 400, "`now` is not understood"),
        ("/campaigns/c1/test", json!({"to": "+905301112204"}), 409, "opted"),
        ("/campaigns/c1/test", json!({"to": "+905301112201", "message": 7}), 400, "message"),
        ("/campaigns/c7/start", json!({}), 404, "there is no campaign `c7`"),
        ("/campaigns/stop", json!({"by": 7}), 400, "`by` is a text"),
        ("/audience/count", json!({"include": {"country": "TR"}}), 400, "the audience is not as expected"),
    ] {
        let answer = send(&server, "POST", target, &body);
        assert_eq!(answer.status, status, "{target}: {}", answer.text());
        assert!(answer.json()["detail"].as_str().unwrap().contains(says), "{target}: {}", answer.text());
    }
    let plain = server.ask("POST", "/api/v1/campaigns/c1/start", &[("content-type", "text/plain")], b"{}");
    plain.assert_problem(400, "body-invalid", "content-type: application/json");
}

#[test]
fn whoever_watches_is_told_what_changes_and_that_it_is_gone() {
    let (_program, _meta, server) = served(&[]);
    send(&server, "POST", "/campaigns", &campaign("Watched"));
    let mut stream = server.connect();
    let ask = format!("GET /api/v1/campaigns/c1/events HTTP/1.1\r\nhost: {}\r\n\r\n", server.address());
    stream.write_all(ask.as_bytes()).unwrap();
    let mut told = String::new();
    let mut until = |what: &str| {
        let mut piece = [0; 4096];
        while !told.contains(what) {
            let count = stream.read(&mut piece).unwrap();
            assert!(count > 0, "the stream ended before `{what}`: {told}");
            told += std::str::from_utf8(&piece[..count]).unwrap();
        }
    };
    until("\"state\":\"draft\"");
    planned(&server, "c1", "Ayse");
    until("\"state\":\"frozen\"");
    send(&server, "PUT", "/campaigns/c1", &campaign("Changed"));
    until("\"name\":\"Changed\"");
    assert_eq!(server.ask("DELETE", "/api/v1/campaigns/c1", &[], b"").status, 204);
    until("event: gone");
}

#[test]
fn audiences_are_counted_and_listed_as_people_stand() {
    let (program, _meta, server) = served(&[]);
    let count = |of: &Value| send(&server, "POST", "/audience/count", of).json();
    assert_eq!(
        count(&json!({})),
        json!({"people": 3, "of": 3, "by_country": [{"country": "TR", "people": 3}]})
    );
    let van = json!({"include": {"attribute": {"name": "city", "is": ["VAN"]}}});
    assert_eq!(count(&van)["people"], 1);
    program.json(&["profile", "set", "2", "--attribute", "city=Van"]);
    assert_eq!(count(&van)["people"], 2, "what was set beside the server counts at once");
    let put = send(&server, "PUT", "/segments/van", &json!({"condition": van["include"]}));
    assert_eq!(put.json()["name"], "van");
    assert_eq!(count(&json!({"exclude": {"segment": "van"}}))["people"], 1);
    let listed = send(&server, "POST", "/audience/people", &van);
    assert_eq!(listed.text().lines().count(), 3, "{}", listed.text());
    let attributes = get(&server, "/attributes");
    assert_eq!(
        (&attributes["attributes"][0]["name"], &attributes["attributes"][0]["people"]),
        (&json!("city"), &json!(3))
    );
    assert_eq!(server.ask("DELETE", "/api/v1/segments/van", &[], b"").status, 204);
}

#[test]
fn the_command_line_does_the_same_beside_the_server() {
    let (program, _meta, server) = served(&[]);
    program.write("campaign.json", campaign("By hand").to_string());
    let created = program.json(&["campaign", "create", "campaign.json", "--by", "Ayse"]);
    assert_eq!((&created["campaign"], &created["created_by"]), (&json!("c1"), &json!("Ayse")));
    let preflight = program.json(&["campaign", "preflight", "c1"]);
    assert_eq!((&preflight["people"], &preflight["sendable"]), (&json!(3), &json!(3)));
    assert_eq!(get(&server, "/campaigns/c1")["plan"]["sha256"], preflight["plan"]);
    let shown = program.run(&["campaign", "show", "c1"]);
    assert!(
        shown.stdout.starts_with("c1 By hand: frozen\n") && shown.stdout.contains("3 waiting"),
        "{}",
        shown.stdout
    );
    let mut lacking = campaign("Lacking");
    lacking["messages"][0]["values"]["first_name"] = json!({"attribute": {"name": "city"}});
    program.write("lacking.json", lacking.to_string());
    program.json(&["campaign", "change", "c1", "lacking.json"]);
    let ran = program.run(&["campaign", "preflight", "c1"]);
    assert_eq!(ran.code, 1, "somebody cannot be written to: {}", ran.stderr);
    assert!(ran.stdout.contains("value-missing"), "{}", ran.stdout);
    let ran =
        program.run(&["campaign", "preflight", "c1", "--people", "value-missing", "--out", "missing.csv"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, "1 people written\n"));
    let counted =
        program.run_with_input(&["campaign", "audience", "-"], br#"{"include": {"country": ["TR"]}}"#);
    assert!(counted.stdout.starts_with("3 of 3 people"), "{}", counted.stdout);
    program.write("prices.csv", "currency=EUR\ncountry,category,price\n*,marketing,0.05\n");
    program.json(&["campaign", "prices", "prices.csv"]);
    assert_eq!(program.json(&["campaign", "copy", "c1"])["campaign"], "c2");
    let preflight = program.run(&["campaign", "preflight", "c2", "--json"]).json();
    assert_eq!(preflight["cost"], json!({"currency": "EUR", "total": 0.1, "unpriced": 0}));
    assert_eq!(program.json(&["campaign", "delete", "c2"])["state"], "deleted");
    assert_eq!(program.json(&["campaign", "stop"]), json!({"paused": []}));
    for (args, says) in [
        (&["campaign", "show", "c9"][..], "there is no campaign `c9`"),
        (&["campaign", "create", "nowhere.json"], "cannot be read"),
        (&["campaign", "create", "prices.csv"], "is not a campaign"),
        (&["campaign", "pause", "c1"], "so it cannot be paused"),
        (&["campaign", "people", "c1", "--status", "lost"], "lost"),
        (&["campaign", "test", "c1", "--to", "nobody"], "nobody"),
    ] {
        program.run(args).assert_refused(&[says]);
    }
    // Where nobody hears who opts out, nothing is sent.
    drop(server);
    let wait = program.run(&["campaign", "start", "c1", "--wait"]);
    wait.assert_refused(&["no server runs on this data", "only a server hears who opts out"]);
    assert_eq!(program.json(&["campaign", "show", "c1"])["state"], "frozen");
}

#[test]
fn two_campaigns_that_were_frozen_together_pass_the_cap_of_neither() {
    let (program, server) = sending(&file_of(12));
    for (id, name) in [("c1", "Sale"), ("c2", "Sale again")] {
        let mut capped = campaign(name);
        capped["cap"] = json!({"messages": 1, "days": 7});
        send(&server, "POST", "/campaigns", &capped);
        planned(&server, id, "Ayse");
    }
    for id in ["c1", "c2"] {
        send(&server, "POST", &format!("/campaigns/{id}/start"), &json!({}));
    }
    let state = |id: &str| get(&server, &format!("/campaigns/{id}"))["state"].clone();
    wait_until("their end", || state("c1") == "finished" && state("c2") == "finished");
    let stands = ["c1", "c2"].map(|id| get(&server, &format!("/campaigns/{id}"))["stand"].clone());
    let count = |name: &str| stands.iter().map(|stand| stand[name].as_u64().unwrap()).sum::<u64>();
    let sent = count("accepted") + count("sent") + count("delivered") + count("read");
    assert_eq!((sent, count("capped")), (12, 12), "{stands:?}");
    let at = usize::from(stands[1]["capped"].as_u64() > Some(0));
    let (id, capped) = (["c1", "c2"][at], stands[at]["capped"].as_u64().unwrap());
    let listed = program.run(&["campaign", "people", id, "--status", "capped"]).stdout;
    assert_eq!(listed.lines().filter(|line| line.contains(",capped,")).count() as u64, capped, "{listed}");
    let shown = program.run(&["campaign", "show", id]).stdout;
    assert!(shown.contains(&format!("{capped} capped")), "{shown}");
}

#[test]
fn everybody_who_said_yes_gets_it_and_the_report_tells_what_became_of_it() {
    let (program, server) = sending(&file_of(40));
    let created = send(&server, "POST", "/campaigns", &campaign("Sale")).json();
    assert_eq!(created["campaign"], "c1");
    let started = send(&server, "POST", "/campaigns/c1/start", &json!({"by": "Ayse"}));
    assert!([200, 202].contains(&started.status), "{}", started.text());
    let report = || get(&server, "/campaigns/c1/report");
    wait_until("everybody has read it", || report()["funnel"]["read"] == 40);
    wait_until("its end", || get(&server, "/campaigns/c1")["state"] == "finished");
    let report = report();
    for step in ["planned", "accepted", "sent", "delivered", "read"] {
        assert_eq!(report["funnel"][step], 40, "{step}: {report}");
    }
    assert_eq!(
        (&report["by_import"][0]["file"], &report["by_country"][0]["country"]),
        (&json!("people.csv"), &json!("TR"))
    );
    assert_eq!(report["failures"], json!([]));
    let stand = get(&server, "/campaigns/c1")["stand"].clone();
    assert_eq!((&stand["read"], &stand["waiting"]), (&json!(40), &json!(0)));
    let people = server.get("/api/v1/campaigns/c1/people?status=read&format=jsonl");
    assert_eq!(people.text().lines().count(), 40);
    let ran = program.run(&["campaign", "report", "c1"]);
    assert!(
        ran.stdout.starts_with("c1: 40 planned, 40 accepted, 40 sent, 40 delivered, 40 read"),
        "{}",
        ran.stdout
    );
    send(&server, "POST", "/campaigns/c1/start", &json!({})).assert_problem(409, "not-now", "is finished");
}

#[test]
fn whoever_opts_out_while_it_runs_gets_nothing_more_and_a_pause_holds_until_it_goes_on() {
    let (_program, server) = sending(&file_of(30));
    let mut slow = campaign("Slow");
    slow["pace"] = json!({"messages_per_s": 8});
    send(&server, "POST", "/campaigns", &slow);
    planned(&server, "c1", "Ayse");
    send(&server, "POST", "/campaigns/c1/start", &json!({}));
    let stand = || get(&server, "/campaigns/c1")["stand"].clone();
    let count = |name: &str| stand()[name].as_u64().unwrap();
    wait_until("the first of them", || count("waiting") < 30);
    let paused = send(&server, "POST", "/campaigns/c1/pause", &json!({"by": "Boris"})).json();
    assert_eq!(paused["state"], "paused");
    // It takes effect within a second; from then on nothing leaves.
    let paused_at = Instant::now();
    wait_until("what was under way", || count("under_way") == 0 && paused_at.elapsed() > PAUSED_WITHIN);
    let waiting = count("waiting");
    assert!(waiting > 1, "{}", stand());
    let waits = server.get("/api/v1/campaigns/c1/people?status=waiting&format=jsonl");
    let first: Value = serde_json::from_str(waits.text().lines().next().unwrap()).unwrap();
    let number = first["number"].as_str().unwrap();
    let word = send(&server, "POST", "/opt-outs", &json!({"number": number, "heard": "desk"}));
    assert_eq!(word.status, 200, "{}", word.text());
    assert_eq!(count("waiting"), waiting, "nothing left while it paused");
    assert_eq!(send(&server, "POST", "/campaigns/c1/resume", &json!({})).json()["state"], "running");
    let stopped = send(&server, "POST", "/campaigns/stop", &json!({"by": "Boris"})).json();
    assert_eq!(stopped, json!({"paused": ["c1"]}));
    send(&server, "POST", "/campaigns/c1/resume", &json!({}));
    wait_until("its end", || get(&server, "/campaigns/c1")["state"] == "finished");
    let stand = stand();
    assert_eq!(stand["opted_out"], 1, "{stand}");
    let sum: u64 = stand.as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!(sum, 30, "{stand}");
    wait_until("the others", || get(&server, "/campaigns/c1/report")["funnel"]["delivered"] == 29);
}

/// Every line of the guide's blocks that say they can be run, as whoever reads it types it.
#[test]
fn the_commands_of_the_guide_work_as_they_stand() {
    let program = Program::new();
    let server = program.serve(&["--sandbox", "--sync-every", "0"]);
    wait_until("the sandbox's account", || {
        !get(&server, "/accounts")["accounts"].as_array().unwrap().is_empty()
    });
    server.get("/api/v1/templates/sync/events?account=a1").events();
    server.import("name=sample.csv", SAMPLE.as_bytes());
    let examples = program.path("docs/examples");
    std::fs::create_dir_all(&examples).unwrap();
    std::fs::write(examples.join("campaign.json"), include_str!("../../docs/examples/campaign.json"))
        .unwrap();
    let bare = program.command(&[]);
    let folder = std::path::Path::new(bare.get_program()).parent().unwrap().to_owned();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let has_curl = std::process::Command::new("curl").arg("--version").output().is_ok();
    let blocks = include_str!("../../docs/campaigns.md").split("<!-- run -->\n```sh\n").skip(1);
    let lines: Vec<&str> = blocks.flat_map(|block| block.split("```").next().unwrap().lines()).collect();
    assert!(lines.len() > 10, "{lines:?}");
    for line in lines.into_iter().filter(|line| has_curl || !line.starts_with("curl")) {
        let line = line.replace("127.0.0.1:8787", server.address());
        let mut shell = std::process::Command::new("sh");
        for (name, value) in bare.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.args(["-ec", &line]).env("PATH", &path).current_dir(program.path("."));
        let ran = shell.output().unwrap();
        assert!(ran.status.success(), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}

/// People in a file.
fn file_of(people: u64) -> String {
    (0..people).fold("exid,wpNumber,permission,city\n".to_owned(), |file, at| {
        file + &format!("{at},+{},1,\n", 905_301_200_000 + at)
    })
}

/// A server beside its own stand-in, whose people all read what they get.
fn sending(people: &str) -> (Program, Server) {
    const SCENARIO: &str = "[people]\nabsent = 0.0\nexperiment = 0.0\ndeliver = 1.0\nread = 1.0\nanswer = 0.0\n\
                            stop_word = 0.0\nstop = 0.0\nhidden = 0.0\nsent_ms = [5, 20]\ndelivered_ms = [10, 40]\n\
                            read_ms = [10, 80]\n[webhooks]\nduplicates = 0.2\ndisorder = 0.2\ndelay_ms = [0, 20]\n";
    let program = Program::new();
    program.write("scenario.toml", SCENARIO);
    let server = program.serve(&["--sandbox", "--scenario", "scenario.toml", "--sync-every", "0"]);
    wait_until("its account", || !get(&server, "/accounts")["accounts"].as_array().unwrap().is_empty());
    server.get("/api/v1/templates/sync/events?account=a1").events();
    let options = encoded("{\"attributes\":[\"city\"]}");
    server.import(&format!("name=people.csv&options={options}"), people.as_bytes());
    (program, server)
}

/// A server with people and an account of the stand-in.
fn served(args: &[&str]) -> (Program, Meta, Server) {
    let (program, meta) = (Program::new(), Meta::new(""));
    let server = program.serve(&[&["--graph-url", meta.url(), "--sync-every", "0"], args].concat());
    connect(&server);
    server.import(&format!("options={}", encoded("{\"attributes\":[\"city\"]}")), PEOPLE.as_bytes());
    (program, meta, server)
}

fn planned(server: &Server, id: &str, by: &str) {
    let asked = send(server, "POST", &format!("/campaigns/{id}/preflight"), &json!({"by": by}));
    assert_eq!(asked.status, 202, "{}", asked.text());
    wait_until("a plan", || {
        let state = get(server, &format!("/campaigns/{id}"))["state"].clone();
        state == "frozen" || state == "awaiting_approval"
    });
}

fn get(server: &Server, target: &str) -> Value {
    let answer = server.get(&format!("/api/v1{target}"));
    assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    answer.json()
}
