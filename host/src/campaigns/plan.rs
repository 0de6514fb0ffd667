//! A campaign frozen: its audience as it is now, everybody's message, and what was found out about them before anything is
//! sent.
//!
//! A plan is written to the ledger while it is made, and belongs to the attempt that the campaign's document names. Whoever
//! makes it writes there now and then that he is still at it, and sees whether he still may; where that has stopped, the plan is
//! begun anew.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use consentry_core::campaign::CampaignId;
use consentry_core::time::UnixMs;

use super::frozen::Frozen;
use super::judged::judge_everybody;
use super::outlook::outlook;
use super::record::{CampaignRecord, Freezing, PlanRecord, State};
use super::{Campaigns, Kept, course, documents, find, links};
use crate::desk::DeskError;
use crate::engine::hex;
use crate::store::TenantId;

pub(super) use super::frozen::still_sendable;

/// How often whoever makes a plan writes that he is still at it.
const HEARD_EVERY_MS: i64 = 2_000;
/// How long throwing a plan away may take before that is written.
const FORGETS_UNHEARD: Duration = Duration::from_secs(2);
/// Silence after which somebody else begins the plan anew.
pub const SILENCE_MAX: Duration = Duration::from_secs(30);

/// How far a plan is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// People looked at.
    pub done: u64,
    /// People there are.
    pub of: u64,
}

/// Makes the plan of a campaign: who gets what, in the ledger, and what there is to know before it goes. The plan it had is
/// forgotten.
pub fn freeze(
    room: &Campaigns,
    tenant: TenantId,
    id: &str,
    by: &str,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Kept, DeskError> {
    let begun = documents::change(room, tenant, id, by, |record, now| {
        match record.state {
            State::Draft | State::Frozen | State::AwaitingApproval => {}
            State::Freezing if record.freezing.as_ref().is_none_or(|of| is_silent(of, now)) => {}
            _ => return Err(course::stands_in_the_way(record, "be planned")),
        }
        documents::forget_plan(record);
        record.state = State::Freezing;
        record.freezing = Some(Freezing {
            by: by.to_owned(),
            number: record.attempts,
            since_ms: now.0,
            seen_ms: now.0,
            done: 0,
            of: 0,
        });
        Ok(Some("began to plan it".to_owned()))
    })?;
    let watch = Watch { room, tenant, id, attempt: begun.record.attempts };
    match make(&watch, &begun, by, progress) {
        Ok(kept) => Ok(kept),
        Err(cause) => {
            // It is a draft again, unless somebody else has it by now.
            let why = format!("could not plan it: {cause}");
            let failed = watch.change(by, &mut |record, _| {
                documents::forget_plan(record);
                Ok(why.clone())
            });
            drop(failed);
            Err(cause)
        }
    }
}

/// Plans that a process began and did not end are begun anew; which campaigns they are of.
pub fn recover(room: &Campaigns, tenant: TenantId) -> Result<Vec<String>, DeskError> {
    let mut recovered = Vec::new();
    for Kept { record, .. } in documents::readable(&*room.desk.store, tenant)?.kept {
        let Some(freezing) = record.freezing.filter(|_| record.state == State::Freezing) else { continue };
        if is_silent(&freezing, room.desk.clock.now()) {
            // What is wrong with it is said in its history.
            drop(freeze(room, tenant, &record.id, &freezing.by, &|_| ()));
            recovered.push(record.id);
        }
    }
    Ok(recovered)
}

/// An attempt at a plan, as long as it is nobody else's.
pub(super) struct Watch<'w> {
    pub(super) room: &'w Campaigns,
    pub(super) tenant: TenantId,
    pub(super) id: &'w str,
    attempt: u64,
}

impl Watch<'_> {
    /// Changes the campaign, unless the attempt was given up or somebody else makes another.
    fn change(
        &self,
        by: &str,
        change: &mut dyn FnMut(&mut CampaignRecord, i64) -> Result<String, DeskError>,
    ) -> Result<Kept, DeskError> {
        documents::change(self.room, self.tenant, self.id, by, |record, now| {
            let is_ours = record.freezing.as_ref().is_some_and(|freezing| freezing.number == self.attempt);
            if !is_ours || record.state != State::Freezing {
                let text = format!("`{}` was cancelled or planned anew while it was planned", record.id);
                return Err(DeskError::Conflict(text));
            }
            change(record, now.0).map(Some)
        })
    }

    /// Says how far it is; fails where it is no longer ours to make. `said` is when that was last said.
    pub(super) fn tell(&self, progress: Progress, said: &mut i64) -> Result<(), DeskError> {
        let now = self.room.desk.clock.now().0;
        if now - *said < HEARD_EVERY_MS {
            return Ok(());
        }
        *said = now;
        self.change("", &mut |record, now| {
            if let Some(freezing) = &mut record.freezing {
                (freezing.seen_ms, freezing.done, freezing.of) = (now, progress.done, progress.of);
            }
            Ok(String::new())
        })?;
        Ok(())
    }
}

fn make(
    watch: &Watch<'_>,
    begun: &Kept,
    by: &str,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Kept, DeskError> {
    let Watch { room, tenant, id, .. } = *watch;
    let mut frozen = Frozen::new(room, tenant, &begun.record)?;
    let mut judge = frozen.judge(room, room.desk.clock.now())?;
    for (message, ready) in frozen.messages.iter_mut().zip(&judge.ready().messages) {
        message.value_names.clone_from(&ready.values);
    }
    if frozen.links.is_some() {
        links::prepare(room, tenant, begun.id())?;
    }
    forget(watch, begun)?;
    let found = judge_everybody(watch, begun, &frozen, &mut judge, progress)?;
    let plan = PlanRecord {
        sha256: hex(&found.hash),
        people: found.people,
        sendable: found.sendable,
        control: found.control,
        frozen_at_ms: room.desk.clock.now().0,
        frozen_by: by.to_owned(),
        numbers: frozen.numbers.iter().map(|number| number.id.clone()).collect(),
        links: frozen.links.clone(),
        messages: frozen.messages.clone(),
    };
    let preflight = outlook(room, tenant, id, &frozen, &plan, &found, judge.ready())?;
    is_whole(room, tenant, begun.id(), &plan)?;
    watch.change(by, &mut |record, _| {
        let did = format!("planned it: {} of {} people are to be written to", plan.sendable, plan.people);
        let waits = room.approvals && record.tries.is_none();
        record.state = if waits { State::AwaitingApproval } else { State::Frozen };
        record.freezing = None;
        (record.plan, record.preflight) = (Some(plan.clone()), Some(preflight.clone()));
        record.starts_at_ms = frozen.starts_at.map(|at| at.0);
        record.ends_at_ms = frozen.ends_at.map(|at| at.0);
        documents::leaves_room(record)?;
        Ok(did)
    })?;
    find(room, tenant, id)
}

/// Throws away whatever an attempt before this one has left, which of a million people takes a while.
fn forget(watch: &Watch<'_>, begun: &Kept) -> Result<(), DeskError> {
    let (ledger, tenant) = (&*watch.room.ledger, watch.tenant);
    let (ends, ended) = sync_channel::<()>(0);
    std::thread::scope(|scope| {
        let forgets = scope.spawn(move || {
            let _ends = ends;
            ledger.forget_plan(tenant, begun.id(), begun.record.attempts)
        });
        let mut said = 0;
        while ended.recv_timeout(FORGETS_UNHEARD) == Err(RecvTimeoutError::Timeout) {
            watch.tell(Progress::default(), &mut said)?;
        }
        Ok(forgets.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?)
    })
}

/// Whether everybody of a plan stands in the ledger, and nobody else.
pub(super) fn is_whole(
    room: &Campaigns,
    tenant: TenantId,
    id: CampaignId,
    plan: &PlanRecord,
) -> Result<(), DeskError> {
    let planned: u64 = room.ledger.totals(tenant, id)?.iter().map(|(_, count)| count).sum();
    if planned == plan.sendable + plan.control {
        return Ok(());
    }
    Err(DeskError::Conflict(format!(
        "{planned} messages stand in the plan of `{id}`, and {} were planned: freeze it again",
        plan.sendable + plan.control
    )))
}

/// Whether whoever makes a plan was not heard of for too long. A time that lies ahead as far was written by a clock that was
/// wrong, and says nothing.
fn is_silent(freezing: &Freezing, now: UnixMs) -> bool {
    now.0.abs_diff(freezing.seen_ms) > SILENCE_MAX.as_millis() as u64
}
