//! Profiles that the import touched, as small as they can be: there may be ten millions of them. Nothing is decided here.

use crate::permission::Permission;
use crate::phone::E164;

use super::super::changes::unpack_ids;
use super::super::event::{Event, Source};
use super::super::keys::identity;
use super::super::{ImportId, ProfileId};
use super::KeptBecause;

/// One profile: what it was before the import, what the import left, and what came later.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touch {
    pub(super) profile: u64,
    /// Digits before the import's first event about it; 0 for none.
    pub(super) number_before: u64,
    /// Digits after the import's last event about it; 0 for none.
    pub(super) number_after: u64,
    pub(super) last_event: u64,
    /// Who has the number before, or had it last; 0 when nobody ever had. [`HELD`] says which.
    custodian: u64,
    /// The last of the later imports that changed it and stand; of its number, what tells it from its neighbours.
    top: u32,
    /// How many these are.
    later: u16,
    /// What is known of it, and the permissions beside both numbers.
    flags: u16,
}

/// Taking ten million rows back must not take a gibibyte.
const _: () = assert!(size_of::<Touch>() == 48);

const HELD: u64 = 1 << 63;

/// The import made it.
pub(super) const CREATED: u16 = 1;
/// The person has spoken since.
const SPOKEN: u16 = 1 << 1;
/// A later import confirmed it.
const CONFIRMED: u16 = 1 << 2;
/// What the store knows must be asked.
pub(super) const STALE: u16 = 1 << 3;
/// It is there.
pub(super) const HERE: u16 = 1 << 4;
/// The log and the profile tell the same story.
pub(super) const SAME: u16 = 1 << 5;
/// The person's own opt-out stands at the number before.
pub(super) const WORD: u16 = 1 << 6;
/// The number before belongs to somebody who keeps it.
pub(super) const TAKEN: u16 = 1 << 7;
/// The number after goes back to somebody else.
pub(super) const PASSED_ON: u16 = 1 << 8;
const BEFORE_SHIFT: u32 = 12;
const AFTER_SHIFT: u32 = 14;

impl Touch {
    pub(super) fn is(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    pub(super) fn set(&mut self, flag: u16, to: bool) {
        self.flags = if to { self.flags | flag } else { self.flags & !flag };
    }

    pub(super) fn permission_before(&self) -> u8 {
        (self.flags >> BEFORE_SHIFT & 3) as u8
    }

    pub(super) fn permission_after(&self) -> u8 {
        (self.flags >> AFTER_SHIFT & 3) as u8
    }

    /// Who has the number before.
    pub(super) fn holder(&self) -> Option<u64> {
        (self.custodian & HELD != 0).then_some(self.custodian & !HELD)
    }

    /// Who has the number before, or had it last; 0 when nobody ever had.
    pub(super) fn taken_from(&self) -> u64 {
        self.custodian & !HELD
    }

    pub(super) fn set_custodian(&mut self, profile: u64, held: bool) {
        self.custodian = profile | if held { HELD } else { 0 };
    }

    /// Why it stays as it is.
    pub(super) fn kept(&self) -> Option<KeptBecause> {
        match () {
            () if self.is(SPOKEN) => Some(KeptBecause::OwnOptOut),
            // If the log and the profile tell two stories, nothing is touched.
            () if self.is(CONFIRMED) || self.later > 0 || !self.is(SAME) => Some(KeptBecause::LaterImport),
            () if self.is(TAKEN) => Some(KeptBecause::NumberTaken),
            () => None,
        }
    }

    /// Whether it becomes what it was.
    pub(super) fn reversed(&self) -> bool {
        self.is(HERE) && self.kept().is_none()
    }

    /// A profile begins to be of interest with the import's first event about it.
    fn begin(note: &Note) -> Option<Touch> {
        let Said::Import { created } = note.said else { return None };
        let mut touch = Touch {
            profile: note.profile,
            number_before: note.number_before,
            number_after: 0,
            last_event: 0,
            custodian: 0,
            top: 0,
            later: 0,
            flags: u16::from(note.permission_before) << BEFORE_SHIFT | if created { CREATED } else { 0 },
        };
        touch.go_on(note);
        Some(touch)
    }

    /// Takes the next event about it.
    fn go_on(&mut self, note: &Note) {
        self.last_event = note.seq;
        self.flags |= STALE;
        match note.said {
            Said::Import { .. } => {
                self.number_after = note.number_after;
                self.flags &= !(3 << AFTER_SHIFT);
                self.flags |= u16::from(note.permission_after) << AFTER_SHIFT;
            }
            Said::Person => self.flags |= SPOKEN,
            Said::Later { import } if self.later == 0 || self.top != import => {
                (self.top, self.later) = (import, self.later.saturating_add(1));
            }
            Said::Later { .. } => {}
            // An import is taken back from a profile only when nothing that came after it stands there: what goes is
            // always the last that came. Past what can be counted, in doubt it stays.
            Said::Undo { import } if self.later > 0 && (self.top == import || self.top == NOBODY) => {
                self.top = NOBODY;
                self.later -= u16::from(self.later < u16::MAX);
            }
            Said::Undo { .. } => {}
        }
    }
}

/// No import: they are numbered from 1.
const NOBODY: u32 = 0;

/// An event, before it is known whether its profile is of interest.
#[derive(Clone, Copy, Debug)]
struct Note {
    profile: u64,
    seq: u64,
    number_before: u64,
    number_after: u64,
    permission_before: u8,
    permission_after: u8,
    said: Said,
}

/// On whose word.
#[derive(Clone, Copy, Debug)]
enum Said {
    Import { created: bool },
    Later { import: u32 },
    Undo { import: u32 },
    Person,
}

/// Profiles that the import touched, by id.
#[derive(Debug, Default)]
pub(super) struct Touches {
    pub(super) all: Vec<Touch>,
    /// Events that came since, in the order of the log.
    fresh: Vec<Note>,
}

impl Touches {
    /// The next event of the log. `together` are put in order at a time.
    pub(super) fn event(&mut self, event: &Event, of: ImportId, together: usize) {
        let Some(ProfileId(profile)) = event.profile else { return };
        let said = match event.source {
            // A profile begins with the event that made it.
            Source::File { import, .. } if import == of => Said::Import { created: event.previous.is_none() },
            Source::File { import, .. } => Said::Later { import: import.0 as u32 },
            Source::Undo { import, .. } => Said::Undo { import: import.0 as u32 },
            // Whoever was erased is not there any more; nothing comes back.
            Source::Person { .. } | Source::Erasure { .. } => Said::Person,
        };
        self.fresh.push(Note {
            profile,
            seq: event.seq,
            number_before: event.number_before.map_or(0, E164::digits),
            number_after: event.number.map_or(0, E164::digits),
            // What is left of an erased number is no consent that could come back.
            permission_before: bits(event.permission_before.filter(|_| event.number_before.is_some())),
            permission_after: bits(event.permission.filter(|_| event.number.is_some())),
            said,
        });
        if self.fresh.len() >= together {
            self.settle();
        }
    }

    /// Puts what came since in its place.
    pub(super) fn settle(&mut self) {
        let mut fresh = std::mem::take(&mut self.fresh);
        fresh.sort_unstable_by_key(|note| (note.profile, note.seq));
        let (mut at, mut begun) = (0, Vec::new());
        for notes in fresh.chunk_by(|one, other| one.profile == other.profile) {
            at = self.advance(at, notes[0].profile);
            let mut here = self.all.get_mut(at).filter(|touch| touch.profile == notes[0].profile);
            let mut new = None;
            for note in notes {
                match here.as_deref_mut().or(new.as_mut()) {
                    Some(touch) => touch.go_on(note),
                    None => new = Touch::begin(note),
                }
            }
            begun.extend(new);
        }
        self.put_in(&begun);
        fresh.clear();
        self.fresh = fresh;
    }

    /// Profiles that a later import confirmed, packed as its plan had them.
    pub(super) fn confirmed(&mut self, profiles: &[u8]) {
        let (mut at, mut last) = (0, 0);
        for profile in unpack_ids(profiles) {
            // Packed ids ascend; if they do not, they are looked for from the start.
            at = self.advance(if profile < last { 0 } else { at }, profile);
            last = profile;
            if let Some(touch) = self.all.get_mut(at).filter(|touch| touch.profile == profile) {
                touch.flags |= CONFIRMED;
            }
        }
    }

    pub(super) fn forget_confirmed(&mut self) {
        self.all.iter_mut().for_each(|touch| touch.set(CONFIRMED, false));
    }

    /// Whatever wants one of these numbers back must be asked about again; `numbers` ascend.
    pub(super) fn numbers_moved(&mut self, numbers: &[u64]) {
        for touch in &mut self.all {
            if identity(touch.number_before).is_some_and(|number| numbers.binary_search(&number).is_ok()) {
                touch.flags |= STALE;
            }
        }
    }

    /// Where a profile stands, if it does.
    pub(super) fn place(&self, profile: u64) -> Option<usize> {
        self.all.binary_search_by_key(&profile, |touch| touch.profile).ok()
    }

    /// The first place from `at` on that does not come before a profile: mostly near, seldom far.
    fn advance(&self, mut at: usize, profile: u64) -> usize {
        let before = |place: usize| self.all.get(place).is_some_and(|touch| touch.profile < profile);
        let mut step = 1;
        while before(at + step - 1) {
            at += step;
            step *= 2;
        }
        let end = (at + step - 1).min(self.all.len());
        at + self.all[at..end].partition_point(|touch| touch.profile < profile)
    }

    /// Puts new ones, which ascend, among those there are: from the end on, so that no second list is needed.
    fn put_in(&mut self, new: &[Touch]) {
        let mut from = self.all.len();
        self.all.extend_from_slice(new);
        let mut to = self.all.len();
        for touch in new.iter().rev() {
            while from > 0 && self.all[from - 1].profile > touch.profile {
                (from, to) = (from - 1, to - 1);
                self.all[to] = self.all[from];
            }
            to -= 1;
            self.all[to] = *touch;
        }
    }
}

fn bits(permission: Option<Permission>) -> u8 {
    permission.map_or(0, |permission| permission as u8)
}
