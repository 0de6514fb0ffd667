//! Uploaded files in the database, where several hosts share it: whoever takes an import over must have its file.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;

use super::sql::{Sql, there, values};
use crate::store::{StoreError, TenantId};

/// Bytes in one row.
const PART_BYTES: u64 = 1 << 20;

/// Whether a file is in the database: its first part comes last.
pub(super) fn is_kept(sql: &dyn Sql, tenant: TenantId, sha256: &str) -> Result<bool, StoreError> {
    const KNOWN: &str = "SELECT place FROM file_part WHERE tenant_id = ?1 AND sha256 = ?2 AND place = 0";
    Ok(sql.one(KNOWN, values![tenant, sha256], |_| Ok(()))?.is_some())
}

/// Numbers of a file's parts, in the order in which they are to be kept.
pub(super) fn parts(file: &Path) -> Result<impl Iterator<Item = u64> + use<>, StoreError> {
    let parts = std::fs::metadata(file)?.len().div_ceil(PART_BYTES).max(1);
    Ok((1..parts).chain([0]))
}

/// Copies a part of a file into the database, unless it is there.
pub(super) fn keep(
    sql: &dyn Sql,
    tenant: TenantId,
    sha256: &str,
    file: &Path,
    place: u64,
) -> Result<(), StoreError> {
    const INSERT: &str = "INSERT INTO file_part (tenant_id, sha256, place, data) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT DO NOTHING";
    let mut file = File::open(file)?;
    file.seek(SeekFrom::Start(place * PART_BYTES))?;
    let mut part = Vec::new();
    file.take(PART_BYTES).read_to_end(&mut part)?;
    sql.execute(INSERT, values![tenant, sha256, place, &part])?;
    Ok(())
}

/// Removes a file.
pub(super) fn forget(sql: &dyn Sql, tenant: TenantId, sha256: &str) -> Result<(), StoreError> {
    const FORGET: &str = "DELETE FROM file_part WHERE tenant_id = ?1 AND sha256 = ?2";
    sql.execute(FORGET, values![tenant, sha256])?;
    Ok(())
}

/// Writes a kept file; false when it is not there.
pub(super) fn fetch(
    sql: &dyn Sql,
    tenant: TenantId,
    sha256: &str,
    into: &mut dyn Write,
) -> Result<bool, StoreError> {
    const PART: &str = "SELECT data FROM file_part WHERE tenant_id = ?1 AND sha256 = ?2 AND place = ?3";
    for place in 0_u64.. {
        let mut written = false;
        sql.query(PART, values![tenant, sha256, place], &mut |row| {
            into.write_all(there(row.bytes(0)?)?)?;
            written = true;
            Ok(false)
        })?;
        if !written {
            return Ok(place > 0);
        }
    }
    Ok(true)
}
