//! Carries the core on a server and owns everything that remembers.
//!
//! `main → cli, http → importer → input, engine, store, clock`: `store` knows no HTTP and no engine, `engine` no store;
//! `http` and `cli` meet the store only for reading and go through [`importer`] for everything that changes it by
//! file. Verdicts come from the sandboxed engine, never from the core linked in.

pub mod access;
pub mod accounts;
pub mod allocator;
pub mod attributes;
pub mod by_hand;
pub mod campaigns;
pub mod cli;
pub mod clock;
pub mod config;
pub mod data;
pub mod desk;
pub mod engine;
pub mod erasure;
pub mod evidence;
pub mod gate;
pub mod gateway;
pub mod health;
pub mod http;
pub mod importer;
pub mod inbox;
pub mod input;
pub mod log;
pub mod native;
pub mod opt_outs;
pub mod people;
pub mod sandbox;
pub mod secret;
pub mod sender;
pub mod signal;
pub mod standing;
pub mod store;
pub mod templates;
mod transport;
pub mod undo;
pub mod uploads;
pub mod vault;
pub mod wire;
