//! How fast a consent file is judged: Consentry in each place, everybody else whom the registries offer, and what no
//! program can be faster than, side by side in one run on the same made-up files.
//!
//! Figures of one run compare with each other; figures of two machines do not.

mod contest;
pub(crate) mod edge;
mod file;
pub(crate) mod import;
pub(crate) mod inbox;
mod kits;
mod machine;
mod ours;
mod peers;
mod plans;
pub(crate) mod preflight;
mod results;
pub(crate) mod send;
mod table;
pub(crate) mod templates;

use std::collections::BTreeMap;

use contest::{Answer, Contestant, Measured, Pin, Role};

use crate::run::{Outcome, Trouble, run, step};
use crate::setup::{Purpose, setup};
use crate::{artefacts, tree};

/// Turns that everybody takes.
const TURNS: usize = 3;
/// Starting is what counts, it is short, and it is what the machine disturbs most.
const TURNS_SHORT: usize = 5;
const ROWS_SHORT: u64 = 1_000;

/// What `cargo xtask bench check` was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct BenchOptions {
    /// Small files and one turn: that everything runs, not how fast.
    quick: bool,
    /// One file of this many rows.
    rows: Option<u64>,
    /// Ours, and those whose name contains this.
    only: Option<String>,
}

impl BenchOptions {
    /// From the command line; the word that is not understood when there is one.
    pub(crate) fn read(args: &[String]) -> Result<BenchOptions, String> {
        let mut options = BenchOptions::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut text = || args.next().cloned().ok_or_else(|| format!("{arg} without its value"));
            match arg.as_str() {
                "--quick" => options.quick = true,
                "--rows" => {
                    let text = text()?.replace('_', "");
                    options.rows = Some(text.parse().map_err(|_| format!("--rows {text}"))?);
                }
                "--only" => options.only = Some(text()?),
                other => return Err(other.to_owned()),
            }
        }
        Ok(options)
    }

    fn sizes(&self) -> Vec<u64> {
        match (self.rows, self.quick) {
            (Some(rows), _) => vec![rows],
            (None, true) => vec![ROWS_SHORT, 100_000],
            (None, false) => vec![ROWS_SHORT, 1_000_000, 10_000_000],
        }
    }

    fn turns(&self, rows: u64) -> usize {
        match rows {
            _ if self.quick => 1,
            ..=ROWS_SHORT => TURNS_SHORT,
            _ => TURNS,
        }
    }

    /// Whether the results are those that the repository keeps.
    fn is_whole(&self) -> bool {
        *self == BenchOptions::default()
    }
}

/// One file size and what everybody did with it.
struct Race {
    rows: u64,
    entries: Vec<Entry>,
}

/// One contestant in one race.
struct Entry {
    contestant: usize,
    measured: Measured,
    /// What ours says about the same rows.
    expected: Answer,
    /// Why there is nothing, when there is nothing.
    failed: Option<String>,
}

/// `cargo xtask bench check`: prints the tables, and after a whole run writes `benches/RESULTS.md`.
pub(crate) fn check(options: &BenchOptions) -> Outcome {
    let ready = setup(Purpose::Test)?;
    artefacts::build(&ready)?;
    let mut build = tree::cargo();
    build.args(["build", "--release", "--bin", "judge"]).args(tree::NATIVE_PACKAGES);
    run(&mut build, "read the first error of the compiler above.")?;

    let wanted = |name: &str| options.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let mut contestants = ours::all(&ready);
    let (peers, missing) = peers::all(&ready, wanted);
    contestants.extend(peers);
    let sizes = options.sizes();
    // Before anything is pinned and timed.
    for rows in &sizes {
        for contestant in &contestants {
            file::of_rows((*rows).min(contestant.rows_max))?;
        }
    }

    let pin = Pin::new();
    let mut races = Vec::new();
    for (place, rows) in sizes.iter().enumerate() {
        // Whoever already judged all the rows it can shows nothing new on a longer file.
        let known = if place == 0 { 0 } else { sizes[place - 1] };
        let expectation = if *rows > ROWS_SHORT { "minutes" } else { "seconds" };
        let race = step(&format!("{rows} rows"), expectation, || {
            race(&contestants, *rows, options.turns(*rows), |most| most >= *rows || known <= ROWS_SHORT, &pin)
        })?;
        races.push(race);
    }

    let text = table::rendered(&contestants, &races, &missing, &machine::described(&ready, &pin.to_string()));
    println!("\n{text}");
    if options.is_whole() {
        results::keep(&text)?;
    }
    Ok(())
}

/// Everybody takes turns. Ours must answer and agree; a peer that does not answer is out and says why.
fn race(
    contestants: &[Contestant],
    rows: u64,
    turns: usize,
    takes_part: impl Fn(u64) -> bool,
    pin: &Pin,
) -> Outcome<Race> {
    let (mut entries, mut references) = (Vec::new(), BTreeMap::<u64, Answer>::new());
    let part = contestants.iter().enumerate().filter(|(_, contestant)| takes_part(contestant.rows_max));
    for (at, contestant) in part {
        let own_rows = rows.min(contestant.rows_max);
        let expected = match references.get(&own_rows) {
            Some(answer) => answer.clone(),
            None => {
                // Not timed; it also brings the file into the page cache.
                let mut reference = Measured::of(own_rows);
                contestants[0].take_turn(&file::of_rows(own_rows)?, pin, &mut reference)?;
                references.entry(own_rows).or_insert(reference.answer).clone()
            }
        };
        entries.push(Entry { contestant: at, measured: Measured::of(own_rows), expected, failed: None });
    }
    for _ in 0..turns {
        for entry in entries.iter_mut().filter(|entry| entry.failed.is_none()) {
            let contestant = &contestants[entry.contestant];
            let path = file::of_rows(entry.measured.rows)?;
            let turn = contestant.take_turn(&path, pin, &mut entry.measured);
            match turn {
                Err(trouble) if contestant.role == Role::Ours => return Err(trouble),
                Err(trouble) => entry.failed = Some(trouble.cause().to_owned()),
                Ok(()) if contestant.role == Role::Ours => same_digest(contestant, entry)?,
                Ok(()) => {}
            }
        }
    }
    Ok(Race { rows, entries })
}

fn same_digest(contestant: &Contestant, entry: &Entry) -> Outcome {
    if entry.measured.answer.digest == entry.expected.digest {
        return Ok(());
    }
    Err(Trouble::new(
        format!("{} does not agree with the native core on the verdict", contestant.name),
        "this is a bug; run `cargo xtask test`.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_in_any_order() {
        let read =
            |line: &str| BenchOptions::read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let expected = BenchOptions { quick: true, rows: Some(5_000_000), only: Some("csv".to_owned()) };
        assert_eq!(read("--rows 5_000_000 --only csv --quick"), Ok(expected));
        assert_eq!(read("--fast"), Err("--fast".to_owned()));
        assert!(read("--rows many").is_err() && read("--rows").is_err());
    }
}
