//! The product without its doors: uploads, engine, importer and a store, assembled as the host assembles them, with a
//! clock that a test moves.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use consentry_core::matching::{self, E164, Keys, Permission};
use consentry_core::time::{Date, UnixMs};
use consentry_core::wire::v1::Options;
use consentry_host::clock::Clock;
use consentry_host::importer::Importer;
use consentry_host::store::memory::MemoryStore;
use consentry_host::store::sqlite::SqliteStore;
use consentry_host::store::{Accepted, NewImport, Store, StoredEvent, Subject, TenantId};
use consentry_host::uploads::Uploads;
use consentry_host::wire::v1::ImportDocument;
use tempfile::TempDir;

use crate::database::Schema;
use crate::model::{Consent, Declared, Person};
use crate::program::engine;

const T: TenantId = TenantId::DEFAULT;
const MS_PER_DAY: i64 = 86_400_000;
/// Clocks begin on this day, counted from 1970.
pub(crate) const FIRST_DAY: i64 = 20_000;

/// The product.
pub(crate) struct Product {
    pub(crate) importer: Importer,
    day: Arc<Day>,
    _folder: TempDir,
    // After the store that is in it.
    _schema: Option<Schema>,
}

/// The store beneath.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Memory,
    Sqlite,
    /// Where there is a server; memory elsewhere.
    Postgres,
}

impl Kind {
    /// Mostly memory. Every commit to a disk takes its time, so one history of `every` is for each store that has one.
    pub(crate) fn share(seed: u64, every: u64) -> Kind {
        match seed % every {
            0 => Kind::Sqlite,
            1 => Kind::Postgres,
            _ => Kind::Memory,
        }
    }
}

/// Noon of a day.
struct Day(AtomicI64);

impl Clock for Day {
    fn now(&self) -> UnixMs {
        UnixMs(self.0.load(Ordering::Relaxed) * MS_PER_DAY + MS_PER_DAY / 2)
    }
}

impl Product {
    /// A new one that knows nobody.
    pub(crate) fn new(kind: Kind, batch_rows: usize) -> Product {
        // Thousands of small files are made durable here; where there is a disk in memory, that costs nothing.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
        let schema = if matches!(kind, Kind::Postgres) { Schema::new() } else { None };
        let store: Arc<dyn Store> = match (kind, &schema) {
            (Kind::Sqlite, _) => Arc::new(SqliteStore::open(folder.path()).unwrap()),
            (_, Some(schema)) => Arc::new(schema.store()),
            _ => Arc::new(MemoryStore::new()),
        };
        let uploads = Uploads::open(folder.path()).unwrap();
        let day = Arc::new(Day(AtomicI64::new(FIRST_DAY)));
        let mut importer = Importer::new(engine(), store, uploads, day.clone());
        importer.batch_rows = batch_rows;
        Product { importer, day, _folder: folder, _schema: schema }
    }

    /// One whose store and files are in this folder.
    pub(crate) fn on_sqlite(folder: &Path, batch_rows: usize) -> Product {
        let mut product = Product::new(Kind::Memory, batch_rows);
        product.importer.store = Arc::new(SqliteStore::open(folder).unwrap());
        product.importer.uploads = Uploads::open(folder).unwrap();
        product
    }

    /// Moves the clock to noon of a day, counted from 1970.
    pub(crate) fn set_day(&self, day: i64) {
        self.day.0.store(day, Ordering::Relaxed);
    }

    /// The file, stored, and what is asked of it.
    pub(crate) fn new_import(&self, file: &str, declared: Declared) -> NewImport {
        let mut incoming = self.importer.uploads.begin().unwrap();
        incoming.write(file.as_bytes()).unwrap();
        let stored = incoming.finish().unwrap();
        NewImport {
            file_name: "random.csv".into(),
            file_sha256: stored.sha256,
            file_bytes: stored.bytes,
            options: Options::default(),
            as_of: declared.as_of_day.map(|day| Date::of(UnixMs(day * MS_PER_DAY))),
            override_reason: declared.overrides.then(|| "asked again at the counter".into()),
            engine_sha256: self.importer.engine.sha256().to_owned(),
            client_digest: None,
            received_at: self.importer.clock.now(),
        }
    }

    /// What the import would do; asserts that asking leaves nothing behind.
    pub(crate) fn rehearse(&self, new: &NewImport, place: &str) -> ImportDocument {
        let store = &self.importer.store;
        let seen = || (store.state_hash(T).unwrap(), store.verify(T).unwrap(), store.imports(T).unwrap());
        let before = seen();
        let document = self
            .importer
            .rehearse(T, new, &self.importer.uploads.path(&new.file_sha256), &mut |_| {})
            .unwrap();
        assert_eq!((document.state, &document.import), ("dry_run", &None), "{place}");
        assert!(seen() == before, "{place}: a dry run left something behind");
        document
    }

    /// Imports a file as an upload of it would be.
    pub(crate) fn import(&self, file: &str, declared: Declared) -> ImportDocument {
        match self.importer.store.accept(T, &self.new_import(file, declared)).unwrap() {
            Accepted::New(import) => {
                ImportDocument::of(&self.importer.run(T, import.id, &mut |_| {}).unwrap())
            }
            Accepted::Already(import) => {
                ImportDocument { state: "already_imported", ..ImportDocument::of(&import) }
            }
            Accepted::UnderWay(import) => panic!("{} was never ended", import.id),
        }
    }

    /// The person at `number` says stop, now.
    pub(crate) fn own_opt_out(&self, number: &str) {
        let number = e164(number);
        let keys = Keys::of_number(number.identity().digits());
        let at = self.importer.clock.now();
        let mut decide = |known: &matching::Known| {
            matching::own_opt_out(
                matching::Speaker { number: Some(number), user: None, said_at: None },
                known,
                at,
                "test:desk",
            )
        };
        self.importer.store.decide(T, &keys, &mut decide).unwrap();
    }

    /// Everybody, as the model would have them.
    pub(crate) fn people(&self) -> Vec<Person> {
        let stored = self.importer.store.profiles(T, None, usize::MAX >> 1).unwrap();
        let shown = |number: E164| number.to_string();
        let person = |profile: matching::Profile| {
            assert_eq!(profile.number.is_some(), profile.permission.is_some(), "{:?}", profile.id);
            let consent = profile.permission.map(|permission| match permission {
                Permission::OptIn => Consent::In,
                Permission::OptOut => Consent::Out,
            });
            Person {
                id: profile.id.0,
                exid: profile.exid,
                email: profile.email,
                msisdn: profile.msisdn.map(shown),
                record: profile.number.map(shown).zip(consent),
            }
        };
        stored.into_iter().map(|stored| person(stored.profile)).collect()
    }

    /// All events of all profiles, in the order of the log.
    pub(crate) fn events(&self) -> Vec<StoredEvent> {
        let store = &self.importer.store;
        let profiles = store.profiles(T, None, usize::MAX >> 1).unwrap();
        let of = |id| store.events(T, Subject::Profile(id)).unwrap();
        let mut events: Vec<_> = profiles.into_iter().flat_map(|stored| of(stored.profile.id)).collect();
        events.sort_by_key(|stored| stored.event.seq);
        events
    }

    /// Each profile's events follow from one another and end at what the profile is: nothing changed without evidence.
    pub(crate) fn assert_that_the_log_tells_the_state(&self, place: &str) {
        let store = &self.importer.store;
        store.verify(T).unwrap();
        for stored in store.profiles(T, None, usize::MAX >> 1).unwrap() {
            let profile = stored.profile;
            let mut stands = (None, None);
            for StoredEvent { event, .. } in store.events(T, Subject::Profile(profile.id)).unwrap() {
                assert_eq!((event.number_before, event.permission_before), stands, "{place}: {}", profile.id);
                stands = (event.number, event.permission);
            }
            assert_eq!(stands, (profile.number, profile.permission), "{place}: {}", profile.id);
        }
    }
}

/// The number that is written like this.
pub(crate) fn e164(number: &str) -> E164 {
    E164::from_digits(number.trim_start_matches('+').parse().unwrap()).unwrap()
}
