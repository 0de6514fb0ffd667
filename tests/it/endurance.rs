//! What only shows after years: numbers that are given out with every commit.

use consentry_host::store::sqlite::FILE_NAME;
use consentry_host::store::{Lookup, TenantId};
use tempfile::TempDir;

use crate::model::Declared;
use crate::product::Product;

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

fn people(count: usize, permission: u8) -> String {
    let rows = (0..count).map(|at| format!("c{at},+90530{:07},{permission}\n", 1_000_000 + at));
    format!("exid,wpNumber,permission\n{}", rows.collect::<String>())
}
