//! The product against the naive model: random histories of files, repeats and opt-outs, end to end through uploads,
//! engine, importer and store. Whatever the batches and the store, the answer must be the one a person with a pencil
//! comes to.

use consentry_core::matching::ImportId;
use consentry_host::store::{Accepted, TenantId};
use consentry_host::wire::v1::{ImportCounts, ImportDocument};

use crate::collisions::Pools;
use crate::model::{Consent, Declared, Model, Tally};
use crate::product::{FIRST_DAY, Kind, Product};
use crate::random::Random;

const T: TenantId = TenantId::DEFAULT;
/// Files that are at least compared.
const FILES_MIN: usize = 2_500;
/// Most rows of one of them.
const ROWS_MAX: usize = 30;
const BATCHES: [usize; 4] = [1, 2, 7, 50_000];

#[test]
fn random_histories_end_as_the_rules_say() {
    let (mut files, mut seed) = (0, 0);
    while files < FILES_MIN {
        files += history(seed);
        seed += 1;
    }
}

/// Lives through one random history; the number of files in it.
fn history(seed: u64) -> usize {
    let mut random = Random::new(seed);
    let pools = Pools::tiny();
    let product = Product::new(Kind::share(seed, 6), BATCHES[random.index(BATCHES.len())]);
    let mut model = Model::default();
    let mut day = FIRST_DAY;
    let mut seen: Vec<(String, Declared)> = Vec::new();
    let mut last: Option<ImportId> = None;
    let steps = 2 + random.index(6);
    for step in 0..steps {
        let place = format!("seed {seed}, step {step}");
        day += random.index(2) as i64;
        product.set_day(day);
        if random.percent(25) {
            let number = pools.number(&mut random);
            product.own_opt_out(&number);
            model.own_opt_out(&number, day);
            continue;
        }
        let declared = Declared {
            as_of_day: random.percent(30).then(|| day - 1 + random.index(3) as i64),
            overrides: random.percent(10),
        };
        let (file, declared) = if !seen.is_empty() && random.percent(35) {
            // The same file again, mostly on the same terms.
            let (file, before) = seen[random.index(seen.len())].clone();
            (file, if random.percent(70) { before } else { declared })
        } else {
            let rows = 1 + random.index(ROWS_MAX);
            (pools.file(&mut random, rows), declared)
        };
        let new = product.new_import(&file, declared);
        let dry = product.rehearse(&new, &place);
        match product.importer.store.accept(T, &new).unwrap() {
            Accepted::Already(import) => {
                assert!(model.already_has(file.as_bytes(), declared), "{place}: not the last import\n{file}");
                assert_eq!(Some(import.id), last, "{place}");
            }
            Accepted::New(import) => {
                assert!(!model.already_has(file.as_bytes(), declared), "{place}: imported twice\n{file}");
                let done = product.importer.run(T, import.id, &mut |_| {}).unwrap();
                let done = ImportDocument::of(&done);
                let tally = model.import(file.as_bytes(), declared);
                assert_eq!(done.state, "committed", "{place}\n{file}");
                assert_eq!(tally_of(&done.counts), tally, "{place}, {declared:?}\n{file}");
                assert!(tally_of(&done.counts).is_lawful(), "{place}: {:?}", done.counts);
                assert_eq!(dry.counts, done.counts, "{place}: the dry run said otherwise\n{file}");
                assert_eq!((&dry.codes, &dry.diagnostics), (&done.codes, &done.diagnostics), "{place}");
                assert_eq!(dry.digest, done.digest, "{place}");
                last = Some(import.id);
            }
            Accepted::UnderWay(import) => panic!("{place}: {} was never ended", import.id),
        }
        assert_eq!(product.people(), model.people(), "{place}, {declared:?}\n{file}");
        seen.push((file, declared));
    }
    product.assert_that_the_log_tells_the_state(&format!("seed {seed}"));
    seen.len()
}

#[test]
fn batches_and_stores_change_nothing_at_all() {
    for seed in 0..12 {
        let lived = |kind: Kind, batch_rows: usize| {
            let (mut random, pools) = (Random::new(seed), Pools::tiny());
            let product = Product::new(kind, batch_rows);
            for day in 0..4 {
                product.set_day(FIRST_DAY + day);
                let rows = 1 + random.index(ROWS_MAX);
                let overrides = random.percent(20);
                product.import(&pools.file(&mut random, rows), Declared { as_of_day: None, overrides });
                product.own_opt_out(&pools.number(&mut random));
            }
            let store = &product.importer.store;
            let findings: Vec<_> =
                store.imports(T).unwrap().into_iter().map(|import| import.findings).collect();
            // Where blocks of the log end depends on the batches, and their hashes with it; the events do not.
            let events: Vec<_> = product.events().into_iter().map(|stored| stored.event).collect();
            (store.state_hash(T).unwrap(), events, findings)
        };
        let reference = lived(Kind::Memory, 50_000);
        for (kind, batch_rows) in [
            (Kind::Memory, 1),
            (Kind::Memory, 3),
            (Kind::Sqlite, 2),
            (Kind::Sqlite, 50_000),
            (Kind::Postgres, 3),
        ] {
            assert_eq!(lived(kind, batch_rows), reference, "seed {seed}, batches of {batch_rows}");
        }
    }
}

#[test]
fn a_file_cut_in_two_leaves_the_same_people() {
    for seed in 1_000..1_100 {
        let mut random = Random::new(seed);
        let rows = 2 + random.index(ROWS_MAX);
        let file = Pools::tiny().file(&mut random, rows);
        let mut lines = file.split_inclusive('\n');
        let header = lines.next().unwrap();
        let rows: Vec<&str> = lines.collect();
        let (first, second) = rows.split_at(1 + random.index(rows.len() - 1));

        let whole = Product::new(Kind::Memory, 7);
        let at_once = whole.import(&file, Declared::default());
        let cut = Product::new(Kind::Memory, 7);
        let halves = [first, second].map(|half| {
            let file = format!("{header}{}", half.concat());
            cut.import(&file, Declared::default())
        });
        assert_eq!(cut.people(), whole.people(), "seed {seed}, cut after {}\n{file}", first.len());
        // Two halves can be the same file; then the second was not applied, because it would change nothing.
        if halves[0].file.sha256 != halves[1].file.sha256 {
            let sum = |of: fn(&ImportCounts) -> u64| halves.iter().map(|half| of(&half.counts)).sum::<u64>();
            for of in [
                |counts: &ImportCounts| counts.created,
                |counts: &ImportCounts| counts.updated,
                |counts: &ImportCounts| counts.unchanged,
                |counts: &ImportCounts| counts.rejected,
                |counts: &ImportCounts| counts.numbers_moved,
                |counts: &ImportCounts| counts.identifiers_conflict,
                |counts: &ImportCounts| counts.identifiers_differ,
            ] {
                assert_eq!(sum(of), of(&at_once.counts), "seed {seed}\n{file}");
            }
        }
    }
}

#[test]
fn a_file_comes_again() {
    let [a, b] =
        ["+905301112233", "+905301112244"].map(|number| format!("exid,wpNumber,permission\n7,{number},1\n"));
    let product = Product::new(Kind::Sqlite, 7);
    let state = |file: &str| product.import(file, Declared::default()).state;
    assert_eq!(state(&a), "committed");
    assert_eq!(state(&a), "already_imported");
    // A person's word in between is no import: the file is still the last one.
    product.own_opt_out("+905301112233");
    assert_eq!(state(&a), "already_imported");
    assert_eq!(product.people()[0].record, Some(("+905301112233".into(), Consent::Out)));
    assert_eq!(state(&b), "committed");
    assert_eq!(product.people()[0].record, Some(("+905301112244".into(), Consent::In)));
    // Something was imported since, so the latest wins again, as a new import.
    let third = product.import(&a, Declared::default());
    assert_eq!((third.state, third.import.as_deref()), ("committed", Some("i3")));
    assert_eq!((third.counts.kept_opt_out, third.counts.updated), (1, 0), "the own opt-out still stands");
    assert_eq!(product.people()[0].record, Some(("+905301112233".into(), Consent::Out)));
    // Other terms are another import.
    let lifting = Declared { as_of_day: None, overrides: true };
    let fourth = product.import(&a, lifting);
    assert_eq!((fourth.state, fourth.counts.updated), ("committed", 1));
    assert_eq!(product.import(&a, lifting).state, "already_imported");
}

fn tally_of(counts: &ImportCounts) -> Tally {
    Tally {
        rows: counts.rows,
        created: counts.created,
        updated: counts.updated,
        unchanged: counts.unchanged,
        kept_opt_out: counts.kept_opt_out,
        rejected: counts.rejected,
        numbers_moved: counts.numbers_moved,
        identifiers_conflict: counts.identifiers_conflict,
        identifiers_differ: counts.identifiers_differ,
        opt_in: counts.opt_in,
        opt_out: counts.opt_out,
    }
}
