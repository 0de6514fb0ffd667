//! What those ask who keep the server running: whether the process lives, whether it can take work, and what it measures. The
//! first two need no credential and tell nothing of anybody; the third has a listener of its own, which is off unless asked for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::sync::Mutex;

use crate::store::TenantId;

use super::App;
use super::ending::Ending;
use super::problem::{Problem, blocking};

const T: TenantId = TenantId::DEFAULT;
/// Whether the process lives.
pub(super) const HEALTHZ: &str = "/healthz";
/// Whether it can take work.
pub(super) const READYZ: &str = "/readyz";
/// What it measures.
const METRICS: &str = "/metrics";
/// How long an answer about the stores is good for: strangers may ask as often as they like.
const GOOD_FOR: Duration = Duration::from_secs(1);
/// How long the stores may take.
const ANSWER_WAIT: Duration = Duration::from_secs(5);

/// When the stores were asked, and why no work could be taken then.
type Looked = (Instant, Vec<&'static str>);

/// What is asked, and what is known of it.
#[derive(Clone)]
pub(super) struct Operations {
    app: App,
    ending: Ending,
    looked: Arc<Mutex<Option<Looked>>>,
}

impl Operations {
    pub(super) fn new(app: App, ending: Ending) -> Operations {
        Operations { app, ending, looked: Arc::default() }
    }

    /// For the listener that everybody knows.
    pub(super) fn probes<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        Router::new().route(HEALTHZ, get(healthz)).route(READYZ, get(readyz)).with_state(self)
    }

    /// For the listener of their own.
    pub(super) fn all(self) -> Router {
        Router::new().route(METRICS, get(metrics)).with_state(self.clone()).merge(self.probes())
    }

    /// Why no work can be taken; empty where it can.
    async fn reasons(&self) -> Vec<&'static str> {
        if self.ending.has_begun() {
            return vec!["stopping: ask another server"];
        }
        // Whoever comes while somebody looks waits for the same answer.
        let mut looked = self.looked.lock().await;
        if let Some((_, reasons)) = looked.as_ref().filter(|(at, _)| at.elapsed() < GOOD_FOR) {
            return reasons.clone();
        }
        let app = self.app.clone();
        let asked = tokio::time::timeout(ANSWER_WAIT, blocking(move || Ok(look(&app)))).await;
        let reasons = match asked {
            Ok(Ok(reasons)) => reasons,
            Ok(Err(_)) | Err(_) => {
                vec!["the stores do not answer within 5 seconds: see the disk or the database"]
            }
        };
        *looked = Some((Instant::now(), reasons.clone()));
        reasons
    }
}

/// The engine is loaded, and imports that an earlier process left are taken up, before anybody is listened to.
fn look(app: &App) -> Vec<&'static str> {
    let mut reasons = Vec::new();
    if app.importer.store.unfinished().is_err() {
        reasons.push("the store does not answer: see the disk or the database");
    }
    if app.intake.inbox.counts(T).is_err() {
        reasons.push("the inbox does not answer: see the disk or the database");
    }
    if app.campaigns.ledger.now(app.desk.clock.now()).is_err() {
        reasons.push("the ledger does not answer: see the disk or the database");
    }
    reasons
}

async fn healthz() -> &'static str {
    "alive\n"
}

async fn readyz(State(operations): State<Operations>) -> Response {
    let reasons = operations.reasons().await;
    if reasons.is_empty() {
        return "ready\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, reasons.join("\n") + "\n").into_response()
}

async fn metrics(State(operations): State<Operations>) -> Result<Response, Problem> {
    let is_stopping = operations.ending.has_begun();
    let page = blocking(move || super::metrics::render(&operations.app, is_stopping)).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page).into_response())
}
