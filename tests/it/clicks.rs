//! Links that are counted: nobody can make one, they lead where the campaign's values say and nowhere else, a text is as long
//! as it will be, and taps of people - not of programs - come into the report, once for each person.

use std::collections::BTreeMap;

use consentry_core::campaign::problem::Code;
use consentry_core::campaign::stencil::link::TOKEN_CHARS;
use consentry_core::campaign::stencil::{Given, Stencil};
use consentry_core::campaign::{CampaignId, SendId};
use consentry_core::matching::ProfileId;
use consentry_core::template::{Request, Template, preview};
use consentry_host::campaigns::links::{Key, Keys, Link};
use consentry_host::data::{Place, open_for_documents};
use consentry_host::store::TenantId;
use serde_json::{Value, json};

use crate::connecting::{Meta, connect, send};
use crate::openapi_campaigns::campaign;
use crate::program::{Program, Server, encoded, wait_until};
use crate::random::Random;

const T: TenantId = TenantId::DEFAULT;
const BASE: &str = "https://go.example/l/";
const TO: u64 = 905_301_112_233;
const PHONE: (&str, &str) =
    ("user-agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1");
const FORGERIES: usize = 10_000;

fn sent(campaign: u64, place: u64, value: u8) -> Link {
    Link::Sent { send: SendId { campaign: CampaignId(campaign), place }, value }
}

#[test]
fn a_token_says_which_link_it_is_of_and_nobody_else_makes_one() {
    let key = Key::new([7; 32]);
    let tried = |message| Link::Tried { campaign: CampaignId(3), message, profile: ProfileId(9), value: 1 };
    let largest = sent((1 << 20) - 1, u64::from(u32::MAX), 255);
    for link in [sent(1, 1, 0), sent(7, 12, 3), largest, tried(0), tried(9)] {
        let token = key.token(T, link).unwrap();
        assert_eq!(token.len(), TOKEN_CHARS);
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{token}");
        assert_eq!(key.read(T, &token), Some(link));
        assert_eq!(key.read(TenantId(2), &token), None);
        assert_eq!(Key::new([8; 32]).read(T, &token), None);
        for at in 0..token.len() {
            for other in "AZaz09-_".chars().filter(|other| !token[at..].starts_with(*other)) {
                let forged = format!("{}{other}{}", &token[..at], &token[at + 1..]);
                assert_eq!(key.read(T, &forged), None, "{forged}");
            }
        }
        for odd in [&token[1..], &format!("{token}A"), &format!("{token}="), &token.replace(|_| true, "ş")] {
            assert_eq!(key.read(T, odd), None, "{odd}");
        }
    }
    for beyond in [sent(1 << 20, 1, 0), sent(1, 1 << 32, 0), tried(15)] {
        assert_eq!(key.token(T, beyond), None);
    }
    // What is said is true, and the proof is made up.
    let (mut random, token) = (Random::new(5), key.token(T, sent(7, 12, 0)).unwrap());
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for _ in 0..FORGERIES {
        let end: String = (0..13).map(|_| char::from(LETTERS[random.below(64) as usize])).collect();
        let forged = format!("{}{end}", &token[..11]);
        assert!(forged == token || key.read(T, &forged).is_none(), "{forged}");
    }
}

fn template(body: &str, button: &str) -> Value {
    json!({"name": "sale", "language": "en", "category": "MARKETING", "components": [
        {"type": "BODY", "text": body},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Shop", "url": button}]}]})
}

fn given(values: &[(&str, Given)]) -> BTreeMap<String, Given> {
    values.iter().map(|(name, given)| ((*name).to_owned(), given.clone())).collect()
}

fn own(name: &str) -> Given {
    Given::Attribute { name: name.to_owned(), default: None }
}

fn problems(stencil: &Stencil, values: &[&str]) -> Vec<Code> {
    let mut said = Vec::new();
    stencil.judge(values, &mut Vec::new(), &mut |code, _| said.push(code));
    said
}

#[test]
fn what_is_sent_is_what_preview_draws_with_links_in_place() {
    let document = template("Hi {{1}}, see {{2}} or {{3}} today", "https://go.example/l/{{1}}");
    let values = given(&[
        ("1", own("name")),
        ("2", own("page")),
        ("3", Given::Text("https://shop.example/sale".to_owned())),
        ("button.0", own("page")),
    ]);
    let stencil = Stencil::compile(document.to_string().as_bytes(), &values, Some(BASE)).unwrap();
    assert!(stencil.faults().is_empty(), "{:?}", stencil.faults());
    let key = Key::new([1; 32]);
    for (name, page) in
        [("Ayşe \"A\" \\ 🎉", "https://x.example/ş?q=\"1\"&r=2"), ("https://n.example", "HTTP://x.example")]
    {
        let of = |wanted: &str| match wanted {
            "1" => name,
            "3" => "https://shop.example/sale",
            _ => page,
        };
        let own: Vec<&str> = stencil.wanted().iter().map(|wanted| of(&wanted.name)).collect();
        assert_eq!(problems(&stencil, &own), []);
        let token = |at: usize| key.token(T, sent(1, 2, at as u8)).unwrap();
        let mut shown = serde_json::Map::new();
        for (at, wanted) in stencil.wanted().iter().enumerate() {
            let value = match stencil.link(at, own[at]) {
                Some(true) => token(at),
                Some(false) => format!("{BASE}{}", token(at)),
                None => own[at].to_owned(),
            };
            shown.insert(wanted.name.clone(), value.into());
        }
        let mut out = String::new();
        stencil.payload(&own, &token, TO, "x", &mut out);
        let mut payload: Value = serde_json::from_str(&out).unwrap();
        payload.as_object_mut().unwrap().remove("biz_opaque_callback_data");
        let bytes = document.to_string();
        let read = Template::parse(bytes.as_bytes()).unwrap();
        let shown = Value::Object(shown).to_string();
        let values = serde_json::from_str(&shown).unwrap();
        let request = Request { values, with_examples: false, to: Some(format!("+{TO}").into()) };
        assert_eq!(payload, serde_json::to_value(&preview(&read, &request).payload).unwrap());
        assert!(!out.contains("x.example") && !out.contains("shop.example"), "{out}");
    }
    let mut at_button = vec!["x"; stencil.wanted().len()];
    let button = stencil.wanted().iter().position(|wanted| wanted.name == "button.0").unwrap();
    for no in ["sale", "javascript:alert(1)", "https://you@x.example", "//x.example"] {
        at_button[button] = no;
        assert_eq!(problems(&stencil, &at_button), [Code::LinkInvalid], "{no}");
    }
}

#[test]
fn a_text_is_judged_by_the_links_that_it_will_have() {
    let link = BASE.len() + TOKEN_CHARS;
    // A body of 1,024 characters exactly, and one more.
    for (fixed, is_too_long) in [(1_024 - link, false), (1_025 - link, true)] {
        let document = template(
            &format!("{}{{{{1}}}}{}", "a".repeat(10), "b".repeat(fixed - 10)),
            "https://go.example/l/{{1}}",
        );
        let values = given(&[("1", own("page")), ("button.0", own("page"))]);
        let stencil = Stencil::compile(document.to_string().as_bytes(), &values, Some(BASE)).unwrap();
        let page = format!("https://x.example/{}", "p".repeat(900));
        let said = problems(&stencil, &[&page, &page]);
        assert_eq!(said.contains(&Code::TextTooLong), is_too_long, "{said:?}");
        // What is no address stays as it is.
        assert_eq!(problems(&stencil, &["short", &page]), []);
    }
}

#[test]
fn what_cannot_be_counted_is_said() {
    let faults = |document: Value, links| {
        let values = given(&[("1", own("page")), ("button.0", own("page"))]);
        let stencil = Stencil::compile(document.to_string().as_bytes(), &values, links).unwrap();
        stencil.faults().iter().map(|fault| (fault.code, fault.path.clone())).collect::<Vec<_>>()
    };
    let elsewhere = template("See {{1}} today", "https://shop.example/{{1}}");
    assert_eq!(faults(elsewhere.clone(), None), []);
    assert_eq!(
        faults(elsewhere, Some(BASE)),
        [(Code::LinkUncounted, "Shop https://shop.example/…".to_owned())]
    );
    // The end of an address of ours with more behind it is not ours.
    let more = template("See {{1}} today", "https://go.example/l/{{1}}/more");
    assert_eq!(faults(more, Some(BASE)).len(), 1);
}

/// A server beside its own stand-in, whose people read everything and tap every link of it.
fn tapping(people: &str) -> (Program, Server) {
    const SCENARIO: &str = "[people]\nabsent = 0.0\nexperiment = 0.0\ndeliver = 1.0\nread = 1.0\nanswer = 0.0\ntap = 1.0\n\
                            stop_word = 0.0\nstop = 0.0\nhidden = 0.0\nsent_ms = [5, 20]\ndelivered_ms = [10, 40]\n\
                            read_ms = [10, 80]\ntap_ms = [5, 50]\n[[person]]\nnumber = \"+905301200000\"\ntaps = false\n";
    let program = Program::new();
    program.write("scenario.toml", SCENARIO);
    let server = program.serve(&["--sandbox", "--scenario", "scenario.toml", "--sync-every", "0"]);
    wait_until("its account", || !get(&server, "/accounts")["accounts"].as_array().unwrap().is_empty());
    server.get("/api/v1/templates/sync/events?account=a1").events();
    server.import(
        &format!("name=people.csv&options={}", encoded("{\"attributes\":[\"page\"]}")),
        people.as_bytes(),
    );
    (program, server)
}

fn get(server: &Server, target: &str) -> Value {
    let answer = server.get(&format!("/api/v1{target}"));
    assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    answer.json()
}

fn linked(name: &str) -> Value {
    let mut of = campaign(name);
    of["track_links"] = true.into();
    of["messages"][0]["values"] = json!({
        "first_name": {"attribute": {"name": "page", "default": "https://shop.example/"}},
        "last_day": {"text": "https://shop.example/sale?day=\"ş\""},
    });
    of
}

#[test]
fn taps_of_people_come_into_the_report_and_those_of_programs_do_not() {
    let people = (0..20).fold("exid,wpNumber,permission,page\n".to_owned(), |file, at| {
        file + &format!("{at},+{},1,https://x.example/{at}\n", 905_301_200_000_u64 + at)
    });
    let (program, server) = tapping(&people);
    assert_eq!(send(&server, "POST", "/campaigns", &linked("Sale")).status, 201);
    send(&server, "POST", "/campaigns/c1/start", &json!({"by": "Ayse"}));
    let report = || get(&server, "/campaigns/c1/report");
    wait_until("everybody but one has tapped", || report()["clicked"] == 19);
    wait_until("everybody has read it", || report()["funnel"]["read"] == 20);
    let drawn = get(&server, "/campaigns/c1/preflight")["messages"][0]["sample"].to_string();
    let here = format!("http://{}/l/", server.address());
    assert!(drawn.contains(&here) && !drawn.contains("x.example"), "{drawn}");

    let place = Place { folder: program.data(), database: None };
    let token = |place: &Place, number: u64, value| {
        let (_, vault) = open_for_documents(place).unwrap();
        Keys::default().find(&vault, T).unwrap().unwrap().token(T, sent(1, number, value)).unwrap()
    };
    let listed = server.get("/api/v1/campaigns/c1/people?format=jsonl");
    let quiet = listed.text().lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let quiet =
        quiet.into_iter().find(|one| one["number"] == "+905301200000").unwrap()["place"].as_u64().unwrap();
    let first = token(&place, quiet, 0);
    let open = |method: &str, token: &str, agent: (&str, &str)| {
        // People come under whatever name the server has outside.
        server.ask(method, &format!("/l/{token}"), &[("host", "go.example"), agent], b"")
    };
    for (method, agent) in [
        ("HEAD", PHONE),
        ("GET", ("user-agent", "facebookexternalhit/1.1")),
        ("GET", ("user-agent", "WhatsApp/2.23.20.0 A")),
        ("GET", ("accept", "*/*")),
    ] {
        let led = open(method, &first, agent);
        assert_eq!((led.status, led.header("location")), (302, Some("https://x.example/0")), "{method}");
    }
    assert_eq!(report()["clicked"], 19, "programs do not count");
    for _ in 0..3 {
        let led = open("GET", &token(&place, quiet, 1), PHONE);
        assert_eq!(
            (led.status, led.header("location")),
            (302, Some("https://shop.example/sale?day=%22%C5%9F%22"))
        );
        assert_eq!(
            (led.header("cache-control"), led.header("referrer-policy")),
            (Some("no-store"), Some("no-referrer"))
        );
        assert_eq!(led.header("set-cookie"), None);
    }
    let told = report();
    assert_eq!(
        (&told["clicked"], &told["funnel"]["clicked"]),
        (&json!(20), &json!(20)),
        "the tap is durable, and counts once"
    );
    let over_time: u64 =
        told["over_time"].as_array().unwrap().iter().map(|span| span["clicked"].as_u64().unwrap()).sum();
    assert_eq!((over_time, &told["by_country"][0]["clicked"]), (20, &json!(20)));
    assert_eq!(
        (&told["by_import"][0]["clicked"], &told["by_message"][0]["clicked"]),
        (&json!(20), &json!(20))
    );
    assert_eq!(server.get("/api/v1/campaigns/c1/people?status=clicked").text().lines().count(), 21);
    let tapped = json!({"include": {"last_message": {"status": ["clicked"]}}});
    assert_eq!(send(&server, "POST", "/audience/count", &tapped).json()["people"], 20);

    let forged = format!("{}A", &first[..TOKEN_CHARS - 1]);
    let forged = if forged == first { format!("{}B", &first[..TOKEN_CHARS - 1]) } else { forged };
    let beyond = token(&place, 21, 0);
    let no_value = token(&place, quiet, 9);
    for wrong in [
        forged.as_str(),
        "",
        "x",
        "https%3A%2F%2Fevil.example",
        "x/y",
        "../api/v1/version",
        beyond.as_str(),
        no_value.as_str(),
    ] {
        let answer = open("GET", wrong, PHONE);
        assert_eq!((answer.status, answer.header("location")), (404, None), "{wrong}");
    }
    assert_eq!(open("POST", &first, PHONE).status, 405);

    drop(server);
    let rotated = program.run(&["vault", "rotate"]);
    assert_eq!(rotated.code, 0, "{}", rotated.stderr);
    assert_eq!(token(&place, quiet, 0), first, "links that are out stay");
    let server = program.serve(&[]);
    let led = server.ask("GET", &format!("/l/{first}"), &[("host", "go.example"), PHONE], b"");
    assert_eq!((led.status, led.header("location")), (302, Some("https://x.example/0")));
}

#[test]
fn links_need_an_address_that_phones_can_reach() {
    let (program, meta) = (Program::new(), Meta::new(""));
    let served =
        |args: &[&str]| program.serve(&[&["--graph-url", meta.url(), "--sync-every", "0"], args].concat());
    let server = served(&[]);
    connect(&server);
    send(&server, "POST", "/campaigns", &linked("Sale")).assert_problem(
        409,
        "not-now",
        "--public-url https://",
    );
    drop(server);
    let server = served(&["--public-url", "http://consent.example"]);
    send(&server, "POST", "/campaigns", &linked("Sale")).assert_problem(
        409,
        "not-now",
        "begins with https://",
    );
    drop(server);
    let server = served(&["--public-url", "https://consent.example/"]);
    server.import("name=people.csv", b"exid,wpNumber,permission\n1,+905301112201,1\n");
    assert_eq!(send(&server, "POST", "/campaigns", &linked("Sale")).status, 201);
    program.write("campaign.json", linked("By hand").to_string());
    let ran = program.run(&["campaign", "create", "campaign.json"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("--public-url"), "{}", ran.stderr);
    let by_hand = ["campaign", "create", "campaign.json", "--public-url", "https://consent.example"];
    assert_eq!(program.json(&by_hand)["campaign"], "c2");
    // One message to see it: its link opens what the person has, and is not counted.
    let tried = send(&server, "POST", "/campaigns/c1/test", &json!({"to": "+905301112201"}));
    assert_eq!(tried.status, 200, "{}", tried.text());
    let (_, vault) = open_for_documents(&Place { folder: program.data(), database: None }).unwrap();
    let key = Keys::default().find(&vault, T).unwrap().unwrap();
    let link = Link::Tried { campaign: CampaignId(1), message: 0, profile: ProfileId(1), value: 0 };
    let led = server.ask("GET", &format!("/l/{}", key.token(T, link).unwrap()), &[PHONE], b"");
    assert_eq!((led.status, led.header("location")), (302, Some("https://shop.example/")));
}
