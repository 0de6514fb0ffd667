//! What only shows after years or under load: numbers that are given out with every commit, and people who speak faster than
//! a batch is decided.

use std::sync::atomic::{AtomicBool, Ordering};

use consentry_core::matching::Speaker;
use consentry_core::time::UnixMs;
use consentry_host::opt_outs;
use consentry_host::store::sqlite::FILE_NAME;
use consentry_host::store::{Lookup, TenantId};
use tempfile::TempDir;

use crate::model::Declared;
use crate::product::{Kind, Product, e164};

const T: TenantId = TenantId::DEFAULT;

#[test]
fn a_store_outlives_a_million_commits() {
    let folder = TempDir::new().unwrap();
    let product = Product::on_sqlite(folder.path(), 50_000);
    let store = product.importer.store.as_ref();
    product.import(&people(3_000, 1), Declared::default());
    // As after some half a million opt-outs: every commit gives numbers to a few runs.
    let database = rusqlite::Connection::open(folder.path().join(FILE_NAME)).unwrap();
    database.execute_batch("UPDATE tenant SET next_run = (1 << 20) + 1").unwrap();
    product.import("exid,wpNumber,permission\nnew,+442071234567,1\n", Declared::default());
    assert_eq!(product.import(&people(9, 2), Declared::default()).counts.updated, 9);
    assert!(store.find(T, &Lookup::Exid("c2999".into())).unwrap().is_some());
    store.verify(T).unwrap();
}

#[test]
fn an_import_ends_however_fast_people_speak() {
    for kind in [Kind::Memory, Kind::Sqlite] {
        let product = Product::new(kind, 1_000);
        let (store, ended) = (product.importer.store.clone(), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for at in 0_u64.. {
                    if ended.load(Ordering::Relaxed) {
                        break;
                    }
                    let number = Some(e164(&format!("+90532{:07}", 1_000_000 + at % 500)));
                    opt_outs::opt_out(
                        store.as_ref(),
                        T,
                        Speaker { number, user: None, said_at: None },
                        UnixMs(9),
                        "test",
                    )
                    .unwrap();
                }
            });
            assert_eq!(product.import(&people(5_000, 1), Declared::default()).counts.created, 5_000);
            ended.store(true, Ordering::Relaxed);
        });
        store.verify(T).unwrap();
    }
}

fn people(count: usize, permission: u8) -> String {
    let rows = (0..count).map(|at| format!("c{at},+90530{:07},{permission}\n", 1_000_000 + at));
    format!("exid,wpNumber,permission\n{}", rows.collect::<String>())
}
