//! The values a template is sent with, by name: `1` or `first_name` for the body, `header.1`, `header.media`, `button.0`,
//! `offer.expires_ms`, and any of these behind `card.0.`.
//!
//! They are asked for many times while a message is drawn, and their names are put together only where they are told.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use super::super::names::Names;
use crate::json::Json;

/// The parts of a message or card that values are named after; nothing for what needs no such word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Plain,
    Body,
    Header,
    Button,
}

/// What stands before the names of each.
const SECTIONS: [(Section, &str); 3] =
    [(Section::Body, "body."), (Section::Header, "header."), (Section::Button, "button.")];
/// Sections with the plain one.
const SECTION_COUNT: usize = 4;
/// The message, and cards that are named by one digit.
const PLACE_COUNT: usize = 11;

/// Name of a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name<'n> {
    /// Of a card, its place.
    pub(super) card: Option<usize>,
    pub(super) section: Section,
    pub(super) last: Last<'n>,
}

/// The last word of a name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Last<'n> {
    Word(&'n str),
    Number(usize),
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(card) = self.card {
            write!(f, "card.{card}.")?;
        }
        let word = SECTIONS.iter().find(|(section, _)| *section == self.section);
        f.write_str(word.map_or("", |(_, word)| word))?;
        match self.last {
            Last::Word(word) => f.write_str(word),
            Last::Number(number) => write!(f, "{number}"),
        }
    }
}

/// Values by their names, and which of them were asked for.
pub(super) struct Values<'a> {
    given: &'a [(Cow<'a, str>, Json<'a>)],
    /// Of the message and of each card, by section.
    names: Vec<Names<'a>>,
    /// Of each value that was given.
    is_asked: Vec<Cell<bool>>,
}

impl<'a> Values<'a> {
    pub(super) fn new(given: &'a Json<'_>) -> Values<'a> {
        let given = match given {
            Json::Object(members) => members.as_slice(),
            _ => &[],
        };
        let mut names: Vec<Names<'a>> = Vec::new();
        names.resize_with(PLACE_COUNT * SECTION_COUNT, Names::default);
        // Of a name that stands twice the last value counts, as everywhere.
        for (place, (name, _)) in given.iter().enumerate() {
            let (group, word) = read(name);
            names[group].set(word, place);
        }
        Values { given, names, is_asked: vec![Cell::new(false); given.len()] }
    }

    fn place(&self, name: &Name<'_>) -> Option<usize> {
        let names = self.names.get(group(name.card, name.section))?;
        match name.last {
            Last::Word(word) => names.place(word),
            Last::Number(number) => names.place_of(number),
        }
    }

    /// The value under the first of these names that has one.
    pub(super) fn find(&self, names: &[Name<'_>]) -> Option<&'a Json<'a>> {
        let mut found = None;
        for place in names.iter().filter_map(|name| self.place(name)) {
            self.is_asked[place].set(true);
            found = found.or(Some(&self.given[place].1).filter(|value| !matches!(value, Json::Null)));
        }
        found
    }

    /// The same as a text; an empty one counts as none.
    pub(super) fn text(&self, names: &[Name<'_>]) -> Option<Cow<'a, str>> {
        self.find(names).and_then(Json::written).filter(|text| !text.trim().is_empty())
    }

    /// Names that nobody asked for.
    pub(super) fn unknown(&self) -> Vec<&'a str> {
        let is_asked = |name: &str| {
            let (group, word) = read(name);
            self.names[group].place(word).is_some_and(|place| self.is_asked[place].get())
        };
        let names = self.given.iter().zip(&self.is_asked).filter(|(_, is_asked)| !is_asked.get());
        names.map(|((name, _), _)| name.as_ref()).filter(|name| !is_asked(name)).collect()
    }
}

fn group(card: Option<usize>, section: Section) -> usize {
    card.map_or(0, |card| card + 1) * SECTION_COUNT + section as usize
}

/// The group that a name belongs to, and what is left of it there.
fn read(name: &str) -> (usize, &str) {
    let card = name.strip_prefix("card.").and_then(|rest| match rest.as_bytes() {
        [digit @ b'0'..=b'9', b'.', ..] => Some((usize::from(digit - b'0'), &rest[2..])),
        _ => None,
    });
    let (card, rest) = card.map_or((None, name), |(card, rest)| (Some(card), rest));
    let in_section = |(section, word): &(Section, &str)| Some((*section, rest.strip_prefix(word)?));
    let (section, word) = SECTIONS.iter().find_map(in_section).unwrap_or((Section::Plain, rest));
    (group(card, section), word)
}

/// The kind of a typed value (a text, a sum of money, a date), and what it shows.
pub(super) fn fallback<'j>(typed: &'j Json<'_>) -> Option<(&'j str, &'j str)> {
    let kind = typed.get("type")?.as_text()?;
    let shown = match kind {
        "text" => typed.get("text")?.as_text()?,
        _ => typed.get(kind)?.get("fallback_value")?.as_text()?,
    };
    Some((kind, shown))
}
