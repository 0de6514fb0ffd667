//! What people do after they read a message: most nothing, some answer, a few want no more.

use super::agenda::Event;
use super::people;
use super::state::{DAY_MS, State};
use super::webhook;

/// How long a person does without marketing that was stopped.
const RESUME_MS: [i64; 2] = [3_600_000, 7 * DAY_MS];

const STOP_WORDS: [(&str, &str); 9] = [
    ("ar", "إيقاف"),
    ("de", "STOPP"),
    ("es", "BAJA"),
    ("fr", "ARRET"),
    ("it", "ANNULLA"),
    ("pt", "PARAR"),
    ("ru", "СТОП"),
    ("tr", "İPTAL"),
    ("", "STOP"),
];
const ANSWERS: [(&str, &str); 6] = [
    ("ar", "شكرا"),
    ("de", "Danke!"),
    ("es", "¡Gracias!"),
    ("pt", "Obrigado!"),
    ("tr", "Teşekkürler"),
    ("", "Thanks!"),
];

/// A person does something after reading, or nothing.
pub(crate) fn react(state: &mut State, id: &str) {
    let Some(message) = state.messages.get(id).cloned() else { return };
    let (chance, shares) = (state.chance, state.scenario.people.clone());
    let happens = |share: f64, purpose: &str| chance.happens(share, purpose, id, 0);
    let template = message.template.and_then(|id| state.templates.get(&id)).cloned();
    let language = template.as_ref().map_or("en", |template| template.language.as_str()).to_owned();
    if let Some(text) = people::of(state, &message.person).record.answers.clone() {
        return webhook::message::text(state, &message.person, &message.number, &text);
    }
    let marketing = message.category == "marketing";
    if marketing && happens(shares.stop_word, "stop word") {
        return webhook::message::text(
            state,
            &message.person,
            &message.number,
            spoken(&STOP_WORDS, &language),
        );
    }
    if marketing && happens(shares.stop, "stop") {
        people::prefer(state, &message.person, &message.number, true);
        if happens(shares.resume, "resume") {
            let event = Event::Resume { person: message.person.clone(), number: message.number.clone() };
            state.later(chance.between(RESUME_MS, "resume", id, 0), event);
        }
        return;
    }
    if !happens(shares.answer, "answers") {
        return;
    }
    let labels: Vec<String> = template
        .as_ref()
        .and_then(|template| template.component("BUTTONS")?["buttons"].as_array())
        .into_iter()
        .flatten()
        .filter(|button| button["type"] == "QUICK_REPLY")
        .filter_map(|button| button["text"].as_str().map(str::to_owned))
        .collect();
    let indices: Vec<usize> = (0..labels.len()).collect();
    match chance.pick(&indices, "button", id, 0) {
        Some(at) => webhook::message::button(state, &message, &labels[at]),
        None => webhook::message::text(state, &message.person, &message.number, spoken(&ANSWERS, &language)),
    }
}

fn spoken(words: &[(&str, &'static str)], language: &str) -> &'static str {
    let own = language.split('_').next().unwrap_or(language);
    let found = words.iter().find(|(known, _)| *known == own).or_else(|| words.last());
    found.map_or("STOP", |(_, word)| word)
}
