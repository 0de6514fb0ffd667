//! `cargo xtask bench inbox`: how many webhooks with one event the embedded inbox makes durable in a second, when many come
//! at once, when one comes after the other, and when each has a commit of its own.

use std::fs;
use std::process::Command;

use super::{machine, results};
use crate::run::{Outcome, Trouble, ask, file_trouble, run, step};
use crate::setup::{Purpose, setup};
use crate::{artefacts, tree};

/// What was wanted of many at once, in takes a second.
const RATE_MIN: f64 = 5_000.0;
const SECONDS: &str = "10";

/// Who takes, how many at once, what the program is told beside that, and what was wanted.
const PLACES: [(&str, &str, Option<&str>, Option<f64>); 4] = [
    ("64 at once, sharing commits", "64", None, Some(RATE_MIN)),
    ("8 at once, sharing commits", "8", None, None),
    ("one after the other", "1", None, None),
    ("64, each with a commit of its own", "64", Some("--alone"), None),
];

/// Measures, prints the table and writes it to `benches/RESULTS.md`.
pub(crate) fn inbox() -> Outcome {
    let ready = setup(Purpose::Test)?;
    artefacts::build(&ready)?;
    let mut build = tree::cargo();
    build.args(["build", "--release", "--bin", "inbox", "--bin", "webhooks"]).args(tree::NATIVE_PACKAGES);
    run(&mut build, "read the first error of the compiler above.")?;
    let mut rows = String::new();
    for (name, threads, option, goal) in PLACES {
        let folder = tree::own().join("bench").join("inbox");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(file_trouble(&folder))?;
        }
        fs::create_dir_all(&folder).map_err(file_trouble(&folder))?;
        let mut command = Command::new(tree::target().join("release/inbox"));
        command.arg(&folder).args([threads, SECONDS]).args(option);
        rows += &step(name, "seconds", || measured(name, &mut command, goal))?;
        fs::remove_dir_all(&folder).map_err(file_trouble(&folder))?;
    }
    let whole = step("signed webhooks to the server", "seconds", over_http)?;
    let text = format!(
        "# Webhooks, kept\n\n\
         <!-- Written by `cargo xtask bench inbox`; do not edit. -->\n\n\
         A status of 670 bytes is taken, joined with what is known of its message, and durable on the disk (SQLite's log,\n\
         `synchronous=FULL`) before the next one of the same thread. {SECONDS} seconds each, from an empty inbox on. The gate\n\
         is the question whether an opt-out waits, asked meanwhile.\n\n\
         ## Machine of the webhooks\n\n{}\n\
         ## Takes in a second\n\n\
         | who takes | takes/s | wanted | median, ms | 99 %, ms | worst, ms | gate, µs, median | 99 % |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n{rows}\n\
         ## Over HTTP, to the server\n\n\
         The same as Meta sends it to `/webhooks/meta`: signed, over 64 connections, three in ten twice, all in random order.\n\
         Verified, read in the sandboxed engine and durable before 200; afterwards everything is there once, and of 500 messages\n\
         each stands where its last status says. The client shares the machine.\n\n\
         | webhooks/s | wanted | median, ms | 99 %, ms | worst, ms |\n\
         | ---: | ---: | ---: | ---: | ---: |\n{whole}",
        machine::described(&ready, "everybody may use all cores")
    );
    println!("\n{text}");
    results::keep(&text)
}

/// A row: what the server itself takes in.
fn over_http() -> Outcome<String> {
    let folder = tree::own().join("bench").join("webhooks");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(file_trouble(&folder))?;
    }
    let mut command = Command::new(tree::target().join("release/webhooks"));
    command.arg(tree::target().join("release/consentry")).arg(&folder).args(["64", SECONDS]);
    let told = ask(&mut command).unwrap_or_default();
    let row = || {
        let (rate, median) = (number(&told, "per_s")?, number(&told, "median_ms")?);
        let (p99, worst) = (number(&told, "p99_ms")?, number(&told, "worst_ms")?);
        Some(format!("| {rate:.0} | {RATE_MIN:.0} | {median:.2} | {p99:.2} | {worst:.1} |\n"))
    };
    let row = row().ok_or_else(|| {
        Trouble::new("nothing was measured", format!("run {command:?} by hand and read what it says."))
    })?;
    fs::remove_dir_all(&folder).map_err(file_trouble(&folder))?;
    Ok(row)
}

/// A number of a JSON document.
fn number(told: &str, word: &str) -> Option<f64> {
    let rest = told.split_once(&format!("\"{word}\":"))?.1;
    rest.split([',', '}']).next()?.trim().parse::<f64>().ok()
}

fn measured(name: &str, command: &mut Command, goal: Option<f64>) -> Outcome<String> {
    let told = ask(command).unwrap_or_default();
    let row = || {
        let goal = goal.map_or(String::new(), |goal| format!("{goal:.0}"));
        let (rate, median, p99) = (number(&told, "rate")?, number(&told, "median")?, number(&told, "p99")?);
        let (worst, gate, gate_p99) =
            (number(&told, "worst")?, number(&told, "gate_us")?, number(&told, "gate_p99_us")?);
        Some(format!(
            "| {name} | {rate:.0} | {goal} | {median:.2} | {p99:.2} | {worst:.1} | {gate:.0} | {gate_p99:.0} |\n"
        ))
    };
    row().ok_or_else(|| {
        Trouble::new(
            format!("{name} measured nothing"),
            format!("run {command:?} by hand and read what it says."),
        )
    })
}
