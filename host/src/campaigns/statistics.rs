//! What numbers of people say, and what they do not: shares with their intervals, and whether one share is larger than
//! another by more than chance.

use crate::wire::campaign::v1::Rate;

/// Of which two sides 95 in 100 lie within, in standard deviations.
const Z_95: f64 = 1.959_963_984_540_054;
/// How sure it has to be before anything is said.
const CONFIDENCE_MIN: f64 = 0.95;
/// People of each side before anything is said, and of those who did and of those who did not.
const PEOPLE_MIN: u64 = 30;
const OF_EACH_MIN: u64 = 5;

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tried {
    pub(super) successes: u64,
    pub(super) of: u64,
}

impl Tried {
    fn share(self) -> f64 {
        self.successes as f64 / self.of as f64
    }

    /// Whether there is enough for a test that takes the share for a normal one.
    fn is_enough(self) -> bool {
        let failures = self.of.saturating_sub(self.successes);
        self.of >= PEOPLE_MIN && self.successes >= OF_EACH_MIN && failures >= OF_EACH_MIN
    }
}

/// A share with the interval of Wilson, which is right for few people and for shares near 0 and 1; none of nobody.
pub(super) fn rate(successes: u64, of: u64) -> Option<Rate> {
    if of == 0 {
        return None;
    }
    let (n, share, z2) = (of as f64, successes as f64 / of as f64, Z_95 * Z_95);
    let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z_95 / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    Some(Rate { value: share, low: (middle - half).max(0.0), high: (middle + half).min(1.0) })
}

/// The place of the one that is best by more than chance, of the next one, and how sure that is; none where that cannot be
/// said. With several, each comparison has to be the surer: otherwise one of many would always look best.
pub(super) fn clearly(tried: &[Tried]) -> Option<(usize, usize, f64)> {
    if tried.len() < 2 || !tried.iter().all(|tried| tried.is_enough()) {
        return None;
    }
    let mut places: Vec<usize> = (0..tried.len()).collect();
    places.sort_by(|a, b| tried[*b].share().total_cmp(&tried[*a].share()));
    let (best, next) = (places[0], places[1]);
    let chances = places[1..].iter().map(|other| by_chance(tried[best], tried[*other]));
    let worst = chances.fold(0.0, f64::max) * (tried.len() - 1) as f64;
    let confidence = 1.0 - worst;
    (confidence >= CONFIDENCE_MIN).then_some((best, next, confidence))
}

/// How often chance alone makes two shares differ so much, in either direction: the test of two proportions.
fn by_chance(a: Tried, b: Tried) -> f64 {
    let (n, m) = (a.of as f64, b.of as f64);
    let both = (a.successes + b.successes) as f64 / (n + m);
    let deviation = (both * (1.0 - both) * (1.0 / n + 1.0 / m)).sqrt();
    let z = (a.share() - b.share()).abs() / deviation;
    erfc(z / std::f64::consts::SQRT_2)
}

/// The complement of the error function, for what is not negative, to seven digits (Abramowitz and Stegun, 7.1.26).
fn erfc(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let terms = [0.254_829_592, -0.284_496_736, 1.421_413_741, -1.453_152_027, 1.061_405_429];
    let sum = terms.iter().rev().fold(0.0, |sum, term| (sum + term) * t);
    sum * (-x * x).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 5e-4, "{a} is not {b}");
    }

    #[test]
    fn intervals_are_those_of_wilson() {
        // By hand: 10 of 20, z = 1.96: middle 0.5, half width 1.96/1.19207 * sqrt(0.0125 + 0.002401) = 0.2007.
        let half = rate(10, 20).unwrap();
        near(half.value, 0.5);
        near(half.low, 0.2993);
        near(half.high, 0.7007);
        // None of ten is no proof that there is nobody: up to 3.8416/13.8416.
        let none = rate(0, 10).unwrap();
        near(none.low, 0.0);
        near(none.high, 0.2775);
        let all = rate(10, 10).unwrap();
        near(all.low, 0.7225);
        near(all.high, 1.0);
        assert_eq!(rate(0, 0), None);
    }

    #[test]
    fn differences_are_told_from_chance() {
        // By hand: 450 and 400 of 1000 each: z = 0.05 / sqrt(0.425 * 0.575 / 500) = 2.2617, p = 0.0237.
        let (better, worse) = (Tried { successes: 450, of: 1000 }, Tried { successes: 400, of: 1000 });
        near(by_chance(better, worse), 0.0237);
        let (best, next, confidence) = clearly(&[worse, better]).unwrap();
        assert_eq!((best, next), (1, 0));
        near(confidence, 0.9763);
        // The same among three has to be the surer.
        let third = Tried { successes: 300, of: 1000 };
        let (best, next, confidence) = clearly(&[third, better, worse]).unwrap();
        assert_eq!((best, next), (1, 2));
        near(confidence, 0.9526);
        assert_eq!(clearly(&[worse, better, third, third]), None);
        near(by_chance(worse, worse), 1.0);
    }

    #[test]
    fn too_few_people_say_nothing() {
        let many = Tried { successes: 500, of: 1000 };
        for few in [
            Tried { successes: 1, of: 29 },
            Tried { successes: 4, of: 1000 },
            Tried { successes: 996, of: 1000 },
            Tried { successes: 0, of: 0 },
        ] {
            assert_eq!(clearly(&[many, few]), None, "{few:?}");
        }
        assert_eq!(clearly(&[many]), None);
        assert_eq!(clearly(&[]), None);
        assert_eq!(clearly(&[many, Tried { successes: 501, of: 1000 }]), None, "that may be chance");
    }
}
