//! Data folders: prepared ones, which are kept from run to run, and copies of them, which one run uses up.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use wait4::Wait4 as _;

use super::people;
use crate::bench::contest::value;
use crate::run::{Outcome, Trouble, ask, file_trouble, not_started, run, step};
use crate::{stamp, tree};

/// What one import took and did.
pub(super) struct Imported {
    /// The process, from start to end.
    pub(super) seconds: f64,
    /// What it worked, on all cores together: others on the machine change this least.
    pub(super) cpu_seconds: f64,
    /// The most that was resident.
    pub(super) memory_bytes: u64,
    /// The document of the import.
    pub(super) document: String,
}

/// A data folder that goes when this value does.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// A folder that is not there yet.
    pub(super) fn empty() -> Outcome<Scratch> {
        let path = folder().join("scratch");
        remove(&path)?;
        fs::create_dir_all(folder()).map_err(file_trouble(&folder()))?;
        Ok(Scratch(path))
    }

    /// A copy of another folder, at rest on the disk: what is still to be written would be written during the run.
    pub(super) fn copy_of(prepared: &Path) -> Outcome<Scratch> {
        let scratch = Scratch::empty()?;
        let mut copy = Command::new("cp");
        if cfg!(target_os = "linux") {
            copy.arg("--reflink=auto");
        }
        run(copy.arg("-R").arg(prepared).arg(&scratch.0), "make room on the disk, then try again.")?;
        settled()?;
        Ok(scratch)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left is removed before the next run.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A folder with so many profiles. It is made anew when the schema is another one, when this version refuses it, or
/// when it is asked for.
pub(super) fn prepared(profiles: u64, fresh: bool) -> Outcome<PathBuf> {
    let file = people::known(profiles)?;
    let path = folder().join(people::name(profiles));
    let mut question = Command::new(tree::binary());
    question.args(["imports", "--json", "--data"]).arg(&path);
    if fresh || path.exists() && ask(&mut question).is_none() {
        remove(&path)?;
    }
    let inputs = [tree::root().join("host/migrations")];
    let name = format!("bench-store-{}", people::name(profiles));
    stamp::unless_done(&name, &inputs, std::slice::from_ref(&path), || {
        let expectation = format!("{} s", 1 + profiles / 100_000);
        step(&format!("a store of {profiles} profiles"), &expectation, || {
            remove(&path)?;
            let scratch = Scratch::empty()?;
            let imported = import(&file, scratch.path())?;
            expect(&imported.document, "created", profiles)?;
            fs::rename(scratch.path(), &path).map_err(file_trouble(&path))
        })
    })?;
    Ok(path)
}

/// `consentry import`, measured.
pub(super) fn import(file: &Path, data: &Path) -> Outcome<Imported> {
    let (said, complaints) = (folder().join("said.json"), folder().join("complaints.txt"));
    let write = |path: &Path| fs::File::create(path).map_err(file_trouble(path));
    let mut command = Command::new(tree::binary());
    command.args(["import", "--json"]).arg(file).arg("--data").arg(data);
    command.stdout(write(&said)?).stderr(write(&complaints)?);
    let start = Instant::now();
    let child = command.spawn().map_err(|error| not_started(&command, &error))?;
    let ended = child.wait4().map_err(|error| not_started(&command, &error))?;
    let seconds = start.elapsed().as_secs_f64();
    let document = fs::read_to_string(&said).map_err(file_trouble(&said))?;
    if value(&document, "state") != Some("committed") {
        let words = fs::read_to_string(&complaints).unwrap_or_default();
        let last = words.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        return Err(Trouble::new(
            format!("`consentry import` did not import {}: {last}", file.display()),
            "when the prepared store is to blame, `cargo xtask bench import --fresh` makes it anew.",
        ));
    }
    let cpu_seconds = (ended.rusage.utime + ended.rusage.stime).as_secs_f64();
    Ok(Imported { seconds, cpu_seconds, memory_bytes: ended.rusage.maxrss, document })
}

/// Fails unless a document counts what it should: what leaves work out is fast for nothing.
pub(super) fn expect(document: &str, key: &str, count: u64) -> Outcome {
    let found = value(document, key).unwrap_or("nothing");
    if found == count.to_string() {
        return Ok(());
    }
    Err(Trouble::new(
        format!("an import says {key}: {found}, and {count} was expected"),
        "this is a bug of the import or of the files in xtask/src/bench/import/people.rs; run `cargo xtask test`.",
    ))
}

/// Waits until everything written is on the disk.
pub(super) fn settled() -> Outcome {
    run(&mut Command::new("sync"), "find out why `sync` does not work here.")
}

/// Where data folders and what programs say are kept.
pub(super) fn folder() -> PathBuf {
    tree::own().join("bench/stores")
}

fn remove(path: &Path) -> Outcome {
    if path.exists() {
        fs::remove_dir_all(path).map_err(file_trouble(path))?;
    }
    Ok(())
}
