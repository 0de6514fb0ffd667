//! The sandbox's own time, in milliseconds since 1970. It runs with real time at a chosen speed, or stands until it is
//! told to move on; nothing in the sandbox asks any other clock.

use std::time::Duration;

use tokio::time::Instant;

/// How the sandbox's time passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// It stands, and moves only by `POST /_sandbox/advance`.
    Manual,
    /// It runs this many times as fast as real time.
    Running(f64),
}

#[derive(Debug)]
pub(crate) struct Clock {
    start_ms: i64,
    moved_ms: i64,
    began: Instant,
    pace: Pace,
}

impl Clock {
    pub(crate) fn start(start_ms: i64, pace: Pace) -> Clock {
        Clock { start_ms, moved_ms: 0, began: Instant::now(), pace }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        let passed = match self.pace {
            Pace::Manual => 0,
            Pace::Running(speed) => (self.began.elapsed().as_secs_f64() * 1000.0 * speed) as i64,
        };
        self.start_ms.saturating_add(self.moved_ms).saturating_add(passed)
    }

    /// Jumps forward.
    pub(crate) fn advance(&mut self, ms: i64) {
        self.moved_ms = self.moved_ms.saturating_add(ms.max(0));
    }

    /// How long in real time until this moment; none when only somebody's word brings it.
    pub(crate) fn real_until(&self, at_ms: i64) -> Option<Duration> {
        match self.pace {
            Pace::Manual => None,
            Pace::Running(speed) => {
                let ms = at_ms.saturating_sub(self.now_ms()).max(0) as f64;
                Some(Duration::from_secs_f64((ms / 1000.0 / speed.max(0.001)).min(3600.0)))
            }
        }
    }
}
