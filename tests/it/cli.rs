//! The command line as people and scripts use it: exit codes, what is on standard output, what a refusal says.

use std::fs;

use serde_json::{Value, json};

use crate::program::{Program, SAMPLE};

const SAMPLE_FULL: &str = include_str!("../vectors/check/permission-zero/published-sample-full/input.csv");

#[test]
fn check_judges_the_published_sample() {
    let program = Program::new();
    program.write("sample.csv", SAMPLE);
    let report = program.json(&["check", "sample.csv"]);
    let counts = json!({"rows": 3, "accepted": 3, "rejected": 0, "warned": 2, "opt_in": 2, "opt_out": 1,
        "repeated_numbers": 0});
    assert_eq!(report["counts"], counts);
    assert_eq!(report["codes"], json!({"number-unassigned": 1, "permission-zero": 1}));
    let zero = &report["diagnostics"][0];
    assert_eq!(
        (&zero["code"], &zero["row"], &zero["line"]),
        (&json!("permission-zero"), &json!(2), &json!(3))
    );
    assert_eq!(
        (&zero["column"], &zero["found"], &zero["fix"]),
        (&json!("permission"), &json!("0"), &json!("2"))
    );
    assert_eq!(report["file"]["name"], "sample.csv");
    assert_eq!(report["file"]["bytes"], SAMPLE.len());
    for hash in [&report["digest"], &report["file"]["sha256"], &report["engine"]["sha256"]] {
        assert_eq!(hash.as_str().unwrap().len(), 64);
    }

    // The same bytes through a pipe get the same verdict; only the name is not known.
    let mut piped = program.run_with_input(&["check", "-", "--json"], SAMPLE.as_bytes()).json();
    piped["file"]["name"] = json!("sample.csv");
    assert_eq!(piped, report);

    let told = program.run(&["check", "sample.csv"]);
    assert_eq!((told.code, told.stderr.as_str()), (0, ""));
    assert!(told.stdout.contains("3 rows, 3 accepted (2 opt-in, 1 opt-out), 0 rejected, 2 with warnings"));
    assert!(!program.data().exists(), "a check remembers nothing");
}

#[test]
fn check_hands_back_what_it_rejected() {
    let program = Program::new();
    program.write(
        "people.csv",
        "exid;wpNumber;permission\n1;+905301112233;1\n\"a;b\";;1\n3;+905301112244;maybe\n",
    );
    let ran = program.run(&["check", "people.csv", "--errors", "rejected.csv", "--json"]);
    assert_eq!(ran.code, 1, "something was rejected");
    assert_eq!(ran.json()["counts"]["rejected"], 2);
    let rejected = fs::read_to_string(program.path("rejected.csv")).unwrap();
    let lines: Vec<&str> = rejected.lines().collect();
    assert_eq!(lines[0], "exid;wpNumber;permission;code;message");
    assert!(lines[1].starts_with("\"a;b\";;1;number-missing;"), "{rejected}");
    assert!(lines[2].starts_with("3;+905301112244;maybe;permission-unknown;"), "{rejected}");
    assert_eq!(lines.len(), 3);
    // Corrected cells go back as they are: the two added columns are only looked over.
    let corrected = rejected.replace(";;1;", ";+905301112255;1;").replace(";maybe;", ";2;");
    program.write("corrected.csv", corrected);
    assert_eq!(program.json(&["check", "corrected.csv"])["counts"]["accepted"], 2);

    let all = program.run(&["check", "people.csv", "--all"]);
    assert_eq!(all.code, 1);
    let codes: Vec<Value> =
        all.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["code"].take()).collect();
    assert_eq!(codes, ["number-missing", "permission-unknown"]);
    assert!(all.stderr.contains("3 rows, 1 accepted"), "the summary is on stderr: {}", all.stderr);
    program.run(&["check", "people.csv", "--all", "--json"]).assert_refused(&["--all", "--json"]);
}

#[test]
fn check_follows_its_options() {
    let program = Program::new();
    program
        .write("people.csv", "Telefon\tRıza\tcity\n0530 111 22 33\tevet\tİzmir\n+905112345678\thayır\tVan\n");
    let given = [
        "check",
        "people.csv",
        "--map",
        "wpNumber=Telefon,permission=Rıza",
        "--permission",
        "evet=in,hayır=out",
        "--country",
        "TR",
        "--attribute",
        "city",
        "--delimiter",
        "tab",
        "--encoding",
        "utf-8",
        "--numbers",
        "valid",
        "--json",
    ];
    let ran = program.run(&given);
    let report = ran.json();
    assert_eq!(ran.code, 1);
    assert_eq!(
        (&report["counts"]["accepted"], &report["counts"]["opt_in"]),
        (&json!(1), &json!(1)),
        "{report}"
    );
    assert_eq!(report["codes"]["number-country-assumed"], 1);
    assert_eq!(report["codes"]["number-invalid"], 1, "`--numbers valid` rejects what is not assigned");
    assert_eq!(report["file"]["delimiter"], "\t");
    let roles: Vec<_> =
        report["file"]["columns"].as_array().unwrap().iter().map(|column| &column["as"]).collect();
    assert_eq!(roles, ["wpNumber", "permission", "attribute"]);
}

#[test]
fn refusals_say_cause_and_cure() {
    let program = Program::new();
    program.write("sample.csv", SAMPLE);
    let refused = |args: &[&str], says: &[&str]| program.run(args).assert_refused(says);
    refused(&["check", "no-such.csv"], &["`no-such.csv` cannot be read", "No such file"]);
    refused(&["import", "no-such.csv"], &["`no-such.csv` cannot be read"]);
    refused(&["check", "."], &["`.` is a folder, not a file"]);
    refused(&["import", "."], &["`.` is a folder, not a file"]);
    refused(&["check", "sample.csv", "--country", "XX"], &["--country", "`XX` is no country", "`TR`"]);
    refused(&["check", "sample.csv", "--permission", "1"], &["--permission", "`1` is no pair", "1=in,2=out"]);
    refused(
        &["check", "sample.csv", "--permission", "1=maybe"],
        &["`maybe` is neither `in`, `out` nor `reject`"],
    );
    refused(&["check", "sample.csv", "--delimiter", "x"], &["--delimiter", "`x` is no delimiter", "`;`"]);
    refused(&["check", "sample.csv", "--encoding", "klingon"], &["--encoding", "`klingon`", "windows-1254"]);
    refused(&["check", "sample.csv", "--numbers", "some"], &["--numbers", "`possible`", "`valid`"]);
    refused(
        &["check", "sample.csv", "--map", "wpNumber"],
        &["--map `wpNumber` is no pair", "wpNumber=Phone"],
    );
    refused(&["check", "sample.csv", "--map", "fax=Phone"], &["--map", "`fax` is no column", "`wpNumber`"]);
    refused(&["check", "sample.csv", "--map", "exid=a", "--map", "exid=b"], &["--map names `exid` twice"]);
    refused(&["check", "sample.csv", "--bogus"], &["--bogus", "--help"]);
    refused(
        &["check", "sample.csv", "--errors", "no/such/folder.csv"],
        &["`no/such/folder.csv` cannot be written"],
    );
    refused(&["check"], &["FILE"]);
    refused(&["frobnicate"], &["frobnicate"]);
    refused(
        &["import", "sample.csv", "--as-of", "23.11.2026"],
        &["--as-of", "`23.11.2026` is no day", "2026-11-23"],
    );
    refused(&["import", "sample.csv", "--override-opt-outs"], &["--reason"]);
    refused(&["import", "sample.csv", "--reason", "because"], &["--override-opt-outs"]);
    refused(&["import", "sample.csv", "--resume"], &["--resume"]);
    refused(&["import"], &["FILE"]);
    for reading in [&["imports"][..], &["export"], &["explain", "p1"]] {
        let args = [reading, &["--data", "nothing-here"]].concat();
        refused(&args, &["there is no data in `nothing-here`", "--data"]);
    }
    assert!(!program.path("nothing-here").exists(), "reading makes no folder");
    program.json(&["import", "sample.csv"]);
    refused(&["explain", "whoever"], &["`whoever` is neither a profile like `p12` nor a number"]);
    assert_eq!(
        program.json(&["imports"])["imports"].as_array().unwrap().len(),
        1,
        "nothing above was imported"
    );
}

#[test]
fn settings_come_from_file_environment_and_command_line() {
    let program = Program::new();
    program.write("people.csv", "wpNumber,permission\n0530 111 22 33,1\n");
    let accepted = |ran: crate::program::Ran| ran.json()["counts"]["accepted"].clone();
    let check = ["check", "people.csv", "--json"];
    assert_eq!(accepted(program.run(&check)), 0, "no country, no number");

    program.write("consentry.toml", "country = \"TR\"\n");
    assert_eq!(accepted(program.run(&check)), 1, "consentry.toml in the working folder");
    let with = |name: &str, value: &str, args: &[&str]| {
        accepted(crate::program::Ran::of(program.command(args).env(name, value).spawn().unwrap()))
    };
    assert_eq!(with("CONSENTRY_COUNTRY", "US", &check), 0, "the environment outranks the file");
    let told = [&check[..], &["--country", "TR"]].concat();
    assert_eq!(with("CONSENTRY_COUNTRY", "US", &told), 1, "the command line outranks both");

    program.write("other.toml", "country = \"US\"\n");
    assert_eq!(accepted(program.run(&[&check[..], &["--config", "other.toml"]].concat())), 0);
    assert_eq!(accepted(program.run(&[&check[..], &["--config=other.toml"]].concat())), 0);
    assert_eq!(with("CONSENTRY_CONFIG", "other.toml", &check), 0);

    program.write("consentry.toml", "data = \"elsewhere\"\nattribute = [\"city\"]\njson = true\n");
    program.write("people.csv", "wpNumber,permission,city\n+905301112233,1,Van\n");
    assert_eq!(program.run(&["import", "people.csv"]).json()["options"]["attributes"], json!(["city"]));
    assert!(program.path("elsewhere").is_dir() && !program.data().exists());

    program.write("consentry.toml", "countri = \"TR\"\n");
    program.run(&check).assert_refused(&["consentry.toml", "`countri` is no option"]);
    program.write("consentry.toml", "country = \n");
    program.run(&check).assert_refused(&["consentry.toml", "cannot be read"]);
}

#[test]
fn the_published_sample_is_imported_once() {
    let program = Program::new();
    program.write("sample.csv", SAMPLE);
    let first = program.json(&["import", "sample.csv"]);
    let counts = json!({"rows": 3, "created": 3, "updated": 0, "unchanged": 0, "kept_opt_out": 0, "rejected": 0,
        "numbers_moved": 0, "identifiers_conflict": 0, "identifiers_differ": 0, "opt_in": 2, "opt_out": 1});
    assert_eq!(
        (&first["import"], &first["state"], &first["counts"]),
        (&json!("i1"), &json!("committed"), &counts)
    );
    assert_eq!(first["codes"], json!({"number-unassigned": 1, "permission-zero": 1}));
    assert_eq!(
        first["digest"],
        program.json(&["check", "sample.csv"])["digest"],
        "the verdict is that of `check`"
    );

    let again = program.json(&["import", "sample.csv"]);
    assert_eq!((&again["import"], &again["state"]), (&json!("i1"), &json!("already_imported")));
    assert_eq!(again["counts"], counts, "answered with the earlier import");
    let told = program.run(&["import", "sample.csv"]);
    assert_eq!(told.code, 0);
    assert!(told.stdout.starts_with("sample.csv was already imported as i1"), "{}", told.stdout);

    let history = program.json(&["imports"]);
    let [only] = history["imports"].as_array().unwrap().as_slice() else { panic!("{history}") };
    assert_eq!(
        (&only["import"], &only["state"], &only["digest"]),
        (&first["import"], &first["state"], &first["digest"])
    );
    let told = program.run(&["imports"]);
    assert_eq!(told.stdout.lines().count(), 1);
    assert!(told.stdout.contains("i1") && told.stdout.contains("sample.csv"), "{}", told.stdout);
}

#[test]
fn the_fuller_published_sample_merges_by_address_and_says_so() {
    let program = Program::new();
    program.write("sample-full.csv", SAMPLE_FULL);
    let done = program.json(&["import", "sample-full.csv"]);
    assert_eq!((&done["counts"]["created"], &done["counts"]["updated"]), (&json!(2), &json!(1)), "{done}");
    assert_eq!(done["counts"]["identifiers_differ"], 1);
    assert_eq!(done["codes"]["identifier-differs"], 1);
    let differs =
        done["diagnostics"].as_array().unwrap().iter().find(|d| d["code"] == "identifier-differs").unwrap();
    assert_eq!((&differs["row"], &differs["line"], &differs["found"]), (&json!(3), &json!(4), &json!("p1")));
    let export = program.run(&["export"]).stdout;
    assert_eq!(
        export,
        "profile,exid,email,msisdn,wpNumber,permission\n\
         p1,12345,user1@example.com,+905301112233,+905112345678,1\n\
         p2,34328,user2@example.com,+442071234567,+442071234567,2\n"
    );
}

#[test]
fn a_dry_run_says_what_would_happen_and_writes_nothing() {
    let program = Program::new();
    program.write("sample.csv", SAMPLE);
    program.write("more.csv", "exid,wpNumber,permission\n12345,+905301112244,2\nnew,+442071234567,1\n");
    program.json(&["import", "sample.csv"]);
    let export = || program.run(&["export"]).stdout;
    let before = export();
    let dry = program.json(&["import", "more.csv", "--dry-run"]);
    assert_eq!((&dry["state"], dry.get("import")), (&json!("dry_run"), None));
    assert_eq!(export(), before);
    assert_eq!(program.json(&["imports"])["imports"].as_array().unwrap().len(), 1);
    let done = program.json(&["import", "more.csv"]);
    assert_eq!((&done["import"], &done["counts"]), (&json!("i2"), &dry["counts"]));
    assert_eq!((&done["counts"]["updated"], &done["counts"]["numbers_moved"]), (&json!(2), &json!(0)));
}

#[test]
fn a_file_that_cannot_be_used_changes_nothing() {
    let program = Program::new();
    program.write("sample.csv", SAMPLE);
    program.json(&["import", "sample.csv"]);
    program.write("broken.csv", "exid,permission\n12345,2\n");
    let ran = program.run(&["import", "broken.csv", "--json"]);
    let refused = ran.json();
    assert_eq!((ran.code, &refused["state"]), (2, &json!("refused")));
    assert_eq!(refused["codes"]["column-missing"], 1);
    let told = program.run(&["check", "broken.csv"]);
    assert_eq!(told.code, 2);
    assert!(
        told.stdout.contains("broken.csv cannot be used") && told.stdout.contains("wpNumber"),
        "{}",
        told.stdout
    );
    assert_eq!(
        program.json(&["import", "sample.csv"])["state"],
        "already_imported",
        "a refused file is no import since"
    );
    // One bad row among good ones is only left out.
    program.write("partly.csv", "exid,wpNumber,permission\n1,+905301112233,1\n2,12,1\n");
    let ran = program.run(&["import", "partly.csv", "--json"]);
    assert_eq!(
        (ran.code, &ran.json()["state"], &ran.json()["counts"]["rejected"]),
        (1, &json!("committed"), &json!(1))
    );
}

#[test]
fn export_gives_everybody_in_the_form_asked_for() {
    let program = Program::new();
    program.write(
        "people.csv",
        "exid,email,wpNumber,permission,city\n=1+1,a@example.com,+905301112233,1,\"Van, TR\"\n\
         2,,+905301112244,2,\n",
    );
    program.write("mover.csv", "exid,wpNumber,permission\n3,+905301112244,1\n");
    program.json(&["import", "people.csv", "--attribute", "city"]);
    program.json(&["import", "mover.csv"]);
    let header = "profile,exid,email,msisdn,wpNumber,permission";
    assert_eq!(
        program.run(&["export"]).stdout,
        format!("{header}\np1,=1+1,a@example.com,,+905301112233,1\np2,2,,,+905301112244,1\n"),
        "a new exid with a known number is that number's person"
    );
    let safe = program.run(&["export", "--for-excel", "--attributes"]).stdout;
    assert!(
        safe.starts_with(&format!(
            "\u{feff}{header},city\np1,'=1+1,a@example.com,,'+905301112233,1,\"Van, TR\"\n"
        )),
        "{safe}"
    );
    let lines = program.run(&["export", "--format", "jsonl"]).stdout;
    let people: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(people[0]["attributes"], json!({"city": "Van, TR"}));
    assert_eq!(
        (&people[1]["wpNumber"], &people[1]["permission"]),
        (&json!("+905301112244"), &json!("opt_in"))
    );
    assert_eq!(program.json(&["export"]), json!({ "profiles": people }));
    let out = program.run(&["export", "--out", "out.csv"]);
    assert_eq!((out.code, out.stdout.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(program.path("out.csv")).unwrap(), program.run(&["export"]).stdout);
    // What was exported can be checked, and says nothing new.
    let again = program.run(&["import", "out.csv", "--json"]).json();
    assert_eq!((&again["counts"]["unchanged"], &again["counts"]["rows"]), (&json!(2), &json!(2)), "{again}");
    program.run(&["export", "--format", "xml"]).assert_refused(&["xml", "csv"]);
}

#[test]
fn explain_names_file_row_cells_and_rule() {
    let program = Program::new();
    program.write("first.csv", "exid,wpNumber,permission\n\n7,0090 530 111 22 33,1\n");
    program.write("second.csv", "exid,wpNumber,permission\n7,+905301112233,0\n8,+905301112244,1\n");
    program.write("third.csv", "exid,wpNumber,permission\n8,+905301112233,1\n");
    let first = program.json(&["import", "first.csv", "--as-of", "2026-10-01"]);
    program.json(&["import", "second.csv"]);
    program.json(&["import", "third.csv"]);

    let timeline = program.json(&["explain", "90 530 111 22 33"]);
    assert_eq!(timeline["of"], "+905301112233");
    assert_eq!(
        (&timeline["current"]["profile"], &timeline["current"]["permission"]),
        (&json!("p2"), &json!("opt_in"))
    );
    let events = timeline["events"].as_array().unwrap();
    let told: Vec<_> = events
        .iter()
        .map(|event| (event["rule"].as_str().unwrap(), event["profile"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [("new-profile", "p1"), ("matched-exid", "p1"), ("number-moved-away", "p1"), ("matched-exid", "p2")]
    );
    let source = &events[0]["source"];
    let expected = json!({"kind": "file", "import": "i1", "file": "first.csv", "sha256": first["file"]["sha256"],
        "row": 1, "line": 3, "number_cell": "0090 530 111 22 33", "permission_cell": "1", "as_of": "2026-10-01"});
    assert_eq!(*source, expected);
    assert_eq!(
        (&events[1]["previous_permission"], &events[1]["permission"]),
        (&json!("opt_in"), &json!("opt_out"))
    );
    assert_eq!(events[1]["source"]["permission_cell"], "0");
    assert_eq!((&events[2]["lost_to"], &events[2]["number"]), (&json!("p2"), &Value::Null));
    assert_eq!(events[3]["previous_number"], "+905301112244");

    let of_profile = program.json(&["explain", "p1"]);
    assert_eq!(of_profile["events"].as_array().unwrap().len(), 3);
    assert_eq!(of_profile["current"]["wpNumber"], Value::Null);
    let told = program.run(&["explain", "+905301112233"]).stdout;
    for text in [
        "first.csv line 3",
        "`0090 530 111 22 33`",
        "rule matched-exid",
        "p1 lost +905301112233 to p2",
        "collected 2026-10-01",
    ] {
        assert!(told.contains(text), "`{text}` is not in: {told}");
    }
    assert_eq!(program.json(&["explain", "+442071234567"])["events"], json!([]));
    assert!(
        program.run(&["explain", "+442071234567"]).stdout.contains("nothing is known about +442071234567")
    );
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    let program = Program::new();
    program.write("sample.csv", SAMPLE);
    program.json(&["import", "sample.csv"]);
    for args in [&["check", "sample.csv"][..], &["imports", "--json"], &["export"], &["explain", "p1"]] {
        let mut child = program.command(args).spawn().unwrap();
        drop(child.stdout.take());
        let ran = crate::program::Ran::of(child);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{args:?}");
    }
}

#[test]
fn version_names_product_engine_and_metadata() {
    let program = Program::new();
    let version = program.json(&["version"]);
    assert_eq!(version["version"], version["engine"]["version"]);
    assert_eq!(version["engine"]["sha256"].as_str().unwrap(), crate::program::engine().sha256());
    assert!(!version["engine"]["number_metadata"].as_str().unwrap().is_empty());
    let told = program.run(&["version"]).stdout;
    assert!(told.contains(version["engine"]["sha256"].as_str().unwrap()), "{told}");
    assert_eq!(program.run(&["--version"]).code, 0);
    let help = program.run(&["import", "--help"]);
    assert_eq!(help.code, 0);
    assert!(help.stdout.contains("Example:") && help.stdout.contains("CONSENTRY_AS_OF"), "{}", help.stdout);
}

#[test]
fn nothing_is_overwritten_and_a_dry_run_leaves_nothing() {
    let program = Program::new();
    program.write("same.csv", b"wpNumber,permission\nnonsense,1\n+905301112233,2\n");
    let over = program.run(&["check", "same.csv", "--errors", "same.csv"]);
    assert_eq!((over.code, over.stdout.as_str()), (2, ""));
    assert!(over.stderr.contains("would overwrite the file being checked"), "{}", over.stderr);
    let dry = program.run(&["import", "same.csv", "--dry-run", "--json"]).json();
    assert_eq!((&dry["state"], &dry["counts"]["created"]), (&json!("dry_run"), &json!(1)));
    let uploads = fs::read_dir(program.data().join("uploads")).unwrap();
    assert_eq!(uploads.count(), 0, "a dry run keeps nobody's numbers");
    let empty = program.run(&["import", "same.csv", "--override-opt-outs", "--reason", "  "]);
    assert_eq!(empty.code, 2, "an override is answered for");
    fs::write(program.path("consentry.toml"), "override-opt-outs = true\n").unwrap();
    assert_eq!(program.run(&["imports"]).code, 2, "and not once for all");
}

#[test]
fn an_import_gives_out_what_a_check_does() {
    let program = Program::new();
    program.write("people.csv", b"wpNumber,permission\nnonsense,1\n+905301112233,2\n");
    let checked = program.run(&["check", "people.csv", "--errors", "checked.csv", "--all"]);
    let imported = program.run(&["import", "people.csv", "--errors", "imported.csv", "--all"]);
    assert_eq!((imported.code, &imported.stdout), (1, &checked.stdout));
    assert!(imported.stderr.contains("imported as i1"), "{}", imported.stderr);
    let written = |name: &str| fs::read_to_string(program.path(name)).unwrap();
    assert!(written("imported.csv").contains("nonsense,1,number-not-digits"));
    assert_eq!(written("imported.csv"), written("checked.csv"));
    program.write("more.csv", b"wpNumber,permission\n+905301112244,1\n");
    assert_eq!(program.run(&["import", "more.csv", "--errors", "no/such/folder.csv"]).code, 2);
    assert_eq!(
        program.json(&["imports"])["imports"].as_array().unwrap().len(),
        1,
        "nothing was changed by it"
    );
}
