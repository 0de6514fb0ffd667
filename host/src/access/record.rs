//! What is kept about who may come in: frozen formats, as documents have them. None of it holds a password, a token or
//! a code; the secrets of authenticator apps lie in the vault.

use serde::{Deserialize, Serialize};

/// Somebody who may sign in. The document's key is the folded e-mail address.
#[derive(Clone, Serialize, Deserialize)]
pub struct PersonRecord {
    /// E-mail address, folded.
    pub email: String,
    /// How others call them.
    pub name: String,
    /// Their roles, by name.
    pub roles: Vec<String>,
    /// Whether they may come in no longer.
    #[serde(default)]
    pub is_disabled: bool,
    /// Their password; none as long as they have not followed their link.
    pub password: Option<PasswordRecord>,
    /// Name of their authenticator's secret in the vault.
    pub totp: Option<String>,
    /// Step of the last code that was taken.
    #[serde(default)]
    pub totp_step: u64,
    /// Hashes of the recovery codes that are left.
    #[serde(default)]
    pub recovery: Vec<String>,
    /// Whom the business's sign-in provider knows them as, since they first came in by it.
    #[serde(default)]
    pub provider: Option<ProviderRecord>,
    /// When they were invited.
    pub made_at_ms: i64,
    /// By whom.
    pub made_by: String,
    /// When they signed in last.
    pub signed_in_at_ms: Option<i64>,
}

/// Somebody at a sign-in provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderRecord {
    /// The provider's address.
    pub issuer: String,
    /// What it calls them for ever: addresses change hands.
    pub subject: String,
}

/// A password's hash and its terms.
#[derive(Clone, Serialize, Deserialize)]
pub struct PasswordRecord {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// Base64.
    pub salt: String,
    /// Base64.
    pub hash: String,
}

/// A link that lets somebody in once. The document's key is the hash of its token.
#[derive(Clone, Serialize, Deserialize)]
pub struct InvitationRecord {
    /// Whom it is for; none for the first one of all.
    pub email: Option<String>,
    /// Until when it works.
    pub expires_at_ms: i64,
    /// Name of the authenticator's secret in the vault.
    pub totp: String,
}

/// Somebody who is signed in. The document's key is the hash of the token.
#[derive(Clone, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Who.
    pub email: String,
    /// Since when.
    pub made_at_ms: i64,
    /// When it was used last, to a few minutes.
    pub seen_at_ms: i64,
    /// From which address.
    pub address: String,
    /// With which browser, as it calls itself.
    pub agent: String,
}

/// What a program shows instead of signing in. The document's key is the hash of the key.
#[derive(Clone, Serialize, Deserialize)]
pub struct KeyRecord {
    /// By what people name it: `k1`.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Rights, by name.
    pub scopes: Vec<String>,
    /// When it was made.
    pub made_at_ms: i64,
    /// By whom.
    pub made_by: String,
    /// Until when it works.
    pub expires_at_ms: Option<i64>,
    /// When it was used last, to a few minutes.
    pub used_at_ms: Option<i64>,
    /// When it was revoked.
    pub revoked_at_ms: Option<i64>,
}

/// One note of the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteRecord {
    /// When.
    pub at_ms: i64,
    /// Who: an e-mail address, `key:k1`, `local`, `cli:name`.
    pub who: String,
    /// What was done, like `campaign.start`.
    pub verb: String,
    /// To what, by ids.
    pub subject: String,
    /// From which address; empty at the command line.
    pub from: String,
    /// What came of it: `done`, `refused`, `failed`.
    pub result: String,
    /// More of that: the answer's status, or how often it happened.
    #[serde(default)]
    pub detail: String,
}
