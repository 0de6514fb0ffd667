//! Imports taken back, held against laws that need no knowledge of how it is done: the last import undone leaves what was
//! before it; whoever it never touched stays as they were; nobody is opted in by an undo who has said no; and the numbers
//! told add up.

use std::collections::{BTreeMap, BTreeSet};

use consentry_core::matching::{ImportId, ProfileId, Source};
use consentry_core::time::UnixMs;
use consentry_host::store::sqlite::FILE_NAME;
use consentry_host::store::{Store, StoreError, StoredProfile, Subject, TenantId};
use consentry_host::undo::{Request, commit, take_back};
use consentry_host::wire::v1::ImportDocument;

use crate::collisions::Pools;
use crate::model::{Consent, Declared};
use crate::product::{FIRST_DAY, Kind, Product, e164};
use crate::random::Random;

const T: TenantId = TenantId::DEFAULT;
const ROWS_MAX: usize = 25;

#[test]
fn the_last_import_undone_leaves_what_was_before_it() {
    let mut exact = 0;
    for seed in 0..400 {
        let (mut random, pools) = (Random::new(seed), Pools::tiny());
        let product = Product::new(Kind::share(seed, 5), [1, 3, 50_000][random.index(3)]);
        let store = product.importer.store.as_ref();
        let mut before = (store.state_hash(T).unwrap(), product.people());
        let mut spoken_since = false;
        for day in 0..4 {
            product.set_day(FIRST_DAY + day);
            if random.percent(40) {
                product.own_opt_out(&pools.number(&mut random));
                spoken_since = true;
            }
            let now = (store.state_hash(T).unwrap(), product.people());
            let rows = 1 + random.index(ROWS_MAX);
            let declared = Declared { as_of_day: None, overrides: random.percent(30) };
            let done = product.import(&pools.file(&mut random, rows), declared);
            if done.state == "committed" {
                (before, spoken_since) = (now, false);
            }
        }
        let last = store.imports(T).unwrap()[0].id;
        let undone = take_back(store, T, last, "test", product.importer.clock.now()).unwrap();
        let counts = undone.undo.unwrap().counts;
        if !spoken_since {
            assert_eq!((counts.kept_own_opt_out, product.people()), (0, before.1), "seed {seed}, {last}");
            assert_eq!(store.state_hash(T).unwrap(), before.0, "seed {seed}, {last}");
            exact += 1;
        }
        assert_eq!((counts.kept_later_import, counts.kept_number_taken), (0, 0), "seed {seed}, {last}");
        store.verify(T).unwrap();
    }
    assert!(exact > 300, "{exact}");
}

#[test]
fn without_words_in_between_every_import_can_be_taken_back_to_nothing() {
    for seed in 500..700 {
        let (mut random, pools) = (Random::new(seed), Pools::tiny());
        let product = Product::new(Kind::share(seed, 5), 7);
        let store = product.importer.store.as_ref();
        let nothing = store.state_hash(T).unwrap();
        for day in 0..5 {
            product.set_day(FIRST_DAY + day);
            let rows = 1 + random.index(ROWS_MAX);
            product.import(&pools.file(&mut random, rows), Declared::default());
        }
        for import in store.imports(T).unwrap() {
            take_back(store, T, import.id, "test", product.importer.clock.now()).unwrap();
            store.verify(T).unwrap();
        }
        assert_eq!(product.people(), [], "seed {seed}");
        assert_eq!(store.state_hash(T).unwrap(), nothing, "seed {seed}");
    }
}

#[test]
fn any_import_undone_keeps_the_laws() {
    let (mut reversed, mut kept) = (0, [0; 3]);
    for seed in 1_000..1_600 {
        let (mut random, pools) = (Random::new(seed), Pools::tiny());
        let product = Product::new(Kind::share(seed, 6), 7);
        let store = product.importer.store.as_ref();
        for day in 0..2 + random.index(5) as i64 {
            product.set_day(FIRST_DAY + day);
            match random.index(6) {
                0 => product.own_opt_out(&pools.number(&mut random)),
                1 => {
                    let known = store.imports(T).unwrap().len().max(1);
                    let _ = take_back(store, T, ImportId(1 + random.index(known) as u64), "test", UnixMs(1));
                }
                _ => {
                    let rows = 1 + random.index(ROWS_MAX);
                    let declared = Declared { as_of_day: None, overrides: random.percent(20) };
                    product.import(&pools.file(&mut random, rows), declared);
                }
            }
        }
        let imports = store.imports(T).unwrap();
        if imports.is_empty() {
            continue;
        }
        let import = &imports[random.index(imports.len())];
        let place = format!("seed {seed}, {}", import.id);
        let before = Everything::of(store, &pools);
        let touched = touched(&before, import.id);
        match take_back(store, T, import.id, "test", product.importer.clock.now()) {
            Err(StoreError::NotUndoable(_)) => assert!(import.undo.is_some(), "{place}"),
            Err(other) => panic!("{place}: {other}"),
            Ok(undone) => {
                let undo = undone.undo.unwrap();
                let counts = undo.counts;
                let all_kept = [counts.kept_later_import, counts.kept_own_opt_out, counts.kept_number_taken];
                let told = counts.reversed + counts.removed + all_kept.iter().sum::<u64>();
                assert_eq!(told, touched.len() as u64, "{place}: {counts:?}");
                let kept_profiles: BTreeSet<ProfileId> =
                    undo.kept.iter().map(|(profile, _)| *profile).collect();
                before.hold_against(&Everything::of(store, &pools), &touched, &kept_profiles, &place);
                store.verify(T).unwrap();
                product.assert_that_the_log_tells_the_state(&place);
                reversed += counts.reversed + counts.removed;
                kept.iter_mut().zip(all_kept).for_each(|(sum, one)| *sum += one);
                let again = take_back(store, T, import.id, "test", UnixMs(9));
                assert!(matches!(again, Err(StoreError::NotUndoable(_))), "{place}");
            }
        }
    }
    assert!(
        reversed > 100 && kept.iter().all(|count| *count > 20),
        "the histories are too tame: {reversed}, {kept:?}"
    );
}

#[test]
fn a_file_taken_back_may_come_again() {
    let product = Product::new(Kind::Sqlite, 7);
    let store = product.importer.store.as_ref();
    let file = "exid,wpNumber,permission\n7,+905301112233,1\n";
    let first = product.import(file, Declared::default());
    assert_eq!(product.import(file, Declared::default()).state, "already_imported");
    take_back(store, T, ImportId(1), "test", UnixMs(5)).unwrap();
    assert_eq!(product.people(), []);
    let second = product.import(file, Declared::default());
    assert_eq!((second.state, second.counts.created), ("committed", 1));
    assert_ne!(second.import, first.import);
    // Whose number it was is still told, though the profile is another one.
    let events = store.events(T, Subject::Number(905301112233)).unwrap();
    let rules: Vec<_> = events.iter().map(|stored| stored.event.rule.id()).collect();
    assert_eq!(rules, ["new-profile", "profile-undone", "new-profile"]);
}

#[test]
fn an_earlier_import_gives_way_to_what_a_later_one_confirmed() {
    let product = Product::new(Kind::Sqlite, 7);
    let store = product.importer.store.as_ref();
    product.import("exid,wpNumber,permission\n7,+905301112233,1\n8,+905301112244,1\n", Declared::default());
    product.import("exid,wpNumber,permission\n7,+905301112233,1\n", Declared::default());
    let undo = take_back(store, T, ImportId(1), "test", UnixMs(5)).unwrap().undo.unwrap();
    assert_eq!((undo.counts.removed, undo.counts.kept_later_import), (1, 1));
    assert_eq!(undo.kept, [(ProfileId(1), "later-import".to_owned())]);
    assert_eq!(product.people().len(), 1);
    // The later one undone as well changes nothing: it had changed nothing.
    let undo = take_back(store, T, ImportId(2), "test", UnixMs(6)).unwrap().undo.unwrap();
    assert_eq!((undo.counts.reversed, undo.counts.removed), (0, 0));
}

#[test]
fn an_undo_brings_back_the_opt_out_that_an_override_had_lifted() {
    for kind in [Kind::Memory, Kind::Sqlite, Kind::Postgres] {
        let product = Product::new(kind, 7);
        let store = product.importer.store.as_ref();
        let file = "exid,wpNumber,permission\n7,+905301112233,1\n";
        product.import(file, Declared::default());
        product.own_opt_out("+905301112233");
        let before = store.state_hash(T).unwrap();
        product.set_day(FIRST_DAY + 1);
        product.import(file, Declared { as_of_day: None, overrides: true });
        assert_ne!(store.state_hash(T).unwrap(), before);
        take_back(store, T, ImportId(2), "test", UnixMs(5)).unwrap();
        assert_eq!(store.state_hash(T).unwrap(), before);
        assert_eq!(product.import(file, Declared::default()).counts.kept_opt_out, 1, "the word stands again");
    }
}

#[test]
fn an_undo_goes_against_no_later_opt_out_that_stands() {
    for kind in [Kind::Memory, Kind::Sqlite] {
        let product = Product::new(kind, 7);
        let store = product.importer.store.as_ref();
        // The last of them says what the second had said, and what is undone after it leaves the fourth standing.
        for permission in [1, 2, 1, 2, 1] {
            says(&product, &[("7", AYSE, permission)], false);
        }
        take_back(store, T, ImportId(5), "test", UnixMs(5)).unwrap();
        let undo = take_back(store, T, ImportId(2), "test", UnixMs(6)).unwrap().undo.unwrap();
        assert_eq!((undo.counts.reversed, undo.counts.kept_later_import), (0, 1));
        assert_eq!(product.people()[0].record, Some((AYSE.to_owned(), Consent::Out)));
    }
}

#[test]
fn a_lifted_word_comes_back_with_its_number_whoever_had_lifted_it() {
    for kind in [Kind::Memory, Kind::Sqlite] {
        let product = Product::new(kind, 7);
        let store = product.importer.store.as_ref();
        says(&product, &[("8", AYSE, 1), ("7", BORIS, 1)], false);
        product.own_opt_out(AYSE);
        says(&product, &[("7", AYSE, 1)], true);
        says(&product, &[("7", CAROL, 1)], false);
        // 7 was changed since and stays; 8 gets the number back, and the person at it had said no.
        take_back(store, T, ImportId(2), "test", UnixMs(5)).unwrap();
        let kept = says(&product, &[("8", AYSE, 1)], false).counts.kept_opt_out;
        assert_eq!(kept, 1);
    }
}

#[test]
fn a_lifted_word_does_not_come_back_where_somebody_stays_opted_in() {
    for kind in [Kind::Memory, Kind::Sqlite] {
        let product = Product::new(kind, 7);
        let store = product.importer.store.as_ref();
        says(&product, &[("7", BORIS, 1), ("8", CAROL, 1)], false);
        product.own_opt_out(AYSE);
        says(&product, &[("7", AYSE, 1), ("8", AYSE, 1)], true);
        says(&product, &[("8", AYSE, 1)], false);
        take_back(store, T, ImportId(2), "test", UnixMs(5)).unwrap();
        assert_eq!(product.people()[1].record, Some((AYSE.to_owned(), Consent::In)));
        let keys = consentry_core::matching::Keys::of_number(e164(AYSE).identity().digits());
        assert_eq!(store.known(T, &keys).unwrap().own_opt_outs, [None]);
    }
}

#[test]
fn what_is_confirmed_while_an_undo_is_decided_is_seen() {
    for kind in [Kind::Memory, Kind::Sqlite] {
        let product = Product::new(kind, 7);
        let store = product.importer.store.as_ref();
        says(&product, &[("7", AYSE, 1)], false);
        says(&product, &[("7", AYSE, 2)], false);
        let mut request = Request::new(ImportId(2), "test", UnixMs(5));
        store.at_a_moment(T, &mut |now| request.look(now)).unwrap();
        // Another file says the same opt-out again: that leaves no event, only that it was said.
        assert_eq!(says(&product, &[("7", AYSE, 2), ("7", AYSE, 2)], false).counts.unchanged, 2);
        let undo = commit(store, T, &mut request).unwrap().undo.unwrap();
        assert_eq!((undo.counts.reversed, undo.counts.kept_later_import), (0, 1));
        assert_eq!(product.people()[0].record, Some((AYSE.to_owned(), Consent::Out)));
    }
}

#[test]
fn a_word_that_comes_back_while_an_undo_is_decided_is_seen() {
    for kind in [Kind::Memory, Kind::Sqlite] {
        let product = Product::new(kind, 7);
        let store = product.importer.store.as_ref();
        says(&product, &[("7", BORIS, 1)], false);
        product.own_opt_out(AYSE);
        says(&product, &[("7", AYSE, 1)], true);
        says(&product, &[("7", CAROL, 1)], false);
        let mut request = Request::new(ImportId(3), "test", UnixMs(5));
        store.at_a_moment(T, &mut |now| request.look(now)).unwrap();
        // 7 was changed since and stays, so that no event tells that the word stands again.
        let undo = take_back(store, T, ImportId(2), "test", UnixMs(6)).unwrap().undo.unwrap();
        assert_eq!((undo.counts.reversed, undo.counts.kept_later_import), (0, 1));
        assert_eq!(commit(store, T, &mut request).unwrap().undo.unwrap().counts.reversed, 1);
        assert_eq!(product.people()[0].record, Some((AYSE.to_owned(), Consent::Out)));
    }
}

#[test]
fn an_undo_on_a_log_that_was_cut_off_ends() {
    let folder = tempfile::TempDir::new().unwrap();
    let product = Product::on_sqlite(folder.path(), 7);
    says(&product, &[("7", AYSE, 1)], false);
    says(&product, &[("7", AYSE, 2)], false);
    let database = rusqlite::Connection::open(folder.path().join(FILE_NAME)).unwrap();
    database
        .execute_batch("DROP TRIGGER log_never_goes; DELETE FROM log_block WHERE first_event = 2")
        .unwrap();
    let refused = take_back(product.importer.store.as_ref(), T, ImportId(1), "test", UnixMs(5));
    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
}

const AYSE: &str = "+905301112233";
const BORIS: &str = "+905301112244";
const CAROL: &str = "+905301112255";

/// Imports rows of customer's id, number and permission.
fn says(product: &Product, rows: &[(&str, &str, u8)], overrides: bool) -> ImportDocument {
    let rows = rows.iter().map(|(exid, number, permission)| format!("{exid},{number},{permission}\n"));
    let file = format!("exid,wpNumber,permission\n{}", rows.collect::<String>());
    product.import(&file, Declared { as_of_day: None, overrides })
}

/// What a store says about everybody and every number.
struct Everything {
    profiles: BTreeMap<ProfileId, StoredProfile>,
    /// Imports that changed each profile, and whether the person was ever opted in with a number.
    events: BTreeMap<ProfileId, Vec<consentry_host::store::StoredEvent>>,
    own_opt_outs: BTreeSet<u64>,
}

impl Everything {
    fn of(store: &dyn Store, pools: &Pools) -> Everything {
        let profiles = store.profiles(T, None, usize::MAX >> 1).unwrap();
        let profiles: BTreeMap<_, _> =
            profiles.into_iter().map(|stored| (stored.profile.id, stored)).collect();
        let events =
            profiles.keys().map(|id| (*id, store.events(T, Subject::Profile(*id)).unwrap())).collect();
        let identities = pools.numbers().map(|number| e164(number).identity().digits());
        let own = |identity: &u64| {
            let keys = consentry_core::matching::Keys::of_number(*identity);
            store.known(T, &keys).unwrap().own_opt_outs[0].is_some()
        };
        Everything { profiles, events, own_opt_outs: identities.filter(own).collect() }
    }

    fn hold_against(
        &self,
        after: &Everything,
        touched: &BTreeSet<ProfileId>,
        kept: &BTreeSet<ProfileId>,
        place: &str,
    ) {
        assert!(
            self.own_opt_outs.is_subset(&after.own_opt_outs),
            "{place}: an undo lifted somebody's own word"
        );
        for (id, stored) in &self.profiles {
            if !touched.contains(id) || kept.contains(id) {
                assert_eq!(after.profiles.get(id), Some(stored), "{place}: {id} was not to be changed");
            }
        }
        let mut numbers = BTreeSet::new();
        for (id, stored) in &after.profiles {
            assert!(self.profiles.contains_key(id), "{place}: {id} came from nowhere");
            let profile = &stored.profile;
            let Some(number) = profile.number else { continue };
            let identity = number.identity().digits();
            assert!(numbers.insert(identity), "{place}: two hold {identity}");
            if profile.permission == Some(consentry_core::consent::Permission::OptIn) {
                assert!(
                    !after.own_opt_outs.contains(&identity),
                    "{place}: {id} is opted in against their own word"
                );
                let was = |stored: &consentry_host::store::StoredEvent| {
                    (stored.event.number, stored.event.permission) == (Some(number), profile.permission)
                };
                assert!(self.events[id].iter().any(was), "{place}: {id} never said yes with this number");
            }
        }
    }
}

/// Profiles that are there and that the import changed.
fn touched(everything: &Everything, import: ImportId) -> BTreeSet<ProfileId> {
    let by_it = |stored: &consentry_host::store::StoredEvent| matches!(stored.event.source, Source::File { import: of, .. } if of == import);
    everything.events.iter().filter(|(_, events)| events.iter().any(by_it)).map(|(id, _)| *id).collect()
}
