//! The reference inbox: maps behind a lock, written to be obviously right. It makes nothing durable and optimises nothing;
//! where another one disagrees with it, the other one is wrong.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use consentry_core::delivery::Delivery;
use consentry_core::time::UnixMs;

use super::{
    Cursor, Filter, IDS_KNOWN_MS, Inbox, InboxCounts, KeptEvent, Lane, NewEvent, OPT_OUT, keepable,
    keepable_cursor, key,
};
use crate::store::{StoreError, TenantId};

/// Everything in memory, gone when it is dropped.
#[derive(Default)]
pub struct MemoryInbox {
    tenants: Mutex<BTreeMap<TenantId, Tenant>>,
}

#[derive(Default)]
struct Tenant {
    last_seq: u64,
    events: BTreeMap<u64, KeptEvent>,
    /// When each known id was received, and in which place, forgotten or not.
    ids: BTreeMap<String, (UnixMs, u64)>,
    deliveries: BTreeMap<String, Delivery>,
    cursors: BTreeMap<(String, Lane), Cursor>,
    counts: InboxCounts,
}

impl MemoryInbox {
    /// An inbox in which nothing is.
    pub fn new() -> MemoryInbox {
        MemoryInbox::default()
    }

    fn tenants(&self) -> MutexGuard<'_, BTreeMap<TenantId, Tenant>> {
        self.tenants.lock().expect("a panic while the maps were changed leaves nothing to go on with")
    }

    fn of<T>(&self, tenant: TenantId, look: impl FnOnce(&mut Tenant) -> T) -> T {
        look(self.tenants().entry(tenant).or_default())
    }
}

impl Inbox for MemoryInbox {
    fn take(
        &self,
        tenant: TenantId,
        events: &[NewEvent],
        cursor: Option<&Cursor>,
    ) -> Result<Vec<Option<u64>>, StoreError> {
        let cursor = cursor.map(keepable_cursor);
        Ok(self.of(tenant, |tenant| {
            let seqs = events.iter().map(|event| tenant.take(keepable(event))).collect();
            if let Some(cursor) = cursor {
                let known = tenant.cursors.entry((cursor.source.clone(), cursor.lane));
                let known = known.or_insert_with(|| cursor.clone());
                if known.inbox != cursor.inbox || known.up_to < cursor.up_to {
                    *known = cursor;
                }
            }
            seqs
        }))
    }

    fn to_do(&self, tenant: TenantId, lane: Lane, limit: usize) -> Result<Vec<KeptEvent>, StoreError> {
        Ok(self.of(tenant, |tenant| {
            let waits = tenant.events.values().filter(|event| !event.done && event.lane == lane);
            waits.take(limit).cloned().collect()
        }))
    }

    fn done(&self, tenant: TenantId, seqs: &[u64]) -> Result<(), StoreError> {
        self.of(tenant, |tenant| {
            for seq in seqs {
                if let Some(event) = tenant.events.get_mut(seq) {
                    event.done = true;
                }
            }
        });
        Ok(())
    }

    fn opt_out_waits(
        &self,
        tenant: TenantId,
        number: Option<u64>,
        user: Option<&str>,
    ) -> Result<bool, StoreError> {
        let user = user.map(key);
        let same = |event: &KeptEvent| {
            number.is_some() && event.number == number
                || user.is_some() && event.user.as_deref() == user.as_deref()
        };
        Ok(self.of(tenant, |tenant| {
            tenant.events.values().any(|event| !event.done && event.kind == OPT_OUT && same(event))
        }))
    }

    fn history(&self, tenant: TenantId, filter: &Filter, limit: usize) -> Result<Vec<KeptEvent>, StoreError> {
        Ok(self.of(tenant, |tenant| {
            let found = tenant.events.values().filter(|event| filter.passes(event)).cloned();
            match filter.after {
                Some(_) => found.take(limit).collect(),
                None => found.rev().take(limit).collect(),
            }
        }))
    }

    fn delivery(&self, tenant: TenantId, message_id: &str) -> Result<Option<Delivery>, StoreError> {
        Ok(self.of(tenant, |tenant| tenant.deliveries.get(key(message_id).as_ref()).cloned()))
    }

    fn cursor(&self, tenant: TenantId, source: &str, lane: Lane) -> Result<Option<Cursor>, StoreError> {
        Ok(self.of(tenant, |tenant| tenant.cursors.get(&(key(source).into_owned(), lane)).cloned()))
    }

    fn counts(&self, tenant: TenantId) -> Result<InboxCounts, StoreError> {
        Ok(self.of(tenant, |tenant| {
            let waits = |lane| {
                tenant.events.values().filter(|event| !event.done && event.lane == lane).count() as u64
            };
            InboxCounts {
                consent_waits: waits(Lane::Consent),
                rest_waits: waits(Lane::Rest),
                ..tenant.counts
            }
        }))
    }

    fn forget_before(&self, tenant: TenantId, before: UnixMs, limit: usize) -> Result<usize, StoreError> {
        Ok(self.of(tenant, |tenant| {
            let old = tenant.events.values().filter(|event| event.done && event.received < before);
            let mut old: Vec<(UnixMs, u64)> = old.map(|event| (event.received, event.seq)).collect();
            old.sort_unstable();
            old.truncate(limit);
            for (_, seq) in &old {
                tenant.events.remove(seq);
            }
            let known_from = UnixMs(before.0.saturating_sub(IDS_KNOWN_MS));
            let gone = |place: &(UnixMs, u64)| place.0 < known_from && !tenant.events.contains_key(&place.1);
            let mut gone: Vec<(UnixMs, u64)> = tenant.ids.values().copied().filter(gone).collect();
            gone.sort_unstable();
            gone.truncate(limit);
            tenant.ids.retain(|_, place| !gone.contains(place));
            old.len()
        }))
    }

    fn erase(
        &self,
        tenant: TenantId,
        numbers: &[u64],
        users: &[String],
        messages: &[String],
    ) -> Result<u64, StoreError> {
        Ok(self.of(tenant, |tenant| {
            let users: Vec<_> = users.iter().map(|user| key(user)).collect();
            let theirs = |event: &KeptEvent| {
                event.number.is_some_and(|number| numbers.contains(&number))
                    || event.user.as_deref().is_some_and(|user| users.iter().any(|known| known == user))
            };
            let mut about: Vec<String> = messages.iter().map(|message| key(message).into_owned()).collect();
            about.extend(
                tenant
                    .events
                    .values()
                    .filter(|event| theirs(event))
                    .filter_map(|event| event.message_id.clone()),
            );
            let before = tenant.events.len();
            let goes = |event: &KeptEvent| {
                theirs(event) || event.message_id.as_ref().is_some_and(|message| about.contains(message))
            };
            let gone: Vec<String> =
                tenant.events.values().filter(|event| goes(event)).map(|event| event.id.clone()).collect();
            tenant.ids.retain(|id, _| !gone.contains(id));
            tenant.events.retain(|_, event| !goes(event));
            tenant.deliveries.retain(|message, _| !about.contains(message));
            (before - tenant.events.len()) as u64
        }))
    }
}

impl Tenant {
    /// Every event gets a place, and one that is known does not use it.
    fn take(&mut self, new: NewEvent) -> Option<u64> {
        self.last_seq += 1;
        if let Some((message, told)) = &new.told {
            self.deliveries.entry(message.clone()).or_default().join(told);
        }
        if self.ids.contains_key(&new.id) {
            return None;
        }
        self.ids.insert(new.id.clone(), (new.received, self.last_seq));
        self.counts.events += 1;
        self.counts.last_received = self.counts.last_received.max(Some(new.received));
        let NewEvent { id, lane, kind, to_do, at, received, number, user, message_id, told: _, body } = new;
        let seq = self.last_seq;
        let done = !to_do;
        let kept = KeptEvent { seq, done, id, lane, kind, at, received, number, user, message_id, body };
        self.events.insert(seq, kept);
        Some(seq)
    }
}
