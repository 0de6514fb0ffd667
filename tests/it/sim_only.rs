#![allow(dead_code, unused_imports, missing_docs)]
mod campaign_sim;
mod database;
mod model;
mod product;
mod program;
mod random;
