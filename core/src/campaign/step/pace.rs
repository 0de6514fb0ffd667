//! How fast a number sends: never more than it may in any second, evenly, and more slowly for a while after Meta said that it
//! was too fast.

use std::collections::VecDeque;

use crate::time::UnixMs;

const SECOND_MS: i64 = 1000;
/// How much longer than a second is looked back, in milliseconds: what leaves a second apart may arrive a little closer.
const LONGER_MS: i64 = 8;
/// How far behind its even steps a number may be and still make up for it, in milliseconds.
const BEHIND_MS_MAX: f64 = 250.0;
/// After how many milliseconds one that may leave is late. Less is made up for without anybody seeing it.
const LATE_MS: i64 = 10;
/// How much faster than evenly it makes up for it, and how many milliseconds' worth of that leave at once. What leaves at once
/// may arrive a little earlier or later than a second after the same before, and must fit into what is left out of a second.
const SPRINT: f64 = 2.0;
const SPRINT_MS: f64 = 4.0;
/// How long a number sends without complaint before it may send faster again, in milliseconds.
const GROWS_EVERY_MS: i64 = 10_000;
/// How much faster then, as a share of what it may.
const GROWS_BY: f64 = 0.05;
/// Of so many messages a second one is left out: they may reach Meta closer together than they left.
const ONE_LESS_OF: u32 = 100;

/// The pace of a number.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    /// Messages a second that Meta allows.
    allowed_per_s: u32,
    /// Messages a second for now.
    per_s: f64,
    /// When it grew or shrank last.
    changed_at: UnixMs,
    /// When the next one may leave, in milliseconds and parts of one.
    next_ms: f64,
    /// The same while it makes up for what it is behind.
    sprint_ms: f64,
    /// When those of the last second left.
    left: VecDeque<UnixMs>,
}

impl Pace {
    pub(super) fn new(allowed_per_s: u32) -> Pace {
        Pace {
            allowed_per_s: allowed_per_s.max(1),
            per_s: f64::from(allowed_per_s.max(1)),
            changed_at: UnixMs(0),
            next_ms: 0.0,
            sprint_ms: 0.0,
            left: VecDeque::new(),
        }
    }

    /// Meta allows so many now.
    pub(super) fn allow(&mut self, per_s: u32) {
        if per_s.max(1) != self.allowed_per_s {
            self.allowed_per_s = per_s.max(1);
            self.per_s = f64::from(self.allowed_per_s);
        }
    }

    /// Messages a second for now.
    pub(super) fn per_s(&self) -> f64 {
        self.per_s
    }

    /// Most that may leave in any second.
    fn in_a_second(&self) -> usize {
        let allowed = self.allowed_per_s - self.allowed_per_s / ONE_LESS_OF;
        (self.per_s as usize).clamp(1, allowed as usize)
    }

    /// Meta said that it was too fast. What was under way then is told the same; that counts once.
    pub(super) fn slow_down(&mut self, now: UnixMs) {
        if now.0 - self.changed_at.0 >= SECOND_MS || self.per_s >= f64::from(self.allowed_per_s) {
            self.per_s = (self.per_s / 2.0).max(1.0);
            self.changed_at = now;
        }
    }

    fn grow(&mut self, now: UnixMs) {
        let allowed = f64::from(self.allowed_per_s);
        if self.per_s < allowed && now.0 - self.changed_at.0 >= GROWS_EVERY_MS {
            self.per_s = (self.per_s + allowed * GROWS_BY).min(allowed);
            self.changed_at = now;
        }
    }

    /// When the next one may leave.
    pub(super) fn next(&self) -> UnixMs {
        let even = UnixMs(self.next_ms.max(self.sprint_ms).ceil() as i64);
        let full = self.left.len().checked_sub(self.in_a_second()).and_then(|at| self.left.get(at));
        full.map_or(even, |first| even.max(UnixMs(first.0 + SECOND_MS + LONGER_MS)))
    }

    /// Whether one could have left a good while ago.
    pub(super) fn is_behind(&self, now: UnixMs) -> bool {
        now.0.saturating_sub(self.next().0) >= LATE_MS
    }

    /// Whether one may leave now; then it has.
    pub(super) fn take(&mut self, now: UnixMs) -> bool {
        self.grow(now);
        // A clock that was set back must not stop everything: what left later than now left now.
        if self.left.back().is_some_and(|last| *last > now) {
            self.left.iter_mut().for_each(|at| *at = (*at).min(now));
            self.next_ms = self.next_ms.min(now.0 as f64);
            self.sprint_ms = self.sprint_ms.min(now.0 as f64);
        }
        if self.next() > now {
            return false;
        }
        let step = SECOND_MS as f64 / self.in_a_second() as f64;
        self.next_ms = self.next_ms.max(now.0 as f64 - BEHIND_MS_MAX) + step;
        self.sprint_ms = self.sprint_ms.max(now.0 as f64 - SPRINT_MS) + step / SPRINT;
        self.left.push_back(now);
        while self.left.front().is_some_and(|first| first.0 + SECOND_MS + LONGER_MS <= now.0) {
            self.left.pop_front();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages that leave when asked at these times, as often as they may.
    fn departures(pace: &mut Pace, times: impl Iterator<Item = i64>) -> Vec<i64> {
        let mut left = Vec::new();
        for now in times {
            while pace.take(UnixMs(now)) {
                left.push(now);
            }
        }
        left
    }

    fn most_in_a_second(left: &[i64]) -> usize {
        let within = |from: usize| left[from..].iter().take_while(|at| **at < left[from] + SECOND_MS).count();
        (0..left.len()).map(within).max().unwrap_or_default()
    }

    #[test]
    fn no_second_has_more_than_it_may_and_nearly_all_of_it_is_used() {
        for (per_s, at_most) in [(1, 1), (20, 20), (80, 80), (99, 99), (1000, 990)] {
            // Looked at evenly, in fits and starts, and with pauses.
            for times in [
                (0..30_000).collect::<Vec<i64>>(),
                (0..30_000).step_by(7).collect(),
                (0..30_000).filter(|at| at % 400 < 200).collect(),
                (0..30_000).filter(|at| (at / 1000) % 3 != 1).collect(),
            ] {
                let steady =
                    per_s >= 80 && times.len() > 4_000 && times.windows(2).all(|two| two[1] - two[0] < 50);
                let left = departures(&mut Pace::new(per_s), times.into_iter());
                assert!(most_in_a_second(&left) <= at_most, "{per_s} a second");
                let share = left.len() as f64 / (f64::from(per_s) * 30.0);
                assert!(!steady || share >= 0.98, "{per_s} a second: {share} of it used");
            }
        }
    }

    #[test]
    fn it_slows_down_once_for_all_that_was_under_way_and_grows_again() {
        let mut pace = Pace::new(1000);
        for at in 0..50 {
            pace.slow_down(UnixMs(100_000 + at));
        }
        assert_eq!(pace.per_s(), 500.0);
        pace.slow_down(UnixMs(101_500));
        assert_eq!(pace.per_s(), 250.0);
        let left = departures(&mut pace, 101_500..171_600);
        assert_eq!(pace.per_s(), 600.0, "5 % of what it may, every ten seconds");
        assert!(most_in_a_second(&left) <= 600);
    }

    #[test]
    fn a_clock_that_is_set_back_stops_nothing() {
        let mut pace = Pace::new(80);
        let left = departures(&mut pace, 1_000_000..1_002_000);
        assert_eq!(left.len(), 160);
        let left = departures(&mut pace, 500_000..503_000);
        assert!(left.len() >= 160, "{}", left.len());
        assert!(most_in_a_second(&left) <= 80);
    }
}
