//! The reference store: maps behind a lock, written to be obviously right. It makes nothing durable and
//! optimises nothing; where another store disagrees with it, the other store is wrong.
//!
//! Longer than 500 lines because a store answers many questions, and whoever compares reads all answers in one place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use consentry_core::matching::{
    Block, Consent, Counts, E164, Erasing, Hash, Identifier, ImportId, KeySeed, Keys, Known, Leads, LogEnd,
    OwnOptOut, People, Permission, Person, Plan, Profile, ProfileId, User, fold_email, log,
};
use consentry_core::time::UnixMs;

use super::audit::Following;
use super::erased::{KeyOf, MarkKey, Marker, ToErase, Traces};
use super::state::StateHasher;
use super::timeline::{Chains, timeline};
use super::{
    Accepted, AttributeChange, AuditEnd, Batches, Document, Import, ImportState, Kind, Latest, Lookup,
    Moment, NewImport, Note, Outcome, Put, Step, Store, StoreError, StoredEvent, StoredProfile, Subject,
    TakingBack, TenantId,
};

/// Everything in memory, gone when it is dropped.
#[derive(Default)]
pub struct MemoryStore {
    tenants: Mutex<Tenants>,
    marker: Marker,
}

type Tenants = BTreeMap<TenantId, Tenant>;

#[derive(Clone)]
struct Tenant {
    profiles: BTreeMap<u64, Profile>,
    exids: BTreeMap<String, u64>,
    emails: BTreeMap<String, u64>,
    msisdns: BTreeMap<u64, u64>,
    /// Who holds each number, or held it last.
    numbers: BTreeMap<u64, (u64, bool)>,
    own_opt_outs: BTreeMap<u64, OwnOptOut>,
    users: BTreeMap<String, User>,
    /// Numbers of which an own opt-out was lifted: a mark says nothing of them any more.
    lifted: BTreeSet<u64>,
    /// Marks of people who were erased, and when.
    erased: BTreeMap<u64, UnixMs>,
    /// Makes them, once somebody was.
    mark_key: Option<Arc<MarkKey>>,
    /// What the events of erasures say that blocks are since, by their first events.
    redacted: BTreeMap<u64, Hash>,
    /// Place of the last event of every profile there ever was.
    last_events: BTreeMap<u64, u64>,
    unheld_events: BTreeMap<u64, Vec<u64>>,
    /// The log, event by event.
    events: Vec<StoredEvent>,
    blocks: Vec<Block>,
    imports: BTreeMap<ImportId, Import>,
    confirmed: Vec<(ImportId, Vec<u8>)>,
    /// The newest import when something was taken back last.
    undo_after: ImportId,
    next_profile: u64,
    documents: BTreeMap<(Kind, String), Document>,
    document_writes: u64,
    notes: Vec<Note>,
    attribute_writes: u64,
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
    fn seed(&self, _tenant: TenantId) -> Result<KeySeed, StoreError> {
        Ok(KeySeed::default())
    }

    fn accept(&self, tenant: TenantId, new: &NewImport) -> Result<Accepted, StoreError> {
        let mut tenants = self.tenants();
        let tenant = tenants.entry(tenant).or_default();
        let (imports, undo_after) = (&mut tenant.imports, tenant.undo_after);
        let last = imports.values().rev().find(|import| may_have_changed_something(import));
        if let Some(last) = last.filter(|last| last.new.same_as(new)) {
            match last.state {
                ImportState::Accepted | ImportState::Applying => return Ok(Accepted::UnderWay(last.clone())),
                ImportState::Committed if last.id > undo_after => return Ok(Accepted::Already(last.clone())),
                _ => {}
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
            log_from: None,
            outcome: None,
            undo: None,
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
        Ok(Box::new(Importing { store: self, tenant, import }))
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

    fn known(&self, tenant: TenantId, keys: &Keys) -> Result<Known, StoreError> {
        Ok(self.read(tenant, |tenant| tenant.known(keys)))
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
        tenant.apply(&plan)
    }

    fn take_back(
        &self,
        tenant: TenantId,
        import: ImportId,
        taking: &mut dyn TakingBack,
    ) -> Result<(), StoreError> {
        let mut tenants = self.tenants();
        let tenant = tenants.entry(tenant).or_default();
        let found = tenant.imports.get_mut(&import).ok_or(StoreError::NoImport(import))?;
        if !found.may_be_taken_back() {
            return Err(StoreError::NotUndoable(import));
        }
        let record = taking.decide(tenant)?;
        while let Some(plan) = taking.next_plan() {
            tenant.apply(&plan)?;
        }
        tenant.undo_after = tenant.imports.last_key_value().map_or(import, |(newest, _)| *newest);
        tenant.imports.entry(import).and_modify(|import| {
            import.state = ImportState::Undone;
            import.undo = Some(record);
        });
        Ok(())
    }

    fn at_a_moment(
        &self,
        tenant: TenantId,
        look: &mut dyn FnMut(&dyn Moment) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        // A copy, so that nobody waits.
        look(&self.read(tenant, Tenant::clone))
    }

    fn profiles(
        &self,
        tenant: TenantId,
        after: Option<ProfileId>,
        limit: usize,
    ) -> Result<Vec<StoredProfile>, StoreError> {
        let first = after.map_or(0, |after| after.0 + 1);
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
        let all: Vec<StoredProfile> = self.profiles(tenant, None, usize::MAX)?;
        all.chunks(limit).all(each);
        Ok(())
    }

    fn profile_count(&self, tenant: TenantId) -> Result<u64, StoreError> {
        Ok(self.read(tenant, |tenant| tenant.profiles.len() as u64))
    }

    fn find(&self, tenant: TenantId, lookup: &Lookup) -> Result<Option<StoredProfile>, StoreError> {
        Ok(self.read(tenant, |tenant| {
            let id = match lookup {
                Lookup::Profile(id) => Some(id.0),
                Lookup::Exid(exid) => tenant.exids.get(exid).copied(),
                Lookup::Email(email) => tenant.emails.get(email).copied(),
                Lookup::Number(number) => {
                    tenant.numbers.get(number).filter(|(_, held)| *held).map(|(id, _)| *id)
                }
                Lookup::Msisdn(msisdn) => tenant.msisdns.get(msisdn).copied(),
            };
            tenant.stored(id?)
        }))
    }

    fn latest_events(
        &self,
        tenant: TenantId,
        subject: Subject,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Latest, StoreError> {
        self.read(tenant, |tenant| timeline(&mut Reading(tenant), subject, before, limit))
    }

    fn users_of(&self, tenant: TenantId, number: u64) -> Result<Vec<String>, StoreError> {
        let of = |(id, user): (&String, &User)| (user.number == Some(number)).then(|| id.clone());
        Ok(self.read(tenant, |tenant| tenant.users.iter().filter_map(of).collect()))
    }

    fn document(&self, tenant: TenantId, kind: Kind, key: &str) -> Result<Option<Document>, StoreError> {
        Ok(self.read(tenant, |tenant| tenant.documents.get(&(kind, key.to_owned())).cloned()))
    }

    fn documents(
        &self,
        tenant: TenantId,
        kind: Kind,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Document>, StoreError> {
        Ok(self.read(tenant, |tenant| {
            let later = tenant.documents.iter().filter(|((of, key), _)| *of == kind && key.as_str() > after);
            later.take(limit).map(|(_, document)| document.clone()).collect()
        }))
    }

    fn put_documents(&self, tenant: TenantId, puts: &[Put<'_>]) -> Result<u64, StoreError> {
        let mut tenants = self.tenants();
        let tenant = tenants.entry(tenant).or_default();
        let version = tenant.document_writes + 1;
        let mut documents = tenant.documents.clone();
        for put in puts {
            put.check()?;
            let key = (put.kind, put.key.to_owned());
            if documents.get(&key).map(|stands| stands.version) != put.expected_version {
                return Err(StoreError::Overtaken);
            }
            match put.body {
                Some(body) => {
                    let body = body.to_vec();
                    documents.insert(key, Document { key: put.key.to_owned(), version, body })
                }
                None => documents.remove(&key),
            };
        }
        (tenant.documents, tenant.document_writes) = (documents, version);
        Ok(version)
    }

    fn recognise(&self, key_of: KeyOf) {
        self.marker.set(key_of);
    }

    fn traces(&self, tenant: TenantId, profile: ProfileId) -> Result<Option<Traces>, StoreError> {
        self.read(tenant, |tenant| tenant.traces(profile))
    }

    fn erase(&self, tenant: TenantId, who: &ToErase<'_>) -> Result<Option<Traces>, StoreError> {
        let key = self.marker.key(tenant)?;
        self.tenants().entry(tenant).or_default().erase(&key, who)
    }

    fn append_note(&self, tenant: TenantId, body: &[u8]) -> Result<Note, StoreError> {
        let mut tenants = self.tenants();
        let notes = &mut tenants.entry(tenant).or_default().notes;
        let (seq, hash) = notes.last().map_or((0, [0; 32]), |last| (last.seq, last.hash));
        let note = Note::after(seq, &hash, body)?;
        notes.push(note.clone());
        Ok(note)
    }

    fn notes(&self, tenant: TenantId, before: Option<u64>, limit: usize) -> Result<Vec<Note>, StoreError> {
        let before = before.unwrap_or(u64::MAX);
        Ok(self.read(tenant, |tenant| {
            let earlier = tenant.notes.iter().rev().filter(|note| note.seq < before);
            earlier.take(limit).cloned().collect()
        }))
    }

    fn verify_notes(&self, tenant: TenantId) -> Result<AuditEnd, StoreError> {
        self.read(tenant, |tenant| {
            let mut following = Following::default();
            tenant.notes.iter().try_for_each(|note| following.next(note))?;
            following.end(tenant.notes.len() as u64)
        })
    }

    fn set_attributes(&self, tenant: TenantId, set: &[AttributeChange]) -> Result<u64, StoreError> {
        let mut tenants = self.tenants();
        let tenant = tenants.entry(tenant).or_default();
        let mut there = 0;
        for change in set {
            let Some(profile) = tenant.profiles.get_mut(&change.profile.0) else { continue };
            there += 1;
            for (name, value) in &change.values {
                match value {
                    Some(value) => profile.attributes.insert(name.clone(), value.clone()),
                    None => profile.attributes.remove(name),
                };
            }
        }
        tenant.attribute_writes += 1;
        Ok(there)
    }

    fn attribute_writes(&self, tenant: TenantId) -> Result<u64, StoreError> {
        Ok(self.read(tenant, |tenant| tenant.attribute_writes))
    }

    fn verify(&self, tenant: TenantId) -> Result<u64, StoreError> {
        self.read(tenant, |tenant| {
            let (mut hash, mut seq) = (Hash::default(), 0);
            for block in &tenant.blocks {
                let chained = log::chain(&hash, &block.bytes);
                let since = log::chain(&block.hash, &block.bytes);
                let is_redacted = tenant.redacted.get(&block.first_seq) == Some(&since);
                hash = if is_redacted { block.hash } else { chained };
                if (block.first_seq, block.hash) != (seq + 1, hash) {
                    return Err(StoreError::Damaged(format!("event {} is not as it was written", seq + 1)));
                }
                seq += u64::from(block.events);
            }
            Ok(seq)
        })
    }

    fn state_hash(&self, tenant: TenantId) -> Result<Hash, StoreError> {
        Ok(self.read(tenant, |tenant| {
            let mut state = StateHasher::default();
            for profile in tenant.profiles.values() {
                state.profile(profile);
            }
            for (number, own) in &tenant.own_opt_outs {
                state.own_opt_out(*number, *own);
            }
            for (mark, at) in &tenant.erased {
                state.erased(*mark, *at);
            }
            for (id, user) in &tenant.users {
                state.user(id, user);
            }
            state.finish()
        }))
    }
}

struct Importing<'a> {
    store: &'a MemoryStore,
    tenant: TenantId,
    import: ImportId,
}

impl Batches for Importing<'_> {
    fn load(&mut self, keys: &Keys) -> Result<Known, StoreError> {
        self.store.known(self.tenant, keys)
    }

    fn commit(&mut self, plan: &Plan, step: &Step) -> Result<(), StoreError> {
        commit(self.store.tenants().entry(self.tenant).or_default(), self.import, plan, step)
    }

    fn decide(
        &mut self,
        keys: &Keys,
        step: &Step,
        decide: &mut dyn FnMut(Known) -> Plan,
    ) -> Result<(), StoreError> {
        let mut tenants = self.store.tenants();
        let tenant = tenants.entry(self.tenant).or_default();
        let plan = decide(tenant.known(keys));
        commit(tenant, self.import, &plan, step)
    }
}

fn commit(tenant: &mut Tenant, id: ImportId, plan: &Plan, step: &Step) -> Result<(), StoreError> {
    let log_from = tenant.log_end().seq;
    let import = open_import(tenant, id)?;
    if import.cursor != step.from_row {
        let (import, stands) = (import.id, import.cursor);
        return Err(StoreError::CursorMoved { import, stands, expected: step.from_row });
    }
    tenant.apply(plan)?;
    if !plan.confirmed.is_empty() {
        tenant.confirmed.push((id, plan.confirmed.clone()));
    }
    let import = open_import(tenant, id)?;
    import.state = ImportState::Applying;
    import.cursor = step.to_row;
    import.counts.add(&plan.counts);
    import.findings.extend_from_slice(&plan.findings);
    import.log_from.get_or_insert(log_from);
    Ok(())
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
        self.copy.apply(plan)
    }

    fn decide(
        &mut self,
        keys: &Keys,
        _step: &Step,
        decide: &mut dyn FnMut(Known) -> Plan,
    ) -> Result<(), StoreError> {
        let plan = decide(self.copy.known(keys));
        self.copy.apply(&plan)
    }
}

impl Default for Tenant {
    fn default() -> Tenant {
        Tenant {
            notes: Vec::new(),
            profiles: BTreeMap::new(),
            exids: BTreeMap::new(),
            emails: BTreeMap::new(),
            msisdns: BTreeMap::new(),
            numbers: BTreeMap::new(),
            own_opt_outs: BTreeMap::new(),
            users: BTreeMap::new(),
            lifted: BTreeSet::new(),
            erased: BTreeMap::new(),
            mark_key: None,
            redacted: BTreeMap::new(),
            last_events: BTreeMap::new(),
            unheld_events: BTreeMap::new(),
            events: Vec::new(),
            blocks: Vec::new(),
            imports: BTreeMap::new(),
            confirmed: Vec::new(),
            undo_after: ImportId(0),
            next_profile: 1,
            documents: BTreeMap::new(),
            document_writes: 0,
            attribute_writes: 0,
        }
    }
}

impl Tenant {
    fn log_end(&self) -> LogEnd {
        let last = self.events.last();
        last.map_or(LogEnd::default(), |last| LogEnd { seq: last.event.seq, hash: last.hash })
    }

    fn known(&self, keys: &Keys) -> Known {
        let mut known = Known::nothing(keys);
        let mut leads = Leads::default();
        for (kind, texts, of) in
            [(Identifier::Exid, &keys.exids, &self.exids), (Identifier::Email, &keys.emails, &self.emails)]
        {
            for at in 0..texts.hashes.len() {
                of.get(texts.texts.get(at)).into_iter().for_each(|id| leads.push(kind, at, *id));
            }
        }
        for (at, msisdn) in keys.msisdns.numbers.iter().enumerate() {
            self.msisdns.get(msisdn).into_iter().for_each(|id| leads.push(Identifier::Msisdn, at, *id));
        }
        for (at, number) in keys.numbers.numbers.iter().enumerate() {
            match self.numbers.get(number) {
                Some((id, true)) => leads.push(Identifier::Number, at, *id),
                Some((id, false)) => known.last_holders[at] = *id,
                None => {}
            }
            let erased = || self.erased.get(&self.mark_key.as_ref()?.number(*number));
            let lifted = self.lifted.contains(number);
            known.own_opt_outs[at] = self
                .own_opt_outs
                .get(number)
                .copied()
                .or_else(|| erased().filter(|_| !lifted).map(|at| OwnOptOut { at: *at }));
        }
        let mut people = People::default();
        for profile in leads.profiles(keys).into_iter().filter_map(|id| self.profiles.get(&id)) {
            people.push(Person {
                id: profile.id.0,
                exid: profile.exid.as_deref().unwrap_or_default(),
                email: profile.email.as_deref().unwrap_or_default(),
                msisdn: profile.msisdn.map_or(0, E164::digits),
                number: profile.number.map_or(0, E164::digits),
                permission: profile.permission.map_or(0, |permission| permission as u8),
                last_event: self.last_events[&profile.id.0],
            });
        }
        known.follow(keys, &leads, people);
        let erased = |user: &String| {
            let at = *self.erased.get(&self.mark_key.as_ref()?.user(user))?;
            Some(User { number: None, opted_out: Some(OwnOptOut { at }) })
        };
        let user = keys.user.as_ref().and_then(|user| self.users.get(user).cloned().or_else(|| erased(user)));
        known.user = user.unwrap_or_default();
        (known.next_profile, known.log_end) = (self.next_profile, self.log_end());
        known
    }

    fn apply(&mut self, plan: &Plan) -> Result<(), StoreError> {
        if plan.based_on != self.log_end().seq {
            return Err(StoreError::Overtaken);
        }
        let created = &plan.created;
        for at in 0..created.people.len() {
            let person = created.people.get(at);
            let values = created.attribute_names.iter().zip(&created.attributes);
            let profile = Profile {
                id: ProfileId(person.id),
                exid: some(person.exid),
                email: some(person.email),
                msisdn: E164::from_digits(person.msisdn),
                number: E164::from_digits(person.number),
                permission: Permission::from_u8(person.permission),
                attributes: values
                    .filter_map(|(name, of)| Some((name.clone(), of.some(at)?.to_owned())))
                    .collect(),
            };
            self.exids.extend(profile.exid.clone().map(|exid| (exid, person.id)));
            self.emails
                .extend(profile.email.as_deref().map(|email| (fold_email(email).into_owned(), person.id)));
            self.msisdns.extend(profile.msisdn.map(|msisdn| (msisdn.identity().digits(), person.id)));
            self.last_events.insert(person.id, person.last_event);
            self.profiles.insert(person.id, profile);
        }
        plan.consents.iter().for_each(|consent| self.change(consent));
        for custody in &plan.custody {
            self.numbers.insert(custody.number, (custody.profile, custody.held));
        }
        for (number, own) in &plan.own_opt_outs {
            match own {
                Some(own) => self.own_opt_outs.insert(*number, *own),
                None => {
                    self.lifted.insert(*number);
                    self.own_opt_outs.remove(number)
                }
            };
            for user in self.users.values_mut().filter(|user| user.number == Some(*number)) {
                user.opted_out = *own;
            }
        }
        self.users.extend(plan.user.clone());
        for (number, seq) in &plan.unheld_events {
            self.unheld_events.entry(*number).or_default().push(*seq);
        }
        for block in &plan.log {
            let events =
                log::read(&block.bytes).map_err(|_| StoreError::Damaged("a block just written".into()))?;
            self.events.extend(events.into_iter().map(|event| StoredEvent { event, hash: block.hash }));
            self.blocks.push(block.clone());
        }
        self.next_profile = plan.next_profile;
        Ok(())
    }

    fn change(&mut self, consent: &Consent) {
        self.last_events.insert(consent.profile, consent.last_event);
        if consent.removed {
            let keep = |_: &String, id: &mut u64| *id != consent.profile;
            self.exids.retain(keep);
            self.emails.retain(keep);
            self.msisdns.retain(|_, id| *id != consent.profile);
            self.profiles.remove(&consent.profile);
        } else if let Some(profile) = self.profiles.get_mut(&consent.profile) {
            profile.number = E164::from_digits(consent.number);
            profile.permission = Permission::from_u8(consent.permission);
        }
    }

    fn traces(&self, profile: ProfileId) -> Result<Option<Traces>, StoreError> {
        let Some(found) = self.profiles.get(&profile.0) else { return Ok(None) };
        let own =
            self.events.iter().map(|stored| &stored.event).filter(|event| event.profile == Some(profile));
        let had = own.flat_map(|event| [event.number_before, event.number]);
        let had = had.chain([found.number, found.msisdn]).flatten();
        let mut numbers: Vec<u64> = had.map(|number| number.identity().digits()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.retain(|number| self.numbers.get(number).is_none_or(|(holder, _)| *holder == profile.0));
        let of = |(id, user): (&String, &User)| {
            user.number.filter(|number| numbers.contains(number)).map(|_| id.clone())
        };
        let users = self.users.iter().filter_map(of).collect();
        let named = self.events.iter().map(|stored| &stored.event).filter(|event| {
            event.profile == Some(profile) || numbers.iter().any(|number| event.concerns(*number))
        });
        let events = named.count() as u64;
        Ok(Some(Traces { numbers, users, events }))
    }

    fn erase(&mut self, key: &Arc<MarkKey>, who: &ToErase<'_>) -> Result<Option<Traces>, StoreError> {
        let id = who.profile.0;
        let Some(traces) = self.traces(who.profile)? else { return Ok(None) };
        let Some(StoredProfile { profile, last_event, .. }) = self.stored(id) else { return Ok(None) };
        let damaged = |_| StoreError::Damaged("a block of the log".to_owned());
        let erasing = Erasing { profile: id, numbers: &traces.numbers };
        let mut redacted = Vec::new();
        for block in &mut self.blocks {
            let Some((bytes, _, hash)) = erasing.redact(block).map_err(damaged)? else { continue };
            block.bytes = bytes;
            for event in log::read(&block.bytes).map_err(damaged)? {
                let place = event.seq as usize - 1;
                self.events[place].event = event;
            }
            redacted.push((block.first_seq, hash));
        }
        let permission = profile.permission.map_or(0, |permission| permission as u8);
        let person = Person { id, exid: "", email: "", msisdn: 0, number: 0, permission, last_event };
        let plan = erasing.plan(person, &redacted, self.next_profile, self.log_end(), who.at, who.by);
        self.redacted.extend(redacted);
        for number in &traces.numbers {
            self.numbers.remove(number);
            self.own_opt_outs.remove(number);
            self.lifted.remove(number);
            self.unheld_events.remove(number);
            self.erased.insert(key.number(*number), who.at);
        }
        for user in &traces.users {
            self.users.remove(user);
            self.erased.insert(key.user(user), who.at);
        }
        self.mark_key = Some(key.clone());
        self.documents.remove(&(Kind::Edits, who.profile.to_string()));
        self.apply(&plan)?;
        Ok(Some(traces))
    }

    fn stored(&self, id: u64) -> Option<StoredProfile> {
        let profile = self.profiles.get(&id)?.clone();
        let changed_at = self.events[self.last_events[&id] as usize - 1].event.at;
        Some(StoredProfile { profile, changed_at, last_event: self.last_events[&id] })
    }
}

impl Moment for Tenant {
    fn import(&self, import: ImportId) -> Result<Option<Import>, StoreError> {
        Ok(self.imports.get(&import).cloned())
    }

    fn taken_back(&self) -> Result<u64, StoreError> {
        let undone = |import: &&Import| import.state == ImportState::Undone;
        Ok(self.imports.values().filter(undone).count() as u64)
    }

    fn known(&self, keys: &Keys) -> Result<Known, StoreError> {
        Ok(Tenant::known(self, keys))
    }

    fn each_block(&self, from: u64, each: &mut dyn FnMut(&Block) -> bool) -> Result<(), StoreError> {
        let mut later = self.blocks.iter().filter(|block| block.first_seq + u64::from(block.events) > from);
        later.all(each);
        Ok(())
    }

    fn each_confirmed(&self, import: ImportId, each: &mut dyn FnMut(&[u8])) -> Result<(), StoreError> {
        let stands = |id: &ImportId| *id > import && self.imports[id].state != ImportState::Undone;
        self.confirmed.iter().filter(|(id, _)| stands(id)).for_each(|(_, profiles)| each(profiles));
        Ok(())
    }
}

struct Reading<'a>(&'a Tenant);

impl Chains for Reading<'_> {
    fn event(&mut self, seq: u64) -> Result<StoredEvent, StoreError> {
        Ok(self.0.events[seq as usize - 1].clone())
    }

    fn last_event(&mut self, profile: u64) -> Result<Option<u64>, StoreError> {
        Ok(self.0.last_events.get(&profile).copied())
    }

    fn holder(&mut self, number: u64) -> Result<Option<u64>, StoreError> {
        Ok(self.0.numbers.get(&number).map(|(profile, _)| *profile))
    }

    fn unheld_events(&mut self, number: u64) -> Result<Vec<u64>, StoreError> {
        Ok(self.0.unheld_events.get(&number).cloned().unwrap_or_default())
    }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// Refused files changed nothing, neither did an import that failed before its first batch, and what was taken back
/// counts no more.
fn may_have_changed_something(import: &Import) -> bool {
    match import.state {
        ImportState::Accepted | ImportState::Applying | ImportState::Committed => true,
        ImportState::Refused | ImportState::Undone => false,
        ImportState::Failed => import.cursor > 0,
    }
}

fn open_import(tenant: &mut Tenant, import: ImportId) -> Result<&mut Import, StoreError> {
    let import = tenant.imports.get_mut(&import).ok_or(StoreError::NoImport(import))?;
    if import.outcome.is_some() { Err(StoreError::Ended(import.id)) } else { Ok(import) }
}
