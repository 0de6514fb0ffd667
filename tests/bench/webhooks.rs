//! How many signed webhooks a second the server itself makes durable, over HTTP, for the bench: `webhooks BINARY FOLDER
//! CONNECTIONS SECONDS`. Each has one status; three in ten come twice, all in random order. Afterwards everything must be
//! there once, and every message where its last status says. Prints what it measured as JSON.
#![allow(clippy::print_stdout, reason = "the answer of this program is what it prints")]

use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use consentry_host::sandbox::example::{APP_SECRET, WABA_ID};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

/// Statuses of each message.
const STATUSES: [&str; 3] = ["sent", "delivered", "read"];
/// Webhooks made ready before the clock runs, for each second.
const READY_PER_S: usize = 12_000;
/// How far from its place a webhook may come.
const DISORDER: usize = 2_000;

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [binary, folder, connections, seconds] = words.as_slice() else {
        return Err("webhooks BINARY FOLDER CONNECTIONS SECONDS".into());
    };
    let (connections, seconds) = (connections.parse::<usize>()?, seconds.parse::<f64>()?);
    let mut child = Command::new(binary)
        .args(["serve", "--sandbox", "--port", "0", "--data", folder])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    let mut said = BufReader::new(child.stderr.take().ok_or("no stderr")?);
    let _server = Server(child);
    let mut address = String::new();
    while address.is_empty() {
        let mut line = String::new();
        if said.read_line(&mut line)? == 0 {
            return Err("the server ended".into());
        }
        address =
            line.split("listening on http://").nth(1).map(|rest| rest.trim().to_owned()).unwrap_or_default();
    }
    // It talks on; nobody listens.
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    while get(&address, "/api/v1/accounts")?["accounts"][0]["account"].is_null() {
        std::thread::yield_now();
    }
    let ready = Arc::new(requests((seconds * READY_PER_S as f64) as usize));
    let (next, started) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let workers: Vec<_> = (0..connections)
        .map(|_| {
            let (ready, next, address) = (ready.clone(), next.clone(), address.clone());
            std::thread::spawn(move || {
                post_all(&address, &ready, &next, started, seconds).map_err(|error| error.to_string())
            })
        })
        .collect();
    let mut each: Vec<Duration> = Vec::new();
    for worker in workers {
        each.extend(worker.join().map_err(|_| "a worker panicked")??);
    }
    let took = started.elapsed();
    let sent = next.load(Ordering::Relaxed).min(ready.len());
    let (unique, last) = told(&ready[..sent]);
    let kept = get(&address, "/api/v1/events/status")?["events"].as_u64().unwrap_or(0);
    if kept != unique as u64 {
        return Err(format!("{unique} different webhooks were answered, and {kept} events are there").into());
    }
    for (message, status) in last.iter().step_by(last.len() / 500 + 1) {
        let delivery = get(&address, &format!("/api/v1/deliveries/wamid.{message}"))?;
        if delivery["standing"] != STATUSES[*status] {
            return Err(format!("message {message} should be {}: {delivery}", STATUSES[*status]).into());
        }
    }
    each.sort_unstable();
    let at = |share: f64| each[((each.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!(
        "{}",
        json!({"webhooks": each.len(), "per_s": each.len() as f64 / took.as_secs_f64(), "unique": unique,
            "median_ms": at(0.5), "p99_ms": at(0.99), "worst_ms": at(1.0)})
    );
    Ok(())
}

struct Ready {
    message: usize,
    status: usize,
    bytes: Vec<u8>,
}

/// Requests in the order they are sent.
fn requests(count: usize) -> Vec<Ready> {
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |end: usize| {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        (chance % end as u64) as usize
    };
    let mut all: Vec<(usize, usize, usize)> = Vec::with_capacity(count);
    let mut at = 0;
    while all.len() < count {
        let (message, status) = (at / STATUSES.len(), at % STATUSES.len());
        for _ in 0..1 + usize::from(below(10) < 3) {
            all.push((at + below(DISORDER), message, status));
        }
        at += 1;
    }
    all.sort_unstable();
    all.into_iter()
        .map(|(_, message, status)| Ready { message, status, bytes: request(message, status) })
        .collect()
}

fn request(message: usize, status: usize) -> Vec<u8> {
    let time = 1_793_491_200 + status;
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": WABA_ID, "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp", "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
        "statuses": [{"id": format!("wamid.{message}"), "status": STATUSES[status], "timestamp": time.to_string(),
            "recipient_id": format!("9053{:08}", message % 100_000_000),
            "pricing": {"billable": true, "pricing_model": "PMP", "type": "regular", "category": "marketing"}}]}}]}]})
    .to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes()).expect("any key will do");
    mac.update(body.as_bytes());
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "POST /webhooks/meta HTTP/1.1\r\nhost: consent.example\r\nx-hub-signature-256: sha256={signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn post_all(
    address: &str,
    ready: &[Ready],
    next: &AtomicUsize,
    started: Instant,
    seconds: f64,
) -> Result<Vec<Duration>, Box<dyn Error>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut each = Vec::new();
    let mut buffer = [0; 4096];
    while started.elapsed().as_secs_f64() < seconds {
        let Some(request) = ready.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
        let start = Instant::now();
        stream.write_all(&request.bytes)?;
        let mut answer = Vec::new();
        while !answer.windows(4).any(|four| four == b"\r\n\r\n") {
            let read = stream.read(&mut buffer)?;
            if read == 0 {
                return Err("the server hung up".into());
            }
            answer.extend_from_slice(&buffer[..read]);
        }
        if !answer.starts_with(b"HTTP/1.1 200") {
            return Err(String::from_utf8_lossy(&answer).into_owned().into());
        }
        each.push(start.elapsed());
    }
    Ok(each)
}

/// How many different ones were sent, and the highest status of each message.
fn told(sent: &[Ready]) -> (usize, Vec<(usize, usize)>) {
    let unique: std::collections::BTreeSet<(usize, usize)> =
        sent.iter().map(|ready| (ready.message, ready.status)).collect();
    let last: std::collections::BTreeMap<usize, usize> = unique.iter().copied().collect();
    (unique.len(), last.into_iter().collect())
}

fn get(address: &str, target: &str) -> Result<Value, Box<dyn Error>> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer);
    let body = text.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    Ok(serde_json::from_str(body)?)
}
