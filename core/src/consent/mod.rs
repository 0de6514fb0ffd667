//! Consent file → verdict. [`Checker`] takes bytes in any chunks and never fails; the rules complain.
mod checker;
mod digest;
mod email;
mod header;
mod judge;
mod options;
mod role;
mod row;
mod sniff;

pub use crate::permission::Permission;
pub use checker::{Checker, Progress};
pub use options::{CheckOptions, Emit, OptionsError};
pub use role::Role;
