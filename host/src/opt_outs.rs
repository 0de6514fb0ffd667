//! People's own words on their way into the store: opt-outs and what takes them back, by number, by business-scoped user
//! id, or by both. What follows from a word is decided in the core.

use std::collections::BTreeSet;

use consentry_core::matching::{
    E164, ImportId, Keys, Known, NONE, OptIn, Permission, Person, Plan, ProfileId, Source, Speaker,
    own_opt_in, own_opt_out, taken_by_own_opt_out, unchanged, user_of_number,
};
use consentry_core::time::UnixMs;

use crate::store::{Import, ImportState, Lookup, Store, StoreError, Subject, TenantId};

/// Records a person's own opt-out; durable when it returns. The number it holds for: none when the word came with a user
/// id alone whose number nobody has seen yet; then it waits and takes effect when the number is seen.
pub fn opt_out(
    store: &dyn Store,
    tenant: TenantId,
    speaker: Speaker<'_>,
    at: UnixMs,
    heard: &str,
) -> Result<Option<E164>, StoreError> {
    decide(store, tenant, speaker, &mut |speaker, known| own_opt_out(speaker, known, at, heard))
}

/// Records that a person asked to be written to; durable when it returns.
pub fn sign_up(
    store: &dyn Store,
    tenant: TenantId,
    speaker: Speaker<'_>,
    at: UnixMs,
    heard: &str,
) -> Result<Option<E164>, StoreError> {
    // Told again, it is no new word: something else may have been decided since.
    if let Some(number) = number_of(store, tenant, speaker)? {
        let events = store.events(tenant, Subject::Number(number.identity().digits()))?;
        let is_known = |source: &Source| matches!(source, Source::Person { heard: known } if known == heard);
        if events.iter().any(|stored| is_known(&stored.event.source)) {
            return Ok(Some(number));
        }
    }
    decide(store, tenant, speaker, &mut |speaker, known| own_opt_in(speaker, OptIn::SignUp, known, at, heard))
}

/// Records that a person took an own opt-out back; durable when it returns. What they had agreed to before holds again,
/// unless something else was decided since. Nothing happens where no earlier own opt-out stands.
pub fn resume(
    store: &dyn Store,
    tenant: TenantId,
    speaker: Speaker<'_>,
    at: UnixMs,
    heard: &str,
) -> Result<Option<E164>, StoreError> {
    loop {
        let number = number_of(store, tenant, speaker)?;
        let before = number.map(|number| Before::of(store, tenant, number)).transpose()?.flatten();
        let mut moved_on = false;
        let number = decide(store, tenant, speaker, &mut |speaker, known| {
            let was = match (holder(known), &before) {
                (None, _) => None,
                (Some(holder), Some(before)) if before.is(&holder) => before.was,
                // Something else was decided since it was looked up.
                (Some(_), _) => {
                    moved_on = true;
                    return unchanged(known);
                }
            };
            moved_on = false;
            own_opt_in(speaker, OptIn::Resume { was }, known, at, heard)
        })?;
        if !moved_on {
            return Ok(number);
        }
    }
}

/// When somebody opted out by an own word that stands, if they did.
pub fn standing(store: &dyn Store, tenant: TenantId, of: Speaker<'_>) -> Result<Option<UnixMs>, StoreError> {
    let Some(keys) = keys(of) else { return Ok(None) };
    let known = store.known(tenant, &keys)?;
    Ok(known.own_opt_outs.first().copied().flatten().max(known.user.opted_out).map(|own| own.at))
}

/// Notes that somebody's user id and number belong together, where both are known.
pub fn link(
    store: &dyn Store,
    tenant: TenantId,
    of: Speaker<'_>,
    at: UnixMs,
    heard: &str,
) -> Result<(), StoreError> {
    match (of.user, of.number) {
        (Some(user), Some(number)) => seen_together(store, tenant, user, number, at, heard),
        _ => Ok(()),
    }
}

/// Notes that a user id and a number were seen together: what the person said under one of them holds for both. Writes
/// nothing when that is known.
pub fn seen_together(
    store: &dyn Store,
    tenant: TenantId,
    user: &str,
    number: E164,
    at: UnixMs,
    heard: &str,
) -> Result<(), StoreError> {
    let identity = number.identity().digits();
    let keys = Keys::of_user(user, Some(identity));
    let known = store.known(tenant, &keys)?;
    if known.user.number == Some(identity)
        && known.user.opted_out == known.own_opt_outs.first().copied().flatten()
    {
        return Ok(());
    }
    store.decide(tenant, &keys, &mut |known| user_of_number(user, number, known, at, heard))
}

/// Decides about somebody's word with what is known of number and user id.
fn decide(
    store: &dyn Store,
    tenant: TenantId,
    speaker: Speaker<'_>,
    decide: &mut dyn FnMut(Speaker<'_>, &Known) -> Plan,
) -> Result<Option<E164>, StoreError> {
    loop {
        let looked_up = speaker.number.is_none();
        let number = number_of(store, tenant, speaker)?;
        let speaker = Speaker { number, ..speaker };
        let identity = number.map(|number| number.identity().digits());
        let Some(keys) = keys(speaker) else { return Ok(None) };
        let mut overtaken = false;
        store.decide(tenant, &keys, &mut |known| {
            // Somebody may have seen another number with the user id in between. The word is kept with the user id
            // alone then, and reaches that number in the next round.
            overtaken = looked_up && known.user.number != identity;
            let number = number.filter(|_| !overtaken);
            decide(Speaker { number, ..speaker }, known)
        })?;
        if !overtaken {
            return Ok(number);
        }
    }
}

/// The number a word brings, or else the one that was seen with the user id.
fn number_of(store: &dyn Store, tenant: TenantId, speaker: Speaker<'_>) -> Result<Option<E164>, StoreError> {
    match (speaker.number, speaker.user) {
        (None, Some(user)) => {
            let known = store.known(tenant, &Keys::of_user(user, None))?;
            Ok(known.user.number.and_then(E164::from_digits))
        }
        (number, _) => Ok(number),
    }
}

fn keys(speaker: Speaker<'_>) -> Option<Keys> {
    let identity = speaker.number.map(|number| number.identity().digits());
    match (speaker.user, identity) {
        (Some(user), identity) => Some(Keys::of_user(user, identity)),
        (None, Some(identity)) => Some(Keys::of_number(identity)),
        (None, None) => None,
    }
}

fn holder(known: &Known) -> Option<Person<'_>> {
    let place = known.numbers.first().filter(|place| **place != NONE)?;
    Some(known.people.get(*place as usize))
}

/// What a profile was before the person's own opt-out, as of an event.
struct Before {
    profile: ProfileId,
    last_event: u64,
    was: Option<Permission>,
}

impl Before {
    fn of(store: &dyn Store, tenant: TenantId, number: E164) -> Result<Option<Before>, StoreError> {
        let lookup = Lookup::Number(number.identity().digits());
        let Some(found) = store.find(tenant, &lookup)? else { return Ok(None) };
        let profile = found.profile.id;
        let events = store.events(tenant, Subject::Profile(profile))?;
        let own = || events.iter().map(|stored| &stored.event).filter(|event| event.profile == Some(profile));
        let last_event = own().next_back().map_or(0, |event| event.seq);
        let mut was = taken_by_own_opt_out(own());
        // What was taken back is no consent any more, whatever still stands of it.
        let imports: BTreeSet<ImportId> = own().filter_map(|event| event.source.import()).collect();
        for import in imports {
            let is_undone = |import: &Import| import.state == ImportState::Undone;
            if store.import(tenant, import)?.as_ref().is_none_or(is_undone) {
                was = None;
            }
        }
        Ok(Some(Before { profile, last_event, was }))
    }

    fn is(&self, holder: &Person<'_>) -> bool {
        (self.profile.0, self.last_event) == (holder.id, holder.last_event)
    }
}
