//! `POST /check`: judges a file while it streams by. The whole file is never in memory.
//!
//! One instance of the module serves many requests in 128 MiB, and a caller who goes away in the middle is never heard of
//! again: the future that read from them is not polled any more, and not dropped either. So the checkers stand in one
//! place, each with the time of its last piece, and whoever needs the room takes it from those who fell silent.

use std::cell::RefCell;

use consentry_core::consent::{Checker, Emit};
use consentry_core::wire::v1::{Failure, Options, Report};
use futures_util::TryStreamExt;
use worker::{Date, Request};

use crate::problem::Problem;

/// Distinct numbers remembered of one file to find repeated ones: 16 MiB, and half as much again while the set grows.
pub(crate) const NUMBERS_MAX: usize = 2 * 1024 * 1024;
/// Checks under way in one instance of the module.
const CHECKS_MAX: usize = 32;
/// Of them, files so long that the set of numbers may become large.
const LARGE_CHECKS_MAX: usize = 2;
const LARGE_BYTES_MIN: u64 = 4 * 1024 * 1024;
/// How long nothing may come before a check loses its place.
const SILENCE_MS_MAX: u64 = 20_000;
/// When to try again where all places are taken.
const BUSY_S: u32 = 5;

#[derive(Default)]
struct Desk {
    checks: Vec<Check>,
    last: u32,
}

struct Check {
    id: u32,
    checker: Checker,
    bytes: u64,
    heard_ms: u64,
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::default();
}

/// The report about the request's body.
pub(crate) async fn check(request: &mut Request, options: &str) -> Result<Report, Problem> {
    let mut checker = checker(options)?;
    if request.inner().body().is_none() {
        return Ok(Report::from(&checker.finish()));
    }
    let mut stream = request.stream()?;
    let id = with(|desk| desk.open(checker))?;
    loop {
        match stream.try_next().await {
            Ok(Some(piece)) => with(|desk| desk.feed(id, &piece))?,
            Ok(None) => break,
            Err(error) => {
                with(|desk| desk.checks.retain(|check| check.id != id));
                return Err(error.into());
            }
        }
    }
    with(|desk| desk.finish(id))
}

fn checker(options: &str) -> Result<Checker, Failure> {
    let mut checker = Checker::new(Options::parse(options)?.build()?, Emit::default());
    checker.remember_at_most(NUMBERS_MAX);
    Ok(checker)
}

fn with<T>(work: impl FnOnce(&mut Desk) -> T) -> T {
    DESK.with_borrow_mut(work)
}

impl Desk {
    fn open(&mut self, checker: Checker) -> Result<u32, Problem> {
        let now_ms = Date::now().as_millis();
        self.checks.retain(|check| now_ms.saturating_sub(check.heard_ms) <= SILENCE_MS_MAX);
        if self.checks.len() >= CHECKS_MAX {
            return Err(Problem::busy(BUSY_S));
        }
        self.last = self.last.wrapping_add(1);
        self.checks.push(Check { id: self.last, checker, bytes: 0, heard_ms: now_ms });
        Ok(self.last)
    }

    fn feed(&mut self, id: u32, piece: &[u8]) -> Result<(), Problem> {
        let now_ms = Date::now().as_millis();
        let at = self.place(id)?;
        let (before, bytes) = (self.checks[at].bytes, self.checks[at].bytes + piece.len() as u64);
        if before < LARGE_BYTES_MIN && bytes >= LARGE_BYTES_MIN {
            self.checks
                .retain(|check| check.id == id || now_ms.saturating_sub(check.heard_ms) <= SILENCE_MS_MAX);
            if self.checks.iter().filter(|check| check.bytes >= LARGE_BYTES_MIN).count() >= LARGE_CHECKS_MAX {
                self.checks.retain(|check| check.id != id);
                return Err(Problem::busy(BUSY_S));
            }
        }
        let at = self.place(id)?;
        let check = &mut self.checks[at];
        (check.bytes, check.heard_ms) = (bytes, now_ms);
        check.checker.feed(piece);
        Ok(())
    }

    fn finish(&mut self, id: u32) -> Result<Report, Problem> {
        let at = self.place(id)?;
        let mut check = self.checks.swap_remove(at);
        Ok(Report::from(&check.checker.finish()))
    }

    fn place(&self, id: u32) -> Result<usize, Problem> {
        let at = self.checks.iter().position(|check| check.id == id);
        at.ok_or_else(|| Problem::new(408, "too-slow", "the file came too slowly; send it again".to_owned()))
    }
}
