//! What came in, as the text to judge: a file or a pipe, as it is or packed - gzip, zstd, or a workbook.
//!
//! The form is told by the first bytes, never by a name. What is known about a file - its SHA-256, its size - is about
//! the bytes as they came; what is judged is the text inside. A file that gives no text is the fault of the data, and
//! becomes a report like any other ([`refusal`]); errors of reading are the world's alone. Decides nothing about text.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use consentry_core::wire::v1::{Options, Report};
use consentry_unpack::limits::{COLUMNS_MAX, HEAD_BYTES};
use consentry_unpack::{Form, Gunzip, Trouble, Unzstd, Workbook, needs_password};
use sha2::{Digest as _, Sha256};

use crate::engine::{Emit, Engine, EngineError, hex};

/// Largest workbook taken from a pipe, in bytes. It is kept on disk meanwhile.
pub const SPOOL_BYTES_MAX: u64 = 1 << 30;

const _: () =
    assert!(COLUMNS_MAX == consentry_core::limits::COLUMNS_MAX, "a workbook is as wide as any table");

/// Where bytes come from.
pub enum Source {
    /// A file, which can be read anywhere.
    File(File),
    /// Anything that can only be read once.
    Pipe(Box<dyn Read + Send>),
}

impl Source {
    /// A file that was opened. What the system shows as a file may be a pipe.
    pub fn of(file: File) -> io::Result<Source> {
        let regular = file.metadata()?.is_file();
        Ok(if regular { Source::File(file) } else { Source::Pipe(Box::new(file)) })
    }
}

impl Read for Source {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Source::File(file) => file.read(into),
            Source::Pipe(pipe) => pipe.read(into),
        }
    }
}

/// The text of something that came in. Reading it fails with [`Trouble`] when there is none.
pub struct Input {
    form: Form,
    text: Text,
    raw: Raw,
    trouble: Option<Trouble>,
}

enum Text {
    Plain(Raw),
    Gzip(Box<Gunzip<Raw>>),
    Zstd(Box<Unzstd<Raw>>),
    Workbook(Box<Workbook<Counted>>),
    /// It could not even be opened.
    None(Trouble),
}

/// What came in, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// SHA-256 of its bytes, in hex, unless nobody wanted it.
    pub sha256: Option<String>,
    /// Size.
    pub bytes: u64,
}

impl Input {
    /// Opens a file.
    pub fn open(path: &Path) -> io::Result<Input> {
        Input::of(Source::of(File::open(path)?)?)
    }

    /// Looks at the first bytes, and gets ready to read the text.
    pub fn of(source: Source) -> io::Result<Input> {
        Input::begin(source, true)
    }

    /// The same for whoever does not want to know the hash, which takes longer than judging.
    pub fn unhashed(source: Source) -> io::Result<Input> {
        Input::begin(source, false)
    }

    fn begin(mut source: Source, hashed: bool) -> io::Result<Input> {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        source.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        let form = Form::of(&head);
        if matches!(form, Form::Workbook | Form::Compound) {
            return Input::of_container(form, head, source, hashed);
        }
        let raw = Raw::of(Cursor::new(head).chain(source), hashed);
        let text = match form {
            Form::Gzip => Text::Gzip(Box::new(Gunzip::new(raw.clone()))),
            Form::Zstd => Text::Zstd(Box::new(Unzstd::new(raw.clone()))),
            _ => Text::Plain(raw.clone()),
        };
        Ok(Input { form, text, raw, trouble: None })
    }

    /// What is read from its end, and so must be a file.
    fn of_container(form: Form, head: Vec<u8>, source: Source, hashed: bool) -> io::Result<Input> {
        let mut file = match source {
            Source::File(file) => file,
            Source::Pipe(pipe) => spooled(head, pipe)?,
        };
        if form == Form::Compound {
            let trouble = needs_password(&mut file)?;
            file.rewind()?;
            let raw = Raw::of(file, hashed);
            // What to say about an old workbook the engine knows.
            let text = trouble.map_or_else(|| Text::Plain(raw.clone()), Text::None);
            return Ok(Input { form, text, raw, trouble: None });
        }
        // It is read here and there later, so its hash is taken now.
        file.rewind()?;
        let mut raw = Raw::of(file.try_clone()?, hashed);
        io::copy(&mut raw, &mut io::sink())?;
        raw.end();
        let counted = Counted { file, bytes: raw.bytes.clone() };
        let text = match Workbook::open(counted) {
            Ok(workbook) => Text::Workbook(Box::new(workbook)),
            Err(error) => Text::None(Trouble::of(&error).cloned().ok_or(error)?),
        };
        Ok(Input { form, text, raw, trouble: None })
    }

    /// How the text is to be read, when the file was to be read like this.
    pub fn options(&self, asked: &Options) -> Options {
        match self.form {
            // Cells of a workbook are told apart by the workbook; how its text is written is known.
            Form::Workbook => {
                Options { delimiter: Some(",".into()), encoding: Some("utf-8".into()), ..asked.clone() }
            }
            _ => asked.clone(),
        }
    }

    /// Bytes of what came in that are read so far; it goes on counting while the input is read.
    pub fn position(&self) -> Arc<AtomicU64> {
        self.raw.bytes.clone()
    }

    /// Why there is no text, once reading has failed because of it.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// What this form of file is refused as, see [`refusal`].
    pub fn form(&self) -> Form {
        self.form
    }

    /// Reads what is left, and tells what came in.
    pub fn finish(mut self) -> io::Result<Origin> {
        io::copy(&mut self.raw, &mut io::sink())?;
        Ok(self.raw.origin())
    }

    fn read_text(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.text {
            Text::Plain(raw) => raw.read(into),
            Text::Gzip(gunzip) => gunzip.read(into),
            Text::Zstd(unzstd) => unzstd.read(into),
            Text::Workbook(workbook) => workbook.read(into),
            Text::None(trouble) => Err(trouble.clone().into()),
        }
    }
}

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.read_text(into);
        if let Err(error) = &read {
            self.trouble = Trouble::of(error).cloned().or(self.trouble.take());
        }
        read
    }
}

/// The report of a file that gives no text: refused as what it is, in the words of the trouble.
pub fn refusal(engine: &Engine, input: &Input, trouble: &Trouble) -> Result<Report, EngineError> {
    // The engine refuses the bare form; so code, counts and digest are the same as in any other place.
    let mut check = engine.check(&Options::default(), Emit::default())?;
    check.feed(input.form().mark())?;
    Ok(refused_for(check.finish()?, trouble))
}

/// The report on a bare form in the words of the trouble.
pub fn refused_for(mut report: Report, trouble: &Trouble) -> Report {
    if let Some(diagnostic) = report.diagnostics.first_mut() {
        diagnostic.message = trouble.to_string();
    }
    report
}

/// A pipe as a file that nobody else sees and that goes away by itself.
fn spooled(head: Vec<u8>, pipe: Box<dyn Read + Send>) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    // One byte more than may be, so that too much can be told from just enough.
    let bytes = io::copy(&mut Cursor::new(head).chain(pipe).take(SPOOL_BYTES_MAX + 1), &mut file)?;
    if bytes > SPOOL_BYTES_MAX {
        let most = SPOOL_BYTES_MAX >> 20;
        let text = format!("a workbook of more than {most} MiB came through a pipe; name the file instead");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    Ok(file)
}

/// The bytes as they come, hashed and counted on their way.
#[derive(Clone)]
struct Raw {
    source: Arc<Mutex<Hashed>>,
    bytes: Arc<AtomicU64>,
}

struct Hashed {
    source: Box<dyn Read + Send>,
    hash: Option<Sha256>,
    bytes: u64,
}

impl Raw {
    fn of(source: impl Read + Send + 'static, hashed: bool) -> Raw {
        let hashed = Hashed { source: Box::new(source), hash: hashed.then(Sha256::new), bytes: 0 };
        Raw { source: Arc::new(Mutex::new(hashed)), bytes: Arc::default() }
    }

    /// Ends it: all bytes are hashed, and counting begins anew for whoever reads them again.
    fn end(&self) {
        self.source.lock().unwrap_or_else(PoisonError::into_inner).source = Box::new(io::empty());
        self.bytes.store(0, Ordering::Relaxed);
    }

    fn origin(&self) -> Origin {
        let hashed = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        Origin { sha256: hashed.hash.clone().map(|hash| hex(&hash.finalize())), bytes: hashed.bytes }
    }
}

impl Read for Raw {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut hashed = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = hashed.source.read(into)?;
        hashed.hash.iter_mut().for_each(|hash| hash.update(&into[..bytes]));
        hashed.bytes += bytes as u64;
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}

/// A file whose reading is counted.
struct Counted {
    file: File,
    bytes: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.file.read(into)?;
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
