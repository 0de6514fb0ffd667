//! Writes what a plan says about people. Every table is written in the order of its keys, so that a batch
//! touches each page once.

use std::collections::BTreeMap;

use consentry_core::matching::{Identifier, Plan, Profile, ProfileId, fold_email};
use consentry_core::time::UnixMs;
use rusqlite::{Connection, params};

use super::column::integer;
use super::profiles;
use crate::store::{StoreError, TenantId};

/// Makes the plan's state the tenant's state. The log and the import are not touched.
pub(super) fn apply(connection: &Connection, tenant: TenantId, plan: &Plan) -> Result<(), StoreError> {
    write_profiles(connection, tenant, plan)?;
    let created = plan.created.iter().filter_map(|id| plan.profiles.get(id));
    write_identities(connection, tenant, &created.collect::<Vec<_>>())?;
    write_holders(connection, tenant, &plan.numbers)?;
    write_own_opt_outs(connection, tenant, plan)?;
    let mut update = connection.prepare_cached("UPDATE tenant SET next_profile = ? WHERE tenant_id = ?")?;
    update.execute(params![integer(plan.next_profile), tenant.0])?;
    Ok(())
}

fn write_profiles(connection: &Connection, tenant: TenantId, plan: &Plan) -> Result<(), StoreError> {
    let mut changed_at: BTreeMap<ProfileId, UnixMs> = BTreeMap::new();
    changed_at.extend(plan.events.iter().filter_map(|event| Some((event.profile?, event.at))));
    let mut upsert = connection.prepare_cached(profiles::UPSERT)?;
    for (id, profile) in &plan.profiles {
        let at = changed_at.remove(id).expect("a plan changes no consent without an event");
        profiles::write(&mut upsert, tenant, profile, at)?;
    }
    // An opt-out can be lifted from a number whose holder had opted in already: an event without a change.
    let mut touch = connection
        .prepare_cached("UPDATE profile SET changed_at = ? WHERE tenant_id = ? AND profile_id = ?")?;
    for (id, at) in changed_at {
        touch.execute(params![at.0, tenant.0, integer(id.0)])?;
    }
    Ok(())
}

/// Exid, e-mail address and msisdn belong to a profile from its creation on; only numbers change hands.
fn write_identities(
    connection: &Connection,
    tenant: TenantId,
    created: &[&Profile],
) -> Result<(), StoreError> {
    let mut exids: Vec<_> = created.iter().filter_map(|new| Some((new.exid.as_deref()?, new.id))).collect();
    let mut emails: Vec<_> =
        created.iter().filter_map(|new| Some((fold_email(new.email.as_deref()?), new.id))).collect();
    let mut msisdns: Vec<_> =
        created.iter().filter_map(|new| Some((new.msisdn?.identity().digits(), new.id))).collect();
    exids.sort_unstable();
    emails.sort_unstable();
    msisdns.sort_unstable();

    let mut insert = connection.prepare_cached("INSERT INTO identity_text VALUES (?, ?, ?, ?)")?;
    for (exid, id) in exids {
        insert.execute(params![tenant.0, Identifier::Exid as i64, exid, integer(id.0)])?;
    }
    for (email, id) in emails {
        insert.execute(params![tenant.0, Identifier::Email as i64, email, integer(id.0)])?;
    }
    let mut insert = connection.prepare_cached("INSERT INTO identity_number VALUES (?, ?, ?, ?)")?;
    for (msisdn, id) in msisdns {
        insert.execute(params![tenant.0, Identifier::Msisdn as i64, integer(msisdn), integer(id.0)])?;
    }
    Ok(())
}

fn write_holders(
    connection: &Connection,
    tenant: TenantId,
    holders: &BTreeMap<u64, Option<ProfileId>>,
) -> Result<(), StoreError> {
    const KIND: i64 = Identifier::Number as i64;
    let mut upsert = connection.prepare_cached(
        "INSERT INTO identity_number VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET profile_id = excluded.profile_id",
    )?;
    let mut delete = connection
        .prepare_cached("DELETE FROM identity_number WHERE tenant_id = ? AND kind = ? AND value = ?")?;
    for (number, holder) in holders {
        match holder {
            Some(holder) => upsert.execute(params![tenant.0, KIND, integer(*number), integer(holder.0)])?,
            None => delete.execute(params![tenant.0, KIND, integer(*number)])?,
        };
    }
    Ok(())
}

fn write_own_opt_outs(connection: &Connection, tenant: TenantId, plan: &Plan) -> Result<(), StoreError> {
    let mut delete =
        connection.prepare_cached("DELETE FROM own_opt_out WHERE tenant_id = ? AND number = ?")?;
    for number in &plan.lifted {
        delete.execute(params![tenant.0, integer(*number)])?;
    }
    let mut upsert = connection.prepare_cached(
        "INSERT INTO own_opt_out VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
    )?;
    for (number, own) in &plan.own_opt_outs {
        upsert.execute(params![tenant.0, integer(*number), own.at.0])?;
    }
    Ok(())
}
