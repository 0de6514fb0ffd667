//! Who may come in, and what they may do: people with a password and a one-time code, programs with a key, and the audit of
//! what either did. Knows no HTTP; all calls block. Only credentials say who somebody is - nothing that is asked for does.

mod attempts;
pub mod audit;
pub mod keys;
pub mod oidc;
pub mod password;
pub mod people;
mod picture;
pub mod record;
mod right;
pub mod session;
mod token;
pub mod totp;

use std::sync::Arc;

use consentry_core::diagnostic::clip;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Clock;
use crate::store::{Document, Kind, Put, Store, StoreError, TenantId};
use crate::vault::{Vault, VaultError};

pub use picture::Picture;
pub use right::{RIGHTS, ROLES, Right, Rights, Role};

/// How often something is tried again that others changed in between.
const ROUNDS_MAX: usize = 16;
/// Documents read at once.
const PAGE: usize = 100;
/// The document that is written with every change of who may do what, so that two changes never cross.
const MARK: &str = "access";

/// Why somebody does not come in, or something about that cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secrets.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Whatever it is; who asks must not learn more.
    #[error("the e-mail address, the password or the code is not right")]
    NotRight,
    /// Too many attempts.
    #[error("too many attempts failed; try again in {minutes} minutes", minutes = .0.div_ceil(60))]
    TooMany(u64),
    /// The provider vouches for somebody whom nobody has invited.
    #[error("nobody called `{email}` is here: ask whoever invites people to invite this address", email = clip(.0))]
    NotInvited(String),
    /// The link is used, expired or none.
    #[error("this link does not work any more: links work once and for a day. Ask for a new one")]
    Link,
    /// What was asked is not right as it is.
    #[error("{0}")]
    Invalid(String),
    /// What was named is not there.
    #[error("{0}")]
    NotFound(String),
    /// It stands in a way that does not allow it.
    #[error("{0}")]
    Conflict(String),
    /// The machine gives no random bytes.
    #[error("the machine gives no random bytes: {0}")]
    Random(String),
    /// What is kept is not what was kept.
    #[error("what is kept of {0} cannot be read")]
    Damaged(String),
}

/// Who asks, as their credential says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// Whose data they see.
    pub tenant: TenantId,
    /// Who they are.
    pub caller: Caller,
    /// What they may do.
    pub rights: Rights,
}

/// Somebody who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Whoever sits at the machine, where nobody signs in.
    Local,
    /// Somebody who signed in.
    Person {
        /// Their address.
        email: String,
        /// Their name.
        name: String,
        /// Under what their session is kept.
        session: String,
    },
    /// A program.
    Key {
        /// The id of its key.
        id: String,
    },
}

impl Who {
    /// Whoever sits at the machine.
    pub fn local() -> Who {
        Who { tenant: TenantId::DEFAULT, caller: Caller::Local, rights: Rights::all() }
    }

    /// How histories name them; whoever sits at the machine says that themselves.
    pub fn by(&self) -> Option<String> {
        match &self.caller {
            Caller::Local => None,
            Caller::Person { email, .. } => Some(email.clone()),
            Caller::Key { id } => Some(format!("key:{id}")),
        }
    }
}

/// The room.
pub struct Access {
    store: Arc<dyn Store>,
    vault: Vault,
    clock: Arc<dyn Clock>,
    attempts: attempts::Attempts,
}

impl Access {
    /// The room of an installation.
    pub fn new(store: Arc<dyn Store>, vault: Vault, clock: Arc<dyn Clock>) -> Access {
        Access { store, vault, clock, attempts: attempts::Attempts::default() }
    }

    fn read<T: DeserializeOwned>(
        &self,
        tenant: TenantId,
        kind: Kind,
        key: &str,
    ) -> Result<Option<(T, u64)>, AccessError> {
        let Some(document) = self.store.document(tenant, kind, key)? else { return Ok(None) };
        Ok(Some((parsed(&document)?, document.version)))
    }

    fn all<T: DeserializeOwned>(
        &self,
        tenant: TenantId,
        kind: Kind,
    ) -> Result<Vec<(String, T, u64)>, AccessError> {
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.store.documents(tenant, kind, &after, PAGE)?;
            let Some(last) = page.last() else { return Ok(found) };
            after.clone_from(&last.key);
            for document in &page {
                found.push((document.key.clone(), parsed(document)?, document.version));
            }
        }
    }

    /// Tries something again that others changed in between.
    fn settled<T>(&self, mut attempt: impl FnMut() -> Result<T, AccessError>) -> Result<T, AccessError> {
        for _ in 1..ROUNDS_MAX {
            match attempt() {
                Err(AccessError::Store(StoreError::Overtaken)) => {}
                other => return other,
            }
        }
        attempt()
    }

    /// The version of the document that every change of who may do what writes.
    fn mark(&self, tenant: TenantId) -> Result<Option<u64>, AccessError> {
        Ok(self.store.document(tenant, Kind::Setting, MARK)?.map(|document| document.version))
    }
}

/// Says that who may do what has changed since the mark was read.
fn marked(version: Option<u64>) -> Put<'static> {
    Put { kind: Kind::Setting, key: MARK, expected_version: version, body: Some(b"{}") }
}

fn parsed<T: DeserializeOwned>(document: &Document) -> Result<T, AccessError> {
    serde_json::from_slice(&document.body)
        .map_err(|_| AccessError::Damaged(format!("`{}`", clip(&document.key))))
}

fn body(record: &impl Serialize) -> Result<Vec<u8>, AccessError> {
    serde_json::to_vec(record).map_err(|cause| AccessError::Damaged(cause.to_string()))
}
