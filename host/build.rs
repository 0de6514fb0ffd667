//! Takes the engine and the panel into the binary. Both are built by `cargo xtask build`; without them the crate
//! still compiles (for editors and lints), and says at run time what is missing.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("..");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));

    let plugin = root.join("target/consentry/plugin.wasm");
    println!("cargo::rerun-if-changed={}", plugin.display());
    let bytes = fs::read(&plugin).unwrap_or_else(|_| {
        println!("cargo::warning=plugin.wasm is missing: run `cargo xtask build`");
        Vec::new()
    });
    fs::write(out.join("plugin.wasm"), bytes).expect("OUT_DIR can be written");

    let panel = root.join("wasm/panel/dist");
    println!("cargo::rerun-if-changed={}", panel.display());
    let mut files = Vec::new();
    collect(&panel, &panel, &mut files);
    if files.is_empty() {
        println!("cargo::warning=the panel is missing: run `cargo xtask build`");
    }
    files.sort();
    let mut list = String::from("&[\n");
    for (name, path) in files {
        writeln!(list, "({name:?}, include_bytes!({path:?})),").expect("writing to memory does not fail");
    }
    list.push(']');
    fs::write(out.join("panel.rs"), list).expect("OUT_DIR can be written");
}

fn collect(base: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(base, &path, files);
        } else if let Ok(name) = path.strip_prefix(base) {
            let name = name.to_string_lossy().replace('\\', "/");
            files.push((name, fs::canonicalize(&path).expect("a file that was listed is there")));
        }
    }
}
