//! The inbox in a database. What every database does alike is here; how many rows are written in one go is left to each
//! ([`Keeping`]).
//!
//! Every take for a tenant begins with its row of `inbox_tenant`, which nobody else can have meanwhile. So places are given
//! in the order of commits, and whoever reads on after a place misses nothing; so a delivery is joined by one at a time.

use std::collections::{BTreeMap, BTreeSet};

use consentry_core::delivery::{Delivery, Told};
use consentry_core::time::UnixMs;

use super::line::Line;
use super::{
    Cursor, Filter, IDS_KNOWN_MS, Inbox, InboxCounts, KeptEvent, Lane, NewEvent, history, keepable,
    keepable_cursor, key, record,
};
use crate::store::packed::sql::{Row, Sql, Writing, values};
use crate::store::{StoreError, TenantId};

/// Most that is committed together, in events.
const TOGETHER_MAX: usize = 1000;

/// A database that an inbox can be in.
pub trait Place: Send + Sync {
    /// One unchanging view.
    fn read(&self) -> Result<Box<dyn Sql + '_>, StoreError>;

    /// Begins to write.
    fn write(&self) -> Result<Box<dyn Keeping + '_>, StoreError>;

    /// Overwrites what was removed, where it stays in the file.
    fn purge(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Writes many rows at once, in the way of the database.
pub trait Keeping: Writing {
    /// Keeps those events that are not known, the first one at place `first` and each at the next; says which were new.
    fn keep(&self, tenant: TenantId, first: u64, events: &[&NewEvent]) -> Result<Vec<bool>, StoreError>;

    /// What is kept of these messages, with the place of each among those asked for.
    fn deliveries(
        &self,
        tenant: TenantId,
        messages: &[&str],
        each: &mut dyn FnMut(usize, &str) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;

    /// Puts what is to be kept of messages in the place of what was.
    fn put_deliveries(&self, tenant: TenantId, deliveries: &[(&str, String)]) -> Result<(), StoreError>;

    /// Nobody has to act on these any more.
    fn done(&self, tenant: TenantId, seqs: &[u64]) -> Result<(), StoreError>;
}

/// An inbox in one database.
pub struct Kept<D> {
    place: D,
    line: Line<Part, Vec<Option<u64>>>,
}

/// What one caller takes.
struct Part {
    tenant: TenantId,
    events: Vec<NewEvent>,
    cursor: Option<Cursor>,
}

impl<D> Kept<D> {
    pub(super) fn new(place: D) -> Kept<D> {
        Kept { place, line: Line::new(TOGETHER_MAX) }
    }

    pub(super) fn place(&self) -> &D {
        &self.place
    }
}

impl<D: Place> Kept<D> {
    /// All of these parts, or none.
    fn commit(&self, parts: &[&Part]) -> Result<Vec<Vec<Option<u64>>>, StoreError> {
        let writing = self.place.write()?;
        let mut answers = vec![Vec::new(); parts.len()];
        // In the order of tenants: so no two hosts wait for each other.
        let mut tenants = BTreeMap::<TenantId, Vec<usize>>::new();
        for (at, part) in parts.iter().enumerate() {
            tenants.entry(part.tenant).or_default().push(at);
        }
        for (tenant, of_tenant) in tenants {
            let events: Vec<&NewEvent> = of_tenant.iter().flat_map(|at| &parts[*at].events).collect();
            let mut seqs = keep(writing.as_ref(), tenant, &events)?.into_iter();
            for at in of_tenant {
                answers[at] = seqs.by_ref().take(parts[at].events.len()).collect();
                if let Some(cursor) = &parts[at].cursor {
                    put_cursor(writing.as_sql(), tenant, cursor)?;
                }
            }
        }
        writing.commit()?;
        Ok(answers)
    }
}

impl<D: Place> Inbox for Kept<D> {
    fn take(
        &self,
        tenant: TenantId,
        events: &[NewEvent],
        cursor: Option<&Cursor>,
    ) -> Result<Vec<Option<u64>>, StoreError> {
        if events.is_empty() && cursor.is_none() {
            return Ok(Vec::new());
        }
        let part = Part {
            tenant,
            events: events.iter().map(keepable).collect(),
            cursor: cursor.map(keepable_cursor),
        };
        self.line.commit(part, events.len(), |parts| self.commit(parts))
    }

    fn to_do(&self, tenant: TenantId, lane: Lane, limit: usize) -> Result<Vec<KeptEvent>, StoreError> {
        const SELECT: &str = history::select!("waits = 1 AND lane = ?2 ORDER BY seq LIMIT ?3");
        let sql = self.place.read()?;
        sql.all(SELECT, values![tenant, lane_number(lane), count(limit)], event)
    }

    fn done(&self, tenant: TenantId, seqs: &[u64]) -> Result<(), StoreError> {
        if seqs.is_empty() {
            return Ok(());
        }
        let writing = self.place.write()?;
        writing.done(tenant, seqs)?;
        writing.commit()
    }

    fn opt_out_waits(
        &self,
        tenant: TenantId,
        number: Option<u64>,
        user: Option<&str>,
    ) -> Result<bool, StoreError> {
        // The kind is that of `OPT_OUT`: only where it is written out does the index know it.
        const ASK: &str = "SELECT CASE WHEN EXISTS (SELECT seq FROM inbox_event
                WHERE tenant_id = ?1 AND waits = 1 AND kind = 'opt_out' AND number = ?2)
            OR EXISTS (SELECT seq FROM inbox_event
                WHERE tenant_id = ?1 AND waits = 1 AND kind = 'opt_out' AND user_id = ?3)
            THEN CAST(1 AS bigint) ELSE CAST(0 AS bigint) END";
        let (user, sql) = (user.map(key), self.place.read()?);
        let answer = sql.one(ASK, values![tenant, number, user.as_deref()], |row| row.i64(0))?;
        Ok(answer != Some(0))
    }

    fn history(&self, tenant: TenantId, filter: &Filter, limit: usize) -> Result<Vec<KeptEvent>, StoreError> {
        history::find(self.place.read()?.as_ref(), tenant, filter, limit)
    }

    fn delivery(&self, tenant: TenantId, message_id: &str) -> Result<Option<Delivery>, StoreError> {
        const SELECT: &str = "SELECT body FROM inbox_delivery WHERE tenant_id = ?1 AND message_id = ?2";
        let (message_id, sql) = (key(message_id), self.place.read()?);
        let text = sql.one(SELECT, values![tenant, message_id.as_ref()], |row| row.string(0))?;
        text.as_deref().map(record::read).transpose()
    }

    fn cursor(&self, tenant: TenantId, source: &str, lane: Lane) -> Result<Option<Cursor>, StoreError> {
        find_cursor(self.place.read()?.as_ref(), tenant, &key(source), lane)
    }

    fn counts(&self, tenant: TenantId) -> Result<InboxCounts, StoreError> {
        const WAITS: &str =
            "SELECT count(*) FROM inbox_event WHERE tenant_id = ?1 AND waits = 1 AND lane = ?2";
        const TAKEN: &str = "SELECT taken, last_received FROM inbox_tenant WHERE tenant_id = ?1";
        let sql = self.place.read()?;
        let waits = |lane| sql.one(WAITS, values![tenant, lane_number(lane)], |row| row.u64(0));
        let taken = sql.one(TAKEN, values![tenant], |row| Ok((row.u64(0)?, row.int(1)?.map(UnixMs))))?;
        let (events, last_received) = taken.unwrap_or_default();
        Ok(InboxCounts {
            consent_waits: waits(Lane::Consent)?.unwrap_or(0),
            rest_waits: waits(Lane::Rest)?.unwrap_or(0),
            events,
            last_received,
        })
    }

    fn forget_before(&self, tenant: TenantId, before: UnixMs, limit: usize) -> Result<usize, StoreError> {
        const FORGET: &str =
            "UPDATE inbox_event SET number = NULL, user_id = NULL, message_id = NULL, body = NULL
            WHERE tenant_id = ?1 AND seq IN (SELECT seq FROM inbox_event
                WHERE tenant_id = ?1 AND body IS NOT NULL AND waits = 0 AND received < ?2
                ORDER BY received, seq LIMIT ?3)";
        const REMOVE: &str =
            "DELETE FROM inbox_event WHERE tenant_id = ?1 AND seq IN (SELECT seq FROM inbox_event
                WHERE tenant_id = ?1 AND body IS NULL AND received < ?2 ORDER BY received, seq LIMIT ?3)";
        let writing = self.place.write()?;
        let forgotten = writing.execute(FORGET, values![tenant, before.0, count(limit)])?;
        let known_from = before.0.saturating_sub(IDS_KNOWN_MS);
        writing.execute(REMOVE, values![tenant, known_from, count(limit)])?;
        writing.commit()?;
        Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
    }

    fn erase(
        &self,
        tenant: TenantId,
        numbers: &[u64],
        users: &[String],
        messages: &[String],
    ) -> Result<u64, StoreError> {
        const OF_NUMBER: &str = "SELECT DISTINCT message_id FROM inbox_event
            WHERE tenant_id = ?1 AND number = ?2 AND message_id IS NOT NULL";
        const OF_USER: &str = "SELECT DISTINCT message_id FROM inbox_event
            WHERE tenant_id = ?1 AND user_id = ?2 AND message_id IS NOT NULL";
        const NUMBER: &str = "DELETE FROM inbox_event WHERE tenant_id = ?1 AND number = ?2";
        const USER: &str = "DELETE FROM inbox_event WHERE tenant_id = ?1 AND user_id = ?2";
        const MESSAGE: &str = "DELETE FROM inbox_event WHERE tenant_id = ?1 AND message_id = ?2";
        const DELIVERY: &str = "DELETE FROM inbox_delivery WHERE tenant_id = ?1 AND message_id = ?2";
        let writing = self.place.write()?;
        let sql = writing.as_sql();
        let users: Vec<_> = users.iter().map(|user| key(user)).collect();
        let mut about: BTreeSet<String> = messages.iter().map(|message| key(message).into_owned()).collect();
        for number in numbers {
            about.extend(sql.all(OF_NUMBER, values![tenant, *number], |row| row.string(0))?);
        }
        for user in &users {
            about.extend(sql.all(OF_USER, values![tenant, user.as_ref()], |row| row.string(0))?);
        }
        let mut erased = 0;
        for number in numbers {
            erased += sql.execute(NUMBER, values![tenant, *number])?;
        }
        for user in &users {
            erased += sql.execute(USER, values![tenant, user.as_ref()])?;
        }
        for message in &about {
            erased += sql.execute(MESSAGE, values![tenant, message])?;
            sql.execute(DELIVERY, values![tenant, message])?;
        }
        writing.commit()?;
        Ok(erased)
    }

    fn purge(&self) -> Result<(), StoreError> {
        self.place.purge()
    }
}

/// Keeps what is new of a tenant's events and joins what they tell; the place of each that was new.
fn keep(
    writing: &dyn Keeping,
    tenant: TenantId,
    events: &[&NewEvent],
) -> Result<Vec<Option<u64>>, StoreError> {
    const PLACES: &str = "INSERT INTO inbox_tenant (tenant_id, next_seq, taken)
        VALUES (?1, 1 + CAST(?2 AS bigint), 0)
        ON CONFLICT (tenant_id) DO UPDATE SET next_seq = inbox_tenant.next_seq + CAST(?2 AS bigint)
        RETURNING next_seq, last_received";
    const TAKEN: &str = "UPDATE inbox_tenant SET taken = taken + ?1, last_received = ?2 WHERE tenant_id = ?3";
    let places = writing
        .as_sql()
        .one(PLACES, values![tenant, count(events.len())], |row| Ok((row.u64(0)?, row.int(1)?)))?;
    let (next, last_received) =
        places.ok_or_else(|| StoreError::Damaged("the inbox of a tenant has no row".to_owned()))?;
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let first = next - events.len() as u64;
    let new = writing.keep(tenant, first, events)?;
    let received = events.iter().zip(&new).filter(|(_, new)| **new).map(|(event, _)| event.received.0);
    let taken = new.iter().filter(|new| **new).count();
    if taken > 0 {
        let last_received = received.max().max(last_received);
        writing.execute(TAKEN, values![count(taken), last_received, tenant])?;
    }
    join(writing, tenant, events)?;
    Ok(new.iter().zip(first..).map(|(new, seq)| new.then_some(seq)).collect())
}

/// Joins what events tell of messages, copies as well: one may tell more than another.
fn join(writing: &dyn Keeping, tenant: TenantId, events: &[&NewEvent]) -> Result<(), StoreError> {
    let mut told = BTreeMap::<&str, Vec<&Told>>::new();
    for (message, what) in events.iter().filter_map(|event| event.told.as_ref()) {
        told.entry(message).or_default().push(what);
    }
    if told.is_empty() {
        return Ok(());
    }
    let messages: Vec<&str> = told.keys().copied().collect();
    let mut before = vec![None; messages.len()];
    writing.deliveries(tenant, &messages, &mut |place, text| {
        before[place] = Some(record::read(text)?);
        Ok(())
    })?;
    let mut changed = Vec::new();
    for ((message, told), before) in told.into_iter().zip(before) {
        let mut after = before.clone().unwrap_or_default();
        told.into_iter().for_each(|told| after.join(told));
        if Some(&after) != before.as_ref() {
            changed.push((message, record::written(&after)));
        }
    }
    if changed.is_empty() { Ok(()) } else { writing.put_deliveries(tenant, &changed) }
}

/// Keeps a cursor, unless it is behind the one that is kept.
fn put_cursor(sql: &dyn Sql, tenant: TenantId, cursor: &Cursor) -> Result<(), StoreError> {
    const PUT: &str =
        "INSERT INTO inbox_cursor (tenant_id, source, lane, inbox, up_to) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (tenant_id, source, lane) DO UPDATE SET inbox = excluded.inbox, up_to = excluded.up_to";
    let Cursor { source, lane, inbox, up_to } = cursor;
    let known = find_cursor(sql, tenant, source, *lane)?;
    if known.is_none_or(|known| known.inbox != *inbox || known.up_to < *up_to) {
        sql.execute(PUT, values![tenant, source, lane_number(*lane), inbox, *up_to])?;
    }
    Ok(())
}

fn find_cursor(
    sql: &dyn Sql,
    tenant: TenantId,
    source: &str,
    lane: Lane,
) -> Result<Option<Cursor>, StoreError> {
    const SELECT: &str =
        "SELECT inbox, up_to FROM inbox_cursor WHERE tenant_id = ?1 AND source = ?2 AND lane = ?3";
    sql.one(SELECT, values![tenant, source, lane_number(lane)], |row| {
        Ok(Cursor { source: source.to_owned(), lane, inbox: row.string(0)?, up_to: row.u64(1)? })
    })
}

/// A row of [`history::select`].
pub(super) fn event(row: &dyn Row) -> Result<KeptEvent, StoreError> {
    Ok(KeptEvent {
        seq: row.u64(0)?,
        done: row.i64(1)? == 0,
        id: row.string(2)?,
        lane: if row.i64(3)? == 0 { Lane::Consent } else { Lane::Rest },
        kind: row.string(4)?,
        at: row.int(5)?.map(UnixMs),
        received: UnixMs(row.i64(6)?),
        number: row.int(7)?.map(i64::cast_unsigned),
        user: row.maybe_string(8)?,
        message_id: row.maybe_string(9)?,
        body: row.string(10)?,
    })
}

/// As it is kept.
pub(super) fn lane_number(lane: Lane) -> i64 {
    match lane {
        Lane::Consent => 0,
        Lane::Rest => 1,
    }
}

/// As databases count.
pub(super) fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
