//! What was measured, as text: the tables that are printed and kept in `benches/RESULTS.md`.

use std::fmt::Write as _;

use super::contest::{Clock, Contestant, Measured, Role};
use super::peers::LEFT_OUT;
use super::{Entry, ROWS_SHORT, Race, ours, peers};

/// Ratios that say how far ahead or behind something is: what it is called, who, and whom it is compared with.
const RATIOS: [(&str, &str, &str); 11] = [
    ("native / the best peer whose verdicts are right", ours::NATIVE, peers::BEST_RIGHT),
    ("native / a bare SIMD split into fields", ours::NATIVE, peers::FIELDS),
    ("native / a bare SIMD search for ends of records", ours::NATIVE, peers::RECORDS),
    ("native / C++ libphonenumber", ours::NATIVE, peers::CPP),
    ("native / Java libphonenumber", ours::NATIVE, peers::JAVA),
    ("native / Python's port", ours::NATIVE, peers::PYTHON),
    ("two cores / one", ours::CORES, ours::NATIVE),
    ("engine in wasmtime, rows out / native", ours::ENGINE, ours::NATIVE),
    ("wasmtime, whole process / native", ours::SANDBOX, ours::NATIVE),
    ("Chromium / native", ours::CHROMIUM, ours::NATIVE),
    ("Chromium / what importers in a page do today", ours::CHROMIUM, peers::PAGE),
];

const PREFACE: &str = "\
# How fast a consent file is judged

<!-- Written by `cargo xtask bench check`; do not edit. -->

Everybody splits the same file, judges the WhatsApp number and the permission of each row, finds repeated numbers, counts
by kind, and knows row and column of each fault. The file is made up: people of forty countries, some numbers with blanks,
dashes, parentheses or `00`, 3 % faulty in five ways, 2 % repeated from anywhere earlier. Peers are pinned and lie in
`tests/bench/peers`; nothing of them is in the product.

- *best* and *median* of turns that everybody takes in rounds. Native programs are timed from start to end; interpreters,
  browsers and Java from where their libraries are loaded. Files of 1,000 rows: whole processes, browsers apart.
- *~* marks a rate measured on the beginning of the file, because the whole would take minutes.
- *ours is faster by* compares with `ours: native, one core` on the same file.
- *memory* is the most that was resident; below the 5 MiB of what starts the programs it does not show.
- *verdict* compares the valid and the repeated numbers with ours. Versions of metadata differ: those of peers are below,
  ours are of ";

/// The whole document.
pub(super) fn rendered(
    contestants: &[Contestant],
    races: &[Race],
    missing: &[(&'static str, String)],
    machine: &str,
) -> String {
    let mut out = format!("{PREFACE}{}.\n\n## Machine\n\n{machine}{}", metadata(races), disturbance(races));
    for race in races {
        let _ = write!(out, "\n## {} rows\n\n{}", grouped(race.rows), race_table(contestants, race));
    }
    let _ = write!(out, "\n## Ratios of rates\n\n{}", ratio_table(contestants, races));
    out.push_str("\n## Versions\n\n");
    for contestant in contestants.iter().filter(|contestant| !contestant.made_of.is_empty()) {
        let _ = writeln!(out, "- {}: {}", contestant.name, contestant.made_of);
    }
    let left_out = LEFT_OUT.iter().map(|(name, reason)| (*name, *reason));
    let missing = missing.iter().map(|(name, reason)| (*name, reason.as_str()));
    out.push_str("\n## Not measured\n\n");
    for (name, reason) in missing.chain(left_out) {
        let _ = writeln!(out, "- {name}: {reason}");
    }
    out
}

/// The version of metadata by which ours judge.
fn metadata(races: &[Race]) -> &str {
    let mut entries = races.iter().flat_map(|race| &race.entries);
    entries.find_map(|entry| entry.measured.answer.metadata.as_deref()).unwrap_or("an unknown version")
}

/// How much others on the machine were in the way. Ratios bear a little of that, figures do not.
fn disturbance(races: &[Race]) -> String {
    let long = races.iter().filter(|race| race.rows > ROWS_SHORT);
    let mut lost: Vec<f64> =
        long.flat_map(|race| &race.entries).filter_map(|entry| entry.measured.lost).collect();
    lost.sort_by(f64::total_cmp);
    let Some(middle) = lost.get(lost.len() / 2) else { return String::new() };
    format!(
        "- of the time of a program's best turn, {:.0} % were not its own: the machine did other things\n",
        middle * 1e2
    )
}

fn race_table(contestants: &[Contestant], race: &Race) -> String {
    let native = race.entries.iter().find(|entry| contestants[entry.contestant].name == ours::NATIVE);
    let native = native.map_or(f64::NAN, |entry| entry.measured.rate());
    let header = ["", "best, ms", "median, ms", "M rows/s", "ours is faster by", "memory, MiB", "verdict"];
    let mut rows = vec![header.map(str::to_owned)];
    for (role, title) in [
        (Role::Ours, "**Consentry**"),
        (Role::Right, "**libphonenumber's verdict**"),
        (Role::Simpler, "**not libphonenumber's verdict on every number**"),
        (Role::Floor, "**only a part of it**"),
    ] {
        let mut of_role = entries(contestants, race, role);
        if of_role.is_empty() {
            continue;
        }
        if role != Role::Ours {
            of_role.sort_by(|left, right| right.measured.rate().total_cmp(&left.measured.rate()));
        }
        rows.push([title, "", "", "", "", "", ""].map(str::to_owned));
        rows.extend(
            of_role.iter().map(|entry| row(&contestants[entry.contestant], entry, race.rows, native)),
        );
    }
    aligned(&rows)
}

fn entries<'a>(contestants: &[Contestant], race: &'a Race, role: Role) -> Vec<&'a Entry> {
    race.entries.iter().filter(|entry| contestants[entry.contestant].role == role).collect()
}

fn row(contestant: &Contestant, entry: &Entry, rows: u64, native: f64) -> [String; 7] {
    let measured = &entry.measured;
    let name = contestant.name.to_owned();
    if let Some(reason) = &entry.failed {
        return [
            name,
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            reason.clone(),
        ];
    }
    let part = measured.rows < rows;
    let name = if part { format!("{name}, first {}", grouped(measured.rows)) } else { name };
    let mark = if part { "~" } else { "" };
    let inside = rows <= ROWS_SHORT && contestant.clock == Clock::AlwaysInside;
    let memory = measured.memory_bytes.filter(|_| rows > ROWS_SHORT);
    [
        if inside { format!("{name}, already started") } else { name },
        format!("{:.1}", measured.best() * 1e3),
        format!("{:.1}", measured.median() * 1e3),
        format!("{mark}{}", figures(measured.rate() / 1e6)),
        format!("{mark}{}×", figures(native / measured.rate())),
        memory.map_or(String::new(), |bytes| (bytes >> 20).to_string()),
        verdict(contestant.role, measured, entry),
    ]
}

/// Where a verdict is not ours.
fn verdict(role: Role, measured: &Measured, entry: &Entry) -> String {
    let (answer, expected) = (&measured.answer, &entry.expected);
    match role {
        Role::Ours => "same digest".to_owned(),
        Role::Floor => String::new(),
        Role::Right | Role::Simpler => {
            let pairs =
                [("valid", answer.valid, expected.valid), ("repeated", answer.repeated, expected.repeated)];
            let mut differences = Vec::new();
            for (what, theirs, ours) in pairs {
                match (theirs, ours) {
                    (Some(theirs), Some(ours)) if theirs == ours => {}
                    (Some(theirs), Some(ours)) => {
                        differences.push(format!("{what} {:+}", i128::from(theirs) - i128::from(ours)));
                    }
                    _ => differences.push(format!("{what} not said")),
                }
            }
            if differences.is_empty() { "the same".to_owned() } else { differences.join(", ") }
        }
    }
}

fn ratio_table(contestants: &[Contestant], races: &[Race]) -> String {
    let mut header = vec![String::new()];
    header.extend(races.iter().map(|race| format!("{} rows", grouped(race.rows))));
    let mut rows = vec![header];
    for (what, who, whom) in RATIOS {
        let ratios = races.iter().map(|race| {
            let rate = |name: &str| {
                let mut found = race.entries.iter().filter(|entry| entry.failed.is_none());
                let entry = found.find(|entry| contestants[entry.contestant].name == name)?;
                Some((entry.measured.rate(), entry.measured.rows < race.rows))
            };
            let ((ours, _), (theirs, part)) = (rate(who)?, rate(whom)?);
            Some(format!("{}{}×", if part { "~" } else { "" }, figures(ours / theirs)))
        });
        let mut row = vec![what.to_owned()];
        row.extend(ratios.map(Option::unwrap_or_default));
        if row[1..].iter().any(|cell| !cell.is_empty()) {
            rows.push(row);
        }
    }
    aligned(&rows)
}

/// A Markdown table that can be read as it stands: words to the left, figures to the right.
pub(super) fn aligned<R: AsRef<[String]>>(rows: &[R]) -> String {
    let columns = rows.first().map_or(0, |row| row.as_ref().len());
    let width =
        |column: usize| rows.iter().map(|row| row.as_ref()[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(|column| width(column).max(3)).collect();
    let left = |column: usize| column == 0 || rows[0].as_ref()[column] == "verdict";
    let mut out = String::new();
    for (at, row) in rows.iter().enumerate() {
        for (column, cell) in row.as_ref().iter().enumerate() {
            let width = widths[column];
            let _ = if left(column) {
                write!(out, "| {cell:<width$} ")
            } else {
                write!(out, "| {cell:>width$} ")
            };
        }
        out.push_str("|\n");
        if at == 0 {
            for (column, width) in widths.iter().enumerate() {
                let line = "-".repeat(width - 1);
                let _ = if left(column) { write!(out, "| {line}- ") } else { write!(out, "| {line}: ") };
            }
            out.push_str("|\n");
        }
    }
    out
}

/// Three figures, which is more than the machine's noise leaves.
pub(super) fn figures(number: f64) -> String {
    let decimals = match number {
        100.0.. => 0,
        10.0..100.0 => 1,
        0.1..10.0 => 2,
        _ => 4,
    };
    format!("{number:.decimals$}")
}

pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_groups() {
        assert_eq!(
            [figures(413.7), figures(41.37), figures(1.5), figures(0.00131)],
            ["414", "41.4", "1.50", "0.0013"]
        );
        assert_eq!([grouped(7), grouped(1_000), grouped(12_345_678)], ["7", "1,000", "12,345,678"]);
    }

    #[test]
    fn a_table_lines_up() {
        let rows = [["".to_owned(), "rows".to_owned()], ["many".to_owned(), "7×".to_owned()]];
        assert_eq!(aligned(&rows), "|      | rows |\n| ---- | ---: |\n| many |   7× |\n");
    }
}
