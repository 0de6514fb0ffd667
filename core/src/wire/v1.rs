//! Version 1 of the JSON documents: options in, reports out. Additions are free, changes are breaking.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::consent::{CheckOptions, Checker, Emit, OptionsError};
use crate::limits::OPTIONS_BYTES_MAX;
use crate::phone::{self, Accept, NumberColumn, NumberOptions};
use crate::rule::{Code, RULES, Rule};
use crate::{diagnostic, matching, report};

/// How to read a consent file. Every field may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct Options {
    /// Vocabulary, for example `1=in,2=out,0=out`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    /// Default country as ISO 3166 alpha-2, for example `TR`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Column → header cell, for example `{"wpNumber": "Phone"}`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub map: BTreeMap<String, String>,
    /// Header cells to keep as profile attributes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
    /// `,` `;` `|` or a tab (also written `tab`); found by looking when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// Encoding label, for example `windows-1254`; UTF-8 or what the byte-order mark says when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// `possible` (the default) or `valid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numbers: Option<String>,
}

/// The verdict on a consent file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The file and how it was read.
    pub file: File,
    /// True when the file as a whole cannot be used; the diagnostics of severity `error` without a row say why.
    pub refused: bool,
    /// Row counts.
    pub counts: Counts,
    /// How often each code was found.
    pub codes: BTreeMap<String, u64>,
    /// Accepted rows by region (ISO 3166 alpha-2, or `001` for numbers of no country).
    pub regions: BTreeMap<String, u64>,
    /// The findings kept, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// Findings counted but not kept.
    pub diagnostics_omitted: u64,
    /// Who judged.
    pub engine: Engine,
    /// SHA-256 over the verdict of every row, in hex.
    pub digest: String,
}

/// The file a report is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// As the shell knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of the bytes as they came, in hex; filled in by shells that read the whole file anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Size.
    pub bytes: u64,
    /// Encoding the cells were read in.
    pub encoding: String,
    /// Delimiter found or declared.
    pub delimiter: String,
    /// Header cells and what each was taken as.
    pub columns: Vec<Column>,
}

/// One header cell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// As it stood in the file.
    pub header: String,
    /// `exid` `email` `msisdn` `wpNumber` `permission`, `attribute`, or absent when not used.
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// Row counts of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Data records; blank lines are none.
    pub rows: u64,
    /// Rows without an error.
    pub accepted: u64,
    /// Rows with an error.
    pub rejected: u64,
    /// Accepted rows with a warning.
    pub warned: u64,
    /// Accepted rows that opt in.
    pub opt_in: u64,
    /// Accepted rows that opt out.
    pub opt_out: u64,
    /// Accepted rows whose number stood in an earlier row.
    pub repeated_numbers: u64,
    /// True when there were more distinct numbers than are remembered, so that some repeats were not seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeats_incomplete: bool,
}

/// One finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// See the rules.
    pub code: String,
    /// `error` or `warning`.
    pub severity: String,
    /// Data record, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// Physical line, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Header cell of the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What stood there, clipped.
    pub found: String,
    /// One sentence for people.
    pub message: String,
    /// What to write instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// Who judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    /// Version of the core.
    pub version: String,
    /// SHA-256 of the engine's WebAssembly, in hex; filled in by the shell that loaded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Version of libphonenumber's metadata.
    pub number_metadata: String,
    /// True when the same core judged outside of WebAssembly; `sha256` is then that of the engine it ships with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub native: bool,
}

/// A rule as shells show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleText {
    /// Code.
    pub code: &'static str,
    /// `error` or `warning`.
    pub severity: &'static str,
    /// What was found.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub cure: &'static str,
}

/// What goes wrong when a caller asks for something that cannot be done. Never the data's fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Stable code, for example `option-invalid`.
    pub code: String,
    /// Which option.
    pub option: String,
    /// One sentence: what was wrong and what would be right.
    pub message: String,
}

/// Every rule, for shells that explain codes.
pub fn rules() -> Vec<RuleText> {
    let text = |rule: &Rule| RuleText {
        code: rule.id,
        severity: rule.severity.as_str(),
        what: rule.what,
        why: rule.why,
        cure: rule.cure,
    };
    RULES.iter().map(text).collect()
}

/// What one number cell says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    /// Digits of its E.164; absent when the cell holds no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digits: Option<u64>,
    /// ISO 3166 alpha-2, or `001` for numbers of no country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Codes, errors and warnings.
    pub codes: Vec<String>,
}

/// Reads one number in any spelling that a consent file may use for a WhatsApp number.
///
/// ```
/// assert_eq!(consentry_core::wire::v1::number("90 530 111 22 33").digits, Some(905301112233));
/// ```
pub fn number(cell: &str) -> Number {
    let options = NumberOptions { column: NumberColumn::WpNumber, country: None, accept: Accept::Possible };
    let reading = match cell.trim() {
        "" => return Number { codes: vec![Code::NumberMissing.id().into()], ..Number::default() },
        cell => phone::read(cell, &options),
    };
    Number {
        digits: reading.number.map(phone::E164::digits),
        region: reading.number.map(|number| number.region().into()),
        codes: reading.codes.iter().map(|code| code.id().into()).collect(),
    }
}

/// Judges a whole file at once, for shells that have it in memory.
///
/// ```
/// let report = consentry_core::wire::v1::check("{}", b"wpNumber,permission\n+905301112233,1\n").unwrap();
/// assert_eq!(report.counts.accepted, 1);
/// ```
pub fn check(options: &str, bytes: &[u8]) -> Result<Report, Failure> {
    let mut checker = Checker::new(Options::parse(options)?.build()?, Emit::default());
    checker.feed(bytes);
    Ok(Report::from(&checker.finish()))
}

impl Options {
    /// Reads an options document; an empty one means no options.
    pub fn parse(json: &str) -> Result<Options, Failure> {
        let failure =
            |message: String| Failure { code: "options-unreadable".into(), option: String::new(), message };
        if json.len() > OPTIONS_BYTES_MAX {
            return Err(failure(format!("the options are longer than {OPTIONS_BYTES_MAX} bytes")));
        }
        if json.trim().is_empty() {
            return Ok(Options::default());
        }
        serde_json::from_str(json).map_err(|error| failure(format!("the options cannot be read: {error}")))
    }

    /// The options as the core takes them.
    pub fn build(&self) -> Result<CheckOptions, Failure> {
        let mut built = CheckOptions::default();
        let set = |built: CheckOptions, value: &Option<String>, apply: Apply| match value {
            Some(value) => apply(built, value),
            None => Ok(built),
        };
        built = set(built, &self.permission, CheckOptions::permission)?;
        built = set(built, &self.country, CheckOptions::country)?;
        built = set(built, &self.delimiter, CheckOptions::delimiter)?;
        built = set(built, &self.encoding, CheckOptions::encoding)?;
        built = set(built, &self.numbers, CheckOptions::numbers)?;
        for (column, header) in &self.map {
            built = built.map(column, header)?;
        }
        for header in &self.attributes {
            built = built.attribute(header)?;
        }
        Ok(built)
    }
}

type Apply = fn(CheckOptions, &str) -> Result<CheckOptions, OptionsError>;

impl From<OptionsError> for Failure {
    fn from(error: OptionsError) -> Failure {
        Failure { code: "option-invalid".into(), option: error.option.into(), message: error.message }
    }
}

impl Engine {
    /// This core, without the hash that only a shell knows.
    pub fn this() -> Engine {
        Engine {
            version: env!("CARGO_PKG_VERSION").into(),
            sha256: None,
            number_metadata: phone::METADATA_VERSION.into(),
            native: false,
        }
    }
}

impl From<&report::Report> for Report {
    fn from(report: &report::Report) -> Report {
        let column = |(header, role): &(String, Option<&'static str>)| Column {
            header: header.clone(),
            role: role.map(str::to_owned),
        };
        // One by one: collecting a map sorts, and every page would download a sort for each type.
        let (mut codes, mut regions) = (BTreeMap::new(), BTreeMap::new());
        codes.extend(report.findings.counts().map(|(code, count)| (code.id().to_owned(), count)));
        regions.extend(report.regions.iter().map(|(region, count)| ((*region).to_owned(), *count)));
        Report {
            file: File {
                name: None,
                sha256: None,
                bytes: report.bytes,
                encoding: report.encoding.into(),
                delimiter: report.delimiter.into(),
                columns: report.columns.iter().map(column).collect(),
            },
            refused: report.refused,
            counts: Counts::from(&report.counts),
            codes,
            regions,
            diagnostics: report.findings.kept().iter().map(Diagnostic::from).collect(),
            diagnostics_omitted: report.findings.omitted(),
            engine: Engine::this(),
            digest: report.digest.clone(),
        }
    }
}

impl From<&report::Counts> for Counts {
    fn from(counts: &report::Counts) -> Counts {
        Counts {
            rows: counts.rows,
            accepted: counts.accepted,
            rejected: counts.rejected,
            warned: counts.warned,
            opt_in: counts.opt_in,
            opt_out: counts.opt_out,
            repeated_numbers: counts.repeated_numbers,
            repeats_incomplete: counts.repeats_incomplete,
        }
    }
}

impl From<&diagnostic::Diagnostic> for Diagnostic {
    fn from(diagnostic: &diagnostic::Diagnostic) -> Diagnostic {
        let some = |number: u64| (number > 0).then_some(number);
        Diagnostic {
            code: diagnostic.code.id().into(),
            severity: diagnostic.code.rule().severity.as_str().into(),
            row: some(diagnostic.place.row),
            line: some(diagnostic.place.line),
            column: Some(diagnostic.place.column.clone()).filter(|column| !column.is_empty()),
            found: diagnostic.found.clone(),
            message: diagnostic.message.clone(),
            fix: diagnostic.fix.clone(),
        }
    }
}

impl From<&matching::Finding> for Diagnostic {
    fn from(finding: &matching::Finding) -> Diagnostic {
        let profiles = finding.profiles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let place = diagnostic::Place { row: finding.row, line: finding.line, column: String::new() };
        Diagnostic::from(&diagnostic::Diagnostic::new(finding.code, place, &profiles))
    }
}
