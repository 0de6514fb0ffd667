//! Uploaded files in the database, where several hosts share it: whoever takes an import over must have its file.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use super::sql::{Sql, there, values};
use crate::store::{StoreError, TenantId};

/// Bytes in one row.
const PART_BYTES: u64 = 1 << 20;

/// Copies a file into the database, unless it is there.
pub(super) fn keep(sql: &dyn Sql, tenant: TenantId, sha256: &str, file: &Path) -> Result<(), StoreError> {
    const KNOWN: &str = "SELECT place FROM file_part WHERE tenant_id = ?1 AND sha256 = ?2 LIMIT 1";
    const INSERT: &str = "INSERT INTO file_part (tenant_id, sha256, place, data) VALUES (?1, ?2, ?3, ?4)";
    if sql.one(KNOWN, values![tenant, sha256], |_| Ok(()))?.is_some() {
        return Ok(());
    }
    let file = File::open(file)?;
    for place in 0_u64.. {
        let mut part = Vec::new();
        (&file).take(PART_BYTES).read_to_end(&mut part)?;
        if part.is_empty() && place > 0 {
            break;
        }
        sql.execute(INSERT, values![tenant, sha256, place, &part])?;
    }
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
