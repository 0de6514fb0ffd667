//! What follows from what was heard. Each event is acted on until it is done, and acting twice does what acting once does:
//! a process may die between the deed and the note of it. One that cannot be acted on keeps nobody else's waiting.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use consentry_core::matching::{E164, Keys, Speaker};
use consentry_core::time::UnixMs;
use consentry_core::wire::webhook::v1::Event;

use super::{Intake, read};
use crate::desk::DeskError;
use crate::opt_outs;
use crate::store::inbox::{Filter, KeptEvent, Lane};
use crate::store::{StoreError, TenantId};
use crate::templates;

/// Events looked at together.
const TOGETHER: usize = 256;
/// After so many others it is looked again whether somebody's own word has come.
const REST_TOGETHER: usize = 32;
/// Later words that are looked for: the latest is among the first.
const LATER_WORDS: usize = 20;
/// User ids of one number that are looked at.
const USERS_MAX: usize = 8;
/// How often somebody may have moved on before the trail is lost.
const MOVES_MAX: usize = 8;
/// How long an opt-out waits for a status that says whose message it was about, in milliseconds: Meta repeats for seven days.
const UNNAMED_MS: i64 = 8 * 24 * 60 * 60 * 1000;

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acted {
    /// Events.
    pub events: usize,
    /// Accounts whose templates have to be pulled to know more.
    pub to_pull: Vec<String>,
    /// Why some could not be acted on: for the log. They wait for the next time.
    pub troubles: Vec<String>,
}

/// Number and user id of somebody.
type Names = (Option<E164>, Option<String>);

/// Whether an event is through.
enum Step {
    Done,
    /// Something it needs may come yet.
    Waits,
}

impl Intake {
    /// Acts on everything that waits, people's own words first. Fails where nobody's could be acted on, as without a
    /// database; what was done before that stays done.
    pub fn act(&self, tenant: TenantId) -> Result<Acted, DeskError> {
        let (mut acted, mut left) = (Acted::default(), BTreeSet::new());
        loop {
            while self.act_on(tenant, Lane::Consent, TOGETHER, &mut acted, &mut left)? {}
            if !self.act_on(tenant, Lane::Rest, REST_TOGETHER, &mut acted, &mut left)? {
                acted.to_pull.sort();
                acted.to_pull.dedup();
                return Ok(acted);
            }
        }
    }

    /// Whether there was anything. `left` are those that were tried and have to wait.
    fn act_on(
        &self,
        tenant: TenantId,
        lane: Lane,
        limit: usize,
        acted: &mut Acted,
        left: &mut BTreeSet<u64>,
    ) -> Result<bool, DeskError> {
        let mut waiting = self.inbox.to_do(tenant, lane, limit + left.len())?;
        waiting.retain(|kept| !left.contains(&kept.seq));
        let (mut done, mut failure) = (Vec::with_capacity(waiting.len()), None);
        for kept in &waiting {
            let step = catch_unwind(AssertUnwindSafe(|| self.act_on_one(tenant, kept, acted)));
            match step.unwrap_or_else(|_| Err(DeskError::Invalid("it panicked".to_owned()))) {
                Ok(Step::Done) => done.push(kept.seq),
                Ok(Step::Waits) => drop(left.insert(kept.seq)),
                Err(error) if is_everybodys(&error) => {
                    failure = Some(error);
                    break;
                }
                Err(error) => {
                    left.insert(kept.seq);
                    acted
                        .troubles
                        .push(format!("fault: event {} waits and is tried again: {error}", kept.seq));
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

    fn act_on_one(&self, tenant: TenantId, kept: &KeptEvent, acted: &mut Acted) -> Result<Step, DeskError> {
        let event: Event<'_> = serde_json::from_str(&kept.body)
            .map_err(|error| DeskError::Invalid(format!("it cannot be read any more: {error}")))?;
        let store = self.desk.store.as_ref();
        let mut speaker = Speaker {
            number: read::number(event.number.as_deref()),
            user: event.user_id.as_deref(),
            said_at: kept.at,
        };
        let (at, heard) = (kept.received, heard(&event));
        let named;
        match kept.kind.as_str() {
            "opt_out" if speaker.number.is_none() && speaker.user.is_none() => {
                // Meta leaves out who it was; what else was told of the message may name them.
                named = self.whose(tenant, &event)?;
                let Some((number, user)) = &named else {
                    let waited = self.desk.clock.now().0 - kept.received.0;
                    return Ok(if waited < UNNAMED_MS { Step::Waits } else { Step::Done });
                };
                speaker = Speaker { number: *number, user: user.as_deref(), ..speaker };
                self.opt_out(tenant, speaker, at, &heard)?;
            }
            "opt_out" => self.opt_out(tenant, speaker, at, &heard)?,
            "resume" => drop(opt_outs::resume(store, tenant, speaker, at, &heard)?),
            "sign_up" => drop(opt_outs::sign_up(store, tenant, speaker, at, &heard)?),
            "moved" => {
                let before = Speaker {
                    number: read::number(event.previous_number.as_deref()),
                    user: event.previous_user_id.as_deref(),
                    said_at: None,
                };
                opt_outs::link(store, tenant, before, at, &heard)?;
                opt_outs::link(store, tenant, speaker, at, &heard)?;
                if let Some(said_at) = opt_outs::standing(store, tenant, before)? {
                    self.opt_out(tenant, Speaker { said_at: Some(said_at), ..speaker }, at, &heard)?;
                }
            }
            "message" | "status" => {
                if let (Some(user), Some(number)) = (speaker.user, speaker.number) {
                    opt_outs::link(store, tenant, speaker, at, &heard)?;
                    self.settle(tenant, speaker, at, &heard)?;
                    self.know((user.to_owned(), number.digits()));
                }
            }
            "template" => acted.to_pull.extend(templates::webhook::take(&self.desk, tenant, &event)?),
            "account" => acted.to_pull.extend(templates::webhook::take_account(&self.desk, tenant, &event)?),
            _ => {}
        }
        Ok(Step::Done)
    }

    /// An opt-out holds for whoever said it, and for whom they have become since. A word that was said before another is no
    /// word any more, in whatever order they came.
    fn opt_out(
        &self,
        tenant: TenantId,
        speaker: Speaker<'_>,
        at: UnixMs,
        heard: &str,
    ) -> Result<(), DeskError> {
        let store = self.desk.store.as_ref();
        let mut trail = vec![(speaker.number, speaker.user.map(str::to_owned))];
        for step in 0..MOVES_MAX {
            let Some((number, user)) = trail.get(step).cloned() else { break };
            let speaker = Speaker { number, user: user.as_deref(), said_at: speaker.said_at };
            if self.opted_in_later(tenant, speaker)?.is_some() {
                continue;
            }
            opt_outs::opt_out(store, tenant, speaker, at, heard)?;
            for next in self.moved_on(tenant, speaker)? {
                if !trail.contains(&next) {
                    trail.push(next);
                }
            }
        }
        Ok(())
    }

    /// Number and user id have just been found to be one person: what was said under one of them after the other's opt-out
    /// counts.
    fn settle(
        &self,
        tenant: TenantId,
        speaker: Speaker<'_>,
        at: UnixMs,
        heard: &str,
    ) -> Result<(), DeskError> {
        let store = self.desk.store.as_ref();
        let Some(said_at) = opt_outs::standing(store, tenant, speaker)? else { return Ok(()) };
        if let Some(later) = self.opted_in_later(tenant, Speaker { said_at: Some(said_at), ..speaker })? {
            opt_outs::resume(store, tenant, Speaker { said_at: Some(later), ..speaker }, at, heard)?;
        }
        Ok(())
    }

    /// Who somebody has become after a time.
    fn moved_on(&self, tenant: TenantId, speaker: Speaker<'_>) -> Result<Vec<Names>, DeskError> {
        let mut found = Vec::new();
        for kept in self.words(tenant, speaker, &[read::MOVED_AWAY])? {
            let Ok(event) = serde_json::from_str::<Event<'_>>(&kept.body) else { continue };
            if speaker.said_at.zip(kept.at).is_none_or(|(said, moved)| said <= moved) {
                found.push((
                    read::number(event.number.as_deref()),
                    event.user_id.map(|user| user.into_owned()),
                ));
            }
        }
        Ok(found)
    }

    /// When the same person was heard to want messages after a time, if they were.
    fn opted_in_later(&self, tenant: TenantId, speaker: Speaker<'_>) -> Result<Option<UnixMs>, DeskError> {
        let Some(said_at) = speaker.said_at else { return Ok(None) };
        let words = self.words(tenant, speaker, &["resume", "sign_up"])?;
        Ok(words.iter().filter_map(|word| word.at).filter(|at| *at > said_at).max())
    }

    /// What a person was heard to say, whatever they were named by.
    fn words(
        &self,
        tenant: TenantId,
        speaker: Speaker<'_>,
        kinds: &[&str],
    ) -> Result<Vec<KeptEvent>, DeskError> {
        let store = &self.desk.store;
        let number = match (speaker.number, speaker.user) {
            (None, Some(user)) => store.known(tenant, &Keys::of_user(user, None))?.user.number,
            (number, _) => number.map(|number| number.identity().digits()),
        };
        let others = number.map(|number| store.users_of(tenant, number)).transpose()?.unwrap_or_default();
        let users = speaker.user.map(str::to_owned).into_iter().chain(others).take(USERS_MAX);
        let mut found = Vec::new();
        for (number, user) in std::iter::once((number, None)).chain(users.map(|user| (None, Some(user)))) {
            if number.is_none() && user.is_none() {
                continue;
            }
            let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
            let filter = Filter { kinds, number, user, ..Filter::default() };
            found.extend(self.inbox.history(tenant, &filter, LATER_WORDS)?);
        }
        Ok(found)
    }

    /// Whom a message went to, by what else was told of it.
    fn whose(&self, tenant: TenantId, event: &Event<'_>) -> Result<Option<Names>, DeskError> {
        let Some(message) = event.message_id.as_deref() else { return Ok(None) };
        let Some(delivery) = self.inbox.delivery(tenant, message)? else { return Ok(None) };
        let (number, user) = (read::number(delivery.number()), delivery.user().map(str::to_owned));
        Ok((number.is_some() || user.is_some()).then_some((number, user)))
    }
}

/// Whether nobody's event could be acted on: then there is no use in trying the next.
fn is_everybodys(error: &DeskError) -> bool {
    matches!(error, DeskError::Store(StoreError::Busy(_) | StoreError::Lost(_)))
}

/// How a word was heard, as the log keeps it.
fn heard(event: &Event<'_>) -> String {
    let by = event.by.as_deref().unwrap_or(&event.kind);
    let of = event.message_id.as_deref().unwrap_or(&event.id);
    format!("webhook:{by}:{of}")
}
