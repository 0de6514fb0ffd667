//! Consent file → verdict. [`Checker`] takes bytes in any chunks and never fails; the rules complain.
mod checker;
mod columned;
mod desk;
mod digest;
mod email;
mod header;
mod judge;
mod lane;
mod leaves;
mod ledger;
mod options;
mod repeats;
mod role;
mod row;
mod shard;
mod sniff;
mod spans;
mod stretch;

pub use crate::permission::Permission;
pub use checker::{Checker, Progress};
pub use options::{CheckOptions, Emit, OptionsError};
pub use role::Role;
pub(crate) use role::folded;
pub use shard::{Judged, Shard, whole_records};
