//! One message of a campaign to one person, before everybody gets theirs. It goes as all others do: it is a campaign of its own
//! with one person in its plan, which stands in no list, needs nobody's approval and ends by itself. So it has its intent and its
//! permit, keeps to the pace and to the day's limit of its number, counts for the person's cap, and what becomes of it is heard.

use std::time::{Duration, Instant};

use consentry_core::campaign::{CampaignId, errors};
use consentry_core::diagnostic::clip;
use consentry_core::matching::{E164, Permission, ProfileId};
use consentry_core::time::UnixMs;
use consentry_core::wire::campaign::v1::{Audience, Campaign};

use super::record::{CampaignRecord, Tries};
use super::{Campaigns, course, documents, find, plan};
use crate::desk::DeskError;
use crate::people::{self, PeopleError};
use crate::store::TenantId;
use crate::store::ledger::{KeptSend, SendFilter, SendState};

/// How long it is waited until Meta has taken the message.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long it may be sent, in milliseconds: also where whoever waits for it is gone.
const LASTS_MS: i64 = 30_000;
/// How often it is looked how the message stands.
const LOOK: Duration = Duration::from_millis(40);

/// What is to be tried, on whom.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'t> {
    /// The campaign, `c7`.
    pub campaign: &'t str,
    /// Which of its messages, counted from 0.
    pub message: usize,
    /// Somebody who opted in: by profile, customer's id, e-mail address or number.
    pub to: &'t str,
    /// Who wants it.
    pub by: &'t str,
}

/// A message that was sent to try it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The number it went to, with `+`.
    pub to: String,
    /// The person it was made for.
    pub profile: ProfileId,
    /// Meta's id of it.
    pub wamid: String,
    /// The campaign that it was, `c524288`.
    pub as_campaign: String,
}

/// Sends a message to try it, and waits until Meta has taken it: whoever sends is a server that runs on the same data. `waits_for`
/// tells in words what a campaign waits for, where that is known. What is not sent by then never is.
pub fn test(
    room: &Campaigns,
    tenant: TenantId,
    trial: &Trial<'_>,
    waits_for: &dyn Fn(CampaignId) -> Option<String>,
) -> Result<Tried, DeskError> {
    let record = find(room, tenant, trial.campaign)?.record;
    let definition = definition(room, &record, trial)?;
    let (profile, number) = consenting(room, tenant, trial.to)?;
    let tries = Tries { campaign: record.id, profile: profile.0 };
    let did = format!("made it, to try a message of `{}` on {profile}", tries.campaign);
    let id = documents::add(room, tenant, &definition, Some(&tries), trial.by, &did)?.record.id;
    let begun = begin(room, tenant, &id, trial.by, profile);
    if begun.is_err() {
        // Nothing of it was sent, so nothing has to be kept.
        drop(super::delete(room, tenant, &id, trial.by));
    }
    begun?;
    let send = taken(room, tenant, &id, trial.by, waits_for)?;
    match (send.state, send.wamid) {
        (SendState::Accepted | SendState::Held, Some(wamid)) => {
            Ok(Tried { to: number.to_string(), profile, wamid, as_campaign: id })
        }
        (state, _) => Err(DeskError::Conflict(why_not(state, send.code, profile))),
    }
}

/// The campaign that tries one message of another.
fn definition(room: &Campaigns, record: &CampaignRecord, trial: &Trial<'_>) -> Result<Campaign, DeskError> {
    let mut definition = record.definition.clone();
    let count = definition.messages.len();
    if trial.message >= count {
        return Err(DeskError::Invalid(format!(
            "`{}` has {count} messages, counted from 0: there is no {}",
            record.id, trial.message
        )));
    }
    let mut one = definition.messages.swap_remove(trial.message);
    one.share_percent = 100;
    definition.messages = vec![one];
    // One message that somebody asked for now: nobody is kept out to compare with, and no hour or cap is wrong.
    definition.audience = Audience::default();
    (definition.control_percent, definition.cap, definition.quiet, definition.pace) = (0, None, None, None);
    definition.schedule.starts_at = None;
    definition.schedule.ends_at = Some(UnixMs(room.desk.clock.now().0.saturating_add(LASTS_MS)).to_string());
    Ok(definition)
}

fn begin(
    room: &Campaigns,
    tenant: TenantId,
    id: &str,
    by: &str,
    profile: ProfileId,
) -> Result<(), DeskError> {
    let record = plan::freeze(room, tenant, id, by, &|_| ())?.record;
    let sendable = record.plan.map_or(0, |plan| plan.sendable);
    if sendable == 0 {
        let problems = record.preflight.map(|preflight| preflight.problems).unwrap_or_default();
        let told = problems.iter().filter(|problem| problem.severity == "error").map(|problem| {
            let place = problem.examples.iter().find_map(|example| example.path.as_ref());
            let place = place.map(|place| format!("`{place}`: ")).unwrap_or_default();
            format!("{place}{} ({}). {}", problem.title, problem.code, problem.cure)
        });
        let told: Vec<String> = told.collect();
        return Err(match told.is_empty() {
            true => no_consent(profile),
            false => DeskError::Invalid(format!("Meta would not take it for {profile}: {}", told.join(" "))),
        });
    }
    course::let_go(room, tenant, id, None, false, by)?;
    Ok(())
}

/// Waits until it is known what became of the message; what waits for too long, or was stopped, is taken back.
fn taken(
    room: &Campaigns,
    tenant: TenantId,
    id: &str,
    by: &str,
    waits_for: &dyn Fn(CampaignId) -> Option<String>,
) -> Result<KeptSend, DeskError> {
    let until = Instant::now() + PATIENCE;
    let mut waited_for = None;
    loop {
        let epoch = room.signal.epoch();
        let kept = find(room, tenant, id)?;
        let send = room.ledger.page(tenant, kept.id(), &SendFilter::default(), 0, 1)?.pop();
        let send = send.ok_or_else(|| DeskError::NotFound(format!("the message of `{id}` is gone")))?;
        let is_open = matches!(send.state, SendState::Waiting | SendState::Intended);
        if !is_open || (kept.record.state.is_over() && send.state == SendState::Intended) {
            return Ok(send);
        }
        if let Some(paused) = kept.record.paused {
            drop(course::cancel(room, tenant, id, by));
            let cure = paused.cure.map(|cure| format!(". {cure}")).unwrap_or_default();
            return Err(DeskError::Conflict(format!("it was not sent: {}{cure}", paused.text)));
        }
        waited_for = waits_for(kept.id()).or(waited_for);
        if Instant::now() < until {
            room.signal.wait(epoch, LOOK);
            continue;
        }
        if send.state == SendState::Intended {
            return Ok(send);
        }
        // Whoever sent it in this moment has said so, and it is read once more.
        drop(course::cancel(room, tenant, id, by));
        let send = room.ledger.page(tenant, kept.id(), &SendFilter::default(), 0, 1)?.pop().unwrap_or(send);
        if send.state != SendState::Expired {
            return Ok(send);
        }
        let why = waited_for.unwrap_or_else(|| {
            "nobody took it: see that `consentry serve` runs on this data, and is not busy with others"
                .to_owned()
        });
        let seconds = PATIENCE.as_secs();
        return Err(DeskError::Conflict(format!(
            "it was not sent within {seconds} s, and is not any more: {why}"
        )));
    }
}

/// Why a message was not sent, or is not known to be.
fn why_not(state: SendState, code: i64, profile: ProfileId) -> String {
    match state {
        SendState::OptedOut => {
            format!("{profile} has just opted out, and nobody is written to who did not say yes")
        }
        SendState::Gone => format!("the number is no longer that of {profile}: try again"),
        SendState::Failed => match errors::rule(code, None) {
            Some(rule) => format!("Meta refused it: {} ({code}). {}", rule.title, rule.cure),
            None => format!("Meta refused it with the code {code}"),
        },
        SendState::Unknown | SendState::Intended => {
            "nobody knows whether it was sent, because Meta's answer did not come: \
             see whether it arrives before you try again"
                .to_owned()
        }
        _ => "its time was over before Meta took it: try again".to_owned(),
    }
}

fn no_consent(profile: ProfileId) -> DeskError {
    DeskError::Conflict(format!("{profile} has not opted in, and nobody is written to who did not say yes"))
}

/// The person who is named, if they opted in. Whether that still stands is looked at last, as with every message.
fn consenting(room: &Campaigns, tenant: TenantId, to: &str) -> Result<(ProfileId, E164), DeskError> {
    let stored =
        people::find(&*room.desk.store, &room.desk.engine, tenant, to).map_err(|cause| match cause {
            PeopleError::Store(cause) => DeskError::Store(cause),
            PeopleError::Engine(cause) => DeskError::Engine(cause),
            other => DeskError::Invalid(other.to_string()),
        })?;
    let profile = stored.map(|stored| stored.profile).ok_or_else(|| {
        DeskError::NotFound(format!(
            "nobody is known as `{}`: tests go to people who opted in, so import the consent first",
            clip(to)
        ))
    })?;
    let number = profile.number.filter(|_| profile.permission == Some(Permission::OptIn));
    Ok((profile.id, number.ok_or_else(|| no_consent(profile.id))?))
}
