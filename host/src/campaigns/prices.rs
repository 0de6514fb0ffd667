//! What a message costs, by country and category: a table that the customer brings, because Meta's changes and differs by
//! contract.

use super::Campaigns;
use crate::desk::DeskError;
use crate::store::TenantId;

/// A price table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prices {
    /// The currency, where the table names one.
    pub currency: Option<String>,
}

impl Prices {
    /// What one message costs; none where the table does not say.
    pub fn of(&self, country: [u8; 2], category: &str) -> Option<f64> {
        let _ = (country, category);
        None
    }
}

/// The table as it was written, empty where there is none.
pub fn text(room: &Campaigns, tenant: TenantId) -> Result<String, DeskError> {
    let _ = (room, tenant);
    Ok(String::new())
}

/// Keeps a table; what is wrong with it otherwise.
pub fn put(room: &Campaigns, tenant: TenantId, csv: &str) -> Result<Prices, DeskError> {
    let _ = (room, tenant, csv);
    Err(DeskError::Invalid("not yet".to_owned()))
}
