//! A person is erased: the profile goes, what the log says of it keeps its places and permissions and loses its numbers, and
//! one event tells that, with the hashes of the blocks that were changed. What stays so that no file opts the person in again is
//! a keyed mark, which stores keep; for matching it is the person's own opt-out.

use crate::phone::E164;
use crate::time::UnixMs;

use super::changes::{Consent, Plan};
use super::event::{Event, Rule};
use super::known::{LogEnd, Person};
use super::log::{self, Block, Change, Damaged, Forget, Hash, Origin, Writer};

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
        let redacted = log::without(&block.bytes, forget)?;
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
