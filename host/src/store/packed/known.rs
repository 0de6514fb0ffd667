//! Loads what a batch must know, from one database or from several, the newest first: a trial lays its own over the one
//! it must not change.

use consentry_core::matching::{Identifier, Keys, Known, Leads, LogEnd, OwnOptOut, People, Person, User};
use consentry_core::time::UnixMs;

use super::people;
use super::runs::{HASH_SHIFT, Runs, Space};
use super::sql::{Row, values};
use crate::store::StoreError;

/// What became of a consent after its profile was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) number: u64,
    pub(super) permission: u8,
    pub(super) last_event: u64,
    pub(super) at: i64,
}

/// The permission of a profile that is gone.
pub(super) const REMOVED: u8 = 4;

/// What is known about these keys; `layers` are views of the same tenant, newest first.
pub(super) fn load(layers: &[Runs<'_>], keys: &Keys) -> Result<Known, StoreError> {
    let mut known = Known::nothing(keys);
    (known.next_profile, known.log_end) = counters(layers)?;
    let mut leads = Leads::default();
    texts(layers, Space::Exid, Identifier::Exid, &keys.exids.hashes, &mut leads)?;
    texts(layers, Space::Email, Identifier::Email, &keys.emails.hashes, &mut leads)?;
    for runs in layers {
        let mut msisdn = |at: usize, values: &[u64]| leads.push(Identifier::Msisdn, at, values[0]);
        runs.each_match(Space::Msisdn, &keys.msisdns.numbers, &mut msisdn)?;
    }
    let numbers = &keys.numbers.numbers;
    let mut done = vec![false; numbers.len()];
    for runs in layers {
        runs.each_custody(numbers, &mut done, &mut |at, profile, held| {
            if held {
                leads.push(Identifier::Number, at, profile);
            } else {
                known.last_holders[at] = profile;
            }
        })?;
    }
    done.fill(false);
    for runs in layers {
        runs.each_newest(Space::OwnOptOut, numbers, &mut done, &mut |at, values| {
            let own = OwnOptOut { at: UnixMs(values[0].cast_signed()) };
            known.own_opt_outs[at] = (values[1] != 0).then_some(own);
        })?;
    }
    recognise(layers, keys, &mut done, &mut known)?;
    if let Some(id) = &keys.user {
        known.user = user(layers, id)?;
    }
    let ids = leads.profiles(keys);
    let people = people_of(layers, &ids, &known)?;
    known.follow(keys, &leads, people);
    Ok(known)
}

/// Numbers of people who were erased, where nothing else is known of a word against messages: it is their own.
fn recognise(
    layers: &[Runs<'_>],
    keys: &Keys,
    done: &mut [bool],
    known: &mut Known,
) -> Result<(), StoreError> {
    for runs in layers {
        let Some(marker) = runs.marker.filter(|_| !done.iter().all(|done| *done)) else { continue };
        if runs.is_empty(Space::Erased)? {
            continue;
        }
        let key = marker.key(runs.tenant)?;
        let open = (0..done.len()).filter(|at| !done[*at]);
        let mut marks: Vec<(u64, usize)> =
            open.map(|at| (key.number(keys.numbers.numbers[at]), at)).collect();
        marks.sort_unstable();
        marks.dedup_by_key(|(mark, _)| *mark);
        let wanted: Vec<u64> = marks.iter().map(|(mark, _)| *mark).collect();
        runs.each_newest(Space::Erased, &wanted, &mut vec![false; wanted.len()], &mut |at, values| {
            let at_ms = UnixMs(values[0].cast_signed());
            known.own_opt_outs[marks[at].1] = Some(OwnOptOut { at: at_ms });
        })?;
    }
    Ok(())
}

/// The next profile's id, and where the log ends.
pub(super) fn counters(layers: &[Runs<'_>]) -> Result<(u64, LogEnd), StoreError> {
    const READ: &str = "SELECT next_profile, event_seq, event_hash FROM tenant WHERE tenant_id = ?1";
    for Runs { sql, tenant, .. } in layers {
        let found = sql.one(READ, values![*tenant], |row| {
            Ok((row.u64(0)?, LogEnd { seq: row.u64(1)?, hash: row.array(2)? }))
        })?;
        if let Some(found) = found {
            return Ok(found);
        }
    }
    Ok((1, LogEnd::default()))
}

/// What is known of a user id. Trials know of none but those they lie over.
fn user(layers: &[Runs<'_>], id: &str) -> Result<User, StoreError> {
    const READ: &str = "SELECT number, opted_out_at FROM business_user WHERE tenant_id = ?1 AND user_id = ?2";
    for Runs { sql, tenant, .. } in layers {
        if let Some(user) = sql.one(READ, values![*tenant, id], |row| read_user(row, 0))? {
            return Ok(user);
        }
    }
    for runs in layers {
        let Some(marker) = runs.marker else { continue };
        if runs.is_empty(Space::Erased)? {
            continue;
        }
        let mark = marker.key(runs.tenant)?.user(id);
        let mut opted_out = None;
        runs.each_newest(Space::Erased, &[mark], &mut [false], &mut |_, values| {
            opted_out = Some(OwnOptOut { at: UnixMs(values[0].cast_signed()) });
        })?;
        if opted_out.is_some() {
            return Ok(User { number: None, opted_out });
        }
    }
    Ok(User::default())
}

/// Number and opt-out of a user, from place `at` of a row on.
pub(super) fn read_user(row: &dyn Row, at: usize) -> Result<User, StoreError> {
    let opted_out = row.int(at + 1)?.map(|said| OwnOptOut { at: UnixMs(said) });
    Ok(User { number: row.int(at)?.map(i64::cast_unsigned), opted_out })
}

/// Texts are found by the first bits of their hashes, which several may share.
fn texts(
    layers: &[Runs<'_>],
    space: Space,
    kind: Identifier,
    hashes: &[u64],
    leads: &mut Leads,
) -> Result<(), StoreError> {
    let mut keys: Vec<u64> = hashes.iter().map(|hash| hash >> HASH_SHIFT).collect();
    keys.dedup();
    let shared = keys.len() != hashes.len();
    // Where each key begins among the hashes; only written down when that is not its own place.
    let starts: Vec<usize> = if shared {
        keys.iter().map(|key| hashes.partition_point(|hash| hash >> HASH_SHIFT < *key)).collect()
    } else {
        Vec::new()
    };
    let mut found = |at: usize, values: &[u64]| {
        if !shared {
            leads.push(kind, at, values[0]);
            return;
        }
        let same = hashes[starts[at]..].iter().take_while(|hash| **hash >> HASH_SHIFT == keys[at]).count();
        (starts[at]..starts[at] + same).for_each(|place| leads.push(kind, place, values[0]));
    };
    layers.iter().try_for_each(|runs| runs.each_match(space, &keys, &mut found))
}

/// People by id as they are now, without those who are gone. Whoever was made is somewhere, and nobody stands where no
/// plan can have left them: a decision on less would be evidence of what never was.
fn people_of(layers: &[Runs<'_>], ids: &[u64], known: &Known) -> Result<People, StoreError> {
    let changed = changes(layers, ids)?;
    let mut people = People::default();
    let (mut at, mut came) = (0, 0);
    let mut each = |record: people::Record<'_>| {
        came += 1;
        while ids[at] < record.person.id {
            at += 1;
        }
        match changed[at] {
            None => people.push(record.person),
            Some(Changed { permission: REMOVED, .. }) => return Ok(()),
            Some(Changed { number, permission, last_event, .. }) => {
                people.push(Person { number, permission, last_event, ..record.person });
            }
        }
        let person = people.get(people.len() - 1);
        let may_be = person.permission <= 2 && person.last_event <= known.log_end.seq;
        if may_be { Ok(()) } else { Err(people::damaged()) }
    };
    // Every id was given out by one layer only, and older layers gave out the smaller ones.
    for runs in layers.iter().rev() {
        people::each_of(runs.sql, runs.tenant, ids, &mut each)?;
    }
    let made = ids.iter().filter(|id| (1..known.next_profile).contains(*id)).count();
    if came == made { Ok(people) } else { Err(people::damaged()) }
}

/// What became of each of these profiles' consents, where anything did.
pub(super) fn changes(layers: &[Runs<'_>], ids: &[u64]) -> Result<Vec<Option<Changed>>, StoreError> {
    let mut changed = vec![None; ids.len()];
    let mut done = vec![false; ids.len()];
    for runs in layers {
        runs.each_newest(Space::Consent, ids, &mut done, &mut |at, values| {
            let [number, permission, last_event, time] = *values else { return };
            let (permission, at_ms) = (permission as u8, time.cast_signed());
            changed[at] = Some(Changed { number, permission, last_event, at: at_ms });
        })?;
    }
    Ok(changed)
}
