//! The peer: PostgreSQL, doing the same to the same files with COPY and set-based SQL (tests/bench/peers/postgres). A
//! server of its own that nobody else reaches, kept from run to run with the people it knows; each turn is a copy of that
//! database.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::people;
use super::store::settled;
use crate::bench::kits;
use crate::run::{Outcome, Trouble, ask, file_trouble, not_started, run, step};
use crate::{stamp, tree};

const CURE: &str = "read what it says above; `--only` with other parts does without it.";
const USER: &str = "postgres";
const KNOWN: &str = "known";
const TURN: &str = "turn";

/// A server that runs, stopped when this value goes.
pub(super) struct Postgres {
    programs: PathBuf,
    /// The data, the socket and the log.
    folder: PathBuf,
    profiles: u64,
}

impl Postgres {
    /// Installs it where that needs nobody's password, makes the database where it is not there yet, and starts it.
    pub(super) fn start(profiles: u64, fresh: bool) -> Outcome<Postgres> {
        if programs().is_none() {
            kits::debian(Path::new("/usr/lib/postgresql"), "postgresql")?;
        }
        let programs = programs().ok_or_else(|| Trouble::new("PostgreSQL is not there", CURE))?;
        let folder = tree::own().join("bench/postgres").join(people::name(profiles));
        let server = Postgres { programs, folder, profiles };
        let file = people::known(profiles)?;
        if fresh && server.folder.exists() {
            fs::remove_dir_all(&server.folder).map_err(file_trouble(&server.folder))?;
        }
        let name = format!("bench-postgres-{}", people::name(profiles));
        let outputs = [server.folder.join("data/PG_VERSION")];
        let (mut started, sql) = (false, source("known.sql"));
        stamp::unless_done(&name, std::slice::from_ref(&sql), &outputs, || {
            let expectation = format!("{} s", 5 + profiles / 50_000);
            step(&format!("PostgreSQL with {profiles} profiles"), &expectation, || {
                server.initialise()?;
                server.run()?;
                started = true;
                server.say("postgres", &format!("CREATE DATABASE {KNOWN}"))?;
                server.follow(KNOWN, &sql, &file)?;
                // No connection may be left to what is copied, and nothing to be written.
                server.say(KNOWN, "CREATE EXTENSION pg_prewarm")?;
                server.say("postgres", "CHECKPOINT")
            })
        })?;
        if !started {
            server.run()?;
        }
        Ok(server)
    }

    /// What it is, with its version.
    pub(super) fn version(&self) -> String {
        let text = ask(self.program("psql").arg("--version")).unwrap_or_default();
        let number = text.split(' ').find(|word| word.starts_with(|ch: char| ch.is_ascii_digit()));
        format!("PostgreSQL {}", number.unwrap_or("of an unknown version"))
    }

    /// Takes in a file of news and says how long that took. Its memory is warm before that: a server runs always.
    pub(super) fn take_turn(&self, file: &Path, newcomers: u64) -> Outcome<f64> {
        self.say("postgres", &format!("DROP DATABASE IF EXISTS {TURN}"))?;
        self.say("postgres", &format!("CREATE DATABASE {TURN} TEMPLATE {KNOWN} STRATEGY file_copy"))?;
        self.say(TURN, "SELECT sum(pg_prewarm(oid)) FROM pg_class WHERE relname LIKE 'profile%'")?;
        self.say(TURN, "CHECKPOINT")?;
        settled()?;
        let start = Instant::now();
        self.follow(TURN, &source("news.sql"), file)?;
        let seconds = start.elapsed().as_secs_f64();
        let profiles = self.asked(TURN, "SELECT count(*) FROM profile")?;
        self.say("postgres", &format!("DROP DATABASE {TURN}"))?;
        if profiles == (self.profiles + newcomers).to_string() {
            return Ok(seconds);
        }
        Err(Trouble::new(
            format!("PostgreSQL has {profiles} profiles instead of {}", self.profiles + newcomers),
            "mend tests/bench/peers/postgres/news.sql.",
        ))
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn initialise(&self) -> Outcome {
        if self.folder.exists() {
            // A server that an earlier run left behind must not write to what is removed.
            self.stop();
            fs::remove_dir_all(&self.folder).map_err(file_trouble(&self.folder))?;
        }
        fs::create_dir_all(&self.folder).map_err(file_trouble(&self.folder))?;
        if is_root() {
            run(Command::new("chown").arg(USER).arg(&self.folder), CURE)?;
        }
        let mut initdb = self.program("initdb");
        initdb.args([
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--username",
            USER,
            "--pgdata",
        ]);
        run(initdb.arg(self.data()).stdout(Stdio::null()), CURE)
    }

    fn run(&self) -> Outcome {
        let settings = self.data().join("postgresql.conf");
        let text = source("postgresql.conf");
        fs::write(&settings, fs::read(&text).map_err(file_trouble(&text))?)
            .map_err(file_trouble(&settings))?;
        // One that an earlier run left behind may have other settings.
        self.stop();
        let mut start = self.program("pg_ctl");
        start.args(["start", "--silent", "--wait", "--pgdata"]).arg(self.data());
        start.arg("--log").arg(self.folder.join("log"));
        start.arg("--options").arg(format!("-k {}", self.folder.display()));
        // Nothing of ours may stay open in it, or whoever reads our output waits for it.
        run(
            start.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()),
            &format!("{CURE} Its log is {}.", self.folder.join("log").display()),
        )
    }

    fn stop(&self) {
        let mut stop = self.program("pg_ctl");
        stop.args(["stop", "--silent", "--mode", "fast", "--wait", "--pgdata"]).arg(self.data());
        // When it does not run, there is nothing to stop, which is no complaint.
        let _ = ask(&mut stop);
    }

    /// One of its programs, as somebody whom it obeys: it refuses to run as root.
    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if is_root() { Command::new("runuser") } else { Command::new(&path) };
        if is_root() {
            command.args(["-u", USER, "--"]).arg(&path);
        }
        command.current_dir(&self.folder);
        command
    }

    fn psql(&self, database: &str) -> Command {
        let mut psql = self.program("psql");
        psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set", "ON_ERROR_STOP=1"]);
        psql.args(["--username", USER, "--dbname", database, "--host"]).arg(&self.folder);
        psql
    }

    fn asked(&self, database: &str, sql: &str) -> Outcome<String> {
        answer(self.psql(database).args(["--command", sql]))
    }

    fn say(&self, database: &str, sql: &str) -> Outcome {
        self.asked(database, sql).map(drop)
    }

    /// Does what is written in a file of ours, to a file of people.
    fn follow(&self, database: &str, sql: &Path, file: &Path) -> Outcome {
        let mut psql = self.psql(database);
        // On its standard input, because its user may not be allowed to open what is in a checkout.
        psql.arg("--set").arg(format!("file={}", file.display())).args(["--file", "-"]);
        psql.stdin(File::open(sql).map_err(file_trouble(sql))?);
        answer(&mut psql).map(drop)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a program says; its complaint when it has one.
fn answer(command: &mut Command) -> Outcome<String> {
    let output = command.output().map_err(|error| not_started(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(Trouble::new(format!("PostgreSQL: {}", words.lines().next().unwrap_or("no word")), CURE))
}

/// Where its programs are: where one on the PATH leads to, or where Debian keeps the newest.
fn programs() -> Option<PathBuf> {
    let whole =
        |folder: &PathBuf| ["initdb", "pg_ctl", "psql"].iter().all(|name| folder.join(name).is_file());
    let on_path = tree::on_path("initdb").and_then(|path| fs::canonicalize(path).ok());
    let on_path = on_path.and_then(|path| path.parent().map(Path::to_owned)).filter(whole);
    let debian = || {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(|entry| Some(entry.ok()?.path()));
        let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
        let folders = versions.filter(|path| whole(&path.join("bin")));
        Some(folders.max_by_key(number)?.join("bin"))
    };
    on_path.or_else(debian)
}

fn is_root() -> bool {
    ask(Command::new("id").arg("-u")).is_some_and(|id| id == "0")
}

fn source(name: &str) -> PathBuf {
    tree::root().join("tests/bench/peers/postgres").join(name)
}
