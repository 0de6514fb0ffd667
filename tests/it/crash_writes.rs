//! The machine dies, the disk fills up, a sync fails - at every operation on the disk that scripts of imports, opt-outs and
//! undos cause. What was acknowledged is there when the machine starts again, what was under way is there whole or not at
//! all, and going on ends where an undisturbed script ends.
//!
//! The ordinary run tries a share of the operations of each script. `CONSENTRY_CRASHES=5` tries all of them, five times
//! each with other things left of what was not synced, and `CONSENTRY_CRASHES_FROM=5` goes on from there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use consentry_core::matching::{E164, Hash, ImportId, Keys, Speaker, Terms, own_opt_out, plan};
use consentry_core::rows::Rows;
use consentry_core::time::{Date, UnixMs};
use consentry_host::store::memory::MemoryStore;
use consentry_host::store::sqlite::{FILE_NAME, SqliteStore};
use consentry_host::store::{
    Import, ImportState, NewImport, Outcome, Step, Store, StoreError, StoredProfile, TenantId,
};
use consentry_host::undo::take_back;
use rusqlite::Connection;

use crate::disk::{Disk, Fault, Leaves};
use crate::random::Random;
use crate::store_suite::{self, NUMBERS, city, file, identity, row, rows};

const T: TenantId = TenantId::DEFAULT;
/// Operations at which the ordinary run lets something go wrong: of a script with few people, and of one with many, where
/// each look at everybody takes its time.
const TRIED: [u64; 2] = [120, 16];
/// Of so many starts after a crash, one crashes again, most of them while they recover.
const CRASHES_AGAIN: u64 = 3;
/// Operations in which it does.
const SOON: [u64; 12] = [0, 1, 2, 3, 4, 5, 8, 12, 20, 40, 100, 400];

/// One thing to do. Each is one call that changes the store, or none.
enum Call {
    Accept(Box<NewImport>),
    /// The next batch of an import.
    Batch(ImportId, Box<Rows>),
    OptOut(u64, UnixMs),
    Finish(ImportId, ImportState),
    TakeBack(ImportId, UnixMs),
    /// The process ends in peace and starts again.
    Reopen,
    /// Copies the log into the database, as happens by itself when it has become long.
    Checkpoint(&'static str),
}

struct Script {
    name: String,
    calls: Vec<Call>,
    /// Operations that the ordinary run tries.
    tried: u64,
}

impl Script {
    /// Imports of few people who meet again and again, of every kind there is.
    fn small(seed: u64) -> Script {
        let mut random = store_suite::Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut calls = Vec::new();
        for at in 1..=4 {
            let new = NewImport {
                as_of: random.pick(&[None, Date::parse("1970-01-03")]),
                override_reason: random.pick(&[None, None, Some("asked again".to_owned())]),
                received_at: UnixMs(1000 * at),
                ..file(&at.to_string())
            };
            let import = ImportId(at.cast_unsigned());
            calls.push(Call::Accept(Box::new(new)));
            for _ in 0..2 + random.below(2) {
                calls.push(Call::Batch(import, Box::new(random.rows())));
                match random.below(5) {
                    0 | 1 => {
                        let at = UnixMs(random.below(4) as i64 * 86_400_000);
                        calls.push(Call::OptOut(random.pick(&NUMBERS), at));
                    }
                    2 => calls.push(Call::Checkpoint(random.pick(&["passive", "restart", "truncate"]))),
                    3 => calls.push(Call::Reopen),
                    _ => {}
                }
            }
            let state = if random.below(6) == 0 { ImportState::Failed } else { ImportState::Committed };
            calls.push(Call::Finish(import, state));
            if random.below(2) == 0 && state == ImportState::Committed {
                calls.push(Call::TakeBack(import, UnixMs(1000 * at + 500)));
            }
        }
        Script { name: format!("small {seed}"), calls, tried: TRIED[0] }
    }

    /// Imports of so many people that everything is in many blocks and joining them takes many pages.
    fn large() -> Script {
        let some = |from: u64, to: u64, permission: u8| {
            let person = |at| {
                let mut row = row(905_300_000_000 + at);
                row.permission = permission;
                row
            };
            Box::new(rows(&(from..to).map(person).collect::<Vec<_>>()))
        };
        let [first, second] = [ImportId(1), ImportId(2)];
        let later = NewImport { received_at: UnixMs(2), ..file("later") };
        let calls = vec![
            Call::Accept(Box::new(file("first"))),
            Call::Batch(first, some(0, 2_000, 1)),
            Call::OptOut(905_300_000_007, UnixMs(5)),
            Call::Batch(first, some(2_000, 3_000, 1)),
            Call::Checkpoint("restart"),
            Call::Batch(first, some(3_000, 3_100, 1)),
            Call::Finish(first, ImportState::Committed),
            Call::Accept(Box::new(later)),
            Call::Batch(second, some(1_000, 2_000, 2)),
            Call::Reopen,
            Call::Batch(second, some(1_500, 3_200, 2)),
            Call::Finish(second, ImportState::Committed),
            Call::TakeBack(second, UnixMs(7)),
        ];
        Script { name: "large".to_owned(), calls, tried: TRIED[1] }
    }

    fn all() -> impl Iterator<Item = Script> {
        Script::small_ones().chain([Script::large()])
    }

    fn small_ones() -> impl Iterator<Item = Script> {
        (1..=3).map(Script::small)
    }

    /// What an undisturbed reference says before the first call and after each.
    fn reference(&self) -> Vec<Seen> {
        let store = MemoryStore::new();
        let mut all = vec![Seen::of(&store).unwrap()];
        for call in &self.calls {
            call.make(&store).unwrap();
            all.push(Seen::of(&store).unwrap());
        }
        all
    }

    /// Operations that the script causes on a disk without faults.
    fn operations(&self) -> u64 {
        let disk = Disk::new();
        Running::new(&disk).run(self).unwrap();
        disk.operations()
    }
}

impl Call {
    fn make(&self, store: &dyn Store) -> Result<(), StoreError> {
        match self {
            Call::Accept(new) => store.accept(T, new).map(drop),
            Call::Batch(import, rows) => {
                let import = store.import(T, *import)?.ok_or(StoreError::NoImport(*import))?;
                let keys = Keys::of(rows, &store.seed(T)?);
                let mut batches = store.importing(T, import.id)?;
                let known = batches.load(&keys)?;
                let terms = Terms {
                    import: import.id,
                    record: import.new.hash(),
                    at: import.new.received_at,
                    as_of: import.new.as_of,
                    override_opt_outs: import.new.override_reason.is_some(),
                };
                let from_row = import.cursor;
                let step = Step { from_row, to_row: from_row + rows.len() as u64 };
                batches.commit(&plan(rows, &city(), &keys, known, &terms), &step)
            }
            Call::OptOut(number, at) => {
                let keys = Keys::of_number(identity(*number));
                let number = E164::from_digits(*number).unwrap();
                store.decide(T, &keys, &mut |known| {
                    own_opt_out(
                        Speaker { number: Some(number), user: None, said_at: None },
                        known,
                        *at,
                        "api:desk",
                    )
                })
            }
            Call::Finish(import, state) => {
                let failure = (*state == ImportState::Failed).then(|| "the digests differ".to_owned());
                let outcome = Outcome { state: *state, report: None, failure, at: UnixMs(2) };
                store.finish(T, *import, &outcome)
            }
            Call::TakeBack(import, at) => take_back(store, T, *import, "test:desk", *at).map(drop),
            Call::Reopen | Call::Checkpoint(_) => Ok(()),
        }
    }
}

/// What a store says, whether it verifies included.
#[derive(Debug, PartialEq)]
struct Seen {
    state_hash: Hash,
    events: u64,
    profiles: Vec<StoredProfile>,
    profile_count: u64,
    imports: Vec<Import>,
    unfinished: Vec<(TenantId, ImportId)>,
    /// First event and hash.
    blocks: Vec<(u64, Hash)>,
    confirmed: Vec<Vec<u8>>,
}

impl Seen {
    fn of(store: &dyn Store) -> Result<Seen, StoreError> {
        let (mut blocks, mut confirmed) = (Vec::new(), Vec::new());
        store.at_a_moment(T, &mut |now| {
            now.each_block(0, &mut |block| {
                blocks.push((block.first_seq, block.hash));
                true
            })?;
            now.each_confirmed(ImportId(0), &mut |profiles| confirmed.push(profiles.to_vec()))
        })?;
        Ok(Seen {
            events: store.verify(T)?,
            state_hash: store.state_hash(T)?,
            profiles: store.profiles(T, None, usize::MAX >> 1)?,
            profile_count: store.profile_count(T)?,
            imports: store.imports(T)?,
            unfinished: store.unfinished()?,
            blocks,
            confirmed,
        })
    }

    /// Enough to tell two from one another in a message.
    fn short(&self) -> String {
        let imports = self.imports.iter().map(|import| (import.id.0, import.state, import.cursor));
        let (hash, imports) = (&self.state_hash[..4], imports.collect::<Vec<_>>());
        format!("{} profiles, {} events, {hash:?}, imports {imports:?}", self.profile_count, self.events)
    }
}

/// A script on its way.
struct Running<'a> {
    disk: &'a Disk,
    store: Option<SqliteStore>,
    /// Calls that were acknowledged.
    done: usize,
}

impl<'a> Running<'a> {
    fn new(disk: &'a Disk) -> Running<'a> {
        Running { disk, store: None, done: 0 }
    }

    fn store(&mut self) -> Result<&SqliteStore, StoreError> {
        if self.store.is_none() {
            self.store = Some(SqliteStore::open(self.disk.folder())?);
        }
        Ok(self.store.as_ref().unwrap())
    }

    /// Makes the next call.
    fn call(&mut self, call: &Call) -> Result<(), StoreError> {
        match call {
            Call::Reopen => self.store = None,
            Call::Checkpoint(kind) => {
                self.store()?;
                let beside = Connection::open(self.disk.folder().join(FILE_NAME))?;
                beside.query_one(&format!("PRAGMA wal_checkpoint({kind})"), [], |_| Ok(()))?;
            }
            call => call.make(self.store()?)?,
        }
        self.done += 1;
        Ok(())
    }

    /// Sees after a crash that what was acknowledged is there, and of what was under way all or nothing. Finds out
    /// nothing when there is another crash.
    fn find_place(&mut self, reference: &[Seen], place: &str) {
        let (done, next) = (self.done, self.done + 1);
        match self.store().and_then(|store| Seen::of(store)) {
            Ok(seen) if reference.get(next) == Some(&seen) => self.done = next,
            Ok(seen) if reference[done] == seen => {}
            Ok(seen) => panic!(
                "{place}: there is {}, and not {} as after {done} calls, nor {}",
                seen.short(),
                reference[done].short(),
                reference.get(next).map_or("anything later".to_owned(), Seen::short)
            ),
            Err(error) => {
                self.store = None;
                assert!(self.disk.has_crashed(), "{place}: the store does not open: {error}");
            }
        }
    }

    /// Goes on from where it is to the end.
    fn run(&mut self, script: &Script) -> Result<(), StoreError> {
        while let Some(call) = script.calls.get(self.done) {
            self.call(call)?;
        }
        self.store = None;
        Ok(())
    }
}

/// The script with a crash in this operation; the number of crashes that there were.
fn crash(script: &Script, reference: &[Seen], at: u64, seed: u64) -> u64 {
    let mut random = Random::new(at << 8 | seed);
    let leaves = Leaves::ALL[((at + seed) % Leaves::ALL.len() as u64) as usize];
    let place = format!("{}, crash in operation {at}, seed {seed}, {leaves:?}", script.name);
    let disk = Disk::new();
    let mut running = Running::new(&disk);
    let mut crashes = 0;
    disk.expect(Some(Fault::Crash { at }));
    loop {
        let ran = running.run(script);
        running.store = None;
        if !disk.has_crashed() {
            ran.unwrap_or_else(|error| panic!("{place}: call {} failed: {error}", running.done));
            break;
        }
        while disk.has_crashed() {
            crashes += 1;
            disk.restart(leaves, &mut random);
            if random.below(CRASHES_AGAIN) == 0 {
                let at = SOON[random.index(SOON.len())];
                disk.expect(Some(Fault::Crash { at }));
            }
            running.find_place(reference, &place);
        }
    }
    disk.expect(None);
    running.find_place(reference, &place);
    assert_eq!(running.done, script.calls.len(), "{place}");
    crashes
}

/// The script on a disk that fails for a while; the number of calls that failed.
fn fail(script: &Script, fault: Fault) -> u64 {
    let place = format!("{}, {fault:?}", script.name);
    let (disk, reference) = (Disk::new(), MemoryStore::new());
    let mut running = Running::new(&disk);
    let (mut failures, mut words) = (0, NUMBERS.iter().cycle());
    disk.expect(Some(fault));
    while let Some(call) = script.calls.get(running.done) {
        let Err(error) = running.call(call) else {
            call.make(&reference).unwrap();
            continue;
        };
        failures += 1;
        assert!(!matches!(error, StoreError::Damaged(_)), "{place}: {error}");
        assert!(failures < 1_000, "{place}: the disk works again, and the store does not: {error}");
        // It goes on with something else, so that nothing of the failed call is taken for the next try's.
        let word = Call::OptOut(*words.next().unwrap(), UnixMs(1));
        if running.store().and_then(|store| word.make(store)).is_ok() {
            word.make(&reference).unwrap();
        }
        if let Some(store) = &running.store {
            let (seen, expected) = (Seen::of(store).unwrap(), Seen::of(&reference).unwrap());
            let (seen, expected, done) = (&seen, &expected, running.done);
            assert!(
                seen == expected,
                "{place}: {done} calls were done, {failures} failed, and there is {}, not {}",
                seen.short(),
                expected.short()
            );
        }
    }
    // Closing may have met the fault; what is there is there all the same.
    running.store = None;
    disk.expect(None);
    let seen = running.store().and_then(|store| Seen::of(store)).unwrap();
    assert!(seen == Seen::of(&reference).unwrap(), "{place}: ends with {}", seen.short());
    failures
}

/// Runs `each` for operations of a script with seeds, side by side; the sum of what it gives.
#[expect(clippy::print_stdout, reason = "whoever runs all of them by hand wants the counts")]
fn at_operations(script: &Script, tried: u64, each: &(dyn Fn(u64, u64) -> u64 + Sync)) -> u64 {
    let operations = script.operations();
    let variable = |name: &str| std::env::var(name).ok().map(|count| count.parse::<u64>().unwrap());
    let cases: Vec<(u64, u64)> = match variable("CONSENTRY_CRASHES") {
        Some(seeds) => {
            let from = variable("CONSENTRY_CRASHES_FROM").unwrap_or(0);
            (from..from + seeds).flat_map(|seed| (0..operations).map(move |at| (at, seed))).collect()
        }
        // The seed moves on with each, so that every kind of crash comes about as often.
        None => (0..tried).map(|at| (at * operations / tried, at)).collect(),
    };
    let (next, sum) = (AtomicU64::new(0), AtomicU64::new(0));
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get().min(8));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((at, seed)) = cases.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                    sum.fetch_add(each(*at, *seed), Ordering::Relaxed);
                }
            });
        }
    });
    let sum = sum.into_inner();
    println!("{}: {operations} operations, {} cases, {sum} faults met", script.name, cases.len());
    sum
}

#[test]
fn a_crash_in_any_operation_leaves_every_call_whole() {
    Script::small_ones().for_each(|script| crash_everywhere(&script));
}

#[test]
fn a_crash_among_many_people_leaves_every_call_whole() {
    crash_everywhere(&Script::large());
}

fn crash_everywhere(script: &Script) {
    let reference = script.reference();
    let crashes = at_operations(script, script.tried, &|at, seed| crash(script, &reference, at, seed));
    assert!(crashes >= script.tried, "{}: {crashes}", script.name);
}

#[test]
fn a_full_disk_fails_calls_and_breaks_nothing() {
    for script in Script::all() {
        let full = |from, seed| fail(&script, Fault::Full { from, until: from + 1 + (seed % 3) * 20 });
        assert!(at_operations(&script, script.tried / 4, &full) > 0, "{}", script.name);
    }
}

#[test]
fn a_sync_that_fails_fails_the_call_and_breaks_nothing() {
    for script in Script::all() {
        let unsynced =
            |from, seed| fail(&script, Fault::Unsynced { from, until: from + 1 + (seed % 3) * 100 });
        assert!(at_operations(&script, script.tried / 4, &unsynced) > 0, "{}", script.name);
    }
}

/// The disk is held to what the other tests rely on.
#[test]
fn a_disk_forgets_what_was_not_synced() {
    let mut random = Random::new(1);
    let count = |disk: &Arc<Disk>| {
        let connection = Connection::open(disk.folder().join("a.sqlite3")).unwrap();
        connection.query_one("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0))
    };
    for (synchronous, lost) in [("off", true), ("full", false)] {
        let disk = Disk::new();
        let connection = Connection::open(disk.folder().join("a.sqlite3")).unwrap();
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).unwrap();
        connection.execute_batch("CREATE TABLE t (a)").unwrap();
        connection.pragma_update(None, "synchronous", synchronous).unwrap();
        connection.execute_batch("INSERT INTO t VALUES (1)").unwrap();
        assert_eq!(count(&disk).unwrap(), 1, "others see it");
        disk.restart(Leaves::Nothing, &mut random);
        drop(connection);
        assert_eq!(count(&disk).unwrap() == 0, lost, "{synchronous}");
        assert_eq!(std::fs::read_dir(disk.folder()).unwrap().count(), 0, "nothing lies on the real disk");
    }
}
