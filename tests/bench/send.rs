//! Sends a campaign to a far end that only counts: how fast, how evenly, and in how much memory. Every intent is durable before
//! its request.
//!
//! `send FOLDER NUMBERS PEOPLE` prints JSON. The far end answers every message at once; account, templates and plan come from
//! the sandbox, which could not answer as many.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "whatever fails here fails the measurement"
)]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use consentry_core::wire::campaign::v1::{Campaign, Message, Value as Given};
use consentry_core::wire::v1::Options as FileOptions;
use consentry_host::accounts::{self, Candidate};
use consentry_host::campaigns::record::State;
use consentry_host::campaigns::{self, Campaigns};
use consentry_host::data::{Data, Place};
use consentry_host::desk::Desk;
use consentry_host::gateway::{Gateway, Settings, Target};
use consentry_host::sandbox::example::{APP_ID, APP_SECRET, TOKEN, WABA_ID};
use consentry_host::sandbox::{Options, Pace, Sandbox, Scenario};
use consentry_host::secret::Secret;
use consentry_host::sender::{Barrier, Options as SenderOptions, Sender};
use consentry_host::store::{Accepted, Kind, NewImport, Put, TenantId};
use consentry_host::templates::sync;
use serde_json::{Value, json};

const T: TenantId = TenantId::DEFAULT;

/// When requests arrived, by number.
type Arrivals = Arc<Mutex<BTreeMap<String, Vec<Instant>>>>;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (folder, numbers, people) =
        (PathBuf::from(&args[1]), args[2].parse::<usize>().unwrap(), args[3].parse::<u64>().unwrap());
    let mut scenario = String::new();
    for at in 0..numbers {
        scenario += &format!(
            "[[number]]\nid = \"2000{at}\"\nwaba = \"{WABA_ID}\"\ndisplay = \"+90 530 999 00 {at:02}\"\nname = \"N{at}\"\n\
             tier = \"TIER_UNLIMITED\"\nthroughput_per_s = 1000\n"
        );
    }
    let sandbox = Sandbox::start(Options {
        port: 0,
        scenario: Scenario::parse(&scenario).unwrap(),
        start_ms: 1_795_395_600_000,
        pace: Pace::Manual,
    })
    .unwrap();
    let data = Data::open(&Place { folder, database: None }, None).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let target = Target::new(&sandbox.base_url, "v26.0").unwrap();
    let desk = Desk {
        store: data.importer.store.clone(),
        engine: data.importer.engine.clone(),
        vault: data.vault().unwrap(),
        gateway: Gateway::new(Settings::default()),
        clock: data.importer.clock.clone(),
        target: target.clone(),
        app: None,
        public_url: None,
        runtime: runtime.handle().clone(),
        signal: consentry_host::signal::Signal::default(),
    };
    let candidate = Candidate {
        target,
        token: Secret::new(TOKEN),
        app_id: Some(APP_ID.to_owned()),
        app_secret: Some(Secret::new(APP_SECRET)),
        waba_id: Some(WABA_ID.to_owned()),
        phone_number_id: Some("20000".to_owned()),
        pin: None,
    };
    accounts::connect(&desk, T, &candidate).unwrap();
    sync::pull(&desk, T, "a1").unwrap();
    import(&data, people);
    let arrivals = Arrivals::default();
    redirect(&desk, &far_end(&arrivals));
    let room = Arc::new(Campaigns::new(desk.clone(), data.ledger.clone(), data.inbox.clone()));
    let definition = Campaign {
        name: "bench".to_owned(),
        account: "a1".to_owned(),
        numbers: (0..numbers).map(|at| format!("2000{at}")).collect(),
        messages: vec![message()],
        ..Campaign::default()
    };
    let id = campaigns::create(&room, T, &definition, "bench").unwrap().record.id;
    let frozen = Instant::now();
    campaigns::freeze(&room, T, &id, "bench", &|_| ()).unwrap();
    let freeze_s = frozen.elapsed().as_secs_f64();
    let before_kib = resident_kib();
    let (_told, heard) = std::sync::mpsc::channel();
    let barrier = Barrier::new(desk.store.clone(), T, desk.clock.now(), false, Box::new(|| true)).unwrap();
    #[expect(clippy::print_stderr, reason = "stderr is the log")]
    let log: Box<dyn Fn(&str) + Send> = Box::new(|text| eprintln!("{text}"));
    let options = SenderOptions { gate: room.gate.clone(), barrier, heard, log };
    let _sender = Sender::start(room.clone(), T, options);
    campaigns::start(&room, T, &id, None, "bench", &|_| ()).unwrap();
    let begun = Instant::now();
    let mut most_kib = before_kib;
    while campaigns::find(&room, T, &id).unwrap().record.state == State::Running {
        assert!(begun.elapsed() < Duration::from_secs(3600), "it takes too long");
        std::thread::sleep(Duration::from_millis(200));
        most_kib = most_kib.max(resident_kib());
    }
    let arrivals = arrivals.lock().unwrap();
    let all: usize = arrivals.values().map(Vec::len).sum();
    let first = arrivals.values().flatten().min().unwrap();
    let last = arrivals.values().flatten().max().unwrap();
    let took_s = last.duration_since(*first).as_secs_f64();
    let most = arrivals.values().map(|of| most_in_a_second(of)).max().unwrap();
    println!(
        "{}",
        json!({
            "messages": all,
            "seconds": took_s,
            "per_s": all as f64 / took_s,
            "most_in_a_second": most,
            "freeze_s": freeze_s,
            "memory_before_mib": before_kib / 1024,
            "memory_most_mib": most_kib / 1024,
        })
    );
    std::process::exit(0);
}

fn most_in_a_second(arrivals: &[Instant]) -> usize {
    let mut sorted = arrivals.to_vec();
    sorted.sort();
    let mut from = 0;
    let mut most = 0;
    for (at, arrived) in sorted.iter().enumerate() {
        while arrived.duration_since(sorted[from]) >= Duration::from_secs(1) {
            from += 1;
        }
        most = most.max(at - from + 1);
    }
    most
}

/// The sandbox's sale, the same for everybody but for the name.
fn message() -> Message {
    let name = Given::Attribute { name: "first_name".to_owned(), default: Some("friend".to_owned()) };
    let values = BTreeMap::from([
        ("first_name".to_owned(), name),
        ("last_day".to_owned(), Given::Text("Sunday".to_owned())),
    ]);
    let (template, language) = ("spring_sale".to_owned(), "en_US".to_owned());
    Message { template, language, share_percent: 100, values }
}

fn import(data: &Data, people: u64) {
    let mut incoming = data.importer.uploads.begin().unwrap();
    incoming.write(b"wpNumber,permission\n").unwrap();
    let mut lines = String::new();
    for at in 0..people {
        lines += &format!("+90530{:07},1\n", at);
        if lines.len() > 1 << 20 {
            incoming.write(lines.as_bytes()).unwrap();
            lines.clear();
        }
    }
    incoming.write(lines.as_bytes()).unwrap();
    let stored = incoming.finish().unwrap();
    let new = NewImport {
        file_name: "people.csv".into(),
        file_sha256: stored.sha256,
        file_bytes: stored.bytes,
        options: FileOptions::default(),
        as_of: None,
        override_reason: None,
        engine_sha256: data.importer.engine.sha256().to_owned(),
        client_digest: None,
        received_at: data.importer.clock.now(),
    };
    let Accepted::New(import) = data.importer.store.accept(T, &new).unwrap() else { panic!("it is known") };
    data.importer.run(T, import.id, &mut |_| {}).unwrap();
}

/// The account is reached by another address from now on.
fn redirect(desk: &Desk, base: &str) {
    let kept = desk.store.document(T, Kind::Account, "a1").unwrap().unwrap();
    let mut account: Value = serde_json::from_slice(&kept.body).unwrap();
    account["base"] = json!(base);
    let body = account.to_string();
    let put = Put {
        kind: Kind::Account,
        key: "a1",
        expected_version: Some(kept.version),
        body: Some(body.as_bytes()),
    };
    desk.store.put_documents(T, &[put]).unwrap();
}

/// Answers every message at once.
fn far_end(arrivals: &Arrivals) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let arrivals = arrivals.clone();
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let arrivals = arrivals.clone();
            std::thread::Builder::new()
                .stack_size(128 << 10)
                .spawn(move || serve(connection, &arrivals))
                .unwrap();
        }
    });
    base
}

fn serve(mut connection: TcpStream, arrivals: &Arrivals) {
    connection.set_nodelay(true).unwrap();
    let (mut kept, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let head = loop {
            if let Some(end) = kept.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            match connection.read(&mut piece) {
                Ok(0) | Err(_) => return,
                Ok(read) => kept.extend_from_slice(&piece[..read]),
            }
        };
        let text = String::from_utf8_lossy(&kept[..head]).to_ascii_lowercase();
        let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next());
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        while kept.len() < head + length {
            match connection.read(&mut piece) {
                Ok(0) | Err(_) => return,
                Ok(read) => kept.extend_from_slice(&piece[..read]),
            }
        }
        let number = text.split('/').nth(2).unwrap_or_default().to_owned();
        let nth = {
            let mut arrivals = arrivals.lock().unwrap();
            let of = arrivals.entry(number).or_default();
            of.push(Instant::now());
            of.len()
        };
        kept.drain(..head + length);
        let body = format!(
            "{{\"messaging_product\":\"whatsapp\",\"contacts\":[{{\"input\":\"+1\",\"wa_id\":\"1\"}}],\"messages\":[{{\"id\":\"wamid.{nth}\",\"message_status\":\"accepted\"}}]}}"
        );
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        if connection.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn resident_kib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or_default()
}
