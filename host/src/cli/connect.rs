//! `consentry connect`: links a WhatsApp Business account, step by step on a terminal, or in one go. A token never comes from
//! the command line, where every user of the machine could read it.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::sync::Arc;

use clap::Args;

use crate::accounts::{self, Candidate, State, Step};
use crate::clock::SystemClock;
use crate::data::{self, Place};
use crate::desk::{Desk, DeskError};
use crate::gateway::target::{META, VERSION};
use crate::gateway::{Gateway, Settings, Target};
use crate::secret::Secret;
use crate::store::TenantId;
use crate::wire::meta::v1::{AccountDocument, StepsDocument};

use super::{Done, Failure, print};

const T: TenantId = TenantId::DEFAULT;
/// Longest secret that is read, in bytes.
const SECRET_BYTES_MAX: u64 = 16 << 10;
const TOKEN: &str = "CONSENTRY_TOKEN";
const APP_SECRET: &str = "CONSENTRY_APP_SECRET";
const PIN: &str = "CONSENTRY_PIN";

/// Where Meta's Graph API is.
#[derive(Args)]
pub(super) struct GraphArgs {
    /// Address of the Graph API.
    #[arg(long, value_name = "URL", default_value = META, env = "CONSENTRY_GRAPH_URL")]
    graph_url: String,
    /// Version of the Graph API.
    #[arg(long, value_name = "VERSION", default_value = VERSION, env = "CONSENTRY_GRAPH_VERSION")]
    graph_version: String,
}

impl GraphArgs {
    pub(super) fn target(&self) -> Result<Target, Failure> {
        self.target_at(&self.graph_url)
    }

    /// The same version at another address.
    pub(super) fn target_at(&self, url: &str) -> Result<Target, Failure> {
        Target::new(url, &self.graph_version).map_err(Failure::Refused)
    }
}

#[derive(Args)]
pub(super) struct ConnectArgs {
    /// `-` reads the token from standard input; otherwise it is taken from CONSENTRY_TOKEN, or asked for.
    #[arg(long, value_name = "-", value_parser = ["-"])]
    token: Option<String>,
    /// Id of the WhatsApp Business account.
    #[arg(long, value_name = "ID", env = "CONSENTRY_WABA")]
    waba: Option<String>,
    /// Id of the number that is to send. Where CONSENTRY_PIN holds a PIN of six digits, it is registered with it.
    #[arg(long, value_name = "ID", env = "CONSENTRY_NUMBER")]
    number: Option<String>,
    /// Id of the app that the token was made with.
    #[arg(long, value_name = "ID", env = "CONSENTRY_APP_ID")]
    app_id: Option<String>,
    /// `-` reads the app's secret from standard input, after the token on a line of its own; otherwise it is taken from
    /// CONSENTRY_APP_SECRET, or asked for.
    #[arg(long, value_name = "-", value_parser = ["-"])]
    app_secret: Option<String>,
    /// Address of a stand-in for Meta, for example http://127.0.0.1:8788.
    #[arg(long, value_name = "URL", conflicts_with = "graph_url")]
    sandbox: Option<String>,
    #[command(flatten)]
    graph: GraphArgs,
    /// Look at everything and keep nothing.
    #[arg(long)]
    check: bool,
}

pub(super) fn run(args: &ConnectArgs, place: &Place, json: bool) -> Result<Done, Failure> {
    let target = match &args.sandbox {
        Some(url) => args.graph.target_at(url)?,
        None => args.graph.target()?,
    };
    let asks = std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !json;
    let mut piped = Piped::read(args)?;
    let token = match piped.next(args.token.is_some()).or_else(|| from_env(TOKEN)) {
        Some(token) => token,
        None if asks => ask_secret("Token (it is not shown): ")?,
        None => {
            return Err(Failure::Refused(format!(
                "a token is needed: put it into the variable {TOKEN}, or give `--token -` and the token on standard input"
            )));
        }
    };
    let app_secret = match piped.next(args.app_secret.is_some()).or_else(|| from_env(APP_SECRET)) {
        None if asks => Some(ask_secret("App secret, or Enter to go on without (it is not shown): ")?),
        other => other,
    };
    let mut of = Candidate {
        target,
        token,
        app_id: args.app_id.clone(),
        app_secret: app_secret.filter(|secret| !secret.is_empty()),
        waba_id: args.waba.clone(),
        phone_number_id: args.number.clone(),
        pin: from_env(PIN),
    };
    with_desk(place, &of.target.clone(), |desk| {
        let mut steps = accounts::check(desk, &of)?;
        if asks {
            tell(&steps);
            if steps.iter().any(|step| step.step == "account" && step.state == State::Waiting)
                && of.waba_id.is_none()
            {
                of.waba_id = Some(ask("Id of the WhatsApp Business account: ")?).filter(|id| !id.is_empty());
                steps = accounts::check(desk, &of)?;
                tell(&steps);
            }
            if steps.iter().any(|step| step.step == "number" && step.state == State::Waiting)
                && of.pin.is_none()
            {
                of.pin = Some(ask_secret(
                    "PIN of six digits to register the number with, or Enter to leave it: ",
                )?)
                .filter(|pin| !pin.is_empty());
            }
        }
        if args.check {
            let failed = steps.iter().any(Step::is_failed);
            print(json, &StepsDocument::of(&steps), |_| shown(&steps))?;
            return Ok(if failed { Done::FileRefused } else { Done::All });
        }
        match accounts::connect(desk, T, &of) {
            Ok(account) => {
                if !asks && !json {
                    tell(&accounts::check(desk, &of)?);
                }
                print(json, &AccountDocument::of(&account, desk), connected)
            }
            Err(DeskError::Unusable(steps)) => {
                if json {
                    print(true, &StepsDocument::of(&steps), |_| String::new())?;
                } else if !asks {
                    tell(&steps);
                }
                Err(Failure::Refused(DeskError::Unusable(steps).to_string()))
            }
            Err(other) => Err(other.into()),
        }
    })
}

/// Works at a desk of its own, beside a server that may run.
pub(super) fn with_desk(
    place: &Place,
    target: &Target,
    work: impl FnOnce(&Desk) -> Result<Done, Failure>,
) -> Result<Done, Failure> {
    let (store, vault) = data::open_for_documents(place)?;
    // Connections have a task each; this thread waits for them.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(|cause| Failure::Fault(cause.to_string()))?;
    let desk = Desk {
        store,
        engine: Arc::new(data::engine()?),
        vault,
        gateway: Gateway::new(Settings::default()),
        clock: Arc::new(SystemClock),
        target: target.clone(),
        app: None,
        public_url: None,
        runtime: runtime.handle().clone(),
        signal: crate::signal::Signal::default(),
    };
    work(&desk)
}

/// Secrets on standard input, a line each.
struct Piped(Vec<Secret>);

impl Piped {
    fn read(args: &ConnectArgs) -> Result<Piped, Failure> {
        if args.token.is_none() && args.app_secret.is_none() {
            return Ok(Piped(Vec::new()));
        }
        let mut text = zeroize::Zeroizing::new(String::new());
        let unreadable =
            |cause: std::io::Error| Failure::Refused(format!("standard input cannot be read: {cause}"));
        std::io::stdin().lock().take(SECRET_BYTES_MAX).read_to_string(&mut text).map_err(unreadable)?;
        let mut secrets: Vec<Secret> =
            text.lines().map(Secret::new).filter(|secret| !secret.is_empty()).collect();
        secrets.reverse();
        Ok(Piped(secrets))
    }

    fn next(&mut self, wanted: bool) -> Option<Secret> {
        if wanted { self.0.pop() } else { None }
    }
}

fn from_env(name: &str) -> Option<Secret> {
    std::env::var(name).ok().map(|value| Secret::new(&value)).filter(|secret| !secret.is_empty())
}

pub(super) fn ask(question: &str) -> Result<String, Failure> {
    let unanswered = |cause: std::io::Error| Failure::Refused(format!("no answer: {cause}"));
    let mut stderr = std::io::stderr().lock();
    stderr.write_all(question.as_bytes()).and_then(|()| stderr.flush()).map_err(unanswered)?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(unanswered)?;
    Ok(line.trim().to_owned())
}

/// Asks for what nobody should read over a shoulder.
fn ask_secret(question: &str) -> Result<Secret, Failure> {
    let unanswered = |cause: std::io::Error| Failure::Refused(format!("no answer: {cause}"));
    let terminal = console::Term::stderr();
    terminal.write_str(question).map_err(unanswered)?;
    let line = zeroize::Zeroizing::new(terminal.read_secure_line().map_err(unanswered)?);
    Ok(Secret::new(&line))
}

#[expect(clippy::print_stderr, reason = "progress is told on stderr")]
fn tell(steps: &[Step]) {
    eprint!("{}", shown(steps));
}

fn shown(steps: &[Step]) -> String {
    let mut out = String::new();
    for step in steps {
        let mark = match step.state {
            State::Ok => "✓",
            State::Warning => "!",
            State::Failed => "✗",
            State::Waiting => "…",
        };
        out += &format!("{mark} {:<8} {}\n", step.step, step.said);
        if let Some(cure) = &step.cure {
            out += &format!("  {:<8} {cure}\n", "");
        }
        let accounts = step.found.as_ref().and_then(|found| found.get("accounts")?.as_array());
        for account in accounts.into_iter().flatten() {
            if let (Some(id), Some(name)) = (account["waba_id"].as_str(), account["name"].as_str()) {
                out += &format!("  {:<8} {id}  {name}\n", "");
            }
        }
    }
    out
}

fn connected(account: &AccountDocument) -> String {
    let mut out = format!("connected {} as {}\n", account.name, account.account);
    for number in &account.numbers {
        out +=
            &format!("  {}  {}  {}\n", number.display, number.name, number.status.as_deref().unwrap_or(""));
    }
    if let Some(trouble) = &account.trouble {
        out += &format!("  {trouble}\n");
    }
    out += &format!(
        "set in the app's dashboard, under WhatsApp, Configuration:\n  callback URL  {}\n  verify token  {}\n",
        account.webhook.url.as_deref().unwrap_or("https://<where Meta reaches this server>/webhooks/meta"),
        account.webhook.verify_token,
    );
    out + "next: consentry template pull\n"
}
