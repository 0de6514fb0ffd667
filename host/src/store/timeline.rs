//! Timelines from chains: each event names the profile's event before it, and whoever gains a number names who had it
//! before. No index of events by number or profile is written, so that evidence costs an import next to nothing.

use std::collections::{BTreeSet, BinaryHeap};

use super::{Latest, StoreError, StoredEvent, Subject};

/// What a store must answer so that timelines can be followed.
pub(super) trait Chains {
    /// The event at a place of the log.
    fn event(&mut self, seq: u64) -> Result<StoredEvent, StoreError>;

    /// Where a profile's chain ends; none for a profile that never was. Removed profiles have theirs.
    fn last_event(&mut self, profile: u64) -> Result<Option<u64>, StoreError>;

    /// Who holds the number, or held it last.
    fn holder(&mut self, number: u64) -> Result<Option<u64>, StoreError>;

    /// Events about the number while nobody held it.
    fn unheld_events(&mut self, number: u64) -> Result<Vec<u64>, StoreError>;
}

/// The latest events before a place of the log, at most so many. Every chain is followed from its end, the latest of all
/// their events first, so that a number which went through very many hands costs no more than what is shown of it.
pub(super) fn timeline(
    chains: &mut dyn Chains,
    subject: Subject,
    before: Option<u64>,
    limit: usize,
) -> Result<Latest, StoreError> {
    let mut walk = Walk { seen: BTreeSet::new(), ahead: BinaryHeap::new() };
    match subject {
        Subject::Profile(profile) => walk.begin(chains, profile.0)?,
        Subject::Number(number) => {
            walk.ahead.extend(chains.unheld_events(number)?.into_iter().map(|seq| (seq, None)));
            if let Some(holder) = chains.holder(number)? {
                walk.begin(chains, holder)?;
            }
        }
    }
    let (mut events, mut is_more) = (Vec::new(), false);
    while let Some((seq, profile)) = walk.ahead.pop() {
        let stored = chains.event(seq)?;
        let event = &stored.event;
        if let (Subject::Number(number), Some(profile), Some(from)) = (subject, profile, event.taken_from)
            && event.gains(number)
            && walk.seen.insert(from.0)
        {
            // When an import is taken back, whoever lost the number may have been written down after whoever got it.
            walk.ahead.push((seq, Some(profile)));
            walk.follow(chains, from.0)?;
            continue;
        }
        if let Some(profile) = profile {
            if event.profile.map(|of| of.0) != Some(profile)
                || event.previous.is_some_and(|before| before >= seq)
            {
                return Err(StoreError::Damaged(format!("event {seq} does not belong to p{profile}")));
            }
            walk.ahead.extend(event.previous.map(|previous| (previous, Some(profile))));
        }
        if let (Subject::Number(number), Some(_)) = (subject, profile)
            && !event.concerns(number)
        {
            continue;
        }
        if before.is_some_and(|before| seq >= before) {
            continue;
        }
        if events.len() == limit {
            is_more = true;
            break;
        }
        events.push(stored);
    }
    events.reverse();
    Ok(Latest { events, is_more })
}

/// Chains that are being followed.
struct Walk {
    /// Profiles whose chains are or were followed.
    seen: BTreeSet<u64>,
    /// The next event of each chain, with the profile it is of.
    ahead: BinaryHeap<(u64, Option<u64>)>,
}

impl Walk {
    fn begin(&mut self, chains: &mut dyn Chains, profile: u64) -> Result<(), StoreError> {
        self.seen.insert(profile);
        self.follow(chains, profile)
    }

    fn follow(&mut self, chains: &mut dyn Chains, profile: u64) -> Result<(), StoreError> {
        self.ahead.extend(chains.last_event(profile)?.map(|seq| (seq, Some(profile))));
        Ok(())
    }
}
