//! Templates pulled from Meta: when somebody asks, when Meta says that something changed, and every so often, on a thread of
//! its own; and how it goes for whoever watches.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::accounts;
use crate::accounts::record::Account;
use crate::desk::{Desk, DeskError};
use crate::log::log;
use crate::store::TenantId;
use crate::templates::sync;

const T: TenantId = TenantId::DEFAULT;

/// Wakes the thread that pulls, and tells who runs.
pub(super) struct Syncing {
    wake: SyncSender<()>,
    accounts: Mutex<Accounts>,
}

#[derive(Default)]
struct Accounts {
    /// Those that somebody asked for.
    asked: BTreeSet<String>,
    /// Those that are waiting or being pulled; the channel closes when that has ended.
    running: BTreeMap<String, watch::Sender<()>>,
}

impl Syncing {
    /// Starts the thread. It pulls everything at once when it starts, and again whenever this much time has passed; a time of
    /// zero leaves it to whoever asks, or asked an earlier process.
    pub(super) fn start(desk: Desk, every: Duration) -> Arc<Syncing> {
        let (wake, woken) = sync_channel(1);
        let syncing = Arc::new(Syncing { wake, accounts: Mutex::default() });
        let weak = Arc::downgrade(&syncing);
        std::thread::spawn(move || run(&desk, every, &woken, &weak));
        syncing
    }

    /// Has an account's templates pulled soon.
    pub(super) fn ask(&self, account: &str) {
        let mut accounts = self.accounts();
        accounts.asked.insert(account.to_owned());
        accounts.running.entry(account.to_owned()).or_insert_with(|| watch::channel(()).0);
        drop(accounts);
        // A full channel means that the thread will look anyway.
        let _ = self.wake.try_send(());
    }

    /// Whether an account is waiting or being pulled.
    pub(super) fn is_running(&self, account: &str) -> bool {
        self.accounts().running.contains_key(account)
    }

    /// Ends when the pull of an account has; none when there is none.
    pub(super) fn watch(&self, account: &str) -> Option<watch::Receiver<()>> {
        self.accounts().running.get(account).map(watch::Sender::subscribe)
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(desk: &Desk, every: Duration, woken: &Receiver<()>, syncing: &Weak<Syncing>) {
    let by_itself = !every.is_zero();
    let (mut next, mut first) = (Instant::now(), true);
    loop {
        let now = Instant::now();
        if first || by_itself && next <= now {
            (next, first) = (now + every, false);
            let known = accounts::all(desk, T).unwrap_or_else(|error| {
                log(&format!("fault: the accounts cannot be listed, and will be tried again: {error}"));
                Vec::new()
            });
            let Some(syncing) = syncing.upgrade() else { return };
            let wanted = |account: &&Account| by_itself || account.pull_due_ms.is_some();
            known.iter().filter(wanted).for_each(|account| syncing.ask(&account.id));
        }
        while let Some(account) = syncing.upgrade().and_then(|syncing| syncing.accounts().asked.pop_first()) {
            pull(desk, &account);
            if let Some(syncing) = syncing.upgrade() {
                let mut accounts = syncing.accounts();
                // Asked for again meanwhile, it goes on running.
                if !accounts.asked.contains(&account) {
                    accounts.running.remove(&account);
                }
            }
        }
        let wait = if by_itself { next.saturating_duration_since(Instant::now()) } else { Duration::MAX };
        if matches!(woken.recv_timeout(wait.min(YEAR)), Err(RecvTimeoutError::Disconnected)) {
            return;
        }
    }
}

/// Longest wait, in place of one without an end.
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

fn pull(desk: &Desk, account: &str) {
    match catch_unwind(AssertUnwindSafe(|| sync::pull(desk, T, account))) {
        Ok(Ok(_) | Err(DeskError::NotFound(_))) => {}
        // What Meta or the way to it said is kept with the account, where its people see it.
        Ok(Err(DeskError::Meta(_) | DeskError::Vault(_))) => {}
        Ok(Err(error)) => log(&format!("fault: the templates of {account} were not pulled: {error}")),
        Err(_) => log(&format!("fault: the templates of {account} were not pulled")),
    }
}
