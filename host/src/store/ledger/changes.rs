//! Messages of one tenant while a transaction changes them: loaded in one order, so that nobody who changes some of the same
//! waits for somebody who waits for them; changed in memory; written back with the counts that change with them.

use std::collections::BTreeMap;

use consentry_core::campaign::SendId;
use consentry_core::time::UnixMs;

use super::kept::Keeping;
use super::way::{Holder, Sort, Tally, Way};
use super::{Fact, Lease, Meant, Recorded};
use crate::store::{StoreError, TenantId};

/// What a caller wants changed.
pub(super) enum Part {
    Intend { lease: Lease, sends: Vec<SendId>, now: UnixMs },
    Record { lease: Lease, recorded: Vec<Recorded>, now: UnixMs },
}

/// Whether it was; an intent may be refused for the one who wants it, and stand in nobody else's way.
pub(super) enum Answer {
    Done,
    Overtaken,
}

impl Part {
    fn lease(&self) -> &Lease {
        match self {
            Part::Intend { lease, .. } | Part::Record { lease, .. } => lease,
        }
    }

    fn ids(&self) -> Vec<SendId> {
        match self {
            Part::Intend { sends, .. } => sends.clone(),
            Part::Record { recorded, .. } => recorded.iter().map(|recorded| recorded.id).collect(),
        }
    }
}

/// Changes what parts of one tenant want, in their order.
pub(super) fn apply(
    keeping: &dyn Keeping,
    tenant: TenantId,
    parts: &[&Part],
) -> Result<Vec<Answer>, StoreError> {
    // Whoever wants the lease of one of these lines waits until this is committed, and finds the intents then.
    let mut fences = BTreeMap::<&str, Option<u64>>::new();
    for part in parts {
        fences.insert(&part.lease().line, None);
    }
    for (line, fence) in &mut fences {
        *fence = keeping.fence(tenant, line)?;
    }
    let mut loaded = Loaded::load(keeping, tenant, parts.iter().flat_map(|part| part.ids()).collect())?;
    let mut answers = Vec::with_capacity(parts.len());
    for part in parts {
        let fence = part.lease().fence;
        let holds = fences.get(part.lease().line.as_str()) == Some(&Some(fence));
        answers.push(match part {
            Part::Intend { sends, now, .. } => loaded.intend(sends, fence, holds, *now),
            Part::Record { recorded, now, .. } => {
                let holder = Holder { fence, holds };
                for recorded in recorded {
                    if let Some(entry) = loaded.entries.get_mut(&recorded.id) {
                        entry.after.record(recorded, holder, *now);
                    }
                }
                Answer::Done
            }
        });
    }
    loaded.write(keeping, tenant)?;
    Ok(answers)
}

/// Keeps what was heard. Whom a word is about is asked before anything of these facts is kept.
pub(super) fn hear(
    keeping: &dyn Keeping,
    tenant: TenantId,
    facts: &[Fact],
) -> Result<Vec<Meant>, StoreError> {
    let said = facts.iter().filter_map(|fact| match fact {
        Fact::Said { person, at, .. } => Some((*person, *at)),
        _ => None,
    });
    let said: Vec<(u64, UnixMs)> = said.collect();
    let mut about = keeping.about(tenant, &said)?.into_iter();
    let ids: Vec<Option<SendId>> = facts
        .iter()
        .map(|fact| match fact {
            Fact::Told { id, .. } | Fact::Clicked { id, .. } => Some(*id),
            Fact::Said { .. } => about.next().flatten(),
        })
        .collect();
    let mut loaded = Loaded::load(keeping, tenant, ids.iter().copied().flatten().collect())?;
    let mut meant = Vec::new();
    for (fact, id) in facts.iter().zip(ids) {
        let Some(id) = id else { continue };
        if let Some(entry) = loaded.entries.get_mut(&id) {
            meant.extend(entry.after.hear(fact, id, entry.sort));
        }
    }
    loaded.write(keeping, tenant)?;
    Ok(meant)
}

/// Intents of before that nobody will tell the outcome of.
pub(super) fn orphan(
    keeping: &dyn Keeping,
    tenant: TenantId,
    ids: Vec<SendId>,
    fence: u64,
    now: UnixMs,
) -> Result<u64, StoreError> {
    let mut loaded = Loaded::load(keeping, tenant, ids)?;
    let entries = loaded.entries.values_mut();
    let orphans = entries.filter_map(|entry| entry.after.orphan(fence, now).then_some(())).count();
    loaded.write(keeping, tenant)?;
    Ok(orphans as u64)
}

/// What waits of these is not sent.
pub(super) fn erase(
    keeping: &dyn Keeping,
    tenant: TenantId,
    ids: Vec<SendId>,
    now: UnixMs,
) -> Result<(), StoreError> {
    let mut loaded = Loaded::load(keeping, tenant, ids)?;
    loaded.entries.values_mut().for_each(|entry| entry.after.erase(now));
    loaded.write(keeping, tenant)
}

struct Loaded {
    entries: BTreeMap<SendId, Entry>,
}

struct Entry {
    sort: Sort,
    before: Way,
    after: Way,
}

impl Loaded {
    fn load(keeping: &dyn Keeping, tenant: TenantId, mut ids: Vec<SendId>) -> Result<Loaded, StoreError> {
        ids.sort_unstable();
        ids.dedup();
        let mut entries = Vec::with_capacity(ids.len());
        if !ids.is_empty() {
            keeping.load(tenant, &ids, &mut |id, sort, way| {
                entries.push((id, Entry { sort, before: way.clone(), after: way }));
            })?;
        }
        Ok(Loaded { entries: entries.into_iter().collect() })
    }

    /// All of them or none.
    fn intend(&mut self, sends: &[SendId], fence: u64, holds: bool, now: UnixMs) -> Answer {
        let mut intended = Vec::with_capacity(sends.len());
        for id in sends {
            let entry = self.entries.get_mut(id).filter(|_| holds);
            let Some(entry) = entry else { break };
            let before = entry.after.clone();
            if !entry.after.intend(fence, now) {
                break;
            }
            intended.push((*id, before));
        }
        if intended.len() == sends.len() && holds {
            return Answer::Done;
        }
        for (id, before) in intended {
            self.entries.entry(id).and_modify(|entry| entry.after = before);
        }
        Answer::Overtaken
    }

    fn write(&self, keeping: &dyn Keeping, tenant: TenantId) -> Result<(), StoreError> {
        let (mut tally, mut changed) = (Tally::default(), Vec::new());
        for (id, Entry { sort, before, after }) in &self.entries {
            if before != after {
                tally.change(id.campaign, *sort, before, after);
                changed.push((*id, after));
            }
        }
        if !changed.is_empty() {
            keeping.put(tenant, &changed)?;
            keeping.count(tenant, &tally.closed())?;
        }
        Ok(())
    }
}
