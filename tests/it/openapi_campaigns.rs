//! Every answer about campaigns, audiences, segments and prices, held against the description of the API by [`super::openapi`].

use serde_json::{Value, json};

use crate::connecting::Meta;
use crate::openapi::Asking;
use crate::program::wait_until;

const PEOPLE: &str = "exid,email,wpNumber,permission,city\n70,,+905301112270,1,Izmir\n71,a@example.com,+905301112271,1,Van\n\
                      72,,+905301112272,1,\n73,,+12015550123,1,\n74,,+905301112274,2,\n";

/// A campaign with a template that every account of the stand-in has.
pub(crate) fn campaign(name: &str) -> Value {
    json!({"name": name, "account": "a1", "messages": [{"template": "spring_sale", "language": "en_US", "values": {
        "first_name": {"attribute": {"name": "city", "default": "there"}}, "last_day": {"text": "Sunday"},
    }}]})
}

pub(crate) fn ask(ask: &mut Asking<'_>, meta: &Meta) {
    let options = crate::program::encoded("{\"attributes\":[\"city\"]}");
    let import = ask.server.import(&format!("name=people.csv&options={options}"), PEOPLE.as_bytes());
    assert_eq!(import["counts"]["created"], 5);
    audiences(ask);
    course(ask, meta);
}

fn audiences(ask: &mut Asking<'_>) {
    let izmir = json!({"attribute": {"name": "city", "is": ["izmir", "van"]}});
    let all = json!({"include": {"any": [izmir, {"segment": "turkey"}]}, "exclude": {"consent_age": {"days_min": 900}}});
    let put = |ask: &mut Asking<'_>, name: &str, body: &Value, status| {
        ask.json("put", "/segments/{segment}", &format!("/segments/{name}"), body, status);
    };
    put(ask, "turkey", &json!({"condition": {"country": ["TR"]}}), 200);
    put(ask, "turkey", &json!({"condition": {"segment": "turkey"}}), 400);
    put(ask, "other", &json!({"name": "another", "condition": {"country": ["TR"]}}), 400);
    put(ask, "gone", &json!({"condition": {"not": {"segment": "turkey"}}}), 200);
    ask.get("/segments", "", 200);
    ask.get("/segments", "?all=1", 400);
    for (method, name, status) in [
        ("get", "turkey", 200),
        ("get", "none", 404),
        ("delete", "turkey", 409),
        ("delete", "gone", 204),
        ("delete", "gone", 404),
    ] {
        ask.ask(method, "/segments/{segment}", &format!("/segments/{name}"), &[], b"", status);
    }
    for path in ["/audience/count", "/audience/people"] {
        ask.json("post", path, path, &all, 200);
        ask.json("post", path, path, &json!({}), 200);
        ask.json("post", path, path, &json!({"include": {"segment": "none"}}), 400);
        ask.json("post", path, path, &json!({"include": {"planet": ["Mars"]}}), 400);
    }
    ask.get("/attributes", "", 200);
    ask.get("/attributes", "?of=1", 400);
    ask.ask(
        "put",
        "/prices",
        "/prices",
        &[("content-type", "text/csv")],
        b"currency=EUR\ncountry,category,price\nTR,marketing,0.01\n",
        204,
    );
    ask.ask(
        "put",
        "/prices",
        "/prices",
        &[("content-type", "text/csv")],
        b"country,category,price\nTR,marketing,much\n",
        400,
    );
    ask.get("/prices", "", 200);
    ask.get("/prices", "?of=TR", 400);
}

fn course(ask: &mut Asking<'_>, meta: &Meta) {
    let one = "/campaigns/{campaign}";
    let mut later = campaign("Later");
    later["schedule"] = json!({"starts_at": "2099-01-01T10:00:00+03:00"});
    later["quiet"] = json!({"from": "21:00", "until": "09:00"});
    later["control_percent"] = 10.into();
    let mut known = later.clone();
    known["by"] = "Ayse".into();
    ask.json("post", "/campaigns", "/campaigns", &known, 201);
    ask.json("post", "/campaigns", "/campaigns", &json!({"name": "x"}), 400);
    ask.json("post", "/campaigns", "/campaigns", &campaign("Now"), 201);
    ask.get("/campaigns", "", 200);
    ask.get("/campaigns", "?limit=1", 400);
    ask.ask("get", one, "/campaigns/c1", &[], b"", 200);
    ask.ask("get", one, "/campaigns/c99", &[], b"", 404);
    known["version"] = 1.into();
    ask.json("put", one, "/campaigns/c1", &known, 409);
    for (id, body, status) in [("c1", &later, 200), ("c1", &json!([]), 400), ("c99", &later, 404)] {
        ask.json("put", one, &format!("/campaigns/{id}"), body, status);
    }
    let deed = |ask: &mut Asking<'_>, verb: &str, of: &[(&str, Value, u16)]| {
        let path = format!("{one}/{verb}");
        for (id, body, status) in of {
            ask.json("post", &path, &format!("/campaigns/{id}/{verb}"), body, *status);
        }
    };
    let (nobody, wrong, by) = (json!({}), json!({"nonsense": 1}), json!({"by": "Ayse"}));
    deed(
        ask,
        "copy",
        &[("c1", nobody.clone(), 201), ("c1", wrong.clone(), 400), ("c99", nobody.clone(), 404)],
    );
    let preflight = format!("{one}/preflight");
    ask.ask("get", &preflight, "/campaigns/c1/preflight", &[], b"", 409);
    ask.ask("get", &preflight, "/campaigns/c99/preflight", &[], b"", 404);
    deed(ask, "preflight", &[("c1", by.clone(), 202), ("c1", wrong.clone(), 400), ("c99", by.clone(), 404)]);
    state(ask, "c1", "frozen");
    ask.ask("get", one, "/campaigns/c1", &[], b"", 200);
    ask.ask("get", &preflight, "/campaigns/c1/preflight", &[], b"", 200);
    let people = format!("{one}/preflight/people");
    for (target, status) in [
        ("c1/preflight/people?code=country-closed", 200),
        ("c1/preflight/people?of=x", 400),
        ("c99/preflight/people?code=x", 404),
    ] {
        ask.ask("get", &people, &format!("/campaigns/{target}"), &[], b"", status);
    }
    ask.ask("get", &format!("{one}/events"), "/campaigns/c99/events", &[], b"", 404);
    deed(
        ask,
        "test",
        &[
            ("c1", json!({"to": "70"}), 200),
            ("c1", nobody.clone(), 400),
            ("c1", json!({"to": "7777"}), 404),
            ("c1", json!({"to": "74"}), 409),
        ],
    );
    meta.fault(&json!({"route": "POST messages", "code": 131_026}));
    deed(ask, "test", &[("c1", json!({"to": "71", "message": 0}), 409)]);
    deed(ask, "approve", &[("c1", nobody, 400), ("c99", by.clone(), 404), ("c1", by.clone(), 200)]);
    deed(
        ask,
        "start",
        &[
            ("c1", wrong.clone(), 400),
            ("c99", by.clone(), 404),
            ("c1", json!({"plan": "another"}), 409),
            ("c1", by.clone(), 200),
        ],
    );
    ask.get("/campaigns", "", 200);
    deed(
        ask,
        "pause",
        &[
            ("c1", wrong.clone(), 400),
            ("c99", by.clone(), 404),
            ("c1", json!({"why": "lunch"}), 200),
            ("c1", by.clone(), 409),
        ],
    );
    deed(ask, "resume", &[("c1", wrong.clone(), 400), ("c99", by.clone(), 404), ("c1", by.clone(), 200)]);
    for (body, status) in [(&by, 200), (&wrong, 400)] {
        ask.json("post", "/campaigns/stop", "/campaigns/stop", body, status);
    }
    ask.ask("get", one, "/campaigns/c1", &[], b"", 200);
    deed(
        ask,
        "cancel",
        &[
            ("c1", wrong.clone(), 400),
            ("c99", by.clone(), 404),
            ("c1", by.clone(), 200),
            ("c1", by.clone(), 409),
        ],
    );
    deed(ask, "start", &[("c2", by, 200)]);
    state(ask, "c2", "finished");
    ask.ask("get", one, "/campaigns/c2", &[], b"", 200);
    for (of, status) in [("c2", 200), ("c99", 404)] {
        ask.ask("get", &format!("{one}/report"), &format!("/campaigns/{of}/report"), &[], b"", status);
    }
    for (target, status) in [
        ("c2/people", 200),
        ("c2/people?format=jsonl&status=accepted", 200),
        ("c2/people?status=failed&code=131026", 200),
        ("c2/people?status=lost", 400),
        ("c2/people?code=x", 400),
        ("c99/people", 404),
    ] {
        ask.ask("get", &format!("{one}/people"), &format!("/campaigns/{target}"), &[], b"", status);
    }
    for (target, status) in [("c3?why=1", 400), ("c3?by=Ayse", 204), ("c3", 404), ("c2", 409)] {
        ask.ask("delete", one, &format!("/campaigns/{target}"), &[], b"", status);
    }
}

/// Waits until a campaign stands so.
fn state(ask: &Asking<'_>, id: &str, wanted: &str) {
    wait_until(wanted, || ask.server.get(&format!("/api/v1/campaigns/{id}")).json()["state"] == wanted);
}
