//! A world of people, campaigns, hosts and Meta, in which time is a number. What happens next is drawn from a seed, so any
//! history can be lived through again. All these lines are together because everything that happens happens to this one world.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use consentry_core::campaign::step::cap::Cap;
use consentry_core::campaign::step::{Answer, BrakeTerms, Scope, Terms};
use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::matching::{E164, Speaker};
use consentry_core::time::UnixMs;
use consentry_host::gate::{LATE_MS, LastLook, Marks, Ticks};
use consentry_host::opt_outs;
use consentry_host::sender::post::{Departure, Quiet, Run, Word};
use consentry_host::sender::station::{Limits, Station, Wanted};
use consentry_host::store::inbox::{Inbox, Lane, MemoryInbox, NewEvent, OPT_OUT, SqliteInbox};
use consentry_host::store::ledger::{Fact, Ledger, MemoryLedger, NewSend, SendState, SqliteLedger};
use consentry_host::store::{Lookup, TenantId};
use tempfile::TempDir;

use super::fused::{Fused, Intents};
use super::meta::{Meta, Weather};
use crate::model::Declared;
use crate::product::{FIRST_DAY, Kind, Product};
use crate::random::Random;

pub(super) const T: TenantId = TenantId::DEFAULT;
/// When the world begins.
const BASE_MS: i64 = FIRST_DAY * 86_400_000 + 43_200_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// How often a process looks which campaigns run.
const LOOK_MS: i64 = 250;
/// How long after a pause nothing of a campaign starts any more.
const PAUSED_WITHIN_MS: i64 = 1_000;
/// How far the clocks of two hosts are apart.
const SKEW_MS: i64 = 800;
/// What another host hears may be so old for a request that is about to start: a look takes no time here.
const VOLLEY_MS: i64 = LATE_MS as i64;

#[derive(Debug)]
pub(super) enum Event {
    Turn { host: usize, life: u32, number: String },
    Look { host: usize, life: u32, number: String },
    Start { host: usize, life: u32, number: String, departure: Box<Departure> },
    Answer { host: usize, life: u32, number: String, id: SendId, answer: Answer, wamid: Option<String> },
    Tell(Fact),
    OptOut,
    Act,
    Import,
    Kill { host: usize },
    DieIn { host: usize },
    FailIn { host: usize },
    End { host: usize },
    Restart { host: usize },
    Stall { host: usize },
    SetClock { host: usize },
    Pause { campaign: usize },
    Resume { campaign: usize },
    Begin,
    ClearUp,
    Check,
}

pub(super) struct Person {
    pub(super) number: E164,
    pub(super) profile: u64,
    user: Option<String>,
    /// When the person's opt-out was durable, and by which host.
    pub(super) opted_out: Option<(i64, usize)>,
    pub(super) is_gone: bool,
}

pub(super) struct Campaign {
    pub(super) id: CampaignId,
    pub(super) numbers: Vec<String>,
    pub(super) size: u64,
    terms: Terms,
    quiet: Option<(Quiet, i64)>,
    pub(super) cap: Option<Cap>,
    /// From when on it runs, and from when on it does not.
    course: Vec<(i64, bool)>,
    pub(super) pauses: u64,
}

struct Host {
    ledger: Arc<Fused>,
    stations: BTreeMap<String, Station>,
    life: u32,
    is_alive: bool,
    is_ending: bool,
    skew: i64,
    clock_to_be: Option<i64>,
    stalled_until: i64,
    looked_at: i64,
    wakes: BTreeMap<String, i64>,
    on_the_way: BTreeSet<SendId>,
    /// Words about consent that this process has taken in, and changes of campaigns that it has made.
    marks: Marks,
    gate: Arc<LastLook>,
}

impl Host {
    fn hears(&self) {
        self.marks.spoken.fetch_add(1, Ordering::AcqRel);
    }
}

/// The time of the world, as what nobody sets counts it.
#[derive(Default)]
pub(crate) struct Count(AtomicI64);

impl Ticks for Count {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Acquire).unsigned_abs())
    }
}

impl Count {
    pub(crate) fn set(&self, ms: i64) {
        self.0.store(ms, Ordering::Release);
    }

    pub(crate) fn add(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::AcqRel);
    }
}

/// What one world came to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) sends: u64,
    pub(super) requests: u64,
    pub(super) lost: u64,
    pub(super) statuses: u64,
    pub(super) opt_outs: u64,
    pub(super) kills: u64,
    pub(super) unknown: u64,
    pub(super) capped: u64,
    pub(super) events: u64,
    pub(super) late: u64,
    pub(super) pauses: u64,
    pub(super) imports: u64,
    pub(super) stalls: u64,
    pub(super) clocks: u64,
    /// Most people who were reached in a day.
    pub(super) most_today: u64,
}

pub(super) struct World {
    pub(super) place: String,
    random: Random,
    pub(super) now: i64,
    order: u64,
    agenda: BTreeMap<(i64, u64), Event>,
    product: Product,
    inbox: Arc<dyn Inbox>,
    pub(super) ledger: Arc<dyn Ledger>,
    intents: Intents,
    count: Arc<Count>,
    pub(super) meta: Meta,
    hosts: Vec<Host>,
    pub(super) campaigns: Vec<Campaign>,
    pub(super) people: Vec<Person>,
    by_identity: BTreeMap<u64, usize>,
    limits: BTreeMap<String, u32>,
    people_per_day: Option<u32>,
    /// Whom Meta has brought a message, and when last.
    reached: BTreeMap<u64, i64>,
    pub(super) in_doubt: BTreeSet<SendId>,
    mended: u64,
    is_clear: bool,
    heard: u64,
    pub(super) tally: Tally,
    _folder: TempDir,
}

impl World {
    pub(super) fn new(seed: u64, kind: Kind) -> World {
        let mut random = Random::new(seed);
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
        let product = Product::new(kind, 1_000);
        let (inbox, ledger): (Arc<dyn Inbox>, Arc<dyn Ledger>) = match kind {
            Kind::Sqlite => (
                Arc::new(SqliteInbox::open(folder.path()).unwrap()),
                Arc::new(SqliteLedger::open(folder.path()).unwrap()),
            ),
            _ => (Arc::new(MemoryInbox::new()), Arc::new(MemoryLedger::new())),
        };
        let numbers: Vec<String> = (0..=random.below(3)).map(|at| format!("10{at}")).collect();
        let slowest = [3, 10, 20, 80][random.below(4) as usize];
        let limits: BTreeMap<String, u32> = numbers
            .iter()
            .map(|number| (number.clone(), [slowest, slowest, 80, 1000][random.below(4) as usize]))
            .collect();
        let weather = Weather {
            lost: 500,
            not_sent: [0, 100, 300][random.below(3) as usize],
            refused: [0, 300, 1_500, 4_000][random.below(4) as usize],
            doubled: 3_000,
        };
        let mut world = World {
            place: format!("seed {seed}"),
            now: 0,
            order: 0,
            agenda: BTreeMap::new(),
            product,
            inbox,
            ledger,
            intents: Intents::default(),
            count: Arc::default(),
            meta: Meta::new(weather, limits.clone()),
            hosts: Vec::new(),
            campaigns: Vec::new(),
            people: Vec::new(),
            by_identity: BTreeMap::new(),
            people_per_day: None,
            reached: BTreeMap::new(),
            limits,
            in_doubt: BTreeSet::new(),
            mended: 0,
            is_clear: false,
            heard: 0,
            tally: Tally::default(),
            _folder: folder,
            random,
        };
        world.settle();
        world.plan(&numbers);
        world.cap(seed);
        world.set_out();
        world
    }

    /// So few new people a day that it takes more than one; how many.
    pub(super) fn limit_people(&mut self) -> u64 {
        let most = self.people.len() * 2 / 3;
        self.people_per_day = Some(most as u32);
        most as u64
    }

    /// People, all of whom said yes.
    fn settle(&mut self) {
        let count = 20 + self.random.below(300);
        let digits = |at: u64| 905_301_000_000 + at;
        let mut file = "exid,wpNumber,permission\n".to_owned();
        (0..count).for_each(|at| file += &format!("e{at},+{},1\n", digits(at)));
        self.product.import(&file, Declared::default());
        let store = self.product.importer.store.clone();
        for at in 0..count {
            let number = E164::from_digits(digits(at)).unwrap();
            let identity = number.identity().digits();
            let profile = store.find(T, &Lookup::Number(identity)).unwrap().unwrap().profile.id.0;
            let user = (self.random.below(5) == 0).then(|| format!("TR.{at}"));
            if let Some(user) = &user {
                opt_outs::seen_together(store.as_ref(), T, user, number, UnixMs(BASE_MS), "sim").unwrap();
            }
            self.by_identity.insert(identity, self.people.len());
            self.people.push(Person { number, profile, user, opted_out: None, is_gone: false });
        }
        if self.random.below(25) == 0 {
            self.people_per_day = Some((count / 2 + self.random.below(count)) as u32);
        }
    }

    fn plan(&mut self, numbers: &[String]) {
        for at in 0..=self.random.below(3) {
            let id = CampaignId(1 + at);
            let own: Vec<String> = numbers.iter().filter(|_| self.random.below(3) > 0).cloned().collect();
            let own = if own.is_empty() { numbers[..1].to_vec() } else { own };
            let (mut sends, share) = (Vec::new(), 1 + self.random.below(4));
            for (who, person) in self.people.iter().enumerate() {
                if self.random.below(4) >= share {
                    continue;
                }
                let place = sends.len() as u64 + 1;
                let is_control = self.random.below(20) == 0;
                sends.push(NewSend {
                    place,
                    profile: person.profile,
                    number: person.number.digits(),
                    person: person.number.identity().digits(),
                    country: if who % 3 == 0 { *b"QQ" } else { *b"TR" },
                    import: 1,
                    line: (place % own.len() as u64) as u16,
                    message: (place % 2) as u8,
                    state: if is_control { SendState::Control } else { SendState::Waiting },
                    values: Vec::new(),
                });
            }
            self.ledger.plan(T, id, 0, &sends).unwrap();
            let brake = match self.random.below(3) {
                0 => BrakeTerms {
                    failed_percent: 25.0,
                    opted_out_percent: 5.0,
                    limited_percent: 30.0,
                    after_messages: 50,
                },
                _ => BrakeTerms {
                    failed_percent: 100.0,
                    opted_out_percent: 100.0,
                    limited_percent: 100.0,
                    after_messages: 100_000,
                },
            };
            let terms = Terms {
                per_s: (self.random.below(4) == 0).then(|| 1.0 + self.random.below(30) as f64),
                packages: (self.random.below(5) == 0).then(|| (1 + self.random.below(40) as u32, 20_000)),
                ends_at: (self.random.below(8) == 0)
                    .then(|| UnixMs(BASE_MS + 2_000 + self.random.below(60_000) as i64)),
                brake,
            };
            let quiet = (self.random.below(4) == 0).then(|| {
                let until = BASE_MS + self.random.below(60_000) as i64;
                let quiet: Quiet = Arc::new(move |country, now| {
                    (country == *b"QQ" && now.0 < until).then_some(UnixMs(until))
                });
                (quiet, until)
            });
            let size = sends.len() as u64;
            let course = vec![(self.random.below(3_000) as i64, true)];
            self.campaigns.push(Campaign {
                id,
                numbers: own,
                size,
                terms,
                quiet,
                course,
                cap: None,
                pauses: 0,
            });
        }
    }

    /// Some campaigns go to nobody who had so many messages. A chance of its own keeps histories as they were that were lived
    /// before there were caps.
    fn cap(&mut self, seed: u64) {
        if seed % 3 == 1 {
            return;
        }
        let mut random = Random::new(!seed);
        for campaign in &mut self.campaigns {
            campaign.cap =
                (random.below(3) > 0).then(|| Cap { messages: 1 + random.below(2) as u32, days: 1 });
        }
    }

    /// What is going to happen.
    fn set_out(&mut self) {
        for host in 0..=usize::from(self.random.below(3) == 0) {
            let ledger = Fused::new(self.ledger.clone(), self.intents.clone());
            let marks = Marks::default();
            let gate = LastLook::new(self.product.importer.store.clone(), self.inbox.clone());
            let gate = Arc::new(gate.with_marks(marks.clone()).with_ticks(self.count.clone()));
            self.hosts.push(Host {
                ledger,
                stations: BTreeMap::new(),
                life: 0,
                is_alive: false,
                is_ending: false,
                skew: self.random.below(2 * SKEW_MS as u64) as i64 - SKEW_MS,
                clock_to_be: None,
                stalled_until: 0,
                looked_at: 0,
                wakes: BTreeMap::new(),
                on_the_way: BTreeSet::new(),
                marks,
                gate,
            });
            self.at(0, Event::Restart { host });
        }
        let slowest = self.limits.values().min().copied().unwrap_or(1);
        let messages: u64 = self.campaigns.iter().map(|campaign| campaign.size).sum();
        let span = 5_000 + 3_000 * messages as i64 / i64::from(slowest);
        let (wild, stops) = (self.random.below(4), (self.people.len() as u64).div_ceil(8));
        let (hosts, campaigns) = (self.hosts.len() as u64, self.campaigns.len() as u64);
        let host = |random: &mut Random| random.below(hosts) as usize;
        self.some(stops, span, &|_| Event::OptOut);
        self.some(2 * wild, span, &|_| Event::Import);
        self.some(3 * wild, span, &|random| match random.below(4) {
            0 => Event::Kill { host: host(random) },
            1 => Event::End { host: host(random) },
            _ => Event::DieIn { host: host(random) },
        });
        self.some(3 * wild, span, &|random| Event::Stall { host: host(random) });
        self.some(4 * wild, span, &|random| Event::FailIn { host: host(random) });
        self.some(2 * wild, span, &|random| Event::SetClock { host: host(random) });
        self.some(2 * wild, span, &|random| Event::Pause { campaign: random.below(campaigns) as usize });
        self.at(span, Event::ClearUp);
        for at in self.campaigns.iter().map(|campaign| campaign.course[0].0).collect::<Vec<_>>() {
            self.at(at, Event::Begin);
        }
    }

    /// Up to so many events, at any time of a span.
    fn some(&mut self, most: u64, span: i64, event: &dyn Fn(&mut Random) -> Event) {
        for _ in 0..self.random.below(most + 1) {
            let at = self.random.below(span as u64) as i64;
            let event = event(&mut self.random);
            self.at(at, event);
        }
    }

    pub(super) fn at(&mut self, at: i64, event: Event) {
        self.order += 1;
        self.agenda.insert((at.max(self.now), self.order), event);
    }

    /// Lives until everything is through.
    pub(super) fn live(&mut self) {
        while let Some(((at, _), event)) = self.agenda.pop_first() {
            self.now = at;
            self.count.set(at);
            self.tally.events += 1;
            if at >= 100 * HOUR_MS {
                self.explain();
                panic!("{}: it takes for ever: {:?}", self.place, self.left());
            }
            if self.happen(event) {
                return;
            }
        }
        panic!("{}: nothing happens any more, and not everything is through: {:?}", self.place, self.left());
    }

    /// What waits and what is under way, by campaign.
    fn left(&self) -> Vec<(CampaignId, u64)> {
        let is_open = |state| matches!(state, SendState::Waiting | SendState::Intended);
        let of = |campaign: &Campaign| {
            let totals = self.ledger.totals(T, campaign.id).unwrap();
            totals.iter().filter(|(group, _)| is_open(group.state)).map(|(_, count)| count).sum()
        };
        self.campaigns.iter().map(|campaign| (campaign.id, of(campaign))).collect()
    }

    fn explain(&self) {
        for campaign in &self.campaigns {
            let w = self
                .ledger
                .page(
                    T,
                    campaign.id,
                    &consentry_host::store::ledger::SendFilter {
                        states: vec![SendState::Waiting, SendState::Intended],
                        ..Default::default()
                    },
                    0,
                    3,
                )
                .unwrap();
            eprintln!(
                "{:?} numbers {:?} course {:?} terms {:?}: {w:?}",
                campaign.id, campaign.numbers, campaign.course, campaign.terms
            );
        }
        for host in &self.hosts {
            eprintln!(
                "alive {} ending {} life {} stalled {} clock_to_be {:?} wakes {:?}",
                host.is_alive, host.is_ending, host.life, host.stalled_until, host.clock_to_be, host.wakes
            );
            for (n, s) in &host.stations {
                let p = s.post();
                eprintln!(
                    "number {n}: post {:?}",
                    p.map(|p| (
                        p.is_over(),
                        p.is_settled(),
                        p.on_the_way(),
                        p.line().is_held(),
                        p.line().waits_until(),
                        p.line().next_wake(),
                        p.campaigns().collect::<Vec<_>>()
                    ))
                );
            }
        }
        eprintln!("day {:?} now {} clock {:?}", self.people_per_day, self.now, self.clock(0));
    }

    /// Whether that was the end.
    fn happen(&mut self, event: Event) -> bool {
        match event {
            Event::Turn { host, life, number } => {
                if self.is_up(host, life) && self.hosts[host].wakes.get(&number) == Some(&self.now) {
                    self.turn(host, &number);
                }
            }
            Event::Look { host, life, number } => {
                if self.is_up(host, life) {
                    self.turn(host, &number);
                }
            }
            Event::Start { host, life, number, departure } => {
                if self.is_alive(host, life) {
                    self.start(host, &number, &departure);
                }
            }
            Event::Answer { host, life, ref number, id, answer, ref wamid } => {
                if self.is_alive(host, life) {
                    let stalled_until = self.hosts[host].stalled_until;
                    if stalled_until > self.now {
                        self.at(stalled_until, event);
                    } else {
                        let (number, wamid) = (number.clone(), wamid.clone());
                        self.answered(host, &number, id, answer, wamid);
                    }
                }
            }
            Event::Tell(fact) => self.tell(&fact),
            Event::OptOut => self.opt_out(),
            Event::Act => self.act(),
            Event::Import => self.import(),
            Event::Kill { host } => self.kill(host),
            Event::DieIn { host } => {
                let (calls, is_late) = (self.random.below(30) as i64, self.random.below(2) == 0);
                self.hosts[host].ledger.die_in(calls, is_late);
            }
            Event::FailIn { host } => {
                let (calls, is_late) = (self.random.below(30) as i64, self.random.below(2) == 0);
                self.hosts[host].ledger.fail_in(calls, is_late);
            }
            Event::End { host } => self.end(host),
            Event::Restart { host } => self.restart(host),
            Event::Stall { host } => {
                self.tally.stalls += 1;
                self.hosts[host].stalled_until =
                    self.now + [100, 900, 3_000, 30_000][self.random.below(4) as usize];
            }
            Event::SetClock { host } => self.set_clock(host),
            Event::Pause { campaign } => {
                let by = self.random.below(self.hosts.len() as u64) as usize;
                self.pause(campaign, Some(by));
            }
            Event::Resume { campaign } => self.resume(campaign),
            Event::Begin => self.tell_all(),
            Event::ClearUp => self.clear_up(),
            Event::Check => {
                if self.left().iter().all(|(_, left)| *left == 0) && self.is_quiet() {
                    return true;
                }
                self.at(self.now + 5_000, Event::Check);
            }
        }
        false
    }

    fn is_alive(&self, host: usize, life: u32) -> bool {
        self.hosts[host].is_alive && self.hosts[host].life == life
    }

    /// Whether a process is there and not stopped; where it is stopped, it goes on later.
    fn is_up(&mut self, host: usize, life: u32) -> bool {
        if !self.is_alive(host, life) {
            return false;
        }
        let stalled_until = self.hosts[host].stalled_until;
        if stalled_until > self.now {
            let numbers: Vec<String> = self.hosts[host].wakes.keys().cloned().collect();
            for number in numbers {
                self.wake(host, &number, stalled_until);
            }
            return false;
        }
        true
    }

    /// Nothing is on its way any more.
    fn is_quiet(&self) -> bool {
        let is_on_its_way = |event: &Event| {
            matches!(event, Event::Tell(_) | Event::Answer { .. } | Event::Start { .. } | Event::Act)
        };
        !self.agenda.values().any(is_on_its_way)
    }

    fn clock(&self, host: usize) -> UnixMs {
        UnixMs(BASE_MS + self.now + self.hosts[host].skew)
    }

    fn wake(&mut self, host: usize, number: &str, at: i64) {
        let at = at.max(self.now);
        self.hosts[host].wakes.insert(number.to_owned(), at);
        let life = self.hosts[host].life;
        self.at(at, Event::Turn { host, life, number: number.to_owned() });
    }

    /// Campaigns changed: every process looks soon.
    fn tell_all(&mut self) {
        for host in 0..self.hosts.len() {
            for number in self.hosts[host].stations.keys().cloned().collect::<Vec<_>>() {
                let (life, at) = (self.hosts[host].life, self.now + LOOK_MS + self.random.below(100) as i64);
                self.at(at, Event::Look { host, life, number });
            }
        }
    }

    /// What a process saw of the campaigns when it looked.
    fn wanted(&self, number: &str, looked_at: i64) -> Wanted {
        let runs_at = |campaign: &Campaign| {
            campaign.course.iter().rev().find(|(at, _)| *at <= looked_at).is_some_and(|(_, runs)| *runs)
        };
        let mut runs = BTreeMap::new();
        for campaign in self.campaigns.iter().filter(|campaign| runs_at(campaign)) {
            let Some(line) = campaign.numbers.iter().position(|own| own == number) else { continue };
            let quiet = campaign.quiet.as_ref().map(|(quiet, _)| quiet.clone());
            let version = campaign.course.iter().filter(|(at, _)| *at <= looked_at).count() as u64;
            let (terms, cap) = (campaign.terms, campaign.cap);
            let run = Run { campaign: campaign.id, line: line as u16, terms, version, quiet, cap };
            runs.insert(campaign.id, run);
        }
        let limits = Limits { per_s: self.limits[number], people_per_day: self.people_per_day };
        Wanted { runs, limits, mended: self.mended, epoch: 0 }
    }

    fn turn(&mut self, host: usize, number: &str) {
        // Whoever comes back from a stop may go on before it was looked again.
        let looks = self.now - self.hosts[host].looked_at < 2 * LOOK_MS || self.random.below(2) == 0;
        if looks {
            self.hosts[host].looked_at = self.now - self.now % LOOK_MS;
        } else {
            let life = self.hosts[host].life;
            self.at(self.now + 1, Event::Look { host, life, number: number.to_owned() });
        }
        let (looked_at, now) = (self.hosts[host].looked_at, self.clock(host));
        let epoch = self.hosts[host].gate.epoch();
        let wanted = Wanted { epoch, ..self.wanted(number, looked_at) };
        let skew = self.hosts[host].skew;
        let Some(station) = self.hosts[host].stations.get_mut(number) else { return };
        station.want(wanted, UnixMs(BASE_MS + looked_at + skew));
        let turn = station.turn(now);
        if self.hosts[host].ledger.is_dead() {
            return self.kill(host);
        }
        for departure in turn.departures {
            if !self.is_clear && self.random.below(400) == 0 {
                let at = self.now + 1 + self.random.below(3_000) as i64;
                let life = self.hosts[host].life;
                let (number, departure) = (number.to_owned(), Box::new(departure));
                self.at(at, Event::Start { host, life, number, departure });
            } else {
                self.start(host, number, &departure);
            }
        }
        for word in turn.words {
            self.heed(host, number, &word);
        }
        self.go_on(host, number);
    }

    /// A number's turn is over: when is the next, and what follows where it was the last.
    fn go_on(&mut self, host: usize, number: &str) {
        let now = self.clock(host);
        let Some(station) = self.hosts[host].stations.get(number) else { return };
        let is_idle = |station: &Station| station.post().is_none();
        if let Some(at) = station.next_wake(now) {
            let at = self.now.saturating_add(at.0.saturating_sub(now.0)).max(self.now + 1);
            self.wake(host, number, at);
        }
        let all_idle = self.hosts[host].stations.values().all(is_idle);
        if let Some(skew) = self.hosts[host].clock_to_be.filter(|_| all_idle) {
            self.hosts[host].clock_to_be = None;
            self.hosts[host].skew = skew;
            self.hosts[host].stations.values_mut().for_each(Station::clock_was_set);
            for number in self.hosts[host].stations.keys().cloned().collect::<Vec<_>>() {
                self.wake(host, &number, self.now);
            }
        }
        if self.hosts[host].is_ending && self.hosts[host].stations.values().all(Station::is_ended) {
            self.hosts[host].is_alive = false;
            let at = self.now + self.random.below(5_000) as i64;
            self.at(at, Event::Restart { host });
        }
    }

    /// A request starts, if it still may.
    fn start(&mut self, host: usize, number: &str, departure: &Departure) {
        let (now, id) = (self.clock(host), departure.send.id);
        if !departure.permit.stands() {
            self.tally.late += 1;
            if let Some(station) = self.hosts[host].stations.get_mut(number) {
                station.withheld(id, now);
            }
            return self.wake(host, number, self.now);
        }
        let place = format!("{}: {id:?} over {number} of host {host} at {}", self.place, self.now);
        let campaign = &self.campaigns[id.campaign.0 as usize - 1];
        let (since, runs) = campaign.course.iter().rev().find(|(at, _)| *at <= self.now).unwrap();
        assert!(*runs || self.now - since <= PAUSED_WITHIN_MS, "{place}: the campaign has paused at {since}");
        let tolerated = 2 * SKEW_MS + VOLLEY_MS;
        if let Some((_, until)) = campaign.quiet.as_ref().filter(|_| departure.send.planned.country == *b"QQ")
        {
            assert!(BASE_MS + self.now >= until - tolerated, "{place}: it is quiet");
        }
        if let Some(end) = campaign.terms.ends_at {
            assert!(BASE_MS + self.now <= end.0 + tolerated, "{place}: its time was over");
        }
        assert!(!self.in_doubt.contains(&id), "{place}: it was in doubt");
        let person = departure.send.planned.person;
        let who = &self.people[self.by_identity[&person]];
        let is_hidden = |by: usize, at: i64| by != host && self.now - at <= VOLLEY_MS;
        assert!(
            who.opted_out.is_none_or(|(at, by)| is_hidden(by, at)),
            "{place}: the person has opted out at {:?}; {:?} {:?}",
            who.opted_out,
            self.product.importer.store.find(T, &Lookup::Number(person)),
            self.product.importer.store.imports(T)
        );
        assert!(!who.is_gone, "{place}: the number is no longer the person's");
        let (cap, intent) = (campaign.cap, self.intents.lock().unwrap()[&id]);
        let late_ms = now.0 - departure.looked_at.0;
        let times = (self.now - late_ms, self.now);
        let fate = self.meta.request(&mut self.random, number, id, person, intent, times);
        // What came before a message is what was intended before it. How long each is on its way then nobody can say.
        let had = self.meta.got_before(person, intent, self.now - DAY_MS);
        let most = cap.map_or(usize::MAX, |cap| cap.messages as usize);
        assert!(had < most, "{place}: {person} had {had}: {:?}", self.ledger.left(T, &[person], UnixMs(0)));
        self.hosts[host].on_the_way.insert(id);
        if self.meta.truth(id).sent > 0 {
            self.reached.insert(person, self.now);
            // Hosts' clocks are apart, and so are the ends of their days.
            let is_today = |at: &&i64| self.now - **at < DAY_MS - 2 * SKEW_MS;
            let today = self.reached.values().filter(is_today).count();
            self.tally.most_today = self.tally.most_today.max(today as u64);
            let most = self.people_per_day.map_or(usize::MAX, |most| most as usize);
            assert!(today <= most, "{place}: {today} people in a day, and {most} are the most");
        }
        let (life, number) = (self.hosts[host].life, number.to_owned());
        let answer = Event::Answer { host, life, number, id, answer: fate.answer, wamid: fate.wamid };
        self.at(self.now + fate.answer_ms, answer);
        for (late_ms, fact) in fate.statuses {
            self.at(self.now + late_ms, Event::Tell(fact));
        }
    }

    fn answered(&mut self, host: usize, number: &str, id: SendId, answer: Answer, wamid: Option<String>) {
        let now = self.clock(host);
        self.hosts[host].on_the_way.remove(&id);
        if answer == Answer::Unknown {
            self.in_doubt.insert(id);
        }
        if let Some(station) = self.hosts[host].stations.get_mut(number) {
            station.answered(id, answer, wamid, now);
        }
        self.wake(host, number, self.now);
    }

    fn heed(&mut self, host: usize, number: &str, word: &Word) {
        let Word::Stop(scope, _) = word else { return };
        for at in 0..self.campaigns.len() {
            let campaign = &self.campaigns[at];
            let stops = match scope {
                Scope::Campaign(id) | Scope::Template(id, _) => campaign.id == *id,
                Scope::Number => campaign.numbers.iter().any(|own| own == number),
                Scope::Account => true,
                // It is tried again by itself.
                Scope::Token => false,
            };
            if stops {
                self.pause(at, Some(host));
            }
        }
    }

    fn pause(&mut self, campaign: usize, by: Option<usize>) {
        if let Some(host) = by {
            self.hosts[host].marks.changed.raise();
        }
        let stands = &mut self.campaigns[campaign];
        if stands.course.last().is_some_and(|(at, runs)| !runs || *at > self.now) {
            return;
        }
        self.tally.pauses += 1;
        stands.pauses += 1;
        stands.course.push((self.now, false));
        let at = self.now + 2_000 + self.random.below(40_000) as i64;
        self.at(at, Event::Resume { campaign });
        self.tell_all();
    }

    fn resume(&mut self, campaign: usize) {
        self.campaigns[campaign].course.push((self.now, true));
        self.mended += 1;
        self.tell_all();
    }

    fn tell(&mut self, fact: &Fact) {
        self.heard += 1;
        let meant = self.ledger.hear(T, std::slice::from_ref(fact), self.heard).unwrap();
        let mut told = Vec::new();
        for host in 0..self.hosts.len() {
            let now = self.clock(host);
            for (number, station) in &mut self.hosts[host].stations {
                meant.iter().for_each(|meant| station.told(meant, now));
                told.push((host, number.clone()));
            }
        }
        for (host, number) in told {
            let life = self.hosts[host].life;
            if !meant.is_empty() {
                self.at(self.now, Event::Look { host, life, number });
            }
        }
    }

    /// Somebody takes the consent back, at a host that is up; Meta tells it again until one is.
    fn opt_out(&mut self) {
        let Some(host) = (0..self.hosts.len()).find(|host| self.hosts[*host].is_alive) else {
            return self.at(self.now + 1_000, Event::OptOut);
        };
        let who = self.random.below(self.people.len() as u64) as usize;
        let by_user = self.random.below(2) == 0;
        let person = &mut self.people[who];
        if person.opted_out.is_some() {
            return;
        }
        let user = person.user.clone().filter(|_| by_user);
        let identity = person.number.identity().digits();
        let event = NewEvent {
            id: format!("stop-{who}"),
            lane: Lane::Consent,
            kind: OPT_OUT.to_owned(),
            to_do: true,
            at: Some(UnixMs(BASE_MS + self.now)),
            received: UnixMs(BASE_MS + self.now),
            number: user.is_none().then_some(identity),
            user,
            message_id: None,
            told: None,
            body: "{}".to_owned(),
        };
        self.inbox.take(T, &[event], None).unwrap();
        person.opted_out = Some((self.now, host));
        self.tally.opt_outs += 1;
        self.hosts[host].hears();
        let late_ms = [0, 5, 300, 20_000][self.random.below(4) as usize];
        self.at(self.now + late_ms, Event::Act);
    }

    /// What was said goes from the inbox into the store.
    fn act(&mut self) {
        let store = self.product.importer.store.clone();
        for kept in self.inbox.to_do(T, Lane::Consent, 1_000).unwrap() {
            let number = kept.number.and_then(E164::from_digits);
            let speaker = Speaker { number, user: kept.user.as_deref(), said_at: kept.at };
            opt_outs::opt_out(store.as_ref(), T, speaker, kept.received, &kept.id).unwrap();
            self.inbox.done(T, &[kept.seq]).unwrap();
        }
    }

    /// A file that opts people out, or gives their numbers to others.
    fn import(&mut self) {
        let mut file = "exid,wpNumber,permission\n".to_owned();
        let now = self.now;
        for at in 0..self.people.len() {
            let takes_number = match self.random.below(40) {
                0 => false,
                1 => true,
                _ => continue,
            };
            let other = (at + 1) % self.people.len();
            if takes_number && other != at {
                // The other one loses the number they had.
                self.people[other].is_gone = true;
            }
            let person = &mut self.people[at];
            if takes_number {
                person.is_gone = true;
                file += &format!("e{other},{},1\n", person.number);
            } else if !person.is_gone {
                file += &format!("e{at},{},2\n", person.number);
                person.opted_out.get_or_insert((now, usize::MAX));
            }
        }
        if file.lines().count() > 1 {
            let done = self.product.import(&file, Declared::default());
            // The same words twice change nothing.
            assert!(["committed", "already_imported"].contains(&done.state), "{}: {file}", self.place);
            self.tally.imports += 1;
        }
        // Whatever a process has looked at was looked at before.
        self.hosts.iter().for_each(Host::hears);
    }

    /// A process is gone from one moment to the next.
    fn kill(&mut self, host: usize) {
        let killed = &mut self.hosts[host];
        if !killed.is_alive {
            return;
        }
        self.tally.kills += 1;
        (killed.is_alive, killed.is_ending) = (false, false);
        self.in_doubt.append(&mut killed.on_the_way);
        killed.stations.clear();
        let at = self.now + self.random.below(20_000) as i64;
        self.at(at, Event::Restart { host });
    }

    fn end(&mut self, host: usize) {
        let ending = &mut self.hosts[host];
        if ending.is_alive && !ending.is_ending {
            ending.is_ending = true;
            ending.stations.values_mut().for_each(Station::end);
            self.tell_all();
        }
    }

    fn restart(&mut self, host: usize) {
        if self.hosts[host].is_alive {
            return;
        }
        let fused = Fused::new(self.ledger.clone(), self.intents.clone());
        let begun = &mut self.hosts[host];
        (begun.is_alive, begun.is_ending, begun.clock_to_be) = (true, false, None);
        begun.life += 1;
        begun.looked_at = self.now - self.now % LOOK_MS;
        begun.ledger = fused.clone();
        for number in self.limits.keys() {
            let station = Station::new(T, fused.clone(), begun.gate.clone(), number);
            begun.stations.insert(number.clone(), station);
        }
        for number in self.limits.keys().cloned().collect::<Vec<_>>() {
            self.wake(host, &number, self.now);
        }
        // What changed right before it began is seen when it looks again.
        self.tell_all();
    }

    /// A host's clock is set: a little, as its time server says; or by hours where no other host goes by it.
    fn set_clock(&mut self, host: usize) {
        if !self.hosts[host].is_alive {
            return;
        }
        self.tally.clocks += 1;
        let little = self.random.below(2 * SKEW_MS as u64) as i64 - SKEW_MS;
        self.hosts[host].clock_to_be = Some(little);
        let now = self.clock(host);
        self.hosts[host].stations.values_mut().for_each(|station| station.hold(now));
        self.tell_all();
    }

    /// From now on nothing goes wrong any more.
    fn clear_up(&mut self) {
        self.is_clear = true;
        self.meta.clear_up();
        for host in 0..self.hosts.len() {
            self.hosts[host].ledger.die_in(i64::MAX, false);
            self.hosts[host].ledger.fail_in(i64::MAX, false);
        }
        self.at(self.now + 1_000, Event::Check);
    }
}
