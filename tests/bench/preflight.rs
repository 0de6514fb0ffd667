//! How fast the people of a campaign are judged before it begins, for the bench: `preflight native|engine|naive PEOPLE`.
//! `naive` draws the template for each person with preview and reads what it says, as somebody would who has only that.
//! Prints what it measured as JSON.
#![allow(clippy::print_stdout, reason = "the answer of this program is what it prints")]

use std::error::Error;
use std::time::Instant;

use consentry_core::campaign::preflight::{Batch, Verdict, Verdicts};
use consentry_core::wire::campaign::preflight::v1 as wire;
use consentry_core::wire::template::v1;
use consentry_host::data;
use serde_json::{Value, json};

/// People of one batch.
const BATCH_PEOPLE: usize = 16_384;
const NAMES: [&str; 8] = ["Sarah", "Mehmet Ali", "José", "Ayşe", "Иван", "محمد", "Chloe-Louise", "李雷"];
const CITIES: [&str; 5] = ["Izmir", "São Paulo", "Ulaanbaatar", "New York", "İstanbul"];

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [way, people] = words.as_slice() else {
        return Err("say native, engine or naive, and how many people".into());
    };
    let people: usize = people.parse()?;
    let terms = terms().to_string();
    let batches: Vec<Batch> =
        (0..people).step_by(BATCH_PEOPLE).map(|from| batch(from, people.min(from + BATCH_PEOPLE))).collect();
    let mut sums = Sums::default();
    let seconds = match way.as_str() {
        "native" => {
            let (judge, ready) = wire::begin(terms.as_bytes());
            let mut judge = judge.ok_or_else(|| format!("{:?}", ready.messages))?;
            timed(|| {
                batches.iter().for_each(|batch| sums.add(&judge.judge(batch)));
                Ok(())
            })?
        }
        "engine" => {
            let engine = data::engine()?;
            let mut preflight = engine.preflight(terms.as_bytes())?;
            timed(|| {
                for batch in &batches {
                    sums.add(&preflight.judge(batch)?);
                }
                Ok(())
            })?
        }
        "naive" => timed(|| {
            for batch in &batches {
                (0..batch.len()).for_each(|at| sums.naive(batch, at));
            }
            Ok(())
        })?,
        other => return Err(format!("there is no way `{other}`").into()),
    };
    let Sums { sendable, problems, bytes } = sums;
    println!(
        "{}",
        json!({"people": people, "seconds": seconds, "sendable": sendable, "problems": problems, "bytes": bytes})
    );
    Ok(())
}

fn timed(mut work: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64())
}

/// What came out, so that each way can be seen to have done the same.
#[derive(Default)]
struct Sums {
    sendable: usize,
    problems: usize,
    bytes: usize,
}

impl Sums {
    fn add(&mut self, verdicts: &Verdicts) {
        self.sendable += verdicts.verdict.iter().filter(|verdict| **verdict == Verdict::Sendable).count();
        self.problems += verdicts.problems.len();
        self.bytes += verdicts.values.len();
    }

    fn naive(&mut self, batch: &Batch, at: usize) {
        let value = |column: usize| batch.columns[column].get(at);
        let city = Some(value(1)).filter(|city| !city.is_empty()).unwrap_or("your town");
        let (name, order) = (value(0), value(2));
        let request = json!({"template": template(), "to": format!("+{}", batch.number[at]),
            "values": {"1": name, "2": city, "button.0": order}});
        let answer = v1::preview(request.to_string().as_bytes());
        let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
        let said = answer["diagnostics"].as_array().map_or(&[][..], Vec::as_slice);
        let is_error = said.iter().any(|one| one["severity"] == "error");
        self.problems += said.len();
        if !is_error {
            self.sendable += 1;
            self.bytes += name.len() + city.len() + order.len() + 12;
        }
    }
}

fn template() -> Value {
    json!({"name": "sale_nov", "language": "en", "category": "MARKETING", "status": "APPROVED", "components": [
        {"type": "HEADER", "format": "TEXT", "text": "November sale"},
        {"type": "BODY", "text": "Hello {{1}}, in our shop in {{2}} *everything* is _20 %_ cheaper until Sunday.\n\nSee you soon!",
            "example": {"body_text": [["Sam", "Izmir"]]}},
        {"type": "FOOTER", "text": "Reply STOP to opt out"},
        {"type": "BUTTONS", "buttons": [
            {"type": "URL", "text": "See it", "url": "https://example.com/sale/{{1}}", "example": ["a"]},
            {"type": "QUICK_REPLY", "text": "Not now"}]}]})
}

fn terms() -> Value {
    let attribute = |name: &str, default: Option<&str>| match default {
        Some(default) => json!({"attribute": {"name": name, "default": default}}),
        None => json!({"attribute": {"name": name}}),
    };
    json!({"messages": [{"template": template(), "share_percent": 100, "values": {"1": attribute("first_name", None),
        "2": attribute("city", Some("your town")), "button.0": attribute("order", None)}}],
        "seed": 7, "numbers": ["+908505550001", "+908505550002"], "sends_max": 3})
}

/// Everyday people: one in a hundred without a name, one in ten without a city.
fn batch(from: usize, to: usize) -> Batch {
    let mut batch = Batch::with_columns(3);
    for at in from..to {
        let mixed = (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
        let start =
            [90_530_000_000_u64, 90_541_000_000, 44_770_000_000, 49_151_000_000, 55_119_000_000][at % 5];
        let number = start * 10 + mixed % 10_000_000;
        let name = if mixed.is_multiple_of(100) { "" } else { NAMES[mixed as usize % NAMES.len()] };
        let city = if mixed % 10 == 1 { "" } else { CITIES[mixed as usize % CITIES.len()] };
        let order = format!("A-{:06}", mixed % 1_000_000);
        // In the order in which the values stand in the template.
        batch.push(number, 1, 0, [name, city, order.as_str()]);
    }
    batch
}
