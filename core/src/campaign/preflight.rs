//! Every person of an audience, before anything is sent: what each would get, from which number, and what would go wrong.
//! Judged in columns, many people at a time; nothing is allocated for somebody with whom all is well.

use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;

use crate::permission::Permission;
use crate::phone::E164;
use crate::rows::Texts;
use crate::time::UnixMs;

use super::problem::{Code, Fault};
use super::stencil::{Stencil, Wanted};

/// Most messages that are tried against each other.
pub const MESSAGES_MAX: usize = 100;
/// Most numbers that send one campaign.
pub const LINES_MAX: usize = u16::MAX as usize;
/// What stands for a country that is not known, and for numbers of no country.
pub const NO_COUNTRY: [u8; 2] = *b"ZZ";
/// Parts in which shares are dealt out.
const PARTS: u64 = 100;

/// What a campaign asks of its people.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// What is sent: compiled messages with their shares in percent, 100 together.
    pub messages: Vec<(Stencil, u8)>,
    /// Percent of the people who get nothing.
    pub control_percent: u8,
    /// What decides who gets what; another seed deals out anew.
    pub seed: u64,
    /// Digits of the numbers that send it, in their order.
    pub numbers: Vec<u64>,
    /// How many messages of campaigns a person may have had lately and still gets this one: fewer than these.
    pub sends_max: Option<u32>,
    /// Seconds after which Meta is to give up what it could not deliver.
    pub ttl_s: Option<u32>,
    /// When it begins and ends.
    pub starts_at: Option<UnixMs>,
    /// When whoever was not written to is left out.
    pub ends_at: Option<UnixMs>,
}

/// People, in columns of the same length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Digits of their numbers.
    pub number: Vec<u64>,
    /// What they said: 1 for opt-in, anything else is none.
    pub permission: Vec<u8>,
    /// How many messages of campaigns each got lately.
    pub sends: Vec<u32>,
    /// Their attributes, in the order of [`Judge::columns`]; an empty text is none.
    pub columns: Vec<Texts>,
}

impl Batch {
    /// Nobody yet, with so many attributes.
    pub fn with_columns(count: usize) -> Batch {
        Batch { columns: vec![Texts::default(); count], ..Batch::default() }
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.number.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.number.is_empty()
    }

    /// Adds a person; attributes are as many as there are columns.
    pub fn push<'a>(
        &mut self,
        number: u64,
        permission: u8,
        sends: u32,
        attributes: impl IntoIterator<Item = &'a str>,
    ) {
        self.number.push(number);
        self.permission.push(permission);
        self.sends.push(sends);
        let mut attributes = attributes.into_iter();
        for column in &mut self.columns {
            column.push(attributes.next().unwrap_or_default());
        }
    }
}

/// What a person gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Verdict {
    /// The message.
    Sendable = 0,
    /// Nothing, so that there is something to compare with; the message could be sent.
    Control = 1,
    /// Nothing: there is an error among the problems.
    Unsendable = 2,
}

impl Verdict {
    /// The verdict with this number, as it crosses borders.
    pub fn of_number(number: u8) -> Option<Verdict> {
        [Verdict::Sendable, Verdict::Control, Verdict::Unsendable].get(usize::from(number)).copied()
    }
}

/// Something about one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The person, by their place in the batch.
    pub at: u32,
    /// What it is.
    pub code: Code,
    /// Where in the person's message, by [`Stencil::places`]; none where it is about the person.
    pub place: Option<u16>,
}

/// Verdicts, in columns of the length of the batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// What each gets.
    pub verdict: Vec<Verdict>,
    /// Which message, by its place among the terms; also of those who get nothing.
    pub message: Vec<u8>,
    /// Which number sends it, by its place among the terms.
    pub line: Vec<u16>,
    /// ISO code of the number's country, or [`NO_COUNTRY`].
    pub country: Vec<[u8; 2]>,
    /// What stands for the variables, in the order of [`Stencil::wanted`]: each text with its length before it, in four
    /// bytes, the lowest first. Empty for those who get nothing.
    pub values: Vec<u8>,
    /// Where the values of each end.
    pub ends: Vec<u32>,
    /// What there is to say, person by person.
    pub problems: Vec<Problem>,
}

impl Verdicts {
    /// How many people were judged.
    pub fn len(&self) -> usize {
        self.verdict.len()
    }

    /// Whether nobody was.
    pub fn is_empty(&self) -> bool {
        self.verdict.is_empty()
    }

    /// Adds the verdicts on those who come next.
    pub fn append(&mut self, mut next: Verdicts) {
        let (people, bytes) = (self.len() as u32, self.values.len() as u32);
        self.verdict.append(&mut next.verdict);
        self.message.append(&mut next.message);
        self.line.append(&mut next.line);
        self.country.append(&mut next.country);
        self.values.append(&mut next.values);
        self.ends.extend(next.ends.iter().map(|end| bytes + end));
        self.problems
            .extend(next.problems.iter().map(|problem| Problem { at: people + problem.at, ..*problem }));
    }

    /// The packed values of one person. Panics past the end.
    pub fn values_of(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.values[start..self.ends[at] as usize]
    }
}

/// Judges the people of one campaign.
#[derive(Clone, Debug)]
pub struct Judge {
    terms: Terms,
    columns: Vec<String>,
    /// Of each message, the column of each value it wants.
    wanted: Vec<Vec<usize>>,
    /// Of each message, what is wrong with it for everybody.
    remarks: Vec<Option<Code>>,
}

impl Judge {
    /// Takes the terms.
    pub fn new(terms: Terms) -> Judge {
        let mut columns: Vec<String> = Vec::new();
        let mut wanted = Vec::new();
        for (stencil, _) in &terms.messages {
            let mut column = |name: &String| {
                let known = columns.iter().position(|column| column == name);
                known.unwrap_or_else(|| {
                    columns.push(name.clone());
                    columns.len() - 1
                })
            };
            // What comes from no attribute has no column, and finds none.
            let own = |wanted: &Wanted| wanted.attribute.as_ref().map_or(usize::MAX, &mut column);
            wanted.push(stencil.wanted().iter().map(own).collect());
        }
        let remark = |stencil: &Stencil| {
            let expires_at = stencil.expires_at()?;
            match (terms.starts_at, terms.ends_at.or(terms.starts_at)) {
                (Some(start), _) if expires_at <= start => Some(Code::MediaExpired),
                (_, Some(end)) if expires_at <= end => Some(Code::MediaExpires),
                _ => None,
            }
        };
        let remarks = terms.messages.iter().map(|(stencil, _)| remark(stencil)).collect();
        Judge { terms, columns, wanted, remarks }
    }

    /// The attributes that it wants to know of each person.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What is wrong with each message for everybody.
    pub fn faults(&self) -> Vec<Vec<Fault>> {
        let faults = |(stencil, _): &(Stencil, u8)| {
            let mut faults = stencil.faults().to_vec();
            let wants = self.terms.ttl_s.map(i64::from);
            if wants.is_some() && stencil.ttl_s() != wants {
                let has = stencil.ttl_s().map(|ttl| ttl.to_string()).unwrap_or_default();
                faults.push(Fault::new(Code::TtlElsewhere, "/message_send_ttl_seconds", &has));
            }
            faults
        };
        self.terms.messages.iter().map(faults).collect()
    }

    /// Judges people.
    pub fn judge(&mut self, batch: &Batch) -> Verdicts {
        let people = batch.len();
        let mut verdicts = Verdicts {
            verdict: Vec::with_capacity(people),
            message: Vec::with_capacity(people),
            line: Vec::with_capacity(people),
            country: Vec::with_capacity(people),
            ends: Vec::with_capacity(people),
            ..Verdicts::default()
        };
        let mut values: Vec<&str> = Vec::new();
        let mut lengths = Vec::new();
        for at in 0..people {
            let number = E164::from_digits(batch.number[at]);
            let dealt = self.deal(number.map_or(0, |number| number.identity().digits()));
            let (country, is_unlikely) = number.map_or(("ZZ", false), E164::origin);
            let message = usize::from(dealt.message);
            let known = verdicts.problems.len();
            let mut say = |code: Code, place: Option<usize>| {
                let place = place.and_then(|place| u16::try_from(place).ok());
                verdicts.problems.push(Problem { at: at as u32, code, place });
            };
            if batch.permission[at] != Permission::OptIn as u8 {
                say(Code::NoConsent, None);
            }
            if self.terms.sends_max.is_some_and(|max| batch.sends[at] >= max) {
                say(Code::Capped, None);
            }
            if is_unlikely {
                say(Code::NumberTypeUnlikely, None);
            }
            if self.is_own(number) {
                say(Code::SenderItself, None);
            }
            values.clear();
            if let Some((stencil, _)) = self.terms.messages.get(message) {
                if country == "US" && stencil.is_marketing() {
                    say(Code::CountryClosed, None);
                }
                if let Some(code) = self.remarks[message] {
                    say(code, None);
                }
                let given = stencil.wanted().iter().zip(&self.wanted[message]);
                values.extend(given.map(|(wanted, column)| {
                    let own = batch.columns.get(*column).map_or("", |column| column.get(at));
                    match &wanted.default {
                        Some(default) if own.trim().is_empty() => default.as_str(),
                        _ => own,
                    }
                }));
                stencil.judge(&values, &mut lengths, &mut |code, place| say(code, Some(place)));
            }
            let is_error = verdicts.problems[known..].iter().any(|problem| problem.code.is_error());
            let verdict = match (is_error, dealt.is_control) {
                (true, _) => Verdict::Unsendable,
                (false, true) => Verdict::Control,
                (false, false) => Verdict::Sendable,
            };
            if verdict == Verdict::Sendable {
                for value in &values {
                    verdicts.values.extend_from_slice(&(value.len() as u32).to_le_bytes());
                    verdicts.values.extend_from_slice(value.as_bytes());
                }
            }
            verdicts.ends.push(verdicts.values.len() as u32);
            verdicts.verdict.push(verdict);
            verdicts.message.push(dealt.message);
            verdicts.line.push(dealt.line);
            verdicts.country.push(country.as_bytes().try_into().unwrap_or(NO_COUNTRY));
        }
        verdicts
    }

    fn is_own(&self, number: Option<E164>) -> bool {
        let identity = |digits: &u64| E164::from_digits(*digits).map(E164::identity);
        number.is_some_and(|number| {
            self.terms.numbers.iter().any(|own| identity(own) == Some(number.identity()))
        })
    }

    /// Who gets what: the same for the same person and seed, wherever and whenever it is asked.
    fn deal(&self, person: u64) -> Dealt {
        let lot = |what: u64| {
            let mut hasher = SipHasher13::new_with_keys(self.terms.seed, what);
            hasher.write_u64(person);
            hasher.finish()
        };
        // The upper half of a product is a number below the factor, each as often as any other.
        let below = |lot: u64, count: u64| ((u128::from(lot) * u128::from(count)) >> 64) as u64;
        let first = lot(0);
        // One lot is good for two questions that need a hundred parts each.
        let (control, message) = (below(first, PARTS), below(first.wrapping_mul(PARTS), PARTS));
        let mut share = 0;
        let of_message = |(_, own): &(Stencil, u8)| {
            share += u64::from(*own);
            message < share
        };
        let message = self.terms.messages.iter().position(of_message).unwrap_or_default();
        let lines = self.terms.numbers.len().min(LINES_MAX) as u64;
        Dealt {
            is_control: control < u64::from(self.terms.control_percent),
            message: message as u8,
            line: if lines > 1 { below(lot(1), lines) as u16 } else { 0 },
        }
    }
}

struct Dealt {
    is_control: bool,
    message: u8,
    line: u16,
}
