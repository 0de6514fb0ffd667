//! Everything Consentry decides, as pure functions: no I/O, no clock, no randomness, no logging.
//!
//! | verb | from | to |
//! |---|---|---|
//! | [`consent::Checker`] | the bytes of a consent file, in any chunks | judged rows and a [`report::Report`] |
//! | [`template::lint()`] | a template as Meta takes and lists it | what Meta would refuse, and why |
//! | [`template::preview()`] | a template and values | what a person sees, and the request that sends it |
//! | [`webhook::read()`] | the bytes of a webhook | events, and what people say about being written to |
//! | [`matching::plan`] | a batch of judged rows and what is known of them | the changes to make |
//! | [`campaign::step`] | a sending number and what happened | what to do next |
//!
//! Shells bring bytes in, supply the clock and carry effects out. Modules depend downwards only:
//! `wire → campaign → {render, consent, template, webhook, matching} → {report, rows, csv, phone, delivery} → {diagnostic, rule, permission, limits, time, json, simd}`.
#![deny(unsafe_code)]

pub mod campaign;
pub mod consent;
pub mod csv;
pub mod delivery;
pub mod diagnostic;
pub mod json;
pub mod limits;
pub mod matching;
pub mod permission;
pub mod phone;
pub mod render;
pub mod report;
pub mod rows;
pub mod rule;
mod simd;
pub mod template;
pub mod time;
pub mod webhook;
pub mod wire;
