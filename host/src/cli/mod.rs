//! The command line. Reads options, calls what does the work, prints; decides nothing.
//!
//! Exit codes: 0 done, 1 done but something was rejected, 2 refused, 70 our fault.
//!
//! More than 500 lines, because every command and every error's exit code stands here once, side by side.
#![expect(clippy::print_stderr, reason = "printing is what a command line is for")]

mod access;
mod campaign;
mod check;
mod config;
mod connect;
mod evidence;
mod import;
mod profile;
mod read;
mod sandbox;
mod store;
mod template;
mod text;
mod vault;
mod webhook;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::BoolishValueParser;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use consentry_core::wire::v1::Options;
use consentry_core::wire::webhook::v1::signature;
use serde::Serialize;

use crate::access::oidc::Provider;
use crate::data::{self, DataError};
use crate::desk::{App, DeskError};
use crate::engine::EngineError;
use crate::gateway::Trouble;
use crate::importer::ImportError;
use crate::inbox::edge::Edge;
use crate::people::PeopleError;
use crate::secret::Secret;
use crate::store::StoreError;
use crate::vault::VaultError;
use crate::wire::v1::Version;

/// Keeps WhatsApp consent provable: judge files, import them, explain every opt-in.
#[derive(Parser)]
#[command(name = "consentry", version, max_term_width = 110, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print one JSON document on stdout and nothing else.
    #[arg(long, global = true, env = "CONSENTRY_JSON", value_parser = BoolishValueParser::new())]
    json: bool,
    /// Folder of the embedded store.
    #[arg(long, global = true, value_name = "DIR", default_value = "consentry-data", env = "CONSENTRY_DATA")]
    data: PathBuf,
    /// A PostgreSQL database that several hosts share, instead of the embedded store.
    #[arg(
        long,
        global = true,
        value_name = "postgres://…",
        env = "CONSENTRY_DATABASE_URL",
        hide_env_values = true
    )]
    database_url: Option<String>,
    /// File with defaults for all options.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "consentry.toml",
        env = "CONSENTRY_CONFIG"
    )]
    config: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// Judge a consent file and write nothing.
    #[command(after_help = "Example:\n  consentry check people.csv --country TR --errors rejected.csv")]
    Check(check::CheckArgs),
    /// Judge a consent file, match it and store the consents.
    #[command(
        after_help = "Example:\n  consentry import people.csv --as-of 2026-11-01\n  consentry import people.csv --dry-run"
    )]
    Import(import::ImportArgs),
    /// Show the history of imports.
    #[command(after_help = "Example:\n  consentry imports --json")]
    Imports,
    /// Write all profiles to stdout or a file.
    #[command(
        after_help = "Example:\n  consentry export --attributes > people.csv\n  consentry export --for-excel --out people.csv"
    )]
    Export(read::ExportArgs),
    /// Tell why a number or a profile is opted in or out.
    #[command(after_help = "Example:\n  consentry explain +905301112233\n  consentry explain p12")]
    Explain(read::ExplainArgs),
    /// Set attributes of people: by file, or one by one.
    #[command(
        after_help = "Example:\n  consentry profile set cities.csv\n  consentry profile set p12 --attribute city=Izmir"
    )]
    Profile(profile::ProfileArgs),
    /// Look after the store: back it up, restore it, verify it, move it into a database.
    #[command(
        after_help = "Example:\n  consentry store backup backups/monday\n  consentry store verify\n  consentry store migrate --to postgres://localhost/consentry"
    )]
    Store(store::StoreArgs),
    /// Start the HTTP API and the panel.
    #[command(after_help = "Example:\n  consentry serve --data /var/lib/consentry")]
    Serve(ServeArgs),
    /// Link a WhatsApp Business account: token, account, number, webhook. The token comes from standard input, a question or
    /// CONSENTRY_TOKEN, never from the command line, where others would see it.
    #[command(
        after_help = "Example:\n  consentry connect\n  consentry connect --waba 102290129340398 --token - < token.txt"
    )]
    Connect(connect::ConnectArgs),
    /// Message templates: judge and preview them, pull them from Meta, list them, submit one for review.
    #[command(
        after_help = "Example:\n  consentry template lint welcome.json\n  consentry template pull\n  consentry template list --status approved\n  consentry template submit welcome.json"
    )]
    Template(template::TemplateArgs),
    /// Campaigns: messages to people who opted in - written, planned, tried, let go, stopped, reported.
    #[command(
        after_help = "Example:\n  consentry campaign create campaign.json\n  consentry campaign preflight c1\n  consentry campaign start c1\n  consentry campaign report c1"
    )]
    Campaign(campaign::CampaignArgs),
    /// People who may sign in: whoever may run this on the machine may let them in.
    #[command(after_help = "Example:\n  consentry user invite ada@example.com --role admin")]
    User(access::UserArgs),
    /// API keys: what a program shows instead of signing in.
    #[command(after_help = "Example:\n  consentry key create crm --scope import --days 90")]
    Key(access::KeyArgs),
    /// Who did what: list it, and verify that nobody has changed it.
    #[command(after_help = "Example:\n  consentry audit verify")]
    Audit(access::AuditArgs),
    /// Evidence that can be handed out: all that is known of why a number is what it is, signed; and its verification.
    #[command(
        after_help = "Example:\n  consentry evidence export +905301112233 --out evidence.json\n  consentry evidence key\n  consentry evidence verify evidence.json --key 8f3c…"
    )]
    Evidence(evidence::EvidenceArgs),
    /// Look after the key of the stored secrets.
    #[command(after_help = "Example:\n  consentry vault rotate")]
    Vault(vault::VaultArgs),
    /// Webhooks: verify one that was kept, and tell what is in it.
    #[command(
        after_help = "Example:\n  consentry webhook read body.json --secret APP_SECRET --signature sha256=…\n  consentry webhook read - --json < body.json"
    )]
    Webhook(webhook::WebhookArgs),
    /// Settings: see whether a server would start with them, and where each comes from.
    #[command(
        after_help = "Example:\n  consentry config check\n  consentry config check --config /etc/consentry/consentry.toml"
    )]
    Config(config::ConfigArgs),
    /// Show the versions of the product, the engine and the number metadata.
    #[command(after_help = "Example:\n  consentry version --json")]
    Version,
}

#[derive(Args)]
struct ServeArgs {
    /// Address to listen on. Another one than this machine's own needs --public-url https://… and a proxy with TLS in front.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", env = "CONSENTRY_LISTEN")]
    listen: std::net::IpAddr,
    /// Nobody signs in: whoever sits at this machine may do everything.
    #[arg(long, env = "CONSENTRY_NO_SIGN_IN", value_parser = BoolishValueParser::new())]
    no_sign_in: bool,
    /// People sign in although Meta is played by the sandbox.
    #[arg(long, conflicts_with = "no_sign_in", env = "CONSENTRY_SIGN_IN", value_parser = BoolishValueParser::new())]
    sign_in: bool,
    /// Address of the provider by which people sign in as well (OpenID Connect), exactly as it writes itself. Whoever comes
    /// that way has to be invited here. A secret is taken from CONSENTRY_OIDC_CLIENT_SECRET. See docs/access.md.
    #[arg(
        long,
        value_name = "URL",
        requires = "oidc_client_id",
        conflicts_with = "no_sign_in",
        env = "CONSENTRY_OIDC_ISSUER"
    )]
    oidc_issuer: Option<String>,
    /// What this server is called at the provider.
    #[arg(long, value_name = "ID", env = "CONSENTRY_OIDC_CLIENT_ID")]
    oidc_client_id: Option<String>,
    /// The provider is a directory of the business's own: its e-mail addresses are right although it does not say that they
    /// were verified.
    #[arg(long, env = "CONSENTRY_OIDC_TRUST_ADDRESSES", value_parser = BoolishValueParser::new())]
    oidc_trust_addresses: bool,
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8787, env = "CONSENTRY_PORT")]
    port: u16,
    /// Also start the stand-in for Meta's API, with example data, on the next port.
    #[arg(long, env = "CONSENTRY_SANDBOX", value_parser = BoolishValueParser::new())]
    sandbox: bool,
    /// Who is there in the sandbox, how they behave and what goes wrong; see docs/sandbox.md.
    #[arg(long, value_name = "FILE", env = "CONSENTRY_SCENARIO")]
    scenario: Option<PathBuf>,
    /// Rows committed together.
    #[arg(long, hide = true, env = "CONSENTRY_BATCH_ROWS")]
    batch_rows: Option<usize>,
    #[command(flatten)]
    graph: connect::GraphArgs,
    /// The app that sign-ups are made with; its secret is taken from CONSENTRY_APP_SECRET.
    #[arg(long, alias = "meta-app-id", value_name = "ID", env = "CONSENTRY_APP_ID")]
    app_id: Option<String>,
    /// The configuration of that app's Embedded Signup: with it the panel offers to sign up with Meta.
    #[arg(long, value_name = "ID", requires = "app_id", env = "CONSENTRY_META_CONFIG_ID")]
    meta_config_id: Option<String>,
    /// Address under which Meta reaches this server, for example https://consent.example.com.
    #[arg(long, value_name = "URL", env = "CONSENTRY_PUBLIC_URL")]
    public_url: Option<String>,
    /// A proxy that is believed when it says for whom it asks (`x-forwarded-for`): an address, or a network like 10.0.0.0/8. May
    /// be given more than once. A proxy on this machine that names the host of --public-url needs not be named.
    #[arg(long, value_name = "ADDRESS", env = "CONSENTRY_TRUST_PROXY", value_delimiter = ',')]
    trust_proxy: Vec<crate::http::proxy::Network>,
    /// The inbox of an edge worker that takes webhooks in for this server, for example https://edge.example.com/inbox/main; its
    /// handover secret is taken from CONSENTRY_EDGE_SECRET. See docs/edge.md.
    #[arg(long, value_name = "URL", env = "CONSENTRY_EDGE_URL")]
    edge_url: Option<String>,
    /// A further word or payload of a button that opts out. May be given more than once.
    #[arg(long, value_name = "WORD", env = "CONSENTRY_STOP_WORD", value_delimiter = ',')]
    stop_word: Vec<String>,
    /// A further word that takes an opt-out back. May be given more than once.
    #[arg(long, value_name = "WORD", env = "CONSENTRY_START_WORD", value_delimiter = ',')]
    start_word: Vec<String>,
    /// Days after which messages and statuses that were heard are forgotten; 0 keeps them for ever. Consents and their evidence
    /// always stay.
    #[arg(long, value_name = "DAYS", default_value_t = 400, env = "CONSENTRY_KEEP_EVENTS")]
    keep_events: u32,
    /// A campaign starts only after a second person has approved its plan.
    #[arg(long, env = "CONSENTRY_APPROVALS", value_parser = BoolishValueParser::new())]
    approvals: bool,
    /// Address and port at which `/metrics`, `/healthz` and `/readyz` are answered to whoever asks, for example 127.0.0.1:9464;
    /// nowhere when left out. Nothing there names a person or an account.
    #[arg(long, value_name = "ADDRESS:PORT", env = "CONSENTRY_OPERATIONS_LISTEN")]
    operations_listen: Option<std::net::SocketAddr>,
    /// Seconds that what is under way may take once the server is told to stop.
    #[arg(long, value_name = "SECONDS", default_value_t = 8, value_parser = clap::value_parser!(u64).range(..=3_600), env = "CONSENTRY_STOP_WITHIN")]
    stop_within: u64,
    /// How lines of the log look.
    #[arg(long, value_enum, default_value = "text", env = "CONSENTRY_LOG_FORMAT")]
    log_format: crate::log::Format,
    /// Minutes between two pulls of all templates; 0 leaves it to the button and to webhooks.
    #[arg(long, value_name = "MINUTES", default_value_t = 15, env = "CONSENTRY_SYNC_EVERY")]
    sync_every: u64,
}

impl ServeArgs {
    fn options(&self) -> Result<crate::http::ServeOptions, Failure> {
        let secret = std::env::var("CONSENTRY_APP_SECRET").ok().map(|secret| Secret::new(&secret));
        let app = match (&self.app_id, secret.filter(|secret| !secret.is_empty())) {
            (Some(id), Some(secret)) => {
                let config_id = self.meta_config_id.clone().filter(|id| !id.is_empty());
                Some(App { id: id.clone(), secret, config_id })
            }
            (Some(_), None) => {
                let text = "--app-id needs the app's secret in the variable CONSENTRY_APP_SECRET";
                return Err(Failure::Refused(text.to_owned()));
            }
            (None, _) => None,
        };
        let secret = std::env::var("CONSENTRY_EDGE_SECRET").ok().map(|secret| Secret::new(&secret));
        let edge = match (&self.edge_url, secret.filter(|secret| !secret.is_empty())) {
            (Some(_), Some(secret)) if !signature::is_secret(secret.reveal()) => {
                let text = "CONSENTRY_EDGE_SECRET is no hand-over secret: it is `whsec_` and the base64 of 16 bytes or more";
                return Err(Failure::Refused(text.to_owned()));
            }
            (Some(url), Some(secret)) => Some(Edge { url: url.trim_end_matches('/').to_owned(), secret }),
            (Some(_), None) => {
                let text = "--edge-url needs the handover secret in the variable CONSENTRY_EDGE_SECRET";
                return Err(Failure::Refused(text.to_owned()));
            }
            (None, _) => None,
        };
        let sign_in = self.sign_in || !(self.sandbox || self.no_sign_in);
        Ok(crate::http::ServeOptions {
            provider: self.provider(sign_in)?,
            listen: self.listen,
            port: self.port,
            sign_in,
            target: self.graph.target()?,
            app,
            public_url: self.public_url.clone(),
            proxies: self.trust_proxy.clone(),
            sandbox: None,
            sync_every: std::time::Duration::from_secs(self.sync_every.saturating_mul(60)),
            edge,
            words: webhook::words(&self.stop_word, &self.start_word),
            operations: self.operations_listen,
            stop_within: std::time::Duration::from_secs(self.stop_within),
            kept_days: Some(self.keep_events).filter(|days| *days > 0),
            approvals: self.approvals,
        })
    }

    fn provider(&self, sign_in: bool) -> Result<Option<Provider>, Failure> {
        let Some(issuer) = &self.oidc_issuer else { return Ok(None) };
        if !sign_in {
            let text =
                "--oidc-issuer is for people who sign in, and in the sandbox nobody does: add --sign-in";
            return Err(Failure::Refused(text.to_owned()));
        }
        let client_id = self.oidc_client_id.as_deref().unwrap_or_default();
        let secret = std::env::var("CONSENTRY_OIDC_CLIENT_SECRET").ok().map(|secret| Secret::new(&secret));
        let secret = secret.filter(|secret| !secret.is_empty());
        Provider::new(issuer, client_id, secret, self.oidc_trust_addresses)
            .map(Some)
            .map_err(Failure::Refused)
    }
}

/// How to read a file: the options of `check` and `import`.
#[derive(Args)]
struct FileArgs {
    /// What permission cells mean, for example 1=in,2=out,0=reject.
    #[arg(long, value_name = "VOCABULARY", env = "CONSENTRY_PERMISSION")]
    permission: Option<String>,
    /// Country of numbers without a country code, for example TR.
    #[arg(long, value_name = "ISO", env = "CONSENTRY_COUNTRY")]
    country: Option<String>,
    /// Which header stands for a column, for example wpNumber=Phone. May be given more than once.
    #[arg(long, value_name = "COLUMN=HEADER", env = "CONSENTRY_MAP", value_delimiter = ',')]
    map: Vec<String>,
    /// A further column to keep. May be given more than once.
    #[arg(long, value_name = "HEADER", env = "CONSENTRY_ATTRIBUTE", value_delimiter = ',')]
    attribute: Vec<String>,
    /// , ; | or tab; found by looking when left out.
    #[arg(long, env = "CONSENTRY_DELIMITER")]
    delimiter: Option<String>,
    /// For example windows-1254; UTF-8 when left out.
    #[arg(long, env = "CONSENTRY_ENCODING")]
    encoding: Option<String>,
    /// Whether numbers need only be possible, or assigned.
    #[arg(long, value_name = "possible|valid", env = "CONSENTRY_NUMBERS")]
    numbers: Option<String>,
}

impl FileArgs {
    fn options(&self) -> Result<Options, Failure> {
        let mut options = Options {
            permission: self.permission.clone(),
            country: self.country.clone(),
            attributes: self.attribute.clone(),
            delimiter: self.delimiter.clone(),
            encoding: self.encoding.clone(),
            numbers: self.numbers.clone(),
            ..Options::default()
        };
        for pair in &self.map {
            let Some((column, header)) = pair.split_once('=') else {
                let text = format!("--map `{pair}` is no pair; write for example `--map wpNumber=Phone`");
                return Err(Failure::Refused(text));
            };
            if options.map.insert(column.to_owned(), header.to_owned()).is_some() {
                return Err(Failure::Refused(format!("--map names `{column}` twice")));
            }
        }
        Ok(options)
    }
}

/// How a command ended when it ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// Everything.
    All,
    /// But something was rejected.
    SomeRejected,
    /// The file cannot be used; the command has said why.
    FileRefused,
}

/// How a command ended when it did not end well.
#[derive(Debug)]
enum Failure {
    /// The caller can mend it.
    Refused(String),
    /// The caller cannot.
    Fault(String),
}

/// Runs one command; never panics on bad input.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let matches = configured(&args).try_get_matches_from(&args);
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    match dispatch(&cli) {
        Ok(Done::All) => ExitCode::SUCCESS,
        Ok(Done::SomeRejected) => ExitCode::from(1),
        Ok(Done::FileRefused) => ExitCode::from(2),
        Err(Failure::Refused(text)) => {
            eprintln!("consentry: {text}");
            ExitCode::from(2)
        }
        Err(Failure::Fault(text)) => {
            eprintln!("consentry: {text}");
            ExitCode::from(70)
        }
    }
}

/// The command line with the defaults of `consentry.toml`. Which file that is has to be known before the rest is
/// read, so it is looked for on its own.
fn configured(args: &[OsString]) -> clap::Command {
    let after_config = args.iter().position(|arg| arg == "--config").and_then(|at| args.get(at + 1)).cloned();
    let named = args.iter().find_map(|arg| arg.to_str()?.strip_prefix("--config=").map(OsString::from));
    let path = after_config.or(named).or_else(|| std::env::var_os("CONSENTRY_CONFIG"));
    let path = path.map_or_else(|| PathBuf::from("consentry.toml"), PathBuf::from);
    crate::config::apply(Cli::command(), &path).unwrap_or_else(|error| {
        eprintln!("consentry: {error}");
        std::process::exit(2)
    })
}

fn dispatch(cli: &Cli) -> Result<Done, Failure> {
    let database = cli.database_url.as_deref().map(data::DatabaseUrl::new);
    let place = data::Place { folder: cli.data.clone(), database };
    match &cli.command {
        Command::Check(args) => check::run(args, cli.json),
        Command::Import(args) => import::run(args, &place, cli.json),
        Command::Imports => read::imports(&place, cli.json),
        Command::Export(args) => read::export(args, &place, cli.json),
        Command::Explain(args) => read::explain(args, &place, cli.json),
        Command::Profile(args) => profile::run(args, &place, cli.json),
        Command::Store(args) => store::run(args, &place, cli.json),
        Command::Serve(args) => {
            let mut options = args.options()?;
            crate::log::set(args.log_format);
            let data = data::Data::open(&place, args.batch_rows)?;
            let running = args.sandbox.then(|| sandbox::start(args)).transpose()?;
            if let Some(running) = &running {
                options.target = args.graph.target_at(&running.base_url)?;
                sandbox::connect(&mut options);
            }
            crate::http::serve(&data, options).map_err(|error| Failure::Refused(error.to_string()))?;
            Ok(Done::All)
        }
        Command::Connect(args) => connect::run(args, &place, cli.json),
        Command::Template(args) => template::run(args, &place, cli.json),
        Command::Campaign(args) => campaign::run(args, &place, cli.json),
        Command::User(args) => access::user(args, &place, cli.json),
        Command::Key(args) => access::key(args, &place, cli.json),
        Command::Audit(args) => access::audit(args, &place, cli.json),
        Command::Evidence(args) => evidence::run(args, &place, cli.json),
        Command::Vault(args) => vault::run(args, &place, cli.json),
        Command::Webhook(args) => webhook::run(args, cli.json),
        Command::Config(args) => config::run(args, cli, cli.json),
        Command::Version => {
            let engine = data::engine()?.about().clone();
            let version = Version { version: env!("CARGO_PKG_VERSION"), engine };
            print(cli.json, &version, text::version)
        }
    }
}

/// Prints a document as JSON, or as people read it.
fn print<T: Serialize>(json: bool, document: &T, text: impl Fn(&T) -> String) -> Result<Done, Failure> {
    let out = if json {
        let line = serde_json::to_string(document).map_err(|error| Failure::Fault(error.to_string()))?;
        line + "\n"
    } else {
        text(document)
    };
    print_bytes(out.as_bytes())
}

fn print_bytes(out: &[u8]) -> Result<Done, Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(out).and_then(|()| stdout.flush()) {
        // Whoever reads has had enough, for example `head`.
        Err(cause) if cause.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Refused(format!("standard output cannot be written: {cause}")))
        }
        _ => Ok(Done::All),
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Failure {
        match error {
            DataError::Store(error) => error.into(),
            DataError::Engine(error) => error.into(),
            DataError::Vault(error) => error.into(),
            other => Failure::Refused(other.to_string()),
        }
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Failure {
        match error {
            VaultError::Store(error) => error.into(),
            other => Failure::Refused(other.to_string()),
        }
    }
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Failure {
        match error {
            DeskError::Store(error) => error.into(),
            DeskError::Engine(error) => error.into(),
            DeskError::Vault(error) => error.into(),
            DeskError::Meta(Trouble::Refused(said)) => {
                Failure::Refused(format!("{}, as Meta says: {said}\n  {}", said.what(), said.cure()))
            }
            DeskError::Rejected(found) => {
                let text =
                    |of: &serde_json::Value, name: &str| of[name].as_str().unwrap_or_default().to_owned();
                let line = |of: &serde_json::Value| {
                    format!("\n  {} {}: {}", text(of, "code"), text(of, "path"), text(of, "message"))
                };
                Failure::Refused(
                    found
                        .iter()
                        .map(line)
                        .fold("Meta would refuse this template:".to_owned(), |all, one| all + &one),
                )
            }
            other => Failure::Refused(other.to_string()),
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        match error {
            EngineError::Options(failure) => {
                Failure::Refused(format!("--{}: {}", failure.option, failure.message).replace("--: ", ""))
            }
            other => Failure::Fault(other.to_string()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        match error {
            StoreError::Unusable(_)
            | StoreError::NotEmpty
            | StoreError::TooNew { .. }
            | StoreError::TooOld => Failure::Refused(error.to_string()),
            other => Failure::Fault(other.to_string()),
        }
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Failure {
        match error {
            ImportError::Engine(error) => error.into(),
            ImportError::Store(error) => error.into(),
            other => Failure::Fault(other.to_string()),
        }
    }
}

impl From<PeopleError> for Failure {
    fn from(error: PeopleError) -> Failure {
        match error {
            PeopleError::Engine(error) => error.into(),
            PeopleError::Store(error) => error.into(),
            PeopleError::Question(_) | PeopleError::Write(_) | PeopleError::Csv(_) => {
                Failure::Refused(error.to_string())
            }
        }
    }
}
