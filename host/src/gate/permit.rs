//! The right to begin one request. Only the gate makes one, out of a look at the person's consent; whoever carries a request
//! asks it at the first byte, and nothing leaves without.
//!
//! It ends by itself, and what ends it is counted by nobody's clock that could be set. It is not renewed: whoever comes too late
//! gives the message back, and a new look makes a new one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::signal::Signal;

/// The longest time between a look and the first byte of the request that follows from it, in milliseconds: from before the
/// first question of the look was asked. What is said elsewhere in this time is not seen any more. What is said in this
/// process always is.
pub const PERMIT_MS: u64 = 500;
/// How much of it is left once the look is over, in milliseconds: as long as writing a request and taking a connection needs.
pub const LATE_MS: u64 = 50;
/// How long a look may take, in milliseconds: an edge worker far away may use it up. What took longer is not believed.
pub(super) const LOOK_MS_MAX: u64 = PERMIT_MS - LATE_MS;

/// A count of time that nobody sets.
pub trait Ticks: Send + Sync {
    /// How long it has counted.
    fn now(&self) -> Duration;
}

/// The machine's.
struct Uptime(Instant);

impl Ticks for Uptime {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The machine's count of time.
pub(super) fn uptime() -> Arc<dyn Ticks> {
    Arc::new(Uptime(Instant::now()))
}

/// What moves in this process when something happens that a request under way has to know of.
#[derive(Clone, Default)]
pub struct Marks {
    /// Counts words about consent as they are taken in: see [`Intake::spoken`](crate::inbox::Intake::spoken).
    pub spoken: Arc<AtomicU64>,
    /// Counts changes of campaigns.
    pub changed: Signal,
}

/// What allows a request besides the person's consent.
#[derive(Clone, Copy, Debug)]
pub struct Right {
    /// Until when, by the count of the gate: a lease may lapse.
    pub until: Duration,
    /// How often campaigns had changed when it was looked what is to be sent.
    pub epoch: u64,
}

/// The right to begin one request.
pub struct Permit {
    ticks: Arc<dyn Ticks>,
    marks: Marks,
    until: Duration,
    seen: (u64, u64),
}

impl Permit {
    pub(super) fn new(ticks: &Arc<dyn Ticks>, marks: &Marks, until: Duration, seen: (u64, u64)) -> Permit {
        Permit { ticks: ticks.clone(), marks: marks.clone(), until, seen }
    }

    /// Whether the first byte may leave now: it is not too late, nobody has taken a consent back in this process, and no
    /// campaign was paused in it.
    pub fn stands(&self) -> bool {
        self.marks.seen() == self.seen && self.ticks.now() < self.until
    }
}

impl std::fmt::Debug for Permit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Permit").field("until", &self.until).field("seen", &self.seen).finish_non_exhaustive()
    }
}

impl Marks {
    fn seen(&self) -> (u64, u64) {
        (self.spoken.load(Ordering::Acquire), self.changed.epoch())
    }
}
