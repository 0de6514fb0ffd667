//! Audiences as people write them, made ready to be asked: segments are put in, words are folded, and what means nothing is
//! refused with the place where it stands and what to write instead.

use crate::campaign::audience::{self, Bound, Column, DAY_MS, LastStatus, Needs, Test};
use crate::consent::folded;
use crate::diagnostic::clip;
use crate::limits::{CONDITION_DEPTH_MAX, CONDITION_TEXTS_MAX, CONDITIONS_MAX};
use crate::matching::ImportId;
use crate::phone::Region;

use super::v1::{Age, AttributeIs, Audience, Condition, LastMessage};

/// An audience that cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unclear {
    /// Where, for example `include.all.0.country`.
    pub path: String,
    /// What is wrong, and what helps.
    pub why: String,
}

impl std::fmt::Display for Unclear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`: {}", self.path, self.why)
    }
}

impl std::error::Error for Unclear {}

/// Finds the condition of a segment by its name.
pub type Segments<'s> = &'s dyn Fn(&str) -> Option<Condition>;

/// Makes an audience ready to be asked.
pub fn compile(audience: &Audience, segments: Segments<'_>) -> Result<audience::Audience, Unclear> {
    let mut reader = Reader { segments, needs: Needs::default(), conditions: 0, within: Vec::new() };
    let mut of = |condition: &Option<Condition>, path: &str| {
        condition.as_ref().map(|condition| reader.test(condition, path, 1)).transpose()
    };
    let include = of(&audience.include, "include")?;
    let exclude = of(&audience.exclude, "exclude")?;
    Ok(audience::Audience { include, exclude, needs: reader.needs })
}

/// The same of a segment of this name, so that one that leads back to itself is found.
pub fn compile_segment(
    name: &str,
    condition: &Condition,
    segments: Segments<'_>,
) -> Result<audience::Audience, Unclear> {
    let within = vec![name.to_owned()];
    let mut reader = Reader { segments, needs: Needs::default(), conditions: 0, within };
    let include = Some(reader.test(condition, "condition", 1)?);
    Ok(audience::Audience { include, exclude: None, needs: reader.needs })
}

/// The attribute with the tags of a person.
const TAGS: &str = "tags";

struct Reader<'s> {
    segments: Segments<'s>,
    needs: Needs,
    conditions: usize,
    /// Segments that are being read, each within the one before.
    within: Vec<String>,
}

impl Reader<'_> {
    fn test(&mut self, condition: &Condition, path: &str, depth: usize) -> Result<Test, Unclear> {
        let unclear = |why: String| Err(Unclear { path: path.to_owned(), why });
        self.conditions += 1;
        if depth > CONDITION_DEPTH_MAX {
            return unclear(format!(
                "conditions stand within each other more than {CONDITION_DEPTH_MAX} deep, segments included: join some of them"
            ));
        }
        if self.conditions > CONDITIONS_MAX {
            return unclear(format!(
                "there are more than {CONDITIONS_MAX} conditions, segments included: name several texts in one condition instead"
            ));
        }
        match condition {
            Condition::All(conditions) => {
                Ok(Test::All(self.tests(conditions, &format!("{path}.all"), depth)?))
            }
            Condition::Any(conditions) => {
                Ok(Test::Any(self.tests(conditions, &format!("{path}.any"), depth)?))
            }
            Condition::Not(condition) => {
                Ok(Test::Not(Box::new(self.test(condition, &format!("{path}.not"), depth + 1)?)))
            }
            Condition::Segment(name) => self.segment(name, &format!("{path}.segment"), depth),
            Condition::Attribute(is) => self.attribute(is, &format!("{path}.attribute")),
            Condition::Country(codes) => self.country(codes, &format!("{path}.country")),
            Condition::Import(ids) => self.import(ids, &format!("{path}.import")),
            Condition::Tag(tags) => {
                let texts = texts(tags, &format!("{path}.tag"))?;
                Ok(Test::Tag(self.column(TAGS), texts))
            }
            Condition::LastMessage(last) => self.last_message(last, &format!("{path}.last_message")),
            Condition::ConsentAge(age) => self.consent_age(age, &format!("{path}.consent_age")),
        }
    }

    fn tests(&mut self, conditions: &[Condition], path: &str, depth: usize) -> Result<Vec<Test>, Unclear> {
        let at = |(at, condition)| self.test(condition, &format!("{path}.{at}"), depth + 1);
        conditions.iter().enumerate().map(at).collect()
    }

    fn segment(&mut self, name: &str, path: &str, depth: usize) -> Result<Test, Unclear> {
        let unclear = |why: String| Err(Unclear { path: path.to_owned(), why });
        if let Some(from) = self.within.iter().position(|within| within == name) {
            let mut way: Vec<&str> = self.within[from..].iter().map(String::as_str).collect();
            way.push(name);
            return unclear(format!(
                "the segment `{}` leads back to itself ({}): take one of them out",
                clip(name),
                clip(&way.join(" → "))
            ));
        }
        let Some(condition) = (self.segments)(name) else {
            return unclear(format!("there is no segment `{}`: save it first, or name another", clip(name)));
        };
        self.within.push(name.to_owned());
        let test = self.test(&condition, path, depth + 1);
        self.within.pop();
        test
    }

    fn attribute(&mut self, is: &AttributeIs, path: &str) -> Result<Test, Unclear> {
        let unclear = |path: &str, why: String| Unclear { path: path.to_owned(), why };
        if is.name.trim().is_empty() {
            return Err(unclear(
                path,
                "`name` is the name of an attribute, or `exid`, `email` or `msisdn`".to_owned(),
            ));
        }
        let said = [
            is.is.is_some(),
            is.contains.is_some(),
            is.begins.is_some(),
            is.at_least.is_some(),
            is.at_most.is_some(),
            is.exists.is_some(),
        ];
        if said.iter().filter(|said| **said).count() != 1 {
            let why = "beside `name` stands exactly one of `is`, `contains`, `begins`, `at_least`, `at_most` and \
                `exists`: put two of them into an `all`";
            return Err(unclear(path, why.to_owned()));
        }
        let column = self.column(&is.name);
        // A number is compared in full, however it was typed.
        let typed = |text: &str, with_plus: bool| match column {
            Column::Msisdn | Column::Number => {
                let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                if !digits.is_empty() && (with_plus || text.trim_start().starts_with('+')) {
                    format!("+{digits}")
                } else {
                    digits
                }
            }
            _ => text.to_owned(),
        };
        let part = |text: &str, member: &str, with_plus: bool| {
            let folded: String = folded(typed(text, with_plus).trim()).collect();
            let path = format!("{path}.{member}");
            if folded.is_empty() {
                Err(unclear(&path, "there is nothing to look for".to_owned()))
            } else {
                Ok(folded)
            }
        };
        let bound = |text: &str, member: &str| {
            let text = text.trim();
            let day = audience::day(text).filter(|_| text.len() == 10).map(Bound::Day);
            day.or_else(|| audience::number(text).map(Bound::Number)).ok_or_else(|| Unclear {
                path: format!("{path}.{member}"),
                why: format!("`{}` is neither a number like `12.5` nor a day like `2026-11-23`", clip(text)),
            })
        };
        match is {
            AttributeIs { is: Some(values), .. } => {
                let values: Vec<String> = values.iter().map(|text| typed(text, true)).collect();
                Ok(Test::Is(column, texts(&values, &format!("{path}.is"))?))
            }
            AttributeIs { contains: Some(text), .. } => {
                Ok(Test::Contains(column, part(text, "contains", false)?))
            }
            AttributeIs { begins: Some(text), .. } => Ok(Test::Begins(column, part(text, "begins", true)?)),
            AttributeIs { at_least: Some(text), .. } => Ok(Test::AtLeast(column, bound(text, "at_least")?)),
            AttributeIs { at_most: Some(text), .. } => Ok(Test::AtMost(column, bound(text, "at_most")?)),
            _ => Ok(Test::Exists(column, is.exists.unwrap_or_default())),
        }
    }

    fn column(&mut self, name: &str) -> Column {
        match name {
            "exid" => Column::Exid,
            "email" => Column::Email,
            "msisdn" => Column::Msisdn,
            "wpNumber" => Column::Number,
            name => {
                let known = self.needs.attributes.iter().position(|known| known == name);
                Column::Attribute(known.unwrap_or_else(|| {
                    self.needs.attributes.push(name.to_owned());
                    self.needs.attributes.len() - 1
                }))
            }
        }
    }

    fn country(&mut self, codes: &[String], path: &str) -> Result<Test, Unclear> {
        self.needs.country = true;
        some_of(codes, path)?;
        let mut countries = Vec::new();
        for (at, code) in codes.iter().enumerate() {
            let iso =
                Region::from_iso(code.trim()).and_then(|region| region.iso().as_bytes().try_into().ok());
            let why = || {
                let hint = if code.trim().eq_ignore_ascii_case("UK") { " (Britain's is `GB`)" } else { "" };
                format!("`{}` is no country's code of two letters, like `TR`{hint}", clip(code))
            };
            countries.push(iso.ok_or_else(|| Unclear { path: format!("{path}.{at}"), why: why() })?);
        }
        countries.sort_unstable();
        Ok(Test::Country(countries))
    }

    fn import(&mut self, ids: &[String], path: &str) -> Result<Test, Unclear> {
        self.needs.import = true;
        some_of(ids, path)?;
        let mut imports = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            let why = || format!("`{}` is no import like `i3`: see the list of imports", clip(id));
            let id = ImportId::parse(id.trim());
            imports.push(id.ok_or_else(|| Unclear { path: format!("{path}.{at}"), why: why() })?.0);
        }
        imports.sort_unstable();
        Ok(Test::Import(imports))
    }

    fn last_message(&mut self, last: &LastMessage, path: &str) -> Result<Test, Unclear> {
        let path_of = format!("{path}.status");
        some_of(&last.status, &path_of)?;
        let mut statuses = 0;
        for (at, word) in last.status.iter().enumerate() {
            let known = LastStatus::ALL.iter().find(|(_, known)| *known == word);
            let (status, _) = known.ok_or_else(|| Unclear {
                path: format!("{path_of}.{at}"),
                why: format!(
                    "`{}` is no status; there are {}",
                    clip(word),
                    LastStatus::ALL.map(|(_, word)| format!("`{word}`")).join(", ")
                ),
            })?;
            statuses |= status.bit();
        }
        let asked = |asked: Option<u32>| match (asked, last.within_days) {
            (Some(one), Some(other)) => Some(one.max(other)),
            _ => None,
        };
        self.needs.last = Some(self.needs.last.map_or(last.within_days, asked));
        Ok(Test::LastMessage { statuses, within_ms: last.within_days.map(|days| i64::from(days) * DAY_MS) })
    }

    fn consent_age(&mut self, age: &Age, path: &str) -> Result<Test, Unclear> {
        self.needs.consent_at = true;
        let unclear = |why: &str| Err(Unclear { path: path.to_owned(), why: why.to_owned() });
        match (age.days_min, age.days_max) {
            (None, None) => unclear("`days_min`, `days_max` or both say how old"),
            (Some(min), Some(max)) if min > max => {
                unclear("`days_min` is more than `days_max`, so it holds for nobody: swap them")
            }
            (min, max) => {
                let ms = |days: Option<u32>| days.map(|days| i64::from(days) * DAY_MS);
                Ok(Test::ConsentAge { ms_min: ms(min), ms_max: ms(max) })
            }
        }
    }
}

/// Texts as they are compared, in order.
fn texts(values: &[String], path: &str) -> Result<Vec<String>, Unclear> {
    some_of(values, path)?;
    let mut texts: Vec<String> = values.iter().map(|value| folded(value.trim()).collect()).collect();
    texts.sort_unstable();
    texts.dedup();
    Ok(texts)
}

fn some_of(values: &[String], path: &str) -> Result<(), Unclear> {
    let why = match values.len() {
        1..=CONDITION_TEXTS_MAX => return Ok(()),
        0 => "nothing is named here, so it holds for nobody: name something, or leave the condition out"
            .to_owned(),
        many => format!("{many} texts are named, and one condition takes {CONDITION_TEXTS_MAX}: divide them"),
    };
    Err(Unclear { path: path.to_owned(), why })
}

#[cfg(test)]
mod tests;
