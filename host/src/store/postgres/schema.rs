//! Brings a database to the schema this version knows. Migrations only ever go forward, each in a transaction of its own,
//! so that a crash leaves one schema or the next and nothing between. Hosts that start together do not disturb each other:
//! a second one finds the first one's tables taken, and looks again.

use postgres::Client;
use postgres::error::SqlState;

use super::pool::Pool;
use crate::store::StoreError;

/// One file per version, from version 1 on.
const MIGRATIONS: [&str; 10] = [
    include_str!("../../../migrations/postgres/0001_init.sql"),
    include_str!("../../../migrations/postgres/0002_documents.sql"),
    include_str!("../../../migrations/postgres/0003_inbox.sql"),
    include_str!("../../../migrations/postgres/0004_ledger.sql"),
    include_str!("../../../migrations/postgres/0005_attributes.sql"),
    include_str!("../../../migrations/postgres/0006_plan.sql"),
    include_str!("../../../migrations/postgres/0007_people.sql"),
    include_str!("../../../migrations/postgres/0008_clicked.sql"),
    include_str!("../../../migrations/postgres/0009_audit.sql"),
    include_str!("../../../migrations/postgres/0010_erasure.sql"),
];

/// Applies what is missing. Refuses a database that a newer version has written, before anything is changed.
pub(super) fn migrate(pool: &Pool) -> Result<(), StoreError> {
    let mut client = pool.client()?;
    let known = MIGRATIONS.len() as i64;
    loop {
        let found = version_of(&mut client)?;
        if found > known {
            return Err(StoreError::TooNew { found, known });
        }
        let Some((sql, version)) = MIGRATIONS.iter().zip(1..).nth(found as usize) else { return Ok(()) };
        let step = format!("BEGIN; {sql} INSERT INTO schema_version (version) VALUES ({version}); COMMIT");
        if let Err(error) = client.batch_execute(&step) {
            client.batch_execute("ROLLBACK")?;
            let taken = error.code().is_some_and(|code| TAKEN.contains(code));
            if !taken || version_of(&mut client)? == found {
                return Err(error.into());
            }
        }
    }
}

/// How the database says that something is there already.
const TAKEN: [SqlState; 5] = [
    SqlState::UNIQUE_VIOLATION,
    SqlState::DUPLICATE_TABLE,
    SqlState::DUPLICATE_COLUMN,
    SqlState::DUPLICATE_FUNCTION,
    SqlState::DUPLICATE_OBJECT,
];

/// Zero where nothing is.
fn version_of(client: &mut Client) -> Result<i64, StoreError> {
    let there: bool =
        client.query_one("SELECT to_regclass('schema_version') IS NOT NULL", &[])?.try_get(0)?;
    if !there {
        return Ok(0);
    }
    let newest = client.query_one("SELECT coalesce(max(version), 0) FROM schema_version", &[])?;
    Ok(newest.try_get(0)?)
}
