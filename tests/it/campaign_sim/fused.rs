//! A ledger as a process sees it that dies, or whose database fails, at a call of chance: before the call is done or after it. It
//! may also be slow.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use consentry_core::campaign::step::cap::Left;
use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::time::UnixMs;
use consentry_host::store::ledger::{
    ErasedSends, Fact, Group, KeptSend, LastSend, Lease, Ledger, Meant, NewSend, Recorded, SendFilter, Share,
};
use consentry_host::store::{StoreError, TenantId};

use super::world::Count;

/// In which order the last intents of all messages were written, by whatever process.
pub(crate) type Intents = Arc<Mutex<BTreeMap<SendId, u64>>>;

/// The ledger of one process.
pub(crate) struct Fused {
    inner: Arc<dyn Ledger>,
    intents: Intents,
    /// Calls until the process dies.
    dies_in: AtomicI64,
    /// Calls until one fails, and the process goes on.
    fails_in: AtomicI64,
    /// What happens then is done before it happens.
    is_late: AtomicBool,
    is_dead: AtomicBool,
    /// How long each call takes, in milliseconds of this count.
    takes: Mutex<Option<(Arc<Count>, i64)>>,
}

impl Fused {
    pub(crate) fn new(inner: Arc<dyn Ledger>, intents: Intents) -> Arc<Fused> {
        Arc::new(Fused {
            inner,
            intents,
            dies_in: AtomicI64::new(i64::MAX),
            fails_in: AtomicI64::new(i64::MAX),
            is_late: AtomicBool::new(false),
            is_dead: AtomicBool::new(false),
            takes: Mutex::default(),
        })
    }

    /// From now on each call takes so long.
    pub(crate) fn take(&self, count: &Arc<Count>, ms: i64) {
        *self.takes.lock().unwrap() = Some((count.clone(), ms));
    }

    pub(super) fn die_in(&self, calls: i64, is_late: bool) {
        self.is_late.store(is_late, Ordering::Relaxed);
        self.dies_in.store(calls, Ordering::Relaxed);
    }

    pub(super) fn fail_in(&self, calls: i64, is_late: bool) {
        self.is_late.store(is_late, Ordering::Relaxed);
        self.fails_in.store(calls, Ordering::Relaxed);
    }

    pub(super) fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::Relaxed)
    }

    fn call<T>(&self, call: impl FnOnce(&dyn Ledger) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let burns = |fuse: &AtomicI64| fuse.fetch_sub(1, Ordering::Relaxed) == 0;
        if let Some((count, ms)) = &*self.takes.lock().unwrap() {
            count.add(*ms);
        }
        let is_late = self.is_late.load(Ordering::Relaxed);
        if self.is_dead() {
            return Err(StoreError::Lost("the process is dead".to_owned()));
        }
        if burns(&self.dies_in) {
            self.is_dead.store(true, Ordering::Relaxed);
            if is_late {
                call(self.inner.as_ref())?;
            }
            return Err(StoreError::Lost("the process died".to_owned()));
        }
        if burns(&self.fails_in) {
            if is_late {
                call(self.inner.as_ref())?;
                return Err(StoreError::Lost("the answer did not come".to_owned()));
            }
            return Err(StoreError::Busy("others are in the way".to_owned()));
        }
        call(self.inner.as_ref())
    }
}

impl Ledger for Fused {
    fn plan(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        attempt: u64,
        sends: &[NewSend],
    ) -> Result<(), StoreError> {
        self.call(|ledger| ledger.plan(tenant, campaign, attempt, sends))
    }

    fn forget_plan(&self, tenant: TenantId, campaign: CampaignId, attempt: u64) -> Result<(), StoreError> {
        self.call(|ledger| ledger.forget_plan(tenant, campaign, attempt))
    }

    fn page(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        filter: &SendFilter,
        after: u64,
        limit: usize,
    ) -> Result<Vec<KeptSend>, StoreError> {
        self.call(|ledger| ledger.page(tenant, campaign, filter, after, limit))
    }

    fn totals(&self, tenant: TenantId, campaign: CampaignId) -> Result<Vec<(Group, u64)>, StoreError> {
        self.call(|ledger| ledger.totals(tenant, campaign))
    }

    fn over_time(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        span_ms: i64,
    ) -> Result<Vec<(UnixMs, [u64; 6])>, StoreError> {
        self.call(|ledger| ledger.over_time(tenant, campaign, span_ms))
    }

    fn now(&self, told: UnixMs) -> Result<UnixMs, StoreError> {
        self.call(|ledger| ledger.now(told))
    }

    fn lease(
        &self,
        tenant: TenantId,
        line: &str,
        held: Option<&Lease>,
        now: UnixMs,
    ) -> Result<Option<Lease>, StoreError> {
        self.call(|ledger| ledger.lease(tenant, line, held, now))
    }

    fn release(&self, tenant: TenantId, lease: &Lease) -> Result<(), StoreError> {
        self.call(|ledger| ledger.release(tenant, lease))
    }

    fn orphaned(
        &self,
        tenant: TenantId,
        lease: &Lease,
        campaign: CampaignId,
        line: u16,
        now: UnixMs,
    ) -> Result<u64, StoreError> {
        self.call(|ledger| ledger.orphaned(tenant, lease, campaign, line, now))
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
        self.call(|ledger| ledger.waiting(tenant, campaign, line, after, now, limit))
    }

    fn intend(
        &self,
        tenant: TenantId,
        lease: &Lease,
        sends: &[SendId],
        now: UnixMs,
    ) -> Result<(), StoreError> {
        self.call(|ledger| {
            ledger.intend(tenant, lease, sends, now)?;
            let mut intents = self.intents.lock().unwrap();
            let order = intents.values().max().map_or(0, |last| last + 1);
            intents.extend(sends.iter().map(|id| (*id, order)));
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
        self.call(|ledger| ledger.record(tenant, lease, recorded, now))
    }

    fn expire(&self, tenant: TenantId, campaign: CampaignId, now: UnixMs) -> Result<u64, StoreError> {
        self.call(|ledger| ledger.expire(tenant, campaign, now))
    }

    fn hear(&self, tenant: TenantId, facts: &[Fact], up_to: u64) -> Result<Vec<Meant>, StoreError> {
        self.call(|ledger| ledger.hear(tenant, facts, up_to))
    }

    fn heard_up_to(&self, tenant: TenantId) -> Result<u64, StoreError> {
        self.call(|ledger| ledger.heard_up_to(tenant))
    }

    fn last_sends(
        &self,
        tenant: TenantId,
        people: &[u64],
        since: UnixMs,
    ) -> Result<Vec<Option<(LastSend, u32)>>, StoreError> {
        self.call(|ledger| ledger.last_sends(tenant, people, since))
    }

    fn left(&self, tenant: TenantId, people: &[u64], since: UnixMs) -> Result<Vec<Vec<Left>>, StoreError> {
        self.call(|ledger| ledger.left(tenant, people, since))
    }

    fn sends_of(&self, tenant: TenantId, person: u64, limit: usize) -> Result<Vec<KeptSend>, StoreError> {
        self.call(|ledger| ledger.sends_of(tenant, person, limit))
    }

    fn people_since(&self, tenant: TenantId, since: UnixMs) -> Result<u64, StoreError> {
        self.call(|ledger| ledger.people_since(tenant, since))
    }

    fn part(
        &self,
        tenant: TenantId,
        lease: &Lease,
        share: Share,
        since: UnixMs,
        now: UnixMs,
    ) -> Result<u32, StoreError> {
        self.call(|ledger| ledger.part(tenant, lease, share, since, now))
    }

    fn erase(
        &self,
        tenant: TenantId,
        people: &[u64],
        profile: u64,
        now: UnixMs,
    ) -> Result<ErasedSends, StoreError> {
        self.call(|ledger| ledger.erase(tenant, people, profile, now))
    }
}
