//! Campaigns as machines write and read them.

mod audience;
pub mod batch;
pub mod preflight;
pub mod v1;

pub use audience::{Segments, Unclear, compile, compile_segment};
