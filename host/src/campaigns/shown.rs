//! A campaign as both doors show it: what is kept, and how its messages stand.

use consentry_core::matching::ImportId;

use super::record::State;
use super::{Campaigns, Kept};
use crate::desk::DeskError;
use crate::store::TenantId;
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

/// How the messages of a plan stand; none where there is no plan.
pub fn stand(room: &Campaigns, tenant: TenantId, kept: &Kept) -> Result<Option<Stand>, DeskError> {
    let Some(plan) = &kept.record.plan else { return Ok(None) };
    if kept.record.state == State::Freezing {
        return Ok(None);
    }
    let stand = Stand::of(&room.ledger.totals(tenant, kept.id())?);
    // Whoever lacks something is in the plan and has no message.
    Ok(Some(Stand { left_out: plan.people.saturating_sub(stand.people()), ..stand }))
}
