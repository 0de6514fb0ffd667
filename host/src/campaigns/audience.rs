//! Who belongs to an audience, as things stand now. People are read page by page at one moment; what the conditions do not ask
//! for is not looked up.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::sync::PoisonError;

use consentry_core::campaign::audience::{
    Audience as Compiled, LastMessage, LastStatus, PersonFacts, country_of,
};
use consentry_core::matching::{E164, Keys, Permission, ProfileId};
use consentry_core::time::UnixMs;
use consentry_core::wire::campaign::{compile, v1::Audience};

use super::{Campaigns, segments};
use crate::desk::DeskError;
use crate::store::ledger::{LastSend, Reached, SendState};
use crate::store::{Lookup, Store, StoreError, StoredProfile, TenantId};

/// Profiles looked at together.
const PAGE: usize = 2_000;
/// Values of an attribute that are shown as examples, and their length in characters.
const EXAMPLES_MAX: usize = 5;
const EXAMPLE_CHARS_MAX: usize = 60;

/// How many people an audience has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Those who belong to it.
    pub people: u64,
    /// Everybody who opted in.
    pub of: u64,
    /// By ISO code of the country, the most first.
    pub by_country: Vec<(String, u64)>,
}

/// An attribute that people have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttributeSeen {
    /// Its name.
    pub name: String,
    /// How many of those who opted in have it.
    pub people: u64,
    /// A few of its values.
    pub examples: Vec<String>,
}

/// Counts an audience.
pub fn count(room: &Campaigns, tenant: TenantId, audience: &Audience) -> Result<Count, DeskError> {
    let mut countries: BTreeMap<[u8; 2], u64> = BTreeMap::new();
    let asked = Asked::new(room, tenant, audience)?;
    let of = asked.each(&mut |members| {
        for member in members {
            *countries.entry(member.country()).or_default() += 1;
        }
        Ok(true)
    })?;
    let name = |country: &[u8; 2]| String::from_utf8_lossy(country).into_owned();
    let mut by_country: Vec<(String, u64)> =
        countries.iter().map(|(country, people)| (name(country), *people)).collect();
    by_country.sort_by_key(|(_, people)| std::cmp::Reverse(*people));
    Ok(Count { people: countries.values().sum(), of, by_country })
}

/// Writes the people of an audience as CSV, in the columns of a consent file and with their attributes; how many. For
/// Excel no cell is a formula.
pub fn write_csv(
    room: &Campaigns,
    tenant: TenantId,
    audience: &Audience,
    for_excel: bool,
    out: &mut dyn Write,
) -> Result<u64, DeskError> {
    if for_excel {
        out.write_all("\u{feff}".as_bytes()).map_err(StoreError::File)?;
    }
    let names: Vec<String> = attributes(room, tenant)?.into_iter().map(|seen| seen.name).collect();
    let mut writer = csv::Writer::from_writer(out);
    let unwritten = |cause: csv::Error| DeskError::Store(StoreError::File(cause.into()));
    let columns = ["profile", "exid", "email", "msisdn", "wpNumber", "permission"];
    // Names of attributes are what a file said they are.
    let header: Vec<String> = columns.into_iter().map(str::to_owned).chain(names.iter().cloned()).collect();
    super::judged::write_cells(&mut writer, &header, for_excel).map_err(unwritten)?;
    let mut people = 0;
    Asked::new(room, tenant, audience)?.each(&mut |members| {
        for Member { stored, .. } in members {
            people += 1;
            let profile = &stored.profile;
            let number = |number: Option<E164>| number.map(|number| number.to_string()).unwrap_or_default();
            let mut cells = vec![
                profile.id.to_string(),
                profile.exid.clone().unwrap_or_default(),
                profile.email.clone().unwrap_or_default(),
                number(profile.msisdn),
                number(profile.number),
                Permission::OptIn.cell().to_owned(),
            ];
            cells.extend(names.iter().map(|name| profile.attributes.get(name).cloned().unwrap_or_default()));
            super::judged::write_cells(&mut writer, &cells, for_excel).map_err(unwritten)?;
        }
        Ok(true)
    })?;
    writer.flush().map_err(StoreError::File)?;
    Ok(people)
}

/// The attributes of people who opted in, by name. Known until something of anybody changes.
pub fn attributes(room: &Campaigns, tenant: TenantId) -> Result<Vec<AttributeSeen>, DeskError> {
    let store = &*room.desk.store;
    let stands = (store.known(tenant, &Keys::default())?.log_end.seq, store.attribute_writes(tenant)?);
    let mut known = room.memory.attributes.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, seen)) = known.get(&tenant)
        && *at == stands
    {
        return Ok(seen.clone());
    }
    let mut seen: BTreeMap<String, AttributeSeen> = BTreeMap::new();
    each_opted_in(store, tenant, &mut |page| {
        for (name, value) in page.iter().flat_map(|stored| &stored.profile.attributes) {
            let of = match seen.get_mut(name) {
                Some(of) => of,
                None => seen
                    .entry(name.clone())
                    .or_insert_with(|| AttributeSeen { name: name.clone(), ..AttributeSeen::default() }),
            };
            of.people += 1;
            if of.examples.len() < EXAMPLES_MAX {
                let value: String = value.chars().take(EXAMPLE_CHARS_MAX).collect();
                if !of.examples.contains(&value) {
                    of.examples.push(value);
                }
            }
        }
        Ok(true)
    })?;
    let seen: Vec<AttributeSeen> = seen.into_values().collect();
    known.insert(tenant, (stands, seen.clone()));
    Ok(seen)
}

/// Somebody of an audience.
pub(super) struct Member<'a> {
    /// As they stand.
    pub(super) stored: &'a StoredProfile,
    /// The number, which somebody who opted in has.
    pub(super) number: E164,
    /// The import that brought the consent, where that was asked for; 0 for none.
    pub(super) import: u64,
}

impl Member<'_> {
    /// ISO code of the number's country.
    pub(super) fn country(&self) -> [u8; 2] {
        country_of(self.number.digits())
    }

    /// The person, as matching compares numbers.
    pub(super) fn person(&self) -> u64 {
        self.number.identity().digits()
    }
}

/// An audience that is asked for.
pub(super) struct Asked<'r> {
    room: &'r Campaigns,
    tenant: TenantId,
    audience: Compiled,
    /// Whether everybody's import is wanted, also where no condition asks for it.
    pub(super) with_import: bool,
    /// The only person who is looked at.
    pub(super) only: Option<ProfileId>,
    now: UnixMs,
}

impl<'r> Asked<'r> {
    /// Makes an audience ready, its segments put in.
    pub(super) fn new(
        room: &'r Campaigns,
        tenant: TenantId,
        audience: &Audience,
    ) -> Result<Asked<'r>, DeskError> {
        let segments = segments::conditions(room, tenant)?;
        let audience = compile(audience, &|name| segments.get(name).cloned())
            .map_err(|unclear| DeskError::Invalid(format!("audience: {unclear}")))?;
        Ok(Asked { room, tenant, audience, with_import: false, only: None, now: room.desk.clock.now() })
    }

    /// Calls `each` with the people of it, by id, page by page, until it says false; how many opted in at all. There are
    /// pages with nobody.
    pub(super) fn each(
        &self,
        each: &mut dyn FnMut(&[Member<'_>]) -> Result<bool, DeskError>,
    ) -> Result<u64, DeskError> {
        let mut opted_in = 0;
        let store = &*self.room.desk.store;
        if let Some(only) = self.only {
            let found = store.find(self.tenant, &Lookup::Profile(only))?;
            let found = found.filter(|stored| stored.profile.permission == Some(Permission::OptIn));
            let page: Vec<&StoredProfile> = found.iter().collect();
            each(&self.members(&page)?)?;
            return Ok(page.len() as u64);
        }
        each_opted_in(store, self.tenant, &mut |page| {
            opted_in += page.len() as u64;
            let members = self.members(page)?;
            each(&members)
        })?;
        Ok(opted_in)
    }

    fn members<'p>(&self, page: &[&'p StoredProfile]) -> Result<Vec<Member<'p>>, DeskError> {
        let needs = self.audience.needs();
        let numbers = page.iter().map(|stored| stored.profile.number);
        let numbers: Vec<E164> = numbers.collect::<Option<_>>().ok_or_else(|| no_number(page))?;
        let origins = if needs.import || needs.consent_at || self.with_import {
            let events: Vec<u64> = page.iter().map(|stored| stored.last_event).collect();
            let mut known = self.room.memory.origins.lock().unwrap_or_else(PoisonError::into_inner);
            known.entry(self.tenant).or_default().of(&*self.room.desk.store, self.tenant, &events)?
        } else {
            Vec::new()
        };
        let last = match needs.last_since(self.now) {
            Some(since) => {
                let people: Vec<u64> = numbers.iter().map(|number| number.identity().digits()).collect();
                self.room.ledger.last_sends(self.tenant, &people, since)?
            }
            None => Vec::new(),
        };
        let (mut members, mut attributes) = (Vec::with_capacity(page.len()), Vec::new());
        for (at, (stored, number)) in page.iter().zip(numbers).enumerate() {
            let profile = &stored.profile;
            attributes.clear();
            let of = |name: &String| profile.attributes.get(name).map_or("", String::as_str);
            attributes.extend(needs.attributes.iter().map(of));
            let origin = origins.get(at);
            let import = origin.map_or(0, |origin| origin.import);
            let collected = origin.and_then(|origin| origin.as_of.map(|day| day.start()).or(origin.at));
            let facts = PersonFacts {
                exid: profile.exid.as_deref().unwrap_or_default(),
                email: profile.email.as_deref().unwrap_or_default(),
                msisdn: profile.msisdn.map_or(0, E164::digits),
                number: number.digits(),
                country: if needs.country { country_of(number.digits()) } else { Default::default() },
                attributes: &attributes,
                import,
                consent_at: collected.unwrap_or(stored.changed_at),
                last: last.get(at).and_then(|last| last.as_ref()).and_then(|(last, _)| last_message(last)),
            };
            if self.audience.matches(&facts, self.now) {
                members.push(Member { stored, number, import });
            }
        }
        Ok(members)
    }
}

/// What the ledger knows of a person's last message, in the words of conditions; none where nothing was sent.
fn last_message(last: &LastSend) -> Option<LastMessage> {
    let status = match (last.state, last.reached) {
        // What is on the phone was sent, whatever else was told of it.
        (_, Reached::Read) => LastStatus::Read,
        (_, Reached::Delivered) => LastStatus::Delivered,
        (SendState::Failed, _) | (_, Reached::Failed) => LastStatus::Failed,
        (_, Reached::Sent) => LastStatus::Sent,
        (SendState::Accepted | SendState::Held, _) => LastStatus::Accepted,
        (SendState::Intended | SendState::Unknown, _) => LastStatus::Unknown,
        (
            SendState::Waiting
            | SendState::OptedOut
            | SendState::Gone
            | SendState::Expired
            | SendState::Control
            | SendState::Capped,
            _,
        ) => return None,
    };
    Some(LastMessage { status, replied: last.replied, clicked: last.clicked, at: last.at })
}

/// Everybody who opted in, page by page, at one moment. A person's own opt-out leaves nobody opted in.
fn each_opted_in(
    store: &dyn Store,
    tenant: TenantId,
    each: &mut dyn FnMut(&[&StoredProfile]) -> Result<bool, DeskError>,
) -> Result<(), DeskError> {
    let mut failed = None;
    store.each_profile(tenant, PAGE, &mut |page| {
        let opted_in = |stored: &&StoredProfile| stored.profile.permission == Some(Permission::OptIn);
        let page: Vec<&StoredProfile> = page.iter().filter(opted_in).collect();
        match each(&page) {
            Ok(more) => more,
            Err(cause) => {
                failed = Some(cause);
                false
            }
        }
    })?;
    failed.map_or(Ok(()), Err)
}

fn no_number(page: &[&StoredProfile]) -> StoreError {
    let of = page.iter().find(|stored| stored.profile.number.is_none());
    let of = of.map_or(ProfileId(0), |stored| stored.profile.id);
    StoreError::Damaged(format!("{of} opted in and has no number"))
}

/// Attributes that were seen, and how far log and attributes were then.
type Seen = ((u64, u64), Vec<AttributeSeen>);

/// What is known of tenants until it changes.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) attributes: std::sync::Mutex<HashMap<TenantId, Seen>>,
    pub(super) origins: std::sync::Mutex<HashMap<TenantId, super::origin::Origins>>,
}
