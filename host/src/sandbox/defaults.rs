//! What a scenario means where it says nothing: people who mostly receive, often read and seldom answer.

use super::config::{People, Review, Scenario, Webhooks};

impl Default for Scenario {
    fn default() -> Scenario {
        Scenario {
            seed: 1,
            speed: 1.0,
            app: Vec::new(),
            token: Vec::new(),
            waba: Vec::new(),
            number: Vec::new(),
            template: Vec::new(),
            people: People::default(),
            person: Vec::new(),
            review: Review::default(),
            verdict: Vec::new(),
            webhooks: Webhooks::default(),
            fault: Vec::new(),
        }
    }
}

impl Default for People {
    fn default() -> People {
        People {
            absent: 0.02,
            experiment: 0.005,
            deliver: 0.96,
            read: 0.6,
            answer: 0.05,
            tap: 0.12,
            stop_word: 0.01,
            stop: 0.005,
            resume: 0.2,
            hidden: 0.0,
            marketing_max: 2,
            us_marketing: false,
            sent_ms: [50, 800],
            delivered_ms: [200, 5_000],
            read_ms: [2_000, 120_000],
            answer_ms: [3_000, 60_000],
            tap_ms: [1_000, 30_000],
        }
    }
}

impl Default for Review {
    fn default() -> Review {
        // Meta takes minutes to a day; whoever tries this out waits for it at the screen.
        Review { delay_ms: [3_000, 8_000] }
    }
}

pub(crate) fn tier() -> String {
    "TIER_250".to_owned()
}

pub(crate) fn throughput_per_s() -> u32 {
    80
}

pub(crate) fn quality() -> String {
    "GREEN".to_owned()
}

pub(crate) fn approved() -> String {
    "APPROVED".to_owned()
}

pub(crate) fn yes() -> bool {
    true
}

pub(crate) fn once() -> u32 {
    1
}
