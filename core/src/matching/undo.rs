//! Takes an import back: every effect is reversed, or kept for a reason that is told.
//!
//! What a profile was before the import's first event about it is what it becomes again, unless something came after the
//! import: another file that changed or confirmed it, or the person's own word. A number goes back only when nobody keeps
//! it. Where a person's own opt-out stands, nothing becomes an opt-in again.

use std::collections::{BTreeSet, HashMap};

use crate::permission::Permission;
use crate::phone::E164;
use crate::time::UnixMs;

use super::changes::{Consent, Custody, Plan, unpack_ids};
use super::event::{Event, Rule, Source};
use super::keys::{Keys, NONE, identity};
use super::known::{Known, OwnOptOut};
use super::log::{Change, Origin, Writer};
use super::{ImportId, ProfileId};

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

/// An import taken back, before it is committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The changes.
    pub plan: Plan,
    /// What became of the profiles.
    pub counts: UndoCounts,
    /// The first profiles that were kept, by id, and why.
    pub kept: Vec<(ProfileId, KeptBecause)>,
    /// Bytes of what later imports had confirmed when this was decided: confirming leaves no event, so the plan holds
    /// only as long as there are no more.
    pub confirmed_bytes: u64,
}

/// Collects what must be known to take an import back: hand it every event from the import's first on, then what later
/// imports confirmed.
#[derive(Debug)]
pub struct Undo {
    import: ImportId,
    touches: HashMap<u64, Touch>,
    /// Later imports that changed a profile and stand.
    later: BTreeSet<(u64, ImportId)>,
    /// Own opt-outs that the import lifted, by identity of the number.
    lifted: Vec<(u64, OwnOptOut)>,
    /// Bytes of what later imports confirmed.
    confirmed_bytes: u64,
}

#[derive(Clone, Copy, Debug)]
struct Touch {
    created: bool,
    before: (u64, u8),
    after: (u64, u8),
    last_event: u64,
    kept: Option<KeptBecause>,
}

fn digits(number: Option<E164>) -> u64 {
    number.map_or(0, E164::digits)
}

fn bits(permission: Option<Permission>) -> u8 {
    permission.map_or(0, |permission| permission as u8)
}

impl Undo {
    /// Nothing collected yet.
    pub fn new(import: ImportId) -> Undo {
        let (touches, later, lifted) = (HashMap::new(), BTreeSet::new(), Vec::new());
        Undo { import, touches, later, lifted, confirmed_bytes: 0 }
    }

    /// The next event of the log, whatever it came from.
    pub fn event(&mut self, event: &Event) {
        let Some(profile) = event.profile.map(|profile| profile.0) else { return };
        let after = (digits(event.number), bits(event.permission));
        if matches!(event.source, Source::File { import, .. } if import == self.import) {
            let before = (digits(event.number_before), bits(event.permission_before));
            // A profile begins with the event that made it.
            let created = event.previous.is_none();
            let touch = self.touches.entry(profile).or_insert(Touch {
                created,
                before,
                after,
                last_event: 0,
                kept: None,
            });
            (touch.after, touch.last_event) = (after, event.seq);
            if let (Some(own), Some(number)) = (event.lifted, event.number) {
                self.lifted.push((number.identity().digits(), own));
            }
            return;
        }
        let Some(touch) = self.touches.get_mut(&profile) else { return };
        touch.last_event = event.seq;
        match event.source {
            Source::Person { .. } => touch.kept = Some(KeptBecause::OwnOptOut),
            Source::File { import, .. } => drop(self.later.insert((profile, import))),
            // Of what came in between, only this was taken back; the rest stands.
            Source::Undo { import, .. } => drop(self.later.remove(&(profile, import))),
        }
    }

    /// Profiles that a later import confirmed, packed as its plan had them. Comes after the events.
    pub fn confirmed(&mut self, profiles: &[u8]) {
        self.confirmed_bytes += profiles.len() as u64;
        for profile in unpack_ids(profiles) {
            if let Some(touch) = self.touches.get_mut(&profile) {
                touch.kept = touch.kept.or(Some(KeptBecause::LaterImport));
            }
        }
    }

    /// What must be known now.
    pub fn keys(&self) -> Keys {
        let mut keys = Keys { profiles: self.touches.keys().copied().collect(), ..Keys::default() };
        keys.profiles.sort_unstable();
        let restored = self.touches.values().filter_map(|touch| identity(touch.before.0));
        let numbers = &mut keys.numbers.numbers;
        numbers.extend(restored.chain(self.lifted.iter().map(|(number, _)| *number)));
        numbers.sort_unstable();
        numbers.dedup();
        keys
    }

    /// Decides. `keys` are those of [`Undo::keys`], `by` says who asked for it, and why if they said so.
    pub fn plan(mut self, keys: &Keys, known: &Known, at: UnixMs, by: &str) -> Undone {
        let people = &known.people;
        for (profile, _) in &self.later {
            if let Some(touch) = self.touches.get_mut(profile) {
                touch.kept = touch.kept.or(Some(KeptBecause::LaterImport));
            }
        }
        let mut touches: Vec<Option<Touch>> =
            (0..people.len()).map(|place| self.touches.get(&people.id[place]).copied()).collect();
        for (place, touch) in touches.iter_mut().enumerate() {
            if let Some(touch) = touch.as_mut().filter(|touch| touch.kept.is_none()) {
                // The log and the profile must tell the same story; if they do not, nothing is touched.
                let same = touch.last_event == people.last_event[place]
                    && touch.after == (people.number[place], people.permission[place]);
                touch.kept = (!same).then_some(KeptBecause::LaterImport);
            }
        }
        keep_where_numbers_are_taken(&mut touches, keys, known);

        let mut log = Writer::new(known.log_end, at, Origin::Undo { import: self.import, by });
        let mut undone = Undone {
            plan: Plan::default(),
            counts: UndoCounts::default(),
            kept: Vec::new(),
            confirmed_bytes: self.confirmed_bytes,
        };
        // A word goes with its number, whoever's row had lifted it. It comes back unless somebody stays opted in there.
        let stays_opted_in = |number: u64| {
            let holder = keys.numbers.place(number).map_or(NONE, |slot| known.numbers[slot]) as usize;
            let opted_in = people.permission.get(holder) == Some(&(Permission::OptIn as u8));
            opted_in && !reversed(&touches, Some(holder))
        };
        let restored_words: HashMap<u64, OwnOptOut> =
            self.lifted.iter().rev().copied().filter(|(number, _)| !stays_opted_in(*number)).collect();
        let mut custody: Vec<(u64, bool, u64)> = Vec::new();
        for (place, touch) in touches.iter().enumerate() {
            let Some(touch) = touch else { continue };
            let profile = people.id[place];
            if let Some(because) = touch.kept {
                *match because {
                    KeptBecause::LaterImport => &mut undone.counts.kept_later_import,
                    KeptBecause::OwnOptOut => &mut undone.counts.kept_own_opt_out,
                    KeptBecause::NumberTaken => &mut undone.counts.kept_number_taken,
                } += 1;
                if undone.kept.len() < KEPT_TOLD_MAX {
                    undone.kept.push((ProfileId(profile), because));
                }
                continue;
            }
            let (number, mut permission) = touch.before;
            let key = identity(number);
            let slot = key.and_then(|key| keys.numbers.place(key));
            let own = slot.and_then(|slot| known.own_opt_outs[slot]);
            let own = own.or_else(|| restored_words.get(&key?).copied());
            if own.is_some() && permission == Permission::OptIn as u8 {
                permission = Permission::OptOut as u8;
            }
            let before = (people.number[place], people.permission[place]);
            let (left, gained) = (identity(before.0), key);
            let mut taken_from = 0;
            if left != gained {
                custody.extend(left.map(|left| (left, false, profile)));
                custody.extend(gained.map(|gained| (gained, true, profile)));
                if let Some(slot) = slot {
                    let holder = known.numbers[slot];
                    taken_from =
                        if holder == NONE { known.last_holders[slot] } else { people.id[holder as usize] };
                }
            }
            let seq = log.event(&Change {
                profile,
                previous: people.last_event[place],
                number_before: before.0,
                permission_before: before.1,
                number,
                permission,
                taken_from: if taken_from == profile { 0 } else { taken_from },
                lifted: None,
                rule: if touch.created { Rule::ProfileUndone } else { Rule::Undone },
                row: 0,
                line: 0,
                number_cell: "",
                permission_cell: "",
            });
            undone.plan.consents.push(Consent {
                profile,
                number,
                permission,
                last_event: seq,
                removed: touch.created,
            });
            *if touch.created { &mut undone.counts.removed } else { &mut undone.counts.reversed } += 1;
        }
        // Who gains a number comes after who leaves it.
        custody.sort_unstable();
        for (number, held, profile) in custody {
            let now = Custody { number, profile, held };
            match undone.plan.custody.last_mut().filter(|last| last.number == number) {
                Some(last) => *last = now,
                None => undone.plan.custody.push(now),
            }
        }
        let standing = |number: u64| known.own_opt_outs[keys.numbers.place(number)?];
        let words = restored_words.into_iter().map(|(number, own)| {
            let at = standing(number).map_or(own.at, |stands| stands.at.max(own.at));
            (number, Some(OwnOptOut { at }))
        });
        undone.plan.own_opt_outs = words.collect();
        undone.plan.own_opt_outs.sort_unstable_by_key(|(number, _)| *number);
        let (blocks, log_end) = log.finish();
        let (based_on, next_profile) = (known.log_end.seq, known.next_profile);
        undone.plan = Plan { log: blocks, based_on, log_end, at, next_profile, ..undone.plan };
        undone.plan.created.first = known.next_profile;
        undone
    }
}

fn reversed(touches: &[Option<Touch>], place: Option<usize>) -> bool {
    place.and_then(|place| touches[place]).is_some_and(|touch| touch.kept.is_none())
}

/// A profile can have its number back only if whoever holds it gives it away; whoever does not get it back keeps what it
/// holds, which may be what somebody else would have got back.
fn keep_where_numbers_are_taken(touches: &mut [Option<Touch>], keys: &Keys, known: &Known) {
    let wants = |touch: &Touch| identity(touch.before.0).and_then(|number| keys.numbers.place(number));
    // Who would get each number back.
    let mut claims = vec![NONE; keys.numbers.numbers.len()];
    let mut to_keep = Vec::new();
    for (place, touch) in touches.iter().enumerate() {
        let Some(touch) = touch.as_ref().filter(|touch| touch.kept.is_none()) else { continue };
        let Some(slot) = wants(touch) else { continue };
        if claims[slot] != NONE {
            to_keep.push(place);
            continue;
        }
        claims[slot] = place as u32;
        let holder = known.numbers[slot];
        if holder != NONE && holder as usize != place && !reversed(touches, Some(holder as usize)) {
            to_keep.push(place);
        }
    }
    while let Some(place) = to_keep.pop() {
        let Some(touch) = touches[place].as_mut().filter(|touch| touch.kept.is_none()) else { continue };
        touch.kept = Some(KeptBecause::NumberTaken);
        // What this profile keeps, nobody else gets back.
        let held = identity(known.people.number[place]).and_then(|number| keys.numbers.place(number));
        if let Some(claimant) = held.map(|slot| claims[slot]).filter(|claimant| *claimant != NONE)
            && claimant as usize != place
        {
            to_keep.push(claimant as usize);
        }
    }
}
