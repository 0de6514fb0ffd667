//! `consentry import`: a file, or what an interruption left unfinished, into the store.

use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;

use crate::data::Data;
use crate::engine::EngineError;
use crate::importer::{Importer, collection_day, next_chunk};
use crate::store::{Accepted, NewImport, TenantId};
use crate::wire::v1::{ImportDocument, ProgressDocument};

use super::check::{bar, open, unreadable};
use super::{Done, Failure, FileArgs, print, text};

#[derive(Args)]
pub(super) struct ImportArgs {
    /// The consent file, or - for standard input.
    #[arg(required_unless_present = "resume")]
    file: Option<PathBuf>,
    #[command(flatten)]
    reading: FileArgs,
    /// The day the consents were collected, YYYY-MM-DD. Opt-ins lift a person's own opt-out only if it is older.
    #[arg(long, value_name = "DATE", env = "CONSENTRY_AS_OF")]
    as_of: Option<String>,
    /// Let opt-ins lift people's own opt-outs. Needs a reason, which is kept with the import.
    #[arg(long, requires = "reason", env = "CONSENTRY_OVERRIDE_OPT_OUTS")]
    override_opt_outs: bool,
    /// Why opt-outs are overridden.
    #[arg(long, value_name = "TEXT", requires = "override_opt_outs", env = "CONSENTRY_REASON")]
    reason: Option<String>,
    /// Say what would happen, and write nothing.
    #[arg(long, env = "CONSENTRY_DRY_RUN")]
    dry_run: bool,
    /// Finish imports that were interrupted.
    #[arg(long, conflicts_with_all = ["file", "dry_run"])]
    resume: bool,
    /// Rows committed together.
    #[arg(long, hide = true, env = "CONSENTRY_BATCH_ROWS")]
    batch_rows: Option<usize>,
}

pub(super) fn run(args: &ImportArgs, folder: &Path, json: bool) -> Result<Done, Failure> {
    // What cannot be read is told before a data folder is made for it.
    if let Some(path) = &args.file {
        open(path)?;
        args.reading.options()?.build().map_err(EngineError::Options)?;
    }
    let data = Data::open(folder, args.batch_rows)?;
    let importer = &data.importer;
    // Imports apply in the order they were accepted, so what was interrupted comes first.
    let mut resumed = Vec::new();
    for (tenant, id) in importer.store.unfinished()? {
        eprintln!("finishing {id}, which was interrupted");
        resumed.push(ImportDocument::of(&importer.run(tenant, id, &mut on_bar(&bar(None, "resuming")))?));
    }
    let Some(path) = &args.file else {
        print(json, &resumed, |documents| match documents.len() {
            0 => "nothing was interrupted\n".to_owned(),
            _ => documents.iter().map(text::import).collect(),
        })?;
        return Ok(resumed.iter().map(done).max_by_key(|done| *done as u8).unwrap_or(Done::All));
    };
    let new = take_in(importer, args, path)?;
    let bar = bar(Some(new.file_bytes), "importing");
    let document = if args.dry_run {
        importer.rehearse(TenantId::DEFAULT, &new, &mut on_bar(&bar))?
    } else {
        match importer.store.accept(TenantId::DEFAULT, &new)? {
            Accepted::Already(earlier) => {
                ImportDocument { state: "already_imported", ..ImportDocument::of(&earlier) }
            }
            Accepted::New(import) | Accepted::UnderWay(import) => {
                ImportDocument::of(&importer.run(TenantId::DEFAULT, import.id, &mut on_bar(&bar))?)
            }
        }
    };
    bar.finish_and_clear();
    print(json, &document, text::import)?;
    Ok(done(&document))
}

/// Stores the file, and says what was asked of it.
fn take_in(importer: &Importer, args: &ImportArgs, path: &Path) -> Result<NewImport, Failure> {
    let options = args.reading.options()?;
    let day = |text: &String| {
        collection_day(text, importer.clock.now()).map_err(|why| Failure::Refused(format!("--as-of: {why}")))
    };
    let as_of = args.as_of.as_ref().map(day).transpose()?;
    let (mut input, name, _) = open(path)?;
    let written = |cause: std::io::Error| Failure::Fault(format!("the file cannot be stored: {cause}"));
    let mut incoming = importer.uploads.begin().map_err(written)?;
    while let Some(chunk) = next_chunk(&mut input).map_err(|cause| unreadable(path, &cause))? {
        incoming.write(&chunk).map_err(written)?;
    }
    let stored = incoming.finish().map_err(written)?;
    Ok(NewImport {
        file_name: name.unwrap_or_else(|| "standard input".to_owned()),
        file_sha256: stored.sha256,
        file_bytes: stored.bytes,
        options,
        as_of,
        override_reason: args.reason.clone().filter(|_| args.override_opt_outs),
        engine_sha256: importer.engine.sha256().to_owned(),
        client_digest: None,
        received_at: importer.clock.now(),
    })
}

fn on_bar(bar: &ProgressBar) -> impl FnMut(ProgressDocument) + '_ {
    move |progress| {
        bar.set_message(progress.phase);
        bar.set_position(progress.bytes_done);
    }
}

fn done(document: &ImportDocument) -> Done {
    match (document.state, document.counts.rejected) {
        ("refused" | "failed", _) => Done::FileRefused,
        (_, 0) => Done::All,
        _ => Done::SomeRejected,
    }
}
