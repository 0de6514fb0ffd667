//! Imports: accepted in one transaction, moved on with every batch, ended once, and perhaps taken back.

use consentry_core::matching::{Counts, Finding, Hash, ImportId, Plan, ProfileId, UndoCounts};
use consentry_core::rule::Code;
use consentry_core::time::{Date, UnixMs};
use consentry_core::wire::v1;
use serde::de::DeserializeOwned;

use super::sql::{Row, Sql, Value, there, values};
use crate::store::{
    Accepted, Import, ImportState, NewImport, Outcome, Step, StoreError, TenantId, UndoRecord,
};

/// Columns of an import, in the order [`read_import`] reads them.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT import_id, state, cursor, created, updated, unchanged, kept_opt_out, numbers_moved,
                identifiers_conflict, identifiers_differ, file_name, file_sha256, file_bytes, engine_sha256,
                client_digest, received_at, as_of, override_reason, options, finished_at, failure, report, log_from,
                undone_at, undone_by, undo FROM import ",
            $rest
        )
    };
}

const STATES: [ImportState; 6] = [
    ImportState::Accepted,
    ImportState::Applying,
    ImportState::Committed,
    ImportState::Refused,
    ImportState::Failed,
    ImportState::Undone,
];

/// Takes a file for import, unless the last import that may have changed something was of the same file.
pub(super) fn accept(sql: &dyn Sql, tenant: TenantId, new: &NewImport) -> Result<Accepted, StoreError> {
    // Refused files changed nothing, neither did an import that failed before its first batch, and what was taken back
    // counts no more.
    const LAST: &str = select!(
        "WHERE tenant_id = ?1 AND state NOT IN ('refused', 'undone') AND NOT (state = 'failed' AND cursor = 0)
         ORDER BY import_id DESC LIMIT 1"
    );
    const UNDO_AFTER: &str = "SELECT undo_after FROM tenant WHERE tenant_id = ?1";
    const NEXT: &str =
        "UPDATE tenant SET next_import = next_import + 1 WHERE tenant_id = ?1 RETURNING next_import - 1";
    const INSERT: &str =
        "INSERT INTO import (tenant_id, import_id, state, file_name, file_sha256, file_bytes,
            engine_sha256, client_digest, received_at, as_of, override_reason, options, record_hash)
        VALUES (?1, ?2, 'accepted', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let last = select(sql, LAST, values![tenant], tenant)?.pop();
    let undo_after = there(sql.one(UNDO_AFTER, values![tenant], |row| row.u64(0))?)?;
    if let Some(last) = last.filter(|last| last.new.same_as(new)) {
        match last.state {
            ImportState::Accepted | ImportState::Applying => return Ok(Accepted::UnderWay(last)),
            ImportState::Committed if last.id.0 > undo_after => return Ok(Accepted::Already(last)),
            // It stopped half way, or something was taken back since: the file may be tried again.
            _ => {}
        }
    }
    let id = ImportId(there(sql.one(NEXT, values![tenant], |row| row.u64(0))?)?);
    let as_of = new.as_of.map(|date| date.to_string());
    sql.execute(
        INSERT,
        values![
            tenant,
            id.0,
            &new.file_name,
            &new.file_sha256,
            new.file_bytes,
            &new.engine_sha256,
            new.client_digest.as_ref(),
            new.received_at.0,
            as_of.as_ref(),
            new.override_reason.as_ref(),
            &json(&new.options),
            &new.hash(),
        ],
    )?;
    find(sql, tenant, id)?.map(Accepted::New).ok_or(StoreError::NoImport(id))
}

/// One import.
pub(super) fn find(sql: &dyn Sql, tenant: TenantId, import: ImportId) -> Result<Option<Import>, StoreError> {
    const ONE: &str = select!("WHERE tenant_id = ?1 AND import_id = ?2");
    Ok(select(sql, ONE, values![tenant, import.0], tenant)?.pop())
}

/// The hash of an import's record as it was accepted.
pub(super) fn record_hash(sql: &dyn Sql, tenant: TenantId, import: ImportId) -> Result<Hash, StoreError> {
    const READ: &str = "SELECT record_hash FROM import WHERE tenant_id = ?1 AND import_id = ?2";
    there(sql.one(READ, values![tenant, import.0], |row| row.array(0))?)
}

/// Every import, newest first.
pub(super) fn all(sql: &dyn Sql, tenant: TenantId) -> Result<Vec<Import>, StoreError> {
    const ALL: &str = select!("WHERE tenant_id = ?1 ORDER BY import_id DESC");
    select(sql, ALL, values![tenant], tenant)
}

/// Imports of all tenants that have not ended, each tenant's in order of acceptance.
pub(super) fn unfinished(sql: &dyn Sql) -> Result<Vec<(TenantId, ImportId)>, StoreError> {
    const READ: &str = "SELECT tenant_id, import_id FROM import WHERE state IN ('accepted', 'applying')
        ORDER BY tenant_id, import_id";
    sql.all(READ, &[], |row| {
        let tenant = u32::try_from(row.i64(0)?).map_err(|_| damaged("tenant", "a number out of range"))?;
        Ok((TenantId(tenant), ImportId(row.u64(1)?)))
    })
}

/// Where an import that has not ended stands.
pub(super) fn cursor(sql: &dyn Sql, tenant: TenantId, import: ImportId) -> Result<u64, StoreError> {
    const READ: &str = "SELECT cursor, state FROM import WHERE tenant_id = ?1 AND import_id = ?2";
    let found = sql.one(READ, values![tenant, import.0], |row| Ok((row.u64(0)?, row.string(1)?)))?;
    match found {
        Some((cursor, state)) if state == "accepted" || state == "applying" => Ok(cursor),
        Some(_) => Err(StoreError::Ended(import)),
        None => Err(StoreError::NoImport(import)),
    }
}

/// Moves an import on by one batch, if it stands where the batch begins, and keeps what there is to tell.
pub(super) fn advance(
    sql: &dyn Sql,
    tenant: TenantId,
    import: ImportId,
    step: &Step,
    plan: &Plan,
) -> Result<(), StoreError> {
    const UPDATE: &str =
        "UPDATE import SET state = 'applying', log_from = coalesce(log_from, ?1), cursor = ?2,
            created = created + ?3, updated = updated + ?4, unchanged = unchanged + ?5,
            kept_opt_out = kept_opt_out + ?6, numbers_moved = numbers_moved + ?7,
            identifiers_conflict = identifiers_conflict + ?8, identifiers_differ = identifiers_differ + ?9
        WHERE tenant_id = ?10 AND import_id = ?11";
    const CONFIRMED: &str =
        "INSERT INTO import_confirmed (tenant_id, import_id, to_row, profiles) VALUES (?1, ?2, ?3, ?4)";
    const LAST: &str =
        "SELECT coalesce(max(place), 0) FROM import_finding WHERE tenant_id = ?1 AND import_id = ?2";
    const FINDING: &str =
        "INSERT INTO import_finding (tenant_id, import_id, place, code, row, line, profiles)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let stands = cursor(sql, tenant, import)?;
    if stands != step.from_row {
        return Err(StoreError::CursorMoved { import, stands, expected: step.from_row });
    }
    let counts = &plan.counts;
    sql.execute(
        UPDATE,
        values![
            plan.based_on,
            step.to_row,
            counts.created,
            counts.updated,
            counts.unchanged,
            counts.kept_opt_out,
            counts.numbers_moved,
            counts.identifiers_conflict,
            counts.identifiers_differ,
            tenant,
            import.0,
        ],
    )?;
    if !plan.confirmed.is_empty() {
        sql.execute(CONFIRMED, values![tenant, import.0, step.to_row, &plan.confirmed])?;
    }
    if plan.findings.is_empty() {
        return Ok(());
    }
    let last = there(sql.one(LAST, values![tenant, import.0], |row| row.i64(0))?)?;
    for (Finding { code, row, line, profiles }, place) in plan.findings.iter().zip(last + 1..) {
        let profiles = json(&profiles.iter().map(|profile| profile.0).collect::<Vec<_>>());
        sql.execute(FINDING, values![tenant, import.0, place, code.id(), *row, *line, &profiles])?;
    }
    Ok(())
}

/// Ends an import that has not ended.
pub(super) fn finish(
    sql: &dyn Sql,
    tenant: TenantId,
    import: ImportId,
    outcome: &Outcome,
) -> Result<(), StoreError> {
    const UPDATE: &str = "UPDATE import SET state = ?1, report = ?2, failure = ?3, finished_at = ?4
        WHERE tenant_id = ?5 AND import_id = ?6";
    cursor(sql, tenant, import)?;
    let report = outcome.report.as_ref().map(json);
    sql.execute(
        UPDATE,
        values![
            word(outcome.state),
            report.as_ref(),
            outcome.failure.as_ref(),
            outcome.at.0,
            tenant,
            import.0,
        ],
    )?;
    Ok(())
}

/// Notes that what an import committed was taken back.
pub(super) fn take_back(
    sql: &dyn Sql,
    tenant: TenantId,
    import: ImportId,
    record: &UndoRecord,
) -> Result<(), StoreError> {
    const UPDATE: &str = "UPDATE import SET state = 'undone', undone_at = ?1, undone_by = ?2, undo = ?3
        WHERE tenant_id = ?4 AND import_id = ?5
            AND (state = 'committed' OR state = 'failed' AND cursor > 0)";
    const AFTER: &str = "UPDATE tenant SET undo_after = next_import - 1 WHERE tenant_id = ?1";
    let counts = &record.counts;
    let numbers = [
        counts.reversed,
        counts.removed,
        counts.kept_later_import,
        counts.kept_own_opt_out,
        counts.kept_number_taken,
    ];
    let kept: Vec<(u64, &str)> = record.kept.iter().map(|(profile, why)| (profile.0, why.as_str())).collect();
    let undo = json(&(numbers, kept));
    if sql.execute(UPDATE, values![record.at.0, &record.by, &undo, tenant, import.0])? == 0 {
        let known = find(sql, tenant, import)?.is_some();
        return Err(if known { StoreError::NotUndoable(import) } else { StoreError::NoImport(import) });
    }
    sql.execute(AFTER, values![tenant])?;
    Ok(())
}

/// Number of imports that were taken back.
pub(super) fn taken_back(sql: &dyn Sql, tenant: TenantId) -> Result<u64, StoreError> {
    const READ: &str = "SELECT count(*) FROM import WHERE tenant_id = ?1 AND state = 'undone'";
    there(sql.one(READ, values![tenant], |row| row.u64(0))?)
}

/// What later imports that stand confirmed.
pub(super) fn each_confirmed(
    sql: &dyn Sql,
    tenant: TenantId,
    import: ImportId,
    each: &mut dyn FnMut(&[u8]),
) -> Result<(), StoreError> {
    const READ: &str = "SELECT c.profiles FROM import_confirmed c
        JOIN import i ON i.tenant_id = c.tenant_id AND i.import_id = c.import_id
        WHERE c.tenant_id = ?1 AND c.import_id > ?2 AND i.state <> 'undone'";
    sql.query(READ, values![tenant, import.0], &mut |row| {
        each(there(row.bytes(0)?)?);
        Ok(true)
    })
}

fn select(
    sql: &dyn Sql,
    question: &'static str,
    values: &[Value<'_>],
    tenant: TenantId,
) -> Result<Vec<Import>, StoreError> {
    const FINDINGS: &str = "SELECT code, row, line, profiles FROM import_finding
        WHERE tenant_id = ?1 AND import_id = ?2 ORDER BY place";
    let mut imports = sql.all(question, values, read_import)?;
    for import in &mut imports {
        import.findings = sql.all(FINDINGS, values![tenant, import.id.0], read_finding)?;
    }
    Ok(imports)
}

/// Everything about an import but its findings.
fn read_import(row: &dyn Row) -> Result<Import, StoreError> {
    let state = row.string(1)?;
    let found = STATES.into_iter().find(|known| word(*known) == state);
    let state = found.ok_or_else(|| damaged("state of an import", &state))?;
    let report = row.text(21)?.map(|report| read_json::<v1::Report>("report", report)).transpose()?;
    let failure = row.maybe_string(20)?;
    // How it had ended before it was taken back.
    let ended = match state {
        ImportState::Undone if failure.is_some() => ImportState::Failed,
        ImportState::Undone => ImportState::Committed,
        state => state,
    };
    let undo = match (row.text(25)?, row.int(23)?) {
        (Some(undo), Some(at)) => {
            Some(read_undo(undo, UnixMs(at), row.maybe_string(24)?.unwrap_or_default())?)
        }
        _ => None,
    };
    let as_of = row.text(16)?.map(|day| Date::parse(day).ok_or_else(|| damaged("date", day))).transpose()?;
    Ok(Import {
        id: ImportId(row.u64(0)?),
        state,
        cursor: row.u64(2)?,
        counts: Counts {
            created: row.u64(3)?,
            updated: row.u64(4)?,
            unchanged: row.u64(5)?,
            kept_opt_out: row.u64(6)?,
            numbers_moved: row.u64(7)?,
            identifiers_conflict: row.u64(8)?,
            identifiers_differ: row.u64(9)?,
        },
        new: NewImport {
            file_name: row.string(10)?,
            file_sha256: row.string(11)?,
            file_bytes: row.u64(12)?,
            engine_sha256: row.string(13)?,
            client_digest: row.maybe_string(14)?,
            received_at: UnixMs(row.i64(15)?),
            as_of,
            override_reason: row.maybe_string(17)?,
            options: read_json("options", &row.string(18)?)?,
        },
        findings: Vec::new(),
        log_from: row.int(22)?.map(i64::cast_unsigned),
        undo,
        outcome: row.int(19)?.map(|at| Outcome { state: ended, report, failure, at: UnixMs(at) }),
    })
}

fn read_undo(text: &str, at: UnixMs, by: String) -> Result<UndoRecord, StoreError> {
    let (counts, kept): ([u64; 5], Vec<(u64, String)>) = read_json("undo", text)?;
    let [reversed, removed, kept_later_import, kept_own_opt_out, kept_number_taken] = counts;
    Ok(UndoRecord {
        by,
        at,
        counts: UndoCounts { reversed, removed, kept_later_import, kept_own_opt_out, kept_number_taken },
        kept: kept.into_iter().map(|(profile, why)| (ProfileId(profile), why)).collect(),
    })
}

fn read_finding(row: &dyn Row) -> Result<Finding, StoreError> {
    let code = row.string(0)?;
    let profiles: Vec<u64> = read_json("list of profiles", &row.string(3)?)?;
    Ok(Finding {
        code: Code::from_id(&code).ok_or_else(|| damaged("finding", &code))?,
        row: row.u64(1)?,
        line: row.u64(2)?,
        profiles: profiles.into_iter().map(ProfileId).collect(),
    })
}

/// The word a state is stored as.
fn word(state: ImportState) -> &'static str {
    match state {
        ImportState::Accepted => "accepted",
        ImportState::Applying => "applying",
        ImportState::Committed => "committed",
        ImportState::Refused => "refused",
        ImportState::Failed => "failed",
        ImportState::Undone => "undone",
    }
}

/// Says that a column holds what this store never writes.
fn damaged(what: &str, found: &str) -> StoreError {
    const FOUND_CHARS_MAX: usize = 40;
    let found: String = found.chars().take(FOUND_CHARS_MAX).collect();
    StoreError::Damaged(format!("`{found}` is stored as a {what}"))
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("texts, numbers and maps with text keys are always JSON")
}

fn read_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| damaged(what, text))
}
