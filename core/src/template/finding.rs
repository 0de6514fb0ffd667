//! One finding about a template: data only.

use crate::diagnostic::clip;

use super::rule::Code;
use crate::json::Json;

/// What was found where in a template, and what to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Which rule spoke.
    pub code: Code,
    /// Where: a JSON pointer (RFC 6901) into the document, or a key of the values for what is sent.
    pub path: String,
    /// What stood there, clipped.
    pub found: String,
    /// One sentence or two for people: what, and how to cure it.
    pub message: String,
    /// What to write instead, where one answer is safe. Applied in order.
    pub fix: Vec<Edit>,
}

/// One replacement.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// JSON pointer of what is replaced.
    pub path: String,
    /// By what.
    pub value: Json<'static>,
}

impl Finding {
    /// A finding in the rule's own words.
    pub fn new(code: Code, path: impl Into<String>, found: &str) -> Finding {
        Finding::at(code, path.into(), found)
    }

    /// Apart from the rest, as all that is said only where something is wrong: it is called from a hundred places.
    #[cold]
    #[inline(never)]
    fn at(code: Code, path: String, found: &str) -> Finding {
        let rule = code.rule();
        let message = sentences(rule.what, rule.cure);
        Finding { code, path, found: clip(found), message, fix: Vec::new() }
    }

    /// The same with more exact words for what was found; the cure stays.
    #[cold]
    #[inline(never)]
    pub fn saying(mut self, what: &str) -> Finding {
        self.message = sentences(what, self.code.rule().cure);
        self
    }

    /// The same with a safe replacement.
    pub fn fixed_by(mut self, path: impl Into<String>, text: impl Into<String>) -> Finding {
        self.fix.push(Edit { path: path.into(), value: Json::text(text.into()) });
        self
    }
}

fn sentences(what: &str, cure: &str) -> String {
    let mut chars = what.chars();
    let first = chars.next().map(char::to_uppercase).into_iter().flatten();
    let mut out: String = first.collect();
    out.push_str(chars.as_str());
    out.push_str(". ");
    out.push_str(cure);
    out
}
