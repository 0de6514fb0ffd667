//! `consentry campaign`: the same rooms as the panel's, from a terminal. Documents are changed beside a server that may run;
//! what is sent, the server sends.

mod audience;
mod course;
mod text;

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

use clap::builder::BoolishValueParser;
use clap::{Args, Subcommand};
use consentry_core::diagnostic::clip;
use consentry_core::wire::campaign::v1::Campaign;
use serde::de::DeserializeOwned;

use crate::campaigns::{self, Campaigns, Kept};
use crate::data::{self, Place};
use crate::desk::{Desk, DeskError};
use crate::gateway::Target;
use crate::store::TenantId;
use crate::wire::campaign::v1::CampaignsDocument;

use super::connect::with_desk;
use super::{Done, Failure, print};

const T: TenantId = TenantId::DEFAULT;
/// Longest document that is read, in bytes.
const FILE_BYTES_MAX: u64 = 2 << 20;

#[derive(Args)]
pub(super) struct CampaignArgs {
    #[command(subcommand)]
    verb: Verb,
    /// Who does it, for its history; your name on this machine where it is left out.
    #[arg(long, global = true, value_name = "NAME")]
    by: Option<String>,
    /// A campaign starts only after a second person has approved its plan; as the server was told.
    #[arg(long, global = true, env = "CONSENTRY_APPROVALS", value_parser = BoolishValueParser::new())]
    approvals: bool,
    /// Address under which people reach the server, for links whose taps are counted; as the server was told.
    #[arg(long, global = true, value_name = "URL", env = "CONSENTRY_PUBLIC_URL")]
    public_url: Option<String>,
}

#[derive(Subcommand)]
enum Verb {
    /// Keep a new campaign: a document, as in docs/examples/campaign.json.
    #[command(after_help = "Example:\n  consentry campaign create campaign.json")]
    Create {
        /// The document, as JSON; - for standard input.
        file: PathBuf,
    },
    /// Write a campaign anew that was not started; its plan is forgotten.
    #[command(after_help = "Example:\n  consentry campaign change c7 campaign.json")]
    Change {
        /// The campaign, for example c7.
        campaign: String,
        /// The document, as JSON; - for standard input.
        file: PathBuf,
    },
    /// Make a new draft that says the same.
    #[command(after_help = "Example:\n  consentry campaign copy c7")]
    Copy {
        /// The campaign, for example c7.
        campaign: String,
    },
    /// Delete a campaign of which nothing was sent.
    #[command(after_help = "Example:\n  consentry campaign delete c7")]
    Delete {
        /// The campaign, for example c7.
        campaign: String,
    },
    /// List the campaigns.
    #[command(after_help = "Example:\n  consentry campaign list")]
    List,
    /// Tell how a campaign stands.
    #[command(after_help = "Example:\n  consentry campaign show c7")]
    Show {
        /// The campaign, for example c7.
        campaign: String,
    },
    /// Make the plan - who gets what - and tell who cannot get it and why, what it costs and how long it takes.
    #[command(
        after_help = "Example:\n  consentry campaign preflight c7\n  consentry campaign preflight c7 --people value-missing --out missing.csv"
    )]
    Preflight(course::PreflightArgs),
    /// Send one message of a campaign to one person who opted in, to see it.
    #[command(after_help = "Example:\n  consentry campaign test c7 --to +905301112233")]
    Test(course::TestArgs),
    /// Say that a plan may be sent; another person than who made it.
    #[command(after_help = "Example:\n  consentry campaign approve c7 --by Ayse")]
    Approve(course::PlanArgs),
    /// Let a campaign go, now or when its time comes.
    #[command(after_help = "Example:\n  consentry campaign start c7\n  consentry campaign start c7 --wait")]
    Start(course::StartArgs),
    /// Pause a campaign.
    #[command(after_help = "Example:\n  consentry campaign pause c7 --why \"wrong picture\"")]
    Pause {
        /// The campaign, for example c7.
        campaign: String,
        /// Why, for whoever asks later.
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
    },
    /// Let a paused campaign go on, with the same plan.
    #[command(after_help = "Example:\n  consentry campaign resume c7")]
    Resume {
        /// The campaign, for example c7.
        campaign: String,
    },
    /// Give a campaign up: what was not sent of it never is.
    #[command(after_help = "Example:\n  consentry campaign cancel c7")]
    Cancel {
        /// The campaign, for example c7.
        campaign: String,
    },
    /// Pause everything that runs or is scheduled, at once.
    #[command(after_help = "Example:\n  consentry campaign stop")]
    Stop,
    /// Tell what became of a campaign.
    #[command(after_help = "Example:\n  consentry campaign report c7")]
    Report {
        /// The campaign, for example c7.
        campaign: String,
    },
    /// Write the people of a campaign, by what became of their messages.
    #[command(after_help = "Example:\n  consentry campaign people c7 --status failed --out failed.csv")]
    People(course::PeopleArgs),
    /// Count an audience, or write its people.
    #[command(
        after_help = "Example:\n  echo '{\"include\": {\"country\": [\"TR\"]}}' | consentry campaign audience -\n  consentry campaign audience audience.json --out people.csv"
    )]
    Audience(audience::AudienceArgs),
    /// List the saved segments, keep one, delete one.
    #[command(
        after_help = "Example:\n  consentry campaign segments\n  consentry campaign segments --put segment.json\n  consentry campaign segments --delete istanbul"
    )]
    Segments(audience::SegmentsArgs),
    /// Show what messages cost, or load a table: CSV with country, category and price; * stands for the other countries.
    #[command(after_help = "Example:\n  consentry campaign prices prices.csv\n  consentry campaign prices")]
    Prices {
        /// The table.
        file: Option<PathBuf>,
    },
}

pub(super) fn run(args: &CampaignArgs, place: &Place, json: bool) -> Result<Done, Failure> {
    let by = args.by.clone().unwrap_or_else(|| {
        std::env::var("USER").map(|user| format!("cli:{user}")).unwrap_or_else(|_| "cli".to_owned())
    });
    // Every account says itself where it is reached.
    with_desk(place, &Target::meta(), |desk| {
        let desk = Desk { public_url: args.public_url.clone(), ..desk.clone() };
        let room = Campaigns::new(desk, data::open_ledger(place)?, data::open_inbox(place)?)
            .with_approvals(args.approvals);
        let at = Counter { room: &room, place, by: &by, json };
        at.serve(&args.verb)
    })
}

/// Where a command is served: the room, and who asks in which way.
struct Counter<'a> {
    room: &'a Campaigns,
    place: &'a Place,
    by: &'a str,
    json: bool,
}

impl Counter<'_> {
    fn serve(&self, verb: &Verb) -> Result<Done, Failure> {
        let Counter { room, by, .. } = *self;
        match verb {
            Verb::Create { file } => {
                let written: Campaign = read(file, "a campaign")?;
                self.tell(campaigns::create(room, T, &written, by))
            }
            Verb::Change { campaign, file } => {
                let seen = campaigns::find(room, T, campaign)?.version;
                let written: Campaign = read(file, "a campaign")?;
                self.tell(campaigns::change(room, T, campaign, &written, Some(seen), by))
            }
            Verb::Copy { campaign } => self.tell(campaigns::copy(room, T, campaign, by)),
            Verb::Delete { campaign } => {
                campaigns::delete(room, T, campaign, by)?;
                let document = serde_json::json!({ "campaign": campaign, "state": "deleted" });
                print(self.json, &document, |_| format!("{campaign} is deleted\n"))
            }
            Verb::List => self.list(),
            Verb::Show { campaign } => self.tell(campaigns::find(room, T, campaign)),
            Verb::Preflight(args) => self.preflight(args),
            Verb::Test(args) => self.test(args),
            Verb::Approve(args) => {
                self.tell(campaigns::approve(room, T, &args.campaign, args.plan.as_deref(), by))
            }
            Verb::Start(args) => self.start(args),
            Verb::Pause { campaign, why } => {
                self.tell(campaigns::pause(room, T, campaign, why.as_deref(), by))
            }
            Verb::Resume { campaign } => self.tell(campaigns::resume(room, T, campaign, by)),
            Verb::Cancel { campaign } => self.tell(campaigns::cancel(room, T, campaign, by)),
            Verb::Stop => self.stop(),
            Verb::Report { campaign } => self.report(campaign),
            Verb::People(args) => self.people(args),
            Verb::Audience(args) => self.audience(args),
            Verb::Segments(args) => self.segments(args),
            Verb::Prices { file } => self.prices(file.as_deref()),
        }
    }

    fn list(&self) -> Result<Done, Failure> {
        let all = campaigns::all(self.room, T)?;
        let documents: Result<Vec<_>, DeskError> =
            all.iter().map(|kept| Ok(campaigns::document(self.room, T, kept)?.brief())).collect();
        print(self.json, &CampaignsDocument { campaigns: documents? }, text::campaigns)
    }

    /// Prints a campaign as something left it.
    fn tell(&self, kept: Result<Kept, DeskError>) -> Result<Done, Failure> {
        let document = campaigns::document(self.room, T, &kept?)?;
        print(self.json, &document, text::campaign)
    }
}

/// Reads a document of people's.
fn read<D: DeserializeOwned>(file: &Path, what: &str) -> Result<D, Failure> {
    let text = read_text(file)?;
    serde_json::from_str(&text)
        .map_err(|cause| Failure::Refused(format!("`{}` is not {what}: {cause}", file.display())))
}

fn read_text(file: &Path) -> Result<String, Failure> {
    let refused = |why: String| Failure::Refused(format!("`{}` cannot be read: {why}", file.display()));
    let source: Box<dyn io::Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(file).map_err(|cause| refused(cause.to_string()))?)
    };
    let mut text = String::new();
    source.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(|cause| refused(cause.to_string()))?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(refused(format!(
            "it has more than {FILE_BYTES_MAX} bytes, and no document of this kind has"
        )));
    }
    Ok(text)
}

/// Writes to a file, or to standard output; how many were written goes to stderr where there is a file.
fn write_out(
    out: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> Result<u64, DeskError>,
) -> Result<Done, Failure> {
    let target: Box<dyn Write> =
        match out {
            None => Box::new(io::stdout().lock()),
            Some(path) => Box::new(File::create(path).map_err(|cause| {
                Failure::Refused(format!("`{}` cannot be written: {cause}", path.display()))
            })?),
        };
    let mut buffered = BufWriter::new(target);
    let count = write(&mut buffered)?;
    match buffered.flush() {
        // Whoever reads has had enough, for example `head`.
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Refused(format!(
            "what was asked for cannot be written: {}",
            clip(&cause.to_string())
        ))),
        _ => {
            if out.is_some() {
                eprintln!("{count} people written");
            }
            Ok(Done::All)
        }
    }
}
