//! When a campaign stops by itself: what became of its last messages, and for which message and which import it was worst.

use std::collections::BTreeMap;

use super::{BrakeTerms, Why};

/// Messages after which what was counted before counts half.
const WINDOW_MIN: u32 = 1_000;
/// Pairs of message and import that are counted apart; the rest is counted together.
const PAIRS_MAX: usize = 4_096;
/// Codes that are counted apart.
const CODES_MAX: usize = 64;
/// Codes with which Meta keeps messages back because there were too many.
const LIMITED: [i64; 3] = [131_048, 131_049, 131_064];
/// Messages that a pair must have had before it is named the worst, unless no pair had as many.
const NAMED_FROM: f64 = 20.0;
const PERCENT: f64 = 100.0;

/// One message that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Of {
    pub(super) message: u8,
    pub(super) import: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    answered: f64,
    failed: f64,
    limited: f64,
    opted_out: f64,
}

/// What was counted of a campaign since it runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Counted {
    all: Tally,
    pairs: BTreeMap<Of, Tally>,
    codes: BTreeMap<i64, f64>,
}

impl Counted {
    /// Meta took a message, or refused it for good with a code. One that was taken may fail later: that does not make it
    /// another message.
    pub(super) fn answered(&mut self, of: Of, code: Option<i64>, terms: &BrakeTerms) {
        self.add(of, |tally| tally.answered += 1.0);
        if let Some(code) = code {
            self.failed(of, code);
        }
        if self.all.answered >= 2.0 * f64::from(terms.after_messages.max(WINDOW_MIN)) {
            self.halve();
        }
    }

    /// A message failed.
    pub(super) fn failed(&mut self, of: Of, code: i64) {
        let is_limited = LIMITED.contains(&code);
        self.add(of, |tally| if is_limited { tally.limited += 1.0 } else { tally.failed += 1.0 });
        if self.codes.len() < CODES_MAX || self.codes.contains_key(&code) {
            *self.codes.entry(code).or_default() += 1.0;
        }
    }

    /// A person opted out after a message.
    pub(super) fn opted_out(&mut self, of: Of) {
        self.add(of, |tally| tally.opted_out += 1.0);
    }

    /// Whether it is time to stop, and why.
    pub(super) fn verdict(&self, terms: &BrakeTerms) -> Option<Why> {
        let all = &self.all;
        if all.answered < f64::from(terms.after_messages.max(1)) {
            return None;
        }
        let percent = |bad: f64| PERCENT * bad / all.answered;
        let (opted_out, limited, failed) =
            (percent(all.opted_out), percent(all.limited), percent(all.failed));
        if opted_out > terms.opted_out_percent {
            let worst = self.worst(|tally| tally.opted_out);
            return Some(Why::OptedOutRatio {
                percent: opted_out,
                message: worst.message,
                import: worst.import,
            });
        }
        if limited > terms.limited_percent {
            let worst = self.worst(|tally| tally.limited);
            let code = self.commonest(true);
            return Some(Why::LimitedRatio {
                percent: limited,
                code,
                message: worst.message,
                import: worst.import,
            });
        }
        if failed > terms.failed_percent {
            let worst = self.worst(|tally| tally.failed);
            let code = self.commonest(false);
            return Some(Why::FailedRatio {
                percent: failed,
                code,
                message: worst.message,
                import: worst.import,
            });
        }
        None
    }

    fn add(&mut self, of: Of, add: impl Fn(&mut Tally)) {
        add(&mut self.all);
        let of = if self.pairs.len() < PAIRS_MAX || self.pairs.contains_key(&of) {
            of
        } else {
            Of { import: 0, ..of }
        };
        add(self.pairs.entry(of).or_default());
    }

    fn halve(&mut self) {
        let halve = |tally: &mut Tally| {
            for count in [&mut tally.answered, &mut tally.failed, &mut tally.limited, &mut tally.opted_out] {
                *count /= 2.0;
            }
        };
        halve(&mut self.all);
        self.pairs.values_mut().for_each(halve);
        self.pairs.retain(|_, tally| tally.answered >= 1.0);
        self.codes.values_mut().for_each(|count| *count /= 2.0);
    }

    /// The pair with the largest share of something.
    fn worst(&self, bad: impl Fn(&Tally) -> f64) -> Of {
        let share = |tally: &Tally| {
            let is_named = tally.answered >= NAMED_FROM;
            (is_named, if tally.answered > 0.0 { bad(tally) / tally.answered } else { 0.0 })
        };
        let worst = self.pairs.iter().filter(|(_, tally)| bad(tally) > 0.0).max_by(|one, other| {
            let (one, other) = (share(one.1), share(other.1));
            one.0.cmp(&other.0).then(one.1.total_cmp(&other.1))
        });
        worst.map_or(Of { message: 0, import: 0 }, |(of, _)| *of)
    }

    fn commonest(&self, limited: bool) -> i64 {
        let of_kind = self.codes.iter().filter(|(code, _)| LIMITED.contains(code) == limited);
        of_kind.max_by(|one, other| one.1.total_cmp(other.1)).map_or(0, |(code, _)| *code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: BrakeTerms = BrakeTerms {
        failed_percent: 25.0,
        opted_out_percent: 5.0,
        limited_percent: 30.0,
        after_messages: 200,
    };

    fn of(message: u8, import: u64) -> Of {
        Of { message, import }
    }

    #[test]
    fn the_file_that_brought_bad_people_is_named() {
        let mut counted = Counted::default();
        for at in 0..1_000 {
            let import = if at % 3 == 0 { 7 } else { 4 };
            // Nearly everybody of import 7 has no WhatsApp, hardly anybody of import 4.
            let code = (import == 7 && at % 30 != 0 || at % 100 == 1).then_some(131_026);
            counted.answered(of(0, import), code, &TERMS);
        }
        let Some(Why::FailedRatio { percent, code: 131_026, message: 0, import: 7 }) =
            counted.verdict(&TERMS)
        else {
            panic!("{:?}", counted.verdict(&TERMS));
        };
        assert!((30.0..35.0).contains(&percent), "{percent}");
    }

    #[test]
    fn opt_outs_and_limits_count_for_themselves() {
        let (mut out, mut limited) = (Counted::default(), Counted::default());
        for at in 0..400 {
            out.answered(of(u8::from(at % 2 == 0), 3), None, &TERMS);
            limited.answered(of(0, 3), (at % 3 == 0).then_some(131_049), &TERMS);
            if at % 12 == 0 {
                out.opted_out(of(1, 3));
            }
        }
        assert!(matches!(out.verdict(&TERMS), Some(Why::OptedOutRatio { message: 1, import: 3, .. })));
        assert!(matches!(limited.verdict(&TERMS), Some(Why::LimitedRatio { code: 131_049, import: 3, .. })));
    }

    #[test]
    fn nothing_is_concluded_from_few_and_what_is_long_past_does_not_hide_what_is_now() {
        let mut counted = Counted::default();
        for _ in 0..199 {
            counted.answered(of(0, 1), Some(131_026), &TERMS);
        }
        assert_eq!(counted.verdict(&TERMS), None);
        let mut counted = Counted::default();
        for _ in 0..1_000_000 {
            counted.answered(of(0, 1), None, &TERMS);
        }
        let mut bad = 0;
        while counted.verdict(&TERMS).is_none() {
            counted.answered(of(0, 2), Some(131_026), &TERMS);
            bad += 1;
            assert!(bad < 1_500, "a list gone bad is noticed among its next messages");
        }
    }
}
