//! A consent file packed or in a workbook is the same file: same verdict, same people, however it comes.

use std::io::{Cursor, Write as _};
use std::path::Path;

use consentry_host::input::{Input, Source};
use consentry_host::store::sqlite::FILE_NAME;
use consentry_unpack::Trouble;
use consentry_unpack::limits::RATIO_FREE_BYTES;
use flate2::Compression;
use flate2::write::GzEncoder;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use crate::memory::{MIB, alone, peak_growth_bytes};
use crate::program::{Program, SAMPLE, wait_until};

/// The published sample as other programs wrote it: gzip, zstd, and openpyxl with numbers in its number cells.
const PACKED: [(&str, &[u8]); 3] = [
    ("sample.csv.gz", include_bytes!("../fixtures/published-sample.csv.gz")),
    ("sample.csv.zst", include_bytes!("../fixtures/published-sample.csv.zst")),
    ("sample.xlsx", include_bytes!("../fixtures/published-sample.xlsx")),
];

/// What must be the same, whatever the sample came in.
fn verdict(document: &Value) -> Value {
    json!([document["digest"], document["counts"], document["codes"], document["diagnostics"]])
}

#[test]
fn every_form_gets_the_same_verdict_from_a_file_and_from_a_pipe() {
    let program = Program::new();
    program.write("sample.csv", SAMPLE);
    let plain = program.json(&["check", "sample.csv"]);
    for (name, bytes) in PACKED {
        program.write(name, bytes);
        let checked = program.json(&["check", name]);
        assert_eq!(verdict(&checked), verdict(&plain), "{name}");
        let file = &checked["file"];
        assert_eq!((&file["name"], &file["bytes"]), (&json!(name), &json!(bytes.len())));
        assert_eq!(
            (&file["encoding"], &file["columns"]),
            (&plain["file"]["encoding"], &plain["file"]["columns"])
        );
        let piped = program.run_with_input(&["check", "-", "--json"], bytes);
        assert_eq!(piped.code, 0, "{}", piped.stderr);
        let piped = piped.json();
        assert_eq!(verdict(&piped), verdict(&plain), "{name} from a pipe");
        assert_eq!((&piped["file"]["sha256"], &piped["file"]["bytes"]), (&file["sha256"], &file["bytes"]));
        // How the text of a workbook is written is no question, so nothing that is said about it matters.
        let odd = ["--delimiter", "tab", "--encoding", "utf-16le"];
        let ran = program.run(&[&["check", name, "--json"], &odd[..]].concat());
        assert_eq!(ran.json()["digest"] == plain["digest"], name.ends_with(".xlsx"), "{name}");
    }
}

#[test]
fn every_form_is_imported_from_the_command_line() {
    for (name, bytes) in PACKED {
        let program = Program::new();
        program.write(name, bytes);
        let done =
            program.run(&["import", name, "--errors", "errors.csv", "--batch-rows", "1", "--json"]).json();
        assert_eq!(
            (&done["state"], &done["counts"]["created"]),
            (&json!("committed"), &json!(3)),
            "{name}: {done}"
        );
        assert_eq!(done["file"]["bytes"], bytes.len());
        assert_eq!(done["digest"], program.json(&["check", name])["digest"]);
        let piped = program.run_with_input(&["import", "-", "--json"], bytes).json();
        assert_eq!(piped["state"], "already_imported", "{name}: known by the bytes as they came");
        let source = program.json(&["explain", "+442071234567"])["events"][0]["source"].clone();
        assert_eq!((&source["row"], &source["line"]), (&json!(2), &json!(3)), "{name}");
    }
}

#[test]
fn every_form_is_imported_over_http_with_and_without_saying_so() {
    let program = Program::new();
    let server = program.serve(&[]);
    program.write("sample.csv", SAMPLE);
    let plain = program.json(&["check", "sample.csv"]);
    let digest = plain["digest"].as_str().unwrap();
    let imported = |name: &str, headers: &[(&str, &str)], bytes: &[u8]| {
        let target = format!("/api/v1/imports?name={name}&digest={digest}");
        let accepted = server.ask("POST", &target, headers, bytes);
        assert_eq!(accepted.status, 202, "{name}: {}", accepted.text());
        server.end_of(accepted.json()["import"].as_str().unwrap())
    };
    for (name, bytes) in PACKED {
        let done = imported(name, &[], bytes);
        assert_eq!((&done["digest"], done.get("digest_differs")), (&plain["digest"], None), "{name}");
        assert_eq!(
            (&done["state"], &done["file"]["bytes"]),
            (&json!("committed"), &json!(bytes.len())),
            "{name}"
        );
        let dry = server.post(&format!("/api/v1/imports?name={name}&dry_run=true"), bytes).json();
        assert_eq!(
            (&dry["state"], &dry["counts"]["unchanged"]),
            (&json!("dry_run"), &json!(3)),
            "{name}: {dry}"
        );
    }
    let said = |encoding: &str, bytes: &[u8]| {
        server.ask("POST", "/api/v1/imports", &[("content-encoding", encoding)], bytes)
    };
    for (encoding, (name, bytes)) in [("gzip", PACKED[0]), ("zstd", PACKED[1]), ("identity", PACKED[2])] {
        let done = imported(name, &[("content-encoding", encoding)], bytes);
        assert_eq!((&done["state"], &done["digest"]), (&json!("committed"), &plain["digest"]), "{name}");
    }
    said("br", b"x").assert_problem(415, "content-encoding-unknown", "`gzip`, `zstd` or `identity`");
    said("gzip, zstd", PACKED[0].1).assert_problem(415, "content-encoding-unknown", "only one");
    said("gzip", SAMPLE.as_bytes()).assert_problem(415, "content-encoding-unknown", "not packed the way");
    said("zstd", PACKED[0].1).assert_problem(415, "content-encoding-unknown", "not packed the way");
}

#[test]
fn what_gives_no_text_is_refused_with_a_report_everywhere() {
    let program = Program::new();
    let server = program.serve(&[]);
    let other = Program::new();
    let cut = |at: usize| PACKED[at].1[..PACKED[at].1.len() - 7].to_vec();
    let compound = [b"\xD0\xCF\x11\xE0".as_slice(), &[0; 600]].concat();
    let cases = [
        ("cut.csv.gz", cut(0), "cut off on its way"),
        ("cut.csv.zst", cut(1), "cut off on its way"),
        ("cut.xlsx", cut(2), "cut off on its way"),
        ("old.xls", compound, "This is an old Excel workbook (.xls)"),
    ];
    for (name, bytes, says) in cases {
        let told = |document: &Value| {
            let state = (document["refused"] == true) || document["state"] == "refused";
            assert!(state && document["codes"] == json!({"encoding-unreadable": 1}), "{name}: {document}");
            let message = document["diagnostics"][0]["message"].as_str().unwrap();
            assert!(message.contains(says), "{name}: {message}");
            assert_eq!(document["file"]["bytes"], bytes.len(), "{name}");
        };
        other.write(name, &bytes);
        for args in [
            &["check", name, "--json"][..],
            &["import", name, "--json"],
            &["import", name, "--dry-run", "--json"],
        ] {
            let ran = other.run(args);
            assert_eq!(ran.code, 2, "{args:?}: {}", ran.stderr);
            told(&ran.json());
        }
        let ran = other.run(&["check", name, "--all", "--errors", "errors.csv"]);
        assert_eq!((ran.code, other.path("errors.csv").exists()), (2, name == "old.xls"), "{}", ran.stderr);
        assert!(ran.stdout.lines().last().unwrap().contains("encoding-unreadable"), "{}", ran.stdout);
        told(&server.import(&format!("name={name}"), &bytes));
        told(&server.post("/api/v1/imports?dry_run=true", &bytes).json());
    }
    assert_eq!(server.get("/api/v1/profiles").json()["total"], 0, "nothing of half a file was applied");
}

#[test]
fn a_stopped_import_of_a_packed_file_goes_on_where_it_stood() {
    const ROWS: usize = 20_000;
    let mut text = String::from("exid,wpNumber,permission\n");
    (0..ROWS).for_each(|at| text += &format!("{at},+90530{at:07},{}\n", 1 + at % 2));
    let packed = gzip(text.as_bytes());
    let args = ["import", "people.csv.gz", "--batch-rows", "100", "--json"];
    let ending = |program: &Program| {
        let import = program.json(&["imports"])["imports"][0].clone();
        (import["state"].clone(), import["counts"].clone(), program.run(&["export"]).stdout)
    };
    let undisturbed = Program::new();
    undisturbed.write("people.csv.gz", &packed);
    assert_eq!(undisturbed.run(&args).code, 0);

    let stopped = Program::new();
    stopped.write("people.csv.gz", &packed);
    let mut child = stopped.command(&args).spawn().unwrap();
    let database = stopped.data().join(FILE_NAME);
    wait_until("a commit", || rows_committed(&database) > 0);
    child.kill().unwrap();
    child.wait().unwrap();
    let committed = rows_committed(&database);
    assert!(committed < ROWS as u64, "stopped in the middle, at {committed}");
    assert_eq!(stopped.run(&["import", "--resume"]).code, 0);
    assert_eq!(ending(&stopped), ending(&undisturbed));
}

#[test]
fn a_bomb_is_defused_in_little_memory() {
    if !alone("formats::a_bomb_is_defused_in_little_memory") {
        return;
    }
    let bomb = gzip(&vec![b'0'; 4 * RATIO_FREE_BYTES as usize]);
    let mut said = String::new();
    let grown = peak_growth_bytes(|| {
        let mut input = Input::of(Source::Pipe(Box::new(Cursor::new(bomb)))).unwrap();
        let error = std::io::copy(&mut input, &mut std::io::sink()).unwrap_err();
        said = Trouble::of(&error).unwrap().to_string();
    });
    assert!(said.contains("times its packed size"), "{said}");
    assert!(grown < 4 * MIB, "{grown} bytes");
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// How far the only import is, seen from outside; 0 as long as there is nothing to see.
fn rows_committed(database: &Path) -> u64 {
    let open = || Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let cursor = || open()?.query_row("SELECT max(cursor) FROM import", [], |row| row.get::<_, i64>(0));
    cursor().map_or(0, i64::cast_unsigned)
}
