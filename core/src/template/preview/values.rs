//! The values a template is sent with, by name: `1` or `first_name` for the body, `header.1`, `header.media`, `button.0`,
//! `offer.expires_ms`, and any of these behind `card.0.`.

use std::borrow::Cow;
use std::cell::Cell;

use super::super::document::Json;
use super::super::names::Names;

/// Values by their names, and which of them were asked for.
pub(super) struct Values<'a> {
    given: &'a [(Cow<'a, str>, Json<'a>)],
    names: Names<'a>,
    /// Of each value that was given.
    is_asked: Vec<Cell<bool>>,
}

impl<'a> Values<'a> {
    pub(super) fn new(given: &'a Json<'a>) -> Values<'a> {
        let given = match given {
            Json::Object(members) => members.as_slice(),
            _ => &[],
        };
        let mut names = Names::default();
        // Of a name that stands twice the last value counts, as everywhere.
        given.iter().enumerate().for_each(|(place, (name, _))| names.set(name, place));
        Values { given, names, is_asked: vec![Cell::new(false); given.len()] }
    }

    /// The value under the first of these names that has one.
    pub(super) fn find(&self, names: &[String]) -> Option<&'a Json<'a>> {
        let mut found = None;
        for place in names.iter().filter_map(|name| self.names.place(name)) {
            self.is_asked[place].set(true);
            found = found.or(Some(&self.given[place].1).filter(|value| **value != Json::Null));
        }
        found
    }

    /// The same as a text; an empty one counts as none.
    pub(super) fn text(&self, names: &[String]) -> Option<Cow<'a, str>> {
        self.find(names).and_then(Json::written).filter(|text| !text.trim().is_empty())
    }

    /// Names that nobody asked for.
    pub(super) fn unknown(&self) -> Vec<&'a str> {
        let is_asked = |name: &str| self.names.place(name).is_some_and(|place| self.is_asked[place].get());
        self.given.iter().map(|(name, _)| name.as_ref()).filter(|name| !is_asked(name)).collect()
    }
}

/// The kind of a typed value (a text, a sum of money, a date), and what it shows.
pub(super) fn fallback<'j>(typed: &'j Json<'_>) -> Option<(&'j str, String)> {
    let kind = typed.get("type")?.as_text()?;
    let shown = match kind {
        "text" => typed.get("text")?.as_text()?,
        _ => typed.get(kind)?.get("fallback_value")?.as_text()?,
    };
    Some((kind, shown.to_owned()))
}

/// The same, borrowed from nowhere.
pub(super) fn owned(value: &Json<'_>) -> Json<'static> {
    match value {
        Json::Null => Json::Null,
        Json::Bool(value) => Json::Bool(*value),
        Json::Natural(value) => Json::Natural(*value),
        Json::Negative(value) => Json::Negative(*value),
        Json::Real(value) => Json::Real(*value),
        Json::Text(text) => Json::text(text.clone().into_owned()),
        Json::List(items) => Json::List(items.iter().map(owned).collect()),
        Json::Object(members) => Json::Object(
            members.iter().map(|(name, value)| (name.clone().into_owned().into(), owned(value))).collect(),
        ),
    }
}
