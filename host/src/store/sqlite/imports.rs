//! Imports: accepted in one transaction, moved on with every batch, ended once.

use consentry_core::matching::{Counts, Finding, Hash, ImportId, Plan, ProfileId, UndoCounts};
use consentry_core::rule::Code;
use consentry_core::time::UnixMs;
use consentry_core::wire::v1;
use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};
use serde::de::DeserializeOwned;

use super::column::{damaged, integer, read_date, read_hash, read_optional_u64, read_time, read_u64};
use crate::store::{
    Accepted, Import, ImportState, NewImport, Outcome, Step, StoreError, TenantId, UndoRecord,
};

const SELECT: &str = "SELECT import_id, state, cursor, created, updated, unchanged, kept_opt_out,
    numbers_moved, identifiers_conflict, identifiers_differ, file_name, file_sha256, file_bytes, engine_sha256,
    client_digest, received_at, as_of, override_reason, options, finished_at, failure, report, log_from, undone_at,
    undone_by, undo FROM import";

const STATES: [ImportState; 6] = [
    ImportState::Accepted,
    ImportState::Applying,
    ImportState::Committed,
    ImportState::Refused,
    ImportState::Failed,
    ImportState::Undone,
];

/// Takes a file for import, unless the last import that may have changed something was of the same file.
pub(super) fn accept(
    connection: &Connection,
    tenant: TenantId,
    new: &NewImport,
) -> Result<Accepted, StoreError> {
    // Refused files changed nothing, neither did an import that failed before its first batch, and what was taken back
    // counts no more.
    let last = one(
        connection,
        tenant,
        "WHERE tenant_id = ?1 AND state NOT IN ('refused', 'undone') AND NOT (state = 'failed' AND cursor = 0)
         ORDER BY import_id DESC LIMIT 1",
        params![tenant.0],
    )?;
    let undo_after = connection
        .prepare_cached("SELECT undo_after FROM tenant WHERE tenant_id = ?")?
        .query_one([tenant.0], |row| row.get::<_, i64>(0))?
        .cast_unsigned();
    if let Some(last) = last.filter(|last| last.new.same_as(new)) {
        match last.state {
            ImportState::Accepted | ImportState::Applying => return Ok(Accepted::UnderWay(last)),
            ImportState::Committed if last.id.0 > undo_after => return Ok(Accepted::Already(last)),
            // It stopped half way, or something was taken back since: the file may be tried again.
            _ => {}
        }
    }
    let id = ImportId(connection.query_one(
        "UPDATE tenant SET next_import = next_import + 1 WHERE tenant_id = ? RETURNING next_import - 1",
        [tenant.0],
        |row| row.get::<_, i64>(0).map(i64::cast_unsigned),
    )?);
    connection.execute(
        "INSERT INTO import (tenant_id, import_id, state, file_name, file_sha256, file_bytes, engine_sha256,
             client_digest, received_at, as_of, override_reason, options, record_hash)
         VALUES (?, ?, 'accepted', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            tenant.0,
            integer(id.0),
            new.file_name,
            new.file_sha256,
            integer(new.file_bytes),
            new.engine_sha256,
            new.client_digest,
            new.received_at.0,
            new.as_of.map(|date| date.to_string()),
            new.override_reason,
            json(&new.options),
            new.hash(),
        ],
    )?;
    find(connection, tenant, id)?.map(Accepted::New).ok_or(StoreError::NoImport(id))
}

/// One import.
pub(super) fn find(
    connection: &Connection,
    tenant: TenantId,
    import: ImportId,
) -> Result<Option<Import>, StoreError> {
    one(connection, tenant, "WHERE tenant_id = ?1 AND import_id = ?2", params![tenant.0, integer(import.0)])
}

/// The hash of an import's record as it was accepted.
pub(super) fn record_hash(
    connection: &Connection,
    tenant: TenantId,
    import: ImportId,
) -> Result<Hash, StoreError> {
    let mut select =
        connection.prepare_cached("SELECT record_hash FROM import WHERE tenant_id = ? AND import_id = ?")?;
    select.query_one(params![tenant.0, integer(import.0)], |row| Ok(read_hash(row, 0)))?
}

/// Every import, newest first.
pub(super) fn all(connection: &Connection, tenant: TenantId) -> Result<Vec<Import>, StoreError> {
    select(connection, tenant, "WHERE tenant_id = ?1 ORDER BY import_id DESC", params![tenant.0])
}

/// Imports of all tenants that have not ended, each tenant's in order of acceptance.
pub(super) fn unfinished(connection: &Connection) -> Result<Vec<(TenantId, ImportId)>, StoreError> {
    let mut select = connection.prepare_cached(
        "SELECT tenant_id, import_id FROM import WHERE state IN ('accepted', 'applying')
         ORDER BY tenant_id, import_id",
    )?;
    let read = |row: &Row<'_>| Ok((TenantId(row.get(0)?), ImportId(read_u64(row, 1)?)));
    select.query_and_then([], read)?.collect()
}

/// Where an import that has not ended stands.
pub(super) fn cursor(connection: &Connection, tenant: TenantId, import: ImportId) -> Result<u64, StoreError> {
    let mut select = connection.prepare_cached(
        "SELECT cursor, state IN ('accepted', 'applying') FROM import WHERE tenant_id = ? AND import_id = ?",
    )?;
    let found = select
        .query_row(params![tenant.0, integer(import.0)], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?))
        })
        .optional()?;
    match found {
        Some((cursor, true)) => Ok(cursor.cast_unsigned()),
        Some((_, false)) => Err(StoreError::Ended(import)),
        None => Err(StoreError::NoImport(import)),
    }
}

/// Moves an import on by one batch, if it stands where the batch begins, and keeps what there is to tell.
pub(super) fn advance(
    connection: &Connection,
    tenant: TenantId,
    import: ImportId,
    step: &Step,
    plan: &Plan,
) -> Result<(), StoreError> {
    let stands = cursor(connection, tenant, import)?;
    if stands != step.from_row {
        return Err(StoreError::CursorMoved { import, stands, expected: step.from_row });
    }
    let mut update = connection.prepare_cached(
        "UPDATE import SET state = 'applying', log_from = ifnull(log_from, ?), cursor = ?, created = created + ?, updated = updated + ?,
             unchanged = unchanged + ?, kept_opt_out = kept_opt_out + ?, numbers_moved = numbers_moved + ?,
             identifiers_conflict = identifiers_conflict + ?, identifiers_differ = identifiers_differ + ?
         WHERE tenant_id = ? AND import_id = ?",
    )?;
    let counts = &plan.counts;
    update.execute(params![
        integer(plan.based_on),
        integer(step.to_row),
        integer(counts.created),
        integer(counts.updated),
        integer(counts.unchanged),
        integer(counts.kept_opt_out),
        integer(counts.numbers_moved),
        integer(counts.identifiers_conflict),
        integer(counts.identifiers_differ),
        tenant.0,
        integer(import.0),
    ])?;
    if !plan.confirmed.is_empty() {
        connection.prepare_cached("INSERT INTO import_confirmed VALUES (?, ?, ?, ?)")?.execute(params![
            tenant.0,
            integer(import.0),
            integer(step.to_row),
            plan.confirmed
        ])?;
    }
    if plan.findings.is_empty() {
        return Ok(());
    }
    let mut last = connection.prepare_cached(
        "SELECT ifnull(max(place), 0) FROM import_finding WHERE tenant_id = ? AND import_id = ?",
    )?;
    let last: i64 = last.query_one(params![tenant.0, integer(import.0)], |row| row.get(0))?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO import_finding (tenant_id, import_id, place, code, row, line, profiles)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?;
    for (Finding { code, row, line, profiles }, place) in plan.findings.iter().zip(last + 1..) {
        let profiles = json(&profiles.iter().map(|profile| profile.0).collect::<Vec<_>>());
        let (row, line) = (integer(*row), integer(*line));
        insert.execute(params![tenant.0, integer(import.0), place, code.id(), row, line, profiles])?;
    }
    Ok(())
}

/// Ends an import that has not ended.
pub(super) fn finish(
    connection: &Connection,
    tenant: TenantId,
    import: ImportId,
    outcome: &Outcome,
) -> Result<(), StoreError> {
    cursor(connection, tenant, import)?;
    connection.execute(
        "UPDATE import SET state = ?, report = ?, failure = ?, finished_at = ?
         WHERE tenant_id = ? AND import_id = ?",
        params![
            word(outcome.state),
            outcome.report.as_ref().map(json),
            outcome.failure,
            outcome.at.0,
            tenant.0,
            integer(import.0)
        ],
    )?;
    Ok(())
}

/// Notes that a committed import was taken back.
pub(super) fn take_back(
    connection: &Connection,
    tenant: TenantId,
    import: ImportId,
    record: &UndoRecord,
) -> Result<(), StoreError> {
    let counts = &record.counts;
    let numbers = [
        counts.reversed,
        counts.removed,
        counts.kept_later_import,
        counts.kept_own_opt_out,
        counts.kept_number_taken,
    ];
    let kept: Vec<(u64, &str)> = record.kept.iter().map(|(profile, why)| (profile.0, why.as_str())).collect();
    let changed = connection.execute(
        "UPDATE import SET state = 'undone', undone_at = ?, undone_by = ?, undo = ?
         WHERE tenant_id = ? AND import_id = ? AND state = 'committed'",
        params![record.at.0, record.by, json(&(numbers, kept)), tenant.0, integer(import.0)],
    )?;
    if changed == 0 {
        let known = find(connection, tenant, import)?.is_some();
        return Err(if known { StoreError::NotUndoable(import) } else { StoreError::NoImport(import) });
    }
    connection.execute("UPDATE tenant SET undo_after = next_import - 1 WHERE tenant_id = ?", [tenant.0])?;
    Ok(())
}

/// What later imports that stand confirmed.
pub(super) fn each_confirmed(
    connection: &Connection,
    tenant: TenantId,
    import: ImportId,
    each: &mut dyn FnMut(&[u8]),
) -> Result<(), StoreError> {
    let mut select = connection.prepare_cached(
        "SELECT c.profiles FROM import_confirmed c JOIN import i USING (tenant_id, import_id)
         WHERE c.tenant_id = ? AND c.import_id > ? AND i.state <> 'undone'",
    )?;
    let mut rows = select.query(params![tenant.0, integer(import.0)])?;
    while let Some(row) = rows.next()? {
        each(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?);
    }
    Ok(())
}

fn one(
    connection: &Connection,
    tenant: TenantId,
    rest: &str,
    keys: impl Params,
) -> Result<Option<Import>, StoreError> {
    Ok(select(connection, tenant, rest, keys)?.pop())
}

fn select(
    connection: &Connection,
    tenant: TenantId,
    rest: &str,
    keys: impl Params,
) -> Result<Vec<Import>, StoreError> {
    let mut select = connection.prepare_cached(&format!("{SELECT} {rest}"))?;
    let mut imports = select.query_and_then(keys, read_import)?.collect::<Result<Vec<_>, _>>()?;
    let mut select = connection.prepare_cached(
        "SELECT code, row, line, profiles FROM import_finding
         WHERE tenant_id = ? AND import_id = ? ORDER BY place",
    )?;
    for import in &mut imports {
        let keys = params![tenant.0, integer(import.id.0)];
        import.findings = select.query_and_then(keys, read_finding)?.collect::<Result<_, _>>()?;
    }
    Ok(imports)
}

/// Everything about an import but its findings.
fn read_import(row: &Row<'_>) -> Result<Import, StoreError> {
    let state: String = row.get(1)?;
    let found = STATES.into_iter().find(|known| word(*known) == state);
    let state = found.ok_or_else(|| damaged("state of an import", &state))?;
    // What was taken back had ended well before.
    let ended = if state == ImportState::Undone { ImportState::Committed } else { state };
    let report: Option<String> = row.get(21)?;
    let finished_at: Option<i64> = row.get(19)?;
    let report = report.map(|report| read_json::<v1::Report>("report", &report)).transpose()?;
    let failure = row.get(20)?;
    let undo: Option<String> = row.get(25)?;
    let undo = match (undo, row.get::<_, Option<i64>>(23)?) {
        (Some(undo), Some(at)) => Some(read_undo(&undo, UnixMs(at), row.get(24)?)?),
        _ => None,
    };
    Ok(Import {
        id: ImportId(read_u64(row, 0)?),
        state,
        cursor: read_u64(row, 2)?,
        counts: Counts {
            created: read_u64(row, 3)?,
            updated: read_u64(row, 4)?,
            unchanged: read_u64(row, 5)?,
            kept_opt_out: read_u64(row, 6)?,
            numbers_moved: read_u64(row, 7)?,
            identifiers_conflict: read_u64(row, 8)?,
            identifiers_differ: read_u64(row, 9)?,
        },
        new: NewImport {
            file_name: row.get(10)?,
            file_sha256: row.get(11)?,
            file_bytes: read_u64(row, 12)?,
            engine_sha256: row.get(13)?,
            client_digest: row.get(14)?,
            received_at: read_time(row, 15)?,
            as_of: read_date(row, 16)?,
            override_reason: row.get(17)?,
            options: read_json("options", &row.get::<_, String>(18)?)?,
        },
        findings: Vec::new(),
        log_from: read_optional_u64(row, 22)?,
        undo,
        outcome: finished_at.map(|at| Outcome { state: ended, report, failure, at: UnixMs(at) }),
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

fn read_finding(row: &Row<'_>) -> Result<Finding, StoreError> {
    let code: String = row.get(0)?;
    let profiles: Vec<u64> = read_json("list of profiles", &row.get::<_, String>(3)?)?;
    Ok(Finding {
        code: Code::from_id(&code).ok_or_else(|| damaged("finding", &code))?,
        row: read_u64(row, 1)?,
        line: read_u64(row, 2)?,
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

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("texts, numbers and maps with text keys are always JSON")
}

fn read_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| damaged(what, text))
}
