//! Plain JavaScript values as serde sees them: text, lists and objects, which is all that options are made of.
//!
//! The crate that writes our reports can read as well, but what it says about a wrong value brings the formatting of
//! floating-point numbers into every page, a tenth of the engine.

use std::fmt::{self, Display};

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor};
use wasm_bindgen::{JsCast as _, JsValue};

/// A value that is read.
pub(crate) struct Plain(pub(crate) JsValue);

/// Why a value is not what was expected, in words.
#[derive(Debug)]
pub(crate) struct Unreadable(String);

impl Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: Display>(message: T) -> Unreadable {
        Unreadable(message.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Unreadable {
        Unreadable(format!("a value is not {expected}"))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Unreadable {
        Self::invalid_type(found, expected)
    }
}

impl<'de> Deserializer<'de> for Plain {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let value = match self.0.dyn_into::<js_sys::Array>() {
            Ok(list) => return visitor.visit_seq(SeqDeserializer::new(list.iter().map(Plain))),
            Err(value) => value,
        };
        if let Some(text) = value.as_string() {
            return visitor.visit_string(text);
        }
        if !value.is_object() {
            return visitor.visit_unit();
        }
        // A key without a value is no key.
        let entries = js_sys::Object::entries(value.unchecked_ref()).into_iter().filter_map(|entry| {
            let entry: js_sys::Array = entry.unchecked_into();
            let value = entry.get(1);
            (!value.is_undefined()).then(|| (entry.get(0).as_string().unwrap_or_default(), Plain(value)))
        });
        visitor.visit_map(MapDeserializer::new(entries))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl IntoDeserializer<'_, Unreadable> for Plain {
    type Deserializer = Plain;

    fn into_deserializer(self) -> Plain {
        self
    }
}
