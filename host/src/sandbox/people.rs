//! People with phones: who they are, what becomes of messages to them, and what they do after reading. All of it
//! follows from the seed and the scenario.

use std::collections::{BTreeMap, VecDeque};

use super::agenda::Event;
use super::config::PersonRecord;
use super::state::{DAY_MS, Message, State, digits};
use super::webhook;

/// How long after its last message a person can be written to freely.
const WINDOW_MS: i64 = DAY_MS;
/// Messages of people that are remembered, to be marked as read.
const WRITTEN_MAX: usize = 50;
/// How long held messages wait.
const HELD_MS: [i64; 2] = [600_000, 3_600_000];

const FIRST_NAMES: [&str; 12] =
    ["Alex", "Robin", "Deniz", "Noor", "Sam", "Elif", "Maria", "Jonas", "Yusuf", "Ana", "Omar", "Ines"];
/// Country codes as user ids write them.
const COUNTRIES: [(&str, &str); 14] = [
    ("1", "US"),
    ("7", "RU"),
    ("20", "EG"),
    ("33", "FR"),
    ("34", "ES"),
    ("39", "IT"),
    ("44", "GB"),
    ("49", "DE"),
    ("52", "MX"),
    ("54", "AR"),
    ("55", "BR"),
    ("90", "TR"),
    ("91", "IN"),
    ("966", "SA"),
];
/// Area codes behind +1 that are not of the United States.
const OTHER_AREAS: &str = "204 226 236 242 246 249 250 263 264 268 284 289 306 343 345 354 365 367 368 382 387 403 \
    416 418 428 431 437 438 441 450 468 473 474 506 514 519 548 579 581 584 587 604 613 639 647 649 658 664 672 683 \
    705 709 721 742 753 758 767 778 780 782 784 807 809 819 825 829 849 867 868 869 873 876 879 902 905";

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) user_id: String,
    pub(crate) hidden: bool,
    /// Whether marketing was stopped by WhatsApp's own switch.
    pub(crate) stopped: bool,
    present: bool,
    experiment: bool,
    pub(crate) record: PersonRecord,
    /// When the person last wrote to each number.
    pub(crate) last_ms: BTreeMap<String, i64>,
    /// What the person wrote, and to which number.
    pub(crate) written: VecDeque<(String, String)>,
    /// Until when messages of each number are borrowed.
    pub(crate) paid_ms: BTreeMap<String, i64>,
    marketing: VecDeque<i64>,
    messages: u64,
}

/// The person with this number, met for the first time if need be.
pub(crate) fn of<'a>(state: &'a mut State, number: &str) -> &'a mut Person {
    let newborn = born(state, number);
    state.people.entry(number.to_owned()).or_insert(newborn)
}

fn born(state: &State, number: &str) -> Person {
    let (chance, shares) = (state.chance, &state.scenario.people);
    let same =
        |record: &&PersonRecord| super::sending::recipient::known_as(&digits(&record.number)) == number;
    let record = state.scenario.person.iter().find(same).cloned().unwrap_or_default();
    let country =
        COUNTRIES.iter().filter(|(code, _)| number.starts_with(code)).max_by_key(|(code, _)| code.len());
    let country = country.map_or("ZZ", |(_, country)| country);
    let first = chance.pick(&FIRST_NAMES, "name", number, 0).unwrap_or("Alex");
    Person {
        name: record.name.clone().unwrap_or_else(|| format!("{first} Example")),
        user_id: format!("{country}.{}", chance.id("user id", number, 0)),
        hidden: record.hidden.unwrap_or_else(|| chance.happens(shares.hidden, "hidden", number, 0)),
        stopped: record.stopped,
        // Whoever is named in the scenario is there.
        present: !record.number.is_empty() || !chance.happens(shares.absent, "absent", number, 0),
        experiment: record.number.is_empty() && chance.happens(shares.experiment, "experiment", number, 0),
        record,
        last_ms: BTreeMap::new(),
        written: VecDeque::new(),
        paid_ms: BTreeMap::new(),
        marketing: VecDeque::new(),
        messages: 0,
    }
}

/// Whoever has this user id.
pub(crate) fn by_user_id(state: &State, user_id: &str) -> Option<String> {
    state.people.iter().find(|(_, person)| person.user_id == user_id).map(|(number, _)| number.clone())
}

/// The ordinal of the next message to a person.
pub(crate) fn count_message(state: &mut State, number: &str) -> u64 {
    let person = of(state, number);
    person.messages += 1;
    person.messages
}

/// Whether the person wrote to the number within the last day.
pub(crate) fn in_window(state: &State, person: &str, number: &str) -> bool {
    let last_ms = state.people.get(person).and_then(|person| person.last_ms.get(number));
    last_ms.is_some_and(|last_ms| state.now_ms - last_ms < WINDOW_MS)
}

/// A message was accepted: what becomes of it is decided now and happens later.
pub(crate) fn accepted(state: &mut State, message: Message, held: bool) {
    let error = failure(state, &message);
    let id = message.id.clone();
    let mut delay_ms = state.chance.between(state.scenario.people.sent_ms, "sent", &id, 0);
    if held {
        delay_ms += state.chance.between(HELD_MS, "held", &id, 0);
    }
    state.messages.insert(id.clone(), message);
    let status = if error.is_some() { "failed" } else { "sent" };
    state.later(delay_ms, Event::Status { message: id, status, error });
}

/// The error a message will fail with.
fn failure(state: &mut State, message: &Message) -> Option<u32> {
    let person = of(state, &message.person);
    let always = person.record.fails.or((!person.present).then_some(131_026));
    let marketing = message.category == "marketing";
    let unwanted = match (marketing, person.stopped, person.experiment) {
        (true, true, _) => Some(131_050),
        (true, _, true) => Some(130_472),
        _ => None,
    };
    if always.is_some() {
        return always;
    }
    if message.category == "authentication" && message.by_user_id {
        return Some(131_062);
    }
    if message.template.is_none() && !message.in_window {
        return Some(131_047);
    }
    unwanted
        .or_else(|| marketing.then(|| capped(state, message)).flatten())
        .or_else(|| (!message.in_window).then(|| out_of_reach(state, message)).flatten())
}

/// Marketing has a limit for each person, which answers do not count against, and none of it goes to the United States.
fn capped(state: &mut State, message: &Message) -> Option<u32> {
    let (now_ms, max) = (state.now_ms, state.scenario.people.marketing_max);
    if !state.scenario.people.us_marketing && is_of_us(&message.person) {
        return Some(131_049);
    }
    let person = of(state, &message.person);
    person.marketing.retain(|at_ms| now_ms - at_ms < DAY_MS);
    if message.in_window {
        return None;
    }
    if person.marketing.len() >= max as usize {
        return Some(131_049);
    }
    person.marketing.push_back(now_ms);
    None
}

/// The limit of people reached in a day. It is the portfolio's; here each account is a portfolio of its own. Which code
/// tells it is not documented since it is no longer a limit of numbers: it is told as the spam limit is.
fn out_of_reach(state: &mut State, message: &Message) -> Option<u32> {
    let now_ms = state.now_ms;
    let waba = state.numbers.get(&message.number)?.waba.clone();
    // The best number of the portfolio sets its limit; without a limit there is nothing to count.
    let reaches =
        state.numbers.values().filter(|number| number.waba == waba).map(|number| number.reach_max());
    let max = reaches.collect::<Option<Vec<usize>>>()?.into_iter().max()?;
    let reached = &mut state.wabas.get_mut(&waba)?.reached;
    reached.retain(|_, at_ms| now_ms - *at_ms < DAY_MS);
    if reached.contains_key(&message.person) {
        return None;
    }
    if reached.len() >= max {
        return Some(131_048);
    }
    reached.insert(message.person.clone(), now_ms);
    None
}

/// The next thing happens to a message.
pub(crate) fn proceed(state: &mut State, id: &str, status: &'static str, error: Option<u32>) {
    let Some(message) = state.messages.get(id).cloned() else { return };
    let paused = |state: &State| {
        let template = message.template.and_then(|id| state.templates.get(&id));
        template.is_some_and(|template| ["PAUSED", "DISABLED"].contains(&template.status.as_str()))
    };
    let (status, error) =
        if status == "sent" && paused(state) { ("failed", Some(132_015)) } else { (status, error) };
    if let Some(message) = state.messages.get_mut(id) {
        message.status = status;
    }
    webhook::message::status(state, &message, status, error);
    let (chance, shares) = (state.chance, state.scenario.people.clone());
    let record = of(state, &message.person).record.clone();
    let happens = |share: f64, purpose: &str| chance.happens(share, purpose, id, 0);
    let next = |status: &'static str| Event::Status { message: id.to_owned(), status, error: None };
    match status {
        "sent" if record.delivers.unwrap_or_else(|| happens(shares.deliver, "delivers")) => {
            state.later(chance.between(shares.delivered_ms, "delivered", id, 0), next("delivered"));
        }
        "delivered" if record.reads.unwrap_or_else(|| happens(shares.read, "reads")) => {
            state.later(chance.between(shares.read_ms, "read", id, 0), next("read"));
        }
        "read" => {
            let delay_ms = chance.between(shares.answer_ms, "answer", id, 0);
            state.later(delay_ms, Event::React { message: id.to_owned() });
            if message.link.is_some() && record.taps.unwrap_or_else(|| happens(shares.tap, "taps")) {
                let delay_ms = chance.between(shares.tap_ms, "tap", id, 0);
                state.later(delay_ms, Event::Tap { message: id.to_owned() });
            }
        }
        _ => {}
    }
}

/// A person uses WhatsApp's own switch for marketing.
pub(crate) fn prefer(state: &mut State, person: &str, number: &str, stop: bool) {
    of(state, person).stopped = stop;
    webhook::message::preference(state, person, number, stop);
}

/// A person writes: the window of a day opens.
pub(crate) fn wrote(state: &mut State, person: &str, number: &str) -> String {
    let now_ms = state.now_ms;
    state.made += 1;
    let id =
        format!("wamid.HBgL{person}FQIAEhgg{}AA==", state.chance.word(20, "inbound", person, state.made));
    let person = of(state, person);
    person.last_ms.insert(number.to_owned(), now_ms);
    person.written.push_back((number.to_owned(), id.clone()));
    if person.written.len() > WRITTEN_MAX {
        person.written.pop_front();
    }
    id
}

/// Whether a number is of the United States, and not of another country behind +1.
fn is_of_us(number: &str) -> bool {
    let area = number.strip_prefix('1').filter(|rest| rest.len() == 10).and_then(|rest| rest.get(..3));
    area.is_some_and(|area| !OTHER_AREAS.split_whitespace().any(|other| other == area))
}
