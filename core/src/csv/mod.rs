//! Bytes into records, and rejected records back into bytes. Knows quoting, line ends, encodings and limits; knows
//! nothing of consent.
//!
//! Reading never fails: every byte sequence gives records and flags, and it is the rules that complain.
pub mod encoding;
pub mod index;
mod marks;
pub mod reader;
pub mod rejected;

pub use index::Index;
pub use reader::{Reader, Record};
