//! Imports waiting for their turn, applied one after the other in order of acceptance on a thread of their own, and
//! how far each is for whoever watches.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use consentry_core::matching::ImportId;
use tokio::sync::watch;

use crate::importer::{ImportError, Importer};
use crate::log::log;
use crate::store::TenantId;
use crate::wire::v1::ProgressDocument;

use super::metrics::Metrics;

/// How long a fault is left alone before the next try.
const RETRIED_AFTER: Duration = Duration::from_secs(15);
/// Progress is told at most this often.
const TOLD_EVERY: Duration = Duration::from_millis(100);

type Watched = HashMap<(TenantId, ImportId), watch::Sender<Option<ProgressDocument>>>;

/// Wakes the applying thread and tells progress.
pub(super) struct Queue {
    wake: SyncSender<()>,
    /// Wakes the thread that judges what waits.
    wake_judge: SyncSender<()>,
    watched: Mutex<Watched>,
    metrics: Arc<Metrics>,
}

impl Queue {
    /// Starts the applying thread, which begins with what an earlier process left unfinished.
    pub(super) fn start(importer: Arc<Importer>, metrics: Arc<Metrics>) -> Arc<Queue> {
        let ((wake, woken), (wake_judge, judge_woken)) = (sync_channel(1), sync_channel(1));
        let queue = Arc::new(Queue { wake, wake_judge, watched: Mutex::default(), metrics });
        let (weak, weak_too) = (Arc::downgrade(&queue), Arc::downgrade(&queue));
        queue.woken();
        let judge = importer.clone();
        std::thread::spawn(move || apply(&importer, &woken, &|| weak.upgrade()));
        std::thread::spawn(move || judge_ahead(&judge, &judge_woken, &|| weak_too.upgrade()));
        queue
    }

    /// Something was accepted.
    pub(super) fn woken(&self) {
        // A full channel means that the thread will look anyway.
        let _ = self.wake.try_send(());
        let _ = self.wake_judge.try_send(());
    }

    /// How far an import is; the channel closes when it has ended.
    pub(super) fn watch(
        &self,
        tenant: TenantId,
        import: ImportId,
    ) -> watch::Receiver<Option<ProgressDocument>> {
        self.watched().entry((tenant, import)).or_insert_with(|| watch::channel(None).0).subscribe()
    }

    /// How far an import is now, if it is being worked on.
    pub(super) fn progress(&self, tenant: TenantId, import: ImportId) -> Option<ProgressDocument> {
        self.watched().get(&(tenant, import)).and_then(|told| *told.borrow())
    }

    /// Forgets an import that has ended, which closes its channel.
    pub(super) fn forget(&self, tenant: TenantId, import: ImportId) {
        self.watched().remove(&(tenant, import));
    }

    fn tell(&self, tenant: TenantId, import: ImportId, progress: ProgressDocument) {
        self.watched()
            .entry((tenant, import))
            .or_insert_with(|| watch::channel(None).0)
            .send_replace(Some(progress));
    }

    fn watched(&self) -> std::sync::MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn apply(importer: &Importer, woken: &Receiver<()>, queue: &dyn Fn() -> Option<Arc<Queue>>) {
    // Without a word from anybody it looks again after a while: what stopped it may have passed.
    while !matches!(woken.recv_timeout(RETRIED_AFTER), Err(RecvTimeoutError::Disconnected)) {
        while apply_next(importer, queue) {}
    }
}

/// Applies the first import there is a right to; false when there is none, or when it stopped.
fn apply_next(importer: &Importer, queue: &dyn Fn() -> Option<Arc<Queue>>) -> bool {
    let unfinished = match importer.store.unfinished() {
        Ok(unfinished) => unfinished,
        Err(error) => {
            log(&format!("fault: the imports cannot be listed, and will be tried again: {error}"));
            return false;
        }
    };
    // The first of each tenant: its imports apply in order.
    for first in unfinished.chunk_by(|one, other| one.0 == other.0) {
        let (tenant, import) = first[0];
        let _claim = match importer.store.claim(tenant) {
            Ok(Some(held)) => held,
            // Another host is at it; should it die, this one finds the import unfinished at its next look.
            Ok(None) => continue,
            Err(error) => {
                log(&format!("fault: import {import} cannot be claimed, and will be tried again: {error}"));
                continue;
            }
        };
        // Another host may have ended it between the look and the claim.
        if !importer.store.unfinished().is_ok_and(|now| now.contains(&(tenant, import))) {
            return true;
        }
        if let Err(error) = apply_one(importer, tenant, import, queue) {
            // Whoever watches goes on watching: it has not ended.
            log(&format!("fault: import {import} stopped and will be continued: {error}"));
            continue;
        }
        if let Some(queue) = queue() {
            queue.forget(tenant, import);
        }
        return true;
    }
    false
}

/// Tells how far an import is, not too often.
fn teller(
    tenant: TenantId,
    import: ImportId,
    queue: &dyn Fn() -> Option<Arc<Queue>>,
) -> impl FnMut(ProgressDocument) + '_ {
    let mut told: Option<Instant> = None;
    move |progress| {
        if told.is_none_or(|at| at.elapsed() >= TOLD_EVERY) {
            told = Some(Instant::now());
            if let Some(queue) = queue() {
                queue.tell(tenant, import, progress);
            }
        }
    }
}

/// Judges the files of imports that wait behind another one of their tenant: imports are validated side by side, and
/// applied one after the other.
fn judge_ahead(importer: &Importer, woken: &Receiver<()>, queue: &dyn Fn() -> Option<Arc<Queue>>) {
    while woken.recv().is_ok() {
        let Ok(unfinished) = importer.store.unfinished() else { continue };
        let waiting =
            unfinished.chunk_by(|one, other| one.0 == other.0).flat_map(|of_tenant| &of_tenant[1..]);
        for (tenant, import) in waiting.copied() {
            let mut tell = teller(tenant, import, queue);
            let judged = catch_unwind(AssertUnwindSafe(|| importer.judge_ahead(tenant, import, &mut tell)));
            if !matches!(judged, Ok(Ok(()))) {
                log(&format!(
                    "fault: import {import} could not be judged ahead of its turn; it will be then"
                ));
            }
        }
    }
}

fn apply_one(
    importer: &Importer,
    tenant: TenantId,
    import: ImportId,
    queue: &dyn Fn() -> Option<Arc<Queue>>,
) -> Result<(), ImportError> {
    let mut tell = teller(tenant, import, queue);
    // Our fault must cost this import, not all that come after it.
    match catch_unwind(AssertUnwindSafe(|| importer.run(tenant, import, &mut tell))) {
        Ok(result) => {
            let import = result?;
            if let Some(queue) = queue() {
                queue.metrics.imported(&import);
            }
            Ok(())
        }
        Err(_) => Ok(importer.give_up(tenant, import)?),
    }
}
