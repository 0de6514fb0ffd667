//! The sandboxed engine judges people as the core does, in however many pieces, and what stops it stops nothing else.

use consentry_core::campaign::preflight::Batch;
use consentry_host::data;
use consentry_host::engine::EngineError;
use serde_json::json;

use super::people::{judge_by, terms};
use crate::random::Random;

fn people(seed: u64, count: usize) -> Batch {
    let mut random = Random::new(seed);
    let mut batch = Batch::with_columns(5);
    let long = "x".repeat(1200);
    for _ in 0..count {
        let number = [905_300_000_000, 12_125_550_000, 881_612_340_000, 0][random.below(4) as usize]
            + random.below(10_000);
        let texts = ["", "Sarah", "Ayşe", "two\nlines", "a b", "SAVE10", &long];
        let attributes: Vec<&str> = (0..5).map(|_| random.pick(&texts)).collect();
        batch.push(number, random.below(3) as u8, random.below(4) as u32, attributes);
    }
    batch
}

#[test]
fn the_sandbox_judges_as_the_core_does() {
    let engine = data::engine().unwrap();
    let mut terms = terms();
    terms["control_percent"] = json!(20);
    let mut preflight = engine.preflight(terms.to_string().as_bytes()).unwrap();
    let mut judge = judge_by(&terms);
    assert_eq!(preflight.ready().columns, judge.columns());
    // The last one needs several calls.
    for (seed, count) in [(1, 0), (2, 1), (3, 500), (4, 4000)] {
        let people = people(seed, count);
        assert_eq!(preflight.judge(&people).unwrap(), judge.judge(&people), "{count}");
    }
}

#[test]
fn what_stops_a_preflight_stops_nothing_else() {
    let engine = data::engine().unwrap();
    let terms = terms().to_string();
    let mut preflight = engine.preflight(terms.as_bytes()).unwrap();
    // More columns than anybody can have: the engine gives up rather than judge something else.
    let mut wrong = Batch::with_columns(1000);
    wrong.push(905_301_112_233, 1, 0, []);
    assert!(matches!(preflight.judge(&wrong), Err(EngineError::Trapped { .. })));
    let good = people(5, 10);
    assert_eq!(engine.preflight(terms.as_bytes()).unwrap().judge(&good).unwrap().len(), 10);

    let error = engine.preflight(br#"{"messages":[]}"#).err().unwrap();
    assert!(error.to_string().contains("come to 100 percent"), "{error}");
    let EngineError::Terms(faults) = error else { panic!("{error}") };
    assert_eq!(faults[0][0].code, "terms-invalid");
}
