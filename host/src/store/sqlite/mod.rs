//! The embedded store: one SQLite file in the data folder. Transactions begin and end here; what is in them
//! is in the modules below, which take a connection and never commit.
//!
//! One connection writes. An import holds it from the load of a batch to the commit of that batch, so that a
//! person's opt-out lands before the one or after the other and no plan is made on what is no longer true;
//! between batches everybody else gets in. A rehearsal holds it for its whole life. A thread that holds it
//! must not call anything else that writes: it would wait for itself. Reads never wait.

mod apply;
mod column;
mod connection;
mod imports;
mod known;
mod log;
mod profiles;
mod schema;

use std::path::Path;

use consentry_core::matching::{Hash, ImportId, Keys, Known, Plan, ProfileId};
use rusqlite::Connection;

use connection::{Connections, Writing};

use super::{
    Accepted, Batches, Import, Lookup, NewImport, Outcome, Step, Store, StoreError, StoredEvent,
    StoredProfile, Subject, TenantId,
};

/// Name of the database in the data folder.
pub const FILE_NAME: &str = "consentry.sqlite3";

/// A store in one file, for one machine.
pub struct SqliteStore {
    connections: Connections,
}

impl SqliteStore {
    /// Opens the database of a data folder; makes folder and database if there are none.
    pub fn open(folder: &Path) -> Result<SqliteStore, StoreError> {
        // Where the folder cannot be made, opening the file fails and names its path.
        let _ = std::fs::create_dir_all(folder);
        Ok(SqliteStore { connections: Connections::open(folder.join(FILE_NAME))? })
    }

    /// Begins a transaction in which the tenant exists.
    fn write(&self, tenant: TenantId) -> Result<Writing<'_>, StoreError> {
        let writing = self.connections.write()?;
        writing
            .prepare_cached("INSERT INTO tenant (tenant_id) VALUES (?) ON CONFLICT DO NOTHING")?
            .execute([tenant.0])?;
        Ok(writing)
    }
}

impl Store for SqliteStore {
    fn accept(&self, tenant: TenantId, new: &NewImport) -> Result<Accepted, StoreError> {
        let writing = self.write(tenant)?;
        let accepted = imports::accept(&writing, tenant, new)?;
        writing.commit()?;
        Ok(accepted)
    }

    fn import(&self, tenant: TenantId, import: ImportId) -> Result<Option<Import>, StoreError> {
        self.connections.read(|connection| imports::find(connection, tenant, import))
    }

    fn imports(&self, tenant: TenantId) -> Result<Vec<Import>, StoreError> {
        self.connections.read(|connection| imports::all(connection, tenant))
    }

    fn unfinished(&self) -> Result<Vec<(TenantId, ImportId)>, StoreError> {
        self.connections.read(|connection| imports::unfinished(connection))
    }

    fn importing(&self, tenant: TenantId, import: ImportId) -> Result<Box<dyn Batches + '_>, StoreError> {
        self.connections.read(|connection| imports::cursor(connection, tenant, import))?;
        Ok(Box::new(Importing { store: self, tenant, import, batch: None }))
    }

    fn rehearsing(&self, tenant: TenantId) -> Result<Box<dyn Batches + '_>, StoreError> {
        Ok(Box::new(Rehearsing { writing: self.write(tenant)?, tenant }))
    }

    fn finish(&self, tenant: TenantId, import: ImportId, outcome: &Outcome) -> Result<(), StoreError> {
        let writing = self.write(tenant)?;
        imports::finish(&writing, tenant, import, outcome)?;
        writing.commit()
    }

    fn decide(
        &self,
        tenant: TenantId,
        keys: &Keys,
        decide: &mut dyn FnMut(&Known) -> Plan,
    ) -> Result<(), StoreError> {
        let writing = self.write(tenant)?;
        let plan = decide(&known::load(&writing, tenant, keys)?);
        change(&writing, tenant, &plan)?;
        writing.commit()
    }

    fn profiles(
        &self,
        tenant: TenantId,
        after: Option<ProfileId>,
        limit: usize,
    ) -> Result<Vec<StoredProfile>, StoreError> {
        self.connections.read(|connection| profiles::page(connection, tenant, after, limit))
    }

    fn each_profile(
        &self,
        tenant: TenantId,
        limit: usize,
        each: &mut dyn FnMut(&[StoredProfile]) -> bool,
    ) -> Result<(), StoreError> {
        // One read is one transaction, and a transaction sees one moment.
        self.connections.read(|connection| {
            let mut after = None;
            loop {
                let page = profiles::page(connection, tenant, after, limit)?;
                after = page.last().map(|last| last.profile.id);
                if page.is_empty() || !each(&page) {
                    return Ok(());
                }
            }
        })
    }

    fn profile_count(&self, tenant: TenantId) -> Result<u64, StoreError> {
        self.connections.read(|connection| profiles::count(connection, tenant))
    }

    fn find(&self, tenant: TenantId, lookup: &Lookup) -> Result<Option<StoredProfile>, StoreError> {
        self.connections.read(|connection| profiles::find(connection, tenant, lookup))
    }

    fn events(&self, tenant: TenantId, subject: Subject) -> Result<Vec<StoredEvent>, StoreError> {
        self.connections.read(|connection| log::timeline(connection, tenant, subject))
    }

    fn verify_log(&self, tenant: TenantId) -> Result<u64, StoreError> {
        self.connections.read(|connection| log::verify(connection, tenant))
    }

    fn state_hash(&self, tenant: TenantId) -> Result<Hash, StoreError> {
        self.connections.read(|connection| profiles::state_hash(connection, tenant))
    }
}

struct Importing<'a> {
    store: &'a SqliteStore,
    tenant: TenantId,
    import: ImportId,
    /// From the load of a batch to its commit.
    batch: Option<Writing<'a>>,
}

impl<'a> Importing<'a> {
    fn batch(&mut self) -> Result<Writing<'a>, StoreError> {
        match self.batch.take() {
            Some(batch) => Ok(batch),
            None => self.store.write(self.tenant),
        }
    }
}

impl Batches for Importing<'_> {
    fn load(&mut self, keys: &Keys) -> Result<Known, StoreError> {
        let batch = self.batch()?;
        let known = known::load(&batch, self.tenant, keys)?;
        self.batch = Some(batch);
        Ok(known)
    }

    fn commit(&mut self, plan: &Plan, step: &Step) -> Result<(), StoreError> {
        let batch = self.batch()?;
        imports::advance(&batch, self.tenant, self.import, step, plan)?;
        change(&batch, self.tenant, plan)?;
        batch.commit()
    }
}

/// One transaction that nobody commits.
struct Rehearsing<'a> {
    writing: Writing<'a>,
    tenant: TenantId,
}

impl Batches for Rehearsing<'_> {
    fn load(&mut self, keys: &Keys) -> Result<Known, StoreError> {
        known::load(&self.writing, self.tenant, keys)
    }

    fn commit(&mut self, plan: &Plan, _step: &Step) -> Result<(), StoreError> {
        // Later batches ask for the state only; evidence of what did not happen is not even written.
        apply::apply(&self.writing, self.tenant, plan)
    }
}

fn change(connection: &Connection, tenant: TenantId, plan: &Plan) -> Result<(), StoreError> {
    apply::apply(connection, tenant, plan)?;
    log::append(connection, tenant, &plan.events)
}
