//! Speaks with Meta's Graph API: [`graph`] asks and tells for certain what became of a request, [`errors`] knows what each
//! refusal calls for, [`limits`] keeps to what Meta allows, and [`meta`] has the calls, a file for each group.
//!
//! It knows no server and no store, decides nothing about people, and never goes anywhere but to the one host it was given.

pub mod errors;
pub mod graph;
mod handover;
pub mod limits;
pub mod meta;
pub mod outcome;
pub mod target;
mod transport;
mod turn;

pub use errors::Action;
pub use graph::{Credentials, Gateway, Graph, Settings};
pub use handover::{HandoverAnswer, HandoverRequest};
pub use outcome::{Answered, MetaError, Trouble};
pub use target::Target;
