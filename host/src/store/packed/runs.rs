//! Sorted runs of entries in blocks: the index of people. A commit writes what is new as one run for each space, joined
//! with older runs that are not much larger, so that there are few runs and everything is written a few times only.
//! Reading goes through the runs from the newest to the oldest.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::frame::{Entries, Frame, pack};
use super::merge::{Cursor, merge};
use super::migrate::copy_blocks;
use super::sql::{Blocks, Sql, there, values};
use crate::store::erased::Marker;
use crate::store::{StoreError, TenantId};

/// What a run is about: its keys, and the values that belong to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Space {
    /// First bits of the exid's hash → profile. Several profiles may share a key.
    Exid = 1,
    /// First bits of the folded e-mail address's hash → profile. Several profiles may share a key.
    Email = 2,
    /// Identity of the phone number → profile. Several, where profiles were removed.
    Msisdn = 3,
    /// Identity of the WhatsApp number → profile, and 1 if it holds it, 0 if it was the last to.
    Number = 4,
    /// Profile → number, permission (4 when the profile is gone), last event, time of it. What a profile was made with is
    /// not here but with its other data.
    Consent = 5,
    /// Identity of the WhatsApp number → time of the own opt-out, and 1 if it stands.
    OwnOptOut = 6,
    /// Mark of a number or user id of somebody who was erased → when. Whatever is known of the number itself overrules it.
    Erased = 7,
}

impl Space {
    pub(super) const ALL: [Space; 7] = [
        Space::Exid,
        Space::Email,
        Space::Msisdn,
        Space::Number,
        Space::Consent,
        Space::OwnOptOut,
        Space::Erased,
    ];

    /// Values that belong to a key.
    pub(super) fn values(self) -> usize {
        match self {
            Space::Exid | Space::Email | Space::Msisdn | Space::Erased => 1,
            Space::Number | Space::OwnOptOut => 2,
            Space::Consent => 4,
        }
    }

    /// Whether a newer entry replaces older ones with the same key.
    pub(super) fn replaces(self) -> bool {
        matches!(self, Space::Number | Space::Consent | Space::OwnOptOut | Space::Erased)
    }
}

/// Bits of a text's hash that are not kept: a lead is compared with the text itself, so the rest need only make wrong
/// leads rare.
pub(super) const HASH_SHIFT: u32 = 24;

/// A run, newest first in every list.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) id: u64,
    pub(super) entries: u64,
    pub(super) fences: FirstKeys,
}

/// First keys of blocks by tenant and run. A run changes only where somebody is erased, and then what is known of it still leads to
/// the right blocks: no first key becomes smaller than the one that was.
#[derive(Default)]
pub(super) struct Fences {
    known: Mutex<HashMap<(TenantId, u64), FirstKeys>>,
}

type FirstKeys = Arc<[u64]>;

/// Runs remembered at once; past it the memory starts anew.
const FENCES_MAX: usize = 4096;

impl Fences {
    /// Nothing is remembered any more: an erasure has changed runs.
    pub(super) fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn of(
        &self,
        tenant: TenantId,
        run: u64,
        read: impl FnOnce() -> Result<FirstKeys, StoreError>,
    ) -> Result<FirstKeys, StoreError> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fences) = lock().get(&(tenant, run)) {
            return Ok(fences.clone());
        }
        let fences = read()?;
        let mut known = lock();
        if known.len() >= FENCES_MAX {
            known.clear();
        }
        known.insert((tenant, run), fences.clone());
        Ok(fences)
    }
}

/// One view of a tenant in one database.
#[derive(Clone, Copy)]
pub(super) struct Runs<'a> {
    pub(super) sql: &'a dyn Sql,
    /// Where first keys are remembered; none for a database that lives as long as a trial.
    pub(super) fences: Option<&'a Fences>,
    /// What recognises people who were erased; none for a trial's own database, in which nobody is.
    pub(super) marker: Option<&'a Marker>,
    pub(super) tenant: TenantId,
}

/// Calls for an entry: the place of its key among those asked for, and its values.
pub(super) type Found<'a> = &'a mut dyn FnMut(usize, &[u64]);

impl<'a> Runs<'a> {
    /// The runs of a space, newest first.
    fn list(&self, space: Space) -> Result<Vec<Run>, StoreError> {
        const LIST: &str =
            "SELECT run_id, entries FROM run WHERE tenant_id = ?1 AND space = ?2 ORDER BY run_id DESC";
        let heads =
            self.sql.all(LIST, values![self.tenant, space as i64], |row| Ok((row.u64(0)?, row.u64(1)?)))?;
        let open = |(id, entries)| {
            let read = || self.read_fences(space, id);
            let fences = match self.fences {
                Some(fences) => fences.of(self.tenant, id, read)?,
                None => read()?,
            };
            Ok(Run { id, entries, fences })
        };
        heads.into_iter().map(open).collect()
    }

    fn read_fences(&self, space: Space, run: u64) -> Result<FirstKeys, StoreError> {
        const READ: &str = "SELECT fences FROM run WHERE tenant_id = ?1 AND space = ?2 AND run_id = ?3";
        let found = self.sql.one(READ, values![self.tenant, space as i64, run], |row| {
            let fences = there(row.bytes(0)?)?.as_chunks::<8>().0.iter();
            Ok(fences.map(|fence| u64::from_le_bytes(*fence)).collect())
        })?;
        found.filter(|fences: &FirstKeys| !fences.is_empty()).ok_or_else(lost)
    }

    /// Calls `found` for every entry of every run that has one of these keys. `keys` ascend, each stands once.
    pub(super) fn each_match(&self, space: Space, keys: &[u64], found: Found<'_>) -> Result<(), StoreError> {
        self.list(space)?.iter().try_for_each(|run| self.search(space, run, keys, None, found))
    }

    /// Calls `found` for the newest entry of each of these keys that is not `done` yet. `keys` ascend, each stands once.
    pub(super) fn each_newest(
        &self,
        space: Space,
        keys: &[u64],
        done: &mut [bool],
        found: Found<'_>,
    ) -> Result<(), StoreError> {
        for run in self.list(space)? {
            if done.iter().all(|done| *done) {
                break;
            }
            self.search(space, &run, keys, Some(&mut *done), found)?;
        }
        Ok(())
    }

    /// Who has these numbers, or had them last: place, profile, and whether it is held. Places that are `done` are left
    /// out.
    pub(super) fn each_custody(
        &self,
        numbers: &[u64],
        done: &mut [bool],
        found: &mut dyn FnMut(usize, u64, bool),
    ) -> Result<(), StoreError> {
        let in_rows = self.sql.custody(self.tenant, numbers, &mut |at, profile, held| {
            if !std::mem::replace(&mut done[at], true) {
                found(at, profile, held);
            }
        })?;
        if in_rows {
            return Ok(());
        }
        self.each_newest(Space::Number, numbers, done, &mut |at, values| found(at, values[0], values[1] != 0))
    }

    fn search(
        &self,
        space: Space,
        run: &Run,
        keys: &[u64],
        mut done: Option<&mut [bool]>,
        found: Found<'_>,
    ) -> Result<(), StoreError> {
        let wanted = wanted(&run.fences, keys);
        let ids: Vec<u64> = wanted.iter().map(|(block, _)| block_number(run.id, *block)).collect();
        let columns = space.values() + 1;
        let mut seen = 0;
        self.sql.blocks(Blocks::Run, self.tenant, &ids, &mut |place, bytes| {
            seen += 1;
            let frame = frame(bytes, columns)?;
            let mut read = Vec::with_capacity(columns);
            for column in 0..columns {
                read.push(frame.column(column).ok_or_else(lost)?);
            }
            let (column, mut at, mut values) = (read[0], 0, [0; 4]);
            for next in wanted[place].1.clone() {
                at = column.lower_bound(at, frame.len(), keys[next]);
                let mut same = at;
                while same < frame.len() && column.get(same) == keys[next] {
                    if done.as_ref().is_none_or(|done| !done[next]) {
                        for (value, column) in values.iter_mut().zip(&read[1..]) {
                            *value = column.get(same);
                        }
                        found(next, &values[..columns - 1]);
                        if let Some(done) = &mut done {
                            done[next] = true;
                        }
                    }
                    same += 1;
                }
            }
            Ok(())
        })?;
        if seen == ids.len() { Ok(()) } else { Err(lost()) }
    }

    /// Writes entries as the newest run of a space, joined with older ones. Keys ascend; where newer entries replace
    /// older ones, each stands once.
    pub(super) fn write(&self, space: Space, entries: Entries) -> Result<(), StoreError> {
        if entries.len() == 0 {
            return Ok(());
        }
        let mut total = entries.len() as u64;
        let joined: Vec<Run> = self
            .list(space)?
            .into_iter()
            .take_while(|run| {
                let joins = run.entries < 2 * total;
                total += if joins { run.entries } else { 0 };
                joins
            })
            .collect();
        const NEXT: &str =
            "UPDATE tenant SET next_run = next_run + 1 WHERE tenant_id = ?1 RETURNING next_run - 1";
        let id = there(self.sql.one(NEXT, values![self.tenant], |row| row.u64(0))?)?;
        if id >= RUNS_MAX {
            return Err(StoreError::Unusable(
                "the tenant has had all the runs that can be numbered".to_owned(),
            ));
        }
        let mut writing = Writing {
            runs: self,
            space,
            id,
            out: Entries::new(space.values()),
            fences: Vec::new(),
            entries: 0,
        };
        let cursors: Result<Vec<Cursor<'_>>, StoreError> =
            joined.iter().map(|run| Cursor::open(*self, space, run)).collect();
        writing.join(Cursor::of(entries), cursors?)?;
        writing.finish()?;
        for run in &joined {
            let (first, last) = (block_number(run.id, 0), block_number(run.id, run.fences.len() - 1));
            self.sql.remove_blocks(Blocks::Run, self.tenant, first, last)?;
            const GONE: &str = "DELETE FROM run WHERE tenant_id = ?1 AND space = ?2 AND run_id = ?3";
            self.sql.execute(GONE, values![self.tenant, space as i64, run.id])?;
        }
        Ok(())
    }

    /// Whether a space has no run.
    pub(super) fn is_empty(&self, space: Space) -> Result<bool, StoreError> {
        Ok(self.list(space)?.is_empty())
    }

    /// Changes the entries of a key where they lie, in every run, or removes those of which `keep` says false.
    pub(super) fn edit(
        &self,
        space: Space,
        key: u64,
        keep: &mut dyn FnMut(&mut [u64]) -> bool,
    ) -> Result<(), StoreError> {
        const PUT: &str = "UPDATE run SET entries = entries - ?1, fences = ?2
            WHERE tenant_id = ?3 AND space = ?4 AND run_id = ?5";
        for run in self.list(space)? {
            let places: Vec<usize> =
                wanted(&run.fences, &[key]).into_iter().map(|(place, _)| place).collect();
            let ids: Vec<u64> = places.iter().map(|place| block_number(run.id, *place)).collect();
            let (mut blocks, mut fences, mut removed) = (Vec::new(), run.fences.to_vec(), 0_u64);
            self.sql.blocks(Blocks::Run, self.tenant, &ids, &mut |at, bytes| {
                let (mut all, mut kept) = (Entries::new(space.values()), Entries::new(space.values()));
                frame(bytes, space.values() + 1)?.append_to(&mut all).ok_or_else(lost)?;
                for row in 0..all.len() {
                    let mut values: Vec<u64> = all.columns[1..].iter().map(|column| column[row]).collect();
                    if all.keys()[row] != key || keep(&mut values) {
                        kept.push(all.keys()[row], &values);
                    }
                }
                removed += (all.len() - kept.len()) as u64;
                if all.columns != kept.columns {
                    let place = places[at];
                    // Nothing begins before what came before it.
                    let before = place.checked_sub(1).map_or(0, |before| fences[before]);
                    fences[place] = kept.keys().first().copied().unwrap_or(before);
                    let mut packed = Vec::new();
                    pack(&kept, 0, &mut packed);
                    blocks.push((ids[at], packed));
                }
                Ok(())
            })?;
            if blocks.is_empty() {
                continue;
            }
            let remove = |id: u64| self.sql.remove_blocks(Blocks::Run, self.tenant, id, id);
            blocks.iter().try_for_each(|(id, _)| remove(*id))?;
            self.sql.put_blocks(Blocks::Run, self.tenant, &blocks)?;
            let fences: Vec<u8> = fences.iter().flat_map(|fence| fence.to_le_bytes()).collect();
            self.sql.execute(PUT, values![removed, &fences, self.tenant, space as i64, run.id])?;
        }
        Ok(())
    }

    /// Copies a space's runs into another database, as they are.
    pub(super) fn copy(&self, space: Space, to: &dyn Sql) -> Result<(), StoreError> {
        for run in self.list(space)? {
            let ids = (0..run.fences.len()).map(|block| block_number(run.id, block));
            copy_blocks(self.sql, to, Blocks::Run, self.tenant, ids)?;
            insert_run(to, self.tenant, space, run.id, run.entries, &run.fences)?;
        }
        Ok(())
    }

    /// Every entry of a space that counts, by key.
    pub(super) fn each(&self, space: Space, each: &mut dyn FnMut(u64, &[u64])) -> Result<(), StoreError> {
        let cursors: Result<Vec<Cursor<'_>>, StoreError> =
            self.list(space)?.iter().map(|run| Cursor::open(*self, space, run)).collect();
        merge(space, &mut cursors?, &mut |key, values| {
            each(key, values);
            Ok(())
        })
    }
}

/// Bits of a block's number below the run.
const RUN_SHIFT: u32 = 20;
/// Runs a tenant may ever have had: an own opt-out makes two, a batch six, and numbers of runs are not used again.
const RUNS_MAX: u64 = 1 << 32;

/// The number of a run's block.
pub(super) fn block_number(run: u64, block: usize) -> u64 {
    run << RUN_SHIFT | block as u64
}

/// The blocks that may hold one of the keys, and which keys those are.
fn wanted(fences: &[u64], keys: &[u64]) -> Vec<(usize, Range<usize>)> {
    let mut wanted = Vec::new();
    let (mut block, mut from) = (0, 0);
    while from < keys.len() && block < fences.len() {
        // The last block that can begin with a smaller key: entries of one key may go over several blocks.
        block += fences[block..].partition_point(|fence| *fence < keys[from]).saturating_sub(1);
        let next = fences.get(block + 1).copied();
        // What the next block begins with may stand at the end of this one as well.
        let mut end = from;
        while end < keys.len() && next.is_none_or(|next| keys[end] <= next) {
            end += 1;
        }
        if end > from {
            wanted.push((block, from..end));
        }
        from = if end > from && Some(keys[end - 1]) == next { end - 1 } else { end };
        block += 1;
    }
    wanted
}

pub(super) fn lost() -> StoreError {
    StoreError::Damaged("a block of the index is missing or is not as it was written".to_owned())
}

pub(super) fn frame(bytes: &[u8], columns: usize) -> Result<Frame<'_>, StoreError> {
    Frame::read(bytes).filter(|frame| frame.column(columns - 1).is_some()).ok_or_else(lost)
}

/// A run on its way into the database.
struct Writing<'a, 'b> {
    runs: &'b Runs<'a>,
    space: Space,
    id: u64,
    out: Entries,
    fences: Vec<u64>,
    entries: u64,
}

/// Entries collected before blocks are cut from them.
const COLLECTED: usize = 64 * 1024;

impl Writing<'_, '_> {
    fn join<'c>(&mut self, newest: Cursor<'c>, mut older: Vec<Cursor<'c>>) -> Result<(), StoreError> {
        if older.is_empty() {
            self.out = newest.block;
            return self.cut(true);
        }
        older.insert(0, newest);
        merge(self.space, &mut older, &mut |key, values| {
            self.out.push(key, values);
            if self.out.len() == COLLECTED { self.cut(false) } else { Ok(()) }
        })?;
        self.cut(true)
    }

    /// Writes blocks; all there is, or all but what may not fill one.
    fn cut(&mut self, all: bool) -> Result<(), StoreError> {
        let (mut from, mut blocks) = (0, Vec::new());
        if self.fences.len() + self.out.len() >= 1 << RUN_SHIFT {
            return Err(StoreError::Unusable("a run has more blocks than can be numbered".to_owned()));
        }
        while from < self.out.len() && (all || self.out.len() - from > COLLECTED / 4) {
            let mut bytes = Vec::new();
            let count = pack(&self.out, from, &mut bytes);
            blocks.push((block_number(self.id, self.fences.len()), bytes));
            self.fences.push(self.out.keys()[from]);
            from += count;
            if blocks.len() == WRITTEN_TOGETHER {
                self.runs.sql.put_blocks(Blocks::Run, self.runs.tenant, &blocks)?;
                blocks.clear();
            }
        }
        self.runs.sql.put_blocks(Blocks::Run, self.runs.tenant, &blocks)?;
        self.entries += from as u64;
        for column in &mut self.out.columns {
            column.drain(..from);
        }
        Ok(())
    }

    fn finish(self) -> Result<(), StoreError> {
        let Runs { sql, tenant, .. } = self.runs;
        insert_run(*sql, *tenant, self.space, self.id, self.entries, &self.fences)
    }
}

fn insert_run(
    sql: &dyn Sql,
    tenant: TenantId,
    space: Space,
    id: u64,
    entries: u64,
    fences: &[u64],
) -> Result<(), StoreError> {
    const INSERT: &str =
        "INSERT INTO run (tenant_id, space, run_id, entries, fences) VALUES (?1, ?2, ?3, ?4, ?5)";
    let fences: Vec<u8> = fences.iter().flat_map(|fence| fence.to_le_bytes()).collect();
    sql.execute(INSERT, values![tenant, space as i64, id, entries, &fences])?;
    Ok(())
}

/// Blocks written in one go.
const WRITTEN_TOGETHER: usize = 128;

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn every_block_that_may_hold_a_key_is_looked_at_and_no_other() {
        let mut seed = 7_u64;
        let mut next = |most: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % most
        };
        for _ in 0..2_000 {
            // Blocks of two entries each, keys of which may repeat.
            let (most, blocks) = (1 + next(30), 1 + next(8) as usize);
            let mut entries: Vec<u64> = (0..2 * blocks).map(|_| next(most)).collect();
            entries.sort_unstable();
            let fences: Vec<u64> = entries.iter().copied().step_by(2).collect();
            let mut keys: Vec<u64> = (0..next(9)).map(|_| next(most + 3)).collect();
            keys.sort_unstable();
            keys.dedup();
            let wanted = wanted(&fences, &keys);
            assert!(wanted.is_sorted_by(|one, other| one.0 < other.0), "{fences:?} {keys:?} {wanted:?}");
            for (block, has) in entries.chunks(2).enumerate() {
                for (place, key) in keys.iter().enumerate().filter(|(_, key)| has.contains(key)) {
                    let looked = wanted.iter().any(|(at, keys)| *at == block && keys.contains(&place));
                    assert!(looked, "{key} in block {block} of {entries:?}: {wanted:?}");
                }
            }
        }
    }
}
