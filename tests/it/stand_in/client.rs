//! A plain client of the sandbox, and a receiver of its webhooks.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use consentry_host::sandbox::{Options, Pace, Running, Sandbox, Scenario, example};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// When all sandboxes here begin: the third of November 2026, a moment after prices changed.
pub(super) const START_MS: i64 = 1_793_700_000_000;
/// Somebody who is not in the United States.
pub(super) const PERSON: &str = "+905301112244";

/// A sandbox whose time stands still, and a token for it.
pub(super) struct Api {
    pub(super) running: Running,
    pub(super) token: String,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The document of a call that must have worked.
    #[track_caller]
    pub(super) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    /// Asserts an error of this status and code, and gives its object.
    #[track_caller]
    pub(super) fn error(&self, status: u16, code: u64) -> Value {
        let error = self.json()["error"].clone();
        assert_eq!((self.status, error["code"].as_u64()), (status, Some(code)), "{}", self.text);
        for key in ["message", "type", "fbtrace_id"] {
            assert!(error[key].is_string(), "{error}");
        }
        error
    }
}

impl Api {
    pub(super) fn start(scenario: &str) -> Api {
        let scenario = Scenario::parse(scenario).unwrap();
        let options = Options { port: 0, scenario, start_ms: START_MS, pace: Pace::Manual };
        Api { running: Sandbox::start(options).unwrap(), token: example::TOKEN.to_owned() }
    }

    /// With people to whom everything arrives and who then do nothing.
    pub(super) fn quiet(more: &str) -> Api {
        let people = "[people]\nabsent = 0.0\nexperiment = 0.0\ndeliver = 1.0\nread = 1.0\nanswer = 0.0\n\
                      stop_word = 0.0\nstop = 0.0\n";
        Api::start(&format!("{people}{more}"))
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.ask("GET", &format!("/v26.0/{path}"), &[], b"")
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.ask("POST", &format!("/v26.0/{path}"), &headers, body.to_string().as_bytes())
    }

    pub(super) fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", &format!("/v26.0/{path}"), &[], b"")
    }

    /// A lever of the sandbox itself.
    pub(super) fn lever(&self, name: &str, body: &Value) -> Value {
        self.ask("POST", &format!("/_sandbox/{name}"), &[], body.to_string().as_bytes()).ok()
    }

    pub(super) fn advance(&self, ms: i64) {
        self.lever("advance", &json!({"ms": ms}));
    }

    pub(super) fn state(&self) -> Value {
        self.ask("GET", "/_sandbox/state", &[], b"").ok()
    }

    pub(super) fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.try_ask(method, target, headers, body)
            .unwrap_or_else(|| panic!("{method} {target}: the connection was closed without an answer"))
    }

    /// One request on a connection of its own; nothing if it was closed without an answer.
    pub(super) fn try_ask(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<Answer> {
        let address = self.running.address().unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let mut head = format!(
            "{method} {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        if !self.token.is_empty() && !headers.iter().any(|(name, _)| *name == "authorization") {
            head += &format!("authorization: Bearer {}\r\n", self.token);
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Answer { status, head: head.to_ascii_lowercase(), text: body.to_owned() })
    }
}

/// A document of `tests/fixtures/meta`.
pub(super) fn sample(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/meta").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// A signature by the definition of HMAC, step by step.
pub(super) fn hmac_sha256(secret: &[u8], bytes: &[u8]) -> String {
    let keyed = |pad: u8, rest: &[u8]| {
        let mut key = [pad; 64];
        key.iter_mut().zip(secret).for_each(|(byte, own)| *byte ^= own);
        Sha256::digest([&key[..], rest].concat())
    };
    let hash = keyed(0x5c, &keyed(0x36, bytes));
    hash.iter().fold("sha256=".to_owned(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// What a receiver was sent.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) target: String,
    pub(super) signature: String,
    pub(super) body: String,
}

impl Received {
    pub(super) fn value(&self) -> Value {
        let document: Value = serde_json::from_str(&self.body).unwrap();
        document["entry"][0]["changes"][0]["value"].clone()
    }

    pub(super) fn field(&self) -> String {
        let document: Value = serde_json::from_str(&self.body).unwrap();
        document["entry"][0]["changes"][0]["field"].as_str().unwrap().to_owned()
    }
}

/// A receiver of webhooks.
pub(super) struct Receiver {
    pub(super) url: String,
    received: Arc<Mutex<Vec<Received>>>,
    /// Statuses of the next answers to POST; 200 when there is none left.
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Receiver {
    /// Answers the challenge if it comes with this token.
    pub(super) fn start(verify_token: &'static str) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (received, answers) = (Arc::default(), Arc::default());
        let receiver = Receiver { url, received: Arc::clone(&received), answers: Arc::clone(&answers) };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Some(()) =
                    stream.ok().and_then(|stream| serve(stream, verify_token, &received, &answers))
                else {
                    continue;
                };
            }
        });
        receiver
    }

    /// The statuses of the next answers.
    pub(super) fn answer_with(&self, statuses: &[u16]) {
        self.answers.lock().unwrap().extend(statuses.iter().rev());
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The statuses of messages, in the order they came.
    pub(super) fn statuses(&self) -> Vec<Value> {
        self.received()
            .iter()
            .map(|received| received.value()["statuses"][0].clone())
            .filter(Value::is_object)
            .collect()
    }

    /// Subscribes an app and the example account to it.
    pub(super) fn subscribe(&self, api: &Api) {
        let body = json!({
            "object": "whatsapp_business_account", "callback_url": self.url, "verify_token": "let me in",
            "fields": "messages,message_template_status_update,message_template_quality_update,\
                       template_category_update,user_preferences",
        });
        api.post(&format!("{}/subscriptions", example::APP_ID), &body).ok();
        api.post(&format!("{}/subscribed_apps", example::WABA_ID), &json!({})).ok();
    }
}

fn serve(
    mut stream: TcpStream,
    verify_token: &str,
    received: &Mutex<Vec<Received>>,
    answers: &Mutex<Vec<u16>>,
) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let (method, target) = line.split_once(' ')?;
    let (method, target) = (method.to_owned(), target.split(' ').next()?.to_owned());
    let (mut length, mut signature) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "x-hub-signature-256" => value.clone_into(&mut signature),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let parameter = |name: &str| {
        let query = target.split_once('?')?.1;
        query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned))
    };
    let (status, answer) = if method == "GET" {
        let right = parameter("hub.verify_token")? == verify_token.replace(' ', "%20");
        if right { (200, parameter("hub.challenge")?) } else { (403, String::new()) }
    } else {
        let status = answers.lock().unwrap().pop().unwrap_or(200);
        let body = String::from_utf8(body).ok()?;
        received.lock().unwrap().push(Received { target, signature, body });
        (status, String::new())
    };
    write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{answer}", answer.len()).ok()
}
