//! Whether bytes come from whom they should: Meta's signature over a webhook, and the one that the edge and the host sign
//! each other's words with (in the manner of Standard Webhooks). Compared in constant time, over the bytes as they came.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// How far a signed time may be from now, in seconds.
pub const TOLERANCE_S: i64 = 300;
/// Shortest secret between edge and host, in bytes.
const SECRET_BYTES_MIN: usize = 16;
/// Most signatures looked at in one header.
const SIGNATURES_MAX: usize = 8;

/// Whether `header`, an `X-Hub-Signature-256`, is this app secret's over these bytes. It takes the same time wherever they
/// differ, and says nothing about the right one.
///
/// ```
/// use consentry_core::webhook::signature::verify;
/// let body = br#"{"object":"whatsapp_business_account","entry":[]}"#;
/// let header = "sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756";
/// assert!(verify(body, header, b"test_app_secret"));
/// assert!(!verify(b"{}", header, b"test_app_secret"));
/// ```
pub fn verify(raw: &[u8], header: &str, app_secret: &[u8]) -> bool {
    let said = header.trim().strip_prefix("sha256=").and_then(unhex);
    let Some(said) = said else { return false };
    mac(app_secret, &[raw]).verify_slice(&said).is_ok()
}

/// Whether a header could be somebody's signature at all.
pub fn is_whole(header: &str) -> bool {
    header.trim().strip_prefix("sha256=").and_then(unhex).is_some()
}

/// `webhook-signature` of one message between edge and host: `v1,` and the HMAC of id, time and body in base64. A secret is
/// `whsec_` and base64; any other text is taken as it is.
pub fn sign(secret: &str, id: &str, at_s: i64, body: &[u8]) -> String {
    let code = handover(secret, id, at_s, body).finalize().into_bytes();
    format!("v1,{}", STANDARD.encode(code))
}

/// Whether one of the signatures in `header`, parted by spaces, is this secret's. The caller compares the time:
/// see [`is_fresh`].
pub fn verify_signed(secret: &str, id: &str, at_s: i64, body: &[u8], header: &str) -> bool {
    let code = handover(secret, id, at_s, body);
    let said =
        header.split_ascii_whitespace().take(SIGNATURES_MAX).filter_map(|part| part.strip_prefix("v1,"));
    said.filter_map(|said| STANDARD.decode(said).ok())
        .fold(false, |found, said| found | code.clone().verify_slice(&said).is_ok())
}

/// Whether a secret between edge and host is one: nobody could guess it.
pub fn is_secret(secret: &str) -> bool {
    let decoded = secret.strip_prefix("whsec_").map(|key| STANDARD.decode(key).unwrap_or_default().len());
    decoded.unwrap_or(secret.len()) >= SECRET_BYTES_MIN
}

/// Whether a signed time is near enough to now.
pub fn is_fresh(at_s: i64, now_s: i64) -> bool {
    at_s.abs_diff(now_s) <= TOLERANCE_S.unsigned_abs()
}

/// Whether two secrets that somebody shows are the same, in a time that does not depend on where they differ.
pub fn equal(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0, |differ, (one, other)| differ | (one ^ other));
    !one.is_empty() && one.len() == other.len() && differ == 0
}

fn handover(secret: &str, id: &str, at_s: i64, body: &[u8]) -> Hmac<Sha256> {
    let decoded = secret.strip_prefix("whsec_").and_then(|key| STANDARD.decode(key).ok());
    let key = decoded.as_deref().unwrap_or(secret.as_bytes());
    mac(key, &[id.as_bytes(), b".", at_s.to_string().as_bytes(), b".", body])
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    // HMAC takes a key of any length.
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()));
    parts.iter().for_each(|part| mac.update(part));
    mac
}

/// Bytes as small hex digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let mut bytes = [0; 32];
    if text.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_over_these_very_bytes_is_taken() {
        let body = br#"{"object":"whatsapp_business_account","entry":[]}"#;
        let right = "sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756";
        assert!(verify(body, right, b"test_app_secret"));
        for wrong in ["", "sha256=", "sha1=dec6", &right[..70], &right.replace('d', "é"), &right[7..]] {
            assert!(!verify(body, wrong, b"test_app_secret"), "{wrong}");
        }
        for at in 7..right.len() {
            let mut wrong = right.as_bytes().to_vec();
            wrong[at] = if wrong[at] == b'0' { b'1' } else { b'0' };
            assert!(!verify(body, std::str::from_utf8(&wrong).unwrap(), b"test_app_secret"));
        }
        assert!(!verify(body, right, b"another") && !verify(body, right, b""));
    }

    #[test]
    fn what_edge_and_host_sign_holds_for_id_time_and_body() {
        // The example of the Standard Webhooks specification's libraries.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let (id, at_s, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        let header = sign(secret, id, at_s, body);
        assert_eq!(header, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(verify_signed(secret, id, at_s, body, &header));
        assert!(verify_signed(secret, id, at_s, body, &format!("v1,AAAA v2,x {header}")));
        assert!(!verify_signed(secret, "other", at_s, body, &header));
        assert!(!verify_signed(secret, id, at_s + 1, body, &header));
        assert!(!verify_signed(secret, id, at_s, b"{}", &header));
        assert!(!verify_signed("whsec_AAAA", id, at_s, body, &header));
        assert!(
            is_fresh(1000, 1300) && is_fresh(1300, 1000) && !is_fresh(999, 1300) && !is_fresh(i64::MIN, 0)
        );
    }
}
