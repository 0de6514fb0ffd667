//! What can be said about a campaign as it is written, before anybody looks for its people and templates.

use consentry_core::wire::campaign::v1::Campaign;

use super::Campaigns;
use crate::desk::DeskError;
use crate::store::TenantId;

/// Longest name, in characters.
pub(super) const NAME_CHARS_MAX: usize = 200;

/// Whether it can be kept; what is wrong with it otherwise.
pub(super) fn check(room: &Campaigns, tenant: TenantId, definition: &Campaign) -> Result<(), DeskError> {
    let _ = (room, tenant);
    if definition.name.trim().is_empty() || definition.name.chars().count() > NAME_CHARS_MAX {
        return Err(DeskError::Invalid(format!("`name` has 1 to {NAME_CHARS_MAX} characters")));
    }
    Ok(())
}
