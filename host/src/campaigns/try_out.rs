//! One message of a campaign to one person, before everybody gets theirs: made, judged and sent as the campaign's own will be.

use std::collections::BTreeMap;

use consentry_core::campaign::preflight::Batch;
use consentry_core::campaign::stencil::{Given, Stencil};
use consentry_core::diagnostic::clip;
use consentry_core::matching::{E164, Permission, ProfileId};

use super::frozen::Frozen;
use super::judged::attribute;
use super::{Campaigns, find, links};
use crate::accounts;
use crate::desk::DeskError;
use crate::engine::EngineError;
use crate::people::{self, PeopleError};
use crate::store::ledger::unpack_values;
use crate::store::{StoredProfile, TenantId};

/// A message that was sent to try it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The number it went to, with `+`.
    pub to: String,
    /// The person it was made for.
    pub profile: ProfileId,
    /// Meta's id of it.
    pub wamid: String,
}

/// Sends one message of a campaign, by its place among them, to one person: named by profile, customer's id, e-mail address
/// or number. Only to people who opted in.
pub fn test(
    room: &Campaigns,
    tenant: TenantId,
    id: &str,
    to: &str,
    message: usize,
) -> Result<Tried, DeskError> {
    let kept = find(room, tenant, id)?;
    let (campaign, mut definition) = (kept.id(), kept.record.definition);
    let count = definition.messages.len();
    if message >= count {
        return Err(DeskError::Invalid(format!(
            "`{id}` has {count} messages, counted from 0: there is no {message}"
        )));
    }
    let mut one = definition.messages.swap_remove(message);
    one.share_percent = 100;
    definition.messages = vec![one];
    // Nobody is kept out to compare with, and nothing is too much: it is one message that somebody asked for.
    (definition.control_percent, definition.cap) = (0, None);
    let frozen = Frozen::new(room, tenant, id, &definition)?;
    let (stored, number) = consenting(room, tenant, to)?;
    let mut judge = frozen.judge(room, room.desk.clock.now())?;
    let ready = judge.ready().clone();
    let mut batch = Batch::with_columns(ready.columns.len());
    let values: Vec<_> = ready.columns.iter().map(|name| attribute(&stored.profile, name)).collect();
    batch.push(number.digits(), Permission::OptIn as u8, 0, values.iter().map(AsRef::as_ref));
    let verdicts = judge.judge(&batch)?;
    let places = &ready.messages[0].places;
    let problem = |problem: &consentry_core::campaign::preflight::Problem| {
        let rule = problem.code.rule();
        let place = problem.place.and_then(|place| places.get(usize::from(place)));
        let place = place.map(|place| format!("`{place}`: ")).unwrap_or_default();
        format!("{place}{} ({}). {}", rule.what, rule.id, rule.cure)
    };
    let problems: Vec<String> =
        verdicts.problems.iter().filter(|found| found.code.is_error()).map(problem).collect();
    if !problems.is_empty() {
        let text = format!("Meta would not take it for {}: {}", stored.profile.id, problems.join(" "));
        return Err(DeskError::Invalid(text));
    }
    let mut payload = String::new();
    let given: BTreeMap<String, Given> =
        frozen.messages[0].values.iter().map(|(name, value)| (name.clone(), Given::from(value))).collect();
    let unusable = |cause: String| DeskError::Engine(EngineError::Unusable(cause));
    let document = frozen.messages[0].document.to_string();
    let stencil = Stencil::compile(document.as_bytes(), &given, frozen.links.as_deref())
        .map_err(|faults| unusable(faults.first().map(|fault| fault.message.clone()).unwrap_or_default()))?;
    let values = unpack_values(verdicts.values_of(0))?;
    let mut tokens = vec![String::new(); values.len()];
    if frozen.links.is_some() {
        links::prepare(room, tenant, campaign)?;
        let key = room.links.make(&room.desk.vault, tenant)?;
        for (at, token) in tokens.iter_mut().enumerate() {
            *token = links::tried(&key, tenant, campaign, message, stored.profile.id, at)?;
        }
    }
    let callback_data = format!("consentry:test.{id}");
    stencil.payload(&values, &|at| tokens[at].clone(), number.digits(), &callback_data, &mut payload);
    let payload = serde_json::from_str(&payload).map_err(|cause| unusable(cause.to_string()))?;
    let account = accounts::find(&room.desk, tenant, &definition.account)?;
    let graph = accounts::graph(&room.desk, tenant, &account)?;
    let sent = room.desk.wait(graph.send(&frozen.numbers[0].id, payload))?;
    Ok(Tried { to: number.to_string(), profile: stored.profile.id, wamid: sent.id })
}

/// The person who is named, if messages may go there.
fn consenting(room: &Campaigns, tenant: TenantId, to: &str) -> Result<(StoredProfile, E164), DeskError> {
    let store = &*room.desk.store;
    let stored = people::find(store, &room.desk.engine, tenant, to).map_err(|cause| match cause {
        PeopleError::Store(cause) => DeskError::Store(cause),
        PeopleError::Engine(cause) => DeskError::Engine(cause),
        other => DeskError::Invalid(other.to_string()),
    })?;
    let stored = stored.ok_or_else(|| {
        DeskError::NotFound(format!(
            "nobody is known as `{}`: tests go to people who opted in, so import the consent first",
            clip(to)
        ))
    })?;
    let profile = &stored.profile;
    let number =
        profile.number.filter(|_| profile.permission == Some(Permission::OptIn)).ok_or_else(|| {
            DeskError::Conflict(format!(
                "{} has not opted in, and nobody is written to who did not say yes",
                profile.id
            ))
        })?;
    let person = number.identity().digits();
    let mut waits = room.inbox.opt_out_waits(tenant, Some(person), None)?;
    for user in store.users_of(tenant, person)? {
        waits = waits || room.inbox.opt_out_waits(tenant, None, Some(&user))?;
    }
    if waits {
        return Err(DeskError::Conflict(format!(
            "{} has just opted out, and nobody is written to who did not say yes",
            profile.id
        )));
    }
    Ok((stored, number))
}
