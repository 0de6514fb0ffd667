//! Own opt-outs that the import lifted. A word goes with its number, whoever's row had lifted it: it comes back unless
//! somebody stays opted in there.

use std::ops::Range;

use crate::permission::Permission;

use super::super::keys::{Keys, NONE};
use super::super::known::{Known, OwnOptOut};

/// A word against messages to a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    /// The number, by identity.
    pub(super) number: u64,
    /// As it was when the import lifted it.
    lifted: OwnOptOut,
    /// As it stands now, if somebody spoke again.
    stands: Option<OwnOptOut>,
    /// Who is opted in there now.
    pub(super) opted_in: Option<u64>,
    pub(super) comes_back: bool,
}

impl Word {
    /// What is remembered once it is back: the latest word counts.
    pub(super) fn restored(&self) -> OwnOptOut {
        self.stands.max(Some(self.lifted)).unwrap_or(self.lifted)
    }
}

/// All of them, by number.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) all: Vec<Word>,
}

impl Words {
    /// The import lifted a word; in the order of the log.
    pub(super) fn lifted(&mut self, number: u64, lifted: OwnOptOut) {
        self.all.push(Word { number, lifted, stands: None, opted_in: None, comes_back: false });
    }

    /// What was lifted first is what stood before the import.
    pub(super) fn settle(&mut self) {
        self.all.sort_by_key(|word| word.number);
        self.all.dedup_by_key(|word| word.number);
    }

    pub(super) fn learn(&mut self, range: Range<usize>, keys: &Keys, known: &Known) {
        for word in &mut self.all[range] {
            let Some(slot) = keys.numbers.place(word.number) else { continue };
            word.stands = known.own_opt_outs[slot];
            let holder = Some(known.numbers[slot]).filter(|holder| *holder != NONE);
            let holder = holder.map(|holder| known.people.get(holder as usize));
            word.opted_in =
                holder.filter(|holder| holder.permission == Permission::OptIn as u8).map(|holder| holder.id);
        }
    }

    /// Whether a word against messages to this number comes back.
    pub(super) fn comes_back(&self, number: u64) -> bool {
        let place = self.all.binary_search_by_key(&number, |word| word.number);
        place.is_ok_and(|place| self.all[place].comes_back)
    }
}
