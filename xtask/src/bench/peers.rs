//! What others offer for the same job, and what no program that does it can be faster than.
//!
//! Their sources and pinned versions are in `tests/bench/peers`; nothing of them is near the product.

use std::collections::BTreeMap;

use super::contest::{Contestant, Role};
use super::kits::{self, Kit};
use crate::setup::Ready;

/// The fastest whose verdicts are libphonenumber's.
pub(super) const BEST_RIGHT: &str = "csv + rlibphonenumber";
pub(super) const FIELDS: &str = "simd-csv: fields";
pub(super) const RECORDS: &str = "simd-csv: ends of records";
pub(super) const PAGE: &str = "papaparse + libphonenumber-js/max, Chromium";
pub(super) const JAVA: &str = "Java libphonenumber";
pub(super) const CPP: &str = "C++ libphonenumber";
pub(super) const PYTHON: &str = "csv + phonenumbers, Python";

const ALL: u64 = u64::MAX;

struct Peer {
    name: &'static str,
    kit: Kit,
    role: Role,
    rows_max: u64,
    /// The program within its kit, and what it is told before the file.
    program: &'static [&'static str],
    /// Packages whose versions are shown; they are pinned in the kit's manifest.
    packages: &'static [&'static str],
}

use Kit::{Chromium, Cpp, Java, Node, Python, Rust};
use Role::{Floor, Right, Simpler};

/// Rows are few enough for a turn of some seconds.
#[rustfmt::skip]
const PEERS: [Peer; 22] = [
    peer(BEST_RIGHT, Rust, Right, ALL, &["csv_rlibphonenumber"], &["csv", "rlibphonenumber"]),
    peer(CPP, Cpp, Right, 200_000, &["peer"], &["libphonenumber-dev"]),
    peer(JAVA, Java, Right, 200_000, &["Peer"], &["libphonenumber8-java"]),
    peer("papaparse + libphonenumber-js/max, Node", Node, Right, 200_000, &["papaparse", "max"], &["papaparse", "libphonenumber-js"]),
    peer(PAGE, Chromium, Right, 200_000, &[], &["papaparse", "libphonenumber-js"]),
    peer("csv-parse + google-libphonenumber, Node", Node, Right, 100_000, &["csv-parse", "google"], &["csv-parse", "google-libphonenumber"]),
    peer("papaparse + awesome-phonenumber, Node", Node, Right, 50_000, &["papaparse", "awesome"], &["papaparse", "awesome-phonenumber"]),
    peer(PYTHON, Python, Right, 100_000, &["csv_phonenumbers"], &["phonenumbers"]),
    peer("pandas + phonenumbers", Python, Right, 100_000, &["pandas_phonenumbers"], &["pandas", "phonenumbers"]),
    peer("csv + phonenumber crate", Rust, Simpler, 20_000, &["csv_phonenumber"], &["csv", "phonenumber"]),
    peer("papaparse + libphonenumber-js/min, Node", Node, Simpler, 200_000, &["papaparse", "min"], &["papaparse", "libphonenumber-js"]),
    peer("papaparse + regex, Node", Node, Simpler, 1_000_000, &["papaparse", "regex"], &["papaparse"]),
    peer("polars + regex", Python, Simpler, ALL, &["polars_regex"], &["polars"]),
    peer("DuckDB + regex", Python, Simpler, ALL, &["duckdb_regex"], &["duckdb"]),
    peer("pandera schema", Python, Simpler, 1_000_000, &["pandera_schema"], &["pandas", "pandera"]),
    peer("csv crate", Rust, Floor, ALL, &["csv_alone"], &["csv"]),
    peer("csv-core", Rust, Floor, ALL, &["csv_core_alone"], &["csv-core"]),
    peer("simd-csv: records, copied", Rust, Floor, ALL, &["simd_copies"], &["simd-csv"]),
    peer(FIELDS, Rust, Floor, ALL, &["simd_fields"], &["simd-csv"]),
    peer(RECORDS, Rust, Floor, ALL, &["simd_records"], &["simd-csv"]),
    peer("memchr: newlines", Rust, Floor, ALL, &["newlines"], &["memchr"]),
    peer("read() alone", Rust, Floor, ALL, &["read_alone"], &[]),
];

/// Versions of libphonenumber's metadata, where the package has another version and its authors say.
const METADATA: [(&str, &str); 4] = [
    ("rlibphonenumber", "9.0.42"),
    ("phonenumber", "9.0.33"),
    ("libphonenumber-js", "9.0.43"),
    ("awesome-phonenumber", "9.0.24"),
];

/// Why some that one might look for are not measured.
pub(super) const LEFT_OUT: [(&str, &str); 1] =
    [("qsv validate", "compiling it takes longer than all of this together")];

/// Everybody whose kit could be made ready, and who could not take part with the reason.
pub(super) fn all(
    ready: &Ready,
    wanted: impl Fn(&str) -> bool,
) -> (Vec<Contestant>, Vec<(&'static str, String)>) {
    let (mut there, mut missing) = (Vec::new(), Vec::new());
    let mut kits: BTreeMap<Kit, Result<(), String>> = BTreeMap::new();
    for peer in PEERS.iter().filter(|peer| wanted(peer.name)) {
        let state = kits.entry(peer.kit).or_insert_with(|| kits::make_ready(peer.kit));
        if let Err(reason) = state {
            missing.push((peer.name, reason.clone()));
            continue;
        }
        let versions = peer.packages.iter().map(|package| {
            let version = kits::version(peer.kit, package);
            match METADATA.iter().find(|(name, _)| name == package) {
                Some((_, metadata)) => format!("{package} {version} (metadata {metadata})"),
                None => format!("{package} {version}"),
            }
        });
        let browser = ready.browser.clone();
        there.push(Contestant {
            name: peer.name,
            role: peer.role,
            clock: kits::clock(peer.kit),
            rows_max: peer.rows_max,
            cores: 1,
            made_of: versions.collect::<Vec<_>>().join(", "),
            start: Box::new(move || kits::command(peer.kit, peer.program, browser.as_deref())),
        });
    }
    (there, missing)
}

const fn peer(
    name: &'static str,
    kit: Kit,
    role: Role,
    rows_max: u64,
    program: &'static [&'static str],
    packages: &'static [&'static str],
) -> Peer {
    Peer { name, kit, role, rows_max, program, packages }
}
