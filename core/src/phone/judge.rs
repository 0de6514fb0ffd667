//! What a cell means: the rules on numbers, over cleaned digits and libphonenumber's answers.
//!
//! This is the one place that decides between an error, a warning and silence. It does not look at characters
//! (cell.rs) and knows no numbering plan (plan.rs). Everyday cells have a short cut (everyday.rs) that says
//! what is said here.

use super::cell::{self, Cell, Unreadable};
use super::digits::Digits;
use super::plan::{self, ParseError, Parsed, Possibility};
use super::table::SATELLITE_CODES;
use super::{Accept, E164, LineType, NumberColumn, NumberOptions, Reading, everyday, legacy};
use crate::rule::{Code, CodeSet};

/// Fewest digits behind a slash that can be a number of their own.
const SECOND_NUMBER_DIGITS_MIN: usize = 6;

/// Judges one cell, already trimmed of ASCII blanks and not empty. It never fails: what cannot be read is a
/// [`Reading`] without a number. Problems are always the `number-…` codes, whatever the column.
#[inline]
pub fn read(cell: &str, options: &NumberOptions) -> Reading {
    match everyday::read(cell.as_bytes(), options) {
        Some(reading) => reading,
        None => read_exactly(cell, options),
    }
}

/// [`read`] without its short cut.
pub fn read_exactly(cell: &str, options: &NumberOptions) -> Reading {
    match judge(cell, options) {
        Ok(reading) => reading,
        Err(code) => {
            let mut codes = CodeSet::EMPTY;
            codes.insert(code);
            Reading { number: None, region: None, codes }
        }
    }
}

/// Whether a valid number of this kind hardly ever has WhatsApp.
pub(super) const fn hardly_has_whatsapp(kind: LineType) -> bool {
    matches!(kind, LineType::Pager | LineType::PremiumRate | LineType::Voicemail | LineType::SharedCost)
}

/// Whether a number of this kind is valid, and hardly ever has WhatsApp.
pub(super) fn is_unlikely(number: &Parsed, kind: LineType) -> bool {
    let satellite = SATELLITE_CODES.contains(&number.calling_code());
    hardly_has_whatsapp(kind) || satellite && kind != LineType::Unknown
}

/// The number behind a webhook's `wa_id`: bare digits with country code, rewritten as numbers in files are.
/// `None` if they are no possible number.
pub fn wa_id(digits: &str) -> Option<E164> {
    let number = Candidate::international(&Digits::from_ascii(digits)?).ok()?;
    number.e164()
}

/// A possible number in today's form.
struct Candidate {
    number: Parsed,
    kind: LineType,
    legacy: bool,
}

impl Candidate {
    fn international(digits: &Digits) -> Result<Candidate, Code> {
        Candidate::of(plan::parse_international(digits))
    }

    fn of(parsed: Result<Parsed, ParseError>) -> Result<Candidate, Code> {
        let parsed = parsed.map_err(|error| match error {
            ParseError::InvalidCountryCode => Code::NumberNoCountryCode,
            ParseError::NotANumber | ParseError::TooShortAfterIdd | ParseError::TooShortNsn => {
                Code::NumberTooShort
            }
            ParseError::TooLong => Code::NumberTooLong,
        })?;
        if let Some(number) = legacy::modernised(&parsed) {
            return Ok(Candidate { number, kind: number.kind(), legacy: true });
        }
        match parsed.possibility() {
            Possibility::IsPossible => Ok(Candidate { number: parsed, kind: parsed.kind(), legacy: false }),
            Possibility::TooShort | Possibility::IsPossibleLocalOnly => Err(Code::NumberTooShort),
            Possibility::TooLong => Err(Code::NumberTooLong),
            Possibility::InvalidLength => Err(Code::NumberInvalid),
        }
    }

    fn is_valid(&self) -> bool {
        self.kind != LineType::Unknown
    }

    fn e164(&self) -> Option<E164> {
        E164::from_digits(self.number.e164().integer()?)
    }
}

fn judge(text: &str, options: &NumberOptions) -> Result<Reading, Code> {
    let cell = cell::clean(text).map_err(|unreadable| match unreadable {
        Unreadable::NotDigits => Code::NumberNotDigits,
        Unreadable::ExcelDamaged => Code::NumberExcelDamaged,
    })?;
    let (candidate, remark) = interpret(&cell.digits, cell.international, options)
        // With a slash inside, more digits than one number has are two numbers.
        .map_err(|code| if cell.slashes == 0 { code } else { Code::NumberNotDigits })?;
    if holds_two_numbers(&cell, candidate.is_valid(), options) {
        return Err(Code::NumberNotDigits);
    }
    if !candidate.is_valid() && options.accept == Accept::Valid {
        return Err(Code::NumberInvalid);
    }
    let number = candidate.e164().ok_or(Code::NumberTooLong)?;
    let mut codes = CodeSet::EMPTY;
    for (found, code) in [
        (cell.unwrapped, Code::NumberUnwrapped),
        (candidate.legacy, Code::NumberLegacyForm),
        (!candidate.is_valid(), Code::NumberUnassigned),
        (is_unlikely(&candidate.number, candidate.kind), Code::NumberTypeUnlikely),
    ] {
        if found {
            codes.insert(code);
        }
    }
    if let Some(remark) = remark {
        codes.insert(remark);
    }
    Ok(Reading { number: Some(number), region: Some(candidate.number.likely_region()), codes })
}

/// The number that the digits mean, and what there is to remark on how they were taken.
fn interpret(
    digits: &Digits,
    international: bool,
    options: &NumberOptions,
) -> Result<(Candidate, Option<Code>), Code> {
    let with_code = Candidate::international(digits);
    if international {
        return with_code.map(|candidate| (candidate, None));
    }
    let in_msisdn = options.column == NumberColumn::Msisdn;
    let plus_missing = (!in_msisdn).then_some(Code::NumberPlusMissing);
    let Some(region) = options.country else {
        return match with_code {
            Ok(candidate) if candidate.is_valid() || in_msisdn => Ok((candidate, plus_missing)),
            Err(code) if in_msisdn => Err(code),
            // A number that is merely possible may be a national one of anywhere.
            _ => Err(Code::NumberNoCountryCode),
        };
    };
    let at_home = Candidate::of(plan::parse_national(digits, region));
    let assumed = Some(Code::NumberCountryAssumed);
    match (at_home, with_code) {
        // Both readings agree, so the country code is there and nothing was assumed.
        (Ok(home), Ok(abroad)) if (home.is_valid() || in_msisdn) && home.e164() == abroad.e164() => {
            Ok((abroad, plus_missing))
        }
        (Ok(home), _) if home.is_valid() => Ok((home, assumed)),
        (_, Ok(abroad)) if abroad.is_valid() => Ok((abroad, plus_missing)),
        (Ok(home), _) => Ok((home, assumed)),
        (Err(_), Ok(abroad)) if in_msisdn => Ok((abroad, None)),
        (Err(code), _) => Err(code),
    }
}

/// Whether a slash parts two numbers: what stands before it is a valid number by itself, and with what
/// follows it is none, or what follows is long enough to be another.
fn holds_two_numbers(cell: &Cell, valid: bool, options: &NumberOptions) -> bool {
    let parts_two = |at: usize| {
        let before = Digits::joined(&[&cell.digits[..at]]);
        (!valid || cell.digits.len() - at >= SECOND_NUMBER_DIGITS_MIN)
            && interpret(&before, cell.international, options).is_ok_and(|(before, _)| before.is_valid())
    };
    (1..cell.digits.len()).filter(|at| cell.slashes >> at & 1 == 1).any(parts_two)
}
