//! Bytes of a file: as they read now, as they are for certain after a crash, and what was done in between.

use super::Leaves;
use crate::random::Random;

/// What a disk writes whole or not at all, in bytes.
const SECTOR_BYTES: usize = 512;

#[derive(Default)]
pub(super) struct Content {
    now: Vec<u8>,
    durable: Vec<u8>,
    /// Leads from `durable` to `now`.
    pending: Vec<Change>,
}

enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate { bytes: usize },
}

impl Content {
    pub(super) fn len(&self) -> usize {
        self.now.len()
    }

    /// Fills `into` from `at` on, behind the end with zeros; false when there is less.
    pub(super) fn read(&self, at: usize, into: &mut [u8]) -> bool {
        let there = self.now.get(at..).unwrap_or_default();
        let count = there.len().min(into.len());
        into[..count].copy_from_slice(&there[..count]);
        into[count..].fill(0);
        count == into.len()
    }

    pub(super) fn write(&mut self, at: usize, bytes: &[u8]) {
        self.change(Change::Write { at, bytes: bytes.to_vec() });
    }

    pub(super) fn truncate(&mut self, bytes: usize) {
        self.change(Change::Truncate { bytes });
    }

    pub(super) fn sync(&mut self) {
        self.pending.drain(..).for_each(|change| change.apply(&mut self.durable));
    }

    /// The same file after a crash.
    pub(super) fn after_crash(&self, leaves: Leaves, random: &mut Random) -> Content {
        let mut durable = self.durable.clone();
        let is_there = leaves.choose(self.pending.len(), random);
        for (at, (change, is_there)) in self.pending.iter().zip(is_there).enumerate() {
            let torn = match leaves {
                Leaves::Torn => at + 1 == self.pending.len(),
                Leaves::SomeTorn => random.percent(30),
                _ => false,
            };
            match (is_there, torn) {
                (false, _) => {}
                (true, true) => change.apply_torn(&mut durable, random),
                (true, false) => change.apply(&mut durable),
            }
        }
        Content { now: durable.clone(), durable, pending: Vec::new() }
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.now);
        self.pending.push(change);
    }
}

impl Change {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Change::Write { at, bytes } => write(file, *at, bytes),
            Change::Truncate { bytes } => file.truncate(*bytes),
        }
    }

    /// As it is when the machine dies in the middle: some sectors of a write, in no order.
    fn apply_torn(&self, file: &mut Vec<u8>, random: &mut Random) {
        let Change::Write { at, bytes } = self else { return self.apply(file) };
        let (mut from, end) = (*at, at + bytes.len());
        while from < end {
            let to = end.min((from / SECTOR_BYTES + 1) * SECTOR_BYTES);
            if random.percent(50) {
                write(file, from, &bytes[from - at..to - at]);
            }
            from = to;
        }
    }
}

/// Writes, and fills what lies between the end and the place with zeros.
fn write(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[at..end].copy_from_slice(bytes);
}
