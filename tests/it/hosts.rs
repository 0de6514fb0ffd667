//! Several hosts on one PostgreSQL database: imports in the order of their acceptance whoever applies them, a number
//! never with two owners, and a host that dies in the middle is taken over by another.
//!
//! Where no server is named, there is nothing to test; `database` says so.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use consentry_core::matching::ImportId;
use consentry_core::wire::v1::Options;
use consentry_host::clock::SystemClock;
use consentry_host::importer::{ImportError, Importer};
use consentry_host::store::memory::MemoryStore;
use consentry_host::store::{Accepted, NewImport, Store, StoreError, TenantId};
use consentry_host::uploads::Uploads;
use tempfile::TempDir;

use crate::collisions::Pools;
use crate::database::Schema;
use crate::program::{Program, engine, wait_until};
use crate::random::Random;
use crate::store_suite::histories;

/// Histories in which hosts overlap; the environment may ask for more.
const HISTORIES: u64 = 500;
const BATCH_ROWS: usize = 5;

/// One of several that share a store, with a folder of its own.
struct Host {
    importer: Importer,
    _folder: TempDir,
}

impl Host {
    fn new(store: Arc<dyn Store>) -> Host {
        let folder = TempDir::new().unwrap();
        let uploads = Uploads::open(folder.path()).unwrap();
        let mut importer = Importer::new(engine(), store, uploads, Arc::new(SystemClock));
        importer.batch_rows = BATCH_ROWS;
        Host { importer, _folder: folder }
    }

    fn accept(&self, tenant: TenantId, file: &str) -> ImportId {
        let mut incoming = self.importer.uploads.begin().unwrap();
        incoming.write(file.as_bytes()).unwrap();
        let stored = incoming.finish().unwrap();
        let new = NewImport {
            file_name: "people.csv".into(),
            file_sha256: stored.sha256,
            file_bytes: stored.bytes,
            options: Options::default(),
            as_of: None,
            override_reason: None,
            engine_sha256: self.importer.engine.sha256().to_owned(),
            client_digest: None,
            received_at: consentry_core::time::UnixMs(1),
        };
        match self.importer.accept(tenant, &new).unwrap() {
            Accepted::New(import) | Accepted::UnderWay(import) | Accepted::Already(import) => import.id,
        }
    }

    /// Applies what is unfinished for a tenant until nothing is. With `claims` as a host does; without, as a host does
    /// that believes it has one: it works on what another one works on.
    fn work(&self, tenant: TenantId, claims: bool) {
        loop {
            let unfinished = self.importer.store.unfinished().unwrap();
            let Some((_, import)) = unfinished.into_iter().find(|(of, _)| *of == tenant) else { return };
            let _claim = if claims {
                match self.importer.store.claim(tenant).unwrap() {
                    Some(claim) => Some(claim),
                    None => {
                        thread::yield_now();
                        continue;
                    }
                }
            } else {
                None
            };
            match self.importer.run(tenant, import, &mut |_| {}) {
                Ok(_) => {}
                // The other one was faster with a batch, or with the end.
                Err(ImportError::Store(StoreError::CursorMoved { .. } | StoreError::Ended(_))) => {}
                Err(other) => panic!("{tenant:?}, {import}: {other}"),
            }
        }
    }
}

#[test]
fn overlapping_hosts_end_like_one_host() {
    let Some(schema) = Schema::new() else { return };
    let hosts = [Host::new(Arc::new(schema.store())), Host::new(Arc::new(schema.store()))];
    let alone = Host::new(Arc::new(MemoryStore::new()));
    for history in 1..=histories(HISTORIES) {
        let tenant = TenantId(history as u32);
        let (mut random, pools) = (Random::new(history), Pools::tiny());
        for at in 0..2 + random.index(2) {
            let rows = 10 + random.index(30);
            let file = pools.file(&mut random, rows);
            let id = hosts[at % 2].accept(tenant, &file);
            assert_eq!(alone.accept(tenant, &file), id, "history {history}");
        }
        alone.work(tenant, false);
        let claims = random.percent(50);
        thread::scope(|scope| {
            for host in &hosts {
                scope.spawn(|| host.work(tenant, claims));
            }
        });
        let [one, other] = hosts.each_ref().map(|host| host.importer.store.as_ref());
        let expected = alone.importer.store.state_hash(tenant).unwrap();
        assert_eq!(one.state_hash(tenant).unwrap(), expected, "history {history}, claims: {claims}");
        one.verify(tenant).unwrap();
        let mut numbers = BTreeSet::new();
        for stored in other.profiles(tenant, None, usize::MAX >> 1).unwrap() {
            let number = stored.profile.number.map(|number| number.identity().digits());
            assert!(number.is_none_or(|number| numbers.insert(number)), "history {history}: two owners");
        }
        let counts = |store: &dyn Store| -> Vec<_> {
            store
                .imports(tenant)
                .unwrap()
                .into_iter()
                .map(|import| (import.state, import.counts, import.findings))
                .collect()
        };
        assert_eq!(counts(one), counts(alone.importer.store.as_ref()), "history {history}");
    }
}

#[test]
fn a_host_that_dies_is_taken_over() {
    let Some(schema) = Schema::new() else { return };
    let url = schema.url();
    let file = Pools::people(400).file(&mut Random::new(5), 3_000);
    let undisturbed = {
        let program = Program::new();
        program.write("people.csv", &file);
        program.run(&["import", "people.csv"]);
        program.json(&["store", "verify"])["state_hash"].clone()
    };
    let hosts = [Program::new(), Program::new()];
    let batches = ["--batch-rows", "20", "--database-url", url.as_str()];
    let first = hosts[0].serve(&batches);
    let accepted = first.post("/api/v1/imports?name=people.csv", file.as_bytes());
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let store = schema.store();
    let cursor = || store.import(TenantId::DEFAULT, ImportId(1)).unwrap().unwrap().cursor;
    wait_until("a commit", || cursor() > 100);
    drop(first); // which kills it
    let stood = cursor();
    assert!(stood < 3_000, "killed in the middle of it");
    // It has its own folder, without the file.
    let second = hosts[1].serve(&batches);
    assert_eq!(second.end_of("i1")["state"], "committed");
    assert_eq!(second.get("/api/v1/imports").json()["imports"][0]["counts"]["rows"], 3_000);
    let verified = hosts[1].json(&["store", "verify", "--database-url", &url]);
    assert_eq!(verified["state_hash"], undisturbed);
}

#[test]
fn everything_moves_from_a_folder_into_a_database() {
    let Some(schema) = Schema::new() else { return };
    let program = Program::new();
    program.write("people.csv", Pools::people(300).file(&mut Random::new(6), 1_500));
    program.write("more.csv", Pools::people(300).file(&mut Random::new(7), 500));
    program.run(&["import", "people.csv", "--batch-rows", "100"]);
    program.run(&["import", "more.csv"]);
    program.run(&["import", "--undo", "i2"]);
    let before = program.json(&["store", "verify"]);
    let exported = program.run(&["export"]).stdout;
    let moved = program.json(&["store", "migrate", "--to", &schema.url()]);
    assert_eq!((&moved["state_hash"], &moved["events"]), (&before["state_hash"], &before["events"]));
    let elsewhere = Program::new();
    let there = ["--database-url", &schema.url()];
    assert_eq!(elsewhere.run(&[&["export"][..], &there].concat()).stdout, exported);
    let explained = |program: &Program, more: &[&str]| program.json(&[&["explain", "p3"][..], more].concat());
    assert_eq!(explained(&elsewhere, &there), explained(&program, &[]));
    program.run(&["store", "migrate", "--to", &schema.url()]).assert_refused(&["in use already"]);
    // Life goes on there.
    elsewhere.write("more.csv", std::fs::read(program.path("more.csv")).unwrap());
    let again = elsewhere.run(&[&["import", "more.csv", "--json"][..], &there].concat());
    assert_eq!(again.json()["import"], "i3");
}
