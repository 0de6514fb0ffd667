//! Kill -9 at random moments of an import: whatever was cut off, going on ends where an undisturbed import ends.
//!
//! The moments are found by watching the database from outside: killed is whoever has committed so many rows, or
//! written so many bytes of the write-ahead log, which falls into the middle of commits.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Stdio};

use consentry_core::matching::{Counts, E164, Event, Finding, ImportId, Keys, Source, Speaker, own_opt_out};
use consentry_core::time::UnixMs;
use consentry_host::store::sqlite::{FILE_NAME, SqliteStore};
use consentry_host::store::{Import, ImportState, Store as _, Subject, TenantId};
use consentry_host::wire::v1::ImportDocument;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use crate::collisions::Pools;
use crate::program::{Program, Ran, wait_until};
use crate::random::Random;

const T: TenantId = TenantId::DEFAULT;
/// Rows of the file that is interrupted.
const ROWS: usize = 2_000;
const BATCH_ROWS: [&str; 2] = ["--batch-rows", "50"];
/// People the rows are about: nearly every row meets an earlier one.
const PEOPLE: usize = 400;
/// Times the process must have been killed in the middle of its work, over all histories.
const KILLS_MIN: usize = 50;

#[test]
fn killed_imports_end_like_undisturbed_ones() {
    let mut random = Random::new(2);
    let known = known_already(&mut random);
    let file = Pools::people(PEOPLE).file(&mut random, ROWS);
    let undisturbed = {
        let program = known.copy(&file);
        let ran = program.run(&[&["import", "people.csv"][..], &BATCH_ROWS].concat());
        assert_eq!(ran.code, 1, "some rows are rejected: {}", ran.stderr);
        Ending::of(&program)
    };
    assert!(undisturbed.import.kept_opt_out > 0 && undisturbed.import.identifiers_conflict > 0);
    let mut kills = 0;
    while kills < KILLS_MIN {
        let program = known.copy(&file);
        let mut args = ["import", "people.csv"];
        for _ in 0..5 {
            let child = program.command(&[&args[..], &BATCH_ROWS].concat()).spawn().unwrap();
            kills += usize::from(kill_at_random(child, &program, &mut random, undisturbed.cursor));
            // Before anything was accepted there is nothing to resume, and the user tries again.
            args[1] = if has_import(&program) { "--resume" } else { "people.csv" };
        }
        // Whoever does not know of `--resume` gives the same command again.
        let ran = program.run(&[&["import", "people.csv", "--json"][..], &BATCH_ROWS].concat());
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(["committed", "already_imported"].contains(&ran.json()["state"].as_str().unwrap()));
        assert_eq!(Ending::of(&program), undisturbed, "after {kills} kills");
    }
}

#[test]
fn a_killed_server_goes_on_by_itself() {
    let mut random = Random::new(3);
    let known = known_already(&mut random);
    let file = Pools::people(PEOPLE).file(&mut random, ROWS);
    let undisturbed = {
        let program = known.copy(&file);
        program.run(&[&["import", "people.csv"][..], &BATCH_ROWS].concat());
        Ending::of(&program)
    };
    let program = known.copy(&file);
    let mut server = program.serve(&BATCH_ROWS);
    let accepted = server.post("/api/v1/imports?name=people.csv", file.as_bytes());
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let import = accepted.json()["import"].as_str().unwrap().to_owned();
    for part in 1..=3 {
        let watching = watch(&program);
        wait_until("a commit", || cursor(&watching) >= part * ROWS as u64 / 5);
        drop(server); // which kills it
        server = program.serve(&BATCH_ROWS);
    }
    assert_eq!(server.end_of(&import)["state"], "committed");
    drop(server);
    assert_eq!(Ending::of(&program), undisturbed);
}

#[test]
fn a_killed_upload_leaves_nothing_after_the_next_start() {
    let program = Program::new();
    let mut child = program.command(&["import", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(b"wpNumber,permission\n+905301112233,1\n").unwrap();
    let uploads = program.data().join("uploads");
    wait_until("the upload", || files(&uploads).iter().any(|name| name.ends_with(".part")));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(files(&uploads).len(), 1, "killed in the middle of it");

    assert_eq!(program.json(&["import", "--resume"]), json!([]));
    assert_eq!(files(&uploads), Vec::<String>::new());
    assert_eq!(program.json(&["imports"])["imports"], json!([]));
}

#[test]
fn a_second_process_is_told_who_is_in_the_way() {
    let program = Program::new();
    program.write("people.csv", "wpNumber,permission\n+905301112233,1\n");
    // Reads its file from a pipe that stays open, so that it is there for as long as this test wants.
    let mut first = program.command(&["import", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    wait_until("the upload", || !files(&program.data().join("uploads")).is_empty());

    let help = ["another consentry is using `consentry-data`", "Stop it"];
    program.run(&["import", "people.csv"]).assert_refused(&help);
    program.run(&["import", "--resume"]).assert_refused(&help);
    program.run(&["serve", "--port", "0"]).assert_refused(&help);
    assert_eq!(program.json(&["imports"])["imports"], json!([]), "reading goes on beside it");
    assert_eq!(program.run(&["export"]).stdout.lines().count(), 1);

    first.stdin.take().unwrap().write_all(b"wpNumber,permission\n+905301112244,1\n").unwrap();
    assert_eq!(Ran::of(first).code, 0, "and the first is not disturbed");
    assert_eq!(program.json(&["import", "people.csv"])["counts"]["created"], 1);
}

/// Data with people and own opt-outs in it, to begin all histories from.
struct Known(Program);

fn known_already(random: &mut Random) -> Known {
    let program = Program::new();
    let pools = Pools::people(PEOPLE);
    program.write("before.csv", pools.file(random, PEOPLE));
    assert_eq!(program.run(&["import", "before.csv"]).code, 1);
    let store = SqliteStore::open(&program.data()).unwrap();
    for at in 0..20 {
        let number = E164::from_digits(pools.number(random)[1..].parse().unwrap()).unwrap();
        let keys = Keys::of_number(number.identity().digits());
        store
            .decide(T, &keys, &mut |known| {
                own_opt_out(
                    Speaker { number: Some(number), user: None, said_at: None },
                    known,
                    UnixMs(at),
                    "test:desk",
                )
            })
            .unwrap();
    }
    Known(program)
}

impl Known {
    /// A copy of the data, beside the file that is to be imported.
    fn copy(&self, file: &str) -> Program {
        let program = Program::new();
        program.write("people.csv", file);
        copy_folder(&self.0.data(), &program.data());
        program
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Everything that must not depend on what happened on the way: all but times, and hashes over times.
#[derive(Debug, PartialEq)]
struct Ending {
    state_hash: [u8; 32],
    state: ImportState,
    cursor: u64,
    import: Counts,
    findings: Vec<Finding>,
    document: serde_json::Value,
    events: Vec<(u64, Event)>,
}

impl Ending {
    fn of(program: &Program) -> Ending {
        let store = SqliteStore::open(&program.data()).unwrap();
        store.verify(T).unwrap();
        let import = store.import(T, ImportId(2)).unwrap().unwrap();
        assert_eq!(store.imports(T).unwrap().len(), 2);
        let Import { state, cursor, counts, findings, .. } = import.clone();
        let mut document = serde_json::to_value(ImportDocument::of(&import)).unwrap();
        for time in ["received_at", "finished_at"] {
            document[time] = json!(null);
        }
        let profiles = store.profiles(T, None, 1_000_000).unwrap();
        let mut events: Vec<(u64, Event)> = profiles
            .iter()
            .flat_map(|stored| store.events(T, Subject::Profile(stored.profile.id)).unwrap())
            .map(|stored| (stored.event.seq, timeless(stored.event)))
            .collect();
        events.sort_by_key(|(seq, _)| *seq);
        Ending {
            state_hash: store.state_hash(T).unwrap(),
            state,
            cursor,
            import: counts,
            findings,
            document,
            events,
        }
    }
}

/// Kills the process at a random moment up to the last commit of the import; false when it ended first.
fn kill_at_random(mut child: Child, program: &Program, random: &mut Random, last_row: u64) -> bool {
    let watching = watch(program);
    let log = program.data().join(format!("{FILE_NAME}-wal"));
    let written = || fs::metadata(&log).map_or(0, |metadata| metadata.len());
    let by_rows = random.percent(50);
    let rows = last_row.min(cursor(&watching) + random.below(ROWS as u64 / 2));
    let bytes = written() + random.below(1 << 20);
    // A few looks more, so that the moment is not always the one right after a commit.
    let mut looks = random.below(200);
    while child.try_wait().unwrap().is_none() {
        let reached = if by_rows { cursor(&watching) >= rows } else { written() >= bytes };
        if reached && looks == 0 {
            child.kill().unwrap();
            break;
        }
        looks -= u64::from(reached);
    }
    child.wait().unwrap().code().is_none()
}

/// A connection of somebody who only looks.
fn watch(program: &Program) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = Connection::open_with_flags(program.data().join(FILE_NAME), flags).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    connection
}

/// Rows that the interrupted import has committed.
fn cursor(watching: &Connection) -> u64 {
    let mut select =
        watching.prepare_cached("SELECT ifnull(max(cursor), 0) FROM import WHERE import_id = 2").unwrap();
    select.query_one([], |row| row.get::<_, i64>(0)).unwrap().cast_unsigned()
}

fn has_import(program: &Program) -> bool {
    let count = watch(program)
        .query_one("SELECT count(*) FROM import WHERE import_id = 2", [], |row| row.get::<_, i64>(0));
    count.unwrap() == 1
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// An event without its time, and without the hash of its import's record, which holds the time of receipt.
fn timeless(event: Event) -> Event {
    let source = match event.source {
        Source::File { import, record: _, row, line, number_cell, permission_cell, as_of } => {
            Source::File { import, record: [0; 32], row, line, number_cell, permission_cell, as_of }
        }
        other => other,
    };
    Event { at: UnixMs(0), source, ..event }
}
