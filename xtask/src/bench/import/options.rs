//! What `cargo xtask bench import` is asked for: sizes, parts, turns.

use super::people;

/// Turns that everybody takes.
const TURNS: usize = 3;

/// What is measured; `--only` names one.
const PARTS: [&str; 5] = ["empty", "into", "readers", "kill", "postgres"];

/// What `cargo xtask bench import` was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImportOptions {
    /// Rows into an empty store.
    pub(super) empty: u64,
    /// Rows of the file of news.
    pub(super) rows: u64,
    /// Profiles before the file of news comes, the fewest first.
    pub(super) profiles: Vec<u64>,
    /// Profiles that PostgreSQL has.
    pub(super) peer_profiles: u64,
    pub(super) turns: usize,
    /// Makes stores anew.
    pub(super) fresh: bool,
    /// Only these parts.
    only: Vec<&'static str>,
    /// Whether the results are kept.
    pub(super) kept: bool,
}

impl ImportOptions {
    /// From the command line; the words that are not understood when there are some.
    pub(crate) fn read(args: &[String]) -> Result<ImportOptions, String> {
        let mut options = ImportOptions {
            empty: 10_000_000,
            rows: 1_000_000,
            profiles: vec![1_000_000, 5_000_000, 20_000_000],
            peer_profiles: 5_000_000,
            turns: TURNS,
            fresh: false,
            only: PARTS.to_vec(),
            kept: true,
        };
        if args.iter().any(|arg| arg == "--quick") {
            let (profiles, peer_profiles) = (vec![1_000_000], 1_000_000);
            options = ImportOptions {
                empty: 1_000_000,
                rows: 200_000,
                profiles,
                peer_profiles,
                turns: 1,
                kept: false,
                ..options
            };
        }
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut text = || {
                args.next()
                    .map(|text| text.replace('_', ""))
                    .ok_or_else(|| format!("{arg} without its value"))
            };
            let count = |text: &str, most: u64| {
                // The files are scattered by thousands.
                let count = text
                    .parse()
                    .ok()
                    .filter(|count: &u64| count.is_multiple_of(1000) && (1000..=most).contains(count));
                count.ok_or_else(|| format!("{arg} {text}: thousands up to {most}"))
            };
            match arg.as_str() {
                "--quick" => {}
                "--fresh" => options.fresh = true,
                "--empty" => options.empty = count(&text()?, people::PEOPLE_MAX)?,
                "--rows" => options.rows = count(&text()?, people::NEWS_MAX)?,
                "--profiles" => {
                    let text = text()?;
                    let sizes = text.split(',').map(|size| count(size, people::PEOPLE_MAX));
                    options.profiles = sizes.collect::<Result<_, _>>()?;
                    options.profiles.sort_unstable();
                    if !options.profiles.contains(&options.peer_profiles) {
                        options.peer_profiles = options.profiles[0];
                    }
                }
                "--only" => {
                    let text = text()?;
                    options.only =
                        PARTS.into_iter().filter(|part| text.split(',').any(|only| only == *part)).collect();
                    if options.only.len() != text.split(',').count() {
                        return Err(format!("--only {text}: {}", PARTS.join(", ")));
                    }
                    options.kept = false;
                }
                other => return Err(other.to_owned()),
            }
        }
        match options.profiles.iter().find(|profiles| **profiles < options.rows) {
            // Each row is about somebody else.
            Some(few) => Err(format!("{} rows about {few} people", options.rows)),
            None => Ok(options),
        }
    }

    pub(super) fn wants(&self, part: &str) -> bool {
        self.only.contains(&part)
    }

    /// The largest store, where readers and killing are tried.
    pub(super) fn largest(&self) -> u64 {
        self.profiles.last().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<ImportOptions, String> {
        ImportOptions::read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read_in_any_order() {
        let whole = read("").unwrap();
        assert!(whole.kept && whole.largest() == 20_000_000 && whole.wants("kill"));
        let quick = read("--rows 100_000 --quick").unwrap();
        assert_eq!((quick.rows, quick.kept, quick.peer_profiles), (100_000, false, 1_000_000));
        let some = read("--profiles 5_000_000,2_000_000 --only into,postgres").unwrap();
        assert_eq!((some.profiles.as_slice(), some.peer_profiles), (&[2_000_000, 5_000_000][..], 5_000_000));
        assert!(some.wants("into") && !some.wants("empty") && !some.kept);
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        for line in [
            "--fast",
            "--rows",
            "--rows 7",
            "--rows many",
            "--profiles 1_000",
            "--only all",
            "--empty 99_000_000",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
