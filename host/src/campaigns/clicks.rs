//! Counts taps on links: keeps in the ledger when a person first tapped one in a message. Whoever taps does not wait for the
//! ledger longer than a moment; what could not be written is tried again for as long as the process lives.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use consentry_core::campaign::SendId;
use consentry_core::time::UnixMs;
use tokio::sync::oneshot;

use crate::store::TenantId;
use crate::store::ledger::{Fact, Ledger};

/// Taps that may wait for the ledger. More come only if somebody wants them to, and are not counted.
const WAITING_MAX: usize = 10_000;
/// Taps that are written together.
const TOGETHER: usize = 1_000;
/// How long it takes until a ledger that did not write is tried again.
const AGAIN: Duration = Duration::from_millis(500);

/// A tap, and who waits for it to be durable.
struct Tap {
    send: SendId,
    at: UnixMs,
    durable: oneshot::Sender<()>,
}

/// Where taps are counted.
pub struct Clicks(SyncSender<Tap>);

impl Clicks {
    /// Writes on a thread of its own until nobody has this any more; `log` is told what went wrong.
    pub fn start(
        tenant: TenantId,
        ledger: Arc<dyn Ledger>,
        log: impl Fn(&str) + Send + 'static,
    ) -> Arc<Clicks> {
        let (tell, taps) = sync_channel(WAITING_MAX);
        std::thread::spawn(move || write(tenant, &*ledger, &taps, &log));
        Arc::new(Clicks(tell))
    }

    /// Counts a tap. What comes back is told when it is durable; never, where there are too many.
    pub fn count(&self, send: SendId, at: UnixMs) -> oneshot::Receiver<()> {
        let (durable, written) = oneshot::channel();
        drop(self.0.try_send(Tap { send, at, durable }));
        written
    }
}

fn write(tenant: TenantId, ledger: &dyn Ledger, taps: &Receiver<Tap>, log: &dyn Fn(&str)) {
    let mut waiting: Vec<Tap> = Vec::new();
    let mut is_failing = false;
    loop {
        let came = if is_failing {
            taps.recv_timeout(AGAIN)
        } else {
            taps.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match came {
            // Those that wait in the channel find room there, and those here are not more than it takes.
            Ok(tap) => waiting.push(tap),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) if waiting.is_empty() || is_failing => return,
            Err(RecvTimeoutError::Disconnected) => {}
        }
        while waiting.len() < TOGETHER
            && let Ok(tap) = taps.try_recv()
        {
            waiting.push(tap);
        }
        let facts: Vec<Fact> = waiting.iter().map(|tap| Fact::Clicked { id: tap.send, at: tap.at }).collect();
        match ledger.hear(tenant, &facts, 0) {
            Ok(_) => {
                is_failing = false;
                for tap in waiting.drain(..) {
                    // Whoever tapped may be gone by now.
                    let _ = tap.durable.send(());
                }
            }
            Err(cause) => {
                if !is_failing {
                    log(&format!("fault: taps on links are counted later: {cause}"));
                }
                is_failing = true;
                waiting.truncate(WAITING_MAX);
            }
        }
    }
}
