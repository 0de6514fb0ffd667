//! Carries ready messages of one number to Meta, hundreds at a time, each over a connection of its own that is kept for the
//! next. A message is handed to a connection only when that stands, and its permit is asked right before: between the answer and
//! the first byte nothing is waited for.
//!
//! Nothing is ever sent twice here. A connection that turned out to be closed before it took the message took nothing of it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper::{Request, Uri};

use super::graph::{AGENT, Call, Graph, read};
use super::meta::messages::Sent;
use super::outcome::Trouble;
use super::turn::retry_after;
use crate::gate::Permit;
use crate::transport::{Connector, Raw, connect, innermost, read_body};

/// How long an unused connection is kept: shorter than servers keep theirs.
const IDLE: Duration = Duration::from_secs(15);
/// Connections that are kept for the next messages.
const IDLE_MAX: usize = 512;
/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// What became of a message.
#[derive(Debug)]
pub struct Delivered {
    /// Meta took it, or why not.
    pub outcome: Result<Sent, Trouble>,
    /// How long Meta asks to wait.
    pub wait: Option<Duration>,
    /// Nothing was sent because its permit had ended.
    pub is_withheld: bool,
}

/// Why there is no answer.
enum Lost {
    Withheld,
    Trouble(Trouble),
}

impl From<Trouble> for Lost {
    fn from(trouble: Trouble) -> Lost {
        Lost::Trouble(trouble)
    }
}

/// The way of one number's messages.
pub struct Courier {
    graph: Graph,
    connector: Connector,
    to: Uri,
    path: Uri,
    host: HeaderValue,
    token: HeaderValue,
    answer_wait: Duration,
    idle: Mutex<Vec<(SendRequest<Full<Bytes>>, Instant)>>,
}

impl Graph {
    /// A courier for the messages of a number.
    pub fn courier(&self, number: &str) -> Result<Courier, Trouble> {
        let (head, _) = self.request(&Call::post(&[number, "messages"]))?.into_parts();
        let unusable = || Trouble::NotSent("the address of Meta's API is none".to_owned());
        let authority = head.uri.authority().ok_or_else(unusable)?;
        let path = head.uri.path_and_query().ok_or_else(unusable)?.as_str();
        let token = head.headers.get(AUTHORIZATION).ok_or_else(unusable)?.clone();
        Ok(Courier {
            graph: self.clone(),
            connector: self.gateway.transport().connector().clone(),
            host: HeaderValue::from_str(authority.as_str()).map_err(|_| unusable())?,
            path: path.parse().map_err(|_| unusable())?,
            to: head.uri,
            token,
            answer_wait: self.gateway.answer_wait(),
            idle: Mutex::default(),
        })
    }
}

impl Courier {
    /// Sends a message, which is JSON. Its permit is asked right before: where it has ended, nothing is sent.
    pub async fn send(&self, message: &Bytes, permit: Permit) -> Delivered {
        let without = |trouble: Trouble, is_withheld| {
            let outcome = Err(trouble.cleaned(&|text| self.graph.clean(text)));
            Delivered { outcome, wait: None, is_withheld }
        };
        match self.exchange(message, &permit).await {
            Ok(raw) => {
                let answered = read(&raw).map_err(|trouble| trouble.cleaned(&|text| self.graph.clean(text)));
                self.graph.take_note(None, &raw, &answered);
                let wait = retry_after(&raw.headers);
                let outcome = answered.and_then(|answered| Sent::read(&answered.body));
                Delivered { outcome, wait, is_withheld: false }
            }
            Err(Lost::Trouble(trouble)) => without(trouble, false),
            Err(Lost::Withheld) => {
                without(Trouble::NotSent("it was not to be sent any more".to_owned()), true)
            }
        }
    }

    async fn exchange(&self, message: &Bytes, permit: &Permit) -> Result<Raw, Lost> {
        loop {
            let (mut connection, is_new) = match self.kept() {
                Some(kept) => (kept, false),
                None => (self.connect().await?, true),
            };
            if connection.ready().await.is_err() {
                if is_new {
                    return Err(Trouble::NotSent("the connection was closed at once".to_owned()).into());
                }
                continue;
            }
            let request = self.request(message)?;
            if !permit.stands() {
                self.keep(connection);
                return Err(Lost::Withheld);
            }
            let answer = tokio::time::timeout(self.answer_wait, async {
                let response = connection.try_send_request(request).await.map_err(|mut error| {
                    let never_left = error.take_message().is_some();
                    (never_left, innermost(error.error()))
                })?;
                let (parts, body) = response.into_parts();
                let body = read_body(body, ANSWER_BYTES_MAX).await.map_err(|why| (false, why))?;
                Ok(Raw { status: parts.status, headers: parts.headers, body })
            });
            match answer.await {
                Ok(Ok(raw)) => {
                    self.keep(connection);
                    return Ok(raw);
                }
                // Closed while it lay idle; another one is tried.
                Ok(Err((true, _))) if !is_new => {}
                Ok(Err((true, why))) => return Err(Trouble::NotSent(why).into()),
                Ok(Err((false, why))) => return Err(Trouble::Unknown(why, None).into()),
                Err(_) => {
                    let why = format!("no answer came within {} s", self.answer_wait.as_secs_f32());
                    return Err(Trouble::Unknown(why, None).into());
                }
            }
        }
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Trouble> {
        let stream = connect(&self.connector, self.to.clone()).await.map_err(Trouble::NotSent)?;
        let (sender, connection) =
            handshake(stream).await.map_err(|error| Trouble::NotSent(innermost(&error)))?;
        tokio::spawn(async move {
            // Whoever waits for an answer on it is told; nobody else cares how it ended.
            let _ = connection.await;
        });
        Ok(sender)
    }

    fn request(&self, message: &Bytes) -> Result<Request<Full<Bytes>>, Trouble> {
        Request::post(self.path.clone())
            .header(HOST, self.host.clone())
            .header(AUTHORIZATION, self.token.clone())
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(USER_AGENT, HeaderValue::from_static(AGENT))
            .body(Full::new(message.clone()))
            .map_err(|_| Trouble::NotSent("the request cannot be made".to_owned()))
    }

    /// The connection that was used last: those that are not needed grow old.
    fn kept(&self) -> Option<SendRequest<Full<Bytes>>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((connection, since)) = idle.pop() {
            if since.elapsed() >= IDLE {
                idle.clear();
                return None;
            }
            if !connection.is_closed() {
                return Some(connection);
            }
        }
        None
    }

    fn keep(&self, connection: SendRequest<Full<Bytes>>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX && !connection.is_closed() {
            idle.push((connection, Instant::now()));
        }
    }
}
