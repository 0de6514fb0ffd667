//! The HTTP API and the panel. Carries requests to what does the work; decides nothing.
//!
//! Every request is let in by [`doors`], which know who asks and what that needs. Only pages that this served itself are
//! answered: a request that names another host or comes from another origin is turned away. Where nobody signs in, it
//! listens on the loopback address only.

mod access;
mod accounts;
mod assets;
mod body;
mod campaigns;
pub mod doors;
mod ending;
mod events;
mod evidence;
mod guard;
mod health;
mod hearing;
mod imports;
mod links;
mod media;
pub mod metrics;
mod operations;
mod people;
mod planning;
mod problem;
mod provider;
pub mod proxy;
mod queue;
mod segments;
mod streamed;
mod syncing;
mod templates;
mod webhooks;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post, put};
use axum::{Json, Router, middleware};
use consentry_core::wire::webhook::v1::Options;

use tokio::sync::Semaphore;

use crate::access::oidc::Provider;
use crate::access::{Access, AccessError};
use crate::accounts::Candidate;
use crate::campaigns::clicks::Clicks;
use crate::campaigns::{Campaigns, hear};
use crate::data::{Data, Seen};
use crate::desk::{self, Desk};
use crate::gate::{LastLook, Marks};
use crate::gateway::Target;
use crate::importer::Importer;
use crate::inbox::Intake;
use crate::inbox::edge::Edge;
use crate::secret::Secret;
use crate::sender::{self, Barrier, Sender};
use crate::store::TenantId;
use crate::wire::v1::Version;

use ending::Ending;
use hearing::Hearing;
use metrics::Metrics;
use operations::Operations;
use planning::Planning;
use problem::Problem;
use provider::Asking;
use queue::Queue;
use syncing::Syncing;

const T: TenantId = TenantId::DEFAULT;
/// How long threads that wait for something may keep a server that has ended.
const LEFT_WAIT: Duration = Duration::from_secs(1);

/// What every handler reaches.
#[derive(Clone)]
struct App {
    importer: Arc<Importer>,
    queue: Arc<Queue>,
    desk: Desk,
    syncing: Arc<Syncing>,
    intake: Arc<Intake>,
    hearing: Arc<Hearing>,
    campaigns: Arc<Campaigns>,
    planning: Arc<Planning>,
    sender: Arc<Sender>,
    links: Arc<links::Links>,
    /// Keeps what became of messages for as long as this lives.
    _heard: Arc<hear::Hearing>,
    /// Room for webhooks that are being read.
    room: Arc<Semaphore>,
    /// Who may come in.
    access: Arc<Access>,
    /// Where everything is kept.
    place: Seen,
    /// The business's own sign-in, where it has one.
    provider: Option<Arc<Asking>>,
    /// Room for passwords that are being looked at.
    hashing: Arc<Semaphore>,
    /// What is counted.
    metrics: Arc<Metrics>,
}

/// How to serve.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Where to listen.
    pub listen: IpAddr,
    /// Port there; 0 takes a free one.
    pub port: u16,
    /// Whether people sign in; else whoever sits at the machine may do everything.
    pub sign_in: bool,
    /// Proxies that are believed when they say for whom they ask.
    pub proxies: Vec<proxy::Network>,
    /// The business's own sign-in, where it has one.
    pub provider: Option<Provider>,
    /// Where Meta's Graph API is.
    pub target: Target,
    /// The app that sign-ups are made with.
    pub app: Option<desk::App>,
    /// Address under which Meta reaches this server.
    pub public_url: Option<String>,
    /// An account of the sandbox that runs beside this server, connected when it starts.
    pub sandbox: Option<Candidate>,
    /// How often templates are pulled by themselves; zero for never.
    pub sync_every: Duration,
    /// The edge worker that takes webhooks in for this server, where one does.
    pub edge: Option<Edge>,
    /// Words by which people opt out and in, besides those that everybody has.
    pub words: Options,
    /// Days after which what was heard and acted on is forgotten; none for never.
    pub kept_days: Option<u32>,
    /// Where what the server measures can be asked for, if anywhere.
    pub operations: Option<SocketAddr>,
    /// How long what is under way may take once the server is told to stop.
    pub stop_within: Duration,
    /// Whether a second person has to approve a campaign before it starts.
    pub approvals: bool,
}

/// Goes on, beside everything else, with erasures that an earlier process left half done.
fn take_up_erasures(data: &Data, vault: crate::vault::Vault) {
    let room = crate::erasure::Room {
        store: data.importer.store.clone(),
        inbox: data.inbox.clone(),
        ledger: data.ledger.clone(),
        uploads: data.importer.uploads.clone(),
        vault,
    };
    let at = data.importer.clock.now();
    std::thread::spawn(move || match crate::erasure::resume(&room, T, at) {
        Ok(0) => {}
        Ok(_) => crate::log::say("an erasure that was half done is done"),
        Err(error) => crate::log::say(&format!("an erasure is only half done; ask for it again: {error}")),
    });
}

/// Serves until the process is told to stop; the line on stderr says where.
pub fn serve(data: &Data, options: ServeOptions) -> io::Result<()> {
    let (listen, port) = (options.listen, options.port);
    may_listen(&options)?;
    let vault = data.vault().map_err(|error| io::Error::other(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let ending = Ending::start();
        let listener = tokio::net::TcpListener::bind((listen, port)).await.map_err(|error| {
            let text = format!("cannot listen on {listen}:{port}: {error}. Choose another with --port");
            io::Error::new(error.kind(), text)
        })?;
        let address = listener.local_addr()?;
        let watched = match options.operations {
            Some(at) => Some(tokio::net::TcpListener::bind(at).await.map_err(|error| {
                let text = format!("cannot listen on {at}: {error}. Choose another with --operations-listen");
                io::Error::new(error.kind(), text)
            })?),
            None => None,
        };
        if let Some(watched) = &watched {
            crate::log::say(&format!("metrics on http://{}/metrics", watched.local_addr()?));
        }
        let access = Access::new(data.importer.store.clone(), vault.clone(), data.importer.clock.clone());
        let sign_in = options.sign_in;
        let public = options.public_url.clone().filter(|_| sign_in);
        let link = tokio::task::block_in_place(|| first_link(&access, sign_in)).map_err(io::Error::other)?;
        if let Some(token) = link {
            let base = public.clone().unwrap_or_else(|| format!("http://{address}"));
            crate::log::say(
                "nobody can sign in yet: this link makes the first account. It works once, for a day",
            );
            crate::log::say(&format!("  {}/#welcome={}", base.trim_end_matches('/'), token.reveal()));
        }
        crate::log::say(&format!("listening on http://{address}"));
        take_up_erasures(data, vault.clone());
        let metrics = Arc::new(Metrics::default());
        let queue = Queue::start(data.importer.clone(), metrics.clone());
        let here = format!("http://{address}");
        let public_url = options.public_url.or_else(|| options.sandbox.as_ref().map(|_| here));
        let desk = Desk {
            store: data.importer.store.clone(),
            engine: data.importer.engine.clone(),
            vault,
            gateway: crate::gateway::Gateway::new(crate::gateway::Settings::default()),
            clock: data.importer.clock.clone(),
            target: options.target,
            app: options.app,
            public_url,
            runtime: tokio::runtime::Handle::current(),
            signal: crate::signal::Signal::default(),
        };
        let syncing = Syncing::start(desk.clone(), options.sync_every);
        if let Some(candidate) = options.sandbox {
            connect_sandbox(desk.clone(), syncing.clone(), candidate);
        }
        let intake =
            Arc::new(Intake::new(desk.clone(), data.inbox.clone(), &options.words, options.kept_days));
        let hearing = Hearing::start(&intake, &syncing, options.edge.as_ref());
        let campaigns = Campaigns::new(desk.clone(), data.ledger.clone(), data.inbox.clone());
        let gate = gate(&desk, &intake, options.edge.clone());
        let campaigns = Arc::new(campaigns.with_approvals(options.approvals).with_gate(gate));
        let of_campaigns = desk.store.clone();
        let marks = Box::new(move |id| crate::campaigns::mark(&*of_campaigns, T, id));
        // Both ask their databases, which must not be waited for where requests are answered.
        let (heard, sender) = tokio::task::block_in_place(|| -> io::Result<_> {
            let heard = hear::Hearing::new(T, data.ledger.clone(), data.inbox.clone(), marks);
            let heard = Arc::new(heard.map_err(io::Error::other)?);
            heard.start(intake.watch(), tokio::runtime::Handle::current(), crate::log::log);
            let sender = start_sender(&campaigns, &hearing, &heard, options.edge.is_some())?;
            Ok((heard, sender))
        })?;
        let app = App {
            importer: data.importer.clone(),
            queue,
            desk,
            syncing,
            intake,
            hearing,
            links: links::Links::new(Clicks::start(T, data.ledger.clone(), crate::log::log)),
            planning: Planning::start(&campaigns),
            campaigns,
            sender,
            _heard: heard,
            room: Arc::new(Semaphore::new(webhooks::ROOM)),
            access: Arc::new(access),
            place: data.seen.clone(),
            provider: options.provider.map(|provider| Arc::new(Asking::new(provider))),
            hashing: Arc::new(Semaphore::new(access::TOGETHER)),
            metrics,
        };
        let proxies = options.proxies.into();
        let sender = app.sender.clone();
        let operations = Operations::new(app.clone(), ending.clone());
        if let Some(watched) = watched {
            let all = operations.clone().all();
            tokio::spawn(async move { axum::serve(watched, all).await });
        }
        let router = router(app, sign_in, address, public.as_deref(), proxies, ending.clone(), operations);
        let told = ending.clone();
        let serving = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(async move { told.begun().await });
        finish(serving.into_future(), &ending, sender, options.stop_within).await
    });
    // A thread that still waits for a database must not keep the process.
    runtime.shutdown_timeout(LEFT_WAIT);
    served
}

/// Serves to the end: once told to stop, requests and messages under way have this long.
async fn finish(
    serving: impl Future<Output = io::Result<()>>,
    ending: &Ending,
    sender: Arc<Sender>,
    within: Duration,
) -> io::Result<()> {
    let settled = async {
        ending.begun().await;
        tokio::task::spawn_blocking(move || sender.end(within)).await.unwrap_or(false)
    };
    let all = async { tokio::join!(serving, settled) };
    let late = async {
        ending.begun().await;
        tokio::time::sleep(within).await;
    };
    tokio::select! {
        (served, is_settled) = all => {
            let how = if is_settled { "stopped" } else { "stopped; messages without an answer are told as unknown" };
            crate::log::say(how);
            served
        }
        () = late => {
            crate::log::say("stopped; what was not finished in time was cut off");
            Ok(())
        }
    }
}

/// Nobody but whoever sits at the machine comes in without signing in, and no password travels where others can read it.
pub(crate) fn may_listen(options: &ServeOptions) -> io::Result<()> {
    let is_private = options.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
    let why = match (options.listen.is_loopback(), options.sign_in, is_private) {
        (true, _, _) | (false, true, true) => return Ok(()),
        (false, false, _) => {
            "where nobody signs in, the server listens on this machine only: take --listen away, or let people sign in"
        }
        (false, true, false) => {
            "to listen beyond this machine, people's passwords need TLS: put a proxy in front, and name the address that \
             people use with --public-url https://…"
        }
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, why))
}

/// The link for the first person, where nobody can sign in yet.
fn first_link(access: &Access, sign_in: bool) -> Result<Option<Secret>, AccessError> {
    if sign_in && access.is_new(T)? { access.first_link(T).map(Some) } else { Ok(None) }
}

/// The last look before a message of a campaign or a test leaves: at everything that this process hears.
fn gate(desk: &Desk, intake: &Arc<Intake>, edge: Option<Edge>) -> Arc<LastLook> {
    let marks = Marks { spoken: intake.spoken(), changed: desk.signal.clone() };
    let gate = LastLook::new(desk.store.clone(), intake.inbox.clone()).with_marks(marks);
    Arc::new(match edge {
        Some(edge) => gate.with_edge(edge, intake.clone()),
        None => gate,
    })
}

/// Sends what runs, once everything that people said meanwhile is here.
fn start_sender(
    campaigns: &Arc<Campaigns>,
    hearing: &Arc<Hearing>,
    heard: &hear::Hearing,
    has_edge: bool,
) -> io::Result<Arc<Sender>> {
    let desk = &campaigns.desk;
    // A stand-in keeps nothing for a server that was away, and an edge worker is read until it has nothing more.
    let waits = !has_edge && !desk.target.is_sandbox();
    let of_edge = hearing.clone();
    let drained = Box::new(move || of_edge.edge().drained);
    let barrier = Barrier::new(desk.store.clone(), T, desk.clock.now(), waits, drained);
    let options = sender::Options {
        gate: campaigns.gate.clone(),
        barrier: barrier.map_err(io::Error::other)?,
        heard: heard.watch(),
        log: Box::new(crate::log::log),
    };
    Ok(Sender::start(campaigns.clone(), T, options))
}

/// Connects the sandbox's account beside the server, which has to answer the sandbox's handshake.
fn connect_sandbox(desk: Desk, syncing: Arc<Syncing>, candidate: Candidate) {
    std::thread::spawn(move || match crate::accounts::connect(&desk, T, &candidate) {
        Ok(account) => syncing.ask(&account.id),
        Err(error) => crate::log::say(&format!("the sandbox's account could not be connected: {error}")),
    });
}

fn router(
    app: App,
    sign_in: bool,
    address: SocketAddr,
    public: Option<&str>,
    proxies: Arc<[proxy::Network]>,
    ending: Ending,
    operations: Operations,
) -> Router {
    let has_windows = app.desk.app.as_ref().is_some_and(|app| app.config_id.is_some());
    let origins = guard::Origins::of(address, public, has_windows);
    let doors =
        doors::Doors { access: app.access.clone(), sign_in, origins: origins.clone(), ending, proxies };
    let api = Router::new()
        .route("/session", get(access::session).post(access::sign_in).delete(access::sign_out))
        .route("/session/welcome", post(access::welcome))
        .route("/session/arrive", post(access::arrive))
        .route("/session/provider", post(provider::begin))
        .route("/session/provider/arrive", post(provider::arrive))
        .route("/account/sessions", get(access::sessions))
        .route("/account/sessions/{session}", delete(access::end_session))
        .route("/account/password", put(access::change_password))
        .route("/account/recovery", post(access::recovery))
        .route("/people", get(access::people).post(access::invite))
        .route("/people/{person}", put(access::change_person))
        .route("/people/{person}/link", post(access::reset))
        .route("/keys", get(access::keys).post(access::create_key))
        .route("/keys/{key}", delete(access::revoke_key))
        .route("/audit", get(access::audit))
        .route("/audit/verify", get(access::verify))
        .route("/version", get(version))
        .route("/sample", get(assets::sample))
        .route("/openapi.json", get(assets::openapi))
        .route("/imports", get(imports::list).post(imports::begin))
        .route("/imports/{import}", get(imports::one))
        .route("/imports/{import}/events", get(imports::events))
        .route("/imports/{import}/undo", post(imports::undo))
        .route("/profiles", get(people::profiles))
        .route("/profiles/{profile}", get(evidence::person))
        .route("/profiles/{profile}/attributes", put(evidence::attributes))
        .route("/profiles/{profile}/erasure", get(evidence::erasure).post(evidence::erase))
        .route("/explain", get(people::explain))
        .route("/evidence", get(evidence::export))
        .route("/evidence/key", get(evidence::key))
        .route("/evidence/verify", post(evidence::verify))
        .route("/export", get(people::export))
        .route("/opt-outs", post(people::opt_out))
        .route("/health", get(health::health))
        .route("/events", get(events::list))
        .route("/events/live", get(events::live))
        .route("/events/status", get(events::status))
        .route("/deliveries/{message_id}", get(events::delivery))
        .route("/accounts", get(accounts::list).post(accounts::connect))
        .route("/accounts/check", post(accounts::check))
        .route("/accounts/signup", post(accounts::sign_up))
        .route("/accounts/{account}", delete(accounts::forget))
        .route("/accounts/{account}/media", post(media::upload))
        .route("/accounts/{account}/media/{media}", get(media::fetch).delete(media::delete))
        .route("/templates", get(templates::list))
        .route("/templates/lint", post(templates::lint))
        .route("/templates/preview", post(templates::preview))
        .route("/templates/sync", post(templates::sync))
        .route("/templates/sync/events", get(templates::sync_events))
        .route("/templates/{account}/{name}", get(templates::versions).delete(templates::delete))
        .route(
            "/templates/{account}/{name}/{language}/draft",
            put(templates::keep_draft).delete(templates::forget_draft),
        )
        .route("/templates/{account}/{name}/{language}/submit", post(templates::submit))
        .route("/campaigns", get(campaigns::list).post(campaigns::create))
        .route("/campaigns/stop", post(campaigns::stop))
        .route("/campaigns/{campaign}", get(campaigns::one).put(campaigns::change).delete(campaigns::delete))
        .route("/campaigns/{campaign}/copy", post(campaigns::copy))
        .route("/campaigns/{campaign}/preflight", get(planning::preflight).post(planning::begin))
        .route("/campaigns/{campaign}/preflight/people", get(planning::preflight_people))
        .route("/campaigns/{campaign}/events", get(planning::events))
        .route("/campaigns/{campaign}/test", post(campaigns::test))
        .route("/campaigns/{campaign}/approve", post(campaigns::approve))
        .route("/campaigns/{campaign}/start", post(planning::start))
        .route("/campaigns/{campaign}/pause", post(campaigns::pause))
        .route("/campaigns/{campaign}/resume", post(campaigns::resume))
        .route("/campaigns/{campaign}/cancel", post(campaigns::cancel))
        .route("/campaigns/{campaign}/report", get(campaigns::report))
        .route("/campaigns/{campaign}/people", get(campaigns::people))
        .route("/audience/count", post(segments::count))
        .route("/audience/people", post(segments::people))
        .route("/attributes", get(segments::attributes))
        .route("/segments", get(segments::list))
        .route("/segments/{segment}", get(segments::one).put(segments::put).delete(segments::delete))
        .route("/prices", get(segments::prices).put(segments::put_prices))
        .fallback(async || Problem::not_found("there is no such resource; see /api/v1/openapi.json"))
        .method_not_allowed_fallback(async || Problem::method())
        .layer(middleware::from_fn_with_state(doors, doors::enter));
    Router::new()
        .nest("/api/v1", api)
        .merge(Router::new().route(guard::WEBHOOKS, get(webhooks::handshake).post(webhooks::notified)))
        .merge(Router::new().route(guard::LINKS, get(links::follow)).route(links::PATH, get(links::nothing)))
        .merge(operations.probes())
        .fallback(assets::panel)
        // Every body is read up to a limit of its own, and what is larger is told so; see `body`.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(origins, guard::check))
        .layer(middleware::from_fn_with_state(app.metrics.clone(), metrics::count))
        .with_state(app)
}

async fn version(axum::extract::State(app): axum::extract::State<App>) -> Json<Version> {
    Json(Version { version: env!("CARGO_PKG_VERSION"), engine: app.importer.engine.about().clone() })
}
