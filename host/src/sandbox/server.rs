//! The sandbox on a socket: requests in, webhooks out, time in between.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, State as Shared};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, middleware};
use futures_util::StreamExt as _;
use tokio::sync::{Notify, Semaphore, watch};

use super::agenda::Event;
use super::answer::{Reply, gateway_page, respond};
use super::ask::Ask;
use super::clock::Clock;
use super::config::Cut;
use super::faults::{instead_of_answer, take_fault};
use super::line::Scissors;
use super::routes::{Handshake, Outcome, dispatch, shaken, unshaken};
use super::state::State;
use super::webhook::post::{Call, META, PHONE, call};
use super::{control, dialog, people, reactions, template, webhook};

/// Bytes of a request: a document as large as Meta takes, with the form around it.
const BODY_BYTES_MAX: usize = 101 << 20;
/// Webhooks on their way at the same time, while the clock runs.
const POSTS_MAX: usize = 32;

/// What all handlers and the driver share.
pub(crate) struct Room {
    state: Mutex<State>,
    clock: Mutex<Clock>,
    /// Only one may move time at once.
    turn: tokio::sync::Mutex<()>,
    /// Tells that the agenda has something new.
    news: Notify,
    /// The moment that was reached, for answers that wait for another.
    reached: watch::Sender<i64>,
    posts: Arc<Semaphore>,
    manual: bool,
}

pub(crate) type House = Arc<Room>;

impl Room {
    pub(crate) fn new(state: State, clock: Clock, manual: bool) -> House {
        let reached = watch::Sender::new(state.now_ms);
        Arc::new(Room {
            state: Mutex::new(state),
            clock: Mutex::new(clock),
            turn: tokio::sync::Mutex::new(()),
            news: Notify::new(),
            reached,
            posts: Arc::new(Semaphore::new(POSTS_MAX)),
            manual,
        })
    }

    /// The state, at this moment. A request that panicked leaves it usable: nothing in it is half written for long.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let now_ms = self.clock().now_ms();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.now_ms = state.now_ms.max(now_ms);
        state
    }

    /// Somebody put something on the agenda.
    pub(crate) fn wake(&self) {
        self.news.notify_one();
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the clock on, with everything that happens on the way.
    pub(crate) async fn advance(self: &Arc<Room>, ms: i64) -> i64 {
        let target_ms = self.clock().now_ms().saturating_add(ms.max(0));
        self.catch_up(target_ms).await;
        self.clock().advance(ms);
        self.wake();
        self.state().now_ms
    }

    /// Works off what is due until a moment. Each event happens at its own time, not at that of the call.
    async fn catch_up(self: &Arc<Room>, target_ms: i64) {
        let _turn = self.turn.lock().await;
        while let Some(leaves) = self.next_to_leave(target_ms) {
            if self.manual {
                // One after the other, so that a run can be repeated.
                self.leave(leaves).await;
            } else if let Ok(permit) = self.posts.clone().acquire_owned().await {
                let room = Arc::clone(self);
                tokio::spawn(async move {
                    room.leave(leaves).await;
                    drop(permit);
                    room.wake();
                });
            }
        }
    }

    /// Lets happen what is due up to the next request that must leave.
    fn next_to_leave(&self, target_ms: i64) -> Option<Leaves> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let Some((at_ms, event)) = state.agenda.due(target_ms) else {
                state.now_ms = state.now_ms.max(target_ms);
                self.reached.send_replace(state.now_ms);
                return None;
            };
            state.now_ms = state.now_ms.max(at_ms);
            self.reached.send_replace(state.now_ms);
            let leaves = happen(&mut state, event);
            if let Some(Leaves::Webhook(delivery)) = leaves {
                webhook::merge(&mut state, delivery, at_ms);
            }
            if leaves.is_some() {
                return leaves;
            }
        }
    }

    async fn leave(&self, leaves: Leaves) {
        match leaves {
            Leaves::Webhook(id) => self.post(id).await,
            // Where it leads is somewhere else, and is not followed.
            Leaves::Tap(url) => {
                let tap =
                    Call { method: Method::GET, url, agent: PHONE, signature: None, body: String::new() };
                call(tap).await;
            }
        }
    }

    async fn post(&self, id: u64) {
        let found = self.state.lock().unwrap_or_else(PoisonError::into_inner).deliveries.get(&id).cloned();
        let Some(delivery) = found else { return };
        let answer = call(Call {
            method: Method::POST,
            url: delivery.url,
            agent: META,
            signature: Some(delivery.signature),
            body: delivery.body,
        })
        .await;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        webhook::attempted(&mut state, id, answer.map(|(status, _)| status));
    }

    /// Waits until a moment is reached, by whatever moves the clock.
    async fn wait_until(&self, at_ms: i64) {
        let mut reached = self.reached.subscribe();
        while *reached.borrow_and_update() < at_ms {
            let real = self.clock().real_until(at_ms);
            let elapsed = async {
                match real {
                    Some(real) => tokio::time::sleep(real).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = reached.changed() => if changed.is_err() { return },
                () = elapsed => return,
            }
        }
    }
}

/// Keeps time going while the clock runs; ends never.
pub(crate) async fn drive(room: House) {
    loop {
        let due_ms = room.state().agenda.next_ms();
        let wait =
            due_ms.and_then(|at_ms| room.clock().real_until(at_ms)).unwrap_or(Duration::from_secs(3600));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = room.news.notified() => {}
        }
        if !room.manual {
            let now_ms = room.clock().now_ms();
            room.catch_up(now_ms).await;
        }
    }
}

/// The whole surface: the API under any version, and the sandbox's own levers.
pub(crate) fn router(room: House) -> Router {
    Router::new()
        .route("/_sandbox/advance", post(control::advance))
        .route("/_sandbox/state", get(control::state))
        .route("/_sandbox/faults", post(control::faults).get(control::list_faults))
        .route("/_sandbox/inbound", post(control::inbound))
        .route("/_sandbox/preferences", post(control::preferences))
        .route("/_sandbox/signup", post(control::signup))
        .route("/_sandbox/templates/{id}", post(control::step))
        .route("/_sandbox/media/{id}", get(control::media))
        .route("/_sandbox/sample/{word}", get(control::sample))
        .route("/{version}/dialog/oauth", get(dialog::page))
        .route("/{version}/dialog/oauth/agreed", get(dialog::agreed))
        .fallback(graph)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::map_response(control::say_it_is_a_sandbox))
        .with_state(room)
}

async fn graph(
    Shared(room): Shared<House>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    // What goes wrong is known by the route alone, before the body is read: it may be what breaks off.
    let named = Ask::read(method.clone(), &uri, &HeaderMap::new(), Bytes::new());
    let (fault, trace) = {
        let mut state = room.state();
        state.calls += 1;
        (named.ok().and_then(|ask| take_fault(&mut state, &ask.route())), state.trace())
    };
    let arrives = fault.as_ref().and_then(|fault| fault.body_bytes);
    let cut = fault.as_ref().and_then(|fault| fault.cut).or_else(|| arrives.map(|_| Cut::After));
    let raw = match arrives {
        Some(bytes) => beginning(body, bytes).await,
        None => match to_bytes(body, BODY_BYTES_MAX).await {
            Ok(raw) => raw,
            Err(_) => return gateway_page(413),
        },
    };
    let ask = Ask::read(method, &uri, &headers, raw);
    let instead = fault.as_ref().and_then(instead_of_answer);
    let response = match (instead, ask) {
        (Some(response), _) => response(&trace),
        _ if cut == Some(Cut::Before) => gateway_page(502),
        (None, Err(refusal)) => respond(&Err(refusal), &trace),
        (None, Ok(ask)) => respond(&answer(&room, &ask).await, &trace),
    };
    if let Some(fault) = &fault {
        if fault.slow_ms > 0 {
            let until_ms = room.state().now_ms.saturating_add(fault.slow_ms);
            room.wait_until(until_ms).await;
        }
        if cut.is_some() {
            scissors.cut();
        }
    }
    response
}

/// So many bytes of a body, whatever becomes of the rest.
async fn beginning(body: Body, bytes_max: usize) -> Bytes {
    let (mut stream, mut begun) = (body.into_data_stream(), Vec::new());
    while begun.len() < bytes_max
        && let Some(Ok(piece)) = stream.next().await
    {
        begun.extend_from_slice(&piece);
    }
    begun.truncate(bytes_max);
    Bytes::from(begun)
}

async fn answer(room: &House, ask: &Ask) -> Reply {
    let outcome = dispatch(&mut room.state(), ask);
    let reply = match outcome {
        Outcome::Reply(reply) => reply,
        Outcome::Handshake(handshake) => shake(room, handshake).await,
    };
    if reply.is_err() {
        room.state().tally.refused += 1;
    }
    room.wake();
    reply
}

/// `GET` with a challenge, which must come back as it is.
async fn shake(room: &House, handshake: Handshake) -> Reply {
    let challenge = {
        let state = room.state();
        state.chance.id("challenge", &handshake.callback, state.calls).to_string()
    };
    let sign = if handshake.callback.contains('?') { '&' } else { '?' };
    let token = handshake.verify_token.bytes().fold(String::new(), |out, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => {
            out + char::from(byte).encode_utf8(&mut [0; 4])
        }
        _ => out + &format!("%{byte:02X}"),
    });
    let url = format!(
        "{}{sign}hub.mode=subscribe&hub.challenge={challenge}&hub.verify_token={token}",
        handshake.callback
    );
    match call(Call { method: Method::GET, url, agent: META, signature: None, body: String::new() }).await {
        Some((200, body)) if body == challenge.as_bytes() => Ok(shaken(&mut room.state(), handshake)),
        answer => Err(unshaken(answer.map(|(status, _)| status))),
    }
}

/// A request that leaves.
enum Leaves {
    Webhook(u64),
    /// A person opens this address.
    Tap(String),
}

/// Lets an event happen; gives the request that it is.
fn happen(state: &mut State, event: Event) -> Option<Leaves> {
    let fresh = |state: &State, id: u64, revision: u32| {
        state.templates.get(&id).is_some_and(|template| template.revision == revision)
    };
    match event {
        Event::Review { template, revision } => template::life::review(state, template, revision),
        Event::Step { template, step } => template::life::step(state, template, &step),
        Event::Unpause { template, revision } if fresh(state, template, revision) => {
            template::life::unpause(state, template);
        }
        Event::Unpause { .. } => {}
        Event::Purge { template } => {
            if let Some(gone) = state.templates.remove(&template) {
                webhook::template::status(state, &gone, "DELETED", Some("NONE"));
            }
        }
        Event::Status { message, status, error } => people::proceed(state, &message, status, error),
        Event::React { message } => reactions::react(state, &message),
        Event::Resume { person, number } => people::prefer(state, &person, &number, false),
        Event::Tap { message } => return state.messages.get(&message)?.link.clone().map(Leaves::Tap),
        Event::Deliver { delivery } => return Some(Leaves::Webhook(delivery)),
    }
    None
}
