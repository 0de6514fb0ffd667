//! The data folder of an installation: who may write to it, and what is in it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::clock::{Clock as _, SystemClock};
use crate::engine::{Engine, EngineError, PLUGIN};
use crate::erasure;
use crate::importer::Importer;
use crate::store::inbox::{Inbox, PostgresInbox, SqliteInbox};
use crate::store::ledger::{Ledger, PostgresLedger, SqliteLedger};
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::{FILE_NAME, SqliteStore};
use crate::store::{Kind, Moved, Put, Store, StoreError, TenantId};
use crate::uploads::Uploads;
use crate::vault::{KeyPlace, Vault, VaultError};

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
    /// The secrets.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Where an installation's data is.
#[derive(Clone, Debug)]
pub struct Place {
    /// Folder of uploads, and of the embedded store.
    pub folder: PathBuf,
    /// A database that several hosts share, instead of the embedded store.
    pub database: Option<DatabaseUrl>,
}

/// Address of a database. It may hold a password, so it is never shown whole.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Any text; whether it is an address, connecting tells.
    pub fn new(url: &str) -> DatabaseUrl {
        DatabaseUrl(url.to_owned())
    }

    /// The whole address, for whoever connects.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

/// A data folder this process alone may write to, for as long as the value lives.
pub struct Data {
    /// Ready to import.
    pub importer: Arc<Importer>,
    /// What was heard of Meta.
    pub inbox: Arc<dyn Inbox>,
    /// The messages of campaigns.
    pub ledger: Arc<dyn Ledger>,
    /// Where it all is, for whoever tells how it stands.
    pub seen: Seen,
    folder: PathBuf,
    _lock: File,
}

/// The setting that says when a backup was made last.
pub const BACKED_UP: &str = "backed-up";

/// A data folder from outside.
#[derive(Clone, Debug)]
pub struct Seen {
    folder: Arc<Path>,
    /// Whether what is remembered is in a database that several hosts share, and not in the folder.
    pub is_shared: bool,
}

impl Seen {
    /// What the folder takes, in bytes; none where it cannot be read.
    pub fn bytes(&self) -> Option<u64> {
        let of = |folder: &Path| -> io::Result<u64> {
            let mut bytes = 0;
            for entry in fs::read_dir(folder)? {
                // A file may go while it is counted.
                bytes += entry?.metadata().ok().filter(fs::Metadata::is_file).map_or(0, |file| file.len());
            }
            Ok(bytes)
        };
        let uploads = of(&self.folder.join("uploads")).unwrap_or(0);
        Some(of(&self.folder).ok()? + uploads)
    }

    /// What is left on its disk for us, in bytes; none where the system does not tell.
    pub fn free_bytes(&self) -> Option<u64> {
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        {
            let path = std::ffi::CString::new(self.folder.as_os_str().as_encoded_bytes()).ok()?;
            let mut told = std::mem::MaybeUninit::<libc::statvfs>::uninit();
            // SAFETY: the path ends with a zero byte, and the system writes a whole `statvfs` where it answers with 0.
            #[expect(unsafe_code, reason = "the standard library does not tell what is free")]
            let told = unsafe {
                if libc::statvfs(path.as_ptr(), told.as_mut_ptr()) != 0 {
                    return None;
                }
                told.assume_init()
            };
            Some(told.f_bavail * told.f_frsize)
        }
        #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
        None
    }
}

/// Keeps that a backup was made just now.
pub fn note_backup(store: &dyn Store) -> Result<(), StoreError> {
    let (tenant, kind) = (TenantId::DEFAULT, Kind::Setting);
    let expected_version = store.document(tenant, kind, BACKED_UP)?.map(|document| document.version);
    let body = serde_json::json!({ "at_ms": SystemClock.now().0 }).to_string();
    let put = Put { kind, key: BACKED_UP, expected_version, body: Some(body.as_bytes()) };
    match store.put_documents(tenant, &[put]) {
        // Somebody else made one at the same moment.
        Ok(_) | Err(StoreError::Overtaken) => Ok(()),
        Err(other) => Err(other),
    }
}

impl Data {
    /// Opens the folder for writing; it is made when it is not there.
    pub fn open(place: &Place, batch_rows: Option<usize>) -> Result<Data, DataError> {
        let path = place.folder.as_path();
        let unusable = |cause: io::Error| DataError::Unusable { path: path.display().to_string(), cause };
        make_private(path).map_err(unusable)?;
        let lock = lock(path)?;
        let store = open_store(place)?;
        let inbox = open_inbox(place)?;
        let ledger = open_ledger(place)?;
        let uploads = Uploads::open(path).map_err(unusable)?;
        let mut importer = Importer::new(Arc::new(engine()?), store, uploads, Arc::new(SystemClock));
        importer.batch_rows = batch_rows.unwrap_or(importer.batch_rows);
        let seen = Seen { folder: path.into(), is_shared: place.database.is_some() };
        let folder = path.to_owned();
        Ok(Data { importer: Arc::new(importer), inbox, ledger, seen, folder, _lock: lock })
    }

    /// The secrets in it.
    pub fn vault(&self) -> Result<Vault, VaultError> {
        Ok(Vault::new(self.importer.store.clone(), KeyPlace::of(&self.folder)?))
    }
}

/// Takes a folder for this process alone, as long as the value lives.
pub fn lock(path: &Path) -> Result<File, DataError> {
    let unusable = |cause: io::Error| DataError::Unusable { path: path.display().to_string(), cause };
    let lock = File::create(path.join("consentry.lock")).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(DataError::InUse(path.display().to_string())),
        Err(TryLockError::Error(cause)) => Err(unusable(cause)),
    }
}

/// The store of a place.
fn open_store(place: &Place) -> Result<Arc<dyn Store>, DataError> {
    let store: Arc<dyn Store> = match &place.database {
        None => Arc::new(SqliteStore::open(&place.folder)?),
        Some(url) => Arc::new(PostgresStore::connect(url.secret())?),
    };
    store.recognise(erasure::key_of(&store, KeyPlace::of(&place.folder)?));
    Ok(store)
}

/// The inbox of a place. Several processes may have it open.
pub fn open_inbox(place: &Place) -> Result<Arc<dyn Inbox>, StoreError> {
    match &place.database {
        None => Ok(Arc::new(SqliteInbox::open(&place.folder)?)),
        Some(url) => Ok(Arc::new(PostgresInbox::connect(url.secret())?)),
    }
}

/// The ledger of a place. Several processes may have it open.
pub fn open_ledger(place: &Place) -> Result<Arc<dyn Ledger>, StoreError> {
    match &place.database {
        None => Ok(Arc::new(SqliteLedger::open(&place.folder)?)),
        Some(url) => Ok(Arc::new(PostgresLedger::connect(url.secret())?)),
    }
}

/// Opens the store of a place beside whoever uses it, for what is compared before it is set: documents. The folder is made
/// when it is not there.
pub fn open_for_documents(place: &Place) -> Result<(Arc<dyn Store>, Vault), DataError> {
    let path = place.folder.as_path();
    let unusable = |cause: io::Error| DataError::Unusable { path: path.display().to_string(), cause };
    make_private(path).map_err(unusable)?;
    let store = open_store(place)?;
    let vault = Vault::new(store.clone(), KeyPlace::of(path)?);
    Ok((store, vault))
}

/// Makes the folder, for its owner alone: it will hold people's numbers.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens the store of a place for reading, beside whoever writes.
pub fn open_for_reading(place: &Place) -> Result<Arc<dyn Store>, DataError> {
    match place.database {
        Some(_) => open_store(place),
        None => {
            let store: Arc<dyn Store> = Arc::new(open_embedded(&place.folder)?);
            store.recognise(erasure::key_of(&store, KeyPlace::of(&place.folder)?));
            Ok(store)
        }
    }
}

/// Opens the embedded store of a folder that has one.
pub fn open_embedded(path: &Path) -> Result<SqliteStore, DataError> {
    if !path.join(FILE_NAME).exists() {
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

/// Copies an embedded store, its uploads, its inbox and its ledger into a shared database that is empty.
pub fn migrate(from: &SqliteStore, folder: &Path, to: &DatabaseUrl) -> Result<Moved, DataError> {
    let inbox = PostgresInbox::connect(to.secret())?;
    let ledger = PostgresLedger::connect(to.secret())?;
    let to = PostgresStore::connect(to.secret())?;
    let uploads = Uploads::open(folder)
        .map_err(|cause| DataError::Unusable { path: folder.display().to_string(), cause })?;
    let moved = from.copy_into(&to)?;
    for (tenant, import) in from.all_imports()? {
        let sha256 = &import.new.file_sha256;
        let file = uploads.path(sha256);
        if file.exists() {
            to.keep_file(tenant, sha256, &file)?;
        }
    }
    SqliteInbox::open(folder)?.copy_into(&inbox)?;
    SqliteLedger::open(folder)?.copy_into(&ledger)?;
    Ok(moved)
}
