//! Moves everything from one packed store into another, empty one: rows and blocks go as they are, so that hashes of the
//! log stay what they were. Each tenant in one transaction.

use consentry_core::matching::Custody;

use super::log;
use super::runs::{Runs, Space};
use super::sql::{Blocks, Database, Sql, Value};
use super::{Packed, attributes, people, values};
use crate::store::{Import, Store as _, StoreError, TenantId};

/// Rows written in one go.
const TOGETHER: usize = 4096;

/// How a table is read and written: its columns' kinds are `i`ntegers, `t`exts and `b`ytes, the first being the tenant.
struct Table {
    select: &'static str,
    insert: &'static str,
    kinds: &'static str,
}

macro_rules! table {
    ($name:literal, $columns:literal, $places:literal, $kinds:literal) => {
        Table {
            select: concat!("SELECT ", $columns, " FROM ", $name, " WHERE tenant_id = ?1"),
            insert: concat!("INSERT INTO ", $name, " (", $columns, ") VALUES (", $places, ")"),
            kinds: $kinds,
        }
    };
}

/// Everything but blocks, numbers and the tenant itself.
const TABLES: [Table; 8] = [
    table!(
        "import",
        "tenant_id, import_id, state, cursor, created, updated, unchanged, kept_opt_out, numbers_moved,
         identifiers_conflict, identifiers_differ, log_from, file_name, file_sha256, file_bytes, engine_sha256,
         client_digest, received_at, as_of, override_reason, options, record_hash, finished_at, failure, report,
         undone_at, undone_by, undo",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
         ?25, ?26, ?27, ?28",
        "iitiiiiiiiiittittitttbittitt"
    ),
    table!(
        "import_finding",
        "tenant_id, import_id, place, code, row, line, profiles",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7",
        "iiitiit"
    ),
    table!("import_confirmed", "tenant_id, import_id, to_row, profiles", "?1, ?2, ?3, ?4", "iiib"),
    table!("business_user", "tenant_id, user_id, number, opted_out_at", "?1, ?2, ?3, ?4", "itii"),
    table!("unheld_event", "tenant_id, number, seq", "?1, ?2, ?3", "iii"),
    table!("document", "tenant_id, kind, key, version, body", "?1, ?2, ?3, ?4, ?5", "ittib"),
    table!("log_redaction", "tenant_id, first_event, by_event", "?1, ?2, ?3", "iii"),
    table!("audit_note", "tenant_id, seq, body, hash", "?1, ?2, ?3, ?4", "iibb"),
];

const TENANT: Table = table!(
    "tenant",
    "tenant_id, seed, next_profile, next_import, next_run, profiles, undo_after, event_seq, event_hash, document_writes,
     attribute_writes, audit_seq",
    "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12",
    "ibiiiiiibiii"
);

/// What was moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Tenants.
    pub tenants: u64,
    /// Profiles.
    pub profiles: u64,
    /// Events of the log.
    pub events: u64,
}

impl<A: Database> Packed<A> {
    /// Copies everything into a store that has nobody yet, and sees that it says the same afterwards.
    pub fn copy_into<B: Database>(&self, to: &Packed<B>) -> Result<Moved, StoreError> {
        let from = self.database.read()?;
        let tenants_here = tenants(from.as_ref())?;
        if !tenants(to.database.read()?.as_ref())?.is_empty() {
            return Err(StoreError::NotEmpty);
        }
        let mut moved = Moved::default();
        for tenant in tenants_here {
            self.copy_tenant(from.as_ref(), to, tenant)?;
            let same = self.state_hash(tenant)? == to.state_hash(tenant)?;
            let events = self.verify(tenant)?;
            if !same
                || to.verify(tenant)? != events
                || self.verify_notes(tenant)? != to.verify_notes(tenant)?
                || self.imports(tenant)? != to.imports(tenant)?
            {
                return Err(StoreError::Damaged("the copy does not say what the original says".to_owned()));
            }
            moved.tenants += 1;
            moved.profiles += self.profile_count(tenant)?;
            moved.events += events;
        }
        Ok(moved)
    }

    /// Every import of every tenant.
    pub fn all_imports(&self) -> Result<Vec<(TenantId, Import)>, StoreError> {
        let mut imports = Vec::new();
        for tenant in tenants(self.database.read()?.as_ref())? {
            imports.extend(self.imports(tenant)?.into_iter().map(|import| (tenant, import)));
        }
        Ok(imports)
    }

    fn copy_tenant<B: Database>(
        &self,
        from: &dyn Sql,
        to: &Packed<B>,
        tenant: TenantId,
    ) -> Result<(), StoreError> {
        let writing = to.database.write(tenant)?;
        let target: &dyn Sql = writing.as_sql();
        target.execute("DELETE FROM tenant WHERE tenant_id = ?1", values![tenant])?;
        copy(from, target, &TENANT, tenant)?;
        for table in &TABLES {
            copy(from, target, table, tenant)?;
        }
        log::each_block(from, tenant, 0, &mut |block| {
            log::append(target, tenant, &block)?;
            Ok(true)
        })?;
        people::copy(from, target, tenant)?;
        attributes::copy(from, target, tenant)?;
        let runs = self.runs(from, tenant);
        for space in Space::ALL {
            if space == Space::Number && numbers_in_rows(&runs, target)? {
                continue;
            }
            runs.copy(space, target)?;
        }
        writing.commit()
    }
}

fn tenants(sql: &dyn Sql) -> Result<Vec<TenantId>, StoreError> {
    sql.all("SELECT tenant_id FROM tenant ORDER BY tenant_id", &[], |row| {
        let tenant = u32::try_from(row.i64(0)?).map(TenantId);
        tenant.map_err(|_| StoreError::Damaged("a tenant has a number out of range".to_owned()))
    })
}

/// Who has each number goes into rows where the target keeps rows.
fn numbers_in_rows(runs: &Runs<'_>, target: &dyn Sql) -> Result<bool, StoreError> {
    if !target.put_custody(runs.tenant, &[])? {
        return Ok(false);
    }
    let (mut custody, mut failed) = (Vec::new(), None);
    let mut put = |custody: &mut Vec<Custody>| {
        failed = failed.take().or(target.put_custody(runs.tenant, custody).err());
        custody.clear();
    };
    runs.each(Space::Number, &mut |number, values| {
        custody.push(Custody { number, profile: values[0], held: values[1] != 0 });
        if custody.len() == TOGETHER {
            put(&mut custody);
        }
    })?;
    put(&mut custody);
    failed.map_or(Ok(true), Err)
}

fn copy(from: &dyn Sql, to: &dyn Sql, table: &Table, tenant: TenantId) -> Result<(), StoreError> {
    from.query(table.select, values![tenant], &mut |row| {
        let mut values = Vec::with_capacity(table.kinds.len());
        for (at, kind) in table.kinds.bytes().enumerate() {
            values.push(match kind {
                b'i' => Value::from(row.int(at)?),
                b't' => Value::from(row.text(at)?),
                _ => Value::from(row.bytes(at)?),
            });
        }
        to.execute(table.insert, &values)?;
        Ok(true)
    })
}

/// Copies blocks by number.
pub(super) fn copy_blocks(
    from: &dyn Sql,
    to: &dyn Sql,
    of: Blocks,
    tenant: TenantId,
    ids: impl Iterator<Item = u64>,
) -> Result<(), StoreError> {
    let ids: Vec<u64> = ids.collect();
    for ids in ids.chunks(128) {
        let mut blocks = Vec::with_capacity(ids.len());
        from.blocks(of, tenant, ids, &mut |place, bytes| {
            blocks.push((ids[place], bytes.to_vec()));
            Ok(())
        })?;
        to.put_blocks(of, tenant, &blocks)?;
    }
    Ok(())
}
