//! The last look before a request: has the person taken the consent back? It is asked where a word of theirs arrives first,
//! and last where it ends: edge worker, inbox, store. A word goes that way, so whoever looks in this order meets it.
//!
//! It says yes only to what it has seen just now, and its yes is a [`Permit`] that ends by itself. Where a place cannot be asked,
//! or takes too long to answer, nobody is let through.

mod permit;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use consentry_core::campaign::SendId;
use consentry_core::matching::{Keys, NONE, NumberKeys, Permission};
use consentry_core::time::UnixMs;

use crate::inbox::edge::{Edge, EdgeError};
use crate::inbox::{self, Intake};
use crate::store::inbox::{Inbox, Lane};
use crate::store::ledger::KeptSend;
use crate::store::{Store, StoreError, TenantId};

use permit::LOOK_MS_MAX;
pub use permit::{LATE_MS, Marks, PERMIT_MS, Permit, Right, Ticks};

/// Why it could not be looked.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// Store or inbox.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The edge worker.
    #[error(transparent)]
    Edge(#[from] EdgeError),
    /// It took so long that what was seen need not be so any more.
    #[error(
        "the look at who has opted out took {took_ms} ms, and no more than {LOOK_MS_MAX} ms are believed"
    )]
    Slow {
        /// How long.
        took_ms: u64,
        /// Whether an edge worker was asked.
        at_the_edge: bool,
    },
}

impl GateError {
    /// Whether the edge worker is why.
    pub fn is_of_edge(&self) -> bool {
        matches!(self, GateError::Edge(_) | GateError::Slow { at_the_edge: true, .. })
    }
}

/// What stands for a person.
#[derive(Debug)]
pub enum Look {
    /// The consent: a request may begin.
    Open(Permit),
    /// The person's opt-out.
    OptedOut,
    /// Nothing: the number is no longer the person's.
    Gone,
}

/// Whom a message is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Addressee {
    /// The message.
    pub id: SendId,
    /// Digits of the number as it is written to.
    pub number: u64,
    /// Identity of the number.
    pub person: u64,
    /// The person's profile.
    pub profile: u64,
}

/// Nobody is named in a log.
impl std::fmt::Debug for Addressee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Addressee({:?})", self.id)
    }
}

/// Where people's own words are looked for.
pub struct LastLook {
    store: Arc<dyn Store>,
    inbox: Arc<dyn Inbox>,
    edge: Option<(Edge, Arc<Intake>)>,
    ticks: Arc<dyn Ticks>,
    marks: Marks,
}

impl LastLook {
    /// Looks in these.
    pub fn new(store: Arc<dyn Store>, inbox: Arc<dyn Inbox>) -> LastLook {
        LastLook { store, inbox, edge: None, ticks: permit::uptime(), marks: Marks::default() }
    }

    /// Looks at the edge worker as well, which takes people's words in before this host hears of them.
    #[must_use]
    pub fn with_edge(mut self, edge: Edge, intake: Arc<Intake>) -> LastLook {
        self.edge = Some((edge, intake));
        self
    }

    /// Has its permits end when these move.
    #[must_use]
    pub fn with_marks(self, marks: Marks) -> LastLook {
        LastLook { marks, ..self }
    }

    /// Counts time otherwise: for a world in which time is a number.
    #[must_use]
    pub fn with_ticks(self, ticks: Arc<dyn Ticks>) -> LastLook {
        LastLook { ticks, ..self }
    }

    /// The count of time that permits end by.
    pub fn ticks(&self) -> Duration {
        self.ticks.now()
    }

    /// How often campaigns have changed in this process: what is looked up from now on is of now.
    pub fn epoch(&self) -> u64 {
        self.marks.changed.epoch()
    }

    /// Looks what stands for each of these, in their order, and lets those through whose consent does. This is the only way to
    /// a permit: between the first question and the first byte lie [`PERMIT_MS`] at most.
    pub fn look(&self, tenant: TenantId, of: &[Addressee], right: Right) -> Result<Vec<Look>, GateError> {
        // Before anything is asked: what moves from here on is seen by every request.
        let seen = (self.marks.spoken.load(Ordering::Acquire), right.epoch);
        let began = self.ticks.now();
        let stands = self.check(tenant, of)?;
        let answered = self.ticks.now();
        let took = answered.saturating_sub(began);
        if took > Duration::from_millis(LOOK_MS_MAX) {
            let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            return Err(GateError::Slow { took_ms, at_the_edge: self.edge.is_some() });
        }
        let until = right.until.min(answered + Duration::from_millis(LATE_MS));
        let look = |stands| match stands {
            Stands::Open => Look::Open(Permit::new(&self.ticks, &self.marks, until, seen)),
            Stands::OptedOut => Look::OptedOut,
            Stands::Gone => Look::Gone,
        };
        Ok(stands.into_iter().map(look).collect())
    }

    fn check(&self, tenant: TenantId, of: &[Addressee]) -> Result<Vec<Stands>, GateError> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let at_the_edge = self.at_the_edge(tenant, of)?;
        let waits = self.waits(tenant, of)?;
        let mut stands = self.stands(tenant, of)?;
        for ((gate, of), waits) in stands.iter_mut().zip(of).zip(waits) {
            if waits || at_the_edge.contains(&written(of.number)) {
                *gate = Stands::OptedOut;
            }
        }
        Ok(stands)
    }

    /// Keeps that a person does not want to be written to, as Meta said instead of sending; durable when it returns. It goes
    /// the way of all words of people, so that it waits for no import.
    pub fn keep_opt_out(&self, tenant: TenantId, send: &KeptSend, now: UnixMs) -> Result<(), StoreError> {
        let number = written(send.planned.number);
        let id = format!("refused:{}.{}", send.id.campaign, send.id.place);
        self.inbox.take(tenant, &[inbox::refused(&id, &number, now)], None)?;
        Ok(())
    }

    /// Numbers whose opt-out this host has not pulled yet.
    fn at_the_edge(&self, tenant: TenantId, of: &[Addressee]) -> Result<HashSet<String>, GateError> {
        let Some((edge, intake)) = &self.edge else { return Ok(HashSet::new()) };
        let mut users = Vec::new();
        for of in of {
            users.push(self.store.users_of(tenant, of.person)?);
        }
        let numbers: Vec<String> = of.iter().map(|of| written(of.number)).collect();
        let all: Vec<&str> = users.iter().flatten().map(String::as_str).collect();
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let found = edge.opt_outs_that_wait(intake, &numbers, &all)?;
        let by_user =
            of.iter().zip(&users).filter(|(_, users)| users.iter().any(|user| found.contains(user)));
        let by_user: Vec<String> = by_user.map(|(of, _)| written(of.number)).collect();
        Ok(found.into_iter().chain(by_user).collect())
    }

    /// Whose opt-out waits in the inbox. Mostly nobody's does, and one question tells that of all.
    fn waits(&self, tenant: TenantId, of: &[Addressee]) -> Result<Vec<bool>, StoreError> {
        if self.inbox.to_do(tenant, Lane::Consent, 1)?.is_empty() {
            return Ok(vec![false; of.len()]);
        }
        let waits = |of: &Addressee| {
            if self.inbox.opt_out_waits(tenant, Some(of.person), None)? {
                return Ok(true);
            }
            for user in self.store.users_of(tenant, of.person)? {
                if self.inbox.opt_out_waits(tenant, None, Some(&user))? {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        of.iter().map(waits).collect()
    }

    /// What the store says: whether the profile that the message was planned for still holds the number, and agrees.
    fn stands(&self, tenant: TenantId, of: &[Addressee]) -> Result<Vec<Stands>, StoreError> {
        let numbers: Vec<u64> = of.iter().map(|of| of.person).collect();
        let keys = Keys { numbers: NumberKeys::of(&numbers), ..Keys::default() };
        let known = self.store.known(tenant, &keys)?;
        let stands = |of: &Addressee| {
            let Some(at) = keys.numbers.place(of.person) else { return Stands::Gone };
            if known.own_opt_outs.get(at).is_some_and(Option::is_some) {
                return Stands::OptedOut;
            }
            let holder = known.numbers.get(at).filter(|place| **place != NONE);
            let Some(holder) = holder.map(|place| known.people.get(*place as usize)) else {
                return Stands::Gone;
            };
            if holder.id != of.profile {
                return Stands::Gone;
            }
            match Permission::from_u8(holder.permission) {
                Some(Permission::OptIn) => Stands::Open,
                Some(Permission::OptOut) => Stands::OptedOut,
                None => Stands::Gone,
            }
        };
        Ok(of.iter().map(stands).collect())
    }
}

/// What was found of a person.
#[derive(Clone, Copy)]
enum Stands {
    Open,
    OptedOut,
    Gone,
}

/// A number as events have it.
fn written(digits: u64) -> String {
    format!("+{digits}")
}
