//! Events of the wire as the inbox keeps them.

use std::borrow::Cow;

use consentry_core::delivery::{Conversation, Pricing, Problem, Told};
use consentry_core::matching::E164;
use consentry_core::time::UnixMs;
use consentry_core::wire::webhook::v1::{Event, Json};
use sha2::{Digest as _, Sha256};

use crate::store::inbox::{Lane, NewEvent, OPT_OUT};

/// Kind of the copy of a `moved` that is found by who somebody was before.
pub const MOVED_AWAY: &str = "moved_away";

/// An event to be kept.
pub(super) fn new_event(event: &Event<'_>, received: UnixMs, to_do: bool) -> NewEvent {
    let is_consent = event.lane == "consent";
    let told_at = event.at_ms.map(UnixMs);
    // Nobody has said something later than it was heard, whatever the clock of whoever told it; and in whole seconds, as
    // Meta tells times, or what has none would win over what was said in the same second.
    let said_at = UnixMs(told_at.unwrap_or(received).min(received).0.div_euclid(1000) * 1000);
    NewEvent {
        id: event.id.clone(),
        lane: if is_consent { Lane::Consent } else { Lane::Rest },
        kind: event.kind.to_string(),
        to_do,
        at: if is_consent { Some(said_at) } else { told_at },
        received,
        number: number(event.number.as_deref()).map(|number| number.identity().digits()),
        user: event.user_id.as_deref().map(str::to_owned),
        message_id: event.message_id.as_deref().map(str::to_owned),
        told: told(event, received),
        // Its parts are texts, numbers and lists of them.
        body: serde_json::to_string(event).unwrap_or_default(),
    }
}

/// A copy of a `moved` under who it was before: a word of theirs that comes late finds whom they have become.
pub(super) fn left_behind(moved: &NewEvent) -> Option<NewEvent> {
    if moved.kind != "moved" {
        return None;
    }
    let event: Event<'_> = serde_json::from_str(&moved.body).ok()?;
    let before = number(event.previous_number.as_deref()).map(|number| number.identity().digits());
    Some(NewEvent {
        id: format!("{MOVED_AWAY}:{}", moved.id),
        kind: MOVED_AWAY.to_owned(),
        to_do: false,
        number: before,
        user: event.previous_user_id.as_deref().map(str::to_owned),
        ..moved.clone()
    })
}

/// An opt-out that Meta told instead of taking a message, in an answer and not by webhook.
pub fn refused(id: &str, number: &str, at: UnixMs) -> NewEvent {
    let event = Event {
        kind: OPT_OUT.into(),
        id: id.to_owned(),
        lane: "consent".into(),
        at_ms: Some(at.0),
        number: Some(number.to_owned()),
        by: Some("error".into()),
        raw: Json::Null,
        ..Event::default()
    };
    new_event(&event, at, true)
}

/// An event for a body that nobody could read.
pub(super) fn unread(body: &[u8]) -> Event<'static> {
    let hash: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    Event {
        kind: "other".into(),
        id: format!("other:{hash}"),
        lane: "rest".into(),
        raw: Json::text(String::from_utf8_lossy(body).into_owned()),
        ..Event::default()
    }
}

/// A number as events have it.
pub(super) fn number(text: Option<&str>) -> Option<E164> {
    text?.strip_prefix('+')?.parse().ok().and_then(E164::from_digits)
}

/// User id and number that were seen together.
pub(super) fn pair(event: &Event<'_>) -> Option<(String, u64)> {
    // In a group, whoever spoke is named; nobody else is.
    Some((event.user_id.as_deref()?.to_owned(), number(event.number.as_deref())?.digits()))
}

/// What a status tells of a message.
fn told(event: &Event<'_>, received: UnixMs) -> Option<(String, Told)> {
    let owned = |text: &Option<Cow<'_, str>>| text.as_deref().map(str::to_owned);
    let status = event.status.as_deref().filter(|_| event.kind == "status")?;
    let problem = |error: &consentry_core::wire::webhook::v1::Error<'_>| Problem {
        code: error.code.unwrap_or_default(),
        title: owned(&error.title).unwrap_or_default(),
        details: owned(&error.details),
    };
    let told = Told {
        status: status.to_owned(),
        at: event.at_ms.map_or(received, UnixMs),
        problems: event.errors.iter().flatten().map(problem).collect(),
        pricing: event.pricing.as_ref().map(|price| Pricing {
            category: owned(&price.category),
            kind: owned(&price.kind),
            model: owned(&price.model),
            billable: price.billable,
        }),
        callback_data: owned(&event.callback_data),
        number: event.number.clone(),
        user: owned(&event.user_id),
        phone_number_id: owned(&event.phone_number_id),
        conversation: event
            .conversation_id
            .as_deref()
            .map(|id| Conversation { id: id.to_owned(), ..Conversation::default() }),
    };
    Some((event.message_id.as_deref()?.to_owned(), told))
}
