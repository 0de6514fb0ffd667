//! Who commits for whom. Making something durable takes a disk about the same time whether it is one event or a hundred, so
//! callers that come while a commit is under way stand in line, and the first of them commits for all who stand there when
//! it is their turn. Nobody waits for others to come: whoever finds nobody committing begins at once.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::ErrorCode;

use crate::store::StoreError;

/// Callers with parts `P`, who want answers `A`.
pub(in crate::store) struct Line<P, A> {
    /// Most that is committed together; one caller's part is never divided, however large it is.
    together_max: usize,
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
    pub(in crate::store) fn new(together_max: usize) -> Line<P, A> {
        Line { together_max, state: Mutex::new(State { busy: false, waiting: VecDeque::new() }) }
    }

    /// Has a part of so many events committed, by this thread or by another one. `commit` is all or nothing and gives an
    /// answer for each part. When it fails for several, each is tried alone, so that nobody fails for another's sake;
    /// unless it was the database that could not be written at all, which trying again at once would not change.
    pub(in crate::store) fn commit(
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
            if !group.is_empty() && events > self.together_max {
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

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    const TOGETHER_MAX: usize = 1000;

    /// Lets one caller commit, and everybody else stand in line behind it, before anything goes on.
    fn in_line<A: Send>(
        parts: &[(u32, usize)],
        commit: impl Fn(&[&u32]) -> Result<Vec<A>, StoreError> + Sync,
    ) -> Vec<Option<Result<A, StoreError>>> {
        let line = Line::<u32, A>::new(TOGETHER_MAX);
        let (go, wait) = mpsc::channel::<()>();
        let wait = Mutex::new(wait);
        let committing = |parts: &[&u32]| {
            if *parts[0] == 0 {
                let _ = held(&wait).recv();
            }
            commit(parts)
        };
        let (line, committing) = (&line, &committing);
        let caller =
            move |part, events| catch_unwind(AssertUnwindSafe(|| line.commit(part, events, committing))).ok();
        thread::scope(|scope| {
            let mut callers = vec![scope.spawn(move || caller(0, 1))];
            while !held(&line.state).busy || !held(&line.state).waiting.is_empty() {
                thread::yield_now();
            }
            for (place, (part, events)) in parts.iter().copied().enumerate() {
                callers.push(scope.spawn(move || caller(part, events)));
                while held(&line.state).waiting.len() <= place {
                    thread::yield_now();
                }
            }
            go.send(()).expect("the first one waits for it");
            callers.into_iter().map(|caller| caller.join().expect("panics were caught")).collect()
        })
    }

    #[test]
    fn whoever_comes_meanwhile_goes_together() {
        let groups = Mutex::new(Vec::new());
        let answers = in_line(&[(1, 1), (2, 600), (3, 400), (4, 5000), (5, 1), (6, 999)], |parts| {
            let group: Vec<u32> = parts.iter().map(|part| **part).collect();
            held(&groups).push(group.clone());
            Ok(group)
        });
        let answers: Vec<u32> = answers.into_iter().map(|answer| answer.unwrap().unwrap()).collect();
        assert_eq!(answers, [0, 1, 2, 3, 4, 5, 6], "everybody got an answer of their own");
        let expected: [&[u32]; 5] = [&[0], &[1, 2], &[3], &[4], &[5, 6]];
        assert_eq!(*held(&groups), expected, "no more than the limit, in the order in which they came");
    }

    #[test]
    fn nobody_fails_for_anothers_sake() {
        let answers = in_line(&[(1, 1), (2, 1), (3, 1)], |parts| {
            if parts.contains(&&2) { Err(StoreError::Overtaken) } else { Ok(vec![(); parts.len()]) }
        });
        let failed: Vec<bool> = answers.into_iter().map(|answer| answer.unwrap().is_err()).collect();
        assert_eq!(failed, [false, false, true, false]);
    }

    #[test]
    fn what_is_in_everybodys_way_is_not_tried_again() {
        let tries = Mutex::new(0);
        let answers = in_line(&[(1, 1), (2, 1)], |parts| {
            *held(&tries) += 1;
            if *parts[0] == 0 { Ok(vec![()]) } else { Err(StoreError::Lost("gone".to_owned())) }
        });
        let lost = |answer: &Option<Result<(), _>>| matches!(answer, Some(Err(StoreError::Lost(_))));
        assert_eq!(answers.iter().filter(|answer| lost(answer)).count(), 2);
        assert_eq!(*held(&tries), 2);
    }

    #[test]
    fn a_panic_leaves_nobody_waiting() {
        let answers = in_line(&[(1, 1), (2, TOGETHER_MAX), (3, 1)], |parts| {
            assert_ne!(*parts[0], 1, "the one who leads panics");
            Ok(vec![(); parts.len()])
        });
        let shapes: Vec<_> = answers.iter().map(|answer| answer.as_ref().map(Result::is_ok)).collect();
        assert_eq!(shapes, [Some(true), None, Some(true), Some(true)]);
    }
}
