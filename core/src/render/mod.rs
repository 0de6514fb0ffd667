//! Data → layouts for people and spreadsheets. Each layout is one file and decides nothing.
pub mod csv;
