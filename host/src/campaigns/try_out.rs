//! One message of a campaign to one person, before everybody gets theirs.

use consentry_core::matching::ProfileId;

use super::Campaigns;
use crate::desk::DeskError;
use crate::store::TenantId;

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
    let _ = (room, tenant, id, to, message);
    Err(DeskError::Conflict("nothing can be tried yet".to_owned()))
}
