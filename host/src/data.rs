//! The data folder of an installation: who may write to it, and what is in it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::clock::SystemClock;
use crate::engine::{Engine, EngineError, PLUGIN};
use crate::importer::Importer;
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError};
use crate::uploads::Uploads;

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Another process writes there.
    #[error(
        "another consentry is using `{0}`. Stop it, or give this command to it: the panel and the HTTP API import files too"
    )]
    InUse(String),
    /// There is nothing there.
    #[error("there is no data in `{0}`. Import a file first, or name another folder with --data")]
    Nothing(String),
    /// The file system.
    #[error("the data folder `{path}` cannot be used: {cause}")]
    Unusable {
        /// Its path.
        path: String,
        /// Why.
        cause: io::Error,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The sandbox.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A data folder this process alone may write to, for as long as the value lives.
pub struct Data {
    /// Ready to import.
    pub importer: Arc<Importer>,
    _lock: File,
}

impl Data {
    /// Opens the folder for writing; it is made when it is not there.
    pub fn open(path: &Path, batch_rows: Option<usize>) -> Result<Data, DataError> {
        let unusable = |cause: io::Error| DataError::Unusable { path: path.display().to_string(), cause };
        make_private(path).map_err(unusable)?;
        let lock = File::create(path.join("consentry.lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DataError::InUse(path.display().to_string())),
            Err(TryLockError::Error(cause)) => return Err(unusable(cause)),
        }
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(path)?);
        let uploads = Uploads::open(path).map_err(unusable)?;
        let mut importer = Importer::new(Arc::new(engine()?), store, uploads, Arc::new(SystemClock));
        importer.batch_rows = batch_rows.unwrap_or(importer.batch_rows);
        Ok(Data { importer: Arc::new(importer), _lock: lock })
    }
}

/// Makes the folder, for its owner alone: it will hold people's numbers.
fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens the store of a folder for reading, beside whoever writes.
pub fn open_for_reading(path: &Path) -> Result<SqliteStore, DataError> {
    if !path.join("consentry.sqlite3").exists() {
        return Err(DataError::Nothing(path.display().to_string()));
    }
    Ok(SqliteStore::open(path)?)
}

/// The engine this build ships, compiled once per machine and user.
pub fn engine() -> Result<Engine, EngineError> {
    Engine::load(PLUGIN, cache_folder().as_deref())
}

/// Where compiled code is kept between starts: derived data, safe to delete.
fn cache_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("CONSENTRY_CACHE").or_else(|| Some(set("XDG_CACHE_HOME")?.join("consentry")));
    base.or_else(|| Some(set("HOME")?.join(".cache").join("consentry")))
}
