//! Who belongs to an audience, as things stand now.

use std::io::Write;

use consentry_core::wire::campaign::v1::Audience;

use super::Campaigns;
use crate::desk::DeskError;
use crate::store::TenantId;

/// How many people an audience has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Those who belong to it.
    pub people: u64,
    /// Everybody who opted in.
    pub of: u64,
    /// By ISO code of the country, the most first.
    pub by_country: Vec<(String, u64)>,
}

/// An attribute that people have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttributeSeen {
    /// Its name.
    pub name: String,
    /// How many of those who opted in have it.
    pub people: u64,
    /// A few of its values.
    pub examples: Vec<String>,
}

/// Counts an audience.
pub fn count(room: &Campaigns, tenant: TenantId, audience: &Audience) -> Result<Count, DeskError> {
    let _ = (room, tenant, audience);
    Ok(Count::default())
}

/// Writes the people of an audience as CSV; how many.
pub fn write_csv(
    room: &Campaigns,
    tenant: TenantId,
    audience: &Audience,
    out: &mut dyn Write,
) -> Result<u64, DeskError> {
    let _ = (room, tenant, audience, out);
    Ok(0)
}

/// The attributes of people who opted in, by name.
pub fn attributes(room: &Campaigns, tenant: TenantId) -> Result<Vec<AttributeSeen>, DeskError> {
    let _ = (room, tenant);
    Ok(Vec::new())
}
