//! Brings a database file to the schema this version knows. Migrations only ever go forward, each in a
//! transaction of its own, so that a crash leaves one schema or the next and nothing between.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::StoreError;

/// The version of the first file: versions 1 and 2 were drafts that nobody was given.
const FIRST: i64 = 3;
/// One file per version.
const MIGRATIONS: [&str; 2] = [
    include_str!("../../../migrations/sqlite/0001_init.sql"),
    include_str!("../../../migrations/sqlite/0002_documents.sql"),
];

/// Applies what is missing. Refuses a database that a newer version has written, before anything is changed.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    for (sql, version) in MIGRATIONS.iter().zip(FIRST..) {
        if version_of(connection)? >= version {
            continue;
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have migrated while this one waited for the lock.
        if version_of(&transaction)? < version {
            transaction.execute_batch(sql)?;
            transaction.pragma_update(None, "user_version", version)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

/// Refuses a database of a newer version, and of a draft.
pub(super) fn refuse_newer(connection: &Connection) -> Result<(), StoreError> {
    let (found, known) = (version_of(connection)?, FIRST + MIGRATIONS.len() as i64 - 1);
    if (1..FIRST).contains(&found) {
        return Err(StoreError::TooOld);
    }
    if found > known { Err(StoreError::TooNew { found, known }) } else { Ok(()) }
}

fn version_of(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
