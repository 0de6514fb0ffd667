//! What follows from what was heard. Each event is acted on until it is done, and acting twice does what acting once does:
//! a process may die between the deed and the note of it.

use consentry_core::matching::{Keys, Speaker};
use consentry_core::time::UnixMs;
use consentry_core::wire::webhook::v1::Event;

use super::{Intake, read};
use crate::desk::DeskError;
use crate::opt_outs;
use crate::store::TenantId;
use crate::store::inbox::{Filter, KeptEvent, Lane};
use crate::templates;

/// Events looked at together.
const TOGETHER: usize = 256;
/// After so many others it is looked again whether somebody's own word has come.
const REST_TOGETHER: usize = 32;
/// Later words that are looked for: the latest is among the first.
const LATER_WORDS: usize = 20;
/// User ids of one number that are looked at.
const USERS_MAX: usize = 8;

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acted {
    /// Events.
    pub events: usize,
    /// Accounts whose templates have to be pulled to know more.
    pub to_pull: Vec<String>,
    /// Events that could not be understood any more: for the log.
    pub odd: Vec<String>,
}

impl Intake {
    /// Acts on everything that waits, people's own words first. Fails where something stands in the way; what was done
    /// before that stays done.
    pub fn act(&self, tenant: TenantId) -> Result<Acted, DeskError> {
        let mut acted = Acted::default();
        loop {
            while self.act_on(tenant, Lane::Consent, TOGETHER, &mut acted)? {}
            if !self.act_on(tenant, Lane::Rest, REST_TOGETHER, &mut acted)? {
                acted.to_pull.sort();
                acted.to_pull.dedup();
                return Ok(acted);
            }
        }
    }

    /// Whether there was anything.
    fn act_on(
        &self,
        tenant: TenantId,
        lane: Lane,
        limit: usize,
        acted: &mut Acted,
    ) -> Result<bool, DeskError> {
        let waiting = self.inbox.to_do(tenant, lane, limit)?;
        let mut done = Vec::with_capacity(waiting.len());
        let mut failure = None;
        for kept in &waiting {
            match self.act_on_one(tenant, kept, acted) {
                Ok(()) => done.push(kept.seq),
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        self.inbox.done(tenant, &done)?;
        acted.events += done.len();
        match failure {
            Some(error) => Err(error),
            None => Ok(!waiting.is_empty()),
        }
    }

    fn act_on_one(&self, tenant: TenantId, kept: &KeptEvent, acted: &mut Acted) -> Result<(), DeskError> {
        let event: Event<'_> = match serde_json::from_str(&kept.body) {
            Ok(event) => event,
            Err(error) => {
                acted.odd.push(format!("fault: event {} cannot be read any more: {error}", kept.seq));
                return Ok(());
            }
        };
        let store = self.desk.store.as_ref();
        let speaker = Speaker {
            number: read::number(event.number.as_deref()),
            user: event.user_id.as_deref(),
            said_at: event.at_ms.map(UnixMs),
        };
        let heard = heard(&event);
        let at = kept.received;
        match kept.kind.as_str() {
            // A word that was said before another is no word any more, in whatever order they came.
            "opt_out" if self.opted_in_later(tenant, kept)? => {}
            "opt_out" => drop(opt_outs::opt_out(store, tenant, speaker, at, &heard)?),
            "resume" => drop(opt_outs::resume(store, tenant, speaker, at, &heard)?),
            "sign_up" => drop(opt_outs::sign_up(store, tenant, speaker, at, &heard)?),
            "moved" => {
                let before = Speaker {
                    number: read::number(event.previous_number.as_deref()),
                    user: event.previous_user_id.as_deref(),
                    said_at: None,
                };
                opt_outs::moved(store, tenant, (before, speaker), at, &heard)?;
            }
            "message" | "status" => {
                if let (Some(user), Some(number)) = (speaker.user, speaker.number) {
                    opt_outs::seen_together(store, tenant, user, number, at, &heard)?;
                    self.know((user.to_owned(), number.digits()));
                }
            }
            "template" => {
                let to_pull = templates::webhook::take(&self.desk, tenant, &event)?;
                acted.to_pull.extend(to_pull);
            }
            "account" => acted.to_pull.extend(templates::webhook::take_account(&self.desk, tenant, &event)?),
            _ => {}
        }
        Ok(())
    }

    /// Whether the same person was heard to want messages at a later time.
    fn opted_in_later(&self, tenant: TenantId, opt_out: &KeptEvent) -> Result<bool, DeskError> {
        let Some(said_at) = opt_out.at else { return Ok(false) };
        // Whoever is named by one of number and user id may have said it under the other.
        let store = &self.desk.store;
        let number = match (opt_out.number, opt_out.user.as_deref()) {
            (None, Some(user)) => store.known(tenant, &Keys::of_user(user, None))?.user.number,
            (number, _) => number,
        };
        let others = number.map(|number| store.users_of(tenant, number)).transpose()?.unwrap_or_default();
        let users = opt_out.user.iter().cloned().chain(others);
        for user in std::iter::once(None).chain(users.take(USERS_MAX).map(Some)) {
            let kinds = ["resume", "sign_up"].map(str::to_owned).to_vec();
            let filter = Filter { kinds, number, user, ..Filter::default() };
            let words = self.inbox.history(tenant, &filter, LATER_WORDS)?;
            if words.iter().any(|word| word.at.is_some_and(|at| at > said_at)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// How a word was heard, as the log keeps it.
fn heard(event: &Event<'_>) -> String {
    let by = event.by.as_deref().unwrap_or(&event.kind);
    let of = event.message_id.as_deref().unwrap_or(&event.id);
    format!("webhook:{by}:{of}")
}
