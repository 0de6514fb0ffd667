//! Taking an import back as people and programs ask for it: on the command line and over HTTP. What it does to people is
//! proved elsewhere; here it is asked for, refused, told and remembered.

use std::fs;
use std::path::PathBuf;

use consentry_core::time::UnixMs;
use consentry_core::wire::v1::Options;
use consentry_host::store::sqlite::SqliteStore;
use consentry_host::store::{Accepted, NewImport, Store as _, TenantId};
use consentry_host::uploads::Uploads;
use serde_json::{Value, json};

use crate::program::{Answer, Program, Server, engine, wait_until};

const HEADER: &str = "exid,wpNumber,permission\n";
/// What ought to have been imported, what ought not, and what came after; every way in which an effect can end is there.
const FIRST: &str = "1,+905301112201,2\n2,+905301112202,1\n3,+905301112203,1\n";
const WRONG: &str =
    "1,+905301112201,1\n2,+905301112212,1\n3,+905301112213,1\n4,+905301112204,1\n5,+905301112205,1\n";
const LATER: &str = "5,+905301112205,1\n6,+905301112203,1\n";

#[test]
fn an_import_is_taken_back_by_its_id_and_history_and_timelines_tell_it() {
    let program = Program::new();
    import(&program, "first.csv", FIRST);
    let before = program.run(&["export"]).stdout;
    import(&program, "wrong.csv", WRONG);
    let ran = program.run(&["import", "--undo", "i2", "--reason", " last year's list "]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(
        ran.stdout,
        "i2 (wrong.csv) is taken back: 3 profiles are as they were before, 2 it had made are removed\n"
    );
    assert_eq!(program.run(&["export"]).stdout, before, "everybody is who they were");

    let history = program.json(&["imports"]);
    let [undone, first] = history["imports"].as_array().unwrap().as_slice() else { panic!("{history}") };
    assert_eq!((&undone["state"], &first["state"]), (&json!("undone"), &json!("committed")));
    assert_eq!(
        (&undone["counts"]["updated"], first.get("undo")),
        (&json!(3), None),
        "what it did stays told"
    );
    let undo = &undone["undo"];
    assert_eq!((&undo["reversed"], &undo["removed"]), (&json!(3), &json!(2)));
    assert_eq!(undo["kept"], json!({"later-import": 0, "own-opt-out": 0, "number-taken": 0}));
    assert_eq!(undo["kept_profiles"], json!([]));
    let by = undo["by"].as_str().unwrap();
    assert!(by.starts_with("cli") && by.ends_with(": last year's list"), "{by}");
    let told = program.run(&["imports"]).stdout;
    let line = told.lines().find(|line| line.contains("wrong.csv")).unwrap();
    let says = format!("3 as before, 2 removed, 0 left as they are; taken back by {by}");
    assert!(line.contains("undone") && line.contains(&says), "{line}");

    let changed = program.json(&["explain", "p1"]);
    let event = changed["events"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&event["rule"], &event["permission"], &event["previous_permission"]),
        (&json!("undone"), &json!("opt_out"), &json!("opt_in"))
    );
    let source = json!({"kind": "undo", "import": "i2", "file": "wrong.csv", "by": by});
    assert_eq!(event["source"], source);
    let made = program.json(&["explain", "p4"]);
    assert_eq!((&made["current"], &made["events"][1]["source"]), (&Value::Null, &source));
    assert_eq!(made["events"][1]["rule"], "profile-undone");
    let told = program.run(&["explain", "p4"]).stdout;
    for text in
        ["p4 is removed; rule profile-undone", "import i2 (wrong.csv) taken back by cli", "last year's"]
    {
        assert!(told.contains(text), "`{text}` is not in: {told}");
    }

    // What was taken back is not in the way of the same file.
    let again = import(&program, "wrong.csv", WRONG);
    assert_eq!((&again["import"], &again["counts"]["created"]), (&json!("i3"), &json!(2)));
}

#[test]
fn who_stays_as_they_are_is_told_with_the_reason() {
    let program = Program::new();
    import(&program, "first.csv", FIRST);
    import(&program, "wrong.csv", WRONG);
    import(&program, "later.csv", LATER);
    {
        let server = program.serve(&[]);
        let said = undone(&server, "/api/v1/opt-outs", &json!({"number": "+905301112212", "heard": "desk"}));
        assert_eq!(said.status, 200, "{}", said.text());
    }
    let ran = program.run(&["import", "--undo", "i2"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for text in [
        "1 profiles are as they were before, 1 it had made are removed",
        "1 stay as they are, because a later import changed or confirmed them:\n  p5\n",
        "1 stay as they are, because the person has opted out since:\n  p2\n",
        "1 stay as they are, because the number they had before belongs to somebody who keeps it:\n  p3\n",
    ] {
        assert!(ran.stdout.contains(text), "`{text}` is not in: {}", ran.stdout);
    }
    let undo = &program.json(&["imports"])["imports"][1]["undo"];
    assert_eq!(undo["kept"], json!({"later-import": 1, "own-opt-out": 1, "number-taken": 1}));
    let by = undo["by"].as_str().unwrap();
    assert!(by.starts_with("cli") && !by.contains(' '), "no reason was given: {by}");
    let told = program.run(&["explain", "p6"]).stdout;
    assert!(told.contains("p6 +905301112203 opted in, had been p3's; rule new-profile"), "{told}");
}

#[test]
fn what_cannot_be_taken_back_is_refused_with_its_cure() {
    let program = Program::new();
    let refused = |args: &[&str], says: &[&str]| program.run(args).assert_refused(says);
    refused(&["import", "--undo", "i1"], &["there is no data in `consentry-data`", "Import a file first"]);
    refused(&["import", "--undo", "first.csv"], &["`first.csv` is no import", "`consentry imports`", "`i3`"]);
    assert!(!program.data().exists(), "and nothing is made for it");

    import(&program, "first.csv", FIRST);
    program.write("unusable.csv", "exid,permission\n7,1\n");
    assert_eq!(program.run(&["import", "unusable.csv"]).code, 2);
    refused(&["import", "--undo", "i9"], &["there is no import i9"]);
    refused(&["import", "--undo", "i2"], &["import i2 cannot be taken back", "has not been committed"]);
    refused(&["import", "--undo"], &["--undo <ID>"]);
    refused(&["import", "--undo", "i1", "--reason", "  "], &["--reason", "say why in a few words"]);
    refused(&["import", "--reason", "because"], &["FILE"]);
    refused(&["import", "first.csv", "--reason", "because"], &["--reason", "--undo", "--override-opt-outs"]);
    refused(&["import", "--resume", "--reason", "because"], &["--reason", "--undo"]);
    for other in
        [&["first.csv"][..], &["--resume"], &["--dry-run"], &["--override-opt-outs", "--reason", "x"]]
    {
        refused(&[&["import", "--undo", "i1"], other].concat(), &["--undo", "cannot be used with"]);
    }
    program.write("consentry.toml", "undo = \"i1\"\n");
    refused(&["import", "first.csv"], &["`undo`"]);
    fs::remove_file(program.path("consentry.toml")).unwrap();
    assert_eq!(program.json(&["imports"])["imports"][1]["state"], "committed", "nothing above took it back");

    assert_eq!(program.json(&["import", "--undo", "i1"])["state"], "undone");
    refused(&["import", "--undo", "i1", "--json"], &["import i1 cannot be taken back", "taken back already"]);
}

#[test]
fn nothing_is_taken_back_beside_an_interrupted_import() {
    let program = Program::new();
    import(&program, "first.csv", FIRST);
    let stuck = Stuck::accepted(&program, &format!("{HEADER}{LATER}"));
    program
        .run(&["import", "--undo", "i1"])
        .assert_refused(&["i2 was interrupted", "run `import --resume` first"]);
    stuck.release();
    assert_eq!(program.json(&["import", "--resume"])[0]["counts"]["created"], 1);
    // It found one of those whom the first had made as they were.
    let done = program.json(&["import", "--undo", "i1"]);
    assert_eq!((&done["undo"]["removed"], &done["undo"]["kept"]["later-import"]), (&json!(2), &json!(1)));
}

#[test]
fn over_http_it_is_taken_back_once() {
    let program = Program::new();
    let server = program.serve(&[]);
    server.import("name=first.csv", format!("{HEADER}{FIRST}").as_bytes());
    server.import("name=wrong.csv", format!("{HEADER}{WRONG}").as_bytes());
    let of = |import: &str| format!("/api/v1/imports/{import}/undo");
    let body = json!({"by": " desk ", "reason": "the wrong file"});

    let refused = |body: &Value, says: &str| {
        undone(&server, &of("i2"), body).assert_problem(400, "body-invalid", says);
    };
    refused(&json!({}), "`by` is missing");
    refused(&json!({"reason": "the wrong file"}), "`by` is missing");
    refused(&json!({"by": "  "}), "`by` is missing");
    refused(&json!({"by": "desk", "raeson": "the wrong file"}), "`by` and `reason`, nothing else");
    refused(&json!({"by": "desk", "reason": 7}), "texts");
    refused(&json!(["desk"]), "texts");
    server.post(&of("i2"), b"{}").assert_problem(400, "body-invalid", "application/json");
    undone(&server, &of("i9"), &body).assert_problem(404, "not-found", "there is no import i9");
    undone(&server, &of("first.csv"), &body).assert_problem(404, "not-found", "like `i3`");
    server.get(&of("i2")).assert_problem(405, "method-not-allowed", "method");
    let foreign = [("origin", "http://evil.example"), ("content-type", "application/json")];
    let asked = server.ask("POST", &of("i2"), &foreign, body.to_string().as_bytes());
    asked.assert_problem(403, "forbidden", "other sites");
    assert_eq!(server.get("/api/v1/imports/i2").json()["state"], "committed");

    let answer = undone(&server, &of("i2"), &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let document = answer.json();
    assert_eq!((&document["state"], &document["undo"]["reversed"]), (&json!("undone"), &json!(3)));
    assert_eq!(document["undo"]["by"], "api:desk: the wrong file");
    assert_eq!(server.get("/api/v1/imports/i2").json(), document);
    assert_eq!(server.end_of("i2"), document, "whoever watches is told at once");
    assert_eq!(server.get("/api/v1/imports").json()["imports"][0]["undo"], document["undo"]);
    assert_eq!(server.get("/api/v1/profiles").json()["total"], 3);
    let timeline = server.get("/api/v1/explain?of=p1").json();
    assert_eq!(timeline["events"][2]["source"]["by"], "api:desk: the wrong file");
    for _ in 0..2 {
        undone(&server, &of("i2"), &body).assert_problem(409, "not-undoable", "taken back already");
    }
    let refused_file = server.import("name=unusable.csv", b"exid,permission\n7,1\n");
    let unusable = refused_file["import"].as_str().unwrap();
    undone(&server, &of(unusable), &body).assert_problem(409, "not-undoable", "has not been committed");

    // A long story is kept as far as there is room, and cut where a letter ends.
    let long = undone(&server, &of("i1"), &json!({"by": "desk", "reason": "ş".repeat(1_000)})).json();
    assert_eq!(long["undo"]["by"].as_str().unwrap().chars().count(), 300);
}

#[test]
fn over_http_it_waits_for_nobody_but_says_who_is_under_way() {
    let program = Program::new();
    import(&program, "first.csv", FIRST);
    let file = format!("{HEADER}7,+905301112207,1\n");
    let stuck = Stuck::accepted(&program, &file);
    let server = program.serve(&[]);
    let body = json!({"by": "desk"});
    let of = |import: &str| format!("/api/v1/imports/{import}/undo");
    undone(&server, &of("i1"), &body).assert_problem(409, "import-under-way", "i2 is under way");
    undone(&server, &of("i2"), &body).assert_problem(409, "import-under-way", "i2 is under way");
    assert_eq!(server.get("/api/v1/profiles").json()["total"], 3, "nobody was touched");

    stuck.release();
    // The same file again wakes the server, which goes on with what it has.
    assert_eq!(server.import("name=stuck.csv", file.as_bytes())["import"], "i2");
    assert_eq!(undone(&server, &of("i1"), &body).json()["undo"]["removed"], 3);
    assert_eq!(undone(&server, &of("i2"), &body).json()["undo"]["removed"], 1);
    assert_eq!(server.get("/api/v1/profiles").json()["total"], 0);
}

/// Imports rows on the command line.
fn import(program: &Program, name: &str, rows: &str) -> Value {
    program.write(name, format!("{HEADER}{rows}"));
    program.json(&["import", name])
}

fn undone(server: &Server, target: &str, body: &Value) -> Answer {
    server.ask("POST", target, &[("content-type", "application/json")], body.to_string().as_bytes())
}

#[test]
fn what_waits_for_its_turn_is_judged_already() {
    let program = Program::new();
    let stuck = Stuck::accepted(&program, "exid,wpNumber,permission\n7,+905301112233,1\n");
    let server = program.serve(&[]);
    let accepted =
        server.post("/api/v1/imports?name=next.csv", b"exid,wpNumber,permission\n8,+905301112244,1\n");
    assert_eq!(accepted.json()["import"], "i2");
    let waiting = || server.get("/api/v1/imports/i2").json();
    wait_until("the verdict", || waiting()["progress"]["phase"] == "checking");
    assert_eq!(waiting()["state"], "accepted", "judged, and not applied before the one before it");
    drop(server);
    stuck.release();
    let server = program.serve(&[]);
    assert_eq!(server.end_of("i2")["counts"]["created"], 1);
    assert_eq!(server.get("/api/v1/imports/i1").json()["state"], "committed");
}

/// An import that was accepted and cannot go on: a folder stands where its file should be, which passes for a fault of
/// the machine that may pass. So it is under way for exactly as long as a test wants.
struct Stuck {
    stored: PathBuf,
}

impl Stuck {
    fn accepted(program: &Program, file: &str) -> Stuck {
        let uploads = Uploads::open(&program.data()).unwrap();
        let mut incoming = uploads.begin().unwrap();
        incoming.write(file.as_bytes()).unwrap();
        let file = incoming.finish().unwrap();
        let stored = uploads.path(&file.sha256);
        let new = NewImport {
            file_name: "stuck.csv".into(),
            file_sha256: file.sha256,
            file_bytes: file.bytes,
            options: Options::default(),
            as_of: None,
            override_reason: None,
            engine_sha256: engine().sha256().to_owned(),
            client_digest: None,
            received_at: UnixMs(1),
        };
        let store = SqliteStore::open(&program.data()).unwrap();
        assert!(matches!(store.accept(TenantId::DEFAULT, &new).unwrap(), Accepted::New(_)));
        let stuck = Stuck { stored };
        fs::rename(&stuck.stored, stuck.aside()).unwrap();
        fs::create_dir(&stuck.stored).unwrap();
        stuck
    }

    fn aside(&self) -> PathBuf {
        self.stored.with_extension("aside")
    }

    fn release(self) {
        fs::remove_dir(&self.stored).unwrap();
        fs::rename(self.aside(), &self.stored).unwrap();
    }
}
