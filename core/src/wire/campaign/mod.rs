//! Campaigns as machines write and read them.

pub mod v1;
