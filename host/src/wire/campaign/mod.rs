//! Campaigns, segments and prices, as the host answers them. What people write is in [`consentry_core::wire::campaign`].
pub mod v1;
