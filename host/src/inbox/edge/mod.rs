//! Pulls what an edge worker has taken in: by cursor, each word between the two signed, and told to be forgotten there only
//! when it is durable here. People's own words come on a line of their own.

mod payload;

use std::collections::HashSet;
use std::time::Duration;

use consentry_core::wire::webhook::v1::signature;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Intake;
use crate::gateway::{HandoverAnswer, HandoverRequest};
use crate::secret::Secret;
use crate::store::TenantId;
use crate::store::inbox::{Cursor, Lane};
use payload::{Gated, Page};

/// Events asked for at once.
const TOGETHER: u32 = 500;
/// How long the edge waits for something to come before it answers that nothing has.
const WAIT: Duration = Duration::from_secs(20);
/// What an answer may take beyond that.
const ANSWER_WAIT: Duration = Duration::from_secs(20);
/// Bytes of chance in the id of a request.
const ID_BYTES: usize = 16;

/// Why nothing was pulled.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// The way there, or what it said.
    #[error("the edge at {url} cannot be read: {why}")]
    Unreachable {
        /// Its address.
        url: String,
        /// What happened.
        why: String,
    },
    /// What it answered is not signed with our secret.
    #[error("the edge at {url} answered with a signature that is not its own: compare the handover secrets")]
    Unsigned {
        /// Its address.
        url: String,
    },
    /// What was pulled could not be kept here.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}

/// An edge worker's inbox.
#[derive(Clone, Debug)]
pub struct Edge {
    /// `https://…/inbox/main`.
    pub url: String,
    /// What both sign with.
    pub secret: Secret,
}

/// What a pull brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    /// Events that came.
    pub events: usize,
    /// Whether somebody has to act on one of them.
    pub to_do: bool,
    /// Whether there is nothing more there now.
    pub drained: bool,
    /// The first and the last of places that are neither there nor were ever pulled from here.
    pub gap: Option<(u64, u64)>,
}

impl Edge {
    /// Takes over what waits in a lane and has it forgotten there. With `patient` it waits a while for something to come.
    pub fn pull(
        &self,
        intake: &Intake,
        tenant: TenantId,
        lane: Lane,
        patient: bool,
    ) -> Result<Pulled, EdgeError> {
        let cursor = intake.inbox.cursor(tenant, &self.url, lane)?;
        let after = cursor.as_ref().map_or(0, |cursor| cursor.up_to);
        let wait_s = if patient { WAIT.as_secs() } else { 0 };
        let ask = |after: u64| json!({"do": "pull", "lane": word(lane), "after": after, "limit": TOGETHER, "wait_s": wait_s});
        let mut answer = self.ask(intake, &ask(after), WAIT + ANSWER_WAIT)?;
        let mut page: Page<'_> = self.read(&answer)?;
        // Its storage was made anew: its numbers begin anew.
        if cursor.as_ref().is_some_and(|cursor| cursor.inbox != page.inbox) && after > 0 {
            answer = self.ask(intake, &ask(0), WAIT + ANSWER_WAIT)?;
            page = self.read(&answer)?;
        }
        let Some(last) = page.events.last().map(|line| line.seq) else {
            // This process, or the one before it, may have died between keeping what it pulled and saying so.
            if let Some(cursor) = cursor.filter(|cursor| !patient && cursor.inbox == page.inbox) {
                self.ask(intake, &acknowledged(&cursor), ANSWER_WAIT)?;
            }
            return Ok(Pulled { drained: true, ..Pulled::default() });
        };
        let to = Cursor { source: self.url.clone(), lane, inbox: page.inbox.clone(), up_to: last };
        let (end, count) = (page.end, page.events.len());
        // The edge numbers without a gap: what is missing was handed over to somebody whose memory is not this one.
        let next = cursor.filter(|cursor| cursor.inbox == page.inbox).map_or(0, |cursor| cursor.up_to) + 1;
        let first = page.events.first().map(|line| line.seq);
        let gap = first.filter(|first| *first > next).map(|first| (next, first - 1));
        let received = intake.desk.clock.now();
        let events: Vec<_> =
            page.events.into_iter().map(|line| (line.event, line.received_at.unwrap_or(received))).collect();
        // The edge has asked whose signature it was.
        let taken = intake.take(tenant, &events, Some(&to))?;
        self.ask(intake, &acknowledged(&to), ANSWER_WAIT)?;
        Ok(Pulled { events: count, to_do: taken.to_do, drained: last >= end, gap })
    }

    /// Asks whose opt-out waits at the edge that was not pulled yet: those of these numbers and user ids, as they are written
    /// here.
    pub fn opt_outs_that_wait(
        &self,
        intake: &Intake,
        numbers: &[&str],
        users: &[&str],
    ) -> Result<HashSet<String>, EdgeError> {
        let answer =
            self.ask(intake, &json!({"do": "gate", "numbers": numbers, "users": users}), ANSWER_WAIT)?;
        let Gated { opted_out } = self.read(&answer)?;
        Ok(opted_out.numbers.into_iter().chain(opted_out.users).collect())
    }

    fn ask(&self, intake: &Intake, question: &Value, within: Duration) -> Result<Vec<u8>, EdgeError> {
        let unreachable = |why: String| EdgeError::Unreachable { url: self.url.clone(), why };
        let mut chance = [0; ID_BYTES];
        getrandom::fill(&mut chance).map_err(|error| unreachable(error.to_string()))?;
        let id: String = chance.iter().map(|byte| format!("{byte:02x}")).collect();
        let at_s = intake.desk.clock.now().0 / 1000;
        let body = question.to_string();
        let request = HandoverRequest {
            url: &self.url,
            id: &id,
            timestamp_s: at_s,
            signature: signature::sign(self.secret.reveal(), &id, at_s, body.as_bytes()),
            body,
        };
        let answer = intake.desk.wait(intake.desk.gateway.hand_over(request, within));
        let HandoverAnswer { status, id: answered, timestamp_s, signature: signed, body } =
            answer.map_err(unreachable)?;
        if status != 200 {
            let said = String::from_utf8_lossy(&body);
            return Err(unreachable(format!(
                "it answered {status}: {}",
                consentry_core::diagnostic::clip(&said)
            )));
        }
        let now_s = intake.desk.clock.now().0 / 1000;
        let fresh = timestamp_s.filter(|at_s| signature::is_fresh(*at_s, now_s));
        let ours = |at_s: i64| signature::verify_signed(self.secret.reveal(), &id, at_s, &body, &signed);
        if answered != id || !fresh.is_some_and(ours) {
            return Err(EdgeError::Unsigned { url: self.url.clone() });
        }
        Ok(body)
    }

    fn read<'a, T: Deserialize<'a>>(&self, answer: &'a [u8]) -> Result<T, EdgeError> {
        serde_json::from_slice(answer).map_err(|error| EdgeError::Unreachable {
            url: self.url.clone(),
            why: format!("its answer cannot be read: {error}"),
        })
    }
}

/// What is here for good; of another inbox, whose numbers these are not, nothing is forgotten.
fn acknowledged(cursor: &Cursor) -> Value {
    json!({"do": "acknowledge", "lane": word(cursor.lane), "up_to": cursor.up_to, "inbox": cursor.inbox})
}

fn word(lane: Lane) -> &'static str {
    match lane {
        Lane::Consent => "consent",
        Lane::Rest => "rest",
    }
}
