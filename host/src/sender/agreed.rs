//! The time that all hosts of a ledger go by. Hosts' clocks are apart, and one that is wrong would let a campaign begin early, or
//! write to people in their night: so each host sees how far its clock is from the ledger's, and goes by that one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use consentry_core::time::UnixMs;

use crate::clock::Clock;
use crate::store::StoreError;
use crate::store::ledger::Ledger;

/// Answers that took longer say too little, in milliseconds: the time was told at some moment meanwhile.
const TAKES_MS_MAX: i64 = 2_000;

/// A clock that says what the ledger's would.
pub(super) struct Agreed {
    clock: Arc<dyn Clock>,
    /// How far the host's clock is ahead, in milliseconds.
    ahead_ms: AtomicI64,
}

impl Agreed {
    /// Believes the host's clock until it is [compared](Agreed::compare).
    pub(super) fn new(clock: Arc<dyn Clock>) -> Agreed {
        Agreed { clock, ahead_ms: AtomicI64::new(0) }
    }

    /// Asks the ledger for the time. Gives how far the host's clock is ahead, in milliseconds; none where the answer took too
    /// long to say.
    pub(super) fn compare(&self, ledger: &dyn Ledger) -> Result<Option<i64>, StoreError> {
        let (asked, own) = (Instant::now(), self.clock.now());
        let told = ledger.now(own)?;
        let took_ms = i64::try_from(asked.elapsed().as_millis()).unwrap_or(i64::MAX);
        if took_ms > TAKES_MS_MAX {
            return Ok(None);
        }
        let ahead_ms = own.0.saturating_add(took_ms / 2).saturating_sub(told.0);
        self.ahead_ms.store(ahead_ms, Ordering::Release);
        Ok(Some(ahead_ms))
    }
}

impl Clock for Agreed {
    fn now(&self) -> UnixMs {
        UnixMs(self.clock.now().0.saturating_sub(self.ahead_ms.load(Ordering::Acquire)))
    }
}
