//! The consent log: appended in the transaction that changes the consent, read as timelines, and checked
//! against its own chain of hashes. Nothing here changes an event that is written.

use consentry_core::matching::{E164, Event, Hash, ImportId, Rule, Source};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::column::{
    damaged, integer, number, permission, read_date, read_hash, read_number, read_optional_u64,
    read_permission, read_profile_id, read_time, read_u64,
};
use super::imports;
use crate::store::{StoreError, StoredEvent, Subject, TenantId};

const INSERT: &str = "INSERT INTO consent_event
    (tenant_id, seq, at, profile_id, number_before, permission_before, number, permission, rule,
     other_profile_id, import_id, row, line, number_cell, permission_cell, as_of, heard, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const SELECT: &str = "SELECT e.seq, e.at, e.profile_id, e.number_before, e.permission_before, e.number,
    e.permission, e.rule, e.other_profile_id, e.import_id, e.row, e.line, e.number_cell, e.permission_cell,
    e.as_of, e.heard, e.hash, i.record_hash FROM consent_event e
    LEFT JOIN import i ON i.tenant_id = e.tenant_id AND i.import_id = e.import_id";

/// Appends events to a tenant's log and moves its end.
pub(super) fn append(connection: &Connection, tenant: TenantId, events: &[Event]) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let (mut seq, mut hash) = end(connection, tenant)?;
    let mut timelines = Vec::with_capacity(events.len());
    let mut insert = connection.prepare_cached(INSERT)?;
    for event in events {
        seq += 1;
        hash = event.chain(&hash, seq);
        insert_event(&mut insert, tenant, seq, event, &hash)?;
        timelines.extend(identities(event).map(|number| (number, seq)));
    }
    timelines.sort_unstable();
    let mut insert = connection.prepare_cached("INSERT INTO consent_event_number VALUES (?, ?, ?)")?;
    for (number, seq) in timelines {
        insert.execute(params![tenant.0, integer(number), integer(seq)])?;
    }
    let mut moved =
        connection.prepare_cached("UPDATE tenant SET event_seq = ?, event_hash = ? WHERE tenant_id = ?")?;
    moved.execute(params![integer(seq), hash, tenant.0])?;
    Ok(())
}

/// A timeline, oldest first.
pub(super) fn timeline(
    connection: &Connection,
    tenant: TenantId,
    subject: Subject,
) -> Result<Vec<StoredEvent>, StoreError> {
    let (rest, key) = match subject {
        Subject::Profile(profile) => {
            ("WHERE e.tenant_id = ?1 AND e.profile_id = ?2 ORDER BY e.seq", integer(profile.0))
        }
        Subject::Number(number) => (
            "JOIN consent_event_number n ON n.tenant_id = e.tenant_id AND n.seq = e.seq
             WHERE n.tenant_id = ?1 AND n.number = ?2 ORDER BY n.seq",
            integer(number),
        ),
    };
    let mut select = connection.prepare_cached(&format!("{SELECT} {rest}"))?;
    select.query_and_then(params![tenant.0, key], read_event)?.collect()
}

/// Recomputes the whole log and sees that every timeline has its events; the number of events.
pub(super) fn verify(connection: &Connection, tenant: TenantId) -> Result<u64, StoreError> {
    let at_event = |seq: u64, what: &str| StoreError::Damaged(format!("event {seq} {what}"));
    let (mut seq, mut hash, mut entries) = (0, Hash::default(), 0_u64);
    let mut select = connection.prepare(&format!("{SELECT} WHERE e.tenant_id = ? ORDER BY e.seq"))?;
    let mut entry = connection
        .prepare("SELECT 1 FROM consent_event_number WHERE tenant_id = ? AND number = ? AND seq = ?")?;
    let mut rows = select.query([tenant.0])?;
    while let Some(row) = rows.next()? {
        seq += 1;
        let stored = read_event(row).map_err(|error| at_event(seq, &format!("cannot be read: {error}")))?;
        if stored.seq != seq {
            return Err(at_event(seq, "is missing"));
        }
        hash = stored.event.chain(&hash, seq);
        if stored.hash != hash {
            return Err(at_event(seq, "is not as it was written"));
        }
        for number in identities(&stored.event) {
            entries += 1;
            if !entry.exists(params![tenant.0, integer(number), integer(seq)])? {
                return Err(at_event(seq, "is missing from the timeline of its number"));
            }
        }
    }
    for import in imports::all(connection, tenant)? {
        if imports::record_hash(connection, tenant, import.id)? != import.new.hash() {
            return Err(StoreError::Damaged(format!("the record of {} is not as it was written", import.id)));
        }
    }
    let (end, end_hash) = end(connection, tenant)?;
    if (end, end_hash) != (seq, hash) {
        return Err(StoreError::Damaged(format!("the log ends at event {seq} and {end} were written")));
    }
    let mut count = connection.prepare("SELECT count(*) FROM consent_event_number WHERE tenant_id = ?")?;
    let found = count.query_one([tenant.0], |row| row.get::<_, i64>(0))?;
    if found != integer(entries) {
        return Err(StoreError::Damaged("a timeline holds an event of another number".to_owned()));
    }
    Ok(seq)
}

/// Where a tenant's log ends.
fn end(connection: &Connection, tenant: TenantId) -> Result<(u64, Hash), StoreError> {
    let mut select =
        connection.prepare_cached("SELECT event_seq, event_hash FROM tenant WHERE tenant_id = ?")?;
    let end = select
        .query_row([tenant.0], |row| Ok(read_u64(row, 0).and_then(|seq| Ok((seq, read_hash(row, 1)?)))));
    end.optional()?.unwrap_or(Ok((0, Hash::default())))
}

/// The numbers an event concerns, by identity, each once.
fn identities(event: &Event) -> impl Iterator<Item = u64> {
    let identity = |number: Option<E164>| number.map(|number| number.identity().digits());
    let (before, after) = (identity(event.number_before), identity(event.number));
    before.into_iter().chain(after.filter(|after| before != Some(*after)))
}

fn insert_event(
    insert: &mut rusqlite::Statement<'_>,
    tenant: TenantId,
    seq: u64,
    event: &Event,
    hash: &Hash,
) -> Result<(), StoreError> {
    let (import, row, line, number_cell, permission_cell, as_of, heard) = match &event.source {
        Source::File { import, record: _, row, line, number_cell, permission_cell, as_of } => {
            let usual = UsualCells::of(event);
            (
                Some(integer(import.0)),
                Some(integer(*row)),
                Some(integer(*line)),
                Some(number_cell.as_str()).filter(|cell| !usual.is_number(cell)),
                Some(permission_cell.as_str()).filter(|cell| usual.permission != Some(cell)),
                as_of.map(|date| date.to_string()),
                None,
            )
        }
        Source::Person { heard } => (None, None, None, None, None, None, Some(heard.as_str())),
    };
    insert.execute(params![
        tenant.0,
        integer(seq),
        event.at.0,
        event.profile.map(|profile| integer(profile.0)),
        number(event.number_before),
        permission(event.permission_before),
        number(event.number),
        permission(event.permission),
        event.rule.id(),
        event.rule.other_profile().map(|profile| integer(profile.0)),
        import,
        row,
        line,
        number_cell,
        permission_cell,
        as_of,
        heard,
        hash
    ])?;
    Ok(())
}

fn read_event(row: &Row<'_>) -> Result<StoredEvent, StoreError> {
    let rule = row.get_ref(7)?.as_str().map_err(rusqlite::Error::from)?;
    let mut event = Event {
        at: read_time(row, 1)?,
        profile: read_profile_id(row, 2)?,
        number_before: read_number(row, 3)?,
        permission_before: read_permission(row, 4)?,
        number: read_number(row, 5)?,
        permission: read_permission(row, 6)?,
        rule: Rule::from_id(rule, read_profile_id(row, 8)?).ok_or_else(|| damaged("rule", rule))?,
        source: Source::Person { heard: row.get::<_, Option<String>>(15)?.unwrap_or_default() },
    };
    if let Some(import) = read_optional_u64(row, 9)? {
        let usual = UsualCells::of(&event);
        let number_cell = row.get::<_, Option<String>>(12)?.or_else(|| usual.number());
        let permission_cell =
            row.get::<_, Option<String>>(13)?.or_else(|| usual.permission.map(str::to_owned));
        let unreadable = || StoreError::Damaged("an imported row has lost its cells".to_owned());
        event.source = Source::File {
            import: ImportId(import),
            record: read_hash(row, 17)?,
            row: read_u64(row, 10)?,
            line: read_u64(row, 11)?,
            number_cell: number_cell.ok_or_else(unreadable)?,
            permission_cell: permission_cell.ok_or_else(unreadable)?,
            as_of: read_date(row, 14)?,
        };
    }
    Ok(StoredEvent { seq: read_u64(row, 0)?, event, hash: read_hash(row, 16)? })
}

/// How the cells of an event's row would be written by whoever writes them plainly. Such cells are not
/// stored, since the event says them already.
struct UsualCells {
    number: Option<u64>,
    permission: Option<&'static str>,
}

impl UsualCells {
    fn of(event: &Event) -> UsualCells {
        let permission = match event.rule {
            // The row said opt-in, and the event says what was kept instead.
            Rule::KeptOptOut => Some("1"),
            _ => event.permission.map(|permission| permission.cell()),
        };
        UsualCells { number: event.number.or(event.number_before).map(|number| number.digits()), permission }
    }

    fn number(&self) -> Option<String> {
        self.number.map(|digits| format!("+{digits}"))
    }

    /// Whether [`UsualCells::number`] is this cell, without writing it out.
    fn is_number(&self, cell: &str) -> bool {
        let Some(mut digits) = self.number else { return false };
        let [b'+', cell @ ..] = cell.as_bytes() else { return false };
        for byte in cell.iter().rev() {
            if digits == 0 || u64::from(*byte) != u64::from(b'0') + digits % 10 {
                return false;
            }
            digits /= 10;
        }
        digits == 0
    }
}
