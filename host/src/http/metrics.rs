//! What is counted and measured, in Prometheus' text format. Nothing in it names a person, a number, an account or a campaign:
//! labels are routes as they are written in the router, states and codes, which are few.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use consentry_core::time::UnixMs;

use crate::store::inbox::Lane;
use crate::store::{Import, ImportState, TenantId};

use super::App;
use super::problem::Problem;

const T: TenantId = TenantId::DEFAULT;
/// Upper bounds of the classes of durations, in milliseconds.
const BOUNDS_MS: [u64; 8] = [5, 25, 100, 250, 500, 1_000, 2_500, 10_000];
/// What has no route of its own: the panel's files, and paths that lead nowhere.
const NO_ROUTE: &str = "panel";

/// Every metric: name, kind, what it says.
pub const METRICS: [(&str, &str, &str); 22] = [
    ("consentry_build_info", "gauge", "Always 1; the label is the version."),
    ("consentry_http_requests_total", "counter", "Requests answered, by route and status."),
    (
        "consentry_http_request_duration_seconds",
        "histogram",
        "Time from a request's head to its answer's, by route.",
    ),
    ("consentry_imports_total", "counter", "Imports that ended here since the start."),
    ("consentry_import_rows_total", "counter", "Rows of these imports, by what became of them."),
    ("consentry_imports_waiting", "gauge", "Imports accepted and not ended."),
    ("consentry_inbox_waiting", "gauge", "Events heard of Meta and not acted on, by lane."),
    ("consentry_inbox_oldest_seconds", "gauge", "Age of the oldest of them; 0 where none waits."),
    ("consentry_campaigns", "gauge", "Campaigns scheduled, running or paused."),
    (
        "consentry_campaign_messages_per_second",
        "gauge",
        "Messages a second that running campaigns may send from here.",
    ),
    ("consentry_campaigns_held", "gauge", "Running campaigns that wait, by what they wait for."),
    ("consentry_people_reached_24h", "gauge", "People written to within 24 hours."),
    ("consentry_findings", "gauge", "What the health page finds, by code and state."),
    ("consentry_profiles", "gauge", "Profiles in the store."),
    ("consentry_data_bytes", "gauge", "Size of the data folder."),
    ("consentry_disk_free_bytes", "gauge", "Free on the data folder's disk."),
    ("consentry_look_seconds", "gauge", "Time the stores took to answer all of this."),
    ("consentry_log_faults_total", "counter", "Lines of the log that told of a fault."),
    ("consentry_stopping", "gauge", "1 while the server ends."),
    ("process_resident_memory_bytes", "gauge", "Memory of the process."),
    ("process_open_fds", "gauge", "Open files and connections."),
    ("process_threads", "gauge", "Threads of the process."),
];

/// What is counted as it happens.
#[derive(Default)]
pub(super) struct Metrics {
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    requests: BTreeMap<(String, String, u16), u64>,
    durations: BTreeMap<String, Durations>,
    imports: BTreeMap<&'static str, u64>,
    rows: BTreeMap<&'static str, u64>,
}

#[derive(Default)]
struct Durations {
    classes: [u64; BOUNDS_MS.len()],
    count: u64,
    sum: Duration,
}

impl Metrics {
    fn held(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An import has ended.
    pub(super) fn imported(&self, import: &Import) {
        let state = match import.state {
            ImportState::Committed => "committed",
            ImportState::Refused => "refused",
            ImportState::Failed => "failed",
            _ => return,
        };
        let mut counted = self.held();
        *counted.imports.entry(state).or_default() += 1;
        let of = &import.counts;
        for (what, rows) in [
            ("created", of.created),
            ("updated", of.updated),
            ("unchanged", of.unchanged),
            ("kept_opt_out", of.kept_opt_out),
        ] {
            *counted.rows.entry(what).or_default() += rows;
        }
    }

    fn answered(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let mut counted = self.held();
        // A method may be any word that a stranger makes up.
        let known = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];
        let method = if known.contains(&method.as_str()) { method.as_str() } else { "other" };
        *counted.requests.entry((method.to_owned(), route.to_owned(), status)).or_default() += 1;
        let durations = counted.durations.entry(route.to_owned()).or_default();
        let took_ms = took.as_millis();
        for (class, bound) in durations.classes.iter_mut().zip(BOUNDS_MS) {
            *class += u64::from(took_ms <= u128::from(bound));
        }
        durations.count += 1;
        durations.sum += took;
    }
}

/// Counts every request by the route it took.
pub(super) async fn count(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = request.method().clone();
    let began = Instant::now();
    let response = next.run(request).await;
    let route = route.as_deref().unwrap_or(NO_ROUTE);
    metrics.answered(&method, route, response.status().as_u16(), began.elapsed());
    response
}

/// Everything as it is now. Asks the stores, so that it may wait.
pub(super) fn render(app: &App, is_stopping: bool) -> Result<String, Problem> {
    let began = Instant::now();
    let health = super::health::look(app)?;
    let now = app.desk.clock.now();
    let mut page = Page::default();
    page.one("consentry_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    for (name, lane, waits) in [
        ("consent", Lane::Consent, health.inbox.consent.waits),
        ("rest", Lane::Rest, health.inbox.rest.waits),
    ] {
        let oldest = app.intake.inbox.to_do(T, lane, 1)?.pop().map(|event| event.received);
        let age_ms = oldest.map_or(0, |UnixMs(at)| (now.0 - at).max(0));
        page.one("consentry_inbox_waiting", &[("lane", name)], waits as f64);
        page.one("consentry_inbox_oldest_seconds", &[("lane", name)], age_ms as f64 / 1_000.0);
    }
    page.one("consentry_imports_waiting", &[], health.imports.waits as f64);
    let mut states = BTreeMap::from([("scheduled", 0.0), ("running", 0.0), ("paused", 0.0)]);
    let mut held: BTreeMap<&str, f64> = BTreeMap::new();
    for campaign in &health.campaigns {
        *states.entry(campaign.state).or_default() += 1.0;
        if let Some(waits) = &campaign.waits {
            *held.entry(waits.what).or_default() += 1.0;
        }
    }
    states.iter().for_each(|(state, many)| page.one("consentry_campaigns", &[("state", state)], *many));
    held.iter().for_each(|(what, many)| page.one("consentry_campaigns_held", &[("waits_for", what)], *many));
    let per_s: f64 = health.campaigns.iter().filter_map(|campaign| campaign.per_s).sum();
    page.one("consentry_campaign_messages_per_second", &[], per_s);
    page.one("consentry_people_reached_24h", &[], health.reached_today as f64);
    let mut findings: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    health.findings.iter().for_each(|of| *findings.entry((of.code, of.state)).or_default() += 1.0);
    for ((code, state), many) in findings {
        page.one("consentry_findings", &[("code", code), ("state", state)], many);
    }
    page.one("consentry_profiles", &[], health.store.people as f64);
    if let Some(bytes) = health.store.bytes {
        page.one("consentry_data_bytes", &[], bytes as f64);
    }
    if let Some(bytes) = health.store.free_bytes {
        page.one("consentry_disk_free_bytes", &[], bytes as f64);
    }
    page.one("consentry_look_seconds", &[], began.elapsed().as_secs_f64());
    page.one("consentry_log_faults_total", &[], crate::log::faults() as f64);
    page.one("consentry_stopping", &[], f64::from(u8::from(is_stopping)));
    process(&mut page);
    counted(&app.metrics, &mut page);
    Ok(page.text())
}

fn counted(metrics: &Metrics, page: &mut Page) {
    let counted = metrics.held();
    for ((method, route, status), many) in &counted.requests {
        let labels = [("method", method.as_str()), ("route", route), ("status", &status.to_string())];
        page.one("consentry_http_requests_total", &labels, *many as f64);
    }
    for (route, durations) in &counted.durations {
        let name = "consentry_http_request_duration_seconds";
        for (many, bound) in durations.classes.iter().zip(BOUNDS_MS) {
            let bound = (bound as f64 / 1_000.0).to_string();
            page.part(name, "_bucket", &[("route", route), ("le", &bound)], *many as f64);
        }
        page.part(name, "_bucket", &[("route", route), ("le", "+Inf")], durations.count as f64);
        page.part(name, "_sum", &[("route", route)], durations.sum.as_secs_f64());
        page.part(name, "_count", &[("route", route)], durations.count as f64);
    }
    for (state, many) in &counted.imports {
        page.one("consentry_imports_total", &[("state", state)], *many as f64);
    }
    for (outcome, many) in &counted.rows {
        page.one("consentry_import_rows_total", &[("outcome", outcome)], *many as f64);
    }
}

/// What the system tells of this process; nothing where it does not.
fn process(page: &mut Page) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |field: &str| -> Option<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse().ok()
    };
    if let Some(kib) = of("VmRSS") {
        page.one("process_resident_memory_bytes", &[], kib * 1_024.0);
    }
    if let Some(threads) = of("Threads") {
        page.one("process_threads", &[], threads);
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        page.one("process_open_fds", &[], open.count() as f64);
    }
}

/// Lines of each metric, which have to stand together.
#[derive(Default)]
struct Page {
    lines: BTreeMap<&'static str, String>,
}

impl Page {
    fn one(&mut self, name: &'static str, labels: &[(&str, &str)], value: f64) {
        self.part(name, "", labels, value);
    }

    fn part(&mut self, name: &'static str, suffix: &str, labels: &[(&str, &str)], value: f64) {
        let mut shown = String::new();
        for (label, text) in labels {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let comma = if shown.is_empty() { "" } else { "," };
            let _ = write!(shown, "{comma}{label}=\"{text}\"");
        }
        let shown = if shown.is_empty() { shown } else { format!("{{{shown}}}") };
        let _ = writeln!(self.lines.entry(name).or_default(), "{name}{suffix}{shown} {value}");
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (name, kind, what) in METRICS {
            if let Some(lines) = self.lines.get(name) {
                let _ = write!(text, "# HELP {name} {what}\n# TYPE {name} {kind}\n{lines}");
            }
        }
        text
    }
}
