//! Erases a person: everything in a tenant's tables that names them goes in one transaction, with the event that tells of it and
//! the marks that stay. Blocks of people and of runs are written anew where they lie; a block of the log keeps its place and its
//! hash, and the event holds the hash of what it is since.

use std::collections::{BTreeMap, BTreeSet};

use consentry_core::matching::{E164, Erasing, KeySeed, Permission, Person, TextKeys};

use super::frame::Entries;
use super::known::counters;
use super::runs::{HASH_SHIFT, Runs, Space};
use super::sql::values;
use super::{apply, attributes, log, people, profiles};
use crate::store::erased::{MarkKey, ToErase, Traces, without_cells};
use crate::store::timeline::timeline;
use crate::store::{Lookup, StoreError, StoredProfile, Subject};

/// Whom it is about, and where they are named.
struct Found {
    stored: StoredProfile,
    traces: Traces,
    /// Places of events that name them.
    events: BTreeSet<u64>,
    /// Other profiles that had one of the numbers before.
    others: BTreeSet<u64>,
}

/// Where somebody is named; none when there is nobody.
pub(super) fn traces(runs: &Runs<'_>, seed: &KeySeed, who: u64) -> Result<Option<Traces>, StoreError> {
    Ok(find(runs, seed, who)?.map(|found| found.traces))
}

/// Erases somebody; none when there is nobody.
pub(super) fn erase(
    runs: &Runs<'_>,
    seed: &KeySeed,
    key: &MarkKey,
    who: &ToErase<'_>,
) -> Result<Option<Traces>, StoreError> {
    let Some(Found { stored, traces, events, others }) = find(runs, seed, who.profile.0)? else {
        return Ok(None);
    };
    let (sql, tenant, id) = (runs.sql, runs.tenant, who.profile.0);
    let erasing = Erasing { profile: id, numbers: &traces.numbers };
    let (next_profile, log_end) = counters(&[*runs])?;

    let mut redacted = Vec::new();
    for (first_seq, (bytes, hash)) in redactions(runs, &erasing, &events)? {
        const TOLD: &str = "INSERT INTO log_redaction (tenant_id, first_event, by_event) VALUES (?1, ?2, ?3)";
        const REDACT: &str = "UPDATE log_block SET data = ?1 WHERE tenant_id = ?2 AND first_event = ?3";
        sql.execute(TOLD, values![tenant, first_seq, log_end.seq + 1])?;
        sql.execute(REDACT, values![&bytes, tenant, first_seq])?;
        redacted.push((first_seq, hash));
    }

    let profile = &stored.profile;
    let is_theirs = |number: u64| {
        E164::from_digits(number).is_some_and(|number| erasing.is_forgotten(number.identity().digits()))
    };
    people::forget(sql, tenant, id, &others, &is_theirs)?;
    attributes::forget(sql, tenant, id)?;
    let first_bits = |keys: TextKeys| keys.hashes.first().map(|hash| hash >> HASH_SHIFT);
    let exid = profile.exid.as_deref().and_then(|exid| first_bits(TextKeys::one(exid, seed)));
    let email = profile.email.as_deref().map(consentry_core::matching::fold_email);
    let email = email.and_then(|email| first_bits(TextKeys::one(&email, seed)));
    let msisdn = profile.msisdn.map(|msisdn| msisdn.identity().digits());
    for (space, key) in [(Space::Exid, exid), (Space::Email, email), (Space::Msisdn, msisdn)] {
        if let Some(key) = key {
            runs.edit(space, key, &mut |values| values[0] != id)?;
        }
    }
    for number in &traces.numbers {
        runs.edit(Space::Number, *number, &mut |_| false)?;
        runs.edit(Space::OwnOptOut, *number, &mut |_| false)?;
        const UNHELD: &str = "DELETE FROM unheld_event WHERE tenant_id = ?1 AND number = ?2";
        const USERS: &str = "DELETE FROM business_user WHERE tenant_id = ?1 AND number = ?2";
        const HOLDER: &str = "DELETE FROM number_holder WHERE tenant_id = ?1 AND number = ?2";
        sql.execute(UNHELD, values![tenant, *number])?;
        sql.execute(USERS, values![tenant, *number])?;
        if sql.custody(tenant, &[], &mut |_, _, _| {})? {
            sql.execute(HOLDER, values![tenant, *number])?;
        }
    }
    runs.edit(Space::Consent, id, &mut |_| false)?;
    for other in others {
        // Where they stand now is not here: they do not have the number any more.
        runs.edit(Space::Consent, other, &mut |values| {
            if is_theirs(values[0]) {
                values[0] = 0;
            }
            true
        })?;
    }

    let numbers = traces.numbers.iter().map(|number| key.number(*number));
    let marks: BTreeSet<u64> = numbers.chain(traces.users.iter().map(|user| key.user(user))).collect();
    let mut entries = Entries::new(Space::Erased.values());
    marks.into_iter().for_each(|mark| entries.push(mark, &[who.at.0.cast_unsigned()]));
    runs.write(Space::Erased, entries)?;

    let permission = profile.permission.map_or(0, |permission: Permission| permission as u8);
    let last_event = stored.last_event;
    let person = Person { id, exid: "", email: "", msisdn: 0, number: 0, permission, last_event };
    apply::apply(runs, &erasing.plan(person, &redacted, next_profile, log_end, who.at, who.by))?;

    forget_reports(runs, &traces.numbers, profile)?;
    const EDITS: &str = "DELETE FROM document WHERE tenant_id = ?1 AND kind = 'edits' AND key = ?2";
    sql.execute(EDITS, values![tenant, &who.profile.to_string()])?;
    if let Some(fences) = runs.fences {
        fences.forget();
    }
    Ok(Some(traces))
}

fn find(runs: &Runs<'_>, seed: &KeySeed, who: u64) -> Result<Option<Found>, StoreError> {
    let subject = consentry_core::matching::ProfileId(who);
    let Some(stored) = profiles::find(runs, seed, &Lookup::Profile(subject))? else { return Ok(None) };
    let mut reading = log::Reading::new(*runs);
    let told = timeline(&mut reading, Subject::Profile(subject), None, usize::MAX)?.events;
    let mut events: BTreeSet<u64> = told.iter().map(|stored| stored.event.seq).collect();
    let had = told.iter().flat_map(|stored| [stored.event.number_before, stored.event.number]);
    let had = had.chain([stored.profile.number, stored.profile.msisdn]).flatten();
    let candidates: BTreeSet<u64> = had.map(|number| number.identity().digits()).collect();
    let mut numbers: Vec<u64> = candidates.into_iter().collect();
    let mut holders = vec![who; numbers.len()];
    runs.each_custody(&numbers, &mut vec![false; numbers.len()], &mut |at, holder, _| holders[at] = holder)?;
    // What somebody else has by now is theirs.
    let mut holders = holders.into_iter();
    numbers.retain(|_| holders.next() == Some(who));
    let (mut others, mut users) = (BTreeSet::new(), Vec::new());
    for number in &numbers {
        for stored in timeline(&mut reading, Subject::Number(*number), None, usize::MAX)?.events {
            events.insert(stored.event.seq);
            others.extend(stored.event.profile.map(|profile| profile.0).filter(|profile| *profile != who));
        }
        const USERS: &str = "SELECT user_id FROM business_user WHERE tenant_id = ?1 AND number = ?2";
        users.extend(runs.sql.all(USERS, values![runs.tenant, *number], |row| row.string(0))?);
    }
    let traces = Traces { numbers, users, events: events.len() as u64 };
    Ok(Some(Found { stored, traces, events, others }))
}

type Redactions = BTreeMap<u64, (Vec<u8>, consentry_core::matching::Hash)>;

/// The blocks that hold these events, as they are to be.
fn redactions(
    runs: &Runs<'_>,
    erasing: &Erasing<'_>,
    events: &BTreeSet<u64>,
) -> Result<Redactions, StoreError> {
    let (mut redactions, mut read_to) = (Redactions::new(), 0);
    for seq in events {
        if *seq <= read_to {
            continue;
        }
        log::each_block(runs.sql, runs.tenant, *seq, &mut |block| {
            read_to = block.first_seq + u64::from(block.events) - 1;
            if let Some((bytes, _, hash)) = erasing.redact(&block).map_err(|_| log::missing(*seq))? {
                redactions.insert(block.first_seq, (bytes, hash));
            }
            Ok(false)
        })?;
    }
    Ok(redactions)
}

/// What reports of imports repeat of files' cells.
fn forget_reports(
    runs: &Runs<'_>,
    numbers: &[u64],
    profile: &consentry_core::matching::Profile,
) -> Result<(), StoreError> {
    const REPORTS: &str = "SELECT import_id, report FROM import WHERE tenant_id = ?1 AND report IS NOT NULL";
    const PUT: &str = "UPDATE import SET report = ?1 WHERE tenant_id = ?2 AND import_id = ?3";
    let texts: Vec<&str> =
        [profile.exid.as_deref(), profile.email.as_deref()].into_iter().flatten().collect();
    let mut changed = Vec::new();
    runs.sql.query(REPORTS, values![runs.tenant], &mut |row| {
        let report = without_cells(&row.string(1)?, numbers, &texts);
        changed.extend(report.map(|report| Ok::<_, StoreError>((row.u64(0)?, report))).transpose()?);
        Ok(true)
    })?;
    for (import, report) in changed {
        runs.sql.execute(PUT, values![&report, runs.tenant, import])?;
    }
    Ok(())
}
