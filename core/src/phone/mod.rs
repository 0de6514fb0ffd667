//! Phone numbers: one cell in, one E.164 number and what there is to say about it out.
//!
//! [`read`] decides what a cell means (judge.rs) over a cleaned cell (cell.rs), with a short cut for everyday
//! cells (everyday.rs); whether a number is possible,
//! valid, of which type and of which region is libphonenumber's answer (plan.rs) over tables compiled at
//! build time (table.rs); forms that plans have left are rewritten (legacy.rs). Nothing here allocates, keeps
//! state or knows about files and columns beyond [`NumberColumn`].
//!
//! ```
//! use consentry_core::phone::{self, Accept, NumberColumn, NumberOptions};
//! let options = NumberOptions { column: NumberColumn::WpNumber, country: None, accept: Accept::Possible };
//! let reading = phone::read("+90 (530) 111-22-33", &options);
//! assert_eq!(reading.number.unwrap().to_string(), "+905301112233");
//! assert!(reading.codes.is_empty());
//! ```

mod cell;
#[cfg(test)]
mod cells;
mod digits;
mod everyday;
mod judge;
mod legacy;
#[doc(hidden)]
pub mod plan;
mod prefix;
mod table;
#[cfg(test)]
mod tricky;

use crate::rule::CodeSet;
use digits::Digits;
pub use everyday::{Standing, Walk, read as read_everyday};
pub use judge::{read, read_exactly, wa_id};
use std::fmt;
use std::num::NonZeroU64;

/// Version of libphonenumber's metadata that this build judges by.
pub const METADATA_VERSION: &str = table::VERSION;

/// One above the greatest integer taken for a number. The longest E.164 number of the metadata has 19 digits and calling
/// code 81; stores keep numbers as signed integers, in which all of them fit.
const E164_END: u64 = 1 << 63;

const ARGENTINA: u64 = 54;
/// Digits of an Argentine national number without the mobile 9.
const ARGENTINA_NATIONAL_DIGITS: u32 = 10;

/// A phone number in E.164, as the integer of its digits.
///
/// `Display` writes it in full (`+905301112233`); `Debug` shows the calling code and the last two digits only
/// (`+90…33`), because logs are read by people whom the number does not concern.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct E164(NonZeroU64);

/// What matching and deduplication compare: the number with spellings of one person folded together. Today
/// that is the Argentine mobile 9 (+54 9 X and +54 X are one); older forms are gone before there is an
/// [`E164`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(NonZeroU64);

/// Kinds of numbers, as libphonenumber tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineType {
    /// A fixed line.
    FixedLine,
    /// A mobile number.
    Mobile,
    /// The plan does not tell fixed lines from mobile numbers here.
    FixedLineOrMobile,
    /// Free for the caller.
    TollFree,
    /// Charged above the usual rate.
    PremiumRate,
    /// The cost is shared between caller and callee.
    SharedCost,
    /// Voice over IP.
    Voip,
    /// Follows a person, whatever line they use.
    PersonalNumber,
    /// A pager.
    Pager,
    /// A company's universal access number.
    Uan,
    /// Voicemail access.
    Voicemail,
    /// Not a valid number, as far as the metadata knows.
    Unknown,
}

/// The column a number stands in; the published format is stricter with one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberColumn {
    /// `wpNumber`: digits without a `+` must be valid with their country code, and are remarked on.
    WpNumber,
    /// `msisdn`: digits without a `+` are the usual form and need only be possible.
    Msisdn,
}

/// Which numbers are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accept {
    /// Numbers whose length can exist; unassigned ones with a warning.
    Possible,
    /// Numbers in a range that is known to be assigned.
    Valid,
}

/// A region with a numbering plan, or a calling code of no region.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Region(u8);

/// How a cell is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberOptions {
    /// The column the cell stands in.
    pub column: NumberColumn,
    /// Completes numbers that stand in national form, if the caller declared it.
    pub country: Option<Region>,
    /// Which numbers are accepted.
    pub accept: Accept,
}

/// What a cell turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The number; `Some` if and only if no code is an error.
    pub number: Option<E164>,
    /// The region of the number, as [`E164::region`] says it; `Some` if and only if there is a number.
    pub region: Option<Region>,
    /// One error, or any number of warnings.
    pub codes: CodeSet,
}

impl E164 {
    /// The number with these digits. `None` for 0 and for more than 19 digits; whether it can exist is not
    /// asked, because metadata changes and what is stored stays.
    #[inline]
    pub fn from_digits(digits: u64) -> Option<E164> {
        NonZeroU64::new(digits).filter(|digits| digits.get() < E164_END).map(E164)
    }

    /// The integer of its digits.
    pub fn digits(self) -> u64 {
        self.0.get()
    }

    /// What matching compares.
    #[inline]
    pub fn identity(self) -> Identity {
        const MOBILE: u64 = (10 * ARGENTINA + 9) * 10_u64.pow(ARGENTINA_NATIONAL_DIGITS);
        const MOBILE_END: u64 = MOBILE + 10_u64.pow(ARGENTINA_NATIONAL_DIGITS);
        match self.digits() {
            digits @ MOBILE..MOBILE_END => {
                let folded = digits - MOBILE + ARGENTINA * 10_u64.pow(ARGENTINA_NATIONAL_DIGITS);
                Identity(NonZeroU64::new(folded).unwrap_or(self.0))
            }
            _ => Identity(self.0),
        }
    }

    /// ISO 3166 alpha-2 of the region, `001` for a calling code of no region. A number that is in no known
    /// range counts for the main region of its calling code; `ZZ` if there is no such code.
    pub fn region(self) -> &'static str {
        self.parsed().map_or("ZZ", |number| number.likely_region().iso())
    }

    /// The kind of number.
    pub fn kind(self) -> LineType {
        self.parsed().map_or(LineType::Unknown, |number| number.kind())
    }

    /// Whether the number is in a range that is known to be assigned.
    pub fn is_valid(self) -> bool {
        self.kind() != LineType::Unknown
    }

    /// ISO 3166 alpha-2 as [`E164::region`] says it, and whether the number is of a kind that hardly ever has WhatsApp, as
    /// [`crate::rule::Code::NumberTypeUnlikely`] means it; in one look.
    pub fn origin(self) -> (&'static str, bool) {
        let Some(number) = self.parsed() else { return ("ZZ", false) };
        (number.likely_region().iso(), judge::is_unlikely(&number, number.kind()))
    }

    fn parsed(self) -> Option<plan::Parsed> {
        plan::of_e164(&Digits::from_integer(self.digits()))
    }
}

impl Identity {
    /// The identity with these digits, as [`Identity::digits`] gave them. `None` for 0 and more than 19
    /// digits.
    pub fn from_digits(digits: u64) -> Option<Identity> {
        E164::from_digits(digits).map(|number| Identity(number.0))
    }

    /// The integer of its digits.
    pub fn digits(self) -> u64 {
        self.0.get()
    }
}

impl LineType {
    /// In the order of the table's verdicts, which count from 1 (build/phone.rs).
    const BY_VERDICT: [LineType; 12] = [
        LineType::Unknown,
        LineType::FixedLine,
        LineType::Mobile,
        LineType::FixedLineOrMobile,
        LineType::TollFree,
        LineType::PremiumRate,
        LineType::SharedCost,
        LineType::Voip,
        LineType::PersonalNumber,
        LineType::Pager,
        LineType::Uan,
        LineType::Voicemail,
    ];

    /// How many verdicts there are.
    const VERDICTS: usize = LineType::BY_VERDICT.len();

    const fn of_verdict(verdict: u8) -> LineType {
        LineType::BY_VERDICT[verdict as usize]
    }
}

impl Region {
    /// How many there are.
    pub const COUNT: usize = table::PLANS_LEN;

    /// All of them, in the order of [`Region::index`].
    pub fn all() -> impl Iterator<Item = Region> {
        (0..Region::COUNT).map(|at| Region(at as u8))
    }

    /// Its place among all, below [`Region::COUNT`], so that counts can be kept in an array. It changes with
    /// the metadata.
    pub fn index(self) -> u16 {
        u16::from(self.0)
    }

    /// The region with this ISO 3166 alpha-2 code, in either case; `None` if it has no numbering plan.
    pub fn from_iso(iso: &str) -> Option<Region> {
        let named = |plan: &table::Plan| plan.iso.eq_ignore_ascii_case(iso) && plan.iso.len() == 2;
        table::PLANS.iter().position(named).map(|at| Region(at as u8))
    }

    /// ISO 3166 alpha-2, upper case; `001` for every calling code of no region.
    pub fn iso(self) -> &'static str {
        self.plan().iso
    }

    fn plan(self) -> &'static table::Plan {
        &table::PLANS[usize::from(self.0)]
    }
}

const _: () = assert!(table::PLANS_LEN <= 255, "a region is one byte");

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        redacted(self.digits(), f)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        redacted(self.digits(), f)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.iso())
    }
}

fn redacted(digits: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match plan::of_e164(&Digits::from_integer(digits)) {
        Some(number) => write!(f, "+{}…{:02}", number.calling_code(), digits % 100),
        None => write!(f, "+…{:02}", digits % 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(digits: u64) -> E164 {
        E164::from_digits(digits).unwrap()
    }

    #[test]
    fn debug_does_not_tell_the_number_and_display_does() {
        assert_eq!(format!("{:?}", number(905_301_112_233)), "+90…33");
        assert_eq!(format!("{:?}", number(905_301_112_233).identity()), "+90…33");
        assert_eq!(format!("{:?}", Digits::from_integer(905_301_112_233)), "12 digits");
        assert_eq!(number(905_301_112_233).to_string(), "+905301112233");
    }

    #[test]
    fn an_argentine_mobile_is_one_person_with_and_without_its_nine() {
        assert_eq!(number(5_491_123_456_789).identity(), number(541_123_456_789).identity());
        assert_eq!(number(541_123_456_789).identity().digits(), 541_123_456_789);
        assert_eq!(number(905_301_112_233).identity().digits(), 905_301_112_233);
        // Not thirteen digits, so the 9 is no mobile 9.
        assert_eq!(number(54_911_234_567).identity().digits(), 54_911_234_567);
    }

    #[test]
    fn integers_tell_region_and_kind() {
        for (digits, region, kind) in [
            (905_321_234_567, "TR", LineType::Mobile),
            (905_111_112_233, "TR", LineType::Unknown),
            (14_165_550_123, "CA", LineType::FixedLineOrMobile),
            (11_231_234_567, "US", LineType::Unknown),
            (390_669_812_345, "VA", LineType::FixedLine),
            (80_012_345_678, "001", LineType::TollFree),
            (999_123_456, "ZZ", LineType::Unknown),
        ] {
            assert_eq!((number(digits).region(), number(digits).kind()), (region, kind), "{digits}");
        }
        assert_eq!(E164::from_digits(0), None);
        assert_eq!(E164::from_digits(10_000_000_000_000_000_000), None);
    }

    #[test]
    fn regions_are_named_by_iso_codes() {
        for iso in ["TR", "tr", "GG", "US", "ZW"] {
            assert_eq!(Region::from_iso(iso).unwrap().iso(), iso.to_ascii_uppercase());
        }
        for iso in ["", "T", "TUR", "001", "ZZ", "XX"] {
            assert_eq!(Region::from_iso(iso), None, "{iso}");
        }
        assert_eq!(METADATA_VERSION.split('.').count(), 3);
    }
}
