//! A JSON document as it came: members in their order, unknown ones included. Borrows its texts where nothing was escaped.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

mod reader;
mod writer;

pub use reader::read;
pub use writer::Writer;

/// Any JSON value. Members of an object keep their order, and a member that stands twice stays there twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Json<'a> {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that is not negative.
    Natural(u64),
    /// A negative whole number.
    Negative(i64),
    /// Any other number: its nearest double, and how it is written, or nothing where that is not known.
    Real(f64, &'a str),
    /// A text.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Json<'a>>),
    /// An object.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// The member of an object; where it stands twice, the last one, as everybody reads it.
    pub fn get(&self, name: &str) -> Option<&Json<'a>> {
        match self {
            Json::Object(members) => {
                members.iter().rev().find(|(member, _)| member == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Takes a member of an object away; nothing is left in its place.
    pub fn take(&mut self, name: &str) -> Option<Json<'a>> {
        let Json::Object(members) = self else { return None };
        members.iter_mut().rev().find(|(member, _)| member == name).map(|(_, value)| std::mem::take(value))
    }

    /// The same without the text it was read from; numbers of which only their digits were known are their nearest doubles.
    pub fn into_owned(self) -> Json<'static> {
        match self {
            Json::Null => Json::Null,
            Json::Bool(value) => Json::Bool(value),
            Json::Natural(value) => Json::Natural(value),
            Json::Negative(value) => Json::Negative(value),
            Json::Real(value, _) => Json::Real(value, ""),
            Json::Text(text) => Json::Text(Cow::Owned(text.into_owned())),
            Json::List(items) => Json::List(items.into_iter().map(Json::into_owned).collect()),
            Json::Object(members) => {
                let owned = |(name, value): (Cow<'_, str>, Json<'_>)| {
                    (Cow::Owned(name.into_owned()), value.into_owned())
                };
                Json::Object(members.into_iter().map(owned).collect())
            }
        }
    }

    /// How deep it nests; what is deeper than `max` is not looked at.
    pub fn depth(&self, max: usize) -> usize {
        let below = |value: &Json<'_>| if max == 0 { 0 } else { value.depth(max - 1) };
        match self {
            Json::List(items) => 1 + items.iter().map(below).max().unwrap_or(0),
            Json::Object(members) => 1 + members.iter().map(|(_, value)| below(value)).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub fn as_list(&self) -> Option<&[Json<'a>]> {
        match self {
            Json::List(items) => Some(items),
            _ => None,
        }
    }

    /// The whole number, also where it is written as a text.
    pub fn as_whole(&self) -> Option<i64> {
        match self {
            Json::Natural(number) => i64::try_from(*number).ok(),
            Json::Negative(number) => Some(*number),
            Json::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// A text or a number as people would write it; nothing for everything else.
    pub fn written(&self) -> Option<Cow<'_, str>> {
        match self {
            Json::Text(text) => Some(Cow::Borrowed(text)),
            Json::Natural(number) => Some(number.to_string().into()),
            Json::Negative(number) => Some(number.to_string().into()),
            // The shortest digits that mean its nearest double.
            Json::Real(value, _) => Some(writer::shortest(*value).into()),
            _ => None,
        }
    }

    /// The same, its texts borrowed from here. Numbers are no longer as they were written, but what they come to.
    pub fn lent(&self) -> Json<'_> {
        match self {
            Json::Null => Json::Null,
            Json::Bool(value) => Json::Bool(*value),
            Json::Natural(value) => Json::Natural(*value),
            Json::Negative(value) => Json::Negative(*value),
            Json::Real(value, _) => Json::Real(*value, ""),
            Json::Text(text) => Json::text(text.as_ref()),
            Json::List(items) => Json::List(items.iter().map(Json::lent).collect()),
            Json::Object(members) => Json::Object(
                members.iter().map(|(name, value)| (name.as_ref().into(), value.lent())).collect(),
            ),
        }
    }

    /// A text.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Json<'a> {
        Json::Text(text.into())
    }

    /// An object of these members.
    pub fn object<const N: usize>(members: [(&'static str, Json<'a>); N]) -> Json<'a> {
        Json::Object(members.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json<'a>, D::Error> {
        deserializer.deserialize_any(Reader(std::marker::PhantomData))
    }
}

struct Reader<'a>(std::marker::PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for Reader<'a> {
    type Value = Json<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json<'a>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'a>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'a>, E> {
        Ok(Json::Natural(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'a>, E> {
        Ok(u64::try_from(value).map_or(Json::Negative(value), Json::Natural))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'a>, E> {
        Ok(Json::Real(value, ""))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'a>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'a>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json<'a>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'a>, A::Error> {
        let mut members = Vec::new();
        while let Some((Json::Text(name), value)) = map.next_entry::<Json<'a>, Json<'a>>()? {
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(value) => serializer.serialize_bool(*value),
            Json::Natural(value) => serializer.serialize_u64(*value),
            Json::Negative(value) => serializer.serialize_i64(*value),
            Json::Real(value, _) => serializer.serialize_f64(*value),
            Json::Text(value) => serializer.serialize_str(value),
            Json::List(items) => serializer.collect_seq(items),
            Json::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name.as_ref(), value)?;
                }
                map.end()
            }
        }
    }
}
