//! The values a template is sent with, by name: `1` or `first_name` for the body, `header.1`, `header.media`, `button.0`,
//! `offer.expires_ms`, and any of these behind `card.0.`.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::super::document::Json;

/// Values by their names, and which of them were asked for.
pub(super) struct Values<'a> {
    given: HashMap<&'a str, &'a Json<'a>>,
    /// The names in their order.
    names: Vec<&'a str>,
    asked: RefCell<HashSet<String>>,
}

impl<'a> Values<'a> {
    pub(super) fn new(given: &'a Json<'a>) -> Values<'a> {
        let members = match given {
            Json::Object(members) => members.as_slice(),
            _ => &[],
        };
        // Of a name that stands twice the last value counts, as everywhere.
        let names = members.iter().map(|(name, _)| name.as_ref());
        let given = members.iter().map(|(name, value)| (name.as_ref(), value)).collect();
        Values { given, names: names.collect(), asked: RefCell::default() }
    }

    /// The value under the first of these names that has one.
    pub(super) fn find(&self, names: &[String]) -> Option<&'a Json<'a>> {
        let mut asked = self.asked.borrow_mut();
        asked.extend(names.iter().cloned());
        let given = |name: &String| self.given.get(name.as_str()).copied();
        names.iter().filter_map(given).find(|value| **value != Json::Null)
    }

    /// The same as a text; an empty one counts as none.
    pub(super) fn text(&self, names: &[String]) -> Option<Cow<'a, str>> {
        self.find(names).and_then(Json::written).filter(|text| !text.trim().is_empty())
    }

    /// Names that nobody asked for.
    pub(super) fn unknown(&self) -> Vec<&'a str> {
        let asked = self.asked.borrow();
        self.names.iter().copied().filter(|name| !asked.contains(*name)).collect()
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
