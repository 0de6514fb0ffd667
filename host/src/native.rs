//! The core linked in, on as many cores as there are: how the command line judges a file of one's own, which changes
//! nothing. Whatever is stored or sent takes its verdict from the sandbox (engine.rs); the tests hold both side by side.
//!
//! Each thread takes the next piece of the file, judges it, and lays it down; whoever finds the next one in file order
//! among those laid down absorbs it. So nobody waits for a thread that has a piece to judge.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use consentry_core::consent::{self, Checker, Judged, Shard, whole_records};
use consentry_core::wire::{template, v1, webhook};

use crate::engine::{Emit, PLUGIN};

/// Bytes fed before the file is cut up, so that the header is known.
const HEAD_BYTES: usize = 64 * 1024;
/// Lines of a chunk that are fed one by one in the hope that it can be cut up behind them.
const LINES_TRIED: usize = 64;
/// Pieces for each thread that may be given out and not absorbed.
const AHEAD_MAX: usize = 4;
/// Bytes read and judged at once: they stay near from one to the other.
const PIECE_BYTES: usize = 256 * 1024;
/// Bytes judged at once where every diagnostic is given out, of which a piece may have many.
const TALKATIVE_BYTES: usize = 64 * 1024;

/// Why a file was not judged.
#[derive(Debug, thiserror::Error)]
pub enum NativeError {
    /// The options cannot be followed.
    #[error("{}", .0.message)]
    Options(v1::Failure),
    /// The input broke.
    #[error(transparent)]
    Input(#[from] io::Error),
}

/// What is wrong with a template, as JSON.
pub fn lint(document: &[u8]) -> String {
    template::v1::lint(document)
}

/// A template as a person sees it and as it is sent, as JSON.
pub fn preview(request: &[u8]) -> String {
    template::v1::preview(request)
}

/// What is heard in a webhook's body, as JSON.
pub fn read_webhook(options: &webhook::v1::Options, body: &[u8]) -> String {
    serde_json::to_string(&webhook::v1::read(options, body)).unwrap_or_default()
}

/// What is given out of a piece of the file, in file order.
#[derive(Debug, Default)]
pub struct Given {
    /// Bytes of the file behind which this is everything.
    pub bytes: usize,
    /// Every diagnostic, as JSON lines, if it was asked for.
    pub diagnostics: Vec<u8>,
    /// Rejected rows as CSV, if they were asked for.
    pub rejects: Vec<u8>,
}

/// Judges an input on so many threads. `give` takes what was asked for, and may stop the work with an error.
///
/// ```
/// use consentry_host::{engine::Emit, native};
/// let mut file = &b"wpNumber,permission\n+905301112233,1\n"[..];
/// let report = native::judge(&Default::default(), Emit::default(), &mut file, 2, &mut |_, _| Ok(())).unwrap();
/// assert_eq!(report.counts.accepted, 1);
/// ```
pub fn judge(
    options: &v1::Options,
    emit: Emit,
    input: &mut (dyn Read + Send),
    threads: usize,
    give: &mut (dyn FnMut(Given, &[u8]) -> io::Result<()> + Send),
) -> Result<v1::Report, NativeError> {
    let options = options.build().map_err(NativeError::Options)?;
    let emit = consent::Emit { rows: emit.rows, diagnostics: emit.diagnostics, rejects: emit.rejects };
    let mut desk = Desk { checker: Checker::new(options, emit), give, laid_down: BTreeMap::new(), next: 0 };
    let piece_bytes = if emit.diagnostics { TALKATIVE_BYTES } else { PIECE_BYTES };
    let mut chunk = Vec::with_capacity(piece_bytes);
    let mut before = 0;
    while Read::take(&mut *input, piece_bytes as u64).read_to_end(&mut chunk)? > 0 {
        let mut taken = 0;
        // Fed line by line until it can be cut between two records; in some files that is never.
        for _ in 0..if threads > 1 { LINES_TRIED } else { 0 } {
            let wanted = taken.max(HEAD_BYTES.saturating_sub(before)).min(chunk.len());
            let line_end = chunk[wanted..].iter().position(|byte| *byte == b'\n');
            let end = line_end.map_or(chunk.len(), |at| wanted + at + 1);
            desk.feed(&chunk[taken..end])?;
            taken = end;
            if let Some(shard) = desk.checker.shard() {
                let rest = chunk[taken..].to_vec();
                let rest = side_by_side(&mut desk, shard, rest, input, threads, piece_bytes)?;
                taken = chunk.len();
                desk.feed(&rest)?;
                break;
            }
        }
        desk.feed(&chunk[taken..])?;
        before += chunk.len();
        chunk.clear();
    }
    let report = v1::Report::from(&desk.checker.finish());
    desk.give_rest(0, &[])?;
    let engine = v1::Engine { sha256: shipped_engine(), native: true, ..report.engine };
    Ok(v1::Report { engine, ..report })
}

/// The engine that was made of the same core and ships with it.
fn shipped_engine() -> Option<String> {
    use sha2::Digest as _;
    (!PLUGIN.is_empty()).then(|| crate::engine::hex(&sha2::Sha256::digest(PLUGIN)))
}

/// Judges on from between two records, and gives the bytes that are left: less than a record, or one that is too long to
/// be a piece.
fn side_by_side(
    desk: &mut Desk<'_>,
    first: Shard,
    rest: Vec<u8>,
    input: &mut (dyn Read + Send),
    threads: usize,
    piece_bytes: usize,
) -> Result<Vec<u8>, NativeError> {
    let delimiter = first.delimiter();
    let shards: Vec<Shard> = (1..threads).filter_map(|_| desk.checker.shard()).chain([first]).collect();
    let full = AtomicU64::new(desk.checker.full());
    let pace = Pace::new(desk.next, threads * AHEAD_MAX);
    let rows =
        Source { input, rest, delimiter, next: desk.next, ended: false, spare: Vec::new(), piece_bytes };
    let source = Mutex::new(rows);
    let shared = Mutex::new(desk);
    let (laid_down, failed) = (Mutex::new(Vec::new()), Mutex::new(None));
    std::thread::scope(|scope| {
        for mut shard in shards {
            let (source, shared, laid_down, failed) = (&source, &shared, &laid_down, &failed);
            let (full, pace) = (&full, &pace);
            scope.spawn(move || {
                // Whoever waits for this thread must not wait for ever, whatever becomes of it.
                let _alarm = Alarm(pace);
                let absorb = |desk| absorb(desk, laid_down, source, full, pace);
                let mut work = || -> io::Result<()> {
                    while !pace.is_stopped() {
                        if pace.is_ahead() {
                            absorb(locked(shared))?;
                            pace.wait();
                            continue;
                        }
                        let Some((at, piece, spare)) = locked(source).next_piece(pace)? else { break };
                        if let Some(spare) = spare {
                            shard.reuse(spare);
                        }
                        let judged = shard.judge(&piece, full.load(Ordering::Relaxed));
                        locked(laid_down).push((at, judged, piece));
                        // If somebody is at it, they will find what was laid down, or the next to come will.
                        if let Ok(desk) = shared.try_lock() {
                            absorb(desk)?;
                        }
                    }
                    absorb(locked(shared))
                };
                if let Err(error) = work() {
                    pace.stop();
                    locked(failed).get_or_insert(error);
                }
            });
        }
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error.into()),
        None => Ok(source.into_inner().unwrap_or_else(PoisonError::into_inner).rest),
    }
}

/// A piece to be judged: its place among all, its bytes, and what was absorbed and can be used again.
type Next = (usize, Vec<u8>, Option<Judged>);

/// A judged piece, its place among all, and its bytes.
type LaidDown = (usize, Judged, Vec<u8>);

/// Absorbs what was laid down, as far as it follows on what was absorbed.
fn absorb(
    mut desk: MutexGuard<'_, &mut Desk<'_>>,
    laid_down: &Mutex<Vec<LaidDown>>,
    source: &Mutex<Source<'_>>,
    full: &AtomicU64,
    pace: &Pace,
) -> io::Result<()> {
    loop {
        let new = std::mem::take(&mut *locked(laid_down));
        desk.laid_down.extend(new.into_iter().map(|(at, judged, piece)| (at, (judged, piece))));
        let next = desk.next;
        let Some((mut judged, piece)) = desk.laid_down.remove(&next) else { return Ok(()) };
        desk.absorb(&mut judged, &piece)?;
        full.store(desk.checker.full(), Ordering::Relaxed);
        pace.absorbed(desk.next);
        if desk.checker.is_refused() {
            pace.stop();
        }
        locked(source).spare.push((piece, judged));
    }
}

/// Panics of another thread end the scope anyway.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Holds back threads that are far ahead of what was absorbed, so that memory does not depend on how long one piece
/// takes. The thread that has the piece to be absorbed next is never held back: it is judging.
struct Pace {
    given: AtomicUsize,
    absorbed: Mutex<usize>,
    moved: Condvar,
    stopped: AtomicBool,
    /// How many pieces may be given out and not absorbed.
    ahead_max: usize,
}

impl Pace {
    fn new(next: usize, ahead_max: usize) -> Pace {
        let (given, absorbed) = (AtomicUsize::new(next), Mutex::new(next));
        Pace { given, absorbed, moved: Condvar::new(), stopped: AtomicBool::new(false), ahead_max }
    }

    fn is_ahead(&self) -> bool {
        self.given.load(Ordering::Relaxed) >= *locked(&self.absorbed) + self.ahead_max
    }

    fn absorbed(&self, next: usize) {
        *locked(&self.absorbed) = next;
        self.moved.notify_all();
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn stop(&self) {
        let _nobody_begins_to_wait = locked(&self.absorbed);
        self.stopped.store(true, Ordering::Relaxed);
        self.moved.notify_all();
    }

    /// Waits until something was absorbed, if nothing was yet.
    fn wait(&self) {
        let absorbed = locked(&self.absorbed);
        let is_ahead = |absorbed: &mut usize| {
            !self.is_stopped() && self.given.load(Ordering::Relaxed) >= *absorbed + self.ahead_max
        };
        drop(self.moved.wait_while(absorbed, is_ahead).unwrap_or_else(PoisonError::into_inner));
    }
}

/// Stops everybody when a thread ends by a panic.
struct Alarm<'a>(&'a Pace);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

/// Where pieces come from.
struct Source<'a> {
    input: &'a mut (dyn Read + Send),
    /// Read, and not given out yet.
    rest: Vec<u8>,
    delimiter: u8,
    next: usize,
    ended: bool,
    /// Memory of pieces that are done.
    spare: Vec<(Vec<u8>, Judged)>,
    piece_bytes: usize,
}

impl Source<'_> {
    /// The next piece of whole records; `None` when there is no more, or what comes is none.
    fn next_piece(&mut self, pace: &Pace) -> io::Result<Option<Next>> {
        if self.ended {
            return Ok(None);
        }
        let mut piece = std::mem::take(&mut self.rest);
        let room = self.piece_bytes.saturating_sub(piece.len()) as u64;
        let read = Read::take(&mut *self.input, room).read_to_end(&mut piece)?;
        let whole = whole_records(&piece, self.delimiter);
        self.ended = whole == 0 || (read as u64) < room;
        if whole == 0 {
            self.rest = piece;
            return Ok(None);
        }
        let (mut rest, spare) =
            self.spare.pop().map_or_else(Default::default, |(rest, judged)| (rest, Some(judged)));
        rest.clear();
        rest.reserve(self.piece_bytes);
        rest.extend_from_slice(&piece[whole..]);
        self.rest = rest;
        piece.truncate(whole);
        self.next += 1;
        pace.given.store(self.next, Ordering::Relaxed);
        Ok(Some((self.next - 1, piece, spare)))
    }
}

/// Where everything comes together in file order.
struct Desk<'g> {
    checker: Checker,
    give: &'g mut (dyn FnMut(Given, &[u8]) -> io::Result<()> + Send),
    laid_down: BTreeMap<usize, (Judged, Vec<u8>)>,
    /// Place of the piece that is absorbed next.
    next: usize,
}

impl Desk<'_> {
    fn feed(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.checker.feed(bytes);
        self.give_rest(bytes.len(), bytes)
    }

    fn absorb(&mut self, judged: &mut Judged, piece: &[u8]) -> io::Result<()> {
        self.next += 1;
        if self.checker.is_refused() {
            // What follows is only counted.
            return self.feed(piece);
        }
        self.checker.absorb(judged, piece);
        let rejects = judged.take_rejects();
        let diagnostics = self.diagnostics();
        (self.give)(Given { bytes: piece.len(), diagnostics, rejects }, piece)
    }

    fn give_rest(&mut self, bytes: usize, piece: &[u8]) -> io::Result<()> {
        let rejects = self.checker.take_rejects();
        let diagnostics = self.diagnostics();
        (self.give)(Given { bytes, diagnostics, rejects }, piece)
    }

    fn diagnostics(&mut self) -> Vec<u8> {
        let mut lines = Vec::new();
        for diagnostic in self.checker.take_diagnostics() {
            serde_json::to_writer(&mut lines, &v1::Diagnostic::from(&diagnostic))
                .expect("wire types always serialise");
            lines.push(b'\n');
        }
        lines
    }
}
