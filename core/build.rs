//! Turns libraries into tables, so that neither their code nor any work at start-up reaches the product: the
//! phone table from libphonenumber's metadata, and the code pages of old spreadsheets.
#![allow(
    clippy::disallowed_methods,
    reason = "a build script is a shell: files and environment are its work"
)]

use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "build/code_pages.rs"]
mod code_pages;
#[path = "build/digits.rs"]
mod digits;
#[path = "build/everyday.rs"]
mod everyday;
#[path = "build/forest.rs"]
mod forest;
#[path = "build/international.rs"]
mod international;
#[path = "build/pattern.rs"]
mod pattern;
#[path = "build/phone.rs"]
mod phone;
#[path = "build/stripping.rs"]
mod stripping;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    let write = |name: &str, source: String| {
        fs::write(out.join(name), source).unwrap_or_else(|error| panic!("{name}: {error}"));
    };
    write("phone_table.rs", phone::table(&metadata_version()));
    write("code_pages.rs", code_pages::table());
}

/// The metadata's version, which the `phonenumber` crate carries as build metadata of its own
/// (`0.3.10+9.0.33`) and nowhere else. Cargo.lock has it because it was resolved.
fn metadata_version() -> String {
    let here = env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let lock = Path::new(&here).ancestors().map(|dir| dir.join("Cargo.lock")).find(|lock| lock.exists());
    let lock = lock.expect("cargo writes Cargo.lock before it builds");
    println!("cargo::rerun-if-changed={}", lock.display());
    let lock = fs::read_to_string(lock).expect("Cargo.lock is readable");
    let package = lock.split("[[package]]").find(|package| package.contains("name = \"phonenumber\"\n"));
    let version = package.and_then(|package| package.split("version = \"").nth(1)?.split('"').next());
    let (_, metadata) =
        version.and_then(|version| version.split_once('+')).expect("the version names the metadata");
    metadata.to_owned()
}
