//! Moves a whole inbox into another, empty one, row by row: places, what waits and what is forgotten stay what they were.

use super::kept::{Kept, Place};
use crate::store::StoreError;
use crate::store::packed::sql::{Sql, Value};

/// How a table is read and written: its columns are `i`ntegers and `t`exts.
struct Table {
    select: &'static str,
    insert: &'static str,
    kinds: &'static str,
}

macro_rules! table {
    ($name:literal, $columns:literal, $places:literal, $kinds:literal) => {
        Table {
            select: concat!("SELECT ", $columns, " FROM ", $name),
            insert: concat!("INSERT INTO ", $name, " (", $columns, ") VALUES (", $places, ")"),
            kinds: $kinds,
        }
    };
}

const TABLES: [Table; 4] = [
    table!("inbox_tenant", "tenant_id, next_seq, taken, last_received", "?1, ?2, ?3, ?4", "iiii"),
    table!(
        "inbox_event",
        "tenant_id, seq, id, lane, kind, waits, at, received, number, user_id, message_id, body",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12",
        "iititiiiittt"
    ),
    table!("inbox_delivery", "tenant_id, message_id, body", "?1, ?2, ?3", "itt"),
    table!("inbox_cursor", "tenant_id, source, lane, inbox, up_to", "?1, ?2, ?3, ?4, ?5", "ititi"),
];

impl<A: Place> Kept<A> {
    /// Copies everything into an inbox that has nothing yet, all or nothing; the number of rows.
    pub fn copy_into<B: Place>(&self, to: &Kept<B>) -> Result<u64, StoreError> {
        let from = self.place().read()?;
        let writing = to.place().write()?;
        let anybody = writing.as_sql().one("SELECT tenant_id FROM inbox_tenant LIMIT 1", &[], |_| Ok(()))?;
        if anybody.is_some() {
            return Err(StoreError::NotEmpty);
        }
        let mut rows = 0;
        for table in &TABLES {
            rows += copy(from.as_ref(), writing.as_sql(), table)?;
        }
        writing.commit()?;
        Ok(rows)
    }
}

fn copy(from: &dyn Sql, to: &dyn Sql, table: &Table) -> Result<u64, StoreError> {
    let mut rows = 0;
    from.query(table.select, &[], &mut |row| {
        let mut values = Vec::with_capacity(table.kinds.len());
        for (at, kind) in table.kinds.bytes().enumerate() {
            values.push(if kind == b'i' { Value::from(row.int(at)?) } else { Value::from(row.text(at)?) });
        }
        rows += to.execute(table.insert, &values)?;
        Ok(true)
    })?;
    Ok(rows)
}
