//! How everything stands, as the host answers it.
pub mod v1;
