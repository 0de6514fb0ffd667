//! One record → one verdict. Every rule about a row lives here.

use crate::csv::Record;
use crate::limits::EXID_BYTES_MAX;
use crate::permission::Permission;
use crate::phone::{E164, NumberColumn, NumberOptions, Region};
use crate::rule::{Code, CodeSet};

use super::email::is_email;
use super::header::Columns;
use super::options::{CheckOptions, Meaning};
use super::role::Role;

/// Cells of one record as text.
pub(super) struct Cells<'a> {
    text: &'a str,
    ends: &'a [usize],
    gap: usize,
}

impl<'a> Cells<'a> {
    /// Cells that end at `ends`, with `gap` bytes between two of them.
    pub(super) fn new(text: &'a str, ends: &'a [usize], gap: usize) -> Cells<'a> {
        Cells { text, ends, gap }
    }

    /// The first cell that holds this character.
    fn holding(&self, ch: char) -> Option<usize> {
        let byte = self.text.find(ch)?;
        Some(self.ends.partition_point(|end| *end <= byte))
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// One cell, without the blanks around it; empty when there is none.
    pub(super) fn get(&self, at: usize) -> &'a str {
        trimmed(self.raw(at))
    }

    /// One cell as it stood.
    pub(super) fn raw(&self, at: usize) -> &'a str {
        let Some(&end) = self.ends.get(at) else { return "" };
        let start = if at == 0 { 0 } else { self.ends[at - 1] + self.gap };
        &self.text[start..end]
    }
}

/// A cell without the blanks around it.
#[inline]
pub(super) fn trimmed(cell: &str) -> &str {
    match cell.as_bytes() {
        // Most cells neither begin nor end with anything that could be a blank.
        [b'!'..=b'~', .., b'!'..=b'~'] | [b'!'..=b'~'] | [] => cell,
        _ => cell.trim(),
    }
}

/// What became of one row.
#[derive(Default)]
pub(super) struct Verdict<'a> {
    pub number: Option<E164>,
    pub region: Option<Region>,
    pub permission: Option<Permission>,
    pub msisdn: Option<E164>,
    pub exid: &'a str,
    pub email: &'a str,
    pub codes: CodeSet,
}

/// Receives the findings of one row.
pub(super) trait Hear {
    /// One finding: its code, the column if it is about one, what stood there, and what else is to be said.
    fn say(&mut self, code: Code, column: Option<usize>, found: &str, detail: Detail);
}

/// What a diagnostic may say beyond its rule's words.
pub(super) enum Detail {
    None,
    Fix(String),
    Message(String),
}

/// Judges the cells of a record that could be read.
pub(super) fn judge<'a>(
    cells: &Cells<'a>,
    columns: &Columns,
    options: &CheckOptions,
    out: &mut impl Hear,
) -> Verdict<'a> {
    let mut verdict = Verdict::default();
    if let Some(message) = width_problem(cells, columns) {
        verdict.codes.insert(Code::RowWidth);
        out.say(Code::RowWidth, None, cells.raw(0), Detail::Message(message));
        return verdict;
    }
    let at = |role: Role| columns.at(role);
    let cell = |role: Role| at(role).map_or("", |column| cells.get(column));

    let number_cell = cell(Role::WpNumber);
    if number_cell.is_empty() {
        verdict.codes.insert(Code::NumberMissing);
        out.say(Code::NumberMissing, at(Role::WpNumber), "", Detail::None);
    } else {
        let reading = crate::phone::read(number_cell, &number_options(NumberColumn::WpNumber, options));
        verdict.number = reading.number;
        verdict.region = reading.region;
        verdict.codes = reading.codes;
        for code in reading.codes.iter() {
            let fix = reading.number.filter(|_| rewrites(code));
            let detail = fix.map_or(Detail::None, |number| Detail::Fix(number.to_string()));
            out.say(code, at(Role::WpNumber), number_cell, detail);
        }
    }

    let permission_cell = cell(Role::Permission);
    let permission_code = match permission_cell {
        "" => Some(Code::PermissionMissing),
        _ => match options.vocabulary.read(permission_cell) {
            Meaning::Says(permission) => {
                verdict.permission = Some(permission);
                None
            }
            Meaning::ZeroAssumed => {
                verdict.permission = Some(Permission::OptOut);
                Some(Code::PermissionZero)
            }
            Meaning::Unknown => Some(Code::PermissionUnknown),
        },
    };
    if let Some(code) = permission_code {
        verdict.codes.insert(code);
        let detail = match (code, options.vocabulary.choices()) {
            (Code::PermissionZero, _) => Detail::Fix(Permission::OptOut.cell().to_owned()),
            (Code::PermissionMissing, Some(choices)) => {
                Detail::Message(format!("There is no permission. Fill in {choices}."))
            }
            (_, Some(choices)) => {
                Detail::Message(format!("The permission is not one of the declared values. Use {choices}."))
            }
            (_, None) => Detail::None,
        };
        out.say(code, at(Role::Permission), permission_cell, detail);
    }

    let msisdn_cell = cell(Role::Msisdn);
    if !msisdn_cell.is_empty() {
        let reading = crate::phone::read(msisdn_cell, &number_options(NumberColumn::Msisdn, options));
        verdict.msisdn = reading.number.filter(|_| !reading.codes.has_error());
        if verdict.msisdn.is_none() {
            verdict.codes.insert(Code::MsisdnInvalid);
            out.say(Code::MsisdnInvalid, at(Role::Msisdn), msisdn_cell, Detail::None);
        }
    }

    let email_cell = cell(Role::Email);
    if is_email(email_cell) {
        verdict.email = email_cell;
    } else if !email_cell.is_empty() {
        verdict.codes.insert(Code::EmailInvalid);
        out.say(Code::EmailInvalid, at(Role::Email), email_cell, Detail::None);
    }

    let exid_cell = cell(Role::Exid);
    if exid_cell.len() <= EXID_BYTES_MAX {
        verdict.exid = exid_cell;
    } else {
        verdict.codes.insert(Code::ExidTooLong);
        out.say(Code::ExidTooLong, at(Role::Exid), exid_cell, Detail::None);
    }
    verdict
}

/// What a record is when its cells cannot be looked at: too long, not text, or cells of unsure ends. `cells` is the record's text, or the
/// first cell that is none.
pub(super) fn unreadable(
    record: &Record<'_>,
    cells: &Result<Cells<'_>, usize>,
    out: &mut impl Hear,
) -> Option<Code> {
    let no_text = match cells {
        Ok(cells) => cells.holding('\0'),
        Err(cell) => Some(*cell),
    };
    let (code, column) = if record.too_long {
        (Code::RowTooLong, None)
    } else if let Some(column) = record.long_field {
        (Code::FieldTooLong, Some(column))
    } else if let Some(column) = no_text {
        (Code::EncodingUnreadable, Some(column))
    } else {
        (Code::QuoteUnclosed, Some(record.stray_quote?))
    };
    let found = String::from_utf8_lossy(record.get(column.unwrap_or(0))).into_owned();
    // What is shown is an excerpt for people; U+FFFD would hide the very bytes that are wrong.
    out.say(code, column, &found.replace('\u{fffd}', "·"), Detail::None);
    Some(code)
}

/// How the cells of a column are read.
pub(super) fn number_options(column: NumberColumn, options: &CheckOptions) -> NumberOptions {
    NumberOptions { column, country: options.country, accept: options.accept }
}

fn rewrites(code: Code) -> bool {
    use Code::{NumberCountryAssumed, NumberLegacyForm, NumberPlusMissing, NumberUnwrapped};
    matches!(code, NumberPlusMissing | NumberCountryAssumed | NumberLegacyForm | NumberUnwrapped)
}

/// Empty cells after the last column are what spreadsheets leave behind; anything else is a shifted row.
fn width_problem(cells: &Cells<'_>, columns: &Columns) -> Option<String> {
    let header = columns.headers.len();
    let used = columns.headers.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
    let too_wide = (header..cells.len()).any(|at| !cells.get(at).is_empty());
    let too_narrow = cells.len() < used;
    (too_wide || too_narrow).then(|| {
        format!(
            "The record has {} cells and the header has {used}. Quote cells that contain the delimiter, or \
             complete the row.",
            cells.len()
        )
    })
}
