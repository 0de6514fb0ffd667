//! An honest stand-in for Meta's Graph API, over real HTTP on this machine: `serve --sandbox` and the tests use it.
//!
//! It imitates what Meta documents: tokens, accounts, numbers, templates with their review and their life, sending
//! with its checks and limits, webhooks signed and escaped as Meta's are, and people who receive, read, answer and opt
//! out. Where the documentation is silent or contradicts itself, a comment says what was chosen.
//!
//! It does not imitate: groups, calls, flows, payments, catalogs, analytics, the Direct Send API,
//! retries to all subscribed apps, transport security. It asks no other machine for anything.
//!
//! One seed decides everything that looks like chance, and time is the sandbox's own: a run with the same requests is
//! the same run. It must never use the product's own judgement of templates, or it would prove nothing.

mod accounts;
mod agenda;
mod answer;
mod ask;
mod auth;
mod chance;
mod clock;
mod config;
mod control;
mod defaults;
mod dialog;
pub mod example;
mod faults;
mod line;
mod links;
mod media;
mod numbers;
mod paging;
mod people;
mod reactions;
pub mod review;
mod routes;
mod scenario;
mod sending;
mod server;
mod state;
mod template;
mod webhook;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

pub use clock::Pace;
pub use config::{
    AppRecord, Cut, FaultRecord, NumberRecord, People, PersonRecord, Review, Scenario, StepRecord,
    TokenRecord, VerdictRecord, WabaRecord, Webhooks,
};

use clock::Clock;
use line::{Lines, Scissors};
use server::Room;

/// How a sandbox is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Who is there and how they behave.
    pub scenario: Scenario,
    /// The time at which it starts, in milliseconds since 1970.
    pub start_ms: i64,
    /// How its time passes.
    pub pace: Pace,
}

/// The stand-in.
#[derive(Debug)]
pub struct Sandbox;

/// A sandbox that runs until this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens, without a version: `http://127.0.0.1:12345`.
    pub base_url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox on a thread of its own, so that it can be used with and without a runtime around it.
    pub fn start(options: Options) -> io::Result<Running> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let base_url = format!("http://{address}");
        let room = {
            let clock = Clock::start(options.start_ms, options.pace);
            let state = example::state(options.scenario, &base_url, options.start_ms);
            Room::new(state, clock, options.pace == Pace::Manual)
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = move || {
            runtime.block_on(async move {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                let driver = tokio::spawn(server::drive(room.clone()));
                let service = server::router(room).into_make_service_with_connect_info::<Scissors>();
                // What is open when it is stopped is closed: nothing here outlives the sandbox.
                tokio::select! {
                    _ = axum::serve(Lines(listener), service) => {}
                    _ = stopped => {}
                }
                driver.abort();
            });
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name("sandbox".to_owned()).spawn(serve)?;
        Ok(Running { base_url, stop: Some(stop), thread: Some(thread) })
    }
}

impl Running {
    /// The address it listens on.
    pub fn address(&self) -> Option<SocketAddr> {
        self.base_url.strip_prefix("http://")?.parse().ok()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
