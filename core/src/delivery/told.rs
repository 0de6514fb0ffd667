//! What one webhook tells of a message, and what many of them say together under one status. Every field joins by itself:
//! times to the earliest, problems to all of them, and of two texts that differ the greater one stays, because some one must
//! and who came first must not count.

use std::collections::BTreeSet;

use super::clipped;
use crate::limits::DELIVERY_PROBLEMS_MAX;
use crate::time::UnixMs;

/// What one webhook tells of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Told {
    /// The status, in Meta's word, whatever it is.
    pub status: String,
    /// When it was so, in Meta's time.
    pub at: UnixMs,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// What it costs.
    pub pricing: Option<Pricing>,
    /// What the sender had Meta repeat (`biz_opaque_callback_data`).
    pub callback_data: Option<String>,
    /// Whom it was for, in E.164 with a plus.
    pub number: Option<String>,
    /// Whom it was for, by business-scoped user id.
    pub user: Option<String>,
    /// Which of the business's numbers sent it, by Meta's id.
    pub phone_number_id: Option<String>,
    /// The conversation it counts to.
    pub conversation: Option<Conversation>,
}

/// What went wrong, as Meta says it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Problem {
    /// Meta's error code.
    pub code: i64,
    /// What the code means.
    pub title: String,
    /// What happened here.
    pub details: Option<String>,
}

/// What a message costs, in Meta's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pricing {
    /// `marketing`, `utility`, …
    pub category: Option<String>,
    /// `regular`, `free_customer_service`, …
    pub kind: Option<String>,
    /// `PMP`, `CBP`, …
    pub model: Option<String>,
    /// Whether it is paid for; Meta has announced to leave it out some day.
    pub billable: Option<bool>,
}

/// A conversation in Meta's sense.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Conversation {
    /// Meta's id.
    pub id: String,
    /// How it began, in Meta's word.
    pub origin: Option<String>,
    /// When it ends.
    pub expires: Option<UnixMs>,
}

/// What was said under one status, by however many webhooks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Said {
    /// The earliest time that was told.
    pub at: UnixMs,
    /// Everything that went wrong.
    pub problems: BTreeSet<Problem>,
    /// What it costs.
    pub pricing: Option<Pricing>,
    /// What the sender had Meta repeat.
    pub callback_data: Option<String>,
    /// Whom it was for, by number.
    pub number: Option<String>,
    /// Whom it was for, by user id.
    pub user: Option<String>,
    /// Which of the business's numbers sent it.
    pub phone_number_id: Option<String>,
    /// The conversation it counts to.
    pub conversation: Option<Conversation>,
}

impl Said {
    /// Nothing but a time.
    pub fn at(at: UnixMs) -> Said {
        Said {
            at,
            problems: BTreeSet::new(),
            pricing: None,
            callback_data: None,
            number: None,
            user: None,
            phone_number_id: None,
            conversation: None,
        }
    }

    pub(super) fn of(told: &Told) -> Said {
        let Told {
            status: _,
            at,
            problems,
            pricing,
            callback_data,
            number,
            user,
            phone_number_id,
            conversation,
        } = told.clone();
        let problems = problems.into_iter().collect();
        Said { at, problems, pricing, callback_data, number, user, phone_number_id, conversation }
    }

    pub(super) fn join(&mut self, other: &Said) {
        self.at = self.at.min(other.at);
        for problem in &other.problems {
            let title = clipped(&problem.title).to_owned();
            let details = problem.details.as_deref().map(|details| clipped(details).to_owned());
            self.problems.insert(Problem { code: problem.code, title, details });
        }
        // Of too many the first in their order stay: one that goes would go in any other order as well.
        while self.problems.len() > DELIVERY_PROBLEMS_MAX {
            self.problems.pop_last();
        }
        join_pricing(&mut self.pricing, other.pricing.as_ref());
        greater(&mut self.callback_data, other.callback_data.as_deref());
        greater(&mut self.number, other.number.as_deref());
        greater(&mut self.user, other.user.as_deref());
        greater(&mut self.phone_number_id, other.phone_number_id.as_deref());
        if let Some(conversation) = &other.conversation {
            let conversation = Conversation {
                id: clipped(&conversation.id).to_owned(),
                origin: conversation.origin.as_deref().map(|origin| clipped(origin).to_owned()),
                expires: conversation.expires,
            };
            if self.conversation.as_ref().is_none_or(|known| *known < conversation) {
                self.conversation = Some(conversation);
            }
        }
    }
}

/// Field by field, because one copy may say less than another.
fn join_pricing(known: &mut Option<Pricing>, other: Option<&Pricing>) {
    let Some(other) = other else { return };
    let known = known.get_or_insert_default();
    greater(&mut known.category, other.category.as_deref());
    greater(&mut known.kind, other.kind.as_deref());
    greater(&mut known.model, other.model.as_deref());
    known.billable = known.billable.max(other.billable);
}

/// Something is greater than nothing.
fn greater(known: &mut Option<String>, other: Option<&str>) {
    let other = other.map(clipped);
    if known.as_deref() < other {
        *known = other.map(str::to_owned);
    }
}
