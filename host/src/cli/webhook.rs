//! `consentry webhook read`: what is in a webhook that was kept, and whether Meta signed it. Changes nothing.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use consentry_core::limits::WEBHOOK_BYTES_MAX;
use consentry_core::wire::webhook::v1::{Event, Options, Read, signature};

use crate::native;

use super::{Done, Failure, print};

#[derive(Args)]
pub(super) struct WebhookArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Tell the events in a webhook's body.
    #[command(
        after_help = "Example:\n  consentry webhook read body.json --json\n  consentry webhook read body.json --secret APP_SECRET --signature sha256=…"
    )]
    Read(ReadArgs),
}

#[derive(Args)]
struct ReadArgs {
    /// The body exactly as it came, byte for byte; - for standard input.
    file: PathBuf,
    /// The app's secret; with it the signature is verified first.
    #[arg(long, env = "CONSENTRY_APP_SECRET", hide_env_values = true, requires = "signature")]
    secret: Option<String>,
    /// The header X-Hub-Signature-256 it came with.
    #[arg(long, value_name = "sha256=…")]
    signature: Option<String>,
    /// A further word or payload of a button that opts out. May be given more than once.
    #[arg(long, value_name = "WORD", env = "CONSENTRY_STOP_WORD", value_delimiter = ',')]
    stop_word: Vec<String>,
    /// A further word that opts in again. May be given more than once.
    #[arg(long, value_name = "WORD", env = "CONSENTRY_START_WORD", value_delimiter = ',')]
    start_word: Vec<String>,
}

pub(super) fn run(args: &WebhookArgs, json: bool) -> Result<Done, Failure> {
    let Verb::Read(args) = &args.verb;
    let body = read(&args.file)?;
    if let Some(said) = &args.signature {
        let Some(secret) = &args.secret else {
            let text = "--signature needs the app's secret: --secret, or the variable CONSENTRY_APP_SECRET";
            return Err(Failure::Refused(text.to_owned()));
        };
        if !signature::verify(&body, said, secret.as_bytes()) {
            let text = format!(
                "`{}` is not signed with this secret. A signature is over the bytes as they came: a body that was formatted \
                 or decoded since cannot be verified",
                args.file.display()
            );
            return Err(Failure::Refused(text));
        }
    }
    let told = native::read_webhook(&words(&args.stop_word, &args.start_word), &body);
    let report: Read<'_> = serde_json::from_str(&told).map_err(|error| Failure::Fault(error.to_string()))?;
    print(json, &report, text)
}

/// A tenant's own words.
pub(super) fn words(stop: &[String], start: &[String]) -> Options {
    Options { stop_words: stop.to_vec(), start_words: start.to_vec() }
}

fn text(report: &Read<'_>) -> String {
    let mut out = String::new();
    for event in &report.events {
        let _ = writeln!(out, "{}", line(event));
    }
    for found in &report.diagnostics {
        let _ = writeln!(out, "{} {}: {}", found.severity, found.path, found.message);
    }
    out
}

fn line(event: &Event<'_>) -> String {
    let who = event.number.as_deref().or(event.user_id.as_deref());
    let what = [event.status.as_deref(), event.news.as_deref(), event.type_.as_deref(), event.by.as_deref()];
    let about = [
        event.text.as_deref(),
        event.words.as_deref(),
        event.template_name.as_deref(),
        event.field.as_deref(),
    ];
    let mut parts = vec![event.at.as_deref().unwrap_or("-"), &event.kind];
    parts.extend(who);
    parts.extend(what.into_iter().flatten());
    let about = about
        .into_iter()
        .flatten()
        .next()
        .map(|text| format!("`{}`", consentry_core::diagnostic::clip(text)));
    parts.extend(about.as_deref());
    parts.join("  ")
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable =
        |cause: std::io::Error| Failure::Refused(format!("`{}` cannot be read: {cause}", path.display()));
    let (mut body, limit) = (Vec::new(), WEBHOOK_BYTES_MAX as u64 + 1);
    if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut body).map_err(unreadable)?;
    } else {
        std::fs::File::open(path)
            .map_err(unreadable)?
            .take(limit)
            .read_to_end(&mut body)
            .map_err(unreadable)?;
    }
    if body.len() > WEBHOOK_BYTES_MAX {
        let text = format!("`{}` is longer than {WEBHOOK_BYTES_MAX} bytes: no webhook is", path.display());
        return Err(Failure::Refused(text));
    }
    Ok(body)
}
