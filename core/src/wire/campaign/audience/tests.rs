//! Conditions as people write them, beside the plainest way to ask them.

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
                    let word = LastStatus::ALL.iter().find(|(status, _)| *status == last.status).unwrap().1;
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
            let is_one = |values: &Vec<String>| values.iter().any(|text| low(&wanted(text)) == low(&said));
            is.is.as_ref().is_some_and(is_one)
                || is.contains.as_ref().is_some_and(|part| low(&said).contains(&low(part)))
                || is.begins.as_ref().is_some_and(|part| low(&said).starts_with(&low(&wanted(part))))
                || is.at_least.as_ref().is_some_and(|bound| compare(bound).is_some_and(|than| than.is_ge()))
                || is.at_most.as_ref().is_some_and(|bound| compare(bound).is_some_and(|than| than.is_le()))
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
    let texts = || prop::collection::vec(a_text().prop_filter("said", |text| !text.trim().is_empty()), 1..4);
    let part =
        || prop::sample::select(vec!["iz", "İZ", "vi", "12", "p;N", "ı", "+90 530"]).prop_map(str::to_owned);
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
        (prop::collection::vec(words, 1..4), prop::option::of(0_u32..5))
            .prop_map(|(status, within_days)| Condition::LastMessage(LastMessage { status, within_days })),
        (0_u32..5, prop::option::of(5_u32..9))
            .prop_map(|(min, days_max)| Condition::ConsentAge(Age { days_min: Some(min), days_max })),
        prop::sample::select(vec!["izmir", "not izmir"]).prop_map(|name| Condition::Segment(name.to_owned())),
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
        (r#"{"last_message":{"status":["seen"]}}"#, "`include.last_message.status.0`: `seen` is no status"),
        (r#"{"consent_age":{"days_min":9,"days_max":3}}"#, "`include.consent_age`: `days_min` is more than"),
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
    assert_eq!((needs.attributes.clone(), needs.country), (vec!["city".to_owned(), "tags".to_owned()], true));
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
