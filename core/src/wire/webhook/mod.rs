//! Webhooks as JSON, by version.

pub mod v1;
