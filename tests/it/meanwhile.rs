//! Imports taken back while other things happen, and piece by piece: what is decided must not depend on when was looked,
//! nor on how much at a time.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use consentry_core::matching::{ImportId, Speaker, Undo};
use consentry_core::time::UnixMs;
use consentry_host::opt_outs;
use consentry_host::store::{TenantId, UndoRecord};
use consentry_host::undo::{Request, commit, take_back};

use crate::collisions::Pools;
use crate::model::Declared;
use crate::product::{FIRST_DAY, Kind, Product, e164};
use crate::random::Random;

const T: TenantId = TenantId::DEFAULT;

/// How the same import is taken back.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// When all has happened, and all of it at once.
    AtTheEnd,
    /// Looked at now and then while things happen, in slices so small that every border is met.
    Meanwhile(fn(ImportId) -> Undo),
}

/// What came of it.
#[derive(Debug, PartialEq)]
struct End {
    undo: Option<UndoRecord>,
    state_hash: [u8; 32],
    events: Vec<(u64, &'static str)>,
}

#[test]
fn what_is_decided_does_not_depend_on_when_was_looked_and_how_much_at_a_time() {
    let slices: [fn(ImportId) -> Undo; 4] = [
        |import| Undo::in_slices(import, 1),
        |import| Undo::in_slices(import, 2),
        |import| Undo::in_slices(import, 5),
        Undo::new,
    ];
    let (mut taken_back, mut kept) = (0, 0);
    for seed in 0..400 {
        let whole = history(seed, Way::AtTheEnd);
        let pieces = history(seed, Way::Meanwhile(slices[seed as usize % slices.len()]));
        assert_eq!(pieces, whole, "seed {seed}");
        if let Some(counts) = whole.undo.map(|undo| undo.counts) {
            taken_back += counts.reversed + counts.removed;
            kept += counts.kept_later_import + counts.kept_own_opt_out + counts.kept_number_taken;
        }
    }
    assert!(taken_back > 400 && kept > 400, "the histories are too tame: {taken_back}, {kept}");
}

/// Something happens, an import is chosen to be taken back, more happens, and it is taken back.
fn history(seed: u64, way: Way) -> End {
    let (mut random, mut looks) = (Random::new(seed), Random::new(seed + 1_000_000));
    let pools = if seed.is_multiple_of(2) { Pools::tiny() } else { Pools::people(12) };
    let product = Product::new(Kind::share(seed, 8), 7);
    let store = product.importer.store.as_ref();
    let before = 1 + random.index(4) as i64;
    for day in 0..before {
        product.set_day(FIRST_DAY + day);
        something_happens(&product, &pools, &mut random);
    }
    let import = ImportId(1 + random.index(store.imports(T).unwrap().len().max(1)) as u64);
    let at = UnixMs(FIRST_DAY * 86_400_000);
    let new = if let Way::Meanwhile(new) = way { new } else { Undo::new };
    let mut request = Request::new(import, "test", at).with(new);
    let after = random.index(5) as i64;
    for day in before..before + after {
        if matches!(way, Way::Meanwhile(_)) && looks.percent(70) {
            // It may not be there, or be taken back already: then there is nothing to see.
            let _ = store.at_a_moment(T, &mut |now| request.look(now));
        }
        product.set_day(FIRST_DAY + day);
        something_happens(&product, &pools, &mut random);
    }
    let undone = commit(store, T, &mut request).ok();
    let place = format!("seed {seed}, {way:?}");
    product.assert_that_the_log_tells_the_state(&place);
    End {
        undo: undone.and_then(|import| import.undo),
        state_hash: store.state_hash(T).unwrap(),
        events: product.events().iter().map(|stored| (stored.event.seq, stored.event.rule.id())).collect(),
    }
}

fn something_happens(product: &Product, pools: &Pools, random: &mut Random) {
    let store = product.importer.store.as_ref();
    match random.index(8) {
        0 | 1 => product.own_opt_out(&pools.number(random)),
        2 => {
            let known = store.imports(T).unwrap().len().max(1);
            let _ = take_back(store, T, ImportId(1 + random.index(known) as u64), "test", UnixMs(1));
        }
        _ => {
            let rows = 1 + random.index(20);
            let declared = Declared { as_of_day: None, overrides: random.percent(30) };
            product.import(&pools.file(random, rows), declared);
        }
    }
}

#[test]
fn an_undo_ends_however_fast_people_speak() {
    for kind in [Kind::Memory, Kind::Sqlite, Kind::Postgres] {
        let product = Product::new(kind, 5_000);
        let store = product.importer.store.clone();
        let rows = (0..20_000).map(|at| format!("c{at},+90530{:07},1\n", 1_000_000 + at));
        product
            .import(&format!("exid,wpNumber,permission\n{}", rows.collect::<String>()), Declared::default());
        let (ended, spoken) = (AtomicBool::new(false), AtomicU64::new(0));
        let counts = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !ended.load(Ordering::Relaxed) {
                    let at = spoken.load(Ordering::Relaxed);
                    let number = Some(e164(&format!("+90530{:07}", 1_000_000 + at % 20_000)));
                    opt_outs::opt_out(
                        store.as_ref(),
                        T,
                        Speaker { number, user: None, said_at: None },
                        UnixMs(9),
                        "test",
                    )
                    .unwrap();
                    spoken.store(at + 1, Ordering::Relaxed);
                }
            });
            while spoken.load(Ordering::Relaxed) == 0 {
                std::thread::yield_now();
            }
            let undone = take_back(store.as_ref(), T, ImportId(1), "test", UnixMs(10));
            ended.store(true, Ordering::Relaxed);
            undone.unwrap().undo.unwrap().counts
        });
        assert_eq!(counts.removed + counts.kept_own_opt_out, 20_000, "{counts:?}");
        assert!(counts.kept_own_opt_out > 0, "{counts:?}");
        store.verify(T).unwrap();
    }
}
