//! The course of a campaign: approved, started, stopped, ended. Each step says in which state it is possible, and what would
//! help where it is not.

use consentry_core::time::UnixMs;

use super::record::{Approval, CampaignRecord, Paused, PlanRecord, State};
use super::tending::why_not;
use super::{Campaigns, Kept, Progress, documents, find, plan, stood};
use crate::desk::DeskError;
use crate::store::TenantId;

/// Another person says that a plan may be sent; the one that stands where none is named.
pub fn approve(
    room: &Campaigns,
    tenant: TenantId,
    id: &str,
    seen: Option<&str>,
    by: &str,
) -> Result<Kept, DeskError> {
    documents::change(room, tenant, id, by, |record, now| {
        if !matches!(record.state, State::Frozen | State::AwaitingApproval) {
            return Err(stands_in_the_way(record, "be approved"));
        }
        let plan = the_plan(record, seen)?;
        if room.approvals && plan.frozen_by == by {
            return Err(DeskError::Conflict(format!(
                "`{by}` made the plan of `{}`, and another person has to approve it: name who does",
                record.id
            )));
        }
        let plan_sha256 = plan.sha256.clone();
        record.approved = Some(Approval { by: by.to_owned(), at_ms: now.0, plan_sha256 });
        record.state = State::Frozen;
        Ok(Some("approved the plan".to_owned()))
    })
}

/// Lets a campaign go, now or at its time. `seen` is the hash of the plan that somebody looked at: where another one stands,
/// nothing is started. A draft is frozen first.
pub fn start(
    room: &Campaigns,
    tenant: TenantId,
    id: &str,
    seen: Option<&str>,
    by: &str,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Kept, DeskError> {
    let stands = find(room, tenant, id)?;
    if stands.record.state == State::Draft {
        if seen.is_some() {
            return Err(DeskError::Conflict(format!(
                "`{id}` was changed since the plan that you saw: look at it again, then start it"
            )));
        }
        plan::freeze(room, tenant, id, by, progress)?;
    }
    let stands = find(room, tenant, id)?;
    if let Some(plan) = &stands.record.plan {
        plan::still_sendable(room, tenant, &stands.record.definition.account, plan)?;
        if stands.record.state == State::Frozen {
            plan::is_whole(room, tenant, stands.id(), plan)?;
        }
    }
    // The plan that was looked at here is the one that is started.
    let looked_at = stands.record.plan.map(|plan| plan.sha256);
    let_go(room, tenant, id, seen.or(looked_at.as_deref()), room.approvals, by)
}

/// Lets a plan go, which somebody else has to have approved where that is asked for.
pub(super) fn let_go(
    room: &Campaigns,
    tenant: TenantId,
    id: &str,
    seen: Option<&str>,
    approvals: bool,
    by: &str,
) -> Result<Kept, DeskError> {
    documents::change(room, tenant, id, by, |record, now| {
        let plan = the_plan(record, seen);
        let is_approved =
            |sha256: &str| record.approved.as_ref().is_some_and(|approved| approved.plan_sha256 == sha256);
        // Whether approval is asked for may have been decided after the plan was made.
        let waits = approvals && !record.plan.as_ref().is_some_and(|plan| is_approved(&plan.sha256));
        match record.state {
            State::Frozen if waits => {
                let waiting = CampaignRecord { state: State::AwaitingApproval, ..record.clone() };
                return Err(stands_in_the_way(&waiting, "be started"));
            }
            State::Frozen => {}
            _ => return Err(stands_in_the_way(record, "be started")),
        }
        let plan = plan?;
        if plan.sendable == 0 {
            return Err(DeskError::Conflict(format!(
                "nobody of `{id}` can be written to: see its preflight, and change its audience or values"
            )));
        }
        if record.ends_at_ms.is_some_and(|ends| ends <= now.0) {
            return Err(DeskError::Conflict(format!(
                "the time of `{id}` is over: change when it ends, then freeze it again"
            )));
        }
        record.started_at_ms = Some(now.0);
        Ok(Some(now_or_later(record, now).to_owned()))
    })
}

/// The time of a scheduled campaign has come: for whoever sends. False where it was something else meanwhile, and where a
/// template of it can no longer be sent as it was planned: then it is paused.
pub fn begin(room: &Campaigns, tenant: TenantId, id: &str) -> Result<bool, DeskError> {
    // Days may have gone by since it was scheduled.
    if let Some(why) = why_not(room, tenant, &find(room, tenant, id)?.record)? {
        halt(room, tenant, id, &why)?;
        return Ok(false);
    }
    let mut began = false;
    documents::change(room, tenant, id, "consentry", |record, now| {
        began = record.state == State::Scheduled && record.starts_at_ms.is_none_or(|at| at <= now.0);
        record.state = if began { State::Running } else { record.state };
        Ok(began.then(|| "began it, as it was scheduled".to_owned()))
    })?;
    Ok(began)
}

/// Pauses a campaign because somebody asked for it.
pub fn pause(
    room: &Campaigns,
    tenant: TenantId,
    id: &str,
    why: Option<&str>,
    by: &str,
) -> Result<Kept, DeskError> {
    let text = match why {
        Some(why) => format!("{by} paused it: {}", consentry_core::diagnostic::clip(why)),
        None => format!("{by} paused it"),
    };
    let paused = Paused { by: "user".to_owned(), why: "asked".to_owned(), text, ..Paused::default() };
    documents::change(room, tenant, id, by, |record, now| match record.state {
        State::Running | State::Scheduled => {
            record.state = State::Paused;
            record.paused = Some(Paused { at_ms: now.0, ..paused.clone() });
            Ok(Some("paused it".to_owned()))
        }
        _ => Err(stands_in_the_way(record, "be paused")),
    })
}

/// Pauses a campaign because the brake or Meta did, for whoever sends; false where it does not run any more.
pub fn halt(room: &Campaigns, tenant: TenantId, id: &str, paused: &Paused) -> Result<bool, DeskError> {
    let mut halted = false;
    documents::change(room, tenant, id, "consentry", |record, now| {
        halted = matches!(record.state, State::Running | State::Scheduled);
        if !halted {
            return Ok(None);
        }
        record.state = State::Paused;
        record.paused = Some(Paused { at_ms: now.0, ..paused.clone() });
        Ok(Some(format!("paused it: {}", paused.text)))
    })?;
    Ok(halted)
}

/// Lets a paused campaign go on, with the same plan.
pub fn resume(room: &Campaigns, tenant: TenantId, id: &str, by: &str) -> Result<Kept, DeskError> {
    let stands = find(room, tenant, id)?;
    if let Some(plan) = &stands.record.plan {
        plan::still_sendable(room, tenant, &stands.record.definition.account, plan)?;
    }
    let stood = stood::kept(&room.ledger.totals(tenant, stands.id())?);
    documents::change(room, tenant, id, by, |record, now| {
        if record.state != State::Paused {
            return Err(stands_in_the_way(record, "go on"));
        }
        record.paused = None;
        record.resumed_at_ms = Some(now.0);
        record.stood.clone_from(&stood);
        Ok(Some(match now_or_later(record, now) {
            "started it" => "let it go on".to_owned(),
            scheduled => scheduled.to_owned(),
        }))
    })
}

/// Gives a campaign up: what was not sent of it never is.
pub fn cancel(room: &Campaigns, tenant: TenantId, id: &str, by: &str) -> Result<Kept, DeskError> {
    let mut was_planned = false;
    let kept = documents::change(room, tenant, id, by, |record, now| {
        if record.state.is_over() {
            return Err(stands_in_the_way(record, "be cancelled"));
        }
        was_planned = record.state == State::Freezing;
        record.attempts += u64::from(was_planned);
        record.state = State::Cancelled;
        (record.freezing, record.paused) = (None, None);
        record.finished_at_ms = Some(now.0);
        Ok(Some("cancelled it".to_owned()))
    })?;
    if was_planned {
        // Whoever makes the plan writes nothing of it any more.
        room.ledger.forget_plan(tenant, kept.id(), kept.record.attempts)?;
    } else {
        room.ledger.expire(tenant, kept.id(), room.desk.clock.now())?;
    }
    Ok(kept)
}

/// Everything that runs or is scheduled pauses at once; which campaigns did. Where one cannot be paused the others are all the
/// same, and it is told then.
pub fn stop_all(room: &Campaigns, tenant: TenantId, by: &str) -> Result<Vec<String>, DeskError> {
    let (mut stopped, mut failed) = (Vec::new(), Vec::new());
    // What cannot be read is sent by nobody.
    for kept in documents::mend(room, tenant)?.kept {
        if !matches!(kept.record.state, State::Running | State::Scheduled) {
            continue;
        }
        let paused = Paused {
            by: "user".to_owned(),
            why: "asked".to_owned(),
            text: format!("{by} stopped everything"),
            ..Paused::default()
        };
        match halt(room, tenant, &kept.record.id, &paused) {
            Ok(true) => stopped.push(kept.record.id),
            Ok(false) => {}
            Err(cause) => failed.push(format!("`{}`: {cause}", kept.record.id)),
        }
    }
    if failed.is_empty() {
        return Ok(stopped);
    }
    let others = if stopped.is_empty() { "none".to_owned() } else { stopped.join(", ") };
    Err(DeskError::Conflict(format!(
        "not everything could be paused: {}. Paused were: {others}. Try again, or end the server",
        failed.join("; ")
    )))
}

/// Nothing of a running campaign waits or is under way any more, for whoever sends; false where it does not run.
pub fn finish(room: &Campaigns, tenant: TenantId, id: &str) -> Result<bool, DeskError> {
    let mut finished = false;
    documents::change(room, tenant, id, "consentry", |record, now| {
        finished = record.state == State::Running;
        if !finished {
            return Ok(None);
        }
        record.state = State::Finished;
        record.finished_at_ms = Some(now.0);
        Ok(Some("finished it".to_owned()))
    })?;
    Ok(finished)
}

/// Running, or scheduled where its time has not come.
fn now_or_later(record: &mut CampaignRecord, now: UnixMs) -> &'static str {
    if record.starts_at_ms.is_some_and(|at| at > now.0) {
        record.state = State::Scheduled;
        "scheduled it"
    } else {
        record.state = State::Running;
        "started it"
    }
}

/// The plan that stands, unless it is another one than was seen.
fn the_plan<'r>(record: &'r CampaignRecord, seen: Option<&str>) -> Result<&'r PlanRecord, DeskError> {
    let plan = record.plan.as_ref().ok_or_else(|| stands_in_the_way(record, "go on"))?;
    if seen.is_some_and(|seen| seen != plan.sha256) {
        return Err(DeskError::Conflict(format!(
            "another plan of `{}` stands than the one that you saw, {}: look at it, then decide again",
            record.id, plan.sha256
        )));
    }
    Ok(plan)
}

/// Why something cannot be done in the state a campaign is in, and what would help.
pub(super) fn stands_in_the_way(record: &CampaignRecord, what: &str) -> DeskError {
    let (is, helps) = match record.state {
        State::Draft => ("is a draft", "freeze it first, so that it has a plan"),
        State::Freezing => ("is being planned", "wait until its plan stands, or cancel it"),
        State::Frozen => ("has a plan and was not started", "start it"),
        State::AwaitingApproval => {
            ("waits for approval", "have another person approve the plan than the one who made it")
        }
        State::Scheduled => {
            ("is scheduled", "pause or cancel it; a copy of it can be changed and started at another time")
        }
        State::Running => ("is running", "pause or cancel it; a copy of it can be changed"),
        State::Paused => ("is paused", "let it go on, or cancel it; a copy of it can be changed"),
        State::Finished => ("is finished", "make a copy of it"),
        State::Cancelled => ("was cancelled", "make a copy of it"),
    };
    DeskError::Conflict(format!("`{}` {is}, so it cannot {what}: {helps}", record.id))
}
