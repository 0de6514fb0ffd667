//! What the documents of campaigns ask of each number: which campaigns it sends, how fast, and what its messages are.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use consentry_core::campaign::CampaignId;
use consentry_core::campaign::stencil::{Given, Stencil};
use consentry_core::campaign::step::{BrakeTerms, Terms};
use consentry_core::time::UnixMs;

use super::post::{Quiet, Run};
use super::station::Wanted;
use crate::campaigns::calendar::QuietHours;
pub(super) use crate::campaigns::per_s;
use crate::campaigns::record::{CampaignRecord, PlanRecord};
use crate::gateway::Courier;

const MS_PER_MINUTE: i64 = 60_000;

/// What a number is to do, and with what.
#[derive(Clone)]
pub(super) struct Orders {
    pub(super) wanted: Wanted,
    /// When it was looked.
    pub(super) looked_at: Instant,
    /// How often campaigns had changed before it was looked.
    pub(super) epoch: u64,
    /// The messages of each campaign.
    pub(super) stencils: BTreeMap<CampaignId, Arc<Vec<Stencil>>>,
    /// The mark of each campaign's plan, which its messages carry.
    pub(super) marks: BTreeMap<CampaignId, u32>,
    pub(super) courier: Arc<Courier>,
}

/// A campaign as its numbers are to send it.
#[derive(Clone)]
pub(super) struct Dispatch {
    pub(super) version: u64,
    pub(super) record: Arc<CampaignRecord>,
    pub(super) stencils: Arc<Vec<Stencil>>,
    quiet: Option<Quiet>,
}

impl Dispatch {
    /// Makes ready what a campaign sends; why it cannot be sent otherwise.
    pub(super) fn new(version: u64, record: CampaignRecord) -> Result<Dispatch, String> {
        let plan = record.plan.as_ref().ok_or_else(|| "it has no plan".to_owned())?;
        let mut stencils = Vec::with_capacity(plan.messages.len());
        for message in &plan.messages {
            let given: BTreeMap<String, Given> =
                message.values.iter().map(|(name, value)| (name.clone(), Given::from(value))).collect();
            let stencil = Stencil::compile(message.document.to_string().as_bytes(), &given);
            stencils.push(stencil.map_err(|faults| {
                let why = faults.first().map(|fault| fault.message.clone()).unwrap_or_default();
                format!("`{}` in `{}` cannot be sent: {why}", message.template, message.language)
            })?);
        }
        let quiet = record.definition.quiet.as_ref().map(QuietHours::read).transpose()?;
        let quiet =
            quiet.map(|hours| -> Quiet { Arc::new(move |country, at| hours.quiet_until(country, at)) });
        Ok(Dispatch { version, record: Arc::new(record), stencils: Arc::new(stencils), quiet })
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
        })
    }
}

/// The terms of one of so many numbers: what a campaign may do in a second or a package is for all together.
fn terms(record: &CampaignRecord, numbers: usize, place: usize) -> Terms {
    let pace = record.definition.pace.unwrap_or_default();
    let brake = record.definition.brake;
    let packages = pace.packages.map(|packages| {
        let (all, every_ms) = (packages.messages as usize, i64::from(packages.every_minutes) * MS_PER_MINUTE);
        let own = all / numbers.max(1) + usize::from(place < all % numbers.max(1));
        (u32::try_from(own).unwrap_or(u32::MAX), every_ms)
    });
    Terms {
        per_s: pace.messages_per_s.map(|per_s| f64::from(per_s) / numbers.max(1) as f64),
        packages,
        ends_at: record.ends_at_ms.map(UnixMs),
        brake: BrakeTerms {
            failed_percent: brake.failed_percent,
            opted_out_percent: brake.opted_out_percent,
            limited_percent: brake.limited_percent,
            after_messages: brake.after_messages,
        },
    }
}
