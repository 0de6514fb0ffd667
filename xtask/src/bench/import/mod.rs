//! How fast a file changes what is kept: rows into an empty store and into stores of several sizes, durable at the end,
//! beside PostgreSQL doing the same; what readers feel of it; and how soon a killed server answers again.
//!
//! Everything goes through the doors that customers use, `consentry import` and the HTTP API, so that how the inside
//! works may change. Figures of one run compare with each other; figures of two machines do not.

mod killed;
mod options;
mod people;
mod postgres;
mod readers;
mod served;
mod store;
mod table;

use killed::Killed;
pub(crate) use options::ImportOptions;
use postgres::Postgres;
use readers::Read;
use store::{Imported, Scratch};

use super::{machine, results};
use crate::artefacts;
use crate::run::{Outcome, step};
use crate::setup::{Purpose, setup};

/// A file into a store, all turns.
struct Run {
    profiles: u64,
    rows: u64,
    seconds: Vec<f64>,
    /// The least work of any turn, on all cores together; none for servers, which work in many processes.
    cpu_seconds: Option<f64>,
    /// The most in any turn; none for servers, whose memory is not one process's.
    memory_bytes: Option<u64>,
}

impl Run {
    fn best(&self) -> f64 {
        self.seconds.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// Rows in a second, by the best turn: other work on a machine only ever makes a turn slower.
    fn rate(&self) -> f64 {
        self.rows as f64 / self.best()
    }
}

/// Everything that was measured; none of what was not asked for.
#[derive(Default)]
struct Measured {
    empty: Option<Run>,
    into: Vec<Run>,
    postgres: Option<(Run, String)>,
    read: Option<Read>,
    killed: Option<Killed>,
    /// What could not be measured, and why.
    missing: Vec<(&'static str, String)>,
}

/// `cargo xtask bench import`: prints the tables, and unless it was quick or only a part keeps them.
pub(crate) fn import(options: &ImportOptions) -> Outcome {
    let ready = setup(Purpose::Run)?;
    artefacts::build(&ready)?;
    let mut measured = Measured::default();
    if options.wants("empty") {
        measured.empty = Some(empty(options)?);
    }
    for profiles in &options.profiles {
        into(*profiles, options, &mut measured)?;
    }
    if options.wants("readers") {
        measured.read = Some(readers(options)?);
    }
    if options.wants("kill") {
        let alone = measured.into.last().map_or(f64::INFINITY, Run::best);
        let killed = kill(options, alone)?;
        if killed.ready_seconds.is_empty() {
            measured.missing.push(("kill -9", "the import was over before it could be killed".to_owned()));
        } else {
            measured.killed = Some(killed);
        }
    }
    let machine = machine::described(&ready, "everybody may use all cores");
    let text = table::rendered(options, &measured, &machine);
    println!("\n{text}");
    if options.kept { results::keep(&text) } else { Ok(()) }
}

fn empty(options: &ImportOptions) -> Outcome<Run> {
    let file = people::known(options.empty)?;
    let turns = || {
        let mut turns = Vec::new();
        // Long enough to speak for itself.
        for _ in 0..options.turns.min(2) {
            let scratch = Scratch::empty()?;
            store::settled()?;
            turns.push(store::import(&file, scratch.path())?);
            store::expect(&turns[turns.len() - 1].document, "created", options.empty)?;
        }
        Ok(turns)
    };
    let turns = step(&format!("{} rows into an empty store", options.empty), "minutes", turns)?;
    Ok(run_of(0, options.empty, &turns))
}

/// A file into stores of one size; the peer takes turns with ours, because a machine is faster in one minute than in
/// the next.
fn into(profiles: u64, options: &ImportOptions, measured: &mut Measured) -> Outcome {
    let (ours, theirs) =
        (options.wants("into"), options.wants("postgres") && profiles == options.peer_profiles);
    if !ours && !theirs {
        return Ok(());
    }
    let file = people::news(options.rows, profiles)?;
    let newcomers = people::newcomers(options.rows, profiles);
    let prepared = if ours { Some(store::prepared(profiles, options.fresh)?) } else { None };
    // Whatever is wrong with the peer, ours is measured.
    let mut peer = theirs.then(|| Postgres::start(profiles, options.fresh));
    let (mut turns, mut peer_seconds) = (Vec::new(), Vec::new());
    step(&format!("{} rows into {profiles} profiles", options.rows), "minutes", || {
        for _ in 0..options.turns {
            if let Some(prepared) = &prepared {
                let scratch = Scratch::copy_of(prepared)?;
                let turn = store::import(&file, scratch.path())?;
                store::expect(&turn.document, "created", newcomers)?;
                turns.push(turn);
            }
            if let Some(Ok(server)) = &peer {
                match server.take_turn(&file, newcomers) {
                    Ok(seconds) => peer_seconds.push(seconds),
                    Err(trouble) => peer = Some(Err(trouble)),
                }
            }
        }
        Ok(())
    })?;
    if ours {
        measured.into.push(run_of(profiles, options.rows, &turns));
    }
    match peer {
        Some(Ok(server)) => {
            let run = Run {
                profiles,
                rows: options.rows,
                seconds: peer_seconds,
                cpu_seconds: None,
                memory_bytes: None,
            };
            measured.postgres = Some((run, server.version()));
        }
        Some(Err(trouble)) => measured.missing.push(("PostgreSQL", trouble.cause().to_owned())),
        None => {}
    }
    Ok(())
}

fn readers(options: &ImportOptions) -> Outcome<Read> {
    let profiles = options.largest();
    let prepared = store::prepared(profiles, options.fresh && !options.wants("into"))?;
    let file = people::news(options.rows, profiles)?;
    let newcomers = people::newcomers(options.rows, profiles);
    step("look-ups during an import", "a minute", || readers::read(&prepared, profiles, &file, newcomers))
}

/// `alone` is what the same import takes when nobody is killed, in seconds.
fn kill(options: &ImportOptions, alone: f64) -> Outcome<Killed> {
    let profiles = options.largest();
    let prepared = store::prepared(profiles, false)?;
    let file = people::news(options.rows, profiles)?;
    let counts = (options.rows, people::newcomers(options.rows, profiles));
    let alone = if alone.is_finite() { alone } else { 60.0 };
    step("kill -9 during an import", "a minute", || killed::kill(&prepared, profiles, &file, counts, alone))
}

fn run_of(profiles: u64, rows: u64, turns: &[Imported]) -> Run {
    Run {
        profiles,
        rows,
        seconds: turns.iter().map(|turn| turn.seconds).collect(),
        cpu_seconds: turns.iter().map(|turn| turn.cpu_seconds).reduce(f64::min),
        memory_bytes: turns.iter().map(|turn| turn.memory_bytes).max(),
    }
}
