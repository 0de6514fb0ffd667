#![allow(dead_code, unused_imports, missing_docs)]
mod campaign_sim; mod product; mod program; mod model; mod random; mod database;
