//! Gives this machine a standard library for `wasm32-unknown-unknown`.
//!
//! 1. The active toolchain has it: nothing to do.
//! 2. The fallback built here earlier is there: use it.
//! 3. `rustup target add` works, as on any machine with open internet: done.
//! 4. Debian, with only its package archive in reach: its own rustc (`rustc-web`), whose standard library is
//!    compiled once from Debian's sources and kept in the user's data folder.
//!
//! The fallback is a sysroot of our own in front of Debian's compiler; neither rustup nor the system is changed.
//! `CONSENTRY_WASM_FALLBACK=1` behaves as if rustup had nothing, to test step 4.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::run::{Outcome, Trouble, ask, file_trouble, run, step, succeeds_within};
use crate::setup::install_debian;
use crate::{stamp, tree};

/// The target's name.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Raised when the recipe of the fallback changes, so that older ones are built anew.
const RECIPE: u32 = 1;
/// Debian's compiler for web browsers is newer than the distribution's own, and new enough for us.
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
const DEBIAN_HOST: &str = "x86_64-unknown-linux-gnu";
const RUSTUP_PATIENCE: Duration = Duration::from_secs(120);

/// Which compiler makes `.wasm` files.
#[derive(Debug)]
pub(crate) enum WasmToolchain {
    /// The one that compiles everything else.
    Active,
    /// Debian's, with the sysroot in this folder.
    Fallback(PathBuf),
}

impl WasmToolchain {
    /// `cargo` for the wasm target.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = tree::cargo();
        if let Self::Fallback(folder) = self {
            // By their paths and not as a rustup toolchain: this also works where there is no rustup.
            command = Command::new("/usr/bin/cargo");
            command
                .current_dir(tree::root())
                .env("RUSTC", folder.join("bin/rustc"))
                .env_remove("LD_LIBRARY_PATH");
        }
        command
    }

    /// False for the fallback: Debian packages no clippy of its version.
    pub(crate) fn has_clippy(&self) -> bool {
        matches!(self, Self::Active)
    }

    /// For people.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Active => format!("the active toolchain compiles for {TARGET}"),
            Self::Fallback(folder) => {
                format!("Debian's compiler compiles for {TARGET}, see {}", folder.display())
            }
        }
    }
}

/// Finds or makes the target's standard library.
pub(crate) fn ready() -> Outcome<WasmToolchain> {
    let forced = std::env::var_os("CONSENTRY_WASM_FALLBACK").is_some_and(|value| value == "1");
    if !forced && has_std(Path::new("rustc")) {
        return Ok(WasmToolchain::Active);
    }
    let folder = data_folder()?.join("consentry/wasm-sysroot");
    if fallback_is_current(&folder) {
        return Ok(WasmToolchain::Fallback(folder));
    }
    if !forced && step("wasm32 target from rustup", "a few seconds", || Ok(rustup_adds_it()))? {
        return Ok(WasmToolchain::Active);
    }
    step("wasm32 target from Debian's packages", "about 2 minutes, once", || {
        install_debian(&DEBIAN_PACKAGES)?;
        build_fallback(&folder)
    })?;
    Ok(WasmToolchain::Fallback(folder))
}

fn has_std(rustc: &Path) -> bool {
    let asked = ask(Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(tree::root()));
    asked.is_some_and(|folder| {
        fs::read_dir(folder).is_ok_and(|mut entries| {
            entries.any(|entry| {
                entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
            })
        })
    })
}

fn rustup_adds_it() -> bool {
    // Without retries: where the download is blocked, it is blocked the third time too.
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]).env("RUSTUP_MAX_RETRIES", "0").current_dir(tree::root());
    let added = succeeds_within(&mut rustup, RUSTUP_PATIENCE) && has_std(Path::new("rustc"));
    if !added {
        println!("  `rustup target add {TARGET}` did not work here; trying Debian's packages");
    }
    added
}

fn data_folder() -> Outcome<PathBuf> {
    let xdg = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    xdg.or_else(home)
        .ok_or_else(|| Trouble::new("there is no home folder", "set the variable HOME and try again."))
}

/// The compiler's version is part of the stamp: a standard library fits exactly one compiler.
fn fallback_stamp() -> Option<String> {
    let version = ask(Command::new("dpkg-query").args(["-W", "-f=${Version}", "rustc-web"]))?;
    Some(format!("{RECIPE} {version}\n"))
}

fn fallback_is_current(folder: &Path) -> bool {
    let stamped = fs::read_to_string(folder.join("stamp")).ok();
    stamped.is_some() && stamped == fallback_stamp() && has_std(&folder.join("bin/rustc"))
}

fn build_fallback(folder: &Path) -> Outcome {
    let cure = "this is the last resort for machines that reach Debian's packages only. With open internet, \
                `rustup target add wasm32-unknown-unknown` is all it takes. Otherwise read the compiler's words above.";
    let next = folder.with_extension("next");
    let seed = folder.with_extension("seed");
    for old in [&next, &seed] {
        let _ = fs::remove_dir_all(old);
    }
    stamp::write(
        &seed.join("Cargo.toml"),
        b"[package]\nname = \"seed\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n",
    )?;
    stamp::write(&seed.join("lib.rs"), b"")?;
    let mut cargo = Command::new("/usr/bin/cargo");
    cargo.current_dir(&seed).args(["build", "--quiet", "--release", "--target", TARGET]);
    cargo.args(["-Z", "build-std=std,panic_abort,test", "--target-dir", "target"]);
    for inherited in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR"]
    {
        cargo.env_remove(inherited);
    }
    // Debian's is a stable compiler, told to accept -Z. With bitcode, because the product is linked with fat LTO.
    cargo.env("RUSTC", "/usr/bin/rustc").env("RUSTC_BOOTSTRAP", "1");
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "-Cembed-bitcode=yes");
    run(&mut cargo, cure)?;
    assemble_sysroot(&seed, &next, folder).map_err(file_trouble(&next))?;
    let stamped = fallback_stamp().ok_or_else(|| Trouble::new("rustc-web is not installed", cure))?;
    stamp::write(&next.join("stamp"), stamped.as_bytes())?;
    let _ = fs::remove_dir_all(folder);
    fs::rename(&next, folder).map_err(file_trouble(folder))?;
    let _ = fs::remove_dir_all(&seed);
    if has_std(&folder.join("bin/rustc")) {
        Ok(())
    } else {
        Err(Trouble::new("the new sysroot does not work", cure))
    }
}

/// Puts the compiled standard library beside links to Debian's own, as the compiler expects a sysroot.
#[cfg(unix)]
fn assemble_sysroot(seed: &Path, next: &Path, folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let rustlib = Path::new("/usr/lib/rustlib");
    let (host, wasm) =
        (next.join("lib/rustlib").join(DEBIAN_HOST), next.join("lib/rustlib").join(TARGET).join("lib"));
    for dir in [&next.join("bin"), &host.join("bin"), &wasm] {
        fs::create_dir_all(dir)?;
    }
    for entry in fs::read_dir(seed.join("target").join(TARGET).join("release/deps"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libseed-") {
            fs::copy(&path, wasm.join(name))?;
        }
    }
    symlink(rustlib.join(DEBIAN_HOST).join("lib"), host.join("lib"))?;
    symlink(rustlib.join("src"), next.join("lib/rustlib/src"))?;
    symlink(rustlib.join("etc"), next.join("lib/rustlib/etc"))?;
    // The target's linker is called rust-lld and looked up here, so no project has to name a linker.
    symlink("/usr/lib/llvm-19/bin/lld", host.join("bin/rust-lld"))?;
    let rustc = next.join("bin/rustc");
    fs::write(&rustc, format!("#!/bin/sh\nexec /usr/bin/rustc --sysroot \"{}\" \"$@\"\n", folder.display()))?;
    fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755))
}

/// Only Debian takes this way.
#[cfg(not(unix))]
fn assemble_sysroot(_: &Path, _: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
