//! Backup, restore, verify and move: what is brought to safety says what the original said.

use std::fs;

use consentry_core::matching::ImportId;
use consentry_core::time::UnixMs;
use consentry_host::store::sqlite::{FILE_NAME, SqliteStore};
use consentry_host::store::{Store as _, StoreError, TenantId};
use consentry_host::undo::take_back;
use tempfile::TempDir;

use crate::collisions::Pools;
use crate::model::Declared;
use crate::product::{FIRST_DAY, Product};
use crate::program::Program;
use crate::random::Random;

const T: TenantId = TenantId::DEFAULT;

#[test]
fn a_backup_restored_is_the_installation_as_it_was() {
    let program = Program::new();
    program.write("people.csv", Pools::people(50).file(&mut Random::new(4), 200));
    program.run(&["import", "people.csv", "--attribute", "exid"]);
    let backed_up = program.json(&["store", "backup", "copies/monday"]);
    assert_eq!(backed_up["done"], "backed up");
    let exported = program.run(&["export"]).stdout;

    // What happens later is not in it.
    program.write("later.csv", "wpNumber,permission\n+442071234567,2\n");
    program.run(&["import", "later.csv"]);
    let restored = program.json(&["store", "restore", "copies/monday", "--data", "restored"]);
    for field in ["profiles", "events", "state_hash"] {
        assert_eq!(restored[field], backed_up[field], "{field}");
    }
    assert_eq!(program.run(&["export", "--data", "restored"]).stdout, exported);
    let verified = program.json(&["store", "verify", "--data", "restored"]);
    assert_eq!((&verified["done"], &verified["state_hash"]), (&"verified".into(), &backed_up["state_hash"]));
    // It goes on from there, and has the files it may have to judge again.
    let again = program.run(&["import", "people.csv", "--attribute", "exid", "--data", "restored", "--json"]);
    assert_eq!(again.json()["state"], "already_imported");
    assert_eq!(program.json(&["import", "later.csv", "--data", "restored"])["counts"]["created"], 1);
    let uploads = |data: &str| fs::read_dir(program.path(data).join("uploads")).unwrap().count();
    assert_eq!(uploads("restored"), uploads("consentry-data"));
}

#[test]
fn nothing_is_written_over_and_nothing_damaged_is_restored() {
    let program = Program::new();
    program.run(&["store", "verify"]).assert_refused(&["there is no data in `consentry-data`"]);
    program.write("people.csv", "wpNumber,permission\n+905301112233,1\n");
    program.run(&["import", "people.csv"]);
    program.run(&["store", "backup", "copy"]);
    program.run(&["store", "backup", "copy"]).assert_refused(&["`copy` is not empty"]);
    program.run(&["store", "restore", "copy"]).assert_refused(&["`consentry-data` is not empty"]);
    program
        .run(&["store", "restore", "nowhere", "--data", "new"])
        .assert_refused(&["there is no data in `nowhere`"]);

    let database = rusqlite::Connection::open(program.path("copy").join(FILE_NAME)).unwrap();
    database.execute_batch("DELETE FROM run WHERE space = 4").unwrap();
    drop(database);
    let ran = program.run(&["store", "restore", "copy", "--data", "new"]);
    assert_eq!(ran.code, 70, "{}", ran.stderr);
    assert!(ran.stderr.contains("the database is damaged"), "{}", ran.stderr);
    assert!(!program.path("new").exists(), "nothing is made of it");
    let ran = program.run(&["store", "verify", "--data", "copy"]);
    assert_eq!(ran.code, 70, "{}", ran.stderr);
}

#[test]
fn everything_moves_into_another_database_as_it_is() {
    for seed in 0..12 {
        let (mut random, pools) = (Random::new(seed), Pools::tiny());
        let folder = TempDir::new().unwrap();
        let product = Product::on_sqlite(folder.path(), 7);
        for day in 0..4 {
            product.set_day(FIRST_DAY + day);
            product.own_opt_out(&pools.number(&mut random));
            let rows = 1 + random.index(25);
            product.import(
                &pools.file(&mut random, rows),
                Declared { as_of_day: None, overrides: random.percent(30) },
            );
        }
        let _ = take_back(product.importer.store.as_ref(), T, ImportId(2), "test", UnixMs(1));
        let from = SqliteStore::open(folder.path()).unwrap();
        let elsewhere = TempDir::new().unwrap();
        let to = SqliteStore::open(elsewhere.path()).unwrap();
        let moved = from.copy_into(&to).unwrap();
        assert_eq!((moved.tenants, moved.events), (1, from.verify(T).unwrap()), "seed {seed}");
        assert_eq!(from.state_hash(T).unwrap(), to.state_hash(T).unwrap(), "seed {seed}");
        assert!(matches!(from.copy_into(&to), Err(StoreError::NotEmpty)));
        // The copy lives on: what is imported next does the same in both.
        let file = pools.file(&mut random, 20);
        let both = [&folder, &elsewhere].map(|folder| {
            let product = Product::on_sqlite(folder.path(), 7);
            product.set_day(FIRST_DAY + 9);
            (product.import(&file, Declared::default()).counts, product.importer.store.state_hash(T).unwrap())
        });
        assert_eq!(both[0], both[1], "seed {seed}");
    }
}
