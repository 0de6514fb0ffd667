//! Reads JSON text that is in order, and keeps the tokens of its numbers. Of everything else it says nothing: whoever asks
//! has another reader that knows what is wrong, and where. What is read here, that one would read in the same way.

use std::borrow::Cow;

use super::Json;

/// Deepest nesting, in lists and objects; the other reader goes somewhat deeper.
const DEPTH_MAX: usize = 100;

/// The value that is all of the text; nothing where the text is not in order, or nests deeply.
pub fn read(text: &str) -> Option<Json<'_>> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = reader.value()?;
    reader.next().is_none().then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// The byte that comes next, white space apart.
    fn next(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    /// Passes over this byte, if it comes next.
    fn takes(&mut self, byte: u8) -> bool {
        let is_it = matches!(self.next(), Some(next) if next == byte);
        self.at += usize::from(is_it);
        is_it
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> Option<Json<'a>> {
        self.text.as_bytes()[self.at..].starts_with(word.as_bytes()).then(|| {
            self.at += word.len();
            value
        })
    }

    fn value(&mut self) -> Option<Json<'a>> {
        match self.next()? {
            b'"' => self.string().map(Json::Text),
            b'{' => self.nested(Self::members).map(Json::Object),
            b'[' => self.nested(Self::items).map(Json::List),
            b'n' => self.word("null", Json::Null),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            _ => self.number(),
        }
    }

    fn nested<T>(&mut self, read: fn(&mut Self) -> Option<T>) -> Option<T> {
        self.at += 1;
        self.depth += 1;
        let inner = if self.depth > DEPTH_MAX { None } else { read(self) };
        self.depth -= 1;
        inner
    }

    fn items(&mut self) -> Option<Vec<Json<'a>>> {
        let mut items = Vec::new();
        if self.takes(b']') {
            return Some(items);
        }
        loop {
            items.push(self.value()?);
            if !self.takes(b',') {
                return self.takes(b']').then_some(items);
            }
        }
    }

    fn members(&mut self) -> Option<Vec<(Cow<'a, str>, Json<'a>)>> {
        let mut members = Vec::new();
        if self.takes(b'}') {
            return Some(members);
        }
        loop {
            if self.next()? != b'"' {
                return None;
            }
            let name = self.string()?;
            if !self.takes(b':') {
                return None;
            }
            members.push((name, self.value()?));
            if !self.takes(b',') {
                return self.takes(b'}').then_some(members);
            }
        }
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        let bytes = self.text.as_bytes();
        let from = self.at;
        let mut end = from + 1;
        let mut is_plain = true;
        loop {
            let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | ..=0x1f);
            end += bytes[end..].iter().position(ends)?;
            match bytes[end] {
                b'"' => break,
                b'\\' => {
                    is_plain = false;
                    end += 2;
                    bytes.get(end)?;
                }
                _ => return None,
            }
        }
        self.at = end + 1;
        if is_plain {
            return Some(Cow::Borrowed(&self.text[from + 1..end]));
        }
        match serde_json::from_slice(&bytes[from..=end]) {
            Ok(Json::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Json<'a>> {
        let rest = &self.text[self.at..];
        let is_part = |byte: u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let token = &rest[..rest.bytes().take_while(|byte| is_part(*byte)).count()];
        self.at += token.len();
        // What is longer may be more than a whole number can be.
        let is_small = token.len() < 19 && token.bytes().all(|byte| byte.is_ascii_digit());
        if is_small && (token == "0" || !token.starts_with('0')) {
            let digit = |number: u64, byte: u8| number * 10 + u64::from(byte - b'0');
            return (!token.is_empty()).then(|| Json::Natural(token.bytes().fold(0, digit)));
        }
        match serde_json::from_slice(token.as_bytes()).ok()? {
            Json::Real(value, _) => Some(Json::Real(value, token)),
            whole => Some(whole),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_others_read() {
        for text in [
            "null",
            " [ ] ",
            "{}",
            "[1,-1,0]",
            r#"{"a":"b","a":[true,false]}"#,
            r#""a\n\ud83c\udf89""#,
            "18446744073709551615",
            "-9223372036854775808",
            "\"\u{7f}é\"",
        ] {
            assert_eq!(read(text), serde_json::from_str(text).ok(), "{text}");
        }
        for text in [
            "",
            "nul",
            "[1,]",
            "[1 2]",
            "{\"a\" 1}",
            "{a:1}",
            "\"\n\"",
            "\"a",
            "\"\\",
            "01",
            "-",
            "1.",
            ".1",
            "1e",
            "+1",
            r#""\ud83c""#,
            "1e999",
            "{} {}",
            "[",
            "\"\\u12\"",
            "--1",
            "00",
            "-01",
            "]",
            ",",
        ] {
            assert_eq!(read(text), None, "{text}");
            assert!(serde_json::from_str::<Json<'_>>(text).is_err(), "{text}");
        }
        assert_eq!(read(&"[".repeat(DEPTH_MAX + 1)), None);
    }

    #[test]
    fn numbers_keep_their_digits() {
        for token in [
            "1.50",
            "-0",
            "1e5",
            "1E+2",
            "0.1000000000000000055511151231257827",
            "18446744073709551616",
            "-0.0",
        ] {
            let read = read(token).unwrap();
            assert!(matches!(&read, Json::Real(_, written) if *written == token), "{read:?}");
        }
    }
}
