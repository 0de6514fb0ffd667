//! How a server ends: at the first signal nothing new is taken in, and what is under way may be finished within a bound; at a
//! second one it ends at once. Everything that counts is durable before it is answered, so that even the latter loses nothing:
//! an import goes on after the last batch that was committed, and a message whose answer was not heard is not sent again.

use std::sync::Arc;

use tokio::sync::watch;

/// The word that it ends, shared by all clones.
#[derive(Clone, Debug)]
pub(super) struct Ending(Arc<watch::Sender<bool>>);

impl Ending {
    /// Listens to the system from now on.
    pub(super) fn start() -> Ending {
        let ending = Ending(Arc::new(watch::channel(false).0));
        let told = ending.clone();
        tokio::spawn(async move {
            let mut signals = Signals::new();
            signals.next().await;
            crate::log::say("stopping: what is under way is finished; a second signal ends it at once");
            told.0.send_replace(true);
            signals.next().await;
            std::process::exit(1)
        });
        ending
    }

    /// Whether it ends.
    pub(super) fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it ends.
    pub(super) async fn begun(&self) {
        let _ = self.0.subscribe().wait_for(|ends| *ends).await;
    }
}

/// What the system says to a process that shall end.
struct Signals {
    #[cfg(unix)]
    terminate: Option<tokio::signal::unix::Signal>,
}

impl Signals {
    fn new() -> Signals {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Signals { terminate: signal(SignalKind::terminate()).ok() }
        }
        #[cfg(not(unix))]
        Signals {}
    }

    async fn next(&mut self) {
        let interrupt = tokio::signal::ctrl_c();
        #[cfg(unix)]
        if let Some(terminate) = &mut self.terminate {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            return;
        }
        let _ = interrupt.await;
    }
}
