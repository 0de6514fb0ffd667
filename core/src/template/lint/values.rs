//! Variables: how they are written, where they stand, and their examples.

use super::super::finding::Finding;
use super::super::model::Component;
use super::super::names::{Names, sorted};
use super::super::rule::Code;
use super::super::text::{find, is_invisible, is_mark, joined, words};
use super::super::variables::{Name, Variable, around, single_brace, variables};
use super::Lint;
use crate::json::Json;

/// Most names that one repair changes.
const RENAMED_MAX: usize = 32;
/// Most variables that are named one by one where their examples are missing.
const MISSING_TOLD_MAX: usize = 20;

/// Judges the variables of a header or body and their examples; gives how many different ones can be filled.
pub(super) fn judge(lint: &mut Lint<'_>, component: &Component<'_>, text: &str, path: &str) -> usize {
    let (found, stray) = variables(text);
    judge_found(lint, component, text, path, &found, stray)
}

fn judge_found(
    lint: &mut Lint<'_>,
    component: &Component<'_>,
    text: &str,
    path: &str,
    found: &[Variable<'_>],
    stray: Option<usize>,
) -> usize {
    if let Some(single) = single_brace(text) {
        lint.complain(Code::VariableSingleBrace, path, single);
    }
    // One finding of each kind for a text, however often it is wrong: one repair mends all of it.
    let (mut distinct, mut seen) = (Vec::new(), Names::default());
    for variable in found {
        let name = match variable.meant() {
            Name::Number(_) => {
                lint.numbered.get_or_insert_with(|| path.to_owned());
                plain_number(variable.inner(text))
            }
            Name::Named(name) | Name::Misnamed(name) => {
                lint.named.get_or_insert_with(|| path.to_owned());
                name
            }
            Name::Nonsense(_) => continue,
        };
        if seen.add(name, 0) {
            distinct.push(name);
        }
    }
    malformed(lint, text, path, found, stray);
    misnamed(lint, component, text, path, found);
    repeated_name(lint, path, found);
    sequence(lint, text, path, found);
    examples(lint, component, &distinct, &seen);
    distinct.len()
}

/// Braces that do not match, and what stands between those that do.
fn malformed(lint: &mut Lint<'_>, text: &str, path: &str, found: &[Variable<'_>], stray: Option<usize>) {
    if let Some(at) = stray {
        return lint.complain(Code::VariableMalformed, path, &text[at..]);
    }
    let is_nonsense = |variable: &&Variable<'_>| matches!(variable.name, Name::Nonsense(_));
    let Some(first) = found.iter().find(is_nonsense) else { return };
    let mut finding = Finding::new(Code::VariableMalformed, path, &text[first.at.clone()]);
    let is_meant = |variable: &Variable<'_>| matches!(variable.meant(), Name::Number(_) | Name::Named(_));
    if found.iter().filter(is_nonsense).all(is_meant) {
        let mended = replaced(text, found, |variable| match (variable.name, variable.meant()) {
            (Name::Nonsense(_), Name::Named(name)) => Some(name.to_owned()),
            (Name::Nonsense(_), Name::Number(number)) => Some(number.to_string()),
            _ => None,
        });
        finding = finding.fixed_by(path, mended);
    }
    lint.say(finding);
}

/// Names that Meta does not take. They can be repaired where each has a name of its own that it can have.
fn misnamed(lint: &mut Lint<'_>, component: &Component<'_>, text: &str, path: &str, found: &[Variable<'_>]) {
    if !found.iter().any(|variable| matches!(variable.meant(), Name::Misnamed(_))) {
        return;
    }
    let mut better: Vec<(&str, Option<String>)> = Vec::new();
    let (mut first, mut taken, mut is_repeated) = (None, Names::default(), false);
    for variable in found {
        match variable.meant() {
            Name::Misnamed(name) => {
                first = first.or(Some(name));
                // A name that stands twice would stand twice under a better name.
                is_repeated |= better.iter().any(|(known, _)| *known == name);
                if better.len() <= RENAMED_MAX && !is_repeated {
                    better.push((name, better_name(name)));
                }
            }
            Name::Named(name) => {
                taken.add(name, 0);
            }
            _ => {}
        }
    }
    let Some(first) = first else { return };
    let mut finding = Finding::new(Code::VariableName, path, first);
    let is_free = |at: usize, name: &String| {
        let is_own = better[..at].iter().all(|(_, other)| other.as_ref() != Some(name));
        is_own && !taken.has(name)
    };
    let can_be_renamed = !is_repeated
        && better.len() <= RENAMED_MAX
        && better
            .iter()
            .enumerate()
            .all(|(at, (_, better))| better.as_ref().is_some_and(|name| is_free(at, name)));
    if can_be_renamed {
        let rename = |variable: &Variable<'_>| match variable.name {
            Name::Misnamed(name) => better.iter().find(|(known, _)| *known == name)?.1.clone(),
            _ => None,
        };
        finding = finding.fixed_by(path, replaced(text, found, rename));
        for (name, better) in &better {
            if let Some((at, better)) = component.example_name_at(name).zip(better.clone()) {
                finding = finding.fixed_by(at, better);
            }
        }
    }
    lint.say(finding);
}

/// Names are unique in a text; numbers may stand as often as one likes.
fn repeated_name(lint: &mut Lint<'_>, path: &str, found: &[Variable<'_>]) {
    let mut seen = Names::default();
    let repeated = found.iter().find_map(|variable| match variable.name {
        Name::Named(name) => (!seen.add(name, 0)).then_some(name),
        _ => None,
    });
    // What Meta does not take at all has been said; both are cured by another name.
    let is_said = found.iter().any(|variable| matches!(variable.meant(), Name::Misnamed(_)));
    if let Some(name) = repeated.filter(|_| !is_said) {
        let what = format!("the name {name} stands twice, and names are unique");
        lint.say(Finding::new(Code::VariableName, path, name).saying(&what));
    }
}

/// The text with other names in the place of those that have one.
fn replaced(text: &str, found: &[Variable<'_>], name: impl Fn(&Variable<'_>) -> Option<String>) -> String {
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for (variable, name) in found.iter().filter_map(|variable| Some((variable, name(variable)?))) {
        out.push_str(&text[from..variable.at.start]);
        out.extend(["{{", &name, "}}"]);
        from = variable.at.end;
    }
    out.push_str(&text[from..]);
    out
}

fn plain_number(inner: &str) -> &str {
    let plain = inner.trim().trim_start_matches('0');
    if plain.is_empty() { "0" } else { plain }
}

/// Judges the variables of a body: as everywhere, and where they stand, and how many there are.
pub(super) fn judge_body(lint: &mut Lint<'_>, component: &Component<'_>, text: &str, path: &str) {
    let (found, stray) = variables(text);
    judge_found(lint, component, text, path, &found, stray);
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return };
    edges(lint, &text[..first.at.start], &text[last.at.end..], text, path);
    // The first pair of each kind stands for all.
    let between = |pair: &[Variable<'_>]| &text[pair[0].at.end..pair[1].at.start];
    let is_adjacent = |pair: &&[Variable<'_>]| between(pair).chars().all(is_invisible);
    let is_near = |pair: &&[Variable<'_>]| !is_adjacent(pair) && between(pair).trim().is_empty();
    let pairs = || found.windows(2);
    for (code, pair) in
        [(Code::VariablesAdjacent, pairs().find(is_adjacent)), (Code::VariablesNear, pairs().find(is_near))]
    {
        if let Some(pair) = pair {
            lint.complain(code, path, &text[pair[0].at.start..pair[1].at.end]);
        }
    }
    if let Some(variable) = found.iter().find(|variable| text[..variable.at.start].ends_with('\n')) {
        lint.complain(Code::VariableLineStart, path, &text[variable.at.clone()]);
    }
    let mut names = Names::default();
    for variable in &found {
        names.add(variable.inner(text), 0);
    }
    let count = names.len();
    let words = words(around(text, &found), count);
    let told = || format!("{count} variables stand in {} words, themselves included", words.count);
    if words.generous < 3 * count + 1 {
        lint.say(Finding::new(Code::VariableRatio, path, "").saying(&told()));
    } else if words.count < 4 * count {
        lint.say(Finding::new(Code::VariableRatioTight, path, "").saying(&told()));
    }
}

fn edges(lint: &mut Lint<'_>, before: &str, after: &str, text: &str, path: &str) {
    let edge = |outside: &str| {
        let mut seen = outside.chars().filter(|ch| !ch.is_whitespace() && !is_invisible(*ch)).peekable();
        match seen.peek() {
            None => Some(Code::VariableAtEdge),
            Some(_) => seen.all(is_mark).then_some(Code::VariableAtEdgeMarks),
        }
    };
    let (begins, ends) = (edge(before), edge(after));
    for code in [Code::VariableAtEdge, Code::VariableAtEdgeMarks] {
        let sides: &[&str] = match (begins == Some(code), ends == Some(code)) {
            (true, true) => &["begins", "ends"],
            (true, false) => &["begins"],
            (false, true) => &["ends"],
            (false, false) => continue,
        };
        let marks = if code == Code::VariableAtEdgeMarks {
            "with nothing but marks around a variable"
        } else {
            "with a variable"
        };
        let what = format!("the body {} {marks}", joined(&mut sides.iter().copied(), " and "));
        lint.say(Finding::new(code, path, text).saying(&what));
    }
}

fn sequence(lint: &mut Lint<'_>, text: &str, path: &str, found: &[Variable<'_>]) {
    let number = |variable: &Variable<'_>| match variable.meant() {
        Name::Number(number) => Some(number),
        _ => None,
    };
    let all = sorted(found.iter().filter_map(number).map(|number| (number, 0)));
    let mut numbers: Vec<u32> = all.into_iter().map(|(number, _)| number).collect();
    numbers.dedup();
    if numbers.iter().zip(1..).all(|(number, wanted)| *number == wanted) {
        return;
    }
    let place = |variable: &Variable<'_>| numbers.binary_search(&number(variable)?).ok();
    let fixed = replaced(text, found, |variable| Some((place(variable)? + 1).to_string()));
    lint.say(Finding::new(Code::VariableSequence, path, text).fixed_by(path, fixed));
}

/// `known` are the distinct names as well.
fn examples(lint: &mut Lint<'_>, component: &Component<'_>, distinct: &[&str], known: &Names<'_>) {
    let path = || format!("{}/example", component.at);
    let given = component.examples();
    let is_named = |name: &str| name.bytes().any(|byte| !byte.is_ascii_digit());
    // Numbered variables take their examples in order; a gap in the numbers has been reported as that.
    let numbered = distinct.iter().filter(|name| !is_named(name)).count();
    let is_blank = |text: &str| text.trim().is_empty();
    let mut filled = Names::default();
    for (name, _) in given.named.iter().filter(|(_, text)| !is_blank(text)) {
        filled.add(name, 0);
    }
    let is_missing = |number: usize| {
        let own = given.numbered.get(number - 1).and_then(Json::as_text);
        own.is_none_or(is_blank) && filled.place_of(number).is_none()
    };
    let numbers = (1..=numbered).filter(|number| is_missing(*number)).map(|number| number.to_string());
    // Behind the end of the list a name may still be one of its numbers.
    let is_missing = |name: &str| !filled.has(name);
    let names = distinct.iter().filter(|name| is_named(name) && is_missing(name));
    let missing: Vec<String> = numbers.chain(names.map(|name| (*name).to_owned())).collect();
    if !missing.is_empty() {
        let more = if missing.len() > MISSING_TOLD_MAX { " and others" } else { "" };
        let told = joined(&mut missing.iter().take(MISSING_TOLD_MAX).map(String::as_str), ", ");
        let what = format!("variable {told}{more} has no example");
        lint.say(Finding::new(Code::ExampleMissing, path(), "").saying(&what));
    }
    let is_used = |name: &str| match is_named(name) {
        true => known.has(name),
        false => name.parse::<usize>().is_ok_and(|at| at <= numbered),
    };
    let is_unused = |(name, _): &&(&str, &str)| !is_used(name);
    let unused = given.named.iter().find(is_unused).map(|(_, text)| *text);
    let unused = unused.or_else(|| given.numbers().find(|(at, _)| *at > numbered).map(|(_, text)| text));
    if let Some(text) = unused {
        lint.complain(Code::ExampleUnused, path(), text);
    }
    let is_placeholder =
        |(name, text): &&(&str, &str)| is_used(name) && (find(text, "{{").is_some() || text.trim() == *name);
    let placeholder = given.named.iter().find(is_placeholder).map(|(_, text)| *text);
    let is_numbered_placeholder = |(at, text): &(usize, &str)| {
        *at <= numbered && (find(text, "{{").is_some() || is_number(text.trim(), *at))
    };
    let placeholder =
        placeholder.or_else(|| given.numbers().find(is_numbered_placeholder).map(|(_, text)| text));
    if let Some(text) = placeholder {
        lint.complain(Code::ExamplePlaceholder, path(), text);
    }
}

/// Whether the text is this number, written as numbers are.
fn is_number(text: &str, number: usize) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit()) && text == number.to_string()
}

/// `FirstName` → `first_name`.
fn better_name(name: &str) -> Option<String> {
    let mut better = String::new();
    for ch in name.chars() {
        if ch.is_ascii_uppercase() && better.ends_with(|last: char| last.is_ascii_lowercase()) {
            better.push('_');
        }
        better.push(if ch == '-' { '_' } else { ch.to_ascii_lowercase() });
    }
    let whole = format!("{{{{{better}}}}}");
    is_well_formed(&whole).then_some(better)
}

fn is_well_formed(variable: &str) -> bool {
    matches!(variables(variable).0.first().map(|found| found.name), Some(Name::Number(_) | Name::Named(_)))
}
