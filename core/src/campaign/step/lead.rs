//! How far ahead of their turns intents are written. A process that dies leaves that much in doubt for ever, so it is as short as
//! the store allows: it grows while turns are missed because an intent is not durable yet, and shrinks while none are.

use crate::time::UnixMs;

/// Shortest and longest lead, in milliseconds. The shortest is one group of intents and the time a good disk takes for it.
const MS_MIN: f64 = 30.0;
const MS_MAX: f64 = 200.0;
/// How much longer it becomes at once, and how soon after that again, in milliseconds: time enough to see what it brought.
const GROWS_BY: f64 = 1.25;
const GROWS_EVERY_MS: i64 = 100;
/// How much shorter it becomes after so many milliseconds in which no turn was missed.
const SHRINKS_BY: f64 = 0.8;
const SHRINKS_EVERY_MS: i64 = 1_000;

/// The lead of one number.
#[derive(Clone, Debug)]
pub(super) struct Lead {
    ms: f64,
    /// When it was changed last, or would have been.
    changed_at: UnixMs,
}

impl Lead {
    pub(super) fn new() -> Lead {
        Lead { ms: MS_MIN, changed_at: UnixMs(i64::MIN) }
    }

    /// How long it is, in milliseconds.
    pub(super) fn ms(&self) -> f64 {
        self.ms
    }

    /// It was somebody's turn whose intent was still being written, or it was not.
    pub(super) fn saw(&mut self, is_late: bool, now: UnixMs) {
        // A clock that was set back makes nobody wait for what it was.
        self.changed_at = self.changed_at.min(now);
        let since_ms = now.0.saturating_sub(self.changed_at.0);
        if is_late && since_ms >= GROWS_EVERY_MS {
            self.ms = (self.ms * GROWS_BY).min(MS_MAX);
            self.changed_at = now;
        } else if !is_late && since_ms >= SHRINKS_EVERY_MS {
            self.ms = (self.ms * SHRINKS_BY).max(MS_MIN);
            self.changed_at = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_store_gets_a_longer_lead_and_a_fast_one_the_shortest() {
        let mut lead = Lead::new();
        (0..2_000).for_each(|at| lead.saw(true, UnixMs(at)));
        assert_eq!(lead.ms(), MS_MAX);
        (2_000..12_000).for_each(|at| lead.saw(false, UnixMs(at)));
        assert_eq!(lead.ms(), MS_MIN);
    }

    #[test]
    fn one_miss_is_seen_in_a_moment_and_a_clock_that_is_set_back_stops_nothing() {
        let mut lead = Lead::new();
        (100_000..100_100).for_each(|at| lead.saw(true, UnixMs(at)));
        assert_eq!(lead.ms(), MS_MIN * GROWS_BY, "once in a hundred milliseconds");
        lead.saw(true, UnixMs(5));
        lead.saw(true, UnixMs(5 + GROWS_EVERY_MS));
        assert!(lead.ms() > MS_MIN * GROWS_BY);
    }
}
