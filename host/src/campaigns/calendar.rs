//! Times as people write them, and the hours in which nobody is written to. The rules of time zones are compiled in, so that
//! every host has the same.

use std::collections::HashMap;
use std::sync::OnceLock;

use consentry_core::diagnostic::clip;
use consentry_core::time::UnixMs;
use consentry_core::wire::campaign::v1::Quiet;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ZonedDateTime};

/// Countries and their time zones.
const ZONES: &str = include_str!("zones.tsv");
/// How far ahead an hour is looked for in which nobody sleeps, in days.
const AHEAD_DAYS: i64 = 3;
const MINUTES_PER_HOUR: u16 = 60;

/// Reads `2026-11-27T10:00[Europe/Istanbul]` or RFC 3339 with an offset; what is wrong with it otherwise.
pub fn moment(text: &str) -> Result<UnixMs, String> {
    let text = text.trim();
    let shown = clip(text);
    let Some((civil, zone)) = text.strip_suffix(']').and_then(|text| text.split_once('[')) else {
        if text.parse::<DateTime>().is_ok() && text.parse::<Timestamp>().is_err() {
            return Err(format!(
                "`{shown}` does not say where: write a time zone behind it, `{shown}[Europe/Istanbul]`, or an offset, like `+03:00`"
            ));
        }
        let instant: Timestamp = text.parse().map_err(|_| {
            format!("`{shown}` is no time: write `2026-11-27T10:00[Europe/Istanbul]` or `2026-11-27T10:00:00+03:00`")
        })?;
        return Ok(UnixMs(instant.as_millisecond()));
    };
    TimeZone::get(zone).map_err(|_| {
        format!(
            "`{}` is no time zone: they are named like `Europe/Istanbul` or `America/New_York`",
            clip(zone)
        )
    })?;
    let written: DateTime =
        civil.parse().map_err(|_| format!("`{shown}` does not begin with a time like `2026-11-27T10:00`"))?;
    let zoned: ZonedDateTime = text.parse().map_err(|_| {
        format!("`{shown}` contradicts itself: its offset is not the one that its time zone has then")
    })?;
    if zoned.datetime() != written {
        return Err(format!(
            "`{shown}` never comes, because clocks go forward over it there: choose a time an hour earlier or later"
        ));
    }
    Ok(UnixMs(zoned.timestamp().as_millisecond()))
}

/// Hours of a day, by the clock of a number's country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from: Time,
    until: Time,
}

impl QuietHours {
    /// Reads the hours of a campaign; what is wrong with them otherwise.
    pub fn read(quiet: &Quiet) -> Result<QuietHours, String> {
        let (from, until) = (time_of_day(&quiet.from)?, time_of_day(&quiet.until)?);
        if from == until {
            return Err("quiet hours that end when they begin are none, or a whole day: change one of them, or leave them out".to_owned());
        }
        Ok(QuietHours { from, until })
    }

    /// Until when it is quiet in a country at a time: in one with several times, until it is quiet in none of them. None
    /// where it is not quiet, or where the country is not known.
    pub fn quiet_until(&self, country: [u8; 2], at: UnixMs) -> Option<UnixMs> {
        let zones = zones().get(&country)?;
        let begin = Timestamp::from_millisecond(at.0).ok()?;
        let end = begin.checked_add(SignedDuration::from_hours(24 * AHEAD_DAYS)).ok()?;
        let mut now = begin;
        while now < end {
            let quiet = zones.iter().filter_map(|zone| self.end_of(zone, now)).max();
            match quiet {
                Some(until) => now = until,
                None => break,
            }
        }
        (now > begin).then(|| UnixMs(now.as_millisecond()))
    }

    /// Whether no hour of the days after a time is one in which nobody in the country has quiet: then nobody there would ever
    /// be written to.
    pub fn is_never_over(&self, country: [u8; 2], at: UnixMs) -> bool {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        let until = self.quiet_until(country, at);
        until.is_some_and(|until| until.0 - at.0 >= AHEAD_DAYS * DAY_MS)
    }

    /// When it stops being quiet in a zone; none where it is not quiet there.
    fn end_of(&self, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
        let local = zone.to_datetime(now);
        let (time, date) = (local.time(), local.date());
        let is_over_midnight = self.until < self.from;
        let is_late = time >= self.from;
        let is_early = time < self.until;
        let is_quiet = if is_over_midnight { is_late || is_early } else { is_late && is_early };
        if !is_quiet {
            return None;
        }
        let day = if is_over_midnight && is_late { date.tomorrow().ok()? } else { date };
        // An hour that comes twice ends with its second coming; one that never comes, when clocks have gone over it.
        let ends = zone.to_ambiguous_timestamp(day.to_datetime(self.until)).later().ok()?;
        Some(ends.max(now.checked_add(SignedDuration::from_mins(1)).ok()?))
    }
}

/// Reads `21:00`.
fn time_of_day(text: &str) -> Result<Time, String> {
    let wrong = || format!("`{}` is no time of day: write it like `21:00`", clip(text));
    let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
    let part = |text: &str, below: u16| {
        let is_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|part| is_digits && *part < below)
    };
    match (part(hours, 24), part(minutes, MINUTES_PER_HOUR)) {
        (Some(hour), Some(minute)) => Time::new(hour as i8, minute as i8, 0, 0).map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

/// The time zones of each country.
fn zones() -> &'static HashMap<[u8; 2], Vec<TimeZone>> {
    static ALL: OnceLock<HashMap<[u8; 2], Vec<TimeZone>>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all: HashMap<[u8; 2], Vec<TimeZone>> = HashMap::new();
        for line in ZONES.lines().filter(|line| !line.starts_with('#')) {
            let Some((countries, zone)) = line.split_once('\t') else { continue };
            let Ok(zone) = TimeZone::get(zone) else { continue };
            for country in countries.split(',') {
                if let Ok(country) = country.as_bytes().try_into() {
                    all.entry(country).or_default().push(zone.clone());
                }
            }
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UnixMs {
        moment(text).unwrap()
    }

    #[track_caller]
    fn quiet(from: &str, until: &str, country: &str, when: &str, expected: Option<&str>) {
        let hours = QuietHours::read(&Quiet { from: from.to_owned(), until: until.to_owned() }).unwrap();
        let country = country.as_bytes().try_into().unwrap();
        assert_eq!(hours.quiet_until(country, at(when)), expected.map(at), "{when}");
    }

    #[test]
    fn times_are_read_where_they_are_and_doubtful_ones_refused() {
        assert_eq!(at("2026-11-27T10:00[Europe/Istanbul]"), at("2026-11-27T07:00:00Z"));
        assert_eq!(at(" 2026-11-27T10:00:00+03:00 "), at("2026-11-27T07:00:00.000Z"));
        assert_eq!(at("2026-07-01T10:00[Europe/Berlin]"), at("2026-07-01T08:00:00Z"));
        // Clocks go back: the first of the two hours is meant, unless the offset says otherwise.
        assert_eq!(at("2026-10-25T02:30[Europe/Berlin]"), at("2026-10-25T00:30:00Z"));
        assert_eq!(at("2026-10-25T02:30+01:00[Europe/Berlin]"), at("2026-10-25T01:30:00Z"));
        for (text, says) in [
            ("2026-03-29T02:30[Europe/Berlin]", "never comes"),
            ("2026-11-27T10:00+01:00[Europe/Istanbul]", "contradicts itself"),
            ("2026-11-27T10:00", "does not say where"),
            ("2026-11-27T10:00[Europe/Instanbul]", "is no time zone"),
            ("morgen[Europe/Berlin]", "does not begin with a time"),
            ("tomorrow", "is no time"),
            ("", "is no time"),
        ] {
            let said = moment(text).unwrap_err();
            assert!(said.contains(says), "{text}: {said}");
        }
    }

    #[test]
    fn quiet_hours_end_in_the_morning_of_the_country() {
        quiet(
            "21:00",
            "09:00",
            "TR",
            "2026-11-23T22:00[Europe/Istanbul]",
            Some("2026-11-24T09:00[Europe/Istanbul]"),
        );
        quiet(
            "21:00",
            "09:00",
            "TR",
            "2026-11-23T03:00[Europe/Istanbul]",
            Some("2026-11-23T09:00[Europe/Istanbul]"),
        );
        quiet("21:00", "09:00", "TR", "2026-11-23T09:00[Europe/Istanbul]", None);
        quiet("21:00", "09:00", "TR", "2026-11-23T20:59:59[Europe/Istanbul]", None);
        quiet(
            "12:00",
            "14:00",
            "TR",
            "2026-11-23T13:30[Europe/Istanbul]",
            Some("2026-11-23T14:00[Europe/Istanbul]"),
        );
        quiet("12:00", "14:00", "TR", "2026-11-23T23:30[Europe/Istanbul]", None);
        quiet("21:00", "09:00", "ZZ", "2026-11-23T03:00:00Z", None);
    }

    #[test]
    fn nobody_is_woken_in_any_zone_of_a_country() {
        // Nine in New York is three in Honolulu; all are awake from nine there to nine in the evening in New York.
        quiet(
            "21:00",
            "09:00",
            "US",
            "2026-01-15T09:00[America/New_York]",
            Some("2026-01-15T09:00[Pacific/Honolulu]"),
        );
        quiet("21:00", "09:00", "US", "2026-01-15T20:30[America/New_York]", None);
        quiet(
            "21:00",
            "09:00",
            "US",
            "2026-01-15T21:00[America/New_York]",
            Some("2026-01-16T09:00[Pacific/Honolulu]"),
        );
        let long = QuietHours::read(&Quiet { from: "19:00".to_owned(), until: "10:00".to_owned() }).unwrap();
        assert!(long.is_never_over(*b"RU", at("2026-01-15T12:00:00Z")));
        assert!(!long.is_never_over(*b"US", at("2026-01-15T12:00:00Z")));
        assert!(!long.is_never_over(*b"TR", at("2026-01-15T22:00:00Z")));
    }

    #[test]
    fn clocks_that_change_in_the_night_move_the_morning() {
        // The night in which clocks go forward has an hour less, the other one an hour more.
        let hours = |from: &str, until: &str| (at(until).0 - at(from).0) / 3_600_000;
        assert_eq!(hours("2026-03-28T21:00[Europe/Berlin]", "2026-03-29T09:00[Europe/Berlin]"), 11);
        quiet(
            "21:00",
            "09:00",
            "DE",
            "2026-03-28T21:00[Europe/Berlin]",
            Some("2026-03-29T09:00[Europe/Berlin]"),
        );
        assert_eq!(hours("2026-10-24T21:00[Europe/Berlin]", "2026-10-25T09:00[Europe/Berlin]"), 13);
        quiet(
            "21:00",
            "09:00",
            "DE",
            "2026-10-24T21:00[Europe/Berlin]",
            Some("2026-10-25T09:00[Europe/Berlin]"),
        );
        // A time that never comes: clocks go from two to three.
        quiet(
            "21:00",
            "02:30",
            "DE",
            "2026-03-29T01:00[Europe/Berlin]",
            Some("2026-03-29T03:30[Europe/Berlin]"),
        );
        // A time that comes twice: it is quiet until its second coming, seen from each of the hours that come twice.
        for when in ["2026-10-25T00:00:00Z", "2026-10-25T01:10:00Z"] {
            quiet("21:00", "02:30", "DE", when, Some("2026-10-25T01:30:00Z"));
        }
        // It begins in an hour that comes twice.
        quiet("02:30", "05:00", "DE", "2026-10-25T00:30:00Z", Some("2026-10-25T04:00:00Z"));
    }

    #[test]
    fn every_zone_of_the_table_is_known_and_every_region_with_numbers_has_one() {
        for line in ZONES.lines().filter(|line| !line.starts_with('#')) {
            let (countries, zone) = line.split_once('\t').unwrap();
            assert!(TimeZone::get(zone).is_ok(), "{zone}");
            assert!(countries.split(',').all(|country| zones().contains_key(country.as_bytes())), "{line}");
        }
        for country in
            ["TR", "DE", "US", "RU", "BR", "IN", "XK", "AC", "TA", "GG", "PS", "EH", "AX", "BL", "SJ"]
        {
            assert!(zones().contains_key(country.as_bytes()), "{country}");
        }
    }

    #[test]
    fn hours_that_are_none_are_refused() {
        for (from, until) in
            [("21:00", "21:00"), ("9:00", "21:00"), ("24:00", "09:00"), ("21:60", "09:00"), ("x", "y")]
        {
            assert!(QuietHours::read(&Quiet { from: from.to_owned(), until: until.to_owned() }).is_err());
        }
    }
}
