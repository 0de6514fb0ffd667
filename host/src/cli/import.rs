//! `consentry import`: a file, or what an interruption left unfinished, into the store.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;
use consentry_core::matching::ImportId;
use indicatif::ProgressBar;

use crate::data::{Data, Place, open_for_reading};
use crate::engine::EngineError;
use crate::importer::{Importer, collection_day, next_chunk};
use crate::input::Input;
use crate::store::{Accepted, Claim, NewImport, StoreError, TenantId};
use crate::undo;
use crate::uploads::{Incoming, Stored};
use crate::wire::v1::{ImportDocument, ProgressDocument};

use super::check::{FindingsArgs, Judge, bar, judge_input, open, unreadable};
use super::{Done, Failure, FileArgs, print, text};

#[derive(Args)]
pub(super) struct ImportArgs {
    /// The consent file, or - for standard input. CSV or an Excel workbook (.xlsx); CSV may be packed with gzip or zstd.
    #[arg(required_unless_present_any = ["resume", "undo"])]
    file: Option<PathBuf>,
    #[command(flatten)]
    reading: FileArgs,
    #[command(flatten)]
    findings: FindingsArgs,
    /// The day the consents were collected, YYYY-MM-DD. Opt-ins lift a person's own opt-out only if it is older.
    #[arg(long, value_name = "DATE", env = "CONSENTRY_AS_OF")]
    as_of: Option<String>,
    /// Let opt-ins lift people's own opt-outs. Needs a reason, which is kept with the import.
    #[arg(long, requires = "reason", conflicts_with = "undo")]
    override_opt_outs: bool,
    /// Why opt-outs are overridden, or an import is taken back.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: Option<String>,
    /// Say what would happen, and write nothing.
    #[arg(long, env = "CONSENTRY_DRY_RUN", value_parser = BoolishValueParser::new())]
    dry_run: bool,
    /// Finish imports that were interrupted.
    #[arg(long, conflicts_with_all = ["file", "dry_run"])]
    resume: bool,
    /// Take an import back, whole or what it did before it failed: every effect is reversed, or kept for a reason that is told.
    #[arg(long, value_name = "ID", conflicts_with_all = ["file", "dry_run", "resume"])]
    undo: Option<String>,
    /// Rows committed together.
    #[arg(long, hide = true, env = "CONSENTRY_BATCH_ROWS")]
    batch_rows: Option<usize>,
}

pub(super) fn run(args: &ImportArgs, place: &Place, json: bool) -> Result<Done, Failure> {
    if args.reason.is_some() && !args.override_opt_outs && args.undo.is_none() {
        let text = "--reason says why opt-outs are overridden or an import is taken back; \
                    give it with --override-opt-outs or --undo";
        return Err(Failure::Refused(text.to_owned()));
    }
    // What cannot be read is told before a data folder is made for it.
    if let Some(path) = &args.file {
        open(path)?;
        args.reading.options()?.build().map_err(EngineError::Options)?;
    }
    let undone = args.undo.as_deref().map(import_id).transpose()?;
    if undone.is_some() {
        // Where nothing was imported, no data folder is made only to say so.
        open_for_reading(place)?;
    }
    let data = Data::open(place, args.batch_rows)?;
    let importer = &data.importer;
    // Nothing that is asked for here may come between the batches of another host's import.
    let _claim = claim(importer)?;
    // Imports apply in the order they were accepted, so what was interrupted comes first.
    let unfinished = importer.store.unfinished()?;
    if let (true, Some((_, id))) = (args.dry_run, unfinished.first()) {
        let text = format!(
            "{id} was interrupted, and a dry run would not know what it leaves; run `import --resume` first"
        );
        return Err(Failure::Refused(text));
    }
    if let Some(id) = undone {
        return undo(importer, id, args.reason.as_deref(), json);
    }
    let mut resumed = Vec::new();
    for (tenant, id) in unfinished {
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
    let incoming = take_in(importer, path)?;
    let bar = bar(Some(incoming.bytes()), "importing");
    let document = if args.dry_run {
        let trial = incoming.finish_for_trial().map_err(not_stored)?;
        let new = new_import(importer, args, path, &trial.stored)?;
        give_findings(importer, args, path, trial.path())?;
        importer.rehearse(TenantId::DEFAULT, &new, trial.path(), &mut on_bar(&bar))?
    } else {
        let stored = incoming.finish().map_err(not_stored)?;
        let new = new_import(importer, args, path, &stored)?;
        give_findings(importer, args, path, &importer.uploads.path(&stored.sha256))?;
        match importer.accept(TenantId::DEFAULT, &new)? {
            Accepted::Already(earlier) => {
                ImportDocument { state: "already_imported", ..ImportDocument::of(&earlier) }
            }
            Accepted::New(import) | Accepted::UnderWay(import) => {
                ImportDocument::of(&importer.run(TenantId::DEFAULT, import.id, &mut on_bar(&bar))?)
            }
        }
    };
    bar.finish_and_clear();
    if args.findings.all {
        eprint!("{}", text::import(&document));
    } else {
        print(json, &document, text::import)?;
    }
    match &document.failure {
        Some(failure) => Err(Failure::Fault(failure.clone())),
        None => Ok(done(&document)),
    }
}

fn import_id(text: &str) -> Result<ImportId, Failure> {
    let refused = || format!("`{text}` is no import; `consentry imports` lists them, like `i3`");
    ImportId::parse(text).ok_or_else(|| Failure::Refused(refused()))
}

/// The right to import: waits for it while another host has it.
fn claim(importer: &Importer) -> Result<Claim<'_>, Failure> {
    let mut told = false;
    loop {
        if let Some(claim) = importer.store.claim(TenantId::DEFAULT)? {
            return Ok(claim);
        }
        if !std::mem::replace(&mut told, true) {
            eprintln!("another host is importing into this database; waiting for it");
        }
        std::thread::park_timeout(ASKED_AGAIN_AFTER);
    }
}

/// How long another host's claim is left alone before it is asked for again.
const ASKED_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Takes an import back.
fn undo(importer: &Importer, import: ImportId, reason: Option<&str>, json: bool) -> Result<Done, Failure> {
    let refused = |text: String| Err(Failure::Refused(text));
    if let Some((_, unfinished)) = importer.store.unfinished()?.first() {
        return refused(format!("{unfinished} was interrupted; run `import --resume` first"));
    }
    let user = std::env::var("USER").unwrap_or_default();
    let by = ["cli", &user].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(":");
    let by = reason.map_or(by.clone(), |reason| format!("{by}: {reason}"));
    let store = importer.store.as_ref();
    match undo::take_back(store, TenantId::DEFAULT, import, &by, importer.clock.now()) {
        Ok(import) => print(json, &ImportDocument::of(&import), text::import),
        Err(error @ (StoreError::NoImport(_) | StoreError::NotUndoable(_))) => refused(error.to_string()),
        Err(error) => Err(error.into()),
    }
}

/// An override is answered for by somebody, each time anew; so there is no variable and no default for it.
fn reason(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("say why in a few words"),
        reason => Ok(reason.to_owned()),
    }
}

/// Copies the file into the data folder, as it comes.
fn take_in(importer: &Importer, path: &Path) -> Result<Incoming, Failure> {
    let (mut input, _, _) = open(path)?;
    let mut incoming = importer.uploads.begin().map_err(not_stored)?;
    while let Some(chunk) = next_chunk(&mut input).map_err(|cause| unreadable(path, &cause))? {
        incoming.write(&chunk).map_err(not_stored)?;
    }
    Ok(incoming)
}

/// Gives out every finding of the stored file, if that was asked for, before anything is changed by it: a file that
/// cannot be written refuses the command, not half of it.
fn give_findings(importer: &Importer, args: &ImportArgs, named: &Path, stored: &Path) -> Result<(), Failure> {
    if args.findings.any() {
        let mut input = Input::open(stored).map_err(not_stored)?;
        let options = args.reading.options()?;
        judge_input(
            &Judge::Sandbox(&importer.engine),
            &options,
            &args.findings,
            named,
            &mut input,
            &mut |_| {},
        )?;
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "an error ends here, and `map_err` gives it away")]
fn not_stored(cause: std::io::Error) -> Failure {
    Failure::Fault(format!("the file cannot be stored: {cause}"))
}

/// What was asked of the file.
fn new_import(
    importer: &Importer,
    args: &ImportArgs,
    path: &Path,
    stored: &Stored,
) -> Result<NewImport, Failure> {
    let name =
        path.file_name().filter(|_| path != Path::new("-")).map(|name| name.to_string_lossy().into_owned());
    let day = |text: &String| {
        collection_day(text, importer.clock.now()).map_err(|why| Failure::Refused(format!("--as-of: {why}")))
    };
    Ok(NewImport {
        file_name: name.unwrap_or_else(|| "standard input".to_owned()),
        file_sha256: stored.sha256.clone(),
        file_bytes: stored.bytes,
        options: args.reading.options()?,
        as_of: args.as_of.as_ref().map(day).transpose()?,
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
        ("refused", _) => Done::FileRefused,
        (_, 0) => Done::All,
        _ => Done::SomeRejected,
    }
}
