//! Connecting: tokens, codes, accounts, numbers, subscriptions.

use consentry_host::sandbox::example::{APP_ID, APP_SECRET, NUMBER_ID, SECOND_NUMBER_ID, WABA_ID};
use serde_json::json;

use super::client::{Api, Receiver};

const TOKENS: &str = r#"
[[token]]
value = "expired"
expires_ms = 0
[[token]]
value = "management only"
scopes = ["whatsapp_business_management"]
[[token]]
value = "another account"
wabas = ["1"]
"#;

#[test]
fn tokens_open_what_they_were_given_for() {
    let mut api = Api::start(TOKENS);
    assert_eq!(api.get(WABA_ID).ok()["name"], "Sandbox Shop");
    let message = json!({"messaging_product": "whatsapp", "to": "+905301112244", "text": {"body": "Hello"}});
    for (token, status, code, subcode) in
        [("", 401, 104, None), ("nonsense", 401, 190, None), ("expired", 401, 190, Some(463))]
    {
        token.clone_into(&mut api.token);
        let error = api.get(WABA_ID).error(status, code);
        assert_eq!(error["error_subcode"].as_u64(), subcode, "{error}");
    }
    "management only".clone_into(&mut api.token);
    api.get(WABA_ID).ok();
    api.post(&format!("{NUMBER_ID}/messages"), &message).error(403, 10);
    "another account".clone_into(&mut api.token);
    assert_eq!(api.get(WABA_ID).error(400, 100)["error_subcode"], 33);
    api.post(&format!("{NUMBER_ID}/messages"), &message).error(403, 200);
    assert_eq!(api.get("me/assigned_whatsapp_business_accounts").ok()["data"], json!([]));
}

#[test]
fn a_proof_is_checked_and_may_be_required() {
    let app = "[[app]]\nid = \"1\"\nname = \"Strict\"\nsecret = \"s3cret\"\nrequires_proof = true\n";
    let api = Api::start(app);
    let error = api.get(WABA_ID).error(400, 100);
    assert!(error["message"].as_str().unwrap().contains("appsecret_proof"), "{error}");
    // HMAC-SHA256 of the example token under this secret, by another program.
    let right = "fda96b509e0a66a1af55d0caf200e81b567805f9bbacbe13324302083677b870";
    api.get(&format!("{WABA_ID}?appsecret_proof={right}")).ok();
    api.get(&format!("{WABA_ID}?appsecret_proof={}", right.replace('f', "e"))).error(400, 100);
}

#[test]
fn a_code_is_exchanged_once_and_within_thirty_seconds() {
    let mut api = Api::start("");
    let signup = api.lever("signup", &json!({}));
    assert_eq!((&signup["app_id"], &signup["waba_id"]), (&json!(APP_ID), &json!(WABA_ID)));
    let exchange = |code: &serde_json::Value, secret: &str| {
        let code = code.as_str().unwrap();
        api.get(&format!("oauth/access_token?client_id={APP_ID}&client_secret={secret}&code={code}"))
    };
    exchange(&signup["code"], "wrong").error(400, 1);
    let token = exchange(&signup["code"], APP_SECRET).ok()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(exchange(&signup["code"], APP_SECRET).error(400, 100)["error_subcode"], 36_009);
    let late = api.lever("signup", &json!({}));
    api.advance(30_001);
    assert_eq!(exchange(&late["code"], APP_SECRET).error(400, 100)["error_subcode"], 36_007);

    let debug = api.get(&format!("debug_token?input_token={token}")).ok();
    assert_eq!((&debug["data"]["is_valid"], &debug["data"]["app_id"]), (&json!(true), &json!(APP_ID)));
    assert_eq!(debug["data"]["granular_scopes"][0]["target_ids"], json!([WABA_ID]));
    api.token = token;
    assert_eq!(api.get("me/businesses").ok()["data"][0]["name"], "Sandbox Business");
    let business = api.get("me/businesses").ok()["data"][0]["id"].as_str().unwrap().to_owned();
    let owned = api.get(&format!("{business}/owned_whatsapp_business_accounts")).ok();
    assert_eq!(owned["data"][0]["id"], WABA_ID);
    assert!(owned["paging"]["cursors"]["after"].is_string());
}

#[test]
fn the_dialog_gives_a_code_that_only_the_same_address_can_use() {
    let api = Api::start("");
    let back = "http://127.0.0.1:9/connect/return";
    let rightly = format!(
        "client_id={APP_ID}&config_id=1&response_type=code&override_default_response_type=true&redirect_uri={back}&state=w%26x"
    );
    let dialog =
        |way: &str, query: &str| api.ask("GET", &format!("/v26.0/dialog/oauth{way}?{query}"), &[], b"");
    let page = dialog("", &rightly);
    assert!(page.status == 200 && page.text.contains("Sandbox Shop"), "{}", page.text);
    assert!(page.text.contains("WA_EMBEDDED_SIGNUP") && page.text.contains("access_denied"), "{}", page.text);
    for (what, instead) in [
        (APP_ID, "1"),
        ("config_id=1", "config_id="),
        ("response_type=code&", ""),
        ("override_default_response_type=true", ""),
        ("http://127.0.0.1:9", "https://evil.example"),
    ] {
        let wrongly = rightly.replace(what, instead);
        for way in ["", "/agreed"] {
            assert_eq!(dialog(way, &wrongly).status, 400, "{wrongly}");
        }
    }
    let agreed = dialog("/agreed", &rightly);
    assert_eq!(agreed.status, 302);
    let address = agreed.head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    assert!(address.starts_with(&format!("{back}?code=")) && address.ends_with("&state=w%26x"), "{address}");

    // Heads are told in small letters here, and a code has large ones: another is asked for as the page would see it.
    let exchange = |code: &str, back: &str| {
        let back = if back.is_empty() { String::new() } else { format!("&redirect_uri={back}") };
        api.get(&format!(
            "oauth/access_token?client_id={APP_ID}&client_secret={APP_SECRET}&code={code}{back}"
        ))
    };
    let of_script = api.lever("signup", &json!({}))["code"].as_str().unwrap().to_owned();
    assert_eq!(exchange(&of_script, back).error(400, 100)["error_subcode"], 36_008);
    exchange(&of_script, "").ok();
}

#[test]
fn numbers_are_listed_in_pages_and_tell_their_health() {
    let api = Api::start("");
    let first = api.get(&format!("{WABA_ID}/phone_numbers?limit=1")).ok();
    assert_eq!(first["data"][0]["id"], NUMBER_ID);
    let next = first["paging"]["next"].as_str().unwrap();
    let path = next.strip_prefix(&format!("{}/v26.0/", api.running.base_url)).unwrap();
    assert!(!next.contains("access_token"), "{next}");
    let second = api.get(path).ok();
    assert_eq!((&second["data"][0]["id"], second["paging"].get("next")), (&json!(SECOND_NUMBER_ID), None));
    api.get(&format!("{WABA_ID}/phone_numbers?after=nonsense")).error(400, 131_059);
    let elsewhere = first["paging"]["cursors"]["after"].as_str().unwrap();
    api.get(&format!("{WABA_ID}/message_templates?after={elsewhere}")).error(400, 131_059);

    let health = |id: &str| api.get(&format!("{id}?fields=health_status,status")).ok();
    assert_eq!(health(NUMBER_ID)["health_status"]["can_send_message"], "AVAILABLE");
    let blocked = health(SECOND_NUMBER_ID);
    assert_eq!(
        (&blocked["health_status"]["can_send_message"], &blocked["status"]),
        (&json!("BLOCKED"), &json!("PENDING"))
    );
    let fields =
        "verified_name,quality_rating,throughput,whatsapp_business_manager_messaging_limit,name_status";
    let told = api.get(&format!("{NUMBER_ID}?fields={fields}")).ok();
    assert_eq!(
        (&told["whatsapp_business_manager_messaging_limit"], &told["throughput"]["level"]),
        (&json!("TIER_2K"), &json!("STANDARD"))
    );
    let error = api.get(&format!("{NUMBER_ID}?fields=shoe_size")).error(400, 100);
    assert!(error["message"].as_str().unwrap().contains("shoe_size"), "{error}");
}

#[test]
fn a_pin_is_set_by_the_first_registration_and_asked_for_by_the_next() {
    let api = Api::start("");
    let register = |pin: &str| {
        api.post(
            &format!("{SECOND_NUMBER_ID}/register"),
            &json!({"messaging_product": "whatsapp", "pin": pin}),
        )
    };
    register("12345").error(400, 100);
    assert_eq!(register("111111").ok(), json!({"success": true}));
    register("222222").error(400, 133_005);
    api.post(SECOND_NUMBER_ID, &json!({"pin": "222222"})).ok();
    register("222222").ok();
    for _ in 0..5 {
        register("333333").error(400, 133_005);
    }
    register("222222").error(400, 133_008);
    api.advance(73 * 3_600_000);
    for _ in 0..10 {
        register("222222").ok();
    }
    register("222222").error(400, 133_016);
}

#[test]
fn a_callback_must_answer_its_challenge() {
    let api = Api::start("");
    let receiver = Receiver::start("let me in");
    let ask = |url: &str, token: &str| {
        let body = json!({"callback_url": url, "verify_token": token, "object": "whatsapp_business_account"});
        api.post(&format!("{APP_ID}/subscriptions"), &body)
    };
    ask(&receiver.url, "wrong").error(400, 2200);
    ask("https://example.com/hook", "let me in").error(400, 2200);
    ask("http://127.0.0.1:9/hook", "let me in").error(400, 2200);
    assert_eq!(api.get(&format!("{APP_ID}/subscriptions")).ok()["data"], json!([]));
    ask(&receiver.url, "let me in").ok();
    assert_eq!(
        api.get(&format!("{APP_ID}/subscriptions")).ok()["data"][0]["callback_url"],
        receiver.url.as_str()
    );

    let apps = format!("{WABA_ID}/subscribed_apps");
    assert_eq!(api.get(&apps).ok(), json!({"data": []}));
    assert_eq!(api.post(&apps, &json!({})).ok(), json!({"success": true}));
    assert_eq!(api.get(&apps).ok()["data"][0]["whatsapp_business_api_data"]["id"], APP_ID);
    let own = json!({"override_callback_uri": receiver.url, "verify_token": "let me in"});
    assert_eq!(api.post(&apps, &own).ok()["data"][0]["override_callback_uri"], receiver.url.as_str());
    assert_eq!(api.delete(&apps).ok(), json!({"success": true}));
    assert_eq!(api.get(&apps).ok(), json!({"data": []}));
}
