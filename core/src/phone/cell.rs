//! From a cell to digits: takes a number out of what phones, spreadsheets and links wrap around it.
//!
//! Looks at spelling only. Which plan the digits belong to, and whether they are a number, is not its
//! business; and it never guesses: what is not exactly one number's spelling is refused.

use super::digits::Digits;
use super::table;
use crate::limits::NUMBER_CELL_CHARS_MAX;

/// A cell in which digits of one number stand.
#[derive(Debug)]
pub(super) struct Cell {
    /// The digits, without `+` and without a leading `00`.
    pub(super) digits: Digits,
    /// Whether they begin with a country code for certain: `+`, `00`, or a link that has no other form.
    pub(super) international: bool,
    /// Whether something was taken off that is no part of a number's spelling.
    pub(super) unwrapped: bool,
    /// Before which digits a slash stood; bit n for the digit at n. A slash may also part two numbers.
    pub(super) slashes: u64,
}

/// Why a cell holds no digits to be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Letters, masks, extensions, several numbers, or nothing.
    NotDigits,
    /// A spreadsheet's exponent has swallowed digits.
    ExcelDamaged,
}

/// Schemes and links that stand before a number, and whether a country code must follow.
const SCHEMES: [(&str, bool); 5] = [
    ("tel:", false),
    ("whatsapp:", false),
    ("https://wa.me/", true),
    ("http://wa.me/", true),
    ("wa.me/", true),
];

/// Reads a cell's spelling.
pub(super) fn clean(cell: &str) -> Result<Cell, Unreadable> {
    if cell.len() > NUMBER_CELL_CHARS_MAX && cell.chars().count() > NUMBER_CELL_CHARS_MAX {
        return Err(Unreadable::NotDigits);
    }
    let wrapped = unwrap(cell)?;
    let floating = spreadsheet_number(wrapped.text)?;
    let unwrapped = wrapped.found || floating.is_some();
    let mut scan = Scan { unwrapped, ..Scan::default() };
    let (text, fraction) = floating.unwrap_or((wrapped.text, ""));
    text.chars().chain(fraction.chars()).try_for_each(|ch| scan.take(ch))?;
    scan.finish(wrapped.international)
}

/// A cell without its wrapping.
struct Wrapped<'a> {
    text: &'a str,
    found: bool,
    international: bool,
}

/// Takes off what stands around a number: an apostrophe, a formula, a scheme or link.
fn unwrap(cell: &str) -> Result<Wrapped<'_>, Unreadable> {
    // By far most cells begin with a sign or digit and are done here.
    if cell.starts_with(|ch: char| ch == '+' || ch.is_ascii_digit()) {
        return Ok(Wrapped { text: cell, found: false, international: false });
    }
    let edge = |ch: char| is_mark(ch) || ch == ' ';
    let mut text = cell.trim_matches(edge);
    text = text.strip_prefix('\'').unwrap_or(text).trim_matches(edge);
    if let Some(formula) = text.strip_prefix('=') {
        text = match formula.strip_prefix('"') {
            Some(quoted) => quoted.strip_suffix('"').ok_or(Unreadable::NotDigits)?,
            None => formula,
        };
        text = text.trim_matches(edge);
    }
    let mut international = false;
    for (scheme, says_country_code) in SCHEMES {
        if let Some(start) = text.get(..scheme.len())
            && start.eq_ignore_ascii_case(scheme)
        {
            text = &text[scheme.len()..];
            international = says_country_code;
            break;
        }
    }
    if international {
        // A link may bring a message along.
        text = text.split('?').next().unwrap_or(text);
    }
    Ok(Wrapped { text, found: text.len() != cell.len(), international })
}

/// Two pieces whose characters, one after the other, spell the number that a spreadsheet shows as a fraction
/// or with an exponent (`905301112233.0`, `9.05301112233E+11`); `None` if the text is nothing of that kind.
/// With fewer digits than the exponent says, the others are lost; zeros at the end cannot be told from lost
/// digits.
fn spreadsheet_number(text: &str) -> Result<Option<(&str, &str)>, Unreadable> {
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_end = text.find(['e', 'E']);
    let mantissa = &text[..mantissa_end.unwrap_or(text.len())];
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    if !all_digits(whole.strip_prefix('+').unwrap_or(whole)) || !(fraction.is_empty() || all_digits(fraction))
    {
        return Ok(None);
    }
    let Some(end) = mantissa_end else {
        return Ok((fraction == "0").then_some((whole, "")));
    };
    let exponent = &text[end + 1..];
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    if !all_digits(exponent) {
        return Ok(None);
    }
    match exponent.parse() {
        Ok(places) if fraction.len() == places && places > 0 => Ok(Some((whole, fraction))),
        Ok(places) if fraction.len() > places => Ok(None),
        _ => Err(Unreadable::ExcelDamaged),
    }
}

#[derive(Default)]
struct Scan {
    digits: Option<Digits>,
    plus: bool,
    unwrapped: bool,
    slashes: u64,
    /// The last character that is not an invisible mark.
    last: Last,
    /// Whether the first two digits stand side by side; `0 0905…` is no international prefix.
    begins_side_by_side: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Start,
    Plus,
    Digit,
    Separator,
}

impl Scan {
    fn take(&mut self, ch: char) -> Result<(), Unreadable> {
        match ch {
            '0'..='9' => self.digit(ch as u8 - b'0'),
            // `++90` reads as one plus. A plus behind digits, or a second one further on, begins another
            // number.
            '+' | '＋' if self.digits.is_none() && (!self.plus || self.last == Last::Plus) => {
                self.plus = true;
                self.last = Last::Plus;
            }
            '/' | '／' => {
                self.slashes |= 1_u64.checked_shl(self.len() as u32).unwrap_or(0);
                self.last = Last::Separator;
            }
            _ if is_separator(ch) => self.last = Last::Separator,
            _ if is_odd_space(ch) => {
                self.unwrapped = true;
                self.last = Last::Separator;
            }
            _ if is_mark(ch) => self.unwrapped = true,
            _ => self.digit(table::digit_value(ch).ok_or(Unreadable::NotDigits)?),
        }
        Ok(())
    }

    fn digit(&mut self, digit: u8) {
        self.begins_side_by_side |= self.len() == 1 && self.last == Last::Digit;
        self.digits.get_or_insert(Digits::EMPTY).push(digit);
        self.last = Last::Digit;
    }

    fn len(&self) -> usize {
        self.digits.as_ref().map_or(0, |digits| digits.len())
    }

    fn finish(self, international: bool) -> Result<Cell, Unreadable> {
        let digits = self.digits.ok_or(Unreadable::NotDigits)?;
        // Slashes before the first and behind the last digit part nothing.
        let between = self.slashes & !1 & !(u64::MAX << digits.len());
        let cell = Cell {
            digits,
            international: self.plus || international,
            unwrapped: self.unwrapped,
            slashes: between,
        };
        if cell.international || !self.begins_side_by_side || !digits.starts_with(&[0, 0]) {
            return Ok(cell);
        }
        let rest = digits.behind(2);
        Ok(Cell { digits: rest, international: true, slashes: between >> 2, ..cell })
    }
}

/// Blanks, brackets, points and the dashes that libphonenumber knows.
fn is_separator(ch: char) -> bool {
    matches!(ch, ' ' | '\t' | '\u{a0}' | '\u{3000}' | '(' | ')' | '（' | '）' | '.' | '．')
        || matches!(ch, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{ff0d}')
}

/// Spaces that only typesetting produces, U+202F first of all; nobody types them into a number.
fn is_odd_space(ch: char) -> bool {
    matches!(ch, '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}')
}

/// Characters that are invisible: byte order mark, soft hyphen, zero-width and directional marks.
fn is_mark(ch: char) -> bool {
    matches!(ch, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(ch, '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
