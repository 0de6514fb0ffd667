//! Numbers of cells as text: every digit a sheet holds, and no exponent where there is nothing to hide.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whole numbers below this are held exactly by a sheet, which keeps 64-bit floats.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;
/// Digits that any 64-bit float holds exactly.
const EXACT_DIGITS: usize = 15;
/// Fractions are written without an exponent down to here.
const PLAIN_FROM: f64 = 1e-7;

/// A number as XML has it, as people write it. `9.05301112233E11` becomes `905301112233`. A number too large to have
/// kept its digits keeps its exponent, so that the core sees the damage. What is no number stays what it is.
pub(super) fn plain(number: &str) -> Cow<'_, str> {
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    if digits && number.len() <= EXACT_DIGITS && (number.len() == 1 || !number.starts_with('0')) {
        return Cow::Borrowed(number);
    }
    match number.trim().parse::<f64>() {
        Ok(value) if value.is_finite() => Cow::Owned(written(value)),
        _ => Cow::Borrowed(number),
    }
}

fn written(value: f64) -> String {
    let mut text = String::new();
    let size = value.abs();
    let done = if value.fract() == 0.0 && size < EXACT_BELOW {
        write!(text, "{}", value as i64)
    } else if value.fract() != 0.0 && size >= PLAIN_FROM {
        write!(text, "{value}")
    } else {
        write!(text, "{value:E}")
    };
    done.expect("writing to memory does not fail");
    text
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
            ("905301112233.0", "905301112233"),
            ("1", "1"),
            ("1.0", "1"),
            ("0", "0"),
            ("-0", "0"),
            ("007", "7"),
            ("-5", "-5"),
            ("9007199254740991", "9007199254740991"),
            ("1234567890123456", "1234567890123456"),
        ] {
            assert_eq!(plain(cell), text, "{cell}");
        }
    }

    #[test]
    fn lost_digits_stay_visible_and_nonsense_stays_itself() {
        for (cell, text) in [
            ("9007199254740992", "9.007199254740992E15"),
            ("12345678901234567890", "1.2345678901234567E19"),
            ("1E+20", "1E20"),
            ("0.1", "0.1"),
            ("2.5E-3", "0.0025"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("1E-300", "1E-300"),
            ("", ""),
            ("abc", "abc"),
            ("NaN", "NaN"),
            ("inf", "inf"),
            ("1E999", "1E999"),
        ] {
            assert_eq!(plain(cell), text, "{cell}");
        }
    }
}
