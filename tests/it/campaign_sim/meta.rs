//! Meta as a simulation needs it: it takes messages, refuses them, loses answers, tells statuses late, twice and in any order -
//! and remembers what really happened, which nobody else knows. Written from Meta's documentation; it shares nothing with the
//! sandbox.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use consentry_core::campaign::SendId;
use consentry_core::campaign::errors::ERRORS;
use consentry_core::campaign::step::Answer;
use consentry_core::time::UnixMs;
use consentry_host::store::ledger::{Fact, Reached};

use crate::random::Random;

/// Messages to one person that may be borrowed ahead, and milliseconds that each takes to be paid back.
const PAIR_MAX: i64 = 45;
const PAIR_MS: i64 = 6_000;

/// How much closer together requests may arrive than they were let go, in milliseconds.
const JITTER_MS: i64 = 50;

/// What goes wrong, in parts of ten thousand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weather {
    /// Answers that are lost; half of those messages were sent.
    pub(super) lost: u64,
    /// Requests that never leave.
    pub(super) not_sent: u64,
    /// Refusals, with any code there is.
    pub(super) refused: u64,
    /// Statuses that are told twice.
    pub(super) doubled: u64,
}

/// What is certain about a message.
#[derive(Clone, Debug, Default)]
pub(super) struct Truth {
    /// Requests that arrived.
    pub(super) arrived: u32,
    /// How often the person got it.
    pub(super) sent: u32,
    /// It was told to have failed.
    pub(super) told_failed: bool,
}

/// A request's fate.
pub(super) struct Fate {
    pub(super) answer: Answer,
    pub(super) wamid: Option<String>,
    /// How long the answer takes.
    pub(super) answer_ms: i64,
    /// What is told later, and after how long.
    pub(super) statuses: Vec<(i64, Fact)>,
}

pub(super) struct Meta {
    weather: Weather,
    truths: BTreeMap<SendId, Truth>,
    /// When requests of the last second arrived, by number.
    windows: BTreeMap<String, VecDeque<i64>>,
    /// When all requests were let go, by number.
    let_go: BTreeMap<String, Vec<i64>>,
    limits: BTreeMap<String, u32>,
    /// When each pair has paid its messages back.
    pairs: BTreeMap<(String, u64), i64>,
    /// Who got what of which campaign.
    got: BTreeSet<(u64, u64)>,
    /// What each person got: in the order of intents, and when.
    got_at: BTreeMap<u64, Vec<(u64, i64)>>,
    pub(super) sends: u64,
    pub(super) requests: u64,
    pub(super) lost: u64,
    pub(super) statuses: u64,
    pub(super) codes: BTreeSet<i64>,
}

impl Meta {
    pub(super) fn new(weather: Weather, limits: BTreeMap<String, u32>) -> Meta {
        Meta {
            weather,
            truths: BTreeMap::new(),
            windows: BTreeMap::new(),
            let_go: BTreeMap::new(),
            limits,
            pairs: BTreeMap::new(),
            got: BTreeSet::new(),
            got_at: BTreeMap::new(),
            sends: 0,
            requests: 0,
            lost: 0,
            statuses: 0,
            codes: BTreeSet::new(),
        }
    }

    pub(super) fn truth(&self, id: SendId) -> Truth {
        self.truths.get(&id).cloned().unwrap_or_default()
    }

    /// How many messages that were intended before another a person got since then.
    pub(super) fn got_before(&self, person: u64, intent: u64, since: i64) -> usize {
        let is_before = |got: &&(u64, i64)| got.0 < intent && got.1 >= since;
        self.got_at.get(&person).map_or(0, |got| got.iter().filter(is_before).count())
    }

    /// The weather clears up: from now on everything is taken. Answers are lost all the same: that hinders nobody.
    pub(super) fn clear_up(&mut self) {
        self.weather = Weather { not_sent: 0, refused: 0, ..self.weather };
    }

    /// A request arrives.
    pub(super) fn request(
        &mut self,
        random: &mut Random,
        number: &str,
        id: SendId,
        person: u64,
        intent: u64,
        (let_go, now): (i64, i64),
    ) -> Fate {
        self.requests += 1;
        self.keep_to_the_limit(number, now);
        self.let_go.entry(number.to_owned()).or_default().push(let_go);
        let answer_ms = match random.below(100) {
            0 => 5_000 + random.below(30_000) as i64,
            1..=9 => 500 + random.below(2_500) as i64,
            _ => 20 + random.below(200) as i64,
        };
        let refused = |answer| Fate { answer, wamid: None, answer_ms, statuses: Vec::new() };
        let mut dice = random.below(10_000);
        let mut falls = |parts: u64| {
            let falls = dice < parts;
            dice = dice.wrapping_sub(if falls { 0 } else { parts });
            falls
        };
        if falls(self.weather.not_sent) {
            return refused(Answer::NotSent);
        }
        let is_lost = falls(self.weather.lost);
        let is_refused = falls(self.weather.refused);
        let truth = self.truths.entry(id).or_default();
        truth.arrived += 1;
        if is_lost {
            self.lost += 1;
            if random.below(2) == 0 {
                return refused(Answer::Unknown);
            }
        }
        if is_refused {
            let rule = &ERRORS[random.below(ERRORS.len() as u64) as usize];
            self.codes.insert(rule.code);
            let wait_ms = (random.below(4) == 0).then(|| 1_000 + random.below(20_000) as i64);
            return refused(Answer::Refused { code: rule.code, action: rule.action, wait_ms });
        }
        let debt = self.pairs.entry((number.to_owned(), person)).or_insert(0);
        let from = (*debt).max(now);
        assert!(from - now <= (PAIR_MAX - 1) * PAIR_MS, "{number} wrote too often to {person} at {now}");
        *debt = from + PAIR_MS;
        truth.sent += 1;
        assert_eq!(truth.sent, 1, "{id:?} was sent twice, the second time at {now}");
        assert!(self.got.insert((id.campaign.0, person)), "{person} got {} twice", id.campaign);
        self.got_at.entry(person).or_default().push((intent, now));
        self.sends += 1;
        let wamid = format!("wamid.{}.{}", id.campaign, id.place);
        let statuses = self.statuses(random, id, &wamid, now);
        let answer = match is_lost {
            true => Answer::Unknown,
            false => Answer::Accepted { is_held: random.below(50) == 0 },
        };
        Fate { answer, wamid: Some(wamid).filter(|_| !is_lost), answer_ms, statuses }
    }

    /// What a number may do is passed in no second.
    fn keep_to_the_limit(&mut self, number: &str, now: i64) {
        let window = self.windows.entry(number.to_owned()).or_default();
        window.push_back(now);
        while window.front().is_some_and(|first| *first <= now - 1_000 + JITTER_MS) {
            window.pop_front();
        }
        let limit = self.limits[number];
        assert!(
            window.len() <= limit as usize,
            "{number} sent {} in the second before {now}: {window:?}",
            window.len()
        );
    }

    /// The same of when they were let go, to the millisecond.
    pub(super) fn judge(&mut self, place: &str) {
        for (number, let_go) in &mut self.let_go {
            let_go.sort_unstable();
            let limit = self.limits[number] as usize;
            let too_many = let_go.windows(limit + 1).find(|some| some[limit] - some[0] < 1_000);
            assert!(
                too_many.is_none(),
                "{place}: {number} let go {limit} and more in a second: {too_many:?}"
            );
        }
    }

    /// What is told of a message, each part late, some of it twice and some never.
    fn statuses(&mut self, random: &mut Random, id: SendId, wamid: &str, now: i64) -> Vec<(i64, Fact)> {
        let fails = random.below(20) == 0;
        let told: &[Reached] = match fails {
            true => &[Reached::Sent, Reached::Failed],
            false => &[Reached::Sent, Reached::Delivered, Reached::Read],
        };
        let mut statuses = Vec::new();
        for reached in told.iter().take(1 + random.below(3) as usize) {
            let code = if *reached == Reached::Failed { 131_026 } else { 0 };
            if code != 0 {
                self.truths.entry(id).or_default().told_failed = true;
            }
            let copies = if random.below(10_000) < self.weather.doubled { 2 } else { 1 };
            for _ in 0..copies {
                let late_ms = 10 + random.below(8_000) as i64;
                let at = UnixMs(now + late_ms);
                let fact = Fact::Told { id, reached: *reached, at, code, wamid: wamid.to_owned() };
                statuses.push((late_ms, fact));
                self.statuses += 1;
            }
        }
        statuses
    }
}
