//! Attributes that are set after people came: seen wherever people are, whatever store keeps them, and by whatever name the
//! file calls them. What the stores promise of them is in the random histories of `store_suite` as well.

use std::collections::BTreeMap;

use consentry_core::matching::ProfileId;
use consentry_host::attributes::{AttributesError, set_by_file, set_one};
use consentry_host::store::memory::MemoryStore;
use consentry_host::store::{AttributeChange, Lookup, Store, TenantId};

use crate::database::{Schema, on_every_store};
use crate::program::{Program, engine};
use crate::store_suite::{identity, import, row, rows};

const T: TenantId = TenantId::DEFAULT;
const AYSE: u64 = 905301112233;

on_every_store! {
    what_is_set_lies_over_what_came_and_is_seen_everywhere
    whoever_is_not_there_is_passed_over
    people_of_many_blocks_keep_their_own
}

fn what_is_set_lies_over_what_came_and_is_seen_everywhere(store: &dyn Store) {
    import(store, T, "a", &rows(&[row(AYSE)]));
    let (before, writes) = (store.state_hash(T).unwrap(), store.attribute_writes(T).unwrap());
    assert_eq!(
        store.set_attributes(T, &[change(1, &[("city", Some("Izmir")), ("tier", Some("gold"))])]).unwrap(),
        1
    );
    let found = || store.find(T, &Lookup::Number(identity(AYSE))).unwrap().unwrap().profile.attributes;
    assert_eq!(found(), attributes(&[("city", "Izmir"), ("tier", "gold")]));
    assert_eq!(store.profiles(T, None, 10).unwrap()[0].profile.attributes, found());
    assert_ne!(store.state_hash(T).unwrap(), before, "they are part of the state");
    assert_eq!(store.attribute_writes(T).unwrap(), writes + 1);

    store.set_attributes(T, &[change(1, &[("city", None)])]).unwrap();
    assert_eq!(found(), attributes(&[("tier", "gold")]));
    store.set_attributes(T, &[change(1, &[("tier", None)])]).unwrap();
    assert_eq!(store.state_hash(T).unwrap(), before, "and when they are gone it is what it was");
    assert_eq!(store.verify(T).unwrap(), 1, "the log tells of consents alone");
}

fn whoever_is_not_there_is_passed_over(store: &dyn Store) {
    import(store, T, "a", &rows(&[row(AYSE)]));
    let set = [change(1, &[("city", Some("Van"))]), change(2, &[("city", Some("Bursa"))])];
    assert_eq!(store.set_attributes(T, &set).unwrap(), 1);
    import(store, T, "b", &rows(&[row(AYSE + 1)]));
    assert_eq!(cities(store), ["Van", ""], "and whoever gets the number later has nothing of it");
    assert_eq!(store.set_attributes(TenantId(2), &set).unwrap(), 0);
    assert_eq!(cities(store), ["Van", ""]);
}

fn people_of_many_blocks_keep_their_own(store: &dyn Store) {
    const PEOPLE: u64 = 1_500;
    let all: Vec<_> = (0..PEOPLE).map(|at| row(AYSE + at)).collect();
    import(store, T, "a", &rows(&all));
    let set: Vec<AttributeChange> =
        (1..=PEOPLE).step_by(7).map(|id| change(id, &[("city", Some(&format!("city {id}")))])).collect();
    assert_eq!(store.set_attributes(T, &set).unwrap(), set.len() as u64);
    let mut seen = 0;
    store
        .each_profile(T, 100, &mut |page| {
            for stored in page {
                let id = stored.profile.id.0;
                let expected = (id % 7 == 1).then(|| format!("city {id}"));
                assert_eq!(stored.profile.attributes.get("city"), expected.as_ref(), "{id}");
                seen += 1;
            }
            true
        })
        .unwrap();
    assert_eq!(seen, PEOPLE);
}

#[test]
fn a_file_names_people_by_any_of_their_names() {
    let store = MemoryStore::new();
    import(&store, T, "a", &rows(&[row(AYSE), row(AYSE + 1), row(AYSE + 2)]));
    let set = |file: &str| set_by_file(&store, &engine(), T, file.as_bytes()).unwrap();
    let done = set("profile;city\np1;Izmir\np2;\np9;Van\nx;Van\n");
    assert_eq!((done.rows, done.matched, done.profiles, done.rejected), (4, 2, 1, 2));
    assert_eq!((done.troubles[0].row, done.troubles[0].found.as_str()), (3, "p9"));
    assert_eq!(cities(&store), ["Izmir", "", ""]);
    // As an export has it: the profile says who, and the other columns of a consent file are no attributes.
    let done = set("\u{feff}profile,exid,email,msisdn,wpNumber,permission,city\np2,,,,+905301112233,2,Van\n");
    assert_eq!((done.attributes, done.profiles), (vec!["city".to_owned()], 1));
    assert_eq!(cities(&store), ["Izmir", "Van", ""]);
    let done = set("City Code\tWP-Number\n16\t0090 530 111 22 33\n35\t+905301112234\n1\t12\n");
    assert_eq!((done.matched, done.rejected, done.attributes), (2, 1, vec!["City Code".to_owned()]));
    // Of two rows about one person the later one counts.
    set("wpNumber,city\n+905301112235,Bolu\n\"+905301112235\",\"Muş, merkez\"\n");
    assert_eq!(cities(&store), ["Izmir", "Van", "Muş, merkez"]);
}

#[test]
fn nobody_has_more_attributes_than_anybody_may() {
    let store = MemoryStore::new();
    import(&store, T, "a", &rows(&[row(AYSE), row(AYSE + 1)]));
    let names = |of: std::ops::Range<u32>| of.map(|at| format!("a{at}")).collect::<Vec<_>>();
    let set = |names: &[String], people: &[u64]| {
        let line = |person: &u64| format!("+{person}{}\n", ",x".repeat(names.len()));
        let lines: String = people.iter().map(line).collect();
        let file = format!("wpNumber,{}\n{lines}", names.join(","));
        set_by_file(&store, &engine(), T, file.as_bytes()).unwrap()
    };
    assert_eq!(set(&names(0..60), &[AYSE]).profiles, 1);
    let done = set(&names(58..65), &[AYSE + 1, AYSE]);
    assert_eq!((done.profiles, done.rejected), (1, 1));
    assert_eq!(done.troubles[0].row, 2);
    assert!(done.troubles[0].message.contains("would have 65 attributes"), "{}", done.troubles[0].message);
    assert_eq!(set(&names(58..64), &[AYSE]).profiles, 1);
    let more = || [("b".to_owned(), Some("x".to_owned()))];
    let one = set_one(&store, T, ProfileId(1), more().into());
    assert!(matches!(one, Err(AttributesError::Invalid(text)) if text.contains("65 attributes")));
    let swapped = more().into_iter().chain([("a1".to_owned(), None)]).collect();
    assert_eq!(set_one(&store, T, ProfileId(1), swapped).unwrap(), 1);
}

#[test]
fn what_is_no_table_of_attributes_is_refused_with_what_helps() {
    let store = MemoryStore::new();
    for (file, says) in [
        ("", "no column says who is meant"),
        ("city,name\na,b\n", "name one `profile`, `exid`, `email`, `msisdn`, `wpNumber`"),
        ("exid,permission\n7,1\n", "no column that is an attribute"),
        ("exid,city,City\n7,a,b\n", "two columns are called `City`"),
    ] {
        let refused = set_by_file(&store, &engine(), T, file.as_bytes()).unwrap_err();
        assert!(
            matches!(&refused, AttributesError::Invalid(text) if text.contains(says)),
            "{file}: {refused}"
        );
    }
    let refused = set_by_file(&store, &engine(), T, &b"exid,city\n7,\xdd\n"[..]).unwrap_err().to_string();
    assert!(refused.contains("line 2 is not UTF-8"), "{refused}");
}

#[test]
fn the_command_sets_them_by_file_and_one_by_one_beside_a_server_and_they_are_moved_with_the_store() {
    let program = Program::new();
    program.write("people.csv", "exid,wpNumber,permission,city\n7,+905301112233,1,Van\n8,+905301112244,1,\n");
    program.json(&["import", "people.csv", "--attribute", "city"]);
    let server = program.serve(&[]);
    program.write("cities.csv", "exid,city,tier\n8,İzmir,gold\n9,Muş,\n");
    let ran = program.run(&["profile", "set", "cities.csv", "--json"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(ran.json()["troubles"][0]["message"], "nobody is known by that");
    let one = program.json(&[
        "profile",
        "set",
        "+90 530 111 22 33",
        "--attribute",
        "city=",
        "--attribute",
        "tier=silver",
    ]);
    assert_eq!(one["profiles"], 1);
    let people = server.get("/api/v1/profiles").json();
    let attributes = |at: usize| people["profiles"][at]["attributes"].clone();
    assert_eq!(attributes(0), serde_json::json!({"tier": "silver"}));
    assert_eq!(attributes(1), serde_json::json!({"city": "İzmir", "tier": "gold"}));
    drop(server);
    let export = program.run(&["export", "--attributes"]).stdout;
    assert!(export.contains("p2,8,,,+905301112244,1,İzmir,gold"), "{export}");
    for (args, says) in [
        (&["profile", "set", "p1", "--attribute", "city"][..], "is no pair"),
        (&["profile", "set", "p77", "--attribute", "city=x"], "nobody is known by `p77`"),
        (&["profile", "set", "p1", "--attribute", "permission=1"], "is no attribute"),
        (&["profile", "set", "nowhere.csv"], "to set attributes of one person"),
    ] {
        program.run(args).assert_refused(&[says]);
    }
    let Some(schema) = Schema::new() else { return };
    program.json(&["store", "migrate", "--to", &schema.url()]);
    let moved = program.run(&["export", "--attributes", "--database-url", &schema.url()]).stdout;
    assert_eq!(moved, export);
}

fn change(id: u64, values: &[(&str, Option<&str>)]) -> AttributeChange {
    let own = |(name, value): &(&str, Option<&str>)| ((*name).to_owned(), value.map(str::to_owned));
    AttributeChange { profile: ProfileId(id), values: values.iter().map(own).collect() }
}

fn attributes(of: &[(&str, &str)]) -> BTreeMap<String, String> {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn cities(store: &dyn Store) -> Vec<String> {
    let people = store.profiles(T, None, 10).unwrap();
    let city = |attributes: &BTreeMap<String, String>| attributes.get("city").cloned().unwrap_or_default();
    people.iter().map(|stored| city(&stored.profile.attributes)).collect()
}
