//! How the messages of a campaign stood when somebody let it go on: what was so then was looked at, and whoever brakes it judges
//! what came after. It is kept in the campaign's document, so that every host knows it, also one that has just come up.

use std::collections::BTreeMap;

use consentry_core::campaign::step::{Fate, Stands};

use super::record::Stood;
use crate::store::ledger::{Group, SendState};

/// Rows that are kept. Of a campaign with more imports and reasons than that, each process counts from when it sees it go on.
const ROWS_MAX: usize = 500;

/// A group of messages, as a brake counts it.
pub(crate) fn stands(group: &Group, messages: u64) -> Stands {
    let fate = match group.state {
        SendState::Accepted | SendState::Held => Fate::Accepted,
        SendState::Failed => Fate::Failed(group.code),
        _ => Fate::Open,
    };
    Stands { message: group.message, import: group.import, fate, opted_out: group.opted_out, messages }
}

/// What is kept of these totals; none where that is too much for a document.
pub(super) fn kept(totals: &[(Group, u64)]) -> Option<Vec<Stood>> {
    let mut rows = BTreeMap::<_, u64>::new();
    for (group, messages) in totals {
        let Stands { message, import, fate, opted_out, messages } = stands(group, *messages);
        let (answered, code) = match fate {
            Fate::Open if !opted_out => continue,
            Fate::Open => (false, None),
            Fate::Accepted => (true, None),
            Fate::Failed(code) => (true, Some(code)),
        };
        *rows.entry((message, import, answered, code, opted_out)).or_default() += messages;
    }
    let row = |((message, import, answered, code, opted_out), messages)| Stood {
        message,
        import,
        answered,
        code,
        opted_out,
        messages,
    };
    (rows.len() <= ROWS_MAX).then(|| rows.into_iter().map(row).collect())
}

impl Stood {
    /// As a brake counts it.
    pub(crate) fn stands(&self) -> Stands {
        let fate = match self.code {
            Some(code) => Fate::Failed(code),
            None if self.answered => Fate::Accepted,
            None => Fate::Open,
        };
        let Stood { message, import, opted_out, messages, .. } = *self;
        Stands { message, import, fate, opted_out, messages }
    }
}
