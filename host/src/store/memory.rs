//! The reference store: maps behind a lock, written to be obviously right. It makes nothing durable and
//! optimises nothing; where another store disagrees with it, the other store is wrong.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use consentry_core::matching::{
    Counts, Event, Hash, Identifier, ImportId, Keys, Known, OwnOptOut, Plan, Profile, ProfileId, fold_email,
};
use consentry_core::time::UnixMs;

use super::state::StateHasher;
use super::{
    Accepted, Batches, Import, ImportState, Lookup, NewImport, Outcome, Step, Store, StoreError, StoredEvent,
    StoredProfile, Subject, TenantId,
};

/// Everything in memory, gone when it is dropped.
#[derive(Default)]
pub struct MemoryStore {
    tenants: Mutex<Tenants>,
}

type Tenants = BTreeMap<TenantId, Tenant>;

#[derive(Clone)]
struct Tenant {
    profiles: BTreeMap<ProfileId, Profile>,
    changed_at: BTreeMap<ProfileId, UnixMs>,
    exids: BTreeMap<String, ProfileId>,
    emails: BTreeMap<String, ProfileId>,
    msisdns: BTreeMap<u64, ProfileId>,
    numbers: BTreeMap<u64, ProfileId>,
    own_opt_outs: BTreeMap<u64, OwnOptOut>,
    events: Vec<StoredEvent>,
    imports: BTreeMap<ImportId, Import>,
    next_profile: u64,
}

impl MemoryStore {
    /// A store that knows nobody.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    fn tenants(&self) -> MutexGuard<'_, Tenants> {
        self.tenants.lock().expect("a panic while the maps were changed leaves nothing to go on with")
    }

    /// What `read` finds in a tenant; an unknown tenant is an empty one.
    fn read<T>(&self, tenant: TenantId, read: impl FnOnce(&Tenant) -> T) -> T {
        read(self.tenants().entry(tenant).or_default())
    }
}

impl Store for MemoryStore {
    fn accept(&self, tenant: TenantId, new: &NewImport) -> Result<Accepted, StoreError> {
        let mut tenants = self.tenants();
        let imports = &mut tenants.entry(tenant).or_default().imports;
        let last = imports.values().rev().find(|import| may_have_changed_something(import));
        if let Some(last) = last.filter(|last| last.new.same_as(new)) {
            match last.state {
                ImportState::Accepted | ImportState::Applying => return Ok(Accepted::UnderWay(last.clone())),
                ImportState::Committed => return Ok(Accepted::Already(last.clone())),
                ImportState::Refused | ImportState::Failed => {}
            }
        }
        let id = ImportId(imports.last_key_value().map_or(1, |(last, _)| last.0 + 1));
        let import = Import {
            id,
            new: new.clone(),
            state: ImportState::Accepted,
            cursor: 0,
            counts: Counts::default(),
            findings: Vec::new(),
            outcome: None,
        };
        imports.insert(id, import.clone());
        Ok(Accepted::New(import))
    }

    fn import(&self, tenant: TenantId, import: ImportId) -> Result<Option<Import>, StoreError> {
        Ok(self.read(tenant, |tenant| tenant.imports.get(&import).cloned()))
    }

    fn imports(&self, tenant: TenantId) -> Result<Vec<Import>, StoreError> {
        Ok(self.read(tenant, |tenant| tenant.imports.values().rev().cloned().collect()))
    }

    fn unfinished(&self) -> Result<Vec<(TenantId, ImportId)>, StoreError> {
        let tenants = self.tenants();
        let all = tenants.iter().flat_map(|(id, tenant)| tenant.imports.values().map(|import| (*id, import)));
        Ok(all.filter(|(_, import)| import.outcome.is_none()).map(|(id, import)| (id, import.id)).collect())
    }

    fn importing(&self, tenant: TenantId, import: ImportId) -> Result<Box<dyn Batches + '_>, StoreError> {
        open_import(self.tenants().entry(tenant).or_default(), import)?;
        Ok(Box::new(Importing { store: self, tenant, import, held: None }))
    }

    fn rehearsing(&self, tenant: TenantId) -> Result<Box<dyn Batches + '_>, StoreError> {
        Ok(Box::new(Rehearsing { copy: self.read(tenant, Tenant::clone) }))
    }

    fn finish(&self, tenant: TenantId, import: ImportId, outcome: &Outcome) -> Result<(), StoreError> {
        let mut tenants = self.tenants();
        let import = open_import(tenants.entry(tenant).or_default(), import)?;
        import.state = outcome.state;
        import.outcome = Some(outcome.clone());
        Ok(())
    }

    fn decide(
        &self,
        tenant: TenantId,
        keys: &Keys,
        decide: &mut dyn FnMut(&Known) -> Plan,
    ) -> Result<(), StoreError> {
        let mut tenants = self.tenants();
        let tenant = tenants.entry(tenant).or_default();
        let plan = decide(&tenant.known(keys));
        tenant.apply(&plan);
        Ok(())
    }

    fn profiles(
        &self,
        tenant: TenantId,
        after: Option<ProfileId>,
        limit: usize,
    ) -> Result<Vec<StoredProfile>, StoreError> {
        let first = after.map_or(ProfileId(0), |after| ProfileId(after.0 + 1));
        Ok(self.read(tenant, |tenant| {
            tenant.profiles.range(first..).take(limit).filter_map(|(id, _)| tenant.stored(*id)).collect()
        }))
    }

    fn each_profile(
        &self,
        tenant: TenantId,
        limit: usize,
        each: &mut dyn FnMut(&[StoredProfile]) -> bool,
    ) -> Result<(), StoreError> {
        let all = self.profiles(tenant, None, usize::MAX)?;
        all.chunks(limit).all(each);
        Ok(())
    }

    fn profile_count(&self, tenant: TenantId) -> Result<u64, StoreError> {
        Ok(self.read(tenant, |tenant| tenant.profiles.len() as u64))
    }

    fn find(&self, tenant: TenantId, lookup: &Lookup) -> Result<Option<StoredProfile>, StoreError> {
        Ok(self.read(tenant, |tenant| {
            let id = match lookup {
                Lookup::Profile(id) => Some(id),
                Lookup::Exid(exid) => tenant.exids.get(exid),
                Lookup::Email(email) => tenant.emails.get(email),
                Lookup::Number(number) => tenant.numbers.get(number),
                Lookup::Msisdn(msisdn) => tenant.msisdns.get(msisdn),
            };
            tenant.stored(*id?)
        }))
    }

    fn events(&self, tenant: TenantId, subject: Subject) -> Result<Vec<StoredEvent>, StoreError> {
        let concerns = |event: &Event| match subject {
            Subject::Profile(profile) => event.profile == Some(profile),
            Subject::Number(number) => [event.number_before, event.number]
                .into_iter()
                .flatten()
                .any(|number_of_event| number_of_event.identity().digits() == number),
        };
        Ok(self.read(tenant, |tenant| {
            tenant.events.iter().filter(|stored| concerns(&stored.event)).cloned().collect()
        }))
    }

    fn verify_log(&self, tenant: TenantId) -> Result<u64, StoreError> {
        self.read(tenant, |tenant| {
            let mut before = Hash::default();
            for (stored, seq) in tenant.events.iter().zip(1..) {
                before = stored.event.chain(&before, seq);
                if (stored.seq, stored.hash) != (seq, before) {
                    return Err(StoreError::Damaged(format!("event {seq} is not as it was written")));
                }
            }
            Ok(tenant.events.len() as u64)
        })
    }

    fn state_hash(&self, tenant: TenantId) -> Result<Hash, StoreError> {
        Ok(self.read(tenant, |tenant| {
            let mut state = StateHasher::default();
            for profile in tenant.profiles.values() {
                state.profile(profile);
            }
            for (kind, identities) in [(Identifier::Exid, &tenant.exids), (Identifier::Email, &tenant.emails)]
            {
                for (value, profile) in identities {
                    state.text_identity(kind, value, *profile);
                }
            }
            for (kind, identities) in
                [(Identifier::Msisdn, &tenant.msisdns), (Identifier::Number, &tenant.numbers)]
            {
                for (value, profile) in identities {
                    state.number_identity(kind, *value, *profile);
                }
            }
            for (number, own) in &tenant.own_opt_outs {
                state.own_opt_out(*number, *own);
            }
            state.finish()
        }))
    }
}

/// Holds the lock from a load to the commit that follows it, so that a person's opt-out comes before the load
/// or after the commit and is never overwritten by a plan that did not know of it.
struct Importing<'a> {
    store: &'a MemoryStore,
    tenant: TenantId,
    import: ImportId,
    held: Option<MutexGuard<'a, Tenants>>,
}

impl Batches for Importing<'_> {
    fn load(&mut self, keys: &Keys) -> Result<Known, StoreError> {
        let tenants = self.held.get_or_insert_with(|| self.store.tenants());
        Ok(tenants.entry(self.tenant).or_default().known(keys))
    }

    fn commit(&mut self, plan: &Plan, step: &Step) -> Result<(), StoreError> {
        let mut tenants = self.held.take().unwrap_or_else(|| self.store.tenants());
        let tenant = tenants.entry(self.tenant).or_default();
        let import = open_import(tenant, self.import)?;
        if import.cursor != step.from_row {
            let (import, stands) = (import.id, import.cursor);
            return Err(StoreError::CursorMoved { import, stands, expected: step.from_row });
        }
        import.state = ImportState::Applying;
        import.cursor = step.to_row;
        import.counts.add(&plan.counts);
        import.findings.extend_from_slice(&plan.findings);
        tenant.apply(plan);
        Ok(())
    }
}

/// Works on a copy that nobody else sees.
struct Rehearsing {
    copy: Tenant,
}

impl Batches for Rehearsing {
    fn load(&mut self, keys: &Keys) -> Result<Known, StoreError> {
        Ok(self.copy.known(keys))
    }

    fn commit(&mut self, plan: &Plan, _step: &Step) -> Result<(), StoreError> {
        self.copy.apply(plan);
        Ok(())
    }
}

impl Default for Tenant {
    fn default() -> Tenant {
        Tenant {
            profiles: BTreeMap::new(),
            changed_at: BTreeMap::new(),
            exids: BTreeMap::new(),
            emails: BTreeMap::new(),
            msisdns: BTreeMap::new(),
            numbers: BTreeMap::new(),
            own_opt_outs: BTreeMap::new(),
            events: Vec::new(),
            imports: BTreeMap::new(),
            next_profile: 1,
        }
    }
}

impl Tenant {
    fn known(&self, keys: &Keys) -> Known {
        let texts = |keys: &[String], of: &BTreeMap<String, ProfileId>| {
            keys.iter().filter_map(|key| Some((key.clone(), *of.get(key)?))).collect()
        };
        let numbers = |keys: &[u64], of: &BTreeMap<u64, ProfileId>| {
            keys.iter().filter_map(|key| Some((*key, *of.get(key)?))).collect()
        };
        let mut known = Known {
            by_exid: texts(&keys.exids, &self.exids),
            by_email: texts(&keys.emails, &self.emails),
            by_msisdn: numbers(&keys.msisdns, &self.msisdns),
            by_number: numbers(&keys.numbers, &self.numbers),
            next_profile: self.next_profile,
            ..Known::default()
        };
        let own = keys.numbers.iter().filter_map(|key| Some((*key, *self.own_opt_outs.get(key)?)));
        known.own_opt_outs = own.collect();
        let texts = known.by_exid.values().chain(known.by_email.values());
        let numbers = known.by_msisdn.values().chain(known.by_number.values());
        let hit = texts.chain(numbers).filter_map(|id| Some((*id, self.profiles.get(id)?.clone())));
        known.profiles = hit.collect();
        known
    }

    fn apply(&mut self, plan: &Plan) {
        for (id, profile) in &plan.profiles {
            self.profiles.insert(*id, profile.clone());
        }
        for id in &plan.created {
            let Some(profile) = plan.profiles.get(id) else { continue };
            if let Some(exid) = &profile.exid {
                self.exids.insert(exid.clone(), *id);
            }
            if let Some(email) = &profile.email {
                self.emails.insert(fold_email(email), *id);
            }
            if let Some(msisdn) = profile.msisdn {
                self.msisdns.insert(msisdn.identity().digits(), *id);
            }
        }
        for (number, holder) in &plan.numbers {
            match holder {
                Some(holder) => self.numbers.insert(*number, *holder),
                None => self.numbers.remove(number),
            };
        }
        for number in &plan.lifted {
            self.own_opt_outs.remove(number);
        }
        for (number, own) in &plan.own_opt_outs {
            self.own_opt_outs.insert(*number, *own);
        }
        for event in &plan.events {
            let before = self.events.last().map_or(Hash::default(), |last| last.hash);
            let seq = self.events.len() as u64 + 1;
            self.events.push(StoredEvent { seq, event: event.clone(), hash: event.chain(&before, seq) });
            if let Some(profile) = event.profile {
                self.changed_at.insert(profile, event.at);
            }
        }
        self.next_profile = plan.next_profile;
    }

    fn stored(&self, id: ProfileId) -> Option<StoredProfile> {
        let profile = self.profiles.get(&id)?.clone();
        Some(StoredProfile { profile, changed_at: self.changed_at.get(&id).copied().unwrap_or_default() })
    }
}

/// Refused files changed nothing, and neither did an import that failed before its first batch.
fn may_have_changed_something(import: &Import) -> bool {
    match import.state {
        ImportState::Accepted | ImportState::Applying | ImportState::Committed => true,
        ImportState::Refused => false,
        ImportState::Failed => import.cursor > 0,
    }
}

fn open_import(tenant: &mut Tenant, import: ImportId) -> Result<&mut Import, StoreError> {
    let import = tenant.imports.get_mut(&import).ok_or(StoreError::NoImport(import))?;
    if import.outcome.is_some() { Err(StoreError::Ended(import.id)) } else { Ok(import) }
}
