//! The machine against the plainest world there is: a list of messages and a Meta that answers what a test says. All these lines
//! are together because every test is of the one machine, in the one world.

use std::collections::BTreeMap;

use super::super::errors::{ERRORS, rule};
use super::*;

const C: CampaignId = CampaignId(1);
const BRAKE: BrakeTerms = BrakeTerms {
    failed_percent: 101.0,
    opted_out_percent: 101.0,
    limited_percent: 101.0,
    after_messages: 200,
};
const TERMS: Terms = Terms { per_s: None, packages: None, ends_at: None, brake: BRAKE };

fn id(place: u64) -> SendId {
    SendId { campaign: C, place }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Row {
    Waiting { due: UnixMs, attempts: u8 },
    Intended,
    Done(Outcome),
}

/// What a shell does, without a store: rows in memory, answers at once or after a while.
struct World {
    line: Line,
    rows: BTreeMap<SendId, Row>,
    now: UnixMs,
    /// Requests as they left.
    left: Vec<(UnixMs, SendId)>,
    /// Answers that are on their way.
    answers: Vec<(UnixMs, SendId, Answer)>,
    stops: Vec<(UnixMs, Scope, Why)>,
    opt_outs: Vec<SendId>,
    done: Vec<(UnixMs, CampaignId)>,
    quiet_until: Option<UnixMs>,
    latency_ms: i64,
    /// What Meta says.
    answer: Box<dyn FnMut(SendId, UnixMs) -> Answer>,
}

impl World {
    fn new(per_s: u32, people: u64) -> World {
        let rows = (1..=people).map(|place| (id(place), Row::Waiting { due: UnixMs(0), attempts: 0 }));
        World {
            line: Line::new(per_s),
            rows: rows.collect(),
            now: UnixMs(1_000_000),
            left: Vec::new(),
            answers: Vec::new(),
            stops: Vec::new(),
            opt_outs: Vec::new(),
            done: Vec::new(),
            quiet_until: None,
            latency_ms: 30,
            answer: Box::new(|_, _| ACCEPTED),
        }
    }

    fn tell(&mut self, input: Input<'_>) {
        let mut effects = Vec::new();
        self.line.step(input, self.now, &mut effects);
        for effect in effects {
            match effect {
                Effect::Load { campaign, limit } => self.load(campaign, limit),
                Effect::Intend(ids) => {
                    for id in &ids {
                        let before = self.rows.insert(*id, Row::Intended);
                        assert!(matches!(before, Some(Row::Waiting { .. })), "{id:?} stood at {before:?}");
                    }
                    self.tell(Input::Intended(&ids));
                }
                Effect::Request(id) => {
                    assert_eq!(self.rows[&id], Row::Intended, "what leaves was written down");
                    self.left.push((self.now, id));
                    let said = (self.answer)(id, self.now);
                    self.answers.push((UnixMs(self.now.0 + self.latency_ms), id, said));
                }
                Effect::Record(id, outcome) => {
                    let row = match outcome {
                        Outcome::Waits { due, attempts, .. } => Row::Waiting { due, attempts },
                        outcome => Row::Done(outcome),
                    };
                    let before = self.rows.insert(id, row);
                    assert!(!matches!(before, Some(Row::Done(_))), "{id:?} has had its outcome: {before:?}");
                }
                Effect::OptOut(id) => self.opt_outs.push(id),
                Effect::Stop(scope, why) => self.stops.push((self.now, scope, why)),
                Effect::Expire(campaign) => {
                    for (id, row) in &mut self.rows {
                        if id.campaign == campaign && matches!(row, Row::Waiting { .. }) {
                            *row = Row::Done(Outcome::Expired);
                        }
                    }
                }
                Effect::Done(campaign) => self.done.push((self.now, campaign)),
            }
        }
    }

    fn load(&mut self, campaign: CampaignId, limit: usize) {
        let of = self.rows.iter().filter(|(id, _)| id.campaign == campaign);
        let waiting: Vec<(UnixMs, SendId, u8)> = of
            .filter_map(|(id, row)| match row {
                Row::Waiting { due, attempts } => Some((*due, *id, *attempts)),
                _ => None,
            })
            .collect();
        let now = self.now;
        let next_due = waiting.iter().map(|(due, ..)| *due).filter(|due| *due > now).min();
        let mut may: Vec<_> = waiting.into_iter().filter(|(due, ..)| *due <= now).collect();
        may.sort_by_key(|(due, id, _)| (due.0 == 0, *due, *id));
        let is_all = may.len() <= limit;
        let candidate = |(_, id, attempts): &(UnixMs, SendId, u8)| Candidate {
            id: *id,
            // Another order in the other campaign, so that both begin with different people.
            person: if id.campaign == C { id.place } else { 401 - id.place },
            attempts: *attempts,
            message: 0,
            import: 3,
            reached_at: None,
            quiet_until: self.quiet_until,
        };
        let candidates: Vec<Candidate> = may.iter().take(limit).map(candidate).collect();
        self.tell(Input::Loaded { campaign, candidates: &candidates, is_all, next_due });
    }

    /// Lets time pass until everything is done, or until then.
    fn run(&mut self, until: UnixMs) {
        loop {
            let answered = self.answers.iter().map(|(at, ..)| *at).min();
            let next = self.line.next_wake().into_iter().chain(answered).min();
            let Some(next) = next.filter(|next| *next <= until) else { break };
            self.now = self.now.max(next);
            let (come, wait): (Vec<_>, Vec<_>) = self.answers.drain(..).partition(|(at, ..)| *at <= self.now);
            self.answers = wait;
            for (_, id, said) in come {
                self.tell(Input::Answered(id, said));
            }
            self.tell(Input::Tick);
        }
        self.now = self.now.max(until);
    }

    fn begin(&mut self, terms: Terms) {
        self.tell(Input::Run(C, terms));
    }

    fn count(&self, is: impl Fn(&Row) -> bool) -> usize {
        self.rows.values().filter(|row| is(row)).count()
    }

    fn accepted(&self) -> usize {
        self.count(|row| matches!(row, Row::Done(Outcome::Accepted { .. })))
    }
}

const ACCEPTED: Answer = Answer::Accepted { is_held: false };
const FOREVER: UnixMs = UnixMs(i64::MAX / 4);

fn refused(code: i64) -> Answer {
    let action = rule(code, None).map_or(Action::Skip, |rule| rule.action);
    Answer::Refused { code, action, wait_ms: None }
}

#[test]
fn everybody_is_written_to_once_at_the_pace_of_the_number() {
    for (per_s, people) in [(1, 5), (20, 300), (80, 2_000), (1_000, 30_000)] {
        let mut world = World::new(per_s, people);
        world.begin(TERMS);
        let began = world.now;
        world.run(FOREVER);
        assert_eq!((world.accepted() as u64, world.left.len() as u64), (people, people));
        assert_eq!(world.done.iter().map(|(_, id)| *id).collect::<Vec<_>>(), [C]);
        let took_s = (world.left.last().unwrap().0.0 - began.0) as f64 / 1000.0;
        let rate = (people - 1) as f64 / took_s;
        assert!(rate >= f64::from(per_s) * 0.98, "{rate} a second of {per_s}");
        let times: Vec<i64> = world.left.iter().map(|(at, _)| at.0).collect();
        let busiest =
            times.windows(per_s as usize + 1).all(|window| window[per_s as usize] - window[0] >= 1_000);
        assert!(busiest, "some second had more than {per_s}");
    }
}

/// What follows from every error that is known: for its message, and for everybody else.
#[test]
fn every_error_has_its_consequence() {
    for row in ERRORS {
        let mut world = World::new(80, 30);
        // The first message meets it once.
        let mut refusals = 0;
        world.answer = Box::new(move |id, _| {
            if id.place == 1 && refusals == 0 {
                refusals += 1;
                return Answer::Refused { code: row.code, action: row.action, wait_ms: None };
            }
            ACCEPTED
        });
        world.begin(TERMS);
        world.run(UnixMs(world.now.0 + 3_600_000 * 2));
        let first = world.rows[&id(1)];
        let failed = Row::Done(Outcome::Failed { code: row.code });
        let sent = Row::Done(Outcome::Accepted { is_held: false });
        let stops: Vec<Scope> = world.stops.iter().map(|(_, scope, _)| *scope).collect();
        let (of_first, of_others, stopped, opted_out): (Row, usize, &[Scope], usize) = match row.action {
            Action::Retry | Action::Wait | Action::SlowDown | Action::DelayRecipient | Action::Restart => {
                (sent, 29, &[], 0)
            }
            Action::Later | Action::Fix | Action::Skip => (failed, 29, &[], 0),
            Action::RecordOptOut => (failed, 29, &[], 1),
            Action::StopToken => (sent, 29, &[Scope::Token], 0),
            Action::StopTemplate => (first, world.accepted(), &[Scope::Template(C, 0)], 0),
            Action::StopNumber => (first, world.accepted(), &[Scope::Number], 0),
            Action::StopAccount => (first, world.accepted(), &[Scope::Account], 0),
        };
        assert_eq!(first, of_first, "{row:?}");
        let others = world.accepted() - usize::from(first == sent);
        assert_eq!(others, of_others, "{row:?}");
        assert_eq!(stops, stopped, "{row:?}");
        assert_eq!(world.opt_outs.len(), opted_out, "{row:?}");
        if matches!(row.action, Action::StopTemplate | Action::StopNumber | Action::StopAccount) {
            // Whoever had not left waits, and is not lost.
            assert!(matches!(first, Row::Waiting { attempts: 0, .. }), "{row:?}: {first:?}");
            assert_eq!(world.count(|row| *row == Row::Intended), 0, "{row:?}");
            assert!(world.accepted() < 29, "{row:?}");
            world.tell(Input::Mended);
            world.begin(TERMS);
            world.run(FOREVER);
            assert_eq!(world.accepted(), 30, "{row:?}");
        }
        let times = world.left.iter().filter(|(_, of)| *of == id(1)).count();
        assert!(times <= 2, "{row:?}: {times} requests");
    }
}

#[test]
fn a_message_in_doubt_is_never_sent_again() {
    let mut world = World::new(80, 500);
    world.answer = Box::new(|id, _| if id.place % 20 == 0 { Answer::Unknown } else { ACCEPTED });
    world.begin(TERMS);
    world.run(FOREVER);
    assert_eq!((world.accepted(), world.left.len()), (475, 500));
    assert_eq!(world.count(|row| *row == Row::Done(Outcome::Unknown)), 25);
}

#[test]
fn an_outage_costs_time_and_hardly_anybody() {
    for lost in [Answer::Unknown, Answer::NotSent, refused(131_000), refused(190)] {
        let mut world = World::new(80, 4_000);
        let (from, to) = (UnixMs(world.now.0 + 5_000), UnixMs(world.now.0 + 600_000));
        world.answer = Box::new(move |_, at| if at >= from && at < to { lost } else { ACCEPTED });
        world.begin(TERMS);
        world.run(FOREVER);
        let unknown = world.count(|row| *row == Row::Done(Outcome::Unknown));
        assert!(unknown < 40, "{unknown} of 4000 are in doubt after ten minutes without answers");
        assert!(unknown == 0 || lost == Answer::Unknown, "{lost:?}");
        assert_eq!(world.accepted() + unknown, 4_000, "{lost:?}");
    }
}

#[test]
fn a_meta_that_hangs_does_not_use_everybody_up() {
    let mut world = World::new(80, 4_000);
    // Nothing is answered in the first minute: each request is given up after ten seconds.
    let began = world.now;
    let hangs_until = UnixMs(began.0 + 60_000);
    world.latency_ms = 10_000;
    world.answer = Box::new(|_, _| Answer::Unknown);
    world.begin(TERMS);
    world.run(UnixMs(began.0 + 9_999));
    let in_doubt = world.left.len();
    assert!((200..=3 * 80 + 1).contains(&in_doubt), "{in_doubt} left before anybody had noticed");
    world.run(hangs_until);
    assert!(world.left.len() <= in_doubt + 8, "one at a time finds out whether it is over");
    world.latency_ms = 30;
    world.answer = Box::new(|_, _| ACCEPTED);
    world.run(UnixMs(i64::MAX));
    assert_eq!(world.accepted() + world.count(|row| *row == Row::Done(Outcome::Unknown)), 4_000);
    assert!(world.accepted() >= 4_000 - 250);
}

#[test]
fn meta_asks_for_less_and_gets_less() {
    let mut world = World::new(1_000, 20_000);
    let mut last_second: Vec<i64> = Vec::new();
    world.answer = Box::new(move |_, at| {
        last_second.retain(|left| at.0 - left < 1_000);
        if last_second.len() >= 300 {
            return refused(130_429);
        }
        last_second.push(at.0);
        ACCEPTED
    });
    world.begin(TERMS);
    world.run(FOREVER);
    assert_eq!(world.accepted(), 20_000);
    let refusals = world.left.len() - 20_000;
    assert!(refusals < 1_500, "{refusals} refusals");
}

#[test]
fn a_halt_silences_at_once_and_nothing_is_lost() {
    let mut world = World::new(80, 1_000);
    world.begin(TERMS);
    world.run(UnixMs(world.now.0 + 3_000));
    let sent = world.left.len();
    assert!((200..=262).contains(&sent), "{sent}");
    world.tell(Input::Halt(C));
    world.run(UnixMs(world.now.0 + 60_000));
    assert_eq!(world.left.len(), sent);
    assert_eq!(world.count(|row| *row == Row::Intended), 0);
    world.begin(TERMS);
    world.run(FOREVER);
    assert_eq!((world.accepted(), world.left.len()), (1_000, 1_000));
}

#[test]
fn a_campaign_keeps_to_its_own_pace_its_packages_and_its_end() {
    let mut world = World::new(80, 100);
    world.begin(Terms { per_s: Some(5.0), ..TERMS });
    let began = world.now.0;
    world.run(FOREVER);
    let took_ms = world.left.last().unwrap().0.0 - began;
    assert!((19_000..=21_000).contains(&took_ms), "{took_ms}");

    let mut world = World::new(80, 100);
    world.begin(Terms { packages: Some((30, 600_000)), ..TERMS });
    let began = world.now.0;
    world.run(FOREVER);
    let mut by_package = BTreeMap::<i64, usize>::new();
    world.left.iter().for_each(|(at, _)| *by_package.entry((at.0 - began) / 600_000).or_default() += 1);
    assert_eq!(by_package.into_values().collect::<Vec<_>>(), [30, 30, 30, 10]);

    let mut world = World::new(80, 1_000);
    let ends_at = UnixMs(world.now.0 + 5_000);
    world.begin(Terms { ends_at: Some(ends_at), ..TERMS });
    world.run(FOREVER);
    assert!(world.left.iter().all(|(at, _)| *at < ends_at));
    assert_eq!(world.accepted() + world.count(|row| *row == Row::Done(Outcome::Expired)), 1_000);
    assert_eq!(world.done.len(), 1);
}

/// Whoever did not get away in time costs nobody their turn, and is no sign of an outage.
#[test]
fn what_has_missed_its_moment_comes_again_at_once() {
    let mut world = World::new(80, 90);
    let mut missed = 0;
    world.answer = Box::new(move |_, _| {
        missed += 1;
        if missed % 3 != 0 { Answer::NotBegun } else { ACCEPTED }
    });
    world.begin(Terms { packages: Some((30, 600_000)), ..TERMS });
    let began = world.now.0;
    world.run(FOREVER);
    assert_eq!(world.accepted(), 90);
    assert!(
        world.left.last().unwrap().0.0 - began < 1_260_000,
        "three packages, whoever missed their moment"
    );
}

#[test]
fn whoever_is_capped_costs_nobody_their_turn() {
    let candidate = |place| Candidate {
        id: id(place),
        person: place,
        attempts: 0,
        message: 0,
        import: 1,
        reached_at: None,
        quiet_until: None,
    };
    let candidates = [1, 2, 3].map(candidate);
    let (mut line, mut effects, now) = (Line::new(50), Vec::new(), UnixMs(1_000_000));
    line.step(Input::Limits { per_s: 50, people: Some(2), chosen: 0 }, now, &mut effects);
    // Two may go in a package, and two new people in a day.
    line.step(Input::Run(C, Terms { packages: Some((2, 60_000)), ..TERMS }), now, &mut effects);
    let loaded = Input::Loaded { campaign: C, candidates: &candidates, is_all: true, next_due: None };
    line.step(loaded, now, &mut effects);
    assert_eq!(effects.pop(), Some(Effect::Intend(vec![id(1), id(2)])));
    line.step(Input::Capped { id: id(1), again_ms: None }, now, &mut effects);
    let taken: Vec<Effect> = effects.drain(..).skip(1).collect();
    let capped = Effect::Record(id(1), Outcome::Capped);
    assert_eq!(taken, [capped, Effect::Intend(vec![id(3)])], "the next one has its place");
    line.step(Input::Capped { id: id(2), again_ms: Some(3_000) }, now, &mut effects);
    let waits = Outcome::Waits { due: UnixMs(now.0 + 3_000), attempts: 0, code: 0 };
    assert_eq!(effects, [Effect::Record(id(2), waits)]);
    // Told of again, or of somebody who is not there, it is nothing.
    line.step(Input::Capped { id: id(2), again_ms: None }, now, &mut effects);
    assert_eq!((effects.len(), line.under_way(C)), (1, 1));
}

#[test]
fn quiet_hours_and_the_limit_of_a_day_hold_back_and_let_go() {
    let mut world = World::new(80, 200);
    let quiet_until = UnixMs(world.now.0 + 3_600_000);
    world.quiet_until = Some(quiet_until);
    world.begin(TERMS);
    world.run(FOREVER);
    assert_eq!(world.accepted(), 200);
    assert!(world.left.iter().all(|(at, _)| *at >= quiet_until));

    let mut world = World::new(80, 400);
    world.tell(Input::Limits { per_s: 80, people: Some(210), chosen: 0 });
    world.begin(TERMS);
    world.run(UnixMs(world.now.0 + 3_600_000));
    assert_eq!(world.left.len(), 210);
    assert!(world.line.is_day_limited(world.now));
    world.tell(Input::Limits { per_s: 80, people: Some(250), chosen: 0 });
    world.run(FOREVER);
    assert_eq!(world.left.len(), 400);
}

#[test]
fn campaigns_of_one_number_take_turns_and_a_person_is_not_written_to_twice_in_a_breath() {
    let mut world = World::new(80, 400);
    let other = CampaignId(2);
    for place in 1..=400 {
        let second = SendId { campaign: other, place };
        world.rows.insert(second, Row::Waiting { due: UnixMs(0), attempts: 0 });
    }
    world.begin(TERMS);
    world.tell(Input::Run(other, TERMS));
    world.run(FOREVER);
    assert_eq!(world.accepted(), 800);
    let mut last = BTreeMap::<u64, i64>::new();
    for (at, id) in &world.left {
        let person = if id.campaign == C { id.place } else { 401 - id.place };
        if let Some(before) = last.insert(person, at.0) {
            assert!(at.0 - before >= 5_500, "{id:?} after {} ms", at.0 - before);
        }
    }
    let first_of = |campaign| world.left.iter().position(|(_, id)| id.campaign == campaign).unwrap();
    assert!(first_of(other) < 40 && first_of(C) < 40);
}

#[test]
fn the_same_refusal_over_and_over_pauses_the_campaign() {
    let mut world = World::new(80, 1_000);
    world.answer = Box::new(|_, _| refused(132_012));
    world.begin(TERMS);
    world.run(FOREVER);
    assert!(matches!(
        world.stops[..],
        [(_, Scope::Campaign(C), Why::SameRefusal { code: 132_012, times: 20 })]
    ));
    assert!(world.left.len() < 60, "{}", world.left.len());
}

#[test]
fn a_bad_list_brakes_the_campaign_and_is_named() {
    let mut world = World::new(80, 5_000);
    world.answer = Box::new(|id, _| if id.place % 3 == 0 { refused(131_026) } else { ACCEPTED });
    world.begin(Terms { brake: BrakeTerms { failed_percent: 25.0, ..BRAKE }, ..TERMS });
    world.run(FOREVER);
    assert!(matches!(
        world.stops[..],
        [(_, Scope::Campaign(C), Why::FailedRatio { code: 131_026, import: 3, .. })]
    ));
    assert!(world.left.len() < 250, "{}", world.left.len());
    // What webhooks tell later counts as well.
    let mut world = World::new(80, 5_000);
    world.begin(Terms { brake: BrakeTerms { opted_out_percent: 5.0, ..BRAKE }, ..TERMS });
    world.run(UnixMs(world.now.0 + 5_000));
    for _ in 0..30 {
        let told = Input::Told { campaign: C, message: 0, import: 9, news: News::OptedOut };
        world.tell(told);
    }
    assert!(matches!(world.stops[..], [(_, Scope::Campaign(C), Why::OptedOutRatio { import: 9, .. })]));
}

/// Whatever happens in whatever order: nobody is written to after an outcome, and nobody is forgotten.
#[test]
fn chance_finds_no_way_to_send_twice_or_to_forget() {
    for seed in 1..400_u64 {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut chance = move |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) % below
        };
        let per_s = [1, 20, 80, 1_000][chance(4) as usize];
        let people = 1 + chance(u64::from(per_s) * 12);
        let mut world = World::new(per_s, people);
        world.latency_ms = [0, 30, 2_000, 45_000][chance(4) as usize];
        let (calm_from, chaos) = (UnixMs(world.now.0 + 900_000), chance(60));
        let mut dice = seed ^ 0xABCD;
        world.answer = Box::new(move |_, at| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let roll = dice >> 33;
            if at >= calm_from || roll % 100 >= chaos {
                return ACCEPTED;
            }
            match (roll / 100) % 4 {
                0 => Answer::Unknown,
                1 if roll % 2 == 0 => Answer::NotBegun,
                1 => Answer::NotSent,
                _ => {
                    let row = &ERRORS[(roll / 400) as usize % ERRORS.len()];
                    let wait_ms = (roll % 3 == 0).then_some((roll % 90_000) as i64);
                    Answer::Refused { code: row.code, action: row.action, wait_ms }
                }
            }
        });
        world.begin(TERMS);
        while world.now < calm_from {
            world.run(UnixMs(world.now.0 + chance(20_000) as i64));
            match chance(6) {
                0 => world.tell(Input::Halt(C)),
                1 => world.tell(Input::Mended),
                2 => world.tell(Input::Limits {
                    per_s: [1, 20, 80, 1_000][chance(4) as usize],
                    people: None,
                    chosen: 0,
                }),
                3 => world.now = UnixMs(world.now.0 - chance(5_000) as i64),
                _ => world.begin(TERMS),
            }
        }
        for _ in 0..40 {
            world.tell(Input::Mended);
            world.begin(TERMS);
            world.run(UnixMs(world.now.0 + 100_000_000));
        }
        assert_eq!(world.count(|row| !matches!(row, Row::Done(_))), 0, "seed {seed}");
        let mut requests = BTreeMap::<SendId, u32>::new();
        world.left.iter().for_each(|(_, id)| *requests.entry(*id).or_default() += 1);
        for (id, row) in &world.rows {
            let times = requests.get(id).copied().unwrap_or_default();
            assert!(times >= 1 || !matches!(row, Row::Done(Outcome::Accepted { .. })), "seed {seed}: {id:?}");
        }
    }
}
