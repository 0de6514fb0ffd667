//! What a caller may say about a file before it is judged. Bad options are the caller's fault, never the data's.

use crate::csv::encoding::Encoding;
use crate::diagnostic::clip;
use crate::limits::ATTRIBUTES_MAX;
use crate::permission::Permission;
use crate::phone::{Accept, Region};

use super::role::{Role, fold, fold_case};

/// How to read a consent file.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    pub(super) vocabulary: Vocabulary,
    pub(super) country: Option<Region>,
    pub(super) accept: Accept,
    pub(super) map: Vec<(Role, String)>,
    pub(super) attributes: Vec<String>,
    pub(super) delimiter: Option<u8>,
    pub(super) encoding: Option<Encoding>,
}

impl Default for CheckOptions {
    fn default() -> Self {
        CheckOptions {
            vocabulary: Vocabulary::default(),
            country: None,
            accept: Accept::Possible,
            map: Vec::new(),
            attributes: Vec::new(),
            delimiter: None,
            encoding: None,
        }
    }
}

/// What else to give out while judging. Never changes the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Emit {
    /// Accepted rows, through [`super::Checker::take_rows`].
    pub rows: bool,
    /// Every diagnostic, through [`super::Checker::take_diagnostics`].
    pub diagnostics: bool,
    /// Rejected rows as CSV, through [`super::Checker::take_rejects`].
    pub rejects: bool,
}

/// An option that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionsError {
    /// Which option.
    pub option: &'static str,
    /// What was wrong and what would be right.
    pub message: String,
}

impl OptionsError {
    fn new(option: &'static str, message: String) -> OptionsError {
        OptionsError { option, message }
    }
}

impl CheckOptions {
    /// Declares what permission cells mean, for example `1=in,2=out,0=out` or `yes=in,no=out`. Values compare
    /// without case. Words are `in`, `out` and `reject`. A list that says what `in` is replaces the default
    /// vocabulary; one that does not (`0=reject`) changes it.
    pub fn permission(mut self, text: &str) -> Result<Self, OptionsError> {
        self.vocabulary = Vocabulary::parse(text).map_err(|m| OptionsError::new("permission", m))?;
        Ok(self)
    }

    /// The country of numbers without a country code, as ISO 3166 alpha-2.
    pub fn country(mut self, iso: &str) -> Result<Self, OptionsError> {
        let region = Region::from_iso(&iso.trim().to_ascii_uppercase());
        self.country = Some(region.ok_or_else(|| {
            OptionsError::new("country", format!("`{iso}` is no country; give two letters, for example `TR`"))
        })?);
        Ok(self)
    }

    /// Says which header cell stands for a column.
    pub fn map(mut self, column: &str, header: &str) -> Result<Self, OptionsError> {
        let role = Role::from_name(column).ok_or_else(|| {
            let known = Role::ALL.map(Role::name).join("`, `");
            OptionsError::new("map", format!("`{column}` is no column; the columns are `{known}`"))
        })?;
        if self.map.iter().any(|(mapped, _)| *mapped == role) {
            return Err(OptionsError::new("map", format!("`{}` is mapped twice", role.name())));
        }
        self.map.push((role, header.to_owned()));
        Ok(self)
    }

    /// Keeps a further column as a profile attribute.
    pub fn attribute(mut self, header: &str) -> Result<Self, OptionsError> {
        if fold(header).is_empty() {
            return Err(OptionsError::new("attribute", "an attribute needs the name of a column".to_owned()));
        }
        if self.attributes.len() == ATTRIBUTES_MAX {
            return Err(OptionsError::new(
                "attribute",
                format!("at most {ATTRIBUTES_MAX} attributes can be kept"),
            ));
        }
        if !self.attributes.iter().any(|kept| fold(kept) == fold(header)) {
            self.attributes.push(header.trim().to_owned());
        }
        Ok(self)
    }

    /// The delimiter: `,` `;` `|`, a tab or the word `tab`.
    pub fn delimiter(mut self, text: &str) -> Result<Self, OptionsError> {
        self.delimiter = Some(match text {
            "," | ";" | "|" | "\t" => text.as_bytes()[0],
            "tab" | "\\t" => b'\t',
            _ => {
                let message = format!("`{text}` is no delimiter; use `,` `;` `|` or `tab`");
                return Err(OptionsError::new("delimiter", message));
            }
        });
        Ok(self)
    }

    /// The encoding, by label.
    pub fn encoding(mut self, label: &str) -> Result<Self, OptionsError> {
        self.encoding = Some(Encoding::from_label(label).ok_or_else(|| {
            let known = Encoding::labels().collect::<Vec<_>>().join(", ");
            OptionsError::new("encoding", format!("`{label}` is no encoding known here; known are {known}"))
        })?);
        Ok(self)
    }

    /// Whether numbers need only be possible (`possible`, the default) or assigned (`valid`).
    pub fn numbers(mut self, word: &str) -> Result<Self, OptionsError> {
        self.accept = match word {
            "possible" => Accept::Possible,
            "valid" => Accept::Valid,
            _ => {
                let message = format!("`{word}` is neither `possible` nor `valid`");
                return Err(OptionsError::new("numbers", message));
            }
        };
        Ok(self)
    }

    /// The attributes declared, in order.
    pub fn attribute_names(&self) -> &[String] {
        &self.attributes
    }
}

/// What a permission cell was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Says(Permission),
    ZeroAssumed,
    Unknown,
}

/// Which cell values mean what.
#[derive(Clone, Debug)]
pub(super) struct Vocabulary {
    words: Vec<(String, Option<Permission>)>,
    zero_assumed: bool,
    declared: bool,
}

impl Default for Vocabulary {
    fn default() -> Self {
        let words = [Permission::OptIn, Permission::OptOut].map(|p| (p.cell().to_owned(), Some(p)));
        Vocabulary { words: words.into(), zero_assumed: true, declared: false }
    }
}

impl Vocabulary {
    fn parse(text: &str) -> Result<Vocabulary, String> {
        let mut words: Vec<(String, Option<Permission>)> = Vec::new();
        for pair in text.split(',') {
            let example = "write for example `1=in,2=out,0=reject`";
            let Some((value, meaning)) = pair.split_once('=') else {
                return Err(format!("`{pair}` is no pair; {example}"));
            };
            let meaning = match meaning.trim().to_ascii_lowercase().as_str() {
                "in" | "opt_in" => Some(Permission::OptIn),
                "out" | "opt_out" => Some(Permission::OptOut),
                "reject" => None,
                other => return Err(format!("`{other}` is neither `in`, `out` nor `reject`; {example}")),
            };
            let value = fold_case(value.trim());
            if value.is_empty() {
                return Err(format!("an empty cell never says anything; {example}"));
            }
            if words.iter().any(|(known, _)| *known == value) {
                return Err(format!("`{value}` is declared twice"));
            }
            words.push((value, meaning));
        }
        let mut vocabulary = Vocabulary { words, zero_assumed: false, declared: true };
        if !vocabulary.words.iter().any(|(_, meaning)| *meaning == Some(Permission::OptIn)) {
            let declares = |value: &str| vocabulary.words.iter().any(|(known, _)| known == value);
            vocabulary.zero_assumed = !declares("0");
            let kept: Vec<_> =
                Vocabulary::default().words.into_iter().filter(|(value, _)| !declares(value)).collect();
            vocabulary.words.extend(kept);
        }
        Ok(vocabulary)
    }

    /// What a declared vocabulary offers, for messages; the rules' own words say it for the default one.
    pub(super) fn choices(&self) -> Option<String> {
        let of = |permission: Permission, name: &str| {
            let words = self.words.iter().filter(|(_, meaning)| *meaning == Some(permission));
            let words: Vec<String> = words.map(|(word, _)| format!("`{}`", clip(word))).collect();
            (!words.is_empty()).then(|| format!("{} for {name}", words.join(" or ")))
        };
        let offers = [of(Permission::OptIn, "opt-in"), of(Permission::OptOut, "opt-out")];
        self.declared.then(|| offers.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }

    /// What a trimmed cell means.
    pub(super) fn read(&self, cell: &str) -> Meaning {
        let same = |known: &str| {
            // Folding is only needed for cells beyond ASCII; those are rare.
            if cell.is_ascii() { known.eq_ignore_ascii_case(cell) } else { known == fold_case(cell) }
        };
        match self.words.iter().find(|(known, _)| same(known)) {
            Some((_, Some(permission))) => Meaning::Says(*permission),
            Some((_, None)) => Meaning::Unknown,
            None if self.zero_assumed && cell == "0" => Meaning::ZeroAssumed,
            None => Meaning::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_unknown_becomes_an_opt_in() {
        let says = |text: &str, cell: &str| Vocabulary::parse(text).unwrap().read(cell);
        let default = Vocabulary::default();
        assert_eq!(default.read("1"), Meaning::Says(Permission::OptIn));
        assert_eq!(default.read("2"), Meaning::Says(Permission::OptOut));
        assert_eq!(default.read("0"), Meaning::ZeroAssumed);
        for cell in ["3", "yes", "true", "-1", "10", "1.0", "in"] {
            assert_eq!(default.read(cell), Meaning::Unknown, "{cell}");
        }
        assert_eq!(says("Yes=in,no=out", "YES"), Meaning::Says(Permission::OptIn));
        assert_eq!(says("yes=in,no=out", "1"), Meaning::Unknown);
        assert_eq!(says("1=in,0=out", "0"), Meaning::Says(Permission::OptOut));
        assert_eq!(says("1=in,0=out", "2"), Meaning::Unknown);
        assert_eq!(says("0=reject", "0"), Meaning::Unknown);
        assert_eq!(says("0=reject", "1"), Meaning::Says(Permission::OptIn));
        for cell in ["HAYIR", "hayır", "Hayir"] {
            assert_eq!(says("hayır=out", cell), Meaning::Says(Permission::OptOut), "{cell}");
        }
        assert_eq!(says("x=reject", "0"), Meaning::ZeroAssumed);
        for bad in ["1", "1=maybe", "=in", "1=in,1=out", ""] {
            assert!(Vocabulary::parse(bad).is_err(), "{bad}");
        }
    }
}
