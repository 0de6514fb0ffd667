//! A campaign as both doors show it: what is kept, and how its messages stand.

use consentry_core::matching::ImportId;

use super::record::State;
use super::{Campaigns, Kept};
use crate::desk::DeskError;
use crate::store::TenantId;
use crate::store::ledger::{Group, SendState};
use crate::wire::campaign::v1::{CampaignDocument, Stand};

/// The document of a campaign.
pub fn document(room: &Campaigns, tenant: TenantId, kept: &Kept) -> Result<CampaignDocument, DeskError> {
    let file = |import: &str| {
        let import = ImportId::parse(import)?;
        Some(room.desk.store.import(tenant, import).ok()??.new.file_name)
    };
    let document = CampaignDocument::of(kept, stand(room, tenant, kept)?, &file);
    Ok(CampaignDocument { needs_approval: room.approvals, ..document })
}

/// How many messages of a plan stand how. Of a campaign that is over nothing waits, also where it was not written down yet.
pub(super) fn totals(
    room: &Campaigns,
    tenant: TenantId,
    kept: &Kept,
) -> Result<Vec<(Group, u64)>, DeskError> {
    if kept.record.plan.is_none() {
        return Ok(Vec::new());
    }
    let mut totals = room.ledger.totals(tenant, kept.id())?;
    for (group, _) in &mut totals {
        if kept.record.state.is_over() && group.state == SendState::Waiting {
            group.state = SendState::Expired;
        }
    }
    Ok(totals)
}

/// How the messages of a plan stand; none where there is no plan.
pub fn stand(room: &Campaigns, tenant: TenantId, kept: &Kept) -> Result<Option<Stand>, DeskError> {
    let Some(plan) = &kept.record.plan else { return Ok(None) };
    if kept.record.state == State::Freezing {
        return Ok(None);
    }
    let stand = Stand::of(&totals(room, tenant, kept)?);
    // Whoever lacks something is in the plan and has no message.
    Ok(Some(Stand { left_out: plan.people.saturating_sub(stand.people()), ..stand }))
}
