//! Who may come in, as the host answers it.
pub mod v1;
