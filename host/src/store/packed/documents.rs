//! Small documents as rows. They are few and belong to no batch, so nothing here is packed.

use super::sql::{Sql, there, values};
use crate::store::{Document, Kind, Put, StoreError, TenantId};

/// One document.
pub(super) fn find(
    sql: &dyn Sql,
    tenant: TenantId,
    kind: Kind,
    key: &str,
) -> Result<Option<Document>, StoreError> {
    const FIND: &str = "SELECT version, body FROM document WHERE tenant_id = ?1 AND kind = ?2 AND key = ?3";
    sql.one(FIND, values![tenant, kind.id(), key], |row| {
        let body = there(row.bytes(1)?)?.to_vec();
        Ok(Document { key: key.to_owned(), version: row.u64(0)?, body })
    })
}

/// Documents of a kind with keys after `after`, in the order of their keys' bytes, at most `limit`.
pub(super) fn page(
    sql: &dyn Sql,
    tenant: TenantId,
    kind: Kind,
    after: &str,
    limit: usize,
) -> Result<Vec<Document>, StoreError> {
    const PAGE: &str =
        "SELECT key, version, body FROM document WHERE tenant_id = ?1 AND kind = ?2 AND key > ?3
        ORDER BY key LIMIT ?4";
    sql.all(PAGE, values![tenant, kind.id(), after, limit as u64], |row| {
        Ok(Document { key: row.string(0)?, version: row.u64(1)?, body: there(row.bytes(2)?)?.to_vec() })
    })
}

/// Applies changes, of which each must find what it expects; the version they leave.
pub(super) fn put(sql: &dyn Sql, tenant: TenantId, puts: &[Put<'_>]) -> Result<u64, StoreError> {
    const WRITES: &str = "SELECT document_writes FROM tenant WHERE tenant_id = ?1";
    const COUNT: &str = "UPDATE tenant SET document_writes = ?2 WHERE tenant_id = ?1";
    const STANDS: &str = "SELECT version FROM document WHERE tenant_id = ?1 AND kind = ?2 AND key = ?3";
    const REMOVE: &str = "DELETE FROM document WHERE tenant_id = ?1 AND kind = ?2 AND key = ?3";
    const CHANGE: &str =
        "UPDATE document SET version = ?4, body = ?5 WHERE tenant_id = ?1 AND kind = ?2 AND key = ?3";
    const ADD: &str =
        "INSERT INTO document (tenant_id, kind, key, version, body) VALUES (?1, ?2, ?3, ?4, ?5)";
    let version = there(sql.one(WRITES, values![tenant], |row| row.u64(0))?)? + 1;
    for put in puts {
        put.check()?;
        let (kind, key) = (put.kind.id(), put.key);
        let stands = sql.one(STANDS, values![tenant, kind, key], |row| row.u64(0))?;
        if stands != put.expected_version {
            return Err(StoreError::Overtaken);
        }
        let changed = match (put.body, stands) {
            (None, None) => continue,
            (None, Some(_)) => sql.execute(REMOVE, values![tenant, kind, key])?,
            (Some(body), Some(_)) => sql.execute(CHANGE, values![tenant, kind, key, version, body])?,
            (Some(body), None) => sql.execute(ADD, values![tenant, kind, key, version, body])?,
        };
        if changed != 1 {
            return Err(StoreError::Damaged("a document was changed that is not there".to_owned()));
        }
    }
    sql.execute(COUNT, values![tenant, version])?;
    Ok(version)
}
