//! When a campaign stops by itself: what became of its last messages, and for which message and which import it was worst. A
//! number counts what it hears at once; [`Brake`] counts the same from the totals of all numbers and hosts, now and then.

use std::collections::{BTreeMap, BTreeSet};

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

/// Messages of a campaign that stand alike, and how many they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stands {
    /// Which of the campaign's messages.
    pub message: u8,
    /// The import that brought the consents; 0 for none.
    pub import: u64,
    /// What became of them.
    pub fate: Fate,
    /// Whether the person opted out afterwards.
    pub opted_out: bool,
    /// How many.
    pub messages: u64,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing that anybody knows of.
    Open,
    /// Meta took it.
    Accepted,
    /// It failed with this code.
    Failed(i64),
}

/// The brake of a whole campaign, over all its numbers and hosts: it judges totals as often as it is shown them, by the rules of
/// the brake of one number, and says the same in the same words.
///
/// ```
/// use consentry_core::campaign::step::{Brake, BrakeTerms, Fate, Stands, Why};
///
/// let terms = BrakeTerms { failed_percent: 25.0, opted_out_percent: 5.0, limited_percent: 30.0, after_messages: 200 };
/// let failed = |messages| Stands { message: 0, import: 7, fate: Fate::Failed(131_026), opted_out: false, messages };
/// let mut brake = Brake::default();
/// assert_eq!(brake.look([failed(199)], &terms), None);
/// assert!(matches!(brake.look([failed(200)], &terms), Some(Why::FailedRatio { import: 7, .. })));
/// // Once somebody has let it go on, only what comes then counts.
/// assert_eq!(Brake::from([failed(200)]).look([failed(399)], &terms), None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Brake {
    before: BTreeMap<Of, Sums>,
    counted: Counted,
}

/// Totals of a pair of message and import.
#[derive(Clone, Debug, Default, PartialEq)]
struct Sums {
    answered: u64,
    opted_out: u64,
    codes: BTreeMap<i64, u64>,
}

impl Brake {
    /// A brake for which nothing counts that is so already.
    pub fn from(stands: impl IntoIterator<Item = Stands>) -> Brake {
        Brake { before: sums(stands), counted: Counted::default() }
    }

    /// Counts what has come since the last look, and says whether it is time to stop.
    pub fn look(&mut self, stands: impl IntoIterator<Item = Stands>, terms: &BrakeTerms) -> Option<Why> {
        let (now, none) = (sums(stands), Sums::default());
        for (of, sums) in &now {
            let before = self.before.get(of).unwrap_or(&none);
            self.counted.join(*of, before, sums);
        }
        self.before = now;
        while self.counted.is_long(terms) {
            self.counted.halve();
        }
        self.counted.verdict(terms)
    }
}

fn sums(stands: impl IntoIterator<Item = Stands>) -> BTreeMap<Of, Sums> {
    let mut sums = BTreeMap::<Of, Sums>::new();
    for Stands { message, import, fate, opted_out, messages } in stands {
        let sums = sums.entry(Of { message, import }).or_default();
        sums.answered += if fate == Fate::Open { 0 } else { messages };
        sums.opted_out += if opted_out { messages } else { 0 };
        if let Fate::Failed(code) = fate {
            *sums.codes.entry(code).or_default() += messages;
        }
    }
    sums
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
        if self.is_long(terms) {
            self.halve();
        }
    }

    /// Whether so much was counted that the older half is to count less.
    fn is_long(&self, terms: &BrakeTerms) -> bool {
        self.all.answered >= 2.0 * f64::from(terms.after_messages.max(WINDOW_MIN))
    }

    /// What totals have become. What was taken back - a message arrived that had failed - is no longer counted.
    fn join(&mut self, of: Of, before: &Sums, now: &Sums) {
        let more = |before: u64, now: u64| now as f64 - before as f64;
        let (mut failed, mut limited) = (0.0, 0.0);
        let codes: BTreeSet<i64> = before.codes.keys().chain(now.codes.keys()).copied().collect();
        for code in codes {
            let of_code = |sums: &Sums| sums.codes.get(&code).copied().unwrap_or(0);
            let by = more(of_code(before), of_code(now));
            let kind = if LIMITED.contains(&code) { &mut limited } else { &mut failed };
            *kind += by;
            if self.codes.len() < CODES_MAX || self.codes.contains_key(&code) {
                let count = self.codes.entry(code).or_default();
                *count = (*count + by).max(0.0);
            }
        }
        let answered = more(before.answered, now.answered);
        let opted_out = more(before.opted_out, now.opted_out);
        if [answered, opted_out, failed, limited] == [0.0; 4] {
            return;
        }
        self.add(of, |tally| {
            tally.answered = (tally.answered + answered).max(0.0);
            tally.opted_out = (tally.opted_out + opted_out).max(0.0);
            tally.failed = (tally.failed + failed).max(0.0);
            tally.limited = (tally.limited + limited).max(0.0);
        });
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
    fn totals_are_judged_as_the_same_messages_one_by_one() {
        let (mut counted, mut totals) = (Counted::default(), BTreeMap::<(Of, Option<i64>, bool), u64>::new());
        let (mut brake, mut verdicts, mut apart) = (Brake::default(), 0, 0);
        for at in 0_u64..30_000 {
            let (of, code) = (
                of((at % 2) as u8, 1 + at % 3),
                match at {
                    0..9_000 => (at % 11 == 0).then_some(131_026),
                    9_000..20_000 => (at % 3 == 1).then_some(131_026),
                    _ => None,
                },
            );
            counted.answered(of, code, &TERMS);
            *totals.entry((of, code, false)).or_default() += 1;
            let stands = totals.iter().map(|((of, code, opted_out), messages)| Stands {
                message: of.message,
                import: of.import,
                fate: code.map_or(Fate::Accepted, Fate::Failed),
                opted_out: *opted_out,
                messages: *messages,
            });
            if at % 10 == 0 {
                let (one_by_one, at_once) = (counted.verdict(&TERMS), brake.look(stands, &TERMS));
                apart += u32::from(one_by_one.is_some() != at_once.is_some());
                verdicts += u32::from(at_once.is_some());
                if let (
                    Some(Why::FailedRatio { percent, code, message, import }),
                    Some(Why::FailedRatio { percent: all, code: same, message: kind, import: file }),
                ) = (one_by_one, at_once)
                {
                    assert!((percent - all).abs() < 1.0, "{percent} and {all}");
                    assert_eq!((code, message, import), (same, kind, file));
                }
            }
        }
        assert!(verdicts > 100 && apart <= 4, "{verdicts} verdicts, {apart} apart");
    }

    #[test]
    fn what_failed_and_arrived_all_the_same_no_longer_counts() {
        let stands = |fate, messages| Stands { message: 0, import: 1, fate, opted_out: false, messages };
        let mut brake = Brake::default();
        let bad = [stands(Fate::Accepted, 100), stands(Fate::Failed(131_026), 100)];
        assert!(brake.look(bad, &TERMS).is_some());
        assert_eq!(brake.look([stands(Fate::Accepted, 200)], &TERMS), None);
        let out = Stands { opted_out: true, ..stands(Fate::Accepted, 12) };
        assert!(matches!(
            brake.look([stands(Fate::Accepted, 188), out], &TERMS),
            Some(Why::OptedOutRatio { import: 1, .. })
        ));
        let open = Stands { opted_out: true, ..stands(Fate::Open, 1_000) };
        assert_eq!(Brake::default().look([open], &TERMS), None, "nothing was answered");
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
