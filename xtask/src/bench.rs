//! How fast a consent file is judged in each place, side by side in one run on one made-up file.
//!
//! Places take turns and the best of each counts: other work on the machine only ever makes a run slower. Figures of
//! one run compare with each other; figures of two machines do not.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::run::{Outcome, Trouble, file_trouble, not_started, run, step};
use crate::setup::{Purpose, setup};
use crate::{artefacts, tree};

const TURNS: usize = 3;
const ROWS: u32 = 1_000_000;

/// `cargo xtask bench check`: prints a row for each place.
pub(crate) fn check() -> Outcome {
    let ready = setup(Purpose::Test)?;
    artefacts::build(&ready)?;
    let mut build = tree::cargo();
    build.args(["build", "--release", "--bin", "native"]).args(tree::NATIVE_PACKAGES);
    run(&mut build, "read the first error of the compiler above.")?;
    let file = tree::own().join("bench").join(format!("{ROWS}.csv"));
    if !file.is_file() {
        step("a file to judge", "a second", || write_file(&file))?;
    }

    let node = |place: &str| {
        let mut command = Command::new("node");
        command.current_dir(tree::root()).args(["tests/js/speed.mjs", place]).arg(&file);
        if let Some(browser) = &ready.browser {
            command.env("CHROMIUM", browser);
        }
        command
    };
    let mut native = Command::new(tree::target().join("release/native"));
    native.arg(&file);
    let mut sandbox = Command::new(tree::binary());
    sandbox.args(["check", "--json"]).arg(&file);
    let mut places = [
        Place::new("native, the core alone", native),
        Place::new("host: wasmtime, whole process", sandbox),
        Place::new("Node, the npm package", node("node")),
        Place::new("Chromium, from File to report", node("chromium")),
    ];
    for _ in 0..TURNS {
        for place in &mut places {
            place.run()?;
        }
    }
    let digests: Vec<&String> = places.iter().map(|place| &place.digest).collect();
    if digests.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(Trouble::new(
            "the places do not agree on the verdict",
            "this is a bug; run `cargo xtask test`.",
        ));
    }
    println!("\n{ROWS} rows, best of {TURNS}, the same digest everywhere\n");
    println!("{:<32} {:>9} {:>12}", "", "seconds", "rows/s");
    for place in &places {
        println!("{:<32} {:>9.3} {:>12.0}", place.name, place.best, f64::from(ROWS) / place.best);
    }
    Ok(())
}

struct Place {
    name: &'static str,
    command: Command,
    best: f64,
    digest: String,
}

impl Place {
    fn new(name: &'static str, command: Command) -> Place {
        Place { name, command, best: f64::INFINITY, digest: String::new() }
    }

    fn run(&mut self) -> Outcome {
        let start = Instant::now();
        let output = self.command.output().map_err(|error| not_started(&self.command, &error))?;
        let whole = start.elapsed().as_secs_f64();
        let text = String::from_utf8_lossy(&output.stdout);
        let Some(digest) = value(&text, "digest") else {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Trouble::new(format!("{} did not answer: {words}", self.name), "see above."));
        };
        digest.clone_into(&mut self.digest);
        // Programs that start something else first measure for themselves.
        let seconds = value(&text, "seconds").and_then(|seconds| seconds.parse().ok()).unwrap_or(whole);
        self.best = self.best.min(seconds);
        Ok(())
    }
}

/// The plain value of a key of a JSON document that no other key of it ends with.
fn value<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = json.split_once(&format!("\"{key}\":"))?;
    let end = rest.find([',', '}'])?;
    Some(rest[..end].trim_matches('"'))
}

/// Made-up people of twenty countries: some numbers spelled with blanks and dashes, 3 % faulty, 2 % repeated.
fn write_file(path: &PathBuf) -> Outcome {
    const PLANS: [(&str, usize); 20] = [
        ("9053", 8),
        ("4474", 8),
        ("49151", 8),
        ("1202555", 4),
        ("551198", 7),
        ("9198", 8),
        ("62812", 8),
        ("5255", 8),
        ("2782", 7),
        ("336", 8),
        ("346", 8),
        ("3934", 8),
        ("316", 8),
        ("7916", 7),
        ("96650", 7),
        ("97150", 7),
        ("20100", 7),
        ("234803", 7),
        ("92300", 7),
        ("880171", 7),
    ];
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let mut text = String::from("exid,email,msisdn,wpNumber,permission\n");
    let mut earlier: Vec<String> = Vec::new();
    for row in 0..ROWS {
        let (prefix, digits) = PLANS[chance.below(PLANS.len())];
        let mut number = prefix.to_owned();
        (0..digits).for_each(|_| number.push(char::from(b'0' + chance.below(10) as u8)));
        if chance.below(100) < 2 && !earlier.is_empty() {
            number.clone_from(&earlier[chance.below(earlier.len())]);
        } else if earlier.len() < 5_000 {
            earlier.push(number.clone());
        }
        let cell = match chance.below(100) {
            0..5 => format!("+{} {} {}", &number[..2], &number[2..5], &number[5..]),
            5..8 => format!("+{}-{}", &number[..2], &number[2..]),
            8..10 => format!("00{number}"),
            10 => format!("+{}", &number[..6]),
            11 => format!("+999{}", &number[3..]),
            12 => "9.05E+11".to_owned(),
            _ => format!("+{number}"),
        };
        if chance.below(10) < 8 {
            let _ = write!(text, "{}", 10_000_000 + row);
        }
        text.push(',');
        if chance.below(10) < 6 {
            let _ = write!(text, "user{row}@example.com");
        }
        text.push(',');
        if chance.below(10) < 7 {
            text.push_str(&number);
        }
        let permission = ["1", "1", "1", "2"][chance.below(4)];
        let permission = if chance.below(200) == 0 { "yes" } else { permission };
        let _ = writeln!(text, ",{cell},{permission}");
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(file_trouble(folder))?;
    fs::write(path, text).map_err(file_trouble(path))
}

/// Xorshift: the same file on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}
