//! Reading scenario files: what cannot be meant is said at once, and not by a sandbox in which nothing happens.

use serde_json::Value;

use super::config::{FaultRecord, Scenario, StepRecord};
use super::webhook::post::is_loopback;

impl FaultRecord {
    pub(crate) fn read(document: Value) -> Result<FaultRecord, String> {
        serde_json::from_value(document).map_err(|error| error.to_string())
    }
}

impl StepRecord {
    pub(crate) fn read(document: Value) -> Result<StepRecord, String> {
        serde_json::from_value(document).map_err(|error| error.to_string())
    }
}

impl Scenario {
    /// Reads a scenario file. The error names the key and what is wrong with it.
    pub fn parse(text: &str) -> Result<Scenario, String> {
        let scenario: Scenario = toml::from_str(text).map_err(|error: toml::de::Error| error.to_string())?;
        scenario.check().map(|()| scenario)
    }

    fn check(&self) -> Result<(), String> {
        let (people, webhooks) = (&self.people, &self.webhooks);
        let shares = [
            ("people.absent", people.absent),
            ("people.experiment", people.experiment),
            ("people.deliver", people.deliver),
            ("people.read", people.read),
            ("people.answer", people.answer),
            ("people.tap", people.tap),
            ("people.stop_word", people.stop_word),
            ("people.stop", people.stop),
            ("people.resume", people.resume),
            ("people.hidden", people.hidden),
            ("webhooks.duplicates", webhooks.duplicates),
            ("webhooks.disorder", webhooks.disorder),
        ];
        if let Some((name, share)) = shares.iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
            return Err(format!("`{name}` is {share}; a share is from 0 to 1"));
        }
        let ranges = [
            ("people.sent_ms", people.sent_ms),
            ("people.delivered_ms", people.delivered_ms),
            ("people.read_ms", people.read_ms),
            ("people.answer_ms", people.answer_ms),
            ("people.tap_ms", people.tap_ms),
            ("review.delay_ms", self.review.delay_ms),
            ("webhooks.delay_ms", webhooks.delay_ms),
        ];
        if let Some((name, [low, high])) = ranges.iter().find(|(_, [low, high])| *low < 0 || low > high) {
            return Err(format!(
                "`{name}` is [{low}, {high}]; write the shorter time first, in milliseconds"
            ));
        }
        if webhooks.batch_ms < 0 {
            return Err(format!(
                "`webhooks.batch_ms` is {}; write a time in milliseconds, or 0",
                webhooks.batch_ms
            ));
        }
        if !(self.speed > 0.0 && self.speed.is_finite()) {
            return Err(format!("`speed` is {}; write how many times as fast as real time", self.speed));
        }
        let callbacks = self.app.iter().filter_map(|app| app.callback.as_ref());
        if let Some(callback) = callbacks.into_iter().find(|callback| !is_loopback(callback)) {
            return Err(format!(
                "`app.callback` is `{callback}`; the sandbox calls only http:// addresses of this machine"
            ));
        }
        let known = |id: &String| self.waba.is_empty() || self.waba.iter().any(|waba| waba.id == *id);
        if let Some(number) = self.number.iter().find(|number| !known(&number.waba)) {
            return Err(format!("`number.waba` is `{}`, and there is no such `waba`", number.waba));
        }
        Ok(())
    }
}
