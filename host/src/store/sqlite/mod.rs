//! The embedded store: one SQLite file in the data folder, packed by [`super::packed`]. Here is only what SQLite has to
//! be told: how connections are opened, how statements are run, and where blocks lie.

mod connection;
mod schema;
mod sql;

use std::path::Path;

use super::StoreError;
use super::packed::Packed;
use super::packed::sql::Database;
use connection::Temporary;

pub(in crate::store) use connection::{Connections, Writer};
pub(in crate::store) use schema::{INBOX, LEDGER};

/// Name of the database in the data folder.
pub const FILE_NAME: &str = "consentry.sqlite3";

/// A store in one file, for one machine.
pub type SqliteStore = Packed<Connections>;

impl Packed<Connections> {
    /// Opens the database of a data folder; makes folder and database if there are none.
    pub fn open(folder: &Path) -> Result<SqliteStore, StoreError> {
        // Where the folder cannot be made, opening the file fails and names its path.
        let _ = std::fs::create_dir_all(folder);
        Ok(Packed::new(Connections::open(folder.join(FILE_NAME), &schema::MAIN)?, temporary))
    }

    /// Writes a copy of the database as it is now into a folder, while others go on reading and writing.
    pub fn back_up(&self, folder: &Path) -> Result<(), StoreError> {
        self.database().copy_to(&folder.join(FILE_NAME))
    }
}

/// A database that vanishes with its connection, for a trial.
pub(super) fn temporary() -> Result<Box<dyn Database>, StoreError> {
    Ok(Box::new(Temporary::open()?))
}
