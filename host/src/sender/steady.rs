//! The time of a sending number: it begins with what the clock says, and goes on by a count that nobody sets. A pace, a lease and
//! a look at the consent are measured by it, so no clock that is set makes two seconds one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use consentry_core::time::UnixMs;

use crate::clock::Clock;

/// How far the clock may be from it before it is begun anew, in milliseconds.
const APART_MS_MAX: i64 = 2_000;

/// A steady clock.
pub(super) struct Steady {
    clock: Arc<dyn Clock>,
    begun: Instant,
    began_at: UnixMs,
}

impl Steady {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Steady {
        let (begun, began_at) = (Instant::now(), clock.now());
        Steady { clock, begun, began_at }
    }

    pub(super) fn now(&self) -> UnixMs {
        self.at(Instant::now())
    }

    /// What it says at an instant.
    pub(super) fn at(&self, instant: Instant) -> UnixMs {
        let since = instant.saturating_duration_since(self.begun).as_millis();
        UnixMs(self.began_at.0.saturating_add(i64::try_from(since).unwrap_or(i64::MAX)))
    }

    /// At which instant it says so.
    pub(super) fn instant(&self, at: UnixMs) -> Instant {
        self.begun + Duration::from_millis(u64::try_from(at.0 - self.began_at.0).unwrap_or_default())
    }

    /// Whether the clock was set, or the machine slept.
    pub(super) fn was_set(&self) -> bool {
        (self.clock.now().0 - self.now().0).abs() > APART_MS_MAX
    }

    /// Begins anew with what the clock says.
    pub(super) fn begin_anew(&mut self) {
        *self = Steady::new(self.clock.clone());
    }
}
