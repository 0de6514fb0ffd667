//! What is asked of the judge of a campaign's people before the first of them is judged.

pub mod v1;
