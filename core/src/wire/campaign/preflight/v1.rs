//! Version 1 of the terms on which people are judged before a campaign begins, and of what is said to them. The people
//! themselves, and the verdicts on them, are packed: [`crate::wire::campaign::batch`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::campaign::preflight::{self, Judge, LINES_MAX, MESSAGES_MAX};
use crate::campaign::problem::{self, Code};
use crate::campaign::stencil::{Given, Stencil};
use crate::time::UnixMs;
use crate::wire::campaign::v1::Value;

/// What a campaign asks of its people.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// What is sent.
    pub messages: Vec<Message>,
    /// Percent of the people who get nothing.
    #[serde(default)]
    pub control_percent: u8,
    /// What decides who gets what; another seed deals out anew.
    #[serde(default)]
    pub seed: u64,
    /// The numbers that send it, in E.164 with or without `+`, in their order.
    #[serde(default)]
    pub numbers: Vec<String>,
    /// How many messages of campaigns a person may have had lately and still gets this one: fewer than these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sends_max: Option<u32>,
    /// Seconds after which Meta is to give up what it could not deliver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<u32>,
    /// When it begins, in Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at_ms: Option<i64>,
    /// When whoever was not written to is left out, in Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at_ms: Option<i64>,
    /// What stands before the tokens of links, where taps are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<String>,
}

/// One message of a campaign, with its template.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// The template, as Meta lists it.
    pub template: serde_json::Value,
    /// What stands for each variable.
    #[serde(default)]
    pub values: BTreeMap<String, Value>,
    /// Its share of the people; all shares together are 100.
    pub share_percent: u8,
}

/// What is said to the terms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// Whether people can be judged: no fault is an error.
    pub is_ready: bool,
    /// The attributes that are needed of each person, in the order of a batch's columns.
    pub columns: Vec<String>,
    /// Each message.
    pub messages: Vec<ReadyMessage>,
}

/// What is said to one message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadyMessage {
    /// Names of the values that are different for each person, in the order in which they are packed.
    pub values: Vec<String>,
    /// What the places of problems mean: names of values, then JSON pointers of the template's texts.
    pub places: Vec<String>,
    /// What is remarkable about it for everybody.
    pub faults: Vec<Fault>,
}

/// Something that is wrong with a message for everybody.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// A code of the rules about campaigns.
    pub code: String,
    /// `error` or `warning`.
    pub severity: String,
    /// The name of a value, or a JSON pointer into the template.
    pub path: String,
    /// What stood there, clipped.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub found: String,
    /// What is wrong, and how to cure it.
    pub message: String,
}

impl From<&problem::Fault> for Fault {
    fn from(fault: &problem::Fault) -> Fault {
        let problem::Fault { code, path, found, message } = fault.clone();
        let rule = code.rule();
        Fault { code: rule.id.to_owned(), severity: rule.severity.as_str().to_owned(), path, found, message }
    }
}

impl From<&Value> for Given {
    fn from(value: &Value) -> Given {
        match value.clone() {
            Value::Attribute { name, default } => Given::Attribute { name, default },
            Value::Text(text) => Given::Text(text),
            Value::Link(link) => Given::Link(link),
            Value::Media { id, expires_at } => {
                Given::Media { id, expires_at: expires_at.as_deref().and_then(instant) }
            }
        }
    }
}

/// An instant in UTC, with milliseconds or without.
fn instant(text: &str) -> Option<UnixMs> {
    let with_ms = || UnixMs::parse(&format!("{}.000Z", text.strip_suffix('Z')?));
    UnixMs::parse(text).or_else(with_ms)
}

/// Compiles a template, as the JSON document that it is, with what stands for its variables.
/// `links` stands before the tokens of links, where taps are counted.
pub fn stencil(
    document: &[u8],
    values: &BTreeMap<String, Value>,
    links: Option<&str>,
) -> Result<Stencil, Vec<problem::Fault>> {
    let given = values.iter().map(|(name, value)| (name.clone(), Given::from(value))).collect();
    Stencil::compile(document, &given, links)
}

/// Reads terms and makes the judge; only what is said where there is an error.
pub fn begin(terms: &[u8]) -> (Option<Judge>, Ready) {
    let terms: Terms = match serde_json::from_slice(terms) {
        Ok(terms) => terms,
        Err(error) => return (None, refused("", &error.to_string())),
    };
    let shares: u32 = terms.messages.iter().map(|message| u32::from(message.share_percent)).sum();
    if !(1..=MESSAGES_MAX).contains(&terms.messages.len()) || shares != 100 {
        return (None, refused("messages", &format!("{shares} percent")));
    }
    let number = |text: &String| text.strip_prefix('+').unwrap_or(text).parse::<u64>().ok();
    let numbers: Option<Vec<u64>> = terms.numbers.iter().map(number).collect();
    let Some(numbers) = numbers.filter(|numbers| numbers.len() <= LINES_MAX) else {
        return (None, refused("numbers", &terms.numbers.join(" ")));
    };
    let (mut messages, mut said) = (Vec::new(), Vec::new());
    for message in &terms.messages {
        match stencil(message.template.to_string().as_bytes(), &message.values, terms.links.as_deref()) {
            Ok(stencil) => {
                said.push(ReadyMessage {
                    values: stencil.wanted().iter().map(|wanted| wanted.name.clone()).collect(),
                    places: stencil.places().map(str::to_owned).collect(),
                    faults: Vec::new(),
                });
                messages.push((stencil, message.share_percent));
            }
            Err(faults) => {
                let faults = faults.iter().map(Fault::from).collect();
                said.push(ReadyMessage { faults, ..ReadyMessage::default() });
            }
        }
    }
    if messages.len() < terms.messages.len() {
        return (None, Ready { messages: said, ..Ready::default() });
    }
    let judge = Judge::new(preflight::Terms {
        messages,
        control_percent: terms.control_percent,
        seed: terms.seed,
        numbers,
        sends_max: terms.sends_max,
        ttl_s: terms.ttl_s,
        starts_at: terms.starts_at_ms.map(UnixMs),
        ends_at: terms.ends_at_ms.map(UnixMs),
    });
    for (said, faults) in said.iter_mut().zip(judge.faults()) {
        said.faults = faults.iter().map(Fault::from).collect();
    }
    let ready = Ready { is_ready: true, columns: judge.columns().to_vec(), messages: said };
    (Some(judge), ready)
}

/// Terms that nobody can be judged by.
fn refused(path: &str, found: &str) -> Ready {
    let fault = Fault::from(&problem::Fault::new(Code::TermsInvalid, path, found));
    Ready {
        messages: vec![ReadyMessage { faults: vec![fault], ..ReadyMessage::default() }],
        ..Ready::default()
    }
}
