//! Compares `phone::plan`, and `phone::read` behind a plus, with libphonenumber's answers, read as tab-separated
//! lines from standard input (tests/oracle/README.md says how they are made). Prints the first disagreements and
//! fails if there is one; else says how many numbers agreed and how long one takes.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a program for developers: it prints, and it measures time"
)]

use consentry_core::phone::plan::{self, Digits, ParseError, Parsed, Possibility};
use consentry_core::phone::{Accept, LineType, METADATA_VERSION, NumberColumn, NumberOptions, Region, read};
use consentry_core::rule::Code;
use std::fmt::Write;
use std::hint::black_box;
use std::io::{BufRead, stdin};
use std::process::ExitCode;
use std::time::Instant;

/// Disagreements printed before the rest is only counted.
const SHOWN_MAX: usize = 20;

fn main() -> ExitCode {
    let (mut numbers, mut disagreements) = (Vec::new(), 0);
    for line in stdin().lock().lines() {
        let line = line.expect("standard input is text");
        let (text, expected) = line.split_once('\t').expect("a line has fields");
        let input = Input::read(text);
        let mut found = String::new();
        describe(input.parse(), &mut found);
        if found == expected && text.starts_with('+') {
            through_read(text, &mut found);
        }
        if found != expected {
            disagreements += 1;
            if disagreements <= SHOWN_MAX {
                println!("{text}\n  libphonenumber {expected}\n  here           {found}");
            }
        }
        numbers.push(input);
    }
    if numbers.is_empty() || disagreements > 0 {
        println!("{disagreements} of {} numbers disagree (metadata {METADATA_VERSION})", numbers.len());
        return ExitCode::FAILURE;
    }
    let start = Instant::now();
    for input in &numbers {
        if let Ok(number) = input.parse() {
            black_box((number.possibility(), number.kind()));
        }
    }
    let each_ns = start.elapsed().as_nanos() / numbers.len() as u128;
    println!("all {} numbers agree (metadata {METADATA_VERSION}); {each_ns} ns each", numbers.len());
    ExitCode::SUCCESS
}

/// A number behind a plus, or digits as dialled in a region.
struct Input {
    digits: Digits,
    region: Option<Region>,
}

impl Input {
    fn read(text: &str) -> Input {
        let (region, digits) = match text.split_once(':') {
            Some((iso, digits)) => (Some(Region::from_iso(iso).expect("a region of the metadata")), digits),
            None => (None, text.strip_prefix('+').expect("a plus")),
        };
        Input { digits: Digits::from_ascii(digits).expect("digits"), region }
    }

    fn parse(&self) -> Result<Parsed, ParseError> {
        match self.region {
            Some(region) => plan::parse_national(&self.digits, region),
            None => plan::parse_international(&self.digits),
        }
    }
}

/// Changes the oracle's answer into what [`read`] says where both are not the same by the rules.
fn through_read(text: &str, answer: &mut String) {
    let options = NumberOptions { column: NumberColumn::WpNumber, country: None, accept: Accept::Possible };
    let reading = read(text, &options);
    let has = |code: Code| reading.codes.iter().any(|found| found == code);
    if has(Code::NumberLegacyForm) {
        // Only numbers that are not valid as they stand are rewritten, which is not libphonenumber's business.
        if answer.contains("\t1\t") {
            answer.push_str(" rewritten although it is valid");
        }
        return;
    }
    let accepted = answer.starts_with("IS_POSSIBLE\t");
    let valid = answer.starts_with("IS_POSSIBLE\t1");
    if reading.number.is_some() != accepted || has(Code::NumberUnassigned) != (accepted && !valid) {
        write!(answer, " read as {:?}", reading.codes).expect("a string takes everything");
    }
    let (Some(number), Some(region)) = (reading.number, reading.region) else { return };
    let fields: Vec<&str> = answer.split('\t').collect();
    let same_region = fields[3] == region.iso() || fields[3].is_empty();
    if fields[2] != number.to_string() || !same_region || number.region() != region.iso() {
        write!(answer, " read as {number} of {region:?}").expect("a string takes everything");
    }
}

/// The answer in the oracle's words.
fn describe(parsed: Result<Parsed, ParseError>, line: &mut String) {
    let number = match parsed {
        Ok(number) => number,
        Err(error) => {
            let error = match error {
                ParseError::InvalidCountryCode => "INVALID_COUNTRY_CODE",
                ParseError::NotANumber => "NOT_A_NUMBER",
                ParseError::TooShortAfterIdd => "TOO_SHORT_AFTER_IDD",
                ParseError::TooShortNsn => "TOO_SHORT_NSN",
                ParseError::TooLong => "TOO_LONG",
            };
            write!(line, "!{error}\t\t\t\t").expect("a string takes everything");
            return;
        }
    };
    let reason = match number.possibility() {
        Possibility::IsPossible => "IS_POSSIBLE",
        Possibility::IsPossibleLocalOnly => "IS_POSSIBLE_LOCAL_ONLY",
        Possibility::TooShort => "TOO_SHORT",
        Possibility::InvalidLength => "INVALID_LENGTH",
        Possibility::TooLong => "TOO_LONG",
    };
    let kind = match number.kind() {
        LineType::FixedLine => "FIXED_LINE",
        LineType::Mobile => "MOBILE",
        LineType::FixedLineOrMobile => "FIXED_LINE_OR_MOBILE",
        LineType::TollFree => "TOLL_FREE",
        LineType::PremiumRate => "PREMIUM_RATE",
        LineType::SharedCost => "SHARED_COST",
        LineType::Voip => "VOIP",
        LineType::PersonalNumber => "PERSONAL_NUMBER",
        LineType::Pager => "PAGER",
        LineType::Uan => "UAN",
        LineType::Voicemail => "VOICEMAIL",
        LineType::Unknown => "UNKNOWN",
    };
    let e164: String = number.e164().iter().map(|digit| char::from(b'0' + digit)).collect();
    let (valid, region) = (u8::from(number.is_valid()), number.region().unwrap_or(""));
    write!(line, "{reason}\t{valid}\t+{e164}\t{region}\t{kind}").expect("a string takes everything");
}
