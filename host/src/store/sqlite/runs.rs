//! Sorted runs of entries in blocks: the index of people. A commit writes what is new as one run for each space, joined
//! with older runs that are not much larger, so that there are few runs and everything is written a few times only.
//! Reading goes through the runs from the newest to the oldest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, params};

use super::column::{integer, read_u64};
use super::frame::{Entries, Frame, pack};
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
}

impl Space {
    /// Values that belong to a key.
    pub(super) fn values(self) -> usize {
        match self {
            Space::Exid | Space::Email | Space::Msisdn => 1,
            Space::Number | Space::OwnOptOut => 2,
            Space::Consent => 4,
        }
    }

    /// Whether a newer entry replaces older ones with the same key.
    fn replaces(self) -> bool {
        matches!(self, Space::Number | Space::Consent | Space::OwnOptOut)
    }
}

/// Bits of a text's hash that are not kept: a lead is compared with the text itself, so the rest need only make wrong
/// leads rare.
pub(super) const HASH_SHIFT: u32 = 24;

/// A run, newest first in every list.
#[derive(Clone, Debug)]
pub(super) struct Run {
    id: u64,
    entries: u64,
    fences: FirstKeys,
}

/// First keys of blocks by tenant and run. A run never changes, so what is known of it stays true.
#[derive(Default)]
pub(super) struct Fences {
    known: Mutex<HashMap<(TenantId, u64), FirstKeys>>,
}

type FirstKeys = Arc<[u64]>;

/// Runs remembered at once; past it the memory starts anew.
const FENCES_MAX: usize = 4096;

impl Fences {
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

/// One view of a tenant's runs in one database.
#[derive(Clone, Copy)]
pub(super) struct Runs<'a> {
    pub(super) connection: &'a Connection,
    /// Where first keys are remembered; none for a database that lives as long as a trial.
    pub(super) fences: Option<&'a Fences>,
    pub(super) tenant: TenantId,
}

impl<'a> Runs<'a> {
    /// The runs of a space, newest first.
    pub(super) fn list(&self, space: Space) -> Result<Vec<Run>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT run_id, entries FROM run WHERE tenant_id = ? AND space = ? ORDER BY run_id DESC",
        )?;
        let mut rows = select.query(params![self.tenant.0, space as u8])?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next()? {
            let (id, entries) = (read_u64(row, 0)?, read_u64(row, 1)?);
            let read = || self.read_fences(space, id);
            let fences = match self.fences {
                Some(fences) => fences.of(self.tenant, id, read)?,
                None => read()?,
            };
            runs.push(Run { id, entries, fences });
        }
        Ok(runs)
    }

    fn read_fences(&self, space: Space, run: u64) -> Result<FirstKeys, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT fences FROM run WHERE tenant_id = ? AND space = ? AND run_id = ?")?;
        Ok(select.query_row(params![self.tenant.0, space as u8, integer(run)], |row| {
            let bytes = row.get_ref(0)?.as_blob()?;
            Ok(bytes.as_chunks::<8>().0.iter().map(|fence| u64::from_le_bytes(*fence)).collect())
        })?)
    }

    /// Calls `found` with the place of a key and its values for every entry of every run that has it. `keys` ascend,
    /// each stands once.
    pub(super) fn each_match(
        &self,
        space: Space,
        keys: &[u64],
        found: &mut dyn FnMut(usize, &[u64]),
    ) -> Result<(), StoreError> {
        for run in self.list(space)? {
            self.search(space, &run, keys, None, found)?;
        }
        Ok(())
    }

    /// Calls `found` with the place of a key and its values for the newest entry that has it, of keys that are not `done`
    /// yet. `keys` ascend, each stands once.
    pub(super) fn each_newest(
        &self,
        space: Space,
        keys: &[u64],
        done: &mut [bool],
        found: &mut dyn FnMut(usize, &[u64]),
    ) -> Result<(), StoreError> {
        for run in self.list(space)? {
            self.search(space, &run, keys, Some(&mut *done), found)?;
        }
        Ok(())
    }

    fn search(
        &self,
        space: Space,
        run: &Run,
        keys: &[u64],
        mut done: Option<&mut [bool]>,
        found: &mut dyn FnMut(usize, &[u64]),
    ) -> Result<(), StoreError> {
        let mut select = self.block_statement()?;
        let columns = space.values() + 1;
        let (mut next, mut block) = (0, 0);
        let mut values = [0; 4];
        while next < keys.len() {
            // The last block that can begin with a smaller key: entries of one key may go over several blocks.
            let ahead = run.fences[block..].partition_point(|fence| *fence < keys[next]);
            block += ahead.saturating_sub(1);
            let mut rows = select.query([self.block_id(run.id, block)])?;
            let row = rows.next()?.ok_or_else(lost)?;
            let frame = frame(row, columns)?;
            let column = frame.column(0).ok_or_else(lost)?;
            let last_block = block + 1 == run.fences.len();
            let mut at = 0;
            while next < keys.len() {
                let key = keys[next];
                // What begins the next block is looked for there, but for what may stand here as well.
                if !last_block && run.fences[block + 1] < key {
                    break;
                }
                at = column.lower_bound(at, frame.len(), key);
                let wanted = done.as_ref().is_none_or(|done| !done[next]);
                let mut same = at;
                while same < frame.len() && column.get(same) == key {
                    if wanted {
                        for (value, place) in values.iter_mut().zip(1..columns) {
                            *value = frame.column(place).ok_or_else(lost)?.get(same);
                        }
                        found(next, &values[..columns - 1]);
                        if let Some(done) = &mut done {
                            done[next] = true;
                        }
                    }
                    same += 1;
                }
                if same == frame.len() && !last_block && run.fences[block + 1] == key {
                    break;
                }
                next += 1;
            }
            // Either there is no key left, or what it wants is in a later block.
            block += 1;
        }
        Ok(())
    }

    fn block_statement(&self) -> Result<rusqlite::CachedStatement<'a>, StoreError> {
        Ok(self.connection.prepare_cached("SELECT data FROM run_block WHERE id = ?")?)
    }

    fn block_id(&self, run: u64, block: usize) -> i64 {
        block_id(self.tenant, run, block)
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
        let mut next_run = self.connection.prepare_cached(
            "UPDATE tenant SET next_run = next_run + 1 WHERE tenant_id = ? RETURNING next_run - 1",
        )?;
        let id = next_run.query_one([self.tenant.0], |row| row.get::<_, i64>(0))?.cast_unsigned();
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
            let (first, last) = (self.block_id(run.id, 0), self.block_id(run.id, run.fences.len() - 1));
            self.connection
                .prepare_cached("DELETE FROM run_block WHERE id BETWEEN ? AND ?")?
                .execute([first, last])?;
            self.connection
                .prepare_cached("DELETE FROM run WHERE tenant_id = ? AND space = ? AND run_id = ?")?
                .execute(params![self.tenant.0, space as u8, integer(run.id)])?;
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

fn block_id(tenant: TenantId, run: u64, block: usize) -> i64 {
    integer(u64::from(tenant.0) << 40 | run << 20 | block as u64)
}

fn lost() -> StoreError {
    StoreError::Damaged("a block of the index is missing or is not as it was written".to_owned())
}

fn frame<'a>(row: &'a rusqlite::Row<'_>, columns: usize) -> Result<Frame<'a>, StoreError> {
    let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
    Frame::read(bytes).filter(|frame| frame.len() > 0 && frame.column(columns - 1).is_some()).ok_or_else(lost)
}

/// Goes through a run entry by entry, a block in memory at a time.
struct Cursor<'a> {
    source: Option<(Runs<'a>, u64, usize)>,
    next_block: usize,
    block: Entries,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn of(entries: Entries) -> Cursor<'a> {
        Cursor { source: None, next_block: 0, block: entries, at: 0 }
    }

    fn open(runs: Runs<'a>, space: Space, run: &Run) -> Result<Cursor<'a>, StoreError> {
        let source = Some((runs, run.id, run.fences.len()));
        let mut cursor = Cursor { source, next_block: 0, block: Entries::new(space.values()), at: 0 };
        cursor.fill()?;
        Ok(cursor)
    }

    /// The key the cursor stands at; none at the end.
    #[inline]
    fn key(&self) -> Option<u64> {
        self.block.keys().get(self.at).copied()
    }

    fn advance(&mut self) -> Result<(), StoreError> {
        self.at += 1;
        if self.at == self.block.len() { self.fill() } else { Ok(()) }
    }

    fn fill(&mut self) -> Result<(), StoreError> {
        self.block.clear();
        self.at = 0;
        let Some((runs, run, blocks)) = self.source else { return Ok(()) };
        if self.next_block < blocks {
            let mut select = runs.block_statement()?;
            let mut rows = select.query([runs.block_id(run, self.next_block)])?;
            let row = rows.next()?.ok_or_else(lost)?;
            frame(row, self.block.columns.len())?.append_to(&mut self.block).ok_or_else(lost)?;
            self.next_block += 1;
        }
        Ok(())
    }
}

type Each<'a> = &'a mut dyn FnMut(u64, &[u64]) -> Result<(), StoreError>;

/// Entries of several runs, newest first, in the order of their keys; of replaced ones only the newest.
fn merge(space: Space, cursors: &mut [Cursor<'_>], each: Each<'_>) -> Result<(), StoreError> {
    let mut values = [0; 4];
    let mut last: Option<u64> = None;
    loop {
        let mut least: Option<(u64, usize)> = None;
        for (place, cursor) in cursors.iter().enumerate() {
            if let Some(key) = cursor.key()
                && least.is_none_or(|(known, _)| key < known)
            {
                least = Some((key, place));
            }
        }
        let Some((key, place)) = least else { return Ok(()) };
        // While this run alone has the least keys, the others need not be asked.
        let others = cursors.iter().enumerate().filter(|(other, _)| *other != place);
        let until = others.filter_map(|(_, cursor)| cursor.key()).min().unwrap_or(u64::MAX);
        let cursor = &mut cursors[place];
        while let Some(key) = cursor.key().filter(|at| *at == key || *at < until) {
            if !(space.replaces() && last == Some(key)) {
                for (value, column) in values.iter_mut().zip(&cursor.block.columns[1..]) {
                    *value = column[cursor.at];
                }
                each(key, &values[..space.values()])?;
                last = Some(key);
            }
            cursor.advance()?;
        }
    }
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
        let mut insert =
            self.runs.connection.prepare_cached("INSERT INTO run_block (id, data) VALUES (?, ?)")?;
        let (mut from, mut bytes) = (0, Vec::new());
        while from < self.out.len() && (all || self.out.len() - from > COLLECTED / 4) {
            let count = pack(&self.out, from, &mut bytes);
            insert.execute(params![self.runs.block_id(self.id, self.fences.len()), bytes])?;
            self.fences.push(self.out.keys()[from]);
            from += count;
        }
        self.entries += from as u64;
        for column in &mut self.out.columns {
            column.drain(..from);
        }
        Ok(())
    }

    fn finish(self) -> Result<(), StoreError> {
        let fences: Vec<u8> = self.fences.iter().flat_map(|fence| fence.to_le_bytes()).collect();
        let mut insert = self.runs.connection.prepare_cached("INSERT INTO run VALUES (?, ?, ?, ?, ?)")?;
        let keys =
            params![self.runs.tenant.0, self.space as u8, integer(self.id), integer(self.entries), fences];
        insert.execute(keys)?;
        Ok(())
    }
}
