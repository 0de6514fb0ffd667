//! What `kill -9` costs: the server is killed in the middle of an import, several times, and must answer again; at its
//! end the import must have done what an undisturbed one does.

use std::path::Path;
use std::time::{Duration, Instant};

use super::people;
use super::served::{Client, Server, watch};
use super::store::{Scratch, expect};
use crate::run::{Outcome, Trouble};

/// Parts of the import after each of which but the last it is killed.
const PARTS: u64 = 4;
const PATIENCE: Duration = Duration::from_secs(300);

/// What came of it.
pub(super) struct Killed {
    /// From the start of the process to its first answer, for each time it was killed; none if the import was over
    /// before it could be.
    pub(super) ready_seconds: Vec<f64>,
}

/// Serves a copy of a prepared folder and imports a file there that takes about `seconds` when nobody is killed.
pub(super) fn kill(
    prepared: &Path,
    profiles: u64,
    file: &Path,
    (rows, newcomers): (u64, u64),
    seconds: f64,
) -> Outcome<Killed> {
    let scratch = Scratch::copy_of(prepared)?;
    let mut server = Server::start(scratch.path())?;
    let import = server.begin_import(file)?;
    let mut ready_seconds = Vec::new();
    for part in 1..PARTS {
        // By rows, or where these come in few large batches, by time.
        let (start, time) = (Instant::now(), Duration::from_secs_f64(seconds / PARTS as f64));
        let stand = watch(&server, &import, |stand| {
            stand.rows_done >= rows * part / PARTS || start.elapsed() >= time
        })?;
        if stand.ended {
            break;
        }
        server.kill();
        server = Server::start(scratch.path())?;
        ready_seconds.push(first_answer(&server, profiles / PARTS * part)?);
    }
    let stand = watch(&server, &import, |_| false)?;
    expect(&stand.document, "created", newcomers)?;
    Ok(Killed { ready_seconds })
}

/// Asks for somebody until there is an answer, and says how long after the start that was.
fn first_answer(server: &Server, whom: u64) -> Outcome<f64> {
    let path = format!("/api/v1/profiles?q={}", people::question(whom));
    while server.started.elapsed() < PATIENCE {
        let answer = Client::of(&server.address).and_then(|mut client| client.get(&path));
        if answer.is_ok_and(|(status, _)| status == 200) {
            return Ok(server.started.elapsed().as_secs_f64());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Err(Trouble::new("the server did not answer after it was killed", "start `consentry serve` by itself."))
}
