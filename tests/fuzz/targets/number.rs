//! One cell: read at once, read exactly, read by the short cut and read in a column must say the same; and what its
//! digits are must be what an independent libphonenumber says, where both have the same plan.
#![no_main]

use std::str::FromStr as _;

use consentry_core::phone::plan::{self, Digits, ParseError, Parsed, Possibility};
use consentry_core::phone::{
    self, Accept, E164, Identity, LineType, METADATA_VERSION, NumberColumn, NumberOptions, Reading, Region,
    Standing,
};
use consentry_core::rule::Code;
use consentry_fuzz::Input;
use libfuzzer_sys::fuzz_target;
use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, ParseError as TheirError, PhoneNumberFormat, PhoneNumberType,
    ValidationError,
};

/// The plans that the lists below are true for: ours, whose counterpart in the oracle is 9.0.42.
const COMPARED_WITH: &str = "9.0.43";
/// Calling codes whose plans changed in between. `core/metadata/refresh.py 9.0.42`, with the port of that release, tells
/// which; restore plans.txt afterwards.
const CHANGED_CODES: [u16; 8] = [40, 49, 229, 251, 263, 593, 856, 995];

/// Digits kept of one number. More are too long whatever they say; libphonenumber first looks for a calling code in them.
const DIGITS_MAX: usize = 32;

const BEGINNINGS: [&str; 16] = [
    "+",
    "+",
    "",
    "00",
    "+ ",
    "tel:+",
    "whatsapp:+",
    "https://wa.me/",
    "'+",
    "=\"+",
    "0",
    "00 ",
    "(+",
    "\u{200e}+",
    "＋",
    "+0",
];
#[rustfmt::skip]
const WORDS: [&str; 48] = [
    " ", "-", ".", "(", ")", ") ", "/", "  ", "--", "\u{a0}", "\u{202f}", "\u{200b}", "\u{2011}", "\t", "+", "'", "\"",
    "0", "1", "8", "9", "00", "15", "044", "90", "549", "5411", "٣", "०", "３", "x", "ext. 7", "#", "*", "E+11", ".0",
    "E+", "e9", ",", ";", "tel:", "=", "\u{feff}", "\u{202a}", "\u{202c}", "/905301112233", " / ", "12345678",
];

fuzz_target!(
    init: assert_eq!(METADATA_VERSION, COMPARED_WITH, "the plans are newer: correct the two lists of this target"),
    |data: &[u8]| {
        let Some(input) = Input::of(data) else { return };
        let cell = cell(&input);
        let options = options(&input);
        let exact = phone::read_exactly(&cell, &options);
        assert_eq!(exact.number.is_some(), !exact.codes.has_error());
        assert_eq!(exact.number.is_some(), exact.region.is_some());
        assert_eq!(phone::read(&cell, &options), exact, "{cell:?} {options:?}");
        if let Some(everyday) = phone::read_everyday(cell.as_bytes(), &options) {
            assert_eq!(everyday, exact, "{cell:?} {options:?}");
        }
        in_a_column(&input, &cell, &options);
        if let Some(number) = exact.number {
            itself(number, exact.region, exact.codes.contains(Code::NumberUnassigned));
        }
        let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
        abroad(&digits);
        at_home(&digits, region(&input));
    }
);

fn region(input: &Input<'_>) -> Region {
    Region::all().nth(input.below(1, Region::COUNT)).expect("a region")
}

fn options(input: &Input<'_>) -> NumberOptions {
    NumberOptions {
        column: if input.flag(2, 0) { NumberColumn::Msisdn } else { NumberColumn::WpNumber },
        country: input.flag(2, 1).then(|| region(input)),
        accept: if input.flag(2, 2) { Accept::Valid } else { Accept::Possible },
    }
}

/// The text as it stands, trimmed as a reader of files does; or a number that the text walks out through a plan, and
/// what it puts into it.
fn cell(input: &Input<'_>) -> String {
    let mut cell = String::new();
    if input.flag(0, 0) {
        let region = region(input);
        cell.push_str(BEGINNINGS[input.below(3, BEGINNINGS.len())]);
        if !input.flag(0, 1) {
            cell.push_str(&plan::calling_code(region).to_string());
        }
        let mut steps = input.text.iter();
        let mut national = Vec::new();
        for step in steps.by_ref() {
            let (ways, may_end) = plan::ways_on(region, &national);
            let ways: Vec<u8> = (0..10).filter(|digit| ways >> digit & 1 == 1).collect();
            if ways.is_empty() || may_end && *step >= 0x80 {
                break;
            }
            national.push(ways[usize::from(*step) % ways.len()]);
        }
        cell.extend(national.iter().map(|digit| char::from(b'0' + digit)));
        while let (Some(at), Some(word)) = (steps.next(), steps.next()) {
            let at = usize::from(*at) % (cell.chars().count() + 1);
            let at = cell.char_indices().nth(at).map_or(cell.len(), |(at, _)| at);
            cell.insert_str(at, WORDS[usize::from(*word) % WORDS.len()]);
        }
    } else {
        let text = if input.flag(0, 2) { input.with_words(&WORDS) } else { input.text.to_vec() };
        cell.push_str(&String::from_utf8_lossy(&text));
    }
    let cell = cell.trim_matches(|ch: char| ch.is_ascii_whitespace());
    if cell.is_empty() { "0".to_owned() } else { cell.to_owned() }
}

/// The cell among others, at any distance from the beginning and the end of the bytes.
fn in_a_column(input: &Input<'_>, cell: &str, options: &NumberOptions) {
    let mut bytes = vec![b'1'; input.below(4, 20)];
    let others = ["", "+905301112233", cell, "+14155550123", "90 530 111 22 33", cell];
    let mut cells = Vec::new();
    for other in others {
        cells.push((bytes.len(), bytes.len() + other.len()));
        bytes.extend(other.bytes());
        bytes.push(b',');
    }
    bytes.extend(vec![b'0'; input.below(5, 20)]);
    let msisdn = NumberOptions { column: NumberColumn::Msisdn, ..*options };
    for ((start, end), other) in cells.iter().zip(others) {
        let standing = Standing::of(&bytes, *start, *end, options);
        let walked = standing.digits(&bytes).and_then(|(digits, walk)| Some((digits, walk.go()?)));
        let Some((digits, (region, mut codes))) = walked else { continue };
        if !standing.is_signed() && options.column == NumberColumn::WpNumber {
            codes.insert(Code::NumberPlusMissing);
        }
        let number = E164::from_digits(digits);
        let exact = phone::read_exactly(other, &NumberOptions { accept: Accept::Possible, ..*options });
        assert_eq!(Reading { number, region: Some(region), codes }, exact, "{other:?} {options:?}");
        // Another cell that is like it is the same number where a msisdn is expected.
        for ((start, end), like) in cells.iter().zip(others) {
            if Standing::of(&bytes, *start, *end, &msisdn).is_like(&standing) {
                let exact = phone::read_exactly(like, &NumberOptions { accept: Accept::Possible, ..msisdn });
                assert_eq!(exact.number, number, "{like:?} {msisdn:?}");
            }
        }
    }
}

/// A number that was read is that number wherever it comes back.
fn itself(number: E164, region: Option<Region>, unassigned: bool) {
    assert_eq!(E164::from_digits(number.digits()), Some(number));
    assert_eq!(number.is_valid(), !unassigned, "{number}");
    assert_eq!(region.map(Region::iso), Some(number.region()), "{number}");
    assert_eq!(Identity::from_digits(number.identity().digits()), Some(number.identity()));
    if !unassigned {
        let text = number.to_string();
        let options =
            NumberOptions { column: NumberColumn::WpNumber, country: None, accept: Accept::Possible };
        assert_eq!(
            phone::read(&text, &options).number,
            Some(number),
            "{text} is read back as another number"
        );
        assert_eq!(phone::wa_id(&text[1..]), Some(number), "{text}");
    }
}

/// Digits behind a plus.
fn abroad(digits: &str) {
    let Some(ours) = Digits::from_ascii(digits) else { return };
    if CHANGED_CODES.iter().any(|code| digits.starts_with(&code.to_string())) {
        return;
    }
    let text = format!("+{digits}");
    let parsed = plan::parse_international(&ours);
    if !is_all_zeros(&parsed) {
        assert_eq!(our_answer(parsed), their_answer(&text, None), "{text}");
    }
    let options = NumberOptions { column: NumberColumn::WpNumber, country: None, accept: Accept::Possible };
    let reading = phone::read_exactly(&text, &options);
    assert_eq!(phone::wa_id(digits), reading.number, "{text}");
    if let (Some(number), false) = (reading.number, reading.codes.contains(Code::NumberLegacyForm)) {
        let parsed = parsed.expect("what is a number can be parsed");
        assert_eq!(e164(&parsed), number.to_string());
    }
}

/// Digits as they are dialled in a region.
fn at_home(digits: &str, region: Region) {
    // A calling code of no region cannot be dialled from within.
    if region.iso() == "001" || digits.len() > DIGITS_MAX {
        return;
    }
    let Some(ours) = Digits::from_ascii(digits) else { return };
    let theirs = rlibphonenumber::Region::from_str(region.iso()).expect("a region");
    let parsed = plan::parse_national(&ours, region);
    let code = parsed.as_ref().map_or(0, Parsed::calling_code);
    if is_all_zeros(&parsed)
        || CHANGED_CODES.contains(&code)
        || CHANGED_CODES.contains(&plan::calling_code(region))
    {
        return;
    }
    assert_eq!(our_answer(parsed), their_answer(digits, Some(theirs)), "{digits} in {region:?}");
}

/// Possible or not and why, E.164, region, and the name of the kind.
type Answer = Result<(&'static str, String, String, String), &'static str>;

/// Whether the oracle forgets zeros in front of the national number, which libphonenumber itself does not: those past
/// the tenth, and one of a number that is nothing else.
fn is_all_zeros(parsed: &Result<Parsed, ParseError>) -> bool {
    const ZEROS_MAX: usize = 10;
    parsed.as_ref().is_ok_and(|number| {
        let zeros = number.national().iter().take_while(|digit| **digit == 0).count();
        zeros > ZEROS_MAX || zeros == number.national().len()
    })
}

fn e164(parsed: &Parsed) -> String {
    let digits = parsed.e164();
    std::iter::once('+').chain(digits.iter().map(|digit| char::from(b'0' + digit))).collect()
}

fn our_answer(parsed: Result<Parsed, ParseError>) -> Answer {
    let number = parsed.map_err(|error| match error {
        ParseError::InvalidCountryCode => "no such calling code",
        ParseError::NotANumber => "not a number",
        ParseError::TooShortAfterIdd => "nothing behind the prefix",
        ParseError::TooShortNsn => "too short",
        ParseError::TooLong => "too long",
    })?;
    let possible = match number.possibility() {
        Possibility::IsPossible => "possible",
        Possibility::IsPossibleLocalOnly => "local",
        Possibility::TooShort => "too short",
        Possibility::InvalidLength => "no such length",
        Possibility::TooLong => "too long",
    };
    assert_eq!(number.is_valid(), number.kind() != LineType::Unknown);
    let region = number.region().unwrap_or_default().to_owned();
    Ok((possible, e164(&number), region, format!("{:?}", number.kind()).to_lowercase()))
}

fn their_answer(text: &str, region: Option<rlibphonenumber::Region>) -> Answer {
    let number = PHONE_NUMBER_UTIL.parse(text, region).map_err(|error| match error {
        TheirError::InvalidCountryCode => "no such calling code",
        TheirError::NotANumber(_) => "not a number",
        TheirError::TooShortAfterIdd => "nothing behind the prefix",
        TheirError::TooShortNsn => "too short",
        TheirError::TooLongNsn => "too long",
    })?;
    let possible = match PHONE_NUMBER_UTIL.is_possible_number_with_reason(&number) {
        Ok(NumberLengthType::IsPossible) => "possible",
        Ok(NumberLengthType::IsPossibleLocalOnly) => "local",
        Err(ValidationError::TooShort) => "too short",
        Err(ValidationError::InvalidLength) => "no such length",
        Err(ValidationError::TooLong) => "too long",
        Err(ValidationError::InvalidCountryCode) => "no such calling code",
    };
    let region = PHONE_NUMBER_UTIL.get_region_for_number(&number);
    let region = region.map_or_else(String::new, |region| region.to_string());
    let kind = PHONE_NUMBER_UTIL.get_number_type(&number);
    let kind = if kind == PhoneNumberType::Unknown {
        "unknown".to_owned()
    } else {
        format!("{kind:?}").to_lowercase()
    };
    Ok((possible, PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned(), region, kind))
}
