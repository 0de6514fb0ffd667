//! Whom an event is about. A number may be missing, and a user id may stand where a number is expected.

use std::borrow::Cow;

use crate::json::Json;
use crate::phone::{E164, wa_id};

/// A person as a webhook names one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person<'a> {
    /// Their WhatsApp number.
    pub number: Option<E164>,
    /// Business-scoped user id.
    pub user_id: Option<Cow<'a, str>>,
    /// The name they show.
    pub name: Option<Cow<'a, str>>,
    /// Their user name.
    pub username: Option<Cow<'a, str>>,
    /// Whether a number stood there that can be none.
    pub odd_number: bool,
}

impl<'a> Person<'a> {
    /// The person named by a number and a user id, either of which may be missing or stand in the other's place.
    pub(super) fn of(number: Option<&Json<'a>>, user: Option<&Json<'a>>) -> Person<'a> {
        let mut person =
            Person { user_id: user.and_then(text).filter(|id| !id.is_empty()), ..Person::default() };
        let Some(said) = number.and_then(written).filter(|said| !said.is_empty()) else { return person };
        let digits = said.strip_prefix('+').unwrap_or(&said);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            let possible = wa_id(digits);
            person.odd_number = possible.is_none();
            // Whoever Meta knows by it may say no under it, whatever the numbering plans think.
            person.number = possible.or_else(|| digits.parse().ok().and_then(E164::from_digits));
        } else if person.user_id.is_none() {
            person.user_id = Some(said);
        }
        person
    }

    /// A contact of the document: somebody with their name.
    pub(super) fn of_contact(contact: &Json<'a>) -> Person<'a> {
        let profile = contact.get("profile");
        Person {
            name: profile.and_then(|profile| text(profile.get("name")?)),
            username: profile.and_then(|profile| text(profile.get("username")?)),
            ..Person::of(contact.get("wa_id"), contact.get("user_id"))
        }
    }

    /// Adds what the document's contacts know of the person.
    pub(super) fn known_by(mut self, contacts: &[Person<'a>]) -> Person<'a> {
        let is = |other: &&Person<'a>| {
            let same_number = self.number.is_some() && other.number == self.number;
            let same_user = self.user_id.is_some() && other.user_id == self.user_id;
            // One that names nobody else may be taken for the only one there is.
            let only = contacts.len() == 1
                && (self.number.is_none() || other.number.is_none() || same_number)
                && (self.user_id.is_none() || other.user_id.is_none() || same_user);
            same_number || same_user || only
        };
        let Some(other) = contacts.iter().find(is).cloned() else { return self };
        self.odd_number |= self.number.is_none() && other.odd_number;
        self.number = self.number.or(other.number);
        self.user_id = self.user_id.or(other.user_id);
        Person { name: other.name, username: other.username, ..self }
    }

    /// Whether nobody is named.
    pub fn is_nobody(&self) -> bool {
        self.number.is_none() && self.user_id.is_none()
    }
}

/// A text, as long as the document lives.
pub(super) fn text<'a>(value: &Json<'a>) -> Option<Cow<'a, str>> {
    match value {
        Json::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// A text, or a whole number as one: ids come as either.
pub(super) fn written<'a>(value: &Json<'a>) -> Option<Cow<'a, str>> {
    match value {
        Json::Text(text) => Some(text.clone()),
        Json::Natural(number) => Some(number.to_string().into()),
        _ => None,
    }
}
