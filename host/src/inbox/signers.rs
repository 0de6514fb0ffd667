//! Whose app signed a webhook. Meta sends many in a second, so what is needed to tell is kept for a moment; a secret that
//! is new is looked up at once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use consentry_core::wire::webhook::v1::signature;

use super::NotHeard;
use crate::accounts;
use crate::desk::{Desk, DeskError};
use crate::secret::Secret;
use crate::store::TenantId;

/// How long secrets are kept: a webhook signed with one that was taken away may be believed so long.
const KEPT: Duration = Duration::from_secs(1);
/// Secrets that are newer than this are not looked up again: Meta sends again what was refused for it.
const LOOKED_AGAIN: Duration = Duration::from_millis(50);

/// Secrets of a tenant's apps.
#[derive(Default)]
pub(super) struct Signers {
    kept: Mutex<Option<Kept>>,
}

#[derive(Clone)]
struct Kept {
    tenant: TenantId,
    since: Instant,
    known: Arc<Known>,
}

#[derive(Default)]
struct Known {
    secrets: Vec<Secret>,
    /// Why the secrets of others could not be looked at: they are no reason to refuse what somebody else signed.
    unreadable: Vec<String>,
    cause: Mutex<Option<DeskError>>,
}

impl Signers {
    /// Sees that an app of the tenant's signed a body. Tells why the secrets of others could not be read.
    pub(super) fn verify(
        &self,
        desk: &Desk,
        tenant: TenantId,
        body: &[u8],
        signature: &str,
    ) -> Result<Vec<String>, NotHeard> {
        if let Some((kept, since)) = self.kept(tenant) {
            if kept.signed(body, signature) {
                return Ok(kept.unreadable.clone());
            }
            // Whoever forges many does not have all secrets looked up for each.
            if since < LOOKED_AGAIN && kept.unreadable.is_empty() {
                return Err(NotHeard::Unsigned);
            }
        }
        let known = Arc::new(Known::look_up(desk, tenant)?);
        let kept = Kept { tenant, since: Instant::now(), known: known.clone() };
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        if known.signed(body, signature) {
            return Ok(known.unreadable.clone());
        }
        let cause = known.cause.lock().unwrap_or_else(PoisonError::into_inner).take();
        // It may be that of an account whose secret cannot be read: to be sent again when it can.
        Err(cause.map_or(NotHeard::Unsigned, NotHeard::Desk))
    }

    fn kept(&self, tenant: TenantId) -> Option<(Arc<Known>, Duration)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let since = kept.since.elapsed();
        (kept.tenant == tenant && since < KEPT).then_some((kept.known, since))
    }
}

impl Known {
    fn look_up(desk: &Desk, tenant: TenantId) -> Result<Known, DeskError> {
        let mut known = Known::default();
        for account in accounts::all(desk, tenant)? {
            match accounts::app_secret(desk, tenant, &account.id) {
                Ok(Some(secret)) if known.secrets.contains(&secret) => {}
                Ok(Some(secret)) => known.secrets.push(secret),
                Ok(None) => {}
                Err(why) => {
                    known
                        .unreadable
                        .push(format!("fault: the app secret of {} cannot be read: {why}", account.id));
                    known.cause = Mutex::new(Some(why));
                }
            }
        }
        Ok(known)
    }

    fn signed(&self, body: &[u8], signature: &str) -> bool {
        self.secrets.iter().any(|secret| signature::verify(body, signature, secret.reveal().as_bytes()))
    }
}
