//! Notes of the audit as rows: each is read by its number, and nothing of them is packed.

use super::sql::{Row, Sql, there, values};
use crate::store::audit::{AuditEnd, Following, Note};
use crate::store::{StoreError, TenantId};

/// Adds a note.
pub(super) fn append(sql: &dyn Sql, tenant: TenantId, body: &[u8]) -> Result<Note, StoreError> {
    const LAST: &str = "SELECT hash FROM audit_note WHERE tenant_id = ?1 AND seq = ?2";
    const ADD: &str = "INSERT INTO audit_note (tenant_id, seq, body, hash) VALUES (?1, ?2, ?3, ?4)";
    const COUNT: &str = "UPDATE tenant SET audit_seq = ?2 WHERE tenant_id = ?1";
    let seq = written(sql, tenant)?;
    let hash = match seq {
        0 => [0; 32],
        _ => there(sql.one(LAST, values![tenant, seq], |row| row.array(0))?)?,
    };
    let note = Note::after(seq, &hash, body)?;
    sql.execute(ADD, values![tenant, note.seq, body, &note.hash])?;
    sql.execute(COUNT, values![tenant, note.seq])?;
    Ok(note)
}

/// Notes before a number, the latest first.
pub(super) fn page(
    sql: &dyn Sql,
    tenant: TenantId,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<Note>, StoreError> {
    const PAGE: &str = "SELECT seq, body, hash FROM audit_note WHERE tenant_id = ?1 AND seq < ?2
        ORDER BY seq DESC LIMIT ?3";
    let before = before.unwrap_or(i64::MAX.unsigned_abs());
    sql.all(PAGE, values![tenant, before, limit as u64], read)
}

/// Recomputes every hash.
pub(super) fn verify(sql: &dyn Sql, tenant: TenantId) -> Result<AuditEnd, StoreError> {
    const ALL: &str = "SELECT seq, body, hash FROM audit_note WHERE tenant_id = ?1 ORDER BY seq";
    let mut following = Following::default();
    sql.query(ALL, values![tenant], &mut |row| following.next(&read(row)?).map(|()| true))?;
    following.end(written(sql, tenant)?)
}

/// How many notes were written; an unknown tenant has none.
fn written(sql: &dyn Sql, tenant: TenantId) -> Result<u64, StoreError> {
    const WRITTEN: &str = "SELECT audit_seq FROM tenant WHERE tenant_id = ?1";
    Ok(sql.one(WRITTEN, values![tenant], |row| row.u64(0))?.unwrap_or(0))
}

fn read(row: &dyn Row) -> Result<Note, StoreError> {
    Ok(Note { seq: row.u64(0)?, body: there(row.bytes(1)?)?.to_vec(), hash: row.array(2)? })
}
