//! Every promise of the product, held against the product: one module for each, one binary for all.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod cli;
mod collisions;
mod connecting;
mod crash;
mod crash_writes;
mod database;
mod differential;
mod disk;
mod documents;
mod endurance;
mod far_end;
mod formats;
mod gateway;
mod hashes;
mod hostile;
mod hosts;
mod http;
mod maintenance;
mod memory;
mod model;
mod native;
mod openapi;
mod product;
mod program;
mod random;
mod rendered;
mod sandbox;
mod stand_in;
mod store_suite;
mod taking_back;
mod template_vectors;
mod tidy;
mod undo;
mod vault;
mod vectors;
