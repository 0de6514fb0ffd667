//! `consentry template`: judge and preview a template here, pull, list and submit those of an account.

mod account;
mod judge;

use clap::{Args, Subcommand};

use crate::data::Place;

use super::{Done, Failure};

#[derive(Args)]
pub(super) struct TemplateArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Tell what Meta would refuse, before it is asked.
    #[command(after_help = "Example:\n  consentry template lint order_shipped.json")]
    Lint(judge::LintArgs),
    /// Show the message as a person will see it, and with --json the request that sends it.
    #[command(
        after_help = "Example:\n  consentry template preview order_shipped.json --value 1=Sarah --value header.media=https://example.com/a.jpg"
    )]
    Preview(judge::PreviewArgs),
    /// Pull every template of every account, or of one.
    #[command(after_help = "Example:\n  consentry template pull --account a1")]
    Pull(account::PullArgs),
    /// List what is known of templates here.
    #[command(after_help = "Example:\n  consentry template list --status approved")]
    List(account::ListArgs),
    /// Submit a template for review: a document as Meta takes it, with name, language, category and components.
    #[command(after_help = "Example:\n  consentry template submit order_shipped.json")]
    Submit(account::SubmitArgs),
}

pub(super) fn run(args: &TemplateArgs, place: &Place, json: bool) -> Result<Done, Failure> {
    match &args.verb {
        Verb::Lint(args) => judge::lint(args, json),
        Verb::Preview(args) => judge::preview(args, json),
        Verb::Pull(args) => account::run(&account::Errand::Pull(args), place, json),
        Verb::List(args) => account::run(&account::Errand::List(args), place, json),
        Verb::Submit(args) => account::run(&account::Errand::Submit(args), place, json),
    }
}
