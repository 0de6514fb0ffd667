//! Variables: how they are written, where they stand, and their examples.

use super::super::finding::Finding;
use super::super::model::Component;
use super::super::rule::Code;
use super::super::text::{is_invisible, is_mark, words};
use super::super::variables::{Name, Variable, fixed_text, single_brace, variables};
use super::Lint;

/// Judges the variables of a header or body and their examples; gives those that can be filled, each once.
pub(super) fn judge<'d>(
    lint: &mut Lint<'_>,
    component: &Component<'d>,
    text: &'d str,
    path: &str,
) -> Vec<&'d str> {
    let (found, stray) = variables(text);
    if let Some(at) = stray {
        lint.complain(Code::VariableMalformed, path, &text[at..]);
    }
    if let Some(single) = single_brace(text) {
        lint.complain(Code::VariableSingleBrace, path, single);
    }
    let mut distinct: Vec<&str> = Vec::new();
    for variable in &found {
        let inner = variable.inner(text);
        match variable.name {
            Name::Number(_) => drop(lint.numbered.get_or_insert_with(|| path.to_owned())),
            Name::Named(_) => drop(lint.named.get_or_insert_with(|| path.to_owned())),
            Name::Misnamed(name) => {
                lint.named.get_or_insert_with(|| path.to_owned());
                let mut finding = Finding::new(Code::VariableName, path, name);
                if let Some(better) = better_name(name) {
                    let (whole, renamed) = (format!("{{{{{name}}}}}"), format!("{{{{{better}}}}}"));
                    finding = finding.fixed_by(path, text.replace(&whole, &renamed));
                    if let Some(at) = component.example_name_at(name) {
                        finding = finding.fixed_by(at, better);
                    }
                }
                lint.say(finding);
            }
            Name::Nonsense(_) => {
                let mut finding = Finding::new(Code::VariableMalformed, path, &text[variable.at.clone()]);
                let trimmed = inner.trim();
                let better = format!("{{{{{trimmed}}}}}");
                if is_well_formed(&better) {
                    finding = finding.fixed_by(path, text.replace(&text[variable.at.clone()], &better));
                }
                lint.say(finding);
            }
        }
        if variable.can_be_filled() && !distinct.contains(&inner) {
            distinct.push(inner);
        }
    }
    sequence(lint, text, path, &found);
    examples(lint, component, &distinct);
    distinct
}

/// Judges where the variables of a body stand, and how many there are.
pub(super) fn judge_body(lint: &mut Lint<'_>, text: &str, path: &str) {
    let (found, _) = variables(text);
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return };
    edges(lint, &text[..first.at.start], &text[last.at.end..], text, path);
    for pair in found.windows(2) {
        let between = &text[pair[0].at.end..pair[1].at.start];
        let both = &text[pair[0].at.start..pair[1].at.end];
        if between.chars().all(is_invisible) {
            lint.complain(Code::VariablesAdjacent, path, both);
        } else if between.trim().is_empty() {
            lint.complain(Code::VariablesNear, path, both);
        }
    }
    if let Some(variable) = found.iter().find(|variable| text[..variable.at.start].ends_with('\n')) {
        lint.complain(Code::VariableLineStart, path, &text[variable.at.clone()]);
    }
    let mut names: Vec<&str> = Vec::new();
    for name in found.iter().map(|variable| variable.inner(text)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let (count, words) = (names.len(), words(&fixed_text(text, &found)));
    let (with, generous) = (words.count + count, words.generous + count);
    let told = format!("{count} variables stand in {with} words, themselves included");
    if generous < 3 * count + 1 {
        lint.say(Finding::new(Code::VariableRatio, path, "").saying(&told));
    } else if with < 4 * count {
        lint.say(Finding::new(Code::VariableRatioTight, path, "").saying(&told));
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
        let what = format!("the body {} {marks}", sides.join(" and "));
        lint.say(Finding::new(code, path, text).saying(&what));
    }
}

fn sequence(lint: &mut Lint<'_>, text: &str, path: &str, found: &[Variable<'_>]) {
    let number = |variable: &Variable<'_>| match variable.name {
        Name::Number(number) => Some(number),
        _ => None,
    };
    let mut numbers: Vec<u32> = Vec::new();
    for wanted in found.iter().filter_map(number) {
        if let Err(place) = numbers.binary_search(&wanted) {
            numbers.insert(place, wanted);
        }
    }
    if numbers.iter().zip(1..).all(|(number, wanted)| *number == wanted) {
        return;
    }
    let (mut fixed, mut from) = (String::new(), 0);
    for variable in found {
        let Some(place) = number(variable).and_then(|number| numbers.binary_search(&number).ok()) else {
            continue;
        };
        fixed.push_str(&text[from..variable.at.start]);
        fixed.push_str(&format!("{{{{{}}}}}", place + 1));
        from = variable.at.end;
    }
    fixed.push_str(&text[from..]);
    lint.say(Finding::new(Code::VariableSequence, path, text).fixed_by(path, fixed));
}

fn examples(lint: &mut Lint<'_>, component: &Component<'_>, distinct: &[&str]) {
    let path = format!("{}/example", component.at);
    let given = component.examples();
    let is_named = |name: &str| name.bytes().any(|byte| !byte.is_ascii_digit());
    // Numbered variables take their examples in order; a gap in the numbers has been reported as that.
    let numbered = distinct.iter().filter(|name| !is_named(name)).count();
    let has = |name: &str| given.iter().any(|(given, text)| given == name && !text.is_empty());
    let mut missing: Vec<String> =
        (1..=numbered).map(|at| at.to_string()).filter(|name| !has(name)).collect();
    missing
        .extend(distinct.iter().filter(|name| is_named(name) && !has(name)).map(|name| (*name).to_owned()));
    if !missing.is_empty() {
        let what = format!("variable {} has no example", missing.join(", "));
        lint.say(Finding::new(Code::ExampleMissing, path.clone(), "").saying(&what));
    }
    for (name, text) in &given {
        let is_used = match is_named(name) {
            true => distinct.contains(&name.as_str()),
            false => name.parse::<usize>().is_ok_and(|at| at <= numbered),
        };
        if !is_used {
            lint.complain(Code::ExampleUnused, path.clone(), text);
        } else if text.contains("{{") || text.trim() == name {
            lint.complain(Code::ExamplePlaceholder, path.clone(), text);
        }
    }
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
