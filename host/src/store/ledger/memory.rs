//! The reference ledger: maps behind a lock, written to be obviously right. It makes nothing durable, keeps no counts and
//! no index; where another one disagrees with it, the other one is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use consentry_core::campaign::step::cap::Left;
use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::time::UnixMs;

use super::way::{Holder, Sort, TOLD_EARLY_MS, Way, beginning, span};
use super::{
    COUNTS_FOR_MS, ErasedSends, Fact, Group, KeptSend, LEASE_LONGER_MS, LEASE_MS, LastSend, Lease, Ledger,
    Meant, NewSend, Recorded, SendFilter, SendState, Share, nobody,
};
use crate::store::{StoreError, TenantId};

/// Everything in memory, gone when it is dropped.
#[derive(Default)]
pub struct MemoryLedger {
    tenants: Mutex<BTreeMap<TenantId, Tenant>>,
}

#[derive(Default)]
struct Tenant {
    sends: BTreeMap<SendId, (NewSend, Way)>,
    leases: BTreeMap<String, Lease>,
    /// New people of the day who are the part of whoever holds a line's lease.
    parts: BTreeMap<String, u32>,
    heard_up_to: u64,
    /// Which attempt at a plan may write it.
    attempts: BTreeMap<CampaignId, u64>,
}

impl MemoryLedger {
    /// A ledger in which nothing is.
    pub fn new() -> MemoryLedger {
        MemoryLedger::default()
    }

    fn tenants(&self) -> MutexGuard<'_, BTreeMap<TenantId, Tenant>> {
        self.tenants.lock().expect("a panic while the maps were changed leaves nothing to go on with")
    }

    fn of<T>(&self, tenant: TenantId, look: impl FnOnce(&mut Tenant) -> T) -> T {
        look(self.tenants().entry(tenant).or_default())
    }
}

impl Ledger for MemoryLedger {
    fn plan(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        attempt: u64,
        sends: &[NewSend],
    ) -> Result<(), StoreError> {
        self.of(tenant, |tenant| {
            if tenant.attempts.get(&campaign).copied().unwrap_or(0) != attempt {
                return Err(StoreError::Overtaken);
            }
            for send in sends {
                let id = SendId { campaign, place: send.place };
                tenant.sends.entry(id).or_insert_with(|| (send.clone(), Way::new(send.state)));
            }
            Ok(())
        })
    }

    fn forget_plan(&self, tenant: TenantId, campaign: CampaignId, attempt: u64) -> Result<(), StoreError> {
        self.of(tenant, |tenant| {
            let is_late = tenant.attempts.get(&campaign).is_some_and(|known| *known > attempt);
            if is_late || tenant.campaign(campaign).any(|(_, (_, way))| way.intended_at.is_some()) {
                return Err(StoreError::Overtaken);
            }
            tenant.attempts.insert(campaign, attempt);
            tenant.sends.retain(|id, _| id.campaign != campaign);
            Ok(())
        })
    }

    fn page(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        filter: &SendFilter,
        after: u64,
        limit: usize,
    ) -> Result<Vec<KeptSend>, StoreError> {
        Ok(self.of(tenant, |tenant| {
            let sends = tenant.campaign(campaign).filter(|(id, _)| id.place > after).map(kept);
            sends.filter(|send| filter.passes(send)).take(limit).collect()
        }))
    }

    fn totals(&self, tenant: TenantId, campaign: CampaignId) -> Result<Vec<(Group, u64)>, StoreError> {
        Ok(self.of(tenant, |tenant| {
            let mut totals = BTreeMap::new();
            for (_, (planned, way)) in tenant.campaign(campaign) {
                *totals.entry(way.group(Sort::of(planned))).or_default() += 1;
            }
            totals.into_iter().collect()
        }))
    }

    fn over_time(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        span_ms: i64,
    ) -> Result<Vec<(UnixMs, [u64; 6])>, StoreError> {
        Ok(self.of(tenant, |tenant| {
            let mut spans = BTreeMap::<UnixMs, [u64; 6]>::new();
            for (_, (_, way)) in tenant.campaign(campaign) {
                for (step, at) in way.steps().into_iter().enumerate() {
                    if let Some(at) = at {
                        spans.entry(UnixMs(beginning(at, span(span_ms)))).or_default()[step] += 1;
                    }
                }
            }
            spans.into_iter().collect()
        }))
    }

    fn now(&self, told: UnixMs) -> Result<UnixMs, StoreError> {
        Ok(told)
    }

    fn lease(
        &self,
        tenant: TenantId,
        line: &str,
        held: Option<&Lease>,
        now: UnixMs,
    ) -> Result<Option<Lease>, StoreError> {
        Ok(self.of(tenant, |tenant| {
            let until = UnixMs(now.0.saturating_add(LEASE_MS));
            let known = tenant.leases.get(line);
            let fence = match known {
                None => 1,
                Some(known) if held.is_some_and(|held| held.fence == known.fence) => known.fence,
                Some(known) if has_lapsed(known, now) => known.fence + 1,
                Some(_) => return None,
            };
            if known.is_none_or(|known| known.fence != fence || has_lapsed(known, now)) {
                tenant.parts.remove(line);
            }
            let lease = Lease { line: line.to_owned(), fence, until };
            tenant.leases.insert(line.to_owned(), lease.clone());
            Some(lease)
        }))
    }

    fn release(&self, tenant: TenantId, lease: &Lease) -> Result<(), StoreError> {
        self.of(tenant, |tenant| {
            if let Some(known) = tenant.leases.get_mut(&lease.line).filter(|known| known.fence == lease.fence)
            {
                known.until = UnixMs(0);
            }
        });
        Ok(())
    }

    fn orphaned(
        &self,
        tenant: TenantId,
        lease: &Lease,
        campaign: CampaignId,
        line: u16,
        now: UnixMs,
    ) -> Result<u64, StoreError> {
        self.of(tenant, |tenant| {
            if !tenant.holds(lease) {
                return Err(StoreError::Overtaken);
            }
            let of_line = tenant.sends.iter_mut();
            let of_line = of_line.filter(|(id, (send, _))| id.campaign == campaign && send.line == line);
            Ok(of_line.filter_map(|(_, (_, way))| way.orphan(lease.fence, now).then_some(())).count() as u64)
        })
    }

    fn waiting(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        line: u16,
        after: u64,
        now: UnixMs,
        limit: usize,
    ) -> Result<(Vec<KeptSend>, Option<UnixMs>), StoreError> {
        Ok(self.of(tenant, |tenant| {
            let waiting: Vec<KeptSend> = tenant
                .campaign(campaign)
                .map(kept)
                .filter(|send| send.state == SendState::Waiting && send.planned.line == line)
                .collect();
            let (put_off, fresh): (Vec<KeptSend>, Vec<KeptSend>) =
                waiting.into_iter().partition(|send| send.due.0 != 0);
            let next = put_off.iter().map(|send| send.due).filter(|due| *due > now).min();
            let mut due: Vec<KeptSend> = put_off.into_iter().filter(|send| send.due <= now).collect();
            due.sort_by_key(|send| (send.due, send.id));
            due.extend(fresh.into_iter().filter(|send| send.id.place > after));
            due.truncate(limit);
            (due, next)
        }))
    }

    fn intend(
        &self,
        tenant: TenantId,
        lease: &Lease,
        sends: &[SendId],
        now: UnixMs,
    ) -> Result<(), StoreError> {
        self.of(tenant, |tenant| {
            let mut ids = BTreeSet::new();
            let waits = |id: &SendId| {
                let known = tenant.sends.get(id);
                known.is_some_and(|(_, way)| way.state == SendState::Waiting)
            };
            if !tenant.holds(lease) || !sends.iter().all(|id| ids.insert(*id) && waits(id)) {
                return Err(StoreError::Overtaken);
            }
            for id in sends {
                tenant.sends.get_mut(id).map(|(_, way)| way.intend(lease.fence, now));
            }
            Ok(())
        })
    }

    fn record(
        &self,
        tenant: TenantId,
        lease: &Lease,
        recorded: &[Recorded],
        now: UnixMs,
    ) -> Result<(), StoreError> {
        self.of(tenant, |tenant| {
            let holder = Holder { fence: lease.fence, holds: tenant.holds(lease) };
            for recorded in recorded {
                if let Some((_, way)) = tenant.sends.get_mut(&recorded.id) {
                    way.record(recorded, holder, now);
                }
            }
        });
        Ok(())
    }

    fn expire(&self, tenant: TenantId, campaign: CampaignId, now: UnixMs) -> Result<u64, StoreError> {
        Ok(self.of(tenant, |tenant| {
            let of_campaign = tenant.sends.iter_mut().filter(|(id, _)| id.campaign == campaign);
            of_campaign.filter_map(|(_, (_, way))| way.expire(now).then_some(())).count() as u64
        }))
    }

    fn hear(&self, tenant: TenantId, facts: &[Fact], up_to: u64) -> Result<Vec<Meant>, StoreError> {
        Ok(self.of(tenant, |tenant| {
            tenant.heard_up_to = tenant.heard_up_to.max(up_to);
            // Whom a word is about is asked before anything of these facts is kept.
            let about: Vec<Option<SendId>> = facts.iter().map(|fact| tenant.about(fact)).collect();
            let mut meant = Vec::new();
            for (fact, id) in facts.iter().zip(about) {
                let Some(id) = id else { continue };
                if let Some((planned, way)) = tenant.sends.get_mut(&id) {
                    meant.extend(way.hear(fact, id, Sort::of(planned)));
                }
            }
            meant
        }))
    }

    fn heard_up_to(&self, tenant: TenantId) -> Result<u64, StoreError> {
        Ok(self.of(tenant, |tenant| tenant.heard_up_to))
    }

    fn last_sends(
        &self,
        tenant: TenantId,
        people: &[u64],
        since: UnixMs,
    ) -> Result<Vec<Option<(LastSend, u32)>>, StoreError> {
        Ok(self.of(tenant, |tenant| {
            let of_person = |person: &u64| {
                let (mut last, mut left) = (None, 0);
                for (id, (planned, way)) in &tenant.sends {
                    let Some(send) = way.last() else { continue };
                    if planned.person == *person && send.at >= since {
                        last = last.max(Some((send.at, *id)));
                        left += u32::from(way.left_at().is_some());
                    }
                }
                let (_, id) = last?;
                Some((tenant.sends.get(&id)?.1.last()?, left))
            };
            people.iter().map(of_person).collect()
        }))
    }

    fn left(&self, tenant: TenantId, people: &[u64], since: UnixMs) -> Result<Vec<Vec<Left>>, StoreError> {
        Ok(self.of(tenant, |tenant| {
            let of_person = |person: &u64| {
                let sends = tenant.sends.iter().filter(|(_, (planned, _))| planned.person == *person);
                let left = sends.filter_map(|(id, (_, way))| way.left(*id));
                left.filter(|left| left.at >= since).collect()
            };
            people.iter().map(of_person).collect()
        }))
    }

    fn sends_of(&self, tenant: TenantId, person: u64, limit: usize) -> Result<Vec<KeptSend>, StoreError> {
        Ok(self.of(tenant, |tenant| {
            let sends = tenant.sends.iter().filter(|(_, (planned, _))| planned.person == person);
            let kept = sends.map(|(id, (planned, way))| way.clone().kept(*id, planned.clone()));
            let mut kept: Vec<KeptSend> = kept.filter(|send| send.intended_at.is_some()).collect();
            kept.sort_unstable_by_key(|send| std::cmp::Reverse((send.intended_at, send.id)));
            kept.truncate(limit);
            kept
        }))
    }

    fn people_since(&self, tenant: TenantId, since: UnixMs) -> Result<u64, StoreError> {
        Ok(self.of(tenant, |tenant| tenant.people_since(since)))
    }

    fn part(
        &self,
        tenant: TenantId,
        lease: &Lease,
        share: Share,
        since: UnixMs,
        now: UnixMs,
    ) -> Result<u32, StoreError> {
        self.of(tenant, |tenant| {
            if !tenant.holds(lease) {
                return Err(StoreError::Overtaken);
            }
            let others: Vec<&Lease> = tenant
                .leases
                .values()
                .filter(|other| other.line != lease.line && !has_lapsed(other, now))
                .collect();
            let parts = others.iter().filter_map(|other| tenant.parts.get(&other.line));
            let of_others = parts.map(|part| u64::from(*part)).sum();
            let part = share.part(tenant.people_since(since), others.len() as u64, of_others);
            tenant.parts.insert(lease.line.clone(), part);
            Ok(part)
        })
    }

    fn erase(
        &self,
        tenant: TenantId,
        people: &[u64],
        profile: u64,
        now: UnixMs,
    ) -> Result<ErasedSends, StoreError> {
        Ok(self.of(tenant, |tenant| {
            let mut erased = ErasedSends::default();
            for (planned, way) in tenant.sends.values_mut() {
                if people.contains(&planned.person) {
                    erased.sends += 1;
                    way.erase(now);
                    erased.messages.extend(way.wamid.take());
                    (planned.person, planned.number) = (nobody(profile), 0);
                    planned.values.clear();
                    planned.state = way.state;
                }
            }
            erased
        }))
    }
}

fn has_lapsed(lease: &Lease, now: UnixMs) -> bool {
    let at_most = now.0.saturating_add(LEASE_MS + LEASE_LONGER_MS);
    lease.until <= now || lease.until.0 > at_most
}

impl Tenant {
    fn campaign(&self, campaign: CampaignId) -> impl Iterator<Item = (&SendId, &(NewSend, Way))> {
        self.sends.range(SendId { campaign, place: 0 }..=SendId { campaign, place: u64::MAX })
    }

    fn holds(&self, lease: &Lease) -> bool {
        self.leases.get(&lease.line).is_some_and(|known| known.fence == lease.fence)
    }

    fn people_since(&self, since: UnixMs) -> u64 {
        let left = self.sends.values();
        let left = left.filter(|(_, way)| way.left_at().is_some_and(|at| at >= since));
        left.map(|(planned, _)| planned.person).collect::<BTreeSet<_>>().len() as u64
    }

    /// The message that a fact is about.
    fn about(&self, fact: &Fact) -> Option<SendId> {
        let (person, at) = match fact {
            Fact::Told { id, .. } | Fact::Clicked { id, .. } => return Some(*id),
            Fact::Said { person, at, .. } => (*person, *at),
        };
        let (from, to) = (at.0.saturating_sub(COUNTS_FOR_MS), at.0.saturating_add(TOLD_EARLY_MS));
        let sends = self.sends.iter().filter(|(_, (planned, _))| planned.person == person);
        let left = sends.filter_map(|(id, (_, way))| Some((way.left_at()?, *id)));
        left.filter(|(left, _)| (from..=to).contains(&left.0)).max().map(|(_, id)| id)
    }
}

fn kept((id, (planned, way)): (&SendId, &(NewSend, Way))) -> KeptSend {
    way.clone().kept(*id, planned.clone())
}
