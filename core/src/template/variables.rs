//! Finds variables in a text.

use std::ops::Range;

/// What stands between two pairs of braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name<'t> {
    /// `{{1}}`.
    Number(u32),
    /// `{{first_name}}`, well formed.
    Named(&'t str),
    /// Letters of another kind, such as `{{FirstName}}`: a name, but not one that Meta takes.
    Misnamed(&'t str),
    /// Nothing that could be a variable.
    Nonsense(&'t str),
}

/// A variable and where it stands, in bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable<'t> {
    pub(super) at: Range<usize>,
    pub(super) name: Name<'t>,
}

impl<'t> Variable<'t> {
    /// What stands between the braces.
    pub(super) fn inner(&self, text: &'t str) -> &'t str {
        &text[self.at.start + 2..self.at.end - 2]
    }

    /// What it would be without the spaces or zeros that it should not have.
    pub(super) fn meant(&self) -> Name<'t> {
        let Name::Nonsense(inner) = self.name else { return self.name };
        let inner = inner.trim();
        let is_number = inner.bytes().all(|byte| byte.is_ascii_digit());
        name(if is_number { inner.trim_start_matches('0') } else { inner })
    }

    /// Whether a value can be given for it.
    pub(super) fn can_be_filled(&self) -> bool {
        matches!(self.name, Name::Number(_) | Name::Named(_) | Name::Misnamed(_))
    }
}

/// Longest name, in characters.
pub(super) const NAME_CHARS_MAX: usize = 32;

/// Every variable of a text, in order, and the first place where braces do not match.
pub(super) fn variables(text: &str) -> (Vec<Variable<'_>>, Option<usize>) {
    let (mut found, mut stray) = (Vec::new(), None);
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(place) = bytes[at..].iter().position(|byte| matches!(byte, b'{' | b'}')) {
        at += place;
        let brace = bytes[at];
        if bytes.get(at + 1) != Some(&brace) {
            at += 1;
            continue;
        }
        if brace == b'}' {
            stray = stray.or(Some(at));
            at += 2;
            continue;
        }
        let inner = &bytes[at + 2..];
        // A variable ends in the text that knows no further brace.
        let end = inner.iter().position(|byte| matches!(byte, b'{' | b'}' | b'\n'));
        match end.filter(|end| inner[*end..].starts_with(b"}}")) {
            Some(end) => {
                let whole = at..at + 2 + end + 2;
                found.push(Variable { name: name(&text[at + 2..at + 2 + end]), at: whole.clone() });
                at = whole.end;
                // `{{1}}}` closes once too often, and `{{{1}}` opens so.
                if bytes.get(at) == Some(&b'}') {
                    stray = stray.or(Some(at));
                    at += 1;
                }
            }
            None => {
                stray = stray.or(Some(at));
                // `{{{1}}`: the inner two may be a variable all the same.
                at += 1;
            }
        }
    }
    (found, stray)
}

fn name(inner: &str) -> Name<'_> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit()) {
        // `{{01}}` is no number that Meta counts.
        let plain = inner == "0" || !inner.starts_with('0');
        return inner.parse().ok().filter(|_| plain).map_or(Name::Nonsense(inner), Name::Number);
    }
    let well_formed = inner.len() <= NAME_CHARS_MAX
        && inner.starts_with(|first: char| first.is_ascii_lowercase())
        && inner.bytes().all(|byte| is_word(byte) && !byte.is_ascii_uppercase());
    match inner {
        _ if well_formed => Name::Named(inner),
        "" => Name::Nonsense(inner),
        _ if inner.chars().all(|ch| ch.is_alphanumeric() || ch == '_' || ch == '-') => Name::Misnamed(inner),
        _ => Name::Nonsense(inner),
    }
}

/// Something such as `{1}` or `{name}`: single braces around what could be a variable.
pub(super) fn single_brace(text: &str) -> Option<&str> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let single = |open: usize| {
        let inner = &text.as_bytes()[open + 1..];
        // No further than a name may reach: many open braces must not make many long searches.
        let length = inner.iter().take(NAME_CHARS_MAX + 1).take_while(|byte| is_word(byte)).count();
        let closes = inner[length..].starts_with(b"}") && !inner[length..].starts_with(b"}}");
        let is_name = (1..=NAME_CHARS_MAX).contains(&length) && !text[..open].ends_with('{');
        (closes && is_name).then(|| &text[open..open + length + 2])
    };
    text.match_indices('{').find_map(|(open, _)| single(open))
}

/// What stands before, between and behind the variables of a text.
pub(super) fn around<'t>(text: &'t str, found: &[Variable<'t>]) -> impl Iterator<Item = &'t str> {
    let starts = std::iter::once(0).chain(found.iter().map(|variable| variable.at.end));
    let ends = found.iter().map(|variable| variable.at.start).chain([text.len()]);
    starts.zip(ends).map(|(start, end)| &text[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> (Vec<Name<'_>>, bool) {
        let (found, stray) = variables(text);
        (found.into_iter().map(|variable| variable.name).collect(), stray.is_some())
    }

    #[test]
    fn variables_are_found_and_braces_that_do_not_match() {
        use Name::{Misnamed, Named, Nonsense, Number};
        assert_eq!(names("a {{1}} b {{first_name}}"), (vec![Number(1), Named("first_name")], false));
        assert_eq!(
            names("{{FirstName}} {{a b}} {{}}"),
            (vec![Misnamed("FirstName"), Nonsense("a b"), Nonsense("")], false)
        );
        assert_eq!(names("{{1}"), (vec![], true));
        assert_eq!(names("{1}}"), (vec![], true));
        assert_eq!(names("{{{1}}}"), (vec![Number(1)], true));
        assert_eq!(names("{{1}}}"), (vec![Number(1)], true));
        assert_eq!(names("a { b } c"), (vec![], false));
        assert_eq!(names("{{99999999999}}"), (vec![Nonsense("99999999999")], false));
        assert_eq!(names("{{0}} {{01}}"), (vec![Number(0), Nonsense("01")], false));
        let meant = |text| variables(text).0[0].meant();
        assert_eq!((meant("{{ 1 }}"), meant("{{01}}"), meant("{{ a }}")), (Number(1), Number(1), Named("a")));
        assert_eq!((meant("{{00}}"), meant("{{a b}}")), (Nonsense(""), Nonsense("a b")));
        assert_eq!(single_brace("costs {1} {{2}}"), Some("{1}"));
        assert_eq!(single_brace("{{1}} { } {a b}"), None);
    }
}
