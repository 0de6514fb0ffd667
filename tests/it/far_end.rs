//! A server that answers as a test tells it to, well or badly: over real connections, one request on each, so that what
//! breaks on the way can be broken here.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Without the version in front.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What is answered.
pub(crate) enum Reply {
    /// A JSON document.
    Json(u16, Value),
    /// Anything: status, further headers, kind, body.
    Text(u16, &'static str, &'static str, String),
    /// Less than was announced.
    Half(String),
    /// The connection ends without a word.
    Nothing,
    /// Nothing, for as long as the other side waits.
    Silence,
}

type Answer = dyn Fn(&Request, usize) -> Reply + Send + Sync;

/// The server; it ends with the value.
pub(crate) struct FarEnd {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl FarEnd {
    /// Answers each request by what it is and how many came before it.
    pub(crate) fn new(answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> FarEnd {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, seen) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let (answer, noted): (Arc<Answer>, _) = (Arc::new(answer), seen.clone());
        // It blocks in accepting until the process ends; a test is a process.
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (answer, noted) = (answer.clone(), noted.clone());
                std::thread::spawn(move || serve(connection, &*answer, &noted));
            }
        });
        FarEnd { address, seen }
    }

    /// Answers everything with this.
    pub(crate) fn always(status: u16, body: &Value) -> FarEnd {
        let body = body.clone();
        FarEnd::new(move |_, _| Reply::Json(status, body.clone()))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(mut connection: TcpStream, answer: &Answer, seen: &Mutex<Vec<Request>>) -> Option<()> {
    let request = read(&connection)?;
    let before = {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        seen.len() - 1
    };
    let mut send = |text: String| connection.write_all(text.as_bytes()).ok();
    let head = |status: u16, kind: &str, bytes: usize, more: &str| {
        format!(
            "HTTP/1.1 {status} -\r\ncontent-type: {kind}\r\ncontent-length: {bytes}\r\nconnection: close\r\n{more}\r\n"
        )
    };
    match answer(&request, before) {
        Reply::Json(status, body) => {
            let body = body.to_string();
            send(head(status, "application/json; charset=UTF-8", body.len(), "") + &body)
        }
        Reply::Text(status, more, kind, body) => send(head(status, kind, body.len(), more) + &body),
        Reply::Half(body) => send(head(200, "application/json", body.len() * 2, "") + &body),
        Reply::Nothing => Some(()),
        Reply::Silence => {
            let _ = connection.read(&mut [0]);
            Some(())
        }
    }
}

fn read(connection: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(connection);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    };
    let query = query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect();
    // `/v26.0/…`
    let path = path.trim_start_matches('/').split_once('/').map_or("", |(_, path)| path);
    Some(Request { method, path: format!("/{path}"), query, headers, body })
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| u8::from_str_radix(&text[at + 1..at + 3], 16).unwrap());
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap()
}
