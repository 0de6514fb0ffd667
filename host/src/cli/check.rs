//! `consentry check`: judge a file, write nothing but what was asked for.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use clap::Args;
use clap::builder::BoolishValueParser;
use consentry_core::wire::v1::{Options, Report};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::data;
use crate::engine::{Check, Emit, Engine, EngineError};
use crate::importer::next_chunk;
use crate::input::{Input, Source, refusal, refused_for};
use crate::native::{self, NativeError};

use super::{Done, Failure, FileArgs, print, text};

/// Each thread takes a few megabytes; more than these never have anything to do.
const THREADS_MAX: i64 = 256;

#[derive(Args)]
pub(super) struct CheckArgs {
    /// The consent file, or - for standard input. CSV or an Excel workbook (.xlsx); CSV may be packed with gzip or zstd.
    file: PathBuf,
    #[command(flatten)]
    reading: FileArgs,
    #[command(flatten)]
    findings: FindingsArgs,
    /// Judge in the sandbox, on one core, as imports are judged.
    #[arg(long, env = "CONSENTRY_SANDBOXED", value_parser = BoolishValueParser::new())]
    sandboxed: bool,
    /// Threads that judge; as many as there are cores when left out.
    #[arg(long, value_name = "N", env = "CONSENTRY_THREADS", conflicts_with = "sandboxed", value_parser = clap::value_parser!(u16).range(1..=THREADS_MAX))]
    threads: Option<u16>,
}

/// What judging gives out besides its summary: options of `check` and `import`.
#[derive(Args)]
pub(super) struct FindingsArgs {
    /// Write rejected rows as they stood, with code and message, to this file.
    #[arg(long, value_name = "OUT.csv", env = "CONSENTRY_ERRORS")]
    errors: Option<PathBuf>,
    /// Print every diagnostic as JSON lines, and the summary on stderr.
    #[arg(long, conflicts_with = "json", env = "CONSENTRY_ALL", value_parser = BoolishValueParser::new())]
    pub(super) all: bool,
}

impl FindingsArgs {
    /// Whether anything was asked for.
    pub(super) fn any(&self) -> bool {
        self.all || self.errors.is_some()
    }
}

pub(super) fn run(args: &CheckArgs, json: bool) -> Result<Done, Failure> {
    let options = args.reading.options()?;
    let (source, name, size) = open(&args.file)?;
    // Only the document names the file's hash.
    let input = if json { Input::of(source) } else { Input::unhashed(source) };
    let mut input = input.map_err(|cause| unreadable(&args.file, &cause))?;
    let bar = bar(size, "judging");
    let position = input.position();
    let engine = args.sandboxed.then(data::engine).transpose()?;
    let judge = match &engine {
        Some(engine) => Judge::Sandbox(engine),
        None => {
            let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
            Judge::Native { threads: args.threads.map_or_else(cores, usize::from) }
        }
    };
    let mut report = judge_input(&judge, &options, &args.findings, &args.file, &mut input, &mut |_| {
        bar.set_position(position.load(Ordering::Relaxed));
    })?;
    let origin = input.finish().map_err(|cause| unreadable(&args.file, &cause))?;
    bar.finish_and_clear();
    report.file.name = name;
    report.file.sha256 = origin.sha256;
    // Of the file as it came; the engine saw the text inside.
    report.file.bytes = origin.bytes;
    if args.findings.all {
        eprint!("{}", text::report(&report));
    } else {
        print(json, &report, text::report)?;
    }
    Ok(done(&report))
}

/// Who judges.
pub(super) enum Judge<'a> {
    /// The engine that imports are judged by.
    Sandbox(&'a Engine),
    /// The core linked in, on so many threads.
    Native {
        /// How many.
        threads: usize,
    },
}

/// Judges what came in. A file that gives no text is refused with a report, like one whose text is no use.
pub(super) fn judge_input(
    judge: &Judge<'_>,
    options: &Options,
    findings: &FindingsArgs,
    named: &Path,
    input: &mut Input,
    seen: &mut (dyn FnMut(&[u8]) + Send),
) -> Result<Report, Failure> {
    let options = input.options(options);
    let judged = match judge {
        Judge::Sandbox(engine) => judge_sandboxed(engine, &options, findings, named, input, seen),
        Judge::Native { threads } => judge_natively(&options, findings, named, input, *threads, seen),
    };
    let Some(trouble) = input.trouble() else { return judged };
    let report = match judge {
        Judge::Sandbox(engine) => refusal(engine, input, trouble)?,
        Judge::Native { .. } => {
            let mut bare = input.form().mark();
            let report =
                native::judge(&Options::default(), Emit::default(), &mut bare, 1, &mut |_, _| Ok(()));
            refused_for(report.map_err(|error| Failure::Fault(error.to_string()))?, trouble)
        }
    };
    if findings.all {
        for diagnostic in &report.diagnostics {
            print(true, diagnostic, |_| String::new())?;
        }
    }
    Ok(report)
}

/// Judges a whole input, and gives out what was asked for. `named` is the file as the caller named it; `seen` is shown
/// every chunk.
fn judge_sandboxed(
    engine: &Engine,
    options: &Options,
    findings: &FindingsArgs,
    named: &Path,
    input: &mut dyn Read,
    seen: &mut dyn FnMut(&[u8]),
) -> Result<Report, Failure> {
    let emit = Emit { rows: false, diagnostics: findings.all, rejects: findings.errors.is_some() };
    let mut check = engine.check(options, emit)?;
    let mut errors = findings.errors.as_deref().map(|out| ErrorFile::create(out, named)).transpose()?;
    let mut input = input;
    while let Some(chunk) = next_chunk(&mut input).map_err(|cause| unreadable(named, &cause))? {
        check.feed(&chunk)?;
        give_out(&mut check, findings.all, errors.as_mut())?;
        seen(&chunk);
    }
    let report = check.finish()?;
    give_out(&mut check, findings.all, errors.as_mut())?;
    if let Some(errors) = errors {
        errors.finish()?;
    }
    Ok(report)
}

/// The same with the core that is linked in.
fn judge_natively(
    options: &Options,
    findings: &FindingsArgs,
    named: &Path,
    input: &mut (dyn Read + Send),
    threads: usize,
    seen: &mut (dyn FnMut(&[u8]) + Send),
) -> Result<Report, Failure> {
    let emit = Emit { rows: false, diagnostics: findings.all, rejects: findings.errors.is_some() };
    let mut errors = findings.errors.as_deref().map(|out| ErrorFile::create(out, named)).transpose()?;
    let mut failure = None;
    let judged = native::judge(options, emit, input, threads, &mut |given, bytes| {
        let mut give = || {
            print_lines(&given.diagnostics)?;
            errors.iter_mut().try_for_each(|errors| errors.write(&given.rejects))
        };
        seen(bytes);
        give().map_err(|stopped| {
            failure = Some(stopped);
            io::ErrorKind::Other.into()
        })
    });
    let report = match (judged, failure) {
        (_, Some(failure)) => return Err(failure),
        (Err(NativeError::Options(failure)), _) => return Err(EngineError::Options(failure).into()),
        (Err(NativeError::Input(cause)), _) => return Err(unreadable(named, &cause)),
        (Ok(report), _) => report,
    };
    if let Some(errors) = errors {
        errors.finish()?;
    }
    Ok(report)
}

fn print_lines(lines: &[u8]) -> Result<(), Failure> {
    io::stdout().lock().write_all(lines).map_err(|cause| Failure::Refused(format!("stdout: {cause}")))
}

fn done(report: &Report) -> Done {
    match (report.refused, report.counts.rejected) {
        (true, _) => Done::FileRefused,
        (false, 0) => Done::All,
        (false, _) => Done::SomeRejected,
    }
}

/// What a file is read from, with its name and size where there are any.
type Opened = (Source, Option<String>, Option<u64>);

/// A file or standard input, as it comes.
pub(super) fn open(path: &Path) -> Result<Opened, Failure> {
    if path == Path::new("-") {
        return Ok((Source::Pipe(Box::new(io::stdin())), None, None));
    }
    let file = File::open(path).map_err(|cause| unreadable(path, &cause))?;
    let metadata = file.metadata().map_err(|cause| unreadable(path, &cause))?;
    if metadata.is_dir() {
        return Err(Failure::Refused(format!("`{}` is a folder, not a file", path.display())));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let size = metadata.is_file().then_some(metadata.len());
    Ok((Source::of(file).map_err(|cause| unreadable(path, &cause))?, name, size))
}

pub(super) fn unreadable(path: &Path, cause: &io::Error) -> Failure {
    Failure::Refused(format!("`{}` cannot be read: {cause}", path.display()))
}

/// A bar on stderr for long work on a terminal; silent otherwise.
pub(super) fn bar(bytes: Option<u64>, what: &'static str) -> ProgressBar {
    const LONG_BYTES: u64 = 16 << 20;
    if !io::stderr().is_terminal() || bytes.is_some_and(|bytes| bytes < LONG_BYTES) {
        return ProgressBar::with_draw_target(bytes, ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {eta}");
    let bar = bytes.map_or_else(ProgressBar::no_length, ProgressBar::new);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(what)
}

fn give_out(check: &mut Check, all: bool, errors: Option<&mut ErrorFile>) -> Result<(), Failure> {
    if all {
        print_lines(&check.take_diagnostics()?)?;
    }
    match errors {
        Some(errors) => errors.write(&check.take_rejects()?),
        None => Ok(()),
    }
}

/// The annotated error file; it appears under its name only once it is whole.
struct ErrorFile {
    path: PathBuf,
    part: PathBuf,
    file: io::BufWriter<File>,
    whole: bool,
}

impl ErrorFile {
    fn create(path: &Path, input: &Path) -> Result<ErrorFile, Failure> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let same = |other: &Path| match (other.canonicalize(), input.canonicalize()) {
            (Ok(other), Ok(input)) => other == input,
            _ => false,
        };
        if same(path) || same(&part) {
            let text =
                format!("--errors `{}` would overwrite the file being checked; name another", path.display());
            return Err(Failure::Refused(text));
        }
        let file = File::create(&part).map_err(|cause| unwritable(path, &cause))?;
        Ok(ErrorFile { path: path.to_owned(), part, file: io::BufWriter::new(file), whole: false })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file.write_all(bytes).map_err(|cause| unwritable(&self.path, &cause))
    }

    fn finish(mut self) -> Result<(), Failure> {
        let done = self.file.flush().and_then(|()| std::fs::rename(&self.part, &self.path));
        self.whole = done.is_ok();
        done.map_err(|cause| unwritable(&self.path, &cause))
    }
}

impl Drop for ErrorFile {
    fn drop(&mut self) {
        if !self.whole {
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

fn unwritable(path: &Path, cause: &io::Error) -> Failure {
    Failure::Refused(format!("`{}` cannot be written: {cause}", path.display()))
}
