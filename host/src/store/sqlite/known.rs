//! Loads what a batch must know. Keys come sorted, so neighbouring searches end on the same pages.

use std::collections::HashMap;

use consentry_core::matching::{Identifier, Keys, Known, OwnOptOut, Profile, ProfileId};
use rusqlite::{Connection, OptionalExtension as _, Params, params};

use super::column::{integer, read_time, read_u64};
use super::profiles;
use crate::store::{StoreError, TenantId};

/// What is known about these keys.
pub(super) fn load(connection: &Connection, tenant: TenantId, keys: &Keys) -> Result<Known, StoreError> {
    let next_profile = connection
        .prepare_cached("SELECT next_profile FROM tenant WHERE tenant_id = ?")?
        .query_row([tenant.0], |row| row.get::<_, i64>(0))
        .optional()?
        .map_or(1, i64::cast_unsigned);
    let mut known = Known {
        by_exid: texts(connection, tenant, Identifier::Exid, &keys.exids)?,
        by_email: texts(connection, tenant, Identifier::Email, &keys.emails)?,
        by_msisdn: numbers(connection, tenant, Identifier::Msisdn, &keys.msisdns)?,
        by_number: numbers(connection, tenant, Identifier::Number, &keys.numbers)?,
        own_opt_outs: own_opt_outs(connection, tenant, &keys.numbers)?,
        next_profile,
        ..Known::default()
    };
    let texts = known.by_exid.values().chain(known.by_email.values());
    let numbers = known.by_msisdn.values().chain(known.by_number.values());
    known.profiles = profiles_of(connection, tenant, texts.chain(numbers).copied().collect())?;
    Ok(known)
}

fn texts(
    connection: &Connection,
    tenant: TenantId,
    kind: Identifier,
    keys: &[String],
) -> Result<HashMap<String, ProfileId>, StoreError> {
    let mut found = HashMap::new();
    const ANY: &str = "SELECT 1 FROM identity_text WHERE tenant_id = ? AND kind = ? LIMIT 1";
    if keys.is_empty() || !any(connection, ANY, params![tenant.0, kind as i64])? {
        return Ok(found);
    }
    let mut select = connection.prepare_cached(
        "SELECT profile_id FROM identity_text WHERE tenant_id = ? AND kind = ? AND value = ?",
    )?;
    for key in keys {
        if let Some(row) = select.query(params![tenant.0, kind as i64, key])?.next()? {
            found.insert(key.clone(), ProfileId(read_u64(row, 0)?));
        }
    }
    Ok(found)
}

fn numbers(
    connection: &Connection,
    tenant: TenantId,
    kind: Identifier,
    keys: &[u64],
) -> Result<HashMap<u64, ProfileId>, StoreError> {
    let mut found = HashMap::new();
    const ANY: &str = "SELECT 1 FROM identity_number WHERE tenant_id = ? AND kind = ? LIMIT 1";
    if keys.is_empty() || !any(connection, ANY, params![tenant.0, kind as i64])? {
        return Ok(found);
    }
    let mut select = connection.prepare_cached(
        "SELECT profile_id FROM identity_number WHERE tenant_id = ? AND kind = ? AND value = ?",
    )?;
    for key in keys {
        if let Some(row) = select.query(params![tenant.0, kind as i64, integer(*key)])?.next()? {
            found.insert(*key, ProfileId(read_u64(row, 0)?));
        }
    }
    Ok(found)
}

fn own_opt_outs(
    connection: &Connection,
    tenant: TenantId,
    keys: &[u64],
) -> Result<HashMap<u64, OwnOptOut>, StoreError> {
    let mut found = HashMap::new();
    const ANY: &str = "SELECT 1 FROM own_opt_out WHERE tenant_id = ? LIMIT 1";
    if keys.is_empty() || !any(connection, ANY, params![tenant.0])? {
        return Ok(found);
    }
    let mut select =
        connection.prepare_cached("SELECT at FROM own_opt_out WHERE tenant_id = ? AND number = ?")?;
    for key in keys {
        if let Some(row) = select.query(params![tenant.0, integer(*key)])?.next()? {
            found.insert(*key, OwnOptOut { at: read_time(row, 0)? });
        }
    }
    Ok(found)
}

fn profiles_of(
    connection: &Connection,
    tenant: TenantId,
    mut ids: Vec<ProfileId>,
) -> Result<HashMap<ProfileId, Profile>, StoreError> {
    ids.sort_unstable();
    ids.dedup();
    let mut found = HashMap::with_capacity(ids.len());
    let mut select = connection.prepare_cached(profiles::BY_ID)?;
    for id in ids {
        let mut rows = select.query(params![tenant.0, integer(id.0)])?;
        let Some(row) = rows.next()? else {
            return Err(StoreError::Damaged(format!(
                "an identifier leads to {id}, and there is no such profile"
            )));
        };
        found.insert(id, profiles::read(row)?.profile);
    }
    Ok(found)
}

/// Whether there is any row at all. Where there is none, a first import saves a search for each of its keys.
fn any(connection: &Connection, sql: &str, keys: impl Params) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached(sql)?.exists(keys)?)
}
