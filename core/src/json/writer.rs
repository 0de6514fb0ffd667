//! Writes JSON text piece by piece, for answers that somebody waits for: nothing is built only to be written.

use std::fmt;

use super::Json;

/// JSON text that is being written. Commas come by themselves.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// With room for so much text.
    pub fn with_room(bytes: usize) -> Writer {
        Writer { out: Vec::with_capacity(bytes) }
    }

    /// What was written.
    pub fn finish(self) -> String {
        String::from_utf8(self.out).unwrap_or_default()
    }

    /// An object with the members that are written meanwhile.
    pub fn object(&mut self, members: impl FnOnce(&mut Writer)) {
        self.out.push(b'{');
        members(self);
        self.out.push(b'}');
    }

    /// A list of these.
    pub fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Writer, T)) {
        self.out.push(b'[');
        for item in items {
            self.comma(b'[');
            write(self, item);
        }
        self.out.push(b']');
    }

    /// The name of a member, which needs no escaping; its value comes next.
    pub fn name(&mut self, name: &'static str) -> &mut Writer {
        self.comma(b'{');
        self.out.push(b'"');
        self.put(name);
        self.put("\":");
        self
    }

    /// A member that is a text.
    pub fn member(&mut self, name: &'static str, text: &str) {
        self.name(name).text(text);
    }

    /// A member that is a text, if there is one.
    pub fn member_if_any(&mut self, name: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.member(name, text);
        }
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.out.push(b'"');
        let mut rest = text;
        let needs_escape = |byte: &u8| matches!(byte, b'"' | b'\\' | ..=0x1f);
        while let Some(at) = rest.as_bytes().iter().position(needs_escape) {
            self.put(&rest[..at]);
            self.escape(rest.as_bytes()[at]);
            rest = &rest[at + 1..];
        }
        self.put(rest);
        self.out.push(b'"');
    }

    /// `true` or `false`.
    pub fn bool(&mut self, value: bool) {
        self.put(if value { "true" } else { "false" });
    }

    /// A whole number.
    pub fn number(&mut self, number: impl fmt::Display) {
        self.put(&number.to_string());
    }

    /// A document.
    pub fn json(&mut self, value: &Json<'_>) {
        match value {
            Json::Null => self.put("null"),
            Json::Bool(value) => self.bool(*value),
            Json::Natural(number) => self.number(*number),
            Json::Negative(number) => self.number(*number),
            Json::Real(value, "") => self.put(&shortest(*value)),
            Json::Real(_, token) => self.put(token),
            Json::Text(text) => self.text(text),
            Json::List(items) => self.list(items, Writer::json),
            Json::Object(members) => self.object(|out| {
                for (name, value) in members {
                    out.comma(b'{');
                    out.text(name);
                    out.out.push(b':');
                    out.json(value);
                }
            }),
        }
    }

    /// Between two members or items: not behind what opens them.
    fn comma(&mut self, opening: u8) {
        let is_first = matches!(self.out.last(), Some(last) if *last == opening);
        if !is_first {
            self.out.push(b',');
        }
    }

    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    #[cold]
    fn escape(&mut self, byte: u8) {
        let short = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            _ => {
                let hex = |digit: u8| b"0123456789abcdef"[usize::from(digit)];
                self.put("\\u00");
                self.out.extend([hex(byte >> 4), hex(byte & 15)]);
                return;
            }
        };
        self.put(short);
    }
}

/// The shortest digits that mean this number.
pub(super) fn shortest(value: f64) -> String {
    serde_json::to_string(&value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn what_is_written_is_what_others_write() {
        let every: String =
            (0..0x100).filter_map(char::from_u32).chain("🎉\u{2028}\u{fffd}".chars()).collect();
        let text = serde_json::to_string(&every).unwrap();
        for document in [
            text.as_str(),
            "[]",
            "{}",
            "[{},[],null,true,false]",
            r#"{"a":{"b":[1,-2]},"a":"","":"[","{":"{"}"#,
            "[18446744073709551615,-9223372036854775808]",
        ] {
            let mut out = Writer::default();
            out.json(&read(document).unwrap());
            assert_eq!(out.finish(), document);
        }
    }

    #[test]
    fn numbers_are_written_with_their_digits_or_as_they_are_sent() {
        let document = read("[1.50,1e3,0.1]").unwrap();
        let written = |document: &Json<'_>| {
            let mut out = Writer::default();
            out.json(document);
            out.finish()
        };
        assert_eq!(written(&document), "[1.50,1e3,0.1]");
        assert_eq!(written(&document.lent()), "[1.5,1000.0,0.1]");
        assert_eq!(written(&document.lent()), serde_json::to_string(&document).unwrap());
    }
}
