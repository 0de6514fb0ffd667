//! Sending: what is refused at once, what becomes of the rest, and what is told about it.

use consentry_host::sandbox::example::{APP_SECRET, NUMBER_ID, SECOND_NUMBER_ID, WABA_ID};
use serde_json::{Value, json};

use super::client::{Answer, Api, PERSON, Receiver, hmac_sha256, sample};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

fn send(api: &Api, body: &Value) -> Answer {
    api.post(&format!("{NUMBER_ID}/messages"), body)
}

fn to(person: &str, template: &Value) -> Value {
    json!({"messaging_product": "whatsapp", "to": person, "type": "template", "template": template})
}

/// `order_confirmation` of the examples, with these values.
fn order(values: &[&str], button: &str) -> Value {
    let texts: Vec<Value> = values.iter().map(|text| json!({"type": "text", "text": text})).collect();
    json!({"name": "order_confirmation", "language": {"code": "en_US"}, "components": [
        {"type": "body", "parameters": texts},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": button}]},
    ]})
}

fn sale(first_name: &str) -> Value {
    json!({"name": "spring_sale", "language": {"code": "en_US"}, "components": [{"type": "body", "parameters": [
        {"type": "text", "parameter_name": "first_name", "text": first_name},
        {"type": "text", "parameter_name": "last_day", "text": "Sunday"}]}]})
}

fn text(person: &str, text: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": person, "type": "text", "text": {"body": text}})
}

#[test]
fn a_message_is_accepted_and_its_statuses_follow() {
    let api = Api::quiet("");
    let receiver = Receiver::start("let me in");
    receiver.subscribe(&api);
    let mut body = to(PERSON, &order(&["Sarah", "A-1042"], "A-1042"));
    body["biz_opaque_callback_data"] = json!("campaign=42;row=1001");
    let answer = send(&api, &body).ok();
    assert_eq!(answer["contacts"], json!([{"input": PERSON, "wa_id": "905301112244"}]));
    assert_eq!(answer["messages"][0]["message_status"], "accepted");
    let id = &answer["messages"][0]["id"];
    assert!(id.as_str().unwrap().starts_with("wamid."), "{id}");
    assert_eq!(receiver.received().len(), 0);
    api.advance(10 * MINUTE_MS);
    let statuses = receiver.statuses();
    let words: Vec<&Value> = statuses.iter().map(|status| &status["status"]).collect();
    assert_eq!(words, ["sent", "delivered", "read"]);
    for status in &statuses {
        assert_eq!((&status["id"], &status["recipient_id"]), (id, &json!("905301112244")));
        assert_eq!(status["biz_opaque_callback_data"], "campaign=42;row=1001");
        assert!(status["timestamp"].is_string() && status["recipient_user_id"].is_string(), "{status}");
    }
    let pricing = json!({"billable": true, "pricing_model": "PMP", "type": "regular", "category": "utility"});
    assert_eq!(
        (&statuses[0]["pricing"], &statuses[1]["pricing"], statuses[2].get("pricing")),
        (&pricing, &pricing, None)
    );
    let documented = sample("webhook/status_v24_sent_utility_regular.json");
    assert_eq!(documented["entry"][0]["changes"][0]["value"]["statuses"][0]["pricing"], pricing);
}

#[test]
fn webhooks_are_signed_and_escaped() {
    let api = Api::quiet("");
    let receiver = Receiver::start("let me in");
    receiver.subscribe(&api);
    api.lever("inbound", &json!({"from": PERSON, "text": "İPTAL 1/2 🎉"}));
    api.advance(0);
    let [received] = receiver.received().try_into().unwrap();
    assert_eq!(received.target, "/hook");
    assert!(received.body.contains(r"\u0130PTAL 1\/2 \ud83c\udf89"), "{}", received.body);
    assert_eq!(received.value()["messages"][0]["text"]["body"], "İPTAL 1/2 🎉");
    assert_eq!(received.signature, hmac_sha256(APP_SECRET.as_bytes(), received.body.as_bytes()));
    for vector in sample("signature-vectors.json").as_array().unwrap() {
        let bytes = |key: &str| vector[key].as_str().unwrap().as_bytes().to_owned();
        assert_eq!(hmac_sha256(&bytes("app_secret"), &bytes("raw_body")), vector["x_hub_signature_256"]);
    }
}

#[test]
fn parameters_must_fit_the_template() {
    let api = Api::quiet("");
    let long = "a".repeat(1000);
    let cases: [(Value, u16, u64, &str); 12] = [
        (order(&["Sarah"], "x"), 400, 132_000, "expected number of params (2)"),
        (order(&["Sarah", "A", "B"], "x"), 400, 132_000, "(3)"),
        (order(&["Sa\nrah", "A"], "x"), 400, 132_018, "new-line/tab"),
        (order(&["Sarah", "A     1"], "x"), 400, 132_018, "4 consecutive spaces"),
        (order(&["Sarah", ""], "x"), 400, 131_008, "missing text value"),
        (order(&[&long, "A"], "x"), 400, 132_005, "1024"),
        (order(&["Sarah", "A"], ""), 400, 131_008, "missing text value"),
        (
            json!({"name": "order_confirmation", "language": {"code": "fr"}}),
            404,
            132_001,
            "does not exist in fr",
        ),
        (json!({"name": "spring_sale", "language": {"code": "ar"}}), 404, 132_001, "spring_sale"),
        (json!({"name": "win_back", "language": {"code": "en_US"}}), 404, 132_001, "win_back"),
        (json!({"name": "order_confirmation"}), 400, 131_008, "Language code"),
        (
            json!({"name": "order_confirmation", "language": {"code": "en_US"}, "components": [
            {"type": "body", "parameters": [{"type": "image", "image": {}}, {"type": "text", "text": "A"}]}]}),
            400,
            132_012,
            "expected TEXT, received IMAGE",
        ),
    ];
    for (template, status, code, details) in cases {
        let error = send(&api, &to(PERSON, &template)).error(status, code);
        let told = error["error_data"]["details"].as_str().unwrap();
        assert!(told.contains(details), "{template}: {told}");
    }
    let mut without_button = order(&["Sarah", "A"], "x");
    without_button["components"].as_array_mut().unwrap().pop();
    send(&api, &to(PERSON, &without_button)).error(400, 131_008);

    let mut nameless = sale("Sarah");
    nameless["components"][0]["parameters"][0].as_object_mut().unwrap().remove("parameter_name");
    send(&api, &to(PERSON, &nameless)).error(400, 131_008);
    let mut misnamed = sale("Sarah");
    misnamed["components"][0]["parameters"][0]["parameter_name"] = json!("surname");
    send(&api, &to(PERSON, &misnamed)).error(400, 100);
    send(&api, &to(PERSON, &sale("Sarah"))).ok();
}

#[test]
fn a_code_is_given_twice() {
    let api = Api::quiet("");
    let login = |body: &str, button: Option<&str>| {
        let mut components = vec![json!({"type": "body", "parameters": [{"type": "text", "text": body}]})];
        if let Some(text) = button {
            let parameters = json!([{"type": "text", "text": text}]);
            components
                .push(json!({"type": "button", "sub_type": "url", "index": 0, "parameters": parameters}));
        }
        to(PERSON, &json!({"name": "login_code", "language": {"code": "en_US"}, "components": components}))
    };
    send(&api, &login("123456", Some("123456"))).ok();
    send(&api, &login("123456", None)).error(400, 131_008);
    send(&api, &login("123456", Some("654321"))).error(400, 132_018);
    send(&api, &login("1234567890123456", Some("1234567890123456"))).error(400, 132_005);
}

#[test]
fn carousels_offers_and_media_are_sent_as_documented() {
    let api = Api::quiet("");
    let boundary = "XyZ";
    let form = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\
         bytes\r\n--{boundary}--\r\n"
    );
    let kind = format!("multipart/form-data; boundary={boundary}");
    let headers = [("content-type", kind.as_str())];
    let media =
        api.ask("POST", &format!("/v26.0/{NUMBER_ID}/media"), &headers, form.as_bytes()).ok()["id"].clone();
    let node = api.get(media.as_str().unwrap()).ok();
    assert_eq!((&node["mime_type"], &node["file_size"]), (&json!("image/png"), &json!(5)));
    let path = node["url"].as_str().unwrap().strip_prefix(&api.running.base_url).unwrap().to_owned();
    assert_eq!(api.ask("GET", &path, &[], b"").text, "bytes");

    for name in ["marketing_carousel_media_cards", "marketing_limited_time_offer"] {
        api.post(&format!("{WABA_ID}/message_templates"), &sample(&format!("template/{name}.json"))).ok();
    }
    api.advance(60 * MINUTE_MS);
    let with_media = |name: &str| {
        let mut body = sample(&format!("send/{name}.json"));
        body["to"] = json!(PERSON);
        let text = body.to_string();
        let mut at = 0;
        let mut out = String::new();
        // Every id of a picture becomes that of the one that was uploaded.
        while let Some(found) = text[at..].find("\"image\":{\"id\":\"") {
            let start = at + found + 15;
            let end = start + text[start..].find('"').unwrap();
            out += &text[at..start];
            out += media.as_str().unwrap();
            at = end;
        }
        serde_json::from_str::<Value>(&(out + &text[at..])).unwrap()
    };
    let carousel = with_media("template_carousel_media_cards");
    send(&api, &carousel).ok();
    let mut two = carousel.clone();
    two["template"]["components"][1]["cards"].as_array_mut().unwrap().pop();
    send(&api, &two).error(400, 132_000);
    let mut wrong = carousel;
    wrong["template"]["components"][1]["cards"][0]["card_index"] = json!(1);
    send(&api, &wrong).error(400, 132_018);

    let offer = with_media("template_limited_time_offer");
    send(&api, &offer).ok();
    let mut timeless = offer.clone();
    timeless["template"]["components"].as_array_mut().unwrap().remove(2);
    send(&api, &timeless).error(400, 131_008);
    let mut foreign = offer;
    foreign["template"]["components"][0]["parameters"][0]["image"]["id"] = json!("1");
    send(&api, &foreign).error(400, 131_009);
}

#[test]
fn recipients_are_checked() {
    let number = format!(
        "[[waba]]\nid = \"{WABA_ID}\"\nname = \"Shop\"\n[[number]]\nid = \"{NUMBER_ID}\"\nwaba = \"{WABA_ID}\"\n\
         display = \"+90 530 111 22 33\"\nname = \"Shop\"\nallowed = [\"+905301112244\", \"+525512345678\"]\n\
         [[number]]\nid = \"{SECOND_NUMBER_ID}\"\nwaba = \"{WABA_ID}\"\ndisplay = \"+90 530 111 22 34\"\n\
         name = \"Shop\"\nregistered = false\nrestricted = [\"+98\"]\n"
    );
    let api = Api::quiet(&number);
    let order = order(&["Sarah", "A"], "x");
    send(&api, &to(PERSON, &order)).ok();
    assert_eq!(send(&api, &to("+905301112299", &order)).error(400, 131_030)["error_subcode"], 2_655_007);
    send(&api, &to("+905301112233", &order)).error(400, 131_021);
    send(&api, &to("someone", &order)).error(400, 131_009);
    send(&api, &to("", &order)).error(400, 100);
    let mexican = send(&api, &to("+525512345678", &order)).ok();
    assert_eq!(mexican["contacts"][0], json!({"input": "+525512345678", "wa_id": "5215512345678"}));
    assert_eq!(
        send(&api, &to("5301112244", &order)).ok()["contacts"][0]["wa_id"],
        "905301112244",
        "Meta adds the country"
    );
    api.post(&format!("{SECOND_NUMBER_ID}/messages"), &to(PERSON, &order)).error(400, 133_010);
    let pin = json!({"messaging_product": "whatsapp", "pin": "123456"});
    api.post(&format!("{SECOND_NUMBER_ID}/register"), &pin).ok();
    api.post(&format!("{SECOND_NUMBER_ID}/messages"), &to("+989121234567", &order)).error(403, 130_497);
    send(&api, &json!({"to": PERSON, "type": "text"})).error(400, 100);
}

#[test]
fn a_number_sends_eighty_messages_a_second() {
    let api = Api::quiet("");
    let one = |at: usize| send(&api, &to(&format!("+9053011{at:05}"), &order(&["Sarah", "A"], "x")));
    for at in 0..80 {
        one(at).ok();
    }
    assert_eq!(one(80).error(400, 130_429)["error_subcode"], 2_494_055);
    api.advance(500);
    for at in 0..40 {
        one(at + 100).ok();
    }
    one(200).error(400, 130_429);
}

#[test]
fn one_person_gets_forty_five_at_once_and_then_one_in_six_seconds() {
    let api = Api::quiet("");
    let one = || send(&api, &to(PERSON, &order(&["Sarah", "A"], "x")));
    for _ in 0..45 {
        one().ok();
    }
    one().error(400, 131_056);
    api.advance(6_000);
    one().ok();
    one().error(400, 131_056);
}

/// The statuses and errors of one message to each of these.
fn fates(api: &Api, receiver: &Receiver, messages: &[Value]) -> Vec<Option<u64>> {
    let ids: Vec<Value> =
        messages.iter().map(|body| send(api, body).ok()["messages"][0]["id"].clone()).collect();
    api.advance(10 * MINUTE_MS);
    let statuses = receiver.statuses();
    ids.iter()
        .map(|id| {
            let failed = statuses.iter().find(|status| status["id"] == *id && status["status"] == "failed");
            failed.map(|status| status["errors"][0]["code"].as_u64().unwrap())
        })
        .collect()
}

#[test]
fn what_cannot_arrive_fails_later() {
    let people = r#"
[[person]]
number = "+905301110001"
fails = 131026
[[person]]
number = "+905301110002"
stopped = true
"#;
    let api = Api::quiet(people);
    let receiver = Receiver::start("let me in");
    receiver.subscribe(&api);
    let order = order(&["Sarah", "A"], "x");
    let found = fates(
        &api,
        &receiver,
        &[
            to("+905301110001", &order),
            to("+905301110002", &order),
            to("+905301110002", &sale("Sarah")),
            to("+16505551234", &sale("Sarah")),
            to("+14165551234", &sale("Sarah")),
            text(PERSON, "Hello"),
            to(PERSON, &sale("Sarah")),
            to(PERSON, &sale("Sarah")),
            to(PERSON, &sale("Sarah")),
        ],
    );
    let expected =
        [Some(131_026), None, Some(131_050), Some(131_049), None, Some(131_047), None, None, Some(131_049)];
    assert_eq!(found, expected);
    let failed =
        receiver.statuses().into_iter().find(|status| status["errors"][0]["code"] == 131_049).unwrap();
    let documented = sample("webhook/status_failed_131049_healthy_ecosystem.json");
    let documented = &documented["entry"][0]["changes"][0]["value"]["statuses"][0]["errors"];
    assert_eq!(failed["errors"], *documented);

    api.lever("inbound", &json!({"from": PERSON, "text": "Hi"}));
    assert_eq!(fates(&api, &receiver, &[text(PERSON, "Hello"), to(PERSON, &sale("Sarah"))]), [None, None]);
    api.advance(DAY_MS);
    assert_eq!(fates(&api, &receiver, &[text(PERSON, "Hello")]), [Some(131_047)]);
}

#[test]
fn a_portfolio_reaches_so_many_people_a_day() {
    let number = format!(
        "[[number]]\nid = \"{NUMBER_ID}\"\nwaba = \"{WABA_ID}\"\ndisplay = \"+90 530 111 22 33\"\nname = \"Shop\"\n\
         tier = \"TIER_250\"\nthroughput_per_s = 1000\n"
    );
    let api = Api::quiet(&number);
    let receiver = Receiver::start("let me in");
    receiver.subscribe(&api);
    let body = |at: usize| to(&format!("+9053011{at:05}"), &order(&["Sarah", "A"], "x"));
    let all: Vec<Value> = (0..252).map(body).collect();
    let found = fates(&api, &receiver, &all);
    assert_eq!(found.iter().filter(|fate| fate.is_none()).count(), 250);
    assert_eq!(found[250..], [Some(131_048); 2]);
    assert_eq!(fates(&api, &receiver, &[body(7)]), [None], "who was reached today is no new person");
    api.advance(DAY_MS);
    assert_eq!(fates(&api, &receiver, &[body(250)]), [None]);
}
