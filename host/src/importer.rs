//! Carries a file through check, matching and store: the one way a file changes anything.
//!
//! A stored file is judged twice. The first pass decides whether the file can be used at all, so that a refused file
//! changes nothing; the second hands out rows, batch by batch, each committed with the row it reaches. After a crash
//! the second pass runs again and passes over what is committed. Both passes must come to the same digest.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use consentry_core::limits::{BATCH_ROWS, BATCH_TEXT_BYTES, CHUNK_BYTES_MAX, DIAGNOSTICS_PER_CODE_MAX};
use consentry_core::matching::{self, Finding, ImportId, KeySeed, Keys, Terms};
use consentry_core::rows::Rows;
use consentry_core::rule::Code;
use consentry_core::time::{Date, UnixMs};
use consentry_core::wire::v1;
use consentry_unpack::Trouble;

use crate::clock::Clock;
use crate::engine::{Emit, Engine, EngineError};
use crate::input::{Input, refusal};
use crate::store::{
    Accepted, Batches, Import, ImportState, NewImport, Outcome, Step, Store, StoreError, TenantId,
};
use crate::uploads::Uploads;
use crate::wire::v1::{ImportDocument, ProgressDocument};

/// Why a file could not be carried through.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The sandbox.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file system.
    #[error("the file cannot be read: {0}")]
    File(#[from] std::io::Error),
    /// The stored file is not the one that was accepted, or the engine is not deterministic.
    #[error("the two passes over the file disagree: {0}")]
    Disagree(String),
}

impl ImportError {
    /// Whether trying again may help: a full disk, a busy database, too many open files.
    fn may_pass(&self) -> bool {
        match self {
            // What is damaged stays damaged, and must not stand in the way of all that comes after.
            ImportError::Store(error) => !matches!(error, StoreError::Damaged(_)),
            ImportError::File(error) => error.kind() != std::io::ErrorKind::NotFound,
            ImportError::Engine(_) | ImportError::Disagree(_) => false,
        }
    }
}

/// Everything an import needs.
pub struct Importer {
    /// The judge.
    pub engine: Arc<Engine>,
    /// Where results go.
    pub store: Arc<dyn Store>,
    /// Where files are.
    pub uploads: Uploads,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Rows planned and committed together.
    pub batch_rows: usize,
    /// Verdicts on files that wait for their turn.
    judged: Mutex<HashMap<(TenantId, ImportId), v1::Report>>,
}

/// Verdicts kept for imports that wait; past it a file is judged when its turn comes.
const JUDGED_AHEAD_MAX: usize = 16;

/// How far an import is.
pub type OnProgress<'a> = &'a mut dyn FnMut(ProgressDocument);

impl Importer {
    /// An importer with the usual batches.
    pub fn new(
        engine: Arc<Engine>,
        store: Arc<dyn Store>,
        uploads: Uploads,
        clock: Arc<dyn Clock>,
    ) -> Importer {
        Importer { engine, store, uploads, clock, batch_rows: BATCH_ROWS, judged: Mutex::default() }
    }

    /// Takes a stored file for import. Wherever its turn comes, its bytes will be there.
    pub fn accept(&self, tenant: TenantId, new: &NewImport) -> Result<Accepted, StoreError> {
        self.store.keep_file(tenant, &new.file_sha256, &self.uploads.path(&new.file_sha256))?;
        self.store.accept(tenant, new)
    }

    /// Where an import's file is; it comes from the store when another host took it in.
    fn file(&self, tenant: TenantId, new: &NewImport) -> Result<PathBuf, ImportError> {
        let path = self.uploads.path(&new.file_sha256);
        if !path.exists() {
            let mut incoming = self.uploads.begin()?;
            if self.store.fetch_file(tenant, &new.file_sha256, &mut incoming)? {
                incoming.finish()?;
            }
        }
        Ok(path)
    }

    /// Judges a file that waits for its turn, beside whatever is applied; nothing is changed. What goes wrong is told when
    /// its turn comes.
    pub fn judge_ahead(
        &self,
        tenant: TenantId,
        id: ImportId,
        progress: OnProgress<'_>,
    ) -> Result<(), ImportError> {
        let import = self.known(tenant, id)?;
        let file = self.uploads.path(&import.new.file_sha256);
        let mut judged = self.judged();
        let wanted = import.outcome.is_none() && file.is_file() && judged.len() < JUDGED_AHEAD_MAX;
        if !wanted || judged.contains_key(&(tenant, id)) {
            return Ok(());
        }
        drop(judged);
        let report = self.judge(&import.new, &file, progress)?;
        judged = self.judged();
        judged.insert((tenant, id), report);
        Ok(())
    }

    fn judged(&self) -> MutexGuard<'_, HashMap<(TenantId, ImportId), v1::Report>> {
        self.judged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries an accepted import to its end. An import that has ended is left as it is.
    pub fn run(
        &self,
        tenant: TenantId,
        id: ImportId,
        progress: OnProgress<'_>,
    ) -> Result<Import, ImportError> {
        let import = self.known(tenant, id)?;
        if import.outcome.is_some() {
            return Ok(import);
        }
        let outcome = match self.judge_and_apply(tenant, &import, progress) {
            Ok(report) => Outcome {
                state: if report.refused { ImportState::Refused } else { ImportState::Committed },
                report: Some(report),
                failure: None,
                at: self.clock.now(),
            },
            // The machine failed, not the import: it stands where it stands, and goes on at the next try.
            Err(error) if error.may_pass() => return Err(error),
            Err(error) => Outcome {
                state: ImportState::Failed,
                report: None,
                failure: Some(error.to_string()),
                at: self.clock.now(),
            },
        };
        self.store.finish(tenant, id, &outcome)?;
        Ok(self.known(tenant, id)?)
    }

    /// What an import of this file would do, without doing it.
    pub fn rehearse(
        &self,
        tenant: TenantId,
        new: &NewImport,
        file: &Path,
        progress: OnProgress<'_>,
    ) -> Result<ImportDocument, ImportError> {
        let mut report = self.judge(new, file, progress)?;
        let state = if report.refused { "refused" } else { "dry_run" };
        let mut import = Import {
            id: ImportId(0),
            new: new.clone(),
            state: ImportState::Accepted,
            cursor: 0,
            counts: matching::Counts::default(),
            findings: Vec::new(),
            log_from: None,
            outcome: None,
            undo: None,
        };
        if !report.refused {
            let seed = self.store.seed(tenant)?;
            let mut trial = self.store.rehearsing(tenant)?;
            import.counts = self.apply(trial.as_mut(), seed, &import, file, &mut report, progress)?;
        }
        let at = self.clock.now();
        import.outcome =
            Some(Outcome { state: ImportState::Committed, report: Some(report), failure: None, at });
        Ok(ImportDocument { import: None, state, ..ImportDocument::of(&import) })
    }

    /// Ends an import that broke this program, so that it does not break it again and again.
    pub fn give_up(&self, tenant: TenantId, id: ImportId) -> Result<(), StoreError> {
        let failure = Some("applying it broke the program; its log says where".to_owned());
        let at = self.clock.now();
        self.store.finish(tenant, id, &Outcome { state: ImportState::Failed, report: None, failure, at })
    }

    fn known(&self, tenant: TenantId, id: ImportId) -> Result<Import, StoreError> {
        self.store.import(tenant, id)?.ok_or(StoreError::NoImport(id))
    }

    fn judge_and_apply(
        &self,
        tenant: TenantId,
        import: &Import,
        progress: OnProgress<'_>,
    ) -> Result<v1::Report, ImportError> {
        if import.cursor > 0 && import.new.engine_sha256 != self.engine.sha256() {
            // What is committed was judged by the other engine; a mixture would be nobody's verdict.
            let text =
                "another engine judged the first rows; import the file again, and this one judges all of it";
            return Err(ImportError::Disagree(text.to_owned()));
        }
        let file = self.file(tenant, &import.new)?;
        let ahead = self.judged().remove(&(tenant, import.id));
        let mut report = match ahead {
            Some(report) => report,
            None => self.judge(&import.new, &file, progress)?,
        };
        if !report.refused {
            let seed = self.store.seed(tenant)?;
            let mut batches = self.store.importing(tenant, import.id)?;
            self.apply(batches.as_mut(), seed, import, &file, &mut report, progress)?;
        }
        Ok(report)
    }

    /// The first pass.
    fn judge(
        &self,
        new: &NewImport,
        file: &Path,
        progress: OnProgress<'_>,
    ) -> Result<v1::Report, ImportError> {
        let mut input = Input::open(file)?;
        let mut check = self.engine.check(&input.options(&new.options), Emit::default())?;
        let position = input.position();
        let report = loop {
            let chunk = match next_chunk(&mut input) {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break check.finish()?,
                // A file that gives no text is refused like one whose text is no use.
                Err(error) => match Trouble::of(&error) {
                    Some(trouble) => break refusal(&self.engine, &input, trouble)?,
                    None => return Err(error.into()),
                },
            };
            check.feed(&chunk)?;
            let rows_done = check.progress()?.rows;
            progress(ProgressDocument {
                phase: "checking",
                rows_done,
                rows_total: None,
                bytes_done: position.load(Ordering::Relaxed).min(new.file_bytes),
                bytes: new.file_bytes,
            });
        };
        let found = input.finish()?.sha256.unwrap_or_default();
        if found != new.file_sha256 {
            let text = format!("the stored file has SHA-256 {found}, and {} was accepted", new.file_sha256);
            return Err(ImportError::Disagree(text));
        }
        Ok(named(report, new))
    }

    /// The second pass: applies every row after the import's cursor, and adds what matching found to the report. One thread
    /// judges and finds the keys of the next batch while this one loads, decides and commits.
    fn apply(
        &self,
        batches: &mut dyn Batches,
        seed: KeySeed,
        import: &Import,
        file: &Path,
        report: &mut v1::Report,
        progress: OnProgress<'_>,
    ) -> Result<matching::Counts, ImportError> {
        let new = &import.new;
        let mut applying = Applying {
            batches,
            attributes: &new.options.attributes,
            terms: Terms {
                import: import.id,
                record: new.hash(),
                at: new.received_at,
                as_of: new.as_of,
                override_opt_outs: new.override_reason.is_some(),
            },
            cursor: import.cursor,
            counts: import.counts,
            findings: import.findings.clone(),
        };
        let (hand_over, batches) = sync_channel(BATCHES_AHEAD);
        std::thread::scope(|scope| {
            let judging = scope.spawn(move || self.judge_rows(new, file, import.cursor, &seed, &hand_over));
            for batch in batches {
                applying.batch(&batch)?;
                progress(ProgressDocument {
                    phase: "applying",
                    rows_done: applying.cursor,
                    rows_total: Some(report.counts.rows),
                    bytes_done: batch.bytes_done.min(new.file_bytes),
                    bytes: new.file_bytes,
                });
            }
            let digest = judging.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            if digest != report.digest {
                return Err(ImportError::Disagree(format!("digest {} became {digest}", report.digest)));
            }
            Ok(())
        })?;
        let Applying { counts, findings, .. } = applying;
        add_findings(report, &counts, &findings);
        Ok(counts)
    }

    /// Judges a file and hands over its rows after `cursor` in batches; the digest of its verdict. Ends early when nobody
    /// takes them any more.
    fn judge_rows(
        &self,
        new: &NewImport,
        file: &Path,
        cursor: u64,
        seed: &KeySeed,
        hand_over: &SyncSender<Batch>,
    ) -> Result<String, ImportError> {
        let mut input = Input::open(file)?;
        let position = input.position();
        let emit = Emit { rows: true, ..Emit::default() };
        let mut check = self.engine.check(&input.options(&new.options), emit)?;
        let mut pending = Rows::with_attributes(new.options.attributes.len());
        let full = |rows: &Rows| rows.len() >= self.batch_rows || rows.text_bytes() >= BATCH_TEXT_BYTES;
        loop {
            let chunk = next_chunk(&mut input).map_err(|error| match Trouble::of(&error) {
                Some(trouble) => ImportError::Disagree(trouble.to_string()),
                None => error.into(),
            })?;
            let digest = match &chunk {
                Some(chunk) => check.feed(chunk).map(|()| None)?,
                None => Some(check.finish()?.digest),
            };
            let rows = check.take_rows()?;
            pending.extend(&rows, rows.row.partition_point(|row| *row <= cursor));
            while full(&pending) || (digest.is_some() && !pending.is_empty()) {
                let rest = pending.split_off(self.batch_rows.min(pending.len()));
                let rows = std::mem::replace(&mut pending, rest);
                let keys = Keys::of(&rows, seed);
                let batch = Batch { rows, keys, bytes_done: position.load(Ordering::Relaxed) };
                if hand_over.send(batch).is_err() {
                    return Ok(String::new());
                }
            }
            if let Some(digest) = digest {
                return Ok(digest);
            }
        }
    }
}

/// Batches judged ahead of the one that is applied: each is held in memory whole.
const BATCHES_AHEAD: usize = 0;

/// Judged rows on their way to matching.
struct Batch {
    rows: Rows,
    keys: Keys,
    /// How far the file was read.
    bytes_done: u64,
}

/// Batches on their way into the store.
struct Applying<'a> {
    batches: &'a mut dyn Batches,
    attributes: &'a [String],
    terms: Terms,
    cursor: u64,
    counts: matching::Counts,
    findings: Vec<Finding>,
}

impl Applying<'_> {
    fn batch(&mut self, batch: &Batch) -> Result<(), ImportError> {
        let Some(&to_row) = batch.rows.row.last() else { return Ok(()) };
        let step = Step { from_row: self.cursor, to_row };
        let mut decided = None;
        for _ in 0..TRIES_BESIDE_OTHERS {
            let known = self.batches.load(&batch.keys)?;
            let plan = plan(batch, self.attributes, known, &self.terms, &self.findings);
            match self.batches.commit(&plan, &step) {
                // Somebody opted out meanwhile; what they said must be seen.
                Err(StoreError::Overtaken) => {}
                other => {
                    other?;
                    decided = Some((plan.findings, plan.counts));
                    break;
                }
            }
        }
        let (findings, counts) = match decided {
            Some(decided) => decided,
            // People speak faster than a batch is decided; the next of them waits for this one.
            None => {
                let (mut decided, Applying { batches, attributes, terms, findings, .. }) = (None, &mut *self);
                batches.decide(&batch.keys, &step, &mut |known| {
                    let plan = plan(batch, attributes, known, terms, findings);
                    decided = Some((plan.findings.clone(), plan.counts));
                    plan
                })?;
                decided.unwrap_or_default()
            }
        };
        self.findings.extend(findings);
        self.cursor = to_row;
        self.counts.add(&counts);
        Ok(())
    }
}

/// How often a batch is decided without anybody waiting for it.
const TRIES_BESIDE_OTHERS: u32 = 2;

/// The plan of a batch, with those of its findings that are still told after these.
fn plan(
    batch: &Batch,
    attributes: &[String],
    known: matching::Known,
    terms: &Terms,
    told: &[Finding],
) -> matching::Plan {
    let mut plan = matching::plan(&batch.rows, attributes, &batch.keys, known, terms);
    let mut kept: HashMap<&str, usize> = HashMap::new();
    told.iter().for_each(|finding| *kept.entry(finding.code.id()).or_default() += 1);
    plan.findings.retain(|finding| {
        let kept = kept.entry(finding.code.id()).or_default();
        *kept += 1;
        *kept <= DIAGNOSTICS_PER_CODE_MAX
    });
    plan
}

/// Adds to a check's report what only matching could see.
fn add_findings(report: &mut v1::Report, counts: &matching::Counts, findings: &[Finding]) {
    let found = [
        (Code::IdentifiersConflict, counts.identifiers_conflict),
        (Code::IdentifierDiffers, counts.identifiers_differ),
    ];
    for (code, count) in found.into_iter().filter(|(_, count)| *count > 0) {
        report.codes.insert(code.id().to_owned(), count);
        report.diagnostics_omitted += count;
    }
    report.diagnostics_omitted -= findings.len() as u64;
    report.diagnostics.extend(findings.iter().map(v1::Diagnostic::from));
}

fn named(mut report: v1::Report, new: &NewImport) -> v1::Report {
    report.file.name = Some(new.file_name.clone());
    report.file.sha256 = Some(new.file_sha256.clone());
    // Of the file as it came; the engine saw the text inside.
    report.file.bytes = new.file_bytes;
    report
}

/// Reads the day consents were collected. A day that has not begun would lift every opt-out without anybody having
/// to say why, so it is refused; the words of the refusal are for people.
pub fn collection_day(text: &str, now: UnixMs) -> Result<Date, String> {
    let day = Date::parse(text).ok_or_else(|| format!("`{text}` is no day; write for example 2026-11-23"))?;
    if day > Date::of(now) {
        return Err(format!(
            "{day} has not begun (it is {} in UTC); consents cannot come from it",
            Date::of(now)
        ));
    }
    Ok(day)
}

/// The next piece of a file or a text, at most one chunk; none at its end.
pub fn next_chunk(file: &mut impl Read) -> std::io::Result<Option<Vec<u8>>> {
    let mut chunk = Vec::new();
    file.by_ref().take(CHUNK_BYTES_MAX as u64).read_to_end(&mut chunk)?;
    Ok((!chunk.is_empty()).then_some(chunk))
}
