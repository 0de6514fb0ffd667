//! What the documents of campaigns ask of each number: which campaigns it sends, how fast, and what its messages are.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use consentry_core::campaign::CampaignId;
use consentry_core::campaign::stencil::{Given, Stencil};
use consentry_core::campaign::step::cap::Cap;
use consentry_core::campaign::step::{BrakeTerms, Terms};
use consentry_core::time::UnixMs;

use super::post::{Quiet, Run};
use super::station::Wanted;
use crate::campaigns::calendar::QuietHours;
use crate::campaigns::links::Key;
pub(super) use crate::campaigns::per_s;
use crate::campaigns::record::{CampaignRecord, FrozenMessage, PlanRecord};
use crate::gateway::Courier;

const MS_PER_MINUTE: i64 = 60_000;

/// What a number is to do, and with what.
#[derive(Clone)]
pub(super) struct Orders {
    pub(super) wanted: Wanted,
    /// When it was looked.
    pub(super) looked_at: Instant,
    /// The messages of each campaign.
    pub(super) stencils: BTreeMap<CampaignId, Arc<Vec<Stencil>>>,
    /// The mark of each campaign's plan, which its messages carry.
    pub(super) marks: BTreeMap<CampaignId, u32>,
    /// What the links of messages are made with, where taps are counted.
    pub(super) key: Option<Key>,
    pub(super) courier: Arc<Courier>,
}

/// A campaign as its numbers are to send it.
#[derive(Clone)]
pub(super) struct Dispatch {
    pub(super) version: u64,
    pub(super) record: Arc<CampaignRecord>,
    pub(super) stencils: Arc<Vec<Stencil>>,
    pub(super) key: Option<Key>,
    quiet: Option<Quiet>,
}

impl Dispatch {
    /// Makes ready what a campaign sends; why it cannot be sent otherwise.
    pub(super) fn new(version: u64, record: CampaignRecord, key: Option<Key>) -> Result<Dispatch, String> {
        let plan = record.plan.as_ref().ok_or_else(|| "it has no plan".to_owned())?;
        if plan.links.is_some() && key.is_none() {
            return Err(
                "the key of its links is gone: bring the secrets back that were there when it was planned"
                    .to_owned(),
            );
        }
        let mut stencils = Vec::with_capacity(plan.messages.len());
        for message in &plan.messages {
            stencils.push(stencil(message, plan.links.as_deref())?);
        }
        let quiet = record.definition.quiet.as_ref().map(QuietHours::read).transpose()?;
        let quiet =
            quiet.map(|hours| -> Quiet { Arc::new(move |country, at| hours.quiet_until(country, at)) });
        Ok(Dispatch { version, record: Arc::new(record), stencils: Arc::new(stencils), key, quiet })
    }

    pub(super) fn plan(&self) -> Option<&PlanRecord> {
        self.record.plan.as_ref()
    }

    /// What it asks of a number; nothing where the number has no part in it.
    pub(super) fn run(&self, campaign: CampaignId, number: &str) -> Option<Run> {
        let numbers = &self.plan()?.numbers;
        let place = numbers.iter().position(|own| own == number)?;
        let terms = terms(&self.record, numbers.len(), place);
        Some(Run {
            campaign,
            line: u16::try_from(place).ok()?,
            terms,
            version: self.version,
            quiet: self.quiet.clone(),
            cap: self.record.definition.cap.map(|cap| Cap { messages: cap.messages, days: cap.days }),
        })
    }
}

/// A message ready to be written for one person after the other; why it cannot be sent otherwise.
fn stencil(message: &FrozenMessage, links: Option<&str>) -> Result<Stencil, String> {
    let given: BTreeMap<String, Given> =
        message.values.iter().map(|(name, value)| (name.clone(), Given::from(value))).collect();
    let of = || format!("`{}` in `{}`", message.template, message.language);
    let stencil =
        Stencil::compile(message.document.to_string().as_bytes(), &given, links).map_err(|faults| {
            let why = faults.first().map(|fault| fault.message.clone()).unwrap_or_default();
            format!("{} cannot be sent: {why}", of())
        })?;
    // Values are packed by their places when the plan is made: in another order one person's city would stand where the name
    // goes.
    let names: Vec<&str> = stencil.wanted().iter().map(|wanted| wanted.name.as_str()).collect();
    if names != message.value_names {
        return Err(format!(
            "{} was planned with the values {:?}, and this release reads them as {names:?}: cancel the campaign, and plan a \
             copy of it",
            of(),
            message.value_names
        ));
    }
    Ok(stencil)
}

/// The terms of one of so many numbers: what a campaign may do in a second or a package is for all together.
fn terms(record: &CampaignRecord, numbers: usize, place: usize) -> Terms {
    let pace = record.definition.pace.unwrap_or_default();
    let packages = pace.packages.map(|packages| {
        let (all, every_ms) = (packages.messages as usize, i64::from(packages.every_minutes) * MS_PER_MINUTE);
        let own = all / numbers.max(1) + usize::from(place < all % numbers.max(1));
        (u32::try_from(own).unwrap_or(u32::MAX), every_ms)
    });
    Terms {
        per_s: pace.messages_per_s.map(|per_s| f64::from(per_s) / numbers.max(1) as f64),
        packages,
        ends_at: record.ends_at_ms.map(UnixMs),
        brake: brake_terms(record),
    }
}

/// When a campaign stops by itself.
pub(super) fn brake_terms(record: &CampaignRecord) -> BrakeTerms {
    let brake = record.definition.brake;
    BrakeTerms {
        failed_percent: brake.failed_percent,
        opted_out_percent: brake.opted_out_percent,
        limited_percent: brake.limited_percent,
        after_messages: brake.after_messages,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_in_another_order_than_they_were_packed_in_are_not_sent() {
        let values =
            ["first_name", "city"].map(|name| (name, json!({"attribute": {"name": name, "default": "-"}})));
        let mut message = FrozenMessage {
            template: "sale".to_owned(),
            language: "en_US".to_owned(),
            document: json!({
                "name": "sale", "language": "en_US", "category": "MARKETING", "status": "APPROVED",
                "parameter_format": "NAMED",
                "components": [{
                    "type": "BODY", "text": "Hi {{first_name}}, see you in {{city}} soon.",
                    "example": {"body_text_named_params": [
                        {"param_name": "first_name", "example": "Ann"}, {"param_name": "city", "example": "Rome"},
                    ]},
                }],
            }),
            values: values
                .into_iter()
                .map(|(name, value)| (name.to_owned(), serde_json::from_value(value).unwrap()))
                .collect(),
            ..FrozenMessage::default()
        };
        let why = |message: &FrozenMessage| stencil(message, None).map(drop).unwrap_err();
        assert!(why(&message).contains("was planned with the values []"), "{}", why(&message));
        let mut names = vec!["city".to_owned(), "first_name".to_owned()];
        let is_read = |names: &[String]| {
            stencil(&FrozenMessage { value_names: names.to_vec(), ..message.clone() }, None).is_ok()
        };
        // One order is how they are read; the other is how another release might.
        if !is_read(&names) {
            names.reverse();
        }
        assert!(is_read(&names));
        names.reverse();
        message.value_names = names;
        let why = why(&message);
        assert!(
            why.starts_with("`sale` in `en_US` was planned with the values [") && why.contains("plan a copy"),
            "{why}"
        );
    }
}
