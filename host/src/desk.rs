//! What everybody who talks with Meta on a tenant's behalf needs at hand: store, secrets, gateway, clock. The rooms
//! [`crate::accounts`] and [`crate::templates`] work here; all of their calls block.

use std::future::Future;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::accounts::Step;
use crate::clock::Clock;
use crate::engine::{Engine, EngineError};
use crate::gateway::{Gateway, Target, Trouble};
use crate::secret::Secret;
use crate::signal::Signal;
use crate::store::{Store, StoreError};
use crate::vault::{Vault, VaultError};

/// How often something is tried again that others changed in between.
pub(crate) const ROUNDS_MAX: usize = 8;

/// Why something at Meta's could not be done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The secrets.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Meta, or the way there.
    #[error("{0}")]
    Meta(Trouble),
    /// What was named is not there.
    #[error("{0}")]
    NotFound(String),
    /// What was asked is not right as it is.
    #[error("{0}")]
    Invalid(String),
    /// It stands in a way that does not allow it.
    #[error("{0}")]
    Conflict(String),
    /// The template is being submitted by somebody else.
    #[error("`{0}` is being submitted already: wait until Meta has answered, then look what became of it")]
    SubmitRunning(String),
    /// Somebody else changed it: look again, then decide again.
    #[error("it was changed meanwhile: load it again, and see whether your change is still right")]
    Overtaken,
    /// Meta would refuse the template: the errors that were found.
    #[error("Meta would refuse this template: {count} errors were found in it", count = .0.len())]
    Rejected(Vec<serde_json::Value>),
    /// The account cannot be connected: what was looked at, and what is missing.
    #[error("the account cannot be connected: {why}", why = failures(.0))]
    Unusable(Vec<Step>),
}

/// What stands in the way, of a walk's steps.
fn failures(steps: &[Step]) -> String {
    let failed: Vec<&str> =
        steps.iter().filter(|step| step.is_failed()).map(|step| step.said.as_str()).collect();
    match failed.as_slice() {
        [] => "see what the steps wait for".to_owned(),
        failed => failed.join("; "),
    }
}

impl From<Trouble> for DeskError {
    fn from(trouble: Trouble) -> DeskError {
        DeskError::Meta(trouble)
    }
}

/// The app that sign-ups are made with.
#[derive(Clone, Debug)]
pub struct App {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: Secret,
    /// The configuration of its sign-up, where the panel offers that.
    pub config_id: Option<String>,
}

/// A desk to work at.
#[derive(Clone)]
pub struct Desk {
    /// Everything that is remembered.
    pub store: Arc<dyn Store>,
    /// Who judges templates.
    pub engine: Arc<Engine>,
    /// Secrets.
    pub vault: Vault,
    /// The way to Meta.
    pub gateway: Arc<Gateway>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where accounts are connected that do not say otherwise.
    pub target: Target,
    /// The app of sign-ups, where there is one.
    pub app: Option<App>,
    /// Address under which Meta reaches this server, if it does.
    pub public_url: Option<String>,
    /// What requests to Meta run on.
    pub runtime: Handle,
    /// Raised whenever a template changes here, so that nothing more is sent with it before somebody has looked.
    pub signal: Signal,
}

impl Desk {
    /// Waits for a request to Meta. Never to be called where async code runs.
    pub(crate) fn wait<T>(&self, request: impl Future<Output = T>) -> T {
        self.runtime.block_on(request)
    }
}
