//! Documents about templates.

pub mod v1;
