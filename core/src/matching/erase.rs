//! A person is erased: the profile goes, what the log says of it keeps its places and permissions and loses its numbers, and
//! one event tells that, with the hashes of the blocks that were changed. What stays so that no file opts the person in again is
//! a keyed mark, which stores keep; for matching it is the person's own opt-out.

use crate::phone::E164;
use crate::time::UnixMs;

use super::bytes::Bytes;
use super::changes::{Consent, Plan};
use super::event::{Event, Rule, Source};
use super::known::{LogEnd, Person};
use super::log::{self, Block, Change, Damaged, Hash, Origin, Writer};

/// Who is erased.
#[derive(Clone, Copy, Debug)]
pub struct Erasing<'a> {
    /// The profile.
    pub profile: u64,
    /// Numbers, by identity, ascending, that are forgotten wherever they stand: those that nobody else has by now.
    pub numbers: &'a [u64],
}

impl Erasing<'_> {
    /// The block without the person's numbers, how many of its events that changed, and what the event of the erasure says of
    /// it; none where the block says nothing of them. Events keep their places, permissions and rules.
    pub fn redact(&self, block: &Block) -> Result<Option<(Vec<u8>, u64, Hash)>, Damaged> {
        let is_theirs =
            |number: Option<E164>| number.is_some_and(|number| self.is_forgotten(number.identity().digits()));
        let forget = |event: &Event| {
            let own = event.profile.is_some_and(|profile| profile.0 == self.profile);
            Forget {
                before: event.number_before.is_some() && (own || is_theirs(event.number_before)),
                after: event.number.is_some() && (own || is_theirs(event.number)),
            }
        };
        let redacted = without(&block.bytes, forget)?;
        Ok(redacted.map(|(bytes, events)| {
            let hash = log::chain(&block.hash, &bytes);
            (bytes, events, hash)
        }))
    }

    /// Whether a number, by identity, is one of those that are forgotten.
    pub fn is_forgotten(&self, number: u64) -> bool {
        self.numbers.binary_search(&number).is_ok()
    }

    /// What follows: the profile is gone, and the log tells of it. `person` is the profile as it was, `redacted` what
    /// [`Erasing::redact`] said of each block, by the place of its first event, ascending.
    pub fn plan(
        &self,
        person: Person<'_>,
        redacted: &[(u64, Hash)],
        next_profile: u64,
        log_end: LogEnd,
        at: UnixMs,
        by: &str,
    ) -> Plan {
        let mut log = Writer::new(log_end, at, Origin::Erasure { by, redacted });
        let last_event = log.event(&Change {
            profile: self.profile,
            previous: person.last_event,
            number_before: 0,
            permission_before: person.permission,
            number: 0,
            permission: 0,
            taken_from: 0,
            lifted: None,
            rule: Rule::Erased,
            row: 0,
            line: 0,
            number_cell: "",
            permission_cell: "",
        });
        let gone = Consent { profile: self.profile, number: 0, permission: 0, last_event, removed: true };
        let (log, end) = log.finish();
        Plan {
            consents: vec![gone],
            based_on: log_end.seq,
            at,
            log,
            log_end: end,
            next_profile,
            ..Plan::default()
        }
    }
}

/// Which numbers of an event are to be forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Forget {
    before: bool,
    after: bool,
}

/// The block with numbers emptied in it, and how many events that changed; none when it names none of them. Who heard a
/// person's word is cut to how it was heard: what follows may name the message, and with it the number.
fn without(bytes: &[u8], forget: impl Fn(&Event) -> Forget) -> Result<Option<(Vec<u8>, u64)>, Damaged> {
    let (first_seq, at, source) = log::head(&mut Bytes(bytes))?;
    let events = log::read(bytes)?;
    let forgotten: Vec<Forget> = events.iter().map(forget).collect();
    let count = forgotten.iter().filter(|forget| **forget != Forget::default()).count() as u64;
    if count == 0 {
        return Ok(None);
    }
    let origin = match &source {
        Source::File { import, record, as_of, .. } => {
            Origin::File { import: *import, record: *record, as_of: *as_of }
        }
        Source::Person { heard } => Origin::Person { heard: heard.split(':').next().unwrap_or_default() },
        Source::Undo { import, by } => Origin::Undo { import: *import, by },
        Source::Erasure { by, redacted } => Origin::Erasure { by, redacted },
    };
    let end = LogEnd { seq: first_seq.checked_sub(1).ok_or(Damaged)?, ..LogEnd::default() };
    let mut writer = Writer::new(end, at, origin);
    for (event, forget) in events.iter().zip(forgotten) {
        let digits = |number: Option<E164>, gone: bool| number.filter(|_| !gone).map_or(0, E164::digits);
        let (number_cell, permission_cell, row, line) = match &event.source {
            Source::File { number_cell, permission_cell, row, line, .. } => {
                (number_cell.as_str(), permission_cell.as_str(), *row, *line)
            }
            _ => ("", "", 0, 0),
        };
        // The cell holds the number that the row gave, or, where there is none after, the one that went with it.
        let cell_gone = forget.after || event.number.is_none() && forget.before;
        writer.event(&Change {
            profile: event.profile.map_or(0, |profile| profile.0),
            previous: event.previous.unwrap_or(0),
            number_before: digits(event.number_before, forget.before),
            permission_before: event.permission_before.map_or(0, |permission| permission as u8),
            number: digits(event.number, forget.after),
            permission: event.permission.map_or(0, |permission| permission as u8),
            taken_from: event.taken_from.map_or(0, |from| from.0),
            lifted: event.lifted,
            rule: event.rule,
            row,
            line,
            number_cell: if cell_gone { "" } else { number_cell },
            permission_cell,
        });
    }
    let (mut blocks, _) = writer.finish();
    match (blocks.pop(), blocks.is_empty()) {
        (Some(block), true) if block.events as usize == events.len() => Ok(Some((block.bytes, count))),
        _ => Err(Damaged),
    }
}
