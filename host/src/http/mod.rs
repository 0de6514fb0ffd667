//! The HTTP API and the panel. Carries requests to what does the work; decides nothing.
//!
//! There is no sign-in yet, so this listens on the loopback address only, and answers only pages it served itself:
//! a request that names another host or comes from another origin is turned away.

mod assets;
mod guard;
mod imports;
mod people;
mod problem;
mod queue;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::routing::get;
use axum::{Json, Router, middleware};

use crate::data::Data;
use crate::importer::Importer;
use crate::wire::v1::Version;

use problem::Problem;
use queue::Queue;

/// What every handler reaches.
#[derive(Clone)]
struct App {
    importer: Arc<Importer>,
    queue: Arc<Queue>,
}

/// Serves until the process is told to stop. Port 0 takes a free one; the line on stderr says which.
pub fn serve(data: &Data, port: u16) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| {
            let text = format!("cannot listen on 127.0.0.1:{port}: {error}. Choose another with --port");
            io::Error::new(error.kind(), text)
        })?;
        let address = listener.local_addr()?;
        say(&format!("listening on http://{address}"));
        let queue = Queue::start(data.importer.clone());
        let router = router(data.importer.clone(), queue, address);
        axum::serve(listener, router).with_graceful_shutdown(told_to_stop()).await
    })
}

fn router(importer: Arc<Importer>, queue: Arc<Queue>, address: SocketAddr) -> Router {
    let api = Router::new()
        .route("/version", get(version))
        .route("/sample", get(assets::sample))
        .route("/openapi.json", get(assets::openapi))
        .route("/imports", get(imports::list).post(imports::begin))
        .route("/imports/{import}", get(imports::one))
        .route("/imports/{import}/events", get(imports::events))
        .route("/imports/{import}/undo", axum::routing::post(imports::undo))
        .route("/profiles", get(people::profiles))
        .route("/explain", get(people::explain))
        .route("/export", get(people::export))
        .route("/opt-outs", axum::routing::post(people::opt_out))
        .fallback(async || Problem::not_found("there is no such resource; see /api/v1/openapi.json"))
        .method_not_allowed_fallback(async || Problem::method());
    Router::new()
        .nest("/api/v1", api)
        .fallback(assets::panel)
        .layer(middleware::from_fn_with_state(guard::Origins::of(address), guard::check))
        .with_state(App { importer, queue })
}

async fn version(axum::extract::State(app): axum::extract::State<App>) -> Json<Version> {
    Json(Version { version: env!("CARGO_PKG_VERSION"), engine: app.importer.engine.about().clone() })
}

#[expect(
    clippy::print_stderr,
    reason = "the line that tells where the server listens is part of the contract"
)]
fn say(text: &str) {
    eprintln!("{text}");
}

async fn told_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            return;
        }
    }
    let _ = interrupt.await;
}
