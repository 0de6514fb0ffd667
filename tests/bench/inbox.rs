//! How many webhooks with one event an inbox makes durable in a second, for the bench: `inbox FOLDER THREADS SECONDS [--alone]
//! [--postgres URL]`. Each thread takes one event, waits until it is durable, and takes the next. With `--alone` they go one
//! after the other, each with a commit of its own. Prints what it measured as JSON.
#![allow(clippy::print_stdout, reason = "the answer of this program is what it prints")]

use std::error::Error;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use consentry_core::delivery::Told;
use consentry_core::time::UnixMs;
use consentry_host::store::TenantId;
use consentry_host::store::inbox::{Filter, Inbox, Lane, NewEvent, PostgresInbox, SqliteInbox};
use serde_json::json;

const T: TenantId = TenantId::DEFAULT;
/// Statuses of a message that come one after the other.
const STATUSES: [&str; 3] = ["sent", "delivered", "read"];

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, threads, seconds, rest @ ..] = words.as_slice() else {
        return Err("inbox FOLDER THREADS SECONDS [--alone] [--postgres URL]".into());
    };
    let (threads, seconds) = (threads.parse::<u64>()?, seconds.parse::<f64>()?);
    let alone = rest.iter().any(|word| word == "--alone");
    let inbox: Box<dyn Inbox> = match rest.iter().position(|word| word == "--postgres") {
        Some(at) => Box::new(PostgresInbox::connect(rest.get(at + 1).ok_or("--postgres without its URL")?)?),
        None => Box::new(SqliteInbox::open(Path::new(folder))?),
    };
    let (turn, stop) = (Mutex::new(()), AtomicBool::new(false));
    let mut gate = Vec::new();
    let before = inbox.counts(T)?.events;
    let started = Instant::now();
    let taken: Result<Vec<Vec<Duration>>, String> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|thread| {
                let (inbox, turn, stop) = (inbox.as_ref(), &turn, &stop);
                scope.spawn(move || -> Result<Vec<Duration>, String> {
                    let mut each = Vec::new();
                    while !stop.load(Ordering::Relaxed) {
                        let event = event(thread, before + each.len() as u64);
                        let start = Instant::now();
                        let _turn = alone.then(|| turn.lock());
                        let seqs = inbox.take(T, &[event], None).map_err(|error| error.to_string())?;
                        if seqs != [None] {
                            each.push(start.elapsed());
                        }
                    }
                    Ok(each)
                })
            })
            .collect();
        // The sender's last gate beside it: what it takes while everybody writes.
        while started.elapsed().as_secs_f64() < seconds {
            let start = Instant::now();
            let waits = inbox.opt_out_waits(T, Some(905_301_112_233), Some("TR.13491208655302741918"));
            gate.push(start.elapsed());
            assert!(!waits.map_err(|error| error.to_string())?, "nobody opted out");
            std::thread::park_timeout(Duration::from_millis(5));
        }
        stop.store(true, Ordering::Relaxed);
        running
            .into_iter()
            .map(|thread| thread.join().map_err(|_| "a thread ended early".to_owned())?)
            .collect()
    });
    let passed = started.elapsed().as_secs_f64();
    let mut each: Vec<Duration> = taken?.into_iter().flatten().collect();
    each.sort_unstable();
    gate.sort_unstable();
    let kept = inbox.counts(T)?.events - before;
    if kept != each.len() as u64 || inbox.history(T, &Filter::default(), 1)?.is_empty() {
        return Err(format!("{} were taken and {kept} are there", each.len()).into());
    }
    let ms = |part: usize| each[(each.len() * part / 1000).min(each.len() - 1)].as_secs_f64() * 1e3;
    println!(
        "{}",
        json!({"rate": each.len() as f64 / passed, "median": ms(500), "p99": ms(990), "worst": ms(1000),
               "gate_us": gate[gate.len() / 2].as_secs_f64() * 1e6,
               "gate_p99_us": gate[gate.len() * 99 / 100].as_secs_f64() * 1e6, "before": before})
    );
    Ok(())
}

/// A status as long as Meta's are, of a message that has three.
fn event(thread: u64, at: u64) -> NewEvent {
    let status = STATUSES[(at % 3) as usize];
    let number = 905_300_000_000 + (at / 3 * 7919 + thread * 104_729) % 9_999_999;
    let message =
        format!("wamid.HBgM{number}FQIAERgS{:016X}", (at / 3).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ thread);
    let received = UnixMs(1_795_000_000_000 + at as i64);
    let told = Told {
        status: status.to_owned(),
        at: received,
        number: Some(format!("+{number}")),
        callback_data: Some(format!("campaign-17:{at}")),
        ..Told::default()
    };
    let body = json!({"kind": "status", "id": format!("{message}/{status}"), "lane": "rest", "at": "2026-11-23T14:00:00Z",
        "waba_id": "102290129340398", "phone_number_id": "106540352242922", "number": format!("+{number}"),
        "message_id": message, "status": status, "raw": {"id": message, "status": status, "timestamp": "1795000000",
        "recipient_id": number.to_string(), "recipient_user_id": "TR.13491208655302741918",
        "biz_opaque_callback_data": format!("campaign-17:{at}"), "conversation": {"id": "c4f1b3", "origin": {"type": "marketing"}},
        "pricing": {"billable": true, "pricing_model": "PMP", "type": "regular", "category": "marketing"}}});
    NewEvent {
        id: format!("{message}/{status}"),
        lane: Lane::Rest,
        kind: "status".to_owned(),
        to_do: false,
        at: Some(received),
        received,
        number: Some(number),
        user: Some("TR.13491208655302741918".to_owned()),
        message_id: Some(message.clone()),
        told: Some((message, told)),
        body: body.to_string(),
    }
}
