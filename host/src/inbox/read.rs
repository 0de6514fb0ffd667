//! Events of the wire as the inbox keeps them.

use std::borrow::Cow;

use consentry_core::delivery::{Conversation, Pricing, Problem, Told};
use consentry_core::matching::E164;
use consentry_core::time::UnixMs;
use consentry_core::wire::webhook::v1::Event;

use crate::store::inbox::{Lane, NewEvent};

/// An event to be kept.
pub(super) fn new_event(event: &Event<'_>, received: UnixMs, to_do: bool) -> NewEvent {
    NewEvent {
        id: event.id.clone(),
        lane: if event.lane == "consent" { Lane::Consent } else { Lane::Rest },
        kind: event.kind.to_string(),
        to_do,
        at: event.at_ms.map(UnixMs),
        received,
        number: number(event.number.as_deref()).map(|number| number.identity().digits()),
        user: event.user_id.as_deref().map(str::to_owned),
        message_id: event.message_id.as_deref().map(str::to_owned),
        told: told(event, received),
        // Its parts are texts, numbers and lists of them.
        body: serde_json::to_string(event).unwrap_or_default(),
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
