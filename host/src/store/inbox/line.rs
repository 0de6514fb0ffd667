//! Who commits for whom. Making something durable takes a disk about the same time whether it is one event or a hundred, so
//! callers that come while a commit is under way stand in line, and the first of them commits for all who stand there when
//! it is their turn. Nobody waits for others to come: whoever finds nobody committing begins at once.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::ErrorCode;

use crate::store::StoreError;

/// Most that is committed together, in events; one caller's part is never divided, however large it is.
const TOGETHER_MAX: usize = 1000;

/// Callers with parts `P`, who want answers `A`.
pub(super) struct Line<P, A> {
    state: Mutex<State<P, A>>,
}

struct State<P, A> {
    /// Somebody is committing, or was told to.
    busy: bool,
    waiting: VecDeque<Arc<Caller<P, A>>>,
}

struct Caller<P, A> {
    part: P,
    events: usize,
    turn: Mutex<Turn<A>>,
    changed: Condvar,
}

enum Turn<A> {
    Waits,
    /// This caller commits next, for itself and those behind it.
    Leads,
    Answered(Result<A, StoreError>),
}

impl<P, A> Line<P, A> {
    pub(super) fn new() -> Line<P, A> {
        Line { state: Mutex::new(State { busy: false, waiting: VecDeque::new() }) }
    }

    /// Has a part of so many events committed, by this thread or by another one. `commit` is all or nothing and gives an
    /// answer for each part. When it fails for several, each is tried alone, so that nobody fails for another's sake;
    /// unless it was the database that could not be written at all, which trying again at once would not change.
    pub(super) fn commit(
        &self,
        part: P,
        events: usize,
        commit: impl Fn(&[&P]) -> Result<Vec<A>, StoreError>,
    ) -> Result<A, StoreError> {
        let caller =
            Arc::new(Caller { part, events, turn: Mutex::new(Turn::Waits), changed: Condvar::new() });
        let mut state = held(&self.state);
        state.waiting.push_back(caller.clone());
        if !state.busy {
            state.busy = true;
            *held(&caller.turn) = Turn::Leads;
        }
        drop(state);
        let mut turn = held(&caller.turn);
        loop {
            match std::mem::replace(&mut *turn, Turn::Waits) {
                Turn::Waits => turn = caller.changed.wait(turn).unwrap_or_else(PoisonError::into_inner),
                Turn::Answered(answer) => return answer,
                Turn::Leads => {
                    drop(turn);
                    self.lead(&commit);
                    turn = held(&caller.turn);
                }
            }
        }
    }

    /// Commits for the first in line, this caller being the very first.
    fn lead(&self, commit: &impl Fn(&[&P]) -> Result<Vec<A>, StoreError>) {
        let mut leading = Leading { line: self, group: self.group(), answers: Vec::new() };
        let parts: Vec<&P> = leading.group.iter().map(|caller| &caller.part).collect();
        let answers = match commit(&parts) {
            Ok(answers) => answers.into_iter().map(Ok).collect(),
            Err(error) if parts.len() == 1 => vec![Err(error)],
            Err(error) => match everybodys(&error) {
                Some(_) => parts.iter().filter_map(|_| everybodys(&error)).map(Err).collect(),
                None => parts.iter().map(|part| alone(*part, commit)).collect(),
            },
        };
        leading.answers = answers;
    }

    fn group(&self) -> Vec<Arc<Caller<P, A>>> {
        let mut state = held(&self.state);
        let (mut group, mut events) = (Vec::new(), 0);
        while let Some(next) = state.waiting.front() {
            events += next.events;
            if !group.is_empty() && events > TOGETHER_MAX {
                break;
            }
            group.extend(state.waiting.pop_front());
        }
        group
    }
}

/// A group whose commit is under way. However that ends, also by a panic, everybody gets an answer and the line moves on.
struct Leading<'a, P, A> {
    line: &'a Line<P, A>,
    group: Vec<Arc<Caller<P, A>>>,
    answers: Vec<Result<A, StoreError>>,
}

impl<P, A> Drop for Leading<'_, P, A> {
    fn drop(&mut self) {
        let mut state = held(&self.line.state);
        match state.waiting.front() {
            Some(next) => next.tell(Turn::Leads),
            None => state.busy = false,
        }
        drop(state);
        let mut answers = std::mem::take(&mut self.answers).into_iter();
        for caller in &self.group {
            let broken = || Err(StoreError::Unusable("keeping events failed half way".to_owned()));
            caller.tell(Turn::Answered(answers.next().unwrap_or_else(broken)));
        }
    }
}

impl<P, A> Caller<P, A> {
    fn tell(&self, turn: Turn<A>) {
        *held(&self.turn) = turn;
        self.changed.notify_one();
    }
}

fn alone<P, A>(part: &P, commit: &impl Fn(&[&P]) -> Result<Vec<A>, StoreError>) -> Result<A, StoreError> {
    let nothing = || StoreError::Unusable("a commit gave no answer".to_owned());
    commit(&[part])?.pop().ok_or_else(nothing)
}

/// What would be in everybody's way alike, once for each of them.
fn everybodys(error: &StoreError) -> Option<StoreError> {
    match error {
        StoreError::Busy(text) => Some(StoreError::Busy(text.clone())),
        StoreError::Lost(text) => Some(StoreError::Lost(text.clone())),
        StoreError::Sqlite(cause) => match cause.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Some(StoreError::Busy(cause.to_string()))
            }
            Some(
                ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen,
            ) => Some(StoreError::Unusable(cause.to_string())),
            _ => None,
        },
        _ => None,
    }
}

/// A panic of another thread leaves nothing half done here: what it answers is decided before the lock is taken.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
