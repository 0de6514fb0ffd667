//! Speaks with Meta's Graph API: [`graph`] asks and tells for certain what became of a request, [`limits`] keeps to what
//! Meta allows, and [`meta`] has the calls, a file for each group. What each refusal calls for, the core knows.
//!
//! It knows no server and no store, decides nothing about people, and never goes anywhere but to the one host it was given.

mod courier;
pub mod graph;
mod handover;
pub mod limits;
pub mod meta;
pub mod outcome;
pub mod target;
mod turn;

pub use consentry_core::campaign::errors::Action;
pub use courier::{Courier, Delivered};
pub use graph::{Credentials, Gateway, Graph, Settings};
pub use handover::{HandoverAnswer, HandoverRequest};
pub use outcome::{Answered, MetaError, Trouble};
pub use target::Target;
