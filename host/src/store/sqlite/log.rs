//! The consent log: blocks appended in the transaction that changes the consent, read as timelines, and checked
//! against their own chain of hashes. Nothing here changes a block that is written.

use std::collections::HashMap;

use consentry_core::matching::{Block, Event, Hash, ImportId, LogEnd, Source, log};
use rusqlite::{Connection, params};

use super::column::{integer, read_hash, read_u64};
use super::imports;
use super::known::{changes, counters};
use super::people::{self, TENANT_SHIFT};
use super::runs::{Runs, Space};
use crate::store::timeline::Chains;
use crate::store::{StoreError, StoredEvent, TenantId};

/// Blocks from the one that holds event `from` on.
pub(super) fn each_block(
    connection: &Connection,
    tenant: TenantId,
    from: u64,
    each: &mut dyn FnMut(Block) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let before = "SELECT id FROM log_block WHERE id <= ? AND id >= ? ORDER BY id DESC LIMIT 1";
    let mut before = connection.prepare_cached(before)?;
    let mut found = before.query([people::key(tenant, from), people::key(tenant, 0)])?;
    let start: i64 = found.next()?.map_or(Ok(people::key(tenant, 0)), |row| row.get(0))?;
    let mut select = connection.prepare_cached(
        "SELECT id, events, data, hash FROM log_block WHERE id >= ? AND id < ? ORDER BY id",
    )?;
    let mut rows = select.query([start, people::key(TenantId(tenant.0 + 1), 0)])?;
    while let Some(row) = rows.next()? {
        let first_seq = read_u64(row, 0)? & ((1 << TENANT_SHIFT) - 1);
        let bytes = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?.to_vec();
        if !each(Block { first_seq, events: row.get(1)?, bytes, hash: read_hash(row, 3)? })? {
            break;
        }
    }
    Ok(())
}

/// Follows timelines through one view of the database.
pub(super) struct Reading<'a> {
    pub(super) runs: Runs<'a>,
    /// The block read last: a timeline often has its next event in it.
    block: Vec<StoredEvent>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(runs: Runs<'a>) -> Reading<'a> {
        Reading { runs, block: Vec::new() }
    }
}

impl Chains for Reading<'_> {
    fn event(&mut self, seq: u64) -> Result<StoredEvent, StoreError> {
        let place = |block: &[StoredEvent]| {
            let first = block.first()?.event.seq;
            seq.checked_sub(first).filter(|place| *place < block.len() as u64).map(|place| place as usize)
        };
        if place(&self.block).is_none() {
            let mut read = None;
            each_block(self.runs.connection, self.runs.tenant, seq, &mut |block| {
                read = Some(block);
                Ok(false)
            })?;
            let block = read.ok_or_else(|| missing(seq))?;
            let events = events_of(&block)?;
            self.block = events.into_iter().map(|event| StoredEvent { event, hash: block.hash }).collect();
        }
        place(&self.block).map(|place| self.block[place].clone()).ok_or_else(|| missing(seq))
    }

    fn last_event(&mut self, profile: u64) -> Result<Option<u64>, StoreError> {
        if let Some(changed) = changes(&[self.runs], &[profile])?[0] {
            return Ok(Some(changed.last_event));
        }
        let mut made = None;
        people::each_of(self.runs.connection, self.runs.tenant, &[profile], &mut |record| {
            made = Some(record.person.last_event);
            Ok(())
        })?;
        Ok(made)
    }

    fn holder(&mut self, number: u64) -> Result<Option<u64>, StoreError> {
        let mut holder = None;
        self.runs
            .each_newest(Space::Number, &[number], &mut [false], &mut |_, values| holder = Some(values[0]))?;
        Ok(holder)
    }

    fn unheld_events(&mut self, number: u64) -> Result<Vec<u64>, StoreError> {
        let mut select = self
            .runs
            .connection
            .prepare_cached("SELECT seq FROM unheld_event WHERE tenant_id = ? AND number = ? ORDER BY seq")?;
        select.query_and_then(params![self.runs.tenant.0, integer(number)], |row| read_u64(row, 0))?.collect()
    }
}

/// Recomputes the whole log, and sees that every event continues the chain of its profile; where the log ends, and
/// where each profile's chain does.
pub(super) fn verify(runs: &Runs<'_>) -> Result<(u64, HashMap<u64, u64>), StoreError> {
    let (connection, tenant) = (runs.connection, runs.tenant);
    let mut end = LogEnd::default();
    let mut chains: HashMap<u64, u64> = HashMap::new();
    let mut records: HashMap<ImportId, Hash> = HashMap::new();
    for import in imports::all(connection, tenant)? {
        let record = import.new.hash();
        if imports::record_hash(connection, tenant, import.id)? != record {
            return Err(StoreError::Damaged(format!("the record of {} is not as it was written", import.id)));
        }
        records.insert(import.id, record);
    }
    each_block(connection, tenant, 0, &mut |block| {
        let at_event = |what: &str| StoreError::Damaged(format!("event {} {what}", end.seq + 1));
        if block.first_seq != end.seq + 1 {
            return Err(at_event("is missing"));
        }
        let hash = log::chain(&end.hash, &block.bytes);
        if block.hash != hash {
            return Err(at_event("or one soon after it is not as it was written"));
        }
        let events = log::read(&block.bytes).map_err(|_| at_event("cannot be read"))?;
        if events.len() != block.events as usize {
            return Err(at_event("has another number of events beside it"));
        }
        for event in &events {
            let damaged = |what: &str| StoreError::Damaged(format!("event {} {what}", event.seq));
            if let Source::File { import, record, .. } = &event.source
                && records.get(import) != Some(record)
            {
                return Err(damaged("names an import that is not recorded like that"));
            }
            if let Some(profile) = event.profile
                && chains.insert(profile.0, event.seq) != event.previous
            {
                return Err(damaged("does not follow its profile's event before it"));
            }
        }
        end = LogEnd { seq: end.seq + events.len() as u64, hash };
        Ok(true)
    })?;
    let (_, written) = counters(&[*runs])?;
    if written != end {
        let text = format!("the log ends at event {}, and {} were written", end.seq, written.seq);
        return Err(StoreError::Damaged(text));
    }
    Ok((end.seq, chains))
}

fn events_of(block: &Block) -> Result<Vec<Event>, StoreError> {
    log::read(&block.bytes).map_err(|_| missing(block.first_seq))
}

fn missing(seq: u64) -> StoreError {
    StoreError::Damaged(format!("event {seq} is missing or cannot be read"))
}
