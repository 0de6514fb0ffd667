//! What is still to come, by the sandbox's time. Two events of the same moment come in the order they were added, so
//! that a run with the same requests and the same seed is the same run.

use std::collections::BTreeMap;

use super::config::StepRecord;

#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// Review of a template ends, unless it was edited since.
    Review { template: u64, revision: u32 },
    /// The scenario has something happen to a template.
    Step { template: u64, step: StepRecord },
    /// A pause for low quality ends.
    Unpause { template: u64, revision: u32 },
    /// A template that waited for its last messages is gone.
    Purge { template: u64 },
    /// The next thing that happens to a message.
    Status { message: String, status: &'static str, error: Option<u32> },
    /// A person does something after reading.
    React { message: String },
    /// A person opens the address in a message.
    Tap { message: String },
    /// A person takes back that marketing was stopped.
    Resume { person: String, number: String },
    /// A webhook is to be posted.
    Deliver { delivery: u64 },
}

#[derive(Debug, Default)]
pub(crate) struct Agenda {
    events: BTreeMap<(i64, u64), Event>,
    added: u64,
}

impl Agenda {
    pub(crate) fn add(&mut self, at_ms: i64, event: Event) {
        self.added += 1;
        self.events.insert((at_ms, self.added), event);
    }

    /// When the next event is due.
    pub(crate) fn next_ms(&self) -> Option<i64> {
        self.events.keys().next().map(|(at_ms, _)| *at_ms)
    }

    /// Takes the first event that is due.
    pub(crate) fn due(&mut self, now_ms: i64) -> Option<(i64, Event)> {
        let first = self.events.first_entry()?;
        (first.key().0 <= now_ms).then(|| {
            let (at_ms, _) = *first.key();
            (at_ms, first.remove())
        })
    }

    /// Takes the webhooks of exactly this moment that are wanted.
    pub(crate) fn take_deliveries(&mut self, at_ms: i64, wanted: impl Fn(u64) -> bool) -> Vec<u64> {
        let mut taken = Vec::new();
        let mut keys = Vec::new();
        for (key, event) in self.events.range((at_ms, 0)..=(at_ms, u64::MAX)) {
            if let Event::Deliver { delivery } = event
                && wanted(*delivery)
            {
                taken.push(*delivery);
                keys.push(*key);
            }
        }
        for key in keys {
            self.events.remove(&key);
        }
        taken
    }

    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }
}
