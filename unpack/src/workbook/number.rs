//! Numbers of cells as text: every digit a sheet holds, and no exponent where there is nothing to hide.
//!
//! This works on the digits as they are written. Through a float they would take a longer way to the same text, and a
//! page would download the tables for it.

use std::borrow::Cow;

/// Whole numbers below this are held exactly by a spreadsheet, which computes with 64-bit floats.
const EXACT_BELOW: u64 = 1 << 53;
/// Longest whole number below that, in digits.
const EXACT_DIGITS: i64 = 16;

/// A number as XML has it, as people write it: `9.05301112233E11` becomes `905301112233`. A number that is not whole,
/// or so large that its exponent hides lost digits, stays as it is, so that the core sees what there is; and so does
/// what is no number.
pub(super) fn plain(number: &str) -> Cow<'_, str> {
    let short = number.len() < EXACT_DIGITS as usize && !number.starts_with('0');
    if short && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(number);
    }
    let trimmed = number.trim();
    match whole(trimmed) {
        Some(value) if trimmed.starts_with('-') && value > 0 => Cow::Owned(format!("-{value}")),
        Some(value) => Cow::Owned(value.to_string()),
        None => Cow::Borrowed(number),
    }
}

/// The size of a whole number, if it is one and exact.
fn whole(number: &str) -> Option<u64> {
    let unsigned = number.strip_prefix(['-', '+']).unwrap_or(number);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i16>().ok()?),
        None => (unsigned, 0),
    };
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || before.bytes().chain(after.bytes());
    if digits().next().is_none() || !digits().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // How many of the digits, or zeros behind them, stand before the point.
    let point = before.len() as i64 + i64::from(exponent);
    let mut value = 0_u64;
    let mut digits = digits();
    let mut written = 0;
    for _ in 0..point {
        let digit = digits.next().unwrap_or(b'0') - b'0';
        written += i64::from(written > 0 || digit > 0);
        if written > EXACT_DIGITS {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    // With the point in front of all digits, all of them are fractions.
    let fraction = digits.any(|digit| digit != b'0');
    (!fraction && value < EXACT_BELOW).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_keep_all_their_digits() {
        for (cell, text) in [
            ("905301112233", "905301112233"),
            ("9.05301112233E11", "905301112233"),
            ("9.05301112233e+11", "905301112233"),
            ("90530111223300E-2", "905301112233"),
            ("905301112233.0", "905301112233"),
            ("0.00905301112233E14", "905301112233"),
            ("+905301112233", "905301112233"),
            ("1", "1"),
            ("1.0", "1"),
            ("1E3", "1000"),
            (" 2 ", "2"),
            ("0", "0"),
            ("-0", "0"),
            ("0E99", "0"),
            ("0.000", "0"),
            ("007", "7"),
            ("-5", "-5"),
            (".5E1", "5"),
            ("9007199254740991", "9007199254740991"),
            ("1234567890123456", "1234567890123456"),
        ] {
            assert_eq!(plain(cell), text, "{cell}");
        }
    }

    #[test]
    fn lost_digits_stay_visible_and_nonsense_stays_itself() {
        for cell in [
            "9.007199254740992E15",
            "1.2345678901234567E19",
            "1E+20",
            "0.1",
            "905301112233.5",
            "2.5E-3",
            "5E-1",
            "0.30000000000000004",
            "1E-300",
            "1E32767",
            "1E99999",
            "",
            "-",
            ".",
            "E5",
            "1E",
            "1E5E5",
            "1.2.3",
            "--1",
            "abc",
            "NaN",
            "inf",
            "٣",
        ] {
            assert_eq!(plain(cell), cell);
        }
    }
}
