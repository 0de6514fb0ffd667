//! Who takes part and how a run is measured: on pinned cores, in turns, the best and the median of each.
//!
//! Turns, because a machine is faster in one minute than in the next; the best, because other work on it only ever
//! makes a run slower.

use std::fmt;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use wait4::Wait4 as _;

use crate::run::{Outcome, Trouble, ask, file_trouble, not_started};
use crate::tree;

/// Somebody who does the job, or a part of it that nobody can do without.
pub(super) struct Contestant {
    pub(super) name: &'static str,
    pub(super) role: Role,
    pub(super) clock: Clock,
    /// A slow one judges the beginning of the file, and its rate stands for the rest.
    pub(super) rows_max: u64,
    pub(super) cores: usize,
    /// What it is made of, with versions.
    pub(super) made_of: String,
    /// The program, with everything but the file.
    pub(super) start: Box<dyn Fn() -> Command>,
}

/// What may be expected of a contestant's verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Consentry; every place gives the same digest.
    Ours,
    /// libphonenumber's verdict.
    Right,
    /// Something simpler, faster or not.
    Simpler,
    /// Only reads or splits.
    Floor,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// The process from start to end.
    Whole,
    /// What the program says, for those that start something else first: an interpreter, a browser.
    Inside,
    /// The program's own even where whole processes are compared: starting a browser is nobody's import.
    AlwaysInside,
}

impl Clock {
    /// Files so short that starting is what counts.
    pub(super) fn for_rows(self, rows: u64) -> Clock {
        if rows <= 1_000 && self == Clock::Inside { Clock::Whole } else { self }
    }
}

/// What a program said about a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) valid: Option<u64>,
    pub(super) repeated: Option<u64>,
    pub(super) digest: Option<String>,
    /// Of libphonenumber's metadata, the version.
    pub(super) metadata: Option<String>,
}

/// What one contestant did with one file.
pub(super) struct Measured {
    pub(super) rows: u64,
    pub(super) seconds: Vec<f64>,
    /// How much of the best turn of a whole process it did not have the core: other work did, or it waited.
    pub(super) lost: Option<f64>,
    /// The most memory it held at once in any run; none where other processes do the work.
    pub(super) memory_bytes: Option<u64>,
    pub(super) answer: Answer,
}

impl Measured {
    /// Nothing yet, of a file with this many rows.
    pub(super) fn of(rows: u64) -> Measured {
        Measured { rows, seconds: Vec::new(), lost: None, memory_bytes: None, answer: Answer::default() }
    }

    pub(super) fn best(&self) -> f64 {
        self.seconds.iter().copied().fold(f64::INFINITY, f64::min)
    }

    pub(super) fn median(&self) -> f64 {
        median(&self.seconds)
    }

    /// Rows in a second, by the best turn.
    pub(super) fn rate(&self) -> f64 {
        self.rows as f64 / self.best()
    }
}

/// The one in the middle, or between the two there.
pub(super) fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    } else {
        sorted[middle]
    }
}

impl Contestant {
    /// Judges a file once and adds what was measured to `measured`.
    pub(super) fn take_turn(&self, file: &Path, pin: &Pin, measured: &mut Measured) -> Outcome {
        pin.to(self.cores);
        let mut command = (self.start)();
        // Into a file: a pipe that nobody reads would stop whoever has much to say.
        let words = tree::own().join("bench/complaints.txt");
        let complaints = File::create(&words).map_err(file_trouble(&words))?;
        command.arg(file).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(complaints);
        let start = Instant::now();
        let mut child = command.spawn().map_err(|error| not_started(&command, &error))?;
        let mut text = String::new();
        if let Some(mut out) = child.stdout.take() {
            out.read_to_string(&mut text).map_err(|error| not_started(&command, &error))?;
        }
        let ended = child.wait4().map_err(|error| not_started(&command, &error))?;
        let whole = start.elapsed().as_secs_f64();
        let inside = value(&text, "seconds").and_then(|seconds| seconds.parse().ok());
        // A check that rejects rows ends with 1; what counts is whether there is an answer.
        let answered = inside.is_some() || value(&text, "digest").is_some();
        if !answered || ended.status.code().is_none_or(|code| code > 1) {
            let words = fs::read_to_string(&words).unwrap_or_default();
            let last = words.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
            return Err(Trouble::new(
                format!("{}: {last}", self.name),
                "run it by itself and read all it says.",
            ));
        }
        // Whoever leaves rows out is fast for nothing.
        if let Some(rows) = value(&text, "rows").filter(|rows| *rows != measured.rows.to_string()) {
            return Err(Trouble::new(
                format!("{} saw {rows} rows instead of {}", self.name, measured.rows),
                "mend its program under tests/bench/peers.",
            ));
        }
        let whole_counts = self.clock.for_rows(measured.rows) == Clock::Whole;
        let seconds = inside.filter(|_| !whole_counts).unwrap_or(whole);
        if whole_counts && seconds < measured.best() {
            let worked = ended.rusage.utime + ended.rusage.stime;
            measured.lost = Some(1.0 - worked.as_secs_f64() / whole / self.cores as f64);
        }
        measured.seconds.push(seconds);
        if self.clock != Clock::AlwaysInside {
            measured.memory_bytes = measured.memory_bytes.max(Some(ended.rusage.maxrss));
        }
        let count = |key| value(&text, key).and_then(|count| count.parse().ok());
        measured.answer = Answer {
            valid: count("valid"),
            repeated: count("repeated"),
            digest: value(&text, "digest").map(str::to_owned),
            metadata: value(&text, "number_metadata").map(str::to_owned),
        };
        Ok(())
    }
}

/// Keeps what is started on the same cores, where the machine can: this process is moved, and what it starts stays
/// with it, so that nothing is started in between.
pub(super) struct Pin {
    cores: Vec<String>,
}

impl Pin {
    pub(super) fn new() -> Pin {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap_or("");
        let mut cores = Vec::new();
        for range in list.trim().split(',').filter(|range| !range.is_empty()) {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            if let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) {
                cores.extend((first..=last).map(|core| core.to_string()));
            }
        }
        // The last first: interrupts of the machine are mostly served by the first.
        cores.reverse();
        let pin = Pin { cores };
        if pin.to(1) { pin } else { Pin { cores: Vec::new() } }
    }

    /// Moves this process and what it starts; false when that is not possible.
    fn to(&self, cores: usize) -> bool {
        if self.cores.is_empty() {
            return false;
        }
        let list = self.cores[..cores.min(self.cores.len())].join(",");
        ask(Command::new("taskset").args(["--pid", "--cpu-list", &list, &std::process::id().to_string()]))
            .is_some()
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cores.first() {
            Some(core) => write!(out, "each on one core, number {core}, unless it says otherwise"),
            None => out.write_str("not pinned: `taskset` is not there or not allowed"),
        }
    }
}

/// The plain value of a key of a JSON document that no other key of it ends with.
pub(super) fn value<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = json.split_once(&format!("\"{key}\":"))?;
    let end = rest.find([',', '}'])?;
    Some(rest[..end].trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_even_and_odd() {
        let of = |seconds: &[f64]| Measured { seconds: seconds.to_vec(), ..Measured::of(1) }.median();
        assert!((of(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9 && (of(&[4.0, 1.0, 3.0, 2.0]) - 2.5).abs() < 1e-9);
    }

    #[test]
    fn values_end_where_they_end() {
        let json = r#"{"rows":3,"digest":"ab","seconds":1.5}"#;
        assert_eq!((value(json, "digest"), value(json, "seconds")), (Some("ab"), Some("1.5")));
        assert_eq!(value(json, "valid"), None);
    }
}
