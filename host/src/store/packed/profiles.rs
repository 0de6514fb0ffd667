//! Profiles as they are now, for those who read.

use std::collections::HashMap;

use consentry_core::matching::{
    E164, Hash, Identifier, KeySeed, Keys, NumberKeys, OwnOptOut, Permission, Profile, ProfileId, TextKeys,
};
use consentry_core::time::UnixMs;

use super::known::{Changed, REMOVED, changes, counters, load, read_user};
use super::people::{Record, each_from, each_of};
use super::runs::{Runs, Space};
use super::sql::values;
use crate::store::state::StateHasher;
use crate::store::{Lookup, StoreError, StoredProfile};

/// Profiles looked at together, so that what became of them is searched for in one go.
const TOGETHER: usize = 2_000;

/// Calls `each` with profiles after `after`, by id, in pages of `limit`, until it says false.
pub(super) fn each_page(
    runs: &Runs<'_>,
    after: u64,
    limit: usize,
    each: &mut dyn FnMut(&[StoredProfile]) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let together = limit.clamp(1, TOGETHER);
    let (end, _) = counters(&[*runs])?;
    let (mut after, mut page) = (after, Vec::new());
    loop {
        let mut came: Vec<StoredProfile> = Vec::new();
        each_from(runs.sql, runs.tenant, after + 1, end, &mut |record| {
            came.push(stored(&record, None)?);
            Ok(came.len() < together)
        })?;
        let Some(last) = came.last() else { break };
        after = last.profile.id.0;
        let ids: Vec<u64> = came.iter().map(|stored| stored.profile.id.0).collect();
        for (mut stored, changed) in came.into_iter().zip(changes(&[*runs], &ids)?) {
            if let Some(changed) = changed {
                if changed.permission == REMOVED {
                    continue;
                }
                change(&mut stored, changed);
            }
            page.push(stored);
            if page.len() == limit {
                if !each(&page)? {
                    return Ok(());
                }
                page.clear();
            }
        }
    }
    if !page.is_empty() {
        each(&page)?;
    }
    Ok(())
}

/// The profile an identifier leads to.
pub(super) fn find(
    runs: &Runs<'_>,
    seed: &KeySeed,
    lookup: &Lookup,
) -> Result<Option<StoredProfile>, StoreError> {
    let mut keys = Keys::default();
    let number = |number: u64| NumberKeys { numbers: vec![number], of_row: Vec::new() };
    match lookup {
        Lookup::Profile(id) => keys.profiles.push(id.0),
        Lookup::Exid(exid) => keys.exids = TextKeys::one(exid, seed),
        Lookup::Email(email) => keys.emails = TextKeys::one(email, seed),
        Lookup::Number(identity) => keys.numbers = number(*identity),
        Lookup::Msisdn(identity) => keys.msisdns = number(*identity),
    }
    let known = load(&[*runs], &keys)?;
    let place = match lookup {
        Lookup::Profile(_) => 0,
        Lookup::Exid(_) => known.exids[0],
        Lookup::Email(_) => known.emails[0],
        Lookup::Number(_) => known.numbers[0],
        Lookup::Msisdn(_) => known.msisdns[0],
    } as usize;
    if place >= known.people.len() {
        return Ok(None);
    }
    let id = known.people.get(place).id;
    let changed = changes(&[*runs], &[id])?[0];
    let mut found = None;
    each_of(runs.sql, runs.tenant, &[id], &mut |record| {
        found = Some(stored(&record, changed)?);
        Ok(())
    })?;
    Ok(found)
}

/// Hash of everything a tenant's decisions depend on.
pub(super) fn state_hash(runs: &Runs<'_>) -> Result<Hash, StoreError> {
    let mut state = StateHasher::default();
    each_page(runs, 0, TOGETHER, &mut |page| {
        page.iter().for_each(|stored| state.profile(&stored.profile));
        Ok(true)
    })?;
    runs.each(Space::OwnOptOut, &mut |number, values| {
        if values[1] != 0 {
            state.own_opt_out(number, OwnOptOut { at: UnixMs(values[0].cast_signed()) });
        }
    })?;
    const USERS: &str =
        "SELECT user_id, number, opted_out_at FROM business_user WHERE tenant_id = ?1 ORDER BY user_id";
    runs.sql.query(USERS, values![runs.tenant], &mut |row| {
        state.user(&row.string(0)?, &read_user(row, 1)?);
        Ok(true)
    })?;
    Ok(state.finish())
}

/// Sees that every profile stands where its last event left it, and is found by each of its identifiers.
pub(super) fn verify(runs: &Runs<'_>, seed: &KeySeed, chains: &HashMap<u64, u64>) -> Result<(), StoreError> {
    each_page(runs, 0, TOGETHER, &mut |page| {
        let ids: Vec<u64> = page.iter().map(|stored| stored.profile.id.0).collect();
        let keys = Keys { profiles: ids, ..Keys::default() };
        let known = load(&[*runs], &keys)?;
        for (place, stored) in page.iter().enumerate() {
            let profile = &stored.profile;
            let damaged = |what: String| Err(StoreError::Damaged(format!("{} {what}", profile.id)));
            if chains.get(&profile.id.0) != Some(&known.people.get(place).last_event) {
                return damaged("does not stand at its last event".to_owned());
            }
            let identity = |number: E164| number.identity().digits();
            let email = profile
                .email
                .as_deref()
                .map(|email| consentry_core::matching::fold_email(email).into_owned());
            let lookups = [
                (Identifier::Exid, profile.exid.clone().map(Lookup::Exid)),
                (Identifier::Email, email.map(Lookup::Email)),
                (Identifier::Msisdn, profile.msisdn.map(|number| Lookup::Msisdn(identity(number)))),
                (Identifier::Number, profile.number.map(|number| Lookup::Number(identity(number)))),
            ];
            for (kind, lookup) in lookups.into_iter().filter_map(|(kind, lookup)| Some((kind, lookup?))) {
                if find(runs, seed, &lookup)?.map(|found| found.profile.id) != Some(profile.id) {
                    return damaged(format!("is not found by its {kind:?}").to_lowercase());
                }
            }
        }
        Ok(true)
    })
}

fn stored(record: &Record<'_>, changed: Option<Changed>) -> Result<StoredProfile, StoreError> {
    let person = record.person;
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let profile = Profile {
        id: ProfileId(person.id),
        exid: text(person.exid),
        email: text(person.email),
        msisdn: E164::from_digits(person.msisdn),
        number: E164::from_digits(person.number),
        permission: Permission::from_u8(person.permission),
        attributes: record.attributes()?,
    };
    let mut stored = StoredProfile { profile, changed_at: UnixMs(record.at) };
    changed.into_iter().for_each(|changed| change(&mut stored, changed));
    Ok(stored)
}

fn change(stored: &mut StoredProfile, changed: Changed) {
    stored.profile.number = E164::from_digits(changed.number);
    stored.profile.permission = Permission::from_u8(changed.permission);
    stored.changed_at = UnixMs(changed.at);
}
