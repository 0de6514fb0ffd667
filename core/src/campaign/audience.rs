//! Who belongs to an audience: conditions made ready to be asked of millions of people, one after the other, without an
//! allocation for any. What people write is made into this where their words are known.
//!
//! An audience asks for nothing that it does not need: [`Audience::needs`] says which attributes, and what else.

use crate::consent::folded;
use crate::phone::E164;
use crate::time::{Date, UnixMs};

use super::preflight::NO_COUNTRY;

/// Milliseconds of a day, for whoever counts days back.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What is known of a person.
#[derive(Clone, Copy, Debug, Default)]
pub struct PersonFacts<'a> {
    /// Customer's own id; empty when there is none.
    pub exid: &'a str,
    /// E-mail address; empty when there is none.
    pub email: &'a str,
    /// Digits of the phone number; 0 when there is none.
    pub msisdn: u64,
    /// Digits of the WhatsApp number.
    pub number: u64,
    /// The country of the WhatsApp number, as [`country_of`] says it.
    pub country: [u8; 2],
    /// What stands in each attribute that [`Needs::attributes`] names; empty when there is nothing.
    pub attributes: &'a [&'a str],
    /// The import that brought the consent that stands; 0 for none.
    pub import: u64,
    /// When that consent was given.
    pub consent_at: UnixMs,
    /// The last message to the person; none when there was none.
    pub last: Option<LastMessage>,
}

/// What became of the last message to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastMessage {
    /// How far it came.
    pub status: LastStatus,
    /// Whether the person answered it.
    pub replied: bool,
    /// Whether the person tapped an address in it.
    pub clicked: bool,
    /// When it was sent.
    pub at: UnixMs,
}

/// How far a message came, or what else is asked for of the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LastStatus {
    /// There was none.
    None = 0,
    /// Meta took it.
    Accepted = 1,
    /// It left for the phone.
    Sent = 2,
    /// It is on the phone.
    Delivered = 3,
    /// It was shown.
    Read = 4,
    /// It was not delivered, and will not be.
    Failed = 5,
    /// Nobody knows whether it was sent.
    Unknown = 6,
    /// The person answered it, however far it came.
    Replied = 7,
    /// The person tapped an address in it, however far it came.
    Clicked = 8,
}

impl LastStatus {
    /// All of them, with the words people write.
    pub const ALL: [(LastStatus, &'static str); 9] = [
        (LastStatus::None, "none"),
        (LastStatus::Accepted, "accepted"),
        (LastStatus::Sent, "sent"),
        (LastStatus::Delivered, "delivered"),
        (LastStatus::Read, "read"),
        (LastStatus::Failed, "failed"),
        (LastStatus::Unknown, "unknown"),
        (LastStatus::Replied, "replied"),
        (LastStatus::Clicked, "clicked"),
    ];

    pub(crate) const fn bit(self) -> u16 {
        1 << self as u8
    }
}

/// What an audience must be told of each person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Names of attributes, in the order of [`PersonFacts::attributes`].
    pub attributes: Vec<String>,
    /// Whether it asks for the country.
    pub country: bool,
    /// Whether it asks for the import.
    pub import: bool,
    /// Whether it asks when the consent was given.
    pub consent_at: bool,
    /// Whether it asks for the last message, and of how many days; no number is of all time.
    pub last: Option<Option<u32>>,
}

impl Needs {
    /// Since when messages matter; none where none does.
    pub fn last_since(&self, now: UnixMs) -> Option<UnixMs> {
        self.last.map(|days| UnixMs(days.map_or(0, |days| now.0.saturating_sub(i64::from(days) * DAY_MS))))
    }
}

/// An audience that can be asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Audience {
    pub(crate) include: Option<Test>,
    pub(crate) exclude: Option<Test>,
    pub(crate) needs: Needs,
}

/// What of a person is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Exid,
    Email,
    Msisdn,
    Number,
    /// By its place in [`Needs::attributes`].
    Attribute(usize),
}

/// What a number or a day is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bound {
    Number(f64),
    Day(Date),
}

/// One condition. Texts are folded, and lists of them in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Is(Column, Vec<String>),
    Contains(Column, String),
    Begins(Column, String),
    AtLeast(Column, Bound),
    AtMost(Column, Bound),
    Exists(Column, bool),
    Country(Vec<[u8; 2]>),
    Import(Vec<u64>),
    /// Any of these is a part of the attribute between `,` and `;`.
    Tag(Column, Vec<String>),
    LastMessage {
        statuses: u16,
        within_ms: Option<i64>,
    },
    ConsentAge {
        ms_min: Option<i64>,
        ms_max: Option<i64>,
    },
}

impl Audience {
    /// What it must be told.
    pub fn needs(&self) -> &Needs {
        &self.needs
    }

    /// Whether a person belongs to it. Whether they opted in is not asked here.
    pub fn matches(&self, person: &PersonFacts<'_>, now: UnixMs) -> bool {
        self.include.as_ref().is_none_or(|test| test.holds(person, now))
            && !self.exclude.as_ref().is_some_and(|test| test.holds(person, now))
    }
}

impl Test {
    fn holds(&self, person: &PersonFacts<'_>, now: UnixMs) -> bool {
        match self {
            Test::All(tests) => tests.iter().all(|test| test.holds(person, now)),
            Test::Any(tests) => tests.iter().any(|test| test.holds(person, now)),
            Test::Not(test) => !test.holds(person, now),
            Test::Is(column, texts) => person.with(*column, |said| is_among(texts, said)),
            Test::Contains(column, part) => person.with(*column, |said| contains(said, part)),
            Test::Begins(column, part) => person.with(*column, |said| begins(folded(said), part)),
            Test::AtLeast(column, bound) => {
                person.with(*column, |said| bound.compare(said).is_some_and(std::cmp::Ordering::is_ge))
            }
            Test::AtMost(column, bound) => {
                person.with(*column, |said| bound.compare(said).is_some_and(std::cmp::Ordering::is_le))
            }
            Test::Exists(column, wanted) => person.with(*column, |_| true) == *wanted,
            Test::Country(countries) => countries.binary_search(&person.country).is_ok(),
            Test::Import(imports) => imports.binary_search(&person.import).is_ok(),
            Test::Tag(column, tags) => person.with(*column, |said| {
                said.split([',', ';']).map(str::trim).any(|tag| !tag.is_empty() && is_among(tags, tag))
            }),
            Test::LastMessage { statuses, within_ms } => {
                statuses & person.last_statuses(*within_ms, now) != 0
            }
            Test::ConsentAge { ms_min, ms_max } => {
                let age = now.0.saturating_sub(person.consent_at.0);
                ms_min.is_none_or(|min| age >= min) && ms_max.is_none_or(|max| age <= max)
            }
        }
    }
}

impl PersonFacts<'_> {
    /// Asks about what stands in a column, without white space around it; false where nothing does.
    fn with(&self, column: Column, ask: impl FnOnce(&str) -> bool) -> bool {
        let text = match column {
            Column::Exid => self.exid,
            Column::Email => self.email,
            Column::Msisdn => return with_number(self.msisdn, ask),
            Column::Number => return with_number(self.number, ask),
            Column::Attribute(at) => self.attributes.get(at).copied().unwrap_or_default(),
        };
        let text = text.trim();
        !text.is_empty() && ask(text)
    }

    /// What holds of the last message, as bits of [`LastStatus`].
    fn last_statuses(&self, within_ms: Option<i64>, now: UnixMs) -> u16 {
        let counts = |last: &LastMessage| within_ms.is_none_or(|ms| now.0.saturating_sub(last.at.0) <= ms);
        let Some(last) = self.last.filter(counts) else { return LastStatus::None.bit() };
        let also = |is: bool, status: LastStatus| if is { status.bit() } else { 0 };
        last.status.bit() | also(last.replied, LastStatus::Replied) | also(last.clicked, LastStatus::Clicked)
    }
}

impl Bound {
    /// How what stands there compares with it; none where that is no number, or no day.
    fn compare(&self, said: &str) -> Option<std::cmp::Ordering> {
        match self {
            Bound::Number(bound) => number(said)?.partial_cmp(bound),
            Bound::Day(bound) => day(said).map(|day| day.cmp(bound)),
        }
    }
}

/// The country of a number, [`NO_COUNTRY`] for a calling code of none.
pub fn country_of(number: u64) -> [u8; 2] {
    let region = E164::from_digits(number).map_or("", E164::region);
    <[u8; 2]>::try_from(region.as_bytes()).unwrap_or(NO_COUNTRY)
}

/// A decimal number with a point; none for everything else.
pub(crate) fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(part) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A day, or the day of an instant as machines write it.
pub(crate) fn day(text: &str) -> Option<Date> {
    let (day, rest) = text.split_at_checked(10)?;
    if rest.is_empty() || rest.starts_with(['T', ' ']) { Date::parse(day) } else { None }
}

/// Whether a text, folded, is one of these, which are in order.
fn is_among(texts: &[String], said: &str) -> bool {
    texts.binary_search_by(|text| text.chars().cmp(folded(said))).is_ok()
}

fn begins(mut said: impl Iterator<Item = char>, part: &str) -> bool {
    part.chars().all(|ch| said.next() == Some(ch))
}

fn contains(said: &str, part: &str) -> bool {
    let mut rest = folded(said);
    loop {
        if begins(rest.clone(), part) {
            return true;
        }
        if rest.next().is_none() {
            return false;
        }
    }
}

/// Asks about a number in full, like `+905301112233`.
fn with_number(digits: u64, ask: impl FnOnce(&str) -> bool) -> bool {
    // A sign, and twenty digits as the longest integer has them.
    let mut text = [0; 21];
    let (mut at, mut rest) = (text.len(), digits);
    while rest > 0 {
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    if digits == 0 {
        return false;
    }
    at -= 1;
    text[at] = b'+';
    std::str::from_utf8(&text[at..]).is_ok_and(ask)
}
