//! Brings a database file to the schema this version knows. Migrations only ever go forward, each in a
//! transaction of its own, so that a crash leaves one schema or the next and nothing between.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::StoreError;

/// What a file holds, and how.
#[derive(Debug)]
pub(in crate::store) struct Schema {
    /// The version of its first migration.
    first: i64,
    /// One file per version.
    migrations: &'static [&'static str],
    /// Page size of a new file, in bytes.
    pub(super) page_bytes: i64,
}

/// People, consents, imports, documents. One block of people or of a run fills one page. Versions 1 and 2 were drafts that
/// nobody was given.
pub(in crate::store) const MAIN: Schema = Schema {
    first: 3,
    migrations: &[
        include_str!("../../../migrations/sqlite/0001_init.sql"),
        include_str!("../../../migrations/sqlite/0002_documents.sql"),
        include_str!("../../../migrations/sqlite/0003_attributes.sql"),
        include_str!("../../../migrations/sqlite/0004_audit.sql"),
        include_str!("../../../migrations/sqlite/0005_erasure.sql"),
    ],
    page_bytes: 16 * 1024,
};

/// What was heard of Meta: small rows, of which a commit changes few, here and there.
pub(in crate::store) const INBOX: Schema = Schema {
    first: 1,
    migrations: &[include_str!("../../../migrations/inbox/0001_init.sql")],
    page_bytes: 4 * 1024,
};

/// The messages of campaigns: small rows, of which a commit changes some hundreds, side by side as a rule.
pub(in crate::store) const LEDGER: Schema = Schema {
    first: 1,
    migrations: &[
        include_str!("../../../migrations/ledger/0001_init.sql"),
        include_str!("../../../migrations/ledger/0002_plan.sql"),
        include_str!("../../../migrations/ledger/0003_people.sql"),
        include_str!("../../../migrations/ledger/0004_clicked.sql"),
    ],
    page_bytes: 4 * 1024,
};

/// Applies what is missing. Refuses a database that a newer version has written, before anything is changed.
pub(super) fn migrate(connection: &mut Connection, schema: &Schema) -> Result<(), StoreError> {
    for (sql, version) in schema.migrations.iter().zip(schema.first..) {
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
pub(super) fn refuse_newer(connection: &Connection, schema: &Schema) -> Result<(), StoreError> {
    let (found, known) = (version_of(connection)?, schema.first + schema.migrations.len() as i64 - 1);
    if (1..schema.first).contains(&found) {
        return Err(StoreError::TooOld);
    }
    if found > known { Err(StoreError::TooNew { found, known }) } else { Ok(()) }
}

fn version_of(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
