//! The values a template is sent with, by name: `1` or `first_name` for the body, `header.1`, `header.media`, `button.0`,
//! `offer.expires_ms`, and any of these behind `card.0.`.

use std::borrow::Cow;
use std::cell::RefCell;

use super::super::document::Json;

/// Values by their names, and which of them were asked for.
pub(super) struct Values<'a> {
    given: &'a Json<'a>,
    asked: RefCell<Vec<String>>,
}

impl<'a> Values<'a> {
    pub(super) fn new(given: &'a Json<'a>) -> Values<'a> {
        Values { given, asked: RefCell::default() }
    }

    /// The value under the first of these names that has one.
    pub(super) fn find(&self, names: &[String]) -> Option<&'a Json<'a>> {
        let mut asked = self.asked.borrow_mut();
        asked.extend(names.iter().cloned());
        names.iter().find_map(|name| self.given.get(name)).filter(|value| **value != Json::Null)
    }

    /// The same as a text; an empty one counts as none.
    pub(super) fn text(&self, names: &[String]) -> Option<Cow<'a, str>> {
        self.find(names).and_then(Json::written).filter(|text| !text.trim().is_empty())
    }

    /// Names that nobody asked for.
    pub(super) fn unknown(&self) -> Vec<&'a str> {
        let asked = self.asked.borrow();
        let members = match self.given {
            Json::Object(members) => members.as_slice(),
            _ => &[],
        };
        members
            .iter()
            .map(|(name, _)| name.as_ref())
            .filter(|name| !asked.iter().any(|other| other == name))
            .collect()
    }
}
