//! `cargo xtask bench preflight`: how many people of a campaign are judged in a second before it begins - natively, in the
//! server's sandbox, and as somebody would do it who has only preview: one template drawn for each person.

use std::process::Command;

use super::{machine, results};
use crate::run::{Outcome, Trouble, ask, run, step};
use crate::setup::{Purpose, setup};
use crate::{artefacts, tree};

/// People that are judged in columns, and one by one.
const PEOPLE: u64 = 1_000_000;
const PEOPLE_NAIVE: u64 = 50_000;
/// Turns that everybody takes; the best counts.
const TURNS: usize = 5;
/// What was wanted of the sandbox, in people a second.
const PER_S_MIN: f64 = 500_000.0;

struct Way {
    name: &'static str,
    best_per_s: f64,
    median_per_s: f64,
    /// People of a hundred to whom something could be sent.
    sendable_percent: f64,
}

/// Measures, prints the table and writes it to `benches/RESULTS.md`.
pub(crate) fn preflight() -> Outcome {
    let ready = setup(Purpose::Test)?;
    artefacts::build(&ready)?;
    let mut build = tree::cargo();
    build.args(["build", "--release", "--bin", "preflight"]).args(tree::NATIVE_PACKAGES);
    run(&mut build, "read the first error of the compiler above.")?;
    let mut ways = Vec::new();
    for (name, word, people) in [
        ("native", "native", PEOPLE),
        ("server's engine, wasmtime", "engine", PEOPLE),
        ("preview of each person", "naive", PEOPLE_NAIVE),
    ] {
        ways.push(step(name, "seconds", || measured(name, word, people))?);
    }
    let text = rendered(&ways, &machine::described(&ready, "one core is used"));
    println!("\n{text}");
    results::keep(&text)
}

fn measured(name: &'static str, word: &str, people: u64) -> Outcome<Way> {
    let mut rates = Vec::with_capacity(TURNS);
    let mut sendable_percent = 0.0;
    for _ in 0..TURNS {
        let mut command = Command::new(tree::target().join("release/preflight"));
        command.args([word, &people.to_string()]);
        let told = ask(&mut command).unwrap_or_default();
        let number = |word: &str| {
            let rest = told.split_once(&format!("\"{word}\":"))?.1;
            rest.split([',', '}']).next()?.trim().parse::<f64>().ok()
        };
        let Some((seconds, sendable)) = number("seconds").zip(number("sendable")) else {
            return Err(Trouble::new(
                format!("{name} measured nothing"),
                format!("run {command:?} by hand and read what it says."),
            ));
        };
        rates.push(people as f64 / seconds);
        sendable_percent = sendable / people as f64 * 100.0;
    }
    rates.sort_by(f64::total_cmp);
    Ok(Way { name, best_per_s: rates[TURNS - 1], median_per_s: rates[TURNS / 2], sendable_percent })
}

fn rendered(ways: &[Way], machine: &str) -> String {
    let naive = ways[ways.len() - 1].best_per_s;
    let row = |way: &Way| {
        let Way { name, best_per_s, median_per_s, sendable_percent } = way;
        format!(
            "| {name} | {median_per_s:.0} | {best_per_s:.0} | {:.0}× | {sendable_percent:.1} |\n",
            best_per_s / naive
        )
    };
    let rows: String = ways.iter().map(row).collect();
    format!(
        "# People of a campaign, judged before it begins\n\n\
         <!-- Written by `cargo xtask bench preflight`; do not edit. -->\n\n\
         A marketing template with a header, a body of two variables and the end of an address, for made-up people of five\n\
         countries; one in a hundred has no name. Each is given a message, a number and a country, and what stands for the\n\
         variables is checked and packed. {PEOPLE} people in batches of 16,384; one by one with preview {PEOPLE_NAIVE}.\n\
         At least {PER_S_MIN:.0} people a second were wanted of the sandbox.\n\n\
         ## Machine of the people\n\n{machine}\n\
         ## People a second\n\n\
         | way | median | best | best / one by one | sendable, % |\n\
         | --- | ---: | ---: | ---: | ---: |\n{rows}"
    )
}
