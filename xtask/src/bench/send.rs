//! `cargo xtask bench send`: how fast a campaign is sent when every intent is durable before its request: one number at what
//! Meta allows the fastest, several together, and to a million people, whom nobody may hold in memory.

use std::fs;
use std::process::Command;

use super::{machine, results};
use crate::run::{Outcome, Trouble, ask, file_trouble, run, step};
use crate::setup::{Purpose, setup};
use crate::{artefacts, tree};

/// What is sent: how many numbers, how many people, and what was wanted, in messages a second.
const RUNS: [(&str, &str, &str, &str); 3] = [
    ("one number that may send 1,000 a second", "1", "30000", "980"),
    ("eight such numbers", "8", "200000", "5,000"),
    ("eight such numbers, a million people", "8", "1000000", "5,000"),
];

/// Measures, prints the table and writes it to `benches/RESULTS.md`.
pub(crate) fn send() -> Outcome {
    let ready = setup(Purpose::Test)?;
    artefacts::build(&ready)?;
    let mut build = tree::cargo();
    build.args(["build", "--release", "--bin", "send"]).args(tree::NATIVE_PACKAGES);
    run(&mut build, "read the first error of the compiler above.")?;
    let mut rows = String::new();
    for (name, numbers, people, wanted) in RUNS {
        let folder = tree::own().join("bench").join("send");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(file_trouble(&folder))?;
        }
        let mut command = Command::new(tree::target().join("release/send"));
        command.arg(&folder).args([numbers, people]);
        rows += &step(name, "minutes", || measured(name, wanted, &mut command))?;
        fs::remove_dir_all(&folder).map_err(file_trouble(&folder))?;
    }
    let text = format!(
        "# Campaigns, sent\n\n\
         <!-- Written by `cargo xtask bench send`; do not edit. -->\n\n\
         A campaign is imported, frozen and started as anybody's is. Each intent is durable on the disk (SQLite's log,\n\
         `synchronous=FULL`) before its request, and each request has had its last look at the person's consent. The far end\n\
         answers at once, notes when each message arrived, and shares the machine; the sandbox, which looks at every message as\n\
         Meta would, answers some 3,000 a second. The most in a second is of any second of any one number, as they arrived.\n\n\
         ## Machine of the sender\n\n{}\n\
         ## Messages in a second\n\n\
         | who sends | messages/s | wanted | most in a second | of 1,000 | memory before, MiB | most, MiB |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n{rows}",
        machine::described(&ready, "everybody may use all cores")
    );
    println!("\n{text}");
    results::keep(&text)
}

fn measured(name: &str, wanted: &str, command: &mut Command) -> Outcome<String> {
    let told = ask(command).unwrap_or_default();
    let row = || {
        let (per_s, most) = (number(&told, "per_s")?, number(&told, "most_in_a_second")?);
        let (before, after) = (number(&told, "memory_before_mib")?, number(&told, "memory_most_mib")?);
        let passed = if most <= 1_000.0 { "kept" } else { "passed" };
        Some(format!(
            "| {name} | {per_s:.0} | {wanted} | {most:.0} | {passed} | {before:.0} | {after:.0} |\n"
        ))
    };
    row().ok_or_else(|| {
        Trouble::new(
            format!("{name} measured nothing"),
            format!("run {command:?} by hand and read what it says."),
        )
    })
}

/// A number of a JSON document.
fn number(told: &str, word: &str) -> Option<f64> {
    let rest = told.split_once(&format!("\"{word}\":"))?.1;
    rest.split([',', '}']).next()?.trim().parse::<f64>().ok()
}
