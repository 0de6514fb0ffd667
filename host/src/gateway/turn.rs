//! Whose turn it is: what a request waits for before it leaves, and what its answer says of the next ones. How much there is,
//! [`super::limits`] knows.

use std::time::{Duration, Instant};

use hyper::header::{HeaderMap, HeaderName, RETRY_AFTER};

use super::graph::Graph;
use super::limits::{PER_HOUR_NEW, PER_HOUR_REGISTERED, Usage};
use super::outcome::{Answered, Trouble};
use crate::transport::Raw;
use consentry_core::campaign::errors::{self, Action};

/// Longest wait for the account's turn that a request waits for itself; who waits longer is told.
const TURN_WAIT_MAX: Duration = Duration::from_secs(2);
/// How Meta tells how much of an account's limit was used, and how much of the app's.
const ACCOUNT_USAGE: HeaderName = HeaderName::from_static("x-business-use-case-usage");
const APP_USAGE: HeaderName = HeaderName::from_static("x-app-usage");

impl Graph {
    pub(super) async fn wait_for_turn(&self, account: Option<&str>) -> Result<(), Trouble> {
        let Err((_, wait)) = self.take_turn(account) else { return Ok(()) };
        if wait <= TURN_WAIT_MAX {
            tokio::time::sleep(wait).await;
        }
        self.take_turn(account).map_err(|(whose, wait)| {
            let minutes = wait.as_secs().div_ceil(60).max(1);
            let text =
                format!("this {whose}'s requests of the hour are used up; there are more in {minutes} min");
            Trouble::NotSent(text)
        })
    }

    /// Takes one request; otherwise whose requests are used up, and for how long.
    fn take_turn(&self, account: Option<&str>) -> Result<(), (&'static str, Duration)> {
        let per_hour = if self.registered { PER_HOUR_REGISTERED } else { PER_HOUR_NEW };
        let (limits, now) = (&self.gateway.limits, Instant::now());
        if let Some(app) = &self.app {
            limits.app_is_free(app, now).map_err(|wait| ("app", wait))?;
        }
        match account {
            Some(account) => limits.take(account, per_hour, now).map_err(|wait| ("account", wait)),
            None => Ok(()),
        }
    }

    /// Remembers what Meta said of limits: of the account's, or of the app's, which all its accounts share.
    pub(super) fn take_note(&self, account: Option<&str>, raw: &Raw, outcome: &Result<Answered, Trouble>) {
        let (limits, now) = (&self.gateway.limits, Instant::now());
        let told = |name| raw.headers.get(name).and_then(|value| Usage::read(value.to_str().ok()?));
        if let (Some(account), Some(usage)) = (account, told(ACCOUNT_USAGE)) {
            limits.told(account, usage, now);
        }
        match (&self.app, account, told(APP_USAGE)) {
            (Some(app), _, Some(usage)) => limits.app_told(app, usage, now),
            // Whose app it is was never told: at least the account that met it holds still.
            (None, Some(account), Some(usage)) => limits.told(account, usage, now),
            _ => {}
        }
        let Some(trouble) = outcome.as_ref().err().filter(|trouble| trouble.action() == Action::Wait) else {
            return;
        };
        let of_app = trouble.said().is_some_and(|said| said.code == Some(errors::APP_LIMIT));
        match (self.app.as_ref().filter(|_| of_app), account) {
            (Some(app), _) => limits.app_refused(app, retry_after(&raw.headers), now),
            (None, Some(account)) => limits.refused(account, retry_after(&raw.headers), now),
            (None, None) => {}
        }
    }
}

pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}
