//! Fuzzing: the targets of `tests/fuzz`, each for a while, with seeds out of the vectors and fixtures.
//!
//! The stable toolchain does: libFuzzer comes as a crate, and what it wants to know of the program, the compiler writes
//! in when it is asked to. So neither nightly nor cargo-fuzz is needed, and the core is compiled as it is everywhere
//! else. With `--address` the toolchain is nightly, and AddressSanitizer watches over memory as well.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Outcome, Trouble, ask, file_trouble, run, step};
use crate::tree;

/// All there are. A test compares them with the manifest.
const TARGETS: [&str; 6] = ["index", "checker", "number", "unpack", "template", "preflight"];
const SECONDS: u32 = 60;
/// Where templates are that make seeds.
const TEMPLATES: [&str; 4] =
    ["vectors/lint", "vectors/preview", "fixtures/meta/template", "fixtures/meta/list"];
/// What the fuzzer sees of the program: which branches were taken, and how often. Comparisons are not watched, because
/// that takes nine of ten tries away; the targets have words instead.
const COVERAGE: [&str; 4] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
];
/// Zeros before every seed: `consentry_fuzz::CHOICE_BYTES`.
const CHOICE_BYTES: usize = 8;
/// Longest text that the fuzzer writes, in bytes; what is to be longer, the targets repeat.
const TEXT_BYTES_MAX: usize = 2048;
/// Longest cell that may be a seed for `number`, in bytes.
const CELL_BYTES_MAX: usize = 64;
const MEMORY_MIB_MAX: u32 = 1024;
const TRY_SECONDS_MAX: u32 = 20;

/// What to fuzz, and for how long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FuzzOptions {
    targets: Vec<&'static str>,
    seconds: u32,
    address: bool,
}

impl FuzzOptions {
    /// From the words behind `fuzz`; the word that is not known.
    pub(crate) fn read(words: &[String]) -> Result<FuzzOptions, String> {
        let mut options = FuzzOptions { targets: Vec::new(), seconds: SECONDS, address: false };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--address" => options.address = true,
                "--seconds" => {
                    let seconds = words.next().and_then(|seconds| seconds.parse().ok());
                    options.seconds = seconds.ok_or("--seconds")?;
                }
                name => {
                    let known = TARGETS.into_iter().find(|target| *target == name);
                    options.targets.push(known.ok_or(name)?);
                }
            }
        }
        if options.targets.is_empty() {
            options.targets = TARGETS.to_vec();
        }
        Ok(options)
    }
}

/// Builds the targets, and runs them one after the other. The first finding ends it.
pub(crate) fn fuzz(options: &FuzzOptions) -> Outcome {
    let programs = step("fuzz targets", "3 minutes the first time", || build(options.address))?;
    for target in &options.targets {
        let folder = tree::own().join("fuzz");
        let (corpus, findings) = (folder.join("corpus").join(target), folder.join("findings"));
        for needed in [&corpus, &findings] {
            fs::create_dir_all(needed).map_err(file_trouble(needed))?;
        }
        let seeds = seeds(target, &folder.join("seeds").join(target))?;
        println!("\n=== {target}, {} s", options.seconds);
        let mut fuzzing = Command::new(programs.join(target));
        fuzzing.current_dir(tree::root()).arg(corpus).arg(seeds);
        fuzzing.arg(format!("-artifact_prefix={}/{target}-", findings.display()));
        fuzzing.args([
            format!("-max_total_time={}", options.seconds),
            format!("-max_len={}", CHOICE_BYTES + TEXT_BYTES_MAX),
            format!("-rss_limit_mb={MEMORY_MIB_MAX}"),
            format!("-timeout={TRY_SECONDS_MAX}"),
        ]);
        // Inputs that take long are tried less often.
        fuzzing.args(["-entropic_scale_per_exec_time=1", "-print_final_stats=1", "-verbosity=0"]);
        let program = programs.join(target);
        run(
            &mut fuzzing,
            &format!(
                "the input is the file in {} that is named above; `{} FILE` runs it alone, `-minimize_crash=1 \
                 -runs=100000` makes it smaller. Then write a test that says what is wrong.",
                findings.display(),
                program.display()
            ),
        )?;
    }
    println!("\nnothing was found");
    Ok(())
}

/// The folder with the programs.
fn build(address: bool) -> Outcome<PathBuf> {
    let triple = native_target()?;
    let (mut cargo, folder, mut flags) = if address {
        needs_nightly()?;
        let mut cargo = Command::new("rustup");
        cargo.current_dir(tree::root()).args(["run", "nightly", "cargo"]);
        (cargo, "fuzz/address", vec!["-Zsanitizer=address"])
    } else {
        (tree::cargo(), "fuzz/build", Vec::new())
    };
    flags.extend(COVERAGE);
    let folder = tree::own().join(folder);
    cargo.args(["build", "--release", "--locked", "--manifest-path", "tests/fuzz/Cargo.toml"]);
    // A target of its own, though it is this machine's, so that build scripts are compiled without the flags.
    cargo.arg("--target").arg(&triple).arg("--target-dir").arg(&folder);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    run(
        &mut cargo,
        "read the first error above; the fuzzer itself is C++ and needs `c++` (Debian: `apt-get install g++`).",
    )?;
    Ok(folder.join(triple).join("release"))
}

fn native_target() -> Outcome<String> {
    let told = ask(Command::new("rustc").current_dir(tree::root()).arg("-vV")).unwrap_or_default();
    told.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned).ok_or_else(|| {
        Trouble::new("rustc does not say which machine this is", "look at what `rustc -vV` says.")
    })
}

fn needs_nightly() -> Outcome {
    match ask(Command::new("rustup").args(["run", "nightly", "cargo", "--version"])) {
        Some(_) => Ok(()),
        None => Err(Trouble::new(
            "AddressSanitizer needs the nightly toolchain",
            "run `rustup toolchain install nightly --profile minimal`, or leave out `--address`.",
        )),
    }
}

/// A folder of seeds, made anew: every vector and fixture as it stands, or for `number` its cells.
fn seeds(target: &str, folder: &Path) -> Outcome<PathBuf> {
    // What an older checkout left there says nothing.
    if folder.is_dir() {
        fs::remove_dir_all(folder).map_err(file_trouble(folder))?;
    }
    fs::create_dir_all(folder).map_err(file_trouble(folder))?;
    let tests = tree::root().join("tests");
    let mut texts = BTreeSet::new();
    let is_json = target == "template";
    let folders: &[&str] = if is_json { &TEMPLATES } else { &["vectors", "fixtures"] };
    for folder in folders {
        inputs(&tests.join(folder), is_json, &mut texts)?;
    }
    if target == "number" {
        let cells = texts.iter().flat_map(|text| text.split(|byte| b",;\t|\r\n".contains(byte)));
        texts = cells.filter(|cell| cell.len() <= CELL_BYTES_MAX).map(<[u8]>::to_vec).collect();
    }
    for (at, text) in texts.iter().enumerate() {
        let seed = [&[0; CHOICE_BYTES], text.as_slice()].concat();
        let path = folder.join(at.to_string());
        fs::write(&path, seed).map_err(file_trouble(&path))?;
    }
    Ok(folder.to_owned())
}

/// Every file that is the input of a test, from the folder downwards: JSON documents, or everything else.
fn inputs(folder: &Path, is_json: bool, texts: &mut BTreeSet<Vec<u8>>) -> Outcome {
    for entry in fs::read_dir(folder).map_err(file_trouble(folder))? {
        let path = entry.map_err(file_trouble(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            inputs(&path, is_json, texts)?;
        } else if name.ends_with(".json") == is_json && !name.starts_with('.') && name != "report.json" {
            texts.insert(fs::read(&path).map_err(file_trouble(&path))?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<FuzzOptions, String> {
        FuzzOptions::read(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn words_choose_targets_and_time() {
        let all = FuzzOptions { targets: TARGETS.to_vec(), seconds: SECONDS, address: false };
        assert_eq!(read(&[]), Ok(all));
        let one = FuzzOptions { targets: vec!["number"], seconds: 5, address: true };
        assert_eq!(read(&["number", "--seconds", "5", "--address"]), Ok(one));
        for (words, unknown) in [(["--seconds", "x"], "--seconds"), (["index", "csv"], "csv")] {
            assert_eq!(read(&words), Err(unknown.to_owned()));
        }
    }

    #[test]
    fn the_manifest_has_these_targets_and_the_choices_these_bytes() {
        let folder = tree::root().join("tests/fuzz");
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("the checkout has it");
        let paths: Vec<_> = manifest.lines().filter(|line| line.starts_with("path = \"targets/")).collect();
        assert_eq!(paths, TARGETS.map(|target| format!("path = \"targets/{target}.rs\"")));
        let library = fs::read_to_string(folder.join("src/lib.rs")).expect("the checkout has it");
        assert!(library.contains(&format!("CHOICE_BYTES: usize = {CHOICE_BYTES};")));
    }

    #[test]
    fn there_is_something_to_begin_with() {
        let mut texts = BTreeSet::new();
        inputs(&tree::root().join("tests/vectors"), false, &mut texts).expect("the vectors can be read");
        assert!(texts.len() > 50, "{} seeds", texts.len());
    }
}
