//! How much may leave at once: messages a second of a number, messages to one person. Calls of the management API.

use super::super::answer::Refusal;
use super::super::people;
use super::super::state::{HOUR_MS, State};

/// Messages to one person at once, and how long each takes to be forgotten.
const PAIR_MAX: i64 = 45;
const PAIR_MS: i64 = 6_000;
/// Calls of the management API an hour, without and with a registered number.
const CALLS_MAX: u32 = 200;
const CALLS_REGISTERED_MAX: u32 = 5_000;

/// A bucket as deep as a second's messages.
pub(crate) fn throughput(state: &mut State, id: &str) -> Result<(), Refusal> {
    let now_ms = state.now_ms;
    let Some(number) = state.numbers.get_mut(id) else { return Ok(()) };
    let rate = i64::from(number.throughput_per_s);
    let (level, since_ms) = number.bucket;
    // Thousandths, so that a millisecond fills in whole units.
    let refilled = (now_ms - since_ms).max(0).saturating_mul(rate);
    let level = level.saturating_add(refilled).min(rate * 1000);
    if level < 1000 {
        number.bucket = (level, now_ms);
        let text = "Cloud API message throughput has been reached.";
        return Err(Refusal::sending(130_429, text).with_subcode(2_494_055));
    }
    number.bucket = (level - 1000, now_ms);
    Ok(())
}

/// One message in six seconds to the same person, of which 45 may be borrowed.
pub(crate) fn pair(state: &mut State, number: &str, person: &str) -> Result<(), Refusal> {
    let now_ms = state.now_ms;
    let person = people::of(state, person);
    // The moment until which borrowed messages are paid back.
    let debt = person.paid_ms.entry(number.to_owned()).or_insert(0);
    let from_ms = (*debt).max(now_ms);
    if from_ms - now_ms > (PAIR_MAX - 1) * PAIR_MS {
        let text = "Too many messages sent to this phone number in a short period of time";
        return Err(Refusal::sending(131_056, text));
    }
    *debt = from_ms + PAIR_MS;
    Ok(())
}

/// Calls of the management API are counted by account and hour.
pub(crate) fn calls(state: &mut State, id: &str) -> Result<(), Refusal> {
    let hour = state.now_ms.div_euclid(HOUR_MS);
    let registered = state.numbers.values().any(|number| number.waba == id && number.registered);
    let max = if registered { CALLS_REGISTERED_MAX } else { CALLS_MAX };
    let Some(waba) = state.wabas.get_mut(id) else { return Ok(()) };
    if waba.calls.0 != hour {
        waba.calls = (hour, 0);
    }
    waba.calls.1 += 1;
    if waba.calls.1 > max {
        let text = "Business request limit reached for WhatsApp Business Account";
        return Err(Refusal::plain(429, 80007, text).with_subcode(2_446_079).transient());
    }
    Ok(())
}
