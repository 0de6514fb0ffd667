//! What comes packed is held against workbooks and streams written here, whole and hostile ones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod archive;
mod hostile;
mod streams;
mod workbook;
