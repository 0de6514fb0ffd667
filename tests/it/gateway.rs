//! The client of Meta's API, against a server that answers well and badly: what became of a request is never told wrong,
//! tokens go nowhere else, and every error that Meta is known for calls for something.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use consentry_host::gateway::meta::media::File;
use consentry_host::gateway::meta::messages::Sent;
use consentry_host::gateway::{
    Action, Credentials, Gateway, Graph, MetaError, Settings, Target, Trouble, graph,
};
use consentry_host::secret::Secret;
use serde_json::{Value, json};

use crate::far_end::{FarEnd, Reply, Request};
use crate::last_look::permit;

const WABA: &str = "102290129340398";

/// Impatient, so that what never answers is given up soon.
const SETTINGS: Settings = Settings {
    connect_wait: Duration::from_secs(5),
    answer_wait: Duration::from_millis(300),
    upload_wait: Duration::from_secs(5),
    answer_bytes_max: 1 << 20,
    read_retries: 2,
    retry_pause: Duration::from_millis(1),
};

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn graph_at(url: &str) -> Graph {
    let credentials = Credentials { token: Secret::new("EAAtoken"), app_secret: Some(Secret::new("hush")) };
    Gateway::new(SETTINGS).graph(&Target::new(url, "v26.0").unwrap(), credentials)
}

/// Sends a message, which is what must never be told wrong.
fn send(
    reply: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static,
) -> (Result<String, Trouble>, usize) {
    let server = FarEnd::new(reply);
    let sent = carried(&graph_at(&server.url()));
    (sent.map(|sent| sent.id), server.seen().len())
}

/// A message in the hands of a courier, who has the permit for it.
fn carried(graph: &Graph) -> Result<Sent, Trouble> {
    let courier = graph.courier("106540352242922")?;
    let message = json!({"to": "+16505550100"}).to_string().into();
    wait(async move { courier.send(&message, permit()).await.outcome })
}

fn fixture(path: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/meta").join(path);
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn fixtures(folder: &str) -> BTreeMap<String, Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/meta").join(folder);
    let names =
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.map(|name| (name.clone(), fixture(&format!("{folder}/{name}")))).collect()
}

#[test]
fn every_request_carries_token_and_proof_and_goes_to_one_host() {
    let server = FarEnd::always(200, &fixture("list/debug_token_system_user.json"));
    let facts = wait(graph_at(&server.url()).debug_token(None)).unwrap();
    assert_eq!((facts.is_valid, facts.expires_at, facts.scopes.len()), (true, None, 2));
    let request = &server.seen()[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/debug_token"));
    assert_eq!(request.header("authorization"), Some("Bearer EAAtoken"));
    let proof = graph::proof(&Secret::new("hush"), &Secret::new("EAAtoken"));
    assert_eq!(request.value("appsecret_proof"), Some(proof.as_str()));
    assert_eq!(request.value("input_token"), Some("EAAtoken"));
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = FarEnd::always(200, &json!({"data": []}));
    let url = elsewhere.url();
    let location: &'static str = Box::leak(format!("location: {url}/v26.0/x\r\n").into_boxed_str());
    let server = FarEnd::new(move |_, _| Reply::Text(302, location, "text/html", String::new()));
    let trouble = wait(graph_at(&server.url()).templates(WABA)).unwrap_err();
    assert!(matches!(&trouble, Trouble::Refused(said) if said.status == 302), "{trouble:?}");
    assert!(elsewhere.seen().is_empty());
}

#[test]
fn what_never_left_is_told_from_what_may_have_arrived() {
    // Nobody listens.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let not_sent = |url: &str| {
        let trouble = carried(&graph_at(url)).unwrap_err();
        assert!(matches!(trouble, Trouble::NotSent(_)), "{trouble:?}");
        assert!(!trouble.to_string().contains("EAAtoken"), "{trouble}");
    };
    not_sent(&closed);
    // Somebody listens who does not speak TLS.
    let plain = FarEnd::always(200, &json!({}));
    not_sent(&format!("https://{}", plain.address));
    not_sent("https://no-such-host.invalid");
    // A token that cannot stand in a header.
    let credentials = Credentials { token: Secret::new("a\nb"), app_secret: None };
    let odd = Gateway::new(SETTINGS).graph(&Target::new(&plain.url(), "v26.0").unwrap(), credentials);
    assert!(matches!(carried(&odd), Err(Trouble::NotSent(_))));
    assert!(plain.seen().is_empty());

    let html = || "<html><body>Bad Gateway</body></html>".to_owned();
    for (unknown, name) in [
        (send(|_, _| Reply::Nothing), "closed"),
        (send(|_, _| Reply::Silence), "silent"),
        (send(|_, _| Reply::Half("{\"messages\"".into())), "broken off"),
        (send(move |_, _| Reply::Text(200, "", "text/html", html())), "html with 200"),
        (send(move |_, _| Reply::Text(502, "", "text/html", html())), "html with 502"),
        (send(|_, _| Reply::Text(200, "", "application/json", "{".into())), "half a document"),
        (send(|_, _| Reply::Text(200, "", "application/json", "x".repeat(2 << 20))), "too long"),
        (send(|_, _| Reply::Json(200, json!({"messages": []}))), "no message in it"),
        (send(|_, _| Reply::Json(500, fixture("error/2_internal_openapi.json"))), "failed inside"),
        (send(|_, _| Reply::Json(503, json!({}))), "unavailable, without a word of when"),
        (send(|_, _| Reply::Json(408, json!({}))), "timed out there"),
    ] {
        let (outcome, requests) = unknown;
        assert!(matches!(outcome, Err(Trouble::Unknown(..))), "{name}: {outcome:?}");
        assert_eq!(requests, 1, "{name}: a message is never sent twice by itself");
    }
    for (refused, name) in [
        (send(|_, _| Reply::Json(400, fixture("error/100_must_be_template.json"))), "refused"),
        (send(|_, _| Reply::Json(200, fixture("error/130429_rate_limit.json"))), "an error with 200"),
        (send(|_, _| Reply::Json(500, fixture("error/131016_service_unavailable.json"))), "a service away"),
        (send(|_, _| Reply::Text(503, "retry-after: 7\r\n", "text/plain", "later".into())), "told when"),
        (send(|_, _| Reply::Text(429, "", "text/plain", "slow down".into())), "too many"),
        (send(|_, _| Reply::Text(403, "", "text/html", "<html>".into())), "something in between"),
        (send(|_, _| Reply::Json(401, fixture("error/190_malformed_token.json"))), "token"),
    ] {
        let (outcome, requests) = refused;
        assert!(matches!(outcome, Err(Trouble::Refused(_))), "{name}: {outcome:?}");
        assert_eq!(requests, 1, "{name}");
    }
    let (sent, _) = send(|_, _| Reply::Json(200, fixture("send/response_ok.json")));
    assert!(sent.unwrap().starts_with("wamid."));
}

#[test]
fn what_only_reads_is_asked_again_when_the_trouble_passes() {
    let server = FarEnd::new(|_, before| match before {
        0 => Reply::Nothing,
        1 => Reply::Json(500, fixture("error/2_internal_openapi.json")),
        _ => Reply::Json(200, fixture("list/waba_node_full.json")),
    });
    let waba = wait(graph_at(&server.url()).waba("1234567890123456")).unwrap();
    assert_eq!((waba.name.as_str(), server.seen().len()), ("My Business WhatsApp Account", 3));
    let server = FarEnd::always(401, &fixture("error/190_expired_token_real.json"));
    let trouble = wait(graph_at(&server.url()).waba(WABA)).unwrap_err();
    assert_eq!((trouble.action(), server.seen().len()), (Action::StopToken, 1), "this does not pass");
}

#[test]
fn a_list_is_read_to_its_end_and_begun_anew_when_its_place_is_lost() {
    let page = |items: &[&str], after: &str, more: bool| {
        let data: Vec<Value> = items.iter().map(|name| json!({"name": name})).collect();
        let mut paging = json!({"cursors": {"before": "b", "after": after}});
        if more {
            paging["next"] = "https://elsewhere.example/v26.0/x?access_token=EAAtoken".into();
        }
        Reply::Json(200, json!({"data": data, "paging": paging}))
    };
    let lost = || Reply::Json(400, fixture("error/131059_invalid_paging_cursor.json"));
    let server = FarEnd::new(move |request, before| match (request.value("after"), before) {
        (None, _) => page(&["a", "b"], "A", true),
        (Some("A"), _) => page(&["c"], "B", true),
        (Some("B"), 2) => lost(),
        (Some("B"), _) => page(&["d"], "C", false),
        other => panic!("{other:?}"),
    });
    let names = |found: Vec<Value>| {
        found.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let found = wait(graph_at(&server.url()).templates(WABA)).unwrap();
    assert_eq!(names(found), ["a", "b", "c", "d"]);
    let seen = server.seen();
    assert_eq!(seen.len(), 6);
    assert!(seen.iter().all(|request| request.path == format!("/{WABA}/message_templates")
        && request.value("fields").unwrap().contains("quality_score")));

    let server = FarEnd::new(move |request, _| match request.value("after") {
        None => page(&["a"], "A", true),
        Some(_) => lost(),
    });
    let trouble = wait(graph_at(&server.url()).templates(WABA)).unwrap_err();
    assert_eq!((trouble.action(), server.seen().len()), (Action::Restart, 6), "twice anew, and no more");

    // A list that names the same place again would go on for ever.
    let server = FarEnd::new(move |_, _| page(&["a"], "A", true));
    assert_eq!(wait(graph_at(&server.url()).templates(WABA)).unwrap().len(), 2);

    for (file, expected) in [
        ("list/templates_every_status_first_page.json", None),
        ("list/templates_last_page_no_next.json", Some(1)),
        ("list/templates_empty_with_empty_paging.json", Some(0)),
        ("list/subscribed_apps_empty.json", Some(0)),
        ("list/templates_unknown_component_and_status.json", None),
    ] {
        let body = fixture(file);
        let count = body["data"].as_array().unwrap().len();
        let server = FarEnd::new(move |request, _| match request.value("after") {
            None => Reply::Json(200, body.clone()),
            Some(_) => Reply::Json(200, json!({"data": []})),
        });
        let found = wait(graph_at(&server.url()).templates(WABA)).unwrap();
        assert_eq!(found.len(), expected.unwrap_or(count), "{file}");
    }
}

#[test]
fn too_much_is_not_asked_for() {
    let server = FarEnd::new(|_, before| match before {
        0 => Reply::Json(200, fixture("list/subscribed_apps_two.json")),
        _ => Reply::Json(400, fixture("error/80007_business_limit_openapi.json")),
    });
    let graph = graph_at(&server.url());
    wait(async {
        assert_eq!(graph.subscribed_apps(WABA).await.unwrap().len(), 2);
        let refused = graph.subscribed_apps(WABA).await.unwrap_err();
        assert_eq!((refused.action(), server.seen().len()), (Action::Wait, 2));
        // From here on Meta is left alone, for this account and not for others.
        let held_back = graph.subscribed_apps(WABA).await.unwrap_err();
        assert!(matches!(&held_back, Trouble::NotSent(why) if why.contains("5 min")), "{held_back:?}");
        assert_eq!(server.seen().len(), 2);
        assert!(matches!(graph.subscribed_apps("2").await, Err(Trouble::Refused(_))));
    });

    let usage =
        "x-business-use-case-usage: {\"1\":[{\"call_count\":100,\"estimated_time_to_regain_access\":0}]}\r\n";
    let server = FarEnd::new(move |_, _| Reply::Text(200, usage, "application/json", "{\"data\":[]}".into()));
    let graph = graph_at(&server.url());
    wait(async {
        graph.subscribed_apps(WABA).await.unwrap();
        assert!(
            matches!(graph.subscribed_apps(WABA).await, Err(Trouble::NotSent(_))),
            "Meta counts more than we"
        );
    });
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn templates_are_made_changed_and_deleted() {
    let server = FarEnd::new(|request, _| match request.method.as_str() {
        "POST" if request.path.ends_with("message_templates") => Reply::Json(
            200,
            json!({"id": 1304694804498701_u64, "status": "PENDING", "category": "MARKETING"}),
        ),
        _ => Reply::Json(200, json!({"success": true})),
    });
    let graph = graph_at(&server.url());
    let template = json!({"name": "welcome", "language": "en_US", "category": "UTILITY", "components": []});
    wait(async {
        let created = graph.create_template(WABA, template.clone()).await.unwrap();
        assert_eq!((created.id.as_str(), created.status.as_str()), ("1304694804498701", "PENDING"));
        assert_eq!(created.category.as_deref(), Some("MARKETING"));
        graph.edit_template(WABA, "77", &template).await.unwrap();
        graph.delete_template(WABA, "welcome", Some("77")).await.unwrap();
        graph.delete_template(WABA, "welcome", None).await.unwrap();
    });
    let seen = server.seen();
    assert_eq!(seen[0].body, template.to_string().into_bytes(), "the document goes as it is");
    assert_eq!(
        (seen[1].path.as_str(), seen[1].json()),
        ("/77", json!({"category": "UTILITY", "components": []}))
    );
    assert_eq!((seen[2].method.as_str(), seen[2].value("hsm_id")), ("DELETE", Some("77")));
    assert_eq!((seen[3].value("name"), seen[3].value("hsm_id")), (Some("welcome"), None));

    let server = FarEnd::always(400, &fixture("error/template_create_2388299.json"));
    let trouble = wait(graph_at(&server.url()).create_template(WABA, template)).unwrap_err();
    let said = trouble.said().unwrap();
    assert_eq!((said.subcode, said.action()), (Some(2_388_299), Action::Fix));
    assert_eq!(said.title.as_deref(), Some("Leading or trailing parameters not allowed"));
    assert!(said.cure().contains("before the first variable"), "{}", said.cure());
}

#[test]
fn files_are_uploaded_both_ways() {
    let server = FarEnd::new(|request, _| match request.path.as_str() {
        "/634974688087057/uploads" => Reply::Json(200, json!({"id": "upload:MTphdHRh=?sig=ARZq"})),
        "/upload:MTphdHRh=" => Reply::Json(200, json!({"h": "4::aW1hZ2U="})),
        "/106540352242922/media" => Reply::Json(200, fixture("list/media_upload_response.json")),
        other => panic!("{other}"),
    });
    let graph = graph_at(&server.url());
    let bytes = b"\xff\xd8\xff not much of a picture".to_vec();
    let file = File { name: "a \"b\".jpg".into(), kind: "image/jpeg".into(), bytes: bytes.clone().into() };
    wait(async {
        assert_eq!(graph.upload_sample("634974688087057", &file).await.unwrap(), "4::aW1hZ2U=");
        assert_eq!(graph.upload_media("106540352242922", &file).await.unwrap(), "4490709327384033");
    });
    let seen = server.seen();
    assert_eq!(seen[0].value("file_length"), Some(bytes.len().to_string().as_str()));
    assert_eq!(
        (seen[1].header("file_offset"), seen[1].header("authorization")),
        (Some("0"), Some("OAuth EAAtoken"))
    );
    assert_eq!((&seen[1].body, seen[1].value("sig")), (&bytes, Some("ARZq")));
    assert!(seen[1].value("appsecret_proof").is_some());
    let form = String::from_utf8_lossy(&seen[2].body).into_owned();
    for part in [
        "name=\"messaging_product\"\r\n\r\nwhatsapp\r\n",
        "filename=\"a _b_.jpg\"\r\nContent-Type: image/jpeg",
    ] {
        assert!(form.contains(part), "{form}");
    }
    // An upload whose name would lead somewhere else is none.
    let server = FarEnd::always(200, &json!({"id": "https://elsewhere.example/"}));
    let refused = wait(graph_at(&server.url()).upload_sample("1", &file));
    assert!(matches!(refused, Err(Trouble::Unknown(..))) && server.seen().len() == 1);
}

#[test]
fn numbers_health_and_sign_up_are_read() {
    let server = FarEnd::new(|request, _| match request.path.as_str() {
        "/oauth/access_token" => Reply::Json(200, fixture("list/oauth_code_exchange_response.json")),
        "/1/phone_numbers" => Reply::Json(200, fixture("list/phone_numbers_openapi.json")),
        "/7/owned_whatsapp_business_accounts" => Reply::Json(200, fixture("list/owned_wabas.json")),
        "/1" => Reply::Json(200, fixture("list/health_status_limited.json")),
        _ => Reply::Json(200, json!({"success": true})),
    });
    let graph = graph_at(&server.url());
    wait(async {
        let token =
            graph.exchange_code("634974688087057", &Secret::new("hush"), "AQBcode", None).await.unwrap();
        assert_eq!(token.reveal(), "Business token");
        assert_eq!(graph.phone_numbers("1").await.unwrap().len(), 2);
        assert_eq!(graph.owned_wabas("7").await.unwrap()[0].name, "Lucky Shrub");
        assert_eq!(graph.health("1", "1").await.unwrap()["can_send_message"], "LIMITED");
        graph.subscribe_app("1").await.unwrap();
        graph.register("1", "106540352242922", "123456").await.unwrap();
    });
    let seen = server.seen();
    assert_eq!((seen[0].value("client_secret"), seen[0].value("code")), (Some("hush"), Some("AQBcode")));
    let last = seen.last().unwrap();
    assert_eq!(last.json(), json!({"messaging_product": "whatsapp", "pin": "123456"}));
}

#[test]
fn every_error_that_meta_is_known_for_is_in_the_table() {
    let mut actions = BTreeMap::new();
    for (name, body) in fixtures("error") {
        if body.get("_body").is_some() {
            continue;
        }
        let error = MetaError::read(400, &body).unwrap();
        assert!(error.rule().is_some(), "{name} is not in the table");
        assert!(!error.said().is_empty() && error.fbtrace_id.is_some(), "{name}");
        actions.insert(name, error.action());
    }
    assert!(actions.len() > 40, "{}", actions.len());
    for (sample, expected) in [
        ("100_33_object_missing.json", Action::Fix),
        ("100_not_registered_openapi.json", Action::StopNumber),
        ("10_application_does_not_have_permission.json", Action::StopToken),
        ("200_permission_openapi.json", Action::StopToken),
        ("190_463_expired_openapi.json", Action::StopToken),
        ("2_internal_openapi.json", Action::Retry),
        ("17_user_limit_openapi.json", Action::Wait),
        ("80007_business_limit_openapi.json", Action::Wait),
        ("130429_rate_limit.json", Action::SlowDown),
        ("131056_business_account_consumer_account_pa.json", Action::DelayRecipient),
        ("131059_invalid_paging_cursor.json", Action::Restart),
        ("131021_recipient_cannot_be_sender.json", Action::Skip),
        ("131031_account_has_been_locked.json", Action::StopAccount),
        ("132015_template_is_paused.json", Action::StopTemplate),
        ("133008_too_many_two_step_verification_pin_g.json", Action::Later),
        ("template_create_2388024.json", Action::Fix),
    ] {
        assert_eq!(actions[sample], expected, "{sample}");
    }
    // Statuses of messages that failed come by webhook with the same codes.
    let mut codes = Vec::new();
    for body in fixtures("webhook").values() {
        codes_in(body, &mut codes);
    }
    // Those that sections 1.5 and 3.2 of the facts name and no sample has.
    codes
        .extend([0, 3, 33, 104, 299, 131000, 131052, 131064, 132000, 132005, 132008, 132012, 132016, 132018]);
    codes.extend([133000, 133004, 133009, 133015, 133016, 134011, 134101, 134102, 139000, 131044, 131045]);
    codes.sort_unstable();
    codes.dedup();
    assert!(codes.len() > 45, "{}", codes.len());
    for code in codes {
        let error = MetaError { code: Some(code), ..MetaError::default() };
        assert!(error.rule().is_some(), "{code} is not in the table");
    }
    for subcode in [2_388_023, 2_388_024, 2_388_040, 2_388_047, 2_388_072, 2_388_073, 2_388_293, 2_388_299] {
        let error = MetaError { code: Some(100), subcode: Some(subcode), ..MetaError::default() };
        assert_eq!(error.rule().unwrap().subcode, Some(subcode));
    }
    let of = |code| MetaError { code: Some(code), ..MetaError::default() }.action();
    assert_eq!(
        (of(131050), of(131049), of(131048)),
        (Action::RecordOptOut, Action::Later, Action::StopNumber)
    );
}

fn codes_in(value: &Value, codes: &mut Vec<i64>) {
    match value {
        Value::Object(fields) => {
            let errors = fields.get("errors").and_then(Value::as_array).into_iter().flatten();
            codes.extend(errors.filter_map(|error| error.get("code")?.as_i64()));
            fields.values().for_each(|value| codes_in(value, codes));
        }
        Value::Array(items) => items.iter().for_each(|item| codes_in(item, codes)),
        _ => {}
    }
}
