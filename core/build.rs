//! Turns libraries into tables, so that neither their code nor any work at start-up reaches the product: the
//! phone table from libphonenumber's metadata, and the code pages of old spreadsheets.
#![allow(
    clippy::disallowed_methods,
    reason = "a build script is a shell: files and environment are its work"
)]

use std::path::PathBuf;
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
#[path = "build/metadata.rs"]
mod metadata;
#[path = "build/pattern.rs"]
mod pattern;
#[path = "build/phone.rs"]
mod phone;
#[path = "build/stripping.rs"]
mod stripping;
#[path = "build/words.rs"]
mod words;

/// The numbering plans, from the folder of the package.
const PLANS: &str = "metadata/plans.txt";
/// The words people opt out and in with.
const WORDS: &str = "words.tsv";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={PLANS}");
    println!("cargo::rerun-if-changed={WORDS}");
    println!("cargo::rerun-if-changed=src/webhook/fold.rs");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    let write = |name: &str, source: String| {
        fs::write(out.join(name), source).unwrap_or_else(|error| panic!("{name}: {error}"));
    };
    let plans = fs::read_to_string(PLANS).unwrap_or_else(|error| panic!("core/{PLANS}: {error}"));
    write("phone_table.rs", phone::table(&plans));
    write("code_pages.rs", code_pages::table());
    let list = fs::read_to_string(WORDS).unwrap_or_else(|error| panic!("core/{WORDS}: {error}"));
    write("words.rs", words::table(&list));
}
