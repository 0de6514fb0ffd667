//! Each code by an example of its own, and how people are dealt out.

use consentry_core::campaign::preflight::{Batch, Judge, Verdict, Verdicts};
use consentry_core::wire::campaign::preflight::v1::{Fault, begin};
use serde_json::{Value, json};

/// A template with everything that a value can be wrong in.
pub(super) fn template() -> Value {
    json!({"name": "sale_nov", "language": "en", "category": "MARKETING", "status": "APPROVED", "components": [
        {"type": "HEADER", "format": "TEXT", "text": "For {{1}}"},
        {"type": "BODY", "text": "Hello {{1}}, everything in {{2}} is cheaper."},
        {"type": "BUTTONS", "buttons": [
            {"type": "URL", "text": "See it", "url": "https://example.com/{{1}}"},
            {"type": "COPY_CODE", "example": "SAVE10"},
            {"type": "QUICK_REPLY", "text": "Not now"}]}]})
}

fn attribute(name: &str) -> Value {
    json!({"attribute": {"name": name}})
}

/// Terms with one message, in which every value is an attribute.
pub(super) fn terms() -> Value {
    json!({"messages": [{"template": template(), "share_percent": 100, "values": {
            "header.1": attribute("first_name"), "1": attribute("first_name"), "2": attribute("city"),
            "button.0": attribute("page"), "button.1": attribute("coupon"), "button.2": attribute("payload")}}],
        "numbers": ["+908505550001"], "sends_max": 3})
}

pub(super) fn judge_by(terms: &Value) -> Judge {
    let (judge, ready) = begin(terms.to_string().as_bytes());
    judge.unwrap_or_else(|| panic!("{ready:?}"))
}

/// Attributes by their names; somebody with whom all is well.
const WELL: [(&str, &str); 5] =
    [("first_name", "Ayşe"), ("city", "İzmir"), ("page", "a?b=1"), ("coupon", "SAVE10"), ("payload", "no")];

struct Person<'p> {
    number: u64,
    permission: u8,
    sends: u32,
    attributes: Vec<(&'p str, &'p str)>,
}

impl Person<'_> {
    fn well() -> Person<'static> {
        Person { number: 905_301_112_233, permission: 1, sends: 2, attributes: WELL.to_vec() }
    }

    fn with<'p>(name: &'p str, value: &'p str) -> Person<'p> {
        let mut attributes = WELL.to_vec();
        attributes.retain(|(other, _)| *other != name);
        attributes.push((name, value));
        Person { attributes, ..Person::well() }
    }
}

fn judged(terms: &Value, person: &Person<'_>) -> (Verdicts, Vec<(&'static str, Option<String>)>) {
    let (judge, ready) = begin(terms.to_string().as_bytes());
    let mut judge = judge.unwrap_or_else(|| panic!("{ready:?}"));
    let mut batch = Batch::with_columns(judge.columns().len());
    let value = |column: &String| {
        person.attributes.iter().find(|(name, _)| name == column).map_or("", |(_, value)| value)
    };
    let columns = judge.columns().to_vec();
    batch.push(person.number, person.permission, person.sends, columns.iter().map(value));
    let verdicts = judge.judge(&batch);
    let places = &ready.messages[usize::from(verdicts.message[0])].places;
    let problems = verdicts.problems.iter();
    let said =
        problems.map(|one| (one.code.rule().id, one.place.map(|place| places[usize::from(place)].clone())));
    let said = said.collect();
    (verdicts, said)
}

fn values(packed: &[u8]) -> Vec<&str> {
    consentry_host::store::ledger::unpack_values(packed).unwrap()
}

#[test]
fn somebody_with_whom_all_is_well_gets_the_values_in_the_order_of_the_message() {
    let (verdicts, said) = judged(&terms(), &Person::well());
    assert_eq!(said, []);
    assert_eq!((verdicts.verdict[0], verdicts.country[0], verdicts.line[0]), (Verdict::Sendable, *b"TR", 0));
    assert_eq!(values(verdicts.values_of(0)), ["Ayşe", "Ayşe", "İzmir", "a?b=1", "SAVE10", "no"]);
    let (_, ready) = begin(terms().to_string().as_bytes());
    assert_eq!(ready.columns, ["first_name", "city", "page", "coupon", "payload"]);
    assert_eq!(ready.messages[0].values, ["header.1", "1", "2", "button.0", "button.1", "button.2"]);
}

#[test]
fn each_problem_of_a_value_is_named_with_its_place() {
    let long = "x".repeat(1100);
    let header = "y".repeat(57);
    let page = "z".repeat(1981);
    let payload = "p".repeat(129);
    for (name, value, said) in [
        ("city", "", vec![("value-missing", "2")]),
        ("city", " \u{a0}", vec![("value-missing", "2")]),
        ("city", &long, vec![("text-too-long", "/components/1/text")]),
        ("first_name", &header, vec![("text-too-long", "/components/0/text")]),
        ("city", "two\nlines", vec![("value-spacing", "2")]),
        ("city", "five     spaces", vec![("value-spacing", "2")]),
        ("page", "two\nlines", vec![("url-invalid", "button.0")]),
        ("page", &page, vec![("url-invalid", "button.0")]),
        ("coupon", "ABCDEFGHIJKLMNOPQRSTU", vec![("value-too-long", "button.1")]),
        ("coupon", "SAVE-10", vec![("code-invalid", "button.1")]),
    ] {
        let (verdicts, found) = judged(&terms(), &Person::with(name, value));
        let found: Vec<_> = found.iter().map(|(code, place)| (*code, place.as_deref().unwrap())).collect();
        assert_eq!(found, said, "{name} {value:?}");
        assert_eq!((verdicts.verdict[0], verdicts.values.len()), (Verdict::Unsendable, 0));
    }
    for (name, value, said) in
        [("page", "a b", "url-encoded"), ("payload", payload.as_str(), "payload-too-long")]
    {
        let (verdicts, found) = judged(&terms(), &Person::with(name, value));
        assert_eq!((found[0].0, found.len(), verdicts.verdict[0]), (said, 1, Verdict::Sendable));
    }
}

#[test]
fn each_problem_of_a_person_is_named() {
    let well = Person::well;
    for (person, code, verdict) in [
        (Person { permission: 2, ..well() }, "no-consent", Verdict::Unsendable),
        (Person { permission: 0, ..well() }, "no-consent", Verdict::Unsendable),
        (Person { sends: 3, ..well() }, "capped", Verdict::Unsendable),
        (Person { number: 908_505_550_001, ..well() }, "sender-itself", Verdict::Unsendable),
        (Person { number: 12_125_550_123, ..well() }, "country-closed", Verdict::Unsendable),
        (Person { number: 881_612_345_678, ..well() }, "number-type-unlikely", Verdict::Sendable),
    ] {
        let (verdicts, found) = judged(&terms(), &person);
        assert_eq!(found, [(code, None)], "{}", person.number);
        assert_eq!(verdicts.verdict[0], verdict);
    }
    let canadian = Person { number: 14_165_550_123, ..well() };
    assert_eq!(judged(&terms(), &canadian).1, []);
    let mut utility = terms();
    utility["messages"][0]["template"]["category"] = json!("UTILITY");
    assert_eq!(judged(&utility, &Person { number: 12_125_550_123, ..well() }).1, []);
    assert_eq!(judged(&terms(), &Person { number: 881_612_345_678, ..well() }).0.country[0], *b"ZZ");
}

#[test]
fn a_default_stands_in_for_what_is_empty() {
    let mut terms = terms();
    terms["messages"][0]["values"]["2"]["attribute"]["default"] = json!("your town");
    let (verdicts, said) = judged(&terms, &Person::with("city", " "));
    assert_eq!((said.len(), values(verdicts.values_of(0))[2]), (0, "your town"));
    terms["messages"][0]["values"]["2"]["attribute"]["default"] = json!("");
    assert_eq!(judged(&terms, &Person::with("city", "")).1[0].0, "value-missing");
}

/// Terms with a header of this kind.
fn with_header(header: &Value, value: &Value) -> Value {
    let template = json!({"name": "a", "language": "en", "category": "UTILITY", "components": [
        header, {"type": "BODY", "text": "Hello there."}]});
    let name = if header["format"] == "LOCATION" { "header.location" } else { "header.media" };
    json!({"messages": [{"template": template, "share_percent": 100, "values": {name: value}}],
        "starts_at_ms": 1_800_000_000_000_u64, "ends_at_ms": 1_800_100_000_000_u64})
}

#[test]
fn files_are_ids_or_links_and_are_forgotten() {
    let image = json!({"type": "HEADER", "format": "IMAGE"});
    let of_person = with_header(&image, &attribute("picture"));
    for (picture, said) in [
        ("1234567", None),
        ("https://example.com/a.jpg", None),
        ("http://example.com/a.jpg", Some("media-invalid")),
        ("a picture", Some("media-invalid")),
        ("", Some("value-missing")),
    ] {
        let (_, found) =
            judged(&of_person, &Person { attributes: vec![("picture", picture)], ..Person::well() });
        assert_eq!(found.first().map(|(code, _)| *code), said, "{picture}");
    }
    for (expires_at, said, verdict) in [
        ("2027-01-15T07:59:59.999Z", Some("media-expired"), Verdict::Unsendable),
        ("2027-01-15T08:00:00.001Z", Some("media-expires"), Verdict::Sendable),
        ("2027-01-16T20:00:00Z", None, Verdict::Sendable),
    ] {
        let terms = with_header(&image, &json!({"media": {"id": "77", "expires_at": expires_at}}));
        let (verdicts, found) = judged(&terms, &Person::well());
        assert_eq!(
            (found.first().map(|(code, _)| *code), verdicts.verdict[0]),
            (said, verdict),
            "{expires_at}"
        );
    }
}

fn refused(terms: &Value) -> Vec<Fault> {
    let (judge, ready) = begin(terms.to_string().as_bytes());
    assert!(judge.is_none() && !ready.is_ready);
    ready.messages.into_iter().flat_map(|message| message.faults).collect()
}

#[test]
fn what_is_wrong_for_everybody_is_said_before_anybody_is_judged() {
    let said = |terms: &Value| {
        let (judge, ready) = begin(terms.to_string().as_bytes());
        assert!(judge.is_some() && ready.is_ready);
        let faults = ready.messages.into_iter().flat_map(|message| message.faults);
        faults.map(|fault| (fault.code, fault.path)).collect::<Vec<_>>()
    };
    let pair = |code: &str, path: &str| (code.to_owned(), path.to_owned());
    let mut typo = terms();
    typo["messages"][0]["values"]["frist_name"] = attribute("first_name");
    assert_eq!(said(&typo), [pair("value-unknown", "frist_name")]);
    let mut paused = terms();
    paused["messages"][0]["template"]["status"] = json!("PAUSED");
    assert_eq!(said(&paused), [pair("template-not-sendable", "/status")]);
    let mut hurried = terms();
    hurried["ttl_s"] = json!(3600);
    assert_eq!(said(&hurried), [pair("ttl-elsewhere", "/message_send_ttl_seconds")]);
    hurried["messages"][0]["template"]["message_send_ttl_seconds"] = json!(3600);
    assert_eq!(said(&hurried), []);

    let mut missing = terms();
    missing["messages"][0]["values"].as_object_mut().unwrap().remove("2");
    assert_eq!(
        (refused(&missing)[0].code.as_str(), refused(&missing)[0].path.as_str()),
        ("value-missing", "body.2")
    );
    let place = with_header(&json!({"type": "HEADER", "format": "LOCATION"}), &attribute("place"));
    assert_eq!((refused(&place)[0].code.as_str(), refused(&place)[0].found.as_str()), ("value-shape", ""));
    let whole = json!({"text": r#"{"latitude": 38.4, "longitude": 27.1}"#});
    assert_eq!(said(&with_header(&json!({"type": "HEADER", "format": "LOCATION"}), &whole)), []);
    let mut half = terms();
    half["messages"][0]["share_percent"] = json!(50);
    for terms in [half, json!({"messages": []}), json!({"what": 1}), json!(null)] {
        assert_eq!(refused(&terms)[0].code, "terms-invalid");
    }
    assert_eq!(
        refused(&json!({"messages": [{"template": 7, "share_percent": 100}]}))[0].code,
        "template-unreadable"
    );
}

fn everybody(count: u64) -> Batch {
    let mut batch = Batch::with_columns(5);
    for at in 0..count {
        batch.push(905_300_000_000 + at, 1, 0, WELL.map(|(_, value)| value));
    }
    batch
}

#[test]
fn people_are_dealt_out_in_shares_and_always_alike() {
    let mut terms = terms();
    let mut others = terms["messages"][0].clone();
    (terms["messages"][0]["share_percent"], others["share_percent"]) = (json!(70), json!(30));
    terms["messages"].as_array_mut().unwrap().push(others);
    terms["control_percent"] = json!(10);
    terms["numbers"] = json!(["+908505550001", "908505550002", "+908505550003", "+908505550004"]);
    const PEOPLE: u64 = 100_000;
    let people = everybody(PEOPLE);
    let verdicts = judge_by(&terms).judge(&people);
    let share =
        |is: &dyn Fn(usize) -> bool| (0..people.len()).filter(|at| is(*at)).count() as f64 / PEOPLE as f64;
    let is_control = |at: usize| verdicts.verdict[at] == Verdict::Control;
    let is_first = |at: usize| verdicts.message[at] == 0;
    // Five times the chance of the fairest coin.
    let near = |share: f64, wanted: f64| {
        assert!((share - wanted).abs() < 2.5 / (PEOPLE as f64).sqrt(), "{share} {wanted}");
    };
    near(share(&is_control), 0.1);
    near(share(&is_first), 0.7);
    near(share(&|at| is_control(at) && is_first(at)), 0.07);
    for line in 0..4 {
        near(share(&|at| verdicts.line[at] == line), 0.25);
        near(share(&|at| verdicts.line[at] == line && is_first(at)), 0.175);
    }
    assert_eq!(judge_by(&terms).judge(&people), verdicts);
    // Whoever is judged with them changes nothing.
    let mut alone = Batch::with_columns(5);
    alone.push(905_300_000_777, 1, 0, WELL.map(|(_, value)| value));
    let one = judge_by(&terms).judge(&alone);
    assert_eq!(
        (one.message[0], one.line[0], one.verdict[0]),
        (verdicts.message[777], verdicts.line[777], verdicts.verdict[777])
    );
    terms["seed"] = json!(8);
    let anew = judge_by(&terms).judge(&people);
    near(share(&|at| anew.message[at] == verdicts.message[at]), 0.58);
}
