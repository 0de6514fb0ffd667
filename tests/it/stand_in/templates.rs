//! Templates: creation, review, lists, edits, deletion, and what Meta does to them meanwhile.

use consentry_host::sandbox::example::{APP_ID, NUMBER_ID, WABA_ID};
use serde_json::{Value, json};

use super::client::{Answer, Api, PERSON, Receiver, sample};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn utility(name: &str, text: &str) -> Value {
    json!({"name": name, "language": "en_US", "category": "UTILITY", "components": [{"type": "BODY", "text": text}]})
}

fn create(api: &Api, document: &Value) -> Answer {
    api.post(&format!("{WABA_ID}/message_templates"), document)
}

fn created(api: &Api, document: &Value) -> String {
    create(api, document).ok()["id"].as_str().unwrap().to_owned()
}

/// Created and reviewed.
fn approved(api: &Api, document: &Value) -> String {
    let id = created(api, document);
    api.advance(HOUR_MS);
    assert_eq!(api.get(&format!("{id}?fields=status")).ok()["status"], "APPROVED");
    id
}

fn status(api: &Api, id: &str) -> Value {
    api.get(&format!("{id}?fields=status")).ok()["status"].clone()
}

#[test]
fn a_template_is_created_reviewed_and_announced() {
    let api = Api::start("");
    let receiver = Receiver::start("let me in");
    receiver.subscribe(&api);
    let mut document = sample("template/utility_positional_body_only.json");
    document["name"] = json!("order_news");
    let answer = create(&api, &document).ok();
    assert_eq!((&answer["status"], &answer["category"]), (&json!("PENDING"), &json!("UTILITY")));
    let id = answer["id"].as_str().unwrap();
    assert_eq!(receiver.received().len(), 0, "review takes its time");
    api.advance(60_000);
    let listed = api.get(id).ok();
    assert_eq!((&listed["status"], &listed["parameter_format"]), (&json!("APPROVED"), &json!("POSITIONAL")));
    assert_eq!(listed["components"][0]["type"], "BODY", "types are listed in capitals");
    let [received] = receiver.received().try_into().unwrap();
    assert_eq!(received.field(), "message_template_status_update");
    let value = received.value();
    assert_eq!(value["message_template_id"].as_u64(), id.parse().ok(), "a number, where answers have a text");
    assert_eq!((&value["event"], &value["reason"]), (&json!("APPROVED"), &json!("NONE")));
}

#[test]
fn refusals_look_as_meta_writes_them() {
    let api = Api::start("");
    let error = create(&api, &sample("template/bad_leading_variable.json")).error(400, 100);
    let documented = sample("error/template_create_2388299.json")["error"].clone();
    for key in ["message", "type", "code", "error_subcode", "is_transient", "error_user_title"] {
        assert_eq!(error[key], documented[key], "{key}");
    }
    assert!(error["error_user_msg"].as_str().unwrap().contains("start or end"), "{error}");

    created(&api, &utility("twice", "Your parcel waits at the door."));
    let again = create(&api, &utility("twice", "Another text altogether for it.")).error(400, 100);
    assert_eq!(again["error_subcode"], 2_388_024);
    create(&api, &utility("other", "Your parcel waits at the door.")).error(400, 100);
    let mut french = utility("twice", "Votre colis attend devant la porte.");
    french["language"] = json!("fr");
    created(&api, &french);
}

#[test]
fn a_deleted_name_rests_for_thirty_days() {
    let api = Api::quiet("");
    let id = approved(&api, &utility("gone", "Your parcel waits at the door."));
    assert_eq!(api.delete(&format!("{WABA_ID}/message_templates?name=gone")).ok(), json!({"success": true}));
    api.get(&id).error(400, 100);
    let again = || create(&api, &utility("gone", "Your parcel waits at the door."));
    assert_eq!(again().error(400, 100)["error_subcode"], 2_388_023);
    api.advance(30 * DAY_MS + 1);
    again().ok();
    api.delete(&format!("{WABA_ID}/message_templates?name=never_there")).error(400, 100);

    // One language by its id.
    let path = format!("{WABA_ID}/message_templates?name=spring_sale&fields=id,language");
    let both = api.get(&path).ok()["data"].clone();
    assert_eq!(both.as_array().unwrap().len(), 2);
    let one = both[0]["id"].as_str().unwrap();
    api.delete(&format!("{WABA_ID}/message_templates?name=spring_sale&hsm_id={one}")).ok();
    assert_eq!(api.get(&path).ok()["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_template_with_messages_on_their_way_waits_for_them() {
    let api = Api::quiet("");
    let path = format!("{WABA_ID}/message_templates?name=delivery_update&fields=status");
    let body = json!({"messaging_product": "whatsapp", "to": PERSON, "type": "template", "template": {
        "name": "delivery_update", "language": {"code": "ar"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Sara"}, {"type": "text", "text": "A-1"}]}]}});
    api.post(&format!("{NUMBER_ID}/messages"), &body).ok();
    api.delete(&format!("{WABA_ID}/message_templates?name=delivery_update")).ok();
    assert_eq!(api.get(&path).ok()["data"][0]["status"], "PENDING_DELETION");
    api.post(&format!("{NUMBER_ID}/messages"), &body).error(404, 132_001);
    api.advance(30 * DAY_MS);
    assert_eq!(api.get(&path).ok()["data"], json!([]));
}

#[test]
fn lists_are_filtered_and_come_in_pages_of_twenty_five() {
    let api = Api::start("");
    for at in 0..60 {
        created(&api, &utility(&format!("name_{at}"), &format!("Parcel number {at} waits at the door.")));
    }
    let mut path = format!("{WABA_ID}/message_templates?fields=name,language");
    let (mut names, mut pages) = (Vec::new(), Vec::new());
    loop {
        let page = api.get(&path).ok();
        let data = page["data"].as_array().unwrap().clone();
        pages.push(data.len());
        names.extend(data.iter().map(|item| format!("{}/{}", item["name"], item["language"])));
        let Some(next) = page["paging"]["next"].as_str() else { break };
        next.strip_prefix(&format!("{}/v26.0/", api.running.base_url)).unwrap().clone_into(&mut path);
    }
    assert_eq!(pages, [25, 25, 16]);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 66, "each is told once");
    let count = |query: &str| {
        api.get(&format!("{WABA_ID}/message_templates?limit=100&{query}")).ok()["data"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(count("status=APPROVED"), 4);
    assert_eq!(count("status=APPROVED,REJECTED"), 5);
    assert_eq!((count("language=ar"), count("category=authentication"), count("name=name_7")), (2, 1, 1));
    let empty = api.get(&format!("{WABA_ID}/message_templates?name=nothing")).ok();
    assert_eq!(empty, json!({"data": []}));
    api.get(&format!("{WABA_ID}/message_templates?after=nonsense")).error(400, 131_059);
}

#[test]
fn a_hundred_templates_an_hour_are_the_most() {
    let api = Api::start("");
    let one =
        |at: usize| create(&api, &utility(&format!("name_{at}"), &format!("Parcel number {at} waits here.")));
    for at in 0..100 {
        one(at).ok();
    }
    assert_eq!(one(100).error(429, 80007)["is_transient"], true);
    api.advance(HOUR_MS);
    one(100).ok();
}

#[test]
fn an_approved_template_is_edited_once_a_day_and_keeps_its_category() {
    let api = Api::start("");
    let id = approved(&api, &utility("edited", "Your parcel waits at the door."));
    let edit = |text: &str| api.post(&id, &json!({"components": [{"type": "BODY", "text": text}]}));
    api.post(&id, &json!({"category": "MARKETING"})).error(400, 100);
    api.post(&id, &json!({"name": "another"})).error(400, 100);
    assert_eq!(edit("{{1}} waits").error(400, 100)["error_subcode"], 2_388_299);
    assert_eq!(edit("Your parcel waits behind the door.").ok(), json!({"success": true}));
    assert_eq!(status(&api, &id), "PENDING");
    edit("Your parcel waits under the door.").error(400, 100);
    api.advance(HOUR_MS);
    assert_eq!(status(&api, &id), "APPROVED");
    edit("Your parcel waits under the door.").error(400, 100);
    api.advance(DAY_MS);
    edit("Your parcel waits under the door.").ok();
}

#[test]
fn review_knows_what_sells_and_what_is_never_sent() {
    let verdict = "[[verdict]]\nname = \"scripted\"\nstatus = \"REJECTED\"\nreason = \"PROMOTIONAL\"\n";
    let api = Api::start(verdict);
    let receiver = Receiver::start("let me in");
    receiver.subscribe(&api);
    let cases = [
        ("sells", "Our summer sale gives you a discount on everything.", "APPROVED", "NONE"),
        ("asks", "Please answer with your card number and the cvv on it.", "REJECTED", "SCAM"),
        ("threatens", "Pay now or we will sue you before a court.", "REJECTED", "ABUSIVE_CONTENT"),
        ("spaced", "Hello\n\n\n\nthere, good to see you again.", "REJECTED", "INVALID_FORMAT"),
        ("tagged", "مرحبا بك في متجرنا الجديد", "REJECTED", "TAG_CONTENT_MISMATCH"),
        ("scripted", "Your parcel waits at the door.", "REJECTED", "PROMOTIONAL"),
    ];
    let ids: Vec<String> = cases.iter().map(|(name, text, ..)| created(&api, &utility(name, text))).collect();
    api.advance(HOUR_MS);
    for ((name, _, status, reason), id) in cases.iter().zip(&ids) {
        let listed = api.get(&format!("{id}?fields=status,rejected_reason,category,previous_category")).ok();
        assert_eq!(
            (&listed["status"], &listed["rejected_reason"]),
            (&json!(status), &json!(reason)),
            "{name}"
        );
        let category = if *name == "sells" { "MARKETING" } else { "UTILITY" };
        assert_eq!(listed["category"], category, "{name}");
    }
    let categories: Vec<Value> = receiver
        .received()
        .iter()
        .filter(|received| received.field() == "template_category_update")
        .map(|received| received.value())
        .collect();
    assert_eq!(categories.len(), 1);
    assert_eq!(
        (&categories[0]["previous_category"], &categories[0]["new_category"]),
        (&json!("UTILITY"), &json!("MARKETING"))
    );
}

#[test]
fn the_scenario_goes_on_after_the_verdict() {
    let verdict = "[[verdict]]\nname = \"drifting\"\nthen = [{after_ms = 60000, quality = \"YELLOW\"}, \
        {after_ms = 120000, category = \"MARKETING\", notice_ms = 86400000}, {after_ms = 180000, event = \"FLAGGED\"}]\n";
    let api = Api::start(verdict);
    let receiver = Receiver::start("let me in");
    receiver.subscribe(&api);
    let id = created(&api, &utility("drifting", "Your parcel waits at the door."));
    api.advance(HOUR_MS);
    let told = api.get(&format!("{id}?fields=status,category,correct_category,quality_score")).ok();
    assert_eq!((&told["status"], &told["category"]), (&json!("FLAGGED"), &json!("UTILITY")));
    assert_eq!(
        (&told["correct_category"], &told["quality_score"]["score"]),
        (&json!("MARKETING"), &json!("YELLOW"))
    );
    api.advance(DAY_MS);
    assert_eq!(api.get(&format!("{id}?fields=category")).ok()["category"], "MARKETING");
    let values: Vec<Value> = receiver.received().iter().map(|received| received.value()).collect();
    let flagged = values.iter().find(|value| value["event"] == "FLAGGED").unwrap();
    assert_eq!(flagged["disable_info"]["disable_date"], "November 4, 2026", "a day after it was flagged");
    let categories: Vec<&Value> = values.iter().filter(|value| value["new_category"].is_string()).collect();
    assert_eq!(
        (&categories[0]["new_category"], &categories[0]["correct_category"]),
        (&json!("UTILITY"), &json!("MARKETING"))
    );
    assert_eq!(
        (&categories[1]["new_category"], &categories[1]["previous_category"]),
        (&json!("MARKETING"), &json!("UTILITY"))
    );
    let quality = values.iter().find(|value| value["new_quality_score"].is_string()).unwrap();
    assert_eq!(
        (&quality["previous_quality_score"], &quality["new_quality_score"]),
        (&json!("UNKNOWN"), &json!("YELLOW"))
    );
}

#[test]
fn the_third_pause_is_the_last() {
    let api = Api::start("");
    let receiver = Receiver::start("let me in");
    receiver.subscribe(&api);
    let id = approved(&api, &utility("disliked", "Your parcel waits at the door."));
    let pause = || api.lever(&format!("templates/{id}"), &json!({"event": "PAUSED", "quality": "RED"}));
    pause();
    assert_eq!(status(&api, &id), "PAUSED");
    api.advance(3 * HOUR_MS);
    assert_eq!(status(&api, &id), "APPROVED");
    pause();
    api.advance(3 * HOUR_MS);
    assert_eq!(status(&api, &id), "PAUSED", "the second pause takes six hours");
    api.post(&format!("{id}/unpause"), &json!({})).ok();
    pause();
    assert_eq!(status(&api, &id), "DISABLED");
    api.delete(&format!("{WABA_ID}/message_templates?name=disliked")).error(400, 100);
    api.advance(0);
    let titles: Vec<Value> = receiver
        .received()
        .iter()
        .map(|received| received.value()["other_info"]["title"].clone())
        .filter(Value::is_string)
        .collect();
    assert_eq!(titles, ["FIRST_PAUSE", "UNPAUSE", "SECOND_PAUSE", "UNPAUSE", "DISABLED"]);
}

#[test]
fn authentication_templates_are_written_by_meta() {
    let api = Api::start("");
    let upsert = sample("template/auth_copy_code_upsert_languages.json");
    let data = api.post(&format!("{WABA_ID}/upsert_message_templates"), &upsert).ok()["data"].clone();
    let told: Vec<_> =
        data.as_array().unwrap().iter().map(|item| (&item["language"], &item["status"])).collect();
    let approved = json!("APPROVED");
    assert_eq!(told, [(&json!("en_US"), &approved), (&json!("es_ES"), &approved), (&json!("fr"), &approved)]);
    let again = api.post(&format!("{WABA_ID}/upsert_message_templates"), &upsert).ok();
    assert_eq!(again["data"], data, "the same templates, not new ones");

    let listed = api.get(data[1]["id"].as_str().unwrap()).ok();
    let button = &listed["components"][2]["buttons"][0];
    assert_eq!(button["type"], "URL", "OTP buttons are listed as addresses");
    assert!(button["url"].as_str().unwrap().contains("/otp/code/"), "{button}");
    assert!(listed["components"][0]["text"].as_str().unwrap().starts_with("Tu código"), "{listed}");

    let query = "category=AUTHENTICATION&languages=en_US,es_ES&add_security_recommendation=true&code_expiration_minutes=10";
    let previews = api.get(&format!("{WABA_ID}/message_template_previews?{query}")).ok();
    let documented = sample("template/response_auth_previews.json");
    assert_eq!(previews["data"][1], documented["data"][1]);
}

#[test]
fn templates_are_archived_and_brought_back() {
    let api = Api::start("");
    let id = approved(&api, &utility("stored", "Your parcel waits at the door."));
    let path = |what: &str| format!("{WABA_ID}/message_templates/{what}");
    api.post(&path("archive"), &json!({"template_ids": [id]})).ok();
    assert_eq!(status(&api, &id), "ARCHIVED");
    api.post(&path("unarchive"), &json!({"template_ids": [id]})).ok();
    assert_eq!(status(&api, &id), "APPROVED");
    api.post(&path("archive"), &json!({"template_ids": ["1"]})).error(400, 100);
}

#[test]
fn samples_of_headers_are_uploaded_and_become_addresses() {
    let api = Api::start("");
    let begun = api.post(&format!("{APP_ID}/uploads?file_length=6&file_type=image/png"), &json!({})).ok();
    let upload = begun["id"].as_str().unwrap().to_owned();
    assert!(upload.starts_with("upload:"), "{upload}");
    let send = |offset: &str, bytes: &[u8]| {
        let authorization = format!("OAuth {}", api.token);
        let headers = [("authorization", authorization.as_str()), ("file_offset", offset)];
        api.ask("POST", &format!("/v26.0/{upload}"), &headers, bytes)
    };
    assert_eq!(send("0", b"abc").ok()["file_offset"], 3);
    send("0", b"abc").error(400, 100);
    assert_eq!(api.get(&upload).ok()["file_offset"], 3);
    let handle = send("3", b"def").ok()["h"].as_str().unwrap().to_owned();
    assert!(handle.starts_with("4::"), "{handle}");

    let header = |handle: &str| {
        let mut document = utility("with_picture", "Your parcel waits at the door.");
        let header = json!({"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [handle]}});
        document["components"].as_array_mut().unwrap().push(header);
        document
    };
    create(&api, &header("https://example.com/a.png")).error(400, 100);
    let id = created(&api, &header(&handle));
    let listed =
        api.get(&id).ok()["components"][1]["example"]["header_handle"][0].as_str().unwrap().to_owned();
    let path = listed.strip_prefix(&api.running.base_url).unwrap();
    assert!(path.starts_with("/_sandbox/sample/"), "{listed}");
}
