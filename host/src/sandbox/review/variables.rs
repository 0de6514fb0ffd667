//! Placeholders in texts: how they are found, and what they may look like.

use std::collections::BTreeSet;

use super::Objections;

/// What stands between two pairs of braces, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A text taken apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) variables: Vec<Variable>,
    /// Braces that open and never close, or close what was never opened.
    pub(crate) mismatched: bool,
}

impl Parsed {
    /// Different names, in order.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.variables.iter().map(|variable| variable.name.as_str()).collect()
    }

    /// How many values a sender must give.
    pub(crate) fn count(&self) -> usize {
        self.names().len()
    }
}

/// Finds what is written in double braces. Single braces are text like any other, unless one of them is where the
/// second of a pair should be, as in `{{1}`.
pub(crate) fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let mut at = 0;
    while let Some(found) = text[at..].find("{{").map(|found| found + at) {
        if text[at..found].contains("}}") {
            parsed.mismatched = true;
        }
        let inside = &text[found + 2..];
        match inside.find("}}") {
            Some(length) if !inside[..length].contains("{{") => {
                let end = found + 2 + length + 2;
                parsed.variables.push(Variable { name: inside[..length].to_owned(), start: found, end });
                at = end;
                // `{{1}}}` closes once too often, as `{{{1}}` opens.
                parsed.mismatched |= text[end..].starts_with('}');
            }
            _ => {
                parsed.mismatched = true;
                at = found + 2;
            }
        }
    }
    parsed.mismatched |= text[at..].contains("}}");
    parsed
}

/// Holds the names of one text against the format of the template.
///
/// - Positional: whole numbers from 1 on without a gap, in any order, each as often as one likes.
/// - Named: a small letter, then small letters, digits and `_`. The documentation knows no digits, WhatsApp Manager
///   takes them; its 32 characters are no documented limit, so longer names pass. A name may stand once: the
///   documentation wants names to be unique.
pub(crate) fn judge(path: &str, parsed: &Parsed, named: bool, found: &mut Objections) {
    if parsed.mismatched {
        found.parameter(path, "The braces of a variable do not match.");
    }
    let names = parsed.names();
    if named {
        if !names.iter().all(|name| is_named(name)) {
            found.parameter(path, "Named variables consist of lower-case letters, digits and underscores.");
        }
        if names.len() < parsed.variables.len() {
            found.parameter(path, "Names of variables must be unique.");
        }
        return;
    }
    let numbers: Option<BTreeSet<usize>> = names.iter().map(|name| number(name)).collect();
    match numbers {
        None => found.parameter(path, "Variables must be whole numbers in double braces."),
        Some(numbers) if numbers.iter().copied().ne(1..=numbers.len()) => {
            found.parameter(path, "Variables must be numbered from 1 on without a gap.");
        }
        Some(_) => {}
    }
}

/// The number a positional variable stands for.
pub(crate) fn number(name: &str) -> Option<usize> {
    let plain = !name.starts_with('0') && name.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| name.parse().ok()).flatten()
}

fn is_named(name: &str) -> bool {
    name.starts_with(|ch: char| ch.is_ascii_lowercase())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}
