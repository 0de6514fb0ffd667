//! Keeps to what Meta allows in an hour, account by account, before Meta has to say so: a bucket of requests that fills up
//! again, and what Meta's own counts in its answers take away from it. What Meta says of an app holds for all of the app's
//! accounts. Time is an argument.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Requests in an hour for an account without a registered number.
pub const PER_HOUR_NEW: f64 = 200.0;
/// Requests in an hour for an account that has one.
pub const PER_HOUR_REGISTERED: f64 = 5000.0;
/// How long nothing is asked after Meta said that it was too much, unless it says how long.
const PAUSE: Duration = Duration::from_secs(5 * 60);
/// Longest pause that is believed.
const PAUSE_MAX: Duration = Duration::from_secs(60 * 60);
/// Accounts that are remembered, and apps; more than anybody has.
const ACCOUNTS_MAX: usize = 10_000;
const SECONDS_PER_HOUR: f64 = 3600.0;
const SECONDS_PER_MINUTE: u64 = 60;

/// The buckets of all accounts, and the pauses of all apps.
#[derive(Debug, Default)]
pub struct Limits {
    buckets: Mutex<HashMap<String, Bucket>>,
    apps_paused_until: Mutex<HashMap<String, Instant>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    filled_at: Instant,
    per_hour: f64,
    paused_until: Option<Instant>,
}

impl Limits {
    /// Takes one request for an account; otherwise how long to wait for it.
    pub fn take(&self, account: &str, per_hour: f64, now: Instant) -> Result<(), Duration> {
        self.with(account, per_hour, now, |bucket| {
            if let Some(until) = bucket.paused_until.filter(|until| *until > now) {
                return Err(until - now);
            }
            if bucket.left < 1.0 {
                return Err(Duration::from_secs_f64((1.0 - bucket.left) * SECONDS_PER_HOUR / per_hour));
            }
            bucket.left -= 1.0;
            Ok(())
        })
    }

    /// Meta said that it was too much.
    pub fn refused(&self, account: &str, wait: Option<Duration>, now: Instant) {
        let until = now + wait.unwrap_or(PAUSE).min(PAUSE_MAX);
        self.with(account, PER_HOUR_NEW, now, |bucket| {
            bucket.paused_until = bucket.paused_until.max(Some(until));
        });
    }

    /// Meta's own count, in the headers of an answer: no more is taken than it says is left.
    pub fn told(&self, account: &str, usage: Usage, now: Instant) {
        self.with(account, PER_HOUR_NEW, now, |bucket| {
            let left = bucket.per_hour * f64::from(100_u8.saturating_sub(usage.percent)) / 100.0;
            bucket.left = bucket.left.min(left);
            if !usage.wait.is_zero() {
                bucket.paused_until = bucket.paused_until.max(Some(now + usage.wait.min(PAUSE_MAX)));
            }
        });
    }

    /// Whether an app may ask; otherwise how long to wait for it.
    pub fn app_is_free(&self, app: &str, now: Instant) -> Result<(), Duration> {
        let paused = self.apps_paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        match paused.get(app).filter(|until| **until > now) {
            Some(until) => Err(*until - now),
            None => Ok(()),
        }
    }

    /// Meta said that it was too much for the app, whichever account it was about.
    pub fn app_refused(&self, app: &str, wait: Option<Duration>, now: Instant) {
        let until = now + wait.unwrap_or(PAUSE).min(PAUSE_MAX);
        let mut paused = self.apps_paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        paused.retain(|_, until| *until > now);
        if paused.len() < ACCOUNTS_MAX {
            let stands = paused.entry(app.to_owned()).or_insert(until);
            *stands = until.max(*stands);
        }
    }

    /// Meta's own count of the app. How much the whole is it does not tell; when all of it is used, the app pauses.
    pub fn app_told(&self, app: &str, usage: Usage, now: Instant) {
        if usage.percent >= 100 {
            self.app_refused(app, Some(usage.wait).filter(|wait| !wait.is_zero()), now);
        }
    }

    fn with<T>(
        &self,
        account: &str,
        per_hour: f64,
        now: Instant,
        change: impl FnOnce(&mut Bucket) -> T,
    ) -> T {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= ACCOUNTS_MAX && !buckets.contains_key(account) {
            buckets.clear();
        }
        let new = Bucket { left: per_hour, filled_at: now, per_hour, paused_until: None };
        let bucket = buckets.entry(account.to_owned()).or_insert(new);
        if per_hour > bucket.per_hour {
            // The account got a number since; what it had is the rest of the smaller bucket.
            bucket.left += per_hour - bucket.per_hour;
            bucket.per_hour = per_hour;
        }
        let passed = now.saturating_duration_since(bucket.filled_at).as_secs_f64();
        bucket.left = (bucket.left + passed * bucket.per_hour / SECONDS_PER_HOUR).min(bucket.per_hour);
        bucket.filled_at = now;
        change(bucket)
    }
}

/// How much of its limit an account has used, as Meta counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The largest of Meta's counts.
    pub percent: u8,
    /// How long Meta would have nothing asked.
    pub wait: Duration,
}

impl Usage {
    /// Reads `X-App-Usage`, an object of counts, or `X-Business-Use-Case-Usage`, lists of such by account; none when it is
    /// neither.
    pub fn read(header: &str) -> Option<Usage> {
        let value: Value = serde_json::from_str(header).ok()?;
        let mut usage = Usage::default();
        let mut counts: Vec<&Value> = vec![&value];
        counts.extend(value.as_object()?.values().filter_map(Value::as_array).flatten());
        for count in counts {
            for name in ["call_count", "total_cputime", "total_time"] {
                let percent = count.get(name).and_then(Value::as_f64).unwrap_or_default();
                // Meta counts on beyond its limit.
                usage.percent = usage.percent.max(percent.clamp(0.0, 100.0) as u8);
            }
            let minutes =
                count.get("estimated_time_to_regain_access").and_then(Value::as_u64).unwrap_or_default();
            let minutes = minutes.min(PAUSE_MAX.as_secs() / SECONDS_PER_MINUTE);
            usage.wait = usage.wait.max(Duration::from_secs(minutes * SECONDS_PER_MINUTE));
        }
        Some(usage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_has_so_many_requests_and_they_come_back_evenly() {
        let (limits, start) = (Limits::default(), Instant::now());
        for _ in 0..200 {
            limits.take("w1", PER_HOUR_NEW, start).unwrap();
        }
        let wait = limits.take("w1", PER_HOUR_NEW, start).unwrap_err();
        assert_eq!(wait, Duration::from_secs(18));
        assert!(limits.take("w1", PER_HOUR_NEW, start + Duration::from_secs(17)).is_err());
        limits.take("w1", PER_HOUR_NEW, start + Duration::from_secs(19)).unwrap();
        limits.take("w2", PER_HOUR_NEW, start).unwrap();
        // With a number there is more at once.
        let mut more = 0;
        while limits.take("w1", PER_HOUR_REGISTERED, start + Duration::from_secs(19)).is_ok() {
            more += 1;
        }
        assert_eq!(more, 4800);
        let mut later = 0;
        while limits.take("w1", PER_HOUR_REGISTERED, start + Duration::from_secs(100_000)).is_ok() {
            later += 1;
        }
        assert_eq!(later, 5000, "what is not used does not pile up");
    }

    #[test]
    fn meta_is_believed() {
        let (limits, start) = (Limits::default(), Instant::now());
        limits.refused("w1", None, start);
        assert_eq!(limits.take("w1", PER_HOUR_NEW, start), Err(PAUSE));
        limits.take("w1", PER_HOUR_NEW, start + PAUSE).unwrap();
        // An app is nobody's account, and one pause does not shorten another.
        limits.app_refused("w1", Some(PAUSE_MAX * 2), start);
        limits.app_refused("w1", None, start);
        assert_eq!(limits.app_is_free("w1", start), Err(PAUSE_MAX));
        limits.app_is_free("w1", start + PAUSE_MAX).unwrap();
        limits.take("w1", PER_HOUR_NEW, start + PAUSE).unwrap();
        for (percent, expected) in [(99, Ok(())), (100, Err(PAUSE))] {
            limits.app_told("2", Usage { percent, wait: Duration::ZERO }, start);
            assert_eq!(limits.app_is_free("2", start), expected);
        }
        let usage = Usage::read(r#"{"call_count":95,"total_time":10,"total_cputime":99}"#).unwrap();
        assert_eq!(usage, Usage { percent: 99, wait: Duration::ZERO });
        limits.told("w1", usage, start + PAUSE);
        limits.take("w1", PER_HOUR_NEW, start + PAUSE).unwrap();
        limits.take("w1", PER_HOUR_NEW, start + PAUSE).unwrap();
        assert!(limits.take("w1", PER_HOUR_NEW, start + PAUSE).is_err());
        let header = r#"{"1022":[{"type":"whatsapp","call_count":140,"total_cputime":3,"total_time":2,
            "estimated_time_to_regain_access":19}]}"#;
        let usage = Usage::read(header).unwrap();
        assert_eq!(usage, Usage { percent: 100, wait: Duration::from_secs(19 * 60) });
        for odd in ["", "[]", "7", "{\"a\":1}", "{\"call_count\":-5}", "{\"1\":[7,{\"call_count\":\"x\"}]}"] {
            assert_eq!(Usage::read(odd).unwrap_or_default(), Usage::default(), "{odd}");
        }
    }
}
