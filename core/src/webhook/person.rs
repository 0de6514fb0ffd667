//! Whom an event is about. A number may be missing, and a user id may stand where a number is expected.

use std::borrow::Cow;
use std::collections::BTreeMap;

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
    pub(super) fn known_by(mut self, contacts: &Contacts<'a>) -> Person<'a> {
        let Some(other) = contacts.of(&self).cloned() else { return self };
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

/// The contacts of a document, found by number and by user id: there may be as many as there are messages.
#[derive(Debug, Default)]
pub(super) struct Contacts<'a> {
    all: Vec<Person<'a>>,
    by_number: BTreeMap<E164, usize>,
    by_user: BTreeMap<Cow<'a, str>, usize>,
}

impl<'a> Contacts<'a> {
    pub(super) fn read(contacts: &[Json<'a>]) -> Contacts<'a> {
        let mut found =
            Contacts { all: contacts.iter().map(Person::of_contact).collect(), ..Contacts::default() };
        for (at, person) in found.all.iter().enumerate() {
            if let Some(number) = person.number {
                found.by_number.entry(number).or_insert(at);
            }
            if let Some(user) = &person.user_id {
                found.by_user.entry(user.clone()).or_insert(at);
            }
        }
        found
    }

    fn of(&self, person: &Person<'a>) -> Option<&Person<'a>> {
        let by_number = person.number.and_then(|number| self.by_number.get(&number));
        let by_user = || self.by_user.get(person.user_id.as_ref()?);
        if let Some(at) = by_number.or_else(by_user) {
            return self.all.get(*at);
        }
        // One that names nobody else may be taken for the only one there is.
        let [only] = self.all.as_slice() else { return None };
        let fits = (person.number.is_none() || only.number.is_none())
            && (person.user_id.is_none() || only.user_id.is_none());
        fits.then_some(only)
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
