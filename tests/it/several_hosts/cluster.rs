//! Several real hosts over one database, each a process of its own that can be killed, stopped in the middle of anything, and
//! started again.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use consentry_host::sandbox::example::{APP_ID, APP_SECRET, TOKEN, WABA_ID};
use consentry_host::sandbox::{Options, Pace, Running, Sandbox, Scenario};
use serde_json::{Value, json};

use super::door::{Door, ask};
use crate::database::Schema;
use crate::program::{Program, encoded};

pub(super) const HOSTS: usize = 3;
pub(super) const NUMBERS: usize = 3;
/// Messages a second that Meta allows each number.
pub(super) const PER_S: usize = 80;
/// How long a host may take to come up, to answer, or to end what it was asked for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How soon it is looked again.
const AGAIN: Duration = Duration::from_millis(100);
/// Last words of a host that are kept.
const LINES_MAX: usize = 40;

/// One host.
struct Host {
    program: Program,
    child: Option<Child>,
    address: String,
    said: Arc<Mutex<VecDeque<String>>>,
}

/// The hosts, what they share, and the far end.
pub(super) struct Cluster {
    pub(super) door: Arc<Door>,
    hosts: Vec<Host>,
    url: String,
    _sandbox: Running,
    /// Goes last, when nobody uses it any more.
    _schema: Schema,
}

impl Cluster {
    /// Hosts that run, with an account and people; none where there is no database.
    pub(super) fn start(seed: u64, tier: &str, people: &str) -> Option<Cluster> {
        let schema = Schema::new()?;
        let mut scenario = String::new();
        for at in 0..NUMBERS {
            scenario += &format!(
                "[[number]]\nid = \"{}\"\nwaba = \"{WABA_ID}\"\ndisplay = \"+90 530 999 00 {at:02}\"\nname = \"N{at}\"\n\
                 tier = \"{tier}\"\nthroughput_per_s = {PER_S}\n",
                number(at)
            );
        }
        let scenario = Scenario::parse(&scenario).unwrap();
        let options = Options { port: 0, scenario, start_ms: 1_795_395_600_000, pace: Pace::Manual };
        let sandbox = Sandbox::start(options).unwrap();
        let door = Door::open(sandbox.address().unwrap(), HOSTS, seed);
        let url = schema.url();
        let host =
            |_| Host { program: Program::new(), child: None, address: String::new(), said: Arc::default() };
        let mut cluster =
            Cluster { door, hosts: (0..HOSTS).map(host).collect(), url, _sandbox: sandbox, _schema: schema };
        (0..HOSTS).for_each(|at| cluster.begin(at));
        let candidate = json!({"token": TOKEN, "app_id": APP_ID, "app_secret": APP_SECRET, "waba_id": WABA_ID,
            "phone_number_id": number(0)});
        cluster.must(0, "POST", "/accounts", &candidate);
        cluster.wait("templates", PATIENCE, |cluster| {
            let versions = cluster.get(0, "/templates/a1/spring_sale")["versions"].clone();
            let is_ready =
                |version: &Value| version["language"] == "en_US" && version["status"] == "APPROVED";
            versions.as_array().is_some_and(|versions| versions.iter().any(is_ready))
        });
        let target = format!("/imports?name=people.csv&options={}", encoded("{\"attributes\":[\"city\"]}"));
        let import = cluster.asked(0, "POST", &target, people.as_bytes());
        assert_eq!(import.0, 202, "{}", import.1);
        cluster.wait("the import", PATIENCE, |cluster| {
            cluster.get(0, "/imports")["imports"][0]["state"] == "committed"
        });
        Some(cluster)
    }

    /// Starts a host, and waits until it listens.
    pub(super) fn begin(&mut self, at: usize) {
        let host = &mut self.hosts[at];
        let args =
            ["serve", "--port", "0", "--no-sign-in", "--sync-every", "0", "--graph-url", &self.door.url];
        let mut command = host.program.command(&[&args[..], &["--database-url", &self.url]].concat());
        command.env("CONSENTRY_SECRET_KEY", "7".repeat(64)).stdout(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let (listens, heard) = channel();
        let said = host.said.clone();
        // Somebody has to read what it says for as long as it lives: one that cannot write stands still.
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                if let Some(address) = line.trim().strip_prefix("listening on http://") {
                    let _ = listens.send(address.to_owned());
                }
                let mut said = said.lock().unwrap();
                said.push_back(line);
                if said.len() > LINES_MAX {
                    said.pop_front();
                }
            }
        });
        host.child = Some(child);
        match heard.recv_timeout(PATIENCE) {
            Ok(address) => host.address = address,
            Err(_) => panic!("host {at} did not listen within {PATIENCE:?}\n{}", self.said()),
        }
        self.door.listens(at, Some(self.hosts[at].address.clone()));
    }

    /// Kills a host in the middle of whatever it does.
    pub(super) fn kill(&mut self, at: usize) {
        self.door.listens(at, None);
        if let Some(mut child) = self.hosts[at].child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Stops a host where it stands, or lets it go on.
    pub(super) fn signal(&mut self, at: usize, signal: &str) {
        let stops = signal == "STOP";
        let id = self.hosts[at].child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
        self.door.listens(at, (!stops).then(|| self.hosts[at].address.clone()));
    }

    /// What a host answered; status 0 where it did not.
    pub(super) fn asked(&self, at: usize, method: &str, target: &str, body: &[u8]) -> (u16, Value) {
        let target = format!("/api/v1{target}");
        ask(&self.hosts[at].address, method, &target, "", body, PATIENCE).unwrap_or_default()
    }

    pub(super) fn get(&self, at: usize, target: &str) -> Value {
        self.asked(at, "GET", target, b"").1
    }

    /// What a host answered that did what it was asked for.
    pub(super) fn must(&self, at: usize, method: &str, target: &str, body: &Value) -> Value {
        let (status, answer) = self.asked(at, method, target, body.to_string().as_bytes());
        assert!((200..300).contains(&status), "{method} {target}: {status} {answer}\n{}", self.said());
        answer
    }

    /// Waits until it is so. Says what it waited for, and how everything stood, where it was not so in time.
    pub(super) fn wait(&self, what: &str, within: Duration, mut is_so: impl FnMut(&Cluster) -> bool) {
        let until = Instant::now() + within;
        while !is_so(self) {
            assert!(Instant::now() < until, "not within {within:?}: {what}\n{}", self.said());
            std::thread::park_timeout(AGAIN);
        }
    }

    /// Waits until the far end has had so many requests.
    pub(super) fn wait_for_requests(&self, requests: usize, within: Duration) {
        let so_far = || self.door.requests().len();
        assert!(
            self.door.has(requests, within),
            "{} requests of {requests} within {within:?}\n{}",
            so_far(),
            self.said()
        );
    }

    /// Hosts that send some of this campaign now.
    pub(super) fn senders(&self, campaign: &str) -> Vec<usize> {
        let sends = |at: &usize| {
            self.get(*at, &format!("/campaigns/{campaign}"))["per_s"]
                .as_f64()
                .is_some_and(|per_s| per_s > 0.0)
        };
        (0..HOSTS).filter(sends).collect()
    }

    /// What hosts said last, and how the campaigns stand.
    fn said(&self) -> String {
        let mut text = String::new();
        for (at, host) in self.hosts.iter().enumerate() {
            text += &format!("host {at}: {:?}\n", host.said.lock().unwrap());
            let target = "/api/v1/campaigns/c1";
            let stands = ask(&host.address, "GET", target, "", b"", Duration::from_secs(1));
            let of = stands
                .map(|(_, of)| json!({"state": of["state"], "stand": of["stand"], "waits": of["waits"]}));
            text += &format!("  c1: {of:?}\n");
        }
        text
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.door.close();
        // Before the schema goes: a host that stands still would keep its locks.
        (0..HOSTS).for_each(|at| self.kill(at));
    }
}

/// The id of a number.
pub(super) fn number(at: usize) -> String {
    format!("2000{at}")
}
