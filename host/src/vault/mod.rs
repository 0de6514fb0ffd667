//! Secrets at rest. Each is encrypted with its tenant's own data key, which lies beside them, wrapped with the master key;
//! that one is in a file of the data folder or in a variable, and never in the store. Tenant, name and generation of the key
//! are sealed in with every secret, so that none can stand in another's place.

mod key;
mod rotation;

use std::io;
use std::sync::Arc;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::store::{Document, Kind, Put, Store, StoreError, TenantId};

pub use key::{KeyPlace, MasterKey};
pub use rotation::Rotated;

/// Name of the master key's file in the data folder.
pub const FILE_NAME: &str = "secret.key";
/// Name of the file of the key that is to follow, as long as secrets move to it.
pub const FILE_NAME_NEXT: &str = "secret.key.next";
/// The variable that stands in for the file: the same on every host that shares a database.
pub const VARIABLE: &str = "CONSENTRY_SECRET_KEY";
/// The variable of the key that is to follow it.
pub const VARIABLE_NEXT: &str = "CONSENTRY_SECRET_KEY_NEXT";

/// Where the tenant's wrapped data key is among its secrets.
const DATA_KEY: &str = "data-key";
/// Before the names of secrets, so that none is called like the key.
const PREFIX: &str = "of/";
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
/// Bytes of a key's hash by which it is told from others.
const NAME_BYTES: usize = 8;
/// First byte of everything that is kept, should the form ever change.
const FORM: u8 = 1;
/// Secrets read from the store at once.
const PAGE: usize = 100;

/// Why a secret cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The variable holds no key.
    #[error(
        "`{VARIABLE}` is no key: it takes 32 bytes as 64 hexadecimal digits or in base64; `openssl rand -hex 32` makes one"
    )]
    Variable,
    /// The file cannot be used.
    #[error("the key file `{path}` cannot be used: {cause}")]
    File {
        /// Its path.
        path: String,
        /// Why.
        cause: String,
    },
    /// There are secrets and no key.
    #[error(
        "the key of the stored secrets is missing: put the file `{0}` back, or set `{VARIABLE}`. Without it every account \
         has to be removed and connected again; nothing else is lost"
    )]
    Missing(String),
    /// There is no key to move the secrets to.
    #[error(
        "the key comes from `{VARIABLE}`: give the one that is to follow in `{VARIABLE_NEXT}`, to every host, and try again"
    )]
    NoNext,
    /// The secrets were encrypted with another key.
    #[error(
        "the stored secrets were encrypted with another key than {0}. Bring back the one they were made with; hosts that share \
         a database need the same `{VARIABLE}`. Without it every account has to be removed and connected again; nothing else is lost"
    )]
    WrongKey(String),
    /// What is stored is not what was stored.
    #[error(
        "the secret `{0}` is damaged: it is not what was encrypted under this name. Connect the account again"
    )]
    Damaged(String),
}

/// The secrets of all tenants of a store.
#[derive(Clone)]
pub struct Vault {
    store: Arc<dyn Store>,
    place: KeyPlace,
}

/// A tenant's data key and what names it.
struct DataKey {
    cipher: Cipher,
    name: [u8; NAME_BYTES],
}

/// A secret that is ready to be stored together with what it belongs to.
pub struct Sealed {
    key: String,
    expected_version: Option<u64>,
    body: Option<Vec<u8>>,
}

impl Sealed {
    /// As the store takes it.
    pub fn put(&self) -> Put<'_> {
        Put {
            kind: Kind::Secret,
            key: &self.key,
            expected_version: self.expected_version,
            body: self.body.as_deref(),
        }
    }
}

impl Vault {
    /// Nothing is read or made before there is a secret.
    pub fn new(store: Arc<dyn Store>, place: KeyPlace) -> Vault {
        Vault { store, place }
    }

    /// Encrypts a secret, in the place of the one that has this name now; whoever stores it does so with
    /// [`Store::put_documents`].
    pub fn seal(&self, tenant: TenantId, name: &str, secret: &Secret) -> Result<Sealed, VaultError> {
        let key = format!("{PREFIX}{name}");
        let data_key = self.data_key(tenant, true)?;
        let body = data_key.seal(tenant, name, secret)?;
        let expected_version = self.store.document(tenant, Kind::Secret, &key)?.map(|stands| stands.version);
        Ok(Sealed { key, expected_version, body: Some(body) })
    }

    /// Has secrets that are sealed from here on stored only if the tenant's key is still the same: to be put with them. Otherwise
    /// they would be under a key that is gone.
    pub fn guard(&self, tenant: TenantId) -> Result<Sealed, VaultError> {
        self.data_key(tenant, true)?;
        let stands = self.store.document(tenant, Kind::Secret, DATA_KEY)?;
        let stands = stands.ok_or_else(|| VaultError::Damaged(DATA_KEY.to_owned()))?;
        let (expected_version, body) = (Some(stands.version), Some(stands.body));
        Ok(Sealed { key: DATA_KEY.to_owned(), expected_version, body })
    }

    /// Keeps a secret unless there is one of this name; the one that there is then. So hosts that make one at the same time
    /// have the same.
    pub fn keep_new(&self, tenant: TenantId, name: &str, secret: &Secret) -> Result<Secret, VaultError> {
        let key = format!("{PREFIX}{name}");
        loop {
            if let Some(there) = self.open(tenant, name)? {
                return Ok(there);
            }
            // The key first: what is sealed before it changes is refused.
            let guard = self.guard(tenant)?;
            let body = Some(self.data_key(tenant, true)?.seal(tenant, name, secret)?);
            let sealed = Sealed { key: key.clone(), expected_version: None, body };
            match self.store.put_documents(tenant, &[sealed.put(), guard.put()]) {
                Ok(_) | Err(StoreError::Overtaken) => {}
                Err(other) => return Err(other.into()),
            }
        }
    }

    /// The removal of a secret; none when there is none.
    pub fn forget(&self, tenant: TenantId, name: &str) -> Result<Option<Sealed>, VaultError> {
        let key = format!("{PREFIX}{name}");
        let stands = self.store.document(tenant, Kind::Secret, &key)?;
        Ok(stands.map(|stands| Sealed { key, expected_version: Some(stands.version), body: None }))
    }

    /// A secret, if there is one of this name.
    pub fn open(&self, tenant: TenantId, name: &str) -> Result<Option<Secret>, VaultError> {
        let Some(stands) = self.store.document(tenant, Kind::Secret, &format!("{PREFIX}{name}"))? else {
            return Ok(None);
        };
        self.data_key(tenant, false)?.open(tenant, name, &stands.body).map(Some)
    }

    fn all(&self, tenant: TenantId) -> Result<Vec<Document>, StoreError> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.store.documents(tenant, Kind::Secret, &after, PAGE)?;
            let Some(last) = page.last() else { return Ok(all) };
            after.clone_from(&last.key);
            all.extend(page);
        }
    }

    /// A data key by whichever key it is wrapped with.
    fn unwrapped(&self, tenant: TenantId, wrapped: &[u8]) -> Result<DataKey, VaultError> {
        let mut refused = None;
        for master in self.place.keys()? {
            match DataKey::unwrap(tenant, &master, wrapped) {
                Err(wrong @ VaultError::WrongKey(_)) => refused = refused.or(Some(wrong)),
                other => return other,
            }
        }
        Err(refused.unwrap_or_else(|| VaultError::Damaged(DATA_KEY.to_owned())))
    }

    /// The tenant's data key; a new one when there is none and `make` says so, and when the one there is opens nothing.
    fn data_key(&self, tenant: TenantId, make: bool) -> Result<DataKey, VaultError> {
        loop {
            let wrapped = self.store.document(tenant, Kind::Secret, DATA_KEY)?;
            if let Some(wrapped) = &wrapped {
                let opened = self.unwrapped(tenant, &wrapped.body);
                // Its key may be lost, and once every secret under it was removed, nobody misses it.
                let misses_nobody =
                    || Ok::<_, StoreError>(self.store.documents(tenant, Kind::Secret, PREFIX, 1)?.is_empty());
                if opened.is_ok() || !make || !misses_nobody()? {
                    return opened;
                }
            } else if !make {
                return Err(VaultError::Damaged(DATA_KEY.to_owned()));
            }
            let (_, body) = DataKey::new(tenant, &self.place.newest()?)?;
            let expected_version = wrapped.map(|wrapped| wrapped.version);
            let put = Put { kind: Kind::Secret, key: DATA_KEY, expected_version, body: Some(&body) };
            match self.store.put_documents(tenant, &[put]) {
                // Another host made one at the same time: that one counts.
                Ok(_) | Err(StoreError::Overtaken) => {}
                Err(other) => return Err(other.into()),
            }
        }
    }
}

impl DataKey {
    fn new(tenant: TenantId, master: &MasterKey) -> Result<(DataKey, Vec<u8>), VaultError> {
        let bytes = MasterKey::new("").map_err(StoreError::from)?.bytes;
        let mut body = vec![FORM];
        body.extend_from_slice(&name_of(&master.bytes));
        let sealed =
            master.cipher().seal(&bound(tenant, DATA_KEY, &name_of(&master.bytes)), bytes.as_slice())?;
        body.extend_from_slice(&sealed);
        Ok((DataKey { name: name_of(&bytes), cipher: Cipher(bytes) }, body))
    }

    fn unwrap(tenant: TenantId, master: &MasterKey, body: &[u8]) -> Result<DataKey, VaultError> {
        let damaged = || VaultError::Damaged(DATA_KEY.to_owned());
        let (name, sealed) = parts(body).ok_or_else(damaged)?;
        if name != name_of(&master.bytes) {
            return Err(VaultError::WrongKey(master.from.clone()));
        }
        let opened = master.cipher().open(&bound(tenant, DATA_KEY, &name), sealed).ok_or_else(damaged)?;
        let bytes: [u8; KEY_BYTES] = opened.as_slice().try_into().map_err(|_| damaged())?;
        let bytes = Zeroizing::new(bytes);
        Ok(DataKey { name: name_of(&bytes), cipher: Cipher(bytes) })
    }

    fn seal(&self, tenant: TenantId, name: &str, secret: &Secret) -> Result<Vec<u8>, VaultError> {
        let mut body = vec![FORM];
        body.extend_from_slice(&self.name);
        let bound = bound(tenant, name, &self.name);
        body.extend_from_slice(&self.cipher.seal(&bound, secret.reveal().as_bytes())?);
        Ok(body)
    }

    fn open(&self, tenant: TenantId, name: &str, body: &[u8]) -> Result<Secret, VaultError> {
        let opened = || {
            let (of, sealed) = parts(body).filter(|(of, _)| *of == self.name)?;
            let opened = self.cipher.open(&bound(tenant, name, &of), sealed)?;
            Some(Secret::new(std::str::from_utf8(&opened).ok()?))
        };
        opened().ok_or_else(|| VaultError::Damaged(name.to_owned()))
    }
}

/// AES-256-GCM with a nonce by chance for every use: a tenant has tens of secrets, and chance would repeat one in 2^48.
struct Cipher(Zeroizing<[u8; KEY_BYTES]>);

impl Cipher {
    fn gcm(&self) -> Aes256Gcm {
        Aes256Gcm::new(&Key::<Aes256Gcm>::from(*self.0))
    }

    fn seal(&self, bound: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0; NONCE_BYTES];
        fill(&mut nonce).map_err(StoreError::from)?;
        let sealed = self.gcm().encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: bound });
        let sealed = sealed.map_err(|_| StoreError::Damaged("a secret is too long".to_owned()))?;
        Ok([&nonce[..], &sealed].concat())
    }

    fn open(&self, bound: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let opened = self.gcm().decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: bound });
        opened.ok().map(Zeroizing::new)
    }
}

/// What is sealed in with a secret: whose it is, what it is called, and which key it is under. No two read the same.
fn bound(tenant: TenantId, name: &str, key: &[u8; NAME_BYTES]) -> Vec<u8> {
    let mut bound = b"consentry secret\0".to_vec();
    bound.push(FORM);
    bound.extend_from_slice(&tenant.0.to_le_bytes());
    bound.extend_from_slice(key);
    bound.extend_from_slice(name.as_bytes());
    bound
}

/// Which key was used, and the rest.
fn parts(body: &[u8]) -> Option<([u8; NAME_BYTES], &[u8])> {
    let (name, sealed) = body.strip_prefix(&[FORM])?.split_first_chunk::<NAME_BYTES>()?;
    Some((*name, sealed))
}

/// What a key is told from others by; nothing of the key can be found from it.
fn name_of(key: &[u8; KEY_BYTES]) -> [u8; NAME_BYTES] {
    let hash: [u8; 32] = Sha256::new().chain_update(b"consentry key\0").chain_update(key).finalize().into();
    let mut name = [0; NAME_BYTES];
    name.copy_from_slice(&hash[..NAME_BYTES]);
    name
}

fn fill(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::fill(bytes).map_err(|cause| io::Error::other(format!("no random bytes: {cause}")))
}
