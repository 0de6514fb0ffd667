//! What campaigns need although nobody asks for it: plans that a process left are made anew, what was put back to wait after a
//! campaign's end is left out, and what Meta would no longer send as it was planned is stopped before it is sent. It sends
//! nothing and decides nothing that people decide.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use consentry_core::campaign::CampaignId;

use super::record::{Paused, State};
use super::{Campaigns, Found, Kept, course, plan};
use crate::desk::DeskError;
use crate::store::TenantId;
use crate::store::ledger::SendState;

/// How often all campaigns are looked at.
const ALL: Duration = Duration::from_secs(10);
/// How often the templates of those that run are.
const TEMPLATES: Duration = Duration::from_secs(1);

/// Tends to the campaigns of a tenant.
#[derive(Debug, Default)]
pub struct Tending {
    /// Those that are over, and of which nothing waits or is under way.
    over: BTreeSet<CampaignId>,
    running: Vec<Kept>,
    /// Those whose documents cannot be read, and why.
    unreadable: BTreeMap<String, String>,
}

impl Tending {
    /// Looks at all campaigns; which plans were made anew.
    pub fn look(&mut self, room: &Campaigns, tenant: TenantId) -> Result<Vec<String>, DeskError> {
        let recovered = plan::recover(room, tenant)?;
        self.running.clear();
        let Found { kept, unreadable } = super::mend(room, tenant)?;
        self.unreadable = unreadable;
        for kept in kept {
            let id = kept.id();
            if kept.record.state.is_over() && !self.over.contains(&id) {
                room.ledger.expire(tenant, id, room.desk.clock.now())?;
                // What is under way may be put back, and what is left by a process that died is never sent.
                let totals = room.ledger.totals(tenant, id)?;
                let may_wait = |state| matches!(state, SendState::Waiting | SendState::Intended);
                if !totals.iter().any(|(group, _)| may_wait(group.state)) {
                    self.over.insert(id);
                }
            }
            if kept.record.state == State::Running {
                self.running.push(kept);
            }
        }
        Ok(recovered)
    }

    /// Pauses those of which a template can no longer be sent as it was planned; which ones.
    pub fn look_at_templates(
        &mut self,
        room: &Campaigns,
        tenant: TenantId,
    ) -> Result<Vec<String>, DeskError> {
        let mut paused = Vec::new();
        for Kept { record, .. } in &self.running {
            if let Some(why) = why_not(room, tenant, record)?
                && course::halt(room, tenant, &record.id, &why)?
            {
                paused.push(record.id.clone());
            }
        }
        self.running.retain(|kept| !paused.contains(&kept.record.id));
        Ok(paused)
    }

    /// Does both again and again, until the other end of the channel is gone. `log` is told what went wrong, and it is tried
    /// again.
    pub fn run(mut self, room: &Campaigns, tenant: TenantId, ends: &Receiver<()>, log: impl Fn(&str)) {
        let (mut looked, mut seen): (Option<Instant>, u64) = (None, 0);
        let mut told = BTreeSet::new();
        loop {
            let epoch = room.signal.epoch();
            let is_old = epoch != seen || looked.is_none_or(|looked| looked.elapsed() >= ALL);
            // Our fault must cost this look alone.
            let done = catch_unwind(AssertUnwindSafe(|| {
                if is_old {
                    self.look(room, tenant)?;
                }
                self.look_at_templates(room, tenant)
            }));
            if is_old {
                (looked, seen) = (Some(Instant::now()), epoch);
            }
            for (id, why) in self.unreadable.iter().filter(|(id, _)| !told.contains(*id)) {
                log(&format!("fault: {id} is passed over: {why}"));
            }
            told = self.unreadable.keys().cloned().collect();
            match done {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => log(&format!("fault: campaigns are looked after later: {error}")),
                Err(_) => log("fault: campaigns are looked after later"),
            }
            if ends.recv_timeout(TEMPLATES) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
        }
    }
}

/// Why a campaign cannot be sent as it was planned; none where it can.
pub fn why_not(
    room: &Campaigns,
    tenant: TenantId,
    record: &super::record::CampaignRecord,
) -> Result<Option<Paused>, DeskError> {
    let Some(plan) = &record.plan else { return Ok(None) };
    match plan::still_sendable(room, tenant, &record.definition.account, plan) {
        Ok(()) => Ok(None),
        Err(DeskError::Conflict(text) | DeskError::NotFound(text) | DeskError::Invalid(text)) => {
            Ok(Some(Paused {
                by: "meta".to_owned(),
                why: "template".to_owned(),
                text,
                cure: Some(
                    "See how the template stands at Meta's. Where it is as it was when it was planned, let the campaign go on; \
                     otherwise make a copy of it, and plan that."
                        .to_owned(),
                ),
                ..Paused::default()
            }))
        }
        Err(other) => Err(other),
    }
}
