//! A person who is erased: nothing anywhere names them any more, the log's chain still holds, and no file opts them in again
//! until they ask for messages themselves.

use std::path::Path;

use consentry_core::matching::{E164, Keys, Rule, Terms, plan};
use consentry_core::rows::Rows;
use consentry_core::time::UnixMs;
use consentry_host::store::{
    Accepted, ImportState, Lookup, MarkKey, NewImport, Step, Store, StoreError, Subject, TenantId, ToErase,
};
use serde_json::json;

use crate::database::on_every_store;
use crate::program::Program;
use crate::store_suite::{Row, row, rows};

on_every_store! {
    an_erased_person_is_gone_and_stays_stopped
    a_number_that_went_to_somebody_else_stays_theirs
    whoever_lost_the_number_to_the_erased_keeps_everything_else
}

const T: TenantId = TenantId::DEFAULT;
const AYSE: u64 = 905301112233;
const BORIS: u64 = 905301112244;
const CEM: u64 = 905301112255;
const DORA: u64 = 905301112266;
const KEY: [u8; 32] = [7; 32];

fn keyed(store: &dyn Store) {
    store.recognise(Box::new(|_| Ok(Some(MarkKey::new(&KEY)))));
}

/// Imports rows and gives the counts: created, updated, unchanged, kept opt-outs.
fn import(store: &dyn Store, name: &str, all: &[Row]) -> (u64, u64, u64, u64) {
    let new: NewImport = crate::store_suite::file(name);
    let Accepted::New(import) = store.accept(T, &new).unwrap() else { panic!("{name} is new") };
    let rows: Rows = rows(all);
    let keys = Keys::of(&rows, &store.seed(T).unwrap());
    let mut batches = store.importing(T, import.id).unwrap();
    let known = batches.load(&keys).unwrap();
    let (id, record, at) = (import.id, import.new.hash(), import.new.received_at);
    let terms = Terms { import: id, record, at, as_of: None, override_opt_outs: false };
    let plan = plan(&rows, &["city".to_owned()], &keys, known, &terms);
    batches.commit(&plan, &Step { from_row: 0, to_row: all.len() as u64 }).unwrap();
    drop(batches);
    store.finish(T, import.id, &crate::store_suite::outcome(ImportState::Committed)).unwrap();
    let counts = plan.counts;
    (counts.created, counts.updated, counts.unchanged, counts.kept_opt_out)
}

fn erase(store: &dyn Store, number: u64) -> consentry_host::store::Traces {
    let profile = store.find(T, &Lookup::Number(number)).unwrap().expect("somebody").profile.id;
    let who = ToErase { profile, at: UnixMs(5_000), by: "cli:test: asked" };
    let traces = store.erase(T, &who).unwrap().expect("somebody");
    assert!(store.find(T, &Lookup::Profile(profile)).unwrap().is_none());
    assert_eq!(store.erase(T, &who).unwrap(), None, "nobody is there any more");
    traces
}

fn opted_out(store: &dyn Store, number: u64) -> bool {
    store.known(T, &Keys::of_number(number)).unwrap().own_opt_outs[0].is_some()
}

fn an_erased_person_is_gone_and_stays_stopped(store: &dyn Store) {
    keyed(store);
    let ayse = || Row { exid: "e-1", email: "Ayse@x.tr", msisdn: AYSE, city: "Rize", ..row(AYSE) };
    assert_eq!(import(store, "one", &[ayse(), row(BORIS)]).0, 2);
    let before = store.find(T, &Lookup::Number(BORIS)).unwrap();
    let traces = erase(store, AYSE);
    assert_eq!((traces.numbers, traces.events), (vec![AYSE], 1));
    store.verify(T).unwrap();
    assert_eq!(store.find(T, &Lookup::Number(BORIS)).unwrap(), before, "others are as they were");
    for lookup in [
        Lookup::Number(AYSE),
        Lookup::Msisdn(AYSE),
        Lookup::Exid("e-1".into()),
        Lookup::Email("ayse@x.tr".into()),
    ] {
        assert!(store.find(T, &lookup).unwrap().is_none(), "{lookup:?}");
    }
    assert!(store.events(T, Subject::Number(AYSE)).unwrap().is_empty());
    let told = store.events(T, Subject::Profile(consentry_core::matching::ProfileId(1))).unwrap();
    assert_eq!(
        told.iter().map(|stored| stored.event.rule).collect::<Vec<_>>(),
        [Rule::NewProfile, Rule::Erased]
    );
    assert!(told.iter().all(|stored| stored.event.number.is_none() && stored.event.number_before.is_none()));

    assert!(opted_out(store, AYSE) && !opted_out(store, BORIS));
    // The outcome of a person's own opt-out, now and at every later file.
    assert_eq!(import(store, "two", &[ayse(), row(BORIS)]), (0, 0, 1, 1));
    assert_eq!(import(store, "three", &[ayse()]), (0, 0, 0, 1));
    let back = store.find(T, &Lookup::Number(AYSE)).unwrap().unwrap();
    assert_eq!(back.profile.permission.map(|permission| permission.as_str()), Some("opt_out"));
    store.verify(T).unwrap();

    // They ask for messages themselves; and may be erased again.
    let speaker =
        consentry_core::matching::Speaker { number: E164::from_digits(AYSE), user: None, said_at: None };
    consentry_host::opt_outs::sign_up(store, T, speaker, UnixMs(9_000), "webhook:wamid.1").unwrap();
    assert!(!opted_out(store, AYSE));
    let back = store.find(T, &Lookup::Number(AYSE)).unwrap().unwrap();
    assert_eq!(back.profile.permission.map(|permission| permission.as_str()), Some("opt_in"));
    store.verify(T).unwrap();
    erase(store, AYSE);
    assert!(opted_out(store, AYSE));
    store.verify(T).unwrap();
}

fn a_number_that_went_to_somebody_else_stays_theirs(store: &dyn Store) {
    keyed(store);
    import(store, "one", &[Row { exid: "e-1", ..row(AYSE) }, Row { exid: "e-2", ..row(CEM) }]);
    import(store, "two", &[Row { exid: "e-2", ..row(AYSE) }, Row { exid: "e-1", ..row(BORIS) }]);
    let before = store.find(T, &Lookup::Number(AYSE)).unwrap();
    let traces = erase(store, BORIS);
    assert_eq!(traces.numbers, [BORIS], "the other number has somebody else by now");
    assert_eq!(store.find(T, &Lookup::Number(AYSE)).unwrap(), before);
    assert!(!opted_out(store, AYSE) && opted_out(store, BORIS));
    let events = store.events(T, Subject::Number(AYSE)).unwrap();
    assert!(events.iter().any(|stored| stored.event.number.is_some()), "their evidence stands");
    store.verify(T).unwrap();
}

fn whoever_lost_the_number_to_the_erased_keeps_everything_else(store: &dyn Store) {
    keyed(store);
    let boris = || Row { exid: "e-2", email: "b@x.tr", msisdn: CEM, city: "Van", ..row(AYSE) };
    import(store, "one", &[boris(), Row { exid: "e-1", ..row(DORA) }]);
    import(store, "two", &[Row { exid: "e-1", ..row(AYSE) }]);
    erase(store, AYSE);
    store.verify(T).unwrap();
    let left = store.find(T, &Lookup::Exid("e-2".into())).unwrap().unwrap().profile;
    assert_eq!(
        (left.email.as_deref(), left.msisdn.map(E164::digits), left.number),
        (Some("b@x.tr"), Some(CEM), None)
    );
    assert_eq!(left.attributes["city"], "Van");
    // A file gives them a number again, and they have one.
    assert_eq!(import(store, "three", &[Row { exid: "e-2", ..row(BORIS) }]).1, 1);
    store.verify(T).unwrap();
}

#[test]
fn all_stores_are_left_in_the_same_state() {
    let folder = tempfile::TempDir::new().unwrap();
    let memory = consentry_host::store::memory::MemoryStore::new();
    let sqlite = consentry_host::store::sqlite::SqliteStore::open(folder.path()).unwrap();
    let hash = |store: &dyn Store| {
        an_erased_person_is_gone_and_stays_stopped(store);
        store.state_hash(T).unwrap()
    };
    let expected = hash(&memory);
    assert_eq!(hash(&sqlite), expected);
    if let Some(schema) = crate::database::Schema::new() {
        assert_eq!(hash(&schema.store()), expected);
    }
}

#[test]
fn without_the_key_nobody_is_decided_about_and_other_writers_do_not_change_the_log() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = consentry_host::store::sqlite::SqliteStore::open(folder.path()).unwrap();
    keyed(&store);
    import(&store, "one", &[row(AYSE), row(BORIS)]);
    erase(&store, AYSE);
    drop(store);
    let raw =
        rusqlite::Connection::open(folder.path().join(consentry_host::store::sqlite::FILE_NAME)).unwrap();
    for change in [
        "UPDATE log_block SET data = zeroblob(9) WHERE first_event = 1",
        "DELETE FROM log_redaction",
        "UPDATE log_redaction SET by_event = by_event + 1",
    ] {
        assert!(raw.execute(change, []).is_err(), "{change}");
    }
    let store = consentry_host::store::sqlite::SqliteStore::open(folder.path()).unwrap();
    let refused = store.known(T, &Keys::of_number(CEM));
    assert!(matches!(refused, Err(StoreError::NoMarkKey)), "{refused:?}");
    store.verify(T).unwrap();
    // A byte of what was emptied is as good as any other: its change is found.
    raw.execute_batch(
        "DROP TRIGGER log_never_changes; UPDATE log_block SET data = CAST(substr(data, 1, length(data) - 1) || x'07' AS BLOB)
         WHERE first_event = 1",
    )
    .unwrap();
    assert!(store.verify(T).is_err());
}

/// Every place in any file of a folder that has these bytes.
fn found(folder: &Path, wanted: &[u8]) -> Vec<String> {
    let mut places = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            places.extend(found(&path, wanted));
        } else if std::fs::read(&path).unwrap().windows(wanted.len()).any(|window| window == wanted) {
            places.push(path.display().to_string());
        }
    }
    places
}

#[test]
fn no_byte_of_the_data_folder_names_an_erased_person() {
    let program = Program::new();
    program.write(
        "one.csv",
        "exid,email,msisdn,wpNumber,permission,city\ne-7731,ayse.yilmaz@example.org,905301112233,+905301112233,1,Trabzonlu\n\
         e-2,b@example.org,,+905301112244,1,Rize\n",
    );
    assert_eq!(program.run(&["import", "one.csv", "--attribute", "city"]).code, 0);
    program.write("two.csv", "exid,wpNumber,permission\ne-9,0530 111 22 33,1\n,+905301112266,1\n");
    program.run(&["import", "two.csv", "--country", "TR"]);
    assert_eq!(program.run(&["profile", "set", "e-7731", "--attribute", "city=Trabzonlu2"]).code, 0);
    let mut varint = Vec::new();
    let mut left = 905_301_112_233_u64;
    while left >= 0x80 {
        varint.push(left as u8 | 0x80);
        left >>= 7;
    }
    varint.push(left as u8);
    let traces: [&[u8]; 8] = [
        b"5301112233",
        b"530 111 22 33",
        b"e-7731",
        b"ayse.yilmaz",
        b"Trabzonlu",
        &varint,
        &905_301_112_233_u64.to_le_bytes()[..6],
        &905_301_112_233_u64.to_be_bytes()[2..],
    ];
    {
        let server = program.serve(&[]);
        let typed = [("content-type", "application/json")];
        let user = json!({"number": "+905301112233", "user_id": "TR.9Z8Y7X", "heard": "phone"}).to_string();
        assert_eq!(server.ask("POST", "/api/v1/opt-outs", &typed, user.as_bytes()).status, 200);
        assert!(!found(&program.data(), b"TR.9Z8Y7X").is_empty());
        assert!(!found(&program.data(), traces[2]).is_empty() && !found(&program.data(), &varint).is_empty());
        let body = json!({"profile": "p1", "reason": "asked by letter"}).to_string();
        let done = server.ask("POST", "/api/v1/profiles/p1/erasure", &typed, body.as_bytes());
        assert_eq!(done.status, 200, "{done:?}");
        assert_eq!(done.json()["state"], "done");
        for trace in traces.iter().chain([&&b"TR.9Z8Y7X"[..]]) {
            assert_eq!(found(&program.data(), trace), [""; 0], "{:?}", String::from_utf8_lossy(trace));
        }
        assert_eq!(server.get("/api/v1/profiles/p1").status, 404);
        assert_eq!(server.get("/api/v1/profiles/p1/erasure").json()["state"], "done");
        assert!(server.get("/api/v1/explain?of=p1").text().contains("asked by letter"));
    }
    let notes = program.run(&["audit", "list"]).stdout;
    assert!(notes.contains("people.erase"), "{notes}");
    assert_eq!(program.run(&["store", "verify"]).code, 0);
    // The file comes again: no number of it is opted in that was stopped.
    let again = program.json(&["import", "one.csv"]);
    assert_eq!(again["counts"]["kept_opt_out"], 1, "{again}");
    assert_eq!(program.run(&["store", "verify"]).code, 0);
    // Others are erased at the command line, and whoever says it twice is told what was done.
    for _ in 0..2 {
        let done = program.json(&["profile", "erase", "p2", "--reason", "asked", "--yes"]);
        assert_eq!((&done["profile"], &done["state"]), (&json!("p2"), &json!("done")));
    }
    assert_eq!(found(&program.data(), b"5301112244"), [""; 0]);
    program.run(&["profile", "erase", "p9", "--reason", "asked", "--yes"]).assert_refused(&["no profile p9"]);
}
