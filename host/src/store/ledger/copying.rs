//! Moves a whole ledger into another, empty one: what was told, counts, leases and fences stay what they were.

use consentry_core::campaign::CampaignId;

use super::NewSend;
use super::kept::{Kept, Place};
use super::row::{self, planned_columns, way_columns};
use super::way::Way;
use crate::store::packed::sql::{Sql, Value, values};
use crate::store::{StoreError, TenantId};

/// Messages written in one go.
const TOGETHER: usize = 4096;

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

/// Everything but the messages.
const TABLES: [Table; 5] = [
    table!(
        "ledger_total",
        "tenant_id, campaign, message, country, import, line, state, reached, code, did, sends",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11",
        "iiiiiiiiiii"
    ),
    table!(
        "ledger_time",
        "tenant_id, campaign, at, accepted, sent, delivered, read, failed, clicked",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9",
        "iiiiiiiii"
    ),
    table!("ledger_lease", "tenant_id, line, fence, until, people", "?1, ?2, ?3, ?4, ?5", "itiii"),
    table!("ledger_heard", "tenant_id, up_to", "?1, ?2", "ii"),
    table!("ledger_plan", "tenant_id, campaign, attempt", "?1, ?2, ?3", "iii"),
];

impl<A: Place> Kept<A> {
    /// Copies everything into a ledger that has nothing yet, all or nothing; the number of rows.
    pub fn copy_into<B: Place>(&self, to: &Kept<B>) -> Result<u64, StoreError> {
        const PLANS: &str =
            "SELECT DISTINCT tenant_id, campaign FROM ledger_total ORDER BY tenant_id, campaign";
        const ANYBODY: [&str; 2] =
            ["SELECT tenant_id FROM ledger_send LIMIT 1", "SELECT tenant_id FROM ledger_heard LIMIT 1"];
        let from = self.place().read()?;
        let writing = to.place().write()?;
        for anybody in ANYBODY {
            if writing.as_sql().one(anybody, &[], |_| Ok(()))?.is_some() {
                return Err(StoreError::NotEmpty);
            }
        }
        let mut rows = 0;
        for (tenant, campaign) in from.all(PLANS, &[], |row| Ok((row.i64(0)?, row.u64(1)?)))? {
            let strange = |_| StoreError::Damaged("a tenant has a number out of range".to_owned());
            let tenant = u32::try_from(tenant).map(TenantId).map_err(strange)?;
            let mut together = Vec::with_capacity(TOGETHER);
            let mut add = |together: &mut Vec<(NewSend, Way)>| {
                let sends: Vec<(&NewSend, Way)> =
                    together.iter().map(|(send, way)| (send, way.clone())).collect();
                rows += sends.len() as u64;
                writing.add(tenant, CampaignId(campaign), &sends)?;
                together.clear();
                Ok::<(), StoreError>(())
            };
            const SENDS: &str = concat!(
                "SELECT ",
                planned_columns!(),
                ", ",
                way_columns!(),
                " FROM ledger_send WHERE tenant_id = ?1 AND campaign = ?2 ORDER BY place"
            );
            from.query(SENDS, values![tenant, campaign], &mut |row| {
                let (_, planned, way) = row::send(row)?;
                together.push((planned, way));
                if together.len() == TOGETHER {
                    add(&mut together)?;
                }
                Ok(true)
            })?;
            add(&mut together)?;
        }
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
