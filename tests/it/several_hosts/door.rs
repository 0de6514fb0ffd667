//! The far end of several hosts: takes messages, counts every request, loses answers, and tells what became of each message late,
//! twice and in any order. Everything else it hands on to the sandbox.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant, SystemTime};

use consentry_host::sandbox::example::{APP_SECRET, WABA_ID};
use serde_json::{Value, json};

use crate::connecting::signed;
use crate::program::Answer;
use crate::random::Random;

/// Of a hundred requests so many get no answer; of a hundred statuses so many are told again, and so many later than others.
const LOST: u64 = 5;
const TOLD_AGAIN: u64 = 30;
const LATE: u64 = 30;
/// How long an answer takes at most, in milliseconds.
const ANSWER_MS_MAX: u64 = 30;
/// How long a host may take to answer before another one is told.
const HOST_TAKES: Duration = Duration::from_secs(3);
const WORDS: [&str; 3] = ["sent", "delivered", "read"];

/// A request for a message.
#[derive(Clone)]
pub(super) struct Request {
    /// When its first byte was here.
    pub(super) at: Instant,
    pub(super) number: String,
    pub(super) person: String,
    /// The campaign, and the message's place in it.
    pub(super) campaign: String,
    pub(super) place: u64,
}

#[derive(Default)]
struct Noted {
    requests: Vec<Request>,
    lost: usize,
    /// Webhooks that nobody has taken yet.
    to_tell: Vec<Value>,
    telling: usize,
    told: usize,
}

/// The far end.
pub(super) struct Door {
    pub(super) url: String,
    noted: Mutex<Noted>,
    news: Condvar,
    /// Where hosts listen for now.
    hosts: Mutex<Vec<Option<String>>>,
    sandbox: SocketAddr,
    random: Mutex<Random>,
    is_over: AtomicBool,
}

impl Door {
    pub(super) fn open(sandbox: SocketAddr, hosts: usize, seed: u64) -> Arc<Door> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let door = Arc::new(Door {
            url: format!("http://{}", listener.local_addr().unwrap()),
            noted: Mutex::default(),
            news: Condvar::new(),
            hosts: Mutex::new(vec![None; hosts]),
            sandbox,
            random: Mutex::new(Random::new(seed)),
            is_over: AtomicBool::new(false),
        });
        let serving = door.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let door = serving.clone();
                std::thread::spawn(move || door.serve(connection));
            }
        });
        for _ in 0..3 {
            let telling = door.clone();
            std::thread::spawn(move || telling.tell());
        }
        door
    }

    pub(super) fn close(&self) {
        self.is_over.store(true, Ordering::Release);
        self.news.notify_all();
    }

    pub(super) fn listens(&self, host: usize, address: Option<String>) {
        self.hosts.lock().unwrap()[host] = address;
    }

    /// All requests so far.
    pub(super) fn requests(&self) -> Vec<Request> {
        self.noted.lock().unwrap().requests.clone()
    }

    /// Answers that were never given, and webhooks that were taken.
    pub(super) fn counts(&self) -> (usize, usize) {
        let noted = self.noted.lock().unwrap();
        (noted.lost, noted.told)
    }

    /// Waits until so many requests were made; whether they were within this time.
    pub(super) fn has(&self, requests: usize, within: Duration) -> bool {
        let noted = self.noted.lock().unwrap();
        let waits = |noted: &mut Noted| noted.requests.len() < requests;
        !self.news.wait_timeout_while(noted, within, waits).unwrap().1.timed_out()
    }

    /// Waits until no request was made for so long; whether it was so within this time.
    pub(super) fn is_quiet(&self, quiet: Duration, within: Duration) -> bool {
        let until = Instant::now() + within;
        while Instant::now() < until {
            let count = self.noted.lock().unwrap().requests.len();
            if !self.has(count + 1, quiet) {
                return true;
            }
        }
        false
    }

    /// Waits until hosts have taken all webhooks; how many they have not, if they have not within this time.
    pub(super) fn untold(&self, within: Duration) -> usize {
        let noted = self.noted.lock().unwrap();
        let waits = |noted: &mut Noted| noted.to_tell.len() + noted.telling > 0;
        let (noted, _) = self.news.wait_timeout_while(noted, within, waits).unwrap();
        noted.to_tell.len() + noted.telling
    }

    /// Somebody writes STOP. When a host had answered that it is durable.
    pub(super) fn opts_out(&self, person: &str, number: &str) -> Option<Instant> {
        let at = seconds();
        let value = json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "905309990000", "phone_number_id": number},
            "contacts": [{"profile": {"name": "x"}, "wa_id": digits(person)}],
            "messages": [{"from": digits(person), "id": format!("wamid.stop{person}"), "timestamp": at, "type": "text",
                "text": {"body": "STOP"}}],
        });
        self.webhook(&value).then(Instant::now)
    }

    fn chance(&self, percent: u64) -> bool {
        self.random.lock().unwrap().below(100) < percent
    }

    fn serve(&self, mut connection: TcpStream) -> Option<()> {
        connection.set_nodelay(true).ok()?;
        let (mut kept, mut piece) = (Vec::new(), [0; 8192]);
        loop {
            let mut first = None;
            let mut read = |kept: &mut Vec<u8>| -> Option<()> {
                let count = connection.read(&mut piece).ok().filter(|count| *count > 0)?;
                first.get_or_insert_with(Instant::now);
                kept.extend_from_slice(&piece[..count]);
                Some(())
            };
            let head = loop {
                if let Some(end) = kept.windows(4).position(|four| four == b"\r\n\r\n") {
                    break end + 4;
                }
                read(&mut kept)?;
            };
            let text = String::from_utf8_lossy(&kept[..head]).into_owned();
            let length = text.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            let end = head + length.unwrap_or(0);
            while kept.len() < end {
                read(&mut kept)?;
            }
            let body: Vec<u8> = kept.drain(..end).skip(head).collect();
            let target = text.split(' ').nth(1)?.to_owned();
            let own: Value = serde_json::from_slice(&body).unwrap_or_default();
            // The proof of the app's secret stands behind it.
            let path = target.split('?').next()?;
            if path.ends_with("/messages") && own["biz_opaque_callback_data"].is_string() {
                let answer = self.takes(&target, &own, first.unwrap_or_else(Instant::now))?;
                connection.write_all(answer.as_bytes()).ok()?;
            } else {
                connection.write_all(&self.handed_on(&text, &body)?).ok()?;
                return None;
            }
        }
    }

    /// Takes a message, and gives the answer, unless that is lost.
    fn takes(&self, target: &str, body: &Value, at: Instant) -> Option<String> {
        let number = target.split('/').nth(2)?.to_owned();
        let person = body["to"].as_str()?.to_owned();
        let data = body["biz_opaque_callback_data"].as_str()?;
        let mut parts = data.split('.').skip(2);
        let (campaign, place) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
        let (is_lost, answer_ms) = (self.chance(LOST), self.random.lock().unwrap().below(ANSWER_MS_MAX));
        let id = {
            let mut noted = self.noted.lock().unwrap();
            noted.lost += usize::from(is_lost);
            let id = format!("wamid.{}", noted.requests.len());
            noted.requests.push(Request {
                at,
                number: number.clone(),
                person: person.clone(),
                campaign,
                place,
            });
            let mut words = WORDS.to_vec();
            for word in WORDS {
                if self.chance(TOLD_AGAIN) {
                    words.push(word);
                }
            }
            for word in words {
                let value = json!({
                    "messaging_product": "whatsapp",
                    "metadata": {"display_phone_number": "905309990000", "phone_number_id": number},
                    "statuses": [{"id": id, "status": word, "timestamp": seconds(), "recipient_id": digits(&person),
                        "biz_opaque_callback_data": data}],
                });
                noted.to_tell.push(value);
                let last = noted.to_tell.len() - 1;
                if self.chance(LATE) {
                    let other = self.random.lock().unwrap().below(noted.to_tell.len() as u64) as usize;
                    noted.to_tell.swap(last, other);
                }
            }
            self.news.notify_all();
            id
        };
        std::thread::park_timeout(Duration::from_millis(answer_ms));
        let answer = json!({"messaging_product": "whatsapp", "contacts": [{"input": person, "wa_id": digits(&person)}],
            "messages": [{"id": id, "message_status": "accepted"}]})
        .to_string();
        (!is_lost).then(|| {
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}",
                answer.len()
            )
        })
    }

    /// What the sandbox answers.
    fn handed_on(&self, head: &str, body: &[u8]) -> Option<Vec<u8>> {
        let mut sandbox = TcpStream::connect(self.sandbox).ok()?;
        let mut lines = head.trim_end().split("\r\n");
        let mut told = format!("{}\r\nconnection: close\r\n", lines.next()?);
        for line in lines.filter(|line| !line.to_ascii_lowercase().starts_with("connection:")) {
            told += &format!("{line}\r\n");
        }
        sandbox.write_all(format!("{told}\r\n").as_bytes()).ok()?;
        sandbox.write_all(body).ok()?;
        let mut answer = Vec::new();
        sandbox.read_to_end(&mut answer).ok()?;
        Some(answer)
    }

    /// Tells what became of messages, each until a host has taken it.
    fn tell(&self) {
        loop {
            let news: Vec<Value> = {
                let noted = self.noted.lock().unwrap();
                let waits =
                    |noted: &mut Noted| noted.to_tell.is_empty() && !self.is_over.load(Ordering::Acquire);
                let mut noted = self.news.wait_while(noted, waits).unwrap();
                if self.is_over.load(Ordering::Acquire) {
                    return;
                }
                let most = noted.to_tell.len().min(1 + self.random.lock().unwrap().below(40) as usize);
                noted.telling += most;
                noted.to_tell.drain(..most).collect()
            };
            let mut statuses =
                news.iter().flat_map(|one| one["statuses"].as_array().cloned().unwrap_or_default());
            let mut value = news[0].clone();
            value["statuses"] = statuses.by_ref().collect();
            while !self.webhook(&value) && !self.is_over.load(Ordering::Acquire) {
                std::thread::park_timeout(Duration::from_millis(50));
            }
            let mut noted = self.noted.lock().unwrap();
            noted.telling -= news.len();
            noted.told += news.len();
            self.news.notify_all();
        }
    }

    /// Posts a webhook to one of the hosts; whether that took it.
    fn webhook(&self, value: &Value) -> bool {
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": WABA_ID, "changes": [
            {"field": "messages", "value": value}]}]})
        .to_string();
        let up: Vec<String> = self.hosts.lock().unwrap().iter().flatten().cloned().collect();
        if up.is_empty() {
            return false;
        }
        let host = &up[self.random.lock().unwrap().below(up.len() as u64) as usize];
        let signature = format!("x-hub-signature-256: sha256={}\r\n", signed(APP_SECRET, body.as_bytes()));
        ask(host, "POST", "/webhooks/meta", &signature, body.as_bytes(), HOST_TAKES)
            .is_some_and(|(status, _)| status == 200)
    }
}

/// A request on a connection of its own; none where there was no answer in this time.
pub(super) fn ask(
    host: &str,
    method: &str,
    target: &str,
    more: &str,
    body: &[u8],
    takes: Duration,
) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(host).ok()?;
    stream.set_read_timeout(Some(takes)).ok()?;
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n{more}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = Answer::parse(&answer)?;
    Some((answer.status, serde_json::from_slice(&answer.body).unwrap_or_default()))
}

/// Most requests of one number in any time of this length.
pub(super) fn most_within(requests: &[Request], length: Duration) -> usize {
    let numbers: BTreeSet<&str> = requests.iter().map(|request| request.number.as_str()).collect();
    let most = |number: &str| {
        let of = requests.iter().filter(|request| request.number == number);
        let mut at: Vec<Instant> = of.map(|request| request.at).collect();
        at.sort();
        let within = |from: usize| at[from..].iter().take_while(|next| **next - at[from] < length).count();
        (0..at.len()).map(within).max().unwrap_or(0)
    };
    numbers.into_iter().map(most).max().unwrap_or(0)
}

/// How many requests each person, or each message, got.
pub(super) fn counted<K: Ord>(requests: &[Request], of: impl Fn(&Request) -> K) -> BTreeMap<K, usize> {
    requests.iter().fold(BTreeMap::new(), |mut counted, request| {
        *counted.entry(of(request)).or_default() += 1;
        counted
    })
}

fn digits(person: &str) -> &str {
    person.trim_start_matches('+')
}

fn seconds() -> String {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs().to_string()
}
