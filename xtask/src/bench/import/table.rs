//! What was measured, as text: the tables that are printed and kept in `benches/RESULTS.md`.

use std::fmt::Write as _;

use super::readers::{CLIENTS, PACE, percentile};
use super::{ImportOptions, Measured, Run};
use crate::bench::contest::median;
use crate::bench::table::{aligned, figures, grouped};

const PREFACE: &str = "\
# How fast a file is imported

<!-- Written by `cargo xtask bench import`; do not edit. -->

The whole command, `consentry import`, from start to end: the file is stored, judged twice in the sandbox, matched row by
row, and everything is on the disk when it ends. The files are made up. Each person of the store has a number, 80 of 100 an
exid, 60 an address, 70 an msisdn. Each row of news is about somebody else: 70 of 100 are found by exid, 10 by address, 5 by
msisdn, 5 by number, and 10 are new. They bring all that is known of the person but what would find the profile
earlier. Fifteen rows of 100 bring another number, half of these one that somebody else has; one in ten has changed its
mind.

- *best* and *median* of turns, each on a fresh copy of the same store.
- *work* is the least time on all cores together that a turn took; others on the machine change it least.
- *memory* is the most that was resident, pages of the database file among it.
- PostgreSQL does it with COPY and the set-based SQL in `tests/bench/peers/postgres`, on a server that runs already and has
  the tables in its memory. It judges nothing, keeps no log of what changed and no word of the people themselves, and is not
  what rows one by one would be where several bring one number.
";

/// The whole part.
pub(super) fn rendered(options: &ImportOptions, measured: &Measured, machine: &str) -> String {
    let mut out = format!("{PREFACE}\n## Machine of the imports\n\n{machine}");
    let _ = write!(out, "\n## Rows in a second\n\n{}", runs(measured));
    if let Some(read) = &measured.read {
        let header = ["", "look-ups", "p50, ms", "p99, ms", "longest, ms"].map(str::to_owned);
        let line = |name: &str, times: &[f64]| {
            let at = |share| figures(percentile(times, share) * 1e3);
            [name.to_owned(), grouped(times.len() as u64), at(0.5), at(0.99), at(1.0)]
        };
        let table = aligned(&[header, line("before", &read.before), line("during an import", &read.during)]);
        let _ = write!(
            out,
            "\n## Look-ups during an import\n\nOne `consentry serve` with {} profiles takes in {} rows, in {:.1} s,\nwhile \
             {CLIENTS} clients ask `GET /api/v1/profiles?q=…` for somebody every {} ms each. A look-up counts from when it \
             was due.\n\n{table}",
            grouped(options.largest()),
            grouped(options.rows),
            read.seconds,
            PACE.as_millis(),
        );
    }
    if let Some(killed) = &measured.killed {
        let worst = killed.ready_seconds.iter().copied().fold(0.0, f64::max);
        let _ = write!(
            out,
            "\n## Killed\n\n`consentry serve` with {} profiles, killed {} times by `kill -9` in the middle of an import of {} \
             rows: from the\nstart of the process to its first answer to a look-up, {} ms at most. The import was\ncarried to its \
             end and made the profiles it should.\n",
            grouped(options.largest()),
            killed.ready_seconds.len(),
            grouped(options.rows),
            figures(worst * 1e3),
        );
    }
    let _ = write!(out, "\n## Ratios of the imports\n\n{}", ratios(measured));
    if !measured.missing.is_empty() {
        out.push_str("\n## Not measured of the imports\n\n");
        for (name, reason) in &measured.missing {
            let _ = writeln!(out, "- {name}: {reason}");
        }
    }
    out
}

fn runs(measured: &Measured) -> String {
    let header = ["", "profiles before", "rows", "best, s", "median, s", "rows/s", "work, s", "memory, MiB"];
    let mut rows = vec![header.map(str::to_owned)];
    let line = |name: &str, run: &Run| {
        [
            name.to_owned(),
            grouped(run.profiles),
            grouped(run.rows),
            figures(run.best()),
            figures(median(&run.seconds)),
            grouped(run.rate() as u64),
            run.cpu_seconds.map_or(String::new(), figures),
            run.memory_bytes.map_or(String::new(), |bytes| (bytes >> 20).to_string()),
        ]
    };
    rows.extend(measured.empty.iter().chain(&measured.into).map(|run| line("consentry import", run)));
    rows.extend(measured.postgres.iter().map(|(run, version)| line(version, run)));
    aligned(&rows)
}

fn ratios(measured: &Measured) -> String {
    let mut rows = vec![["", "times"].map(str::to_owned)];
    let mut ratio = |what: String, ratio: f64| rows.push([what, format!("{}×", figures(ratio))]);
    if let Some((peer, _)) = &measured.postgres
        && let Some(same) = measured.into.iter().find(|run| run.profiles == peer.profiles)
    {
        let what = format!("rate, consentry / PostgreSQL, {} profiles", grouped(peer.profiles));
        ratio(what, same.rate() / peer.rate());
    }
    if let [first, .., last] = measured.into.as_slice() {
        let what = format!("rate, {} / {} profiles", grouped(first.profiles), grouped(last.profiles));
        ratio(what, first.rate() / last.rate());
    }
    if let Some(read) = &measured.read {
        let (during, before) = (percentile(&read.during, 0.99), percentile(&read.before, 0.99));
        ratio("p99 of look-ups, during an import / before".to_owned(), during / before);
        if let Some(last) = measured.into.last() {
            ratio("time of the import, with look-ups / alone".to_owned(), read.seconds / last.best());
        }
    }
    aligned(&rows)
}
