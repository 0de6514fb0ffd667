//! What of a campaign is frozen before its people are looked at: the numbers that send it, its templates as they are, its
//! times, and the terms on which people are judged.

use std::collections::BTreeMap;

use consentry_core::matching::ProfileId;
use consentry_core::time::UnixMs;
use consentry_core::wire::campaign::preflight::v1 as terms;
use consentry_core::wire::campaign::v1::{self, Campaign, Value as Given};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::calendar::{QuietHours, moment};
use super::record::{CampaignRecord, FrozenMessage, PlanRecord};
use super::{Campaigns, check, links};
use crate::accounts::record::{Account, Number};
use crate::desk::DeskError;
use crate::engine::{EngineError, Preflight, hex};
use crate::gateway::meta::text;
use crate::store::TenantId;
use crate::templates::{self, TemplateId};
use crate::{accounts, templates::judging};

/// Everything about a campaign but its people.
pub(super) struct Frozen {
    pub(super) definition: Campaign,
    pub(super) numbers: Vec<Number>,
    pub(super) messages: Vec<FrozenMessage>,
    pub(super) starts_at: Option<UnixMs>,
    pub(super) ends_at: Option<UnixMs>,
    pub(super) quiet: Option<QuietHours>,
    /// What stands before the tokens of links, where taps are counted.
    pub(super) links: Option<String>,
    /// The only person whom it is for, where it tries a message.
    pub(super) only: Option<ProfileId>,
    /// What decides who gets which message, and who none.
    seed: u64,
}

impl Frozen {
    /// Looks everything up as it is now; what is missing otherwise.
    pub(super) fn new(
        room: &Campaigns,
        tenant: TenantId,
        record: &CampaignRecord,
    ) -> Result<Frozen, DeskError> {
        let CampaignRecord { id, definition, .. } = record;
        if definition.account.is_empty() {
            return Err(DeskError::Conflict(format!("`{id}` has no account: say which one sends it")));
        }
        if definition.messages.is_empty() {
            return Err(DeskError::Conflict(format!("`{id}` has no message: choose a template")));
        }
        let account = accounts::find(&room.desk, tenant, &definition.account)?;
        let numbers = numbers(&account, definition)?;
        // Where none is named, how many send is known only now.
        if let Some(why) = check::packages(definition, numbers.len()) {
            return Err(DeskError::Conflict(format!("`{id}` cannot be planned: {why}")));
        }
        let links = definition.track_links.then(|| links::base(&room.desk, Some(&account))).transpose()?;
        let messages = definition.messages.iter().map(|message| frozen(room, tenant, &account.id, message));
        let messages = messages.collect::<Result<Vec<_>, _>>()?;
        let at = |text: &Option<String>| text.as_deref().map(moment).transpose().map_err(DeskError::Invalid);
        let ends_at = at(&definition.schedule.ends_at)?;
        if ends_at.is_some_and(|ends| ends <= room.desk.clock.now()) {
            return Err(DeskError::Conflict(format!("the time of `{id}` is over: change when it ends")));
        }
        let quiet =
            definition.quiet.as_ref().map(QuietHours::read).transpose().map_err(DeskError::Invalid)?;
        let seed = seed(tenant, id);
        let starts_at = at(&definition.schedule.starts_at)?;
        let definition = definition.clone();
        let only = only(record);
        Ok(Frozen { definition, numbers, messages, starts_at, ends_at, quiet, links, only, seed })
    }

    /// What was frozen, as it was then: with a plan nothing is looked up any more but the numbers, of which a plan keeps the ids.
    pub(super) fn of_plan(
        room: &Campaigns,
        tenant: TenantId,
        record: &CampaignRecord,
        plan: &PlanRecord,
    ) -> Result<Frozen, DeskError> {
        let definition = record.definition.clone();
        let account = accounts::find(&room.desk, tenant, &definition.account)?;
        let number = |id: &String| account.numbers.iter().find(|number| number.id == *id).cloned();
        let at = |at: Option<i64>| at.map(UnixMs);
        Ok(Frozen {
            numbers: plan.numbers.iter().filter_map(number).collect(),
            messages: plan.messages.clone(),
            starts_at: at(record.starts_at_ms),
            ends_at: at(record.ends_at_ms),
            quiet: None,
            links: plan.links.clone(),
            only: only(record),
            seed: seed(tenant, &record.id),
            definition,
        })
    }

    /// Begins to judge people on its terms, as they are at a time.
    pub(super) fn judge(&self, room: &Campaigns, at: UnixMs) -> Result<Preflight, DeskError> {
        begin(room, &self.terms(at))
    }

    fn terms(&self, now: UnixMs) -> terms::Terms {
        let shares = self.definition.messages.iter().map(|message| message.share_percent);
        let message = |(message, share_percent): (&FrozenMessage, u8)| terms::Message {
            template: message.document.clone(),
            values: message.values.clone(),
            share_percent,
        };
        terms::Terms {
            messages: self.messages.iter().zip(shares).map(message).collect(),
            control_percent: self.definition.control_percent,
            seed: self.seed,
            numbers: self.numbers.iter().map(in_full).collect(),
            sends_max: self.definition.cap.map(|cap| cap.messages),
            ttl_s: self.definition.ttl_s,
            starts_at_ms: Some(self.starts_at.unwrap_or(now).max(now).0),
            ends_at_ms: self.ends_at.map(|at| at.0),
            links: self.links.clone(),
        }
    }

    /// A hash of all of it, for the hash of the plan to begin with.
    pub(super) fn hash(&self) -> Sha256 {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(&serde_json::to_vec(&self.definition).expect("a campaign always serialises"));
        for message in &self.messages {
            part(message.category.as_bytes());
            part(message.template_sha256.as_bytes());
        }
        for number in &self.numbers {
            part(number.id.as_bytes());
        }
        part(&self.seed.to_le_bytes());
        if let Some(links) = &self.links {
            part(links.as_bytes());
        }
        hash
    }
}

fn only(record: &CampaignRecord) -> Option<ProfileId> {
    record.tries.as_ref().map(|tries| ProfileId(tries.profile))
}

/// The same campaign deals the same people the same message, however often it is planned.
fn seed(tenant: TenantId, id: &str) -> u64 {
    let hash = Sha256::digest(format!("{}.{id}", tenant.0));
    hash.first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Begins to judge people; what is wrong with the messages for everybody otherwise.
pub(super) fn begin(room: &Campaigns, terms: &terms::Terms) -> Result<Preflight, DeskError> {
    let terms = serde_json::to_vec(terms).expect("terms always serialise");
    room.desk.engine.preflight(&terms).map_err(|cause| match cause {
        EngineError::Terms(messages) => DeskError::Invalid(faults(&messages)),
        other => other.into(),
    })
}

/// A template as it is now, if it can be sent.
pub(super) fn frozen(
    room: &Campaigns,
    tenant: TenantId,
    account: &str,
    message: &v1::Message,
) -> Result<FrozenMessage, DeskError> {
    let id = TemplateId::new(account, &message.template, &message.language)?;
    let template = templates::find(&room.desk, tenant, &id)?;
    if let Some(why_not) = template.why_not() {
        return Err(DeskError::Conflict(format!(
            "`{}` in `{}` cannot be sent: {why_not}",
            id.name, id.language
        )));
    }
    let document = template.document().clone();
    Ok(FrozenMessage {
        template: id.name,
        language: id.language,
        category: text(&document, "category").unwrap_or_default().to_ascii_uppercase(),
        template_sha256: words_hash(&document),
        document,
        values: message.values.clone(),
        value_names: Vec::new(),
    })
}

/// Whether the templates of a plan can still be sent as they were when it was made.
pub(super) fn still_sendable(
    room: &Campaigns,
    tenant: TenantId,
    account: &str,
    plan: &PlanRecord,
) -> Result<(), DeskError> {
    for was in &plan.messages {
        let message = v1::Message {
            template: was.template.clone(),
            language: was.language.clone(),
            ..Default::default()
        };
        let is = frozen(room, tenant, account, &message)?;
        if (is.template_sha256 != was.template_sha256) || is.category != was.category {
            return Err(DeskError::Conflict(format!(
                "`{}` in `{}` was changed at Meta's since the plan was made: make a copy of the campaign, and plan that",
                was.template, was.language
            )));
        }
    }
    Ok(())
}

/// The numbers that send, in the order of their ids.
fn numbers(account: &Account, definition: &Campaign) -> Result<Vec<Number>, DeskError> {
    let is_ready = |number: &&Number| number.status.as_deref() == Some("CONNECTED");
    if definition.numbers.is_empty() {
        let ready: Vec<Number> = account.numbers.iter().filter(is_ready).cloned().collect();
        if ready.is_empty() {
            return Err(DeskError::Conflict(format!(
                "no number of `{}` can send: check the account, and register a number",
                account.id
            )));
        }
        return Ok(ready);
    }
    let mut numbers: Vec<Number> = Vec::new();
    for id in &definition.numbers {
        let of = account.numbers.iter().find(|number| number.id == *id).ok_or_else(|| {
            let id = consentry_core::diagnostic::clip(id);
            DeskError::Invalid(format!(
                "`{}` has no number `{id}`: look at the account's numbers",
                account.id
            ))
        })?;
        if !is_ready(&of) {
            return Err(DeskError::Conflict(format!(
                "the number {} of `{}` cannot send: register it, or leave it out",
                of.display, account.id
            )));
        }
        if !numbers.contains(of) {
            numbers.push(of.clone());
        }
    }
    Ok(numbers)
}

/// A number as Meta shows it, with nothing but a sign and digits.
fn in_full(number: &Number) -> String {
    let digits: String = number.display.chars().filter(char::is_ascii_digit).collect();
    format!("+{digits}")
}

/// Hash of a template's words: what Meta alone writes of it (status, quality) is not in it, nor the order of members.
fn words_hash(document: &Value) -> String {
    let mut words = document.clone();
    judging::strip(&mut words);
    hex(&Sha256::digest(sorted(&words).to_string()))
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<&String, Value> =
                members.iter().map(|(name, value)| (name, sorted(value))).collect();
            Value::Object(
                members.into_iter().map(|(name, value)| (name.clone(), value)).collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// What is wrong with messages for everybody, in one text.
fn faults(messages: &[Vec<terms::Fault>]) -> String {
    let mut texts = Vec::new();
    for (at, faults) in messages.iter().enumerate() {
        for fault in faults.iter().filter(|fault| fault.severity == "error") {
            let found = if fault.found.is_empty() { String::new() } else { format!(" (`{}`)", fault.found) };
            texts.push(format!("message {}: {}: {}{found}", at + 1, fault.path, fault.message));
        }
    }
    texts.join(" ")
}

/// What stands for the variables of a message for one person, as the preview of a template takes it.
pub(super) fn values_of(message: &FrozenMessage, of: &dyn Fn(&str) -> String) -> Map<String, Value> {
    let value = |(name, given): (&String, &Given)| {
        let value = match given {
            Given::Attribute { name, default } => {
                let own = of(name);
                Value::String(if own.trim().is_empty() { default.clone()? } else { own })
            }
            Given::Text(text) => {
                // Elsewhere a text that looks like a document is a text.
                let takes = |part: &&str| matches!(*part, "location" | "product" | "button");
                let document =
                    name.split('.').any(|part| takes(&part)).then(|| serde_json::from_str(text).ok());
                let document =
                    document.flatten().filter(|value: &Value| value.is_object() || value.is_array());
                document.unwrap_or_else(|| Value::String(text.clone()))
            }
            Given::Media { id, .. } => json!({ "id": id }),
            Given::Link(link) => json!({ "link": link }),
        };
        Some((name.clone(), value))
    };
    message.values.iter().filter_map(value).collect()
}
