//! One value: what can be seen of it in one look, and how it is written.

use crate::template::SPACES_MAX;

/// What is seen of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Its length in characters.
    pub(super) chars: usize,
    /// There is nothing but white space in it.
    pub(super) is_blank: bool,
    /// It has a line break or a tab in it.
    pub(super) has_break: bool,
    /// It has one, or too many spaces in a row.
    pub(super) is_spaced: bool,
}

impl Seen {
    pub(super) fn of(value: &str) -> Seen {
        let (mut chars, mut run, mut is_run, mut has_break) = (0, 0, false, false);
        for byte in value.bytes() {
            chars += usize::from(!(0x80..0xc0).contains(&byte));
            run = if byte == b' ' { run + 1 } else { 0 };
            is_run |= run > SPACES_MAX;
            has_break |= matches!(byte, b'\n' | b'\r' | b'\t');
        }
        let is_letter = value.as_bytes().first().is_some_and(u8::is_ascii_graphic);
        Seen {
            chars,
            is_blank: !is_letter && value.trim().is_empty(),
            has_break,
            is_spaced: has_break || is_run,
        }
    }
}

/// Whether it is the id of an upload, or a link.
pub(super) fn is_media(value: &str) -> bool {
    if value.contains(':') {
        return value.starts_with("https://") && !value.contains(' ');
    }
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// A time in Unix milliseconds.
pub(super) fn moment(value: &str) -> Option<u64> {
    value.parse::<i64>().ok().filter(|moment| *moment > 0).map(i64::unsigned_abs)
}

/// Appends a text as it stands between the quotation marks of JSON.
pub(super) fn push_escaped(text: &str, out: &mut String) {
    let needs_escape = |byte: &u8| matches!(byte, b'"' | b'\\' | ..=0x1f);
    if !text.as_bytes().iter().any(needs_escape) {
        out.push_str(text);
        return;
    }
    for ch in text.chars() {
        match ch {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' => {
                let hex = |digit: u32| char::from_digit(digit, 16).unwrap_or('0');
                out.push_str("\\u00");
                out.extend([hex(ch as u32 >> 4), hex(ch as u32 & 15)]);
            }
            _ => out.push(ch),
        }
    }
}

/// Appends the digits of a number.
pub(super) fn push_number(number: u64, out: &mut String) {
    let (mut digits, mut at, mut rest) = ([b'0'; 20], 20, number);
    loop {
        at -= 1;
        digits[at] += (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend(digits[at..].iter().map(|digit| char::from(*digit)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_what_others_count() {
        for (text, is_blank, has_break, is_spaced) in [
            ("", true, false, false),
            (" \u{a0}", true, false, false),
            ("\n", true, true, true),
            ("four    spaces", false, false, false),
            ("five     spaces", false, false, true),
            ("مرحبا 🎉", false, false, false),
            (" a\tb", false, true, true),
        ] {
            let chars = text.chars().count();
            assert_eq!(Seen::of(text), Seen { chars, is_blank, has_break, is_spaced }, "{text:?}");
        }
    }

    #[test]
    fn texts_and_numbers_are_written_as_others_write_them() {
        let every: String = (0..0x100).filter_map(char::from_u32).chain("🎉\u{2028}".chars()).collect();
        let mut out = String::new();
        push_escaped(&every, &mut out);
        assert_eq!(format!("\"{out}\""), serde_json::to_string(&every).unwrap());
        for number in [0, 7, 10, 905_301_112_233, u64::MAX] {
            let mut out = String::new();
            push_number(number, &mut out);
            assert_eq!(out, number.to_string());
        }
    }
}
