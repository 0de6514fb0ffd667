//! Webhooks on their way, people who answer, things that go wrong, and that all of it can be repeated.

use std::collections::BTreeMap;

use consentry_host::sandbox::example::{APP_ID, NUMBER_ID, WABA_ID};
use consentry_host::sandbox::{Options, Pace, Sandbox, Scenario, example};
use serde_json::{Value, json};

use super::client::{Api, PERSON, Received, Receiver, START_MS, hmac_sha256, sample};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

fn order(to: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": to, "type": "template", "template": {
        "name": "order_confirmation", "language": {"code": "en_US"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Sarah"}, {"type": "text", "text": "A-1"}]},
            {"type": "button", "sub_type": "url", "index": 0, "parameters": [{"type": "text", "text": "A-1"}]}]}})
}

fn sale(to: &str, language: &str) -> Value {
    let name = |name: &str, text: &str| json!({"type": "text", "parameter_name": name, "text": text});
    json!({"messaging_product": "whatsapp", "to": to, "type": "template", "template": {
        "name": "spring_sale", "language": {"code": language}, "components": [
            {"type": "body", "parameters": [name("first_name", "Sarah"), name("last_day", "Sunday")]}]}})
}

fn started(scenario: &str) -> (Api, Receiver) {
    let api = Api::start(scenario);
    let receiver = Receiver::start("let me in");
    receiver.subscribe(&api);
    (api, receiver)
}

fn quiet(more: &str) -> (Api, Receiver) {
    let api = Api::quiet(more);
    let receiver = Receiver::start("let me in");
    receiver.subscribe(&api);
    (api, receiver)
}

fn send(api: &Api, body: &Value) -> Value {
    api.post(&format!("{NUMBER_ID}/messages"), body).ok()["messages"][0]["id"].clone()
}

#[test]
fn what_is_not_answered_with_200_comes_again_and_is_given_up_after_a_week() {
    let (api, receiver) = quiet("");
    receiver.answer_with(&[500, 202]);
    api.lever("inbound", &json!({"from": PERSON, "text": "Hello"}));
    api.advance(0);
    assert_eq!(receiver.received().len(), 1);
    api.advance(1_000);
    assert_eq!(receiver.received().len(), 2, "202 is a failure, too");
    api.advance(10_000);
    let received = receiver.received();
    assert_eq!(received.len(), 3);
    assert!(
        received.iter().all(|copy| copy.body == received[0].body && copy.signature == received[0].signature)
    );
    api.advance(DAY_MS);
    assert_eq!(receiver.received().len(), 3, "200 is the end of it");

    receiver.answer_with(&[503; 100]);
    api.lever("inbound", &json!({"from": PERSON, "text": "Hello again"}));
    api.advance(8 * DAY_MS);
    let count = receiver.received().len() - 3;
    assert!((10..30).contains(&count), "{count} attempts");
    let webhooks = api.state()["webhooks"].clone();
    assert_eq!(
        (&webhooks["waiting"], &webhooks["given_up"], &webhooks["taken"]),
        (&json!(0), &json!(1), &json!(1))
    );
}

#[test]
fn only_subscribed_fields_and_accounts_are_told() {
    let api = Api::quiet("");
    let receiver = Receiver::start("let me in");
    let body =
        json!({"callback_url": receiver.url, "verify_token": "let me in", "fields": "user_preferences"});
    api.post(&format!("{APP_ID}/subscriptions"), &body).ok();
    let both = || {
        api.lever("inbound", &json!({"from": PERSON, "text": "Hello"}));
        api.lever("preferences", &json!({"from": PERSON, "value": "stop"}));
        api.advance(0);
        receiver.received().iter().map(Received::field).collect::<Vec<_>>()
    };
    assert_eq!(both(), [""; 0], "the account is not subscribed");
    api.post(&format!("{WABA_ID}/subscribed_apps"), &json!({})).ok();
    assert_eq!(both(), ["user_preferences"]);
    let told = &receiver.received()[0].value()["user_preferences"][0];
    let documented = sample("webhook/user_preferences_resume.json");
    let documented = &documented["entry"][0]["changes"][0]["value"]["user_preferences"][0];
    for key in documented.as_object().unwrap().keys() {
        assert_eq!(told[key].is_string(), documented[key].is_string(), "{key}");
    }
    assert_eq!(told["value"], "stop");

    // An address of the account's own gets messages, and nothing else.
    let own = Receiver::start("let me in");
    let body = json!({"override_callback_uri": own.url, "verify_token": "let me in"});
    api.post(&format!("{WABA_ID}/subscribed_apps"), &body).ok();
    assert_eq!(both(), ["user_preferences", "user_preferences"]);
    assert_eq!(own.received().len(), 0, "the app is not subscribed to messages");
}

#[test]
fn webhooks_come_twice_and_out_of_order_if_the_scenario_says_so() {
    let (api, receiver) = quiet("[webhooks]\nduplicates = 1.0\n");
    let id = send(&api, &order(PERSON));
    api.advance(HOUR_MS);
    let mut counts = BTreeMap::<String, usize>::new();
    for status in receiver.statuses().iter().filter(|status| status["id"] == id) {
        *counts.entry(status["status"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(counts, BTreeMap::from([("sent".into(), 2), ("delivered".into(), 2), ("read".into(), 2)]));

    let (api, receiver) = quiet("[webhooks]\ndisorder = 0.5\n");
    let people: Vec<String> = (0..40).map(|at| format!("+9053011100{at:02}")).collect();
    people.iter().for_each(|person| drop(send(&api, &order(person))));
    api.advance(HOUR_MS);
    let mut overtaken = 0;
    let mut last = BTreeMap::<String, usize>::new();
    for status in receiver.statuses() {
        let rank = ["sent", "delivered", "read"].iter().position(|word| status["status"] == *word).unwrap();
        let before = last.insert(status["id"].to_string(), rank);
        overtaken += usize::from(before.is_some_and(|before| before > rank));
    }
    assert!(overtaken > 3, "{overtaken} of 40");
    assert_eq!(receiver.statuses().len(), 120, "none is lost");
}

#[test]
fn updates_of_a_moment_go_together_if_the_scenario_says_so() {
    let number = format!(
        "[webhooks]\nbatch_ms = 60000\n[[number]]\nid = \"{NUMBER_ID}\"\nwaba = \"{WABA_ID}\"\n\
         display = \"+90 530 111 22 33\"\nname = \"Shop\"\ntier = \"TIER_10K\"\nthroughput_per_s = 5000\n"
    );
    let (api, receiver) = quiet(&number);
    for at in 0..600 {
        send(&api, &order(&format!("+90530{at:07}")));
    }
    api.advance(HOUR_MS);
    let mut updates = Vec::new();
    for received in receiver.received() {
        assert_eq!(received.signature, hmac_sha256(example::APP_SECRET.as_bytes(), received.body.as_bytes()));
        let document: Value = serde_json::from_str(&received.body).unwrap();
        updates.push(document["entry"].as_array().unwrap().len());
    }
    // The first minute has more than one webhook may carry.
    assert_eq!((updates[0], updates.iter().sum::<usize>()), (1000, 1800), "{updates:?}");
    assert!(updates.len() <= 5, "{updates:?}");
}

#[test]
fn people_answer_stop_in_their_language_or_by_the_switch() {
    let words = "[people]\nabsent = 0.0\nexperiment = 0.0\ndeliver = 1.0\nread = 1.0\nanswer = 0.0\nstop = 0.0\nstop_word = 1.0\n";
    let (api, receiver) = started(words);
    send(&api, &sale(PERSON, "en_US"));
    let id = api.state()["templates"]
        .as_array()
        .unwrap()
        .iter()
        .find(|template| template["status"] == "PENDING")
        .unwrap()["id"]
        .clone();
    api.lever(&format!("templates/{}", id.as_str().unwrap()), &json!({"event": "APPROVED"}));
    send(&api, &sale("+966501234567", "ar"));
    api.advance(HOUR_MS);
    let mut texts: Vec<Value> = receiver
        .received()
        .iter()
        .map(|received| received.value()["messages"][0]["text"]["body"].clone())
        .filter(Value::is_string)
        .collect();
    texts.sort_by_key(Value::to_string);
    assert_eq!(texts, ["STOP", "إيقاف"]);
    send(&api, &order(PERSON));
    let before = receiver.statuses().len();
    api.advance(HOUR_MS);
    assert!(
        receiver.statuses()[before..].iter().all(|status| status["status"] != "failed"),
        "Meta knows no STOP words"
    );

    let switch =
        words.replace("stop = 0.0", "stop = 1.0\nresume = 1.0").replace("stop_word = 1.0", "stop_word = 0.0");
    let (api, receiver) = started(&switch);
    send(&api, &sale(PERSON, "en_US"));
    api.advance(HOUR_MS);
    let preferences = || {
        let told = receiver.received();
        let of = |received: &Received| {
            received.value()["user_preferences"][0]["value"].as_str().map(str::to_owned)
        };
        told.iter().filter_map(of).collect::<Vec<_>>()
    };
    assert_eq!(preferences(), ["stop"]);
    send(&api, &sale(PERSON, "en_US"));
    api.advance(10 * MINUTE_MS);
    assert_eq!(receiver.statuses().last().unwrap()["errors"][0]["code"], 131_050);
    api.advance(8 * DAY_MS);
    assert_eq!(preferences(), ["stop", "resume"]);
}

#[test]
fn quick_replies_are_tapped_and_user_ids_can_be_written_to() {
    let scenario = "[people]\nabsent = 0.0\nexperiment = 0.0\ndeliver = 1.0\nread = 1.0\nstop = 0.0\nstop_word = 0.0\nanswer = 1.0\n\
                    hidden = 1.0\n";
    let (api, receiver) = started(scenario);
    let id = send(&api, &sale(PERSON, "en_US"));
    api.advance(HOUR_MS);
    let received = receiver.received();
    let inbound = received.iter().find(|received| received.value()["messages"].is_array()).unwrap().value();
    let message = &inbound["messages"][0];
    assert_eq!((&message["type"], &message["button"]["text"]), (&json!("button"), &json!("Stop promotions")));
    assert_eq!(message["context"]["id"], id);
    assert!(message.get("from").is_none() && inbound["contacts"][0].get("wa_id").is_none(), "{inbound}");
    let user_id = message["from_user_id"].as_str().unwrap();
    assert!(user_id.starts_with("TR."), "{user_id}");
    assert!(receiver.statuses().iter().all(|status| status.get("recipient_id").is_none()));

    let mut to_user = order("");
    to_user.as_object_mut().unwrap().remove("to");
    to_user["recipient"] = json!(user_id);
    let answer = api.post(&format!("{NUMBER_ID}/messages"), &to_user).ok();
    assert_eq!(answer["contacts"], json!([{"input": user_id, "user_id": user_id}]));
    to_user["template"] = json!({"name": "login_code", "language": {"code": "en_US"}, "components": [
        {"type": "body", "parameters": [{"type": "text", "text": "1234"}]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "1234"}]}]});
    let id = send(&api, &to_user);
    api.advance(HOUR_MS);
    let failed = receiver.statuses().into_iter().find(|status| status["id"] == id).unwrap();
    assert_eq!(
        (&failed["errors"][0]["code"], &failed["recipient_user_id"]),
        (&json!(131_062), &json!(user_id))
    );

    let read = json!({"messaging_product": "whatsapp", "status": "read", "message_id": message["id"]});
    assert_eq!(api.post(&format!("{NUMBER_ID}/messages"), &read).ok(), json!({"success": true}));
}

#[test]
fn messages_held_back_fail_when_their_template_is_paused() {
    let waba = format!(
        "[[waba]]\nid = \"{WABA_ID}\"\nname = \"Shop\"\npacing = true\n\
                        [[verdict]]\nname = \"unused\"\n"
    );
    let (api, receiver) = quiet(&waba);
    let list =
        api.get(&format!("{WABA_ID}/message_templates?name=spring_sale&language=en_US&fields=id")).ok();
    let id = list["data"][0]["id"].as_str().unwrap().to_owned();
    api.lever(&format!("templates/{id}"), &json!({"quality": "UNKNOWN"}));
    let mut last = Value::Null;
    for at in 0..7 {
        last = api.post(&format!("{NUMBER_ID}/messages"), &sale(&format!("+90530111000{at}"), "en_US")).ok();
    }
    assert_eq!(last["messages"][0]["message_status"], "held_for_quality_assessment");
    api.lever(&format!("templates/{id}"), &json!({"event": "PAUSED"}));
    api.advance(2 * HOUR_MS);
    let of = |wanted: &Value| receiver.statuses().into_iter().find(|status| status["id"] == *wanted).unwrap();
    assert_eq!(of(&last["messages"][0]["id"])["errors"][0]["code"], 132_015);
    api.post(&format!("{NUMBER_ID}/messages"), &sale("+905301110009", "en_US")).error(400, 132_015);
}

#[test]
fn things_go_wrong_on_demand() {
    let (api, receiver) = quiet("[[fault]]\nroute = \"POST messages\"\ntimes = 2\ncode = 131016\n");
    let path = format!("{NUMBER_ID}/messages");
    api.post(&path, &order(PERSON)).error(503, 131_016);
    api.post(&path, &order(PERSON)).error(503, 131_016);
    api.post(&path, &order(PERSON)).ok();

    api.lever("faults", &json!({"route": "GET message_templates", "html": 502}));
    let page = api.get(&format!("{WABA_ID}/message_templates"));
    let documented = sample("error/html_502_not_json.json");
    assert_eq!((page.status, page.text.as_str()), (502, documented["_body"].as_str().unwrap()));
    assert!(page.head.contains("content-type: text/html"), "{}", page.head);
    api.get(&format!("{WABA_ID}/message_templates")).ok();

    let accepted = || api.state()["calls"]["messages_accepted"].as_u64().unwrap();
    let body = order(PERSON).to_string();
    let target = format!("/v26.0/{path}");
    let headers = [("content-type", "application/json")];
    let before = accepted();
    api.lever(
        "faults",
        &json!({"faults": [
        {"route": "POST messages", "cut": "before"}, {"route": "POST messages", "cut": "after"}]}),
    );
    assert!(api.try_ask("POST", &target, &headers, body.as_bytes()).is_none());
    assert_eq!(accepted(), before, "nothing was done");
    assert!(api.try_ask("POST", &target, &headers, body.as_bytes()).is_none());
    assert_eq!(accepted(), before + 1, "the message is on its way although nobody was told");
    api.advance(HOUR_MS);
    let sent = receiver.statuses().iter().filter(|status| status["status"] == "sent").count();
    assert_eq!(sent, 2);

    api.lever("faults", &json!({"route": "POST messages", "slow_ms": 30_000}));
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| api.post(&path, &order(PERSON)).ok());
        crate::program::wait_until("the message is taken", || accepted() == before + 2);
        assert!(!slow.is_finished(), "the answer waits for the sandbox's time");
        api.advance(30_000);
        slow.join().unwrap();
    });
    let refused = api.ask("POST", "/_sandbox/faults", &[], br#"{"route":"*","cut":"sideways"}"#);
    assert_eq!(refused.status, 400, "{}", refused.text);
}

/// Everything a receiver hears in a busy day.
fn heard(seed: u64) -> Vec<String> {
    let scenario = format!(
        "seed = {seed}\n[webhooks]\nduplicates = 0.1\ndisorder = 0.2\ndelay_ms = [0, 3000]\n\
                            [people]\nanswer = 0.3\nstop_word = 0.1\nstop = 0.1\nhidden = 0.2\n"
    );
    let (api, receiver) = started(&scenario);
    for at in 0..60 {
        let person = format!("+9053011100{at:02}");
        send(&api, &if at % 2 == 0 { order(&person) } else { sale(&person, "en_US") });
    }
    api.advance(DAY_MS);
    receiver.received().into_iter().map(|received| received.body).collect()
}

#[test]
fn a_run_can_be_repeated_and_another_seed_is_another_run() {
    let (first, second, other) = (heard(7), heard(7), heard(8));
    assert!(first.len() > 120, "{} webhooks", first.len());
    assert_eq!(first, second);
    assert_ne!(first, other);
}

#[test]
fn time_runs_by_itself_in_serve() {
    let options = Options {
        port: 0,
        scenario: Scenario::default(),
        start_ms: START_MS,
        pace: Pace::Running(100_000.0),
    };
    let api = Api { running: Sandbox::start(options).unwrap(), token: example::TOKEN.to_owned() };
    let receiver = Receiver::start("let me in");
    receiver.subscribe(&api);
    let document = sample("template/utility_ttl_valid.json");
    api.post(&format!("{WABA_ID}/message_templates"), &document).ok();
    crate::program::wait_until("the template is approved", || {
        receiver.received().iter().any(|received| received.value()["event"] == "APPROVED")
    });
}
