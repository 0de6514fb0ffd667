//! Files that came in, durable and named by their SHA-256 before anything is promised about them.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::engine::hex;

/// The folder uploads are kept in.
#[derive(Clone, Debug)]
pub struct Uploads {
    folder: PathBuf,
}

/// A file on its way in. Dropped before [`Incoming::finish`], it leaves nothing behind.
pub struct Incoming {
    file: File,
    part: PathBuf,
    folder: PathBuf,
    hash: Sha256,
    bytes: u64,
    kept: bool,
}

/// A file that is here to stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Size.
    pub bytes: u64,
}

/// A file that is looked at once and removed with this value.
#[derive(Debug)]
pub struct Trial {
    /// What it is.
    pub stored: Stored,
    part: PathBuf,
}

impl Trial {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.part
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.part);
    }
}

impl Uploads {
    /// Opens the folder, and removes what an earlier process left half written. Only one process may do this at a
    /// time: it holds the lock of the data folder.
    pub fn open(data: &Path) -> io::Result<Uploads> {
        let folder = data.join("uploads");
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "part") {
                fs::remove_file(path)?;
            }
        }
        Ok(Uploads { folder })
    }

    /// Begins to take a file.
    pub fn begin(&self) -> io::Result<Incoming> {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("{}-{}.part", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let part = self.folder.join(name);
        let file = File::options().write(true).create_new(true).open(&part)?;
        Ok(Incoming { file, part, folder: self.folder.clone(), hash: Sha256::new(), bytes: 0, kept: false })
    }

    /// Removes a stored file; whether there was one.
    pub fn forget(&self, sha256: &str) -> io::Result<bool> {
        match fs::remove_file(self.path(sha256)) {
            Ok(()) => File::open(&self.folder)?.sync_all().map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Where a stored file is.
    pub fn path(&self, sha256: &str) -> PathBuf {
        self.folder.join(format!("{sha256}.csv"))
    }
}

impl Incoming {
    /// Takes the next bytes.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Ends a file that nobody wants kept.
    pub fn finish_for_trial(mut self) -> io::Result<Trial> {
        self.file.flush()?;
        let stored = Stored { sha256: hex(&std::mem::take(&mut self.hash).finalize()), bytes: self.bytes };
        self.kept = true;
        Ok(Trial { stored, part: self.part.clone() })
    }

    /// Makes the file durable under its hash.
    pub fn finish(mut self) -> io::Result<Stored> {
        let sha256 = hex(&std::mem::take(&mut self.hash).finalize());
        self.file.sync_all()?;
        fs::rename(&self.part, self.folder.join(format!("{sha256}.csv")))?;
        self.kept = true;
        // The new name must survive a crash as well as the bytes.
        File::open(&self.folder)?.sync_all()?;
        Ok(Stored { sha256, bytes: self.bytes })
    }
}

impl io::Write for Incoming {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Incoming::write(self, bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_file(&self.part);
        }
    }
}
