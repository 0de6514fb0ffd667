//! What was heard of Meta, as the host answers it.
pub mod v1;
