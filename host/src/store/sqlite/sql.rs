//! Statements and blocks on a connection of SQLite.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params, params_from_iter};

use crate::store::packed::sql::{Blocks, OnBlock, OnRow, Row, Sql, Value};
use crate::store::{StoreError, TenantId};

/// Bits of a block's key below the tenant.
const TENANT_SHIFT: u32 = 52;
/// Most tenants of one file.
const TENANTS_MAX: u32 = (1 << (63 - TENANT_SHIFT)) - 1;

/// The key of a block: one integer, so that it is a row's number and found in one search.
fn key(tenant: TenantId, block: u64) -> Result<i64, StoreError> {
    if tenant.0 > TENANTS_MAX || block >> TENANT_SHIFT != 0 {
        let text = format!(
            "block {block} of tenant {} is beyond what one file numbers; use a PostgreSQL database",
            tenant.0
        );
        return Err(StoreError::Unusable(text));
    }
    Ok((u64::from(tenant.0) << TENANT_SHIFT | block).cast_signed())
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(int) => ValueRef::Integer(*int),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl Row for rusqlite::Row<'_> {
    fn int(&self, at: usize) -> Result<Option<i64>, StoreError> {
        Ok(self.get_ref(at)?.as_i64_or_null().map_err(rusqlite::Error::from)?)
    }

    fn text(&self, at: usize) -> Result<Option<&str>, StoreError> {
        Ok(self.get_ref(at)?.as_str_or_null().map_err(rusqlite::Error::from)?)
    }

    fn bytes(&self, at: usize) -> Result<Option<&[u8]>, StoreError> {
        Ok(self.get_ref(at)?.as_blob_or_null().map_err(rusqlite::Error::from)?)
    }
}

pub(super) fn execute(connection: &Connection, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.execute(params_from_iter(values))? as u64)
}

pub(super) fn query(
    connection: &Connection,
    sql: &str,
    values: &[Value<'_>],
    each: OnRow<'_>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        if !each(row)? {
            break;
        }
    }
    Ok(())
}

pub(super) fn blocks(
    connection: &Connection,
    of: Blocks,
    tenant: TenantId,
    ids: &[u64],
    each: OnBlock<'_>,
) -> Result<(), StoreError> {
    let mut select = connection.prepare_cached(match of {
        Blocks::Run => "SELECT data FROM run_block WHERE id = ?",
        Blocks::People => "SELECT data FROM people_block WHERE id = ?",
        Blocks::Attributes => "SELECT data FROM attribute_block WHERE id = ?",
    })?;
    for (place, id) in ids.iter().enumerate() {
        if let Some(row) = select.query([key(tenant, *id)?])?.next()? {
            each(place, row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?;
        }
    }
    Ok(())
}

pub(super) fn put_blocks(
    connection: &Connection,
    of: Blocks,
    tenant: TenantId,
    blocks: &[(u64, Vec<u8>)],
) -> Result<(), StoreError> {
    let mut insert = connection.prepare_cached(match of {
        Blocks::Run => "INSERT OR REPLACE INTO run_block (id, data) VALUES (?, ?)",
        Blocks::People => "INSERT OR REPLACE INTO people_block (id, data) VALUES (?, ?)",
        Blocks::Attributes => "INSERT OR REPLACE INTO attribute_block (id, data) VALUES (?, ?)",
    })?;
    for (id, data) in blocks {
        insert.execute(params![key(tenant, *id)?, data])?;
    }
    Ok(())
}

pub(super) fn remove_blocks(
    connection: &Connection,
    of: Blocks,
    tenant: TenantId,
    first: u64,
    last: u64,
) -> Result<(), StoreError> {
    let mut delete = connection.prepare_cached(match of {
        Blocks::Run => "DELETE FROM run_block WHERE id BETWEEN ? AND ?",
        Blocks::People => "DELETE FROM people_block WHERE id BETWEEN ? AND ?",
        Blocks::Attributes => "DELETE FROM attribute_block WHERE id BETWEEN ? AND ?",
    })?;
    delete.execute([key(tenant, first)?, key(tenant, last)?])?;
    Ok(())
}

/// Makes a connection, however it is held, speak SQL.
macro_rules! speaks_sql {
    ($($holder:ty)*) => { $(
        impl Sql for $holder {
            fn execute(&self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
                execute(self, sql, values)
            }

            fn query(&self, sql: &'static str, values: &[Value<'_>], each: OnRow<'_>) -> Result<(), StoreError> {
                query(self, sql, values, each)
            }

            fn blocks(&self, of: Blocks, tenant: TenantId, ids: &[u64], each: OnBlock<'_>) -> Result<(), StoreError> {
                blocks(self, of, tenant, ids, each)
            }

            fn put_blocks(
                &self,
                of: Blocks,
                tenant: TenantId,
                blocks: &[(u64, Vec<u8>)],
            ) -> Result<(), StoreError> {
                put_blocks(self, of, tenant, blocks)
            }

            fn remove_blocks(&self, of: Blocks, tenant: TenantId, first: u64, last: u64) -> Result<(), StoreError> {
                remove_blocks(self, of, tenant, first, last)
            }
        }
    )* };
}

speaks_sql! { super::connection::Reader<'_> super::connection::Writer<'_> super::connection::Trial<'_> }
