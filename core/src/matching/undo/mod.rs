//! Takes an import back: every effect is reversed, or kept for a reason that is told.
//!
//! What a profile was before the import's first event about it is what it becomes again, unless something came after the
//! import: another file that changed or confirmed it, or the person's own word. A number goes back only when nobody keeps
//! it. Where a person's own opt-out stands, nothing becomes an opt-in again.
//!
//! An import may have touched ten million profiles, and people speak while it is taken back. So what is remembered of a
//! profile is some fifty bytes ([`touch`]), what a store knows is asked for in slices, changes are handed over in slices
//! ([`write`]), and whatever came since is added to what is known already. Nothing is decided in slices.

mod decide;
mod touch;
mod words;
mod write;

use std::ops::Range;

use super::event::{Event, Source};
use super::keys::{Keys, NONE, NumberKeys, identity};
use super::known::Known;
use super::{ImportId, ProfileId};
use touch::{HERE, SAME, STALE, Touches, WORD};
use words::Words;
pub use write::Follows;

/// Kept effects of which the profile is told, at most; counting goes on.
pub(super) const KEPT_TOLD_MAX: usize = 200;

/// Why an effect of the import stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptBecause {
    /// A later import changed the profile or said of it what it is now.
    LaterImport,
    /// The person has spoken since.
    OwnOptOut,
    /// The number that would go back belongs to somebody who keeps it.
    NumberTaken,
}

impl KeptBecause {
    /// Stable identifier in JSON.
    pub fn id(self) -> &'static str {
        match self {
            KeptBecause::LaterImport => "later-import",
            KeptBecause::OwnOptOut => "own-opt-out",
            KeptBecause::NumberTaken => "number-taken",
        }
    }
}

/// What became of the profiles an import had changed. They add up to these profiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UndoCounts {
    /// Put back to what they were.
    pub reversed: u64,
    /// Made by the import, and removed.
    pub removed: u64,
    /// Kept because of a later import.
    pub kept_later_import: u64,
    /// Kept because the person has spoken since.
    pub kept_own_opt_out: u64,
    /// Kept because the number belongs to somebody who keeps it.
    pub kept_number_taken: u64,
}

/// What was decided about an import that is taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// What becomes of the profiles.
    pub counts: UndoCounts,
    /// The first profiles that are kept, by id, and why.
    pub kept: Vec<(ProfileId, KeptBecause)>,
}

/// Takes an import back.
///
/// Hand it every event from the import's first on and what later imports confirmed; then answer what it asks with
/// [`Undo::next_keys`] and [`Undo::learn`] until it asks no more; then [`Undo::decide`], and commit what
/// [`Undo::next_plan`] gives, all of it or nothing. If something came in between, hand over that as well, and go on from
/// there.
#[derive(Debug)]
pub struct Undo {
    import: ImportId,
    /// Profiles to a slice.
    together: usize,
    touches: Touches,
    words: Words,
    /// Numbers that later events were about, since the store was asked.
    moved: Vec<u64>,
    /// Whether the store was asked about everything.
    asked_all: bool,
    /// Places, or words, that were asked about last.
    asking: Asking,
    /// Places and words of which the changes were handed over.
    written: (usize, usize),
}

/// What is asked next, or was asked last.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asking {
    Touches(Range<usize>),
    Words(Range<usize>),
}

const FROM_THE_START: Asking = Asking::Touches(0..0);

/// Profiles that are asked about in one go: as many as a batch may well have.
const TOGETHER: usize = 256 * 1024;
/// Events that are put in order in one go, for each of these: every time, all profiles may have to make room.
const NOTES: usize = 4;
/// Profiles that a plan changes, for each of these: others wait until the last plan is written, and the fewer there are,
/// the less often a store joins what they bring.
const PLANNED: usize = 4;

impl Undo {
    /// Nothing collected yet.
    pub fn new(import: ImportId) -> Undo {
        Undo::in_slices(import, TOGETHER)
    }

    /// The same, with so many profiles to a slice. What comes of it does not depend on that.
    pub fn in_slices(import: ImportId, together: usize) -> Undo {
        Undo {
            import,
            together: together.max(1),
            touches: Touches::default(),
            words: Words::default(),
            moved: Vec::new(),
            asked_all: false,
            asking: FROM_THE_START,
            written: (0, 0),
        }
    }

    /// The next event of the log, whatever it came from.
    pub fn event(&mut self, event: &Event) {
        self.asking = FROM_THE_START;
        self.touches.event(event, self.import, self.together.saturating_mul(NOTES));
        let own = matches!(event.source, Source::File { import, .. } if import == self.import);
        if let (true, Some(word), Some(number)) = (own, event.lifted, event.number) {
            self.words.lifted(number.identity().digits(), word);
        }
        if self.asked_all {
            let numbers = [event.number_before, event.number].into_iter().flatten();
            self.moved.extend(numbers.map(|number| number.identity().digits()));
            // Not worth remembering: whoever wants one of these is soon everybody.
            self.asked_all = self.moved.len() <= self.together;
        }
    }

    /// Later imports confirm other profiles than those that were named.
    pub fn forget_confirmed(&mut self) {
        self.touches.forget_confirmed();
    }

    /// Profiles that a later import confirmed, packed as its plan had them. Comes after the events.
    pub fn confirmed(&mut self, profiles: &[u8]) {
        self.touches.settle();
        self.touches.confirmed(profiles);
    }

    /// What must be known next; none when nothing is missing.
    pub fn next_keys(&mut self) -> Option<Keys> {
        if self.asking == FROM_THE_START {
            self.sort_out();
        }
        if let Asking::Touches(Range { end: from, .. }) = self.asking {
            let mut keys = Keys::default();
            let mut until = from;
            for touch in &self.touches.all[from..] {
                if keys.profiles.len() == self.together {
                    break;
                }
                until += 1;
                if touch.is(STALE) {
                    keys.profiles.push(touch.profile);
                    keys.numbers.numbers.extend(identity(touch.number_before));
                }
            }
            if !keys.profiles.is_empty() {
                self.asking = Asking::Touches(from..until);
                keys.numbers = distinct(keys.numbers.numbers);
                return Some(keys);
            }
            self.asked_all = true;
            self.asking = Asking::Words(0..0);
        }
        let Asking::Words(Range { end: from, .. }) = self.asking else { return None };
        let until = self.words.all.len().min(from + self.together);
        self.asking = Asking::Words(from..until);
        let numbers = self.words.all[from..until].iter().map(|word| word.number).collect();
        (until > from).then(|| Keys { numbers: distinct(numbers), ..Keys::default() })
    }

    /// What a store knows of the keys that were asked for last.
    pub fn learn(&mut self, keys: &Keys, known: &Known) {
        let people = &known.people;
        match self.asking.clone() {
            Asking::Words(range) => self.words.learn(range, keys, known),
            Asking::Touches(range) => {
                let mut place = 0;
                for touch in self.touches.all[range].iter_mut().filter(|touch| touch.is(STALE)) {
                    place += people.id[place..].iter().take_while(|id| **id < touch.profile).count();
                    let here = people.id.get(place) == Some(&touch.profile);
                    let same = here
                        && touch.last_event == people.last_event[place]
                        && (touch.number_after, touch.permission_after())
                            == (people.number[place], people.permission[place]);
                    let slot = identity(touch.number_before).and_then(|number| keys.numbers.place(number));
                    let holder = slot.map(|slot| known.numbers[slot]).filter(|holder| *holder != NONE);
                    let last = slot.map_or(0, |slot| known.last_holders[slot]);
                    touch.set_custodian(
                        holder.map_or(last, |holder| people.id[holder as usize]),
                        holder.is_some(),
                    );
                    touch.set(HERE, here);
                    touch.set(SAME, same);
                    touch.set(WORD, slot.is_some_and(|slot| known.own_opt_outs[slot].is_some()));
                    touch.set(STALE, false);
                }
            }
        }
    }

    /// Puts in order what came since, and finds out about whom the store must be asked.
    fn sort_out(&mut self) {
        self.touches.settle();
        self.words.settle();
        let moved = distinct(std::mem::take(&mut self.moved)).numbers;
        if !self.asked_all {
            self.touches.all.iter_mut().for_each(|touch| touch.set(STALE, true));
        } else if !moved.is_empty() {
            self.touches.numbers_moved(&moved);
        }
    }
}

fn distinct(mut numbers: Vec<u64>) -> NumberKeys {
    numbers.sort_unstable();
    numbers.dedup();
    NumberKeys { numbers, of_row: Vec::new() }
}
