//! The course of a campaign from a terminal: planned, tried, let go, watched, reported.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::campaigns::record::State;
use crate::campaigns::report::{self, PeopleFormat};
use crate::campaigns::{self, Progress, Trial};
use crate::data::{self, DataError};
use crate::wire::campaign::v1::{StoppedDocument, TestDocument};

use super::super::{Done, Failure, print};
use super::{Counter, T, text, write_out};

/// How often it is looked how far a campaign is.
const LOOKED_EVERY: Duration = Duration::from_millis(250);

#[derive(Args)]
pub(super) struct PreflightArgs {
    /// The campaign, for example c7.
    campaign: String,
    /// Write the people of the plan who have this problem, for example value-missing; `all` for whoever has one.
    #[arg(long, value_name = "CODE")]
    people: Option<String>,
    /// Write them to this file instead of stdout.
    #[arg(long, value_name = "FILE", requires = "people")]
    out: Option<PathBuf>,
    /// Make cells safe to open in a spreadsheet.
    #[arg(long, requires = "people")]
    for_excel: bool,
}

#[derive(Args)]
pub(super) struct TestArgs {
    /// The campaign, for example c7.
    campaign: String,
    /// A person who opted in: profile, exid, e-mail address or number.
    #[arg(long, value_name = "WHO")]
    to: String,
    /// Which of its messages, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    message: usize,
}

#[derive(Args)]
pub(super) struct PlanArgs {
    /// The campaign, for example c7.
    pub(super) campaign: String,
    /// The hash of the plan that you looked at: where another one stands, nothing is done.
    #[arg(long, value_name = "SHA256")]
    pub(super) plan: Option<String>,
}

#[derive(Args)]
pub(super) struct StartArgs {
    #[command(flatten)]
    of: PlanArgs,
    /// Wait until nothing is left to send; the server sends it, because only a server hears who opts out meanwhile.
    #[arg(long)]
    wait: bool,
}

#[derive(Args)]
pub(super) struct PeopleArgs {
    /// The campaign, for example c7.
    campaign: String,
    /// Only those whose message stands so, for example failed, delivered, read, opted_out.
    #[arg(long)]
    status: Option<String>,
    /// Only those with this code of Meta's.
    #[arg(long)]
    code: Option<i64>,
    /// Write to this file instead of stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Counter<'_> {
    pub(super) fn preflight(&self, args: &PreflightArgs) -> Result<Done, Failure> {
        if let Some(code) = &args.people {
            let code = Some(code.as_str()).filter(|code| *code != "all");
            let write = |out: &mut dyn std::io::Write| {
                campaigns::write_problems(self.room, T, &args.campaign, code, args.for_excel, out)
            };
            return write_out(args.out.as_deref(), write);
        }
        let bar = bar("planning");
        let kept = campaigns::freeze(self.room, T, &args.campaign, self.by, &on(&bar))?;
        bar.finish_and_clear();
        let Some(preflight) = kept.record.preflight else {
            return Err(Failure::Fault(format!("`{}` has a plan and no preflight", args.campaign)));
        };
        print(self.json, &preflight, text::preflight)?;
        let rejected = preflight.problems.iter().any(|problem| problem.severity == "error");
        Ok(if rejected { Done::SomeRejected } else { Done::All })
    }

    pub(super) fn test(&self, args: &TestArgs) -> Result<Done, Failure> {
        self.needs_a_server("nothing was sent", "")?;
        let trial = Trial { campaign: &args.campaign, message: args.message, to: &args.to, by: self.by };
        let document = TestDocument::from(campaigns::test(self.room, T, &trial, &|_| None)?);
        print(self.json, &document, |test| {
            format!("sent to {} ({}): {}\n", test.to, test.profile, test.wamid)
        })
    }

    pub(super) fn start(&self, args: &StartArgs) -> Result<Done, Failure> {
        if args.wait {
            self.needs_a_server(
                "nothing was started",
                " - or leave out `--wait`: it is sent once a server runs",
            )?;
        }
        let (id, seen) = (&args.of.campaign, args.of.plan.as_deref());
        let bar = bar("planning");
        let kept = campaigns::start(self.room, T, id, seen, self.by, &on(&bar));
        bar.finish_and_clear();
        if !args.wait {
            return self.tell(kept);
        }
        kept?;
        self.wait_for(id)
    }

    /// Where nobody has the folder, nobody sends from it. It could be sent here, but nobody would hear who opts out meanwhile: to
    /// hear is a server's work, and to send without it would be to write to people who said STOP.
    fn needs_a_server(&self, so: &str, or: &str) -> Result<(), Failure> {
        if self.place.database.is_some() {
            return Ok(());
        }
        match data::lock(&self.place.folder) {
            Err(DataError::InUse(_)) => Ok(()),
            Err(other) => Err(other.into()),
            Ok(_) => Err(Failure::Refused(format!(
                "no server runs on this data, so {so}: only a server hears who opts out and what Meta tells, and without that \
                 nothing may be sent. Start `consentry serve`, then this again{or}"
            ))),
        }
    }

    /// Waits until a campaign has ended or pauses.
    fn wait_for(&self, id: &str) -> Result<Done, Failure> {
        let bar = bar("sending");
        loop {
            let kept = campaigns::find(self.room, T, id)?;
            if let Some(stand) = campaigns::stand(self.room, T, &kept)? {
                bar.set_length(stand.people());
                bar.set_position(stand.done());
            }
            match kept.record.state {
                State::Running | State::Scheduled => {}
                state => {
                    bar.finish_and_clear();
                    self.tell(Ok(kept))?;
                    return Ok(if state == State::Finished { Done::All } else { Done::SomeRejected });
                }
            }
            std::thread::park_timeout(LOOKED_EVERY);
        }
    }

    pub(super) fn stop(&self) -> Result<Done, Failure> {
        let document = StoppedDocument { paused: campaigns::stop_all(self.room, T, self.by)? };
        print(self.json, &document, |stopped| match stopped.paused.as_slice() {
            [] => "nothing was running\n".to_owned(),
            paused => format!("paused {}\n", paused.join(", ")),
        })
    }

    pub(super) fn report(&self, id: &str) -> Result<Done, Failure> {
        print(self.json, &report::report(self.room, T, id)?, text::report)
    }

    pub(super) fn people(&self, args: &PeopleArgs) -> Result<Done, Failure> {
        let filter = report::filter(args.status.as_deref(), args.code).map_err(Failure::Refused)?;
        let format = if self.json { PeopleFormat::Jsonl } else { PeopleFormat::Csv };
        write_out(args.out.as_deref(), |out| {
            report::people(self.room, T, &args.campaign, &filter, format, out)
        })
    }
}

/// A bar over people, where there is a terminal to draw it on.
fn bar(what: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {per_sec}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style).with_message(what)
}

fn on(bar: &ProgressBar) -> impl Fn(Progress) + Sync + '_ {
    |progress| {
        bar.set_length(progress.of);
        bar.set_position(progress.done);
    }
}
