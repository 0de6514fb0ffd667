//! What becomes of each profile. All of them are looked at together: whoever keeps a number keeps it from somebody else.

use super::super::ProfileId;
use super::super::keys::identity;
use super::touch::{CREATED, HERE, PASSED_ON, TAKEN, Touches};
use super::{Decided, KEPT_TOLD_MAX, KeptBecause, Undo};

impl Undo {
    /// Decides, once nothing is missing that must be known. Changes are handed over from the start again.
    pub fn decide(&mut self) -> Decided {
        self.written = (0, 0);
        let touches = &mut self.touches;
        keep_where_numbers_are_taken(touches);
        for word in &mut self.words.all {
            let place = word.opted_in.map(|holder| touches.place(holder));
            let stays_opted_in = place.is_some_and(|place| !reversed(touches, place));
            word.comes_back = !stays_opted_in;
        }
        let mut decided = Decided::default();
        let counts = &mut decided.counts;
        for touch in touches.all.iter().filter(|touch| touch.is(HERE)) {
            *match touch.kept() {
                None if touch.is(CREATED) => &mut counts.removed,
                None => &mut counts.reversed,
                Some(KeptBecause::LaterImport) => &mut counts.kept_later_import,
                Some(KeptBecause::OwnOptOut) => &mut counts.kept_own_opt_out,
                Some(KeptBecause::NumberTaken) => &mut counts.kept_number_taken,
            } += 1;
            if let Some(because) = touch.kept().filter(|_| decided.kept.len() < KEPT_TOLD_MAX) {
                decided.kept.push((ProfileId(touch.profile), because));
            }
        }
        decided
    }
}

fn reversed(touches: &Touches, place: Option<usize>) -> bool {
    place.is_some_and(|place| touches.all[place].reversed())
}

/// A profile can have its number back only if whoever holds it gives it away; whoever does not get it back keeps what it
/// holds, which may be what somebody else would have got back.
fn keep_where_numbers_are_taken(touches: &mut Touches) {
    for touch in &mut touches.all {
        touch.set(TAKEN, false);
        touch.set(PASSED_ON, false);
    }
    // Who would get each number back, by number. It goes to one profile only.
    let mut claims: Vec<(u64, u32)> = Vec::new();
    for (place, touch) in touches.all.iter().enumerate().filter(|(_, touch)| touch.reversed()) {
        claims.extend(identity(touch.number_before).map(|number| (number, place as u32)));
    }
    claims.sort_unstable();
    let (mut to_keep, mut last) = (Vec::new(), None);
    claims.retain(|(number, place)| {
        let first = last.replace(*number) != Some(*number);
        if !first {
            to_keep.push(*place);
        }
        first
    });
    for (_, place) in &claims {
        let touch = &touches.all[*place as usize];
        let other = touch.holder().filter(|holder| *holder != touch.profile);
        if other.is_some_and(|holder| !reversed(touches, touches.place(holder))) {
            to_keep.push(*place);
        }
    }
    while let Some(place) = to_keep.pop() {
        let touch = &mut touches.all[place as usize];
        if touch.is(TAKEN) {
            continue;
        }
        touch.set(TAKEN, true);
        // What this profile keeps, nobody else gets back.
        let claim = identity(touch.number_after)
            .and_then(|held| claims.binary_search_by_key(&held, |(number, _)| *number).ok());
        to_keep.extend(claim.map(|claim| claims[claim].1).filter(|claimant| *claimant != place));
    }
    for (_, place) in claims {
        let touch = &touches.all[place as usize];
        let giver = touch.holder().filter(|holder| *holder != touch.profile && touch.reversed());
        if let Some(giver) = giver.and_then(|giver| touches.place(giver)) {
            touches.all[giver].set(PASSED_ON, true);
        }
    }
}
