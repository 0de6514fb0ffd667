//! How fast a ledger plans, intends, records, hears and counts, for the bench: `ledger FOLDER MESSAGES LINES TOGETHER
//! [--postgres URL]`. Every line is a thread that reads what waits, writes so many intents down together, then their
//! outcomes, each durable before it goes on, as who sends does. Prints what it measured as JSON.
#![allow(clippy::print_stdout, reason = "the answer of this program is what it prints")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::time::UnixMs;
use consentry_host::store::TenantId;
use consentry_host::store::ledger::{
    Fact, KeptSend, Ledger, NewSend, PostgresLedger, Reached, Recorded, SPAN_MS, SendFilter, SendState,
    SqliteLedger, pack_values,
};
use serde_json::json;

const T: TenantId = TenantId::DEFAULT;
const C: CampaignId = CampaignId(1);
/// Messages planned in one go.
const PLANNED_TOGETHER: u64 = 20_000;
/// Facts heard in one go.
const HEARD_TOGETHER: usize = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, messages, lines, together, rest @ ..] = words.as_slice() else {
        return Err("ledger FOLDER MESSAGES LINES TOGETHER [--postgres URL]".into());
    };
    let (messages, lines, together) = (messages.parse::<u64>()?, lines.parse::<u16>()?, together.parse()?);
    let ledger: Box<dyn Ledger> = match rest.iter().position(|word| word == "--postgres") {
        Some(at) => Box::new(PostgresLedger::connect(rest.get(at + 1).ok_or("--postgres without its URL")?)?),
        None => Box::new(SqliteLedger::open(Path::new(folder))?),
    };
    let ledger = ledger.as_ref();
    let per_s = |started: Instant, count: u64| (count as f64 / started.elapsed().as_secs_f64()).round();

    let started = Instant::now();
    for first in (1..=messages).step_by(PLANNED_TOGETHER as usize) {
        let places = first..(first + PLANNED_TOGETHER).min(messages + 1);
        ledger.plan(T, C, 0, &places.map(|place| planned(place, lines)).collect::<Vec<_>>())?;
    }
    let planned_per_s = per_s(started, messages);

    let started = Instant::now();
    let threads: Result<Vec<()>, String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..lines)
            .map(|line| scope.spawn(move || send(ledger, line, together).map_err(|e| e.to_string())))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| "a thread ended early".to_owned())?)
            .collect()
    });
    threads?;
    let sent_per_s = per_s(started, messages);

    let started = Instant::now();
    let statuses = [Reached::Sent, Reached::Delivered, Reached::Read];
    let facts: Vec<Fact> = (1..=messages)
        .flat_map(|place| {
            let id = SendId { campaign: C, place };
            statuses.map(|reached| {
                let at = UnixMs(1_000_000 + place as i64 * 10);
                Fact::Told { id, reached, at, code: 0, wamid: wamid(place) }
            })
        })
        .collect();
    for (at, facts) in facts.chunks(HEARD_TOGETHER).enumerate() {
        ledger.hear(T, facts, at as u64)?;
    }
    let heard_per_s = per_s(started, facts.len() as u64);

    let ms = |started: Instant| started.elapsed().as_secs_f64() * 1e3;
    let started = Instant::now();
    let groups = ledger.totals(T, C)?.len();
    let totals_ms = ms(started);
    let started = Instant::now();
    let spans = ledger.over_time(T, C, SPAN_MS)?.len();
    let over_time_ms = ms(started);
    let started = Instant::now();
    let people: Vec<u64> = (0..10_000).map(|at| person(1 + at * messages / 10_000)).collect();
    let known = ledger.last_sends(T, &people, UnixMs(0))?.into_iter().flatten().count();
    let last_sends_per_s = per_s(started, people.len() as u64);
    let started = Instant::now();
    let reached = ledger.people_since(T, UnixMs(0))?;
    let people_since_ms = ms(started);
    let started = Instant::now();
    let (mut after, mut paged) = (0, 0);
    while let Some(last) = ledger.page(T, C, &SendFilter::default(), after, 1_000)?.last() {
        (after, paged) = (last.id.place, paged + 1);
    }
    let paged_per_s = per_s(started, messages);
    let answer = json!({
        "messages": messages, "lines": lines, "together": together, "planned_per_s": planned_per_s,
        "intended_and_recorded_per_s": sent_per_s, "heard_per_s": heard_per_s, "totals_ms": totals_ms,
        "groups": groups, "over_time_ms": over_time_ms, "spans": spans, "last_sends_per_s": last_sends_per_s,
        "known": known, "people_since": reached, "people_since_ms": people_since_ms, "paged_per_s": paged_per_s,
        "pages": paged,
    });
    println!("{answer}");
    Ok(())
}

/// Sends everything of one line.
fn send(ledger: &dyn Ledger, line: u16, together: usize) -> Result<(), Box<dyn Error>> {
    let lease = ledger.lease(T, &format!("line {line}"), None, UnixMs(0))?.ok_or("somebody has the line")?;
    let (mut after, mut now) = (0, 0);
    loop {
        let (found, _) = ledger.waiting(T, C, line, after, UnixMs(now), together)?;
        let Some(last) = found.last() else { return Ok(()) };
        (after, now) = (last.id.place, now + 100);
        let ids: Vec<SendId> = found.iter().map(|send| send.id).collect();
        ledger.intend(T, &lease, &ids, UnixMs(now))?;
        let accepted = |send: &KeptSend| Recorded {
            id: send.id,
            state: SendState::Accepted,
            due: UnixMs(0),
            attempts: 0,
            code: 0,
            wamid: Some(wamid(send.id.place)),
        };
        ledger.record(T, &lease, &found.iter().map(accepted).collect::<Vec<_>>(), UnixMs(now + 50))?;
    }
}

fn planned(place: u64, lines: u16) -> NewSend {
    NewSend {
        place,
        profile: place,
        number: person(place),
        person: person(place),
        country: *[b"TR", b"DE", b"GB"][(place % 3) as usize],
        import: 1 + place % 5,
        line: (place % u64::from(lines)) as u16,
        message: (place % 2) as u8,
        state: SendState::Waiting,
        values: pack_values(["Ayşe", "Izmir", "https://example.com/p/12345"]),
    }
}

/// Numbers are in no order of the plan.
fn person(place: u64) -> u64 {
    900_000_000_000 + place.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 100_000_000_000
}

fn wamid(place: u64) -> String {
    format!("wamid.HBgMOTA1MzAxMTEyMjMzFQIAERgSQzVGNkU4{place:016}AA==")
}
