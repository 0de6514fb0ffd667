//! Number forms that numbering plans have left and WhatsApp still knows people by, rewritten to today's.
//!
//! A number is rewritten only if it is invalid as it stands and valid afterwards, so that a plan which takes
//! an old form into use again wins over this module. Argentina's `15` form needs nothing here:
//! libphonenumber's own transform rule rewrites it.

use super::digits::Digits;
use super::plan::Parsed;

const BRAZIL: u16 = 55;
const MEXICO: u16 = 52;

/// What stood before the ten digits of a Mexican number until 2019: `1` behind +52, the others when dialling
/// inside the country.
const MEXICAN_PREFIXES: [&[u8]; 4] = [&[1], &[0, 1], &[0, 4, 4], &[0, 4, 5]];

/// The number in today's form, if it stands in one that its plan has left.
pub(super) fn modernised(number: &Parsed) -> Option<Parsed> {
    let national = number.national();
    let modern = match number.calling_code() {
        MEXICO => {
            let ten = MEXICAN_PREFIXES.iter().find_map(|prefix| match national.strip_prefix(*prefix) {
                Some(rest) if rest.len() == 10 => Some(rest),
                _ => None,
            });
            Digits::joined(&[ten?])
        }
        // Mobile numbers of eight digits behind two of area code got a leading 9 between 2012 and 2016.
        BRAZIL if national.len() == 10 && (6..=9).contains(&national[2]) => {
            Digits::joined(&[&national[..2], &[9], &national[2..]])
        }
        _ => return None,
    };
    let modern = number.with_national(modern);
    (!number.is_valid() && modern.is_valid()).then_some(modern)
}
