//! The vectors under `tests/vectors/check`, judged natively and in the sandbox, and the promise behind them: the
//! same bytes and options give the same report however they arrive.
//!
//! A vector is a folder `<rule>/<case>` with `input.csv` (`input.bin` when it is not UTF-8), perhaps `options.json`,
//! and `report.json`: the report without what differs from place to place (who judged, the file's name and hash).
//! A rule's folder holds cases where it speaks and cases where it must keep silent. `tests/js` compares the same
//! files in Node.js, in a browser and at the edge. `UPDATE_VECTORS=1` writes the reports anew, to be read in review.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs};

use consentry_core::consent::{Checker, Emit};
use consentry_core::rows::Rows;
use consentry_core::wire::{rows, v1};
use consentry_host::engine::{self, Engine, PLUGIN};

use crate::random::Random;

/// Cases of the property; each is judged in three ways.
const RANDOM_CASES: u64 = 3_000;
/// Random ways to cut each vector.
const CUTS_PER_VECTOR: u64 = 8;

/// One vector.
pub(crate) struct Vector {
    /// `<rule>/<case>`.
    pub(crate) name: String,
    /// The rule whose folder it lies in.
    pub(crate) rule: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) options: v1::Options,
    /// What `report.json` says; empty when it is not there.
    pub(crate) expected: String,
    folder: PathBuf,
}

/// Every vector, in the order of their names.
pub(crate) fn vectors() -> Vec<Vector> {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/check");
    let mut found: Vec<Vector> = folders(&base).iter().flat_map(|rule| folders(rule)).map(read).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(!found.is_empty(), "there are no vectors under tests/vectors/check");
    found
}

/// The engine this build ships, compiled once for all tests and for later runs.
pub(crate) fn shipped_engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("engine");
    ENGINE.get_or_init(|| Engine::load(PLUGIN, Some(&cache)).expect("run `cargo xtask build` first"))
}

/// The report of a native check of the whole file.
pub(crate) fn judged(options: &v1::Options, bytes: &[u8]) -> v1::Report {
    natively(options, [bytes], Emit::default()).report
}

/// A report as vectors keep it.
pub(crate) fn comparable(report: &v1::Report) -> String {
    let file = v1::File { name: None, sha256: None, ..report.file.clone() };
    let report = v1::Report { file, engine: v1::Engine::default(), ..report.clone() };
    let text = serde_json::to_string_pretty(&report).unwrap();
    let nobody = "  \"engine\": {\n    \"version\": \"\",\n    \"number_metadata\": \"\"\n  },\n";
    assert_eq!(text.matches(nobody).count(), 1, "a report says once who judged");
    format!("{}\n", text.replacen(nobody, "", 1))
}

/// Everything a check gives out.
#[derive(Debug, PartialEq)]
struct Outcome {
    report: v1::Report,
    rows: Rows,
    rejects: Vec<u8>,
    diagnostics: Vec<v1::Diagnostic>,
}

fn natively<'a>(options: &v1::Options, chunks: impl IntoIterator<Item = &'a [u8]>, emit: Emit) -> Outcome {
    let mut checker = Checker::new(options.build().expect("vectors have options that can be followed"), emit);
    let mut out = Outcome {
        report: v1::Report::default(),
        rows: Rows::with_attributes(options.attributes.len()),
        rejects: Vec::new(),
        diagnostics: Vec::new(),
    };
    let mut take = |checker: &mut Checker| {
        out.rows.extend(&checker.take_rows(), 0);
        out.rejects.extend(checker.take_rejects());
        out.diagnostics.extend(checker.take_diagnostics().iter().map(v1::Diagnostic::from));
    };
    for chunk in chunks {
        checker.feed(chunk);
        take(&mut checker);
    }
    let report = checker.finish();
    take(&mut checker);
    out.report = v1::Report::from(&report);
    out
}

fn sandboxed<'a>(options: &v1::Options, chunks: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let emit = engine::Emit { rows: true, diagnostics: true, rejects: true };
    let mut check = shipped_engine().check(options, emit).unwrap();
    let mut out = Outcome {
        report: v1::Report::default(),
        rows: Rows::with_attributes(options.attributes.len()),
        rejects: Vec::new(),
        diagnostics: Vec::new(),
    };
    let mut lines = Vec::new();
    for chunk in chunks {
        check.feed(chunk).unwrap();
        out.rows.extend(&check.take_rows().unwrap(), 0);
        out.rejects.extend(check.take_rejects().unwrap());
        lines.extend(check.take_diagnostics().unwrap());
    }
    out.report = check.finish().unwrap();
    out.rows.extend(&check.take_rows().unwrap(), 0);
    out.rejects.extend(check.take_rejects().unwrap());
    lines.extend(check.take_diagnostics().unwrap());
    let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    out.diagnostics = lines.map(|line| serde_json::from_slice(line).unwrap()).collect();
    out
}

/// Everything there is to emit.
const ALL: Emit = Emit { rows: true, diagnostics: true, rejects: true };

#[test]
fn the_native_core_judges_every_vector() {
    let update = env::var_os("UPDATE_VECTORS").is_some();
    let mut different = Vec::new();
    for vector in vectors() {
        let found = comparable(&judged(&vector.options, &vector.bytes));
        if found == vector.expected {
            continue;
        }
        if update {
            fs::write(vector.folder.join("report.json"), found).unwrap();
        } else {
            different.push(format!("{}: expected\n{}found\n{found}", vector.name, vector.expected));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn the_native_core_judges_every_vector_in_any_chunks() {
    for vector in vectors() {
        let whole = natively(&vector.options, [vector.bytes.as_slice()], ALL);
        assert_eq!(natively(&vector.options, vector.bytes.chunks(1), ALL), whole, "{}", vector.name);
        for seed in 0..CUTS_PER_VECTOR {
            let chunks = Random::new(seed).chunks(&vector.bytes);
            assert_eq!(natively(&vector.options, chunks, ALL), whole, "{} cut by seed {seed}", vector.name);
        }
        // What is emitted beside the report never changes the report.
        assert_eq!(judged(&vector.options, &vector.bytes), whole.report, "{}", vector.name);
    }
}

#[test]
fn the_sandboxed_engine_judges_every_vector_in_any_chunks() {
    for vector in vectors() {
        let native = natively(&vector.options, [vector.bytes.as_slice()], ALL);
        let whole = sandboxed(&vector.options, [vector.bytes.as_slice()]);
        assert_eq!(comparable(&whole.report), vector.expected, "{}", vector.name);
        assert_eq!(whole.report.engine, *shipped_engine().about(), "{}", vector.name);
        assert_eq!(
            (&whole.rows, &whole.rejects, &whole.diagnostics),
            (&native.rows, &native.rejects, &native.diagnostics)
        );
        let cut = |chunks| assert_eq!(sandboxed(&vector.options, chunks), whole, "{}", vector.name);
        cut(vector.bytes.chunks(1).collect());
        (0..CUTS_PER_VECTOR).for_each(|seed| cut(Random::new(seed).chunks(&vector.bytes)));
    }
}

#[test]
fn rows_survive_the_border_packed() {
    for vector in vectors() {
        let accepted = natively(&vector.options, [vector.bytes.as_slice()], ALL).rows;
        let mut packed = Vec::new();
        rows::encode(&accepted, &mut packed);
        assert_eq!(rows::decode(&packed), Ok(accepted), "{}", vector.name);
    }
}

#[test]
fn a_report_is_true_to_itself() {
    for vector in vectors() {
        let outcome = natively(&vector.options, [vector.bytes.as_slice()], ALL);
        let v1::Report { counts, codes, diagnostics, diagnostics_omitted, regions, .. } = &outcome.report;
        assert_eq!(counts.accepted + counts.rejected, counts.rows, "{}", vector.name);
        assert_eq!(counts.opt_in + counts.opt_out, counts.accepted, "{}", vector.name);
        assert_eq!(counts.accepted, outcome.rows.len() as u64, "{}", vector.name);
        assert_eq!(regions.values().sum::<u64>(), counts.accepted, "{}", vector.name);
        assert_eq!(
            codes.values().sum::<u64>(),
            diagnostics.len() as u64 + diagnostics_omitted,
            "{}",
            vector.name
        );
        assert!(
            diagnostics.is_sorted_by_key(|found| found.row),
            "{}: not in the order of the file",
            vector.name
        );
        let errors = || diagnostics.iter().filter(|found| found.severity == "error");
        // A record that never ends is told with the row it would have been, and is none.
        let never_ends = |found: &&v1::Diagnostic| found.row == Some(counts.rows + 1);
        let refusing = errors().any(|found| found.row.is_none() || never_ends(&found));
        assert_eq!(outcome.report.refused, refusing, "{}", vector.name);
        if *diagnostics_omitted == 0 {
            let rows = errors().filter(|found| !never_ends(found)).filter_map(|found| found.row);
            let rejected: BTreeSet<u64> = rows.collect();
            assert_eq!(rejected.len() as u64, counts.rejected, "{}", vector.name);
        }
    }
}

#[test]
fn any_bytes_in_any_chunks_give_the_same_report() {
    for seed in 0..RANDOM_CASES {
        let mut random = Random::new(seed);
        let (options, bytes) = nasty(&mut random);
        let whole = natively(&options, [bytes.as_slice()], ALL);
        assert_eq!(natively(&options, bytes.chunks(1), ALL), whole, "seed {seed}, byte by byte");
        assert_eq!(natively(&options, random.chunks(&bytes), ALL), whole, "seed {seed}, in random chunks");
        let v1::Counts { rows, accepted, rejected, .. } = whole.report.counts;
        assert_eq!(accepted + rejected, rows, "seed {seed}");
    }
}

#[test]
fn the_sandboxed_engine_agrees_on_any_bytes() {
    for seed in 0..RANDOM_CASES / 10 {
        let mut random = Random::new(seed);
        let (options, bytes) = nasty(&mut random);
        let native = natively(&options, [bytes.as_slice()], ALL);
        let sandboxed = sandboxed(&options, random.chunks(&bytes));
        assert_eq!(comparable(&sandboxed.report), comparable(&native.report), "seed {seed}");
        assert_eq!(sandboxed.rows, native.rows, "seed {seed}");
        assert_eq!(sandboxed.rejects, native.rejects, "seed {seed}");
    }
}

/// A file made of pieces that readers go wrong on, and options that may or may not fit it.
fn nasty(random: &mut Random) -> (v1::Options, Vec<u8>) {
    const STARTS: &[&[u8]] = &[
        b"",
        b"\xEF\xBB\xBF",
        b"\xFF\xFE",
        b"\xFE\xFF",
        b"\xEF\xBB",
        b"sep=;\r\n",
        b"sep=,\r",
        b"\xEF\xBB\xBFsep=|\n",
        b"sep=",
        b"\n\r\n \t\n",
        b"PK\x03\x04",
    ];
    const HEADERS: &[&[u8]] = &[
        b"exid,email,msisdn,wpNumber,permission\n",
        b"wpNumber;permission\r\n",
        b"WP Number\tPermission\tcity\r",
        b"\"wp\nNumber\"|permission|\n",
        "müşteri no;whatsapp;izin;şehir\n".as_bytes(),
        b"m\xFC\xFEteri no;whatsapp;izin;\xDEehir\n",
        b"wpNumber,wp_number,permission\n",
        b"number,yes\n",
        b"",
    ];
    const PIECES: &[&[u8]] = &[
        b",",
        b";",
        b"\t",
        b"|",
        b"\n",
        b"\r",
        b"\r\n",
        b"\"",
        b"\"\"",
        b"\",\"",
        b"'",
        b" ",
        b"\0",
        b"\xFF",
        b"\x81",
        b"\xC5",
        b"\x9F",
        "ş".as_bytes(),
        "İ".as_bytes(),
        "😀".as_bytes(),
        "\u{feff}".as_bytes(),
        "\u{202f}".as_bytes(),
        b"+",
        b"0",
        b"00",
        b"1",
        b"2",
        b"3",
        b"1\n",
        b",1\n",
        b"+905301112233",
        b"+905301112233,1\n",
        b"+905301112233;2\r\n",
        b",,,+442071234567,0\n",
        b"12,a@b.co,905321234567,",
        b"9.05301E+11",
        b"9.05301112233E+11",
        b"=\"+905321234567\"",
        b"tel:",
        b"https://wa.me/905321234567",
        b"+5215512345678,1\n",
        b"+5491123456789,1\n+541123456789,2\n",
        b"a@b",
        b"sep=;",
        b"x",
    ];
    let mut bytes = random.pick(STARTS).to_vec();
    let wide = (bytes.as_slice() == b"\xFF\xFE" || bytes.as_slice() == b"\xFE\xFF") && random.below(4) > 0;
    let mark = bytes.len();
    bytes.extend_from_slice(random.pick(HEADERS));
    for _ in 0..random.below(40) {
        match random.below(300) {
            0 => bytes.extend((0..random.below(6_000)).map(|_| b'x')),
            1 => bytes.extend((0..random.below(70_000)).map(|_| b'9')),
            2 => bytes.extend((0..random.below(12)).map(|_| random.below(256) as u8)),
            _ => bytes.extend_from_slice(random.pick(PIECES)),
        }
    }
    if wide {
        let big_endian = bytes[0] == 0xFE;
        let text = String::from_utf8_lossy(&bytes[mark..]).into_owned();
        bytes.truncate(mark);
        bytes.extend(
            text.encode_utf16().flat_map(|u| if big_endian { u.to_be_bytes() } else { u.to_le_bytes() }),
        );
        if random.below(3) == 0 {
            bytes.push(0xD8);
        }
    }
    let mut maybe = |text: &str| (random.below(6) == 0).then(|| text.to_owned());
    let options = v1::Options {
        country: maybe("TR"),
        numbers: maybe("valid"),
        permission: maybe("1=in,2=out,0=reject"),
        encoding: maybe("windows-1254").or_else(|| maybe("utf-8")).or_else(|| maybe("utf-16le")),
        delimiter: maybe(";"),
        attributes: maybe("city").into_iter().collect(),
        map: maybe("number").map(|header| ("wpNumber".to_owned(), header)).into_iter().collect(),
    };
    (options, bytes)
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
}

fn read(folder: PathBuf) -> Vector {
    let file = |name: &str| fs::read(folder.join(name));
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let rule = name(folder.parent().unwrap());
    let options = file("options.json").map_or(String::new(), |bytes| String::from_utf8(bytes).unwrap());
    Vector {
        name: format!("{rule}/{}", name(&folder)),
        rule,
        bytes: file("input.csv").or_else(|_| file("input.bin")).expect("a vector has an input"),
        options: v1::Options::parse(&options).expect("a vector's options can be read"),
        expected: file("report.json").map_or(String::new(), |bytes| String::from_utf8(bytes).unwrap()),
        folder,
    }
}
