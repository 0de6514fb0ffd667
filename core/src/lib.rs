//! Everything Consentry decides, as pure functions: no I/O, no clock, no randomness, no logging.
//!
//! | verb | from | to |
//! |---|---|---|
//! | [`consent::Checker`] | the bytes of a consent file, in any chunks | judged rows and a [`report::Report`] |
//! | [`matching::plan`] | a batch of judged rows and what is known of them | the changes to make |
//!
//! Shells bring bytes in, supply the clock and carry effects out. Modules depend downwards only:
//! `wire → {render, consent, matching} → {report, rows, csv, phone} → {diagnostic, rule, permission, limits, time, simd}`.
#![deny(unsafe_code)]

pub mod consent;
pub mod csv;
pub mod diagnostic;
pub mod limits;
pub mod matching;
pub mod permission;
pub mod phone;
pub mod render;
pub mod report;
pub mod rows;
pub mod rule;
mod simd;
pub mod time;
pub mod wire;
