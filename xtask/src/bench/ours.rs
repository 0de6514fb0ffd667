//! The places where Consentry judges a file. A new one is a new entry; every one gives the same digest.

use std::process::Command;

use super::contest::{Clock, Contestant, Role};
use crate::setup::Ready;
use crate::tree;

/// The one that the others are compared with.
pub(super) const NATIVE: &str = "ours: native, one core";
pub(super) const CORES: &str = "ours: native, two cores";
pub(super) const ENGINE: &str = "ours: engine in wasmtime, rows out";
pub(super) const SANDBOX: &str = "ours: CLI, wasmtime";
pub(super) const CHROMIUM: &str = "ours: Chromium, from File to report";

/// All of ours, the one for comparison first.
pub(super) fn all(ready: &Ready) -> Vec<Contestant> {
    let browser = ready.browser.clone();
    let script = move |place: &'static str| {
        let browser = browser.clone();
        move || {
            let mut command = Command::new("node");
            command.current_dir(tree::root()).args(["tests/js/speed.mjs", place]);
            if let Some(browser) = &browser {
                command.env("CHROMIUM", browser);
            }
            command
        }
    };
    vec![
        ours(NATIVE, 1, Clock::Whole, || judge(&[])),
        ours(CORES, 2, Clock::Whole, || judge(&["--threads", "2"])),
        ours(ENGINE, 1, Clock::Inside, || judge(&["--engine"])),
        ours(SANDBOX, 1, Clock::Whole, || {
            let mut command = Command::new(tree::binary());
            command.args(["check", "--json", "--sandboxed"]);
            command
        }),
        ours("ours: Node, the npm package", 1, Clock::Inside, script("node")),
        ours(CHROMIUM, 1, Clock::AlwaysInside, script("chromium")),
    ]
}

/// A program of the tests that judges in one way or another and says what the bench asks for.
fn judge(words: &[&str]) -> Command {
    let mut command = Command::new(tree::target().join("release/judge"));
    command.args(words);
    command
}

fn ours(name: &'static str, cores: usize, clock: Clock, start: impl Fn() -> Command + 'static) -> Contestant {
    Contestant {
        name,
        role: Role::Ours,
        clock,
        rows_max: u64::MAX,
        cores,
        made_of: String::new(),
        start: Box::new(start),
    }
}
