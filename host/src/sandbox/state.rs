//! Everything the sandbox knows, behind one lock. Pure bookkeeping: requests and due events change it, time comes in
//! as an argument, and what must leave as HTTP waits on the agenda for the driver.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::agenda::{Agenda, Event};
use super::chance::Chance;
use super::config::{FaultRecord, Scenario};
use super::people::Person;
use super::template::Template;
use super::webhook::Delivery;

/// Hour and day in the unit of all times here.
pub(crate) const HOUR_MS: i64 = 3_600_000;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

#[derive(Debug)]
pub(crate) struct State {
    /// Moment of the request or event that is worked on.
    pub(crate) now_ms: i64,
    pub(crate) chance: Chance,
    pub(crate) scenario: Scenario,
    /// Where the sandbox listens; pages and uploads name it.
    pub(crate) base_url: String,
    pub(crate) business: String,
    pub(crate) apps: BTreeMap<String, App>,
    pub(crate) tokens: BTreeMap<String, Token>,
    pub(crate) codes: BTreeMap<String, Code>,
    pub(crate) wabas: BTreeMap<String, Waba>,
    pub(crate) numbers: BTreeMap<String, Number>,
    pub(crate) templates: BTreeMap<u64, Template>,
    /// Names that cannot be used again before this moment, by account, name and language.
    pub(crate) graves: BTreeMap<(String, String, String), i64>,
    pub(crate) people: BTreeMap<String, Person>,
    pub(crate) messages: BTreeMap<String, Message>,
    pub(crate) media: BTreeMap<String, Media>,
    pub(crate) uploads: BTreeMap<String, Upload>,
    pub(crate) agenda: Agenda,
    pub(crate) deliveries: BTreeMap<u64, Delivery>,
    pub(crate) faults: Vec<FaultRecord>,
    /// Calls that were taken, for ids and traces.
    pub(crate) calls: u64,
    /// Everything that was given an id, counted.
    pub(crate) made: u64,
    pub(crate) tally: Tally,
}

/// What went through, for whoever looks from outside.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) accepted: u64,
    pub(crate) refused: u64,
    pub(crate) delivered_webhooks: u64,
    pub(crate) failed_webhooks: u64,
    pub(crate) abandoned_webhooks: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) requires_proof: bool,
    pub(crate) callback: Option<String>,
    /// Webhook fields it is subscribed to; all if empty.
    pub(crate) fields: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) app: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) wabas: Vec<String>,
    pub(crate) issued_ms: i64,
    pub(crate) expires_ms: Option<i64>,
}

/// What Embedded Signup leaves in the browser.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) app: String,
    pub(crate) waba: String,
    /// Where the dialog went back to; none where a script in the page got it.
    pub(crate) back: Option<String>,
    pub(crate) issued_ms: i64,
    pub(crate) used: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Waba {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) verified: bool,
    pub(crate) marketing_disabled: bool,
    pub(crate) pacing: bool,
    /// Apps that get its webhooks, and where to if not to their own callback.
    pub(crate) subscribed: BTreeMap<String, Option<String>>,
    /// When its latest templates were created.
    pub(crate) creations: VecDeque<i64>,
    /// Calls of the management API in this hour.
    pub(crate) calls: (i64, u32),
    /// People written to outside of their windows in the last day, and when first.
    pub(crate) reached: BTreeMap<String, i64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub(crate) id: String,
    pub(crate) waba: String,
    pub(crate) display: String,
    pub(crate) name: String,
    pub(crate) tier: String,
    pub(crate) throughput_per_s: u32,
    pub(crate) quality: String,
    pub(crate) name_status: String,
    pub(crate) registered: bool,
    pub(crate) verified: bool,
    pub(crate) pin: Option<String>,
    pub(crate) allowed: Vec<String>,
    pub(crate) restricted: Vec<String>,
    pub(crate) registrations: VecDeque<i64>,
    pub(crate) wrong_pins: u32,
    /// Messages it may send at once, in thousandths, and since when.
    pub(crate) bucket: (i64, i64),
}

impl Number {
    /// Its digits.
    pub(crate) fn digits(&self) -> String {
        digits(&self.display)
    }

    /// How many people it may reach in a day; none without a limit.
    pub(crate) fn reach_max(&self) -> Option<usize> {
        match self.tier.as_str() {
            "TIER_250" => Some(250),
            "TIER_2K" => Some(2_000),
            "TIER_10K" => Some(10_000),
            "TIER_100K" => Some(100_000),
            _ => None,
        }
    }
}

/// A message on its way, or arrived.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) person: String,
    /// Whether it was addressed to a user id.
    pub(crate) by_user_id: bool,
    /// `marketing`, `utility`, `authentication` or `service`.
    pub(crate) category: &'static str,
    pub(crate) template: Option<u64>,
    pub(crate) opaque: Option<String>,
    pub(crate) in_window: bool,
    /// The address in it that a person here can open.
    pub(crate) link: Option<String>,
    pub(crate) status: &'static str,
    pub(crate) accepted_ms: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Media {
    pub(crate) number: String,
    pub(crate) kind: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) until_ms: i64,
}

/// A resumable upload of a header's sample.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) kind: String,
    pub(crate) length: usize,
    pub(crate) bytes: Vec<u8>,
}

impl State {
    /// The next id, different from all others.
    pub(crate) fn new_id(&mut self, purpose: &str) -> u64 {
        self.made += 1;
        loop {
            let id = self.chance.id(purpose, "", self.made);
            if !self.templates.contains_key(&id) && !self.media.contains_key(&id.to_string()) {
                return id;
            }
            self.made += 1;
        }
    }

    /// What Meta's support would ask for.
    pub(crate) fn trace(&self) -> String {
        format!("A{}", self.chance.word(21, "trace", "", self.calls))
    }

    pub(crate) fn later(&mut self, after_ms: i64, event: Event) {
        self.agenda.add(self.now_ms.saturating_add(after_ms.max(0)), event);
    }
}

/// The digits of a text.
pub(crate) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The texts of an array, or of the one text that stands in its place.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
