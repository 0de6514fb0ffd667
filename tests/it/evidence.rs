//! Evidence as the real program gives it: everything about a number in one signed file, and no byte of it to be changed.

use serde_json::{Value, json};

use crate::program::{Program, encoded};

/// Two files: p1 has the number first, and p2 gets it. p3 has another.
fn told(program: &Program) {
    program.write(
        "one.csv",
        "exid,wpNumber,permission\ne-1,+905301112233,1\ne-2,+905301112255,1\ne-3,+905301112244,1\n",
    );
    program.write("two.csv", "exid,wpNumber,permission\ne-2,+905301112233,1\n");
    for file in ["one.csv", "two.csv"] {
        assert_eq!(program.run(&["import", file]).code, 0);
    }
}

#[test]
fn a_pack_says_who_held_the_number_and_verifies_until_it_is_changed() {
    let program = Program::new();
    told(&program);
    let ran = program.run(&["evidence", "export", "0090 530 111 22 33", "--out", "pack.json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let text = std::fs::read_to_string(program.path("pack.json")).unwrap();
    let pack: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(pack["about"]["of"], "+905301112233");
    assert_eq!(pack["standing"]["may_be_messaged"], true);
    assert_eq!(pack["profile"]["exid"], "e-2");
    let custody = pack["custody"].as_array().unwrap();
    assert_eq!(custody.len(), 2);
    assert_eq!((&custody[0]["profile"], &custody[0]["moved_to"]), (&json!("p1"), &json!("p2")));
    assert!(custody[1]["until"].is_null() && custody[1]["profile"] == "p2");
    let import = &pack["imports"][0];
    assert!(import["file"]["sha256"].is_string() && import["engine"]["sha256"].is_string());
    assert_eq!(import["diagnostics"], json!([]), "findings quote other people's rows");
    assert!(!text.contains("905301112244"), "another person's number is nobody's evidence");

    let key = program.json(&["evidence", "key"])["public_key"].as_str().unwrap().to_owned();
    assert_eq!(program.json(&["evidence", "verify", "pack.json"])["verified"], true);
    // Anybody, anywhere: with the key alone, and not without it.
    let away = ["--data", "nowhere", "evidence", "verify", "pack.json"];
    assert_eq!(program.run(&[&away[..], &["--key", &key]].concat()).code, 0);
    assert_eq!(program.run(&away).code, 1);

    program.write("pack.json", text.replace("e-2", "e-9"));
    let ran = program.run(&["evidence", "verify", "pack.json", "--json"]);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.json()["verified"], false);
    assert!(ran.json()["changed"].as_array().unwrap().contains(&json!("profile")), "{}", ran.stdout);
    let notes = program.run(&["audit", "list"]).stdout;
    assert!(notes.contains("people.evidence  profiles/p2/evidence"), "{notes}");
    assert!(!notes.contains("90530"), "no number in the audit");
}

#[test]
fn somebody_is_found_by_any_identifier_and_changed_by_hand_only_as_seen() {
    let program = Program::new();
    told(&program);
    let server = program.serve(&[]);
    let user = json!({"number": "+905301112244", "user_id": "TR.1A2B", "heard": "phone"}).to_string();
    let typed = [("content-type", "application/json")];
    assert_eq!(server.ask("POST", "/api/v1/opt-outs", &typed, user.as_bytes()).status, 200);
    for q in ["e-3", "+90 (530) 111-22-44", "p3", "TR.1A2B", "https://wa.me/905301112244"] {
        let found = server.get(&format!("/api/v1/profiles?q={}", encoded(q))).json();
        assert_eq!(found["profiles"][0]["profile"], "p3", "{q}");
        let told = server.get(&format!("/api/v1/explain?of={}", encoded(q))).json();
        assert_eq!(told["standing"]["permission"], "opt_out", "{q}");
        assert_eq!(told["user_ids"], json!(["TR.1A2B"]), "{q}");
    }
    let listed = |permission: &str| {
        let page = server.get(&format!("/api/v1/profiles?permission={permission}")).json();
        page["profiles"].as_array().unwrap().iter().map(|one| one["profile"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(listed("opt_in"), [json!("p2")]);
    assert_eq!(listed("opt_out"), [json!("p3")]);
    assert_eq!(listed("none"), [json!("p1")]);

    let change = |from: Value, to: Value| {
        let body = json!({"changes": {"city": {"from": from, "to": to}}}).to_string();
        server.ask("PUT", "/api/v1/profiles/p3/attributes", &typed, body.as_bytes())
    };
    assert_eq!(change(Value::Null, json!("Izmir")).json()["profile"]["attributes"]["city"], "Izmir");
    let late = change(Value::Null, json!("Bursa"));
    assert_eq!((late.status, &late.json()["code"]), (409, &json!("attribute-changed")));
    assert_eq!(late.json()["found"], "Izmir");
    let gone = change(json!("Izmir"), Value::Null).json();
    assert_eq!(gone["profile"]["attributes"], json!({}));
    assert_eq!((&gone["edits"][0]["from"], &gone["edits"][0]["to"]), (&json!("Izmir"), &Value::Null));
    assert_eq!(gone["edits"].as_array().unwrap().len(), 2);
}
