//! Connections: one that writes, behind a lock, and a few that only read. With the write-ahead log a reader
//! sees the last commit before it began and waits for nobody. What is written here is never decided here.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::schema::{self, Schema};
use crate::store::packed::sql::{Database, Sql, Writing};
use crate::store::{StoreError, TenantId};

/// Page cache of the writing connection, in KiB. Blocks are written once and seldom read again, and what is changed in a ledger
/// lies side by side: eightfold the room made nothing faster, while each of the three databases filled its own and kept it.
const WRITER_CACHE_KIB: i64 = 8 * 1024;
/// Page cache of a reading connection, in KiB. Some of them stay open in each database; what they do not have the kernel has.
const READER_CACHE_KIB: i64 = 2 * 1024;
/// What is in the write-ahead log, in bytes, before it is copied into the database.
const CHECKPOINT_BYTES: i64 = 128 * 1024 * 1024;
/// What a write-ahead log is cut back to, in bytes, after an import has made it long.
const WAL_BYTES_KEPT: i64 = 64 * 1024 * 1024;
/// How long to wait for another process that writes, for example an import on the command line.
const BUSY_WAIT: Duration = Duration::from_secs(30);
/// Reading connections kept open between reads.
const IDLE_READERS_MAX: usize = 4;
/// Prepared statements a connection keeps; more than there are in this store.
const STATEMENTS_MAX: usize = 64;

/// The connections to one database file.
#[derive(Debug)]
pub struct Connections {
    file: PathBuf,
    page_bytes: i64,
    writer: Mutex<Connection>,
    idle_readers: Mutex<Vec<Connection>>,
}

impl Connections {
    /// Opens the file, makes it if there is none, and brings it to the known schema.
    pub(in crate::store) fn open(file: PathBuf, schema: &Schema) -> Result<Connections, StoreError> {
        let page_bytes = schema.page_bytes;
        let mut writer = connect(&file, pages(WRITER_CACHE_KIB, page_bytes))?;
        schema::refuse_newer(&writer, schema)?;
        writer.pragma_update(None, "page_size", page_bytes)?;
        writer.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        writer.pragma_update(None, "synchronous", "full")?;
        writer
            .pragma_update_and_check(None, "wal_autocheckpoint", CHECKPOINT_BYTES / page_bytes, |_| Ok(()))?;
        writer.pragma_update_and_check(None, "journal_size_limit", WAL_BYTES_KEPT, |_| Ok(()))?;
        schema::migrate(&mut writer, schema)?;
        Ok(Connections { file, page_bytes, writer: Mutex::new(writer), idle_readers: Mutex::default() })
    }

    /// Writes a copy of the whole database as it is now; nobody waits for it.
    pub(in crate::store) fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        let connection = connect(&self.file, pages(READER_CACHE_KIB, self.page_bytes))?;
        connection.execute("VACUUM INTO ?", [file.to_string_lossy()])?;
        std::fs::File::open(file)?.sync_all()?;
        Ok(())
    }

    /// Writes the whole file anew without what was removed, and empties the write-ahead log. Who writes waits; what still reads an
    /// earlier state is waited for.
    pub(in crate::store) fn rewrite(&self) -> Result<(), StoreError> {
        let connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        connection.execute_batch("VACUUM")?;
        let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy == 0 {
            return Ok(());
        }
        Err(StoreError::Busy("somebody still reads what was removed".to_owned()))
    }

    /// One unchanging view of the database, as long as the value lives.
    fn snapshot(&self) -> Result<Reader<'_>, StoreError> {
        let idle = self.idle_readers().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let connection = connect(&self.file, pages(READER_CACHE_KIB, self.page_bytes))?;
                connection.pragma_update(None, "query_only", true)?;
                connection
            }
        };
        connection.execute_batch("BEGIN")?;
        Ok(Reader { connections: self, connection: Some(connection) })
    }

    /// A transaction on the one connection that writes.
    pub(in crate::store) fn begin_writing(&self) -> Result<Writer<'_>, StoreError> {
        // A panic elsewhere poisons the lock but not the connection: its transaction was rolled back on the way.
        let connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        connection.execute_batch("BEGIN IMMEDIATE")?;
        Ok(Writer { connection })
    }

    fn idle_readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle_readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Database for Connections {
    fn read(&self) -> Result<Box<dyn Sql + '_>, StoreError> {
        Ok(Box::new(self.snapshot()?))
    }

    fn purge(&self) -> Result<(), StoreError> {
        self.rewrite()
    }

    /// SQLite has one writer at a time, whoever it writes for.
    fn write(&self, _tenant: TenantId) -> Result<Box<dyn Writing + '_>, StoreError> {
        Ok(Box::new(self.begin_writing()?))
    }
}

/// A transaction on the writing connection. Everybody else who writes waits while it lives; what is not
/// committed is rolled back when it is dropped.
pub(in crate::store) struct Writer<'a> {
    connection: MutexGuard<'a, Connection>,
}

impl Writing for Writer<'_> {
    fn as_sql(&self) -> &dyn Sql {
        self
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        Ok(self.execute_batch("COMMIT")?)
    }
}

impl Deref for Writer<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        if !self.connection.is_autocommit() {
            // SQLite rolls back by itself when this fails, at the latest when the file is opened again.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

/// A reading connection with its transaction.
pub(super) struct Reader<'a> {
    connections: &'a Connections,
    connection: Option<Connection>,
}

impl Deref for Reader<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("only dropping takes the connection")
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        // A connection that cannot even end a read is not used again.
        if connection.execute_batch("ROLLBACK").is_ok() {
            let mut idle = self.connections.idle_readers();
            if idle.len() < IDLE_READERS_MAX {
                idle.push(connection);
            }
        }
    }
}

/// A database in a file without a name, which lives as long as its one connection.
pub(super) struct Temporary {
    connection: Mutex<Connection>,
}

impl Temporary {
    pub(super) fn open() -> Result<Temporary, StoreError> {
        let mut connection = Connection::open("")?;
        keep_statements(&connection)?;
        connection.pragma_update(None, "page_size", schema::MAIN.page_bytes)?;
        connection.pragma_update_and_check(None, "journal_mode", "off", |_| Ok(()))?;
        connection.pragma_update(None, "cache_size", pages(WRITER_CACHE_KIB, schema::MAIN.page_bytes))?;
        schema::migrate(&mut connection, &schema::MAIN)?;
        Ok(Temporary { connection: Mutex::new(connection) })
    }

    /// Nobody else sees it, so nothing has to be kept apart; a trial that fails is given up whole.
    fn open_trial(&self) -> Trial<'_> {
        Trial { connection: self.connection.lock().unwrap_or_else(PoisonError::into_inner) }
    }
}

impl Database for Temporary {
    fn read(&self) -> Result<Box<dyn Sql + '_>, StoreError> {
        Ok(Box::new(self.open_trial()))
    }

    fn write(&self, _tenant: TenantId) -> Result<Box<dyn Writing + '_>, StoreError> {
        let trial = self.open_trial();
        trial.execute_batch("BEGIN")?;
        Ok(Box::new(trial))
    }
}

/// The connection to a temporary database, while it is used.
pub(super) struct Trial<'a> {
    connection: MutexGuard<'a, Connection>,
}

impl Writing for Trial<'_> {
    fn as_sql(&self) -> &dyn Sql {
        self
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        Ok(self.execute_batch("COMMIT")?)
    }
}

impl Deref for Trial<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

/// A cache as SQLite counts it. Said in KiB it would be counted in pages of the size that SQLite assumes before it has
/// looked, and grow fourfold.
fn pages(cache_kib: i64, page_bytes: i64) -> i64 {
    cache_kib * 1024 / page_bytes
}

fn connect(file: &Path, cache_pages: i64) -> Result<Connection, StoreError> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(BUSY_WAIT)?;
    keep_statements(&connection)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "cache_size", cache_pages)?;
    Ok(connection)
}

/// Statements are prepared once. SQLite would prepare some of them again for every use, to choose a plan by the values that
/// are bound; here every statement has one plan that is right.
fn keep_statements(connection: &Connection) -> Result<(), StoreError> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}
