//! How long it takes to judge and draw the largest template, for the bench: `draw [--engine] FILE` natively, or in the
//! sandboxed engine as the server does it. Writes the question to FILE, so that others answer the same one, and prints
//! what it measured as JSON.
#![allow(clippy::print_stdout, reason = "the answer of this program is what it prints")]

use std::error::Error;
use std::fs;
use std::time::Instant;

use consentry_core::wire::template::v1;
use consentry_host::data;
use serde_json::{Map, Value, json};

/// Times that it is asked; the first tenth only warms up.
const TIMES: usize = 2_000;
const BODY_CHARS_MAX: usize = 1024;
const CARD_BODY_CHARS_MAX: usize = 160;
const CARDS: usize = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let path = words.pop().ok_or("say where the question is to be written")?;
    let request = largest();
    let template = request["template"].to_string();
    let request = request.to_string();
    fs::write(path, &request)?;
    let answer = v1::lint(template.as_bytes());
    if answer.contains(r#""severity":"error""#) || v1::preview(request.as_bytes()).contains(r#""error""#) {
        return Err(format!("the largest template is no good one: {answer}").into());
    }
    let seconds = if words.iter().any(|word| word == "--engine") {
        let engine = data::engine()?;
        timed(|| {
            engine.lint(template.as_bytes())?;
            Ok(engine.preview(request.as_bytes())?)
        })?
    } else {
        timed(|| Ok(v1::judge(request.as_bytes()).into_bytes()))?
    };
    println!("{}", json!({"median": seconds[seconds.len() / 2], "best": seconds[0], "bytes": request.len()}));
    Ok(())
}

fn timed(mut ask: impl FnMut() -> Result<Vec<u8>, Box<dyn Error>>) -> Result<Vec<f64>, Box<dyn Error>> {
    let mut seconds = Vec::with_capacity(TIMES);
    for turn in 0..TIMES {
        let start = Instant::now();
        let answer = ask()?;
        let passed = start.elapsed().as_secs_f64();
        if answer.is_empty() {
            return Err("there was no answer".into());
        }
        if turn >= TIMES / 10 {
            seconds.push(passed);
        }
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds)
}

/// As much as Meta allows: a full body, ten cards with a text and two addresses each, variables wherever they may be.
fn largest() -> Value {
    let body = text(BODY_CHARS_MAX);
    let mut values = Map::new();
    for at in 1..=body.1 {
        values.insert(at.to_string(), json!("*Value"));
    }
    let mut cards = Vec::new();
    let card_body = text(CARD_BODY_CHARS_MAX);
    for card in 0..CARDS {
        for at in 1..=card_body.1 {
            values.insert(format!("card.{card}.{at}"), json!("_Value"));
        }
        values.insert(format!("card.{card}.header.media"), json!("https://example.com/picture.jpg"));
        for button in 0..2 {
            values.insert(format!("card.{card}.button.{button}"), json!("summer/2026"));
        }
        let button = |at: usize| {
            json!({"type": "URL", "text": format!("See what there is {at}"),
                "url": "https://example.com/{{1}}", "example": ["winter"]})
        };
        cards.push(json!({"components": [
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW1hZ2U="]}},
            part(&card_body),
            {"type": "BUTTONS", "buttons": [button(1), button(2)]}]}));
    }
    json!({"template": {"name": "largest", "language": "en_US", "category": "MARKETING",
        "components": [part(&body), {"type": "CAROUSEL", "cards": cards}]}, "values": values})
}

fn part((text, variables): &(String, usize)) -> Value {
    let examples: Vec<String> = (1..=*variables).map(|at| format!("Value {at}")).collect();
    json!({"type": "BODY", "text": text, "example": {"body_text": [examples]}})
}

/// A text nearly as long as it may be, and how many variables it has.
fn text(chars_max: usize) -> (String, usize) {
    let (mut text, mut variables) = ("*Now* ".to_owned(), 0);
    loop {
        let next = format!("_a_ ~b~ c {{{{{}}}}} ", variables + 1);
        // Words at the end, and room for values that are longer than the names of their variables.
        if text.len() + next.len() + 2 * variables + 8 > chars_max {
            return (text + "too.", variables);
        }
        text += &next;
        variables += 1;
    }
}
