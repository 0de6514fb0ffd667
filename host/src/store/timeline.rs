//! Timelines from chains: each event names the profile's event before it, and whoever gains a number names who had it
//! before. No index of events by number or profile is written, so that evidence costs an import next to nothing.

use std::collections::BTreeSet;

use consentry_core::matching::ProfileId;

use super::{StoreError, StoredEvent, Subject};

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

/// A timeline, oldest first.
pub(super) fn timeline(chains: &mut dyn Chains, subject: Subject) -> Result<Vec<StoredEvent>, StoreError> {
    let mut events = match subject {
        Subject::Profile(profile) => of_profile(chains, profile)?,
        Subject::Number(number) => of_number(chains, number)?,
    };
    events.sort_unstable_by_key(|stored| stored.event.seq);
    Ok(events)
}

fn of_number(chains: &mut dyn Chains, number: u64) -> Result<Vec<StoredEvent>, StoreError> {
    let mut events = Vec::new();
    for seq in chains.unheld_events(number)? {
        events.push(chains.event(seq)?);
    }
    let (mut seen, mut to_see) = (BTreeSet::new(), Vec::from_iter(chains.holder(number)?));
    while let Some(profile) = to_see.pop() {
        if !seen.insert(profile) {
            continue;
        }
        for stored in of_profile(chains, ProfileId(profile))? {
            if stored.event.gains(number) {
                to_see.extend(stored.event.taken_from.map(|from| from.0));
            }
            if stored.event.concerns(number) {
                events.push(stored);
            }
        }
    }
    Ok(events)
}

fn of_profile(chains: &mut dyn Chains, profile: ProfileId) -> Result<Vec<StoredEvent>, StoreError> {
    let mut events = Vec::new();
    let mut next = chains.last_event(profile.0)?;
    while let Some(seq) = next {
        let stored = chains.event(seq)?;
        next = stored.event.previous;
        if stored.event.profile != Some(profile) || next.is_some_and(|previous| previous >= seq) {
            return Err(StoreError::Damaged(format!("event {seq} does not belong to {profile}")));
        }
        events.push(stored);
    }
    Ok(events)
}
