//! The words of header, body and footer.

use serde_json::Value;

use super::emoji::has_emoji;
use super::variables::{Parsed, parse};
use super::{DANGLING, FOOTER_FORMAT, HEADER_FORMAT, Objections, TOO_MANY_VARIABLES, variables};

const HEADER_CHARS_MAX: usize = 60;
const FOOTER_CHARS_MAX: usize = 60;

/// What a text is judged by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'a> {
    pub(crate) named: bool,
    pub(crate) language: &'a str,
    pub(crate) chars_max: usize,
}

/// The text of a header.
pub(crate) fn header(path: &str, component: &Value, rules: Rules<'_>, found: &mut Objections) {
    let here = format!("{path}/text");
    let text = component["text"].as_str().unwrap_or_default();
    if text.trim().is_empty() {
        return found.parameter(&here, "A header of format TEXT needs a text.");
    }
    found.length(&here, text, HEADER_CHARS_MAX);
    let parsed = parse(text);
    variables::judge(&here, &parsed, rules.named, found);
    if parsed.variables.len() > 1 {
        found.add(
            &here,
            Some(HEADER_FORMAT),
            "Message header format is incorrect",
            "A header has one variable at most.",
        );
    }
    let plain = replaced(text, &parsed, ' ');
    if plain.contains(['\n', '\r']) || has_emoji(&plain) || has_markup(&plain) {
        let told = "A header cannot have new lines, emoji, asterisks or formatting.";
        found.add(&here, Some(HEADER_FORMAT), "Message header format is incorrect", told);
    }
    let example = &component["example"];
    let given = if rules.named {
        named(&example["header_text_named_params"])
    } else {
        plain_values(&example["header_text"])
    };
    examples(&format!("{path}/example"), &parsed, rules.named, &given, found);
}

/// The text of a body, or of a card's body. Cards are held to the same rules: nothing says that they are not.
pub(crate) fn body(path: &str, component: &Value, rules: Rules<'_>, found: &mut Objections) {
    let here = format!("{path}/text");
    let text = component["text"].as_str().unwrap_or_default();
    if text.trim().is_empty() {
        return found.parameter(&here, "A body needs a text.");
    }
    found.length(&here, text, rules.chars_max);
    let parsed = parse(text);
    variables::judge(&here, &parsed, rules.named, found);
    // Only punctuation outside of the variable is contradicted by Meta's own samples, so it passes.
    let outer = |variable: &variables::Variable| {
        text[..variable.start].trim().is_empty() || text[variable.end..].trim().is_empty()
    };
    if parsed.variables.iter().any(outer) {
        let told = "Variables can't be at the start or end of the template.";
        found.add(&here, Some(DANGLING), "Leading or trailing parameters not allowed", told);
    }
    // A single space between two variables is undecided, so it passes.
    if parsed.variables.windows(2).any(|pair| pair[0].end == pair[1].start) {
        found.add(&here, None, "Message body format is incorrect", "Variables stand next to each other.");
    }
    if !has_enough_words(text, &parsed, rules.language) {
        let told = "This template has too many variables for its length.";
        found.add(&here, Some(TOO_MANY_VARIABLES), "Parameters words ratio exceeds limit", told);
    }
    let example = &component["example"];
    let given = if rules.named {
        named(&example["body_text_named_params"])
    } else {
        plain_values(&example["body_text"][0])
    };
    examples(&format!("{path}/example"), &parsed, rules.named, &given, found);
}

/// The text of a footer. A page about catalogs allows variables in it, all others do not: they are refused.
pub(crate) fn footer(path: &str, component: &Value, found: &mut Objections) {
    let here = format!("{path}/text");
    let text = component["text"].as_str().unwrap_or_default();
    if text.trim().is_empty() {
        return found.parameter(&here, "A footer needs a text.");
    }
    found.length(&here, text, FOOTER_CHARS_MAX);
    let parsed = parse(text);
    if !parsed.variables.is_empty() || parsed.mismatched || text.contains(['\n', '\r']) || has_emoji(text) {
        let told = "A footer cannot have variables, new lines or emoji.";
        found.add(&here, Some(FOOTER_FORMAT), "Message footer format is incorrect", told);
    }
}

/// Every variable needs a sample; more samples than variables do no harm.
pub(crate) fn examples(
    path: &str,
    parsed: &Parsed,
    named: bool,
    given: &[(String, String)],
    found: &mut Objections,
) {
    let filled = |value: &String| !value.trim().is_empty();
    let enough = if named {
        let has = |name: &&str| given.iter().any(|(known, value)| known == name && filled(value));
        parsed.names().iter().all(has)
    } else {
        let count = parsed.count();
        given.len() >= count && given.iter().take(count).all(|(_, value)| filled(value))
    };
    if !enough {
        found.add(
            path,
            None,
            "Message template is missing sample values",
            "Every variable needs a sample value.",
        );
    }
}

/// Samples by position.
pub(crate) fn plain_values(values: &Value) -> Vec<(String, String)> {
    let one = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    values.as_array().into_iter().flatten().map(|value| (String::new(), one(value))).collect()
}

/// Samples by name.
fn named(values: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |value: &Value| (text(&value["param_name"]), text(&value["example"]));
    values.as_array().into_iter().flatten().map(one).collect()
}

/// Whether there are enough words. Meta's constant is not public: with n different variables, 3n + 1 words, the
/// variables among them, is what was found in the field. Words are what stands between spaces. Thai and Lao have 7
/// characters to a word, as WhatsApp Manager counts; for other scripts without spaces no rule is known, so each of
/// their characters counts as one, which refuses the least.
fn has_enough_words(text: &str, parsed: &Parsed, language: &str) -> bool {
    let count = parsed.count();
    let visible = |text: String| text.chars().filter(|ch| !is_invisible(*ch)).collect::<String>();
    let words = if matches!(language, "th" | "lo") {
        let plain = visible(replaced(text, parsed, ' '));
        plain.chars().filter(|ch| !ch.is_whitespace()).count().div_ceil(7) + count
    } else {
        let marked = visible(replaced(text, parsed, 'x'));
        let of_token = |token: &str| {
            let without_spaces = token.chars().filter(|ch| is_without_spaces(*ch)).count();
            let rest = token.chars().any(|ch| ch.is_alphanumeric() && !is_without_spaces(ch));
            without_spaces + usize::from(rest || without_spaces == 0)
        };
        marked.split_whitespace().map(of_token).sum()
    };
    count == 0 || words > 3 * count
}

/// The text with this in place of each variable.
fn replaced(text: &str, parsed: &Parsed, by: char) -> String {
    let mut plain = String::new();
    let mut at = 0;
    for variable in &parsed.variables {
        plain += &text[at..variable.start];
        plain.push(by);
        at = variable.end;
    }
    plain + &text[at..]
}

fn is_invisible(ch: char) -> bool {
    matches!(ch, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}')
}

/// Chinese, Japanese, Khmer, Burmese.
fn is_without_spaces(ch: char) -> bool {
    matches!(ch, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

/// An asterisk anywhere, back-ticks, or a word between `_` or `~` that touch it from outside of other words.
fn has_markup(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let outside = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_none_or(|ch| !ch.is_alphanumeric());
    let touching = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|ch| !ch.is_whitespace());
    let pair = |mark: char| {
        (0..chars.len()).any(|open| {
            chars[open] == mark
                && outside(open.checked_sub(1))
                && touching(Some(open + 1))
                && (open + 2..chars.len()).any(|close| {
                    chars[close] == mark && touching(close.checked_sub(1)) && outside(Some(close + 1))
                })
        })
    };
    text.contains('*') || text.contains("```") || pair('_') || pair('~') || pair('`')
}
