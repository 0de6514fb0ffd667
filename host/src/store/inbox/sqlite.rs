//! The inbox of an embedded installation: a SQLite file of its own beside the store's, so that whoever writes here never
//! waits for whoever writes there.

use std::path::Path;

use rusqlite::params;

use super::NewEvent;
use super::kept::{Keeping, Kept, Place, lane_number};
use crate::store::packed::sql::{Database, Sql, values};
use crate::store::sqlite::{Connections, INBOX, Writer};
use crate::store::{StoreError, TenantId};

/// Name of the database in the data folder.
pub const FILE_NAME: &str = "inbox.db";

/// An inbox in one file, for one machine.
pub type SqliteInbox = Kept<Connections>;

impl Kept<Connections> {
    /// Opens the inbox of a data folder; makes folder and database if there are none.
    pub fn open(folder: &Path) -> Result<SqliteInbox, StoreError> {
        // Where the folder cannot be made, opening the file fails and names its path.
        let _ = std::fs::create_dir_all(folder);
        Ok(Kept::new(Connections::open(folder.join(FILE_NAME), &INBOX)?))
    }

    /// Writes a copy of the database as it is now into a folder, while others go on reading and writing.
    pub fn back_up(&self, folder: &Path) -> Result<(), StoreError> {
        self.place().copy_to(&folder.join(FILE_NAME))
    }
}

impl Place for Connections {
    fn read(&self) -> Result<Box<dyn Sql + '_>, StoreError> {
        Database::read(self)
    }

    fn write(&self) -> Result<Box<dyn Keeping + '_>, StoreError> {
        Ok(Box::new(self.begin_writing()?))
    }

    fn purge(&self) -> Result<(), StoreError> {
        self.rewrite()
    }
}

impl Keeping for Writer<'_> {
    fn keep(&self, tenant: TenantId, first: u64, events: &[&NewEvent]) -> Result<Vec<bool>, StoreError> {
        const INSERT: &str =
            "INSERT INTO inbox_event (tenant_id, seq, id, lane, kind, waits, at, received, number, user_id, message_id,
                body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant_id, id) DO NOTHING";
        let mut insert = self.prepare_cached(INSERT)?;
        let mut new = Vec::with_capacity(events.len());
        for (event, seq) in events.iter().zip(first..) {
            let rows = insert.execute(params![
                tenant.0,
                seq.cast_signed(),
                event.id,
                lane_number(event.lane),
                event.kind,
                event.to_do,
                event.at.map(|at| at.0),
                event.received.0,
                event.number.map(u64::cast_signed),
                event.user,
                event.message_id,
                event.body,
            ])?;
            new.push(rows == 1);
        }
        Ok(new)
    }

    fn deliveries(
        &self,
        tenant: TenantId,
        messages: &[&str],
        each: &mut dyn FnMut(usize, &str) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        const SELECT: &str = "SELECT body FROM inbox_delivery WHERE tenant_id = ?1 AND message_id = ?2";
        for (place, message) in messages.iter().enumerate() {
            self.query(SELECT, values![tenant, *message], &mut |row| {
                each(place, &row.string(0)?)?;
                Ok(false)
            })?;
        }
        Ok(())
    }

    fn put_deliveries(&self, tenant: TenantId, deliveries: &[(&str, String)]) -> Result<(), StoreError> {
        const PUT: &str =
            "INSERT OR REPLACE INTO inbox_delivery (tenant_id, message_id, body) VALUES (?1, ?2, ?3)";
        for (message, body) in deliveries {
            self.execute(PUT, values![tenant, *message, body])?;
        }
        Ok(())
    }

    fn done(&self, tenant: TenantId, seqs: &[u64]) -> Result<(), StoreError> {
        const DONE: &str = "UPDATE inbox_event SET waits = 0 WHERE tenant_id = ?1 AND seq = ?2 AND waits = 1";
        for seq in seqs {
            self.execute(DONE, values![tenant, *seq])?;
        }
        Ok(())
    }
}
