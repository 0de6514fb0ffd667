//! What became of a request: Meta said yes, Meta said no, it never left, or nobody knows. The last is the one that matters:
//! what may have happened is never simply done again.

use consentry_core::campaign::errors::{self, Action, ErrorRule};
use serde_json::Value;

/// Longest text of Meta's that is kept, in characters.
const TEXT_CHARS_MAX: usize = 1000;

/// Shortest word that may be a token, in characters: all that are known begin with EAA and are much longer.
const TOKEN_CHARS_MIN: usize = 12;

/// Why there is no answer to go on with.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// Meta refused: for certain, nothing happened.
    Refused(Box<MetaError>),
    /// Nothing left this machine, for the reason that is told.
    NotSent(String),
    /// It may have happened or not. If Meta said something, it is here.
    Unknown(String, Option<Box<MetaError>>),
}

impl Trouble {
    /// What Meta said, if it did.
    pub fn said(&self) -> Option<&MetaError> {
        match self {
            Trouble::Refused(said) | Trouble::Unknown(_, Some(said)) => Some(said),
            Trouble::NotSent(_) | Trouble::Unknown(_, None) => None,
        }
    }

    /// The same with every text of it passed through here.
    pub(super) fn cleaned(self, clean: &dyn Fn(&str) -> String) -> Trouble {
        let of = |mut said: Box<MetaError>| {
            said.message = clean(&said.message);
            for text in [&mut said.title, &mut said.user_message, &mut said.details].into_iter().flatten() {
                *text = clean(text);
            }
            said
        };
        match self {
            Trouble::Refused(said) => Trouble::Refused(of(said)),
            Trouble::NotSent(why) => Trouble::NotSent(clean(&why)),
            Trouble::Unknown(why, said) => Trouble::Unknown(clean(&why), said.map(of)),
        }
    }

    /// What to do about it.
    pub fn action(&self) -> Action {
        match self {
            Trouble::Refused(said) | Trouble::Unknown(_, Some(said)) => said.action(),
            Trouble::NotSent(_) | Trouble::Unknown(_, None) => Action::Retry,
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Refused(said) => write!(f, "Meta refused: {said}"),
            Trouble::NotSent(why) => write!(f, "nothing was sent to Meta: {why}"),
            Trouble::Unknown(why, None) => write!(f, "what Meta did is not known: {why}"),
            Trouble::Unknown(why, Some(said)) => write!(f, "what Meta did is not known: {why}: {said}"),
        }
    }
}

impl std::error::Error for Trouble {}

/// An error as Meta words it. Match on code and sub-code; texts change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetaError {
    /// HTTP status it came with.
    pub status: u16,
    /// Code, if the answer was one of the Graph API's at all.
    pub code: Option<i64>,
    /// Sub-code: what tells errors with templates apart.
    pub subcode: Option<i64>,
    /// Text for developers.
    pub message: String,
    /// Title for people.
    pub title: Option<String>,
    /// What is wrong, for people.
    pub user_message: Option<String>,
    /// What is wrong, in a few words more.
    pub details: Option<String>,
    /// What Meta's support asks for.
    pub fbtrace_id: Option<String>,
    /// Meta says that it passes.
    pub is_transient: bool,
}

impl MetaError {
    /// Reads an error out of an answer; none when there is none in it.
    pub fn read(status: u16, body: &Value) -> Option<MetaError> {
        let error = body.get("error")?;
        let text = |of: &Value, name: &str| Some(clipped(of.get(name)?.as_str()?));
        let number = |name: &str| {
            let value = error.get(name)?;
            value.as_i64().or_else(|| value.as_str()?.parse().ok())
        };
        Some(MetaError {
            status,
            code: number("code"),
            subcode: number("error_subcode"),
            message: text(error, "message").or_else(|| Some(clipped(error.as_str()?))).unwrap_or_default(),
            title: text(error, "error_user_title"),
            user_message: text(error, "error_user_msg"),
            details: error.get("error_data").and_then(|data| {
                // It comes as an object, and was seen as a text with that object in it.
                text(data, "details").or_else(|| {
                    let inner: Value = serde_json::from_str(data.as_str()?).ok()?;
                    text(&inner, "details")
                })
            }),
            fbtrace_id: text(error, "fbtrace_id"),
            is_transient: error.get("is_transient").and_then(Value::as_bool).unwrap_or_default(),
        })
    }

    /// An answer that is none of the Graph API's: of something on the way there.
    pub fn foreign(status: u16, content_type: &str) -> MetaError {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        let kind = if kind.is_empty() { "something" } else { kind };
        MetaError {
            status,
            message: format!("status {status} with {} instead of JSON", clipped(kind)),
            ..MetaError::default()
        }
    }

    /// The row of the table of errors that it is.
    pub fn rule(&self) -> Option<&'static ErrorRule> {
        errors::rule(self.code?, self.subcode)
    }

    /// What to do about it.
    pub fn action(&self) -> Action {
        self.rule().map_or_else(|| action_for_status(self), |rule| rule.action)
    }

    /// What it is, in plain words.
    pub fn what(&self) -> &str {
        self.rule().map_or("an error that this version does not know", |rule| rule.title)
    }

    /// What helps, in plain words.
    pub fn cure(&self) -> &str {
        self.rule().map_or_else(|| cure_for_status(self), |rule| rule.cure)
    }

    /// The clearest text there is about it.
    pub fn said(&self) -> &str {
        let texts = [&self.user_message, &self.details];
        texts.into_iter().flatten().find(|text| !text.is_empty()).unwrap_or(&self.message)
    }
}

impl std::fmt::Display for MetaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.said())?;
        match (self.code, self.subcode) {
            (Some(code), Some(subcode)) => write!(f, " ({code}/{subcode})"),
            (Some(code), None) => write!(f, " ({code})"),
            (None, _) => Ok(()),
        }
    }
}

/// Meta's yes, with what came along.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// The answer.
    pub body: Value,
}

/// As much of a text as is kept; what looks like a token of Meta's, whosever it is, is left out of it.
fn clipped(text: &str) -> String {
    let is_word = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '_' | '-' | '|');
    let mut out = String::new();
    for word in text.split_inclusive(|ch: char| !is_word(ch)) {
        let letters = word.trim_end_matches(|ch: char| !is_word(ch));
        let is_token = letters.starts_with("EAA") && letters.len() >= TOKEN_CHARS_MIN;
        out.push_str(if is_token { "…" } else { letters });
        out.push_str(&word[letters.len()..]);
    }
    out.chars().filter(|ch| !ch.is_control()).take(TEXT_CHARS_MAX).collect()
}

/// Whether Meta's word that it did nothing is certain, although the status says that its server failed.
pub(super) fn is_certain(error: &MetaError) -> bool {
    const SERVICE_UNAVAILABLE: [i64; 2] = [131016, 133004];
    let code = error.code.unwrap_or_default();
    // Whatever a person has to mend was looked at and refused, with any status.
    SERVICE_UNAVAILABLE.contains(&code) || error.rule().is_some_and(|rule| rule.action != Action::Retry)
}

/// What to do about an error whose code is not known.
fn action_for_status(error: &MetaError) -> Action {
    match error.status {
        _ if error.is_transient => Action::Retry,
        429 => Action::Wait,
        401 => Action::StopToken,
        408 | 500.. => Action::Retry,
        // Whatever it is, it is so for this request; who counts them sees when it is so for all.
        _ => Action::Skip,
    }
}

/// What helps against an error whose code is not known.
fn cure_for_status(error: &MetaError) -> &'static str {
    match action_for_status(error) {
        Action::Wait => "Wait some minutes before anything else is asked.",
        Action::StopToken => "Connect the account again with a new token.",
        _ if error.code.is_none() => {
            "The answer is not one of Meta's: see whether a proxy or a firewall stands in between."
        }
        Action::Retry => "Wait a little and try again.",
        _ => "Look the code up in Meta's list of errors; its support asks for the trace id.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_code_costs_one_request_and_is_never_sent_again_by_itself() {
        let of = |status, is_transient| MetaError {
            code: Some(777_777),
            status,
            is_transient,
            ..MetaError::default()
        };
        assert_eq!(of(400, false).action(), Action::Skip);
        assert_eq!(of(400, true).action(), Action::Retry);
        assert_eq!(of(429, false).action(), Action::Wait);
        assert_eq!(of(502, false).action(), Action::Retry);
        assert!(!is_certain(&of(500, false)));
    }
}
