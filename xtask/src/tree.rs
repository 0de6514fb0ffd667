//! Where things are in the checkout, and how the tools inside it are called.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Outcome, Trouble};

/// Packages of this machine's own kind, always together, so that each crate is compiled with one set of features.
/// Never with the xtask: its dependencies would switch on features in crates that the host shares, and wasmtime
/// would be compiled a second time.
pub(crate) const NATIVE_PACKAGES: [&str; 8] = [
    "--package",
    "consentry-core",
    "--package",
    "consentry-unpack",
    "--package",
    "consentry-host",
    "--package",
    "consentry-tests",
];

/// The checkout.
pub(crate) fn root() -> PathBuf {
    // Cargo says it to whoever it runs: a target folder may have been copied from another checkout.
    let compiled = || PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(compiled, PathBuf::from);
    manifest.parent().map_or_else(|| manifest.clone(), Path::to_owned)
}

/// The folder cargo builds into.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// What the xtask itself leaves behind: `plugin.wasm`, stamps, installed tools. `cargo clean` removes it. The
/// host's build script looks here, so it does not move with `CARGO_TARGET_DIR`.
pub(crate) fn own() -> PathBuf {
    root().join("target/consentry")
}

/// The product.
pub(crate) fn binary() -> PathBuf {
    target().join("release").join(format!("consentry{}", std::env::consts::EXE_SUFFIX))
}

/// `cargo` with the toolchain this program was built with, in the checkout.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root());
    command
}

/// The program `name` of an npm package that `folder` depends on. Found as node finds packages: in the nearest
/// `node_modules` upwards, because npm may place a package in the workspace's own folder or in the root.
pub(crate) fn npm_program(folder: &Path, name: &str) -> Outcome<Command> {
    let file = if cfg!(windows) { format!("{name}.cmd") } else { name.to_owned() };
    let found =
        folder.ancestors().map(|dir| dir.join("node_modules/.bin").join(&file)).find(|path| path.exists());
    let Some(program) = found else {
        return Err(Trouble::new(
            format!("the npm packages are there, but without `{name}`"),
            "delete the folder node_modules and run `cargo xtask setup`.",
        ));
    };
    let mut command = Command::new(program);
    command.current_dir(folder);
    Ok(command)
}

/// `name` as an executable file on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path).map(|dir| dir.join(&file)).find(|candidate| candidate.is_file())
}
