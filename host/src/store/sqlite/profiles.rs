//! Profiles as rows, and what is read of them outside an import.

use std::collections::BTreeMap;

use consentry_core::matching::{Hash, Identifier, OwnOptOut, Profile, ProfileId};
use consentry_core::time::UnixMs;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Statement, params};

use super::column::{
    damaged, integer, number, permission, read_number, read_permission, read_time, read_u64,
};
use crate::store::state::StateHasher;
use crate::store::{Lookup, StoreError, StoredProfile, TenantId};

const SELECT: &str = "SELECT p.profile_id, p.exid, p.email, p.msisdn, p.number, p.permission, p.attributes,
    p.changed_at FROM profile p";

/// Reads one profile by tenant and id; for [`read`].
pub(super) const BY_ID: &str =
    "SELECT profile_id, exid, email, msisdn, number, permission, attributes, changed_at
    FROM profile WHERE tenant_id = ? AND profile_id = ?";

/// Writes one profile, new or known; for [`write`].
pub(super) const UPSERT: &str = "INSERT INTO profile
    (tenant_id, profile_id, exid, email, msisdn, number, permission, attributes, changed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET exid = excluded.exid, email = excluded.email, msisdn = excluded.msisdn,
        number = excluded.number, permission = excluded.permission, attributes = excluded.attributes,
        changed_at = excluded.changed_at";

/// Profiles after `after`, by id.
pub(super) fn page(
    connection: &Connection,
    tenant: TenantId,
    after: Option<ProfileId>,
    limit: usize,
) -> Result<Vec<StoredProfile>, StoreError> {
    let mut select = connection.prepare_cached(&format!(
        "{SELECT} WHERE p.tenant_id = ? AND p.profile_id > ? ORDER BY p.profile_id LIMIT ?"
    ))?;
    let after = after.map_or(0, |after| integer(after.0));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    select.query_and_then(params![tenant.0, after, limit], read)?.collect()
}

/// Number of profiles.
pub(super) fn count(connection: &Connection, tenant: TenantId) -> Result<u64, StoreError> {
    let mut select = connection.prepare_cached("SELECT count(*) FROM profile WHERE tenant_id = ?")?;
    Ok(select.query_one([tenant.0], |row| row.get::<_, i64>(0))?.cast_unsigned())
}

/// The profile an identifier leads to.
pub(super) fn find(
    connection: &Connection,
    tenant: TenantId,
    lookup: &Lookup,
) -> Result<Option<StoredProfile>, StoreError> {
    let by = |table: &str| {
        format!(
            "{SELECT} JOIN {table} i ON i.tenant_id = p.tenant_id AND i.profile_id = p.profile_id
             WHERE i.tenant_id = ? AND i.kind = ? AND i.value = ?"
        )
    };
    let text = |kind: Identifier, value: &str| {
        let mut select = connection.prepare_cached(&by("identity_text"))?;
        select.query_and_then(params![tenant.0, kind as i64, value], read)?.next().transpose()
    };
    let number = |kind: Identifier, value: u64| {
        let mut select = connection.prepare_cached(&by("identity_number"))?;
        select.query_and_then(params![tenant.0, kind as i64, integer(value)], read)?.next().transpose()
    };
    match lookup {
        Lookup::Profile(id) => {
            let mut select = connection.prepare_cached(BY_ID)?;
            select.query_and_then(params![tenant.0, integer(id.0)], read)?.next().transpose()
        }
        Lookup::Exid(exid) => text(Identifier::Exid, exid),
        Lookup::Email(email) => text(Identifier::Email, email),
        Lookup::Number(identity) => number(Identifier::Number, *identity),
        Lookup::Msisdn(identity) => number(Identifier::Msisdn, *identity),
    }
}

/// Hash of everything a tenant's decisions depend on. Keys are read in the order of their bytes, as the
/// reference has them.
pub(super) fn state_hash(connection: &Connection, tenant: TenantId) -> Result<Hash, StoreError> {
    let mut state = StateHasher::default();
    let mut select = connection.prepare(&format!("{SELECT} WHERE p.tenant_id = ? ORDER BY p.profile_id"))?;
    let mut rows = select.query([tenant.0])?;
    while let Some(row) = rows.next()? {
        state.profile(&read(row)?.profile);
    }
    let mut select = connection.prepare(
        "SELECT profile_id, value FROM identity_text WHERE tenant_id = ? AND kind = ? ORDER BY value",
    )?;
    for kind in [Identifier::Exid, Identifier::Email] {
        let mut rows = select.query(params![tenant.0, kind as i64])?;
        while let Some(row) = rows.next()? {
            let value = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            state.text_identity(kind, value, ProfileId(read_u64(row, 0)?));
        }
    }
    let mut select = connection.prepare(
        "SELECT profile_id, value FROM identity_number WHERE tenant_id = ? AND kind = ? ORDER BY value",
    )?;
    for kind in [Identifier::Msisdn, Identifier::Number] {
        let mut rows = select.query(params![tenant.0, kind as i64])?;
        while let Some(row) = rows.next()? {
            state.number_identity(kind, read_u64(row, 1)?, ProfileId(read_u64(row, 0)?));
        }
    }
    let mut select =
        connection.prepare("SELECT number, at FROM own_opt_out WHERE tenant_id = ? ORDER BY number")?;
    let mut rows = select.query([tenant.0])?;
    while let Some(row) = rows.next()? {
        state.own_opt_out(read_u64(row, 0)?, OwnOptOut { at: read_time(row, 1)? });
    }
    Ok(state.finish())
}

/// Runs [`UPSERT`] for one profile.
pub(super) fn write(
    upsert: &mut Statement<'_>,
    tenant: TenantId,
    stored: &Profile,
    changed_at: UnixMs,
) -> Result<(), StoreError> {
    let attributes = (!stored.attributes.is_empty())
        .then(|| serde_json::to_string(&stored.attributes).expect("a map of texts to texts is always JSON"));
    upsert.execute(params![
        tenant.0,
        integer(stored.id.0),
        stored.exid,
        stored.email,
        number(stored.msisdn),
        number(stored.number),
        permission(stored.permission),
        attributes,
        changed_at.0
    ])?;
    Ok(())
}

/// Reads a row of [`BY_ID`] or of any other selection of the same columns.
pub(super) fn read(row: &Row<'_>) -> Result<StoredProfile, StoreError> {
    let attributes = match row.get_ref(6)? {
        ValueRef::Null => BTreeMap::new(),
        json => {
            let json = json.as_str().map_err(rusqlite::Error::from)?;
            serde_json::from_str(json).map_err(|_| damaged("set of attributes", json))?
        }
    };
    let profile = Profile {
        id: ProfileId(read_u64(row, 0)?),
        exid: row.get(1)?,
        email: row.get(2)?,
        msisdn: read_number(row, 3)?,
        number: read_number(row, 4)?,
        permission: read_permission(row, 5)?,
        attributes,
    };
    Ok(StoredProfile { profile, changed_at: read_time(row, 7)? })
}
