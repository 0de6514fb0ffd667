//! Rows as they may be written into a log: which message, and how it stands. Numbers, people, the values of a message and Meta's
//! id of it - which has the number in it - are left out; so a line of a log, or of a test that fails, names nobody.

use std::fmt::{Debug, Formatter, Result};

use super::{Fact, KeptSend, NewSend, Recorded};

impl Debug for NewSend {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("NewSend")
            .field("place", &self.place)
            .field("country", &self.country.map(char::from))
            .field("import", &self.import)
            .field("line", &self.line)
            .field("message", &self.message)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Debug for KeptSend {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("KeptSend")
            .field("id", &self.id)
            .field("planned", &self.planned)
            .field("state", &self.state)
            .field("due", &self.due)
            .field("attempts", &self.attempts)
            .field("code", &self.code)
            .field("intended_at", &self.intended_at)
            .field("changed_at", &self.changed_at)
            .field("reached", &self.reached)
            .field("told_at", &self.told_at)
            .field("replied_at", &self.replied_at)
            .field("opted_out_at", &self.opted_out_at)
            .field("clicked_at", &self.clicked_at)
            .finish_non_exhaustive()
    }
}

impl Debug for Recorded {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Recorded")
            .field("id", &self.id)
            .field("state", &self.state)
            .field("due", &self.due)
            .field("attempts", &self.attempts)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

impl Debug for Fact {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Fact::Told { id, reached, at, code, .. } => f
                .debug_struct("Told")
                .field("id", id)
                .field("reached", reached)
                .field("at", at)
                .field("code", code)
                .finish_non_exhaustive(),
            Fact::Said { at, is_opt_out, .. } => {
                f.debug_struct("Said").field("at", at).field("is_opt_out", is_opt_out).finish_non_exhaustive()
            }
            Fact::Clicked { id, at } => f.debug_struct("Clicked").field("id", id).field("at", at).finish(),
        }
    }
}
