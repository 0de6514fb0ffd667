//! Nothing is sent by a host that has just come up before it has heard what was said to it meanwhile. An edge worker is read until
//! it has nothing more. Where Meta itself sends webhooks here, it repeats with growing pauses what nobody took: after a time
//! without anybody, as long is waited, up to a limit; after that Meta's own refusal (131050) is the last gate.

use std::sync::Arc;

use consentry_core::time::UnixMs;

use crate::store::{Kind, Put, Store, StoreError, TenantId};

/// Longest wait after a time in which nobody heard anything, in milliseconds.
const WAIT_MS_MAX: i64 = 15 * 60 * 1000;
/// How often it is written down that somebody hears, in milliseconds.
const WRITTEN_EVERY_MS: i64 = 30_000;
/// Where that is.
const KEY: &str = "heard_at";

/// Whether it may be sent yet.
pub struct Barrier {
    store: Arc<dyn Store>,
    tenant: TenantId,
    opens_at: UnixMs,
    written_at: Option<UnixMs>,
    /// Whether everything that waited elsewhere has come.
    drained: Box<dyn Fn() -> bool + Send>,
}

impl Barrier {
    /// For a host that comes up now. `drained` tells whether the edge worker's words about consent are here; without one it
    /// is always so. `waits` is whether Meta sends webhooks to this host itself.
    pub fn new(
        store: Arc<dyn Store>,
        tenant: TenantId,
        now: UnixMs,
        waits: bool,
        drained: Box<dyn Fn() -> bool + Send>,
    ) -> Result<Barrier, StoreError> {
        let heard_at = heard_at(store.as_ref(), tenant)?.map(|(_, at)| at);
        let silent_ms = heard_at.map_or(0, |at| now.0 - at.0 - WRITTEN_EVERY_MS).clamp(0, WAIT_MS_MAX);
        let opens_at = if waits { UnixMs(now.0 + silent_ms) } else { now };
        Ok(Barrier { store, tenant, opens_at, written_at: None, drained })
    }

    /// Why it is not to be sent yet, and until when, if it is not. Writes down now and then that somebody hears.
    pub fn stands(&mut self, now: UnixMs) -> Result<Option<(UnixMs, &'static str)>, StoreError> {
        if self.written_at.is_none_or(|at| now.0 - at.0 >= WRITTEN_EVERY_MS || at > now) {
            let known = heard_at(self.store.as_ref(), self.tenant)?;
            let body = now.0.to_string();
            let expected_version = known.map(|(version, _)| version);
            let put = Put { kind: Kind::Setting, key: KEY, expected_version, body: Some(body.as_bytes()) };
            match self.store.put_documents(self.tenant, &[put]) {
                // Another host has just written the same.
                Ok(_) | Err(StoreError::Overtaken) => self.written_at = Some(now),
                Err(error) => return Err(error),
            }
        }
        if !(self.drained)() {
            return Ok(Some((now, "what people said at the edge worker is not here yet")));
        }
        let text = "Meta may still hold what people said while nobody listened";
        Ok((now < self.opens_at).then_some((self.opens_at, text)))
    }
}

fn heard_at(store: &dyn Store, tenant: TenantId) -> Result<Option<(u64, UnixMs)>, StoreError> {
    let Some(document) = store.document(tenant, Kind::Setting, KEY)? else { return Ok(None) };
    let at = std::str::from_utf8(&document.body).ok().and_then(|text| text.parse().ok());
    Ok(Some((document.version, UnixMs(at.unwrap_or_default()))))
}
