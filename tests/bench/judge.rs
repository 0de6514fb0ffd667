//! Ways of judging a file, for the bench: `judge [--threads N | --engine] FILE`. Natively as `consentry check` does, or by
//! the sandboxed engine with every judged row handed out, as an import has it. Prints what it measured as JSON.
#![allow(clippy::print_stdout, reason = "the answer of this program is what it prints")]

use std::error::Error;
use std::fs::File;
use std::io::Read as _;
use std::time::Instant;

use consentry_core::limits::CHUNK_BYTES_MAX;
use consentry_core::rule::{RULES, Scope, Severity};
use consentry_core::wire::v1::{Options, Report};
use consentry_host::engine::Emit;
use consentry_host::{data, native};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let path = words.pop().unwrap_or_else(|| "/dev/stdin".into());
    let (report, seconds) = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--engine"] => by_engine(&path)?,
        ["--threads", threads] => natively(&path, threads.parse()?)?,
        _ => natively(&path, 1)?,
    };
    // What libphonenumber's peers count: numbers that are valid, not only possible.
    let doubtful = RULES.iter().filter(|rule| {
        let is_error = rule.scope == Scope::Row && rule.severity == Severity::Error;
        rule.id.starts_with("number-") && is_error || rule.id == "number-unassigned"
    });
    let doubted: u64 = doubtful.filter_map(|rule| report.codes.get(rule.id)).sum();
    println!(
        "{{\"rows\":{},\"seconds\":{seconds},\"valid\":{},\"repeated\":{},\"digest\":\"{}\"}}",
        report.counts.rows,
        report.counts.rows - doubted,
        report.counts.repeated_numbers,
        report.digest
    );
    Ok(())
}

fn natively(path: &str, threads: usize) -> Result<(Report, f64), Box<dyn Error>> {
    let start = Instant::now();
    let mut file = File::open(path)?;
    let report = native::judge(&Options::default(), Emit::default(), &mut file, threads, &mut |_, _| Ok(()))?;
    Ok((report, start.elapsed().as_secs_f64()))
}

/// Without what it takes to load the engine, which is done once.
fn by_engine(path: &str) -> Result<(Report, f64), Box<dyn Error>> {
    let engine = data::engine()?;
    let start = Instant::now();
    let mut file = File::open(path)?;
    let mut check = engine.check(&Options::default(), Emit { rows: true, ..Emit::default() })?;
    let mut chunk = Vec::with_capacity(CHUNK_BYTES_MAX);
    let mut rows = 0;
    while file.by_ref().take(CHUNK_BYTES_MAX as u64).read_to_end(&mut chunk)? > 0 {
        check.feed(&chunk)?;
        rows += check.take_rows()?.len() as u64;
        chunk.clear();
    }
    let report = check.finish()?;
    rows += check.take_rows()?.len() as u64;
    if rows != report.counts.accepted {
        return Err("the engine did not hand out every row".into());
    }
    Ok((report, start.elapsed().as_secs_f64()))
}
