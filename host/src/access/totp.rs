//! One-time codes of authenticator apps (RFC 6238: SHA-1, 30 s, six digits, the only terms that every app knows), and the
//! recovery codes for whoever has lost the app.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use zeroize::Zeroizing;

use consentry_core::time::UnixMs;

use crate::secret::Secret;

use super::{AccessError, password, token};

/// Length of a step.
const STEP_MS: i64 = 30_000;
/// Steps before and after the present one that are taken: clocks differ.
const STEPS_ASIDE: u64 = 1;
/// Bytes of a secret, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
/// Recovery codes given out at once.
pub const RECOVERY_CODES: usize = 10;
/// Letters of secrets (RFC 4648) and of recovery codes.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A new secret, as apps take it by hand.
pub(super) fn fresh() -> Result<Secret, AccessError> {
    Ok(Secret::new(&Zeroizing::new(base32(&*token::random::<SECRET_BYTES>()?))))
}

/// The step whose code this is, later than `last`: no code is taken twice.
pub fn step_of(secret: &Secret, code: &str, now: UnixMs, last: u64) -> Option<u64> {
    let key = Zeroizing::new(bytes(secret.reveal())?);
    let present = u64::try_from(now.0 / STEP_MS).ok()?;
    let code: String = code.chars().filter(|char| !char.is_whitespace()).collect();
    // All are compared, whichever it is.
    let steps = present.saturating_sub(STEPS_ASIDE)..=present + STEPS_ASIDE;
    let is_it = |step: &u64| password::same(code_at(&key, *step).as_bytes(), code.as_bytes());
    steps.filter(|step| is_it(step) && *step > last).fold(None, |_, step| Some(step))
}

/// The code of a moment.
pub fn code(secret: &Secret, now: UnixMs) -> Option<String> {
    Some(code_at(&bytes(secret.reveal())?, u64::try_from(now.0 / STEP_MS).ok()?))
}

/// What an app reads from a picture.
pub(super) fn address(secret: &Secret, email: &str) -> Secret {
    let name = percent_encoding::utf8_percent_encode(email, percent_encoding::NON_ALPHANUMERIC);
    Secret::new(&format!("otpauth://totp/Consentry:{name}?secret={}&issuer=Consentry", secret.reveal()))
}

/// New recovery codes, of 50 bits each.
pub(super) fn recovery() -> Result<Vec<Secret>, AccessError> {
    let code = || -> Result<Secret, AccessError> {
        let bytes = token::random::<10>()?;
        let letter = |byte: &u8| char::from(BASE32[usize::from(byte % 32)]).to_ascii_lowercase();
        let text: String = bytes.iter().map(letter).collect();
        Ok(Secret::new(&format!("{}-{}", &text[..5], &text[5..])))
    };
    (0..RECOVERY_CODES).map(|_| code()).collect()
}

/// What is kept of a recovery code. Attempts are bounded, so that a fast hash will do for whoever asks; it is bound to
/// the person, so that no table fits two.
pub(super) fn recovery_key(email: &str, code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    token::hash("recovery", &format!("{email}\0{}", plain.to_ascii_lowercase()))
}

fn code_at(key: &[u8], step: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let sum = mac.finalize().into_bytes();
    let at = usize::from(sum[19] & 0xf);
    let four = [sum[at] & 0x7f, sum[at + 1], sum[at + 2], sum[at + 3]];
    format!("{:06}", u32::from_be_bytes(four) % 1_000_000)
}

fn base32(bytes: &[u8]) -> String {
    let (mut out, mut held, mut bits) = (String::new(), 0_u32, 0);
    for byte in bytes {
        (held, bits) = (held << 8 | u32::from(*byte), bits + 8);
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(BASE32[(held >> bits & 31) as usize]));
        }
        held &= 0xff;
    }
    out
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let five = BASE32.iter().position(|known| *known == letter)?;
        (held, bits) = ((held << 5 | five as u32) & 0xfff, bits + 5);
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits & 0xff) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = Secret::new(&base32(b"12345678901234567890"));
        // RFC 6238, appendix B, the last six digits.
        for (second, expected) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(code(&secret, UnixMs(second * 1000)).unwrap(), expected);
        }
    }

    #[test]
    fn a_code_is_taken_once_and_near_its_time_only() {
        let secret = fresh().unwrap();
        let now = UnixMs(1_700_000_000_000);
        let code = code(&secret, now).unwrap();
        let step = step_of(&secret, &code, now, 0).unwrap();
        assert_eq!(step_of(&secret, &code, now, step), None);
        assert_eq!(step_of(&secret, &code, UnixMs(now.0 + STEP_MS), 0), Some(step));
        for away in [-2, 2] {
            assert_eq!(step_of(&secret, &code, UnixMs(now.0 + away * STEP_MS), 0), None);
        }
    }

    #[test]
    fn recovery_codes_compare_as_people_type_them() {
        let codes = recovery().unwrap();
        assert_eq!(codes.len(), RECOVERY_CODES);
        let typed = codes[0].reveal().to_uppercase().replace('-', " ");
        assert_eq!(recovery_key("a@b.c", codes[0].reveal()), recovery_key("a@b.c", &typed));
        assert_ne!(recovery_key("a@b.c", codes[0].reveal()), recovery_key("b@b.c", codes[0].reveal()));
    }
}
