//! The embedded store: one SQLite file in the data folder. Transactions begin and end here; what is in them
//! is in the modules below, which take a connection and never commit.
//!
//! SQLite keeps blocks: people by id ([`people`]), sorted runs of identifiers and consents ([`runs`]), the log ([`log`]).
//! One connection writes, and holds the lock only while it does: a batch is loaded and decided on a snapshot, and its
//! commit is refused if anything was decided meanwhile. Reads never wait. A trial writes to a database of its own, which
//! vanishes with it, over a snapshot of this one.

mod apply;
mod column;
mod connection;
mod frame;
mod imports;
mod known;
mod log;
mod people;
mod profiles;
mod runs;
mod schema;

use std::path::Path;

use consentry_core::matching::{Block, Hash, ImportId, KeySeed, Keys, Known, Plan, ProfileId, Undone};
use rusqlite::{Connection, OptionalExtension as _};

use connection::{Connections, Reader, Writing};
use runs::{Fences, Runs};

use super::timeline::timeline;
use super::{
    Accepted, Batches, Import, Lookup, NewImport, Outcome, Step, Store, StoreError, StoredEvent,
    StoredProfile, Subject, TenantId, UndoRecord,
};

/// Name of the database in the data folder.
pub const FILE_NAME: &str = "consentry.sqlite3";

/// A store in one file, for one machine.
pub struct SqliteStore {
    connections: Connections,
    fences: Fences,
}

impl SqliteStore {
    /// Opens the database of a data folder; makes folder and database if there are none.
    pub fn open(folder: &Path) -> Result<SqliteStore, StoreError> {
        // Where the folder cannot be made, opening the file fails and names its path.
        let _ = std::fs::create_dir_all(folder);
        Ok(SqliteStore { connections: Connections::open(folder.join(FILE_NAME))?, fences: Fences::default() })
    }

    /// Begins a transaction in which the tenant exists.
    fn write(&self, tenant: TenantId) -> Result<Writing<'_>, StoreError> {
        let writing = self.connections.write()?;
        make_tenant(&writing, tenant)?;
        Ok(writing)
    }

    fn read<T>(
        &self,
        tenant: TenantId,
        read: impl FnOnce(&Runs<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.connections.read(|connection| read(&self.runs(connection, tenant)))
    }

    fn runs<'a>(&'a self, connection: &'a Connection, tenant: TenantId) -> Runs<'a> {
        Runs { connection, fences: Some(&self.fences), tenant }
    }
}

/// A tenant's row with a seed of its own, if it has none yet.
fn make_tenant(connection: &Connection, tenant: TenantId) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO tenant (tenant_id, seed) VALUES (?, randomblob(16)) ON CONFLICT DO NOTHING",
        )?
        .execute([tenant.0])?;
    Ok(())
}

fn seed(connection: &Connection, tenant: TenantId) -> Result<Option<KeySeed>, StoreError> {
    let mut select = connection.prepare_cached("SELECT seed FROM tenant WHERE tenant_id = ?")?;
    Ok(select.query_row([tenant.0], |row| row.get(0).map(KeySeed)).optional()?)
}

impl Store for SqliteStore {
    fn seed(&self, tenant: TenantId) -> Result<KeySeed, StoreError> {
        if let Some(seed) = self.connections.read(|connection| seed(connection, tenant))? {
            return Ok(seed);
        }
        self.write(tenant)?.commit()?;
        let made = self.connections.read(|connection| seed(connection, tenant))?;
        made.ok_or_else(|| StoreError::Damaged("a tenant that was just made is not there".to_owned()))
    }

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
        self.connections.read(imports::unfinished)
    }

    fn importing(&self, tenant: TenantId, import: ImportId) -> Result<Box<dyn Batches + '_>, StoreError> {
        self.connections.read(|connection| imports::cursor(connection, tenant, import))?;
        Ok(Box::new(Importing { store: self, tenant, import }))
    }

    fn rehearsing(&self, tenant: TenantId) -> Result<Box<dyn Batches + '_>, StoreError> {
        let base = self.connections.snapshot()?;
        let mut own = connection::temporary()?;
        schema::migrate(&mut own)?;
        Ok(Box::new(Rehearsing { store: self, base, own, tenant }))
    }

    fn finish(&self, tenant: TenantId, import: ImportId, outcome: &Outcome) -> Result<(), StoreError> {
        let writing = self.write(tenant)?;
        imports::finish(&writing, tenant, import, outcome)?;
        writing.commit()
    }

    fn known(&self, tenant: TenantId, keys: &Keys) -> Result<Known, StoreError> {
        self.read(tenant, |runs| known::load(&[*runs], keys))
    }

    fn decide(
        &self,
        tenant: TenantId,
        keys: &Keys,
        decide: &mut dyn FnMut(&Known) -> Plan,
    ) -> Result<(), StoreError> {
        let writing = self.write(tenant)?;
        let runs = self.runs(&writing, tenant);
        apply::apply(&runs, &decide(&known::load(&[runs], keys)?))?;
        writing.commit()
    }

    fn take_back(
        &self,
        tenant: TenantId,
        import: ImportId,
        undone: &Undone,
        record: &UndoRecord,
    ) -> Result<(), StoreError> {
        let writing = self.write(tenant)?;
        imports::take_back(&writing, tenant, import, record)?;
        apply::apply(&self.runs(&writing, tenant), &undone.plan)?;
        writing.commit()
    }

    fn each_block(
        &self,
        tenant: TenantId,
        from: u64,
        each: &mut dyn FnMut(&Block) -> bool,
    ) -> Result<(), StoreError> {
        self.connections
            .read(|connection| log::each_block(connection, tenant, from, &mut |block| Ok(each(&block))))
    }

    fn each_confirmed(
        &self,
        tenant: TenantId,
        import: ImportId,
        each: &mut dyn FnMut(&[u8]),
    ) -> Result<(), StoreError> {
        self.connections.read(|connection| imports::each_confirmed(connection, tenant, import, each))
    }

    fn profiles(
        &self,
        tenant: TenantId,
        after: Option<ProfileId>,
        limit: usize,
    ) -> Result<Vec<StoredProfile>, StoreError> {
        let mut found = Vec::new();
        self.read(tenant, |runs| {
            profiles::each_page(runs, after.map_or(0, |after| after.0), limit, &mut |page| {
                found = page.to_vec();
                Ok(false)
            })
        })?;
        Ok(found)
    }

    fn each_profile(
        &self,
        tenant: TenantId,
        limit: usize,
        each: &mut dyn FnMut(&[StoredProfile]) -> bool,
    ) -> Result<(), StoreError> {
        // One read is one transaction, and a transaction sees one moment.
        self.read(tenant, |runs| profiles::each_page(runs, 0, limit, &mut |page| Ok(each(page))))
    }

    fn profile_count(&self, tenant: TenantId) -> Result<u64, StoreError> {
        self.connections.read(|connection| {
            let mut select = connection.prepare_cached("SELECT profiles FROM tenant WHERE tenant_id = ?")?;
            let count = select.query_row([tenant.0], |row| row.get::<_, i64>(0)).optional()?;
            Ok(count.unwrap_or(0).cast_unsigned())
        })
    }

    fn find(&self, tenant: TenantId, lookup: &Lookup) -> Result<Option<StoredProfile>, StoreError> {
        self.read(tenant, |runs| match seed(runs.connection, tenant)? {
            Some(seed) => profiles::find(runs, &seed, lookup),
            None => Ok(None),
        })
    }

    fn events(&self, tenant: TenantId, subject: Subject) -> Result<Vec<StoredEvent>, StoreError> {
        self.read(tenant, |runs| timeline(&mut log::Reading::new(*runs), subject))
    }

    fn verify(&self, tenant: TenantId) -> Result<u64, StoreError> {
        self.read(tenant, |runs| {
            let (events, chains) = log::verify(runs)?;
            let seed = seed(runs.connection, tenant)?.unwrap_or_default();
            profiles::verify(runs, &seed, &chains)?;
            Ok(events)
        })
    }

    fn state_hash(&self, tenant: TenantId) -> Result<Hash, StoreError> {
        self.read(tenant, profiles::state_hash)
    }
}

struct Importing<'a> {
    store: &'a SqliteStore,
    tenant: TenantId,
    import: ImportId,
}

impl Batches for Importing<'_> {
    fn load(&mut self, keys: &Keys) -> Result<Known, StoreError> {
        self.store.known(self.tenant, keys)
    }

    fn commit(&mut self, plan: &Plan, step: &Step) -> Result<(), StoreError> {
        let batch = self.store.write(self.tenant)?;
        imports::advance(&batch, self.tenant, self.import, step, plan)?;
        apply::apply(&self.store.runs(&batch, self.tenant), plan)?;
        batch.commit()
    }
}

/// A database that nobody else sees, over a snapshot of the store's.
struct Rehearsing<'a> {
    store: &'a SqliteStore,
    base: Reader<'a>,
    own: Connection,
    tenant: TenantId,
}

impl Rehearsing<'_> {
    fn own(&self) -> Runs<'_> {
        Runs { connection: &self.own, fences: None, tenant: self.tenant }
    }
}

impl Batches for Rehearsing<'_> {
    fn load(&mut self, keys: &Keys) -> Result<Known, StoreError> {
        known::load(&[self.own(), self.store.runs(&self.base, self.tenant)], keys)
    }

    fn commit(&mut self, plan: &Plan, _step: &Step) -> Result<(), StoreError> {
        self.own.execute_batch("BEGIN")?;
        make_tenant(&self.own, self.tenant)?;
        // Later batches ask for the state only; evidence of what did not happen is not even written.
        apply::apply_state(&self.own(), plan)?;
        Ok(self.own.execute_batch("COMMIT")?)
    }
}
