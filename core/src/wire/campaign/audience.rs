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
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::campaign::audience::{LastMessage as Last, PersonFacts};
    use crate::time::{Date, UnixMs};

    const NOW: UnixMs = UnixMs(1_795_395_600_000);

    /// A person as a slow and simple reader sees one.
    #[derive(Clone, Debug)]
    struct Somebody {
        exid: String,
        msisdn: u64,
        country: &'static str,
        attributes: BTreeMap<String, String>,
        import: u64,
        consent_at: UnixMs,
        last: Option<Last>,
    }

    fn saved(name: &str) -> Option<Condition> {
        let text = match name {
            "izmir" => r#"{"attribute":{"name":"city","is":["İzmir"]}}"#,
            "not izmir" => r#"{"not":{"segment":"izmir"}}"#,
            "a" => r#"{"all":[{"segment":"b"}]}"#,
            "b" => r#"{"any":[{"segment":"izmir"},{"segment":"a"}]}"#,
            _ => return None,
        };
        Some(serde_json::from_str(text).unwrap())
    }

    /// The same question asked word by word.
    fn naive(condition: &Condition, of: &Somebody) -> bool {
        let low = |text: &str| text.trim().to_lowercase().replace('\u{307}', "").replace('ı', "i");
        let said = |name: &str| match name {
            "exid" => Some(of.exid.clone()).filter(|exid| !exid.trim().is_empty()),
            "msisdn" => (of.msisdn != 0).then(|| format!("+{}", of.msisdn)),
            name => of.attributes.get(name).filter(|text| !text.trim().is_empty()).cloned(),
        };
        match condition {
            Condition::All(all) => all.iter().all(|condition| naive(condition, of)),
            Condition::Any(any) => any.iter().any(|condition| naive(condition, of)),
            Condition::Not(not) => !naive(not, of),
            Condition::Segment(name) => naive(&saved(name).unwrap(), of),
            Condition::Country(codes) => codes.iter().any(|code| code.eq_ignore_ascii_case(of.country)),
            Condition::Import(ids) => ids.contains(&format!("i{}", of.import)),
            Condition::Tag(tags) => said("tags").is_some_and(|said| {
                said.replace(';', ",")
                    .split(',')
                    .any(|tag| !tag.trim().is_empty() && tags.iter().any(|wanted| low(wanted) == low(tag)))
            }),
            Condition::LastMessage(asked) => {
                let days = |at: UnixMs| (NOW.0 - at.0) as f64 / DAY_MS as f64;
                let counts =
                    |last: &Last| asked.within_days.is_none_or(|within| days(last.at) <= f64::from(within));
                let words = match of.last.filter(counts) {
                    None => vec!["none"],
                    Some(last) => {
                        let word =
                            LastStatus::ALL.iter().find(|(status, _)| *status == last.status).unwrap().1;
                        let mut words = vec![word];
                        words.extend(last.replied.then_some("replied"));
                        words.extend(last.clicked.then_some("clicked"));
                        words
                    }
                };
                asked.status.iter().any(|status| words.contains(&status.as_str()))
            }
            Condition::ConsentAge(age) => {
                let days = (NOW.0 - of.consent_at.0) as f64 / DAY_MS as f64;
                age.days_min.is_none_or(|min| days >= f64::from(min))
                    && age.days_max.is_none_or(|max| days <= f64::from(max))
            }
            Condition::Attribute(is) => {
                let said = said(&is.name);
                if let Some(exists) = is.exists {
                    return said.is_some() == exists;
                }
                let Some(said) = said else { return false };
                let wanted =
                    |text: &str| if is.name == "msisdn" { text.replace(' ', "") } else { text.to_owned() };
                let compare = |bound: &str| {
                    Date::parse(bound).map_or_else(
                        || {
                            let is_plain = !said.contains('e') && !said.trim().ends_with('.');
                            let said = said.trim().parse::<f64>().ok().filter(|_| is_plain)?;
                            said.partial_cmp(&bound.parse::<f64>().unwrap())
                        },
                        |bound| Date::parse(said.trim().get(..10)?).map(|day| day.cmp(&bound)),
                    )
                };
                let is_one =
                    |values: &Vec<String>| values.iter().any(|text| low(&wanted(text)) == low(&said));
                is.is.as_ref().is_some_and(is_one)
                    || is.contains.as_ref().is_some_and(|part| low(&said).contains(&low(part)))
                    || is.begins.as_ref().is_some_and(|part| low(&said).starts_with(&low(&wanted(part))))
                    || is
                        .at_least
                        .as_ref()
                        .is_some_and(|bound| compare(bound).is_some_and(|than| than.is_ge()))
                    || is
                        .at_most
                        .as_ref()
                        .is_some_and(|bound| compare(bound).is_some_and(|than| than.is_le()))
            }
        }
    }

    fn fast(condition: &Condition, of: &Somebody) -> bool {
        let audience = Audience { include: Some(condition.clone()), exclude: None };
        let compiled = compile(&audience, &saved).unwrap();
        let attributes: Vec<&str> = compiled
            .needs()
            .attributes
            .iter()
            .map(|name| of.attributes.get(name).map_or("", String::as_str))
            .collect();
        let facts = PersonFacts {
            exid: &of.exid,
            email: "",
            msisdn: of.msisdn,
            number: 905_301_112_233,
            country: of.country.as_bytes().try_into().unwrap(),
            attributes: &attributes,
            import: of.import,
            consent_at: of.consent_at,
            last: of.last,
        };
        let without = compile(&Audience { include: None, exclude: audience.include }, &saved).unwrap();
        assert_ne!(compiled.matches(&facts, NOW), without.matches(&facts, NOW));
        compiled.matches(&facts, NOW)
    }

    fn a_text() -> impl Strategy<Value = String> {
        prop::sample::select(vec![
            "İzmir",
            "IZMIR",
            "ızmir",
            "izmir ",
            "İstanbul",
            "Ankara",
            "vip",
            "VIP;new",
            "a, vip ,b",
            "12",
            "12.5",
            "-3",
            "2026-11-23",
            "2026-11-24T10:00:00Z",
            "x1",
            "+905301112233",
            "ß",
            " ",
            "Σίγμα",
            "i",
            "1e3",
            "12.",
        ])
        .prop_map(str::to_owned)
    }

    fn a_condition() -> impl Strategy<Value = Condition> {
        let texts =
            || prop::collection::vec(a_text().prop_filter("said", |text| !text.trim().is_empty()), 1..4);
        let part = || {
            prop::sample::select(vec!["iz", "İZ", "vi", "12", "p;N", "ı", "+90 530"]).prop_map(str::to_owned)
        };
        let bound = || prop::sample::select(vec!["12", "-3.5", "2026-11-23", "0"]).prop_map(str::to_owned);
        let name =
            || prop::sample::select(vec!["city", "tags", "points", "exid", "msisdn"]).prop_map(str::to_owned);
        let member = prop_oneof![
            texts().prop_map(|is| AttributeIs { is: Some(is), ..AttributeIs::default() }),
            prop::sample::select(vec!["iz", "İZ", "2", "p;N", "ı"])
                .prop_map(|part| AttributeIs { contains: Some(part.to_owned()), ..AttributeIs::default() }),
            part().prop_map(|part| AttributeIs { begins: Some(part), ..AttributeIs::default() }),
            bound().prop_map(|bound| AttributeIs { at_least: Some(bound), ..AttributeIs::default() }),
            bound().prop_map(|bound| AttributeIs { at_most: Some(bound), ..AttributeIs::default() }),
            any::<bool>().prop_map(|exists| AttributeIs { exists: Some(exists), ..AttributeIs::default() }),
        ];
        let words = prop::sample::select(LastStatus::ALL.map(|(_, word)| word.to_owned()).to_vec());
        let leaf = prop_oneof![
            // Numbers are typed as numbers: what `begins` and `is` make of other texts there is tried below.
            (name(), member)
                .prop_filter("a number", |(name, is)| {
                    let is_digits = |part: &Option<String>, of: &[&str]| {
                        part.as_deref().is_none_or(|part| of.contains(&part))
                    };
                    name != "msisdn"
                        || is.is.is_none()
                            && is_digits(&is.begins, &["+90 530"])
                            && is_digits(&is.contains, &["2"])
                })
                .prop_map(|(name, is)| Condition::Attribute(AttributeIs { name, ..is })),
            prop::collection::vec(prop::sample::select(vec!["TR", "de", "US"]), 1..3)
                .prop_map(|codes| Condition::Country(codes.into_iter().map(str::to_owned).collect())),
            prop::collection::vec(1_u64..5, 1..3)
                .prop_map(|ids| Condition::Import(ids.into_iter().map(|id| format!("i{id}")).collect())),
            texts().prop_map(Condition::Tag),
            (prop::collection::vec(words, 1..4), prop::option::of(0_u32..5)).prop_map(
                |(status, within_days)| Condition::LastMessage(LastMessage { status, within_days })
            ),
            (0_u32..5, prop::option::of(5_u32..9))
                .prop_map(|(min, days_max)| Condition::ConsentAge(Age { days_min: Some(min), days_max })),
            prop::sample::select(vec!["izmir", "not izmir"])
                .prop_map(|name| Condition::Segment(name.to_owned())),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Condition::All),
                prop::collection::vec(inner.clone(), 0..4).prop_map(Condition::Any),
                inner.prop_map(|condition| Condition::Not(Box::new(condition))),
            ]
        })
    }

    fn somebody() -> impl Strategy<Value = Somebody> {
        let attributes = prop::collection::btree_map(
            prop::sample::select(vec!["city", "tags", "points"]).prop_map(str::to_owned),
            a_text(),
            0..4,
        );
        let status = prop::sample::select(LastStatus::ALL.map(|(status, _)| status)[1..7].to_vec());
        let last = (status, any::<bool>(), any::<bool>(), 0_i64..6 * DAY_MS).prop_map(
            |(status, replied, clicked, ago)| Last {
                status,
                replied,
                clicked,
                at: UnixMs(NOW.0 - ago / DAY_MS * DAY_MS),
            },
        );
        (
            prop::sample::select(vec!["", "x1", "İZMİR-7"]).prop_map(str::to_owned),
            prop::sample::select(vec![0, 905_301_112_233, 4_915_112_345_678]),
            prop::sample::select(vec!["TR", "DE", "ZZ"]),
            attributes,
            0_u64..5,
            (0_i64..10 * DAY_MS).prop_map(|ago| UnixMs(NOW.0 - ago / DAY_MS * DAY_MS)),
            prop::option::of(last),
        )
            .prop_map(|(exid, msisdn, country, attributes, import, consent_at, last)| Somebody {
                exid,
                msisdn,
                country,
                attributes,
                import,
                consent_at,
                last,
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_fast_way_and_the_simple_one_agree(condition in a_condition(), people in prop::collection::vec(somebody(), 1..8)) {
            for of in &people {
                prop_assert_eq!(fast(&condition, of), naive(&condition, of), "{:?} {:?}", condition, of);
            }
        }
    }

    #[track_caller]
    fn unclear(condition: &str) -> String {
        let condition: Condition = serde_json::from_str(condition).unwrap();
        compile(&Audience { include: Some(condition), exclude: None }, &saved).unwrap_err().to_string()
    }

    #[test]
    fn what_means_nothing_is_refused_with_its_place_and_a_cure() {
        for (condition, says) in [
            (r#"{"segment":"nobody"}"#, "`include.segment`: there is no segment `nobody`"),
            (
                r#"{"segment":"a"}"#,
                "`include.segment.all.0.segment.any.1.segment`: the segment `a` leads back to itself (a → b → a)",
            ),
            (
                r#"{"any":[{"country":["TR","UK"]}]}"#,
                "`include.any.0.country.1`: `UK` is no country's code of two letters, like `TR` (Britain's is `GB`)",
            ),
            (r#"{"import":["3"]}"#, "`include.import.0`: `3` is no import like `i3`"),
            (r#"{"tag":[]}"#, "`include.tag`: nothing is named here"),
            (r#"{"attribute":{"name":"city"}}"#, "`include.attribute`: beside `name` stands exactly one of"),
            (
                r#"{"attribute":{"name":"n","at_least":"ten"}}"#,
                "`include.attribute.at_least`: `ten` is neither a number",
            ),
            (
                r#"{"attribute":{"name":"n","contains":" "}}"#,
                "`include.attribute.contains`: there is nothing to look for",
            ),
            (
                r#"{"last_message":{"status":["seen"]}}"#,
                "`include.last_message.status.0`: `seen` is no status",
            ),
            (
                r#"{"consent_age":{"days_min":9,"days_max":3}}"#,
                "`include.consent_age`: `days_min` is more than",
            ),
        ] {
            let said = unclear(condition);
            assert!(said.starts_with(says), "{said}");
        }
        let deep = format!("{}{{\"tag\":[\"x\"]}}{}", "{\"not\":".repeat(16), "}".repeat(16));
        assert!(unclear(&deep).contains("more than 16 deep"), "{}", unclear(&deep));
        let many = format!("{{\"all\":[{}]}}", vec![r#"{"tag":["x"]}"#; 1_000].join(","));
        assert!(unclear(&many).contains("more than 1000 conditions"));
        let own: Condition = serde_json::from_str(r#"{"not":{"segment":"me"}}"#).unwrap();
        let me = |name: &str| (name == "me").then(|| own.clone());
        assert!(compile_segment("me", &own, &me).unwrap_err().to_string().contains("(me → me)"));
    }

    #[test]
    fn only_what_is_asked_for_is_needed() {
        let of = |text: &str| {
            let condition = Some(serde_json::from_str(text).unwrap());
            compile(&Audience { include: condition, exclude: None }, &saved).unwrap().needs().clone()
        };
        assert_eq!(of(r#"{"all":[]}"#), Needs::default());
        let needs = of(
            r#"{"all":[{"segment":"izmir"},{"tag":["x"]},{"attribute":{"name":"city","exists":true}},{"attribute":{"name":"exid","exists":true}},{"country":["TR"]},
                {"last_message":{"status":["read"],"within_days":3}},{"last_message":{"status":["none"],"within_days":30}}]}"#,
        );
        assert_eq!(
            (needs.attributes.clone(), needs.country),
            (vec!["city".to_owned(), "tags".to_owned()], true)
        );
        assert_eq!(needs.last_since(NOW), Some(UnixMs(NOW.0 - 30 * DAY_MS)));
        let ever = of(
            r#"{"any":[{"last_message":{"status":["none"]}},{"last_message":{"status":["read"],"within_days":3}}]}"#,
        );
        assert_eq!((ever.last_since(NOW), ever.import), (Some(UnixMs(0)), false));
    }

    #[test]
    fn numbers_compare_in_full_however_they_are_typed() {
        let of = Somebody {
            exid: String::new(),
            msisdn: 905_301_112_233,
            country: "TR",
            attributes: BTreeMap::new(),
            import: 0,
            consent_at: NOW,
            last: None,
        };
        for (is, expected) in [
            (r#""is":["90 530 111-22-33"]"#, true),
            (r#""is":["+905301112234"]"#, false),
            (r#""begins":"90530""#, true),
            (r#""begins":"530""#, false),
            (r#""contains":"530 111""#, true),
            (r#""exists":true"#, true),
        ] {
            let condition =
                serde_json::from_str(&format!(r#"{{"attribute":{{"name":"msisdn",{is}}}}}"#)).unwrap();
            assert_eq!(fast(&condition, &of), expected, "{is}");
        }
    }
}
