//! Conditions about people under names, for audiences to speak of.

use consentry_core::wire::campaign::v1::Segment;

use super::Campaigns;
use crate::desk::DeskError;
use crate::store::TenantId;

/// Every segment, by name.
pub fn all(room: &Campaigns, tenant: TenantId) -> Result<Vec<Segment>, DeskError> {
    let _ = (room, tenant);
    Ok(Vec::new())
}

/// One segment.
pub fn find(room: &Campaigns, tenant: TenantId, name: &str) -> Result<Segment, DeskError> {
    let _ = (room, tenant);
    Err(DeskError::NotFound(format!("there is no segment `{name}`")))
}

/// Keeps a segment, over whatever had its name.
pub fn put(room: &Campaigns, tenant: TenantId, segment: &Segment) -> Result<(), DeskError> {
    let _ = (room, tenant, segment);
    Err(DeskError::Invalid("not yet".to_owned()))
}

/// Forgets a segment that no other segment and no campaign that is still to be planned speaks of.
pub fn delete(room: &Campaigns, tenant: TenantId, name: &str) -> Result<(), DeskError> {
    let _ = (room, tenant);
    Err(DeskError::NotFound(format!("there is no segment `{name}`")))
}
