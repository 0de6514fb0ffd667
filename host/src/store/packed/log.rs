//! The consent log: blocks appended in the transaction that changes the consent, read as timelines, and checked
//! against their own chain of hashes. Nothing here changes a block that is written.

use std::collections::{BTreeMap, HashMap};

use consentry_core::matching::{Block, E164, Event, Hash, ImportId, LogEnd, Permission, Rule, Source, log};

use super::imports;
use super::known::{REMOVED, changes, counters};
use super::people;
use super::runs::Runs;
use super::sql::{Sql, there, values};
use crate::store::timeline::Chains;
use crate::store::{StoreError, StoredEvent, TenantId};

/// Blocks from the one that holds event `from` on.
pub(super) fn each_block(
    sql: &dyn Sql,
    tenant: TenantId,
    from: u64,
    each: &mut dyn FnMut(Block) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    const BEFORE: &str = "SELECT first_event FROM log_block WHERE tenant_id = ?1 AND first_event <= ?2
        ORDER BY first_event DESC LIMIT 1";
    const READ: &str = "SELECT first_event, events, data, hash FROM log_block
        WHERE tenant_id = ?1 AND first_event >= ?2 ORDER BY first_event LIMIT ?3";
    let mut next = sql.one(BEFORE, values![tenant, from], |row| row.u64(0))?.unwrap_or(0);
    // Few at first: whoever looks for one event has enough with one block.
    let mut together = 1_u64;
    loop {
        let (mut read, mut more) = (0, true);
        sql.query(READ, values![tenant, next, together], &mut |row| {
            read += 1;
            let first_seq = row.u64(0)?;
            next = first_seq + 1;
            let events = u32::try_from(row.u64(1)?).unwrap_or_default();
            let bytes = there(row.bytes(2)?)?.to_vec();
            more = each(Block { first_seq, events, bytes, hash: row.array(3)? })?;
            Ok(more)
        })?;
        if !more || read < together {
            return Ok(());
        }
        together = (together * 4).min(BLOCKS_TOGETHER);
    }
}

/// Blocks read in one go.
const BLOCKS_TOGETHER: u64 = 256;

/// Puts a block behind all others.
pub(super) fn append(sql: &dyn Sql, tenant: TenantId, block: &Block) -> Result<(), StoreError> {
    const INSERT: &str =
        "INSERT INTO log_block (tenant_id, first_event, events, data, hash) VALUES (?1, ?2, ?3, ?4, ?5)";
    let events = u64::from(block.events);
    sql.execute(INSERT, values![tenant, block.first_seq, events, &block.bytes, &block.hash])?;
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
            each_block(self.runs.sql, self.runs.tenant, seq, &mut |block| {
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
        people::each_of(self.runs.sql, self.runs.tenant, &[profile], &mut |record| {
            made = Some(record.person.last_event);
            Ok(())
        })?;
        Ok(made)
    }

    fn holder(&mut self, number: u64) -> Result<Option<u64>, StoreError> {
        let mut holder = None;
        self.runs.each_custody(&[number], &mut [false], &mut |_, profile, _| holder = Some(profile))?;
        Ok(holder)
    }

    fn unheld_events(&mut self, number: u64) -> Result<Vec<u64>, StoreError> {
        const READ: &str = "SELECT seq FROM unheld_event WHERE tenant_id = ?1 AND number = ?2 ORDER BY seq";
        self.runs.sql.all(READ, values![self.runs.tenant, number], |row| row.u64(0))
    }
}

/// What the log says of now.
pub(super) struct Told {
    /// Place of the last event.
    pub(super) end: u64,
    /// By profile, from 1 on: its last event, and the consent after it as [`consent`] packs it.
    pub(super) profiles: Vec<(u64, u64)>,
    /// Numbers, by identity, of which the person's own opt-out stands, and the event that says so. An undo may have
    /// brought back others.
    pub(super) own_opt_outs: BTreeMap<u64, u64>,
}

/// Number and permission in one: there may be many millions.
pub(super) fn consent(number: Option<E164>, permission: Option<Permission>) -> u64 {
    number.map_or(0, E164::digits) << 3 | permission.map_or(0, |permission| permission as u64)
}

/// Recomputes the whole log, and sees that every event continues the chain of its profile; what it says of now.
pub(super) fn verify(runs: &Runs<'_>) -> Result<Told, StoreError> {
    let (sql, tenant) = (runs.sql, runs.tenant);
    let mut end = LogEnd::default();
    let mut told = Told { end: 0, profiles: vec![(0, 0)], own_opt_outs: BTreeMap::new() };
    let mut records: HashMap<ImportId, Hash> = HashMap::new();
    for import in imports::all(sql, tenant)? {
        let record = import.new.hash();
        if imports::record_hash(sql, tenant, import.id)? != record {
            return Err(StoreError::Damaged(format!("the record of {} is not as it was written", import.id)));
        }
        records.insert(import.id, record);
    }
    let redacted = redacted(sql, tenant)?;
    each_block(sql, tenant, 0, &mut |block| {
        let at_event = |what: &str| StoreError::Damaged(format!("event {} {what}", end.seq + 1));
        if block.first_seq != end.seq + 1 {
            return Err(at_event("is missing"));
        }
        let hash = log::chain(&end.hash, &block.bytes);
        // A block in which somebody was erased cannot be hashed as it was any more. It must be what the event of the erasure
        // says; the hash of the next block holds its own.
        if block.hash != hash
            && redacted.get(&block.first_seq) != Some(&log::chain(&block.hash, &block.bytes))
        {
            return Err(at_event("or one soon after it is not as it was written"));
        }
        let hash = block.hash;
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
            tell(&mut told, event).ok_or_else(|| damaged("does not follow its profile's event before it"))?;
        }
        end = LogEnd { seq: end.seq + events.len() as u64, hash };
        Ok(true)
    })?;
    let (next_profile, written) = counters(&[*runs])?;
    if written != end {
        let text = format!("the log ends at event {}, and {} were written", end.seq, written.seq);
        return Err(StoreError::Damaged(text));
    }
    if told.profiles.len() as u64 != next_profile {
        let text =
            format!("the log tells of {} profiles, and {next_profile} comes next", told.profiles.len() - 1);
        return Err(StoreError::Damaged(text));
    }
    told.end = end.seq;
    Ok(told)
}

/// What erasures say that blocks are since, by their first events. Of two erasures in a block the later one counts.
fn redacted(sql: &dyn Sql, tenant: TenantId) -> Result<BTreeMap<u64, Hash>, StoreError> {
    const BY: &str = "SELECT DISTINCT by_event FROM log_redaction WHERE tenant_id = ?1 ORDER BY by_event";
    let mut redacted = BTreeMap::new();
    for seq in sql.all(BY, values![tenant], |row| row.u64(0))? {
        let mut told = None;
        each_block(sql, tenant, seq, &mut |block| {
            told = log::source(&block.bytes).ok();
            Ok(false)
        })?;
        let Some((Source::Erasure { redacted: blocks, .. }, _)) = told else { return Err(missing(seq)) };
        redacted.extend(blocks);
    }
    Ok(redacted)
}

/// Adds what an event says; none when it does not go on from where its profile stood. Profiles are numbered as they come.
fn tell(told: &mut Told, event: &Event) -> Option<()> {
    let identity = event.number.map(|number| number.identity().digits());
    match (event.rule, identity) {
        (Rule::OwnOptOut, Some(identity)) => drop(told.own_opt_outs.insert(identity, event.seq)),
        (Rule::LiftedOptOut | Rule::OwnOptIn, Some(identity)) => drop(told.own_opt_outs.remove(&identity)),
        _ => {}
    }
    let Some(profile) = event.profile else { return Some(()) };
    if profile.0 == told.profiles.len() as u64 {
        told.profiles.push((0, 0));
    }
    let stands = told.profiles.get_mut(usize::try_from(profile.0).ok()?)?;
    let before = (event.previous.unwrap_or(0), consent(event.number_before, event.permission_before));
    let removed =
        if matches!(event.rule, Rule::ProfileUndone | Rule::Erased) { u64::from(REMOVED) } else { 0 };
    let follows = *stands == before;
    *stands = (event.seq, consent(event.number, event.permission) | removed);
    follows.then_some(())
}

fn events_of(block: &Block) -> Result<Vec<Event>, StoreError> {
    log::read(&block.bytes).map_err(|_| missing(block.first_seq))
}

pub(super) fn missing(seq: u64) -> StoreError {
    StoreError::Damaged(format!("event {seq} is missing or cannot be read"))
}
