//! What the connections to one file share while the machine runs: locks, and the memory of the index of a write-ahead log.

use std::collections::BTreeMap;
use std::ffi::c_int;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::ffi::{
    SQLITE_BUSY, SQLITE_LOCK_EXCLUSIVE, SQLITE_LOCK_NONE, SQLITE_LOCK_PENDING, SQLITE_LOCK_RESERVED,
    SQLITE_LOCK_SHARED,
};

use super::Done;

/// SQLite's lock on a file, by handle that holds one.
#[derive(Default)]
pub(super) struct Locks(BTreeMap<u64, c_int>);

impl Locks {
    /// Raises the lock of a handle.
    pub(super) fn raise(&mut self, handle: u64, level: c_int) -> Done<()> {
        let held = self.0.get(&handle).copied().unwrap_or(SQLITE_LOCK_NONE);
        if held >= level {
            return Ok(());
        }
        let others = self.0.iter().filter(|(other, _)| **other != handle).map(|(_, level)| *level);
        let others = others.max().unwrap_or(SQLITE_LOCK_NONE);
        let granted = match level {
            SQLITE_LOCK_SHARED => others < SQLITE_LOCK_PENDING,
            SQLITE_LOCK_RESERVED => others < SQLITE_LOCK_RESERVED,
            _ => others == SQLITE_LOCK_NONE,
        };
        if granted {
            self.0.insert(handle, level);
        } else if level == SQLITE_LOCK_EXCLUSIVE && others == SQLITE_LOCK_SHARED {
            // Waits for the others to end, and lets no new ones in.
            self.0.insert(handle, SQLITE_LOCK_PENDING);
        }
        if granted { Ok(()) } else { Err(SQLITE_BUSY) }
    }

    /// Lowers the lock of a handle.
    pub(super) fn lower(&mut self, handle: u64, level: c_int) {
        if level == SQLITE_LOCK_NONE {
            self.0.remove(&handle);
        } else if let Some(held) = self.0.get_mut(&handle) {
            *held = level.min(*held);
        }
    }

    /// Whether anybody means to write.
    pub(super) fn are_reserved(&self) -> bool {
        self.0.values().any(|level| *level >= SQLITE_LOCK_RESERVED)
    }
}

/// A piece of shared memory. Atomic, because connections of several threads write to it; SQLite orders what matters by
/// its locks.
pub(super) type Region = Arc<[AtomicU64]>;

/// Memory and locks of the index of a write-ahead log. It lives as long as a handle has it.
#[derive(Default)]
pub(super) struct Shared(Mutex<Index>);

#[derive(Default)]
struct Index {
    regions: Vec<Region>,
    /// Slots that are locked by handle, as bits: shared, exclusive.
    held: BTreeMap<u64, (u32, u32)>,
}

impl Shared {
    /// A region; none when it is not there and is not to be made.
    pub(super) fn region(&self, at: usize, bytes: usize, make: bool) -> Option<Region> {
        let mut index = self.index();
        while make && index.regions.len() <= at {
            index.regions.push((0..bytes / 8).map(|_| AtomicU64::new(0)).collect());
        }
        index.regions.get(at).cloned()
    }

    pub(super) fn lock(&self, handle: u64, slots: u32, exclusive: bool) -> Done<()> {
        let mut index = self.index();
        let others = index.held.iter().filter(|(other, _)| **other != handle);
        let in_the_way =
            others.fold(0, |bits, (_, (shared, alone))| bits | alone | if exclusive { *shared } else { 0 });
        if in_the_way & slots != 0 {
            return Err(SQLITE_BUSY);
        }
        let held = index.held.entry(handle).or_default();
        *(if exclusive { &mut held.1 } else { &mut held.0 }) |= slots;
        Ok(())
    }

    pub(super) fn unlock(&self, handle: u64, slots: u32) {
        if let Some((shared, alone)) = self.index().held.get_mut(&handle) {
            *shared &= !slots;
            *alone &= !slots;
        }
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
