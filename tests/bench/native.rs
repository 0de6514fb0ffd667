//! The core linked in, with no sandbox around it: what the machine can do. Prints what it measured as JSON.
#![allow(clippy::print_stdout, reason = "the answer of this program is what it prints")]

use std::io::Read as _;
use std::time::Instant;

use consentry_core::consent::{CheckOptions, Checker, Emit};
use consentry_core::limits::CHUNK_BYTES_MAX;
use consentry_core::rule::{Code, Severity};

fn main() -> std::io::Result<()> {
    let path = std::env::args_os().nth(1).unwrap_or_else(|| "/dev/stdin".into());
    let start = Instant::now();
    let mut file = std::fs::File::open(path)?;
    let mut checker = Checker::new(CheckOptions::default(), Emit::default());
    let mut chunk = Vec::with_capacity(CHUNK_BYTES_MAX);
    while file.by_ref().take(CHUNK_BYTES_MAX as u64).read_to_end(&mut chunk)? > 0 {
        checker.feed(&chunk);
        chunk.clear();
    }
    let report = checker.finish();
    let seconds = start.elapsed().as_secs_f64();
    // What libphonenumber's peers count: numbers that are valid, not only possible.
    let doubted = report.findings.counts().filter(|(code, _)| {
        let rule = code.rule();
        rule.id.starts_with("number-") && rule.severity == Severity::Error || *code == Code::NumberUnassigned
    });
    let valid = report.counts.rows - doubted.map(|(_, count)| count).sum::<u64>();
    println!(
        "{{\"rows\":{},\"seconds\":{seconds},\"valid\":{valid},\"repeated\":{},\"digest\":\"{}\"}}",
        report.counts.rows, report.counts.repeated_numbers, report.digest
    );
    Ok(())
}
