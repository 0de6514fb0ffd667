//! The store that is packed into blocks, over any database that keeps blocks ([`sql::Database`]): people by id
//! ([`people`]), sorted runs of identifiers and consents ([`runs`]), the log ([`log`]). Transactions begin and end here;
//! what is in them is in the modules below, which never commit.
//!
//! A batch is loaded and decided on a snapshot, and its commit is refused if anything was decided meanwhile, so that
//! nobody waits for it longer than its writing takes. Reads never wait. A trial writes to a database of its own, which
//! vanishes with it, over a snapshot of this one.

mod apply;
mod attributes;
mod audit;
mod documents;
mod erase;
mod files;
mod frame;
mod imports;
mod known;
mod log;
mod merge;
mod migrate;
mod people;
mod profiles;
mod runs;
pub(super) mod sql;

use std::io::Write;
use std::path::Path;

use consentry_core::matching::{Block, Hash, ImportId, KeySeed, Keys, Known, Plan, ProfileId};

pub use migrate::Moved;
use runs::{Fences, Runs};
use sql::{Database, Sql, Writing, there, values};

use super::erased::{KeyOf, Marker, ToErase, Traces};
use super::timeline::timeline;
use super::{
    Accepted, AttributeChange, AuditEnd, Batches, Claim, Document, Import, Kind, Latest, Lookup, Moment,
    NewImport, Note, Outcome, Put, Step, Store, StoreError, StoredProfile, Subject, TakingBack, TenantId,
};

/// A store in one database.
pub struct Packed<D> {
    database: D,
    fences: Fences,
    marker: Marker,
    /// A new database for a trial, which vanishes when it is dropped.
    scratch: fn() -> Result<Box<dyn Database>, StoreError>,
}

impl<D: Database> Packed<D> {
    pub(super) fn new(database: D, scratch: fn() -> Result<Box<dyn Database>, StoreError>) -> Packed<D> {
        Packed { database, fences: Fences::default(), marker: Marker::default(), scratch }
    }

    pub(super) fn database(&self) -> &D {
        &self.database
    }

    /// Begins a transaction in which the tenant exists.
    fn write(&self, tenant: TenantId) -> Result<Box<dyn Writing + '_>, StoreError> {
        let writing = self.database.write(tenant)?;
        make_tenant(writing.as_ref(), tenant)?;
        Ok(writing)
    }

    fn read<T>(
        &self,
        tenant: TenantId,
        read: impl FnOnce(&Runs<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let sql = self.database.read()?;
        read(&self.runs(sql.as_ref(), tenant))
    }

    fn runs<'a>(&'a self, sql: &'a dyn Sql, tenant: TenantId) -> Runs<'a> {
        Runs { sql, fences: Some(&self.fences), marker: Some(&self.marker), tenant }
    }
}

/// A tenant's row with a seed of its own, if it has none yet.
pub(super) fn make_tenant(sql: &dyn Sql, tenant: TenantId) -> Result<(), StoreError> {
    const INSERT: &str = "INSERT INTO tenant (tenant_id, seed) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    if seed(sql, tenant)?.is_none() {
        let mut seed = [0; 16];
        getrandom::fill(&mut seed)
            .map_err(|cause| StoreError::Damaged(format!("no random bytes: {cause}")))?;
        sql.execute(INSERT, values![tenant, &seed])?;
    }
    Ok(())
}

fn seed(sql: &(impl Sql + ?Sized), tenant: TenantId) -> Result<Option<KeySeed>, StoreError> {
    let mut found = None;
    sql.query("SELECT seed FROM tenant WHERE tenant_id = ?1", values![tenant], &mut |row| {
        found = Some(KeySeed(row.array(0)?));
        Ok(false)
    })?;
    Ok(found)
}

impl<D: Database> Store for Packed<D> {
    fn seed(&self, tenant: TenantId) -> Result<KeySeed, StoreError> {
        if let Some(seed) = self.read(tenant, |runs| seed(runs.sql, tenant))? {
            return Ok(seed);
        }
        self.write(tenant)?.commit()?;
        there(self.read(tenant, |runs| seed(runs.sql, tenant))?)
    }

    fn claim(&self, tenant: TenantId) -> Result<Option<Claim<'_>>, StoreError> {
        self.database.claim(tenant)
    }

    fn keep_file(&self, tenant: TenantId, sha256: &str, file: &Path) -> Result<(), StoreError> {
        if !self.database.is_shared() || files::is_kept(self.database.read()?.as_ref(), tenant, sha256)? {
            return Ok(());
        }
        // A transaction for each part, so that nobody waits for a long file.
        for place in files::parts(file)? {
            let writing = self.write(tenant)?;
            files::keep(writing.as_sql(), tenant, sha256, file, place)?;
            writing.commit()?;
        }
        Ok(())
    }

    fn fetch_file(&self, tenant: TenantId, sha256: &str, into: &mut dyn Write) -> Result<bool, StoreError> {
        if !self.database.is_shared() {
            return Ok(false);
        }
        files::fetch(self.database.read()?.as_ref(), tenant, sha256, into)
    }

    fn accept(&self, tenant: TenantId, new: &NewImport) -> Result<Accepted, StoreError> {
        let writing = self.write(tenant)?;
        let accepted = imports::accept(writing.as_ref(), tenant, new)?;
        writing.commit()?;
        Ok(accepted)
    }

    fn import(&self, tenant: TenantId, import: ImportId) -> Result<Option<Import>, StoreError> {
        self.read(tenant, |runs| imports::find(runs.sql, tenant, import))
    }

    fn imports(&self, tenant: TenantId) -> Result<Vec<Import>, StoreError> {
        self.read(tenant, |runs| imports::all(runs.sql, tenant))
    }

    fn unfinished(&self) -> Result<Vec<(TenantId, ImportId)>, StoreError> {
        imports::unfinished(self.database.read()?.as_ref())
    }

    fn importing(&self, tenant: TenantId, import: ImportId) -> Result<Box<dyn Batches + '_>, StoreError> {
        self.read(tenant, |runs| imports::cursor(runs.sql, tenant, import))?;
        Ok(Box::new(Importing { store: self, tenant, import }))
    }

    fn rehearsing(&self, tenant: TenantId) -> Result<Box<dyn Batches + '_>, StoreError> {
        let (base, own) = (self.database.read()?, (self.scratch)()?);
        Ok(Box::new(Rehearsing { fences: &self.fences, marker: &self.marker, base, own, tenant }))
    }

    fn finish(&self, tenant: TenantId, import: ImportId, outcome: &Outcome) -> Result<(), StoreError> {
        let writing = self.write(tenant)?;
        imports::finish(writing.as_ref(), tenant, import, outcome)?;
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
        let runs = self.runs(writing.as_ref(), tenant);
        apply::apply(&runs, &decide(&known::load(&[runs], keys)?))?;
        writing.commit()
    }

    fn take_back(
        &self,
        tenant: TenantId,
        import: ImportId,
        taking: &mut dyn TakingBack,
    ) -> Result<(), StoreError> {
        let writing = self.write(tenant)?;
        // A later plan meets runs that an earlier one wrote. Nothing of them may be remembered: if this fails, their
        // numbers are given to others.
        let runs = Runs { fences: None, ..self.runs(writing.as_ref(), tenant) };
        imports::take_back(writing.as_ref(), tenant, import, &taking.decide(&runs)?)?;
        while let Some(plan) = taking.next_plan() {
            apply::apply(&runs, &plan)?;
        }
        writing.commit()
    }

    fn at_a_moment(
        &self,
        tenant: TenantId,
        look: &mut dyn FnMut(&dyn Moment) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.read(tenant, |runs| look(runs))
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
        const READ: &str = "SELECT profiles FROM tenant WHERE tenant_id = ?1";
        Ok(self.read(tenant, |runs| runs.sql.one(READ, values![tenant], |row| row.u64(0)))?.unwrap_or(0))
    }

    fn find(&self, tenant: TenantId, lookup: &Lookup) -> Result<Option<StoredProfile>, StoreError> {
        self.read(tenant, |runs| match seed(runs.sql, tenant)? {
            Some(seed) => profiles::find(runs, &seed, lookup),
            None => Ok(None),
        })
    }

    fn latest_events(
        &self,
        tenant: TenantId,
        subject: Subject,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Latest, StoreError> {
        self.read(tenant, |runs| timeline(&mut log::Reading::new(*runs), subject, before, limit))
    }

    fn users_of(&self, tenant: TenantId, number: u64) -> Result<Vec<String>, StoreError> {
        const READ: &str =
            "SELECT user_id FROM business_user WHERE tenant_id = ?1 AND number = ?2 ORDER BY user_id";
        self.read(tenant, |runs| {
            runs.sql.all(READ, values![runs.tenant, number], |row| {
                Ok(row.text(0)?.unwrap_or_default().to_owned())
            })
        })
    }

    fn document(&self, tenant: TenantId, kind: Kind, key: &str) -> Result<Option<Document>, StoreError> {
        self.read(tenant, |runs| documents::find(runs.sql, tenant, kind, key))
    }

    fn documents(
        &self,
        tenant: TenantId,
        kind: Kind,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Document>, StoreError> {
        self.read(tenant, |runs| documents::page(runs.sql, tenant, kind, after, limit))
    }

    fn put_documents(&self, tenant: TenantId, puts: &[Put<'_>]) -> Result<u64, StoreError> {
        let writing = self.write(tenant)?;
        let version = documents::put(writing.as_sql(), tenant, puts)?;
        writing.commit()?;
        Ok(version)
    }

    fn recognise(&self, key_of: KeyOf) {
        self.marker.set(key_of);
    }

    fn traces(&self, tenant: TenantId, profile: ProfileId) -> Result<Option<Traces>, StoreError> {
        self.read(tenant, |runs| match seed(runs.sql, tenant)? {
            Some(seed) => erase::traces(runs, &seed, profile.0),
            None => Ok(None),
        })
    }

    fn erase(&self, tenant: TenantId, who: &ToErase<'_>) -> Result<Option<Traces>, StoreError> {
        let key = self.marker.key(tenant)?;
        let writing = self.write(tenant)?;
        let runs = self.runs(writing.as_ref(), tenant);
        let seed = there(seed(runs.sql, tenant)?)?;
        let erased = erase::erase(&runs, &seed, &key, who)?;
        writing.commit()?;
        Ok(erased)
    }

    fn forget_file(&self, tenant: TenantId, sha256: &str) -> Result<(), StoreError> {
        if !self.database.is_shared() {
            return Ok(());
        }
        let writing = self.write(tenant)?;
        files::forget(writing.as_sql(), tenant, sha256)?;
        writing.commit()
    }

    fn purge(&self) -> Result<(), StoreError> {
        self.database.purge()
    }

    fn append_note(&self, tenant: TenantId, body: &[u8]) -> Result<Note, StoreError> {
        let writing = self.write(tenant)?;
        let note = audit::append(writing.as_sql(), tenant, body)?;
        writing.commit()?;
        Ok(note)
    }

    fn notes(&self, tenant: TenantId, before: Option<u64>, limit: usize) -> Result<Vec<Note>, StoreError> {
        self.read(tenant, |runs| audit::page(runs.sql, tenant, before, limit))
    }

    fn verify_notes(&self, tenant: TenantId) -> Result<AuditEnd, StoreError> {
        self.read(tenant, |runs| audit::verify(runs.sql, tenant))
    }

    fn set_attributes(&self, tenant: TenantId, set: &[AttributeChange]) -> Result<u64, StoreError> {
        let writing = self.write(tenant)?;
        let there = attributes::set(&self.runs(writing.as_ref(), tenant), set)?;
        writing.commit()?;
        Ok(there)
    }

    fn attribute_writes(&self, tenant: TenantId) -> Result<u64, StoreError> {
        self.read(tenant, |runs| attributes::writes(runs.sql, tenant))
    }

    fn verify(&self, tenant: TenantId) -> Result<u64, StoreError> {
        self.read(tenant, |runs| {
            let told = log::verify(runs)?;
            let seed = seed(runs.sql, tenant)?.unwrap_or_default();
            profiles::verify(runs, &seed, &told)?;
            Ok(told.end)
        })
    }

    fn state_hash(&self, tenant: TenantId) -> Result<Hash, StoreError> {
        self.read(tenant, profiles::state_hash)
    }
}

/// A transaction sees one moment.
impl Moment for Runs<'_> {
    fn import(&self, import: ImportId) -> Result<Option<Import>, StoreError> {
        imports::find(self.sql, self.tenant, import)
    }

    fn taken_back(&self) -> Result<u64, StoreError> {
        imports::taken_back(self.sql, self.tenant)
    }

    fn known(&self, keys: &Keys) -> Result<Known, StoreError> {
        known::load(&[*self], keys)
    }

    fn each_block(&self, from: u64, each: &mut dyn FnMut(&Block) -> bool) -> Result<(), StoreError> {
        log::each_block(self.sql, self.tenant, from, &mut |block| Ok(each(&block)))
    }

    fn each_confirmed(&self, import: ImportId, each: &mut dyn FnMut(&[u8])) -> Result<(), StoreError> {
        imports::each_confirmed(self.sql, self.tenant, import, each)
    }
}

struct Importing<'a, D> {
    store: &'a Packed<D>,
    tenant: TenantId,
    import: ImportId,
}

impl<D: Database> Batches for Importing<'_, D> {
    fn load(&mut self, keys: &Keys) -> Result<Known, StoreError> {
        self.store.known(self.tenant, keys)
    }

    fn commit(&mut self, plan: &Plan, step: &Step) -> Result<(), StoreError> {
        let batch = self.store.write(self.tenant)?;
        imports::advance(batch.as_ref(), self.tenant, self.import, step, plan)?;
        apply::apply(&self.store.runs(batch.as_ref(), self.tenant), plan)?;
        batch.commit()
    }

    fn decide(
        &mut self,
        keys: &Keys,
        step: &Step,
        decide: &mut dyn FnMut(Known) -> Plan,
    ) -> Result<(), StoreError> {
        let batch = self.store.write(self.tenant)?;
        let runs = self.store.runs(batch.as_ref(), self.tenant);
        let plan = decide(known::load(&[runs], keys)?);
        imports::advance(batch.as_ref(), self.tenant, self.import, step, &plan)?;
        apply::apply(&runs, &plan)?;
        batch.commit()
    }
}

/// A database that nobody else sees, over a snapshot of the store's.
struct Rehearsing<'a> {
    fences: &'a Fences,
    marker: &'a Marker,
    base: Box<dyn Sql + 'a>,
    own: Box<dyn Database>,
    tenant: TenantId,
}

impl Batches for Rehearsing<'_> {
    fn load(&mut self, keys: &Keys) -> Result<Known, StoreError> {
        let own = self.own.read()?;
        let own = Runs { sql: own.as_ref(), fences: None, marker: None, tenant: self.tenant };
        let base = Runs {
            sql: self.base.as_ref(),
            fences: Some(self.fences),
            marker: Some(self.marker),
            tenant: self.tenant,
        };
        known::load(&[own, base], keys)
    }

    fn commit(&mut self, plan: &Plan, _step: &Step) -> Result<(), StoreError> {
        let writing = self.own.write(self.tenant)?;
        make_tenant(writing.as_ref(), self.tenant)?;
        // Later batches ask for the state only; evidence of what did not happen is not even written.
        let own = Runs { sql: writing.as_ref(), fences: None, marker: None, tenant: self.tenant };
        apply::apply_state(&own, plan)?;
        writing.commit()
    }

    fn decide(
        &mut self,
        keys: &Keys,
        step: &Step,
        decide: &mut dyn FnMut(Known) -> Plan,
    ) -> Result<(), StoreError> {
        let plan = decide(self.load(keys)?);
        self.commit(&plan, step)
    }
}
