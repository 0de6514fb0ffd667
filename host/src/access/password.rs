//! Passwords: Argon2id, which takes memory and time from whoever guesses. The terms are kept beside each hash, so that
//! they can be raised later. Callers bound how many of these run at once: each takes 64 MiB.

use std::sync::LazyLock;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::secret::Secret;

use super::record::PasswordRecord;
use super::{AccessError, token};

/// Fewest characters: length is what makes a password hard to guess, and no rule about kinds of characters helps.
pub const CHARS_MIN: usize = 12;
/// Most bytes.
pub const BYTES_MAX: usize = 512;
/// Memory of one hash, in KiB, its passes and lanes: the second recommendation of RFC 9106, on one thread.
const MEMORY_KIB: u32 = 64 << 10;
const PASSES: u32 = 3;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// What is kept of a new password.
pub(super) fn keep(password: &Secret) -> Result<PasswordRecord, AccessError> {
    let salt = *token::random::<SALT_BYTES>()?;
    let (memory_kib, passes, lanes) = (MEMORY_KIB, PASSES, LANES);
    let mut record =
        PasswordRecord { memory_kib, passes, lanes, salt: STANDARD_NO_PAD.encode(salt), hash: String::new() };
    record.hash = STANDARD_NO_PAD.encode(hash(&record, password)?);
    Ok(record)
}

/// Whether it is the password. Takes as long where there is none.
pub(super) fn is_right(kept: Option<&PasswordRecord>, password: &Secret) -> Result<bool, AccessError> {
    static NOBODY: LazyLock<PasswordRecord> = LazyLock::new(|| PasswordRecord {
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        lanes: LANES,
        salt: STANDARD_NO_PAD.encode([0; SALT_BYTES]),
        hash: STANDARD_NO_PAD.encode([0; HASH_BYTES]),
    });
    let record = kept.unwrap_or(&NOBODY);
    let expected = STANDARD_NO_PAD.decode(&record.hash).unwrap_or_default();
    let same = same(&hash(record, password)?, &expected);
    Ok(same && kept.is_some())
}

/// What is wrong with a new password, if anything is.
pub(super) fn check(password: &Secret, email: &str) -> Result<(), AccessError> {
    let text = password.reveal();
    if text.chars().count() < CHARS_MIN || text.len() > BYTES_MAX {
        let text = format!("a password has at least {CHARS_MIN} characters, and at most {BYTES_MAX} bytes");
        return Err(AccessError::Invalid(text));
    }
    let first = text.chars().next();
    if text.eq_ignore_ascii_case(email) || text.chars().all(|char| Some(char) == first) {
        let text = "choose a password that is not your address and not one character again and again";
        return Err(AccessError::Invalid(text.to_owned()));
    }
    Ok(())
}

/// Compares in a time that says nothing about where two texts differ.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |all, (one, other)| all | (one ^ other)) == 0
}

fn hash(record: &PasswordRecord, password: &Secret) -> Result<[u8; HASH_BYTES], AccessError> {
    let odd = |_| AccessError::Damaged("the terms of a password".to_owned());
    let params =
        Params::new(record.memory_kib, record.passes, record.lanes, Some(HASH_BYTES)).map_err(odd)?;
    let salt = STANDARD_NO_PAD.decode(&record.salt).unwrap_or_default();
    let mut out = [0; HASH_BYTES];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(password.reveal().as_bytes(), &salt, &mut out).map_err(odd)?;
    Ok(out)
}
