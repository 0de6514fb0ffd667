//! Time as data. Nothing in the core asks what time it is; shells pass it in.

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct UnixMs(pub i64);

/// A calendar day, as declared with an import (`--as-of 2026-11-23`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    days: i32,
}

const MS_PER_DAY: i64 = 86_400_000;

impl Date {
    /// Reads `YYYY-MM-DD`; `None` for anything else or a day that does not exist.
    ///
    /// ```
    /// use consentry_core::time::Date;
    /// assert_eq!(Date::parse("2026-11-23").unwrap().to_string(), "2026-11-23");
    /// assert!(Date::parse("2026-02-30").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<Date> {
        let bytes = text.as_bytes();
        let shape = |at: usize| if at == 4 || at == 7 { b'-' } else { b'0' };
        let fits = |(at, b): (usize, &u8)| if shape(at) == b'-' { *b == b'-' } else { b.is_ascii_digit() };
        if bytes.len() != 10 || !bytes.iter().enumerate().all(fits) {
            return None;
        }
        let (year, month, day): (i32, i32, i32) =
            (text[..4].parse().ok()?, text[5..7].parse().ok()?, text[8..].parse().ok()?);
        let date = Date { days: days_from_civil(year, month, day) };
        ((1..=12).contains(&month) && date.civil() == (year, month, day)).then_some(date)
    }

    /// The day an instant falls on, in UTC.
    pub fn of(instant: UnixMs) -> Date {
        Date { days: instant.0.div_euclid(MS_PER_DAY) as i32 }
    }

    /// The first instant of this day, in UTC.
    pub fn start(self) -> UnixMs {
        UnixMs(i64::from(self.days) * MS_PER_DAY)
    }

    fn civil(self) -> (i32, i32, i32) {
        // Days are counted from 0000-03-01 so that the leap day ends a year.
        let from_march = self.days + 719_468;
        let era = from_march.div_euclid(146_097);
        let day_of_era = from_march.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        (year_of_era + era * 400 + i32::from(month <= 2), month, day)
    }
}

impl UnixMs {
    /// Reads what [`std::fmt::Display`] writes; `None` for anything else.
    ///
    /// ```
    /// use consentry_core::time::UnixMs;
    /// assert_eq!(UnixMs::parse("2026-11-23T01:02:03.004Z"), Some(UnixMs(1_795_395_723_004)));
    /// assert_eq!(UnixMs::parse("2026-11-23 01:02"), None);
    /// ```
    pub fn parse(text: &str) -> Option<UnixMs> {
        let day = Date::parse(text.get(..10)?)?.start();
        let part = |from: usize, to: usize, limit: i64| {
            let digits =
                text.get(from..to).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
            digits.parse::<i64>().ok().filter(|part| *part < limit)
        };
        let of_day = ((part(11, 13, 24)? * 60 + part(14, 16, 60)?) * 60 + part(17, 19, 60)?) * 1000
            + part(20, 23, 1000)?;
        let instant = UnixMs(day.0 + of_day);
        (instant.to_string() == text).then_some(instant)
    }
}

fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    let year = year - i32::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl std::fmt::Display for UnixMs {
    /// RFC 3339 in UTC with milliseconds, for example `2026-11-23T01:02:03.004Z`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = self.0.rem_euclid(MS_PER_DAY);
        let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}.{:03}Z", Date::of(*self), ms % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_instants_print_as_they_were_read() {
        for text in ["1970-01-01", "2000-02-29", "1999-12-31", "2026-11-23", "2100-03-01"] {
            assert_eq!(Date::parse(text).unwrap().to_string(), text);
        }
        for text in ["2026-2-03", "2026-13-01", "2100-02-29", "20261123", "yesterday!", "2026-00-10"] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        assert_eq!(UnixMs(1_795_395_723_004).to_string(), "2026-11-23T01:02:03.004Z");
        assert_eq!(Date::of(UnixMs(-1)).to_string(), "1969-12-31");
    }
}
