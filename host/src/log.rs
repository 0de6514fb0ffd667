//! What the server says on standard error while it runs, as lines of text or of JSON. Types that hold numbers and secrets hide
//! them already where they are shown; here every line is looked through once more, because a cause that comes from a database
//! or from Meta quotes whatever it likes.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use crate::clock::{Clock as _, SystemClock};

/// How lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// As people read them.
    #[default]
    Text,
    /// One JSON object a line: `at`, `level` (`info` or `fault`), `text`.
    Json,
}

/// What a line begins with that tells of something that should not be.
const FAULT: &str = "fault: ";
/// Digits in a row that may be somebody's number. Meta's ids of accounts and numbers have fifteen and more, and are told.
const NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 9..=14;
/// From here on a word of letters and digits may be a token.
const TOKEN_CHARS_MIN: usize = 24;

static FORMAT: OnceLock<Format> = OnceLock::new();
static FAULTS: AtomicU64 = AtomicU64::new(0);

/// Says how lines look from now on; only the first word counts.
pub fn set(format: Format) {
    let _ = FORMAT.set(format);
}

/// Faults told since the process began.
pub fn faults() -> u64 {
    FAULTS.load(Ordering::Relaxed)
}

/// Tells something, without anybody's number, address or token.
pub fn log(text: &str) {
    say(&redacted(text));
}

/// Tells whoever started the server something that is meant for them as it is, such as the link of the first sign-in.
#[expect(clippy::print_stderr, reason = "stderr is the log")]
pub fn say(text: &str) {
    let is_fault = text.starts_with(FAULT);
    if is_fault {
        FAULTS.fetch_add(1, Ordering::Relaxed);
    }
    match FORMAT.get().copied().unwrap_or_default() {
        Format::Text => eprintln!("{text}"),
        Format::Json => {
            let (level, text) = if is_fault { ("fault", &text[FAULT.len()..]) } else { ("info", text) };
            eprintln!("{}", json!({ "at": SystemClock.now().to_string(), "level": level, "text": text }));
        }
    }
}

/// The text with numbers as `+90…33`, and without e-mail addresses and tokens.
pub fn redacted(text: &str) -> String {
    let is_word = |ch: char| ch.is_alphanumeric() || "+@._-%".contains(ch);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if is_word(first) {
            rest.find(|ch| !is_word(ch)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(end);
        out += &redacted_word(word);
        rest = after;
    }
    out
}

fn redacted_word(word: &str) -> String {
    if word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')) {
        return "…@…".to_owned();
    }
    let is_mixed =
        word.bytes().any(|byte| byte.is_ascii_digit()) && word.bytes().any(|byte| byte.is_ascii_alphabetic());
    let has_own_parts = word.contains('.');
    if word.chars().count() >= TOKEN_CHARS_MIN && is_mixed && !has_own_parts {
        return word.chars().take(4).chain(['…']).collect();
    }
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(start) = rest.find(|ch: char| ch.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|ch: char| !ch.is_ascii_digit()).unwrap_or(from.len());
        let (digits, after) = from.split_at(end);
        out += before;
        if NUMBER_DIGITS.contains(&digits.len()) {
            out += &format!("{}…{}", &digits[..2], &digits[digits.len() - 2..]);
        } else {
            out += digits;
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_number_address_or_token_it_is_does_not_reach_the_log() {
        for (said, told) in [
            ("key (number)=(905301112233) exists", "key (number)=(90…33) exists"),
            ("`+905301112233` twice", "`+90…33` twice"),
            ("to ada.l@example.com: no", "to …@…: no"),
            ("Bearer EAAGm0PX4ZCpsBAOZ9k3QWertyUIop12", "Bearer EAAG…"),
            // What helps to find a fault stays.
            ("number 106540352242922: 131042", "number 106540352242922: 131042"),
            ("listening on http://127.0.0.1:8787", "listening on http://127.0.0.1:8787"),
            ("import i12 at 2026-11-24T12:00:00.123Z", "import i12 at 2026-11-24T12:00:00.123Z"),
        ] {
            assert_eq!(redacted(said), told);
        }
    }
}
