//! How often somebody may guess. Counts what failed lately: for an account from one address, for an address over all
//! accounts, and for an account over all addresses. Accounts that do not exist are counted like others, so that nobody
//! learns which do. Kept in memory: each host counts for itself, and a restart forgets.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use consentry_core::time::UnixMs;

use super::token;

/// How long what failed counts.
const WINDOW_MS: i64 = 15 * 60_000;
/// Failures of one account from one address: somebody who mistypes.
const PAIR_MAX: u32 = 5;
/// Failures from one address: an office behind one.
const ADDRESS_MAX: u32 = 30;
/// Failures of one account: a botnet. Those who own it wait as well, but no longer than the window.
const ACCOUNT_MAX: u32 = 50;
/// Entries kept; from then on the oldest windows go first.
const ENTRIES_MAX: usize = 30_000;

#[derive(Default)]
pub(super) struct Attempts {
    of: Mutex<HashMap<String, Failed>>,
}

#[derive(Clone, Copy)]
struct Failed {
    times: u32,
    since: UnixMs,
}

impl Attempts {
    /// Counts an attempt before it is looked at, so that many at once count as many; says for how many seconds there may be
    /// no further one when there were too many.
    pub(super) fn begin(&self, account: &str, address: &str, now: UnixMs) -> Result<(), u64> {
        let mut of = self.of();
        let limits = keys(account, address);
        for (key, max) in &limits {
            if let Some(failed) = of.get(key).filter(|failed| is_open(failed, now) && failed.times >= *max) {
                return Err((failed.since.0 + WINDOW_MS - now.0).unsigned_abs().div_ceil(1000).max(1));
            }
        }
        if of.len() + limits.len() > ENTRIES_MAX {
            of.retain(|_, failed| is_open(failed, now));
            if of.len() + limits.len() > ENTRIES_MAX
                && let Some(middle) = middle(&of)
            {
                of.retain(|_, failed| failed.since > middle);
            }
        }
        for (key, _) in limits {
            let failed = of.entry(key).or_insert(Failed { times: 0, since: now });
            if !is_open(failed, now) {
                *failed = Failed { times: 0, since: now };
            }
            failed.times += 1;
        }
        Ok(())
    }

    /// It was right: the attempt does not count, and neither do earlier ones of that account from there.
    pub(super) fn was_right(&self, account: &str, address: &str) {
        let mut of = self.of();
        let [pair, others @ ..] = keys(account, address);
        of.remove(&pair.0);
        for (key, _) in others {
            if let Some(failed) = of.get_mut(&key) {
                failed.times = failed.times.saturating_sub(1);
            }
        }
    }

    fn of(&self) -> MutexGuard<'_, HashMap<String, Failed>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keys(account: &str, address: &str) -> [(String, u32); 3] {
    // What is typed may be long, and a password in the wrong field.
    let account = token::hash("attempt", account);
    [(format!("{account} {address}"), PAIR_MAX), (address.to_owned(), ADDRESS_MAX), (account, ACCOUNT_MAX)]
}

fn is_open(failed: &Failed, now: UnixMs) -> bool {
    (0..WINDOW_MS).contains(&(now.0 - failed.since.0))
}

/// When half of the windows had begun.
fn middle(of: &HashMap<String, Failed>) -> Option<UnixMs> {
    let mut times: Vec<i64> = of.values().map(|failed| failed.since.0).collect();
    times.sort_unstable();
    times.get(times.len() / 2).map(|at| UnixMs(*at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_waits_after_a_few_attempts_from_one_address_and_others_do_not() {
        let attempts = Attempts::default();
        for _ in 0..PAIR_MAX {
            attempts.begin("a", "1.1.1.1", UnixMs(0)).unwrap();
        }
        assert_eq!(attempts.begin("a", "1.1.1.1", UnixMs(60_000)), Err(14 * 60));
        attempts.begin("b", "1.1.1.1", UnixMs(60_000)).unwrap();
        attempts.begin("a", "2.2.2.2", UnixMs(60_000)).unwrap();
        attempts.begin("a", "1.1.1.1", UnixMs(WINDOW_MS)).unwrap();
    }

    #[test]
    fn an_address_waits_whatever_accounts_it_tries() {
        let attempts = Attempts::default();
        let tried =
            (0..100).filter(|n| attempts.begin(&format!("a{n}"), "1.1.1.1", UnixMs(0)).is_ok()).count();
        assert_eq!(tried, ADDRESS_MAX as usize);
    }

    #[test]
    fn what_was_right_does_not_count() {
        let attempts = Attempts::default();
        for _ in 0..200 {
            attempts.begin("a", "1.1.1.1", UnixMs(0)).unwrap();
            attempts.was_right("a", "1.1.1.1");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let attempts = Attempts::default();
        for n in 0..50_000 {
            let _ = attempts.begin(&format!("a{n}"), &format!("{n}"), UnixMs(n));
        }
        assert!(attempts.of().len() <= ENTRIES_MAX);
    }
}
