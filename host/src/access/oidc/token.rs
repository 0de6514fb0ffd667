//! The token in which a provider says who somebody is: whether the provider signed it, for this server, for this question
//! and now.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consentry_core::diagnostic::clip;
use consentry_core::time::UnixMs;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::Value;

use crate::access::{password, people};

use super::payload::{Audience, Claims, Head, Key, Keys};
use super::{HANDSHAKE_S_MAX, Handshake, Provider};

/// How far clocks may differ.
const CLOCKS_S: i64 = 60;
/// Uncompressed points of P-256 begin with this.
const POINT: u8 = 4;

/// Who somebody is, as their provider says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// The provider.
    pub issuer: String,
    /// What it calls them for ever.
    pub subject: String,
    /// Their address.
    pub email: String,
}

/// Reads a token that the provider has just given. `keys` is what it publishes; `None` when the token is signed with a key
/// that is not among them, which new ones may be.
pub fn vouched(
    provider: &Provider,
    keys: &[u8],
    token: &str,
    handshake: &Handshake,
    now: UnixMs,
) -> Result<Option<Vouched>, String> {
    let odd = || "the provider's token is none".to_owned();
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(sign), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(odd());
    };
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| odd());
    let head: Head = serde_json::from_slice(&decoded(head)?).map_err(|_| odd())?;
    let message = &token[..token.len() - sign.len() - 1];
    let keys: Keys = serde_json::from_slice(keys).map_err(|_| "the provider's keys are none".to_owned())?;
    let Some(is_signed) = keys.verify(&head, message.as_bytes(), &decoded(sign)?)? else { return Ok(None) };
    if !is_signed {
        return Err("the provider's token is not signed by the provider".to_owned());
    }
    let claims: Claims = serde_json::from_slice(&decoded(body)?).map_err(|_| odd())?;
    claims.check(provider, handshake, now).map(Some)
}

impl Keys {
    /// Whether one of them has signed; none when the one that is named is not among them.
    fn verify(&self, head: &Head, message: &[u8], sign: &[u8]) -> Result<Option<bool>, String> {
        // The key's kind follows from the list here, never from the token alone: a public key is no shared secret, and
        // `none` is no signature.
        let kind = match head.alg.as_str() {
            "RS256" => "RSA",
            "ES256" => "EC",
            other => {
                return Err(format!(
                    "the provider signs with `{}`: choose RS256 or ES256 there",
                    clip(other)
                ));
            }
        };
        if head.crit.is_some() {
            return Err("the provider's token needs extensions that are not known here".to_owned());
        }
        let fits = |key: &&Key| {
            key.kty == kind
                && key.usage.as_deref().is_none_or(|usage| usage == "sig")
                && head.kid.as_ref().is_none_or(|kid| key.kid.as_ref() == Some(kid))
        };
        let mut fitting = self.keys.iter().filter(fits).peekable();
        if fitting.peek().is_none() {
            return Ok(None);
        }
        Ok(Some(fitting.any(|key| key.signed(message, sign).is_some())))
    }
}

impl Key {
    fn signed(&self, message: &[u8], sign: &[u8]) -> Option<()> {
        let part = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
        if self.kty == "RSA" {
            let key = RsaPublicKeyComponents { n: part(&self.n)?, e: part(&self.e)? };
            return key.verify(&RSA_PKCS1_2048_8192_SHA256, message, sign).ok();
        }
        if self.crv.as_deref() != Some("P-256") {
            return None;
        }
        let point = [vec![POINT], part(&self.x)?, part(&self.y)?].concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, sign).ok()
    }
}

impl Claims {
    fn check(self, provider: &Provider, handshake: &Handshake, now: UnixMs) -> Result<Vouched, String> {
        let not_ours = || "the provider's token was made for somebody else".to_owned();
        let audience = match &self.aud {
            Audience::One(one) => std::slice::from_ref(one),
            Audience::Several(all) => all,
        };
        let is_party = match &self.azp {
            Some(party) => *party == provider.client_id,
            None => audience.len() == 1,
        };
        if self.iss != provider.issuer || !audience.contains(&provider.client_id) || !is_party {
            return Err(not_ours());
        }
        let nonce = self.nonce.unwrap_or_default();
        if !password::same(nonce.as_bytes(), handshake.nonce.reveal().as_bytes()) {
            return Err("the provider's token answers another question than was asked".to_owned());
        }
        let now_s = now.0.div_euclid(1000);
        #[expect(clippy::cast_precision_loss, reason = "seconds of this age are exact for a long time")]
        let is_fresh = self.exp > (now_s - CLOCKS_S) as f64
            && self.iat < (now_s + CLOCKS_S) as f64
            && self.iat > (now_s - HANDSHAKE_S_MAX - CLOCKS_S) as f64;
        if !is_fresh {
            let text = "the provider's token is not of now: look whether the clock of this server is right";
            return Err(text.to_owned());
        }
        let is_verified = match &self.email_verified {
            Some(Value::Bool(verified)) => *verified,
            Some(Value::String(text)) => text == "true",
            // What was found to be wrong is not believed, whoever trusts the rest.
            Some(_) => false,
            None => provider.trusts_addresses,
        };
        let email = self.email.unwrap_or_default();
        if email.is_empty() {
            let text = "the provider does not say your e-mail address: let it send the claim `email`";
            return Err(text.to_owned());
        }
        if !is_verified {
            let text = "the provider does not say that your e-mail address was verified; where it is a directory of your own, \
                        whoever runs this server can say so with --oidc-trust-addresses";
            return Err(text.to_owned());
        }
        if self.sub.is_empty() {
            return Err("the provider's token names nobody".to_owned());
        }
        Ok(Vouched { issuer: self.iss, subject: self.sub, email: people::folded(&email) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = UnixMs(1_790_000_000_000);

    fn provider() -> Provider {
        Provider::new("https://id.example", "consentry", None, false).unwrap()
    }

    fn handshake() -> Handshake {
        Handshake::read("state.nonce.verifier", "state").unwrap()
    }

    fn claims(change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Result<Vouched, String> {
        let now = NOW.0 / 1000;
        let mut all = serde_json::json!({
            "iss": "https://id.example", "sub": "7", "aud": "consentry", "exp": now + 300, "iat": now,
            "nonce": "nonce", "email": "Ann@Example.com", "email_verified": true,
        });
        change(all.as_object_mut().unwrap());
        serde_json::from_value::<Claims>(all).map_err(|error| error.to_string())?.check(
            &provider(),
            &handshake(),
            NOW,
        )
    }

    #[test]
    fn only_what_was_made_for_this_question_is_believed() {
        let whole = claims(|_| {}).unwrap();
        assert_eq!(whole.email, "ann@example.com");
        let now = NOW.0 / 1000;
        for (name, value, why) in [
            ("iss", Value::from("https://id.example/"), "somebody else"),
            ("aud", Value::from("other"), "somebody else"),
            ("aud", serde_json::json!(["consentry", "other"]), "somebody else"),
            ("azp", Value::from("other"), "somebody else"),
            ("nonce", Value::from("nonc"), "another question"),
            ("nonce", Value::Null, "another question"),
            ("exp", Value::from(now - 61), "not of now"),
            ("iat", Value::from(now + 61), "not of now"),
            ("iat", Value::from(now - 661), "not of now"),
            ("email", Value::Null, "claim `email`"),
            ("email_verified", Value::from(false), "verified"),
            ("email_verified", Value::from(1), "verified"),
            ("email_verified", Value::Null, "verified"),
            ("sub", Value::from(""), "names nobody"),
        ] {
            let refused = claims(|all| drop(all.insert(name.to_owned(), value.clone()))).unwrap_err();
            assert!(refused.contains(why), "{name} {value}: {refused}");
        }
        let several = serde_json::json!(["consentry", "other"]);
        let named = claims(|all| {
            all.insert("aud".to_owned(), several);
            all.insert("azp".to_owned(), "consentry".into());
        });
        named.unwrap();
    }

    #[test]
    fn a_token_that_nobody_signed_is_none() {
        let keys = br#"{"keys":[{"kty":"RSA","kid":"1","n":"AQAB","e":"AQAB"}]}"#;
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        for alg in ["none", "HS256", "RS512", ""] {
            let token = format!("{}.{}.", part(serde_json::json!({ "alg": alg })), part(Value::Null));
            let refused = vouched(&provider(), keys, &token, &handshake(), NOW).unwrap_err();
            assert!(refused.contains("choose RS256"), "{refused}");
        }
        let token =
            |kid: &str| format!("{}.e30.c2lnbg", part(serde_json::json!({ "alg": "RS256", "kid": kid })));
        assert!(
            vouched(&provider(), keys, &token("1"), &handshake(), NOW).unwrap_err().contains("not signed")
        );
        assert_eq!(vouched(&provider(), keys, &token("2"), &handshake(), NOW), Ok(None));
        for token in ["", "a.b", "a.b.c", "a.b.c.d", ".."] {
            assert!(vouched(&provider(), keys, token, &handshake(), NOW).is_err(), "{token}");
        }
    }
}
