//! libphonenumber's `parse`, `isPossibleNumberWithReason`, `isValidNumber`, `getNumberType` and
//! `getRegionCodeForNumber` over the phone table, for numbers that are already digits.
//!
//! The answers are libphonenumber's, digit for digit, its oddities included; tests/oracle compares them. What
//! Consentry makes of an answer is not decided here. This module is public for that comparison only.

pub use super::digits::Digits;
use super::table::{self, NONE, Plan};
use super::{LineType, Region, prefix};

/// Longest national number, in digits.
const NATIONAL_DIGITS_MAX: usize = 17;
/// Shortest national number, in digits.
const NATIONAL_DIGITS_MIN: usize = 2;
/// Fewest digits in which libphonenumber sees a number behind a `+`.
const VIABLE_DIGITS_MIN: usize = 3;
/// Longest calling code, in digits.
const CODE_DIGITS_MAX: usize = 3;

/// Why digits are no number at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// The calling code does not exist.
    InvalidCountryCode,
    /// Too few digits to be looked at.
    NotANumber,
    /// Nothing is left behind the international dialling prefix.
    TooShortAfterIdd,
    /// The national number has fewer than two digits.
    TooShortNsn,
    /// The national number has more than seventeen digits.
    TooLong,
}

/// Whether a number of this length can exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Possibility {
    /// It can.
    IsPossible,
    /// Only inside an area, without the area code.
    IsPossibleLocalOnly,
    /// Shorter than every number of the calling code.
    TooShort,
    /// Neither too short nor too long, and still no length that exists.
    InvalidLength,
    /// Longer than every number of the calling code.
    TooLong,
}

/// A parsed number: a calling code that exists and a national number.
#[derive(Clone, Copy, Debug)]
pub struct Parsed {
    plans: &'static [Plan],
    national: Digits,
}

/// Parses the digits of a number behind its `+`.
///
/// # Errors
/// Those of libphonenumber's `parse("+…", null)`.
pub fn parse_international(digits: &Digits) -> Result<Parsed, ParseError> {
    if digits.len() < VIABLE_DIGITS_MIN {
        return Err(ParseError::NotANumber);
    }
    let (plans, national) = split_code(digits).ok_or(ParseError::InvalidCountryCode)?;
    if digits.overlong() {
        return Err(ParseError::TooLong);
    }
    finish(plans, &plans[0], national)
}

/// Parses digits as they are dialled in a region.
///
/// # Errors
/// Those of libphonenumber's `parse("…", region)`.
pub fn parse_national(digits: &Digits, region: Region) -> Result<Parsed, ParseError> {
    if digits.len() < NATIONAL_DIGITS_MIN {
        return Err(ParseError::NotANumber);
    }
    if digits.overlong() {
        return Err(ParseError::TooLong);
    }
    let home = region.plan();
    if let Some(rest) = behind_idd(digits, home) {
        if rest.len() <= NATIONAL_DIGITS_MIN {
            return Err(ParseError::TooShortAfterIdd);
        }
        let (plans, national) = split_code(rest).ok_or(ParseError::InvalidCountryCode)?;
        return finish(plans, behind_code(plans, home), national);
    }
    let plans = table::plans_of(home.code);
    match without_own_code(digits, home) {
        Some(national) => finish(plans, behind_code(plans, home), &national),
        None => finish(plans, home, digits),
    }
}

/// Which digits a valid national number of the region can go on with behind these, a bit each, and whether it
/// can end there. For whoever makes numbers to test with.
pub fn ways_on(region: Region, national: &[u8]) -> (u16, bool) {
    let may_follow = |digit: &u8| table::is_beginning(region.plan().valid, &[national, &[*digit]].concat());
    let ways = (0..10).filter(may_follow).fold(0, |ways, digit| ways | 1 << digit);
    (ways, table::verdict(region.plan().valid, national) != 0)
}

/// The calling code of the region.
pub fn calling_code(region: Region) -> u16 {
    region.plan().code
}

/// A number in E.164 as it stands: nothing is stripped. `None` if its calling code does not exist.
pub(super) fn of_e164(digits: &Digits) -> Option<Parsed> {
    let (plans, national) = split_code(digits)?;
    Some(Parsed { plans, national: Digits::joined(&[national]) })
}

impl Parsed {
    /// The calling code.
    pub fn calling_code(&self) -> u16 {
        self.plans[0].code
    }

    /// The national significant number, leading zeros included.
    pub fn national(&self) -> &[u8] {
        &self.national
    }

    /// All digits of the E.164 form.
    pub fn e164(&self) -> Digits {
        Digits::joined(&[&Digits::from_integer(u64::from(self.calling_code())), &self.national])
    }

    /// `isPossibleNumberWithReason`.
    pub fn possibility(&self) -> Possibility {
        possibility(self.national.len(), &self.plans[0])
    }

    /// `getRegionCodeForNumber`: ISO 3166 alpha-2, or `001` for a calling code of no region.
    pub fn region(&self) -> Option<&'static str> {
        self.plan().map(|plan| plan.iso)
    }

    /// The region, or where the number tells none the main one of its calling code.
    pub(super) fn likely_region(&self) -> Region {
        table::region_of(self.plan().unwrap_or(&self.plans[0]))
    }

    /// `getNumberType`.
    pub fn kind(&self) -> LineType {
        let verdict = self.plan().map_or(0, |plan| table::verdict(plan.valid, &self.national));
        LineType::of_verdict(verdict)
    }

    /// `isValidNumber`.
    pub fn is_valid(&self) -> bool {
        self.kind() != LineType::Unknown
    }

    /// The same calling code with another national number.
    pub(super) fn with_national(&self, national: Digits) -> Parsed {
        Parsed { plans: self.plans, national }
    }

    fn plan(&self) -> Option<&'static Plan> {
        match self.plans {
            [only] => Some(only),
            several => several.iter().find(|plan| match plan.leading {
                NONE => table::verdict(plan.valid, &self.national) != 0,
                leading => table::accepts_beginning(leading, &self.national),
            }),
        }
    }
}

/// The plans of the calling code at the beginning, and the digits behind it. No code begins another.
fn split_code(digits: &[u8]) -> Option<(&'static [Plan], &[u8])> {
    let mut code = 0;
    for (at, digit) in digits.iter().take(CODE_DIGITS_MAX).enumerate() {
        code = code * 10 + u16::from(*digit);
        let plans = table::plans_of(code);
        if code == 0 || !plans.is_empty() {
            return (code != 0).then_some((plans, &digits[at + 1..]));
        }
    }
    None
}

/// The plan by which a number with a calling code is read on: the main one, unless its own is the region's.
fn behind_code(plans: &'static [Plan], home: &'static Plan) -> &'static Plan {
    if plans[0].iso == home.iso { home } else { &plans[0] }
}

/// The digits behind the region's international dialling prefix, if they begin with it. No calling code
/// begins with 0, so a prefix before a 0 is none.
fn behind_idd<'d>(digits: &'d [u8], home: &Plan) -> Option<&'d [u8]> {
    let found = (home.idd != NONE).then(|| prefix::find(home.idd, digits))??;
    let rest = &digits[found.end..];
    (rest.first() != Some(&0)).then_some(rest)
}

/// The national number, where digits without any prefix begin with the region's own calling code and are
/// better read so.
fn without_own_code(digits: &[u8], home: &Plan) -> Option<Digits> {
    let rest = digits.strip_prefix(&Digits::from_integer(u64::from(home.code))[..])?;
    let national = without_national_prefix(rest, home);
    let better = !matches_general(digits, home) && matches_general(&national, home);
    (better || possibility(digits.len(), home) == Possibility::TooLong).then_some(national)
}

fn finish(plans: &'static [Plan], plan: &Plan, national: &[u8]) -> Result<Parsed, ParseError> {
    if national.len() < NATIONAL_DIGITS_MIN {
        return Err(ParseError::TooShortNsn);
    }
    let stripped = without_national_prefix(national, plan);
    // What is left of a number must be long enough for the plan; else the prefix was part of a short number.
    let national = match possibility(stripped.len(), plan) {
        Possibility::TooShort | Possibility::IsPossibleLocalOnly | Possibility::InvalidLength => {
            Digits::joined(&[national])
        }
        Possibility::IsPossible | Possibility::TooLong => stripped,
    };
    match national.len() {
        ..NATIONAL_DIGITS_MIN => Err(ParseError::TooShortNsn),
        NATIONAL_DIGITS_MIN..=NATIONAL_DIGITS_MAX => Ok(Parsed { plans, national }),
        _ => Err(ParseError::TooLong),
    }
}

/// The number without its national prefix, or rewritten by the plan's transform rule. A number that fits the
/// general description is left alone if the result would not.
fn without_national_prefix(number: &[u8], plan: &Plan) -> Digits {
    let whole = Digits::joined(&[number]);
    if number.is_empty() || plan.prefix == NONE {
        return whole;
    }
    let Some(found) = prefix::find(plan.prefix, number) else { return whole };
    let rest = &number[found.end..];
    let result = match (plan.transform, found.captured(number)) {
        (Some(literal), Some(captured)) => Digits::joined(&[literal, captured, rest]),
        _ => Digits::joined(&[rest]),
    };
    if matches_general(number, plan) && !matches_general(&result, plan) { whole } else { result }
}

fn matches_general(number: &[u8], plan: &Plan) -> bool {
    table::verdict(plan.general, number) != 0
}

fn possibility(len: usize, plan: &Plan) -> Possibility {
    let is_in = |lengths: u32| len < 32 && lengths >> len & 1 == 1;
    let (shortest, longest) = (plan.national_lengths.trailing_zeros(), plan.national_lengths.ilog2());
    if is_in(plan.local_lengths) {
        Possibility::IsPossibleLocalOnly
    } else if is_in(plan.national_lengths) {
        Possibility::IsPossible
    } else if len < shortest as usize {
        Possibility::TooShort
    } else if len > longest as usize {
        Possibility::TooLong
    } else {
        Possibility::InvalidLength
    }
}
