//! Documents of OpenID Connect, as providers write them: only the fields that are looked at.

use serde::Deserialize;
use serde_json::Value;

/// Where a provider does what.
#[derive(Deserialize)]
pub(super) struct Said {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) jwks_uri: String,
    #[serde(default)]
    pub(super) token_endpoint_auth_methods_supported: Vec<String>,
}

/// How a token is signed.
#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) alg: String,
    pub(super) kid: Option<String>,
    /// Extensions that have to be understood: none is.
    pub(super) crit: Option<Value>,
}

/// The keys with which a provider signs.
#[derive(Deserialize)]
pub(super) struct Keys {
    pub(super) keys: Vec<Key>,
}

/// One of them.
#[derive(Deserialize)]
pub(super) struct Key {
    pub(super) kty: String,
    pub(super) kid: Option<String>,
    #[serde(rename = "use")]
    pub(super) usage: Option<String>,
    pub(super) crv: Option<String>,
    pub(super) n: Option<String>,
    pub(super) e: Option<String>,
    pub(super) x: Option<String>,
    pub(super) y: Option<String>,
}

/// What a token says.
#[derive(Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) aud: Audience,
    pub(super) azp: Option<String>,
    pub(super) exp: f64,
    pub(super) iat: f64,
    pub(super) nonce: Option<String>,
    pub(super) email: Option<String>,
    /// Some write it as a text.
    pub(super) email_verified: Option<Value>,
}

/// For whom it was made.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Several(Vec<String>),
}

/// What a provider gives for a code.
#[derive(Deserialize)]
pub(super) struct Given {
    pub(super) id_token: Option<String>,
    pub(super) error: Option<String>,
}
