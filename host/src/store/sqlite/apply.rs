//! Writes what a plan says. The import it may belong to is not touched here.

use consentry_core::matching::{Created, Identifier, Plan};
use rusqlite::params;

use super::column::integer;
use super::frame::Entries;
use super::known::{REMOVED, counters};
use super::people;
use super::runs::{HASH_SHIFT, Runs, Space};
use crate::store::StoreError;

/// Makes the plan's state the tenant's state and its events the end of the log. Refused when something else was decided
/// since the plan was made.
pub(super) fn apply(runs: &Runs<'_>, plan: &Plan) -> Result<(), StoreError> {
    if counters(&[*runs])?.1.seq != plan.based_on {
        return Err(StoreError::Overtaken);
    }
    apply_state(runs, plan)?;
    append_log(runs, plan)
}

/// Only what later batches ask for: the state, and where the log would end.
pub(super) fn apply_state(runs: &Runs<'_>, plan: &Plan) -> Result<(), StoreError> {
    people::write(runs.connection, runs.tenant, &plan.created, plan.at.0)?;
    let created = &plan.created;
    runs.write(Space::Exid, texts(&created.exid_hash, created, Identifier::Exid))?;
    runs.write(Space::Email, texts(&created.email_hash, created, Identifier::Email))?;
    runs.write(Space::Msisdn, msisdns(created))?;
    let mut custody = Entries::new(Space::Number.values());
    for change in &plan.custody {
        custody.push(change.number, &[change.profile, u64::from(change.held)]);
    }
    runs.write(Space::Number, custody)?;
    let mut consents = Entries::new(Space::Consent.values());
    let mut removed = 0;
    for change in &plan.consents {
        let permission = if change.removed { REMOVED } else { change.permission };
        removed += u64::from(change.removed);
        let values = [change.number, u64::from(permission), change.last_event, plan.at.0.cast_unsigned()];
        consents.push(change.profile, &values);
    }
    runs.write(Space::Consent, consents)?;
    let mut words = Entries::new(Space::OwnOptOut.values());
    for (number, own) in &plan.own_opt_outs {
        words.push(*number, &[own.map_or(0, |own| own.at.0.cast_unsigned()), u64::from(own.is_some())]);
    }
    runs.write(Space::OwnOptOut, words)?;
    let mut update = runs.connection.prepare_cached(
        "UPDATE tenant SET next_profile = ?, profiles = profiles + ? - ?, event_seq = ?, event_hash = ? WHERE tenant_id = ?",
    )?;
    update.execute(params![
        integer(plan.next_profile),
        integer(created.people.len() as u64),
        integer(removed),
        integer(plan.log_end.seq),
        plan.log_end.hash,
        runs.tenant.0
    ])?;
    Ok(())
}

fn append_log(runs: &Runs<'_>, plan: &Plan) -> Result<(), StoreError> {
    let mut insert = runs
        .connection
        .prepare_cached("INSERT INTO log_block (id, events, data, hash) VALUES (?, ?, ?, ?)")?;
    for block in &plan.log {
        insert.execute(params![
            people::key(runs.tenant, block.first_seq),
            block.events,
            block.bytes,
            block.hash
        ])?;
    }
    let mut insert = runs.connection.prepare_cached("INSERT INTO unheld_event VALUES (?, ?, ?)")?;
    for (number, seq) in &plan.unheld_events {
        insert.execute(params![runs.tenant.0, integer(*number), integer(*seq)])?;
    }
    Ok(())
}

fn texts(hashes: &[u64], created: &Created, kind: Identifier) -> Entries {
    let has = |at: usize| match kind {
        Identifier::Exid => !created.people.get(at).exid.is_empty(),
        _ => !created.people.get(at).email.is_empty(),
    };
    let keyed = (0..hashes.len())
        .filter(|at| has(*at))
        .map(|at| (hashes[at] >> HASH_SHIFT, created.first + at as u64));
    sorted(keyed.collect())
}

fn msisdns(created: &Created) -> Entries {
    let keyed = (0..created.people.len()).filter_map(|at| {
        let msisdn = consentry_core::matching::E164::from_digits(created.people.get(at).msisdn)?;
        Some((msisdn.identity().digits(), created.first + at as u64))
    });
    sorted(keyed.collect())
}

fn sorted(mut keyed: Vec<(u64, u64)>) -> Entries {
    keyed.sort_unstable();
    let mut entries = Entries::new(1);
    keyed.into_iter().for_each(|(key, profile)| entries.push(key, &[profile]));
    entries
}
