//! Tokens of links, sessions and keys: 256 bits that nobody guesses. What is kept of one is its hash, so that who reads the
//! store can use none of them; a fast hash is enough, because there is nothing to guess.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::secret::Secret;

use super::AccessError;

/// Bytes of a token.
const TOKEN_BYTES: usize = 32;
/// Longest text that is looked up as a token, in bytes.
const TEXT_BYTES_MAX: usize = 100;

/// A new token.
pub(super) fn fresh(prefix: &str) -> Result<Secret, AccessError> {
    let bytes = random::<TOKEN_BYTES>()?;
    Ok(Secret::new(&Zeroizing::new(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(*bytes)))))
}

/// Bytes nobody can foresee.
pub(super) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, AccessError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut *bytes).map_err(|cause| AccessError::Random(cause.to_string()))?;
    Ok(bytes)
}

/// Under what a token is kept; none for what is none.
pub(super) fn key(token: &str) -> Option<String> {
    (!token.is_empty() && token.len() <= TEXT_BYTES_MAX).then(|| hash("token", token))
}

/// A hash of a text, apart from those for any other purpose.
pub(super) fn hash(purpose: &str, text: &str) -> String {
    let sum = Sha256::new().chain_update(purpose).chain_update([0]).chain_update(text).finalize();
    sum.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
