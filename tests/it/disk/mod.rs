//! A disk that tells the truth about durability: what was written and not yet synced may be there after a crash or not, in
//! part or out of order. SQLite works on it through a file system of its own ([`vfs`]), in memory, and whatever it asks for
//! that changes something is counted, so that a test can let the machine die, or the disk fill up, at every one of these
//! operations.
//!
//! It knows nothing of databases. What it holds real disks to is no more than POSIX and SQLite's own documentation say: a
//! write is durable after a sync of its file, a name after a sync of its folder, and a write that is cut off damages
//! nothing beside it.

mod content;
mod sharing;
mod vfs;

use std::collections::BTreeMap;
use std::ffi::c_int;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use rusqlite::ffi;
use tempfile::TempDir;

use crate::random::Random;
use content::Content;
use sharing::{Locks, Shared};

/// A disk with one folder, in which files live in memory.
pub(crate) struct Disk {
    /// Real and empty: whoever opens a database makes its folder first.
    folder: TempDir,
    state: Mutex<State>,
}

/// What goes wrong, by number of the operation since the last start.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// The machine dies during this operation.
    Crash { at: u64 },
    /// Every write in this span finds the disk full.
    Full { from: u64, until: u64 },
    /// Every sync in this span fails.
    Unsynced { from: u64, until: u64 },
}

/// What a crash leaves of what was not synced.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leaves {
    Nothing,
    Everything,
    /// The first changes of each file.
    Prefix,
    /// Any changes of each file, whatever came before them.
    Some,
    /// Everything, but of the last write of each file only some of its sectors.
    Torn,
    /// Any changes of each file, some of them torn.
    SomeTorn,
}

impl Leaves {
    pub(crate) const ALL: [Leaves; 6] =
        [Leaves::Nothing, Leaves::Everything, Leaves::Prefix, Leaves::Some, Leaves::Torn, Leaves::SomeTorn];

    /// Which of so many changes are there.
    fn choose(self, changes: usize, random: &mut Random) -> Vec<bool> {
        let first = random.index(changes + 1);
        let is_there = |at: usize| match self {
            Leaves::Nothing => false,
            Leaves::Everything | Leaves::Torn => true,
            Leaves::Prefix => at < first,
            Leaves::Some | Leaves::SomeTorn => random.percent(50),
        };
        (0..changes).map(is_there).collect()
    }
}

/// A file as an open handle names it. It is gone when the machine starts again, though the handle may live on.
#[derive(Clone, Copy)]
struct FileId {
    start: u64,
    index: usize,
}

/// Result of an operation, in SQLite's codes.
type Done<T> = Result<T, c_int>;

#[derive(Default)]
struct State {
    /// How often the machine was started again.
    start: u64,
    crashed: bool,
    operations: u64,
    fault: Option<Fault>,
    files: Vec<File>,
    names: Names,
    names_durable: Names,
    /// Names that were given, or taken away, and not synced.
    names_pending: Vec<(String, Option<usize>)>,
}

type Names = BTreeMap<String, usize>;

#[derive(Default)]
struct File {
    content: Content,
    locks: Locks,
    shared: Weak<Shared>,
    /// It is a journal whose name is not durable. SQLite syncs the folder with the first sync of such a file.
    journal_is_new: bool,
}

/// Kinds of counted operations.
#[derive(Clone, Copy, PartialEq)]
enum Operation {
    Write,
    Sync,
    Other,
}

impl Disk {
    /// An empty disk, known to SQLite from now on.
    pub(crate) fn new() -> Arc<Disk> {
        let disk = Arc::new(Disk { folder: TempDir::new().unwrap(), state: Mutex::default() });
        vfs::attach(&disk);
        disk
    }

    /// Whatever lies in here lies on this disk.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Begins to count operations anew, and lets this go wrong.
    pub(crate) fn expect(&self, fault: Option<Fault>) {
        let mut state = self.state();
        (state.fault, state.operations) = (fault, 0);
    }

    /// Operations since the last start, or since a fault was expected.
    pub(crate) fn operations(&self) -> u64 {
        self.state().operations
    }

    /// Whether the machine has died and was not started again.
    pub(crate) fn has_crashed(&self) -> bool {
        self.state().crashed
    }

    /// Starts the machine again, whether it has died or not. What was open before is of no use any more.
    pub(crate) fn restart(&self, leaves: Leaves, random: &mut Random) {
        let mut state = self.state();
        let pending = std::mem::take(&mut state.names_pending);
        let mut names = std::mem::take(&mut state.names_durable);
        for (change, is_there) in pending.iter().zip(leaves.choose(pending.len(), random)) {
            if is_there {
                rename(&mut names, change);
            }
        }
        let mut files = Vec::new();
        for index in names.values_mut() {
            let content = state.files[*index].content.after_crash(leaves, random);
            *index = files.len();
            files.push(File { content, ..File::default() });
        }
        let start = state.start + 1;
        *state = State { start, files, names_durable: names.clone(), names, ..State::default() };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file of this name; made if it is to be.
    fn open(&self, name: &str, create: bool, is_journal: bool) -> Done<FileId> {
        let mut state = self.state();
        if state.crashed {
            return Err(ffi::SQLITE_IOERR);
        }
        let start = state.start;
        if let Some(&index) = state.names.get(name) {
            return Ok(FileId { start, index });
        }
        if !create {
            return Err(ffi::SQLITE_CANTOPEN);
        }
        let index = state.files.len();
        state.operate(Operation::Other, |state| {
            state.files.push(File { journal_is_new: is_journal, ..File::default() });
            state.rename(name, Some(index));
        })?;
        Ok(FileId { start, index })
    }

    fn delete(&self, name: &str, sync_folder: bool) -> Done<()> {
        let mut state = self.state();
        if !state.crashed && !state.names.contains_key(name) {
            return Err(ffi::SQLITE_IOERR_DELETE_NOENT);
        }
        state.operate(Operation::Other, |state| state.rename(name, None))?;
        if sync_folder {
            state.operate(Operation::Sync, |_| {})?;
            state.sync_names();
        }
        Ok(())
    }

    /// Length of the file of this name, if there is one.
    fn find(&self, name: &str) -> Done<Option<usize>> {
        let state = self.state();
        if state.crashed {
            return Err(ffi::SQLITE_IOERR);
        }
        Ok(state.names.get(name).map(|index| state.files[*index].content.len()))
    }

    fn truncate(&self, id: FileId, bytes: usize) -> Done<()> {
        let mut state = self.state();
        state.file(id)?;
        state.operate(Operation::Other, |state| state.files[id.index].content.truncate(bytes))
    }

    fn write(&self, id: FileId, at: usize, bytes: &[u8]) -> Done<()> {
        let mut state = self.state();
        state.file(id)?;
        state.operate(Operation::Write, |state| state.files[id.index].content.write(at, bytes))
    }

    fn sync(&self, id: FileId) -> Done<()> {
        let mut state = self.state();
        state.file(id)?;
        // Whoever dies in it has synced nothing for certain.
        state.operate(Operation::Sync, |_| {})?;
        let file = state.file(id)?;
        file.content.sync();
        if std::mem::take(&mut file.journal_is_new) {
            state.sync_names();
        }
        Ok(())
    }

    /// Does something with a file that changes nothing on the disk.
    fn with<T>(&self, id: FileId, work: impl FnOnce(&mut File) -> Done<T>) -> Done<T> {
        work(self.state().file(id)?)
    }
}

impl State {
    /// The file, unless the machine has died since it was opened.
    fn file(&mut self, id: FileId) -> Done<&mut File> {
        if self.crashed || id.start != self.start {
            return Err(ffi::SQLITE_IOERR);
        }
        Ok(&mut self.files[id.index])
    }

    /// Counts an operation and does it, unless it goes wrong. One that the machine dies in is begun all the same.
    fn operate(&mut self, operation: Operation, work: impl FnOnce(&mut State)) -> Done<()> {
        if self.crashed {
            return Err(ffi::SQLITE_IOERR);
        }
        let number = self.operations;
        self.operations += 1;
        match self.fault {
            Some(Fault::Full { from, until })
                if operation == Operation::Write && (from..until).contains(&number) =>
            {
                return Err(ffi::SQLITE_FULL);
            }
            Some(Fault::Unsynced { from, until })
                if operation == Operation::Sync && (from..until).contains(&number) =>
            {
                return Err(ffi::SQLITE_IOERR_FSYNC);
            }
            Some(Fault::Crash { at }) if at == number => self.crashed = true,
            _ => {}
        }
        work(self);
        if self.crashed { Err(ffi::SQLITE_IOERR) } else { Ok(()) }
    }

    fn rename(&mut self, name: &str, to: Option<usize>) {
        let change = (name.to_owned(), to);
        rename(&mut self.names, &change);
        self.names_pending.push(change);
    }

    fn sync_names(&mut self) {
        self.names_durable.clone_from(&self.names);
        self.names_pending.clear();
    }
}

fn rename(names: &mut Names, (name, to): &(String, Option<usize>)) {
    match to {
        Some(index) => names.insert(name.clone(), *index),
        None => names.remove(name),
    };
}
