//! The key that evidence is signed with: made at the first use, kept among the secrets like every other, and never given
//! away. What others need is the public half, which says nothing about it.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use zeroize::Zeroizing;

use crate::engine::hex;
use crate::secret::Secret;
use crate::store::{StoreError, TenantId};
use crate::vault::{Vault, VaultError};

/// Name of the key among the secrets.
const SECRET: &str = "evidence";
/// Bytes of either half of a key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;

/// Signs.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// The key of an installation, which is made when there is none. Hosts that share a database have the same.
    pub fn make(vault: &Vault, tenant: TenantId) -> Result<SigningKey, VaultError> {
        if let Some(key) = SigningKey::find(vault, tenant)? {
            return Ok(key);
        }
        let mut seed = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(seed.as_mut_slice())
            .map_err(|cause| StoreError::File(std::io::Error::other(format!("no random bytes: {cause}"))))?;
        let text = Zeroizing::new(hex(seed.as_slice()));
        SigningKey::read(&vault.keep_new(tenant, SECRET, &Secret::new(&text))?)
    }

    /// The key of an installation, if it has signed before.
    pub fn find(vault: &Vault, tenant: TenantId) -> Result<Option<SigningKey>, VaultError> {
        vault.open(tenant, SECRET)?.as_ref().map(SigningKey::read).transpose()
    }

    /// From the seed; for whoever tests.
    pub fn from_seed(seed: &[u8; KEY_BYTES]) -> Option<SigningKey> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(SigningKey)
    }

    fn read(secret: &Secret) -> Result<SigningKey, VaultError> {
        let seed = unhex::<KEY_BYTES>(secret.reveal()).map(Zeroizing::new);
        let key = seed.and_then(|seed| SigningKey::from_seed(&seed));
        key.ok_or_else(|| VaultError::Damaged(SECRET.to_owned()))
    }

    /// What others verify with.
    pub fn public(&self) -> [u8; KEY_BYTES] {
        let mut public = [0; KEY_BYTES];
        public.copy_from_slice(self.0.public_key().as_ref());
        public
    }

    /// Signs these bytes.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).as_ref().to_vec()
    }
}

/// Whether whoever has the key signed these bytes.
pub fn is_signed(public: &[u8; KEY_BYTES], bytes: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(bytes, signature).is_ok()
}

/// Reads as many bytes from small hexadecimal digits, and from nothing else: what can be written in two ways could be changed
/// unseen.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}
