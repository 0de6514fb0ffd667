//! Statements, blocks and the holders of numbers on a transaction of PostgreSQL.

use consentry_core::matching::Custody;
use postgres::Statement;
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::types::{ToSql, Type};

use super::copying::Copying;
use super::pool::{Session, Transaction};
use crate::store::packed::sql::{Blocks, OnBlock, OnCustody, OnRow, Row, Sql, Value};
use crate::store::{StoreError, TenantId};

/// Blocks asked for in one statement.
const BLOCKS_TOGETHER: usize = 1024;
/// Numbers looked up or kept in one statement: the server holds them in memory meanwhile.
const NUMBERS_TOGETHER: usize = 32 * 1024;

type Parameter<'a> = &'a (dyn ToSql + Sync);

/// Finds each key of an array by the primary key. The limit is there for the planner, which must not turn a search in it
/// into a join: a plan is made once for each connection, and one made while a table was empty goes through all of it for
/// every key when it is no longer.
macro_rules! one_by_one {
    ($answer:literal, $key:literal, $columns:literal, $table:literal, $order:literal) => {
        concat!(
            "SELECT ",
            $answer,
            " FROM unnest(?2::bigint[]) AS asked (",
            $key,
            ") CROSS JOIN LATERAL (SELECT ",
            $columns,
            " FROM ",
            $table,
            " AS kept WHERE kept.tenant_id = ?1 AND kept.",
            $key,
            " = asked.",
            $key,
            " LIMIT 1) AS found",
            $order
        )
    };
}

impl Row for postgres::Row {
    fn int(&self, at: usize) -> Result<Option<i64>, StoreError> {
        Ok(self.try_get(at)?)
    }

    fn text(&self, at: usize) -> Result<Option<&str>, StoreError> {
        Ok(self.try_get(at)?)
    }

    fn bytes(&self, at: usize) -> Result<Option<&[u8]>, StoreError> {
        Ok(self.try_get(at)?)
    }
}

impl Sql for Transaction<'_> {
    fn execute(&self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.run(|session| {
            let statement = session.statement(sql)?;
            Ok(session.client.execute(&statement, &parameters(&statement, values))?)
        })
    }

    fn query(&self, sql: &'static str, values: &[Value<'_>], each: OnRow<'_>) -> Result<(), StoreError> {
        self.run(|session| {
            let statement = session.statement(sql)?;
            let mut rows = session.client.query_raw(&statement, parameters(&statement, values))?;
            while let Some(row) = rows.next()? {
                if !each(&row)? {
                    break;
                }
            }
            Ok(())
        })
    }

    fn blocks(&self, of: Blocks, tenant: TenantId, ids: &[u64], each: OnBlock<'_>) -> Result<(), StoreError> {
        let select = match of {
            Blocks::Run => {
                one_by_one!("asked.id, found.data", "id", "data", "run_block", " ORDER BY asked.id")
            }
            Blocks::People => {
                one_by_one!("asked.id, found.data", "id", "data", "people_block", " ORDER BY asked.id")
            }
            Blocks::Attributes => {
                one_by_one!("asked.id, found.data", "id", "data", "attribute_block", " ORDER BY asked.id")
            }
        };
        let mut place = 0;
        for ids_together in ids.chunks(BLOCKS_TOGETHER) {
            self.run(|session| {
                let asked = signed(ids_together.iter().copied());
                each_row(session, select, &[&of_tenant(tenant), &asked], |row| {
                    let id = row.try_get::<_, i64>(0)?.cast_unsigned();
                    while ids.get(place).is_some_and(|asked| *asked < id) {
                        place += 1;
                    }
                    each(place, row.try_get(1)?)
                })
            })?;
        }
        Ok(())
    }

    /// Blocks of runs are always new; of people, the last block may be there and not full; of attributes, any may be there.
    fn put_blocks(&self, of: Blocks, tenant: TenantId, blocks: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
        if blocks.is_empty() {
            return Ok(());
        }
        let tenant = of_tenant(tenant);
        self.run(|session| match of {
            Blocks::Run => {
                let mut rows = Copying::new();
                for (id, data) in blocks {
                    rows.row(3);
                    rows.int(tenant);
                    rows.int(id.cast_signed());
                    rows.bytes(Some(data));
                }
                rows.send(session, "COPY run_block (tenant_id, id, data) FROM STDIN (FORMAT binary)")
            }
            Blocks::People | Blocks::Attributes => {
                const PEOPLE: &str =
                    "INSERT INTO people_block (tenant_id, id, data) SELECT ?1::bigint, id, data
                    FROM unnest(?2::bigint[], ?3::bytea[]) AS block (id, data)
                    ON CONFLICT (tenant_id, id) DO UPDATE SET data = excluded.data";
                const ATTRIBUTES: &str =
                    "INSERT INTO attribute_block (tenant_id, id, data) SELECT ?1::bigint, id, data
                    FROM unnest(?2::bigint[], ?3::bytea[]) AS block (id, data)
                    ON CONFLICT (tenant_id, id) DO UPDATE SET data = excluded.data";
                let put = if of == Blocks::People { PEOPLE } else { ATTRIBUTES };
                let ids = signed(blocks.iter().map(|(id, _)| *id));
                let data: Vec<&[u8]> = blocks.iter().map(|(_, data)| data.as_slice()).collect();
                let statement = session.statement(put)?;
                session.client.execute(&statement, &[&tenant, &ids, &data])?;
                Ok(())
            }
        })
    }

    fn remove_blocks(&self, of: Blocks, tenant: TenantId, first: u64, last: u64) -> Result<(), StoreError> {
        let delete = match of {
            Blocks::Run => "DELETE FROM run_block WHERE tenant_id = ?1 AND id BETWEEN ?2 AND ?3",
            Blocks::People => "DELETE FROM people_block WHERE tenant_id = ?1 AND id BETWEEN ?2 AND ?3",
            Blocks::Attributes => "DELETE FROM attribute_block WHERE tenant_id = ?1 AND id BETWEEN ?2 AND ?3",
        };
        self.execute(delete, &[tenant.into(), first.into(), last.into()]).map(|_| ())
    }

    fn custody(&self, tenant: TenantId, numbers: &[u64], each: OnCustody<'_>) -> Result<bool, StoreError> {
        const SELECT: &str = one_by_one!(
            "asked.number, found.profile_id, found.held",
            "number",
            "profile_id, held",
            "number_holder",
            ""
        );
        let mut next = 0;
        for together in numbers.chunks(NUMBERS_TOGETHER) {
            self.run(|session| {
                let asked = signed(together.iter().copied());
                each_row(session, SELECT, &[&of_tenant(tenant), &asked], |row| {
                    let number = row.try_get::<_, i64>(0)?.cast_unsigned();
                    // They nearly always come as they were asked for, and no order is promised.
                    while numbers.get(next).is_some_and(|asked| *asked < number) {
                        next += 1;
                    }
                    if numbers.get(next) != Some(&number) {
                        next = numbers.partition_point(|asked| *asked < number);
                    }
                    each(next, row.try_get::<_, i64>(1)?.cast_unsigned(), row.try_get(2)?);
                    Ok(())
                })
            })?;
        }
        Ok(true)
    }

    fn put_custody(&self, tenant: TenantId, custody: &[Custody]) -> Result<bool, StoreError> {
        const PUT: &str =
            "INSERT INTO number_holder (tenant_id, number, profile_id, held) SELECT ?1::bigint, number, profile_id, held
            FROM unnest(?2::bigint[], ?3::bigint[], ?4::boolean[]) AS change (number, profile_id, held)
            ON CONFLICT (tenant_id, number) DO UPDATE SET profile_id = excluded.profile_id, held = excluded.held";
        for together in custody.chunks(NUMBERS_TOGETHER) {
            let numbers = signed(together.iter().map(|change| change.number));
            let profiles = signed(together.iter().map(|change| change.profile));
            let held: Vec<bool> = together.iter().map(|change| change.held).collect();
            self.run(|session| {
                let statement = session.statement(PUT)?;
                session.client.execute(&statement, &[&of_tenant(tenant), &numbers, &profiles, &held])?;
                Ok(())
            })?;
        }
        Ok(true)
    }
}

fn each_row(
    session: &mut Session,
    sql: &'static str,
    parameters: &[Parameter<'_>],
    mut each: impl FnMut(&postgres::Row) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let statement = session.statement(sql)?;
    let mut rows = session.client.query_raw(&statement, parameters.iter().copied())?;
    while let Some(row) = rows.next()? {
        each(&row)?;
    }
    Ok(())
}

fn parameters<'a>(statement: &Statement, values: &'a [Value<'_>]) -> Vec<Parameter<'a>> {
    let of = |(value, kind): (&'a Value<'_>, &Type)| match value {
        Value::Null => null(kind),
        Value::Int(int) => int as Parameter<'a>,
        Value::Text(text) => text,
        Value::Bytes(bytes) => bytes,
    };
    values.iter().zip(statement.params()).map(of).collect()
}

/// Nothing, of the type the server expects.
fn null(kind: &Type) -> Parameter<'static> {
    match *kind {
        Type::TEXT => &None::<&str>,
        Type::BYTEA => &None::<&[u8]>,
        _ => &None::<i64>,
    }
}

fn of_tenant(tenant: TenantId) -> i64 {
    i64::from(tenant.0)
}

/// No id and no number comes near 2^63.
fn signed(values: impl Iterator<Item = u64>) -> Vec<i64> {
    values.map(u64::cast_signed).collect()
}
