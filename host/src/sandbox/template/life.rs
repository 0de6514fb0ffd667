//! What happens to templates by Meta's word: the end of a review, pauses, quality, other categories.

use super::super::agenda::Event;
use super::super::config::{StepRecord, VerdictRecord};
use super::super::review::policy;
use super::super::state::{HOUR_MS, State};
use super::super::webhook;

/// Ends the review of a template, unless it was edited or deleted since.
pub(crate) fn review(state: &mut State, id: u64, revision: u32) {
    let Some(template) = state.templates.get(&id).filter(|template| template.revision == revision) else {
        return;
    };
    let verdict = verdict(state, &template.name, &template.language);
    let opinion = policy::opinion(template);
    let Some(template) = state.templates.get_mut(&id) else { return };
    let scripted = verdict.as_ref().and_then(|verdict| verdict.status.clone());
    let reason = match (&scripted, opinion) {
        (Some(status), _) if status == "APPROVED" => None,
        (Some(_), _) => {
            let reason = verdict.as_ref().and_then(|verdict| verdict.reason.clone());
            Some(reason.unwrap_or_else(|| "INVALID_FORMAT".to_owned()))
        }
        (None, policy::Opinion::Rejected(reason)) => Some(reason.to_owned()),
        (None, policy::Opinion::Marketing) => {
            // Since April 2025 it is approved as what it is, whatever its owner said about that.
            template.previous_category =
                Some(std::mem::replace(&mut template.category, "MARKETING".to_owned()));
            None
        }
        (None, policy::Opinion::Approved) => None,
    };
    let status = if reason.is_some() { "REJECTED" } else { "APPROVED" };
    status.clone_into(&mut template.status);
    template.rejected_reason.clone_from(&reason);
    let judged = template.clone();
    webhook::template::status(state, &judged, status, Some(reason.as_deref().unwrap_or("NONE")));
    if scripted.is_none() && opinion == policy::Opinion::Marketing {
        webhook::template::category(state, &judged);
    }
    for step in verdict.into_iter().flat_map(|verdict| verdict.then) {
        state.later(step.after_ms, Event::Step { template: id, step });
    }
}

/// Has something happen to a template.
pub(crate) fn step(state: &mut State, id: u64, step: &StepRecord) {
    if let Some(quality) = &step.quality
        && let Some(template) = state.templates.get_mut(&id)
    {
        let before = std::mem::replace(&mut template.quality, quality.clone());
        template.quality_ms = state.now_ms;
        let changed = template.clone();
        webhook::template::quality(state, &changed, &before);
    }
    if let Some(category) = step.category.as_ref().filter(|_| step.notice_ms > 0)
        && let Some(template) = state.templates.get_mut(&id)
    {
        template.correct_category = Some(category.clone());
        let changed = template.clone();
        let at_ms = state.now_ms.saturating_add(step.notice_ms);
        webhook::template::category_notice(state, &changed, category, at_ms);
        let then = StepRecord { category: Some(category.clone()), ..StepRecord::default() };
        state.later(step.notice_ms, Event::Step { template: id, step: then });
    } else if let Some(category) = &step.category
        && let Some(template) = state.templates.get_mut(&id)
    {
        template.previous_category = Some(std::mem::replace(&mut template.category, category.clone()));
        template.correct_category = None;
        let changed = template.clone();
        webhook::template::category(state, &changed);
    }
    if let Some(event) = &step.event {
        self::event(state, id, event);
    }
}

/// Ends a pause.
pub(crate) fn unpause(state: &mut State, id: u64) {
    let Some(template) = state.templates.get_mut(&id) else { return };
    template.revision += 1;
    template.sent = 0;
    "APPROVED".clone_into(&mut template.status);
    let changed = template.clone();
    webhook::template::unpaused(state, &changed);
}

fn event(state: &mut State, id: u64, event: &str) {
    let Some(template) = state.templates.get_mut(&id) else { return };
    if event == "PAUSED" {
        return pause(state, id);
    }
    let status = match event {
        "REINSTATED" | "UNARCHIVED" => "APPROVED",
        other => other,
    };
    status.clone_into(&mut template.status);
    template.revision += 1;
    let changed = template.clone();
    webhook::template::status(state, &changed, event, Some("NONE"));
}

/// The first pause takes 3 hours, the second 6, and there is no third one.
fn pause(state: &mut State, id: u64) {
    let Some(template) = state.templates.get_mut(&id) else { return };
    template.pauses += 1;
    template.revision += 1;
    let hours = match template.pauses {
        1 => Some(3),
        2 => Some(6),
        _ => None,
    };
    if hours.is_some() { "PAUSED" } else { "DISABLED" }.clone_into(&mut template.status);
    let changed = template.clone();
    match hours {
        Some(hours) => {
            webhook::template::paused(state, &changed, hours);
            state.later(hours * HOUR_MS, Event::Unpause { template: id, revision: changed.revision });
        }
        None => webhook::template::status(state, &changed, "DISABLED", Some("NONE")),
    }
}

fn verdict(state: &State, name: &str, language: &str) -> Option<VerdictRecord> {
    let fits = |verdict: &&VerdictRecord| {
        verdict.name == name && verdict.language.as_ref().is_none_or(|own| own == language)
    };
    state.scenario.verdict.iter().find(fits).cloned()
}
