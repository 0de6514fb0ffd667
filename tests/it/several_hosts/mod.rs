//! Several hosts over one database send the same campaigns, while some of them are killed, stand still, and come back; while Meta
//! loses answers and tells everything late and twice; while people opt out and somebody pauses. Held to what the far end counted.
//!
//! `CONSENTRY_HOSTS_SEEDS=from..to` lives through other histories, and more of them.
#![expect(clippy::print_stderr, reason = "whoever runs it sees what it came to")]

mod cluster;
mod door;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::random::Random;
use cluster::{Cluster, HOSTS, NUMBERS, PER_S, number};
use door::{Request, counted, most_within};

const PEOPLE: usize = 2_400;
/// People whom Meta lets a portfolio reach in a day, where it sets a limit.
const DAY: usize = 2_000;
/// How long after an opt-out is durable a request may still begin, as the documents say, and how long one may take on its way on
/// a machine that does much else.
const OPTED_OUT: Duration = Duration::from_millis(500);
const PAUSED: Duration = Duration::from_secs(1);
const ON_THE_WAY: Duration = Duration::from_millis(250);
/// What a number's second may hold more where requests of one moment arrive before those of an earlier one, in percent. Two hosts
/// that send with one number would need a hundred.
const CLOSER_PERCENT: usize = 10;
/// How long it may take until requests go on after a lease was lost.
const GOES_ON: Duration = Duration::from_secs(40);
/// How long a host stands still: longer than its lease holds.
const STALL: Duration = Duration::from_secs(12);
/// Whose messages are sent already does not wait.
const ENDS: Duration = Duration::from_secs(90);

/// The seeds of this run.
fn seeds() -> Vec<u64> {
    let told = std::env::var("CONSENTRY_HOSTS_SEEDS").ok();
    let range = told.as_deref().and_then(|told| told.split_once(".."));
    range.map_or(vec![1], |(from, to)| (from.parse().unwrap()..to.parse().unwrap()).collect())
}

/// Cities, so that two campaigns share a third of all people.
fn people() -> String {
    let city = |at: usize| ["Izmir", "Van", "Ankara"][at % 3];
    (0..PEOPLE).fold("wpNumber,permission,city\n".to_owned(), |file, at| {
        file + &format!("{},1,{}\n", person(at), city(at))
    })
}

fn person(at: usize) -> String {
    format!("+90530{at:07}")
}

/// A campaign to people of these cities.
fn campaign(name: &str, cities: &[&str], cap: bool) -> Value {
    let numbers: Vec<String> = (0..NUMBERS).map(number).collect();
    let values = json!({"first_name": {"attribute": {"name": "city", "default": "there"}}, "last_day": {"text": "Sunday"}});
    let mut campaign = json!({
        "name": name, "account": "a1", "numbers": numbers,
        "messages": [{"template": "spring_sale", "language": "en_US", "values": values}],
        "audience": {"include": {"attribute": {"name": "city", "is": cities}}},
        "brake": {"failed_percent": 100.0, "opted_out_percent": 100.0, "limited_percent": 100.0, "after_messages": 100_000},
    });
    if cap {
        campaign["cap"] = json!({"messages": 1, "days": 7});
    }
    campaign
}

/// Plans campaigns and starts them.
fn start(cluster: &Cluster, campaigns: &[Value]) -> Vec<String> {
    let created = campaigns.iter().map(|campaign| cluster.must(0, "POST", "/campaigns", campaign));
    let ids: Vec<String> = created.map(|created| created["campaign"].as_str().unwrap().to_owned()).collect();
    for id in &ids {
        cluster.must(0, "POST", &format!("/campaigns/{id}/preflight"), &json!({}));
        cluster.wait("a plan", GOES_ON, |cluster| {
            cluster.get(0, &format!("/campaigns/{id}"))["state"] == "frozen"
        });
    }
    for (at, id) in ids.iter().enumerate() {
        cluster.must(at % HOSTS, "POST", &format!("/campaigns/{id}/start"), &json!({}));
    }
    ids
}

/// How the messages of a campaign stand, once no host has anything under way.
fn stand(cluster: &Cluster, id: &str) -> BTreeMap<String, u64> {
    let document = cluster.get(0, &format!("/campaigns/{id}"));
    let stand = document["stand"].as_object().unwrap_or_else(|| panic!("{id}: {document}"));
    let stand: BTreeMap<String, u64> =
        stand.iter().map(|(word, count)| (word.clone(), count.as_u64().unwrap())).collect();
    assert_eq!(stand.values().sum::<u64>(), document["plan"]["people"].as_u64().unwrap(), "{id}: {stand:?}");
    stand
}

/// Everybody who writes STOP, and when that was durable.
#[derive(Default)]
struct OptOuts {
    at: BTreeMap<String, Instant>,
    asked: BTreeSet<usize>,
}

impl OptOuts {
    fn some(&mut self, cluster: &Cluster, random: &mut Random, many: usize) {
        for _ in 0..many {
            let at = random.below(PEOPLE as u64) as usize;
            if self.asked.insert(at)
                && let Some(durable) = cluster.door.opts_out(&person(at), &number(0))
            {
                self.at.insert(person(at), durable);
            }
        }
    }

    /// How long after it was durable the last request for somebody began.
    fn latest(&self, requests: &[Request]) -> Duration {
        let after = |request: &Request| {
            Some(request.at.saturating_duration_since(*self.at.get(&with_plus(&request.person))?))
        };
        requests.iter().filter_map(after).max().unwrap_or_default()
    }
}

fn with_plus(person: &str) -> String {
    format!("+{}", person.trim_start_matches('+'))
}

/// How long after this the last request of these campaigns began.
fn last_after(requests: &[Request], campaigns: &[&str], since: Instant) -> Duration {
    let of = requests.iter().filter(|request| campaigns.contains(&request.campaign.as_str()));
    of.map(|request| request.at.saturating_duration_since(since)).max().unwrap_or_default()
}

/// What never may be, whatever happened.
fn judge(requests: &[Request], opt_outs: &OptOuts, what: &str) {
    let twice = counted(requests, |request| (request.campaign.clone(), request.place));
    assert!(twice.values().all(|count| *count == 1), "{what}: somebody got a campaign twice");
    let twice = counted(requests, |request| (request.campaign.clone(), request.person.clone()));
    assert!(twice.values().all(|count| *count == 1), "{what}: somebody got a campaign twice");
    let late = opt_outs.latest(requests);
    assert!(late <= OPTED_OUT + ON_THE_WAY, "{what}: written to {late:?} after an opt-out");
    let most = most_within(requests, Duration::from_secs(1));
    assert!(most <= PER_S + PER_S * CLOSER_PERCENT / 100, "{what}: {most} of one number in a second");
}

#[test]
fn hosts_that_die_and_stall_send_nothing_twice_and_leave_nobody_out() {
    for seed in seeds() {
        let Some(mut cluster) = Cluster::start(seed, "TIER_UNLIMITED", &people()) else { return };
        live(&mut cluster, seed);
    }
}

fn live(cluster: &mut Cluster, seed: u64) {
    let what = format!("seed {seed}");
    let begun = Instant::now();
    let (mut random, mut opt_outs) = (Random::new(seed), OptOuts::default());
    opt_outs.some(cluster, &mut random, 5);
    let two = [campaign("One", &["Izmir", "Van"], true), campaign("Two", &["Van", "Ankara"], true)];
    let ids = start(cluster, &two);
    cluster.wait_for_requests(150, GOES_ON);
    opt_outs.some(cluster, &mut random, 20);

    // Whoever sends dies in the middle of it, and comes back.
    let mut kills = 0;
    for _ in 0..2 {
        let Some(victim) = cluster.senders(&ids[0]).first().copied() else { continue };
        cluster.kill(victim);
        kills += 1;
        opt_outs.some(cluster, &mut random, 10);
        cluster.begin(victim);
        let so_far = cluster.door.requests().len();
        cluster.wait_for_requests(so_far + 200, GOES_ON);
    }

    // A pause is seen by all hosts, and its end too.
    cluster.must(
        random.below(HOSTS as u64) as usize,
        "POST",
        &format!("/campaigns/{}/pause", ids[0]),
        &json!({}),
    );
    let paused = Instant::now();
    assert!(!cluster.door.has(usize::MAX, Duration::from_millis(1_500)));
    let paused_ms = last_after(&cluster.door.requests(), &[&ids[0]], paused);
    assert!(paused_ms <= PAUSED + ON_THE_WAY, "{what}: a request {paused_ms:?} after a pause");
    cluster.must(0, "POST", &format!("/campaigns/{}/resume", ids[0]), &json!({}));

    // One that stands still while others take over what it had, and then goes on where it stood.
    let stalled = cluster.senders(&ids[1]).first().copied().unwrap_or(0);
    cluster.signal(stalled, "STOP");
    let since = Instant::now();
    while since.elapsed() < STALL {
        opt_outs.some(cluster, &mut random, 2);
        let so_far = cluster.door.requests().len();
        cluster.door.has(so_far + 100, Duration::from_secs(2));
    }
    cluster.signal(stalled, "CONT");
    opt_outs.some(cluster, &mut random, 10);

    for id in &ids {
        cluster.wait(&format!("the end of {id}"), ENDS, |cluster| {
            cluster.get(0, &format!("/campaigns/{id}"))["state"] == "finished"
        });
    }
    assert_eq!(cluster.door.untold(ENDS), 0, "{what}: webhooks that nobody took");
    heard(cluster);
    let requests = cluster.door.requests();
    judge(&requests, &opt_outs, &what);
    let people = counted(&requests, |request| request.person.clone());
    assert!(people.values().all(|count| *count == 1), "{what}: more than the cap allows");
    let mut unknown = 0;
    for id in &ids {
        let stand = stand(cluster, id);
        let reached = requests.iter().filter(|request| request.campaign == *id).count() as u64;
        let of = |words: &[&str]| words.iter().map(|word| stand[*word]).sum::<u64>();
        // Everything was told, so whoever was asked for is known to have been sent to.
        assert_eq!(of(&["accepted", "sent", "delivered", "read"]), reached, "{what}: {id}: {stand:?}");
        assert_eq!(of(&["waiting", "under_way", "failed", "gone", "expired"]), 0, "{what}: {id}: {stand:?}");
        unknown += stand["unknown"];
    }
    let (lost, told) = cluster.door.counts();
    let most = most_within(&requests, Duration::from_secs(1));
    eprintln!(
        "{what}: {} requests, {lost} answers lost, {told} statuses told, {} opt-outs (latest request {:?} after one), {kills} kills, \
         {unknown} unknown, at most {most} of a number in a second, paused within {paused_ms:?}, {:?}",
        requests.len(),
        opt_outs.at.len(),
        opt_outs.latest(&requests),
        begun.elapsed()
    );

    // Everything stops.
    let third = start(cluster, &[campaign("Three", &["Izmir", "Van", "Ankara"], false)]);
    cluster.wait_for_requests(requests.len() + 100, GOES_ON);
    cluster.must(1, "POST", "/campaigns/stop", &json!({}));
    let stopped = Instant::now();
    assert!(
        cluster.door.is_quiet(Duration::from_secs(2), GOES_ON),
        "{what}: requests after everything was stopped"
    );
    let requests = cluster.door.requests();
    let stopped_ms = last_after(&requests, &[&third[0]], stopped);
    assert!(
        stopped_ms <= PAUSED + ON_THE_WAY,
        "{what}: a request {stopped_ms:?} after everything was stopped"
    );
    judge(&requests, &opt_outs, &what);
    assert_eq!(cluster.get(2, &format!("/campaigns/{}", third[0]))["state"], "paused");
    eprintln!("{what}: the last request {stopped_ms:?} after everything was stopped");
}

/// Everything that was taken in was acted on.
fn heard(cluster: &Cluster) {
    cluster.wait("what was told to be acted on", ENDS, |cluster| {
        let status = cluster.get(0, "/events/status");
        status["consent_waits"] == 0 && status["rest_waits"] == 0
    });
}

#[test]
fn hosts_together_reach_no_more_people_in_a_day_than_meta_allows() {
    for seed in seeds() {
        let Some(mut cluster) = Cluster::start(seed, "TIER_2K", &people()) else { return };
        let (begun, what) = (Instant::now(), format!("seed {seed}, with a limit of the day"));
        let ids = start(
            &cluster,
            &[campaign("One", &["Izmir", "Van"], false), campaign("Two", &["Ankara"], false)],
        );
        cluster.wait_for_requests(200, GOES_ON);
        let victim = cluster.senders(&ids[0]).first().copied().unwrap_or(0);
        cluster.kill(victim);
        cluster.begin(victim);
        cluster.wait_for_requests(DAY * 9 / 10, ENDS);
        assert!(cluster.door.is_quiet(Duration::from_secs(4), ENDS), "{what}: it goes on and on");
        let requests = cluster.door.requests();
        judge(&requests, &OptOuts::default(), &what);
        let reached = counted(&requests, |request| request.person.clone()).len();
        let unknown: u64 = ids.iter().map(|id| stand(&cluster, id)["unknown"]).sum();
        eprintln!("{what}: {reached} people of {DAY}, {unknown} unknown, {:?}", begun.elapsed());
        assert!(reached <= DAY, "{what}: {reached} people");
        // Those in doubt count as reached.
        assert!(reached + unknown as usize >= DAY * 95 / 100, "{what}: {reached} people, {unknown} unknown");
        cluster.wait("the hosts to say that it is the day's limit", GOES_ON, |cluster| {
            let waits =
                |at: usize| cluster.get(at, &format!("/campaigns/{}", ids[0]))["waits"]["for"].clone();
            (0..HOSTS).any(|at| waits(at) == "limit")
        });
    }
}
