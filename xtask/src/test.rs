//! Every test there is, in one command; continuous integration runs exactly this.
//!
//! A failing step does not stop the ones after it: one run tells everything that is wrong.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use crate::postgres::{self, Postgres};
use crate::run::{Outcome, Trouble, file_trouble, run, seconds, succeeds_within};
use crate::setup::{Purpose, Ready, setup};
use crate::tree::NATIVE_PACKAGES;
use crate::wasm_target::TARGET;
use crate::{artefacts, metadata, oracle, size, tree};

/// The JavaScript tests that need neither a browser nor Cloudflare's runtime.
const QUICK_JS: [&str; 4] = ["vectors.test.mjs", "types.test.mjs", "formats.test.mjs", "templates.test.mjs"];
/// Packages that mean something on wasm32, with the features each is built with.
const WASM_PACKAGES: [(&str, &[&str]); 5] = [
    ("consentry-wasm", &["--no-default-features", "--features", "plugin"]),
    ("consentry-wasm", &["--no-default-features", "--features", "browser"]),
    ("consentry-wasm-unpack", &[]),
    ("consentry-wasm-template", &[]),
    ("consentry-edge-worker", &[]),
];
const TEST_CURE: &str = "read the failures above; each names what it expected.";
const DATABASE_PATIENCE: Duration = Duration::from_secs(60);

/// Runs all tests, prints a summary, and fails when one failed. `quick` leaves out what needs a browser, the edge
/// runtime, or the registry.
pub(crate) fn test(quick: bool) -> Outcome<ExitCode> {
    let start = Instant::now();
    let mut tally = Tally::default();
    let mut ready = None;
    tally.step("setup", || {
        ready = Some(setup(if quick { Purpose::TestQuick } else { Purpose::Test })?);
        Ok(())
    });
    if let Some(ready) = ready {
        tally.step("build", || artefacts::build(&ready));
        // The server runs for as long as there is somebody to use it.
        let server = postgres(&mut tally, quick);
        rust(&mut tally, &ready, server.as_ref());
        drop(server);
        if !quick {
            tally.step("numbering plans against libphonenumber", metadata::verify);
            tally.step("numbers against libphonenumber", || oracle::compare(&oracle::SAMPLE));
            tally.step("edge worker", || artefacts::edge_worker(&ready));
            tally.step("size budget of the edge worker", size::edge_within_budget);
            dependencies(&mut tally, &ready);
        }
        javascript(&mut tally, &ready, quick);
    }
    Ok(tally.summary(start.elapsed()))
}

/// A server for the tests of the PostgreSQL store. Without one they have nothing to do, and the summary says so.
fn postgres(tally: &mut Tally, quick: bool) -> Option<Postgres> {
    let mut postgres = None;
    match postgres::Source::find(!quick) {
        Ok(source) => tally.step("PostgreSQL", || {
            postgres = Some(source.ready()?);
            Ok(())
        }),
        Err(reason) => tally.skip("PostgreSQL store", &reason),
    }
    postgres
}

fn rust(tally: &mut Tally, ready: &Ready, postgres: Option<&Postgres>) {
    tally.step("format", || run(tree::cargo().args(["fmt", "--all", "--check"]), "run `cargo fmt --all`."));
    let lint_cure = "fix what clippy says above, or allow it on the spot with a reason.";
    let clippy = |packages: &[&str], profile: &str| {
        let mut cargo = tree::cargo();
        cargo.args(["clippy", "--all-targets", "--profile", profile]).args(packages);
        run(cargo.args(["--", "-D", "warnings"]), lint_cure)
    };
    tally.step("clippy", || clippy(&NATIVE_PACKAGES, "release"));
    tally.step("clippy xtask", || clippy(&["--package", "xtask"], "xtask"));
    for (package, features) in WASM_PACKAGES {
        let name = format!("clippy {package} {}", features.last().unwrap_or(&"")).trim_end().to_owned();
        if !ready.wasm.has_clippy() {
            tally.skip(&name, "the fallback toolchain has no clippy");
            continue;
        }
        tally.step(&name, || {
            let mut cargo = ready.wasm.cargo();
            cargo
                .args(["clippy", "--package", package, "--profile", "wasm", "--target", TARGET])
                .args(features);
            run(cargo.args(["--", "-D", "warnings"]), lint_cure)
        });
    }
    if let Some(nextest) = &ready.nextest {
        let nextest = |packages: &[&str], profile: &str| {
            let mut runner = Command::new(nextest);
            runner.current_dir(tree::root()).env("CONSENTRY_BIN", tree::binary());
            if let Some(postgres) = postgres {
                runner.env(postgres::URL_VARIABLE, postgres.url());
            }
            runner.args(["nextest", "run", "--no-fail-fast", "--cargo-profile", profile]).args(packages);
            run(&mut runner, TEST_CURE)
        };
        tally.step("tests", || nextest(&NATIVE_PACKAGES, "release"));
        tally.step("tests of the xtask", || nextest(&["--package", "xtask"], "xtask"));
    }
    tally.step("doc examples", || {
        run(tree::cargo().args(["test", "--doc", "--release"]).args(NATIVE_PACKAGES), TEST_CURE)
    });
}

fn dependencies(tally: &mut Tally, ready: &Ready) {
    let Some(deny) = &ready.deny else { return };
    let command = |args: &[&str]| {
        let mut command = Command::new(deny);
        command.current_dir(tree::root()).args(args);
        command
    };
    tally.step("licences, bans, sources", || {
        run(
            &mut command(&["check", "bans", "licenses", "sources"]),
            "see deny.toml for what is allowed and why.",
        )
    });
    // The database of advisories is a repository of its own, which not every machine can reach.
    if succeeds_within(&mut command(&["fetch", "db"]), DATABASE_PATIENCE) {
        tally.step("advisories", || {
            run(
                &mut command(&["check", "--disable-fetch", "advisories"]),
                "update the named crate, or say in deny.toml why not.",
            )
        });
    } else {
        tally.skip("advisories", "the advisory database could not be fetched here");
    }
}

fn javascript(tally: &mut Tally, ready: &Ready, quick: bool) {
    for folder in ["wasm", "wasm/panel"] {
        tally.step(&format!("types of {folder}"), || {
            let mut tsc = tree::npm_program(&tree::root().join(folder), "tsc")?;
            run(
                tsc.args(["--noEmit", "--project", "tsconfig.json"]),
                "fix what the TypeScript compiler says above.",
            )
        });
    }
    tally.step("size budget", size::within_budget);
    let mut files = Vec::new();
    tally.step("JavaScript tests are there", || {
        files = javascript_tests()?;
        Ok(())
    });
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if quick && !QUICK_JS.contains(&name.as_str()) {
            continue;
        }
        tally.step(&name, || {
            let mut node = Command::new("node");
            node.current_dir(tree::root()).env("CONSENTRY_BIN", tree::binary());
            if let Some(browser) = &ready.browser {
                node.env("CHROMIUM", browser);
            }
            run(node.args(["--test", "--test-reporter=spec"]).arg(&file), TEST_CURE)
        });
    }
}

/// Every `*.test.mjs`, so that a new one is run without being listed anywhere.
fn javascript_tests() -> Outcome<Vec<PathBuf>> {
    let folder = tree::root().join("tests/js");
    let entries = fs::read_dir(&folder).map_err(file_trouble(&folder))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    if files.is_empty() {
        return Err(Trouble::new(
            "tests/js has no *.test.mjs file",
            "a checkout has some; see `git status`.",
        ));
    }
    Ok(files)
}

/// What was run and how it went.
#[derive(Default)]
struct Tally {
    lines: Vec<String>,
    passed: u32,
    failed: u32,
    skipped: u32,
}

impl Tally {
    fn step(&mut self, name: &str, work: impl FnOnce() -> Outcome) {
        println!("\n=== {name}");
        let start = Instant::now();
        let verdict = match work() {
            Ok(()) => {
                self.passed += 1;
                "passed"
            }
            Err(trouble) => {
                trouble.print();
                self.failed += 1;
                "FAILED"
            }
        };
        self.lines.push(format!("{verdict:<8}{name} ({})", seconds(start.elapsed())));
    }

    fn skip(&mut self, name: &str, reason: &str) {
        println!("\n=== {name}: skipped, {reason}");
        self.skipped += 1;
        self.lines.push(format!("{:<8}{name}: {reason}", "skipped"));
    }

    /// The last line is plain, for people and for programs that look for it.
    fn summary(self, time: Duration) -> ExitCode {
        println!("\n=== summary after {}", seconds(time));
        for line in &self.lines {
            println!("{line}");
        }
        println!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped);
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
