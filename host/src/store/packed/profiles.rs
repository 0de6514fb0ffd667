//! Profiles as they are now, for those who read.

use std::collections::HashMap;

use consentry_core::matching::{
    E164, Hash, KeySeed, Keys, NONE, NumberKeys, OwnOptOut, Permission, Profile, ProfileId, TextKeys,
};
use consentry_core::rows::Texts;
use consentry_core::time::UnixMs;

use super::attributes;
use super::known::{Changed, REMOVED, changes, counters, load, read_user};
use super::log::{Told, consent};
use super::people::{Names, Record, each_from, each_of};
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
    let any_set = attributes::writes(runs.sql, runs.tenant)? > 0;
    let (mut after, mut page, mut names) = (after, Vec::new(), Names::default());
    loop {
        let mut came: Vec<StoredProfile> = Vec::new();
        each_from(runs.sql, runs.tenant, after + 1, end, &mut |record| {
            came.push(stored(&record, None, &mut names)?);
            Ok(came.len() < together)
        })?;
        let (Some(first), Some(last)) = (came.first(), came.last()) else { break };
        let first = first.profile.id.0;
        after = last.profile.id.0;
        let mut set = if any_set {
            attributes::between(runs.sql, runs.tenant, first, after)?
        } else {
            attributes::Overlay::new()
        };
        let ids: Vec<u64> = came.iter().map(|stored| stored.profile.id.0).collect();
        for (mut stored, changed) in came.into_iter().zip(changes(&[*runs], &ids)?) {
            if let Some(changed) = changed {
                if changed.permission == REMOVED {
                    continue;
                }
                change(&mut stored, changed);
            }
            if let Some(set) = set.remove(&stored.profile.id.0) {
                attributes::lay(&mut stored.profile.attributes, set);
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
    // Who is there does not depend on who was erased.
    let known = load(&[Runs { marker: None, ..*runs }], &keys)?;
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
        found = Some(stored(&record, changed, &mut Names::default())?);
        Ok(())
    })?;
    if let Some(found) = &mut found
        && let Some(set) = attributes::between(runs.sql, runs.tenant, id, id)?.remove(&id)
    {
        attributes::lay(&mut found.profile.attributes, set);
    }
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
    runs.each(Space::Erased, &mut |mark, values| state.erased(mark, UnixMs(values[0].cast_signed())))?;
    const USERS: &str =
        "SELECT user_id, number, opted_out_at FROM business_user WHERE tenant_id = ?1 ORDER BY user_id";
    runs.sql.query(USERS, values![runs.tenant], &mut |row| {
        state.user(&row.string(0)?, &read_user(row, 1)?);
        Ok(true)
    })?;
    Ok(state.finish())
}

/// Sees that every profile the log tells of is there, stands where its last event left it, and is found by each of its
/// identifiers; and that people's own opt-outs stand.
pub(super) fn verify(runs: &Runs<'_>, seed: &KeySeed, told: &Told) -> Result<(), StoreError> {
    const PROFILES: &str = "SELECT profiles FROM tenant WHERE tenant_id = ?1";
    let mut came = 0;
    each_page(runs, 0, TOGETHER, &mut |page| {
        let digits = |number: Option<E164>| number.map_or(0, E164::digits);
        let (mut exids, mut emails, mut msisdns, mut numbers) =
            (Texts::default(), Texts::default(), Vec::new(), Vec::new());
        for StoredProfile { profile, .. } in page {
            exids.push(profile.exid.as_deref().unwrap_or_default());
            emails.push(profile.email.as_deref().unwrap_or_default());
            msisdns.push(digits(profile.msisdn));
            numbers.push(digits(profile.number));
        }
        let keys = Keys {
            exids: TextKeys::exids(&exids, seed),
            emails: TextKeys::emails(&emails, seed),
            msisdns: NumberKeys::of(&msisdns),
            numbers: NumberKeys::of(&numbers),
            profiles: page.iter().map(|stored| stored.profile.id.0).collect(),
            user: None,
        };
        let known = load(&[Runs { marker: None, ..*runs }], &keys)?;
        let leads = [
            (&keys.exids.of_row, &known.exids, "exid"),
            (&keys.emails.of_row, &known.emails, "email"),
            (&keys.msisdns.of_row, &known.msisdns, "msisdn"),
            (&keys.numbers.of_row, &known.numbers, "number"),
        ];
        let ids: HashMap<u64, usize> =
            (0..known.people.len()).map(|at| (known.people.get(at).id, at)).collect();
        for (row, stored) in page.iter().enumerate() {
            let id = stored.profile.id;
            let damaged = |what: &str| Err(StoreError::Damaged(format!("{id} {what}")));
            let Some(place) = ids.get(&id.0) else { return damaged("is not found by its id") };
            came += 1;
            let stands = (
                known.people.get(*place).last_event,
                consent(stored.profile.number, stored.profile.permission),
            );
            if told.profiles.get(id.0 as usize) != Some(&stands) {
                return damaged("does not stand at its last event");
            }
            for (keys, found, kind) in leads {
                if keys[row] != NONE && found[keys[row] as usize] as usize != *place {
                    return damaged(&format!("is not found by its {kind}"));
                }
            }
        }
        Ok(true)
    })?;
    let stay =
        told.profiles.iter().skip(1).filter(|(_, consent)| consent & u64::from(REMOVED) == 0).count() as u64;
    let counted = runs.sql.one(PROFILES, values![runs.tenant], |row| row.u64(0))?.unwrap_or(0);
    if (came, counted) != (stay, stay) {
        let text = format!("the log tells of {stay} profiles, {counted} were counted and {came} are there");
        return Err(StoreError::Damaged(text));
    }
    let mut silenced = told.own_opt_outs.clone();
    runs.each(Space::OwnOptOut, &mut |number, values| {
        if values[1] != 0 {
            silenced.remove(&number);
        }
    })?;
    match silenced.values().next() {
        None => Ok(()),
        Some(event) => Err(StoreError::Damaged(format!("the own opt-out of event {event} does not stand"))),
    }
}

fn stored(
    record: &Record<'_>,
    changed: Option<Changed>,
    names: &mut Names,
) -> Result<StoredProfile, StoreError> {
    let person = record.person;
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let profile = Profile {
        id: ProfileId(person.id),
        exid: text(person.exid),
        email: text(person.email),
        msisdn: E164::from_digits(person.msisdn),
        number: E164::from_digits(person.number),
        permission: Permission::from_u8(person.permission),
        attributes: record.attributes(names)?,
    };
    let mut stored = StoredProfile { profile, changed_at: UnixMs(record.at), last_event: person.last_event };
    changed.into_iter().for_each(|changed| change(&mut stored, changed));
    Ok(stored)
}

fn change(stored: &mut StoredProfile, changed: Changed) {
    stored.profile.number = E164::from_digits(changed.number);
    stored.profile.permission = Permission::from_u8(changed.permission);
    stored.changed_at = UnixMs(changed.at);
    stored.last_event = changed.last_event;
}
