//! Acts on what was heard, on a thread of its own, and pulls from an edge worker where there is one: the lane of people's own
//! words and the lane of the rest each have their thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use consentry_core::time::UnixMs;

use crate::inbox::Intake;
use crate::inbox::edge::Edge;
use crate::log::log;
use crate::store::TenantId;
use crate::store::inbox::Lane;

use super::syncing::Syncing;

const T: TenantId = TenantId::DEFAULT;
/// Without a word from anybody it looks again after a while: another host may have taken something in and died.
const LOOKED_AGAIN_AFTER: Duration = Duration::from_secs(15);
/// How often it is looked what is old enough to be forgotten.
const FORGOTTEN_EVERY: Duration = Duration::from_secs(3600);
/// Events forgotten in one transaction, and transactions in a row.
const FORGOTTEN_TOGETHER: usize = 2_000;
const FORGOTTEN_ROUNDS: usize = 1_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Pause after the edge could not be read.
const PULLED_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Wakes who acts, and tells how the edge is.
pub(super) struct Hearing {
    wake: SyncSender<()>,
    edge: Mutex<EdgeState>,
}

/// How it goes with the edge.
#[derive(Clone, Debug, Default)]
pub(super) struct EdgeState {
    /// Its address; none where webhooks come here.
    pub(super) url: Option<String>,
    /// When it last answered, in milliseconds since 1970.
    pub(super) pulled_at_ms: Option<i64>,
    /// Why it does not, for people's own words and for the rest.
    troubles: [Option<String>; 2],
    /// Whether people's own words that waited there when this process started are here.
    pub(super) drained: bool,
}

impl EdgeState {
    /// Why it does not answer.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.troubles.iter().flatten().next().map(String::as_str)
    }
}

impl Hearing {
    /// Starts the threads; they begin with what an earlier process left.
    pub(super) fn start(intake: &Arc<Intake>, syncing: &Arc<Syncing>, edge: Option<&Edge>) -> Arc<Hearing> {
        let (wake, woken) = sync_channel(1);
        let url = edge.map(|edge| edge.url.clone());
        let drained = edge.is_none();
        let state = EdgeState { url, drained, ..EdgeState::default() };
        let hearing = Arc::new(Hearing { wake, edge: Mutex::new(state) });
        hearing.woken();
        let (of, with, weak) = (intake.clone(), syncing.clone(), Arc::downgrade(&hearing));
        std::thread::spawn(move || run(&of, &with, &woken, &weak));
        for (edge, lane) in edge.iter().flat_map(|edge| Lane::ALL.map(|lane| ((*edge).clone(), lane))) {
            let (of, weak) = (intake.clone(), Arc::downgrade(&hearing));
            std::thread::spawn(move || pull(&of, &edge, lane, &weak));
        }
        hearing
    }

    /// Something was taken in that somebody has to act on.
    pub(super) fn woken(&self) {
        // A full channel means that the thread will look anyway.
        let _ = self.wake.try_send(());
    }

    pub(super) fn edge(&self) -> EdgeState {
        self.state().clone()
    }

    fn state(&self) -> MutexGuard<'_, EdgeState> {
        self.edge.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(intake: &Intake, syncing: &Syncing, woken: &Receiver<()>, hearing: &Weak<Hearing>) {
    let mut forgot: Option<Instant> = None;
    while !matches!(woken.recv_timeout(LOOKED_AGAIN_AFTER), Err(RecvTimeoutError::Disconnected)) {
        if hearing.strong_count() == 0 {
            return;
        }
        if forgot.is_none_or(|forgot| forgot.elapsed() > FORGOTTEN_EVERY) {
            forgot = Some(Instant::now());
            forget(intake);
        }
        match catch_unwind(AssertUnwindSafe(|| intake.act(T))) {
            Ok(Ok(acted)) => {
                acted.to_pull.iter().for_each(|account| syncing.ask(account));
                acted.troubles.iter().for_each(|why| log(why));
            }
            Ok(Err(error)) => log(&format!("fault: what was heard waits, and will be tried again: {error}")),
            Err(_) => log("fault: what was heard waits, and will be tried again"),
        }
    }
}

/// Forgets what was heard long ago and acted on.
fn forget(intake: &Intake) {
    let Some(days) = intake.kept_days else { return };
    let before = UnixMs(intake.desk.clock.now().0 - i64::from(days) * DAY_MS);
    let forgotten = || intake.inbox.forget_before(T, before, FORGOTTEN_TOGETHER);
    for _ in 0..FORGOTTEN_ROUNDS {
        match forgotten() {
            Ok(FORGOTTEN_TOGETHER) => {}
            Ok(_) => return,
            Err(error) => {
                return log(&format!("fault: what was heard long ago could not be forgotten: {error}"));
            }
        }
    }
}

/// Pulls a lane until nobody is there any more.
fn pull(intake: &Intake, edge: &Edge, lane: Lane, hearing: &Weak<Hearing>) {
    let mut patient = false;
    loop {
        let pulled = catch_unwind(AssertUnwindSafe(|| edge.pull(intake, T, lane, patient)));
        let Some(hearing) = hearing.upgrade() else { return };
        match pulled {
            Ok(Ok(pulled)) => {
                if pulled.to_do {
                    hearing.woken();
                }
                patient = pulled.drained;
                if let Some((first, last)) = pulled.gap {
                    log(&format!(
                        "fault: events {first} to {last} of the edge's {lane:?} lane were handed over before and are not here: was an \
                         older copy of the data restored?"
                    ));
                }
                let mut state = hearing.state();
                state.pulled_at_ms = Some(intake.desk.clock.now().0);
                state.troubles[lane as usize] = None;
                state.drained |= pulled.drained && lane == Lane::Consent;
            }
            Ok(Err(error)) => {
                let why = error.to_string();
                let news = hearing.state().troubles[lane as usize].as_ref() != Some(&why);
                if news {
                    log(&format!("fault: {why}"));
                }
                hearing.state().troubles[lane as usize] = Some(why);
                // Something may have been taken in before it failed.
                hearing.woken();
                patient = false;
                drop(hearing);
                std::thread::park_timeout(PULLED_AGAIN_AFTER);
            }
            Err(_) => std::thread::park_timeout(PULLED_AGAIN_AFTER),
        }
    }
}
