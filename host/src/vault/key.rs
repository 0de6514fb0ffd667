//! The master key: what it looks like, where it is kept, and how a file with one is made.

use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{Cipher, FILE_NAME, FILE_NAME_NEXT, KEY_BYTES, VARIABLE, VARIABLE_NEXT, VaultError, fill};

/// The key that all data keys are wrapped with.
#[derive(Clone)]
pub struct MasterKey {
    pub(super) bytes: Zeroizing<[u8; KEY_BYTES]>,
    /// Where it came from, for whoever looks for another one.
    pub(super) from: String,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKey(of {})", self.from)
    }
}

impl MasterKey {
    /// Reads a key as the variable has it.
    pub fn parse(text: &str) -> Result<MasterKey, VaultError> {
        let text = text.trim();
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        if text.len() == 2 * KEY_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte =
                    u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| VaultError::Variable)?;
            }
        } else {
            let decoded = Zeroizing::new(STANDARD.decode(text).map_err(|_| VaultError::Variable)?);
            *bytes = decoded.as_slice().try_into().map_err(|_| VaultError::Variable)?;
        }
        Ok(MasterKey { bytes, from: format!("the one in `{VARIABLE}`") })
    }

    /// A new one.
    pub(super) fn new(from: &str) -> Result<MasterKey, io::Error> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        fill(bytes.as_mut_slice())?;
        Ok(MasterKey { bytes, from: from.to_owned() })
    }

    pub(super) fn cipher(&self) -> Cipher {
        Cipher(Zeroizing::new(*self.bytes))
    }
}

/// Where the master key is looked for.
#[derive(Clone, Debug)]
pub enum KeyPlace {
    /// The variable was set; and the one of the key that is to follow, where secrets move to another.
    Given(MasterKey, Option<MasterKey>),
    /// The file, which is made when the first secret is kept. While secrets move to another key, that one lies beside it.
    File(PathBuf),
}

impl KeyPlace {
    /// The variable where it is set, the file in the data folder where it is not.
    pub fn of(folder: &Path) -> Result<KeyPlace, VaultError> {
        let variable = |name| std::env::var(name).ok().filter(|text| !text.trim().is_empty());
        match variable(VARIABLE) {
            Some(text) => {
                let next = variable(VARIABLE_NEXT).map(|text| MasterKey::parse(&text)).transpose()?;
                let next = next.map(|key| MasterKey { from: format!("the one in `{VARIABLE_NEXT}`"), ..key });
                Ok(KeyPlace::Given(MasterKey::parse(&text)?, next))
            }
            None => Ok(KeyPlace::File(folder.join(FILE_NAME))),
        }
    }

    /// Every key that secrets may be under now: the one that is, and the one that is to follow. What is made new is under the
    /// last one.
    pub(super) fn keys(&self) -> Result<Vec<MasterKey>, VaultError> {
        match self {
            KeyPlace::Given(key, next) => {
                Ok([Some(key.clone()), next.clone()].into_iter().flatten().collect())
            }
            KeyPlace::File(path) => {
                // The one that is to follow first: between the two it can only become the other.
                let next = read(&path.with_file_name(FILE_NAME_NEXT))?;
                let keys: Vec<MasterKey> = [read(path)?, next].into_iter().flatten().collect();
                if keys.is_empty() { Err(VaultError::Missing(path.display().to_string())) } else { Ok(keys) }
            }
        }
    }

    /// The key for what is made new, which is made where there is none yet.
    pub(super) fn newest(&self) -> Result<MasterKey, VaultError> {
        let keys = match (self.keys(), self) {
            (Err(VaultError::Missing(_)), KeyPlace::File(path)) => {
                make(path)?;
                // Somebody else may have made it first; what is there counts.
                self.keys()
            }
            (keys, _) => keys,
        };
        let mut keys = keys?;
        keys.pop().ok_or_else(|| VaultError::Missing(String::new()))
    }
}

/// The key in a file; none when there is no file.
pub(super) fn read(path: &Path) -> Result<Option<MasterKey>, VaultError> {
    let shown = path.display().to_string();
    let unusable = |cause: String| VaultError::File { path: shown.clone(), cause };
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let text = Zeroizing::new(text);
            let key = MasterKey::parse(&text).map_err(|_| {
                unusable("it holds no key; put the one back that this data folder had".to_owned())
            })?;
            Ok(Some(MasterKey { from: format!("the one in `{shown}`"), ..key }))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(error.to_string())),
    }
}

/// Makes a file with a new key, unless there is one.
pub(super) fn make(path: &Path) -> Result<(), VaultError> {
    let unusable =
        |cause: io::Error| VaultError::File { path: path.display().to_string(), cause: cause.to_string() };
    let key = MasterKey::new("").map_err(unusable)?;
    write_new(path, &key).map_err(unusable)
}

/// Makes a key file for its owner alone, unless there is one: whole or not at all.
pub(super) fn write_new(path: &Path, key: &MasterKey) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    crate::data::make_private(folder)?;
    // Temporary files are for their owner alone from the start.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let text = Zeroizing::new(crate::engine::hex(key.bytes.as_slice()) + "\n");
    io::Write::write_all(&mut file, text.as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => std::fs::File::open(folder)?.sync_all(),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}
