//! Moves the secrets to another master key. At every moment they can be read with what lies in the key's place: both keys are
//! there until nothing is under the old one, and a tenant's secrets change all or nothing. What was interrupted is begun
//! again with the same new key.

use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::key::{make, read};
use super::{
    DATA_KEY, DataKey, FILE_NAME_NEXT, KeyPlace, MasterKey, PREFIX, Sealed, Vault, VaultError, name_of,
};
use crate::store::{Kind, Put, StoreError, TenantId};

/// How often a tenant is tried again whose secrets somebody changes meanwhile.
const ROUNDS_MAX: usize = 8;

/// What became of the secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Secrets that were encrypted anew.
    pub secrets: u64,
    /// The file that the former key was put aside in: what was copied before can be read with it alone.
    pub former: Option<PathBuf>,
}

impl Vault {
    /// Moves the secrets of all these tenants to the key that is to follow: a new one in a file, or the one that is given. The
    /// file takes the place of the former one when nothing is under that any more.
    pub fn rotate_all(&self, tenants: &[TenantId]) -> Result<Rotated, VaultError> {
        // Another one that does the same waits for this one to end.
        let mut lock = None;
        let (to, files) = match &self.place {
            KeyPlace::Given(_, Some(next)) => (next.clone(), None),
            KeyPlace::Given(_, None) => return Err(VaultError::NoNext),
            KeyPlace::File(path) => {
                let next = path.with_file_name(FILE_NAME_NEXT);
                if read(path)?.is_none() && read(&next)?.is_none() {
                    // Without a key there may be secrets all the same, whose key is lost.
                    for tenant in tenants {
                        if self.store.document(*tenant, Kind::Secret, DATA_KEY)?.is_some() {
                            self.place.keys()?;
                        }
                    }
                    return Ok(Rotated::default());
                }
                lock = Some(locked(path)?);
                make(&next)?;
                let to = read(&next)?.ok_or_else(|| VaultError::Missing(next.display().to_string()))?;
                (to, Some((path, next)))
            }
        };
        let mut rotated = Rotated::default();
        for tenant in tenants {
            rotated.secrets += self.rotate_tenant(*tenant, &to)?;
        }
        if let Some((path, next)) = files {
            let failed = |cause: io::Error| VaultError::File {
                path: path.display().to_string(),
                cause: cause.to_string(),
            };
            rotated.former = put_aside(path).map_err(failed)?;
            std::fs::rename(&next, path).and_then(|()| sync_folder(path)).map_err(failed)?;
        }
        drop(lock);
        Ok(rotated)
    }

    fn rotate_tenant(&self, tenant: TenantId, to: &MasterKey) -> Result<u64, VaultError> {
        for _ in 0..ROUNDS_MAX {
            match self.rotate(tenant, to) {
                Err(VaultError::Store(StoreError::Overtaken)) => {}
                other => return other,
            }
        }
        Err(StoreError::Overtaken.into())
    }

    /// Gives a tenant a new data key under another master key, and encrypts all its secrets anew, all or nothing. Nothing
    /// that was encrypted before can be read with what is kept then. How many there were.
    pub fn rotate(&self, tenant: TenantId, to: &MasterKey) -> Result<u64, VaultError> {
        let Some(wrapped) = self.store.document(tenant, Kind::Secret, DATA_KEY)? else { return Ok(0) };
        let old = self.unwrapped(tenant, &wrapped.body)?;
        let (new, body) = DataKey::new(tenant, to)?;
        let mut puts = vec![Sealed {
            key: DATA_KEY.to_owned(),
            expected_version: Some(wrapped.version),
            body: Some(body),
        }];
        for document in self.all(tenant)? {
            let Some(name) = document.key.strip_prefix(PREFIX) else { continue };
            let secret = old.open(tenant, name, &document.body)?;
            let body = Some(new.seal(tenant, name, &secret)?);
            puts.push(Sealed { key: document.key, expected_version: Some(document.version), body });
        }
        let puts: Vec<Put<'_>> = puts.iter().map(Sealed::put).collect();
        self.store.put_documents(tenant, &puts)?;
        Ok(puts.len() as u64 - 1)
    }
}

/// Copies the key that is about to go beside itself, under a name that says which one it is; none when there is none.
fn put_aside(path: &Path) -> io::Result<Option<PathBuf>> {
    let text = match std::fs::read(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let key = std::str::from_utf8(&text).ok().and_then(|text| MasterKey::parse(text).ok());
    let key = key.ok_or(io::ErrorKind::InvalidData)?;
    let former = path.with_extension(format!("key.{}", crate::engine::hex(&name_of(&key.bytes))));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, &text)?;
    file.as_file().sync_all()?;
    file.persist(&former).map_err(|error| error.error)?;
    Ok(Some(former))
}

/// Holds the right to move the secrets of a folder.
fn locked(path: &Path) -> Result<std::fs::File, VaultError> {
    let file = path.with_extension("key.lock");
    let taken = std::fs::File::create(&file).and_then(|lock| lock.lock().map(|()| lock));
    taken.map_err(|cause| VaultError::File { path: file.display().to_string(), cause: cause.to_string() })
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    std::fs::File::open(folder)?.sync_all()
}
