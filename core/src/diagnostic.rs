//! One finding: what was found where, and what to do. Data only; text layouts live in `render`.

use crate::limits::FOUND_CHARS_MAX;
use crate::rule::Code;

/// Where in a consent file something was found. Zero and empty mean “no such place”.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Data record, counted from 1; 0 for the file or its header.
    pub row: u64,
    /// Physical line, counted from 1; 0 when the finding belongs to no line.
    pub line: u64,
    /// Header cell of the column, or empty.
    pub column: String,
}

/// One finding. See [`crate::rule::RULES`] for what each code means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which rule spoke.
    pub code: Code,
    /// Where.
    pub place: Place,
    /// What stood there, clipped to [`FOUND_CHARS_MAX`] characters.
    pub found: String,
    /// One sentence for people: what, and how to cure it.
    pub message: String,
    /// What to write instead, where one answer is safe.
    pub fix: Option<String>,
}

impl Diagnostic {
    /// A finding whose message is the rule's own words.
    pub fn new(code: Code, place: Place, found: &str) -> Diagnostic {
        let rule = code.rule();
        let message = format!("{}. {}", capitalised(rule.what), rule.cure);
        Diagnostic { code, place, found: clip(found), message, fix: None }
    }

    /// The same finding with words of its own in place of the rule's.
    pub fn saying(mut self, message: String) -> Diagnostic {
        self.message = message;
        self
    }

    /// The same finding with a safe replacement for what was found.
    pub fn fixed_by(mut self, fix: impl Into<String>) -> Diagnostic {
        self.fix = Some(fix.into());
        self
    }
}

/// The first [`FOUND_CHARS_MAX`] characters of a cell, with `…` where some were cut and control
/// characters made visible.
pub fn clip(cell: &str) -> String {
    let mut out = String::new();
    for (at, ch) in cell.chars().enumerate() {
        if at == FOUND_CHARS_MAX {
            out.push('…');
            break;
        }
        match ch {
            '\0'..='\u{1f}' => out.push(char::from_u32(0x2400 + ch as u32).unwrap_or('·')),
            '\u{7f}'..='\u{9f}' => out.push('·'),
            _ => out.push(ch),
        }
    }
    out
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
