//! People's own opt-outs on their way into the store, by number, by business-scoped user id, or by both.

use consentry_core::matching::{E164, Keys, Speaker, own_opt_out, user_of_number};
use consentry_core::time::UnixMs;

use crate::store::{Store, StoreError, TenantId};

/// Records a person's own opt-out; durable when it returns. The number it holds for: none when the word came with a user
/// id alone whose number nobody has seen yet; then it waits and takes effect when the number is seen.
pub fn opt_out(
    store: &dyn Store,
    tenant: TenantId,
    speaker: Speaker<'_>,
    at: UnixMs,
    heard: &str,
) -> Result<Option<E164>, StoreError> {
    loop {
        // The number that was seen with the user id, unless the word itself brings one.
        let (mut speaker, looked_up) = (speaker, speaker.number.is_none());
        if let (Some(user), None) = (speaker.user, speaker.number) {
            let known = store.known(tenant, &Keys::of_user(user, None))?;
            speaker.number = known.user.number.and_then(E164::from_digits);
        }
        let identity = speaker.number.map(|number| number.identity().digits());
        let keys = match (speaker.user, identity) {
            (Some(user), identity) => Keys::of_user(user, identity),
            (None, Some(identity)) => Keys::of_number(identity),
            (None, None) => return Ok(None),
        };
        let mut overtaken = false;
        store.decide(tenant, &keys, &mut |known| {
            // Somebody may have seen another number with the user id in between. The word is kept with the user id
            // alone then, and reaches that number in the next round.
            overtaken = looked_up && known.user.number != identity;
            let number = speaker.number.filter(|_| !overtaken);
            own_opt_out(Speaker { number, ..speaker }, known, at, heard)
        })?;
        if !overtaken {
            return Ok(speaker.number);
        }
    }
}

/// Notes that a user id and a number were seen together: what the person said under one of them holds for both.
pub fn seen_together(
    store: &dyn Store,
    tenant: TenantId,
    user: &str,
    number: E164,
    at: UnixMs,
    heard: &str,
) -> Result<(), StoreError> {
    let keys = Keys::of_user(user, Some(number.identity().digits()));
    store.decide(tenant, &keys, &mut |known| user_of_number(user, number, known, at, heard))
}
