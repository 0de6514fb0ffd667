//! Imports waiting for their turn, applied one after the other in order of acceptance on a thread of their own, and
//! how far each is for whoever watches.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use consentry_core::matching::ImportId;
use tokio::sync::watch;

use crate::importer::Importer;
use crate::store::TenantId;
use crate::wire::v1::ProgressDocument;

/// Progress is told at most this often.
const TOLD_EVERY: Duration = Duration::from_millis(100);

type Watched = HashMap<(TenantId, ImportId), watch::Sender<Option<ProgressDocument>>>;

/// Wakes the applying thread and tells progress.
pub(super) struct Queue {
    wake: SyncSender<()>,
    watched: Mutex<Watched>,
}

impl Queue {
    /// Starts the applying thread, which begins with what an earlier process left unfinished.
    pub(super) fn start(importer: Arc<Importer>) -> Arc<Queue> {
        let (wake, woken) = sync_channel(1);
        let queue = Arc::new(Queue { wake, watched: Mutex::default() });
        let weak = Arc::downgrade(&queue);
        queue.woken();
        std::thread::spawn(move || apply(&importer, &woken, &|| weak.upgrade()));
        queue
    }

    /// Something was accepted.
    pub(super) fn woken(&self) {
        // A full channel means that the thread will look anyway.
        let _ = self.wake.try_send(());
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
    while woken.recv().is_ok() {
        while let Ok(Some((tenant, import))) = importer.store.unfinished().map(|list| list.first().copied()) {
            let mut told: Option<Instant> = None;
            let result = importer.run(tenant, import, &mut |progress| {
                if told.is_none_or(|at| at.elapsed() >= TOLD_EVERY) {
                    told = Some(Instant::now());
                    if let Some(queue) = queue() {
                        queue.tell(tenant, import, progress);
                    }
                }
            });
            if let Some(queue) = queue() {
                queue.forget(tenant, import);
            }
            if let Err(error) = result {
                #[expect(clippy::print_stderr, reason = "stderr is the log")]
                {
                    eprintln!("fault: import {import} stopped and will be continued: {error}");
                }
                break;
            }
        }
    }
}
