//! What is known of one person, as the host answers it.
pub mod v1;
