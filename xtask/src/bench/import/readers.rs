//! Those who look people up while a file is imported: a few, at a steady pace, whether the last answer came or not. A
//! look-up counts from when it was due, so that a server that stands still is seen to stand still.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::people;
use super::served::{Server, broken, watch};
use super::store::{Scratch, expect};
use crate::bench::file::Chance;
use crate::run::{Outcome, Trouble};

/// Who asks, and how often each.
pub(super) const CLIENTS: u64 = 4;
pub(super) const PACE: Duration = Duration::from_millis(20);
/// How long they ask before the file comes.
const ALONE: Duration = Duration::from_secs(3);

/// Where things stand; the place of a list of times, too.
const BEFORE: u8 = 0;
const DURING: u8 = 1;
const OVER: u8 = 2;

/// How long answers took.
pub(super) struct Read {
    /// Without an import, in seconds, the shortest first.
    pub(super) before: Vec<f64>,
    /// From when the file was sent until its import had ended.
    pub(super) during: Vec<f64>,
    /// How long the import took.
    pub(super) seconds: f64,
}

/// Serves a copy of a prepared folder and imports a file there.
pub(super) fn read(prepared: &Path, profiles: u64, file: &Path, newcomers: u64) -> Outcome<Read> {
    let scratch = Scratch::copy_of(prepared)?;
    let server = Server::start(scratch.path())?;
    let state = AtomicU8::new(BEFORE);
    let times = Mutex::new([Vec::new(), Vec::new()]);
    let seconds = thread::scope(|scope| {
        let readers: Vec<_> = (0..CLIENTS)
            .map(|own| {
                scope.spawn({
                    let (server, state, times) = (&server, &state, &times);
                    move || ask(server, own, profiles, state, times)
                })
            })
            .collect();
        thread::sleep(ALONE);
        state.store(DURING, Ordering::Relaxed);
        let start = Instant::now();
        let ended = server.begin_import(file).and_then(|import| watch(&server, &import, |_| false));
        let seconds = start.elapsed().as_secs_f64();
        // Whatever went wrong, they must be told to stop, or this waits for them for ever.
        state.store(OVER, Ordering::Relaxed);
        for reader in readers {
            reader.join().map_err(|_| Trouble::new("a reader broke", "this is a bug of the bench."))??;
        }
        expect(&ended?.document, "created", newcomers)?;
        Ok(seconds)
    })?;
    let [before, during] = times.into_inner().unwrap_or_default().map(|mut times| {
        times.sort_by(f64::total_cmp);
        times
    });
    Ok(Read { before, during, seconds })
}

/// The part of sorted times that `share` of them do not exceed.
pub(super) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(place.saturating_sub(1).min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

fn ask(server: &Server, own: u64, profiles: u64, state: &AtomicU8, times: &Mutex<[Vec<f64>; 2]>) -> Outcome {
    let mut client = server.client()?;
    let mut chance = Chance::of(own);
    let mut own_times = [Vec::new(), Vec::new()];
    // Not all at once.
    let mut due = Instant::now() + PACE * own as u32 / CLIENTS as u32;
    loop {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let now = state.load(Ordering::Relaxed);
        if now == OVER {
            break;
        }
        let path = format!("/api/v1/profiles?q={}", people::question(chance.below(profiles)));
        let (status, answer) = client.get(&path).map_err(|error| broken(&error))?;
        if status != 200 {
            return Err(Trouble::new(
                format!("a look-up was answered with {status}: {answer}"),
                "this is a bug.",
            ));
        }
        own_times[usize::from(now)].push(due.elapsed().as_secs_f64());
        due += PACE;
    }
    if let Ok(mut times) = times.lock() {
        for (all, own) in times.iter_mut().zip(own_times) {
            all.extend(own);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_among_the_times() {
        let times: Vec<f64> = (1..=200).map(f64::from).collect();
        let found = [percentile(&times, 0.5), percentile(&times, 0.99), percentile(&times, 1.0)];
        assert_eq!(found.map(|time| time as u32), [100, 198, 200]);
        assert!(percentile(&[], 0.5).is_nan() && (percentile(&[7.0], 0.01) - 7.0).abs() < 1e-9);
    }
}
