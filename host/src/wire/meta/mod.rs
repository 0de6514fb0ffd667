//! What is answered about accounts and templates.

pub mod v1;
