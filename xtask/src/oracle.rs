//! Our answers about numbers against libphonenumber's own, by its Python port of the release whose metadata we have.
//!
//! A sample of them with every test; all of them, some minutes long, with `cargo xtask oracle`.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::metadata;
use crate::run::{Outcome, Trouble, not_started, run, step};
use crate::tree::{self, NATIVE_PACKAGES};

/// A few hard plans and few numbers of each: some ten thousand numbers in a few seconds.
pub(crate) const SAMPLE: [&str; 4] = ["--only", "90,44,54,1,39,52,55", "--samples", "12"];

/// Asks about the numbers that `args` choose, and fails at the first disagreement. See `tests/oracle/README.md`.
pub(crate) fn compare(args: &[&str]) -> Outcome {
    let port = port(&metadata::release()?)?;
    let mut build = tree::cargo();
    build.args(["build", "--release", "--example", "number_oracle"]).args(NATIVE_PACKAGES);
    run(&mut build, "read the first error of the compiler above.")?;

    let mut asking = Command::new("python3");
    asking.current_dir(tree::root()).env("PYTHONPATH", port).arg("tests/oracle/number_oracle.py").args(args);
    asking.stdout(Stdio::piped());
    let mut answers = asking.spawn().map_err(|error| not_started(&asking, &error))?;
    let mut comparing = Command::new(tree::target().join("release/examples/number_oracle"));
    if let Some(lines) = answers.stdout.take() {
        comparing.stdin(lines);
    }
    let compared =
        run(&mut comparing, "the lines above name numbers on which we differ from libphonenumber.");
    let asked = answers.wait().map_err(|error| not_started(&asking, &error))?;
    compared?;
    if asked.success() {
        return Ok(());
    }
    Err(Trouble::new("the oracle broke off", "read what python3 says above."))
}

/// libphonenumber's Python port of this release, installed once into a folder of its own.
pub(crate) fn port(release: &str) -> Outcome<PathBuf> {
    let folder = tree::own().join("oracle").join(release);
    if folder.join("phonenumbers").is_dir() {
        return Ok(folder);
    }
    step("libphonenumber's Python port, for comparison", "a few seconds", || {
        let mut pip = Command::new("python3");
        pip.current_dir(tree::root());
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
        pip.args(["--root-user-action=ignore", "--upgrade", &format!("phonenumbers=={release}")]);
        run(
            pip.arg("--target").arg(&folder),
            "install python3 and its pip (Debian: `apt-get install python3-pip`); if pip knows no such release, name \
             one that it lists above.",
        )
    })?;
    Ok(folder)
}
