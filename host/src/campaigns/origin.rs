//! Which import brought the consent that stands, for everybody at once. Blocks of the log say in their heads on whose word
//! their events rest, so a table of them answers for millions of people; only where an import was taken back are events
//! followed, one to the one before.

use std::collections::HashMap;
use std::rc::Rc;

use consentry_core::matching::{Event, ImportId, Source, log};
use consentry_core::time::{Date, UnixMs};

use crate::store::{Moment, Store, StoreError, TenantId};

/// Blocks that are kept while events are followed.
const BLOCKS_MAX: usize = 64;

/// Where a consent came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// The import; 0 for a person's own word.
    pub(super) import: u64,
    /// The day it was collected, where that was declared.
    pub(super) as_of: Option<Date>,
    /// When the event that tells of it was received; none where it is the profile's last event.
    pub(super) at: Option<UnixMs>,
}

/// On whose word ranges of the log rest, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Origins {
    /// The first event of each range, and whose word it is.
    ranges: Vec<(u64, Word)>,
    end: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    File(ImportId, Option<Date>),
    Person,
    Undo,
}

impl Origins {
    /// Where the consents came from that these events left, in the order of the question.
    pub(super) fn of(
        &mut self,
        store: &dyn Store,
        tenant: TenantId,
        events: &[u64],
    ) -> Result<Vec<Origin>, StoreError> {
        if events.iter().any(|event| *event > self.end) {
            store.at_a_moment(tenant, &mut |now| self.read_on(now))?;
        }
        let mut undone = Vec::new();
        let mut found = Vec::with_capacity(events.len());
        for (at, event) in events.iter().enumerate() {
            let range = self.ranges.partition_point(|(first, _)| first <= event);
            let word = range.checked_sub(1).map(|range| self.ranges[range].1).ok_or_else(missing)?;
            let origin = |import, as_of| Origin { import, as_of, at: None };
            found.push(match word {
                Word::File(import, as_of) => origin(import.0, as_of),
                Word::Person => origin(0, None),
                Word::Undo => {
                    undone.push(at);
                    origin(0, None)
                }
            });
        }
        if !undone.is_empty() {
            store.at_a_moment(tenant, &mut |now| {
                let mut blocks = Blocks { now, kept: HashMap::new() };
                undone.iter().try_for_each(|at| {
                    found[*at] = blocks.follow(events[*at])?;
                    Ok(())
                })
            })?;
        }
        Ok(found)
    }

    fn read_on(&mut self, now: &dyn Moment) -> Result<(), StoreError> {
        let mut failed = None;
        now.each_block(self.end + 1, &mut |block| {
            if block.first_seq <= self.end {
                return true;
            }
            let word = match log::source(&block.bytes) {
                Ok((Source::File { import, as_of, .. }, _)) => Word::File(import, as_of),
                // Nobody who was erased is written to.
                Ok((Source::Person { .. } | Source::Erasure { .. }, _)) => Word::Person,
                Ok((Source::Undo { .. }, _)) => Word::Undo,
                Err(_) => {
                    failed = Some(missing());
                    return false;
                }
            };
            if self.ranges.last().is_none_or(|(_, last)| *last != word) {
                self.ranges.push((block.first_seq, word));
            }
            self.end = block.first_seq + u64::from(block.events) - 1;
            true
        })?;
        failed.map_or(Ok(()), Err)
    }
}

/// Events at one moment, by the blocks they are in.
struct Blocks<'m> {
    now: &'m dyn Moment,
    kept: HashMap<u64, Rc<Vec<Event>>>,
}

impl Blocks<'_> {
    /// Where a consent came from that an undo gave back: from whatever came before the import that was taken back.
    fn follow(&mut self, event: u64) -> Result<Origin, StoreError> {
        let (mut undone, mut next) = (Vec::new(), Some(event));
        while let Some(event) = next {
            let event = self.event(event)?;
            let origin = |import, as_of| Ok(Origin { import, as_of, at: Some(event.at) });
            match &event.source {
                Source::Undo { import, .. } => undone.push(*import),
                Source::File { import, as_of, .. } if !undone.contains(import) => {
                    return origin(import.0, *as_of);
                }
                Source::File { .. } => {}
                Source::Person { .. } | Source::Erasure { .. } => return origin(0, None),
            }
            next = event.previous;
        }
        Ok(Origin { import: 0, as_of: None, at: None })
    }

    fn event(&mut self, seq: u64) -> Result<Event, StoreError> {
        let holds = |events: &Rc<Vec<Event>>| {
            let first = events.first().map_or(u64::MAX, |event| event.seq);
            seq.checked_sub(first).and_then(|at| events.get(usize::try_from(at).ok()?).cloned())
        };
        // Blocks have 512 events at most, so few places can be the beginning of the one that has it.
        let first = seq.saturating_sub(u64::from(log::BLOCK_EVENTS_MAX));
        if let Some(event) = (first..=seq).rev().find_map(|first| self.kept.get(&first).and_then(holds)) {
            return Ok(event);
        }
        let mut bytes = None;
        self.now.each_block(seq, &mut |block| {
            bytes = Some(block.bytes.clone());
            false
        })?;
        let events = Rc::new(log::read(&bytes.ok_or_else(missing)?).map_err(|_| missing())?);
        let event = holds(&events).ok_or_else(missing)?;
        if self.kept.len() >= BLOCKS_MAX {
            self.kept.clear();
        }
        self.kept.insert(events[0].seq, events);
        Ok(event)
    }
}

fn missing() -> StoreError {
    StoreError::Damaged("an event that a profile names is missing, or cannot be read".to_owned())
}
