//! The way of one message: what each thing that happens does to it. Every ledger changes messages by these functions and by
//! nothing else. They ask nothing and keep nothing.
//!
//! What is told joins: whatever comes in whatever order, however often, a message ends alike. What Meta tells of a message
//! stands above what was written down here: who is told that it arrived need not be told that it was sent.

use std::collections::BTreeMap;

use consentry_core::campaign::step::cap::Left;
use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::time::UnixMs;

use super::{Fact, Group, KeptSend, LastSend, Meant, NewSend, Reached, Recorded, SendState};

/// The shortest span that [`over_time`](super::Ledger::over_time) tells apart, in milliseconds.
pub const SPAN_MS: i64 = 10_000;
/// Meta tells times in whole seconds, rounded down: what a person said came so much later at most, in milliseconds.
pub(super) const TOLD_EARLY_MS: i64 = 999;

/// What of a message changes.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::store) struct Way {
    pub(super) state: SendState,
    pub(super) due: UnixMs,
    pub(super) attempts: u8,
    pub(super) code: i64,
    pub(super) wamid: Option<String>,
    pub(super) intended_at: Option<UnixMs>,
    /// Of the lease under which the last intent was written; 0 before there is one.
    pub(super) fence: u64,
    pub(super) changed_at: UnixMs,
    pub(super) accepted_at: Option<UnixMs>,
    pub(super) reached: Reached,
    pub(super) told_at: [Option<UnixMs>; 4],
    pub(super) replied_at: Option<UnixMs>,
    pub(super) opted_out_at: Option<UnixMs>,
    pub(super) clicked_at: Option<UnixMs>,
}

/// What of a message counts are kept by, and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Sort {
    pub(super) message: u8,
    pub(super) country: [u8; 2],
    pub(super) import: u64,
    pub(super) line: u16,
}

/// Who records, and whether the number is still theirs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holder {
    pub(super) fence: u64,
    pub(super) holds: bool,
}

impl Way {
    /// Nothing has happened yet.
    pub(super) fn new(state: SendState) -> Way {
        Way {
            state,
            due: UnixMs(0),
            attempts: 0,
            code: 0,
            wamid: None,
            intended_at: None,
            fence: 0,
            changed_at: UnixMs(0),
            accepted_at: None,
            reached: Reached::Nothing,
            told_at: [None; 4],
            replied_at: None,
            opted_out_at: None,
            clicked_at: None,
        }
    }

    /// When it was intended, where it may have left: what was refused for certain has not.
    pub(super) fn left_at(&self) -> Option<UnixMs> {
        use SendState::{Accepted, Held, Intended, Unknown};
        let may_have = matches!(self.state, Intended | Accepted | Held | Unknown);
        self.intended_at.filter(|_| may_have || self.reached > Reached::Nothing)
    }

    /// What it is to the cap of another message to the same person.
    pub(super) fn left(&self, id: SendId) -> Option<Left> {
        self.left_at().map(|at| Left { id, at, is_open: self.state == SendState::Intended })
    }

    /// An intent; false where it does not wait.
    pub(super) fn intend(&mut self, fence: u64, now: UnixMs) -> bool {
        if self.state != SendState::Waiting {
            return false;
        }
        (self.intended_at, self.fence) = (Some(now), fence);
        self.stand(SendState::Intended, now);
        true
    }

    /// An intent that nobody will tell the outcome of, because it was written under an earlier fence.
    pub(super) fn orphan(&mut self, fence: u64, now: UnixMs) -> bool {
        let is_orphan = self.state == SendState::Intended && self.fence < fence;
        if is_orphan {
            self.stand(SendState::Unknown, now);
        }
        is_orphan
    }

    /// What became of it, from whoever sends.
    pub(super) fn record(&mut self, recorded: &Recorded, holder: Holder, now: UnixMs) {
        use SendState::{Accepted, Failed, Held, Intended, Unknown, Waiting};
        let Recorded { id: _, state, due, attempts, code, wamid } = recorded;
        let is_mine = self.fence == holder.fence;
        let taken = matches!(state, Accepted | Held);
        match self.state {
            _ if *state == Intended => return,
            Waiting if *state == Waiting && !holder.holds => return,
            Waiting => {}
            Intended if is_mine => {}
            // The one who made the request knows what became of it, also after somebody else has given it up.
            Unknown if is_mine && (taken || *state == Failed) => {}
            // Told already: the rest of what is known of the request joins.
            _ if is_mine && taken && self.reached > Reached::Nothing => {
                self.accept(now);
                self.name(wamid.as_deref());
                self.attempts = *attempts;
                if self.told_at[3].is_none() {
                    self.code = *code;
                }
                return;
            }
            _ => return,
        }
        let is_lost = *state == Waiting && !holder.holds;
        (self.attempts, self.code) = (*attempts, *code);
        self.name(wamid.as_deref());
        if taken {
            self.accept(now);
        }
        self.stand(if is_lost { Unknown } else { *state }, now);
        if self.state == Waiting {
            // Whoever was tried once stands among those that were put off, also where it may go again at once.
            self.due = if due.0 <= 0 { UnixMs(now.0.max(1)) } else { *due };
        }
    }

    /// The campaign is over for it.
    pub(super) fn expire(&mut self, now: UnixMs) -> bool {
        let waits = self.state == SendState::Waiting;
        if waits {
            self.stand(SendState::Expired, now);
        }
        waits
    }

    /// What was heard of it, and what that meant.
    pub(super) fn hear(&mut self, fact: &Fact, id: SendId, sort: Sort) -> Option<Meant> {
        // What was never sent is no news to anybody: it is another installation's, or of long ago.
        if matches!(fact, Fact::Told { .. }) && self.intended_at.is_none() {
            return None;
        }
        let mut meant = Meant { id, message: sort.message, import: sort.import, failed: 0, opted_out: false };
        match fact {
            Fact::Told { reached, at, code, wamid, .. } => {
                meant.failed = self.told(*reached, *at, *code, wamid);
            }
            Fact::Said { at, is_opt_out: true, .. } => {
                meant.opted_out = self.opted_out_at.is_none();
                self.opted_out_at = earlier(self.opted_out_at, *at);
            }
            Fact::Said { at, .. } => self.replied_at = earlier(self.replied_at, *at),
            Fact::Clicked { at, .. } => self.clicked_at = earlier(self.clicked_at, *at),
        }
        (meant.failed != 0 || meant.opted_out).then_some(meant)
    }

    /// The code, where it failed now for the first time.
    fn told(&mut self, reached: Reached, at: UnixMs, code: i64, wamid: &str) -> i64 {
        self.name(Some(wamid));
        self.accept(at);
        if reached == Reached::Failed {
            // The code of the failure that was told of first, in Meta's time.
            let first = self.told_at[3];
            if first.is_none_or(|first| at < first) || first == Some(at) && code < self.code {
                self.code = code;
            }
        }
        if let Some(step) = step(reached) {
            self.told_at[step] = earlier(self.told_at[step], at);
        }
        let before = self.reached;
        self.reached = before.max(reached);
        let has_failed = self.reached == Reached::Failed;
        self.state = if has_failed { SendState::Failed } else { SendState::Accepted };
        self.due = UnixMs(0);
        let changed_at = if has_failed { self.told_at[3] } else { self.accepted_at };
        self.changed_at = changed_at.unwrap_or(at);
        if has_failed && before != Reached::Failed { self.code } else { 0 }
    }

    /// The person was erased: what waits is not sent.
    pub(super) fn erase(&mut self, now: UnixMs) {
        if self.state == SendState::Waiting {
            self.stand(SendState::OptedOut, now);
        }
    }

    fn stand(&mut self, state: SendState, now: UnixMs) {
        (self.state, self.changed_at, self.due) = (state, now, UnixMs(0));
    }

    fn accept(&mut self, at: UnixMs) {
        self.accepted_at = earlier(self.accepted_at, at);
        if self.state == SendState::Accepted && self.reached > Reached::Nothing {
            self.changed_at = self.accepted_at.unwrap_or(at);
        }
    }

    /// Meta gives a message one id. No database keeps a zero byte.
    fn name(&mut self, wamid: Option<&str>) {
        if self.wamid.is_none() {
            self.wamid = wamid.filter(|id| !id.is_empty()).map(|id| id.replace('\0', "\u{fffd}"));
        }
    }

    /// Under which it is counted.
    pub(super) fn group(&self, sort: Sort) -> Group {
        let Sort { message, country, import, line } = sort;
        Group {
            message,
            country,
            import,
            line,
            state: self.state,
            reached: self.reached,
            code: self.code,
            replied: self.replied_at.is_some(),
            opted_out: self.opted_out_at.is_some(),
            clicked: self.clicked_at.is_some(),
        }
    }

    /// When it came how far, in the order of [`over_time`](super::Ledger::over_time).
    pub(super) fn steps(&self) -> [Option<UnixMs>; 6] {
        let [sent, delivered, read, failed] = self.told_at;
        [self.accepted_at, sent, delivered, read, failed, self.clicked_at]
    }

    /// For whoever asks what a person was sent, where anything may have left or was refused by Meta. What was tried once and
    /// then never sent hides nothing that was.
    pub(super) fn last(&self) -> Option<LastSend> {
        let was_tried = self.left_at().is_some() || self.state == SendState::Failed;
        let at = self.intended_at.filter(|_| was_tried)?;
        Some(LastSend {
            state: self.state,
            reached: self.reached,
            replied: self.replied_at.is_some(),
            clicked: self.clicked_at.is_some(),
            at,
        })
    }

    /// As others see it.
    pub(super) fn kept(self, id: SendId, planned: NewSend) -> KeptSend {
        KeptSend {
            id,
            planned: NewSend { state: self.state, ..planned },
            state: self.state,
            due: self.due,
            attempts: self.attempts,
            code: self.code,
            wamid: self.wamid,
            intended_at: self.intended_at,
            changed_at: self.changed_at,
            reached: self.reached,
            told_at: self.told_at,
            replied_at: self.replied_at,
            opted_out_at: self.opted_out_at,
            clicked_at: self.clicked_at,
        }
    }
}

impl Sort {
    pub(super) fn of(send: &NewSend) -> Sort {
        Sort { message: send.message, country: send.country, import: send.import, line: send.line }
    }
}

/// How counts change with messages.
#[derive(Debug, Default)]
pub(in crate::store) struct Tally {
    pub(super) totals: BTreeMap<(CampaignId, Group), i64>,
    pub(super) times: BTreeMap<(CampaignId, i64), [i64; 6]>,
}

impl Tally {
    /// One more message.
    pub(super) fn add(&mut self, campaign: CampaignId, sort: Sort, way: &Way) {
        self.count(campaign, sort, way, 1);
    }

    /// A message that has changed.
    pub(super) fn change(&mut self, campaign: CampaignId, sort: Sort, before: &Way, after: &Way) {
        self.count(campaign, sort, before, -1);
        self.count(campaign, sort, after, 1);
    }

    /// Only what changes.
    pub(super) fn closed(mut self) -> Tally {
        self.totals.retain(|_, sends| *sends != 0);
        self.times.retain(|_, counts| *counts != [0; 6]);
        self
    }

    fn count(&mut self, campaign: CampaignId, sort: Sort, way: &Way, by: i64) {
        *self.totals.entry((campaign, way.group(sort))).or_default() += by;
        for (step, at) in way.steps().into_iter().enumerate() {
            if let Some(at) = at {
                self.times.entry((campaign, beginning(at, SPAN_MS))).or_default()[step] += by;
            }
        }
    }
}

/// Where the span of a time begins.
pub(super) fn beginning(at: UnixMs, span_ms: i64) -> i64 {
    at.0.div_euclid(span_ms).saturating_mul(span_ms)
}

/// A span as it can be told: a whole number of [`SPAN_MS`].
pub(super) fn span(span_ms: i64) -> i64 {
    const SPAN_MS_MAX: i64 = 1000 * 24 * 60 * 60 * 1000;
    (span_ms.clamp(1, SPAN_MS_MAX) + SPAN_MS - 1) / SPAN_MS * SPAN_MS
}

/// Its place in [`KeptSend::told_at`].
fn step(reached: Reached) -> Option<usize> {
    match reached {
        Reached::Nothing => None,
        Reached::Sent => Some(0),
        Reached::Delivered => Some(1),
        Reached::Read => Some(2),
        Reached::Failed => Some(3),
    }
}

fn earlier(known: Option<UnixMs>, at: UnixMs) -> Option<UnixMs> {
    Some(known.map_or(at, |known| known.min(at)))
}
