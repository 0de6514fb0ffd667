//! Spellings that number code goes wrong on, and what the rules make of each.

use super::*;
use crate::rule::Code;

/// Cell, number that comes out (empty for none), codes without their `number-`; for a `wpNumber` cell with no
/// country declared.
#[rustfmt::skip]
const CELLS: &[(&str, &str, &str)] = &[
    ("+5511987654321", "+5511987654321", ""),
    ("+551187654321", "+5511987654321", "legacy-form"),
    ("+551176543210", "+551176543210", ""),
    ("+551132654321", "+551132654321", ""),
    ("+552198765432", "+5521998765432", "legacy-form"),
    ("+525512345678", "+525512345678", ""),
    ("+5215512345678", "+525512345678", "legacy-form"),
    ("+52015512345678", "+525512345678", "legacy-form"),
    ("+520445512345678", "+525512345678", "legacy-form"),
    ("+5491123456789", "+5491123456789", ""),
    ("+541123456789", "+541123456789", ""),
    ("+54111523456789", "+5491123456789", ""),
    ("+5401115 2345-6789", "+5491123456789", ""),
    ("+5490112345 6789", "", "too-long"),
    ("+390612345678", "+390612345678", ""),
    ("+39612345678", "+39612345678", "unassigned"),
    ("+393123456789", "+393123456789", ""),
    ("+3903123456789", "+3903123456789", ""),
    ("+12025550123", "+12025550123", ""),
    ("+14155550100", "+14155550100", ""),
    ("+11231234567", "+11231234567", "unassigned"),
    ("+15550123", "", "too-short"),
    ("+1 1 202 555 0123", "+12025550123", ""),
    ("+14165550123", "+14165550123", ""),
    ("+18765551234", "+18765551234", ""),
    ("+18005551234", "+18005551234", ""),
    ("+19005551234", "+19005551234", "type-unlikely"),
    ("+1 800 FLOWERS", "", "not-digits"),
    ("+1211", "", "too-short"),
    ("+79161234567", "+79161234567", ""),
    ("+789161234567", "+79161234567", ""),
    ("89161234567", "", "no-country-code"),
    ("+77011234567", "+77011234567", ""),
    ("+77172123456", "+77172123456", ""),
    ("+447400123456", "+447400123456", ""),
    ("+44 (0)7400 123456", "+447400123456", ""),
    ("+447797712345", "+447797712345", ""),
    ("+447781123456", "+447781123456", ""),
    ("+447624123456", "+447624123456", ""),
    ("+441534456789", "+441534456789", ""),
    ("+447640123456", "+447640123456", "type-unlikely"),
    ("+447012345678", "+447012345678", ""),
    ("+80012345678", "+80012345678", ""),
    ("+80812345678", "+80812345678", "type-unlikely"),
    ("+870301234567", "+870301234567", "type-unlikely"),
    ("+881612345678", "+881612345678", "type-unlikely"),
    ("+8821612345678", "+8821612345678", "type-unlikely"),
    ("+8823421234", "+8823421234", "type-unlikely"),
    ("+883510012345678", "+883510012345678", "type-unlikely"),
    ("+8835100012345", "+8835100012345", "unassigned"),
    ("+88812345678901", "+88812345678901", ""),
    ("+979123456789", "+979123456789", "type-unlikely"),
    ("+878101234567890", "+878101234567890", ""),
    ("+12025550123 ext. 5", "", "not-digits"),
    ("+12025550123x5", "", "not-digits"),
    ("+12025550123;ext=5", "", "not-digits"),
    ("+12025550123#5", "", "not-digits"),
    ("+12025550123,,5", "", "not-digits"),
    ("＋９０５３２１２３４５６７", "+905321234567", ""),
    ("+٩٠٥٣٢١٢٣٤٥٦٧", "+905321234567", ""),
    ("+९१९८७६५४३२१०", "+919876543210", ""),
    ("+90\u{a0}532\u{a0}123\u{a0}45\u{a0}67", "+905321234567", ""),
    ("+33\u{202f}6\u{202f}12\u{202f}34\u{202f}56\u{202f}78", "+33612345678", "unwrapped"),
    ("\u{200e}+905321234567", "+905321234567", "unwrapped"),
    ("\u{202a}+905321234567\u{202c}", "+905321234567", "unwrapped"),
    ("+90 532–123–45–67", "+905321234567", ""),
    ("+90532\u{200b}1234567", "+905321234567", "unwrapped"),
    ("\u{feff}+905321234567", "+905321234567", "unwrapped"),
    ("tel:+905321234567", "+905321234567", "unwrapped"),
    ("tel:5321234567;phone-context=+90", "", "not-digits"),
    ("https://wa.me/905321234567", "+905321234567", "unwrapped"),
    ("https://wa.me/+905321234567", "+905321234567", "unwrapped"),
    ("whatsapp:+905321234567", "+905321234567", "unwrapped"),
    ("00905321234567", "+905321234567", ""),
    ("00 90 532 123 45 67", "+905321234567", ""),
    ("0 0905321234567", "", "no-country-code"),
    ("011905321234567", "", "no-country-code"),
    ("+00905321234567", "", "no-country-code"),
    ("++905321234567", "+905321234567", ""),
    ("+ 905321234567", "+905321234567", ""),
    ("(+90) 532 123 45 67", "+905321234567", ""),
    ("'+905321234567", "+905321234567", "unwrapped"),
    ("=\"+905321234567\"", "+905321234567", "unwrapped"),
    ("=+905321234567", "+905321234567", "unwrapped"),
    ("905321234567", "+905321234567", "plus-missing"),
    ("05321234567", "", "no-country-code"),
    ("9.05E+11", "", "excel-damaged"),
    ("9,05321E+11", "", "excel-damaged"),
    ("905321234567.0", "+905321234567", "plus-missing unwrapped"),
    ("+905321234567.0", "+905321234567", "unwrapped"),
    ("+90112", "", "too-short"),
    ("+904441444", "+904441444", ""),
    ("+902121234567", "+902121234567", ""),
    ("+9005321234567", "+905321234567", ""),
    ("+4915112345678", "+4915112345678", ""),
    ("+49 (0) 151 12345678", "+4915112345678", ""),
    ("+919876543210", "+919876543210", ""),
    ("+62081234567890", "+6281234567890", ""),
    ("+27821234567", "+27821234567", ""),
    ("+905321234567 / +905321234568", "", "not-digits"),
    ("+905321234567;+905321234568", "", "not-digits"),
    ("+9O5321234567", "", "not-digits"),
    ("+90 5XX XXX XX XX", "", "not-digits"),
    ("+905321234567 (Ali)", "", "not-digits"),
    ("+905321234567 😀", "", "not-digits"),
    ("+38343201234", "+38343201234", ""),
    ("+212528812345", "+212528812345", ""),
    ("+390669812345", "+390669812345", ""),
    ("+4779123456", "+4779123456", ""),
    ("+491234567890123", "+491234567890123", "unassigned"),
    ("+", "", "not-digits"),
    ("+90", "", "too-short"),
    // Slashes part the groups of one number, or two numbers.
    ("+49 30/1234567", "+49301234567", ""),
    ("+49 6221 / 1234567", "+4962211234567", ""),
    ("+90/532/123/45/67", "+905321234567", ""),
    ("+905321234567/68", "", "not-digits"),
    ("+905321234567 / 5321234568", "", "not-digits"),
    ("+4930123456 / 301234567", "", "not-digits"),
    ("+905321234567/", "+905321234567", ""),
    ("+905321234567 or +905321234568", "", "not-digits"),
    ("+905321234567\n+905321234568", "", "not-digits"),
    ("+905321234567|5321234568", "", "not-digits"),
    ("+90532+1234567", "", "not-digits"),
    ("+ +905321234567", "", "not-digits"),
    ("00+905321234567", "", "not-digits"),
    // Spreadsheets.
    ("9.05321234567E+11", "+905321234567", "plus-missing unwrapped"),
    ("9,05321234567e+11", "+905321234567", "plus-missing unwrapped"),
    ("+9.05321234567E+11", "+905321234567", "unwrapped"),
    ("9.0532123456E+11", "", "excel-damaged"),
    ("9E+11", "", "excel-damaged"),
    ("9.05321E+99999999999999999999", "", "excel-damaged"),
    ("9.05321234567E+10", "", "not-digits"),
    ("9.05321E-05", "", "not-digits"),
    ("905321234567,0", "+905321234567", "plus-missing unwrapped"),
    ("=905321234567", "+905321234567", "plus-missing unwrapped"),
    ("=\"905321234567\"", "+905321234567", "plus-missing unwrapped"),
    ("=\"905321234567", "", "not-digits"),
    ("'+90 532 123 45 67", "+905321234567", "unwrapped"),
    // Links and schemes.
    ("HTTPS://WA.ME/905321234567?text=hi", "+905321234567", "unwrapped"),
    ("wa.me/905111112233", "+905111112233", "unassigned unwrapped"),
    ("wa.me/05321234567", "", "no-country-code"),
    ("tel:905321234567", "+905321234567", "plus-missing unwrapped"),
    ("whatsapp:05321234567", "", "no-country-code"),
    ("tel:", "", "not-digits"),
    // Bare digits: valid with their country code, or nobody's.
    ("905111112233", "", "no-country-code"),
    ("5215512345678", "+525512345678", "plus-missing legacy-form"),
    ("12", "", "no-country-code"),
    ("00", "", "too-short"),
    ("+9053212345678901234567890123456789012345", "", "too-long"),
    ("+9990532123456789012345678901234567890123", "", "no-country-code"),
    // Nothing to read.
    ("-", "", "not-digits"),
    ("n/a", "", "not-digits"),
    ("\u{feff}", "", "not-digits"),
    ("'", "", "not-digits"),
    ("=", "", "not-digits"),
    ("½", "", "not-digits"),
    ("\0", "", "not-digits"),
];

fn options(column: NumberColumn, country: Option<&str>) -> NumberOptions {
    NumberOptions {
        column,
        country: country.map(|iso| Region::from_iso(iso).unwrap()),
        accept: Accept::Possible,
    }
}

fn told(reading: Reading) -> (String, String) {
    let codes: Vec<&str> =
        reading.codes.iter().map(|code| code.id().strip_prefix("number-").unwrap()).collect();
    assert_eq!(reading.number.is_none(), reading.codes.has_error());
    assert!(!reading.codes.has_error() || codes.len() == 1, "an error stands alone: {codes:?}");
    (reading.number.map(|number| number.to_string()).unwrap_or_default(), codes.join(" "))
}

fn assert_cells(cells: &[(&str, &str, &str)], options: &NumberOptions) {
    let expected = |number: &str, codes: &str| (number.to_owned(), codes.to_owned());
    for (cell, number, codes) in cells {
        assert_eq!(told(read(cell, options)), expected(number, codes), "{cell:?} with {options:?}");
    }
}

#[test]
fn every_cell_reads_as_the_rules_say() {
    assert_cells(CELLS, &options(NumberColumn::WpNumber, None));
}

#[test]
fn msisdn_takes_bare_digits_that_are_possible() {
    let cells = [
        ("905321234567", "+905321234567", ""),
        ("905111112233", "+905111112233", "unassigned"),
        ("+905321234567", "+905321234567", ""),
        ("05321234567", "", "no-country-code"),
        ("9053212345678", "", "invalid"),
        ("90532123456789012", "", "too-long"),
        ("90532", "", "too-short"),
    ];
    assert_cells(&cells, &options(NumberColumn::Msisdn, None));
}

#[test]
fn a_declared_country_completes_national_numbers() {
    let cells = [
        ("0532 123 45 67", "+905321234567", "country-assumed"),
        ("5321234567", "+905321234567", "country-assumed"),
        ("tel:05321234567", "+905321234567", "country-assumed unwrapped"),
        // The country code is there, so nothing is assumed.
        ("905321234567", "+905321234567", "plus-missing"),
        ("4915112345678", "+4915112345678", "plus-missing"),
        ("0511 111 22 33", "+905111112233", "unassigned country-assumed"),
        // No such number at home, but one abroad.
        ("5111112233", "+5111112233", "plus-missing"),
        ("905111112233", "+905111112233", "unassigned country-assumed"),
        ("+4915112345678", "+4915112345678", ""),
        ("004915112345678", "+4915112345678", ""),
        ("0532123456789012", "", "too-long"),
        ("112", "", "too-short"),
    ];
    assert_cells(&cells, &options(NumberColumn::WpNumber, Some("TR")));
    let cells = [
        ("05321234567", "+905321234567", "country-assumed"),
        ("905111112233", "+905111112233", "unassigned"),
        ("491511234567890", "+491511234567890", "unassigned"),
    ];
    assert_cells(&cells, &options(NumberColumn::Msisdn, Some("TR")));
    let cells = [
        ("011905321234567", "+905321234567", "country-assumed"),
        ("(202) 555-0123", "+12025550123", "country-assumed"),
    ];
    assert_cells(&cells, &options(NumberColumn::WpNumber, Some("US")));
    let cells = [("044 55 1234 5678", "+525512345678", "country-assumed legacy-form")];
    assert_cells(&cells, &options(NumberColumn::WpNumber, Some("MX")));
    let cells = [("(011) 8765-4321", "+5511987654321", "country-assumed legacy-form")];
    assert_cells(&cells, &options(NumberColumn::WpNumber, Some("BR")));
    let cells = [("011 15 2345-6789", "+5491123456789", "country-assumed")];
    assert_cells(&cells, &options(NumberColumn::WpNumber, Some("AR")));
}

#[test]
fn unassigned_numbers_are_refused_where_only_valid_ones_are_accepted() {
    let valid = NumberOptions { accept: Accept::Valid, ..options(NumberColumn::WpNumber, None) };
    assert_cells(&[("+905111112233", "", "invalid"), ("+905321234567", "+905321234567", "")], &valid);
}

#[test]
fn a_cell_longer_than_the_limit_is_no_number() {
    let options = options(NumberColumn::WpNumber, None);
    let padded = |chars: usize| format!("+905321234567{}", "\u{a0}".repeat(chars - 13));
    assert!(read(&padded(crate::limits::NUMBER_CELL_CHARS_MAX), &options).number.is_some());
    let too_long = read(&padded(crate::limits::NUMBER_CELL_CHARS_MAX + 1), &options);
    assert!(too_long.codes.contains(Code::NumberNotDigits));
}

#[test]
fn wa_ids_are_rewritten_as_numbers_in_files_are() {
    for (digits, number) in [
        ("905321234567", Some(905_321_234_567)),
        ("5215512345678", Some(525_512_345_678)),
        ("551187654321", Some(5_511_987_654_321)),
        ("905111112233", Some(905_111_112_233)),
        ("+905321234567", None),
        ("90532", None),
        ("", None),
        ("999999999999", None),
    ] {
        assert_eq!(wa_id(digits).map(E164::digits), number, "{digits}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_reads_as_something(
        cell in "[+0-9 ()./'=\"eE,tel:\u{200e}\u{660}-\u{669}\u{ff0b}-]{1,40}|\\PC{1,30}",
        msisdn: bool,
        country in proptest::option::of(proptest::sample::select(&["TR", "US", "BR", "IT", "GG"][..])),
    ) {
        let column = if msisdn { NumberColumn::Msisdn } else { NumberColumn::WpNumber };
        let (number, _) = told(read(&cell, &options(column, country)));
        // A number that came out goes in again as itself, or it would not be canonical.
        if !number.is_empty() {
            let again = read(&number, &options(column, country));
            proptest::prop_assert!(again.number.is_some(), "{number}");
        }
    }
}
