//! The table of everything a diagnostic can say. README, docs, the TypeScript union and the panel's texts
//! are rendered from [`RULES`]; nothing keeps a second list of codes.

/// What a diagnostic means for its row or file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The row is rejected, or the file is refused.
    Error,
    /// Worth knowing; nothing is rejected.
    Warning,
}

impl Severity {
    /// The word on the wire: `error` or `warning`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The file as a whole; an error here refuses the file.
    File,
    /// One data record.
    Row,
    /// A record against the profiles already known; arises in an import only.
    Import,
}

/// One entry of [`RULES`].
#[derive(Debug)]
pub struct Rule {
    /// The code this entry explains.
    pub code: Code,
    /// Stable identifier in JSON, CLI and docs.
    pub id: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// File, row or import.
    pub scope: Scope,
    /// What was found.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about it.
    pub cure: &'static str,
}

macro_rules! rules {
    ($($variant:ident $id:literal $severity:ident $scope:ident { $what:literal, $why:literal, $cure:literal })*) => {
        /// A diagnostic's code. The order is part of the digest: new codes are added at the end.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Code { $(#[doc = $what] $variant),* }

        /// Every rule, in the order of [`Code`].
        pub static RULES: &[Rule] = &[$(Rule {
            code: Code::$variant, id: $id, severity: Severity::$severity, scope: Scope::$scope,
            what: $what, why: $why, cure: $cure,
        }),*];
    };
}

rules! {
    FileEmpty "file-empty" Error File {
        "the file has no content",
        "An empty file is nearly always a failed export.",
        "Export the list again and check its size before uploading." }
    HeaderMissing "header-missing" Error File {
        "the first line is not a header",
        "Without column names nobody can say which cell is the number and which the permission.",
        "Put a header line first, for example `exid,email,msisdn,wpNumber,permission`." }
    ColumnMissing "column-missing" Error File {
        "a column that is needed is not in the header",
        "A consent needs a WhatsApp number and a permission in every row.",
        "Add the column, or say which header stands for it with a mapping." }
    ColumnDuplicate "column-duplicate" Error File {
        "two header cells stand for the same column",
        "One of the two would be ignored, and nobody could tell which.",
        "Remove or rename one of them, or choose one with a mapping." }
    ColumnUnknown "column-unknown" Warning File {
        "some columns are not used",
        "They are neither identifiers nor consent, and nobody declared them as attributes.",
        "Nothing to do if that is meant; otherwise declare them as attributes or map them." }
    EncodingAssumed "encoding-assumed" Warning File {
        "bytes that are not UTF-8 were read as Windows-1254",
        "Turkish Excel saves CSV files that way; another code page would give other letters.",
        "Save as “CSV UTF-8”, or declare the encoding." }
    EncodingUnreadable "encoding-unreadable" Error Row {
        "these bytes are not text in the file's encoding",
        "A letter that cannot be read would have to be guessed, and nothing is replaced in silence.",
        "Save the file as “CSV UTF-8”, or declare its encoding." }
    QuoteUnclosed "quote-unclosed" Error Row {
        "a quotation mark opens a cell and is not closed where the cell ends",
        "Cells or whole rows would run together; where lines did, the file is refused, so that no row is lost.",
        "Close the quotation mark, or double it if it belongs to the text." }
    FieldTooLong "field-too-long" Error Row {
        "a cell is longer than 4,096 bytes",
        "No identifier is that long; it is usually a shifted column or a missing line break.",
        "Shorten the cell or repair the line." }
    RowTooLong "row-too-long" Error Row {
        "a record is longer than 65,536 bytes",
        "It is usually a file without line breaks, or a quotation mark that closes too late.",
        "Repair the line breaks around this place." }
    RowWidth "row-width" Error Row {
        "the record does not have as many cells as the header",
        "A shifted cell could turn one person's permission into another's.",
        "Quote cells that contain the delimiter, or complete the row." }
    NumberMissing "number-missing" Error Row {
        "there is no WhatsApp number",
        "Consent belongs to a number.",
        "Fill in the number with its country code." }
    NumberNoCountryCode "number-no-country-code" Error Row {
        "the country code is missing or does not exist",
        "The same digits are different people in different countries; without + they are believed only when valid.",
        "Write the number as `+` country code number, or declare a default country." }
    NumberTooShort "number-too-short" Error Row {
        "the number has too few digits for its country",
        "Digits were lost on the way.",
        "Get the full number from the source." }
    NumberTooLong "number-too-long" Error Row {
        "the number has too many digits for its country",
        "Two values ran together, or a digit was typed twice.",
        "Correct the number." }
    NumberInvalid "number-invalid" Error Row {
        "there is no such number in its country",
        "Its length or form is not possible there; or only assigned ranges are accepted, and this one is not.",
        "Correct the number." }
    NumberUnassigned "number-unassigned" Warning Row {
        "the number is possible, but no such range is assigned as far as is known",
        "Numbering plans open ranges faster than software is updated, so it is accepted.",
        "Check it if many of your numbers look like this." }
    NumberNotDigits "number-not-digits" Error Row {
        "the cell holds something other than one phone number",
        "Letters, masks, extensions and several numbers in one cell cannot be messaged.",
        "Leave exactly one number, digits only, with its country code." }
    NumberExcelDamaged "number-excel-damaged" Error Row {
        "Excel has replaced digits by an exponent",
        "The lost digits are not in the file any more and are never guessed.",
        "Format the column as text before typing or importing, and export again." }
    NumberPlusMissing "number-plus-missing" Warning Row {
        "the number has no leading +",
        "Excel removes it; the digits are valid with their country code, so they were read that way.",
        "Nothing to do; a text column keeps the + next time." }
    NumberCountryAssumed "number-country-assumed" Warning Row {
        "the number was completed with the declared country",
        "It stood in national form.",
        "Nothing to do if the country is right for this row." }
    NumberLegacyForm "number-legacy-form" Warning Row {
        "the number stood in a form its numbering plan has left, and was rewritten",
        "WhatsApp still knows some Mexican and Brazilian numbers that way; both are one person.",
        "Nothing to do." }
    NumberUnwrapped "number-unwrapped" Warning Row {
        "the number was taken out of a link, a formula, a number format or invisible marks",
        "Phones and spreadsheets wrap numbers when they are copied.",
        "Nothing to do." }
    NumberTypeUnlikely "number-type-unlikely" Warning Row {
        "this kind of number hardly ever has WhatsApp",
        "Pagers, premium-rate, satellite, voicemail and shared-cost numbers seldom belong to a person.",
        "Check that it is the person's own number." }
    PermissionMissing "permission-missing" Error Row {
        "there is no permission",
        "Nobody is messaged without a recorded yes.",
        "Fill in 1 for opt-in or 2 for opt-out." }
    PermissionUnknown "permission-unknown" Error Row {
        "the permission is not a value of the vocabulary",
        "Nothing unknown ever becomes an opt-in.",
        "Use 1 (opt-in) or 2 (opt-out), or declare what your values mean." }
    PermissionZero "permission-zero" Warning Row {
        "permission 0 was read as opt-out",
        "Some systems write 0 for no; in doubt nobody is messaged.",
        "Write 2 for opt-out, or declare what 0 means." }
    EmailInvalid "email-invalid" Warning Row {
        "the e-mail address cannot be one, and is not used for this row",
        "A wrong identifier could match the wrong person.",
        "Correct it, or leave the cell empty." }
    MsisdnInvalid "msisdn-invalid" Warning Row {
        "the msisdn is not a phone number, and is not used for this row",
        "A wrong identifier could match the wrong person.",
        "Correct it, or leave the cell empty." }
    ExidTooLong "exid-too-long" Warning Row {
        "the exid is longer than 256 bytes, and is not used for this row",
        "An id of that length is usually a shifted column; a wrong identifier could match the wrong person.",
        "Shorten the id, or leave the cell empty." }
    NumberRepeated "number-repeated" Warning Row {
        "the number already stood in an earlier row of this file",
        "The later row decides.",
        "Nothing to do if the later row is the newer one." }
    IdentifiersConflict "identifiers-conflict" Warning Import {
        "the row's identifiers belong to different profiles",
        "The first in the order exid, email, msisdn, wpNumber decides; the others may be the same person.",
        "Check the profiles named here." }
    IdentifierDiffers "identifier-differs" Warning Import {
        "the profile that was matched holds another value for a stronger identifier of the row",
        "Two people may share this e-mail address or number: a likely wrong merge.",
        "Check whether the row and the profile are the same person." }
}

impl Code {
    /// The stable identifier, for example `number-too-short`.
    pub fn id(self) -> &'static str {
        self.rule().id
    }

    /// The table entry.
    pub fn rule(self) -> &'static Rule {
        &RULES[self as usize]
    }

    /// The code with this identifier, if there is one.
    pub fn from_id(id: &str) -> Option<Code> {
        RULES.iter().find(|rule| rule.id == id).map(|rule| rule.code)
    }

    /// The code at this place in [`RULES`].
    pub fn from_index(index: usize) -> Option<Code> {
        RULES.get(index).map(|rule| rule.code)
    }
}

/// A set of codes, as it stands on one row; one bit per code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CodeSet(pub u64);

impl CodeSet {
    /// No code.
    pub const EMPTY: CodeSet = CodeSet(0);

    /// Adds one code.
    pub fn insert(&mut self, code: Code) {
        self.0 |= 1 << code as u8;
    }

    /// Whether the code is in the set.
    pub fn contains(self, code: Code) -> bool {
        self.0 >> code as u8 & 1 == 1
    }

    /// Whether there is no code at all.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether any of the codes is an error.
    pub fn has_error(self) -> bool {
        self.0 & ERRORS != 0
    }

    /// The codes, in the order of [`RULES`].
    pub fn iter(self) -> impl Iterator<Item = Code> {
        // Most rows have no code at all, so this walks the bits and not the table.
        let mut bits = self.0;
        std::iter::from_fn(move || {
            let index = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
            bits &= bits - 1;
            Code::from_index(index)
        })
    }
}

const ERRORS: u64 = {
    let mut bits = 0;
    let mut at = 0;
    while at < RULES.len() {
        if matches!(RULES[at].severity, Severity::Error) {
            bits |= 1 << at;
        }
        at += 1;
    }
    bits
};

const _: () = assert!(RULES.len() <= 64, "CodeSet has 64 bits");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_documented_unique_and_in_its_place() {
        let mut seen = std::collections::HashSet::new();
        for (at, rule) in RULES.iter().enumerate() {
            assert_eq!(rule.code as usize, at);
            assert!(seen.insert(rule.id), "{} twice", rule.id);
            assert!(rule.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
            for text in [rule.what, rule.why, rule.cure] {
                assert!(text.len() > 10, "{}: {text:?} says too little", rule.id);
            }
            assert_eq!(Code::from_id(rule.id), Some(rule.code));
        }
    }
}
