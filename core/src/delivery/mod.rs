//! What became of a message, out of what Meta tells of it. Webhooks come in any order, twice, or not at all, and every
//! order and every number of copies must end in the same state: so nothing here replaces anything, everything joins. Each
//! status keeps its earliest time, each thing told once is known from then on, and what stands is read out of all of it.
//!
//! Nothing is refused: a status nobody has heard of is kept under its word.

mod told;

use std::collections::BTreeMap;

pub use told::{Conversation, Pricing, Problem, Said, Told};

use crate::limits::{DELIVERY_STATUSES_MAX, DELIVERY_TEXT_BYTES_MAX};
use crate::time::UnixMs;

/// How far a message came. A higher step implies those below it: whoever has read a message has got it, also when no
/// webhook said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Meta took it.
    Accepted,
    /// It left for the person's phone.
    Sent,
    /// It is on the phone.
    Delivered,
    /// It was shown.
    Read,
    /// A voice message was listened to.
    Played,
}

impl Step {
    /// From the lowest up.
    pub const ALL: [Step; 5] = [Step::Accepted, Step::Sent, Step::Delivered, Step::Read, Step::Played];

    /// The word for it, as Meta's statuses have it.
    pub fn word(self) -> &'static str {
        match self {
            Step::Accepted => "accepted",
            Step::Sent => "sent",
            Step::Delivered => "delivered",
            Step::Read => "read",
            Step::Played => "played",
        }
    }
}

/// The word of a message that failed.
pub const FAILED: &str = "failed";

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Nothing was told that says how far it came.
    Unknown,
    /// It came so far, and is not known to have failed on the way.
    Reached(Step),
    /// It will not arrive.
    Failed,
}

impl Standing {
    /// One word for it: a status, or `unknown`.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Unknown => "unknown",
            Standing::Reached(step) => step.word(),
            Standing::Failed => FAILED,
        }
    }
}

/// Everything that was told of one message, joined.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Delivery {
    said: BTreeMap<String, Said>,
}

impl Delivery {
    /// Out of what was kept: words and what was said under each.
    pub fn of(said: impl IntoIterator<Item = (String, Said)>) -> Delivery {
        let mut delivery = Delivery::default();
        for (word, said) in said {
            delivery.join_word(&word, &said);
        }
        delivery
    }

    /// Takes in what was told. The order of calls does not matter, nor does telling the same again.
    pub fn join(&mut self, told: &Told) {
        self.join_word(&told.status, &Said::of(told));
    }

    /// Takes in everything that another one knows of the same message.
    pub fn merge(&mut self, other: &Delivery) {
        for (word, said) in &other.said {
            self.join_word(word, said);
        }
    }

    /// What was said under each word, known or not, in the order of the words.
    pub fn said(&self) -> impl Iterator<Item = (&str, &Said)> {
        self.said.iter().map(|(word, said)| (word.as_str(), said))
    }

    /// How far it came, whatever failed.
    pub fn reached(&self) -> Option<Step> {
        Step::ALL.into_iter().rev().find(|step| self.said.contains_key(step.word()))
    }

    /// Where it stands. What arrived has arrived, whatever else was told; before that a failure is the end.
    pub fn standing(&self) -> Standing {
        match self.reached() {
            Some(step) if step >= Step::Delivered => Standing::Reached(step),
            _ if self.said.contains_key(FAILED) => Standing::Failed,
            Some(step) => Standing::Reached(step),
            None => Standing::Unknown,
        }
    }

    /// When it came so far at the latest: the earliest time told of this step or of one that implies it.
    pub fn reached_at(&self, step: Step) -> Option<UnixMs> {
        let implying = Step::ALL.into_iter().filter(|other| *other >= step);
        implying.filter_map(|other| Some(self.said.get(other.word())?.at)).min()
    }

    /// When it was first told to have failed.
    pub fn failed_at(&self) -> Option<UnixMs> {
        Some(self.said.get(FAILED)?.at)
    }

    /// What went wrong, whatever word it was told with.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.said.values().flat_map(|said| &said.problems)
    }

    /// What it costs, as the highest status says that tells it: what was expected when it was sent may be corrected when it
    /// arrived.
    pub fn pricing(&self) -> Option<&Pricing> {
        self.first(|said| said.pricing.as_ref())
    }

    /// The conversation it counts to.
    pub fn conversation(&self) -> Option<&Conversation> {
        self.first(|said| said.conversation.as_ref())
    }

    /// What the sender had Meta repeat.
    pub fn callback_data(&self) -> Option<&str> {
        self.first(|said| said.callback_data.as_deref())
    }

    /// Whom it was for, by number.
    pub fn number(&self) -> Option<&str> {
        self.first(|said| said.number.as_deref())
    }

    /// Whom it was for, by business-scoped user id.
    pub fn user(&self) -> Option<&str> {
        self.first(|said| said.user.as_deref())
    }

    /// Which of the business's numbers sent it, by Meta's id.
    pub fn phone_number_id(&self) -> Option<&str> {
        self.first(|said| said.phone_number_id.as_deref())
    }

    /// The answer of the highest status that has one; statuses nobody knows come last, in the order of their words.
    fn first<'a, T>(&'a self, of: impl Fn(&'a Said) -> Option<T>) -> Option<T> {
        let steps = Step::ALL.into_iter().rev().map(Step::word);
        let known = steps.chain([FAILED]).filter_map(|word| self.said.get(word));
        let others = self.said.iter().filter(|(word, _)| !is_known(word)).map(|(_, said)| said);
        known.chain(others).find_map(of)
    }

    fn join_word(&mut self, word: &str, said: &Said) {
        let word = clipped(word);
        match self.said.get_mut(word) {
            Some(known) => known.join(said),
            None => {
                let mut first = Said::at(said.at);
                first.join(said);
                self.said.insert(word.to_owned(), first);
            }
        }
        // The words that stay are the first ones in their order. One that goes had enough before it, and always will, so
        // that which ones stay does not depend on which came first.
        let unknown = self.said.keys().filter(|word| !is_known(word));
        if let Some(last) = unknown.skip(UNKNOWN_STATUSES_MAX).last().cloned() {
            self.said.remove(&last);
        }
    }
}

/// Statuses that are known.
const KNOWN_STATUSES: usize = Step::ALL.len() + 1;
/// Statuses kept that are not known.
const UNKNOWN_STATUSES_MAX: usize = DELIVERY_STATUSES_MAX - KNOWN_STATUSES;

fn is_known(word: &str) -> bool {
    word == FAILED || Step::ALL.iter().any(|step| step.word() == word)
}

/// A text as far as it is kept.
fn clipped(text: &str) -> &str {
    &text[..text.floor_char_boundary(DELIVERY_TEXT_BYTES_MAX)]
}

#[cfg(test)]
mod tests;
