//! What Meta refuses when a template is created or edited, written from the facts alone and shared with nobody: tests
//! hold the product's own lint against it. It must never come to use that lint.
//!
//! What the facts only call a warning is accepted here. What Meta decides later, in review, is in [`policy`].

pub(crate) mod buttons;
pub(crate) mod components;
pub(crate) mod emoji;
pub(crate) mod identity;
pub(crate) mod policy;
pub(crate) mod text;
pub(crate) mod variables;

use serde_json::Value;

use super::answer::Refusal;

/// A length that is too long.
pub(crate) const TOO_LONG: u32 = 2_388_040;
/// A header in the wrong format.
pub(crate) const HEADER_FORMAT: u32 = 2_388_047;
/// A footer in the wrong format.
pub(crate) const FOOTER_FORMAT: u32 = 2_388_073;
/// Too many variables for so few words.
pub(crate) const TOO_MANY_VARIABLES: u32 = 2_388_293;
/// A variable at the start or the end.
pub(crate) const DANGLING: u32 = 2_388_299;

/// Something for which a template is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// A JSON pointer to what is refused.
    pub path: String,
    /// Meta's sub-code, where one is documented.
    pub subcode: Option<u32>,
    /// Why, in a few words.
    pub title: &'static str,
    /// Why, in a sentence.
    pub text: String,
}

/// Everything for which Meta would refuse this template at its creation; nothing if it would go into review. Takes
/// the document of `POST /{waba}/message_templates`, whatever it holds.
pub fn judge(document: &Value) -> Vec<Objection> {
    let mut found = Objections::default();
    identity::judge(document, &mut found);
    // A template from Meta's library brings its own components.
    if !document["library_template_name"].is_string() || !document["components"].is_null() {
        components::judge(document, &mut found);
    }
    found.all
}

/// The first objection, as the API tells it.
pub(crate) fn refusal(document: &Value) -> Result<(), Refusal> {
    match judge(document).into_iter().next() {
        None => Ok(()),
        Some(objection) => {
            let text = format!("{} ({})", objection.text, objection.path);
            Err(Refusal::template(objection.subcode, objection.title, &text))
        }
    }
}

/// Objections as they are found.
#[derive(Debug, Default)]
pub(crate) struct Objections {
    all: Vec<Objection>,
}

impl Objections {
    /// Objects to something.
    pub(crate) fn add(
        &mut self,
        path: &str,
        subcode: Option<u32>,
        title: &'static str,
        text: impl Into<String>,
    ) {
        self.all.push(Objection { path: path.to_owned(), subcode, title, text: text.into() });
    }

    /// Objects to a parameter without more to say about it.
    pub(crate) fn parameter(&mut self, path: &str, text: impl Into<String>) {
        self.add(path, None, "Invalid parameter", text);
    }

    /// Objects to a text with more characters than this.
    pub(crate) fn length(&mut self, path: &str, text: &str, chars_max: usize) {
        let chars = text.chars().count();
        if chars > chars_max {
            let told = format!("There are {chars} characters where {chars_max} is the most.");
            self.add(path, Some(TOO_LONG), "Message is too long", told);
        }
    }
}

/// A word of the API in capitals; empty if it is no text.
pub(crate) fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_ascii_uppercase()
}
