//! A word within the process that a campaign changed, or a template that one may be sent with: who sends looks at it before
//! every request, which costs one load.
//! Other processes see the versions of the documents.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The word, shared by all clones.
#[derive(Clone, Debug, Default)]
pub struct Signal(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    epoch: AtomicU64,
    /// Held while the epoch moves, so that nobody who waits misses it.
    moving: Mutex<()>,
    moved: Condvar,
}

impl Signal {
    /// How often a campaign changed. Where it is what it was, nothing did.
    pub fn epoch(&self) -> u64 {
        self.0.epoch.load(Ordering::Acquire)
    }

    /// A campaign changed.
    pub fn raise(&self) {
        let _moving = self.0.moving.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.epoch.fetch_add(1, Ordering::Release);
        self.0.moved.notify_all();
    }

    /// Waits until the epoch is no longer this one, for so long at most; the epoch then.
    pub fn wait(&self, seen: u64, at_most: Duration) -> u64 {
        let moving = self.0.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.moved.wait_timeout_while(moving, at_most, |()| self.epoch() == seen);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        self.epoch()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_hears_what_was_raised_before_and_after() {
        let signal = Signal::default();
        let seen = signal.epoch();
        signal.raise();
        assert_ne!(signal.wait(seen, Duration::from_secs(60)), seen);
        let (seen, other) = (signal.epoch(), signal.clone());
        let waits = std::thread::spawn(move || other.wait(seen, Duration::from_secs(60)));
        signal.raise();
        assert_eq!(waits.join().unwrap(), seen + 1);
        assert_eq!(signal.wait(signal.epoch(), Duration::ZERO), signal.epoch());
    }
}
