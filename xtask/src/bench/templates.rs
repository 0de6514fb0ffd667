//! `cargo xtask bench template`: how long it takes to judge and draw the largest template that Meta allows, natively, in
//! the server's sandbox, and in a page. What a person waits for at every keystroke.

use std::fs;
use std::process::Command;

use super::{machine, results};
use crate::run::{Outcome, Trouble, ask, file_trouble, run, step};
use crate::setup::{Purpose, setup};
use crate::{artefacts, tree};

/// What was wanted, in milliseconds, where something was.
const NATIVE_MS_MAX: f64 = 0.2;
const PAGE_MS_MAX: f64 = 1.0;

struct Place {
    name: &'static str,
    median_ms: f64,
    best_ms: f64,
    goal_ms: Option<f64>,
}

/// Measures, prints the table and writes it to `benches/RESULTS.md`.
pub(crate) fn template() -> Outcome {
    let ready = setup(Purpose::Test)?;
    artefacts::build(&ready)?;
    let mut build = tree::cargo();
    build.args(["build", "--release", "--bin", "draw"]).args(tree::NATIVE_PACKAGES);
    run(&mut build, "read the first error of the compiler above.")?;
    let folder = tree::own().join("bench");
    fs::create_dir_all(&folder).map_err(file_trouble(&folder))?;
    let question = folder.join("largest-template.json");

    let draw = || Command::new(tree::target().join("release/draw"));
    let script = |place: &str| {
        let mut command = Command::new("node");
        command.current_dir(tree::root()).args(["tests/js/draw.mjs", place]);
        command.envs(ready.browser.as_ref().map(|browser| ("CHROMIUM", browser)));
        command
    };
    let mut engine = draw();
    engine.arg("--engine");
    let mut places = Vec::new();
    for (name, mut command, goal_ms) in [
        ("native", draw(), Some(NATIVE_MS_MAX)),
        ("server's engine, wasmtime", engine, None),
        ("Node, the npm package", script("node"), None),
        ("Chromium, asked from a page", script("chromium"), Some(PAGE_MS_MAX)),
    ] {
        command.arg(&question);
        places.push(step(name, "seconds", || measured(name, &mut command, goal_ms))?);
    }
    let bytes = fs::metadata(&question).map_err(file_trouble(&question))?.len();
    let text = rendered(&places, bytes, &machine::described(&ready, "everybody may use all cores"));
    println!("\n{text}");
    results::keep(&text)
}

fn measured(name: &'static str, command: &mut Command, goal_ms: Option<f64>) -> Outcome<Place> {
    let told = ask(command).unwrap_or_default();
    let number = |word: &str| {
        let rest = told.split_once(&format!("\"{word}\":"))?.1;
        rest.split([',', '}']).next()?.trim().parse::<f64>().ok()
    };
    match number("median").zip(number("best")) {
        Some((median, best)) => Ok(Place { name, median_ms: median * 1e3, best_ms: best * 1e3, goal_ms }),
        None => Err(Trouble::new(
            format!("{name} measured nothing"),
            format!("run {command:?} by hand and read what it says."),
        )),
    }
}

fn rendered(places: &[Place], bytes: u64, machine: &str) -> String {
    let native = places[0].median_ms;
    let row = |place: &Place| {
        let Place { name, median_ms, best_ms, goal_ms } = place;
        let goal = goal_ms.map_or(String::new(), |goal| format!("{goal:.1}"));
        format!("| {name} | {median_ms:.3} | {best_ms:.3} | {:.1}× | {goal} |\n", median_ms / native)
    };
    let rows: String = places.iter().map(row).collect();
    format!(
        "# Templates, judged and drawn\n\n\
         <!-- Written by `cargo xtask bench template`; do not edit. -->\n\n\
         The largest template that Meta allows - a body of 1,024 characters full of variables and markup, ten cards with\n\
         a text of 160 and two addresses each - is judged and drawn with all its values, and the request is built:\n\
         {bytes} bytes of JSON. Each place does it a thousand times or more when it is warm. In Chromium the clock runs in\n\
         the page, around the message to the worker and its answer.\n\n\
         ## Machine of the templates\n\n{machine}\n\
         ## Time of one template\n\n\
         | place | median, ms | best, ms | median / native | wanted, ms |\n\
         | --- | ---: | ---: | ---: | ---: |\n{rows}"
    )
}
