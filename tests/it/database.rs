//! A place in the PostgreSQL server that `cargo xtask test` starts and names. Where nobody named one, the tests of that
//! store have nothing to do, and [`postgres_is_tested_or_it_is_said_that_it_is_not`] says so.

use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};

use consentry_host::store::postgres::PostgresStore;
use postgres::{Client, NoTls};

/// As the xtask has it.
const URL_VARIABLE: &str = "CONSENTRY_TEST_DATABASE_URL";

/// A schema of its own, so that tests that run together share a server and no table. It goes with the value.
pub(crate) struct Schema {
    name: String,
    server: String,
}

impl Schema {
    /// An empty one; none when there is no server to test with.
    pub(crate) fn new() -> Option<Schema> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var(URL_VARIABLE).ok()?;
        let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let schema = Schema { name, server };
        schema.ask(&format!("DROP SCHEMA IF EXISTS {0} CASCADE; CREATE SCHEMA {0}", schema.name));
        Some(schema)
    }

    /// What a store is told.
    pub(crate) fn url(&self) -> String {
        let sign = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{sign}options=-csearch_path%3D{}", self.server, self.name)
    }

    /// A store in it. Every call makes one with connections of its own, as another host would have.
    pub(crate) fn store(&self) -> PostgresStore {
        PostgresStore::connect(&self.url()).unwrap()
    }

    /// A connection past the store, as somebody with the server in hand has it.
    pub(crate) fn raw(&self) -> Client {
        Client::connect(&self.url(), NoTls).unwrap()
    }

    fn ask(&self, sql: &str) {
        Client::connect(&self.server, NoTls).unwrap().batch_execute(sql).unwrap();
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.ask(&format!("SET client_min_messages = warning; DROP SCHEMA {} CASCADE", self.name));
        }
    }
}

#[test]
fn postgres_is_tested_or_it_is_said_that_it_is_not() {
    let Some(schema) = Schema::new() else {
        // Past what collects the output of tests that pass: this is to be seen.
        let text = format!(
            "SKIPPED: nothing was tested on PostgreSQL, because {URL_VARIABLE} names no server. `cargo xtask postgres` \
             starts one and says what to set."
        );
        writeln!(std::io::stderr(), "{text}").unwrap();
        return;
    };
    schema.store();
}

/// Runs functions that take a store as tests of each of the three.
macro_rules! on_every_store {
    ($($test:ident)*) => {
        mod memory {
            $(#[test] fn $test() { super::$test(&consentry_host::store::memory::MemoryStore::new()); })*
        }
        mod sqlite {
            $(#[test] fn $test() {
                let folder = tempfile::TempDir::new().unwrap();
                super::$test(&consentry_host::store::sqlite::SqliteStore::open(folder.path()).unwrap());
            })*
        }
        mod postgres {
            $(#[test] fn $test() {
                if let Some(schema) = crate::database::Schema::new() {
                    super::$test(&schema.store());
                }
            })*
        }
    };
}
pub(crate) use on_every_store;
