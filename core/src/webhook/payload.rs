//! The body of a webhook, from its envelope down to the single thing that happened. Values decide more than the names of
//! fields do: Meta's own examples have them wrong.

use std::borrow::Cow;

use crate::diagnostic::clip;
use crate::json::{self, Json};
use crate::time::UnixMs;

use super::change::{Change, read_change};
use super::event::{Event, Heard, Kind};
use super::finding::{Code, Finding};
use super::identity;
use super::person::{Person, written};
use super::words::{Options, Words};

/// How deep a body may nest: Meta's nest ten deep, and events are told within other documents.
const DEPTH_MAX: usize = 64;

/// What a webhook's body says. Any bytes give events: whatever cannot be understood is an event of kind `other`.
pub fn read<'a>(raw: &'a [u8], options: &Options) -> Heard<'a> {
    read_with(raw, &Words::new(options))
}

fn read_with<'a>(raw: &'a [u8], words: &Words) -> Heard<'a> {
    let mut heard = Heard::default();
    let Some(body) = parsed(raw) else {
        let text = String::from_utf8_lossy(raw);
        heard.found(Code::BodyUnreadable, "", &text);
        heard.keep(None, &[], Json::Text(text));
        return heard;
    };
    let Some(entries) = body.get("entry").and_then(Json::as_list) else {
        heard.found(Code::ShapeOdd, "/entry", "");
        heard.keep(None, &[], body);
        return heard;
    };
    for (at, entry) in entries.iter().enumerate() {
        read_entry(entry, &body, at, words, &mut heard);
    }
    heard
}

/// The body as a document that whoever gets it from here can read as well.
fn parsed(raw: &[u8]) -> Option<Json<'_>> {
    let exact = std::str::from_utf8(raw)
        .ok()
        .and_then(|text| json::read(text).or_else(|| serde_json::from_str(text).ok()));
    // A person's name with half a character in it must not hide what a thousand others say.
    let body = exact.or_else(|| Some(serde_json::from_str::<Json<'_>>(&mended(raw)).ok()?.into_owned()))?;
    (body.depth(DEPTH_MAX) <= DEPTH_MAX).then_some(body)
}

/// Text for bytes that are none, and a character for escapes that are half of one.
fn mended(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let (mut mended, mut rest) = (String::with_capacity(text.len()), &*text);
    while let Some(at) = rest.find('\\') {
        let unit = |text: &str| {
            let digits = text.strip_prefix("\\u")?.get(..4)?;
            u16::from_str_radix(digits, 16).ok()
        };
        let (before, escape) = rest.split_at(at);
        mended += before;
        let taken = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                mended.push('\u{fffd}');
                rest = &escape[6..];
                continue;
            }
            (Some(_), _) => 6,
            // What follows a backslash belongs to it.
            (None, _) => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        mended += &escape[..taken];
        rest = &escape[taken..];
    }
    mended + rest
}

fn read_entry<'a>(entry: &Json<'a>, body: &Json<'a>, place: usize, words: &Words, heard: &mut Heard<'a>) {
    let path = format!("/entry/{place}");
    let waba_id = entry.get("id").and_then(written);
    let entry_time = entry.get("time");
    let Some(changes) = entry.get("changes").and_then(Json::as_list) else {
        heard.found(Code::ShapeOdd, &format!("{path}/changes"), "");
        heard.keep(waba_id, &[], entry.clone());
        return;
    };
    for (at, change) in changes.iter().enumerate() {
        let path = format!("{path}/changes/{at}");
        let outer = || entry.get("field").or_else(|| body.get("field"));
        if change.get("field").is_none() && change.get("value").is_some() {
            heard.found(Code::ShapeOdd, &format!("{path}/field"), "");
        }
        let field = change.get("field").or_else(outer).and_then(written);
        let Some(value @ Json::Object(_)) = change.get("value") else {
            heard.found(Code::ShapeOdd, &format!("{path}/value"), "");
            heard.keep(waba_id.clone(), &[field.as_deref().unwrap_or_default()], change.clone());
            continue;
        };
        read_change(
            &Change {
                field,
                value,
                waba_id: waba_id.clone(),
                at: entry_time.and_then(time),
                time: entry_time.and_then(written),
                path: format!("{path}/value"),
            },
            words,
            heard,
        );
    }
}

impl<'a> Heard<'a> {
    pub(super) fn found(&mut self, code: Code, path: &str, found: &str) {
        self.findings.push(Finding { code, path: path.to_owned(), found: clip(found) });
    }

    /// Keeps what nobody understands.
    fn keep(&mut self, waba_id: Option<Cow<'a, str>>, about: &[&str], raw: Json<'a>) {
        let mut parts = vec![waba_id.as_deref().unwrap_or_default()];
        parts.extend_from_slice(about);
        let id = identity::hashed("other", &parts, &raw);
        let field =
            about.first().filter(|field| !field.is_empty()).map(|field| Cow::Owned((*field).to_owned()));
        self.events.push(Event {
            id,
            at: None,
            waba_id,
            phone_number_id: None,
            person: Person::default(),
            kind: Kind::Other { field },
            raw,
        });
    }
}

/// A time as Meta writes it: seconds since 1970 as a number or a text, now and then milliseconds.
pub(super) fn time(value: &Json<'_>) -> Option<UnixMs> {
    /// As seconds this is the year 5138, as milliseconds 1973.
    const MILLISECONDS_FROM: i64 = 100_000_000_000;
    let said = value.as_whole().filter(|said| *said > 0)?;
    Some(UnixMs(if said < MILLISECONDS_FROM { said * 1000 } else { said }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_hides_nobodys_stop() {
        for name in [r"\ud83c", r"\udf89x", r"\ud83c\n", r"\\\ud83c", "\u{0}", r"\ud83d\ude00"] {
            let name = if name == "\u{0}" { "\u{fffd}".to_owned() } else { name.to_owned() };
            let body = format!(
                r#"{{"entry":[{{"changes":[{{"field":"messages","value":{{"contacts":[{{"profile":{{"name":"{name}"}}}}],
                "messages":[{{"from":"905301112233","id":"w","type":"text","text":{{"body":"stop"}}}}]}}}}]}}]}}"#
            );
            let heard = read(body.as_bytes(), &Options::default());
            assert!(heard.events.iter().any(|event| matches!(event.kind, Kind::OptOut(_))), "{name}");
        }
        let mut bytes = br#"{"entry":[{"changes":[{"field":"messages","value":{"messages":[{"from":"905301112233","id":"w","type":"text","text":{"body":"stop"},"x":"?"}]}}]}]}"#.to_vec();
        let at = bytes.iter().position(|byte| *byte == b'?').unwrap();
        bytes[at] = 0xff;
        assert_eq!(read(&bytes, &Options::default()).events.len(), 2);
    }

    #[test]
    fn what_nests_too_deep_is_kept_as_text() {
        let body = format!("{{\"entry\":{}{}}}", "[".repeat(100), "]".repeat(100));
        let heard = read(body.as_bytes(), &Options::default());
        assert_eq!((heard.events.len(), &heard.events[0].raw), (1, &Json::text(body.as_str())));
    }
}
