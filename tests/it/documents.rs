//! Small documents: what every store promises of them, and that they are there after a restart, a move, a backup, and
//! when the last release wrote the store.

use consentry_host::store::document::{BODY_BYTES_MAX, KEY_BYTES_MAX};
use consentry_host::store::sqlite::{FILE_NAME, SqliteStore};
use consentry_host::store::{Document, Kind, Put, Store, StoreError, TenantId};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::database::{Schema, on_every_store};
use crate::program::Program;

const T: TenantId = TenantId::DEFAULT;
const OTHER: TenantId = TenantId(2);

on_every_store! {
    who_has_seen_the_latest_version_may_change_it
    changes_are_made_together_or_not_at_all
    a_version_never_comes_back
    tenants_and_kinds_are_apart
    pages_join_without_gap_in_the_order_of_bytes
    what_is_too_large_or_has_no_name_is_refused
    documents_do_not_count_in_the_state
}

fn who_has_seen_the_latest_version_may_change_it(store: &dyn Store) {
    assert_eq!(store.document(T, Kind::Account, "a1").unwrap(), None);
    let first = store.put_documents(T, &[put("a1", None, b"one")]).unwrap();
    assert_eq!(read(store, T, "a1"), Some((first, b"one".to_vec())));
    for stale in [None, Some(first + 1)] {
        assert_overtaken(&store.put_documents(T, &[put("a1", stale, b"two")]));
    }
    let second = store.put_documents(T, &[put("a1", Some(first), b"\0two\xff")]).unwrap();
    assert!(second > first);
    assert_eq!(read(store, T, "a1"), Some((second, b"\0two\xff".to_vec())));
    let remove = |version| Put { kind: Kind::Account, key: "a1", expected_version: version, body: None };
    assert_overtaken(&store.put_documents(T, &[remove(Some(first))]));
    store.put_documents(T, &[remove(Some(second))]).unwrap();
    assert_eq!(read(store, T, "a1"), None);
    assert_overtaken(&store.put_documents(T, &[remove(Some(second))]));
    // That there is nothing can be seen as well.
    store.put_documents(T, &[remove(None)]).unwrap();
}

fn changes_are_made_together_or_not_at_all(store: &dyn Store) {
    let version = store.put_documents(T, &[put("a1", None, b"one"), put("a2", None, b"two")]).unwrap();
    let before = store.documents(T, Kind::Account, "", 10).unwrap();
    assert!(before.iter().all(|document| document.version == version));
    let changes = [put("a1", Some(version), b"ONE"), put("a3", None, b"three"), put("a2", None, b"late")];
    assert_overtaken(&store.put_documents(T, &changes));
    assert_eq!(store.documents(T, Kind::Account, "", 10).unwrap(), before);
    // A key that is named twice finds its first change in the way.
    assert_overtaken(&store.put_documents(T, &[put("a4", None, b"1"), put("a4", None, b"2")]));
    assert_eq!(store.documents(T, Kind::Account, "", 10).unwrap(), before);
}

fn a_version_never_comes_back(store: &dyn Store) {
    let first = store.put_documents(T, &[put("a1", None, b"one")]).unwrap();
    let remove = Put { kind: Kind::Account, key: "a1", expected_version: Some(first), body: None };
    store.put_documents(T, &[remove]).unwrap();
    let again = store.put_documents(T, &[put("a1", None, b"another")]).unwrap();
    assert!(again > first);
    assert_overtaken(&store.put_documents(T, &[put("a1", Some(first), b"of the one that is gone")]));
}

fn tenants_and_kinds_are_apart(store: &dyn Store) {
    let secret = Put { kind: Kind::Secret, key: "a1", expected_version: None, body: Some(b"s") };
    store.put_documents(T, &[put("a1", None, b"mine"), secret]).unwrap();
    store.put_documents(OTHER, &[put("a1", None, b"theirs")]).unwrap();
    assert_eq!(read(store, T, "a1").unwrap().1, b"mine");
    assert_eq!(read(store, OTHER, "a1").unwrap().1, b"theirs");
    assert_eq!(store.document(OTHER, Kind::Secret, "a1").unwrap(), None);
    assert_eq!(store.documents(OTHER, Kind::Account, "", 10).unwrap().len(), 1);
    assert_eq!(store.documents(T, Kind::Template, "", 10).unwrap(), []);
}

fn pages_join_without_gap_in_the_order_of_bytes(store: &dyn Store) {
    let keys = ["a1/Z", "a1/_", "a1/a", "a1/a-b", "a1/a/tr", "a1/b", "a10/a", "a2/a", "é"];
    let puts: Vec<Put<'_>> = keys.iter().rev().map(|key| put(key, None, key.as_bytes())).collect();
    store.put_documents(T, &puts).unwrap();
    for limit in 1..=keys.len() + 1 {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page: Vec<Document> = store.documents(T, Kind::Account, &after, limit).unwrap();
            let Some(last) = page.last() else { break };
            assert!(
                page.len() <= limit && page.iter().all(|document| document.body == document.key.as_bytes())
            );
            after.clone_from(&last.key);
            seen.extend(page.into_iter().map(|document| document.key));
        }
        assert_eq!(seen, keys, "in pages of {limit}");
    }
}

fn what_is_too_large_or_has_no_name_is_refused(store: &dyn Store) {
    let long = "k".repeat(KEY_BYTES_MAX);
    let large = vec![7; BODY_BYTES_MAX];
    store.put_documents(T, &[put(&long, None, &large)]).unwrap();
    assert_eq!(read(store, T, &long).unwrap().1, large);
    for key in ["", "a\0b", &"k".repeat(KEY_BYTES_MAX + 1)] {
        let refused = store.put_documents(T, &[put("before", None, b"x"), put(key, None, b"x")]);
        assert!(matches!(refused, Err(StoreError::DocumentKey(_))), "{refused:?}");
    }
    let refused =
        store.put_documents(T, &[put("before", None, b"x"), put("a1", None, &vec![7; BODY_BYTES_MAX + 1])]);
    assert!(matches!(refused, Err(StoreError::DocumentTooLarge(_))), "{refused:?}");
    assert_eq!(read(store, T, "before"), None);
}

fn documents_do_not_count_in_the_state(store: &dyn Store) {
    let before = store.state_hash(T).unwrap();
    store.put_documents(T, &[put("a1", None, b"one")]).unwrap();
    assert_eq!((store.state_hash(T).unwrap(), store.verify(T).unwrap()), (before, 0));
}

#[test]
fn two_hosts_change_one_document_one_after_the_other() {
    const WRITES: usize = 20;
    let folder = TempDir::new().unwrap();
    let schema = Schema::new();
    let sqlite = SqliteStore::open(folder.path()).unwrap();
    let mut pairs: Vec<[Box<dyn Store>; 2]> =
        vec![[Box::new(SqliteStore::open(folder.path()).unwrap()), Box::new(sqlite)]];
    pairs.extend(
        schema
            .iter()
            .map(|schema| -> [Box<dyn Store>; 2] { [Box::new(schema.store()), Box::new(schema.store())] }),
    );
    for hosts in &pairs {
        std::thread::scope(|scope| {
            for host in hosts {
                scope.spawn(move || {
                    let mut written = 0;
                    while written < WRITES {
                        let stands = host.document(T, Kind::Draft, "count").unwrap();
                        let count = stands.as_ref().map_or(0, |stands| stands.body[0]) + 1;
                        let put = Put {
                            kind: Kind::Draft,
                            key: "count",
                            expected_version: stands.map(|stands| stands.version),
                            body: Some(&[count]),
                        };
                        match host.put_documents(T, &[put]) {
                            Ok(_) => written += 1,
                            Err(StoreError::Overtaken) => {}
                            Err(other) => panic!("{other}"),
                        }
                    }
                });
            }
        });
        let counted = hosts[0].document(T, Kind::Draft, "count").unwrap().unwrap().body;
        assert_eq!(usize::from(counted[0]), 2 * WRITES, "no write was lost");
    }
}

#[test]
fn documents_are_there_after_a_restart_a_move_and_a_backup() {
    let program = Program::new();
    program.write("people.csv", "wpNumber,permission\n+905301112233,1\n");
    program.run(&["import", "people.csv"]);
    let version = {
        let store = SqliteStore::open(&program.path("consentry-data")).unwrap();
        store.put_documents(T, &[put("a1", None, b"one")]).unwrap();
        store.put_documents(OTHER, &[put("a1", None, b"theirs")]).unwrap();
        store.put_documents(T, &[put("a2", None, b"two")]).unwrap()
    };
    program.json(&["store", "backup", "copy"]);
    program.json(&["store", "restore", "copy", "--data", "restored"]);
    let restored = SqliteStore::open(&program.path("restored")).unwrap();
    let elsewhere = TempDir::new().unwrap();
    let moved = SqliteStore::open(elsewhere.path()).unwrap();
    restored.copy_into(&moved).unwrap();
    let schema = Schema::new();
    let shared = schema.as_ref().map(Schema::store);
    shared.iter().for_each(|shared| assert!(restored.copy_into(shared).is_ok()));
    let mut stores: Vec<&dyn Store> = vec![&restored, &moved];
    stores.extend(shared.iter().map(|shared| -> &dyn Store { shared }));
    for store in stores {
        assert_eq!(store.documents(T, Kind::Account, "", 9).unwrap().len(), 2);
        assert_eq!(read(store, T, "a2"), Some((version, b"two".to_vec())));
        assert_eq!(read(store, OTHER, "a1").unwrap().1, b"theirs");
        let next = store.put_documents(T, &[put("a3", None, b"three")]).unwrap();
        assert_eq!(next, version + 1, "versions go on where they were");
    }
}

#[test]
fn a_store_that_the_last_release_wrote_takes_documents() {
    let folder = TempDir::new().unwrap();
    let last = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    last.execute_batch(include_str!("../../host/migrations/sqlite/0001_init.sql")).unwrap();
    last.execute_batch(
        "INSERT INTO tenant (tenant_id, seed) VALUES (1, zeroblob(16)); PRAGMA user_version = 3",
    )
    .unwrap();
    drop(last);
    let store = SqliteStore::open(folder.path()).unwrap();
    let version = store.put_documents(T, &[put("a1", None, b"one")]).unwrap();
    drop(store);
    assert_eq!(read(&SqliteStore::open(folder.path()).unwrap(), T, "a1"), Some((version, b"one".to_vec())));

    let Some(schema) = Schema::new() else { return };
    let mut last = schema.raw();
    last.batch_execute(include_str!("../../host/migrations/postgres/0001_init.sql")).unwrap();
    last.batch_execute(
        "INSERT INTO schema_version VALUES (1);
         INSERT INTO tenant (tenant_id, seed) VALUES (1, decode(repeat('00', 16), 'hex'))",
    )
    .unwrap();
    let store = schema.store();
    let version = store.put_documents(T, &[put("a1", None, b"one")]).unwrap();
    assert_eq!(read(&schema.store(), T, "a1"), Some((version, b"one".to_vec())));
}

fn put<'a>(key: &'a str, expected_version: Option<u64>, body: &'a [u8]) -> Put<'a> {
    Put { kind: Kind::Account, key, expected_version, body: Some(body) }
}

fn read(store: &dyn Store, tenant: TenantId, key: &str) -> Option<(u64, Vec<u8>)> {
    let found = store.document(tenant, Kind::Account, key).unwrap();
    found.map(|document| (document.version, document.body))
}

#[track_caller]
fn assert_overtaken(outcome: &Result<u64, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Overtaken)), "{outcome:?}");
}
