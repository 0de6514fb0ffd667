//! Who is to get which message of a campaign, and what became of each. It is kept apart from
//! [`Store`](super::Store), so that sending never waits for an import: in an embedded installation it is a database file of
//! its own, in a shared one it has tables and locks of its own. It decides nothing.
//!
//! A message is planned once, under its place in the campaign's plan, and stands in exactly one [`SendState`]. Whoever sends
//! holds the lease of the sending number; every change that a sender makes names its lease, and is refused when somebody else
//! has taken it since. So an intent is written by one process only, and one that has no outcome was left by a process that
//! died: it is never sent again.
//!
//! The store in memory is the reference the others are tested against. All calls block; async callers move them to a blocking
//! thread.

mod changes;
mod copying;
mod kept;
mod masked;
pub mod memory;
mod postgres;
mod row;
mod sqlite;
mod values;
mod way;

use consentry_core::campaign::step::cap::Left;
use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::time::UnixMs;

use super::{StoreError, TenantId};

pub use kept::Kept;
pub use memory::MemoryLedger;
pub use postgres::PostgresLedger;
pub use sqlite::{FILE_NAME, SqliteLedger};
pub use values::{pack_values, unpack_values};
pub use way::SPAN_MS;

/// How a message stands here; what Meta tells of it later is in [`Reached`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum SendState {
    /// It is to be sent, now or when its time comes.
    Waiting = 0,
    /// It may be under way: the intent is durable, and no outcome is.
    Intended = 1,
    /// Meta took it.
    Accepted = 2,
    /// Meta took it and holds it until the template's quality is known.
    Held = 3,
    /// Meta refused it for good; the code says why.
    Failed = 4,
    /// Nobody knows whether it was sent, and it is not sent again.
    Unknown = 5,
    /// Not sent: the person opted out.
    OptedOut = 6,
    /// Not sent: the number is no longer the person's.
    Gone = 7,
    /// Not sent: the campaign's time was over, or it was cancelled.
    Expired = 8,
    /// Not sent: the person is one of those who get nothing, to compare with.
    Control = 9,
    /// Not sent: the person had as many messages as the campaign's cap allows.
    Capped = 10,
}

/// What is told of a message after it was sent, joined: a message never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reached {
    /// Nothing was told.
    Nothing = 0,
    /// It left for the phone.
    Sent = 1,
    /// Meta could not deliver it; a message that arrived all the same has arrived.
    Failed = 2,
    /// It is on the phone.
    Delivered = 3,
    /// It was shown.
    Read = 4,
}

/// A message as it is planned.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSend {
    /// Its place in the plan, counted from 1 without gaps.
    pub place: u64,
    /// The person's profile.
    pub profile: u64,
    /// Digits of the number as it is written to.
    pub number: u64,
    /// Identity of the number.
    pub person: u64,
    /// ISO code of the number's country, two letters.
    pub country: [u8; 2],
    /// The import that brought the consent; 0 for none.
    pub import: u64,
    /// Which of the campaign's numbers sends it, by its place among them.
    pub line: u16,
    /// Which of the campaign's messages it is, by its place among them.
    pub message: u8,
    /// [`SendState::Waiting`] or [`SendState::Control`].
    pub state: SendState,
    /// What stands for the message's variables, in the order of the plan, packed by [`pack_values`].
    pub values: Vec<u8>,
}

/// A message as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptSend {
    /// Which.
    pub id: SendId,
    /// As it was planned; its state is the one it has.
    pub planned: NewSend,
    /// How it stands.
    pub state: SendState,
    /// When it may go, while it waits; 0 for at once.
    pub due: UnixMs,
    /// Requests that were made and refused.
    pub attempts: u8,
    /// Meta's last code; 0 for none. Of a webhook where one said that it failed.
    pub code: i64,
    /// Meta's id of the message.
    pub wamid: Option<String>,
    /// When its last intent was written.
    pub intended_at: Option<UnixMs>,
    /// When it got the state it has.
    pub changed_at: UnixMs,
    /// How far it came.
    pub reached: Reached,
    /// When it was first told to be sent, delivered, read and failed, in Meta's time.
    pub told_at: [Option<UnixMs>; 4],
    /// When the person answered it first.
    pub replied_at: Option<UnixMs>,
    /// When the person opted out after it.
    pub opted_out_at: Option<UnixMs>,
    /// When the person first tapped an address in it.
    pub clicked_at: Option<UnixMs>,
}

/// The right to send with a number, and to change what waits on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The number's id at Meta.
    pub line: String,
    /// Higher than that of everybody who had it before.
    pub fence: u64,
    /// Until when nobody else gets it, unless it is renewed: by the clock of the ledger, which need not be the caller's.
    pub until: UnixMs,
}

/// What became of a message, from whoever sends.
#[derive(Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Which.
    pub id: SendId,
    /// How it stands now.
    pub state: SendState,
    /// When it may go, where it waits again.
    pub due: UnixMs,
    /// Requests that were made and refused.
    pub attempts: u8,
    /// Meta's code; 0 for none.
    pub code: i64,
    /// Meta's id of the message.
    pub wamid: Option<String>,
}

/// What was heard of a message or a person later.
#[derive(Clone, PartialEq, Eq)]
pub enum Fact {
    /// Something was told of a message, whose id Meta has repeated.
    Told {
        /// Which.
        id: SendId,
        /// How far it came.
        reached: Reached,
        /// When, in Meta's time.
        at: UnixMs,
        /// Meta's code, where it failed.
        code: i64,
        /// Meta's id of the message: an intent whose answer was lost is known by it to have been sent.
        wamid: String,
    },
    /// A person answered, or opted out: it counts for the last message that they were sent before it, if that was not more
    /// than [`COUNTS_FOR_MS`] ago.
    Said {
        /// Identity of the number.
        person: u64,
        /// When.
        at: UnixMs,
        /// Whether it was an opt-out.
        is_opt_out: bool,
    },
    /// A person tapped an address in a message.
    Clicked {
        /// Which.
        id: SendId,
        /// When.
        at: UnixMs,
    },
}

/// How long what a person says counts for the last message, in milliseconds.
pub const COUNTS_FOR_MS: i64 = 3 * 24 * 60 * 60 * 1000;
/// How long a lease holds, in milliseconds.
pub const LEASE_MS: i64 = 10_000;
/// What a lease may seem to hold longer, because clocks of one machine are apart or were set a little, in milliseconds. One that
/// seems to hold longer than that was taken by a clock that was set back since: it has lapsed.
const LEASE_LONGER_MS: i64 = 5_000;

/// What a fact meant to a campaign, for whoever watches over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meant {
    /// Which message.
    pub id: SendId,
    /// Which of the campaign's messages.
    pub message: u8,
    /// The import that brought the consent; 0 for none.
    pub import: u64,
    /// Meta's code where it failed now for the first time; 0 otherwise.
    pub failed: i64,
    /// The person opted out now for the first time after it.
    pub opted_out: bool,
}

/// Messages that have the same in common, and how many they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    /// Which of the campaign's messages.
    pub message: u8,
    /// ISO code of the country.
    pub country: [u8; 2],
    /// The import that brought the consents.
    pub import: u64,
    /// Which of the campaign's numbers.
    pub line: u16,
    /// How they stand.
    pub state: SendState,
    /// How far they came.
    pub reached: Reached,
    /// Meta's code.
    pub code: i64,
    /// Whether the person answered.
    pub replied: bool,
    /// Whether the person opted out after it.
    pub opted_out: bool,
    /// Whether the person tapped an address.
    pub clicked: bool,
}

/// Which messages of a campaign. What is empty excludes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendFilter {
    /// In one of these states.
    pub states: Vec<SendState>,
    /// That came exactly so far.
    pub reached: Vec<Reached>,
    /// With this code.
    pub code: Option<i64>,
    /// Whose person answered, opted out, tapped.
    pub replied: Option<bool>,
    /// The same of opt-outs.
    pub opted_out: Option<bool>,
    /// The same of taps.
    pub clicked: Option<bool>,
}

impl SendFilter {
    /// Whether a message is asked for.
    fn passes(&self, send: &KeptSend) -> bool {
        let SendFilter { states, reached, code, replied, opted_out, clicked } = self;
        (states.is_empty() || states.contains(&send.state))
            && (reached.is_empty() || reached.contains(&send.reached))
            && code.is_none_or(|code| code == send.code)
            && replied.is_none_or(|replied| replied == send.replied_at.is_some())
            && opted_out.is_none_or(|opted_out| opted_out == send.opted_out_at.is_some())
            && clicked.is_none_or(|clicked| clicked == send.clicked_at.is_some())
    }
}

/// What of the day's people is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// People whom all numbers together may reach.
    pub most: u32,
    /// People of the part that the caller has who are chosen already, and whose intents are not written yet.
    pub chosen: u32,
    /// Whether the caller has anybody else to write to. Where not, others get the rest.
    pub wants: bool,
}

impl Share {
    /// The part of the caller, where so many people were reached, and others have so many leases and parts of so many people.
    /// Everybody who has a lease may want the same next.
    fn part(self, reached: u64, others: u64, of_others: u64) -> u32 {
        let left = u64::from(self.most).saturating_sub(reached.saturating_add(of_others));
        let part = if self.wants { left.div_ceil(others.saturating_add(1)) } else { 0 };
        // Whoever is chosen is of the part that the caller has, also where what others have of theirs counts twice.
        u32::try_from(part.max(u64::from(self.chosen))).unwrap_or(u32::MAX)
    }
}

/// The last message that a person was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastSend {
    /// How it stands.
    pub state: SendState,
    /// How far it came.
    pub reached: Reached,
    /// Whether the person answered it.
    pub replied: bool,
    /// Whether the person tapped an address in it.
    pub clicked: bool,
    /// When it was intended.
    pub at: UnixMs,
}

/// The ledger of all messages. Every call names its tenant and reaches no other's rows.
pub trait Ledger: Send + Sync {
    /// Adds messages to a plan, all or none; places that are there already are passed over, so that a plan can be continued.
    /// A million go fastest in pieces of some ten thousand. `attempt` is the one that [`forget_plan`](Ledger::forget_plan)
    /// named last, 0 before there was any; fails with [`StoreError::Overtaken`] where another attempt has begun.
    fn plan(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        attempt: u64,
        sends: &[NewSend],
    ) -> Result<(), StoreError>;

    /// Forgets a plan of which nothing was intended, and lets this attempt begin another: attempts count up, and whoever
    /// makes an earlier one writes nothing any more. Fails with [`StoreError::Overtaken`] when something was intended, or a
    /// later attempt has begun.
    fn forget_plan(&self, tenant: TenantId, campaign: CampaignId, attempt: u64) -> Result<(), StoreError>;

    /// Messages of a campaign after a place, by place.
    fn page(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        filter: &SendFilter,
        after: u64,
        limit: usize,
    ) -> Result<Vec<KeptSend>, StoreError>;

    /// How many messages of a campaign stand how.
    fn totals(&self, tenant: TenantId, campaign: CampaignId) -> Result<Vec<(Group, u64)>, StoreError>;

    /// How many messages came how far when: for acceptance (first), each step of [`KeptSend::told_at`] and taps, counts by
    /// beginnings of spans of so many milliseconds, rounded up to whole [`SPAN_MS`].
    fn over_time(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        span_ms: i64,
    ) -> Result<Vec<(UnixMs, [u64; 6])>, StoreError>;

    /// The time that leases go by, for a caller whose clock says so: that of whatever several callers share.
    fn now(&self, told: UnixMs) -> Result<UnixMs, StoreError>;

    /// Takes or renews the lease of a number for [`LEASE_MS`]; none while somebody else has it. `held` is the lease that the
    /// caller has; a lease that lapsed and was taken by nobody is renewed with the same fence, and has no part of the day's
    /// people any more. A ledger that several hosts share goes by its own clock, and not by `now`.
    fn lease(
        &self,
        tenant: TenantId,
        line: &str,
        held: Option<&Lease>,
        now: UnixMs,
    ) -> Result<Option<Lease>, StoreError>;

    /// Gives a lease back.
    fn release(&self, tenant: TenantId, lease: &Lease) -> Result<(), StoreError>;

    /// Intents of a line without an outcome that were written under an earlier fence become [`SendState::Unknown`]; how many.
    /// `line` is the number's place in the campaign's plan.
    fn orphaned(
        &self,
        tenant: TenantId,
        lease: &Lease,
        campaign: CampaignId,
        line: u16,
        now: UnixMs,
    ) -> Result<u64, StoreError>;

    /// Messages of a line that wait and may go now: those that were put off and are due first, then those that were never
    /// tried, by place after `after`. What was put off is not asked for its place: it was passed over before. With when the next
    /// one that was put off is due.
    fn waiting(
        &self,
        tenant: TenantId,
        campaign: CampaignId,
        line: u16,
        after: u64,
        now: UnixMs,
        limit: usize,
    ) -> Result<(Vec<KeptSend>, Option<UnixMs>), StoreError>;

    /// Writes intents down: durable when it returns, all or none. Fails with [`StoreError::Overtaken`] when the lease was
    /// taken by somebody else, or when one of the messages does not wait.
    fn intend(
        &self,
        tenant: TenantId,
        lease: &Lease,
        sends: &[SendId],
        now: UnixMs,
    ) -> Result<(), StoreError>;

    /// Writes down what became of messages: durable when it returns, all or none. Only what waits or was intended under this
    /// fence changes: a message that a webhook proved to be sent meanwhile stays so. A lease that was lost does not matter
    /// here - what happened has happened, and an unknown learns its outcome from the one who intended it -, except that
    /// nothing goes back to waiting then: it becomes unknown.
    fn record(
        &self,
        tenant: TenantId,
        lease: &Lease,
        recorded: &[Recorded],
        now: UnixMs,
    ) -> Result<(), StoreError>;

    /// Everything of a campaign that waits becomes [`SendState::Expired`]; how many.
    fn expire(&self, tenant: TenantId, campaign: CampaignId, now: UnixMs) -> Result<u64, StoreError>;

    /// Keeps what was heard, and up to where in the inbox it was heard, in one transaction; never goes back. A message that
    /// something is told of was accepted, however it stands here, but for one that was never intended; one that is told to have failed is failed, unless it is
    /// told to have arrived all the same. Whatever the order and however many copies, it ends alike. What it meant.
    fn hear(&self, tenant: TenantId, facts: &[Fact], up_to: u64) -> Result<Vec<Meant>, StoreError>;

    /// Up to where in the inbox it was heard.
    fn heard_up_to(&self, tenant: TenantId) -> Result<u64, StoreError>;

    /// For each person, by identity, the last message intended for them since then that may have left or that Meta refused, and
    /// how many may have left: what Meta refused for certain has not; in the order of the question.
    fn last_sends(
        &self,
        tenant: TenantId,
        people: &[u64],
        since: UnixMs,
    ) -> Result<Vec<Option<(LastSend, u32)>>, StoreError>;

    /// For each person, by identity, all messages that were intended for them since then and may have left; in the order of the
    /// question, each person's by their ids.
    fn left(&self, tenant: TenantId, people: &[u64], since: UnixMs) -> Result<Vec<Vec<Left>>, StoreError>;

    /// The messages that were ever intended for a person, by identity, the latest first, at most so many: those that Meta
    /// refused among them.
    fn sends_of(&self, tenant: TenantId, person: u64, limit: usize) -> Result<Vec<KeptSend>, StoreError>;

    /// Different people whom messages were intended for since then that may have left.
    fn people_since(&self, tenant: TenantId, since: UnixMs) -> Result<u64, StoreError>;

    /// Gives whoever holds a lease a part of the people whom all of the tenant's numbers together may still reach for the first
    /// time since then, in the place of the part that it had; how many they are. What others have a part of, they alone may
    /// reach, for as long as their leases hold: so all of them never reach more than [`Share::most`]. Fails with
    /// [`StoreError::Overtaken`] when the lease was taken by somebody else.
    fn part(
        &self,
        tenant: TenantId,
        lease: &Lease,
        share: Share,
        since: UnixMs,
        now: UnixMs,
    ) -> Result<u32, StoreError>;

    /// Messages to these numbers, by identity, name nobody any more: number, values and Meta's ids go, and in the place of the
    /// person stands what the profile alone says, so that counts of people stay. What waits is not sent: the person opted out.
    /// What is under way keeps its state. Everything that is counted stays as it was.
    fn erase(
        &self,
        tenant: TenantId,
        people: &[u64],
        profile: u64,
        now: UnixMs,
    ) -> Result<ErasedSends, StoreError>;

    /// Overwrites what was removed, where the database leaves it in its file.
    fn purge(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// What became of messages to somebody who was erased.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ErasedSends {
    /// How many there were.
    pub sends: u64,
    /// Meta's ids of them, which have the number in them: kept nowhere, for whoever keeps something under them.
    pub messages: Vec<String>,
}

/// What stands for a person who was erased: no number is that large.
pub(super) fn nobody(profile: u64) -> u64 {
    1 << 62 | profile
}
