//! Writes what a plan says. The import it may belong to is not touched here.

use consentry_core::matching::{Created, Identifier, Plan};

use super::frame::Entries;
use super::known::{REMOVED, counters};
use super::runs::{HASH_SHIFT, Runs, Space};
use super::sql::values;
use super::{log, people};
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
    people::write(runs.sql, runs.tenant, &plan.created, plan.at.0)?;
    let created = &plan.created;
    runs.write(Space::Exid, texts(&created.exid_hash, created, Identifier::Exid))?;
    runs.write(Space::Email, texts(&created.email_hash, created, Identifier::Email))?;
    runs.write(Space::Msisdn, msisdns(created))?;
    if !runs.sql.put_custody(runs.tenant, &plan.custody)? {
        let mut custody = Entries::new(Space::Number.values());
        for change in &plan.custody {
            custody.push(change.number, &[change.profile, u64::from(change.held)]);
        }
        runs.write(Space::Number, custody)?;
    }
    let mut consents = Entries::new(Space::Consent.values());
    let mut removed = 0_i64;
    for change in &plan.consents {
        let permission = if change.removed { REMOVED } else { change.permission };
        removed += i64::from(change.removed);
        let values = [change.number, u64::from(permission), change.last_event, plan.at.0.cast_unsigned()];
        consents.push(change.profile, &values);
    }
    runs.write(Space::Consent, consents)?;
    let mut words = Entries::new(Space::OwnOptOut.values());
    for (number, own) in &plan.own_opt_outs {
        words.push(*number, &[own.map_or(0, |own| own.at.0.cast_unsigned()), u64::from(own.is_some())]);
    }
    runs.write(Space::OwnOptOut, words)?;
    write_users(runs, plan)?;
    const UPDATE: &str =
        "UPDATE tenant SET next_profile = ?1, profiles = profiles + ?2, event_seq = ?3, event_hash = ?4
        WHERE tenant_id = ?5";
    let grown = created.people.len() as i64 - removed;
    let (next, end) = (plan.next_profile, &plan.log_end);
    runs.sql.execute(UPDATE, values![next, grown, end.seq, &end.hash, runs.tenant])?;
    Ok(())
}

/// Own opt-outs attach to user ids as well.
fn write_users(runs: &Runs<'_>, plan: &Plan) -> Result<(), StoreError> {
    const ANY: &str = "SELECT tenant_id FROM business_user WHERE tenant_id = ?1 LIMIT 1";
    const OF_NUMBER: &str = "UPDATE business_user SET opted_out_at = ?1 WHERE tenant_id = ?2 AND number = ?3";
    const UPSERT: &str = "INSERT INTO business_user (tenant_id, user_id, number, opted_out_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (tenant_id, user_id) DO UPDATE SET number = excluded.number, opted_out_at = excluded.opted_out_at";
    let tenant = runs.tenant;
    if !plan.own_opt_outs.is_empty() && runs.sql.one(ANY, values![tenant], |_| Ok(()))?.is_some() {
        for (number, own) in &plan.own_opt_outs {
            runs.sql.execute(OF_NUMBER, values![own.map(|own| own.at.0), tenant, *number])?;
        }
    }
    if let Some((id, user)) = &plan.user {
        let said = user.opted_out.map(|own| own.at.0);
        runs.sql.execute(UPSERT, values![tenant, id, user.number, said])?;
    }
    Ok(())
}

fn append_log(runs: &Runs<'_>, plan: &Plan) -> Result<(), StoreError> {
    for block in &plan.log {
        log::append(runs.sql, runs.tenant, block)?;
    }
    const UNHELD: &str = "INSERT INTO unheld_event (tenant_id, number, seq) VALUES (?1, ?2, ?3)";
    for (number, seq) in &plan.unheld_events {
        runs.sql.execute(UNHELD, values![runs.tenant, *number, *seq])?;
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
