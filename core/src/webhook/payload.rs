//! The body of a webhook, from its envelope down to the single thing that happened. Values decide more than the names of
//! fields do: Meta's own examples have them wrong.

use std::borrow::Cow;

use crate::diagnostic::clip;
use crate::json::Json;
use crate::time::UnixMs;

use super::change::{Change, read_change};
use super::event::{Event, Heard, Kind};
use super::finding::{Code, Finding};
use super::identity;
use super::person::{Person, written};
use super::words::{Options, Words};

/// What a webhook's body says. Any bytes give events: whatever cannot be understood is an event of kind `other`.
pub fn read<'a>(raw: &'a [u8], options: &Options) -> Heard<'a> {
    read_with(raw, &Words::new(options))
}

fn read_with<'a>(raw: &'a [u8], words: &Words) -> Heard<'a> {
    let mut heard = Heard::default();
    let body: Json<'a> = match serde_json::from_slice(raw) {
        Ok(body) => body,
        Err(_) => {
            let text = String::from_utf8_lossy(raw);
            heard.found(Code::BodyUnreadable, "", &text);
            heard.keep(None, &[], Json::Text(text));
            return heard;
        }
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
