//! Sends campaigns.

pub mod gate;
pub mod post;
pub mod station;
