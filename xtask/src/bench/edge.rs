//! `cargo xtask bench edge`: how fast the worker for Cloudflare takes webhooks, in Cloudflare's own runtime on this
//! machine, and whether it lost one of them. tests/js/edge-bench.mjs measures.

use std::fs;
use std::process::Command;

use super::{machine, results};
use crate::run::{Outcome, Trouble, ask};
use crate::setup::{Purpose, setup};
use crate::{artefacts, size};

/// How long the load lasts, in seconds, and webhooks a second.
const SECONDS: &str = "30";
const RATE: &str = "1200";

/// What is told of the measurement: its place in the JSON, in words, what was wanted.
const ROWS: [(&str, &str, &str); 12] = [
    ("start_up_ms.p50", "first answer of a new process, median, ms", "20"),
    ("single_cpu_ms.p50", "processor time of one webhook, median, ms", "1"),
    ("single_cpu_ms.p99", "processor time of one webhook, 99th percentile, ms", "5"),
    ("single_ms.p50", "one webhook after the other: answered in, median, ms", ""),
    ("rate", "webhooks a second", "1000"),
    ("latency_ms.p50", "under that load: answered in, median, ms", "250"),
    ("latency_ms.p99", "under that load: answered in, 99th percentile, ms", ""),
    ("cpu_ms_mean", "under that load: processor time of a webhook, mean, ms", ""),
    ("resent", "sent again because a connection broke", ""),
    ("missing", "answered 200 and missing", "0"),
    ("twice", "there twice", "0"),
    ("wrong_words", "people of whom the gate believes something else than their latest word", "0"),
];

/// Measures, prints the table and writes it to `benches/RESULTS.md`.
pub(crate) fn edge() -> Outcome {
    let ready = setup(Purpose::Test)?;
    artefacts::edge_worker(&ready)?;
    size::print_edge()?;
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let script = crate::tree::root().join("tests/js/edge-bench.mjs");
    let told = ask(Command::new("node").current_dir(crate::tree::root()).arg(script).args([SECONDS, RATE]));
    let told = told.ok_or_else(|| {
        Trouble::new(
            "the edge worker measured nothing",
            "run `node tests/js/edge-bench.mjs` and read what it says.",
        )
    })?;
    let load = load.split(' ').next().unwrap_or("unknown");
    let machine = machine::described(&ready, &format!("load average before: {load}; all cores"));
    let text = rendered(&told, &machine);
    println!("\n{text}");
    results::keep(&text)
}

fn rendered(told: &str, machine: &str) -> String {
    let row = |(name, words, wanted): &(&str, &str, &str)| {
        format!("| {words} | {} | {wanted} |\n", number(told, name).unwrap_or("unknown"))
    };
    let rows: String = ROWS.iter().map(row).collect();
    format!(
        "# Webhooks at the edge\n\n\
         <!-- Written by `cargo xtask bench edge`; do not edit. -->\n\n\
         The worker as it is deployed, in Cloudflare's own runtime, storing to this machine's disk. For {SECONDS} s signed\n\
         webhooks of one event each come over 64 connections, {RATE} a second, in random order, three in ten of them a second\n\
         time; then all is pulled and compared. Whoever sends them runs on the same machine. Processor time is that of all\n\
         threads of the runtime, storing included.\n\n\
         ## Machine of the edge\n\n{machine}\n\
         ## Webhooks\n\n| | measured | wanted |\n| --- | ---: | ---: |\n{rows}"
    )
}

/// A number in indented JSON: `name`, or `outer.name`.
fn number<'a>(told: &'a str, path: &str) -> Option<&'a str> {
    let mut rest = told;
    for name in path.split('.') {
        rest = rest.split_once(&format!("\"{name}\":"))?.1;
    }
    Some(rest.split([',', '}', '\n']).next()?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_where_they_stand() {
        let told = "{\n  \"a\": {\n    \"p50\": 1.5,\n    \"p99\": 2\n  },\n  \"b\": { \"p50\": 3 },\n  \"rate\": 9\n}";
        assert_eq!(number(told, "a.p50"), Some("1.5"));
        assert_eq!(number(told, "a.p99"), Some("2"));
        assert_eq!(number(told, "b.p50"), Some("3"));
        assert_eq!(number(told, "rate"), Some("9"));
        assert_eq!(number(told, "c"), None);
    }
}
