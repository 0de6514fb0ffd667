//! Runs gone through side by side, in the order of their keys.

use super::frame::Entries;
use super::runs::{Run, Runs, Space, block_number, frame, lost};
use super::sql::Blocks;
use crate::store::StoreError;

/// Goes through a run entry by entry, a few blocks in memory at a time.
pub(super) struct Cursor<'a> {
    source: Option<(Runs<'a>, u64, usize)>,
    next_block: usize,
    pub(super) block: Entries,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn of(entries: Entries) -> Cursor<'a> {
        Cursor { source: None, next_block: 0, block: entries, at: 0 }
    }

    pub(super) fn open(runs: Runs<'a>, space: Space, run: &Run) -> Result<Cursor<'a>, StoreError> {
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
        if self.next_block == blocks {
            return Ok(());
        }
        let until = (self.next_block + READ_TOGETHER).min(blocks);
        let ids: Vec<u64> = (self.next_block..until).map(|block| block_number(run, block)).collect();
        let mut seen = 0;
        runs.sql.blocks(Blocks::Run, runs.tenant, &ids, &mut |_, bytes| {
            seen += 1;
            frame(bytes, self.block.columns.len())?.append_to(&mut self.block).ok_or_else(lost)
        })?;
        self.next_block = until;
        if seen != ids.len() {
            return Err(lost());
        }
        // Blocks that only people had who were erased are empty.
        if self.block.len() == 0 { self.fill() } else { Ok(()) }
    }
}

/// Blocks read in one go when a run is gone through from end to end.
const READ_TOGETHER: usize = 16;

type Each<'a> = &'a mut dyn FnMut(u64, &[u64]) -> Result<(), StoreError>;

/// Entries of several runs, newest first, in the order of their keys; of replaced ones only the newest.
pub(super) fn merge(space: Space, cursors: &mut [Cursor<'_>], each: Each<'_>) -> Result<(), StoreError> {
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
